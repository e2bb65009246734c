//! Files of weights.

use crate::Answer;
use models::zone::ZoneReader;
use page::{LineReader as _, STRIDE, STRIP_HEIGHT, Strip};

/// Weights of the zone reader; what is understood also reads a short strip.
pub(crate) fn zone_reader(bytes: &[u8]) -> Answer {
    let Ok(reader) = ZoneReader::from_bytes(bytes) else {
        return Answer::Refused;
    };
    let width = 4 * STRIDE;
    let seen = reader.see(&Strip {
        width,
        pixels: vec![0.5; width * STRIP_HEIGHT],
    });
    assert!(seen.columns.len() <= 4);
    Answer::Understood
}

/// An ONNX file, its quantised weights folded. What is folded once has nothing left to fold.
pub(crate) fn onnx(bytes: &[u8]) -> Answer {
    let Ok(folded) = models::fold::fold(bytes) else {
        return Answer::Refused;
    };
    let again = models::fold::fold(&folded).expect("a folded file is an ONNX file");
    assert_eq!(again, folded);
    Answer::Understood
}
