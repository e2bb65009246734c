//! Tokens of one's own, simulated by SoftHSM.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where Debian's package libsofthsm2 and others put the library.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
];

/// The number of the attribute in which SoftHSM keeps a token's flags, as its file has it.
const TOKEN_FLAGS: [u8; 8] = 0x8000_534b_u64.to_be_bytes();
/// CKF_USER_PIN_LOCKED.
const PIN_LOCKED: u64 = 0x0004_0000;

/// A drawer of tokens.
pub(crate) struct Hsm {
    folder: TempDir,
    library: PathBuf,
}

impl Hsm {
    /// An empty drawer; `None`, with a line that says so, where SoftHSM is not installed.
    pub(crate) fn new() -> Option<Self> {
        let library = LIBRARIES.iter().map(PathBuf::from).find(|p| p.exists());
        let tool = Command::new("softhsm2-util").arg("--version").output();
        let (Some(library), true) = (library, tool.is_ok()) else {
            eprintln!("SKIPPED: softhsm2 is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tokens")).unwrap();
        fs::write(
            folder.path().join("softhsm2.conf"),
            format!(
                "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
                folder.path().join("tokens").display()
            ),
        )
        .unwrap();
        Some(Self { folder, library })
    }

    /// What programs find in their environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("SOFTHSM2_CONF", self.folder.path().join("softhsm2.conf")),
            ("MPAKA_PKCS11_MODULE", self.library.clone()),
        ]
    }

    /// A fresh token.
    pub(crate) fn token(&self, label: &str, pin: &str) {
        let made = Command::new("softhsm2-util")
            .envs(self.environment())
            .arg("--module")
            .arg(&self.library)
            .args(["--init-token", "--free", "--so-pin", "officer-87654321"])
            .args(["--label", label, "--pin", pin])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{label}: {said}");
    }

    /// The folder in which SoftHSM keeps a token.
    fn folder_of(&self, label: &str) -> PathBuf {
        // Labels are padded with blanks: root-1 is not root-10.
        let padded = format!("{label} ");
        fs::read_dir(self.folder.path().join("tokens"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| {
                contains(
                    &fs::read(path.join("token.object")).unwrap(),
                    padded.as_bytes(),
                )
            })
            .unwrap_or_else(|| panic!("no token {label}"))
    }

    /// Where a token lies that is not plugged in.
    fn beside(&self, label: &str) -> PathBuf {
        self.folder.path().join(format!("beside-{label}"))
    }

    /// Pulls a token out.
    pub(crate) fn pull_out(&self, label: &str) {
        let (from, beside) = (self.folder_of(label), self.beside(label));
        fs::create_dir(&beside).unwrap();
        fs::rename(&from, beside.join(from.file_name().unwrap())).unwrap();
    }

    /// Plugs it in again.
    pub(crate) fn plug_in(&self, label: &str) {
        let beside = self.beside(label);
        let token = fs::read_dir(&beside).unwrap().next().unwrap().unwrap();
        let to = self.folder.path().join("tokens").join(token.file_name());
        fs::rename(token.path(), to).unwrap();
        fs::remove_dir(beside).unwrap();
    }

    /// Takes every key out of a token, as its security officer may.
    pub(crate) fn empty(&self, label: &str) {
        for entry in fs::read_dir(self.folder_of(label)).unwrap() {
            let path = entry.unwrap().path();
            let is_object = path.extension().is_some_and(|e| e == "object");
            if is_object && path.file_name().unwrap() != "token.object" {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// Brings a key into a token that was made outside it.
    pub(crate) fn bring_in(&self, label: &str, object: &str, pin: &str) {
        // PKCS#8 of an Ed25519 key (RFC 8410 section 7), its seed last.
        let mut key = hex::decode("302e020100300506032b657004220420").unwrap();
        key.extend([7; 32]);
        let file = self.folder.path().join("outside.pem");
        fs::write(&file, pem::encode(&pem::Pem::new("PRIVATE KEY", key))).unwrap();
        let brought = Command::new("softhsm2-util")
            .envs(self.environment())
            .arg("--module")
            .arg(&self.library)
            .arg("--import")
            .arg(&file)
            .args([
                "--token", label, "--label", object, "--id", "01", "--pin", pin,
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&brought.stderr);
        assert!(brought.status.success(), "{label}: {said}");
    }

    /// Locks a token as hardware does after wrong PINs; SoftHSM itself never does.
    pub(crate) fn lock(&self, label: &str) {
        let path = self.folder_of(label).join("token.object");
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(8).position(|w| w == TOKEN_FLAGS).unwrap();
        // The attribute's number, its kind, its value: eight bytes each.
        let value = &mut bytes[at + 16..at + 24];
        let flags = u64::from_be_bytes((&*value).try_into().unwrap()) | PIN_LOCKED;
        value.copy_from_slice(&flags.to_be_bytes());
        fs::write(path, bytes).unwrap();
    }
}

pub(crate) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|w| w == wanted)
}

/// A file that its owner alone may read.
pub(crate) fn private_file(path: &Path, content: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}
