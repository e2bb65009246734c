//! Where headquarters keeps what it must not lose.

use crate::HqError;
use std::path::{Path, PathBuf};

/// The state folder and the names in it.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// The state folder, made if need be, readable by its owner only; so is one that was made before and is empty.
    ///
    /// # Errors
    /// [`HqError::Io`].
    pub fn make(folder: &Path) -> Result<Self, HqError> {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(HqError::io(folder))?;
        let about = std::fs::metadata(folder).map_err(HqError::io(folder))?;
        let mut content = std::fs::read_dir(folder).map_err(HqError::io(folder))?;
        if about.permissions().mode() & 0o077 != 0 && content.next().is_none() {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
                .map_err(HqError::io(folder))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The state folder of a headquarters whose ceremony has been held.
    ///
    /// # Errors
    /// [`HqError::NoCeremony`].
    pub fn open(folder: &Path) -> Result<Self, HqError> {
        let home = Self {
            folder: folder.to_owned(),
        };
        if home.first_root().is_file() && home.public().is_file() {
            Ok(home)
        } else {
            Err(HqError::NoCeremony {
                folder: folder.to_owned(),
            })
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the signing keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// The folder of the roots.
    #[must_use]
    pub fn roots(&self) -> PathBuf {
        self.folder.join("roots")
    }

    /// The root that boxes are enrolled with.
    #[must_use]
    pub fn first_root(&self) -> PathBuf {
        self.roots().join("1.root.json")
    }

    /// The private keys for parcels and receipts.
    #[must_use]
    pub fn private(&self) -> PathBuf {
        self.folder.join("hq-private.json")
    }

    /// Their public halves, which boxes are enrolled with.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.folder.join("hq-public.json")
    }

    /// The key of protection records, as the ceremony makes it; it belongs on a medium of those who look after
    /// protection.
    #[must_use]
    pub fn protection(&self) -> PathBuf {
        self.folder.join("protection.key")
    }

    /// Keys for parcels and receipts that newer ones have replaced, counted from 1, the oldest.
    #[must_use]
    pub fn former_private(&self, number: u32) -> PathBuf {
        self.folder.join(format!("hq-private.{number}.json"))
    }

    /// Where the next such keys are made.
    #[must_use]
    pub(crate) fn next_private(&self) -> PathBuf {
        self.folder.join("hq-private.next.json")
    }

    /// The signed word by which these keys name their successors.
    #[must_use]
    pub(crate) fn succession(&self, from: seal::hq::HqKeyId) -> PathBuf {
        self.folder.join(format!("hq-succession.{from}"))
    }

    /// The private key of the authority for certificates.
    #[must_use]
    pub fn authority_key(&self) -> PathBuf {
        self.folder.join("authority.key")
    }

    /// The authority's own certificate (DER).
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.der")
    }

    /// The register: posts, working list, approvals, editions.
    #[must_use]
    pub fn register(&self) -> PathBuf {
        self.folder.join("register.db")
    }

    /// The epoch keys that lists are encrypted with.
    #[must_use]
    pub fn epochs(&self) -> PathBuf {
        self.folder.join("epochs")
    }

    /// The encrypted files of the newest edition, as they are signed.
    #[must_use]
    pub fn bundle(&self) -> PathBuf {
        self.folder.join("bundle")
    }

    /// A copy of what was signed last, without its files: the next edition's are held against it.
    #[must_use]
    pub(crate) fn signed(&self) -> PathBuf {
        self.folder.join("signed")
    }

    /// Files named by their digests: documents in bulk, trust lists, policy.
    #[must_use]
    pub fn content(&self) -> PathBuf {
        self.folder.join("content")
    }

    /// Headquarters' own book: proofs, places, health, rollouts.
    #[must_use]
    pub fn office(&self) -> PathBuf {
        self.folder.join("office.db")
    }

    /// The ledger of headquarters' acts.
    #[must_use]
    pub fn acts(&self) -> PathBuf {
        self.folder.join("acts.ledger")
    }

    /// How far that ledger was verified, signed.
    #[must_use]
    pub(crate) fn acts_checkpoint(&self) -> PathBuf {
        self.folder.join("acts.checkpoint")
    }

    /// Where parcels are kept unless told otherwise.
    #[must_use]
    pub fn parcels(&self) -> PathBuf {
        self.folder.join("parcels.db")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_empty_folder_that_others_may_read_is_closed_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("hq");
        std::fs::create_dir(&state).unwrap();
        std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).unwrap();
        Home::make(&state).unwrap();
        let mode = std::fs::metadata(&state).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
