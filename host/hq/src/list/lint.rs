//! What a person should look at before a list is approved. Findings advise; they stop nothing.

use super::persons;
use crate::HqError;
use crate::register::Register;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use watchlist::gallery::ListedFace;

/// One kind of finding. Names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// The state that lists the person is the state that the person may have fled from.
    SourceStateIsNationality,
    /// The source does not say on what law the listing rests.
    NoLegalBasis,
    /// The entry's last day has passed: it goes into no edition.
    Expired,
    /// Without a birth date many innocent people of the same name will be stopped.
    NoBirthDate,
    /// A single name is shared by many.
    SingleName,
    /// A name holds what is no part of a name: several names, or a remark, may stand in it as one.
    NameInDoubt,
    /// A face was described by another model than most of the list's: it goes into no edition.
    FaceOfAnotherModel,
}

impl FindingCode {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SourceStateIsNationality => "source_state_is_nationality",
            Self::NoLegalBasis => "no_legal_basis",
            Self::Expired => "expired",
            Self::NoBirthDate => "no_birth_date",
            Self::SingleName => "single_name",
            Self::NameInDoubt => "name_in_doubt",
            Self::FaceOfAnotherModel => "face_of_another_model",
        }
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind.
    pub finding: FindingCode,
    /// The entry, or nothing where it is about a whole source.
    pub entry: Option<String>,
    /// The source.
    pub source: String,
    /// In plain English.
    pub detail: String,
}

/// Looks through the working list, gravest findings first.
///
/// # Errors
/// [`HqError::Database`].
pub fn lint(register: &Register, today: Date) -> Result<Vec<Finding>, HqError> {
    let mut findings = Vec::new();
    let sources: BTreeMap<String, (String, Option<String>)> = register
        .connection
        .prepare("SELECT name, legal_basis, state FROM source")
        .and_then(|mut q| {
            q.query_map([], |r| Ok((r.get(0)?, (r.get(1)?, r.get(2)?))))?
                .collect()
        })
        .map_err(register.failed())?;
    for (source, (basis, _)) in &sources {
        if basis.trim().is_empty() {
            findings.push(Finding {
                finding: FindingCode::NoLegalBasis,
                entry: None,
                source: source.clone(),
                detail: "no law or order is named for this source".into(),
            });
        }
    }
    let model = super::faces::model_of(register, "entry")?;
    for person in &persons(register)? {
        let mut found = |finding, detail: String| {
            findings.push(Finding {
                finding,
                entry: Some(person.entry.to_string()),
                source: person.provenance.clone(),
                detail,
            });
        };
        let state = sources
            .get(&person.provenance)
            .and_then(|(_, state)| state.as_deref());
        if let Some(state) = state.filter(|s| person.nationalities.iter().any(|n| n == s)) {
            found(
                FindingCode::SourceStateIsNationality,
                format!(
                    "{state} lists its own national: if this is a refugee, listing may endanger them"
                ),
            );
        }
        if let Some(day) = person.expires.filter(|day| *day < today) {
            found(FindingCode::Expired, format!("its last day was {day}"));
        }
        if person.births.is_empty() {
            found(
                FindingCode::NoBirthDate,
                "no birth date: people of the same name will be stopped".into(),
            );
        }
        if person
            .names
            .iter()
            .all(|n| n.text.split_whitespace().count() < 2)
        {
            found(
                FindingCode::SingleName,
                "a single name is shared by many".into(),
            );
        }
        let doubtful = |text: &str| {
            text.chars().find(|c| {
                matches!(c, '(' | ')' | ':' | ';' | '\u{61b}' | '\u{ff1b}') || c.is_numeric()
            })
        };
        let mut names = (1..).zip(&person.names);
        if let Some((number, mark)) =
            names.find_map(|(number, name)| Some((number, doubtful(&name.text)?)))
        {
            found(
                FindingCode::NameInDoubt,
                format!(
                    "{mark:?} stands in name {number} of {}: where that is several names, or a remark, the person may \
                     not be found by it",
                    person.names.len()
                ),
            );
        }
        let mut models = person.faces.iter().map(ListedFace::model);
        if let Some(other) = models.find(|of| Some(*of) != model.as_ref()) {
            found(
                FindingCode::FaceOfAnotherModel,
                format!("its photograph was described by {other}: import its list again"),
            );
        }
    }
    findings.sort_by(|a, b| (a.finding, &a.entry).cmp(&(b.finding, &b.entry)));
    Ok(findings)
}
