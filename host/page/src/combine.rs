//! Several frames of one document make one better reading.
//!
//! Every frame's zone says, place by place, how likely each character is. What the frames of one document
//! say is added (as logarithms of probabilities) before the grammar decides: a character that glare hides
//! in one frame is clear in the next, and one frame's slip is outvoted. Frames are of one document only
//! where their zones have one format and nothing that both show clearly differs; the frames of two
//! documents are never added, however alike the documents are.

use crate::decode;
use crate::grid::Letter;
use crate::reading::ZoneReading;
use rules::Check;
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
/// So many places may differ clearly between two frames of one document. Two documents whose numbers
/// differ in one character differ in that and its check digit.
const MOST_DIFFERENT: usize = 1;
/// So large a share of the places must be clear in both frames, and the same.
const LEAST_ALIKE: f32 = 0.5;

/// What one frame shows of each place of a zone, line by line. Only what [`crate::read`] made holds
/// anything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ZoneEvidence(pub(crate) Vec<Vec<Letter>>);

/// A zone out of several frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Combined {
    /// The zone that the frames show together, its corners those of the latest. One frame alone is as it
    /// was read.
    pub zone: ZoneReading,
    /// Whether picture and grammar agree, over all frames ([`rules::CheckId::ZoneEvidence`]).
    pub check: Check,
    /// The frames that counted, from 0 in the order in which they were added.
    pub frames: Vec<usize>,
}

/// Frames as they come, put together document by document.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// The latest last.
    documents: VecDeque<Document>,
    added: usize,
}

/// What is seen of each place, line by line.
type Letters = Vec<Vec<Letter>>;

#[derive(Debug, Clone)]
struct Document {
    seen: Vec<Letters>,
    frames: Vec<usize>,
    quad: [[f32; 2]; 4],
    places: Vec<Vec<[[f32; 2]; 4]>>,
}

impl Frames {
    /// No frame yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the zone of the next frame; gives what is known of its document by now. A frame without a zone
    /// takes a number too, and gives nothing: nobody can say whose it is.
    pub fn add(&mut self, zone: Option<&ZoneReading>) -> Option<Combined> {
        let frame = self.added;
        self.added += 1;
        let zone = zone.filter(|z| !z.evidence.0.is_empty())?;
        let letters = &zone.evidence.0;
        let known = self.documents.iter().rposition(|d| d.is_of(letters));
        let mut document = known
            .and_then(|at| self.documents.remove(at))
            .unwrap_or_else(|| Document {
                seen: Vec::new(),
                frames: Vec::new(),
                quad: zone.quad,
                places: Vec::new(),
            });
        document.quad = zone.quad;
        document.places.clone_from(&zone.places);
        if document.seen.len() < MOST_FRAMES {
            document.seen.push(letters.clone());
            document.frames.push(frame);
        }
        let combined = document.combined();
        self.documents.push_back(document);
        if self.documents.len() > MOST_DOCUMENTS {
            self.documents.pop_front();
        }
        combined
    }

    /// The document that most of the frames show, the latest of several; `None` where no frame had a zone.
    #[must_use]
    pub fn best(&self) -> Option<Combined> {
        self.documents
            .iter()
            .max_by_key(|d| d.frames.len())
            .and_then(Document::combined)
    }
}

impl Document {
    /// Whether a frame's zone is this document's, as far as anybody can see.
    fn is_of(&self, letters: &Letters) -> bool {
        let mine = self.together();
        if !mine.iter().map(Vec::len).eq(letters.iter().map(Vec::len)) {
            return false;
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
        different <= MOST_DIFFERENT && alike as f32 >= LEAST_ALIKE * all as f32
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

    fn combined(&self) -> Option<Combined> {
        let (mut zone, check) = decode::evidence(&self.together(), self.quad)?;
        zone.places.clone_from(&self.places);
        Some(Combined {
            zone,
            check,
            frames: self.frames.clone(),
        })
    }
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
