//! sRGB's transfer functions (IEC 61966-2-1): pictures are encoded, light is linear.

/// Linear light, 0 to 1, of an encoded value, 0 to 1.
#[must_use]
pub fn from_srgb(encoded: f64) -> f64 {
    if encoded <= 0.040_45 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

/// The encoded value, 0 to 1, of linear light; cut off at both ends.
#[must_use]
pub fn to_srgb(light: f64) -> f64 {
    let light = light.clamp(0.0, 1.0);
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}
