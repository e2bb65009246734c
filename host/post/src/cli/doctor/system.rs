//! The computer under the appliance, as Linux tells of it: power, temperature, wear of the disk, the clock, keys.
//!
//! Every reading is a file of the kernel's; a machine that has none of a kind (a laptop without a supply sensor)
//! is `NotSupported` there, which is no fault.

use super::PartObject;
use crate::state::StateDir;
use jiff::Timestamp;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Before this moment no program of this age can run: the clock has lost the time.
const PROGRAM_MADE: &str = "2026-01-01T00:00:00Z";
/// Below this much free space the box should be looked after, in bytes.
const FREE_SPACE_WARNING_BYTES: u64 = 512 << 20;
/// From here on a Raspberry Pi slows down (80 °C is its own limit), thousandths of a degree.
const HOT_MILLIDEGREES: i64 = 78_000;
/// A card whose life is used up so far (JEDEC JESD84-B51, EXT_CSD 268 and 269: steps of ten per cent) is replaced.
const WORN_STEP: u64 = 9;

/// Where the kernel's files are: the root, and in tests a folder laid out like it.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    root: PathBuf,
}

impl Machine {
    pub(super) fn this() -> Self {
        Self { root: "/".into() }
    }

    #[cfg(test)]
    fn at(root: &Path) -> Self {
        Self { root: root.into() }
    }

    fn read(&self, path: impl AsRef<Path>) -> Option<String> {
        std::fs::read_to_string(self.root.join(path))
            .ok()
            .map(|t| t.trim().to_owned())
    }

    /// The folders of a class of devices.
    fn class(&self, folder: &str, prefix: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.root.join(folder)) else {
            return Vec::new();
        };
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with(prefix))
            .map(|e| Path::new(folder).join(e.file_name()))
            .collect();
        found.sort();
        found
    }

    /// The supply and what the firmware has done about it (bits of `get_throttled` as Raspberry Pi documents them).
    pub(super) fn power(&self) -> PartObject {
        const PART: &str = "power";
        let supply = "a supply of 5 V and 5 A, a short thick cable; then restart";
        let Some(bits) = self.throttled() else {
            return match self.undervoltage() {
                Some(true) => PartObject::wrong(PART, "the supply is too weak now", supply),
                Some(false) => PartObject::fine(PART, "strong enough now"),
                None => PartObject::absent(PART, "this machine does not tell of its supply"),
            };
        };
        let is = |bit: u32| bits & (1 << bit) != 0;
        if is(0) {
            PartObject::wrong(PART, "the supply is too weak now", supply)
        } else if is(2) || is(1) {
            PartObject::wrong(
                PART,
                "the processor is slowed down now",
                "check supply and fan",
            )
        } else if is(16) {
            PartObject::wrong(PART, "the supply was too weak since the last start", supply)
        } else if is(18) || is(17) {
            PartObject::wrong(
                PART,
                "the processor was slowed down since the last start",
                "check the fan; keep the box out of the sun",
            )
        } else {
            PartObject::fine(PART, "strong enough, never slowed down")
        }
    }

    /// What the firmware tells: `soc/soc:firmware` on a Pi up to 4, `soc@107c000000/soc@107c000000:firmware` on a 5.
    fn throttled(&self) -> Option<u32> {
        let chips = self.class("sys/devices/platform", "soc");
        let parts = chips
            .iter()
            .flat_map(|chip| self.class(&chip.to_string_lossy(), "soc"));
        let mut told = parts.filter_map(|part| self.read(part.join("get_throttled")));
        told.find_map(|t| u32::from_str_radix(t.trim_start_matches("0x"), 16).ok())
    }

    /// Whether the supply is too weak, where the kernel watches it alone (driver raspberrypi-hwmon): newer ones have no
    /// `get_throttled`.
    fn undervoltage(&self) -> Option<bool> {
        let mut watched = self.class("sys/class/hwmon", "hwmon").into_iter();
        let supply =
            watched.find(|of| self.read(of.join("name")).as_deref() == Some("rpi_volt"))?;
        match self.read(supply.join("in0_lcrit_alarm"))?.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        }
    }

    /// The hottest sensor.
    pub(super) fn temperature(&self) -> PartObject {
        const PART: &str = "temperature";
        let zones = self.class("sys/class/thermal", "thermal_zone");
        let hottest = zones
            .iter()
            .filter_map(|zone| self.read(zone.join("temp"))?.parse::<i64>().ok())
            .max();
        match hottest {
            None => PartObject::absent(PART, "this machine has no sensor"),
            Some(t) if t >= HOT_MILLIDEGREES => PartObject::wrong(
                PART,
                format!("{} °C", t / 1000),
                "check the fan and its filter; keep the box out of the sun",
            ),
            Some(t) => PartObject::fine(PART, format!("{} °C", t / 1000)),
        }
    }

    /// How far the card's life is used up.
    pub(super) fn wear(&self) -> PartObject {
        const PART: &str = "disk wear";
        let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
        let mut told = Vec::new();
        let mut worn = false;
        for card in self.class("sys/class/mmc_host", "mmc") {
            for device in self.class(&card.to_string_lossy(), "mmc") {
                let Some(life) = self.read(device.join("life_time")) else {
                    continue;
                };
                let step = life.split_whitespace().filter_map(hex).max().unwrap_or(0);
                // 1 normal, 2 most of the reserve used, 3 nearly all.
                let reserve = self
                    .read(device.join("pre_eol_info"))
                    .and_then(|t| hex(&t))
                    .unwrap_or(0);
                worn |= step >= WORN_STEP || reserve >= 2;
                let name = device.file_name().unwrap_or_default().to_string_lossy();
                told.push(match step {
                    0 => format!("{name}: does not tell"),
                    step => format!("{name}: up to {} % used", step * 10),
                });
            }
        }
        if told.is_empty() {
            PartObject::absent(PART, "no card here tells its age")
        } else if worn {
            PartObject::wrong(
                PART,
                told.join(", "),
                "replace the card soon: send what waits, then enrol the box on a new one",
            )
        } else {
            PartObject::fine(PART, told.join(", "))
        }
    }

    /// The system's clock, and whether anybody keeps it right.
    pub(super) fn clock(&self, now: Timestamp) -> PartObject {
        const PART: &str = "clock";
        if has_lost_the_time(now) {
            return PartObject::wrong(
                PART,
                now.to_string(),
                "set the time; check the clock's battery",
            );
        }
        let kept = if self.root.join("run/systemd/timesync/synchronized").exists() {
            "kept by the network"
        } else {
            "not kept by the network"
        };
        PartObject::fine(PART, format!("{now}, {kept}"))
    }
}

/// Whether the system's clock has lost the time.
pub(super) fn has_lost_the_time(now: Timestamp) -> bool {
    now < PROGRAM_MADE
        .parse::<Timestamp>()
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The space that is left where the state is.
pub(super) fn space(state: &StateDir) -> PartObject {
    // An absent folder is judged by where it would be made.
    let there = state.root().ancestors().find(|p| p.exists());
    match there.map(rustix::fs::statvfs) {
        Some(Ok(about)) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let detail = format!("{} MiB free", free >> 20);
            if free < FREE_SPACE_WARNING_BYTES {
                PartObject::wrong(
                    "disk",
                    detail,
                    "free some space, or replace the card by a larger one",
                )
            } else {
                PartObject::fine("disk", detail)
            }
        }
        Some(Err(e)) => PartObject::wrong("disk", e.to_string(), "check the card"),
        None => PartObject::wrong("disk", "there is no state folder", "give --state DIR"),
    }
}

/// Whether the box's keys are its owner's alone.
pub(super) fn keys(state: &StateDir) -> PartObject {
    const PART: &str = "key seal";
    let mut told = Vec::new();
    for path in [state.device_key(), state.store_key()] {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match std::fs::metadata(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return PartObject::wrong(PART, format!("{name} is absent"), "mpaka enrol");
            }
            Err(e) => return PartObject::wrong(PART, format!("{name}: {e}"), "check the disk"),
            Ok(about) if about.permissions().mode() & 0o077 != 0 => {
                return PartObject::wrong(
                    PART,
                    format!("{name} may be read by others"),
                    format!(
                        "somebody may have copied it: tell headquarters, enrol the box anew; until then chmod 600 {}",
                        path.display()
                    ),
                );
            }
            Ok(_) => told.push(name),
        }
    }
    PartObject::fine(
        PART,
        format!("{} are the owner's alone", told.join(" and ")),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rules::Outcome;

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let machine = Machine::at(root.path());
        (root, machine)
    }

    #[test]
    fn a_machine_that_tells_nothing_is_no_faulty_machine() {
        let (_root, machine) = machine(&[]);
        for part in [machine.power(), machine.temperature(), machine.wear()] {
            assert_eq!(part.outcome, Outcome::NotSupported, "{part:?}");
        }
    }

    #[test]
    fn a_weak_supply_is_told_now_and_afterwards() {
        let file = "sys/devices/platform/soc/soc:firmware/get_throttled";
        for (bits, outcome, word) in [
            ("0x0\n", Outcome::Successful, "strong"),
            ("50005", Outcome::Failed, "too weak now"),
            ("0x50000", Outcome::Failed, "was too weak"),
            ("0x4", Outcome::Failed, "slowed down now"),
            ("0x40000", Outcome::Failed, "was slowed down"),
            ("nonsense", Outcome::NotSupported, "does not tell"),
        ] {
            let (_root, machine) = machine(&[(file, bits)]);
            let part = machine.power();
            assert_eq!(part.outcome, outcome, "{bits}");
            assert!(part.detail.contains(word), "{bits}: {}", part.detail);
        }
    }

    #[test]
    fn a_newer_machine_tells_of_its_supply_elsewhere() {
        let pi_5 = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled";
        let (_root, newer) = machine(&[(pi_5, "50005")]);
        assert!(newer.power().detail.contains("too weak now"));
        for (alarm, outcome) in [
            ("0\n", Outcome::Successful),
            ("1\n", Outcome::Failed),
            ("?", Outcome::NotSupported),
        ] {
            let (_root, watched) = machine(&[
                ("sys/class/hwmon/hwmon0/name", "cpu_thermal\n"),
                ("sys/class/hwmon/hwmon2/name", "rpi_volt\n"),
                ("sys/class/hwmon/hwmon2/in0_lcrit_alarm", alarm),
            ]);
            assert_eq!(watched.power().outcome, outcome, "{alarm}");
        }
    }

    #[test]
    fn heat_and_wear_have_limits() {
        let (_root, cool) = machine(&[("sys/class/thermal/thermal_zone0/temp", "61234\n")]);
        assert_eq!(cool.temperature().detail, "61 °C");
        let (_root, hot) = machine(&[
            ("sys/class/thermal/thermal_zone0/temp", "41000"),
            ("sys/class/thermal/thermal_zone1/temp", "82000"),
        ]);
        assert_eq!(hot.temperature().outcome, Outcome::Failed);
        let card = |life: &str, reserve: &str| {
            let folder = "sys/class/mmc_host/mmc0/mmc0:0001";
            machine(&[
                (&format!("{folder}/life_time"), life),
                (&format!("{folder}/pre_eol_info"), reserve),
            ])
        };
        let (_root, young) = card("0x01 0x02", "0x01");
        assert_eq!(young.wear().detail, "mmc0:0001: up to 20 % used");
        assert_eq!(young.wear().outcome, Outcome::Successful);
        let (_root, worn) = card("0x0a 0x01", "0x01");
        assert_eq!(worn.wear().outcome, Outcome::Failed);
        let (_root, reserve) = card("0x01 0x01", "0x02");
        assert_eq!(reserve.wear().outcome, Outcome::Failed);
    }

    #[test]
    fn a_clock_before_the_program_was_made_is_wrong() {
        let (_root, machine) = machine(&[]);
        let past = "1970-01-02T00:00:00Z".parse().unwrap();
        assert_eq!(machine.clock(past).outcome, Outcome::Failed);
        assert!(has_lost_the_time(past));
        let now = "2026-11-29T00:00:00Z".parse().unwrap();
        assert!(!has_lost_the_time(now));
        assert!(machine.clock(now).detail.contains("not kept"));
    }

    #[test]
    fn keys_that_others_may_read_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path());
        assert_eq!(keys(&state).outcome, Outcome::Failed, "absent");
        for path in [state.device_key(), state.store_key()] {
            std::fs::write(&path, "x").unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        assert_eq!(keys(&state).outcome, Outcome::Successful);
        std::fs::set_permissions(state.store_key(), PermissionsExt::from_mode(0o640)).unwrap();
        let part = keys(&state);
        assert_eq!(part.outcome, Outcome::Failed);
        assert!(part.remedy.contains("headquarters"));
    }
}
