//! Two people approve, then an edition is made of the list and signed.

mod content;

pub(super) use content::{lay_into, seal_into};

use super::offering::{self, Offering, Unknown};
use super::{ListState, bulk, changes, files, signed, state};
use crate::HqError;
use crate::approval;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::keyring::role_keys;
use crate::parcels::as_column;
use crate::register::Register;
use crate::rollout::{self, Waves};
use crate::software;
use content::prepare;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rules::{EditionNumber, OfficerId};
use rusqlite::{TransactionBehavior, params};
use seal::bundle::publish::{KeyFolder, Release, ready};
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use watchlist::EditionInfo;

/// Prefix of the folders in which editions are made.
const WORK: &str = "edition-";

/// So many different people must have approved what is published.
pub(crate) const APPROVERS_NEEDED: usize = 2;

/// How much of an edition is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The step from the edition before, and all of it where that is due.
    AsDue,
    /// All of it, beside the step.
    Full,
    /// All of it, and nothing that was signed before goes out again: after keys were in a stranger's hands.
    Anew,
}

/// What to publish.
#[derive(Debug, Clone)]
pub struct PublishOrder {
    /// The repository folder that boxes or a web server read.
    pub out: PathBuf,
    /// The edition's number; the next one where not given.
    pub number: Option<u64>,
    /// For so many days boxes take it as new.
    pub expires_in_days: u32,
    /// How much of it is made.
    pub extent: Extent,
    /// How it reaches boxes; every one at once where absent.
    pub waves: Option<Waves>,
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
    /// Whether a full edition was made.
    pub full: bool,
    /// What a box that has the edition before fetches for the list, in bytes; nothing for the first edition.
    pub delta_bytes: Option<u64>,
    /// So many boxes can read it.
    pub boxes: usize,
    /// The bundle's files.
    pub files: Vec<String>,
    /// All files together.
    pub bytes: u64,
    /// Files of earlier editions that were not what had been signed; they were left out and made anew. Find out who
    /// altered them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub altered: Vec<String>,
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
    if standing.persons + standing.documents + standing.files == 0 {
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
    match approval::proven(home, &standing, &role_keys(home)?) {
        Ok(()) => Ok(true),
        Err(HqError::NotApproved { .. }) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Makes an edition of the list, signs it with the keys given, and puts it into the repository; where it comes in
/// waves, its rollout begins with that.
///
/// # Errors
/// [`HqError::ListEmpty`], [`HqError::NotApproved`], [`HqError::WaveEmpty`], [`HqError::NumberNotNewer`],
/// [`HqError::PublishingElsewhere`], [`HqError::Publish`] or what the disk says. A number that was given out to a signing that failed is not given out again.
pub fn publish(
    home: &Home,
    register: &mut Register,
    order: &PublishOrder,
    keys: &KeyFolder,
    now: Timestamp,
) -> Result<Published, HqError> {
    let _publishing = alone(home)?;
    offering::settle_alone(home, register, Unknown::Forget)?;
    // Where an import was cut off before it kept these out, they are on the list, and approved with it.
    crate::withdraw::keep_out(home, register)?;
    let standing = state(register)?;
    if standing.persons + standing.documents + standing.files == 0 {
        return Err(HqError::ListEmpty);
    }
    if standing.approvers.len() < APPROVERS_NEEDED {
        return Err(HqError::NotApproved {
            approvers: standing.approvers,
        });
    }
    approval::proven(home, &standing, keys)?;
    let waves = order.waves.as_ref();
    let first_wave = waves.map(|waves| rollout::first(home, waves)).transpose()?;
    let today = TimeZone::UTC.to_datetime(now).date();
    let expires_at = days_after(now, order.expires_in_days);
    let expired_entries = changes::make_current(register, &today.to_string())?;
    let release = files::release(register)?;
    software::in_waves(home, release.as_ref(), waves)?;
    let key = bulk::key(register)?;
    bulk::vouch(home, bulk::all(register)?)?;
    bulk::vouch(home, files::digests(register)?)?;

    // Looked at again under the write lock: what was set aside for this is what was approved.
    let (number, signing) = reserve(register, order, &standing, now, expires_at)?;
    // Before anything is made that would only be made again.
    ready(keys, &home.roots())?;
    let work = tempfile::Builder::new()
        .prefix(WORK)
        .tempdir_in(home.folder())
        .map_err(HqError::io(home.folder()))?;
    std::fs::create_dir_all(&order.out).map_err(HqError::io(&order.out))?;
    let out = std::path::absolute(&order.out).map_err(HqError::io(&order.out))?;
    let (persons, sources) = counted(register)?;
    let info = EditionInfo {
        number: EditionNumber(number),
        made_at: now,
        expires_at,
        persons,
        documents: 0,
        sources,
    };
    let content = prepare(
        home,
        register,
        work.path(),
        (out.as_path(), order.extent),
        info,
        &key,
    )?;
    offering::set_aside(
        register,
        &Offering {
            edition: number,
            out: &out,
            waves,
            line: content.line,
            begun_at: now,
        },
    )?;
    let files = seal::bundle::publish::publish(
        &home.bundle(),
        keys,
        &home.roots(),
        &out,
        &Release {
            edition: EditionNumber(number),
            signing,
            made_at: now,
            expires_at,
            rollout: first_wave,
        },
    )?;
    signed::keep(home, &out)?;
    offering::finish(home, register)?;
    if let (Some(release), Some(1)) = (&release, waves.map(Waves::len)) {
        // Its one wave was every box.
        software::note_everywhere(home, release, now)?;
    }
    bulk::sweep(home, register)?;
    Ok(Published {
        number,
        signing,
        digest: standing.digest,
        approvers: standing.approvers,
        persons: content.info.persons as usize,
        documents: content.info.documents as usize,
        expired_entries,
        expires_at,
        full: content.full,
        delta_bytes: content.delta_bytes,
        boxes: content.boxes,
        bytes: files.iter().map(|file| file.length).sum(),
        files: files.into_iter().map(|file| file.name).collect(),
        altered: content.altered,
        out,
    })
}

/// The persons in the temporary table `current`, and the sources that they come from.
fn counted(register: &Register) -> Result<(u64, Vec<String>), HqError> {
    let connection = &register.connection;
    let count = || -> rusqlite::Result<(u64, Vec<String>)> {
        let persons: i64 = connection.query_row(
            "SELECT count(*) FROM current WHERE kind = 'person'",
            [],
            |r| r.get(0),
        )?;
        let sources = connection
            .prepare(
                "SELECT DISTINCT json_extract(body, '$.provenance') FROM current
                 WHERE kind = 'person' ORDER BY 1",
            )?
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok((persons.unsigned_abs(), sources))
    };
    count().map_err(register.failed())
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
    let signed = signed::signings(register.home(), &order.out)?;
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
    let signing = signings.unsigned_abs().max(signed) + 1;
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
