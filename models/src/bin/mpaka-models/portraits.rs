//! The portraits of the demonstration and the tests, as their card lists them. What the card says
//! for people only (licence, registry) is not read here.

use serde::Deserialize;

/// The card `models/cards/portraits.toml`.
#[derive(Debug, Deserialize)]
pub(crate) struct Portraits {
    pub(crate) source: Archive,
    #[serde(rename = "picture")]
    pub(crate) pictures: Vec<Portrait>,
}

/// The archive that they lie in.
#[derive(Debug, Deserialize)]
pub(crate) struct Archive {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) archive: String,
    pub(crate) archive_bytes: u64,
    pub(crate) archive_digest: String,
}

/// One picture.
#[derive(Debug, Deserialize)]
pub(crate) struct Portrait {
    pub(crate) file: String,
    pub(crate) member: String,
    pub(crate) bytes: u64,
    pub(crate) digest: String,
}

impl Portraits {
    /// The card that is compiled in.
    pub(crate) fn card() -> Self {
        toml::from_str(include_str!("../../../cards/portraits.toml"))
            .expect("the card is compiled in and a test reads it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_is_whole() {
        let card = Portraits::card();
        assert!(card.pictures.len() >= 4);
        for picture in &card.pictures {
            assert_eq!(picture.digest.len(), 64);
            assert!(picture.bytes > 0 && !picture.file.contains('/'));
        }
    }
}
