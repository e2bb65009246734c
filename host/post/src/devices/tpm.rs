//! The box's TPM 2.0, through Debian's tpm2-tools: it keeps the key that seals the box's keys, and gives it
//! back only on this box, while it starts the way it was started when they were sealed (PCR 7, where the
//! machine measures), and only to whoever knows the PIN, where one was set.

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// Which start-up measurements must be as they were: secure boot's state and keys.
const PCRS: &str = "sha256:7";

/// Why the TPM did not do it.
#[derive(Debug, thiserror::Error)]
pub enum TpmError {
    /// The tools are absent: install tpm2-tools.
    #[error("{0} is not installed: apt-get install tpm2-tools")]
    NoTools(&'static str),
    /// There is no TPM, it is another box's, the box was started another way, or the PIN is wrong.
    #[error(
        "the TPM does not give the key (another box, another start-up, a wrong PIN, or no TPM): {0}"
    )]
    Refused(String),
    /// Its scratch folder could not be used.
    #[error("the TPM's scratch folder: {0}")]
    Scratch(#[from] std::io::Error),
    /// The system gives no chance numbers: restart the box.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// A newer program sealed the keys: install it again.
    #[error(
        "the keys were sealed by a newer program (version {0}; this one reads up to {VERSION})"
    )]
    Newer(u16),
    /// What it wrote when it sealed is damaged.
    #[error("what the TPM wrote when it sealed is damaged")]
    Damaged,
}

/// The version that this program writes.
const VERSION: u16 = 2;

/// What the TPM needs to give a key back; worth nothing without it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blob {
    tpm: u16,
    #[serde(with = "hex::serde")]
    public: Vec<u8>,
    #[serde(with = "hex::serde")]
    private: Vec<u8>,
    pin: bool,
    /// From version 2 on: the share that the PIN gives, where one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<Share>,
}

/// Half of a key. Both halves are random by themselves; together they are the key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    #[serde(with = "hex::serde")]
    public: Vec<u8>,
    #[serde(with = "hex::serde")]
    private: Vec<u8>,
}

/// What an object in the TPM asks for before it is given back.
enum Asks<'a> {
    /// The start-up measurements.
    StartUp,
    /// The PIN; wrong ones are counted by the TPM.
    Pin(&'a str),
}

/// Has the TPM keep 32 bytes; what it needs to give them back.
///
/// With a PIN the key is kept as two shares, one under the start-up measurements and one under the PIN: tpm2-tools
/// take a PIN that goes with a policy on the command line alone, where other programs see it, but one by itself from
/// standard input.
///
/// # Errors
/// [`TpmError`].
pub(crate) fn keep(key: &[u8; 32], pin: Option<&str>, scratch: &Path) -> Result<Vec<u8>, TpmError> {
    let folder = between_tools(scratch)?;
    let folder = folder.path();
    primary(folder)?;
    let mut started = Zeroizing::new(*key);
    let share = match pin {
        None => None,
        Some(pin) => {
            let mut mask = Zeroizing::new([0u8; 32]);
            SystemRandom::new()
                .fill(mask.as_mut())
                .map_err(|_| TpmError::NoRandom)?;
            for (byte, masking) in started.iter_mut().zip(mask.iter()) {
                *byte ^= masking;
            }
            let (public, private) = create(&mask, &Asks::Pin(pin), folder)?;
            Some(Share { public, private })
        }
    };
    let (public, private) = create(&started, &Asks::StartUp, folder)?;
    let blob = Blob {
        tpm: VERSION,
        public,
        private,
        pin: pin.is_some(),
        share,
    };
    serde_json::to_vec(&blob).map_err(|_| TpmError::Damaged)
}

/// Makes an object of 32 bytes under the primary key.
fn create(
    secret: &[u8; 32],
    asks: &Asks<'_>,
    folder: &Path,
) -> Result<(Vec<u8>, Vec<u8>), TpmError> {
    let arg = |name: &str| folder.join(name).display().to_string();
    let mut words: Vec<String> = ["-g", "sha256", "-i", "-"].map(Into::into).into();
    for (flag, file) in [("-C", "primary"), ("-u", "public"), ("-r", "private")] {
        words.extend([flag.to_owned(), arg(file)]);
    }
    match asks {
        Asks::StartUp => {
            let (session, policy) = (arg("session"), arg("policy"));
            run("tpm2_startauthsession", &["-S", &session], &[])?;
            run(
                "tpm2_policypcr",
                &["-S", &session, "-l", PCRS, "-L", &policy],
                &[],
            )?;
            run("tpm2_flushcontext", &[&session], &[])?;
            words.extend(["-L".into(), policy]);
            words.extend(["-a".into(), "fixedtpm|fixedparent".into()]);
        }
        Asks::Pin(pin) => {
            write(&folder.join("pin"), pin.as_bytes())?;
            words.extend(["-p".into(), format!("file:{}", arg("pin"))]);
            words.extend(["-a".into(), "fixedtpm|fixedparent|userwithauth".into()]);
        }
    }
    run_owned("tpm2_create", &words, secret)?;
    make_room()?;
    let made = |name: &str| std::fs::read(folder.join(name));
    Ok((made("public")?, made("private")?))
}

/// Has the TPM give the 32 bytes back.
///
/// # Errors
/// [`TpmError`].
pub(crate) fn give(
    blob: &[u8],
    pin: Option<&str>,
    scratch: &Path,
) -> Result<Zeroizing<[u8; 32]>, TpmError> {
    let blob: Blob = serde_json::from_slice(blob).map_err(|_| TpmError::Damaged)?;
    if blob.tpm > VERSION {
        return Err(TpmError::Newer(blob.tpm));
    }
    let folder = between_tools(scratch)?;
    let folder = folder.path();
    primary(folder)?;
    let pin = pin.unwrap_or_default();
    // Before version 2 the PIN went with the policy of the one object.
    let with_policy = (blob.pin && blob.share.is_none()).then_some(pin);
    let mut key = started(&blob.public, &blob.private, with_policy, folder)?;
    if let Some(share) = &blob.share {
        let object = load(&share.public, &share.private, folder)?;
        let given = run(
            "tpm2_unseal",
            &["-c", &object, "-p", "file:-"],
            pin.as_bytes(),
        )?;
        make_room()?;
        for (byte, masking) in key.iter_mut().zip(thirty_two(&given)?.iter()) {
            *byte ^= masking;
        }
    }
    Ok(key)
}

/// What is given back while the box has started as it did when its keys were sealed.
fn started(
    public: &[u8],
    private: &[u8],
    pin: Option<&str>,
    folder: &Path,
) -> Result<Zeroizing<[u8; 32]>, TpmError> {
    let object = load(public, private, folder)?;
    let session = folder.join("session").display().to_string();
    run(
        "tpm2_startauthsession",
        &["--policy-session", "-S", &session],
        &[],
    )?;
    run("tpm2_policypcr", &["-S", &session, "-l", PCRS], &[])?;
    let mut auth = format!("session:{session}");
    if let Some(pin) = pin {
        run("tpm2_policyauthvalue", &["-S", &session], &[])?;
        auth.push('+');
        auth.push_str(pin);
    }
    let given = run("tpm2_unseal", &["-c", &object, "-p", &auth], &[]);
    // The session is no use to anybody now, whether it was granted or not.
    let _ = run("tpm2_flushcontext", &[&session], &[]);
    let given = given?;
    make_room()?;
    thirty_two(&given)
}

/// Loads an object under the primary key; the file of its context.
fn load(public: &[u8], private: &[u8], folder: &Path) -> Result<String, TpmError> {
    let arg = |name: &str| folder.join(name).display().to_string();
    write(&folder.join("public"), public)?;
    write(&folder.join("private"), private)?;
    let (primary, object) = (arg("primary"), arg("object"));
    run(
        "tpm2_load",
        &[
            "-C",
            &primary,
            "-u",
            &arg("public"),
            "-r",
            &arg("private"),
            "-c",
            &object,
        ],
        &[],
    )?;
    make_room()?;
    Ok(object)
}

fn thirty_two(given: &[u8]) -> Result<Zeroizing<[u8; 32]>, TpmError> {
    let mut key = Zeroizing::new([0; 32]);
    if given.len() != key.len() {
        return Err(TpmError::Damaged);
    }
    key.copy_from_slice(given);
    Ok(key)
}

/// The storage key of the owner, made from the TPM's own seed: the same every time.
fn primary(folder: &Path) -> Result<(), TpmError> {
    let context = folder.join("primary").display().to_string();
    run(
        "tpm2_createprimary",
        &["-C", "o", "-g", "sha256", "-G", "ecc", "-c", &context],
        &[],
    )?;
    make_room()
}

/// A TPM holds three objects at a time; where no resource manager swaps them, each goes once it is saved.
fn make_room() -> Result<(), TpmError> {
    run("tpm2_flushcontext", &["-t"], &[]).map(drop)
}

/// A folder in memory for what the tools pass to each other.
fn between_tools(scratch: &Path) -> Result<tempfile::TempDir, TpmError> {
    Ok(tempfile::Builder::new()
        .prefix("tpm-")
        .tempdir_in(scratch)?)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), TpmError> {
    Ok(std::fs::write(path, bytes)?)
}

fn run(
    program: &'static str,
    arguments: &[&str],
    input: &[u8],
) -> Result<Zeroizing<Vec<u8>>, TpmError> {
    let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
    run_owned(program, &arguments, input)
}

fn run_owned(
    program: &'static str,
    arguments: &[String],
    input: &[u8],
) -> Result<Zeroizing<Vec<u8>>, TpmError> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(TpmError::NoTools(program));
        }
        started => started?,
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that needs no input may have closed its end already.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output()?;
    let stdout = Zeroizing::new(output.stdout);
    if output.status.success() {
        return Ok(stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said
        .lines()
        .find(|l| l.contains("ERROR"))
        .unwrap_or("it says nothing");
    Err(TpmError::Refused(said.to_owned()))
}
