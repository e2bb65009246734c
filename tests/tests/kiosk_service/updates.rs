//! The installer's units under the same systemd: asked by a file in memory, shut in, and still able to install a package
//! and to take it back. A script stands in for the programs; the packages have the scripts that the house gives them.

use super::{PATIENCE, Started, apart, can_start};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What stands in for the appliance.
const APPLIANCE: &str = r#"#!/bin/sh
case "$*" in
*doctor*) id -un ;;
*serve*) systemd-notify --ready && exec sleep infinity ;;
*) echo @VERSION@ ;;
esac
"#;

/// What stands in for the installer: all that it asks of the machine, and some things that it must not get.
const INSTALLER: &str = r#"#!/bin/sh
exec >/var/lib/mpaka-update/log 2>&1
version() { dpkg-query --show '--showformat=${Version}' mpaka-post; }
install() { dpkg --force-confold --force-downgrade --install "$1" || echo "failed: $1"; }
echo "before: $(version) $(setpriv --reuid=mpaka --regid=mpaka --init-groups /usr/bin/mpaka doctor)"
install /srv/updates/second.deb
systemctl try-restart mpaka.service || echo "failed: restart"
echo "after: $(version) $(/usr/bin/mpaka version) $(systemctl is-active mpaka.service)"
install /srv/updates/first.deb
echo "back: $(version)"
for closed in /root/x /boot/x /opt/x; do touch "$closed" && echo "open: $closed"; done
echo "links: $(cut -s -d: -f1 /proc/net/dev | tr -d ' ')"
touch /var/lib/mpaka-update/done
"#;

fn house(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Builds a package of this version, with the stand-in and the house's own scripts in it.
fn package(folder: &Path, version: &str, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    let tree = folder.join(version);
    let put = |path: &str, text: &str, mode: u32| {
        let path = tree.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    put(
        "usr/bin/mpaka",
        &APPLIANCE.replace("@VERSION@", version),
        0o755,
    );
    let users = std::fs::read_to_string(house("host/package/mpaka-post/sysusers")).unwrap();
    put("usr/lib/sysusers.d/mpaka-post.conf", &users, 0o644);
    let control = format!(
        "Package: mpaka-post\nVersion: {version}\nArchitecture: all\n\
         Maintainer: The Mpaka maintainers <maintainers@mpaka.example>\nDescription: stands in\n"
    );
    put("DEBIAN/control", &control, 0o644);
    for script in ["postinst", "prerm", "postrm"] {
        let text = std::fs::read_to_string(house("host/package/scripts").join(script)).unwrap();
        let text = text
            .replace("@PACKAGE@", "mpaka-post")
            .replace("@USER@", "mpaka")
            .replace("@STATE@", "/var/lib/mpaka")
            .replace("@UNITS@", "mpaka.service")
            .replace("@INSTALLER@", "mpaka-update.path mpaka-update.service");
        put(&format!("DEBIAN/{script}"), &text, 0o755);
    }
    let built = Command::new("dpkg-deb")
        .args(["--root-owner-group", "-Znone", "--build"])
        .arg(&tree)
        .arg(folder.join(name))
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
}

#[test]
fn the_installer_is_asked_by_a_file_and_does_what_dpkg_asks_and_no_more() {
    let there = Command::new("dpkg-deb").arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: dpkg-deb is not on this machine");
        return;
    }
    let Some(group) = can_start() else { return };
    let place = tempfile::tempdir().unwrap();
    let (room, folder) = (place.path().join("room"), place.path().join("updates"));
    std::fs::create_dir(&room).unwrap();
    std::fs::create_dir(&folder).unwrap();
    package(&folder, "0.1.0-1", "first.deb");
    package(&folder, "0.2.0-1", "second.deb");
    std::fs::write(folder.join("update.sh"), INSTALLER).unwrap();
    for unit in ["mpaka.service", "mpaka-update.service", "mpaka-update.path"] {
        std::fs::copy(house("host/post/kiosk").join(unit), folder.join(unit)).unwrap();
    }
    let mut command = apart(&group.0);
    command.arg("updates").arg(&room).arg(&folder);
    let running = Started(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let wait_for = |what: &str, words: &[&str]| {
        let begun = Instant::now();
        while running.first().is_none() || !running.within(words).status.success() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    for unit in ["mpaka.service", "mpaka-update.path"] {
        wait_for(unit, &["systemctl", "is-active", "--quiet", unit]);
    }
    let untouched = running.within(&["test", "-e", "/var/lib/mpaka-update/log"]);
    assert!(!untouched.status.success(), "nobody has asked yet");

    // As the appliance asks.
    let ask = "echo now >/run/mpaka/update-asked";
    let asked = [
        "setpriv",
        "--reuid=mpaka",
        "--regid=mpaka",
        "--clear-groups",
        "sh",
        "-c",
        ask,
    ];
    assert!(running.within(&asked).status.success());
    wait_for(
        "the installer",
        &["test", "-e", "/var/lib/mpaka-update/done"],
    );
    let log = running.within(&["cat", "/var/lib/mpaka-update/log"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    for line in [
        "before: 0.1.0-1 mpaka",
        "after: 0.2.0-1 0.2.0-1 active",
        "back: 0.1.0-1",
        "links: lo",
    ] {
        assert!(log.lines().any(|said| said == line), "{line}: {log}");
    }
    assert!(!log.contains("failed:") && !log.contains("open:"), "{log}");
}
