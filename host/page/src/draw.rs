//! A picture of a reading: what was found on the page, drawn over it, and beneath it every character of
//! the zone enlarged, with what was read and how sure that is.

use crate::{Picture, PictureError, Rect, ZoneReading};
use image::RgbImage;
use opencv::core::{Mat, MatTraitConstManual, Point, Point2f, Scalar, Size, Vec3b, Vector};
use opencv::imgproc::{self, FONT_HERSHEY_DUPLEX, LINE_AA};
use opencv::prelude::*;

/// What is to be drawn over a picture.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks<'a> {
    /// The zone with its characters.
    pub zone: Option<&'a ZoneReading>,
    /// The printed portrait.
    pub portrait: Option<Rect>,
    /// The document's outline: its corners in reading order, as [`ZoneReading::quad`] has them.
    pub outline: Option<[[f32; 2]; 4]>,
}

/// Red, green and blue.
type Colour = [u8; 3];

const INK: Colour = [28, 30, 34];
const FAINT: Colour = [110, 114, 120];
const PAPER: Colour = [250, 250, 248];
const OUTLINE: Colour = [40, 120, 255];
const PORTRAIT: Colour = [0, 200, 220];
const ZONE: Colour = [255, 255, 255];
/// A character that was read against what the picture shows by itself.
const AGAINST: Colour = [214, 0, 170];

/// The narrowest cell of the table, in pixels: three digits are legible in it.
const LEAST_CELL: f32 = 26.0;
/// The widest, as a share of the table's width.
const WIDEST_CELL: f32 = 1.0 / 46.0;
/// Fractional bits of the coordinates of lines.
const SHIFT: i32 = 4;

/// The picture with its marks. The picture itself keeps its size and stands at the upper left; under it
/// stands the table of the zone's characters, so that the whole is as wide as the wider of both.
///
/// # Errors
/// [`PictureError::Library`] where the drawing library refuses.
pub fn draw(picture: &Picture, marks: &Marks<'_>) -> Result<Picture, PictureError> {
    let table = marks.zone.map(|zone| Table::of(zone, picture.width()));
    let width = table
        .as_ref()
        .map_or(picture.width(), |t| t.width.max(picture.width()));
    let height = picture.height() + table.as_ref().map_or(0, |t| t.height);
    let mut whole = RgbImage::from_pixel(width, height, image::Rgb(PAPER));
    image::imageops::replace(&mut whole, picture.rgb(), 0, 0);
    let mut pen = Pen::on(&whole)?;
    pen.marks(picture, marks)?;
    if let (Some(table), Some(zone)) = (&table, marks.zone) {
        table.draw(&mut pen, picture, zone)?;
    }
    pen.picture(width, height)
}

/// A colour from red (not sure) over amber to green (sure).
fn sureness(confidence: f32) -> Colour {
    // Half of the scale is worth nothing: a guess among a few characters.
    let t = ((confidence - 0.5) * 2.0).clamp(0.0, 1.0);
    let between = |a: Colour, b: Colour, t: f32| -> Colour {
        std::array::from_fn(|k| (f32::from(a[k]) * (1.0 - t) + f32::from(b[k]) * t).round() as u8)
    };
    let (red, amber, green) = ([222, 30, 38], [240, 160, 0], [0, 168, 84]);
    if t < 0.6 {
        between(red, amber, t / 0.6)
    } else {
        between(amber, green, (t - 0.6) / 0.4)
    }
}

/// The same colour as a tint of the paper.
fn tint(colour: Colour) -> Colour {
    colour.map(|c| (255.0 - (255.0 - f32::from(c)) * 0.24).round() as u8)
}

/// A drawing under way.
struct Pen {
    sheet: Mat,
}

impl Pen {
    fn on(image: &RgbImage) -> Result<Self, PictureError> {
        let sheet = mat(image)?;
        Ok(Self { sheet })
    }

    fn picture(self, width: u32, height: u32) -> Result<Picture, PictureError> {
        let bytes = self.sheet.data_bytes()?.to_vec();
        RgbImage::from_raw(width, height, bytes)
            .map(Picture::from_rgb)
            .ok_or_else(|| PictureError::Encoding("the drawing lost its size".into()))
    }

    /// Everything that lies over the picture itself.
    fn marks(&mut self, picture: &Picture, marks: &Marks<'_>) -> Result<(), PictureError> {
        let longest = picture.width().max(picture.height()) as f32;
        let thin = (longest / 1400.0).round().max(1.0) as i32;
        let letters = (longest / 60.0).clamp(9.0, 60.0);
        if let Some(corners) = marks.outline {
            self.line(&corners, OUTLINE, 2 * thin)?;
            self.text("document", corners[0], letters, OUTLINE, picture)?;
        }
        if let Some(face) = marks.portrait {
            let (x, y) = (face.x as f32, face.y as f32);
            let (right, low) = (x + face.width as f32, y + face.height as f32);
            self.line(
                &[[x, y], [right, y], [right, low], [x, low]],
                PORTRAIT,
                2 * thin,
            )?;
            self.text("portrait", [x, y], letters, PORTRAIT, picture)?;
        }
        let Some(zone) = marks.zone else {
            return Ok(());
        };
        self.line(&zone.quad, INK, 3 * thin)?;
        self.line(&zone.quad, ZONE, thin)?;
        for character in characters(zone) {
            let colour = sureness(character.confidence);
            self.line(character.cell, colour, thin)?;
        }
        // Last, so that no neighbour's box lies over them.
        for character in characters(zone).filter(|c| c.against()) {
            self.line(character.cell, AGAINST, 2 * thin)?;
            let [a, b, c, d] = *character.cell;
            let middle = |p: [f32; 2], q: [f32; 2], t: f32| {
                [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t]
            };
            // A pointer from above the cell, the way the line stands.
            let (top, low) = (middle(a, b, 0.5), middle(d, c, 0.5));
            let tip = middle(low, top, 1.15);
            let tail = middle(low, top, 1.7);
            let wing = [(b[0] - a[0]) * 0.35, (b[1] - a[1]) * 0.35];
            let ends = [
                tip,
                [tail[0] + wing[0], tail[1] + wing[1]],
                [tail[0] - wing[0], tail[1] - wing[1]],
            ];
            self.fill(&ends, AGAINST)?;
        }
        Ok(())
    }

    /// A closed line through places of the picture.
    fn line(
        &mut self,
        corners: &[[f32; 2]],
        colour: Colour,
        thickness: i32,
    ) -> Result<(), PictureError> {
        let points = fractional(corners);
        imgproc::polylines(
            &mut self.sheet,
            &points,
            true,
            scalar(colour),
            thickness,
            LINE_AA,
            SHIFT,
        )?;
        Ok(())
    }

    fn fill(&mut self, corners: &[[f32; 2]], colour: Colour) -> Result<(), PictureError> {
        let points = fractional(corners);
        imgproc::fill_convex_poly(&mut self.sheet, &points, scalar(colour), LINE_AA, SHIFT)?;
        Ok(())
    }

    /// A word over the picture, on a ground of its own, above the place named or, where there is no
    /// room, under it.
    fn text(
        &mut self,
        words: &str,
        at: [f32; 2],
        height: f32,
        colour: Colour,
        picture: &Picture,
    ) -> Result<(), PictureError> {
        let (scale, thickness) = lettering(height);
        let size = measure(words, height)?;
        let pad = (height * 0.35).ceil();
        let (wide, high) = (size[0] + 2.0 * pad, height + 2.0 * pad);
        let x = at[0].clamp(0.0, (picture.width() as f32 - wide).max(0.0));
        let y = if at[1] - high >= 0.0 {
            at[1] - high
        } else {
            at[1].max(0.0)
        };
        self.block([x, y, wide, high], colour)?;
        imgproc::put_text(
            &mut self.sheet,
            words,
            point([x + pad, y + pad + height]),
            FONT_HERSHEY_DUPLEX,
            scale,
            scalar(INK),
            thickness,
            LINE_AA,
            false,
        )?;
        Ok(())
    }

    /// A word whose capitals are so many pixels high, its middle at a place.
    fn centred(
        &mut self,
        words: &str,
        middle: [f32; 2],
        height: f32,
        colour: Colour,
    ) -> Result<(), PictureError> {
        let (scale, thickness) = lettering(height);
        let [width, _] = measure(words, height)?;
        let start = point([middle[0] - width / 2.0, middle[1] + height / 2.0]);
        imgproc::put_text(
            &mut self.sheet,
            words,
            start,
            FONT_HERSHEY_DUPLEX,
            scale,
            scalar(colour),
            thickness,
            LINE_AA,
            false,
        )?;
        Ok(())
    }

    /// A filled rectangle: left, top, width, height.
    fn block(&mut self, at: [f32; 4], colour: Colour) -> Result<(), PictureError> {
        let [x, y, w, h] = at.map(|v| v.round() as i32);
        imgproc::rectangle(
            &mut self.sheet,
            opencv::core::Rect::new(x, y, w.max(1), h.max(1)),
            scalar(colour),
            imgproc::FILLED,
            imgproc::LINE_8,
            0,
        )?;
        Ok(())
    }
}

/// One character of the zone with everything that is known of it.
struct Character<'a> {
    line: usize,
    column: usize,
    cell: &'a [[f32; 2]; 4],
    read: char,
    seen: char,
    confidence: f32,
}

impl Character<'_> {
    fn against(&self) -> bool {
        self.read != self.seen
    }
}

fn characters(zone: &ZoneReading) -> impl Iterator<Item = Character<'_>> {
    zone.places
        .iter()
        .enumerate()
        .flat_map(move |(line, cells)| {
            let read = zone.lines.get(line).map_or("", String::as_str).chars();
            let seen = zone.seen.get(line).map_or("", String::as_str).chars();
            let sure = zone.confidence.get(line).map_or(&[][..], Vec::as_slice);
            let known = read.zip(seen).zip(sure);
            cells.iter().zip(known).enumerate().map(
                move |(column, (cell, ((read, seen), confidence)))| Character {
                    line,
                    column,
                    cell,
                    read,
                    seen,
                    confidence: *confidence,
                },
            )
        })
}

/// The table of the zone's characters under the picture.
struct Table {
    top: f32,
    /// Left edge of the first cell.
    left: f32,
    cell: f32,
    width: u32,
    height: u32,
    /// From one line of the zone to the next, in cells.
    line: f32,
}

/// Heights of a line's rows, in cells: the print, what was read, how sure, what was seen, and the gap to
/// the next line.
const PRINT: f32 = 1.55;
const READ: f32 = 1.2;
const SURE: f32 = 0.62;
const SEEN: f32 = 0.72;
const GAP: f32 = 0.45;
/// Height of the heading and of the words under the table, in cells.
const HEADING: f32 = 1.7;
const FOOTING: f32 = 1.4;

impl Table {
    fn of(zone: &ZoneReading, picture_width: u32) -> Self {
        let columns = zone.places.iter().map(Vec::len).max().unwrap_or(0) as f32;
        let margin = 0.7;
        let cell = (picture_width as f32 * WIDEST_CELL)
            .min(picture_width as f32 / (columns + 2.0 * margin))
            .max(LEAST_CELL)
            .floor();
        let lines = zone.places.len() as f32;
        let seen = if characters(zone).any(|c| c.against()) {
            SEEN
        } else {
            0.0
        };
        let line = PRINT + READ + SURE + seen + GAP;
        Self {
            top: 0.0,
            left: margin * cell,
            cell,
            width: ((columns + 2.0 * margin) * cell).ceil() as u32,
            height: ((HEADING + lines * line + FOOTING) * cell).ceil() as u32,
            line,
        }
    }

    fn draw(
        &self,
        pen: &mut Pen,
        picture: &Picture,
        zone: &ZoneReading,
    ) -> Result<(), PictureError> {
        let source = mat(picture.rgb())?;
        let table = Self {
            top: picture.height() as f32,
            ..*self
        };
        table.words(pen, zone)?;
        for character in characters(zone) {
            table.character(pen, &source, &character)?;
        }
        Ok(())
    }

    fn words(&self, pen: &mut Pen, zone: &ZoneReading) -> Result<(), PictureError> {
        let cell = self.cell;
        let format = zone
            .zone
            .as_ref()
            .map_or("no format", |z| z.format().as_str());
        let all = characters(zone).count();
        let against = characters(zone).filter(Character::against).count();
        let doubtful = characters(zone).filter(|c| c.confidence < 0.9).count();
        let heading = format!(
            "{format}   {all} characters   {doubtful} less sure than 90   {against} read otherwise than seen"
        );
        let footing = "print, character read, how sure of 100; magenta: what the picture alone shows, where the grammar read otherwise";
        let lines = zone.places.len() as f32 * self.line;
        for (words, middle, height, colour) in [
            (heading.as_str(), HEADING / 2.0, 0.5, INK),
            (footing, HEADING + lines + FOOTING / 2.0 - 0.2, 0.38, FAINT),
        ] {
            let room = self.width as f32 - 2.0 * self.left;
            let natural = measure(words, height * cell)?[0];
            let height = height * cell * (room / natural.max(1.0)).min(1.0);
            let x = self.left + measure(words, height)?[0] / 2.0;
            pen.centred(words, [x, self.top + middle * cell], height, colour)?;
        }
        Ok(())
    }

    fn character(
        &self,
        pen: &mut Pen,
        source: &Mat,
        of: &Character<'_>,
    ) -> Result<(), PictureError> {
        let cell = self.cell;
        let x = self.left + of.column as f32 * cell;
        let y = self.top + (HEADING + of.line as f32 * self.line) * cell;
        let middle = x + cell / 2.0;
        enlarged(pen, source, of.cell, [x, y, cell, PRINT * cell])?;
        let colour = sureness(of.confidence);
        let below = y + PRINT * cell;
        pen.block(
            [x + 1.0, below + 1.0, cell - 2.0, (READ + SURE) * cell - 1.0],
            tint(colour),
        )?;
        pen.block(
            [x + 1.0, below + 1.0, cell - 2.0, (0.12 * cell).max(2.0)],
            colour,
        )?;
        let letter = of.read.to_string();
        pen.centred(
            &letter,
            [middle, below + (0.12 + READ / 2.0) * cell],
            0.62 * cell,
            if of.against() { AGAINST } else { INK },
        )?;
        let hundred = format!("{:.0}", of.confidence * 100.0);
        let small = if hundred.len() > 2 { 0.28 } else { 0.36 };
        pen.centred(
            &hundred,
            [middle, below + (READ + SURE / 2.0) * cell],
            small * cell,
            INK,
        )?;
        if of.against() {
            let row = below + (READ + SURE) * cell;
            pen.block([x + 1.0, row + 1.0, cell - 2.0, SEEN * cell - 2.0], AGAINST)?;
            let seen = of.seen.to_string();
            pen.centred(&seen, [middle, row + SEEN / 2.0 * cell], 0.44 * cell, PAPER)?;
        }
        Ok(())
    }
}

/// Copies a cell of the picture, rectified, to a place of the sheet.
fn enlarged(
    pen: &mut Pen,
    source: &Mat,
    cell: &[[f32; 2]; 4],
    to: [f32; 4],
) -> Result<(), PictureError> {
    let [x, y, w, h] = to.map(|v| v.round() as i32);
    let (w, h) = ((w - 1).max(1), (h - 1).max(1));
    let corner = |x: i32, y: i32| Point2f::new(x as f32, y as f32);
    let from: Vector<Point2f> = cell.iter().map(|p| Point2f::new(p[0], p[1])).collect();
    let into: Vector<Point2f> = [corner(0, 0), corner(w, 0), corner(w, h), corner(0, h)]
        .into_iter()
        .collect();
    let map = imgproc::get_perspective_transform(&from, &into, opencv::core::DECOMP_LU)?;
    let mut print = Mat::default();
    imgproc::warp_perspective(
        source,
        &mut print,
        &map,
        Size::new(w, h),
        imgproc::INTER_LINEAR,
        opencv::core::BORDER_REPLICATE,
        Scalar::default(),
    )?;
    let mut place = pen.sheet.roi_mut(opencv::core::Rect::new(x, y, w, h))?;
    print.copy_to(&mut place)?;
    Ok(())
}

fn mat(image: &RgbImage) -> Result<Mat, PictureError> {
    let whole = Mat::new_rows_cols_with_bytes::<Vec3b>(
        image.height().try_into().map_err(opencv::Error::from)?,
        image.width().try_into().map_err(opencv::Error::from)?,
        image.as_raw(),
    )?;
    Ok(whole.try_clone()?)
}

fn scalar(colour: Colour) -> Scalar {
    let [r, g, b] = colour.map(f64::from);
    Scalar::new(r, g, b, 255.0)
}

fn point(at: [f32; 2]) -> Point {
    Point::new(at[0].round() as i32, at[1].round() as i32)
}

/// Places in the sixteenths of a pixel that the library's lines are drawn at; far outside ones are drawn
/// at the edge of what it can hold.
fn fractional(corners: &[[f32; 2]]) -> Vector<Point> {
    let unit = (1 << SHIFT) as f32;
    let fixed = |v: f32| (v.clamp(-30_000.0, 90_000.0) * unit).round() as i32;
    corners
        .iter()
        .map(|[x, y]| Point::new(fixed(*x), fixed(*y)))
        .collect()
}

/// The library's scale and thickness for capitals of so many pixels.
fn lettering(height: f32) -> (f64, i32) {
    // Its capitals are 21 pixels high at scale 1.
    let scale = f64::from(height) / 21.0;
    (scale, (height / 11.0).round().max(1.0) as i32)
}

/// Width and height of a word whose capitals are so many pixels high.
fn measure(words: &str, height: f32) -> Result<[f32; 2], PictureError> {
    let (scale, thickness) = lettering(height);
    let mut baseline = 0;
    let size = imgproc::get_text_size(words, FONT_HERSHEY_DUPLEX, scale, thickness, &mut baseline)?;
    Ok([size.width as f32, size.height as f32])
}

#[cfg(test)]
mod tests;
