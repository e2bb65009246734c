//! The pictures of a running inspection: in memory only, overwritten when dropped.

use super::stages::with_margin;
use page::{Picture, Rect};
use zeroize::Zeroize;

/// The longest side of a picture on the screen, in pixels.
const SHOWN_PAGE_PX: u32 = 1400;
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
        let (width, height) = (picture.width(), picture.height());
        let longest = width.max(height);
        let encoded = if longest <= longest_px {
            picture.to_jpeg(JPEG_QUALITY)
        } else {
            let scaled = |side: u32| {
                u32::try_from(u64::from(side) * u64::from(longest_px) / u64::from(longest))
                    .unwrap_or(1)
                    .max(1)
            };
            Picture::from_rgb(image::imageops::thumbnail(
                picture.rgb(),
                scaled(width),
                scaled(height),
            ))
            .to_jpeg(JPEG_QUALITY)
        };
        encoded.ok().map(Self)
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
    /// The traveller: the face with some ground where it was found, else the whole picture.
    pub live: Option<ShownPicture>,
}

impl Pictures {
    pub(super) fn new(
        page: &Picture,
        portrait: Option<Rect>,
        live: &Picture,
        live_face: Option<Rect>,
    ) -> Self {
        Self {
            page: ShownPicture::of(page, SHOWN_PAGE_PX),
            portrait: portrait
                .and_then(|face| ShownPicture::of(&page.crop(with_margin(face)), SHOWN_PAGE_PX)),
            live: Self::live(live, live_face),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
