//! The box's own NFC front end as the chip's room speaks to it.

use super::Hardware;
use super::chip_reader::{ChipReader, PcscReader, ReaderError};
use chip::transceiver::{Transceiver, TransceiverError};
use embedded_hal::delay::DelayNs;
use firmware::nfc::{Link, NfcFault, NfcFrontEnd};
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

impl<L: Link + Send, D: DelayNs + Send> FrontEnd for NfcFrontEnd<L, D> {
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

/// The front end of the box's board. One that does not answer is woken once more: its cable may have been out.
impl FrontEnd for Arc<Hardware> {
    fn find(&mut self) -> Result<bool, NfcFault> {
        let found = self.nfc(|nfc| nfc.find()).or_else(|_| {
            self.nfc(|nfc| {
                nfc.start()?;
                nfc.find()
            })
        });
        found.map(|card| card.is_some())
    }

    fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault> {
        self.nfc(|nfc| nfc.exchange(apdu, out))
    }

    fn release(&mut self) -> Result<(), NfcFault> {
        self.nfc(|nfc| nfc.release())
    }
}

/// What the command line calls the front end of the box's board, among readers.
pub const OWN_FRONT_END: &str = "board";

/// The reader that is meant: the front end of the board where it is named so, or where nothing is named and a
/// real board has one; else the PC/SC reader of that name; none where there is none.
///
/// # Errors
/// [`ReaderError::FrontEnd`] where the front end is named and none is fitted.
pub fn chip_reader(
    named: Option<&str>,
    hardware: &Arc<Hardware>,
) -> Result<Option<Arc<dyn ChipReader>>, ReaderError> {
    let own = || Arc::new(NfcReader::new(Arc::clone(hardware))) as Arc<dyn ChipReader>;
    match named {
        Some(OWN_FRONT_END) if hardware.has_front_end() => Ok(Some(own())),
        Some(OWN_FRONT_END) => Err(ReaderError::FrontEnd(
            "none is fitted: board.toml in the state folder names what is".to_owned(),
        )),
        Some(name) => Ok(Some(Arc::new(PcscReader::named(name)))),
        // The simulated board's has a chip only where a test lays one there.
        None if hardware.name() != "bench" && hardware.has_front_end() => Ok(Some(own())),
        None => Ok(None),
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

    fn is_there(&self) -> bool {
        let mut front_end = lock(&self.0);
        let answers = front_end.find().is_ok();
        // Nobody speaks to what may lie there.
        let _ = front_end.release();
        answers
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
