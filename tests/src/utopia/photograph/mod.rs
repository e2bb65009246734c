//! The photographer: what has been pressed lies on a desk and is photographed, well or badly.

mod camera;
mod desk;
mod lens;
mod level;
mod scene;

pub use camera::{Homography, Place};
pub(crate) use lens::{Exposure, Sheet};
pub use level::{Level, Range, Ranges, Shot};

use image::RgbImage;
use rand::Rng;

use self::desk::Surface;
use self::scene::{Leaf, Role, Scene, View, take};
use super::canvas::{Point, RectMm};
use super::error::UtopiaError;
use super::fonts::Fonts;
use super::press::{Lamp, Pressed, Side};
use super::seed::{Seed, within};
use super::truth::{SideTruth, Truth, ZoneTruth};

/// A photograph and what is really in it.
#[derive(Debug, Clone)]
pub struct Photograph {
    /// The picture before its file format.
    pub picture: RgbImage,
    /// The quality at which it is kept, 1 to 100.
    pub jpeg_quality: u8,
    /// What is in it.
    pub truth: Truth,
}

impl Photograph {
    /// The picture as a JPEG file.
    ///
    /// # Errors
    /// [`UtopiaError::PictureNotWritten`] for a picture that JPEG cannot hold.
    pub fn jpeg(&self) -> Result<Vec<u8>, UtopiaError> {
        encode_jpeg(&self.picture, self.jpeg_quality)
    }
}

/// A picture as a JPEG file of this quality.
pub(crate) fn encode_jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, UtopiaError> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    picture.write_with_encoder(encoder)?;
    Ok(bytes)
}

/// Photographs what has been pressed, as badly as the level says.
#[must_use]
pub fn photograph(pressed: &Pressed, fonts: &Fonts, level: Level, seed: Seed) -> Photograph {
    photograph_with(pressed, fonts, level, &Shot::draw(level, seed), seed)
}

/// Photographs what has been pressed with these very faults; the seed chooses the desk. Under infrared and
/// ultraviolet the page lies in a page reader: no desk, no things, no fingers.
#[must_use]
pub fn photograph_with(
    pressed: &Pressed,
    fonts: &Fonts,
    level: Level,
    shot: &Shot,
    seed: Seed,
) -> Photograph {
    let shot = &match pressed.page.lamp {
        Lamp::White => *shot,
        Lamp::Infrared | Lamp::Ultraviolet => Shot {
            things: 0,
            fingers: 0,
            ..*shot
        },
    };
    let rng = &mut seed.stream("scene");
    let mut leaves = Vec::new();
    if let Some(opposite) = &pressed.opposite {
        leaves.push(opposite_leaf(pressed, opposite, level, rng));
    }
    leaves.extend(document_leaves(pressed, level, rng));
    let scene = Scene {
        leaves,
        surface: match (level, pressed.page.lamp) {
            (Level::Clean, _) | (_, Lamp::Infrared | Lamp::Ultraviolet) => Surface::Lid,
            _ => Surface::draw(rng),
        },
    };
    let (picture, view) = take(&scene, fonts, shot, seed);
    let picture = match pressed.page.lamp {
        Lamp::Infrared => grey(picture),
        Lamp::White | Lamp::Ultraviolet => picture,
    };
    let sides = scene
        .leaves
        .iter()
        .filter(|leaf| leaf.role == Role::Document)
        .map(|leaf| side_truth(leaf, &view, shot))
        .collect();
    Photograph {
        truth: Truth::of(pressed, level, shot, seed, &picture, sides),
        picture,
        jpeg_quality: shot.jpeg_quality,
    }
}

/// Photographs a paper that has no zone.
pub(crate) fn photograph_paper(
    paper: &Side,
    fonts: &Fonts,
    level: Level,
    seed: Seed,
) -> Photograph {
    photograph_alone(paper, Role::Document, fonts, level, seed)
}

/// Photographs a part of a desk, as large as this paper, on which the paper does not lie.
pub(crate) fn photograph_desk(paper: &Side, fonts: &Fonts, level: Level, seed: Seed) -> Photograph {
    photograph_alone(paper, Role::Frame, fonts, level, seed)
}

/// Photographs one leaf, or the desk where it would lie.
fn photograph_alone(
    side: &Side,
    role: Role,
    fonts: &Fonts,
    level: Level,
    seed: Seed,
) -> Photograph {
    let shot = Shot::draw(level, seed);
    let leaf = Leaf {
        side,
        centre: [0.0, 0.0],
        turn_degrees: 0.0,
        role,
    };
    let scene = Scene {
        leaves: vec![leaf],
        surface: Surface::draw(&mut seed.stream("scene")),
    };
    let (picture, _) = take(&scene, fonts, &shot, seed);
    Photograph {
        truth: Truth::without_zone(level, &shot, seed, &picture),
        picture,
        jpeg_quality: shot.jpeg_quality,
    }
}

/// The pressed sides, laid out: one alone, or a card's front above its back.
fn document_leaves<'a>(pressed: &'a Pressed, level: Level, rng: &mut impl Rng) -> Vec<Leaf<'a>> {
    let gap = 9.0;
    let total: f32 = pressed
        .sides
        .iter()
        .map(|s| s.size_mm[1] + gap)
        .sum::<f32>()
        - gap;
    let mut y = -total / 2.0;
    pressed
        .sides
        .iter()
        .map(|side| {
            let centre = y + side.size_mm[1] / 2.0;
            y += side.size_mm[1] + gap;
            let askew = if level == Level::Clean || pressed.sides.len() == 1 {
                0.0
            } else {
                within(rng, (-3.0, 3.0))
            };
            Leaf {
                side,
                centre: [0.0, f64::from(centre)],
                turn_degrees: f64::from(askew),
                role: Role::Document,
            }
        })
        .collect()
}

/// The page opposite a passport's, above the fold; or the page under a visa.
fn opposite_leaf<'a>(
    pressed: &Pressed,
    opposite: &'a Side,
    level: Level,
    rng: &mut impl Rng,
) -> Leaf<'a> {
    let [_, page_height] = pressed.sides[0].size_mm;
    let [_, height] = opposite.size_mm;
    let (centre, turn) = if pressed.page.format.is_visa() {
        let askew = if level == Level::Clean {
            0.0
        } else {
            within(rng, (-1.5, 1.5))
        };
        ([0.0, -1.0], f64::from(askew))
    } else {
        ([0.0, -f64::from(page_height + height) / 2.0], 0.0)
    };
    Leaf {
        side: opposite,
        centre,
        turn_degrees: turn,
        role: Role::Beside,
    }
}

/// What is really in the picture of a leaf.
fn side_truth(leaf: &Leaf<'_>, view: &View, shot: &Shot) -> SideTruth {
    let place = |p: Point| view.place(leaf, p, shot.bend_mm).map(|v| v as f32);
    let [width, height] = leaf.side.size_mm;
    let zone = leaf.side.zone.as_ref().map(|printed| {
        let path = |r: &RectMm, y: f32| -> Vec<Point> {
            let at = |i: u8| place([r.x + r.width * f32::from(i) / 16.0, y]);
            (0..=16).map(at).collect()
        };
        let first = printed.lines.first();
        let last = printed.lines.last();
        ZoneTruth {
            quad: match (first, last) {
                (Some(a), Some(b)) => RectMm::new(a.x, a.y, a.width, b.y + b.height - a.y)
                    .corners()
                    .map(place),
                _ => [[0.0; 2]; 4],
            },
            line_paths: printed
                .lines
                .iter()
                .map(|r| path(r, r.y + r.height / 2.0))
                .collect(),
        }
    });
    SideTruth {
        side: leaf.side.kind,
        size_mm: leaf.side.size_mm,
        corners: RectMm::new(0.0, 0.0, width, height).corners().map(place),
        zone,
        portrait: leaf.side.portrait.map(|r| r.corners().map(place)),
    }
}

/// The picture of a camera that sees no colour.
fn grey(mut picture: RgbImage) -> RgbImage {
    for p in picture.pixels_mut() {
        let v = ((u32::from(p.0[0]) + u32::from(p.0[1]) + u32::from(p.0[2]) + 1) / 3) as u8;
        p.0 = [v; 3];
    }
    picture
}
