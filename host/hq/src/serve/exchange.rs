//! The interface for other systems (`/api/v1`, described in `openapi.json`): a border system pulls decisions
//! and offers entries for the list.
//!
//! Decisions are pulled post by post, each from the number of the last one had: numbers have no gaps at a post,
//! so nothing is missed and nothing comes twice, whichever program received it. Where one has not arrived yet, those
//! after it wait for it.

use super::Hall;
use super::guard::{Shown, failed, problem};
use crate::HqError;
use crate::access::Scope;
use crate::audit::{Opener, Unopened};
use crate::offers::{Offer, OfferBody};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use rules::{EncounterRecord, PostId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// At most so many decisions in one answer.
const MOST: u32 = 500;

pub(super) fn routes() -> Router<Arc<Hall>> {
    Router::new()
        .route("/openapi.json", get(description))
        .route("/fleet", get(fleet))
        .route("/posts", get(posts))
        .route("/decisions", get(decisions))
        .route("/offers", get(offers).post(offer))
        .route("/offers/{id}", get(one_offer))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "unknown_path", "see openapi.json") })
        .method_not_allowed_fallback(|| async {
            problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "wrong_method",
                "see openapi.json",
            )
        })
}

async fn description() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("../../openapi.json"),
    )
        .into_response()
}

async fn fleet(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    if let Err(refusal) = shown.may(Scope::View) {
        return *refusal;
    }
    match hall.fleet().await {
        Ok(fleet) => Json(json!({ "at": fleet.at, "summary": fleet.summary, "boxes": fleet.rows }))
            .into_response(),
        Err(e) => failed(&e),
    }
}

/// The posts that decisions can be pulled of, and how far each goes.
async fn posts(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    if let Err(refusal) = shown.may(Scope::Decisions) {
        return *refusal;
    }
    let counts = match hall.parcels.counts().await {
        Ok(counts) => counts,
        Err(e) => return failed(&e),
    };
    let posts: Vec<_> = counts
        .into_iter()
        .map(|count| json!({ "post": count.post, "up_to": count.up_to }))
        .collect();
    Json(json!({ "posts": posts })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pull {
    post: PostId,
    #[serde(default)]
    after: u64,
    limit: Option<u32>,
}

/// One decision, as another system gets it.
#[derive(Serialize)]
struct DecisionLine {
    post: PostId,
    sequence: u64,
    received_at: jiff::Timestamp,
    /// Absent where the parcel does not open: `fault` says why.
    record: Option<EncounterRecord>,
    fault: Option<String>,
}

async fn decisions(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    pull: Result<Query<Pull>, QueryRejection>,
) -> Response {
    let token = match shown.may(Scope::Decisions) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let Query(pull) = match pull {
        Ok(pull) => pull,
        Err(e) => return problem(StatusCode::BAD_REQUEST, "malformed", &e.body_text()),
    };
    let limit = pull.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        let why = format!("limit is 1 to {MOST}");
        return problem(StatusCode::BAD_REQUEST, "malformed", &why);
    }
    let after = pull.after;
    let mut held = match hall.parcels.page(&pull.post, after, limit).await {
        Ok(held) => held,
        Err(e) => return failed(&e),
    };
    held.truncate(following(after, held.iter().map(|held| held.sequence.0)));
    let work = tokio::task::spawn_blocking(move || -> Result<Vec<DecisionLine>, HqError> {
        if !held.is_empty() {
            hall.note_pull(&token.name)?;
        }
        let opener = Opener::new(&hall.home)?;
        Ok(held
            .into_iter()
            .map(|held| {
                let (record, fault) = match opener.open(&held, None) {
                    Ok(record) => (Some(record), None),
                    Err(why) => (None, Some(withheld(&why))),
                };
                DecisionLine {
                    post: held.post,
                    sequence: held.sequence.0,
                    received_at: held.received_at,
                    record,
                    fault,
                }
            })
            .collect())
    });
    match work.await {
        Ok(Ok(lines)) => {
            let next = lines.last().map_or(after, |line| line.sequence);
            Json(json!({ "decisions": lines, "next": next })).into_response()
        }
        Ok(Err(e)) => failed(&e),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Why another system does not get a record. It is not told who asked for protection: such a record and one that was
/// erased are withheld in the same words.
fn withheld(why: &Unopened) -> String {
    match why {
        Unopened::Protected | Unopened::Erased => "it is not given out".to_owned(),
        why => why.to_string(),
    }
}

/// How many of these numbers follow `after` without a gap.
fn following(after: u64, numbers: impl Iterator<Item = u64>) -> usize {
    numbers
        .zip(after.saturating_add(1)..)
        .take_while(|(number, expected)| number == expected)
        .count()
}

async fn offer(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    body: Result<Json<OfferBody>, JsonRejection>,
) -> Response {
    let token = match shown.may(Scope::Entries) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let Json(body) = match body {
        Ok(body) => body,
        Err(e) => {
            let status = match e.status() {
                status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => status,
                _ => StatusCode::BAD_REQUEST,
            };
            return problem(status, "malformed", &e.body_text());
        }
    };
    let work = tokio::task::spawn_blocking(move || {
        hall.office().put_offer(&token.name, &body, (hall.clock)())
    });
    match work.await {
        Ok(Ok(offer)) => (StatusCode::CREATED, Json(offer)).into_response(),
        Ok(Err(HqError::ImportRefused { faults })) => {
            let body = json!({
                "error": "refused", "detail": "the entry cannot be read", "faults": faults,
            });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
        }
        Ok(Err(e)) => failed(&e),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What this token has offered.
async fn offers(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    let token = match shown.may(Scope::Entries) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    match hall.office().offers() {
        Ok(offers) => {
            let own: Vec<Offer> = offers
                .into_iter()
                .filter(|offer| offer.token == token.name)
                .collect();
            Json(json!({ "offers": own })).into_response()
        }
        Err(e) => failed(&e),
    }
}

async fn one_offer(
    State(hall): State<Arc<Hall>>,
    shown: Shown,
    id: Result<Path<u32>, PathRejection>,
) -> Response {
    let token = match shown.may(Scope::Entries) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let absent = || {
        problem(
            StatusCode::NOT_FOUND,
            "unknown_offer",
            "no such offer of this token",
        )
    };
    let Ok(Path(id)) = id else {
        return absent();
    };
    match hall.office().offer(i64::from(id)) {
        Ok(offer) if offer.token == token.name => Json(offer).into_response(),
        Ok(_) | Err(HqError::OfferUnknown { .. }) => absent(),
        Err(e) => failed(&e),
    }
}

#[cfg(test)]
mod tests {
    use super::{following, withheld};
    use crate::audit::Unopened;

    #[test]
    fn another_system_does_not_learn_who_asked_for_protection() {
        assert_eq!(withheld(&Unopened::Protected), withheld(&Unopened::Erased));
        assert!(!withheld(&Unopened::Protected).contains("protection"));
        assert_ne!(withheld(&Unopened::Lost), withheld(&Unopened::Erased));
    }

    #[test]
    fn a_record_that_has_not_arrived_yet_is_waited_for() {
        let of = |after, numbers: &[u64]| following(after, numbers.iter().copied());
        assert_eq!(of(0, &[1, 2, 4, 5]), 2);
        assert_eq!(of(2, &[4, 5]), 0);
        assert_eq!(of(2, &[3, 4, 5]), 3);
        assert_eq!(of(u64::MAX, &[]), 0);
    }
}
