#!/usr/bin/env bash
# Area records: durable decisions a second at a post beside bare SQLite with the same care, and verified parcels
# a second at headquarters on PostgreSQL beside bare batched inserts.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES postgresql strace
mpaka_toolchain
# MPAKA_BENCH_PROFILE=dev measures the build that the tests use; the default is the one that ships.
profile=${MPAKA_BENCH_PROFILE:-bench}
cargo bench --locked --quiet --profile "$profile" --package mpaka-store --bench records
cargo bench --locked --quiet --profile "$profile" --package mpaka-hq --bench records
