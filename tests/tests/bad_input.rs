//! What people, files and thieves can put before the post's program: each gets a named answer and
//! the right exit code (0 answered, 2 wrong usage, 3 input unreadable, 4 something needed is absent).
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::Programs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Answer {
    /// The objects on stdout; panics where a line is anything else.
    fn objects(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l:?}: {e}")))
            .collect()
    }
}

fn run(command: &mut Command, stdin: &str) -> Answer {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses early closes its input; that is its right.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output
            .status
            .code()
            .expect("ended by itself, not by a signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn mpaka(folder: &Path) -> Command {
    let mut command = Programs::beside_this().unwrap().mpaka();
    command
        .arg("--state")
        .arg(folder.join("state"))
        .arg("--json");
    command
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn picture(width: u32, height: u32) -> image::DynamicImage {
    image::DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x % 251) as u8, (y % 241) as u8, ((x + y) % 239) as u8])
    }))
}

fn encoded(picture: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn what_is_no_picture_is_unreadable_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let jpeg = encoded(&picture(640, 480), image::ImageFormat::Jpeg);
    for (name, bytes) in [
        ("empty.jpg", &b""[..]),
        ("text.jpg", b"this is no picture"),
        ("truncated.jpg", &jpeg[..jpeg.len() / 3]),
        ("head.png", b"\x89PNG\r\n\x1a\n"),
    ] {
        let path = file(folder.path(), name, bytes);
        let answer = run(mpaka(folder.path()).arg("page").arg(&path), "");
        assert_eq!(answer.code, 3, "{name}: {}", answer.stderr);
        assert!(answer.stderr.contains(name), "{name}: {}", answer.stderr);
        let objects = answer.objects();
        assert_eq!(objects.len(), 1, "{name}");
        assert_eq!(objects[0]["mrz"], serde_json::json!([]), "{name}");
    }
    let absent = run(
        mpaka(folder.path()).args(["page", "/no/such/picture.jpg"]),
        "",
    );
    assert_eq!(absent.code, 3, "{}", absent.stderr);
}

#[test]
fn a_picture_of_a_hundred_megapixels_is_refused_before_it_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    // One colour compresses to little: the bomb is small on disk.
    let large = image::DynamicImage::ImageLuma8(image::GrayImage::new(10_000, 10_000));
    let path = file(
        folder.path(),
        "large.png",
        &encoded(&large, image::ImageFormat::Png),
    );
    let answer = run(mpaka(folder.path()).arg("page").arg(path), "");
    assert_eq!(answer.code, 3, "{}", answer.stderr);
    assert!(answer.stderr.contains("megapixel"), "{}", answer.stderr);
}

/// The same with its memory bounded: 3 GiB of addresses, of which OpenCV's libraries take a third.
fn bounded(folder: &Path) -> Command {
    let program = mpaka(folder);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -v 3145728 && exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args());
    shell
}

#[test]
fn the_largest_picture_that_is_taken_fits_into_memory_and_the_next_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // 64 megapixels exactly, of four channels of sixteen bits: the most that a decoder may unpack.
    for (name, height, code) in [("most.png", 8192, 0), ("more.png", 8193, 3)] {
        let path = folder.path().join(name);
        let mut encoder = png::Encoder::new(std::fs::File::create(&path).unwrap(), 8192, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Sixteen);
        encoder.set_compression(png::Compression::Fastest);
        let mut writer = encoder.write_header().unwrap();
        let mut stream = writer.stream_writer().unwrap();
        let row = vec![0x80u8; 8192 * 8];
        for _ in 0..height {
            stream.write_all(&row).unwrap();
        }
        stream.finish().unwrap();
        drop(writer);
        let answer = run(bounded(folder.path()).arg("page").arg(&path), "");
        assert_eq!(answer.code, code, "{name}: {}", answer.stderr);
        assert_eq!(answer.objects().len(), 1, "{name}");
    }
}

#[test]
fn bombs_end_in_an_answer_within_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let le = |n: u16| n.to_le_bytes();
    let gif = [
        b"GIF89a",
        &le(65_535)[..],
        &le(65_535),
        b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0",
        &le(65_535),
        &le(65_535),
        b"\0\x02\x02\x4c\x01\0;",
    ]
    .concat();
    let webp = {
        let lossless = [
            &[0x2f][..],
            &(0x3ffeu32 | (0x3ffe << 14)).to_le_bytes(),
            &[0; 19],
        ]
        .concat();
        let length = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
        [
            b"RIFF",
            &length(lossless.len() + 12)[..],
            b"WEBPVP8L",
            &length(lossless.len()),
            &lossless,
        ]
        .concat()
    };
    for (name, bytes) in [
        ("bomb.gif", gif),
        ("bomb.webp", webp),
        ("bomb.pgm", b"P5 60000 60000 255\n\0".to_vec()),
    ] {
        let path = file(folder.path(), name, &bytes);
        let answer = run(bounded(folder.path()).arg("page").arg(path), "");
        assert_eq!(answer.code, 3, "{name}: {}", answer.stderr);
        assert!(answer.stderr.contains("megapixel"), "{}", answer.stderr);
        assert_eq!(answer.objects().len(), 1, "{name}");
    }
    let endless = run(bounded(folder.path()).args(["page", "/dev/zero"]), "");
    assert_eq!(endless.code, 3, "{}", endless.stderr);
}

#[test]
fn a_picture_without_a_zone_is_answered_with_no_zone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, w, h) in [("one.png", 1, 1), ("plain.png", 900, 600)] {
        let path = file(
            folder.path(),
            name,
            &encoded(&picture(w, h), image::ImageFormat::Png),
        );
        let answer = run(mpaka(folder.path()).arg("page").arg(path), "");
        assert_eq!(answer.code, 0, "{name}: {}", answer.stderr);
        let object = &answer.objects()[0];
        assert_eq!(object["mrz"], serde_json::json!([]), "{name}");
        assert_eq!(object["format"], serde_json::Value::Null, "{name}");
    }
}

#[test]
fn one_bad_picture_among_good_ones_takes_nothing_from_them() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(
        folder.path(),
        "good.png",
        &encoded(&picture(300, 200), image::ImageFormat::Png),
    );
    let bad = file(folder.path(), "bad.png", b"no picture");
    let answer = run(
        mpaka(folder.path()).arg("page").args([&good, &bad, &good]),
        "",
    );
    assert_eq!(answer.code, 3);
    assert_eq!(answer.objects().len(), 3, "one object an image, in order");
}

/// ICAO Doc 9303-4, appendix B.
const SPECIMEN: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

#[test]
fn a_typed_zone_may_be_in_lower_case_with_stray_spaces() {
    let folder = tempfile::tempdir().unwrap();
    let typed = format!(
        "\r\n  {} \r\n\r\n{}  \r\n",
        SPECIMEN[0].to_lowercase(),
        SPECIMEN[1].replace("UTO", " UTO ")
    );
    let answer = run(mpaka(folder.path()).args(["zone", "--text", "-"]), &typed);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let object = &answer.objects()[0];
    assert_eq!(object["mrz"], serde_json::json!(SPECIMEN));
    assert_eq!(object["fields"]["surname"], "ERIKSSON");
    assert_eq!(object["fields"]["document_number"], "L898902C3");
}

#[test]
fn text_that_is_no_zone_is_unreadable_and_the_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let short = format!("{}\n{}\n", SPECIMEN[0], &SPECIMEN[1][..43]);
    for (text, says) in [
        ("", "line"),
        ("Dear officer, please let me pass", "line"),
        (short.as_str(), "43"),
        ("P<UTO\u{ab}\u{ab}ERIKSSON", ""),
        ("\u{0}\u{0}\u{0}", ""),
    ] {
        let answer = run(mpaka(folder.path()).args(["zone", "--text", "-"]), text);
        assert_eq!(answer.code, 3, "{text:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(says), "{text:?}: {}", answer.stderr);
        assert!(answer.objects().is_empty(), "{text:?}");
    }
}

#[test]
fn wrong_usage_is_told_apart_from_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &["no-such-command"][..],
        &["page"],
        &["inspect", "--page"],
        &["zone"],
    ] {
        let answer = run(mpaka(folder.path()).args(words), "");
        assert_eq!(answer.code, 2, "{words:?}: {}", answer.stderr);
        assert!(answer.stdout.is_empty(), "{words:?}");
    }
}

/// A picture that can be read, and nothing to read in it.
fn picture_file(folder: &Path) -> PathBuf {
    let png = encoded(&picture(300, 200), image::ImageFormat::Png);
    file(folder, "a.png", &png)
}

#[test]
fn a_box_that_was_never_enrolled_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = picture_file(folder.path());
    let answer = run(
        mpaka(folder.path())
            .arg("inspect")
            .arg("--page")
            .arg(&path)
            .arg("--live")
            .arg(&path),
        "",
    );
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stderr.contains("enrol"), "{}", answer.stderr);
}

#[test]
fn absent_models_are_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = picture_file(folder.path());
    let answer = run(
        mpaka(folder.path())
            .arg("--models")
            .arg(folder.path().join("none"))
            .args(["face", "compare"])
            .args([&path, &path]),
        "",
    );
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stderr.contains("fetch"), "{}", answer.stderr);
}
