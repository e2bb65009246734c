//! The lane between two travellers: what the box holds, and how the next encounter begins.

use super::conduct::NotBegun;
use super::own_form::Form;
use super::preview::Sighted;
use super::scenes::Scene;
use super::view::DoneLine;
use super::visit::{Frame, LaneVisit, page};
use super::words::Words;
use super::{Desk, blocking};
use crate::devices::{CameraError, Shot, Traveller};
use crate::inspection::ShownPicture;
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use page::{Picture, PictureError};
use serde::Deserialize;
use std::sync::{Arc, PoisonError};

/// The longest side of a scene's small picture, in pixels.
const SMALL_PX: u32 = 160;

#[derive(Template)]
#[template(path = "lane.html")]
struct LanePage {
    frame: Frame,
    notice: Option<String>,
    done: Option<DoneLine>,
    /// The traveller who waits for a decision.
    open: Option<String>,
    camera: bool,
    /// The box may not inspect: it has not heard from headquarters.
    locked: bool,
    /// What lies on the reader now, for those who look without script.
    sighted: Sighted,
    /// Encounters that the power interrupted.
    interrupted: Vec<InterruptedLine>,
    scenes: Vec<Scene>,
}

/// One interrupted encounter, as the lane offers it.
struct InterruptedLine {
    number: i64,
    text: String,
    action: &'static str,
}

pub(super) async fn show(State(desk): State<Arc<Desk>>, visit: LaneVisit) -> Response {
    lane(&desk, &visit, StatusCode::OK, None)
}

fn lane(
    desk: &Arc<Desk>,
    visit: &LaneVisit,
    status: StatusCode,
    notice: Option<String>,
) -> Response {
    let broke_off = visit
        .officer
        .current
        .as_ref()
        .is_some_and(|r| r.broke_off());
    let notice = notice.or_else(|| broke_off.then(|| visit.visit.words.say("lane-broke-off")));
    let done = desk
        .sessions
        .change(&visit.officer.token, |session| session.done.clone())
        .flatten();
    let frame = visit.visit.frame(desk);
    let locked = frame.is_locked();
    page(
        status,
        &LanePage {
            frame,
            locked,
            notice,
            done: done.as_ref().map(DoneLine::of),
            open: desk.waiting(&visit.officer).map(|r| r.id.clone()),
            camera: desk.parts.camera.is_some(),
            sighted: desk.preview.now(),
            interrupted: interrupted(desk, visit),
            scenes: desk
                .parts
                .scenes
                .as_ref()
                .map(|s| s.list(visit.visit.words))
                .unwrap_or_default(),
        },
    )
}

fn interrupted(desk: &Desk, visit: &LaneVisit) -> Vec<InterruptedLine> {
    let words = visit.visit.words;
    let all = desk.interrupted.lock();
    let all = all.unwrap_or_else(PoisonError::into_inner);
    all.iter()
        .map(|i| {
            let time = words.moment(i.opened_at, &desk.zone());
            InterruptedLine {
                number: i.begun.number(),
                text: words.with("interrupted-at", "time", time),
                action: match i.found {
                    Some(_) => "interrupted-take-up",
                    None => "interrupted-read-again",
                },
            }
        })
        .collect()
}

#[derive(Deserialize)]
pub(super) struct BeginForm {
    csrf: String,
    scene: Option<String>,
    source: Option<String>,
}

/// Begins from the reader, or from a scene of the demonstration.
pub(super) async fn begin(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Form(form): Form<BeginForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let words = visit.visit.words;
    let shot = match (form.scene, form.source) {
        (Some(scene), _) => scene_shot(&desk, scene).await,
        (None, Some(_)) => reader_shot(&desk).await,
        (None, None) => None,
    };
    match shot {
        Some(Ok(shot)) => begun(&desk, &visit, shot).await,
        Some(Err(e)) => {
            let notice = match e {
                CameraError::NothingThere => words.say("preview-nothing"),
                e => no_picture_why(&e, words),
            };
            lane(&desk, &visit, StatusCode::SERVICE_UNAVAILABLE, Some(notice))
        }
        None => {
            let notice = words.say("lane-no-camera");
            lane(&desk, &visit, StatusCode::NOT_FOUND, Some(notice))
        }
    }
}

/// A scene's pictures; `None` where there is no such scene.
pub(super) async fn scene_shot(
    desk: &Arc<Desk>,
    name: String,
) -> Option<Result<Shot, CameraError>> {
    let scenes = desk.parts.scenes.clone()?;
    blocking(move || scenes.take(&name)).await.flatten()
}

async fn reader_shot(desk: &Arc<Desk>) -> Option<Result<Shot, CameraError>> {
    let camera = Arc::clone(desk.parts.camera.as_ref()?);
    blocking(move || camera.take(Traveller::Next)).await
}

/// Begins from two picture files.
pub(super) async fn upload(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    form: Multipart,
) -> Response {
    let words = visit.visit.words;
    let Ok(form) = UploadForm::read(form).await else {
        let notice = words.say("picture-missing");
        return lane(&desk, &visit, StatusCode::BAD_REQUEST, Some(notice));
    };
    if !form.csrf.is_some_and(|csrf| visit.made(&csrf)) {
        return visit.refuse(&desk);
    }
    match (form.page, form.live) {
        (Some(page), Some(live)) => {
            let shot = Shot {
                page,
                live,
                ..Shot::default()
            };
            begun(&desk, &visit, shot).await
        }
        _ => {
            let notice = words.say("picture-missing");
            lane(&desk, &visit, StatusCode::BAD_REQUEST, Some(notice))
        }
    }
}

/// What a form with files holds.
#[derive(Default)]
pub(super) struct UploadForm {
    csrf: Option<String>,
    pub(super) page: Option<Vec<u8>>,
    pub(super) live: Option<Vec<u8>>,
}

impl UploadForm {
    /// Reads the form; the router bounds its size.
    pub(super) async fn read(
        mut form: Multipart,
    ) -> Result<Self, axum::extract::multipart::MultipartError> {
        let mut read = Self::default();
        while let Some(field) = form.next_field().await? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await?;
            let file = (!bytes.is_empty()).then(|| bytes.to_vec());
            match name.as_str() {
                "csrf" => read.csrf = Some(String::from_utf8_lossy(&bytes).into_owned()),
                "page" => read.page = file,
                "live" => read.live = file,
                _ => {}
            }
        }
        Ok(read)
    }
}

async fn begun(desk: &Arc<Desk>, visit: &LaneVisit, shot: Shot) -> Response {
    let words = visit.visit.words;
    match desk.begin(&visit.officer, shot).await {
        Ok(running) => Redirect::to(&format!("/inspections/{}", running.id)).into_response(),
        Err(NotBegun::SessionOver) => Redirect::to("/sign-in?over").into_response(),
        Err(e) => {
            let status = match e {
                NotBegun::Picture(_) => StatusCode::UNPROCESSABLE_ENTITY,
                NotBegun::DecideFirst => StatusCode::CONFLICT,
                NotBegun::NoLease => StatusCode::FORBIDDEN,
                NotBegun::CaseOpened => StatusCode::LOCKED,
                NotBegun::BeingUpdated(_) => StatusCode::SERVICE_UNAVAILABLE,
                NotBegun::SessionOver | NotBegun::BrokeOff | NotBegun::NoRandomness(_) => {
                    StatusCode::INTERNAL_SERVER_ERROR
                }
            };
            lane(desk, visit, status, Some(not_begun(&e, words)))
        }
    }
}

/// Why no presentation began, in the officer's words.
pub(super) fn not_begun(why: &NotBegun, words: &Words) -> String {
    match why {
        NotBegun::Picture(e) => picture_why(e, words),
        NotBegun::DecideFirst => words.say("decide-first"),
        NotBegun::NoLease => words.say("box-locked"),
        NotBegun::CaseOpened => words.say("case-locked"),
        NotBegun::BeingUpdated(_) => words.say("box-updating"),
        NotBegun::SessionOver => words.say("session-over"),
        NotBegun::BrokeOff | NotBegun::NoRandomness(_) => words.say("lane-broke-off"),
    }
}

/// Why the reader gave no picture, in the officer's words; the log has the rest.
pub(super) fn no_picture_why(why: &CameraError, words: &Words) -> String {
    tracing::warn!("the reader gave no picture: {why}");
    let key = match why {
        CameraError::NothingThere => "preview-nothing",
        CameraError::TooLarge(_) => "why-picture-large",
        CameraError::Unreadable { .. } | CameraError::Source(_) => "why-reader-silent",
        CameraError::PageOfBefore => "why-page-of-before",
        CameraError::FaceOfBefore => "why-face-of-before",
        CameraError::GlassTaken => "why-glass-taken",
        CameraError::Frame(_) => "why-picture-damaged",
    };
    words.with("lane-camera-failed", "why", words.say(key))
}

/// Why a picture cannot be used, in the officer's words; the log has the rest.
pub(super) fn picture_why(why: &PictureError, words: &Words) -> String {
    tracing::warn!("a picture cannot be used: {why}");
    let key = match why {
        PictureError::UnknownKind => "why-picture-unknown",
        PictureError::TooManyBytes { .. } | PictureError::TooLarge => "why-picture-large",
        PictureError::Unreadable { .. }
        | PictureError::Damaged(_)
        | PictureError::Encoding(_)
        | PictureError::Library(_) => "why-picture-damaged",
    };
    words.with("picture-unreadable", "why", words.say(key))
}

/// The small picture of a scene's traveller.
pub(super) async fn scene_picture(
    State(desk): State<Arc<Desk>>,
    _visit: LaneVisit,
    Path(name): Path<String>,
) -> Response {
    let Some(scenes) = desk.parts.scenes.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let small = blocking(move || {
        let live = scenes.live(&name)?.ok()?;
        ShownPicture::of(&Picture::decode(&live).ok()?, SMALL_PX)
    })
    .await
    .flatten();
    match small {
        Some(picture) => jpeg(&picture),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A picture as an answer.
pub(super) fn jpeg(picture: &ShownPicture) -> Response {
    (
        [(header::CONTENT_TYPE, "image/jpeg")],
        picture.jpeg().to_vec(),
    )
        .into_response()
}
