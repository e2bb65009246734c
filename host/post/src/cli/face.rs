//! `mpaka face`: compare two faces, or say everything about the faces in a picture.

use super::Context;
use crate::cpu::CpuClock;
use crate::error::PostError;
use clap::{Args, Subcommand};
use models::Folder;
use models::face::{ComparedQuality, DetectedFace, FaceEngine, FaceView, Obstacle, compare_views};
use models::quality::Quality;
use page::Picture;
use rules::{Outcome, Policy};
use serde::Serialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

#[derive(Debug, Args)]
pub(super) struct FaceArgs {
    #[command(subcommand)]
    command: FaceCommand,
}

#[derive(Debug, Subcommand)]
enum FaceCommand {
    /// Compare the faces in two pictures, or in many pairs.
    Compare(CompareArgs),
    /// Faces, their five points, and every measure of quality.
    Inspect {
        /// A picture.
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct CompareArgs {
    /// The live picture.
    #[arg(required_unless_present = "pairs", requires = "b")]
    a: Option<PathBuf>,
    /// The reference picture.
    b: Option<PathBuf>,
    /// Pairs of pictures, `a,b` a line.
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["a", "b"])]
    pairs: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct CompareObject<'a> {
    a: &'a str,
    b: &'a str,
    score: Option<f32>,
    outcome: Outcome,
    why: String,
    quality: Option<ComparedQuality>,
    ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct InspectObject<'a> {
    image: &'a str,
    faces: &'a [DetectedFace],
    main: Option<usize>,
    obstacle: Option<Obstacle>,
    quality: &'a Quality,
    /// No model that tells a living face from a picture of one is on this box.
    attack: Option<f32>,
    ms: f64,
}

pub(super) fn run(context: &Context, args: &FaceArgs) -> Result<(), PostError> {
    let folder = Folder::resolve(context.models.as_deref())?;
    let engine = FaceEngine::load(&folder)?;
    match &args.command {
        FaceCommand::Compare(CompareArgs {
            pairs: Some(pairs), ..
        }) => compare_pairs(context, &engine, pairs),
        FaceCommand::Compare(CompareArgs {
            a: Some(a),
            b: Some(b),
            ..
        }) => compare_two(context, &engine, a, b),
        FaceCommand::Compare(_) => Err(PostError::Usage("give two pictures, or --pairs")),
        FaceCommand::Inspect { images } => inspect(context, &engine, images),
    }
}

fn compare_two(
    context: &Context,
    engine: &FaceEngine,
    a: &Path,
    b: &Path,
) -> Result<(), PostError> {
    let clock = CpuClock::start();
    let live = view(engine, a)?;
    let reference = view(engine, b)?;
    let names = (a.display().to_string(), b.display().to_string());
    answer(context, (&names.0, &names.1), &live, &reference, clock)
}

fn compare_pairs(context: &Context, engine: &FaceEngine, pairs: &Path) -> Result<(), PostError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_path(pairs)
        .map_err(|e| PostError::table(pairs, e))?;
    // One picture often stands in many pairs; its template is small, the picture is not kept.
    let mut seen: HashMap<String, Option<Rc<FaceView>>> = HashMap::new();
    let mut some_unreadable = false;
    for (index, row) in reader.records().enumerate() {
        let row = row.map_err(|e| PostError::table(pairs, e))?;
        let (Some(a), Some(b)) = (row.get(0), row.get(1)) else {
            return Err(PostError::row(pairs, index, "it has no two columns"));
        };
        if index == 0 && (a, b) == ("a", "b") {
            continue;
        }
        let clock = CpuClock::start();
        let mut view_of = |name: &str| -> Result<Option<Rc<FaceView>>, PostError> {
            if let Some(known) = seen.get(name) {
                return Ok(known.clone());
            }
            let found = match view(engine, Path::new(name)) {
                Ok(view) => Some(Rc::new(view)),
                Err(e @ (PostError::Picture { .. } | PostError::Text { .. })) => {
                    eprintln!("mpaka: {e}");
                    None
                }
                Err(other) => return Err(other),
            };
            seen.insert(name.to_owned(), found.clone());
            Ok(found)
        };
        if let (Some(live), Some(reference)) = (view_of(a)?, view_of(b)?) {
            answer(context, (a, b), &live, &reference, clock)?;
        } else {
            some_unreadable = true;
            let object = CompareObject {
                a,
                b,
                score: None,
                outcome: Outcome::Undetermined,
                why: "a picture could not be read".into(),
                quality: None,
                ms: clock.ms(),
                error: Some("unreadable".into()),
            };
            context
                .out
                .answer(&object, || format!("{a} {b}: a picture could not be read"))?;
        }
    }
    if some_unreadable {
        return Err(PostError::SomeUnreadable);
    }
    Ok(())
}

fn answer(
    context: &Context,
    (a, b): (&str, &str),
    live: &FaceView,
    reference: &FaceView,
    clock: CpuClock,
) -> Result<(), PostError> {
    let compared = compare_views(live, reference, &Policy::default());
    let object = CompareObject {
        a,
        b,
        score: compared.score,
        outcome: compared.outcome,
        why: compared.why,
        quality: Some(compared.quality),
        ms: clock.ms(),
        error: None,
    };
    context.out.answer(&object, || {
        format!("{a} {b}: {} ({})", object.outcome, object.why)
    })
}

fn inspect(context: &Context, engine: &FaceEngine, images: &[PathBuf]) -> Result<(), PostError> {
    let mut some_unreadable = false;
    for path in images {
        let clock = CpuClock::start();
        let picture = match Picture::open(path) {
            Ok(picture) => picture,
            Err(e) => {
                eprintln!("mpaka: {}", PostError::picture(path, e));
                some_unreadable = true;
                continue;
            }
        };
        let found = engine.inspect(&picture)?;
        let image = path.display().to_string();
        let object = InspectObject {
            image: &image,
            faces: &found.faces,
            main: found.main,
            obstacle: found.obstacle,
            quality: &found.quality,
            attack: None,
            ms: clock.ms(),
        };
        context.out.answer(&object, || {
            let what = match found.obstacle {
                Some(obstacle) => obstacle.to_string(),
                None => "one usable face".to_owned(),
            };
            format!("{image}: {} faces; {what}", found.faces.len())
        })?;
    }
    if some_unreadable {
        return Err(PostError::SomeUnreadable);
    }
    Ok(())
}

fn view(engine: &FaceEngine, path: &Path) -> Result<FaceView, PostError> {
    let picture = Picture::open(path).map_err(|e| PostError::picture(path, e))?;
    Ok(engine.view(&picture)?)
}
