//! The same desk for scripts and tests: JSON, an officer's session as a bearer token, the same decisions
//! under the same rules. A bearer token is sent by no browser on its own, so it needs no form token.

use super::Desk;
use super::conduct::{NotBegun, NotRecorded};
use super::encounter::{NotDecided, decision_kind, override_reason};
use super::lane::{UploadForm, scene_shot};
use super::session::SignedIn;
use crate::devices::Shot;
use crate::inspection::Inspection;
use crate::officers::Role;
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rules::{Advice, Candidate, Check, DecisionKind, Reason};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

/// An officer who calls with the token of a session.
pub(super) struct ApiOfficer(SignedIn);

impl FromRequestParts<Arc<Desk>> for ApiOfficer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Response> {
        parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .and_then(|token| desk.sessions.find(token, Instant::now()))
            .filter(|officer| officer.role == Role::Officer)
            .map(Self)
            .ok_or_else(|| {
                let error = "sign in first, as an officer of the first line: POST /api/session";
                problem(StatusCode::UNAUTHORIZED, error)
            })
    }
}

fn problem(status: StatusCode, error: impl Into<String>) -> Response {
    let error: String = error.into();
    (status, Json(serde_json::json!({ "error": error }))).into_response()
}

#[derive(Deserialize)]
pub(super) struct SignInBody {
    officer: String,
    pin: Zeroizing<String>,
}

pub(super) async fn sign_in(
    State(desk): State<Arc<Desk>>,
    Json(body): Json<SignInBody>,
) -> Response {
    match desk.let_in(body.officer, body.pin).await {
        Ok(signed_in) => Json(serde_json::json!({
            "officer": signed_in.officer,
            "role": signed_in.role,
            "token": signed_in.token,
        }))
        .into_response(),
        Err(why) => problem(why.status(), why.key()),
    }
}

pub(super) async fn status(State(desk): State<Arc<Desk>>, _officer: ApiOfficer) -> Response {
    let outbox = match desk.parts.appliance.outbox() {
        Ok(outbox) => outbox,
        Err(e) => return problem(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()),
    };
    let edition = desk.parts.equipment.edition().ok();
    Json(serde_json::json!({
        "post": desk.parts.appliance.post().post,
        "lane": desk.parts.lane,
        "edition": edition.as_ref().map(|e| e.info().number),
        "edition_made_at": edition.as_ref().map(|e| e.info().made_at),
        "roles": desk.parts.equipment.ages(Timestamp::now()),
        "parcels": outbox.last.0,
        "receipts": outbox.receipt.map_or(0, |r| r.up_to.0),
        "waiting": outbox.waiting,
    }))
    .into_response()
}

#[derive(Deserialize)]
struct SceneBody {
    scene: String,
}

#[derive(Serialize)]
pub(super) struct InspectedBody<'a> {
    inspection: &'a str,
    mrz: Option<&'a [String]>,
    checks: Vec<&'a Check>,
    face_score: Option<f32>,
    candidates: &'a [Candidate],
    advice: Advice,
    reasons: Vec<&'a Reason>,
    ms: f64,
}

impl<'a> InspectedBody<'a> {
    /// What the first line may know: of a discreet entry only that it refers, at this door as at the others.
    pub(super) fn of(id: &'a str, inspection: &'a Inspection) -> Self {
        let shown = inspection.to_first_line();
        Self {
            inspection: id,
            mrz: inspection.zone.as_ref().map(|z| z.lines.as_slice()),
            checks: shown.checks,
            face_score: inspection.face_score,
            candidates: shown.candidates,
            advice: shown.advice,
            reasons: shown.reasons,
            ms: inspection.timings.whole,
        }
    }
}

/// Begins an inspection, from two files (multipart `page` and `live`) or a scene of the demonstration
/// (`{"scene": NAME}`), and answers with its advice.
pub(super) async fn inspect(
    State(desk): State<Arc<Desk>>,
    ApiOfficer(officer): ApiOfficer,
    request: Request,
) -> Response {
    let shot = match shot(&desk, request).await {
        Ok(shot) => shot,
        Err(refused) => return refused,
    };
    let running = match desk.begin(&officer, shot).await {
        Ok(running) => running,
        Err(e) => {
            let status = match e {
                NotBegun::DecideFirst => StatusCode::CONFLICT,
                NotBegun::CaseOpened => StatusCode::LOCKED,
                NotBegun::BeingUpdated(_) => StatusCode::SERVICE_UNAVAILABLE,
                NotBegun::Picture(_) => StatusCode::UNPROCESSABLE_ENTITY,
                NotBegun::SessionOver => StatusCode::UNAUTHORIZED,
                NotBegun::NoLease => StatusCode::FORBIDDEN,
                NotBegun::NoRandomness(_) | NotBegun::BrokeOff => StatusCode::INTERNAL_SERVER_ERROR,
            };
            return problem(status, e.to_string());
        }
    };
    running.done().await;
    let Some(inspection) = running.advised() else {
        return problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the inspection broke off",
        );
    };
    let body = InspectedBody::of(&running.id, &inspection);
    (StatusCode::CREATED, Json(body)).into_response()
}

async fn shot(desk: &Arc<Desk>, request: Request) -> Result<Shot, Response> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("multipart/form-data"));
    if is_form {
        let form = Multipart::from_request(request, desk)
            .await
            .map_err(IntoResponse::into_response)?;
        let form = UploadForm::read(form)
            .await
            .map_err(|e| problem(e.status(), e.body_text()))?;
        return match (form.page, form.live) {
            (Some(page), Some(live)) => Ok(Shot {
                page,
                live,
                ..Shot::default()
            }),
            _ => Err(problem(
                StatusCode::BAD_REQUEST,
                "send two files, page and live",
            )),
        };
    }
    let Json(SceneBody { scene }) = Json::<SceneBody>::from_request(request, desk)
        .await
        .map_err(IntoResponse::into_response)?;
    match scene_shot(desk, scene).await {
        Some(Ok(shot)) => Ok(shot),
        Some(Err(e)) => Err(problem(StatusCode::UNPROCESSABLE_ENTITY, e.to_string())),
        None => Err(problem(StatusCode::NOT_FOUND, "there is no such scene")),
    }
}

#[derive(Deserialize)]
pub(super) struct DecisionBody {
    decision: String,
    reason: Option<String>,
}

/// The officer's decision; answered after it is on the medium.
pub(super) async fn decide(
    State(desk): State<Arc<Desk>>,
    ApiOfficer(officer): ApiOfficer,
    Path(id): Path<String>,
    Json(body): Json<DecisionBody>,
) -> Response {
    let Some(running) = officer.current.clone().filter(|r| r.id == id) else {
        return problem(StatusCode::NOT_FOUND, "this officer has no such traveller");
    };
    let Some(kind) = decision_kind(&body.decision) else {
        return problem(StatusCode::BAD_REQUEST, "decide Admit, Refer or Hold");
    };
    let reason = match body.reason.as_deref().map(|r| override_reason(r).ok_or(r)) {
        None => None,
        Some(Ok(reason)) => Some(reason),
        Some(Err(_)) => return problem(StatusCode::BAD_REQUEST, "there is no such reason"),
    };
    match desk.decided(&officer, &running, kind, reason).await {
        Ok(encounter) => Json(serde_json::json!({
            "encounter": encounter.to_string(),
            "decision": DecisionKind::as_str(kind),
        }))
        .into_response(),
        Err(NotDecided::ReasonNeeded(_)) => problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "deciding against the advice needs a reason",
        ),
        Err(NotDecided::NotRecorded(e @ NotRecorded::NothingToDecide)) => {
            problem(StatusCode::CONFLICT, e.to_string())
        }
        Err(NotDecided::NotRecorded(e)) => {
            problem(StatusCode::INTERNAL_SERVER_ERROR, e.to_string())
        }
    }
}
