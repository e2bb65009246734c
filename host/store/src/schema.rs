//! The layout of the database, and the way from each older layout to the one that is written now.
//!
//! A layout changes in two releases, for a box goes back to the release before: the first brings the step and reads the
//! new layout ([`LAYOUT_READ`]), the second writes it ([`LAYOUT_WRITTEN`]). Every package of the appliance says both
//! numbers (`host/package.sh` takes them from here), and a box installs none that would leave it without a way back.

use rusqlite::{Connection, TransactionBehavior};

/// The newest layout that this program reads: there is a step to it. Raised with a new step.
pub const LAYOUT_READ: u16 = 6;
/// The layout that this program leads a store to. Raised one release after [`LAYOUT_READ`], never above it.
pub const LAYOUT_WRITTEN: u16 = 6;
const _: () = assert!(LAYOUT_WRITTEN <= LAYOUT_READ && LAYOUT_READ as usize == STEPS.len());

/// The steps from an empty database to the newest layout. Step n leads from layout n to layout n + 1;
/// a step that has been released is never changed.
pub(crate) const STEPS: &[&str] = &[
    // 0 → 1
    "CREATE TABLE meta (
         one INTEGER PRIMARY KEY CHECK (one = 1),
         post TEXT NOT NULL,
         last_sequence INTEGER NOT NULL CHECK (last_sequence >= 0),
         officer_key BLOB NOT NULL CHECK (length(officer_key) = 32)
     ) STRICT;
     CREATE TABLE ledger (
         line INTEGER PRIMARY KEY CHECK (line >= 1),
         sequence INTEGER UNIQUE,
         body BLOB NOT NULL,
         previous BLOB NOT NULL CHECK (length(previous) = 32),
         hash BLOB NOT NULL CHECK (length(hash) = 32)
     ) STRICT;
     CREATE TRIGGER ledger_is_never_altered BEFORE UPDATE ON ledger
         BEGIN SELECT RAISE(ABORT, 'the ledger is never altered'); END;
     CREATE TRIGGER ledger_is_never_shortened BEFORE DELETE ON ledger
         BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END;
     CREATE TABLE encounters (
         sequence INTEGER PRIMARY KEY REFERENCES ledger (sequence),
         lane TEXT NOT NULL,
         opened_at TEXT NOT NULL,
         advice TEXT NOT NULL,
         decision TEXT,
         salt BLOB NOT NULL CHECK (length(salt) = 32),
         record BLOB NOT NULL
     ) STRICT;
     CREATE TABLE outbox (
         sequence INTEGER PRIMARY KEY REFERENCES ledger (sequence),
         kind TEXT NOT NULL,
         made_at TEXT NOT NULL,
         parcel BLOB NOT NULL
     ) STRICT;
     CREATE TABLE receipts (
         one INTEGER PRIMARY KEY CHECK (one = 1),
         up_to INTEGER NOT NULL,
         at TEXT NOT NULL,
         receipt BLOB NOT NULL
     ) STRICT;",
    // 1 → 2
    "CREATE TABLE lease (
         one INTEGER PRIMARY KEY CHECK (one = 1),
         lease BLOB NOT NULL,
         at_line INTEGER NOT NULL,
         clock_ahead INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE checkpoints (
         line INTEGER PRIMARY KEY CHECK (line >= 0),
         checkpoint BLOB NOT NULL,
         counter BLOB NOT NULL
     ) STRICT;",
    // 2 → 3: encounters that have begun and are not decided.
    "CREATE TABLE begun (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         lane TEXT NOT NULL,
         opened_at TEXT NOT NULL,
         found BLOB
     ) STRICT;",
    // 3 → 4: records sealed to headquarters' protection key, which this box cannot read back. Also: lines of the
    // ledger that tell of a salvage, which older programs do not know.
    "ALTER TABLE encounters ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;",
    // 4 → 5: officers' "not this person", by a keyed digest of traveller and entry.
    "CREATE TABLE clearances (
         digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
         by TEXT NOT NULL,
         at INTEGER NOT NULL,
         until INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // 5 → 6: records lie packed, which older programs would take for altered ones; those that are there stay as they are.
    "",
];

/// What became of a migration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Migrated {
    /// The layout is the one that is written now, or a newer one that is read.
    UpToDate,
    /// A newer program has been here; nothing was changed.
    Newer {
        /// The layout found.
        found: i64,
    },
}

/// Leads the database to the layout `written`, one transaction a step; one that is ahead of it, and that a step leads
/// to, stays as it is.
pub(crate) fn migrate(
    connection: &mut Connection,
    steps: &[&str],
    written: usize,
) -> Result<Migrated, rusqlite::Error> {
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(at) = usize::try_from(found).ok().filter(|n| *n <= steps.len()) else {
            return Ok(Migrated::Newer { found });
        };
        let Some(step) = steps.get(at).filter(|_| at < written) else {
            return Ok(Migrated::UpToDate);
        };
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", found + 1)?;
        transaction.commit()?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn steps_are_taken_once_each_and_in_order() {
        let mut db = Connection::open_in_memory().unwrap();
        let first = ["CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);"];
        assert_eq!(migrate(&mut db, &first, 1).unwrap(), Migrated::UpToDate);
        assert_eq!(migrate(&mut db, &first, 1).unwrap(), Migrated::UpToDate);
        let second = [
            first[0],
            "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;",
        ];
        // The release that only reads the second layout writes the first one, and opens both.
        let layout = |db: &Connection| -> i64 {
            db.pragma_query_value(None, "user_version", |r| r.get(0))
                .unwrap()
        };
        assert_eq!(migrate(&mut db, &second, 1).unwrap(), Migrated::UpToDate);
        assert_eq!(layout(&db), 1);
        assert_eq!(migrate(&mut db, &second, 2).unwrap(), Migrated::UpToDate);
        assert_eq!(migrate(&mut db, &second, 1).unwrap(), Migrated::UpToDate);
        assert_eq!(layout(&db), 2);
        let row: (i64, i64) = db
            .query_row("SELECT x, y FROM a", [], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap();
        assert_eq!(row, (1, 7));
        assert_eq!(
            migrate(&mut db, &first, 1).unwrap(),
            Migrated::Newer { found: 2 }
        );
    }

    #[test]
    fn a_step_that_fails_leaves_the_older_layout_whole() {
        let mut db = Connection::open_in_memory().unwrap();
        let good = "CREATE TABLE a (x INTEGER);";
        let bad = [good, "CREATE TABLE b (x INTEGER); nonsense;"];
        assert!(migrate(&mut db, &bad, 2).is_err());
        let version: i64 = db
            .pragma_query_value(None, "user_version", |r| r.get(0))
            .unwrap();
        assert_eq!(version, 1);
        assert!(db.prepare("SELECT x FROM b").is_err());
        assert_eq!(migrate(&mut db, &[good], 1).unwrap(), Migrated::UpToDate);
    }
}
