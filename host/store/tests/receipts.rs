//! The outbox: what is sent next, and that only headquarters' own word, about this very history, erases.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

mod appliance;

use appliance::{Appliance, draft, time};
use rules::{PostId, Sequence};
use seal::chain::Head;
use seal::parcel::{BATCH_LIMIT, batch};
use seal::receipt::Receipt;
use store::{LedgerEvent, Store, StoreError};

fn with_parcels(a: &Appliance, n: i64) -> Store {
    let mut store = a.open();
    for n in 0..n {
        store.record(draft(n), &a.sealer()).unwrap();
    }
    store
}

fn waiting(store: &Store) -> Vec<u64> {
    let parcels = store.pending(usize::MAX).unwrap();
    parcels.iter().map(|p| p.header().sequence.0).collect()
}

#[test]
fn a_receipt_erases_what_it_covers_and_is_written_down() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 5);
    let before = store.outbox_status().unwrap();
    assert_eq!(
        (before.waiting, before.last, before.oldest),
        (5, Sequence(5), Some(time(41)))
    );
    assert_eq!(before.receipt, None);
    let receipt = a.receipt_for(&store, 3);
    assert_eq!(store.acknowledge(&receipt, time(200)).unwrap(), 3);
    assert_eq!(waiting(&store), [4, 5]);
    let after = store.outbox_status().unwrap();
    assert_eq!((after.waiting, after.last), (2, Sequence(5)));
    assert!(after.waiting_bytes < before.waiting_bytes && after.waiting_bytes > 0);
    let said = after.receipt.unwrap();
    assert_eq!((said.up_to, said.at), (Sequence(3), time(100_000)));
    let lines = store.ledger_lines(6, 9).unwrap();
    assert_eq!(
        lines[0].event,
        LedgerEvent::Receipt {
            up_to: Sequence(3),
            erased: 3
        }
    );
    let report = store.verify_ledger().unwrap();
    assert_eq!(
        (
            report.encounters,
            report.kept,
            report.waiting,
            report.receipted
        ),
        (5, 5, 2, Sequence(3))
    );
}

#[test]
fn erasing_that_was_interrupted_is_finished() {
    // The power went after the receipt was kept, before all of a long outbox was off the disk.
    let a = Appliance::new();
    let mut store = with_parcels(&a, 5);
    let receipt = a.receipt_for(&store, 3);
    let kept = |a: &Appliance| -> Vec<i64> {
        let connection = a.connection();
        let mut statement = connection
            .prepare("SELECT sequence FROM outbox ORDER BY sequence")
            .unwrap();
        let rows = statement.query_map([], |r| r.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    drop(store);
    a.connection()
        .execute_batch("CREATE TABLE aside AS SELECT * FROM outbox WHERE sequence <= 3")
        .unwrap();
    store = a.open();
    store.acknowledge(&receipt, time(0)).unwrap();
    drop(store);
    a.connection()
        .execute_batch("INSERT INTO outbox SELECT * FROM aside; DROP TABLE aside")
        .unwrap();
    assert_eq!(kept(&a), [1, 2, 3, 4, 5]);
    store = a.open();
    assert_eq!(waiting(&store), [4, 5]);
    assert_eq!(store.verify_ledger().unwrap().waiting, 2);
    drop(store);
    assert_eq!(kept(&a), [4, 5]);
}

#[test]
fn an_old_receipt_is_harmless() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 5);
    let (old, new) = (a.receipt_for(&store, 2), a.receipt_for(&store, 4));
    assert_eq!(store.acknowledge(&new, time(0)).unwrap(), 4);
    let lines = store.ledger_lines(1, 99).unwrap().len();
    for again in [&old, &new, &old] {
        assert_eq!(store.acknowledge(again, time(1)).unwrap(), 0);
    }
    assert_eq!(waiting(&store), [5]);
    let status = store.outbox_status().unwrap();
    assert_eq!(status.receipt.unwrap().up_to, Sequence(4));
    assert_eq!(store.ledger_lines(1, 99).unwrap().len(), lines);
}

#[test]
fn a_receipt_for_nothing_yet_is_harmless() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 1);
    let nothing = a.receipt(0, Head::start(&a.post));
    assert_eq!(store.acknowledge(&nothing, time(0)).unwrap(), 0);
    assert_eq!(waiting(&store), [1]);
}

#[test]
fn a_receipt_for_another_post_erases_nothing() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 2);
    let other = PostId::new("UTO-2").unwrap();
    let receipt = Receipt {
        post: other.clone(),
        up_to: Sequence(2),
        ledger: store.pending(9).unwrap()[1].header().ledger,
        at: time(0),
    }
    .sign(&a.hq)
    .unwrap()
    .verify(a.hq.public())
    .unwrap();
    match store.acknowledge(&receipt, time(0)) {
        Err(StoreError::ReceiptForAnotherPost { found, .. }) => assert_eq!(found, other),
        other => panic!("{other:?}"),
    }
    assert_eq!(waiting(&store), [1, 2]);
}

#[test]
fn a_receipt_for_parcels_never_recorded_erases_nothing() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 2);
    let head = store.pending(9).unwrap()[1].header().ledger;
    for beyond in [3, 1 << 40, u64::MAX] {
        assert!(matches!(
            store.acknowledge(&a.receipt(beyond, head), time(0)),
            Err(StoreError::ReceiptAhead {
                last: Sequence(2),
                ..
            })
        ));
    }
    assert_eq!(waiting(&store), [1, 2]);
}

#[test]
fn a_receipt_about_another_history_erases_nothing() {
    // An old copy of the state was put back, and went on counting from there.
    let (a, b) = (Appliance::new(), Appliance::new());
    let mut ours = with_parcels(&a, 3);
    let theirs = with_parcels(&b, 3);
    for n in 1..=3 {
        let head = theirs.pending(9).unwrap()[n - 1].header().ledger;
        assert!(matches!(
            ours.acknowledge(&a.receipt(n as u64, head), time(0)),
            Err(StoreError::ReceiptForked { .. })
        ));
    }
    let elsewhere = ours.pending(9).unwrap()[0].header().ledger;
    assert!(matches!(
        ours.acknowledge(&a.receipt(2, elsewhere), time(0)),
        Err(StoreError::ReceiptForked { up_to: Sequence(2) })
    ));
    assert_eq!(waiting(&ours), [1, 2, 3]);
}

#[test]
fn numbers_go_on_after_everything_was_sent() {
    let a = Appliance::new();
    let mut store = with_parcels(&a, 3);
    let receipt = a.receipt_for(&store, 3);
    assert_eq!(store.acknowledge(&receipt, time(0)).unwrap(), 3);
    drop(store);
    let mut store = a.open();
    assert_eq!(
        store.record(draft(9), &a.sealer()).unwrap().sequence,
        Sequence(4)
    );
    assert_eq!(waiting(&store), [4]);
    let report = store.verify_ledger().unwrap();
    assert_eq!((report.encounters, report.waiting), (4, 1));
}

#[test]
fn what_is_sent_next_fits_into_one_batch() {
    let a = Appliance::new();
    let mut store = a.open();
    // Hexadecimal noise packs to about half: each parcel comes to about 1.5 MB.
    let mut seed = 1u64;
    let mut noise = || {
        let mut text = String::new();
        while text.len() < 2_900_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text.push_str(&format!("{seed:016x}"));
        }
        text
    };
    for n in 0..3 {
        let mut large = draft(n);
        large.document.as_mut().unwrap().mrz = vec![noise()];
        store.record(large, &a.sealer()).unwrap();
    }
    let next = store.pending(100).unwrap();
    assert!((1..3).contains(&next.len()), "{}", next.len());
    let body = batch::encode(&next);
    assert!(body.len() <= BATCH_LIMIT);
    assert_eq!(batch::decode(&body).unwrap(), next);
    assert_eq!(store.pending(1).unwrap().len(), 1);
    assert_eq!(store.pending(0).unwrap().len(), 0);
    // What was sent is given back to the disk.
    drop(store);
    let mut store = a.open();
    let full = std::fs::metadata(a.database()).unwrap().len();
    assert!(store.outbox_status().unwrap().waiting_bytes > 4_000_000);
    let head = {
        let line = &store.ledger_lines(3, 1).unwrap()[0];
        line.head
    };
    store.acknowledge(&a.receipt(3, head), time(0)).unwrap();
    assert_eq!(waiting(&store), Vec::<u64>::new());
    let left = std::fs::metadata(a.database()).unwrap().len();
    assert!(left < full - (3 << 20), "{left} of {full}");
    store.check_pages().unwrap();
}
