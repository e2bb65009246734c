//! What the measures look at, taken once per face.

use crate::face::{DetectedFace, Similarity, warp};
use image::RgbImage;
use zeroize::Zeroize;

/// Side of the square that the face is seen in by the measures, in pixels; the eyes are 70 pixels
/// apart in it.
pub(super) const SIDE: usize = 224;

/// A face as the measures see it.
pub struct Sample<'a> {
    picture: &'a RgbImage,
    face: &'a DetectedFace,
    faces: usize,
    /// Red, green and blue of the aligned face, row by row, 0 to 255.
    colours: Vec<[f32; 3]>,
    /// Its luminance, 0 to 255.
    luma: Vec<f32>,
}

/// What is left of a face is wiped.
impl Drop for Sample<'_> {
    fn drop(&mut self) {
        self.colours.as_flattened_mut().zeroize();
        self.luma.as_mut_slice().zeroize();
    }
}

/// Luminance of a colour, 0 to 255 (ITU-R BT.709 weights, as the standard's luminance measures take).
pub(super) fn luminance(red: f32, green: f32, blue: f32) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

impl<'a> Sample<'a> {
    /// A sample of `face` in `picture`, where `faces` faces of about its size were found. `seen` is
    /// the picture or a copy of it in which the eyes are still as far apart as the measures look at
    /// them, and `onto` carries it onto the aligned face of the matcher.
    #[must_use]
    pub fn take(
        picture: &'a RgbImage,
        face: &'a DetectedFace,
        faces: usize,
        seen: &RgbImage,
        onto: &Similarity,
    ) -> Self {
        let ratio = SIDE as f32 / crate::face::ALIGNED_SIDE as f32;
        let larger = Similarity {
            a: onto.a * ratio,
            b: onto.b * ratio,
            tx: (onto.tx + 0.5) * ratio - 0.5,
            ty: (onto.ty + 0.5) * ratio - 0.5,
        };
        let colours = warp(seen, &larger, SIDE);
        let luma = colours
            .iter()
            .map(|[red, green, blue]| luminance(*red, *green, *blue))
            .collect();
        Self {
            picture,
            face,
            faces,
            colours,
            luma,
        }
    }

    /// The whole picture, as it came.
    pub(super) fn picture(&self) -> &RgbImage {
        self.picture
    }

    /// The face in it.
    pub(super) fn face(&self) -> &DetectedFace {
        self.face
    }

    /// How many faces of about its size were found, itself among them.
    pub(super) fn faces(&self) -> usize {
        self.faces
    }

    /// The colours of the aligned face, row by row.
    pub(super) fn colours(&self) -> &[[f32; 3]] {
        &self.colours
    }

    /// The luminance of the aligned face, row by row.
    pub(super) fn luma(&self) -> &[f32] {
        &self.luma
    }

    /// The luminance of the face proper: from above the eyes to the chin, cheek to cheek.
    pub(super) fn skin_luma(&self) -> impl Iterator<Item = f32> {
        inside_face().map(|at| self.luma[at])
    }

    /// The median luminance of both cheeks: as dark or light as the skin is here.
    pub(super) fn cheek_luma(&self) -> f32 {
        let columns = || (60..95).chain(130..165);
        let rows = (120..150).flat_map(|y| columns().map(move |x| y * SIDE + x));
        let mut cheeks: Vec<f32> = rows.map(|at| self.luma[at]).collect();
        cheeks.sort_unstable_by(f32::total_cmp);
        cheeks.get(cheeks.len() / 2).copied().unwrap_or_default()
    }

    /// The colours of the cheeks and the nose between them, where neither hair nor eyes nor mouth lie.
    pub(super) fn cheeks(&self) -> impl Iterator<Item = [f32; 3]> {
        (116..160).flat_map(move |y| (76..150).map(move |x| self.colours[y * SIDE + x]))
    }
}

/// The pixels of the aligned square inside an upright ellipse over the face proper.
fn inside_face() -> impl Iterator<Item = usize> {
    const CENTRE: [f32; 2] = [112.0, 136.0];
    const RADII: [f32; 2] = [68.0, 84.0];
    (0..SIDE).flat_map(|y| {
        (0..SIDE).filter_map(move |x| {
            let dx = (x as f32 - CENTRE[0]) / RADII[0];
            let dy = (y as f32 - CENTRE[1]) / RADII[1];
            (dx * dx + dy * dy <= 1.0).then_some(y * SIDE + x)
        })
    })
}

/// How often each luminance from 0 to 255 occurs, as shares that add up to 1.
pub(super) fn histogram(values: impl Iterator<Item = f32>) -> [f32; 256] {
    let mut counts = [0u32; 256];
    let mut all = 0u32;
    for value in values {
        // `as` saturates at 0 and 255.
        counts[usize::from(value.round() as u8)] += 1;
        all += 1;
    }
    counts.map(|n| n as f32 / all.max(1) as f32)
}
