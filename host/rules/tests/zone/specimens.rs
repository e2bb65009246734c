//! Doc 9303's own specimens, and how tests ask about them.

use jiff::civil::{Date, date};
use mpaka_rules::mrz::Zone;
use mpaka_rules::{CheckId, Outcome};

pub(crate) const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
pub(crate) const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
pub(crate) const TD2: &str =
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
pub(crate) const MRV_A: &str =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
pub(crate) const MRV_B: &str =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<";
/// Doc 9303-11 appendix D.2: a number of twelve characters, on a TD1 and on a TD2 zone.
pub(crate) const LONG_TD1: &str = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
pub(crate) const LONG_TD2: &str =
    "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8";

/// A day on which the specimens of 2012 were valid.
pub(crate) const THEN: Date = date(2010, 1, 1);

pub(crate) fn outcome(zone: &Zone, today: Date, check: CheckId) -> Outcome {
    let found: Vec<_> = zone
        .checks(today)
        .into_iter()
        .filter(|c| c.check == check)
        .collect();
    assert_eq!(found.len(), 1, "{check:?} asked once");
    found[0].outcome
}

pub(crate) fn detail(zone: &Zone, check: CheckId) -> String {
    let checks = zone.checks(THEN);
    checks
        .into_iter()
        .find(|c| c.check == check)
        .unwrap()
        .detail
}

pub(crate) fn replaced(text: &str, line: usize, column: usize, character: char) -> Zone {
    let mut lines: Vec<Vec<char>> = text.lines().map(|l| l.chars().collect()).collect();
    lines[line][column] = character;
    let lines: Vec<String> = lines.iter().map(|l| l.iter().collect()).collect();
    Zone::from_lines(&lines).unwrap()
}
