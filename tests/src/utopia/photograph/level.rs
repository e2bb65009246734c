//! How bad a photograph is: four levels, each a range for every fault of a camera and its holder.
//!
//! | fault | unit | `clean` | `easy` | `moderate` | `hard` |
//! |---|---|---|---|---|---|
//! | resolution at the page's middle | dpi | 280-320 | 200-300 | 160-260 | 130-220 |
//! | tilt away from square | ° | 0 | 0-8 | 5-20 | 10-32 |
//! | rotation | ° | 0 | -6-6 | -30-30 | -180-180 |
//! | margin around the page, part of its size | | 0.02-0.05 | 0.04-0.2 | 0.06-0.4 | 0.06-0.5 |
//! | bend of the leaf | mm | 0 | 0-0.3 | 0.2-1.0 | 0.4-2.0 |
//! | defocus (standard deviation) | mm | 0 | 0-0.06 | 0.04-0.12 | 0.08-0.18 |
//! | motion (length) | mm | 0 | 0-0.1 | 0.05-0.3 | 0.1-0.5 |
//! | sensor noise (standard deviation) | levels | 0-1 | 1-3 | 2-7 | 4-13 |
//! | shade (light lost across the picture) | part | 0-0.05 | 0.05-0.25 | 0.15-0.45 | 0.3-0.65 |
//! | vignetting (light lost in the corners) | part | 0 | 0-0.1 | 0.05-0.25 | 0.1-0.4 |
//! | glare (light added at its middle) | part | 0 | 0-0.15 | 0-0.5 | 0.15-0.9 |
//! | glare on the zone, at most | part | 0 | 0.1 | 0.3 | 0.5 |
//! | exposure | stops | 0 | -0.2-0.2 | -0.6-0.4 | -1.1-0.5 |
//! | colour cast (each channel) | part | 0 | -0.04-0.04 | -0.1-0.1 | -0.18-0.18 |
//! | things on the desk | count | 0 | 1-4 | 3-9 | 6-14 |
//! | fingers holding the page | count | 0 | 0 | 0-1 | 0-2 |
//! | wear of the zone's print | part | 0-0.05 | 0-0.2 | 0.1-0.45 | 0.2-0.7 |
//! | JPEG quality | | 95 | 85-95 | 65-92 | 40-82 |
//!
//! Lengths are measured on the page. OCR-B's strokes are 0.35 mm wide, so a defocus of 0.18 mm is heavy
//! and still legible.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::utopia::seed::{Seed, within};

/// How bad a photograph is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As a flat-bed page reader gives it.
    Clean,
    /// A careful hand and good light.
    Easy,
    /// An ordinary picture by a telephone.
    Moderate,
    /// In haste, in bad light, at any angle; a patient person still reads it.
    Hard,
}

/// A closed range: least and most.
pub type Range = (f32, f32);

/// The range of every fault at one level; units as in [`Shot`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // The same names and units as Shot's, where they are documented.
pub struct Ranges {
    pub dpi: Range,
    pub tilt_degrees: Range,
    pub rotation_degrees: Range,
    pub margin: Range,
    pub bend_mm: Range,
    pub defocus_mm: Range,
    pub motion_mm: Range,
    pub noise_levels: Range,
    pub shade: Range,
    pub vignetting: Range,
    pub glare: Range,
    pub glare_on_zone: f32,
    pub exposure_stops: Range,
    pub cast: Range,
    pub things: Range,
    pub fingers: Range,
    pub wear: Range,
    pub jpeg_quality: Range,
}

/// What one photograph was taken with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// Pixels per inch of the page at its middle.
    pub dpi: f32,
    /// Between the camera's axis and the upright on the page, degrees.
    pub tilt_degrees: f32,
    /// The direction in which the camera is tilted, degrees, any.
    pub tilt_towards_degrees: f32,
    /// Of the page in the picture, degrees, clockwise.
    pub rotation_degrees: f32,
    /// Desk seen around the page, as part of the page's size in the picture.
    pub margin: f32,
    /// How far the middle of the leaf is bent away, millimetres.
    pub bend_mm: f32,
    /// Standard deviation of the defocus, millimetres on the page.
    pub defocus_mm: f32,
    /// Length of the motion, millimetres on the page.
    pub motion_mm: f32,
    /// Direction of the motion in the picture, degrees.
    pub motion_towards_degrees: f32,
    /// Standard deviation of the sensor's noise, in 8-bit levels.
    pub noise_levels: f32,
    /// Light lost from the lit side of the picture to the other, 0 to 1.
    pub shade: f32,
    /// Where the light comes from, degrees.
    pub shade_towards_degrees: f32,
    /// Light lost in the corners, 0 to 1.
    pub vignetting: f32,
    /// Light that a reflection adds at its middle (1 is a white sheet's).
    pub glare: f32,
    /// The most that the reflection may add anywhere on the zone.
    pub glare_on_zone: f32,
    /// Over- or under-exposure, photographic stops.
    pub exposure_stops: f32,
    /// What red, green and blue are off by, as part of their strength.
    pub cast: [f32; 3],
    /// Things lying on the desk.
    pub things: u8,
    /// Fingers holding the page at its edge.
    pub fingers: u8,
    /// Wear of the zone's print, 0 (new) to 1 (gone).
    pub wear: f32,
    /// Quality of the JPEG, 1 to 100.
    pub jpeg_quality: u8,
}

impl Level {
    /// Every level, from best to worst.
    pub const ALL: [Self; 4] = [Self::Clean, Self::Easy, Self::Moderate, Self::Hard];

    /// The name used on the command line and in truth files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Easy => "easy",
            Self::Moderate => "moderate",
            Self::Hard => "hard",
        }
    }

    /// The table of this module, as numbers.
    #[must_use]
    pub const fn ranges(self) -> Ranges {
        match self {
            Self::Clean => Ranges {
                dpi: (280.0, 320.0),
                tilt_degrees: (0.0, 0.0),
                rotation_degrees: (0.0, 0.0),
                margin: (0.02, 0.05),
                bend_mm: (0.0, 0.0),
                defocus_mm: (0.0, 0.0),
                motion_mm: (0.0, 0.0),
                noise_levels: (0.0, 1.0),
                shade: (0.0, 0.05),
                vignetting: (0.0, 0.0),
                glare: (0.0, 0.0),
                glare_on_zone: 0.0,
                exposure_stops: (0.0, 0.0),
                cast: (0.0, 0.0),
                things: (0.0, 0.0),
                fingers: (0.0, 0.0),
                wear: (0.0, 0.05),
                jpeg_quality: (95.0, 95.0),
            },
            Self::Easy => Ranges {
                dpi: (200.0, 300.0),
                tilt_degrees: (0.0, 8.0),
                rotation_degrees: (-6.0, 6.0),
                margin: (0.04, 0.2),
                bend_mm: (0.0, 0.3),
                defocus_mm: (0.0, 0.06),
                motion_mm: (0.0, 0.1),
                noise_levels: (1.0, 3.0),
                shade: (0.05, 0.25),
                vignetting: (0.0, 0.1),
                glare: (0.0, 0.15),
                glare_on_zone: 0.1,
                exposure_stops: (-0.2, 0.2),
                cast: (-0.04, 0.04),
                things: (1.0, 4.0),
                fingers: (0.0, 0.0),
                wear: (0.0, 0.2),
                jpeg_quality: (85.0, 95.0),
            },
            Self::Moderate => Ranges {
                dpi: (160.0, 260.0),
                tilt_degrees: (5.0, 20.0),
                rotation_degrees: (-30.0, 30.0),
                margin: (0.06, 0.4),
                bend_mm: (0.2, 1.0),
                defocus_mm: (0.04, 0.12),
                motion_mm: (0.05, 0.3),
                noise_levels: (2.0, 7.0),
                shade: (0.15, 0.45),
                vignetting: (0.05, 0.25),
                glare: (0.0, 0.5),
                glare_on_zone: 0.3,
                exposure_stops: (-0.6, 0.4),
                cast: (-0.1, 0.1),
                things: (3.0, 9.0),
                fingers: (0.0, 1.0),
                wear: (0.1, 0.45),
                jpeg_quality: (65.0, 92.0),
            },
            Self::Hard => Ranges {
                dpi: (130.0, 220.0),
                tilt_degrees: (10.0, 32.0),
                rotation_degrees: (-180.0, 180.0),
                margin: (0.06, 0.5),
                bend_mm: (0.4, 2.0),
                defocus_mm: (0.08, 0.18),
                motion_mm: (0.1, 0.5),
                noise_levels: (4.0, 13.0),
                shade: (0.3, 0.65),
                vignetting: (0.1, 0.4),
                glare: (0.15, 0.9),
                glare_on_zone: 0.5,
                exposure_stops: (-1.1, 0.5),
                cast: (-0.18, 0.18),
                things: (6.0, 14.0),
                fingers: (0.0, 2.0),
                wear: (0.2, 0.7),
                jpeg_quality: (40.0, 82.0),
            },
        }
    }
}

impl Shot {
    /// What a seed gives at a level.
    #[must_use]
    pub fn draw(level: Level, seed: Seed) -> Self {
        let r = level.ranges();
        let rng = &mut seed.stream("shot");
        let any = (0.0, 360.0);
        let count = |v: f32| (v + 0.5).floor() as u8;
        Self {
            dpi: within(rng, r.dpi),
            tilt_degrees: within(rng, r.tilt_degrees),
            tilt_towards_degrees: within(rng, any),
            rotation_degrees: within(rng, r.rotation_degrees),
            margin: within(rng, r.margin),
            bend_mm: within(rng, r.bend_mm),
            defocus_mm: within(rng, r.defocus_mm),
            motion_mm: within(rng, r.motion_mm),
            motion_towards_degrees: within(rng, any),
            noise_levels: within(rng, r.noise_levels),
            shade: within(rng, r.shade),
            shade_towards_degrees: within(rng, any),
            vignetting: within(rng, r.vignetting),
            glare: within(rng, r.glare),
            glare_on_zone: r.glare_on_zone,
            exposure_stops: within(rng, r.exposure_stops),
            cast: std::array::from_fn(|_| within(rng, r.cast)),
            things: count(within(rng, r.things)),
            fingers: count(within(rng, r.fingers)),
            wear: within(rng, r.wear),
            jpeg_quality: count(within(rng, r.jpeg_quality)),
        }
    }
}

impl Shot {
    /// The resolution at which a page is pressed for this shot: a little finer than it can show. A
    /// photograph too fine for memory is refused where its page is pressed.
    #[must_use]
    pub fn press_dpi(&self) -> f32 {
        self.dpi * 1.15
    }
}

impl Ranges {
    /// Names the faults of a shot that lie outside this level; none for a shot drawn at it.
    #[must_use]
    pub fn outside(&self, shot: &Shot) -> Vec<&'static str> {
        let asked = [
            ("dpi", self.dpi, shot.dpi),
            ("tilt", self.tilt_degrees, shot.tilt_degrees),
            ("rotation", self.rotation_degrees, shot.rotation_degrees),
            ("margin", self.margin, shot.margin),
            ("bend", self.bend_mm, shot.bend_mm),
            ("defocus", self.defocus_mm, shot.defocus_mm),
            ("motion", self.motion_mm, shot.motion_mm),
            ("noise", self.noise_levels, shot.noise_levels),
            ("shade", self.shade, shot.shade),
            ("vignetting", self.vignetting, shot.vignetting),
            ("glare", self.glare, shot.glare),
            (
                "glare on the zone",
                (0.0, self.glare_on_zone),
                shot.glare_on_zone,
            ),
            ("exposure", self.exposure_stops, shot.exposure_stops),
            ("red", self.cast, shot.cast[0]),
            ("green", self.cast, shot.cast[1]),
            ("blue", self.cast, shot.cast[2]),
            ("things", self.things, f32::from(shot.things)),
            ("fingers", self.fingers, f32::from(shot.fingers)),
            ("wear", self.wear, shot.wear),
            (
                "JPEG quality",
                self.jpeg_quality,
                f32::from(shot.jpeg_quality),
            ),
        ];
        asked
            .into_iter()
            .filter(|(_, (least, most), value)| !(*least..=*most).contains(value))
            .map(|(name, _, _)| name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shot_lies_within_its_table() {
        for level in Level::ALL {
            for seed in 0..500 {
                let shot = Shot::draw(level, Seed(seed));
                assert_eq!(
                    level.ranges().outside(&shot),
                    Vec::<&str>::new(),
                    "seed {seed}"
                );
            }
        }
    }

    #[test]
    fn the_levels_differ_and_the_check_sees_it() {
        for seed in 0..50 {
            let hard = Shot::draw(Level::Hard, Seed(seed));
            assert!(!Level::Clean.ranges().outside(&hard).is_empty());
            assert!(!Level::Easy.ranges().outside(&hard).is_empty());
        }
    }

    #[test]
    fn the_table_in_the_documentation_is_the_one_in_force() {
        let text = include_str!("level.rs");
        let row = |name: &str| -> Vec<String> {
            let line = text
                .lines()
                .find(|l| l.starts_with(&format!("//! | {name}")))
                .unwrap_or_else(|| unreachable!("no row {name}"));
            line.split('|')
                .skip(3)
                .take(4)
                .map(|c| c.trim().to_owned())
                .collect()
        };
        let shown = |r: Range| {
            if r.0 == r.1 {
                format!("{}", r.0)
            } else {
                format!("{}-{}", r.0, r.1)
            }
        };
        let each = |f: fn(Ranges) -> Range| -> Vec<String> {
            Level::ALL
                .into_iter()
                .map(|l| shown(f(l.ranges())))
                .collect()
        };
        assert_eq!(row("resolution"), each(|r| r.dpi));
        assert_eq!(row("tilt"), each(|r| r.tilt_degrees));
        assert_eq!(row("rotation"), each(|r| r.rotation_degrees));
        assert_eq!(row("margin"), each(|r| r.margin));
        assert_eq!(row("defocus"), each(|r| r.defocus_mm));
        assert_eq!(row("motion"), each(|r| r.motion_mm));
        assert_eq!(row("sensor noise"), each(|r| r.noise_levels));
        assert_eq!(row("shade"), each(|r| r.shade));
        assert_eq!(row("vignetting"), each(|r| r.vignetting));
        assert_eq!(row("glare (light"), each(|r| r.glare));
        assert_eq!(
            row("glare on"),
            each(|r| (r.glare_on_zone, r.glare_on_zone))
        );
        assert_eq!(row("exposure"), each(|r| r.exposure_stops));
        assert_eq!(row("colour cast"), each(|r| r.cast));
        assert_eq!(row("things"), each(|r| r.things));
        assert_eq!(row("fingers"), each(|r| r.fingers));
        assert_eq!(row("wear"), each(|r| r.wear));
        assert_eq!(row("JPEG"), each(|r| r.jpeg_quality));
    }
}
