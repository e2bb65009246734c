//! Passive authentication (Doc 9303-11 section 5.1): did the state that the document names sign what the
//! chip says, with the outcomes of BSI TR-03135-1 section 5.6.
//!
//! | found | check | outcome |
//! |---|---|---|
//! | the security object cannot be read | security object | Failed |
//! | it uses an algorithm that is not supported | security object | Undetermined |
//! | its signature is not its signer's, or its content was changed (tables 5.28 to 5.30) | signature | Failed |
//! | its signer's certificate is not to be had, or its algorithm is not supported | signature | Undetermined |
//! | no country signer held can have signed the document signer (table 5.33) | chain | Undetermined |
//! | the country signer whose key it names did not sign it | chain | Failed |
//! | that country signer is of another country than the document signer's issuer | chain | Failed |
//! | the document signer's certificate is for something else | chain | Failed |
//! | it names a purpose of the Internet's keys, without insisting | chain | Undetermined |
//! | a certificate is not valid on the day (tables 5.34 to 5.36), or was not at signing | validity | Failed |
//! | the country signer is not known | validity | Undetermined |
//! | a known defect says that a validity is written wrongly | validity | NotSupported |
//! | the document signer is revoked (table 5.37) | revocation | Failed |
//! | no revocation list of the country is held | revocation | as the policy says |
//! | the revocation list held is overdue, or a defect list calls the signer in question | revocation | Undetermined |
//! | a hash differs, or a data group is not in the security object (tables 5.41 and 5.42) | hashes | Failed |
//! | EF.COM lists other data groups than the security object (table 5.40) | EF.COM | Failed |
//! | there is no EF.COM | EF.COM | NotSupported |
//! | the issuing state is not the certificate's country (table 5.43) | issuing state | Failed |
//! | either has no code that is known | issuing state | Undetermined |
//! | a broken hash function | algorithms | as the policy says |
//!
//! The profile (section 3.7) that this house has chosen: revocation is asked about where a list of the country is
//! held ([`Revocation`]), and hashes of the files that were given; a question that is not asked is NotSupported.
//!
//! A list of known defects (TR-03135-1 section 5.8.2) softens what would fail for a fault of the issuer's own: a
//! security object that is known to be invalid leaves its signature and hashes Undetermined.

mod certificates;
mod contents;

use crate::answers::Why;
use crate::cms::{ContentFit, SignedData, Signer};
use crate::conformance::Deviations;
use crate::error::ChipError;
use crate::files::{FileId, SecurityInfos, SecurityObject};
use crate::trust::algorithm::Digest;
use crate::trust::certificate::Certificate;
use crate::trust::defects::KnownDefect;
use crate::trust::store::TrustStore;
use jiff::civil::Date;
use rules::check::outcome_of;
use rules::{Check, CheckId, Outcome, Said};

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

/// When revocation is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Revocation {
    /// Where a revocation list of the country is held: few countries' lists reach a border post.
    #[default]
    WhereHeld,
    /// Always: without the country's list the answer stays open.
    Always,
}

/// What the state running the posts decides about belief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// What to make of SHA-1 and SHA-224.
    pub weak_digests: WeakDigests,
    /// What to make of files that are not built as the standard says.
    pub deviations: Deviations,
    /// When revocation is asked about.
    pub revocation: Revocation,
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
    /// Files that were read and whose hash is the one in the security object.
    pub hashed: Vec<FileId>,
    /// Every file whose hash stands in the security object.
    pub listed: Vec<FileId>,
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
    Signed::of(sod, store, at, policy).with(efs)
}

/// A security object judged by itself: who signed it, under whom, and whether they might. The files that it
/// vouches for are held against it when they have been read.
pub(crate) struct Signed {
    object: Option<SecurityObject>,
    found: Verification,
}

impl Signed {
    /// Reads a security object and asks who signed it.
    pub(crate) fn of(sod: &[u8], store: &TrustStore, at: Date, policy: &Policy) -> Self {
        let mut found = Verification::nothing();
        let check = CheckId::ChipSecurityObject;
        let object = match SecurityObject::parse(sod) {
            Ok(object) => {
                found.add(check, Outcome::Successful, Why::none());
                let groups = object.hashes.keys();
                found.listed = groups.filter_map(|n| FileId::from_data_group(*n)).collect();
                found.signers(&object.signed, Some(object.digest), store, at, policy);
                Some(object)
            }
            Err(error @ (ChipError::Unsupported { .. } | ChipError::Library(_))) => {
                found.add(check, Outcome::Undetermined, Why::from(&error));
                None
            }
            Err(error) => {
                found.add(check, Outcome::Failed, Why::from(&error));
                None
            }
        };
        Self { object, found }
    }

    /// Holds the files against it.
    pub(crate) fn with(self, efs: &[&[u8]]) -> Verification {
        let Self { object, mut found } = self;
        if let Some(object) = object {
            found.hashes(&object, efs);
            found.common_data(&object, efs);
            found.issuing_state(efs);
            if found.defects.contains(&KnownDefect::SecurityObjectInvalid) {
                found.soften(&[CheckId::ChipSignature, CheckId::ChipDataGroupHashes]);
            }
        }
        found.outcome = outcome_of(&found.checks);
        found
    }
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
    found.outcome = outcome_of(&found.checks);
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
            listed: Vec::new(),
            checks: Vec::new(),
            outcome: Outcome::Aborted,
        }
    }

    /// What is found where the security object was not read: nothing is decided.
    #[must_use]
    pub fn without_security_object() -> Self {
        let mut found = Self::nothing();
        let why = Why::of_files(
            "the security object was not read",
            "detail-chip-not-read",
            FileId::Sod.as_str(),
        );
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

    /// Whether the security object holds this file's hash.
    #[must_use]
    pub fn lists(&self, file: FileId) -> bool {
        self.listed.contains(&file)
    }

    fn add(&mut self, check: CheckId, outcome: Outcome, why: Why) {
        self.checks.push(why.check(check, outcome));
    }

    /// What failed for a fault that is the issuer's own stays open.
    fn soften(&mut self, which: &[CheckId]) {
        for check in &mut self.checks {
            if check.outcome == Outcome::Failed && which.contains(&check.check) {
                check.outcome = Outcome::Undetermined;
                check
                    .detail
                    .push_str("; a known defect of this issuer's documents");
                check.said.push(Said::new("detail-chip-known-defect", []));
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
            self.country = match store.corrected_country(certificate) {
                Some(meant) => Some(meant.to_owned()),
                None => certificate
                    .issuer
                    .country()
                    .or_else(|| certificate.country()),
            };
            self.algorithm = Some(match key {
                Ok(key) => format!("{key}, {}", signer.scheme),
                Err(_) => signer.scheme.to_string(),
            });
            self.defects = store.defects_of(certificate);
            let issuer = self.chain(certificate, store, at);
            // Whose issuer's name has no country is of the one that signed it, whatever else it says of itself.
            if certificate.issuer.country().is_none()
                && store.corrected_country(certificate).is_none()
                && let Some(own) = issuer.and_then(Certificate::country)
            {
                self.country = Some(own);
            }
            self.validity(signer, certificate, issuer, at);
            self.revocation(certificate, issuer, store, at, policy.revocation);
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
        let mut worst: Option<(Outcome, Why)> = None;
        let failed = |why: &str, key| (Outcome::Failed, Why::new(why, key, []));
        for signer in &signed.signers {
            let certificate = certificate_of(signed, signer, store);
            first = first.or(Some((signer, certificate)));
            let found = match certificate {
                None => (Outcome::Undetermined, no_certificate(signed)),
                Some(certificate) => match signed.check(signer, certificate) {
                    Ok(ContentFit::Good) => {
                        self.add(check, Outcome::Successful, Why::none());
                        return (Some(signer), Some(certificate));
                    }
                    Ok(ContentFit::ContentChanged) => failed(
                        "the list of hashes was changed after it was signed",
                        "detail-chip-hashes-changed",
                    ),
                    Ok(ContentFit::SignatureBad) => failed(
                        "the signature is not the document signer's",
                        "detail-chip-signature-bad",
                    ),
                    Ok(ContentFit::OtherKind) => failed(
                        "the signature is of another kind than the document signer's key",
                        "detail-chip-signature-bad",
                    ),
                    Err(error) => (unusable(&error), Why::from(&error)),
                },
            };
            worst = worst.or(Some(found));
        }
        let (outcome, why) = worst
            .unwrap_or_else(|| failed("nobody signed the security object", "detail-chip-unsigned"));
        self.add(check, outcome, why);
        match first {
            Some((signer, certificate)) => (Some(signer), certificate),
            None => (None, None),
        }
    }
}

/// The certificate sent along, else one given by hand.
fn certificate_of<'a>(
    signed: &'a SignedData,
    signer: &Signer,
    store: &'a TrustStore,
) -> Option<&'a Certificate> {
    // A defect list's replacement stands in for one that cannot be read, or is read wrongly.
    if let Some(replacement) = store.replacement_of(&signer.id) {
        return Some(replacement);
    }
    let held = store.document_signers();
    if let Some(meant) = store.corrected_signer(&signer.id) {
        let mut known = signed.certificates.iter().flatten().chain(held);
        return known.find(|c| meant.names(c));
    }
    signed
        .certificate_of(signer)
        .or_else(|| held.iter().find(|c| signer.id.names(c)))
}

/// Why there is no certificate of the signer.
fn no_certificate(signed: &SignedData) -> Why {
    let unreadable = signed.certificates.iter().find_map(|c| c.as_ref().err());
    match unreadable {
        Some(error) => Why::from(error).after("the document signer's certificate cannot be read: "),
        None => Why::new(
            "the document signer's certificate is neither in the security object nor held",
            "detail-chip-signer-absent",
            [],
        ),
    }
}

/// What cannot be used is no evidence; what is broken is.
fn unusable(error: &ChipError) -> Outcome {
    match error {
        ChipError::Malformed { .. } | ChipError::BadKey { .. } => Outcome::Failed,
        _ => Outcome::Undetermined,
    }
}
