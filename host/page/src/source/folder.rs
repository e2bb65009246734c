//! A folder being filled: by a scanner's program, a copy over the network, a hand.
//!
//! Nobody says when a file is finished. A picture that decodes is whole, however young it is, for the
//! decoders refuse what stops before its end; what does not decode may still be growing, and is given up
//! once it has not changed for [`SETTLED`].

use super::still::lost;
use super::{Content, Next, Sight, Source, SourceError};
use crate::picture::read_bounded;
use crate::{Picture, PictureError};
use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A file that has not changed for so long is finished, whatever it holds.
pub const SETTLED: Duration = Duration::from_secs(2);
/// How often the folder is looked through.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The endings of picture files' names.
const ENDINGS: [&str; 13] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "bmp", "webp", "gif", "pnm", "ppm", "pgm",
];

/// What tells two states of a file apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// What is known of a file in the folder.
#[derive(Debug, Clone, Copy)]
struct Known {
    stamp: Stamp,
    since: Instant,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Seen in this state once.
    Fresh,
    /// Did not decode in this state.
    Unfinished,
    /// Given, or given up.
    Done,
}

/// A folder whose pictures are given as they become whole, the oldest first, beginning with those that
/// lie there already. A file that is changed or replaced counts anew. Files whose names begin with a dot
/// or do not end as a picture's are not looked at. Never ends.
#[derive(Debug)]
pub struct Folder {
    folder: PathBuf,
    known: HashMap<PathBuf, Known>,
}

impl Folder {
    /// Watches `folder`.
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] where it cannot be read.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let folder = folder.into();
        let found = Self {
            folder,
            known: HashMap::new(),
        };
        found.list()?;
        Ok(found)
    }

    /// The pictures in the folder now, the oldest first.
    fn list(&self) -> Result<Vec<(PathBuf, Stamp)>, SourceError> {
        let unreachable = |source| SourceError::Unreachable {
            path: self.folder.clone(),
            source,
        };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(unreachable)? {
            let path = entry.map_err(unreachable)?.path();
            // What is gone again by now, or no file, is nothing.
            if let Some(stamp) = is_picture_name(&path).then(|| stamp_of(&path)).flatten() {
                found.push((path, stamp));
            }
        }
        found.sort_by(|a, b| (a.1.modified, &a.0).cmp(&(b.1.modified, &b.0)));
        Ok(found)
    }

    /// Looks through the folder once.
    fn look(&mut self) -> Result<Option<Sight>, SourceError> {
        let listed = self.list()?;
        let present: HashSet<&Path> = listed.iter().map(|(path, _)| path.as_path()).collect();
        self.known
            .retain(|path, _| present.contains(path.as_path()));
        for (path, stamp) in listed {
            let now = Instant::now();
            let known = self.known.entry(path.clone()).or_insert(Known {
                stamp,
                since: now,
                stage: Stage::Fresh,
            });
            if known.stamp != stamp {
                *known = Known {
                    stamp,
                    since: now,
                    stage: Stage::Fresh,
                };
            }
            let settled = now - known.since >= SETTLED;
            let due = match known.stage {
                // Still being written within the last look: it would be decoded in vain.
                Stage::Fresh => now - known.since >= LOOK_EVERY || is_old(stamp),
                Stage::Unfinished => settled,
                Stage::Done => false,
            };
            if !due {
                continue;
            }
            let name = path.display().to_string();
            match Picture::open(&path) {
                // Overwritten while it was read: look again.
                _ if stamp_of(&path) != Some(stamp) => {}
                Ok(picture) => {
                    known.stage = Stage::Done;
                    return Ok(Some(Sight {
                        name,
                        content: Content::Frame(picture),
                    }));
                }
                Err(why) if settled || is_old(stamp) => {
                    known.stage = Stage::Done;
                    return Err(lost(name, why));
                }
                Err(_) => known.stage = Stage::Unfinished,
            }
        }
        Ok(None)
    }
}

impl Source for Folder {
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError> {
        let begun = Instant::now();
        loop {
            if let Some(sight) = self.look()? {
                return Ok(Next::Sight(sight));
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(Next::NothingYet);
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }
}

/// The newest file in `folder` whose name before the dot is `stem`, if there is one.
///
/// # Errors
/// What the system says of the folder.
pub fn newest(folder: &Path, stem: &str) -> io::Result<Option<PathBuf>> {
    newest_of(folder, |path| path.file_stem().is_some_and(|s| s == stem))
}

/// The newest picture in `folder`, whatever it is called, if there is one.
///
/// # Errors
/// What the system says of the folder.
pub fn newest_picture(folder: &Path) -> io::Result<Option<PathBuf>> {
    newest_of(folder, is_picture_name)
}

fn newest_of(folder: &Path, counts: impl Fn(&Path) -> bool) -> io::Result<Option<PathBuf>> {
    let mut found: Option<(SystemTime, PathBuf)> = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !counts(&path) {
            continue;
        }
        // What is gone again by now, as a scanner's draft is, or no file, is nothing.
        let Some(modified) = stamp_of(&path).and_then(|stamp| stamp.modified) else {
            continue;
        };
        if found.as_ref().is_none_or(|(newest, _)| modified > *newest) {
            found = Some((modified, path));
        }
    }
    Ok(found.map(|(_, path)| path))
}

/// The bytes of a picture file of at most `most_bytes`, once it is whole. Where it is not whole within
/// [`SETTLED`], its bytes as they are: whoever decodes them says what is wrong.
///
/// # Errors
/// [`PictureError::Unreadable`], [`PictureError::TooManyBytes`].
pub fn whole_file(path: &Path, most_bytes: u64) -> Result<Vec<u8>, PictureError> {
    let begun = Instant::now();
    loop {
        let before = stamp_of(path);
        let bytes = read_bounded(path, most_bytes)?;
        let unchanged = before == stamp_of(path);
        let finished = before.is_some_and(is_old) || begun.elapsed() >= SETTLED;
        if unchanged && (finished || Picture::decode(&bytes).is_ok()) {
            return Ok(bytes);
        }
        if begun.elapsed() >= 2 * SETTLED {
            return Ok(bytes);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The state of a file; `None` where there is none, or something that is no file.
fn stamp_of(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    metadata.is_file().then(|| Stamp::of(&metadata))
}

/// Whether a file was last changed so long ago that it is finished. A time in the future, as a drive
/// across the network may give, says nothing.
fn is_old(stamp: Stamp) -> bool {
    stamp
        .modified
        .and_then(|m| m.elapsed().ok())
        .is_some_and(|age| age >= SETTLED)
}

/// Whether a file's name is a picture's.
fn is_picture_name(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_none_or(|n| n.as_encoded_bytes().starts_with(b"."));
    !hidden
        && path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(e)))
}
