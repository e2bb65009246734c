#!/usr/bin/env bash
# Somebody's new machine follows the README: a fresh Debian root (mmdebstrap) with nothing but apt and git, a clone of this
# commit in it, then host/demo.sh and tests/run.sh as they stand there. The long form of the tests; needs root, a network,
# 25 GB and, on two cores, more than an hour. What is installed by hand on the machine of whoever develops shows here.
#   --dir DIR        where the root is unpacked (default: a temporary folder); one that is there is used again
#   --demo           only the demo
#   WORD…            for tests/run.sh
# tests/packages.sh does the same for the packages.
set -euo pipefail
cd "$(dirname "$0")/.."
. host/setup.sh
. host/ship.sh
dir='' demo=''
while [ $# -gt 0 ]; do
    case "$1" in
        --dir) dir=${2:?tests/fresh.sh: --dir needs a folder} && shift ;;
        --demo) demo=only ;;
        *) break ;;
    esac
    shift
done
[ "$(id -u)" -eq 0 ] || mpaka_fail "a fresh root is unpacked and entered: run this as root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="${dir:-$work/root}"
if [ ! -e "$root/root/mpaka" ]; then
    mpaka_fresh_root "$root"
    # A network that looks into TLS has an authority of its own, which this machine was told of.
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    git clone --quiet --no-hardlinks . "$root/root/mpaka"
fi

# In the root, with processes, mounts and a host name of its own that go with the command.
# shellcheck disable=SC2016 # expanded by that shell
inside() {
    unshare --mount --pid --fork --kill-child -- sh -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
        mount -t tmpfs tmpfs "$0/run" && mount -t sysfs sysfs "$0/sys" && cp /etc/resolv.conf /etc/hosts "$0/etc/" &&
        exec chroot "$0" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
        "$root" "$@"
}
mpaka_say "the fresh root gets git"
inside sh -c 'update-ca-certificates >/dev/null && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends git >/dev/null'
failed=0
follow() {
    local begun=$SECONDS
    if inside sh -c "cd /root/mpaka && $2"; then
        printf 'fresh  %-40s %5d s  met\n' "$1" "$((SECONDS - begun))"
    else
        printf 'fresh  %-40s %5d s  NOT MET\n' "$1" "$((SECONDS - begun))"
        failed=1
    fi
}
follow "bash host/demo.sh" "MPAKA_DEMO_EXIT=1 bash host/demo.sh"
[ -n "$demo" ] || follow "bash tests/run.sh" "bash tests/run.sh $(printf '%q ' "$@")"
exit "$failed"
