//! Carrying over what can be read of a damaged store, table by table, and telling what is lost.

use crate::database::{connect, laid_out};
use crate::ledger::{self, LedgerEvent, LedgerLine, Salvage, StoredLine, digest};
use crate::witness::Standing;
use crate::wreck::Wreck;
use crate::{Sealer, StoreError};
use jiff::Timestamp;
use rules::{PostId, Sequence};
use rusqlite::{Connection, OptionalExtension, Row};
use seal::chain::Head;
use seal::packing::unpacked;
use seal::parcel::{self, Label, ParcelKind, SealedParcel};
use seal::storekey::StoreKey;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What was carried over.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) lines: u64,
    pub(super) records: u64,
    pub(super) parcels: u64,
}

/// A record as it is kept, and whether it is sealed to headquarters' protection key.
type Record = (Zeroizing<Vec<u8>>, bool);

/// What the ledger knows of a number that headquarters has no receipt for.
struct LineOfNumber {
    head: Head,
    at: Timestamp,
    event: LedgerEvent,
}

/// A salvage under way.
pub(super) struct Carrying<'a> {
    old: Wreck<'a>,
    new: Connection,
    path: PathBuf,
    post: &'a PostId,
    said: Option<Standing>,
    counts: Counts,
    /// Numbers up to this one are receipted.
    receipted: u64,
    last_number: u64,
    /// The last line that is there, and the gaps before it.
    head: Head,
    lines_lost: Vec<(u64, u64)>,
    /// Lines of numbers without a receipt.
    known: BTreeMap<u64, LineOfNumber>,
    /// Parcels whose number has no line any more.
    orphans: BTreeMap<u64, SealedParcel>,
}

impl<'a> Carrying<'a> {
    pub(super) fn begin(
        making: &Path,
        state: &Path,
        key: &'a StoreKey,
        post: &'a PostId,
        said: Option<Standing>,
    ) -> Result<Self, StoreError> {
        let path = making.join("mpaka.db");
        let new = laid_out(connect(&path, key)?, &path, post)?;
        Ok(Self {
            old: Wreck::of(state.join("mpaka.db"), key),
            new,
            path,
            post,
            said,
            counts: Counts::default(),
            receipted: said.map_or(0, |s| s.receipted),
            last_number: said.map_or(0, |s| s.sequence),
            head: Head::start(post),
            lines_lost: Vec::new(),
            known: BTreeMap::new(),
            orphans: BTreeMap::new(),
        })
    }

    pub(super) fn all(
        mut self,
        sealer: &Sealer<'_>,
        why: &StoreError,
        now: Timestamp,
    ) -> Result<(Counts, Salvage), StoreError> {
        self.within(Self::short_tables)?;
        self.within(Self::lines)?;
        self.within(Self::records)?;
        self.within(|carrying| carrying.parcels(sealer))?;
        if self.counts.lines == 0 && self.said.is_none() {
            return Err(StoreError::Unsalvageable {
                path: self.old.path().to_owned(),
            });
        }
        let found = self.within(|carrying| carrying.tell(sealer, why, now))?;
        let path = self.path;
        self.new
            .close()
            .map_err(|(_, e)| StoreError::database(&path)(e))?;
        let file = fs::File::open(&path).map_err(StoreError::disk(&path))?;
        file.sync_all().map_err(StoreError::disk(&path))?;
        Ok((self.counts, found))
    }

    /// One step, in a transaction of its own.
    fn within<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write("BEGIN IMMEDIATE", ())?;
        let done = step(self)?;
        self.write("COMMIT", ())?;
        Ok(done)
    }

    fn write(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.new
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(values))
            .map(drop)
            .map_err(StoreError::database(&self.path))
    }

    /// Tables of a few rows.
    fn short_tables(&mut self) -> Result<(), StoreError> {
        let meta = self.old.one(
            "SELECT last_sequence, officer_key FROM meta WHERE post = ?1",
            self.post,
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)),
        );
        if let Some((last, officer_key)) = meta {
            self.last_number = self.last_number.max(last.unsigned_abs());
            let officer_key = Zeroizing::new(officer_key);
            self.write("UPDATE meta SET officer_key = ?1", [&officer_key[..]])?;
        }
        let receipt = self.old.one(
            "SELECT up_to, at, receipt FROM receipts WHERE ?1 <> ''",
            self.post,
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Vec<u8>>(2)?,
                ))
            },
        );
        if let Some((up_to, at, receipt)) = receipt {
            self.receipted = self.receipted.max(up_to.unsigned_abs());
            self.write(
                "INSERT INTO receipts (one, up_to, at, receipt) VALUES (1, ?1, ?2, ?3)",
                (up_to, at, receipt),
            )?;
        }
        let lease = self.old.one(
            "SELECT lease, at_line, clock_ahead FROM lease WHERE ?1 <> ''",
            self.post,
            |row| {
                Ok((
                    row.get::<_, Vec<u8>>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            },
        );
        if let Some(lease) = lease {
            self.write(
                "INSERT INTO lease (one, lease, at_line, clock_ahead) VALUES (1, ?1, ?2, ?3)",
                lease,
            )?;
        }
        let mut found = Vec::new();
        self.old.each(
            "SELECT line, checkpoint, counter FROM checkpoints WHERE line >= ?1 ORDER BY line",
            |row| Ok((row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?)),
            &mut |line, row| {
                found.push((line, row));
                Ok(())
            },
        )?;
        for (line, (checkpoint, counter)) in found {
            self.write(
                "INSERT INTO checkpoints (line, checkpoint, counter) VALUES (?1, ?2, ?3)",
                (line, checkpoint, counter),
            )?;
        }
        let mut found = Vec::new();
        self.old.each(
            "SELECT id, lane, opened_at, found FROM begun WHERE id >= ?1 ORDER BY id",
            |row| {
                Ok((
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, Option<Vec<u8>>>(3)?.map(Zeroizing::new),
                ))
            },
            &mut |id, row| {
                found.push((id, row));
                Ok(())
            },
        )?;
        for (id, (lane, opened_at, found)) in found {
            self.write(
                "INSERT INTO begun (id, lane, opened_at, found) VALUES (?1, ?2, ?3, ?4)",
                (id, lane, opened_at, found.as_ref().map(|found| &found[..])),
            )?;
        }
        Ok(())
    }

    /// The ledger's lines that can be read and fit those around them.
    fn lines(&mut self) -> Result<(), StoreError> {
        let mut old = self.old.again();
        old.each(
            "SELECT line, sequence, body, previous, hash FROM ledger WHERE line >= ?1 ORDER BY line",
            StoredLine::from_row,
            &mut |_, stored| self.line(&stored),
        )?;
        if let Some(said) = self.said
            && said.head.line > self.head.line
        {
            // The chain goes on from where the witness saw it.
            self.lines_lost.push((self.head.line + 1, said.head.line));
            self.head = said.head;
        }
        Ok(())
    }

    fn line(&mut self, stored: &StoredLine) -> Result<(), StoreError> {
        let line = stored.head.line;
        let Some(before) = line.checked_sub(1) else {
            return Ok(());
        };
        let before = Head {
            line: before,
            hash: stored.previous,
        };
        let follows = line > self.head.line
            && before.link(&stored.body) == stored.head
            && (before.line != self.head.line || before == self.head);
        let Ok(told) = stored.read() else {
            return Ok(());
        };
        if !follows {
            return Ok(());
        }
        if before.line > self.head.line {
            self.lines_lost.push((self.head.line + 1, before.line));
        }
        self.write(
            "INSERT INTO ledger (line, sequence, body, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                line.cast_signed(),
                stored.sequence,
                &stored.body,
                &stored.previous[..],
                &stored.head.hash[..],
            ),
        )?;
        self.head = stored.head;
        self.counts.lines += 1;
        if let Some(number) = number_of(&told.event) {
            self.last_number = self.last_number.max(number);
            if number > self.receipted {
                let LedgerLine { head, at, event } = told;
                self.known.insert(number, LineOfNumber { head, at, event });
            }
        }
        Ok(())
    }

    /// The records that can be read and are those that the ledger tells of.
    fn records(&mut self) -> Result<(), StoreError> {
        type Columns = (
            String,
            String,
            String,
            Option<String>,
            [u8; 32],
            Vec<u8>,
            bool,
        );
        let mut old = self.old.again();
        let read = |row: &Row<'_>| -> rusqlite::Result<Columns> {
            Ok((
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
                row.get(7)?,
            ))
        };
        // A store that was damaged before it was brought up to date has no such column.
        let protected = match old.knows("SELECT protected FROM encounters") {
            true => "protected",
            false => "0",
        };
        old.each(
            &format!(
                "SELECT sequence, lane, opened_at, advice, decision, salt, record, {protected}
                 FROM encounters WHERE sequence >= ?1 ORDER BY sequence"
            ),
            read,
            &mut |sequence, (lane, opened_at, advice, decision, salt, record, protected)| {
                let record = Zeroizing::new(record);
                let told = self.told(sequence)?;
                let digested = unpacked(record.clone()).map(|whole| digest(&salt, &whole));
                if told.is_none() || told != digested.ok() {
                    return Ok(());
                }
                self.counts.records += 1;
                self.write(
                    "INSERT INTO encounters
                         (sequence, lane, opened_at, advice, decision, salt, record, protected)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    (
                        sequence,
                        lane,
                        opened_at,
                        advice,
                        decision,
                        &salt[..],
                        &record[..],
                        protected,
                    ),
                )
            },
        )
    }

    /// The digest that the ledger has of an encounter.
    fn told(&self, sequence: i64) -> Result<Option<[u8; 32]>, StoreError> {
        let line: Option<StoredLine> = self
            .new
            .prepare_cached(
                "SELECT line, sequence, body, previous, hash FROM ledger WHERE sequence = ?1",
            )
            .and_then(|mut s| s.query_row([sequence], StoredLine::from_row).optional())
            .map_err(StoreError::database(&self.path))?;
        let Some(line) = line else {
            return Ok(None);
        };
        Ok(match line.read()?.event {
            LedgerEvent::Encounter(told) => Some(told.digest),
            _ => None,
        })
    }

    /// The parcels that can be read, are this box's, and that headquarters has no receipt for.
    fn parcels(&mut self, sealer: &Sealer<'_>) -> Result<(), StoreError> {
        let device = sealer.device.public();
        let mut old = self.old.again();
        old.each(
            "SELECT sequence, parcel FROM outbox WHERE sequence >= ?1 ORDER BY sequence",
            |row| row.get::<_, Vec<u8>>(1),
            &mut |sequence, bytes: Vec<u8>| {
                let number = sequence.unsigned_abs();
                let Ok(parcel) = SealedParcel::from_bytes(&bytes) else {
                    return Ok(());
                };
                let header = parcel.header();
                if number <= self.receipted
                    || header.sequence.0 != number
                    || header.post != *self.post
                    || parcel.verify(&device).is_err()
                {
                    return Ok(());
                }
                self.last_number = self.last_number.max(number);
                match self.known.get(&number) {
                    None => {
                        self.orphans.insert(number, parcel);
                        Ok(())
                    }
                    Some(known)
                        if known.head == header.ledger
                            || matches!(known.event, LedgerEvent::Lost { .. }) =>
                    {
                        self.file(&parcel)
                    }
                    Some(_) => Ok(()),
                }
            },
        )
    }

    fn file(&mut self, parcel: &SealedParcel) -> Result<(), StoreError> {
        let header = parcel.header();
        self.counts.parcels += 1;
        self.write(
            "INSERT INTO outbox (sequence, kind, made_at, parcel) VALUES (?1, ?2, ?3, ?4)",
            (
                header.sequence.0.cast_signed(),
                header.kind.as_str(),
                header.made_at.to_string(),
                parcel.to_bytes(),
            ),
        )
    }

    /// Gives every number without a receipt its parcel, and has the ledger say what is lost.
    fn tell(
        &mut self,
        sealer: &Sealer<'_>,
        why: &StoreError,
        now: Timestamp,
    ) -> Result<Salvage, StoreError> {
        let mut found = Salvage {
            why: why.to_string(),
            lines_lost: std::mem::take(&mut self.lines_lost),
            encounters_lost: Vec::new(),
            sealed_again: 0,
            last_number: Sequence(self.last_number),
        };
        for number in self.receipted + 1..=self.last_number {
            if self.waits(number)? {
                continue;
            }
            let (head, at) = match self.known.get(&number) {
                Some(known) => (known.head, known.at),
                None => {
                    let sequence = Sequence(number);
                    (self.append(LedgerEvent::Lost { sequence }, now)?, now)
                }
            };
            if let Some(parcel) = self.orphans.remove(&number) {
                self.file(&parcel)?;
                continue;
            }
            let (kind, content) = match self.record(number)? {
                Some((record, protected)) => {
                    found.sealed_again += 1;
                    let kind = match protected {
                        true => ParcelKind::ProtectedAgain,
                        false => ParcelKind::EncounterAgain,
                    };
                    (kind, record)
                }
                None => {
                    add(&mut found.encounters_lost, number);
                    (ParcelKind::Lost, Zeroizing::default())
                }
            };
            let label = Label {
                post: self.post.clone(),
                sequence: Sequence(number),
                kind,
                made_at: at,
                ledger: head,
            };
            let parcel = parcel::seal(&content, label, sealer.hq, sealer.device)?;
            self.file(&parcel)?;
        }
        self.append(LedgerEvent::Salvaged(found.clone()), now)?;
        self.write(
            "UPDATE meta SET last_sequence = ?1",
            [self.last_number.cast_signed()],
        )?;
        // The receipt itself is lost where only the witness knows of it.
        self.write(
            "INSERT INTO receipts (one, up_to, at, receipt) SELECT 1, ?1, ?2, x'' WHERE ?1 > 0
             ON CONFLICT (one) DO UPDATE SET up_to = max(up_to, excluded.up_to)",
            (self.receipted.cast_signed(), now.to_string()),
        )?;
        Ok(found)
    }

    fn append(&mut self, event: LedgerEvent, now: Timestamp) -> Result<Head, StoreError> {
        self.head = ledger::append_after(&self.new, self.head, now, event)
            .map_err(StoreError::database(&self.path))?;
        Ok(self.head)
    }

    fn waits(&self, number: u64) -> Result<bool, StoreError> {
        self.new
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE sequence = ?1)")
            .and_then(|mut s| s.query_row([number.cast_signed()], |row| row.get(0)))
            .map_err(StoreError::database(&self.path))
    }

    /// A record that was carried over, and whether it is sealed to headquarters' protection key.
    fn record(&self, number: u64) -> Result<Option<Record>, StoreError> {
        self.new
            .prepare_cached("SELECT record, protected FROM encounters WHERE sequence = ?1")
            .and_then(|mut s| {
                s.query_row([number.cast_signed()], |row| {
                    Ok((Zeroizing::new(row.get(0)?), row.get(1)?))
                })
                .optional()
            })
            .map_err(StoreError::database(&self.path))?
            .map(|(kept, protected)| Ok((unpacked(kept)?, protected)))
            .transpose()
    }
}

/// The number that a line stands for.
fn number_of(event: &LedgerEvent) -> Option<u64> {
    match event {
        LedgerEvent::Encounter(told) => Some(told.sequence.0),
        LedgerEvent::Lost { sequence } => Some(sequence.0),
        _ => None,
    }
}

/// Adds a number to stretches of numbers.
fn add(stretches: &mut Vec<(u64, u64)>, number: u64) {
    match stretches.last_mut() {
        Some((_, last)) if *last + 1 == number => *last = number,
        _ => stretches.push((number, number)),
    }
}
