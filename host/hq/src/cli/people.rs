//! Who comes to the page with a certificate.

use super::Printer;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::office::Office;
use mpaka_hq::people::{self, Person, Role};
use rules::OfficerId;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct PersonArgs {
    #[command(subcommand)]
    step: PersonStep,
}

#[derive(Debug, Subcommand)]
enum PersonStep {
    /// Make a key and a certificate; one that the person had before is ended.
    Make {
        /// Whose it is.
        name: OfficerId,
        /// viewer, auditor, approver, publisher, or system for another system, which shows a token besides.
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// Where to write key and certificates, as PEM; the file must not be there yet.
        #[arg(long, value_name = "FILE.pem")]
        out: PathBuf,
        /// It is good for so many days.
        #[arg(long, default_value_t = 365, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=1826))]
        days: u32,
    },
    /// End somebody's certificate, from the next request on.
    End {
        /// Whose.
        name: OfficerId,
    },
    /// Every certificate there has been.
    List,
}

impl PersonArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        match &self.step {
            PersonStep::Make {
                name, role, days, ..
            } => Some(json!({ "step": "make", "name": name, "role": role, "days": days })),
            PersonStep::End { name } => Some(json!({ "step": "end", "name": name })),
            PersonStep::List => None,
        }
    }
}

pub(super) fn run(
    home: &Home,
    args: &PersonArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    match &args.step {
        PersonStep::Make {
            name,
            role,
            out,
            days,
        } => {
            let person = people::make(home, name, *role, *days, out, now)?;
            print.answer(&person, || {
                format!(
                    "{} is for {}, {}, until {}. Whoever has this file is {}: hand it over in person, and erase it \
                     here. A browser takes it as PKCS#12 (openssl pkcs12 -export -in {} -out {}.p12) and believes \
                     this server by {}.",
                    out.display(),
                    person.name,
                    person.role,
                    person.good_until,
                    person.name,
                    out.display(),
                    person.name,
                    home.authority().display(),
                )
            })
        }
        PersonStep::End { name } => {
            Office::open(home)?.end_person(name, now)?;
            print.answer(&json!({ "name": name }), || {
                format!("the certificate of {name} is ended")
            })
        }
        PersonStep::List => Office::open(home)?
            .people()?
            .iter()
            .try_for_each(|person| print.answer(person, || in_words(person))),
    }
}

fn in_words(person: &Person) -> String {
    format!(
        "{:<24} {:<10} made {}, {}",
        person.name.as_str(),
        person.role.as_str(),
        person.made_at,
        person.ended_at.map_or_else(
            || format!("good until {}", person.good_until),
            |at| format!("ended {at}")
        )
    )
}
