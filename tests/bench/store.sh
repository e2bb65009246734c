#!/usr/bin/env bash
# Area store: encounters recorded a second, beside bare SQLite with the same care.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES
mpaka_toolchain
cargo bench --locked --quiet --package mpaka-store --bench records
