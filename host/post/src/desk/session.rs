//! Who is signed in. Sessions live in memory only: a restarted desk asks everyone to sign in again.

use super::running::Running;
use crate::officers::Role;
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use rules::encounter::Path as EncounterPath;
use rules::{DecisionKind, EncounterId, OfficerId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A session without a request for this long has ended.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(30 * 60);
/// The most sessions at one time; the oldest makes room. A lane has one officer.
const MOST_SESSIONS: usize = 16;

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub(super) struct NoRandomness;

/// A secret of 256 bits, in hexadecimal.
pub(super) fn secret() -> Result<String, NoRandomness> {
    let mut bytes = [0u8; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(hex::encode(bytes))
}

/// What the desk says once after a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) decision: DecisionKind,
    pub(super) path: EncounterPath,
    pub(super) encounter: EncounterId,
}

/// Whether an officer has opened her lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// She has not looked at the self-test yet.
    Closed,
    /// Travellers may come.
    Open,
}

/// One officer at the desk.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) officer: OfficerId,
    pub(super) role: Role,
    pub(super) lane: Lane,
    /// When the shift began.
    pub(super) since: Timestamp,
    /// Stands in every form of this session; a form without it was made elsewhere.
    pub(super) csrf: String,
    last_seen: Instant,
    /// The traveller in front of this officer.
    pub(super) current: Option<Arc<Running>>,
    pub(super) done: Option<Done>,
}

/// What a request learns of its session.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) token: String,
    pub(super) officer: OfficerId,
    pub(super) role: Role,
    pub(super) lane: Lane,
    pub(super) since: Timestamp,
    pub(super) csrf: String,
    pub(super) current: Option<Arc<Running>>,
}

/// Every session of the desk.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_token: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        // A panic elsewhere leaves the map whole: every change to it is a single call.
        self.by_token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; returns its token and what its forms hold. The second value holds travellers
    /// whose officer lost the session to make room.
    pub(super) fn begin(
        &self,
        officer: OfficerId,
        role: Role,
        now: Instant,
    ) -> Result<(SignedIn, Vec<Arc<Running>>), NoRandomness> {
        let (token, csrf) = (secret()?, secret()?);
        let since = Timestamp::now();
        let mut sessions = self.lock();
        let mut left_alone = Vec::new();
        while sessions.len() >= MOST_SESSIONS {
            let oldest = sessions
                .iter()
                .min_by_key(|(_, s)| s.last_seen)
                .map(|(token, _)| token.clone());
            let Some(removed) = oldest.and_then(|token| sessions.remove(&token)) else {
                break;
            };
            left_alone.extend(removed.current);
        }
        let signed_in = SignedIn {
            token: token.clone(),
            officer: officer.clone(),
            role,
            lane: Lane::Closed,
            since,
            csrf: csrf.clone(),
            current: None,
        };
        sessions.insert(
            token,
            Session {
                officer,
                role,
                lane: Lane::Closed,
                since,
                csrf,
                last_seen: now,
                current: None,
                done: None,
            },
        );
        Ok((signed_in, left_alone))
    }

    /// The session of this token, if it has not ended. Counts as a sign of life.
    pub(super) fn find(&self, token: &str, now: Instant) -> Option<SignedIn> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(token)?;
        if now.saturating_duration_since(session.last_seen) > IDLE_LIMIT {
            return None;
        }
        session.last_seen = now;
        Some(SignedIn {
            token: token.to_owned(),
            officer: session.officer.clone(),
            role: session.role,
            lane: session.lane,
            since: session.since,
            csrf: session.csrf.clone(),
            current: session.current.clone(),
        })
    }

    /// Changes a session, if it is there.
    pub(super) fn change<T>(
        &self,
        token: &str,
        change: impl FnOnce(&mut Session) -> T,
    ) -> Option<T> {
        self.lock().get_mut(token).map(change)
    }

    /// Ends one session; the traveller that stood before its officer, undecided.
    pub(super) fn end(&self, token: &str) -> Option<Arc<Running>> {
        self.lock().remove(token)?.current
    }

    /// Ends every session that has been idle too long, or every session at all where `now` is none;
    /// the travellers who were left undecided.
    pub(super) fn sweep(&self, now: Option<Instant>) -> Vec<Arc<Running>> {
        let mut left_alone = Vec::new();
        self.lock().retain(|_, session| {
            let alive = now
                .is_some_and(|now| now.saturating_duration_since(session.last_seen) <= IDLE_LIMIT);
            if !alive {
                left_alone.extend(session.current.take());
            }
            alive
        });
        left_alone
    }

    /// Ends the sessions of those who may not go on; the travellers who were left undecided.
    pub(super) fn end_unless(
        &self,
        may_go_on: impl Fn(&OfficerId, Role) -> bool,
    ) -> Vec<Arc<Running>> {
        let mut left_alone = Vec::new();
        self.lock().retain(|_, session| {
            let goes_on = may_go_on(&session.officer, session.role);
            if !goes_on {
                left_alone.extend(session.current.take());
            }
            goes_on
        });
        left_alone
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn officer() -> OfficerId {
        OfficerId::new("a.officer").unwrap()
    }

    #[test]
    fn a_session_ends_when_idle_and_when_told() {
        let sessions = Sessions::default();
        let start = Instant::now();
        let (a, _) = sessions.begin(officer(), Role::Officer, start).unwrap();
        let (b, _) = sessions.begin(officer(), Role::Officer, start).unwrap();
        assert_ne!(a.token, b.token);
        assert_ne!(a.csrf, b.csrf);
        let later = start + IDLE_LIMIT / 2;
        assert!(sessions.find(&a.token, later).is_some());
        let much_later = start + IDLE_LIMIT + Duration::from_secs(1);
        assert!(
            sessions.find(&a.token, much_later).is_some(),
            "was seen in between"
        );
        assert!(sessions.find(&b.token, much_later).is_none());
        sessions.sweep(Some(much_later));
        assert!(sessions.change(&b.token, |_| ()).is_none());
        sessions.end(&a.token);
        assert!(sessions.find(&a.token, much_later).is_none());
        assert!(sessions.find("", start).is_none());
    }

    #[test]
    fn who_may_not_go_on_is_sent_away_and_the_others_stay() {
        let sessions = Sessions::default();
        let start = Instant::now();
        let (stays, _) = sessions.begin(officer(), Role::Officer, start).unwrap();
        let (other_role, _) = sessions.begin(officer(), Role::SecondLine, start).unwrap();
        let gone = OfficerId::new("gone").unwrap();
        let (gone, _) = sessions.begin(gone, Role::Officer, start).unwrap();
        sessions.end_unless(|id, role| *id == officer() && role == Role::Officer);
        assert!(sessions.find(&stays.token, start).is_some());
        assert!(sessions.find(&other_role.token, start).is_none());
        assert!(sessions.find(&gone.token, start).is_none());
    }

    #[test]
    fn sessions_cannot_fill_the_memory() {
        let sessions = Sessions::default();
        let start = Instant::now();
        let (first, _) = sessions.begin(officer(), Role::Officer, start).unwrap();
        for i in 1..200 {
            sessions
                .begin(officer(), Role::Officer, start + Duration::from_millis(i))
                .unwrap();
        }
        assert!(sessions.lock().len() <= MOST_SESSIONS);
        assert!(sessions.find(&first.token, start).is_none());
    }
}
