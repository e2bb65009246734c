//! The box's TPM 2.0, through Debian's tpm2-tools: it keeps the key that seals the box's keys, and gives it
//! back only on this box, while it starts the way it was started when they were sealed (PCR 7, where the
//! machine measures), and only to whoever knows the PIN, where one was set.

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
    /// What it wrote when it sealed is damaged.
    #[error("what the TPM wrote when it sealed is damaged")]
    Damaged,
}

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
}

/// Has the TPM keep 32 bytes; what it needs to give them back.
///
/// # Errors
/// [`TpmError`].
pub(crate) fn keep(key: &[u8; 32], pin: Option<&str>, scratch: &Path) -> Result<Vec<u8>, TpmError> {
    let folder = between_tools(scratch)?;
    let at = |name: &str| folder.path().join(name);
    let arg = |name: &str| at(name).display().to_string();
    primary(&arg("primary"))?;
    run("tpm2_startauthsession", &["-S", &arg("session")], &[])?;
    let (session, policy) = (arg("session"), arg("policy"));
    run(
        "tpm2_policypcr",
        &["-S", &session, "-l", PCRS, "-L", &policy],
        &[],
    )?;
    if pin.is_some() {
        run(
            "tpm2_policyauthvalue",
            &["-S", &session, "-L", &policy],
            &[],
        )?;
    }
    run("tpm2_flushcontext", &[&arg("session")], &[])?;
    let words = [
        "-C",
        "primary",
        "-g",
        "sha256",
        "-i",
        "-",
        "-L",
        "policy",
        "-u",
        "public",
        "-r",
        "private",
        "-a",
        "fixedtpm|fixedparent",
    ];
    let mut create: Vec<String> = words
        .iter()
        .map(|&word| match word {
            "primary" | "policy" | "public" | "private" => arg(word),
            word => word.to_owned(),
        })
        .collect();
    if let Some(pin) = pin {
        write(&at("pin"), pin.as_bytes())?;
        create.extend(["-p".into(), format!("file:{}", arg("pin"))]);
    }
    run_owned("tpm2_create", &create, key)?;
    make_room()?;
    let blob = Blob {
        tpm: 1,
        public: std::fs::read(at("public"))?,
        private: std::fs::read(at("private"))?,
        pin: pin.is_some(),
    };
    serde_json::to_vec(&blob).map_err(|_| TpmError::Damaged)
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
    let folder = between_tools(scratch)?;
    let at = |name: &str| folder.path().join(name);
    let arg = |name: &str| at(name).display().to_string();
    write(&at("public"), &blob.public)?;
    write(&at("private"), &blob.private)?;
    primary(&arg("primary"))?;
    run(
        "tpm2_load",
        &[
            "-C",
            &arg("primary"),
            "-u",
            &arg("public"),
            "-r",
            &arg("private"),
            "-c",
            &arg("object"),
        ],
        &[],
    )?;
    make_room()?;
    run(
        "tpm2_startauthsession",
        &["--policy-session", "-S", &arg("session")],
        &[],
    )?;
    run("tpm2_policypcr", &["-S", &arg("session"), "-l", PCRS], &[])?;
    let mut auth = format!("session:{}", arg("session"));
    if blob.pin {
        run("tpm2_policyauthvalue", &["-S", &arg("session")], &[])?;
        auth.push('+');
        auth.push_str(pin.unwrap_or_default());
    }
    let given = run("tpm2_unseal", &["-c", &arg("object"), "-p", &auth], &[]);
    // The session is no use to anybody now, whether it was granted or not.
    let _ = run("tpm2_flushcontext", &[&arg("session")], &[]);
    let given = given?;
    make_room()?;
    let mut key = Zeroizing::new([0; 32]);
    if given.len() != key.len() {
        return Err(TpmError::Damaged);
    }
    key.copy_from_slice(&given);
    Ok(key)
}

/// The storage key of the owner, made from the TPM's own seed: the same every time.
fn primary(context: &str) -> Result<(), TpmError> {
    run(
        "tpm2_createprimary",
        &["-C", "o", "-g", "sha256", "-G", "ecc", "-c", context],
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
