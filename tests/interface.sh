#!/usr/bin/env bash
# Headquarters' interface for other systems against its own description: schemathesis asks a started `mpaka-hq serve` what
# nobody would, in the clear and over TLS, and holds every answer against the description that the server gives of itself.
#   --examples N     so many questions of each kind for each operation (default 100)
#   --programs DIR   programs that are already built (default: a build as the tests have it)
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
examples=100 programs=''
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || { echo "tests/interface.sh: $1 needs a value, or is not known" >&2; exit 2; }
    case "$1" in
        --examples | --programs) declare "${1#--}=$2" ;;
        *) echo "tests/interface.sh: $1 is not known" >&2; exit 2 ;;
    esac
    shift 2
done
# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES python3-venv
if [ -z "$programs" ]; then
    mpaka_toolchain
    mpaka_say "building the programs"
    cargo build --locked --quiet --workspace --bins
    programs=${CARGO_TARGET_DIR:-target}/debug
fi
programs=$(realpath "$programs")

# The asker, in a folder of its own; made again where its versions have changed.
home="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/interface"
wanted="$(sha256sum <tests/peers/interface-requirements.txt) $(/usr/bin/python3 --version)"
if [ "$(cat "$home/installed" 2>/dev/null)" != "$wanted" ]; then
    mpaka_say "installing schemathesis"
    rm -rf "$home"
    mkdir -p "$home"
    /usr/bin/python3 -m venv "$home/venv"
    "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/peers/interface-requirements.txt >&2
    echo "$wanted" >"$home/installed"
fi

work=$(mktemp -d)
serving=''
end() {
    if [ -n "$serving" ]; then
        kill "$serving" 2>/dev/null || true
        wait "$serving" 2>/dev/null || true
        serving=''
    fi
}
trap 'end; rm -rf "$work"' EXIT

# A headquarters with a box, and another system with its certificate and its tokens.
export MPAKA_HQ_STATE="$work/hq" RUST_LOG=error
hq="$programs/mpaka-hq"
"$hq" ceremony >"$work/record"
"$programs/mpaka" --state "$work/box" enrol --post NAMANGA-1 --hq-public "$work/hq/hq-public.json" --root "$work/hq/roots/1.root.json" >"$work/said"
"$hq" enrol "$work/box/device-public.json" >"$work/said"
"$hq" person make ministry --role system --out "$work/ministry.pem" >"$work/said"
token() { # the words that say for whom
    # shellcheck disable=SC2086
    "$hq" --json token make $1 --scope view --scope decisions --scope entries |
        /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}
here=$(token here)
bound=$(token "bound --system ministry")
# What a client is told to believe: the last certificate of the file, the authority's.
/usr/bin/python3 - "$work/ministry.pem" "$work/authority.pem" <<'PY'
import sys
text = open(sys.argv[1]).read()
open(sys.argv[2], "w").write(text[text.rindex("-----BEGIN CERTIFICATE-----"):])
PY

# Every check but one: what the description allows may still be refused, since no pattern knows every date and name.
ask() { # the token, the words of the server, then those of the asker
    rm -f "$work/port"
    # shellcheck disable=SC2086
    "$hq" serve --listen 127.0.0.1:0 --port-file "$work/port" $2 &
    serving=$!
    for _ in $(seq 600); do
        [ ! -s "$work/port" ] || break
        kill -0 "$serving" 2>/dev/null || { echo "tests/interface.sh: mpaka-hq serve ended at once" >&2; exit 1; }
        sleep 0.1
    done
    (cd "$work" && "$home/venv/bin/schemathesis" run "$3://127.0.0.1:$(cat "$work/port")/api/v1/openapi.json" \
        --header "Authorization: Bearer $1" --checks all --exclude-checks positive_data_acceptance \
        --max-examples "$examples" --seed 20261129 --request-timeout 30 "${@:4}")
    end
}
mpaka_say "in the clear"
ask "$here" "" http
mpaka_say "over TLS, with certificates from both sides"
ask "$bound" "--name 127.0.0.1" https --tls-verify "$work/authority.pem" --request-cert "$work/ministry.pem"
