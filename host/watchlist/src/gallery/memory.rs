//! Memory that is read from end to end: in large pages where the system has them.
//!
//! In pages of 4 KiB a pass over a million templates waits on the processor's page tables for more
//! than half of its time (measured in a virtual machine).

use memmap2::{Advice, MmapMut};
use zeroize::Zeroize;

/// Bytes that belong to nobody else, zeros at first, wiped when they are dropped.
pub(super) struct Memory(Bytes);

enum Bytes {
    Mapped(MmapMut),
    /// Where the system gives no mapping of this length (none is of no bytes).
    Plain(Vec<u8>),
}

impl Memory {
    /// So many zeros.
    pub(super) fn zeros(length: usize) -> Self {
        Self(match MmapMut::map_anon(length) {
            Ok(mapped) => {
                // Without large pages it is slower and no less right.
                let _ = mapped.advise(Advice::HugePage);
                Bytes::Mapped(mapped)
            }
            Err(_) => Bytes::Plain(vec![0; length]),
        })
    }
}

impl std::ops::Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(mapped) => mapped,
            Bytes::Plain(bytes) => bytes,
        }
    }
}

impl std::ops::DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Bytes::Mapped(mapped) => mapped,
            Bytes::Plain(bytes) => bytes,
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.zeroize();
    }
}
