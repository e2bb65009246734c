//! Still files, in the order in which they are named.

use super::{Content, Next, Sight, Source, SourceError};
use crate::{Picture, PictureError};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

/// Still files, each given once.
#[derive(Debug, Clone)]
pub struct Stills {
    left: VecDeque<PathBuf>,
}

impl Stills {
    /// These files, in this order.
    #[must_use]
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            left: paths.into_iter().collect(),
        }
    }
}

impl Source for Stills {
    fn next(&mut self, _: Duration) -> Result<Next, SourceError> {
        let Some(path) = self.left.pop_front() else {
            return Ok(Next::Ended);
        };
        let name = path.display().to_string();
        match Picture::open(&path) {
            Ok(picture) => Ok(Next::Sight(Sight {
                name,
                content: Content::Frame(picture),
            })),
            Err(source) => Err(lost(name, source)),
        }
    }
}

/// A picture that could not be had, with its name said once.
pub(super) fn lost(name: String, source: PictureError) -> SourceError {
    SourceError::Picture { name, source }
}
