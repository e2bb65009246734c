#!/usr/bin/env bash
# The main job on real pictures, then the desk at http://127.0.0.1:8470.
#   MPAKA_DEMO_EXIT=1   stop after the report
#   MPAKA_DEMO_DIR      where the demo's state goes (default: .cache/demo in this checkout; made anew each time)
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES
mpaka_toolchain
mpaka_say "building (the first time takes some minutes)"
# The same build as that of tests/run.sh, so that whoever runs both waits once; the rooms that work on
# pictures are optimised in it.
cargo build --locked --quiet --workspace --bins
programs="${CARGO_TARGET_DIR:-target}/debug"
mpaka_models "$programs/mpaka-models"
exec "$programs/mpaka-demo" --dir "${MPAKA_DEMO_DIR:-.cache/demo}" ${MPAKA_DEMO_EXIT:+--exit}
