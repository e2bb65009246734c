//! Names of things, typed so that one cannot stand for another.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An identifier holds something that identifiers may not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} {text:?} must be 1 to 64 letters, digits, '-', '_' or '.', beginning with a letter or digit"
)]
pub struct IdError {
    /// Which kind of identifier was meant.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

fn well_formed(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && text.as_bytes()[0].is_ascii_alphanumeric()
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Accepts 1 to 64 letters, digits, `-`, `_` or `.`, beginning with a letter or digit.
            ///
            /// # Errors
            /// [`IdError`] where the text is anything else; identifiers reach file names and headers.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                if well_formed(&text) { Ok(Self(text)) } else { Err(IdError { kind: $kind, text }) }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> { Self::new(text) }
        }
        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { Self::new(text) }
        }
        impl From<$name> for String { fn from(id: $name) -> Self { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

text_id! {
    /// Where a box stands.
    PostId, "post";
    /// One desk of a post.
    LaneId, "lane";
    /// Who is signed in.
    OfficerId, "officer";
    /// One line of a watchlist, stable across editions.
    EntryId, "entry";
}

/// A parcel's number at its post: counts up by one from 1, never reused. (post, sequence) is its key everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// An edition's number: counts up by one from 1; a smaller one is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EditionNumber(pub u64);

/// One encounter: the post and its sequence there, written `POST/000123`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EncounterId {
    /// The post where it took place.
    pub post: PostId,
    /// Its number there.
    pub sequence: Sequence,
}

impl fmt::Display for EncounterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:06}", self.post, self.sequence.0)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EditionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_cannot_walk_out_of_a_folder() {
        for bad in [
            "",
            "../x",
            ".hidden",
            "a/b",
            "a b",
            "é",
            "a\n",
            &"x".repeat(65),
        ] {
            assert!(PostId::new(bad).is_err(), "{bad:?}");
        }
        assert!(PostId::new("NAMANGA-1").is_ok());
        assert!(serde_json::from_str::<PostId>("\"../x\"").is_err());
    }
}
