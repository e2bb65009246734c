//! Lid, tamper switch, push button and watchdog against pins that know beforehand what they will be asked.
#![allow(clippy::unwrap_used)]

use core::time::Duration;
use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::digital::{Mock as Pin, State::*, Transaction as On};
use mpaka_firmware::button::{Button, LONG, Press};
use mpaka_firmware::lid::{Lid, LidState, Tamper, TamperState};
use mpaka_firmware::watchdog::{SPACING, Watchdog};
use mpaka_firmware::{Fault, Part};
use std::io::ErrorKind;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn broken(on: On) -> On {
    on.with_error(MockError::Io(ErrorKind::NotConnected))
}

#[test]
fn a_lid_counts_as_shut_when_it_has_lain_still() {
    let course = [
        (High, 0, LidState::Open),
        (Low, 30, LidState::Open),
        (High, 40, LidState::Open),
        (High, 100, LidState::Shut),
        (Low, 200, LidState::Shut),
        (Low, 260, LidState::Open),
    ];
    let mut pin = Pin::new(course.map(|(level, ..)| On::get(level)).iter());
    let mut lid = Lid::new(pin.clone());
    for (_, at, expected) in course {
        assert_eq!(lid.poll(ms(at)), Ok(expected), "{at} ms");
    }
    pin.done();
}

#[test]
fn an_opened_case_stays_opened_until_it_is_sealed() {
    let levels = [Low, High, High, Low, Low, Low, Low];
    let mut pin = Pin::new(levels.map(On::get).iter());
    let mut tamper = Tamper::new(pin.clone(), false);
    assert_eq!(tamper.poll(ms(0)), Ok(TamperState::Sealed));
    assert_eq!(tamper.poll(ms(10)), Ok(TamperState::Sealed));
    let opened = TamperState::Opened { at: ms(50) };
    assert_eq!(tamper.poll(ms(50)), Ok(opened));
    // Shut again at once: it stays opened.
    assert_eq!(tamper.poll(ms(60)), Ok(opened));
    assert_eq!(
        tamper.seal(ms(70)),
        Err(Fault::CaseOpen),
        "not shut long enough"
    );
    assert_eq!(tamper.state(), opened);
    assert_eq!(tamper.seal(ms(120)), Ok(()));
    assert_eq!(tamper.state(), TamperState::Sealed);
    assert_eq!(tamper.poll(ms(200)), Ok(TamperState::Sealed));
    pin.done();
}

#[test]
fn a_knock_opens_nothing_and_a_cut_wire_unlatches_nothing() {
    let mut pin = Pin::new(&[
        On::get(High),
        On::get(Low),
        On::get(High),
        broken(On::get(High)),
        On::get(High),
        On::get(Low),
    ]);
    let mut tamper = Tamper::new(pin.clone(), false);
    for at in [0, 10, 100] {
        assert_eq!(tamper.poll(ms(at)), Ok(TamperState::Sealed));
    }
    assert!(matches!(
        tamper.poll(ms(120)),
        Err(Fault::Pin {
            part: Part::Tamper,
            ..
        })
    ));
    assert_eq!(
        tamper.poll(ms(140)),
        Ok(TamperState::Sealed),
        "it begins anew"
    );
    assert_eq!(tamper.poll(ms(150)), Ok(TamperState::Sealed));
    pin.done();
    // What an earlier run saw is still so.
    let mut pin = Pin::new(&[On::get(Low)]);
    let mut tamper = Tamper::new(pin.clone(), true);
    assert!(matches!(tamper.poll(ms(0)), Ok(TamperState::Opened { .. })));
    pin.done();
    // A program that has just begun seals no case that stands open before it.
    let mut pin = Pin::new(&[On::get(High)]);
    let mut tamper = Tamper::new(pin.clone(), true);
    let refused = tamper.seal(ms(0)).unwrap_err();
    assert_eq!(refused, Fault::CaseOpen);
    assert!(refused.to_string().contains("; shut it"), "{refused}");
    pin.done();
}

#[test]
fn presses_are_short_or_long_and_bounce_is_none() {
    let long = LONG.as_millis() as u64;
    let course = [
        (High, 0, None),
        (Low, 5, None),
        (High, 10, None),
        (High, 30, None),
        (Low, 400, None),
        (Low, 420, Some(Press::Short)),
        (High, 1000, None),
        (High, 1020, None),
        (High, 1020 + long, Some(Press::Long)),
        (High, 1100 + long, None),
        (Low, 1200 + long, None),
        (Low, 1220 + long, None),
    ];
    let mut pin = Pin::new(course.map(|(level, ..)| On::get(level)).iter());
    let mut button = Button::new(pin.clone());
    for (_, at, expected) in course {
        assert_eq!(button.poll(ms(at)), Ok(expected), "{at} ms");
    }
    pin.done();
}

#[test]
fn a_loose_wire_presses_nothing() {
    let mut pin = Pin::new(&[
        On::get(High),
        On::get(High),
        broken(On::get(Low)),
        On::get(Low),
        On::get(Low),
    ]);
    let mut button = Button::new(pin.clone());
    assert_eq!(button.poll(ms(0)), Ok(None));
    assert_eq!(button.poll(ms(20)), Ok(None));
    assert!(button.poll(ms(40)).is_err());
    assert_eq!(button.poll(ms(60)), Ok(None));
    assert_eq!(button.poll(ms(100)), Ok(None));
    pin.done();
}

#[test]
fn the_watchdog_gets_an_edge_at_a_time_and_no_more_than_it_needs() {
    let mut pin = Pin::new(&[
        On::set(High),
        On::set(Low),
        broken(On::set(High)),
        On::set(High),
    ]);
    let mut watchdog = Watchdog::new(pin.clone());
    watchdog.feed(ms(0)).unwrap();
    watchdog.feed(ms(10)).unwrap();
    watchdog.feed(SPACING).unwrap();
    assert!(watchdog.feed(SPACING * 2).is_err());
    // The same edge again, at once.
    watchdog.feed(SPACING * 2 + ms(1)).unwrap();
    pin.done();
}
