//! One entry in minutes: into the working list with one command, then approved and published as any other.

use super::Printer;
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mpaka_hq::HqError;
use mpaka_hq::ceremony::days_after;
use mpaka_hq::home::Home;
use mpaka_hq::list;
use mpaka_hq::offers::OfferBody;
use mpaka_hq::register::Register;
use rules::EntryId;
use serde::Serialize;
use serde_json::{Value, json};

/// An emergency entry lapses by itself unless a proper list takes it over.
const MOST_DAYS: u32 = 30;

#[derive(Debug, Args)]
pub(super) struct EmergencyArgs {
    /// The entry's name.
    #[arg(long, value_name = "ENTRY")]
    entry: EntryId,
    /// A name, the primary one first; may be written SURNAME, Given. May be given several times.
    #[arg(long, value_name = "NAME", required = true)]
    name: Vec<String>,
    /// The birth date: 1974-08-12, 1974-08 or 1974.
    #[arg(long, value_name = "DATE")]
    birth: Option<String>,
    /// The sex: F, M or X.
    #[arg(long, value_name = "SEX")]
    sex: Option<String>,
    /// A nationality (ISO 3166-1 alpha-3). May be given several times.
    #[arg(long, value_name = "CODE")]
    nationality: Vec<String>,
    /// A document, NUMBER/STATE/TYPE. May be given several times.
    #[arg(long, value_name = "DOCUMENT")]
    document: Vec<String>,
    /// What the second line is to do.
    #[arg(long, value_name = "TEXT")]
    action: Option<String>,
    /// The law or order that the listing rests on.
    #[arg(long, value_name = "TEXT")]
    legal_basis: String,
    /// It lapses after so many days.
    #[arg(long, default_value_t = 7, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
    days: u32,
}

#[derive(Serialize)]
struct Added<'a> {
    entry: &'a EntryId,
    source: &'a str,
    expires: String,
    revision: i64,
}

pub(super) fn run(
    home: &Home,
    args: &EmergencyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let expires = TimeZone::UTC
        .to_datetime(days_after(now, args.days))
        .date()
        .to_string();
    let body = OfferBody {
        entry: args.entry.clone(),
        names: args.name.clone(),
        birth: args.birth.iter().cloned().collect(),
        sex: args.sex.clone(),
        nationality: args.nationality.clone(),
        documents: args.document.clone(),
        action: args.action.clone(),
        expires: Some(expires.clone()),
        legal_basis: args.legal_basis.clone(),
    };
    let source = format!("EMERGENCY {}", args.entry);
    let mut register = Register::open(home)?;
    body.list_as(home, &mut register, &source, now)?;
    let added = Added {
        entry: &args.entry,
        source: &source,
        expires,
        revision: list::state(&register)?.revision,
    };
    print.answer(&added, || {
        format!(
            "{} is on the working list until {}; now two people approve it (mpaka-hq approve) and it is \
             published (mpaka-hq publish)",
            added.entry, added.expires
        )
    })
}

impl EmergencyArgs {
    /// What it is about, for headquarters' ledger: the entry's name, and no person.
    pub(super) fn about(&self) -> Value {
        json!({ "entry": self.entry, "legal_basis": self.legal_basis, "days": self.days })
    }
}
