//! Several frames of one document make one better reading.
//!
//! Every frame's zone says, place by place, how likely each character is. What the frames of one document
//! say is added (as logarithms of probabilities) before the grammar decides: a character that glare hides
//! in one frame is clear in the next, and one frame's slip is outvoted. Frames are of one document only
//! where their zones have one format and hardly anything that both show clearly differs; two zones whose
//! number, birth and expiry all fit their check digits, and differ, are two documents. The frames of two
//! documents are never added, however alike the documents are.

use crate::decode;
use crate::grid::Letter;
use crate::reading::ZoneReading;
use rules::Check;
use rules::mrz::layout::Element;
use rules::mrz::{Zone, check_digit};
use std::collections::VecDeque;

/// How many documents are remembered: the one before the camera, and those just before it.
const MOST_DOCUMENTS: usize = 4;
/// How many frames of one document count, the first ones: by then the reading has settled.
const MOST_FRAMES: usize = 16;
/// No frame speaks more strongly than this against a character (natural logarithm): else one that is
/// sure and wrong could not be outvoted by two that are right.
const STRONGEST: f32 = -8.0;
/// Frames of one document share its wear and its print, and a reader its habits: so many frames speak for
/// themselves, and all others together no louder than they do.
const INDEPENDENT: f32 = 3.0;
/// A place is clear where its likeliest character is at least this likely.
const CLEAR: f32 = 0.9;
/// So many places may differ clearly between two frames of one document: one slip. Two documents whose
/// numbers differ in one character differ in its check digit too, or both are proven by it.
const MOST_DIFFERENT: usize = 1;
/// So large a share of the places must be clear in both frames, and the same.
const LEAST_ALIKE: f32 = 0.5;

/// What one frame shows of each place of a zone, line by line. Only what [`crate::read`] made holds
/// anything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ZoneEvidence(pub(crate) Vec<Vec<Letter>>);

/// A zone out of several frames, each named by an `N` of the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct Combined<N> {
    /// The zone that the frames show together, its corners those of the latest. One frame alone is as it
    /// was read.
    pub zone: ZoneReading,
    /// Whether picture and grammar agree, over all frames ([`rules::CheckId::ZoneEvidence`]).
    pub check: Check,
    /// The frames that counted, in the order in which they were added.
    pub frames: Vec<N>,
}

/// Frames as they come, put together document by document; each is named by an `N` of the caller's. Holds
/// a few frames of a few documents, however many are added.
#[derive(Debug, Clone)]
pub struct Frames<N> {
    /// The latest last.
    documents: VecDeque<Document<N>>,
}

impl<N> Default for Frames<N> {
    fn default() -> Self {
        Self {
            documents: VecDeque::new(),
        }
    }
}

/// What is seen of each place, line by line.
type Letters = Vec<Vec<Letter>>;

#[derive(Debug, Clone)]
struct Document<N> {
    seen: Vec<Letters>,
    frames: Vec<N>,
    quad: [[f32; 2]; 4],
    places: Vec<Vec<[[f32; 2]; 4]>>,
    /// What it is read as by now.
    known: Option<Zone>,
}

impl<N: Clone> Frames<N> {
    /// No frame yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the zone of the next frame; gives what is known of its document by now. `None` for a zone without
    /// evidence, which only [`crate::read`] gives: nobody can say whose it is.
    pub fn add(&mut self, frame: N, zone: &ZoneReading) -> Option<Combined<N>> {
        let letters = &zone.evidence.0;
        if letters.is_empty() {
            return None;
        }
        let new = Document {
            seen: Vec::new(),
            frames: Vec::new(),
            quad: zone.quad,
            places: zone.places.clone(),
            known: None,
        };
        let mut document = match self.document_of(zone) {
            Of::New => new,
            Of::One(at) => self.documents.remove(at).unwrap_or(new),
            Of::Either => {
                return Document {
                    seen: vec![letters.clone()],
                    frames: vec![frame],
                    ..new
                }
                .combined();
            }
        };
        document.quad = zone.quad;
        document.places.clone_from(&zone.places);
        if document.seen.len() < MOST_FRAMES {
            document.seen.push(letters.clone());
            document.frames.push(frame);
        }
        let combined = document.combined();
        document.known = combined.as_ref().and_then(|c| c.zone.zone.clone());
        self.documents.push_back(document);
        if self.documents.len() > MOST_DOCUMENTS {
            self.documents.pop_front();
        }
        combined
    }

    /// Which document a frame shows: the one that it has most in common with of those that it can be of.
    fn document_of(&self, zone: &ZoneReading) -> Of {
        let alike: Vec<(usize, usize)> = self
            .documents
            .iter()
            .enumerate()
            .filter_map(|(at, d)| Some((d.alike(zone)?, at)))
            .collect();
        let most = alike.iter().map(|(alike, _)| *alike).max();
        let best: Vec<usize> = alike
            .iter()
            .filter(|(alike, _)| Some(*alike) == most)
            .map(|(_, at)| *at)
            .collect();
        match best.as_slice() {
            [] => Of::New,
            [at] => Of::One(*at),
            _ => Of::Either,
        }
    }

    /// The document that most of the frames show, the latest of several; `None` where there was none.
    #[must_use]
    pub fn best(&self) -> Option<Combined<N>> {
        self.documents
            .iter()
            .max_by_key(|d| d.frames.len())
            .and_then(Document::combined)
    }
}

/// Whose a frame is.
enum Of {
    /// A document's that was not seen before.
    New,
    /// The document's at this place.
    One(usize),
    /// Of one or another, and it hides what would tell: it is read alone, and added to neither.
    Either,
}

impl<N: Clone> Document<N> {
    /// How many places a frame's zone shows clearly as this document's does; `None` where it is another's.
    fn alike(&self, frame: &ZoneReading) -> Option<usize> {
        let letters = &frame.evidence.0;
        let mine = self.together();
        if !mine.iter().map(Vec::len).eq(letters.iter().map(Vec::len)) {
            return None;
        }
        let (mut all, mut alike, mut different) = (0usize, 0usize, 0usize);
        for (a, b) in mine.iter().flatten().zip(letters.iter().flatten()) {
            all += 1;
            if let (Some(a), Some(b)) = (clear(a), clear(b)) {
                if a == b {
                    alike += 1;
                } else {
                    different += 1;
                }
            }
        }
        let keys = [&self.known, &frame.zone].map(|zone| zone.as_ref().and_then(proven_key));
        let two = different > 0 && matches!(keys, [Some(a), Some(b)] if a != b);
        let one = !two && different <= MOST_DIFFERENT && alike as f32 >= LEAST_ALIKE * all as f32;
        one.then_some(alike)
    }

    /// What all frames say of each place, as probabilities.
    fn together(&self) -> Letters {
        let [first, others @ ..] = self.seen.as_slice() else {
            return Letters::new();
        };
        let mut sum = first.clone();
        if others.is_empty() {
            return sum;
        }
        let count = self.seen.len() as f32;
        let louder = count.min(INDEPENDENT) / count;
        for (l, line) in sum.iter_mut().enumerate() {
            for (c, letter) in line.iter_mut().enumerate() {
                let others = others.iter().filter_map(|o| o.get(l)?.get(c));
                *letter = letter.map(|s| s.max(STRONGEST));
                for other in others {
                    for (s, o) in letter.iter_mut().zip(other) {
                        *s += o.max(STRONGEST);
                    }
                }
                *letter = normal(letter.map(|s| s * louder));
            }
        }
        sum
    }

    fn combined(&self) -> Option<Combined<N>> {
        let (mut zone, check) = decode::evidence(&self.together(), self.quad)?;
        zone.places.clone_from(&self.places);
        Some(Combined {
            zone,
            check,
            frames: self.frames.clone(),
        })
    }
}

/// Number, birth and expiry, where each fits its check digit.
fn proven_key(zone: &Zone) -> Option<[String; 3]> {
    let proven = |element, digit| {
        let text = zone.element(element);
        let fits = check_digit(text).is_some_and(|d| zone.element(digit).starts_with(d));
        fits.then(|| text.to_owned())
    };
    Some([
        proven(Element::DocumentNumber, Element::DocumentNumberDigit)?,
        proven(Element::DateOfBirth, Element::DateOfBirthDigit)?,
        proven(Element::DateOfExpiry, Element::DateOfExpiryDigit)?,
    ])
}

/// The same weights as probabilities that sum to one.
fn normal(letter: Letter) -> Letter {
    let top = letter.iter().copied().fold(f32::MIN, f32::max);
    let whole = top + letter.iter().map(|l| (l - top).exp()).sum::<f32>().ln();
    letter.map(|l| l - whole)
}

/// The character that a place shows clearly.
fn clear(letter: &Letter) -> Option<usize> {
    let (index, likely) = letter
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1))?;
    (likely.exp() >= CLEAR).then_some(index)
}

#[cfg(test)]
mod tests;
