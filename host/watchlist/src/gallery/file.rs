//! The form of a gallery's file, and writing it.
//!
//! Little-endian: `MPKF`, version (u16), numbers of a template (u16), the model's digest (32 bytes),
//! length of the model's name (u16) and the name, count of entries (u32), count of templates (u32);
//! then each entry's name (length as u16, and the text); then owners (u32 each), scales (f32 each),
//! all upper bytes, all lower bytes. A number of a template is `(256 · upper + lower) · scale / 256`.

use super::memory::Memory;
use super::scan::Coarse;
use super::{FINE_BYTES, Gallery, GalleryError, GalleryModel, ListedFace, TEMPLATE_NUMBERS};
use rules::{FaceTemplate, ModelId};
use std::collections::BTreeMap;
use zeroize::Zeroize;

const MAGIC: &[u8; 4] = b"MPKF";
const VERSION: u16 = 1;
/// What a step of the upper byte is worth in steps of the lower one.
const FINE: i32 = 256;
/// The greatest number in steps of the lower byte, so that it rounds to an upper byte of 127.
const GREATEST: f32 = 32_512.0;

/// Collects templates and writes a gallery.
pub struct GalleryBuilder {
    model: GalleryModel,
    entries: BTreeMap<String, u32>,
    names: Vec<String>,
    owners: Vec<u32>,
    templates: Vec<Coded>,
}

/// A template in bytes.
struct Coded {
    scale: f32,
    upper: [i8; TEMPLATE_NUMBERS],
    lower: [i8; TEMPLATE_NUMBERS],
}

/// Counts only: a template must not reach a log.
impl std::fmt::Debug for GalleryBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GalleryBuilder")
            .field("model", &self.model)
            .field("templates", &self.templates.len())
            .finish_non_exhaustive()
    }
}

impl Drop for Coded {
    fn drop(&mut self) {
        self.upper.zeroize();
        self.lower.zeroize();
    }
}

impl GalleryBuilder {
    /// An empty gallery of templates that this model makes.
    #[must_use]
    pub fn new(model: GalleryModel) -> Self {
        Self {
            model,
            entries: BTreeMap::new(),
            names: Vec::new(),
            owners: Vec::new(),
            templates: Vec::new(),
        }
    }

    /// Adds a template of an entry; an entry may have several.
    ///
    /// # Errors
    /// [`GalleryError::OtherModel`] where another model made it; [`GalleryError::NoTemplate`];
    /// [`GalleryError::TooLarge`].
    pub fn add(&mut self, entry: &str, face: &FaceTemplate) -> Result<(), GalleryError> {
        self.add_listed(entry, &ListedFace::of(&self.model, face)?)
    }

    /// Adds a listed face of an entry.
    ///
    /// # Errors
    /// [`GalleryError::OtherModel`], [`GalleryError::TooLarge`].
    pub(crate) fn add_listed(
        &mut self,
        entry: &str,
        face: &ListedFace,
    ) -> Result<(), GalleryError> {
        if *face.model() != self.model {
            return Err(GalleryError::OtherModel {
                gallery: self.model.to_string(),
                here: face.model().to_string(),
            });
        }
        let next = u32::try_from(self.names.len()).map_err(|_| GalleryError::TooLarge)?;
        if u16::try_from(entry.len()).is_err() || self.templates.len() >= u32::MAX as usize {
            return Err(GalleryError::TooLarge);
        }
        let owner = *self.entries.entry(entry.to_owned()).or_insert(next);
        if owner == next {
            self.names.push(entry.to_owned());
        }
        self.owners.push(owner);
        let (step, numbers) = face.steps();
        self.templates.push(Coded::of(step, numbers));
        Ok(())
    }

    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.templates.len() * (2 * TEMPLATE_NUMBERS + 8));
        out.extend(MAGIC);
        out.extend(VERSION.to_le_bytes());
        out.extend((TEMPLATE_NUMBERS as u16).to_le_bytes());
        out.extend(self.model.digest);
        let name = self.model.id.0.as_bytes();
        let name = &name[..name.len().min(usize::from(u16::MAX))];
        out.extend((name.len() as u16).to_le_bytes());
        out.extend(name);
        // `add` keeps both counts and every name's length within these.
        out.extend((self.names.len() as u32).to_le_bytes());
        out.extend((self.templates.len() as u32).to_le_bytes());
        for name in &self.names {
            out.extend((name.len() as u16).to_le_bytes());
            out.extend(name.as_bytes());
        }
        for owner in &self.owners {
            out.extend(owner.to_le_bytes());
        }
        for template in &self.templates {
            out.extend(template.scale.to_le_bytes());
        }
        for template in &self.templates {
            out.extend(template.upper.map(|v| v as u8));
        }
        for template in &self.templates {
            out.extend(template.lower.map(|v| v as u8));
        }
        out
    }
}

/// Numbers in steps of two bytes, and what a step is worth.
pub(super) fn in_steps(values: &[f32; TEMPLATE_NUMBERS]) -> (f32, [i16; TEMPLATE_NUMBERS]) {
    let most = values.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    let step = most / GREATEST;
    // Of unit length, so one of them is not zero, and none goes beyond the greatest.
    (step, values.map(|value| (value / step).round() as i16))
}

/// Whether the numbers are such as [`in_steps`] gives: their upper bytes round to 127 at most.
pub(super) fn fits(numbers: &[i16; TEMPLATE_NUMBERS]) -> bool {
    numbers.iter().all(|n| f32::from(*n).abs() <= GREATEST)
}

impl Coded {
    fn of(step: f32, numbers: &[i16; TEMPLATE_NUMBERS]) -> Self {
        let mut coded = Self {
            scale: step * FINE as f32,
            upper: [0; TEMPLATE_NUMBERS],
            lower: [0; TEMPLATE_NUMBERS],
        };
        let bytes = coded.upper.iter_mut().zip(&mut coded.lower);
        for (number, (upper, lower)) in numbers.iter().zip(bytes) {
            let steps = i32::from(*number);
            // The nearest upper byte, so that the first pass rounds and does not cut off.
            let high = (steps + FINE / 2).div_euclid(FINE).clamp(-127, 127);
            *upper = high as i8;
            *lower = (steps - high * FINE).clamp(-128, 127) as i8;
        }
        coded
    }
}

/// Takes bytes off the front of a file; every length is compared with what is there first.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], GalleryError> {
        let (head, rest) = self.0.split_at_checked(count).ok_or(GalleryError::Damaged(
            "it is too short for what it says it holds",
        ))?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GalleryError> {
        let bytes = self.take(N)?;
        <[u8; N]>::try_from(bytes).map_err(|_| GalleryError::Damaged("it is cut short"))
    }

    fn length(&mut self) -> Result<usize, GalleryError> {
        Ok(usize::from(u16::from_le_bytes(self.array()?)))
    }

    fn text(&mut self) -> Result<String, GalleryError> {
        let count = self.length()?;
        std::str::from_utf8(self.take(count)?)
            .map(str::to_owned)
            .map_err(|_| GalleryError::Damaged("a name is no text"))
    }

    fn table<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], GalleryError> {
        let bytes = count
            .checked_mul(N)
            .ok_or(GalleryError::Damaged("it says it holds too much"))?;
        Ok(self.take(bytes)?.as_chunks::<N>().0)
    }
}

impl Gallery {
    /// Opens the bytes of a gallery's file.
    ///
    /// # Errors
    /// [`GalleryError::Damaged`], whatever the bytes; never a panic, and no more memory than they are long.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GalleryError> {
        let mut reader = Reader(bytes);
        if reader.array::<4>()? != *MAGIC {
            return Err(GalleryError::Damaged("it is no gallery"));
        }
        if u16::from_le_bytes(reader.array()?) != VERSION {
            return Err(GalleryError::Damaged(
                "it is of a version that is not known here",
            ));
        }
        if reader.length()? != TEMPLATE_NUMBERS {
            return Err(GalleryError::Damaged("its templates have another size"));
        }
        let digest = reader.array()?;
        let id = ModelId(reader.text()?);
        let count = u32::from_le_bytes(reader.array()?);
        let templates = u32::from_le_bytes(reader.array()?) as usize;
        let entries = (0..count)
            .map(|_| reader.text())
            .collect::<Result<Vec<_>, _>>()?;
        let owners: Vec<u32> = reader
            .table::<4>(templates)?
            .iter()
            .map(|b| u32::from_le_bytes(*b))
            .collect();
        if owners.iter().any(|owner| *owner >= count) {
            return Err(GalleryError::Damaged("a template is nobody's"));
        }
        let scales: Vec<f32> = reader
            .table::<4>(templates)?
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect();
        // The greatest number of a template of unit length is 1 at most, and an upper byte 127.
        if scales.iter().any(|s| !(0.0..=0.01).contains(s)) {
            return Err(GalleryError::Damaged("a template's scale is none"));
        }
        let upper = reader.table::<TEMPLATE_NUMBERS>(templates)?;
        let lower = reader.table::<TEMPLATE_NUMBERS>(templates)?;
        if !reader.0.is_empty() {
            return Err(GalleryError::Damaged("it goes on after its end"));
        }
        let scales: Vec<f32> = scales.iter().map(|scale| scale / FINE as f32).collect();
        let mut fine = Memory::zeros(templates * FINE_BYTES);
        let places = fine.as_chunks_mut::<FINE_BYTES>().0;
        for (place, (upper, lower)) in places.iter_mut().zip(upper.iter().zip(lower)) {
            let bytes = place.as_chunks_mut::<2>().0.iter_mut();
            for (bytes, (upper, lower)) in bytes.zip(upper.iter().zip(lower)) {
                let steps = i32::from(*upper as i8) * FINE + i32::from(*lower as i8);
                // Only an upper byte of -128, which is never written, would not fit.
                *bytes = (steps.max(i32::from(i16::MIN)) as i16).to_le_bytes();
            }
        }
        let coarse = Coarse::of(templates, |at| {
            let numbers = fine[at * FINE_BYTES..(at + 1) * FINE_BYTES].as_chunks::<2>();
            let mut values = [0.0; TEMPLATE_NUMBERS];
            for (value, bytes) in values.iter_mut().zip(numbers.0) {
                *value = f32::from(i16::from_le_bytes(*bytes)) * scales[at];
            }
            values
        });
        Ok(Self {
            model: GalleryModel { id, digest },
            fine,
            scales,
            coarse,
            owners,
            entries,
        })
    }
}
