//! An enrolled box, open: its post, its store and the keys that seal its records. One program at a time.

use crate::error::PostError;
use crate::inspection::{self, Inspection};
use crate::state::{PostFile, StateDir};
use jiff::Timestamp;
use rules::{Decision, EncounterId, LaneId, OfficerId};
use seal::device::DeviceKey;
use seal::hq::HqPublic;
use seal::parcel::SealedParcel;
use seal::receipt::VerifiedReceipt;
use seal::storekey::StoreKey;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{LedgerLine, LedgerReport, Note, OutboxStatus, Sealer, Store, StoreError};

/// An enrolled box with its store open.
#[derive(Debug)]
pub struct Appliance {
    post: PostFile,
    store: Mutex<Store>,
    device: DeviceKey,
    hq: HqPublic,
}

impl Appliance {
    /// Opens the box whose state folder this is. Nobody else can open it until this is dropped.
    ///
    /// # Errors
    /// [`PostError::State`] where it is not enrolled, [`PostError::Seal`] where a key is absent or
    /// damaged, [`PostError::Store`] where the store is in use, damaged or full.
    pub fn open(state: &StateDir) -> Result<Self, PostError> {
        let post = state.post()?;
        let device = DeviceKey::open(&state.device_key())?;
        let hq = HqPublic::read(&state.hq_public())?;
        let key = StoreKey::open(&state.store_key())?;
        let store = Store::open(state.root(), &key, &post.post)?;
        Ok(Self {
            post,
            store: Mutex::new(store),
            device,
            hq,
        })
    }

    /// Which post and lane this is.
    #[must_use]
    pub fn post(&self) -> &PostFile {
        &self.post
    }

    /// Headquarters' public keys.
    #[must_use]
    pub fn hq(&self) -> &HqPublic {
        &self.hq
    }

    /// Records an encounter. When this returns, record, ledger line and parcel are on the medium.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is recorded then.
    pub fn record(
        &self,
        inspection: &Inspection,
        lane: &LaneId,
        decision: Option<Decision>,
    ) -> Result<EncounterId, StoreError> {
        let draft = inspection::draft(inspection, lane, Timestamp::now(), decision);
        let sealer = Sealer {
            device: &self.device,
            hq: &self.hq,
        };
        self.store().record(draft, &sealer)
    }

    /// The parcels to send next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pending(&self, limit: usize) -> Result<Vec<SealedParcel>, StoreError> {
        self.store().pending(limit)
    }

    /// Erases what headquarters has; how many parcels that was.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is erased then.
    pub fn acknowledge(&self, receipt: &VerifiedReceipt) -> Result<u64, StoreError> {
        self.store().acknowledge(receipt, Timestamp::now())
    }

    /// What waits to be sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn outbox(&self) -> Result<OutboxStatus, StoreError> {
        self.store().outbox_status()
    }

    /// Lines of the ledger, from line `from` (the first is 1).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn ledger_lines(&self, from: u64, limit: usize) -> Result<Vec<LedgerLine>, StoreError> {
        self.store().ledger_lines(from, limit)
    }

    /// Verifies the ledger from its first line.
    ///
    /// # Errors
    /// [`StoreError::LedgerBroken`] where it does not verify.
    pub fn verify_ledger(&self) -> Result<LedgerReport, StoreError> {
        self.store().verify_ledger()
    }

    /// Writes a note into the ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note(&self, note: Note) -> Result<(), StoreError> {
        self.store().note(note, Timestamp::now()).map(drop)
    }

    /// Writes into the ledger that an officer came or went, without the officer's name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note_officer(&self, officer: &OfficerId, presence: Presence) -> Result<(), StoreError> {
        let mut store = self.store();
        let officer = store.officer_tag(officer)?;
        let note = match presence {
            Presence::SignedIn => Note::OfficerSignedIn { officer },
            Presence::SignedOut => Note::OfficerSignedOut { officer },
        };
        store.note(note, Timestamp::now()).map(drop)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Every change of the store is a transaction: a panic elsewhere leaves it whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an officer came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The officer's session began.
    SignedIn,
    /// The officer's session ended.
    SignedOut,
}
