//! Where everything stands on each kind of document, in millimetres from its upper left corner
//! (ICAO Doc 9303 parts 4 to 7: sizes of documents, position and pitch of the zone, order of the
//! visual zone's items).

use jiff::civil::Date;
use rules::date::PartialDate;
use rules::mrz::{Format, Sex};

use super::canvas::RectMm;
use super::traveller::Traveller;

/// The zone's height above the lower edge (Doc 9303 parts 4 to 7, figures of the zone): 23.2 mm.
pub(crate) const ZONE_HEIGHT_MM: f32 = 23.2;

/// Which side of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SideKind {
    /// The side with the portrait and the zone (of a TD1 card the portrait only).
    Front,
    /// A TD1 card's back, with the zone.
    Back,
}

/// One item of the visual zone.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The caption in English and in French; empty for none.
    pub(crate) caption: (&'static str, &'static str),
    /// What is stated.
    pub(crate) value: String,
    /// Where the caption's baseline starts; the value stands under it.
    pub(crate) at: [f32; 2],
    /// How wide it may be; longer text is set narrower.
    pub(crate) width: f32,
}

/// What stands on one side.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) kind: SideKind,
    /// Width and height.
    pub(crate) size: [f32; 2],
    /// Radius of the corners.
    pub(crate) corner: f32,
    /// Whether the upper edge is a booklet's fold.
    pub(crate) folded: bool,
    /// First character's left edge and the middle of each line, from the lower edge, last line last.
    pub(crate) zone: Option<ZonePlace>,
    pub(crate) portrait: Option<RectMm>,
    pub(crate) ghost: Option<RectMm>,
    /// Title, its em, and where its baseline starts.
    pub(crate) titles: Vec<(String, f32, [f32; 2])>,
    pub(crate) items: Vec<Item>,
    /// Em of captions and of values.
    pub(crate) ems: (f32, f32),
    /// Where the holder signs.
    pub(crate) signature: Option<RectMm>,
    /// Where the chip's sign stands.
    pub(crate) chip_sign: Option<[f32; 2]>,
}

/// Where the zone is printed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ZonePlace {
    /// Left edge of the first character's cell.
    pub(crate) left: f32,
    /// Middle of the last line, from the lower edge.
    pub(crate) last_line_up: f32,
    /// From line to line.
    pub(crate) line_pitch: f32,
}

impl ZonePlace {
    /// The place of the format's zone, in the middle of what documents do: 6 mm from the left edge on
    /// passports, between 4 and 5 mm on cards and visas; two lines a quarter of an inch apart, three
    /// lines a fifth. The press moves each zone by up to 0.8 mm from there.
    const fn of(format: Format) -> Self {
        match format {
            Format::Td3 => Self {
                left: 6.0,
                last_line_up: 9.4,
                line_pitch: 6.35,
            },
            Format::MrvA | Format::MrvB | Format::Td2 => Self {
                left: 4.6,
                last_line_up: 9.4,
                line_pitch: 6.35,
            },
            Format::Td1 => Self {
                left: 4.7,
                last_line_up: 6.3,
                line_pitch: 5.1,
            },
        }
    }
}

/// The size of a document's page, millimetres: width, height.
#[must_use]
pub const fn page_size(format: Format) -> [f32; 2] {
    match format {
        Format::Td1 => [85.6, 54.0],
        Format::Td2 | Format::MrvB => [105.0, 74.0],
        Format::Td3 => [125.0, 88.0],
        Format::MrvA => [120.0, 80.0],
    }
}

/// What stands on each side of a traveller's document.
pub(crate) fn sides(format: Format, traveller: &Traveller) -> Vec<Layout> {
    match format {
        Format::Td1 => vec![card_front(traveller), card_back(traveller)],
        Format::Td2 => vec![large_card(traveller)],
        Format::Td3 => vec![passport(traveller)],
        Format::MrvA | Format::MrvB => vec![visa(format, traveller)],
    }
}

/// An item with its captions.
fn item(
    caption: (&'static str, &'static str),
    value: impl Into<String>,
    at: [f32; 2],
    width: f32,
) -> Item {
    Item {
        caption,
        value: value.into(),
        at,
        width,
    }
}

const SURNAME: (&str, &str) = ("Surname", "Nom");
const GIVEN: (&str, &str) = ("Given names", "Prénoms");
const NATIONALITY: (&str, &str) = ("Nationality", "Nationalité");
const BIRTH: (&str, &str) = ("Date of birth", "Date de naissance");
const BIRTHPLACE: (&str, &str) = ("Place of birth", "Lieu de naissance");
const SEX: (&str, &str) = ("Sex", "Sexe");
const ISSUE: (&str, &str) = ("Date of issue", "Date de délivrance");
const EXPIRY: (&str, &str) = ("Date of expiry", "Date d'expiration");
const AUTHORITY: (&str, &str) = ("Authority", "Autorité");
const PERSONAL: (&str, &str) = ("Personal No.", "N° personnel");

fn passport(t: &Traveller) -> Layout {
    let number = t.document_number.clone();
    Layout {
        kind: SideKind::Front,
        size: page_size(Format::Td3),
        corner: 3.0,
        folded: true,
        zone: Some(ZonePlace::of(Format::Td3)),
        portrait: Some(RectMm::new(6.0, 16.5, 35.0, 45.0)),
        ghost: Some(RectMm::new(103.0, 32.0, 13.5, 17.3)),
        titles: vec![
            ("UTOPIA".to_owned(), 6.0, [46.0, 8.4]),
            ("PASSPORT / PASSEPORT".to_owned(), 2.7, [6.0, 8.2]),
        ],
        items: vec![
            item(("Type", "Type"), "P", [46.0, 13.2], 12.0),
            item(
                ("Country code", "Code du pays"),
                t.issuing_state.clone(),
                [61.0, 13.2],
                25.0,
            ),
            item(
                ("Passport No.", "N° de passeport"),
                number,
                [90.0, 13.2],
                32.0,
            ),
            item(SURNAME, t.surname.clone(), [46.0, 19.7], 74.0),
            item(GIVEN, t.given_names.clone(), [46.0, 26.2], 55.0),
            item(NATIONALITY, "UTOPIAN", [46.0, 32.7], 50.0),
            item(BIRTH, spoken(&t.birth), [46.0, 39.2], 30.0),
            item(PERSONAL, t.personal_number.clone(), [79.0, 39.2], 23.0),
            item(SEX, sex(t.sex), [46.0, 45.7], 12.0),
            item(BIRTHPLACE, t.place_of_birth.clone(), [61.0, 45.7], 40.0),
            item(ISSUE, spoken_date(t.issue), [46.0, 52.2], 30.0),
            item(AUTHORITY, "PASSPORT OFFICE", [79.0, 52.2], 40.0),
            item(EXPIRY, spoken_date(t.expiry), [46.0, 58.7], 30.0),
            item(
                ("Holder's signature", "Signature du titulaire"),
                "",
                [79.0, 58.7],
                43.0,
            ),
        ],
        ems: (2.0, 3.1),
        signature: Some(RectMm::new(80.0, 59.0, 38.0, 5.0)),
        chip_sign: Some([112.0, 6.5]),
    }
}

fn large_card(t: &Traveller) -> Layout {
    Layout {
        kind: SideKind::Front,
        size: page_size(Format::Td2),
        corner: 3.2,
        folded: false,
        zone: Some(ZonePlace::of(Format::Td2)),
        portrait: Some(RectMm::new(5.0, 12.0, 28.0, 36.0)),
        ghost: None,
        titles: vec![
            ("UTOPIA".to_owned(), 4.6, [5.0, 7.0]),
            (
                "IDENTITY CARD / CARTE D'IDENTITÉ".to_owned(),
                2.5,
                [37.0, 6.8],
            ),
        ],
        items: vec![
            item(SURNAME, t.surname.clone(), [37.0, 12.0], 62.0),
            item(GIVEN, t.given_names.clone(), [37.0, 17.9], 62.0),
            item(SEX, sex(t.sex), [37.0, 23.8], 10.0),
            item(NATIONALITY, "UTOPIAN", [50.0, 23.8], 22.0),
            item(BIRTH, spoken(&t.birth), [76.0, 23.8], 27.0),
            item(BIRTHPLACE, t.place_of_birth.clone(), [37.0, 29.7], 36.0),
            item(PERSONAL, t.personal_number.clone(), [76.0, 29.7], 27.0),
            item(ISSUE, spoken_date(t.issue), [37.0, 35.6], 34.0),
            item(EXPIRY, spoken_date(t.expiry), [76.0, 35.6], 27.0),
            item(
                ("Document No.", "N° du document"),
                t.document_number.clone(),
                [37.0, 41.5],
                34.0,
            ),
            item(AUTHORITY, "AMAUROT", [76.0, 41.5], 27.0),
        ],
        ems: (1.8, 2.8),
        signature: Some(RectMm::new(40.0, 45.0, 34.0, 4.5)),
        chip_sign: None,
    }
}

fn card_front(t: &Traveller) -> Layout {
    Layout {
        kind: SideKind::Front,
        size: page_size(Format::Td1),
        corner: 3.2,
        folded: false,
        zone: None,
        portrait: Some(RectMm::new(4.0, 13.0, 26.0, 33.5)),
        ghost: Some(RectMm::new(71.0, 33.0, 10.0, 12.8)),
        titles: vec![
            ("UTOPIA".to_owned(), 4.2, [4.0, 6.4]),
            (
                "IDENTITY CARD / CARTE D'IDENTITÉ".to_owned(),
                2.1,
                [4.0, 10.2],
            ),
            (t.document_number.clone(), 3.0, [58.0, 6.2]),
        ],
        items: vec![
            item(SURNAME, t.surname.clone(), [33.0, 13.6], 49.0),
            item(GIVEN, t.given_names.clone(), [33.0, 19.6], 49.0),
            item(SEX, sex(t.sex), [33.0, 25.6], 10.0),
            item(NATIONALITY, "UTO", [45.0, 25.6], 18.0),
            item(BIRTH, spoken(&t.birth), [64.0, 25.6], 20.0),
            item(PERSONAL, t.personal_number.clone(), [33.0, 31.6], 34.0),
            item(EXPIRY, spoken_date(t.expiry), [33.0, 37.6], 34.0),
            item(("Signature", "Signature"), "", [33.0, 43.6], 34.0),
        ],
        ems: (1.6, 2.6),
        signature: Some(RectMm::new(36.0, 44.0, 30.0, 5.5)),
        chip_sign: Some([78.0, 8.0]),
    }
}

fn card_back(t: &Traveller) -> Layout {
    Layout {
        kind: SideKind::Back,
        size: page_size(Format::Td1),
        corner: 3.2,
        folded: false,
        zone: Some(ZonePlace::of(Format::Td1)),
        portrait: None,
        ghost: None,
        titles: vec![],
        items: vec![
            item(BIRTHPLACE, t.place_of_birth.clone(), [30.0, 5.0], 50.0),
            item(ISSUE, spoken_date(t.issue), [30.0, 11.0], 26.0),
            item(AUTHORITY, "AMAUROT", [58.0, 11.0], 24.0),
            item(
                (
                    "If found, hand in at any post",
                    "Si trouvée, remettre à un poste",
                ),
                "",
                [30.0, 17.4],
                52.0,
            ),
        ],
        ems: (1.6, 2.6),
        signature: None,
        chip_sign: None,
    }
}

fn visa(format: Format, t: &Traveller) -> Layout {
    let size = page_size(format);
    let right = if format == Format::MrvA { 84.0 } else { 72.0 };
    Layout {
        kind: SideKind::Front,
        size,
        corner: 1.0,
        folded: false,
        zone: Some(ZonePlace::of(format)),
        portrait: Some(if format == Format::MrvA {
            RectMm::new(5.0, 13.0, 30.0, 38.6)
        } else {
            RectMm::new(5.0, 12.0, 27.0, 34.7)
        }),
        ghost: None,
        titles: vec![
            ("UTOPIA".to_owned(), 4.4, [5.0, 7.2]),
            ("VISA".to_owned(), 4.4, [size[0] - 42.0, 7.2]),
            (t.document_number.clone(), 2.8, [size[0] - 26.0, 7.0]),
        ],
        items: vec![
            item(("Valid for", "Valable pour"), "UTOPIA", [40.0, 12.6], 26.0),
            item(("Type of visa", "Type de visa"), "C", [right, 12.6], 26.0),
            item(("From", "Du"), spoken_date(t.issue), [40.0, 19.0], 26.0),
            item(("Until", "Au"), spoken_date(t.expiry), [right, 19.0], 30.0),
            item(
                ("Number of entries", "Nombre d'entrées"),
                "MULT",
                [40.0, 25.4],
                26.0,
            ),
            item(
                ("Duration of stay", "Durée du séjour"),
                "90",
                [right, 25.4],
                30.0,
            ),
            item(
                ("Surname, name", "Nom, prénom"),
                full_name(t),
                [40.0, 31.8],
                size[0] - 45.0,
            ),
            item(SEX, sex(t.sex), [40.0, 38.2], 9.0),
            item(BIRTH, spoken(&t.birth), [50.0, 38.2], right - 52.0),
            item(NATIONALITY, t.nationality.clone(), [right, 38.2], 20.0),
            item(("Remarks", "Remarques"), "NO WORK", [40.0, 44.6], 40.0),
        ],
        ems: (1.8, 2.8),
        signature: None,
        chip_sign: None,
    }
}

/// Surname and given names in one line.
fn full_name(t: &Traveller) -> String {
    [t.surname.as_str(), t.given_names.as_str()]
        .iter()
        .filter(|s| !s.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Sex as the visual zone has it (Doc 9303-3: `X` where unspecified).
fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "F",
        Sex::Male => "M",
        Sex::Unspecified => "X",
    }
}

/// Months as the visual zone writes them, English and French (Doc 9303-3 §3.8).
const MONTHS: [&str; 12] = [
    "JAN/JAN",
    "FEB/FÉV",
    "MAR/MARS",
    "APR/AVR",
    "MAY/MAI",
    "JUN/JUIN",
    "JUL/JUIL",
    "AUG/AOÛT",
    "SEP/SEPT",
    "OCT/OCT",
    "NOV/NOV",
    "DEC/DÉC",
];

/// A date as the visual zone writes it; unknown parts as `XX`.
fn spoken(date: &PartialDate) -> String {
    let day = date.day.map_or("XX".to_owned(), |d| format!("{d:02}"));
    let month = date
        .month
        .and_then(|m| usize::try_from(m - 1).ok())
        .and_then(|m| MONTHS.get(m).copied())
        .unwrap_or("XX");
    let year = date.year.map_or("XXXX".to_owned(), |y| format!("{y:04}"));
    format!("{day} {month} {year}")
}

/// A known date as the visual zone writes it.
fn spoken_date(date: Date) -> String {
    spoken(&super::traveller::partial(date))
}
