//! How evenly print recurs along a run. A zone's characters stand at one pitch (Doc 9303-3: OCR-B, ten to the
//! inch), which is a little more than a capital's height; words, patterns and edges do not recur so. To measure
//! it costs a small part of what reading a piece of the run does.

use crate::finder::Run;
use crate::plane::Pyramid;

/// Steps along a run for the height of its print.
const PER_HEIGHT: usize = 8;
/// Steps from one character to the next that are tried: the height of a run is known roughly.
const PITCHES: std::ops::RangeInclusive<usize> = 6..=13;
/// Rows that are looked at: seven eighths of the print's height.
const ROWS: std::ops::RangeInclusive<i8> = -3..=3;

/// The correlation of the print along a run with itself one character further on, at the best of all pitches:
/// 1 where it recurs exactly, 0 where nothing does. Most zones measure 0.4 to 0.7.
pub(crate) fn of(picture: &Pyramid<'_>, run: &Run) -> f32 {
    let step = run.height / PER_HEIGHT as f32;
    let look = picture.look(step);
    let count = (2.0 * run.reach / step.max(1e-3)).clamp(0.0, 2000.0) as usize;
    let levels: Vec<f32> = (0..count)
        .map(|i| {
            let along = (i as f32 - count as f32 / 2.0) * step;
            ROWS.map(|row| {
                let at = run.point(along, f32::from(row) * step);
                look.sample(at[0], at[1])
            })
            .sum()
        })
        .collect();
    of_levels(&levels)
}

/// The same of the levels along a run.
fn of_levels(levels: &[f32]) -> f32 {
    // Light that changes along the run is no print: less the mean around.
    let print: Vec<f32> = (0..levels.len())
        .map(|i| {
            let around =
                &levels[i.saturating_sub(PER_HEIGHT)..(i + PER_HEIGHT + 1).min(levels.len())];
            levels[i] - around.iter().sum::<f32>() / around.len() as f32
        })
        .collect();
    let correlation = |pitch: usize| {
        let further = print.get(pitch..).unwrap_or_default();
        let (mut both, mut here, mut there) = (0.0f32, 0.0f32, 0.0f32);
        for (a, b) in print.iter().zip(further) {
            both += a * b;
            here += a * a;
            there += b * b;
        }
        both / (here * there).sqrt().max(1e-3)
    };
    PITCHES.map(correlation).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn print_at_one_pitch_recurs() {
        // Strokes of different depth, one every nine steps.
        let levels: Vec<f32> = (0..360)
            .map(|i| match i % 9 {
                0..=2 => 60.0 + ((i / 9) * 37 % 50) as f32,
                _ => 200.0,
            })
            .collect();
        assert!(of_levels(&levels) > 0.8, "{}", of_levels(&levels));
    }

    #[test]
    fn words_slopes_and_nothing_do_not_recur() {
        // Strokes at distances that never settle.
        let mut words = vec![200.0f32; 400];
        let mut at = 0;
        for i in 0..60usize {
            at += 3 + (i * i * 7 + i * 5) % 11;
            if let Some(part) = words.get_mut(at..at + 2) {
                part.fill(60.0);
            }
        }
        let slope: Vec<f32> = (0..400).map(|i| i as f32 / 2.0).collect();
        for levels in [&words[..], &slope, &[128.0; 300], &[1.0; 3], &[]] {
            assert!(of_levels(levels) < 0.4, "{}", of_levels(levels));
        }
    }
}
