//! An enrolled box, open: its post, its store and the keys that seal its records. One program at a time.

use crate::drift_watch::{DriftHeld, DriftWatch};
use crate::error::PostError;
use crate::inspection::{self, Clearances, Inspection, Lock};
use crate::lease::LeaseStanding;
use crate::officers::{Officers, Role};
use crate::state::{KeysStanding, PostFile, StateDir};
use crate::sync::{Credentials, UploadError};
use jiff::Timestamp;
use rules::{
    Cleared, ClearedBy, Decision, EditionNumber, EncounterId, EncounterRecord, EntryId, LaneId,
    OfficerId, Policy, Sequence,
};
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
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use store::{
    Begun, BegunId, EncounterSummary, LedgerLine, LedgerReport, Note, OutboxStatus, Retention,
    Salvaged, Sealer, Store, StoreError,
};

/// How many pages of a store are looked over when it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// As many as keep nobody waiting.
    FewEnough,
    /// All.
    All,
}

/// A store of no more than so many bytes is looked over page by page at each start: that takes a part of a
/// second. A larger one is looked over by `mpaka ledger check`.
const LOOKED_OVER_AT_START: u64 = 32 << 20;

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
    /// What the ledger says of drift scans.
    drift: Mutex<DriftWatch>,
    /// The edition of which the ledger knows.
    edition: Mutex<Option<EditionNumber>>,
}

impl Appliance {
    /// Opens the box whose state folder this is. Nobody else can open it until this is dropped.
    ///
    /// # Errors
    /// [`PostError::State`] where it is not enrolled, [`PostError::Seal`] where a key is absent or
    /// damaged, [`PostError::Store`] where the store is in use, damaged or full.
    pub fn open(state: &StateDir) -> Result<Self, PostError> {
        let parts = Parts::of(state)?;
        let store = Store::open(state.root(), &parts.key, &parts.post.post)?;
        Self::of(state, parts, store)
    }

    /// The same, for a start: the store's pages are looked over where that does not keep the officer waiting,
    /// and what the medium damaged is salvaged. Says what that came to.
    ///
    /// # Errors
    /// Those of [`Appliance::open`], where a salvage is no way on or did not succeed.
    pub fn open_or_salvage(
        state: &StateDir,
        now: Timestamp,
        pages: Pages,
    ) -> Result<(Self, Option<Salvaged>), PostError> {
        let parts = Parts::of(state)?;
        let (root, post) = (state.root(), &parts.post.post);
        let opened = Store::open(root, &parts.key, post).and_then(|store| {
            if pages == Pages::All || store.size()? <= LOOKED_OVER_AT_START {
                store.check_pages()?;
            }
            Ok(store)
        });
        let (store, salvaged) = match opened {
            Ok(store) => (store, None),
            Err(why) if why.is_damage() => {
                let hq = parts
                    .hq
                    .first()
                    .ok_or(PostError::Usage("no keys of headquarters"))?;
                let sealer = Sealer {
                    device: &parts.device,
                    hq,
                };
                let (store, salvaged) = Store::salvage(root, &parts.key, post, &sealer, &why, now)?;
                (store, Some(salvaged))
            }
            Err(e) => return Err(e.into()),
        };
        Ok((Self::of(state, parts, store)?, salvaged))
    }

    fn of(state: &StateDir, parts: Parts, store: Store) -> Result<Self, PostError> {
        let admission = state.admission(&parts.hq)?;
        let opened = Self {
            post: parts.post,
            store: Mutex::new(store),
            device: Arc::new(parts.device),
            hq: RwLock::new(parts.hq),
            state: state.clone(),
            admission,
            drift: Mutex::default(),
            // Whoever took it wrote it down. A pointer that cannot be read is told where the list is searched.
            edition: Mutex::new(
                store::editions::active(state.root())
                    .ok()
                    .flatten()
                    .map(|active| active.number),
            ),
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

    /// The key that the box signs with.
    pub(crate) fn device_key(&self) -> &DeviceKey {
        &self.device
    }

    /// Copies the store's database as it stands, under the same key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn snapshot(&self, to: &Path) -> Result<(), StoreError> {
        self.store().snapshot(to)
    }

    /// The keys that records are sealed to.
    pub(crate) fn newest_hq(&self) -> HqPublic {
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
        let by = match decision.as_ref().map(Decision::record) {
            Some(record) => self.role_of(&record.officer),
            None => ClearedBy::FirstLine,
        };
        let draft = inspection::draft(inspection, lane, Timestamp::now(), decision, by);
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

    /// What the list shows of one encounter, also of a protection record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn summary(&self, sequence: Sequence) -> Result<Option<EncounterSummary>, StoreError> {
        self.store().summary(sequence)
    }

    /// One encounter, whole, while the box keeps it and can read it.
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

    /// Looks over every page of the store.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first thing found.
    pub fn check_pages(&self) -> Result<(), StoreError> {
        self.store().check_pages()
    }

    /// Erases the records whose time is over by this policy; how many those were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn erase_expired(&self, policy: &Policy, now: Timestamp) -> Result<u64, StoreError> {
        let retention = Retention {
            ordinary_days: policy.record_retention_days,
            protection_days: policy.protection_retention_days,
        };
        self.store().erase_expired(&retention, now)
    }

    /// Holds the record of drift scans against the ledger, and notes a new scan there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn hold_drift(&self, now: Timestamp) -> Result<DriftHeld, StoreError> {
        // What was read of the ledger is only ever added to.
        let mut watch = self.drift.lock().unwrap_or_else(PoisonError::into_inner);
        watch.hold(self, &self.state, now)
    }

    /// Writes a note into the ledger.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note(&self, note: Note) -> Result<(), StoreError> {
        self.store().note(note, Timestamp::now()).map(drop)
    }

    /// Writes into the ledger, once, that another edition is in use than before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note_edition(&self, number: EditionNumber) -> Result<(), StoreError> {
        let mut known = self.edition.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != Some(number) {
            self.note(Note::EditionActivated { edition: number })?;
            *known = Some(number);
        }
        Ok(())
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

    /// In which role an officer speaks of an entry; one that is not in the register stands at the lane.
    fn role_of(&self, officer: &OfficerId) -> ClearedBy {
        let known = Officers::of(&self.state).list().unwrap_or_default();
        match known.iter().find(|o| o.id == *officer).map(|o| o.role) {
            Some(Role::SecondLine) => ClearedBy::SecondLine,
            _ => ClearedBy::FirstLine,
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Every change of the store is a transaction: a panic elsewhere leaves it whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What opening a box needs beside its store.
struct Parts {
    post: PostFile,
    device: DeviceKey,
    hq: Vec<HqPublic>,
    key: StoreKey,
}

impl Parts {
    fn of(state: &StateDir) -> Result<Self, PostError> {
        let post = state.post()?;
        if state.keys_standing() == KeysStanding::Locked {
            return Err(PostError::KeysLocked);
        }
        Ok(Self {
            post,
            device: DeviceKey::open(&state.device_key())?,
            hq: state.hq_keys()?,
            key: StoreKey::open(&state.store_key())?,
        })
    }
}

/// A lapsed lease locks the box.
impl Lock for Appliance {
    fn is_locked(&self, now: Timestamp) -> bool {
        match self.lease(now) {
            Ok(standing) => !standing.may_work(),
            Err(e) => {
                tracing::error!("the lease cannot be read: {e}");
                true
            }
        }
    }

    fn not_before(&self) -> Option<Timestamp> {
        self.store().lease().ok()?.map(|kept| kept.not_before)
    }
}

impl Clearances for Appliance {
    fn cleared(
        &self,
        traveller: &[u8],
        entry: &EntryId,
        entry_digest: &[u8; 32],
        now: Timestamp,
    ) -> Option<Cleared> {
        // One that cannot be read does not suppress.
        self.store()
            .clearance(traveller, entry, entry_digest, now)
            .unwrap_or_else(|error| {
                tracing::warn!("remembered clearances are not read: {error}");
                None
            })
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
