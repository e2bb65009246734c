//! The real side of the door: dpkg and systemd.

use super::machine::{Asks, Health, Machine, MachineError, Serving, StoreLayouts};
use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The appliance's service.
const SERVICE: &str = "mpaka.service";
/// The appliance's user: its doctor is asked as that one, so that it leaves no file of root's.
const USER: &str = "mpaka";
/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(3);
/// So often is dpkg asked while another has its lock (`unattended-upgrades`, an administrator): two minutes.
const ASKED_WHILE_LOCKED: usize = 40;
/// What dpkg says then.
const LOCKED_BY_ANOTHER: &str = "locked by another process";
/// What the doctor says of the weather, so to speak: no program is why. The board the installer may not open (its
/// devices are closed to it); whether a program can, shows in whether the desk comes up.
const NO_PROGRAMS: [&str; 8] = [
    "board",
    "clock",
    "power",
    "temperature",
    "disk",
    "disk wear",
    "lease",
    "salvage",
];

/// This machine, by Debian's tools.
#[derive(Debug)]
pub struct Debian {
    state: PathBuf,
    /// The appliance's process, as it was seen last.
    seen: Option<u32>,
}

/// A line of the doctor's.
#[derive(Deserialize)]
struct Part {
    part: String,
    outcome: rules::Outcome,
    /// Said of what no program is why.
    because: Option<String>,
}

impl Debian {
    /// With the appliance's state folder, for its doctor.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        Self {
            state: state.to_owned(),
            seen: None,
        }
    }

    /// The parts that the doctor of the installed program finds wrong; `None` where it does not answer.
    fn faults(&self) -> Option<BTreeSet<String>> {
        let user = format!("--reuid={USER}");
        let group = format!("--regid={USER}");
        let output = Command::new("timeout")
            .args(["--kill-after=10", "120"])
            .args(["setpriv", &user, &group, "--init-groups"])
            .args(["/usr/bin/mpaka", "--json", "--state"])
            .arg(&self.state)
            .arg("doctor")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())?;
        faults_in(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The faults among the doctor's lines; `None` where there is no line, or one that is none of its.
fn faults_in(said: &str) -> Option<BTreeSet<String>> {
    let parts: Vec<Part> = said
        .lines()
        .map(|line| serde_json::from_str(line).ok())
        .collect::<Option<_>>()?;
    let wrong = parts
        .iter()
        .filter(|p| p.outcome == rules::Outcome::Failed && p.because.is_none())
        .filter(|p| !NO_PROGRAMS.contains(&p.part.as_str()));
    (!parts.is_empty()).then(|| wrong.map(|p| p.part.clone()).collect())
}

/// A field of a package's own words; empty where it has none of that name.
fn field(package: &Path, name: &str) -> Result<String, MachineError> {
    let mut command = Command::new("dpkg-deb");
    let said = done("dpkg-deb", command.arg("--field").arg(package).arg(name))?;
    Ok(said.trim().to_owned())
}

/// Runs a tool to its end; an error where it cannot be started.
fn ran(tool: &'static str, command: &mut Command) -> Result<Output, MachineError> {
    command
        .stdin(Stdio::null())
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .map_err(|e| MachineError {
            tool,
            said: e.to_string(),
        })
}

/// The same, where it must succeed; what it says.
fn done(tool: &'static str, command: &mut Command) -> Result<String, MachineError> {
    let output = ran(tool, command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = said.lines().rev().take(5).collect();
    Err(MachineError {
        tool,
        said: last.into_iter().rev().collect::<Vec<_>>().join("; "),
    })
}

impl Machine for Debian {
    fn installed(&mut self) -> Result<BTreeMap<Package, Version>, MachineError> {
        const FORMAT: &str = "--showformat=${db:Status-Status} ${Package} ${Version}\\n";
        let names = Package::ALL.map(Package::as_str);
        // It fails where one of them is not known, and has said the others then.
        let output = ran(
            "dpkg-query",
            Command::new("dpkg-query")
                .args(["--show", FORMAT])
                .args(names),
        )?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(said.lines().filter_map(installed_in).collect())
    }

    fn architecture(&mut self) -> Result<Architecture, MachineError> {
        let tool = "dpkg";
        let said = done(tool, Command::new(tool).arg("--print-architecture"))?;
        Architecture::of(said.trim()).ok_or_else(|| MachineError {
            tool,
            said: format!("{} is an architecture without packages", said.trim()),
        })
    }

    fn says(&mut self, package: &Path) -> Result<Option<SoftwareFile>, MachineError> {
        let (name, version) = (field(package, "Package")?, field(package, "Version")?);
        let architecture = field(package, "Architecture")?;
        Ok(SoftwareFile::of_name(&format!(
            "{name}_{version}_{architecture}.deb"
        )))
    }

    fn asks(&mut self, package: &Path) -> Result<Asks, MachineError> {
        // In KiB (Debian policy 5.6.20); host/package.sh always says it.
        let size: u64 = field(package, "Installed-Size")?.parse().unwrap_or(0);
        let reads: Option<u16> = field(package, "Mpaka-Store-Reads")?.parse().ok();
        let writes: Option<u16> = field(package, "Mpaka-Store-Writes")?.parse().ok();
        Ok(Asks {
            unpacked_bytes: size.saturating_mul(1024),
            store: reads
                .zip(writes)
                .map(|(reads, writes)| StoreLayouts { reads, writes }),
        })
    }

    fn free_bytes(&mut self, folder: &Path) -> Result<u64, MachineError> {
        match rustix::fs::statvfs(folder) {
            Ok(about) => Ok(about.f_bavail.saturating_mul(about.f_frsize)),
            Err(e) => Err(MachineError {
                tool: "statvfs",
                said: format!("{}: {e}", folder.display()),
            }),
        }
    }

    fn install(&mut self, packages: &[PathBuf]) -> Result<(), MachineError> {
        // What an administrator changed in /etc stays; a version that comes back is older.
        let words = ["--force-confold", "--force-downgrade", "--install"];
        let mut asked = 1;
        loop {
            let installed = done("dpkg", Command::new("dpkg").args(words).args(packages));
            match installed {
                // The package has done nothing wrong, and nothing has been changed.
                Err(e) if e.said.contains(LOCKED_BY_ANOTHER) && asked < ASKED_WHILE_LOCKED => {
                    asked += 1;
                    self.wait();
                }
                installed => return installed.map(drop),
            }
        }
    }

    fn restart(&mut self) -> Result<(), MachineError> {
        // It waits until the desk answers, and not for ever.
        let words = [
            "--kill-after=10",
            "120",
            "systemctl",
            "try-restart",
            SERVICE,
        ];
        done("systemctl", Command::new("timeout").args(words)).map(drop)
    }

    fn health(&mut self) -> Health {
        let words = ["show", "--property=ActiveState,MainPID", SERVICE];
        // Where systemd does not say, it does not serve.
        let said = done("systemctl", Command::new("systemctl").args(words)).unwrap_or_default();
        Health {
            serving: steady(&mut self.seen, process_in(&said)),
            faults: self.faults(),
        }
    }

    fn wait(&mut self) {
        std::thread::sleep(BETWEEN);
    }
}

/// The process of a service that has said that it is ready, by systemctl's lines.
fn process_in(said: &str) -> Option<u32> {
    let value = |name: &str| {
        let mut lines = said.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    };
    let process: u32 = value("MainPID")?.parse().ok()?;
    (value("ActiveState") == Some("active") && process != 0).then_some(process)
}

/// Whether the appliance serves by the same process as at the look before: one that falls over and is started anew,
/// again and again, is up at most looks.
fn steady(seen: &mut Option<u32>, process: Option<u32>) -> Serving {
    let Some(process) = process else {
        return Serving::Down;
    };
    match seen.replace(process) {
        Some(before) if before != process => Serving::Down,
        _ => Serving::Up,
    }
}

/// A package that is installed whole, by a line of dpkg-query's.
fn installed_in(line: &str) -> Option<(Package, Version)> {
    let mut words = line.split_whitespace();
    let (status, name, version) = (words.next()?, words.next()?, words.next()?);
    let package = Package::ALL.into_iter().find(|p| p.as_str() == name)?;
    (status == "installed").then_some((package, version.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_dpkg_says_is_read() {
        let version = "0.1.0-1".parse().unwrap();
        let line = "installed mpaka-post 0.1.0-1";
        assert_eq!(installed_in(line), Some((Package::Post, version)));
        for other in [
            "half-installed mpaka-post 0.1.0-1",
            "not-installed mpaka-kiosk ",
            "installed chromium 1:2.3-4",
            "",
        ] {
            assert_eq!(installed_in(other), None, "{other:?}");
        }
    }

    #[test]
    fn one_that_is_started_anew_again_and_again_does_not_serve() {
        assert_eq!(process_in("MainPID=77\nActiveState=active\n"), Some(77));
        for down in [
            "ActiveState=activating\nMainPID=77\n",
            "ActiveState=failed\nMainPID=0\n",
            "ActiveState=active\nMainPID=0\n",
            "ActiveState=active\n",
            "",
        ] {
            assert_eq!(process_in(down), None, "{down:?}");
        }
        let mut seen = None;
        let looks = [
            (Some(1), Serving::Up),
            (Some(1), Serving::Up),
            // The next program: it counts from the second look on.
            (Some(2), Serving::Down),
            (Some(2), Serving::Up),
            (None, Serving::Down),
            (Some(3), Serving::Down),
            (Some(4), Serving::Down),
            (Some(4), Serving::Up),
        ];
        for (process, serving) in looks {
            assert_eq!(steady(&mut seen, process), serving, "{process:?}");
        }
    }

    #[test]
    fn the_doctors_lines_name_what_a_program_can_break() {
        let line = |part: &str, outcome: &str| {
            format!(
                r#"{{"part":"{part}","kind":"real","outcome":"{outcome}","detail":"","do":""}}"#
            )
        };
        let said = [
            line("clock", "Failed"),
            line("board", "Failed"),
            line("zone reader", "Failed"),
            line("ledger", "Successful"),
            line("lease", "NotSupported"),
            r#"{"part":"calibration","outcome":"Failed","because":"circumstances"}"#.to_owned(),
        ];
        let faults = faults_in(&said.join("\n")).unwrap();
        assert_eq!(faults, ["zone reader".to_owned()].into());
        assert_eq!(
            faults_in(&line("ledger", "Successful")),
            Some(BTreeSet::new())
        );
        assert_eq!(faults_in(""), None);
        assert_eq!(faults_in("Segmentation fault"), None);
    }
}
