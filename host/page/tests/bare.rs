//! A page whose zone nobody can read: its outline by its edges, and what is said for a better picture.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::{Rgb, RgbImage, imageops};
use mpaka_page as page;
use mpaka_page::{
    CLASSES, Class, EdgeEvidence, Guidance, LineEvidence, LineReader, PageReading, Picture, STRIDE,
    Strip,
};

/// Sees nothing anywhere.
struct Blind;
impl LineReader for Blind {
    fn see(&self, strip: &Strip) -> LineEvidence {
        let columns = strip.width / STRIDE;
        let mut nothing = [-12.0; CLASSES];
        nothing[Class::OUTSIDE] = 0.0;
        LineEvidence {
            columns: vec![nothing; columns],
            offset: vec![0.0; columns],
            scale: vec![0.0; columns],
        }
    }
}

fn read(image: RgbImage) -> PageReading {
    page::read(&Picture::from_rgb(image), &Blind, None)
}

/// A card of ID-1's shape on a desk, `length` pixels long, its middle at `centre`, turned by `degrees`, with
/// round corners and words on it. And its corners, clockwise from its own upper left.
fn card(
    picture: [u32; 2],
    length: f32,
    centre: [f32; 2],
    degrees: f32,
) -> (RgbImage, [[f32; 2]; 4]) {
    let mm = length / 85.6;
    let half = [length / 2.0, 53.98 / 2.0 * mm];
    let (sin, cos) = degrees.to_radians().sin_cos();
    let radius = 3.18 * mm;
    let image = RgbImage::from_fn(picture[0], picture[1], |x, y| {
        let d = [x as f32 - centre[0], y as f32 - centre[1]];
        let [u, v] = [d[0] * cos + d[1] * sin, d[1] * cos - d[0] * sin];
        // How far outside the rounded rectangle.
        let q = [u.abs() - half[0] + radius, v.abs() - half[1] + radius];
        let outside = q[0].max(0.0).hypot(q[1].max(0.0)) + q[0].max(q[1]).min(0.0) - radius;
        if outside > 0.0 {
            return Rgb([92, 70, 48]);
        }
        // Strokes of 0.35 mm in rows.
        let (column, row) = ((u / mm + 100.0) % 1.4, (v / mm + 100.0) % 6.0);
        let word = column < 0.35 && row < 2.4 && u.abs() < 0.8 * half[0] && v.abs() < 0.8 * half[1];
        Rgb(if word { [40; 3] } else { [214, 220, 216] })
    });
    let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|[a, b]| {
        let [u, v] = [a * half[0], b * half[1]];
        [centre[0] + u * cos - v * sin, centre[1] + u * sin + v * cos]
    });
    (image, corners)
}

#[test]
fn the_corners_of_a_card_are_found_at_any_rotation() {
    for (picture, length) in [
        ([1200, 900], 640.0),
        ([480, 640], 300.0),
        ([2600, 2000], 1500.0),
    ] {
        for degrees in [0.0, 4.0, 31.0, 77.0, 90.0, 140.0] {
            let centre = [picture[0] as f32 * 0.48, picture[1] as f32 * 0.53];
            let (image, corners) = card(picture, length, centre, degrees);
            let bare = read(image)
                .bare
                .unwrap_or_else(|| panic!("{length} {degrees}: none"));
            for found in bare.corners {
                let off = corners
                    .iter()
                    .map(|c| (c[0] - found[0]).hypot(c[1] - found[1]))
                    .fold(f32::MAX, f32::min);
                // Within 2 % of its length: the copy that is looked at has a pixel for 1 %.
                assert!(
                    off < 0.02 * length,
                    "{length} {degrees}: {found:?} of {corners:?}"
                );
            }
            assert_eq!(bare.edges, [EdgeEvidence::Seen; 4], "{length} {degrees}");
            // Clockwise: every turn is one to the right.
            for k in 0..4 {
                let [a, b, c] = [0, 1, 2].map(|i| bare.corners[(k + i) % 4]);
                let turn = (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]);
                assert!(turn > 0.0);
            }
        }
    }
}

#[test]
fn what_is_no_page_has_no_outline() {
    let plain =
        |shade: fn(u32, u32) -> u8| RgbImage::from_fn(640, 480, |x, y| Rgb([shade(x, y); 3]));
    for (name, image) in [
        ("a wall", plain(|_, _| 240)),
        ("a slope", plain(|x, _| (x / 3) as u8)),
        (
            "a board",
            plain(|x, y| if (x / 8 + y / 8) % 2 == 0 { 20 } else { 230 }),
        ),
        ("stripes", plain(|x, _| if x % 40 < 20 { 20 } else { 230 })),
        (
            "a strip",
            plain(|x, y| {
                if (100..140).contains(&y) && x > 50 && x < 600 {
                    230
                } else {
                    60
                }
            }),
        ),
        (
            "a disc",
            plain(|x, y| {
                if (x as f32 - 320.0).hypot(y as f32 - 240.0) < 180.0 {
                    230
                } else {
                    60
                }
            }),
        ),
        ("a dot", RgbImage::from_pixel(1, 1, Rgb([3; 3]))),
    ] {
        let reading = read(image);
        assert_eq!(reading.bare, None, "{name}");
        assert_eq!(reading.guidance, [], "{name}");
    }
}

#[test]
fn a_sharp_card_that_fills_the_picture_wants_nothing() {
    for degrees in [0.0, 5.0, 90.0] {
        let (image, _) = card([1200, 1200], 900.0, [600.0, 600.0], degrees);
        assert_eq!(read(image).guidance, [], "{degrees}");
    }
}

#[test]
fn each_fault_is_named() {
    let middle = [600.0, 450.0];
    let (small, _) = card([1200, 900], 340.0, middle, 5.0);
    assert_eq!(read(small).guidance, [Guidance::MoveCloser]);

    let (cut, _) = card([1200, 900], 900.0, [600.0, 700.0], 0.0);
    let reading = read(cut);
    assert!(
        reading.guidance.contains(&Guidance::ShowWhole),
        "{:?}",
        reading.guidance
    );
    assert!(reading.bare.unwrap().edges.contains(&EdgeEvidence::Border));

    let (sharp, _) = card([1200, 900], 900.0, middle, 5.0);
    // As much as a stroke is wide: strokes run together.
    let blurred = imageops::blur(&sharp, 0.35 * 900.0 / 85.6);
    assert_eq!(read(blurred).guidance, [Guidance::HoldStill]);

    // So much that no print is left; and a card without print, sharp, wants nothing.
    let away = imageops::blur(&sharp, 1.2 * 900.0 / 85.6);
    assert_eq!(read(away).guidance, [Guidance::HoldStill]);
    let mut blank = sharp.clone();
    for pixel in blank.pixels_mut().filter(|p| p.0 == [40; 3]) {
        *pixel = Rgb([214, 220, 216]);
    }
    assert_eq!(read(blank.clone()).guidance, []);
    let blurred = imageops::blur(&blank, 1.2 * 900.0 / 85.6);
    assert_eq!(read(blurred).guidance, [Guidance::HoldStill]);

    let mut glaring = sharp;
    for (x, y, pixel) in glaring.enumerate_pixels_mut() {
        if (x as f32 - 560.0).hypot(y as f32 - 420.0) < 170.0 {
            *pixel = Rgb([255; 3]);
        }
    }
    assert_eq!(read(glaring).guidance, [Guidance::Turn]);
}
