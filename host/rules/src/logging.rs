//! Logging for operational monitoring: BSI TR-03135-1 chapter 6 and TR-03135-2 section 4.3, both version 2.5.
//!
//! The guideline's text says which application domains a log has and under which namespaces (part 1, table 6.1),
//! what is logged in any case (part 1, section 6.3), which profiles there are (part 2, section 4.3) and which
//! nodes with personal data a profile adds (part 2, table 4.26). The schema files that it names (`ct4v3.xsd`,
//! `dc4v4.xsd` and the others) are published apart from the text and were not at hand here: of their element names
//! only those that the text itself mentions are known.

use crate::CheckId;
use std::fmt;
use std::str::FromStr;

/// The guideline and the version that this follows.
pub const GUIDELINE: &str =
    "BSI TR-03135-1 version 2.5, chapter 6; BSI TR-03135-2 version 2.5, section 4.3";

/// A logging profile (TR-03135-2 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogProfile {
    /// Everything that is not about a person, with the result of every check (section 4.3.1).
    Basic,
    /// Basic, and the extended nodes of what failed or stayed undetermined (section 4.3.2).
    Standard,
    /// Standard, and the extended nodes of every optical check (section 4.3.3).
    StandardOptical,
    /// Standard, and the extended nodes of every electronic check (section 4.3.4).
    StandardElectronic,
    /// Standard, and the extended nodes of every digital seal check (section 4.3.5).
    StandardSeal,
    /// Everything (section 4.3.6).
    Full,
}

impl LogProfile {
    /// Every profile of the guideline, the least first.
    pub const ALL: [Self; 6] = [
        Self::Basic,
        Self::Standard,
        Self::StandardOptical,
        Self::StandardElectronic,
        Self::StandardSeal,
        Self::Full,
    ];

    /// The name on command lines and in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Standard => "standard",
            Self::StandardOptical => "standard-optical",
            Self::StandardElectronic => "standard-electronic",
            Self::StandardSeal => "standard-seal",
            Self::Full => "full",
        }
    }

    /// Why a box does not write this profile; nothing for the one that holds no personal data. The nodes named
    /// are those of TR-03135-2 table 4.26.
    #[must_use]
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Basic => None,
            Self::Standard => Some(
                "where a check failed it holds what was read of the traveller's document \
                 (dc:DocumentDetails, dco:ScannedImages, dce:ChipFiles)",
            ),
            Self::StandardOptical => Some(
                "it holds every traveller's page and details (dco:ScannedImages, dc:DocumentDetails)",
            ),
            Self::StandardElectronic => {
                Some("it holds every traveller's chip files (dce:ChipFiles, dce:Trace)")
            }
            Self::StandardSeal => {
                Some("it holds the content of every digital seal (dcs:Data/dcs:Content)")
            }
            Self::Full => Some("it holds everything that was read of every traveller"),
        }
    }
}

impl fmt::Display for LogProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no logging profile's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no logging profile: basic, standard, standard-optical, standard-electronic, standard-seal or full"
)]
pub struct UnknownLogProfile(pub String);

impl FromStr for LogProfile {
    type Err = UnknownLogProfile;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| UnknownLogProfile(text.to_owned()))
    }
}

/// A domain of the log (TR-03135-1 table 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogDomain {
    /// Optical checks (section 5.5).
    Optical,
    /// Electronic checks (section 5.6).
    Electronic,
    /// Combined checks (section 5.7).
    Combined,
    /// Biometric checks: the guideline leaves them to BSI TR-03121.
    Biometric,
    /// Background checks.
    Background,
    /// Checks that the guideline does not know: freely definable by the application.
    Application,
}

impl LogDomain {
    /// Every domain, in the order of table 6.1.
    pub const ALL: [Self; 6] = [
        Self::Optical,
        Self::Electronic,
        Self::Combined,
        Self::Biometric,
        Self::Background,
        Self::Application,
    ];

    /// The name used in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Optical => "Optical",
            Self::Electronic => "Electronic",
            Self::Combined => "Combined",
            Self::Biometric => "Biometric",
            Self::Background => "Background",
            Self::Application => "Application",
        }
    }

    /// The guideline's namespace for the domain, where table 6.1 gives one.
    #[must_use]
    pub fn namespace(self) -> Option<&'static str> {
        match self {
            Self::Optical => Some("http://trdoccheck.bsi.bund.de/dco/4"),
            Self::Electronic => Some("http://trdoccheck.bsi.bund.de/dce/4"),
            Self::Combined => Some("http://trdoccheck.bsi.bund.de/dcc/4"),
            Self::Background => Some("http://trdoccheck.bsi.bund.de/bc/4"),
            Self::Biometric | Self::Application => None,
        }
    }

    /// Whether its checks make up the overall document check (section 5.4).
    #[must_use]
    pub fn is_of_the_document(self) -> bool {
        matches!(self, Self::Optical | Self::Electronic | Self::Combined)
    }
}

impl CheckId {
    /// The domain of the log that a check belongs to, and the section of TR-03135-1 that describes it, where one
    /// does.
    #[must_use]
    pub fn logged_in(self) -> (LogDomain, Option<&'static str>) {
        use LogDomain::{Application, Background, Biometric, Combined, Electronic, Optical};
        match self {
            Self::ZonePresent | Self::PagePresent => (Optical, Some("5.5.2")),
            Self::ZoneFormat | Self::ZoneCharacters => (Optical, Some("5.5.4.1")),
            Self::ZoneDigitDocumentNumber
            | Self::ZoneDigitDateOfBirth
            | Self::ZoneDigitDateOfExpiry
            | Self::ZoneDigitOptional
            | Self::ZoneDigitComposite => (Optical, Some("5.5.4.1.1")),
            Self::PageInfraredZone => (Optical, Some("5.5.4.1.2")),
            Self::PageUltravioletDullness => (Optical, Some("5.5.4.2")),
            Self::ChipAccess => (Electronic, Some("5.6.3.1")),
            Self::ChipBac => (Electronic, Some("5.6.3.1.1")),
            Self::ChipPace => (Electronic, Some("5.6.3.1.2")),
            Self::ChipAuthenticity => (Electronic, Some("5.6.4.1")),
            Self::ChipActiveAuthentication => (Electronic, Some("5.6.4.1.1")),
            Self::ChipAuthentication => (Electronic, Some("5.6.4.1.2")),
            Self::ChipSecurityObject => (Electronic, Some("5.6.4.2.1")),
            Self::ChipSignature => (Electronic, Some("5.6.4.2.2")),
            Self::ChipChain => (Electronic, Some("5.6.4.3")),
            Self::ChipValidity => (Electronic, Some("5.6.4.3.4")),
            Self::ChipRevocation => (Electronic, Some("5.6.4.3.5")),
            Self::ChipCommonData => (Electronic, Some("5.6.4.4.1")),
            Self::ChipDataGroupHashes => (Electronic, Some("5.6.4.4.2")),
            Self::ChipIssuingState => (Electronic, Some("5.6.4.5")),
            Self::DocumentValidity => (Combined, Some("5.7.1")),
            Self::ChipZoneAgrees => (Combined, Some("5.7.2")),
            Self::PageVisualDocumentNumber
            | Self::PageVisualDateOfBirth
            | Self::PageVisualDateOfExpiry
            | Self::PageVisualName
            | Self::PageVisualNationality
            | Self::PageVisualSex => (Combined, Some("5.7.5")),
            Self::FacePrinted => (Combined, Some("5.7.6")),
            Self::FaceLive | Self::FaceReference | Self::FaceMatch | Self::FaceSkipped => {
                (Biometric, None)
            }
            Self::SearchDocuments
            | Self::SearchPersons
            | Self::SearchFaces
            | Self::SearchEdition => (Background, None),
            Self::ZoneEvidence
            | Self::ZoneDateOfBirth
            | Self::ZoneDateOfExpiry
            | Self::ZoneIssuingState
            | Self::ZoneNationality
            | Self::ZoneSex
            | Self::DocumentTravels
            | Self::ChipAlgorithms
            | Self::ChipConformance
            | Self::PagePortrait
            | Self::PageFocus
            | Self::PageGlare
            | Self::PageResolution => (Application, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_known_by_its_name_and_only_basic_is_written() {
        for profile in LogProfile::ALL {
            assert_eq!(profile.as_str().parse::<LogProfile>(), Ok(profile));
            assert_eq!(profile.refusal().is_none(), profile == LogProfile::Basic);
        }
        for name in ["", "Basic", "basic ", "extended"] {
            assert!(name.parse::<LogProfile>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_section_belongs_to_the_chapter_of_its_domain() {
        for check in CheckId::ALL {
            let (domain, section) = check.logged_in();
            // Chapter 5 of part 1: optical checks in 5.5, electronic ones in 5.6, combined ones in 5.7.
            let chapter = match domain {
                LogDomain::Optical => Some("5.5."),
                LogDomain::Electronic => Some("5.6."),
                LogDomain::Combined => Some("5.7."),
                LogDomain::Biometric | LogDomain::Background | LogDomain::Application => None,
            };
            assert_eq!(section.is_some(), chapter.is_some(), "{}", check.as_str());
            assert_eq!(section.is_some(), domain.is_of_the_document());
            if let (Some(section), Some(chapter)) = (section, chapter) {
                assert!(section.starts_with(chapter), "{}", check.as_str());
            }
        }
    }
}
