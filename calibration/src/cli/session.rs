//! `mpaka-calibrate session`: the whole way from a bag of parts to a signed profile, step by step: with the box's own
//! lamps and cameras, or from a folder in which another program leaves its pictures.

use super::camera::CameraArgs;
use super::guided::Terminal;
use super::{Context, show, step::bar};
use crate::CalibrationError;
use crate::colour::drawn_references;
use crate::face_chart::DISTANCES_CM;
use crate::guide::{Ended, Guide, Which};
use crate::rig::Rig;
use crate::sealed::Files;
use crate::session::{Session, Step, StepResult};
use crate::steps::{self, picture};
use crate::verdict::Verdict;
use crate::zone_bench;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use models::zone::ZoneReader;
use page::Picture;
use page::profile::Light;
use serde::Serialize;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often the folder is looked at while a picture is waited for.
const LOOK: Duration = Duration::from_millis(500);
/// Pictures of the board at a slant, at most.
const MOST_VIEWS: usize = 40;

#[derive(Debug, Args)]
pub(super) struct SessionArgs {
    /// The folder in which the capture program leaves its pictures, named after the steps (focus.png,
    /// geometry-flat.png, geometry-1.png …, lamps-white.png, lamps-dark.png, colour.png, golden-white.png …).
    #[arg(long, value_name = "DIR", conflicts_with = "camera")]
    pictures: Option<PathBuf>,
    /// Wait for each step's pictures instead of stopping where they are missing.
    #[arg(long, requires = "pictures")]
    wait: bool,
    #[command(flatten)]
    camera: CameraArgs,
    /// Do this step alone.
    #[arg(long, value_enum, value_name = "STEP", requires = "camera")]
    only: Option<StepName>,
    /// A table of specimens for the zone bench under a camera: line1, line2 and, for cards, line3; typed where none is
    /// given.
    #[arg(long, value_name = "FILE.csv", requires = "camera")]
    specimens: Option<PathBuf>,
    /// A measured chart's table for the colours under a camera: `l`, `a`, `b` under D65 [default: as drawn].
    #[arg(long, value_name = "FILE.csv", requires = "camera")]
    reference: Option<PathBuf>,
    /// Forget the session under way and begin anew.
    #[arg(long)]
    anew: bool,
    /// Do steps again that were done already.
    #[arg(long)]
    again: bool,
}

/// A step by its name.
#[derive(Debug, Clone, Copy)]
struct StepName(Step);

impl ValueEnum for StepName {
    fn value_variants<'a>() -> &'a [Self] {
        const NAMES: [StepName; 8] = {
            let mut names = [StepName(Step::Focus); 8];
            let mut i = 0;
            while i < names.len() {
                names[i] = StepName(Step::ALL[i]);
                i += 1;
            }
            names
        };
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.as_str()))
    }
}

/// Goes through the steps with the box's own lamps and cameras.
fn guided(
    files: &Files,
    args: &SessionArgs,
    session: &mut Session,
    rig: &mut dyn Rig,
) -> Result<(), CalibrationError> {
    let references = super::step::references(args.reference.as_deref())?;
    let specimens = match &args.specimens {
        Some(table) => zone_bench::lines(table)?,
        None => Vec::new(),
    };
    let manner = args.camera.manner();
    let guide = Guide {
        files,
        manner: &manner,
        references: &references,
        now: Timestamp::now,
    };
    let which = match (args.only, args.again) {
        (Some(StepName(step)), _) => Which::Only(step),
        (None, true) => Which::All,
        (None, false) => Which::Open,
    };
    let mut terminal = Terminal::new(specimens);
    if guide.run(which, session, rig, &mut terminal)? == Ended::Stopped {
        eprintln!("stopped; the same words go on where it was left");
    }
    Ok(())
}

/// The object that is printed at the end. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct SessionObject<'a> {
    begun_at: Timestamp,
    steps: &'a [StepResult],
    /// The steps without which nothing is signed, missing or out of tolerance.
    missing: Vec<&'static str>,
    next: Option<&'static str>,
    /// Until when the profile that was signed holds.
    valid_until: Option<Timestamp>,
}

pub(super) fn run(context: &Context, args: &SessionArgs) -> Result<(), CalibrationError> {
    let files = context.files();
    let now = Timestamp::now();
    let mut session = if args.anew {
        Session::begun(now)
    } else {
        Session::resume(&files, now)?
    };
    if let Some(mut rig) = args.camera.rig(context)? {
        guided(&files, args, &mut session, &mut rig)?;
    }
    if let Some(folder) = &args.pictures {
        for step in Step::ALL {
            let done = session
                .step(step)
                .is_some_and(|s| s.verdict != Verdict::Red);
            if done && !args.again {
                continue;
            }
            let shots = Shots {
                folder,
                step: step.as_str(),
            };
            if !shots.ready(step) {
                if !args.wait || !step.is_needed() {
                    continue;
                }
                eprintln!("{}: {}", step.as_str(), step.instruction());
                eprintln!("  waiting for {}", shots.wanted(step));
                let mut standing = None;
                while !shots.are_whole(step, &mut standing) {
                    std::thread::sleep(LOOK);
                }
            }
            let result = do_step(step, &mut session, &shots)?;
            session.save(&files)?;
            eprintln!("{}", show::step(&result, &session.measured));
        }
    }
    session.save(&files)?;
    let took_pictures = args.pictures.is_some() || args.camera.camera.is_some();
    let signed = if took_pictures && session.missing().is_empty() {
        Some(session.sign(&files, Timestamp::now())?)
    } else {
        None
    };
    let object = SessionObject {
        begun_at: session.begun_at,
        steps: &session.steps,
        missing: session.missing().into_iter().map(Step::as_str).collect(),
        next: session.next().map(Step::as_str),
        valid_until: signed.as_ref().map(|s| s.valid_until),
    };
    context.answer(&object, || {
        summary(&session, &files, signed.map(|s| s.valid_until))
    })
}

fn summary(session: &Session, files: &Files, valid_until: Option<Timestamp>) -> String {
    let mut text = format!(
        "session of {}",
        session.begun_at.strftime("%Y-%m-%d %H:%M UTC")
    );
    for step in Step::ALL {
        let mark = session.step(step).map_or("…", |s| s.verdict.symbol());
        let extra = if step.is_needed() {
            ""
        } else {
            " (a box may do without)"
        };
        text.push_str(&format!("\n  {mark} {}{extra}", step.as_str()));
    }
    match (valid_until, session.next()) {
        (Some(until), _) => text.push_str(&format!(
            "\nsigned: {}, due again on {}",
            files.profile().display(),
            until.strftime("%Y-%m-%d")
        )),
        (None, Some(next)) => {
            text.push_str(&format!(
                "\nnext: {}: {}",
                next.as_str(),
                next.instruction()
            ));
        }
        (None, None) => text.push_str("\nready: mpaka-calibrate sign"),
    }
    text
}

/// Files by their names, with how long they are and when they were changed last.
type Standing = BTreeSet<(OsString, u64, Option<SystemTime>)>;

/// The pictures of one step in the folder.
struct Shots<'a> {
    folder: &'a Path,
    step: &'static str,
}

impl Shots<'_> {
    /// What a file of the step is called, its kind left out.
    fn name(&self, what: &str) -> String {
        match what {
            "" => self.step.to_owned(),
            what => format!("{}-{what}", self.step),
        }
    }

    /// The picture of this name, in any of the usual kinds.
    fn path(&self, what: &str) -> Option<PathBuf> {
        let name = self.name(what);
        ["png", "jpg", "jpeg", "tif", "tiff", "ppm", "csv"]
            .iter()
            .map(|kind| self.folder.join(format!("{name}.{kind}")))
            .find(|path| path.is_file())
    }

    fn open(&self, what: &str) -> Result<Option<Picture>, CalibrationError> {
        self.path(what).as_deref().map(picture).transpose()
    }

    /// A picture without which the step cannot be done.
    fn must(&self, what: &str) -> Result<Picture, CalibrationError> {
        self.open(what)?.ok_or(CalibrationError::TargetNotSeen {
            target: self.step,
            why: format!("there is no picture {}", self.name(what)),
        })
    }

    fn views(&self) -> Vec<PathBuf> {
        (1..=MOST_VIEWS)
            .filter_map(|i| self.path(&i.to_string()))
            .collect()
    }

    /// Pictures under other lamps than the white one.
    fn others(&self) -> Result<Vec<(Light, Picture)>, CalibrationError> {
        let mut others = Vec::new();
        for light in [Light::Infrared, Light::Ultraviolet] {
            others.extend(self.open(light.as_str())?.map(|p| (light, p)));
        }
        Ok(others)
    }

    fn ready(&self, step: Step) -> bool {
        let there = |what: &str| self.path(what).is_some();
        match step {
            Step::Focus | Step::Colour => there(""),
            Step::Geometry => there("flat") && self.views().len() >= crate::geometry::LEAST_VIEWS,
            Step::Lamps | Step::Golden => there("white"),
            Step::Inks => there("infrared") || (there("ultraviolet") && there("white")),
            Step::Zone => there("specimens"),
            Step::Faces => DISTANCES_CM.iter().all(|cm| there(&cm.to_string())),
        }
    }

    /// Whether the pictures that are waited for are there and written to their ends: nothing about the step's files
    /// has changed since the last look.
    fn are_whole(&self, step: Step, standing: &mut Option<Standing>) -> bool {
        let now = self.ready(step).then(|| self.standing());
        let still = now.is_some() && now == *standing;
        *standing = now;
        still
    }

    /// How the step's files stand.
    fn standing(&self) -> Standing {
        let files = std::fs::read_dir(self.folder).into_iter().flatten();
        files
            .flatten()
            .filter(|file| file.file_name().to_string_lossy().starts_with(self.step))
            .map(|file| {
                let known = file.metadata().ok();
                let changed = known.as_ref().and_then(|m| m.modified().ok());
                (file.file_name(), known.map_or(0, |m| m.len()), changed)
            })
            .collect()
    }

    fn wanted(&self, step: Step) -> &'static str {
        match step {
            Step::Focus => "focus.png",
            Step::Geometry => "geometry-1.png … geometry-6.png (or more), then geometry-flat.png",
            Step::Lamps => {
                "lamps-dark.png, lamps-infrared.png, lamps-ultraviolet.png (where there are such lamps), lamps-white.png last"
            }
            Step::Colour => "colour.png",
            Step::Inks => "inks-infrared.png, inks-ultraviolet.png and inks-white.png",
            Step::Zone => "zone-specimens.csv",
            Step::Faces => "faces-40.png, faces-60.png, faces-100.png",
            Step::Golden => {
                "golden-infrared.png, golden-ultraviolet.png (where there are such lamps), golden-white.png last"
            }
        }
    }
}

fn do_step(
    step: Step,
    session: &mut Session,
    shots: &Shots<'_>,
) -> Result<StepResult, CalibrationError> {
    let now = Timestamp::now();
    match step {
        Step::Focus => steps::focus(session, now, &shots.must("")?),
        Step::Geometry => {
            let views = shots.views();
            let bar = bar(views.len() + 1, "pictures");
            let flat = shots.must("flat")?;
            let pictures = views.iter().map(|path| picture(path));
            let result = steps::geometry(session, now, pictures, &flat, |_| bar.inc(1));
            bar.finish_and_clear();
            result
        }
        Step::Lamps => {
            let (white, others) = (shots.must("white")?, shots.others()?);
            let mut sheets = vec![(Light::White, &white)];
            sheets.extend(others.iter().map(|(l, p)| (*l, p)));
            steps::lamps(session, now, &sheets, shots.open("dark")?.as_ref())
        }
        Step::Colour => steps::colour(session, now, &shots.must("")?, &drawn_references()),
        Step::Inks => {
            let (ultraviolet, white) = (shots.open("ultraviolet")?, shots.open("white")?);
            steps::inks(
                session,
                now,
                shots.open("infrared")?.as_ref(),
                ultraviolet.as_ref().zip(white.as_ref()),
            )
        }
        Step::Zone => {
            let table = shots.path("specimens").unwrap_or_default();
            let specimens = zone_bench::table(&table)?;
            let reader = ZoneReader::load()?;
            let bar = bar(specimens.len(), "pictures");
            let result = steps::zone(session, now, &specimens, &reader, |_| bar.inc(1));
            bar.finish_and_clear();
            result
        }
        Step::Faces => {
            let mut pictures = Vec::new();
            for cm in DISTANCES_CM {
                pictures.push((cm, shots.must(&cm.to_string())?));
            }
            steps::faces(session, now, &pictures)
        }
        Step::Golden => {
            let others = shots.others()?;
            let others: Vec<(Light, &Picture)> = others.iter().map(|(l, p)| (*l, p)).collect();
            steps::golden(session, now, &shots.must("white")?, &others)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_that_is_still_being_written_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let shots = Shots {
            folder: folder.path(),
            step: "lamps",
        };
        let mut standing = None;
        let mut look = || shots.are_whole(Step::Lamps, &mut standing);
        assert!(!look() && !look(), "nothing is there");
        let white = folder.path().join("lamps-white.ppm");
        for half in ["P6 2 1 255 ", "P6 2 1 255 abc"] {
            std::fs::write(&white, half).unwrap();
            assert!(!look(), "{half}");
        }
        // What another step is given meanwhile says nothing of this one.
        std::fs::write(folder.path().join("colour.ppm"), "P6").unwrap();
        assert!(look());
        std::fs::write(folder.path().join("lamps-dark.ppm"), "P6").unwrap();
        assert!(!look());
        assert!(look());
    }
}
