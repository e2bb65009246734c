//! Plots of a trial as SVG: detection error trade-off, scores, false match rate over the threshold.

use super::rates::{Figures, threshold_at};
use crate::CalibrationError;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;

/// Pixels of a plot.
const SIZE: (u32, u32) = (640, 420);
/// Colours that colour-blind readers tell apart (Okabe and Ito), everybody first.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// Where false match rates end on a logarithmic axis.
const LEAST_FMR: f64 = 1e-5;
/// Where false non-match rates end on a logarithmic axis.
const LEAST_FNMR: f64 = 1e-3;
/// Bars of a histogram of scores.
const BARS: usize = 80;

fn failed(error: impl std::fmt::Display) -> CalibrationError {
    CalibrationError::Drawing(error.to_string())
}

fn share(errors: &[f32], is_error: impl Fn(f32) -> bool) -> f64 {
    errors.iter().filter(|s| is_error(**s)).count() as f64 / errors.len().max(1) as f64
}

/// Curves with their names.
pub(crate) type Lines = Vec<(String, Vec<(f64, f64)>)>;

/// A frame with a title for each axis, in which `curves` are drawn with their names.
pub(crate) fn lines<X, Y>(
    x: X,
    y: Y,
    titles: [&str; 2],
    curves: Lines,
) -> Result<String, CalibrationError>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let mut chart = ChartBuilder::on(&root)
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(64)
            .build_cartesian_2d(x, y)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .x_desc(titles[0])
            .y_desc(titles[1])
            .light_line_style(RGBColor(240, 240, 240))
            .draw()
            .map_err(failed)?;
        for ((name, points), colour) in curves.into_iter().zip(COLOURS.iter().cycle()) {
            chart
                .draw_series(LineSeries::new(points, colour.stroke_width(2)))
                .map_err(failed)?
                .label(name)
                .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            // Where the fewest curves end.
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.85))
            .border_style(RGBColor(200, 200, 200))
            .draw()
            .map_err(failed)?;
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

/// A logarithmic axis.
fn decades(from: f64) -> LogCoord<f64> {
    (from..1.0).log_scale().into()
}

/// False non-match rate over false match rate, a curve a group.
pub(super) fn trade_off(figures: Figures<'_>) -> Result<String, CalibrationError> {
    let steps = 200;
    let curves = figures.columns().filter_map(|(group, name)| {
        let (mated, other) = (figures.scores(group, true), figures.scores(group, false));
        if mated.is_empty() || other.is_empty() {
            return None;
        }
        let points = (0..=steps).filter_map(|i| {
            let fmr = LEAST_FMR.powf(1.0 - f64::from(i) / f64::from(steps));
            // Below one in all comparisons nothing was measured.
            if fmr * (other.len() as f64) < 1.0 {
                return None;
            }
            let threshold = threshold_at(&other, fmr);
            Some((fmr, share(&mated, |s| s < threshold).max(LEAST_FNMR)))
        });
        Some((name.to_owned(), points.collect()))
    });
    lines(
        decades(LEAST_FMR),
        decades(LEAST_FNMR),
        ["false match rate", "false non-match rate"],
        curves.collect(),
    )
}

/// False match rate over the threshold, a curve a group.
pub(super) fn false_matches(figures: Figures<'_>) -> Result<String, CalibrationError> {
    let curves = figures.columns().filter_map(|(group, name)| {
        let mut scores = figures.scores(group, false);
        scores.sort_by(f32::total_cmp);
        if scores.is_empty() {
            return None;
        }
        let points = (0u8..=140).map(|i| f32::from(i) / 200.0).filter_map(|t| {
            let below = scores.partition_point(|s| *s < t);
            let fmr = (scores.len() - below) as f64 / scores.len() as f64;
            (fmr >= LEAST_FMR).then_some((f64::from(t), fmr))
        });
        Some((name.to_owned(), points.collect()))
    });
    lines(
        0.0..0.7,
        decades(LEAST_FMR),
        ["threshold (cosine)", "false match rate"],
        curves.collect(),
    )
}

/// How often each score stood, mated and non-mated.
pub(super) fn scores(figures: Figures<'_>) -> Result<String, CalibrationError> {
    let density = |scores: Vec<f32>| {
        let mut bars = [0usize; BARS];
        for score in &scores {
            let place = ((f64::from(*score) + 0.4) / 1.4 * BARS as f64) as usize;
            bars[place.min(BARS - 1)] += 1;
        }
        let points = bars.iter().enumerate().map(|(i, count)| {
            let middle = (i as f64 + 0.5) / BARS as f64 * 1.4 - 0.4;
            (middle, *count as f64 / scores.len().max(1) as f64)
        });
        points.collect::<Vec<_>>()
    };
    let curves = vec![
        ("one person".to_owned(), density(figures.scores(None, true))),
        (
            "two persons".to_owned(),
            density(figures.scores(None, false)),
        ),
    ];
    let highest = curves
        .iter()
        .flat_map(|(_, points)| points.iter().map(|p| p.1))
        .fold(0.0, f64::max);
    lines(
        -0.4..1.0,
        0.0..highest * 1.05 + 1e-9,
        ["cosine", "share of comparisons"],
        curves,
    )
}
