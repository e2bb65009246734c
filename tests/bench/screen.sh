#!/usr/bin/env bash
# Area screen: all persons of OFAC and the UN listed by headquarters, taken by a box and asked for with `mpaka screen`:
# recall, innocent travellers with a candidate, time, memory; the same with invented persons beside them; and an
# edition of many documents. No peer offers itself for measuring: goals stand instead.
#   --persons N      on the list in the second part, the real ones among them (default 100000; 0: no second part)
#   --documents N    in the third part (default 1000000; 100000000 want 1.7 GB of disk; 0: no third part)
#   --queries N      at most so many of each kind about the listed (default 0: all); travellers are all asked
#   --lists DIR      with sdn.csv, alt.csv and UN_consolidated.xml (default: the development lists beside the checkout,
#                    where they are)
#   --travellers FILE   people who are not listed, a CSV with full_name and date_of_birth (default: those beside the
#                    checkout)
#   --misses FILE    a table of the questions that were not answered as they should be
#   --programs DIR   programs that are already built (default: a release build)
#   --documents-bench FILE   the example documents_bench of the watchlist, already built (default: the one in the folder
#                    examples of the programs; built where there is none)
#   --dir DIR        where lists and editions are made, on a disk (default: a temporary folder)
# Questions are made from the published files: names in zone form (Doc 9303, cut as in a passport) and aliases, of low
# quality too, each with a birth date where the list has a full one; neither sex nor nationality helps. Goals of recall
# are for questions with a birth date. The full size is --persons 1000000 --documents 100000000; what smaller ones may
# have on disk is in proportion, all other goals are the same. Exit code 1: a goal was not met.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
vectors="${MPAKA_SHARED:-../shared}/vectors"
persons=100000 documents=1000000 queries=0 lists="$vectors/lists" travellers="$vectors/names/travellers_negative.csv"
misses='' programs="${MPAKA_PROGRAMS:-}" documents_bench='' dir=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh screen: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --persons | --documents | --queries | --lists | --travellers | --misses | --programs | --dir) declare "${1#--}=$2" ;;
        --documents-bench) documents_bench=$2 ;;
        *) echo "tests/bench.sh screen: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
for file in "$lists/sdn.csv" "$lists/alt.csv" "$lists/UN_consolidated.xml" "$travellers"; do
    if [ ! -f "$file" ]; then
        mpaka_say "no $file: nothing to measure"
        exit 0
    fi
done
given=$programs
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --workspace --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi
documents_bench=${documents_bench:-$given/examples/documents_bench}
if [ "$documents" -gt 0 ] && [ ! -x "$documents_bench" ]; then
    mpaka_toolchain
    mpaka_say "building documents_bench"
    cargo build --release --locked --quiet --package mpaka-watchlist --example documents_bench
    documents_bench=${CARGO_TARGET_DIR:-target}/release/examples/documents_bench
fi
[ -z "$dir" ] || mkdir -p "$dir"
work=$(mktemp -d ${dir:+-p "$dir"})
trap 'rm -rf "$work"' EXIT
python3 -B tests/bench/screen.py --programs "$programs" --dir "$work" --lists "$lists" --travellers "$travellers" \
    --persons "$persons" --documents "$documents" --queries "$queries" --documents-bench "$documents_bench" \
    ${misses:+--misses "$misses"}
