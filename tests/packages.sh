#!/usr/bin/env bash
# The packages on a machine that never saw this house: a fresh Debian root (mmdebstrap), apt, the programs, an upgrade
# and a removal, and what becomes of keys and records. The long form of the tests; needs root and a network.
#   --packages DIR   packages that are already built for this machine (default: host/package.sh builds them)
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
. host/ship.sh
packages=''
case "${1:-}" in
    '') ;;
    --packages) packages=${2:?tests/packages.sh: --packages needs a folder} ;;
    *) echo "tests/packages.sh: $1 is not known" >&2; exit 2 ;;
esac
[ "$(id -u)" -eq 0 ] || mpaka_fail "a fresh root is unpacked and entered: run this as root"
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/root"

if [ -z "$packages" ]; then
    packages="$work/packages"
    bash host/package.sh --out "$packages" mpaka-post mpaka-hq mpaka-calibrate
fi
version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
mpaka_fresh_root "$root"
cp "$packages"/mpaka-{post,hq,calibrate}_"$version-1_$arch.deb" "$root/root/"
# What comes later: the same files under a later number.
for package in mpaka-post mpaka-hq; do
    dpkg-deb --raw-extract "$root/root/${package}_$version-1_$arch.deb" "$work/$package"
    sed -i "s/^Version: .*/Version: $version-2/" "$work/$package/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$work/$package" "$root/root/${package}_$version-2_$arch.deb" >/dev/null
    rm -rf "${work:?}/$package"
done

# In the fresh root, with a /proc of its own that goes with the command.
# shellcheck disable=SC2016 # expanded by that shell
inside() { unshare --mount -- sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive MPAKA_PURGE_STATE="${MPAKA_PURGE_STATE:-}" "$@"' "$root" "$@"; }
as() { inside setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}"; }
apt() { inside apt-get -qq -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root "$@" 2>&1; }
failed=0
# A statement, and the command that says whether it holds.
holds() {
    local statement=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        printf 'packages  %-66s met\n' "$statement"
    else
        printf 'packages  %-66s NOT MET\n' "$statement"
        sed 's/^/          /' "$work/said" >&2
        failed=1
    fi
}
absent() { [ ! -e "$1" ]; }
install() { apt update && apt install --yes --no-install-recommends "$@"; }
version_is() { [ "$(inside dpkg-query -W -f '${Version}' "$1")" = "$2" ]; }
# Every file of the states, by name, owner, mode and content.
state_of() { (cd "$root" && find var/lib/mpaka var/lib/mpaka-hq -printf '%p %u %m\n' -type f -exec sha256sum {} + | sort); }

mpaka_say "apt install"
for package in mpaka-post mpaka-hq mpaka-calibrate; do
    holds "apt install ./${package}_*.deb" install "/root/${package}_$version-1_$arch.deb"
    holds "$package holds what its digests say" inside dpkg --verify "$package"
    holds "$package carries its bill of materials and licences" inside sh -c \
        "cd /usr/share/doc/$package && test -s sbom.cdx.json && test -s copyright && gzip -t licences.gz"
done
says_layout() { [ "$(dpkg-deb --field "$root/root/mpaka-post_$version-1_$arch.deb" "$1")" -ge 6 ]; }
for field in Mpaka-Store-Reads Mpaka-Store-Writes; do
    holds "mpaka-post says $field" says_layout "$field"
done
for user in mpaka mpaka-hq; do
    holds "the user $user is there and cannot sign in" inside sh -c "getent passwd $user | grep -q nologin"
    holds "/var/lib/$user is its own and nobody else's" \
        sh -c "[ \"\$(chroot '$root' stat -c '%U %G %a' /var/lib/$user)\" = '$user $user 700' ]"
done
holds "/run/mpaka is the box's own before the service ever ran" \
    sh -c "[ \"\$(chroot '$root' stat -c '%U %G %a' /run/mpaka)\" = 'mpaka mpaka 700' ]"
for unit in mpaka mpaka-update mpaka-hq mpaka-hq-receive; do
    holds "$unit.service is well-formed" inside systemd-analyze verify "$unit.service"
    holds "$unit.service is exposed by 2.5 at most" \
        inside systemd-analyze security --no-pager --offline=true --threshold=25 "/usr/lib/systemd/system/$unit.service"
    holds "$unit.service is not enabled before there is anything to serve" \
        absent "$root/etc/systemd/system/multi-user.target.wants/$unit.service"
done
for program in mpaka mpaka-models mpaka-hq mpaka-calibrate; do
    holds "$program --version" as mpaka "$program" --version
done

mpaka_say "keys and a box"
holds "a key ceremony as mpaka-hq" as mpaka-hq mpaka-hq ceremony --threshold 2 --keys 3
cp "$root/var/lib/mpaka-hq/hq-public.json" "$root/var/lib/mpaka-hq/roots/1.root.json" "$root/tmp/"
chmod 644 "$root"/tmp/*.json
holds "a box enrolled as mpaka" as mpaka mpaka --state /var/lib/mpaka enrol --post NAMANGA-1 \
    --hq-public /tmp/hq-public.json --root /tmp/1.root.json
holds "mpaka doctor" as mpaka mpaka --state /var/lib/mpaka doctor
holds "mpaka ledger verify" as mpaka mpaka --state /var/lib/mpaka ledger verify
state_of >"$work/before"

mpaka_say "upgrade, removal, purge"
holds "an upgrade" install "/root/mpaka-post_$version-2_$arch.deb" "/root/mpaka-hq_$version-2_$arch.deb"
for package in mpaka-post mpaka-hq; do holds "$package is the later one" version_is "$package" "$version-2"; done
unchanged() { state_of | diff "$work/before" -; }
holds "the upgrade left every file of the states as it was" unchanged
holds "the box opens its state" as mpaka mpaka --state /var/lib/mpaka ledger verify
# Who opens a database writes in it.
state_of >"$work/before"
holds "a removal" apt remove --yes mpaka-post mpaka-hq
holds "the programs are gone" absent "$root/usr/bin/mpaka"
holds "the removal left every file of the states as it was" unchanged
holds "installed anew" install "/root/mpaka-post_$version-2_$arch.deb"
holds "the box opens its old state" as mpaka mpaka --state /var/lib/mpaka ledger verify
state_of >"$work/before"
holds "a purge" apt purge --yes mpaka-post mpaka-hq
holds "the purge left every file of the states as it was" unchanged
holds "installed once more" install "/root/mpaka-post_$version-2_$arch.deb"
MPAKA_PURGE_STATE=yes holds "a purge with MPAKA_PURGE_STATE=yes" apt purge --yes mpaka-post
holds "the box's state is erased where that was asked for" absent "$root/var/lib/mpaka"
exit "$failed"
