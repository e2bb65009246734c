//! Recording an encounter: its record, its ledger line and its parcel, together or not at all.

use crate::ledger::{self, EncounterLine, LedgerEvent};
use crate::{BegunId, Clearing, Store, StoreError, clearances};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use rules::check::said_of;
use rules::encounter::{DocumentRecord, Path};
use rules::{
    Advised, Candidate, Check, Circumstances, Decision, EditionNumber, EncounterId,
    EncounterRecord, LaneId, Sequence,
};
use rusqlite::TransactionBehavior;
use seal::device::DeviceKey;
use seal::hq::HqPublic;
use seal::packing::Packed;
use seal::parcel::{self, Label, ParcelKind};
use zeroize::Zeroizing;

/// An encounter that is over, before it has its number.
#[derive(Debug, Clone, PartialEq)]
pub struct EncounterDraft {
    /// The desk.
    pub lane: LaneId,
    /// When the document was presented.
    pub opened_at: Timestamp,
    /// When it is recorded: now.
    pub recorded_at: Timestamp,
    /// The document, where its zone could be read.
    pub document: Option<DocumentRecord>,
    /// Every question asked, with its answer.
    pub checks: Vec<Check>,
    /// One-to-one face score, where one was formed.
    pub face_score: Option<f32>,
    /// What the search brought up.
    pub candidates: Vec<Candidate>,
    /// The edition that was searched.
    pub edition: Option<EditionNumber>,
    /// What the machine said.
    pub advised: Advised,
    /// What the officer said; absent for an inspection run without an officer.
    pub decision: Option<Decision>,
    /// What was out of the ordinary.
    pub circumstances: Circumstances,
    /// What the officer said of entries that the search brought up.
    pub clearings: Vec<Clearing>,
    /// The row of [`Store::begin`] that ends with this record, where there is one.
    pub begun: Option<BegunId>,
}

/// Whose key signs a parcel, and to whom it is sealed.
#[derive(Debug, Clone, Copy)]
pub struct Sealer<'a> {
    /// The box's key.
    pub device: &'a DeviceKey,
    /// Headquarters' keys.
    pub hq: &'a HqPublic,
}

impl Store {
    /// Records an encounter: gives it the next number, and puts its record, its ledger line and its sealed
    /// parcel on disk in one transaction. When this returns, all three are on the medium; when it fails,
    /// none is, and the number is free.
    ///
    /// # Errors
    /// [`StoreError::DiskFull`], [`StoreError::Seal`] where the record is too large, and the errors of a
    /// disk.
    pub fn record(
        &mut self,
        draft: EncounterDraft,
        sealer: &Sealer<'_>,
    ) -> Result<EncounterId, StoreError> {
        let mut salt = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(&mut *salt)
            .map_err(|_| StoreError::NoRandomness)?;
        let database = &self.database;
        let named = || StoreError::database(database);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(named())?;
        // By its key, and without `RETURNING`: for each of the two SQLite would set up a journal or a table of its own.
        let sequence: i64 = transaction
            .prepare_cached("SELECT last_sequence + 1 FROM meta")
            .and_then(|mut s| s.query_row([], |row| row.get(0)))
            .map_err(named())?;
        transaction
            .prepare_cached("UPDATE meta SET last_sequence = ?1 WHERE one = 1")
            .and_then(|mut s| s.execute([sequence]))
            .map_err(named())?;
        let id = EncounterId {
            post: self.post.clone(),
            sequence: Sequence(sequence.unsigned_abs()),
        };
        let made_at = draft.recorded_at;
        let advice = draft.advised.advice;
        let decision = draft.decision.as_ref().map(Decision::kind);
        let record = EncounterRecord {
            version: EncounterRecord::VERSION,
            id: id.clone(),
            lane: draft.lane,
            opened_at: draft.opened_at,
            document: draft.document,
            said: said_of(&draft.checks),
            checks: draft.checks,
            face_score: draft.face_score,
            candidates: draft.candidates,
            edition: draft.edition,
            advised: draft.advised,
            decision: draft.decision.as_ref().map(Decision::record),
            circumstances: draft.circumstances,
        };
        let (kind, bytes) = sealed_if_protected(&record, sealer.hq)?;
        // The ledger's digest is of the record itself; on the disk it lies as it goes into the parcel: packed, where
        // that is smaller.
        let packed = Packed::new(&bytes)?;
        let line = LedgerEvent::Encounter(EncounterLine {
            sequence: id.sequence,
            advice,
            decision,
            edition: record.edition,
            digest: ledger::digest(&salt, &bytes),
        });
        let head = ledger::append(&transaction, &self.post, made_at, line).map_err(named())?;
        transaction
            .prepare_cached(
                "INSERT INTO encounters
                     (sequence, lane, opened_at, advice, decision, salt, record, protected)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut s| {
                s.execute((
                    sequence,
                    record.lane.as_str(),
                    record.opened_at.to_string(),
                    advice.as_str(),
                    decision.map(|d| d.as_str()),
                    &salt[..],
                    match kind {
                        ParcelKind::Protected => &bytes[..],
                        _ => packed.kept(),
                    },
                    kind == ParcelKind::Protected,
                ))
            })
            .map_err(named())?;
        let sealed = parcel::seal_packed(
            &packed,
            Label {
                post: self.post.clone(),
                sequence: id.sequence,
                kind,
                made_at,
                ledger: head,
            },
            sealer.hq,
            sealer.device,
        )?;
        transaction
            .prepare_cached(
                "INSERT INTO outbox (sequence, kind, made_at, parcel) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut s| {
                s.execute((
                    sequence,
                    kind.as_str(),
                    made_at.to_string(),
                    sealed.to_bytes(),
                ))
            })
            .map_err(named())?;
        clearances::keep(&transaction, &draft.clearings, made_at).map_err(named())?;
        if let Some(begun) = draft.begun {
            transaction
                .prepare_cached("DELETE FROM begun WHERE id = ?1")
                .and_then(|mut s| s.execute([begun.number()]))
                .map_err(named())?;
        }
        transaction.commit().map_err(named())?;
        self.witness.encounter(head, id.sequence.0);
        Ok(id)
    }
}

/// What is kept and sent of a record, and under what name: as it is, or, on the path of protection, sealed to
/// headquarters' protection key, so that this box cannot read it back. A headquarters without such a key gets it
/// as any other.
fn sealed_if_protected(
    record: &EncounterRecord,
    hq: &HqPublic,
) -> Result<(ParcelKind, Zeroizing<Vec<u8>>), StoreError> {
    let bytes = Zeroizing::new(ledger::encode(record));
    match (record.circumstances.path, hq.protection()) {
        (Path::Protection, Some(key)) => {
            let sealed = key.seal_record(&record.id.post, record.id.sequence, &bytes)?;
            Ok((ParcelKind::Protected, Zeroizing::new(sealed)))
        }
        _ => Ok((ParcelKind::Encounter, bytes)),
    }
}
