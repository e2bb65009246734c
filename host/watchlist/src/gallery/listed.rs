//! A face of one entry as it travels: in the list at headquarters, and in a step between two editions.

use super::{Gallery, GalleryError, GalleryModel, TEMPLATE_NUMBERS, file, unit};
use rules::{FaceTemplate, ModelId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroize;

/// The bytes of a template on its way: what a step is worth (f32), and each number in steps (i16), little-endian.
const WRITTEN_BYTES: usize = 4 + 2 * TEMPLATE_NUMBERS;

/// How far from 1 the length of a template may be once its numbers are rounded to steps.
const LENGTH_TOLERANCE: f32 = 0.01;

/// A listed face: a template that headquarters made of a photograph of the list, in two bytes a number, with the model
/// that made it. Personal data: wiped from memory when dropped, and never printed.
///
/// As JSON: `{"model": the card's name, "weights": SHA-256 in hexadecimal, "template": hexadecimal}`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct ListedFace {
    model: GalleryModel,
    step: f32,
    numbers: [i16; TEMPLATE_NUMBERS],
}

/// Names the model only: a template must not reach a log.
impl std::fmt::Debug for ListedFace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ListedFace")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl Drop for ListedFace {
    fn drop(&mut self) {
        self.numbers.zeroize();
    }
}

impl ListedFace {
    /// A template in two bytes a number.
    ///
    /// # Errors
    /// [`GalleryError::OtherModel`] where another model than `model` made it; [`GalleryError::NoTemplate`].
    pub fn of(model: &GalleryModel, face: &FaceTemplate) -> Result<Self, GalleryError> {
        if face.model != model.id {
            return Err(GalleryError::OtherModel {
                gallery: model.to_string(),
                here: face.model.to_string(),
            });
        }
        let mut values = unit(&face.values).ok_or(GalleryError::NoTemplate)?;
        let (step, numbers) = file::in_steps(&values);
        values.zeroize();
        Ok(Self {
            model: model.clone(),
            step,
            numbers,
        })
    }

    /// The model that made it.
    #[must_use]
    pub fn model(&self) -> &GalleryModel {
        &self.model
    }

    /// What a step is worth, and each number in steps.
    pub(super) fn steps(&self) -> (f32, &[i16; TEMPLATE_NUMBERS]) {
        (self.step, &self.numbers)
    }
}

impl GalleryModel {
    /// The model of this card whose weights have this digest, in hexadecimal; `None` where that is none of 32 bytes.
    #[must_use]
    pub fn of_weights(id: ModelId, digest: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(digest, &mut bytes).ok()?;
        Some(Self { id, digest: bytes })
    }
}

/// The form in JSON.
#[derive(Serialize, Deserialize)]
struct Written {
    model: ModelId,
    weights: String,
    template: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.template.zeroize();
    }
}

impl From<ListedFace> for Written {
    fn from(face: ListedFace) -> Self {
        let mut bytes = [0; WRITTEN_BYTES];
        let (step, numbers) = bytes.split_at_mut(4);
        step.copy_from_slice(&face.step.to_le_bytes());
        for (two, number) in numbers.as_chunks_mut::<2>().0.iter_mut().zip(face.numbers) {
            *two = number.to_le_bytes();
        }
        let template = hex::encode(bytes);
        bytes.zeroize();
        Self {
            model: face.model.id.clone(),
            weights: hex::encode(face.model.digest),
            template,
        }
    }
}

impl TryFrom<Written> for ListedFace {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let model = GalleryModel::of_weights(written.model.clone(), &written.weights)
            .ok_or("a face's weights are not named by 32 bytes in hexadecimal")?;
        let mut bytes = [0; WRITTEN_BYTES];
        hex::decode_to_slice(&written.template, &mut bytes)
            .map_err(|_| "a face's template is not one in hexadecimal")?;
        let (step, rest) = bytes.split_at(4);
        let step = f32::from_le_bytes([step[0], step[1], step[2], step[3]]);
        let mut numbers = [0; TEMPLATE_NUMBERS];
        for (number, two) in numbers.iter_mut().zip(rest.as_chunks::<2>().0) {
            *number = i16::from_le_bytes(*two);
        }
        bytes.zeroize();
        let length = numbers
            .iter()
            .map(|number| (f32::from(*number) * step).powi(2))
            .sum::<f32>()
            .sqrt();
        // Not a number is none of these either.
        if step > 0.0 && file::fits(&numbers) && (length - 1.0).abs() <= LENGTH_TOLERANCE {
            Ok(Self {
                model,
                step,
                numbers,
            })
        } else {
            Err("a face's template is none of unit length")
        }
    }
}

impl Gallery {
    /// Whose templates they are.
    pub(crate) fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Where the templates of each entry stand.
    pub(crate) fn places(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, owner) in self.owners.iter().enumerate() {
            let entry = self.entries[*owner as usize].as_str();
            places.entry(entry).or_default().push(at);
        }
        places
    }

    /// The template at a place, as it was listed.
    pub(crate) fn listed_at(&self, at: usize) -> ListedFace {
        let (step, numbers) = self.steps_at(at);
        ListedFace {
            model: self.model.clone(),
            step,
            numbers,
        }
    }
}
