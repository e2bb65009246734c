//! What the signing code makes of keys that lie elsewhere: tokens are played by a table in memory. `tests/tokens`
//! tries the same with SoftHSM and the whole program.
#![allow(clippy::unwrap_used, clippy::panic)]

mod stick;

use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair};
use rules::{EditionNumber, OfficerId};
use seal::SealError;
use seal::bundle::publish::{
    self, Holder, InTokens, KeyFolder, Plan, PublishError, Quorum, Release, Role,
};
use seal::hq::HqPrivate;
use seal::receipt::Receipt;
use seal::token::{TokenFault, TokenKey, Tokens};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use stick::{Box, day};
use tempfile::TempDir;

/// The PIN of every token here.
const PIN: &str = "2468";

/// Tokens by their URIs: the key, and whether it is plugged in.
#[derive(Debug, Default)]
struct Drawer {
    keys: Mutex<BTreeMap<String, Vec<u8>>>,
    absent: Arc<Mutex<BTreeSet<String>>>,
}

struct Played {
    pair: Ed25519KeyPair,
    uri: String,
    absent: Arc<Mutex<BTreeSet<String>>>,
}

impl Played {
    fn here(&self) -> Result<(), TokenFault> {
        match self.absent.lock().unwrap().contains(&self.uri) {
            false => Ok(()),
            true => Err(TokenFault::Absent(
                format!("{} is not here", self.uri).into(),
            )),
        }
    }
}

impl std::fmt::Debug for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Played")
    }
}

impl TokenKey for Played {
    fn public(&self) -> [u8; 32] {
        self.pair.public_key().as_ref().try_into().unwrap()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], TokenFault> {
        self.here()?;
        Ok(self.pair.sign(message).as_ref().try_into().unwrap())
    }
}

impl Drawer {
    fn key(&self, uri: &str, pin: Option<&str>) -> Result<Arc<dyn TokenKey>, TokenFault> {
        if pin.is_some_and(|pin| pin != PIN) {
            return Err(TokenFault::Failed("the PIN is wrong".into()));
        }
        let keys = self.keys.lock().unwrap();
        let pkcs8 = keys.get(uri).ok_or(TokenFault::Failed("no key".into()))?;
        let played = Played {
            pair: Ed25519KeyPair::from_pkcs8(pkcs8).unwrap(),
            uri: uri.to_owned(),
            absent: Arc::clone(&self.absent),
        };
        played.here()?;
        Ok(Arc::new(played))
    }

    fn pull_out(&self, uri: &str) {
        self.absent.lock().unwrap().insert(uri.to_owned());
    }
}

impl Tokens for Drawer {
    fn make(&self, uri: &str, pin: Option<&str>) -> Result<Arc<dyn TokenKey>, TokenFault> {
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let pkcs8 = pkcs8.as_ref().to_vec();
        self.keys.lock().unwrap().insert(uri.to_owned(), pkcs8);
        self.key(uri, pin)
    }

    fn open(
        &self,
        uri: &str,
        _: &[u8; 32],
        pin: Option<&str>,
    ) -> Result<Arc<dyn TokenKey>, TokenFault> {
        self.key(uri, pin)
    }
}

/// A headquarters whose root keys and whose holder's key lie in tokens.
struct Held {
    folder: TempDir,
    drawer: Arc<Drawer>,
}

impl Held {
    fn new() -> Self {
        let held = Self {
            folder: tempfile::tempdir().unwrap(),
            drawer: Arc::new(Drawer::default()),
        };
        let plan = Plan {
            root: Quorum::new(2, 3).unwrap(),
            targets: Quorum::ONE,
            snapshot: Quorum::ONE,
            timestamp: Quorum::ONE,
            root_expires_at: day(1800),
            holders: vec![wanjiru(PIN)],
        };
        let uris = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let in_tokens = InTokens {
            uris: BTreeMap::from([
                (Role::Root, uris(&["root-a", "root-b", "root-c"])),
                (Role::Targets, uris(&["wanjiru"])),
                (Role::Snapshot, uris(&["machine"])),
            ]),
            ..held.in_tokens()
        };
        publish::ceremony_with(&held.path("keys"), &held.path("roots"), &plan, &in_tokens).unwrap();
        held
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn tokens(&self) -> Arc<dyn Tokens> {
        self.drawer.clone()
    }

    fn in_tokens(&self) -> InTokens {
        InTokens {
            tokens: self.tokens(),
            uris: BTreeMap::new(),
        }
    }

    fn keys(&self) -> KeyFolder {
        KeyFolder::open_with(&self.path("keys"), self.tokens()).unwrap()
    }

    fn publish(&self, keys: &KeyFolder, number: u64) -> Result<(), PublishError> {
        let content = tempfile::tempdir().unwrap();
        for name in ["persons", "documents.bin"] {
            fs::write(content.path().join(name), format!("{name} {number}")).unwrap();
        }
        let release = Release {
            edition: EditionNumber(number),
            signing: number,
            made_at: day(0),
            expires_at: day(30),
            rollout: None,
        };
        let (roots, out) = (self.path("roots"), self.path("repository"));
        publish::publish(content.path(), keys, &roots, &out, &release).map(drop)
    }

    fn rotate(&self) -> Result<u64, PublishError> {
        let (keys, roots) = (self.path("keys"), self.path("roots"));
        let none = BTreeSet::new();
        publish::rotate_with(&keys, &roots, &none, &[], day(1900), &self.in_tokens())
            .map(|record| record.root_version)
    }
}

fn wanjiru(pin: &str) -> Holder {
    Holder {
        name: OfficerId::new("a.wanjiru").unwrap(),
        passphrase: pin.to_owned().into(),
    }
}

fn versions(folder: &Path) -> BTreeMap<String, u64> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let file: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            (name, file["version"].as_u64().unwrap())
        })
        .collect()
}

#[test]
fn keys_in_tokens_sign_like_keys_in_files_and_one_that_is_absent_is_passed_over() {
    let hq = Held::new();
    for (name, version) in versions(&hq.path("keys")) {
        let in_file = name.starts_with("timestamp-");
        assert_eq!(version, if in_file { 2 } else { 3 }, "{name}");
    }
    let mut keys = hq.keys();
    assert!(matches!(
        hq.publish(&keys, 1),
        Err(PublishError::KeysMissing { locked: 1, .. })
    ));
    let wrong = keys.unlock(&wanjiru("1357"));
    assert!(matches!(
        wrong,
        Err(PublishError::Key(SealError::Token(TokenFault::Failed(_))))
    ));
    let mut keys = hq.keys();
    keys.unlock(&wanjiru(PIN)).unwrap();
    assert_eq!(keys.holders(Role::Targets).len(), 1);
    hq.publish(&keys, 1).unwrap();
    let post = Box {
        root: fs::read(hq.path("roots/1.root.json")).unwrap(),
        folder: tempfile::tempdir().unwrap(),
    };
    assert_eq!(post.take(&hq.path("repository"), day(1)).unwrap().0, 1);

    // One keeper away: the two others sign. Two away: the missing one is named.
    hq.drawer.pull_out("root-a");
    assert_eq!(hq.rotate().unwrap(), 2);
    hq.publish(&keys, 2).unwrap();
    assert_eq!(post.take(&hq.path("repository"), day(1)).unwrap().0, 2);
    hq.drawer.pull_out("root-b");
    let missing = hq.rotate().unwrap_err();
    assert!(
        matches!(
            &missing,
            PublishError::Key(SealError::Token(TokenFault::Absent(_)))
        ),
        "{missing:?}"
    );
    // Pulled out after it was opened: what it says comes through the signing library as it was said.
    hq.drawer.pull_out("wanjiru");
    let missing = hq.publish(&keys, 3).unwrap_err();
    assert_eq!(missing.to_string(), "wanjiru is not here");
    assert_eq!(post.take(&hq.path("repository"), day(1)).unwrap().0, 2);
    // Whoever knows no way to tokens signs with none.
    let blind = KeyFolder::open(&hq.path("keys")).unwrap();
    assert!(hq.publish(&blind, 3).is_err());
}

#[test]
fn receipts_are_signed_in_a_token_and_parcels_are_opened_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hq-private.json");
    let drawer = Arc::new(Drawer::default());
    let tokens: Arc<dyn Tokens> = drawer.clone();
    let made = HqPrivate::open_or_create_in(&path, None, Some("machine"), &tokens).unwrap();
    assert_eq!(made.receipts_in(), Some("machine"));
    assert_eq!(versions(folder.path())["hq-private.json"], 3);
    let opened = HqPrivate::open_with(&path, &tokens).unwrap();
    assert_eq!(opened.public(), made.public());
    let receipt = || Receipt {
        post: rules::PostId::new("UTO-1").unwrap(),
        up_to: rules::Sequence(0),
        ledger: seal::chain::Head::start(&rules::PostId::new("UTO-1").unwrap()),
        at: Timestamp::UNIX_EPOCH,
    };
    opened.ready().unwrap();
    let signed = receipt().sign(&opened).unwrap();
    signed.verify(made.public()).unwrap();

    drawer.pull_out("machine");
    let closed = HqPrivate::open_with(&path, &tokens).unwrap();
    assert_eq!(
        closed.public(),
        made.public(),
        "the file opens all the same"
    );
    for refused in [closed.ready(), receipt().sign(&closed).map(drop)] {
        assert!(matches!(
            refused,
            Err(SealError::Token(TokenFault::Absent(_)))
        ));
    }
    assert!(HqPrivate::open(&path).unwrap().ready().is_err());
}
