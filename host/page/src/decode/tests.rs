#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

/// The specimens of Doc 9303 parts 4, 5 and 7.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];

/// Evidence that shows exactly these lines, each wrong character `depth` less likely.
fn shown(lines: &[&str], depth: f32) -> Vec<Vec<Letter>> {
    lines
        .iter()
        .map(|l| {
            l.chars()
                .map(|c| {
                    let mut letter = [-depth; 37];
                    letter[Class::index_of(c).unwrap()] = 0.0;
                    letter
                })
                .collect()
        })
        .collect()
}

/// Makes a place look like `other`, with what it was `behind` less likely.
fn blur(letters: &mut [Vec<Letter>], at: (usize, usize), other: char, behind: f32) {
    let letter = &mut letters[at.0][at.1];
    for l in letter.iter_mut() {
        if *l == 0.0 {
            *l = -behind;
        }
    }
    letter[Class::index_of(other).unwrap()] = 0.0;
}

fn lines_of(letters: &[Vec<Letter>]) -> (Vec<String>, Check) {
    let sheet = read(format_of(letters).unwrap(), letters);
    let check = evidence_check(&sheet, &confidence(&sheet));
    (
        sheet.read.iter().map(|l| text(l.iter().copied())).collect(),
        check,
    )
}

#[test]
fn what_is_clear_is_read_as_it_stands() {
    for lines in [&TD3[..], &TD1[..]] {
        let (read, check) = lines_of(&shown(lines, 12.0));
        assert_eq!(read, lines);
        assert_eq!(
            (check.outcome, check.detail.as_str()),
            (Outcome::Successful, "")
        );
    }
}

#[test]
fn a_letter_that_looks_like_a_digit_is_read_by_its_place() {
    let mut letters = shown(&TD3, 12.0);
    blur(&mut letters, (1, 15), 'O', 1.0); // the 0 of a birth month
    blur(&mut letters, (0, 4), '0', 1.0); // the O of UTO
    let (read, check) = lines_of(&letters);
    assert_eq!(read, TD3);
    assert_eq!(check.outcome, Outcome::Successful);
    assert!(
        check.detail.contains("line 1 column 5: 0 seen, O read"),
        "{}",
        check.detail
    );
}

#[test]
fn a_check_digit_decides_between_two_that_look_alike() {
    let mut letters = shown(&TD3, 12.0);
    blur(&mut letters, (1, 1), 'B', 1.5); // L898902C3 looks like LB98902C3
    let (read, check) = lines_of(&letters);
    assert_eq!(read, TD3);
    assert!(check.detail.contains("B seen, 8 read"));
}

#[test]
fn a_clearly_printed_wrong_digit_stays() {
    let wrong = [TD3[0], "L898902C37UTO7408122F1204159ZE184226B<<<<<10"];
    let (read, check) = lines_of(&shown(&wrong, 12.0));
    assert_eq!(read, wrong);
    assert_eq!(check.outcome, Outcome::Successful);
}

#[test]
fn a_change_against_clear_evidence_is_reported() {
    let mut letters = shown(&TD3, 12.0);
    // The picture is clear about an O where only a digit may stand, yet not beyond all doubt.
    blur(&mut letters, (1, 15), 'O', 5.5);
    let (read, check) = lines_of(&letters);
    assert_eq!(read, TD3);
    assert_eq!(check.outcome, Outcome::Undetermined);
}

#[test]
fn two_readings_that_the_digits_cannot_tell_apart_are_reported() {
    let mut letters = shown(&TD3, 12.0);
    // Two places doubtful at once: either one changed makes the number's digit fit (2 and 9 at weights
    // 7 and 3 of a sum that is wrong), and the picture likes both alike.
    blur(&mut letters, (1, 1), '1', 0.5);
    blur(&mut letters, (1, 4), '2', 0.5);
    let (_, check) = lines_of(&letters);
    assert!(!check.detail.is_empty());
}

#[test]
fn fillers_after_the_end_of_a_name_stay_fillers() {
    let mut letters = shown(&TD3, 12.0);
    for c in [30, 37, 43] {
        blur(&mut letters, (0, c), 'K', 1.5);
    }
    assert_eq!(lines_of(&letters).0, TD3);
}

#[test]
fn a_visa_is_told_by_its_first_character() {
    let visa = [
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109<<<<<<<<",
    ];
    let letters = shown(&visa, 12.0);
    assert_eq!(format_of(&letters), Some(Format::MrvB));
    assert_eq!(lines_of(&letters).0, visa);
}

#[test]
fn a_long_document_number_is_left_as_it_is() {
    // Doc 9303-5: the number goes on in the optional data, with its digit after it.
    let long = [
        "I<UTOD23145890<7349<<<<<<<<<<<",
        "3407127M9507122UTO<<<<<<<<<<<2",
        "STEVENSON<<PETER<JOHN<<<<<<<<<",
    ];
    assert_eq!(lines_of(&shown(&long, 12.0)).0, long);
}

#[test]
fn a_preference_that_no_digit_bears_out_is_reported() {
    // In a visa's optional data no digit tells O from 0.
    let visa = [
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109O1<<<<<<",
    ];
    let mut letters = shown(&visa, 12.0);
    letters[1][28][Class::index_of('0').unwrap()] = -0.5;
    let (_, check) = lines_of(&letters);
    assert_eq!(check.outcome, Outcome::Undetermined);
    // A letter of the name that is only rather likely is reported too.
    let mut letters = shown(&TD3, 12.0);
    letters[0][7][Class::index_of('H').unwrap()] = -1.2;
    let (read, check) = lines_of(&letters);
    assert_eq!(read, TD3);
    assert_eq!(check.outcome, Outcome::Undetermined);
    assert!(check.detail.contains("line 1 column 8"), "{}", check.detail);
}

/// `0` and `U` have one value, `0` and `8` have not: of each pair the picture shows `0` at seven in ten.
#[test]
fn a_rival_of_the_same_value_makes_a_character_doubtful_sooner() {
    let doubt = |rival: char| {
        let mut letters = shown(&TD3, 12.0);
        letters[1][5] = [-12.0; 37];
        letters[1][5][Class::index_of('0').unwrap()] = 0.7f32.ln();
        letters[1][5][Class::index_of(rival).unwrap()] = 0.3f32.ln();
        lines_of(&letters)
    };
    let (read, check) = doubt('U');
    assert_eq!(read, TD3);
    assert_eq!(check.outcome, Outcome::Undetermined);
    assert!(check.detail.contains("line 2 column 6"), "{}", check.detail);
    assert_eq!(doubt('8').1.outcome, Outcome::Successful);
}

/// A card whose second line begins with the number and goes on with the given names, as the French identity
/// card of 1988 lays it out.
#[test]
fn a_layout_of_its_own_is_read_as_printed_and_its_checks_name_what_fails() {
    let own = [
        "IDUTOERIKSSON<<<<<<<<<<<<<<<<<<<<<<<",
        "9409923102854ANNA<MARIA<<<<7408122F4",
    ];
    let (reading, check) = evidence(&shown(&own, 12.0), [[0.0; 2]; 4]).unwrap();
    assert_eq!(reading.lines, own);
    assert_eq!(reading.seen, own);
    assert_eq!(check.outcome, Outcome::Successful);
    let failed: Vec<CheckId> = reading
        .zone
        .unwrap()
        .checks("2026-01-01".parse().unwrap())
        .into_iter()
        .filter(|c| c.outcome == Outcome::Failed)
        .map(|c| c.check)
        .collect();
    assert!(failed.contains(&CheckId::ZoneCharacters), "{failed:?}");
}

#[test]
fn print_that_is_no_zone_is_not_read_as_one() {
    let prose = [
        "IDUTOPIA<IS<A<COUNTRY<OF<NOWHERE<AND",
        "OF<EVERYONE<WHO<READS<THIS<BOOK<HERE",
    ];
    let wordy = [
        "THISPRINTBEGINSASNOZONEDOES<<<<<<<<<",
        "NOTAZONE<BUT<WORDS<OF<SOMEBODY<<<<<<",
    ];
    for lines in [prose, wordy] {
        assert_eq!(evidence(&shown(&lines, 12.0), [[0.0; 2]; 4]), None);
    }
    // Nor one of a layout of its own of which a character is doubtful.
    let own = [
        "IDUTOERIKSSON<<<<<<<<<<<<<<<<<<<<<<<",
        "9409923102854ANNA<MARIA<<<<7408122F4",
    ];
    let mut letters = shown(&own, 12.0);
    blur(&mut letters, (1, 3), 'G', 0.5);
    assert_eq!(evidence(&letters, [[0.0; 2]; 4]), None);
}
