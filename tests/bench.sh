#!/usr/bin/env bash
# The house beside its peers: one line per figure, the ratio last.
#   tests/bench.sh            every area; then one table of all figures, as text and as HTML with plots, in the folder
#                             bench of cargo's target folder
#   tests/bench.sh AREA …     one area (a file of tests/bench), with words of its own
# Where MPAKA_PROGRAMS names a folder, the programs in it are measured (host/ship.sh makes such a one) in the place of a
# release build; what is not a program (records, hq, examples) is built all the same.
# Where no peer offers itself (budgets, desk, hq, screen) goals stand in its place.
set -euo pipefail
cd "$(dirname "$0")/.."
areas() { for file in tests/bench/*.sh; do basename "$file" .sh; done; }
if [ $# -eq 0 ]; then
    out="${CARGO_TARGET_DIR:-target}/bench"
    mkdir -p "$out"
    : >"$out/lines.txt"
    failed=0
    for area in $(areas); do
        bash "tests/bench/$area.sh" | tee "$out/$area.txt" || failed=$?
        sed "s/^/$area\t/" "$out/$area.txt" >>"$out/lines.txt"
    done
    python3 tests/bench/table.py "$out/lines.txt" --text "$out/table.txt" --html "$out/table.html"
    echo "the table: $out/table.txt, with plots: $out/table.html" >&2
    exit "$failed"
fi
area=$1
shift
known=
case "$area" in */* | "") ;; *) if [ -f "tests/bench/$area.sh" ]; then known=yes; fi ;; esac
if [ -z "$known" ]; then
    echo "tests/bench.sh: there is no area '$area'; there are: $(areas | tr '\n' ' ')" >&2
    exit 2
fi
exec bash "tests/bench/$area.sh" "$@"
