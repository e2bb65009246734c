//! What is done with what boxes send.

use super::limits::Meter;
use super::server::{Peer, ReceiveOrder};
use super::spool::{Spool, UploadId};
use crate::HqError;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::parcels::{Noted, Parcels, Refused};
use crate::register::{EnrolledPost, Register, Standing};
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures_util::StreamExt;
use jiff::Timestamp;
use rules::PostId;
use seal::SealError;
use seal::checkpoint::{CHECKPOINT_LIMIT, ContactAnswer, SignedCheckpoint};
use seal::device::DevicePublic;
use seal::parcel::{BATCH_LIMIT, SealedParcel, batch};
use seal::receipt::Receipt;
use seal::word::{CounterSignature, Lease, Signed};
use serde_bytes::ByteBuf;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// So long may a body stand still. At 64 kbit/s a full batch takes nine minutes, and moves all the while.
const STALL_PATIENCE: Duration = Duration::from_secs(20);
/// So long may a body take in all.
const BODY_PATIENCE: Duration = Duration::from_secs(900);
/// So many batches are checked and stored at a time; each may hold [`BATCH_LIMIT`] bytes.
const AT_WORK: usize = 64;
/// So long may a batch wait for its turn before its box is asked to come again.
const TURN_PATIENCE: Duration = Duration::from_secs(5);
/// Names an upload that may be taken up again: 32 hexadecimal digits.
const UPLOAD_ID: &str = "upload-id";
/// Where in it a body begins, and how much of it headquarters has.
const UPLOAD_OFFSET: &str = "upload-offset";
/// How long it is in all.
const UPLOAD_LENGTH: &str = "upload-length";

/// What every request shares.
pub(super) struct Desk {
    register: Mutex<Register>,
    parcels: Box<dyn Parcels>,
    keys: Keyring,
    meter: Meter,
    spool: Spool,
    at_work: Semaphore,
    lease_days: u32,
    clock: fn() -> Timestamp,
}

impl Desk {
    pub(super) async fn open(home: &Home, order: &ReceiveOrder) -> Result<Arc<Self>, HqError> {
        Ok(Arc::new(Self {
            register: Mutex::new(Register::open(home)?),
            parcels: order.database.open().await?,
            keys: ready(Keyring::open(home)?)?,
            meter: Meter::new(order.allowance),
            spool: Spool::default(),
            at_work: Semaphore::new(AT_WORK),
            lease_days: order.lease_days,
            clock: order.clock,
        }))
    }
}

/// Keys that can sign: a token that is not here, or refuses, is found out before the first box comes.
fn ready(keys: Keyring) -> Result<Keyring, HqError> {
    keys.current().ready()?;
    Ok(keys)
}

pub(super) fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v1/parcels", post(take_parcels))
        .route("/v1/uploads/{id}", get(upload_stands))
        .route("/v1/contact", post(take_contact))
        .route("/v1/health", get(health))
        .with_state(desk)
}

/// Takes a request off the box's allowance before anything is done for it: for routes of other rooms.
pub(super) async fn metered(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    match desk.admit(peer) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A refusal on its way to the box.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    detail: String,
    /// When to come again, in seconds.
    again: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, detail: impl ToString) -> Self {
        Self {
            status,
            error,
            detail: detail.to_string(),
            again: None,
        }
    }

    fn malformed(detail: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    fn again_in(self, seconds: u64) -> Self {
        Self {
            again: Some(seconds),
            ..self
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.detail)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.error, "detail": self.detail });
        let mut response = (self.status, axum::Json(body)).into_response();
        if let Some(seconds) = self.again {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body stalled")
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("at most {limit} bytes are taken"),
    )
}

/// The token that holds the key is gone or refuses. What was stored stays stored; a box that sends it again gets its
/// receipt once the token is back and this program was started anew.
fn unsigned(error: SealError) -> Refusal {
    tracing::error!(%error, "headquarters' key does not sign: nothing is receipted");
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_signed",
        "headquarters cannot sign now; send it again later",
    )
    .again_in(30)
}

fn not_stored() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "not_stored",
        "nothing of this was stored; send it again later",
    )
    .again_in(30)
}

/// A panic while the lock was held left the register as it was: a transaction that was not committed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers `ok` where the database does; asked of it, this counts as any other request of a box.
async fn health(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
) -> Result<&'static str, Refusal> {
    desk.admit(peer)?;
    match tokio::time::timeout(TURN_PATIENCE, desk.parcels.answers()).await {
        Ok(Ok(())) => Ok("ok\n"),
        Ok(Err(e)) => {
            tracing::error!(error = %e, "the database does not answer");
            Err(not_stored())
        }
        Err(_) => Err(not_stored()),
    }
}

async fn take_parcels(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    desk.admit(peer)?;
    if headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok())
        .is_some_and(|length| length > BATCH_LIMIT as u64)
    {
        return Err(too_large(BATCH_LIMIT));
    }
    let receiving = async {
        match Upload::of(&headers)? {
            None => read(body, BATCH_LIMIT).await.map(|body| {
                desk.charge(peer, body.len());
                Some(body)
            }),
            Some(upload) => desk.receive_part(peer, &upload, body).await,
        }
    };
    let Some(body) = tokio::time::timeout(BODY_PATIENCE, receiving)
        .await
        .unwrap_or_else(|_| Err(too_slow()))?
    else {
        return Ok(StatusCode::ACCEPTED.into_response());
    };
    let turn = tokio::time::timeout(TURN_PATIENCE, desk.at_work.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        let busy = "others are before you; send it again later";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", busy).again_in(5));
    };
    let receipt = Arc::clone(&desk).take(peer, body).await?;
    Ok(([(header::CONTENT_TYPE, "application/cbor")], receipt).into_response())
}

/// How much of an upload is here.
async fn upload_stands(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    desk.admit(peer)?;
    let have = desk.spool.have(peer, upload_id(&id)?);
    Ok(([(UPLOAD_OFFSET, HeaderValue::from(have))], ()).into_response())
}

/// Where a box's ledger stands: counter-signed, and answered with a new lease.
async fn take_contact(
    State(desk): State<Arc<Desk>>,
    Extension(peer): Extension<Peer>,
    body: Body,
) -> Result<Response, Refusal> {
    desk.admit(peer)?;
    let body = tokio::time::timeout(STALL_PATIENCE, read(body, CHECKPOINT_LIMIT))
        .await
        .unwrap_or_else(|_| Err(too_slow()))?;
    let answer = desk.contact(peer, &body).await?;
    Ok(([(header::CONTENT_TYPE, "application/cbor")], answer).into_response())
}

/// A body that may come in several pieces.
struct Upload {
    id: UploadId,
    offset: usize,
    length: usize,
}

impl Upload {
    /// Reads the headers; `None` where the body comes whole.
    fn of(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let Some(id) = text(UPLOAD_ID) else {
            return Ok(None);
        };
        let number = |name: &str| -> Result<usize, Refusal> {
            text(name)
                .and_then(|v| v.parse().ok())
                .ok_or_else(|| Refusal::malformed(format!("{name} is no number of bytes")))
        };
        let upload = Self {
            id: upload_id(id)?,
            offset: number(UPLOAD_OFFSET)?,
            length: number(UPLOAD_LENGTH)?,
        };
        if upload.length > BATCH_LIMIT {
            return Err(too_large(BATCH_LIMIT));
        }
        Ok(Some(upload))
    }
}

fn upload_id(text: &str) -> Result<UploadId, Refusal> {
    let mut id = [0; 16];
    hex::decode_to_slice(text, &mut id)
        .map_err(|_| Refusal::malformed(format!("{UPLOAD_ID} is not 32 hexadecimal digits")))?;
    Ok(id)
}

/// The next piece of a body, within the limit of patience.
async fn piece(stream: &mut axum::body::BodyDataStream) -> Result<Option<Bytes>, Refusal> {
    match tokio::time::timeout(STALL_PATIENCE, stream.next()).await {
        Err(_) => Err(too_slow()),
        Ok(None) => Ok(None),
        Ok(Some(Err(e))) => Err(Refusal::malformed(e)),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
    }
}

/// Reads a body within the limits of size and patience.
async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = piece(&mut stream).await? {
        if bytes.len() + piece.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

impl Desk {
    /// Whether this peer may ask for something now.
    fn admit(&self, peer: Peer) -> Result<(), Refusal> {
        let Peer::Device(device) = peer else {
            return Ok(());
        };
        self.meter.request(device, Instant::now()).map_err(|wait| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_often",
                "this box asks for more than its share",
            )
            .again_in(wait.as_secs().max(1))
        })
    }

    /// Takes bytes that came off the peer's allowance.
    fn charge(&self, peer: Peer, bytes: usize) {
        if let Peer::Device(device) = peer {
            self.meter.body(device, bytes, Instant::now());
        }
    }

    /// Adds a piece to an upload; the whole, once it is there. Each piece is charged as it comes: an upload that
    /// is never finished costs as much as another.
    async fn receive_part(
        &self,
        peer: Peer,
        upload: &Upload,
        body: Body,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let elsewhere = |have: usize| {
            Refusal::new(
                StatusCode::CONFLICT,
                "offset",
                format!("{have} bytes of this upload are here; go on from there"),
            )
        };
        let turn = self
            .spool
            .begin(peer, upload.id, upload.offset, Instant::now())
            .map_err(elsewhere)?;
        let mut stream = body.into_data_stream();
        let mut have = upload.offset;
        while let Some(piece) = piece(&mut stream).await? {
            self.charge(peer, piece.len());
            have = self
                .spool
                .add(peer, upload.id, turn, &piece, Instant::now())
                .ok_or_else(|| elsewhere(0))?;
            if have > upload.length {
                self.spool.forget(peer, upload.id);
                return Err(Refusal::malformed("more came than was announced"));
            }
        }
        if have < upload.length {
            return Ok(None);
        }
        Ok(self.spool.whole(peer, upload.id))
    }

    /// Checks a batch, stores it, and gives the receipt's bytes.
    pub(super) async fn take(
        self: Arc<Self>,
        peer: Peer,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Refusal> {
        let desk = Arc::clone(&self);
        // Checking signatures is work, not waiting.
        let checked = tokio::task::spawn_blocking(move || desk.check(peer, &body)).await;
        let (post, parcels) = checked.unwrap_or_else(|e| {
            tracing::error!(error = %e, "checking a batch failed");
            Err(not_stored())
        })?;
        // On the medium first; only then is there a receipt.
        let taken = self.parcels.take(&post, &parcels, (self.clock)()).await;
        let taken = taken.map_err(|refused| match refused {
            Refused::Conflict(sequence) => {
                tracing::warn!(%post, %sequence, "another parcel came under a number that is taken");
                Refusal::new(StatusCode::CONFLICT, "conflict", format!("{post}: {refused}"))
            }
            Refused::Number(_) => Refusal::malformed(refused),
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
        // Signed with the keys that the box sealed to: those it knows.
        let keys = parcels
            .first()
            .and_then(|p| self.keys.named(p.header().hq, "parcel").ok())
            .unwrap_or_else(|| self.keys.current());
        // What was stored stays; the box sends it again and gets its receipt then.
        Ok(receipt.sign(keys).map_err(unsigned)?.to_bytes())
    }

    /// The box of a post, where it is the one that speaks and may.
    fn enrolled(&self, peer: Peer, post: &PostId) -> Result<EnrolledPost, Refusal> {
        let enrolled = locked(&self.register).post(post).map_err(|e| {
            tracing::error!(error = %e, "the register failed");
            not_stored()
        })?;
        let forbidden = |error, detail: String| {
            tracing::warn!(%post, error, "refused");
            Refusal::new(StatusCode::FORBIDDEN, error, detail)
        };
        let Some(enrolled) = enrolled else {
            return Err(forbidden(
                "unknown_post",
                format!("{post} is not enrolled here"),
            ));
        };
        if let Peer::Device(device) = peer
            && device != enrolled.device
        {
            return Err(forbidden(
                "another_box",
                format!("this certificate is not that of the box of {post}"),
            ));
        }
        if enrolled.standing == Standing::Revoked {
            return Err(forbidden(
                "revoked",
                format!("the box of {post} has been revoked"),
            ));
        }
        Ok(enrolled)
    }

    /// Reads a batch: parcels of one enrolled post, sealed to us and signed by its box.
    fn check(&self, peer: Peer, body: &[u8]) -> Result<(PostId, Vec<SealedParcel>), Refusal> {
        let parcels = batch::decode(body).map_err(Refusal::malformed)?;
        let Some(first) = parcels.first() else {
            return Err(Refusal::malformed("the batch holds no parcel"));
        };
        let post = first.header().post.clone();
        if let Some(other) = parcels.iter().find(|p| p.header().post != post) {
            let detail = format!("of {post} and of {}", other.header().post);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "mixed_posts", detail));
        }
        let enrolled = self.enrolled(peer, &post)?;
        for parcel in &parcels {
            self.for_us_and_signed(parcel, &enrolled.device)?;
        }
        Ok((post, parcels))
    }

    fn for_us_and_signed(
        &self,
        parcel: &SealedParcel,
        device: &DevicePublic,
    ) -> Result<(), Refusal> {
        let header = parcel.header();
        self.keys.named(header.hq, "parcel").map_err(|wrong| {
            Refusal::new(
                StatusCode::MISDIRECTED_REQUEST,
                "another_headquarters",
                wrong,
            )
        })?;
        parcel.verify(device).map_err(|e| {
            let detail = format!("{}/{}: {e}", header.post, header.sequence);
            tracing::warn!(%detail, "a parcel with a wrong signature");
            Refusal::new(StatusCode::BAD_REQUEST, "bad_signature", detail)
        })
    }

    /// Answers a box that says where its ledger stands.
    async fn contact(&self, peer: Peer, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let now = (self.clock)();
        let signed = SignedCheckpoint::from_bytes(body).map_err(Refusal::malformed)?;
        let post = signed.checkpoint().post.clone();
        let enrolled = self.enrolled(peer, &post)?;
        let checkpoint = signed
            .verify(&enrolled.device)
            .map_err(|e| Refusal::new(StatusCode::BAD_REQUEST, "bad_signature", e))?;
        let keys = self.keys.named(checkpoint.hq, "checkpoint").map_err(|e| {
            Refusal::new(StatusCode::MISDIRECTED_REQUEST, "another_headquarters", e)
        })?;
        if enrolled.standing == Standing::Retired {
            return Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "retired",
                format!("the box of {post} is out of service: no lease is given"),
            ));
        }
        let noted = self
            .parcels
            .note_checkpoint(checkpoint, body, now)
            .await
            .map_err(|e| {
                tracing::error!(error = %e, "a checkpoint was not stored");
                not_stored()
            })?;
        if let Noted::Disputed { held } = noted {
            tracing::warn!(%post, line = checkpoint.ledger.line, held, "a ledger that does not go on from what was seen");
            return Err(Refusal::new(
                StatusCode::CONFLICT,
                "ledger_disputed",
                format!(
                    "line {} of this ledger does not go on from line {held}, which was seen here: \
                     lines were cut off or changed, or an old copy was put back",
                    checkpoint.ledger.line
                ),
            ));
        }
        let until = days_after(now, self.lease_days);
        self.parcels
            .note_contact(&post, until, now)
            .await
            .map_err(|e| {
                tracing::error!(error = %e, "a contact was not stored");
                not_stored()
            })?;
        let lease = Lease {
            post: post.clone(),
            device: enrolled.device,
            given_at: now,
            until,
        };
        let counter = CounterSignature {
            post,
            ledger: checkpoint.ledger,
            at: now,
        };
        let answer = ContactAnswer {
            lease: ByteBuf::from(Signed::sign(lease, keys).map_err(unsigned)?.to_bytes()),
            counter: ByteBuf::from(Signed::sign(counter, keys).map_err(unsigned)?.to_bytes()),
            successions: self
                .keys
                .since(checkpoint.hq)
                .into_iter()
                .map(ByteBuf::from)
                .collect(),
        };
        Ok(answer.to_bytes())
    }
}
