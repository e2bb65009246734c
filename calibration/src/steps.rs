//! The steps of a session: from pictures to figures, noted in the session. The terminal and the desk do the
//! same.

use crate::golden::{Scan, unseen};
use crate::sealed::{DriftScan, Files, profile_of, record_drift};
use crate::session::{Session, Step, StepResult};
use crate::verdict::Figure;
use crate::zone_bench::Specimen;
use crate::{CalibrationError, colour, face_chart, focus, geometry, inks, lamps, zone_bench};
use jiff::Timestamp;
use page::profile::{LampField, Light};
use page::{LineReader, Picture};
use std::path::Path;

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
    let on_glass = geometry::corners(flat)?.ok_or(CalibrationError::TargetNotSeen {
        target: "chessboard",
        why: "the board on the glass is not seen whole".to_owned(),
    })?;
    told(true);
    let size = [flat.width(), flat.height()];
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
    let measured = geometry::calibrate(&views, &on_glass, size)?;
    let figures = geometry::figures(&measured);
    session.measured.geometry = Some(measured);
    Ok(noted(session, Step::Geometry, at, figures))
}

/// Lamps: the white sheet under each, and with every lamp out.
///
/// # Errors
/// As [`lamps::measure`].
pub fn lamps(
    session: &mut Session,
    at: Timestamp,
    sheets: &[(Light, Picture)],
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

/// The zone bench; `told` hears of each picture how many characters were wrong.
///
/// # Errors
/// [`CalibrationError::Picture`].
pub fn zone(
    session: &mut Session,
    at: Timestamp,
    specimens: &[Specimen],
    reader: &dyn LineReader,
    mut told: impl FnMut(usize),
) -> Result<StepResult, CalibrationError> {
    let mut wrong = 0;
    for specimen in specimens {
        let errors = zone_bench::errors(&picture(&specimen.picture)?, &specimen.lines, reader);
        told(errors);
        wrong += errors;
    }
    let figures = zone_bench::figures(specimens.len(), wrong);
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
    let figures: Result<Vec<Figure>, CalibrationError> = pictures
        .iter()
        .map(|(cm, picture)| Ok(face_chart::figure(*cm, face_chart::eyes_px(picture)?)))
        .collect();
    Ok(noted(session, Step::Faces, at, figures?))
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
pub fn drift(
    files: &Files,
    at: Timestamp,
    white: &Picture,
    others: &[(Light, &Picture)],
) -> Result<DriftScan, CalibrationError> {
    let key = files.device_key()?;
    let signed = profile_of(files, &key.public(), at)?.ok_or(CalibrationError::NoProfile)?;
    let figures = match Scan::of(white, others) {
        Ok(today) => signed.golden.drift(&today),
        // A sheet that is not seen any more is the largest drift there is.
        Err(CalibrationError::TargetNotSeen { why, .. }) => vec![unseen(&why)],
        Err(e) => return Err(e),
    };
    record_drift(files, &key, &signed, at, figures)
}
