//! SecurityInfos (Doc 9303-11 section 9.2): what a chip can do. They stand in EF.CardAccess, EF.DG14 and,
//! signed, in EF.CardSecurity; and EF.DG15 (Doc 9303-10 section 4.7.15), the active authentication key.

use super::FileId;
use crate::cms::SignedData;
use crate::error::{ChipError, Part};
use crate::oid::{self, Oid};
use crate::tlv::{Reader, Tag, Tlv, TlvError};
use crate::trust::public_key::PublicKey;

/// Protocols and keys of one file, at most; real files have one to some twenty. What one file says is held against
/// what others say, each against each.
const MOST_INFOS: usize = 128;

/// One protocol that a chip offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityInfo {
    /// PACE (section 9.2.1).
    Pace {
        /// The protocol, encoded: mapping, cipher and key length.
        protocol: Oid,
        /// Version; 2 is the only one.
        version: u32,
        /// Standardised domain parameters.
        parameter: Option<u32>,
    },
    /// Domain parameters of PACE that are not standardised (section 9.2.2); refused, never used.
    PaceDomain {
        /// The protocol, encoded.
        protocol: Oid,
    },
    /// Chip authentication (section 9.2.5).
    ChipAuthentication {
        /// The protocol, encoded: agreement, cipher and key length.
        protocol: Oid,
        /// Version.
        version: u32,
        /// Which key, where there are several.
        key_id: Option<u32>,
    },
    /// A key for chip authentication (section 9.2.6).
    ChipAuthenticationKey {
        /// DH or ECDH, encoded.
        protocol: Oid,
        /// The SubjectPublicKeyInfo, encoded.
        key: Vec<u8>,
        /// Which key, where there are several.
        key_id: Option<u32>,
    },
    /// Hash function of active authentication by ECDSA (section 9.2.4).
    ActiveAuthentication {
        /// The signature algorithm, encoded.
        algorithm: Oid,
    },
    /// Terminal authentication; not carried out here.
    TerminalAuthentication,
    /// Anything else.
    Other(Oid),
}

/// All that a file offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecurityInfos {
    /// In the order of the file.
    pub infos: Vec<SecurityInfo>,
}

impl SecurityInfos {
    /// Reads EF.CardAccess.
    pub fn card_access(bytes: &[u8]) -> Result<Self, ChipError> {
        let at = FileId::CardAccess.at();
        Self::set(FileId::CardAccess.open(bytes)?).map_err(at)
    }

    /// Reads EF.DG14.
    pub fn data_group_14(bytes: &[u8]) -> Result<Self, ChipError> {
        let at = FileId::Dg14.at();
        let set = FileId::Dg14
            .open(bytes)?
            .inside()
            .require(Tag::SET)
            .map_err(&at)?;
        Self::set(set).map_err(at)
    }

    /// Reads EF.CardSecurity, with the signed message that holds it.
    pub fn card_security(bytes: &[u8]) -> Result<(Self, SignedData), ChipError> {
        let file = FileId::CardSecurity;
        let signed = SignedData::parse(file.open(bytes)?.whole)?;
        if signed.content_type.0 != oid::SECURITY_OBJECT {
            return Err(ChipError::Unsupported {
                part: Part::File(file),
                what: format!("content of type {}", signed.content_type),
            });
        }
        let infos = Reader::new(&signed.content)
            .require(Tag::SET)
            .and_then(Self::set)
            .map_err(file.at())?;
        Ok((infos, signed))
    }

    fn set(set: Tlv<'_>) -> Result<Self, TlvError> {
        let mut infos = Vec::new();
        let mut list = set.inside();
        while let Some(info) = list.next()? {
            if infos.len() == MOST_INFOS {
                return Err(set.wrong("more protocols than any chip offers"));
            }
            infos.push(one(info)?);
        }
        Ok(Self { infos })
    }
}

fn one(info: Tlv<'_>) -> Result<SecurityInfo, TlvError> {
    let mut inside = info.inside();
    let protocol = inside.take(Tag::OID)?;
    let required = inside.next()?;
    let optional = inside.next()?;
    let name = protocol.value;
    let small = |tlv: Option<Tlv<'_>>| tlv.filter(|t| t.tag == Tag::INTEGER).map(|t| t.small());
    let version = || small(required).transpose().map(Option::unwrap_or_default);
    let number = || small(optional).transpose();
    let starts = |prefix: &[u8]| name.starts_with(prefix);
    Ok(if starts(oid::SECURITY_PACE) {
        // id-PACE, the mapping, then cipher and key length; the domain's info leaves the last away.
        if name.len() > oid::SECURITY_PACE.len() + 1 {
            SecurityInfo::Pace {
                protocol: Oid::from(name),
                version: version()?,
                parameter: number()?,
            }
        } else {
            SecurityInfo::PaceDomain {
                protocol: Oid::from(name),
            }
        }
    } else if name == oid::SECURITY_PK_DH || name == oid::SECURITY_PK_ECDH {
        let key = required.ok_or(info.wrong("a key without a key"))?;
        SecurityInfo::ChipAuthenticationKey {
            protocol: Oid::from(name),
            key: key.whole.to_vec(),
            key_id: number()?,
        }
    } else if starts(oid::SECURITY_CA) && name.len() > oid::SECURITY_CA.len() + 1 {
        SecurityInfo::ChipAuthentication {
            protocol: Oid::from(name),
            version: version()?,
            key_id: number()?,
        }
    } else if name == oid::SECURITY_AA {
        let algorithm = optional
            .filter(|o| o.tag == Tag::OID)
            .ok_or(info.wrong("no signature algorithm"))?;
        SecurityInfo::ActiveAuthentication {
            algorithm: Oid::from(algorithm.value),
        }
    } else if starts(oid::SECURITY_TA) {
        SecurityInfo::TerminalAuthentication
    } else {
        SecurityInfo::Other(Oid::from(name))
    })
}

/// Reads the key in EF.DG15.
pub fn active_authentication_key(bytes: &[u8]) -> Result<PublicKey, ChipError> {
    let at = FileId::Dg15.at();
    let info = FileId::Dg15
        .open(bytes)?
        .inside()
        .require(Tag::SEQUENCE)
        .map_err(at)?;
    PublicKey::parse(info)
}
