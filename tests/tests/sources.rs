//! Pressed Utopian pages as a camera sees them: frame after frame, document after document.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::utopia::{
    Fonts, Level, Page, Photograph, Seed, Shot, Traveller, drawn_face, photograph_with, press,
};
use mpaka_tests::whole::Programs;
use opencv::core::{Mat, Size, Vec3b};
use opencv::prelude::*;
use opencv::videoio::{CAP_FFMPEG, VideoWriter};
use rules::mrz::Format;
use std::path::{Path, PathBuf};

/// So many photographs of one document, each from another place.
fn frames(document: u64, format: Format, level: Level, count: u64) -> Vec<Photograph> {
    let (seed, today) = (Seed(document), jiff::civil::date(2026, 9, 1));
    let fonts = Fonts::load().unwrap();
    let traveller = Traveller::draw(seed, format, today);
    let page = Page::new(traveller, format, drawn_face(seed), today, seed).for_level(level);
    let pressed = press(&page, &fonts).unwrap();
    (0..count)
        .map(|frame| {
            let taken = seed.child("frame", frame);
            let shot = Shot {
                dpi: page.dpi.min(240.0),
                ..Shot::draw(level, taken)
            };
            photograph_with(&pressed, &fonts, level, &shot, taken)
        })
        .collect()
}

fn answered(words: &[&str]) -> Vec<serde_json::Value> {
    let mut command = Programs::beside_this().unwrap().mpaka();
    let output = command
        .env("MPAKA_MODELS", "/nowhere")
        .args(["page", "--json", "--today", "2026-09-01"])
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn kept(folder: &Path, name: &str, photograph: &Photograph) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, photograph.jpeg().unwrap()).unwrap();
    path
}

/// A film of pictures of any sizes, each in the middle of a frame as large as the largest.
fn film(path: &Path, pictures: &[&Photograph]) {
    let side = |of: fn(&Photograph) -> u32| pictures.iter().map(|p| of(p)).max().unwrap();
    let (w, h) = (side(|p| p.picture.width()), side(|p| p.picture.height()));
    let (w, h) = (w + w % 2, h + h % 2);
    let size = Size::new(w as i32, h as i32);
    let mjpg = VideoWriter::fourcc('M', 'J', 'P', 'G').unwrap();
    let name = path.to_str().unwrap();
    let mut writer =
        VideoWriter::new_with_backend(name, CAP_FFMPEG, mjpg, 5.0, size, true).unwrap();
    assert!(writer.is_opened().unwrap());
    for photograph in pictures {
        let picture = &photograph.picture;
        let (left, top) = ((w - picture.width()) / 2, (h - picture.height()) / 2);
        let mut pixels = vec![Vec3b::from([128, 128, 128]); (w * h) as usize];
        for (x, y, rgb) in picture.enumerate_pixels() {
            let [r, g, b] = rgb.0;
            pixels[((y + top) * w + x + left) as usize] = Vec3b::from([b, g, r]);
        }
        let frame = Mat::new_rows_cols_with_data(h as i32, w as i32, &pixels).unwrap();
        writer.write(&frame).unwrap();
    }
    writer.release().unwrap();
}

#[test]
fn a_film_of_two_documents_is_read_frame_by_frame_and_never_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let passport = frames(41, Format::Td3, Level::Easy, 3);
    let card = frames(42, Format::Td1, Level::Easy, 3);
    let shown: Vec<&Photograph> = passport.iter().chain(&card).collect();
    let path = folder.path().join("film.avi");
    film(&path, &shown);
    let source = format!("video:{}", path.display());
    let each = answered(&["--source", &source]);
    let together = answered(&["--source", &source, "--combine"]);
    assert_eq!((each.len(), together.len()), (6, 6));
    for (k, (alone, combined)) in each.iter().zip(&together).enumerate() {
        let truth = serde_json::json!(shown[k].truth.mrz);
        let name = format!("{}#{}", path.display(), k + 1);
        assert_eq!(alone["image"], name);
        assert_eq!(alone["mrz"], truth, "frame {k}");
        assert!(alone.get("frames").is_none());
        assert_eq!(combined["mrz"], truth, "up to frame {k}");
        // Those of this document so far.
        let counted = combined["frames"].as_array().unwrap();
        assert_eq!(counted.len(), k % 3 + 1, "{counted:?}");
        assert_eq!(counted.last().unwrap(), &name);
    }
    let first_two = answered(&["--source", &source, "--count", "2"]);
    assert_eq!(first_two.len(), 2);
}

#[test]
fn pictures_named_together_are_one_document_and_a_stranger_among_them_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let document = frames(51, Format::Td3, Level::Moderate, 3);
    let stranger = &frames(52, Format::Td3, Level::Easy, 1)[0];
    let mut paths: Vec<PathBuf> = document
        .iter()
        .enumerate()
        .map(|(k, p)| kept(folder.path(), &format!("{k}.jpg"), p))
        .collect();
    paths.push(kept(folder.path(), "stranger.jpg", stranger));
    let mut words = vec!["--combine"];
    words.extend(paths.iter().map(|p| p.to_str().unwrap()));
    let objects = answered(&words);
    let [object] = &objects[..] else {
        panic!("{objects:?}")
    };
    assert_eq!(object["mrz"], serde_json::json!(document[0].truth.mrz));
    let counted = object["frames"].as_array().unwrap();
    assert!(counted.len() >= 2, "{counted:?}");
    assert!(
        counted
            .iter()
            .all(|f| !f.as_str().unwrap().contains("stranger"))
    );
}
