//! Records that go to headquarters by hand: a stick instead of a link.

use super::{Border, noise};

#[test]
fn records_on_a_stick_arrive_once_and_the_receipt_erases_them() {
    let border = Border::new();
    border.record(5, |n| noise(n, 2));
    let at = |name: &str| border.path(name).to_str().unwrap().to_owned();
    let (stick, receipt) = (at("stick"), at("receipt"));
    let exported = border.mpaka(&["outbox", "export", "--to", &stick]);
    assert_eq!(exported[0]["parcels"], 5);
    assert_eq!(
        border.mpaka(&["outbox", "status"])[0]["waiting"],
        5,
        "a copy erases nothing"
    );
    let bytes = std::fs::read(&stick).unwrap();
    assert!(!bytes.windows(4).any(|w| w == b"UTOD"), "sealed as it is");

    let taken = border.hq(&["take", "--receipt", &receipt, &stick]);
    assert_eq!(
        (&taken[0]["parcels"], &taken[0]["up_to"]),
        (&5.into(), &5.into())
    );
    let again = border.hq(&["take", "--receipt", &receipt, &stick]);
    assert_eq!(again[0]["up_to"], 5);
    let audit = &border.hq(&["audit"])[0];
    assert_eq!(
        (&audit["parcels"], &audit["opened"]),
        (&5.into(), &5.into())
    );

    // Pulled out too early, altered, and no such file at all.
    std::fs::write(at("short"), &bytes[..bytes.len() - 9]).unwrap();
    border.hq_refused(&["take", "--receipt", &at("r"), &at("short")], 3);
    let mut bent = bytes.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    std::fs::write(at("bent"), bent).unwrap();
    border.hq_refused(&["take", "--receipt", &at("r"), &at("bent")], 3);
    std::fs::write(at("none"), b"a letter").unwrap();
    border.hq_refused(&["take", "--receipt", &at("r"), &at("none")], 3);
    assert!(!border.path("r").exists());

    // A receipt of another headquarters erases nothing; the right one erases what it covers, and no more.
    let elsewhere = Border::new();
    elsewhere.record(5, |n| noise(n, 2));
    let there = |name: &str| elsewhere.path(name).to_str().unwrap().to_owned();
    elsewhere.mpaka(&["outbox", "export", "--to", &there("stick")]);
    elsewhere.hq(&["take", "--receipt", &there("receipt"), &there("stick")]);
    let refused = border
        .mpaka_command()
        .args(["outbox", "receipt", &there("receipt")])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    border.record(1, |n| noise(n, 2));
    let erased = border.mpaka(&["outbox", "receipt", &receipt]);
    assert_eq!(
        (&erased[0]["erased"], &erased[0]["waiting"]),
        (&5.into(), &1.into())
    );
    assert_eq!(
        border.mpaka(&["ledger", "verify"])[0]["outcome"],
        "Successful"
    );

    // A box that was stolen may not bring anything any more.
    border.mpaka(&["outbox", "export", "--to", &stick]);
    border.hq(&["revoke", "NAMANGA", "--why", "stolen"]);
    border.hq_refused(&["take", "--receipt", &at("r"), &stick], 3);
}
