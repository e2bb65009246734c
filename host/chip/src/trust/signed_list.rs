//! Lists that a state signs for all inspections, master lists and defect lists: whose word they are.

use crate::cms::{ContentFit, SignedData, Signer};
use crate::error::ChipError;
use crate::trust::certificate::{Certificate, IssuerMatch, Role};
use crate::trust::public_key::SignatureFit;
use jiff::civil::Date;

/// Why a list is believed.
#[derive(Debug, Clone, Copy)]
pub enum Pinning<'a> {
    /// Its signer must descend from one of these roots, which came another way.
    Roots(&'a [Certificate]),
    /// Whoever runs the program vouches for the file. The signature must still hold within itself.
    OperatorsWord,
}

/// Steps from the list's signer to a pinned root; real lists need one, a link certificate makes two.
const CHAIN: usize = 4;

/// The list's one signer, once it is known that the signer may sign such lists (`may_sign`), was valid when it
/// signed, and descends from a pinned root directly or through authorities sent along.
pub(crate) fn believed<'a>(
    signed: &'a SignedData,
    pinning: Pinning<'_>,
    at: Date,
    may_sign: impl Fn(&Role) -> bool,
) -> Result<(&'a Signer, &'a Certificate), ChipError> {
    let refuse = |why: String| ChipError::ListNotTrusted { why };
    let [by] = signed.signers.as_slice() else {
        return Err(refuse(format!("{} signatures", signed.signers.len())));
    };
    let signer = signed
        .certificate_of(by)
        .ok_or_else(|| refuse("the signer's certificate is not with it".into()))?;
    match signed.check(by, signer)? {
        ContentFit::Good => {}
        ContentFit::ContentChanged => return Err(refuse("it was changed after signing".into())),
        ContentFit::SignatureBad | ContentFit::OtherKind => {
            return Err(refuse("the signature is not the signer's".into()));
        }
    }
    let day = by.signing_time.map_or(at, |time| time.date());
    if !signer.is_valid_on(day) {
        return Err(refuse(format!(
            "the signer's certificate was not valid on {day}"
        )));
    }
    if !may_sign(&signer.role) && signer.role.authority != Some(true) {
        return Err(refuse(
            "the signer's certificate is not for signing lists".into(),
        ));
    }
    let sent: Vec<&Certificate> = signed.certificates.iter().flatten().collect();
    match pinning {
        Pinning::Roots(roots) => descends(signer, &sent, roots, CHAIN)?,
        Pinning::OperatorsWord => {
            let issuers: Vec<Certificate> = sent.iter().map(|c| (*c).clone()).collect();
            descends(signer, &sent, &issuers, CHAIN)?;
        }
    }
    Ok((by, signer))
}

/// Whether a certificate is one of the roots, or was signed by one, in at most so many steps.
fn descends(
    certificate: &Certificate,
    sent: &[&Certificate],
    roots: &[Certificate],
    steps: usize,
) -> Result<(), ChipError> {
    let unknown = || ChipError::ListNotTrusted {
        why: format!("nothing pinned signed {}", certificate.subject),
    };
    if roots.iter().any(|root| root.der() == certificate.der()) {
        return Ok(());
    }
    if steps == 0 {
        return Err(unknown());
    }
    let signed = |issuer: &Certificate| {
        issuer.role.signs_certificates()
            && certificate.may_be_issued_by(issuer) != IssuerMatch::No
            && certificate.signed_by(issuer) == Ok(SignatureFit::Good)
    };
    if roots.iter().any(signed) {
        return Ok(());
    }
    sent.iter()
        .filter(|issuer| issuer.der() != certificate.der() && signed(issuer))
        .find_map(|issuer| descends(issuer, sent, roots, steps - 1).ok())
        .ok_or_else(unknown)
}
