//! The NFC front end: a PN532 on I2C or SPI ([`crate::nfc_link`]), and through it the chip of a passport (ISO/IEC 14443-4).
//!
//! Frames are those of NXP's user manual UM0701-02 section 6.2. The crate `pn532` builds commands and waits for
//! their acknowledgement; answers are read here, for that crate reads no extended frames (section 6.2.1.2), and a
//! chip that sends 256 bytes needs them. Commands and answers longer than one frame are chained (MI, section 7.3.8).

use crate::nfc_link::{FRAME_IN, Linked};
pub use crate::nfc_link::{Link, OverI2c, OverSpi};
use crate::{Fault, Part};
use core::convert::Infallible;
use core::task::Poll;
use core::time::Duration;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;
use embedded_hal::spi::SpiDevice;
use pn532::requests::{BorrowedRequest, Command, SAMMode};
use pn532::{CountDown, Interface as _, Pn532, Request, nb};

/// The IC's code in its answer to GetFirmwareVersion.
const IC_PN532: u8 = 0x32;
/// The most of an APDU in one frame out: LEN counts two bytes of frame and one of target besides.
const MOST_OUT: usize = 252;
/// The most of an APDU in one answer (section 7.3.8).
pub(crate) const MOST_IN: usize = 262;
/// The crate's own buffer: a command's data and nine bytes round them.
const FRAME_OUT: usize = 1 + MOST_OUT + 9;
/// How often readiness is asked for.
const POLL: Duration = Duration::from_millis(1);
/// How long the front end may take for what needs no chip.
const PROMPT: Duration = Duration::from_millis(100);
/// How long it looks for a chip, in each of both types.
const LOOK: Duration = Duration::from_millis(500);
/// How long a chip may compute: a slow one takes seconds for a key agreement.
const COMPUTE: Duration = Duration::from_secs(8);
/// A chip without a field has forgotten everything after 5 ms (ISO/IEC 14443-3), milliseconds, and some.
const FIELD_OFF_MS: u32 = 10;
/// In the status byte: more of the answer follows.
const MORE_IN: u8 = 0x40;
/// In the target byte: more of the command follows.
const MORE_OUT: u8 = 0x40;

/// What lies in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// ISO/IEC 14443-3 type A.
    TypeA,
    /// ISO/IEC 14443-3 type B.
    TypeB,
}

/// A front end's firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firmware {
    /// Its version.
    pub version: u8,
    /// Its revision.
    pub revision: u8,
}

/// Why no answer of a chip came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NfcFault {
    /// The front end itself: its bus, or what it says.
    FrontEnd(Fault),
    /// It did not answer in time: check its connector, then its supply.
    Silent,
    /// What it sent is no frame of its protocol: check the bus's length and pull-ups.
    Garbled,
    /// No chip was found before, it has left the field, or it cannot be heard: place the document again.
    Gone,
    /// The front end refused, or its field failed; its code (section 7.1).
    Refused(u8),
    /// The answer is longer than the room given for it.
    TooLong,
}

impl core::fmt::Display for NfcFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::FrontEnd(fault) => fault.fmt(f),
            Self::Silent => f.write_str("NFC front end: no answer; check its connector and supply"),
            Self::Garbled => {
                f.write_str("NFC front end: its answer is garbled; check the bus and its pull-ups")
            }
            Self::Gone => f.write_str("the chip is gone; place the document again"),
            Self::Refused(code) => write!(f, "NFC front end: error {code:#04x}"),
            Self::TooLong => f.write_str("the chip's answer is longer than the room for it"),
        }
    }
}

impl core::error::Error for NfcFault {}

/// Counts a wait down by delays: there is no clock here.
#[derive(Debug)]
struct Patience<D> {
    delay: D,
    left: Duration,
}

impl<D: DelayNs> CountDown for Patience<D> {
    type Time = Duration;

    fn start<T: Into<Duration>>(&mut self, count: T) {
        self.left = count.into();
    }

    fn wait(&mut self) -> nb::Result<(), Infallible> {
        if self.left.is_zero() {
            return Ok(());
        }
        self.delay.delay_us(POLL.as_micros() as u32);
        self.left = self.left.saturating_sub(POLL);
        Err(nb::Error::WouldBlock)
    }
}

/// The front end.
#[derive(Debug)]
pub struct NfcFrontEnd<L: Link, D> {
    device: Pn532<Linked<L>, Patience<D>, FRAME_OUT>,
    target: Option<u8>,
    frame: [u8; FRAME_IN],
}

impl<B: I2c, D: DelayNs> NfcFrontEnd<OverI2c<B>, D> {
    /// A front end on this bus; nothing is sent yet.
    pub fn new(i2c: B, delay: D) -> Self {
        Self::over(OverI2c(i2c), delay)
    }
}

impl<S: SpiDevice, D: DelayNs> NfcFrontEnd<OverSpi<S>, D> {
    /// A front end that hangs on SPI; nothing is sent yet.
    pub fn over_spi(spi: S, delay: D) -> Self {
        Self::over(OverSpi(spi), delay)
    }
}

impl<L: Link, D: DelayNs> NfcFrontEnd<L, D> {
    fn over(link: L, delay: D) -> Self {
        let patience = Patience {
            delay,
            left: Duration::ZERO,
        };
        Self {
            device: Pn532::new(Linked(link), patience),
            target: None,
            frame: [0; FRAME_IN],
        }
    }

    /// Wakes the front end, checks what it is, and makes it look for a chip twice instead of for ever.
    ///
    /// # Errors
    /// [`Fault::WrongDevice`] where something else answers at its address; else as the bus fails.
    pub fn start(&mut self) -> Result<Firmware, NfcFault> {
        self.target = None;
        let mut version = [0; 4];
        let mut ask = || self.ask(Command::GetFirmwareVersion, &[], &mut version, PROMPT);
        // One that slept, or has just been given power, may only wake at the first command.
        let length = match ask() {
            Err(NfcFault::Silent | NfcFault::FrontEnd(Fault::Bus { .. } | Fault::Spi { .. })) => {
                ask()
            }
            answered => answered,
        }?;
        if length < 4 || version[0] != IC_PN532 {
            return Err(NfcFault::FrontEnd(Fault::WrongDevice {
                part: Part::Nfc,
                found: u16::from(version[0]),
            }));
        }
        let sam = Request::sam_configuration(SAMMode::Normal, true);
        self.ask(sam.command, &sam.data, &mut [], PROMPT)?;
        // Item 5, MaxRetries: ATR and PSL as they are by default, passive activation twice (section 7.3.1).
        self.ask(
            Command::RFConfiguration,
            &[0x05, 0xFF, 0x01, 0x02],
            &mut [],
            PROMPT,
        )?;
        Ok(Firmware {
            version: version[1],
            revision: version[2],
        })
    }

    /// Looks for a chip that speaks ISO/IEC 14443-4, of type A, then of type B.
    ///
    /// # Errors
    /// [`NfcFault`] of the front end; that nothing lies there is no fault.
    pub fn find(&mut self) -> Result<Option<Card>, NfcFault> {
        self.target = None;
        let mut about = [0; 80];
        // Type A at 106 kbit/s. In its SEL_RES (fifth byte) bit 5 says ISO/IEC 14443-4.
        let length = self.ask(Command::InListPassiveTarget, &[1, 0x00], &mut about, LOOK)?;
        if length >= 5 && about[0] == 1 && about[4] & 0x20 != 0 {
            self.target = Some(about[1]);
            return Ok(Some(Card::TypeA));
        }
        // Type B at 106 kbit/s, every application family.
        let length = self.ask(
            Command::InListPassiveTarget,
            &[1, 0x03, 0x00],
            &mut about,
            LOOK,
        )?;
        if length >= 2 && about[0] == 1 {
            self.target = Some(about[1]);
            return Ok(Some(Card::TypeB));
        }
        Ok(None)
    }

    /// Sends a command APDU to the chip that was found and waits for its answer, which ends with the two status
    /// bytes (ISO/IEC 7816-4). Gives the answer's length.
    ///
    /// # Errors
    /// [`NfcFault::Gone`] where there is no chip; [`NfcFault::TooLong`] where `out` is too short; else the front
    /// end's. After an error nothing is known of what the chip did, and it must be found anew.
    pub fn exchange(&mut self, apdu: &[u8], out: &mut [u8]) -> Result<usize, NfcFault> {
        let target = self.target.ok_or(NfcFault::Gone)?;
        let exchanged = self.exchange_with(target, apdu, out);
        if exchanged.is_err() {
            self.target = None;
        }
        exchanged
    }

    fn exchange_with(
        &mut self,
        target: u8,
        apdu: &[u8],
        out: &mut [u8],
    ) -> Result<usize, NfcFault> {
        let mut request = [0; 1 + MOST_OUT];
        let pieces = apdu.chunks(MOST_OUT);
        let last = pieces.len().saturating_sub(1);
        let mut answer = [0; 1 + MOST_IN];
        let mut length = 0;
        for (i, piece) in pieces.enumerate() {
            request[0] = if i < last { target | MORE_OUT } else { target };
            request[1..=piece.len()].copy_from_slice(piece);
            length = self.data_exchange(&request[..=piece.len()], &mut answer)?;
        }
        let mut filled = 0;
        loop {
            let part = answer.get(1..length).unwrap_or_default();
            out.get_mut(filled..filled + part.len())
                .ok_or(NfcFault::TooLong)?
                .copy_from_slice(part);
            filled += part.len();
            if answer[0] & MORE_IN == 0 {
                return Ok(filled);
            }
            if part.is_empty() {
                // More, and nothing: it would go on for ever.
                return Err(NfcFault::Garbled);
            }
            length = self.data_exchange(&[target], &mut answer)?;
        }
    }

    /// InDataExchange; its status byte comes first.
    fn data_exchange(&mut self, request: &[u8], answer: &mut [u8]) -> Result<usize, NfcFault> {
        let length = self.ask(Command::InDataExchange, request, answer, COMPUTE)?;
        let status = *answer
            .get(..length)
            .and_then(<[u8]>::first)
            .ok_or(NfcFault::Garbled)?;
        match status & 0x3F {
            0x00 => Ok(length),
            // Time out; CRC, parity, framing, collision (it lies at the edge of the field); RF protocol, wrong format,
            // no such target in this state, released, exchanged, disappeared.
            0x01 | 0x02 | 0x03 | 0x05 | 0x06 | 0x0B | 0x13 | 0x25 | 0x27 | 0x29 | 0x2A | 0x2B => {
                Err(NfcFault::Gone)
            }
            code => Err(NfcFault::Refused(code)),
        }
    }

    /// Lets the chip go and switches the field off, for as long as it takes a chip to begin anew when it comes on again.
    ///
    /// # Errors
    /// The front end's.
    pub fn release(&mut self) -> Result<(), NfcFault> {
        self.target = None;
        // Item 1: RF field off.
        self.ask(Command::RFConfiguration, &[0x01, 0x00], &mut [], PROMPT)?;
        self.device.timer.delay.delay_ms(FIELD_OFF_MS);
        Ok(())
    }

    /// The way to it again.
    pub fn into_link(self) -> L {
        self.device.interface.0
    }

    /// Sends a command and reads its answer; gives the answer's length. On silence the command is broken off.
    fn ask(
        &mut self,
        command: Command,
        data: &[u8],
        answer: &mut [u8],
        patience: Duration,
    ) -> Result<usize, NfcFault> {
        let asked = self.ask_once(command, data, answer, patience);
        if matches!(asked, Err(NfcFault::Silent | NfcFault::Garbled)) {
            // An acknowledgement makes it stop and wait for the next command (section 6.2.1.3). Whether that
            // gets through is seen at the next command.
            let _ = self.device.abort();
        }
        asked
    }

    fn ask_once(
        &mut self,
        command: Command,
        data: &[u8],
        answer: &mut [u8],
        patience: Duration,
    ) -> Result<usize, NfcFault> {
        if data.len() > 1 + MOST_OUT {
            return Err(NfcFault::TooLong);
        }
        let code = command as u8;
        self.device
            .process_no_response(BorrowedRequest::new(command, data), PROMPT)
            .map_err(fault)?;
        self.device.timer.start(patience);
        loop {
            match self.device.interface.wait_ready() {
                Poll::Ready(ready) => {
                    ready.map_err(NfcFault::FrontEnd)?;
                    break;
                }
                Poll::Pending if self.device.timer.wait().is_ok() => {
                    return Err(NfcFault::Silent);
                }
                Poll::Pending => {}
            }
        }
        let longest = (answer.len() + 13).min(FRAME_IN);
        let frame = &mut self.frame[..longest];
        frame.fill(0);
        self.device
            .interface
            .read(frame)
            .map_err(NfcFault::FrontEnd)?;
        let data = answer_in(frame, code)?;
        answer
            .get_mut(..data.len())
            .ok_or(NfcFault::TooLong)?
            .copy_from_slice(data);
        Ok(data.len())
    }
}

fn fault(error: pn532::Error<Fault>) -> NfcFault {
    match error {
        pn532::Error::InterfaceError(e) => NfcFault::FrontEnd(e),
        pn532::Error::TimeoutAck | pn532::Error::TimeoutResponse => NfcFault::Silent,
        _ => NfcFault::Garbled,
    }
}

/// The data of an answer's frame, normal or extended (sections 6.2.1.1 and 6.2.1.2). Total: any bytes are answered.
fn answer_in(frame: &[u8], command: u8) -> Result<&[u8], NfcFault> {
    let byte = |i: usize| frame.get(i).copied().ok_or(NfcFault::TooLong);
    if frame.get(..3) != Some(&[0x00, 0x00, 0xFF]) {
        return Err(NfcFault::Garbled);
    }
    let (length, start) = if byte(3)? == 0xFF && byte(4)? == 0xFF {
        let [high, low, check] = [byte(5)?, byte(6)?, byte(7)?];
        if high.wrapping_add(low).wrapping_add(check) != 0 {
            return Err(NfcFault::Garbled);
        }
        (usize::from(u16::from_be_bytes([high, low])), 8)
    } else {
        if byte(3)?.wrapping_add(byte(4)?) != 0 {
            return Err(NfcFault::Garbled);
        }
        (usize::from(byte(3)?), 5)
    };
    // Its own identifier and the command's code plus one; an error frame has neither.
    if length < 2 {
        return Err(NfcFault::Garbled);
    }
    let whole = frame
        .get(start..start + length + 1)
        .ok_or(NfcFault::TooLong)?;
    if whole.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)) != 0 {
        return Err(NfcFault::Garbled);
    }
    if whole[0] != 0xD5 || whole[1] != command.wrapping_add(1) {
        return Err(NfcFault::Garbled);
    }
    Ok(&whole[2..length])
}
