//! Which boxes may take the edition that a repository offers: the wave that a rollout has reached.
//!
//! It stands in the timestamp role, under a field of our own ([`FIELD`]): signed with the newest version,
//! protected against replay with it, and changed without signing the edition again. A repository without the
//! field offers its edition to every box. It can only keep a box waiting: no field makes a box take what the
//! other roles have not signed.

use super::BundleError;
use rules::PostId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// The field of the timestamp role.
pub const FIELD: &str = "mpaka-rollout";

const VERSION: u64 = 1;

/// Who may take the edition now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    version: u64,
    /// The wave's name, for people.
    pub wave: String,
    /// Whether it goes on.
    pub state: RolloutState,
    /// The boxes that may take it; absent once every box may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posts: Option<BTreeSet<PostId>>,
}

/// Whether a rollout goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutState {
    /// The boxes of the waves so far may take the edition.
    Open,
    /// No box that has not taken it may.
    Halted,
}

/// What a rollout says to one box about an edition that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Take it.
    Now,
    /// Not yet: its wave has not come.
    Later,
    /// The rollout has been halted.
    Halted,
}

impl Rollout {
    /// Open to these boxes, or to every one.
    #[must_use]
    pub fn open(wave: impl Into<String>, posts: Option<BTreeSet<PostId>>) -> Self {
        Self {
            version: VERSION,
            wave: wave.into(),
            state: RolloutState::Open,
            posts,
        }
    }

    /// The same, halted.
    #[must_use]
    pub fn halted(self) -> Self {
        Self {
            state: RolloutState::Halted,
            ..self
        }
    }

    /// Whether this box may take the edition.
    #[must_use]
    pub fn turn_of(&self, post: &PostId) -> Turn {
        match (self.state, &self.posts) {
            (RolloutState::Halted, _) => Turn::Halted,
            (RolloutState::Open, Some(posts)) if !posts.contains(post) => Turn::Later,
            (RolloutState::Open, _) => Turn::Now,
        }
    }

    /// The field of a timestamp role, where it has one.
    ///
    /// # Errors
    /// [`BundleError::Unsupported`] where it is not such as this program reads: what it would say is unknown.
    pub(super) fn of(extra: &HashMap<String, Value>) -> Result<Option<Self>, BundleError> {
        let unsupported = |what: String| BundleError::Unsupported { what };
        let Some(value) = extra.get(FIELD) else {
            return Ok(None);
        };
        let rollout: Self = serde_json::from_value(value.clone())
            .map_err(|e| unsupported(format!("a rollout that cannot be read ({e})")))?;
        if rollout.version == VERSION {
            Ok(Some(rollout))
        } else {
            Err(unsupported(format!(
                "a rollout of version {}",
                rollout.version
            )))
        }
    }

    /// The field's value.
    #[cfg(feature = "publish")]
    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("texts and numbers always encode")
    }
}

/// What an unverified timestamp role says to one box: enough to spare it the download of an edition that it
/// may not take yet. Anything unreadable counts as its turn: verification looks closer.
#[must_use]
pub fn unverified_turn(timestamp: &Value, post: &PostId) -> Turn {
    timestamp
        .pointer("/signed")
        .and_then(|signed| signed.get(FIELD))
        .and_then(|field| serde_json::from_value::<Rollout>(field.clone()).ok())
        .map_or(Turn::Now, |rollout| rollout.turn_of(post))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn post(name: &str) -> PostId {
        PostId::new(name).unwrap()
    }

    #[test]
    fn a_box_takes_an_edition_when_its_wave_has_come() {
        let canary = Rollout::open("canary", Some([post("A")].into()));
        assert_eq!(canary.turn_of(&post("A")), Turn::Now);
        assert_eq!(canary.turn_of(&post("B")), Turn::Later);
        assert_eq!(canary.halted().turn_of(&post("A")), Turn::Halted);
        assert_eq!(Rollout::open("all", None).turn_of(&post("B")), Turn::Now);
    }

    #[test]
    fn a_rollout_that_cannot_be_read_is_no_rollout_to_everyone() {
        for odd in [
            serde_json::json!({"version": 2, "wave": "x", "state": "open"}),
            serde_json::json!({"version": 1, "wave": "x", "state": "paused"}),
            serde_json::json!({"version": 1, "wave": "x", "state": "open", "posts": ["../x"]}),
            serde_json::json!("open"),
        ] {
            assert!(Rollout::of(&[(FIELD.to_owned(), odd)].into()).is_err());
        }
        assert_eq!(Rollout::of(&HashMap::new()).unwrap(), None);
    }
}
