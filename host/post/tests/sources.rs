//! Swipe readers on a pseudo-terminal, and `mpaka page` on every kind of source.
#![allow(clippy::unwrap_used, clippy::panic)]

use page::source::framing::{BlockCheck, TextError};
use page::source::{Content, Next, Sight, Source, SourceError, folder};
use post::devices::SwipeReader;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The specimens of Doc 9303 parts 4 and 5.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const SOON: Duration = Duration::from_secs(20);

/// A pseudo-terminal: the device's end, and the path of ours.
fn pseudo_terminal() -> (File, PathBuf) {
    let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&device).unwrap();
    unlockpt(&device).unwrap();
    let path = ptsname(&device, Vec::new()).unwrap();
    (device.into(), PathBuf::from(path.to_str().unwrap()))
}

fn serial(check: BlockCheck) -> (File, SwipeReader) {
    let (device, path) = pseudo_terminal();
    let reader = SwipeReader::serial(&path, 9600, check).unwrap();
    (device, reader)
}

fn text(next: Result<Next, SourceError>) -> String {
    match next {
        Ok(Next::Sight(Sight {
            content: Content::ZoneText(text),
            ..
        })) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_swipe_is_whole_wherever_it_is_split() {
    let td3 = TD3.join("\n");
    let messages = [
        (format!("{}\r\n{}\r\n", TD3[0], TD3[1]), td3.clone()),
        (format!("\x02{}\r{}\r\x03", TD3[0], TD3[1]), td3.clone()),
        (format!("{}\r", TD3.concat()), td3),
        (format!("{}\r", TD1.join("\r")), TD1.join("\n")),
    ];
    let (mut device, mut reader) = serial(BlockCheck::None);
    for (message, zone) in messages {
        for at in 1..message.len() {
            let (first, second) = message.as_bytes().split_at(at);
            device.write_all(first).unwrap();
            // Takes in what has come of the first piece.
            match reader.next(Duration::from_millis(1)) {
                Ok(Next::NothingYet) => {
                    device.write_all(second).unwrap();
                    assert_eq!(text(reader.next(SOON)), zone, "split at {at}");
                }
                // All but the end of the last line's CR LF.
                Ok(Next::Sight(_)) => {
                    assert!(at + 1 == message.len(), "{at}");
                    device.write_all(second).unwrap();
                }
                other => panic!("{at}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_swipe_is_whole_byte_by_byte() {
    let (mut device, mut reader) = serial(BlockCheck::None);
    for _ in 0..2 {
        for byte in TD3.join("\r").bytes() {
            device.write_all(&[byte]).unwrap();
            assert!(matches!(reader.next(Duration::ZERO), Ok(Next::NothingYet)));
        }
        device.write_all(b"\r").unwrap();
        assert_eq!(text(reader.next(SOON)), TD3.join("\n"));
    }
}

#[test]
fn silence_ends_what_was_begun() {
    let (mut device, mut reader) = serial(BlockCheck::None);
    // The last line's end is missing: silence is its end.
    device.write_all(TD3.join("\r").as_bytes()).unwrap();
    assert_eq!(text(reader.next(SOON)), TD3.join("\n"));
    // A line is missing.
    device.write_all(TD3[0].as_bytes()).unwrap();
    let error = reader.next(SOON).unwrap_err();
    assert!(
        matches!(
            error,
            SourceError::Text {
                source: TextError::Incomplete,
                ..
            }
        ),
        "{error}"
    );
    // And is no part of what comes next.
    device
        .write_all(format!("{}\r", TD1.join("\r")).as_bytes())
        .unwrap();
    assert_eq!(text(reader.next(SOON)), TD1.join("\n"));
    assert!(matches!(
        reader.next(Duration::from_millis(900)),
        Ok(Next::NothingYet)
    ));
}

#[test]
fn a_check_byte_is_held_against_what_came() {
    let (mut device, mut reader) = serial(BlockCheck::Lrc);
    let body = format!("{}\r\n", TD1.join("\r\n"));
    let sum = body.bytes().fold(3, |sum, b| sum ^ b);
    let frame = |sum: u8| [b"\x02", body.as_bytes(), &[3, sum]].concat();
    device.write_all(&frame(sum ^ 0x10)).unwrap();
    let error = reader.next(SOON).unwrap_err();
    assert!(
        matches!(
            error,
            SourceError::Text {
                source: TextError::Damaged,
                ..
            }
        ),
        "{error}"
    );
    device.write_all(&frame(sum)).unwrap();
    assert_eq!(text(reader.next(SOON)), TD1.join("\n"));
}

#[test]
fn a_reader_that_is_unplugged_is_lost_for_good() {
    let (mut device, mut reader) = serial(BlockCheck::None);
    device
        .write_all(format!("{}\r", TD3.join("\r")).as_bytes())
        .unwrap();
    assert_eq!(text(reader.next(SOON)), TD3.join("\n"));
    drop(device);
    for _ in 0..2 {
        assert!(matches!(reader.next(SOON), Err(SourceError::Lost { .. })));
    }
    assert!(matches!(
        SwipeReader::serial(Path::new("/dev/no-such-reader"), 9600, BlockCheck::None),
        Err(SourceError::Unreachable { .. })
    ));
}

#[test]
fn a_wedge_types_on_a_terminal_as_it_is_set() {
    // The terminal's own line discipline makes CR to LF and gives line by line.
    let (mut device, path) = pseudo_terminal();
    let mut reader = SwipeReader::wedge(&path).unwrap();
    for typed in [TD3.join("\r").to_lowercase(), TD3.join("\r\r")] {
        device.write_all(format!("{typed}\r").as_bytes()).unwrap();
        assert_eq!(text(reader.next(SOON)), TD3.join("\n"));
    }
}

#[test]
fn a_file_of_swipes_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swipes.txt");
    let swipes = format!("{}\nM1BOARDING/PASS\n{}", TD3.join("\n"), TD1.join("\n"));
    std::fs::write(&path, swipes).unwrap();
    let mut reader = SwipeReader::wedge(&path).unwrap();
    assert_eq!(text(reader.next(SOON)), TD3.join("\n"));
    assert!(matches!(
        reader.next(SOON),
        Err(SourceError::Text {
            source: TextError::NotAZone { characters: 15 },
            ..
        })
    ));
    assert_eq!(text(reader.next(SOON)), TD1.join("\n"));
    assert!(matches!(reader.next(SOON), Ok(Next::Ended)));
    assert!(SwipeReader::wedge(&folder.path().join("none")).is_err());
}

fn mpaka(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mpaka"));
    command
        .env("MPAKA_MODELS", "/nowhere")
        .args(["page", "--json", "--today", "2011-01-01"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn answered(words: &[&str], stdin: &str) -> (i32, Vec<serde_json::Value>, String) {
    let mut child = mpaka(words).spawn().unwrap();
    // A program that refuses early closes its input.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let objects = String::from_utf8_lossy(&stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    (
        status.code().unwrap(),
        objects,
        String::from_utf8_lossy(&stderr).into_owned(),
    )
}

#[test]
fn a_swipe_is_answered_as_a_typed_zone_is() {
    let stdin = format!("{}\n", TD3.join("\n").to_lowercase());
    let (code, objects, said) = answered(&["--source", "wedge:-"], &stdin);
    assert_eq!(code, 0, "{said}");
    let [object] = &objects[..] else {
        panic!("{objects:?}")
    };
    assert_eq!(object["mrz"], serde_json::json!(TD3));
    assert_eq!(object["format"], "TD3");
    assert_eq!(object["fields"]["document_number"], "L898902C3");
    assert!(
        object["checks"]
            .as_array()
            .unwrap()
            .iter()
            .all(|c| c["outcome"] == "Successful")
    );
    // What is no zone has its object too, and the exit code says so.
    let stdin = format!(
        "{}\nNOT A ZONE AT ALL\n{}\n",
        TD3.join("\n"),
        TD1.join("\n")
    );
    let (code, objects, said) = answered(&["--source", "wedge:-"], &stdin);
    assert_eq!((code, objects.len()), (3, 3), "{said}");
    assert!(objects[1]["error"].is_string() && said.contains("no zone"));
    assert_eq!(objects[2]["format"], "TD1");
    let (code, objects, _) = answered(&["--source", "wedge:-", "--count", "1"], &stdin);
    assert_eq!((code, objects.len()), (0, 1));
}

#[test]
fn sources_that_are_none_are_told_apart() {
    for (words, code) in [
        (&["--source", "tape:x"][..], 2),
        (&["--source", "folder:"], 2),
        (&["--source", "folder:/tmp", "a.jpg"], 2),
        (&["--count", "3", "a.jpg"], 2),
        (&["--source", "folder:/tmp", "--count", "0"], 2),
        (&["--source", "folder:/no/such/folder"], 3),
        (&["--source", "video:/no/such.avi"], 3),
        (&["--source", "video:/dev/null"], 3),
        (&["--source", "camera:97"], 4),
        (&["--source", "camera:nonsense ! appsink"], 4),
        (&["--source", "swipe:/dev/no-such-reader"], 4),
        (&["--source", "wedge:/no/such/wedge"], 4),
    ] {
        let (got, objects, said) = answered(words, "");
        assert_eq!(got, code, "{words:?}: {said}");
        assert!(objects.is_empty() && !said.is_empty(), "{words:?}");
    }
}

/// Reads lines of a program that goes on running.
fn lines_of(child: &mut Child) -> impl Iterator<Item = serde_json::Value> + use<> {
    BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|l| serde_json::from_str(&l.unwrap()).unwrap())
}

#[test]
fn a_folder_is_read_as_it_fills_until_an_interrupt() {
    let folder = tempfile::tempdir().unwrap();
    let blank = image::RgbImage::from_pixel(200, 140, image::Rgb([220; 3]));
    blank.save(folder.path().join("one.png")).unwrap();
    let source = format!("folder:{}", folder.path().display());
    let mut child = mpaka(&["--source", &source]).spawn().unwrap();
    let mut objects = lines_of(&mut child);
    let first = objects.next().unwrap();
    assert!(first["image"].as_str().unwrap().ends_with("one.png"));
    let whole = std::fs::read(folder.path().join("one.png")).unwrap();
    // A machine that stands still for as long as a finished file does is no witness: another file is written, then.
    let mut stood_still = false;
    loop {
        let begun = Instant::now();
        let mut file = File::create(folder.path().join("two.png")).unwrap();
        file.write_all(&whole[..whole.len() / 2]).unwrap();
        std::thread::sleep(Duration::from_millis(600));
        file.write_all(&whole[whole.len() / 2..]).unwrap();
        drop(file);
        let late = begun.elapsed() + Duration::from_millis(100) >= folder::SETTLED;
        let second = objects.next().unwrap();
        assert!(second["image"].as_str().unwrap().ends_with("two.png"));
        if second.get("error").is_none() {
            break;
        }
        assert!(late, "{second}");
        stood_still = true;
        // What was given up is given once it has changed.
        assert!(objects.next().unwrap().get("error").is_none());
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert!(objects.next().is_none());
    // Code 3 tells of the file that was given up.
    let code = if stood_still { 3 } else { 0 };
    assert_eq!(child.wait().unwrap().code(), Some(code));
}

#[test]
fn frames_without_a_zone_combine_to_none() {
    let folder = tempfile::tempdir().unwrap();
    let blank = image::RgbImage::from_pixel(200, 140, image::Rgb([220; 3]));
    let [one, two, bad] = ["one.png", "two.png", "bad.png"].map(|n| folder.path().join(n));
    blank.save(&one).unwrap();
    blank.save(&two).unwrap();
    std::fs::write(&bad, b"no picture").unwrap();
    let [one, two, bad] = [&one, &two, &bad].map(|p| p.to_str().unwrap());
    let (code, objects, said) = answered(&["--combine", one, two], "");
    assert_eq!((code, objects.len()), (0, 1), "{said}");
    assert_eq!(objects[0]["mrz"], serde_json::json!([]));
    assert_eq!(objects[0]["frames"], serde_json::json!([]));
    let (code, objects, said) = answered(&["--combine", one, bad], "");
    assert_eq!((code, objects.len()), (3, 1), "{said}");
    let (code, objects, _) = answered(&["--combine", bad], "");
    assert_eq!((code, objects.len()), (3, 0));
}
