//! Waves: how a rollout stands, its next step, its halt; who has taken an edition.

use super::Printer;
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::list;
use mpaka_hq::office::Office;
use mpaka_hq::rollout::{self, Judgement, Rollout, State};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Args)]
pub(super) struct RolloutArgs {
    #[command(subcommand)]
    step: Option<Step>,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// How the rollout stands, and what its boxes say; halts it where they fare badly.
    Check,
    /// Let the next wave come, where the boxes so far fare well.
    Advance {
        /// The wave must have stood for so many minutes.
        #[arg(long, default_value_t = 0, value_name = "MINUTES")]
        soak: u32,
        #[command(flatten)]
        leaving: Leaving,
    },
    /// Check every so often, advance by itself, and end when every box may take it or it is halted.
    Watch {
        /// A wave stands for so many minutes.
        #[arg(long, default_value_t = 60, value_name = "MINUTES")]
        soak: u32,
        /// Look every so many seconds.
        #[arg(long, default_value_t = 60, value_name = "SECONDS")]
        every: u32,
        #[command(flatten)]
        leaving: Leaving,
    },
    /// No box that has not taken the edition may.
    Halt {
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Go on where it was halted.
    Resume,
    /// Give it up: the next edition replaces it.
    Abort {
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

#[derive(Debug, Args)]
struct Leaving {
    /// Go on without boxes that are silent, take no updates or have no room, once the wave has waited for so many hours
    /// and at least one box has taken it: they are listed by name.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(24..))]
    leave_after: Option<u32>,
}

impl Leaving {
    fn after(&self) -> Option<SignedDuration> {
        self.leave_after
            .map(|hours| SignedDuration::from_hours(hours.into()))
    }
}

impl RolloutArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        let (step, why, hours) = match self.step.as_ref()? {
            Step::Check => ("check", None, None),
            Step::Advance { leaving, .. } => ("advance", None, leaving.leave_after),
            Step::Watch { leaving, .. } => ("watch", None, leaving.leave_after),
            Step::Halt { why } => ("halt", Some(why), None),
            Step::Resume => ("resume", None, None),
            Step::Abort { why } => ("abort", Some(why), None),
        };
        Some(json!({ "step": step, "why": why, "leave_after_hours": hours }))
    }
}

pub(super) fn run(
    home: &Home,
    args: &RolloutArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let minutes = |minutes: u32| SignedDuration::from_mins(minutes.into());
    match &args.step {
        None => {
            list::settle(home)?;
            show(&rollout::current(&Office::open(home)?)?, print)
        }
        Some(Step::Check) => say(&rollout::check(home)?, print),
        Some(Step::Advance { soak, leaving }) => {
            let advanced = rollout::advance(home, minutes(*soak), leaving.after(), now);
            show(&advanced?, print)
        }
        Some(Step::Watch {
            soak,
            every,
            leaving,
        }) => watch(home, minutes(*soak), leaving.after(), *every, print),
        Some(Step::Halt { why }) => show(&rollout::halt(home, why)?, print),
        Some(Step::Resume) => show(&rollout::resume(home, now)?, print),
        Some(Step::Abort { why }) => show(&rollout::abort(home, why)?, print),
    }
}

fn watch(
    home: &Home,
    soak: SignedDuration,
    leave_after: Option<SignedDuration>,
    every: u32,
    print: &Printer,
) -> Result<(), HqError> {
    let pause = || std::thread::sleep(Duration::from_secs(every.into()));
    loop {
        let judgement = match rollout::check(home) {
            // It is to be halted, and somebody else is at work in the repository: looked at again in a moment.
            Err(e @ (HqError::PublishingElsewhere | HqError::RolloutNotReady { .. })) => {
                tracing::warn!("not halted yet: {e}");
                pause();
                continue;
            }
            judged => judged?,
        };
        say(&judgement, print)?;
        if judgement.state != State::Open {
            return Ok(());
        }
        match rollout::advance(home, soak, leave_after, Timestamp::now()) {
            Ok(stands) => show(&stands, print)?,
            // Not yet: that is what watching is for.
            Err(HqError::RolloutNotReady { .. } | HqError::PublishingElsewhere) => {}
            Err(e) => return Err(e),
        }
        pause();
    }
}

fn show(stands: &Rollout, print: &Printer) -> Result<(), HqError> {
    print.answer(stands, || {
        format!(
            "edition {}: {} at wave {} of {} ({}), since {}{}",
            stands.edition,
            stands.state.as_str(),
            stands.wave + 1,
            stands.waves.len(),
            stands.waves.name(stands.wave),
            stands.wave_at,
            stands
                .why
                .as_ref()
                .map_or_else(String::new, |why| format!("; {why}"))
        )
    })
}

fn say(judgement: &Judgement, print: &Printer) -> Result<(), HqError> {
    print.answer(judgement, || {
        let mut text = format!(
            "edition {}{}, wave {}: {}; {} of {} boxes have it, {} silent, {} failing",
            judgement.edition,
            judgement
                .software
                .map_or_else(String::new, |version| format!(" with software {version}")),
            judgement.wave,
            judgement.state.as_str(),
            judgement.taken,
            judgement.due,
            judgement.silent.len(),
            judgement.failing.len()
        );
        for (post, faults) in &judgement.failing {
            text += &format!("\n    {post}: {faults}");
        }
        for lagging in &judgement.lagging {
            text += &format!("\n    {lagging}");
        }
        for lagging in &judgement.left_behind {
            text += &format!("\n    {lagging}, left behind");
        }
        text
    })
}
