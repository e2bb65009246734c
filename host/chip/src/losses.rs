//! Sessions that are lost while a chip is read (a moment out of the field, a checksum that does not fit, a chip
//! that drops its session), and how often each is begun anew.

use crate::apdu::Status;
use crate::error::ChipError;
use crate::files::FileId;
use crate::transceiver::TransceiverError;

/// Times that a lost session is begun anew without a byte more of any file.
const AGAIN: usize = 2;

/// Times that it is begun anew in all.
const AGAIN_IN_ALL: usize = 32;

/// Whether a session may be had again after this.
pub(crate) fn is_session_lost(error: &ChipError) -> bool {
    match error {
        ChipError::Transceiver(TransceiverError::CardLost) | ChipError::SecureMessaging { .. } => {
            true
        }
        ChipError::RefusedUnprotected { status } => is_session_over(*status),
        _ => false,
    }
}

/// What a chip that has dropped its session says, in the clear (Doc 9303-11 section 9.8.2): not without secure
/// messaging, not in this state, objects missing or wrong.
pub(crate) fn is_session_over(status: Status) -> bool {
    matches!(status.0, 0x6982 | 0x6985 | 0x6987 | 0x6988)
}

/// How often sessions were lost, and with what.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    in_all: usize,
    without_progress: usize,
    had: usize,
    at: Option<FileId>,
}

/// What to do about a lost session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Begin it anew and go on from here.
    GoOn,
    /// The chip drops the session at each word of this file: begin it anew and go on without the file.
    LeaveFile,
    /// The chip does not stay.
    GiveUp,
}

impl Losses {
    /// One more was lost, at this file, with so many bytes of files had until then.
    pub(crate) fn one_more(&mut self, id: FileId, had: usize, error: &ChipError) -> Loss {
        let is_stuck = had <= self.had;
        let is_refused = matches!(error, ChipError::RefusedUnprotected { .. });
        let before = self.at.replace(id);
        if is_stuck && is_refused && before == Some(id) {
            return Loss::LeaveFile;
        }
        self.without_progress = match is_stuck {
            true => self.without_progress + 1,
            false => 1,
        };
        self.had = self.had.max(had);
        self.in_all += 1;
        match self.without_progress > AGAIN || self.in_all > AGAIN_IN_ALL {
            true => Loss::GiveUp,
            false => Loss::GoOn,
        }
    }
}
