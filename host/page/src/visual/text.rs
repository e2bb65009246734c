//! The words of a page in lines and phrases.

use super::Word;
use super::letters::plain;

/// Words less sure than this are noise: patterns of the ground, the portrait.
const NOISE: f32 = 0.2;
/// A gap wider than this many heights of the line's words ends a phrase.
const GAP: f32 = 1.4;

/// A place on the piece, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

impl Place {
    fn of(words: &[Word]) -> Self {
        let mut place = Self {
            left: f32::MAX,
            right: f32::MIN,
            top: f32::MAX,
            bottom: f32::MIN,
        };
        for word in words {
            place.left = place.left.min(word.at.x as f32);
            place.right = place.right.max(word.at.x as f32 + word.at.width as f32);
            place.top = place.top.min(word.at.y as f32);
            place.bottom = place.bottom.max(word.at.y as f32 + word.at.height as f32);
        }
        place
    }

    pub(super) fn height(&self) -> f32 {
        self.bottom - self.top
    }
}

/// Words that stand together in a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phrase {
    pub(super) words: Vec<Word>,
    pub(super) at: Place,
}

impl Phrase {
    fn of(words: Vec<Word>) -> Self {
        let at = Place::of(&words);
        Self { words, at }
    }

    /// The words in capitals without marks, those of letters.
    pub(super) fn plain_words(&self) -> impl Iterator<Item = String> {
        self.words
            .iter()
            .flat_map(|w| w.text.split(|c: char| !c.is_alphanumeric()))
            .map(plain)
            .filter(|w| !w.is_empty())
    }

    /// As printed.
    pub(super) fn printed(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|w| w.text.as_str()).collect();
        words.join(" ")
    }

    /// The least sure word's confidence.
    pub(super) fn confidence(&self) -> f32 {
        self.words.iter().map(|w| w.confidence).fold(1.0, f32::min)
    }
}

/// A page's phrases.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Text {
    pub(super) phrases: Vec<Phrase>,
}

impl Text {
    pub(super) fn of(words: Vec<Word>) -> Self {
        let mut words: Vec<Word> = words
            .into_iter()
            .filter(|w| w.confidence >= NOISE && !w.text.trim().is_empty())
            .collect();
        words.sort_by_key(|w| (w.line, w.at.x));
        let mut phrases: Vec<Vec<Word>> = Vec::new();
        for word in words {
            let joins = phrases
                .last()
                .and_then(|p| p.last())
                .is_some_and(|last| last.line == word.line && near(last, &word));
            match phrases.last_mut() {
                Some(phrase) if joins => phrase.push(word),
                _ => phrases.push(vec![word]),
            }
        }
        Self {
            phrases: phrases.into_iter().map(Phrase::of).collect(),
        }
    }

    /// The phrase that stands under a caption, or else beside it, and near enough to be its value.
    pub(super) fn value_of(&self, caption: &Phrase) -> Option<&Phrase> {
        let c = caption.at;
        let under = self.phrases.iter().filter(|p| {
            let v = p.at;
            let gap = v.top - c.bottom;
            let tall = c.height().max(v.height());
            let aligned = v.left < c.right && v.right > c.left && v.left - c.left < 6.0 * tall;
            gap > -0.4 * c.height() && gap < 1.3 * tall && aligned && v.top > c.top
        });
        let nearest = under.min_by(|a, b| {
            let far =
                |p: &Phrase| (p.at.top - c.bottom).max(0.0) + (p.at.left - c.left).abs() * 0.3;
            far(a).total_cmp(&far(b))
        });
        nearest.or_else(|| {
            let beside = self.phrases.iter().filter(|p| {
                let v = p.at;
                let overlap = v.bottom.min(c.bottom) - v.top.max(c.top);
                overlap > 0.5 * c.height().min(v.height())
                    && v.left >= c.right
                    && v.left - c.right < 8.0 * c.height()
            });
            beside.min_by(|a, b| a.at.left.total_cmp(&b.at.left))
        })
    }
}

fn near(last: &Word, next: &Word) -> bool {
    let gap = next.at.x as f32 - (last.at.x as f32 + last.at.width as f32);
    gap < GAP * last.at.height.min(next.at.height).max(8) as f32
}
