//! A whole box as the appliance holds it: behind the trait, on the bench.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used)]

use core::time::Duration;
use mpaka_firmware::board::Board;
use mpaka_firmware::board::bench::{Bench, BenchBoard};
use mpaka_firmware::lamps::{Brightness, ExposureLimit, Lamp};
use mpaka_firmware::tower::Signal;
use mpaka_firmware::tray::TrayState;
use mpaka_firmware::{Fault, Part};

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

/// Only where there can be no pins to touch.
#[cfg(all(feature = "pi", target_arch = "x86_64"))]
#[test]
fn a_machine_that_is_no_pi_is_refused_with_a_sentence() {
    use mpaka_firmware::board::pi::{PiBoard, Wiring};
    let refused = PiBoard::open(&Wiring::default(), ExposureLimit::default()).unwrap_err();
    assert!(
        refused.to_string().starts_with("cannot open the pins"),
        "{refused}"
    );
}
