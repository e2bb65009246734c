//! The chip of a travel document: opening it, what it says, and whether to believe it.
//!
//! **For**: opening a chip ([`pace`], [`bac`], Doc 9303-11 section 4), talking to it ([`session`],
//! [`secure_messaging`]) and reading it whole ([`read`]), understanding its elementary files ([`files`], Doc 9303-10), knowing whom to believe
//! ([`trust`], Doc 9303-12, lists of known defects of BSI TR-03129), passive, active and chip authentication ([`passive`],
//! [`active_authentication`], [`chip_authentication`], Doc 9303-11 sections 5.1, 6.1 and 6.2), and whether its
//! files are built as they should be ([`conformance`]), answered as [`rules::Check`]s with the outcomes of BSI TR-03135-1.
//!
//! Two doors lead to the whole: [`examine()`] for a chip in a reader's field, [`judge`] for files that were
//! read elsewhere ([`Files`]); both end in a [`Judged`].
//!
//! **May touch**: the files and folders of a trust store that it is pointed at, a chip through the
//! [`transceiver::Transceiver`] it is given, and the library's randomness; no network, no clock (time is an
//! argument), no key of ours. Imports `rules` only. It never decides and never writes.
//!
//! # Libraries
//!
//! Primitives come from OpenSSL's libcrypto by the crate `openssl`, which the store already links (SQLCipher).
//! One library has every curve and padding that states use: NIST and brainpool up to P-521 and P512r1, RSA of
//! any odd exponent with both paddings and any salt, 3DES, AES, CMAC, DH and arithmetic on points. RustCrypto
//! would need a crate for each curve, has none for brainpoolP512r1 and P224r1, and would leave the points'
//! arithmetic of PACE to us. Of OpenSSL only primitives are used: its own verification of chains and messages
//! refuses keys with explicit curve parameters, which most country signers have.
//!
//! Certificates and signed messages are read by our own [`tlv`]: it is needed for the files anyway, and what
//! states have signed is not always DER (indefinite lengths, lengths longer than need be, unsorted
//! attributes, missing leading zeros), which strict parsers refuse.

pub mod access_key;
pub mod active_authentication;
pub mod agreement;
pub mod agreement_dh;
mod agreement_ec;
mod answers;
pub mod apdu;
pub mod bac;
pub mod chip_authentication;
pub mod cms;
pub mod conformance;
mod country;
pub mod document;
mod error;
pub mod examine;
pub mod files;
mod key_agreement;
mod losses;
pub mod oid;
pub mod pace;
pub mod passive;
pub mod randomness;
pub mod read;
pub mod secure_messaging;
pub mod session;
pub mod session_cipher;
pub mod tlv;
pub mod transceiver;
pub mod trust;

pub use access_key::AccessKey;
pub use agreement::zones_agree;
pub use conformance::Deviations;
pub use country::is_of_state;
pub use document::{Files, Judged, judge};
pub use error::{ChipError, Part};
pub use examine::{Examined, Request, examine};
pub use passive::{Policy, Revocation, Verification, WeakDigests, verify};
pub use read::Reader;
pub use session::Session;
pub use session_cipher::prepare;
pub use transceiver::{Transceiver, TransceiverError};
pub use trust::TrustStore;
