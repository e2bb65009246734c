//! The hash chain under the ledger: each line's hash covers the line before, so that no line can be
//! altered, dropped or moved without every later hash changing.

use crate::{SealError, wire};
use rules::PostId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a chain stands: the number of its last line, and that line's hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Head {
    /// The last line's number, from 1; 0 before the first line.
    pub line: u64,
    /// SHA-256 over the purpose, the previous hash, the line's number and the line.
    #[serde(with = "serde_bytes")]
    pub hash: [u8; 32],
}

impl Head {
    /// The chain of this post before its first line. One post's chain never passes for another's.
    #[must_use]
    pub fn start(post: &PostId) -> Self {
        Self {
            line: 0,
            hash: wire::digest("mpaka ledger start v1", &[post.as_str().as_bytes()]),
        }
    }

    /// Headquarters' own chain before its first line.
    #[must_use]
    pub fn start_of_headquarters() -> Self {
        Self {
            line: 0,
            hash: wire::digest("mpaka headquarters ledger start v1", &[]),
        }
    }

    /// The chain after one more line.
    #[must_use]
    pub fn link(&self, line: &[u8]) -> Self {
        let number = self.line + 1;
        Self {
            line: number,
            hash: wire::digest(
                "mpaka ledger line v1",
                &[&self.hash, &number.to_be_bytes(), line],
            ),
        }
    }

    /// Follows lines with the heads they were stored with, and returns the last head.
    ///
    /// # Errors
    /// [`SealError::ChainBroken`] with the first line that does not follow.
    pub fn follow<L: AsRef<[u8]>>(
        self,
        lines: impl IntoIterator<Item = (Head, L)>,
    ) -> Result<Self, SealError> {
        lines.into_iter().try_fold(self, |before, (stored, line)| {
            let after = before.link(line.as_ref());
            if after == stored {
                Ok(after)
            } else {
                Err(SealError::ChainBroken { line: after.line })
            }
        })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, hex::encode(self.hash))
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}
