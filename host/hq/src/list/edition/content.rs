//! What an edition is made of: the list as steps or whole, the files beside it, the keys for the boxes, all laid into
//! the bundle folder.

use super::Extent;
use crate::HqError;
use crate::home::Home;
use crate::list::offering::Line;
use crate::list::{bulk, changes, faces, files, progress, signed};
use crate::register::Register;
use rules::EditionNumber;
use seal::bundle::items::{self, Item};
use seal::content::{EpochKey, KeyRing};
use seal::durable::{self, Readers};
use seal::sealing::SealingPublic;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use watchlist::build::{EditionBuilder, EditionHeader};
use watchlist::gallery::GalleryModel;
use watchlist::{EditionInfo, PersonEntry};

/// What was put into the bundle.
pub(super) struct Content {
    pub(super) info: EditionInfo,
    pub(super) full: bool,
    pub(super) delta_bytes: Option<u64>,
    pub(super) boxes: usize,
    /// Where the line stands with it.
    pub(super) line: Line,
    pub(super) altered: Vec<String>,
}

/// Puts the edition's encrypted files into the bundle folder, beside those that were signed before and are what they
/// were. A full edition is made where there is none, where it is asked for, and after many steps; the step is made
/// wherever there is an edition before, so that no box that has one needs the full one.
pub(super) fn prepare(
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
pub(in crate::list) fn seal_into(
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
pub(in crate::list) fn lay_into(
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
