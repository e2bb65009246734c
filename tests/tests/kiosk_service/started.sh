#!/usr/bin/env bash
# The appliance's unit under a systemd of its own: process 1 of new namespaces, on a copy-on-write view of this
# machine's files, with our units and no other. Nothing of it is left behind.
#   started.sh probe          whether this machine lets us (exit 0)
#   started.sh ROOM PORT MPAKA UNIT HQ-PUBLIC ROOT-JSON PIN
#   started.sh updates ROOM FOLDER    the installer of updates: FOLDER has the units, packages (first.deb is installed),
#                                     and what stands in for the installer's program (update.sh)
set -euo pipefail
view() { # of the machine's files, in $1
    mount --make-rprivate /
    mount -t tmpfs tmpfs "$1"
    mkdir "$1/above" "$1/work" "$1/view"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/above,workdir=$1/work" "$1/view"
    view=$1/view
    mount -t proc proc "$view/proc"
    mount --rbind /dev "$view/dev"
    mount -t tmpfs tmpfs "$view/run"
    mount -t sysfs sysfs "$view/sys"
    mount -t tmpfs cgroups "$view/sys/fs/cgroup"
    mount -t cgroup2 none "$view/sys/fs/cgroup"
}
within() { chroot "$view" "$@"; }
# The folder of units, with those in it that every other begins from.
begin() {
    units=$view/run/units
    mkdir -p "$units/mpaka.service.d" "$view/run/systemd"
    for name in sysinit.target basic.target shutdown.target network.target umount.target local-fs.target paths.target; do
        printf '[Unit]\nDefaultDependencies=no\n' >"$units/$name"
    done
    printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep infinity\n' >"$units/pcscd.service"
}
# Becomes process 1 there, and starts what it is given.
start() {
    printf '[Unit]\nDefaultDependencies=no\nWants=%s\n' "$*" >"$units/desk.target"
    mkdir "$view/before"
    cd "$view"
    pivot_root . before
    umount --lazy /before
    exec env -i container=mpaka PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/run/units \
        /lib/systemd/systemd --system --unit=desk.target --log-target=console --show-status=no
}
if [ "$1" = probe ]; then
    view "$2"
    exit
fi
if [ "$1" = updates ]; then
    view "$2"
    begin
    cp -a "$3" "$view/srv/updates"
    install -D -m 755 "$3/update.sh" "$view/usr/lib/mpaka/update.sh"
    within dpkg --install /srv/updates/first.deb
    install -m 644 "$3"/*.service "$3"/*.path "$units/"
    # What stands in for the appliance says by another program that it is ready, and nothing after that.
    printf '[Service]\nNotifyAccess=all\nWatchdogSec=0\n' >"$units/mpaka.service.d/patience.conf"
    mkdir "$view/var/lib/mpaka-update"
    echo '{}' >"$view/var/lib/mpaka-update/root.json"
    start mpaka.service mpaka-update.path
fi
room=$1 port=$2 mpaka=$3 unit=$4 public=$5 root=$6 pin=$7
view "$room"
begin
for group in gpio i2c spi plugdev; do within groupadd --system --force "$group"; done
within useradd --system --home-dir /var/lib/mpaka --shell /usr/sbin/nologin mpaka
touch "$view/usr/bin/mpaka"
mount --bind "$mpaka" "$view/usr/bin/mpaka"
mkdir -p "$view/etc/mpaka" "$view/srv/mpaka"
install -m 644 "$public" "$root" "$view/srv/mpaka/"
within install -d -m 700 -o mpaka -g mpaka /var/lib/mpaka
as_service() { within /usr/sbin/runuser -u mpaka -- mpaka --state /var/lib/mpaka "$@"; }
as_service enrol --post NAMANGA-1 --hq-public "/srv/mpaka/$(basename "$public")" --root "/srv/mpaka/$(basename "$root")"
printf '%s\n' "$pin" | as_service officer add --id a.officer --pin-stdin
echo "MPAKA_SERVE=--listen 127.0.0.1:$port" >"$view/etc/mpaka/post.env"
install -m 644 "$unit" "$units/mpaka.service"
# As the unit is, but for a shorter patience.
printf '[Service]\nWatchdogSec=12\n' >"$units/mpaka.service.d/patience.conf"
start mpaka.service
