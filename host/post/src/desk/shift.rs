//! The end of a shift: what it came to, what is left for the next officer, and the hand-over.

use super::Desk;
use super::own_form::Form;
use super::sign_in::leave;
use super::visit::{Frame, OfficerVisit, StaffVisit, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use std::sync::{Arc, PoisonError};

/// No shift has more encounters than this.
const MOST_ENCOUNTERS: usize = 5000;

#[derive(Template)]
#[template(path = "shift.html")]
struct ShiftPage {
    frame: Frame,
    since: String,
    counts: Vec<Count>,
    left: Vec<Count>,
}

/// One line of the sheet: its name, and a number.
struct Count {
    name: &'static str,
    number: String,
}

/// What the shift at this lane came to since the officer signed in.
pub(super) async fn show(State(desk): State<Arc<Desk>>, visit: OfficerVisit) -> Response {
    let words = visit.visit.words;
    let since = visit.officer.since;
    let all = desk
        .parts
        .appliance
        .encounters(MOST_ENCOUNTERS)
        .unwrap_or_default();
    let shift: Vec<_> = all
        .iter()
        .filter(|e| e.lane == desk.parts.lane && e.opened_at >= since)
        .collect();
    let number = |n: usize| words.digits(&n.to_string());
    let of = |name, kind: Option<&str>| Count {
        name,
        number: number(
            shift
                .iter()
                .filter(|e| e.decision.as_deref() == kind)
                .count(),
        ),
    };
    let interrupted = desk
        .interrupted
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .len();
    let waiting = desk.parts.appliance.outbox().map_or(0, |o| o.waiting);
    page(
        StatusCode::OK,
        &ShiftPage {
            frame: visit.visit.frame(&desk),
            since: words.moment(since, &desk.zone()),
            counts: vec![
                Count {
                    name: "shift-travellers",
                    number: number(shift.len()),
                },
                of("lane-done-Admit", Some("Admit")),
                of("lane-done-Refer", Some("Refer")),
                of("lane-done-Hold", Some("Hold")),
                of("shift-undecided", None),
            ],
            left: vec![
                Count {
                    name: "shift-interrupted",
                    number: number(interrupted),
                },
                Count {
                    name: "shift-in-front",
                    number: number(usize::from(desk.waiting(&visit.officer).is_some())),
                },
                Count {
                    name: "shift-outbox",
                    number: words.digits(&waiting.to_string()),
                },
            ],
        },
    )
}

/// Hands the lane over: the session ends, and the next officer signs in.
pub(super) async fn hand_over(
    state: State<Arc<Desk>>,
    visit: StaffVisit,
    jar: CookieJar,
    form: Form<super::sign_in::LeaveForm>,
) -> Response {
    leave(state, visit, jar, form).await
}
