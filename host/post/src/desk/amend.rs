//! What an officer may change about the traveller in front of her before she decides: the document placed
//! again, another try at the face, the face left out, the path of protection.

use super::conduct::NotBegun;
use super::encounter::{encounter, own, view};
use super::running::Running;
use super::visit::LaneVisit;
use super::{Desk, blocking};
use crate::devices::CameraError;
use crate::inspection::Inspection;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use page::Picture;
use rules::FaceSkip;
use serde::Deserialize;
use std::sync::Arc;

impl Desk {
    /// Puts the amended inspection in the place of the one that the officer has been shown.
    pub(super) async fn amended(
        self: &Arc<Self>,
        visit: &LaneVisit,
        running: &Running,
        inspection: Inspection,
    ) {
        // In memory first: the browser may go while the disk is written.
        let Some(inspection) = running.replace(inspection) else {
            return;
        };
        self.show_light(Some(inspection.shown_advice()));
        self.keep(&inspection, &visit.officer.officer).await;
    }
}

/// A form that says nothing but that this session made it.
#[derive(Deserialize)]
pub(super) struct BareForm {
    pub(super) csrf: String,
}

pub(super) fn back(id: &str) -> Response {
    Redirect::to(&format!("/inspections/{id}")).into_response()
}

/// The document was placed again: it is read anew.
pub(super) async fn place_again(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
    Form(form): Form<BareForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let (Some(running), Some(camera)) = (own(&visit, &id), desk.parts.camera.clone()) else {
        return Redirect::to("/").into_response();
    };
    let problem = match blocking(move || camera.take()).await {
        Some(Ok(shot)) => match desk.begin_again(&visit.officer, &running, shot).await {
            Ok(running) => return back(&running.id),
            Err(NotBegun::SessionOver) => return Redirect::to("/sign-in?over").into_response(),
            Err(NotBegun::DecideFirst) => return back(&id),
            Err(e) => e.to_string(),
        },
        Some(Err(e)) => e.to_string(),
        None => NotBegun::BrokeOff.to_string(),
    };
    no_picture(&desk, &visit, &running, problem)
}

/// The encounter as it was, with why the reader gave nothing.
fn no_picture(desk: &Desk, visit: &LaneVisit, running: &Running, why: String) -> Response {
    match view(desk, visit, running) {
        Some(mut view) => {
            view.problem = Some(visit.visit.words.with("lane-camera-failed", "why", why));
            encounter(desk, visit, StatusCode::SERVICE_UNAVAILABLE, view)
        }
        None => Redirect::to("/").into_response(),
    }
}

/// Another try at the face, with a new live picture from the camera.
pub(super) async fn face_again(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
    Form(form): Form<BareForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let (Some(running), Some(camera)) = (own(&visit, &id), desk.parts.camera.clone()) else {
        return Redirect::to("/").into_response();
    };
    let _one_at_a_time = running.amending.lock().await;
    let Some(before) = running.advised() else {
        return back(&id);
    };
    let equipment = Arc::clone(&desk.parts.equipment);
    let words = visit.visit.words;
    let again = blocking(move || {
        let live = camera.take_live().map_err(|e| match e {
            CameraError::NothingThere => words.say("photo-none-live"),
            e => e.to_string(),
        })?;
        let live = Picture::decode(&live).map_err(|e| e.to_string())?;
        Ok::<_, String>(before.with_live(&live, &equipment))
    })
    .await;
    let problem = match again {
        Some(Ok(inspection)) => {
            desk.amended(&visit, &running, inspection).await;
            return back(&id);
        }
        Some(Err(why)) => why,
        None => "the comparison broke off".to_owned(),
    };
    no_picture(&desk, &visit, &running, problem)
}

#[derive(Deserialize)]
pub(super) struct SkipForm {
    csrf: String,
    skip: String,
}

/// The faces are compared by eye alone: a veil, an injury, a disability.
pub(super) async fn skip_face(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
    Form(form): Form<SkipForm>,
) -> Response {
    let why = FaceSkip::ALL.into_iter().find(|s| s.as_str() == form.skip);
    let (true, Some(why)) = (visit.made(&form.csrf), why) else {
        return visit.refuse(&desk);
    };
    let Some(running) = own(&visit, &id) else {
        return Redirect::to("/").into_response();
    };
    let _one_at_a_time = running.amending.lock().await;
    if let Some(before) = running.advised() {
        let skipped = before.with_face_skipped(why, &desk.parts.equipment);
        desk.amended(&visit, &running, skipped).await;
    }
    back(&id)
}

/// The record goes the way of protection.
pub(super) async fn protect(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
    Form(form): Form<BareForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let Some(running) = own(&visit, &id) else {
        return Redirect::to("/").into_response();
    };
    let _one_at_a_time = running.amending.lock().await;
    if let Some(before) = running.advised() {
        let protected = before.protected();
        desk.amended(&visit, &running, protected).await;
    }
    back(&id)
}
