//! `mpaka serve`: the appliance: desk and synchronisation.

use super::ledger::salvaged_text;
use super::stopping::told_to_stop;
use super::{Context, StateHere, memory};
use crate::appliance::{Appliance, Pages};
use crate::desk::{self, Desk, DeskParts, Scenes};
use crate::devices::{
    Camera, Eye, Hardware, LitCamera, SourceName, Sources, Tended, WatchedFolder, chip_reader,
};
use crate::drift_watch::keep_holding_drift;
use crate::error::PostError;
use crate::inspection::{BoxCalibration, Clearances, Equipment, Lock};
use crate::officers::Officers;
use crate::sync::{
    Background, Headquarters, await_editions, keep_erasing, keep_reporting, keep_uploading,
};
use crate::update::{Ground, Lane, keep_asking};
use clap::Args;
use jiff::Timestamp;
use rules::LaneId;
use seal::durable::{self, Readers};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Note, StoreError};
use tokio::net::TcpListener;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Where the desk answers; loopback only. Port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8470", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Write the port here once the desk answers.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// Headquarters' address: what waits is sent in the background.
    #[arg(long, value_name = "URL")]
    hq: Option<String>,
    /// Take no more than so much of the link to headquarters, in kbit/s.
    #[arg(long, value_name = "N", requires = "hq")]
    kbit: Option<u64>,
    /// Where editions are published: this box takes them as they come, by itself.
    #[arg(long, value_name = "URL", value_parser = web_address)]
    editions: Option<String>,
    /// The desk [default: the one this box was enrolled with].
    #[arg(long)]
    lane: Option<LaneId>,
    /// A folder in which the reader's program leaves page.* and live.*
    #[arg(long, value_name = "DIR")]
    camera: Option<PathBuf>,
    /// The chip reader on which documents lie, by its name or a part of it; `board` is the box's own front end
    /// [default: that, where the board has one].
    #[arg(long, value_name = "READER")]
    chip_reader: Option<String>,
    /// Where pictures of the page come from, instead: camera:0, video:FILE, folder:DIR …
    #[arg(
        long,
        value_name = "KIND:WHERE",
        requires = "live_source",
        conflicts_with = "camera"
    )]
    page_source: Option<SourceName>,
    /// Where pictures of the traveller come from, then.
    #[arg(long, value_name = "KIND:WHERE", requires = "page_source")]
    live_source: Option<SourceName>,
    /// A folder of demonstration travellers: subfolders with page.* and live.*
    #[arg(long, value_name = "DIR")]
    scenes: Option<PathBuf>,
    #[command(flatten)]
    at: StateHere,
}

/// An address to ask again and again; a folder is taken once, by `mpaka editions take`.
fn web_address(text: &str) -> Result<String, &'static str> {
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() => Ok(text.to_owned()),
        _ => Err("an address begins with https:// or http://"),
    }
}

/// The camera that the words name. One over the box's own glass sees pages under the lamps of a real board; other
/// sources bring their own light.
fn camera(
    args: &ServeArgs,
    hardware: &Arc<Hardware>,
    state: &Path,
) -> Result<Option<Arc<dyn Camera>>, PostError> {
    Ok(match (&args.camera, &args.page_source, &args.live_source) {
        (Some(folder), ..) => Some(Arc::new(WatchedFolder::new(folder))),
        (None, Some(page), Some(live)) => {
            let open = |name: &SourceName| Eye::open(name).map_err(PostError::Device);
            let sources = Sources::new(open(page)?, open(live)?);
            match page {
                SourceName::Camera(_) if hardware.name() != "bench" => {
                    let calibration = BoxCalibration::of_state(state);
                    let measured = move || calibration.measured(Timestamp::now());
                    Some(Arc::new(LitCamera::new(sources, hardware, measured)))
                }
                _ => Some(Arc::new(sources)),
            }
        }
        _ => None,
    })
}

pub(super) fn run(context: Context, args: &ServeArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    if !args.listen.ip().is_loopback() {
        return Err(PostError::NotLoopback(args.listen));
    }
    if let Err(e) = memory::settle() {
        tracing::warn!("the program's memory is as the system has it: {e}");
    }
    // Holds the state: a second instance ends here.
    let (appliance, salvaged) =
        Appliance::open_or_salvage(&context.state, Timestamp::now(), Pages::FewEnough)?;
    if let Some(salvaged) = salvaged {
        tracing::error!(
            "the store was damaged; what could be read of it was carried over, and the old one is kept in {}: {}",
            salvaged.aside.display(),
            salvaged_text(&salvaged)
        );
    }
    let appliance = Arc::new(appliance);
    let credentials = appliance.credentials()?;
    let pace = args.kbit.map(|kbit| kbit.saturating_mul(125));
    let headquarters = args
        .hq
        .as_deref()
        .map(|url| Headquarters::paced(url, credentials.as_ref(), pace))
        .transpose()?;
    let mut equipment = Equipment::of_box(context.models.as_deref(), Some(context.state.root()))
        .with_clearances(Arc::clone(&appliance) as Arc<dyn Clearances>)
        .with_lock(Arc::clone(&appliance) as Arc<dyn Lock>);
    let hardware = Arc::new(Hardware::of_state(context.state.root())?);
    let starting = Tended::meanwhile(&hardware);
    if let Some(reader) = chip_reader(args.chip_reader.as_deref(), &hardware)? {
        equipment = equipment.with_chip_reader(reader);
    }
    for absent in [equipment.reader().err(), equipment.matcher().err()]
        .into_iter()
        .flatten()
    {
        tracing::warn!("inspections leave questions open: {absent}");
    }
    let uploads = Background::default();
    let desk = Desk::new(DeskParts {
        lane: args
            .lane
            .clone()
            .unwrap_or_else(|| appliance.post().lane.clone()),
        appliance: Arc::clone(&appliance),
        equipment: Arc::new(equipment),
        officers: Officers::of(&context.state),
        camera: camera(args, &hardware, context.state.root())?,
        hardware,
        scenes: args.scenes.as_ref().map(Scenes::new),
        uploads: uploads.clone(),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| PostError::System(e.to_string()))?;
    runtime.block_on(async {
        let listener =
            TcpListener::bind(args.listen)
                .await
                .map_err(|source| PostError::Listen {
                    address: args.listen,
                    source,
                })?;
        let address = listener.local_addr().map_err(|source| PostError::Listen {
            address: args.listen,
            source,
        })?;
        let stop = told_to_stop()?;
        let program = env!("CARGO_PKG_VERSION").into();
        match appliance.note(Note::Started { program }) {
            // What empties a full disk is what this program sends: it must start.
            Err(e @ StoreError::DiskFull) => {
                tracing::error!("the ledger has no line about this start: {e}");
            }
            noted => noted?,
        }
        if let Some(from) = &args.editions {
            await_editions(from.clone(), &appliance, context.state.clone())
                .map_err(|e| PostError::System(e.to_string()))?;
        }
        let erasing = tokio::spawn(keep_erasing(Arc::clone(&appliance), context.state.clone()));
        let holding = tokio::spawn(keep_holding_drift(Arc::clone(&appliance)));
        let ground = Ground::of_box();
        let asking = ground
            .is_set_up()
            .then(|| tokio::spawn(keep_asking(ground, Lane::of_box(), context.state.clone())));
        let reporting = headquarters.clone().map(|hq| {
            let state = context.state.clone();
            tokio::spawn(keep_reporting(hq, Arc::clone(&appliance), state))
        });
        let sending = headquarters
            .map(|hq| tokio::spawn(keep_uploading(hq, Arc::clone(&appliance), uploads)));
        if let Some(file) = &args.port_file {
            durable::replace(file, address.port().to_string().as_bytes(), Readers::Anyone)
                .map_err(|e| PostError::text(file, e))?;
        }
        eprintln!("the desk is at http://{address}");
        // From here on the desk tends the board.
        drop(starting);
        let served = desk::serve(desk, listener, stop).await;
        for task in [sending, reporting, asking, Some(erasing), Some(holding)]
            .into_iter()
            .flatten()
        {
            task.abort();
        }
        appliance.note(Note::Stopped)?;
        served
    })
}
