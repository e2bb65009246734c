//! `mpaka inspect`: a whole encounter from two pictures, recorded and queued like any other. It tells what the first
//! line may know, and more only to an officer of the second line who proves to be one.

use super::chip::TrustHere;
use super::officer::{Line, pin_from_stdin, second_line};
use super::reading::checks_text;
use super::{Context, StateHere, TodayHere};
use crate::appliance::{Appliance, Presence};
use crate::devices::{Hardware, chip_reader};
use crate::error::PostError;
use crate::inspection::{self, Clearances, Equipment, Evidence, Lock, Moment, Timings};
use crate::officers::{Officers, Role, SignIn};
use chip::{AccessKey, Files};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use page::Picture;
use rules::decision::DecisionRecord;
use rules::{
    Advice, Candidate, Check, Decision, DecisionKind, EditionNumber, LaneId, OfficerAct, OfficerId,
    OverrideReason, Reason,
};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// The photograph of the data page.
    #[arg(long, value_name = "IMAGE")]
    page: PathBuf,
    /// The same page under infrared.
    #[arg(long, value_name = "IMAGE")]
    page_infrared: Option<PathBuf>,
    /// The same page under ultraviolet.
    #[arg(long, value_name = "IMAGE")]
    page_ultraviolet: Option<PathBuf>,
    /// The picture of the traveller.
    #[arg(long, value_name = "IMAGE")]
    live: PathBuf,
    /// The chip reader on which the document lies, by its name or a part of it; `board` is the box's own front end.
    #[arg(long, value_name = "READER", conflicts_with = "files")]
    chip: Option<String>,
    /// The access number printed on a card, where its zone does not open the chip.
    #[arg(long, value_name = "NNNNNN", requires = "chip", value_parser = super::chip_read::number_key)]
    can: Option<AccessKey>,
    /// A folder with the files of the document's chip, read elsewhere.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Whom to believe about the chip [default: the folder `trust` in the state folder].
    #[command(flatten)]
    trust: TrustHere,
    /// The desk [default: the one this box was enrolled with].
    #[arg(long)]
    lane: Option<LaneId>,
    /// An officer's decision, where an officer decides at the command line.
    #[arg(long, value_enum, requires = "officer")]
    decide: Option<Decide>,
    /// The officer who decides, whose PIN is the first line of standard input: nobody decides in another's name.
    #[arg(long, requires = "decide")]
    officer: Option<OfficerId>,
    /// Why the officer decides against the advice.
    #[arg(long, requires = "decide", value_parser = reason)]
    reason: Option<OverrideReason>,
    /// Show what only the second line may see to this officer of the second line, whose PIN is the first line of
    /// standard input. Without it the answer is the first line's: of a discreet entry only that it refers.
    #[arg(long, value_name = "OFFICER")]
    second_line: Option<OfficerId>,
    #[command(flatten)]
    today: TodayHere,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decide {
    Admit,
    Refer,
    Hold,
}

impl From<Decide> for DecisionKind {
    fn from(decide: Decide) -> Self {
        match decide {
            Decide::Admit => Self::Admit,
            Decide::Refer => Self::Refer,
            Decide::Hold => Self::Hold,
        }
    }
}

fn reason(text: &str) -> Result<OverrideReason, String> {
    OverrideReason::ALL
        .into_iter()
        .find(|r| r.as_str() == text)
        .ok_or_else(|| {
            let known: Vec<_> = OverrideReason::ALL.iter().map(|r| r.as_str()).collect();
            format!("give one of {}", known.join(", "))
        })
}

#[derive(Debug, Serialize)]
struct InspectObject<'a> {
    encounter: String,
    mrz: Option<&'a [String]>,
    checks: &'a [&'a Check],
    face_score: Option<f32>,
    candidates: &'a [Candidate],
    edition: Option<EditionNumber>,
    advice: Advice,
    reasons: &'a [&'a Reason],
    decision: Option<DecisionRecord>,
    ms: f64,
    timings: Timings,
}

pub(super) fn run(context: Context, args: &InspectArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    // Whether it can be recorded comes first: an encounter that is not recorded must not take place.
    let appliance = Arc::new(Appliance::open(&context.state)?);
    let standing = appliance.lease(Timestamp::now())?;
    if !standing.may_work() {
        return Err(PostError::Locked(standing));
    }
    let line = proven(&context, &appliance, args)?;
    let evidence = Evidence {
        page: open(&args.page)?,
        lamps: super::page::lamps(
            args.page_infrared.as_deref(),
            args.page_ultraviolet.as_deref(),
        )?,
        live: open(&args.live)?,
        chip: match &args.files {
            Some(folder) => Some(chip_files(folder)?),
            None => None,
        },
        access_number: args.can.clone(),
    };
    let moment = Moment {
        now: Timestamp::now(),
        today: args.today.or(appliance.post().zone()),
    };
    let mut equipment = Equipment::of_box(context.models.as_deref(), Some(context.state.root()))
        .with_clearances(Arc::clone(&appliance) as Arc<dyn Clearances>)
        .with_lock(Arc::clone(&appliance) as Arc<dyn Lock>);
    if let Some(store) = args.trust.store(moment.today)? {
        equipment = equipment.with_trust(store);
    }
    if let Some(name) = &args.chip {
        let hardware = Arc::new(Hardware::of_state_unwatched(context.state.root())?);
        if let Some(reader) = chip_reader(Some(name), &hardware)? {
            equipment = equipment.with_chip_reader(reader);
        }
    }
    let inspection = inspection::inspect(evidence, &equipment, moment, &());
    let shown = match line {
        Line::First => inspection.to_first_line(),
        Line::Second => inspection.to_second_line(),
    };
    let decided = match (args.decide, &args.officer) {
        (Some(decide), Some(officer)) => {
            let act = OfficerAct::new(officer.clone(), Timestamp::now());
            act.decide(decide.into(), shown.advice, args.reason)
                .map(Some)
        }
        _ => Ok(None),
    };
    let lane = args.lane.as_ref().unwrap_or(&appliance.post().lane);
    let decision = match decided {
        Ok(decision) => decision,
        // Nobody has decided; that somebody was inspected and searched for is on record all the same.
        Err(needed) => {
            let encounter = appliance.record(&inspection, lane, None)?;
            eprintln!("mpaka: {encounter} is recorded, and nobody has decided");
            return Err(needed.into());
        }
    };
    let decided = decision.as_ref().map(Decision::record);
    let encounter = appliance.record(&inspection, lane, decision)?.to_string();
    let object = InspectObject {
        encounter,
        mrz: inspection.zone.as_ref().map(|z| z.lines.as_slice()),
        checks: &shown.checks,
        face_score: inspection.face_score,
        candidates: shown.candidates,
        edition: inspection.edition,
        advice: shown.advice,
        reasons: &shown.reasons,
        decision: decided,
        ms: inspection.timings.whole,
        timings: inspection.timings,
    };
    context.out.answer(&object, || text(&object))
}

/// Holds whoever acts against the own PIN, before anything is looked at; for whose eyes the answer is. One PIN is read,
/// so that whoever decides and whoever sees more is one person.
fn proven(context: &Context, appliance: &Appliance, args: &InspectArgs) -> Result<Line, PostError> {
    match (&args.second_line, &args.officer) {
        (Some(second), Some(officer)) if second != officer => Err(PostError::Usage(
            "one officer acts at a time: --second-line and --officer name the same one",
        )),
        (Some(second), _) => {
            let id = second_line(&context.state, second)?;
            appliance.note_officer(&id, Presence::SignedIn)?;
            Ok(Line::Second)
        }
        (None, Some(officer)) => {
            match Officers::of(&context.state).sign_in(officer.as_str(), &pin_from_stdin()?)? {
                SignIn::Accepted(_, Role::Officer | Role::SecondLine) => Ok(Line::First),
                SignIn::Accepted(_, Role::Technician)
                | SignIn::Wrong
                | SignIn::Locked
                | SignIn::NoOfficers => Err(PostError::NotTheOfficer),
            }
        }
        (None, None) => Ok(Line::First),
    }
}

fn open(path: &Path) -> Result<Picture, PostError> {
    Picture::open(path).map_err(|e| PostError::picture(path, e))
}

/// The chip's files; what else lies in the folder is named on stderr.
fn chip_files(folder: &Path) -> Result<Files, PostError> {
    let files = Files::open_folder(folder)?;
    for (name, fault) in &files.faults {
        eprintln!("mpaka: {}: {fault}", folder.join(name).display());
    }
    Ok(files)
}

fn text(object: &InspectObject<'_>) -> String {
    let mut text = format!("{}: {}", object.encounter, object.advice.as_str());
    for reason in object.reasons {
        text.push_str(&format!("\n  because {}", reason.code.as_str()));
        if !reason.detail.is_empty() {
            text.push_str(&format!(" ({})", reason.detail));
        }
    }
    for line in object.mrz.unwrap_or_default() {
        text.push_str(&format!("\n  {line}"));
    }
    text.push_str(&checks_text(object.checks.iter().copied()));
    for candidate in object.candidates {
        text.push_str(&format!(
            "\n  candidate {} {:.2}",
            candidate.entry, candidate.score
        ));
    }
    text.push_str(&match &object.decision {
        Some(d) => format!("\n  {} decided {}", d.officer, d.decision.as_str()),
        None => "\n  nobody has decided".to_owned(),
    });
    text
}
