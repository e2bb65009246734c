//! The zone reader: a small network of our own that reads rectified lines of a machine-readable zone.
//!
//! Trained here on generated lines (`models/train`), run here in plain Rust on one thread. Its weights
//! are part of the program; its card is `models/cards/zone-reader.toml`.

mod lanes;
mod net;

use net::Net;
use page::{CLASSES, LineEvidence, LineReader, Strip};

/// The weight file, committed beside its card.
const WEIGHTS: &[u8] = include_bytes!("../../zone-reader.bin");

/// The weights of the zone reader are not what this program reads: build it anew from a clean checkout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the zone reader's weights are damaged: {0}")]
pub struct ZoneReaderError(String);

/// Reads strips (see [`LineReader`]). Holds no state between strips; may be shared between threads.
#[derive(Debug)]
pub struct ZoneReader {
    net: Net,
}

impl ZoneReader {
    /// The reader with the weights that are part of this program.
    ///
    /// # Errors
    /// [`ZoneReaderError`] where they are damaged.
    pub fn load() -> Result<Self, ZoneReaderError> {
        Self::from_bytes(WEIGHTS)
    }

    /// A reader with other weights, as training writes them.
    ///
    /// # Errors
    /// [`ZoneReaderError`] where the bytes are no weight file of this shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ZoneReaderError> {
        Net::parse(bytes)
            .map(|net| Self { net })
            .map_err(ZoneReaderError)
    }
}

impl LineReader for ZoneReader {
    fn see(&self, strip: &Strip) -> LineEvidence {
        let (columns, outputs) = self.net.run(strip);
        let mut evidence = LineEvidence::default();
        for column in outputs.chunks_exact(net::OUTPUTS).take(columns) {
            let largest = column[..CLASSES].iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = column[..CLASSES].iter().map(|v| (v - largest).exp()).sum();
            let whole = largest + sum.ln();
            let mut logs = [0.0; CLASSES];
            for (l, v) in logs.iter_mut().zip(column) {
                *l = v - whole;
            }
            evidence.columns.push(logs);
            evidence.offset.push(column[CLASSES] * 8.0);
            evidence.scale.push(column[CLASSES + 1]);
        }
        evidence
    }
}
