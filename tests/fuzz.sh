#!/usr/bin/env bash
# Fuzzes the parsers of foreign bytes with libFuzzer.
#   tests/fuzz.sh                        every target, a minute each
#   tests/fuzz.sh TARGET --seconds 600   one target
# What it finds lies in ${XDG_CACHE_HOME:-~/.cache}/mpaka/fuzz/TARGET; input that breaks a parser in
# …/fuzz/broken, with the words to run it again. Our own crates are watched for new paths; libraries run as
# they are built for every other program, so that no compiler but the usual one is needed.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
targets=() seconds=60
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=${2:?--seconds needs a number}; shift ;;
        -*) echo "tests/fuzz.sh: $1 is not known" >&2; exit 2 ;;
        *) targets+=("$1") ;;
    esac
    shift
done
if [ "${#targets[@]}" -eq 0 ]; then
    for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
for target in "${targets[@]}"; do
    if [ ! -d "tests/fuzz/corpus/$target" ]; then
        echo "tests/fuzz.sh: there is no target $target; there are: $(ls tests/fuzz/corpus | tr '\n' ' ')" >&2
        exit 2
    fi
done
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES
mpaka_toolchain
mpaka_say "building the fuzzer"
RUSTC_WORKSPACE_WRAPPER="$PWD/tests/fuzz/watched.sh" \
    cargo build --locked --quiet --workspace --bin mpaka-fuzz --features mpaka-fuzz/libfuzzer
program="${CARGO_TARGET_DIR:-target}/debug/mpaka-fuzz"
finds="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/fuzz"
mkdir -p "$finds/broken"
broken=()
for target in "${targets[@]}"; do
    mpaka_say "$target for $seconds s"
    mkdir -p "$finds/$target"
    log="$finds/$target.log"
    if ! MPAKA_FUZZ_TARGET="$target" "$program" "$finds/$target" "tests/fuzz/corpus/$target" \
        -max_total_time="$seconds" -timeout=60 -rss_limit_mb=3000 \
        -artifact_prefix="$finds/broken/$target-" -print_final_stats=1 >"$log" 2>&1; then
        broken+=("$target")
        grep -E 'panicked|ERROR|Test unit' "$log" | head -5 >&2 || true
        echo "again: MPAKA_FUZZ_TARGET=$target $program $finds/broken/$target-…  (whole log: $log)" >&2
    fi
    grep -E '^stat::(number_of_executed_units|average_exec)' "$log" | tr '\n' ' ' || true
    echo "$target: $(find "$finds/$target" -type f | wc -l) inputs that reach new paths"
done
if [ "${#broken[@]}" -gt 0 ]; then
    echo "broken: ${broken[*]}" >&2
    exit 1
fi
