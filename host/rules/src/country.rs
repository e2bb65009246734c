//! The codes of states, organisations and persons without a state that a zone may hold.
//!
//! ISO 3166-1 alpha-3 (and the withdrawn codes of ISO 3166-3) come from the crate `rust_iso3166`; the
//! codes that Doc 9303-3 section 5 adds stand here.
//!
//! A well-formed code that stands on no list is `Undetermined`, not `Failed`: states are founded and
//! codes assigned after a box was built, and an old list is no evidence against a traveller. What no
//! code can be (a digit in it, one or two letters other than Germany's `D`, a person's status where an
//! issuer must stand) is `Failed`.

use crate::Outcome;
use rust_iso3166::{ALPHA3_MAP, iso3166_3};

/// What a code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeKind {
    /// A state or territory: ISO 3166-1, or Doc 9303-3's own code for one.
    State,
    /// A form of British nationality (Doc 9303-3 section 5, codes for use in United Kingdom documents).
    BritishNationality,
    /// An organisation that issues travel documents (Doc 9303-3 section 5).
    Organisation,
    /// A person without a defined nationality (Doc 9303-3 section 5); never an issuer.
    Person,
    /// The specimen state of Doc 9303's examples.
    Specimen,
    /// Withdrawn from ISO 3166-1; still to be seen on old documents.
    Withdrawn,
    /// In use, and on no official list.
    Unofficial,
}

/// A code that the house knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// What it stands for.
    pub kind: CodeKind,
    /// Its English short name.
    pub name: &'static str,
}

/// Doc 9303-3 section 5 beyond ISO 3166-1, and what else is met in the field.
const BEYOND_ISO: &[(&str, CodeKind, &str)] = &[
    // Germany keeps its one letter, followed by two fillers.
    ("D", CodeKind::State, "Germany"),
    // In use, though not in ISO 3166-1 (part A, note 1).
    ("RKS", CodeKind::State, "Kosovo"),
    // Reserved by the ISO 3166 maintenance agency (part B).
    ("EUE", CodeKind::Organisation, "European Union"),
    (
        "GBD",
        CodeKind::BritishNationality,
        "British Overseas Territories citizen",
    ),
    (
        "GBN",
        CodeKind::BritishNationality,
        "British National (Overseas)",
    ),
    (
        "GBO",
        CodeKind::BritishNationality,
        "British Overseas citizen",
    ),
    (
        "GBP",
        CodeKind::BritishNationality,
        "British protected person",
    ),
    ("GBS", CodeKind::BritishNationality, "British subject"),
    // United Nations travel documents (part C).
    ("UNO", CodeKind::Organisation, "United Nations Organization"),
    (
        "UNA",
        CodeKind::Organisation,
        "Specialized agency of the United Nations",
    ),
    // Residents of Kosovo, whose documents the interim administration issued.
    (
        "UNK",
        CodeKind::Organisation,
        "United Nations Interim Administration Mission in Kosovo",
    ),
    // Other issuing authorities (part D).
    ("XBA", CodeKind::Organisation, "African Development Bank"),
    ("XIM", CodeKind::Organisation, "African Export-Import Bank"),
    ("XCC", CodeKind::Organisation, "Caribbean Community"),
    ("XCE", CodeKind::Organisation, "Council of Europe"),
    (
        "XCO",
        CodeKind::Organisation,
        "Common Market for Eastern and Southern Africa",
    ),
    (
        "XEC",
        CodeKind::Organisation,
        "Economic Community of West African States",
    ),
    (
        "XPO",
        CodeKind::Organisation,
        "International Criminal Police Organization (INTERPOL)",
    ),
    (
        "XES",
        CodeKind::Organisation,
        "Organization of Eastern Caribbean States",
    ),
    (
        "XMP",
        CodeKind::Organisation,
        "Parliamentary Assembly of the Mediterranean",
    ),
    (
        "XOM",
        CodeKind::Organisation,
        "Sovereign Military Order of Malta",
    ),
    (
        "XDC",
        CodeKind::Organisation,
        "Southern African Development Community",
    ),
    // Signs master lists; no travel document carries it (part H).
    (
        "IAO",
        CodeKind::Organisation,
        "International Civil Aviation Organization",
    ),
    // Persons without a defined nationality (part E): the 1954 Convention on stateless persons …
    ("XXA", CodeKind::Person, "Stateless person"),
    // … the 1951 Convention on refugees with its 1967 Protocol …
    ("XXB", CodeKind::Person, "Refugee (1951 Convention)"),
    // … refugees by other instruments, and whoever the issuer need not describe.
    ("XXC", CodeKind::Person, "Refugee (other)"),
    ("XXX", CodeKind::Person, "Person of unspecified nationality"),
    // Specimen documents (part G).
    ("UTO", CodeKind::Specimen, "Utopia"),
    // Used until ISO 3166-1 gave Romania ROU in 2002; a change of letters is not in ISO 3166-3.
    ("ROM", CodeKind::Withdrawn, "Romania"),
    // Chosen by the issuer; on no list of ICAO's or ISO's.
    (
        "XCT",
        CodeKind::Unofficial,
        "Turkish Republic of Northern Cyprus",
    ),
    // A private body's "world passport".
    ("WSA", CodeKind::Unofficial, "World Service Authority"),
];

/// The code's meaning, where the house knows it. Fillers after the code are ignored: `D` and `D<<` are one.
#[must_use]
pub fn find(code: &str) -> Option<Country> {
    let code = code.trim_end_matches('<');
    if let Some((_, kind, name)) = BEYOND_ISO.iter().find(|(c, _, _)| *c == code) {
        return Some(Country { kind: *kind, name });
    }
    if let Some(state) = ALPHA3_MAP.get(code) {
        return Some(Country {
            kind: CodeKind::State,
            name: state.name,
        });
    }
    iso3166_3::ALL
        .iter()
        .find(|w| w.former.alpha3 == code)
        .map(|w| Country {
            kind: CodeKind::Withdrawn,
            name: w.name,
        })
}

/// The English short name that belongs to a code: `UTO` is `Utopia`, `D` is `Germany`.
#[must_use]
pub fn name_en(code: &str) -> Option<&'static str> {
    find(code).map(|c| c.name)
}

/// Whether the three characters of the issuing state's place name one that may issue, and why not.
pub(crate) fn issuer(field: &str) -> (Outcome, String) {
    match find(field).map(|c| c.kind) {
        Some(CodeKind::Person) => (
            Outcome::Failed,
            format!("{field} is a person's status and never issues documents"),
        ),
        _ => judge(field),
    }
}

/// Whether the three characters of the nationality's place name one, and why not.
pub(crate) fn nationality(field: &str) -> (Outcome, String) {
    if field.bytes().all(|b| b == b'<') {
        // Some cards leave it empty, though Doc 9303 has codes even for the stateless.
        return (Outcome::Undetermined, "no nationality is given".into());
    }
    judge(field)
}

fn judge(field: &str) -> (Outcome, String) {
    let code = field.trim_end_matches('<');
    let shaped = code == "D" || (code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()));
    if !shaped {
        return (
            Outcome::Failed,
            format!("{field} can be no code: three letters, or D<<"),
        );
    }
    match find(code) {
        Some(Country { kind, name }) => match kind {
            CodeKind::Withdrawn => (
                Outcome::Undetermined,
                format!("{code} ({name}) is withdrawn from ISO 3166-1"),
            ),
            CodeKind::Unofficial => (
                Outcome::Undetermined,
                format!("{code} ({name}) is on no official list"),
            ),
            CodeKind::Specimen => (
                Outcome::Successful,
                format!("{code} is {name}, the specimen state of Doc 9303"),
            ),
            _ => (Outcome::Successful, String::new()),
        },
        None => (
            Outcome::Undetermined,
            format!("{code} is on neither the list of ISO 3166-1 nor that of Doc 9303-3"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name_en("UTO"), Some("Utopia"));
        assert_eq!(name_en("D"), Some("Germany"));
        assert_eq!(name_en("D<<"), Some("Germany"));
        assert_eq!(name_en("KEN"), Some("Kenya"));
        assert_eq!(name_en("XXB"), Some("Refugee (1951 Convention)"));
        for none in ["", "<<<", "UT0", "HAC", "DE", "ken", "KE<", "<KE"] {
            assert_eq!(name_en(none), None, "{none}");
        }
    }

    #[test]
    fn our_own_table_repeats_nothing_of_iso_and_itself() {
        let mut seen = std::collections::BTreeSet::new();
        for (code, _, name) in BEYOND_ISO {
            assert!(seen.insert(code), "{code} twice");
            assert!(
                !ALPHA3_MAP.contains_key(code),
                "{code} is in ISO 3166-1 already"
            );
            assert!(!name.is_empty());
        }
    }

    #[test]
    fn a_list_that_lacks_a_code_is_no_evidence_and_a_shape_that_cannot_be_is() {
        for (field, outcome) in [
            ("UTO", Outcome::Successful),
            ("D<<", Outcome::Successful),
            ("GBD", Outcome::Successful),
            ("HAC", Outcome::Undetermined), // MAC misread
            ("SUN", Outcome::Undetermined), // the Soviet Union, ISO 3166-3
            ("YUG", Outcome::Undetermined),
            ("WSA", Outcome::Undetermined),
            ("UT0", Outcome::Failed),
            ("SI<", Outcome::Failed),
            ("<<<", Outcome::Failed),
            ("<UT", Outcome::Failed),
            ("U<O", Outcome::Failed),
            ("DDD", Outcome::Undetermined),
            ("E<<", Outcome::Failed),
            ("XXA", Outcome::Failed),
        ] {
            assert_eq!(issuer(field).0, outcome, "{field}: {}", issuer(field).1);
        }
        assert_eq!(nationality("XXA").0, Outcome::Successful);
        assert_eq!(nationality("<<<").0, Outcome::Undetermined);
        assert_eq!(nationality("K<<").0, Outcome::Failed);
    }
}
