//! The desk through its router, as a browser or a script meets it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod amending;
mod chips;
mod doors;
mod encounters;
mod hostile;
mod locales;
mod roles;
mod shown;
mod technician;
mod themes;

use crate::desk::running::{Phase, Running};
use crate::desk::view::{EncounterPage, EncounterView, Traveller};
use crate::desk::words::Words;
use crate::desk::*;
use crate::devices::WatchedFolder;
use crate::inspection::{self, Evidence, Inspection, Pictures};
use crate::officers::Role;
use crate::state::{PostFile, StateDir};
use askama::Template;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use firmware::board::bench::BenchBoard;
use page::Picture;
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
    fixture_with(Hardware::new(Box::new(BenchBoard::new().unwrap().0)))
}

/// The same with this hardware.
fn fixture_with(hardware: Hardware) -> Fixture {
    fixture_of(hardware, |equipment| equipment)
}

/// The same with its equipment changed.
fn fixture_of(hardware: Hardware, equipped: impl FnOnce(Equipment) -> Equipment) -> Fixture {
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
    for (officer, role) in [
        ("a.officer", Role::Officer),
        ("b.officer", Role::Officer),
        ("s.second", Role::SecondLine),
        ("t.technician", Role::Technician),
    ] {
        let id = OfficerId::new(officer).unwrap();
        officers.add(id, role, PIN).unwrap();
    }
    let equipment = Equipment::new(
        Err("no reader".into()),
        Err("no model".into()),
        Some(state.root()),
        Policy::default(),
    );
    let desk = Desk::new(DeskParts {
        appliance: Arc::new(Appliance::open(&state).unwrap()),
        equipment: Arc::new(equipped(equipment)),
        officers,
        lane: LaneId::new("2").unwrap(),
        camera: Some(Arc::new(WatchedFolder::new(folder.path().join("camera")))),
        hardware: Arc::new(hardware),
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

    /// Signs an officer in and opens her lane; the session's token.
    async fn at_lane(&self, officer: &str) -> String {
        let session = self.sign_in(officer).await;
        let csrf = self.get("/self-test", Some(&session)).await.csrf();
        let opened = self
            .form("/self-test", Some(&session), &format!("csrf={csrf}"))
            .await;
        assert_eq!(opened.header("location"), "/");
        session
    }

    async fn upload(&self, session: &str, csrf: &str, picture: &[u8]) -> Answer {
        let files = [("page", picture), ("live", picture)];
        self.files("/inspections/upload", session, csrf, &files)
            .await
    }

    /// A form of files as a browser sends it.
    async fn files(
        &self,
        path: &str,
        session: &str,
        csrf: &str,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        let token = [("csrf", csrf.as_bytes())];
        for (name, value) in token.iter().chain(files) {
            let file = if *name == "csrf" {
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
            .uri(path)
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

    /// An inspection of pictures that show nothing.
    fn inspection(&self) -> Inspection {
        let picture = Picture::decode(&picture()).unwrap();
        let evidence = Evidence {
            page: picture.clone(),
            lamps: page::Lamps::default(),
            live: picture,
            chip: None,
            access_number: None,
        };
        let desk = &self.desk;
        inspection::inspect(evidence, &desk.parts.equipment, desk.moment(), &())
    }

    /// Waits until what runs in a session is done.
    async fn run_out(&self, session: &str) {
        let running = self
            .desk
            .sessions
            .find(session, Instant::now())
            .unwrap()
            .current
            .unwrap();
        running.done().await;
    }

    /// Puts a traveller with this advice before the officer of a session.
    fn put_before(&self, session: &str, advice: Advice) -> String {
        let mut inspection = self.inspection();
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
