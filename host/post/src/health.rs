//! What this box says of its own health to headquarters: figures and named faults, and nothing of any person.

use crate::appliance::Appliance;
use crate::devices::case_was_opened;
use crate::lease::LeaseStanding;
use crate::state::StateDir;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::EditionNumber;
use seal::durable::Readers;
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth, SignedHealth};
use std::collections::{BTreeMap, BTreeSet};
use store::{LedgerEvent, LedgerLine, Note, StoreError};
use watchlist::Edition;

/// The file with the number of the last report.
const NUMBER: &str = "health-number";
/// So many lines of the ledger are counted at a time.
const STRIDE: usize = 1000;

/// Gathers reports; remembers how far it has counted. What happened is counted by the day (UTC).
#[derive(Debug, Default)]
pub struct Health {
    counts: Counts,
    day: Option<Date>,
    next_line: u64,
    refused_after: bool,
    edition: Option<EditionHealth>,
}

impl Health {
    /// How the box is at this moment.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read: the box is then worse than a report could say.
    pub fn report(
        &mut self,
        appliance: &Appliance,
        state: &StateDir,
        now: Timestamp,
    ) -> Result<SignedHealth, StoreError> {
        self.count(appliance, now)?;
        let outbox = appliance.outbox()?;
        let mut faults = BTreeSet::new();
        if self.refused_after {
            faults.insert("edition_refused".to_owned());
        }
        match self.edition(state) {
            Ok(()) => {}
            Err(()) => {
                faults.insert("search_down".to_owned());
            }
        }
        let lease_until = match appliance.lease(now)? {
            LeaseStanding::Good { until } => Some(until),
            LeaseStanding::Lapsed { since } => Some(since),
            LeaseStanding::NotNeeded | LeaseStanding::Forged | LeaseStanding::Absent => None,
        };
        Ok(appliance.sign_health(HealthReport {
            post: appliance.post().post.clone(),
            number: next_number(state, now),
            made_at: now,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            versions: BTreeMap::new(),
            edition: self.edition.clone(),
            outbox: OutboxHealth {
                waiting: outbox.waiting,
                bytes: outbox.waiting_bytes,
                oldest: outbox.oldest,
            },
            // Known once the technician's profile is kept where this can read it.
            drift: Drift::Unknown,
            tamper: case_was_opened(state.root()),
            lease_until,
            faults,
            counts: self.counts.clone(),
        }))
    }

    /// Counts the lines of the ledger that are new since the last report; a new day begins at nothing.
    fn count(&mut self, appliance: &Appliance, now: Timestamp) -> Result<(), StoreError> {
        let today = TimeZone::UTC.to_datetime(now).date();
        if self.day != Some(today) {
            let midnight = TimeZone::UTC
                .to_timestamp(today.at(0, 0, 0, 0))
                .unwrap_or(now);
            self.day = Some(today);
            self.counts = Counts::default();
            self.next_line = first_line_since(appliance, midnight)?;
        }
        loop {
            let lines = appliance.ledger_lines(self.next_line, STRIDE)?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            self.next_line = last.head.line + 1;
            lines.iter().for_each(|line| self.count_one(line));
        }
    }

    fn count_one(&mut self, line: &LedgerLine) {
        self.counts.since.get_or_insert(line.at);
        match &line.event {
            LedgerEvent::Encounter(encounter) => {
                self.counts.encounters += 1;
                let advice = encounter.advice.as_str().to_owned();
                *self.counts.advice.entry(advice).or_default() += 1;
                let against = encounter
                    .decision
                    .is_some_and(|decision| decision.disagrees_with(encounter.advice));
                self.counts.overrides += u64::from(against);
            }
            // What was refused stands until a later edition came into use.
            LedgerEvent::Note(Note::EditionRefused { .. }) => self.refused_after = true,
            LedgerEvent::Note(Note::EditionActivated { .. }) => self.refused_after = false,
            LedgerEvent::Note(_) | LedgerEvent::Receipt { .. } => {}
        }
    }

    /// What the edition in use says of itself; read again only when another came into use.
    fn edition(&mut self, state: &StateDir) -> Result<(), ()> {
        let active = store::editions::active(state.root()).map_err(drop)?;
        let known: Option<EditionNumber> = self.edition.as_ref().map(|e| e.number);
        let Some(active) = active else {
            self.edition = None;
            return Ok(());
        };
        if known != Some(active.number) {
            self.edition = None;
            let opened = Edition::open(&active.folder).map_err(drop)?;
            self.edition = Some(EditionHealth {
                number: active.number,
                made_at: opened.info().made_at,
                expires_at: opened.info().expires_at,
            });
        }
        Ok(())
    }
}

/// The first line of the ledger that is not older than a moment: found by halving, for a ledger may have
/// hundreds of thousands. Where the clock has stepped back, a line near it.
fn first_line_since(appliance: &Appliance, moment: Timestamp) -> Result<u64, StoreError> {
    let older = |line: u64| -> Result<bool, StoreError> {
        let found = appliance.ledger_lines(line, 1)?;
        Ok(found.first().is_some_and(|line| line.at < moment))
    };
    let mut high = 1;
    while older(high)? {
        high *= 2;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if older(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// A number above all that this box has given out: by the clock, and by one where the clock stepped back.
fn next_number(state: &StateDir, now: Timestamp) -> u64 {
    let path = state.root().join(NUMBER);
    let last = match state.read(&path) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).trim().parse().unwrap_or(0),
        Ok(None) | Err(_) => 0,
    };
    let number = u64::try_from(now.as_second()).unwrap_or(0).max(last + 1);
    // Where it cannot be kept, the disk is full or gone: the next number by the clock will do.
    if let Err(e) = state.write(&path, number.to_string().as_bytes(), Readers::Anyone) {
        tracing::warn!("the number of the health report was not kept: {e}");
    }
    number
}
