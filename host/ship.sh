# How the programs that leave the house are built, for this machine and, on an amd64 machine, for aarch64 (a
# Raspberry Pi). Shared by host/package.sh and tests/pi.sh. Sourced after host/setup.sh, not run; idempotent; quick
# when nothing is to do.
#
#   mpaka_cross_toolchain   the compilers, the standard library and the emulator for aarch64
#   mpaka_sysroot           a Debian arm64 tree with the libraries to link and run against; sets MPAKA_SYSROOT
#   mpaka_ship ARCH         builds every program for amd64 or arm64; sets MPAKA_SHIPPED, the folder they are in
#   mpaka_fresh_root DIR    unpacks a Debian root that holds apt and nothing of ours, to be entered
#   mpaka_emulator          the words before an aarch64 program that runs it here, quoted for a shell
#
# rustup's own compiler is left alone for aarch64: Debian's carries a standard library for arm64 of the same version,
# which needs no second place to download from.

MPAKA_SHIP_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/mpaka/ship"
# What our programs link.
MPAKA_SYSROOT_PACKAGES=libopencv-dev,libssl-dev,libpcsclite-dev,libstdc++-12-dev

# The triple of an architecture as Debian calls it.
mpaka_triple() {
    case "$1" in
        amd64) echo x86_64-unknown-linux-gnu ;;
        arm64) echo aarch64-unknown-linux-gnu ;;
        *) mpaka_fail "Mpaka is built for amd64 and arm64, not for '$1'" ;;
    esac
}

mpaka_cross_toolchain() {
    [ "$(dpkg --print-architecture)" = amd64 ] || mpaka_fail "the cross build is written for an amd64 machine"
    mpaka_packages rustc-web gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static mmdebstrap
    mpaka_rustc_suffices /usr/bin/rustc || mpaka_fail "this Debian's rustc-web is too old for the workspace"
    [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/aarch64-unknown-linux-gnu/lib" ] && return 0
    if ! dpkg --print-foreign-architectures | grep -qx arm64; then
        mpaka_say "telling dpkg of arm64"
        if [ "$(id -u)" -eq 0 ]; then dpkg --add-architecture arm64; else sudo dpkg --add-architecture arm64; fi
    fi
    mpaka_packages libstd-rust-web-dev:arm64
}

# The tree is unpacked and never configured: nothing in it runs but as libraries under the emulator. It is made beside
# its place and moved there whole, so that a broken download leaves nothing half.
mpaka_sysroot() {
    local release
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    MPAKA_SYSROOT="$MPAKA_SHIP_CACHE/sysroot-$release"
    [ "$(cat "$MPAKA_SYSROOT/made-of" 2>/dev/null)" = "$MPAKA_SYSROOT_PACKAGES" ] && return 0
    mpaka_say "unpacking a Debian arm64 tree (1.1 GB)"
    mkdir -p "$MPAKA_SHIP_CACHE"
    rm -rf "$MPAKA_SYSROOT" "$MPAKA_SYSROOT.part"
    # The packages' .shlibs say which package a library is of: host/package.sh asks them.
    # shellcheck disable=SC2016 # for mmdebstrap's own shell
    mmdebstrap --quiet --variant=extract --arch=arm64 --include="$MPAKA_SYSROOT_PACKAGES" \
        --extract-hook='for deb in "$1"/var/cache/apt/archives/*.deb; do
            dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./shlibs 2>/dev/null >>"$1/shlibs" || true; done' \
        "$release" "$MPAKA_SYSROOT.part" || mpaka_fail "mmdebstrap could not unpack Debian $release for arm64 (no network?)"
    printf '%s\n' "$MPAKA_SYSROOT_PACKAGES" >"$MPAKA_SYSROOT.part/made-of"
    mv "$MPAKA_SYSROOT.part" "$MPAKA_SYSROOT"
}

# Made once for this machine's release and kept: a test begins with it every time.
mpaka_fresh_root() {
    local release fresh
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    fresh="$MPAKA_SHIP_CACHE/fresh-$release.tar"
    mpaka_packages mmdebstrap
    if [ ! -f "$fresh" ]; then
        mpaka_say "a fresh Debian root"
        mkdir -p "$MPAKA_SHIP_CACHE"
        mmdebstrap --quiet --variant=apt --include=ca-certificates "$release" "$fresh.part" --format=tar ||
            mpaka_fail "mmdebstrap could not unpack Debian $release (no network?)"
        mv "$fresh.part" "$fresh"
    fi
    mkdir -p "$1"
    tar -xpf "$fresh" -C "$1"
}

# Runs cargo for the triple $1, so that nothing of this machine's folders is in what it makes: a build elsewhere gives
# the same bytes.
mpaka_ship_cargo() {
    local triple=$1 under="${1//-/_}"
    local name="CARGO_TARGET_${under^^}_RUSTFLAGS"
    shift
    (
        # Exported RUSTFLAGS would take the place of the triple's own.
        unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
        rust=() c=()
        places=("$PWD=/usr/src/mpaka" "${CARGO_HOME:-$HOME/.cargo}=/usr/src/cargo" "$CARGO_TARGET_DIR=/usr/src/target")
        if [ "$triple" = aarch64-unknown-linux-gnu ]; then
            libraries="$MPAKA_SYSROOT/usr/lib/aarch64-linux-gnu"
            places+=("$MPAKA_SYSROOT=")
            export RUSTC=/usr/bin/rustc CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-g++
            for word in "--sysroot=$MPAKA_SYSROOT" -Wl,--allow-shlib-undefined "-Wl,-rpath-link,$libraries" \
                "-Wl,-rpath-link,$MPAKA_SYSROOT/lib/aarch64-linux-gnu"; do rust+=(-C "link-arg=$word"); done
            c+=("-I$MPAKA_SYSROOT/usr/include" "-I$MPAKA_SYSROOT/usr/include/aarch64-linux-gnu")
            export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc CXX_aarch64_unknown_linux_gnu=aarch64-linux-gnu-g++
            export OPENCV_LINK_PATHS="$libraries"
            export OPENCV_LINK_LIBS=opencv_videoio,opencv_objdetect,opencv_dnn,opencv_calib3d,opencv_features2d,opencv_flann,opencv_imgcodecs,opencv_imgproc,opencv_core
            export OPENCV_INCLUDE_PATHS="$MPAKA_SYSROOT/usr/include/opencv4,$MPAKA_SYSROOT/usr/include/aarch64-linux-gnu/opencv4"
            export PKG_CONFIG_ALLOW_CROSS=1 PKG_CONFIG_SYSROOT_DIR="$MPAKA_SYSROOT" PKG_CONFIG_LIBDIR="$libraries/pkgconfig"
            export OPENSSL_LIB_DIR="$libraries" OPENSSL_INCLUDE_DIR="$MPAKA_SYSROOT/usr/include"
        fi
        for place in "${places[@]}"; do
            rust+=("--remap-path-prefix=$place")
            c+=("-ffile-prefix-map=$place")
        done
        export "$name=${rust[*]}" "CFLAGS_$under=${c[*]}" "CXXFLAGS_$under=${c[*]}"
        exec cargo "$@" --locked --release --target "$triple"
    )
}

# Two builds: the code that signs editions is compiled into headquarters' program alone, so the box's programs are built
# where nothing asks for that feature. The simulated world's programs are chosen with both, to have one set of the
# libraries' features, the one that the tests run with, and most libraries built once.
mpaka_ship() {
    local triple boards rooms
    triple=$(mpaka_triple "$1") || exit 4
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$MPAKA_SHIP_CACHE/target}"
    [ "$1" = "$(dpkg --print-architecture)" ] || { mpaka_cross_toolchain && mpaka_sysroot; }
    rooms=(-p mpaka-post -p mpaka-calibration -p mpaka-models -p mpaka-tests)
    boards=mpaka-post/pi,mpaka-post/linux,mpaka-calibration/pi,mpaka-calibration/linux
    mpaka_say "building the box's programs for $1 (the first time takes a quarter of an hour or more)"
    mpaka_ship_cargo "$triple" build "${rooms[@]}" --features "$boards" --bins
    mpaka_say "building headquarters' program for $1"
    mpaka_ship_cargo "$triple" build "${rooms[@]}" -p mpaka-hq --features "$boards" --bin mpaka-hq
    export MPAKA_SHIPPED="$CARGO_TARGET_DIR/$triple/release"
}

# BLAS and LAPACK are found by the alternatives that an unpacked tree has not set. A program that settles its memory by
# starting itself once more cannot do so here: it is told that this is done.
mpaka_emulator() {
    printf '%q ' "$(command -v qemu-aarch64-static)" -L "$MPAKA_SYSROOT" -E GLIBC_TUNABLES=glibc.malloc.arena_max=2 \
        -E LD_LIBRARY_PATH=/usr/lib/aarch64-linux-gnu/lapack:/usr/lib/aarch64-linux-gnu/blas
}
