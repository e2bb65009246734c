//! The log for operational monitoring (BSI TR-03135): read back with a reader of XML, held against what was
//! recorded, and searched for everything that was personal about it.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::{SignedDuration, Timestamp};
use post::monitoring::NAMESPACE;
use roxmltree::{Document, Node};
use rules::encounter::{DocumentRecord, Path as RecordPath};
use rules::{
    Advice, Advised, Candidate, CandidateKind, Check, CheckId, Circumstances, DecisionKind,
    EditionNumber, EntryId, LaneId, OfficerAct, OfficerId, Outcome, PostId, Reason, ReasonCode,
    Sequence,
};
use seal::device::DeviceKey;
use seal::hq::HqPrivate;
use seal::receipt::Receipt;
use seal::storekey::StoreKey;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use store::{EncounterDraft, Retention, Sealer, Store};

/// Everything about the travellers and the officer that the records hold.
const PERSONAL: [&str; 13] = [
    "ERIKSSON",
    "Eriksson",
    "ANNA",
    "MARIA",
    "L898902C3",
    "740812",
    "1974-08-12",
    "120415",
    "ZE184226B",
    "UTO",
    "a.officer",
    "E-4711",
    "0.8125",
];

/// What a detail may hold at worst: the traveller's name, and what would break a document that takes it as it is.
const HOSTILE: &str = "\u{0}]]> --> <!ENTITY x \"ERIKSSON\"> & L898902C3 </Check><Check/>";

struct Gate {
    folder: tempfile::TempDir,
    hq: HqPrivate,
}

impl Gate {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hq = HqPrivate::open_or_create(&folder.path().join("hq-private.json")).unwrap();
        let public = folder.path().join("hq-public.json");
        hq.public().write(&public).unwrap();
        let gate = Self { folder, hq };
        let output = gate.mpaka(&[
            "enrol",
            "--post",
            "GATE",
            "--lane",
            "2",
            "--hq-public",
            public.to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{output:?}");
        gate
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn mpaka(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_mpaka"))
            .env("MPAKA_STATE", self.path("state"))
            .arg("--json")
            .args(words)
            .output()
            .unwrap()
    }

    fn export(&self, out: &Path, more: &[&str]) -> serde_json::Value {
        let words = [
            "ledger",
            "export",
            "--profile",
            "basic",
            "--out",
            out.to_str().unwrap(),
        ];
        let output = self.mpaka(&[&words[..], more].concat());
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn store(&self) -> Store {
        let state = self.path("state");
        let key = StoreKey::open(&state.join("store.key")).unwrap();
        Store::open(&state, &key, &PostId::new("GATE").unwrap()).unwrap()
    }

    /// Four encounters: one that was erased since, an ordinary one with a document that failed, one on the path of
    /// protection at a headquarters without a key for it, and one with every check there is.
    fn four(&self) {
        let device = DeviceKey::open(&self.path("state").join("device.key")).unwrap();
        let sealer = Sealer {
            device: &device,
            hq: self.hq.public(),
        };
        let mut store = self.store();
        store.record(draft(0, every_check()), &sealer).unwrap();
        store.record(draft(59, some_failed()), &sealer).unwrap();
        let protected = EncounterDraft {
            circumstances: Circumstances {
                path: RecordPath::Protection,
                ..Circumstances::default()
            },
            ..draft(59, every_check())
        };
        store.record(protected, &sealer).unwrap();
        store.record(draft(60, every_check()), &sealer).unwrap();
        let first = &store.pending(1).unwrap()[0];
        let receipt = Receipt {
            post: PostId::new("GATE").unwrap(),
            up_to: Sequence(1),
            ledger: first.header().ledger,
            at: day(60),
        };
        let receipt = receipt
            .sign(&self.hq)
            .unwrap()
            .verify(self.hq.public())
            .unwrap();
        store.acknowledge(&receipt, day(60)).unwrap();
        let retention = Retention {
            ordinary_days: 30,
            protection_days: 1,
        };
        assert_eq!(store.erase_expired(&retention, day(61)).unwrap(), 1);
    }
}

fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

fn every_check() -> Vec<Check> {
    CheckId::ALL
        .iter()
        .map(|id| Check::new(*id, Outcome::Successful, HOSTILE))
        .collect()
}

fn some_failed() -> Vec<Check> {
    [
        (CheckId::ZoneDigitComposite, Outcome::Failed),
        (CheckId::ZoneDigitDateOfBirth, Outcome::Successful),
        (CheckId::ChipAccess, Outcome::NotSupported),
        (CheckId::PageVisualName, Outcome::Undetermined),
        (CheckId::FaceMatch, Outcome::Aborted),
        (CheckId::SearchPersons, Outcome::Failed),
    ]
    .map(|(check, outcome)| Check::new(check, outcome, HOSTILE))
    .into()
}

fn draft(on: i64, checks: Vec<Check>) -> EncounterDraft {
    let at = day(on);
    let act = OfficerAct::new(OfficerId::new("a.officer").unwrap(), at);
    EncounterDraft {
        lane: LaneId::new("2").unwrap(),
        opened_at: at,
        recorded_at: at + SignedDuration::from_secs(40),
        document: Some(DocumentRecord {
            mrz: vec![
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".into(),
                "L898902C36UTO7408122F1204159ZE184226B<<<<<10".into(),
            ],
            mrz_before_correction: None,
        }),
        checks,
        face_score: Some(0.8125),
        candidates: vec![Candidate {
            entry: EntryId::new("E-4711").unwrap(),
            kind: CandidateKind::Person,
            score: 0.8125,
            why: vec![],
            cleared: None,
        }],
        edition: Some(EditionNumber(3)),
        advised: Advised {
            advice: Advice::Look,
            reasons: vec![Reason {
                code: ReasonCode::DocumentExpired,
                check: None,
                detail: HOSTILE.into(),
            }],
        },
        decision: Some(act.decide(DecisionKind::Admit, Advice::Look, None).unwrap()),
        circumstances: Circumstances::default(),
        clearings: vec![],
        begun: None,
    }
}

fn named<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants()
        .filter(move |n| n.has_tag_name((NAMESPACE, name)))
}

/// The results of a transaction's groups of checks, by domain.
fn groups(transaction: Node) -> Vec<(String, String)> {
    named(transaction, "Checks")
        .map(|n| {
            let attribute = |name: &'static str| n.attribute(name).unwrap().to_owned();
            (attribute("domain"), attribute("result"))
        })
        .collect()
}

#[test]
fn the_log_tells_of_every_check_and_of_no_person() {
    let gate = Gate::new();
    gate.four();
    let out = gate.path("log.xml");
    let said = gate.export(&out, &[]);
    assert_eq!(said["profile"], "basic");
    assert_eq!(said["transactions"], 2);
    // How many others there were would tell that one of them asked for protection.
    let told = |told: &serde_json::Value| told.as_object().unwrap().len();
    assert_eq!(told(&said), 3, "profile, file, transactions: {said}");
    let text = std::fs::read_to_string(&out).unwrap();
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal}:\n{text}");
    }
    assert!(!text.contains('\u{0}') && !text.contains("ENTITY"));

    let log = Document::parse(&text).unwrap();
    let root = log.root_element();
    assert!(root.has_tag_name((NAMESPACE, "OperationalLog")));
    for (name, value) in [("profile", "basic"), ("post", "GATE")] {
        assert_eq!(root.attribute(name), Some(value), "{name}");
    }
    assert!(root.attribute("guideline").unwrap().contains("TR-03135"));
    // What is ours and what is the guideline's is said in the file itself.
    let comment = log.root().children().find(|n| n.is_comment()).unwrap();
    assert!(comment.text().unwrap().contains("not at hand"));

    let transactions: Vec<Node> = named(root, "Transaction").collect();
    assert_eq!(transactions.len(), 2);
    let failed = transactions[0];
    for (name, value) in [
        ("lane", "2"),
        ("began", "2026-07-30T08:00:00Z"),
        ("ended", "2026-07-30T08:00:40Z"),
        ("format", "TD3"),
        ("edition", "3"),
    ] {
        assert_eq!(failed.attribute(name), Some(value), "{name}");
    }
    // TR-03135-1 table 5.2: one that failed decides for the document; the face does not count among its checks.
    let results = |t: Node| -> Vec<String> {
        named(t, "DocumentCheck")
            .map(|n| n.attribute("result").unwrap().to_owned())
            .collect()
    };
    assert_eq!(results(failed), ["Failed"]);
    let expected = [
        ("Optical", "Failed"),
        ("Electronic", "NotSupported"),
        ("Combined", "Undetermined"),
        ("Biometric", "Aborted"),
    ];
    let expected = expected.map(|(d, r)| (d.to_owned(), r.to_owned()));
    assert_eq!(groups(failed), expected);
    let checks: Vec<_> = named(failed, "Check")
        .map(|n| {
            let attribute = |name: &'static str| n.attribute(name).unwrap_or("-");
            (attribute("id"), attribute("result"), attribute("section"))
        })
        .collect();
    assert_eq!(
        checks,
        [
            ("zone.check_digit.composite", "Failed", "5.5.4.1.1"),
            ("zone.check_digit.date_of_birth", "Successful", "5.5.4.1.1"),
            ("chip.access", "NotSupported", "5.6.3.1"),
            ("page.visual_zone.name", "Undetermined", "5.7.5"),
            ("face.match", "Aborted", "-"),
        ]
    );
    let advice = named(failed, "Advice").next().and_then(|n| n.text());
    let decision = named(failed, "Decision").next().and_then(|n| n.text());
    assert_eq!((advice, decision), (Some("Look"), Some("Admit")));

    // Every check but the four of the search, each once; and two transactions are told apart.
    let whole = transactions[1];
    assert_eq!(named(whole, "Check").count(), CheckId::ALL.len() - 4);
    assert!(named(whole, "Check").all(|n| n.attribute("result") == Some("Successful")));
    assert_eq!(results(whole), ["Successful"]);
    assert_ne!(whole.attribute("id"), failed.attribute("id"));
    let optical = named(whole, "Checks").next().unwrap();
    assert_eq!(
        optical.attribute("namespace"),
        Some("http://trdoccheck.bsi.bund.de/dco/4")
    );

    let counted = named(root, "Counted").next().unwrap();
    assert_eq!(counted.attribute("transactions"), Some("2"));
    assert_eq!(counted.attributes().count(), 1);
}

#[test]
fn a_period_begins_with_its_first_moment_and_ends_before_its_last() {
    let gate = Gate::new();
    gate.four();
    let out = gate.path("log.xml");
    // Recorded 40 seconds after they began, on days 0, 59, 59 and 60.
    for (from, to, transactions) in [
        ("2026-07-31T08:00:40Z", "2026-08-30T00:00:00Z", 1),
        ("2026-06-01T00:00:00Z", "2026-07-31T08:00:40Z", 1),
        ("2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", 0),
        ("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z", 0),
    ] {
        let said = gate.export(&out, &["--from", from, "--to", to]);
        assert_eq!(said["transactions"], transactions, "{from} {to}");
        let text = std::fs::read_to_string(&out).unwrap();
        let log = Document::parse(&text).unwrap();
        let root = log.root_element();
        assert_eq!(named(root, "Transaction").count(), transactions as usize);
        assert_eq!(root.attribute("from"), Some(from));
        assert_eq!(root.attribute("to"), Some(to));
    }
}

#[test]
fn profiles_with_personal_data_are_refused_by_name_and_write_nothing() {
    let gate = Gate::new();
    gate.four();
    let out = gate.path("log.xml");
    let ask = |profile: &str, out: &Path| {
        let words = ["ledger", "export", "--profile", profile, "--out"];
        gate.mpaka(&[&words[..], &[out.to_str().unwrap()]].concat())
    };
    for profile in [
        "standard",
        "standard-optical",
        "standard-electronic",
        "standard-seal",
        "full",
        "nonsense",
    ] {
        let output = ask(profile, &out);
        assert_eq!(output.status.code(), Some(2), "{profile}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(profile) && said.contains("basic"), "{said}");
        assert!(!out.exists());
    }
    let without_file = gate.mpaka(&["ledger", "export", "--profile", "basic"]);
    assert_eq!(without_file.status.code(), Some(2));
    // A folder that is not there: named, and no leftover.
    let nowhere = ask("basic", &gate.path("no-stick/log.xml"));
    assert_eq!(nowhere.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("no-stick"));
}
