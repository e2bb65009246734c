//! A reading drawn, and the printed zone against the visual zone, on pressed pages through the real program.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::RgbImage;
use jiff::civil::{Date, date};
use models::zone::ZoneReader;
use mpaka_tests::utopia::{
    Altered, Drawn, Fonts, Level, Photograph, Point, Seed, Traveller, draw_page, photograph, press,
};
use mpaka_tests::whole::Programs;
use page::Picture;
use rules::mrz::Format;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TODAY: Date = date(2026, 9, 1);

fn photographed(format: Format, level: Level, seed: u64, altered: Option<Altered>) -> Photograph {
    let fonts = Fonts::load().unwrap();
    let drawn = Drawn {
        formats: &[format],
        one_fault_in: 0,
        portraits: &[],
        today: TODAY,
        level,
    };
    let mut page = draw_page(&drawn, Seed(seed));
    page.altered = altered;
    photograph(&press(&page, &fonts).unwrap(), &fonts, level, Seed(seed))
}

fn saved(folder: &Path, name: &str, photograph: Photograph) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, photograph.jpeg().unwrap()).unwrap();
    path
}

fn mpaka_page(words: &[&Path], options: &[&str], change: impl FnOnce(&mut Command)) -> Output {
    let mut command = Programs::beside_this().unwrap().mpaka();
    command
        .args(["--json", "page", "--today", "2026-09-01"])
        .args(options)
        .args(words)
        .env("MPAKA_MODELS", "/nonexistent/models");
    change(&mut command);
    command.output().unwrap()
}

fn object(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

/// The outcome of one question of the comparison.
fn outcome(object: &serde_json::Value, item: &str) -> String {
    let name = format!("page.visual_zone.{item}");
    let checks = object["checks"].as_array().unwrap();
    let check = checks.iter().find(|c| c["check"] == name.as_str());
    check.unwrap_or_else(|| panic!("{name} is not asked"))["outcome"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn there_is_a_recogniser() -> bool {
    let there = Command::new("tesseract").arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: there is no tesseract on this machine");
    }
    there
}

/// Where along a line's path a share of it lies.
fn along(path: &[Point], share: f32) -> Point {
    let at = share * (path.len() - 1) as f32;
    let from = (at as usize).min(path.len() - 2);
    let t = at - from as f32;
    [0, 1].map(|k| path[from][k] * (1.0 - t) + path[from + 1][k] * t)
}

#[test]
fn every_character_s_place_is_where_it_is_printed() {
    let reader = ZoneReader::load().unwrap();
    for (format, level, seed) in [
        (Format::Td3, Level::Clean, 41),
        (Format::Td3, Level::Easy, 49),
        (Format::Td2, Level::Easy, 43),
        (Format::Td1, Level::Easy, 44),
        (Format::MrvA, Level::Easy, 45),
    ] {
        let taken = photographed(format, level, seed, None);
        let truth = taken.truth.clone();
        let picture = Picture::decode(&taken.jpeg().unwrap()).unwrap();
        let zone = page::read(&picture, &reader, None).zone;
        let zone = zone.unwrap_or_else(|| panic!("{format} {level:?} {seed}: no zone"));
        assert_eq!(zone.lines, truth.mrz, "{format} {level:?}");
        let printed = truth.sides.iter().find_map(|s| s.zone.as_ref()).unwrap();
        assert_eq!(zone.places.len(), printed.line_paths.len());
        for (line, path) in zone.places.iter().zip(&printed.line_paths) {
            assert_eq!(line.len(), format.line_length());
            let count = line.len() as f32;
            for (i, cell) in line.iter().enumerate() {
                let centre = [0, 1].map(|k| cell.iter().map(|c| c[k]).sum::<f32>() / 4.0);
                let should = along(path, (i as f32 + 0.5) / count);
                let off = (centre[0] - should[0]).hypot(centre[1] - should[1]);
                let pitch = (cell[1][0] - cell[0][0]).hypot(cell[1][1] - cell[0][1]);
                // Narrow characters (`I`, `1`, `<`) stand off the middle of their cell in the fount itself.
                assert!(
                    off < 0.4 * pitch,
                    "{format} {level:?} {i}: {off} of {pitch}"
                );
            }
        }
    }
}

#[test]
fn a_drawn_reading_holds_the_picture_and_marks_its_zone() {
    let folder = tempfile::tempdir().unwrap();
    let taken = photographed(Format::Td3, Level::Easy, 46, None);
    let quad = taken
        .truth
        .sides
        .iter()
        .find_map(|s| s.zone.as_ref())
        .unwrap()
        .quad;
    let image = saved(folder.path(), "page.jpg", taken);
    let out = folder.path().join("drawn.png");
    let output = mpaka_page(&[&image], &["--draw", out.to_str().unwrap()], |_| ());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let before = Picture::open(&image).unwrap();
    let after = image::open(&out).unwrap().into_rgb8();
    assert!(after.width() == before.width() && after.height() > before.height());
    let changed = |x: u32, y: u32| {
        let (a, b) = (before.rgb().get_pixel(x, y), after.get_pixel(x, y));
        a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 40)
    };
    let [left, right] = [
        quad[0][0].min(quad[3][0]) as u32,
        quad[1][0].max(quad[2][0]) as u32,
    ];
    let [top, low] = [
        quad[0][1].min(quad[1][1]) as u32,
        quad[2][1].max(quad[3][1]) as u32,
    ];
    let share = |pixels: &mut dyn Iterator<Item = (u32, u32)>| {
        let all: Vec<bool> = pixels.map(|(x, y)| changed(x, y)).collect();
        all.iter().filter(|c| **c).count() as f32 / all.len().max(1) as f32
    };
    let over = share(&mut (top..low).flat_map(|y| (left..right).map(move |x| (x, y))));
    // Between the zone, the portrait and the page's edges nothing is drawn; the edges are.
    let width = right - left;
    let empty = share(
        &mut (top - width / 2..top - width / 5)
            .flat_map(|y| (left + width / 2..right - width / 10).map(move |x| (x, y))),
    );
    assert!(over > 0.03 && empty < 1e-6, "{over} {empty}");
    let above = share(&mut (0..top / 2).flat_map(|y| (0..before.width()).map(move |x| (x, y))));
    assert!(above > 1e-4, "the upper edge is drawn");
    // The table: 88 characters, each surely read, each with its green bar.
    let green = (before.height()..after.height())
        .flat_map(|y| (0..after.width()).map(move |x| (x, y)))
        .filter(|(x, y)| is_green(&after, *x, *y))
        .count();
    assert!(green > 1000, "{green}");
}

fn is_green(picture: &RgbImage, x: u32, y: u32) -> bool {
    let [r, g, b] = picture.get_pixel(x, y).0;
    g > 140 && r < 60 && b < 120
}

#[test]
fn a_drawing_that_cannot_be_written_costs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let image = saved(
        folder.path(),
        "page.jpg",
        photographed(Format::Td3, Level::Clean, 47, None),
    );
    let bytes = std::fs::read(&image).unwrap();
    let draw =
        |images: &[&Path], to: &Path| mpaka_page(images, &["--draw", to.to_str().unwrap()], |_| ());
    for to in [&folder.path().join("absent/drawn.png"), folder.path()] {
        let refused = draw(&[&image], to);
        assert_eq!(refused.status.code(), Some(3));
        assert_eq!(
            object(&refused)["mrz"].as_array().unwrap().len(),
            2,
            "the answer is there"
        );
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(to.to_str().unwrap()), "{said}");
    }
    // Never in the place of the picture itself, and never one drawing for two pictures.
    assert_eq!(draw(&[&image], &image).status.code(), Some(2));
    assert_eq!(std::fs::read(&image).unwrap(), bytes);
    let out = folder.path().join("drawn.png");
    assert_eq!(draw(&[&image, &image], &out).status.code(), Some(2));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn pages_that_say_what_their_zone_says_are_never_spoken_against() {
    if !there_is_a_recogniser() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (mut asked, mut agreeing) = (0, 0);
    for (seed, format, level) in [
        (50, Format::Td3, Level::Clean),
        (51, Format::Td3, Level::Easy),
        (52, Format::MrvA, Level::Easy),
        (53, Format::Td2, Level::Clean),
        (54, Format::Td2, Level::Hard),
        (55, Format::Td3, Level::Moderate),
    ] {
        let image = saved(
            folder.path(),
            "page.jpg",
            photographed(format, level, seed, None),
        );
        let object = object(&mpaka_page(&[&image], &["--visual"], |_| ()));
        for item in [
            "document_number",
            "date_of_birth",
            "date_of_expiry",
            "name",
            "nationality",
            "sex",
        ] {
            let outcome = outcome(&object, item);
            assert_ne!(outcome, "Failed", "{seed} {item}: {object}");
            if matches!(level, Level::Clean | Level::Easy) && !matches!(item, "nationality" | "sex")
            {
                asked += 1;
                agreeing += usize::from(outcome == "Successful");
            }
        }
    }
    assert!(agreeing * 10 >= asked * 8, "{agreeing} of {asked}");
}

#[test]
fn an_altered_item_never_agrees_and_the_others_do() {
    if !there_is_a_recogniser() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut caught = 0;
    for (seed, altered, item) in [
        (60, Altered::Number, "document_number"),
        (61, Altered::Birth, "date_of_birth"),
        (62, Altered::Expiry, "date_of_expiry"),
        (63, Altered::Name, "name"),
    ] {
        let taken = photographed(Format::Td3, Level::Clean, seed, Some(altered));
        let image = saved(folder.path(), "page.jpg", taken);
        let object = object(&mpaka_page(&[&image], &["--visual"], |_| ()));
        let answer = outcome(&object, item);
        assert_ne!(answer, "Successful", "{altered}: {object}");
        caught += usize::from(answer == "Failed");
        for other in ["document_number", "date_of_birth", "date_of_expiry", "name"] {
            assert!(
                other == item || outcome(&object, other) != "Failed",
                "{altered}: {object}"
            );
        }
    }
    assert!(caught >= 1, "{caught} of 4");
}

#[test]
fn an_altered_page_has_the_zone_that_was_issued() {
    for altered in Altered::ALL {
        for seed in 0..40 {
            let issued = Traveller::draw(Seed(seed), Format::Td3, TODAY);
            let visual = altered.visual(&issued, Format::Td3, TODAY, Seed(seed));
            let differs = [
                visual.document_number != issued.document_number,
                visual.birth != issued.birth,
                visual.expiry != issued.expiry,
                visual.surname != issued.surname && visual.given_names != issued.given_names,
            ];
            let which = Altered::ALL.map(|a| a == altered);
            assert_eq!(differs, which, "{altered} {seed}");
        }
    }
    let whole = photographed(Format::Td3, Level::Clean, 7, None).truth;
    let altered = photographed(Format::Td3, Level::Clean, 7, Some(Altered::Name)).truth;
    assert_eq!(whole.mrz, altered.mrz);
    assert_eq!(
        (whole.altered, altered.altered),
        (None, Some(Altered::Name))
    );
}

#[test]
fn without_a_recogniser_the_question_is_not_supported_and_unasked_it_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let image = saved(
        folder.path(),
        "page.jpg",
        photographed(Format::Td3, Level::Clean, 48, None),
    );
    let output = mpaka_page(&[&image], &["--visual"], |c| {
        c.env("PATH", "");
    });
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(outcome(&object(&output), "date_of_birth"), "NotSupported");
    let plain = object(&mpaka_page(&[&image], &[], |_| ()));
    let asked = plain["checks"].as_array().unwrap().iter();
    assert!(asked.clone().count() > 5);
    assert!(
        asked
            .clone()
            .all(|c| !c["check"].as_str().unwrap().starts_with("page.visual_zone"))
    );
}
