//! The pictures of a running inspection: in memory only, overwritten when dropped.

use super::stages::with_margin;
use page::{Lamps, Picture, Rect, ZoneReading};
use zeroize::Zeroize;

/// The longest side of a picture on the screen, in pixels.
const SHOWN_PAGE_PX: u32 = 1400;
/// The same while the stages are at work: there soon, and not there for long.
const FIRST_PAGE_PX: u32 = 800;
/// The longest side of a face on the screen, in pixels.
const SHOWN_FACE_PX: u32 = 480;
/// Quality of the pictures on the screen.
const JPEG_QUALITY: u8 = 85;

/// A picture as the screen shows it: a JPEG file, overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownPicture(Vec<u8>);

impl ShownPicture {
    /// The JPEG file's bytes.
    #[must_use]
    pub fn jpeg(&self) -> &[u8] {
        &self.0
    }

    /// The picture, scaled down to `longest_px`; `None` where it cannot be encoded.
    #[must_use]
    pub fn of(picture: &Picture, longest_px: u32) -> Option<Self> {
        let shown = picture.shrunk(longest_px).ok()?;
        shown.to_jpeg(JPEG_QUALITY).ok().map(Self)
    }
}

impl Drop for ShownPicture {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for ShownPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ShownPicture({} bytes)", self.0.len())
    }
}

/// What the officer sees of an encounter. The pictures as taken are gone by then: what is kept is only as
/// large as the screen shows, and the portrait as large as another comparison needs.
#[derive(Debug, Clone, Default)]
pub struct Pictures {
    /// The data page.
    pub page: Option<ShownPicture>,
    /// The printed portrait with some ground around it, at full size.
    pub portrait: Option<ShownPicture>,
    /// The portrait from the chip, where its issuer signed it.
    pub chip: Option<ShownPicture>,
    /// The traveller: the face with some ground where it was found, else the whole picture.
    pub live: Option<ShownPicture>,
    /// The page under infrared.
    pub infrared: Option<ShownPicture>,
    /// The page under ultraviolet.
    pub ultraviolet: Option<ShownPicture>,
}

impl Pictures {
    pub(super) fn new(
        page: &Picture,
        zone: Option<&ZoneReading>,
        portrait: Option<Rect>,
        live: &Picture,
        live_face: Option<Rect>,
    ) -> Self {
        Self {
            page: match zone.and_then(|zone| around_page(zone, portrait)) {
                Some(part) => ShownPicture::of(&page.crop(part), SHOWN_PAGE_PX),
                None => ShownPicture::of(page, SHOWN_PAGE_PX),
            },
            portrait: portrait
                .and_then(|face| ShownPicture::of(&page.crop(with_margin(face)), SHOWN_PAGE_PX)),
            live: Self::live(live, live_face),
            ..Self::default()
        }
    }

    /// The same with the page under the reader's other lamps.
    pub(super) fn with_lamps(mut self, lamps: &Lamps) -> Self {
        let shown = |picture: &Option<Picture>| {
            let picture = picture.as_ref()?;
            ShownPicture::of(picture, SHOWN_PAGE_PX)
        };
        self.infrared = shown(&lamps.infrared);
        self.ultraviolet = shown(&lamps.ultraviolet);
        self
    }

    /// The same with the chip's portrait.
    pub(super) fn with_chip(mut self, portrait: Option<&Picture>) -> Self {
        self.chip = portrait.and_then(|picture| ShownPicture::of(picture, SHOWN_PAGE_PX));
        self
    }

    /// What can be shown before anything has been read.
    #[must_use]
    pub fn before_reading(page: &Picture, live: &Picture) -> Self {
        Self {
            page: ShownPicture::of(page, FIRST_PAGE_PX),
            live: Self::live(live, None),
            ..Self::default()
        }
    }

    /// The traveller's picture as the screen shows it.
    pub(super) fn live(live: &Picture, face: Option<Rect>) -> Option<ShownPicture> {
        match face {
            Some(face) => ShownPicture::of(&live.crop(with_margin(face)), SHOWN_FACE_PX),
            None => ShownPicture::of(live, SHOWN_FACE_PX),
        }
    }
}

/// Where the data page lies in the picture, with a margin: below its zone's sides and above it, by the
/// proportions of Doc 9303 (a page is about 0.7 of its width high, and the zone takes nearly all its width).
/// `None` for a zone of three lines (the portrait is on the other side), one that lies aslant, or one with
/// the portrait somewhere else: then the whole picture is shown.
fn around_page(zone: &ZoneReading, portrait: Option<Rect>) -> Option<Rect> {
    if zone.lines.len() != 2 {
        return None;
    }
    let xs = zone.quad.map(|[x, _]| x);
    let ys = zone.quad.map(|[_, y]| y);
    let least = |v: [f32; 4]| v.into_iter().fold(f32::INFINITY, f32::min);
    let most = |v: [f32; 4]| v.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let (left, right, top, bottom) = (least(xs), most(xs), least(ys), most(ys));
    let [upper_left, upper_right, ..] = zone.quad;
    let along = [
        upper_right[0] - upper_left[0],
        upper_right[1] - upper_left[1],
    ];
    // Upright within about 15 degrees.
    if !(along[0] > 0.0 && along[1].abs() < 0.27 * along[0]) {
        return None;
    }
    let width = right - left;
    let mut part = [
        left - 0.08 * width,
        top - 0.72 * width,
        right + 0.08 * width,
        bottom + 0.08 * width,
    ];
    if let Some(face) = portrait {
        let face = with_margin(face);
        let (x, y) = (face.x as f32, face.y as f32);
        if y > bottom || x > part[2] || x + (face.width as f32) < part[0] {
            return None;
        }
        part[1] = part[1].min(y);
    }
    // Rectangles are cut off at the picture's edges when they are taken.
    let [left, top, right, bottom] = part.map(|v| v.max(0.0) as u32);
    Some(Rect {
        x: left,
        y: top,
        width: right.saturating_sub(left).max(1),
        height: bottom.saturating_sub(top).max(1),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn zone(quad: [[f32; 2]; 4], lines: usize) -> ZoneReading {
        ZoneReading {
            lines: vec![String::new(); lines],
            zone: None,
            seen: vec![],
            confidence: vec![],
            quad,
            evidence: page::ZoneEvidence::default(),
            places: vec![],
        }
    }

    #[test]
    fn an_upright_page_is_shown_alone_and_any_other_picture_whole() {
        let quad = [
            [200.0, 900.0],
            [1200.0, 910.0],
            [1200.0, 990.0],
            [200.0, 980.0],
        ];
        let part = around_page(&zone(quad, 2), None).unwrap();
        assert_eq!((part.x, part.y), (120, 180));
        assert!(part.x + part.width >= 1270 && part.y + part.height >= 1060);
        let face = |x, y| {
            Some(Rect {
                x,
                y,
                width: 200,
                height: 260,
            })
        };
        assert!(around_page(&zone(quad, 2), face(260, 500)).is_some());
        assert!(
            around_page(&zone(quad, 2), face(260, 1500)).is_none(),
            "below the zone"
        );
        assert!(
            around_page(&zone(quad, 2), face(1900, 500)).is_none(),
            "beside the page"
        );
        assert!(
            around_page(&zone(quad, 3), None).is_none(),
            "a card's other side"
        );
        let [a, b, c, d] = quad;
        assert!(
            around_page(&zone([c, d, a, b], 2), None).is_none(),
            "upside down"
        );
        assert!(
            around_page(&zone([b, c, d, a], 2), None).is_none(),
            "on its side"
        );
        let nonsense = [
            [f32::NAN, 0.0],
            [f32::INFINITY, 1.0],
            [-1.0, -5.0],
            [0.0, 0.0],
        ];
        let _ = around_page(&zone(nonsense, 2), face(0, 0));
    }

    #[test]
    fn pictures_are_shown_within_their_bounds() {
        for (width, height) in [(1, 1), (5000, 2), (2, 5000), (1400, 1400), (3000, 2000)] {
            let picture = Picture::from_rgb(image::RgbImage::new(width, height));
            let shown = ShownPicture::of(&picture, 1400).unwrap();
            let back = Picture::decode(shown.jpeg()).unwrap();
            assert!(back.width() <= 1400 && back.height() <= 1400);
            if width <= 1400 && height <= 1400 {
                assert_eq!((back.width(), back.height()), (width, height));
            }
        }
    }
}
