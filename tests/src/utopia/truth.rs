//! What is really in a picture, for those who measure readers.

use image::RgbImage;
use rules::mrz::Format;
use serde::Serialize;

use super::altered::Altered;
use super::canvas::Point;
use super::fault::{Fault, Legible};
use super::layout::SideKind;
use super::photograph::{Level, Shot};
use super::press::{Lamp, Pressed};
use super::seed::Seed;
use super::traveller::Traveller;

/// The version of the truth file that this press writes.
pub const TRUTH_VERSION: u32 = 1;

/// What is really in a picture. Places are in pixels, (0, 0) at the outer corner of the upper left pixel;
/// corners run upper left, upper right, lower right, lower left as the document reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// [`TRUTH_VERSION`].
    pub version: u32,
    /// The picture's file name, once it has one.
    pub image: Option<String>,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Format of the zone; `None` where the picture has no zone.
    pub format: Option<Format>,
    /// The lines as printed, even where a fault keeps them from being read; none where there is no zone.
    pub mrz: Vec<String>,
    /// Whether a person could read all of the zone.
    pub legible: Legible,
    /// What is wrong with the document.
    pub fault: Option<Fault>,
    /// The item of the visual zone that was altered after issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub altered: Option<Altered>,
    /// The check that fails because of it.
    pub fails: Option<rules::CheckId>,
    /// The lamp.
    pub lamp: Lamp,
    /// How badly it was photographed.
    pub level: Level,
    /// The seed of the photograph.
    pub seed: Seed,
    /// With which faults exactly.
    pub shot: Shot,
    /// Every side of the document in the picture.
    pub sides: Vec<SideTruth>,
    /// The box around the printed portrait: x, y, width, height.
    pub portrait: Option<[f32; 4]>,
    /// Whose document.
    pub traveller: Option<Traveller>,
}

/// One side of a document in a picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideTruth {
    /// Which side.
    pub side: SideKind,
    /// Its size, millimetres.
    pub size_mm: [f32; 2],
    /// Its corners.
    pub corners: [Point; 4],
    /// Its zone.
    pub zone: Option<ZoneTruth>,
    /// Its portrait's corners.
    pub portrait: Option<[Point; 4]>,
}

/// Where a zone stands in a picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZoneTruth {
    /// The corners around all its lines. The lines of a bent leaf bow out of it: `line_paths` follows them.
    pub quad: [Point; 4],
    /// The middle of every line at 17 places from its first cell's start to its last cell's end (a bent
    /// leaf bends its lines).
    pub line_paths: Vec<Vec<Point>>,
}

impl Truth {
    /// The truth of a document's photograph.
    pub(crate) fn of(
        pressed: &Pressed,
        level: Level,
        shot: &Shot,
        seed: Seed,
        picture: &RgbImage,
        sides: Vec<SideTruth>,
    ) -> Self {
        let fault = pressed.page.fault;
        let zone = pressed.zone();
        Self {
            format: zone.map(|_| pressed.page.format),
            mrz: zone.map_or(Vec::new(), |z| z.lines().to_vec()),
            legible: fault.map_or(Legible::Whole, Fault::legible),
            fault,
            altered: pressed.page.altered,
            fails: fault.and_then(Fault::fails),
            lamp: pressed.page.lamp,
            portrait: sides.iter().find_map(|s| s.portrait).map(|c| bounds(&c)),
            sides,
            traveller: Some(pressed.page.traveller.clone()),
            ..Self::without_zone(level, shot, seed, picture)
        }
    }

    /// The truth of a picture in which there is no document.
    pub(crate) fn without_zone(level: Level, shot: &Shot, seed: Seed, picture: &RgbImage) -> Self {
        Self {
            version: TRUTH_VERSION,
            image: None,
            size: [picture.width(), picture.height()],
            format: None,
            mrz: Vec::new(),
            legible: Legible::Not,
            fault: None,
            altered: None,
            fails: None,
            lamp: Lamp::White,
            level,
            seed,
            shot: *shot,
            sides: Vec::new(),
            portrait: None,
            traveller: None,
        }
    }
}

/// The box around places: x, y, width, height.
fn bounds(places: &[Point]) -> [f32; 4] {
    let least = |k: usize| places.iter().map(|p| p[k]).fold(f32::MAX, f32::min);
    let most = |k: usize| places.iter().map(|p| p[k]).fold(f32::MIN, f32::max);
    let (x, y) = (least(0), least(1));
    [x, y, most(0) - x, most(1) - y]
}
