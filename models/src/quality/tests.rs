#![allow(clippy::panic)]
use super::*;
use crate::face::{DetectedFace, Similarity, TEMPLATE};
use image::{Rgb, RgbImage};
use page::Rect;

/// A drawn head of 224 by 224 in a picture of 320 by 320: skin, darker eyes, mouth and brows.
fn drawn(skin: [u8; 3]) -> RgbImage {
    drawn_with_mouth(skin, [30.0, 7.0])
}

/// [`drawn`] with a mouth of these radii.
fn drawn_with_mouth(skin: [u8; 3], mouth: [f32; 2]) -> RgbImage {
    let dark = skin.map(|c| c / 3);
    RgbImage::from_fn(320, 320, |x, y| {
        let near = |cx: f32, cy: f32, rx: f32, ry: f32| {
            ((x as f32 - cx) / rx).powi(2) + ((y as f32 - cy) / ry).powi(2) < 1.0
        };
        let feature = near(124.6, 151.4, 13.0, 6.0)
            || near(195.1, 151.0, 13.0, 6.0)
            || near(160.0, 232.0, mouth[0], mouth[1])
            || near(124.6, 132.0, 18.0, 3.0)
            || near(195.1, 132.0, 18.0, 3.0);
        let shade = |c: u8| (f32::from(c) * (1.0 - 0.9 * (y as f32 - 160.0).abs() / 160.0)) as u8;
        if feature {
            Rgb(dark)
        } else if near(160.0, 184.0, 74.0, 96.0) {
            Rgb(skin.map(shade))
        } else {
            Rgb([210, 214, 218])
        }
    })
}

/// The face of [`drawn`].
fn face() -> DetectedFace {
    DetectedFace {
        bounds: Rect {
            x: 86,
            y: 88,
            width: 148,
            height: 192,
        },
        landmarks: TEMPLATE.map(|[x, y]| [2.0 * x + 48.0, 2.0 * y + 48.0]),
        score: 0.95,
    }
}

fn quality(picture: &RgbImage, face: &DetectedFace) -> Quality {
    let onto = Similarity::fit(&face.landmarks, &TEMPLATE).expect("a fit");
    Quality::of(&Sample::take(picture, face, 1, picture, &onto))
}

fn value(quality: &Quality, name: &str) -> f32 {
    quality
        .find(name)
        .unwrap_or_else(|| panic!("no measure {name}"))
        .value
}

const SKINS: [[u8; 3]; 3] = [[224, 172, 140], [150, 100, 74], [92, 62, 46]];

#[test]
fn a_plain_portrait_of_any_skin_needs_no_guidance() {
    for skin in SKINS {
        let quality = quality(&drawn(skin), &face());
        assert_eq!(quality.guidance(), [], "{skin:?}: {quality:?}");
    }
}

#[test]
fn a_mouth_that_is_not_there_is_asked_for_on_any_skin_and_not_of_a_greyscale_portrait() {
    for skin in SKINS {
        let covered = drawn_with_mouth(skin, [0.0, 0.0]);
        let quality_of = |picture: &RgbImage| quality(picture, &face());
        assert_eq!(
            quality_of(&covered).guidance(),
            [Guidance::UncoverMouth],
            "{skin:?}"
        );
        assert!(quality_of(&covered).is_poor("lips_visible"), "{skin:?}");
        assert!(
            !quality_of(&drawn(skin)).is_poor("lips_visible"),
            "{skin:?}"
        );
        let grey = image::DynamicImage::from(covered).into_luma8();
        let grey = image::DynamicImage::from(grey).into_rgb8();
        assert!(!quality_of(&grey).is_poor("lips_visible"), "{skin:?}");
    }
}

#[test]
fn every_measure_stays_on_its_range_and_has_a_name_of_its_own() {
    let pictures = [
        RgbImage::new(320, 320),
        RgbImage::from_pixel(320, 320, Rgb([255; 3])),
        drawn(SKINS[1]),
    ];
    for picture in pictures {
        let quality = quality(&picture, &face());
        for measure in quality.measures() {
            assert!(
                (measure.range[0]..=measure.range[1]).contains(&measure.value),
                "{measure:?}"
            );
            let same = quality.measures().iter().filter(|m| m.name == measure.name);
            assert_eq!(same.count(), 1, "{}", measure.name);
        }
    }
}

#[test]
fn a_face_beyond_the_edge_is_measured_without_panic() {
    let picture = image::imageops::crop_imm(&drawn(SKINS[0]), 0, 0, 3, 2).to_image();
    let face = DetectedFace {
        bounds: Rect {
            x: 0,
            y: 0,
            width: 3,
            height: 2,
        },
        landmarks: TEMPLATE.map(|[x, y]| [x - 60.0, y - 80.0]),
        score: 0.7,
    };
    assert!(value(&quality(&picture, &face), "head_across") >= 0.0);
}

#[test]
fn blur_lowers_sharpness_and_light_does_not() {
    let sharp = drawn(SKINS[0]);
    let blurred = image::imageops::blur(&sharp, 6.0);
    let dim = RgbImage::from_fn(320, 320, |x, y| Rgb(sharp.get_pixel(x, y).0.map(|c| c / 2)));
    let of = |picture: &RgbImage| value(&quality(picture, &face()), "sharpness");
    assert!(of(&blurred) < 0.5 * of(&sharp));
    assert!((of(&dim) / of(&sharp) - 1.0).abs() < 0.1);
    let guidance = quality(&image::imageops::blur(&sharp, 9.0), &face()).guidance();
    assert!(guidance.contains(&Guidance::HoldStill), "{guidance:?}");
}

#[test]
fn darkness_glare_and_side_light_are_told_apart() {
    let picture = drawn(SKINS[0]);
    let map = |change: &dyn Fn(u32, f32) -> f32| {
        RgbImage::from_fn(320, 320, |x, y| {
            Rgb(picture
                .get_pixel(x, y)
                .0
                .map(|c| change(x, f32::from(c)) as u8))
        })
    };
    let dark = quality(&map(&|_, c| c * 0.08), &face()).guidance();
    assert!(dark.contains(&Guidance::MoreLight), "{dark:?}");
    let glare = quality(&map(&|_, c| c * 4.0), &face()).guidance();
    assert!(glare.contains(&Guidance::LessLight), "{glare:?}");
    let side = quality(&map(&|x, c| if x < 160 { c } else { c * 0.4 }), &face()).guidance();
    assert!(side.contains(&Guidance::EvenLight), "{side:?}");
}

#[test]
fn coloured_light_is_noticed_and_a_greyscale_portrait_is_not_blamed() {
    let picture = drawn(SKINS[1]);
    let blue = RgbImage::from_fn(320, 320, |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0;
        Rgb([r / 3, g, b.saturating_mul(3)])
    });
    let guidance = quality(&blue, &face()).guidance();
    assert!(guidance.contains(&Guidance::CheckColours), "{guidance:?}");
    let grey = RgbImage::from_fn(320, 320, |x, y| Rgb([picture.get_pixel(x, y).0[1]; 3]));
    assert_eq!(quality(&grey, &face()).guidance(), []);
}

#[test]
fn dark_glasses_and_a_mask_are_named_on_any_skin() {
    for skin in SKINS {
        let picture = drawn(skin);
        let covered = |rows: std::ops::Range<u32>, colour: [u8; 3]| {
            RgbImage::from_fn(320, 320, |x, y| {
                let on = rows.contains(&y) && (90..230).contains(&x);
                if on {
                    Rgb(colour)
                } else {
                    *picture.get_pixel(x, y)
                }
            })
        };
        let glasses = quality(&covered(136..170, [14, 13, 15]), &face()).guidance();
        assert!(
            glasses.contains(&Guidance::UncoverEyes),
            "{skin:?} {glasses:?}"
        );
        assert!(
            !glasses.contains(&Guidance::UncoverMouth),
            "{skin:?} {glasses:?}"
        );
        let mask = quality(&covered(200..290, [90, 150, 210]), &face()).guidance();
        assert!(mask.contains(&Guidance::UncoverMouth), "{skin:?} {mask:?}");
        assert!(!mask.contains(&Guidance::UncoverEyes), "{skin:?} {mask:?}");
    }
}

#[test]
fn shut_eyes_and_an_open_mouth_are_named_on_any_skin() {
    for skin in SKINS {
        let picture = drawn(skin);
        let lid = skin.map(|c| (f32::from(c) * 0.9) as u8);
        let shut = RgbImage::from_fn(320, 320, |x, y| match y {
            142..=149 | 153..=160 if (108..212).contains(&x) => Rgb(lid),
            _ => *picture.get_pixel(x, y),
        });
        let shut = quality(&shut, &face()).guidance();
        assert_eq!(shut, [Guidance::OpenEyes], "{skin:?}");
        let open = RgbImage::from_fn(320, 320, |x, y| {
            let (across, down) = ((x as f32 - 160.0) / 24.0, (y as f32 - 234.0) / 18.0);
            match across * across + down * down < 1.0 {
                true => Rgb([20, 10, 12]),
                false => *picture.get_pixel(x, y),
            }
        });
        let open = quality(&open, &face()).guidance();
        assert!(open.contains(&Guidance::CloseMouth), "{skin:?} {open:?}");
        assert!(!open.contains(&Guidance::OpenEyes), "{skin:?} {open:?}");
    }
}

#[test]
fn a_busy_background_and_a_distant_face_are_named() {
    let mut picture = drawn(SKINS[0]);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if !(50..270).contains(&x) && (x / 4 + y / 4) % 2 == 0 {
            *pixel = Rgb([0; 3]);
        }
    }
    assert_eq!(
        quality(&picture, &face()).guidance(),
        [Guidance::PlainBackground]
    );

    let small = image::imageops::resize(&drawn(SKINS[0]), 80, 80, image::imageops::Triangle);
    let far = DetectedFace {
        bounds: Rect {
            x: 21,
            y: 22,
            width: 37,
            height: 48,
        },
        landmarks: face().landmarks.map(|p| p.map(|v| (v + 0.5) / 4.0 - 0.5)),
        ..face()
    };
    assert!(
        quality(&small, &far)
            .guidance()
            .contains(&Guidance::ComeCloser)
    );
}

#[test]
fn heavy_compression_shows_at_block_borders() {
    let smooth = image::imageops::blur(&drawn(SKINS[0]), 2.0);
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 4)
        .encode_image(&smooth)
        .expect("it encodes");
    let coarse = image::load_from_memory(&bytes)
        .expect("it decodes")
        .into_rgb8();
    let of = |picture: &RgbImage| value(&quality(picture, &face()), "compression");
    assert!(
        of(&coarse) > of(&smooth) + 0.4,
        "{} {}",
        of(&coarse),
        of(&smooth)
    );
}

#[test]
fn several_faces_and_none_are_named() {
    let onto = Similarity::fit(&face().landmarks, &TEMPLATE).expect("a fit");
    let picture = drawn(SKINS[2]);
    let two = Quality::of(&Sample::take(&picture, &face(), 2, &picture, &onto));
    assert_eq!(two.guidance(), [Guidance::OneAtATime]);
    assert_eq!(Quality::of_no_face().guidance(), [Guidance::ShowFace]);
}

#[test]
fn as_json_a_measure_is_found_by_its_name() {
    let json = serde_json::to_value(quality(&drawn(SKINS[0]), &face())).expect("it serialises");
    assert_eq!(json["inter_eye_distance"]["unit"], "px");
    assert!(
        (json["inter_eye_distance"]["value"]
            .as_f64()
            .expect("a number")
            - 70.5)
            .abs()
            < 1.0
    );
    assert_eq!(json["roll"]["guidance"], serde_json::Value::Null);
}
