//! Opening the database: the lock, the key, the cipher, and how carefully SQLite must write.

use crate::schema::{self, Migrated};
use crate::witness::{Standing, Witness};
use crate::{LedgerFault, Store, StoreError, ledger, reserve, salvage};
use ring::rand::{SecureRandom, SystemRandom};
use rules::PostId;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use seal::durable::{self, Readers};
use seal::storekey::StoreKey;
use std::fs::{DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use zeroize::Zeroizing;

/// SQLCipher 4's own settings, written out so that no later default changes them. A raw key needs no
/// derivation from a passphrase. Memory that holds pages or the key is
/// kept from being swapped out, and wiped when it is given back.
const CIPHER: &str = "PRAGMA cipher_page_size = 4096;
    PRAGMA cipher_use_hmac = ON;
    PRAGMA cipher_hmac_algorithm = HMAC_SHA512;
    PRAGMA cipher_kdf_algorithm = PBKDF2_HMAC_SHA512;
    PRAGMA cipher_plaintext_header_size = 0;
    PRAGMA cipher_memory_security = ON;";

/// The WAL is moved into the database at 2 MB and cut back to that size, half of the room kept back;
/// nothing goes to temporary files. `EXCLUSIVE` comes before the first read: it keeps the WAL's index in
/// memory, so that there is no third file that could be damaged. `auto_vacuum` counts only for a new
/// database, before its first page: pages that hold nothing any more can then be given back to the disk. What is
/// deleted is written over, so that who gets hold of the key later does not find in the file what was erased; what
/// the medium below keeps: `decisions/erasing.md`.
const CARE: &str = "PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 500;
    PRAGMA journal_size_limit = 2097152;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;";

impl Store {
    /// Opens the store of this post in its state folder, or makes one where there is none; brings an
    /// older layout up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::WrongKey`], [`StoreError::Corrupt`],
    /// [`StoreError::AnotherPost`], [`StoreError::NewerLayout`], [`StoreError::DiskFull`],
    /// [`StoreError::ReadOnly`], [`StoreError::Disk`].
    pub fn open(state: &Path, key: &StoreKey, post: &PostId) -> Result<Self, StoreError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(state)
            .map_err(StoreError::disk(state))?;
        let lock = hold(&state.join("lock"))?;
        salvage::finish(state)?;
        Self::open_held(state, key, post, lock)
    }

    /// Opens the store of a folder whose lock is held.
    pub(crate) fn open_held(
        state: &Path,
        key: &StoreKey,
        post: &PostId,
        lock: File,
    ) -> Result<Self, StoreError> {
        let database = state.join("mpaka.db");
        let marker = state.join("mpaka.fingerprint");
        let known = known_key(&marker, key)?;
        if known == Known::Another {
            return Err(StoreError::WrongKey { path: database });
        }
        if known == Known::Same && is_gone(&database)? {
            return Err(StoreError::Corrupt {
                path: database,
                what: "the file is gone or empty".into(),
            });
        }
        let connection = connect(&database, key).map_err(|e| match e {
            // Without the right key every page looks damaged; only the marker tells the two apart.
            StoreError::Corrupt { path, .. } if known == Known::Nothing => {
                StoreError::WrongKey { path }
            }
            other => other,
        })?;
        let connection = laid_out(connection, &database, post)?;
        if known == Known::Nothing {
            // Only now is there something that could get lost.
            durable::sync_folder(state).map_err(StoreError::disk(state))?;
            durable::create(&marker, &key.fingerprint(), Readers::Owner)
                .map_err(StoreError::disk(&marker))?;
        }
        let mut store = Self {
            connection,
            post: post.clone(),
            reserve: state.join("reserve"),
            witness: Witness::open(&state.join("mpaka.witness"), key)?,
            database,
            _lock: lock,
        };
        store.hear_witness()?;
        store.with_reserve(Self::sweep)?;
        // Where there is no room for it now, the next receipt makes some.
        reserve::keep(&store.reserve)?;
        Ok(store)
    }

    /// Holds the ledger against what the witness says of it.
    fn hear_witness(&mut self) -> Result<(), StoreError> {
        let head = ledger::head(&self.connection, &self.post).map_err(self.named())?;
        if let Some(said) = self.witness.standing() {
            match self.head_at(said.head.line)? {
                Some(found) if found == said.head => {}
                Some(_) => {
                    return Err(StoreError::LedgerBroken {
                        line: said.head.line,
                        fault: LedgerFault::Chain,
                    });
                }
                None if said.head.line > head.line => {
                    return Err(StoreError::RecordsMissing {
                        path: self.database.clone(),
                        last: head.line,
                        witnessed: said.head.line,
                    });
                }
                // A line that a salvage lost: a later one has taken the witness's place, or will.
                None => {}
            }
        }
        let standing = Standing {
            head,
            sequence: self.last_sequence()?.0,
            receipted: self.receipt_status()?.map_or(0, |r| r.up_to.0),
        };
        if self.witness.standing() != Some(standing) {
            self.witness.note(standing);
        }
        Ok(())
    }

    /// The post that this store belongs to.
    #[must_use]
    pub fn post(&self) -> &PostId {
        &self.post
    }

    /// Bounds the database's size, in bytes; beyond it, writing is [`StoreError::DiskFull`].
    ///
    /// # Errors
    /// [`StoreError::Refused`].
    pub fn set_size_limit(&mut self, bytes: u64) -> Result<(), StoreError> {
        let pages = i64::try_from(bytes / 4096).unwrap_or(i64::MAX).max(1);
        self.connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .map_err(self.named())
    }

    /// The database's size, in bytes.
    ///
    /// # Errors
    /// The errors of a disk.
    pub fn size(&self) -> Result<u64, StoreError> {
        let about = std::fs::metadata(&self.database).map_err(StoreError::disk(&self.database))?;
        Ok(about.len())
    }

    /// Reads every page and checks its HMAC, and the shape of every table. Takes time with the size.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first thing found.
    pub fn check_pages(&self) -> Result<(), StoreError> {
        let first: Option<String> = self
            .connection
            .query_row("PRAGMA cipher_integrity_check", [], |row| row.get(0))
            .optional()
            .map_err(self.named())?;
        let shape: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(self.named())?;
        match first.or_else(|| (shape != "ok").then_some(shape)) {
            None => Ok(()),
            Some(what) => Err(StoreError::Corrupt {
                path: self.database.clone(),
                what,
            }),
        }
    }

    /// Names an error of the database for what to do about it.
    pub(crate) fn named(&self) -> impl FnOnce(rusqlite::Error) -> StoreError + '_ {
        StoreError::database(&self.database)
    }
}

/// Leads a database to the layout that is written now, and ties it to its post.
pub(crate) fn laid_out(
    mut connection: Connection,
    database: &Path,
    post: &PostId,
) -> Result<Connection, StoreError> {
    let written = usize::from(schema::LAYOUT_WRITTEN);
    let migrated = schema::migrate(&mut connection, schema::STEPS, written);
    match migrated.map_err(StoreError::database(database))? {
        Migrated::UpToDate => {}
        Migrated::Newer { found } => {
            return Err(StoreError::NewerLayout {
                found,
                known: schema::LAYOUT_READ.into(),
            });
        }
    }
    belong(&mut connection, database, post)?;
    Ok(connection)
}

/// Takes a lock that is free again when the file is dropped, however the program ends.
pub(crate) fn hold(path: &Path) -> Result<File, StoreError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(StoreError::disk(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.into() }),
        Err(TryLockError::Error(e)) => Err(StoreError::disk(path)(e)),
    }
}

/// What the marker says of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// There is no marker: the store was never finished being made.
    Nothing,
    /// The store was made with this key.
    Same,
    /// The store was made with another key.
    Another,
}

pub(crate) fn known_key(marker: &Path, key: &StoreKey) -> Result<Known, StoreError> {
    let file = match File::open(marker) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Known::Nothing),
        opened => opened.map_err(StoreError::disk(marker))?,
    };
    let mut found = Vec::new();
    file.take(33)
        .read_to_end(&mut found)
        .map_err(StoreError::disk(marker))?;
    Ok(match found == key.fingerprint() {
        true => Known::Same,
        false => Known::Another,
    })
}

pub(crate) fn is_gone(database: &Path) -> Result<bool, StoreError> {
    match database.metadata() {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(true),
        found => Ok(found.map_err(StoreError::disk(database))?.len() == 0),
    }
}

pub(crate) fn connect(path: &Path, key: &StoreKey) -> Result<Connection, StoreError> {
    let named = || StoreError::database(path);
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(named())?;
    let version: Option<String> = connection
        .query_row("PRAGMA cipher_version", [], |row| row.get(0))
        .optional()
        .map_err(named())?;
    if version.is_none() {
        return Err(StoreError::NotEncrypted);
    }
    let mut pragma = Zeroizing::new(String::with_capacity(128));
    pragma.push_str("PRAGMA key = \"x'");
    pragma.push_str(&Zeroizing::new(hex::encode(key.bytes())));
    pragma.push_str("'\";");
    connection.execute_batch(&pragma).map_err(named())?;
    // SQLCipher writes its own opinion to stderr; ours is typed.
    connection
        .execute_batch("PRAGMA cipher_log_level = NONE;")
        .map_err(named())?;
    connection.execute_batch(CIPHER).map_err(named())?;
    connection.execute_batch(CARE).map_err(named())?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(named())?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Ties a new store to its post, and checks that an old one belongs to it.
fn belong(connection: &mut Connection, database: &Path, post: &PostId) -> Result<(), StoreError> {
    let named = || StoreError::database(database);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(named())?;
    let found: Option<String> = transaction
        .query_row("SELECT post FROM meta", [], |row| row.get(0))
        .optional()
        .map_err(named())?;
    let Some(found) = found else {
        let mut officer_key = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *officer_key)
            .map_err(|_| StoreError::NoRandomness)?;
        transaction
            .execute(
                "INSERT INTO meta (one, post, last_sequence, officer_key) VALUES (1, ?1, 0, ?2)",
                (post.as_str(), &officer_key[..]),
            )
            .map_err(named())?;
        return transaction.commit().map_err(named());
    };
    let found = PostId::new(found).map_err(|e| StoreError::Corrupt {
        path: database.into(),
        what: e.to_string(),
    })?;
    if found == *post {
        Ok(())
    } else {
        Err(StoreError::AnotherPost {
            found,
            given: post.clone(),
        })
    }
}
