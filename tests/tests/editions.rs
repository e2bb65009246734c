//! Editions on their way to a box: the power is cut at every write of an activation, and sticks that lie.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use mpaka_tests::whole::{Desk, Headquarters, Manner, Post, Programs};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Everything by which a program changes a disk. Younger machines (aarch64) have only the second of each family:
/// strace is told that a call may not be there.
const CHANGES: &str = "write,pwrite64,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,rmdir,fsync,fdatasync,ftruncate";

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    let done = Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(done.success());
}

fn take(post: &Post, from: &Path) -> Output {
    post.command()
        .args(["--json", "editions", "take"])
        .arg(from)
        .output()
        .unwrap()
}

/// The number of the edition in use, which must open.
fn in_use(post: &Post) -> u64 {
    let output = post
        .command()
        .args(["--json", "editions", "verify"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let object: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    object["edition"].as_u64().unwrap()
}

struct Place {
    _folder: tempfile::TempDir,
    root: std::path::PathBuf,
    headquarters: Headquarters,
    post: Post,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let programs = Programs::beside_this().unwrap();
        let hq = root.join("hq");
        std::fs::create_dir(&hq).unwrap();
        let headquarters = Headquarters::ceremony(&programs, &hq).unwrap();
        let state = root.join("post");
        let post = Post::enrol(&programs, "UTO-1", &state, &root, &headquarters).unwrap();
        Self {
            _folder: folder,
            root,
            headquarters,
            post,
        }
    }

    /// Publishes the next edition; the repository as it then is, on a stick of its own.
    fn stick(&self, name: &str, documents: &str) -> std::path::PathBuf {
        let repository = self.root.join("repository");
        self.headquarters
            .publish(LISTED_PERSONS, documents, &repository)
            .unwrap();
        let stick = self.root.join(name);
        copy(&repository, &stick);
        stick
    }
}

#[test]
fn the_power_may_go_at_every_write_of_an_activation() {
    let strace = Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "true"])
        .status();
    if !strace.is_ok_and(|s| s.success()) {
        eprintln!("SKIPPED: no strace that may trace here");
        return;
    }
    let place = Place::new();
    let first = place.stick("first", LISTED_DOCUMENTS);
    let second = place.stick("second", "number,state,type,entry\nZ1,UTO,P,ZE1\n");
    assert!(take(&place.post, &first).status.success());
    let before = place.root.join("before");
    copy(place.post.state(), &before);
    let mut cuts = 0;
    let mut seen = std::collections::BTreeMap::new();
    let mut done = std::collections::BTreeSet::new();
    // strace counts each call by itself: each is cut at its first, second, third … time, until there is none.
    for (call, at) in CHANGES
        .split(',')
        .flat_map(|call| (1..500).map(move |at| (call, at)))
    {
        if done.contains(call) {
            continue;
        }
        copy(&before, place.post.state());
        let plain = place.post.command();
        let mut traced = Command::new("strace");
        traced
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("trace=?{call}"))
            .arg("-e")
            .arg(format!("inject=?{call}:signal=SIGKILL:when={at}"))
            .arg(plain.get_program())
            .args(plain.get_args())
            .args(["--json", "editions", "take"])
            .arg(&second);
        let output = traced.output().unwrap();
        if output.status.success() {
            done.insert(call);
            continue;
        }
        assert_eq!(
            output
                .status
                .signal()
                .or(output.status.code().map(|c| c - 128)),
            Some(9),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        cuts += 1;
        let edition = in_use(&place.post);
        assert!(
            [1, 2].contains(&edition),
            "cut at {call} {at}: edition {edition}"
        );
        *seen.entry(edition).or_insert(0) += 1;
        // The same stick again, and all is well; tried after some of the cuts, for each costs two starts more.
        if cuts % 5 != 0 {
            continue;
        }
        let again = take(&place.post, &second);
        assert!(
            again.status.success(),
            "cut at {call} {at}: {}",
            String::from_utf8_lossy(&again.stderr)
        );
        assert_eq!(in_use(&place.post), 2);
        let standing = std::fs::read_dir(place.post.state().join("editions"))
            .unwrap()
            .filter_map(|e| e.unwrap().file_name().into_string().ok())
            .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
            .count();
        assert_eq!(standing, 2, "two editions are kept");
    }
    eprintln!("{cuts} cuts; edition in use afterwards: {seen:?}");
    assert!(cuts > 20 && seen.len() == 2, "{cuts} cuts, {seen:?}");
}

#[test]
fn a_stick_speaks_of_the_day_on_which_its_edition_was_made_however_late_it_comes() {
    let place = Place::new();
    let roles = || {
        let asked = ["--json", "editions", "roles"];
        let output = place.post.command().args(asked).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let objects = said.lines().map(|line| serde_json::from_str(line).unwrap());
        objects.collect::<Vec<serde_json::Value>>()
    };
    assert!(roles().is_empty(), "nothing has come");
    let file = place.root.join("policy.json");
    std::fs::write(&file, r#"{"version": 2, "edition_lease_days": 14}"#).unwrap();
    let mut add = place.headquarters.command();
    let added = add.args(["files", "add", "policy"]).arg(&file).output();
    assert!(added.unwrap().status.success());
    let first = place.stick("first", LISTED_DOCUMENTS);
    assert!(take(&place.post, &first).status.success());
    let list = roles().remove(0);
    assert_eq!(list["role"], "watchlist");
    assert_eq!(list["standing"], "fresh");
    assert_eq!(list["heard_at"], list["dated"], "{list}");
    assert_eq!(list["lease_days"], 14, "headquarters' policy is in force");
    // Taken again, it says nothing that it did not say before.
    assert!(take(&place.post, &first).status.success());
    let [again, policy]: [serde_json::Value; 2] = roles().try_into().unwrap();
    assert_eq!(again["heard_at"], list["heard_at"]);
    // The policy that came with it is in force since it came, and has no end.
    assert_eq!(policy["role"], "policy");
    assert_eq!(policy["heard_at"], list["heard_at"]);
    assert_eq!(policy["lease_days"], serde_json::Value::Null);
}

#[test]
fn old_and_mixed_sticks_change_nothing() {
    let place = Place::new();
    let first = place.stick("first", LISTED_DOCUMENTS);
    let second = place.stick("second", "number,state,type,entry\nZ1,UTO,P,ZE1\n");
    assert!(take(&place.post, &second).status.success());
    let refused = |stick: &Path| {
        let output = take(&place.post, stick);
        assert_eq!(
            output.status.code(),
            Some(3),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert_eq!(in_use(&place.post), 2);
    };
    // Yesterday's stick, replayed.
    refused(&first);
    // The newest timestamp with yesterday's lists, and the other way round.
    let mixed = place.root.join("mixed");
    for (base, other) in [(&first, &second), (&second, &first)] {
        copy(base, &mixed);
        std::fs::copy(
            other.join("metadata/timestamp.json"),
            mixed.join("metadata/timestamp.json"),
        )
        .unwrap();
        refused(&mixed);
    }
    // The newest one's files swapped for others of the same length.
    let third = place.stick("third", "number,state,type,entry\nY1,UTO,P,YE1\n");
    let targets = third.join("targets");
    for entry in std::fs::read_dir(&targets).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        std::fs::write(&path, bytes).unwrap();
    }
    refused(&third);
}

/// A command line of the box within so many addresses (of which OpenCV's libraries take a third) and two minutes.
fn bounded(post: &Post, words: &[&str], file: &Path) -> Output {
    let plain = post.command();
    Command::new("timeout")
        .args(["120", "sh", "-c"])
        .arg("ulimit -v 3145728 && exec \"$0\" \"$@\"")
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(words)
        .arg(file)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

/// Lays something hostile at a path.
type Lay = fn(&Path);

/// What somebody lays in the place of a file on a stick to make a box read what it should not, or read for ever.
fn hostile_files() -> [(&'static str, Lay); 9] {
    fn link(to: &str, at: &Path) {
        std::os::unix::fs::symlink(to, at).unwrap();
    }
    [
        ("a link to a file of the box", |at| link("/etc/passwd", at)),
        ("a link to a device without end", |at| link("/dev/zero", at)),
        ("a link to itself", |at| {
            link(at.file_name().unwrap().to_str().unwrap(), at)
        }),
        ("a folder", |at| std::fs::create_dir(at).unwrap()),
        ("a file with a hole of 40 GB", |at| {
            let file = std::fs::File::create(at).unwrap();
            file.set_len(40 << 30).unwrap();
        }),
        ("nesting without end", |at| {
            std::fs::write(at, "[".repeat(900_000)).unwrap();
        }),
        ("the same in binary", |at| {
            std::fs::write(at, vec![0x81_u8; 900_000]).unwrap();
        }),
        ("nothing", |at| std::fs::write(at, "").unwrap()),
        ("a length that promises everything", |at| {
            std::fs::write(
                at,
                [0x9b_u8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            )
            .unwrap();
        }),
    ]
}

#[test]
fn a_hostile_stick_changes_nothing_and_ends_in_an_answer() {
    let place = Place::new();
    let first = place.stick("first", LISTED_DOCUMENTS);
    assert!(take(&place.post, &first).status.success());
    let state = || {
        let mut all = std::collections::BTreeMap::new();
        for name in [
            "root.json",
            "hq-public.json",
            "post.toml",
            "device.key",
            "store.key",
        ] {
            all.insert(name, std::fs::read(place.post.state().join(name)).unwrap());
        }
        all
    };
    let before = state();
    let refused = |what: &str, output: Output| {
        let code = output.status.code();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(code, Some(3), "{what}: {said}");
        assert!(
            !said.contains("root:"),
            "{what} shows a file of the box: {said}"
        );
    };
    for (kind, lay) in hostile_files() {
        // A list whose newest word is that.
        let stick = place.root.join("stick");
        copy(&first, &stick);
        let timestamp = stick.join("metadata/timestamp.json");
        std::fs::remove_file(&timestamp).unwrap();
        lay(&timestamp);
        refused(kind, bounded(&place.post, &["editions", "take"], &stick));
        // A receipt, an admission and a picture that are that.
        let file = stick.join("file");
        lay(&file);
        for words in [
            &["outbox", "receipt"][..],
            &["enrol", "--admission"],
            &["page"],
        ] {
            refused(
                &format!("{kind}, {words:?}"),
                bounded(&place.post, words, &file),
            );
        }
        assert_eq!(in_use(&place.post), 1, "{kind}");
    }
    assert!(
        state() == before,
        "keys, roots and the post's name are as they were"
    );
    assert!(place.post.verify_ledger().is_ok());
}

/// Serves the files of a folder, as any server on the web does; where.
fn published(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let asked = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let path = asked.split(' ').nth(1).unwrap().trim_start_matches('/');
            let (status, body) = match std::fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            // Whoever asked may have gone.
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&body));
        }
    });
    url
}

#[test]
fn a_box_takes_what_is_published_by_itself_and_its_ledger_says_so() {
    let place = Place::new();
    place.stick("first", LISTED_DOCUMENTS);
    let officer = ("a.officer", "246810");
    place.post.add_officer(officer.0, officer.1).unwrap();
    let url = published(place.root.join("repository"));
    let words = [OsStr::new("--editions"), OsStr::new(&url)];
    let log = place.root.join("desk.log");
    let manner = Manner {
        log: Some(log.clone()),
        ..Manner::default()
    };
    let desk = Desk::open_in(&place.post, &place.root, None, officer, &words, &manner).unwrap();
    let begun = Instant::now();
    let told = || std::fs::read_to_string(&log).unwrap_or_default();
    while !told().contains("edition 1 is the newest for this box") {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", told());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(in_use(&place.post), 1);
    drop(desk);
    let listed = place
        .post
        .command()
        .args(["--json", "ledger", "list"])
        .output()
        .unwrap();
    let ledger = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(ledger.contains("edition_activated"), "{ledger}");
}
