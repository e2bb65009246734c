//! One to many: a gallery of face templates and the exact search in it.
//!
//! A gallery names the model that made its templates, by the digest of its weights: a template of
//! any other model is refused, never compared. The search looks at every template: first at one
//! byte per number, then, for the best of those, at two, which tells cosines apart to about 0.00001.
//! What it returns is a resemblance; a face alone is never more than a candidate
//! ([`rules::CandidateKind::Face`]).

mod file;
mod scan;

pub use file::GalleryBuilder;

use rules::{FaceTemplate, ModelId};
use std::collections::BTreeMap;
use zeroize::{Zeroize, Zeroizing};

/// Numbers of a template.
pub const TEMPLATE_NUMBERS: usize = 128;
/// The best by one byte per number that are looked at by two, at least.
const LEAST_RANKED: usize = 64;
/// And so many for each answer asked for.
const RANKED_PER_ANSWER: usize = 8;

/// Why a gallery cannot be made, opened or searched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GalleryError {
    /// The file is not one of a gallery: fetch the edition again.
    #[error("the gallery of faces is damaged: {0}")]
    Damaged(&'static str),
    /// The box has another model than the one that made the templates: install the model that the
    /// edition asks for. Faces are not searched until then.
    #[error("the gallery of faces was made by model {gallery}, and this box has {here}")]
    OtherModel {
        /// The gallery's model, and the first digits of its weights' digest.
        gallery: String,
        /// The box's.
        here: String,
    },
    /// A template is not of 128 numbers of unit length.
    #[error("a face template is not one of {TEMPLATE_NUMBERS} numbers of unit length")]
    NoTemplate,
    /// More templates or longer names than a gallery can hold.
    #[error("the gallery of faces would be too large")]
    TooLarge,
}

/// Which model made a template: its card's name and the SHA-256 digest of its weights. Two boxes
/// compare templates only where both are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalleryModel {
    /// The card's name.
    pub id: ModelId,
    /// The digest of the weights as they are loaded.
    pub digest: [u8; 32],
}

impl std::fmt::Display for GalleryModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.id, hex::encode(&self.digest[..4]))
    }
}

/// A listed face that resembles the one asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceMatch {
    /// The entry's name.
    pub entry: String,
    /// The cosine of the two templates, -1 to 1; of several pictures of an entry the greatest.
    pub cosine: f32,
}

/// The templates of an edition. They describe people: they are wiped when it is dropped.
pub struct Gallery {
    model: GalleryModel,
    /// The upper byte of each number, template by template.
    upper: Vec<[i8; TEMPLATE_NUMBERS]>,
    /// The lower byte.
    lower: Vec<[i8; TEMPLATE_NUMBERS]>,
    /// What a step of the upper byte is worth, template by template.
    scales: Vec<f32>,
    /// Whose template it is, by place in `entries`.
    owners: Vec<u32>,
    entries: Vec<String>,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("model", &self.model)
            .field("templates", &self.upper.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.upper.as_flattened_mut().zeroize();
        self.lower.as_flattened_mut().zeroize();
    }
}

impl Gallery {
    /// The model that made the templates.
    #[must_use]
    pub fn model(&self) -> &GalleryModel {
        &self.model
    }

    /// How many templates there are. The threshold of a search goes by it: the more are looked at,
    /// the more resemble by chance.
    #[must_use]
    pub fn len(&self) -> usize {
        self.upper.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.upper.is_empty()
    }

    /// The entries whose faces are most like this one, at most `most`, at and above the cosine
    /// `from`, the most alike first. Exact: every template is looked at.
    ///
    /// # Errors
    /// [`GalleryError::OtherModel`] where `model` is not the gallery's; [`GalleryError::NoTemplate`].
    pub fn search(
        &self,
        face: &FaceTemplate,
        model: &GalleryModel,
        from: f32,
        most: usize,
    ) -> Result<Vec<FaceMatch>, GalleryError> {
        if *model != self.model || face.model != self.model.id {
            return Err(GalleryError::OtherModel {
                gallery: self.model.to_string(),
                here: model.to_string(),
            });
        }
        let asked = Zeroizing::new(unit(&face.values).ok_or(GalleryError::NoTemplate)?);
        let ranked = most.saturating_mul(RANKED_PER_ANSWER).max(LEAST_RANKED);
        let likely = scan::best(&self.upper, &self.scales, &asked, ranked);
        let mut best: BTreeMap<u32, f32> = BTreeMap::new();
        for at in likely {
            let cosine = self.cosine(at, &asked);
            if cosine >= from {
                let kept = best.entry(self.owners[at]).or_insert(cosine);
                *kept = kept.max(cosine);
            }
        }
        let mut found: Vec<(u32, f32)> = best.into_iter().collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(most);
        Ok(found
            .into_iter()
            .map(|(owner, cosine)| FaceMatch {
                entry: self.entries[owner as usize].clone(),
                cosine,
            })
            .collect())
    }

    /// The cosine by both bytes.
    fn cosine(&self, at: usize, asked: &[f32; TEMPLATE_NUMBERS]) -> f32 {
        let numbers = self.upper[at].iter().zip(&self.lower[at]).zip(asked);
        let sum: f64 = numbers
            .map(|((upper, lower), asked)| {
                f64::from(i32::from(*upper) * file::FINE + i32::from(*lower)) * f64::from(*asked)
            })
            .sum();
        (sum * f64::from(self.scales[at]) / f64::from(file::FINE)) as f32
    }
}

/// Numbers of unit length; `None` where these are not so many or have no length.
fn unit(values: &[f32]) -> Option<[f32; TEMPLATE_NUMBERS]> {
    let mut unit = <[f32; TEMPLATE_NUMBERS]>::try_from(values).ok()?;
    let length = unit.iter().map(|v| v * v).sum::<f32>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        return None;
    }
    unit.iter_mut().for_each(|v| *v /= length);
    Some(unit)
}
