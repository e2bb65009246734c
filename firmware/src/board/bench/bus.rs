//! The simulated bus: a fuel gauge, a clock and an NFC front end that answer as their datasheets say, so that the
//! drivers of the real box run against them.

use super::{Bench, Unplugged};
use crate::Part;
use embedded_hal::i2c::{ErrorType, I2c, Operation};
use embedded_hal::spi::{self, SpiDevice};
use std::boxed::Box;
use std::vec::Vec;

/// A chip in the simulated field: a command APDU in, an answer with its status bytes out.
pub type ChipInField = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// What the simulated devices hold.
pub(super) struct Devices {
    /// Charge in 1/256 per cent.
    pub(super) charge: u16,
    /// The clock's seconds since 1970, and whether it stood still.
    pub(super) seconds: i64,
    pub(super) stopped: bool,
    pub(super) chip: Option<ChipInField>,
    /// Frames that the front end has ready, the next first.
    ready: Vec<Vec<u8>>,
    /// What of an answer did not fit into the last one.
    rest: Vec<u8>,
    /// Pieces of a command that is chained.
    pieces: Vec<u8>,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            charge: 80 * 256,
            // 2026-09-01T00:00:00Z: the bench's own day, until it is set.
            seconds: 1_788_220_800,
            stopped: false,
            chip: None,
            ready: Vec::new(),
            rest: Vec::new(),
            pieces: Vec::new(),
        }
    }
}

impl core::fmt::Debug for Devices {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Devices(charge {}, clock {})", self.charge, self.seconds)
    }
}

/// One device's handle on the simulated bus.
#[derive(Debug)]
pub struct BenchBus {
    pub(super) part: Part,
    pub(super) bench: Bench,
    /// The register that the next read begins at.
    pub(super) register: u8,
}

impl ErrorType for BenchBus {
    type Error = Unplugged;
}

impl I2c for BenchBus {
    fn transaction(
        &mut self,
        _address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Unplugged> {
        let mut state = self.bench.state();
        if state.is_pulled(self.part) {
            return Err(Unplugged);
        }
        for operation in operations {
            match operation {
                Operation::Write(bytes) => match self.part {
                    Part::Nfc => state.devices.front_end(bytes),
                    part => {
                        self.register = bytes.first().copied().unwrap_or_default();
                        if let Some(values) = bytes.get(1..).filter(|v| !v.is_empty()) {
                            state.devices.write(part, self.register, values);
                        }
                    }
                },
                Operation::Read(into) => match self.part {
                    Part::Nfc => state.devices.next_frame(into),
                    part => {
                        for (i, byte) in into.iter_mut().enumerate() {
                            *byte = state.devices.register(part, self.register, i);
                        }
                    }
                },
            }
        }
        Ok(())
    }
}

/// The front end's handle on the simulated SPI (UM0701-02 section 6.2.5): the least significant bit first.
#[derive(Debug)]
pub struct BenchSpi {
    pub(super) bench: Bench,
}

impl spi::ErrorType for BenchSpi {
    type Error = Unplugged;
}

impl SpiDevice for BenchSpi {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), Unplugged> {
        let mut state = self.bench.state();
        if state.is_pulled(Part::Nfc) {
            return Err(Unplugged);
        }
        for operation in operations {
            match operation {
                spi::Operation::Write(bytes) => {
                    let turned: Vec<u8> = bytes.iter().map(|b| b.reverse_bits()).collect();
                    if let [0x01, frame @ ..] = turned.as_slice() {
                        state.devices.front_end(frame);
                    }
                }
                spi::Operation::Transfer(heard, told) => {
                    let (Some(first), Some((_, rest))) = (told.first(), heard.split_first_mut())
                    else {
                        continue;
                    };
                    match first.reverse_bits() {
                        0x02 => rest.fill(u8::from(state.devices.is_ready())),
                        0x03 => state.devices.take_frame(rest),
                        _ => rest.fill(0),
                    }
                    for byte in rest {
                        *byte = byte.reverse_bits();
                    }
                }
                // As rppal does it: with no buffer of its own for what is told, zeros are, and they ask for nothing.
                spi::Operation::TransferInPlace(bytes) => bytes.fill(0),
                // Nothing that begins with no word of its own is an exchange.
                _ => {}
            }
        }
        Ok(())
    }
}

fn bcd(value: u32) -> u8 {
    (((value / 10) << 4) | (value % 10)) as u8
}

fn from_bcd(byte: u8) -> i64 {
    i64::from(byte >> 4) * 10 + i64::from(byte & 0x0F)
}

impl Devices {
    /// The `i`th byte read from a register on.
    fn register(&self, part: Part, register: u8, i: usize) -> u8 {
        match part {
            Part::FuelGauge => {
                let word: u16 = match register {
                    0x08 => 0x0012,
                    0x04 => self.charge,
                    // 3.0 V empty, 4.2 V full, in 78.125 microvolts.
                    0x02 => 38_400 + (u32::from(self.charge) * 15_360 / 25_600) as u16,
                    // A slow discharge: 2 per cent an hour in steps of 0.208.
                    0x16 => (-10i16) as u16,
                    _ => 0,
                };
                word.to_be_bytes().get(i).copied().unwrap_or_default()
            }
            _ => self.clock_register(register.wrapping_add(i as u8)),
        }
    }

    fn clock_register(&self, register: u8) -> u8 {
        let time = rtcc::DateTime::from_timestamp(self.seconds, 0)
            .map(|t| t.naive_utc())
            .unwrap_or_default();
        use rtcc::{Datelike, Timelike};
        match register {
            0x00 => bcd(time.second()),
            0x01 => bcd(time.minute()),
            0x02 => bcd(time.hour()),
            0x03 => time.weekday().number_from_sunday() as u8,
            0x04 => bcd(time.day()),
            0x05 => bcd(time.month()),
            0x06 => bcd(time.year().rem_euclid(100) as u32),
            0x0F => u8::from(self.stopped) << 7,
            // 25.0 degrees.
            0x11 => 25,
            _ => 0,
        }
    }

    fn write(&mut self, part: Part, register: u8, values: &[u8]) {
        match (part, register, values) {
            (Part::Clock, 0x00, [second, minute, hour, _, day, month, year]) => {
                let number = |b: u8| from_bcd(b) as u32;
                let date = rtcc::NaiveDate::from_ymd_opt(
                    2000 + from_bcd(*year) as i32,
                    number(*month & 0x1F),
                    number(*day),
                );
                let time = date
                    .and_then(|d| d.and_hms_opt(number(*hour), number(*minute), number(*second)));
                if let Some(time) = time {
                    self.seconds = time.and_utc().timestamp();
                }
            }
            (Part::Clock, 0x0F, [status]) => self.stopped = status & 0x80 != 0 && self.stopped,
            _ => {}
        }
    }

    /// Takes a frame from the host (UM0701-02 section 6.2.1).
    fn front_end(&mut self, frame: &[u8]) {
        const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];
        if frame == ACK {
            self.ready.clear();
            return;
        }
        let Some((code, data)) = frame
            .get(5..frame.len().saturating_sub(2))
            .and_then(|body| match body {
                [0xD4, code, data @ ..] => Some((*code, data)),
                _ => None,
            })
        else {
            return;
        };
        let answer = match code {
            0x02 => std::vec![0x32, 0x01, 0x06, 0x07],
            0x4A if data.get(1) == Some(&0x00) && self.chip.is_some() => {
                std::vec![
                    1, 1, 0x00, 0x08, 0x20, 4, 8, 1, 2, 3, 5, 0x78, 0x77, 0x71, 0x02
                ]
            }
            0x4A => std::vec![0],
            0x40 => self.exchange(data),
            _ => Vec::new(),
        };
        self.ready = std::vec![ACK.to_vec(), framed(code + 1, &answer)];
    }

    /// InDataExchange.
    fn exchange(&mut self, data: &[u8]) -> Vec<u8> {
        const MOST: usize = 262;
        let Some((target, apdu)) = data.split_first() else {
            return std::vec![0x10];
        };
        let Some(chip) = self.chip.as_mut() else {
            // The target has left.
            return std::vec![0x01];
        };
        if apdu.is_empty() && !self.rest.is_empty() {
            // The rest of the last answer.
        } else {
            self.pieces.extend_from_slice(apdu);
            if target & 0x40 != 0 {
                return std::vec![0x00];
            }
            self.rest = chip(&core::mem::take(&mut self.pieces));
        }
        let now = self.rest.len().min(MOST);
        let left = self.rest.split_off(now);
        let mut answer = std::vec![if left.is_empty() { 0x00 } else { 0x40 }];
        answer.append(&mut self.rest);
        self.rest = left;
        answer
    }

    /// A look at readiness takes nothing; a longer read takes the next frame.
    fn next_frame(&mut self, into: &mut [u8]) {
        into.fill(0);
        let Some(first) = into.first_mut() else {
            return;
        };
        *first = u8::from(!self.ready.is_empty());
        if into.len() > 1 {
            self.take_frame(&mut into[1..]);
        }
    }

    fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The next frame, as far as there is room; zeros where there is none.
    fn take_frame(&mut self, into: &mut [u8]) {
        into.fill(0);
        if self.ready.is_empty() {
            return;
        }
        for (to, from) in into.iter_mut().zip(self.ready.remove(0)) {
            *to = from;
        }
    }
}

/// A frame to the host, extended where it must be.
fn framed(code: u8, data: &[u8]) -> Vec<u8> {
    let length = data.len() + 2;
    let mut frame = std::vec![0x00, 0x00, 0xFF];
    match u8::try_from(length) {
        Ok(short) => frame.extend([short, short.wrapping_neg()]),
        Err(_) => {
            let [high, low] = (length as u16).to_be_bytes();
            frame.extend([0xFF, 0xFF, high, low, high.wrapping_add(low).wrapping_neg()]);
        }
    }
    let body = frame.len();
    frame.extend([0xD5, code]);
    frame.extend_from_slice(data);
    let sum = frame[body..].iter().fold(0u8, |s, b| s.wrapping_add(*b));
    frame.extend([sum.wrapping_neg(), 0x00]);
    frame
}
