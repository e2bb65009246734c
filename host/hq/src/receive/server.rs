//! The listening half: bounded bodies, bounded patience, bounded connections.

use super::parcels::{ParcelStore, Refused};
use crate::HqError;
use crate::home::Home;
use crate::register::Register;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use seal::SealError;
use seal::durable::Readers;
use seal::hq::{HqKeyId, HqPrivate};
use seal::parcel::{BATCH_LIMIT, SealedParcel, batch};
use seal::receipt::Receipt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// So long may a request's head take.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// So long may a body stand still. At 64 kbit/s a full batch takes nine minutes, and moves all the while.
const STALL_PATIENCE: Duration = Duration::from_secs(20);
/// So long may a body take in all.
const BODY_PATIENCE: Duration = Duration::from_secs(900);
/// So many connections are served at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 512;
/// So long may open requests take to end when the program is asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// Where to listen and what to write into.
#[derive(Debug, Clone)]
pub struct ReceiveOrder {
    /// The address; port 0 for a free one.
    pub listen: SocketAddr,
    /// The database of parcels.
    pub database: PathBuf,
    /// Where to write the port that was bound, once connections are accepted.
    pub port_file: Option<PathBuf>,
    /// The time of day, asked once a batch.
    pub clock: fn() -> Timestamp,
}

/// What every request shares.
struct Desk {
    register: Mutex<Register>,
    parcels: Mutex<ParcelStore>,
    keys: HqPrivate,
    clock: fn() -> Timestamp,
}

/// A refusal on its way to the box.
struct Refusal {
    status: StatusCode,
    error: &'static str,
    detail: String,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, detail: impl ToString) -> Self {
        Self {
            status,
            error,
            detail: detail.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.error, "detail": self.detail });
        (self.status, axum::Json(body)).into_response()
    }
}

/// Receives parcels until `end` comes, then lets open requests finish.
///
/// # Errors
/// [`HqError::NotLoopback`], [`HqError::Listen`], or what keys and databases say.
pub async fn serve(
    home: &Home,
    order: &ReceiveOrder,
    end: impl Future<Output = ()>,
) -> Result<(), HqError> {
    if !order.listen.ip().is_loopback() {
        return Err(HqError::NotLoopback {
            address: order.listen,
        });
    }
    let desk = Arc::new(Desk {
        register: Mutex::new(Register::open(home)?),
        parcels: Mutex::new(ParcelStore::open(&order.database)?),
        keys: HqPrivate::open(&home.private())?,
        clock: order.clock,
    });
    let routes = Router::new()
        .route("/v1/parcels", post(take_parcels))
        .route("/v1/health", get(|| async { "ok\n" }))
        .with_state(desk);

    let unlistenable = |source| HqError::Listen {
        address: order.listen.to_string(),
        source,
    };
    let listener = TcpListener::bind(order.listen)
        .await
        .map_err(unlistenable)?;
    let bound = listener.local_addr().map_err(unlistenable)?;
    if let Some(path) = &order.port_file {
        seal::durable::replace(
            path,
            format!("{}\n", bound.port()).as_bytes(),
            Readers::Anyone,
        )
        .map_err(HqError::io(path))?;
    }
    tracing::info!(%bound, "receiving parcels");
    accept(listener, &routes, end).await;
    Ok(())
}

/// Accepts connections until `end`. Our own loop, because the ready-made one has no patience to set for a
/// request's head.
async fn accept(listener: TcpListener, routes: &Router, end: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let farewell = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let place = tokio::select! {
            () = &mut end => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let stream = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => accepted,
        };
        match (place, stream) {
            (Ok(place), Ok((stream, _))) => {
                let connection = farewell.watch(connection(stream, routes.clone()));
                tokio::spawn(async move {
                    if let Err(e) = connection.await {
                        tracing::debug!(error = %e, "a connection ended early");
                    }
                    drop(place);
                });
            }
            (_, Err(e)) => {
                // Out of file descriptors, or a peer that left: a pause keeps this from spinning.
                tracing::warn!(error = %e, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            (Err(_), Ok(_)) => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, farewell.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time; their boxes will send again");
    }
}

fn connection(
    stream: TcpStream,
    routes: Router,
) -> hyper::server::conn::http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>> {
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
}

async fn take_parcels(State(desk): State<Arc<Desk>>, body: Body) -> Result<Response, Refusal> {
    let body = tokio::time::timeout(BODY_PATIENCE, read(body))
        .await
        .unwrap_or_else(|_| Err(too_slow()))?;
    let answered = tokio::task::spawn_blocking(move || desk.take(&body)).await;
    let receipt = answered.unwrap_or_else(|e| {
        tracing::error!(error = %e, "taking a batch failed");
        Err(not_stored())
    })?;
    Ok(([(header::CONTENT_TYPE, "application/cbor")], receipt).into_response())
}

/// Reads a body within the limits of size and patience.
async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    loop {
        let chunk: Bytes = match tokio::time::timeout(STALL_PATIENCE, stream.next()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(e))) => return Err(Refusal::new(StatusCode::BAD_REQUEST, "malformed", e)),
            Ok(Some(Ok(chunk))) => chunk,
        };
        if bytes.len() + chunk.len() > BATCH_LIMIT {
            return Err(Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                format!("a batch has at most {BATCH_LIMIT} bytes"),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body stalled")
}

fn not_stored() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_stored",
        "nothing of this batch was stored; send it again later",
    )
}

/// A panic while the lock was held left the database as it was: a transaction that was not committed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// Checks a batch, stores it, and gives the receipt's bytes.
    fn take(&self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let parcels = batch::decode(body)
            .map_err(|e| Refusal::new(StatusCode::BAD_REQUEST, "malformed", e))?;
        let Some(first) = parcels.first() else {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "malformed",
                "the batch holds no parcel",
            ));
        };
        let post = first.header().post.clone();
        if let Some(other) = parcels.iter().find(|p| p.header().post != post) {
            let detail = format!("of {post} and of {}", other.header().post);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "mixed_posts", detail));
        }
        let enrolled = locked(&self.register).post(&post).map_err(|e| {
            tracing::error!(error = %e, "the register failed");
            not_stored()
        })?;
        let Some(enrolled) = enrolled else {
            tracing::warn!(%post, "a post that is not enrolled sent parcels");
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "unknown_post",
                format!("{post} is not enrolled here"),
            ));
        };
        let ours = self.keys.public().id();
        for parcel in &parcels {
            for_us_and_signed(parcel, ours, &enrolled.device)?;
        }
        // On the medium first; only then is there a receipt.
        let taken = locked(&self.parcels).take(&post, &parcels, (self.clock)());
        let taken = taken.map_err(|refused| match refused {
            Refused::Conflict(sequence) => {
                tracing::warn!(%post, %sequence, "another parcel came under a number that is taken");
                Refusal::new(StatusCode::CONFLICT, "conflict", format!("{post}: {refused}"))
            }
            Refused::Number(_) => Refusal::new(StatusCode::BAD_REQUEST, "malformed", refused),
            Refused::Failed(e) => {
                tracing::error!(error = %e, "a batch was not stored");
                not_stored()
            }
        })?;
        tracing::debug!(%post, new = taken.new, again = taken.again, up_to = %taken.up_to, "batch");
        let receipt = Receipt {
            post,
            up_to: taken.up_to,
            ledger: taken.ledger,
            at: (self.clock)(),
        };
        Ok(receipt.sign(&self.keys).to_bytes())
    }
}

fn for_us_and_signed(
    parcel: &SealedParcel,
    ours: HqKeyId,
    device: &seal::device::DevicePublic,
) -> Result<(), Refusal> {
    let header = parcel.header();
    if header.hq != ours {
        let wrong = SealError::AnotherHq {
            what: "parcel",
            found: header.hq,
            ours,
        };
        return Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "another_headquarters",
            wrong,
        ));
    }
    parcel.verify(device).map_err(|e| {
        let detail = format!("{}/{}: {e}", header.post, header.sequence);
        tracing::warn!(%detail, "a parcel with a wrong signature");
        Refusal::new(StatusCode::BAD_REQUEST, "bad_signature", detail)
    })
}
