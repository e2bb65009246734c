//! The second line: those who were referred, with the reasons that the first line does not see. What goes
//! the way of protection is not among them.

use super::Desk;
use super::details::{Row, rows};
use super::reasons::{Reason, whole};
use super::referral::reference;
use super::view::{Traveller, traveller};
use super::visit::{Frame, SecondLineVisit, page, refusal};
use super::words::Words;
use crate::inspection::stages::COMPARED;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use rules::encounter::Path as EncounterPath;
use rules::mrz::Zone;
use rules::{Candidate, Check, DecisionKind, EncounterRecord, Sequence, Why};
use std::sync::Arc;

/// The most lines of the list.
const MOST_LINES: usize = 100;
/// How far back it looks for them.
const LOOK_BACK: usize = 2000;

#[derive(Template)]
#[template(path = "second_line.html")]
struct ListPage {
    frame: Frame,
    lines: Vec<Line>,
}

struct Line {
    sequence: u64,
    reference: String,
    time: String,
    decision: String,
}

#[derive(Template)]
#[template(path = "second_line_record.html")]
struct RecordPage {
    frame: Frame,
    reference: String,
    time: String,
    advice: String,
    decision: String,
    officer: String,
    why: Option<String>,
    traveller: Option<Traveller>,
    zone: Vec<String>,
    read: Vec<String>,
    reasons: Vec<Reason>,
    entries: Vec<Entry>,
    rows: Vec<Row>,
}

/// A list entry as the second line reads it: not where it comes from, which is headquarters' to say.
struct Entry {
    id: String,
    score: String,
    names: String,
    births: String,
    action: String,
    why: Vec<Evidence>,
}

/// What speaks for the likeness or against it.
struct Evidence {
    text: String,
    /// It stands in English alone, as in an earlier program's record.
    in_english: bool,
}

/// Whether the second line may see a record.
fn is_open(record: &EncounterRecord) -> bool {
    record.circumstances.path == EncounterPath::Ordinary
}

/// A locked box shows nobody's record: it may be in other hands.
fn locked(desk: &Desk, visit: &SecondLineVisit) -> Response {
    refusal(&visit.visit, desk, StatusCode::FORBIDDEN, "box-locked")
}

/// Everybody who was referred or held, the newest first.
pub(super) async fn list(State(desk): State<Arc<Desk>>, visit: SecondLineVisit) -> Response {
    if !desk.may_work().await {
        return locked(&desk, &visit);
    }
    let words = visit.visit.words;
    let appliance = &desk.parts.appliance;
    let all = appliance.encounters(LOOK_BACK).unwrap_or_else(|e| {
        tracing::error!("the referred cannot be listed: {e}");
        Vec::new()
    });
    let lines = all
        .into_iter()
        .filter(|e| matches!(e.decision.as_deref(), Some("Refer" | "Hold")))
        .filter(|e| matches!(appliance.encounter(e.id.sequence), Ok(Some(r)) if is_open(&r)))
        .take(MOST_LINES)
        .map(|e| Line {
            sequence: e.id.sequence.0,
            reference: reference(&e.id),
            time: words.moment(e.opened_at, &desk.zone()),
            decision: words.say(format!("lane-done-{}", e.decision.unwrap_or_default())),
        })
        .collect();
    page(
        StatusCode::OK,
        &ListPage {
            frame: visit.visit.frame(&desk),
            lines,
        },
    )
}

/// One of them, with the reasons.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: SecondLineVisit,
    Path(sequence): Path<u64>,
) -> Response {
    if !desk.may_work().await {
        return locked(&desk, &visit);
    }
    let words = visit.visit.words;
    let found = desk.parts.appliance.encounter(Sequence(sequence));
    let record = match found {
        Ok(Some(record)) if is_open(&record) => record,
        _ => return refusal(&visit.visit, &desk, StatusCode::NOT_FOUND, "page-absent"),
    };
    let Some(decision) = &record.decision else {
        return refusal(&visit.visit, &desk, StatusCode::NOT_FOUND, "page-absent");
    };
    if decision.decision == DecisionKind::Admit {
        return refusal(&visit.visit, &desk, StatusCode::NOT_FOUND, "page-absent");
    }
    let document = record.document.as_ref();
    let zone = document.map(|d| d.mrz.clone()).unwrap_or_default();
    let fields = Zone::from_lines(&zone).ok().map(|z| z.fields());
    let today = desk.moment().today;
    let checks: Vec<Check> = record.checks_said().into_iter().map(with_score).collect();
    page(
        StatusCode::OK,
        &RecordPage {
            frame: visit.visit.frame(&desk),
            reference: reference(&record.id),
            time: words.moment(record.opened_at, &desk.zone()),
            advice: words.say(format!("advice-{}", record.advised.advice.as_str())),
            decision: words.say(format!("lane-done-{}", decision.decision.as_str())),
            officer: decision.officer.to_string(),
            why: decision
                .reason
                .map(|r| words.say(format!("override-{}", r.as_str()))),
            traveller: fields.as_ref().map(|f| traveller(f, today, words)),
            zone,
            read: document
                .and_then(|d| d.mrz_before_correction.clone())
                .unwrap_or_default(),
            reasons: whole(&record.advised, &checks, words),
            entries: record
                .candidates
                .iter()
                .map(|c| entry(&desk, c, words))
                .collect(),
            rows: rows(&checks, words),
        },
    )
}

/// What the lane is not told: how alike two faces are.
fn with_score(mut check: Check) -> Check {
    for said in &mut check.said {
        if said.key == COMPARED && !said.arguments.is_empty() {
            said.key = "detail-face-score".into();
        }
    }
    check
}

fn reason(why: &Why, words: &Words) -> Evidence {
    let said = why.said.as_ref().filter(|said| words.knows(&said.key));
    // Names beside names are the same in every language.
    let is_names = why.evidence == "name" && why.detail.contains(" ~ ");
    Evidence {
        in_english: said.is_none() && !is_names && words.tag() != "en",
        text: said.map_or_else(|| why.detail.clone(), |said| words.said(said)),
    }
}

fn entry(desk: &Desk, candidate: &Candidate, words: &Words) -> Entry {
    let edition = desk.parts.equipment.edition().ok();
    let person = edition.and_then(|e| e.person(&candidate.entry).ok().flatten());
    let (names, births, action) = match &person {
        Some(person) => (
            person
                .names
                .iter()
                .map(|n| n.text.as_str())
                .collect::<Vec<_>>()
                .join(" · "),
            person
                .births
                .iter()
                .map(|b| words.date(*b))
                .collect::<Vec<_>>()
                .join(" · "),
            person.action.clone(),
        ),
        None => Default::default(),
    };
    Entry {
        id: candidate.entry.to_string(),
        score: words.digits(&format!("{:.2}", candidate.score)),
        names,
        births,
        action,
        why: candidate.why.iter().map(|w| reason(w, words)).collect(),
    }
}
