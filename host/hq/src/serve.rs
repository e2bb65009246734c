//! Headquarters' page and interface: the fleet for people and screens, figures for other programs, decisions
//! and offers for other systems. Nothing else reads the databases.
//!
//! In one of two ways. In the clear on this machine alone, for who sits at it or behind a proxy: everybody shows a token
//! ([`crate::access`]), a person at the sign-in, a program as `Authorization: Bearer`. Or over TLS 1.3 with certificates
//! from both sides: a person's certificate says who it is, and the role in headquarters' book what may be seen
//! ([`crate::people`]); another system has one too, and shows the token besides that was made for it.
//!
//! What is refused is named: by an alert of TLS where there is no certificate of ours (`certificate_required`,
//! `unknown_ca`, `decrypt_error` for one of another headquarters, `certificate_expired`; RFC 8446 section 6), else as
//! JSON `{"error": NAME, "detail": TEXT}`:
//!
//! | status | error | |
//! |---|---|---|
//! | 401 | `no_token` | no token, or one that is not good |
//! | 403 | `wrong_scope` | the token is not for this |
//! | 403 | `wrong_certificate` | the token was made for another certificate than is shown, or for none |
//! | 403 | `wrong_role` | nor is the role of whose certificate it is |
//! | 403 | `unknown_person` | a certificate of ours that stands for nobody in the book |
//! | 403 | `certificate_ended` | it was ended, another took its place, or its time is over |
//! | 403 | `not_a_person` | the certificate of a box |
//! | 403 | `another_site` | another site sent this form |
//! | 408 | `too_slow` | the body did not come |
//! | 413 | `malformed` | nothing that is sent here is so large |
//! | 421 | `another_host` | the server does not go by this name |

mod exchange;
mod figures;
mod guard;
mod page;
mod review;

pub use crate::listening::Access;
pub(crate) use figures::unformulated;
use guard::Visitor;

use crate::HqError;
use crate::acts::{self, Act, Phase};
use crate::fleet::{Row, Summary, table};
use crate::home::Home;
use crate::listening::{Entry, Greeting, accept, listening};
use crate::office::Office;
use crate::parcels::{Database, Parcels};
use crate::rollout::{self, Judgement};
use crate::transport::Authority;
use axum::Router;
use axum::routing::{get, post};
use jiff::Timestamp;
use rules::OfficerId;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A table younger than this is shown as it is, however many screens ask.
const FRESH: Duration = Duration::from_secs(2);
/// One younger than this is shown at once while a new one is made for whoever asks next: thousands of boxes'
/// reports take a moment to read. The page says of what moment it is.
const SHOWABLE: Duration = Duration::from_secs(30);

/// Where to listen and what to show.
#[derive(Debug, Clone)]
pub struct ServeOrder {
    /// The address; port 0 for a free one.
    pub listen: SocketAddr,
    /// How people and other systems reach it.
    pub access: Access,
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
    access: Access,
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
/// [`HqError::NotLoopback`], [`HqError::Listen`], or what keys and databases say.
pub async fn serve(
    home: &Home,
    order: &ServeOrder,
    end: impl Future<Output = ()>,
) -> Result<(), HqError> {
    order.access.fits(order.listen)?;
    let entry = match &order.access {
        Access::PlainLoopback => Entry::Local(Visitor::Local),
        Access::Tls { names } => {
            let now = (order.clock)();
            let config = Authority::open_or_create(home, now)?.server(names, now)?;
            Entry::Greeted(Greeting::new(config, Visitor::of))
        }
    };
    let hall = Arc::new(Hall {
        home: home.clone(),
        access: order.access.clone(),
        office: Mutex::new(Office::open(home)?),
        parcels: order.database.open().await?,
        database: order.database.clone(),
        clock: order.clock,
        fleet: tokio::sync::Mutex::new(None),
        renewing: AtomicBool::new(false),
        pulls: Mutex::default(),
    });
    let listener = listening(order.listen, order.port_file.as_deref()).await?;
    let bound = listener.local_addr().unwrap_or(order.listen);
    tracing::info!(%bound, "headquarters' page");
    accept(listener, entry, &routes(hall), end).await;
    Ok(())
}

fn routes(hall: Arc<Hall>) -> Router {
    Router::new()
        .route("/", get(page::fleet))
        .route("/boxes/{post}", get(page::one_box))
        .route("/difference", get(review::changes))
        .route("/acts", get(review::ledger))
        .route("/rollout/halt", get(page::ask_halt).post(page::halt))
        .route("/sign-in", get(page::sign_in).post(page::signed_in))
        .route("/sign-out", post(page::sign_out))
        .route("/assets/fleet.css", get(page::style))
        .route("/fleet.csv", get(figures::csv))
        .route("/metrics", get(figures::metrics))
        .nest("/api/v1", exchange::routes())
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(&hall),
            guard::guard,
        ))
        .with_state(hall)
}
