//! The power goes at every step, and files of the installer's are damaged at every step.

use crate::machine::When;
use crate::place::{Place, copy, installed, rolled_back, version};
use post::update::{Applied, UpdateError};
use std::collections::BTreeSet;

/// Applies from what lies there now until the power goes at a call of the machine's tools, then anew until it goes at
/// the next, and at last to the end. Each time `look` is given what it came to (nothing where the power went) and the
/// call in words, with the power back. What it begins with is kept in a folder of the name `kept`.
fn at_every_cut(
    place: &mut Place,
    kept: &str,
    mut look: impl FnMut(&mut Place, Option<Result<Applied, UpdateError>>, &str),
) {
    let kept = place.root.join(kept);
    copy(place.ground.folder(), &kept);
    let before = place.machine.clone();
    for when in [When::Before, When::After] {
        for call in 1.. {
            copy(&kept, place.ground.folder());
            place.machine = before.clone();
            place.machine.starts(Some((call, when)));
            let ended = place.apply_until_cut();
            place.machine.starts(None);
            let is_cut = ended.is_none();
            look(place, ended, &format!("cut {when:?} call {call}"));
            if !is_cut {
                break;
            }
        }
    }
}

/// Cuts the power at every call of the machine's tools, once, and lets the installer go on when it is back; what it
/// came to each time, and how often it was cut.
fn cut_everywhere(place: &mut Place) -> (BTreeSet<String>, usize) {
    let (mut outcomes, mut cuts) = (BTreeSet::new(), 0);
    at_every_cut(place, "fresh", |place, ended, told| {
        if ended.is_some() {
            return;
        }
        cuts += 1;
        let applied = place.apply().unwrap();
        assert!(!place.ground.is_under_way(), "{told}");
        assert!(!place.machine.is_half, "{told}");
        assert_eq!(
            place.ground.standing().unwrap().installed,
            Some(place.machine.installed)
        );
        assert_eq!(place.apply().unwrap(), Applied::Nothing);
        outcomes.insert(format!("{applied:?} {}", place.machine.installed));
    });
    (outcomes, cuts)
}

#[test]
fn the_power_may_go_at_every_step_of_an_update_and_of_the_way_back() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    let (outcomes, cuts) = cut_everywhere(&mut place);
    let expected = format!("{:?} 0.2.0-1", installed("0.2.0-1"));
    assert_eq!(outcomes, [expected].into());
    assert!(cuts > 15, "{cuts}");

    let mut place = Place::new();
    place.release("0.2.0-1");
    place
        .machine
        .faults
        .insert(version("0.2.0-1"), "zone reader");
    let (outcomes, cuts) = cut_everywhere(&mut place);
    let expected = format!(
        "{:?} 0.1.0-1",
        rolled_back("0.2.0-1", "new_fault:zone-reader")
    );
    assert_eq!(outcomes, [expected].into());
    assert!(cuts > 200, "{cuts}");
}

/// The power goes while the package is being unpacked, and is back.
fn cut_while_unpacking(place: &mut Place) {
    let before = place.machine.clone();
    let found = (1..).find(|call| {
        place.machine = before.clone();
        place.machine.starts(Some((*call, When::Before)));
        let _ = place.apply_until_cut();
        place.machine.is_half
    });
    assert!(found.is_some());
    place.machine.starts(None);
}

#[test]
fn an_installation_that_is_cut_again_and_again_is_given_up() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    // The first cut comes while the package is being unpacked, and so does the next.
    cut_while_unpacking(&mut place);
    place.machine.starts(Some((1, When::Before)));
    assert!(place.apply_until_cut().is_none());
    assert!(place.machine.is_half);
    place.machine.starts(None);
    assert_eq!(place.apply().unwrap(), rolled_back("0.2.0-1", "power_cut"));
    assert_eq!(place.machine.installed, version("0.1.0-1"));
}

/// The file cannot be read any more: zeros where its content was, as a card leaves them.
fn damage(place: &Place, file: &str) {
    let path = place.ground.folder().join(file);
    let length = std::fs::read(&path).unwrap().len();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(path, vec![0; length]).unwrap();
}

/// Cuts the power at every call of the machine's tools while a journal is written, damages that, and cuts the power
/// again at every call of the mending; what it came to.
fn damage_everywhere(place: &mut Place) -> BTreeSet<String> {
    let (mut outcomes, mut damages) = (BTreeSet::new(), 0);
    at_every_cut(place, "fresh", |place, ended, told| {
        if ended.is_some() || !place.ground.is_under_way() {
            return;
        }
        damage(place, "journal.json");
        at_every_cut(place, "torn", |place, ended, again| {
            let told = format!("{told}, then {again}");
            // What is half there is gone on with, by the program that was there before.
            let goes_on = place.ground.is_under_way() && place.ground.keeper().exists();
            assert!(goes_on || !place.machine.is_half, "{told}");
            let applied = ended.unwrap_or_else(|| place.apply()).unwrap();
            assert!(!place.ground.is_under_way(), "{told}");
            assert!(!place.machine.is_half, "{told}");
            assert_eq!(place.machine.installed, version("0.1.0-1"), "{told}");
            let standing = place.ground.standing().unwrap();
            assert_eq!(standing.installed, Some(version("0.1.0-1")), "{told}");
            assert_eq!(place.ground.set_aside(), ["journal"], "{told}");
            if matches!(applied, Applied::RolledBack { .. }) {
                // However often the power goes, the journal was damaged once.
                assert!(!standing.went_back_from(version("0.2.0-1")), "{told}");
            }
            outcomes.insert(format!("{applied:?}"));
            damages += 1;
        });
    });
    assert!(damages > 10, "{damages}");
    outcomes
}

#[test]
fn a_damaged_journal_is_set_aside_wherever_the_update_was_and_whenever_the_power_goes_again() {
    let went_back = format!("{:?}", rolled_back("0.2.0-1", "journal_damaged"));
    let mut place = Place::new();
    place.release("0.2.0-1");
    assert_eq!(damage_everywhere(&mut place), [went_back.clone()].into());

    // On the way back from a release that cannot be installed, the version before may be whole again already.
    let mut place = Place::new();
    place.release("0.2.0-1");
    place.machine.uninstallable.insert(version("0.2.0-1"));
    let was_back = format!("{:?}", Applied::JournalSetAside);
    assert_eq!(damage_everywhere(&mut place), [went_back, was_back].into());

    // Updates go on from there, and what was set aside goes with the first that comes to its good end.
    copy(&place.root.join("torn"), place.ground.folder());
    assert_eq!(place.apply().unwrap(), Applied::JournalSetAside);
    place.release("0.2.0-2");
    assert_eq!(place.apply().unwrap(), installed("0.2.0-2"));
    assert!(place.ground.set_aside().is_empty());
}

#[test]
fn a_release_whose_journal_was_damaged_is_begun_with_once_more() {
    let went_back = rolled_back("0.2.0-1", "journal_damaged");
    let why = |place: &Place| Some(place.ground.standing().unwrap().refused?.why);
    let mut place = Place::new();
    place.release("0.2.0-1");
    cut_while_unpacking(&mut place);
    damage(&place, "journal.json");
    assert_eq!(place.apply().unwrap(), went_back);
    assert_eq!(why(&place).as_deref(), Some("journal_damaged"));
    assert_eq!(place.apply().unwrap(), installed("0.2.0-1"));
    assert_eq!(why(&place), None);

    // A card that does it twice does it a third time.
    let mut place = Place::new();
    place.release("0.2.0-1");
    for _ in 0..2 {
        cut_while_unpacking(&mut place);
        damage(&place, "journal.json");
        assert_eq!(place.apply().unwrap(), went_back);
    }
    assert_eq!(why(&place), None);
    assert_eq!(place.apply().unwrap(), Applied::Nothing);
    place.release("0.2.0-2");
    assert_eq!(place.apply().unwrap(), installed("0.2.0-2"));
}

#[test]
fn a_damaged_standing_is_set_aside_and_what_is_installed_and_kept_is_in_use() {
    let mut place = Place::new();
    damage(&place, "standing.json");
    assert_eq!(place.apply().unwrap(), Applied::Nothing);
    let status = place.status();
    assert_eq!(status["installed"], "0.1.0-1");
    assert_eq!(status["set_aside"], serde_json::json!(["standing"]));
    let doctor = place.mpaka(&["doctor"]);
    assert!(doctor.contains("set aside"), "{doctor}");
    place.release("0.2.0-1");
    assert_eq!(place.apply().unwrap(), installed("0.2.0-1"));
    assert!(place.ground.set_aside().is_empty());
}
