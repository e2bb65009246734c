//! The appliance's unit under a real systemd: shut in as the unit says, ready when the desk answers, started anew
//! when it hangs, with the encounter that it had open offered again.
#![allow(clippy::unwrap_used, clippy::panic)]

mod updates;

use mpaka_tests::whole::{Headquarters, Programs};
use reqwest::blocking::Client;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PIN: &str = "246810";
/// The service manager gives a hung service twelve seconds here; a loaded machine may take longer to notice.
const PATIENCE: Duration = Duration::from_secs(90);

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kiosk_service/started.sh")
}

/// A command in namespaces of its own, and in a control group of its own; all of it ends with the command.
fn apart(group: &Path) -> Command {
    let mut command = Command::new("bash");
    let words = "echo $$ > \"$0/cgroup.procs\" && exec unshare --fork --kill-child --pid --mount --uts --ipc --cgroup -- \"$@\"";
    command
        .args(["-c", words])
        .arg(group)
        .arg("bash")
        .arg(here());
    command
}

/// A control group that goes with its value.
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Self> {
        let unified = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
            .into_iter()
            .find(|folder| Path::new(folder).join("cgroup.procs").is_file())?;
        let group = Path::new(unified).join(format!("mpaka-test-{}", std::process::id()));
        std::fs::create_dir(&group).ok()?;
        Some(Self(group))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What it held has just been killed, and takes a moment to be gone; its own groups go first.
        let begun = Instant::now();
        while !emptied(&self.0) && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn emptied(group: &Path) -> bool {
    for entry in std::fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            emptied(&entry.path());
        }
    }
    std::fs::remove_dir(group).is_ok()
}

/// Whether this machine has a systemd and lets us start it; said aloud where not.
fn can_start() -> Option<Group> {
    let skipped = |why: &str| {
        eprintln!("skipped: {why}");
        None
    };
    if !Path::new("/lib/systemd/systemd").is_file() {
        return skipped("systemd is not on this machine");
    }
    let Some(group) = Group::new() else {
        return skipped("no control group can be made here (root is needed)");
    };
    let room = tempfile::tempdir().unwrap();
    let probe = apart(&group.0).arg("probe").arg(room.path()).output();
    match probe {
        Ok(probe) if probe.status.success() => Some(group),
        Ok(probe) => skipped(&String::from_utf8_lossy(&probe.stderr)),
        Err(e) => skipped(&e.to_string()),
    }
}

/// What was started; it ends with its value, and all that it started with it.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Started {
    /// Process 1 of the new namespaces, once it is there.
    fn first(&self) -> Option<String> {
        let id = self.0.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        children.split_whitespace().next().map(str::to_owned)
    }

    /// A command within them.
    fn within(&self, words: &[&str]) -> Output {
        let first = self.first().unwrap();
        Command::new("nsenter")
            .args(["-t", &first, "-m", "-p", "-u", "-i", "-C", "--"])
            .args(words)
            .output()
            .unwrap()
    }
}

struct Service {
    running: Started,
    url: String,
    client: Client,
}

impl Service {
    fn within(&self, words: &[&str]) -> Output {
        self.running.within(words)
    }

    fn property(&self, name: &str) -> String {
        let said = self.within(&["systemctl", "show", "mpaka", "--value", "-p", name]);
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }

    fn answers(&self) -> bool {
        let asked = self.client.get(format!("{}/sign-in", self.url)).send();
        asked.is_ok_and(|answer| answer.status() == 200)
    }

    fn wait_for(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Signs in at the desk's door for scripts.
    fn token(&self) -> String {
        let asked = self.client.post(format!("{}/api/session", self.url));
        let officer = serde_json::json!({ "officer": "a.officer", "pin": PIN });
        let answer: serde_json::Value = asked.json(&officer).send().unwrap().json().unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }
}

fn start(group: &Group, folder: &Path) -> Service {
    let programs = Programs::beside_this().unwrap();
    let headquarters = Headquarters::ceremony(&programs, &folder.join("hq")).unwrap();
    // The same one after each restart, so that it is chosen here.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    let port = port.unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let room = folder.join("room");
    std::fs::create_dir(&room).unwrap();
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/post/kiosk/mpaka.service");
    let mut command = apart(&group.0);
    command
        .arg(room)
        .arg(port.to_string())
        .arg(programs.mpaka().get_program())
        .arg(unit)
        .arg(headquarters.public_file())
        .arg(headquarters.root_file())
        .arg(PIN)
        .stdout(Stdio::null());
    let client = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let running = Started(command.stdin(Stdio::null()).spawn().unwrap());
    let service = Service {
        running,
        url,
        client,
    };
    service.wait_for("the desk", Service::answers);
    service
}

#[test]
fn the_service_is_shut_in_and_started_anew_when_it_hangs() {
    let Some(group) = can_start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let service = start(&group, folder.path());
    service.wait_for("the unit's start", |s| {
        s.property("ActiveState") == "active"
    });

    // No rights, no new ones, a filter of system calls; nothing to write but its own.
    let of_main = |field: &str| {
        let path = format!("/proc/{}/status", service.property("MainPID"));
        let status = service.within(&["cat", &path]);
        let status = String::from_utf8_lossy(&status.stdout).into_owned();
        let line = status.lines().find(|l| l.starts_with(field));
        let line = line
            .unwrap_or_else(|| panic!("{field}: {status}"))
            .to_owned();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_ne!(of_main("Uid:"), "0");
    assert_eq!(of_main("CapBnd:"), "0000000000000000");
    assert_eq!(of_main("NoNewPrivs:"), "1");
    assert_eq!(of_main("Seccomp:"), "2");
    for closed in ["/usr/bin/x", "/etc/x", "/var/lib/x", "/root/x"] {
        let main = service.property("MainPID");
        let tried = service.within(&["nsenter", "-t", &main, "-m", "--", "touch", closed]);
        assert!(!tried.status.success(), "{closed} can be written");
    }

    // A traveller stands there when the program hangs.
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(640, 480, image::Rgb([200, 190, 180]))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let inspected = service
        .client
        .post(format!("{}/api/inspections", service.url))
        .bearer_auth(service.token())
        .header("content-type", "multipart/form-data; boundary=X")
        .body(two_files(picture.get_ref()))
        .send()
        .unwrap();
    assert_eq!(inspected.status(), 201, "{}", inspected.text().unwrap());
    let (main, restarts) = (service.property("MainPID"), service.property("NRestarts"));
    assert!(service.within(&["kill", "-STOP", &main]).status.success());
    service.wait_for("the watchdog", |s| s.property("NRestarts") != restarts);
    service.wait_for("the desk again", |s| {
        s.property("ActiveState") == "active" && s.answers()
    });
    assert_ne!(service.property("MainPID"), main);
    let begun = service.within(&["grep", "-c", "", "/var/lib/mpaka/post.toml"]);
    assert!(begun.status.success(), "its state is where the unit says");
    assert!(interrupted(&service), "the encounter is offered again");

    // It stops when it is told to, in order.
    assert!(
        service
            .within(&["systemctl", "stop", "mpaka"])
            .status
            .success()
    );
    assert_eq!(service.property("Result"), "success");
    assert_eq!(service.property("ExecMainStatus"), "0");
}

/// Whether the lane offers an interrupted encounter to whoever signs in.
fn interrupted(service: &Service) -> bool {
    let browser = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let session = format!("session={}", service.token());
    let get = |path: &str| {
        let asked = browser.get(format!("{}{path}", service.url));
        asked
            .header("cookie", &session)
            .send()
            .unwrap()
            .text()
            .unwrap()
    };
    let page = get("/self-test");
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = rest.split('"').next().unwrap();
    browser
        .post(format!("{}/self-test", service.url))
        .header("cookie", &session)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("csrf={csrf}"))
        .send()
        .unwrap();
    get("/").contains("Interrupted when the power went")
}

/// A form with the same picture as page and as face.
fn two_files(picture: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for name in ["page", "live"] {
        let head = format!(
            "--X\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(picture);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--X--\r\n");
    body
}
