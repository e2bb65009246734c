//! A copy of the database as it stands at one moment, for a backup.

use crate::{Store, StoreError};
use std::io;
use std::path::Path;

impl Store {
    /// Writes a copy of the database into a file that is not there yet: all that is committed and nothing else,
    /// encrypted under the same key, without the room of what was erased. The store goes on as it was.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] where the copy has no room, and the other errors of a disk; what was written of the
    /// copy is then worth nothing. [`StoreError::Refused`] where the file is there already.
    pub fn snapshot(&self, to: &Path) -> Result<(), StoreError> {
        let name = to
            .to_str()
            .ok_or_else(|| StoreError::disk(to)(io::ErrorKind::InvalidInput.into()))?;
        // The copy is attached without a key of its own, and SQLCipher then gives it the store's.
        self.connection
            .execute("VACUUM INTO ?1", [name])
            .map(drop)
            .map_err(StoreError::database(to))
    }
}
