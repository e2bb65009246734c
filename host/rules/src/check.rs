//! Checks: the questions asked of the evidence. Names are stable: scripts and records use them.

use crate::Outcome;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The five parts of an inspection that the desk shows side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckGroup {
    /// The machine-readable zone.
    Zone,
    /// The contactless chip.
    Chip,
    /// The printed data page.
    Page,
    /// The live face against the document's.
    Face,
    /// The watchlist search.
    Search,
}

impl CheckGroup {
    /// All groups, in the order in which the desk shows them.
    pub const ALL: [Self; 5] = [Self::Zone, Self::Chip, Self::Page, Self::Face, Self::Search];
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident = $name:literal in $group:ident;)*) => {
        /// One question that can be asked of the evidence. The wire name is dotted, its first part the group.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum CheckId { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl CheckId {
            /// Every check known to the house.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable wire name.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $name),* } }

            /// The part of the inspection that the question belongs to.
            #[must_use]
            pub fn group(self) -> CheckGroup { match self { $(Self::$variant => CheckGroup::$group),* } }
        }
    };
}

checks! {
    /// A zone was found and read.
    ZonePresent = "zone.present" in Zone;
    /// Line count and lengths fit one of the five formats (Doc 9303 parts 4 to 7).
    ZoneFormat = "zone.format" in Zone;
    /// Every character is one that its position may hold.
    ZoneCharacters = "zone.characters" in Zone;
    /// What the picture showed and what the grammar preferred agree.
    ZoneEvidence = "zone.evidence" in Zone;
    /// Check digit of the document number.
    ZoneDigitDocumentNumber = "zone.check_digit.document_number" in Zone;
    /// Check digit of the date of birth.
    ZoneDigitDateOfBirth = "zone.check_digit.date_of_birth" in Zone;
    /// Check digit of the date of expiry.
    ZoneDigitDateOfExpiry = "zone.check_digit.date_of_expiry" in Zone;
    /// Check digit of the personal number (TD3 only).
    ZoneDigitOptional = "zone.check_digit.optional" in Zone;
    /// The composite check digit.
    ZoneDigitComposite = "zone.check_digit.composite" in Zone;
    /// The date of birth is a date of the calendar, in the past, or properly unknown.
    ZoneDateOfBirth = "zone.date_of_birth" in Zone;
    /// The date of expiry is a date of the calendar, or properly absent.
    ZoneDateOfExpiry = "zone.date_of_expiry" in Zone;
    /// The issuing state is a code of ISO 3166-1 or Doc 9303-3 section 5.
    ZoneIssuingState = "zone.issuing_state" in Zone;
    /// The nationality is a code of ISO 3166-1 or Doc 9303-3 section 5.
    ZoneNationality = "zone.nationality" in Zone;
    /// Sex is F, M or `<`.
    ZoneSex = "zone.sex" in Zone;
    /// The document has not expired on the day of the inspection.
    DocumentValidity = "zone.document_validity" in Zone;
    /// The document is one to travel on by itself: a visa needs the passport that it was given for (Doc 9303-7).
    DocumentTravels = "zone.travel_document" in Zone;

    /// The chip answered and gave access, by PACE or BAC (TR-03135-1 table 5.18).
    ChipAccess = "chip.access" in Chip;
    /// PACE opened the chip (table 5.20).
    ChipPace = "chip.access.pace" in Chip;
    /// BAC opened the chip (table 5.19).
    ChipBac = "chip.access.bac" in Chip;
    /// The security object (EF.SOD) is there and can be read.
    ChipSecurityObject = "chip.security_object" in Chip;
    /// The security object is as its document signer made it.
    ChipSignature = "chip.passive_authentication.signature" in Chip;
    /// A country signer that is believed signed the document signer's certificate.
    ChipChain = "chip.passive_authentication.chain" in Chip;
    /// The certificates were valid when the object was signed and are on the day.
    ChipValidity = "chip.passive_authentication.validity" in Chip;
    /// The document signer is not revoked.
    ChipRevocation = "chip.passive_authentication.revocation" in Chip;
    /// No broken hash function was used, as far as the policy minds.
    ChipAlgorithms = "chip.passive_authentication.algorithms" in Chip;
    /// Every data group read is the one that was signed.
    ChipDataGroupHashes = "chip.data_group_hashes" in Chip;
    /// EF.COM lists the data groups that the security object lists (table 5.40).
    ChipCommonData = "chip.common_data" in Chip;
    /// The issuing state is the country of the signer's certificate.
    ChipIssuingState = "chip.issuing_state" in Chip;
    /// The chip's zone is the printed one.
    ChipZoneAgrees = "chip.zone_agrees" in Chip;
    /// The chip is the one that was issued: it proved so in one way at least (table 5.23).
    ChipAuthenticity = "chip.authenticity" in Chip;
    /// The chip holds the private key of active authentication.
    ChipActiveAuthentication = "chip.active_authentication" in Chip;
    /// The chip holds the private key of chip authentication (or of PACE with chip authentication mapping).
    ChipAuthentication = "chip.chip_authentication" in Chip;
    /// The chip's files are built as the standard says, as far as the policy minds.
    ChipConformance = "chip.conformance" in Chip;

    /// A data page was found in the picture.
    PagePresent = "page.present" in Page;
    /// The printed portrait was found.
    PagePortrait = "page.portrait" in Page;
    /// The page's picture is sharp enough to look closely at.
    PageFocus = "page.focus" in Page;
    /// No reflection lies over the page.
    PageGlare = "page.glare" in Page;
    /// The page is seen finely enough.
    PageResolution = "page.resolution" in Page;
    /// The zone is printed in ink that is dark under infrared (B900, Doc 9303-3).
    PageInfraredZone = "page.infrared_zone" in Page;
    /// The paper does not shine under ultraviolet (Doc 9303-2).
    PageUltravioletDullness = "page.ultraviolet_dullness" in Page;
    /// The visual zone states the zone's document number.
    PageVisualDocumentNumber = "page.visual_zone.document_number" in Page;
    /// The visual zone states the zone's date of birth.
    PageVisualDateOfBirth = "page.visual_zone.date_of_birth" in Page;
    /// The visual zone states the zone's date of expiry.
    PageVisualDateOfExpiry = "page.visual_zone.date_of_expiry" in Page;
    /// The visual zone states the zone's name.
    PageVisualName = "page.visual_zone.name" in Page;
    /// The visual zone states the zone's nationality.
    PageVisualNationality = "page.visual_zone.nationality" in Page;
    /// The visual zone states the zone's sex.
    PageVisualSex = "page.visual_zone.sex" in Page;

    /// A single usable live face was found.
    FaceLive = "face.live" in Face;
    /// The reference portrait holds a usable face.
    FaceReference = "face.reference" in Face;
    /// The printed portrait and the chip's are of one person (the printed one was not exchanged).
    FacePrinted = "face.printed" in Face;
    /// The live face and the reference are of one person.
    FaceMatch = "face.match" in Face;
    /// The officer left the comparison out, for a reason that speaks against nobody (a veil, an injury).
    FaceSkipped = "face.skipped" in Face;

    /// The document number is not on the list of lost, stolen or revoked documents.
    SearchDocuments = "search.documents" in Search;
    /// No listed person resembles the traveller.
    SearchPersons = "search.persons" in Search;
    /// No listed face resembles the live one; asked where the edition has faces.
    SearchFaces = "search.faces" in Search;
    /// The edition searched is there and within its time.
    SearchEdition = "search.edition" in Search;
}

impl CheckId {
    /// The question whose answer already holds this one's (TR-03135-1 tables 5.18 and 5.23): of several ways
    /// in, and of several proofs, one suffices.
    #[must_use]
    pub fn part_of(self) -> Option<Self> {
        match self {
            Self::ChipPace | Self::ChipBac => Some(Self::ChipAccess),
            Self::ChipActiveAuthentication | Self::ChipAuthentication => {
                Some(Self::ChipAuthenticity)
            }
            _ => None,
        }
    }
}

/// One question, its answer and a short line of detail for the officer's second look and the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The question.
    pub check: CheckId,
    /// The answer.
    pub outcome: Outcome,
    /// What was expected and what was seen, in plain English; empty where there is nothing to add.
    pub detail: String,
    /// Why the answer stays open, where that has a name of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    /// The detail for screens in any language, in one sentence or several; records hold it beside their checks
    /// ([`said_of`]).
    #[serde(skip)]
    pub said: Vec<Said>,
}

/// Why an answer stays open, by a name that scripts and advice go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Headquarters has not said for too long that what was asked is in force ([`crate::role`]).
    LeaseOver,
}

/// A detail as the key of a sentence and what is to be put into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The sentence's key in the locale files.
    pub key: Cow<'static, str>,
    /// Its arguments by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<(Cow<'static, str>, Argument)>,
}

impl Said {
    /// A sentence with what is to be put into it.
    #[must_use]
    pub fn new<const N: usize>(
        key: &'static str,
        arguments: [(&'static str, Argument); N],
    ) -> Self {
        Self {
            key: key.into(),
            arguments: arguments
                .into_iter()
                .map(|(name, argument)| (name.into(), argument))
                .collect(),
        }
    }
}

/// What is put into a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// Text that stands as it is, such as characters of a zone.
    Text(String),
    /// A number, written as the language writes numbers.
    Number(i64),
    /// A day, written as the language writes dates.
    Day(Date),
}

impl From<char> for Argument {
    fn from(character: char) -> Self {
        Self::Text(character.to_string())
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Date> for Argument {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl Check {
    /// A check with its answer and detail.
    pub fn new(check: CheckId, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            check,
            outcome,
            detail: detail.into(),
            because: None,
            said: Vec::new(),
        }
    }

    /// The same, where headquarters has been silent about what was asked for `silent_days`: a good answer stays open.
    /// What speaks against somebody speaks on, since it does not become untrue by silence, and what was open or never
    /// asked is as it was.
    #[must_use]
    pub fn past_lease(self, silent_days: i64) -> Self {
        if self.outcome != Outcome::Successful {
            return self;
        }
        Self {
            because: Some(Because::LeaseOver),
            ..Self::new(
                self.check,
                Outcome::Undetermined,
                format!("not confirmed by headquarters for {silent_days} days"),
            )
            .saying(
                "detail-lease-over",
                [("days", Argument::Number(silent_days))],
            )
        }
    }

    /// The same with its detail for screens in any language.
    #[must_use]
    pub fn saying<const N: usize>(
        mut self,
        key: &'static str,
        arguments: [(&'static str, Argument); N],
    ) -> Self {
        self.said = vec![Said::new(key, arguments)];
        self
    }

    /// The same with these sentences.
    #[must_use]
    pub fn saying_all(mut self, said: impl IntoIterator<Item = Said>) -> Self {
        self.said = said.into_iter().collect();
        self
    }
}

/// What checks say on screens, check by check, for records to keep; nothing where none says anything.
#[must_use]
pub fn said_of(checks: &[Check]) -> Vec<Vec<Said>> {
    match checks.iter().all(|c| c.said.is_empty()) {
        true => Vec::new(),
        false => checks.iter().map(|c| c.said.clone()).collect(),
    }
}

/// Checks of a record with what they said; without it where the record is an earlier program's.
#[must_use]
pub fn saying_again(mut checks: Vec<Check>, said: &[Vec<Said>]) -> Vec<Check> {
    if checks.len() == said.len() {
        for (check, said) in checks.iter_mut().zip(said) {
            check.said.clone_from(said);
        }
    }
    checks
}

/// Many answers as one. A question that is part of another one that was asked as well does not count again
/// ([`CheckId::part_of`]).
#[must_use]
pub fn outcome_of(checks: &[Check]) -> Outcome {
    rolled_up(checks, |_| true)
}

/// The rolled-up answer of one group; `NotSupported` where nothing of it was asked.
#[must_use]
pub fn group_outcome(checks: &[Check], group: CheckGroup) -> Outcome {
    rolled_up(checks, |check| check.group() == group)
}

fn rolled_up(checks: &[Check], counts: impl Fn(CheckId) -> bool) -> Outcome {
    let is_asked = |whole| checks.iter().any(|c| c.check == whole);
    let counted = checks
        .iter()
        .filter(|c| counts(c.check) && !c.check.part_of().is_some_and(is_asked));
    Outcome::roll_up(counted.map(|c| c.outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_checks_say_goes_through_a_record_beside_them() {
        let checks = vec![
            Check::new(CheckId::ZonePresent, Outcome::Successful, ""),
            Check::new(CheckId::DocumentValidity, Outcome::Failed, "expired").saying(
                "detail-expired",
                [("day", Argument::Day(jiff::civil::date(2012, 4, 15)))],
            ),
        ];
        let text = serde_json::to_string(&said_of(&checks)).expect("writes");
        let said: Vec<Vec<Said>> = serde_json::from_str(&text).expect("reads");
        let bare: Vec<Check> =
            serde_json::from_str(&serde_json::to_string(&checks).expect("writes")).expect("reads");
        assert!(bare.iter().all(|c| c.said.is_empty()));
        assert_eq!(saying_again(bare.clone(), &said), checks);
        assert_eq!(saying_again(bare.clone(), &[]), bare, "an earlier record");
        assert!(said_of(&bare).is_empty());
    }

    #[test]
    fn one_proof_of_several_suffices_and_a_lone_part_counts() {
        let proofs = [
            Check::new(CheckId::ChipActiveAuthentication, Outcome::Failed, ""),
            Check::new(CheckId::ChipAuthentication, Outcome::Successful, ""),
        ];
        assert_eq!(outcome_of(&proofs), Outcome::Failed);
        let whole = Check::new(CheckId::ChipAuthenticity, Outcome::Successful, "");
        let all = [proofs.as_slice(), &[whole]].concat();
        assert_eq!(outcome_of(&all), Outcome::Successful);
        assert_eq!(group_outcome(&all, CheckGroup::Chip), Outcome::Successful);
        assert_eq!(group_outcome(&all, CheckGroup::Page), Outcome::NotSupported);
    }

    #[test]
    fn past_a_lease_a_good_answer_stays_open_and_nothing_becomes_a_failure() {
        for outcome in [
            Outcome::Failed,
            Outcome::Undetermined,
            Outcome::NotSupported,
            Outcome::Aborted,
        ] {
            let check = Check::new(CheckId::ChipRevocation, outcome, "as it was");
            assert_eq!(check.clone().past_lease(91), check);
        }
        let good = Check::new(CheckId::SearchPersons, Outcome::Successful, "");
        let open = good.clone().past_lease(31);
        assert_eq!(open.outcome, Outcome::Undetermined);
        assert!(open.detail.contains("31 days"), "{}", open.detail);
        let told = serde_json::to_value(&open).expect("serialises");
        assert_eq!(told["because"], "lease_over");
        // An answer that is open for no such reason is written as it always was, and yesterday's is read.
        let written = serde_json::to_string(&good).expect("serialises");
        let yesterday = r#"{"check":"search.persons","outcome":"Successful","detail":""}"#;
        assert_eq!(written, yesterday);
        let read: Check = serde_json::from_str(yesterday).expect("yesterday's");
        assert_eq!(read, good);
    }

    #[test]
    fn wire_names_are_unique_and_serde_uses_them() {
        let mut seen = std::collections::BTreeSet::new();
        for id in CheckId::ALL {
            assert!(seen.insert(id.as_str()), "{id:?} repeats a name");
            let json = serde_json::to_string(id).expect("serialises");
            assert_eq!(json, format!("\"{}\"", id.as_str()));
            // The first part of the name is the group's.
            let group = serde_json::to_string(&id.group()).expect("serialises");
            let first = id.as_str().split('.').next();
            assert_eq!(group, format!("\"{}\"", first.unwrap_or_default()));
        }
    }
}
