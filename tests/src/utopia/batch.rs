//! Many pages: which format, traveller and fault each of them has.

use image::RgbImage;
use jiff::civil::Date;
use rand::RngExt;
use rules::mrz::Format;

use super::fault::Fault;
use super::photograph::Level;
use super::portrait::drawn_face;
use super::press::Page;
use super::seed::{Seed, one_of};
use super::traveller::Traveller;

/// How a batch chooses its pages.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// The formats among which each page is drawn; a format named twice comes twice as often.
    pub formats: &'a [Format],
    /// One page in so many has a fault; 0 for none.
    pub one_fault_in: u32,
    /// Portraits to choose from; a drawn face where there are none.
    pub portraits: &'a [RgbImage],
    /// The day on which documents are valid or have expired.
    pub today: Date,
    /// How badly they will be photographed: sets wear and resolution.
    pub level: Level,
}

/// The page that a seed gives.
#[must_use]
pub fn draw_page(drawn: &Drawn<'_>, seed: Seed) -> Page {
    let rng = &mut seed.stream("batch");
    let format = match drawn.formats {
        [] => Format::Td3,
        formats => *one_of(rng, formats),
    };
    let traveller = Traveller::draw(seed, format, drawn.today);
    let portrait = match drawn.portraits {
        [] => drawn_face(seed),
        portraits => one_of(rng, portraits).clone(),
    };
    let mut page = Page::new(traveller, format, portrait, drawn.today, seed).for_level(drawn.level);
    if drawn.one_fault_in > 0 && rng.random_ratio(1, drawn.one_fault_in) {
        let fault = *one_of(rng, Fault::BY_DAYLIGHT);
        let fits = page
            .traveller
            .zone(format)
            .is_ok_and(|zone| fault.spoils(&zone).is_ok());
        page.fault = fits.then_some(fault);
    }
    page
}
