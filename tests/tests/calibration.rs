//! Calibration against pressed scenes of known truth. The truth is what the scene was made from
//! (`utopia::reader`), never what the code under test says.

#![allow(clippy::unwrap_used, clippy::panic)]

use calibration::golden::Scan;
use calibration::session::{Session, Step};
use calibration::verdict::{Figure, Verdict, worst};
use calibration::{colour, focus, lamps, steps};
use jiff::Timestamp;
use models::zone::ZoneReader;
use mpaka_tests::utopia::reader::{Chart, Lit, Reader, Speck};
use mpaka_tests::utopia::{Fonts, Page, Seed, Traveller, drawn_face, press};
use page::profile::{Correction, Light};
use page::{Picture, Profile};
use rules::mrz::Format;

fn picture(reader: &Reader, chart: Chart, lit: Lit, shot: u64) -> Picture {
    Picture::from_rgb(reader.picture(chart, reader.glass, lit, shot))
}

fn now() -> Timestamp {
    "2026-11-29T08:00:00Z".parse().unwrap()
}

/// Calibrates a reader by everything but golden.
fn calibrated(reader: &Reader) -> Session {
    let mut session = Session::begun(now());
    steps::focus(
        &mut session,
        now(),
        &picture(reader, Chart::Focus, Lit::White, 1),
    )
    .unwrap();
    let views = (0..10).map(|i| {
        let seen = reader.picture(Chart::Chessboard, reader.held(i), Lit::White, 100 + i);
        Ok(Picture::from_rgb(seen))
    });
    let flat = picture(reader, Chart::Chessboard, Lit::White, 2);
    steps::geometry(&mut session, now(), views, &flat, |_| {}).unwrap();
    let white = picture(reader, Chart::Sheet, Lit::White, 3);
    let infrared = picture(reader, Chart::Sheet, Lit::Infrared, 4);
    let sheets = [(Light::White, &white), (Light::Infrared, &infrared)];
    let dark = picture(reader, Chart::Sheet, Lit::Dark, 5);
    steps::lamps(&mut session, now(), &sheets, Some(&dark)).unwrap();
    let chart = picture(reader, Chart::Patches, Lit::White, 6);
    steps::colour(&mut session, now(), &chart, &colour::drawn_references()).unwrap();
    session
}

fn profile(session: &Session) -> Profile {
    let geometry = session.measured.geometry.as_ref().unwrap();
    Profile {
        camera: geometry.camera,
        glass: geometry.glass,
        fields: session
            .measured
            .lamps
            .iter()
            .map(|l| l.field.clone())
            .collect(),
        colour: session.measured.colour.as_ref().unwrap().matrix,
    }
}

fn within(name: &str, found: f64, truth: f64, share: f64) {
    let wrong = (found / truth - 1.0).abs();
    println!(
        "{name}: {found:.4}, truth {truth:.4}, wrong by {:.3} %",
        100.0 * wrong
    );
    assert!(wrong <= share, "{name}: {found} is not {truth}");
}

#[test]
fn what_is_measured_is_what_the_scene_was_made_from() {
    for (seed, columns) in [(12, 1152), (13, 1152), (14, 1152)] {
        let reader = Reader::draw(Seed(seed), columns);
        let session = calibrated(&reader);
        let geometry = session.measured.geometry.as_ref().unwrap();
        println!(
            "seed {seed}, {columns} columns, rms {:.3} px",
            geometry.rms_px
        );
        // Intrinsics within half a per cent; the principal point by the picture's size.
        for k in [0, 1] {
            within(
                "focal length",
                geometry.camera.focal[k],
                reader.focal[k],
                0.005,
            );
            let side = f64::from(reader.size[k]);
            let beside = (geometry.camera.centre[k] - reader.centre[k]).abs() / side;
            assert!(
                beside <= 0.005,
                "principal point is {beside} of the side away"
            );
        }
        within("dpi", geometry.glass.dpi, reader.dpi(), 0.005);
        within(
            "isotropy",
            geometry.isotropy,
            reader.focal[0] / reader.focal[1],
            0.005,
        );
        for mark in session.measured.focus.as_ref().unwrap() {
            for mtf50 in mark.mtf50 {
                within("MTF50", mtf50, reader.mtf50(), 0.05);
            }
        }
        let colour = session.measured.colour.as_ref().unwrap();
        println!(
            "dE00 mean {:.2}, largest {:.2}",
            colour.mean(),
            colour.largest()
        );
        assert!(colour.mean() <= 2.0);
        // As taken the light falls by a third and colours are far off: there was something to measure.
        for lamp in &session.measured.lamps {
            println!(
                "evenness {:.3} before, {:.3} after",
                lamp.before, lamp.after
            );
            assert!(lamp.before < 0.9 && lamp.after >= 0.95);
        }
        assert!(colour.before.iter().sum::<f64>() / 24.0 > 4.0);
    }
}

#[test]
fn a_profile_sets_fresh_pictures_right() {
    let reader = Reader::draw(Seed(21), 1152);
    let profile = profile(&calibrated(&reader));
    let correction = Correction::of(profile).unwrap();
    let apply = |chart, lit, light, shot| {
        correction
            .apply(&picture(&reader, chart, lit, shot), light)
            .unwrap()
    };
    // Even: a sheet that the profile was not made from.
    for (lit, light) in [(Lit::White, Light::White), (Lit::Infrared, Light::Infrared)] {
        let sheet = apply(Chart::Sheet, lit, light, 900);
        let evenness = lamps::evenness_of(&sheet);
        println!("{light:?}: evenness of a fresh sheet {evenness:.3}");
        assert!(evenness >= 0.95);
    }
    // True in colour: measured as taken, for the profile has corrected it already.
    let chart = apply(Chart::Patches, Lit::White, Light::White, 901);
    let fresh = colour::measure(&chart, &colour::drawn_references(), None).unwrap();
    let mean = fresh.before.iter().sum::<f64>() / 24.0;
    println!("dE00 of a fresh chart: mean {mean:.2}");
    assert!(mean <= 2.0);
    // Straight and of the stated scale: the board's corners lie 11 mm apart, everywhere, both ways.
    let board = apply(Chart::Chessboard, Lit::White, Light::White, 902);
    let corners = calibration::geometry::corners(&board).unwrap().unwrap();
    let per_mm = correction.profile().glass.dpi / 25.4;
    let mut worst: f64 = 0.0;
    for (i, corner) in corners.iter().enumerate() {
        let at = |k: usize, step: f64| corners[0][k] + step * 11.0 * per_mm;
        // The card may lie turned a little; the drawn reader turns it by less than 0.4 degrees.
        let turn = (corners[8][1] - corners[0][1]) / (corners[8][0] - corners[0][0]);
        let (column, row) = ((i % 9) as f64, (i / 9) as f64);
        let expected = [at(0, column - turn * row), at(1, row + turn * column)];
        worst = worst.max((corner[0] - expected[0]).hypot(corner[1] - expected[1]));
    }
    println!(
        "corners of the corrected board: at most {:.3} mm off",
        worst / per_mm
    );
    assert!(worst / per_mm < 0.1);
}

/// A passport of Utopia on the glass of a reader whose lens bends lines and whose light falls by a third.
#[test]
fn a_passport_is_read_through_the_profile_at_the_scale_that_the_reader_has() {
    let (seed, today) = (Seed(61), jiff::civil::date(2026, 9, 1));
    let fonts = Fonts::load().unwrap();
    let traveller = Traveller::draw(seed, Format::Td3, today);
    let mut page = Page::new(traveller, Format::Td3, drawn_face(seed), today, seed);
    page.dpi = 450.0;
    let pressed = press(&page, &fonts).unwrap();
    let reader = Reader::draw(seed, 2304);
    let profile = profile(&calibrated(&reader));
    let correction = Correction::of(profile).unwrap();
    let taken = Picture::from_rgb(reader.print(&pressed.sides[0].picture, 450.0, 1));
    let flat = correction.apply(&taken, Light::White).unwrap();
    let read = page::read(&flat, &ZoneReader::load().unwrap(), None);
    let zone = read.zone.unwrap();
    assert_eq!(zone.lines, pressed.zone().unwrap().lines());
    let located = read.located.unwrap();
    within(
        "dpi by the zone",
        f64::from(located.dpi),
        reader.dpi(),
        0.01,
    );
    assert!(
        located.measures.tilt_degrees < 2.0,
        "{:?}",
        located.measures
    );
    // A picture of another size is not of this camera.
    let other = Picture::from_rgb(image::RgbImage::new(640, 480));
    assert!(correction.apply(&other, Light::White).is_err());
}

/// A small reader, for scans by the thousand: what drift asks is relative.
fn scanner(seed: u64) -> (Reader, Vec<[f64; 3]>, Scan) {
    let reader = Reader::draw(Seed(seed), 640);
    let light = reader.light(Chart::Focus, reader.glass, Lit::White);
    let golden = Scan::of(&Picture::from_rgb(reader.develop(&light, 1.0, 0)), &[]).unwrap();
    (reader, light, golden)
}

fn scan(reader: &Reader, shot: u64) -> Scan {
    Scan::of(&picture(reader, Chart::Focus, Lit::White, shot), &[]).unwrap()
}

fn figure<'a>(figures: &'a [Figure], name: &str) -> &'a Figure {
    figures.iter().find(|f| f.name == name).unwrap()
}

#[test]
fn a_thousand_scans_of_a_box_that_has_not_drifted_raise_no_alarm() {
    for seed in 0..4 {
        let (reader, light, golden) = scanner(31 + seed);
        for shot in 1..=250 {
            // A lamp is never twice the same to a per cent.
            let lamp = 1.0 + 0.01 * (((shot * 37) % 21) as f64 / 10.0 - 1.0);
            let today = Scan::of(&Picture::from_rgb(reader.develop(&light, lamp, shot)), &[]);
            let figures = golden.drift(&today.unwrap());
            assert_eq!(
                worst(&figures),
                Verdict::Green,
                "{seed} {shot}: {figures:?}"
            );
        }
    }
}

#[test]
fn a_fading_lamp_is_amber_beyond_five_per_cent_and_red_beyond_ten() {
    let (reader, light, golden) = scanner(41);
    for (lamp, expected) in [
        (1.0, Verdict::Green),
        (0.955, Verdict::Green),
        (1.04, Verdict::Green),
        (0.945, Verdict::Amber),
        (1.06, Verdict::Amber),
        (0.91, Verdict::Amber),
        (0.89, Verdict::Red),
        (0.5, Verdict::Red),
    ] {
        let today = Scan::of(&Picture::from_rgb(reader.develop(&light, lamp, 7)), &[]).unwrap();
        let figures = golden.drift(&today);
        let level = figure(&figures, "white_level");
        assert_eq!(level.verdict, expected, "{lamp}: {level:?}");
        // It is not mistaken for dust, a soft lens or a moved camera.
        for other in ["white_dust", "focus", "shift", "scale", "white_hue"] {
            assert_eq!(
                figure(&figures, other).verdict,
                Verdict::Green,
                "{other} at {lamp}"
            );
        }
    }
}

#[test]
fn dust_a_soft_lens_and_a_bumped_camera_are_each_told_by_name() {
    let (reader, _, golden) = scanner(42);
    let told = |reader: &Reader, name: &str| {
        let figures = golden.drift(&scan(reader, 9));
        (figure(&figures, name).clone(), figures)
    };
    let mut dusty = reader.clone();
    dusty.dust.push(Speck {
        at: [40.0, 30.0],
        radius: 1.6,
        takes: 0.9,
    });
    assert_eq!(told(&dusty, "white_dust").0.verdict, Verdict::Red);
    assert_eq!(told(&dusty, "shift").0.verdict, Verdict::Green);

    let mut soft = reader.clone();
    soft.blur_mm *= 1.07;
    assert_eq!(told(&soft, "focus").0.verdict, Verdict::Amber);
    soft.blur_mm = reader.blur_mm * 1.2;
    assert_eq!(told(&soft, "focus").0.verdict, Verdict::Red);

    // The truth in millimetres: limits at 0.25 and 0.5.
    for (moved, expected) in [
        (0.2, Verdict::Green),
        (0.3, Verdict::Amber),
        (0.45, Verdict::Amber),
        (0.6, Verdict::Red),
    ] {
        let mut bumped = reader.clone();
        bumped.glass.middle[0] += moved;
        let (shift, _) = told(&bumped, "shift");
        assert_eq!(shift.verdict, expected, "{moved}: {shift:?}");
        assert!((shift.value - moved).abs() < 0.03, "{moved}: {shift:?}");
    }
    let mut nearer = reader.clone();
    nearer.glass.middle[2] *= 0.985;
    assert_eq!(told(&nearer, "scale").0.verdict, Verdict::Red);
}

#[test]
fn a_scan_without_the_sheet_or_of_another_camera_is_no_scan() {
    let (reader, _, golden) = scanner(43);
    let blank = picture(&reader, Chart::Sheet, Lit::White, 1);
    assert!(Scan::of(&blank, &[]).is_err());
    let other = Reader::draw(Seed(43), 800);
    assert_eq!(worst(&golden.drift(&scan(&other, 1))), Verdict::Red);
}

#[test]
fn pictures_that_show_no_target_are_refused_with_a_sentence() {
    let mut session = Session::begun(now());
    let noise = image::RgbImage::from_fn(640, 480, |x, y| {
        image::Rgb([((x * 7919 + y * 104_729) % 251) as u8; 3])
    });
    for broken in [
        image::RgbImage::new(1, 1),
        image::RgbImage::new(3, 900),
        image::RgbImage::from_pixel(640, 480, image::Rgb([255; 3])),
        noise,
    ] {
        let broken = Picture::from_rgb(broken);
        assert!(focus::marks(&broken).is_err());
        assert!(colour::measure(&broken, &colour::drawn_references(), None).is_err());
        let none = std::iter::repeat_with(|| Ok(broken.clone())).take(8);
        assert!(steps::geometry(&mut session, now(), none, &broken, |_| {}).is_err());
        assert!(calibration::inks::measure(Light::Infrared, &broken, None).is_err());
        assert!(calibration::face_chart::eyes_px(&broken).is_err());
    }
    let black = Picture::from_rgb(image::RgbImage::new(640, 480));
    assert!(lamps::measure(Light::White, &black, None).is_err());
    assert!(session.steps.is_empty(), "nothing was noted");
    assert_eq!(session.next(), Some(Step::Focus));
}
