//! The client that tuf-conformance drives (its CLIENT-CLI): `init`, `refresh`, `download` by the library that
//! `seal::bundle` verifies with, over HTTP and against the system's clock, which the suite sets as it likes.
//!
//! The suite is fetched and run outside the repository:
//! `pytest tuf_conformance --entrypoint target/debug/examples/tuf_client`. Of version 2.4.0 it passes 87 of 113. What it
//! does not pass: delegated targets in every form (17) with a repository and odd role names that live on them (5) and a
//! target in a sub-folder (1), for a box takes flat top-level targets alone and refuses a bundle that delegates; a file
//! with only a SHA-512 (1), for ours have SHA-256; metadata kept byte for byte (1), for the library writes it anew; and
//! a timestamp that changes without a new version (1), which the library takes for the old one.
//!
//! A box does not use HTTP here: it spools, then verifies the spool, with the same calls and limits.

use async_trait::async_trait;
use clap::{Parser, Subcommand};
use futures_util::stream;
use reqwest::{Client, StatusCode};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tough::{
    Bytes, ExpirationEnforcement, IntoVec, Limits, Repository, RepositoryLoader, TargetName,
    Transport, TransportError, TransportErrorKind, TransportStream,
};
use url::Url;

/// No file of the suite comes near this; an endless one is cut here.
const BODY_LIMIT_BYTES: usize = 64 << 20;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    metadata_dir: PathBuf,
    #[arg(long)]
    metadata_url: Option<Url>,
    #[arg(long)]
    target_name: Vec<String>,
    #[arg(long)]
    target_base_url: Option<Url>,
    #[arg(long)]
    target_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trust this root.
    Init {
        /// The file.
        trusted_root: PathBuf,
    },
    /// Bring the metadata up to date.
    Refresh,
    /// The same, then download the targets named.
    Download,
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(Arguments::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            let mut cause = e.source();
            while let Some(source) = cause {
                eprintln!("  because {source}");
                cause = source.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let root = arguments.metadata_dir.join("root.json");
    match &arguments.command {
        Command::Init { trusted_root } => {
            std::fs::create_dir_all(&arguments.metadata_dir)?;
            std::fs::copy(trusted_root, root)?;
            Ok(())
        }
        Command::Refresh => load(&arguments, &root).await.map(drop),
        Command::Download => {
            let repository = load(&arguments, &root).await?;
            let folder = arguments.target_dir.as_deref().ok_or("no --target-dir")?;
            std::fs::create_dir_all(folder)?;
            for name in &arguments.target_name {
                download(&repository, name, folder).await?;
            }
            Ok(())
        }
    }
}

async fn load(arguments: &Arguments, root: &Path) -> Result<Repository, Box<dyn Error>> {
    let metadata = slashed(arguments.metadata_url.as_ref().ok_or("no --metadata-url")?)?;
    let targets = match &arguments.target_base_url {
        Some(url) => slashed(url)?,
        None => metadata.clone(),
    };
    let trusted = std::fs::read(root)?;
    // The library keeps the latest time beside the roles, and the suite reads every file of its folder as a role.
    let mut store = arguments.metadata_dir.clone().into_os_string();
    store.push(".store");
    let store = PathBuf::from(store);
    std::fs::create_dir_all(&store)?;
    let loaded = RepositoryLoader::new(&trusted, metadata, targets)
        .transport(Web(Client::builder().no_proxy().build()?))
        .limits(Limits {
            max_root_updates: 256,
            ..Limits::default()
        })
        .datastore(&store)
        .expiration_enforcement(ExpirationEnforcement::Safe)
        .load()
        .await;
    // What was accepted on the way stands, whether the whole was or not.
    for role in [
        "root.json",
        "timestamp.json",
        "snapshot.json",
        "targets.json",
    ] {
        let (kept, shown) = (store.join(role), arguments.metadata_dir.join(role));
        if kept.is_file() {
            std::fs::copy(kept, shown)?;
        } else if role != "root.json" && shown.is_file() {
            std::fs::remove_file(shown)?;
        }
    }
    Ok(loaded?)
}

fn slashed(url: &Url) -> Result<Url, Box<dyn Error>> {
    let text = url.as_str();
    Ok(if text.ends_with('/') {
        url.clone()
    } else {
        format!("{text}/").parse()?
    })
}

async fn download(
    repository: &Repository,
    name: &str,
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let target = TargetName::new(name)?;
    let path = folder.join(name.replace('/', "%2F"));
    let known = repository.targets().signed.targets.get(&target);
    if let (Some(known), Ok(held)) = (known, std::fs::read(&path)) {
        let digest = ring::digest::digest(&ring::digest::SHA256, &held);
        if digest.as_ref() == known.hashes.sha256.as_ref() {
            return Ok(());
        }
    }
    let stream = repository
        .read_target(&target)
        .await?
        .ok_or("the repository has no such target")?;
    std::fs::write(path, stream.into_vec().await?)?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Web(Client);

#[async_trait]
impl Transport for Web {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let failed =
            |e: reqwest::Error| TransportError::new_with_cause(TransportErrorKind::Other, &url, e);
        let mut response = self.0.get(url.clone()).send().await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(TransportError::new(TransportErrorKind::FileNotFound, &url));
            }
            _ => return Err(TransportError::new(TransportErrorKind::Other, &url)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT_BYTES {
                return Err(TransportError::new(TransportErrorKind::Other, &url));
            }
        }
        Ok(Box::pin(stream::iter([Ok(Bytes::from(body))])))
    }
}
