//! The desk through its router, as a browser or a script meets it.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::running::{Phase, Running};
use super::view::{EncounterPage, EncounterView, Traveller};
use super::words::Words;
use super::*;
use crate::devices::WatchedFolder;
use crate::inspection::Pictures;
use crate::state::{PostFile, StateDir};
use askama::Template;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use firmware::board::bench::BenchBoard;
use rules::{Advised, CheckId, OfficerId, Outcome, Policy, PostId, Reason, ReasonCode};
use seal::device::DeviceKey;
use seal::hq::HqPrivate;
use seal::storekey::StoreKey;
use tower::ServiceExt;

const PIN: &str = "246810";

struct Fixture {
    folder: tempfile::TempDir,
    desk: Arc<Desk>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The value of the form token on the page.
    fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A box without models and without a list: every inspection ends in `Look`.
fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let state = StateDir::new(folder.path().join("state"));
    state.create().unwrap();
    DeviceKey::open_or_create(&state.device_key()).unwrap();
    StoreKey::open_or_create(&state.store_key()).unwrap();
    let hq = HqPrivate::open_or_create(&folder.path().join("hq-private.json")).unwrap();
    hq.public().write(&state.hq_public()).unwrap();
    state
        .write_post(&PostFile {
            version: PostFile::VERSION,
            post: PostId::new("GATE").unwrap(),
            lane: LaneId::new("2").unwrap(),
            time_zone: None,
        })
        .unwrap();
    let officers = Officers::of(&state);
    for officer in ["a.officer", "b.officer"] {
        officers.add(OfficerId::new(officer).unwrap(), PIN).unwrap();
    }
    let equipment = Equipment::new(
        Err("no reader".into()),
        Err("no model".into()),
        Some(state.root()),
        Policy::default(),
    );
    let desk = Desk::new(DeskParts {
        appliance: Arc::new(Appliance::open(&state).unwrap()),
        equipment: Arc::new(equipment),
        officers,
        lane: LaneId::new("2").unwrap(),
        camera: Some(Arc::new(WatchedFolder::new(folder.path().join("camera")))),
        hardware: Arc::new(Hardware::new(Box::new(BenchBoard::new().unwrap().0))),
        scenes: Some(Scenes::new(folder.path().join("scenes"))),
        uploads: Background::default(),
    });
    Fixture { folder, desk }
}

impl Fixture {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.desk.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    async fn get(&self, path: &str, session: Option<&str>) -> Answer {
        self.send(request("GET", path, session, "", "")).await
    }

    async fn form(&self, path: &str, session: Option<&str>, body: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.send(request("POST", path, session, kind, body)).await
    }

    /// Signs in through the form; the session's token.
    async fn sign_in(&self, officer: &str) -> String {
        let body = format!("officer={officer}&pin={PIN}");
        let answer = self.form("/sign-in", None, &body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let cookie = answer.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let token = cookie.strip_prefix("session=").unwrap();
        token.split(';').next().unwrap().to_owned()
    }

    async fn upload(&self, session: &str, csrf: &str, picture: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, value) in [
            ("csrf", csrf.as_bytes()),
            ("page", picture),
            ("live", picture),
        ] {
            let file = if name == "csrf" {
                ""
            } else {
                "; filename=\"a.png\""
            };
            body.extend_from_slice(
                format!("--X\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        let request = Request::builder()
            .method("POST")
            .uri("/inspections/upload")
            .header("host", "127.0.0.1:8470")
            .header("cookie", format!("session={session}"))
            .header("content-type", "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    fn waiting(&self) -> u64 {
        self.desk.parts.appliance.outbox().unwrap().waiting
    }

    /// Puts a traveller with this advice before the officer of a session.
    fn put_before(&self, session: &str, advice: Advice) -> String {
        let picture = Picture::decode(&picture()).unwrap();
        let evidence = Evidence {
            page: picture.clone(),
            live: picture,
        };
        let mut inspection = inspection::inspect(
            evidence,
            &self.desk.parts.equipment,
            self.desk.moment(),
            &(),
        );
        inspection.advised = Advised {
            advice,
            reasons: match advice {
                Advice::Clear => vec![],
                Advice::Look => vec![reason(ReasonCode::FaceDiffers, CheckId::FaceMatch)],
                Advice::Refer => vec![reason(
                    ReasonCode::DocumentExpired,
                    CheckId::DocumentValidity,
                )],
            },
        };
        let running = Arc::new(Running::new(Pictures::default()).unwrap());
        running.ended(Phase::Advised(Arc::new(inspection)));
        let id = running.id.clone();
        self.desk
            .sessions
            .change(session, |s| s.current = Some(running));
        id
    }
}

fn reason(code: ReasonCode, check: CheckId) -> Reason {
    Reason {
        code,
        check: Some(check),
        detail: "<b>detail</b>".into(),
    }
}

fn request(
    method: &str,
    path: &str,
    session: Option<&str>,
    kind: &str,
    body: &str,
) -> Request<Body> {
    let mut builder = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:8470");
    if let Some(session) = session {
        builder = builder.header("cookie", format!("session={session}"));
    }
    if !kind.is_empty() {
        builder = builder.header("content-type", kind);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(320, 240, image::Rgb([200, 190, 180]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let fixture = fixture();
    for path in [
        "/",
        "/inspections/x",
        "/inspections/x/pictures/page",
        "/inspections/x/events",
        "/scenes/x/live",
    ] {
        let answer = fixture.get(path, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.header("location"), "/sign-in");
        let stale = fixture.get(path, Some("0123")).await;
        assert_eq!(stale.header("location"), "/sign-in?over", "{path}");
    }
    for path in [
        "/inspections",
        "/inspections/x/decision",
        "/inspections/x/face",
        "/sign-out",
    ] {
        let answer = fixture.form(path, None, "csrf=&decision=Admit").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
    }
    let api = fixture
        .send(request(
            "POST",
            "/api/inspections",
            None,
            "application/json",
            "{\"scene\":\"x\"}",
        ))
        .await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    let by_cookie = fixture.sign_in("a.officer").await;
    let api = fixture.get("/api/status", Some(&by_cookie)).await;
    assert_eq!(
        api.status,
        StatusCode::UNAUTHORIZED,
        "a cookie is no bearer token"
    );
}

#[tokio::test]
async fn every_answer_carries_its_safeguards() {
    let fixture = fixture();
    for path in [
        "/sign-in",
        "/assets/desk.css",
        "/assets/desk.js",
        "/nowhere",
        "/api/status",
    ] {
        let answer = fixture.get(path, None).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let stored = path.starts_with("/assets");
        assert_eq!(
            answer.header("cache-control") == "no-store",
            !stored,
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_page_asks_for_anything_outside_and_none_holds_inline_script() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    fixture.put_before(&session, Advice::Refer);
    let id = fixture
        .desk
        .sessions
        .find(&session, Instant::now())
        .unwrap()
        .current
        .unwrap()
        .id
        .clone();
    for path in [
        "/sign-in".to_owned(),
        "/".to_owned(),
        format!("/inspections/{id}"),
    ] {
        let page = fixture.get(&path, Some(&session)).await.body;
        for outside in [
            "http://",
            "https://",
            "//cdn",
            " style=",
            " onclick",
            "javascript:",
        ] {
            assert!(!page.contains(outside), "{path}: {outside}");
        }
    }
    for text in [
        include_str!("../../assets/desk.css"),
        include_str!("../../assets/desk.js"),
    ] {
        assert!(!text.contains("http") && !text.contains("url("));
    }
}

#[tokio::test]
async fn a_wrong_pin_lets_nobody_in_and_says_so() {
    let fixture = fixture();
    for body in [
        "officer=a.officer&pin=000000",
        "officer=%3Cscript%3E&pin=1",
        "officer=&pin=",
    ] {
        let answer = fixture.form("/sign-in", None, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{body}");
        assert!(answer.headers.get("set-cookie").is_none());
        assert!(answer.body.contains("Officer or PIN is wrong"));
        assert!(!answer.body.contains("<script>"));
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    let id = fixture.put_before(&session, Advice::Look);
    let path = format!("/inspections/{id}/decision");
    for csrf in ["", "0", &"0".repeat(64)] {
        let answer = fixture
            .form(
                &path,
                Some(&session),
                &format!("csrf={csrf}&decision=Admit"),
            )
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
    }
    let upload = fixture.upload(&session, "wrong", &picture()).await;
    assert_eq!(upload.status, StatusCode::FORBIDDEN);
    let csrf = fixture
        .get(&format!("/inspections/{id}"), Some(&session))
        .await
        .csrf();
    let mut from_elsewhere = request(
        "POST",
        &path,
        Some(&session),
        "application/x-www-form-urlencoded",
        &format!("csrf={csrf}&decision=Admit"),
    );
    from_elsewhere
        .headers_mut()
        .insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(
        fixture.send(from_elsewhere).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(fixture.waiting(), 0);
}

#[tokio::test]
async fn a_traveller_from_pictures_to_record() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    let lane = fixture.get("/", Some(&session)).await;
    let csrf = lane.csrf();
    let begun = fixture.upload(&session, &csrf, &picture()).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let address = begun.header("location").to_owned();
    let second = fixture.upload(&session, &csrf, &picture()).await;
    assert_eq!(
        second.status,
        StatusCode::CONFLICT,
        "one traveller at a time"
    );

    let running = fixture
        .desk
        .sessions
        .find(&session, Instant::now())
        .unwrap()
        .current
        .unwrap();
    running.done().await;
    let screen = fixture.get(&address, Some(&session)).await;
    assert_eq!(screen.status, StatusCode::OK);
    for words in [
        "Look",
        "The zone could not be read",
        "no reader",
        "Admit",
        "Refer to second line",
        "Hold",
    ] {
        assert!(screen.body.contains(words), "{words}");
    }
    let live = fixture
        .get(&format!("{address}/pictures/live"), Some(&session))
        .await;
    assert_eq!(live.header("content-type"), "image/jpeg");
    assert_eq!(
        fixture.waiting(),
        0,
        "nothing is recorded before the officer decides"
    );

    let body = format!("csrf={csrf}&decision=Hold");
    let decided = fixture
        .form(&format!("{address}/decision"), Some(&session), &body)
        .await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    assert_eq!(fixture.waiting(), 1);
    let lane = fixture.get("/", Some(&session)).await;
    assert!(
        lane.body.contains("Held") && lane.body.contains("GATE/000001"),
        "{}",
        lane.body
    );

    // The screen is cleared: the traveller is nowhere any more, and a second press changes nothing.
    let again = fixture
        .form(&format!("{address}/decision"), Some(&session), &body)
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(
        fixture
            .get(&format!("{address}/pictures/live"), Some(&session))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        fixture.get(&address, Some(&session)).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(fixture.waiting(), 1);
}

#[tokio::test]
async fn deciding_against_the_advice_asks_for_one_tap() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    for (advice, decision) in [
        (Advice::Refer, "Admit"),
        (Advice::Clear, "Refer"),
        (Advice::Clear, "Hold"),
    ] {
        let before = fixture.waiting();
        let id = fixture.put_before(&session, advice);
        let path = format!("/inspections/{id}/decision");
        let asked = fixture
            .form(
                &path,
                Some(&session),
                &format!("csrf={csrf}&decision={decision}"),
            )
            .await;
        assert_eq!(
            asked.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{decision} against {advice:?}"
        );
        for reason in rules::OverrideReason::ALL {
            assert!(
                asked
                    .body
                    .contains(&format!("value=\"{}\"", reason.as_str()))
            );
        }
        let nonsense = format!("csrf={csrf}&decision={decision}&reason=because");
        assert_eq!(
            fixture.form(&path, Some(&session), &nonsense).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert_eq!(fixture.waiting(), before);
        let given = format!("csrf={csrf}&decision={decision}&reason=instructed");
        assert_eq!(
            fixture.form(&path, Some(&session), &given).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(fixture.waiting(), before + 1);
    }
}

#[tokio::test]
async fn a_traveller_is_seen_by_the_own_officer_only() {
    let fixture = fixture();
    let first = fixture.sign_in("a.officer").await;
    let second = fixture.sign_in("b.officer").await;
    let id = fixture.put_before(&first, Advice::Look);
    let csrf = fixture.get("/", Some(&second)).await.csrf();
    assert_eq!(
        fixture
            .get(&format!("/inspections/{id}"), Some(&second))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    for which in ["page", "live", "portrait"] {
        let answer = fixture
            .get(
                &format!("/inspections/{id}/pictures/{which}"),
                Some(&second),
            )
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let body = format!("csrf={csrf}&decision=Admit");
    fixture
        .form(&format!("/inspections/{id}/decision"), Some(&second), &body)
        .await;
    assert_eq!(fixture.waiting(), 0);
}

#[tokio::test]
async fn leaving_a_traveller_undecided_leaves_a_record() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    fixture.put_before(&session, Advice::Look);
    let left = fixture
        .form("/sign-out", Some(&session), &format!("csrf={csrf}"))
        .await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(fixture.waiting(), 1);
    assert_eq!(
        fixture.get("/", Some(&session)).await.header("location"),
        "/sign-in?over"
    );

    let session = fixture.sign_in("a.officer").await;
    fixture.put_before(&session, Advice::Look);
    fixture.desk.close().await;
    assert_eq!(fixture.waiting(), 2, "the desk closes in order");
}

#[tokio::test]
async fn the_json_door_keeps_the_same_rules() {
    let fixture = fixture();
    let scene = fixture.folder.path().join("scenes/one");
    std::fs::create_dir_all(&scene).unwrap();
    for name in ["page.png", "live.png"] {
        std::fs::write(scene.join(name), picture()).unwrap();
    }
    let json = "application/json";
    let wrong = fixture
        .send(request(
            "POST",
            "/api/session",
            None,
            json,
            "{\"officer\":\"a.officer\",\"pin\":\"1\"}",
        ))
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let body = format!("{{\"officer\":\"a.officer\",\"pin\":\"{PIN}\"}}");
    let session = fixture
        .send(request("POST", "/api/session", None, json, &body))
        .await;
    let token = serde_json::from_str::<serde_json::Value>(&session.body).unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let ask = |path: &str, body: &str| {
        let mut request = request("POST", path, None, json, body);
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    };
    let missing = fixture
        .send(ask("/api/inspections", "{\"scene\":\"../state\"}"))
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let inspected = fixture
        .send(ask("/api/inspections", "{\"scene\":\"one\"}"))
        .await;
    assert_eq!(inspected.status, StatusCode::CREATED, "{}", inspected.body);
    let object: serde_json::Value = serde_json::from_str(&inspected.body).unwrap();
    assert_eq!(object["advice"], "Look");
    let path = format!(
        "/api/inspections/{}/decision",
        object["inspection"].as_str().unwrap()
    );
    for bad in [
        "{\"decision\":\"Clear\"}",
        "{\"decision\":\"admit\"}",
        "{\"decision\":\"Admit\",\"reason\":\"x\"}",
    ] {
        assert_eq!(
            fixture.send(ask(&path, bad)).await.status,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
    let decided = fixture
        .send(ask(&path, "{\"decision\":\"Admit\",\"reason\":null}"))
        .await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    assert!(decided.body.contains("GATE/000001"));
    assert_eq!(fixture.waiting(), 1);
    assert_eq!(
        fixture
            .send(ask(&path, "{\"decision\":\"Admit\"}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_camera_gives_both_pictures_and_the_face_again() {
    let fixture = fixture();
    let camera = fixture.folder.path().join("camera");
    let session = fixture.sign_in("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let body = format!("csrf={csrf}&source=reader");
    let nothing = fixture.form("/inspections", Some(&session), &body).await;
    assert_eq!(nothing.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::create_dir_all(&camera).unwrap();
    for name in ["page.png", "live.png"] {
        std::fs::write(camera.join(name), picture()).unwrap();
    }
    let begun = fixture.form("/inspections", Some(&session), &body).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let address = begun.header("location").to_owned();
    let running = fixture
        .desk
        .sessions
        .find(&session, Instant::now())
        .unwrap()
        .current
        .unwrap();
    running.done().await;
    let token = format!("csrf={csrf}");
    let again = fixture
        .form(&format!("{address}/face"), Some(&session), &token)
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    std::fs::write(camera.join("live.png"), b"no picture").unwrap();
    let broken = fixture
        .form(&format!("{address}/face"), Some(&session), &token)
        .await;
    assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        broken.body.contains("Admit"),
        "the traveller is still there"
    );
}

#[tokio::test]
async fn preferences_are_remembered_and_lead_nowhere_else() {
    let fixture = fixture();
    for (back, to) in [
        ("/inspections/ab12", "/inspections/ab12"),
        ("//evil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%5Cevil", "/"),
    ] {
        let answer = fixture
            .form("/preferences", None, &format!("language=sw&back={back}"))
            .await;
        assert_eq!(answer.header("location"), to, "{back}");
        assert!(answer.header("set-cookie").starts_with("language=sw"));
    }
    let nonsense = fixture
        .form(
            "/preferences",
            None,
            "language=%0d%0aevil&theme=evil&back=/",
        )
        .await;
    assert!(nonsense.header("set-cookie").starts_with("language=en"));
    let mut swahili = request("GET", "/sign-in", None, "", "");
    swahili
        .headers_mut()
        .insert("cookie", "language=sw; theme=night".parse().unwrap());
    let page = fixture.send(swahili).await.body;
    assert!(page.contains("<html lang=\"sw\" dir=\"ltr\" data-theme=\"night\">"));
    assert!(page.contains("Ingia") && page.contains("(haijakaguliwa)"));
}

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
        reasons: vec![super::view::Reason {
            tone: "bad",
            symbol: "◆",
            sentence: hostile.into(),
            detail: hostile.into(),
        }],
        candidates: vec![super::view::Listed {
            kind: "candidate-person",
            evidence: hostile.into(),
            closeness: "candidate-close",
            entry: hostile.into(),
        }],
        zone: vec![vec![super::view::Run {
            text: hostile.into(),
            mark: "unsure",
        }]],
        problem: Some(hostile.into()),
        ..EncounterView::default()
    };
    let frame = super::visit::Frame {
        words,
        theme: Theme::Normal,
        post: hostile.into(),
        lane: hostile.into(),
        officer: Some(hostile.into()),
        csrf: String::new(),
        list: Some(super::visit::ListLine {
            text: hostile.into(),
            stale: true,
        }),
        outbox: Some(hostile.into()),
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

#[test]
fn the_first_line_learns_of_a_candidate_without_the_entry() {
    let fixture = fixture();
    let picture = Picture::decode(&picture()).unwrap();
    let evidence = Evidence {
        page: picture.clone(),
        live: picture,
    };
    let mut inspection = inspection::inspect(
        evidence,
        &fixture.desk.parts.equipment,
        fixture.desk.moment(),
        &(),
    );
    inspection.candidates = vec![rules::Candidate {
        entry: rules::EntryId::new("E-77").unwrap(),
        kind: rules::CandidateKind::Person,
        score: 0.91,
        why: vec![rules::Why {
            evidence: "name".into(),
            detail: "ERIKSSON ~ LISTEDNAME 0.93".into(),
            effect: 0.6,
        }],
    }];
    let words = Words::of("en");
    let view = EncounterView::advised("x", &inspection, words, &Policy::default());
    let listed = &view.candidates[0];
    assert_eq!(
        (listed.evidence.as_str(), listed.closeness),
        ("name", "candidate-close")
    );
    let frame = super::visit::Frame {
        words,
        theme: Theme::Normal,
        post: String::new(),
        lane: String::new(),
        officer: None,
        csrf: String::new(),
        list: None,
        outbox: None,
        here: "/".into(),
    };
    let page = EncounterPage { frame, view }.render().unwrap();
    assert!(
        !page.contains("LISTEDNAME"),
        "what the entry says is for the second line"
    );
    assert!(page.contains("E-77"), "the second line needs the reference");
    assert!(!page.to_lowercase().contains(" hit"));
}

#[test]
fn nothing_is_coloured_that_is_fine() {
    let fine = super::view::group(
        rules::CheckGroup::Zone,
        Some(Outcome::Successful),
        Advice::Clear,
    );
    assert_eq!((fine.tone, fine.symbol), ("", "✓"));
    let absent = super::view::group(
        rules::CheckGroup::Chip,
        Some(Outcome::NotSupported),
        Advice::Clear,
    );
    assert_eq!((absent.tone, absent.symbol), ("none", "–"));
    let refers = super::view::group(
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
        let shown = super::view::group(rules::CheckGroup::Face, Some(outcome), Advice::Look);
        for language in ["en", "sw"] {
            assert_ne!(Words::of(language).say(shown.outcome), shown.outcome);
        }
    }
}
