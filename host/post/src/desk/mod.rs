//! The officer's desk: server-rendered pages on loopback, usable without script, by keyboard or touch.
//!
//! After Doc 9303-2 appendix C and TR-03135-1 section 5.2: one summary bar, photographs side by side, five
//! checks, reasons in words, and the officer's decision, which nothing here makes for her.

mod api;
mod encounter;
mod guard;
mod lane;
mod running;
mod scenes;
mod session;
mod sign_in;
mod technician;
#[cfg(test)]
mod tests;
mod view;
mod visit;
pub mod words;

pub use scenes::Scenes;

use crate::appliance::{Appliance, Presence};
use crate::devices::{Camera, Happened, Hardware, TICK};
use crate::error::PostError;
use crate::inspection::{self, Equipment, Evidence, Moment, Pictures};
use crate::officers::Officers;
use crate::sync::Background;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use jiff::Timestamp;
use page::{Picture, PictureError};
use rules::{Advice, Decision, EditionNumber, EncounterId, LaneId};
use running::{Phase, Running};
use session::{NoRandomness, Sessions, SignedIn};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::{Note, StoreError};

/// The most bytes of one request: two pictures.
const BODY_LIMIT_BYTES: usize = 2 * crate::devices::LARGEST_PICTURE_BYTES as usize + (1 << 20);
/// How often sessions that have been left alone are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// The three dresses of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Outdoors, in glare.
    Sun,
    /// Indoors.
    Normal,
    /// At night.
    Night,
}

impl Theme {
    /// All themes.
    pub const ALL: &'static [Self] = &[Self::Sun, Self::Normal, Self::Night];

    /// The name used in the page and in the cookie.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sun => "sun",
            Self::Normal => "normal",
            Self::Night => "night",
        }
    }

    /// The key of its name in the locale files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Sun => "theme-sun",
            Self::Normal => "theme-normal",
            Self::Night => "theme-night",
        }
    }
}

/// What a desk is made of.
#[derive(Debug)]
pub struct DeskParts {
    /// The box.
    pub appliance: Arc<Appliance>,
    /// What inspections work with.
    pub equipment: Arc<Equipment>,
    /// Who may sign in.
    pub officers: Officers,
    /// The desk's name.
    pub lane: LaneId,
    /// Where pictures come from, if from anywhere.
    pub camera: Option<Arc<dyn Camera>>,
    /// The box's own hardware.
    pub hardware: Arc<Hardware>,
    /// Travellers of a demonstration.
    pub scenes: Option<Scenes>,
    /// The upload task to wake after a decision.
    pub uploads: Background,
}

/// The desk, shared by all its requests.
#[derive(Debug)]
pub struct Desk {
    parts: DeskParts,
    sessions: Sessions,
    /// One attempt to sign in at a time: guesses are counted one by one.
    signing_in: tokio::sync::Mutex<()>,
    edition_noted: Mutex<Option<EditionNumber>>,
}

/// Why a presentation did not begin.
#[derive(Debug, thiserror::Error)]
enum NotBegun {
    /// Another traveller has not been decided on.
    #[error("decide about the traveller in front of you first")]
    DecideFirst,
    /// A picture cannot be read.
    #[error("{0}")]
    Picture(#[from] PictureError),
    /// The session has ended meanwhile.
    #[error("the session has ended")]
    SessionOver,
    /// Headquarters has not been heard of for too long.
    #[error("this box has not heard from headquarters for too long and is locked")]
    NoLease,
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The work broke off.
    #[error("the inspection broke off")]
    BrokeOff,
    /// The box's case was opened: the lane is locked until a technician has looked and sealed it.
    #[error("the case was opened: the lane is locked until a technician seals it")]
    CaseOpened,
}

impl Desk {
    /// A desk of these parts.
    #[must_use]
    pub fn new(parts: DeskParts) -> Arc<Self> {
        Arc::new(Self {
            parts,
            sessions: Sessions::default(),
            signing_in: tokio::sync::Mutex::new(()),
            edition_noted: Mutex::new(None),
        })
    }

    /// The desk's pages.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/", get(lane::show))
            .route("/sign-in", get(sign_in::show).post(sign_in::enter))
            .route("/sign-out", post(sign_in::leave))
            .route("/preferences", post(sign_in::prefer))
            .route("/inspections", post(lane::begin))
            .route("/inspections/upload", post(lane::upload))
            .route("/inspections/{id}", get(encounter::show))
            .route("/inspections/{id}/events", get(encounter::events))
            .route(
                "/inspections/{id}/pictures/{which}",
                get(encounter::picture),
            )
            .route("/inspections/{id}/decision", post(encounter::decide))
            .route("/inspections/{id}/face", post(encounter::face_again))
            .route("/scenes/{name}/live", get(lane::scene_picture))
            .route("/api/session", post(api::sign_in))
            .route("/api/status", get(api::status))
            .route("/api/inspections", post(api::inspect))
            .route("/api/inspections/{id}/decision", post(api::decide))
            .route("/technician", get(technician::show))
            .route("/technician/report", get(technician::report))
            .route("/technician/steps/{step}", post(technician::step))
            .route("/technician/drift", post(technician::drift))
            .route("/technician/sign", post(technician::sign))
            .route(
                "/assets/desk.css",
                get(|| {
                    asset(
                        "text/css; charset=utf-8",
                        include_str!("../../assets/desk.css"),
                    )
                }),
            )
            .route(
                "/assets/desk.js",
                get(|| {
                    asset(
                        "text/javascript; charset=utf-8",
                        include_str!("../../assets/desk.js"),
                    )
                }),
            )
            .route(
                "/assets/icon.svg",
                get(|| asset("image/svg+xml", include_str!("../../assets/icon.svg"))),
            )
            .fallback(sign_in::absent)
            .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
            .layer(middleware::from_fn(guard::guard))
            .with_state(Arc::clone(self))
    }

    /// Puts a traveller before an officer: decodes the pictures, begins the inspection, and returns while it runs.
    async fn begin(
        self: &Arc<Self>,
        officer: &SignedIn,
        page: Vec<u8>,
        live: Vec<u8>,
    ) -> Result<Arc<Running>, NotBegun> {
        if self.waiting(officer).is_some() {
            return Err(NotBegun::DecideFirst);
        }
        if !self.may_work().await {
            return Err(NotBegun::NoLease);
        }
        if self.parts.hardware.case_opened() {
            return Err(NotBegun::CaseOpened);
        }
        let (evidence, first) = blocking(move || {
            let evidence = Evidence {
                page: Picture::decode(&page)?,
                lamps: page::Lamps::default(),
                live: Picture::decode(&live)?,
                chip: None,
                access_number: None,
            };
            let first = Pictures::before_reading(&evidence.page, &evidence.live);
            Ok::<_, PictureError>((evidence, first))
        })
        .await
        .ok_or(NotBegun::BrokeOff)??;
        let running = Arc::new(Running::new(first)?);
        // Two requests at once must not put two travellers before one officer.
        self.sessions
            .change(&officer.token, |session| {
                if session.current.as_ref().is_some_and(|r| r.waits()) {
                    return Err(NotBegun::DecideFirst);
                }
                session.current = Some(Arc::clone(&running));
                session.done = None;
                Ok(())
            })
            .ok_or(NotBegun::SessionOver)??;
        self.note_edition();
        let (desk, at_work) = (Arc::clone(self), Arc::clone(&running));
        tokio::spawn(async move {
            let follower = Arc::clone(&at_work);
            let equipment = Arc::clone(&desk.parts.equipment);
            let moment = desk.moment();
            let found = blocking(move || {
                inspection::inspect(evidence, &equipment, moment, follower.as_ref())
            })
            .await;
            match found {
                Some(inspection) => {
                    desk.show_light(Some(inspection.advised.advice));
                    at_work.ended(Phase::Advised(Arc::new(inspection)));
                }
                None => at_work.ended(Phase::BrokeOff),
            }
        });
        Ok(running)
    }

    /// Whether headquarters was heard of recently enough. A traveller who already stands at the desk is still
    /// decided on.
    async fn may_work(self: &Arc<Self>) -> bool {
        let desk = Arc::clone(self);
        let standing = blocking(move || desk.parts.appliance.lease(Timestamp::now())).await;
        match standing {
            Some(Ok(standing)) => standing.may_work(),
            Some(Err(e)) => {
                tracing::error!("the lease cannot be read: {e}");
                false
            }
            None => false,
        }
    }

    /// The traveller whom this officer has not decided on.
    fn waiting(&self, officer: &SignedIn) -> Option<Arc<Running>> {
        officer.current.clone().filter(|r| r.waits())
    }

    /// Records a decision, or that nobody decided. Returns only after it is on the medium.
    async fn record(
        self: &Arc<Self>,
        running: &Arc<Running>,
        decision: Option<Decision>,
    ) -> Result<EncounterId, NotRecorded> {
        let inspection = running
            .take_for_recording()
            .ok_or(NotRecorded::NothingToDecide)?;
        let desk = Arc::clone(self);
        let recorded = blocking(move || {
            desk.parts
                .appliance
                .record(&inspection, &desk.parts.lane, decision)
        })
        .await;
        match recorded {
            Some(Ok(encounter)) => {
                // The pictures and all that was read go with the phase that held them.
                running.ended(Phase::Recorded);
                self.show_light(None);
                self.parts.uploads.wake();
                Ok(encounter)
            }
            Some(Err(e)) => {
                running.give_back();
                Err(NotRecorded::Store(e))
            }
            None => {
                running.give_back();
                Err(NotRecorded::BrokeOff)
            }
        }
    }

    /// Records travellers who were left undecided: their officer went, or the desk closes.
    async fn record_undecided(self: &Arc<Self>, left_alone: Vec<Arc<Running>>) {
        for running in left_alone {
            running.done().await;
            match self.record(&running, None).await {
                Ok(_) | Err(NotRecorded::NothingToDecide) => {}
                Err(e) => tracing::error!("an undecided encounter could not be recorded: {e}"),
            }
        }
    }

    /// Looks after the desk until it is dropped: tends the board, ends sessions that were left alone.
    async fn look_after(self: Arc<Self>) {
        let mut swept = Instant::now();
        loop {
            tokio::time::sleep(TICK).await;
            if self.parts.hardware.tick() == Happened::CaseOpened
                && let Err(e) = self.parts.appliance.note(Note::CaseOpened)
            {
                tracing::error!("the ledger has no line about the opened case: {e}");
            }
            if swept.elapsed() >= SWEEP {
                swept = Instant::now();
                let left_alone = self.sessions.sweep(Some(swept));
                self.record_undecided(left_alone).await;
            }
        }
    }

    /// Closes the desk in order: whoever stands undecided is recorded as such.
    pub async fn close(self: &Arc<Self>) {
        let left_alone = self.sessions.sweep(None);
        self.record_undecided(left_alone).await;
        self.parts.hardware.dark();
    }

    fn moment(&self) -> Moment {
        let now = Timestamp::now();
        Moment {
            now,
            today: now
                .to_zoned_datetime(self.parts.appliance.post().zone())
                .date(),
        }
    }

    fn show_light(&self, advice: Option<Advice>) {
        self.parts.hardware.show(advice);
    }

    /// Writes into the ledger, once, that another edition is in use.
    fn note_edition(&self) {
        let Ok(edition) = self.parts.equipment.edition() else {
            return;
        };
        let number = edition.info().number;
        let mut noted = self
            .edition_noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if noted.replace(number).is_some_and(|before| before != number)
            && let Err(e) = self
                .parts
                .appliance
                .note(Note::EditionActivated { edition: number })
        {
            tracing::error!("the ledger has no line about edition {number}: {e}");
        }
    }

    fn note_officer(&self, officer: &rules::OfficerId, presence: Presence) {
        if let Err(e) = self.parts.appliance.note_officer(officer, presence) {
            tracing::error!("the ledger has no line about an officer's coming or going: {e}");
        }
    }
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
enum NotRecorded {
    /// Decided already, or not yet ready to be decided.
    #[error("there is nothing to decide: it has been decided, or the advice is not there yet")]
    NothingToDecide,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work broke off.
    #[error("the recording broke off")]
    BrokeOff,
}

/// Runs work that blocks; `None` where it panicked (the panic has been printed).
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

/// Serves the desk on `listener` until `stop` resolves, then closes it in order.
///
/// # Errors
/// [`PostError::System`] where the listener fails.
pub async fn serve(
    desk: Arc<Desk>,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), PostError> {
    let looking_after = tokio::spawn(Arc::clone(&desk).look_after());
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let router = desk.router();
    let server = tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                stop.await;
                stopping.send_replace(true);
            })
            .await
    });
    // A browser that keeps a connection open must not keep the box from stopping.
    let _ = stopped.changed().await;
    let ended = tokio::time::timeout(Duration::from_secs(3), server).await;
    looking_after.abort();
    desk.close().await;
    match ended {
        Ok(Ok(Err(e))) => Err(PostError::System(e.to_string())),
        _ => Ok(()),
    }
}
