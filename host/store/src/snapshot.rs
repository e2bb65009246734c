//! A copy of the database as it stands at one moment, for a backup.

use crate::{Store, StoreError};
use std::io;
use std::path::Path;

impl Store {
    /// Writes a copy of the database into a file that is not there yet: all that is committed and nothing else,
    /// encrypted under the same key, without the room of what was erased. Of persons it holds what headquarters
    /// lacks: records that it has given its receipt for are left out, as if their time were over. The store goes on
    /// as it was.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`] where the copy has no room, and the other errors of a disk; what was written of the
    /// copy is then worth nothing. [`StoreError::Refused`] where the file is there already.
    pub fn snapshot(&self, to: &Path) -> Result<(), StoreError> {
        let name = to
            .to_str()
            .ok_or_else(|| StoreError::disk(to)(io::ErrorKind::InvalidInput.into()))?;
        let named = || StoreError::database(to);
        // A database that is attached without a key of its own gets the store's from SQLCipher; so does the one that
        // VACUUM attaches.
        self.connection
            .execute("VACUUM INTO ?1", [name])
            .map_err(named())?;
        self.connection
            .execute("ATTACH DATABASE ?1 AS copy", [name])
            .map_err(named())?;
        let left_out = self.connection.execute_batch(
            "PRAGMA copy.secure_delete = ON;
             DELETE FROM copy.encounters
                 WHERE sequence <= coalesce((SELECT up_to FROM copy.receipts), 0);",
        );
        // Whatever came of that, the copy is let go of.
        let detached = self.connection.execute_batch("DETACH DATABASE copy;");
        left_out.and(detached).map_err(named())
    }
}
