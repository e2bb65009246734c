//! Headquarters' page and interface: the fleet for people and screens, figures for other programs, decisions
//! and offers for other systems. Nothing else reads the databases.
//!
//! On this machine only; a proxy with mutual TLS stands before it where others are to reach it. Everybody shows
//! a token ([`crate::access`]): a person at the sign-in, a program as `Authorization: Bearer`.

mod exchange;
mod figures;
mod guard;
mod page;

use crate::HqError;
use crate::fleet::{Row, Summary, table};
use crate::home::Home;
use crate::office::Office;
use crate::parcels::{Database, Parcels};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use jiff::Timestamp;
use seal::durable::Readers;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// The table is made anew at most this often, however many screens ask.
const FRESH: Duration = Duration::from_secs(2);
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
}

/// The table at a moment.
struct Fleet {
    at: Timestamp,
    summary: Summary,
    rows: Vec<Row>,
}

impl Hall {
    fn office(&self) -> MutexGuard<'_, Office> {
        // Every change of the book is a transaction: a panic elsewhere leaves it whole.
        self.office.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fleet(self: &Arc<Self>) -> Result<Arc<Fleet>, HqError> {
        // One at a time: the second to come finds what the first has made.
        let mut kept = self.fleet.lock().await;
        if let Some((made, fleet)) = &*kept
            && made.elapsed() < FRESH
        {
            return Ok(Arc::clone(fleet));
        }
        let at = (self.clock)();
        let contacts = self.parcels.contacts().await?;
        let hall = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || table(&hall.home, &contacts, at));
        let (summary, rows) = made.await.map_err(|e| HqError::Io {
            path: self.home.folder().to_owned(),
            source: std::io::Error::other(e),
        })??;
        let fleet = Arc::new(Fleet { at, summary, rows });
        *kept = Some((Instant::now(), Arc::clone(&fleet)));
        Ok(fleet)
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
