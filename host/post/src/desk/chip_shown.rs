//! The chip at the desk: how far it is read, its zone beside the page's, and its access number where the zone
//! does not open it. Works without script too.

use super::amend::back;
use super::encounter::own;
use super::own_form::{BareForm, Made, OwnForm};
use super::view::picture_address;
use super::visit::{Frame, LaneVisit, page};
use super::words::Words;
use super::{Desk, blocking};
use crate::inspection::Inspection;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chip::AccessKey;
use chip::agreement::{OPTIONAL, side_by_side};
use chip::files::FileId;
use chip::read::Phase;
use rules::Check;
use serde::Deserialize;
use std::sync::Arc;

/// How far the chip is, in words: the face takes nearly all the time.
pub(super) fn progress(phase: Option<Phase>, words: &Words) -> Option<String> {
    Some(match phase? {
        Phase::Access => words.say("chip-opening"),
        Phase::File(FileId::Dg2, done, Some(all)) if all > 0 => {
            // In steps that an eye can follow.
            let percent = (done.min(all) * 20 / all) * 5;
            words.with("chip-reading-face", "percent", percent)
        }
        Phase::File(..) => words.say("chip-reading"),
    })
}

/// One field of the page's zone and of the chip's.
pub(super) struct FieldRow {
    /// Key of its name.
    pub(super) name: String,
    pub(super) page: String,
    pub(super) chip: String,
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    /// Key of what the symbol says.
    pub(super) outcome: &'static str,
}

/// The zones side by side; none where either was not read.
pub(super) fn field_rows(inspection: &Inspection) -> Vec<FieldRow> {
    let page = inspection.zone.as_ref().and_then(|z| z.zone.as_ref());
    let (Some(page), Some(chip)) = (page, &inspection.chip_zone) else {
        return Vec::new();
    };
    side_by_side(chip, page)
        .into_iter()
        .map(|pair| {
            let (tone, symbol, outcome) = match pair.chip == pair.page {
                true => ("", "✓", "field-same"),
                // States print there what they do not store, and the other way round.
                false if pair.field == OPTIONAL => ("warn", "▲", "field-differs"),
                false => ("bad", "◆", "field-differs"),
            };
            let questions = [
                "issuing_state",
                "nationality",
                "date_of_birth",
                "sex",
                "date_of_expiry",
            ];
            let of = match questions.contains(&pair.field) {
                true => "check-zone",
                false => "field",
            };
            FieldRow {
                name: format!("{of}-{}", pair.field),
                page: pair.page,
                chip: pair.chip,
                tone,
                symbol,
                outcome,
            }
        })
        .collect()
}

#[derive(Template)]
#[template(path = "chip.html")]
struct NumberPage {
    frame: Frame,
    id: String,
    picture: Option<String>,
    problem: Option<String>,
}

/// The form for the number, beside the picture of the page that it stands on.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
) -> Response {
    match own(&visit, &id).and_then(|r| r.advised()) {
        Some(inspection) if inspection.may_ask_for_number(&desk.parts.equipment) => {
            form(&desk, &visit, id, &inspection, None)
        }
        Some(_) => back(&id),
        None => Redirect::to("/").into_response(),
    }
}

fn form(
    desk: &Desk,
    visit: &LaneVisit,
    id: String,
    inspection: &Inspection,
    problem: Option<String>,
) -> Response {
    let is_shown = inspection.pictures.page.is_some();
    let mut frame = visit.visit.frame(desk);
    frame.here = format!("/inspections/{id}/chip");
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page(
        status,
        &NumberPage {
            picture: is_shown.then(|| picture_address(&id, "page")),
            frame,
            id,
            problem,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct NumberForm {
    csrf: String,
    number: String,
}

impl Made for NumberForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// Reads the chip by the number that was typed.
pub(super) async fn read(
    State(desk): State<Arc<Desk>>,
    OwnForm {
        visit,
        running,
        form: typed,
    }: OwnForm<NumberForm>,
) -> Response {
    let id = running.id.clone();
    let Some(before) = running.advised() else {
        return back(&id);
    };
    if !before.may_ask_for_number(&desk.parts.equipment) {
        return back(&id);
    }
    let words = visit.visit.words;
    let digits: String = typed.number.split_whitespace().collect();
    let Some(number) = AccessKey::from_can(&digits) else {
        let problem = words.say("chip-number-six");
        return form(&desk, &visit, id, &before, Some(problem));
    };
    let equipment = Arc::clone(&desk.parts.equipment);
    let asked = Arc::clone(&before);
    let again = blocking(move || asked.with_chip_number(&number, &equipment, &())).await;
    let why = match again {
        Some(Ok(inspection)) => {
            desk.amended(&visit, &running, inspection).await;
            return back(&id);
        }
        Some(Err(checks)) => checks
            .first()
            .and_then(|c: &Check| words.detail(c))
            .unwrap_or_else(|| words.say("detail-chip-broke-off")),
        None => words.say("detail-chip-broke-off"),
    };
    let problem = words.with("chip-number-failed", "why", why);
    form(&desk, &visit, id, &before, Some(problem))
}

/// The officer does not wait for the chip any more; what is not read stays open.
pub(super) async fn stop(OwnForm { running, .. }: OwnForm<BareForm>) -> Response {
    running.go_on_without_chip();
    back(&running.id)
}
