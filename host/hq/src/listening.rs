//! Listening: bounded connections, bounded patience, and TLS with certificates from both sides.
//!
//! Whom a certificate stands for is the server's own question: one type of peer for each, so that nobody who is let in
//! at one door is taken for somebody at another.

mod strangers;

use crate::HqError;
use axum::{Extension, Router};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use seal::durable::Readers;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use strangers::{Strangers, Visit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// So long may a request's head, or the greeting of TLS, take.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// So many connections are served at a time, of those that have shown whose they are.
const CONNECTIONS: usize = 512;
/// So long may one of them wait to be served before its peer is left to ask again.
const PLACE_PATIENCE: Duration = Duration::from_secs(20);
/// So many connections may one peer have open: more than it needs where some of them are dead, and few of all.
const LINES: usize = 64;
/// So long may open requests take to end when the program is asked to.
const FAREWELL: Duration = Duration::from_secs(10);

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// TLS 1.3 with certificates from both sides; the server goes by these names and addresses.
    Tls {
        /// Host names and IP addresses that it is known by.
        names: Vec<String>,
    },
    /// Plain HTTP for this machine: demonstrations and tests, or behind a proxy that does TLS.
    PlainLoopback,
}

impl Access {
    /// Whether the address may be listened on in this way.
    ///
    /// # Errors
    /// [`HqError::NotLoopback`] where others would be served in the clear.
    pub(crate) fn fits(&self, address: SocketAddr) -> Result<(), HqError> {
        match self {
            Self::PlainLoopback if !address.ip().is_loopback() => {
                Err(HqError::NotLoopback { address })
            }
            _ => Ok(()),
        }
    }
}

/// What is asked of whoever connects: TLS, and a certificate that stands for somebody.
pub(crate) struct Greeting<P> {
    acceptor: TlsAcceptor,
    who: fn(&CertificateDer<'_>) -> Option<P>,
}

impl<P> Greeting<P> {
    /// By this configuration, which asks for a certificate; `who` says whom one stands for.
    pub(crate) fn new(config: ServerConfig, who: fn(&CertificateDer<'_>) -> Option<P>) -> Self {
        Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            who,
        }
    }
}

/// Listens, and says on which port.
///
/// # Errors
/// [`HqError::Listen`], [`HqError::Io`].
pub(crate) async fn listening(
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

/// Who is behind a connection, and how that is known.
pub(crate) enum Entry<P> {
    /// The greeting of TLS says it.
    Greeted(Greeting<P>),
    /// In the clear, on this machine alone.
    Local(P),
    /// In the clear, for whoever comes: nothing says who it is, and all of them stay strangers.
    Anybody(P),
}

/// Accepts connections until `end`. Our own loop, because the ready-made one has no patience to set for a request's
/// head, and knows no strangers.
pub(crate) async fn accept<P>(
    listener: TcpListener,
    entry: Entry<P>,
    routes: &Router,
    end: impl Future<Output = ()>,
) where
    P: Copy + Debug + Eq + Hash + Send + Sync + 'static,
{
    let door = Arc::new(Door {
        entry,
        routes: routes.clone(),
        strangers: Arc::new(Strangers::new()),
        places: Arc::new(Semaphore::new(CONNECTIONS)),
        lines: Arc::new(Lines::new()),
    });
    let farewell = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                // Out of file descriptors, or a peer that left: a pause keeps this from spinning.
                tracing::warn!(error = %e, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let visit = tokio::select! {
            () = &mut end => break,
            visit = door.strangers.visit(from.ip()) => visit,
        };
        let Some(visit) = visit else { break };
        if let Entry::Local(_) = door.entry {
            // Nobody on this machine is a stranger.
            visit.let_in();
        }
        let (door, watcher) = (Arc::clone(&door), farewell.watcher());
        tokio::spawn(async move { door.serve(stream, from, visit, watcher).await });
    }
    drop(listener);
    if tokio::time::timeout(FAREWELL, farewell.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time; whoever asked will ask again");
    }
}

/// What every connection shares.
struct Door<P> {
    entry: Entry<P>,
    routes: Router,
    strangers: Arc<Strangers>,
    places: Arc<Semaphore>,
    lines: Arc<Lines<P>>,
}

impl<P> Door<P>
where
    P: Copy + Debug + Eq + Hash + Send + Sync + 'static,
{
    /// Serves one connection to its end.
    async fn serve(&self, stream: TcpStream, from: SocketAddr, mut visit: Visit, watcher: Watcher) {
        match &self.entry {
            Entry::Anybody(peer) => {
                let open = watcher.watch(connection(stream, self.routes.clone(), *peer));
                tokio::select! {
                    ended = open => said(ended),
                    () = visit.told_to_leave() => made_room(from),
                }
            }
            Entry::Local(peer) => {
                if let Some(_place) = self.place(from, visit).await {
                    let open = connection(stream, self.routes.clone(), *peer);
                    said(watcher.watch(open).await);
                }
            }
            Entry::Greeted(greeting) => {
                let greeted = tokio::time::timeout(HEAD_PATIENCE, greeting.acceptor.accept(stream));
                let greeted = tokio::select! {
                    greeted = greeted => greeted,
                    () = visit.told_to_leave() => return made_room(from),
                };
                let stream = match greeted {
                    Ok(Ok(stream)) => stream,
                    Ok(Err(e)) => {
                        tracing::warn!(%from, error = %e, "a connection without a certificate of ours was refused");
                        return;
                    }
                    Err(_) => return tracing::debug!(%from, "a greeting took too long"),
                };
                let peer = stream
                    .get_ref()
                    .1
                    .peer_certificates()
                    .and_then(|chain| chain.first())
                    .and_then(greeting.who);
                let Some(peer) = peer else {
                    return tracing::warn!(%from, "a certificate of ours that is for something else was refused");
                };
                if !visit.let_in() {
                    return made_room(from);
                }
                let Some(_line) = self.lines.open(peer) else {
                    return tracing::warn!(%from, ?peer, "a peer has too many connections open");
                };
                if let Some(_place) = self.place(from, visit).await {
                    let open = connection(stream, self.routes.clone(), peer);
                    said(watcher.watch(open).await);
                }
            }
        }
    }

    /// A place to be served in, for who is no stranger; the visit ends then.
    async fn place(&self, from: SocketAddr, visit: Visit) -> Option<OwnedSemaphorePermit> {
        let free = Arc::clone(&self.places).acquire_owned();
        let place = tokio::time::timeout(PLACE_PATIENCE, free).await;
        drop(visit);
        match place {
            Ok(place) => place.ok(),
            Err(_) => {
                tracing::warn!(%from, "every place is taken; whoever asked will ask again");
                None
            }
        }
    }
}

fn made_room(from: SocketAddr) {
    tracing::debug!(%from, "a stranger made room for another connection");
}

fn said(ended: Result<(), hyper::Error>) {
    if let Err(e) = ended {
        tracing::debug!(error = %e, "a connection ended early");
    }
}

fn connection<S, P>(
    stream: S,
    routes: Router,
    peer: P,
) -> hyper::server::conn::http1::Connection<TokioIo<S>, TowerToHyperService<Router>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    P: Clone + Send + Sync + 'static,
{
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(64 << 10)
        .serve_connection(
            TokioIo::new(stream),
            TowerToHyperService::new(routes.layer(Extension(peer))),
        )
}

/// How many connections each peer has open.
#[derive(Debug)]
struct Lines<P> {
    open: Mutex<HashMap<P, usize>>,
}

/// One connection of a peer; it counts until this is dropped.
#[derive(Debug)]
struct Line<P: Copy + Eq + Hash> {
    lines: Arc<Lines<P>>,
    peer: P,
}

impl<P: Copy + Eq + Hash> Lines<P> {
    fn new() -> Self {
        Self {
            open: Mutex::default(),
        }
    }

    /// Counts one more; `None` where the peer has as many as it may.
    fn open(self: &Arc<Self>, peer: P) -> Option<Line<P>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(peer).or_insert(0);
        if *count >= LINES {
            return None;
        }
        *count += 1;
        let lines = Arc::clone(self);
        Some(Line { lines, peer })
    }
}

impl<P: Copy + Eq + Hash> Drop for Line<P> {
    fn drop(&mut self) {
        let open = &self.lines.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_box_does_not_hold_every_connection() {
        let lines = Arc::new(Lines::new());
        let held: Vec<Line<u8>> = (0..LINES).map(|_| lines.open(1).unwrap()).collect();
        assert!(lines.open(1).is_none());
        assert!(lines.open(2).is_some());
        drop(held);
        assert!(lines.open(1).is_some());
    }

    #[test]
    fn in_the_clear_only_this_machine_is_served() {
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
        Access::PlainLoopback.fits(here).unwrap();
        let refused = Access::PlainLoopback.fits(everywhere);
        assert!(matches!(refused, Err(HqError::NotLoopback { .. })));
        let names = vec!["hq.example".to_owned()];
        Access::Tls { names }.fits(everywhere).unwrap();
    }
}
