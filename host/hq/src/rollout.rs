//! Rollouts: an edition reaches a few boxes first and all of them last, and stops by itself where the first
//! ones fare badly.
//!
//! Which boxes may take the edition stands signed in the repository ([`seal::bundle::Rollout`]) and each box
//! obeys it. A box that has taken an edition never goes back: a bad edition is halted here, and replaced by
//! the next one. What boxes report after taking it decides whether the next wave comes; boxes that say nothing,
//! take no updates or have no room are left behind by name after a stated time.

mod judging;
mod wave;

pub use judging::{Judgement, Lag, Lagging, Verdict, check, judge};
pub use wave::{Wave, Waves};

use crate::HqError;
use crate::home::Home;
use crate::keyring::role_keys;
use crate::list::{alone, keep_signed, settle, signings};
use crate::office::Office;
use crate::register::{Register, Standing};
use crate::software;
use jiff::{SignedDuration, Timestamp};
use rules::PostId;
use rusqlite::{Connection, OptionalExtension, params};
use seal::bundle::Rollout as Signed;
use seal::bundle::publish::{promote, published_edition};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The boxes of the waves so far may take the edition.
    Open,
    /// No further box may.
    Halted,
    /// Every box may.
    Done,
    /// Given up, or overtaken by another edition.
    Aborted,
}

impl State {
    /// The name used in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Halted => "halted",
            Self::Done => "done",
            Self::Aborted => "aborted",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "open" => Self::Open,
            "halted" => Self::Halted,
            "done" => Self::Done,
            _ => Self::Aborted,
        }
    }
}

/// One rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rollout {
    /// The edition.
    pub edition: u64,
    /// The repository folder.
    pub out: PathBuf,
    /// The waves, in order.
    pub waves: Waves,
    /// The wave reached, from 0.
    pub wave: usize,
    /// How it stands.
    pub state: State,
    /// Why it was halted or given up.
    pub why: Option<String>,
    /// When it began.
    pub begun_at: Timestamp,
    /// When the wave reached began.
    pub wave_at: Timestamp,
}

/// The rollout that is under way, or the last one.
///
/// # Errors
/// [`HqError::NoRollout`], [`HqError::Database`].
pub fn current(office: &Office) -> Result<Rollout, HqError> {
    office
        .connection
        .query_row(
            "SELECT edition, out, waves, wave, state, why, begun_at, wave_at FROM rollout
             ORDER BY edition DESC LIMIT 1",
            [],
            |row| {
                Ok(Rollout {
                    edition: row.get::<_, i64>(0)?.unsigned_abs(),
                    out: PathBuf::from(row.get::<_, String>(1)?),
                    waves: crate::register::parsed(row, 2)?,
                    wave: usize::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
                    state: State::of(&row.get::<_, String>(4)?),
                    why: row.get(5)?,
                    begun_at: crate::register::parsed(row, 6)?,
                    wave_at: crate::register::parsed(row, 7)?,
                })
            },
        )
        .optional()
        .map_err(office.failed())?
        .ok_or(HqError::NoRollout)
}

/// What the first wave says to boxes: to be signed with the edition.
///
/// # Errors
/// [`HqError::WaveEmpty`] where the first wave has no box in service, and what the databases say.
pub fn first(home: &Home, waves: &Waves) -> Result<Signed, HqError> {
    let says = signed(home, waves, 0)?;
    if says.posts.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(HqError::WaveEmpty {
            wave: waves.name(0),
        });
    }
    Ok(says)
}

/// The newest edition that every box should have by now: of those given out, the newest whose rollout is done
/// or that had none.
///
/// # Errors
/// [`HqError::Database`].
pub fn expected_everywhere(register: &Register, office: &Office) -> Result<Option<u64>, HqError> {
    let under_way: BTreeSet<i64> = office
        .connection
        .prepare_cached("SELECT edition FROM rollout WHERE state <> 'done'")
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .map_err(office.failed())?;
    let published: Vec<i64> = register
        .connection
        .prepare_cached(
            "SELECT number FROM edition WHERE published_at IS NOT NULL ORDER BY number DESC",
        )
        .and_then(|mut q| q.query_map([], |r| r.get(0))?.collect())
        .map_err(register.failed())?;
    let newest = published.into_iter().find(|n| !under_way.contains(n));
    Ok(newest.map(i64::unsigned_abs))
}

/// Notes that an edition lies in a repository, within the caller's transaction of the book: what was under way before
/// is overtaken (there, or anywhere where this one comes in waves), and its own rollout begins, signed with what
/// [`first`] gave. Noted again, it changes nothing.
///
/// # Errors
/// What the book says.
pub(crate) fn note_published(
    book: &Connection,
    edition: u64,
    out: &Path,
    waves: Option<&Waves>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let number = i64::try_from(edition).unwrap_or(i64::MAX);
    let folder = out.to_string_lossy();
    book.execute(
        "UPDATE rollout SET state = 'aborted', why = 'overtaken by edition ' || ?1
         WHERE state IN ('open', 'halted') AND edition < ?1 AND (?3 OR out = ?2)",
        params![number, folder, waves.is_some()],
    )?;
    let Some(waves) = waves else {
        return Ok(());
    };
    let state = match waves.len() {
        1 => State::Done,
        _ => State::Open,
    };
    book.execute(
        "INSERT INTO rollout VALUES (?1, ?2, ?3, 0, ?4, NULL, ?5, ?5) ON CONFLICT DO NOTHING",
        params![
            number,
            folder,
            waves.to_string(),
            state.as_str(),
            at.to_string()
        ],
    )
    .map(drop)
}

/// Lets the next wave come, where the boxes so far fare well and the wave has stood for `soak`. Where boxes that are
/// silent, take no updates or have no room are all that holds it, it goes on without them once it has waited for
/// `leave_after`: they are noted by name, may still take the edition, and no later wave waits for them.
///
/// # Errors
/// [`HqError::RolloutNotReady`] with the reason, [`HqError::Publish`], and what the databases say. Where the boxes fare badly, it is halted and says so.
pub fn advance(
    home: &Home,
    soak: SignedDuration,
    leave_after: Option<SignedDuration>,
    now: Timestamp,
) -> Result<Rollout, HqError> {
    let mut judgement = check(home)?;
    let office = Office::open(home)?;
    let before = current(&office)?;
    let stood = now.duration_since(before.wave_at);
    if leave_after.is_some_and(|after| stood >= after.max(soak)) {
        judging::leave(&office, &before, &mut judgement, now)?;
    }
    let mut rollout = before.clone();
    let not_ready = |why: String| HqError::RolloutNotReady {
        edition: before.edition,
        why,
    };
    match (rollout.state, judgement.verdict) {
        (State::Open, Verdict::Go) => {}
        (State::Open, Verdict::Wait) => {
            return Err(not_ready(format!(
                "{} of {} boxes of wave {} have it, and {} are silent{}",
                judgement.taken,
                judgement.due,
                judgement.wave,
                judgement.silent.len(),
                judgement.held_by()
            )));
        }
        (state, _) => {
            let why = rollout.why.clone().unwrap_or_default();
            return Err(not_ready(format!("it is {}: {why}", state.as_str())));
        }
    }
    if stood < soak {
        return Err(not_ready(format!(
            "wave {} began at {} and is to stand for {} minutes",
            judgement.wave,
            rollout.wave_at,
            soak.as_mins()
        )));
    }
    rollout.wave += 1;
    rollout.wave_at = now;
    if rollout.wave + 1 >= rollout.waves.len() {
        rollout.state = State::Done;
    }
    put(home, &office, &before, &rollout)?;
    Ok(rollout)
}

/// Halts the rollout under way: no box that has not taken the edition may.
///
/// # Errors
/// [`HqError::RolloutNotReady`] where none is open, [`HqError::Publish`], and what the databases say.
pub fn halt(home: &Home, why: &str) -> Result<Rollout, HqError> {
    change(home, &[State::Open, State::Done], |rollout| {
        rollout.state = State::Halted;
        rollout.why = Some(why.to_owned());
    })
}

/// Goes on with a halted rollout, at the wave where it was.
///
/// # Errors
/// As [`halt`].
pub fn resume(home: &Home, now: Timestamp) -> Result<Rollout, HqError> {
    change(home, &[State::Halted], |rollout| {
        rollout.state = State::Open;
        rollout.why = None;
        // Only what boxes report from now on counts against it; noted in one step, so that nobody who looks meanwhile,
        // or after a power cut, halts it again for what halted it.
        rollout.wave_at = now;
    })
}

/// Gives a rollout up: it stays halted for good, and the next edition replaces it.
///
/// # Errors
/// As [`halt`].
pub fn abort(home: &Home, why: &str) -> Result<Rollout, HqError> {
    change(
        home,
        &[State::Open, State::Halted, State::Done],
        |rollout| {
            rollout.state = State::Aborted;
            rollout.why = Some(why.to_owned());
        },
    )
}

fn change(
    home: &Home,
    from: &[State],
    step: impl FnOnce(&mut Rollout),
) -> Result<Rollout, HqError> {
    settle(home)?;
    let office = Office::open(home)?;
    let before = current(&office)?;
    if !from.contains(&before.state) {
        return Err(HqError::RolloutNotReady {
            edition: before.edition,
            why: format!("it is {}", before.state.as_str()),
        });
    }
    let mut rollout = before.clone();
    step(&mut rollout);
    put(home, &office, &before, &rollout)?;
    Ok(rollout)
}

/// Signs what a rollout says now into its repository, then notes it. A power cut in between leaves boxes and
/// book apart by one step, and the next step signs again. `before` is what the step was decided on: where somebody
/// has taken another step since, or the repository offers another edition, this one is not taken.
fn put(home: &Home, office: &Office, before: &Rollout, rollout: &Rollout) -> Result<(), HqError> {
    let _publishing = alone(home)?;
    let not_ready = |why: String| HqError::RolloutNotReady {
        edition: rollout.edition,
        why,
    };
    if current(office)? != *before {
        return Err(not_ready("somebody took another step just now".into()));
    }
    let offered = published_edition(&rollout.out)?;
    if offered != rollout.edition {
        return Err(not_ready(format!(
            "its repository offers edition {offered} by now"
        )));
    }
    let mut says = signed(home, &rollout.waves, rollout.wave)?;
    if matches!(rollout.state, State::Halted | State::Aborted) {
        says = says.halted();
    }
    let signing = signings(home, &rollout.out)? + 1;
    promote(
        &role_keys(home)?,
        &home.roots(),
        &rollout.out,
        signing,
        Some(&says),
    )?;
    keep_signed(home, &rollout.out)?;
    if let Some(release) = software::of_edition(home, rollout.edition, &rollout.out)? {
        match rollout.state {
            State::Done => software::note_everywhere(home, &release, rollout.wave_at)?,
            State::Halted | State::Aborted => software::note_halted(home, &release)?,
            State::Open => {}
        }
    }
    office
        .connection
        .execute(
            "UPDATE rollout SET wave = ?2, state = ?3, why = ?4, wave_at = ?5 WHERE edition = ?1",
            params![
                i64::try_from(rollout.edition).unwrap_or(i64::MAX),
                i64::try_from(rollout.wave).unwrap_or(i64::MAX),
                rollout.state.as_str(),
                rollout.why,
                rollout.wave_at.to_string()
            ],
        )
        .map(drop)
        .map_err(office.failed())
}

/// What a wave says to boxes.
fn signed(home: &Home, waves: &Waves, wave: usize) -> Result<Signed, HqError> {
    Ok(Signed::open(
        waves.name(wave),
        posts_so_far(home, waves, wave)?,
    ))
}

/// The boxes of the waves up to this one; `None` for all.
fn posts_so_far(
    home: &Home,
    waves: &Waves,
    wave: usize,
) -> Result<Option<BTreeSet<PostId>>, HqError> {
    let places = Office::open(home)?.places()?;
    let mut posts = BTreeSet::new();
    let active = active_posts(home)?;
    for wave in waves.up_to(wave) {
        match wave {
            Wave::All => return Ok(None),
            Wave::Post(post) => posts.extend(active.iter().filter(|p| *p == post).cloned()),
            Wave::Canary | Wave::Region(_) => {
                posts.extend(
                    active
                        .iter()
                        .filter(|p| {
                            places.get(*p).is_some_and(|place| match wave {
                                Wave::Region(region) => place.region.as_ref() == Some(region),
                                _ => place.canary,
                            })
                        })
                        .cloned(),
                );
            }
        }
    }
    Ok(Some(posts))
}

fn active_posts(home: &Home) -> Result<Vec<PostId>, HqError> {
    let posts = Register::open(home)?.posts()?;
    let active = posts.into_iter().filter(|p| p.standing == Standing::Active);
    Ok(active.map(|p| p.post).collect())
}
