//! Faces through the public door, with the real weights and the portraits that `mpaka-models fetch`
//! brings. Where they are absent every test here says so and passes; `tests/run.sh` fetches them first.
#![allow(clippy::unwrap_used, clippy::panic)]

mod portraits;

use image::{Rgb, RgbImage, imageops};
use models::face::{FaceEngine, Obstacle};
use models::quality::Guidance;
use models::{Card, Folder, ModelError};
use page::{FaceFinder, Picture};
use portraits::{engine, folder, on_canvas, portrait};
use rules::{Outcome, Policy};
use std::path::Path;

fn beside(a: &Picture, b: &Picture) -> Picture {
    let mut both = RgbImage::from_pixel(640, 480, Rgb([190; 3]));
    for (picture, x) in [(a, 0), (b, 320)] {
        let high = 320 * picture.height() / picture.width();
        let small = imageops::resize(picture.rgb(), 320, high.min(480), imageops::Triangle);
        imageops::overlay(&mut both, &small, x, 0);
    }
    Picture::from_rgb(both)
}

/// How far a cosine may be from the other program's: the engines add in another order, nothing else differs.
const APART: f32 = 0.001;

/// Cosines of these very pictures by another program: OpenCV 4.12 in Python with the same weights, in
/// a copy of 640 pixels by `INTER_AREA`, the face aligned in that copy (`tests/peers/faces_score.py`).
/// How a copy is made moves the cosine by up to 0.03 by itself.
const REFERENCE: [(&str, &str, f32); 5] = [
    ("obama.jpg", "obama2.jpg", 0.7521),
    ("obama.jpg", "obama3.jpg", 0.8076),
    ("obama2.jpg", "obama3.jpg", 0.7284),
    ("obama.jpg", "biden.jpg", 0.1161),
    ("obama2.jpg", "biden.jpg", 0.2882),
];

#[test]
fn the_scores_are_those_of_another_implementation_and_fall_into_the_right_bands() {
    let Some(engine) = engine() else { return };
    let policy = Policy::default();
    for (a, b, wanted) in REFERENCE {
        let (Some(live), Some(reference)) = (portrait(a), portrait(b)) else {
            return;
        };
        let answer = engine.compare(&live, &reference, &policy).unwrap();
        let score = answer.score.unwrap();
        eprintln!("{a} {b}: {score:.4}, reference {wanted:.4}");
        assert!(
            (score - wanted).abs() <= APART,
            "{a} {b}: {score} against {wanted}"
        );
        let outcome = if wanted > 0.5 {
            Outcome::Successful
        } else {
            Outcome::Failed
        };
        assert_eq!(answer.outcome, outcome, "{a} {b}: {}", answer.why);
        assert!(answer.obstacles.is_empty());
    }
}

#[test]
fn a_face_agrees_with_itself_small_grey_and_dim() {
    let Some(engine) = engine() else { return };
    let Some(whole) = portrait("obama.jpg") else {
        return;
    };
    let policy = Policy::default();
    let grey = Picture::from_rgb(
        image::DynamicImage::ImageLuma8(imageops::grayscale(whole.rgb())).into_rgb8(),
    );
    let mut dim = whole.rgb().clone();
    dim.iter_mut().for_each(|c| *c /= 3);
    let small = on_canvas(&whole, 160, 200, 200);
    for (name, changed) in [
        ("grey", grey),
        ("dim", Picture::from_rgb(dim)),
        ("small", small),
    ] {
        let answer = engine.compare(&changed, &whole, &policy).unwrap();
        assert_eq!(
            answer.outcome,
            Outcome::Successful,
            "{name}: {}",
            answer.why
        );
        assert!(answer.score.unwrap() > 0.7, "{name}: {}", answer.why);
    }
}

#[test]
fn the_same_picture_gives_the_same_template_of_unit_length() {
    let Some(engine) = engine() else { return };
    let Some(picture) = portrait("biden.jpg") else {
        return;
    };
    let first = engine.view(&picture).unwrap().template.unwrap();
    let second = engine.view(&picture).unwrap().template.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.values.len(), 128);
    assert_eq!(first.model.0, "sface-2021dec");
    let length: f32 = first.values.iter().map(|v| v * v).sum();
    assert!((length - 1.0).abs() < 1e-4);
}

#[test]
fn an_enrolled_template_stands_between_a_face_and_its_mirror_image() {
    let Some(engine) = engine() else { return };
    let Some(picture) = portrait("obama2.jpg") else {
        return;
    };
    let template = |view: models::face::FaceView| view.template.unwrap();
    let seen = template(engine.view(&picture).unwrap());
    let enrolled = template(engine.enrol(&picture).unwrap());
    let mirrored = Picture::from_rgb(imageops::flip_horizontal(picture.rgb()));
    let mirrored = template(engine.view(&mirrored).unwrap());
    let [to_face, to_mirror, apart] = [
        (&seen, &enrolled),
        (&mirrored, &enrolled),
        (&seen, &mirrored),
    ]
    .map(|(a, b)| a.cosine(b).unwrap());
    assert!(
        apart < to_face && apart < to_mirror,
        "{apart} {to_face} {to_mirror}"
    );
    assert!(to_face > 0.95 && to_mirror > 0.9, "{to_face} {to_mirror}");
    // Another picture of him is met about as well.
    let other = template(engine.view(&portrait("obama.jpg").unwrap()).unwrap());
    assert!(other.cosine(&enrolled).unwrap() > 0.7);
}

#[test]
fn pictures_without_a_face_are_undetermined_and_say_so() {
    let Some(engine) = engine() else { return };
    let Some(good) = portrait("obama.jpg") else {
        return;
    };
    let blank = Picture::from_rgb(RgbImage::from_pixel(640, 480, Rgb([128; 3])));
    let dot = Picture::from_rgb(RgbImage::new(1, 1));
    let thread = Picture::from_rgb(RgbImage::from_pixel(4000, 1, Rgb([200, 10, 10])));
    let noise = Picture::from_rgb(RgbImage::from_fn(500, 400, |x, y| {
        Rgb([(x * 7919 + y * 104_729) as u8; 3])
    }));
    for (name, none) in [
        ("blank", blank),
        ("dot", dot),
        ("thread", thread),
        ("noise", noise),
    ] {
        let answer = engine.compare(&none, &good, &Policy::default()).unwrap();
        assert_eq!(
            (answer.score, answer.outcome),
            (None, Outcome::Undetermined),
            "{name}"
        );
        assert_eq!(answer.why, "live picture: no face was found", "{name}");
        let guidance = answer.quality.live.guidance();
        assert_eq!(guidance.first(), Some(&Guidance::ShowFace), "{name}");
        let in_the_dark = name == "dot";
        assert_eq!(
            guidance.contains(&Guidance::MoreLight),
            in_the_dark,
            "{name}"
        );
        assert_eq!(engine.faces(&none), Ok(vec![]));
    }
}

#[test]
fn the_same_picture_always_gives_the_same_faces_whatever_was_seen_before() {
    let Some(engine) = engine() else { return };
    let Some(whole) = portrait("obama.jpg") else {
        return;
    };
    let mut pictures: Vec<_> = [
        (1, 1),
        (4000, 1),
        (1, 4000),
        (33, 20),
        (90, 700),
        (640, 31),
        (250, 250),
    ]
    .into_iter()
    .map(|(width, height)| {
        Picture::from_rgb(RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 37 + y * 11) as u8, (x * y) as u8, (y * 91) as u8])
        }))
    })
    .collect();
    pictures.push(on_canvas(&whole, 160, 200, 200));
    let first: Vec<_> = pictures.iter().map(|p| engine.detect(p).unwrap()).collect();
    for turn in 0..12 {
        for at in 0..pictures.len() {
            let at = (at * (turn % 5 + 1) + turn) % pictures.len();
            assert_eq!(
                engine.detect(&pictures[at]).unwrap(),
                first[at],
                "picture {at}"
            );
        }
    }
}

#[test]
fn two_faces_of_a_size_are_not_one() {
    let Some(engine) = engine() else { return };
    let (Some(a), Some(b)) = (portrait("obama.jpg"), portrait("biden.jpg")) else {
        return;
    };
    let both = beside(&a, &b);
    assert_eq!(engine.faces(&both).unwrap().len(), 2);
    let view = engine.view(&both).unwrap();
    assert_eq!(
        view.inspection.obstacle,
        Some(Obstacle::SeveralFaces { count: 2 })
    );
    assert_eq!(view.template, None);
    assert!(
        view.inspection
            .quality
            .guidance()
            .contains(&Guidance::OneAtATime)
    );
    let answer = engine.compare(&a, &both, &Policy::default()).unwrap();
    assert_eq!(answer.why, "reference picture: 2 faces were found, not one");
}

#[test]
fn somebody_small_behind_the_traveller_does_not_stop_the_comparison() {
    let Some(engine) = engine() else { return };
    let (Some(a), Some(b)) = (portrait("obama.jpg"), portrait("biden.jpg")) else {
        return;
    };
    let mut scene = on_canvas(&a, 640, 480, 470).rgb().clone();
    let small = imageops::resize(b.rgb(), 70, 70 * b.height() / b.width(), imageops::Triangle);
    imageops::overlay(&mut scene, &small, 10, 20);
    let scene = Picture::from_rgb(scene);
    let answer = engine.compare(&scene, &a, &Policy::default()).unwrap();
    assert_eq!(answer.outcome, Outcome::Successful, "{}", answer.why);
}

#[test]
fn a_turned_picture_is_said_to_be_turned_and_never_evidence_against_anyone() {
    let Some(engine) = engine() else { return };
    for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
        let Some(whole) = portrait(name) else { return };
        let upright = on_canvas(&whole, 640, 480, 440);
        for (turned, wanted) in [
            (imageops::rotate270(upright.rgb()), 90),
            (imageops::rotate180(upright.rgb()), 180),
            (imageops::rotate90(upright.rgb()), 270),
        ] {
            let turned = Picture::from_rgb(turned);
            let answer = engine.compare(&turned, &whole, &Policy::default()).unwrap();
            assert_eq!(
                answer.outcome,
                Outcome::Undetermined,
                "{name} {wanted}: {}",
                answer.why
            );
            assert_eq!(
                answer.obstacles[0].1,
                Obstacle::Turned { degrees: wanted },
                "{name}"
            );
            let guidance = answer.quality.live.guidance();
            assert_eq!(guidance, [Guidance::StraightenHead], "{name} {wanted}");
        }
    }
}

#[test]
fn a_fifty_megapixel_picture_is_read_and_a_far_face_in_it_found() {
    let Some(engine) = engine() else { return };
    let Some(whole) = portrait("obama.jpg") else {
        return;
    };
    let policy = Policy::default();
    let near = on_canvas(&whole, 8192, 6144, 6000);
    let answer = engine.compare(&near, &whole, &policy).unwrap();
    assert_eq!(answer.outcome, Outcome::Successful, "{}", answer.why);
    // A face so small that the first look, at 640 pixels, cannot see it.
    let far = on_canvas(&whole, 6000, 4000, 500);
    let answer = engine.compare(&far, &whole, &policy).unwrap();
    assert_eq!(answer.outcome, Outcome::Successful, "{}", answer.why);
}

#[test]
fn absent_and_corrupt_weights_are_told_apart() {
    let Some(whole) = folder() else { return };
    let other = tempfile::tempdir().unwrap();
    let copy =
        |from: &Path, name: &str| std::fs::copy(from.join(name), other.path().join(name)).unwrap();
    assert!(matches!(
        Folder::open(other.path()),
        Err(ModelError::Absent { id, .. }) if id == "yunet-2023mar"
    ));
    for card in Card::all().iter().filter(|c| c.package().is_some()) {
        copy(whole.path(), &card.file);
    }
    let open = || Folder::open(other.path());
    assert!(FaceEngine::load(&open().unwrap()).is_ok());

    // One bit of one weight.
    let matcher = other.path().join("sface-2021dec.onnx");
    let mut bytes = std::fs::read(&matcher).unwrap();
    bytes[20_000_000] ^= 1;
    std::fs::write(&matcher, &bytes).unwrap();
    assert!(matches!(
        FaceEngine::load(&open().unwrap()),
        Err(ModelError::Corrupt { id, .. }) if id == "sface-2021dec"
    ));
    // Cut off, as by a full disk.
    std::fs::write(&matcher, &bytes[..1000]).unwrap();
    assert!(matches!(open(), Err(ModelError::Corrupt { .. })));
    std::fs::remove_file(&matcher).unwrap();
    let said = open().unwrap_err().to_string();
    assert!(
        said.contains("mpaka-models fetch") && said.contains("sface-2021dec.onnx"),
        "{said}"
    );
}

#[test]
fn lanes_share_one_engine_and_never_see_each_others_travellers() {
    let Some(engine) = engine() else { return };
    let mut travellers = Vec::new();
    for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
        let Some(whole) = portrait(name) else { return };
        // Small pictures of one size, so that the runs of the lanes interleave closely.
        let picture = on_canvas(&whole, 160, 200, 200);
        let alone = engine.view(&picture).unwrap();
        travellers.push((picture, alone));
    }
    std::thread::scope(|scope| {
        for (picture, alone) in &travellers {
            scope.spawn(move || {
                for _ in 0..10 {
                    assert_eq!(&engine.view(picture).unwrap(), alone);
                }
            });
        }
    });
}
