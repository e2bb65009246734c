//! A box and its headquarters, as the tests of the store need them.
#![allow(dead_code, reason = "every test program uses a part of it")]

use mpaka_store as store;

use jiff::Timestamp;
use rules::encounter::DocumentRecord;
use rules::{
    Advice, Advised, Check, CheckId, DecisionKind, EditionNumber, LaneId, OfficerAct, OfficerId,
    Outcome, PostId, Sequence,
};
use seal::chain::Head;
use seal::device::DeviceKey;
use seal::hq::HqPrivate;
use seal::receipt::{Receipt, VerifiedReceipt};
use seal::storekey::StoreKey;
use std::path::{Path, PathBuf};
use store::{EncounterDraft, Sealer, Store, StoreError};

/// A traveller's name, which must never show where it does not belong.
pub(crate) const SURNAME: &str = "ERIKSSON";
/// Her document's number.
pub(crate) const NUMBER: &str = "L898902C3";
/// The officer.
pub(crate) const OFFICER: &str = "a.officer";

/// A box with its keys, and the headquarters it belongs to.
pub(crate) struct Appliance {
    pub(crate) state: PathBuf,
    pub(crate) post: PostId,
    pub(crate) key: StoreKey,
    pub(crate) device: DeviceKey,
    pub(crate) hq: HqPrivate,
    _folder: Option<tempfile::TempDir>,
}

impl Appliance {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut appliance = Self::at(folder.path());
        appliance._folder = Some(folder);
        appliance
    }

    /// One whose folder somebody else looks after.
    pub(crate) fn at(folder: &Path) -> Self {
        Self {
            state: folder.join("state"),
            post: PostId::new("UTO-1").unwrap(),
            key: StoreKey::open_or_create(&folder.join("store.key")).unwrap(),
            device: DeviceKey::open_or_create(&folder.join("device.key")).unwrap(),
            hq: HqPrivate::open_or_create(&folder.join("hq.json")).unwrap(),
            _folder: None,
        }
    }

    /// Another box with the same keys and a copy of the same state.
    pub(crate) fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let from = self.state.parent().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        for inner in [Path::new("."), Path::new("state")] {
            for entry in std::fs::read_dir(from.join(inner)).unwrap() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.file_name().unwrap();
                    std::fs::copy(&path, folder.path().join(inner).join(name)).unwrap();
                }
            }
        }
        let mut copy = Self::at(folder.path());
        copy._folder = Some(folder);
        copy
    }

    pub(crate) fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.state, &self.key, &self.post)
    }

    pub(crate) fn open(&self) -> Store {
        self.try_open().unwrap()
    }

    pub(crate) fn sealer(&self) -> Sealer<'_> {
        Sealer {
            device: &self.device,
            hq: self.hq.public(),
        }
    }

    /// Headquarters' word for what it has, taken from the headers of the parcels it got.
    pub(crate) fn receipt(&self, up_to: u64, ledger: Head) -> VerifiedReceipt {
        Receipt {
            post: self.post.clone(),
            up_to: Sequence(up_to),
            ledger,
            at: time(100_000),
        }
        .sign(&self.hq)
        .unwrap()
        .verify(self.hq.public())
        .unwrap()
    }

    /// Headquarters' word for the first `up_to` of the parcels that wait.
    pub(crate) fn receipt_for(&self, store: &Store, up_to: u64) -> VerifiedReceipt {
        let parcels = store.pending(usize::MAX).unwrap();
        let parcel = parcels
            .iter()
            .find(|p| p.header().sequence == Sequence(up_to))
            .unwrap();
        self.receipt(up_to, parcel.header().ledger)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.state.join("mpaka.db")
    }

    /// The database itself, opened past the store with the right key: what a thief with the key could do.
    pub(crate) fn connection(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        let pragma = format!("PRAGMA key = \"x'{}'\";", hex::encode(self.key.bytes()));
        connection.execute_batch(&pragma).unwrap();
        connection
    }
}

pub(crate) fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

/// An encounter that was decided.
pub(crate) fn draft(n: i64) -> EncounterDraft {
    let act = OfficerAct::new(OfficerId::new(OFFICER).unwrap(), time(n + 40));
    EncounterDraft {
        lane: LaneId::new("lane-1").unwrap(),
        opened_at: time(n),
        recorded_at: time(n + 41),
        document: Some(DocumentRecord {
            mrz: vec![
                format!("P<UTO{SURNAME}<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
                format!("{NUMBER}6UTO7408122F1204159ZE184226B<<<<<10"),
            ],
            mrz_before_correction: None,
        }),
        checks: CheckId::ALL
            .iter()
            .map(|id| Check::new(*id, Outcome::Successful, ""))
            .collect(),
        face_score: Some(0.71),
        candidates: vec![],
        edition: Some(EditionNumber(3)),
        advised: Advised {
            advice: Advice::Clear,
            reasons: vec![],
        },
        decision: Some(
            act.decide(DecisionKind::Admit, Advice::Clear, None)
                .unwrap(),
        ),
        circumstances: rules::Circumstances::default(),
        clearings: vec![],
        begun: None,
    }
}
