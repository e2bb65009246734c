//! Master lists: many states' CSCA certificates under one state's signature (Doc 9303-12 section 9).

use crate::cms::{ContentFit, SignedData};
use crate::error::{ChipError, Part};
use crate::oid;
use crate::tlv::{self, Tag};
use crate::trust::certificate::{Certificate, IssuerMatch, each};
use crate::trust::public_key::SignatureFit;
use jiff::civil::{Date, DateTime};

/// Why a list is believed.
#[derive(Debug, Clone, Copy)]
pub enum Pinning<'a> {
    /// Its signer must descend from one of these roots, which came another way.
    Roots(&'a [Certificate]),
    /// Whoever runs the program vouches for the file. The signature must still hold within itself.
    OperatorsWord,
}

/// A list whose signature was checked.
#[derive(Debug, Clone)]
pub struct MasterList {
    /// Country of the state that signed it.
    pub country: Option<String>,
    /// When it was signed, UTC.
    pub signed_at: Option<DateTime>,
    /// Who signed it.
    pub signer: Certificate,
    /// The certificates on it that could be read.
    pub certificates: Vec<Certificate>,
    /// Those that could not, and why.
    pub refused: Vec<ChipError>,
}

/// Steps from the list's signer to a pinned root; real lists need one, a link certificate makes two.
const CHAIN: usize = 4;

impl MasterList {
    /// Reads a list and checks that it is signed by who may sign it.
    ///
    /// The signer's certificate must be for signing lists (or be the country's own CSCA), valid when it
    /// signed, and descend from a pinned root directly or through authorities sent along.
    pub fn open(bytes: &[u8], pinning: Pinning<'_>, at: Date) -> Result<Self, ChipError> {
        let signed = SignedData::parse(bytes)?;
        if signed.content_type.0 != oid::MASTER_LIST {
            return Err(ChipError::Unsupported {
                part: Part::MasterList,
                what: format!("content of type {}", signed.content_type),
            });
        }
        let refuse = |why: String| ChipError::ListNotTrusted { why };
        let [by] = signed.signers.as_slice() else {
            return Err(refuse(format!("{} signatures", signed.signers.len())));
        };
        let signer = signed
            .certificate_of(by)
            .ok_or_else(|| refuse("the signer's certificate is not with it".into()))?;
        match signed.check(by, signer)? {
            ContentFit::Good => {}
            ContentFit::ContentChanged => {
                return Err(refuse("it was changed after signing".into()));
            }
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
        if !signer.role.signs_lists() && signer.role.authority != Some(true) {
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
        let (certificates, refused) = content(&signed.content)?;
        Ok(Self {
            country: signer.country(),
            signed_at: by.signing_time,
            signer: signer.clone(),
            certificates,
            refused,
        })
    }
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

/// CscaMasterList: SEQUENCE of version and SET OF Certificate.
fn content(bytes: &[u8]) -> Result<(Vec<Certificate>, Vec<ChipError>), ChipError> {
    let at = ChipError::in_part(Part::MasterList);
    let mut inside = tlv::first(bytes).map_err(&at)?.inside();
    let version = inside.take(Tag::INTEGER).map_err(&at)?;
    if version.value != [0] {
        return Err(at(version.wrong("a version that is not known")));
    }
    let set = inside.take(Tag::SET).map_err(&at)?;
    let (mut certificates, mut refused) = (Vec::new(), Vec::new());
    for certificate in each(set.value) {
        match certificate {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => refused.push(error),
        }
    }
    Ok((certificates, refused))
}
