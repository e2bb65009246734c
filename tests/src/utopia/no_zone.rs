//! Pictures in which there is no zone: papers, desks, documents without one, faces.

use jiff::civil::Date;
use rules::mrz::Format;

use super::batch::{Drawn, draw_page};
use super::error::UtopiaError;
use super::fault::Fault;
use super::fonts::Fonts;
use super::papers::{self, Paper};
use super::photograph::{Level, Photograph, Shot, photograph, photograph_desk, photograph_paper};
use super::portrait::drawn_face;
use super::press::{Side, press};
use super::seed::{Seed, one_of, within};

/// What a picture without a zone shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A letter, form, payment slip, listing or ticket.
    Paper,
    /// A document of Utopia whose zone is not there.
    Document,
    /// A desk with things and papers on it.
    Desk,
    /// A print of a face.
    Face,
}

/// A picture without a zone, as the seed gives one.
///
/// # Errors
/// As [`press`].
pub fn photograph_without_zone(
    fonts: &Fonts,
    level: Level,
    today: Date,
    seed: Seed,
) -> Result<(Subject, Photograph), UtopiaError> {
    let rng = &mut seed.stream("no zone");
    let subject = *one_of(
        rng,
        &[
            Subject::Paper,
            Subject::Paper,
            Subject::Document,
            Subject::Desk,
            Subject::Face,
        ],
    );
    let scale = Shot::draw(level, seed).press_dpi() / 25.4;
    let picture = match subject {
        Subject::Paper => {
            let kind = *one_of(rng, &Paper::ALL);
            photograph_paper(
                &papers::press_paper(kind, fonts, scale, rng),
                fonts,
                level,
                seed,
            )
        }
        Subject::Document => {
            let drawn = Drawn {
                formats: &Format::ALL,
                one_fault_in: 0,
                portraits: &[],
                today,
                level,
            };
            let mut page = draw_page(&drawn, seed);
            page.fault = Some(Fault::ZoneAbsent);
            photograph(&press(&page, fonts)?, fonts, level, seed)
        }
        Subject::Desk => {
            let size = [within(rng, (90.0, 170.0)), within(rng, (70.0, 130.0))];
            photograph_desk(&nothing(size), fonts, level, seed)
        }
        Subject::Face => photograph_paper(&print_of_a_face(seed), fonts, level, seed),
    };
    Ok((subject, picture))
}

/// A paper of this size that is not there: only its desk is.
fn nothing(size_mm: [f32; 2]) -> Side {
    Side {
        kind: super::layout::SideKind::Front,
        size_mm,
        picture: image::RgbImage::new(size_mm[0] as u32, size_mm[1] as u32),
        outline: image::GrayImage::new(size_mm[0] as u32, size_mm[1] as u32),
        scale: 1.0,
        zone: None,
        portrait: None,
    }
}

/// A photographic print of a drawn face.
fn print_of_a_face(seed: Seed) -> Side {
    let picture = drawn_face(seed);
    let outline =
        image::GrayImage::from_pixel(picture.width(), picture.height(), image::Luma([255]));
    let scale = 4.0;
    Side {
        kind: super::layout::SideKind::Front,
        size_mm: [
            picture.width() as f32 / scale,
            picture.height() as f32 / scale,
        ],
        picture,
        outline,
        scale,
        zone: None,
        portrait: None,
    }
}
