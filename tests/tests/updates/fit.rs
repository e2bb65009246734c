//! Releases that a box has no room for, or that would leave it without a way back.

use crate::machine::UNPACKED_BYTES;
use crate::place::{Place, installed, version};
use post::update::{StoreLayouts, UpdateError};

/// What did not come into use, and why headquarters hears that it did not.
fn refused(place: &mut Place) -> (UpdateError, String) {
    let error = place.apply().unwrap_err();
    assert_eq!(place.machine.installed, version("0.1.0-1"));
    assert!(!place.ground.is_under_way() && !place.ground.keeper().exists());
    let refused = place.ground.standing().unwrap().refused;
    (error, refused.unwrap().why)
}

#[test]
fn a_release_waits_until_there_is_room_for_it_and_for_records() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    let copies = place.ground.folder().join("packages");
    // No room at all; enough for the package and no more; enough for that, and too little for records.
    for (free_bytes, is_copied) in [
        (0, false),
        (UNPACKED_BYTES, false),
        (UNPACKED_BYTES + (100 << 20), true),
    ] {
        place.machine.free_bytes = free_bytes;
        let (error, why) = refused(&mut place);
        assert!(matches!(error, UpdateError::NoRoom { .. }), "{error}");
        assert!(error.to_string().contains("make room"), "{error}");
        assert_eq!(why, "no_room");
        assert_eq!(copies.join("0.2.0-1").exists(), is_copied, "{free_bytes}");
    }
    // What will not be installed any more takes no room.
    place.release("0.2.0-2");
    let _ = refused(&mut place);
    assert!(!copies.join("0.2.0-1").exists());
    assert!(copies.join("0.1.0-1").exists());
    place.machine.free_bytes = 1 << 30;
    assert_eq!(place.apply().unwrap(), installed("0.2.0-2"));
    assert_eq!(place.ground.standing().unwrap().refused, None);
}

#[test]
fn a_layout_of_the_store_comes_in_two_releases_and_the_second_does_not_come_first() {
    let mut place = Place::new();
    let (known, written) = (store::LAYOUT_READ, store::LAYOUT_WRITTEN);
    let knows = |place: &mut Place, text: &str, reads, writes| {
        let layouts = StoreLayouts { reads, writes };
        place.machine.layouts.insert(version(text), layouts);
        place.release(text);
    };
    knows(&mut place, "0.3.0-1", known + 1, known + 1);
    let (error, why) = refused(&mut place);
    assert!(matches!(error, UpdateError::LayoutAhead { .. }), "{error}");
    assert_eq!(why, "layout_ahead");
    // Nor one that could not open what this box holds.
    knows(&mut place, "0.3.0-2", written - 1, written - 1);
    let (error, why) = refused(&mut place);
    assert!(matches!(error, UpdateError::LayoutBehind { .. }), "{error}");
    assert_eq!(why, "layout_behind");
    knows(&mut place, "0.3.0-3", known + 1, known);
    assert_eq!(place.apply().unwrap(), installed("0.3.0-3"));
}
