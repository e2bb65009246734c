//! Pages are taken in the light in which the box was calibrated: its lamps burn for the frames that are read, and for
//! nothing else.
#![allow(clippy::unwrap_used, clippy::panic)]

use calibration::CalibrationError;
use calibration::plan::Eye;
use calibration::rig::Rig;
use firmware::Part;
use firmware::board::bench::{Bench, BenchBoard};
use firmware::lamps::{Brightness, Lamp};
use firmware::lid::{LID_SETTLE, LidState};
use firmware::tray::TrayState;
use page::profile::Light;
use page::source::SourceError;
use post::devices::{Camera, CameraError, Hardware, LaneRig, LitCamera, Shot, TICK, Traveller};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What becomes of a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Works,
    PulledOut,
    Panics,
}

#[derive(Debug)]
struct Seen {
    fate: Fate,
    /// The frame that the driver still holds: it was exposed when the one before was taken.
    held: String,
    /// What burnt whenever a frame was taken.
    burnt: Vec<String>,
}

/// A camera whose pictures say which lamps burnt when they were exposed, and nothing else.
#[derive(Debug, Clone)]
struct Witness(Bench, Arc<Mutex<Seen>>);

fn burning(bench: &Bench) -> String {
    Lamp::ALL
        .into_iter()
        .filter(|lamp| bench.brightness(*lamp) > Brightness::DARK)
        .map(|lamp| lamp.part().as_str())
        .collect::<Vec<_>>()
        .join(" and ")
}

impl Camera for Witness {
    fn take(&self, _: Traveller) -> Result<Shot, CameraError> {
        Ok(Shot {
            page: self.take_page()?,
            ..Shot::default()
        })
    }

    fn take_page(&self) -> Result<Vec<u8>, CameraError> {
        let fate = self.1.lock().unwrap().fate;
        match fate {
            Fate::Works => {}
            Fate::PulledOut => {
                return Err(CameraError::Source(SourceError::Lost {
                    name: "camera 0".into(),
                    why: "it was unplugged".into(),
                }));
            }
            Fate::Panics => panic!("the driver's own"),
        }
        let now = burning(&self.0);
        let mut seen = self.1.lock().unwrap();
        seen.burnt.push(now.clone());
        Ok(std::mem::replace(&mut seen.held, now).into_bytes())
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        Ok(Vec::new())
    }

    fn runs(&self) -> bool {
        true
    }
}

struct Lane {
    bench: Bench,
    hardware: Arc<Hardware>,
    witness: Witness,
    camera: Arc<LitCamera>,
}

impl Lane {
    /// A box on the bench whose profile was measured in these lights.
    fn measured_in(lights: &[Light]) -> Self {
        let (board, bench) = BenchBoard::new().unwrap();
        let hardware = Arc::new(Hardware::new(Box::new(board)));
        let seen = Seen {
            fate: Fate::Works,
            held: String::new(),
            burnt: Vec::new(),
        };
        let witness = Witness(bench.clone(), Arc::new(Mutex::new(seen)));
        let lights = lights.to_vec();
        let camera = LitCamera::new(witness.clone(), &hardware, move || lights.clone());
        Self {
            bench,
            hardware,
            witness,
            camera: Arc::new(camera),
        }
    }

    /// Lays a document down, or takes it away, and moves the lid; the desk tends the board until the switches are
    /// believed.
    fn lay(&self, tray: TrayState, lid: LidState) {
        self.bench.set_tray(tray);
        self.bench.set_lid(lid);
        let begun = Instant::now();
        while begun.elapsed() < LID_SETTLE * 4 {
            self.hardware.tick();
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn fares(&self, fate: Fate) {
        self.witness.1.lock().unwrap().fate = fate;
    }

    fn burning(&self) -> String {
        burning(&self.bench)
    }
}

const WHITE: &[u8] = b"white lamp";

#[test]
fn each_picture_of_a_page_is_taken_in_its_own_light_and_all_is_dark_afterwards() {
    let here = Lane::measured_in(&Light::ALL);
    here.lay(TrayState::Occupied, LidState::Shut);
    let shot = here.camera.take(Traveller::Next).unwrap();
    assert_eq!(shot.page, WHITE);
    assert_eq!(shot.infrared.unwrap(), b"infrared lamp");
    assert_eq!(shot.ultraviolet.unwrap(), b"ultraviolet lamp");
    assert_eq!(here.burning(), "");
    // The officer says that a page lies there: a tray that does not see it leaves nobody in the dark.
    here.lay(TrayState::Empty, LidState::Shut);
    let shot = here.camera.take(Traveller::Next).unwrap();
    assert_eq!(shot.page, WHITE);
    assert_eq!(here.burning(), "");
}

#[test]
fn nothing_is_asked_of_a_light_that_was_not_measured_or_that_the_hall_shines_into() {
    let others = |here: &Lane| {
        let shot = here.camera.take(Traveller::Next).unwrap();
        assert_eq!(shot.page, WHITE);
        assert_eq!(here.burning(), "");
        (shot.infrared.is_some(), shot.ultraviolet.is_some())
    };
    let never = Lane::measured_in(&[]);
    never.lay(TrayState::Occupied, LidState::Shut);
    assert_eq!(others(&never), (false, false));
    let here = Lane::measured_in(&Light::ALL);
    here.lay(TrayState::Occupied, LidState::Open);
    assert_eq!(others(&here), (false, false));
    here.lay(TrayState::Occupied, LidState::Shut);
    here.bench.pull(Part::Lid);
    assert_eq!(others(&here), (false, false), "the lid cannot be asked");
    here.bench.plug(Part::Lid);
    here.bench.pull(Part::Infrared);
    let shot = here.camera.take(Traveller::Next).unwrap();
    assert_eq!((shot.page.as_slice(), shot.infrared), (WHITE, None));
    let seen = here.witness.1.lock().unwrap();
    assert!(seen.burnt.iter().all(|lamps| !lamps.contains(" and ")));
}

#[test]
fn no_lamp_stays_lit_after_a_camera_that_gives_nothing() {
    let here = Lane::measured_in(&Light::ALL);
    here.lay(TrayState::Occupied, LidState::Shut);
    here.fares(Fate::PulledOut);
    let taken = here.camera.take(Traveller::Next);
    assert!(matches!(taken, Err(CameraError::Source(_))), "{taken:?}");
    assert_eq!(here.burning(), "");
    assert!(here.camera.take_page().is_err());
    assert_eq!(here.burning(), "");
    here.fares(Fate::Panics);
    let broke_off = catch_unwind(AssertUnwindSafe(|| here.camera.take(Traveller::Next)));
    assert!(broke_off.is_err());
    assert_eq!(here.burning(), "");
    // The next one works as if nothing had been.
    here.fares(Fate::Works);
    assert_eq!(here.camera.take(Traveller::Next).unwrap().page, WHITE);
}

#[test]
fn a_glass_that_is_watched_is_lit_while_something_lies_on_it() {
    let here = Lane::measured_in(&Light::ALL);
    here.lay(TrayState::Empty, LidState::Open);
    for _ in 0..4 {
        here.camera.take_page().unwrap();
        assert_eq!(here.burning(), "");
    }
    let burnt = std::mem::take(&mut here.witness.1.lock().unwrap().burnt);
    assert!(burnt.iter().all(String::is_empty), "{burnt:?}");
    here.lay(TrayState::Occupied, LidState::Open);
    assert_eq!(here.camera.take_page().unwrap(), WHITE);
    // It burns on to the next look, which needs not wait for it.
    assert_eq!(here.burning(), "white lamp");
    let frames = here.witness.1.lock().unwrap().burnt.len();
    assert_eq!(here.camera.take_page().unwrap(), WHITE);
    assert_eq!(here.witness.1.lock().unwrap().burnt.len(), frames + 1);
    // Nobody looks any more.
    let begun = Instant::now();
    while !here.burning().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it burns on");
        here.hardware.tick();
        std::thread::sleep(TICK);
    }
    // The document is taken away under the eye of whoever looks.
    assert_eq!(here.camera.take_page().unwrap(), WHITE);
    here.lay(TrayState::Empty, LidState::Open);
    here.camera.take_page().unwrap();
    assert_eq!(here.burning(), "");
    // The program ends while somebody looks.
    here.lay(TrayState::Occupied, LidState::Open);
    here.hardware.dark();
    here.camera.take_page().unwrap();
    assert_eq!(here.burning(), "");
}

#[test]
fn whoever_calibrates_has_the_lamps_to_herself() {
    let here = Lane::measured_in(&Light::ALL);
    here.lay(TrayState::Occupied, LidState::Shut);
    let camera = Arc::clone(&here.camera) as Arc<dyn Camera>;
    let mut rig = LaneRig::new(Arc::clone(&here.hardware), camera);
    rig.only(Some(Lamp::Infrared)).unwrap();
    let refused = here.camera.take(Traveller::Next);
    assert!(
        matches!(refused, Err(CameraError::GlassTaken)),
        "{refused:?}"
    );
    let refused = here.camera.take_page();
    assert!(
        matches!(refused, Err(CameraError::GlassTaken)),
        "{refused:?}"
    );
    assert_eq!(here.burning(), "infrared lamp");
    // Her own frames are taken as she has lit them; these hold words instead of a picture.
    let frame = rig.frame(Eye::Glass);
    assert!(
        matches!(frame, Err(CalibrationError::Frame(_))),
        "{frame:?}"
    );
    assert_eq!(here.burning(), "infrared lamp");
    drop(rig);
    assert_eq!(here.burning(), "");
    assert_eq!(here.camera.take(Traveller::Next).unwrap().page, WHITE);
}
