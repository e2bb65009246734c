//! What the technician's room and the box's hardware read: profiles, board descriptions, frames of the front end.

use crate::Answer;
use calibration::sealed::SignedProfile;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use firmware::board::description::Description;
use firmware::nfc::NfcFrontEnd;
use page::Picture;
use page::profile::{Correction, Light};

/// Pictures larger than this are not worth a fuzzer's time, in pixels.
const SMALL: u64 = 1 << 16;

/// The signed words of a profile, as they are read once the signature has been found right; what is understood and
/// small also sets a picture right, and is no distance from itself.
pub(crate) fn profile(bytes: &[u8]) -> Answer {
    let Ok(signed) = serde_json::from_slice::<SignedProfile>(bytes) else {
        return Answer::Refused;
    };
    let _ = signed.golden.drift(&signed.golden);
    if signed.profile.check().is_err() {
        return Answer::Refused;
    }
    let [width, height] = signed.profile.camera.size;
    let [_, _, across, down] = signed.profile.glass.area_mm;
    let flat = across * down * (signed.profile.glass.dpi / 25.4).powi(2);
    if u64::from(width) * u64::from(height) <= SMALL && flat <= SMALL as f64 {
        let correction = Correction::of(signed.profile).expect("it was checked");
        let picture = Picture::from_rgb(image::RgbImage::new(width, height));
        for light in Light::ALL {
            let applied = correction.apply(&picture, light);
            assert!(applied.is_ok(), "the picture is of the camera's size");
        }
    }
    Answer::Understood
}

/// A board's description.
pub(crate) fn board(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    Answer::of(Description::parse(&text).is_ok())
}

/// A bus on which these bytes are all that the front end says, one read after the other.
struct Saying<'a>(&'a [u8]);

#[derive(Debug)]
struct Silence;

impl embedded_hal::i2c::Error for Silence {
    fn kind(&self) -> ErrorKind {
        ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)
    }
}

impl ErrorType for Saying<'_> {
    type Error = Silence;
}

impl I2c for Saying<'_> {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), Silence> {
        for operation in operations {
            if let Operation::Read(into) = operation {
                if self.0.is_empty() {
                    return Err(Silence);
                }
                let length = into.len().min(self.0.len());
                let (now, later) = self.0.split_at(length);
                into[..length].copy_from_slice(now);
                self.0 = later;
            }
        }
        Ok(())
    }
}

struct NoWait;

impl DelayNs for NoWait {
    fn delay_ns(&mut self, _: u32) {}
}

/// A front end's answers to a start, a search and a command.
pub(crate) fn front_end(bytes: &[u8]) -> Answer {
    let mut nfc = NfcFrontEnd::new(Saying(bytes), NoWait);
    if nfc.start().is_err() {
        return Answer::Refused;
    }
    if let Ok(Some(_)) = nfc.find() {
        let mut out = [0; 300];
        if let Ok(length) = nfc.exchange(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut out) {
            assert!(length <= out.len());
        }
    }
    Answer::Understood
}
