//! From paper: while the box was down, travellers passed with a number on paper. Afterwards they are entered
//! here, without biometrics, so that no gap stays in the record.

use super::conduct::NotBegun;
use super::own_form::Form;
use super::running::{Phase, Running};
use super::visit::{Frame, LaneVisit, page};
use super::{Desk, blocking};
use crate::inspection::{Inspection, Moment, Pictures};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, tz::TimeZone};
use rules::PaperEntry;
use rules::mrz::Zone;
use serde::Deserialize;
use std::sync::Arc;

/// The most characters of a number on paper.
const LONGEST_NUMBER: usize = 32;

#[derive(Template)]
#[template(path = "paper.html")]
struct PaperPage {
    frame: Frame,
    form: PaperForm,
    /// The box is locked: what is typed is recorded, and not searched.
    locked: bool,
    problem: Option<String>,
}

#[derive(Default, Deserialize)]
pub(super) struct PaperForm {
    #[serde(default)]
    csrf: String,
    number: String,
    /// `YYYY-MM-DD` and `HH:MM`, by the post's clock.
    day: String,
    time: String,
    zone: String,
}

pub(super) async fn show(State(desk): State<Arc<Desk>>, visit: LaneVisit) -> Response {
    if desk.waiting(&visit.officer).is_some() {
        return Redirect::to("/").into_response();
    }
    let form = PaperForm {
        day: desk.moment().today.to_string(),
        ..PaperForm::default()
    };
    shown(&desk, &visit, StatusCode::OK, form, None)
}

fn shown(
    desk: &Desk,
    visit: &LaneVisit,
    status: StatusCode,
    form: PaperForm,
    problem: Option<String>,
) -> Response {
    let frame = visit.visit.frame(desk);
    page(
        status,
        &PaperPage {
            locked: frame.is_locked(),
            frame,
            form,
            problem,
        },
    )
}

/// When a traveller stood at the lane, as paper says; `None` for no moment, or one that has not come yet.
fn moment(form: &PaperForm, zone: TimeZone, now: Timestamp) -> Option<Timestamp> {
    let day: Date = form.day.trim().parse().ok()?;
    let time = Time::strptime("%H:%M", form.time.trim()).ok()?;
    let at = DateTime::from_parts(day, time)
        .to_zoned_datetime(zone)
        .ok()?
        .timestamp();
    (at <= now).then_some(at)
}

/// Enters one: what was written down is searched now, and the officer confirms what was decided.
pub(super) async fn enter(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Form(form): Form<PaperForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let words = visit.visit.words;
    let now = desk.moment();
    let again = |form, problem| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        shown(&desk, &visit, status, form, Some(problem))
    };
    let number = form.number.trim().to_owned();
    if number.is_empty() || number.chars().count() > LONGEST_NUMBER {
        return again(form, words.say("paper-number-missing"));
    }
    let Some(at) = moment(&form, desk.zone(), now.now) else {
        return again(form, words.say("paper-time-wrong"));
    };
    let zone = match Zone::parse(&form.zone.to_uppercase()) {
        Ok(zone) => zone,
        Err(_) => {
            let why = super::zone_shown::digits(&form.zone.to_uppercase(), now.today, words);
            return again(form, why.err().unwrap_or_default());
        }
    };
    let equipment = Arc::clone(&desk.parts.equipment);
    let paper = PaperEntry { number, at };
    // A document is judged by the day on which the traveller stood there: it may have expired since.
    let then = Moment {
        today: at.to_zoned_datetime(desk.zone()).date(),
        ..now
    };
    let inspection = blocking(move || Inspection::of_paper(paper, &zone, &equipment, then)).await;
    let (Some(inspection), Ok(running)) = (inspection, Running::new(Pictures::default())) else {
        return again(form, words.say("lane-broke-off"));
    };
    let running = Arc::new(running);
    running.ended(Phase::Advised(Arc::new(inspection)));
    match desk.stand_before(&visit.officer, &running) {
        Err(NotBegun::SessionOver) => Redirect::to("/sign-in?over").into_response(),
        Err(_) => Redirect::to("/").into_response(),
        Ok(()) => Redirect::to(&format!("/inspections/{}", running.id)).into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_moment_on_paper_is_by_the_posts_clock_and_has_passed() {
        let nairobi = TimeZone::fixed(jiff::tz::offset(3));
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let at = |day: &str, time: &str| {
            let form = PaperForm {
                day: day.into(),
                time: time.into(),
                ..PaperForm::default()
            };
            moment(&form, nairobi.clone(), now)
        };
        assert_eq!(
            at("2026-11-29", "10:40"),
            Some("2026-11-29T07:40:00Z".parse().unwrap())
        );
        assert_eq!(at("2026-11-29", "15:01"), None, "it has not come yet");
        for (day, time) in [
            ("29.11.2026", "10:40"),
            ("2026-02-30", "10:40"),
            ("2026-11-28", "25:00"),
            ("", ""),
        ] {
            assert_eq!(at(day, time), None, "{day} {time}");
        }
    }
}
