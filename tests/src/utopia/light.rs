//! Linear light, 0 (black) to 1 (white), in which inks multiply and lenses blur as they do in the world;
//! and its way from and to sRGB.

use std::sync::LazyLock;

/// Light of red, green and blue, linear, 0 to 1.
pub type Light = [f32; 3];

/// 8-bit sRGB to linear light.
pub(crate) static TO_LIGHT: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let v = i as f32 / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            libm::powf((v + 0.055) / 1.055, 2.4)
        }
    })
});

/// Steps of [`LEVELS`].
const LIGHT_STEPS: usize = 1 << 13;

/// Linear light, in [`LIGHT_STEPS`] steps, to sRGB levels 0 to 255 with a fraction.
static LEVELS: LazyLock<Levels> = LazyLock::new(|| {
    Levels(std::array::from_fn(|i| {
        let v = i as f32 / LIGHT_STEPS as f32;
        255.0
            * if v <= 0.003_130_8 {
                v * 12.92
            } else {
                1.055 * libm::powf(v, 1.0 / 2.4) - 0.055
            }
    }))
});

/// The sRGB levels of linear light.
pub(crate) struct Levels([f32; LIGHT_STEPS + 1]);

impl Levels {
    /// The table; ask for it once, outside the loop.
    pub(crate) fn table() -> &'static Self {
        &LEVELS
    }

    /// The sRGB level, 0 to 255 with a fraction, of a linear light.
    #[inline]
    pub(crate) fn of(&self, light: f32) -> f32 {
        let step = (light * LIGHT_STEPS as f32 + 0.5) as usize;
        self.0[step.min(LIGHT_STEPS)]
    }
}

/// The linear light of an sRGB colour written as 0xRRGGBB.
pub(crate) fn colour(rgb: u32) -> Light {
    [16, 8, 0].map(|shift| TO_LIGHT[(rgb >> shift & 0xFF) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_levels_are_inverse() {
        for level in 0..=255u8 {
            let back = Levels::table().of(TO_LIGHT[usize::from(level)]);
            assert!(
                (back - f32::from(level)).abs() < 0.4,
                "{level} came back as {back}"
            );
        }
    }
}
