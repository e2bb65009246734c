#!/usr/bin/env bash
# Area page: zones read from pictures by `mpaka page` and by its peers, on the same pictures in one run.
#   --pictures DIR   a folder with a ground_truth.json (file name to lines) or a truth.jsonl; may be repeated.
#                    Not given: the development pictures beside the checkout, where they are
#   --count N        pressed pages of Utopia by level of degradation, made in the run (default 12; 0 for none)
#   --seed N         where their chance comes from
#   --programs DIR   programs that are already built (default: a release build)
#   --answers FILE   every engine's answer to every picture, as JSON lines
# CPU is one thread's, by getrusage: of a picture with models loaded, and cold, of a program started for one.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
count=12 seed=20261 programs="${MPAKA_PROGRAMS:-}" answers=() pictures=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh page: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --pictures) pictures+=("$2") ;;
        --count) count=$2 ;;
        --seed) seed=$2 ;;
        --programs) programs=$2 ;;
        --answers) answers=(--answers "$2") ;;
        *) echo "tests/bench.sh page: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
if [ "${#pictures[@]}" -eq 0 ]; then
    given="${MPAKA_SHARED:-../shared}/vectors/mrz-images"
    if [ -d "$given" ]; then pictures=("$given"); else mpaka_say "no $given: pressed pages only"; fi
fi
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --bins -p mpaka-post -p mpaka-models -p mpaka-tests
    programs=${CARGO_TARGET_DIR:-target}/release
fi
. tests/peers/setup.sh
peers_install
mpaka_models "$programs/mpaka-models"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sets=()
for folder in ${pictures[@]+"${pictures[@]}"}; do sets+=(--set "$(basename "$folder")=$folder"); done
if [ "$count" -gt 0 ]; then
    mpaka_say "pressing pages"
    for level in clean easy moderate hard; do
        "$programs/mpaka-utopia" batch --count "$count" --seed "$seed" --level "$level" --out "$work/$level"
        sets+=(--set "pressed-$level=$work/$level")
    done
fi
mpaka_say "reading"
"$PEERS_PYTHON" tests/peers/page_score.py --mpaka "$programs/mpaka" ${answers[@]+"${answers[@]}"} "${sets[@]}"
