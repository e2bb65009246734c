//! A whole box as the appliance holds it: behind the trait, on the bench.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::panic)]

use core::time::Duration;
use mpaka_firmware::board::Board;
use mpaka_firmware::board::bench::{Bench, BenchBoard, DROOP, WARM_UP};
use mpaka_firmware::board::description::{BusDevice, Description, DescriptionError};
use mpaka_firmware::button::Press;
use mpaka_firmware::clock::ClockReading;
use mpaka_firmware::lamps::{Brightness, ExposureLimit, Lamp};
use mpaka_firmware::lid::{LidState, TamperState};
use mpaka_firmware::nfc::{Card, NfcFault};
use mpaka_firmware::tower::Signal;
use mpaka_firmware::tray::TrayState;
use mpaka_firmware::{Fault, Part};
use std::collections::BTreeSet;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn bench() -> (Box<dyn Board>, Bench) {
    let (board, bench) = BenchBoard::new().unwrap();
    (Box::new(board), bench)
}

#[test]
fn a_traveller_from_tray_to_tower() {
    let (mut board, bench) = bench();
    assert_eq!(board.name(), "bench");
    assert_eq!(bench.tower(), Some(Signal::Dark));
    assert_eq!(board.tray(ms(0)), Ok(TrayState::Empty));
    bench.set_tray(TrayState::Occupied);
    assert_eq!(board.tray(ms(10)), Ok(TrayState::Empty));
    assert_eq!(board.tray(ms(100)), Ok(TrayState::Occupied));
    for lamp in Lamp::ALL {
        board.light(lamp, Brightness::FULL, ms(100)).unwrap();
        assert_eq!(bench.brightness(lamp), Brightness::FULL);
        board.light(lamp, Brightness::DARK, ms(300)).unwrap();
        assert_eq!(bench.brightness(lamp), Brightness::DARK);
    }
    board.show(Signal::Yellow).unwrap();
    board.beep(ms(100), ms(400)).unwrap();
    assert_eq!(bench.tower(), Some(Signal::Yellow));
    assert!(bench.buzzes());
    board.tick(ms(500)).unwrap();
    assert!(!bench.buzzes());
    bench.set_tray(TrayState::Empty);
    board.tray(ms(600)).unwrap();
    assert_eq!(board.tray(ms(700)), Ok(TrayState::Empty));
}

#[test]
fn one_part_s_fault_leaves_the_others_working() {
    let (mut board, bench) = bench();
    bench.pull(Part::Tray);
    bench.pull(Part::White);
    assert!(matches!(
        board.tray(ms(0)),
        Err(Fault::Pin {
            part: Part::Tray,
            ..
        })
    ));
    assert!(board.light(Lamp::White, Brightness::FULL, ms(0)).is_err());
    board.show(Signal::Red).unwrap();
    board
        .light(Lamp::Infrared, Brightness::FULL, ms(0))
        .unwrap();
    assert_eq!(bench.tower(), Some(Signal::Red));
    // With the white lamp unplugged everything else still goes dark.
    assert!(board.dark(ms(1)).is_err());
    assert_eq!(bench.tower(), Some(Signal::Dark));
    assert_eq!(bench.brightness(Lamp::Infrared), Brightness::DARK);
    bench.plug(Part::White);
    board.dark(ms(2)).unwrap();
}

#[test]
fn a_stuck_ultraviolet_lamp_does_not_keep_the_buzzer_sounding() {
    let (mut board, bench) = bench();
    let longest = ExposureLimit::default().longest;
    board
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(0))
        .unwrap();
    board.beep(ms(100), ms(0)).unwrap();
    bench.pull(Part::Ultraviolet);
    assert!(matches!(
        board.tick(longest),
        Err(Fault::Brightness {
            part: Part::Ultraviolet,
            ..
        })
    ));
    assert!(!bench.buzzes());
    assert_eq!(bench.brightness(Lamp::Ultraviolet), Brightness::FULL);
    bench.plug(Part::Ultraviolet);
    board.tick(longest + ms(100)).unwrap();
    assert_eq!(bench.brightness(Lamp::Ultraviolet), Brightness::DARK);
}

#[test]
fn a_board_may_live_on_another_thread() {
    let (mut board, bench) = bench();
    std::thread::spawn(move || board.show(Signal::Green))
        .join()
        .unwrap()
        .unwrap();
    assert_eq!(bench.tower(), Some(Signal::Green));
}

#[test]
fn every_part_answers_through_the_board_and_an_absent_one_says_so() {
    let (mut board, bench) = bench();
    bench.set_lid(LidState::Shut);
    board.lid(ms(0)).unwrap();
    assert_eq!(board.lid(ms(100)), Ok(LidState::Shut));
    bench.open_case();
    board.tamper(ms(0)).unwrap();
    let opened = TamperState::Opened { at: ms(50) };
    assert_eq!(board.tamper(ms(50)), Ok(opened));
    bench.shut_case();
    board.tamper(ms(60)).unwrap();
    assert_eq!(board.tamper(ms(600)), Ok(opened), "it latches");
    board.seal_case(ms(700)).unwrap();
    assert_eq!(board.tamper(ms(800)), Ok(TamperState::Sealed));
    bench.press();
    board.button(ms(0)).unwrap();
    board.button(ms(30)).unwrap();
    bench.let_go();
    board.button(ms(300)).unwrap();
    assert_eq!(board.button(ms(330)), Ok(Some(Press::Short)));
    bench.set_charge(42);
    assert_eq!(board.battery().unwrap().charge.round(), 42.0);
    board.set_clock(1_795_935_909).unwrap();
    bench.pass(Duration::from_secs(61));
    assert_eq!(board.clock(), Ok(ClockReading::Time(1_795_935_970)));
    bench.stop_clock();
    assert_eq!(board.clock(), Ok(ClockReading::Lost));
    assert_eq!(board.degrees(), Ok(25.0));
    let fed = bench.fed();
    for at in 0..10 {
        board.tick(ms(at * 100)).unwrap();
    }
    assert!(bench.fed() >= fed + 4, "the watchdog is fed by ticks");
}

#[test]
fn a_chip_in_the_simulated_field_answers_through_the_real_driver() {
    let pulled = chip_in_field(BenchBoard::new().unwrap());
    assert!(
        matches!(
            pulled,
            Fault::Bus {
                part: Part::Nfc,
                ..
            }
        ),
        "{pulled}"
    );
}

#[test]
fn a_front_end_on_spi_is_driven_like_one_on_i2c() {
    let pulled = chip_in_field(BenchBoard::on_spi().unwrap());
    assert!(
        matches!(
            pulled,
            Fault::Spi {
                part: Part::Nfc,
                ..
            }
        ),
        "{pulled}"
    );
}

/// What a front end does with chips, on whichever bus it hangs; its fault when the connector is out.
fn chip_in_field((mut board, bench): (BenchBoard, Bench)) -> Fault {
    // It echoes: the command's length and bytes back, in an answer longer than any frame.
    bench.set_chip(Some(Box::new(|apdu: &[u8]| {
        let mut answer: Vec<u8> = apdu.to_vec();
        answer.resize(600, 0xAB);
        answer.extend([0x90, 0x00]);
        answer
    })));
    let mut nfc = board.take_nfc().unwrap();
    nfc.start().unwrap();
    assert_eq!(nfc.find(), Ok(Some(Card::TypeA)));
    let command: Vec<u8> = (0..400u16).map(|i| i as u8).collect();
    let mut out = [0; 1024];
    let length = nfc.exchange(&command, &mut out).unwrap();
    assert_eq!(length, 602);
    assert_eq!(out[..400], command[..]);
    assert_eq!(out[600..602], [0x90, 0x00]);
    assert_eq!(
        nfc.exchange(&command, &mut [0; 100]),
        Err(NfcFault::TooLong)
    );
    // Taken away in the middle.
    nfc.find().unwrap();
    bench.set_chip(None);
    assert_eq!(nfc.exchange(&command, &mut out), Err(NfcFault::Gone));
    assert_eq!(nfc.find(), Ok(None));
    bench.pull(Part::Nfc);
    match nfc.start() {
        Err(NfcFault::FrontEnd(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lamp_warms_up_ages_and_cools() {
    let (mut board, bench) = bench();
    board.light(Lamp::White, Brightness::FULL, ms(0)).unwrap();
    assert!((bench.light(Lamp::White) - 1.0).abs() < 1e-9, "cold");
    bench.pass(WARM_UP);
    let part = bench.light(Lamp::White);
    assert!(part < 1.0 - DROOP / 2.0 && part > 1.0 - DROOP, "{part}");
    bench.pass(WARM_UP * 8);
    assert!(
        (bench.light(Lamp::White) - (1.0 - DROOP)).abs() < 1e-3,
        "warm"
    );
    bench.age(Lamp::White, 0.8);
    assert!((bench.light(Lamp::White) - 0.8 * (1.0 - DROOP)).abs() < 1e-3);
    board.light(Lamp::White, Brightness::DARK, ms(1)).unwrap();
    assert_eq!(bench.light(Lamp::White), 0.0);
    bench.pass(WARM_UP * 8);
    board.light(Lamp::White, Brightness::FULL, ms(2)).unwrap();
    assert!((bench.light(Lamp::White) - 0.8).abs() < 1e-3, "cold again");
}

#[test]
fn a_board_description_is_read_whole_or_refused() {
    let reference = Description::reference();
    assert!(reference.has(BusDevice::Nfc));
    assert_eq!(reference.exposure_limit(), ExposureLimit::default());
    let text = include_str!("../boards/reference.toml");
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Description::parse(&text.replace(from, to))
    };
    use DescriptionError as Wrong;
    assert!(matches!(
        with("version = 1", "version = 2"),
        Err(Wrong::Newer(2))
    ));
    assert_eq!(
        with("tray = { pin = 17", "tray = { pin = 13"),
        Err(Wrong::Twice(Part::TowerRed, Part::Tray, 13))
    );
    // The bus has pins too.
    assert_eq!(
        with("tray = { pin = 17", "tray = { pin = 3"),
        Err(Wrong::Twice(Part::Tray, Part::FuelGauge, 3))
    );
    assert!(with("bus = 1", "bus = 4").is_ok());
    assert_eq!(
        with("tray = { pin = 17", "tray = { pin = 40"),
        Err(Wrong::NoSuchPin(Part::Tray, 40))
    );
    assert_eq!(
        with("infrared = { pwm = 1 }", "infrared = { pwm = 0 }"),
        Err(Wrong::NoSuchChannel(Part::Infrared, 0))
    );
    assert_eq!(
        with("longest_ms = 3000", "longest_ms = 60000"),
        Err(Wrong::Exposure(60_000))
    );
    assert!(matches!(
        with("ultraviolet_rest_ms = 6000", "ultraviolet_rest_ms = 1"),
        Err(Wrong::Exposure(_))
    ));
    assert!(matches!(with("[i2c]", "[i2d]"), Err(Wrong::Malformed(_))));
    // A front end on SPI: named once, on a device that the header has, whose pins are then taken.
    let on_spi = |line: &str, devices: &str| {
        let text = text.replace("button =", &format!("{line}\nbutton ="));
        Description::parse(&text.replace(", \"nfc\"]", devices))
    };
    let spi = "nfc_spi = { bus = 0, select = 1 }";
    let described = on_spi(spi, "]").unwrap();
    assert_eq!(described.nfc_spi.map(|s| (s.bus, s.select)), Some((0, 1)));
    assert!(!described.has(BusDevice::Nfc));
    assert_eq!(on_spi(spi, ", \"nfc\"]"), Err(Wrong::FrontEndTwice));
    let other = "nfc_spi = { bus = 1, select = 0 }";
    assert_eq!(on_spi(other, "]"), Err(Wrong::NoSuchSpi(1, 0)));
    let taken = text.replace("lid = { pin = 22", "lid = { pin = 10");
    let taken = taken
        .replace(", \"nfc\"]", "]")
        .replace("button =", &format!("{spi}\nbutton ="));
    let taken = Description::parse(&taken).unwrap_err();
    assert_eq!(taken, Wrong::Twice(Part::Lid, Part::Nfc, 10));
    // Parts that a box does without.
    let bare = with("watchdog = { pin = 25 }", "").unwrap();
    assert_eq!(bare.watchdog, None);
    // A program that cannot feed the watchdog leaves that pin alone, and no other.
    assert_eq!(Description::reference().unwatched(), bare);
    for end in 0..text.len() {
        // A torn file is read or refused, and never a panic.
        let _ = Description::parse(&text[..end]);
    }
}

#[test]
fn the_pins_of_the_lamps_channels_are_taken_too() {
    let text = include_str!("../boards/reference.toml");
    let with = |changes: &[(&str, &str)]| {
        let mut text = text.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        Description::parse(&text)
    };
    use DescriptionError as Wrong;
    let tray_on_18 = ("tray = { pin = 17", "tray = { pin = 18");
    assert_eq!(
        with(&[tray_on_18]),
        Err(Wrong::Twice(Part::Tray, Part::White, 18))
    );
    assert_eq!(
        with(&[("lid = { pin = 22", "lid = { pin = 19")]),
        Err(Wrong::Twice(Part::Infrared, Part::Lid, 19))
    );
    // A machine whose set-up puts a channel on its other pin says so; then that one is taken.
    let white_on_12 = ("white = { pwm = 0 }", "white = { pwm = 0, pin = 12 }");
    assert_eq!(
        with(&[white_on_12]),
        Err(Wrong::Twice(Part::Buzzer, Part::White, 12))
    );
    let buzzer_on_16 = ("buzzer = 12", "buzzer = 16");
    let described = with(&[white_on_12, buzzer_on_16, tray_on_18]).unwrap();
    assert_eq!(described.tray.pin, 18);
    assert_eq!(
        with(&[("white = { pwm = 0 }", "white = { pwm = 0, pin = 19 }")]),
        Err(Wrong::NoSuchChannelPin(Part::White, 0, 19))
    );
    assert_eq!(
        with(&[("white = { pwm = 0 }", "white = { pwm = 2 }")]),
        Err(Wrong::NoSuchChannel(Part::White, 2))
    );
}

#[test]
fn a_lamp_s_channel_on_a_pi_5_is_that_of_its_pin() {
    // rppal's page on its pwm module: PWM0 is GPIO12, PWM1 GPIO13, PWM2 GPIO18, PWM3 GPIO19 on a Pi 5.
    for (pwm, pin, channel) in [
        (0, None, Some(2)),
        (1, None, Some(3)),
        (0, Some(12), Some(0)),
        (0, Some(18), Some(2)),
        (1, Some(13), Some(1)),
        (1, Some(19), Some(3)),
        (0, Some(17), None),
        (2, None, None),
    ] {
        let found = Description::channel_on_pi_5(pwm, pin);
        assert_eq!(found, channel, "{pwm} {pin:?}");
    }
}

#[test]
fn what_a_technician_mistyped_is_named_with_its_line() {
    let text = include_str!("../boards/reference.toml");
    let line = 1 + text.lines().position(|l| l.starts_with("white")).unwrap();
    // A relay board's word on a channel that has none would leave the lamp burning.
    for mistyped in [
        "{ pwm = 0, active_low = true }",
        "{ pmw = 0 }",
        "{ pin = 16, active = 1 }",
    ] {
        let refused = Description::parse(
            &text.replace("white = { pwm = 0 }", &format!("white = {mistyped}")),
        );
        let said = refused.unwrap_err().to_string();
        assert!(said.contains(&format!("line {line}: a lamp is")), "{said}");
    }
    let none = Description::parse(&text.replace("version = 1", "version = 0"));
    assert_eq!(none, Err(DescriptionError::Newer(0)));
}

#[test]
fn a_part_that_does_not_start_is_named_and_the_others_work() {
    let pulled = [Part::White, Part::Buzzer];
    let unopened = [Part::TowerRed, Part::Infrared, Part::Lid, Part::FuelGauge];
    let (mut board, bench) = BenchBoard::begun(&pulled, &unopened).unwrap();
    let named: BTreeSet<Part> = board.not_started().iter().map(|n| n.part).collect();
    assert_eq!(named, pulled.into_iter().chain(unopened).collect());
    assert!(board.not_started().iter().all(|n| n.why.contains("; ")));
    // The tower's other lamps shine, and the one that is not there leaves none beside it.
    board.show(Signal::Green).unwrap();
    assert_eq!(bench.tower(), Some(Signal::Green));
    assert!(board.show(Signal::Red).is_err());
    assert_eq!(bench.tower(), Some(Signal::Dark));
    board.show(Signal::Yellow).unwrap();
    assert_eq!(bench.tower(), Some(Signal::Yellow));
    assert!(
        board
            .light(Lamp::Infrared, Brightness::FULL, ms(0))
            .is_err()
    );
    board
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(0))
        .unwrap();
    board
        .light(Lamp::Ultraviolet, Brightness::DARK, ms(1))
        .unwrap();
    assert_eq!(board.lid(ms(0)), Err(Fault::NotOpened { part: Part::Lid }));
    assert_eq!(
        board.battery(),
        Err(Fault::NotOpened {
            part: Part::FuelGauge
        })
    );
    assert_eq!(board.tray(ms(0)), Ok(TrayState::Empty));
    assert!(board.clock().is_ok() && board.button(ms(0)).is_ok());
    assert!(board.take_nfc().is_ok());
    let gone = board.take_nfc().err();
    assert_eq!(
        gone,
        Some(Fault::NotFitted { part: Part::Nfc }),
        "it was taken"
    );
    // What was only pulled comes to itself.
    assert!(board.light(Lamp::White, Brightness::FULL, ms(2)).is_err());
    assert!(board.tick(ms(2)).is_err(), "the buzzer is tried again");
    bench.plug(Part::White);
    bench.plug(Part::Buzzer);
    board.light(Lamp::White, Brightness::FULL, ms(3)).unwrap();
    board.tick(ms(3)).unwrap();
    board.beep(ms(100), ms(4)).unwrap();
    assert!(bench.buzzes());
    board.dark(ms(5)).unwrap();
    assert_eq!(bench.tower(), Some(Signal::Dark));
}

#[test]
fn an_ultraviolet_lamp_that_did_not_go_out_at_the_start_is_put_out_by_ticks_and_rests() {
    let (mut board, bench) = BenchBoard::begun(&[Part::Ultraviolet], &[]).unwrap();
    assert!(board.tick(ms(0)).is_err());
    bench.plug(Part::Ultraviolet);
    board.tick(ms(100)).unwrap();
    let rest = ExposureLimit::default().rest;
    assert!(matches!(
        board.light(Lamp::Ultraviolet, Brightness::FULL, ms(200)),
        Err(Fault::UltravioletResting { .. })
    ));
    board
        .light(Lamp::Ultraviolet, Brightness::FULL, ms(100) + rest)
        .unwrap();
}

#[test]
fn a_box_whose_tamper_switch_does_not_open_is_not_opened() {
    assert!(BenchBoard::begun(&[], &[Part::Tamper]).is_err());
}

/// Only where there can be no pins to touch.
#[cfg(all(feature = "pi", target_arch = "x86_64"))]
#[test]
fn a_machine_that_is_no_pi_is_refused_with_a_sentence() {
    use mpaka_firmware::board::pi::PiBoard;
    let refused = PiBoard::open(&Description::reference(), false).unwrap_err();
    assert!(
        refused.to_string().starts_with("cannot open the pins"),
        "{refused}"
    );
}

/// Only where there can be no pins to touch.
#[cfg(all(feature = "linux", target_arch = "x86_64"))]
#[test]
fn a_machine_without_pins_is_refused_with_a_sentence() {
    use mpaka_firmware::board::linux::LinuxBoard;
    let refused = LinuxBoard::open(&Description::reference(), false).unwrap_err();
    assert!(
        refused.to_string().starts_with("cannot open pin"),
        "{refused}"
    );
}
