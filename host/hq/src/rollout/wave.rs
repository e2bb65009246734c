//! The waves of a rollout, as people write them: `canary,post:NAMANGA-1,region:North,all`.

use rules::PostId;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// One stage of a rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wave {
    /// The boxes marked as canaries.
    Canary,
    /// One box.
    Post(PostId),
    /// The boxes of a region.
    Region(String),
    /// Every box.
    All,
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canary => f.write_str("canary"),
            Self::Post(post) => write!(f, "post:{post}"),
            Self::Region(region) => write!(f, "region:{region}"),
            Self::All => f.write_str("all"),
        }
    }
}

/// The waves in order; the last is all boxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waves(Vec<Wave>);

/// A text that is no order of waves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "waves are written canary,post:NAME,region:NAME,all and end with all; {0:?} is no such wave or stands in the wrong place"
)]
pub struct WavesError(String);

impl Waves {
    /// How many there are.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The name of a wave; of the last one beyond the end.
    #[must_use]
    pub fn name(&self, wave: usize) -> String {
        let wave = self.0.get(wave).or(self.0.last());
        wave.map(ToString::to_string).unwrap_or_default()
    }

    pub(super) fn up_to(&self, wave: usize) -> impl Iterator<Item = &Wave> {
        self.0.iter().take(wave + 1)
    }
}

impl FromStr for Waves {
    type Err = WavesError;

    fn from_str(text: &str) -> Result<Self, WavesError> {
        let odd = |part: &str| WavesError(part.to_owned());
        let mut waves = Vec::new();
        for part in text.split(',').map(str::trim) {
            waves.push(match part.split_once(':') {
                None if part == "canary" => Wave::Canary,
                None if part == "all" => Wave::All,
                Some(("post", post)) => Wave::Post(post.parse().map_err(|_| odd(part))?),
                Some(("region", region)) if !region.is_empty() => Wave::Region(region.to_owned()),
                _ => return Err(odd(part)),
            });
        }
        let all = waves.iter().position(|wave| *wave == Wave::All);
        if all.is_some_and(|at| at + 1 == waves.len()) {
            Ok(Self(waves))
        } else {
            Err(odd(text))
        }
    }
}

impl fmt::Display for Waves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, wave) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{wave}")?;
        }
        Ok(())
    }
}

impl Serialize for Waves {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn waves_are_read_as_they_are_written_and_end_with_all() {
        let text = "canary,post:NAMANGA-1,region:North,all";
        let waves: Waves = text.parse().unwrap();
        assert_eq!((waves.to_string().as_str(), waves.len()), (text, 4));
        assert_eq!(waves.name(9), "all");
        for odd in [
            "",
            "canary",
            "all,canary",
            "region:,all",
            "post:../x,all",
            "some,all",
            "all,all",
        ] {
            assert!(odd.parse::<Waves>().is_err(), "{odd:?}");
        }
    }
}
