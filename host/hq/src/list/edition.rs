//! Two people approve, then an edition is made of the list and signed.

use super::{ListState, entries, state};
use crate::HqError;
use crate::approval;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::register::Register;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rules::{EditionNumber, OfficerId};
use rusqlite::{TransactionBehavior, params};
use seal::bundle::Rollout;
use seal::bundle::publish::{KeyFolder, Release, published_signing};
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use watchlist::build::{EditionBuilder, EditionHeader};

/// Prefix of the folders in which editions are made.
const WORK: &str = "edition-";

/// So many different people must have approved what is published.
pub(crate) const APPROVERS_NEEDED: usize = 2;

/// What to publish.
#[derive(Debug, Clone)]
pub struct PublishOrder {
    /// The repository folder that boxes or a web server read.
    pub out: PathBuf,
    /// The edition's number; the next one where not given.
    pub number: Option<u64>,
    /// For so many days boxes take it as new.
    pub expires_in_days: u32,
    /// Which boxes may take it at first; every one where absent.
    pub rollout: Option<Rollout>,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The edition's number.
    pub number: u64,
    /// How often this headquarters has signed.
    pub signing: u64,
    /// The digest of the list that was approved.
    pub digest: String,
    /// Who approved it.
    pub approvers: Vec<String>,
    /// Persons in the edition.
    pub persons: usize,
    /// Documents in the edition.
    pub documents: usize,
    /// Entries left out because their last day has passed.
    pub expired_entries: usize,
    /// Until when boxes take it as new.
    pub expires_at: Timestamp,
    /// The edition's files.
    pub files: Vec<String>,
    /// All files together.
    pub bytes: u64,
    /// The repository folder.
    pub out: PathBuf,
}

/// Records that a person has looked at the list as it stands and approves it. Any change of the list after that
/// voids the approval.
///
/// # Errors
/// [`HqError::ListEmpty`], [`HqError::ApprovedAlready`], or [`HqError::Database`].
pub fn approve(
    register: &mut Register,
    by: &OfficerId,
    now: Timestamp,
) -> Result<ListState, HqError> {
    let approver = by.as_str().to_ascii_lowercase();
    let standing = state(register)?;
    if standing.persons + standing.documents == 0 {
        return Err(HqError::ListEmpty);
    }
    if standing.approvers.contains(&approver) {
        return Err(HqError::ApprovedAlready { approver });
    }
    let added = register
        .connection
        .execute(
            // Only of the revision looked at: an import in between makes this approve nothing.
            "INSERT INTO approval SELECT ?1, ?2, ?3, ?4 FROM revision WHERE number = ?1",
            params![
                standing.revision,
                standing.digest,
                approver,
                now.to_string()
            ],
        )
        .map_err(register.failed())?;
    if added == 0 {
        return approve(register, by, now);
    }
    state(register)
}

/// Whether enough different people have approved the list as it stands.
///
/// # Errors
/// What the databases and the keys say.
pub fn approved(home: &Home, register: &Register) -> Result<bool, HqError> {
    let standing = state(register)?;
    if standing.approvers.len() < APPROVERS_NEEDED {
        return Ok(false);
    }
    match approval::proven(home, &standing, &KeyFolder::open(&home.keys())?) {
        Ok(()) => Ok(true),
        Err(HqError::NotApproved { .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Makes an edition of the list, signs it with the keys given, and puts it into the repository.
///
/// # Errors
/// [`HqError::ListEmpty`], [`HqError::NotApproved`], [`HqError::NumberNotNewer`],
/// [`HqError::PublishingElsewhere`], [`HqError::Publish`] or what the disk says. A number that was given out to a signing that failed is not given out again.
pub fn publish(
    home: &Home,
    register: &mut Register,
    order: &PublishOrder,
    keys: &KeyFolder,
    now: Timestamp,
) -> Result<Published, HqError> {
    let _publishing = alone(home)?;
    let standing = state(register)?;
    if standing.persons + standing.documents == 0 {
        return Err(HqError::ListEmpty);
    }
    if standing.approvers.len() < APPROVERS_NEEDED {
        return Err(HqError::NotApproved {
            approvers: standing.approvers,
        });
    }
    approval::proven(home, &standing, keys)?;
    let (persons, documents) = entries(register)?;
    let today = TimeZone::UTC.to_datetime(now).date();
    let expires_at = days_after(now, order.expires_in_days);

    let listed = persons.len();
    let mut builder = EditionBuilder::new();
    let (mut person_count, mut sources) = (0, std::collections::BTreeSet::new());
    for person in persons {
        if person.expires.is_none_or(|day| day >= today) {
            sources.insert(person.provenance.clone());
            builder.add_person(person)?;
            person_count += 1;
        }
    }
    let document_count = documents.len();
    for document in documents {
        builder.add_document(document)?;
    }

    // Looked at again under the write lock: what is published is what was approved.
    let (number, signing) = reserve(register, order, &standing, now, expires_at)?;
    let work = tempfile::Builder::new()
        .prefix(WORK)
        .tempdir_in(home.folder())
        .map_err(HqError::io(home.folder()))?;
    let content = work.path().join("content");
    builder.write(
        &content,
        &EditionHeader {
            number: EditionNumber(number),
            made_at: now,
            expires_at,
            sources: sources.into_iter().collect(),
        },
    )?;
    std::fs::create_dir_all(&order.out).map_err(HqError::io(&order.out))?;
    let out = std::path::absolute(&order.out).map_err(HqError::io(&order.out))?;
    let files = seal::bundle::publish::publish(
        &content,
        keys,
        &home.roots(),
        &out,
        &Release {
            edition: EditionNumber(number),
            signing,
            made_at: now,
            expires_at,
            rollout: order.rollout.clone(),
        },
    )?;
    register
        .connection
        .execute(
            "UPDATE edition SET published_at = ?2 WHERE number = ?1",
            params![as_column(number), now.to_string()],
        )
        .map_err(register.failed())?;
    crate::difference::note_published(home, register, number)?;
    Ok(Published {
        number,
        signing,
        digest: standing.digest,
        approvers: standing.approvers,
        persons: person_count,
        documents: document_count,
        expired_entries: listed - person_count,
        expires_at,
        bytes: files.iter().map(|file| file.length).sum(),
        files: files.into_iter().map(|file| file.name).collect(),
        out,
    })
}

/// Keeps a second publishing out while the file is held, and clears away what an interrupted one left.
pub(crate) fn alone(home: &Home) -> Result<File, HqError> {
    let path = home.folder().join("publishing.lock");
    let lock = File::create(&path).map_err(HqError::io(&path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(HqError::PublishingElsewhere),
        Err(TryLockError::Error(source)) => return Err(HqError::Io { path, source }),
    }
    seal::durable::sweep(home.folder(), &[WORK]).map_err(HqError::io(home.folder()))?;
    Ok(lock)
}

/// Gives out the numbers of an edition and of its signing, once.
fn reserve(
    register: &mut Register,
    order: &PublishOrder,
    standing: &ListState,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(u64, u64), HqError> {
    let failed = register.failed();
    let transaction = register
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let (last, signings): (i64, i64) = transaction
        .query_row(
            "SELECT coalesce(max(number), 0), coalesce(max(signing), 0) FROM edition",
            [],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .map_err(&failed)?;
    let revision: i64 = transaction
        .query_row("SELECT number FROM revision", [], |r| r.get(0))
        .map_err(&failed)?;
    if revision != standing.revision {
        return Err(HqError::NotApproved {
            approvers: Vec::new(),
        });
    }
    let last = last.unsigned_abs();
    let number = order.number.unwrap_or(last + 1);
    if number <= last {
        return Err(HqError::NumberNotNewer {
            offered: number,
            last,
        });
    }
    // A wave signs the timestamp anew and has no row here.
    let signing = signings.unsigned_abs().max(published_signing(&order.out)?) + 1;
    transaction
        .execute(
            "INSERT INTO edition VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)",
            params![
                as_column(number),
                as_column(signing),
                standing.digest,
                standing.approvers.join(" "),
                now.to_string(),
                expires_at.to_string(),
            ],
        )
        .map_err(&failed)?;
    transaction.commit().map_err(&failed)?;
    Ok((number, signing))
}

/// SQLite's integers are signed; numbers of editions stay far below the half of their range.
fn as_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
