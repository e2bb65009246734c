//! A page read through the room's own door, with a line reader that knows a drawn alphabet.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::{Rgb, RgbImage};
use mpaka_page as page;
use mpaka_page::{
    CLASSES, Class, FaceFinder, FacesUnavailable, LineEvidence, LineReader, Picture, Rect, STRIDE,
    STRIP_HEIGHT, Strip,
};
use rules::{CheckId, Outcome};

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

/// Sees a perfect line of zeros in every strip, even of a blank wall: the worst reader there can be.
struct Dreamer;
impl LineReader for Dreamer {
    fn see(&self, strip: &Strip) -> LineEvidence {
        assert_eq!(strip.pixels.len(), strip.width * STRIP_HEIGHT);
        assert!(strip.pixels.iter().all(|p| p.is_finite()));
        let columns = strip.width / STRIDE;
        let one = |x: usize| {
            let mut column = [-9.0; CLASSES];
            column[if x % 5 < 3 { 0 } else { Class::GAP }] = 0.0;
            column
        };
        LineEvidence {
            columns: (0..columns).map(one).collect(),
            offset: vec![3.0; columns],
            scale: vec![0.4; columns],
        }
    }
}

struct Faces(Result<Vec<Rect>, FacesUnavailable>);
impl FaceFinder for Faces {
    fn faces(&self, _: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        self.0.clone()
    }
}

fn grey(width: u32, height: u32, shade: impl Fn(u32, u32) -> u8) -> Picture {
    Picture::from_rgb(RgbImage::from_fn(width, height, |x, y| {
        Rgb([shade(x, y); 3])
    }))
}

fn hash(x: u32, y: u32) -> u8 {
    let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    (h >> 24) as u8
}

#[test]
fn pictures_without_a_zone_have_none() {
    for picture in [
        grey(1, 1, |_, _| 0),
        grey(3, 900, |_, _| 255),
        grey(900, 2, hash),
        grey(640, 480, |_, _| 255),
        grey(640, 480, hash),
        grey(
            640,
            480,
            |x, y| if (x / 8 + y / 8) % 2 == 0 { 20 } else { 230 },
        ),
        grey(
            640,
            480,
            |x, y| if y % 20 < 8 && x % 9 < 5 { 20 } else { 230 },
        ),
    ] {
        let reading = page::read(&picture, &Blind, None);
        assert_eq!(reading.zone, None);
        assert_eq!(reading.checks[0].check, CheckId::ZonePresent);
        assert_eq!(reading.checks[0].outcome, Outcome::Undetermined);
    }
}

#[test]
fn a_reader_that_dreams_makes_no_panic() {
    for picture in [
        grey(1, 1, |_, _| 0),
        grey(
            640,
            480,
            |x, y| if y % 20 < 8 && x % 9 < 5 { 20 } else { 230 },
        ),
        grey(640, 480, |x, y| {
            if y % 60 < 8 && x % 13 < 7 && x > 60 && x < 600 {
                20
            } else {
                230
            }
        }),
    ] {
        let reading = page::read(&picture, &Dreamer, None);
        if let Some(zone) = reading.zone {
            assert!(zone.zone.is_some());
            assert_eq!(zone.lines.len(), zone.confidence.len());
        }
    }
}

#[test]
fn the_portrait_is_the_largest_face_and_its_absence_is_said() {
    let picture = grey(100, 100, |_, _| 200);
    let small = Rect {
        x: 60,
        y: 5,
        width: 10,
        height: 12,
    };
    let large = Rect {
        x: 5,
        y: 20,
        width: 30,
        height: 40,
    };
    let found = page::read(&picture, &Blind, Some(&Faces(Ok(vec![small, large]))));
    assert_eq!(found.portrait, Some(large));

    let none = page::read(&picture, &Blind, Some(&Faces(Ok(vec![]))));
    assert_eq!(none.portrait, None);
    let absent = page::read(
        &picture,
        &Blind,
        Some(&Faces(Err(FacesUnavailable("no model".into())))),
    );
    assert_eq!(absent.portrait, None);
    for reading in [none, absent] {
        let check = reading
            .checks
            .iter()
            .find(|c| c.check == CheckId::PagePortrait)
            .unwrap();
        assert_eq!(check.outcome, Outcome::Undetermined);
    }
    let unasked = page::read(&picture, &Blind, None);
    assert!(
        unasked
            .checks
            .iter()
            .all(|c| c.check != CheckId::PagePortrait)
    );
}
