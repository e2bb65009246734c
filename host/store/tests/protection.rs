//! Protection records: sealed to headquarters' protection key; neither the box nor headquarters' ordinary keys
//! read them back.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, NUMBER, SURNAME, draft, time};
use rules::encounter::Path;
use rules::{Circumstances, EncounterRecord, Sequence};
use seal::hq::HqPrivate;
use seal::packing::unpacked;
use seal::parcel::{self, ParcelKind};
use seal::protection::ProtectionKey;
use store::{EncounterDraft, StoreError};
use zeroize::Zeroizing;

fn protected(n: i64) -> EncounterDraft {
    EncounterDraft {
        circumstances: Circumstances {
            path: Path::Protection,
            ..Circumstances::default()
        },
        ..draft(n)
    }
}

fn holds(bytes: &[u8]) -> bool {
    [SURNAME, NUMBER]
        .iter()
        .any(|name| bytes.windows(name.len()).any(|w| w == name.as_bytes()))
}

#[test]
fn only_the_protection_key_opens_a_protection_record() {
    let folder = tempfile::tempdir().unwrap();
    let key = ProtectionKey::create(&folder.path().join("protection.key"), None).unwrap();
    let mut a = Appliance::at(folder.path());
    a.hq = HqPrivate::open_or_create_with(&folder.path().join("hq-2.json"), Some(key.public()))
        .unwrap();
    let mut store = a.open();
    store.record(draft(0), &a.sealer()).unwrap();
    let id = store.record(protected(1), &a.sealer()).unwrap();
    store.record(draft(2), &a.sealer()).unwrap();

    // The box: neither through the store nor past it with the store's own key.
    assert!(store.encounter(Sequence(1)).unwrap().is_some());
    assert_eq!(store.encounter(id.sequence).unwrap(), None);
    let summary = &store.encounters(10).unwrap()[1];
    assert_eq!(summary.id, id);
    assert_eq!(store.summary(id.sequence).unwrap().as_ref(), Some(summary));
    assert_eq!(store.summary(Sequence(99)).unwrap(), None);
    let parcels = store.pending(usize::MAX).unwrap();
    store.verify_ledger().unwrap();
    drop(store);
    let rows: Vec<(i64, Vec<u8>)> = a
        .connection()
        .prepare("SELECT sequence, record FROM encounters ORDER BY sequence")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let found: Vec<bool> = rows
        .into_iter()
        .map(|(_, kept)| holds(&unpacked(Zeroizing::new(kept)).unwrap()))
        .collect();
    assert_eq!(found, [true, false, true]);

    // Headquarters: its ordinary keys open the parcel and find something sealed.
    assert_eq!(parcels[1].header().kind, ParcelKind::Protected);
    let sealed = parcel::open(&parcels[1], &a.hq, &a.device.public()).unwrap();
    assert!(!holds(&sealed));
    assert!(ciborium::from_reader::<EncounterRecord, _>(&sealed[..]).is_err());
    let record = key.open_record(&a.post, id.sequence, &sealed).unwrap();
    let record: EncounterRecord = ciborium::from_reader(&record[..]).unwrap();
    assert_eq!(record.id, id);
    assert_eq!(record.circumstances.path, Path::Protection);
    assert!(record.document.unwrap().mrz.concat().contains(SURNAME));
    assert!(
        key.open_record(&a.post, Sequence(1), &sealed).is_err(),
        "it passes for no other"
    );

    // A salvage seals it anew without having read it.
    a.connection()
        .execute_batch("DELETE FROM outbox WHERE sequence = 2")
        .unwrap();
    let why = StoreError::Corrupt {
        path: a.database(),
        what: "a page of the outbox".into(),
    };
    let (store, salvaged) =
        store::Store::salvage(&a.state, &a.key, &a.post, &a.sealer(), &why, time(9)).unwrap();
    assert_eq!(salvaged.found.sealed_again, 1);
    let again = &store.pending(usize::MAX).unwrap()[1];
    assert_eq!(again.header().kind, ParcelKind::ProtectedAgain);
    let content = parcel::open(again, &a.hq, &a.device.public()).unwrap();
    assert_eq!(*content, *sealed);
}

#[test]
fn a_headquarters_without_such_a_key_gets_it_as_any_other() {
    let a = Appliance::new();
    let mut store = a.open();
    let id = store.record(protected(0), &a.sealer()).unwrap();
    assert!(store.encounter(id.sequence).unwrap().is_some());
    let parcel = &store.pending(1).unwrap()[0];
    assert_eq!(parcel.header().kind, ParcelKind::Encounter);
    let record = parcel::open(parcel, &a.hq, &a.device.public()).unwrap();
    assert!(holds(&record));
}
