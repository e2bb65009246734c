//! Encounters that the power interrupted: the lane offers them again, and an officer decides, or presents
//! the document anew. Nothing is decided by half.

use super::Desk;
use super::own_form::Form;
use super::running::{Phase, Running};
use super::visit::LaneVisit;
use crate::appliance::Appliance;
use crate::inspection::{Found, Pictures};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use store::BegunId;

/// One encounter that was begun before the power went.
#[derive(Debug)]
pub(super) struct Interrupted {
    pub(super) begun: BegunId,
    pub(super) opened_at: Timestamp,
    /// Absent where the advice was not there yet: the document has to be presented again.
    pub(super) found: Option<Found>,
}

/// Whatever the last run of the program began and did not finish.
pub(super) fn left_by_the_last_run(appliance: &Appliance) -> Vec<Interrupted> {
    match appliance.begun() {
        Ok(begun) => begun
            .into_iter()
            .map(|b| Interrupted {
                begun: b.id,
                opened_at: b.opened_at,
                found: b.found.and_then(|bytes| Found::from_bytes(&bytes)),
            })
            .collect(),
        Err(e) => {
            tracing::error!("interrupted encounters cannot be read: {e}");
            Vec::new()
        }
    }
}

#[derive(Deserialize)]
pub(super) struct TakeUpForm {
    csrf: String,
}

/// Takes an interrupted encounter up: the officer decides on what had been found. One without findings is
/// over, and the document is presented again.
pub(super) async fn take_up(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(number): Path<i64>,
    Form(form): Form<TakeUpForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    if desk.waiting(&visit.officer).is_some() {
        return Redirect::to("/").into_response();
    }
    let Ok(running) = Running::new(Pictures::default()) else {
        return Redirect::to("/").into_response();
    };
    let begun = BegunId::of_number(number);
    let taken = {
        let mut all = desk
            .interrupted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|i| i.begun == begun);
        at.map(|at| all.remove(at))
    };
    let Some(interrupted) = taken else {
        return Redirect::to("/").into_response();
    };
    let Some(found) = interrupted.found else {
        if let Err(e) = desk.parts.appliance.forget_begun(begun) {
            tracing::error!("an interrupted encounter stays on disk: {e}");
        }
        return Redirect::to("/").into_response();
    };
    let running = Arc::new(running);
    if desk.stand_before(&visit.officer, &running).is_err() {
        // Another traveller came first, or the session is over: this one is offered again.
        let again = Interrupted {
            found: Some(found),
            ..interrupted
        };
        desk.interrupted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(again);
        return Redirect::to("/").into_response();
    }
    let inspection = found.reopened(begun, Timestamp::now());
    desk.show_light(Some(inspection.shown_advice()));
    running.ended(Phase::Advised(Arc::new(inspection)));
    Redirect::to(&format!("/inspections/{}", running.id)).into_response()
}
