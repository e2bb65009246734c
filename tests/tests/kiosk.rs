//! The services' units, as far as they can be proven without starting a machine by them; the kiosk's rules.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn kiosk() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/post/kiosk")
}

/// Every unit that the packages bring, and how exposed it may be, in tenths of systemd's exposure level: 0 is the
/// best, 100 the worst.
const UNITS: [(&str, &str); 5] = [
    ("mpaka.service", "18"),
    ("mpaka-kiosk.service", "25"),
    ("mpaka-update.service", "25"),
    ("mpaka-hq.service", "12"),
    ("mpaka-hq-receive.service", "12"),
];

/// The units in a folder of their own, with programs that are on every machine.
fn units() -> Option<tempfile::TempDir> {
    let there = Command::new("systemd-analyze").arg("--version").output();
    if !there.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: systemd-analyze is not on this machine");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in UNITS {
        let home = match name.contains("-hq") {
            true => kiosk().join("../../hq/units"),
            false => kiosk(),
        };
        let unit = std::fs::read_to_string(home.join(name)).unwrap();
        let unit = unit
            .replace("/usr/bin/mpaka ", "/bin/true ")
            .replace("/usr/bin/mpaka-hq ", "/bin/true ")
            .replace("/usr/bin/cage ", "/bin/true ")
            .replace("/usr/lib/mpaka/update.sh", "/bin/true");
        std::fs::write(folder.path().join(name), unit).unwrap();
    }
    Some(folder)
}

#[test]
fn the_units_are_well_formed() {
    let Some(units) = units() else { return };
    let verified = Command::new("systemd-analyze")
        .arg("verify")
        .args(UNITS.map(|(unit, _)| format!("./{unit}")))
        .current_dir(units.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    // What other units of the machine lack is not these units' fault.
    let ours: Vec<_> = said.lines().filter(|l| l.contains("mpaka")).collect();
    assert!(ours.is_empty(), "{said}");
}

#[test]
fn the_units_are_shut_in() {
    let Some(units) = units() else { return };
    for (unit, most) in UNITS {
        let judged = Command::new("systemd-analyze")
            .args(["security", "--no-pager", "--offline=true", "--threshold"])
            .args([most, &format!("./{unit}")])
            .current_dir(units.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&judged.stdout);
        assert!(
            judged.status.success(),
            "{unit} is more exposed than {most}: {}",
            said.lines().last().unwrap_or_default()
        );
    }
}

#[test]
fn keys_can_be_sealed_and_unlocked_before_the_service_ever_ran() {
    let unit = std::fs::read_to_string(kiosk().join("mpaka.service")).unwrap();
    let word = |name: &str| {
        let mut lines = unit.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .unwrap()
            .to_owned()
    };
    // The folder that `mpaka keys` asks for is the service's own, made as the service would make it.
    let made = format!(
        "d /run/{} {} {} {} -",
        word("RuntimeDirectory"),
        word("RuntimeDirectoryMode"),
        word("User"),
        word("Group")
    );
    let package = kiosk().join("../../package/mpaka-post/tmpfiles");
    let at_boot = std::fs::read_to_string(package).unwrap();
    assert!(at_boot.lines().any(|line| line == made), "{made}");
    assert_eq!(word("RuntimeDirectoryPreserve"), "yes");
}

#[test]
fn an_update_under_way_is_gone_on_with_by_the_program_before() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let script = std::fs::read_to_string(kiosk().join("update.sh")).unwrap();
    let script = script
        .replace("/var/lib/mpaka-update", folder.path().to_str().unwrap())
        .replace("/usr/bin/mpaka", at("mpaka").to_str().unwrap());
    let program = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(at(name), format!("#!/bin/sh\necho {name} \"$@\"\n")).unwrap();
        let all = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(at(name), all).unwrap();
    };
    let started = || {
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    program("mpaka");
    assert_eq!(started(), "mpaka update apply\n");
    program("keeper");
    assert_eq!(started(), "mpaka update apply\n", "nothing is under way");
    std::fs::write(at("journal.json"), "{}").unwrap();
    assert_eq!(started(), "keeper update apply\n");
    std::fs::remove_file(at("keeper")).unwrap();
    assert_eq!(started(), "mpaka update apply\n");

    // Broken off in the middle it is gone on with; refused, it is not asked for again and again.
    let unit = std::fs::read_to_string(kiosk().join("mpaka-update.service")).unwrap();
    let word = "RestartPreventExitStatus=";
    let final_codes = unit.lines().find_map(|l| l.strip_prefix(word)).unwrap();
    let is_final = |code: i32| final_codes.split(' ').any(|c| c == code.to_string());
    assert!(unit.lines().any(|line| line == "Restart=on-failure"));
    std::fs::write(at("mpaka"), "#!/bin/sh\nexit 4\n").unwrap();
    let ended = || {
        let status = Command::new("sh").args(["-c", &script]).status().unwrap();
        status.code().unwrap()
    };
    let under_way = ended();
    assert!(under_way != 0 && !is_final(under_way), "{under_way}");
    std::fs::remove_file(at("journal.json")).unwrap();
    assert!(ended() == 4 && is_final(4));
}

#[test]
fn the_browsers_rules_allow_the_desk_alone() {
    let rules = std::fs::read(kiosk().join("chromium-policy.json")).unwrap();
    let rules: serde_json::Value = serde_json::from_slice(&rules).unwrap();
    assert_eq!(rules["URLBlocklist"], serde_json::json!(["*"]));
    assert_eq!(rules["URLAllowlist"], serde_json::json!(["127.0.0.1:8470"]));
    let shell = Command::new("sh")
        .arg("-n")
        .arg(kiosk().join("kiosk.sh"))
        .status()
        .unwrap();
    assert!(shell.success());
}
