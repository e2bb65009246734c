//! `mpaka chip`: whether a chip's files are what a state signed.

use super::chip_read::{self, ReadArgs};
use super::reading::checks_text;
use super::{Context, Out};
use crate::error::PostError;
use chip::files::FileId;
use chip::trust::Pinning;
use chip::{ChipError, Policy, TrustStore, Verification};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::{Check, Outcome};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// No elementary file is longer.
const LONGEST_FILE_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct ChipArgs {
    #[command(subcommand)]
    command: ChipCommand,
}

#[derive(Debug, Subcommand)]
enum ChipCommand {
    /// Read the chip in a reader's field, and judge it.
    Read(Box<ReadArgs>),
    /// Verify a security object, and the elementary files read with it.
    Verify(VerifyArgs),
}

/// Whom to believe.
#[derive(Debug, Args)]
pub(super) struct TrustHere {
    /// Country signers: master lists, certificates in PEM or DER, or folders of these.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    trust: Vec<PathBuf>,
    /// Revocation lists of those country signers.
    #[arg(long, num_args = 1.., value_name = "PATH")]
    crl: Vec<PathBuf>,
}

impl TrustHere {
    /// A store of what was given; `None` where nothing was. What is not believed is named on stderr.
    pub(super) fn store(&self, at: Date) -> Result<Option<TrustStore>, PostError> {
        let paths: Vec<&PathBuf> = self.trust.iter().chain(&self.crl).collect();
        if paths.is_empty() {
            return Ok(None);
        }
        let mut store = TrustStore::new();
        // Who runs the command vouches for the files named on it; a list must still hold within itself.
        let taken = store.add_paths(&paths, Pinning::OperatorsWord, at)?;
        for refused in &taken.refused {
            eprintln!("mpaka: {refused}");
        }
        Ok(Some(store))
    }
}

#[derive(Debug, Args)]
struct VerifyArgs {
    #[command(flatten)]
    trust: TrustHere,
    /// The day to judge on [default: today].
    #[arg(long, value_name = "YYYY-MM-DD")]
    at: Option<Date>,
    /// EF.SOD and the elementary files read with it, told apart by their tags.
    #[arg(value_name = "SOD [EF]")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct VerifyObject<'a> {
    sod: String,
    signer: Option<&'a str>,
    country: Option<&'a str>,
    algorithm: Option<&'a str>,
    checks: &'a [Check],
    outcome: Outcome,
}

pub(super) fn run(context: &Context, args: ChipArgs) -> Result<(), PostError> {
    match args.command {
        ChipCommand::Read(args) => chip_read::run(context, *args),
        ChipCommand::Verify(args) => verify(context.out, args),
    }
}

fn verify(out: Out, mut args: VerifyArgs) -> Result<(), PostError> {
    if args.files.is_empty() {
        args.files = behind_options(&mut args.trust)?;
    }
    if args.trust.trust.is_empty() {
        return Err(PostError::Usage("give the country signers with --trust"));
    }
    let at = args.at.unwrap_or_else(|| {
        Timestamp::now()
            .to_zoned_datetime(TimeZone::system())
            .date()
    });
    let mut read = Vec::new();
    for path in &args.files {
        read.push((path, bytes_of(path)?));
    }
    let is_sod = |bytes: &[u8]| FileId::Sod.begins(bytes);
    let place = read.iter().position(|(_, bytes)| is_sod(bytes));
    // Where none is a security object the first is meant to be one, and the answer says what is wrong.
    let (path, sod) = read.remove(place.unwrap_or(0));
    let store = args.trust.store(at)?.unwrap_or_default();
    let efs: Vec<&[u8]> = read.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let found = chip::verify(&sod, &efs, &store, at, &Policy::default());
    let object = VerifyObject {
        sod: path.display().to_string(),
        signer: found.signer.as_deref(),
        country: found.country.as_deref(),
        algorithm: found.algorithm.as_deref(),
        checks: &found.checks,
        outcome: found.outcome,
    };
    out.answer(&object, || text(&object.sod, &found))
}

/// The security object and what follows it, where an option that takes several paths stood before them and
/// took them for its own: `--trust LIST SOD EF` reads as meant.
fn behind_options(trust: &mut TrustHere) -> Result<Vec<PathBuf>, PostError> {
    for paths in [&mut trust.crl, &mut trust.trust] {
        for place in 0..paths.len() {
            if !paths[place].is_dir() && FileId::Sod.begins(&start_of(&paths[place])?) {
                return Ok(paths.split_off(place));
            }
        }
    }
    Err(PostError::Usage("give the security object to verify"))
}

fn unreadable(path: &Path, error: &std::io::Error) -> PostError {
    PostError::Chip(ChipError::Unreadable {
        path: path.to_owned(),
        why: error.kind(),
    })
}

fn start_of(path: &Path) -> Result<Vec<u8>, PostError> {
    take(path, 8)
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, PostError> {
    take(path, LONGEST_FILE_BYTES)
}

fn take(path: &Path, most: u64) -> Result<Vec<u8>, PostError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|e| unreadable(path, &e))?;
    Ok(bytes)
}

fn text(name: &str, found: &Verification) -> String {
    let mut text = format!("{name}: {}", found.outcome);
    let lines = [&found.signer, &found.country, &found.algorithm];
    for line in lines.into_iter().flatten() {
        text.push_str(&format!("\n  {line}"));
    }
    text.push_str(&checks_text(&found.checks));
    text
}
