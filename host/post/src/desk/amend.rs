//! What an officer may change about the traveller in front of her before she decides: the document placed
//! again, another try at the face, the face left out, the path of protection.

use super::conduct::NotBegun;
use super::encounter::{encounter, view};
use super::lane::{no_picture_why, not_begun, picture_why};
use super::own_form::{BareForm, Made, OwnForm};
use super::running::Running;
use super::visit::LaneVisit;
use super::{Desk, blocking};
use crate::devices::{CameraError, Traveller};
use crate::inspection::Inspection;
use axum::extract::State;
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

pub(super) fn back(id: &str) -> Response {
    Redirect::to(&format!("/inspections/{id}")).into_response()
}

/// The document was placed again: it is read anew.
pub(super) async fn place_again(
    State(desk): State<Arc<Desk>>,
    OwnForm { visit, running, .. }: OwnForm<BareForm>,
) -> Response {
    let Some(camera) = desk.parts.camera.clone() else {
        return back(&running.id);
    };
    let words = visit.visit.words;
    let problem = match blocking(move || camera.take(Traveller::Same)).await {
        Some(Ok(shot)) => match desk.begin_again(&visit.officer, &running, shot).await {
            Ok(running) => return back(&running.id),
            Err(NotBegun::SessionOver) => return Redirect::to("/sign-in?over").into_response(),
            Err(NotBegun::DecideFirst) => return back(&running.id),
            Err(e) => not_begun(&e, words),
        },
        Some(Err(e)) => no_picture_why(&e, words),
        None => not_begun(&NotBegun::BrokeOff, words),
    };
    unchanged(&desk, &visit, &running, problem)
}

/// The encounter as it was, with why.
pub(super) fn unchanged(
    desk: &Desk,
    visit: &LaneVisit,
    running: &Running,
    why: String,
) -> Response {
    match view(desk, visit, running) {
        Some(mut view) => {
            view.problem = Some(why);
            encounter(desk, visit, StatusCode::SERVICE_UNAVAILABLE, view)
        }
        None => Redirect::to("/").into_response(),
    }
}

/// Another try at the face, with a new live picture from the camera.
pub(super) async fn face_again(
    State(desk): State<Arc<Desk>>,
    OwnForm { visit, running, .. }: OwnForm<BareForm>,
) -> Response {
    let Some(camera) = desk.parts.camera.clone() else {
        return back(&running.id);
    };
    let _one_at_a_time = running.amending.lock().await;
    let Some(before) = running.advised() else {
        return back(&running.id);
    };
    let equipment = Arc::clone(&desk.parts.equipment);
    let words = visit.visit.words;
    let again = blocking(move || {
        let live = camera.take_live().map_err(|e| match e {
            CameraError::NothingThere => words.say("photo-none-live"),
            e => no_picture_why(&e, words),
        })?;
        let live = Picture::decode(&live).map_err(|e| picture_why(&e, words))?;
        Ok::<_, String>(before.with_live(&live, &equipment))
    })
    .await;
    let problem = match again {
        Some(Ok(inspection)) => {
            desk.amended(&visit, &running, inspection).await;
            return back(&running.id);
        }
        Some(Err(why)) => why,
        None => words.say("lane-broke-off"),
    };
    unchanged(&desk, &visit, &running, problem)
}

#[derive(Deserialize)]
pub(super) struct SkipForm {
    csrf: String,
    skip: String,
}

impl Made for SkipForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// The faces are compared by eye alone: a veil, an injury, a disability.
pub(super) async fn skip_face(
    State(desk): State<Arc<Desk>>,
    OwnForm {
        visit,
        running,
        form,
    }: OwnForm<SkipForm>,
) -> Response {
    let Some(why) = FaceSkip::ALL.into_iter().find(|s| s.as_str() == form.skip) else {
        return visit.refuse(&desk);
    };
    let _one_at_a_time = running.amending.lock().await;
    if let Some(before) = running.advised() {
        let skipped = before.with_face_skipped(why, &desk.parts.equipment);
        desk.amended(&visit, &running, skipped).await;
    }
    back(&running.id)
}

/// The record goes the way of protection.
pub(super) async fn protect(
    State(desk): State<Arc<Desk>>,
    OwnForm { visit, running, .. }: OwnForm<BareForm>,
) -> Response {
    let _one_at_a_time = running.amending.lock().await;
    if let Some(before) = running.advised() {
        let protected = before.protected();
        desk.amended(&visit, &running, protected).await;
    }
    back(&running.id)
}
