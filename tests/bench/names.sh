#!/usr/bin/env bash
# Area names: labelled pairs of names compared by `mpaka names compare` and by its peers, in one run.
#   --pairs DIR      a folder of .tsv files with name1, name2, is_match (default: the development pairs beside
#                    the checkout, where they are)
#   --programs DIR   programs that are already built (default: a release build)
# F1 is at 0.7, the threshold that ours and nomenklatura's logic-v2 ship; rapidfuzz's token-sort ratio, which
# ships none, is given its best one on each set. Time is processor time a pair, one thread, warm: "logic-v2 / ours" has
# both in process, pairs read beforehand and each name taken apart anew; "logic-v2 / whole program" sets the peer in
# process beside all that `mpaka names compare` does after its start, reading the file and printing JSON included.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
pairs="${MPAKA_SHARED:-../shared}/vectors/names" programs="${MPAKA_PROGRAMS:-}"
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh names: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --pairs) pairs=$2 ;;
        --programs) programs=$2 ;;
        *) echo "tests/bench.sh names: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
if [ ! -d "$pairs" ]; then
    mpaka_say "no labelled pairs in $pairs: nothing to measure"
    exit 0
fi
given=$programs
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --package mpaka-post --bins
    programs=${CARGO_TARGET_DIR:-target}/release
fi
bench=$given/examples/names_bench
if [ ! -x "$bench" ]; then
    mpaka_toolchain
    mpaka_say "building names_bench"
    cargo build --release --locked --quiet --package mpaka-watchlist --example names_bench
    bench=${CARGO_TARGET_DIR:-target}/release/examples/names_bench
fi
# Apart from the page's peers: both bring dozens of packages, and their versions need not agree.
home="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/peers-names"
python="$home/bin/python"
wanted=$(sha256sum <tests/peers/names-requirements.txt)
(mpaka_packages python3-venv pkg-config libicu-dev g++ python3-dev) || mpaka_say "some packages for the peers are not to be had"
if [ "$(cat "$home/installed" 2>/dev/null)" != "$wanted" ]; then
    mpaka_say "installing the peers"
    rm -rf "$home"
    if python3 -m venv "$home" && "$python" -m pip install --quiet --disable-pip-version-check \
        --requirement tests/peers/names-requirements.txt >&2; then
        echo "$wanted" >"$home/installed"
    else
        mpaka_say "pip could not install the peers (the lines above say why): ours alone is measured"
        python=python3
    fi
fi
"$python" tests/peers/names_score.py --mpaka "$programs/mpaka" --pairs "$pairs" --bench "$bench"
