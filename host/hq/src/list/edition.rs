//! Two people approve, then an edition is made of the list and signed.

use super::offering::{self, Line, Offering, Unknown};
use super::{ListState, bulk, changes, faces, files, progress, signed, state};
use crate::HqError;
use crate::approval;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::keyring::role_keys;
use crate::parcels::as_column;
use crate::register::Register;
use crate::rollout::{self, Waves};
use crate::software;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rules::{EditionNumber, OfficerId};
use rusqlite::{TransactionBehavior, params};
use seal::bundle::items::{self, Item};
use seal::bundle::publish::{KeyFolder, Release, ready};
use seal::content::{EpochKey, KeyRing};
use seal::durable::{self, Readers};
use seal::sealing::SealingPublic;
use serde::Serialize;
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use watchlist::build::{EditionBuilder, EditionHeader};
use watchlist::gallery::GalleryModel;
use watchlist::{EditionInfo, PersonEntry};

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

/// What was put into the bundle.
struct Content {
    info: EditionInfo,
    full: bool,
    delta_bytes: Option<u64>,
    boxes: usize,
    /// Where the line stands with it.
    line: Line,
    altered: Vec<String>,
}

/// Puts the edition's encrypted files into the bundle folder, beside those that were signed before and are what they
/// were. A full edition is made where there is none, where it is asked for, and after many steps; the step is made
/// wherever there is an edition before, so that no box that has one needs the full one.
fn prepare(
    home: &Home,
    register: &mut Register,
    work: &Path,
    (out, extent): (&Path, Extent),
    mut info: EditionInfo,
    key: &[u8; 16],
) -> Result<Content, HqError> {
    let bundle = home.bundle();
    std::fs::create_dir_all(&bundle).map_err(HqError::io(&bundle))?;
    durable::sweep(&bundle, &[durable::LEFTOVER]).map_err(HqError::io(&bundle))?;
    let vouched = match extent {
        Extent::Anew => signed::vouch(home, &[])?,
        Extent::AsDue | Extent::Full => signed::vouch(home, &[&home.signed(), out])?,
    };
    let line = Line::read(register)?;
    let mut held = bundled(&bundle)?;
    let (keys, boxes) = wrap_keys(home, register)?;
    let epoch = keys.newest().ok_or(seal::SealError::NoRandomness)?.clone();
    let put = |item: &Item, from: &mut dyn Read| seal_into(&bundle, &epoch, item, from);

    let steps = held
        .iter()
        .filter(|item| matches!(item, Item::Delta { from, .. } if line.is_some_and(|l| *from >= l.base)))
        .count();
    let mut step = None;
    let model = faces::model_of(register, "current")?;
    // Faces that another model made are searched by no box that has the ones before: all are sent anew.
    let before = faces::model_of(register, "listed")?;
    let remade = model.is_some() && before.is_some() && model != before;
    if let Some(line) = line.filter(|line| !remade && line.stands(&held, &vouched.lacking)) {
        let mut delta =
            changes::since(home, register, EditionNumber(line.last), info.clone(), key)?;
        for person in &mut delta.put_persons {
            faces::keep(person, model.as_ref());
        }
        let changed = delta.put_documents.len() + delta.gone_documents.len();
        let few = changed <= MOST_CHANGES && delta.put_persons.len() <= MOST_PERSONS;
        if few && changes::fits(&delta) {
            step = Some((line, delta));
        }
    }
    let full = step.is_none() || extent == Extent::Full || steps >= MOST_STEPS;
    let line = if full {
        let folder = work.join("base");
        info = build(home, register, work, &folder, &info, key, model.as_ref())?;
        for entry in std::fs::read_dir(&folder).map_err(HqError::io(&folder))? {
            let path = entry.map_err(HqError::io(&folder))?.path();
            let part = path.file_name().unwrap_or_default().to_string_lossy();
            let item = Item::Base {
                edition: info.number.0,
                part: part.into_owned(),
            };
            let mut file = File::open(&path).map_err(HqError::io(&path))?;
            put(&item, &mut file)?;
            held.push(item);
        }
        std::fs::remove_dir_all(&folder).map_err(HqError::io(&folder))?;
        Line {
            base: info.number.0,
            last: info.number.0,
            documents: info.documents,
        }
    } else {
        let (before, delta) = step.as_ref().ok_or(HqError::ListEmpty)?;
        info.documents = (before.documents + delta.put_documents.len() as u64)
            .saturating_sub(delta.gone_documents.len() as u64);
        Line {
            last: info.number.0,
            documents: info.documents,
            ..*before
        }
    };
    let mut delta_bytes = None;
    if let Some((before, mut delta)) = step {
        delta.info = info.clone();
        let item = Item::Delta {
            from: before.last,
            to: info.number.0,
        };
        put(&item, &mut delta.to_bytes().as_slice())?;
        let path = bundle.join(item.to_string());
        delta_bytes = Some(std::fs::metadata(&path).map_err(HqError::io(path))?.len());
        held.push(item);
    }
    for item in files::seal_new(home, register, &bundle, &epoch)? {
        held.push(item);
    }
    durable::sync_folder(&bundle).map_err(HqError::io(&bundle))?;
    let kept = files::carried(register)?;
    prune(&bundle, &held, &line, &kept)?;
    Ok(Content {
        info,
        full,
        delta_bytes,
        boxes,
        line,
        altered: vouched.altered,
    })
}

/// After so many steps since the newest full edition a full one is made.
const MOST_STEPS: usize = 60;
/// So many steps are kept, so that a box that was long away need not fetch a full edition.
const STEPS_KEPT: usize = 120;
/// A step of more documents than this is no step.
const MOST_CHANGES: usize = 4_000_000;
/// A step of more persons than this is no step.
const MOST_PERSONS: usize = 50_000;

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

/// Writes the full edition's files into `folder`.
fn build(
    home: &Home,
    register: &Register,
    work: &Path,
    folder: &Path,
    info: &EditionInfo,
    key: &[u8; 16],
    model: Option<&GalleryModel>,
) -> Result<EditionInfo, HqError> {
    let mut builder = EditionBuilder::with_key(*key).spooling_in(work);
    let failed = register.failed();
    let mut query = register
        .connection
        .prepare("SELECT kind, body FROM current ORDER BY key")
        .map_err(&failed)?;
    let mut rows = query.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let kind: String = row.get(0).map_err(&failed)?;
        let body: String = row.get(1).map_err(&failed)?;
        let unreadable = |e: serde_json::Error| HqError::unreadable(home.register(), &e);
        if kind == "person" {
            let mut person: PersonEntry = serde_json::from_str(&body).map_err(unreadable)?;
            faces::keep(&mut person, model);
            builder.add_person(person)?;
        } else {
            builder.add_document(serde_json::from_str(&body).map_err(unreadable)?)?;
        }
    }
    let bulk_documents = bulk::count(register)?;
    let progress = progress::of_documents("building", bulk_documents);
    for file in bulk::all(register)? {
        for digest in bulk::open(home, Some(&file))? {
            builder.add_digest(digest.map_err(HqError::io(home.content()))?)?;
            progress.one();
        }
    }
    progress.done();
    Ok(builder.write(
        folder,
        &EditionHeader {
            number: info.number,
            made_at: info.made_at,
            expires_at: info.expires_at,
            sources: info.sources.clone(),
        },
    )?)
}

/// The epoch keys, the newest of which encrypts; each wrapped to every enrolled box. Where a box that had a key is
/// enrolled no more, a new epoch begins: what is made from now on, it cannot read.
fn wrap_keys(home: &Home, register: &Register) -> Result<(KeyRing, usize), HqError> {
    let boxes = register.sealing_keys()?;
    let known = home.epochs().join("boxes.json");
    let before: Vec<SealingPublic> = match std::fs::read(&known) {
        Ok(text) => serde_json::from_slice(&text).map_err(|e| HqError::unreadable(&known, &e))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(source) => {
            return Err(HqError::Io {
                path: known,
                source,
            });
        }
    };
    let mut ring = KeyRing::open(&home.epochs())?;
    let revoked = before.iter().any(|key| !boxes.contains(key));
    match ring.newest().map(EpochKey::epoch) {
        None => ring.keep(&home.epochs(), EpochKey::draw(1)?)?,
        Some(epoch) if revoked => ring.keep(&home.epochs(), EpochKey::draw(epoch + 1)?)?,
        Some(_) => {}
    }
    let changed = before != boxes;
    for key in ring.keys() {
        let path = home
            .bundle()
            .join(Item::Keys { epoch: key.epoch() }.to_string());
        // Wrapping is not repeatable: an unchanged file stays as it is.
        if changed || !path.is_file() {
            let wrapped = key.wrap(&boxes)?;
            durable::replace(&path, &wrapped, Readers::Anyone).map_err(HqError::io(&path))?;
        }
    }
    if changed {
        let text = serde_json::to_vec(&boxes).expect("keys are hexadecimal texts");
        durable::replace(&known, &text, Readers::Owner).map_err(HqError::io(&known))?;
    }
    Ok((ring, boxes.len()))
}

/// Encrypts a file into the bundle folder, durably, under its item's name.
pub(super) fn seal_into(
    bundle: &Path,
    key: &EpochKey,
    item: &Item,
    from: &mut dyn Read,
) -> Result<(), HqError> {
    let name = item.to_string();
    lay_into(bundle, &name, |out| {
        let mut buffered = std::io::BufWriter::with_capacity(1 << 20, out);
        key.encrypt(&name, from, &mut buffered)?;
        buffered.flush().map_err(HqError::io(bundle))
    })
}

/// Writes a file into the bundle folder, durably, under this name.
pub(super) fn lay_into(
    bundle: &Path,
    name: &str,
    write: impl FnOnce(&mut File) -> Result<(), HqError>,
) -> Result<(), HqError> {
    let mut out = tempfile::Builder::new()
        .prefix(durable::LEFTOVER)
        .tempfile_in(bundle)
        .map_err(HqError::io(bundle))?;
    write(out.as_file_mut())?;
    out.as_file().sync_all().map_err(HqError::io(bundle))?;
    out.persist(bundle.join(name))
        .map_err(|e| HqError::io(bundle)(e.error))?;
    Ok(())
}

/// What lies in the bundle folder.
fn bundled(bundle: &Path) -> Result<Vec<Item>, HqError> {
    let mut held = Vec::new();
    for entry in std::fs::read_dir(bundle).map_err(HqError::io(bundle))? {
        let name = entry.map_err(HqError::io(bundle))?.file_name();
        held.extend(name.to_str().and_then(items::parse));
    }
    Ok(held)
}

/// Removes what the newest line has no use for.
fn prune(bundle: &Path, held: &[Item], line: &Line, kept: &[Item]) -> Result<(), HqError> {
    let mut steps: Vec<u64> = held
        .iter()
        .filter_map(|item| match item {
            Item::Delta { to, .. } => Some(*to),
            _ => None,
        })
        .collect();
    steps.sort_unstable();
    let oldest = steps
        .len()
        .checked_sub(STEPS_KEPT)
        .and_then(|n| steps.get(n).copied())
        .unwrap_or(0)
        .min(line.base);
    for item in held {
        let useful = match item {
            Item::Keys { .. } => true,
            Item::Base { edition, .. } => *edition == line.base,
            Item::Delta { to, .. } => *to >= oldest && *to <= line.last,
            Item::File { .. } => kept.contains(item),
        };
        let path = bundle.join(item.to_string());
        if !useful && path.exists() {
            std::fs::remove_file(&path).map_err(HqError::io(&path))?;
        }
    }
    Ok(())
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
