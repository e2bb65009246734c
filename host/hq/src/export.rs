//! What leaves headquarters in files: a fixed set of things, each with fixed fields, and no way to ask for others.
//!
//! | kind | holds | form |
//! |---|---|---|
//! | `posts` | how each post's records and ledger stand | CSV |
//! | `encounters` | advice, decision and outcomes by group of each ordinary encounter, in the hour that it was opened: no person, document, lane or state | CSV |
//! | `statistics` | counts and shares ([`crate::statistics`]) | JSON |
//! | `decisions` | whole ordinary records: personal data, by order only | JSON, one a line |
//! | `erasures` | what was erased, when and by what order | CSV |
//! | `holds` | every hold, and who released it | CSV |
//! | `acts` | headquarters' own ledger, verified | JSON, one a line |
//!
//! Protection records are in none of them, nor is it told which those are: `left_out` counts them with all others
//! that could not be had. The file is the owner's alone (mode 0600), is never written over another, and is whole or
//! not there.

use crate::HqError;
use crate::acts;
use crate::audit::{self, Opener};
use crate::hold;
use crate::home::Home;
use crate::list::digest_of;
use crate::parcels::{Database, Held};
use crate::rights::fit_order;
use crate::serve::unformulated;
use crate::statistics::Period;
use jiff::Timestamp;
use rules::{CheckGroup, EncounterRecord};
use seal::durable;
use serde::Serialize;
use std::fmt;
use std::fs::Permissions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tempfile::NamedTempFile;

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// How each post stands.
    Posts,
    /// Encounters without persons.
    Encounters,
    /// Counts and shares.
    Statistics,
    /// Whole ordinary records.
    Decisions,
    /// What was erased.
    Erasures,
    /// Every hold.
    Holds,
    /// The ledger of acts.
    Acts,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Posts,
        Self::Encounters,
        Self::Statistics,
        Self::Decisions,
        Self::Erasures,
        Self::Holds,
        Self::Acts,
    ];

    /// The name used on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Encounters => "encounters",
            Self::Statistics => "statistics",
            Self::Decisions => "decisions",
            Self::Erasures => "erasures",
            Self::Holds => "holds",
            Self::Acts => "acts",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of export.
#[derive(Debug, thiserror::Error)]
#[error(
    "posts, encounters, statistics, decisions, erasures, holds and acts can be exported, and nothing else"
)]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or(UnknownKind)
    }
}

/// What to export.
#[derive(Debug, Clone)]
pub struct ExportOrder {
    /// What.
    pub kind: Kind,
    /// Of which time and post, where that can be asked for: encounters, statistics, decisions.
    pub period: Period,
    /// The order that it rests on; needed for personal data.
    pub order: Option<String>,
    /// The file to write; it must not be there yet.
    pub out: PathBuf,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// What.
    pub kind: Kind,
    /// The file.
    pub out: PathBuf,
    /// Rows or objects in it, a header not counted.
    pub rows: u64,
    /// Records of the post that are not in it because they could not be had: protected, erased, lost or damaged, of
    /// whatever time.
    pub left_out: u64,
    /// SHA-256 of the file.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
}

/// Exports one kind of thing.
///
/// # Errors
/// [`HqError::OrderUnfit`] where personal data is asked for without an order, [`HqError::Io`] where the file is there
/// already, and what keys and databases say. There is no file then.
pub async fn export(
    home: &Home,
    database: &Database,
    order: &ExportOrder,
) -> Result<Exported, HqError> {
    if order.kind == Kind::Decisions {
        fit_order(order.order.as_deref().unwrap_or_default())?;
    }
    let mut page = Page::begin(&order.out)?;
    match order.kind {
        Kind::Posts => posts(home, database, &mut page).await?,
        Kind::Encounters => {
            page.row(&ENCOUNTERS.map(str::to_owned))?;
            let write = |page: &mut Page, record: EncounterRecord| page.row(&encounter(&record));
            records(home, database, &order.period, &mut page, write).await?;
        }
        Kind::Decisions => {
            let write = |page: &mut Page, record: EncounterRecord| page.object(&record);
            records(home, database, &order.period, &mut page, write).await?;
        }
        Kind::Statistics => {
            let counted = audit::statistics(home, database, &order.period).await?;
            page.left_out = counted.unopened;
            page.object(&counted)?;
        }
        Kind::Erasures => erasures(database, &mut page).await?,
        Kind::Holds => holds(home, &mut page)?,
        Kind::Acts => {
            for line in acts::verify(home)?.0 {
                page.object(&line)?;
            }
        }
    }
    page.end(order)
}

/// Gives every ordinary record of a period to `write`.
async fn records(
    home: &Home,
    database: &Database,
    period: &Period,
    page: &mut Page,
    mut write: impl FnMut(&mut Page, EncounterRecord) -> Result<(), HqError> + Send,
) -> Result<(), HqError> {
    let opener = Opener::new(home)?;
    let store = database.open_existing().await?;
    let mut look = |held: Held| match opener.open(&held, None) {
        Ok(record) if period.holds(record.opened_at) => write(page, record),
        Ok(_) => Ok(()),
        Err(_) => {
            page.left_out += 1;
            Ok(())
        }
    };
    store.each(period.post.as_ref(), &mut look).await
}

async fn posts(home: &Home, database: &Database, page: &mut Page) -> Result<(), HqError> {
    page.row(
        &[
            "post",
            "enrolled",
            "parcels",
            "up_to",
            "last",
            "gaps",
            "refused",
            "checkpoints",
            "disputed",
            "seen_at",
            "lease_until",
        ]
        .map(str::to_owned),
    )?;
    for post in audit::standing(home, database).await? {
        page.row(&[
            post.post.to_string(),
            post.enrolled.to_string(),
            post.parcels.to_string(),
            post.up_to.to_string(),
            post.last.to_string(),
            post.gaps.to_string(),
            post.refused.to_string(),
            post.checkpoints.to_string(),
            post.disputed.to_string(),
            moment(post.seen_at),
            moment(post.lease_until),
        ])?;
    }
    Ok(())
}

const ENCOUNTERS: [&str; 12] = [
    "post",
    "sequence",
    "hour",
    "edition",
    "advice",
    "decision",
    "against_advice",
    "zone",
    "chip",
    "page",
    "face",
    "search",
];

/// The columns of [`ENCOUNTERS`].
fn encounter(record: &EncounterRecord) -> [String; 12] {
    let decision = record.decision.as_ref();
    let outcome = |group: CheckGroup| {
        let outcome = rules::check::group_outcome(&record.checks, group);
        outcome.as_str().to_owned()
    };
    [
        record.id.post.to_string(),
        record.id.sequence.to_string(),
        record.opened_at.strftime("%Y-%m-%dT%HZ").to_string(),
        record.edition.map_or_else(String::new, |e| e.to_string()),
        record.advised.advice.as_str().to_owned(),
        decision.map_or("", |d| d.decision.as_str()).to_owned(),
        decision.map_or_else(String::new, |d| d.against_advice.to_string()),
        outcome(CheckGroup::Zone),
        outcome(CheckGroup::Chip),
        outcome(CheckGroup::Page),
        outcome(CheckGroup::Face),
        outcome(CheckGroup::Search),
    ]
}

async fn erasures(database: &Database, page: &mut Page) -> Result<(), HqError> {
    page.row(&["post", "sequence", "sha256", "at", "order"].map(str::to_owned))?;
    for erased in database.open_existing().await?.erasures().await? {
        page.row(&[
            erased.post.to_string(),
            erased.sequence.to_string(),
            hex::encode(erased.digest),
            erased.at.to_string(),
            unformulated(&erased.order),
        ])?;
    }
    Ok(())
}

fn holds(home: &Home, page: &mut Page) -> Result<(), HqError> {
    page.row(
        &[
            "hold",
            "post",
            "sequence",
            "order",
            "by",
            "at",
            "released_by",
            "stands",
        ]
        .map(str::to_owned),
    )?;
    for hold in hold::all(home)? {
        page.row(&[
            hold.hold.to_string(),
            hold.post.to_string(),
            hold.sequence.to_string(),
            unformulated(&hold.order),
            hold.by.to_string(),
            hold.at.to_string(),
            hold.released_by.join(" "),
            hold.stands.to_string(),
        ])?;
    }
    Ok(())
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.to_string())
}

/// A file being written beside where it is to stand.
struct Page {
    file: BufWriter<NamedTempFile>,
    folder: PathBuf,
    rows: u64,
    left_out: u64,
    /// Whether the first row is a header.
    headed: bool,
}

impl Page {
    fn begin(out: &Path) -> Result<Self, HqError> {
        let folder = match out.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let file = tempfile::Builder::new()
            .prefix(durable::LEFTOVER)
            .permissions(Permissions::from_mode(0o600))
            .tempfile_in(&folder)
            .map_err(HqError::io(&folder))?;
        Ok(Self {
            file: BufWriter::new(file),
            folder,
            rows: 0,
            left_out: 0,
            headed: false,
        })
    }

    /// One row of a table; the first is the header.
    fn row<const N: usize>(&mut self, cells: &[String; N]) -> Result<(), HqError> {
        self.headed |= self.rows == 0;
        self.rows += 1;
        let mut writer = csv::Writer::from_writer(&mut self.file);
        writer
            .write_record(cells)
            .and_then(|()| Ok(writer.flush()?))
            .map_err(|e| HqError::io(&self.folder)(e.into()))
    }

    /// One object a line.
    fn object(&mut self, object: &impl Serialize) -> Result<(), HqError> {
        self.rows += 1;
        let mut line = serde_json::to_vec(object).expect("records are plain structures");
        line.push(b'\n');
        self.file
            .write_all(&line)
            .map_err(HqError::io(&self.folder))
    }

    fn end(self, order: &ExportOrder) -> Result<Exported, HqError> {
        let io = || HqError::io(&self.folder);
        let file = self.file.into_inner().map_err(|e| io()(e.into_error()))?;
        file.as_file().sync_all().map_err(io())?;
        let sha256 = digest_of(file.path())?;
        file.persist_noclobber(&order.out)
            .map_err(|e| HqError::io(&order.out)(e.error))?;
        durable::sync_folder(&self.folder).map_err(io())?;
        Ok(Exported {
            kind: order.kind,
            out: order.out.clone(),
            rows: self.rows - u64::from(self.headed),
            left_out: self.left_out,
            sha256,
        })
    }
}
