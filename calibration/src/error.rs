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
    /// The exit code of the contract: 3 input unreadable, 4 something needed is absent.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Table { .. }
            | Self::Row { .. }
            | Self::TooMany { .. }
            | Self::NothingToCompare { .. } => 3,
            Self::Model(_) | Self::Drawing(_) | Self::Writing { .. } | Self::Output(_) => 4,
        }
    }
}
