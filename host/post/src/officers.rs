//! Who may sign in at the desk: officers with PINs, kept only as Argon2id hashes, in a file that is sealed under
//! the store's key: a stolen disk names no officer.
//!
//! A PIN is short, so guessing is stopped by counting: after five wrong PINs in a row the officer is
//! locked until the technician sets a new PIN. The count is on disk before the PIN is looked at, so
//! pulling the plug between two guesses gains nothing.

use crate::state::{StateDir, StateError};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rules::OfficerId;
use seal::durable::Readers;
use seal::storekey::StoreKey;
use seal::{SealError, vault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Wrong PINs in a row after which an officer is locked.
pub const WRONG_PINS_ALLOWED: u8 = 5;
/// The fewest characters of a PIN.
pub const SHORTEST_PIN: usize = 4;
/// The most characters of a PIN: longer input is not hashed.
pub const LONGEST_PIN: usize = 128;

/// Why the register of officers could not be used.
#[derive(Debug, thiserror::Error)]
pub enum OfficersError {
    /// The register cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The register does not open: unlock the keys, or restore it.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The PIN is too short or too long: choose another.
    #[error("a PIN has {SHORTEST_PIN} to {LONGEST_PIN} characters")]
    PinLength,
    /// Nobody of that name may sign in: see `mpaka officer list`.
    #[error("{0} is no officer of this box")]
    Unknown(OfficerId),
    /// The PIN could not be hashed: the machine has too little memory or no randomness.
    #[error("the PIN could not be hashed: {0}")]
    Hash(String),
}

/// What somebody may do at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The first line: travellers, and of a list entry only what neutral words say.
    #[default]
    Officer,
    /// The second line: the referred, with the reasons.
    SecondLine,
    /// The technician: the box, no travellers.
    Technician,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Officer, Self::SecondLine, Self::Technician];

    /// The name used on the command line, in JSON and in locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::SecondLine => "second_line",
            Self::Technician => "technician",
        }
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The name at the desk.
    pub id: OfficerId,
    /// What she may do.
    pub role: Role,
    /// Whether too many wrong PINs locked her out: a new PIN unlocks.
    pub locked: bool,
}

/// What came of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// The officer is who the officer says.
    Accepted(OfficerId, Role),
    /// Officer or PIN is wrong; which of them is not said.
    Wrong,
    /// Too many wrong PINs: a technician unlocks.
    Locked,
    /// Nobody has been added yet.
    NoOfficers,
}

#[derive(Debug, Serialize, Deserialize)]
struct Register {
    version: u16,
    officers: BTreeMap<OfficerId, Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    pin_hash: String,
    wrong_pins: u8,
    /// Version 1 knew no roles: everybody was an officer of the first line.
    #[serde(default)]
    role: Role,
}

/// Version 2 knows roles; a program that does not would make officers of everybody.
const VERSION: u16 = 2;
/// What the register is sealed for.
const PURPOSE: &str = "officers";

/// The register of officers of one box.
#[derive(Debug, Clone)]
pub struct Officers {
    state: StateDir,
}

impl Officers {
    /// The register in this state folder.
    #[must_use]
    pub fn of(state: &StateDir) -> Self {
        Self {
            state: state.clone(),
        }
    }

    /// Adds an officer in a role, or gives an officer a new PIN and role and unlocks.
    ///
    /// # Errors
    /// [`OfficersError`].
    pub fn add(&self, officer: OfficerId, role: Role, pin: &str) -> Result<(), OfficersError> {
        if !(SHORTEST_PIN..=LONGEST_PIN).contains(&pin.chars().count()) {
            return Err(OfficersError::PinLength);
        }
        let mut register = self.register()?;
        register.officers.insert(
            officer,
            Entry {
                pin_hash: hash(pin)?,
                wrong_pins: 0,
                role,
            },
        );
        register.version = VERSION;
        self.write(&register)
    }

    /// Takes an officer off the register: she signs in no more, and the desk ends a session of hers within a minute or so.
    ///
    /// # Errors
    /// [`OfficersError::Unknown`], [`OfficersError::State`].
    pub fn remove(&self, officer: &OfficerId) -> Result<(), OfficersError> {
        let mut register = self.register()?;
        if register.officers.remove(officer).is_none() {
            return Err(OfficersError::Unknown(officer.clone()));
        }
        self.write(&register)
    }

    /// Everyone who may sign in.
    ///
    /// # Errors
    /// [`OfficersError::State`].
    pub fn list(&self) -> Result<Vec<Officer>, OfficersError> {
        let officers = self.register()?.officers.into_iter();
        Ok(officers
            .map(|(id, entry)| Officer {
                id,
                role: entry.role,
                locked: entry.wrong_pins >= WRONG_PINS_ALLOWED,
            })
            .collect())
    }

    /// Tries an officer's PIN. Callers let one attempt run at a time.
    ///
    /// # Errors
    /// [`OfficersError`] where the register cannot be read or the attempt cannot be counted.
    pub fn sign_in(&self, officer: &str, pin: &str) -> Result<SignIn, OfficersError> {
        let mut register = self.register()?;
        if register.officers.is_empty() {
            return Ok(SignIn::NoOfficers);
        }
        if pin.len() > 4 * LONGEST_PIN {
            return Ok(SignIn::Wrong);
        }
        let known = OfficerId::new(officer)
            .ok()
            .filter(|id| register.officers.contains_key(id));
        let Some(id) = known else {
            // The work of a real attempt, so that time does not tell who is an officer here.
            hash(pin)?;
            return Ok(SignIn::Wrong);
        };
        let Some(entry) = register.officers.get_mut(&id) else {
            return Ok(SignIn::Wrong);
        };
        if entry.wrong_pins >= WRONG_PINS_ALLOWED {
            return Ok(SignIn::Locked);
        }
        entry.wrong_pins += 1;
        let right_hash = entry.pin_hash.clone();
        let role = entry.role;
        let locked_now = entry.wrong_pins >= WRONG_PINS_ALLOWED;
        self.write(&register)?;
        let right = PasswordHash::new(&right_hash).is_ok_and(|h| {
            Argon2::default()
                .verify_password(pin.as_bytes(), &h)
                .is_ok()
        });
        if !right {
            return Ok(if locked_now {
                SignIn::Locked
            } else {
                SignIn::Wrong
            });
        }
        // The technician may have written it while the PIN was looked at: what she wrote stays.
        let mut register = self.register()?;
        let Some(entry) = register.officers.get_mut(&id) else {
            return Ok(SignIn::Wrong);
        };
        if entry.pin_hash != right_hash {
            return Ok(SignIn::Wrong);
        }
        entry.wrong_pins = 0;
        self.write(&register)?;
        Ok(SignIn::Accepted(id, role))
    }

    fn register(&self) -> Result<Register, OfficersError> {
        let (path, clear) = (self.state.officers(), self.state.officers_in_clear());
        if let Some(sealed) = self.state.read(&path)? {
            return read(&path, &self.key()?.open_file(PURPOSE, &sealed)?);
        }
        let Some(bytes) = self.state.read(&clear)? else {
            return Ok(Register {
                version: VERSION,
                officers: BTreeMap::new(),
            });
        };
        // An older program left it in the clear.
        let register = read(&clear, &bytes)?;
        self.write(&register)?;
        Ok(register)
    }

    fn write(&self, register: &Register) -> Result<(), OfficersError> {
        let path = self.state.officers();
        let bytes = serde_json::to_vec_pretty(register).map_err(|e| StateError::Damaged {
            path: path.clone(),
            why: e.to_string(),
        })?;
        let sealed = self.key()?.seal_file(PURPOSE, &bytes)?;
        self.state.write(&path, &sealed, Readers::Owner)?;
        Ok(vault::shred(&self.state.officers_in_clear())?)
    }

    fn key(&self) -> Result<StoreKey, SealError> {
        StoreKey::open(&self.state.store_key())
    }
}

fn read(path: &Path, bytes: &[u8]) -> Result<Register, OfficersError> {
    let register: Register = serde_json::from_slice(bytes).map_err(|e| StateError::Damaged {
        path: path.to_owned(),
        why: e.to_string(),
    })?;
    if register.version > VERSION {
        return Err(StateError::Newer {
            path: path.to_owned(),
            found: register.version,
            known: VERSION,
        }
        .into());
    }
    Ok(register)
}

fn hash(pin: &str) -> Result<String, OfficersError> {
    Argon2::default()
        .hash_password(pin.as_bytes())
        .map(|h| h.to_string())
        .map_err(|e| OfficersError::Hash(e.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn officers(folder: &tempfile::TempDir) -> Officers {
        let state = StateDir::new(folder.path());
        StoreKey::open_or_create(&state.store_key()).unwrap();
        Officers::of(&state)
    }

    #[test]
    fn five_wrong_pins_lock_and_a_new_pin_unlocks() {
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        let id = OfficerId::new("a.officer").unwrap();
        assert_eq!(
            officers.sign_in("a.officer", "2468").unwrap(),
            SignIn::NoOfficers
        );
        officers.add(id.clone(), Role::Officer, "2468").unwrap();
        assert_eq!(
            officers.sign_in("a.officer", "2468").unwrap(),
            SignIn::Accepted(id.clone(), Role::Officer)
        );
        for _ in 0..4 {
            assert_eq!(
                officers.sign_in("a.officer", "1111").unwrap(),
                SignIn::Wrong
            );
        }
        assert_eq!(
            officers.sign_in("a.officer", "1111").unwrap(),
            SignIn::Locked
        );
        assert_eq!(
            officers.sign_in("a.officer", "2468").unwrap(),
            SignIn::Locked,
            "the right PIN comes too late"
        );
        officers.add(id.clone(), Role::Officer, "8642").unwrap();
        assert_eq!(
            officers.sign_in("a.officer", "8642").unwrap(),
            SignIn::Accepted(id, Role::Officer)
        );
    }

    #[test]
    fn yesterdays_register_holds_officers_of_the_first_line_and_tomorrows_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        let hash = hash("2468").unwrap();
        let path = folder.path().join("officers.json");
        let yesterday = format!(
            r#"{{"version":1,"officers":{{"a":{{"pin_hash":"{hash}","wrong_pins":5}},"b":{{"pin_hash":"{hash}","wrong_pins":0}}}}}}"#
        );
        std::fs::write(&path, &yesterday).unwrap();
        let shown: Vec<_> = officers
            .list()
            .unwrap()
            .into_iter()
            .map(|o| (o.id.to_string(), o.role, o.locked))
            .collect();
        assert_eq!(
            shown,
            [
                ("a".to_owned(), Role::Officer, true),
                ("b".to_owned(), Role::Officer, false)
            ]
        );
        assert!(!path.exists(), "what lay in the clear is sealed");
        let second = OfficerId::new("s").unwrap();
        officers
            .add(second.clone(), Role::SecondLine, "8642")
            .unwrap();
        assert_eq!(
            officers.sign_in("s", "8642").unwrap(),
            SignIn::Accepted(second, Role::SecondLine)
        );
        assert_eq!(officers.list().unwrap().len(), 3);
        std::fs::remove_file(folder.path().join("officers.sealed")).unwrap();
        std::fs::write(&path, yesterday.replace("\"version\":1", "\"version\":3")).unwrap();
        assert!(matches!(
            officers.sign_in("b", "2468"),
            Err(OfficersError::State(StateError::Newer { found: 3, .. }))
        ));
    }

    #[test]
    fn who_was_taken_off_signs_in_no_more_and_the_others_do() {
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        let [gone, stays] = ["gone", "stays"].map(|id| OfficerId::new(id).unwrap());
        for id in [&gone, &stays] {
            officers.add(id.clone(), Role::Officer, "2468").unwrap();
        }
        officers.remove(&gone).unwrap();
        assert_eq!(officers.sign_in("gone", "2468").unwrap(), SignIn::Wrong);
        assert!(matches!(
            officers.sign_in("stays", "2468").unwrap(),
            SignIn::Accepted(..)
        ));
        assert!(matches!(
            officers.remove(&gone),
            Err(OfficersError::Unknown(id)) if id == gone
        ));
        assert_eq!(officers.list().unwrap().len(), 1);
    }

    #[test]
    fn a_right_pin_starts_the_count_again() {
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        officers
            .add(OfficerId::new("b").unwrap(), Role::Officer, "2468")
            .unwrap();
        for _ in 0..2 {
            for _ in 0..4 {
                assert_eq!(officers.sign_in("b", "0000").unwrap(), SignIn::Wrong);
            }
            assert!(matches!(
                officers.sign_in("b", "2468").unwrap(),
                SignIn::Accepted(..)
            ));
        }
    }

    #[test]
    fn neither_name_nor_pin_stands_in_the_file_and_only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        let id = OfficerId::new("amina.hassan").unwrap();
        officers.add(id, Role::Officer, "73519824").unwrap();
        let path = folder.path().join("officers.sealed");
        let bytes = std::fs::read(&path).unwrap();
        for secret in [&b"73519824"[..], b"amina", b"argon2", b"officer"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret));
        }
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        // Another box's key does not open it, nor does the store's without the file as it was.
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(matches!(officers.list(), Err(OfficersError::Seal(_))));
        std::fs::write(&path, &bytes).unwrap();
        std::fs::remove_file(folder.path().join("store.key")).unwrap();
        StoreKey::open_or_create(&folder.path().join("store.key")).unwrap();
        assert!(matches!(
            officers.sign_in("amina.hassan", "73519824"),
            Err(OfficersError::Seal(SealError::CannotUnlock))
        ));
    }

    #[test]
    fn hostile_input_is_only_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let officers = officers(&folder);
        officers
            .add(OfficerId::new("a").unwrap(), Role::Officer, "2468")
            .unwrap();
        for (id, pin) in [
            ("", ""),
            ("../a", "2468"),
            ("a\0", "2468"),
            ("a", &"9".repeat(100_000)),
        ] {
            assert_eq!(officers.sign_in(id, pin).unwrap(), SignIn::Wrong, "{id:?}");
        }
        assert!(matches!(
            officers.add(OfficerId::new("c").unwrap(), Role::Officer, "123"),
            Err(OfficersError::PinLength)
        ));
    }
}
