//! `mpaka keys`: the box's keys at rest.

use super::{Context, StateHere};
use crate::devices::tpm;
use crate::error::PostError;
use crate::state::{KeysStanding, StateDir};
use clap::{Args, Subcommand};
use ring::rand::{SecureRandom, SystemRandom};
use seal::SealError;
use seal::durable;
use seal::vault::{self, Sealing, Unlocking};
use serde::Serialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A passphrase shorter than this is no passphrase, in characters.
const SHORTEST: usize = 12;
/// Nothing typed is longer, in bytes.
const LONGEST: u64 = 1024;

#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Whether the keys are sealed, and unlocked now.
    Status,
    /// Seal the keys: from then on the disk alone tells nothing. They stay unlocked until the power goes.
    Seal(By),
    /// Unlock the keys into memory, until the power goes: once at every start.
    Unlock(By),
    /// Lock the keys again now.
    Lock,
}

#[derive(Debug, Args)]
struct By {
    /// Read a passphrase (with --tpm: a PIN) from standard input.
    #[arg(long, required_unless_present = "tpm")]
    passphrase_stdin: bool,
    /// The box's TPM keeps the key.
    #[arg(long)]
    tpm: bool,
}

#[derive(Debug, Serialize)]
struct StatusObject {
    sealed: bool,
    unlocked: bool,
    by: Option<&'static str>,
}

pub(super) fn run(context: Context, args: &KeysArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let state = &context.state;
    match &args.command {
        KeysCommand::Status => {}
        KeysCommand::Seal(by) => seal_keys(state, by)?,
        KeysCommand::Unlock(by) => unlock(state, by)?,
        KeysCommand::Lock => lock(state)?,
    }
    let standing = state.keys_standing();
    let by = match standing {
        KeysStanding::Unsealed => None,
        _ => Some(match vault::unlocking(&state.sealed_keys())? {
            Unlocking::Passphrase => "passphrase",
            Unlocking::Kept(_) => "tpm",
        }),
    };
    let object = StatusObject {
        sealed: standing != KeysStanding::Unsealed,
        unlocked: standing != KeysStanding::Locked,
        by,
    };
    context.out.answer(&object, || standing.to_string())
}

fn seal_keys(state: &StateDir, by: &By) -> Result<(), PostError> {
    if state.keys_standing() == KeysStanding::Locked {
        return Err(PostError::KeysLocked);
    }
    let keys = vault::gather(&state.keys(), StateDir::PRIVATE_KEYS)?;
    if keys.is_empty() {
        return Err(PostError::Usage("there are no keys yet: mpaka enrol first"));
    }
    let memory = memory_folder(state)?;
    let word = by.word()?;
    let beside = state.root().join("keys.sealing");
    if by.tpm {
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *key)
            .map_err(|_| SealError::NoRandomness)?;
        let by = tpm::keep(&key, word.as_ref().map(|w| w.as_str()), &memory)?;
        vault::seal(&beside, &keys, &Sealing::Kept { key: &key, by })?;
    } else {
        let word = word.as_ref().map_or("", |w| w.as_str());
        if word.chars().count() < SHORTEST {
            return Err(PostError::Usage("a passphrase has at least 12 characters"));
        }
        vault::seal(&beside, &keys, &Sealing::Passphrase(word))?;
    }
    // What was sealed must open, and the keys must be in memory, before what is in the clear goes.
    let opened = open(&beside, word.as_ref().map(|w| w.as_str()), &memory)?;
    if opened != keys {
        return Err(SealError::CannotUnlock.into());
    }
    vault::spread(&memory, &keys)?;
    std::fs::rename(&beside, state.sealed_keys()).map_err(|e| PostError::text(&beside, e))?;
    durable::sync_folder(state.root()).map_err(|e| PostError::text(state.root(), e))?;
    shred_clear(state)
}

/// Takes keys in the clear off the disk: after sealing, and after a sealing that a power cut interrupted.
fn shred_clear(state: &StateDir) -> Result<(), PostError> {
    for name in StateDir::PRIVATE_KEYS {
        vault::shred(&state.root().join(name))?;
    }
    Ok(())
}

fn unlock(state: &StateDir, by: &By) -> Result<(), PostError> {
    let memory = memory_folder(state)?;
    let word = by.word()?;
    let keys = open(
        &state.sealed_keys(),
        word.as_ref().map(|w| w.as_str()),
        &memory,
    )?;
    vault::spread(&memory, &keys)?;
    shred_clear(state)
}

fn lock(state: &StateDir) -> Result<(), PostError> {
    if state.keys_standing() == KeysStanding::Unlocked {
        for name in StateDir::PRIVATE_KEYS {
            vault::shred(&state.keys().join(name))?;
        }
    }
    Ok(())
}

/// Opens what was sealed, with whatever it was sealed with.
fn open(sealed: &Path, word: Option<&str>, memory: &Path) -> Result<vault::Keys, PostError> {
    Ok(match vault::unlocking(sealed)? {
        Unlocking::Passphrase => {
            vault::unlock(sealed, &Sealing::Passphrase(word.unwrap_or_default()))?
        }
        Unlocking::Kept(by) => {
            let key = tpm::give(&by, word, memory)?;
            vault::unlock(sealed, &Sealing::Kept { key: &key, by })?
        }
    })
}

/// The folder that the keys are unlocked into: in memory, and the owner's alone.
fn memory_folder(state: &StateDir) -> Result<PathBuf, PostError> {
    use std::os::unix::fs::DirBuilderExt;
    let folder = state.memory();
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|e| PostError::text(&folder, e))?;
    /// Of statfs(2): file systems that live in memory.
    const TMPFS: i64 = 0x0102_1994;
    const RAMFS: i64 = 0x8584_58f6;
    let about = rustix::fs::statfs(&folder).map_err(|e| PostError::text(&folder, e.into()))?;
    if about.f_type == TMPFS || about.f_type == RAMFS {
        return Ok(folder);
    }
    Err(PostError::NotInMemory(folder))
}

impl By {
    /// What was typed, without the end of its line.
    fn word(&self) -> Result<Option<Zeroizing<String>>, PostError> {
        if !self.passphrase_stdin {
            return Ok(None);
        }
        let mut typed = Zeroizing::new(String::with_capacity(LONGEST as usize));
        std::io::stdin()
            .take(LONGEST)
            .read_to_string(&mut typed)
            .map_err(|e| PostError::text(Path::new("standard input"), e))?;
        let word = Zeroizing::new(typed.trim_end_matches(['\r', '\n']).to_owned());
        Ok(Some(word))
    }
}
