//! The devices on the bus, each against the exact traffic of its datasheet, and each way a bus can fail.
#![allow(clippy::unwrap_used)]

use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
use embedded_hal_mock::eh1::delay::NoopDelay;
use embedded_hal_mock::eh1::i2c::{Mock as Bus, Transaction as On};
use mpaka_firmware::battery::Battery;
use mpaka_firmware::clock::{Clock, ClockReading};
use mpaka_firmware::nfc::{Card, Firmware, NfcFault, NfcFrontEnd, OverI2c};
use mpaka_firmware::{Fault, Part};

const NACK: ErrorKind = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);

// --- Fuel gauge: MAX17048, address 0x36; registers VERSION 0x08, SOC 0x04, VCELL 0x02, CRATE 0x16.

fn gauge(register: u8, value: u16) -> On {
    On::write_read(0x36, vec![register], value.to_be_bytes().to_vec())
}

#[test]
fn a_battery_tells_charge_voltage_and_rate() {
    // SOC in 1/256 per cent; VCELL in 78.125 microvolts; CRATE in 0.208 per cent an hour, signed.
    let mut bus = Bus::new(&[
        gauge(0x08, 0x0012),
        gauge(0x04, 0x4B80),
        gauge(0x02, 0xC800),
        gauge(0x16, (-25i16) as u16),
        // What it is was asked once.
        gauge(0x04, 0x6480),
        gauge(0x02, 0xC800),
        gauge(0x16, 10),
    ]);
    let mut battery = Battery::new(bus.clone());
    let reading = battery.read().unwrap();
    assert!((reading.charge - 75.5).abs() < 0.01);
    assert!((reading.volts - 4.0).abs() < 0.01);
    assert!((reading.per_hour + 5.2).abs() < 0.01);
    assert!((reading.hours_left().unwrap() - 14.5).abs() < 0.1);
    let charging = battery.read().unwrap();
    assert_eq!(charging.charge, 100.0, "a little more than full is full");
    assert_eq!(charging.hours_left(), None);
    bus.done();
}

#[test]
fn a_gauge_that_is_absent_another_or_mad_is_told_apart() {
    let mut bus = Bus::new(&[
        gauge(0x08, 0).with_error(NACK),
        // A stuck bus.
        gauge(0x08, 0).with_error(ErrorKind::ArbitrationLoss),
        // Another device at the address.
        gauge(0x08, 0xFFFF),
        // It is the gauge, and its cell has 5.12 volts.
        gauge(0x08, 0x0011),
        gauge(0x04, 0x3200),
        gauge(0x02, 0xFFFF),
        gauge(0x16, 0),
    ]);
    let mut battery = Battery::new(bus.clone());
    let part = Part::FuelGauge;
    assert_eq!(battery.read(), Err(Fault::Bus { part, kind: NACK }));
    let kind = ErrorKind::ArbitrationLoss;
    assert_eq!(battery.read(), Err(Fault::Bus { part, kind }));
    let wrong = battery.read().unwrap_err();
    assert_eq!(
        wrong,
        Fault::WrongDevice {
            part,
            found: 0xFFFF
        }
    );
    assert!(wrong.to_string().starts_with("fuel gauge: another device"));
    assert_eq!(battery.read(), Err(Fault::Nonsense { part }));
    bus.done();
}

#[test]
fn a_gauge_that_stops_answering_half_way_tells_nothing_false_and_answers_again() {
    let part = Part::FuelGauge;
    let mut bus = Bus::new(&[
        gauge(0x08, 0x0012),
        gauge(0x04, 0x3200).with_error(NACK),
        gauge(0x04, 0x3200),
        gauge(0x02, 0).with_error(ErrorKind::Bus),
        gauge(0x04, 0x3200),
        gauge(0x02, 0xC800),
        gauge(0x16, 0).with_error(ErrorKind::Overrun),
        // More than full by a third: no cell.
        gauge(0x04, 0xB000),
        gauge(0x02, 0xC800),
        gauge(0x16, 0),
        gauge(0x04, 0x3200),
        gauge(0x02, 0xC800),
        gauge(0x16, 0),
    ]);
    let mut battery = Battery::new(bus.clone());
    for kind in [NACK, ErrorKind::Bus, ErrorKind::Overrun] {
        assert_eq!(battery.read(), Err(Fault::Bus { part, kind }));
    }
    assert_eq!(battery.read(), Err(Fault::Nonsense { part }));
    assert_eq!(battery.read().unwrap().charge, 50.0);
    bus.done();
}

// --- Clock: DS3231, address 0x68; time from register 0x00, status 0x0F with OSF in bit 7.

fn status(value: u8) -> On {
    On::write_read(0x68, vec![0x0F], vec![value])
}

#[test]
fn a_clock_is_read_and_set_in_universal_time() {
    let mut bus = Bus::new(&[
        status(0x00),
        // 2026-11-29, a Sunday, 07:05:09, binary-coded, 24 hours, century bit clear.
        On::write_read(
            0x68,
            vec![0x00],
            vec![0x09, 0x05, 0x07, 0x01, 0x29, 0x11, 0x26],
        ),
        // Set: the same moment; then OSF is cleared.
        On::write(0x68, vec![0x00, 0x09, 0x05, 0x07, 0x01, 0x29, 0x11, 0x26]),
        // 32 kHz as it is at power-on; ones leave the alarms' flags as they are.
        On::write(0x68, vec![0x0F, 0x0B]),
        // 25.25 degrees.
        On::write_read(0x68, vec![0x11], vec![0x19, 0x40]),
    ]);
    let mut clock = Clock::new(bus.clone());
    const MOMENT: i64 = 1_795_935_909;
    assert_eq!(clock.read(), Ok(ClockReading::Time(MOMENT)));
    clock.set(MOMENT).unwrap();
    assert_eq!(clock.degrees(), Ok(25.25));
    bus.done();
}

#[test]
fn a_clock_that_stood_still_or_holds_no_date_is_not_believed() {
    let part = Part::Clock;
    let mut bus = Bus::new(&[
        status(0x80),
        status(0).with_error(NACK),
        status(0x00),
        On::write_read(0x68, vec![0x00], vec![0xFF; 7]),
    ]);
    let mut clock = Clock::new(bus.clone());
    assert_eq!(clock.read(), Ok(ClockReading::Lost));
    assert_eq!(clock.read(), Err(Fault::Bus { part, kind: NACK }));
    assert_eq!(clock.read(), Err(Fault::Nonsense { part }));
    for unkeepable in [i64::MIN, -1, 0, 4_102_444_800, i64::MAX] {
        assert_eq!(
            clock.set(unkeepable),
            Err(Fault::Nonsense { part }),
            "{unkeepable}"
        );
    }
    bus.done();
}

#[test]
fn a_clock_on_a_bus_that_fails_is_neither_read_nor_taken_for_set() {
    // 2026-11-29T07:05:09Z. The chip has no register that says what it is: another device is told by what it answers.
    const MOMENT: i64 = 1_795_935_909;
    let time = || vec![0x00, 0x09, 0x05, 0x07, 0x01, 0x29, 0x11, 0x26];
    let part = Part::Clock;
    let stuck = ErrorKind::ArbitrationLoss;
    let mut bus = Bus::new(&[
        status(0).with_error(stuck),
        status(0x00),
        On::write_read(0x68, vec![0x00], vec![0; 7]).with_error(stuck),
        // The time is not taken; then it is, and the flag that it stood still is not.
        On::write(0x68, time()).with_error(NACK),
        On::write(0x68, time()),
        On::write(0x68, vec![0x0F, 0x0B]).with_error(NACK),
        On::write_read(0x68, vec![0x11], vec![0, 0]).with_error(ErrorKind::Bus),
    ]);
    let mut clock = Clock::new(bus.clone());
    let fault = |kind| Fault::Bus { part, kind };
    assert_eq!(clock.read(), Err(fault(stuck)));
    assert_eq!(clock.read(), Err(fault(stuck)));
    assert_eq!(clock.set(MOMENT), Err(fault(NACK)));
    assert_eq!(clock.set(MOMENT), Err(fault(NACK)));
    assert_eq!(clock.degrees(), Err(fault(ErrorKind::Bus)));
    bus.done();
}

// --- NFC front end: PN532, address 0x24; frames of UM0701-02 section 6.2.

const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];

/// A normal frame round a frame identifier, a command code and data.
fn frame(identifier: u8, code: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + 2).unwrap();
    let mut frame = vec![
        0x00,
        0x00,
        0xFF,
        length,
        length.wrapping_neg(),
        identifier,
        code,
    ];
    frame.extend(data);
    let sum = frame[5..].iter().fold(0u8, |s, b| s.wrapping_add(*b));
    frame.extend([sum.wrapping_neg(), 0x00]);
    frame
}

/// An extended frame from the front end.
fn extended(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    let check = length[0].wrapping_add(length[1]).wrapping_neg();
    let mut frame = vec![
        0x00, 0x00, 0xFF, 0xFF, 0xFF, length[0], length[1], check, 0xD5, code,
    ];
    frame.extend(data);
    let sum = frame[8..].iter().fold(0u8, |s, b| s.wrapping_add(*b));
    frame.extend([sum.wrapping_neg(), 0x00]);
    frame
}

fn ready(is: bool) -> On {
    On::read(0x24, vec![u8::from(is)])
}

/// A frame with the byte before it that says it is ready, in one read.
fn read(bytes: Vec<u8>) -> On {
    On::read(0x24, [vec![1], bytes].concat())
}

/// A command, its acknowledgement and its answer, as long as the driver reads it.
fn dialogue(code: u8, data: &[u8], answer: Vec<u8>, room: usize) -> Vec<On> {
    let mut traffic = vec![On::write(0x24, frame(0xD4, code, data)), ready(true)];
    traffic.push(read(ACK.to_vec()));
    traffic.push(ready(true));
    let mut answer = answer;
    answer.resize((room + 13).min(275), 0);
    traffic.push(read(answer));
    traffic
}

fn asked(code: u8, data: &[u8], answer: &[u8], room: usize) -> Vec<On> {
    dialogue(code, data, frame(0xD5, code + 1, answer), room)
}

fn started() -> Vec<On> {
    [
        asked(0x02, &[], &[0x32, 0x01, 0x06, 0x07], 4),
        asked(0x14, &[0x01, 0x00, 0x01], &[], 0),
        asked(0x32, &[0x05, 0xFF, 0x01, 0x02], &[], 0),
    ]
    .concat()
}

/// A type A chip with ISO/IEC 14443-4 (SEL_RES 0x20), target 1.
fn found() -> Vec<On> {
    let about = [
        1, 1, 0x00, 0x08, 0x20, 4, 8, 1, 2, 3, 5, 0x78, 0x77, 0x71, 0x02,
    ];
    asked(0x4A, &[1, 0x00], &about, 80)
}

fn front_end(traffic: &[Vec<On>]) -> (NfcFrontEnd<OverI2c<Bus>, NoopDelay>, Bus) {
    let bus = Bus::new(traffic.concat().iter());
    (NfcFrontEnd::new(bus.clone(), NoopDelay::new()), bus)
}

/// A front end that has found a chip and then is told and answers this.
fn with_chip(traffic: &[Vec<On>]) -> (NfcFrontEnd<OverI2c<Bus>, NoopDelay>, Bus) {
    let all = [&[started(), found()][..], traffic].concat();
    let (mut nfc, bus) = front_end(&all);
    nfc.start().unwrap();
    assert_eq!(nfc.find(), Ok(Some(Card::TypeA)));
    (nfc, bus)
}

const SELECT: [u8; 12] = [0, 0xA4, 4, 0x0C, 7, 0xA0, 0, 0, 2, 0x47, 0x10, 1];
const ROOM: usize = 263;

#[test]
fn a_passport_is_found_selected_and_let_go() {
    let (mut nfc, mut bus) = with_chip(&[
        asked(
            0x40,
            &[&[1][..], &SELECT].concat(),
            &[0x00, 0x90, 0x00],
            ROOM,
        ),
        asked(0x32, &[0x01, 0x00], &[], 0),
    ]);
    let mut out = [0; 300];
    assert_eq!(nfc.exchange(&SELECT, &mut out), Ok(2));
    assert_eq!(out[..2], [0x90, 0x00]);
    nfc.release().unwrap();
    assert_eq!(nfc.exchange(&SELECT, &mut out), Err(NfcFault::Gone));
    bus.done();
}

#[test]
fn type_b_is_looked_for_after_type_a() {
    let (mut nfc, mut bus) = front_end(&[
        started(),
        // A memory card of type A without ISO/IEC 14443-4 is not what is looked for.
        asked(
            0x4A,
            &[1, 0x00],
            &[1, 1, 0x00, 0x04, 0x08, 4, 1, 2, 3, 4],
            80,
        ),
        asked(
            0x4A,
            &[1, 0x03, 0x00],
            &[1, 1, 0x50, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0x33, 0x81, 1, 0],
            80,
        ),
        asked(0x4A, &[1, 0x00], &[0], 80),
        asked(0x4A, &[1, 0x03, 0x00], &[0], 80),
    ]);
    assert_eq!(
        nfc.start(),
        Ok(Firmware {
            version: 1,
            revision: 6
        })
    );
    assert_eq!(nfc.find(), Ok(Some(Card::TypeB)));
    assert_eq!(nfc.find(), Ok(None));
    bus.done();
}

#[test]
fn a_whole_block_comes_in_an_extended_frame_and_longer_answers_in_pieces() {
    let read_binary = [0, 0xB0, 0, 0, 0];
    let block: Vec<u8> = (0..=255).chain([0x90, 0x00]).collect();
    let (first, rest) = block.split_at(200);
    let request = [&[1][..], &read_binary].concat();
    let (mut nfc, mut bus) = with_chip(&[
        dialogue(
            0x40,
            &request,
            extended(0x41, &[&[0x00][..], &block].concat()),
            ROOM,
        ),
        // More information (bit 6 of the status): the rest is asked for with nothing.
        asked(0x40, &request, &[&[0x40][..], first].concat(), ROOM),
        asked(0x40, &[1], &[&[0x00][..], rest].concat(), ROOM),
    ]);
    for _ in 0..2 {
        let mut out = [0; 300];
        assert_eq!(nfc.exchange(&read_binary, &mut out), Ok(258));
        assert_eq!(out[..258], block);
    }
    bus.done();
}

#[test]
fn a_command_longer_than_a_frame_goes_out_in_pieces() {
    let long: Vec<u8> = (0..300u16).map(|i| i as u8).collect();
    let (mut nfc, mut bus) = with_chip(&[
        asked(0x40, &[&[0x41][..], &long[..252]].concat(), &[0x00], ROOM),
        asked(
            0x40,
            &[&[0x01][..], &long[252..]].concat(),
            &[0x00, 0x90, 0x00],
            ROOM,
        ),
    ]);
    let mut out = [0; 8];
    assert_eq!(nfc.exchange(&long, &mut out), Ok(2));
    bus.done();
}

#[test]
fn a_chip_that_leaves_the_field_must_be_found_anew() {
    // Silent; heard with a wrong CRC, parity or framing; by its protocol; released; disappeared.
    for status in [0x01, 0x02, 0x03, 0x05, 0x0B, 0x13, 0x27, 0x2B] {
        let request = [&[1][..], &SELECT].concat();
        let (mut nfc, mut bus) = with_chip(&[asked(0x40, &request, &[status], ROOM)]);
        let mut out = [0; 8];
        assert_eq!(
            nfc.exchange(&SELECT, &mut out),
            Err(NfcFault::Gone),
            "{status:#x}"
        );
        // Nothing more is sent until something is found.
        assert_eq!(nfc.exchange(&SELECT, &mut out), Err(NfcFault::Gone));
        bus.done();
    }
    let request = [&[1][..], &SELECT].concat();
    let (mut nfc, mut bus) = with_chip(&[asked(0x40, &request, &[0x0D], ROOM)]);
    assert_eq!(
        nfc.exchange(&SELECT, &mut [0; 8]),
        Err(NfcFault::Refused(0x0D)),
        "too hot"
    );
    bus.done();
}

#[test]
fn an_answer_longer_than_its_room_or_without_an_end_is_refused() {
    let request = [&[1][..], &SELECT].concat();
    let (mut nfc, mut bus) = with_chip(&[asked(0x40, &request, &[0, 1, 2, 0x90, 0], ROOM)]);
    assert_eq!(nfc.exchange(&SELECT, &mut [0; 3]), Err(NfcFault::TooLong));
    bus.done();
    let (mut nfc, mut bus) = with_chip(&[asked(0x40, &request, &[0x40], ROOM)]);
    assert_eq!(nfc.exchange(&SELECT, &mut [0; 9]), Err(NfcFault::Garbled));
    bus.done();
}

#[test]
fn another_device_at_the_address_is_told() {
    let (mut nfc, mut bus) = front_end(&[asked(0x02, &[], &[0x07, 0, 0, 0], 4)]);
    assert_eq!(
        nfc.start(),
        Err(NfcFault::FrontEnd(Fault::WrongDevice {
            part: Part::Nfc,
            found: 7
        }))
    );
    bus.done();
}

/// Frames that no front end sends; after each the command is broken off by an acknowledgement.
#[test]
fn garbled_answers_are_refused_and_the_command_broken_off() {
    let good = frame(0xD5, 0x03, &[0x32, 1, 6, 7]);
    let changed = |i: usize, value: u8| {
        let mut frame = good.clone();
        frame[i] = value;
        frame
    };
    let cases = [
        vec![0xFF; 17],
        vec![0x00; 17],
        changed(2, 0x00),
        changed(3, 0x00),
        changed(4, 0x00),
        changed(5, 0xD4),
        changed(6, 0x05),
        changed(8, 0x99),
        // An error frame (section 6.2.1.5).
        vec![0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00],
        // An extended length with a wrong checksum.
        vec![0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x00],
    ];
    for bytes in cases {
        let mut traffic = dialogue(0x02, &[], bytes.clone(), 4);
        traffic.push(On::write(0x24, ACK.to_vec()));
        let (mut nfc, mut bus) = front_end(&[traffic]);
        assert_eq!(nfc.start(), Err(NfcFault::Garbled), "{bytes:02x?}");
        bus.done();
    }
    // A length beyond what was read.
    let mut traffic = dialogue(0x02, &[], frame(0xD5, 0x03, &[0x32; 60]), 4);
    let (mut nfc, mut bus) = front_end(&[std::mem::take(&mut traffic)]);
    assert_eq!(nfc.start(), Err(NfcFault::TooLong));
    bus.done();
}

#[test]
fn a_front_end_that_stays_silent_is_given_up() {
    // Not ready, or not even there (it does not acknowledge its address while busy, which the crates for Linux do not
    // tell from other errors on a Pi): 100 looks, one a millisecond, and the same once more in case it slept.
    for silence in [
        ready(false),
        ready(false).with_error(NACK),
        ready(false).with_error(ErrorKind::Other),
    ] {
        let traffic = silent(silence);
        let (mut nfc, mut bus) = front_end(&[traffic.clone(), traffic]);
        let fault = nfc.start().unwrap_err();
        assert_eq!(fault, NfcFault::Silent);
        assert!(fault.to_string().contains("connector"));
        bus.done();
    }
}

/// The question what it is, to which no answer comes before it is broken off.
fn silent(silence: On) -> Vec<On> {
    let mut traffic = vec![On::write(0x24, frame(0xD4, 0x02, &[]))];
    traffic.extend(std::iter::repeat_n(silence, 101));
    traffic.push(On::write(0x24, ACK.to_vec()));
    traffic
}

#[test]
fn a_front_end_that_only_wakes_at_the_first_command_is_asked_again() {
    let deaf = On::write(0x24, frame(0xD4, 0x02, &[])).with_error(NACK);
    for asleep in [vec![deaf], silent(ready(false))] {
        let (mut nfc, mut bus) = front_end(&[asleep, started()]);
        assert_eq!(nfc.start().unwrap().version, 1);
        bus.done();
    }
}

#[test]
fn one_that_does_not_acknowledge_while_it_is_busy_is_waited_for() {
    let mut traffic = started();
    // After the command and after its acknowledgement.
    let busy = ready(false).with_error(ErrorKind::Other);
    traffic.insert(3, busy.clone());
    traffic.insert(1, busy);
    let (mut nfc, mut bus) = front_end(&[traffic]);
    assert!(nfc.start().is_ok());
    bus.done();
}

/// Adds up how long is waited, in nanoseconds.
#[derive(Clone, Default)]
struct Waited(std::rc::Rc<std::cell::Cell<u64>>);

impl embedded_hal::delay::DelayNs for Waited {
    fn delay_ns(&mut self, ns: u32) {
        self.0.set(self.0.get() + u64::from(ns));
    }
}

#[test]
fn a_field_stays_off_until_a_chip_has_forgotten_who_spoke_with_it() {
    let mut bus = Bus::new(&asked(0x32, &[0x01, 0x00], &[], 0));
    let waited = Waited::default();
    let mut nfc = NfcFrontEnd::new(bus.clone(), waited.clone());
    nfc.release().unwrap();
    // ISO/IEC 14443-3: power-off no later than 5 ms after the field.
    assert!(waited.0.get() >= 5_000_000);
    bus.done();
}

#[test]
fn a_stuck_bus_is_named_with_its_part() {
    let stuck = ErrorKind::Bus;
    let traffic = vec![On::write(0x24, frame(0xD4, 0x02, &[])).with_error(stuck)];
    let (mut nfc, mut bus) = front_end(&[traffic.clone(), traffic]);
    let fault = Fault::Bus {
        part: Part::Nfc,
        kind: stuck,
    };
    assert_eq!(nfc.start(), Err(NfcFault::FrontEnd(fault)));
    bus.done();
}
