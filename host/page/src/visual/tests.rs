use super::dates::{Stated, dates};
use super::field::{Field, Finding};
use super::letters::{alike, distance, likeness, name};
use super::*;
use proptest::prelude::*;
use rules::mrz::{Fields, Zone};

/// Lines of text as a recogniser gives them: `x` pixels from the left, words 20 pixels high with the
/// spaces of the text, one line below the other; a blank line leaves a line's room.
fn text_of(lines: &[(u32, &str)], confidence: f32) -> Text {
    let mut words = Vec::new();
    for (row, (x, line)) in lines.iter().enumerate() {
        let mut x = *x;
        for part in line.split(' ') {
            let width = 12 * part.chars().count() as u32;
            if !part.is_empty() {
                words.push(Word {
                    text: part.to_owned(),
                    at: Rect {
                        x,
                        y: 28 * row as u32,
                        width,
                        height: 20,
                    },
                    confidence,
                    line: row as u32,
                });
            }
            x += width + 10;
        }
    }
    Text::of(words)
}

fn printed(lines: &[&str]) -> Text {
    let lines: Vec<(u32, &str)> = lines.iter().map(|l| (100, *l)).collect();
    text_of(&lines, 0.95)
}

/// What an item is found to be where two looks see the same.
fn twice(field: Field, fields: &Fields, page: &Text) -> Finding {
    let texts = [page.clone(), page.clone()];
    match field.agreement(fields, &texts) {
        Finding::Open => field.difference(fields, &texts),
        settled => settled,
    }
}

/// Doc 9303-4's specimen.
fn specimen() -> Fields {
    zone_of(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    )
}

fn zone_of(upper: &str, lower: &str) -> Fields {
    Zone::from_lines(&[upper, lower]).expect("a zone").fields()
}

fn says(text: &str, stated: &str) -> bool {
    let stated = Stated::of(stated).expect("a date");
    printed(&[text])
        .phrases
        .iter()
        .any(|p| dates(p).iter().any(|d| stated.is(d)))
}

#[test]
fn dates_are_read_as_documents_print_them() {
    for text in [
        "12 AUG/AOUT 74",
        "12 AUG / AOÛT 1974",
        "12.08.1974",
        "12-08-74",
        "12/08/1974",
        "08/12/1974",
        "1974-08-12",
        "1974.08.12",
        "19740812",
        "12081974",
        "12AUG1974",
        "12 August 1974",
        "Aug 12, 1974",
        "12 AGO 1974",
        "12 Agosti 1974",
        "12 août 1974",
        "12. August 1974",
        "12 AGOSTO 1974",
        "12 AUG/AGO/AOÛ 1974",
        "12 АВГ 1974",
        "12 أغسطس 1974",
        "1974年8月12日",
        "12 SIE/AUG 1974",
        "12 VIII 1974",
        "Born 12 AUG 1974 in Zenith",
        "l2.O8.1974",
        "12 AUGIAOUT 74",
        "12AUG/AOUT 74",
    ] {
        assert!(says(text, "740812"), "{text}");
    }
}

#[test]
fn what_is_no_such_date_is_not_taken_for_it() {
    for text in [
        "13 AUG 1974",
        "12 SEP 1974",
        "12 AUG 1975",
        "12.09.1974",
        "12 MARIA",
        "12 08",
        "1208197",
        "AUG 1974",
        "",
        "12",
        "12 1974",
        "AUG AUG AUG",
        "99 AUG 1974",
    ] {
        assert!(!says(text, "740812"), "{text}");
    }
    assert!(says("O7JUN/JUIN 2O22", "220607") && says("10 OCT 1990", "901010"));
    assert!(!says("12 JUL 1974", "740612"), "July is not June");
}

#[test]
fn months_that_mean_two_things_are_both_and_unknown_parts_stay_unknown() {
    // November in Polish, October in Croatian.
    assert!(says("05 LIS 1990", "901105") && says("05 LISTOPAD 1990", "901005"));
    // Two languages together decide.
    assert!(says("05 LIS/NOV 1990", "901105") && !says("05 LIS/NOV 1990", "901005"));
    assert!(says("XX AUG 1974", "7408<<") && says("XX XX 1974", "74<<<<"));
    assert!(!says("XX AUG 1974", "740812") && !says("12 AUG 1974", "7408<<"));
    assert_eq!(Stated::of("<<<<<<"), None);
    assert_eq!(Stated::of("74X812"), None);
    assert_eq!(Stated::of(""), None);
}

#[test]
fn spellings_of_one_name_are_one() {
    for (page, zone) in [
        ("MÜLLER", "MUELLER"),
        ("Müller", "MUXXLLER"),
        ("MULLER", "MUELLER"),
        ("GROß", "GROSS"),
        ("Ångström", "AANGSTROEM"),
        ("NUÑEZ", "NUNXXEZ"),
        ("ŁUKASZ", "LUKASZ"),
        ("O'CONNOR", "OCONNOR"),
        ("PETERS0N", "PETERSON"),
        ("AL1", "ALI"),
    ] {
        assert_eq!(name(page), name(zone), "{page}");
    }
    assert_ne!(name("MILLER"), name("MUELLER"));
    assert_eq!(alike("L898902C"), alike("1B989O2C"));
    assert_ne!(alike("L898902C"), alike("L898903C"));
    assert_eq!(distance("KITTEN", "SITTING"), 3);
    assert!((likeness("", "") - 1.0).abs() < 1e-6 && likeness("AB", "CD") < 0.01);
}

#[test]
fn the_specimen_page_agrees_with_its_zone() {
    let page = printed(&[
        "PASSPORT",
        "Passport No. / N° de passeport",
        "L898902C3",
        "Surname / Nom",
        "ERIKSSON",
        "Given names / Prénoms",
        "ANNA MARIA",
        "Nationality / Nationalité",
        "UTOPIAN",
        "Date of birth / Date de naissance",
        "12 AUGUST / AOUT 74",
        "Sex / Sexe",
        "F",
        "Date of expiry / Date d'expiration",
        "15 APR / AVR 12",
    ]);
    for (check, field) in ASKED {
        assert_eq!(
            twice(field, &specimen(), &page),
            Finding::Agrees,
            "{check:?}"
        );
    }
}

#[test]
fn a_page_that_says_something_else_differs_and_a_misread_one_stays_open() {
    let birth = |date: &str| {
        let page = printed(&["Date of birth / Date de naissance", date]);
        twice(Field::DateOfBirth, &specimen(), &page)
    };
    assert_eq!(birth("03 MAY 1981"), Finding::Differs("03 MAY 1981".into()));
    assert_eq!(birth("12 AUG 1976"), Finding::Differs("12 AUG 1976".into()));
    // A digit or a month that is easily confused may be the recogniser's slip.
    // Digits may be missing at either end.
    for lost in ["2.11.1974", "03 MAY 19", "03 MAY 19 81", "1 03 MAY 1981"] {
        assert_eq!(birth(lost), Finding::Open, "{lost}");
    }
    for open in [
        "12 AUG 1971",
        "17 AUG 1974",
        "12 AUG 197",
        "UTOPIA",
        "03 04 1981 05 06 1999",
    ] {
        assert_eq!(birth(open), Finding::Open, "{open}");
    }
    let number = |number: &str| {
        let page = printed(&["Passport No. / N° de passeport", number]);
        twice(Field::DocumentNumber, &specimen(), &page)
    };
    assert_eq!(number("L347715C3"), Finding::Differs("L347715C3".into()));
    for open in ["L898903C3", "L398502C3", "347715", "LX477153C", "UTOPIA"] {
        assert_eq!(number(open), Finding::Open, "{open}");
    }
    let surname = |surname: &str| {
        let page = printed(&[
            "Surname / Nom",
            surname,
            "Given names / Prénoms",
            "ANNA MARIA",
        ]);
        twice(Field::Name, &specimen(), &page)
    };
    assert_eq!(surname("BANDA"), Finding::Differs("BANDA".into()));
    for open in [
        "ERICSON",
        "ERIKSSCN",
        "Given names",
        "BAN",
        "Banda",
        "12 AUG 74",
    ] {
        assert_eq!(surname(open), Finding::Open, "{open}");
    }
}

#[test]
fn a_value_belongs_to_the_caption_right_above_it() {
    // The birth date was not read; the next date down is the day of issue.
    let page = printed(&[
        "Date of birth / Date de naissance",
        "",
        "",
        "Date of issue / Date de délivrance",
        "03 MAY 2021",
    ]);
    assert_eq!(twice(Field::DateOfBirth, &specimen(), &page), Finding::Open);
    // The place of birth is no date of birth, and a personal number no document number.
    let page = printed(&[
        "Place of birth, date",
        "03 MAY 1981",
        "Personal No. / Document",
        "L347715C3",
    ]);
    assert_eq!(twice(Field::DateOfBirth, &specimen(), &page), Finding::Open);
    assert_eq!(
        twice(Field::DocumentNumber, &specimen(), &page),
        Finding::Open
    );
}

#[test]
fn an_unsure_value_speaks_against_nothing() {
    let page = text_of(
        &[
            (100, "Date of birth / Date de naissance"),
            (100, "03 MAY 1981"),
        ],
        0.7,
    );
    assert_eq!(twice(Field::DateOfBirth, &specimen(), &page), Finding::Open);
}

#[test]
fn a_cut_name_is_a_beginning_and_every_part_is_needed() {
    let fields = zone_of(
        "P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    );
    assert!(fields.name_truncated());
    let page = printed(&["NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG"]);
    assert_eq!(twice(Field::Name, &fields, &page), Finding::Agrees);
    let page = printed(&["NILAVADHANANANDA", "CHAYAPA"]);
    assert_eq!(twice(Field::Name, &fields, &page), Finding::Open);
}

/// Answers with the same words at every look, or refuses.
struct Scripted {
    looks: [Result<Vec<Word>, VisualUnavailable>; 2],
}

impl VisualReader for Scripted {
    fn words(&self, _: &GrayImage, look: Look) -> Result<Vec<Word>, VisualUnavailable> {
        match look {
            Look::First => self.looks[0].clone(),
            Look::Second => self.looks[1].clone(),
            Look::Third => Ok(Vec::new()),
        }
    }
}

fn reading() -> (Picture, ZoneReading) {
    let lines = vec![
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10".to_owned(),
    ];
    let reading = ZoneReading {
        zone: Zone::from_lines(&lines).ok(),
        seen: lines.clone(),
        confidence: vec![vec![1.0; 44]; 2],
        lines,
        quad: [
            [60.0, 600.0],
            [1060.0, 600.0],
            [1060.0, 690.0],
            [60.0, 690.0],
        ],
        evidence: crate::ZoneEvidence::default(),
        places: vec![],
    };
    let white = image::RgbImage::from_pixel(1120, 720, image::Rgb([250; 3]));
    (Picture::from_rgb(white), reading)
}

fn words(lines: &[&str]) -> Vec<Word> {
    printed(lines)
        .phrases
        .into_iter()
        .flat_map(|p| p.words)
        .collect()
}

fn outcomes(first: &[&str], second: &[&str]) -> [Outcome; 4] {
    let (picture, reading) = reading();
    let reader = Scripted {
        looks: [Ok(words(first)), Ok(words(second))],
    };
    let checks = compare_visual(&picture, &reading, &reader);
    std::array::from_fn(|i| {
        assert_eq!(checks[i].check, ASKED[i].0);
        checks[i].outcome
    })
}

const GOOD: [&str; 6] = [
    "Passport No. / N° de passeport",
    "L898902C3",
    "ERIKSSON",
    "ANNA MARIA",
    "15 APR / AVR 12",
    "12 AUG 1974",
];
const OTHER_BIRTH: [&str; 7] = [
    "Passport No. / N° de passeport",
    "L898902C3",
    "ERIKSSON",
    "ANNA MARIA",
    "15 APR / AVR 12",
    "Date of birth / Date de naissance",
    "03 MAY 1981",
];

#[test]
fn a_difference_counts_when_seen_twice_on_a_page_that_else_agrees() {
    use Outcome::{Failed, Successful, Undetermined};
    assert_eq!(outcomes(&GOOD, &[]), [Successful; 4]);
    let caught = outcomes(&OTHER_BIRTH, &OTHER_BIRTH);
    assert_eq!(caught, [Successful, Failed, Successful, Successful]);
    // Seen once, or the second time otherwise: open. Seen once as the zone says: fine.
    let mut otherwise = OTHER_BIRTH;
    otherwise[6] = "08 MAY 1981";
    assert_eq!(outcomes(&OTHER_BIRTH, &otherwise)[1], Undetermined);
    assert_eq!(outcomes(&OTHER_BIRTH, &[])[1], Undetermined);
    assert_eq!(outcomes(&OTHER_BIRTH, &GOOD)[1], Successful);
    // Nothing else on the page was legible: whose page is it?
    let alone = ["Date of birth / Date de naissance", "03 MAY 1981"];
    assert_eq!(outcomes(&alone, &alone), [Undetermined; 4]);
    assert_eq!(outcomes(&[], &[]), [Undetermined; 4]);
}

#[test]
fn a_doubtful_zone_speaks_against_nothing() {
    let (picture, mut reading) = reading();
    let reader = Scripted {
        looks: [Ok(words(&OTHER_BIRTH)), Ok(words(&OTHER_BIRTH))],
    };
    // The third character of the date of birth, 0-based column 15 of the lower line.
    reading.confidence[1][15] = 0.7;
    let checks = compare_visual(&picture, &reading, &reader);
    assert_eq!(checks[1].outcome, Outcome::Undetermined);
    reading.confidence[1][15] = 0.99;
    reading.confidence[1][40] = 0.3;
    let checks = compare_visual(&picture, &reading, &reader);
    assert_eq!(checks[1].outcome, Outcome::Failed);
}

#[test]
fn a_zone_of_another_page_differs_in_everything() {
    let page = [
        "Passport No. / N° de passeport",
        "K347715B8",
        "Surname / Nom",
        "BANDA",
        "Given names / Prénoms",
        "MOSES",
        "Date of birth / Date de naissance",
        "03 MAY 1981",
        "Date of expiry / Date d'expiration",
        "30 NOV 2031",
    ];
    assert_eq!(outcomes(&page, &page), [Outcome::Failed; 4]);
}

#[test]
fn a_reader_that_is_absent_or_fails_leaves_everything_open() {
    let (picture, reading) = reading();
    let ask = |first, second| {
        let reader = Scripted {
            looks: [first, second],
        };
        compare_visual(&picture, &reading, &reader)
    };
    let absent = VisualUnavailable::Absent("none".into());
    let all = ask(Err(absent.clone()), Err(absent));
    assert!(all.len() == 6 && all.iter().all(|c| c.outcome == Outcome::NotSupported));
    for error in [
        VisualUnavailable::TooSlow,
        VisualUnavailable::BrokeOff("it ended".into()),
    ] {
        let all = ask(Err(error.clone()), Err(error.clone()));
        assert!(all.iter().all(|c| c.outcome == Outcome::Undetermined));
        // A first look alone may agree and never speaks against a document.
        let half = ask(Ok(words(&OTHER_BIRTH)), Err(error));
        assert_eq!(half[0].outcome, Outcome::Successful);
        assert_eq!(half[1].outcome, Outcome::Undetermined);
    }
}

#[test]
fn what_cannot_be_rectified_is_open() {
    let (picture, good) = reading();
    let reader = Scripted {
        looks: [Ok(vec![]), Ok(vec![])],
    };
    let quads = [
        [[0.0; 2]; 4],
        [[f32::NAN; 2]; 4],
        [[60.0, 600.0], [200.0, 600.0], [200.0, 612.0], [60.0, 612.0]],
        // At the picture's upper edge: nothing above it.
        [[60.0, 5.0], [1060.0, 5.0], [1060.0, 95.0], [60.0, 95.0]],
    ];
    for quad in quads {
        let reading = ZoneReading {
            quad,
            ..good.clone()
        };
        let all = compare_visual(&picture, &reading, &reader);
        assert!(
            all.iter().all(|c| c.outcome == Outcome::Undetermined),
            "{quad:?}"
        );
    }
    let nothing = ZoneReading { zone: None, ..good };
    let all = compare_visual(&picture, &nothing, &reader);
    assert!(all.iter().all(|c| c.outcome == Outcome::Undetermined));
}

#[test]
fn ink_is_told_from_fine_lines_wherever_the_light_falls() {
    // Light falls from left to right; ink at every 40th column, fainter lines of the ground at every 8th.
    let page = GrayImage::from_fn(800, 300, |x, _| {
        let light = 250.0 - 150.0 * x as f32 / 800.0;
        let share = match (x % 40 < 6, x % 8 == 7) {
            (true, _) => 0.15,
            (_, true) => 0.8,
            _ => 1.0,
        };
        image::Luma([(light * share) as u8])
    });
    for (look, beside) in [(Look::First, 20), (Look::Second, 23), (Look::Third, 20)] {
        let inked = region::inked(&page, look).expect("inked");
        for x in (80..720).step_by(40) {
            assert!(inked.get_pixel(x + 3, 150).0[0] < 60, "{look:?} {x}");
            assert!(inked.get_pixel(x + beside, 150).0[0] > 230, "{look:?} {x}");
        }
    }
    for (width, height) in [(1, 1), (3, 900), (900, 2)] {
        let tiny = GrayImage::from_pixel(width, height, image::Luma([0]));
        assert!(region::inked(&tiny, Look::First).is_ok());
    }
}

#[test]
fn a_turned_page_is_turned_back_at_the_stated_resolution() {
    // A dark mark 30 mm above the zone's upper left corner, on a page upside down at 200 dpi.
    let scale = 200.0 / 25.4;
    let (width, height) = (1100u32, 760u32);
    let corner = [1020.0f32, 150.0f32];
    let zone_width = 44.2 * 2.54 * scale;
    let zone_height = (6.35 + 1.6 * 2.4) * scale;
    let mark = [corner[0] - 10.0 * scale, corner[1] + 30.0 * scale];
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        let near = (x as f32 - mark[0]).hypot(y as f32 - mark[1]) < 8.0;
        image::Rgb([if near { 0 } else { 255 }; 3])
    });
    let (_, reading) = reading();
    let turned = ZoneReading {
        quad: [
            corner,
            [corner[0] - zone_width, corner[1]],
            [corner[0] - zone_width, corner[1] - zone_height],
            [corner[0], corner[1] - zone_height],
        ],
        ..reading
    };
    let piece = region::rectified(&Picture::from_rgb(image), &turned, Format::Td3)
        .expect("no error")
        .expect("within the picture");
    let dark: Vec<(u32, u32)> = piece
        .enumerate_pixels()
        .filter(|(_, _, p)| p.0[0] < 100)
        .map(|(x, y, _)| (x, y))
        .collect();
    assert!(!dark.is_empty());
    let mean = |of: fn(&(u32, u32)) -> u32| {
        dark.iter().map(|d| f64::from(of(d))).sum::<f64>() / dark.len() as f64
    };
    // 7 mm of margin and 10 mm along; 66 mm of height less 30 mm; 300 dots per inch.
    let dots = 300.0 / 25.4;
    assert!(
        (mean(|d| d.0) - 17.0 * dots).abs() < 3.0,
        "{}",
        mean(|d| d.0)
    );
    assert!(
        (mean(|d| d.1) - 36.0 * dots).abs() < 3.0,
        "{}",
        mean(|d| d.1)
    );
}

proptest! {
    #[test]
    fn any_text_is_looked_through(
        lines in proptest::collection::vec((0u32..1500, "\\PC{0,40}"), 0..12),
        confidence in 0.0f32..1.0,
    ) {
        let lines: Vec<(u32, &str)> = lines.iter().map(|(x, l)| (*x, l.as_str())).collect();
        let text = text_of(&lines, confidence);
        for (_, field) in ASKED {
            let _ = twice(field, &specimen(), &text);
        }
    }

    #[test]
    fn a_page_that_repeats_the_zone_never_speaks_against_it(
        noise in proptest::collection::vec("[A-Z0-9./ ]{0,24}", 0..8),
        at in 0usize..8,
    ) {
        let mut lines: Vec<&str> = noise.iter().map(String::as_str).collect();
        for (i, line) in GOOD.iter().enumerate() {
            lines.insert((at + i * 2).min(lines.len()), line);
        }
        let text = printed(&lines);
        for (_, field) in &ASKED[..4] {
            prop_assert_eq!(twice(*field, &specimen(), &text), Finding::Agrees);
        }
    }
}
