//! The ledger: what happened, line by line, hash-chained, without personal data.

use crate::{LedgerFault, RecordClass, Store, StoreError};
use jiff::Timestamp;
use ring::hmac;
use rules::{Advice, DecisionKind, EditionNumber, OfficerId, PostId, Sequence};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use seal::chain::Head;
use seal::health::Drift;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The layout's version of the lines written now.
const VERSION: u16 = 1;

/// Stands for an officer in the ledger: the same officer has the same tag at the same post, and without the
/// store nobody can tell which officer that is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OfficerTag([u8; 8]);

impl From<OfficerTag> for String {
    fn from(tag: OfficerTag) -> Self {
        hex::encode(tag.0)
    }
}

impl TryFrom<String> for OfficerTag {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut tag = [0; 8];
        hex::decode_to_slice(text, &mut tag)?;
        Ok(Self(tag))
    }
}

impl fmt::Display for OfficerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for OfficerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OfficerTag({self})")
    }
}

/// What the rest of the box writes into the ledger, through [`Store::note`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// The appliance started.
    Started {
        /// The program's version.
        program: String,
    },
    /// The appliance was stopped in order; absent before a `Started` where its power was cut.
    Stopped,
    /// An officer signed in at the desk.
    OfficerSignedIn {
        /// Who.
        officer: OfficerTag,
    },
    /// An officer signed out.
    OfficerSignedOut {
        /// Who.
        officer: OfficerTag,
    },
    /// An edition of the watchlist came into use.
    EditionActivated {
        /// Which.
        edition: EditionNumber,
    },
    /// An edition or its copy was refused.
    EditionRefused {
        /// Why, as the error says it; holds no personal data.
        why: String,
    },
    /// The box's case was opened.
    CaseOpened,
    /// Records whose time was over were erased here; headquarters has them.
    RecordsErased {
        /// Their class.
        class: RecordClass,
        /// How many.
        records: u64,
        /// They were opened before this.
        before: Timestamp,
    },
    /// The box's drift from its calibration was measured.
    DriftScanned {
        /// Of which profile: when that was signed.
        profile: Timestamp,
        /// When it was measured.
        at: Timestamp,
        /// What came of it.
        drift: Drift,
    },
}

/// What the ledger says of an encounter: nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncounterLine {
    /// Its number at this post.
    pub sequence: Sequence,
    /// What the machine said.
    pub advice: Advice,
    /// What the officer said, where an officer did.
    pub decision: Option<DecisionKind>,
    /// The edition that was searched.
    pub edition: Option<EditionNumber>,
    /// HMAC-SHA-256 of the record under a key that stands with it: proves the record while it is kept,
    /// and says nothing once it is erased. Hexadecimal.
    #[serde(with = "hex::serde")]
    pub digest: [u8; 32],
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// An encounter was recorded.
    Encounter(EncounterLine),
    /// Headquarters gave its word that it has the parcels up to this one, and they were erased.
    Receipt {
        /// The last parcel that headquarters has.
        up_to: Sequence,
        /// How many parcels were erased for it.
        erased: u64,
    },
    /// What the rest of the box had to say.
    Note(Note),
    /// A number whose own line the medium lost. Its parcel waits where it could be read; else one that says
    /// that the record is lost.
    Lost {
        /// The encounter's number.
        sequence: Sequence,
    },
    /// The store was damaged, and what could be read of it was carried over into a new one.
    Salvaged(Salvage),
}

/// What a salvage found. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// Why the store was salvaged, as the error said it.
    pub why: String,
    /// Lines of the ledger that are lost: the first and the last of each stretch.
    pub lines_lost: Vec<(u64, u64)>,
    /// Encounters that headquarters has not given a receipt for, and of which neither record nor parcel could
    /// be read: the first and the last number of each stretch.
    pub encounters_lost: Vec<(u64, u64)>,
    /// Encounters whose record was read and whose parcel was sealed anew.
    pub sealed_again: u64,
    /// The last number that the damaged store had given.
    pub last_number: Sequence,
}

/// What is hashed and stored of a line.
#[derive(Serialize, Deserialize)]
struct Body {
    version: u16,
    at: Timestamp,
    event: LedgerEvent,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// The chain at this line: its number, from 1, and its hash.
    pub head: Head,
    /// When it happened, by the box's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: LedgerEvent,
}

/// What a verified ledger comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerReport {
    /// Lines, all of which follow from the first.
    pub lines: u64,
    /// Encounters, numbered without a gap.
    pub encounters: u64,
    /// Of those, how many stand unaltered beside the ledger (the others were erased).
    pub kept: u64,
    /// Of those, how many parcels wait for a receipt.
    pub waiting: u64,
    /// The last parcel that headquarters has.
    pub receipted: Sequence,
    /// Where the chain stands.
    pub head: Head,
}

/// Where the chain of this post stands.
pub(crate) fn head(connection: &Connection, post: &PostId) -> rusqlite::Result<Head> {
    let last = connection
        .prepare_cached("SELECT line, hash FROM ledger ORDER BY line DESC LIMIT 1")?
        .query_row([], |row| {
            Ok(Head {
                line: row.get::<_, i64>(0)?.unsigned_abs(),
                hash: row.get(1)?,
            })
        })
        .optional()?;
    Ok(last.unwrap_or_else(|| Head::start(post)))
}

/// Chains one more line; belongs into the transaction of what it tells of.
pub(crate) fn append(
    connection: &Connection,
    post: &PostId,
    at: Timestamp,
    event: LedgerEvent,
) -> rusqlite::Result<Head> {
    append_after(connection, head(connection, post)?, at, event)
}

/// Chains one more line after this one.
pub(crate) fn append_after(
    connection: &Connection,
    before: Head,
    at: Timestamp,
    event: LedgerEvent,
) -> rusqlite::Result<Head> {
    let sequence = match &event {
        LedgerEvent::Encounter(line) => Some(line.sequence.0.cast_signed()),
        LedgerEvent::Lost { sequence } => Some(sequence.0.cast_signed()),
        LedgerEvent::Receipt { .. } | LedgerEvent::Note(_) | LedgerEvent::Salvaged(_) => None,
    };
    let body = encode(&Body {
        version: VERSION,
        at,
        event,
    });
    let after = before.link(&body);
    connection
        .prepare_cached(
            "INSERT INTO ledger (line, sequence, body, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            after.line.cast_signed(),
            sequence,
            body,
            &before.hash[..],
            &after.hash[..],
        ))?;
    Ok(after)
}

/// The CBOR of a value of ours.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .expect("plain structures of numbers, texts and bytes always encode into memory");
    bytes
}

/// The digest that ties a record to its line.
pub(crate) fn digest(salt: &[u8; 32], record: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
    bytes.copy_from_slice(hmac::sign(&key, record).as_ref());
    bytes
}

impl Store {
    /// Writes what happened into the ledger; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] and the other errors of a disk; nothing is written then.
    pub fn note(&mut self, note: Note, at: Timestamp) -> Result<Head, StoreError> {
        let named = StoreError::database(&self.database);
        let inner = || {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let head = append(&transaction, &self.post, at, LedgerEvent::Note(note))?;
            transaction.commit()?;
            Ok(head)
        };
        let head = inner().map_err(named)?;
        self.witness.line(head);
        Ok(head)
    }

    /// The tag that stands for an officer in this ledger.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn officer_tag(&self, officer: &OfficerId) -> Result<OfficerTag, StoreError> {
        let key: [u8; 32] = self
            .connection
            .query_row("SELECT officer_key FROM meta", [], |row| row.get(0))
            .map_err(self.named())?;
        let mut tag = [0; 8];
        tag.copy_from_slice(&digest(&key, officer.as_str().as_bytes())[..8]);
        Ok(OfficerTag(tag))
    }

    /// Lines of the ledger in order, from this number on, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::LedgerBroken`] where a line cannot be read, and the errors of a disk.
    pub fn ledger_lines(&self, from: u64, limit: usize) -> Result<Vec<LedgerLine>, StoreError> {
        self.stored_lines(from, limit)?
            .iter()
            .map(StoredLine::read)
            .collect()
    }

    fn stored_lines(&self, from: u64, limit: usize) -> Result<Vec<StoredLine>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT line, sequence, body, previous, hash FROM ledger
                 WHERE line >= ?1 ORDER BY line LIMIT ?2",
            )
            .and_then(|mut s| {
                s.query_map(
                    (
                        i64::try_from(from).unwrap_or(i64::MAX),
                        i64::try_from(limit).unwrap_or(i64::MAX),
                    ),
                    StoredLine::from_row,
                )?
                .collect()
            })
            .map_err(self.named())
    }

    /// Lines as they are chained, from this number on, at most `limit`: for whoever verifies them elsewhere.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn chained_lines(
        &self,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(Head, Vec<u8>)>, StoreError> {
        let lines = self.stored_lines(from, limit)?.into_iter();
        Ok(lines.map(|stored| (stored.head, stored.body)).collect())
    }
}

/// A line as it stands in the table.
pub(crate) struct StoredLine {
    pub(crate) head: Head,
    pub(crate) sequence: Option<i64>,
    pub(crate) body: Vec<u8>,
    pub(crate) previous: [u8; 32],
}

impl StoredLine {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            head: Head {
                line: row.get::<_, i64>(0)?.unsigned_abs(),
                hash: row.get(4)?,
            },
            sequence: row.get(1)?,
            body: row.get(2)?,
            previous: row.get(3)?,
        })
    }

    pub(crate) fn read(&self) -> Result<LedgerLine, StoreError> {
        let mut rest = &self.body[..];
        match ciborium::from_reader::<Body, _>(&mut rest) {
            Ok(body) if rest.is_empty() && body.version == VERSION => Ok(LedgerLine {
                head: self.head,
                at: body.at,
                event: body.event,
            }),
            _ => Err(StoreError::LedgerBroken {
                line: self.head.line,
                fault: LedgerFault::Unreadable,
            }),
        }
    }
}
