//! The quality of a face picture, as named measures after ISO/IEC 29794-5:2025.
//!
//! Each measure stands in a file of its own and says what it measures, in which unit, on which
//! range, and from which value on the picture is poor; a poor one names the guidance that helps.
//! The measures follow the standard's components where these can be computed from pixels and the
//! five points; where a component needs a learned model that is not to be had (its sharpness and
//! head pose), the measure is our own estimate and says so in its `source`. Quality tells the officer and the
//! traveller what to do better. Two also decide that there is nothing to compare, which leaves the question open and is
//! never evidence: covered eyes and covered mouths ([`crate::face::Obstacle::EyesCovered`],
//! [`crate::face::Obstacle::MouthCovered`]).

mod background;
mod colour;
mod compression;
mod contrast;
mod dynamic_range;
mod exposure;
mod eye_distance;
mod eyes_open;
mod eyes_visible;
mod flat_colour;
mod head_position;
mod head_size;
mod lips_visible;
mod luminance;
mod mouth_closed;
mod mouth_coloured;
mod mouth_visible;
mod picture_luminance;
mod pose;
mod sample;
mod sharpness;
mod single_face;
mod uniformity;

pub use sample::Sample;

use image::RgbImage;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What would make a poor picture better. Names are stable: the desk has a sentence for each in every language
/// (`face-guidance-…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// A face must be in the picture.
    ShowFace,
    /// One person at a time.
    OneAtATime,
    /// Nearer to the camera.
    ComeCloser,
    /// Further from the camera.
    StepBack,
    /// The middle of the picture.
    MoveToMiddle,
    /// Straight into the camera, not to a side.
    FaceCamera,
    /// Chin neither raised nor lowered.
    LevelChin,
    /// Head not tilted to a shoulder.
    StraightenHead,
    /// Dark glasses off, hair from the eyes.
    UncoverEyes,
    /// Mask or scarf from mouth and chin.
    UncoverMouth,
    /// Eyes must be open.
    OpenEyes,
    /// The mouth must be closed.
    CloseMouth,
    /// Hold still; if it stays, clean the lens and focus.
    HoldStill,
    /// More light on the face.
    MoreLight,
    /// Less light on the face.
    LessLight,
    /// Light from the front, the same on both sides.
    EvenLight,
    /// A plain background.
    PlainBackground,
    /// The camera's colours need a technician, or the light is coloured.
    CheckColours,
    /// The picture was compressed too much: a better copy is needed.
    BetterCopy,
}

impl Guidance {
    /// Every guidance.
    pub const ALL: [Self; 19] = [
        Self::ShowFace,
        Self::OneAtATime,
        Self::ComeCloser,
        Self::StepBack,
        Self::MoveToMiddle,
        Self::FaceCamera,
        Self::LevelChin,
        Self::StraightenHead,
        Self::UncoverEyes,
        Self::UncoverMouth,
        Self::OpenEyes,
        Self::CloseMouth,
        Self::HoldStill,
        Self::MoreLight,
        Self::LessLight,
        Self::EvenLight,
        Self::PlainBackground,
        Self::CheckColours,
        Self::BetterCopy,
    ];

    /// The name used in JSON and in locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShowFace => "show_face",
            Self::OneAtATime => "one_at_a_time",
            Self::ComeCloser => "come_closer",
            Self::StepBack => "step_back",
            Self::MoveToMiddle => "move_to_middle",
            Self::FaceCamera => "face_camera",
            Self::LevelChin => "level_chin",
            Self::StraightenHead => "straighten_head",
            Self::UncoverEyes => "uncover_eyes",
            Self::UncoverMouth => "uncover_mouth",
            Self::OpenEyes => "open_eyes",
            Self::CloseMouth => "close_mouth",
            Self::HoldStill => "hold_still",
            Self::MoreLight => "more_light",
            Self::LessLight => "less_light",
            Self::EvenLight => "even_light",
            Self::PlainBackground => "plain_background",
            Self::CheckColours => "check_colours",
            Self::BetterCopy => "better_copy",
        }
    }
}

/// One measure of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Measure {
    /// Stable name.
    #[serde(skip)]
    pub name: &'static str,
    /// The value, in `unit`.
    pub value: f32,
    /// The unit; `1` for a plain ratio.
    pub unit: &'static str,
    /// The smallest and largest value that the measure can take.
    pub range: [f32; 2],
    /// The smallest and largest value of a good picture.
    pub good: [f32; 2],
    /// The clause that it follows, or that it is our own estimate.
    pub source: &'static str,
    /// What would make it better; absent where the value is good.
    pub guidance: Option<Guidance>,
}

impl Measure {
    /// A measure whose value is held to `range`; below the good values `low` helps, above `high`.
    fn new(
        name: &'static str,
        unit: &'static str,
        source: &'static str,
        range: [f32; 2],
        value: f32,
        good: [f32; 2],
        [low, high]: [Guidance; 2],
    ) -> Self {
        let value = if value.is_finite() {
            value.clamp(range[0], range[1])
        } else {
            range[0]
        };
        Self {
            name,
            value,
            unit,
            range,
            good: [good[0].max(range[0]), good[1].min(range[1])],
            source,
            guidance: if value < good[0] {
                Some(low)
            } else if value > good[1] {
                Some(high)
            } else {
                None
            },
        }
    }
}

/// Every measure that could be taken of a picture. As JSON, an object from name to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    measures: Vec<Measure>,
}

impl Quality {
    /// The measures of a face.
    #[must_use]
    pub fn of(sample: &Sample<'_>) -> Self {
        let mut measures = vec![
            single_face::measure(sample.faces()),
            eye_distance::measure(sample),
            head_size::measure(sample),
        ];
        measures.extend(head_position::measure(sample));
        measures.extend(pose::measure(sample));
        measures.push(eyes_visible::measure(sample));
        measures.push(eyes_open::measure(sample));
        let hues = mouth_visible::Hues::of(sample);
        measures.push(mouth_visible::measure(&hues));
        measures.push(mouth_coloured::measure(&hues));
        measures.push(lips_visible::measure(sample, &hues));
        measures.push(mouth_closed::measure(sample));
        measures.push(sharpness::measure(sample));
        measures.push(luminance::measure(sample));
        measures.extend(exposure::measure(sample));
        measures.push(contrast::measure(sample));
        measures.push(dynamic_range::measure(sample));
        measures.push(uniformity::measure(sample));
        measures.push(colour::measure(sample));
        measures.push(background::measure(sample));
        measures.push(compression::measure(sample));
        measures.push(flat_colour::measure(sample));
        Self { measures }
    }

    /// The one measure that a picture without a face has.
    #[must_use]
    pub fn of_no_face() -> Self {
        Self {
            measures: vec![single_face::measure(0)],
        }
    }

    /// Of a picture without a face: whether there was light enough to see one.
    pub(crate) fn of_nobody_in(picture: &RgbImage) -> Self {
        Self {
            measures: vec![single_face::measure(0), picture_luminance::measure(picture)],
        }
    }

    /// Of a picture in which a face lies on its side or upside down: `degrees` clockwise bring it upright.
    pub(crate) fn of_turned(degrees: u16) -> Self {
        Self {
            measures: vec![single_face::measure(1), pose::lying(degrees)],
        }
    }

    /// The measures, in a fixed order.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// A measure by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|m| m.name == name)
    }

    /// Whether a measure names this guidance.
    #[must_use]
    pub fn asks_for(&self, guidance: Guidance) -> bool {
        self.measures.iter().any(|m| m.guidance == Some(guidance))
    }

    /// Whether this measure was taken and its value is poor.
    #[must_use]
    pub fn is_poor(&self, name: &str) -> bool {
        self.find(name).is_some_and(|m| m.guidance.is_some())
    }

    /// Whether mouth and chin are covered, surely enough to compare nothing: no lips, or a hue or a want of colour that no
    /// uncovered mouth has.
    pub(crate) fn mouth_is_covered(&self) -> bool {
        let of = |name| self.find(name).map(|m| m.value);
        self.is_poor("lips_visible")
            || of("mouth_visible").is_some_and(|apart| apart > mouth_visible::SURE)
            || of("mouth_coloured").is_some_and(|share| share < mouth_coloured::SURE)
    }

    /// What would make the picture better, each once, most important first.
    #[must_use]
    pub fn guidance(&self) -> Vec<Guidance> {
        let mut all: Vec<_> = self.measures.iter().filter_map(|m| m.guidance).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Serialize for Quality {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.measures.len()))?;
        for measure in &self.measures {
            map.serialize_entry(measure.name, measure)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
