//! How the appliance gets its memory: an inspection takes pictures of tens of megabytes, and a box inspects for
//! weeks.
//!
//! Left to itself, glibc keeps what was freed for the thread that freed it, one heap for each, and raises the size
//! from which a buffer is taken from the system and given back to it until pictures no longer count as large. An
//! inspection's threads are new each time: after some hundred travellers the heaps held twice what was in use, and
//! grew. With one limit that stays where it is, a picture's memory goes back to the system when the picture is
//! dropped: the box's memory stays flat, and nothing of a traveller lies in a heap that nobody uses.
//!
//! The library takes these words from the environment at the start of a program alone, so the program starts itself
//! once more with them, as the same process.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Where glibc looks for its settings; other C libraries do not look.
const SETTINGS: &str = "GLIBC_TUNABLES";
/// Two heaps; buffers of 256 KiB and more are the system's; no more than as much is kept of what is free.
const SETTLED: &str = "glibc.malloc.arena_max=2:glibc.malloc.mmap_threshold=262144:glibc.malloc.trim_threshold=262144";

/// Starts this program again with its memory settled, in its own place; returns where that has been done already,
/// where whoever started it has settings of their own, or with why it cannot be.
pub(super) fn settle() -> io::Result<()> {
    if std::env::var_os(SETTINGS).is_some() {
        return Ok(());
    }
    let mut words = std::env::args_os();
    let name = words.next();
    let mut again = Command::new(std::env::current_exe()?);
    if let Some(name) = &name {
        again.arg0::<&OsStr>(name);
    }
    // Returns only where the system refuses.
    Err(again.args(words).env(SETTINGS, SETTLED).exec())
}
