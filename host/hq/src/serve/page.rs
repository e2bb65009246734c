//! The pages: the fleet on one screen, one box on another.

use super::guard::{COOKIE, Certified, Shown, failed, problem};
use super::{Fleet, Hall};
use crate::access::{Scope, Token};
use crate::acts::{self, Act, Phase};
use crate::boxes::{Held, held};
use crate::fleet::{Row, Summary, Tone};
use crate::listening::Access;
use crate::rollout::{self, Judgement, State as RolloutState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use jiff::Timestamp;
use rules::PostId;
use serde::Deserialize;
use std::sync::Arc;

/// So many rows on one page.
const ROWS: usize = 100;
/// The map's width and height, in its own units.
const MAP: (f64, f64) = (600.0, 600.0);
/// A margin round the outermost boxes.
const MARGIN: f64 = 30.0;

/// What the table is to show.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    find: String,
    #[serde(default)]
    only: String,
    #[serde(default)]
    page: usize,
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct FleetPage<'a> {
    at: String,
    by: String,
    operates: bool,
    /// Whether somebody signed in, and may sign out: a certificate needs neither.
    signs_out: bool,
    links: Vec<(&'static str, &'static str)>,
    tone: Tone,
    headline: String,
    summary: &'a Summary,
    editions: Vec<(String, usize)>,
    judgement: Option<&'a Judgement>,
    wanted: &'a Wanted,
    choices: Vec<(&'static str, bool)>,
    rows: Vec<Line<'a>>,
    shown: (usize, usize, usize),
    previous: Option<usize>,
    next: Option<usize>,
    dots: Vec<Dot<'a>>,
}

/// One row in words.
struct Line<'a> {
    row: &'a Row,
    edition: String,
    age: String,
    reported: String,
    waiting: String,
    drift: &'static str,
    lid: &'static str,
    lease: String,
    program: &'a str,
    overrides: String,
}

/// One box on the map.
struct Dot<'a> {
    x: f64,
    y: f64,
    row: &'a Row,
}

#[derive(Template)]
#[template(path = "box.html")]
struct BoxPage<'a> {
    at: String,
    by: String,
    line: Line<'a>,
    held: Held,
    last_heard: String,
    lease: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    refused: bool,
}

pub(super) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(e) => {
            tracing::error!(error = %e, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub(super) async fn fleet(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    Query(wanted): Query<Wanted>,
) -> Response {
    let token = match shown.may_see(Scope::View) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let fleet = match hall.fleet().await {
        Ok(fleet) => fleet,
        Err(e) => return failed(&e),
    };
    let work = tokio::task::spawn_blocking(move || {
        let signs_out = hall.access == Access::PlainLoopback;
        fleet_page(&fleet, &wanted, &token, signs_out)
    });
    work.await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The other pages that this token or role opens.
fn links(token: &Token) -> Vec<(&'static str, &'static str)> {
    [
        (Scope::Review, "/difference", "Changes"),
        (Scope::Audit, "/acts", "Acts"),
    ]
    .into_iter()
    .filter(|(scope, _, _)| token.may(*scope))
    .map(|(_, path, word)| (path, word))
    .collect()
}

fn fleet_page(fleet: &Fleet, wanted: &Wanted, token: &Token, signs_out: bool) -> Response {
    let find = wanted.find.trim().to_lowercase();
    let matching: Vec<&Row> = fleet
        .rows
        .iter()
        .filter(|row| wanted.only.is_empty() || row.tone.word() == wanted.only)
        .filter(|row| {
            let region = row.place.region.as_deref().unwrap_or_default();
            [row.post.as_str(), row.title(), region]
                .iter()
                .any(|text| text.to_lowercase().contains(&find))
        })
        .collect();
    let first = wanted.page.saturating_mul(ROWS).min(matching.len());
    let last = (first + ROWS).min(matching.len());
    let summary = &fleet.summary;
    let judgement = fleet.rollout.as_ref();
    let halted = judgement.is_some_and(|j| j.state == RolloutState::Halted);
    let tone = match summary {
        _ if halted => Tone::Act,
        s if s.act > 0 => Tone::Act,
        s if s.look > 0 => Tone::Look,
        _ => Tone::Ok,
    };
    let headline = match tone {
        Tone::Act if halted => "the rollout is halted".to_owned(),
        Tone::Act => format!(
            "{} of {} boxes need somebody now",
            summary.act, summary.active
        ),
        Tone::Look => format!(
            "{} of {} boxes are worth a look",
            summary.look, summary.active
        ),
        Tone::Ok => format!("all {} boxes are fine", summary.active),
    };
    html(&FleetPage {
        at: moment(fleet.at),
        by: token.name.to_string(),
        operates: token.may(Scope::Operate),
        signs_out,
        links: links(token),
        tone,
        headline,
        summary,
        editions: summary
            .editions
            .iter()
            .rev()
            .map(|(edition, boxes)| match edition {
                0 => ("none".to_owned(), *boxes),
                n => (n.to_string(), *boxes),
            })
            .collect(),
        judgement: judgement.filter(|j| j.state != RolloutState::Aborted),
        wanted,
        choices: [Tone::Act, Tone::Look, Tone::Ok]
            .map(|tone| (tone.word(), tone.word() == wanted.only))
            .into(),
        rows: matching[first..last]
            .iter()
            .map(|row| line(row, fleet.at))
            .collect(),
        shown: (first + usize::from(last > 0), last, matching.len()),
        previous: (first > 0).then(|| wanted.page.saturating_sub(1)),
        next: (last < matching.len()).then(|| wanted.page + 1),
        dots: dots(&fleet.rows),
    })
}

/// The boxes with coordinates, the bounding rectangle filled, north up. Degrees east shrink with the latitude.
fn dots(rows: &[Row]) -> Vec<Dot<'_>> {
    let placed: Vec<(&Row, f64, f64)> = rows
        .iter()
        .filter_map(|row| row.place.at.map(|(north, east)| (row, north, east)))
        .collect();
    let extent = |values: &mut dyn Iterator<Item = f64>| {
        values.fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(v), high.max(v))
        })
    };
    let (south, north) = extent(&mut placed.iter().map(|p| p.1));
    let (west, east) = extent(&mut placed.iter().map(|p| p.2));
    let narrowing = ((south + north) / 2.0).to_radians().cos().max(0.1);
    let (width, height) = ((east - west) * narrowing, north - south);
    let scale =
        ((MAP.0 - 2.0 * MARGIN) / width.max(0.01)).min((MAP.1 - 2.0 * MARGIN) / height.max(0.01));
    let (left, top) = (
        (MAP.0 - width * scale) / 2.0,
        (MAP.1 - height * scale) / 2.0,
    );
    let mut dots: Vec<Dot<'_>> = placed
        .into_iter()
        .map(|(row, n, e)| Dot {
            x: left + (e - west) * narrowing * scale,
            y: top + (north - n) * scale,
            row,
        })
        .collect();
    // What matters most is drawn last, on top.
    dots.sort_by_key(|dot| dot.row.tone);
    dots
}

fn line(row: &Row, now: Timestamp) -> Line<'_> {
    let none = || "–".to_owned();
    Line {
        row,
        edition: row.edition.map_or_else(none, |n| n.to_string()),
        age: row.edition_made_at.map_or_else(none, |at| ago(at, now)),
        reported: row
            .reported_at
            .map_or_else(|| "never".to_owned(), |at| ago(at, now)),
        waiting: row.waiting.map_or_else(none, |n| n.to_string()),
        drift: row.drift.map_or("–", seal::health::Drift::as_str),
        lid: match row.tamper {
            Some(true) => "OPENED",
            Some(false) => "closed",
            None => "–",
        },
        lease: row.lease_until.map_or_else(none, |until| {
            if until <= now {
                "over".to_owned()
            } else {
                format!("{} left", ago(now, until))
            }
        }),
        program: row
            .software
            .as_deref()
            .or(row.program.as_deref())
            .unwrap_or("–"),
        overrides: row
            .override_rate()
            .map_or_else(none, |rate| format!("{:.1} %", rate * 100.0)),
    }
}

/// A span in the unit that one would say it in.
fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(at).as_mins().max(0);
    match minutes {
        0..=119 => format!("{minutes} min"),
        120..=2879 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) async fn one_box(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    Path(post): Path<String>,
) -> Response {
    let token = match shown.may_see(Scope::View) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let absent = || problem(StatusCode::NOT_FOUND, "unknown_post", "no such box");
    let Ok(post) = PostId::new(post) else {
        return absent();
    };
    let held = match held(&hall.home, &hall.database, &post).await {
        Ok(held) => held,
        Err(crate::HqError::PostUnknown { .. }) => return absent(),
        Err(e) => return failed(&e),
    };
    let fleet = match hall.fleet().await {
        Ok(fleet) => fleet,
        Err(e) => return failed(&e),
    };
    let Some(row) = fleet.rows.iter().find(|row| row.post == post) else {
        return absent();
    };
    html(&BoxPage {
        at: moment(fleet.at),
        by: token.name.to_string(),
        line: line(row, fleet.at),
        last_heard: held.last_heard.map_or_else(|| "never".into(), moment),
        lease: held.lease_until.map_or_else(|| "none given".into(), moment),
        held,
    })
}

#[derive(Template)]
#[template(path = "halt.html")]
struct HaltPage {
    by: String,
}

/// Asks why; a page of its own, which does not load itself anew under somebody's fingers.
pub(super) async fn ask_halt(shown: Shown) -> Response {
    match shown.may_see(Scope::Operate) {
        Ok(token) => html(&HaltPage {
            by: token.name.to_string(),
        }),
        Err(refusal) => *refusal,
    }
}

#[derive(Deserialize)]
pub(super) struct HaltForm {
    why: String,
}

/// Halts the rollout from the page: anybody who operates may, at once; going on takes the command line.
pub(super) async fn halt(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    Form(form): Form<HaltForm>,
) -> Response {
    // A token may bear the name of a person: the ledger says which of them it was.
    let by_what = match &shown {
        Shown::Person(_) => "certificate",
        Shown::Nobody | Shown::Token(_) | Shown::Unbound => "token",
    };
    let token = match shown.may_see(Scope::Operate) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let work = tokio::task::spawn_blocking(move || {
        let why: String = form
            .why
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        let line = |phase, detail| Act {
            at: (hall.clock)(),
            by: token.name.to_string(),
            act: "page-halt".into(),
            phase,
            detail,
        };
        let about = serde_json::json!({ "why": why, by_what: token.name });
        acts::write(&hall.home, &line(Phase::Begun, about))?;
        let done = rollout::halt(&hall.home, &why);
        hall.forget();
        let (phase, detail) = match &done {
            Ok(_) => (Phase::Done, serde_json::Value::Null),
            Err(e) => (Phase::Failed, e.name().into()),
        };
        acts::write(&hall.home, &line(phase, detail))?;
        done
    });
    match work.await {
        Ok(Ok(_)) => Redirect::to("/").into_response(),
        Ok(Err(e @ (crate::HqError::NoRollout | crate::HqError::RolloutNotReady { .. }))) => {
            problem(StatusCode::CONFLICT, "not_open", &e.to_string())
        }
        Ok(Err(e)) => failed(&e),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) async fn sign_in(shown: Shown) -> Response {
    match shown {
        Shown::Person(_) => Redirect::to("/").into_response(),
        Shown::Nobody | Shown::Token(_) | Shown::Unbound => html(&SignInPage { refused: false }),
    }
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    token: String,
}

pub(super) async fn signed_in(
    State(hall): State<Arc<Hall>>,
    Extension(certified): Extension<Certified>,
    Form(form): Form<SignInForm>,
) -> Response {
    let secret = form.token.trim();
    let known = match hall.office().token(secret) {
        Ok(token) => token.is_some_and(|token| certified.takes(&token) && token.may(Scope::View)),
        Err(e) => return failed(&e),
    };
    if !known {
        tracing::warn!("a token that is not known, or not for the page, was shown at the sign-in");
        return (StatusCode::FORBIDDEN, html(&SignInPage { refused: true })).into_response();
    }
    let secure = match hall.access {
        Access::PlainLoopback => "",
        Access::Tls { .. } => "; Secure",
    };
    let cookie =
        format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

pub(super) async fn sign_out() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response()
}

pub(super) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../assets/fleet.css"),
    )
        .into_response()
}
