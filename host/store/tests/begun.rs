//! Encounters that have begun: there after a cut, gone with their decision and only with it.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, draft, time};
use rules::LaneId;
use store::Begun;

#[test]
fn an_encounter_that_has_begun_outlives_a_cut_and_goes_with_its_record() {
    let a = Appliance::new();
    let lane = LaneId::new("lane-1").unwrap();
    let mut store = a.open();
    let first = store.begin(&lane, time(1)).unwrap();
    let second = store.begin(&lane, time(2)).unwrap();
    store.keep_found(second, b"what was found").unwrap();
    drop(store);

    let mut store = a.open();
    let begun = store.begun().unwrap();
    let shown: Vec<_> = begun
        .iter()
        .map(|b: &Begun| (b.id, b.opened_at, b.found.as_ref().map(|f| f.to_vec())))
        .collect();
    assert_eq!(
        shown,
        [
            (first, time(1), None),
            (second, time(2), Some(b"what was found".to_vec()))
        ]
    );
    let mut decided = draft(2);
    decided.begun = Some(second);
    store.record(decided, &a.sealer()).unwrap();
    let left: Vec<_> = store.begun().unwrap().into_iter().map(|b| b.id).collect();
    assert_eq!(left, [first]);
    store.keep_found(second, b"too late").unwrap();
    assert_eq!(store.begun().unwrap().len(), 1, "what is over stays over");
    store.forget_begun(first).unwrap();
    assert!(store.begun().unwrap().is_empty());
    assert_eq!(store.verify_ledger().unwrap().encounters, 1);
}
