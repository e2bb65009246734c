//! Who may use headquarters' page and interface: tokens, each for stated purposes, known here only by digest.
//!
//! A token that was made for a system is bound to that system's certificate, as RFC 8705 section 3 has it: a token that
//! somebody copied opens nothing without the key, and one system's token nothing to another. It is bound by the name in
//! headquarters' book, so that a renewed certificate of the same system goes on with it. A token of nobody's is for
//! this machine alone, where no certificates are shown.

use crate::HqError;
use crate::office::Office;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rules::OfficerId;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See the fleet, its figures and statistics: no personal data.
    View,
    /// Also halt a rollout from the page.
    Operate,
    /// Also see what approving the working list would change.
    Review,
    /// Also follow the ledger of headquarters' own acts.
    Audit,
    /// Another system pulls decisions: personal data.
    Decisions,
    /// Another system offers entries for the list; people decide.
    Entries,
}

impl Scope {
    const ALL: [Self; 6] = [
        Self::View,
        Self::Operate,
        Self::Review,
        Self::Audit,
        Self::Decisions,
        Self::Entries,
    ];

    /// The name used on the command line and in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Operate => "operate",
            Self::Review => "review",
            Self::Audit => "audit",
            Self::Decisions => "decisions",
            Self::Entries => "entries",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Debug, thiserror::Error)]
#[error("the scopes are view, operate, review, audit, decisions and entries")]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or(UnknownScope)
    }
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Whose it is: a person, a screen, another system.
    pub name: OfficerId,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ceased to be good.
    pub revoked_at: Option<Timestamp>,
    /// The system with whose certificate alone it is good; where none is named, it is good in the clear alone.
    pub system: Option<OfficerId>,
}

impl Token {
    /// Whether it may be used for this. Who may do more at the page may view it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        let at_the_page = [Scope::Operate, Scope::Review, Scope::Audit];
        self.scopes.contains(&scope)
            || (scope == Scope::View && at_the_page.iter().any(|s| self.scopes.contains(s)))
    }

    /// Whether it is good beside the certificate of this system; in the clear there is none.
    #[must_use]
    pub fn goes_with(&self, shown: Option<&OfficerId>) -> bool {
        match (&self.system, shown) {
            (None, None) => true,
            // In the book names are one in whatever case.
            (Some(bound), Some(shown)) => bound.as_str().eq_ignore_ascii_case(shown.as_str()),
            _ => false,
        }
    }
}

impl Office {
    /// Makes a token, bound to the certificate of a system where one is named. Its secret is returned this once and
    /// kept nowhere.
    ///
    /// # Errors
    /// [`HqError::TokenTaken`] where the name has been used, [`HqError::SystemUnknown`] where no system of that name
    /// has a certificate that is good, [`HqError::Seal`], [`HqError::Database`].
    pub fn make_token(
        &self,
        name: &OfficerId,
        scopes: &BTreeSet<Scope>,
        system: Option<&OfficerId>,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, HqError> {
        if let Some(system) = system
            && !self.has_system(system, now)?
        {
            return Err(HqError::SystemUnknown {
                name: system.clone(),
            });
        }
        let mut secret = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *secret)
            .map_err(|_| seal::SealError::NoRandomness)?;
        let secret = Zeroizing::new(format!("mpaka_{}", hex::encode(*secret)));
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let added = self
            .connection
            .execute(
                "INSERT INTO token (name, digest, scopes, made_at, system)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                params![
                    name.as_str(),
                    digest(&SHA256, secret.as_bytes()).as_ref(),
                    scopes.join(" "),
                    now.to_string(),
                    system.map(OfficerId::as_str)
                ],
            )
            .map_err(self.failed())?;
        if added == 0 {
            return Err(HqError::TokenTaken { name: name.clone() });
        }
        Ok(secret)
    }

    /// Ends a token. Its name is not given again.
    ///
    /// # Errors
    /// [`HqError::TokenUnknown`], [`HqError::Database`].
    pub fn revoke_token(&self, name: &OfficerId, now: Timestamp) -> Result<(), HqError> {
        let ended = self
            .connection
            .execute(
                "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1",
                params![name.as_str(), now.to_string()],
            )
            .map_err(self.failed())?;
        if ended == 0 {
            return Err(HqError::TokenUnknown { name: name.clone() });
        }
        Ok(())
    }

    /// Every token there has been.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn tokens(&self) -> Result<Vec<Token>, HqError> {
        self.connection
            .prepare("SELECT name, scopes, made_at, revoked_at, system FROM token ORDER BY name")
            .and_then(|mut q| q.query_map([], token_of)?.collect())
            .map_err(self.failed())
    }

    /// Whose secret this is, where the token is good. It is looked up by its digest, so that the time it
    /// takes says nothing of the secrets that there are.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn token(&self, secret: &str) -> Result<Option<Token>, HqError> {
        self.connection
            .prepare_cached(
                "SELECT name, scopes, made_at, revoked_at, system FROM token
                 WHERE digest = ?1 AND revoked_at IS NULL",
            )
            .and_then(|mut q| {
                q.query_row([digest(&SHA256, secret.as_bytes()).as_ref()], token_of)
                    .optional()
            })
            .map_err(self.failed())
    }
}

fn token_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Token> {
    let scopes: String = row.get(1)?;
    Ok(Token {
        name: crate::register::parsed(row, 0)?,
        scopes: scopes.split(' ').filter_map(|s| s.parse().ok()).collect(),
        made_at: crate::register::parsed(row, 2)?,
        revoked_at: row
            .get::<_, Option<String>>(3)?
            .and_then(|text| text.parse().ok()),
        system: crate::register::parsed_or_none(row, 4)?,
    })
}
