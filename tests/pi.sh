#!/usr/bin/env bash
# The programs for a Raspberry Pi: built for aarch64 on this amd64 machine, as they are shipped, and run under
# qemu-user beside this machine's own. One line a figure; fails where one is not as it should be.
#   --programs DIR   aarch64 programs that are already built (default: they are built, see host/ship.sh)
#   --here DIR       this machine's programs that are already built (default: a dev build)
# The emulator shows that the programs work and answer alike, not how fast a Pi is. What a program starts beside
# itself (tesseract) is this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
. host/ship.sh
programs='' native=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/pi.sh: $1 needs a folder, or is not known" >&2; exit 2; }
    case "$1" in
        --programs) programs=$2 ;;
        --here) native=$2 ;;
        *) echo "tests/pi.sh: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES
mpaka_toolchain
if [ -z "$native" ]; then
    mpaka_say "building this machine's programs"
    cargo build --locked --quiet --workspace --bins
    native="${CARGO_TARGET_DIR:-target}/debug"
fi
mpaka_models "$native/mpaka-models"
if [ -z "$programs" ]; then
    mpaka_ship arm64
    programs=$MPAKA_SHIPPED
else
    mpaka_cross_toolchain
    mpaka_sysroot
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
# A figure: what it is, what was found, whether that is as it should be (yes or anything else).
figure() {
    local verdict=met
    [ "$3" = yes ] || { verdict='NOT MET'; failed=1; }
    printf 'pi  %-58s %s  %s\n' "$1" "$2" "$verdict"
}
# Whether the condition in these words of awk holds.
holds() { awk "BEGIN { exit !($1) }" && echo yes; }

# The programs by their names, so that those who start them need not know of the emulator.
mkdir "$work/bin"
for program in mpaka mpaka-hq mpaka-calibrate mpaka-models mpaka-utopia; do
    printf '#!/bin/sh\nexec %s%q "$@"\n' "$(mpaka_emulator)" "$programs/$program" >"$work/bin/$program"
    chmod 755 "$work/bin/$program"
done
pi() { "$work/bin/$1" "${@:2}"; }

for program in mpaka mpaka-hq mpaka-calibrate mpaka-models; do
    machine=$(readelf --file-header "$programs/$program" | sed -n 's/ *Machine: *//p')
    figure "$program is for" "$machine" "$([ "$machine" = AArch64 ] && echo yes)"
    said=$(pi "$program" --version)
    figure "$program --version" "$said" "$([ "$said" = "$("$native/$program" --version)" ] && echo yes)"
    aarch64-linux-gnu-strip --strip-all -o "$work/stripped" "$programs/$program"
    size=$(stat -c %s "$work/stripped")
    figure "$program stripped" "$((size / 1000000)) MB (goal <= 40)" "$(holds "$size <= 40000000")"
done

# The demo's own program runs here and presses the pages; headquarters and the post are aarch64 throughout: ceremony,
# lists signed and taken, inspections, upload, ledger. The travellers: the right person, a listed name, a genuine chip.
mpaka_say "the demo's inspections"
cp "$native/mpaka-demo" "$work/bin/"
"$work/bin/mpaka-demo" --exit --dir "$work/day" --only 1,6,d >"$work/report" || failed=1
cat "$work/report" >&2
as_expected=$(grep -c '^✓' "$work/report" || true)
figure "the demo's inspections as expected" "$as_expected of 3" "$(holds "$as_expected == 3")"
figure "the demo's parcels" "$(grep '^parcels' "$work/report")" "$(grep -qx 'parcels 3, receipts 3, waiting 0' "$work/report" && echo yes)"
box=(--state "$work/day/box/state" --json)

mpaka_say "a chip in the program"
chip=$(pi mpaka-utopia chip --here)
said=$(python3 -c 'import json,sys; a=json.load(sys.stdin); print(a["access"], a["outcome"], a["apdus"], "commands")' <<<"$chip")
figure "a chip by PACE with chip authentication" "$said" "$([[ "$said" == "PACE Successful "* ]] && echo yes)"

mpaka_say "the list"
printf '%s\n' 'name,birth,sex,number,state' 'Cabdiraxmaan Cali Yuusuf,1983-02-14,M,,' 'Sergej Volkov,1971,M,,' ',,,U44129075,UTO' 'Grace Wanjiku Njeri,1999-09-09,F,,' \
    >"$work/queries.csv"
# The time apart, the answers are the same to the last digit.
answers() { sed 's/,"ms":[0-9.]*//'; }
"$native/mpaka" "${box[@]}" screen --queries "$work/queries.csv" | answers >"$work/list-here"
pi mpaka "${box[@]}" screen --queries "$work/queries.csv" | answers >"$work/list-pi"
found=$(grep -o '"entry":"[^"]*"' "$work/list-pi" | cut -d'"' -f4 | paste -sd' ')
figure "the list's candidates" "$found" "$([ "$found" = 'UTO-P-0001 UTO-P-0002 UTO-D-0001' ] && echo yes)"
figure "the list's answers beside amd64's" "$(cmp -s "$work/list-here" "$work/list-pi" && echo the same || echo others)" \
    "$(cmp -s "$work/list-here" "$work/list-pi" && echo yes)"

mpaka_say "faces"
faces=("$MPAKA_MODELS"/portraits/*.jpg)
for other in "${faces[@]}"; do printf '%s,%s\n' "${faces[0]}" "$other"; done >"$work/pairs.csv"
for where in here pi; do
    if [ "$where" = pi ]; then program="$work/bin/mpaka"; else program="$native/mpaka"; fi
    "$program" --json face compare --pairs "$work/pairs.csv" >"$work/faces-$where"
done
read -r pairs apart < <(python3 - "$work/faces-here" "$work/faces-pi" <<'PY'
import json, sys
here, pi = ([json.loads(line)["score"] for line in open(path)] for path in sys.argv[1:])
assert len(here) == len(pi) and None not in here + pi, (here, pi)
print(len(here), f"{max(abs(a - b) for a, b in zip(here, pi)):.6f}")
PY
)
figure "face scores of $pairs pairs beside amd64's, greatest distance" "$apart (goal <= 0.005)" "$(holds "$apart <= 0.005")"

# Killed in the very moment in which a decision is written: when the store's log begins to grow, and at once after the
# answer. Whatever was answered is there, the ledger is whole, and the next inspection goes on.
mpaka_say "the power goes"
log="$work/day/box/state/mpaka.db-wal" answered=0 cuts=0
# When the log was last written to, once there is something in it.
stamp() { [ ! -s "$log" ] || stat -c '%s %y' "$log" 2>/dev/null || true; }
for scene in 1-right-person 6-listed-name d-chip; do
    for moment in writing answered; do
        before=$(stamp)
        : >"$work/answer"
        # Not by way of a function: that would be a shell, and its death nobody else's.
        "$work/bin/mpaka" "${box[@]}" inspect --page "$work/day/scenes/$scene/page.jpg" --live "$work/day/scenes/$scene/live.jpg" \
            >"$work/answer" 2>>"$work/log" &
        one=$!
        while kill -0 "$one" 2>/dev/null; do
            case "$moment" in
                writing) [ "$(stamp)" = "$before" ] || break ;;
                answered) [ ! -s "$work/answer" ] || break ;;
            esac
        done
        kill -9 "$one" 2>/dev/null && cuts=$((cuts + 1))
        wait "$one" 2>/dev/null || true
        answered=$((answered + $(grep -c '"encounter"' "$work/answer" || true)))
    done
done
pi mpaka "${box[@]}" ledger verify >"$work/ledger" && whole=yes || whole=no
kept=$(pi mpaka "${box[@]}" outbox list | wc -l)
figure "kill -9 while recording" "$cuts cuts, $answered answered, $kept kept" "$(holds "$cuts >= 3 && $kept >= $answered && $kept <= 6")"
figure "the ledger afterwards" "$(cat "$work/ledger")" "$whole"
exit "$failed"
