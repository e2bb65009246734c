//! The server that boxes send to: its door, and what stands behind it.

use super::desk::{Desk, metered, routes};
use super::limits::Allowance;
use crate::HqError;
use crate::home::Home;
use crate::listening::{Access, Entry, Greeting, accept, listening};
use crate::parcels::Database;
use crate::transport::{Authority, device_of};
use axum::middleware::from_fn_with_state;
use jiff::Timestamp;
use seal::device::DevicePublic;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

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
    order.access.fits(order.listen)?;
    let entry = match &order.access {
        Access::PlainLoopback => Entry::Local(Peer::Loopback),
        Access::Tls { names } => {
            let now = (order.clock)();
            let config = Authority::open_or_create(home, now)?.server(names, now)?;
            // Only a box's key is one here.
            Entry::Greeted(Greeting::new(config, |shown| {
                device_of(shown).map(Peer::Device)
            }))
        }
    };
    let desk = Desk::open(home, order).await?;
    let reports = crate::health::routes(home, order.clock)?
        .route_layer(from_fn_with_state(Arc::clone(&desk), metered));
    let routes = routes(desk).merge(reports);
    let listener = listening(order.listen, order.port_file.as_deref()).await?;
    let bound = listener.local_addr().unwrap_or(order.listen);
    tracing::info!(%bound, database = %order.database, "receiving parcels");
    accept(listener, entry, &routes, end).await;
    Ok(())
}
