//! Pictures from outside: decoded whole or refused, upright, eight bits of red, green and blue.

use crate::coarse::Coarse;
use crate::jpeg;
use crate::torn::is_torn_jpeg;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage,
};
use opencv::core::{Mat, Size, Vec3b};
use opencv::imgproc;
use opencv::prelude::*;
use std::borrow::Cow;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use zeroize::Zeroize;

/// The largest picture that is decoded, in pixels (64 megapixels).
pub(crate) const MAX_PIXELS: u64 = 64 * 1024 * 1024;
/// The most memory that a decoder may ask for: 64 megapixels of four 16-bit channels.
const MAX_DECODER_BYTES: u64 = MAX_PIXELS * 8;
/// By so many bytes at the beginning of a file its kind is told.
const HEAD_BYTES: u64 = 64;

/// Why a picture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be opened or read: check the path and the permissions.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file named by the caller.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are no picture of a kind that is understood: give JPEG, PNG, TIFF, BMP, WebP, GIF or PNM.
    #[error("not a picture of a known kind")]
    UnknownKind,
    /// The picture is damaged or uses a feature that is not understood: take it again.
    #[error("the picture is damaged or of an unusual kind: {0}")]
    Damaged(String),
    /// The file has more bytes than are taken in: is it a picture at all?
    #[error("the file has more than {most} bytes")]
    TooManyBytes {
        /// How many are taken in.
        most: u64,
    },
    /// The picture is larger than 64 megapixels, or decoding it would take too much memory: scale it down.
    #[error("the picture is too large: at most 64 megapixels are read")]
    TooLarge,
    /// The picture cannot be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encoding(String),
    /// The picture library refused to draw or to rectify: the words say which call and why.
    #[error("the picture cannot be worked on: {0}")]
    Library(#[from] opencv::Error),
}

/// An upright rectangle in a picture, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Rect {
    /// Columns left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Columns in it.
    pub width: u32,
    /// Rows in it.
    pub height: u32,
}

impl Rect {
    /// Its area in pixels.
    #[must_use]
    pub fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Its centre.
    #[must_use]
    pub fn centre(&self) -> [f32; 2] {
        [
            self.x as f32 + self.width as f32 / 2.0,
            self.y as f32 + self.height as f32 / 2.0,
        ]
    }
}

/// A decoded picture: upright (its EXIF orientation applied), eight bits of red, green and blue,
/// transparent parts laid on white.
///
/// A large JPEG file is first decoded at a fraction of its size, which is enough to read a page that fills
/// it; the whole is decoded when its pixels are asked for, and kept.
///
/// It shows a person or a document: its pixels, and the file of a large one, are overwritten when it is dropped.
#[derive(Debug, Clone)]
pub struct Picture {
    width: u32,
    height: u32,
    whole: OnceLock<RgbImage>,
    coarse: Option<(Coarse, Vec<u8>)>,
}

impl Drop for Picture {
    fn drop(&mut self) {
        if let Some(mut rgb) = self.whole.take() {
            rgb.as_mut().zeroize();
        }
        if let Some((coarse, file)) = &mut self.coarse {
            coarse.rgb.as_mut().zeroize();
            file.zeroize();
        }
    }
}

/// By size and pixels.
impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.rgb() == other.rgb()
    }
}

impl Eq for Picture {}

impl Picture {
    /// Decodes a picture of any of the kinds that [`PictureError::UnknownKind`] names, the first
    /// frame of an animated one.
    ///
    /// # Errors
    /// [`PictureError`]: unknown kind, damaged, or too large. The size is checked before any pixel
    /// memory is asked for.
    pub fn decode(bytes: &[u8]) -> Result<Self, PictureError> {
        Self::of_file(Cow::Borrowed(bytes))
    }

    fn of_file(bytes: Cow<'_, [u8]>) -> Result<Self, PictureError> {
        if is_torn_jpeg(&bytes) {
            return Err(PictureError::Damaged(
                "the file stops before the picture's end".into(),
            ));
        }
        let mut decoder = decoder_of(&bytes)?;
        let (width, height) = decoder.dimensions();
        // A damaged EXIF block must not cost the picture: it is then taken as it lies.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        if let Some(coarse) = Coarse::of(&bytes, [width, height], orientation) {
            drop(decoder);
            let [width, height] = match is_turned(orientation) {
                true => [height, width],
                false => [width, height],
            };
            return Ok(Self {
                width,
                height,
                whole: OnceLock::new(),
                coarse: Some((coarse, bytes.into_owned())),
            });
        }
        let rgb = match jpeg::whole(&bytes, [width, height], orientation) {
            Some(rgb) => rgb,
            None => whole(decoder)?,
        };
        Ok(Self::from_rgb(rgb))
    }

    /// Reads and decodes a file.
    ///
    /// # Errors
    /// [`PictureError::Unreadable`] where the file cannot be read, [`PictureError::TooManyBytes`] where it
    /// is longer than the largest picture would be unpacked, else as [`Picture::decode`].
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        let unreadable = unreadable(path);
        let mut file = File::open(path).map_err(&unreadable)?;
        let mut bytes = Vec::new();
        file.by_ref()
            .take(HEAD_BYTES)
            .read_to_end(&mut bytes)
            .map_err(&unreadable)?;
        // A device or a long file that is no picture is not read to its end.
        if image::guess_format(&bytes).is_err() {
            return Err(PictureError::UnknownKind);
        }
        read_on(&file, &mut bytes, MAX_DECODER_BYTES, path)?;
        Self::of_file(Cow::Owned(bytes))
    }

    /// A picture that is already pixels, as from a camera.
    #[must_use]
    pub fn from_rgb(rgb: RgbImage) -> Self {
        Self {
            width: rgb.width(),
            height: rgb.height(),
            whole: OnceLock::from(rgb),
            coarse: None,
        }
    }

    /// The pixels; of a large JPEG file the first call decodes them.
    #[must_use]
    pub fn rgb(&self) -> &RgbImage {
        self.whole.get_or_init(|| match &self.coarse {
            None => RgbImage::new(self.width, self.height),
            Some((coarse, file)) => upright(file)
                .filter(|rgb| (rgb.width(), rgb.height()) == (self.width, self.height))
                .unwrap_or_else(|| coarse.enlarged([self.width, self.height])),
        })
    }

    /// The luminance of the whole picture where its colours are decoded at a fraction of its size only, and may
    /// stay so.
    pub(crate) fn luminance(&self) -> Option<GrayImage> {
        let (coarse, file) = self.coarse.as_ref()?;
        match self.whole.get() {
            Some(_) => None,
            None => coarse.whole_luminance(file, [self.width, self.height]),
        }
    }

    /// The pixels as far as they are decoded already, and how often their sides were halved.
    pub(crate) fn decoded(&self) -> (&RgbImage, u8) {
        match &self.coarse {
            Some((coarse, _)) => (&coarse.rgb, coarse.halvings),
            None => (self.rgb(), 0),
        }
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The part of the picture inside `rect`, cut off at the picture's edges; at least one pixel
    /// (the nearest) where the rectangle lies outside.
    #[must_use]
    pub fn crop(&self, rect: Rect) -> Self {
        let x = rect.x.min(self.width().saturating_sub(1));
        let y = rect.y.min(self.height().saturating_sub(1));
        let width = rect.width.clamp(1, (self.width() - x).max(1));
        let height = rect.height.clamp(1, (self.height() - y).max(1));
        let part = image::imageops::crop_imm(self.rgb(), x, y, width, height);
        Self::from_rgb(part.to_image())
    }

    /// The picture with its longer side no longer than `longest` pixels, each the mean of what it covers; itself
    /// where it is no larger. Of a large JPEG file no more is decoded than that needs.
    ///
    /// # Errors
    /// [`PictureError::Library`] where the picture library refuses.
    pub fn shrunk(&self, longest: u32) -> Result<Self, PictureError> {
        let whole = self.width.max(self.height);
        if whole <= longest {
            return Ok(self.clone());
        }
        let (decoded, _) = self.decoded();
        let from = match decoded.width().max(decoded.height()) >= longest {
            true => decoded,
            false => self.rgb(),
        };
        let side = |side: u32| {
            let scaled = u64::from(side) * u64::from(longest) / u64::from(whole);
            u32::try_from(scaled).unwrap_or(1).max(1)
        };
        let (width, height) = (side(self.width), side(self.height));
        let size = |v: u32| i32::try_from(v).map_err(opencv::Error::from);
        let pixels = Mat::new_rows_cols_with_bytes::<Vec3b>(
            size(from.height())?,
            size(from.width())?,
            from.as_raw(),
        )?;
        let mut small = Mat::default();
        imgproc::resize(
            &pixels,
            &mut small,
            Size::new(size(width)?, size(height)?),
            0.0,
            0.0,
            imgproc::INTER_AREA,
        )?;
        RgbImage::from_raw(width, height, small.data_bytes()?.to_vec())
            .map(Self::from_rgb)
            .ok_or_else(|| PictureError::Encoding("the smaller picture lost its size".into()))
    }

    /// The picture as a JPEG file, `quality` 1 to 100.
    ///
    /// # Errors
    /// [`PictureError::Encoding`] where the format cannot hold it (a side beyond 65,535 pixels).
    pub fn to_jpeg(&self, quality: u8) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
            .encode_image(self.rgb())
            .map_err(|e| PictureError::Encoding(e.to_string()))?;
        Ok(bytes)
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`PictureError::Encoding`] where the format cannot hold it.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Cursor::new(Vec::new());
        self.rgb()
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(|e| PictureError::Encoding(e.to_string()))?;
        Ok(bytes.into_inner())
    }
}

/// The decoder for a picture of a known kind and an allowed size; no memory for pixels was asked for yet.
fn decoder_of(bytes: &[u8]) -> Result<impl ImageDecoder + '_, PictureError> {
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|e| PictureError::Damaged(e.to_string()))?;
    if reader.format().is_none() {
        return Err(PictureError::UnknownKind);
    }
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged("it has no pixels".into()));
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    decoder.set_limits(limits).map_err(refuse)?;
    Ok(decoder)
}

/// All pixels of a file that was looked into before, upright.
fn upright(file: &[u8]) -> Option<RgbImage> {
    let mut decoder = decoder_of(file).ok()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    jpeg::whole(file, [width, height], orientation).or_else(|| whole(decoder).ok())
}

/// All pixels, upright.
fn whole(mut decoder: impl ImageDecoder) -> Result<RgbImage, PictureError> {
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    image.apply_orientation(orientation);
    Ok(flatten(image))
}

/// Whether columns and rows change places when a picture is laid upright.
fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The bytes of a file of at most `most`.
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, PictureError> {
    let file = File::open(path).map_err(unreadable(path))?;
    let mut bytes = Vec::new();
    read_on(&file, &mut bytes, most, path)?;
    Ok(bytes)
}

/// Reads what is left of a file, until there are `most` bytes altogether.
fn read_on(file: &File, bytes: &mut Vec<u8>, most: u64, path: &Path) -> Result<(), PictureError> {
    let left = (most + 1).saturating_sub(bytes.len() as u64);
    file.take(left)
        .read_to_end(bytes)
        .map_err(unreadable(path))?;
    if bytes.len() as u64 > most {
        return Err(PictureError::TooManyBytes { most });
    }
    Ok(())
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> PictureError {
    let path = path.to_owned();
    move |source| PictureError::Unreadable {
        path: path.clone(),
        source,
    }
}

/// Lays transparent parts on white (a page is white, and black would drown its print), then drops
/// to eight bits.
fn flatten(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let on_white = |c: u8| {
            let a = u32::from(a);
            ((u32::from(c) * a + 255 * (255 - a) + 127) / 255) as u8
        };
        image::Rgb([on_white(r), on_white(g), on_white(b)])
    })
}

/// What an error of the decoder means for the user.
fn refuse(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        ImageError::Unsupported(e)
            if matches!(e.kind(), image::error::UnsupportedErrorKind::Format(_)) =>
        {
            PictureError::UnknownKind
        }
        other => PictureError::Damaged(other.to_string()),
    }
}
