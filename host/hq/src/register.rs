//! The register: an SQLite file with the boxes, the working list, its approvals and the editions.
//!
//! Every change is one transaction, synced before it is reported done.

use crate::HqError;
use crate::home::Home;
use jiff::Timestamp;
use rules::PostId;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use seal::device::{DevicePublic, Enrolment};
use seal::sealing::SealingPublic;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The layout that this program writes.
const LAYOUT: i64 = 4;

const LAYOUT_1: &str = "
CREATE TABLE post (
    post TEXT PRIMARY KEY,
    device BLOB NOT NULL,           -- the box's Ed25519 public key, 32 bytes
    enrolled_at TEXT NOT NULL
) STRICT;
CREATE TABLE source (
    name TEXT PRIMARY KEY,
    legal_basis TEXT NOT NULL,
    state TEXT,                     -- the state that lists, where the source is one
    imported_at TEXT NOT NULL
) STRICT;
CREATE TABLE entry (
    key TEXT PRIMARY KEY,           -- the entry's name; NUMBER/STATE/TYPE for a document without one
    kind TEXT NOT NULL CHECK (kind IN ('person', 'document')),
    source TEXT NOT NULL REFERENCES source (name),
    body TEXT NOT NULL              -- the entry as JSON
) STRICT;
CREATE INDEX entry_source ON entry (source);
-- Counts every change of the list: an approval is of one revision, and a change back is a new one.
CREATE TABLE revision (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1, 0);
CREATE TABLE approval (
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,           -- SHA-256 of the list approved
    approver TEXT NOT NULL,         -- in lower case: one person, however written
    at TEXT NOT NULL,
    PRIMARY KEY (revision, approver)
) STRICT;
CREATE TABLE edition (
    number INTEGER PRIMARY KEY,
    signing INTEGER NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    approvers TEXT NOT NULL,
    made_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    published_at TEXT               -- absent where signing was begun and not finished
) STRICT;
";

/// Sealing key and standing of each box.
const LAYOUT_2: &str = "
ALTER TABLE post ADD COLUMN sealing BLOB;          -- the box's X25519 public key, 32 bytes
ALTER TABLE post ADD COLUMN standing TEXT NOT NULL DEFAULT 'active'
    CHECK (standing IN ('active', 'revoked', 'retired'));
ALTER TABLE post ADD COLUMN standing_at TEXT;      -- when it left 'active'
ALTER TABLE post ADD COLUMN standing_why TEXT;
";

/// Steps between editions, documents in bulk, files that are no lists.
const LAYOUT_3: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
-- Documents of a source by their digests, in a file of that name in the folder content.
CREATE TABLE bulk (
    source TEXT PRIMARY KEY REFERENCES source (name),
    sha256 TEXT NOT NULL,
    documents INTEGER NOT NULL
) STRICT;
-- The list as the newest edition has it: the next one's changes are told from it.
CREATE TABLE listed (key TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE listed_bulk (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT;
-- Trust lists, policy and the like, by kind and name; the content stands in a file named by its digest.
CREATE TABLE file (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT;
";

/// What is being published.
const LAYOUT_4: &str = "
-- What an edition under way comes to, set aside before anything is signed: a program that is cut off in the middle
-- leaves it, and the next one can tell what was published. The row goes once that is noted.
CREATE TABLE offering (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    edition INTEGER NOT NULL,
    out TEXT NOT NULL,              -- the repository folder
    waves TEXT,                     -- the plan of its rollout; absent where every box may take it at once
    line BLOB NOT NULL,             -- where the line of editions stands with it, as JSON
    begun_at TEXT NOT NULL
) STRICT;
CREATE TABLE offered (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    listed INTEGER NOT NULL         -- 0 where its last day had passed
) STRICT;
CREATE TABLE offered_bulk (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT;
";

/// Whether a box may still speak for its post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It may send and is given leases and editions.
    Active,
    /// Stolen, lost or broken into: nothing that its keys sign is believed from then on.
    Revoked,
    /// Taken out of service in order.
    Retired,
}

impl Standing {
    /// The name used in tables and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Retired => "retired",
        }
    }
}

impl std::str::FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Active, Self::Revoked, Self::Retired]
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| UnknownStanding(text.to_owned()))
    }
}

/// A word that is no standing of a box.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no standing of a box")]
pub struct UnknownStanding(String);

/// A box in the register.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct EnrolledPost {
    /// Where it stands.
    pub post: PostId,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// Its public key.
    pub device: DevicePublic,
    /// The key to seal to it with; absent where it was enrolled by an older program.
    pub sealing: Option<SealingPublic>,
    /// Whether it may still speak for its post.
    pub standing: Standing,
    /// When it left [`Standing::Active`].
    pub standing_at: Option<Timestamp>,
    /// Why it did.
    pub standing_why: Option<String>,
}

/// The columns that [`post_of`] reads, in its order.
const POST_COLUMNS: &str =
    "post, device, enrolled_at, sealing, standing, standing_at, standing_why";

/// The register, open.
#[derive(Debug)]
pub struct Register {
    pub(crate) connection: Connection,
    path: PathBuf,
    home: Home,
}

impl Register {
    /// Opens the register, making it or bringing its layout up to date.
    ///
    /// # Errors
    /// [`HqError::LayoutUnknown`] for one written by a newer program, or [`HqError::Database`].
    pub fn open(home: &Home) -> Result<Self, HqError> {
        let path = home.register();
        let connection = open_database(&path, LAYOUT, |from, transaction| match from {
            0 => transaction.execute_batch(LAYOUT_1),
            1 => transaction.execute_batch(LAYOUT_2),
            2 => transaction.execute_batch(LAYOUT_3),
            3 => transaction.execute_batch(LAYOUT_4),
            _ => Ok(()),
        })?;
        Ok(Self {
            connection,
            path,
            home: home.clone(),
        })
    }

    /// Where headquarters keeps what the register refers to.
    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// Wraps what the database said.
    pub(crate) fn failed(&self) -> impl Fn(rusqlite::Error) -> HqError + use<> {
        HqError::database(&self.path)
    }

    /// Registers a box. Registering it again with the same keys changes nothing; a sealing key that was not
    /// known before is added.
    ///
    /// # Errors
    /// [`HqError::PostEnrolled`] where the post has another key, [`HqError::PostLeft`] where its box has been
    /// revoked or retired or one of these keys is a revoked box's, or [`HqError::Database`].
    pub fn enrol(&mut self, enrolment: &Enrolment, now: Timestamp) -> Result<(), HqError> {
        let (post, device) = (enrolment.post(), enrolment.device());
        let sealing = enrolment.sealing();
        let failed = self.failed();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        // Whoever has a revoked box has its keys, whatever post they are offered for.
        let revoked: Option<PostId> = transaction
            .query_row(
                "SELECT post FROM post WHERE standing = 'revoked' AND (device = ?1 OR sealing = ?2)",
                params![device.bytes(), sealing.map(|key| *key.bytes())],
                |row| parsed(row, 0),
            )
            .optional()
            .map_err(&failed)?;
        if let Some(post) = revoked {
            return Err(HqError::PostLeft {
                post,
                standing: Standing::Revoked.as_str(),
            });
        }
        let held = one_post(&transaction, post).map_err(&failed)?;
        match held {
            None => {
                transaction
                    .execute(
                        "INSERT INTO post (post, device, enrolled_at, sealing) VALUES (?1, ?2, ?3, ?4)",
                        params![
                            post.as_str(),
                            device.bytes(),
                            now.to_string(),
                            sealing.map(|key| *key.bytes())
                        ],
                    )
                    .map_err(&failed)?;
            }
            Some(held) if held.standing != Standing::Active => {
                return Err(HqError::PostLeft {
                    post: post.clone(),
                    standing: held.standing.as_str(),
                });
            }
            Some(held) if held.device != device => {
                return Err(HqError::PostEnrolled { post: post.clone() });
            }
            Some(held) => match (held.sealing, sealing) {
                (None, Some(key)) => {
                    transaction
                        .execute(
                            "UPDATE post SET sealing = ?2 WHERE post = ?1",
                            params![post.as_str(), key.bytes()],
                        )
                        .map_err(&failed)?;
                }
                (Some(held), Some(given)) if held != given => {
                    return Err(HqError::PostEnrolled { post: post.clone() });
                }
                _ => return Ok(()),
            },
        }
        transaction.commit().map_err(&failed)
    }

    /// Takes a box out of service, or puts a retired one back. A revoked key is never believed again: the
    /// box gets a new one and a new post name.
    ///
    /// # Errors
    /// [`HqError::PostUnknown`], [`HqError::PostLeft`] where it has been revoked, or [`HqError::Database`].
    pub fn set_standing(
        &mut self,
        post: &PostId,
        standing: Standing,
        why: &str,
        now: Timestamp,
    ) -> Result<(), HqError> {
        let failed = self.failed();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let Some(held) = one_post(&transaction, post).map_err(&failed)? else {
            return Err(HqError::PostUnknown { post: post.clone() });
        };
        if held.standing == standing {
            return Ok(());
        }
        if held.standing == Standing::Revoked {
            return Err(HqError::PostLeft {
                post: post.clone(),
                standing: held.standing.as_str(),
            });
        }
        let left = (standing != Standing::Active).then(|| now.to_string());
        transaction
            .execute(
                "UPDATE post SET standing = ?2, standing_at = ?3, standing_why = ?4 WHERE post = ?1",
                params![post.as_str(), standing.as_str(), left, why],
            )
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)
    }

    /// One box, where it is enrolled.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn post(&self, post: &PostId) -> Result<Option<EnrolledPost>, HqError> {
        one_post(&self.connection, post).map_err(self.failed())
    }

    /// The keys that lists are encrypted to: those of every active box that has one.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn sealing_keys(&self) -> Result<Vec<SealingPublic>, HqError> {
        Ok(self
            .posts()?
            .into_iter()
            .filter(|post| post.standing == Standing::Active)
            .filter_map(|post| post.sealing)
            .collect())
    }

    /// Every enrolled box, by name, whatever its standing.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn posts(&self) -> Result<Vec<EnrolledPost>, HqError> {
        self.connection
            .prepare(&format!("SELECT {POST_COLUMNS} FROM post ORDER BY post"))
            .and_then(|mut q| q.query_map([], post_of)?.collect())
            .map_err(self.failed())
    }
}

fn one_post(connection: &Connection, post: &PostId) -> rusqlite::Result<Option<EnrolledPost>> {
    connection
        .prepare_cached(&format!("SELECT {POST_COLUMNS} FROM post WHERE post = ?1"))?
        .query_row([post.as_str()], post_of)
        .optional()
}

fn post_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<EnrolledPost> {
    Ok(EnrolledPost {
        post: parsed(row, 0)?,
        device: DevicePublic::from_bytes(row.get(1)?),
        enrolled_at: parsed(row, 2)?,
        sealing: row
            .get::<_, Option<[u8; 32]>>(3)?
            .map(SealingPublic::from_bytes),
        standing: parsed(row, 4)?,
        standing_at: parsed_or_none(row, 5)?,
        standing_why: row.get(6)?,
    })
}

/// A column that holds the text form of a type, or nothing.
pub(crate) fn parsed_or_none<T>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => parsed(row, column).map(Some),
    }
}

/// A column that holds the text form of a type.
pub(crate) fn parsed<T>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

/// Opens an SQLite file that loses nothing on a power cut, and brings its layout up to `layout`, one step at a
/// time in one transaction.
pub(crate) fn open_database(
    path: &Path,
    layout: i64,
    step: impl Fn(i64, &rusqlite::Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<Connection, HqError> {
    let failed = HqError::database(path);
    // Its owner's alone, wherever it lies; its log takes the same rights.
    let make = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match make {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
        made => drop(made.map_err(HqError::io(path))?),
    }
    let mut connection = Connection::open(path).map_err(&failed)?;
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .map_err(&failed)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;",
        )
        .map_err(&failed)?;
    let layout_of = |connection: &Connection| -> Result<i64, HqError> {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(&failed)
    };
    // An up-to-date file is not written to: it can be read on a full disk.
    let found = layout_of(&connection)?;
    if found > layout {
        return Err(HqError::LayoutUnknown {
            path: path.to_owned(),
            found,
            known: layout,
        });
    }
    if found < layout {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        // Asked again under the lock: another program may have been quicker.
        for from in layout_of(&transaction)?..layout {
            step(from, &transaction).map_err(&failed)?;
        }
        transaction
            .pragma_update(None, "user_version", layout)
            .map_err(&failed)?;
        transaction.commit().map_err(&failed)?;
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use seal::device::DeviceKey;
    use seal::sealing::SealingKey;

    #[test]
    fn a_register_of_yesterday_is_led_on_and_keeps_what_it_held() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let yesterday = Connection::open(home.register()).unwrap();
        for layout in [LAYOUT_1, LAYOUT_2, LAYOUT_3] {
            yesterday.execute_batch(layout).unwrap();
        }
        yesterday
            .execute_batch(
                "INSERT INTO edition VALUES (7, 9, '', 'a b', '', '', '2026-11-01T00:00:00Z');
                 PRAGMA user_version = 3;",
            )
            .unwrap();
        drop(yesterday);
        let register = Register::open(&home).unwrap();
        let ask = |sql: &str| -> i64 {
            register
                .connection
                .query_row(sql, [], |r| r.get(0))
                .unwrap()
        };
        assert_eq!(ask("SELECT max(number) FROM edition"), 7);
        assert_eq!(ask("SELECT count(*) FROM offering"), 0);
        assert_eq!(ask("PRAGMA user_version"), LAYOUT);
    }

    #[test]
    fn a_database_is_its_owners_alone_wherever_it_lies() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join("elsewhere.db");
        let step = |_, transaction: &rusqlite::Transaction<'_>| {
            transaction.execute_batch("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1);")
        };
        let _open = open_database(&path, 1, step).unwrap();
        for name in ["elsewhere.db", "elsewhere.db-wal"] {
            let about = std::fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!(about.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_revoked_key_is_not_enrolled_again_under_another_post() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let path = |name: &str| folder.path().join(name);
        let device = |name: &str| DeviceKey::open_or_create(&path(name)).unwrap();
        let sealing = |name: &str| SealingKey::open_or_create(&path(name)).unwrap();
        let enrolment = |post: &str, key: &DeviceKey, sealing: &SealingKey| {
            Enrolment::new(PostId::new(post).unwrap(), key, sealing.public())
        };
        let (stolen, of_stolen) = (device("stolen"), sealing("of-stolen"));
        let (other, of_other) = (device("other"), sealing("of-other"));
        let now = Timestamp::UNIX_EPOCH;
        let box_of = enrolment("NAMANGA-1", &stolen, &of_stolen);
        register.enrol(&box_of, now).unwrap();
        let post = PostId::new("NAMANGA-1").unwrap();
        register
            .set_standing(&post, Standing::Revoked, "stolen", now)
            .unwrap();
        for again in [
            enrolment("NAMANGA-2", &stolen, &of_stolen),
            enrolment("NAMANGA-2", &stolen, &of_other),
            enrolment("NAMANGA-2", &other, &of_stolen),
        ] {
            let refused = register.enrol(&again, now);
            assert!(matches!(refused, Err(HqError::PostLeft { .. })));
        }
        let new = enrolment("NAMANGA-2", &other, &of_other);
        register.enrol(&new, now).unwrap();
    }
}
