//! The officer's desk: server-rendered pages on loopback, usable without script, by keyboard or touch.
//!
//! After Doc 9303-2 appendix C and TR-03135-1 section 5.2: one summary bar, photographs side by side, five
//! checks, reasons in words, and the officer's decision, which nothing here makes for her.

mod amend;
mod api;
mod capturing;
mod chip_shown;
mod conduct;
mod correction;
mod details;
mod encounter;
mod figures;
mod guard;
mod interrupted;
mod lane;
mod own_form;
mod paper;
mod preview;
mod reasons;
mod referral;
mod running;
mod scenes;
mod second_line;
mod self_test;
mod session;
mod shift;
mod sign_in;
mod states;
mod technician;
#[cfg(test)]
mod tests;
mod view;
mod visit;
pub mod words;
mod zone_shown;

pub use scenes::Scenes;

use crate::appliance::{Appliance, Presence};
use crate::devices::{Camera, Happened, Hardware, TICK};
use crate::error::PostError;
use crate::inspection::{Equipment, Moment};
use crate::officers::Officers;
use crate::sync::Background;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use capturing::Capturing;
use interrupted::Interrupted;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preview::Preview;
use rules::{Advice, LaneId};
use sd_notify::NotifyState;
use session::Sessions;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::Note;

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
    /// Encounters that the power interrupted, until somebody takes them up.
    interrupted: Mutex<Vec<Interrupted>>,
    preview: Preview,
    /// The calibration pictures being taken.
    capturing: Capturing,
}

impl Desk {
    /// A desk of these parts.
    #[must_use]
    pub fn new(parts: DeskParts) -> Arc<Self> {
        let interrupted = interrupted::left_by_the_last_run(&parts.appliance);
        Arc::new(Self {
            preview: Preview::of(parts.camera.clone(), Arc::clone(&parts.equipment)),
            parts,
            sessions: Sessions::default(),
            signing_in: tokio::sync::Mutex::new(()),
            interrupted: Mutex::new(interrupted),
            capturing: Capturing::default(),
        })
    }

    /// The desk's pages.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/", get(lane::show))
            .route("/sign-in", get(sign_in::show).post(sign_in::enter))
            .route("/sign-out", post(sign_in::leave))
            .route("/preferences", post(sign_in::prefer))
            .route("/self-test", get(self_test::show).post(self_test::open))
            .route("/preview", get(preview::events))
            .route("/preview/page", get(preview::picture))
            .route("/paper", get(paper::show).post(paper::enter))
            .route("/interrupted/{number}", post(interrupted::take_up))
            .route("/shift", get(shift::show).post(shift::hand_over))
            .route("/referrals/{sequence}", get(referral::show))
            .route("/referrals/{sequence}/notice", get(referral::notice))
            .route("/referrals/{sequence}/code", get(referral::code))
            .route("/second-line", get(second_line::list))
            .route("/second-line/{sequence}", get(second_line::show))
            .route("/inspections", post(lane::begin))
            .route("/inspections/upload", post(lane::upload))
            .route("/inspections/{id}", get(encounter::show))
            .route("/inspections/{id}/events", get(encounter::events))
            .route(
                "/inspections/{id}/pictures/{which}",
                get(encounter::picture),
            )
            .route("/inspections/{id}/decision", post(encounter::decide))
            .route("/inspections/{id}/again", post(amend::place_again))
            .route("/inspections/{id}/face", post(amend::face_again))
            .route("/inspections/{id}/face/skip", post(amend::skip_face))
            .route("/inspections/{id}/protection", post(amend::protect))
            .route("/inspections/{id}/details", get(details::show))
            .route(
                "/inspections/{id}/chip",
                get(chip_shown::show).post(chip_shown::read),
            )
            .route("/inspections/{id}/chip/stop", post(chip_shown::stop))
            .route(
                "/inspections/{id}/zone",
                get(correction::show).post(correction::correct),
            )
            .route("/inspections/{id}/zone/digits", post(correction::digits_of))
            .route("/scenes/{name}/live", get(lane::scene_picture))
            .route("/api/session", post(api::sign_in))
            .route("/api/status", get(api::status))
            .route("/api/inspections", post(api::inspect))
            .route("/api/inspections/{id}/decision", post(api::decide))
            .route("/technician", get(technician::show))
            .route("/technician/report", get(technician::report))
            .route("/technician/steps/{step}", post(technician::step))
            .route("/technician/take/{step}", post(technician::take))
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

    /// Looks after the desk until it is dropped. A medium that is slow for a moment keeps neither the board's watchdog
    /// nor the service manager waiting.
    async fn look_after(self: Arc<Self>) {
        tokio::join!(self.tend(), self.sweep());
    }

    /// Tends the board, and tells the service manager that the desk lives.
    async fn tend(&self) {
        // Several signs of life within the time that the service manager gives.
        let alive_every = sd_notify::watchdog_enabled().map(|limit| limit / 4);
        let mut told = Instant::now();
        loop {
            tokio::time::sleep(TICK).await;
            if self.parts.hardware.tick() == Happened::CaseOpened
                && let Err(e) = self.parts.appliance.note(Note::CaseOpened)
            {
                tracing::error!("the ledger has no line about the opened case: {e}");
            }
            if alive_every.is_some_and(|every| told.elapsed() >= every) {
                told = Instant::now();
                tell(NotifyState::Watchdog);
            }
        }
    }

    /// Ends sessions that were left alone, and those of people who may not go on.
    async fn sweep(self: &Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let left_alone = self.sessions.sweep(Some(Instant::now()));
            self.record_undecided(left_alone).await;
            self.send_away().await;
        }
    }

    /// Ends the sessions of those who were taken off the register, or given another role there.
    async fn send_away(self: &Arc<Self>) {
        let officers = self.parts.officers.clone();
        // A register that cannot be read now sends nobody away.
        let Some(Ok(known)) = blocking(move || officers.list()).await else {
            return;
        };
        let left_alone = self
            .sessions
            .end_unless(|id, role| known.iter().any(|o| o.id == *id && o.role == role));
        self.record_undecided(left_alone).await;
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
            today: now.to_zoned_datetime(self.zone()).date(),
        }
    }

    /// The post's time zone.
    fn zone(&self) -> TimeZone {
        self.parts.appliance.post().zone()
    }

    fn show_light(&self, advice: Option<Advice>) {
        self.parts.hardware.show(advice);
    }

    /// Writes into the ledger that a drift scan was taken.
    fn note_scan(&self) {
        if let Err(e) = self.parts.appliance.hold_drift(Timestamp::now()) {
            tracing::error!("the ledger has no line about the drift scan: {e}");
        }
    }

    /// Writes into the ledger, once, that another edition is in use.
    fn note_edition(&self) {
        let Ok(edition) = self.parts.equipment.edition() else {
            return;
        };
        let number = edition.info().number;
        if let Err(e) = self.parts.appliance.note_edition(number) {
            tracing::error!("the ledger has no line about edition {number}: {e}");
        }
    }

    fn note_officer(&self, officer: &rules::OfficerId, presence: Presence) {
        if let Err(e) = self.parts.appliance.note_officer(officer, presence) {
            tracing::error!("the ledger has no line about an officer's coming or going: {e}");
        }
    }
}

/// Runs work that blocks; `None` where it panicked (the panic has been printed).
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Tells the service manager, where one started this program.
fn tell(state: NotifyState<'_>) {
    if let Err(e) = sd_notify::notify(&[state]) {
        tracing::warn!("the service manager was not told: {e}");
    }
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
    tell(NotifyState::Ready);
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
    tell(NotifyState::Stopping);
    let ended = tokio::time::timeout(Duration::from_secs(3), server).await;
    // The board is tended to the end: whoever stands undecided is recorded meanwhile.
    desk.close().await;
    looking_after.abort();
    let _ = looking_after.await;
    match ended {
        Ok(Ok(Err(e))) => Err(PostError::System(e.to_string())),
        _ => Ok(()),
    }
}
