//! Utopia: the made-up state whose travellers carry the documents of every test and demo.
//!
//! [`press()`] prints documents (passports, cards, visas) at a stated resolution; [`photograph()`] takes
//! pictures of them, from a flat-bed's to a hasty hand's; [`no_zone`] takes pictures in which there is
//! no zone to find; [`live`] makes a door camera's picture of a portrait. Everything comes from a
//! [`Seed`] and is the same on every machine. Nothing here was copied from a real document.
//!
//! ```no_run
//! use mpaka_tests::utopia::{Fonts, Level, Page, Seed, Traveller, drawn_face, photograph, press};
//! let (seed, today) = (Seed(7), jiff::civil::date(2026, 9, 1));
//! let fonts = Fonts::load()?;
//! let traveller = Traveller::draw(seed, rules::mrz::Format::Td3, today);
//! let page = Page::new(traveller, rules::mrz::Format::Td3, drawn_face(seed), today, seed);
//! let pressed = press(&page.for_level(Level::Easy), &fonts)?;
//! let photograph = photograph(&pressed, &fonts, Level::Easy, seed);
//! assert_eq!(photograph.truth.mrz.len(), 2);
//! # Ok::<(), mpaka_tests::utopia::UtopiaError>(())
//! ```

mod altered;
mod batch;
mod canvas;
pub mod chip;
mod error;
pub mod fault;
mod fonts;
mod guilloche;
mod layout;
mod light;
pub mod live;
mod names;
pub mod no_zone;
mod papers;
pub mod photograph;
mod portrait;
pub mod press;
pub mod pressed_camera;
pub mod reader;
pub mod replica;
mod seed;
pub mod traveller;
mod truth;
pub mod vpcd;

pub use altered::Altered;
pub use batch::{Drawn, draw_page};
pub use canvas::{Point, RectMm};
pub use error::UtopiaError;
pub use fault::{Fault, Legible};
pub use fonts::{Fonts, ZONE_PITCH_MM};
pub use layout::{SideKind, page_size};
pub use light::Light;
pub use photograph::{Level, Photograph, Shot, photograph, photograph_with};
pub use portrait::drawn_face;
pub use press::{Lamp, Page, Pressed, PrintedZone, Side, press};
pub use seed::Seed;
pub use traveller::Traveller;
pub use truth::{SideTruth, TRUTH_VERSION, Truth, ZoneTruth};

use std::path::Path;

use image::RgbImage;

/// Reads a picture file, e.g. a portrait.
///
/// # Errors
/// [`UtopiaError::PictureUnreadable`].
pub fn open_picture(path: &Path) -> Result<RgbImage, UtopiaError> {
    image::open(path)
        .map(|picture| picture.to_rgb8())
        .map_err(|source| UtopiaError::PictureUnreadable {
            path: path.to_owned(),
            source,
        })
}
