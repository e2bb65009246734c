# Set-up shared by host/demo.sh and tests/run.sh: everything a fresh Debian 12/13 or Raspberry Pi OS
# machine lacks. Sourced, not run; idempotent; quick when nothing is to do.
#
#   mpaka_packages PACKAGE…   installs missing Debian packages (as root, or with sudo)
#   mpaka_virtual_reader      pcscd, and vsmartcard's virtual PC/SC reader unpacked (tests and benches only)
#   mpaka_toolchain           finds or installs cargo and rustc of the workspace's rust-version
#   mpaka_models PROGRAM      fetches the models by digest with the built `mpaka-models`

mpaka_say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
mpaka_fail() { printf 'set-up: %s\n' "$*" >&2; exit 4; }

# What every program of the house needs to build and run.
# shellcheck disable=SC2034 # for those who source this
MPAKA_BUILD_PACKAGES="build-essential pkg-config cmake clang libclang-dev libopencv-dev libssl-dev libpcsclite-dev fonts-ocr-b fonts-noto-core tesseract-ocr tesseract-ocr-eng python3-pip python3-setuptools ca-certificates"

mpaka_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0
    mpaka_say "installing Debian packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || mpaka_fail "not root and no sudo; as root run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null; } ||
        mpaka_fail "apt-get could not install: ${missing[*]} (no network? put the .deb files on this machine and install them with: apt-get install ./*.deb)"
}

# Exports MPAKA_VPCD. The virtual reader is unpacked and not installed: as Debian configures it, it would listen on every
# address of the machine whenever pcscd starts.
mpaka_virtual_reader() {
    mpaka_packages pcscd
    export MPAKA_VPCD="${MPAKA_VPCD:-${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/vpcd}"
    [ -e "$MPAKA_VPCD/usr/lib/pcsc/drivers/serial/libifdvpcd.so" ] && return 0
    local deb
    deb=$(mktemp -d)
    mpaka_say "unpacking vsmartcard-vpcd"
    if (cd "$deb" && apt-get -qq download vsmartcard-vpcd >/dev/null 2>&1) && mkdir -p "$MPAKA_VPCD"; then
        dpkg -x "$deb"/*.deb "$MPAKA_VPCD"
    else
        mpaka_say "no vsmartcard-vpcd to be had: tests over a real reader stack will say that they skip"
    fi
    rm -rf "$deb"
}

# Succeeds where the rustc named is at least the workspace's rust-version.
mpaka_rustc_suffices() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$("$1" --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p')
    [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -1)" = "$wanted" ]
}

mpaka_toolchain() {
    # rustup's folder is often missing from the PATH of scripts.
    case ":$PATH:" in *":$HOME/.cargo/bin:"*) ;; *) [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH" ;; esac
    export PATH
    if command -v cargo >/dev/null && mpaka_rustc_suffices "${RUSTC:-rustc}"; then return 0; fi
    # Debian's plain rustc is too old; its -web packages follow the browsers' needs and are new enough.
    mpaka_packages rustc-web cargo-web
    export PATH="/usr/bin:$PATH"
    mpaka_rustc_suffices /usr/bin/rustc ||
        mpaka_fail "this machine's rustc is too old and Debian offers no newer one; install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or later and run again"
}

# $1: the built mpaka-models program. Exports MPAKA_MODELS.
mpaka_models() {
    export MPAKA_MODELS="${MPAKA_MODELS:-${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/models}"
    "$1" fetch --to "$MPAKA_MODELS" || mpaka_fail "the models are not complete; the lines above say which file, its digest and where to put it"
}
