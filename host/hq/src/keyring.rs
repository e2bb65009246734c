//! Headquarters' own keys over time: the ones that boxes seal to now, and the ones before, kept for as long
//! as a box somewhere may still hold parcels sealed to them.

use crate::HqError;
use crate::home::Home;
use crate::pkcs11::{self, KeyUri, Pkcs11Tokens};
use jiff::Timestamp;
use seal::SealError;
use seal::bundle::publish::KeyFolder;
use seal::durable::{self, Readers};
use seal::hq::{HqKeyId, HqPrivate, HqPublic};
use seal::protection::ProtectionPublic;
use seal::token::Tokens;
use seal::word::{Signed, Succession};
use std::sync::Arc;

/// The signing roles' keys; those in tokens open where nobody needs to type a PIN.
///
/// # Errors
/// [`HqError::Publish`].
pub fn role_keys(home: &Home) -> Result<KeyFolder, HqError> {
    role_keys_with(home, pkcs11::unattended())
}

/// The same, with a way to tokens that may ask somebody.
///
/// # Errors
/// [`HqError::Publish`].
pub fn role_keys_with(home: &Home, tokens: Arc<dyn Tokens>) -> Result<KeyFolder, HqError> {
    Ok(KeyFolder::open_with(&home.keys(), tokens)?)
}

/// The keys on this machine.
#[derive(Debug)]
pub struct Keyring {
    /// The newest first.
    keys: Vec<HqPrivate>,
    /// Oldest first, each with the keys that signed it.
    successions: Vec<(HqKeyId, Vec<u8>)>,
}

impl Keyring {
    /// Opens them.
    ///
    /// # Errors
    /// [`HqError::Seal`] where the newest are absent or any is damaged, [`HqError::Io`].
    pub fn open(home: &Home) -> Result<Self, HqError> {
        let tokens = pkcs11::unattended();
        let mut keys = vec![HqPrivate::open_with(&home.private(), &tokens)?];
        let mut successions = Vec::new();
        for number in 1.. {
            let former = home.former_private(number);
            if !former.exists() {
                break;
            }
            let former = HqPrivate::open_with(&former, &tokens)?;
            // The same twice is a change that a power cut interrupted.
            if former.public() != keys[0].public() {
                keys.insert(1, former);
            }
        }
        for former in keys.iter().skip(1).rev() {
            let path = home.succession(former.public().id());
            let bytes = std::fs::read(&path).map_err(HqError::io(&path))?;
            Signed::<Succession>::from_bytes(&bytes)?
                .verify(std::slice::from_ref(former.public()))?;
            successions.push((former.public().id(), bytes));
        }
        Ok(Self { keys, successions })
    }

    /// Makes the next keys: from now on boxes seal to them as soon as they have heard of them. The key of
    /// protection records stays, unless another is given. The key that signs is made in a token where one is named.
    ///
    /// # Errors
    /// [`HqError::ReceiptKeyNeeded`] where the present one lies in a token and none is named for the next,
    /// [`HqError::Pkcs11`], [`HqError::Seal`], [`HqError::Io`].
    pub fn rotate(
        home: &Home,
        protection: Option<ProtectionPublic>,
        receipts: Option<(&KeyUri, &Arc<Pkcs11Tokens>)>,
        now: Timestamp,
    ) -> Result<Self, HqError> {
        let unattended = pkcs11::unattended();
        let current = HqPrivate::open_with(&home.private(), &unattended)?;
        if current.receipts_in().is_some() && receipts.is_none() {
            return Err(HqError::ReceiptKeyNeeded);
        }
        // Before anything is made: the present key has to name the next.
        current.ready()?;
        let next_file = home.next_private();
        let protection = protection.or(current.public().protection().copied());
        let next = match receipts {
            None => HqPrivate::open_or_create_in(&next_file, protection, None, &unattended)?,
            Some((uri, tokens)) => {
                let tokens: Arc<dyn Tokens> = tokens.clone();
                let uri = uri.to_string();
                let next =
                    HqPrivate::open_or_create_in(&next_file, protection, Some(&uri), &tokens)?;
                pkcs11::stands_where_asked(&next_file, next.receipts_in(), Some(&uri))?;
                next
            }
        };
        let word = Signed::sign(
            Succession {
                next: next.public().clone(),
                at: now,
            },
            &current,
        )?;
        let path = home.succession(current.public().id());
        durable::replace(&path, &word.to_bytes(), Readers::Anyone).map_err(HqError::io(&path))?;
        // The old keys stand under both names before the new ones take their place: a power cut in between
        // leaves the old ones in force, and this can be done again.
        for number in 1.. {
            let former = home.former_private(number);
            if !former.exists() {
                std::fs::hard_link(home.private(), &former).map_err(HqError::io(&former))?;
                break;
            }
            let former = HqPrivate::open_with(&former, &unattended)?;
            if former.public() == current.public() {
                break;
            }
        }
        std::fs::rename(&next_file, home.private()).map_err(HqError::io(&next_file))?;
        durable::sync_folder(home.folder()).map_err(HqError::io(home.folder()))?;
        next.public().write(&home.public())?;
        Self::open(home)
    }

    /// The keys that boxes seal to now.
    #[must_use]
    pub fn current(&self) -> &HqPrivate {
        &self.keys[0]
    }

    /// The keys of this name.
    ///
    /// # Errors
    /// [`SealError::AnotherHq`] where they were never ours.
    pub fn named(&self, name: HqKeyId, what: &'static str) -> Result<&HqPrivate, SealError> {
        self.keys
            .iter()
            .find(|key| key.public().id() == name)
            .ok_or_else(|| SealError::AnotherHq {
                what,
                found: name,
                ours: self.current().public().id(),
            })
    }

    /// How the keys changed since those of this name, oldest first, signed.
    #[must_use]
    pub fn since(&self, name: HqKeyId) -> Vec<&[u8]> {
        self.successions
            .iter()
            .skip_while(|(from, _)| *from != name)
            .map(|(_, word)| &word[..])
            .collect()
    }

    /// All public halves, the newest first.
    #[must_use]
    pub fn public(&self) -> Vec<HqPublic> {
        self.keys.iter().map(|key| key.public().clone()).collect()
    }
}
