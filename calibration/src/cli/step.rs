//! The commands that are one step of a session each: from the pictures named, figures with their verdicts.
//! With `--state` the step is kept in the box's session.

use super::{Context, show};
use crate::colour::{drawn_references, measured_references};
use crate::sealed::Files;
use crate::session::{Session, StepResult};
use crate::steps::{self, picture};
use crate::{CalibrationError, face_chart, geometry, zone_bench};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use models::zone::ZoneReader;
use page::Picture;
use page::profile::Light;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct FocusArgs {
    /// The focus sheet on the glass, under white light.
    #[arg(long, value_name = "FILE")]
    picture: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct GeometryArgs {
    /// The chessboard lying on the glass.
    #[arg(long, value_name = "FILE")]
    flat: PathBuf,
    /// The chessboard held over the glass, each time at another slant; six or more.
    #[arg(long = "view", value_name = "FILE", required = true, num_args = 1..)]
    views: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct LampsArgs {
    /// A white sheet under white light.
    #[arg(long, value_name = "FILE")]
    white: PathBuf,
    /// The same with every lamp out.
    #[arg(long, value_name = "FILE")]
    dark: Option<PathBuf>,
    /// The same under infrared.
    #[arg(long, value_name = "FILE")]
    infrared: Option<PathBuf>,
    /// The same under ultraviolet.
    #[arg(long, value_name = "FILE")]
    ultraviolet: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ColourArgs {
    /// The chart of 24 patches under white light.
    #[arg(long, value_name = "FILE")]
    picture: PathBuf,
    /// A measured chart's table: `l`, `a`, `b` under D65, a row a patch [default: the colours as drawn].
    #[arg(long, value_name = "FILE.csv")]
    reference: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InksArgs {
    /// The infrared card under infrared.
    #[arg(long, value_name = "FILE", required_unless_present = "ultraviolet")]
    infrared: Option<PathBuf>,
    /// The ultraviolet card under ultraviolet.
    #[arg(long, value_name = "FILE", requires = "white")]
    ultraviolet: Option<PathBuf>,
    /// The ultraviolet card under white light, not moved.
    #[arg(long, value_name = "FILE")]
    white: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ZoneArgs {
    /// A table of specimens: picture, line1, line2 and, for cards, line3; ten pictures of each.
    #[arg(long, value_name = "FILE.csv")]
    specimens: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct FacesArgs {
    /// The face chart at 40 cm.
    #[arg(long = "at-40", value_name = "FILE")]
    at_40: PathBuf,
    /// At 60 cm.
    #[arg(long = "at-60", value_name = "FILE")]
    at_60: PathBuf,
    /// At 100 cm.
    #[arg(long = "at-100", value_name = "FILE")]
    at_100: PathBuf,
}

/// Pictures of the sheet in the lid.
#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Under white light.
    #[arg(long, value_name = "FILE")]
    white: PathBuf,
    /// Under infrared.
    #[arg(long, value_name = "FILE")]
    infrared: Option<PathBuf>,
    /// Under ultraviolet.
    #[arg(long, value_name = "FILE")]
    ultraviolet: Option<PathBuf>,
}

impl ScanArgs {
    /// The pictures under other lamps than the white one.
    fn others(&self) -> Result<Vec<(Light, Picture)>, CalibrationError> {
        others(self.infrared.as_deref(), self.ultraviolet.as_deref())
    }
}

pub(super) fn others(
    infrared: Option<&Path>,
    ultraviolet: Option<&Path>,
) -> Result<Vec<(Light, Picture)>, CalibrationError> {
    let named = [
        (Light::Infrared, infrared),
        (Light::Ultraviolet, ultraviolet),
    ];
    named
        .into_iter()
        .filter_map(|(light, path)| path.map(|p| Ok((light, picture(p)?))))
        .collect()
}

/// The object that is printed for a step. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct StepObject<'a> {
    #[serde(flatten)]
    result: &'a StepResult,
    /// Whether it was kept in the box's session.
    kept: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    geometry: Option<GeometryObject>,
}

#[derive(Debug, Serialize)]
struct GeometryObject {
    camera: page::profile::CameraModel,
    glass: page::profile::Glass,
    rms_px: f64,
}

/// Does a step in the box's session, or in one that is forgotten where no state folder was named.
fn done(
    context: &Context,
    step: impl FnOnce(&mut Session, Timestamp) -> Result<StepResult, CalibrationError>,
) -> Result<(), CalibrationError> {
    let now = Timestamp::now();
    let files = context.state.as_deref().map(Files::of);
    let mut session = match &files {
        Some(files) => Session::resume(files, now)?,
        None => Session::begun(now),
    };
    let result = step(&mut session, now)?;
    if let Some(files) = &files {
        session.save(files)?;
    }
    let geometry = (result.step == crate::session::Step::Geometry)
        .then_some(session.measured.geometry.as_ref())
        .flatten()
        .map(|g| GeometryObject {
            camera: g.camera,
            glass: g.glass,
            rms_px: g.rms_px,
        });
    let object = StepObject {
        result: &result,
        kept: files.is_some(),
        geometry,
    };
    context.answer(&object, || {
        let mut text = show::step(&result, &session.measured);
        if files.is_none() {
            text.push_str("\n  not kept: no --state was named");
        }
        text
    })
}

/// A progress bar on standard error.
pub(super) fn bar(length: usize, what: &str) -> ProgressBar {
    ProgressBar::new(length as u64).with_style(
        ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"))
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

pub(super) fn focus(context: &Context, args: &FocusArgs) -> Result<(), CalibrationError> {
    let sheet = picture(&args.picture)?;
    done(context, |session, now| steps::focus(session, now, &sheet))
}

pub(super) fn geometry(context: &Context, args: &GeometryArgs) -> Result<(), CalibrationError> {
    let flat = picture(&args.flat)?;
    let bar = bar(args.views.len() + 1, "pictures");
    let answered = done(context, |session, now| {
        let views = args.views.iter().map(|path| picture(path));
        steps::geometry(session, now, views, &flat, |_| bar.inc(1))
    });
    bar.finish_and_clear();
    if let Err(CalibrationError::TooFewViews { .. }) = &answered {
        eprintln!(
            "hold the board so that all its squares are seen, slanted by 15 to 30 degrees, {} times or more",
            geometry::LEAST_VIEWS
        );
    }
    answered
}

pub(super) fn lamps(context: &Context, args: &LampsArgs) -> Result<(), CalibrationError> {
    let mut sheets = vec![(Light::White, picture(&args.white)?)];
    sheets.extend(others(
        args.infrared.as_deref(),
        args.ultraviolet.as_deref(),
    )?);
    let dark = args.dark.as_deref().map(picture).transpose()?;
    let sheets: Vec<(Light, &Picture)> = sheets.iter().map(|(l, p)| (*l, p)).collect();
    done(context, |session, now| {
        steps::lamps(session, now, &sheets, dark.as_ref())
    })
}

pub(super) fn colour(context: &Context, args: &ColourArgs) -> Result<(), CalibrationError> {
    let chart = picture(&args.picture)?;
    let references = references(args.reference.as_deref())?;
    done(context, |session, now| {
        steps::colour(session, now, &chart, &references)
    })
}

/// A measured chart's references, or those of the chart as it is drawn.
pub(super) fn references(table: Option<&Path>) -> Result<Vec<[f64; 3]>, CalibrationError> {
    Ok(match table {
        Some(table) => measured_references(&reference_table(table)?),
        None => drawn_references(),
    })
}

fn reference_table(path: &Path) -> Result<Vec<[f64; 3]>, CalibrationError> {
    #[derive(serde::Deserialize)]
    struct Row {
        l: f64,
        a: f64,
        b: f64,
    }
    let refuse = |source| CalibrationError::Table {
        path: path.to_owned(),
        source,
    };
    let mut table = csv::Reader::from_path(path).map_err(refuse)?;
    let rows: Result<Vec<Row>, csv::Error> = table.deserialize().collect();
    let rows = rows.map_err(refuse)?;
    for (i, row) in rows.iter().enumerate() {
        let sound = (0.0..=100.0).contains(&row.l) && row.a.abs() <= 150.0 && row.b.abs() <= 150.0;
        if !sound {
            return Err(CalibrationError::Row {
                path: path.to_owned(),
                row: i + 1,
                why: "no colour of a print".to_owned(),
            });
        }
    }
    Ok(rows.iter().map(|r| [r.l, r.a, r.b]).collect())
}

pub(super) fn inks(context: &Context, args: &InksArgs) -> Result<(), CalibrationError> {
    let open = |path: &Option<PathBuf>| path.as_deref().map(picture).transpose();
    let (infrared, ultraviolet, white) = (
        open(&args.infrared)?,
        open(&args.ultraviolet)?,
        open(&args.white)?,
    );
    done(context, |session, now| {
        steps::inks(
            session,
            now,
            infrared.as_ref(),
            ultraviolet.as_ref().zip(white.as_ref()),
        )
    })
}

pub(super) fn zone(context: &Context, args: &ZoneArgs) -> Result<(), CalibrationError> {
    let specimens = zone_bench::table(&args.specimens)?;
    let reader = ZoneReader::load()?;
    let bar = bar(specimens.len(), "pictures");
    let answered = done(context, |session, now| {
        steps::zone(session, now, &specimens, &reader, |_| bar.inc(1))
    });
    bar.finish_and_clear();
    answered
}

pub(super) fn faces(context: &Context, args: &FacesArgs) -> Result<(), CalibrationError> {
    let named = [&args.at_40, &args.at_60, &args.at_100];
    let pictures: Result<Vec<(u32, Picture)>, CalibrationError> = face_chart::DISTANCES_CM
        .into_iter()
        .zip(named)
        .map(|(cm, path)| Ok((cm, picture(path)?)))
        .collect();
    let pictures = pictures?;
    done(context, |session, now| {
        steps::faces(session, now, &pictures)
    })
}

pub(super) fn golden(context: &Context, args: &ScanArgs) -> Result<(), CalibrationError> {
    let white = picture(&args.white)?;
    let others = args.others()?;
    let others: Vec<(Light, &Picture)> = others.iter().map(|(l, p)| (*l, p)).collect();
    done(context, |session, now| {
        steps::golden(session, now, &white, &others)
    })
}
