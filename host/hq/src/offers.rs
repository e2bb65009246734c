//! Entries that other systems offer for the list. An offer lists nobody: a person looks at it and takes or
//! refuses it, and two people approve the list as ever.

use crate::HqError;
use crate::home::Home;
use crate::list::{self, ImportOrder};
use crate::office::Office;
use crate::register::Register;
use jiff::Timestamp;
use rules::{EntryId, OfficerId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

/// One entry as another system offers it; read by the rules of `mpaka-hq import --persons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferBody {
    /// The entry's name at the system that offers it.
    pub entry: EntryId,
    /// Names, the primary one first; may be written SURNAME, Given.
    pub names: Vec<String>,
    /// Birth dates: 1974-08-12, 1974-08 or 1974.
    #[serde(default)]
    pub birth: Vec<String>,
    /// F, M or X.
    #[serde(default)]
    pub sex: Option<String>,
    /// ISO 3166-1 alpha-3.
    #[serde(default)]
    pub nationality: Vec<String>,
    /// NUMBER/STATE/TYPE.
    #[serde(default)]
    pub documents: Vec<String>,
    /// What the second line is to do.
    #[serde(default)]
    pub action: Option<String>,
    /// The last day (2027-12-31).
    #[serde(default)]
    pub expires: Option<String>,
    /// The law or order that the listing rests on.
    pub legal_basis: String,
}

/// What has become of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Nobody has answered yet.
    Waiting,
    /// It is on the working list; two people must approve that.
    Taken,
    /// It was refused.
    Refused,
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Its number.
    pub id: i64,
    /// Who offers.
    pub token: OfficerId,
    /// When.
    pub at: Timestamp,
    /// What has become of it.
    pub state: OfferState,
    /// Why it was refused.
    pub why: Option<String>,
    /// The entry; once answered, no more of it than its name and its ground.
    pub body: OfferBody,
}

impl OfferBody {
    /// Puts the entry on the working list under a source of its own, so that it takes nothing else off.
    ///
    /// # Errors
    /// Those of [`list::import`].
    pub fn list_as(
        &self,
        home: &Home,
        register: &mut Register,
        source: &str,
        now: Timestamp,
    ) -> Result<(), HqError> {
        let (_folder, order) = self.written(source)?;
        list::import(register, &order, now)?;
        // What was withdrawn stays off, whoever offers it.
        match crate::withdraw::keep_out(home, register)?.is_empty() {
            true => Ok(()),
            false => Err(HqError::EntryWithdrawn {
                entry: self.entry.to_string(),
            }),
        }
    }

    /// What is kept of it once it is answered: its name and the ground that it was offered on.
    fn named_only(&self) -> Self {
        Self {
            entry: self.entry.clone(),
            names: Vec::new(),
            birth: Vec::new(),
            sex: None,
            nationality: Vec::new(),
            documents: Vec::new(),
            action: None,
            expires: None,
            legal_basis: self.legal_basis.clone(),
        }
    }

    /// Writes it as a file that an import reads.
    fn written(&self, source: &str) -> Result<(tempfile::TempDir, ImportOrder), HqError> {
        let folder = tempfile::tempdir().map_err(HqError::io(std::env::temp_dir()))?;
        let path = folder.path().join("offer.csv");
        let write = || -> csv::Result<()> {
            let mut writer = csv::Writer::from_path(&path)?;
            writer.write_record(list::PERSON_COLUMNS.iter().map(|(name, _)| *name))?;
            writer.write_record([
                self.entry.as_str(),
                &self.names.join("|"),
                &self.birth.join("|"),
                self.sex.as_deref().unwrap_or_default(),
                &self.nationality.join("|"),
                &self.documents.join("|"),
                self.action.as_deref().unwrap_or_default(),
                // Who may be told is headquarters' to say.
                "",
                self.expires.as_deref().unwrap_or_default(),
                // Photographs do not come this way.
                "",
            ])?;
            Ok(writer.flush()?)
        };
        write().map_err(|e| HqError::unreadable(&path, e))?;
        let order = ImportOrder {
            persons: Some(path),
            source: source.to_owned(),
            legal_basis: self.legal_basis.clone(),
            ..ImportOrder::default()
        };
        Ok((folder, order))
    }
}

impl Office {
    /// Keeps an offer until a person answers it. The same one again, as from a system that did not hear the answer,
    /// is the one that waits already.
    ///
    /// # Errors
    /// [`HqError::ImportRefused`] where it could not be listed, [`HqError::Database`].
    pub fn put_offer(
        &self,
        token: &OfficerId,
        body: &OfferBody,
        now: Timestamp,
    ) -> Result<Offer, HqError> {
        let (_folder, order) = body.written(token.as_str())?;
        list::check(&order).map_err(|e| match e {
            // The file is ours and of no concern to who offers.
            HqError::ImportRefused { mut faults } => {
                faults.iter_mut().for_each(|f| f.file = "offer".into());
                HqError::ImportRefused { faults }
            }
            other => other,
        })?;
        let text = serde_json::to_string(body).expect("texts always encode");
        let put = || -> rusqlite::Result<i64> {
            loop {
                let waits: Option<i64> = self
                    .connection
                    .query_row(
                        "SELECT id FROM offer WHERE token = ?1 AND body = ?2 AND state = 'waiting'",
                        params![token.as_str(), text],
                        |row| row.get(0),
                    )
                    .optional()?;
                if let Some(id) = waits {
                    return Ok(id);
                }
                self.connection.execute(
                    "INSERT INTO offer (token, body, at) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
                         SELECT 1 FROM offer WHERE token = ?1 AND body = ?2 AND state = 'waiting')",
                    params![token.as_str(), text, now.to_string()],
                )?;
            }
        };
        self.offer(put().map_err(self.failed())?)
    }

    /// Every offer, the newest last.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn offers(&self) -> Result<Vec<Offer>, HqError> {
        self.connection
            .prepare(&format!("{OFFERS} ORDER BY id"))
            .and_then(|mut q| q.query_map([], offer_of)?.collect())
            .map_err(self.failed())
    }

    /// One offer.
    ///
    /// # Errors
    /// [`HqError::OfferUnknown`], [`HqError::Database`].
    pub fn offer(&self, id: i64) -> Result<Offer, HqError> {
        one(&self.connection, id)
            .map_err(self.failed())?
            .ok_or(HqError::OfferUnknown { id })
    }
}

/// Takes an offer onto the working list. Two people must approve that as any change. Taken again, it stays taken.
///
/// # Errors
/// [`HqError::OfferUnknown`], [`HqError::OfferAnswered`] where it was refused, and those of [`OfferBody::list_as`].
pub fn take(home: &Home, id: i64, by: &OfficerId, now: Timestamp) -> Result<Offer, HqError> {
    answer(home, id, &Answer::Take, by, now)
}

/// Refuses an offer. Refused again, it stays refused for the first reason.
///
/// # Errors
/// [`HqError::OfferUnknown`], [`HqError::OfferAnswered`] where it was taken, [`HqError::Database`].
pub fn refuse(
    home: &Home,
    id: i64,
    by: &OfficerId,
    why: &str,
    now: Timestamp,
) -> Result<Offer, HqError> {
    answer(home, id, &Answer::Refuse { why }, by, now)
}

/// What a person says to an offer.
enum Answer<'a> {
    Take,
    Refuse { why: &'a str },
}

/// Answers an offer, once: whoever answers at the same time waits until this answer stands, or does not. Where the
/// power is cut after an entry was listed, the offer waits on, and taking it lists the same again.
fn answer(
    home: &Home,
    id: i64,
    answer: &Answer<'_>,
    by: &OfficerId,
    now: Timestamp,
) -> Result<Offer, HqError> {
    let mut office = Office::open(home)?;
    let failed = office.failed();
    let transaction = office
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    let unknown = || HqError::OfferUnknown { id };
    let offer = one(&transaction, id)
        .map_err(&failed)?
        .ok_or_else(unknown)?;
    let (state, word, why) = match answer {
        Answer::Take => (OfferState::Taken, "taken", None),
        Answer::Refuse { why } => (OfferState::Refused, "refused", Some(*why)),
    };
    if offer.state == state {
        return Ok(offer);
    }
    if offer.state != OfferState::Waiting {
        return Err(HqError::OfferAnswered { id });
    }
    if state == OfferState::Taken {
        let source = format!("{} {}", offer.token, offer.body.entry);
        let register = &mut Register::open(home)?;
        offer.body.list_as(home, register, &source, now)?;
    }
    // What it said of a person stands on the working list now, or nowhere.
    let left = serde_json::to_string(&offer.body.named_only()).expect("texts always encode");
    transaction
        .execute(
            "UPDATE offer SET state = ?2, by = ?3, why = ?4, answered_at = ?5, body = ?6 WHERE id = ?1",
            params![id, word, by.as_str(), why, now.to_string(), left],
        )
        .map_err(&failed)?;
    let offer = one(&transaction, id)
        .map_err(&failed)?
        .ok_or_else(unknown)?;
    transaction.commit().map_err(&failed)?;
    Ok(offer)
}

fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<Offer>> {
    connection
        .query_row(&format!("{OFFERS} WHERE id = ?1"), [id], offer_of)
        .optional()
}

const OFFERS: &str = "SELECT id, token, at, state, why, body FROM offer";

fn offer_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Offer> {
    let (state, body): (String, String) = (row.get(3)?, row.get(5)?);
    Ok(Offer {
        id: row.get(0)?,
        token: crate::register::parsed(row, 1)?,
        at: crate::register::parsed(row, 2)?,
        state: match state.as_str() {
            "waiting" => OfferState::Waiting,
            "taken" => OfferState::Taken,
            _ => OfferState::Refused,
        },
        why: row.get(4)?,
        body: serde_json::from_str(&body).map_err(|e| {
            rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(e))
        })?,
    })
}
