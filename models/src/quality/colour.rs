//! Natural colour (ISO/IEC 29794-5:2025, component "natural colour").

use super::{Guidance, Measure, Sample};

/// Green to red, and blue to yellow, within which skin of any tone lies (CIELAB a* and b*).
const SKIN: [[f32; 2]; 2] = [[5.0, 25.0], [5.0, 35.0]];

pub(super) fn measure(sample: &Sample<'_>) -> Measure {
    let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
    for colour in sample.cheeks() {
        for (total, value) in sum.iter_mut().zip(colour) {
            *total += linear(value / 255.0);
        }
        count += 1.0;
    }
    let [a, b] = lab(sum.map(|total| total / count));
    let beyond = |value: f32, [low, high]: [f32; 2]| (low - value).max(value - high).max(0.0);
    let distance = beyond(a, SKIN[0]).hypot(beyond(b, SKIN[1]));
    // A greyscale portrait has no colours to be wrong.
    let grey = a.hypot(b) < 2.0;
    Measure::new(
        "natural_colour",
        "1",
        "ISO/IEC 29794-5 natural colour: distance of the cheeks' a*, b* from skin's",
        [0.0, 200.0],
        if grey { 0.0 } else { distance },
        [0.0, 12.0],
        [Guidance::CheckColours, Guidance::CheckColours],
    )
}

/// sRGB to linear light (IEC 61966-2-1).
pub(super) fn linear(value: f32) -> f32 {
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// CIELAB a* and b* of linear sRGB under D65.
pub(super) fn lab([r, g, b]: [f32; 3]) -> [f32; 2] {
    let x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505;
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089;
    let f = |t: f32| {
        if t > 216.0 / 24389.0 {
            t.cbrt()
        } else {
            (24389.0 / 27.0 * t + 16.0) / 116.0
        }
    };
    [500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours_have_their_known_lab_values() {
        // sRGB red is a* 80.1, b* 67.2; sRGB blue is a* 79.2, b* -107.9; greys are 0, 0 (D65).
        for (rgb, wanted) in [
            ([1.0, 0.0, 0.0], [80.1, 67.2]),
            ([0.0, 0.0, 1.0], [79.2, -107.9]),
            ([0.3, 0.3, 0.3], [0.0, 0.0]),
        ] {
            let found = lab(rgb);
            for (value, expected) in found.iter().zip(wanted) {
                assert!((value - expected).abs() < 0.3, "{rgb:?}: {found:?}");
            }
        }
    }
}
