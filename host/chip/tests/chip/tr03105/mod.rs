//! BSI TR-03105 part 5.1 (version 1.5), the test plan for inspection systems, by its ids: what Utopia's chip
//! does wrong or otherwise, what the plan expects, and what the reader says.
//!
//! Where the plan's own text has moved to ICAO's test plan the expected result follows from the case's title.
//! The plan knows two results: the inspection procedure is successful, or it failed. It is run under the
//! strictest policy ([`Deviations::Refuse`]); what a post's usual policy answers stands beside it in the table
//! that the test prints. Left out are terminal authentication, fingerprints and irises (units ISO7816_E, LDS_D,
//! LDS_E, LDS_G), which this house does not read, EF.ATR/INFO (LDS_K), and the cases that the plan deleted.

mod chains;
mod files;
mod objects;
mod pace;
mod protocol;

use crate::utopia::card::{Card, Fault, Holder, Ways};
use crate::utopia::issuer::{State, state};
use chip::examine::{Examined, Request, USEFUL, examine, not_examined};
use chip::files::{FileId, zone};
use chip::randomness::SystemRandomness;
use chip::read::{Phase, Reader};
use chip::{AccessKey, Deviations, Policy, TrustStore};
use jiff::civil::date;
use rules::check::outcome_of;
use rules::mrz::Zone;
use rules::{Check, Outcome};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::LazyLock;

static UTOPIA: LazyLock<State> = LazyLock::new(state);

/// What the plan expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Result {
    Successful,
    Failed,
}

/// A chip on a reader, and what is known beside it.
struct Trial {
    card: Card,
    store: TrustStore,
    key: AccessKey,
    /// The zone on the page; as on the chip where none is given.
    printed: Option<Zone>,
}

impl From<Card> for Trial {
    fn from(card: Card) -> Self {
        Self {
            card,
            store: UTOPIA.store.clone(),
            key: Card::key(),
            printed: None,
        }
    }
}

/// One row of the table.
struct Case {
    id: &'static str,
    what: String,
    expected: Result,
    /// A word that the answer must hold: what is wrong is named.
    names: &'static str,
    trial: Box<dyn FnOnce() -> Trial>,
}

fn successful(
    id: &'static str,
    what: impl Into<String>,
    trial: impl FnOnce() -> Trial + 'static,
) -> Case {
    Case {
        id,
        what: what.into(),
        expected: Result::Successful,
        names: "",
        trial: Box::new(trial),
    }
}

fn failed(
    id: &'static str,
    what: impl Into<String>,
    names: &'static str,
    trial: impl FnOnce() -> Trial + 'static,
) -> Case {
    Case {
        id,
        what: what.into(),
        expected: Result::Failed,
        names,
        trial: Box::new(trial),
    }
}

/// The plan's default chips.
fn plain() -> Card {
    let mut card = Card::new(Fault::None);
    card.ways = Ways::Plain;
    card
}

fn basic() -> Card {
    Card::new(Fault::None)
}

fn agreeing() -> Card {
    basic().with_chip_authentication(13, 1, Holder::Genuine)
}

fn pace() -> Card {
    let mut card = basic().with_pace(2, 2, 13);
    card.ways = Ways::PaceOnly;
    card
}

fn mapping() -> Card {
    let mut card = basic()
        .with_pace(2, 2, 13)
        .with_pace(6, 2, 13)
        .with_chip_authentication(13, 2, Holder::Genuine);
    card.ways = Ways::PaceOnly;
    card
}

/// Issued by Utopia, and misbehaving.
fn issued(card: Card, fault: Fault) -> Trial {
    let mut card = card.issued_by(&UTOPIA);
    card.fault = fault;
    card.into()
}

impl Trial {
    fn run(mut self, deviations: Deviations) -> Vec<Check> {
        let on_chip = zone::parse(self.card.file(FileId::Dg1)).ok();
        let printed = self.printed.take().or(on_chip);
        let policy = Policy {
            deviations,
            ..Policy::default()
        };
        let request = Request {
            key: &self.key,
            wanted: &USEFUL,
            printed: printed.as_ref(),
            store: &self.store,
            at: date(2026, 6, 1),
            policy: &policy,
        };
        let mut go_on = |_: Phase| ControlFlow::Continue(());
        let mut reader = Reader::new(&mut self.card);
        match examine(&mut reader, &request, &mut SystemRandomness, &mut go_on) {
            Ok(Examined { judged, .. }) => judged.checks,
            Err(error) => vec![not_examined(&error)],
        }
    }
}

fn cases() -> Vec<Case> {
    let mut all = protocol::cases();
    all.extend(pace::cases());
    all.extend(files::cases());
    all.extend(chains::cases());
    all.extend(objects::cases());
    all
}

/// What is not good about the answers, in words.
fn against(checks: &[Check]) -> String {
    let bad = |c: &&Check| !matches!(c.outcome, Outcome::Successful | Outcome::NotSupported);
    let words = checks.iter().filter(bad);
    let words: Vec<String> = words
        .map(|c| format!("{} {}: {}", c.check.as_str(), c.outcome, c.detail))
        .collect();
    words.join(" | ")
}

#[test]
fn every_case_of_the_plan_ends_as_the_plan_expects() {
    let (mut ids, mut wrong, mut rows) = (BTreeSet::new(), Vec::new(), 0);
    for case in cases() {
        ids.insert(case.id);
        rows += 1;
        let checks = (case.trial)().run(Deviations::Refuse);
        // What stands in English alone would be shown so on a desk of another language.
        let in_english: Vec<&Check> = checks
            .iter()
            .filter(|c| c.said.is_empty() != c.detail.is_empty())
            .collect();
        assert!(in_english.is_empty(), "{}: {in_english:#?}", case.id);
        let got = match outcome_of(&checks) {
            Outcome::Successful => Result::Successful,
            _ => Result::Failed,
        };
        let why = against(&checks);
        let row = format!(
            "{:<14} {:<62} {:?} -> {got:?} {why}",
            case.id, case.what, case.expected
        );
        println!("{row}");
        if got != case.expected || !why.contains(case.names) {
            wrong.push(format!("{row}  (must name {:?})", case.names));
        }
    }
    println!("{rows} rows, {} ids", ids.len());
    assert!(wrong.is_empty(), "{:#?}", wrong);
    assert!(ids.len() >= 150, "{} ids", ids.len());
}
