//! An enrolled box, open: its post, its store and the keys that seal its records. One program at a time.

use crate::error::PostError;
use crate::inspection::{self, Inspection};
use crate::lease::LeaseStanding;
use crate::state::{KeysStanding, PostFile, StateDir};
use crate::sync::{Credentials, UploadError};
use jiff::Timestamp;
use rules::{Decision, EncounterId, EncounterRecord, LaneId, OfficerId, Sequence};
use seal::chain::Head;
use seal::checkpoint::{ContactAnswer, SignedCheckpoint};
use seal::device::DeviceKey;
use seal::health::{HealthReport, SignedHealth};
use seal::hq::HqPublic;
use seal::parcel::SealedParcel;
use seal::receipt::VerifiedReceipt;
use seal::storekey::StoreKey;
use seal::word::{Admission, CounterSignature, Lease, Signed, Succession};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use store::{
    Begun, BegunId, EncounterSummary, LedgerLine, LedgerReport, Note, OutboxStatus, Sealer, Store,
    StoreError,
};

/// An enrolled box with its store open.
#[derive(Debug)]
pub struct Appliance {
    post: PostFile,
    store: Mutex<Store>,
    device: Arc<DeviceKey>,
    /// Headquarters' keys, the newest first.
    hq: RwLock<Vec<HqPublic>>,
    state: StateDir,
    /// What headquarters handed to the box that it admitted.
    admission: Option<Admission>,
}

impl Appliance {
    /// Opens the box whose state folder this is. Nobody else can open it until this is dropped.
    ///
    /// # Errors
    /// [`PostError::State`] where it is not enrolled, [`PostError::Seal`] where a key is absent or
    /// damaged, [`PostError::Store`] where the store is in use, damaged or full.
    pub fn open(state: &StateDir) -> Result<Self, PostError> {
        let post = state.post()?;
        if state.keys_standing() == KeysStanding::Locked {
            return Err(PostError::KeysLocked);
        }
        let device = DeviceKey::open(&state.device_key())?;
        let hq = state.hq_keys()?;
        let key = StoreKey::open(&state.store_key())?;
        let store = Store::open(state.root(), &key, &post.post)?;
        let admission = state.admission(&hq)?;
        let opened = Self {
            post,
            store: Mutex::new(store),
            device: Arc::new(device),
            hq: RwLock::new(hq),
            state: state.clone(),
            admission,
        };
        opened.begin_first_lease()?;
        Ok(opened)
    }

    /// The first lease came with the admission.
    fn begin_first_lease(&self) -> Result<(), PostError> {
        let Some(admission) = &self.admission else {
            return Ok(());
        };
        let mut store = self.store();
        if store.lease()?.is_none() {
            let lease = Signed::<Lease>::from_bytes(&admission.lease)?.verify(&self.hq_keys())?;
            store.keep_lease(&lease, &self.device.public(), Timestamp::now())?;
        }
        Ok(())
    }

    /// Which post and lane this is.
    #[must_use]
    pub fn post(&self) -> &PostFile {
        &self.post
    }

    /// Headquarters' public keys, the newest first: records are sealed to those, and the words of all are
    /// believed.
    #[must_use]
    pub fn hq_keys(&self) -> Vec<HqPublic> {
        self.hq
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether the box may work at this moment, by its lease.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn lease(&self, now: Timestamp) -> Result<LeaseStanding, StoreError> {
        let kept = self.store().lease()?;
        Ok(LeaseStanding::of(
            kept,
            self.admission.is_some(),
            self.device.public(),
            &self.hq_keys(),
            now,
        ))
    }

    /// Signs what the box says of its own health.
    #[must_use]
    pub fn sign_health(&self, report: HealthReport) -> SignedHealth {
        report.sign(&self.device)
    }

    /// How far the box's clock was ahead of headquarters' at the last contact, in seconds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn clock_ahead_seconds(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.store().lease()?.map(|kept| kept.clock_ahead_seconds))
    }

    /// What the box shows to headquarters; `None` for one that was not admitted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn credentials(&self) -> Result<Option<Credentials>, StoreError> {
        let Some(admission) = &self.admission else {
            return Ok(None);
        };
        let not_before = self
            .store()
            .lease()?
            .map_or(Timestamp::UNIX_EPOCH, |kept| kept.not_before);
        Ok(Some(Credentials {
            device: Arc::clone(&self.device),
            certificate: admission.certificate.to_vec(),
            authority: admission.authority.to_vec(),
            not_before,
        }))
    }

    /// Where the ledger stands, signed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, StoreError> {
        let hq = self.newest_hq().id();
        self.store().checkpoint(&self.device, hq, Timestamp::now())
    }

    /// Takes what headquarters answered to a checkpoint: its counter-signature, a new lease, its newer keys.
    ///
    /// # Errors
    /// [`UploadError`]; nothing that was not headquarters' word is kept.
    pub fn heard(
        &self,
        checkpoint: &SignedCheckpoint,
        answer: &ContactAnswer,
    ) -> Result<(), UploadError> {
        let known = self.hq_keys();
        let counter = Signed::<CounterSignature>::from_bytes(&answer.counter)?.verify(&known)?;
        let lease = Signed::<Lease>::from_bytes(&answer.lease)?.verify(&known)?;
        {
            let mut store = self.store();
            store.keep_counter_signature(checkpoint, &counter)?;
            store.keep_lease(&lease, &self.device.public(), Timestamp::now())?;
        }
        for word in &answer.successions {
            let newest = self.newest_hq();
            let word =
                Signed::<Succession>::from_bytes(word)?.verify(std::slice::from_ref(&newest))?;
            let next = word.statement().next.clone();
            self.state.succeed(&newest, &next)?;
            self.hq
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(0, next);
        }
        Ok(())
    }

    /// The keys that records are sealed to.
    fn newest_hq(&self) -> HqPublic {
        let keys = self.hq.read().unwrap_or_else(PoisonError::into_inner);
        keys[0].clone()
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
        let hq = self.newest_hq();
        let sealer = Sealer {
            device: &self.device,
            hq: &hq,
        };
        self.store().record(draft, &sealer)
    }

    /// Notes that an encounter has begun, so that a power cut does not make it unhappened.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(&self, lane: &LaneId, opened_at: Timestamp) -> Result<BegunId, StoreError> {
        self.store().begin(lane, opened_at)
    }

    /// Keeps what was found of an encounter that has begun.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_found(&self, begun: BegunId, found: &[u8]) -> Result<(), StoreError> {
        self.store().keep_found(begun, found)
    }

    /// Encounters that have begun and are not decided.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begun(&self) -> Result<Vec<Begun>, StoreError> {
        self.store().begun()
    }

    /// Forgets an encounter that came to nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_begun(&self, begun: BegunId) -> Result<(), StoreError> {
        self.store().forget_begun(begun)
    }

    /// The newest encounters, without anything of the persons.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn encounters(&self, limit: usize) -> Result<Vec<EncounterSummary>, StoreError> {
        self.store().encounters(limit)
    }

    /// One encounter, whole, while the box keeps it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn encounter(&self, sequence: Sequence) -> Result<Option<EncounterRecord>, StoreError> {
        self.store().encounter(sequence)
    }

    /// The parcels to send next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn pending(&self, limit: usize) -> Result<Vec<SealedParcel>, StoreError> {
        self.store().pending(limit)
    }

    /// The parcels to send next, of so many bytes, without those named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn next_batch(
        &self,
        budget: usize,
        without: &BTreeSet<Sequence>,
    ) -> Result<Vec<SealedParcel>, StoreError> {
        self.store().next_batch(budget, without)
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

    /// Lines of the ledger as they are chained.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn chained_lines(
        &self,
        from: u64,
        limit: usize,
    ) -> Result<Vec<(Head, Vec<u8>)>, StoreError> {
        self.store().chained_lines(from, limit)
    }

    /// Verifies the ledger from its first line, and holds it against every checkpoint that headquarters has
    /// counter-signed; how many those are.
    ///
    /// # Errors
    /// [`StoreError::LedgerBroken`] where it does not verify.
    pub fn verify_ledger(&self) -> Result<(LedgerReport, u64), StoreError> {
        let store = self.store();
        let report = store.verify_ledger()?;
        let checkpoints = store.verify_checkpoints(&self.device.public(), &self.hq_keys())?;
        Ok((report, checkpoints))
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
