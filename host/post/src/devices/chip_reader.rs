//! A chip in the field of a PC/SC reader, as the chip's room speaks to it.

use chip::transceiver::{LengthSupport, Transceiver, TransceiverError};
use pcsc::{Context, Disposition, Error, Protocols, Scope, ShareMode};
use std::time::{Duration, Instant};

/// Longer than any answer in extended length (ISO/IEC 7816-4 section 5.1).
const LONGEST_ANSWER_BYTES: usize = 65_538;

/// Between two looks for a chip.
const PAUSE: Duration = Duration::from_millis(50);

/// Why there is no chip to speak to.
#[derive(Debug, thiserror::Error)]
pub enum ReaderError {
    /// The system's smart card service does not answer: install and start pcscd.
    #[error("the smart card service does not answer ({0}): is pcscd installed and running?")]
    Service(Error),
    /// No reader of this name is connected.
    #[error("no reader named {wanted:?} is connected; there are: {connected}")]
    NoReader {
        /// The name, or the part of one, that was asked for.
        wanted: String,
        /// Those that are connected.
        connected: String,
    },
    /// No chip answers in the reader's field: place the document on it.
    #[error("no chip answers in the reader's field: place the document on it")]
    NoChip,
    /// The box's own front end failed: check its connector.
    #[error("the NFC front end: {0}")]
    FrontEnd(String),
    /// The reader refuses: is another program using it?
    #[error("the reader refuses: {0}")]
    Refused(Error),
}

/// A reader in whose field a document may lie.
pub trait ChipReader: Send + Sync {
    /// Begins a conversation with the chip in the field; the field goes off when it is dropped.
    ///
    /// # Errors
    /// [`ReaderError`].
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError>;

    /// Whether the reader itself answers, chip or none.
    fn is_there(&self) -> bool {
        true
    }
}

/// A PC/SC reader, by its name or a part of it.
#[derive(Debug, Clone)]
pub struct PcscReader {
    /// The name.
    pub name: String,
    /// Whether it carries extended lengths.
    pub lengths: LengthSupport,
    /// How long a chip is waited for: the page was photographed a moment ago, so it lies there or nowhere.
    pub patience: Duration,
}

impl PcscReader {
    /// A reader that is not known to carry extended lengths.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            lengths: LengthSupport::Short,
            patience: Duration::from_millis(1500),
        }
    }
}

impl ChipReader for PcscReader {
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError> {
        FieldChip::connect(&self.name, self.lengths, self.patience)
            .map(|chip| Box::new(chip) as Box<dyn Transceiver>)
    }

    fn is_there(&self) -> bool {
        connected_readers()
            .is_ok_and(|names| names.iter().any(|name| name.contains(self.name.as_str())))
    }
}

/// A chip in a reader's field.
pub struct FieldChip {
    card: Option<pcsc::Card>,
    answer: Vec<u8>,
    lengths: LengthSupport,
}

impl std::fmt::Debug for FieldChip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FieldChip")
            .field("lengths", &self.lengths)
            .finish_non_exhaustive()
    }
}

/// The names of the readers that are connected.
///
/// # Errors
/// [`ReaderError::Service`].
pub fn connected_readers() -> Result<Vec<String>, ReaderError> {
    let context = Context::establish(Scope::User).map_err(ReaderError::Service)?;
    names(&context)
}

fn names(context: &Context) -> Result<Vec<String>, ReaderError> {
    let names = context.list_readers_owned().map_err(ReaderError::Service)?;
    let text = |name: &std::ffi::CString| name.to_string_lossy().into_owned();
    Ok(names.iter().map(text).collect())
}

impl FieldChip {
    /// The chip in the field of the reader of this name, or of the first whose name holds it. `lengths` says
    /// whether the reader is known to carry extended lengths; about half of all do.
    ///
    /// Where no chip is there yet, it is waited for, for so long.
    ///
    /// # Errors
    /// [`ReaderError`].
    pub fn connect(
        reader: &str,
        lengths: LengthSupport,
        patience: Duration,
    ) -> Result<Self, ReaderError> {
        let context = Context::establish(Scope::User).map_err(ReaderError::Service)?;
        let connected = names(&context)?;
        let exact = connected.iter().find(|name| *name == reader);
        let found = exact.or_else(|| connected.iter().find(|name| name.contains(reader)));
        let name = found
            .and_then(|name| std::ffi::CString::new(name.as_str()).ok())
            .ok_or_else(|| ReaderError::NoReader {
                wanted: reader.to_owned(),
                connected: match connected.as_slice() {
                    [] => "none".to_owned(),
                    some => some.join(", "),
                },
            })?;
        let start = Instant::now();
        let card = loop {
            match context.connect(&name, ShareMode::Exclusive, Protocols::ANY) {
                Ok(card) => break card,
                // Just placed, or taken up again.
                Err(
                    Error::NoSmartcard
                    | Error::RemovedCard
                    | Error::UnresponsiveCard
                    | Error::UnpoweredCard
                    | Error::ResetCard,
                ) => {
                    if start.elapsed() >= patience {
                        return Err(ReaderError::NoChip);
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(other) => return Err(ReaderError::Refused(other)),
            }
        };
        Ok(Self {
            card: Some(card),
            answer: vec![0; LONGEST_ANSWER_BYTES],
            lengths,
        })
    }
}

impl Transceiver for FieldChip {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let card = self.card.as_ref().ok_or(TransceiverError::CardLost)?;
        match card.transmit(command, &mut self.answer) {
            Ok(answer) => Ok(answer.to_vec()),
            Err(Error::InsufficientBuffer) => Err(TransceiverError::AnswerTooLong),
            Err(
                Error::RemovedCard
                | Error::ResetCard
                | Error::NoSmartcard
                | Error::UnresponsiveCard
                | Error::UnpoweredCard,
            ) => Err(TransceiverError::CardLost),
            Err(_) => Err(TransceiverError::ReaderLost),
        }
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        let card = self.card.as_mut().ok_or(TransceiverError::CardLost)?;
        card.reconnect(
            ShareMode::Exclusive,
            Protocols::ANY,
            Disposition::UnpowerCard,
        )
        .map_err(|_| TransceiverError::CardLost)
    }

    fn lengths(&self) -> LengthSupport {
        self.lengths
    }
}

/// The field goes off, so that the next one who connects meets a chip without a session.
impl Drop for FieldChip {
    fn drop(&mut self) {
        if let Some(card) = self.card.take() {
            // Nothing can be done about a reader that does not answer any more.
            let _ = card.disconnect(Disposition::UnpowerCard);
        }
    }
}
