//! Taking the pictures of what was placed: the lamp switched on and warmed up, frames taken and averaged where what
//! is seen lies still.

use crate::CalibrationError;
use crate::plan::{Frames as Kept, Placement, Shot};
use crate::plane::{Plane, light_of};
use crate::rig::{Frames, Rig};
use firmware::Fault;
use firmware::lamps::Lamp;
use image::{Rgb, RgbImage};
use page::Picture;
use page::profile::to_srgb;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Between two looks at a lamp that warms up.
const LOOK: Duration = Duration::from_secs(10);
/// A lamp whose light changes by less between two looks is warm, per cent.
const WARM_PERCENT: f64 = 0.2;
/// Of the ultraviolet lamp's time no more than this is asked for: so many frames.
const ULTRAVIOLET_FRAMES: usize = 4;
/// What lies still differs by less between two frames, as a share of its light.
const STILL: f64 = 0.02;
/// And in the dark by less than this, of full light.
const STILL_DARK: f64 = 0.004;
/// How often an ultraviolet lamp that rests is waited for.
const PATIENT: usize = 3;
/// Steps of the table that encodes light.
const ENCODED: usize = 1 << 14;

/// How pictures are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// Frames that are averaged.
    pub frames: usize,
    /// The longest that a lamp is given to warm up; nought measures it as it is.
    pub warm_up: Duration,
    /// Lamps that the box does not have.
    pub without: BTreeSet<&'static str>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            frames: 8,
            warm_up: Duration::from_secs(300),
            without: BTreeSet::new(),
        }
    }
}

/// What is going on, for whoever waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A lamp warms up: how long already, and by how much its light has changed since the last look, per cent.
    Warming {
        /// The lamp.
        lamp: Lamp,
        /// Since when.
        since: Duration,
        /// The change; none before the second look.
        change: Option<f64>,
    },
    /// The ultraviolet lamp rests.
    Resting(Duration),
    /// Frames of a shot are taken.
    Taking {
        /// The shot's name.
        shot: &'static str,
        /// The lamp.
        lamp: Option<Lamp>,
        /// How many.
        frames: usize,
    },
}

/// The pictures of what was placed, by the names of their shots.
pub type Shots = BTreeMap<String, Vec<Picture>>;

/// Takes every picture of what was placed; `told` hears what is going on. Whatever comes of it, white alone is lit
/// afterwards: warm for the next target, and nobody lifts the lid from a burning ultraviolet lamp.
///
/// # Errors
/// [`CalibrationError::Board`], [`CalibrationError::Camera`], [`CalibrationError::NoFrame`],
/// [`CalibrationError::Moved`] where it did not lie still, [`CalibrationError::Unsteady`] where a lamp's light does not
/// settle.
pub fn take(
    rig: &mut dyn Rig,
    placement: Placement,
    manner: &Manner,
    told: &mut dyn FnMut(Told),
) -> Result<Shots, CalibrationError> {
    let taken = every_shot(rig, placement, manner, told);
    let white = light(rig, Some(Lamp::White), told);
    let shots = taken?;
    white.map(|()| shots)
}

fn every_shot(
    rig: &mut dyn Rig,
    placement: Placement,
    manner: &Manner,
    told: &mut dyn FnMut(Told),
) -> Result<Shots, CalibrationError> {
    let mut shots = Shots::new();
    for shot in placement.shots() {
        let absent = shot
            .lamp
            .is_some_and(|lamp| manner.without.contains(lamp.part().as_str()));
        if absent && !shot.needed {
            continue;
        }
        match light(rig, shot.lamp, told) {
            Err(CalibrationError::Board(Fault::NotFitted { .. })) if !shot.needed => continue,
            lit => lit?,
        }
        if let Some(lamp) = shot.lamp.filter(|l| *l != Lamp::Ultraviolet) {
            warm_up(rig, lamp, placement, manner, told)?;
        }
        let frames = frames(shot, manner);
        told(Told::Taking {
            shot: shot.name,
            lamp: shot.lamp,
            frames,
        });
        let taken = match shot.frames {
            Kept::Averaged => vec![averaged(rig, placement, frames)?],
            Kept::One | Kept::Each(_) => (0..frames)
                .map(|_| rig.frame(placement.eye()))
                .collect::<Result<_, _>>()?,
        };
        shots.insert(shot.name.to_owned(), taken);
    }
    Ok(shots)
}

fn frames(shot: &Shot, manner: &Manner) -> usize {
    match shot.frames {
        Kept::Averaged if shot.lamp == Some(Lamp::Ultraviolet) => {
            manner.frames.clamp(1, ULTRAVIOLET_FRAMES)
        }
        Kept::Averaged => manner.frames.max(1),
        Kept::One => 1,
        Kept::Each(count) => count,
    }
}

/// Lights a lamp alone; an ultraviolet lamp that must rest is waited for.
fn light(
    rig: &mut dyn Rig,
    lamp: Option<Lamp>,
    told: &mut dyn FnMut(Told),
) -> Result<(), CalibrationError> {
    for _ in 0..PATIENT {
        match rig.only(lamp) {
            Err(CalibrationError::Board(Fault::UltravioletResting { wait })) => {
                told(Told::Resting(wait));
                rig.pass(wait);
            }
            lit => return lit,
        }
    }
    rig.only(lamp)
}

/// Watches a lamp's light until it settles. A lamp that was lit all the while has settled already.
fn warm_up(
    rig: &mut dyn Rig,
    lamp: Lamp,
    placement: Placement,
    manner: &Manner,
    told: &mut dyn FnMut(Told),
) -> Result<(), CalibrationError> {
    if manner.warm_up.is_zero() || placement.shots().iter().any(|s| s.frames == Kept::One) {
        return Ok(());
    }
    if rig.frames() == Frames::Given {
        // There is nothing to watch it by.
        told(Told::Warming {
            lamp,
            since: Duration::ZERO,
            change: None,
        });
        rig.pass(manner.warm_up);
        return Ok(());
    }
    let mut before = level(&rig.frame(placement.eye())?);
    let mut since = Duration::ZERO;
    let mut change = None;
    while since < manner.warm_up {
        told(Told::Warming {
            lamp,
            since,
            change,
        });
        rig.pass(LOOK);
        since += LOOK;
        let now = level(&rig.frame(placement.eye())?);
        let percent = 100.0 * (now / before.max(1e-6) - 1.0);
        if percent.abs() < WARM_PERCENT {
            return Ok(());
        }
        change = Some(percent);
        before = now;
    }
    Err(CalibrationError::Unsteady {
        lamp: lamp.part().as_str(),
        percent: change.unwrap_or(0.0),
    })
}

/// The mean light of a picture, of every fifth pixel.
fn level(picture: &Picture) -> f64 {
    let (mut sum, mut count) = (0.0f64, 0u32);
    for pixel in picture.rgb().pixels().step_by(5) {
        sum += pixel.0.iter().map(|v| f64::from(light_of(*v))).sum::<f64>() / 3.0;
        count += 1;
    }
    sum / f64::from(count.max(1))
}

/// Frames of what lies still as one picture, averaged as light.
fn averaged(
    rig: &mut dyn Rig,
    placement: Placement,
    frames: usize,
) -> Result<Picture, CalibrationError> {
    const COLUMNS: usize = 48;
    const ROWS: usize = 36;
    let first = rig.frame(placement.eye())?;
    if frames <= 1 {
        return Ok(first);
    }
    let size = [first.width(), first.height()];
    let blocks = Plane::of(&first).blocks(COLUMNS, ROWS);
    let light = blocks.iter().map(|b| f64::from(*b)).sum::<f64>() / blocks.len() as f64;
    let limit = STILL * light + STILL_DARK;
    let mut sums: Vec<f32> = first.rgb().as_raw().iter().map(|v| light_of(*v)).collect();
    for _ in 1..frames {
        let next = rig.frame(placement.eye())?;
        if [next.width(), next.height()] != size {
            return Err(CalibrationError::Moved);
        }
        let apart = Plane::of(&next)
            .blocks(COLUMNS, ROWS)
            .iter()
            .zip(&blocks)
            .map(|(a, b)| f64::from((a - b).abs()))
            .sum::<f64>()
            / blocks.len() as f64;
        if apart > limit {
            return Err(CalibrationError::Moved);
        }
        for (sum, value) in sums.iter_mut().zip(next.rgb().as_raw()) {
            *sum += light_of(*value);
        }
    }
    let table: Vec<u8> = (0..=ENCODED)
        .map(|i| (to_srgb(i as f64 / ENCODED as f64) * 255.0).round() as u8)
        .collect();
    let scale = ENCODED as f32 / frames as f32;
    let encode = |sum: f32| table[((sum * scale).round() as usize).min(ENCODED)];
    let picture = RgbImage::from_fn(size[0], size[1], |x, y| {
        let at = 3 * (y as usize * size[0] as usize + x as usize);
        Rgb([0, 1, 2].map(|k| encode(sums[at + k])))
    });
    Ok(Picture::from_rgb(picture))
}
