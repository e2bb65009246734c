//! Figures and small plots for a terminal.

use crate::session::{Measured, Step, StepResult};
use crate::verdict::Figure;

/// Heights of a bar, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Shades, darkest first.
const SHADES: [char; 5] = ['█', '▓', '▒', '░', ' '];

/// A step with its figures, tolerances, verdicts and what to do.
pub(super) fn step(result: &StepResult, measured: &Measured) -> String {
    let mut text = format!("{} {}", result.verdict.symbol(), result.step.as_str());
    text.push_str(&table(&result.figures));
    text.push_str(&plot(result.step, measured));
    text
}

/// Figures, one a line.
pub(super) fn table(figures: &[Figure]) -> String {
    let mut text = String::new();
    for figure in figures {
        text.push_str(&format!(
            "\n  {} {:<28} {:>14}   {}",
            figure.verdict.symbol(),
            figure.name,
            figure.shown(),
            figure.tolerance
        ));
        if !figure.remedy.is_empty() {
            text.push_str(&format!("\n      → {}", figure.remedy));
        }
    }
    text
}

/// A row of bars between nought and the largest value.
pub(super) fn bars(values: &[f64]) -> String {
    let most = values.iter().copied().fold(0.0, f64::max).max(1e-12);
    let bar = |v: &f64| BARS[((v / most * 7.0).round().clamp(0.0, 7.0)) as usize];
    values.iter().map(bar).collect()
}

/// A map as shades, every third row and column of a lattice.
fn shades(values: &[f32], columns: usize, low: f32) -> String {
    let mut text = String::new();
    for row in values.chunks(columns).step_by(3) {
        text.push_str("\n    ");
        for value in row {
            let t = ((value - low) / (1.0 - low) * 4.99).clamp(0.0, 4.0);
            text.push(SHADES[t as usize]);
        }
    }
    text
}

/// The small plot of a step, where it has one.
fn plot(step: Step, measured: &Measured) -> String {
    match step {
        Step::Focus => {
            let marks = measured.focus.iter().flatten();
            let mut text = String::new();
            for (place, mark) in crate::focus::PLACES.iter().zip(marks) {
                let kept: Vec<f64> = mark.curve.iter().map(|(_, m)| *m).collect();
                let end = mark.curve.last().map_or(0.0, |(f, _)| *f);
                text.push_str(&format!("\n    {place:<12} {} {end:.0} lp/mm", bars(&kept)));
            }
            text
        }
        Step::Lamps => {
            let mut text = String::new();
            for lamp in &measured.lamps {
                let low = lamp.map.iter().copied().fold(f32::MAX, f32::min);
                text.push_str(&format!(
                    "\n    {} as taken (light is bright, {:.0} % to 100 %):{}",
                    lamp.field.light.as_str(),
                    100.0 * low,
                    shades(&lamp.map, usize::from(lamp.field.columns), low)
                ));
            }
            text
        }
        Step::Colour => match &measured.colour {
            Some(colour) => format!(
                "\n    as taken  {}\n    corrected {}  (24 patches, tallest {:.1} and {:.1})",
                bars(&colour.before),
                bars(&colour.after),
                colour.before.iter().copied().fold(0.0, f64::max),
                colour.largest()
            ),
            None => String::new(),
        },
        _ => String::new(),
    }
}
