//! The zone by hand: the lines beside the picture of the page, with their check digits as they are typed.
//! Works without script too: then a button asks for the digits.

use super::amend::back;
use super::encounter::own;
use super::own_form::{Made, OwnForm};
use super::view::picture_address;
use super::visit::{Frame, LaneVisit, page};
use super::zone_shown::{Digit, digits};
use super::{Desk, blocking};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use rules::mrz::Zone;
use serde::Deserialize;
use std::sync::Arc;

/// Longer text than this is no zone; the longest has 90 characters and two line ends.
const LONGEST_TEXT: usize = 1000;

#[derive(Template)]
#[template(path = "correction.html")]
struct CorrectionPage {
    frame: Frame,
    id: String,
    picture: Option<String>,
    text: String,
    digits: Vec<Digit>,
    problem: Option<String>,
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
) -> Response {
    let Some(inspection) = own(&visit, &id).and_then(|r| r.advised()) else {
        return Redirect::to("/").into_response();
    };
    let text = inspection
        .zone
        .as_ref()
        .map(|z| z.lines.join("\n"))
        .unwrap_or_default();
    form(&desk, &visit, id, text, StatusCode::OK)
}

fn form(desk: &Desk, visit: &LaneVisit, id: String, text: String, status: StatusCode) -> Response {
    let words = visit.visit.words;
    let (digits, problem) = match digits(&text, desk.moment().today, words) {
        Ok(digits) => (digits, None),
        // A form that nobody has filled in yet has no fault.
        Err(_) if text.is_empty() => (Vec::new(), None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let inspection = own(visit, &id).and_then(|r| r.advised());
    let picture = inspection
        .is_some_and(|i| i.pictures.page.is_some())
        .then(|| picture_address(&id, "page"));
    let mut frame = visit.visit.frame(desk);
    frame.here = format!("/inspections/{id}/zone");
    page(
        status,
        &CorrectionPage {
            frame,
            id,
            picture,
            text,
            digits,
            problem,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct ZoneForm {
    csrf: String,
    zone: String,
    /// `take`, or `look` for the digits alone.
    #[serde(default)]
    act: String,
}

impl Made for ZoneForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// Takes the lines as the zone, or shows their check digits.
pub(super) async fn correct(
    State(desk): State<Arc<Desk>>,
    OwnForm {
        visit,
        running,
        form: typed,
    }: OwnForm<ZoneForm>,
) -> Response {
    if typed.zone.len() > LONGEST_TEXT {
        return visit.refuse(&desk);
    }
    let id = running.id.clone();
    let text = typed.zone.to_uppercase();
    let zone = match Zone::parse(&text) {
        Ok(zone) if typed.act == "take" => zone,
        Ok(_) => return form(&desk, &visit, id, text, StatusCode::OK),
        Err(_) => return form(&desk, &visit, id, text, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let _one_at_a_time = running.amending.lock().await;
    if let Some(before) = running.advised() {
        let equipment = Arc::clone(&desk.parts.equipment);
        if let Some(again) = blocking(move || before.with_zone(&zone, &equipment)).await {
            desk.amended(&visit, &running, again).await;
        }
    }
    back(&id)
}

/// The check digits of what stands in the form, for the script.
pub(super) async fn digits_of(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
    Form(typed): Form<ZoneForm>,
) -> Response {
    if !visit.made(&typed.csrf) || typed.zone.len() > LONGEST_TEXT || own(&visit, &id).is_none() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let words = visit.visit.words;
    let said = match digits(&typed.zone.to_uppercase(), desk.moment().today, words) {
        Ok(digits) => serde_json::json!({ "digits": digits }),
        Err(problem) => serde_json::json!({ "digits": [], "problem": problem }),
    };
    Json(said).into_response()
}
