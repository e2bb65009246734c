#!/usr/bin/env bash
# Area faces: two faces compared by `mpaka face compare` and by OpenCV's own detector and matcher in Python,
# with the same weights and the same pictures in one run; and the gallery searched beside FAISS.
#   --pictures DIR   pictures with a face each, all compared with the first (default: the portraits that
#                    `mpaka-models fetch` brings, as they are and cut to 640 by 480)
#   --count N        templates in the gallery (default 1000000; 0: no gallery)
#   --queries N      searches (default 100)
#   --programs DIR   programs that are already built (default: a release build)
# CPU is one thread's, by the process clock, with models loaded. Templates of the gallery are made up (a
# normal distribution of unit length, a query is one of them with noise): the arithmetic is the same.
# Exit code 1: a cosine is further from OpenCV's than is wanted, or a face is found by one of them alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
count=1000000 queries=100 programs="${MPAKA_PROGRAMS:-}" pictures=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh faces: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --pictures) pictures=$2 ;;
        --count) count=$2 ;;
        --queries) queries=$2 ;;
        --programs) programs=$2 ;;
        *) echo "tests/bench.sh faces: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --workspace --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi
if [ "$count" -gt 0 ]; then
    mpaka_toolchain
    cargo build --release --locked --quiet --package mpaka-watchlist --example gallery_bench
fi
. tests/peers/setup.sh
peers_install
mpaka_models "$programs/mpaka-models"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
"$PEERS_PYTHON" tests/peers/faces_score.py --mpaka "$programs/mpaka" --models "$MPAKA_MODELS" \
    ${pictures:+--pictures "$pictures"} --work "$work" || failed=$?
if [ "$count" -gt 0 ]; then
    "$PEERS_PYTHON" tests/peers/gallery_score.py --bench "${CARGO_TARGET_DIR:-target}/release/examples/gallery_bench" \
        --work "$work" --count "$count" --queries "$queries"
fi
exit "$failed"
