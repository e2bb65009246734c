//! What can go wrong at the press and behind the camera, named for what to do about it.

use std::path::PathBuf;

use rules::mrz::Format;

use super::fault::Fault;

/// Why nothing was pressed or photographed.
#[derive(Debug, thiserror::Error)]
pub enum UtopiaError {
    /// A fount is not on this machine: install the Debian package named.
    #[error("{} is absent: install the Debian package {package}", path.display())]
    FontAbsent {
        /// Where the fount was looked for.
        path: PathBuf,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// A fount is there and is no fount: reinstall the Debian package named.
    #[error("{} is not a readable fount: reinstall the Debian package {package}", path.display())]
    FontUnreadable {
        /// The file.
        path: PathBuf,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// A picture given to the press could not be read: give another.
    #[error("{} is not a readable picture: {source}", path.display())]
    PictureUnreadable {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: image::ImageError,
    },
    /// A picture could not be put into its file format.
    #[error("the picture could not be encoded: {0}")]
    PictureNotWritten(#[from] image::ImageError),
    /// The resolution asked for is outside what the press prints.
    #[error("{dpi} dpi is outside the press's range of 50 to 1200 dpi")]
    Resolution {
        /// What was asked for, in dots per inch.
        dpi: f32,
    },
    /// The traveller's particulars make no zone: change what is named.
    #[error("no zone can be made of these particulars: {0}")]
    Particulars(#[from] rules::mrz::GenerateError),
    /// The format has no such check digit.
    #[error("{fault} cannot be pressed on {}: this format has no such digit", format.as_str())]
    FaultDoesNotFit {
        /// The fault asked for.
        fault: Fault,
        /// The format asked for.
        format: Format,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
