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

/// Certificates sent along with a list, at most; real lists have one to three.
const ALONG: usize = 32;

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
    if sent.len() > ALONG {
        return Err(refuse(format!("{} certificates with it", sent.len())));
    }
    match pinning {
        Pinning::Roots(roots) => descends(signer, &sent, roots, CHAIN)?,
        Pinning::OperatorsWord => {
            let issuers: Vec<Certificate> = sent.iter().map(|c| (*c).clone()).collect();
            descends(signer, &sent, &issuers, CHAIN)?;
        }
    }
    Ok((by, signer))
}

/// Whether a certificate is one of the roots, or was signed by one, in at most so many steps. Each certificate is
/// looked at once, however they sign one another.
fn descends(
    certificate: &Certificate,
    sent: &[&Certificate],
    roots: &[Certificate],
    steps: usize,
) -> Result<(), ChipError> {
    let signed = |issued: &Certificate, issuer: &Certificate| {
        issuer.is_authority()
            && issuer.role.signs_certificates()
            && issued.may_be_issued_by(issuer) != IssuerMatch::No
            && issued.signed_by(issuer) == Ok(SignatureFit::Good)
    };
    let mut reached = vec![certificate];
    let mut next = 0;
    for _ in 0..steps {
        let step = next..reached.len();
        next = reached.len();
        for place in step {
            let issued = reached[place];
            let is_root = |root: &Certificate| root.der() == issued.der() || signed(issued, root);
            if roots.iter().any(is_root) {
                return Ok(());
            }
            let mut issuers = sent.to_vec();
            issuers.retain(|c| reached.iter().all(|r| r.der() != c.der()) && signed(issued, c));
            reached.extend(issuers);
        }
    }
    Err(ChipError::ListNotTrusted {
        why: format!("nothing pinned signed {}", certificate.subject),
    })
}
