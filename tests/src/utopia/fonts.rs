//! The founts: OCR-B for the zone, Noto Sans for the eye, found on the machine at run time.

use std::path::{Path, PathBuf};

use ab_glyph::{Font, FontVec, Glyph, GlyphId, PxScale, point};

use super::canvas::Mask;
use super::error::UtopiaError;

/// The pitch of the zone in millimetres: ten characters an inch (Doc 9303-3 section 4).
pub const ZONE_PITCH_MM: f32 = 2.54;

/// The Debian package that brings OCR-B.
const OCR_B_PACKAGE: &str = "fonts-ocr-b";
/// The Debian package that brings Noto Sans and Noto Serif.
const NOTO_PACKAGE: &str = "fonts-noto-core";

/// Which hand the visual zone is set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// Plain, for values.
    Regular,
    /// For headings.
    Bold,
    /// For the second language of a caption.
    Italic,
    /// With serifs, for pages of text.
    Serif,
    /// The zone's own.
    OcrB,
}

/// All founts of the press, loaded once.
pub struct Fonts {
    ocr_b: FontVec,
    regular: FontVec,
    bold: FontVec,
    italic: FontVec,
    serif: FontVec,
}

impl Fonts {
    /// Loads the founts from where Debian puts them, `/usr/share/fonts`.
    ///
    /// # Errors
    /// [`UtopiaError::FontAbsent`] and [`UtopiaError::FontUnreadable`], naming the Debian package.
    pub fn load() -> Result<Self, UtopiaError> {
        Self::load_from(Path::new("/usr/share/fonts"))
    }

    /// Loads the founts from a folder laid out as Debian's `/usr/share/fonts` is.
    ///
    /// # Errors
    /// As [`Fonts::load`].
    pub fn load_from(root: &Path) -> Result<Self, UtopiaError> {
        let noto = |file: &str| load(root.join("truetype/noto").join(file), NOTO_PACKAGE);
        Ok(Self {
            ocr_b: load(root.join("opentype/ocr-b/OCRB.otf"), OCR_B_PACKAGE)?,
            regular: noto("NotoSans-Regular.ttf")?,
            bold: noto("NotoSans-Bold.ttf")?,
            italic: noto("NotoSans-Italic.ttf")?,
            serif: noto("NotoSerif-Regular.ttf")?,
        })
    }

    /// The fount of a hand.
    fn of(&self, face: Face) -> &FontVec {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Italic => &self.italic,
            Face::Serif => &self.serif,
            Face::OcrB => &self.ocr_b,
        }
    }

    /// The width in millimetres of a text set at an em of this height.
    pub(crate) fn width(&self, face: Face, em_mm: f32, text: &str) -> f32 {
        let font = self.of(face);
        let units: f32 = text
            .chars()
            .map(|c| font.h_advance_unscaled(font.glyph_id(c)))
            .sum();
        units * em_mm / em_units(font)
    }

    /// Sets a text with its baseline starting at a place in millimetres; returns where it ends (x).
    pub(crate) fn set(
        &self,
        mask: &mut Mask,
        face: Face,
        em_mm: f32,
        at: [f32; 2],
        text: &str,
    ) -> f32 {
        let font = self.of(face);
        let mut x = at[0];
        for c in text.chars() {
            let id = font.glyph_id(c);
            draw(mask, font, id, em_mm, [x, at[1]]);
            x += font.h_advance_unscaled(id) * em_mm / em_units(font);
        }
        x
    }

    /// Sets one line of the zone: the first character's cell starts at `left_mm`, the cells are
    /// [`ZONE_PITCH_MM`] wide, and the capitals' middle stands at `centre_mm`.
    pub(crate) fn set_zone_line(&self, mask: &mut Mask, left_mm: f32, centre_mm: f32, line: &str) {
        let font = &self.ocr_b;
        let cell = font.h_advance_unscaled(font.glyph_id('H'));
        // The fount's own advance is the standard's pitch: this is OCR-B size 1 exactly.
        let em_mm = ZONE_PITCH_MM * em_units(font) / cell;
        let baseline = centre_mm + ZONE_CAPITAL_EM * em_mm / 2.0;
        for (i, c) in line.chars().enumerate() {
            let x = left_mm + i as f32 * ZONE_PITCH_MM;
            draw(mask, font, font.glyph_id(c), em_mm, [x, baseline]);
        }
    }
}

/// The height of OCR-B's capitals as a part of its em.
const ZONE_CAPITAL_EM: f32 = 0.72;

/// Units of a fount's em.
fn em_units(font: &FontVec) -> f32 {
    font.units_per_em().unwrap_or(1000.0)
}

/// Loads one fount.
fn load(path: PathBuf, package: &'static str) -> Result<FontVec, UtopiaError> {
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(UtopiaError::FontAbsent { path, package });
        }
        Err(source) => return Err(UtopiaError::File { path, source }),
    };
    FontVec::try_from_vec(bytes).map_err(|_| UtopiaError::FontUnreadable { path, package })
}

/// Draws one glyph into a mask with its origin at a place in millimetres.
fn draw(mask: &mut Mask, font: &FontVec, id: GlyphId, em_mm: f32, at: [f32; 2]) {
    let s = mask.scale();
    // The crate measures a fount from ascent to descent, not by its em.
    let scale = PxScale::from(em_mm * s * font.height_unscaled() / em_units(font));
    let glyph = Glyph {
        id,
        scale,
        position: point(at[0] * s, at[1] * s),
    };
    if let Some(outline) = font.outline_glyph(glyph) {
        let bounds = outline.px_bounds();
        let (x0, y0) = (bounds.min.x as i64, bounds.min.y as i64);
        let wide = (bounds.max.x - bounds.min.x) as usize;
        let mut block = vec![0.0f32; wide * (bounds.max.y - bounds.min.y) as usize];
        outline.draw(|x, y, cover| {
            if let Some(at) = block.get_mut(y as usize * wide + x as usize) {
                *at = cover;
            }
        });
        mask.raise(x0, y0, wide, &block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_fount_names_the_package() {
        let error = Fonts::load_from(Path::new("/nonexistent"))
            .err()
            .expect("there is nothing there");
        assert!(error.to_string().contains("fonts-ocr-b"), "{error}");
    }
}
