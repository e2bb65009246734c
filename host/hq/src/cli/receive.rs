//! Taking parcels from boxes.

use super::DatabaseArgs;
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::receive::{self, ReceiveOrder};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ReceiveArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8471", value_name = "ADDRESS")]
    listen: SocketAddr,
    #[command(flatten)]
    database: DatabaseArgs,
    /// A file to write the port into once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

pub(super) fn receive_parcels(home: &Home, args: ReceiveArgs) -> Result<(), HqError> {
    let order = ReceiveOrder {
        listen: args.listen,
        database: args.database.path(home)?,
        port_file: args.port_file,
        clock: Timestamp::now,
    };
    let listen_failed = |source| HqError::Listen {
        address: order.listen.to_string(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(listen_failed)?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(listen_failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(listen_failed)?;
        receive::serve(home, &order, async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
    })
}
