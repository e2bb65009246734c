//! How old what headquarters sends may grow, with the clock set forward: fresh, stale, past its lease; each role, through
//! an inspection and through the command line.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../tests/src/utopia/chip/mod.rs"]
#[allow(dead_code, unreachable_pub)] // Each of its readers uses a part.
mod utopia;

use chip::Files;
use chip::files::FileId;
use chip::tlv::{Tag, encode};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use page::Picture;
use post::inspection::{Equipment, Evidence, Inspection, Lock, Moment, Progress, inspect};
use rules::mrz::{Fields, Zone};
use rules::{
    Advice, Because, BundleRole, Check, CheckGroup, CheckId, EditionNumber, EntryId, Outcome,
    PaperEntry, Policy, ReasonCode, RoleStanding,
};
use seal::hq::HqPrivate;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use store::editions::Editions;
use utopia::der::{bits, integer, name, new_year, oid, sequence};
use utopia::files::{com, dg1};
use utopia::issuer::{Purpose, State, certificate, signed, sod, state};
use utopia::keys::p256;
use watchlist::build::{EditionBuilder, EditionHeader};
use watchlist::{ListedName, PersonEntry};

/// The specimen of Doc 9303-4.
const SPECIMEN: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];

/// The files that headquarters sent, by kind and name, as the box's index names them.
const SENT: [(&str, &str); 6] = [
    ("trust", "csca.cer"),
    ("crl", "utopia.crl"),
    ("defects", "utopia.defects"),
    ("model", "matcher.onnx"),
    ("policy", "policy.json"),
    ("locale", "luo.ftl"),
];

/// Everything came on this day.
fn day(n: i64) -> Timestamp {
    let first: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * n)
}

/// A list that names this person and nobody else, made at this moment.
fn activate(state: &Path, listed: &str, made_at: Timestamp) {
    let mut editions = Editions::open(state).unwrap();
    let staged = editions.stage().unwrap();
    let mut builder = EditionBuilder::new();
    let mut person = PersonEntry::new(
        EntryId::new("E-1").unwrap(),
        vec![ListedName::primary(listed)],
        "made up",
    );
    person.births = vec!["1974-08-12".parse().unwrap()];
    builder.add_person(person).unwrap();
    let header = EditionHeader {
        number: EditionNumber(7),
        made_at,
        expires_at: made_at + SignedDuration::from_hours(24 * 400),
        sources: vec![],
    };
    builder.write(&staged, &header).unwrap();
    editions.activate(EditionNumber(7), &staged).unwrap();
}

/// What the box noted of headquarters' files, which came on the first day; `confirmed` is when headquarters last said
/// that they are in force, and an older program noted none.
fn noted(state: &Path, confirmed: Option<Timestamp>) {
    let files: serde_json::Map<String, serde_json::Value> = SENT
        .iter()
        .map(|(kind, name)| {
            let target = format!("file-{kind}-0123456789abcdef-{name}");
            let file = serde_json::json!({
                "kind": kind, "name": name, "edition": 7, "taken_at": day(0),
            });
            (target, file)
        })
        .collect();
    let mut index = serde_json::json!({"version": 1, "files": files});
    if let Some(confirmed) = confirmed {
        index["confirmed_at"] = serde_json::json!(confirmed);
    }
    std::fs::write(state.join("carried.json"), index.to_string()).unwrap();
}

/// Utopia's country signer, its revocation list, and a list that excuses what its documents' EF.COM leave out.
fn believed(folder: &Path, state: &State) {
    let trust = folder.join("trust");
    std::fs::create_dir_all(&trust).unwrap();
    let by = &state.country.key;
    let revoked = sequence(&[&encode(Tag::INTEGER, &[99]), &new_year(23)]);
    let tbs = sequence(&[
        &[2, 1, 1],
        &by.identifier(),
        &name("UT", "CSCA Utopia"),
        &new_year(24),
        &new_year(30),
        &sequence(&[&revoked]),
    ]);
    let list = sequence(&[&tbs, &by.identifier(), &bits(&by.sign(&tbs))]);
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Defects"));
    let signer = certificate(Purpose::Lists, 9, names, &p256(), by, (20, 30));
    let known = sequence(&[&oid("0.4.0.127.0.7.3.1.5.2.3")]);
    let whose = sequence(&[&state.signer.issuer, &integer(&[state.signer.serial])]);
    let entry = sequence(&[&whose, &encode(Tag::SET, &known)]);
    let hash = oid("2.16.840.1.101.3.4.2.1");
    let content = sequence(&[&[2, 1, 0], &hash, &encode(Tag::SET, &entry)]);
    let defects = signed("0.4.0.127.0.7.3.1.5", &content, &signer, 23);
    for (name, bytes) in [
        ("csca.cer", &state.country.der),
        ("utopia.crl", &list),
        ("utopia.defects", &defects),
    ] {
        std::fs::write(trust.join(name), bytes).unwrap();
    }
}

fn equipment(state: &Path, policy: Policy) -> Equipment {
    let absent = || "not in this test".to_owned();
    Equipment::new(Err(absent()), Err(absent()), Some(state), policy)
}

fn moment(now: Timestamp, today: Date) -> Moment {
    Moment { now, today }
}

/// The specimen's holder comes to the lane so many days later, while her passport is valid.
fn presented(equipment: &Equipment, days: i64) -> Inspection {
    let zone = Zone::from_lines(&SPECIMEN).unwrap();
    let paper = PaperEntry {
        number: "P-1".into(),
        at: day(days),
    };
    let moment = moment(day(days), date(2011, 6, 1));
    Inspection::of_paper(paper, &zone, equipment, moment)
}

fn of(inspection: &Inspection, check: CheckId) -> &Check {
    let found = inspection.checks.iter().find(|c| c.check == check);
    found.unwrap_or_else(|| panic!("{check:?}: {:#?}", inspection.checks))
}

fn codes(inspection: &Inspection) -> Vec<ReasonCode> {
    let reasons = inspection.advised.reasons.iter();
    reasons.map(|reason| reason.code).collect()
}

#[test]
fn a_list_past_its_lease_is_searched_and_clears_nobody() {
    let folder = tempfile::tempdir().unwrap();
    activate(folder.path(), "OTIENO, Grace", day(0));
    let at_the_lane = equipment(folder.path(), Policy::default());
    let (searched, aged) = (
        [CheckId::SearchDocuments, CheckId::SearchPersons],
        CheckId::SearchEdition,
    );

    let fresh = presented(&at_the_lane, 6);
    assert_eq!(fresh.advised.advice, Advice::Clear);
    assert_eq!(of(&fresh, aged).outcome, Outcome::Successful);

    // Stale: shown, and nothing else.
    for days in [7, 29] {
        let stale = presented(&at_the_lane, days);
        assert_eq!(stale.advised.advice, Advice::Clear);
        assert_eq!(codes(&stale), [ReasonCode::ListStale]);
        assert_eq!(of(&stale, aged).outcome, Outcome::Undetermined);
        assert_eq!(of(&stale, aged).because, None);
        for check in searched {
            assert_eq!(of(&stale, check).outcome, Outcome::Successful);
        }
    }

    // Past its lease: nobody was found, and nobody is cleared by that.
    let past = presented(&at_the_lane, 30);
    assert_eq!(past.advised.advice, Advice::Look);
    assert_eq!(codes(&past), [ReasonCode::ListLapsed]);
    for check in searched.into_iter().chain([aged]) {
        let answer = of(&past, check);
        assert_eq!(answer.outcome, Outcome::Undetermined, "{check:?}");
        assert_eq!(answer.because, Some(Because::LeaseOver), "{check:?}");
        assert!(answer.detail.contains("30 days"), "{}", answer.detail);
    }
    assert_eq!(past.edition, Some(EditionNumber(7)), "it was searched");

    // Headquarters has said since that this list is in force: old it is, and it counts.
    noted(folder.path(), Some(day(25)));
    assert_eq!(codes(&presented(&at_the_lane, 54)), [ReasonCode::ListStale]);
    assert_eq!(
        codes(&presented(&at_the_lane, 55)),
        [ReasonCode::ListLapsed]
    );

    // The policy may give it longer, or no end.
    let for_ever = Policy {
        edition_lease_days: None,
        ..Policy::default()
    };
    let at_the_lane = equipment(folder.path(), for_ever);
    assert_eq!(
        codes(&presented(&at_the_lane, 999)),
        [ReasonCode::ListStale]
    );
}

#[test]
fn whoever_stands_on_a_list_past_its_lease_is_shown_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    activate(folder.path(), "ERIKSSON, Anna Maria", day(0));
    let at_the_lane = equipment(folder.path(), Policy::default());
    let (before, past) = (presented(&at_the_lane, 1), presented(&at_the_lane, 400));
    assert_eq!(past.candidates, before.candidates);
    assert_eq!(past.candidates.len(), 1);
    assert_eq!(of(&past, CheckId::SearchPersons).outcome, Outcome::Failed);
    assert_eq!(codes(&past)[0], codes(&before)[0], "the strongest reason");
    assert!(past.advised.advice >= before.advised.advice);
    // The same list says nothing of her document, and that is no clear.
    let document = of(&past, CheckId::SearchDocuments);
    assert_eq!(document.because, Some(Because::LeaseOver));
}

/// Her chip is read so many days later.
fn chip_read(equipment: &Equipment, state: &State, days: i64) -> Inspection {
    chip_read_while(equipment, state, days, &())
}

/// The same, with something going on meanwhile.
fn chip_read_while(
    equipment: &Equipment,
    state: &State,
    days: i64,
    meanwhile: &dyn Progress,
) -> Inspection {
    let mut files = Files::default();
    let dg1 = dg1();
    // EF.COM lists a file that nobody signed: a known defect of Utopia's.
    for (name, bytes) in [
        ("com", com(&[FileId::Dg1, FileId::Dg2])),
        ("sod", sod(&[(1, &dg1)], &state.signer, 22)),
        ("dg1", dg1),
    ] {
        files.add(name.to_owned(), bytes);
    }
    let picture = Picture::from_rgb(image::RgbImage::new(40, 30));
    let evidence = Evidence {
        page: picture.clone(),
        lamps: page::Lamps::default(),
        live: picture,
        chip: Some(files),
        access_number: None,
    };
    let moment = moment(day(days), date(2026, 6, 1));
    inspect(evidence, equipment, moment, meanwhile)
}

#[test]
fn what_a_chip_is_judged_by_proves_nothing_past_its_lease_and_contradicts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let utopia = state();
    believed(folder.path(), &utopia);
    noted(folder.path(), Some(day(0)));
    let at_the_lane = equipment(folder.path(), Policy::default());
    let by_role = [
        (BundleRole::Crl, CheckId::ChipRevocation, 90),
        (BundleRole::Trust, CheckId::ChipChain, 180),
        (BundleRole::Defects, CheckId::ChipCommonData, 180),
    ];
    let failed = |read: &Inspection| -> Vec<CheckId> {
        let failed = read.checks.iter().filter(|c| c.outcome == Outcome::Failed);
        failed.map(|c| c.check).collect()
    };
    let fresh = chip_read(&at_the_lane, &utopia, 0);
    for days in [0, 89, 90, 179, 180] {
        let read = chip_read(&at_the_lane, &utopia, days);
        for (role, check, lease) in by_role {
            let answer = of(&read, check);
            let (outcome, because) = match days < lease {
                true => (Outcome::Successful, None),
                false => (Outcome::Undetermined, Some(Because::LeaseOver)),
            };
            assert_eq!(
                answer.outcome, outcome,
                "{role} after {days} days: {answer:?}"
            );
            assert_eq!(answer.because, because, "{role} after {days} days");
        }
        // What rests on none of them stands: the signature, and that a file was not read.
        let signature = of(&read, CheckId::ChipSignature);
        assert_eq!(signature.outcome, Outcome::Successful, "{signature:?}");
        let hashes = CheckId::ChipDataGroupHashes;
        assert_eq!(of(&read, hashes), of(&fresh, hashes));
        let lapsed = codes(&read).contains(&ReasonCode::TrustLapsed);
        assert_eq!(lapsed, days >= 90, "{days}");
        assert_eq!(
            failed(&read),
            failed(&fresh),
            "silence is evidence of nothing"
        );
    }

    // Lists that an operator named are under his word, not under headquarters'.
    let given = equipment(folder.path(), Policy::default()).with_trust(utopia.store.clone());
    let read = chip_read(&given, &utopia, 999);
    assert_eq!(of(&read, CheckId::ChipChain).outcome, Outcome::Successful);
}

#[test]
fn what_headquarters_says_in_the_middle_of_an_inspection_counts_from_the_next_on() {
    /// Headquarters is heard as soon as the zone has been looked for.
    struct Heard<'a>(&'a Path);
    impl Progress for Heard<'_> {
        fn answered(&self, _: CheckGroup, _: &[Check]) {}
        fn zone_read(&self, _: Option<&Fields>) {
            noted(self.0, Some(day(100)));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let utopia = state();
    believed(folder.path(), &utopia);
    activate(folder.path(), "OTIENO, Grace", day(0));
    noted(folder.path(), Some(day(0)));
    let at_the_lane = equipment(folder.path(), Policy::default());
    let asked = [CheckId::ChipRevocation, CheckId::SearchEdition];
    let read = chip_read_while(&at_the_lane, &utopia, 100, &Heard(folder.path()));
    for check in asked {
        let because = of(&read, check).because;
        assert_eq!(because, Some(Because::LeaseOver), "{check:?}");
    }
    let next = chip_read(&at_the_lane, &utopia, 100);
    for check in asked {
        assert_eq!(of(&next, check).because, None, "{check:?}");
    }
}

#[test]
fn every_role_has_its_own_days_and_a_clock_set_back_makes_none_younger() {
    struct Sure(Timestamp);
    impl Lock for Sure {
        fn is_locked(&self, _: Timestamp) -> bool {
            false
        }
        fn not_before(&self) -> Option<Timestamp> {
            Some(self.0)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    activate(folder.path(), "OTIENO, Grace", day(0));
    // Each role a day longer than the one before it.
    let policy = Policy {
        edition_stale_days: 10,
        edition_lease_days: Some(20),
        trust_stale_days: 11,
        trust_lease_days: Some(21),
        crl_stale_days: 12,
        crl_lease_days: Some(22),
        defects_stale_days: 13,
        defects_lease_days: Some(23),
        model_stale_days: Some(14),
        model_lease_days: Some(24),
        policy_stale_days: Some(15),
        policy_lease_days: Some(25),
        locale_stale_days: Some(16),
        locale_lease_days: Some(26),
        ..Policy::default()
    };
    let expected = |role: BundleRole, days: i64| {
        let place = BundleRole::ALL.iter().position(|r| *r == role).unwrap();
        let later = i64::try_from(place).unwrap();
        if days >= 20 + later {
            RoleStanding::LeaseOver
        } else if days >= 10 + later {
            RoleStanding::Stale
        } else {
            RoleStanding::Fresh
        }
    };
    // Also where an older program noted only when each file came.
    for confirmed in [Some(day(0)), None] {
        noted(folder.path(), confirmed);
        let of_box = equipment(folder.path(), policy.clone());
        for days in 0..30 {
            let ages = of_box.ages(day(days));
            let roles: Vec<BundleRole> = ages.iter().map(|of| of.role).collect();
            // Packages of the programs are not taken here.
            assert_eq!(roles, BundleRole::ALL[..1 + SENT.len()]);
            for of in &ages {
                assert_eq!(of.standing, expected(of.role, days), "{of:?}");
                assert_eq!((of.age_days, of.silent_days), (days, days));
            }
        }
        let sure = of_box.with_lock(Arc::new(Sure(day(40))));
        for of in sure.ages(day(0)) {
            assert_eq!(of.standing, RoleStanding::LeaseOver, "{of:?}");
        }
    }
}

#[test]
fn lists_for_chips_have_a_lease_also_where_the_index_of_what_came_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    activate(folder.path(), "OTIENO, Grace", day(0));
    let of_box = equipment(folder.path(), Policy::default());
    let standing = |days: i64| -> Vec<(BundleRole, RoleStanding)> {
        let ages = of_box.ages(day(days));
        ages.iter().map(|of| (of.role, of.standing)).collect()
    };
    assert_eq!(
        standing(0),
        [(BundleRole::Watchlist, RoleStanding::Fresh)],
        "nothing lies here"
    );
    believed(folder.path(), &state());
    let index = folder.path().join("carried.json");
    for lost in [None, Some("{"), Some(r#"{"version": 99, "files": {}}"#)] {
        if let Some(text) = lost {
            std::fs::write(&index, text).unwrap();
        }
        assert_eq!(
            standing(100),
            [
                (BundleRole::Watchlist, RoleStanding::LeaseOver),
                (BundleRole::Trust, RoleStanding::Fresh),
                (BundleRole::Crl, RoleStanding::LeaseOver),
                (BundleRole::Defects, RoleStanding::Fresh),
            ],
            "{lost:?}"
        );
    }
    // An index that says that none of them came: they are an operator's, and have no lease.
    std::fs::write(&index, r#"{"version": 1, "files": {}}"#).unwrap();
    assert_eq!(
        standing(100),
        [(BundleRole::Watchlist, RoleStanding::LeaseOver)]
    );
}

fn mpaka(state: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mpaka"))
        .env("MPAKA_STATE", state)
        .arg("--json")
        .args(words)
        .output()
        .unwrap()
}

fn objects(output: &Output) -> Vec<serde_json::Value> {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn scripts_are_told_the_box_s_lease_and_the_list_s() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let hq = HqPrivate::open_or_create(&folder.path().join("hq-private.json")).unwrap();
    let public = folder.path().join("hq-public.json");
    hq.public().write(&public).unwrap();
    let public = public.to_str().unwrap();
    objects(&mpaka(
        &state,
        &["enrol", "--post", "GATE", "--hq-public", public],
    ));
    let screen = |name: &str| {
        let asked = ["screen", "--name", name, "--birth", "1974-08-12"];
        objects(&mpaka(&state, &asked)).remove(0)
    };
    for (days, standing, clear) in [
        (1, "fresh", "Successful"),
        (8, "stale", "Successful"),
        (31, "lease_over", "Undetermined"),
    ] {
        let made_at = Timestamp::now() - SignedDuration::from_hours(24 * days + 1);
        let _ = std::fs::remove_dir_all(state.join("editions"));
        activate(&state, "OTIENO, Grace", made_at);
        let roles = objects(&mpaka(&state, &["editions", "roles"]));
        assert_eq!(roles.len(), 1, "{roles:?}");
        assert_eq!(roles[0]["role"], "watchlist");
        assert_eq!(roles[0]["standing"], standing);
        assert_eq!(roles[0]["edition"], 7);
        assert_eq!(roles[0]["age_days"], days);
        assert_eq!(roles[0]["silent_days"], days);
        assert_eq!(
            (&roles[0]["stale_days"], &roles[0]["lease_days"]),
            (&7.into(), &30.into())
        );
        let nobody = screen("KIMANI, Wanjiru");
        assert_eq!(nobody["outcome"], clear, "{nobody}");
        assert_eq!(nobody["list"]["standing"], standing, "{nobody}");
        assert_eq!(nobody["lease"]["standing"], "not_needed", "{nobody}");
        assert_eq!(nobody["candidates"].as_array().unwrap().len(), 0);
        // Whoever stands on it is found on any day.
        let somebody = screen("OTIENO, Grace");
        assert_eq!(somebody["outcome"], "Failed", "{somebody}");
        assert_eq!(somebody["candidates"][0]["entry"], "E-1", "{somebody}");
    }
    // The doctor says it too, and names what to do.
    let doctor = objects(&mpaka(&state, &["doctor"]));
    let list = doctor.iter().find(|part| part["part"] == "list").unwrap();
    assert_eq!(list["outcome"], "Failed", "{list}");
    assert!(
        list["detail"].as_str().unwrap().starts_with("LEASE OVER"),
        "{list}"
    );
    assert!(
        list["do"].as_str().unwrap().contains("editions take"),
        "{list}"
    );
}
