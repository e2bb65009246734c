//! From a package's name to its archive's bytes, by the field's own client: pip. It knows the machine's
//! index, mirror, proxy and certificates (`PIP_INDEX_URL`, `pip.conf`), and refuses, before it opens an
//! archive, one whose SHA-256 is not the card's (`--require-hashes`). A source archive's own set-up
//! script is run by pip to learn its name: only after that check, and with the tools that are here.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

/// Why pip did not bring an archive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PipError {
    #[error(
        "{program} cannot be started: {source}; install the Debian packages python3-pip and python3-setuptools"
    )]
    NotStarted {
        program: String,
        source: std::io::Error,
    },
    #[error("pip: {0}")]
    Refused(String),
    #[error("what pip brought cannot be read: {0}")]
    Disk(#[from] std::io::Error),
}

/// An archive of a package, as cards name it.
#[derive(Clone, Copy)]
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) archive: &'a str,
    /// Its length; one byte more is read at most, so that a larger file shows as one.
    pub(crate) bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(crate) digest: &'a str,
}

/// pip, as this machine starts it.
pub(crate) struct Pip {
    command: Vec<OsString>,
}

impl Pip {
    /// The pip of Debian's own Python: another Python that stands first on the path may lack the
    /// set-up tools that a source archive needs.
    pub(crate) fn of_machine() -> Self {
        Self {
            command: ["/usr/bin/python3", "-m", "pip"].map(OsString::from).into(),
        }
    }

    /// The archive's bytes. pip shows its progress on our standard error.
    pub(crate) fn download(&self, package: &Package<'_>) -> Result<Vec<u8>, PipError> {
        let folder = tempfile::tempdir()?;
        let requirement = folder.path().join("requirement.txt");
        std::fs::write(
            &requirement,
            format!(
                "{}=={} --hash=sha256:{}\n",
                package.name, package.version, package.digest
            ),
        )?;
        // A package may be there in both kinds; the digest is that of one.
        let other_kind = match package.archive.ends_with(".whl") {
            true => "--only-binary",
            false => "--no-binary",
        };
        let mut command = Command::new(&self.command[0]);
        command
            .args(&self.command[1..])
            .args(["download", "--no-input", "--disable-pip-version-check"])
            .args(["--no-deps", "--no-build-isolation", "--require-hashes"])
            .args([other_kind, ":all:", "--dest"])
            .arg(folder.path())
            .arg("--requirement")
            .arg(&requirement)
            .stdin(Stdio::null())
            .stdout(Stdio::from(std::io::stderr()))
            .stderr(Stdio::piped());
        let ended = command
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .map_err(|source| PipError::NotStarted {
                program: self.command[0].to_string_lossy().into_owned(),
                source,
            })?;
        if !ended.status.success() {
            return Err(PipError::Refused(last_words(&ended.stderr)));
        }
        let mut content = Vec::new();
        File::open(folder.path().join(package.archive))?
            .take(package.bytes.saturating_add(1))
            .read_to_end(&mut content)?;
        Ok(content)
    }
}

/// The last line that pip wrote: its errors end with what matters.
fn last_words(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr)
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("it failed and did not say why")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: Package<'static> = Package {
        name: "a_b",
        version: "1.0",
        archive: "a_b-1.0.whl",
        bytes: 10,
        digest: "00ff",
    };

    /// A stand-in that finds pip's `--dest` and `--requirement` among its words as `$dest` and `$file`.
    fn shell(script: &str) -> Pip {
        let words = r#"while [ $# -gt 0 ]; do case "$1" in
            --dest) dest=$2 ;; --requirement) file=$2 ;; --require-hashes) hashes=yes ;;
            esac; shift; done; "#;
        Pip {
            command: ["sh", "-c", &format!("{words}{script}"), "pip"]
                .map(OsString::from)
                .into(),
        }
    }

    #[test]
    fn the_very_archive_is_asked_for_by_its_digest() {
        let pip = shell(r#"[ "$hashes" = yes ] && cp "$file" "$dest/a_b-1.0.whl""#);
        let package = Package {
            bytes: 100,
            ..PACKAGE
        };
        assert_eq!(
            pip.download(&package).expect("had"),
            b"a_b==1.0 --hash=sha256:00ff\n"
        );
    }

    #[test]
    fn an_archive_that_is_too_long_shows() {
        let pip = shell(r#"head -c 4096 /dev/zero > "$dest/a_b-1.0.whl""#);
        assert_eq!(pip.download(&PACKAGE).expect("had").len(), 11);
    }

    #[test]
    fn what_pip_says_last_is_passed_on() {
        let pip = shell("echo first >&2; echo 'ERROR: no such package' >&2; echo >&2; exit 1");
        let error = pip.download(&PACKAGE).expect_err("refused");
        assert_eq!(error.to_string(), "pip: ERROR: no such package");
    }

    #[test]
    fn success_without_the_archive_is_no_success() {
        assert!(matches!(
            shell("exit 0").download(&PACKAGE),
            Err(PipError::Disk(_))
        ));
    }

    #[test]
    fn a_machine_without_pip_is_told_which_package_brings_it() {
        let pip = Pip {
            command: vec!["/no/such/python".into()],
        };
        let error = pip.download(&PACKAGE).expect_err("nothing to start");
        assert!(error.to_string().contains("python3-pip"), "{error}");
    }
}
