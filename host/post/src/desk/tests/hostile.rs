//! Text that somebody else wrote (a document, a chip, a list, a slip of paper), through every page that shows it.

use super::*;
use page::{ZoneEvidence, ZoneReading};
use rules::mrz::Zone;
use rules::{Argument, Candidate, CandidateKind, Check, EntryId, PaperEntry, Why};

const HOSTILE: &str =
    "</textarea></title></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}";

/// What a browser would take for more than text.
fn alive(page: &str) -> Vec<&'static str> {
    [
        "<script>alert",
        "</script><",
        "<img src=x",
        "\"'><",
        "</textarea></title>",
        "onerror=alert(1)>",
    ]
    .into_iter()
    .filter(|sign| page.contains(sign))
    .collect()
}

/// An inspection in which whatever is text says the same.
fn inspection(fixture: &Fixture) -> Inspection {
    let mut inspection = fixture.inspection();
    let zone = Zone::from_lines(&[
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ])
    .unwrap();
    let mut fields = zone.fields();
    for field in [
        &mut fields.document_code,
        &mut fields.issuing_state,
        &mut fields.document_number,
        &mut fields.nationality,
        &mut fields.date_of_birth,
        &mut fields.sex,
        &mut fields.date_of_expiry,
        &mut fields.surname,
        &mut fields.given_names,
        &mut fields.optional,
    ] {
        *field = HOSTILE.to_owned();
    }
    inspection.fields = Some(fields);
    inspection.zone = Some(ZoneReading {
        zone: None,
        lines: vec![HOSTILE.to_owned(); 3],
        seen: Vec::new(),
        confidence: Vec::new(),
        quad: [[0.0; 2]; 4],
        evidence: ZoneEvidence::default(),
        places: Vec::new(),
    });
    inspection.corrected_from = Some(vec![HOSTILE.to_owned(); 2]);
    inspection.checks = CheckId::ALL
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let check = Check::new(*id, Outcome::Failed, HOSTILE);
            match n % 2 {
                0 => check,
                _ => check.saying(
                    "detail-visual",
                    [
                        ("printed", Argument::Text(HOSTILE.to_owned())),
                        ("zone", Argument::Text(HOSTILE.to_owned())),
                    ],
                ),
            }
        })
        .collect();
    inspection.candidates = vec![Candidate {
        entry: EntryId::new("E-1").unwrap(),
        kind: CandidateKind::Person,
        score: 0.9,
        why: vec![Why {
            evidence: HOSTILE.to_owned(),
            detail: HOSTILE.to_owned(),
            said: Some(rules::Said::new(
                "likeness-extra",
                [
                    ("x", Argument::Text(HOSTILE.to_owned())),
                    ("y", Argument::Text(HOSTILE.to_owned())),
                ],
            )),
            effect: 0.9,
        }],
        cleared: None,
    }];
    inspection.circumstances.paper = Some(PaperEntry {
        number: HOSTILE.to_owned(),
        at: jiff::Timestamp::UNIX_EPOCH,
    });
    inspection.advised = rules::advice::advise(
        &inspection.checks,
        &inspection.candidates,
        &Policy::default(),
    );
    inspection
}

#[tokio::test]
async fn what_others_wrote_stays_text_on_every_page() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let running = Arc::new(Running::new(Pictures::default()).unwrap());
    running.ended(Phase::Advised(Arc::new(inspection(&fixture))));
    let id = running.id.clone();
    fixture
        .desk
        .sessions
        .change(&session, |s| s.current = Some(running));
    let mut pages = Vec::new();
    let here = format!("/inspections/{id}");
    for path in [
        here.clone(),
        format!("{here}/details"),
        format!("{here}/zone"),
    ] {
        pages.push((path.clone(), fixture.get(&path, Some(&session)).await));
    }
    let encoded: String = HOSTILE.bytes().map(|b| format!("%{b:02X}")).collect();
    for (path, body) in [
        (format!("{here}/zone"), format!("act=look&zone={encoded}")),
        (format!("{here}/zone"), format!("act=take&zone={encoded}")),
        (format!("{here}/zone/digits"), format!("zone={encoded}")),
        (
            "/paper".to_owned(),
            format!("number={encoded}&day={encoded}&time={encoded}&zone={encoded}"),
        ),
        (
            format!("{here}/decision"),
            format!("decision=Admit&reason={encoded}"),
        ),
        (
            format!("{here}/decision"),
            "decision=Refer&reason=instructed".to_owned(),
        ),
    ] {
        let form = format!("csrf={csrf}&{body}");
        let answer = fixture.form(&path, Some(&session), &form).await;
        pages.push((format!("{path} {body}"), answer));
    }
    for path in ["/", "/shift", "/referrals/1", "/referrals/1/notice"] {
        pages.push((path.to_owned(), fixture.get(path, Some(&session)).await));
    }
    let second = fixture.sign_in("s.second").await;
    for path in ["/second-line", "/second-line/1"] {
        pages.push((path.to_owned(), fixture.get(path, Some(&second)).await));
    }
    let shown = pages
        .iter()
        .filter(|(_, page)| page.body.contains("img src=x"))
        .count();
    assert!(shown >= 6, "only {shown} pages show it at all");
    for (path, page) in &pages {
        assert_eq!(
            alive(&page.body),
            Vec::<&str>::new(),
            "{path}\n{}",
            page.body
        );
        if page.header("content-type").starts_with("text/html") {
            assert!(page.header("content-security-policy").contains("'self'"));
        }
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    }
}
