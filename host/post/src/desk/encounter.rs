//! The traveller in front of the officer: the screen, its pictures, the decision.

use super::Desk;
use super::amend::back;
use super::chip_shown::progress;
use super::conduct::NotRecorded;
use super::lane::jpeg;
use super::own_form::{Made, OwnForm};
use super::running::{Phase, Running, Stand};
use super::session::{Done, SignedIn};
use super::view::{EncounterPage, EncounterView, groups_of_stand, notes, traveller};
use super::visit::{LaneVisit, page};
use super::words::Words;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use rules::decision::DecisionError;
use rules::{DecisionKind, OfficerAct, OverrideReason};
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use store::StoreError;
use tokio::sync::watch;

/// The officer's own traveller of this name; another's is nobody's business.
pub(super) fn own(visit: &LaneVisit, id: &str) -> Option<Arc<Running>> {
    visit.officer.current.clone().filter(|r| r.id == id)
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
) -> Response {
    match own(&visit, &id).and_then(|running| view(&desk, &visit, &running)) {
        Some(view) => encounter(&desk, &visit, StatusCode::OK, view),
        // Decided, or somebody else's: the lane says what is to be done.
        None => Redirect::to("/").into_response(),
    }
}

/// What there is to see; `None` where it is over.
pub(super) fn view(desk: &Desk, visit: &LaneVisit, running: &Running) -> Option<EncounterView> {
    let words = visit.visit.words;
    let stand = running.follow().borrow().clone();
    let today = desk.moment().today;
    let mut view = match &*running.phase() {
        Phase::Working => EncounterView::working(&running.id, &stand, words, today),
        Phase::Advised(inspection) | Phase::Recording(inspection) => EncounterView {
            notes: notes(inspection, words, &desk.zone()),
            ..EncounterView::advised(
                &running.id,
                inspection,
                words,
                &desk.parts.equipment.policy(),
            )
        },
        Phase::Recorded | Phase::BrokeOff => return None,
    };
    view.camera = desk.parts.camera.is_some();
    view.can_ask_number = running
        .advised()
        .is_some_and(|i| i.may_ask_for_number(&desk.parts.equipment));
    Some(view)
}

pub(super) fn encounter(
    desk: &Desk,
    visit: &LaneVisit,
    status: StatusCode,
    view: EncounterView,
) -> Response {
    let mut frame = visit.visit.frame(desk);
    // Answers to forms stand under the form's address; what one comes back to is the encounter.
    frame.here = format!("/inspections/{}", view.id);
    page(status, &EncounterPage { frame, view })
}

pub(super) async fn picture(
    visit: LaneVisit,
    Path((id, which)): Path<(String, String)>,
) -> Response {
    let found = own(&visit, &id).and_then(|running| {
        running.picture(|pictures| {
            match which.as_str() {
                "page" => pictures.page.as_ref(),
                "infrared" => pictures.infrared.as_ref(),
                "ultraviolet" => pictures.ultraviolet.as_ref(),
                "live" => pictures.live.as_ref(),
                "portrait" => pictures.portrait.as_ref(),
                "chip" => pictures.chip.as_ref(),
                _ => None,
            }
            .map(jpeg)
        })
    });
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// The checks as they are answered, as server-sent events: `traveller` when the zone was read, `group` for
/// each change, `chip` while the chip is read (empty words when it has been), `advised` at the end.
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    visit: LaneVisit,
    Path(id): Path<String>,
) -> Response {
    let Some(running) = own(&visit, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let today = desk.moment().today;
    Sse::new(follow(running.follow(), visit.visit.words, today))
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn follow(
    receiver: watch::Receiver<Stand>,
    words: &'static Words,
    today: Date,
) -> impl Stream<Item = Result<Event, Infallible>> {
    struct Following {
        receiver: watch::Receiver<Stand>,
        shown: Option<Stand>,
        ready: VecDeque<Event>,
        words: &'static Words,
        today: Date,
        over: bool,
    }
    let start = Following {
        receiver,
        shown: None,
        ready: VecDeque::new(),
        words,
        today,
        over: false,
    };
    stream::unfold(start, |mut at| async move {
        loop {
            if let Some(event) = at.ready.pop_front() {
                return Some((Ok(event), at));
            }
            if at.over {
                return None;
            }
            if at.shown.is_some() && at.receiver.changed().await.is_err() {
                return None;
            }
            let stand = at.receiver.borrow_and_update().clone();
            let shown = at.shown.replace(stand.clone());
            if let Some(fields) = &stand.fields
                && shown.as_ref().is_none_or(|s| s.fields.is_none())
            {
                let traveller = traveller(fields, at.today, at.words);
                at.ready.push_back(
                    Event::default()
                        .event("traveller")
                        .data(traveller.to_json()),
                );
            }
            let chip = progress(stand.chip, at.words);
            if chip != shown.as_ref().and_then(|s| progress(s.chip, at.words)) {
                let data = serde_json::json!({ "words": chip });
                at.ready
                    .push_back(Event::default().event("chip").data(data.to_string()));
            }
            let before = shown.map(|s| groups_of_stand(&s));
            for (index, group) in groups_of_stand(&stand).into_iter().enumerate() {
                if before.as_ref().is_some_and(|b| b[index] == group) {
                    continue;
                }
                let data = serde_json::json!({
                    "name": group.name, "tone": group.tone, "symbol": group.symbol,
                    "words": at.words.say(group.outcome),
                });
                at.ready
                    .push_back(Event::default().event("group").data(data.to_string()));
            }
            if stand.over {
                at.over = true;
                at.ready
                    .push_back(Event::default().event("advised").data(""));
            }
        }
    })
}

#[derive(Deserialize)]
pub(super) struct DecisionForm {
    csrf: String,
    decision: String,
    reason: Option<String>,
}

impl Made for DecisionForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}

/// A decision as its wire name says it.
pub(super) fn decision_kind(text: &str) -> Option<DecisionKind> {
    [DecisionKind::Admit, DecisionKind::Refer, DecisionKind::Hold]
        .into_iter()
        .find(|k| k.as_str() == text)
}

/// A reason as its wire name says it.
pub(super) fn override_reason(text: &str) -> Option<OverrideReason> {
    OverrideReason::ALL.into_iter().find(|r| r.as_str() == text)
}

/// The officer's decision: recorded first, answered after.
pub(super) async fn decide(
    State(desk): State<Arc<Desk>>,
    OwnForm {
        visit,
        running,
        form,
    }: OwnForm<DecisionForm>,
) -> Response {
    let Some(kind) = decision_kind(&form.decision) else {
        return visit.refuse(&desk);
    };
    let reason = form.reason.as_deref().and_then(override_reason);
    match desk.decided(&visit.officer, &running, kind, reason).await {
        Ok(_) => Redirect::to("/").into_response(),
        Err(NotDecided::ReasonNeeded(advice)) => match view(&desk, &visit, &running) {
            Some(view) => {
                let on_paper = running
                    .advised()
                    .is_some_and(|i| i.circumstances.paper.is_some());
                let asking = view.asking(kind, advice, on_paper, visit.visit.words);
                encounter(&desk, &visit, StatusCode::UNPROCESSABLE_ENTITY, asking)
            }
            None => Redirect::to("/").into_response(),
        },
        Err(NotDecided::NotRecorded(NotRecorded::NothingToDecide)) => back(&running.id),
        Err(NotDecided::NotRecorded(e)) => match view(&desk, &visit, &running) {
            Some(mut view) => {
                let words = visit.visit.words;
                view.problem = Some(words.with("record-failed", "why", not_recorded(&e, words)));
                encounter(&desk, &visit, StatusCode::INTERNAL_SERVER_ERROR, view)
            }
            None => Redirect::to("/").into_response(),
        },
    }
}

/// Why nothing was recorded, in the officer's words; the log has the rest.
fn not_recorded(why: &NotRecorded, words: &Words) -> String {
    tracing::error!("a decision could not be recorded: {why}");
    words.say(match why {
        NotRecorded::Store(StoreError::DiskFull) => "why-disk-full",
        _ => "why-store",
    })
}

/// Why there is no decision.
#[derive(Debug)]
pub(super) enum NotDecided {
    /// It goes against this advice and gives no reason.
    ReasonNeeded(rules::Advice),
    /// It could not be recorded.
    NotRecorded(NotRecorded),
}

impl Desk {
    /// A signed-in officer has pressed a decision button. What was begun comes to its end, also where the
    /// browser has gone before the answer.
    pub(super) async fn decided(
        self: &Arc<Self>,
        officer: &SignedIn,
        running: &Arc<Running>,
        kind: DecisionKind,
        reason: Option<OverrideReason>,
    ) -> Result<rules::EncounterId, NotDecided> {
        let (desk, officer, running) = (Arc::clone(self), officer.clone(), Arc::clone(running));
        tokio::spawn(async move { desk.decide_now(&officer, &running, kind, reason).await })
            .await
            .unwrap_or(Err(NotDecided::NotRecorded(NotRecorded::BrokeOff)))
    }

    async fn decide_now(
        self: &Arc<Self>,
        officer: &SignedIn,
        running: &Arc<Running>,
        kind: DecisionKind,
        reason: Option<OverrideReason>,
    ) -> Result<rules::EncounterId, NotDecided> {
        // What is being amended is decided on as amended.
        let _one_at_a_time = running.amending.lock().await;
        let inspection = running
            .advised()
            .ok_or(NotDecided::NotRecorded(NotRecorded::NothingToDecide))?;
        let advice = inspection.shown_advice();
        let path = inspection.circumstances.path;
        drop(inspection);
        let decision = OfficerAct::new(officer.officer.clone(), Timestamp::now())
            .decide(kind, advice, reason)
            .map_err(|DecisionError::ReasonNeeded| NotDecided::ReasonNeeded(advice))?;
        let encounter = self
            .record(running, Some(decision))
            .await
            .map_err(NotDecided::NotRecorded)?;
        self.sessions.change(&officer.token, |session| {
            // The next traveller may already stand there.
            if let Some(current) = &session.current
                && !Arc::ptr_eq(current, running)
            {
                return;
            }
            session.current = None;
            session.done = Some(Done {
                decision: kind,
                path,
                encounter: encounter.clone(),
            });
        });
        Ok(encounter)
    }
}
