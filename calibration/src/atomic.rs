//! Files that are there whole or not at all.

use crate::CalibrationError;
use std::io::Write;
use std::path::Path;

/// Writes a file beside its place and moves it there; what stood there before stays until then.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), CalibrationError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let written = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    written().map_err(|source| CalibrationError::Writing {
        path: path.to_owned(),
        source,
    })
}
