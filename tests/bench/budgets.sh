#!/usr/bin/env bash
# Area budgets: what the appliance asks of its box: memory, time to ready, size, idle processor, bytes written. No peer
# offers itself for measuring: goals stand instead. A box with a list of made-up persons and documents is made first.
#   --persons N      on the list (default 1000000)
#   --faces N        that so many of the persons have, made up (default 100000)
#   --documents N    on the list (default 10000000; 100000000 want 5 GB of disk)
#   --encounters N   inspected and decided, for the bytes written (default 10)
#   --idle SECONDS   how long the idle processor is watched (default 60)
#   --programs DIR   programs that are already built (default: a release build)
#   --dir DIR        where the box is made, on a disk (default: a temporary folder); one that is there is used again
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
persons=1000000 faces=100000 documents=10000000 encounters=10 idle=60 programs="${MPAKA_PROGRAMS:-}" dir=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh budgets: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --persons | --faces | --documents | --encounters | --idle | --programs | --dir) declare "${1#--}=$2" ;;
        *) echo "tests/bench.sh budgets: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES
if [ -z "$programs" ]; then
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --workspace --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi
mpaka_models "$programs/mpaka-models"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
exec python3 -B tests/bench/budgets.py --programs "$programs" --dir "${dir:-$work/box}" --persons "$persons" \
    --faces "$faces" --documents "$documents" --encounters "$encounters" --idle "$idle"
