//! Receipts: only headquarters' own word counts. The chain: no line can change, go or move.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::Timestamp;
use mpaka_seal as seal;
use proptest::prelude::*;
use rules::{PostId, Sequence};
use seal::SealError;
use seal::chain::Head;
use seal::hq::HqPrivate;
use seal::receipt::{RECEIPT_LIMIT, Receipt, SignedReceipt};

fn hq() -> HqPrivate {
    let folder = tempfile::tempdir().unwrap();
    HqPrivate::open_or_create(&folder.path().join("hq")).unwrap()
}

fn post() -> PostId {
    PostId::new("UTO-1").unwrap()
}

fn receipt() -> Receipt {
    Receipt {
        post: post(),
        up_to: Sequence(41),
        ledger: Head::start(&post()).link(b"a line"),
        at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_receipt_comes_as_it_went_and_verifies() {
    let hq = hq();
    let signed = receipt().sign(&hq).unwrap();
    let came = SignedReceipt::from_bytes(&signed.to_bytes()).unwrap();
    assert_eq!(came, signed);
    let verified = came.verify(hq.public()).unwrap();
    assert_eq!(verified.receipt(), &receipt());
    assert_eq!(verified.to_bytes(), signed.to_bytes());
}

#[test]
fn another_headquarters_word_counts_for_nothing() {
    let (ours, theirs) = (hq(), hq());
    assert!(matches!(
        receipt().sign(&theirs).unwrap().verify(ours.public()),
        Err(SealError::AnotherHq {
            what: "receipt",
            ..
        })
    ));
}

#[test]
fn no_altered_bit_of_a_receipt_passes() {
    let hq = hq();
    let good = receipt().sign(&hq).unwrap().to_bytes();
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let passed = SignedReceipt::from_bytes(&bytes).and_then(|r| r.verify(hq.public()));
        assert!(passed.is_err(), "bit {bit}");
    }
    for length in 0..good.len() {
        assert!(
            SignedReceipt::from_bytes(&good[..length]).is_err(),
            "{length}"
        );
    }
    assert!(matches!(
        SignedReceipt::from_bytes(&vec![0; RECEIPT_LIMIT + 1]),
        Err(SealError::TooLarge { .. })
    ));
}

fn chain(lines: &[Vec<u8>]) -> Vec<(Head, Vec<u8>)> {
    let mut head = Head::start(&post());
    lines
        .iter()
        .map(|line| {
            head = head.link(line);
            (head, line.clone())
        })
        .collect()
}

#[test]
fn one_posts_chain_is_not_anothers() {
    let lines = chain(&[b"one".to_vec()]);
    let other = Head::start(&PostId::new("UTO-2").unwrap());
    assert!(matches!(
        other.follow(lines),
        Err(SealError::ChainBroken { line: 1 })
    ));
}

#[test]
fn an_empty_chain_stands_at_its_start() {
    let start = Head::start(&post());
    assert_eq!(start.follow(Vec::<(Head, Vec<u8>)>::new()).unwrap(), start);
    assert_eq!(start.line, 0);
}

proptest! {
    #[test]
    fn an_honest_chain_follows(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..12)) {
        let stored = chain(&lines);
        prop_assert_eq!(Head::start(&post()).follow(stored.clone()).unwrap(), stored[stored.len() - 1].0);
    }

    #[test]
    fn a_chain_tampered_with_breaks_where_it_was_touched(
        lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 3..12),
        at in any::<prop::sample::Index>(),
        how in 0..4,
    ) {
        let mut stored = chain(&lines);
        let at = at.index(stored.len() - 1);
        match how {
            0 => stored[at].1[0] ^= 1,
            1 => { stored.remove(at); }
            2 => stored[at].0.hash[5] ^= 1,
            _ => stored.swap(at, at + 1),
        }
        match Head::start(&post()).follow(stored) {
            Err(SealError::ChainBroken { line }) => prop_assert_eq!(line, at as u64 + 1),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
