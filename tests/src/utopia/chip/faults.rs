//! How a chip misbehaves.

use super::channel::Spoil;
use chip::files::FileId;

/// Changes the object that PACE answers in a step (1 to 4): given the step, their object's value, and ours.
pub type PaceChange = fn(step: u8, theirs: &[u8], ours: Vec<u8>) -> Vec<u8>;

/// How a chip misbehaves.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Not at all.
    None,
    /// Refuses lengths above this many bytes with 6700.
    Longest(u32),
    /// Answers longer lengths with 6Cxx.
    Instead(u8),
    /// Refuses to read past a file's end, with these words.
    Strict(u16),
    /// Answers lengths beyond the file's end with 6Cxx, and what is left.
    Left,
    /// Says 6282 with what is left where a file ends early.
    Warns,
    /// Sends at most so many bytes whatever is asked.
    Short(usize),
    /// Is gone after so many commands.
    Gone(usize),
    /// Is out of the field for a moment at each so-manieth command.
    Flickers(usize),
    /// Drops the session at that command and says so with this status, in the clear.
    Drops(usize, u16),
    /// Drops it whenever this file is chosen.
    DropsFor(FileId),
    /// Knows the application only by the form of SELECT that asks for an answer.
    AnswersSelect,
    /// Is out of the field at that command, and knows no PACE from then on.
    DisturbsPace(usize),
    /// Says 61xx for ever.
    Endless,
    /// Spoils every protected answer after opening.
    Spoils(Spoil),
    /// Spoils the answers to reading only.
    SpoilsReading(Spoil),
    /// Answers the n-th command of an instruction with a status of its own.
    Says(Says),
    /// Refuses PACE half way, with these words.
    PaceBroken(u16),
    /// Answers PACE otherwise.
    Pace(PaceChange),
    /// Answers BAC with a spoilt cryptogram or checksum: which byte of the forty.
    Basic(usize),
    /// Goes on under the old keys after chip authentication.
    OldKeys,
    /// Signs for active authentication over another nonce.
    WrongNonce,
    /// Answers each command a second time first (a chatty chip): a piece and 61xx, then the rest.
    Pieces(usize),
}

/// Which command is answered with which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says {
    /// Its instruction.
    pub instruction: u8,
    /// Its first parameter, where that matters.
    pub first: Option<u8>,
    /// Which of these, counted from one.
    pub nth: usize,
    /// The status.
    pub word: u16,
}

/// Which ways into the application a chip knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ways {
    /// BAC, and PACE where it is offered.
    #[default]
    All,
    /// PACE alone: the application cannot be chosen before it.
    PaceOnly,
    /// None is needed.
    Plain,
}

/// Whether a chip has the keys that its files name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The chip that was issued.
    Genuine,
    /// A copy of its files.
    Clone,
}
