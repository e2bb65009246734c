//! A box of yesterday starts today's program: its state was laid out by other people's code as version 1
//! was released (see `yesterday/make.py`), and nothing of it is lost.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;
#[path = "yesterday/mod.rs"]
mod yesterday;

use appliance::{draft, time};
use rules::{Advice, DecisionKind, EncounterRecord, OfficerId, Sequence};
use seal::parcel;
use store::{LedgerEvent, Note, Sent};
use yesterday::box_of_yesterday;

#[test]
fn a_store_of_version_1_opens_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let (a, values) = box_of_yesterday(folder.path());
    let store = a.open();
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.lines, report.encounters), (5, 2));
    assert_eq!((report.kept, report.waiting), (2, 1));
    assert_eq!(report.receipted, Sequence(1));
    assert_eq!(
        hex::encode(report.head.hash),
        values["head"].as_str().unwrap()
    );
    let lines = store.ledger_lines(1, 99).unwrap();
    assert_eq!(
        lines[0].event,
        LedgerEvent::Note(Note::Started {
            program: "0.1.0".into()
        })
    );
    assert_eq!(lines[3].at.to_string(), "2026-01-01T09:00:01Z");
    let officer = OfficerId::new(values["officer"].as_str().unwrap()).unwrap();
    assert_eq!(
        store.officer_tag(&officer).unwrap().to_string(),
        values["officer_tag"].as_str().unwrap()
    );
    store.check_pages().unwrap();
}

#[test]
fn its_encounters_are_read_and_its_parcel_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (a, _) = box_of_yesterday(folder.path());
    let store = a.open();
    let list = store.encounters(9).unwrap();
    assert_eq!(
        list.iter().map(|e| e.sent).collect::<Vec<_>>(),
        [Sent::Waiting, Sent::Receipted]
    );
    let kept = store.encounter(Sequence(2)).unwrap().unwrap();
    assert_eq!(kept.advised.advice, Advice::Look);
    assert_eq!(
        kept.decision.as_ref().unwrap().decision,
        DecisionKind::Refer
    );
    assert_eq!(kept.document.as_ref().unwrap().mrz.len(), 2);
    let parcels = store.pending(9).unwrap();
    let record = parcel::open(&parcels[0], &a.hq, &a.device.public()).unwrap();
    let sent: EncounterRecord = ciborium::from_reader(&record[..]).unwrap();
    assert_eq!(sent, kept);
}

#[test]
fn it_goes_on_counting_and_erases_for_a_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let (a, _) = box_of_yesterday(folder.path());
    let mut store = a.open();
    let id = store.record(draft(0), &a.sealer()).unwrap();
    assert_eq!(id.sequence, Sequence(3));
    let receipt = a.receipt_for(&store, 3);
    assert_eq!(store.acknowledge(&receipt, time(0)).unwrap(), 2);
    drop(store);
    let report = a.open().verify_ledger().unwrap();
    assert_eq!((report.lines, report.encounters, report.waiting), (7, 3, 0));
}
