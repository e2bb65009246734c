//! What the visual zone's captions are called: beginnings of words in capitals without marks, in languages
//! that travel documents caption in (Doc 9303-3 section 3.4 asks for English, French or Spanish besides
//! the issuing state's).

use super::text::Phrase;

const BIRTH: &[&str] = &[
    "BIRTH", "NAISS", "GEBURT", "GEBOOR", "NACIM", "NASCI", "KUZALI", "URODZ", "NAROZ", "ROJST",
    "ROJEN", "FODSEL", "FOEDSEL", "FOEDELSE", "SYNTYM", "SZULET", "NASTER", "DOGUM", "LAHIR",
    "RODENJ", "SYNNI",
];
const DATE: &[&str] = &[
    "DATE", "DATUM", "DATA", "FECHA", "TAREHE", "GEBURTSD", "GEBURTST", "TARIH", "TANGGAL",
    "KUUPAEV",
];
const PLACE: &[&str] = &[
    "PLACE", "LIEU", "LUGAR", "LOCAL", "MAHALI", "LUOGO", "ORT", "GEBURTSO", "MIEJSC",
];
const EXPIRY: &[&str] = &[
    "EXPIR", "ABLAUF", "GUELTIG", "GULTIG", "CADUC", "VALIDADE", "VENCIM", "SCADEN", "MWISHO",
    "UNTIL", "WAZNOSC", "PLATNOST", "VERVAL",
];
const ISSUE: &[&str] = &[
    "ISSU",
    "DELIV",
    "EMISS",
    "EXPED",
    "AUSSTELL",
    "AUSGESTELL",
    "KUTOLEWA",
    "RILASC",
];
const NUMBER: &[&str] = &[
    "NO", "NR", "N", "NUM", "NAMBA", "NUMBER", "NUMERO", "NUMMER",
];
const DOCUMENT: &[&str] = &[
    "PASSPORT",
    "PASSEPORT",
    "PASAPORTE",
    "PASSAPORTE",
    "REISEPASS",
    "DOCUMENT",
    "DOCUMENTO",
    "DOKUMENT",
    "PASIPOTI",
];
const PERSON: &[&str] = &["PERSONAL", "PERSONNEL", "IDENTI", "NATIONAL", "KENNZ"];
const SURNAME: &[&str] = &[
    "SURNAME",
    "NOM",
    "APELLIDO",
    "APELIDO",
    "NACHNAME",
    "COGNOME",
    "FAMILYNAME",
];
const GIVEN: &[&str] = &[
    "GIVEN", "PRENOM", "NOMBRE", "VORNAME", "FIRST", "FORENAME", "NOME", "FORNAVN", "FORNAMN",
    "JINA",
];
const OTHER_NAME: &[&str] = &[
    "BIRTH", "MAIDEN", "FATHER", "MOTHER", "USUAL", "USAGE", "JEUNE", "NEE", "SPOUSE",
];
const NATIONALITY: &[&str] = &[
    "NATIONALIT",
    "NACIONALI",
    "NAZIONALI",
    "STAATSANG",
    "URAIA",
    "UTAIFA",
    "OBYWATEL",
    "STATNI",
    "CITIZENSHIP",
];
const SEX: &[&str] = &[
    "SEX",
    "GESCHLECHT",
    "JINSI",
    "SESSO",
    "PLEC",
    "POHLAVI",
    "SPOL",
    "KJONN",
    "SUKUPUOLI",
];

/// What a caption announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caption {
    DocumentNumber,
    DateOfBirth,
    DateOfExpiry,
    Surname,
    GivenNames,
    Nationality,
    Sex,
}

impl Caption {
    /// Whether a phrase is this caption, and no other that shares its words.
    pub(super) fn is(self, phrase: &Phrase) -> bool {
        let words: Vec<String> = phrase.plain_words().collect();
        let any = |stems: &[&str]| words.iter().any(|w| stems.iter().any(|s| w.starts_with(s)));
        let whole = |stems: &[&str]| words.iter().any(|w| stems.contains(&w.as_str()));
        match self {
            Self::DocumentNumber => any(DOCUMENT) && whole(NUMBER) && !any(PERSON),
            Self::DateOfBirth => any(BIRTH) && any(DATE) && !any(PLACE),
            Self::DateOfExpiry => any(EXPIRY) && !any(ISSUE),
            Self::Surname => {
                (any(&SURNAME[..1]) || whole(&SURNAME[1..])) && !any(GIVEN) && !any(OTHER_NAME)
            }
            Self::GivenNames => any(GIVEN) && !any(&SURNAME[..1]) && !any(OTHER_NAME),
            Self::Nationality => any(NATIONALITY),
            Self::Sex => any(SEX),
        }
    }
}

/// Whether a phrase is some caption rather than a value.
pub(super) fn is_caption(phrase: &Phrase) -> bool {
    let words: Vec<String> = phrase.plain_words().collect();
    let every = [
        BIRTH,
        DATE,
        PLACE,
        EXPIRY,
        ISSUE,
        DOCUMENT,
        PERSON,
        SURNAME,
        GIVEN,
        NATIONALITY,
        SEX,
    ];
    words.iter().any(|w| {
        every
            .iter()
            .any(|stems| stems.iter().any(|s| w.starts_with(s)))
    })
}
