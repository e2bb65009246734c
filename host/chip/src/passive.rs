//! Passive authentication (Doc 9303-11 section 5.1): did the state that the document names sign what the
//! chip says, with the outcomes of BSI TR-03135-1 section 5.6.
//!
//! | found | check | outcome |
//! |---|---|---|
//! | the security object cannot be read | security object | Failed |
//! | it uses an algorithm that is not supported | signature | Undetermined |
//! | its signature is not its signer's, or its content was changed | signature | Failed |
//! | its signer's certificate is not to be had | signature | Undetermined |
//! | no country signer held can have signed the document signer | chain | Undetermined |
//! | the country signer that it names did not sign it | chain | Failed |
//! | the document signer's certificate is for something else | chain | Failed |
//! | a certificate is not valid on the day, or was not at signing | validity | Failed |
//! | the document signer is revoked | revocation | Failed |
//! | no revocation list of the country is held | revocation | NotSupported |
//! | the revocation list held is overdue | revocation | Undetermined |
//! | a hash differs, or a data group is not in the security object | hashes | Failed |
//! | the issuing state is not the certificate's country | issuing state | Failed |
//! | a broken hash function | algorithms | as the policy says |
//!
//! A list of known defects (BSI TR-03129) softens what would fail for a fault of the issuer's own: a security
//! object that is known to be invalid leaves its signature and hashes Undetermined.

use crate::cms::{ContentFit, SignedData, Signer};
use crate::error::ChipError;
use crate::files::{FileId, SecurityInfos, SecurityObject, zone};
use crate::tlv;
use crate::trust::algorithm::Digest;
use crate::trust::certificate::Certificate;
use crate::trust::defects::KnownDefect;
use crate::trust::store::{Issuer, TrustStore};
use jiff::ToSpan as _;
use jiff::civil::Date;
use rules::{Check, CheckId, Outcome};

/// What to make of signatures with SHA-1 and SHA-224.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WeakDigests {
    /// Reported, and no reason to doubt: many valid documents have them, and a forger would need a second
    /// preimage, which nobody can make.
    #[default]
    Report,
    /// The answer stays open.
    Question,
    /// Evidence against the document.
    Refuse,
}

/// What the state running the posts decides about belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// What to make of SHA-1 and SHA-224.
    pub weak_digests: WeakDigests,
}

/// What passive authentication found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Name of the document signer.
    pub signer: Option<String>,
    /// Country of the document signer, two capitals.
    pub country: Option<String>,
    /// Key and algorithm of the security object's signature.
    pub algorithm: Option<String>,
    /// What is known to be wrong with this signer's documents.
    pub defects: Vec<KnownDefect>,
    /// Files whose hash stands in the security object.
    pub hashed: Vec<FileId>,
    /// Every question and its answer.
    pub checks: Vec<Check>,
    /// The answers as one.
    pub outcome: Outcome,
}

/// Verifies a security object and the elementary files read with it, which are told apart by their tags.
#[must_use]
pub fn verify(
    sod: &[u8],
    efs: &[&[u8]],
    store: &TrustStore,
    at: Date,
    policy: &Policy,
) -> Verification {
    let mut found = Verification::nothing();
    match SecurityObject::parse(sod) {
        Ok(object) => {
            found.add(CheckId::ChipSecurityObject, Outcome::Successful, "");
            found.judge(&object, efs, store, at, policy);
        }
        Err(error @ (ChipError::Unsupported { .. } | ChipError::Library(_))) => found.add(
            CheckId::ChipSecurityObject,
            Outcome::Undetermined,
            error.to_string(),
        ),
        Err(error) => found.add(
            CheckId::ChipSecurityObject,
            Outcome::Failed,
            error.to_string(),
        ),
    }
    found.outcome = Outcome::roll_up(found.checks.iter().map(|c| c.outcome));
    found
}

/// Reads EF.CardSecurity (Doc 9303-11 section 9.2.9) and verifies who signed it, as a security object is.
///
/// # Errors
/// [`ChipError`] where the file cannot be read.
pub fn verify_card_security(
    bytes: &[u8],
    store: &TrustStore,
    at: Date,
    policy: &Policy,
) -> Result<(SecurityInfos, Verification), ChipError> {
    let (infos, signed) = SecurityInfos::card_security(bytes)?;
    let mut found = Verification::nothing();
    found.signers(&signed, None, store, at, policy);
    found.outcome = Outcome::roll_up(found.checks.iter().map(|c| c.outcome));
    Ok((infos, found))
}

impl Verification {
    fn nothing() -> Self {
        Self {
            signer: None,
            country: None,
            algorithm: None,
            defects: Vec::new(),
            hashed: Vec::new(),
            checks: Vec::new(),
            outcome: Outcome::Aborted,
        }
    }

    /// What is found where the security object was not read: nothing is decided.
    #[must_use]
    pub fn without_security_object() -> Self {
        let mut found = Self::nothing();
        let why = "the security object was not read";
        found.add(CheckId::ChipSecurityObject, Outcome::Undetermined, why);
        found.outcome = Outcome::Undetermined;
        found
    }

    /// Whether this file is the one that was signed, by nobody who is known not to be the issuer.
    #[must_use]
    pub fn vouches_for(&self, file: FileId) -> bool {
        let answered = |check| {
            let found = self.checks.iter().find(|c: &&Check| c.check == check);
            found.map(|c| c.outcome)
        };
        self.hashed.contains(&file)
            && answered(CheckId::ChipSignature) == Some(Outcome::Successful)
            && answered(CheckId::ChipChain) != Some(Outcome::Failed)
    }

    fn add(&mut self, check: CheckId, outcome: Outcome, detail: impl Into<String>) {
        self.checks.push(Check::new(check, outcome, detail));
    }

    fn judge(
        &mut self,
        object: &SecurityObject,
        efs: &[&[u8]],
        store: &TrustStore,
        at: Date,
        policy: &Policy,
    ) {
        self.signers(&object.signed, Some(object.digest), store, at, policy);
        self.hashes(object, efs);
        self.issuing_state(efs);
        if self.defects.contains(&KnownDefect::SecurityObjectInvalid) {
            self.soften(&[CheckId::ChipSignature, CheckId::ChipDataGroupHashes]);
        }
    }

    /// What failed for a fault that is the issuer's own stays open.
    fn soften(&mut self, which: &[CheckId]) {
        for check in &mut self.checks {
            if check.outcome == Outcome::Failed && which.contains(&check.check) {
                check.outcome = Outcome::Undetermined;
                check
                    .detail
                    .push_str("; a known defect of this issuer's documents");
            }
        }
    }

    /// Who signed, under whom, and whether they may.
    fn signers(
        &mut self,
        signed: &SignedData,
        digest: Option<Digest>,
        store: &TrustStore,
        at: Date,
        policy: &Policy,
    ) {
        let (signer, certificate) = self.signature(signed, store);
        if let (Some(signer), Some(certificate)) = (signer, certificate) {
            let key = certificate.public_key().map(|k| k.describe());
            self.signer = Some(certificate.subject.to_string());
            self.country = certificate
                .issuer
                .country()
                .or_else(|| certificate.country());
            self.algorithm = Some(match key {
                Ok(key) => format!("{key}, {}", signer.scheme),
                Err(_) => signer.scheme.to_string(),
            });
            self.defects = store.defects_of(certificate);
            let issuer = self.chain(certificate, store, at);
            self.validity(signer, certificate, issuer, at);
            self.revocation(certificate, issuer, store, at);
            self.algorithms(digest, signer, certificate, policy);
        }
    }

    /// Is the security object as its signer made it?
    fn signature<'a>(
        &mut self,
        signed: &'a SignedData,
        store: &'a TrustStore,
    ) -> (Option<&'a Signer>, Option<&'a Certificate>) {
        let check = CheckId::ChipSignature;
        let mut first = None;
        let mut worst: Option<(Outcome, String)> = None;
        for signer in &signed.signers {
            let certificate = certificate_of(signed, signer, store);
            first = first.or(Some((signer, certificate)));
            let (outcome, detail) = match certificate {
                None => (
                    Outcome::Undetermined,
                    "the document signer's certificate is neither in the security object nor held"
                        .into(),
                ),
                Some(certificate) => match signed.check(signer, certificate) {
                    Ok(ContentFit::Good) => {
                        self.add(check, Outcome::Successful, "");
                        return (Some(signer), Some(certificate));
                    }
                    Ok(ContentFit::ContentChanged) => (
                        Outcome::Failed,
                        "the list of hashes was changed after it was signed".into(),
                    ),
                    Ok(ContentFit::SignatureBad) => (
                        Outcome::Failed,
                        "the signature is not the document signer's".into(),
                    ),
                    Ok(ContentFit::OtherKind) => (
                        Outcome::Failed,
                        "the signature is of another kind than the document signer's key".into(),
                    ),
                    Err(error) => (unusable(&error), error.to_string()),
                },
            };
            worst = worst.or(Some((outcome, detail)));
        }
        let (outcome, detail) =
            worst.unwrap_or((Outcome::Failed, "nobody signed the security object".into()));
        self.add(check, outcome, detail);
        match first {
            Some((signer, certificate)) => (Some(signer), certificate),
            None => (None, None),
        }
    }

    /// Did a country that is believed sign the document signer?
    fn chain<'a>(
        &mut self,
        certificate: &Certificate,
        store: &'a TrustStore,
        at: Date,
    ) -> Option<&'a Certificate> {
        let check = CheckId::ChipChain;
        if !certificate.role.signs_documents() {
            self.add(
                check,
                Outcome::Failed,
                "the signer's certificate is not for signing documents",
            );
            return None;
        }
        match store.issuer_of(certificate, at) {
            Issuer::Known(issuer) => {
                self.add(check, Outcome::Successful, issuer.subject.to_string());
                Some(issuer)
            }
            Issuer::Forged(issuer) => {
                self.add(
                    check,
                    Outcome::Failed,
                    format!(
                        "names {} as its issuer, whose key did not sign it",
                        issuer.subject
                    ),
                );
                None
            }
            Issuer::Unknown { tried } => {
                let held = match tried {
                    0 => "none of that name is held".into(),
                    n => format!("{n} of that name are held, and none signed it"),
                };
                self.add(
                    check,
                    Outcome::Undetermined,
                    format!(
                        "the country signer {} is not known: {held}",
                        certificate.issuer
                    ),
                );
                None
            }
            Issuer::Unusable(error) => {
                self.add(check, Outcome::Undetermined, error.to_string());
                None
            }
        }
    }

    /// Were the certificates valid when the object was signed, and are they on the day?
    fn validity(
        &mut self,
        signer: &Signer,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        at: Date,
    ) {
        let mut faults = Vec::new();
        let mut ask = |whose: &str, certificate: &Certificate| {
            let (from, until) = (certificate.not_before.date(), certificate.not_after.date());
            if at < from {
                faults.push(format!("the {whose} is valid only from {from}"));
            } else if at > until {
                faults.push(format!("the {whose} expired on {until}"));
            }
        };
        ask("document signer", certificate);
        if let Some(issuer) = issuer {
            ask("country signer", issuer);
        }
        if let Some(time) = signer.signing_time {
            // Signing times are written in local time by some: a day's grace on either side.
            let day = time.date();
            let from = certificate.not_before.date().saturating_sub(1.day());
            let until = certificate.not_after.date().saturating_add(1.day());
            if day < from || day > until {
                faults.push(format!(
                    "it was signed on {day}, outside the document signer's validity"
                ));
            }
        }
        let outcome = if faults.is_empty() {
            Outcome::Successful
        } else {
            Outcome::Failed
        };
        self.add(CheckId::ChipValidity, outcome, faults.join("; "));
    }

    /// Has the country taken the document signer, or the country signer, back?
    fn revocation(
        &mut self,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        store: &TrustStore,
        at: Date,
    ) {
        let check = CheckId::ChipRevocation;
        if self.defects.contains(&KnownDefect::CertificateRevoked) {
            self.add(
                check,
                Outcome::Failed,
                "a list of known defects says that the document signer is revoked",
            );
            return;
        }
        let Some(issuer) = issuer else {
            self.add(
                check,
                Outcome::NotSupported,
                "without a known country signer no revocation list can be asked",
            );
            return;
        };
        let mut newest = None;
        for list in store.revocation_lists_of(issuer) {
            for (whose, asked) in [("document signer", certificate), ("country signer", issuer)] {
                if let Some(since) = list.lists(asked)
                    && asked.issuer.is(&list.issuer)
                {
                    let since = since
                        .map(|t| format!(" since {}", t.date()))
                        .unwrap_or_default();
                    self.add(
                        check,
                        Outcome::Failed,
                        format!("the {whose} is revoked{since}"),
                    );
                    return;
                }
            }
            if newest
                .is_none_or(|n: &crate::trust::RevocationList| n.this_update < list.this_update)
            {
                newest = Some(list);
            }
        }
        match newest {
            None => self.add(
                check,
                Outcome::NotSupported,
                "no revocation list of this country is held",
            ),
            Some(list) => match list.next_update {
                Some(due) if due.date() < at => self.add(
                    check,
                    Outcome::Undetermined,
                    format!(
                        "the revocation list held was due for renewal on {}",
                        due.date()
                    ),
                ),
                _ => self.add(
                    check,
                    Outcome::Successful,
                    format!("list of {}", list.this_update.date()),
                ),
            },
        }
    }

    /// Were hash functions used that are broken?
    fn algorithms(
        &mut self,
        data_groups: Option<Digest>,
        signer: &Signer,
        certificate: &Certificate,
        policy: &Policy,
    ) {
        let mut weak = Vec::new();
        let mut ask = |what: &str, digest: Digest| {
            if digest.is_weak() {
                weak.push(format!("{digest} {what}"));
            }
        };
        if let Some(digest) = data_groups {
            ask("of the data groups", digest);
        }
        ask("in the signature", signer.scheme.digest());
        if let Ok(scheme) = certificate.scheme() {
            ask("in the document signer's certificate", scheme.digest());
        }
        let outcome = match (weak.is_empty(), policy.weak_digests) {
            (true, _) | (false, WeakDigests::Report) => Outcome::Successful,
            (false, WeakDigests::Question) => Outcome::Undetermined,
            (false, WeakDigests::Refuse) => Outcome::Failed,
        };
        self.add(CheckId::ChipAlgorithms, outcome, weak.join(", "));
    }

    /// Is each file read the one that was signed?
    fn hashes(&mut self, object: &SecurityObject, efs: &[&[u8]]) {
        let check = CheckId::ChipDataGroupHashes;
        let (mut faults, mut open) = (Vec::new(), Vec::new());
        for bytes in efs {
            let Some(id) = bytes
                .first()
                .and_then(|b| FileId::from_tag(tlv::Tag(u32::from(*b))))
            else {
                open.push("a file that is none of a travel document's".to_owned());
                continue;
            };
            let Some(group) = id.data_group() else {
                // COM, CardAccess and CardSecurity are outside the security object's word.
                continue;
            };
            let Some(signed) = object.hashes.get(&group) else {
                faults.push(format!("{id} is not in the security object"));
                continue;
            };
            match fits(object, bytes, signed) {
                Ok(true) => self.hashed.push(id),
                Ok(false) => faults.push(format!("{id} is not the one that was signed")),
                Err(error) => open.push(error.to_string()),
            }
        }
        let (outcome, detail) = if !faults.is_empty() {
            (Outcome::Failed, faults.join("; "))
        } else if !open.is_empty() {
            (Outcome::Undetermined, open.join("; "))
        } else if self.hashed.is_empty() {
            (Outcome::NotSupported, "no data group was given".into())
        } else {
            let good: Vec<&str> = self.hashed.iter().map(|id| id.as_str()).collect();
            (Outcome::Successful, good.join(", "))
        };
        self.add(check, outcome, detail);
    }

    /// Is the state that the zone names the one whose certificate signed?
    fn issuing_state(&mut self, efs: &[&[u8]]) {
        let check = CheckId::ChipIssuingState;
        let Some(dg1) = efs.iter().find(|bytes| FileId::Dg1.begins(bytes)) else {
            return;
        };
        let state = match zone::parse(dg1) {
            Ok(zone) => zone.fields().issuing_state,
            Err(error) => {
                self.add(check, Outcome::Undetermined, error.to_string());
                return;
            }
        };
        let Some(country) = self.country.clone() else {
            self.add(
                check,
                Outcome::Undetermined,
                "the document signer's certificate names no country",
            );
            return;
        };
        let (outcome, detail) = crate::country::agree(&state, &country);
        self.add(check, outcome, detail);
    }
}

/// Hash of the file as the standard says, and of the file with what pads it, as some issuers hashed it.
fn fits(object: &SecurityObject, bytes: &[u8], signed: &[u8]) -> Result<bool, ChipError> {
    if object.digest.of(bytes)? == signed {
        return Ok(true);
    }
    match tlv::first(bytes) {
        Ok(file) if file.whole.len() < bytes.len() => Ok(object.digest.of(file.whole)? == signed),
        _ => Ok(false),
    }
}

/// The certificate sent along, else one given by hand.
fn certificate_of<'a>(
    signed: &'a SignedData,
    signer: &Signer,
    store: &'a TrustStore,
) -> Option<&'a Certificate> {
    // A defect list's replacement stands in for one that cannot be read, or is read wrongly.
    store
        .replacement_of(&signer.id)
        .or_else(|| signed.certificate_of(signer))
        .or_else(|| store.document_signers().iter().find(|c| signer.id.names(c)))
}

/// What cannot be used is no evidence; what is broken is.
fn unusable(error: &ChipError) -> Outcome {
    match error {
        ChipError::Malformed { .. } | ChipError::BadKey { .. } => Outcome::Failed,
        _ => Outcome::Undetermined,
    }
}
