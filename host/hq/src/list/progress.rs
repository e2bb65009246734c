//! A bar on standard error for what takes minutes; nothing where nobody watches, or for what is done at once.

use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;

/// Fewer documents than this are done before a bar is drawn.
const WORTH_A_BAR: u64 = 1_000_000;
/// The bar is moved after so many.
const STRIDE: u64 = 1 << 16;

/// A bar that counts.
pub(super) struct Progress {
    bar: ProgressBar,
    pending: Cell<u64>,
}

/// A bar over so many documents.
pub(super) fn of_documents(what: &'static str, count: u64) -> Progress {
    bar(
        what,
        count,
        "{msg} [{bar:40}] {human_pos}/{human_len} documents, {eta} left",
    )
}

/// A bar over so many bytes.
pub(super) fn of_bytes(what: &'static str, count: u64) -> Progress {
    bar(
        what,
        count,
        "{msg} [{bar:40}] {bytes}/{total_bytes}, {eta} left",
    )
}

/// A bar over so many photographs, each of which takes a twentieth of a second.
pub(super) fn of_photographs(count: u64) -> Progress {
    let template = "{msg} [{bar:40}] {pos}/{len}, {eta} left";
    drawn("describing faces", ProgressBar::new(count), template)
}

fn bar(what: &'static str, count: u64, template: &str) -> Progress {
    let bar = if count < WORTH_A_BAR {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(count)
    };
    drawn(what, bar, template)
}

fn drawn(what: &'static str, bar: ProgressBar, template: &str) -> Progress {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    Progress {
        bar,
        pending: Cell::new(0),
    }
}

impl Progress {
    /// One more.
    pub(super) fn one(&self) {
        self.pending.set(self.pending.get() + 1);
        if self.pending.get() >= STRIDE {
            self.bar.inc(self.pending.take());
        }
    }

    /// So far.
    pub(super) fn at(&self, position: u64) {
        if position >= self.bar.position() + STRIDE {
            self.bar.set_position(position);
        }
    }

    /// Done: the bar goes.
    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
