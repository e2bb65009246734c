//! A switch that is believed once it has said the same for a while.

use core::time::Duration;

/// One bit with bounce taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steady {
    settle: Duration,
    is: bool,
    /// Since when the switch says otherwise.
    changing: Option<Duration>,
}

impl Steady {
    pub(crate) fn new(is: bool, settle: Duration) -> Self {
        Self {
            settle,
            is,
            changing: None,
        }
    }

    /// What is believed.
    pub(crate) fn is(&self) -> bool {
        self.is
    }

    /// Whether the switch said otherwise when it was heard last.
    pub(crate) fn is_changing(&self) -> bool {
        self.changing.is_some()
    }

    /// Hears what the switch says now; a change counts once it has stood for the whole while.
    pub(crate) fn hear(&mut self, says: bool, now: Duration) -> bool {
        if says == self.is {
            self.changing = None;
        } else {
            let since = *self.changing.get_or_insert(now);
            if now.saturating_sub(since) >= self.settle {
                self.is = says;
                self.changing = None;
            }
        }
        self.is
    }

    /// The switch could not be read: a change that was on its way begins anew.
    pub(crate) fn lost(&mut self) {
        self.changing = None;
    }
}
