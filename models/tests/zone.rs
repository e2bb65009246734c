//! The zone reader through its own door: a zone drawn here is found and read at any rotation, and what
//! is none is not.
#![allow(clippy::unwrap_used, clippy::panic)]

use ab_glyph::{Font, FontVec, PxScale, ScaleFont};
use image::{Rgb, RgbImage};
use models::zone::ZoneReader;
use models::{Card, digest};
use page::{LineReader, Picture, STRIDE, STRIP_HEIGHT, Strip};
use rules::{CheckId, Outcome};

/// The specimens of Doc 9303 parts 4, 5 and 6.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];

/// The specimens of Doc 9303-7.
const MRV_A: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
];
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

/// OCR-B of Debian's `fonts-ocr-b`, where it is installed.
fn ocr_b() -> Option<FontVec> {
    let bytes = std::fs::read("/usr/share/fonts/opentype/ocr-b/OCRB.otf").ok();
    let font = bytes.and_then(|b| FontVec::try_from_vec(b).ok());
    if font.is_none() {
        eprintln!("skipped: the font OCR-B (Debian package fonts-ocr-b) is absent");
    }
    font
}

/// Black lines on paper, characters `pitch` pixels apart, somewhat off the middle.
fn printed(font: &FontVec, lines: &[&str], pitch: f32) -> RgbImage {
    let scale = PxScale::from(pitch * 1.45);
    let scaled = font.as_scaled(scale);
    let advance = scaled.h_advance(font.glyph_id('A'));
    let characters = lines[0].len() as f32;
    let width = (characters * pitch * 1.15) as u32;
    let mut image = RgbImage::from_pixel(width, width * 7 / 10, Rgb([236, 232, 224]));
    let bottom = image.height() as f32 - pitch * 3.0;
    for (l, line) in lines.iter().enumerate() {
        let base = bottom - pitch * 2.3 * (lines.len() - 1 - l) as f32;
        for (i, character) in line.chars().enumerate() {
            let x = pitch * 1.5 + pitch * i as f32 + (pitch - advance) / 2.0;
            let glyph = font
                .glyph_id(character)
                .with_scale_and_position(scale, ab_glyph::point(x, base));
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|gx, gy, ink| {
                let (px, py) = (
                    bounds.min.x as i64 + i64::from(gx),
                    bounds.min.y as i64 + i64::from(gy),
                );
                if let (Ok(px), Ok(py)) = (u32::try_from(px), u32::try_from(py))
                    && px < image.width()
                    && py < image.height()
                {
                    for c in &mut image.get_pixel_mut(px, py).0 {
                        *c = (f32::from(*c) * (1.0 - ink) + 25.0 * ink) as u8;
                    }
                }
            });
        }
    }
    image
}

/// The page turned by so many degrees on a darker desk.
fn turned(page: &RgbImage, degrees: f32) -> Picture {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = (page.width() as f32, page.height() as f32);
    let side = (w * w + h * h).sqrt() as u32 + 20;
    let half = side as f32 / 2.0;
    let image = RgbImage::from_fn(side, side, |x, y| {
        let (dx, dy) = (x as f32 + 0.5 - half, y as f32 + 0.5 - half);
        let sx = dx * cos + dy * sin + w / 2.0 - 0.5;
        let sy = dy * cos - dx * sin + h / 2.0 - 0.5;
        if sx < 0.0 || sy < 0.0 || sx > w - 1.0 || sy > h - 1.0 {
            return Rgb([96, 84, 70]);
        }
        image::imageops::interpolate_bilinear(page, sx, sy).unwrap_or(Rgb([96, 84, 70]))
    });
    Picture::from_rgb(image)
}

#[test]
fn a_drawn_zone_is_read_at_any_rotation() {
    let Some(font) = ocr_b() else { return };
    let reader = ZoneReader::load().unwrap();
    for (lines, pitch) in [(&TD3[..], 20.0), (&TD1[..], 24.0), (&TD2[..], 16.0)] {
        let page = printed(&font, lines, pitch);
        for degrees in [0.0, 7.0, 90.0, 133.0, 180.0, 270.0, 318.0] {
            let reading = page::read(&turned(&page, degrees), &reader, None);
            let zone = reading
                .zone
                .unwrap_or_else(|| panic!("{} at {degrees}: none", lines[0]));
            assert_eq!(zone.lines, lines, "at {degrees} degrees");
            assert!(zone.zone.is_some());
            let evidence = reading
                .checks
                .iter()
                .find(|c| c.check == CheckId::ZoneEvidence)
                .unwrap();
            assert_eq!(evidence.outcome, Outcome::Successful, "{}", evidence.detail);
        }
    }
}

/// The page seen from the side and from above at once: each corner drawn in by a share of its sides.
fn tilted(page: &RgbImage, corners: [[f32; 2]; 4]) -> Picture {
    let (w, h) = (page.width() as f32, page.height() as f32);
    let [a, b, c, d] = corners.map(|[x, y]| [x * w, y * h]);
    // The projective map of the unit square onto the corners (Heckbert 1989), and its adjugate to go back.
    let (dx1, dx2, dx3) = (b[0] - c[0], d[0] - c[0], a[0] - b[0] + c[0] - d[0]);
    let (dy1, dy2, dy3) = (b[1] - c[1], d[1] - c[1], a[1] - b[1] + c[1] - d[1]);
    let whole = dx1 * dy2 - dx2 * dy1;
    let (g, k) = (
        (dx3 * dy2 - dx2 * dy3) / whole,
        (dx1 * dy3 - dx3 * dy1) / whole,
    );
    let m = [
        [b[0] - a[0] + g * b[0], d[0] - a[0] + k * d[0], a[0]],
        [b[1] - a[1] + g * b[1], d[1] - a[1] + k * d[1], a[1]],
        [g, k, 1.0],
    ];
    let minor = |r: [usize; 2], c: [usize; 2]| {
        m[r[0]][c[0]] * m[r[1]][c[1]] - m[r[0]][c[1]] * m[r[1]][c[0]]
    };
    let back = [
        [
            minor([1, 2], [1, 2]),
            -minor([0, 2], [1, 2]),
            minor([0, 1], [1, 2]),
        ],
        [
            -minor([1, 2], [0, 2]),
            minor([0, 2], [0, 2]),
            -minor([0, 1], [0, 2]),
        ],
        [
            minor([1, 2], [0, 1]),
            -minor([0, 2], [0, 1]),
            minor([0, 1], [0, 1]),
        ],
    ];
    Picture::from_rgb(RgbImage::from_fn(page.width(), page.height(), |x, y| {
        let [u, v, s] = back.map(|r| r[0] * x as f32 + r[1] * y as f32 + r[2]);
        let (u, v) = (u / s * (w - 1.0), v / s * (h - 1.0));
        if u < 0.0 || v < 0.0 || u > w - 1.0 || v > h - 1.0 {
            return Rgb([96, 84, 70]);
        }
        image::imageops::interpolate_bilinear(page, u, v).unwrap_or(Rgb([96, 84, 70]))
    }))
}

#[test]
fn a_zone_of_every_format_is_read_in_moderate_perspective() {
    let Some(font) = ocr_b() else { return };
    let reader = ZoneReader::load().unwrap();
    for lines in [&TD3[..], &TD1[..], &TD2[..], &MRV_A[..], &MRV_B[..]] {
        let page = printed(&font, lines, 22.0);
        for corners in [
            [[0.06, 0.05], [0.95, 0.02], [1.0, 0.97], [0.0, 1.0]],
            [[0.0, 0.0], [0.94, 0.09], [0.94, 0.9], [0.0, 1.0]],
            [[0.03, 0.12], [0.98, 0.0], [0.93, 0.93], [0.0, 0.98]],
        ] {
            let reading = page::read(&tilted(&page, corners), &reader, None);
            let zone = reading.zone.unwrap_or_else(|| panic!("{}: none", lines[0]));
            assert_eq!(zone.lines, lines);
        }
    }
}

#[test]
fn a_mirrored_zone_is_not_read_as_one() {
    let Some(font) = ocr_b() else { return };
    let reader = ZoneReader::load().unwrap();
    for lines in [&TD3[..], &TD1[..], &TD2[..]] {
        let mirrored = image::imageops::flip_horizontal(&printed(&font, lines, 20.0));
        let reading = page::read(&Picture::from_rgb(mirrored), &reader, None);
        let passes = reading.zone.and_then(|z| z.zone).is_some_and(|z| {
            let checks = z.checks(jiff::civil::date(2026, 9, 1));
            checks.iter().all(|c| c.outcome != Outcome::Failed)
        });
        assert!(!passes, "{}", lines[0]);
    }
}

#[test]
fn a_wrong_digit_is_read_as_printed_and_its_check_named() {
    let Some(font) = ocr_b() else { return };
    let reader = ZoneReader::load().unwrap();
    let today = jiff::civil::date(2026, 9, 1);
    for (wrong, failing) in [
        (
            [TD3[0], "L898902C36UTO7408123F1204159ZE184226B<<<<<10"],
            CheckId::ZoneDigitDateOfBirth,
        ),
        (
            [TD3[0], "L898902C39UTO7408122F1204159ZE184226B<<<<<10"],
            CheckId::ZoneDigitDocumentNumber,
        ),
        (
            [TD3[0], "L898902C36UTO7408122F1204155ZE184226B<<<<<10"],
            CheckId::ZoneDigitDateOfExpiry,
        ),
    ] {
        let picture = turned(&printed(&font, &wrong, 18.0), 3.0);
        let zone = page::read(&picture, &reader, None).zone.unwrap();
        assert_eq!(zone.lines, wrong);
        let checks = zone.zone.unwrap().checks(today);
        let check = checks.iter().find(|c| c.check == failing).unwrap();
        assert_eq!(check.outcome, Outcome::Failed);
    }
}

#[test]
fn pictures_without_print_have_no_zone() {
    let reader = ZoneReader::load().unwrap();
    let noise = |x: u32, y: u32| {
        let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77);
        h ^= h >> 15;
        (h.wrapping_mul(0x2C1B_3C6D) >> 24) as u8
    };
    for shade in [
        (|_, _| 255) as fn(u32, u32) -> u8,
        noise,
        |x, y| if y % 20 < 8 && x % 11 < 6 { 20 } else { 230 },
        |x, y| if (x / 9 + y / 9) % 2 == 0 { 20 } else { 230 },
        |x, _| (x % 256) as u8,
    ] {
        let picture = Picture::from_rgb(RgbImage::from_fn(800, 600, |x, y| Rgb([shade(x, y); 3])));
        assert_eq!(page::read(&picture, &reader, None).zone, None);
    }
}

#[test]
fn evidence_has_a_column_for_each_stride_of_any_strip() {
    let reader = ZoneReader::load().unwrap();
    for width in [0, 4, 8, 20, 400] {
        let strip = Strip {
            width,
            pixels: vec![0.5; width * STRIP_HEIGHT],
        };
        let evidence = reader.see(&strip);
        assert_eq!(evidence.columns.len(), width / STRIDE);
        assert_eq!(evidence.offset.len(), width / STRIDE);
        for column in &evidence.columns {
            let sum: f32 = column.iter().map(|l| l.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-3);
        }
    }
    let torn = Strip {
        width: 400,
        pixels: vec![0.5; 7],
    };
    assert!(reader.see(&torn).columns.is_empty());
}

#[test]
fn damaged_weights_are_refused() {
    let card = Card::find("zone-reader").unwrap();
    let whole = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/zone-reader.bin")).unwrap();
    assert_eq!(digest(&whole), card.digest);
    assert_eq!(whole.len() as u64, card.bytes);
    assert!(ZoneReader::from_bytes(&whole).is_ok());
    for cut in [0, 3, 4, 8, 30, 1000, whole.len() - 1] {
        assert!(ZoneReader::from_bytes(&whole[..cut]).is_err(), "{cut}");
    }
    let longer = [&whole[..], b"x"].concat();
    assert!(ZoneReader::from_bytes(&longer).is_err());
    for at in 0..22 {
        let mut other = whole.clone();
        other[at] ^= 0x55;
        assert!(ZoneReader::from_bytes(&other).is_err(), "byte {at}");
    }
    let mut infinite = whole;
    infinite[42..46].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(ZoneReader::from_bytes(&infinite).is_err());
}
