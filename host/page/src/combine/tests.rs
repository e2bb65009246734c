#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::evidence::Class;
use proptest::prelude::*;
use rules::{CheckId, Outcome};

/// The specimen of Doc 9303-4, appendix B, and of Doc 9303-5.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];

fn shown(lines: &[&str]) -> Letters {
    let letter = |c: char| {
        let mut letter = [-12.0; 37];
        letter[Class::index_of(c).unwrap()] = 0.0;
        letter
    };
    lines
        .iter()
        .map(|l| l.chars().map(letter).collect())
        .collect()
}

/// A place shows `other`, and what it was is `behind` less likely.
fn slip(letters: &mut [Vec<Letter>], at: (usize, usize), other: char, behind: f32) {
    let letter = &mut letters[at.0][at.1];
    for l in letter.iter_mut().filter(|l| **l == 0.0) {
        *l = -behind;
    }
    letter[Class::index_of(other).unwrap()] = 0.0;
    *letter = normal(*letter);
}

/// A place of which nothing can be seen.
fn hide(letters: &mut [Vec<Letter>], at: (usize, usize)) {
    letters[at.0][at.1] = [(1.0f32 / 37.0).ln(); 37];
}

fn frame(letters: Letters) -> ZoneReading {
    let (mut zone, _) = decode::evidence(&letters, [[0.0; 2]; 4]).unwrap();
    zone.evidence = ZoneEvidence(letters);
    zone
}

/// Frames that are numbered as they come.
#[derive(Default)]
struct Film {
    frames: Frames<usize>,
    shown: usize,
}

impl Film {
    fn see(&mut self, letters: Letters) -> Option<Combined<usize>> {
        self.shown += 1;
        self.frames.add(self.shown - 1, &frame(letters))
    }
}

/// Adds a frame that shows this; what its document is read as, and by which frames.
fn add(film: &mut Film, letters: Letters) -> (Vec<String>, Vec<usize>) {
    let combined = film.see(letters).unwrap();
    (combined.zone.lines, combined.frames)
}

fn printed(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|l| (*l).to_owned()).collect()
}

#[test]
fn what_one_frame_hides_another_shows() {
    // A name has no check digit: one frame alone cannot know it.
    let (mut left, mut right) = (shown(&TD3), shown(&TD3));
    for column in 5..9 {
        hide(&mut left, (0, column));
        hide(&mut right, (0, column + 5));
    }
    let mut film = Film::default();
    assert_ne!(add(&mut film, left).0, TD3);
    let both = film.see(right).unwrap();
    assert_eq!(both.zone.lines, TD3);
    assert_eq!(both.frames, [0, 1]);
    assert_eq!(
        (both.check.check, both.check.outcome),
        (CheckId::ZoneEvidence, Outcome::Successful)
    );
    assert_eq!(film.frames.best(), Some(both));
}

#[test]
fn one_frame_alone_stays_as_it_was_read() {
    let mut letters = shown(&TD3);
    slip(&mut letters, (1, 15), 'O', 5.5);
    let alone = frame(letters);
    let combined = Frames::new().add((), &alone).unwrap();
    assert_eq!(combined.zone.lines, alone.lines);
    assert_eq!(combined.zone.confidence, alone.confidence);
    assert_eq!(combined.check.outcome, Outcome::Undetermined);
}

#[test]
fn one_sure_slip_is_outvoted_wherever_it_comes() {
    for wrong in 0..3 {
        let mut film = Film::default();
        let mut last = None;
        for k in 0..3 {
            let mut letters = shown(&TD3);
            if k == wrong {
                slip(&mut letters, (0, 20), 'H', 9.0);
            }
            last = Some(add(&mut film, letters));
        }
        assert_eq!(last, Some((printed(&TD3), vec![0, 1, 2])), "frame {wrong}");
    }
}

#[test]
fn another_document_begins_anew_and_the_first_is_taken_up_again() {
    let other = [TD3[0], "L898902D39UTO7408122F1204159ZE184226B<<<<<16"];
    let mut film = Film::default();
    add(&mut film, shown(&TD3));
    assert_eq!(add(&mut film, shown(&other)), (printed(&other), vec![1]));
    assert_eq!(add(&mut film, shown(&TD1)), (printed(&TD1), vec![2]));
    let mut dim = shown(&TD3);
    hide(&mut dim, (1, 8));
    hide(&mut dim, (0, 9));
    assert_eq!(add(&mut film, dim), (printed(&TD3), vec![0, 3]));
    let most = film.frames.best().unwrap();
    assert_eq!(most.frames, [0, 3], "most of the frames show it");
}

#[test]
fn a_frame_that_may_be_of_either_document_is_added_to_neither() {
    let other = [TD3[0], "L898902D39UTO7408122F1204159ZE184226B<<<<<16"];
    let mut film = Film::default();
    add(&mut film, shown(&TD3));
    add(&mut film, shown(&other));
    // It hides every place in which the two differ.
    let mut dim = shown(&TD3);
    for column in [7, 9, 43] {
        hide(&mut dim, (1, column));
    }
    assert_eq!(add(&mut film, dim).1, [2]);
    assert_eq!(add(&mut film, shown(&TD3)), (printed(&TD3), vec![0, 3]));
}

#[test]
fn a_difference_that_the_check_digits_do_not_see_is_two_documents() {
    // A, K and U weigh the same in check digits (Doc 9303-3, section 4.9): one place differs, and no other.
    let numbers = ["A898902C3", "K898902C3", "U898902C3"];
    let digit = rules::mrz::check_digit(numbers[0]).unwrap();
    let line = numbers.map(|n| format!("{n}{digit}UTO7408122F1204159<<<<<<<<<<<<<<0"));
    let whole = |line: &str| {
        let composite: String = [0..10, 13..20, 21..43].map(|part| &line[part]).concat();
        format!("{line}{}", rules::mrz::check_digit(&composite).unwrap())
    };
    let mut film = Film::default();
    for (k, line) in line.iter().enumerate() {
        let line = whole(line);
        let zone = [TD3[0], line.as_str()];
        assert_eq!(add(&mut film, shown(&zone)), (printed(&zone), vec![k]));
    }
}

#[test]
fn a_frame_of_which_too_little_is_seen_is_added_to_nothing() {
    let mut film = Film::default();
    add(&mut film, shown(&TD3));
    let mut dim = shown(&TD3);
    for column in 0..44 {
        hide(&mut dim, (0, column));
        if column % 5 == 0 {
            hide(&mut dim, (1, column));
        }
    }
    assert_eq!(add(&mut film, dim).1, [1]);
}

#[test]
fn a_zone_without_evidence_changes_nothing() {
    let mut frames = Frames::new();
    assert_eq!(frames.best(), None);
    let typed = ZoneReading {
        evidence: ZoneEvidence::default(),
        ..frame(shown(&TD1))
    };
    assert_eq!(frames.add(0, &typed), None);
    assert_eq!(frames.add(1, &frame(shown(&TD3))).unwrap().frames, [1]);
    assert_eq!(frames.add(2, &typed), None);
    assert_eq!(frames.best().unwrap().frames, [1]);
}

#[test]
fn a_wrong_digit_that_every_frame_shows_is_read_as_printed() {
    let wrong = [TD3[0], "L898902C37UTO7408122F1204159ZE184226B<<<<<10"];
    let mut film = Film::default();
    for _ in 0..40 {
        assert_eq!(add(&mut film, shown(&wrong)).0, wrong);
    }
}

proptest! {
    /// Two documents that differ in at least two clearly seen places are never added, whatever else is
    /// hidden.
    #[test]
    fn two_documents_are_never_mixed(
        places in proptest::collection::btree_set((0usize..2, 0usize..44), 2..6),
        hidden in proptest::collection::vec((0usize..2, 0usize..44), 0..20),
        by in 1usize..37,
    ) {
        let mut second = shown(&TD3);
        for (line, column) in &places {
            second[*line][*column].rotate_right(by);
        }
        for at in hidden.iter().filter(|at| !places.contains(at)) {
            hide(&mut second, *at);
        }
        let mut film = Film::default();
        add(&mut film, shown(&TD3));
        // What is no zone any more is no reading at all.
        if decode::evidence(&second, [[0.0; 2]; 4]).is_some() {
            prop_assert_eq!(add(&mut film, second).1, vec![1]);
        }
    }
}
