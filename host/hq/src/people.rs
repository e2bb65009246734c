//! People who come to headquarters' page with a certificate of their own, and what their role lets them do there.
//!
//! The certificate says only whose key it is. What that person may do says headquarters' own book: that a certificate
//! was ended, or another role given, counts from the next request on, also over a connection that stood open. Nothing
//! is approved or signed at the page: that takes the passphrase of a key for editions, whatever the role.

use crate::HqError;
use crate::access::{Scope, Token};
use crate::ceremony::days_after;
use crate::home::Home;
use crate::office::Office;
use crate::register::{parsed, parsed_or_none};
use crate::transport::Authority;
use jiff::Timestamp;
use pem::{EncodeConfig, LineEnding, Pem};
use ring::digest::{SHA256, digest};
use rules::OfficerId;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use rustls::pki_types::CertificateDer;
use seal::durable::{self, Readers};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use zeroize::Zeroizing;

/// What somebody is at headquarters, as far as the page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees the fleet and its figures.
    Viewer,
    /// Also follows the ledger of headquarters' own acts.
    Auditor,
    /// Sees the fleet, and what approving would change.
    Approver,
    /// As an approver; also halts a rollout.
    Publisher,
    /// Another system: the token that was made for it says what it may do, and without one it may do nothing.
    System,
}

impl Role {
    const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Auditor,
        Self::Approver,
        Self::Publisher,
        Self::System,
    ];

    /// The name used on the command line and in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
            Self::Approver => "approver",
            Self::Publisher => "publisher",
            Self::System => "system",
        }
    }

    /// What it may do at the page by itself.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => &[Scope::View],
            Self::Auditor => &[Scope::View, Scope::Audit],
            Self::Approver => &[Scope::View, Scope::Review],
            Self::Publisher => &[Scope::View, Scope::Review, Scope::Operate],
            Self::System => &[],
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, thiserror::Error)]
#[error("the roles are viewer, auditor, approver, publisher and system")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or(UnknownRole)
    }
}

/// SHA-256 of the public key in a certificate (its SubjectPublicKeyInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// That of this certificate's key; `None` where it is no certificate.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
        let info = certificate.subject_public_key_info();
        let digest = digest(&SHA256, &info);
        digest.as_ref().try_into().ok().map(Self)
    }
}

/// Somebody with a certificate, as the book has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Whose it is.
    pub name: OfficerId,
    /// What they are.
    pub role: Role,
    /// When it was made.
    pub made_at: Timestamp,
    /// It is good until then.
    pub good_until: Timestamp,
    /// When it was ended, or another took its place.
    pub ended_at: Option<Timestamp>,
}

impl Person {
    /// What is let in by it at this moment, as a token has it; `None` where it is good no more.
    #[must_use]
    pub fn token(&self, now: Timestamp) -> Option<Token> {
        let good = self.ended_at.is_none() && now < self.good_until;
        good.then(|| Token {
            name: self.name.clone(),
            scopes: self.role.scopes().iter().copied().collect(),
            made_at: self.made_at,
            revoked_at: None,
            system: None,
        })
    }
}

/// Makes a key and a certificate for somebody and writes them, with the authority's certificate, into a file of PEM
/// that only its owner reads. A certificate that the person had before is ended by that.
///
/// # Errors
/// [`HqError::Io`] where the file is there already, [`HqError::Certificate`], and what keys and databases say.
pub fn make(
    home: &Home,
    name: &OfficerId,
    role: Role,
    days: u32,
    out: &Path,
    now: Timestamp,
) -> Result<Person, HqError> {
    let authority = Authority::open_or_create(home, now)?;
    let mut office = Office::open(home)?;
    let good_until = days_after(now, days);
    let made = authority.certify_person(name, good_until, now)?;
    let key = KeyDigest::of(&CertificateDer::from(&made.certificate[..]))
        .ok_or_else(|| HqError::Certificate("it cannot be read back".into()))?;
    let person = Person {
        name: name.clone(),
        role,
        made_at: now,
        good_until,
        ended_at: None,
    };
    let encode = |tag: &str, der: &[u8]| {
        let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
        Zeroizing::new(pem::encode_config(&Pem::new(tag, der), lines))
    };
    let mut file = encode("PRIVATE KEY", &made.key);
    for certificate in [&made.certificate[..], authority.certificate()] {
        file.push_str(&encode("CERTIFICATE", certificate));
    }
    durable::create(out, file.as_bytes(), Readers::Owner).map_err(HqError::io(out))?;
    // Now it opens something: where this fails, the file is of no use, and another is made.
    office.put_person(&person, &key)?;
    Ok(person)
}

impl Office {
    /// Notes a certificate, and ends those that the same person had.
    fn put_person(&mut self, person: &Person, key: &KeyDigest) -> Result<(), HqError> {
        let failed = self.failed();
        let mut put = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "UPDATE person SET ended_at = ?2 WHERE name = ?1 COLLATE NOCASE AND ended_at IS NULL",
                params![person.name.as_str(), person.made_at.to_string()],
            )?;
            transaction.execute(
                "INSERT INTO person VALUES (?1, ?2, ?3, ?4, ?5, NULL)",
                params![
                    key.0,
                    person.name.as_str(),
                    person.role.as_str(),
                    person.made_at.to_string(),
                    person.good_until.to_string()
                ],
            )?;
            transaction.commit()
        };
        put().map_err(failed)
    }

    /// Ends a person's certificate.
    ///
    /// # Errors
    /// [`HqError::PersonUnknown`] where nobody of this name ever had one, [`HqError::Database`].
    pub fn end_person(&self, name: &OfficerId, now: Timestamp) -> Result<(), HqError> {
        let ended = self
            .connection
            .execute(
                "UPDATE person SET ended_at = coalesce(ended_at, ?2) WHERE name = ?1 COLLATE NOCASE",
                params![name.as_str(), now.to_string()],
            )
            .map_err(self.failed())?;
        if ended == 0 {
            return Err(HqError::PersonUnknown { name: name.clone() });
        }
        Ok(())
    }

    /// Every certificate that there has been, by name.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn people(&self) -> Result<Vec<Person>, HqError> {
        self.connection
            .prepare(
                "SELECT name, role, made_at, good_until, ended_at FROM person ORDER BY name, made_at",
            )
            .and_then(|mut q| q.query_map([], person_of)?.collect())
            .map_err(self.failed())
    }

    /// Whether a system of this name has a certificate that is good at this moment.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub(crate) fn has_system(&self, name: &OfficerId, now: Timestamp) -> Result<bool, HqError> {
        let is_it = |person: &Person| {
            person.role == Role::System
                && person.name.as_str().eq_ignore_ascii_case(name.as_str())
                && person.token(now).is_some()
        };
        Ok(self.people()?.iter().any(is_it))
    }

    /// Whose key this is; `None` where it stands in no certificate of the book.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn person(&self, key: &KeyDigest) -> Result<Option<Person>, HqError> {
        self.connection
            .prepare_cached(
                "SELECT name, role, made_at, good_until, ended_at FROM person WHERE key = ?1",
            )
            .and_then(|mut q| q.query_row([key.0], person_of).optional())
            .map_err(self.failed())
    }
}

fn person_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        name: parsed(row, 0)?,
        role: parsed(row, 1)?,
        made_at: parsed(row, 2)?,
        good_until: parsed(row, 3)?,
        ended_at: parsed_or_none(row, 4)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_certificate_is_good_in_its_time_and_until_it_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::make(folder.path()).unwrap();
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let name: OfficerId = "a.wanjiru".parse().unwrap();
        let made = |file: &str, role| {
            make(&home, &name, role, 30, &folder.path().join(file), now).unwrap()
        };
        let person = made("first.pem", Role::Approver);
        let token = person.token(now).unwrap();
        assert!(token.may(Scope::View) && token.may(Scope::Review));
        assert!(!token.may(Scope::Operate) && !token.may(Scope::Decisions));
        let later = now + SignedDuration::from_hours(24 * 30);
        assert!(person.token(later).is_none());
        // Another takes its place; a file that is there is left alone.
        let taken = folder.path().join("first.pem");
        let before = std::fs::read(&taken).unwrap();
        assert!(make(&home, &name, Role::Viewer, 30, &taken, now).is_err());
        assert_eq!(std::fs::read(&taken).unwrap(), before);
        made("second.pem", Role::Auditor);
        let office = Office::open(&home).unwrap();
        let good = |people: Vec<Person>| -> Vec<Role> {
            let good = people.into_iter().filter(|p| p.token(now).is_some());
            good.map(|p| p.role).collect()
        };
        assert_eq!(good(office.people().unwrap()), [Role::Auditor]);
        office.end_person(&name, now).unwrap();
        assert!(good(office.people().unwrap()).is_empty());
        let nobody: OfficerId = "e.nobody".parse().unwrap();
        let refused = office.end_person(&nobody, now);
        assert!(matches!(refused, Err(HqError::PersonUnknown { .. })));
    }

    #[test]
    fn no_role_at_the_page_gives_out_records_or_takes_entries() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), role);
            for scope in [Scope::Decisions, Scope::Entries] {
                assert!(!role.scopes().contains(&scope), "{role}");
            }
        }
    }
}
