//! Where sights of documents come from: still files, a folder being filled, a video, a camera, or a swipe
//! reader, all behind one trait, [`Source`].
//!
//! A swipe reader's line is a device of the post; the parser of what it sends, [`framing`], is here.

mod camera;
pub mod folder;
mod frames;
pub mod framing;
mod still;
mod video;

pub use camera::{Camera, CameraAt};
pub use folder::Folder;
pub use still::Stills;
pub use video::Video;

use crate::{Picture, PictureError};
use framing::TextError;
use std::path::PathBuf;
use std::time::Duration;

/// One thing that a source gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Where it came from: a path, a path and a frame's number, a device. For messages and answers.
    pub name: String,
    /// What it shows.
    pub content: Content,
}

/// What a sight holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A picture, upright.
    Frame(Picture),
    /// The lines of a zone as a reader sent them: capitals, one `\n` between two lines, right in number and
    /// length for a format, and not checked any further.
    ZoneText(String),
}

/// What a source answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The next sight.
    Sight(Sight),
    /// Nothing within the time given; ask again.
    NothingYet,
    /// There will never be another.
    Ended,
}

/// Whether a source goes on after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One sight is lost; the next may be fine.
    OneSight,
    /// The source gives nothing more until it is opened again.
    WholeSource,
}

/// Why there is no sight.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// One picture cannot be used: take it again.
    #[error("{}", said(.name, .source))]
    Picture {
        /// The picture.
        name: String,
        /// What is wrong with it.
        source: PictureError,
    },
    /// What a swipe reader sent is no zone: swipe again.
    #[error("{name}: {source}")]
    Text {
        /// The reader.
        name: String,
        /// What is wrong with it.
        source: TextError,
    },
    /// A file, folder or device cannot be reached: check the path, the cable or the permissions.
    #[error("{path}: {source}")]
    Unreachable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A video or camera cannot be opened: check its name, and whether another program holds it.
    #[error("{name} cannot be opened: {why}")]
    NotOpened {
        /// The video or camera.
        name: String,
        /// What is known of the cause.
        why: String,
    },
    /// A device that was open gives nothing more: check the cable, and open it again.
    #[error("{name} gives nothing any more: {why}")]
    Lost {
        /// The device.
        name: String,
        /// What is known of the cause.
        why: String,
    },
}

/// A picture's error with its name, which that of a file says already.
fn said(name: &str, source: &PictureError) -> String {
    match source {
        PictureError::Unreadable { .. } => source.to_string(),
        _ => format!("{name}: {source}"),
    }
}

impl SourceError {
    /// Whether the source goes on.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::Picture { .. } | Self::Text { .. } => Reach::OneSight,
            Self::Unreachable { .. } | Self::NotOpened { .. } | Self::Lost { .. } => {
                Reach::WholeSource
            }
        }
    }
}

/// Something that gives sights of documents, one after another.
///
/// Contract:
/// - `next` answers as soon as there is a sight, and otherwise after `patience`, give or take the time
///   that the device needs for one frame and the decoder for one picture. `patience` zero asks what is
///   there now.
/// - Every sight is given once, in the order in which it came to be; a live camera may leave out frames
///   that nobody asked for in time, files are never left out.
/// - After [`Next::Ended`], and after an error that reaches the [whole source](Reach::WholeSource), every
///   further call ends the same way. After an error that reaches one sight, the next call goes on.
/// - What it gives comes from outside and is not trusted: bounded in size, never a panic.
pub trait Source: Send {
    /// The next sight.
    ///
    /// # Errors
    /// [`SourceError`], one for every sight that was lost.
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError>;
}
