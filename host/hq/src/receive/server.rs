//! The listening half: bounded connections, bounded patience, TLS with certificates from both sides.

use super::desk::{Desk, metered, routes};
use super::limits::{Allowance, Lines};
use crate::HqError;
use crate::home::Home;
use crate::parcels::Database;
use crate::transport::{Authority, device_of};
use axum::middleware::from_fn_with_state;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use seal::device::DevicePublic;
use seal::durable::Readers;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// So long may a request's head, or the greeting of TLS, take.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// So many connections are served at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 512;
/// So long may open requests take to end when the program is asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// How boxes reach headquarters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// TLS 1.3 with certificates from both sides; the server goes by these names and addresses.
    Tls {
        /// Host names and IP addresses that boxes know it by.
        names: Vec<String>,
    },
    /// Plain HTTP for boxes on this machine: demonstrations and tests, or behind a proxy that does TLS.
    PlainLoopback,
}

/// Where to listen and what to write into.
#[derive(Debug, Clone)]
pub struct ReceiveOrder {
    /// The address; port 0 for a free one.
    pub listen: SocketAddr,
    /// How boxes reach it.
    pub access: Access,
    /// The database of parcels.
    pub database: Database,
    /// Where to write the port that was bound, once connections are accepted.
    pub port_file: Option<PathBuf>,
    /// For how many days from a contact on a box may work without another.
    pub lease_days: u32,
    /// What one box may ask for.
    pub allowance: Allowance,
    /// The time of day, asked once a request.
    pub clock: fn() -> Timestamp,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    /// A box that showed a certificate over this key.
    Device(DevicePublic),
    /// Somebody on this machine.
    Loopback,
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
    let greeting = match &order.access {
        Access::PlainLoopback if !order.listen.ip().is_loopback() => {
            return Err(HqError::NotLoopback {
                address: order.listen,
            });
        }
        Access::PlainLoopback => None,
        Access::Tls { names } => {
            let now = (order.clock)();
            let config = Authority::open_or_create(home, now)?.server(names, now)?;
            Some(TlsAcceptor::from(Arc::new(config)))
        }
    };
    let desk = Desk::open(home, order).await?;
    let reports = crate::health::routes(home, order.clock)?
        .route_layer(from_fn_with_state(Arc::clone(&desk), metered));
    let routes = routes(desk).merge(reports);
    let listener = listening(order.listen, order.port_file.as_deref()).await?;
    let bound = listener.local_addr().unwrap_or(order.listen);
    tracing::info!(%bound, database = %order.database, "receiving parcels");
    accept(listener, greeting, &routes, end).await;
    Ok(())
}

/// Listens, and says on which port.
///
/// # Errors
/// [`HqError::Listen`], [`HqError::Io`].
pub(super) async fn listening(
    address: SocketAddr,
    port_file: Option<&Path>,
) -> Result<TcpListener, HqError> {
    let unlistenable = |source| HqError::Listen {
        address: address.to_string(),
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(unlistenable)?;
    let bound = listener.local_addr().map_err(unlistenable)?;
    if let Some(path) = port_file {
        let port = format!("{}\n", bound.port());
        seal::durable::replace(path, port.as_bytes(), Readers::Anyone)
            .map_err(HqError::io(path))?;
    }
    Ok(listener)
}

/// Accepts connections until `end`. Our own loop, because the ready-made one has no patience to set for a
/// request's head.
pub(super) async fn accept(
    listener: TcpListener,
    greeting: Option<TlsAcceptor>,
    routes: &Router,
    end: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let lines = Arc::new(Lines::default());
    let farewell = Arc::new(GracefulShutdown::new());
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
            (Ok(place), Ok((stream, from))) => {
                let (greeting, routes, lines) =
                    (greeting.clone(), routes.clone(), Arc::clone(&lines));
                let watcher = farewell.watcher();
                tokio::spawn(async move {
                    let _place = place;
                    let Some(greeting) = greeting else {
                        let open = connection(stream, routes, Peer::Loopback);
                        return said(watcher.watch(open).await);
                    };
                    let greeted =
                        tokio::time::timeout(HEAD_PATIENCE, greeting.accept(stream)).await;
                    let stream = match greeted {
                        Ok(Ok(stream)) => stream,
                        Ok(Err(e)) => {
                            tracing::warn!(%from, error = %e, "a connection without a certificate of ours was refused");
                            return;
                        }
                        Err(_) => return tracing::debug!(%from, "a greeting took too long"),
                    };
                    let device = stream
                        .get_ref()
                        .1
                        .peer_certificates()
                        .and_then(|chain| chain.first())
                        .and_then(device_of);
                    let Some(device) = device else {
                        return tracing::warn!(%from, "a certificate of ours that is no box's was refused");
                    };
                    let Some(_line) = lines.open(device) else {
                        return tracing::warn!(%from, %device, "a box has too many connections open");
                    };
                    let open = connection(stream, routes, Peer::Device(device));
                    said(watcher.watch(open).await);
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
    let Some(farewell) = Arc::into_inner(farewell) else {
        return;
    };
    if tokio::time::timeout(FAREWELL, farewell.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time; their boxes will send again");
    }
}

fn said(ended: Result<(), hyper::Error>) {
    if let Err(e) = ended {
        tracing::debug!(error = %e, "a connection ended early");
    }
}

fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    routes: Router,
    peer: Peer,
) -> hyper::server::conn::http1::Connection<TokioIo<S>, TowerToHyperService<Router>> {
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(64 << 10)
        .serve_connection(
            TokioIo::new(stream),
            TowerToHyperService::new(routes.layer(Extension(peer))),
        )
}
