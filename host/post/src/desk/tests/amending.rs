//! What an officer may change before she decides, and encounters that no camera saw.

use super::*;
use rules::{Candidate, CandidateKind, EntryId, Sequence};

const FIRST: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
const SECOND: &str = "L898902C36UTO7408122F3204153ZE184226B<<<<<1";

/// The specimen's second line with a right last digit.
fn second() -> String {
    use rules::mrz::{Zone, check_digit};
    let line = format!("{SECOND}0");
    let covered = format!("{}{}{}", &line[..10], &line[13..20], &line[21..43]);
    let digit = check_digit(&covered).unwrap();
    let line = format!("{SECOND}{digit}");
    let zone = Zone::from_lines(&[FIRST, &line]).unwrap();
    let wrong: Vec<_> = zone
        .checks(jiff::civil::date(2026, 11, 29))
        .into_iter()
        .filter(|c| c.outcome == Outcome::Failed)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    line
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn a_zone_is_corrected_by_hand_and_its_digits_follow() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let id = fixture.put_before(&session, Advice::Look);
    let path = format!("/inspections/{id}/zone");
    let form = fixture.get(&path, Some(&session)).await;
    assert!(form.body.contains("<textarea"));
    let slip = second().replacen("L898902C36", "L898902C37", 1);
    let typed = |second: &str, act: &str| {
        let zone = encoded(&format!("{FIRST}\n{second}"));
        format!("csrf={csrf}&act={act}&zone={zone}")
    };
    let looked = fixture
        .form(&path, Some(&session), &typed(&slip, "look"))
        .await;
    assert!(
        looked.body.contains("expected 6, read 7"),
        "{}",
        looked.body
    );
    let digits = format!("{path}/digits");
    let live = fixture
        .form(&digits, Some(&session), &typed(&slip, ""))
        .await;
    let object: serde_json::Value = serde_json::from_str(&live.body).unwrap();
    let wrong: Vec<_> = object["digits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["tone"] == "warn")
        .map(|d| d["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        wrong,
        [
            "Check digit of the document number",
            "Check digit of the whole"
        ]
    );
    for (zone, words) in [
        ("", "Type the 2 or 3 lines"),
        ("A\nB\nC\nD", "this has 4"),
        ("P<UTO\nX", "has 5 of"),
        ("<script>\nx", "stand in a zone"),
    ] {
        let body = format!("csrf={csrf}&act=take&zone={}", encoded(zone));
        let refused = fixture.form(&path, Some(&session), &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{zone}");
        assert!(!refused.body.contains("<script>\n"));
        let live = fixture.form(&digits, Some(&session), &body).await;
        if !zone.is_empty() {
            assert!(live.body.contains(words), "{zone}: {}", live.body);
        }
    }
    let forged = fixture
        .form(&path, Some(&session), "csrf=0&act=take&zone=x")
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    // Lower case is taken as it is meant.
    let lower = typed(&second(), "take").replace(&encoded(FIRST), &encoded(&FIRST.to_lowercase()));
    let taken = fixture.form(&path, Some(&session), &lower).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let page = fixture
        .get(&format!("/inspections/{id}"), Some(&session))
        .await
        .body;
    assert!(page.contains("ERIKSSON") && page.contains("The zone was typed by hand"));
    let decision = format!("/inspections/{id}/decision");
    let form = format!("csrf={csrf}&decision=Hold");
    fixture.form(&decision, Some(&session), &form).await;
    let record = fixture
        .desk
        .parts
        .appliance
        .encounter(Sequence(1))
        .unwrap()
        .unwrap();
    let document = record.document.unwrap();
    assert_eq!(document.mrz[0], FIRST);
    assert_eq!(
        document.mrz_before_correction,
        Some(vec![]),
        "the machine had read nothing"
    );
}

#[test]
fn a_chip_that_agreed_with_what_was_read_vouches_for_nothing_that_is_typed_instead() {
    let fixture = fixture();
    let equipment = &fixture.desk.parts.equipment;
    let zone = |second: &str| rules::mrz::Zone::from_lines(&[FIRST, second]).unwrap();
    let read = zone(&second());
    let mut inspection = fixture.inspection().with_zone(&read, equipment);
    let agrees = rules::Check::new(CheckId::ChipZoneAgrees, Outcome::Successful, "");
    inspection.checks.push(agrees);
    let answer = |typed: &rules::mrz::Zone| {
        let corrected = inspection.with_zone(typed, equipment);
        let agrees = |c: &&rules::Check| c.check == CheckId::ChipZoneAgrees;
        corrected.checks.iter().find(agrees).unwrap().outcome
    };
    assert_eq!(answer(&read), Outcome::Successful, "typed as it was read");
    let other = zone(&second().replacen("L898902C36", "L898902C44", 1));
    assert_eq!(answer(&other), Outcome::Undetermined);
}

#[tokio::test]
async fn a_veil_penalises_nobody() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let mut inspection = fixture.inspection();
    inspection.checks = vec![rules::Check::new(
        CheckId::FaceLive,
        Outcome::Undetermined,
        "no face",
    )];
    let equipment = &fixture.desk.parts.equipment;
    let skipped = inspection.with_face_skipped(rules::FaceSkip::Veil, equipment);
    assert_eq!(skipped.advised.advice, Advice::Clear);
    assert_eq!(skipped.advised.reasons[0].code, ReasonCode::FaceSkipped);
    assert_eq!(skipped.face_score, None);

    let id = fixture.put_before(&session, Advice::Look);
    let path = format!("/inspections/{id}/face/skip");
    let nonsense = fixture
        .form(&path, Some(&session), &format!("csrf={csrf}&skip=ugly"))
        .await;
    assert_eq!(nonsense.status, StatusCode::FORBIDDEN);
    fixture
        .form(&path, Some(&session), &format!("csrf={csrf}&skip=injury"))
        .await;
    let decision = format!("/inspections/{id}/decision");
    let form = format!("csrf={csrf}&decision=Hold");
    fixture.form(&decision, Some(&session), &form).await;
    let record = fixture
        .desk
        .parts
        .appliance
        .encounter(Sequence(1))
        .unwrap()
        .unwrap();
    assert_eq!(
        record.circumstances.face_skipped,
        Some(rules::FaceSkip::Injury)
    );
}

#[tokio::test]
async fn what_passed_on_paper_is_entered_without_biometrics() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/paper", Some(&session)).await.csrf();
    let zone = encoded(&format!("{FIRST}\n{}", second()));
    let entry = |number: &str, day: &str, time: &str, zone: &str| {
        format!("csrf={csrf}&number={number}&day={day}&time={time}&zone={zone}")
    };
    for (body, words) in [
        (
            entry("", "2026-01-01", "10:40", &zone),
            "the number that stands on the paper",
        ),
        (
            entry("P-1", "2099-01-01", "10:40", &zone),
            "no day and time",
        ),
        (entry("P-1", "2026-01-01", "10:40", "x"), "2 or 3 lines"),
    ] {
        let refused = fixture.form("/paper", Some(&session), &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let body = entry("%3Cb%3E17", "2026-01-01", "10:40", &zone);
    let entered = fixture.form("/paper", Some(&session), &body).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let address = entered.header("location").to_owned();
    let page = fixture.get(&address, Some(&session)).await.body;
    assert!(page.contains("ERIKSSON") && page.contains("From paper"));
    assert!(!page.contains("<b>17"));
    // What has expired since was valid when the traveller passed.
    let judged = fixture.desk.sessions.find(&session, Instant::now());
    let inspection = judged.unwrap().current.unwrap().advised().unwrap();
    assert_eq!(inspection.moment.today, jiff::civil::date(2026, 1, 1));
    // It can be decided otherwise than advised, because it was decided on paper.
    let form = format!("csrf={csrf}&decision=Admit&reason=decided_on_paper");
    let decided = fixture
        .form(&format!("{address}/decision"), Some(&session), &form)
        .await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER);
    let record = fixture
        .desk
        .parts
        .appliance
        .encounter(Sequence(1))
        .unwrap()
        .unwrap();
    assert_eq!(record.circumstances.paper.unwrap().number, "<b>17");
    assert_eq!(record.face_score, None);
    assert!(
        record
            .checks
            .iter()
            .all(|c| c.check.group() != rules::CheckGroup::Face)
    );
}

#[tokio::test]
async fn an_encounter_that_the_power_interrupted_is_offered_again_and_decided_once() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let begun = fixture.upload(&session, &csrf, &picture()).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    fixture.run_out(&session).await;
    let rows = fixture.desk.parts.appliance.begun().unwrap();
    assert!(
        rows[0].found.is_some(),
        "the advice is on disk before the decision"
    );
    // The power goes: the desk is gone without closing. Another finds what was left.
    let Fixture { folder, desk } = fixture;
    let parts = DeskParts {
        appliance: Arc::clone(&desk.parts.appliance),
        equipment: Arc::clone(&desk.parts.equipment),
        officers: desk.parts.officers.clone(),
        lane: desk.parts.lane.clone(),
        camera: None,
        hardware: Arc::new(Hardware::new(Box::new(BenchBoard::new().unwrap().0))),
        scenes: None,
        uploads: Background::default(),
    };
    drop(desk);
    let fixture = Fixture {
        folder,
        desk: Desk::new(parts),
    };
    let session = fixture.at_lane("b.officer").await;
    let lane = fixture.get("/", Some(&session)).await;
    assert!(
        lane.body.contains("Interrupted when the power went"),
        "{}",
        lane.body
    );
    let path = format!("/interrupted/{}", rows[0].id.number());
    let forged = fixture.form(&path, Some(&session), "csrf=0").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let form = format!("csrf={}", lane.csrf());
    let taken = fixture.form(&path, Some(&session), &form).await;
    let address = taken.header("location").to_owned();
    let page = fixture.get(&address, Some(&session)).await.body;
    assert!(
        page.contains("nothing was decided") && page.contains("Look"),
        "{page}"
    );
    let again = fixture.form(&path, Some(&session), &form).await;
    assert_eq!(again.header("location"), "/", "it is taken up once");
    assert_eq!(fixture.waiting(), 0);
    let decision = format!("{form}&decision=Hold");
    fixture
        .form(&format!("{address}/decision"), Some(&session), &decision)
        .await;
    assert_eq!(fixture.waiting(), 1);
    assert!(fixture.desk.parts.appliance.begun().unwrap().is_empty());
    let record = fixture
        .desk
        .parts
        .appliance
        .encounter(Sequence(1))
        .unwrap()
        .unwrap();
    assert!(record.circumstances.reopened_at.is_some());
}

#[tokio::test]
async fn of_a_discreet_entry_the_first_line_sees_only_that_it_refers() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let mut inspection = fixture.inspection();
    inspection.candidates = vec![Candidate {
        entry: EntryId::new("E-SECRET").unwrap(),
        kind: CandidateKind::Person,
        score: 0.75,
        why: vec![],
        cleared: None,
    }];
    inspection.disclosure = crate::inspection::stages::Disclosure::SecondLineOnly;
    inspection.advised = Advised {
        advice: Advice::Look,
        reasons: vec![Reason {
            code: ReasonCode::PersonMayResemble,
            check: None,
            detail: String::new(),
        }],
    };
    inspection.checks.push(rules::Check::new(
        CheckId::SearchPersons,
        Outcome::Failed,
        "1 candidate",
    ));
    // The door for scripts tells no more.
    let body = crate::desk::api::InspectedBody::of("x", &inspection);
    let object = serde_json::to_value(body).unwrap();
    assert_eq!(object["advice"], "Refer");
    assert_eq!(object["reasons"], serde_json::json!([]));
    let text = object.to_string();
    assert!(!text.contains("E-SECRET") && !text.contains("search."));
    let running = Arc::new(Running::new(Pictures::default()).unwrap());
    running.ended(Phase::Advised(Arc::new(inspection)));
    let id = running.id.clone();
    fixture
        .desk
        .sessions
        .change(&session, |s| s.current = Some(running));
    for path in [
        format!("/inspections/{id}"),
        format!("/inspections/{id}/details"),
    ] {
        let page = fixture.get(&path, Some(&session)).await.body;
        for word in [
            "E-SECRET",
            "resembles",
            "Listed",
            "candidate\"",
            "Listed persons",
        ] {
            assert!(!page.contains(word), "{path}: {word}");
        }
    }
    let page = fixture
        .get(&format!("/inspections/{id}"), Some(&session))
        .await;
    assert!(
        page.body
            .contains("The second line should see this traveller")
    );
    assert!(page.body.contains("<b>Refer</b>"));
    // Admitting against what was shown asks for a reason.
    let form = format!("csrf={}&decision=Admit", page.csrf());
    let asked = fixture
        .form(
            &format!("/inspections/{id}/decision"),
            Some(&session),
            &form,
        )
        .await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
}
