//! `mpaka screen`: search the active edition, where the box's lease lets it. It tells what the first line may know, and
//! more only to an officer of the second line who proves to be one.

use super::officer::{Line, second_line};
use super::{Context, TodayHere};
use crate::appliance::{Appliance, Presence};
use crate::cpu::CpuClock;
use crate::error::PostError;
use crate::inspection::stages::{Disclosure, disclosure};
use crate::inspection::{Equipment, Lock};
use crate::lease::LeaseStanding;
use crate::state::{StateDir, StateError};
use crate::sync::RoleAge;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::date::PartialDate;
use rules::mrz::Sex;
use rules::{Advice, BundleRole, Candidate, OfficerId, Outcome, Policy};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use store::StoreError;
use watchlist::{DocumentQuery, Edition, Query};

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// Many queries: CSV with a header naming any of name, surname, given_names, birth, sex, nationality,
    /// number, state, document_code.
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["name", "birth", "sex", "nationality", "number", "document_code"])]
    queries: Option<PathBuf>,
    /// A name, in any script and order.
    #[arg(long, required_unless_present_any = ["queries", "number"])]
    name: Option<String>,
    /// Birth date as far as known: 1974-08-12, 1974-08, 1974.
    #[arg(long)]
    birth: Option<String>,
    /// F or M.
    #[arg(long)]
    sex: Option<String>,
    /// Nationality, three letters.
    #[arg(long)]
    nationality: Option<String>,
    /// A document's number.
    #[arg(long)]
    number: Option<String>,
    /// The document's code, P, ID …
    #[arg(long)]
    document_code: Option<String>,
    /// The issuing state, one to three letters; anything else is the box's state folder (write ./uto for a
    /// folder of that name).
    #[arg(long = "state", id = "state_or_dir", value_name = "CODE|DIR")]
    state: Vec<String>,
    /// Show discreet entries too to this officer of the second line, whose PIN is the first line of standard input.
    /// Without it the answer is the first line's: of a discreet entry only that it refers.
    #[arg(long, value_name = "OFFICER")]
    second_line: Option<OfficerId>,
    #[command(flatten)]
    today: TodayHere,
}

/// One query, as given; empty where nothing was.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    surname: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    given_names: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    birth: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sex: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    nationality: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    state: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    document_code: String,
}

/// Whether this box may search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
enum Leave {
    /// The box was enrolled without an admission, or this is a folder with a list and no box.
    NotNeeded,
    /// It may, so long.
    Good { until: Timestamp },
    /// The desk is open, and holds what the lease is kept in; it asks before each search of its own.
    InUse,
}

#[derive(Debug, Serialize)]
struct ScreenObject<'a> {
    query: &'a Asked,
    candidates: Vec<Candidate>,
    /// `Failed` where something was found, `Successful` where nothing was, `Undetermined` where that is no clear: the
    /// list's lease is over, or it is for the second line to see.
    outcome: Outcome,
    /// `Refer` where the second line should see whoever was asked for, and no more is told here; else null.
    advice: Option<Advice>,
    /// The box's own lease.
    lease: Leave,
    /// The list's age, and how long headquarters has been silent about it.
    list: Option<&'a RoleAge>,
    ms: f64,
}

/// What every query is asked with.
struct Searched<'a> {
    context: &'a Context,
    edition: &'a Edition,
    policy: &'a Policy,
    lease: Leave,
    list: Option<&'a RoleAge>,
    line: Line,
}

pub(super) fn run(mut context: Context, args: &ScreenArgs) -> Result<(), PostError> {
    let mut issuing_state = String::new();
    for value in &args.state {
        if is_code(value) {
            issuing_state = value.to_ascii_uppercase();
        } else {
            context.state = StateDir::new(value);
        }
    }
    let today = args.today.or(TimeZone::system());
    let (lease, floor) = leave(&context.state)?;
    // A clock that was set back makes no list younger.
    let now = floor.map_or_else(Timestamp::now, |floor| floor.max(Timestamp::now()));
    let line = match &args.second_line {
        Some(officer) => {
            // Held meanwhile: who saw it stands in the ledger, and PINs are tried in one place at a time. While the
            // desk is open, that is the place to look.
            let appliance = Appliance::open(&context.state)?;
            let id = second_line(&context.state, officer)?;
            appliance.note_officer(&id, Presence::SignedIn)?;
            Line::Second
        }
        None => Line::First,
    };
    let equipment = Equipment::of_list(context.state.root());
    let edition = equipment.edition().map_err(PostError::NoEdition)?;
    let (ages, policy) = (equipment.ages(now), equipment.policy());
    let searched = Searched {
        context: &context,
        edition: &edition,
        policy: &policy,
        lease,
        list: ages.iter().find(|of| of.role == BundleRole::Watchlist),
        line,
    };
    let Some(path) = &args.queries else {
        let given = |value: &Option<String>| value.clone().unwrap_or_default();
        let asked = Asked {
            name: given(&args.name),
            birth: given(&args.birth),
            sex: given(&args.sex),
            nationality: given(&args.nationality),
            number: given(&args.number),
            state: issuing_state,
            document_code: given(&args.document_code),
            ..Asked::default()
        };
        let query = asked
            .query(today)
            .map_err(|why| PostError::BadQuery { why })?;
        return searched.answer(&asked, &query);
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|e| PostError::table(path, e))?;
    for (index, row) in reader.deserialize::<Asked>().enumerate() {
        let asked = row.map_err(|e| PostError::table(path, e))?;
        let query = asked
            .query(today)
            .map_err(|why| PostError::row(path, index + 1, why))?;
        searched.answer(&asked, &query)?;
    }
    Ok(())
}

/// One to three letters, as states are written in documents.
fn is_code(value: &str) -> bool {
    (1..=3).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphabetic())
}

impl Asked {
    fn query(&self, today: Date) -> Result<Query, String> {
        let birth = if self.birth.is_empty() {
            PartialDate::UNKNOWN
        } else {
            self.birth
                .parse()
                .map_err(|e: rules::date::DateError| e.to_string())?
        };
        let surname = if self.surname.is_empty() {
            &self.name
        } else {
            &self.surname
        };
        if surname.is_empty() && self.given_names.is_empty() && self.number.is_empty() {
            return Err("it asks for neither a name nor a document number".into());
        }
        Ok(Query {
            birth,
            sex: Sex::of_word(&self.sex),
            nationality: self.nationality.to_ascii_uppercase(),
            document: (!self.number.is_empty()).then(|| DocumentQuery {
                number: self.number.clone(),
                state: self.state.to_ascii_uppercase(),
                document_code: self.document_code.to_ascii_uppercase(),
            }),
            ..Query::by_name(surname.clone(), self.given_names.clone(), today)
        })
    }
}

/// Whether this box may search, and the newest time that it is sure of, where it is of any. A locked one says nothing
/// of its list.
fn leave(state: &StateDir) -> Result<(Leave, Option<Timestamp>), PostError> {
    match state.post() {
        Ok(_) => {}
        Err(StateError::NotEnrolled(_)) => return Ok((Leave::NotNeeded, None)),
        Err(e) => return Err(e.into()),
    }
    let (standing, floor) = match Appliance::open(state) {
        Ok(appliance) => (appliance.lease(Timestamp::now())?, appliance.not_before()),
        Err(PostError::Store(StoreError::InUse { .. })) => return Ok((Leave::InUse, None)),
        Err(e) => return Err(e),
    };
    match standing {
        LeaseStanding::NotNeeded => Ok((Leave::NotNeeded, floor)),
        LeaseStanding::Good { until } => Ok((Leave::Good { until }, floor)),
        locked => Err(PostError::Locked(locked)),
    }
}

impl Searched<'_> {
    fn answer(&self, asked: &Asked, query: &Query) -> Result<(), PostError> {
        let clock = CpuClock::start();
        let mut candidates = self
            .edition
            .search(query, self.policy)
            .map_err(PostError::Edition)?;
        let closed = self.line == Line::First
            && disclosure(&candidates, self.edition) == Disclosure::SecondLineOnly;
        if closed {
            candidates.clear();
        }
        let silent = self.list.filter(|list| list.is_past_lease());
        let object = ScreenObject {
            query: asked,
            outcome: match (candidates.is_empty(), silent) {
                (false, _) => Outcome::Failed,
                (true, None) if !closed => Outcome::Successful,
                (true, _) => Outcome::Undetermined,
            },
            advice: closed.then_some(Advice::Refer),
            candidates,
            lease: self.lease,
            list: self.list,
            ms: clock.ms(),
        };
        self.context.out.answer(&object, || {
            let mut text = match object.candidates.len() {
                0 if closed => "the second line should see whoever this is".to_owned(),
                0 => "nobody and nothing on the list resembles this".to_owned(),
                1 => "1 candidate".to_owned(),
                n => format!("{n} candidates"),
            };
            if let Some(list) = silent {
                text.push_str(&format!(
                    " (no clear: headquarters has not confirmed this list for {} days)",
                    list.silent_days
                ));
            }
            for candidate in &object.candidates {
                text.push_str(&format!("\n  {} {:.3}", candidate.entry, candidate.score));
                for why in &candidate.why {
                    text.push_str(&format!("\n    {}: {}", why.evidence, why.detail));
                }
            }
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_a_code_or_a_folder() {
        for code in ["UTO", "d", "ke"] {
            assert!(is_code(code), "{code}");
        }
        for folder in ["./uto", "/var/lib/mpaka", "state", "u1", ""] {
            assert!(!is_code(folder), "{folder}");
        }
    }

    #[test]
    fn a_query_asks_for_something() {
        let today = jiff::civil::date(2026, 1, 1);
        assert!(Asked::default().query(today).is_err());
        let by_number = Asked {
            number: "L898902C3".into(),
            state: "uto".into(),
            ..Asked::default()
        };
        let query = by_number.query(today).expect("asks for a document");
        assert_eq!(query.document.map(|d| d.state).as_deref(), Some("UTO"));
        let bad_date = Asked {
            name: "ERIKSSON".into(),
            birth: "12 August".into(),
            ..Asked::default()
        };
        assert!(bad_date.query(today).is_err());
    }
}
