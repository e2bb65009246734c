//! Headquarters' way to tokens: opens and makes keys there, and finds the PINs for it.

use super::device::{Found, Giver, Login, TokenName};
use super::key::{self, EcdsaKey, Ed25519Key, Key};
use super::{Curve, KeyUri, Pkcs11Error, locked};
use seal::token::{TokenFault, TokenKey, Tokens};
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use zeroize::Zeroizing;

/// No file with a PIN comes near this length, in bytes.
const LONGEST_PIN_FILE: u64 = 1024;

/// Asks a person for the PIN of the token so called.
pub type AskPin = Box<dyn FnMut(&str) -> std::io::Result<Zeroizing<String>> + Send>;

/// What is done where a key is to be made and one of its name is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// It is refused: none is written over.
    New,
    /// The one that is there is taken: it was made beforehand, or by a ceremony that was interrupted.
    NewOrThere,
}

/// Where PINs come from that no URI names a file for.
enum Pins {
    Nowhere,
    Asked(Mutex<AskPin>),
}

/// The way to tokens. Keys that it has opened, and the PINs that were right, it keeps.
pub struct Pkcs11Tokens {
    pins: Pins,
    making: Making,
    opened: Mutex<BTreeMap<String, Arc<dyn TokenKey>>>,
    logins: Mutex<Vec<Arc<Login>>>,
}

impl fmt::Debug for Pkcs11Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs11Tokens(..)")
    }
}

/// The way of programs that nobody watches: PINs come from the files that URIs name. One for the whole process.
#[must_use]
pub fn unattended() -> Arc<dyn Tokens> {
    static UNATTENDED: LazyLock<Arc<Pkcs11Tokens>> =
        LazyLock::new(|| Arc::new(Pkcs11Tokens::new(Pins::Nowhere, Making::New)));
    UNATTENDED.clone()
}

impl Pkcs11Tokens {
    fn new(pins: Pins, making: Making) -> Self {
        Self {
            pins,
            making,
            opened: Mutex::default(),
            logins: Mutex::default(),
        }
    }

    /// A way that asks somebody for the PINs that no URI names a file for.
    #[must_use]
    pub fn asking(ask: AskPin, making: Making) -> Self {
        Self::new(Pins::Asked(Mutex::new(ask)), making)
    }

    /// Logs in to the token of a key that is to be made there, and makes sure that it can be: nothing is made yet.
    /// Says which token it is.
    ///
    /// # Errors
    /// [`Pkcs11Error`], by cause.
    pub fn prepare(
        &self,
        uri: &KeyUri,
        curve: Curve,
        pin: Option<&str>,
    ) -> Result<TokenName, Pkcs11Error> {
        let login = self.log_in(uri, pin)?;
        key::may_make(&login, uri, curve, self.making)?;
        Ok(login.name.clone())
    }

    /// Gives a token its PIN by hand, once, and looks whether it holds the key. Afterwards programs may open it
    /// again by themselves, where a wrong PIN had kept them from it.
    ///
    /// # Errors
    /// [`Pkcs11Error`], by cause.
    pub fn check(&self, uri: &KeyUri, curve: Curve, pin: &str) -> Result<(), Pkcs11Error> {
        let login = self.log_in(uri, Some(pin))?;
        key::check(&login, uri, curve)
    }

    /// Makes the key of the authority for certificates.
    ///
    /// # Errors
    /// [`Pkcs11Error`], by cause.
    pub(crate) fn make_authority(&self, uri: &KeyUri) -> Result<EcdsaKey, Pkcs11Error> {
        let login = self.log_in(uri, None)?;
        Key::make(login, uri, Curve::P256, self.making).map(EcdsaKey)
    }

    fn log_in(&self, uri: &KeyUri, given: Option<&str>) -> Result<Arc<Login>, Pkcs11Error> {
        let login = Login::with(Found::of(uri)?, given, |token| self.pin(uri, token))?;
        // What a person opened with a PIN of their own is not left open behind them.
        if given.is_none() {
            locked(&self.logins).push(Arc::clone(&login));
        }
        Ok(login)
    }

    fn pin(&self, uri: &KeyUri, token: &str) -> Result<(Zeroizing<String>, Giver), Pkcs11Error> {
        if let Some(path) = uri.pin_source() {
            return Ok((pin_in(path)?, Giver::Program));
        }
        let token = token.to_owned();
        match &self.pins {
            Pins::Nowhere => Err(Pkcs11Error::PinNeeded { token }),
            Pins::Asked(ask) => {
                let mut ask = locked(ask);
                match (*ask)(&token) {
                    // Nobody was there: not worth one of the token's few tries.
                    Ok(pin) if pin.is_empty() => Err(Pkcs11Error::PinNeeded { token }),
                    Ok(pin) => Ok((pin, Giver::Person)),
                    Err(source) => Err(Pkcs11Error::PinUnread { token, source }),
                }
            }
        }
    }

    fn make_key(&self, uri: &str, pin: Option<&str>) -> Result<Ed25519Key, Pkcs11Error> {
        let uri: KeyUri = uri.parse()?;
        let login = self.log_in(&uri, pin)?;
        Ed25519Key::of(Key::make(login, &uri, Curve::Ed25519, self.making)?)
    }

    fn open_key(
        &self,
        uri: &str,
        public: &[u8; 32],
        pin: Option<&str>,
    ) -> Result<Ed25519Key, Pkcs11Error> {
        let uri: KeyUri = uri.parse()?;
        let login = self.log_in(&uri, pin)?;
        Ed25519Key::of(Key::open(login, &uri, Curve::Ed25519, public)?)
    }
}

/// Opens the key of the authority for certificates, with the PIN from the file that its URI names.
pub(crate) fn open_authority(uri: &KeyUri, public: &[u8]) -> Result<EcdsaKey, Pkcs11Error> {
    let way = Pkcs11Tokens::new(Pins::Nowhere, Making::New);
    let login = way.log_in(uri, None)?;
    Key::open(login, uri, Curve::P256, public).map(EcdsaKey)
}

impl Tokens for Pkcs11Tokens {
    fn make(&self, uri: &str, pin: Option<&str>) -> Result<Arc<dyn TokenKey>, TokenFault> {
        let key: Arc<dyn TokenKey> = Arc::new(self.make_key(uri, pin).map_err(fault)?);
        if pin.is_none() {
            locked(&self.opened).insert(uri.to_owned(), Arc::clone(&key));
        }
        Ok(key)
    }

    fn open(
        &self,
        uri: &str,
        public: &[u8; 32],
        pin: Option<&str>,
    ) -> Result<Arc<dyn TokenKey>, TokenFault> {
        if pin.is_some() {
            return Ok(Arc::new(self.open_key(uri, public, pin).map_err(fault)?));
        }
        let mut opened = locked(&self.opened);
        if let Some(key) = opened.get(uri).filter(|key| key.public() == *public) {
            return Ok(Arc::clone(key));
        }
        let key: Arc<dyn TokenKey> = Arc::new(self.open_key(uri, public, None).map_err(fault)?);
        opened.insert(uri.to_owned(), Arc::clone(&key));
        Ok(key)
    }
}

fn fault(error: Pkcs11Error) -> TokenFault {
    match error {
        Pkcs11Error::NoToken { .. } => TokenFault::Absent(Box::new(error)),
        error => TokenFault::Failed(Box::new(error)),
    }
}

/// The first line of a file that its owner alone may read.
fn pin_in(path: &Path) -> Result<Zeroizing<String>, Pkcs11Error> {
    let unusable = |why: &dyn fmt::Display| Pkcs11Error::PinFileUnusable {
        path: path.to_owned(),
        why: why.to_string(),
    };
    let file = std::fs::File::open(path).map_err(|e| unusable(&e))?;
    let about = file.metadata().map_err(|e| unusable(&e))?;
    let mode = about.permissions().mode() & 0o7777;
    if !about.is_file() || about.len() > LONGEST_PIN_FILE {
        return Err(unusable(&"this is no file with a PIN"));
    }
    if mode & 0o077 != 0 {
        return Err(unusable(&format_args!(
            "others can read this PIN (mode {mode:04o}): change it, then chmod 600"
        )));
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_PIN_FILE as usize + 1));
    file.take(LONGEST_PIN_FILE)
        .read_to_string(&mut text)
        .map_err(|e| unusable(&e))?;
    match text.lines().next().filter(|line| !line.is_empty()) {
        Some(pin) => Ok(Zeroizing::new(pin.to_owned())),
        None => Err(unusable(&"it is empty")),
    }
}
