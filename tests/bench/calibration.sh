#!/usr/bin/env bash
# Area calibration: camera and resolution by `mpaka-calibrate geometry` and by OpenCV's own Python calibration, on the
# same pictures in one run, against the truth that the pictures were pressed from.
#   --count N        readers pressed, each with its own numbers (default 3)
#   --seed N         where their chance comes from
#   --programs DIR   programs that are already built (default: a release build)
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
count=3 seed=7001 programs="${MPAKA_PROGRAMS:-}"
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh calibration: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --count) count=$2 ;;
        --seed) seed=$2 ;;
        --programs) programs=$2 ;;
        *) echo "tests/bench.sh calibration: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet -p mpaka-calibration -p mpaka-tests --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi
. tests/peers/setup.sh
peers_install
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for i in $(seq 1 "$count"); do
    folder=$work/$i
    "$programs/mpaka-reader-scenes" --seed $((seed + i)) --out "$folder"
    views=("$folder"/geometry-[0-9]*.png)
    "$programs/mpaka-calibrate" --json geometry --flat "$folder/geometry-flat.png" --view "${views[@]}" >"$folder/ours.json"
done
"$PEERS_PYTHON" tests/peers/calibration_score.py "$work"
