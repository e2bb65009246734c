//! Looking over what arrived: counts per post, gaps, refusals, and whether every parcel still opens.

use crate::HqError;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::parcels::{Database, Held};
use crate::register::{EnrolledPost, Register};
use crate::statistics;
use jiff::Timestamp;
use rules::{EncounterRecord, PostId};
use seal::chain::Head;
use seal::parcel::{ParcelKind, SealedParcel};
use seal::protection::ProtectionKey;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use zeroize::Zeroizing;

/// How one post stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostAudit {
    /// The post.
    pub post: PostId,
    /// Whether it is enrolled.
    pub enrolled: bool,
    /// Parcels held.
    pub parcels: u64,
    /// All from 1 to this one are held and receipted.
    pub up_to: u64,
    /// The greatest number held.
    pub last: u64,
    /// Numbers below `last` that are not held.
    pub gaps: u64,
    /// Different parcels refused because their number was taken: two boxes under one name, or a restored one.
    pub refused: u64,
    /// Checkpoints of its ledger that were counter-signed.
    pub checkpoints: u64,
    /// Checkpoints that did not go on from what was seen: lines cut off, changed, or an old copy put back.
    pub disputed: u64,
    /// When it was last heard of.
    pub seen_at: Option<Timestamp>,
    /// Until when it may work.
    pub lease_until: Option<Timestamp>,
    /// Parcels that opened with headquarters' key; absent where that key is not on this machine.
    pub opened: Option<u64>,
    /// Parcels that did not open, with the reason, the first hundred.
    pub faults: Vec<String>,
}

/// One parcel in a listing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ParcelLine {
    /// The post.
    pub post: PostId,
    /// Its number there.
    pub sequence: u64,
    /// What it holds.
    pub kind: String,
    /// When it was sealed, by the box's clock.
    pub made_at: String,
    /// When it arrived.
    pub received_at: String,
    /// Its size as it came.
    pub bytes: usize,
    /// The record, where the listing was asked to open parcels and this one opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<EncounterRecord>,
    /// Why it did not open, where it was asked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Looks over everything, and opens every parcel once.
///
/// # Errors
/// What the databases say. A parcel that does not open is part of the answer.
pub async fn audit(home: &Home, database: &Database) -> Result<Vec<PostAudit>, HqError> {
    let opener = Opener::new(home)?;
    let mut audits: BTreeMap<PostId, PostAudit> = standing(home, database)
        .await?
        .into_iter()
        .map(|audit| (audit.post.clone(), audit))
        .collect();
    if opener.keys.is_none() {
        return Ok(audits.into_values().collect());
    }
    for audit in audits.values_mut() {
        audit.opened = Some(0);
    }
    let mut see = |held: Held| {
        let Some(audit) = audits.get_mut(&held.post) else {
            return Ok(());
        };
        match opener.opens(&held) {
            Ok(()) => *audit.opened.get_or_insert(0) += 1,
            Err(why) if audit.faults.len() < 100 => {
                audit
                    .faults
                    .push(format!("{}/{}: {why}", held.post, held.sequence));
            }
            Err(_) => {}
        }
        Ok(())
    };
    database.open_existing().await?.each(None, &mut see).await?;
    Ok(audits.into_values().collect())
}

/// How every post stands, with nothing opened.
///
/// # Errors
/// What the databases say.
pub async fn standing(home: &Home, database: &Database) -> Result<Vec<PostAudit>, HqError> {
    let posts = Register::open(home)?.posts()?;
    let store = database.open_existing().await?;
    let mut audits: BTreeMap<PostId, PostAudit> = posts
        .into_iter()
        .map(|enrolled| {
            let audit = PostAudit {
                enrolled: true,
                ..nothing_from(&enrolled.post)
            };
            (enrolled.post, audit)
        })
        .collect();
    for count in store.counts().await? {
        let entry = audits
            .entry(count.post.clone())
            .or_insert_with(|| nothing_from(&count.post));
        entry.parcels = count.parcels;
        entry.up_to = count.up_to;
        entry.last = count.last;
        entry.gaps = count.gaps;
        entry.refused = count.refused;
    }
    for contact in store.contacts().await? {
        let entry = audits
            .entry(contact.post.clone())
            .or_insert_with(|| nothing_from(&contact.post));
        entry.seen_at = Some(contact.seen_at);
        entry.lease_until = Some(contact.lease_until);
    }
    for (post, audit) in &mut audits {
        for place in store.checkpoints(post).await? {
            match place.disputed {
                true => audit.disputed += 1,
                false => audit.checkpoints += 1,
            }
        }
    }
    Ok(audits.into_values().collect())
}

/// Shows every parcel, or one post's, to `see`; with its record where `open` says so.
///
/// # Errors
/// What the databases say, or `see`.
pub async fn parcels(
    home: &Home,
    database: &Database,
    post: Option<&PostId>,
    open: Opened,
    mut see: impl FnMut(ParcelLine) -> Result<(), HqError> + Send,
) -> Result<(), HqError> {
    let opener = Opener::new(home)?;
    let store = database.open_existing().await?;
    let mut show = |held: Held| {
        let (record, fault) = match open {
            Opened::No => (None, None),
            Opened::Yes => match opener.open(&held, None) {
                Ok(record) => (Some(record), None),
                Err(why) => (None, Some(why.to_string())),
            },
        };
        see(line(held, record, fault))
    };
    store.each(post, &mut show).await
}

/// Opens the protection records, or one post's, with their key, and shows them to `see`.
///
/// # Errors
/// What the databases say, or `see`. A record that does not open is part of the answer.
pub async fn protection(
    home: &Home,
    database: &Database,
    post: Option<&PostId>,
    key: &ProtectionKey,
    mut see: impl FnMut(ParcelLine) -> Result<(), HqError> + Send,
) -> Result<(), HqError> {
    let opener = Opener::new(home)?;
    let store = database.open_existing().await?;
    let mut show = |held: Held| {
        let (kind, sealed) = match opener.content(&held) {
            Ok((kind, sealed)) if is_protected(kind) => (kind, sealed),
            _ => return Ok(()),
        };
        match opener.read(&held, kind, &sealed, Some(key)) {
            Ok(record) => see(line(held, Some(record), None)),
            Err(why) => see(line(held, None, Some(why.to_string()))),
        }
    };
    store.each(post, &mut show).await
}

fn line(held: Held, record: Option<EncounterRecord>, fault: Option<String>) -> ParcelLine {
    ParcelLine {
        sequence: held.sequence.0,
        kind: held.kind,
        made_at: held.made_at.to_string(),
        received_at: held.received_at.to_string(),
        bytes: held.sealed.len(),
        post: held.post,
        record,
        fault,
    }
}

/// Counts what was inspected, without persons.
///
/// # Errors
/// What the databases say. A parcel that does not open is part of the answer.
pub async fn statistics(
    home: &Home,
    database: &Database,
    period: &statistics::Period,
) -> Result<statistics::Statistics, HqError> {
    let opener = Opener::new(home)?;
    let mut tally = statistics::Tally::default();
    let mut see = |held: Held| {
        tally.add(&held, &opener, period);
        Ok(())
    };
    let store = database.open_existing().await?;
    store.each(period.post.as_ref(), &mut see).await?;
    Ok(tally.finish())
}

/// Whether a listing shows what is in the parcels: personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Headers only.
    No,
    /// The records too.
    Yes,
}

fn nothing_from(post: &PostId) -> PostAudit {
    PostAudit {
        post: post.clone(),
        enrolled: false,
        parcels: 0,
        up_to: 0,
        last: 0,
        gaps: 0,
        refused: 0,
        checkpoints: 0,
        disputed: 0,
        seen_at: None,
        lease_until: None,
        opened: None,
        faults: Vec::new(),
    }
}

/// Opens parcels with headquarters' private key, where it is on this machine.
pub(crate) struct Opener {
    keys: Option<Keyring>,
    posts: BTreeMap<PostId, EnrolledPost>,
}

impl Opener {
    pub(crate) fn new(home: &Home) -> Result<Self, HqError> {
        let keys = match Keyring::open(home) {
            Ok(keys) => Some(keys),
            Err(HqError::Seal(seal::SealError::KeyFileAbsent { .. })) => None,
            Err(e) => return Err(e),
        };
        let posts = Register::open(home)?
            .posts()?
            .into_iter()
            .map(|enrolled| (enrolled.post.clone(), enrolled))
            .collect();
        Ok(Self { keys, posts })
    }

    /// The record in a parcel; a protection record with its key alone.
    pub(crate) fn open(
        &self,
        held: &Held,
        protection: Option<&ProtectionKey>,
    ) -> Result<EncounterRecord, Unopened> {
        let (kind, content) = self.content(held)?;
        self.read(held, kind, &content, protection)
    }

    /// The record in what a parcel holds.
    fn read(
        &self,
        held: &Held,
        kind: ParcelKind,
        content: &[u8],
        protection: Option<&ProtectionKey>,
    ) -> Result<EncounterRecord, Unopened> {
        match (kind, protection) {
            (ParcelKind::Encounter | ParcelKind::EncounterAgain, _) => encounter(held, content),
            (ParcelKind::Protected | ParcelKind::ProtectedAgain, None) => Err(Unopened::Protected),
            (ParcelKind::Protected | ParcelKind::ProtectedAgain, Some(key)) => {
                let record = key
                    .open_record(&held.post, held.sequence, content)
                    .map_err(Unopened::damaged)?;
                encounter(held, &record)
            }
            (ParcelKind::Lost, _) => Err(Unopened::Lost),
        }
    }

    /// Whether a parcel opens, as far as headquarters' keys go.
    fn opens(&self, held: &Held) -> Result<(), Unopened> {
        match self.open(held, None) {
            Ok(_) | Err(Unopened::Protected) => Ok(()),
            Err(why) => Err(why),
        }
    }

    /// What is in a parcel, and what kind of thing that is.
    fn content(&self, held: &Held) -> Result<(ParcelKind, Zeroizing<Vec<u8>>), Unopened> {
        let keys = self.keys.as_ref().ok_or(Unopened::NoKey)?;
        let enrolled = self.posts.get(&held.post).ok_or(Unopened::PostUnknown)?;
        if held.sealed.is_empty() {
            return Err(Unopened::Erased);
        }
        let parcel = SealedParcel::from_bytes(&held.sealed).map_err(Unopened::damaged)?;
        let header = parcel.header();
        if header.post != held.post || header.sequence != held.sequence {
            return Err(Unopened::damaged(
                "it is filed under another number than its own",
            ));
        }
        let key = keys.named(header.hq, "parcel").map_err(Unopened::damaged)?;
        let content =
            seal::parcel::open(&parcel, key, &enrolled.device).map_err(Unopened::damaged)?;
        Ok((header.kind, content))
    }
}

/// Why the record in a parcel cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unopened {
    /// It takes the key that boxes seal to.
    #[error("headquarters' private key is not on this machine")]
    NoKey,
    /// Whose signature it would bear is not known.
    #[error("its post is not enrolled")]
    PostUnknown,
    /// Only its number and digest are left.
    #[error("it was erased by order")]
    Erased,
    /// It takes the protection key.
    #[error("it is a protection record: only the protection key opens it")]
    Protected,
    /// There never was one here.
    #[error("its box lost the record, and says so")]
    Lost,
    /// It is not what it should be.
    #[error("{why}")]
    Damaged {
        /// What is wrong with it.
        why: String,
    },
}

impl Unopened {
    fn damaged(why: impl ToString) -> Self {
        Self::Damaged {
            why: why.to_string(),
        }
    }
}

fn is_protected(kind: ParcelKind) -> bool {
    matches!(kind, ParcelKind::Protected | ParcelKind::ProtectedAgain)
}

/// Reads a record, and checks that it is the one that its parcel names.
fn encounter(held: &Held, content: &[u8]) -> Result<EncounterRecord, Unopened> {
    let record: EncounterRecord = ciborium::from_reader(content)
        .map_err(|_| Unopened::damaged("its content is no record of an encounter"))?;
    if record.id.post != held.post || record.id.sequence != held.sequence {
        return Err(Unopened::damaged("its content names another encounter"));
    }
    Ok(record)
}

/// What a post's exported ledger comes to, held against what headquarters has seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerVerdict {
    /// The post.
    pub post: PostId,
    /// `Successful` or `Failed`.
    pub outcome: rules::Outcome,
    /// Lines that follow from the first.
    pub lines: u64,
    /// Places that headquarters has seen, in parcels and checkpoints, and that fit.
    pub seen: u64,
    /// What is wrong, by name: `edited`, `gap`, `forked`, `truncated`, `unreadable`.
    pub fault: Option<LedgerFinding>,
}

/// What is wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum LedgerFinding {
    /// A line is no line of a ledger.
    #[error("line {line} cannot be read")]
    Unreadable {
        /// Which, counted in the file.
        line: u64,
    },
    /// A number is missing, or comes twice.
    #[error("line {expected} is missing: line {found} comes in its place")]
    Gap {
        /// Which should come.
        expected: u64,
        /// Which does.
        found: u64,
    },
    /// A line does not follow from the one before.
    #[error("line {line} was edited, or the one before it: it does not follow")]
    Edited {
        /// Which.
        line: u64,
    },
    /// The chain holds, and headquarters has seen another one.
    #[error("line {line} is another than headquarters has seen: the ledger was forked")]
    Forked {
        /// Which.
        line: u64,
    },
    /// Headquarters has seen later lines.
    #[error("it ends at line {last}, and headquarters has seen line {seen}: lines were cut off")]
    Truncated {
        /// The last line in the file.
        last: u64,
        /// The last line seen.
        seen: u64,
    },
}

/// One line of an exported ledger.
#[derive(serde::Deserialize)]
struct ExportedLine {
    line: u64,
    #[serde(with = "hex::serde")]
    hash: [u8; 32],
    #[serde(with = "hex::serde")]
    body: Vec<u8>,
}

/// Follows a post's exported ledger from its first line, and holds it against every place where headquarters
/// has seen it stand.
///
/// # Errors
/// [`HqError::Unreadable`] where the file cannot be read, and what the database says.
pub async fn ledger(
    database: &Database,
    post: &PostId,
    file: &Path,
) -> Result<LedgerVerdict, HqError> {
    let text = std::fs::read_to_string(file).map_err(|e| HqError::unreadable(file, e))?;
    let store = database.open_existing().await?;
    let mut seen: BTreeMap<u64, Vec<[u8; 32]>> = BTreeMap::new();
    let places = store.heads(post).await?;
    for place in places.iter().chain(&store.checkpoints(post).await?) {
        seen.entry(place.ledger.line)
            .or_default()
            .push(place.ledger.hash);
    }
    let mut verdict = LedgerVerdict {
        post: post.clone(),
        outcome: rules::Outcome::Successful,
        lines: 0,
        seen: 0,
        fault: None,
    };
    let followed = follow(post, &text, &seen, &mut verdict);
    if let Err(fault) = followed {
        verdict.outcome = rules::Outcome::Failed;
        verdict.fault = Some(fault);
    }
    Ok(verdict)
}

fn follow(
    post: &PostId,
    text: &str,
    seen: &BTreeMap<u64, Vec<[u8; 32]>>,
    verdict: &mut LedgerVerdict,
) -> Result<(), LedgerFinding> {
    let mut head = Head::start(post);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let expected = head.line + 1;
        let read: ExportedLine =
            serde_json::from_str(line).map_err(|_| LedgerFinding::Unreadable { line: expected })?;
        if read.line != expected {
            let found = read.line;
            return Err(LedgerFinding::Gap { expected, found });
        }
        head = head.link(&read.body);
        if head.hash != read.hash {
            return Err(LedgerFinding::Edited { line: expected });
        }
        verdict.lines = head.line;
        if let Some(hashes) = seen.get(&head.line) {
            if hashes.iter().any(|hash| *hash != head.hash) {
                return Err(LedgerFinding::Forked { line: head.line });
            }
            verdict.seen += 1;
        }
    }
    match seen.last_key_value() {
        Some((last, _)) if *last > head.line => Err(LedgerFinding::Truncated {
            last: head.line,
            seen: *last,
        }),
        _ => Ok(()),
    }
}
