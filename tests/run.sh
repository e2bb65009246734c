#!/usr/bin/env bash
# Every test of the house. Sets up what a fresh machine lacks, builds, fetches the models, runs.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES chromium chromium-driver postgresql strace fiu-utils swtpm tpm2-tools
mpaka_virtual_reader
mpaka_toolchain
mpaka_say "building the programs"
cargo build --locked --quiet --workspace --bins
mpaka_models "${CARGO_TARGET_DIR:-target}/debug/mpaka-models"
mpaka_say "examples in the documentation"
cargo test --locked --quiet --workspace --doc
mpaka_say "tests"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --no-fail-fast "$@"
else
    cargo test --locked --workspace --no-fail-fast "$@"
fi
