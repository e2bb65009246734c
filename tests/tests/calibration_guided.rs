//! A guided session in the simulated box: its own drivers light the lamps, its cameras are pressed from known truth, and
//! somebody lays down what is asked for. And the real program, told at its terminal.

#![allow(clippy::unwrap_used, clippy::panic)]

use calibration::CalibrationError;
use calibration::capture::{Manner, Told, take};
use calibration::colour::drawn_references;
use calibration::guide::{Answer, Ask, Ended, Guide, Technician, Which};
use calibration::plan::{Placement, VIEWS};
use calibration::report::of_box;
use calibration::rig::{BoxRig, Frames, Pace, Rig};
use calibration::sealed::{Distrust, Files, relied_on};
use calibration::session::{Session, Step, StepResult};
use calibration::steps;
use calibration::verdict::Verdict;
use core::time::Duration;
use firmware::board::bench::{Bench, BenchBoard, Dust};
use firmware::lamps::Lamp;
use firmware::lid::LidState;
use jiff::{SignedDuration, Timestamp};
use mpaka_tests::utopia::pressed_camera::{Hand, Laid, PressedCamera};
use mpaka_tests::utopia::reader::{Chart, Lit, Reader};
use mpaka_tests::utopia::{Fonts, Page, Seed, Traveller, drawn_face, press};
use mpaka_tests::whole::Programs;
use rules::mrz::Format;
use seal::device::DeviceKey;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::rc::Rc;
use std::sync::Arc;

/// Time of the bench: whoever waits lets it pass.
struct BenchTime {
    now: Rc<Cell<Duration>>,
    bench: Bench,
}

impl Pace for BenchTime {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn pass(&mut self, time: Duration) {
        self.now.set(self.now.get() + time);
        self.bench.pass(time);
    }
}

/// A simulated box with its cameras, and the hands on it.
struct Whole {
    reader: Reader,
    face: Reader,
    bench: Bench,
    glass_hand: Hand,
    face_hand: Hand,
    rig: BoxRig,
    now: Rc<Cell<Duration>>,
}

impl Whole {
    fn new(seed: u64, columns: u32) -> Self {
        let (reader, face) = (
            Reader::draw(Seed(seed), columns),
            Reader::draw(Seed(seed + 1), 1600),
        );
        let (board, bench) = BenchBoard::new().unwrap();
        bench.set_lid(LidState::Shut);
        let (glass_eye, glass_hand) = PressedCamera::over_the_glass(reader.clone(), bench.clone());
        let (face_eye, face_hand) = PressedCamera::of_faces(face.clone(), bench.clone());
        let now = Rc::new(Cell::new(Duration::ZERO));
        let pace = BenchTime {
            now: Rc::clone(&now),
            bench: bench.clone(),
        };
        let rig = BoxRig::new(
            Box::new(board),
            Box::new(glass_eye),
            Some(Box::new(face_eye)),
            Frames::Running,
            Box::new(pace),
        );
        Self {
            reader,
            face,
            bench,
            glass_hand,
            face_hand,
            rig,
            now,
        }
    }
}

/// Somebody who lays down what is asked for, and stops where she was told to.
struct Obedient<'a> {
    reader: &'a Reader,
    face: &'a Reader,
    glass: Hand,
    face_hand: Hand,
    print: Arc<image::RgbImage>,
    lines: Vec<String>,
    bench: Bench,
    stop_before: Option<Placement>,
    asked: Vec<Placement>,
    warmed: usize,
    results: Vec<(Step, Verdict)>,
    red: Vec<StepResult>,
}

impl Technician for Obedient<'_> {
    fn ask(&mut self, _: &mut dyn Rig, ask: Ask<'_>) -> Result<Answer, CalibrationError> {
        let (placement, taken) = match ask {
            Ask::Place { placement, taken } => (placement, taken),
            Ask::ShutTheLid => {
                self.bench.set_lid(LidState::Shut);
                return Ok(Answer::Ready);
            }
            Ask::AnotherSpecimen => return Ok(Answer::Skip),
            Ask::TryAgain(why) => panic!("{why}"),
            Ask::Mend(result) => {
                self.red.push(result.clone());
                return Ok(Answer::Skip);
            }
        };
        if self.stop_before == Some(placement) {
            return Ok(Answer::Stop);
        }
        self.asked.push(placement);
        let lying = |chart| Laid::Chart(chart, self.reader.glass);
        match placement {
            Placement::FocusSheet | Placement::SheetInLid => self.glass.lay(lying(Chart::Focus)),
            Placement::BoardHeld => {
                let pose = self.reader.held(taken as u64);
                self.glass.lay(Laid::Chart(Chart::Chessboard, pose));
            }
            Placement::BoardFlat => {
                // She lays it down and forgets the lid.
                self.bench.set_lid(LidState::Open);
                self.glass.lay(lying(Chart::Chessboard));
            }
            Placement::WhiteSheet => self.glass.lay(lying(Chart::Sheet)),
            Placement::Patches => self.glass.lay(lying(Chart::Patches)),
            Placement::InfraredCard => self.glass.lay(lying(Chart::InfraredCard)),
            Placement::UltravioletCard => self.glass.lay(lying(Chart::UltravioletCard)),
            Placement::Specimen => self.glass.lay(Laid::Print(Arc::clone(&self.print), 450.0)),
            Placement::FaceNear | Placement::FaceMiddle | Placement::FaceFar => {
                let millimetres = f64::from(placement.distance_cm().unwrap()) * 10.0;
                let pose = self.face.before_the_face(millimetres);
                self.face_hand.lay(Laid::Chart(Chart::Face, pose));
            }
        }
        Ok(Answer::Ready)
    }

    fn told(&mut self, told: Told) {
        if matches!(told, Told::Warming { .. }) {
            self.warmed += 1;
        }
    }

    fn measured(&mut self, _: &Session, result: &StepResult) {
        self.results.push((result.step, result.verdict));
    }

    fn specimen(&mut self) -> Result<Vec<String>, CalibrationError> {
        Ok(self.lines.clone())
    }
}

/// A passport of Utopia, its print and its zone.
fn specimen(seed: u64) -> (Arc<image::RgbImage>, Vec<String>) {
    let (seed, today) = (Seed(seed), jiff::civil::date(2026, 9, 1));
    let traveller = Traveller::draw(seed, Format::Td3, today);
    let mut page = Page::new(traveller, Format::Td3, drawn_face(seed), today, seed);
    page.dpi = 450.0;
    let pressed = press(&page, &Fonts::load().unwrap()).unwrap();
    let lines = pressed.zone().unwrap().lines();
    let lines = lines.iter().map(ToString::to_string).collect();
    (Arc::new(pressed.sides[0].picture.clone()), lines)
}

/// Pixels between the face chart's eyes by the truth: 62 mm apart, in the middle of the chart.
fn eyes_px(face: &Reader, millimetres: f64) -> f64 {
    let pose = face.before_the_face(millimetres);
    let [left, right] = [-31.0, 31.0].map(|x| face.seen(pose, [62.5 + x, 44.0 - 10.0]));
    (left[0] - right[0]).hypot(left[1] - right[1])
}

#[test]
fn a_box_is_calibrated_by_what_its_own_lamps_and_cameras_show() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::of(folder.path());
    let key = DeviceKey::open_or_create(&folder.path().join("device.key")).unwrap();
    let mut whole = Whole::new(51, 2304);
    let (print, lines) = specimen(61);
    let mut somebody = Obedient {
        reader: &whole.reader,
        face: &whole.face,
        glass: whole.glass_hand.clone(),
        face_hand: whole.face_hand.clone(),
        print,
        lines,
        bench: whole.bench.clone(),
        stop_before: Some(Placement::Patches),
        asked: Vec::new(),
        warmed: 0,
        results: Vec::new(),
        red: Vec::new(),
    };
    let manner = Manner {
        frames: 2,
        ..Manner::default()
    };
    let references = drawn_references();
    let guide = Guide {
        files: &files,
        manner: &manner,
        references: &references,
        now: Timestamp::now,
    };
    // Broken off in the middle: what is done is on disk, and is not asked for again.
    let mut session = Session::resume(&files, Timestamp::now()).unwrap();
    let ended = guide.run(Which::Open, &mut session, &mut whole.rig, &mut somebody);
    assert_eq!(ended.unwrap(), Ended::Stopped);
    drop(session);
    let mut session = Session::resume(&files, Timestamp::now()).unwrap();
    assert_eq!(session.next(), Some(Step::Colour));
    somebody.stop_before = None;
    let ended = guide.run(Which::Open, &mut session, &mut whole.rig, &mut somebody);
    assert_eq!(ended.unwrap(), Ended::Through);
    assert!(somebody.red.is_empty(), "{:?}", somebody.red);
    let asked_for = |p| somebody.asked.iter().filter(|a| **a == p).count();
    assert_eq!(asked_for(Placement::BoardHeld), VIEWS);
    for once in [
        Placement::FocusSheet,
        Placement::WhiteSheet,
        Placement::SheetInLid,
    ] {
        assert_eq!(asked_for(once), 1, "{once:?}");
    }
    assert!(somebody.warmed > 5, "lamps are watched while they warm up");
    assert_eq!(
        somebody.results.len(),
        Step::ALL.len(),
        "{:?}",
        somebody.results
    );

    // Every figure against what the scene was made from.
    let measured = &session.measured;
    let geometry = measured.geometry.as_ref().unwrap();
    let share = |name: &str, found: f64, truth: f64, most: f64| {
        let wrong = (found / truth - 1.0).abs();
        println!(
            "{name}: {found:.4}, truth {truth:.4}, wrong by {:.3} %",
            100.0 * wrong
        );
        assert!(wrong <= most, "{name}: {found} is not {truth}");
    };
    for k in [0, 1] {
        share(
            "focal length",
            geometry.camera.focal[k],
            whole.reader.focal[k],
            0.005,
        );
    }
    share("dpi", geometry.glass.dpi, whole.reader.dpi(), 0.005);
    for mark in measured.focus.as_ref().unwrap() {
        for mtf50 in mark.mtf50 {
            share("MTF50", mtf50, whole.reader.mtf50(), 0.05);
        }
    }
    for lamp in &measured.lamps {
        assert!(lamp.after >= 0.95, "{:?}", lamp.field.light);
    }
    assert_eq!(measured.lamps.len(), 3, "white, infrared, ultraviolet");
    assert!(
        measured.lamps.iter().all(|l| l.leak.is_some()),
        "the dark picture"
    );
    assert!(measured.colour.as_ref().unwrap().mean() <= 2.0);
    for ((cm, found), wanted) in measured.faces.iter().zip([40, 60, 100]) {
        assert_eq!(*cm, wanted);
        let truth = eyes_px(&whole.face, f64::from(*cm) * 10.0);
        share("eyes", *found, truth, 0.02);
    }
    let [bench] = measured.specimens.as_slice() else {
        panic!("{:?}", measured.specimens);
    };
    assert_eq!(
        (bench.name.as_str(), bench.readings, bench.wrong),
        ("P<UTO", 10, 0)
    );
    // Half an hour of a technician's time, the hands left out.
    let minutes = whole.now.get().as_secs() / 60;
    println!("lamps and cameras took {minutes} minutes");
    assert!(minutes < 25, "{minutes} minutes");

    // A profile holds for ninety days from what it was measured by, however late it is signed; what would be due at
    // once is measured anew.
    let now = Timestamp::now();
    let in_days = |days: i64| now + SignedDuration::from_hours(24 * days);
    let late = session.sign(&files, in_days(30)).unwrap();
    assert_eq!(late.valid_until, in_days(90));
    let resumed = |days| Session::resume(&files, in_days(days)).unwrap();
    assert!(resumed(82).missing().is_empty());
    assert_eq!(resumed(83).next(), Some(Step::Focus));
    assert!(matches!(
        session.sign(&files, in_days(83)),
        Err(CalibrationError::NotReady { steps }) if steps.contains("geometry")
    ));
    session.sign(&files, now).unwrap();
    assert!(relied_on(&files, &key.public(), now).unwrap().is_some());

    // `mpaka page` reads through it, unless it is told not to.
    let programs = Programs::beside_this().unwrap();
    let (print, lines) = specimen(62);
    let page = folder.path().join("page.ppm");
    whole.reader.print(&print, 450.0, 9).save(&page).unwrap();
    let read = |more: &[&str]| -> serde_json::Value {
        let output = programs
            .mpaka()
            .arg("--state")
            .arg(folder.path())
            .args(["--json", "page"])
            .arg(&page)
            .args(more)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let calibrated = read(&[]);
    assert_eq!(calibrated["calibrated"], true);
    assert_eq!(calibrated["mrz"], serde_json::json!(lines));
    share(
        "dpi of the page",
        calibrated["dpi"].as_f64().unwrap(),
        whole.reader.dpi(),
        0.01,
    );
    assert_eq!(read(&["--as-taken"])["calibrated"], serde_json::Value::Null);
    let page_answers = |read: &serde_json::Value| {
        let checks = read["checks"].as_array().unwrap().iter();
        let of_page = checks.filter(|c| c["check"].as_str().unwrap().starts_with("page."));
        of_page
            .filter(|c| c["outcome"] == "Successful" || c["outcome"] == "Failed")
            .count()
    };
    assert!(page_answers(&calibrated) > 0, "{calibrated}");

    // Later: dust, wiped off again, and a knock.
    let mut scan = |change: &dyn Fn(&Bench)| {
        change(&whole.bench);
        whole
            .glass_hand
            .lay(Laid::Chart(Chart::Focus, whole.reader.glass));
        let shots = take(&mut whole.rig, Placement::SheetInLid, &manner, &mut |_| {}).unwrap();
        steps::drift(&files, Timestamp::now(), &shots).unwrap()
    };
    let red = |scan: &calibration::sealed::DriftScan| -> Vec<String> {
        let red = scan.figures.iter().filter(|f| f.verdict == Verdict::Red);
        red.map(|f| f.name.clone()).collect()
    };
    let dusty = scan(&|bench| {
        bench.disturb(|optics| {
            optics.dust.push(Dust {
                at_mm: [80.0, 60.0],
                radius_mm: 1.5,
            });
        });
    });
    assert!(red(&dusty).contains(&"white_dust".to_owned()), "{dusty:?}");
    assert!(matches!(
        relied_on(&files, &key.public(), now),
        Err(Distrust::Drifted(_))
    ));
    // Nothing is answered of a page then, and nothing failed.
    let distrusted = read(&[]);
    assert_eq!(distrusted["calibrated"], serde_json::Value::Null);
    assert_eq!(page_answers(&distrusted), 0, "{distrusted}");
    let bumped = scan(&|bench| {
        bench.disturb(|optics| {
            optics.dust.clear();
            optics.knocked_mm = [0.3, 1.2];
        });
    });
    assert!(red(&bumped).contains(&"shift".to_owned()), "{bumped:?}");

    // The report shows the bench and the face chart as well.
    let report = of_box(&files, Timestamp::now()).unwrap().html;
    for shown in ["P&#60;UTO", "eyes_at_60_cm", "readings_of_each"] {
        assert!(report.contains(shown), "{shown}");
    }
    if let Some(keep) = std::env::var_os("MPAKA_KEEP_REPORT") {
        std::fs::write(keep, report).unwrap();
    }
}

#[test]
fn what_moves_while_it_is_photographed_and_a_lamp_that_does_not_settle_are_told() {
    struct Flickering {
        level: f64,
        frames: Frames,
        moves: bool,
        taken: u32,
        lit: Option<Lamp>,
        /// Under this lamp the camera gives nothing.
        blind_under: Option<Lamp>,
    }
    impl Rig for Flickering {
        fn only(&mut self, lamp: Option<Lamp>) -> Result<(), CalibrationError> {
            self.lit = lamp;
            Ok(())
        }
        fn pass(&mut self, _: Duration) {
            self.level *= 0.95;
        }
        fn frame(&mut self, _: calibration::plan::Eye) -> Result<page::Picture, CalibrationError> {
            self.taken += 1;
            if self.lit.is_some() && self.lit == self.blind_under {
                return Err(CalibrationError::NoFrame);
            }
            let level = (self.level * 200.0) as u8;
            let shift = if self.moves { self.taken * 9 } else { 0 };
            let picture = image::RgbImage::from_fn(320, 240, |x, _| {
                let dark = (x + shift) / 40 % 2 == 0;
                image::Rgb([if dark { level / 4 } else { level }; 3])
            });
            Ok(page::Picture::from_rgb(picture))
        }
        fn frames(&self) -> Frames {
            self.frames
        }
        fn has(&self, _: calibration::plan::Eye) -> bool {
            true
        }
        fn lid_is_open(&mut self) -> bool {
            false
        }
        fn pressed(&mut self) -> bool {
            false
        }
    }
    let with = |frames, moves| Flickering {
        level: 1.0,
        frames,
        moves,
        taken: 0,
        lit: None,
        blind_under: None,
    };
    let cold = Manner {
        warm_up: Duration::ZERO,
        ..Manner::default()
    };
    let shoot = |rig: &mut Flickering, manner: &Manner| {
        take(rig, Placement::FocusSheet, manner, &mut |_| {}).map(|shots| shots.len())
    };
    let moved = shoot(&mut with(Frames::Running, true), &cold);
    assert!(matches!(moved, Err(CalibrationError::Moved)), "{moved:?}");
    assert_eq!(shoot(&mut with(Frames::Running, false), &cold).unwrap(), 1);
    let unsteady = shoot(&mut with(Frames::Running, false), &Manner::default());
    assert!(
        matches!(unsteady, Err(CalibrationError::Unsteady { lamp: "white lamp", percent }) if percent < -4.0),
        "{unsteady:?}"
    );
    assert!(unsteady.unwrap_err().is_for_another_try());

    // A camera that fails under ultraviolet: whoever lifts the lid to look does not look into that lamp.
    let mut blind = Flickering {
        blind_under: Some(Lamp::Ultraviolet),
        ..with(Frames::Running, false)
    };
    let failed = take(&mut blind, Placement::UltravioletCard, &cold, &mut |_| {});
    assert!(
        matches!(failed, Err(CalibrationError::NoFrame)),
        "{failed:?}"
    );
    assert_eq!(blind.lit, Some(Lamp::White));
}

/// The program at a terminal: a folder is its camera, filled as it is told on standard error.
#[test]
fn the_program_says_what_to_lay_down_and_which_picture_it_takes() {
    let programs = Programs::beside_this().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (state, shots) = (folder.path().join("state"), folder.path().join("shots"));
    std::fs::create_dir_all(&shots).unwrap();
    let reader = Reader::draw(Seed(55), 800);
    let mut child = programs
        .mpaka_calibrate()
        .args(["--json", "--state"])
        .arg(&state)
        .args([
            "session",
            "--only",
            "lamps",
            "--frames",
            "1",
            "--warm-up",
            "0",
        ])
        .arg("--camera")
        .arg(format!("folder:{}", shots.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut heard = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.contains("q: stop here") {
            writeln!(stdin).unwrap();
        }
        // The simulated board's lid is nobody's to shut from here.
        if line.contains("the lid is open") {
            writeln!(stdin, "s").unwrap();
        }
        let lit = [
            ("every lamp out: taking dark", Lit::Dark),
            ("white lamp: taking white", Lit::White),
            ("infrared lamp: taking infrared", Lit::Infrared),
            ("ultraviolet lamp: taking ultraviolet", Lit::Ultraviolet),
        ];
        if let Some((_, lit)) = lit.iter().find(|(said, _)| line.trim().starts_with(said)) {
            let picture = reader.picture(Chart::Sheet, reader.glass, *lit, 7);
            picture.save(shots.join(format!("{lit:?}.ppm"))).unwrap();
        }
        heard.push_str(&line);
        heard.push('\n');
    }
    let mut answer = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut answer)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{heard}");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["steps"][0]["step"], "lamps", "{answer}");
    assert_eq!(answer["steps"][0]["verdict"], "green", "{answer}");
    assert_eq!(answer["next"], "focus");
    assert!(heard.contains("Cover the whole glass"), "{heard}");
    let session = Session::open(&Files::of(&state)).unwrap().unwrap();
    assert_eq!(session.measured.lamps.len(), 3);
}
