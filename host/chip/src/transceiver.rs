//! The way to a chip: commands out, answers back. Readers and simulated chips implement it elsewhere.

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransceiverError {
    /// The chip left the field or stopped answering. Place the document again.
    #[error("the chip is gone")]
    CardLost,
    /// The reader failed. Check its cable, or start it anew.
    #[error("the reader does not answer")]
    ReaderLost,
    /// The answer was longer than any answer can be.
    #[error("the answer is too long")]
    AnswerTooLong,
}

/// Whether commands and answers beyond 256 bytes get through the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LengthSupport {
    /// Only short lengths (ISO/IEC 7816-4 section 5.2).
    Short,
    /// Extended lengths too.
    Extended,
}

/// A chip in a reader's field.
///
/// Contract: one command at a time; the answer is the whole response APDU with its two status bytes; an
/// error means that nothing is known of what the chip did. Implementations bound an answer's length and the
/// time that they wait for it.
pub trait Transceiver {
    /// Sends a command and waits for its answer.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError>;

    /// Takes the chip's power and gives it again, so that a lost session can be begun anew. Implementations that
    /// cannot, or meet no chip, say that it is lost.
    fn reset(&mut self) -> Result<(), TransceiverError> {
        Err(TransceiverError::CardLost)
    }

    /// What lengths get through.
    fn lengths(&self) -> LengthSupport {
        LengthSupport::Short
    }
}
