//! What boxes say about a rollout, and what follows from that: the next wave, waiting, a halt.

use super::{Rollout, State, active_posts, current, halt, posts_so_far};
use crate::HqError;
use crate::home::Home;
use crate::list::settle;
use crate::office::Office;
use crate::software;
use jiff::Timestamp;
use rules::PostId;
use rusqlite::params;
use seal::bundle::software::Version;
use seal::health::{HealthReport, SOFTWARE_NOT_TAKEN};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The next wave comes when this share of the boxes so far has taken the edition.
const TAKEN_ENOUGH: f64 = 0.9;
/// The rollout halts where more than this share of the boxes that took it report faults: among fewer than
/// fifty, one does.
const FAULTS_ALLOWED: f64 = 0.02;
/// It halts, too, where a box decides against the advice this often, of at least [`OVERRIDES_OF`] encounters:
/// a list that stops the innocent is a bad list.
const OVERRIDES_ALLOWED: f64 = 0.25;
const OVERRIDES_OF: u64 = 20;

/// So many boxes are named in a sentence.
const NAMED: usize = 5;

/// What the boxes of the waves so far say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The edition.
    pub edition: u64,
    /// The version of the programs that it carries.
    pub software: Option<Version>,
    /// The wave reached.
    pub wave: String,
    /// How the rollout stands.
    pub state: State,
    /// Boxes that may take it by now, but those that were left behind.
    pub due: usize,
    /// Boxes of those that have said they have it, or a newer one, and run the programs that it carries.
    pub taken: usize,
    /// Boxes of those that have not reported since the wave began.
    pub silent: Vec<PostId>,
    /// Boxes of those that lack it and that it can go on without after a stated time.
    pub lagging: Vec<Lagging>,
    /// Boxes that it went on without, and that lack it still.
    pub left_behind: Vec<Lagging>,
    /// Boxes that report faults since, with the faults.
    pub failing: Vec<(PostId, String)>,
    /// What follows from that.
    pub verdict: Verdict,
}

/// Why a box may be left behind. One that is heard of, takes updates, has room and lacks the release is waited for:
/// somebody stands at its desk, or its keys are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lag {
    /// It has not reported since the wave began, or never.
    Silent,
    /// It has the list, and takes no updates of the programs.
    TakesNoUpdates,
    /// Its disk is too full for the release.
    NoRoom,
}

impl Lag {
    /// The name used in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::TakesNoUpdates => "takes_no_updates",
            Self::NoRoom => "no_room",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "takes_no_updates" => Self::TakesNoUpdates,
            "no_room" => Self::NoRoom,
            _ => Self::Silent,
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::TakesNoUpdates => "takes no updates",
            Self::NoRoom => "has no room",
        }
    }
}

/// A box that lacks what it should have by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lagging {
    /// The box.
    pub post: PostId,
    /// Why it is not waited for.
    pub why: Lag,
}

impl std::fmt::Display for Lagging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.post, self.why.words())
    }
}

impl Judgement {
    /// What may be done about boxes that hold the wave, in words; empty where none does.
    pub(super) fn held_by(&self) -> String {
        if self.lagging.is_empty() {
            return String::new();
        }
        let first = self.lagging.iter().take(NAMED);
        let mut names = first
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        if self.lagging.len() > NAMED {
            names += &format!(" and {} more", self.lagging.len() - NAMED);
        }
        format!("; --leave-after HOURS goes on without {names}")
    }
}

/// What follows from a judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The next wave may come.
    Go,
    /// Too few boxes have taken it yet.
    Wait,
    /// It must not go on.
    Halt,
}

/// What the boxes say about the rollout under way.
///
/// # Errors
/// [`HqError::NoRollout`], and what the databases say.
pub fn judge(home: &Home) -> Result<Judgement, HqError> {
    settle(home)?;
    let office = Office::open(home)?;
    let rollout = current(&office)?;
    let health = office.health()?;
    let release = software::of_edition(home, rollout.edition, &rollout.out)?;
    let release = release.map(|release| release.version);
    let may = posts_so_far(home, &rollout.waves, rollout.wave)?;
    let due: BTreeSet<PostId> = active_posts(home)?
        .into_iter()
        .filter(|post| may.as_ref().is_none_or(|may| may.contains(post)))
        .collect();
    let has_edition = |report: &HealthReport| {
        let edition = report.edition.as_ref();
        edition.is_some_and(|e| e.number.0 >= rollout.edition)
    };
    let has_all = |report: &HealthReport| {
        has_edition(report) && (release.is_none() || software::installed(report) == release)
    };
    let heard = |post: &PostId| {
        let reported = health.get(post)?;
        (reported.received_at >= rollout.wave_at).then_some(&reported.report)
    };
    let lacks_room = |report: &HealthReport| {
        has_edition(report) && !has_all(report) && software::lacks_room(report, release)
    };
    let without_room: BTreeSet<&PostId> = due
        .iter()
        .filter(|post| heard(post).is_some_and(lacks_room))
        .collect();
    // One full disk is its box's trouble; where most boxes lack the room, the release is too big.
    let is_too_big = without_room.len() * 2 > due.len();
    let left = left_behind_by(&office, rollout.edition)?;
    let (mut taken, mut silent, mut failing) = (0, Vec::new(), Vec::new());
    let (mut lagging, mut left_behind) = (Vec::new(), Vec::new());
    let mut lags = |post: &PostId, why: Option<Lag>| {
        let of = |why| Lagging {
            post: post.clone(),
            why,
        };
        match left.get(post) {
            Some(why) => left_behind.push(of(*why)),
            None => lagging.extend(why.map(of)),
        }
    };
    for post in &due {
        let Some(report) = heard(post) else {
            silent.push(post.clone());
            // What it said before the wave began still counts as having the edition.
            match health.get(post).is_some_and(|r| has_all(&r.report)) {
                true => taken += 1,
                false => lags(post, Some(Lag::Silent)),
            }
            continue;
        };
        let has = has_edition(report);
        let has_no_room = without_room.contains(post);
        if has_all(report) {
            taken += 1;
        } else if has_no_room {
            lags(post, Some(Lag::NoRoom));
        } else {
            let takes_none = has && software::installed(report).is_none();
            lags(post, takes_none.then_some(Lag::TakesNoUpdates));
        }
        let refused = report.faults.contains("edition_refused");
        let counts = &report.counts;
        let overrides = counts.encounters >= OVERRIDES_OF
            && counts.overrides as f64 > OVERRIDES_ALLOWED * counts.encounters as f64;
        let excused = match has_no_room && !is_too_big {
            true => &[SOFTWARE_NOT_TAKEN][..],
            false => &[],
        };
        let faults = software::faults(report, release, excused);
        if (has || refused) && !faults.is_empty() {
            failing.push((post.clone(), faults.join(" ")));
        } else if has && overrides {
            let share = format!("{} of {} overridden", counts.overrides, counts.encounters);
            failing.push((post.clone(), share));
        }
    }
    let due = due.len() - left_behind.len();
    let allowed = (taken as f64 * FAULTS_ALLOWED).floor() as usize;
    let verdict = if failing.len() > allowed {
        Verdict::Halt
    } else if is_enough(taken, due) {
        Verdict::Go
    } else {
        Verdict::Wait
    };
    Ok(Judgement {
        edition: rollout.edition,
        software: release,
        wave: rollout.waves.name(rollout.wave),
        state: rollout.state,
        due,
        taken,
        silent,
        lagging,
        left_behind,
        failing,
        verdict,
    })
}

/// Judges, and halts the rollout where it must not go on.
///
/// # Errors
/// Those of [`judge`] and [`halt`].
pub fn check(home: &Home) -> Result<Judgement, HqError> {
    let mut judgement = judge(home)?;
    if judgement.state == State::Open && judgement.verdict == Verdict::Halt {
        let failing: Vec<String> = judgement
            .failing
            .iter()
            .take(NAMED)
            .map(|(post, faults)| format!("{post}: {faults}"))
            .collect();
        halt(home, &failing.join("; "))?;
        judgement.state = State::Halted;
    }
    Ok(judgement)
}

/// Whether enough of the boxes that are due have taken it.
fn is_enough(taken: usize, due: usize) -> bool {
    taken as f64 >= (due as f64 * TAKEN_ENOUGH).ceil()
}

/// Leaves the lagging boxes behind where they alone hold the wave, and at least one other has shown that it does.
///
/// # Errors
/// [`HqError::Database`].
pub(super) fn leave(
    office: &Office,
    rollout: &Rollout,
    judgement: &mut Judgement,
    now: Timestamp,
) -> Result<(), HqError> {
    let due = judgement.due - judgement.lagging.len();
    let alone = judgement.taken > 0 && is_enough(judgement.taken, due);
    if judgement.state != State::Open || judgement.verdict != Verdict::Wait || !alone {
        return Ok(());
    }
    // Before the wave: where the power is cut in between, they are left behind, and the wave comes at the next call.
    for lagging in &judgement.lagging {
        office
            .connection
            .execute(
                "INSERT OR REPLACE INTO left_behind VALUES (?1, ?2, ?3, ?4)",
                params![
                    i64::try_from(rollout.edition).unwrap_or(i64::MAX),
                    lagging.post.as_str(),
                    lagging.why.as_str(),
                    now.to_string()
                ],
            )
            .map_err(office.failed())?;
    }
    judgement.due = due;
    judgement.left_behind.append(&mut judgement.lagging);
    judgement.verdict = Verdict::Go;
    Ok(())
}

/// The boxes that the rollout of an edition went on without, and why.
fn left_behind_by(office: &Office, edition: u64) -> Result<BTreeMap<PostId, Lag>, HqError> {
    office
        .connection
        .prepare_cached("SELECT post, why FROM left_behind WHERE edition = ?1")
        .and_then(|mut q| {
            q.query_map([i64::try_from(edition).unwrap_or(i64::MAX)], |row| {
                let why = Lag::of(&row.get::<_, String>(1)?);
                Ok((crate::register::parsed(row, 0)?, why))
            })?
            .collect()
        })
        .map_err(office.failed())
}
