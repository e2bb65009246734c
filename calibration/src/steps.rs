//! The steps of a session: from pictures to figures, noted in the session. The terminal and the desk do the
//! same.

use crate::capture::Shots;
use crate::golden::{Scan, unseen};
use crate::plan::Placement;
use crate::sealed::{DriftScan, Files, profile_of, record_drift};
use crate::session::{Session, Step, StepResult};
use crate::verdict::Figure;
use crate::zone_bench::Specimen;
use crate::{CalibrationError, colour, face_chart, focus, geometry, inks, lamps, zone_bench};
use jiff::Timestamp;
use page::profile::{Correction, LampField, Light};
use page::{LineReader, Picture};
use std::path::Path;

/// What a step needs beside its pictures.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The chart's references, linear sRGB.
    pub references: &'a [[f64; 3]],
    /// The lines of the specimen that lies on the glass.
    pub specimen: &'a [String],
}

/// Measures what was placed, from its pictures. `None` while the step asks for more ([`Session::pending`]).
///
/// # Errors
/// As those of the step.
pub fn placed(
    session: &mut Session,
    at: Timestamp,
    placement: Placement,
    shots: &Shots,
    given: Given<'_>,
) -> Result<Option<StepResult>, CalibrationError> {
    let step = placement.step();
    if session.step(step).is_some() {
        // Whoever takes pictures of a step that was done does it again.
        session.begin(step);
    }
    let measured = &mut session.measured;
    match placement {
        Placement::FocusSheet => return focus(session, at, one(shots, "white")?).map(Some),
        Placement::BoardHeld => views(session, shots)?,
        Placement::BoardFlat => {
            let flat = one(shots, "flat")?;
            let size = [flat.width(), flat.height()];
            let on_glass = board_on_glass(flat)?;
            if measured.views_of != Some(size) {
                // Of another camera, or of another size of picture: they say nothing of this one.
                measured.views.clear();
            }
            let views = measured.views.clone();
            return geometry_of(session, at, &views, &on_glass, size).map(Some);
        }
        Placement::WhiteSheet => {
            let mut sheets = vec![(Light::White, one(shots, "white")?)];
            sheets.extend(others(shots));
            let dark = shots.get("dark").and_then(|all| all.first());
            return lamps(session, at, &sheets, dark).map(Some);
        }
        Placement::Patches => {
            return colour(session, at, one(shots, "white")?, given.references).map(Some);
        }
        Placement::InfraredCard | Placement::UltravioletCard => {
            let pair = match placement {
                Placement::InfraredCard => {
                    inks::measure(Light::Infrared, one(shots, "infrared")?, None)?
                }
                _ => inks::measure(
                    Light::Ultraviolet,
                    one(shots, "ultraviolet")?,
                    Some(one(shots, "white")?),
                )?,
            };
            measured.inks.retain(|p| p.light != pair.light);
            measured.inks.push(pair);
        }
        Placement::Specimen => {
            let reader = models::zone::ZoneReader::load()?;
            let correction = session.profile().map(Correction::of).transpose()?;
            let frames = shots.get("specimen").into_iter().flatten();
            let wrong: Vec<usize> = frames
                .map(|frame| misread(frame, given.specimen, &reader, correction.as_ref()))
                .collect();
            zone_bench::count(&mut session.measured.specimens, given.specimen, &wrong);
        }
        Placement::FaceNear | Placement::FaceMiddle | Placement::FaceFar => {
            if let (Some(cm), Some(shot)) = (placement.distance_cm(), placement.shots().first()) {
                let seen = face_chart::eyes_px(one(shots, shot.name)?)?;
                measured.faces.retain(|(at, _)| *at != cm);
                measured.faces.push((cm, seen));
                measured.faces.sort_by_key(|(at, _)| *at);
            }
        }
        Placement::SheetInLid => {
            return golden(session, at, one(shots, "white")?, &others(shots)).map(Some);
        }
    }
    Ok(finished(session, at, step))
}

/// Leaves out what a box without the part cannot show; the step's result, where nothing else is asked for.
pub fn left_out(session: &mut Session, at: Timestamp, placement: Placement) -> Option<StepResult> {
    session.left_out.insert(placement);
    finished(session, at, placement.step())
}

/// Notes a step of several placements once it asks for no more and has measured anything.
fn finished(session: &mut Session, at: Timestamp, step: Step) -> Option<StepResult> {
    if session.pending(step).is_some() {
        return None;
    }
    let measured = &session.measured;
    match step {
        Step::Inks if !measured.inks.is_empty() => {
            let figures = measured.inks.iter().flat_map(inks::figures).collect();
            Some(noted(session, step, at, figures))
        }
        Step::Zone if !measured.specimens.is_empty() => {
            let figures = zone_bench::figures(&measured.specimens);
            Some(noted(session, step, at, figures))
        }
        Step::Faces if !measured.faces.is_empty() => Some(faces_noted(session, at)),
        _ => None,
    }
}

/// Keeps the board's corners of views in which it is seen whole; of one camera and one size.
fn views(session: &mut Session, shots: &Shots) -> Result<(), CalibrationError> {
    let mut seen = 0;
    for view in shots.get("view").into_iter().flatten() {
        let size = [view.width(), view.height()];
        if let Some(corners) = geometry::corners(view)? {
            let measured = &mut session.measured;
            if measured.views_of != Some(size) {
                measured.views_of = Some(size);
                measured.views.clear();
            }
            measured.views.push(corners);
            seen += 1;
        }
    }
    if seen == 0 {
        return Err(CalibrationError::TargetNotSeen {
            target: "chessboard",
            why: "the board is not seen whole: hold it so that all its squares are seen".to_owned(),
        });
    }
    Ok(())
}

/// The picture of a shot.
fn one<'a>(shots: &'a Shots, name: &'static str) -> Result<&'a Picture, CalibrationError> {
    shots
        .get(name)
        .and_then(|all| all.first())
        .ok_or(CalibrationError::TargetNotSeen {
            target: name,
            why: "there is no picture of it".to_owned(),
        })
}

/// The pictures under other lamps than the white one.
#[must_use]
pub fn others(shots: &Shots) -> Vec<(Light, &Picture)> {
    [Light::Infrared, Light::Ultraviolet]
        .into_iter()
        .filter_map(|light| Some((light, shots.get(light.as_str())?.first()?)))
        .collect()
}

/// Reads a picture file.
///
/// # Errors
/// [`CalibrationError::Picture`].
pub fn picture(path: &Path) -> Result<Picture, CalibrationError> {
    Picture::open(path).map_err(|source| CalibrationError::Picture {
        path: path.to_owned(),
        source,
    })
}

/// Notes a step's figures.
fn noted(session: &mut Session, step: Step, at: Timestamp, figures: Vec<Figure>) -> StepResult {
    let result = StepResult::new(step, at, figures);
    session.note(result.clone());
    result
}

/// Focus.
///
/// # Errors
/// As [`focus::marks`].
pub fn focus(
    session: &mut Session,
    at: Timestamp,
    sheet: &Picture,
) -> Result<StepResult, CalibrationError> {
    let marks = focus::marks(sheet)?;
    let figures = focus::figures(&marks);
    session.measured.focus = Some(marks.into());
    Ok(noted(session, Step::Focus, at, figures))
}

/// Geometry, from pictures of the board held at a slant and one of it on the glass; `told` hears of each
/// picture whether the board was seen in it.
///
/// # Errors
/// As [`geometry::calibrate`].
pub fn geometry(
    session: &mut Session,
    at: Timestamp,
    slanted: impl IntoIterator<Item = Result<Picture, CalibrationError>>,
    flat: &Picture,
    mut told: impl FnMut(bool),
) -> Result<StepResult, CalibrationError> {
    let size = [flat.width(), flat.height()];
    let on_glass = board_on_glass(flat)?;
    told(true);
    let mut views = Vec::new();
    for view in slanted {
        let view = view?;
        let seen = if [view.width(), view.height()] == size {
            geometry::corners(&view)?
        } else {
            None
        };
        told(seen.is_some());
        views.extend(seen);
    }
    geometry_of(session, at, &views, &on_glass, size)
}

fn board_on_glass(flat: &Picture) -> Result<Vec<[f64; 2]>, CalibrationError> {
    geometry::corners(flat)?.ok_or(CalibrationError::TargetNotSeen {
        target: "chessboard",
        why: "the board on the glass is not seen whole".to_owned(),
    })
}

fn geometry_of(
    session: &mut Session,
    at: Timestamp,
    views: &[Vec<[f64; 2]>],
    on_glass: &[[f64; 2]],
    size: [u32; 2],
) -> Result<StepResult, CalibrationError> {
    let measured = geometry::calibrate(views, on_glass, size)?;
    let figures = geometry::figures(&measured);
    session.measured.geometry = Some(measured);
    session.measured.views.clear();
    session.measured.views_of = None;
    Ok(noted(session, Step::Geometry, at, figures))
}

/// Lamps: the white sheet under each, and with every lamp out.
///
/// # Errors
/// As [`lamps::measure`].
pub fn lamps(
    session: &mut Session,
    at: Timestamp,
    sheets: &[(Light, &Picture)],
    dark: Option<&Picture>,
) -> Result<StepResult, CalibrationError> {
    let mut measured = Vec::new();
    let mut figures = Vec::new();
    for (light, sheet) in sheets {
        let evenness = lamps::measure(*light, sheet, dark)?;
        figures.extend(lamps::figures(&evenness));
        measured.push(evenness);
    }
    session.measured.lamps = measured;
    Ok(noted(session, Step::Lamps, at, figures))
}

fn white_field(session: &Session) -> Option<&LampField> {
    let lamps = session.measured.lamps.iter();
    lamps.map(|l| &l.field).find(|f| f.light == Light::White)
}

/// Colour: the 24 patches against their references, linear sRGB.
///
/// # Errors
/// As [`colour::measure`].
pub fn colour(
    session: &mut Session,
    at: Timestamp,
    chart: &Picture,
    references: &[[f64; 3]],
) -> Result<StepResult, CalibrationError> {
    let measured = colour::measure(chart, references, white_field(session))?;
    let figures = colour::figures(&measured);
    session.measured.colour = Some(measured);
    Ok(noted(session, Step::Colour, at, figures))
}

/// The cards under infrared and ultraviolet; the latter with a picture of it under white light.
///
/// # Errors
/// As [`inks::measure`].
pub fn inks(
    session: &mut Session,
    at: Timestamp,
    infrared: Option<&Picture>,
    ultraviolet: Option<(&Picture, &Picture)>,
) -> Result<StepResult, CalibrationError> {
    let mut pairs = Vec::new();
    if let Some(picture) = infrared {
        pairs.push(inks::measure(Light::Infrared, picture, None)?);
    }
    if let Some((picture, white)) = ultraviolet {
        pairs.push(inks::measure(Light::Ultraviolet, picture, Some(white))?);
    }
    let figures = pairs.iter().flat_map(inks::figures).collect();
    session.measured.inks = pairs;
    Ok(noted(session, Step::Inks, at, figures))
}

/// How many characters are read wrong as inspections will read: through the profile that is being made, where the picture
/// is of its camera.
fn misread(
    picture: &Picture,
    lines: &[String],
    reader: &dyn LineReader,
    correction: Option<&Correction>,
) -> usize {
    let right = correction.and_then(|c| c.apply(picture, Light::White).ok());
    zone_bench::errors(right.as_ref().unwrap_or(picture), lines, reader)
}

/// The zone bench; `told` hears of each picture how many characters were wrong.
///
/// # Errors
/// [`CalibrationError::Picture`], [`CalibrationError::Profile`].
pub fn zone(
    session: &mut Session,
    at: Timestamp,
    specimens: &[Specimen],
    reader: &dyn LineReader,
    mut told: impl FnMut(usize),
) -> Result<StepResult, CalibrationError> {
    // Pictures of one specimen need not stand together in the table.
    let mut of_each: Vec<(&[String], Vec<usize>)> = Vec::new();
    let correction = session.profile().map(Correction::of).transpose()?;
    for specimen in specimens {
        let taken = picture(&specimen.picture)?;
        let errors = misread(&taken, &specimen.lines, reader, correction.as_ref());
        told(errors);
        match of_each.iter_mut().find(|(l, _)| *l == specimen.lines) {
            Some((_, wrong)) => wrong.push(errors),
            None => of_each.push((&specimen.lines, vec![errors])),
        }
    }
    session.measured.specimens.clear();
    for (lines, wrong) in of_each {
        zone_bench::count(&mut session.measured.specimens, lines, &wrong);
    }
    let figures = zone_bench::figures(&session.measured.specimens);
    Ok(noted(session, Step::Zone, at, figures))
}

/// The face chart at stated distances, centimetres.
///
/// # Errors
/// As [`face_chart::eyes_px`].
pub fn faces(
    session: &mut Session,
    at: Timestamp,
    pictures: &[(u32, Picture)],
) -> Result<StepResult, CalibrationError> {
    let mut seen = Vec::new();
    for (cm, picture) in pictures {
        seen.push((*cm, face_chart::eyes_px(picture)?));
    }
    session.measured.faces = seen;
    Ok(faces_noted(session, at))
}

fn faces_noted(session: &mut Session, at: Timestamp) -> StepResult {
    let seen = session.measured.faces.iter();
    let figures = seen.map(|(cm, px)| face_chart::figure(*cm, *px)).collect();
    noted(session, Step::Faces, at, figures)
}

/// The golden scan: the sheet in the lid under each lamp.
///
/// # Errors
/// As [`Scan::of`].
pub fn golden(
    session: &mut Session,
    at: Timestamp,
    white: &Picture,
    others: &[(Light, &Picture)],
) -> Result<StepResult, CalibrationError> {
    let scan = Scan::of(white, others)?;
    // A scan taken at once is its own reference: every distance is nought, and the limits stand beside it.
    let mut figures = scan.drift(&scan);
    let sharpness = scan.mtf50.iter().copied().fold(f64::MAX, f64::min);
    figures.push(Figure::new(
        "mtf50_least",
        sharpness,
        "lp/mm",
        crate::verdict::Tolerance::AtLeast(focus::LEAST_CORNER),
        "the sheet in the lid is not pressed on the glass, or the lens has moved since focus",
    ));
    session.measured.golden = Some(scan);
    Ok(noted(session, Step::Golden, at, figures))
}

/// The daily drift scan: today's pictures of the sheet in the lid against the golden ones, its outcome signed and kept.
///
/// # Errors
/// [`CalibrationError::Key`], [`CalibrationError::Distrusted`] and [`CalibrationError::NoProfile`] where there is
/// nothing to compare with; [`CalibrationError::Library`], [`CalibrationError::Writing`].
pub fn drift(files: &Files, at: Timestamp, shots: &Shots) -> Result<DriftScan, CalibrationError> {
    let white = one(shots, "white")?;
    let key = files.device_key()?;
    let signed = profile_of(files, &key.public(), at)?.ok_or(CalibrationError::NoProfile)?;
    let figures = match Scan::of(white, &others(shots)) {
        Ok(today) => signed.golden.drift(&today),
        // A sheet that is not seen any more is the largest drift there is.
        Err(CalibrationError::TargetNotSeen { why, .. }) => vec![unseen(&why)],
        Err(e) => return Err(e),
    };
    record_drift(files, &key, &signed, at, figures)
}
