//! Whom to believe: certificates, master lists, revocation lists (Doc 9303-12).

pub mod algorithm;
pub mod certificate;
pub mod defects;
pub mod master_list;
pub mod name;
pub mod public_key;
pub mod revocation;
pub mod signed_list;
pub mod store;
pub(crate) mod time;

pub use algorithm::{Digest, Scheme};
pub use certificate::{Certificate, IssuerMatch};
pub use defects::{DefectList, KnownDefect};
pub use master_list::MasterList;
pub use name::Name;
pub use public_key::{Curve, PublicKey, SignatureFit};
pub use revocation::RevocationList;
pub use signed_list::Pinning;
pub use store::{Issuer, Taken, TrustStore};
