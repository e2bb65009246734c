//! How old what headquarters sends is, role by role, and for how long headquarters has said nothing of it.
//!
//! Headquarters speaks by a bundle that verifies and has not run out. Fetched from its address, it speaks now; from a
//! stick, it spoke when the edition on it was made, however long the stick was on its way. Where no bundle is
//! remembered (an older program noted none), a role counts from its own day. Where the index of what came is lost or
//! damaged, the lists for chips that lie here count from the day of the edition in use, until an edition is taken: they
//! may be headquarters', and are not to be without a lease for that.

use super::carried::Carried;
use crate::state::StateDir;
use jiff::Timestamp;
use rules::role::days_since;
use rules::{BundleRole, EditionNumber, Policy, RoleStanding};
use seal::bundle::items::FileKind;
use serde::Serialize;
use watchlist::EditionInfo;

/// How one role of what headquarters sends stands: one JSON object of `mpaka editions roles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleAge {
    /// The role.
    pub role: BundleRole,
    /// How it stands by the policy. Nothing here blocks.
    pub standing: RoleStanding,
    /// How many files there are; the list is one. Where it is not known which came, all that lie with them.
    pub files: usize,
    /// The edition that brought the newest of them.
    pub edition: EditionNumber,
    /// When the newest of them came; the list, when it was made.
    pub dated: Timestamp,
    /// Whole days since then.
    pub age_days: i64,
    /// From how many days of age on it is stale; null where never.
    pub stale_days: Option<u16>,
    /// When headquarters last said that this is in force.
    pub heard_at: Timestamp,
    /// Whole days since then.
    pub silent_days: i64,
    /// From how many days of silence on its lease is over; null where never.
    pub lease_days: Option<u16>,
}

impl RoleAge {
    fn of(
        role: BundleRole,
        (files, edition): (usize, EditionNumber),
        (dated, heard_at): (Timestamp, Timestamp),
        policy: &Policy,
        now: Timestamp,
    ) -> Self {
        let terms = policy.terms(role);
        Self {
            role,
            standing: terms.standing(dated, heard_at, now),
            files,
            edition,
            dated,
            age_days: days_since(dated, now),
            stale_days: terms.stale_days,
            heard_at,
            silent_days: days_since(heard_at, now),
            lease_days: terms.lease_days,
        }
    }

    /// The list in use. An edition also says itself when it should have been replaced.
    fn of_list(
        info: &EditionInfo,
        confirmed_at: Option<Timestamp>,
        policy: &Policy,
        now: Timestamp,
    ) -> Self {
        let heard = confirmed_at.map_or(info.made_at, |at| at.max(info.made_at));
        let mut list = Self::of(
            BundleRole::Watchlist,
            (1, info.number),
            (info.made_at, heard),
            policy,
            now,
        );
        if list.standing == RoleStanding::Fresh && now > info.expires_at {
            list.standing = RoleStanding::Stale;
        }
        list
    }

    /// Whether its lease is over.
    #[must_use]
    pub fn is_past_lease(&self) -> bool {
        self.standing == RoleStanding::LeaseOver
    }
}

/// How everything that headquarters sent stands at this moment, `list` being the edition in use; a role of which
/// nothing came is left out. Where the index of files cannot be read, the list counts from its own day.
#[must_use]
pub fn ages(
    state: &StateDir,
    list: Option<&EditionInfo>,
    policy: &Policy,
    now: Timestamp,
) -> Vec<RoleAge> {
    let index = Carried::read(state).unwrap_or_else(|e| {
        tracing::warn!("what headquarters sent beside the list cannot be read: {e}");
        Carried::lost()
    });
    let confirmed_at = index.confirmed_at();
    let unknown = list.zip(index.unknown_lists(state).filter(|count| *count > 0));
    let unknown = unknown.into_iter().flat_map(|(info, count)| {
        let of_chips = [BundleRole::Trust, BundleRole::Crl, BundleRole::Defects];
        let (edition, since) = ((count, info.number), (info.made_at, info.made_at));
        of_chips.map(|role| RoleAge::of(role, edition, since, policy, now))
    });
    let list = list.map(|info| RoleAge::of_list(info, confirmed_at, policy, now));
    let of_kind = |kind: FileKind| {
        let files = || index.files().filter(move |f| f.kind == kind);
        let newest = files().max_by_key(|f| f.taken_at)?;
        let heard = confirmed_at.unwrap_or(newest.taken_at);
        Some(RoleAge::of(
            kind.role(),
            (files().count(), newest.edition),
            (newest.taken_at, heard),
            policy,
            now,
        ))
    };
    let files = FileKind::all().filter_map(of_kind);
    list.into_iter().chain(unknown).chain(files).collect()
}
