//! A traveller of Utopia: the particulars that are printed on the page and stated in the zone.

use jiff::ToSpan;
use jiff::civil::Date;
use rand::{Rng, RngExt};
use rules::date::PartialDate;
use rules::mrz::{Format, Particulars, Sex, Zone, generate};
use serde::Serialize;

use super::error::UtopiaError;
use super::names::Tradition;
use super::seed::{Seed, one_of};

/// The code of Utopia (Doc 9303-3 section 5: specimen state).
pub const UTOPIA: &str = "UTO";

/// Where Utopians are born. (More's towns and rivers, and some of our own.)
const TOWNS: [&str; 10] = [
    "AMAUROT",
    "ZENITH",
    "PORT ANYDER",
    "NEW ABRAXA",
    "HYTHLODAY",
    "MACARENSA",
    "POLYLERIT",
    "ACHORIA",
    "ANEMOLIA",
    "NEPHELO SPRINGS",
];

/// A made-up traveller with a document of Utopia.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traveller {
    /// Primary identifier, in capitals.
    pub surname: String,
    /// Secondary identifiers, in capitals; empty for who bears one name.
    pub given_names: String,
    /// Three-letter code.
    pub nationality: String,
    /// Three-letter code.
    pub issuing_state: String,
    /// As printed, of any length that the format's zone holds.
    pub document_number: String,
    /// Parts may be unknown.
    pub birth: PartialDate,
    /// As the zone states it.
    pub sex: Sex,
    /// Where born.
    pub place_of_birth: String,
    /// The day of issue.
    pub issue: Date,
    /// The last day of validity.
    pub expiry: Date,
    /// The personal number in the optional data; empty where there is none.
    pub personal_number: String,
}

impl Traveller {
    /// A traveller as the seed gives one, with a document that is valid on `today`.
    #[must_use]
    pub fn draw(seed: Seed, format: Format, today: Date) -> Self {
        // A few long names and numbers fit no zone of the smaller formats; such travellers are passed over.
        (0..64)
            .map(|attempt| Self::draw_any(seed.child("traveller", attempt), format, today))
            .find(|traveller| traveller.zone(format).is_ok())
            .expect("most travellers' particulars fit every format")
    }

    /// A traveller whose particulars the format may be too small for.
    fn draw_any(seed: Seed, format: Format, today: Date) -> Self {
        let rng = &mut seed.stream("traveller");
        let woman = rng.random_bool(0.5);
        let (surname, given_names) = Tradition::draw(rng).name(woman, rng);
        let sex = match (rng.random_ratio(1, 40), woman) {
            (true, _) => Sex::Unspecified,
            (false, true) => Sex::Female,
            (false, false) => Sex::Male,
        };
        let age_days = rng.random_range(30..95 * 365);
        let mut birth = partial(today.saturating_sub(i64::from(age_days).days()));
        if rng.random_ratio(1, 25) {
            birth.day = None;
            if rng.random_bool(0.5) {
                birth.month = None;
            }
        }
        let issue = today.saturating_sub(rng.random_range(40..5 * 365i64).days());
        // Ten years from issue, less a day, as most states give.
        let expiry = issue.saturating_add(10.years()).saturating_sub(1.days());
        Self {
            surname,
            given_names,
            nationality: UTOPIA.to_owned(),
            issuing_state: UTOPIA.to_owned(),
            document_number: document_number(format, rng),
            birth,
            sex,
            place_of_birth: (*one_of(rng, &TOWNS)).to_owned(),
            issue,
            expiry,
            personal_number: personal_number(format, rng),
        }
    }

    /// The zone that states these particulars.
    ///
    /// # Errors
    /// [`UtopiaError::Particulars`] names what the format cannot hold.
    pub fn zone(&self, format: Format) -> Result<Zone, UtopiaError> {
        let particulars = Particulars {
            document_code: match format {
                Format::Td1 | Format::Td2 => "I",
                Format::Td3 => "P",
                Format::MrvA | Format::MrvB => "V",
            }
            .to_owned(),
            issuing_state: self.issuing_state.clone(),
            document_number: self.document_number.clone(),
            nationality: self.nationality.clone(),
            date_of_birth: self.birth,
            sex: self.sex,
            date_of_expiry: Some(self.expiry),
            surname: self.surname.clone(),
            given_names: self.given_names.clone(),
            optional: self.personal_number.clone(),
            second_optional: String::new(),
        };
        Ok(generate(&particulars, format)?)
    }
}

/// A date all of whose parts are known.
pub(crate) fn partial(date: Date) -> PartialDate {
    PartialDate {
        year: Some(date.year()),
        month: Some(date.month()),
        day: Some(date.day()),
    }
}

/// A document number: `#` stands for a digit, `@` for a letter, `*` for either.
fn document_number(format: Format, rng: &mut impl Rng) -> String {
    const USUAL: [&str; 6] = [
        "@########",
        "@@#######",
        "#########",
        "@#***###@",
        "*********",
        "@@######",
    ];
    const LONG: [&str; 3] = ["@@##########", "@###########", "###########"];
    let long = format == Format::Td1 && rng.random_bool(0.15);
    let pattern = if long {
        one_of(rng, &LONG)
    } else {
        one_of(rng, &USUAL)
    };
    filled(pattern, rng)
}

/// A personal number, or none.
fn personal_number(format: Format, rng: &mut impl Rng) -> String {
    if rng.random_bool(0.4) {
        return String::new();
    }
    let patterns: &[&str] = match format {
        Format::Td3 | Format::MrvA => &["@@######@", "###########", "##############", "########"],
        Format::Td1 => &["###########", "@@######"],
        Format::Td2 | Format::MrvB => &["#######", "@@####"],
    };
    let pattern = one_of(rng, patterns);
    filled(pattern, rng)
}

/// A pattern with its places filled.
fn filled(pattern: &str, rng: &mut impl Rng) -> String {
    const CHARACTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    pattern
        .chars()
        .map(|place| {
            let among = match place {
                '#' => &CHARACTERS[..10],
                '@' => &CHARACTERS[10..],
                _ => CHARACTERS,
            };
            char::from(*one_of(rng, among))
        })
        .collect()
}
