//! The print above the zone, rectified: the zone's own corners say how the page is turned, tilted and
//! how large it is, for its characters stand at ten to the inch in every format (Doc 9303-3 section 4.2).

use super::Look;
use crate::{Picture, PictureError, ZoneReading};
use image::GrayImage;
use opencv::core::{Mat, MatTraitConstManual, Point2f, Scalar, Size, Vec3b, Vector};
use opencv::imgproc;
use opencv::prelude::*;
use rules::mrz::Format;

/// The resolution of the rectified piece, dots per inch.
pub const REGION_DPI: u32 = 300;

const MILLIMETRES_PER_INCH: f32 = 25.4;
/// From one character of the zone to the next, millimetres.
const PITCH_MM: f32 = 2.54;
/// A capital of OCR-B size 1, millimetres.
const CAPITAL_MM: f32 = 2.4;
/// Ground at either side of the zone, millimetres.
const MARGIN_MM: f32 = 7.0;
/// The picture must show at least so many dots per inch: capitals of the visual zone are then 7 pixels high.
const LEAST_DPI: f32 = 80.0;
/// How much the scale may change from the zone to the page's far edge before the corners are disbelieved.
const MOST_FORESHORTENED: f32 = 1.8;
/// How far the page's sides may lean against its lines, as a share.
const MOST_LEANING: f32 = 0.35;

type Quad = [[f32; 2]; 4];

/// How far the print reaches above the zone, millimetres: the rest of the page; for a card's back the front
/// as well, which scans often show above it.
fn reach_mm(format: Format) -> f32 {
    match format {
        Format::Td3 => 66.0,
        Format::MrvA => 58.0,
        Format::Td2 | Format::MrvB => 52.0,
        Format::Td1 => 95.0,
    }
}

/// From line to line of the zone, millimetres.
fn line_pitch_mm(format: Format) -> f32 {
    match format {
        Format::Td1 => 5.1,
        _ => 6.35,
    }
}

/// The print above the zone, upright, at [`REGION_DPI`]; `None` where the picture is too coarse or shows
/// hardly any of it.
pub(super) fn rectified(
    picture: &Picture,
    reading: &ZoneReading,
    format: Format,
) -> Result<Option<GrayImage>, PictureError> {
    let columns = format.line_length() as f32;
    // The corners lie 0.6 of a cell outside the middles of the outer characters.
    let width = (columns + 0.2) * PITCH_MM;
    let height = (format.line_count() as f32 - 1.0) * line_pitch_mm(format) + 1.6 * CAPITAL_MM;
    let along = distance(reading.quad[0], reading.quad[1]);
    let dpi = along / width * MILLIMETRES_PER_INCH;
    if !dpi.is_finite() || dpi < LEAST_DPI {
        return Ok(None);
    }
    let up = reach_mm(format);
    let quad = believed(reading.quad, [width, height], up)?;
    let shown = Piece {
        quad,
        size: [width, height],
        up,
    };
    if !shown.is_within(picture)? {
        return Ok(None);
    }
    // Where the picture is much finer than the piece, several of its pixels make one.
    let finer = (dpi / REGION_DPI as f32).round().clamp(1.0, 3.0);
    let grey = shown.cut(picture, finer)?;
    Ok(Some(grey))
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The corners as found where they continue into a believable page, else those of the same upper edge with
/// its sides at right angles.
fn believed(quad: Quad, size: [f32; 2], up: f32) -> Result<Quad, PictureError> {
    let piece = Piece { quad, size, up };
    let far = piece.place([0.0, -up])?;
    let other = piece.place([size[0], -up])?;
    let [a, b, ..] = quad;
    let scale = distance(a, b);
    let ratio = distance(far, other) / scale;
    // How far the page's left side runs along the line's direction, relative to across it.
    let side = [far[0] - a[0], far[1] - a[1]];
    let unit = [(b[0] - a[0]) / scale, (b[1] - a[1]) / scale];
    let along = side[0] * unit[0] + side[1] * unit[1];
    let across = side[0] * unit[1] - side[1] * unit[0];
    let tall = across / (scale / size[0] * up);
    let believable = (1.0 / MOST_FORESHORTENED..MOST_FORESHORTENED).contains(&ratio)
        && (along / across).abs() < MOST_LEANING
        && (0.6..1.6).contains(&tall);
    if believable {
        return Ok(quad);
    }
    let deep = scale * size[1] / size[0];
    let down = [-unit[1] * deep, unit[0] * deep];
    let below = |p: [f32; 2]| [p[0] + down[0], p[1] + down[1]];
    Ok([a, b, below(b), below(a)])
}

/// A piece of the page: the zone's corners in the picture, its size, and how far above it the piece reaches.
struct Piece {
    quad: Quad,
    size: [f32; 2],
    up: f32,
}

impl Piece {
    /// The zone's corners on the page, millimetres from its upper left one.
    fn corners(&self, map: impl Fn(f32, f32) -> Point2f) -> Vector<Point2f> {
        let [w, h] = self.size;
        [map(0.0, 0.0), map(w, 0.0), map(w, h), map(0.0, h)]
            .into_iter()
            .collect()
    }

    /// The zone's corners in the picture.
    fn corners_shown(&self) -> Vector<Point2f> {
        self.quad.iter().map(|p| Point2f::new(p[0], p[1])).collect()
    }

    /// Where a place of the page lies in the picture.
    fn place(&self, at: [f32; 2]) -> Result<[f32; 2], PictureError> {
        let from = self.corners(Point2f::new);
        let to = self.corners_shown();
        let map = imgproc::get_perspective_transform(&from, &to, opencv::core::DECOMP_LU)?;
        let m = |r, c| map.at_2d::<f64>(r, c).copied();
        let (x, y) = (f64::from(at[0]), f64::from(at[1]));
        let row = |r| -> Result<f64, opencv::Error> { Ok(m(r, 0)? * x + m(r, 1)? * y + m(r, 2)?) };
        let depth = row(2)?;
        Ok([(row(0)? / depth) as f32, (row(1)? / depth) as f32])
    }

    /// Whether the middle of the piece and most of its height are in the picture.
    fn is_within(&self, picture: &Picture) -> Result<bool, PictureError> {
        for t in [0.3, 0.7] {
            let [x, y] = self.place([self.size[0] * t, -20.0])?;
            let inside = (0.0..picture.width() as f32).contains(&x)
                && (0.0..picture.height() as f32).contains(&y);
            if !inside {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn cut(&self, picture: &Picture, finer: f32) -> Result<GrayImage, PictureError> {
        let scale = REGION_DPI as f32 / MILLIMETRES_PER_INCH * finer;
        let into =
            self.corners(|x, y| Point2f::new((x + MARGIN_MM) * scale, (y + self.up) * scale));
        let map = imgproc::get_perspective_transform(
            &self.corners_shown(),
            &into,
            opencv::core::DECOMP_LU,
        )?;
        let source = Mat::new_rows_cols_with_bytes::<Vec3b>(
            picture.height().try_into().map_err(opencv::Error::from)?,
            picture.width().try_into().map_err(opencv::Error::from)?,
            picture.rgb().as_raw(),
        )?;
        let side = |millimetres: f32| (millimetres * scale / finer).round() as i32;
        let (width, height) = (side(self.size[0] + 2.0 * MARGIN_MM), side(self.up));
        let times = finer as i32;
        let mut colour = Mat::default();
        imgproc::warp_perspective(
            &source,
            &mut colour,
            &map,
            Size::new(width * times, height * times),
            imgproc::INTER_CUBIC,
            opencv::core::BORDER_CONSTANT,
            Scalar::all(255.0),
        )?;
        let mut grey = Mat::default();
        imgproc::cvt_color_def(&colour, &mut grey, imgproc::COLOR_RGB2GRAY)?;
        let mut small = Mat::default();
        imgproc::resize(
            &grey,
            &mut small,
            Size::new(width, height),
            0.0,
            0.0,
            imgproc::INTER_AREA,
        )?;
        GrayImage::from_raw(width as u32, height as u32, small.data_bytes()?.to_vec())
            .ok_or_else(|| PictureError::Encoding("the rectified piece lost its size".into()))
    }
}

/// The paper of a place is looked for this far around it: so many pixels of a quarter of the piece's size,
/// 10 mm. Odd, as the library wants it.
const PAPER_WINDOW: i32 = 31;
/// Between which shares of the paper's brightness print is told from ground.
struct Shades {
    /// As dark as this is ink and nothing else.
    ink: f32,
    /// As light as this is paper with its pattern of fine lines.
    ground: f32,
}

/// The piece as a look gets it: paper white, ink black. The first look's keeps faint captions; the second's
/// loses them, and the lines of the ground with them: it is softened, which costs lines more than letters;
/// the third's lies between.
pub(super) fn inked(piece: &GrayImage, look: Look) -> Result<GrayImage, PictureError> {
    let Shades { ink, ground } = match look {
        Look::First => Shades {
            ink: 0.3,
            ground: 0.95,
        },
        Look::Second => Shades {
            ink: 0.25,
            ground: 0.75,
        },
        Look::Third => Shades {
            ink: 0.25,
            ground: 0.85,
        },
    };
    let size = |v: u32| i32::try_from(v).map_err(opencv::Error::from);
    let (width, height) = (size(piece.width())?, size(piece.height())?);
    let grey = Mat::new_rows_cols_with_bytes::<u8>(height, width, piece.as_raw())?;
    let mut soft = Mat::default();
    match look {
        Look::Second => imgproc::gaussian_blur_def(&grey, &mut soft, Size::new(0, 0), 1.0)?,
        Look::First | Look::Third => soft = grey.try_clone()?,
    }
    let (mut small, mut median, mut paper) = (Mat::default(), Mat::default(), Mat::default());
    let quarter = Size::new((width / 4).max(1), (height / 4).max(1));
    imgproc::resize(&soft, &mut small, quarter, 0.0, 0.0, imgproc::INTER_AREA)?;
    imgproc::median_blur(&small, &mut median, PAPER_WINDOW)?;
    let whole = Size::new(width, height);
    imgproc::resize(&median, &mut paper, whole, 0.0, 0.0, imgproc::INTER_LINEAR)?;
    let pixels: Vec<u8> = soft
        .data_bytes()?
        .iter()
        .zip(paper.data_bytes()?)
        .map(|(print, paper)| {
            let share = f32::from(*print) / f32::from(*paper).max(1.0);
            (255.0 * ((share - ink) / (ground - ink)).clamp(0.0, 1.0)) as u8
        })
        .collect();
    GrayImage::from_raw(piece.width(), piece.height(), pixels)
        .ok_or_else(|| PictureError::Encoding("the piece lost its size".into()))
}
