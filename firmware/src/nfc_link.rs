//! The ways to a PN532: I2C (UM0701-02 section 6.2.4) and SPI (section 6.2.5).

use crate::nfc::MOST_IN;
use crate::{Fault, Part};
use core::task::Poll;
use embedded_hal::i2c::{Error as _, ErrorKind, I2c};
use embedded_hal::spi::SpiDevice;
use pn532::Interface;
use pn532::i2c::{I2C_ADDRESS, PN532_I2C_READY};

/// The longest frame in: preamble, extended length, frame identifier, command, status, data, checksum, postamble.
pub(crate) const FRAME_IN: usize = 3 + 5 + 2 + 1 + MOST_IN + 2;
/// The longest frame out, and some.
const FRAME_OUT: usize = 300;

/// A way to a front end: frames out, and in once it is ready.
pub trait Link {
    /// Sends a frame.
    ///
    /// # Errors
    /// The bus's.
    fn write(&mut self, frame: &[u8]) -> Result<(), Fault>;

    /// Whether a frame can be had.
    ///
    /// # Errors
    /// The bus's.
    fn is_ready(&mut self) -> Result<bool, Fault>;

    /// Reads a frame, or its beginning.
    ///
    /// # Errors
    /// The bus's.
    fn read(&mut self, frame: &mut [u8]) -> Result<(), Fault>;
}

/// As the crate that builds the commands wants it.
#[derive(Debug)]
pub(crate) struct Linked<L>(pub(crate) L);

impl<L: Link> Interface for Linked<L> {
    type Error = Fault;

    fn write(&mut self, frame: &mut [u8]) -> Result<(), Fault> {
        self.0.write(frame)
    }

    fn wait_ready(&mut self) -> Poll<Result<(), Fault>> {
        match self.0.is_ready() {
            Ok(true) => Poll::Ready(Ok(())),
            Ok(false) => Poll::Pending,
            Err(fault) => Poll::Ready(Err(fault)),
        }
    }

    fn read(&mut self, frame: &mut [u8]) -> Result<(), Fault> {
        self.0.read(frame)
    }
}

/// Over I2C: every read begins with a byte that says whether it is ready.
///
/// That byte and the frame are read in one go. The crate's own interface reads them as two operations of one
/// transaction, which Linux's I2C driver sends with a start condition between them: the front end would begin anew.
#[derive(Debug)]
pub struct OverI2c<B>(pub(crate) B);

impl<B: I2c> Link for OverI2c<B> {
    fn write(&mut self, frame: &[u8]) -> Result<(), Fault> {
        self.0
            .write(I2C_ADDRESS, frame)
            .map_err(Fault::bus(Part::Nfc))
    }

    fn is_ready(&mut self) -> Result<bool, Fault> {
        let mut ready = [0];
        match self.0.read(I2C_ADDRESS, &mut ready) {
            Ok(()) => Ok(ready[0] == PN532_I2C_READY),
            // While it is busy it may not even acknowledge its address. Linux calls that EREMOTEIO on a Pi's buses, and
            // neither rppal nor linux-embedded-hal knows it for what it is.
            Err(e) if matches!(e.kind(), ErrorKind::NoAcknowledge(_) | ErrorKind::Other) => {
                Ok(false)
            }
            Err(e) => Err(Fault::bus(Part::Nfc)(e)),
        }
    }

    fn read(&mut self, frame: &mut [u8]) -> Result<(), Fault> {
        let mut whole = [0; 1 + FRAME_IN];
        let length = frame.len().min(FRAME_IN);
        self.0
            .read(I2C_ADDRESS, &mut whole[..=length])
            .map_err(Fault::bus(Part::Nfc))?;
        frame[..length].copy_from_slice(&whole[1..=length]);
        Ok(())
    }
}

/// Over SPI, mode 0, at most 5 MHz. The front end takes the least significant bit of a byte first and most
/// controllers send the most significant, so bytes are turned round here.
///
/// Each exchange is one operation: some controllers let go of the select line between two, and the front end
/// would take the second for another exchange. It has a buffer for each way: of one buffer for both rppal sends zeros.
#[derive(Debug)]
pub struct OverSpi<S>(pub(crate) S);

/// First bytes of an exchange (section 6.2.5), turned round.
const DATA_WRITE: u8 = 0x01_u8.reverse_bits();
const STATUS_READ: u8 = 0x02_u8.reverse_bits();
const DATA_READ: u8 = 0x03_u8.reverse_bits();

impl<S: SpiDevice> Link for OverSpi<S> {
    fn write(&mut self, frame: &[u8]) -> Result<(), Fault> {
        let mut whole = [0; 1 + FRAME_OUT];
        let length = frame.len();
        let Some(body) = whole.get_mut(1..=length) else {
            return Err(Fault::Nonsense { part: Part::Nfc });
        };
        for (to, from) in body.iter_mut().zip(frame) {
            *to = from.reverse_bits();
        }
        whole[0] = DATA_WRITE;
        self.0
            .write(&whole[..=length])
            .map_err(Fault::spi(Part::Nfc))
    }

    fn is_ready(&mut self) -> Result<bool, Fault> {
        let mut heard = [0; 2];
        self.0
            .transfer(&mut heard, &[STATUS_READ, 0])
            .map_err(Fault::spi(Part::Nfc))?;
        // Only the last bit is the answer; a line that floats high is no front end.
        Ok(heard[1].reverse_bits() == 0x01)
    }

    fn read(&mut self, frame: &mut [u8]) -> Result<(), Fault> {
        let (mut heard, mut told) = ([0; 1 + FRAME_IN], [0; 1 + FRAME_IN]);
        let length = frame.len().min(FRAME_IN);
        told[0] = DATA_READ;
        self.0
            .transfer(&mut heard[..=length], &told[..=length])
            .map_err(Fault::spi(Part::Nfc))?;
        for (to, from) in frame.iter_mut().zip(&heard[1..=length]) {
            *to = from.reverse_bits();
        }
        Ok(())
    }
}
