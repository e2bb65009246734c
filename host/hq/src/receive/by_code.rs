//! Where boxes ask to be taken in by code: `POST /v1/enrolments` takes one question (CBOR, [`seal::code::Asked`]) and
//! answers with [`seal::code::Given`].
//!
//! In the clear, on whatever address: a box that is not enrolled has no certificate and believes no authority yet.
//! Question and answer prove the code themselves. A server of its own, started for the days on which boxes are set up.

use crate::HqError;
use crate::codes::{self, NotAdmitted};
use crate::home::Home;
use crate::listening::{Entry, accept, listening};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use seal::code::ASKED_LIMIT;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// So long may a question take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many questions are looked at together; more are asked to come again.
const AT_WORK: usize = 8;

/// Where to listen, and what to give.
#[derive(Debug, Clone)]
pub struct AdmitOrder {
    /// The address; port 0 for a free one.
    pub listen: SocketAddr,
    /// Where to write the port that was bound, once connections are accepted.
    pub port_file: Option<PathBuf>,
    /// For so many days the first lease lasts.
    pub lease_days: u32,
    /// The time of day, asked once a request.
    pub clock: fn() -> Timestamp,
}

struct Door {
    home: Home,
    lease_days: u32,
    clock: fn() -> Timestamp,
    at_work: Semaphore,
}

/// Takes boxes in until `end` comes.
///
/// # Errors
/// [`HqError::Listen`], or what the file of the port says.
pub async fn serve_admissions(
    home: &Home,
    order: &AdmitOrder,
    end: impl Future<Output = ()>,
) -> Result<(), HqError> {
    let listener = listening(order.listen, order.port_file.as_deref()).await?;
    tracing::info!(address = ?listener.local_addr().ok(), "taking boxes in by code");
    let routes = Router::new()
        .route("/v1/enrolments", post(take))
        .with_state(Arc::new(Door {
            home: home.clone(),
            lease_days: order.lease_days,
            clock: order.clock,
            at_work: Semaphore::new(AT_WORK),
        }));
    // Whoever asks is nobody yet.
    accept(listener, Entry::Anybody(()), &routes, end).await;
    Ok(())
}

fn refusal(status: StatusCode, error: &str, detail: impl ToString) -> Response {
    let body = serde_json::json!({ "error": error, "detail": detail.to_string() });
    (status, axum::Json(body)).into_response()
}

async fn take(State(door): State<Arc<Door>>, body: Body) -> Response {
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, ASKED_LIMIT)).await;
    let asked = match read {
        Err(_) => {
            return refusal(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body stalled");
        }
        Ok(Err(e)) => return refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", e),
        Ok(Ok(asked)) => asked,
    };
    let Ok(_turn) = door.at_work.try_acquire() else {
        let busy = "others are before you; ask again";
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "busy", busy);
    };
    let working = Arc::clone(&door);
    let work = tokio::task::spawn_blocking(move || {
        codes::admit(&working.home, &asked, working.lease_days, (working.clock)())
    });
    match work.await {
        Ok(Ok(given)) => ([(header::CONTENT_TYPE, "application/cbor")], given).into_response(),
        Ok(Err(e @ NotAdmitted::Malformed(_))) => refusal(StatusCode::BAD_REQUEST, "malformed", e),
        Ok(Err(e @ NotAdmitted::Refused)) => {
            tracing::warn!("a box was not taken in: {e}");
            refusal(StatusCode::FORBIDDEN, "not_admitted", e)
        }
        Ok(Err(NotAdmitted::Failed(e))) => {
            tracing::error!(error = %e, "a box could not be taken in");
            not_stored()
        }
        Err(e) => {
            tracing::error!(error = %e, "taking a box in failed");
            not_stored()
        }
    }
}

fn not_stored() -> Response {
    refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_stored",
        "headquarters failed; ask again later",
    )
}
