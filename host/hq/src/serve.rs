//! Headquarters' page and interface: the fleet for people and screens, figures for other programs, decisions
//! and offers for other systems. Nothing else reads the databases.
//!
//! On this machine only; a proxy with mutual TLS stands before it where others are to reach it. Everybody shows
//! a token ([`crate::access`]): a person at the sign-in, a program as `Authorization: Bearer`.

mod exchange;
mod figures;
mod guard;
mod page;

pub(crate) use figures::unformulated;

use crate::HqError;
use crate::acts::{self, Act, Phase};
use crate::fleet::{Row, Summary, table};
use crate::home::Home;
use crate::office::Office;
use crate::parcels::{Database, Parcels};
use crate::rollout::{self, Judgement};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jiff::Timestamp;
use rules::OfficerId;
use seal::durable::Readers;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// A table younger than this is shown as it is, however many screens ask.
const FRESH: Duration = Duration::from_secs(2);
/// One younger than this is shown at once while a new one is made for whoever asks next: thousands of boxes'
/// reports take a moment to read. The page says of what moment it is.
const SHOWABLE: Duration = Duration::from_secs(30);
/// No request of a page or another system is larger, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// Where to listen and what to show.
#[derive(Debug, Clone)]
pub struct ServeOrder {
    /// The address; port 0 for a free one.
    pub listen: SocketAddr,
    /// The database of parcels.
    pub database: Database,
    /// Where to write the port that was bound, once connections are accepted.
    pub port_file: Option<PathBuf>,
    /// The time of day.
    pub clock: fn() -> Timestamp,
}

/// What every request shares.
struct Hall {
    home: Home,
    office: Mutex<Office>,
    database: Database,
    parcels: Box<dyn Parcels>,
    clock: fn() -> Timestamp,
    fleet: tokio::sync::Mutex<Option<(Instant, Arc<Fleet>)>>,
    /// Whether a new table is being made while the old one is shown.
    renewing: AtomicBool,
    /// The hour in which the ledger last said that a token pulls records, in hours since 1970.
    pulls: Mutex<BTreeMap<OfficerId, i64>>,
}

/// The table and the rollout at a moment.
struct Fleet {
    at: Timestamp,
    summary: Summary,
    rows: Vec<Row>,
    rollout: Option<Judgement>,
}

impl Hall {
    fn office(&self) -> MutexGuard<'_, Office> {
        // Every change of the book is a transaction: a panic elsewhere leaves it whole.
        self.office.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the ledger say that a token pulls records, once an hour: personal data leaves headquarters. Where it cannot
    /// be written down, nothing is given out; where nothing can be opened, there is nothing to write down.
    fn note_pull(&self, token: &OfficerId) -> Result<(), HqError> {
        let now = (self.clock)();
        let hour = now.as_second().div_euclid(3600);
        let mut pulls = self.pulls.lock().unwrap_or_else(PoisonError::into_inner);
        if pulls.get(token) == Some(&hour) || !self.home.private().exists() {
            return Ok(());
        }
        let act = Act {
            at: now,
            by: token.to_string(),
            act: "pull".into(),
            phase: Phase::Done,
            detail: serde_json::json!({ "token": token }),
        };
        acts::write(&self.home, &act)?;
        pulls.insert(token.clone(), hour);
        Ok(())
    }

    async fn fleet(self: &Arc<Self>) -> Result<Arc<Fleet>, HqError> {
        // One at a time: the second to come finds what the first has made.
        let mut kept = self.fleet.lock().await;
        if let Some((made, fleet)) = &*kept {
            let age = made.elapsed();
            if age >= FRESH && age < SHOWABLE && !self.renewing.swap(true, Ordering::AcqRel) {
                tokio::spawn(Arc::clone(self).renew());
            }
            if age < SHOWABLE {
                return Ok(Arc::clone(fleet));
            }
        }
        let fleet = self.read().await?;
        *kept = Some((Instant::now(), Arc::clone(&fleet)));
        Ok(fleet)
    }

    /// Makes the next table beside the one that is shown.
    async fn renew(self: Arc<Self>) {
        let begun = Instant::now();
        match self.read().await {
            Ok(fleet) => {
                let mut kept = self.fleet.lock().await;
                // Something changed where it was forgotten meanwhile, or made anew since.
                if kept.as_ref().is_some_and(|(made, _)| *made < begun) {
                    *kept = Some((begun, fleet));
                }
            }
            Err(e) => tracing::error!(error = %e, "the fleet could not be read"),
        }
        self.renewing.store(false, Ordering::Release);
    }

    /// Forgets the table that is shown: somebody changed what it says and will look.
    fn forget(&self) {
        *self.fleet.blocking_lock() = None;
    }

    async fn read(self: &Arc<Self>) -> Result<Arc<Fleet>, HqError> {
        let at = (self.clock)();
        let contacts = self.parcels.contacts().await?;
        let hall = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || {
            let (summary, rows) = table(&hall.home, &contacts, at)?;
            let rollout = match rollout::judge(&hall.home) {
                Ok(judgement) => Some(judgement),
                Err(HqError::NoRollout) => None,
                Err(e) => return Err(e),
            };
            Ok(Arc::new(Fleet {
                at,
                summary,
                rows,
                rollout,
            }))
        });
        made.await.map_err(|e| HqError::Io {
            path: self.home.folder().to_owned(),
            source: std::io::Error::other(e),
        })?
    }
}

/// Serves until `end` comes.
///
/// # Errors
/// [`HqError::NotLoopback`], [`HqError::Listen`], or what the databases say.
pub async fn serve(
    home: &Home,
    order: &ServeOrder,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), HqError> {
    if !order.listen.ip().is_loopback() {
        return Err(HqError::NotLoopback {
            address: order.listen,
        });
    }
    let hall = Arc::new(Hall {
        home: home.clone(),
        office: Mutex::new(Office::open(home)?),
        parcels: order.database.open().await?,
        database: order.database.clone(),
        clock: order.clock,
        fleet: tokio::sync::Mutex::new(None),
        renewing: AtomicBool::new(false),
        pulls: Mutex::default(),
    });
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
    tracing::info!(%bound, "headquarters' page");
    axum::serve(listener, routes(hall))
        .with_graceful_shutdown(end)
        .await
        .map_err(unlistenable)
}

fn routes(hall: Arc<Hall>) -> Router {
    Router::new()
        .route("/", get(page::fleet))
        .route("/boxes/{post}", get(page::one_box))
        .route("/rollout/halt", get(page::ask_halt).post(page::halt))
        .route("/sign-in", get(page::sign_in).post(page::signed_in))
        .route("/sign-out", post(page::sign_out))
        .route("/assets/fleet.css", get(page::style))
        .route("/fleet.csv", get(figures::csv))
        .route("/metrics", get(figures::metrics))
        .nest("/api/v1", exchange::routes())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(hall)
}
