//! Signatures and envelopes.
//!
//! **For**: the box's own keys ([`device`], [`storekey`], [`sealing`]), those keys at rest ([`vault`]), headquarters' keys ([`hq`]), keys that lie in a token ([`token`]), records sealed to
//! headquarters ([`parcel`]), a whole box on a stick ([`backup`]), headquarters' signed word that it has them ([`receipt`]) and its other words ([`word`]:
//! leases, admissions, its next keys), a box's word on its health ([`health`]), enrolment by code ([`code`]), secrets under a passphrase
//! ([`passphrase`]), records made smaller ([`packing`]), content for enrolled boxes alone ([`content`]), the hash chain under the ledger ([`chain`], [`checkpoint`]), and verified updates ([`bundle`],
//! The Update Framework).
//!
//! **May touch**: key files and bundle folders it is pointed at, the system's randomness; no network, no
//! clock (time is an argument), no database. Imports `rules` only. The code that signs bundles is compiled
//! only with the feature `publish`, which `mpaka-hq` alone turns on.
//!
//! Everything read from outside (key files, parcels, receipts, bundles) is read totally: a bounded size,
//! a typed error, never a panic. Every format written here carries a version.
//!
//! | what | how |
//! |---|---|
//! | device and receipt signatures | Ed25519 (RFC 8032), ring |
//! | parcels | HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 |
//! | backups | content key wrapped by the same HPKE; files by HKDF-SHA256 and ChaCha20-Poly1305 in pieces |
//! | protection records | the same HPKE, to a key of their own within the parcel |
//! | bundle content | epoch key wrapped by HPKE to each box; files by HKDF-SHA256 and ChaCha20-Poly1305 in pieces |
//! | chain, key ids | SHA-256, ring; every input tagged with its purpose, every part length-prefixed |
//! | secrets under a passphrase | Argon2id (RFC 9106), ChaCha20-Poly1305 |
//! | wire form | CBOR (RFC 8949) |

pub mod backup;
pub mod bundle;
pub mod carrier;
pub mod chain;
pub mod checkpoint;
pub mod code;
pub mod content;
pub mod device;
pub mod durable;
mod error;
pub mod health;
pub mod hq;
mod keyfile;
pub mod packing;
pub mod parcel;
pub mod passphrase;
pub mod protection;
pub mod receipt;
pub mod sealing;
mod signed;
pub mod storekey;
pub mod token;
pub mod vault;
mod wire;
pub mod word;

pub use error::SealError;
