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

#[derive(Debug, Default)]
struct Parts {
    held: HashMap<(Peer, UploadId), Part>,
    /// The turn given out last, over all parts.
    turns: u64,
}

impl Parts {
    fn next_turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }
}

/// The parts.
#[derive(Debug, Default)]
pub(super) struct Spool {
    parts: Mutex<Parts>,
}

/// The right to add to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn(u64);

impl Spool {
    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much of this upload is here. Whoever was adding to it may not any more.
    pub(super) fn have(&self, peer: Peer, id: UploadId) -> usize {
        let mut parts = self.parts();
        let turn = parts.next_turn();
        parts.held.get_mut(&(peer, id)).map_or(0, |part| {
            part.turn = turn;
            part.bytes.len()
        })
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
        // A box sends one thing at a time: what it left unfinished before, it will begin anew. Behind a proxy many
        // boxes are one peer, and each goes on with its own.
        let one_box = matches!(peer, Peer::Device(_));
        parts.held.retain(|(of, held), part| {
            let fresh = part.touched.is_some_and(|at| now.duration_since(at) < KEPT);
            let left = one_box && *of == peer && *held != id;
            fresh && !left
        });
        let used: usize = parts.held.values().map(|p| p.bytes.len() + AROUND).sum();
        if used > ROOM {
            let oldest = parts.held.iter().min_by_key(|(_, part)| part.touched);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                parts.held.remove(&oldest);
            }
        }
        let turn = parts.next_turn();
        let part = parts.held.entry((peer, id)).or_default();
        part.touched = Some(now);
        if part.bytes.len() != offset {
            return Err(part.bytes.len());
        }
        part.turn = turn;
        Ok(Turn(turn))
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
        let part = parts.held.get_mut(&(peer, id))?;
        if part.turn != turn.0 || part.bytes.len() + bytes.len() > BATCH_LIMIT {
            return None;
        }
        part.bytes.extend_from_slice(bytes);
        part.touched = Some(now);
        Some(part.bytes.len())
    }

    /// What is here of an upload. It stays until the box begins another: an answer that was lost on its way is
    /// then asked for with the upload's name alone.
    pub(super) fn whole(&self, peer: Peer, id: UploadId) -> Option<Vec<u8>> {
        let parts = self.parts();
        parts.held.get(&(peer, id)).map(|part| part.bytes.clone())
    }

    /// Forgets what is here of an upload.
    pub(super) fn forget(&self, peer: Peer, id: UploadId) {
        self.parts().held.remove(&(peer, id));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use seal::device::DevicePublic;

    const ONE: UploadId = [1; 16];
    const OTHER: UploadId = [2; 16];

    #[test]
    fn boxes_behind_a_proxy_do_not_take_one_anothers_uploads() {
        let (spool, now) = (Spool::default(), Instant::now());
        let proxy = Peer::Loopback;
        let one = spool.begin(proxy, ONE, 0, now).unwrap();
        let other = spool.begin(proxy, OTHER, 0, now).unwrap();
        assert_eq!(spool.add(proxy, ONE, one, b"ab", now), Some(2));
        assert_eq!(spool.add(proxy, OTHER, other, b"c", now), Some(1));
        assert_eq!(spool.whole(proxy, ONE).unwrap(), b"ab");
    }

    #[test]
    fn a_box_sends_one_thing_at_a_time() {
        let (spool, now) = (Spool::default(), Instant::now());
        let peer = Peer::Device(DevicePublic::from_bytes([1; 32]));
        let first = spool.begin(peer, ONE, 0, now).unwrap();
        assert_eq!(spool.add(peer, ONE, first, b"ab", now), Some(2));
        spool.begin(peer, OTHER, 0, now).unwrap();
        assert_eq!(spool.have(peer, ONE), 0);
        // A connection that was taken for dead may not add to what was begun anew.
        spool.begin(peer, ONE, 0, now).unwrap();
        assert_eq!(spool.add(peer, ONE, first, b"cd", now), None);
    }
}
