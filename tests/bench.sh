#!/usr/bin/env bash
# The house beside its peers: one line per figure, the ratio last.
#   tests/bench.sh            every area
#   tests/bench.sh AREA …     one area (a file of tests/bench), with words of its own
set -euo pipefail
cd "$(dirname "$0")/.."
areas() { for file in tests/bench/*.sh; do basename "$file" .sh; done; }
if [ $# -eq 0 ]; then
    failed=0
    for area in $(areas); do
        bash "tests/bench/$area.sh" || failed=$?
    done
    exit "$failed"
fi
area=$1
shift
case "$area" in */* | "") known= ;; *) known=$([ -f "tests/bench/$area.sh" ] && echo yes || true) ;; esac
if [ -z "$known" ]; then
    echo "tests/bench.sh: there is no area '$area'; there are: $(areas | tr '\n' ' ')" >&2
    exit 2
fi
exec bash "tests/bench/$area.sh" "$@"
