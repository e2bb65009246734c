//! A large JPEG file decoded at a fraction of its size: its blocks of 8 by 8 pixels are transformed to
//! blocks of 4 or 2 (ITU-T T.81 keeps them as frequencies), which takes a third of the time of the whole.
//! A page that fills the picture can be read in it; the whole is decoded once somebody asks for it.

use crate::jpeg;
use image::metadata::Orientation;
use image::{GrayImage, RgbImage};
use opencv::imgcodecs::{IMREAD_REDUCED_COLOR_2, IMREAD_REDUCED_COLOR_4};

/// The longest side of a coarse copy is at least this, in pixels.
const LEAST_SIDE: u32 = 1280;
/// How often a side is halved, and what the decoder calls it; the coarsest first.
const HALVINGS: [(u8, i32); 2] = [(2, IMREAD_REDUCED_COLOR_4), (1, IMREAD_REDUCED_COLOR_2)];

/// A picture at a fraction of its size.
#[derive(Debug, Clone)]
pub(crate) struct Coarse {
    /// The pixels, upright.
    pub(crate) rgb: RgbImage,
    /// How often each side was halved: 1 or 2.
    pub(crate) halvings: u8,
    /// How the file's pixels are turned to stand upright.
    orientation: Orientation,
}

impl Coarse {
    /// A large JPEG file of so many columns and rows, decoded coarsely; `None` for any other picture, and for
    /// one of four inks.
    pub(crate) fn of(
        file: &[u8],
        [width, height]: [u32; 2],
        orientation: Orientation,
    ) -> Option<Self> {
        let longest = width.max(height);
        let (halvings, how) = HALVINGS
            .into_iter()
            .find(|(halvings, _)| longest >> halvings >= LEAST_SIDE)?;
        let part = |side: u32| side.div_ceil(1 << halvings);
        let rgb = jpeg::decoded(file, how, [part(width), part(height)], orientation)?;
        Some(Self {
            rgb,
            halvings,
            orientation,
        })
    }

    /// The luminance of the whole picture of so many columns and rows as it stands, of the file that this is a
    /// copy of. `None` where it cannot be decoded.
    pub(crate) fn whole_luminance(&self, file: &[u8], size: [u32; 2]) -> Option<GrayImage> {
        jpeg::luminance(file, size, self.orientation)
    }

    /// The copy enlarged to the whole's size, for a file whose whole cannot be decoded after all.
    pub(crate) fn enlarged(&self, [width, height]: [u32; 2]) -> RgbImage {
        image::imageops::resize(
            &self.rgb,
            width,
            height,
            image::imageops::FilterType::Triangle,
        )
    }
}
