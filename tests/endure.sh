#!/usr/bin/env bash
# The long forms of what tests/run.sh does in short: power cuts by the thousand, every torn disk, a link that
# fails in every way. Hours.
#   tests/endure.sh [N]     N kill -9 cycles of a program that records, and N of the real program (default 10000)
# MPAKA_POWER_CUTS (default 200): cuts of the desk around inspections with pictures, which cost seconds each.
# MPAKA_CUT_FATES (default 20): torn disks tried at each cut of the store.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES postgresql strace fiu-utils swtpm tpm2-tools
mpaka_toolchain
mpaka_say "building the programs"
cargo build --locked --quiet --workspace --bins
mpaka_models "${CARGO_TARGET_DIR:-target}/debug/mpaka-models"
say() { mpaka_say "$*"; }
say "every cut of the store, many torn disks at each"
MPAKA_CUT_FATES=${MPAKA_CUT_FATES:-20} MPAKA_CUT_EVERY=1 \
    cargo test --locked --package mpaka-store --test cuts -- --nocapture
say "a program that records killed ${1:-10000} times"
MPAKA_KILLS=${1:-10000} cargo test --locked --package mpaka-store --test kill -- --nocapture
say "headquarters killed while it receives"
cargo test --locked --package mpaka-hq --test receiving -- --nocapture keeping
say "a link that fails in every way"
MPAKA_LINK_PARCELS=${MPAKA_LINK_PARCELS:-400} \
    cargo test --locked --package mpaka-tests --test link -- --nocapture
say "the real program killed ${1:-10000} times while it records entries from paper and sends them"
MPAKA_QUICK_CUTS=${1:-10000} \
    cargo test --locked --package mpaka-tests --test power_cuts -- --nocapture nothing_entered_from_paper
say "the desk killed ${MPAKA_POWER_CUTS:-200} times around decisions on pictures"
MPAKA_POWER_CUTS=${MPAKA_POWER_CUTS:-200} \
    cargo test --locked --package mpaka-tests --test power_cuts -- --nocapture no_acknowledged_decision
say "a busy lane's day at the desk: 2,000 encounters, its memory and handles"
bash tests/bench.sh desk --encounters 2000 --programs "${CARGO_TARGET_DIR:-target}/debug"
