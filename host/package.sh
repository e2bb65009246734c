#!/usr/bin/env bash
# Debian packages of the box (mpaka-post, mpaka-kiosk), of headquarters (mpaka-hq) and of the technician's program
# (mpaka-calibrate), each with its bill of materials and its licences.
#   --arch ARCH      amd64 or arm64 (default: this machine's)
#   --revision N     the packages' revision (default 1): a later one upgrades an earlier one
#   --out DIR        where the packages and their SHA256SUMS go (default: dist in cargo's target folder)
#   --programs DIR   programs that are already built for ARCH (default: they are built, see host/ship.sh)
#   PACKAGE…         only these
# The same commit gives the same bytes, wherever it is built: SOURCE_DATE_EPOCH (default: the commit's time) stands in
# the place of the clock, and no folder of this machine is in the programs.
#
# dpkg-deb itself and not cargo-deb: that asks dpkg-shlibdeps, which knows no library outside this machine's own dpkg,
# and the arm64 ones lie in an unpacked tree.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
. host/ship.sh
arch=$(dpkg --print-architecture) revision=1 out='' programs='' wanted=()
while [ $# -gt 0 ]; do
    case "$1" in
        --arch | --revision | --out | --programs)
            [ $# -ge 2 ] || { echo "host/package.sh: $1 needs a value" >&2; exit 2; }
            declare "${1#--}=$2"
            shift
            ;;
        -*) echo "host/package.sh: $1 is not known" >&2; exit 2 ;;
        *) wanted+=("$1") ;;
    esac
    shift
done
[ "${#wanted[@]}" -gt 0 ] || wanted=(mpaka-post mpaka-kiosk mpaka-hq mpaka-calibrate)
for package in "${wanted[@]}"; do
    [ -f "host/package/$package/control" ] || { echo "host/package.sh: there is no package '$package'" >&2; exit 2; }
done
triple=$(mpaka_triple "$arch")

# shellcheck disable=SC2086
mpaka_packages $MPAKA_BUILD_PACKAGES dpkg-dev python3
mpaka_toolchain
if [ -z "$programs" ]; then
    mpaka_ship "$arch"
    programs=$MPAKA_SHIPPED
elif [ "$arch" != "$(dpkg --print-architecture)" ]; then
    mpaka_cross_toolchain
    mpaka_sysroot
fi
out=${out:-${CARGO_TARGET_DIR:-target}/dist}
mkdir -p "$out"
version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)-$revision
# Which layouts of the store the appliance reads and writes: a box installs none that it could not go back from.
layout() { sed -n "s/^pub const $1: u16 = \([0-9]*\);\$/\1/p" host/store/src/schema.rs; }
store_reads=$(layout LAYOUT_READ) store_writes=$(layout LAYOUT_WRITTEN)
[ -n "$store_reads" ] && [ -n "$store_writes" ] || mpaka_fail "host/store/src/schema.rs does not say its layouts"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}"
# The compressor's threads cut the stream as many times as there are processors.
export DPKG_DEB_THREADS_MAX=1

# Which package each library is of, as the packages themselves say (deb-shlibs).
libraries() {
    if [ "$arch" = "$(dpkg --print-architecture)" ]; then
        cat /var/lib/dpkg/info/*.shlibs
    else
        cat "$MPAKA_SYSROOT/shlibs"
    fi
}

# What the programs need of Debian, as the value of a Depends field.
depends_of() {
    local name
    for name in $(readelf --dynamic "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
        libraries | awk -v name="${name%.so.*}" -v version="${name##*.so.}" '
            # Those for the installer, and those of a cross compiler.
            $1 ~ /:$/ || $3 ~ /:/ { next }
            !found && $1 == name && $2 == version { $1 = $2 = ""; sub(/^ +/, ""); print; found = 1 }
            END { if (!found) exit 1 }' || mpaka_fail "no Debian package of this release says that it has $name"
    done | sort -u | paste -sd, | sed 's/,/, /g'
}

# $1: a package's folder. Puts the program of the cargo package $2, stripped, where it is found.
program() {
    local strip=strip
    [ "$arch" = "$(dpkg --print-architecture)" ] || strip=aarch64-linux-gnu-strip
    install -D -m 755 "$programs/$2" "$1/usr/bin/$2"
    "$strip" --strip-all "$1/usr/bin/$2"
    [ "$(stat -c %s "$1/usr/bin/$2")" -le 40000000 ] || mpaka_fail "$2 is larger than 40 MB"
}

# The files of a package: tree, who may read them; the rest is the same for all.
fill() {
    local tree=$2 doc="$2/usr/share/doc/$1"
    case "$1" in
        mpaka-post)
            program "$tree" mpaka
            program "$tree" mpaka-models
            install -D -m 644 host/post/kiosk/mpaka.service host/post/kiosk/mpaka-update.service \
                host/post/kiosk/mpaka-update.path -t "$tree/usr/lib/systemd/system"
            install -D -m 755 host/post/kiosk/update.sh -t "$tree/usr/lib/mpaka"
            install -D -m 644 host/package/mpaka-post/sysusers "$tree/usr/lib/sysusers.d/mpaka-post.conf"
            install -D -m 644 host/package/mpaka-post/tmpfiles "$tree/usr/lib/tmpfiles.d/mpaka-post.conf"
            install -D -m 644 firmware/boards/reference.toml -t "$doc/examples"
            install -D -m 644 host/post/kiosk/README.md host/post/DESK.md host/post/UPDATES.md host/COMMANDS.md -t "$doc"
            install -d "$tree/usr/share/mpaka/models"
            ;;
        mpaka-kiosk)
            install -D -m 644 host/post/kiosk/mpaka-kiosk.service -t "$tree/usr/lib/systemd/system"
            install -D -m 644 host/package/mpaka-kiosk/sysusers "$tree/usr/lib/sysusers.d/mpaka-kiosk.conf"
            install -D -m 755 host/post/kiosk/kiosk.sh -t "$tree/usr/lib/mpaka"
            install -D -m 644 host/post/kiosk/chromium-policy.json "$tree/etc/chromium/policies/managed/mpaka.json"
            ;;
        mpaka-hq)
            program "$tree" mpaka-hq
            install -D -m 644 host/hq/units/*.service -t "$tree/usr/lib/systemd/system"
            install -D -m 644 host/package/mpaka-hq/sysusers "$tree/usr/lib/sysusers.d/mpaka-hq.conf"
            install -D -m 644 host/hq/README.md host/hq/ceremony.md host/hq/openapi.json host/COMMANDS.md -t "$doc"
            ;;
        mpaka-calibrate)
            program "$tree" mpaka-calibrate
            install -D -m 644 calibration/README.md host/COMMANDS.md -t "$doc"
            ;;
    esac
    install -d "$doc"
    gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
for package in "${wanted[@]}"; do
    tree="$work/$package" doc="$work/$package/usr/share/doc/$package" from="host/package/$package"
    fill "$package" "$tree"
    built=("$tree"/usr/bin/*)
    needs='' its_arch=all
    if [ -e "${built[0]}" ]; then
        needs=$(depends_of "${built[@]}")
        its_arch=$arch
    fi
    # Which crates are in it, their licences word for word.
    read -ra rooms <<<"$(sed -n 's/^X-Crates: //p' "$from/control")"
    python3 host/package/materials.py --package "$package" --version "$version" --arch "$its_arch" --triple "$triple" \
        --needs "$needs" --sbom "$doc/sbom.cdx.json" --copyright "$doc/copyright" --licences "$work/licences" \
        ${rooms[@]+"${rooms[@]}"}
    gzip -9n <"$work/licences" >"$doc/licences.gz"
    mkdir -p "$tree/DEBIAN"
    sed -e '/^X-Crates: /d' -e "s/@VERSION@/$version/g" -e "s/@ARCH@/$its_arch/" -e "s/@LIBRARIES@/$needs/" \
        -e "s/@STORE_READS@/$store_reads/" -e "s/@STORE_WRITES@/$store_writes/" \
        -e "s/@SIZE@/$(du -sk --apparent-size "$tree/usr" | cut -f1)/" "$from/control" >"$tree/DEBIAN/control"
    # The user, the state folder and the services of those that have any; the scripts are the same for all. The
    # installer of updates is not started anew by an upgrade: it may be what is upgrading.
    user='' state='' units='' installer=''
    case "$package" in
        mpaka-post) user=mpaka state=/var/lib/mpaka units=mpaka.service installer='mpaka-update.path mpaka-update.service' ;;
        mpaka-kiosk) user=mpaka-kiosk units=mpaka-kiosk.service ;;
        mpaka-hq) user=mpaka-hq state=/var/lib/mpaka-hq units='mpaka-hq.service mpaka-hq-receive.service' ;;
    esac
    if [ -n "$user" ]; then
        for script in postinst prerm postrm; do
            sed -e "s|@USER@|$user|g" -e "s|@STATE@|$state|g" -e "s|@UNITS@|$units|g" -e "s|@INSTALLER@|$installer|g" -e "s|@PACKAGE@|$package|g" \
                "host/package/scripts/$script" >"$tree/DEBIAN/$script"
            chmod 755 "$tree/DEBIAN/$script"
        done
    fi
    # What an administrator may edit is not written over by an upgrade.
    if [ -d "$tree/etc" ]; then (cd "$tree" && find etc -type f -printf '/%p\n' | sort) >"$tree/DEBIAN/conffiles"; fi
    (cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    file="$out/${package}_${version}_${its_arch}.deb"
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$file" >/dev/null
    printf '%s  %s bytes\n' "$(sha256sum "$file")" "$(stat -c %s "$file")"
done
(cd "$out" && sha256sum -- *.deb >SHA256SUMS)
mpaka_say "packages and SHA256SUMS are in $out"
