//! Everything that was asked of a traveller's document: one key away, the same for every document.

use super::Desk;
use super::chip_shown::{FieldRow, field_rows};
use super::encounter::own;
use super::view::picture_address;
use super::visit::{Frame, LaneVisit, page};
use super::words::Words;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rules::{Check, Outcome};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "details.html")]
struct DetailsPage {
    frame: Frame,
    id: String,
    /// The page under each lamp: its label, and its picture where there is one.
    lamps: Vec<Lamp>,
    /// What is irregular, before everything else.
    irregular: Vec<Row>,
    /// The rest.
    rows: Vec<Row>,
    /// The page's zone beside the chip's.
    fields: Vec<FieldRow>,
}

struct Lamp {
    label: &'static str,
    source: Option<String>,
}

/// One question with its answer.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    pub(super) outcome: &'static str,
    pub(super) detail: String,
    /// The detail stands in English alone, and is marked so.
    pub(super) in_english: bool,
}

/// Checks as rows of a table.
pub(super) fn rows<'a>(checks: impl IntoIterator<Item = &'a Check>, words: &Words) -> Vec<Row> {
    checks
        .into_iter()
        .map(|check| {
            let (tone, symbol, outcome) = match check.outcome {
                Outcome::Successful => ("", "✓", "outcome-Successful"),
                Outcome::Failed => ("bad", "◆", "outcome-Failed"),
                Outcome::Undetermined => ("warn", "▲", "outcome-Undetermined"),
                Outcome::NotSupported => ("quiet", "–", "outcome-NotSupported"),
                Outcome::Aborted => ("warn", "▲", "outcome-Aborted"),
            };
            Row {
                name: words.check_name(check.check),
                tone,
                symbol,
                outcome,
                in_english: words.is_english_alone(check),
                detail: words.detail(check).unwrap_or_else(|| check.detail.clone()),
            }
        })
        .collect()
}

fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed => 0,
        Outcome::Undetermined | Outcome::Aborted => 1,
        Outcome::Successful => 2,
        Outcome::NotSupported => 3,
    }
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
) -> Response {
    let Some(inspection) = own(&visit, &id).and_then(|r| r.advised()) else {
        return Redirect::to("/").into_response();
    };
    let pictures = &inspection.pictures;
    let lamp = |label, there: bool, which| Lamp {
        label,
        source: there.then(|| picture_address(&id, which)),
    };
    let lamps = vec![
        lamp("lamp-white", pictures.page.is_some(), "page"),
        lamp("lamp-infrared", pictures.infrared.is_some(), "infrared"),
        lamp(
            "lamp-ultraviolet",
            pictures.ultraviolet.is_some(),
            "ultraviolet",
        ),
    ];
    // What is irregular stands first, each kind in the order in which it was asked.
    let mut checks = inspection.to_first_line().checks;
    checks.sort_by_key(|c| rank(c.outcome));
    let regular = rank(Outcome::Successful);
    let at = checks.partition_point(|c| rank(c.outcome) < regular);
    let irregular = rows(checks[..at].iter().copied(), visit.visit.words);
    let rows = rows(checks[at..].iter().copied(), visit.visit.words);
    let fields = field_rows(&inspection);
    page(
        StatusCode::OK,
        &DetailsPage {
            frame: visit.visit.frame(&desk),
            id,
            lamps,
            irregular,
            rows,
            fields,
        },
    )
}
