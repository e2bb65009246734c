//! What the officer sees, whatever a document or a list says.

use super::*;

#[test]
fn hostile_text_of_a_document_stays_text() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 7*7 }}";
    let words = Words::of("en");
    let view = EncounterView {
        id: "x".into(),
        traveller: Some(Traveller {
            surname: hostile.into(),
            given_names: hostile.into(),
            sex: words.say("sex-F"),
            age: Some(hostile.into()),
            document: words.with_all(
                "document-line",
                &[("state", hostile), ("kind", hostile), ("number", hostile)],
            ),
            born: hostile.into(),
            validity: hostile.into(),
            expired: false,
        }),
        reasons: vec![crate::desk::reasons::Reason {
            tone: "bad",
            symbol: "◆",
            sentence: hostile.into(),
            detail: hostile.into(),
        }],
        candidates: vec![crate::desk::reasons::Listed {
            kind: "candidate-person",
            evidence: hostile.into(),
            closeness: "candidate-close",
            entry: hostile.into(),
            cleared: "Cleared earlier: 1 June 2026, at the lane".into(),
        }],
        zone: vec![vec![crate::desk::zone_shown::Run {
            text: hostile.into(),
            mark: "unsure",
        }]],
        problem: Some(hostile.into()),
        notes: vec![hostile.into()],
        ..EncounterView::default()
    };
    let frame = crate::desk::visit::Frame {
        words,
        theme: Theme::Normal,
        post: hostile.into(),
        lane: hostile.into(),
        officer: Some(hostile.into()),
        home: "/",
        at_lane: true,
        csrf: String::new(),
        ages: Vec::new(),
        list: Some(crate::desk::visit::ListLine {
            text: hostile.into(),
            stale: true,
        }),
        outbox: Some(hostile.into()),
        lease: Some(crate::desk::visit::LeaseLine::Soon(hostile.into())),
        here: hostile.into(),
    };
    let page = EncounterPage { frame, view }.render().unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
    assert!(!page.contains("\"'><img"), "no attribute is left");
    assert!(
        page.contains("<bdi>&#60;script&#62;") || page.contains("<bdi>&lt;script&gt;"),
        "names stand in bdi"
    );
}

/// The encounter's page in a language.
fn shown(inspection: &inspection::Inspection, tag: &str) -> String {
    let words = Words::of(tag);
    let frame = crate::desk::visit::Frame {
        words,
        theme: Theme::Normal,
        post: String::new(),
        lane: String::new(),
        officer: None,
        home: "/",
        at_lane: false,
        csrf: String::new(),
        ages: Vec::new(),
        list: None,
        outbox: None,
        lease: None,
        here: "/".into(),
    };
    let view = EncounterView::advised("x", inspection, words, &Policy::default());
    EncounterPage { frame, view }.render().unwrap()
}

#[test]
fn the_first_line_learns_of_a_candidate_without_the_entry() {
    let mut inspection = fixture().inspection();
    inspection.candidates = vec![rules::Candidate {
        entry: rules::EntryId::new("E-77").unwrap(),
        kind: rules::CandidateKind::Person,
        score: 0.91,
        why: vec![rules::Why {
            evidence: "name".into(),
            detail: "ERIKSSON ~ LISTEDNAME 0.93".into(),
            said: None,
            effect: 0.6,
        }],
        cleared: None,
    }];
    let view = EncounterView::advised("x", &inspection, Words::of("en"), &Policy::default());
    let listed = &view.candidates[0];
    assert_eq!(
        (listed.evidence.as_str(), listed.closeness),
        ("name", "candidate-close")
    );
    let page = shown(&inspection, "en");
    assert!(
        !page.contains("LISTEDNAME"),
        "what the entry says is for the second line"
    );
    assert!(page.contains("E-77"), "the second line needs the reference");
    assert!(!page.to_lowercase().contains(" hit"));
}

#[test]
fn the_officer_is_told_what_would_make_a_better_picture_of_the_page() {
    let mut inspection = fixture().inspection();
    assert!(!shown(&inspection, "en").contains("Turn the document"));
    inspection.guidance = vec![page::Guidance::Turn, page::Guidance::MoveCloser];
    let page = shown(&inspection, "en");
    let (turn, closer) = (
        page.find("Turn the document away from the light").unwrap(),
        page.find("Bring the document closer").unwrap(),
    );
    assert!(turn < closer, "the most urgent first");
    assert!(shown(&inspection, "sw").contains("Sogeza hati karibu"));
}

#[test]
fn the_officer_is_told_what_would_make_a_better_picture_of_the_traveller() {
    use models::quality::Guidance::{MoreLight, PlainBackground, UncoverEyes};
    let mut inspection = fixture().inspection();
    inspection.face_guidance = vec![UncoverEyes, MoreLight, PlainBackground];
    let page = shown(&inspection, "en");
    let (eyes, light) = (
        page.find("Uncover the eyes").unwrap(),
        page.find("More light on the face").unwrap(),
    );
    assert!(eyes < light, "the most important first");
    assert!(!page.contains("plain background"), "two things at a time");
    assert!(shown(&inspection, "fr").contains("Découvrez les yeux"));
}

#[test]
fn nothing_is_coloured_that_is_fine() {
    let fine = crate::desk::view::group(
        rules::CheckGroup::Zone,
        Some(Outcome::Successful),
        Advice::Clear,
    );
    assert_eq!((fine.tone, fine.symbol), ("", "✓"));
    let absent = crate::desk::view::group(
        rules::CheckGroup::Chip,
        Some(Outcome::NotSupported),
        Advice::Clear,
    );
    assert_eq!((absent.tone, absent.symbol), ("none", "–"));
    let refers = crate::desk::view::group(
        rules::CheckGroup::Search,
        Some(Outcome::Failed),
        Advice::Refer,
    );
    assert_eq!((refers.tone, refers.symbol), ("bad", "◆"));
    for outcome in [
        Outcome::Successful,
        Outcome::Failed,
        Outcome::Undetermined,
        Outcome::NotSupported,
        Outcome::Aborted,
    ] {
        let shown = crate::desk::view::group(rules::CheckGroup::Face, Some(outcome), Advice::Look);
        for language in ["en", "sw", "fr", "so", "am", "ar"] {
            assert_ne!(Words::of(language).say(shown.outcome), shown.outcome);
        }
    }
}

#[tokio::test]
async fn the_bar_names_what_is_old_or_past_its_lease_and_the_self_test_every_role() {
    use watchlist::build::{EditionBuilder, EditionHeader};
    let fixture = fixture();
    let state = fixture.folder.path().join("state");
    let ago = |days: i64| Timestamp::now() - jiff::SignedDuration::from_hours(24 * days + 1);
    let mut editions = store::editions::Editions::open(&state).unwrap();
    let staged = editions.stage().unwrap();
    let header = EditionHeader {
        number: rules::EditionNumber(7),
        made_at: ago(100),
        expires_at: ago(0),
        sources: vec![],
    };
    EditionBuilder::new().write(&staged, &header).unwrap();
    editions.activate(header.number, &staged).unwrap();
    let came = |days: &[(&str, i64)]| {
        let files: serde_json::Map<String, serde_json::Value> = days
            .iter()
            .map(|(kind, days)| {
                let file = serde_json::json!({
                    "kind": kind, "name": "a", "edition": 7, "taken_at": ago(*days),
                });
                (format!("file-{kind}-0123456789abcdef-a"), file)
            })
            .collect();
        let index = serde_json::json!({
            "version": 1, "files": files, "confirmed_at": ago(100),
        });
        std::fs::write(state.join("carried.json"), index.to_string()).unwrap();
    };
    came(&[
        ("trust", 190),
        ("crl", 100),
        ("defects", 110),
        ("policy", 500),
    ]);
    let session = fixture.sign_in("a.officer").await;
    let page = fixture.get("/self-test", Some(&session)).await.body;
    let (bar, rows) = page.split_once("<table>").unwrap();
    for told in [
        "List 7 not confirmed by headquarters for 100 days",
        "Country signers: 190 days",
        "Revocation lists: not confirmed by headquarters for 100 days",
    ] {
        assert!(bar.contains(told), "{told}: {bar}");
    }
    // What is of its time is not worth a word in the bar; the self-test has all.
    assert!(
        !bar.contains("Defect lists") && !bar.contains("Policy"),
        "{bar}"
    );
    for (role, age) in [
        ("Country signers", "190 days"),
        (
            "Revocation lists",
            "not confirmed by headquarters for 100 days",
        ),
        ("Defect lists", "110 days"),
        ("Policy", "500 days"),
    ] {
        let row = rows.lines().find(|row| row.contains(role)).unwrap();
        assert!(row.contains(age), "{role}: {row}");
    }
    // The door for scripts has the same.
    let token = format!("Bearer {session}");
    let asked = Request::builder()
        .uri("/api/status")
        .header("host", "127.0.0.1:8470")
        .header("authorization", token)
        .body(Body::empty())
        .unwrap();
    let status = fixture.send(asked).await;
    let status: serde_json::Value = serde_json::from_str(&status.body).unwrap();
    let roles = status["roles"].as_array().unwrap();
    let standing: Vec<(&str, &str)> = roles
        .iter()
        .map(|of| {
            let text = |field: &str| of[field].as_str().unwrap();
            (text("role"), text("standing"))
        })
        .collect();
    assert_eq!(
        standing,
        [
            ("watchlist", "lease_over"),
            ("trust", "stale"),
            ("crl", "lease_over"),
            ("defects", "fresh"),
            ("policy", "fresh"),
        ]
    );
}
