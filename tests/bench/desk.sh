#!/usr/bin/env bash
# Area desk: how soon an officer sees the zone and the advice, how quickly the desk answers meanwhile, and
# whether its memory and handles stay as they are. No peer offers its desk for measuring: goals stand instead.
#   --encounters N   how many (default 60; 2000 are 24 hours of a busy lane)
#   --programs DIR   programs that are already built (default: a release build)
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
encounters=60 programs="${MPAKA_PROGRAMS:-}"
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh desk: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --encounters) encounters=$2 ;;
        --programs) programs=$2 ;;
        *) echo "tests/bench.sh desk: $1 is not known" >&2; exit 2 ;;
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
"$programs/mpaka-desk-bench" --dir "$work/day" --encounters "$encounters"
