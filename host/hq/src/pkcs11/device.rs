//! Libraries of tokens, the tokens that they see, and being logged in to one.

use super::uri::{KeyUri, of_token};
use super::{Pkcs11Error, locked};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use zeroize::Zeroizing;

/// The environment variable that names the library where a URI does not.
const MODULE: &str = "MPAKA_PKCS11_MODULE";

/// The libraries that this process has begun to use: each is begun once.
static MODULES: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// The tokens that this process is logged in to.
static LOGINS: Mutex<BTreeMap<TokenName, Weak<Login>>> = Mutex::new(BTreeMap::new());

/// The tokens that refused a program's PIN and say nothing of it afterwards. No program of this process gives them one
/// again.
static REFUSED: Mutex<BTreeSet<TokenName>> = Mutex::new(BTreeSet::new());

/// Which token: its library and serial number, and its label, since some makers number no tokens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenName {
    module: PathBuf,
    serial: String,
    label: String,
}

impl TokenName {
    /// Whether this URI is of a key in this token, which need not be here for that.
    #[must_use]
    pub fn holds(&self, key: &KeyUri) -> bool {
        key.names(&self.label, &self.serial)
    }
}

/// How a token's PIN stands, as the token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PinState {
    /// There is none yet.
    Unset,
    /// It was right when it was given last.
    Good,
    /// A wrong one was given since it was right.
    RefusedBefore,
    /// One more wrong one locks the token.
    LastTry,
    /// The token has locked itself.
    Locked,
}

impl PinState {
    fn of(info: &TokenInfo) -> Self {
        if info.user_pin_locked() {
            Self::Locked
        } else if !info.user_pin_initialized() {
            Self::Unset
        } else if info.user_pin_final_try() {
            Self::LastTry
        } else if info.user_pin_count_low() {
            Self::RefusedBefore
        } else {
            Self::Good
        }
    }
}

impl fmt::Display for PinState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unset => "no PIN yet",
            Self::Good => "PIN set",
            Self::RefusedBefore => "a wrong PIN was given",
            Self::LastTry => "ONE TRY LEFT",
            Self::Locked => "LOCKED",
        })
    }
}

/// One token that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenState {
    /// Its label.
    pub token: String,
    /// Its serial number.
    pub serial: String,
    /// Who made it.
    pub manufacturer: String,
    /// What kind it is.
    pub model: String,
    /// How its PIN stands.
    pub pin: PinState,
    /// Whether it makes and uses Ed25519 keys: for roles and receipts.
    pub ed25519: bool,
    /// Whether it makes and uses ECDSA P-256 keys: for the authority.
    pub p256: bool,
    /// How a URI of a key in it begins.
    pub uri: String,
}

/// The tokens that a library sees; the library that the environment names where none is given.
///
/// # Errors
/// [`Pkcs11Error::ModuleUnnamed`], [`Pkcs11Error::ModuleUnusable`].
pub fn tokens(library: Option<&Path>) -> Result<Vec<TokenState>, Pkcs11Error> {
    let path = module_path(library)?;
    let module = module(&path)?;
    Ok(present(&path, &module)?
        .into_iter()
        .map(|(slot, info)| {
            let knows = |mechanism| module.get_mechanism_info(slot, mechanism).is_ok();
            TokenState {
                token: info.label().to_owned(),
                serial: info.serial_number().to_owned(),
                manufacturer: info.manufacturer_id().to_owned(),
                model: info.model().to_owned(),
                pin: PinState::of(&info),
                ed25519: knows(MechanismType::EDDSA)
                    && knows(MechanismType::ECC_EDWARDS_KEY_PAIR_GEN),
                p256: knows(MechanismType::ECDSA) && knows(MechanismType::ECC_KEY_PAIR_GEN),
                uri: of_token(info.label(), info.serial_number()),
            }
        })
        .collect())
}

fn module_path(named: Option<&Path>) -> Result<PathBuf, Pkcs11Error> {
    match named {
        Some(path) => Ok(path.to_owned()),
        None => std::env::var_os(MODULE)
            .map(PathBuf::from)
            .ok_or(Pkcs11Error::ModuleUnnamed),
    }
}

/// The library, begun once in this process.
fn module(path: &Path) -> Result<Pkcs11, Pkcs11Error> {
    let mut begun = locked(&MODULES);
    if let Some(module) = begun.get(path) {
        return Ok(module.clone());
    }
    let failed = |e: Error| unusable(path, &e);
    let module = Pkcs11::new(path).map_err(failed)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(e) => return Err(failed(e)),
    }
    begun.insert(path.to_owned(), module.clone());
    Ok(module)
}

fn unusable(path: &Path, error: &Error) -> Pkcs11Error {
    Pkcs11Error::ModuleUnusable {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

/// The tokens that have been set up. One that cannot be asked is passed over: it is being pulled out.
fn present(path: &Path, module: &Pkcs11) -> Result<Vec<(Slot, TokenInfo)>, Pkcs11Error> {
    let slots = module
        .get_slots_with_token()
        .map_err(|e| unusable(path, &e))?;
    Ok(slots
        .into_iter()
        .filter_map(|slot| Some((slot, module.get_token_info(slot).ok()?)))
        .filter(|(_, info)| info.token_initialized())
        .collect())
}

/// A token that a URI means, and that is here.
pub(super) struct Found {
    name: TokenName,
    module: Pkcs11,
    slot: Slot,
    info: TokenInfo,
}

impl Found {
    /// The one token that the URI means.
    pub(super) fn of(uri: &KeyUri) -> Result<Self, Pkcs11Error> {
        let path = module_path(uri.module())?;
        let module = module(&path)?;
        let mut meant: Vec<(Slot, TokenInfo)> = present(&path, &module)?
            .into_iter()
            .filter(|(_, info)| {
                uri.means(
                    info.label(),
                    info.serial_number(),
                    info.manufacturer_id(),
                    info.model(),
                )
            })
            .collect();
        let count = meant.len();
        let token = uri.token().to_owned();
        match (meant.pop(), count) {
            (Some((slot, info)), 1) => Ok(Self {
                name: TokenName {
                    module: path,
                    serial: info.serial_number().to_owned(),
                    label: info.label().to_owned(),
                },
                module,
                slot,
                info,
            }),
            (None, _) => Err(Pkcs11Error::NoToken { token }),
            (Some(_), count) => Err(Pkcs11Error::TokensAlike { token, count }),
        }
    }
}

impl Found {
    /// Remembers that it refused a program's PIN, where it does not say so itself: its flags for that are optional
    /// (PKCS#11, CKF_USER_PIN_COUNT_LOW).
    fn remember_refused(&self) {
        let told = self
            .module
            .get_token_info(self.slot)
            .is_ok_and(|info| PinState::of(&info) != PinState::Good);
        if !told {
            locked(&REFUSED).insert(self.name.clone());
        }
    }
}

/// Who gives a PIN: a program gives none where a wrong one was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Giver {
    Person,
    Program,
}

/// Being logged in to a token. All keys of it in this process share one session; it ends with the last of them.
pub(super) struct Login {
    pub(super) name: TokenName,
    pub(super) token: String,
    module: Pkcs11,
    slot: Slot,
    session: Mutex<Session>,
    /// The PIN that was right; `None` where it was typed on the token itself.
    pin: Option<Zeroizing<String>>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.token)
    }
}

impl Login {
    /// Logs in with the PIN given, or with what `ask` gets. The token is asked once, whatever it says.
    pub(super) fn with(
        found: Found,
        given: Option<&str>,
        ask: impl FnOnce(&str) -> Result<(Zeroizing<String>, Giver), Pkcs11Error>,
    ) -> Result<Arc<Self>, Pkcs11Error> {
        let token = found.info.label().to_owned();
        let mut logins = locked(&LOGINS);
        if let Some(login) = logins.get(&found.name).and_then(Weak::upgrade) {
            // The token would not look at this PIN: it is open.
            return match (given, &login.pin) {
                (Some(given), Some(pin)) if given != pin.as_str() => {
                    Err(Pkcs11Error::PinWrong { token })
                }
                _ => Ok(login),
            };
        }
        let state = PinState::of(&found.info);
        match state {
            PinState::Locked => return Err(Pkcs11Error::PinLocked { token }),
            PinState::Unset => return Err(Pkcs11Error::PinUnset { token }),
            PinState::LastTry => tracing::warn!(%token, "one more wrong PIN locks this token"),
            PinState::Good | PinState::RefusedBefore => {}
        }
        let on_its_pad = found.info.protected_authentication_path();
        let (pin, giver) = match given {
            _ if on_its_pad => (None, Giver::Person),
            // Nobody typed anything: not worth one of the token's few tries.
            Some("") => return Err(Pkcs11Error::PinNeeded { token }),
            Some(given) => (Some(Zeroizing::new(given.to_owned())), Giver::Person),
            None => {
                let (pin, giver) = ask(&token)?;
                (Some(pin), giver)
            }
        };
        if giver == Giver::Program
            && (state != PinState::Good || locked(&REFUSED).contains(&found.name))
        {
            return Err(Pkcs11Error::PinRefusedBefore { token });
        }
        let says = |e: Error| Pkcs11Error::of(&token, &e);
        let session = match found.module.open_rw_session(found.slot) {
            Err(Error::Pkcs11(RvError::TokenWriteProtected, _)) => {
                found.module.open_ro_session(found.slot)
            }
            opened => opened,
        }
        .map_err(says)?;
        let secret = pin.as_ref().map(|pin| AuthPin::new(pin.as_str().into()));
        if let Err(e) = session.login(UserType::User, secret.as_ref()) {
            let says = says(e);
            if giver == Giver::Program && matches!(says, Pkcs11Error::PinWrong { .. }) {
                found.remember_refused();
            }
            return Err(says);
        }
        locked(&REFUSED).remove(&found.name);
        tracing::info!(%token, "the token is open");
        let login = Arc::new(Self {
            name: found.name.clone(),
            token,
            module: found.module,
            slot: found.slot,
            session: Mutex::new(session),
            pin,
        });
        logins.insert(found.name, Arc::downgrade(&login));
        Ok(login)
    }

    /// The session, for one act at a time.
    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        locked(&self.session)
    }

    /// Whether the token knows a mechanism.
    pub(super) fn knows(&self, mechanism: MechanismType) -> bool {
        self.module.get_mechanism_info(self.slot, mechanism).is_ok()
    }
}
