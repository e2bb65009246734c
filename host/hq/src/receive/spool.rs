//! Bodies that arrived in part: a link that breaks off takes up where it was. Kept in memory and forgotten
//! after a while; a box that finds nothing begins anew.

use super::server::Peer;
use seal::parcel::BATCH_LIMIT;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A part that nobody adds to is kept for so long.
const KEPT: Duration = Duration::from_secs(1800);
/// The parts together hold no more than this, in bytes; the oldest give way.
const ROOM: usize = 256 << 20;
/// What one part costs beside its bytes.
const AROUND: usize = 256;

/// Names one upload of a box: a digest of the body, made by the box.
pub(super) type UploadId = [u8; 16];

#[derive(Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    /// Counts who adds: a connection that was taken for dead may not add after its successor.
    turn: u64,
    touched: Option<Instant>,
}

/// The parts.
#[derive(Debug, Default)]
pub(super) struct Spool {
    parts: Mutex<HashMap<Peer, (UploadId, Part)>>,
}

/// The right to add to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn(u64);

impl Spool {
    fn parts(&self) -> MutexGuard<'_, HashMap<Peer, (UploadId, Part)>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much of this upload is here. Whoever was adding to it may not any more.
    pub(super) fn have(&self, peer: Peer, id: UploadId) -> usize {
        match self.parts().get_mut(&peer) {
            Some((held, part)) if *held == id => {
                part.turn += 1;
                part.bytes.len()
            }
            _ => 0,
        }
    }

    /// Begins to add at `offset`.
    ///
    /// # Errors
    /// How much is here, where that is another offset.
    pub(super) fn begin(
        &self,
        peer: Peer,
        id: UploadId,
        offset: usize,
        now: Instant,
    ) -> Result<Turn, usize> {
        let mut parts = self.parts();
        parts.retain(|_, (_, part)| part.touched.is_some_and(|at| now.duration_since(at) < KEPT));
        let used: usize = parts.values().map(|(_, p)| p.bytes.len() + AROUND).sum();
        if used > ROOM
            && let Some(oldest) = parts
                .iter()
                .min_by_key(|(_, (_, part))| part.touched)
                .map(|(peer, _)| *peer)
        {
            parts.remove(&oldest);
        }
        let entry = parts.entry(peer).or_insert_with(|| (id, Part::default()));
        if entry.0 != id {
            // A box sends one thing at a time: what it left unfinished before, it will begin anew.
            let turn = entry.1.turn;
            *entry = (
                id,
                Part {
                    turn,
                    ..Part::default()
                },
            );
        }
        let part = &mut entry.1;
        part.touched = Some(now);
        if part.bytes.len() != offset {
            return Err(part.bytes.len());
        }
        part.turn += 1;
        Ok(Turn(part.turn))
    }

    /// Adds what came; `None` where somebody else adds now, or it became too much.
    pub(super) fn add(
        &self,
        peer: Peer,
        id: UploadId,
        turn: Turn,
        bytes: &[u8],
        now: Instant,
    ) -> Option<usize> {
        let mut parts = self.parts();
        let (held, part) = parts.get_mut(&peer)?;
        if *held != id || part.turn != turn.0 || part.bytes.len() + bytes.len() > BATCH_LIMIT {
            return None;
        }
        part.bytes.extend_from_slice(bytes);
        part.touched = Some(now);
        Some(part.bytes.len())
    }

    /// What is here of an upload. It stays until the box begins another: an answer that was lost on its way is
    /// then asked for with the upload's name alone.
    pub(super) fn whole(&self, peer: Peer, id: UploadId) -> Option<Vec<u8>> {
        match self.parts().get(&peer) {
            Some((held, part)) if *held == id => Some(part.bytes.clone()),
            _ => None,
        }
    }

    /// Forgets what is here of a box's upload.
    pub(super) fn forget(&self, peer: Peer) {
        self.parts().remove(&peer);
    }
}
