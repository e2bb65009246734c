//! A chip in the field from first contact to judgement: read it, judge its files, and let it prove that it
//! is the one that was issued (Doc 9303-11 sections 4 to 6).

use crate::access_key::AccessKey;
use crate::document::{Files, Judged, judge};
use crate::error::ChipError;
use crate::files::{FileId, SecurityInfo, SecurityInfos, security_infos};
use crate::passive::{Policy, verify_card_security};
use crate::randomness::Randomness;
use crate::read::{Access, Reader, Reading, Watch};
use crate::tlv;
use crate::trust::public_key::PublicKey;
use crate::trust::{KnownDefect, TrustStore};
use crate::{active_authentication, chip_authentication};
use jiff::civil::Date;
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};

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
    let reading = reader.read(request.key, request.wanted, randomness, watch)?;
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
    let mut judged = judge(
        &files,
        request.printed,
        request.store,
        request.at,
        request.policy,
    );
    judged.checks.insert(0, opened(&access, &files, &judged));

    // Only what the issuer signed says which key the chip must hold.
    let signed = |id: FileId| {
        let bytes = files.get(id)?;
        judged.verification.vouches_for(id).then_some(bytes)
    };
    let infos = signed(FileId::Dg14).and_then(|b| SecurityInfos::data_group_14(b).ok());
    let mut proofs = Vec::new();
    if let Some(proof) = proof {
        proofs.push(mapping(&proof, &files, request));
    } else if let Some(infos) = &infos {
        proofs.push(kept_up(
            CheckId::ChipAuthentication,
            chip_authentication::ask(reader.session(), infos, randomness),
        )?);
    }
    let key = signed(FileId::Dg15).map(security_infos::active_authentication_key);
    match key {
        Some(Ok(key)) => proofs.push(kept_up(
            CheckId::ChipActiveAuthentication,
            active_authentication::ask(reader.session(), &key, infos.as_ref(), randomness),
        )?),
        Some(Err(error)) => proofs.push(Check::new(
            CheckId::ChipActiveAuthentication,
            Outcome::Undetermined,
            error.to_string(),
        )),
        None => {}
    }
    for proof in &mut proofs {
        distrust(proof, &judged.verification.defects);
    }
    judged.checks.extend(proofs);
    Ok(Examined {
        access,
        files,
        judged,
        commands: reader.session().commands(),
    })
}

/// A proof by keys that are known to be in others' hands proves nothing; one that is known to fail is no
/// evidence.
fn distrust(proof: &mut Check, defects: &[KnownDefect]) {
    let (doubt, why) = match (proof.check, proof.outcome) {
        (CheckId::ChipAuthentication, Outcome::Successful) => (
            KnownDefect::ChipAuthenticationKeyRevoked,
            "the key is known to be in others' hands",
        ),
        (CheckId::ChipActiveAuthentication, Outcome::Successful) => (
            KnownDefect::ActiveAuthenticationKeyRevoked,
            "the key is known to be in others' hands",
        ),
        (CheckId::ChipAuthentication, Outcome::Failed) => (
            KnownDefect::CardSecurityMalformed,
            "EF.CardSecurity is known to be malformed",
        ),
        _ => return,
    };
    if defects.contains(&doubt) {
        proof.outcome = Outcome::Undetermined;
        proof.detail = why.into();
    }
}

/// A proof that broke off, as when the chip is gone, leaves the rest of the answers standing.
fn kept_up(check: CheckId, answer: Result<Check, ChipError>) -> Result<Check, ChipError> {
    match answer {
        Ok(check) => Ok(check),
        Err(error @ (ChipError::CalledOff | ChipError::Library(_))) => Err(error),
        Err(error) => Ok(Check::new(check, Outcome::Aborted, error.to_string())),
    }
}

/// How the chip was opened, and whether the ways in that it offered are the ones that were signed: whoever
/// stands between could offer weaker ones (Doc 9303-11 section 9.2).
fn opened(access: &Access, files: &Files, judged: &Judged) -> Check {
    let (outcome, detail) = match access {
        Access::Pace(how) => (Outcome::Successful, how.clone()),
        Access::Bac => (Outcome::Successful, "BAC".to_owned()),
        Access::Downgraded(why) => (
            Outcome::Undetermined,
            format!("BAC though the chip offers PACE: {why}"),
        ),
    };
    let check = CheckId::ChipAccess;
    if !judged.verification.vouches_for(FileId::Dg14) {
        return Check::new(check, outcome, detail);
    }
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
    let signed = files
        .get(FileId::Dg14)
        .and_then(|b| SecurityInfos::data_group_14(b).ok())
        .map(pace)
        .unwrap_or_default();
    if signed.iter().all(|info| offered.contains(info)) {
        Check::new(check, outcome, detail)
    } else {
        Check::new(
            check,
            Outcome::Failed,
            "the chip was made to offer fewer ways in than its issuer signed",
        )
    }
}

/// Whether the proof sent within PACE is by a key in EF.CardSecurity, and who signed that.
fn mapping(proof: &crate::pace::ChipProof, files: &Files, request: &Request<'_>) -> Check {
    let answer = |outcome, detail: String| Check::new(CheckId::ChipAuthentication, outcome, detail);
    let Some(bytes) = files.get(FileId::CardSecurity) else {
        return answer(Outcome::Undetermined, "EF.CardSecurity was not read".into());
    };
    let found = verify_card_security(bytes, request.store, request.at, request.policy);
    let infos = match found {
        Ok((infos, found)) if found.outcome == Outcome::Successful => infos,
        Ok((_, found)) => {
            let why = found
                .checks
                .iter()
                .find(|c| c.outcome == found.outcome)
                .map(|c| c.detail.clone())
                .unwrap_or_default();
            return answer(found.outcome, format!("EF.CardSecurity: {why}"));
        }
        Err(error @ ChipError::Malformed { .. }) => {
            return answer(Outcome::Failed, error.to_string());
        }
        Err(error) => return answer(Outcome::Undetermined, error.to_string()),
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
            Ok(true) => return answer(Outcome::Successful, "within PACE".into()),
            Ok(false) => {}
            Err(error) => unusable = Some(error),
        }
    }
    match unusable {
        Some(error) => answer(Outcome::Undetermined, error.to_string()),
        None => answer(
            Outcome::Failed,
            "the chip does not hold the document's key".into(),
        ),
    }
}
