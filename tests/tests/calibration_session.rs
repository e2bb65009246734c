//! A technician's whole session with the real program: from an empty state to a signed profile; then what
//! happens to profiles that are not to be relied on, and to a box that was knocked.

#![allow(clippy::unwrap_used, clippy::panic)]

use calibration::golden::Scan;
use calibration::sealed::{Distrust, Files, SignedProfile, open_profile, relied_on, sign_profile};
use core::time::Duration;
use firmware::board::Board;
use firmware::board::bench::{BenchBoard, Dust};
use firmware::lamps::{Brightness, Lamp};
use jiff::{SignedDuration, Timestamp};
use mpaka_tests::utopia::reader::{Chart, Lit, Pose, Reader};
use mpaka_tests::utopia::{Fonts, Page, Seed, Traveller, drawn_face, press};
use mpaka_tests::whole::{Headquarters, Post, Programs};
use page::profile::{CameraModel, Glass};
use page::{Picture, Profile};
use rules::mrz::Format;
use seal::device::DeviceKey;
use serde_json::Value;
use std::path::Path;

fn run(programs: &Programs, state: &Path, args: &[&str]) -> (Option<i32>, Value, String) {
    let output = programs
        .mpaka_calibrate()
        .args(["--json", "--state"])
        .arg(state)
        .args(args)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or("null");
    let value = serde_json::from_str(last).unwrap_or(Value::Null);
    (
        output.status.code(),
        value,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn shoot(
    reader: &Reader,
    folder: &Path,
    name: &str,
    chart: Chart,
    pose: Pose,
    lit: Lit,
    shot: u64,
) {
    let picture = reader.picture(chart, pose, lit, shot);
    picture.save(folder.join(format!("{name}.ppm"))).unwrap();
}

#[test]
fn from_an_empty_state_to_a_signed_profile_and_on_to_a_knock() {
    let programs = Programs::beside_this().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (state, shots) = (folder.path().join("state"), folder.path().join("shots"));
    std::fs::create_dir_all(&shots).unwrap();
    let reader = Reader::draw(Seed(51), 2304);
    let on_glass = reader.glass;
    // The simulated box: its lamps are lit through its drivers, and warm up before anything is measured.
    let (mut board, bench) = BenchBoard::new().unwrap();
    let warm = Duration::from_secs(15 * 60);
    for lamp in [Lamp::White, Lamp::Infrared] {
        board.light(lamp, Brightness::FULL, Duration::ZERO).unwrap();
    }
    bench.pass(warm);
    board
        .light(Lamp::Ultraviolet, Brightness::FULL, warm)
        .unwrap();
    let reader = reader.of_bench(&bench);
    let shot = |name: &str, chart, lit, n| shoot(&reader, &shots, name, chart, on_glass, lit, n);

    // Nothing yet: the session says what to do first, and nothing can be signed or scanned.
    let folder_arg = shots.to_str().unwrap();
    let (code, session, _) = run(&programs, &state, &["session", "--pictures", folder_arg]);
    assert_eq!(code, Some(0));
    assert_eq!(session["next"], "focus");
    assert_eq!(run(&programs, &state, &["sign"]).0, Some(4));

    // Half of it, broken off, gone on with: steps done stay done.
    shot("focus", Chart::Focus, Lit::White, 1);
    for i in 0..9 {
        let name = format!("geometry-{}", i + 1);
        shoot(
            &reader,
            &shots,
            &name,
            Chart::Chessboard,
            reader.held(i),
            Lit::White,
            100 + i,
        );
    }
    shot("geometry-flat", Chart::Chessboard, Lit::White, 2);
    let (_, session, _) = run(&programs, &state, &["session", "--pictures", folder_arg]);
    assert_eq!(session["next"], "lamps", "{session}");
    assert_eq!(session["valid_until"], Value::Null);
    std::fs::remove_file(shots.join("focus.ppm")).unwrap();

    shot("lamps-white", Chart::Sheet, Lit::White, 3);
    shot("lamps-dark", Chart::Sheet, Lit::Dark, 4);
    shot("lamps-infrared", Chart::Sheet, Lit::Infrared, 5);
    shot("colour", Chart::Patches, Lit::White, 6);
    shot("inks-infrared", Chart::InfraredCard, Lit::Infrared, 7);
    shot(
        "inks-ultraviolet",
        Chart::UltravioletCard,
        Lit::Ultraviolet,
        8,
    );
    shot("inks-white", Chart::UltravioletCard, Lit::White, 9);
    shot("golden-white", Chart::Focus, Lit::White, 10);
    shot("golden-infrared", Chart::Focus, Lit::Infrared, 11);

    // A box that was not enrolled has no key to sign with.
    let (code, _, told) = run(&programs, &state, &["session", "--pictures", folder_arg]);
    assert_eq!(code, Some(4), "{told}");
    let key = DeviceKey::open_or_create(&state.join("device.key")).unwrap();
    let (code, session, told) = run(&programs, &state, &["session", "--pictures", folder_arg]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(session["missing"], Value::Array(vec![]), "{session}");
    assert!(session["valid_until"].is_string());

    // Signed by this box, for ninety days, with the truth in it.
    let files = Files::of(&state);
    let now = Timestamp::now();
    let device = key.public();
    let signed = relied_on(&files, &device, now).unwrap().unwrap();
    let days = signed.valid_until.duration_since(signed.made_at).as_hours() / 24;
    assert_eq!(days, 90);
    let dpi = signed.profile.glass.dpi / reader.dpi();
    assert!((dpi - 1.0).abs() < 0.005, "{dpi}");

    // Foreign, unsigned, expired, torn: each is told apart, and none is relied on.
    let bytes = std::fs::read(files.profile()).unwrap();
    let other = DeviceKey::open_or_create(&folder.path().join("other.key")).unwrap();
    assert_eq!(
        open_profile(&bytes, &other.public(), now),
        Err(Distrust::Foreign("profile"))
    );
    let later = now + SignedDuration::from_hours(24 * 91);
    assert!(matches!(
        open_profile(&bytes, &device, later),
        Err(Distrust::Expired(_))
    ));
    let earlier = now - SignedDuration::from_hours(24 * 3);
    assert!(matches!(
        open_profile(&bytes, &device, earlier),
        Err(Distrust::FromTheFuture(_))
    ));
    let text = String::from_utf8(bytes.clone()).unwrap();
    let edited = text.replacen("focal", "fOcal", 1);
    assert_eq!(
        open_profile(edited.as_bytes(), &device, now),
        Err(Distrust::Unsigned("profile"))
    );
    let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
    assert!(matches!(
        open_profile(newer.as_bytes(), &device, now),
        Err(Distrust::Newer { version: 2, .. })
    ));
    for end in (0..bytes.len()).step_by(bytes.len() / 40) {
        assert!(open_profile(&bytes[..end], &device, now).is_err());
    }

    // The daily scan: green, then dust, then a knock; on red nothing is relied on until it is green again.
    let scan = |reader: &Reader, shot: u64| {
        let shoot = |name: &str, lit| {
            shoot(reader, &shots, name, Chart::Focus, reader.glass, lit, shot);
            shots
                .join(format!("{name}.ppm"))
                .to_str()
                .unwrap()
                .to_owned()
        };
        let (white, infrared) = (
            shoot("today", Lit::White),
            shoot("today-infrared", Lit::Infrared),
        );
        let args = ["drift", "--white", &white, "--infrared", &infrared];
        let (code, answer, told) = run(&programs, &state, &args);
        assert_eq!(code, Some(0), "{told}");
        answer
    };
    let red = |answer: &Value| -> Vec<String> {
        let figures = answer["figures"].as_array().unwrap().iter();
        figures
            .filter(|f| f["verdict"] == "red")
            .map(|f| f["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(scan(&reader, 20)["verdict"], "green");
    let as_drawn = Reader::draw(Seed(51), 2304);
    let seen = || as_drawn.of_bench(&bench);
    assert_eq!(
        scan(&seen(), 25)["verdict"],
        "green",
        "the box as it was calibrated"
    );
    // Switched on in the morning and scanned at once: the lamps are cold, and brighter for it.
    for lamp in [Lamp::White, Lamp::Infrared] {
        board.light(lamp, Brightness::DARK, warm).unwrap();
    }
    bench.pass(warm);
    for lamp in [Lamp::White, Lamp::Infrared] {
        board.light(lamp, Brightness::FULL, warm * 2).unwrap();
    }
    let cold = scan(&seen(), 26);
    assert_eq!(cold["verdict"], "amber", "{cold}");
    bench.pass(warm);
    bench.disturb(|optics| {
        optics.dust.push(Dust {
            at_mm: [80.0, 60.0],
            radius_mm: 1.5,
        });
    });
    let answer = scan(&seen(), 21);
    assert_eq!(answer["verdict"], "red");
    assert!(red(&answer).contains(&"white_dust".to_owned()), "{answer}");
    assert_eq!(answer["page_checks"], "Undetermined");
    assert!(matches!(
        relied_on(&files, &device, now),
        Err(Distrust::Drifted(_))
    ));
    // Wiped off, everything is as it was; then somebody knocks against the box.
    bench.disturb(|optics| optics.dust.clear());
    assert_eq!(scan(&seen(), 22)["verdict"], "green");
    assert!(relied_on(&files, &device, now).unwrap().is_some());
    bench.disturb(|optics| optics.knocked_mm = [0.3, 1.2]);
    let answer = scan(&seen(), 23);
    assert!(red(&answer).contains(&"shift".to_owned()), "{answer}");
    assert!(matches!(
        relied_on(&files, &device, now),
        Err(Distrust::Drifted(_))
    ));

    // To sign the same measurements once more calibrates nothing: the alarm stays, and so does the day it is due.
    for again in [&["sign"][..], &["session", "--pictures", folder_arg]] {
        let (code, answer, told) = run(&programs, &state, again);
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(
            answer["valid_until"],
            serde_json::to_value(signed.valid_until).unwrap(),
            "{answer}"
        );
        assert!(matches!(
            relied_on(&files, &device, now),
            Err(Distrust::Drifted(_))
        ));
    }

    // The report holds it all in one file, and asks for nothing beside itself.
    let out = folder.path().join("report.html");
    let (code, _, told) = run(
        &programs,
        &state,
        &["report", "--out", out.to_str().unwrap()],
    );
    assert_eq!(code, Some(0), "{told}");
    let html = std::fs::read_to_string(&out).unwrap();
    for (what, least) in [
        ("<svg", 7),
        ("mtf50_centre", 1),
        ("white_dust", 1),
        ("due again on", 1),
    ] {
        assert!(html.matches(what).count() >= least, "{what}");
    }
    for outside in ["src=\"http", "href=\"http", "<script", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    if let Some(keep) = std::env::var_os("MPAKA_KEEP_REPORT") {
        std::fs::copy(&out, keep).unwrap();
    }

    // Measured anew and not signed, it does not pass for what the profile was signed from.
    let golden = shots.join("golden-white.ppm");
    let golden = golden.to_str().unwrap();
    let (code, _, told) = run(&programs, &state, &["golden", "--white", golden]);
    assert_eq!(code, Some(0), "{told}");
    let unsigned = folder.path().join("unsigned.html");
    let args = ["report", "--out", unsigned.to_str().unwrap()];
    let (code, _, told) = run(&programs, &state, &args);
    assert_eq!(code, Some(0), "{told}");
    let html = std::fs::read_to_string(&unsigned).unwrap();
    assert!(html.contains("Not signed") && !html.contains("due again on"));

    // A drift record that somebody edited is not believed either.
    let record = std::fs::read_to_string(files.drift()).unwrap();
    std::fs::write(files.drift(), record.replace("red", "grn")).unwrap();
    assert_eq!(
        relied_on(&files, &device, now),
        Err(Distrust::Unsigned("drift record"))
    );
}

/// What an inspection answers about the page, by the program.
fn page_checks(post: &Post, page: &Path, live: &Path) -> Vec<(String, String, String)> {
    let output = post
        .command()
        .args(["--json", "inspect", "--today", "2026-09-01", "--page"])
        .arg(page)
        .arg("--live")
        .arg(live)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = answer["checks"].as_array().unwrap().iter();
    checks
        .map(|c| (text(&c["check"]), text(&c["outcome"]), text(&c["detail"])))
        .collect()
}

#[test]
fn under_a_foreign_profile_an_inspection_leaves_page_checks_open() {
    let programs = Programs::beside_this().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let hq = Headquarters::ceremony(&programs, &folder.path().join("hq")).unwrap();
    let state = folder.path().join("state");
    let post = Post::enrol(&programs, "CALIBRATE", &state, folder.path(), &hq).unwrap();
    let (seed, today) = (Seed(71), jiff::civil::date(2026, 9, 1));
    let traveller = Traveller::draw(seed, Format::Td3, today);
    let page = Page::new(traveller, Format::Td3, drawn_face(seed), today, seed);
    let pressed = press(&page, &Fonts::load().unwrap()).unwrap();
    let (picture, live) = (
        folder.path().join("page.png"),
        folder.path().join("live.png"),
    );
    pressed.sides[0].picture.save(&picture).unwrap();
    drawn_face(seed).save(&live).unwrap();
    let answered = |checks: &[(String, String, String)], group: &str| {
        let of_group = checks.iter().filter(|c| c.0.starts_with(group));
        of_group
            .filter(|c| c.1 == "Successful" || c.1 == "Failed")
            .count()
    };
    let never = page_checks(&post, &picture, &live);
    assert!(
        answered(&never, "page.") > 0 && answered(&never, "zone.") > 0,
        "{never:?}"
    );

    // A profile of the truth of a small reader, signed by this box: a picture of another size is left as it is.
    let reader = Reader::draw(seed, 640);
    let per_mm = reader.dpi() / 25.4;
    let scan =
        |shot| Picture::from_rgb(reader.picture(Chart::Focus, reader.glass, Lit::White, shot));
    let now = Timestamp::now();
    let [k1, k2, p1, p2] = reader.distortion;
    let signed = SignedProfile {
        made_at: now,
        valid_until: now + SignedDuration::from_hours(24 * 90),
        profile: Profile {
            camera: CameraModel {
                size: reader.size,
                focal: reader.focal,
                centre: reader.centre,
                distortion: [k1, k2, p1, p2, 0.0],
            },
            glass: Glass {
                to_pixels: [per_mm, 0.0, 20.0, 0.0, per_mm, 20.0, 0.0, 0.0, 1.0],
                area_mm: [0.0, 0.0, 125.0, 88.0],
                dpi: reader.dpi(),
            },
            fields: Vec::new(),
            colour: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        },
        golden: Scan::of(&scan(1), &[]).unwrap(),
        steps: Vec::new(),
    };
    let files = Files::of(&state);
    sign_profile(&files, &files.device_key().unwrap(), &signed).unwrap();
    let own = page_checks(&post, &picture, &live);
    assert_eq!(
        answered(&own, "page."),
        answered(&never, "page."),
        "{own:?}"
    );

    let other = DeviceKey::open_or_create(&folder.path().join("other.key")).unwrap();
    sign_profile(&files, &other, &signed).unwrap();
    let foreign = page_checks(&post, &picture, &live);
    assert_eq!(answered(&foreign, "page."), 0, "{foreign:?}");
    assert!(
        foreign
            .iter()
            .any(|c| c.2 == "the profile is another box's")
    );
    assert_eq!(answered(&foreign, "zone."), answered(&never, "zone."));
}

#[test]
fn sheets_are_of_exact_size_in_both_kinds_of_file() {
    let programs = Programs::beside_this().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let (code, _, told) = run(&programs, folder.path(), &["targets", "--out", out]);
    assert_eq!(code, Some(0), "{told}");
    for name in [
        "focus",
        "chessboard",
        "patches",
        "infrared",
        "ultraviolet",
        "faces",
    ] {
        let svg = std::fs::read_to_string(folder.path().join(format!("{name}.svg"))).unwrap();
        assert!(svg.contains("width=\"210mm\" height=\"297mm\" viewBox=\"0 0 210 297\""));
        let pdf = std::fs::read(folder.path().join(format!("{name}.pdf"))).unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        // A4 in points.
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("/MediaBox [0 0 595.27"), "{name}");
        assert!(text.contains("/PrintScaling /None"), "{name}");
    }
    // The squares of the focus sheet are 14 mm, turned by 5 degrees.
    let svg = std::fs::read_to_string(folder.path().join("focus.svg")).unwrap();
    let squares: Vec<Vec<[f64; 2]>> = svg
        .lines()
        .filter(|l| l.contains("#404040"))
        .map(|l| {
            let points = l
                .split("points=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            let number = |t: &str| t.parse::<f64>().unwrap();
            points
                .split(' ')
                .map(|p| {
                    let (x, y) = p.split_once(',').unwrap();
                    [number(x), number(y)]
                })
                .collect()
        })
        .collect();
    assert_eq!(squares.len(), 5);
    for square in squares {
        let (a, b) = (square[0], square[1]);
        assert!(((b[0] - a[0]).hypot(b[1] - a[1]) - 14.0).abs() < 1e-3);
        let degrees = (b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
        assert!((degrees - 5.0).abs() < 0.01);
    }
}
