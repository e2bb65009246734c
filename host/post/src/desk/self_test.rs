//! Opening the lane: what this box can do today, and how old its lists are. The officer reads it, and
//! opens.

use super::own_form::Form;
use super::session::Lane;
use super::visit::{Frame, LeaseLine, StaffVisit, home, page, role_age, role_key};
use super::words::Words;
use super::{Desk, blocking};
use crate::devices::CameraError;
use crate::inspection::{OLD_AFTER_DAYS, age_of_lists};
use crate::officers::Role;
use crate::sync::RoleAge;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use rules::{BundleRole, RoleStanding};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "self_test.html")]
struct SelfTestPage {
    frame: Frame,
    parts: Vec<Part>,
    /// The box is locked: what is left to do is said, and the lane opens for that alone.
    locked: bool,
    can_open: bool,
}

/// One part of the box.
struct Part {
    name: &'static str,
    tone: &'static str,
    symbol: &'static str,
    words: String,
}

impl Part {
    fn fine(name: &'static str, words: String) -> Self {
        Self {
            name,
            tone: "",
            symbol: "✓",
            words,
        }
    }

    /// What is missing leaves questions open, and stops no lane.
    fn absent(name: &'static str, words: String) -> Self {
        Self {
            name,
            tone: "warn",
            symbol: "▲",
            words,
        }
    }

    fn none(name: &'static str, words: String) -> Self {
        Self {
            name,
            tone: "quiet",
            symbol: "–",
            words,
        }
    }
}

fn parts(desk: &Desk, ages: &[RoleAge], words: &Words) -> Vec<Part> {
    let equipment = &desk.parts.equipment;
    let works = |name, there: bool| match there {
        true => Part::fine(name, words.say("part-works")),
        false => Part::absent(name, words.say("part-technician")),
    };
    let mut parts = vec![
        works("part-zone-reader", equipment.reader().is_ok()),
        works("part-face-matcher", equipment.matcher().is_ok()),
        match &desk.parts.camera {
            Some(camera) => match camera.take_page() {
                Ok(_) | Err(CameraError::NothingThere | CameraError::GlassTaken) => {
                    Part::fine("part-reader", words.say("part-works"))
                }
                Err(_) => Part::absent("part-reader", words.say("part-technician")),
            },
            None => Part::none("part-reader", words.say("lane-no-camera")),
        },
        match equipment.chip_reader_answers() {
            Some(answers) => works("part-chip-reader", answers),
            None => Part::none("part-chip-reader", words.say("part-no-chip-reader")),
        },
    ];
    if equipment.reads_chips() {
        parts.push(country_signers(desk, words));
    }
    parts.extend(sent(ages, words));
    parts.push(match desk.parts.appliance.outbox() {
        Ok(outbox) => Part::fine(
            "part-store",
            match outbox.waiting {
                0 => words.say("outbox-empty"),
                n => words.with("outbox-waiting", "count", n),
            },
        ),
        Err(_) => Part::absent("part-store", words.say("part-technician")),
    });
    // Said where something is wrong with them: what works is seen.
    if !desk.parts.hardware.not_started().is_empty() {
        parts.push(Part::absent("part-board", words.say("part-technician")));
    }
    parts.push(match LeaseLine::of(words, desk) {
        LeaseLine::Quiet(text) => Part::fine("part-headquarters", text),
        LeaseLine::Soon(text) => Part::absent("part-headquarters", text),
        LeaseLine::Locked(text) => Part {
            tone: "bad",
            symbol: "◆",
            ..Part::absent("part-headquarters", text)
        },
    });
    parts
}

/// What headquarters sends beside the list, role by role.
fn sent(ages: &[RoleAge], words: &Words) -> Vec<Part> {
    let now = Timestamp::now();
    let beside = ages.iter().filter(|of| of.role != BundleRole::Watchlist);
    let part = |of: &RoleAge| {
        let (name, text) = (role_key(of.role), role_age(words, of, now));
        match of.standing {
            RoleStanding::Fresh => Part::fine(name, text),
            RoleStanding::Stale | RoleStanding::LeaseOver => Part::absent(name, text),
        }
    };
    beside.map(part).collect()
}

/// Whose chips are believed, and how old that knowledge is.
fn country_signers(desk: &Desk, words: &Words) -> Part {
    const NAME: &str = "part-trust";
    let today = desk.moment().today;
    let store = desk.parts.equipment.trust(today);
    let count = store.country_signers().len();
    match age_of_lists(&store, today) {
        _ if count == 0 => Part::absent(NAME, words.say("part-trust-none")),
        None => Part::fine(NAME, words.say("part-works")),
        Some(days) => {
            let age = words.with("part-trust-age", "count", days.max(0));
            match days > OLD_AFTER_DAYS {
                true => Part::absent(NAME, age),
                false => Part::fine(NAME, age),
            }
        }
    }
}

pub(super) async fn show(State(desk): State<Arc<Desk>>, visit: StaffVisit) -> Response {
    let words = visit.visit.words;
    let frame = visit.visit.frame(&desk);
    let (asked, ages) = (Arc::clone(&desk), frame.ages.clone());
    let parts = blocking(move || parts(&asked, &ages, words))
        .await
        .unwrap_or_default();
    page(
        StatusCode::OK,
        &SelfTestPage {
            parts,
            locked: frame.is_locked(),
            frame,
            can_open: visit.officer.role == Role::Officer && visit.officer.lane == Lane::Closed,
        },
    )
}

#[derive(Deserialize)]
pub(super) struct OpenForm {
    csrf: String,
}

/// Opens the lane.
pub(super) async fn open(
    State(desk): State<Arc<Desk>>,
    visit: StaffVisit,
    Form(form): Form<OpenForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    if visit.officer.role == Role::Officer {
        desk.sessions
            .change(&visit.officer.token, |session| session.lane = Lane::Open);
    }
    Redirect::to(home(visit.officer.role)).into_response()
}
