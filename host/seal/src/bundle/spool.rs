//! The verifier's view of a bundle's folder: plain files of bounded size, and nothing outside it.
//!
//! `tough`'s own file transport does not undo percent-encoding, so a stick mounted under a name with a
//! blank could not be read; and it follows links and waits on pipes. This one reads names, not paths.

use async_trait::async_trait;
use futures_util::stream;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use tough::{Bytes, Transport, TransportError, TransportErrorKind, TransportStream};
use url::Url;

/// No metadata file of a box's bundle comes near this; a longer one is an attack or an accident.
pub(super) const METADATA_LIMIT_BYTES: u64 = 10 << 20;

/// Serves the files of one folder by their last name.
#[derive(Debug, Clone)]
pub(super) struct MetadataFolder(pub(super) PathBuf);

/// What keeps a file of the folder from being read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpoolFault {
    /// A link, a pipe, a folder.
    #[error("{0} is not a plain file")]
    NotPlain(String),
    /// Longer than the limit.
    #[error("{0} is too large")]
    TooLarge(String),
}

/// Opens a plain file without following a link, and without waiting for a pipe's other end; its length comes with it.
/// What was opened is what is judged: whoever may write in the folder has no moment in between to put another there.
pub(super) fn open_plain(path: &Path) -> std::io::Result<Option<(File, u64)>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        // A link; a socket.
        Err(Errno::LOOP | Errno::NXIO) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let about = file.metadata()?;
    Ok(about.is_file().then_some((file, about.len())))
}

/// The last name of a URL.
pub(super) fn file_name(url: &Url) -> String {
    url.path_segments()
        .and_then(|mut segments| segments.next_back())
        .unwrap_or_default()
        .to_owned()
}

#[async_trait]
impl Transport for MetadataFolder {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let name = file_name(&url);
        let bytes = self.read(&name, &url)?;
        Ok(Box::pin(stream::iter([Ok(Bytes::from(bytes))])))
    }
}

impl MetadataFolder {
    fn read(&self, name: &str, url: &Url) -> Result<Vec<u8>, TransportError> {
        let io = |e: std::io::Error| {
            let kind = match e.kind() {
                std::io::ErrorKind::NotFound => TransportErrorKind::FileNotFound,
                _ => TransportErrorKind::Other,
            };
            TransportError::new_with_cause(kind, url, e)
        };
        let fault = |fault: SpoolFault| {
            TransportError::new_with_cause(TransportErrorKind::Other, url, fault)
        };
        let Some((file, _)) = open_plain(&self.0.join(name)).map_err(io)? else {
            return Err(fault(SpoolFault::NotPlain(name.to_owned())));
        };
        let mut bytes = Vec::new();
        file.take(METADATA_LIMIT_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > METADATA_LIMIT_BYTES {
            return Err(fault(SpoolFault::TooLarge(name.to_owned())));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_plain_files_are_opened_and_nothing_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("plain"), "four").unwrap();
        std::os::unix::fs::symlink(at("plain"), at("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe"))
            .status();
        let (_, length) = open_plain(&at("plain")).unwrap().unwrap();
        assert_eq!(length, 4);
        for name in ["link", "socket", "."] {
            assert!(open_plain(&at(name)).unwrap().is_none(), "{name}");
        }
        if made.is_ok_and(|made| made.success()) {
            assert!(open_plain(&at("pipe")).unwrap().is_none());
        }
        let none = open_plain(&at("none")).unwrap_err();
        assert_eq!(none.kind(), std::io::ErrorKind::NotFound);
    }
}
