//! Taking parcels from boxes, and the keys for it.

use super::pkcs11::{self, Existing};
use super::{DatabaseArgs, Printer, wait};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::keyring::Keyring;
use mpaka_hq::pkcs11::{KeyUri, file_of_opening_key};
use mpaka_hq::receive::{self, Access, AdmitOrder, Allowance, ReceiveOrder};
use seal::protection::ProtectionPublic;
use serde::Serialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ReceiveArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8471", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A host name or IP address that boxes know this server by; may be given several times. Default: the
    /// address to listen on, and localhost.
    #[arg(long, value_name = "NAME", conflicts_with = "plain")]
    name: Vec<String>,
    /// Plain HTTP without certificates, on loopback only: for demonstrations, or behind a proxy that does TLS.
    #[arg(long)]
    plain: bool,
    /// For so many days from a contact on a box may work without another.
    #[arg(long, default_value_t = 7, value_name = "DAYS")]
    lease_days: u32,
    /// So many requests a minute may one box make.
    #[arg(long, default_value_t = Allowance::default().requests, value_name = "N")]
    requests_a_minute: u32,
    #[command(flatten)]
    database: DatabaseArgs,
    /// A file to write the port into once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

pub(super) fn receive_parcels(home: &Home, args: ReceiveArgs) -> Result<(), HqError> {
    let access = if args.plain {
        Access::PlainLoopback
    } else if args.name.is_empty() {
        let names = vec![args.listen.ip().to_string(), "localhost".into()];
        Access::Tls { names }
    } else {
        Access::Tls { names: args.name }
    };
    let order = ReceiveOrder {
        listen: args.listen,
        access,
        lease_days: args.lease_days,
        allowance: Allowance {
            requests: args.requests_a_minute.max(1),
            ..Allowance::default()
        },
        database: args.database.of(home)?,
        port_file: args.port_file,
        clock: Timestamp::now,
    };
    until_told(order.listen, async |end| {
        receive::serve(home, &order, end).await
    })
}

#[derive(Debug, Args)]
pub(super) struct AdmitArgs {
    /// The address to listen on, in the clear: the code proves everything. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8473", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// For so many days the first lease lasts.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    lease_days: u32,
    /// A file to write the port into once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

pub(super) fn admit(home: &Home, args: AdmitArgs) -> Result<(), HqError> {
    let order = AdmitOrder {
        listen: args.listen,
        port_file: args.port_file,
        lease_days: args.lease_days,
        clock: Timestamp::now,
    };
    until_told(order.listen, async |end| {
        receive::serve_admissions(home, &order, end).await
    })
}

/// Runs a server until the program is told to end.
pub(super) fn until_told(
    listen: SocketAddr,
    serve: impl AsyncFnOnce(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), HqError>,
) -> Result<(), HqError> {
    let listen_failed = |source| HqError::Listen {
        address: listen.to_string(),
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
        serve(Box::pin(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }))
        .await
    })
}

#[derive(Debug, Args)]
pub(super) struct TakeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Where to write the receipt (mpaka outbox receipt).
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
    /// What the post wrote (mpaka outbox export).
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn take(home: &Home, args: &TakeArgs, print: &Printer) -> Result<(), HqError> {
    let order = ReceiveOrder {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        access: Access::PlainLoopback,
        database: args.database.of(home)?,
        port_file: None,
        lease_days: 0,
        allowance: Allowance::default(),
        clock: Timestamp::now,
    };
    let taken = wait(receive::take_from_stick(
        home,
        &order,
        &args.file,
        &args.receipt,
    ))?;
    print.answer(&taken, || {
        format!(
            "{} parcels of {}; everything up to {} is here. Carry {} back to the post.",
            taken.parcels,
            taken.post,
            taken.up_to,
            taken.receipt.display()
        )
    })
}

#[derive(Debug, Args)]
pub(super) struct RekeyArgs {
    /// The file of another protection key: boxes seal protection records to it from their next contact on.
    #[arg(long, value_name = "FILE")]
    protection: Option<PathBuf>,
    /// The token that the next key for receipts is made in: pkcs11:token=…;object=…?pin-source=file:/PATH. Needed
    /// where the present one lies in a token. The key that opens parcels is made in its file.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[command(flatten)]
    existing: Existing,
}

impl RekeyArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "protection": self.protection.is_some(), "in_token": self.key.is_some() })
    }
}

pub(super) fn rekey(
    home: &Home,
    args: &RekeyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    #[derive(Serialize)]
    struct Rekeyed {
        hq_key: String,
        former: Vec<String>,
    }
    let protection = match args.protection.as_deref() {
        Some(path) => Some(ProtectionPublic::of_key_file(file_of_opening_key(path)?)?),
        None => None,
    };
    let tokens = pkcs11::asking(args.existing.making());
    let key = args.key.as_deref().map(str::parse::<KeyUri>).transpose()?;
    if let Some(uri) = &key {
        pkcs11::only_for_receipts(home, uri, &tokens)?;
    }
    let keys = Keyring::rotate(
        home,
        protection,
        key.as_ref().map(|uri| (uri, &tokens)),
        now,
    )?;
    let mut names = keys.public().into_iter().map(|key| key.id().to_string());
    let rekeyed = Rekeyed {
        hq_key: names.next().unwrap_or_default(),
        former: names.collect(),
    };
    print.answer(&rekeyed, || {
        format!(
            "Boxes will seal to {} from their next contact on. Keep the former keys ({}) until no box holds \
             records sealed to them, and start the receiving programs anew.",
            rekeyed.hq_key,
            rekeyed.former.join(", ")
        )
    })
}
