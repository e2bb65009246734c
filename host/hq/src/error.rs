//! What keeps headquarters from doing what was asked, named for what one can do about it.

use crate::pkcs11::Pkcs11Error;
use rules::PostId;
use seal::bundle::publish::PublishError;
use seal::token::TokenFault;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing wrong with one row of an import.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowFault {
    /// The file.
    pub file: String,
    /// The line in the file, from 1 (the header).
    pub line: u64,
    /// The column's name, or `row`.
    pub column: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.column, self.why
        )
    }
}

/// Why headquarters did not do what was asked. Nothing has changed then unless the variant says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HqError {
    /// The state folder holds no keys yet: hold the ceremony.
    #[error("no headquarters in {}: hold the ceremony first (mpaka-hq ceremony)", folder.display())]
    NoCeremony {
        /// The state folder.
        folder: PathBuf,
    },
    /// An input file cannot be read or understood.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The networks that describe faces are absent or broke off: fetch them (`mpaka-models fetch`); nothing was imported.
    #[error("the photographs of the list cannot be described: {0}")]
    Models(#[from] models::ModelError),
    /// Rows of an import are wrong: correct them at their source; nothing was imported.
    #[error("nothing was imported; {} rows are wrong:\n{}", faults.len(), Lines(faults))]
    ImportRefused {
        /// Every fault, at most [`crate::list::FAULTS_SHOWN`] of them.
        faults: Vec<RowFault>,
    },
    /// An entry's name is taken by another source.
    #[error("entry {entry} of {offered} is already listed by {holder}; nothing was imported")]
    EntryTaken {
        /// The entry.
        entry: String,
        /// The source that has it.
        holder: String,
        /// The source that offered it now.
        offered: String,
    },
    /// No such entry is listed, or none such was withdrawn.
    #[error("entry {entry} is not known")]
    EntryUnknown {
        /// The entry.
        entry: String,
    },
    /// The entry was withdrawn: it stays off until somebody reinstates it.
    #[error("{entry} was withdrawn and stays off the list: see mpaka-hq withdraw --reinstate")]
    EntryWithdrawn {
        /// The entry.
        entry: String,
    },
    /// No such offer was made.
    #[error("no offer {id}")]
    OfferUnknown {
        /// Its number.
        id: i64,
    },
    /// An offer is answered once, and was answered otherwise.
    #[error("offer {id} has been answered already, and otherwise")]
    OfferAnswered {
        /// Its number.
        id: i64,
    },
    /// A token's name is given once.
    #[error("there is or was a token {name}: choose another name")]
    TokenTaken {
        /// The name.
        name: rules::OfficerId,
    },
    /// No such token.
    #[error("no token {name}")]
    TokenUnknown {
        /// The name.
        name: rules::OfficerId,
    },
    /// Nobody of this name has a certificate for the page.
    #[error("{name} has no certificate: see mpaka-hq person")]
    PersonUnknown {
        /// The name.
        name: rules::OfficerId,
    },
    /// A token is bound to a certificate that is there.
    #[error(
        "no system {name} has a certificate that is good: mpaka-hq person make {name} --role system"
    )]
    SystemUnknown {
        /// The name.
        name: rules::OfficerId,
    },
    /// A withdrawal reaches boxes with the next edition.
    #[error("no edition without {entry} has been published yet: approve and publish")]
    NotPublishedYet {
        /// The entry.
        entry: String,
    },
    /// The working list is empty: import something first.
    #[error("the working list is empty: import a list first")]
    ListEmpty,
    /// Fewer than two people have approved what is listed now.
    #[error(
        "two people must approve this list before it is published; approved by: {}",
        if approvers.is_empty() { "nobody".to_owned() } else { approvers.join(", ") }
    )]
    NotApproved {
        /// Who has.
        approvers: Vec<String>,
    },
    /// The same person approves twice; it takes another one.
    #[error("{approver} has approved this list already; another person must")]
    ApprovedAlready {
        /// Who.
        approver: String,
    },
    /// The keys for editions are held by people, and the new ones must be too.
    #[error("the keys for editions have holders: name the new ones' with --holder")]
    HoldersNeeded,
    /// The list changed while it was being approved: look at it again.
    #[error("the list changed in the meantime; look at it and approve it again")]
    ListChanged,
    /// Editions count up.
    #[error("edition {offered} is not newer than {last}")]
    NumberNotNewer {
        /// The number asked for.
        offered: u64,
        /// The newest number given out.
        last: u64,
    },
    /// There is no database of parcels: look for it elsewhere, or receive some first.
    #[error("{} is absent: no parcels have been received into it", path.display())]
    NothingReceived {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Another publishing is under way: wait for it.
    #[error("another publishing is under way in this state folder")]
    PublishingElsewhere,
    /// The post is enrolled with another key: a new box needs a new post name. Numbers of parcels are never used again.
    #[error("post {post} is enrolled with another key")]
    PostEnrolled {
        /// The post.
        post: PostId,
    },
    /// No such post is enrolled: see `mpaka-hq enrol --list`.
    #[error("post {post} is not enrolled")]
    PostUnknown {
        /// The post.
        post: PostId,
    },
    /// The box has been revoked or retired: enrol a new one, a revoked one under a new post name.
    #[error("the box of post {post} is {standing}")]
    PostLeft {
        /// The post.
        post: PostId,
        /// How it stands.
        standing: &'static str,
    },
    /// A database of this or another version cannot be used.
    #[error("{}: layout {found} is not known to this program (it knows {known})", path.display())]
    LayoutUnknown {
        /// The database.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout known.
        known: i64,
    },
    /// An address of no database that this program knows.
    #[error(
        "{0:?} names no database that this program serves: give sqlite:PATH or postgres://USER@HOST/NAME"
    )]
    DatabaseUnsupported(String),
    /// The address cannot be listened on: choose another port, or end what holds it.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No edition has been rolled out in waves yet.
    #[error("no rollout: publish an edition with --waves")]
    NoRollout,
    /// A wave without a box in service would wait for ever: mark a canary, or name another wave.
    #[error("no box in service belongs to wave {wave}: see mpaka-hq place")]
    WaveEmpty {
        /// The wave.
        wave: String,
    },
    /// Software that has not been through waves goes out in waves, or not: a list that is urgent goes without it.
    #[error(
        "software {version} has not been at every box yet: publish with --waves, or take it out first (mpaka-hq files remove software NAME)"
    )]
    SoftwareNeedsWaves {
        /// The version of its packages.
        version: seal::bundle::software::Version,
    },
    /// A rollout cannot take this step now.
    #[error("edition {edition}: {why}")]
    RolloutNotReady {
        /// The edition.
        edition: u64,
        /// Why not.
        why: String,
    },
    /// A place that cannot be.
    #[error("{0}")]
    PlaceImpossible(&'static str),
    /// Headquarters' own ledger does not verify: somebody altered it. Keep the file, and find out who.
    #[error("{}: line {line} does not verify", path.display())]
    ActsBroken {
        /// The ledger.
        path: PathBuf,
        /// The first line that does not.
        line: u64,
    },
    /// Without TLS only this machine is served: put a TLS proxy before it, or listen on loopback.
    #[error(
        "{address} is not on this machine: in the clear only loopback is served; give --name for TLS"
    )]
    NotLoopback {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// The key that signs receipts lies in a token: say where its successor is to lie.
    #[error("the key that signs receipts lies in a token: name the next one's with --key")]
    ReceiptKeyNeeded,
    /// A token is named for a key that is not replaced.
    #[error("a token is named for {what}, which is not replaced: name its --role too")]
    KeyNotReplaced {
        /// What the key is for.
        what: String,
    },
    /// A key in a token.
    #[error(transparent)]
    Pkcs11(#[from] Pkcs11Error),
    /// Keys, enrolments, parcels.
    #[error(transparent)]
    Seal(seal::SealError),
    /// Signing or the ceremony.
    #[error(transparent)]
    Publish(PublishError),
    /// The edition could not be made.
    #[error(transparent)]
    Edition(#[from] watchlist::EditionError),
    /// A file could not be encrypted for the boxes.
    #[error(transparent)]
    Content(#[from] seal::content::ContentError),
    /// The database failed.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
    /// PostgreSQL cannot be reached, or refuses.
    #[error("PostgreSQL: {0}")]
    Postgres(String),
    /// Without TLS only a PostgreSQL server on this machine is spoken to: reach others through a tunnel.
    #[error(
        "the PostgreSQL server is not on this machine: give its socket folder or loopback, and reach others through a tunnel"
    )]
    PostgresElsewhere,
    /// Nobody was named: give a document's number or a name.
    #[error("nobody is named: give a document's number or a name")]
    NobodyNamed,
    /// There is no such record here.
    #[error("there is no record {post}/{sequence} here")]
    NoSuchRecord {
        /// The post.
        post: PostId,
        /// The encounter's number there.
        sequence: u64,
    },
    /// A hold keeps the record: two people release it first, or the order waits.
    #[error(
        "record {post}/{sequence} is under hold {hold} ({order}): it is erased only once two people have released it"
    )]
    UnderHold {
        /// The post.
        post: PostId,
        /// The encounter's number there.
        sequence: u64,
        /// The hold's number.
        hold: i64,
        /// The order that the hold rests on.
        order: String,
    },
    /// No such hold was placed.
    #[error("no hold {id}")]
    HoldUnknown {
        /// Its number.
        id: i64,
    },
    /// An order is stated in words, and not in so many that no proof could hold them.
    #[error(
        "an order is stated in one line of at most {} bytes",
        crate::rights::ORDER_LIMIT
    )]
    OrderUnfit,
    /// A certificate could not be made: is a server's name no name or address?
    #[error("certificate: {0}")]
    Certificate(String),
    /// The disk failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl HqError {
    /// The variant's name: what headquarters' ledger says of a refusal, without anything of a list in it.
    #[must_use]
    pub fn name(&self) -> String {
        if let Self::Pkcs11(error) = self {
            return error.name();
        }
        let shown = format!("{self:?}");
        let end = shown.find(|c: char| !c.is_ascii_alphanumeric());
        shown[..end.unwrap_or(shown.len())].to_owned()
    }

    /// Names the file that an error of the disk is about.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    fn of_token(fault: TokenFault) -> Self {
        match fault.into_inner().downcast::<Pkcs11Error>() {
            Ok(error) => Self::Pkcs11(*error),
            Err(other) => Self::Seal(seal::SealError::Token(TokenFault::Failed(other))),
        }
    }

    pub(crate) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Database {
            path: path.clone(),
            source,
        }
    }

    /// A file whose content cannot be used.
    pub fn unreadable(path: impl Into<PathBuf>, why: impl fmt::Display) -> Self {
        Self::Unreadable {
            path: path.into(),
            why: why.to_string(),
        }
    }
}

// What a token said comes through the signing code as it was: here it gets its own name back.
impl From<seal::SealError> for HqError {
    fn from(error: seal::SealError) -> Self {
        match error {
            seal::SealError::Token(fault) => Self::of_token(fault),
            error => Self::Seal(error),
        }
    }
}

impl From<PublishError> for HqError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Key(seal::SealError::Token(fault)) => Self::of_token(fault),
            error => Self::Publish(error),
        }
    }
}

struct Lines<'a>(&'a [RowFault]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in self.0 {
            writeln!(f, "  {fault}")?;
        }
        Ok(())
    }
}
