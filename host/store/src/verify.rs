//! Following the whole ledger, and everything that it vouches for.

use crate::ledger::{LedgerEvent, LedgerReport, Salvage, StoredLine, digest};
use crate::{LedgerFault, Store, StoreError};
use rules::Sequence;
use seal::chain::Head;
use seal::parcel::SealedParcel;
use std::collections::BTreeMap;

/// Lines or numbers that are missing: the first of a stretch and its last, with the line at which that shows.
type Missing = BTreeMap<u64, (u64, u64)>;

/// What is known up to a line.
struct Walk {
    report: LedgerReport,
    /// Lines that are not there, and that no salvage has accounted for yet.
    lines: Missing,
    /// Numbers that were left out, one by one, and that no line has accounted for yet.
    numbers: BTreeMap<u64, u64>,
    /// Whether lines are missing since the last encounter: only then may numbers be left out.
    torn: bool,
}

impl Store {
    /// Follows the whole ledger and everything that it vouches for: that each line follows from the one
    /// before, that encounters are numbered without a gap, that those kept are unaltered, and that each
    /// has its parcel waiting or receipted. Lines and numbers that a salvage lost are accounted for by the
    /// lines that it wrote.
    ///
    /// # Errors
    /// [`StoreError::LedgerBroken`] with the first line at fault, and the errors of a disk.
    pub fn verify_ledger(&self) -> Result<LedgerReport, StoreError> {
        let receipt = self.outbox_status()?.receipt;
        let mut walk = Walk {
            report: LedgerReport {
                lines: 0,
                encounters: 0,
                kept: 0,
                waiting: 0,
                receipted: receipt.as_ref().map_or(Sequence(0), |r| r.up_to),
                head: Head::start(self.post()),
            },
            lines: Missing::new(),
            numbers: BTreeMap::new(),
            torn: false,
        };
        let mut statement = self
            .connection
            .prepare("SELECT line, sequence, body, previous, hash FROM ledger ORDER BY line")
            .map_err(self.named())?;
        let mut rows = statement.query([]).map_err(self.named())?;
        while let Some(row) = rows.next().map_err(self.named())? {
            let stored = StoredLine::from_row(row).map_err(self.named())?;
            walk.follow(&stored)?;
            self.hold_against(&mut walk, &stored)?;
        }
        let report = &walk.report;
        if let Some(line) = walk.lines.keys().chain(walk.numbers.values()).min() {
            return broken(*line, LedgerFault::Chain);
        }
        if self.last_sequence()?.0 != report.encounters || report.receipted.0 > report.encounters {
            return broken(report.lines + 1, LedgerFault::Truncated);
        }
        Ok(walk.report)
    }

    /// Holds what stands beside a line against it.
    fn hold_against(&self, walk: &mut Walk, stored: &StoredLine) -> Result<(), StoreError> {
        let line = stored.read()?;
        let here = line.head.line;
        let (sequence, told) = match line.event {
            LedgerEvent::Encounter(told) => (told.sequence, Some(told)),
            LedgerEvent::Lost { sequence } => (sequence, None),
            other => {
                if stored.sequence.is_some() {
                    return broken(here, LedgerFault::Unreadable);
                }
                if let LedgerEvent::Salvaged(salvage) = other {
                    walk.account(&salvage);
                }
                return Ok(());
            }
        };
        if stored.sequence != Some(sequence.0.cast_signed()) {
            return broken(here, LedgerFault::SequenceGap);
        }
        walk.number(here, sequence.0, told.is_none())?;
        if let Some(kept) = self.kept(sequence)? {
            if told.as_ref().map(|told| told.digest) != Some(digest(&kept.salt, &kept.record)) {
                return broken(here, LedgerFault::EncounterAltered);
            }
            walk.report.kept += 1;
        }
        match self.waiting(sequence)? {
            Some(parcel) => {
                let header = SealedParcel::from_bytes(&parcel).map(|p| p.header().clone());
                match header {
                    // The parcel of a number whose own line is lost names that line.
                    Ok(h)
                        if h.post == *self.post()
                            && h.sequence == sequence
                            && (h.ledger == line.head || told.is_none()) => {}
                    _ => return broken(here, LedgerFault::ParcelAltered),
                }
                walk.report.waiting += 1;
            }
            None if sequence <= walk.report.receipted => {}
            None => return broken(here, LedgerFault::ParcelMissing),
        }
        Ok(())
    }
}

impl Walk {
    /// Goes on to the next line that is there.
    fn follow(&mut self, stored: &StoredLine) -> Result<(), StoreError> {
        let next = self.report.head.line + 1;
        if stored.head.line > next {
            // What came between is gone; the line itself says what it followed. Whether that was accounted
            // for shows further on.
            let before = stored.head.line - 1;
            self.lines.insert(next, (next, before));
            self.torn = true;
            self.report.head = Head {
                line: before,
                hash: stored.previous,
            };
        }
        let after = self.report.head.link(&stored.body);
        if stored.head != after || stored.previous != self.report.head.hash {
            return broken(after.line, LedgerFault::Chain);
        }
        self.report.head = after;
        self.report.lines = after.line;
        Ok(())
    }

    /// Counts an encounter's number.
    fn number(&mut self, line: u64, sequence: u64, lost: bool) -> Result<(), StoreError> {
        let next = self.report.encounters + 1;
        if sequence < next {
            // Only a line that says so comes out of order, and only once for a number.
            return match lost && self.numbers.remove(&sequence).is_some() {
                true => Ok(()),
                false => broken(line, LedgerFault::SequenceGap),
            };
        }
        if sequence > next && !self.torn {
            return broken(line, LedgerFault::SequenceGap);
        }
        self.numbers.extend((next..sequence).map(|n| (n, line)));
        self.torn &= lost;
        self.report.encounters = sequence;
        Ok(())
    }

    /// What a salvage said that it lost is accounted for. Numbers that headquarters has its receipt for need
    /// no line of their own.
    fn account(&mut self, salvage: &Salvage) {
        for (first, last) in &salvage.lines_lost {
            if self.lines.get(first) == Some(&(*first, *last)) {
                self.lines.remove(first);
            }
        }
        let (next, last) = (self.report.encounters + 1, salvage.last_number.0);
        self.numbers
            .extend((next..=last).map(|number| (number, self.report.lines)));
        self.report.encounters = self.report.encounters.max(last);
        let receipted = self.report.receipted.0;
        self.numbers.retain(|number, _| *number > receipted);
        self.torn = false;
    }
}

fn broken<T>(line: u64, fault: LedgerFault) -> Result<T, StoreError> {
    Err(StoreError::LedgerBroken { line, fault })
}
