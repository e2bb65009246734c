//! Presentation attacks: whether a picture shows a picture of a face, as advice only.
//!
//! **What it is for**: a score from 0 to 1 in steps of a hundredth (BSI TR-03121 asks for ten at least), joined of
//! measured cues, one file each. It stops nothing and is never shown to the traveller: an officer may look
//! at the camera's side of the desk. No learned model is used: of those in package registries none has a provenance
//! that a government can check. What a cue cannot tell it does not say: it is then absent, and a score of
//! zero says only that no cue spoke. Errors are counted after ISO/IEC 30107-3, species by species, on attacks
//! that the tests press (`tests/tests/face_attacks.rs`); real ones, above all good prints held still, may pass.

mod pattern;
mod time;

use crate::ModelError;
use crate::card::FACE_DETECTOR;
use crate::face::DetectedFace;
use page::Picture;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What was measured of one sign of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cue {
    /// Stable name.
    #[serde(skip)]
    pub name: &'static str,
    /// The value, in `unit`.
    pub value: f32,
    /// The unit; `1` for a plain ratio.
    pub unit: &'static str,
    /// What it is and what it speaks of.
    pub source: &'static str,
    /// How much it speaks for an attack, 0 to 1.
    pub suspicion: f32,
}

impl Cue {
    /// Suspicion rises from none at `none` to all at `all`, whichever is the greater.
    fn new(
        name: &'static str,
        unit: &'static str,
        source: &'static str,
        value: f32,
        [none, all]: [f32; 2],
    ) -> Self {
        let rise = (value - none) / (all - none);
        Self {
            name,
            value,
            unit,
            source,
            suspicion: if rise.is_finite() {
                rise.clamp(0.0, 1.0)
            } else {
                0.0
            },
        }
    }
}

/// A picture and the face in it that is meant.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The picture.
    pub picture: &'a Picture,
    /// The face.
    pub face: &'a DetectedFace,
}

/// What speaks for a presentation attack. Advice: it changes no outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Attack {
    cues: Vec<Cue>,
}

impl Attack {
    /// What consecutive frames of one traveller say, or a single one; `None` where no cue could be taken: the
    /// face is too small, say.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`] where the picture library refused.
    pub fn of(frames: &[Frame<'_>]) -> Result<Option<Self>, ModelError> {
        let mut cues: Vec<Cue> = Vec::new();
        // Of several frames the one that speaks most: a pattern comes and goes with the distance.
        let mut pattern: Option<Cue> = None;
        for frame in frames {
            let taken =
                pattern::measure(frame.picture.rgb(), frame.face).map_err(|e| broke_off(&e))?;
            if let Some(cue) = taken
                && pattern.is_none_or(|most| cue.value > most.value)
            {
                pattern = Some(cue);
            }
        }
        cues.extend(pattern);
        cues.extend(time::repeated(frames));
        let points: Vec<_> = frames.iter().map(|f| f.face.landmarks).collect();
        cues.extend(time::flat(&points));
        Ok((!cues.is_empty()).then_some(Self { cues }))
    }

    /// The cues that could be taken.
    #[must_use]
    pub fn cues(&self) -> &[Cue] {
        &self.cues
    }

    /// 0 where no cue speaks for an attack, 1 where one is sure; in hundredths.
    #[must_use]
    pub fn score(&self) -> f32 {
        let none: f32 = self.cues.iter().map(|cue| 1.0 - cue.suspicion).product();
        ((1.0 - none) * 100.0).round() / 100.0
    }
}

/// An object from a cue's name to the cue.
impl Serialize for Attack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cues.len()))?;
        for cue in &self.cues {
            map.serialize_entry(cue.name, cue)?;
        }
        map.end()
    }
}

fn broke_off(error: &opencv::Error) -> ModelError {
    ModelError::BrokeOff {
        id: FACE_DETECTOR.into(),
        reason: error.message.clone(),
    }
}
