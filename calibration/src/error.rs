//! What can go wrong at the technician's table, and the exit code that each cause has.

use models::ModelError;
use std::path::PathBuf;

/// Why a command was not answered.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// A table cannot be read: look at the file.
    #[error("{}: {source}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: csv::Error,
    },
    /// A row of a table cannot be used: mend the row.
    #[error("{}: row {row}: {why}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header not counted.
        row: usize,
        /// What does not fit.
        why: String,
    },
    /// The table names more than is held in memory: split it.
    #[error("{}: more than {most} {what}; split the table", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// Pictures or pairs.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// The table has no comparison of two pictures of one person, or none of two persons: add some.
    #[error("there are {mated} mated and {non_mated} non-mated comparisons; both kinds are needed")]
    NothingToCompare {
        /// Of one person.
        mated: usize,
        /// Of two persons.
        non_mated: usize,
    },
    /// The models are absent or broken: run `mpaka-models fetch`.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A picture cannot be read: look at the file.
    #[error("{}: {source}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: page::PictureError,
    },
    /// A target is not seen in its picture: lay it as the instruction says and take the picture again.
    #[error("the target `{target}` cannot be measured: {why}")]
    TargetNotSeen {
        /// Which target.
        target: &'static str,
        /// What does not fit.
        why: String,
    },
    /// The camera gives nothing: check the cable, or which camera was named.
    #[error(transparent)]
    Camera(#[from] page::source::SourceError),
    /// A frame cannot be used: take it again.
    #[error("a frame: {0}")]
    Frame(#[from] page::PictureError),
    /// The camera is open and gives no frame: check the cable.
    #[error("the camera gives no frame: check its cable")]
    NoFrame,
    /// The face chart needs the camera that travellers look into.
    #[error("no face camera was named: --face-camera")]
    NoFaceCamera,
    /// A part of the board does not do what it is told: the words say which.
    #[error("{0}")]
    Board(#[from] firmware::Fault),
    /// The board's description is wrong: mend it.
    #[error("{0}")]
    Description(#[from] firmware::board::description::DescriptionError),
    /// The board cannot be opened: close the desk, or see the words.
    #[error("{0}; the desk must be closed while the box is calibrated")]
    Pins(#[from] firmware::board::OpenError),
    /// What was photographed moved, or a lamp went out: hold still and take it again.
    #[error("the frames of one picture differ: it moved, or a lamp went out; take it again")]
    Moved,
    /// A lamp's light does not settle: shade the reader, close the lid; replace the lamp.
    #[error(
        "the {lamp}'s light does not settle (it changed by {percent:.1} % at last): shut the lid, shade the reader; a lamp that flickers is replaced"
    )]
    Unsteady {
        /// The lamp.
        lamp: &'static str,
        /// The last change between two looks, per cent.
        percent: f64,
    },
    /// The chessboard is seen in too few pictures: take more.
    #[error("the chessboard is seen whole in {seen} pictures; at least {least} are needed")]
    TooFewViews {
        /// In how many it is seen.
        seen: usize,
        /// How many are needed.
        least: usize,
    },
    /// The picture library refused: the words say which call and why.
    #[error("the picture library refused: {0}")]
    Library(#[from] opencv::Error),
    /// The session's file cannot be used: remove it and begin anew.
    #[error("{}: {why}", path.display())]
    Session {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// The session cannot be signed yet: do these steps.
    #[error("not signed; missing, out of tolerance or measured too long ago: {steps}")]
    NotReady {
        /// The steps.
        steps: String,
    },
    /// The box's key is absent or damaged: enrol the box.
    #[error(transparent)]
    Key(#[from] seal::SealError),
    /// The box's profile is not relied on: calibrate the box.
    #[error("{distrust}; {}", distrust.remedy())]
    Distrusted {
        /// Why.
        #[from]
        distrust: crate::sealed::Distrust,
    },
    /// The box has never been calibrated: calibrate it.
    #[error("this box has no profile: calibrate it")]
    NoProfile,
    /// What was measured makes no profile: measure again.
    #[error(transparent)]
    Profile(#[from] page::profile::ProfileError),
    /// The zone reader is broken: install the program again.
    #[error(transparent)]
    Reader(#[from] models::zone::ZoneReaderError),
    /// A report cannot be drawn.
    #[error("the report cannot be drawn: {0}")]
    Drawing(String),
    /// A report or policy cannot be written: look at the folder and the space on the disk.
    #[error("{}: {source}", path.display())]
    Writing {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The answer cannot be printed.
    #[error("the answer cannot be printed: {0}")]
    Output(std::io::Error),
}

impl CalibrationError {
    /// Whether it is mended by laying the target anew and taking the pictures again.
    #[must_use]
    pub fn is_for_another_try(&self) -> bool {
        matches!(
            self,
            Self::TargetNotSeen { .. }
                | Self::TooFewViews { .. }
                | Self::Frame(_)
                | Self::NoFrame
                | Self::Moved
                | Self::Unsteady { .. }
                | Self::Library(_)
        )
    }

    /// The exit code of the contract: 3 input unreadable, 4 something needed is absent.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Table { .. }
            | Self::Row { .. }
            | Self::TooMany { .. }
            | Self::NothingToCompare { .. }
            | Self::Picture { .. }
            | Self::TargetNotSeen { .. }
            | Self::TooFewViews { .. }
            | Self::Frame(_)
            | Self::Moved
            | Self::Unsteady { .. }
            | Self::Description(_)
            | Self::Session { .. } => 3,
            Self::Model(_)
            | Self::Camera(_)
            | Self::NoFrame
            | Self::NoFaceCamera
            | Self::Board(_)
            | Self::Pins(_)
            | Self::Library(_)
            | Self::NotReady { .. }
            | Self::Key(_)
            | Self::Distrusted { .. }
            | Self::NoProfile
            | Self::Reader(_)
            | Self::Profile(_)
            | Self::Drawing(_)
            | Self::Writing { .. }
            | Self::Output(_) => 4,
        }
    }
}
