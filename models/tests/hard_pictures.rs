//! Pictures as they should not be: the guidance that helps, and nothing held against anyone. Made of portraits in the public
//! domain with the real weights, and skipped with a line where those are absent.
#![allow(clippy::unwrap_used, clippy::panic)]

mod portraits;

use image::{Rgb, RgbImage};
use models::face::{DetectedFace, FaceEngine, Obstacle};
use models::quality::Guidance;
use page::Picture;
use portraits::{engine, on_canvas, portrait};
use rules::{Outcome, Policy};

const NAMES: [&str; 4] = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"];

/// Every portrait at 640 pixels, with its face.
fn sitters(engine: &FaceEngine) -> Vec<(&'static str, RgbImage, DetectedFace)> {
    let sitters = NAMES.iter().filter_map(|name| {
        let picture = portrait(name)?.shrunk(640).unwrap();
        let face = *engine.detect(&picture).unwrap().first().unwrap();
        Some((*name, picture.rgb().clone(), face))
    });
    sitters.collect()
}

fn each_pixel(picture: &RgbImage, of: impl Fn(f32, f32, [f32; 3]) -> [f32; 3]) -> Picture {
    Picture::from_rgb(RgbImage::from_fn(
        picture.width(),
        picture.height(),
        |x, y| {
            let colour = picture.get_pixel(x, y).0.map(f32::from);
            Rgb(of(x as f32, y as f32, colour).map(|c| c as u8))
        },
    ))
}

fn guidance(engine: &FaceEngine, picture: &Picture) -> Vec<Guidance> {
    engine.inspect(picture).unwrap().quality.guidance()
}

/// In units of the distance between the eyes, from the tip of the nose, along the face's own axes: `x` across, `y` down.
fn on_face(face: &DetectedFace, x: f32, y: f32) -> [f32; 2] {
    let [left, right, nose, ..] = face.landmarks;
    let (ex, ey) = (right[0] - left[0], right[1] - left[1]);
    let (dx, dy) = (x - nose[0], y - nose[1]);
    let square = ex * ex + ey * ey;
    [(dx * ex + dy * ey) / square, (dy * ex - dx * ey) / square]
}

#[test]
fn in_the_dark_more_light_is_asked_for_whether_a_face_is_seen_or_not() {
    let Some(engine) = engine() else { return };
    for (name, picture, _) in sitters(engine) {
        for share in [0.12, 0.06, 0.02] {
            let dark = each_pixel(&picture, |_, _, c| c.map(|v| v * share));
            let asked = guidance(engine, &dark);
            assert!(
                asked.contains(&Guidance::MoreLight),
                "{name} {share}: {asked:?}"
            );
        }
    }
}

#[test]
fn against_the_light_light_from_the_front_or_more_of_it_is_asked_for() {
    let Some(engine) = engine() else { return };
    for (name, picture, face) in sitters(engine) {
        let backlit = each_pixel(&picture, |x, y, c| {
            let [across, down] = on_face(&face, x, y);
            let head = (across / 1.3).powi(2) + ((down + 0.3) / 1.8).powi(2) < 1.0;
            if head || down > 1.2 {
                c.map(|v| v * 0.12)
            } else {
                [250.0; 3]
            }
        });
        let asked = guidance(engine, &backlit);
        let lit = [Guidance::MoreLight, Guidance::EvenLight];
        assert!(asked.iter().any(|g| lit.contains(g)), "{name}: {asked:?}");
    }
}

#[test]
fn a_mask_of_any_colour_is_asked_to_be_taken_off_and_nothing_compared_behind_it() {
    let Some(engine) = engine() else { return };
    for (name, picture, face) in sitters(engine) {
        let bare = Picture::from_rgb(picture.clone());
        assert_eq!(engine.inspect(&bare).unwrap().obstacle, None, "{name}");
        for mask in [[90.0, 150.0, 210.0], [235.0; 3], [150.0; 3], [28.0; 3]] {
            let masked = each_pixel(&picture, |x, y, c| {
                let [across, down] = on_face(&face, x, y);
                let cloth = (0.0..1.4).contains(&down) && across.abs() < 1.0 - 0.4 * down * down;
                // Cloth has folds and threads.
                let fold = 6.0 * (x * 0.9 + y * 0.4).sin() + 4.0 * (x * 3.1 - y * 2.3).sin();
                if cloth {
                    mask.map(|v: f32| (v + fold).clamp(0.0, 255.0))
                } else {
                    c
                }
            });
            let found = engine.inspect(&masked).unwrap();
            if found.main.is_some() {
                let asked = found.quality.guidance();
                assert!(
                    asked.contains(&Guidance::UncoverMouth),
                    "{name} {mask:?}: {asked:?}"
                );
                let answer = engine.compare(&masked, &bare, &Policy::default()).unwrap();
                assert_eq!(
                    (answer.score, answer.why.as_str()),
                    (None, "live picture: the mouth is covered"),
                    "{name} {mask:?}"
                );
            } else {
                // Not seen as a face any more: said in words, too.
                assert!(found.obstacle.is_some(), "{name} {mask:?}");
            }
        }
    }
}

#[test]
fn behind_dark_glasses_nothing_is_compared_and_nothing_held_against_the_traveller() {
    let Some(engine) = engine() else { return };
    for (name, picture, face) in sitters(engine) {
        let [left, right, ..] = face.landmarks;
        let apart = face.eye_distance_px();
        let glasses = each_pixel(&picture, |x, y, c| {
            let glass = [left, right].iter().any(|eye| {
                ((x - eye[0]) / (0.4 * apart)).powi(2) + ((y - eye[1]) / (0.28 * apart)).powi(2)
                    < 1.0
            });
            if glass { [16.0, 15.0, 17.0] } else { c }
        });
        let bare = Picture::from_rgb(picture);
        let answer = engine.compare(&glasses, &bare, &Policy::default()).unwrap();
        assert_eq!(
            (answer.score, answer.outcome),
            (None, Outcome::Undetermined),
            "{name}"
        );
        assert_eq!(answer.why, "live picture: the eyes are covered", "{name}");
        let asked = answer.quality.live.guidance();
        assert!(asked.contains(&Guidance::UncoverEyes), "{name}: {asked:?}");
        assert_eq!(engine.inspect(&bare).unwrap().obstacle, None, "{name}");
    }
}

#[test]
fn before_a_drawn_face_a_face_is_asked_for() {
    let Some(engine) = engine() else { return };
    for skin in [[240, 190, 160], [130, 80, 50], [250, 210, 60]] {
        let drawn = RgbImage::from_fn(640, 480, |x, y| {
            let oval = |cx: f32, cy: f32, rx: f32, ry: f32| {
                ((x as f32 - cx) / rx).powi(2) + ((y as f32 - cy) / ry).powi(2)
            };
            let eyes = [270.0, 370.0];
            let in_eye = |rx, ry| eyes.iter().any(|cx| oval(*cx, 200.0, rx, ry) < 1.0);
            let brow = |cx: f32| oval(cx, 165.0, 32.0, 10.0);
            if in_eye(10.0, 10.0) {
                Rgb([20, 40, 60])
            } else if in_eye(28.0, 20.0) {
                Rgb([255; 3])
            } else if eyes
                .iter()
                .any(|cx| (0.6..1.0).contains(&brow(*cx)) && y < 165)
            {
                Rgb([0; 3])
            } else if oval(320.0, 320.0, 50.0, 20.0) < 1.0 && y > 320 {
                Rgb([200, 60, 60])
            } else if (300..318).contains(&x) && (268..274).contains(&y) {
                Rgb([0; 3])
            } else if oval(320.0, 240.0, 130.0, 170.0) < 1.0 {
                Rgb(skin)
            } else {
                Rgb([200, 220, 230])
            }
        });
        let asked = guidance(engine, &Picture::from_rgb(drawn));
        assert_eq!(
            asked.first(),
            Some(&Guidance::ShowFace),
            "{skin:?}: {asked:?}"
        );
    }
}

#[test]
fn a_tiny_face_is_asked_to_come_closer() {
    let Some(engine) = engine() else { return };
    for name in NAMES {
        let Some(whole) = portrait(name) else { return };
        let small = whole.shrunk(90).unwrap();
        let tiny = on_canvas(&small, 640, 480, small.height());
        let found = engine.inspect(&tiny).unwrap();
        assert!(
            matches!(found.obstacle, Some(Obstacle::TooSmall { .. })),
            "{name}: {:?}",
            found.obstacle
        );
        assert!(
            found.quality.guidance().contains(&Guidance::ComeCloser),
            "{name}"
        );
    }
}
