//! The press and the photographer of Utopia, through their public doors.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::RgbImage;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use jiff::civil::{Date, date};
use mpaka_tests::utopia::no_zone::photograph_without_zone;
use mpaka_tests::utopia::{
    Drawn, Fault, Fonts, Lamp, Legible, Level, Page, Photograph, Point, Pressed, Seed, Shot,
    Traveller, UtopiaError, draw_page, drawn_face, photograph, photograph_with, press,
};
use rules::mrz::Format;
use rules::{CheckId, Outcome};

const TODAY: Date = date(2026, 9, 1);

fn fonts() -> Fonts {
    Fonts::load().unwrap()
}

fn page(format: Format, seed: u64) -> Page {
    let seed = Seed(seed);
    let traveller = Traveller::draw(seed, format, TODAY);
    Page::new(traveller, format, drawn_face(seed), TODAY, seed)
}

/// A shot with no fault at all but this tilt and rotation.
fn faultless(tilt_degrees: f32, rotation_degrees: f32) -> Shot {
    let clean = Shot::draw(Level::Clean, Seed(0));
    Shot {
        dpi: 220.0,
        tilt_degrees,
        tilt_towards_degrees: 50.0,
        rotation_degrees,
        noise_levels: 0.0,
        shade: 0.0,
        wear: 0.0,
        margin: 0.1,
        jpeg_quality: 95,
        ..clean
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let fonts = fonts();
    let take = |format, level, seed| {
        let pressed = press(&page(format, seed).for_level(level), &fonts).unwrap();
        photograph(&pressed, &fonts, level, Seed(seed))
            .jpeg()
            .unwrap()
    };
    for (format, level) in [
        (Format::Td3, Level::Hard),
        (Format::Td1, Level::Moderate),
        (Format::MrvB, Level::Clean),
    ] {
        let once = take(format, level, 4);
        assert_eq!(once, take(format, level, 4), "{format} {level:?}");
        assert_ne!(once, take(format, level, 5), "{format} {level:?}");
    }
}

#[test]
fn every_pressed_zone_passes_the_rules() {
    for format in Format::ALL {
        for seed in 0..300 {
            let zone = Traveller::draw(Seed(seed), format, TODAY)
                .zone(format)
                .unwrap();
            assert_eq!(zone.format(), format);
            for check in zone.checks(TODAY) {
                let fine = matches!(check.outcome, Outcome::Successful | Outcome::NotSupported);
                // Nobody travels on a visa alone, however good it is.
                let visa_alone = check.check == CheckId::DocumentTravels
                    && matches!(format, Format::MrvA | Format::MrvB);
                // A birth date of which parts are unknown is properly Undetermined at most.
                let unknown = check.check == CheckId::ZoneDateOfBirth;
                assert!(
                    fine || unknown || visa_alone,
                    "{format} {seed}: {check:?} in {:?}",
                    zone.lines()
                );
                assert_ne!(check.outcome, Outcome::Failed, "{format} {seed}: {check:?}");
            }
        }
    }
}

#[test]
fn a_fault_fails_the_check_it_names_and_no_other() {
    let mut tried = 0;
    for format in Format::ALL {
        for fault in Fault::ALL {
            for seed in 0..40 {
                let traveller = Traveller::draw(Seed(seed), format, TODAY);
                let right = fault.befalls(traveller, TODAY).zone(format).unwrap();
                let zone = match fault.spoils(&right) {
                    Ok(zone) => zone,
                    Err(UtopiaError::FaultDoesNotFit { fault: named, .. }) => {
                        assert_eq!(named, fault);
                        continue;
                    }
                    Err(other) => panic!("{format} {fault}: {other}"),
                };
                let failed: Vec<CheckId> = zone
                    .checks(TODAY)
                    .into_iter()
                    .filter(|c| c.outcome == Outcome::Failed)
                    .map(|c| c.check)
                    .collect();
                let named: Vec<CheckId> = fault.fails().into_iter().collect();
                assert_eq!(failed, named, "{format} {fault} {seed}: {:?}", zone.lines());
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "only {tried} faults fitted");
}

#[test]
fn a_faulty_page_bears_its_fault() {
    let fonts = fonts();
    for fault in Fault::ALL {
        let mut page = page(Format::Td3, 21);
        page.traveller.personal_number = "ZE184226B".to_owned();
        page.fault = Some(fault);
        page.dpi = 60.0;
        let pressed = press(&page, &fonts).unwrap();
        assert_eq!(pressed.zone().is_none(), fault == Fault::ZoneAbsent);
        let failed: Vec<CheckId> = pressed
            .zone()
            .map(|zone| zone.checks(TODAY))
            .unwrap_or_default()
            .into_iter()
            .filter(|c| c.outcome == Outcome::Failed)
            .map(|c| c.check)
            .collect();
        assert_eq!(failed, Vec::from_iter(fault.fails()), "{fault}");
    }
}

#[test]
fn digits_that_a_format_lacks_cannot_be_spoilt() {
    let fonts = fonts();
    for (format, fault) in [
        (Format::Td1, Fault::CheckDigitOptional),
        (Format::MrvA, Fault::CheckDigitComposite),
    ] {
        let mut page = page(format, 1);
        page.fault = Some(fault);
        assert!(matches!(
            press(&page, &fonts),
            Err(UtopiaError::FaultDoesNotFit { .. })
        ));
    }
}

#[test]
fn a_resolution_beyond_the_press_is_refused() {
    for dpi in [0.0, -300.0, 49.0, 5000.0, f32::NAN, f32::INFINITY] {
        let mut page = page(Format::Td3, 1);
        page.dpi = dpi;
        assert!(
            matches!(press(&page, &fonts()), Err(UtopiaError::Resolution { .. })),
            "{dpi}"
        );
    }
}

#[test]
fn a_photograph_too_fine_for_memory_is_refused_at_the_press() {
    let shot = Shot {
        dpi: 9000.0,
        ..faultless(0.0, 0.0)
    };
    let mut page = page(Format::Td3, 1);
    page.dpi = shot.press_dpi();
    assert!(matches!(
        press(&page, &fonts()),
        Err(UtopiaError::Resolution { .. })
    ));
}

#[test]
fn the_print_has_the_size_and_pitch_that_doc_9303_gives() {
    let fonts = fonts();
    for (format, width_mm, height_mm) in [
        (Format::Td1, 85.6, 54.0),
        (Format::Td2, 105.0, 74.0),
        (Format::Td3, 125.0, 88.0),
        (Format::MrvA, 120.0, 80.0),
        (Format::MrvB, 105.0, 74.0),
    ] {
        let mut page = page(format, 2);
        page.dpi = 254.0;
        let pressed = press(&page, &fonts).unwrap();
        for side in &pressed.sides {
            assert_eq!(side.picture.width(), (width_mm * 10.0f32).round() as u32);
            assert_eq!(side.picture.height(), (height_mm * 10.0f32).round() as u32);
        }
        let side = pressed.sides.last().unwrap();
        let zone = side.zone.as_ref().unwrap();
        assert_eq!(zone.lines.len(), format.line_count());
        for line in &zone.lines {
            assert!((line.width - 2.54 * format.line_length() as f32).abs() < 1e-3);
            assert!(
                line.x >= 3.0 && line.x + line.width <= width_mm,
                "{format} {line:?}"
            );
            // The whole zone lies within the lowest 23.2 mm.
            assert!(
                line.y > height_mm - 23.2 && line.y + line.height < height_mm,
                "{format} {line:?}"
            );
        }
    }
}

/// Ink in each cell of the first zone line of a flat print, 0 (none) to 1.
fn ink_per_cell(pressed: &Pressed, line: usize) -> Vec<f32> {
    let side = pressed.sides.last().unwrap();
    let zone = side.zone.as_ref().unwrap();
    let rect = zone.lines[line];
    let count = zone.zone.lines()[line].len();
    let cell = rect.width / count as f32;
    (0..count)
        .map(|i| {
            let (x0, x1) = (
                (rect.x + cell * i as f32) * side.scale,
                (rect.x + cell * (i + 1) as f32) * side.scale,
            );
            let (y0, y1) = (rect.y * side.scale, (rect.y + rect.height) * side.scale);
            let (mut dark, mut all) = (0.0f32, 0.0f32);
            for y in y0 as u32..y1 as u32 {
                for x in x0 as u32..x1 as u32 {
                    all += 1.0;
                    dark += f32::from(u8::from(side.picture.get_pixel(x, y).0[1] < 110));
                }
            }
            dark / all
        })
        .collect()
}

#[test]
fn every_cell_of_the_zone_holds_a_character_of_its_own() {
    let fonts = fonts();
    for format in Format::ALL {
        let pressed = press(&page(format, 9), &fonts).unwrap();
        for line in 0..format.line_count() {
            for (i, ink) in ink_per_cell(&pressed, line).into_iter().enumerate() {
                assert!(
                    (0.03..0.45).contains(&ink),
                    "{format} line {line} cell {i}: {ink}"
                );
            }
        }
    }
}

#[test]
fn a_washed_out_zone_has_no_ink_left_and_an_infrared_one_has_all() {
    let fonts = fonts();
    let mut washed = page(Format::Td3, 9);
    washed.fault = Some(Fault::WashedOut);
    let ink = ink_per_cell(&press(&washed, &fonts).unwrap(), 1);
    assert!(ink.iter().sum::<f32>() / 44.0 < 0.01, "{ink:?}");
    let mut infrared = page(Format::Td3, 9);
    infrared.lamp = Lamp::Infrared;
    let ink = ink_per_cell(&press(&infrared, &fonts).unwrap(), 1);
    assert!(ink.iter().all(|i| *i > 0.03), "{ink:?}");
}

/// The page as seen, straightened from its corners in the truth onto the flat print's grid.
fn straightened(taken: &Photograph, pressed: &Pressed, side: usize) -> RgbImage {
    let flat = &pressed.sides[side].picture;
    let (w, h) = (flat.width() as f32, flat.height() as f32);
    // The truth counts from the corner of the first pixel, the library from its middle.
    let from = taken.truth.sides[side]
        .corners
        .map(|[x, y]| (x - 0.5, y - 0.5));
    let onto = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)].map(|(x, y)| (x - 0.5, y - 0.5));
    let projection = Projection::from_control_points(from, onto).unwrap();
    let mut out = RgbImage::new(flat.width(), flat.height());
    let none = Border::Constant(image::Rgb([0, 0, 0]));
    warp_into(
        &taken.picture,
        projection,
        Interpolation::Bilinear,
        none,
        &mut out,
    );
    out
}

/// How alike two pictures are within a box of pixels, the second taken so many pixels farther right and
/// down: the correlation of their green.
fn alike(a: &RgbImage, b: &RgbImage, [x, y, w, h]: [u32; 4], [right, down]: [u32; 2]) -> f32 {
    let values = |p: &RgbImage, dx: u32, dy: u32| -> Vec<f32> {
        let all: Vec<f32> = (y..y + h)
            .flat_map(|j| (x..x + w).map(move |i| (i, j)))
            .map(|(i, j)| f32::from(p.get_pixel(i + dx, j + dy).0[1]))
            .collect();
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        all.into_iter().map(|v| v - mean).collect()
    };
    let (a, b) = (values(a, 0, 0), values(b, right, down));
    let product = |u: &[f32], v: &[f32]| u.iter().zip(v).map(|(p, q)| p * q).sum::<f32>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[test]
fn the_corners_in_the_truth_map_the_page_back_onto_the_print() {
    let fonts = fonts();
    for (format, tilt, rotation) in [
        (Format::Td3, 0.0, 0.0),
        (Format::Td3, 25.0, 140.0),
        (Format::Td1, 18.0, -75.0),
        (Format::Td2, 10.0, 12.0),
        (Format::MrvA, 30.0, 200.0),
    ] {
        let mut page = page(format, 11);
        page.dpi = 220.0;
        let pressed = press(&page, &fonts).unwrap();
        let taken = photograph_with(
            &pressed,
            &fonts,
            Level::Easy,
            &faultless(tilt, rotation),
            Seed(1),
        );
        for (index, side) in pressed.sides.iter().enumerate() {
            let back = straightened(&taken, &pressed, index);
            let (w, h) = (side.picture.width(), side.picture.height());
            // A straightened page a third of a millimetre off would be clearly less alike.
            let lower = [w / 20, h * 3 / 4, w * 8 / 10, h / 5];
            let here = alike(&back, &side.picture, lower, [0, 0]);
            let beside = alike(&back, &side.picture, lower, [3, 0]);
            let under = alike(&back, &side.picture, lower, [0, 3]);
            let what =
                format!("{format} side {index} at {tilt} {rotation}: {here} {beside} {under}");
            assert!(here > 0.95, "{what}");
            assert!(beside < here - 0.1 && under < here - 0.1, "{what}");
        }
    }
}

/// The darkest level near a place, as a part of the lightest.
fn darkness_along(picture: &RgbImage, path: &[Point], half_height_px: f32, along: usize) -> f32 {
    let [a, b] = [path[0], path[path.len() - 1]];
    let length = ((b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2)).sqrt();
    let normal = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
    let (mut dark, mut light) = (255.0f32, 1.0f32);
    for i in 0..along {
        let t = i as f32 / along as f32 * (path.len() - 1) as f32;
        let (k, f) = (t as usize, t.fract());
        let p: Point = std::array::from_fn(|j| path[k][j] * (1.0 - f) + path[k + 1][j] * f);
        for step in -4..=4i8 {
            let off = f32::from(step) / 4.0 * half_height_px;
            let (x, y) = (p[0] + normal[0] * off, p[1] + normal[1] * off);
            let seen = f32::from(picture.get_pixel(x as u32, y as u32).0[1]);
            dark = dark.min(seen);
            light = light.max(seen);
        }
    }
    dark / light
}

#[test]
fn the_line_paths_follow_the_lines_of_a_bent_leaf() {
    let fonts = fonts();
    let mut page = page(Format::Td3, 3);
    page.dpi = 220.0;
    let pressed = press(&page, &fonts).unwrap();
    let shot = Shot {
        bend_mm: 2.0,
        ..faultless(15.0, 33.0)
    };
    let taken = photograph_with(&pressed, &fonts, Level::Easy, &shot, Seed(1));
    let zone = taken.truth.sides[0].zone.as_ref().unwrap();
    let shown = 220.0 / 25.4;
    for path in &zone.line_paths {
        // Characters on the path, and nothing but paper three millimetres to both sides of it.
        assert!(darkness_along(&taken.picture, path, 1.0 * shown, 900) < 0.35);
        for side in [-3.2, 3.2] {
            let [a, b] = [path[0], path[16]];
            let length = ((b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2)).sqrt();
            let normal = [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
            let beside: Vec<Point> = path
                .iter()
                .map(|p| {
                    [
                        p[0] + normal[0] * side * shown,
                        p[1] + normal[1] * side * shown,
                    ]
                })
                .collect();
            assert!(darkness_along(&taken.picture, &beside, 0.5, 900) > 0.5);
        }
    }
}

#[test]
fn the_truth_says_what_is_in_the_picture() {
    let fonts = fonts();
    for (index, level) in Level::ALL.into_iter().enumerate() {
        for format in Format::ALL {
            let seed = 40 + index as u64;
            let pressed = press(&page(format, seed).for_level(level), &fonts).unwrap();
            let taken = photograph(&pressed, &fonts, level, Seed(seed));
            let truth = &taken.truth;
            assert_eq!(truth.size, [taken.picture.width(), taken.picture.height()]);
            assert_eq!(truth.format, Some(format));
            assert_eq!(truth.mrz, pressed.zone().unwrap().lines());
            assert_eq!(truth.legible, Legible::Whole);
            assert_eq!(level.ranges().outside(&truth.shot), Vec::<&str>::new());
            assert!(truth.portrait.is_some());
            let (w, h) = (truth.size[0] as f32, truth.size[1] as f32);
            let zones: Vec<_> = truth.sides.iter().filter_map(|s| s.zone.as_ref()).collect();
            assert_eq!(zones.len(), 1, "one side has the zone");
            for [x, y] in truth
                .sides
                .iter()
                .flat_map(|s| s.corners)
                .chain(zones[0].quad)
            {
                assert!(
                    (0.0..w).contains(&x) && (0.0..h).contains(&y),
                    "{format} {level:?} {x} {y}"
                );
            }
            let json = serde_json::to_value(truth).unwrap();
            assert_eq!(json["version"], 1);
            assert_eq!(json["format"], format.as_str());
            assert_eq!(json["level"], level.as_str());
        }
    }
}

#[test]
fn other_lamps_shine_only_inside_a_page_reader() {
    let fonts = fonts();
    for lamp in [Lamp::Infrared, Lamp::Ultraviolet] {
        let mut page = page(Format::Td3, 6).for_level(Level::Moderate);
        page.lamp = lamp;
        page.dpi = 120.0;
        let pressed = press(&page, &fonts).unwrap();
        let taken = photograph(&pressed, &fonts, Level::Moderate, Seed(6));
        assert_eq!(taken.truth.lamp, lamp);
        assert_eq!((taken.truth.shot.things, taken.truth.shot.fingers), (0, 0));
        let colourless = taken
            .picture
            .pixels()
            .all(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2]);
        assert_eq!(colourless, lamp == Lamp::Infrared);
        assert_eq!(taken.truth.mrz, pressed.zone().unwrap().lines());
    }
}

#[test]
fn pictures_without_a_zone_say_so() {
    let fonts = fonts();
    let mut subjects = Vec::new();
    for seed in 0..8 {
        let (subject, taken) =
            photograph_without_zone(&fonts, Level::Easy, TODAY, Seed(seed)).unwrap();
        assert_eq!(taken.truth.format, None);
        assert!(taken.truth.mrz.is_empty());
        assert!(taken.truth.sides.iter().all(|s| s.zone.is_none()));
        assert_eq!(taken.truth.legible, Legible::Not);
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    assert!(subjects.len() >= 3, "{subjects:?}");
}

#[test]
fn a_batch_has_the_formats_and_faults_asked_for() {
    let drawn = Drawn {
        formats: &[Format::Td1, Format::Td3],
        one_fault_in: 3,
        portraits: &[],
        today: TODAY,
        level: Level::Easy,
    };
    let pages: Vec<Page> = (0..120).map(|i| draw_page(&drawn, Seed(i))).collect();
    let faulty = pages.iter().filter(|p| p.fault.is_some()).count();
    assert!((15..70).contains(&faulty), "{faulty}");
    let cards = pages.iter().filter(|p| p.format == Format::Td1).count();
    assert!((30..90).contains(&cards), "{cards}");
    let whole = Drawn {
        one_fault_in: 0,
        ..drawn
    };
    assert!((0..40).all(|i| draw_page(&whole, Seed(i)).fault.is_none()));
}
