#!/usr/bin/env bash
# Every test of the house. Sets up what a fresh machine lacks, builds, fetches the models, runs.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES chromium chromium-driver faketime systemd postgresql strace fiu-utils swtpm tpm2-tools softhsm2
mpaka_virtual_reader
mpaka_toolchain
mpaka_say "building the programs"
cargo build --locked --quiet --workspace --bins
mpaka_models "${CARGO_TARGET_DIR:-target}/debug/mpaka-models"
# The accessibility checker of the browser tests: Deque's axe-core (MPL-2.0) in its Python wheel, by digest, into
# the cache and never into this repository. Without a network those checks skip, and say so.
axe="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/tests/axe.min.js"
axe_is_right() { echo "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc  $axe" | sha256sum --check --quiet - >/dev/null 2>&1; }
if ! axe_is_right; then
    mpaka_say "fetching axe-core"
    fetched=$(mktemp -d)
    echo "axe-playwright-python==0.1.8 --hash=sha256:fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8" >"$fetched/wanted"
    mkdir -p "$(dirname "$axe")"
    { python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest "$fetched" --requirement "$fetched/wanted" &&
        python3 -m zipfile -e "$fetched"/*.whl "$fetched" &&
        cp "$fetched/axe_playwright_python/axe.min.js" "$axe" && axe_is_right; } ||
        { rm -f "$axe"; echo "set-up: axe-core could not be fetched; the accessibility checks skip" >&2; }
    rm -rf "$fetched"
fi
mpaka_say "examples in the documentation"
cargo test --locked --quiet --workspace --doc
mpaka_say "tests"
if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --workspace --no-fail-fast "$@"
else
    cargo test --locked --workspace --no-fail-fast "$@"
fi
