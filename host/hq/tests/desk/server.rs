//! A PostgreSQL server of one's own, in a temporary folder, reached through its socket alone.
#![allow(dead_code, reason = "each program uses its part")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) struct Postgres {
    folder: TempDir,
    child: Child,
}

/// Where Debian keeps the programs of a server.
fn programs() -> Option<PathBuf> {
    let debian = (13..=17)
        .rev()
        .map(|v| format!("/usr/lib/postgresql/{v}/bin"));
    debian
        .map(PathBuf::from)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// A server refuses to run as root: then it runs as the user that its package made.
fn command(program: &Path) -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|about| {
        use std::os::unix::fs::MetadataExt;
        about.uid() == 0
    });
    let mut command = match root {
        true => {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        }
        false => Command::new(program),
    };
    command
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

impl Postgres {
    /// Starts one, with the care of a real one: nothing is taken off its syncs. `None`, said aloud, where no
    /// server is installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: PostgreSQL is not installed (apt-get install postgresql)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // The server's user has to reach it.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.path().join("data");
        let made = command(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args([
                "-A",
                "trust",
                "-U",
                "mpaka",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ])
            .status()
            .unwrap();
        assert!(made.success(), "initdb");
        let child = command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args([
                "-h",
                "",
                "-p",
                "5432",
                "-c",
                "shared_buffers=256MB",
                "-c",
                "max_wal_size=4GB",
            ])
            .spawn()
            .unwrap();
        let started = Self { folder, child };
        let socket = started.folder.path().join(".s.PGSQL.5432");
        for _ in 0..600 {
            if socket.exists() && started.asks("SELECT 1") {
                return Some(started);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL did not start");
    }

    /// The address of its one database.
    pub(crate) fn url(&self) -> String {
        let socket = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://mpaka@{socket}:5432/postgres")
    }

    /// Processor time that the server and its children have used.
    pub(crate) fn cpu(&self) -> Duration {
        let file = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid"));
        let server: u32 = file.unwrap().lines().next().unwrap().parse().unwrap();
        let children = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            (parent_of(pid)? == server).then_some(pid)
        });
        cpu_of(server) + children.map(cpu_of).sum::<Duration>()
    }

    /// Whether a statement is carried out.
    pub(crate) fn asks(&self, statement: &str) -> bool {
        let asked = Command::new(programs().unwrap().join("psql"))
            .args(["-U", "mpaka", "-h"])
            .arg(self.folder.path())
            .args(["-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    }

    /// What a statement answers, one line a row.
    pub(crate) fn answer(&self, statement: &str) -> String {
        let asked = Command::new(programs().unwrap().join("psql"))
            .args(["-U", "mpaka", "-h"])
            .arg(self.folder.path())
            .args(["-d", "postgres", "-At", "-c", statement])
            .output()
            .unwrap();
        String::from_utf8(asked.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // At once and without children left: what it holds is thrown away.
        let server = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid"));
        if let Some(pid) = server.ok().and_then(|s| Some(s.lines().next()?.to_owned())) {
            let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        }
        let _ = self.child.wait();
    }
}

/// What /proc says of a process, after its name.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let rest = text.rsplit_once(") ")?.1;
    Some(
        rest.split(' ')
            .skip(1)
            .map(|field| field.parse().unwrap_or(0))
            .collect(),
    )
}

fn parent_of(pid: u32) -> Option<u32> {
    u32::try_from(*stat(pid)?.first()?).ok()
}

/// Processor time that a process has used, and those of its children that have ended.
pub(crate) fn cpu_of(pid: u32) -> Duration {
    // Fields 14 to 17 of proc(5), in hundredths of a second.
    let ticks: u64 = stat(pid).map_or(0, |fields| fields[10..14].iter().sum());
    Duration::from_millis(ticks * 10)
}
