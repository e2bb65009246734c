//! Boxes' reports on their own health: taken beside the parcels, verified, the newest kept; and with the first
//! report of each edition the proof that a box has it.
//!
//! `POST /v1/health-reports` takes one signed report (CBOR, [`seal::health::SignedHealth`]) and answers `ok`.
//! Refusals are worded as those of [`crate::receive`].

use crate::HqError;
use crate::home::Home;
use crate::office::Office;
use crate::register::{Register, Standing};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::Timestamp;
use rules::{EditionNumber, PostId};
use rusqlite::{TransactionBehavior, params};
use seal::health::{HEALTH_LIMIT, HealthReport, SignedHealth};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// So long may the body of a report take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One box's newest report, and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// When it arrived.
    pub received_at: Timestamp,
    /// What it says; its signature was checked when it arrived.
    pub report: HealthReport,
}

/// One box's word that it has an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Uptake {
    /// The box.
    pub post: PostId,
    /// The edition.
    pub edition: EditionNumber,
    /// When its first report with this edition arrived.
    pub at: Timestamp,
    /// The signed report itself, in hex: verifies with the box's public key.
    pub proof: String,
}

/// A refusal on its way to the box.
type Refusal = (StatusCode, axum::Json<serde_json::Value>);

fn refusal(status: StatusCode, error: &str, detail: impl ToString) -> Refusal {
    let body = serde_json::json!({ "error": error, "detail": detail.to_string() });
    (status, axum::Json(body))
}

struct Desk {
    register: Mutex<Register>,
    office: Mutex<Office>,
    clock: fn() -> Timestamp,
}

/// The routes that take reports.
///
/// # Errors
/// What the databases say.
pub fn routes(home: &Home, clock: fn() -> Timestamp) -> Result<Router, HqError> {
    let desk = Arc::new(Desk {
        register: Mutex::new(Register::open(home)?),
        office: Mutex::new(Office::open(home)?),
        clock,
    });
    Ok(Router::new()
        .route("/v1/health-reports", post(take))
        .with_state(desk))
}

async fn take(State(desk): State<Arc<Desk>>, body: Body) -> Result<&'static str, Refusal> {
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, HEALTH_LIMIT)).await;
    let bytes = match read {
        Err(_) => {
            return Err(refusal(
                StatusCode::REQUEST_TIMEOUT,
                "too_slow",
                "the body stalled",
            ));
        }
        Ok(Err(e)) => return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large", e)),
        Ok(Ok(bytes)) => bytes,
    };
    let answered = tokio::task::spawn_blocking(move || desk.take(&bytes)).await;
    answered.unwrap_or_else(|e| {
        tracing::error!(error = %e, "taking a health report failed");
        Err(not_stored())
    })
}

fn not_stored() -> Refusal {
    refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_stored",
        "the report was not stored; send the next one later",
    )
}

impl Desk {
    fn take(&self, bytes: &[u8]) -> Result<&'static str, Refusal> {
        let signed = SignedHealth::from_bytes(bytes)
            .map_err(|e| refusal(StatusCode::BAD_REQUEST, "malformed", e))?;
        let failed = |e: HqError| {
            tracing::error!(error = %e, "a health report was not stored");
            not_stored()
        };
        let register = self.register.lock().unwrap_or_else(PoisonError::into_inner);
        let enrolled = register.post(signed.post()).map_err(failed)?;
        drop(register);
        let unknown = || {
            refusal(
                StatusCode::FORBIDDEN,
                "unknown_post",
                format!("{} is not enrolled here, or not any more", signed.post()),
            )
        };
        let enrolled = enrolled
            .filter(|e| e.standing == Standing::Active)
            .ok_or_else(unknown)?;
        let report = signed
            .verify(&enrolled.device)
            .map_err(|e| refusal(StatusCode::BAD_REQUEST, "bad_signature", e))?;
        let mut office = self.office.lock().unwrap_or_else(PoisonError::into_inner);
        office
            .put_health(report, bytes, (self.clock)())
            .map_err(failed)?;
        Ok("ok\n")
    }
}

impl Office {
    /// Keeps a verified report where it is newer than what is kept, and the uptake of its edition.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn put_health(
        &mut self,
        report: &HealthReport,
        signed: &[u8],
        now: Timestamp,
    ) -> Result<(), HqError> {
        let failed = self.failed();
        let number = i64::try_from(report.number).unwrap_or(i64::MAX);
        let edition = report
            .edition
            .as_ref()
            .map(|e| i64::try_from(e.number.0).unwrap_or(i64::MAX));
        let mut put = || -> rusqlite::Result<()> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "INSERT INTO health VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (post) DO UPDATE SET number = excluded.number, made_at = excluded.made_at,
                     received_at = excluded.received_at, edition = excluded.edition, report = excluded.report
                 WHERE excluded.number > health.number",
                params![
                    report.post.as_str(),
                    number,
                    report.made_at.to_string(),
                    now.to_string(),
                    edition,
                    signed
                ],
            )?;
            if let Some(edition) = edition {
                transaction.execute(
                    "INSERT INTO uptake VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    params![report.post.as_str(), edition, now.to_string(), signed],
                )?;
            }
            transaction.commit()
        };
        put().map_err(failed)
    }

    /// The newest report of every box that has sent one.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn health(&self) -> Result<BTreeMap<PostId, Reported>, HqError> {
        let rows: Vec<(String, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT received_at, report FROM health")
            .and_then(|mut q| q.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
            .map_err(self.failed())?;
        let mut all = BTreeMap::new();
        for (received_at, report) in rows {
            let (Ok(received_at), Ok(signed)) =
                (received_at.parse(), SignedHealth::from_bytes(&report))
            else {
                continue;
            };
            let report = signed.into_report();
            all.insert(
                report.post.clone(),
                Reported {
                    received_at,
                    report,
                },
            );
        }
        Ok(all)
    }

    /// Which editions each box has said it has, or one box alone; oldest first.
    ///
    /// # Errors
    /// [`HqError::Database`].
    pub fn uptake(&self, post: Option<&PostId>) -> Result<Vec<Uptake>, HqError> {
        self.connection
            .prepare(
                "SELECT post, edition, at, report FROM uptake
                 WHERE ?1 IS NULL OR post = ?1 ORDER BY post, edition",
            )
            .and_then(|mut q| {
                q.query_map([post.map(PostId::as_str)], |row| {
                    Ok(Uptake {
                        post: crate::register::parsed(row, 0)?,
                        edition: EditionNumber(row.get::<_, i64>(1)?.unsigned_abs()),
                        at: crate::register::parsed(row, 2)?,
                        proof: hex::encode(row.get::<_, Vec<u8>>(3)?),
                    })
                })?
                .collect()
            })
            .map_err(self.failed())
    }
}
