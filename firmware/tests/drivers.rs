//! The drivers against pins that know beforehand exactly what they will be told.
#![allow(clippy::unwrap_used)]

use core::time::Duration;
use embedded_hal_mock::eh1::MockError;
use embedded_hal_mock::eh1::digital::{Mock as Pin, State::*, Transaction as On};
use embedded_hal_mock::eh1::pwm::{Mock as Channel, Transaction as Duty};
use mpaka_firmware::lamps::{Brightness, ExposureLimit, Lamp, Lamps};
use mpaka_firmware::tower::{LONGEST_BEEP, Signal, Tower};
use mpaka_firmware::tray::{SETTLE, Tray, TrayState};
use mpaka_firmware::wiring::{Polarity, Switched, Wired};
use mpaka_firmware::{Fault, Part};
use std::io::ErrorKind;

fn broken() -> MockError {
    MockError::Io(ErrorKind::NotConnected)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn low() -> On {
    On::set(Low)
}

fn high() -> On {
    On::set(High)
}

/// The pins of a tower, each with what it will be told after the start, when all are put out.
fn pins(after_start: [&[On]; 4]) -> [Pin; 4] {
    after_start.map(|told| Pin::new([low()].iter().chain(told)))
}

fn tower(pins: &[Pin; 4]) -> Tower<Pin, Pin, Pin, Pin> {
    let [green, yellow, red, buzzer] = pins.clone();
    Tower::new(green, yellow, red, buzzer).unwrap()
}

fn done(pins: [Pin; 4]) {
    for mut pin in pins {
        pin.done();
    }
}

#[test]
fn a_signal_puts_the_others_out_and_lights_its_own() {
    let pins = pins([
        &[high(), low(), low()],
        &[low(), high(), low()],
        &[low(), low(), low()],
        &[],
    ]);
    let mut tower = tower(&pins);
    for signal in [Signal::Green, Signal::Yellow, Signal::Dark] {
        tower.show(signal).unwrap();
        assert_eq!(tower.shown(), Some(signal));
    }
    done(pins);
}

#[test]
fn a_lamp_that_will_not_go_out_keeps_the_next_one_dark() {
    // Green sticks: red is not lit beside it, and yellow is put out all the same.
    let pins = pins([
        &[high(), low().with_error(broken())],
        &[low(), low()],
        &[low()],
        &[],
    ]);
    let mut tower = tower(&pins);
    tower.show(Signal::Green).unwrap();
    assert!(matches!(
        tower.show(Signal::Red),
        Err(Fault::Pin {
            part: Part::TowerGreen,
            ..
        })
    ));
    assert_eq!(tower.shown(), None);
    done(pins);
}

#[test]
fn a_lamp_that_will_not_shine_is_named_and_the_rest_is_dark() {
    let pins = pins([&[low()], &[low()], &[high().with_error(broken())], &[]]);
    let mut tower = tower(&pins);
    let fault = tower.show(Signal::Red).unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("tower red: the pin does not answer")
    );
    assert_eq!(tower.shown(), None);
    done(pins);
}

#[test]
fn a_tower_that_cannot_be_put_out_is_not_begun() {
    let green = Pin::new(&[low().with_error(broken())]);
    let rest = [0; 2].map(|_| Pin::new(&[low()]));
    let buzzer = Pin::new(&[]);
    let [yellow, red] = rest.clone();
    assert!(Tower::new(green.clone(), yellow, red, buzzer.clone()).is_err());
    for mut pin in rest.into_iter().chain([green, buzzer]) {
        pin.done();
    }
}

#[test]
fn a_beep_ends_by_itself_and_never_lasts() {
    let pins = pins([&[], &[], &[], &[high(), low(), high(), low()]]);
    let mut tower = tower(&pins);
    tower.beep(ms(200), ms(1000)).unwrap();
    tower.tick(ms(1199)).unwrap();
    tower.tick(ms(1200)).unwrap();
    tower.tick(ms(1300)).unwrap();
    tower.beep(Duration::MAX, ms(2000)).unwrap();
    tower.tick(ms(2000) + LONGEST_BEEP).unwrap();
    done(pins);
}

#[test]
fn a_buzzer_that_will_not_stop_is_told_again() {
    let pins = pins([
        &[],
        &[],
        &[],
        &[
            high().with_error(broken()),
            low().with_error(broken()),
            low(),
        ],
    ]);
    let mut tower = tower(&pins);
    // It may sound although the pin faulted: the next ticks put it out.
    assert!(tower.beep(ms(200), ms(0)).is_err());
    assert!(matches!(
        tower.tick(ms(1)),
        Err(Fault::Pin {
            part: Part::Buzzer,
            ..
        })
    ));
    tower.tick(ms(2)).unwrap();
    tower.tick(ms(3)).unwrap();
    done(pins);
}

#[test]
fn a_document_counts_when_it_has_lain_still() {
    use TrayState::{Empty, Occupied};
    let settle = u64::try_from(SETTLE.as_millis()).unwrap();
    // Level, time, state: a hand passes over; a document slides in; the sensor chatters; it is taken away.
    let course = [
        (High, 0, Empty),
        (Low, 20, Empty),
        (High, 100, Empty),
        (High, 100 + settle - 1, Empty),
        (High, 100 + settle, Occupied),
        (Low, 500, Occupied),
        (High, 510, Occupied),
        (Low, 520, Occupied),
        (Low, 520 + settle - 1, Occupied),
        (Low, 520 + settle, Empty),
    ];
    let mut pin = Pin::new(course.map(|(level, ..)| On::get(level)).iter());
    let mut tray = Tray::new(pin.clone());
    for (_, at, expected) in course {
        assert_eq!(tray.poll(ms(at)).unwrap(), expected, "{at} ms");
    }
    pin.done();
}

#[test]
fn a_sensor_that_faults_changes_nothing_and_begins_anew() {
    let mut pin = Pin::new(&[
        On::get(High),
        On::get(High).with_error(broken()),
        On::get(High),
        On::get(High),
        // A clock that stands or goes back settles nothing.
        On::get(Low),
        On::get(Low),
    ]);
    let mut tray = Tray::new(pin.clone());
    assert_eq!(tray.poll(ms(0)), Ok(TrayState::Empty));
    let fault = tray.poll(ms(59)).unwrap_err();
    assert!(matches!(
        fault,
        Fault::Pin {
            part: Part::Tray,
            ..
        }
    ));
    assert_eq!(tray.poll(ms(60)), Ok(TrayState::Empty));
    assert_eq!(tray.poll(ms(120)), Ok(TrayState::Occupied));
    assert_eq!(tray.poll(ms(130)), Ok(TrayState::Occupied));
    assert_eq!(tray.poll(ms(10)), Ok(TrayState::Occupied));
    pin.done();
}

const LIMIT: ExposureLimit = ExposureLimit {
    longest: Duration::from_secs(3),
    rest: Duration::from_secs(6),
};

/// The channels of three lamps, each with what it will be told after the start.
fn channels(after_start: [&[Duty]; 3]) -> [Channel; 3] {
    after_start.map(|told| Channel::new([Duty::set_duty_cycle(0)].iter().chain(told)))
}

fn lamps(channels: &[Channel; 3]) -> Lamps<Channel, Channel, Channel> {
    let [white, infrared, ultraviolet] = channels.clone();
    Lamps::new(white, infrared, ultraviolet, LIMIT).unwrap()
}

fn finish(channels: [Channel; 3]) {
    for mut channel in channels {
        channel.done();
    }
}

fn lit(max: u16, duty: u16) -> [Duty; 2] {
    [Duty::max_duty_cycle(max), Duty::set_duty_cycle(duty)]
}

fn off() -> Duty {
    Duty::set_duty_cycle(0)
}

#[test]
fn a_brightness_is_a_share_of_the_channel_s_range() {
    let [a, b] = lit(255, 127);
    let [c, d] = lit(4096, 4096);
    let channels = channels([&[a, b, off()], &[c, d], &[]]);
    let mut lamps = lamps(&channels);
    lamps
        .light(Lamp::White, Brightness::percent(50).unwrap(), ms(0))
        .unwrap();
    lamps
        .light(Lamp::Infrared, Brightness::FULL, ms(0))
        .unwrap();
    lamps
        .light(Lamp::White, Brightness::DARK, ms(9_000_000))
        .unwrap();
    // Other lamps have no limit.
    lamps.tick(ms(9_000_000)).unwrap();
    assert_eq!(Brightness::percent(101), None);
    finish(channels);
}

#[test]
fn ultraviolet_goes_out_by_itself_and_rests() {
    let [a, b] = lit(100, 100);
    let [c, d] = lit(100, 10);
    let channels = channels([&[], &[], &[a, b, off(), c, d, off()]]);
    let mut lamps = lamps(&channels);
    lamps
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(1000))
        .unwrap();
    lamps.tick(ms(3999)).unwrap();
    lamps.tick(ms(4000)).unwrap(); // off
    lamps.tick(ms(5000)).unwrap();
    assert_eq!(
        lamps.light(Lamp::Ultraviolet, Brightness::FULL, ms(9000)),
        Err(Fault::UltravioletResting { wait: ms(1000) })
    );
    let dim = Brightness::percent(10).unwrap();
    lamps.light(Lamp::Ultraviolet, dim, ms(10_000)).unwrap();
    lamps
        .light(Lamp::Ultraviolet, Brightness::DARK, ms(10_500))
        .unwrap();
    finish(channels);
}

#[test]
fn short_pauses_do_not_cheat_the_limit() {
    // Lit for two seconds, dark for one, lit again: out after one more, not three.
    let on = lit(100, 100);
    let told = [&on[..], &[off()], &on[..], &[off()]].concat();
    let channels = channels([&[], &[], &told]);
    let mut lamps = lamps(&channels);
    let mut light = |brightness, at| lamps.light(Lamp::Ultraviolet, brightness, ms(at));
    light(Brightness::FULL, 0).unwrap();
    light(Brightness::DARK, 2000).unwrap();
    light(Brightness::FULL, 3000).unwrap();
    lamps.tick(ms(3999)).unwrap();
    lamps.tick(ms(4000)).unwrap();
    let again = lamps.light(Lamp::Ultraviolet, Brightness::FULL, ms(9999));
    assert!(again.is_err());
    finish(channels);
}

#[test]
fn lighting_again_what_is_lit_wins_no_time() {
    let on = lit(100, 100);
    let told = [&on[..], &on[..], &[off()]].concat();
    let channels = channels([&[], &[], &told]);
    let mut lamps = lamps(&channels);
    let mut light = |at| lamps.light(Lamp::Ultraviolet, Brightness::FULL, ms(at));
    light(0).unwrap();
    light(2900).unwrap();
    // Asked for after its time, although no tick came between: it goes out and stays out.
    assert_eq!(
        light(3100),
        Err(Fault::UltravioletResting { wait: ms(6000) })
    );
    finish(channels);
}

#[test]
fn an_ultraviolet_lamp_in_doubt_counts_as_lit() {
    let [a, b] = lit(100, 100);
    let told = [a, b.with_error(broken()), off().with_error(broken()), off()];
    let channels = channels([&[], &[], &told]);
    let mut lamps = lamps(&channels);
    let fault = lamps
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(0))
        .unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("ultraviolet lamp: cannot be set")
    );
    assert!(lamps.tick(ms(3000)).is_err());
    lamps.tick(ms(3100)).unwrap();
    // It was in doubt for 3.1 s: the rest counts from when it surely went out.
    assert_eq!(
        lamps.light(Lamp::Ultraviolet, Brightness::FULL, ms(4100)),
        Err(Fault::UltravioletResting { wait: ms(5000) })
    );
    finish(channels);
}

#[test]
fn dark_goes_past_a_lamp_that_faults() {
    let channels = channels([&[off().with_error(broken())], &[off()], &[off()]]);
    let mut lamps = lamps(&channels);
    assert!(matches!(
        lamps.dark(ms(0)),
        Err(Fault::Brightness {
            part: Part::White,
            ..
        })
    ));
    finish(channels);
}

#[test]
fn a_switched_lamp_is_on_at_any_brightness() {
    let mut pin = Pin::new(&[low(), high(), high(), low(), high().with_error(broken())]);
    let rest = [0; 2].map(|_| Channel::new(&[off()]));
    let [white, infrared] = rest.clone();
    let mut lamps = Lamps::new(white, infrared, Switched(pin.clone()), LIMIT).unwrap();
    lamps
        .light(Lamp::Ultraviolet, Brightness::percent(1).unwrap(), ms(0))
        .unwrap();
    lamps
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(1))
        .unwrap();
    lamps
        .light(Lamp::Ultraviolet, Brightness::DARK, ms(2))
        .unwrap();
    assert!(
        lamps
            .light(Lamp::Ultraviolet, Brightness::FULL, ms(3))
            .is_err()
    );
    pin.done();
    for mut channel in rest {
        channel.done();
    }
}

#[test]
fn active_low_parts_are_told_the_opposite() {
    let mut pin = Pin::new(&[On::get(Low), On::get(Low)]);
    let mut tray = Tray::new(Wired::new(pin.clone(), Polarity::ActiveLow));
    tray.poll(ms(0)).unwrap();
    assert_eq!(tray.poll(SETTLE), Ok(TrayState::Occupied));
    pin.done();
    let mut green = Pin::new(&[high(), low()]);
    let rest = [&[low(), low()][..], &[low(), low()], &[low()]].map(Pin::new);
    let [yellow, red, buzzer] = rest.clone();
    let mut tower = Tower::new(
        Wired::new(green.clone(), Polarity::ActiveLow),
        yellow,
        red,
        buzzer,
    )
    .unwrap();
    tower.show(Signal::Green).unwrap();
    green.done();
    for mut pin in rest {
        pin.done();
    }
}
