#!/usr/bin/env bash
# Area chip: a whole chip over the real reader stack (pcscd with a virtual reader, Utopia's chip in it): PACE, EF.COM,
# EF.SOD, DG1, DG2 of 15 kB, DG14, chip authentication, passive authentication, by `mpaka chip read`.
#   --count N        readings (default 20; the median counts)
#   --programs DIR   programs that are already built (default: a release build)
# CPU is the program's own, without start and connection; the ratio is wall time to commands times measured round
# trip, the chip's own work included in it. The bound that no reader goes below stands in the place of a peer.
set -euo pipefail
cd "$(dirname "$0")/../.."
. host/setup.sh
count=20 programs="${MPAKA_PROGRAMS:-}"
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/bench.sh chip: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --count) count=$2 ;;
        --programs) programs=$2 ;;
        *) echo "tests/bench.sh chip: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
mpaka_virtual_reader
if [ -z "$programs" ]; then
    # shellcheck disable=SC2086
    mpaka_packages $MPAKA_BUILD_PACKAGES
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --release --locked --quiet --bin mpaka --bin mpaka-utopia
    programs=${CARGO_TARGET_DIR:-target}/release
fi
work=$(mktemp -d)
trap 'exec 3>&-; wait; rm -rf "$work"' EXIT
# The chip lies in the reader as long as the pipe is open.
mkfifo "$work/hold"
"$programs/mpaka-utopia" chip --trust "$work/csca.cer" <"$work/hold" >"$work/reader" &
exec 3>"$work/hold"
for _ in $(seq 100); do [ -s "$work/reader" ] && break; kill -0 $! 2>/dev/null || break; sleep 0.1; done
[ -s "$work/reader" ] || mpaka_fail "no virtual reader: the line above says why"
reader=$(cat "$work/reader")
for _ in $(seq "$count"); do
    "$programs/mpaka" --json chip read --reader "$reader" --mrz L898902C,690806,940623 --at 2026-06-01 \
        --trust "$work/csca.cer" >>"$work/answers"
done
python3 - "$work/answers" <<'PY'
import json, statistics, sys
answers = [json.loads(line) for line in open(sys.argv[1])]
wrong = [a for a in answers if a["outcome"] != "Successful" or a["access"] != "PACE"]
if wrong:
    sys.exit(f"not believed: {wrong[0]}")
median = lambda key: statistics.median(a[key] for a in answers)
trip = statistics.median(a["exchange_ms"] / a["apdus"] for a in answers)
ratio = statistics.median(a["ms"] / a["exchange_ms"] for a in answers)
print(f"chip: {len(answers)} readings by PACE, {median('apdus'):.0f} commands, round trip {trip:.3f} ms")
print(f"chip: wall {median('ms'):.1f} ms (goal 500)")
print(f"chip: CPU {median('cpu_ms'):.1f} ms (goal 60)")
print(f"chip: wall to commands times round trip {ratio:.2f} (goal 1.3)")
PY
