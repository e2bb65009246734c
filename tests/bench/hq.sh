#!/usr/bin/env bash
# Area hq: a nation's day at headquarters. Five thousand simulated posts, each with a key and a certificate of its own,
# against two receiving programs and one PostgreSQL on this machine; the fleet's page is asked for every second
# meanwhile. No peer offers itself for measuring: goals stand instead.
#   --seconds N   for so long posts send, a third of it at a nation's average rate (default 60)
#   --posts N     so many posts (default 5000)
#   --dir DIR     where headquarters and the keys of the boxes are made (default: a folder in the cache); what is there
#                 is used again, and making it takes some minutes
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
seconds=60 posts=5000 dir="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/bench/hq"
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh hq: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --seconds | --posts | --dir) declare "${1#--}=$2" ;;
        *) echo "tests/bench.sh hq: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES postgresql
mpaka_toolchain
mkdir -p "$dir"
# MPAKA_BENCH_PROFILE=dev measures the build that the tests use; the default is the one that ships.
profile=${MPAKA_BENCH_PROFILE:-bench}
cargo bench --locked --quiet --profile "$profile" --package mpaka-hq --bench nation -- \
    --seconds "$seconds" --posts "$posts" --dir "$(realpath "$dir")"
