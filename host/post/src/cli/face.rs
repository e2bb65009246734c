//! `mpaka face`: compare two faces, or say everything about the faces in a picture.

use super::Context;
use crate::cpu::CpuClock;
use crate::error::PostError;
use crate::inspection::models_of_box;
use clap::{Args, Subcommand};
use models::attack::{Attack, Frame};
use models::face::{
    ComparedQuality, DetectedFace, FaceEngine, FaceInspection, FaceView, Obstacle, best_frame,
    compare_views,
};
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
        /// The pictures are consecutive frames of one traveller: a last line names the best of them and says what
        /// they say together of a presentation attack.
        #[arg(long)]
        frames: bool,
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
    /// What speaks for a picture of a face, 0 to 1; absent where no cue could be taken. Advice only.
    attack: Option<f32>,
    attack_cues: Option<&'a Attack>,
    ms: f64,
}

/// Several frames of one traveller, together.
#[derive(Debug, Serialize)]
struct FramesObject<'a> {
    frames: usize,
    /// The best one; absent where none holds a usable face.
    best: Option<&'a str>,
    attack: Option<f32>,
    attack_cues: Option<&'a Attack>,
    ms: f64,
}

/// Frames are kept in memory until the last: at most so many.
const MOST_FRAMES: usize = 64;

pub(super) fn run(context: &Context, args: &FaceArgs) -> Result<(), PostError> {
    let folder = models_of_box(context.models.as_deref(), Some(context.state.root()))?;
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
        FaceCommand::Inspect { images, frames } => inspect(context, &engine, images, *frames),
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

fn inspect(
    context: &Context,
    engine: &FaceEngine,
    images: &[PathBuf],
    together: bool,
) -> Result<(), PostError> {
    if together && images.len() > MOST_FRAMES {
        return Err(PostError::Usage("at most 64 frames are looked at together"));
    }
    let mut some_unreadable = false;
    let mut kept: Vec<(String, Picture, FaceInspection)> = Vec::new();
    let whole = CpuClock::start();
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
        let attack = attack_of([(&picture, &found)])?;
        let object = InspectObject {
            image: &image,
            faces: &found.faces,
            main: found.main,
            obstacle: found.obstacle,
            quality: &found.quality,
            attack: attack.as_ref().map(Attack::score),
            attack_cues: attack.as_ref(),
            ms: clock.ms(),
        };
        context.out.answer(&object, || {
            let what = match found.obstacle {
                Some(obstacle) => obstacle.to_string(),
                None => "one usable face".to_owned(),
            };
            format!("{image}: {} faces; {what}", found.faces.len())
        })?;
        if together {
            kept.push((image, picture, found));
        }
    }
    if together {
        let attack = attack_of(kept.iter().map(|(_, picture, found)| (picture, found)))?;
        let best = best_frame(kept.iter().map(|(_, _, found)| found)).map(|at| kept[at].0.as_str());
        let object = FramesObject {
            frames: kept.len(),
            best,
            attack: attack.as_ref().map(Attack::score),
            attack_cues: attack.as_ref(),
            ms: whole.ms(),
        };
        context.out.answer(&object, || match best {
            Some(best) => format!("the best of {}: {best}", kept.len()),
            None => "no frame holds one usable face".to_owned(),
        })?;
    }
    if some_unreadable {
        return Err(PostError::SomeUnreadable);
    }
    Ok(())
}

/// What the pictures say of a presentation attack, those with a face that is meant.
fn attack_of<'a>(
    seen: impl IntoIterator<Item = (&'a Picture, &'a FaceInspection)>,
) -> Result<Option<Attack>, PostError> {
    let frames: Vec<_> = seen
        .into_iter()
        .filter_map(|(picture, found)| {
            let face = found.faces.get(found.main?)?;
            Some(Frame { picture, face })
        })
        .collect();
    Ok(Attack::of(&frames)?)
}

fn view(engine: &FaceEngine, path: &Path) -> Result<FaceView, PostError> {
    let picture = Picture::open(path).map_err(|e| PostError::picture(path, e))?;
    Ok(engine.view(&picture)?)
}
