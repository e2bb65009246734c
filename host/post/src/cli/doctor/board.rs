//! The parts of the board, asked one by one; with `--smoke` also made to do something that a person sees.

use super::{Desk, DoctorArgs, Kind, PartObject};
use crate::appliance::Appliance;
use crate::devices::{Happened, Hardware, TICK, Tended};
use crate::error::PostError;
use crate::state::StateDir;
use firmware::board::description::{self, Description};
use firmware::clock::ClockReading;
use firmware::lamps::{Brightness, Lamp};
use firmware::lid::{LID_SETTLE, TamperState};
use firmware::tower::Signal;
use firmware::tray::SETTLE;
use firmware::{Fault, Part};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Note;

/// Below this charge the box should be on its supply, per cent.
const LOW_CHARGE: f32 = 25.0;
/// So far may the battery-backed clock and the system's differ.
const CLOCKS_DIFFER_SECONDS: i64 = 5;
/// How long each lamp and signal is shown.
const SHOWN: Duration = Duration::from_millis(600);
/// How long a hand is waited for.
const HANDS: Duration = Duration::from_secs(15);
/// How often a switch is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// Whether an open desk holds the board's pins: whoever opens them a second time puts out its lamps, and takes them away
/// when he goes. A simulated board is each program's own.
pub(super) fn is_the_desks(state: &Path, desk: Desk) -> bool {
    let described = Description::of_state(state).ok().flatten();
    let is_real = described.is_some_and(|described| described.board != description::Kind::Bench);
    desk == Desk::Open && is_real
}

/// The board's parts, and what was asked of them.
pub(super) fn of_box(
    state: &StateDir,
    args: &DoctorArgs,
    now: Timestamp,
) -> Result<Vec<PartObject>, PostError> {
    let hardware = match Hardware::of_state(state.root()) {
        Ok(hardware) => Arc::new(hardware),
        Err(e) => {
            return Ok(vec![PartObject::wrong(
                "board",
                e.to_string(),
                "mend board.toml in the state folder, or the account's groups",
            )]);
        }
    };
    // A bus that hangs is waited for, device by device, and the watchdog does not wait.
    let _tended = Tended::meanwhile(&hardware);
    if args.set_clock {
        hardware.set_clock(now)?;
    }
    // The tamper switch is believed once it has said the same for a while.
    let first = hardware.tick();
    std::thread::sleep(TICK);
    if [first, hardware.tick()].contains(&Happened::CaseOpened) {
        note_opened(state);
    }
    if args.seal_case {
        hardware.seal_case()?;
    }
    let mut told = parts(&hardware, now);
    if args.smoke {
        told.extend(smoke(&hardware));
    }
    Ok(told)
}

/// Whoever first sees that the case was opened writes it into the ledger: nobody is told a second time.
fn note_opened(state: &StateDir) {
    let noted = Appliance::open(state).and_then(|a| Ok(a.note(Note::CaseOpened)?));
    if let Err(e) = noted {
        tracing::error!("the ledger has no line about the opened case: {e}");
    }
}

/// What a part's fault means for the technician.
fn faulty(part: Part, kind: Kind, fault: &Fault) -> PartObject {
    let name = part.as_str();
    let object = match fault {
        Fault::NotFitted { .. } => PartObject::absent(name, "this box has none"),
        fault => wrong(name, &fault.to_string()),
    };
    object.of(kind)
}

/// What is wrong with a part; what is to be done stands after the semicolon.
fn wrong(name: &'static str, words: &str) -> PartObject {
    let (what, remedy) = words
        .split_once("; ")
        .unwrap_or((words, "check its connector"));
    PartObject::wrong(name, what, remedy)
}

fn answer<T>(
    part: Part,
    kind: Kind,
    answered: Result<T, Fault>,
    say: impl FnOnce(T) -> PartObject,
) -> PartObject {
    match answered {
        Ok(value) => say(value).of(kind),
        Err(fault) => faulty(part, kind, &fault),
    }
}

/// Every part that can be asked without anybody noticing.
pub(super) fn parts(hardware: &Hardware, now: Timestamp) -> Vec<PartObject> {
    let kind = match hardware.name() {
        "bench" => Kind::Simulated,
        _ => Kind::Real,
    };
    // A switch is believed once it has said the same for a while: heard now, asked then.
    let _ = (hardware.tray(), hardware.lid());
    std::thread::sleep(LID_SETTLE.max(SETTLE));
    let fine = |part: Part, detail: String| PartObject::fine(part.as_str(), detail);
    let not_started = hardware.not_started();
    let asked = vec![
        answer(Part::Tray, kind, hardware.tray(), |state| {
            fine(Part::Tray, format!("{state:?}").to_lowercase())
        }),
        answer(Part::Lid, kind, hardware.lid(), |state| {
            fine(Part::Lid, format!("{state:?}").to_lowercase())
        }),
        answer(Part::Tamper, kind, hardware.tamper(), |state| {
            match state {
            TamperState::Sealed => fine(Part::Tamper, "the case is shut".into()),
            TamperState::Opened { .. } => PartObject::wrong(
                Part::Tamper.as_str(),
                "the case was opened",
                "look into it; if nothing was touched, close the desk and seal it anew: mpaka doctor --seal-case; else call headquarters",
            )
            .by_circumstances(),
        }
        }),
        answer(Part::FuelGauge, kind, hardware.battery(), |battery| {
            let left = match battery.hours_left() {
                Some(hours) => format!("{hours:.0} h left"),
                None => "charging or full".to_owned(),
            };
            let detail = format!("{:.0} %, {:.2} V, {left}", battery.charge, battery.volts);
            if battery.charge < LOW_CHARGE {
                PartObject::wrong(Part::FuelGauge.as_str(), detail, "connect the supply")
                    .by_circumstances()
            } else {
                fine(Part::FuelGauge, detail)
            }
        }),
        answer(Part::Clock, kind, hardware.clock(), |reading| {
            clock(reading, kind, now)
        }),
        nfc(hardware, kind),
        PartObject::fine("tower and lamps", "see them with mpaka doctor --smoke").of(kind),
    ];
    // Why a part did not start is told once, and says more than that it does not answer.
    let told = |name: &str| not_started.iter().any(|n| n.part.as_str() == name);
    let mut parts: Vec<_> = asked.into_iter().filter(|p| !told(p.part)).collect();
    parts.extend(
        not_started
            .iter()
            .map(|n| wrong(n.part.as_str(), &n.why).of(kind)),
    );
    parts
}

fn clock(reading: ClockReading, kind: Kind, now: Timestamp) -> PartObject {
    let part = Part::Clock.as_str();
    match reading {
        ClockReading::Lost => PartObject::wrong(
            part,
            "it has stood still: its battery is empty",
            "replace its battery, then set it: mpaka doctor --set-clock",
        ),
        // The bench's clock keeps a day of its own.
        ClockReading::Time(_) if kind == Kind::Simulated => PartObject::fine(part, "runs"),
        ClockReading::Time(seconds) => {
            let apart = (seconds - now.as_second()).abs();
            if apart > CLOCKS_DIFFER_SECONDS {
                PartObject::wrong(
                    part,
                    format!("{apart} s apart from the system's"),
                    "find out which is right; then mpaka doctor --set-clock",
                )
            } else {
                PartObject::fine(part, "agrees with the system's")
            }
        }
    }
}

fn nfc(hardware: &Hardware, kind: Kind) -> PartObject {
    let name = Part::Nfc.as_str();
    match hardware.start_nfc() {
        Ok(firmware) => PartObject::fine(
            name,
            format!("PN532, firmware {}.{}", firmware.version, firmware.revision),
        )
        .of(kind),
        Err(firmware::nfc::NfcFault::FrontEnd(fault)) => faulty(Part::Nfc, kind, &fault),
        Err(fault) => PartObject::wrong(
            name,
            fault.to_string(),
            "check its connector and its supply",
        )
        .of(kind),
    }
}

/// Makes every part that can be seen or heard do something, and asks nobody: the technician watches.
pub(super) fn smoke(hardware: &Hardware) -> Vec<PartObject> {
    let kind = match hardware.name() {
        "bench" => Kind::Simulated,
        _ => Kind::Real,
    };
    let mut parts = Vec::new();
    let mut tell = |name: &'static str, part: Part, done: Result<(), Fault>| {
        parts.push(match done {
            Ok(()) => PartObject::fine(name, "told to; did it show?").of(kind),
            Err(fault) => faulty(part, kind, &fault),
        });
        std::thread::sleep(SHOWN);
        hardware.tick();
    };
    for (name, part, signal) in [
        ("smoke: green", Part::TowerGreen, Signal::Green),
        ("smoke: yellow", Part::TowerYellow, Signal::Yellow),
        ("smoke: red", Part::TowerRed, Signal::Red),
    ] {
        tell(name, part, hardware.signal(signal));
    }
    tell(
        "smoke: buzzer",
        Part::Buzzer,
        hardware.beep(Duration::from_millis(200)),
    );
    for (name, lamp) in [
        ("smoke: white", Lamp::White),
        ("smoke: infrared", Lamp::Infrared),
        ("smoke: ultraviolet", Lamp::Ultraviolet),
    ] {
        let lit = hardware.light(lamp, Brightness::FULL);
        tell(name, lamp.part(), lit);
        let _ = hardware.light(lamp, Brightness::DARK);
    }
    hardware.dark();
    match kind {
        Kind::Real => parts.extend(hands(hardware, kind, HANDS)),
        Kind::Simulated => parts.push(
            PartObject::absent("smoke: switches", "nobody has a hand on a simulated box").of(kind),
        ),
    }
    parts
}

/// The parts that a hand moves: each is waited for until it says something else than it did.
fn hands(hardware: &Hardware, kind: Kind, patience: Duration) -> Vec<PartObject> {
    type Look = fn(&Hardware) -> Result<String, Fault>;
    let said: [(&'static str, Part, &str, Look); 3] = [
        (
            "smoke: tray",
            Part::Tray,
            "lay something on the glass, or take it away",
            |h| h.tray().map(|s| format!("{s:?}")),
        ),
        ("smoke: lid", Part::Lid, "open the lid, or shut it", |h| {
            h.lid().map(|s| format!("{s:?}"))
        }),
        ("smoke: button", Part::Button, "press the button", |h| {
            h.button().map(|press| format!("{press:?}"))
        }),
    ];
    let mut parts = Vec::new();
    for (name, part, ask, look) in said {
        let begun = Instant::now();
        let before = match look(hardware) {
            Ok(before) => before,
            Err(fault) => {
                parts.push(faulty(part, kind, &fault));
                continue;
            }
        };
        eprintln!("{ask} ({} s)", patience.as_secs());
        let mut now = Ok(before.clone());
        while now.as_ref() == Ok(&before) && begun.elapsed() < patience {
            std::thread::sleep(LOOK);
            hardware.tick();
            now = look(hardware);
        }
        parts.push(match now {
            Ok(now) if now != before => {
                PartObject::fine(name, format!("{} to {}", before, now).to_lowercase()).of(kind)
            }
            Ok(_) => PartObject::wrong(
                name,
                "it said the same all the while",
                "check the switch and its connector",
            )
            .of(kind),
            Err(fault) => faulty(part, kind, &fault),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use firmware::board::bench::BenchBoard;
    use rules::Outcome;

    fn outcome(parts: &[PartObject], part: Part) -> Outcome {
        parts
            .iter()
            .find(|p| p.part == part.as_str())
            .unwrap()
            .outcome
    }

    #[test]
    fn an_open_desks_own_board_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let open = || is_the_desks(folder.path(), Desk::Open);
        assert!(!open(), "simulated");
        let file = folder.path().join(description::FILE);
        let reference = include_str!("../../../../../firmware/boards/reference.toml");
        std::fs::write(&file, reference).unwrap();
        assert!(open());
        assert!(!is_the_desks(folder.path(), Desk::Closed));
        let simulated = reference.replace("board = \"pi\"", "board = \"bench\"");
        std::fs::write(&file, simulated).unwrap();
        assert!(!open());
    }

    #[test]
    fn a_whole_board_is_well_and_each_fault_is_told_by_its_part() {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Hardware::new(Box::new(board));
        let now: Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
        for part in parts(&hardware, now) {
            assert_eq!(part.outcome, Outcome::Successful, "{part:?}");
        }
        for part in [
            Part::Tray,
            Part::Lid,
            Part::Tamper,
            Part::FuelGauge,
            Part::Clock,
        ] {
            bench.pull(part);
            let told = parts(&hardware, now);
            assert_eq!(outcome(&told, part), Outcome::Failed, "{part}");
            let wrong = told.iter().filter(|p| p.outcome == Outcome::Failed);
            assert_eq!(wrong.count(), 1, "{part} alone");
            bench.plug(part);
        }
        bench.set_charge(10);
        bench.stop_clock();
        let told = parts(&hardware, now);
        assert_eq!(outcome(&told, Part::FuelGauge), Outcome::Failed);
        assert_eq!(outcome(&told, Part::Clock), Outcome::Failed);
        hardware.set_clock(now).unwrap();
        assert_eq!(
            outcome(&parts(&hardware, now), Part::Clock),
            Outcome::Successful
        );
    }

    #[test]
    fn switches_are_told_as_they_stand_and_not_as_they_are_taken_to_begin_with() {
        let (board, bench) = BenchBoard::new().unwrap();
        bench.set_lid(firmware::lid::LidState::Shut);
        bench.set_tray(firmware::tray::TrayState::Occupied);
        let told = parts(&Hardware::new(Box::new(board)), Timestamp::UNIX_EPOCH);
        for (part, stands) in [(Part::Lid, "shut"), (Part::Tray, "occupied")] {
            let said = told.iter().find(|p| p.part == part.as_str()).unwrap();
            assert_eq!(said.detail, stands, "{part}");
        }
    }

    #[test]
    fn a_part_that_did_not_start_is_told_once_and_the_others_are_asked() {
        let gone = [Part::Lid, Part::TowerRed, Part::FuelGauge, Part::White];
        let (board, _) = BenchBoard::begun(&[], &gone).unwrap();
        let hardware = Hardware::new(Box::new(board));
        let now: Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
        let told = parts(&hardware, now);
        for part in gone {
            let said: Vec<_> = told.iter().filter(|p| p.part == part.as_str()).collect();
            assert_eq!(said.len(), 1, "{part}: {told:?}");
            assert_eq!(said[0].outcome, Outcome::Failed);
            assert!(!said[0].remedy.is_empty(), "{part}");
        }
        let wrong = told.iter().filter(|p| p.outcome == Outcome::Failed);
        assert_eq!(wrong.count(), gone.len(), "{told:?}");
        assert_eq!(outcome(&told, Part::Tray), Outcome::Successful);
    }

    #[test]
    fn switches_are_believed_to_work_once_a_hand_has_moved_them() {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Hardware::new(Box::new(board));
        let long = Duration::from_secs(60);
        // The other hand: moves each switch until it was seen.
        let stop = std::sync::atomic::AtomicBool::new(false);
        let told = std::thread::scope(|scope| {
            scope.spawn(|| {
                use std::sync::atomic::Ordering;
                let mut closed = false;
                while !stop.load(Ordering::Relaxed) {
                    closed = !closed;
                    bench.set_lid(match closed {
                        true => firmware::lid::LidState::Shut,
                        false => firmware::lid::LidState::Open,
                    });
                    bench.set_tray(match closed {
                        true => firmware::tray::TrayState::Occupied,
                        false => firmware::tray::TrayState::Empty,
                    });
                    if closed {
                        bench.press();
                    } else {
                        bench.let_go();
                    }
                    std::thread::sleep(Duration::from_millis(400));
                }
            });
            let told = hands(&hardware, Kind::Simulated, long);
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            told
        });
        for part in told {
            assert_eq!(part.outcome, Outcome::Successful, "{part:?}");
        }
        // What they were left at is believed; then nobody moves them: each is told, and a pulled one by its fault.
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(40));
            let _ = (hardware.tray(), hardware.lid(), hardware.button());
        }
        let none = hands(&hardware, Kind::Simulated, Duration::from_millis(60));
        assert!(
            none.iter().all(|p| p.outcome == Outcome::Failed),
            "{none:?}"
        );
        bench.pull(Part::Lid);
        let told = hands(&hardware, Kind::Simulated, Duration::from_millis(1));
        assert!(
            told.iter().any(|p| p.part == Part::Lid.as_str()),
            "{told:?}"
        );
    }
}
