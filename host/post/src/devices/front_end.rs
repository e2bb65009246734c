//! The box's own NFC front end as the chip's room speaks to it.

use super::chip_reader::{ChipReader, ReaderError};
use chip::transceiver::{Transceiver, TransceiverError};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use firmware::nfc::{NfcFault, NfcFrontEnd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As long as a chip's longest short answer and its protection, several times over.
const LONGEST_ANSWER_BYTES: usize = 4096;

/// Something that finds a chip in its field and exchanges APDUs with it.
pub trait FrontEnd: Send {
    /// Looks for a chip; says whether one was found.
    ///
    /// # Errors
    /// The front end's.
    fn find(&mut self) -> Result<bool, NfcFault>;

    /// Sends a command and waits for its answer; gives the answer's length.
    ///
    /// # Errors
    /// [`NfcFault::Gone`] where the chip left; else the front end's.
    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault>;

    /// Lets the chip go and switches the field off.
    ///
    /// # Errors
    /// The front end's.
    fn release(&mut self) -> Result<(), NfcFault>;
}

impl<B: I2c + Send, D: DelayNs + Send> FrontEnd for NfcFrontEnd<B, D> {
    fn find(&mut self) -> Result<bool, NfcFault> {
        Self::find(self).map(|card| card.is_some())
    }

    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault> {
        Self::exchange(self, apdu, out)
    }

    fn release(&mut self) -> Result<(), NfcFault> {
        Self::release(self)
    }
}

/// The front end as a reader for chips.
#[derive(Clone)]
pub struct NfcReader(Arc<Mutex<dyn FrontEnd>>);

impl std::fmt::Debug for NfcReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NfcReader")
    }
}

impl NfcReader {
    /// A reader of this front end, which has been started.
    #[must_use]
    pub fn new(front_end: impl FrontEnd + 'static) -> Self {
        Self(Arc::new(Mutex::new(front_end)))
    }
}

impl ChipReader for NfcReader {
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError> {
        let found = lock(&self.0).find();
        match found.map_err(|fault| ReaderError::FrontEnd(fault.to_string()))? {
            true => Ok(Box::new(NfcChip(self.clone()))),
            false => Err(ReaderError::NoChip),
        }
    }
}

fn lock(front_end: &Mutex<dyn FrontEnd>) -> MutexGuard<'_, dyn FrontEnd + 'static> {
    // A panic elsewhere leaves a front end that has forgotten its chip, and says so.
    front_end.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A chip in the front end's field. The field goes off when it is dropped.
struct NfcChip(NfcReader);

impl Transceiver for NfcChip {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let mut answer = vec![0; LONGEST_ANSWER_BYTES];
        let length =
            lock(&self.0.0)
                .exchange(command, &mut answer)
                .map_err(|fault| match fault {
                    NfcFault::Gone => TransceiverError::CardLost,
                    NfcFault::TooLong => TransceiverError::AnswerTooLong,
                    _ => TransceiverError::ReaderLost,
                })?;
        answer.truncate(length);
        Ok(answer)
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        let mut front_end = lock(&self.0.0);
        let found = front_end.release().and_then(|()| front_end.find());
        match found {
            Ok(true) => Ok(()),
            _ => Err(TransceiverError::CardLost),
        }
    }
}

impl Drop for NfcChip {
    fn drop(&mut self) {
        // Nothing can be done about a front end that does not answer any more.
        let _ = lock(&self.0.0).release();
    }
}
