//! How a page lies in its picture and how well it is seen, measured against what the photographer of
//! Utopia knows; and the page under other lamps, genuine and forged.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::{Rgb, RgbImage};
use jiff::civil::{Date, date};
use models::zone::ZoneReader;
use mpaka_tests::utopia::no_zone::photograph_without_zone;
use mpaka_tests::utopia::{
    Fault, Fonts, Lamp, Level, Page, Photograph, Seed, Shot, SideTruth, Traveller, ZONE_PITCH_MM,
    drawn_face, photograph_with, press,
};
use page::{DocumentSize, EdgeEvidence, Guidance, Lamps, Located, PageReading, Picture};
use rules::mrz::Format;
use rules::{Check, CheckId, Outcome};

const TODAY: Date = date(2026, 9, 1);

/// A page of this format, photographed with this shot under this lamp.
fn taken(
    format: Format,
    seed: u64,
    level: Level,
    lamp: Lamp,
    fault: Option<Fault>,
    change: impl Fn(&mut Shot),
) -> Photograph {
    let fonts = Fonts::load().unwrap();
    let seed = Seed(seed);
    let mut shot = Shot::draw(level, seed);
    change(&mut shot);
    let traveller = Traveller::draw(seed, format, TODAY);
    let mut page = Page::new(traveller, format, drawn_face(seed), TODAY, seed);
    page.lamp = lamp;
    page.fault = fault;
    page.dpi = shot.press_dpi();
    photograph_with(&press(&page, &fonts).unwrap(), &fonts, level, &shot, seed)
}

fn by_daylight(format: Format, seed: u64, level: Level, change: impl Fn(&mut Shot)) -> Photograph {
    taken(format, seed, level, Lamp::White, None, change)
}

fn read(picture: &RgbImage) -> PageReading {
    page::read(
        &Picture::from_rgb(picture.clone()),
        &ZoneReader::load().unwrap(),
        None,
    )
}

fn located(photograph: &Photograph) -> (PageReading, Located) {
    try_to_locate(photograph).unwrap()
}

/// `None` where the zone was not found: that is measured elsewhere.
fn try_to_locate(photograph: &Photograph) -> Option<(PageReading, Located)> {
    let reading = read(&photograph.picture);
    let page = reading.located.clone()?;
    Some((reading, page))
}

fn side_with_zone(photograph: &Photograph) -> &SideTruth {
    let sides = &photograph.truth.sides;
    sides.iter().find(|s| s.zone.is_some()).unwrap()
}

/// Pixels per millimetre along the lines of the zone, as the photographer knows them.
fn true_scale(photograph: &Photograph) -> f32 {
    let zone = side_with_zone(photograph).zone.as_ref().unwrap();
    let length: f32 = zone
        .line_paths
        .iter()
        .flat_map(|path| path.windows(2))
        .map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]))
        .sum();
    let lines = photograph.truth.mrz.len() as f32;
    let characters = photograph.truth.mrz[0].len() as f32;
    length / lines / (characters * ZONE_PITCH_MM)
}

/// How far each corner is from where it is, millimetres.
fn corner_errors(photograph: &Photograph, page: &Located) -> [f32; 4] {
    let scale = true_scale(photograph);
    let truth = side_with_zone(photograph).corners;
    std::array::from_fn(|i| {
        // The photographer counts from the outer corner of the first pixel, the reader from its middle.
        let [x, y] = page.outline.corners[i];
        (x + 0.5 - truth[i][0]).hypot(y + 0.5 - truth[i][1]) / scale
    })
}

fn outcome(checks: &[Check], id: CheckId) -> Option<Outcome> {
    checks.iter().find(|c| c.check == id).map(|c| c.outcome)
}

#[test]
fn corners_resolution_and_size_are_what_the_photographer_knows() {
    let mut errors = Vec::new();
    for (format, size) in [
        (Format::Td1, DocumentSize::Id1),
        (Format::Td2, DocumentSize::Id2),
        (Format::Td3, DocumentSize::Id3),
    ] {
        for level in [Level::Easy, Level::Moderate] {
            for seed in 0..4 {
                let photograph = by_daylight(format, 7100 + seed, level, |_| {});
                let Some((_, page)) = try_to_locate(&photograph) else {
                    continue;
                };
                let name = format!("{format} {level:?} {seed}");
                let dpi = true_scale(&photograph) * 25.4;
                assert!(
                    (page.dpi / dpi - 1.0).abs() < 0.03,
                    "{name}: {} for {dpi} dpi",
                    page.dpi
                );
                assert_eq!(page.outline.size, Some(size), "{name}: {:?}", page.outline);
                let these = corner_errors(&photograph, &page);
                assert!(these.iter().all(|e| *e < 6.0), "{name}: {these:?}");
                errors.extend(these);
                let tilt = photograph.truth.shot.tilt_degrees;
                assert!(
                    (page.measures.tilt_degrees - tilt).abs() < 12.0,
                    "{name}: tilted by {tilt}, measured {}",
                    page.measures.tilt_degrees
                );
            }
        }
    }
    assert!(
        errors.len() >= 4 * 20,
        "only {} of 24 found",
        errors.len() / 4
    );
    errors.sort_by(f32::total_cmp);
    let (middle, most) = (errors[errors.len() / 2], errors[errors.len() * 9 / 10]);
    assert!(
        middle < 1.0 && most < 2.5,
        "median {middle}, nine of ten below {most}"
    );
}

#[test]
fn a_page_that_fills_the_picture_ends_with_it() {
    let photograph = by_daylight(Format::Td2, 31, Level::Clean, |shot| {
        shot.tilt_degrees = 0.0
    });
    let [left, top] = side_with_zone(&photograph).corners[0];
    let [right, bottom] = side_with_zone(&photograph).corners[2];
    let cut = image::imageops::crop_imm(
        &photograph.picture,
        left as u32 + 4,
        top as u32 + 4,
        (right - left) as u32 - 8,
        (bottom - top) as u32 - 8,
    )
    .to_image();
    let page = read(&cut).located.unwrap();
    assert!(
        page.outline
            .edges
            .iter()
            .all(|e| *e == EdgeEvidence::Border),
        "{:?}",
        page.outline
    );
    let (w, h) = (cut.width() as f32, cut.height() as f32);
    let near = 1.5 * page.dpi / 25.4;
    for (corner, at) in page
        .outline
        .corners
        .iter()
        .zip([[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]])
    {
        let off = (corner[0] - at[0]).hypot(corner[1] - at[1]);
        assert!(off < near, "{corner:?} is {off} pixels from {at:?}");
    }
    assert_eq!(page.outline.size, None, "a picture's end measures nothing");
}

#[test]
fn a_page_laid_flat_reads_the_same_and_lies_straight() {
    for format in [Format::Td3, Format::Td1] {
        let askew = |seed| {
            by_daylight(format, seed, Level::Moderate, |shot| {
                shot.rotation_degrees = 170.0;
            })
        };
        let (photograph, (reading, page)) = (44..50)
            .map(askew)
            .find_map(|p| try_to_locate(&p).map(|found| (p, found)))
            .unwrap();
        let flat = page.rectified(&Picture::from_rgb(photograph.picture.clone()), 250.0);
        let [width, height] = side_with_zone(&photograph).size_mm;
        assert!((flat.width() as f32 / (width / 25.4 * 250.0) - 1.0).abs() < 0.03);
        assert!((flat.height() as f32 / (height / 25.4 * 250.0) - 1.0).abs() < 0.03);
        let again = read(flat.rgb());
        assert_eq!(again.zone.unwrap().lines, reading.zone.unwrap().lines);
        let lies = again.located.unwrap();
        assert!((lies.dpi / 250.0 - 1.0).abs() < 0.02, "{}", lies.dpi);
        let [from, to] = [lies.outline.corners[3], lies.outline.corners[2]];
        assert!(
            (to[1] - from[1]).abs() < 0.03 * (to[0] - from[0]),
            "{from:?} {to:?}"
        );
    }
    // Any resolution may be asked for.
    let photograph = by_daylight(Format::Td2, 3, Level::Easy, |_| {});
    let (_, page) = located(&photograph);
    let picture = Picture::from_rgb(photograph.picture.clone());
    for dpi in [f32::NAN, -3.0, 0.0, 2.0] {
        let flat = page.rectified(&picture, dpi);
        assert!(flat.width() >= 1 && flat.width() < 200, "{dpi}");
    }
}

#[test]
fn a_good_picture_needs_no_guidance() {
    for format in Format::ALL {
        let photograph = by_daylight(format, 12, Level::Clean, |_| {});
        let (reading, page) = located(&photograph);
        assert_eq!(reading.guidance, [], "{format}: {:?}", page.measures);
        for id in [
            CheckId::PageFocus,
            CheckId::PageGlare,
            CheckId::PageResolution,
        ] {
            assert_eq!(
                outcome(&reading.checks, id),
                Some(Outcome::Successful),
                "{format} {id:?}"
            );
        }
        assert!(page.measures.focus.unwrap() > 0.6);
    }
}

#[test]
fn a_blurred_picture_asks_to_hold_still() {
    let sharpness = |defocus_mm: f32, motion_mm: f32| {
        let photograph = by_daylight(Format::Td3, 5, Level::Easy, |shot| {
            (shot.defocus_mm, shot.motion_mm) = (defocus_mm, motion_mm);
            (shot.dpi, shot.bend_mm, shot.motion_towards_degrees) = (260.0, 0.0, 0.0);
            (shot.rotation_degrees, shot.tilt_degrees) = (0.0, 0.0);
        });
        let (reading, page) = located(&photograph);
        (reading, page.measures)
    };
    let (sharp, fine) = sharpness(0.0, 0.0);
    assert!(!sharp.guidance.contains(&Guidance::HoldStill));
    let mut before = fine.focus.unwrap();
    for defocus in [0.1f32, 0.2, 0.26] {
        let (reading, measures) = sharpness(defocus, 0.0);
        let blur = measures.blur_mm.unwrap();
        assert!(
            (blur / defocus - 1.0).abs() < 0.35,
            "{blur} for {defocus} mm"
        );
        assert!(measures.focus.unwrap() < before);
        before = measures.focus.unwrap();
        let told = reading.guidance.contains(&Guidance::HoldStill);
        assert_eq!(told, defocus > 0.22, "{measures:?}");
        let expected = if told {
            Outcome::Undetermined
        } else {
            Outcome::Successful
        };
        assert_eq!(outcome(&reading.checks, CheckId::PageFocus), Some(expected));
    }
    let (_, moved) = sharpness(0.03, 0.6);
    assert!(moved.motion.unwrap() > 1.5, "{moved:?}");
    let (_, still) = sharpness(0.15, 0.0);
    assert!(still.motion.unwrap() < 1.4, "{still:?}");
}

#[test]
fn a_reflection_on_the_zone_asks_to_turn_the_page() {
    for (format, seed) in [(Format::Td3, 61), (Format::Td1, 62)] {
        let mut photograph = by_daylight(format, seed, Level::Easy, |shot| {
            (shot.glare, shot.rotation_degrees) = (0.0, 0.0);
        });
        let (before, page) = located(&photograph);
        assert!(
            !before.guidance.contains(&Guidance::Turn),
            "{:?}",
            page.measures
        );
        let scale = true_scale(&photograph);
        let zone = side_with_zone(&photograph).zone.clone().unwrap();
        // Eight characters wide, over all lines.
        let centre = zone.line_paths[0][8];
        for (x, y, pixel) in photograph.picture.enumerate_pixels_mut() {
            let (dx, dy) = (x as f32 - centre[0], y as f32 - centre[1]);
            let far = (dx / (10.0 * scale)).hypot(dy / (16.0 * scale));
            let light = (1.6 * (1.0 - far)).clamp(0.0, 1.0);
            for v in &mut pixel.0 {
                *v = (f32::from(*v) + (255.0 - f32::from(*v)) * light) as u8;
            }
        }
        let (after, page) = located(&photograph);
        assert_eq!(
            after.guidance.first(),
            Some(&Guidance::Turn),
            "{:?}",
            page.measures
        );
        assert!(page.measures.glare_on_zone > 0.05);
        assert_eq!(
            outcome(&after.checks, CheckId::PageGlare),
            Some(Outcome::Undetermined)
        );
    }
}

#[test]
fn a_small_a_bent_and_a_cut_off_page_say_what_to_do() {
    let words = |photograph: &Photograph| located(photograph).0.guidance;
    let small = by_daylight(Format::Td3, 8, Level::Easy, |shot| shot.dpi = 95.0);
    assert!(words(&small).contains(&Guidance::MoveCloser));
    for (bend, told) in [(0.3, false), (3.0, true)] {
        let bent = by_daylight(Format::Td3, 8, Level::Easy, |shot| shot.bend_mm = bend);
        let (reading, page) = located(&bent);
        assert_eq!(
            reading.guidance.contains(&Guidance::Flatten),
            told,
            "{:?}",
            page.measures
        );
        assert!(
            (page.measures.bend_mm - bend).abs() < 0.4 + 0.25 * bend,
            "{:?}",
            page.measures
        );
    }
    let whole = by_daylight(Format::Td2, 9, Level::Clean, |_| {});
    let (w, h) = whole.picture.dimensions();
    let cut = image::imageops::crop_imm(&whole.picture, 0, h / 2, w, h - h / 2).to_image();
    assert!(read(&cut).guidance.contains(&Guidance::ShowWhole));
}

#[test]
fn where_there_is_no_document_there_is_no_page() {
    let fonts = Fonts::load().unwrap();
    for seed in 0..6 {
        let level = Level::ALL[seed as usize % 4];
        let (_, photograph) =
            photograph_without_zone(&fonts, level, TODAY, Seed(600 + seed)).unwrap();
        let reading = read(&photograph.picture);
        assert_eq!(reading.located, None, "{seed}");
        // A card or a sheet without a zone may want to be shown better; where there is neither, nothing is said.
        assert!(
            reading.bare.is_some() || reading.guidance.is_empty(),
            "{seed}: {:?}",
            reading.guidance
        );
    }
    for (w, h) in [(1, 1), (30_000, 1), (1, 30_000), (3, 4000), (640, 480)] {
        for level in [0u8, 128, 255] {
            let picture = RgbImage::from_pixel(w, h, Rgb([level; 3]));
            let reading = read(&picture);
            assert_eq!(reading.located, None, "{w} x {h}");
            let picture = Picture::from_rgb(picture);
            let lamps = Lamps {
                infrared: Some(picture.clone()),
                ultraviolet: Some(picture.clone()),
            };
            let reader = ZoneReader::load().unwrap();
            for check in page::under_lamps(&picture, &reading, &lamps, &reader) {
                assert_eq!(check.outcome, Outcome::Undetermined, "{check:?}");
            }
        }
    }
}

/// A page reader's three pictures of one page, and what is answered of those given.
struct UnderLamps {
    white: Picture,
    reading: PageReading,
    lamps: Lamps,
}

impl UnderLamps {
    fn of(format: Format, seed: u64, fault: Option<Fault>) -> Self {
        let under = |lamp| {
            let taken = taken(format, seed, Level::Clean, lamp, fault, |_| {});
            Picture::from_rgb(taken.picture)
        };
        let white = under(Lamp::White);
        Self {
            reading: page::read(&white, &ZoneReader::load().unwrap(), None),
            white,
            lamps: Lamps {
                infrared: Some(under(Lamp::Infrared)),
                ultraviolet: Some(under(Lamp::Ultraviolet)),
            },
        }
    }

    fn answers(&self, lamps: &Lamps) -> [Outcome; 2] {
        let checks = page::under_lamps(
            &self.white,
            &self.reading,
            lamps,
            &ZoneReader::load().unwrap(),
        );
        [CheckId::PageInfraredZone, CheckId::PageUltravioletDullness]
            .map(|id| outcome(&checks, id).unwrap())
    }
}

#[test]
fn a_genuine_page_passes_under_every_lamp_and_a_forged_one_fails_under_its_own() {
    use Outcome::{Failed, Successful};
    for (k, format) in Format::ALL.into_iter().enumerate() {
        for (fault, expected) in [
            (None, [Successful, Successful]),
            (Some(Fault::ZoneInkClear), [Failed, Successful]),
            (Some(Fault::PaperShines), [Successful, Failed]),
        ] {
            let page = UnderLamps::of(format, 880 + k as u64, fault);
            assert_eq!(page.answers(&page.lamps), expected, "{format} {fault:?}");
            // By daylight nothing is wrong with any of them.
            assert!(page.reading.checks.iter().all(|c| c.outcome != Failed));
        }
    }
}

#[test]
fn what_was_not_taken_is_not_supported_and_what_proves_nothing_fails_nobody() {
    use Outcome::{NotSupported, Undetermined};
    let page = UnderLamps::of(Format::Td3, 42, None);
    assert_eq!(page.answers(&Lamps::default()), [NotSupported; 2]);
    let (w, h) = (page.white.width(), page.white.height());
    let plain = |level: u8| Picture::from_rgb(RgbImage::from_pixel(w, h, Rgb([level; 3])));
    let both = |infrared: Picture, ultraviolet: Picture| Lamps {
        infrared: Some(infrared),
        ultraviolet: Some(ultraviolet),
    };
    // Lamps that are off, and a tray with nothing in it.
    assert_eq!(page.answers(&both(plain(0), plain(0))), [Undetermined; 2]);
    assert_eq!(
        page.answers(&both(plain(170), plain(120))),
        [Undetermined; 2]
    );
    // Pictures of another shape.
    let odd = Picture::from_rgb(RgbImage::from_pixel(w, h / 2, Rgb([90; 3])));
    assert_eq!(page.answers(&both(odd.clone(), odd)), [Undetermined; 2]);
    // Another document in the infrared picture: its zone reads, and reads otherwise.
    let other = UnderLamps::of(Format::Td3, 43, None);
    let swapped = both(other.lamps.infrared.clone().unwrap(), plain(0));
    assert_eq!(page.answers(&swapped)[0], Undetermined);
    // The same pictures at half the resolution answer the same.
    let half = |p: &Option<Picture>| {
        let rgb = p.as_ref().unwrap().rgb();
        Picture::from_rgb(image::imageops::thumbnail(rgb, w / 2, h / 2))
    };
    let small = both(half(&page.lamps.infrared), half(&page.lamps.ultraviolet));
    assert_eq!(page.answers(&small), [Outcome::Successful; 2]);
}
