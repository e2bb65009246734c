//! A chip in the field from first contact to judgement: read it, judge its files, and let it prove that it
//! is the one that was issued (Doc 9303-11 sections 4 to 6).

use crate::access_key::AccessKey;
use crate::answers::Why;
use crate::chip_authentication::{Agreed, Begun};
use crate::country;
use crate::document::{Files, Judged, judge, judge_with};
use crate::error::ChipError;
use crate::files::{FileId, SecurityInfo, SecurityInfos, security_infos};
use crate::key_agreement::finished;
use crate::passive::{Policy, Signed, Verification, verify_card_security};
use crate::randomness::Randomness;
use crate::read::{Access, Downgrade, Reader, Reading, Watch};
use crate::tlv;
use crate::trust::public_key::PublicKey;
use crate::trust::{KnownDefect, TrustStore};
use crate::{active_authentication, chip_authentication};
use jiff::civil::Date;
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// What the inspection asks of a chip.
#[derive(Debug)]
pub struct Request<'a> {
    /// What opens it.
    pub key: &'a AccessKey,
    /// The data groups wanted; those that the chip does not list are not asked for.
    pub wanted: &'a [FileId],
    /// The zone on the page, where it was read.
    pub printed: Option<&'a Zone>,
    /// Who is believed.
    pub store: &'a TrustStore,
    /// The day.
    pub at: Date,
    /// What the state running the post decides about belief.
    pub policy: &'a Policy,
}

/// What was read and what it is worth.
#[derive(Debug)]
pub struct Examined {
    /// How the chip was opened.
    pub access: Access,
    /// Its files, and those that could not be read.
    pub files: Files,
    /// What is to be made of them.
    pub judged: Judged,
    /// Commands sent.
    pub commands: u32,
}

/// The data groups that an inspection has a use for (never fingerprints or irises).
pub const USEFUL: [FileId; 8] = [
    FileId::Dg1,
    FileId::Dg14,
    FileId::Dg2,
    FileId::Dg15,
    FileId::Dg7,
    FileId::Dg11,
    FileId::Dg12,
    FileId::Dg16,
];

/// Reads a chip, judges its files and asks it to prove itself.
///
/// # Errors
/// What ends a reading ([`Reader::read`]): a chip that is gone, a key that is wrong, a broken session, or
/// the watcher's word.
pub fn examine(
    reader: &mut Reader<'_>,
    request: &Request<'_>,
    randomness: &mut dyn Randomness,
    watch: Watch<'_>,
) -> Result<Examined, ChipError> {
    std::thread::scope(|scope| {
        let mut ahead = Ahead {
            scope,
            request,
            signed: None,
            agreed: None,
        };
        let reading = reader.read_on(
            request.key,
            request.wanted,
            randomness,
            watch,
            &mut |id, reading, randomness| ahead.take(id, reading, randomness),
        )?;
        finish(reader, reading, ahead, request, randomness)
    })
}

/// What is computed on other threads while files are still being read: a chip takes its time, and we ours, side
/// by side.
struct Ahead<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    request: &'env Request<'env>,
    /// Who signed the security object.
    signed: Option<ScopedJoinHandle<'scope, Signed>>,
    /// The secret of chip authentication, for a DG14 of which nobody has said yet that it was signed.
    agreed: Option<ScopedJoinHandle<'scope, Result<Agreed, ChipError>>>,
}

impl Ahead<'_, '_> {
    /// Begins what a file that was read allows. What cannot be begun here is done in its turn.
    fn take(&mut self, id: FileId, reading: &Reading, randomness: &mut dyn Randomness) {
        let Some(bytes) = reading.files.get(&id) else {
            return;
        };
        let thread = Builder::new();
        match id {
            FileId::Sod => {
                let (bytes, request) = (bytes.clone(), self.request);
                let work = move || Signed::of(&bytes, request.store, request.at, request.policy);
                self.signed = thread.spawn_scoped(self.scope, work).ok();
            }
            // Where the mapping proves the chip nobody asks for more.
            FileId::Dg14 if reading.proof.is_none() => {
                let infos = SecurityInfos::data_group_14(bytes);
                let begun = infos.and_then(|i| chip_authentication::begin(&i, randomness));
                if let Ok(Begun::Drawn(drawn)) = begun {
                    self.agreed = thread.spawn_scoped(self.scope, || drawn.agree()).ok();
                }
            }
            _ => {}
        }
    }
}

/// Judges what was read and asks the chip to prove itself.
fn finish(
    reader: &mut Reader<'_>,
    reading: Reading,
    ahead: Ahead<'_, '_>,
    request: &Request<'_>,
    randomness: &mut dyn Randomness,
) -> Result<Examined, ChipError> {
    let Reading {
        access,
        files,
        faults,
        proof,
    } = reading;
    let files = Files {
        files,
        faults: faults
            .into_iter()
            .map(|(id, error)| (id.as_str().to_owned(), error))
            .collect(),
    };
    let Request {
        printed,
        store,
        at,
        policy,
        ..
    } = *request;
    let mut judged = match ahead.signed {
        Some(signed) => judge_with(&files, Some(finished(signed)), printed, at, policy),
        None => judge(&files, printed, store, at, policy),
    };
    // TR-03135-1 table 5.46: a chip opened by its access number has no zone to be compared with.
    if matches!(request.key, AccessKey::CardAccessNumber(_)) {
        let unasked = zones_agree_by_number();
        judged.checks.retain(|c| c.check != unasked.check);
        judged.checks.push(unasked);
    }
    let ways = opened(&access, &files, &judged);
    judged.checks.splice(0..0, ways);
    let asked = Asked {
        files: &files,
        judged: &judged,
        mapped: proof.as_ref(),
        request,
    };
    let proofs = proofs(reader, &asked, ahead.agreed, randomness)?;
    judged.checks.push(authenticity(&proofs));
    judged.checks.extend(proofs);
    Ok(Examined {
        access,
        files,
        judged,
        commands: reader.session().commands(),
    })
}

fn zones_agree_by_number() -> Check {
    let why = "the chip was opened by its access number";
    Check::new(CheckId::ChipZoneAgrees, Outcome::NotSupported, why)
        .saying("detail-chip-by-number", [])
}

/// What the inspection says of a chip whose reading ended early ([`examine`]'s errors).
#[must_use]
pub fn not_examined(error: &ChipError) -> Check {
    let outcome = match error {
        // The protocols were run, and failed (TR-03135-1 tables 5.18 to 5.20).
        ChipError::WrongKey | ChipError::Protocol { .. } | ChipError::Refused { .. } => {
            Outcome::Failed
        }
        // The key that it needs is not to be had from this page.
        ChipError::NoZoneKey => Outcome::NotSupported,
        _ => Outcome::Aborted,
    };
    let said = match error {
        ChipError::WrongKey => "detail-chip-wrong-key",
        ChipError::NoZoneKey => "detail-chip-needs-zone",
        ChipError::CalledOff => "detail-chip-called-off",
        ChipError::Transceiver(_) => "detail-chip-lost",
        _ => "detail-chip-broke-off",
    };
    Check::new(CheckId::ChipAccess, outcome, error.to_string()).saying(said, [])
}

/// Keys of sentences that several answers say.
const OFFERS_NONE: &str = "detail-chip-offers-none";
pub(crate) const IS_A_COPY: &str = "detail-chip-copy";
pub(crate) const REFUSES: &str = "detail-chip-refuses";
pub(crate) const UNKNOWN_ALGORITHM: &str = "detail-chip-unknown-algorithm";

/// What is known when a chip is asked to prove itself.
struct Asked<'a> {
    files: &'a Files,
    judged: &'a Judged,
    /// What it sent within PACE.
    mapped: Option<&'a crate::pace::ChipProof>,
    request: &'a Request<'a>,
}

/// Asks the chip to prove itself in the ways that its issuer signed, until one succeeds (TR-03135-1
/// section 5.6.4.1), or fails.
fn proofs(
    reader: &mut Reader<'_>,
    known: &Asked<'_>,
    agreed: Option<ScopedJoinHandle<'_, Result<Agreed, ChipError>>>,
    randomness: &mut dyn Randomness,
) -> Result<Vec<Check>, ChipError> {
    let Asked {
        files,
        judged,
        mapped,
        ..
    } = *known;
    let (chip, active) = (
        CheckId::ChipAuthentication,
        CheckId::ChipActiveAuthentication,
    );
    let defects = &judged.verification.defects;
    let mut proofs: Vec<Check> = Vec::new();
    // One that succeeds suffices, and one that fails is evidence that no other takes away.
    let mut answer = |mut proof: Check, way| {
        weigh(&mut proof, way, defects);
        let is_decided = matches!(proof.outcome, Outcome::Successful | Outcome::Failed);
        proofs.push(proof);
        is_decided
    };
    if let Some(proof) = mapped
        && answer(mapping(proof, known), Way::Mapping)
    {
        return Ok(proofs);
    }
    // Only what the issuer signed says which key the chip must hold.
    let infos = match vouched(FileId::Dg14, files, judged) {
        Vouched::Yes(bytes) => SecurityInfos::data_group_14(bytes).ok(),
        Vouched::No(why) if mapped.is_none() => {
            answer(why.check(chip, Outcome::Undetermined), Way::Agreement);
            None
        }
        Vouched::Absent if mapped.is_none() => {
            let why = "the chip offers none";
            let none = Check::new(chip, Outcome::NotSupported, why);
            answer(none.saying(OFFERS_NONE, []), Way::Agreement);
            None
        }
        _ => None,
    };
    if let Some(infos) = &infos {
        let asked = match agreed {
            Some(agreed) => finished(agreed).and_then(|agreed| agreed.ask(reader.session())),
            None => chip_authentication::ask(reader.session(), infos, randomness),
        };
        let asked = kept_up(chip, asked)?;
        // A chip that offers the mapping alone has answered already.
        let is_news = mapped.is_none() || asked.outcome != Outcome::NotSupported;
        if is_news && answer(asked, Way::Agreement) {
            return Ok(proofs);
        }
    }
    let asked = match vouched(FileId::Dg15, files, judged) {
        Vouched::Absent => Check::new(active, Outcome::NotSupported, "the chip offers none")
            .saying(OFFERS_NONE, []),
        Vouched::No(why) => why.check(active, Outcome::Undetermined),
        Vouched::Yes(bytes) => match security_infos::active_authentication_key(bytes) {
            Ok(key) => {
                let asked =
                    active_authentication::ask(reader.session(), &key, infos.as_ref(), randomness);
                kept_up(active, asked)?
            }
            Err(error) => Why::from(&error).check(active, Outcome::Undetermined),
        },
    };
    answer(asked, Way::Signature);
    Ok(proofs)
}

/// Whether a file is there, and is the one that was signed.
enum Vouched<'a> {
    Yes(&'a [u8]),
    No(Why),
    /// Neither on the chip nor in its security object.
    Absent,
}

fn vouched<'a>(id: FileId, files: &'a Files, judged: &Judged) -> Vouched<'a> {
    let is_listed = judged.verification.lists(id);
    match files.get(id) {
        Some(bytes) if judged.verification.vouches_for(id) => Vouched::Yes(bytes),
        Some(_) => Vouched::No(Why::of_files(
            format!("nobody who is known vouches for {id}"),
            "detail-chip-unvouched",
            id.as_str(),
        )),
        // A copy of a chip without its keys leaves them away.
        None if is_listed => Vouched::No(Why::of_files(
            format!("the issuer signed {id}, and the chip lacks it"),
            "detail-chip-lacks",
            id.as_str(),
        )),
        None => Vouched::Absent,
    }
}

/// The proofs as one (TR-03135-1 table 5.23): one that succeeds suffices.
fn authenticity(proofs: &[Check]) -> Check {
    let check = CheckId::ChipAuthenticity;
    let proven = proofs.iter().find(|p| p.outcome == Outcome::Successful);
    match proven {
        Some(proof) => Check::new(check, Outcome::Successful, proof.check.as_str())
            .saying("detail-chip-proven", []),
        None => {
            let outcome = Outcome::roll_up(proofs.iter().map(|p| p.outcome));
            let decisive = proofs.iter().find(|p| p.outcome == outcome);
            let why = decisive.map(Why::of_check).unwrap_or_default();
            why.check(check, outcome)
        }
    }
}

/// How a chip proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Within PACE.
    Mapping,
    /// Chip authentication.
    Agreement,
    /// Active authentication.
    Signature,
}

/// A proof by keys that are known to be in others' hands is a failed one; one that is known to fail on genuine
/// chips is no evidence (TR-03135-1 sections 5.8.2.1.3 to 5.8.2.1.5 and 5.8.2.3.1).
fn weigh(proof: &mut Check, way: Way, defects: &[KnownDefect]) {
    let stolen = match way {
        Way::Mapping | Way::Agreement => KnownDefect::ChipAuthenticationKeyRevoked,
        Way::Signature => KnownDefect::ActiveAuthenticationKeyRevoked,
    };
    let is_asked = !matches!(proof.outcome, Outcome::NotSupported);
    if is_asked && defects.contains(&stolen) {
        let why = Why::new(
            "the key is known to be in others' hands",
            "detail-chip-key-stolen",
            [],
        );
        *proof = why.check(proof.check, Outcome::Failed);
        return;
    }
    let fails = defects.iter().any(|defect| match defect {
        KnownDefect::ProofsFail(which) => match way {
            Way::Mapping => which.mapping(),
            Way::Agreement => which.chip_authentication(),
            Way::Signature => which.active_authentication(),
        },
        KnownDefect::CardSecurityMalformed => way == Way::Mapping,
        _ => false,
    });
    if fails && proof.outcome == Outcome::Failed {
        let why = Why::new(
            "this proof is known to fail on genuine chips",
            "detail-chip-known-defect",
            [],
        );
        *proof = why.check(proof.check, Outcome::Undetermined);
    }
}

/// A proof that broke off, as when the chip is gone, leaves the rest of the answers standing.
fn kept_up(check: CheckId, answer: Result<Check, ChipError>) -> Result<Check, ChipError> {
    match answer {
        Ok(check) => Ok(check),
        Err(error @ (ChipError::CalledOff | ChipError::Library(_))) => Err(error),
        Err(error) => Ok(Check::new(check, Outcome::Aborted, error.to_string())
            .saying("detail-chip-broke-off", [])),
    }
}

/// How the chip was opened (TR-03135-1 tables 5.18 to 5.20), and whether the ways in that it offered are the
/// ones that were signed: whoever stands between could offer weaker ones (Doc 9303-11 section 9.2).
fn opened(access: &Access, files: &Files, judged: &Judged) -> [Check; 3] {
    use Outcome::{Failed, NotSupported, Successful};
    let unneeded = || Why::new("not needed", "detail-chip-not-needed", []);
    let ((whole, how), pace, bac) = match access {
        // The protocol's own name, which every language writes alike.
        Access::Pace(how) => (
            (Successful, Why::name(how.as_str())),
            (Successful, Why::none()),
            (NotSupported, unneeded()),
        ),
        Access::Bac => (
            (Successful, Why::name("BAC")),
            (
                NotSupported,
                Why::new("the chip offers none", OFFERS_NONE, []),
            ),
            (Successful, Why::none()),
        ),
        Access::Downgraded(why) => {
            let (pace, broken) = match why {
                Downgrade::Unknown => (
                    NotSupported,
                    Why::new(why.to_string(), UNKNOWN_ALGORITHM, []),
                ),
                Downgrade::Failed(error) => (Failed, Why::from(error)),
            };
            let how = format!("BAC, though the chip offers PACE: {why}");
            (
                (Successful, Why::new(how, "detail-chip-downgraded", [])),
                (pace, broken),
                (Successful, Why::none()),
            )
        }
        Access::Plain => (
            (
                NotSupported,
                Why::new("the chip is read in the clear", "detail-chip-clear", []),
            ),
            (NotSupported, unneeded()),
            (NotSupported, unneeded()),
        ),
    };
    let (whole, how) = match hidden(files, judged) {
        Some(why) => (Failed, Why::new(why, "detail-chip-ways", [])),
        None => (whole, how),
    };
    [
        how.check(CheckId::ChipAccess, whole),
        pace.1.check(CheckId::ChipPace, pace.0),
        bac.1.check(CheckId::ChipBac, bac.0),
    ]
}

/// What is wrong with the ways in that the chip offered, held against those that were signed.
fn hidden(files: &Files, judged: &Judged) -> Option<&'static str> {
    let pace = |infos: SecurityInfos| -> Vec<SecurityInfo> {
        let offers = infos.infos.into_iter();
        offers
            .filter(|info| matches!(info, SecurityInfo::Pace { .. }))
            .collect()
    };
    let offered = files
        .get(FileId::CardAccess)
        .and_then(|b| SecurityInfos::card_access(b).ok())
        .map(pace)
        .unwrap_or_default();
    let group = files
        .get(FileId::Dg14)
        .filter(|_| judged.verification.vouches_for(FileId::Dg14))
        .and_then(|b| SecurityInfos::data_group_14(b).ok())
        .map(pace)
        .unwrap_or_default();
    let card = files
        .get(FileId::CardSecurity)
        .and_then(|b| SecurityInfos::card_security(b).ok())
        .map(|(infos, _)| pace(infos));
    let all_signed = group.iter().chain(card.iter().flatten());
    if !all_signed.clone().all(|info| offered.contains(info)) {
        return Some("the chip was made to offer fewer ways in than its issuer signed");
    }
    // EF.CardSecurity holds all that EF.CardAccess says (section 9.2.11).
    let is_known = |info| card.as_ref().is_none_or(|held| held.contains(info));
    if !offered.iter().all(is_known) {
        return Some("the chip was made to offer a way in that its issuer did not sign");
    }
    None
}

/// Why EF.CardSecurity is not known to be of the state that issued the document: anybody's key under another
/// state's word proves nothing about this one.
fn of_another_state(card: &Verification, judged: &Judged) -> Option<(Outcome, Why)> {
    let Some(country) = &card.country else {
        let why = Why::new(
            "the certificate of its signer names no country",
            "detail-chip-no-country",
            [],
        );
        return Some((Outcome::Undetermined, why));
    };
    if judged.verification.country.as_ref() == Some(country) {
        return None;
    }
    // A state may sign under several codes, as China's special regions do.
    let Some(zone) = &judged.zone else {
        let why = format!("the certificate is of {country}, and the document's state is not known");
        let why = Why::of_files(why, "detail-chip-not-read", "DG1");
        return Some((Outcome::Undetermined, why));
    };
    let found = country::agree(&zone.fields().issuing_state, country);
    (found.0 != Outcome::Successful).then_some(found)
}

/// Whether the proof sent within PACE is by a key in EF.CardSecurity, and who signed that.
fn mapping(proof: &crate::pace::ChipProof, known: &Asked<'_>) -> Check {
    let Asked {
        files,
        judged,
        request,
        ..
    } = *known;
    const CARD: &str = "EF.CardSecurity: ";
    let answer = |outcome, why: Why| why.check(CheckId::ChipAuthentication, outcome);
    let Some(bytes) = files.get(FileId::CardSecurity) else {
        let why = Why::of_files(
            "EF.CardSecurity was not read",
            "detail-chip-not-read",
            "EF.CardSecurity",
        );
        return answer(Outcome::Undetermined, why);
    };
    let found = verify_card_security(bytes, request.store, request.at, request.policy);
    let infos = match found {
        Ok((infos, found)) if found.outcome == Outcome::Successful => {
            if let Some((outcome, why)) = of_another_state(&found, judged) {
                return answer(outcome, why.after(CARD));
            }
            infos
        }
        Ok((_, found)) => {
            let why = found
                .checks
                .iter()
                .find(|c| c.outcome == found.outcome)
                .map(Why::of_check)
                .unwrap_or_default();
            return answer(found.outcome, why.after(CARD));
        }
        Err(error @ ChipError::Malformed { .. }) => {
            return answer(Outcome::Failed, Why::from(&error));
        }
        Err(error) => return answer(Outcome::Undetermined, Why::from(&error)),
    };
    let mut unusable = None;
    for info in &infos.infos {
        let SecurityInfo::ChipAuthenticationKey { key, .. } = info else {
            continue;
        };
        let fits = tlv::first(key)
            .map_err(FileId::CardSecurity.at())
            .and_then(PublicKey::parse)
            .and_then(|key| proof.holds(&key));
        match fits {
            Ok(true) => {
                let why = Why::new("within PACE", "detail-chip-proven", []);
                return answer(Outcome::Successful, why);
            }
            Ok(false) => {}
            Err(error) => unusable = Some(error),
        }
    }
    match unusable {
        Some(error) => answer(Outcome::Undetermined, Why::from(&error)),
        None => answer(
            Outcome::Failed,
            Why::new("the chip does not hold the document's key", IS_A_COPY, []),
        ),
    }
}
