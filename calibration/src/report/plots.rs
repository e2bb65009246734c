//! The report's drawings, as SVG.

use crate::CalibrationError;
use crate::colour::Colour;
use crate::face_chart::least_px;
use crate::faces::{Lines, lines};
use crate::focus::{Mark, PLACES};
use crate::geometry::Geometry;
use crate::lamps::Evenness;
use crate::sealed::DriftHistory;
use page::profile::to_srgb;
use plotters::prelude::*;
use std::collections::BTreeMap;

const INK: RGBColor = RGBColor(22, 33, 43);
const QUIET: RGBColor = RGBColor(138, 148, 156);
const BLUE: RGBColor = RGBColor(0, 114, 178);
const ORANGE: RGBColor = RGBColor(213, 94, 0);

fn failed(error: impl std::fmt::Display) -> CalibrationError {
    CalibrationError::Drawing(error.to_string())
}

/// A drawing of its own on white.
fn drawing(
    size: (u32, u32),
    draw: impl FnOnce(
        &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    ) -> Result<(), CalibrationError>,
) -> Result<String, CalibrationError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        draw(&area)?;
        area.present().map_err(failed)?;
    }
    Ok(svg)
}

/// The response at each place.
pub(super) fn sharpness(marks: &[Mark]) -> Result<String, CalibrationError> {
    let end = marks
        .iter()
        .flat_map(|m| m.curve.iter())
        .filter(|(_, kept)| *kept > 0.05)
        .map(|(f, _)| *f)
        .fold(1.0, f64::max);
    let curves = PLACES.iter().zip(marks).map(|(place, mark)| {
        let until = mark.curve.iter().filter(|(f, _)| *f <= end);
        (
            format!("{}: {:.2} lp/mm", place.replace('_', " "), mark.worse()),
            until.copied().collect(),
        )
    });
    lines(
        0.0..end,
        0.0..1.05,
        ["line pairs per millimetre", "contrast kept"],
        curves.collect::<Lines>(),
    )
}

/// Pixels between the face chart's eyes by distance.
pub(super) fn eyes(seen: &[(u32, f64)]) -> Result<String, CalibrationError> {
    let points: Vec<(f64, f64)> = seen.iter().map(|(cm, px)| (f64::from(*cm), *px)).collect();
    let wanted = seen
        .iter()
        .map(|(cm, _)| (f64::from(*cm), least_px(*cm)))
        .collect();
    let farthest = points.iter().map(|p| p.0).fold(1.0, f64::max);
    let most = points.iter().map(|p| p.1).fold(1.0, f64::max);
    lines(
        0.0..farthest * 1.05,
        0.0..most * 1.1,
        ["centimetres from the camera", "pixels between the eyes"],
        vec![("measured".into(), points), ("wanted".into(), wanted)],
    )
}

/// How much of its red limit each figure of the drift scans has used up.
pub(super) fn drift(history: &DriftHistory) -> Result<String, CalibrationError> {
    let mut curves: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    let begun = history.scans.first().map(|s| s.at);
    let days =
        |at: jiff::Timestamp| begun.map_or(0.0, |b| at.duration_since(b).as_secs_f64() / 86_400.0);
    let mut last: f64 = 1.0;
    for scan in &history.scans {
        last = last.max(days(scan.at));
        for figure in &scan.figures {
            curves
                .entry(&figure.name)
                .or_default()
                .push((days(scan.at), figure.used().unwrap_or_default().min(2.0)));
        }
    }
    let mut all: Lines = vec![
        ("red limit".into(), vec![(0.0, 1.0), (last, 1.0)]),
        ("amber limit".into(), vec![(0.0, 0.5), (last, 0.5)]),
    ];
    all.extend(
        curves
            .into_iter()
            .map(|(name, points)| (name.replace('_', " "), points)),
    );
    lines(
        0.0..last,
        0.0..2.05,
        ["days since the first scan", "share of the red limit"],
        all,
    )
}

fn arrow(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    from: [f64; 2],
    to: [f64; 2],
    colour: RGBColor,
) -> Result<(), CalibrationError> {
    let at = |p: [f64; 2]| (p[0].round() as i32, p[1].round() as i32);
    area.draw(&PathElement::new(
        [at(from), at(to)],
        colour.stroke_width(2),
    ))
    .map_err(failed)?;
    area.draw(&Circle::new(at(to), 2, colour.filled()))
        .map_err(failed)
}

/// A picture's frame on the drawing, and from its pixels to the drawing's.
fn framed(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    size: [u32; 2],
) -> Result<impl Fn([f64; 2]) -> [f64; 2] + use<>, CalibrationError> {
    const EDGE: f64 = 10.0;
    let (width, _) = area.dim_in_pixel();
    let scale = (f64::from(width) - 2.0 * EDGE) / f64::from(size[0]);
    let far = size.map(|v| (EDGE + f64::from(v) * scale) as i32);
    area.draw(&Rectangle::new(
        [(EDGE as i32, EDGE as i32), (far[0], far[1])],
        QUIET.stroke_width(1),
    ))
    .map_err(failed)?;
    Ok(move |p: [f64; 2]| p.map(|v| EDGE + v * scale))
}

fn height_for(width: u32, size: [u32; 2]) -> u32 {
    ((f64::from(width) - 20.0) * f64::from(size[1]) / f64::from(size[0].max(1)) + 20.0) as u32
}

/// The lens's distortion, eight times as large.
pub(super) fn distortion(geometry: &Geometry) -> Result<String, CalibrationError> {
    const LARGER: f64 = 8.0;
    let size = geometry.camera.size;
    drawing((640, height_for(640, size)), |area| {
        let place = framed(area, size)?;
        for row in 0..=8 {
            for column in 0..=12 {
                let ideal = [
                    f64::from(size[0]) * f64::from(column) / 12.0,
                    f64::from(size[1]) * f64::from(row) / 8.0,
                ];
                let seen = geometry.camera.distort(ideal);
                let drawn = [0, 1].map(|k| ideal[k] + LARGER * (seen[k] - ideal[k]));
                arrow(area, place(ideal), place(drawn), BLUE)?;
            }
        }
        let [x, y] = place(geometry.camera.centre);
        area.draw(&Cross::new((x as i32, y as i32), 6, INK.stroke_width(2)))
            .map_err(failed)
    })
}

/// What the model leaves, three hundred times as large.
pub(super) fn residuals(geometry: &Geometry) -> Result<String, CalibrationError> {
    const LARGER: f64 = 300.0;
    let size = geometry.camera.size;
    drawing((640, height_for(640, size)), |area| {
        let place = framed(area, size)?;
        for (at, beside) in &geometry.residuals {
            let drawn = [0, 1].map(|k| at[k] + LARGER * beside[k]);
            arrow(area, place(*at), place(drawn), ORANGE)?;
        }
        Ok(())
    })
}

/// From dark blue over white: one hue, darker is darker.
fn shade(share: f64) -> RGBColor {
    let t = share.clamp(0.0, 1.0);
    let between = |a: f64, b: f64| (a + (b - a) * t).round() as u8;
    RGBColor(
        between(8.0, 255.0),
        between(48.0, 255.0),
        between(107.0, 250.0),
    )
}

/// A lamp's light as taken and corrected, on one scale from half to full.
pub(super) fn evenness(lamp: &Evenness) -> Result<String, CalibrationError> {
    let (columns, rows) = (
        usize::from(lamp.field.columns),
        usize::from(lamp.field.rows),
    );
    let corrected: Vec<f64> = lamp
        .map
        .iter()
        .zip(&lamp.field.gains)
        .map(|(v, g)| f64::from(v * g))
        .collect();
    let most = corrected.iter().copied().fold(f64::MIN, f64::max);
    let maps = [
        lamp.map.iter().map(|v| f64::from(*v)).collect::<Vec<_>>(),
        corrected.iter().map(|v| v / most).collect(),
    ];
    const CELL: i32 = 9;
    let wide = columns as i32 * CELL;
    let size = ((2 * wide + 20) as u32, (rows as i32 * CELL + 22) as u32);
    drawing(size, |area| {
        for (i, (map, figure)) in maps.iter().zip([lamp.before, lamp.after]).enumerate() {
            let left = i as i32 * (wide + 20);
            for (k, value) in map.iter().enumerate() {
                let (x, y) = (
                    left + (k % columns) as i32 * CELL,
                    (k / columns) as i32 * CELL,
                );
                let colour = shade((value - 0.5) / 0.5);
                area.draw(&Rectangle::new(
                    [(x, y), (x + CELL, y + CELL)],
                    colour.filled(),
                ))
                .map_err(failed)?;
            }
            area.draw(&Text::new(
                format!(
                    "{} {}: darkest over lightest {figure:.3}",
                    lamp.field.light.as_str(),
                    ["as taken", "corrected"][i]
                ),
                (left, rows as i32 * CELL + 6),
                ("sans-serif", 13).into_font().color(&INK),
            ))
            .map_err(failed)?;
        }
        Ok(())
    })
}

/// The 24 patches.
pub(super) fn patches(colour: &Colour) -> Result<String, CalibrationError> {
    const CELL: (i32, i32) = (104, 74);
    drawing(((6 * CELL.0) as u32, (4 * CELL.1) as u32), |area| {
        for (i, patch) in colour.patches.iter().enumerate() {
            let (x, y) = ((i % 6) as i32 * CELL.0 + 4, (i / 6) as i32 * CELL.1 + 4);
            for (k, light) in patch.iter().enumerate() {
                let [r, g, b] = light.map(|v| (to_srgb(v) * 255.0).round() as u8);
                let left = x + k as i32 * 32;
                area.draw(&Rectangle::new(
                    [(left, y), (left + 32, y + 48)],
                    RGBColor(r, g, b).filled(),
                ))
                .map_err(failed)?;
            }
            let left = colour.after.get(i).copied().unwrap_or_default();
            area.draw(&Text::new(
                format!("{left:.1}"),
                (x, y + 50),
                ("sans-serif", 13).into_font().color(&INK),
            ))
            .map_err(failed)?;
        }
        Ok(())
    })
}
