//! The rights of persons: what is held of somebody, its erasure with proof, and the records of those who ask for
//! protection.

use super::{Border, draft, hex, noise};
use rules::Circumstances;
use rules::encounter::Path;
use seal::hq::HqPublic;
use store::EncounterDraft;

#[test]
fn a_person_is_told_what_is_held_and_it_is_erased_with_proof() {
    let border = Border::new();
    border.record(3, |n| noise(n, 2));
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    border.hq_refused(&["subject-access"], 2);
    let told = border.hq(&["subject-access", "--number", "D2314589000000001"]);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["sequence"], 2);
    let mut fields: Vec<&String> = told[0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "advice",
            "checks",
            "decision",
            "mrz",
            "opened_at",
            "post",
            "sequence"
        ]
    );
    border.hq_refused(
        &[
            "erase",
            "--post",
            "NAMANGA",
            "--sequence",
            "99",
            "--order",
            "x",
        ],
        3,
    );
    let erase = [
        "erase",
        "--post",
        "NAMANGA",
        "--sequence",
        "2",
        "--order",
        "Court of Utopia 7/26",
    ];
    let proof = &border.hq(&erase)[0];
    let word = hex(proof["word"].as_str().unwrap());
    let known = [HqPublic::read(&border.path("hq").join("hq-public.json")).unwrap()];
    let word = seal::word::Signed::<seal::word::Erasure>::from_bytes(&word)
        .unwrap()
        .verify(&known)
        .unwrap();
    assert_eq!(word.statement().sequence.0, 2);
    assert_eq!(word.statement().order, "Court of Utopia 7/26");
    assert_eq!(&border.hq(&erase)[0]["at"], &proof["at"], "once");
    assert!(
        border
            .hq(&["subject-access", "--number", "D2314589000000001"])
            .is_empty()
    );
    let audit = &border.hq(&["audit"])[0];
    assert_eq!(
        (&audit["parcels"], &audit["opened"], &audit["gaps"]),
        (&3.into(), &2.into(), &0.into())
    );
    // The box, had it not erased its own, could send it again: it is not taken in anew.
    assert_eq!(audit["up_to"], 3);
}

#[test]
fn a_protection_record_is_read_with_the_protection_key_and_with_no_other() {
    let border = Border::new();
    let path = |n| match n {
        1 => Path::Protection,
        _ => Path::Ordinary,
    };
    border.record_all((0..3).map(|n| EncounterDraft {
        circumstances: Circumstances {
            path: path(n),
            ..Circumstances::default()
        },
        ..draft(n, noise(n, 2))
    }));
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    let audit = &border.hq(&["audit"])[0];
    assert_eq!(
        (&audit["opened"], &audit["faults"]),
        (&3.into(), &serde_json::json!([]))
    );
    let listed = border.hq(&["parcels", "--open"]);
    let kinds: Vec<&str> = listed.iter().map(|p| p["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["encounter", "protected", "encounter"]);
    assert!(listed[1]["record"].is_null());
    assert!(
        listed[1]["fault"]
            .as_str()
            .unwrap()
            .contains("protection key")
    );
    let found = border.hq(&["subject-access", "--number", "D2314589000000001"]);
    assert!(
        found.is_empty(),
        "headquarters' ordinary keys do not find it"
    );

    let ceremonys = border.path("hq").join("protection.key");
    let open = |key: &std::path::Path, more: &[&str]| {
        let key = key.to_str().unwrap();
        let mut arguments = vec!["protection", "open", "--key", key];
        arguments.extend(more);
        border.hq(&arguments)
    };
    let opened = open(&ceremonys, &[]);
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0]["sequence"], 2);
    assert_eq!(opened[0]["record"]["circumstances"]["path"], "protection");

    // Another key takes its place, under a passphrase; boxes hear of it with headquarters' next keys.
    let word = border.path("word");
    std::fs::write(&word, "twelve horses at the border\n").unwrap();
    let word = word.to_str().unwrap();
    let next = border.path("next-protection.key");
    let next_name = next.to_str().unwrap();
    border.hq(&[
        "protection",
        "make",
        "--key",
        next_name,
        "--passphrase-file",
        word,
    ]);
    border.hq(&["rekey", "--protection", next_name]);
    drop(receiver);
    let receiver = border.receive(&[]);
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    border.record_all(std::iter::once(EncounterDraft {
        circumstances: Circumstances {
            path: Path::Protection,
            ..Circumstances::default()
        },
        ..draft(9, noise(9, 2))
    }));
    border.mpaka(&["outbox", "upload", "--hq", &receiver.url()]);
    let readable = |lines: Vec<serde_json::Value>| -> Vec<u64> {
        let read = lines.iter().filter(|line| line["record"].is_object());
        read.map(|line| line["sequence"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(readable(open(&ceremonys, &[])), [2]);
    assert_eq!(readable(open(&next, &["--passphrase-file", word])), [4]);
    let other = border.path("other");
    std::fs::write(&other, "twelve horses at the bordeR\n").unwrap();
    border.hq_refused(
        &[
            "protection",
            "open",
            "--key",
            next_name,
            "--passphrase-file",
            other.to_str().unwrap(),
        ],
        3,
    );
    let acts = border.hq(&["acts"]);
    assert!(
        acts.iter().any(|act| act["act"] == "protection"),
        "{acts:?}"
    );
}
