//! An encounter, its ledger line and its parcel: together, in order, and unreadable to a thief.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, NUMBER, OFFICER, SURNAME, draft, time};
use rules::{Advice, DecisionKind, EncounterRecord, OfficerId, PostId, Sequence};
use seal::{SealError, parcel};
use std::fs;
use store::{LedgerEvent, Note, Sent, StoreError};

#[test]
fn numbers_count_from_one_and_go_on_after_a_restart() {
    let a = Appliance::new();
    let mut store = a.open();
    assert_eq!(store.last_sequence().unwrap(), Sequence(0));
    for n in 1..=3 {
        let id = store.record(draft(n), &a.sealer()).unwrap();
        assert_eq!(id.to_string(), format!("UTO-1/00000{n}"));
    }
    drop(store);
    let mut store = a.open();
    let id = store.record(draft(4), &a.sealer()).unwrap();
    assert_eq!(id.sequence, Sequence(4));
    assert_eq!(store.last_sequence().unwrap(), Sequence(4));
    let report = store.verify_ledger().unwrap();
    assert_eq!(
        (report.lines, report.encounters, report.kept, report.waiting),
        (4, 4, 4, 4)
    );
}

#[test]
fn headquarters_reads_what_the_desk_recorded() {
    let a = Appliance::new();
    let mut store = a.open();
    let id = store.record(draft(0), &a.sealer()).unwrap();
    let kept = store.encounter(id.sequence).unwrap().unwrap();
    assert_eq!(kept.id, id);
    assert_eq!(kept.checks, draft(0).checks);
    assert_eq!(
        kept.decision.as_ref().unwrap().decision,
        DecisionKind::Admit
    );
    let parcels = store.pending(10).unwrap();
    assert_eq!(parcels.len(), 1);
    let record = parcel::open(&parcels[0], &a.hq, &a.device.public()).unwrap();
    let sent: EncounterRecord = ciborium::from_reader(&record[..]).unwrap();
    assert_eq!(sent, kept);
    let header = parcels[0].header();
    assert_eq!(
        (&header.post, header.sequence, header.made_at),
        (&a.post, id.sequence, time(41))
    );
    let lines = store.ledger_lines(1, 10).unwrap();
    assert_eq!(header.ledger, lines[0].head);
    assert_eq!(store.encounter(Sequence(2)).unwrap(), None);
}

#[test]
fn the_desk_lists_encounters_without_persons_newest_first() {
    let a = Appliance::new();
    let mut store = a.open();
    for n in 0..5 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    let receipt = a.receipt_for(&store, 4);
    store.acknowledge(&receipt, time(99)).unwrap();
    let list = store.encounters(3).unwrap();
    let numbers: Vec<u64> = list.iter().map(|e| e.id.sequence.0).collect();
    assert_eq!(numbers, [5, 4, 3]);
    assert_eq!(
        list.iter().map(|e| e.sent).collect::<Vec<_>>(),
        [Sent::Waiting, Sent::Receipted, Sent::Receipted]
    );
    assert_eq!(list[0].advice, "Clear");
    assert_eq!(list[0].decision.as_deref(), Some("Admit"));
    assert_eq!(list[0].opened_at, time(4));
    let shown = format!("{list:?}");
    assert!(!shown.contains(SURNAME) && !shown.contains(NUMBER));
}

#[test]
fn the_ledger_tells_what_happened_and_nothing_of_persons() {
    let a = Appliance::new();
    let mut store = a.open();
    let officer = store
        .officer_tag(&OfficerId::new(OFFICER).unwrap())
        .unwrap();
    store
        .note(
            Note::Started {
                program: "0.1.0".into(),
            },
            time(0),
        )
        .unwrap();
    store
        .note(Note::OfficerSignedIn { officer }, time(1))
        .unwrap();
    store.record(draft(2), &a.sealer()).unwrap();
    let mut undecided = draft(3);
    undecided.decision = None;
    store.record(undecided, &a.sealer()).unwrap();
    let lines = store.ledger_lines(1, 100).unwrap();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1].at, time(1));
    assert_eq!(
        lines[1].event,
        LedgerEvent::Note(Note::OfficerSignedIn { officer })
    );
    let LedgerEvent::Encounter(line) = &lines[2].event else {
        panic!("{:?}", lines[2]);
    };
    assert_eq!((line.sequence, line.advice), (Sequence(1), Advice::Clear));
    assert_eq!(line.decision, Some(DecisionKind::Admit));
    let LedgerEvent::Encounter(line) = &lines[3].event else {
        panic!("{:?}", lines[3]);
    };
    assert_eq!(line.decision, None);
    assert_eq!(
        store.ledger_lines(3, 1).unwrap(),
        [lines[2].clone()],
        "a page of it"
    );
    drop(store);
    let connection = a.connection();
    let mut statement = connection.prepare("SELECT body FROM ledger").unwrap();
    let bodies = statement.query_map([], |r| r.get::<_, Vec<u8>>(0)).unwrap();
    for body in bodies {
        let text = String::from_utf8_lossy(&body.unwrap()).into_owned();
        for personal in [SURNAME, NUMBER, OFFICER, "740812"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
}

#[test]
fn the_same_record_twice_has_two_digests() {
    let a = Appliance::new();
    let mut store = a.open();
    store.record(draft(1), &a.sealer()).unwrap();
    store.record(draft(1), &a.sealer()).unwrap();
    let digests: Vec<[u8; 32]> = store
        .ledger_lines(1, 9)
        .unwrap()
        .iter()
        .map(|l| match &l.event {
            LedgerEvent::Encounter(e) => e.digest,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_ne!(digests[0], digests[1]);
}

#[test]
fn an_officers_tag_is_the_same_here_and_another_elsewhere() {
    let (here, there) = (Appliance::new(), Appliance::new());
    let officer = OfficerId::new(OFFICER).unwrap();
    let tag = here.open().officer_tag(&officer).unwrap();
    assert_eq!(here.open().officer_tag(&officer).unwrap(), tag);
    assert_ne!(there.open().officer_tag(&officer).unwrap(), tag);
    let other = OfficerId::new("b.officer").unwrap();
    assert_ne!(here.open().officer_tag(&other).unwrap(), tag);
}

#[test]
fn a_thief_reads_nothing_on_the_disk() {
    let a = Appliance::new();
    let mut store = a.open();
    for n in 0..20 {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    // Both while it is open, with a WAL, and after it was closed.
    for look in 0..2 {
        let mut files = 0;
        for entry in fs::read_dir(&a.state).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for word in [SURNAME, NUMBER, OFFICER, "UTO-1", "SQLite format", "ledger"] {
                assert!(
                    !bytes.windows(word.len()).any(|w| w == word.as_bytes()),
                    "{word} in {path:?}"
                );
            }
            files += 1;
        }
        assert!(files >= 4, "look {look}");
        if look == 0 {
            store.note(Note::Stopped, time(0)).unwrap();
        }
    }
}

#[test]
fn a_second_program_is_told_that_the_state_is_in_use() {
    let a = Appliance::new();
    let first = a.open();
    assert!(matches!(a.try_open(), Err(StoreError::InUse { .. })));
    drop(first);
    a.open();
}

#[test]
fn the_wrong_key_is_named_and_harms_nothing() {
    let (a, b) = (Appliance::new(), Appliance::new());
    a.open().record(draft(0), &a.sealer()).unwrap();
    let before = fs::read(a.database()).unwrap();
    let wrong = |state| store::Store::open(state, &b.key, &a.post);
    assert!(matches!(wrong(&a.state), Err(StoreError::WrongKey { .. })));
    // Without the file that tells keys apart it is still not mistaken for damage.
    fs::remove_file(a.state.join("mpaka.fingerprint")).unwrap();
    assert!(matches!(wrong(&a.state), Err(StoreError::WrongKey { .. })));
    assert_eq!(fs::read(a.database()).unwrap(), before);
    assert_eq!(a.open().verify_ledger().unwrap().encounters, 1);
}

#[test]
fn the_state_of_another_post_is_refused() {
    let a = Appliance::new();
    drop(a.open());
    let other = PostId::new("UTO-2").unwrap();
    match store::Store::open(&a.state, &a.key, &other) {
        Err(StoreError::AnotherPost { found, given }) => {
            assert_eq!((found, given), (a.post.clone(), other));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn too_large_a_record_is_refused_and_its_number_is_not_lost() {
    let a = Appliance::new();
    let mut store = a.open();
    let mut large = draft(0);
    large.document.as_mut().unwrap().mrz = vec!["<".repeat(parcel::RECORD_LIMIT)];
    assert!(matches!(
        store.record(large, &a.sealer()),
        Err(StoreError::Seal(SealError::TooLarge { .. }))
    ));
    assert_eq!(store.last_sequence().unwrap(), Sequence(0));
    let id = store.record(draft(1), &a.sealer()).unwrap();
    assert_eq!(id.sequence, Sequence(1));
    assert_eq!(store.verify_ledger().unwrap().encounters, 1);
}
