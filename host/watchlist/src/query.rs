//! What is asked of the list about one traveller.

use jiff::civil::Date;
use rules::date::PartialDate;
use rules::mrz::Sex;

/// A traveller's particulars, as far as they are known.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The primary identifier, or the whole name in any order where the parts are not told apart.
    pub surname: String,
    /// The secondary identifier; may be empty.
    pub given_names: String,
    /// Birth date as far as known.
    pub birth: PartialDate,
    /// Sex, where stated.
    pub sex: Sex,
    /// Nationality code; empty where unknown.
    pub nationality: String,
    /// The name fills its field and may be cut (Doc 9303-4 4.2.3): its last part counts as a beginning.
    pub name_truncated: bool,
    /// The document presented.
    pub document: Option<DocumentQuery>,
    /// The day of the search: entries that have expired by then are not searched.
    pub today: Date,
}

impl Query {
    /// A query by name alone.
    #[must_use]
    pub fn by_name(
        surname: impl Into<String>,
        given_names: impl Into<String>,
        today: Date,
    ) -> Self {
        Self {
            surname: surname.into(),
            given_names: given_names.into(),
            birth: PartialDate {
                year: None,
                month: None,
                day: None,
            },
            sex: Sex::Unspecified,
            nationality: String::new(),
            name_truncated: false,
            document: None,
            today,
        }
    }
}

/// The document presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentQuery {
    /// The number as read.
    pub number: String,
    /// The issuing state as read.
    pub state: String,
    /// The document code as read (`P`, `PP`, `ID` …); empty asks for every type.
    pub document_code: String,
}
