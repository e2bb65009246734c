//! What the files of a bundle are, by their names: flat top-level targets, each an encrypted file but for keys and
//! packages.
//!
//! | name | holds |
//! |---|---|
//! | `keys-EEEEEE` | the key of epoch E, wrapped to every enrolled box |
//! | `base-NNNNNN-PART` | a file of the full edition N |
//! | `delta-NNNNNN-MMMMMM` | the step from edition N to edition M |
//! | `file-KIND-NAME` | trust lists, revocation lists, defect lists, models, policy, locales, the programs' packages |
//!
//! The own NAME of such a file follows the first sixteen digits of its SHA-256 and a hyphen ([`carried_name`]): an
//! unchanged file keeps its name and is not fetched again.

use rules::BundleRole;
use std::fmt;
use std::str::FromStr;

/// What a file that is no list is for: any role of a bundle but the list's own. Its word in a target's name and in
/// folders is the role's.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "BundleRole", into = "BundleRole")]
pub struct FileKind(BundleRole);

/// A word that is no kind of file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no kind of file; there are {}", words().join(", "))]
pub struct UnknownKind {
    /// The word.
    word: String,
}

fn words() -> Vec<&'static str> {
    FileKind::all().map(FileKind::as_str).collect()
}

/// How a file travels in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// Encrypted to the enrolled boxes.
    Encrypted,
    /// As it is: signed, and no secret. Who installs it verifies it with no key of the box's at hand.
    Plain,
}

/// So many digits of a digest stand before a file's own name.
const DIGITS_BEFORE_NAME: usize = 16;

/// The name under which a file travels: the digest's first digits, then its own name.
#[must_use]
pub fn carried_name(sha256_hex: &str, own: &str) -> String {
    let digits = sha256_hex.get(..DIGITS_BEFORE_NAME).unwrap_or(sha256_hex);
    format!("{digits}-{own}")
}

/// The own name of a file that travels as [`carried_name`] says; `None` where it does not.
#[must_use]
pub fn own_name(carried: &str) -> Option<&str> {
    let (digits, rest) = carried.split_at_checked(DIGITS_BEFORE_NAME)?;
    let own = rest.strip_prefix('-')?;
    let plain = super::plain_name(own) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then_some(own)
}

impl FileKind {
    /// A learned model.
    pub const MODEL: Self = Self(BundleRole::Model);
    /// The policy in force.
    pub const POLICY: Self = Self(BundleRole::Policy);
    /// A package of the programs ([`super::software`]).
    pub const SOFTWARE: Self = Self(BundleRole::Software);

    /// Every kind, in the order of the roles.
    pub fn all() -> impl Iterator<Item = Self> {
        BundleRole::ALL.into_iter().filter_map(Self::of)
    }

    /// The files of this role; `None` for the list, which is no such file.
    #[must_use]
    pub fn of(role: BundleRole) -> Option<Self> {
        (role != BundleRole::Watchlist).then_some(Self(role))
    }

    /// How files of this kind travel.
    #[must_use]
    pub fn wrapping(self) -> Wrapping {
        match self {
            Self::SOFTWARE => Wrapping::Plain,
            _ => Wrapping::Encrypted,
        }
    }

    /// The word in a target's name and in folders.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The role for which the policy says how old it may grow.
    #[must_use]
    pub fn role(self) -> BundleRole {
        self.0
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<BundleRole> for FileKind {
    type Error = UnknownKind;

    fn try_from(role: BundleRole) -> Result<Self, UnknownKind> {
        Self::of(role).ok_or_else(|| UnknownKind {
            word: role.to_string(),
        })
    }
}

impl From<FileKind> for BundleRole {
    fn from(kind: FileKind) -> Self {
        kind.role()
    }
}

impl FromStr for FileKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::all().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind {
            word: text.to_owned(),
        })
    }
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The wrapped key of an epoch.
    Keys {
        /// The epoch.
        epoch: u64,
    },
    /// A file of a full edition.
    Base {
        /// The edition.
        edition: u64,
        /// The file's name in the edition's folder.
        part: String,
    },
    /// The step between two editions.
    Delta {
        /// The edition that it is applied to.
        from: u64,
        /// The edition that it leads to.
        to: u64,
    },
    /// A file that is no list.
    File {
        /// What it is for.
        kind: FileKind,
        /// Its own name.
        name: String,
    },
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys { epoch } => write!(f, "keys-{epoch:06}"),
            Self::Base { edition, part } => write!(f, "base-{edition:06}-{part}"),
            Self::Delta { from, to } => write!(f, "delta-{from:06}-{to:06}"),
            Self::File { kind, name } => write!(f, "file-{kind}-{name}"),
        }
    }
}

/// What a target's name says it is; `None` for a file that this program has no use for.
#[must_use]
pub fn parse(target: &str) -> Option<Item> {
    let (kind, rest) = target.split_once('-')?;
    let item = match kind {
        "keys" => Item::Keys {
            epoch: rest.parse().ok()?,
        },
        "base" => {
            let (edition, part) = rest.split_once('-')?;
            Item::Base {
                edition: edition.parse().ok()?,
                part: part.to_owned(),
            }
        }
        "delta" => {
            let (from, to) = rest.split_once('-')?;
            Item::Delta {
                from: from.parse().ok()?,
                to: to.parse().ok()?,
            }
        }
        "file" => {
            let (kind, name) = rest.split_once('-')?;
            Item::File {
                kind: kind.parse().ok()?,
                name: name.to_owned(),
            }
        }
        _ => return None,
    };
    // One file, one name: what is written otherwise is not ours.
    let own_name = match &item {
        Item::Base { part: name, .. } | Item::File { name, .. } => super::plain_name(name),
        _ => true,
    };
    (own_name && item.to_string() == target).then_some(item)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_role_and_the_name_that_published_bundles_have() {
        let known = [
            "trust", "crl", "defects", "model", "policy", "locale", "software",
        ];
        assert_eq!(words(), known);
        for (kind, word) in FileKind::all().zip(known) {
            assert_eq!(word.parse::<FileKind>(), Ok(kind));
            let said = serde_json::to_string(&kind).unwrap();
            assert_eq!(said, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<FileKind>(&said).unwrap(), kind);
            let target = format!("file-{word}-0123456789abcdef-a.bin");
            let name = "0123456789abcdef-a.bin".to_owned();
            assert_eq!(parse(&target), Some(Item::File { kind, name }));
        }
        // The list is the one role whose files are not of these kinds.
        let list = BundleRole::Watchlist.as_str();
        let said = list.parse::<FileKind>().unwrap_err().to_string();
        assert!(said.ends_with(&known.join(", ")), "{said}");
        assert!(serde_json::from_str::<FileKind>(&format!("\"{list}\"")).is_err());
        assert_eq!(parse(&format!("file-{list}-0123456789abcdef-a.bin")), None);
    }
}
