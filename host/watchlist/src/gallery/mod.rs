//! One to many: a gallery of face templates and the exact search in it.
//!
//! A gallery names the model that made its templates, by the digest of its weights: a template of
//! any other model is refused, never compared. The search looks at every template: first at half a
//! byte for each number, with a bound on what that leaves out, then, where a template can be among the
//! best, at two bytes, which tells cosines apart to about 0.00001. So it is exact, and most of what a
//! pass over the gallery would read stays unread.
//! What it returns is a resemblance; a face alone is never more than a candidate
//! ([`rules::CandidateKind::Face`]).

mod file;
mod listed;
mod memory;
mod scan;

pub use file::GalleryBuilder;
pub use listed::ListedFace;

use memory::Memory;
use rules::{FaceTemplate, ModelId};
use scan::Coarse;
use zeroize::Zeroizing;

/// Numbers of a template.
pub const TEMPLATE_NUMBERS: usize = 128;
/// Bytes of a template at two bytes for each number.
const FINE_BYTES: usize = 2 * TEMPLATE_NUMBERS;

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
    /// Every number in two bytes (little-endian, signed), template by template.
    fine: Memory,
    /// What a step of these is worth, template by template.
    scales: Vec<f32>,
    /// The same in half a byte each, for the pass over all.
    coarse: Coarse,
    /// Whose template it is, by place in `entries`.
    owners: Vec<u32>,
    entries: Vec<String>,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("model", &self.model)
            .field("templates", &self.scales.len())
            .finish_non_exhaustive()
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
        self.scales.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The entries whose faces are most like this one, at most `most`, at and above the cosine
    /// `from`, the most alike first. Exact: no template is left out that could be among them.
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
        self.search_among(face, model, from, most, |_| true)
    }

    /// The same among the entries that `admitted` says yes to, so that those which do not count (expired,
    /// withdrawn) take no place from others. It is asked of likely entries only.
    ///
    /// # Errors
    /// As [`Gallery::search`].
    pub fn search_among(
        &self,
        face: &FaceTemplate,
        model: &GalleryModel,
        from: f32,
        most: usize,
        mut admitted: impl FnMut(&str) -> bool,
    ) -> Result<Vec<FaceMatch>, GalleryError> {
        if *model != self.model || face.model != self.model.id {
            return Err(GalleryError::OtherModel {
                gallery: self.model.to_string(),
                here: model.to_string(),
            });
        }
        let asked = Zeroizing::new(unit(&face.values).ok_or(GalleryError::NoTemplate)?);
        if most == 0 {
            return Ok(Vec::new());
        }
        // The best so far, best first; of equals the entry that was added first.
        let mut best: Vec<(u32, f32)> = Vec::new();
        self.coarse.scan(&asked, from, |at| {
            let (owner, cosine) = (self.owners[at], self.cosine(at, &asked));
            let least = match best.get(most - 1) {
                Some((_, least)) => *least,
                None => from,
            };
            let known = best.iter().position(|(o, _)| *o == owner);
            let better = known.is_none_or(|place| best[place].1 < cosine);
            if cosine >= least && better && admitted(&self.entries[owner as usize]) {
                if let Some(place) = known {
                    best.remove(place);
                }
                let place = best.partition_point(|(o, c)| (*c, owner) > (cosine, *o));
                best.insert(place, (owner, cosine));
                best.truncate(most);
            }
            match best.get(most - 1) {
                Some((_, least)) => *least,
                None => from,
            }
        });
        Ok(best
            .into_iter()
            .map(|(owner, cosine)| FaceMatch {
                entry: self.entries[owner as usize].clone(),
                cosine,
            })
            .collect())
    }

    /// What a step of the template at a place is worth, and its numbers in steps.
    fn steps_at(&self, at: usize) -> (f32, [i16; TEMPLATE_NUMBERS]) {
        let mut numbers = [0; TEMPLATE_NUMBERS];
        let bytes = &self.fine[at * FINE_BYTES..(at + 1) * FINE_BYTES];
        for (number, two) in numbers.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *number = i16::from_le_bytes(*two);
        }
        (self.scales[at], numbers)
    }

    /// The cosine by two bytes for each number.
    fn cosine(&self, at: usize, asked: &[f32; TEMPLATE_NUMBERS]) -> f32 {
        /// Sums side by side.
        const SUMS: usize = 16;
        let bytes = &self.fine[at * FINE_BYTES..(at + 1) * FINE_BYTES];
        let mut sums = [0.0f32; SUMS];
        let rows = bytes.as_chunks::<{ 2 * SUMS }>().0.iter();
        for (numbers, asked) in rows.zip(asked.as_chunks::<SUMS>().0) {
            let numbers = numbers.as_chunks::<2>().0;
            for n in 0..SUMS {
                sums[n] += f32::from(i16::from_le_bytes(numbers[n])) * asked[n];
            }
        }
        let sum: f64 = sums.iter().copied().map(f64::from).sum();
        (sum * f64::from(self.scales[at])) as f32
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
