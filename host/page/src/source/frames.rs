//! Frames out of OpenCV: from its matrix to a picture of ours.

use crate::Picture;
use crate::picture::MAX_PIXELS;
use image::RgbImage;
use opencv::core::{Mat, MatTraitConst, MatTraitConstManual, Vec3b};
use opencv::videoio::{
    CAP_PROP_FRAME_HEIGHT, CAP_PROP_FRAME_WIDTH, VideoCapture, VideoCaptureTrait,
    VideoCaptureTraitConst,
};

/// Whether the frames that a video or camera announces are of a size that is read: asked before any is
/// unpacked.
pub(super) fn are_small_enough(capture: &VideoCapture) -> bool {
    let side = |of| capture.get(of).unwrap_or(0.0).max(0.0);
    side(CAP_PROP_FRAME_WIDTH) * side(CAP_PROP_FRAME_HEIGHT) <= MAX_PIXELS as f64
}

/// The next frame; `None` where there is none any more.
pub(super) fn read(capture: &mut VideoCapture) -> Result<Option<Picture>, opencv::Error> {
    let mut frame = Mat::default();
    if !capture.read(&mut frame)? || frame.empty() {
        return Ok(None);
    }
    picture(&frame).map(Some)
}

/// A frame of eight bits of blue, green and red, as OpenCV gives every video, as a picture.
fn picture(frame: &Mat) -> Result<Picture, opencv::Error> {
    let refuse = |why: &str| opencv::Error::new(opencv::core::StsBadSize, why.to_owned());
    let width = u32::try_from(frame.cols())?;
    let height = u32::try_from(frame.rows())?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(refuse("frames of more than 64 megapixels are not read"));
    }
    let together;
    let frame = if frame.is_continuous() {
        frame
    } else {
        together = frame.try_clone()?;
        &together
    };
    let pixels: Vec<u8> = frame
        .data_typed::<Vec3b>()?
        .iter()
        .flat_map(|bgr| [bgr[2], bgr[1], bgr[0]])
        .collect();
    RgbImage::from_raw(width, height, pixels)
        .map(Picture::from_rgb)
        .ok_or_else(|| refuse("the frame holds fewer pixels than it says"))
}
