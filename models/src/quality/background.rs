//! Background uniformity (ISO/IEC 29794-5:2025, component "background uniformity").

use super::sample::luminance;
use super::{Guidance, Measure, Sample};

/// How many points are looked at along each side of the picture, at most.
const GRID: u32 = 96;

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let picture = sample.picture();
    let bounds = sample.face().bounds;
    let (width, height) = (picture.width(), picture.height());
    // The head with its hair: half a face more on each side and above; below are the shoulders.
    let head = bounds.x.saturating_sub(bounds.width / 2)
        ..(bounds.x + bounds.width + bounds.width / 2).min(width);
    let above = bounds.y.saturating_sub(bounds.height / 2);
    let chin = (bounds.y + bounds.height).min(height);
    let step = (width.max(height) / GRID).max(1);
    let at = |x: u32, y: u32| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(f32::from);
        luminance(r, g, b)
    };
    let (mut difference, mut count) = (0.0f32, 0.0f32);
    for y in (0..chin.saturating_sub(step)).step_by(step as usize) {
        for x in (0..width.saturating_sub(step)).step_by(step as usize) {
            if y >= above && head.contains(&x) {
                continue;
            }
            let here = at(x, y);
            difference += (at(x + step, y) - here).abs() + (at(x, y + step) - here).abs();
            count += 2.0;
        }
    }
    Measure::new(
        "background_uniformity",
        "grey levels",
        "ISO/IEC 29794-5 background uniformity: mean difference of neighbours around the head",
        [0.0, 255.0],
        if count > 0.0 { difference / count } else { 0.0 },
        [0.0, 16.0],
        [Guidance::PlainBackground, Guidance::PlainBackground],
    )
}
