//! Legal hold: a record that a court or an inquiry may ask for is erased by nobody, neither on somebody's request nor
//! when its time is over, until two people have released it.
//!
//! Anybody at headquarters places a hold, by order. Where the keys for editions have holders, a release is a
//! signature with such a key, as an approval is: a name alone, or a row written into the book by hand, releases
//! nothing. In a pilot without holders two different names do. Every step stands in the ledger of acts.

use crate::HqError;
use crate::home::Home;
use crate::keyring::role_keys;
use crate::office::Office;
use crate::parcels::{Database, as_column};
use crate::register::parsed;
use crate::rights::fit_order;
use jiff::Timestamp;
use rules::{OfficerId, PostId, Sequence};
use rusqlite::params;
use seal::bundle::publish::{self, Holder, PublishError, Role};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

const PURPOSE: &str = "mpaka release of a hold v1";

/// So many different people must release a hold.
const RELEASERS_NEEDED: usize = 2;

/// One hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Its number.
    pub hold: i64,
    /// The post of the record.
    pub post: PostId,
    /// The encounter's number there.
    pub sequence: u64,
    /// The order that it rests on.
    pub order: String,
    /// Who placed it.
    pub by: OfficerId,
    /// When.
    pub at: Timestamp,
    /// Who has released it, as far as that counts.
    pub released_by: Vec<String>,
    /// Whether it keeps its record.
    pub stands: bool,
}

/// One person's word that a hold may end.
struct Release {
    person: String,
    at: String,
    key_id: String,
    signature: Vec<u8>,
}

/// Places a hold on a record that is here. The same one again is the one that stands.
///
/// # Errors
/// [`HqError::NoSuchRecord`] where the record is not here or was erased, [`HqError::OrderUnfit`], and what the
/// databases say.
pub async fn place(
    home: &Home,
    database: &Database,
    post: &PostId,
    sequence: Sequence,
    order: &str,
    by: &OfficerId,
    now: Timestamp,
) -> Result<Hold, HqError> {
    fit_order(order)?;
    let store = database.open_existing().await?;
    // Nothing is erased between the look and the hold.
    let _records = records(home)?;
    let before = sequence.0.saturating_sub(1);
    let found = store.page(post, before, 1).await?;
    let here = found
        .first()
        .is_some_and(|held| held.sequence == sequence && !held.sealed.is_empty());
    if !here {
        return Err(HqError::NoSuchRecord {
            post: post.clone(),
            sequence: sequence.0,
        });
    }
    let stands = of_record(home, post, sequence)?.into_iter();
    if let Some(same) = stands.filter(|h| h.stands).find(|h| h.order == order) {
        return Ok(same);
    }
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "INSERT INTO hold (post, sequence, by_order, placed_by, placed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                post.as_str(),
                as_column(sequence.0),
                order,
                by.as_str(),
                now.to_string()
            ],
        )
        .map_err(office.failed())?;
    one(home, office.connection.last_insert_rowid())
}

/// One person's release of a hold; with that of another it ends. A holder of a key for editions signs it.
///
/// # Errors
/// [`HqError::HoldUnknown`], [`HqError::Publish`] where the person holds no key here or the passphrase is wrong, and
/// what the databases say.
pub fn release(home: &Home, id: i64, by: &Holder, now: Timestamp) -> Result<Hold, HqError> {
    let hold = one(home, id)?;
    let mut release = Release {
        person: by.name.as_str().to_ascii_lowercase(),
        at: now.to_string(),
        key_id: String::new(),
        signature: Vec::new(),
    };
    let mut keys = role_keys(home)?;
    if !keys.holders(Role::Targets).is_empty() {
        keys.unlock(by)?;
        let numbers = numbers(&hold);
        (release.key_id, release.signature) = keys.sign_as(
            Role::Targets,
            &by.name,
            PURPOSE,
            &parts(&hold, &release, &numbers),
        )?;
        if !signed(home, &hold, &release)? {
            // A key that has been replaced: it opens, and counts for nothing.
            return Err(PublishError::NoSuchHolder {
                holder: by.name.clone(),
            }
            .into());
        }
    }
    let office = Office::open(home)?;
    office
        .connection
        .execute(
            "INSERT OR REPLACE INTO hold_release VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id,
                release.person,
                release.at,
                release.key_id,
                release.signature
            ],
        )
        .map_err(office.failed())?;
    one(home, id)
}

/// Every hold that was placed, by number.
///
/// # Errors
/// What the book and the keys say.
pub fn all(home: &Home) -> Result<Vec<Hold>, HqError> {
    read(home, "ORDER BY id", &[])
}

/// The records that holds keep, each with the number of one.
pub(crate) fn kept(home: &Home) -> Result<BTreeMap<(PostId, u64), i64>, HqError> {
    let stand = all(home)?.into_iter().filter(|hold| hold.stands);
    Ok(stand
        .map(|hold| ((hold.post, hold.sequence), hold.hold))
        .collect())
}

/// Checks that no hold keeps a record.
///
/// # Errors
/// [`HqError::UnderHold`], and what the book and the keys say.
pub(crate) fn none_stands(home: &Home, post: &PostId, sequence: Sequence) -> Result<(), HqError> {
    let mut stand = of_record(home, post, sequence)?.into_iter();
    match stand.find(|hold| hold.stands) {
        None => Ok(()),
        Some(hold) => Err(HqError::UnderHold {
            post: hold.post,
            sequence: hold.sequence,
            hold: hold.hold,
            order: hold.order,
        }),
    }
}

/// Held while records are erased, or kept from it: the one waits for the other.
pub(crate) fn records(home: &Home) -> Result<File, HqError> {
    let path = home.folder().join("records.lock");
    let lock = File::create(&path).map_err(HqError::io(&path))?;
    lock.lock().map_err(HqError::io(&path))?;
    Ok(lock)
}

fn one(home: &Home, id: i64) -> Result<Hold, HqError> {
    let found = read(home, "WHERE id = ?1", &[&id])?.pop();
    found.ok_or(HqError::HoldUnknown { id })
}

fn of_record(home: &Home, post: &PostId, sequence: Sequence) -> Result<Vec<Hold>, HqError> {
    let which = "WHERE post = ?1 AND sequence = ?2 ORDER BY id";
    read(home, which, &[&post.as_str(), &as_column(sequence.0)])
}

fn read(home: &Home, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Hold>, HqError> {
    let office = Office::open(home)?;
    let holds: Vec<Hold> = office
        .connection
        .prepare(&format!(
            "SELECT id, post, sequence, by_order, placed_by, placed_at FROM hold {which}"
        ))
        .and_then(|mut q| {
            q.query_map(values, |row| {
                Ok(Hold {
                    hold: row.get(0)?,
                    post: parsed(row, 1)?,
                    sequence: row.get::<_, i64>(2)?.unsigned_abs(),
                    order: row.get(3)?,
                    by: parsed(row, 4)?,
                    at: parsed(row, 5)?,
                    released_by: Vec::new(),
                    stands: true,
                })
            })?
            .collect()
        })
        .map_err(office.failed())?;
    if holds.is_empty() {
        return Ok(holds);
    }
    let by_key = !role_keys(home)?.holders(Role::Targets).is_empty();
    holds
        .into_iter()
        .map(|hold| judged(home, &office, hold, by_key))
        .collect()
}

/// Whether a hold stands, by the releases that count.
fn judged(home: &Home, office: &Office, mut hold: Hold, by_key: bool) -> Result<Hold, HqError> {
    let releases: Vec<Release> = office
        .connection
        .prepare(
            "SELECT person, at, key_id, signature FROM hold_release WHERE hold = ?1 ORDER BY at",
        )
        .and_then(|mut q| {
            q.query_map([hold.hold], |row| {
                Ok(Release {
                    person: row.get(0)?,
                    at: row.get(1)?,
                    key_id: row.get(2)?,
                    signature: row.get(3)?,
                })
            })?
            .collect()
        })
        .map_err(office.failed())?;
    let mut seen = BTreeSet::new();
    for release in releases {
        let counts = !by_key || signed(home, &hold, &release)?;
        let who = match by_key {
            true => &release.key_id,
            false => &release.person,
        };
        if counts && seen.insert(who.clone()) {
            hold.released_by.push(release.person);
        }
    }
    hold.stands = seen.len() < RELEASERS_NEEDED;
    Ok(hold)
}

/// Whether a key that the newest root names signed this.
fn signed(home: &Home, hold: &Hold, release: &Release) -> Result<bool, HqError> {
    let numbers = numbers(hold);
    Ok(publish::signed_by_role(
        &home.roots(),
        Role::Targets,
        &release.key_id,
        (PURPOSE, &parts(hold, release, &numbers)),
        &release.signature,
    )?)
}

/// What a release is of.
fn parts<'a>(hold: &'a Hold, release: &'a Release, numbers: &'a [u8; 16]) -> [&'a [u8]; 5] {
    [
        numbers,
        hold.post.as_str().as_bytes(),
        hold.order.as_bytes(),
        release.person.as_bytes(),
        release.at.as_bytes(),
    ]
}

/// The hold's number and its record's.
fn numbers(hold: &Hold) -> [u8; 16] {
    let mut numbers = [0; 16];
    numbers[..8].copy_from_slice(&hold.hold.to_be_bytes());
    numbers[8..].copy_from_slice(&hold.sequence.to_be_bytes());
    numbers
}
