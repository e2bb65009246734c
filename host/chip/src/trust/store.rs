//! The country signers that are believed, what they revoked, and how old that knowledge is.

use crate::cms::{SignedData, SignerId};
use crate::error::ChipError;
use crate::oid;
use crate::trust::certificate::{Certificate, IssuerMatch, pem_sections};
use crate::trust::defects::{DefectList, KnownDefect};
use crate::trust::master_list::MasterList;
use crate::trust::public_key::SignatureFit;
use crate::trust::revocation::RevocationList;
use crate::trust::signed_list::Pinning;
use jiff::civil::{Date, DateTime};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// A file of a trust store larger than this is not read: the largest real list is below 1 MB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What is believed about who issues documents.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    countries: Vec<Certificate>,
    known: BTreeSet<Vec<u8>>,
    documents: Vec<Certificate>,
    revocations: Vec<RevocationList>,
    lists: BTreeMap<String, DateTime>,
    /// Signing time of the newest list that was ever held, by country: nothing older is taken.
    seen: BTreeMap<String, DateTime>,
    /// Lists of known defects, by country of their signers.
    defects: BTreeMap<String, DefectList>,
}

/// What the store knows of a document signer's issuer.
#[derive(Debug, Clone)]
pub enum Issuer<'a> {
    /// This country signer signed it.
    Known(&'a Certificate),
    /// This country signer's key is named, and did not sign it.
    Forged(&'a Certificate),
    /// No country signer that is held can have signed it; how many of the same name were tried.
    Unknown {
        /// Country signers of the issuer's name whose keys did not fit.
        tried: usize,
    },
    /// A country signer is named whose key or algorithm cannot be used.
    Unusable(ChipError),
}

/// What was read from a file or folder, for the person who gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Country signers that were new.
    pub country_signers: usize,
    /// Revocation lists.
    pub revocation_lists: usize,
    /// Lists of known defects.
    pub defect_lists: usize,
    /// What was refused, with the reason.
    pub refused: Vec<ChipError>,
}

impl TrustStore {
    /// A store that believes nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that believes nobody yet, and takes no list older than these, by country: what [`Self::lists`]
    /// said before the store was built anew.
    #[must_use]
    pub fn expecting(seen: BTreeMap<String, DateTime>) -> Self {
        Self {
            seen,
            ..Self::default()
        }
    }

    /// The country signers that are believed.
    #[must_use]
    pub fn country_signers(&self) -> &[Certificate] {
        &self.countries
    }

    /// Signing time of the newest list held, by country of the list's signer: how old the knowledge is.
    #[must_use]
    pub fn lists(&self) -> &BTreeMap<String, DateTime> {
        &self.lists
    }

    /// Believes a certificate: of an authority as country signer, of any other as a document signer's,
    /// to be used for security objects that carry none (its own issuer is still asked for).
    /// Says whether it was new.
    pub fn add_certificate(&mut self, certificate: Certificate) -> bool {
        if !self.known.insert(certificate.der().to_vec()) {
            return false;
        }
        let is_authority = certificate.is_authority();
        if is_authority {
            self.countries.push(certificate);
        } else {
            self.documents.push(certificate);
        }
        is_authority
    }

    /// Takes in a list that [`MasterList::open`] believed: newer than the one held from the same country,
    /// or refused. Certificates of the older list stay until the store is built anew, for a state that
    /// left a list has not taken back its documents.
    pub fn update(&mut self, list: MasterList) -> Result<Taken, ChipError> {
        let offered = list.signed_at.ok_or(ChipError::ListUndated)?;
        let country = list.country.unwrap_or_default();
        if let Some(seen) = self.seen.get(&country).copied()
            && offered < seen
        {
            return Err(ChipError::ListOlderThanSeen { seen, offered });
        }
        if let Some(held) = self.lists.get(&country).copied()
            && offered <= held
        {
            return Err(ChipError::ListRolledBack { held, offered });
        }
        self.lists.insert(country, offered);
        let mut taken = Taken {
            refused: list.refused,
            ..Taken::default()
        };
        for certificate in list.certificates {
            taken.country_signers += usize::from(self.add_certificate(certificate));
        }
        Ok(taken)
    }

    /// Believes a revocation list once a country signer that is held signed it. Of two lists of one
    /// authority both are asked, so an older one cannot hide what a newer one says.
    pub fn add_revocation_list(&mut self, list: RevocationList) -> Result<(), ChipError> {
        let is_signed = self
            .countries
            .iter()
            .filter(|c| list.may_be_issued_by(c))
            .any(|c| list.signed_by(c) == Ok(SignatureFit::Good));
        if !is_signed {
            return Err(ChipError::ListNotTrusted {
                why: format!(
                    "no country signer that is held signed the revocation list of {}",
                    list.issuer
                ),
            });
        }
        self.revocations.push(list);
        Ok(())
    }

    /// Who signed this certificate: by key identifier first, then by name, and of certificates of one key
    /// the one that is valid on the day.
    #[must_use]
    pub fn issuer_of(&self, certificate: &Certificate, at: Date) -> Issuer<'_> {
        let mut tried = 0;
        let mut forged = None;
        let mut unusable = None;
        let mut candidates: Vec<(IssuerMatch, &Certificate)> = self
            .countries
            .iter()
            .map(|c| (certificate.may_be_issued_by(c), c))
            .filter(|(fit, c)| *fit != IssuerMatch::No && c.role.signs_certificates())
            .collect();
        candidates.sort_by_key(|(fit, c)| std::cmp::Reverse((*fit, c.is_valid_on(at))));
        for (fit, candidate) in candidates {
            tried += 1;
            match certificate.signed_by(candidate) {
                Ok(SignatureFit::Good) => return Issuer::Known(candidate),
                // Key identifiers say which key it is: if that key did not sign, nobody's did.
                Ok(_) if fit == IssuerMatch::ByKey => forged = forged.or(Some(candidate)),
                Ok(_) => {}
                Err(error) => unusable = unusable.or(Some(error)),
            }
        }
        match (unusable, forged) {
            (Some(error), _) => Issuer::Unusable(error),
            (None, Some(candidate)) => Issuer::Forged(candidate),
            (None, None) => Issuer::Unknown { tried },
        }
    }

    /// The revocation lists of the authority that signed a certificate.
    pub(crate) fn revocation_lists_of<'a>(
        &'a self,
        issuer: &'a Certificate,
    ) -> impl Iterator<Item = &'a RevocationList> {
        self.revocations
            .iter()
            .filter(move |list| list.may_be_issued_by(issuer))
    }

    /// Document signers given by hand, for security objects without a certificate.
    pub(crate) fn document_signers(&self) -> &[Certificate] {
        &self.documents
    }

    /// Reads a master list and checks it: against the pinned roots, and against the country signers of the
    /// roots' own countries that an earlier believed list brought. That is how a state's list outlives its
    /// root: the last list under the old key carries the new one.
    pub fn open_list(
        &self,
        bytes: &[u8],
        pinning: Pinning<'_>,
        at: Date,
    ) -> Result<MasterList, ChipError> {
        match pinning {
            Pinning::OperatorsWord => MasterList::open(bytes, pinning, at),
            Pinning::Roots(pinned) => {
                MasterList::open(bytes, Pinning::Roots(&self.with_successors(pinned)), at)
            }
        }
    }

    /// The roots, and the country signers that are held of the roots' countries.
    fn with_successors(&self, pinned: &[Certificate]) -> Vec<Certificate> {
        let countries: BTreeSet<String> = pinned.iter().filter_map(Certificate::country).collect();
        let held = self.countries.iter();
        let successors = held.filter(|c| c.country().is_some_and(|c| countries.contains(&c)));
        pinned.iter().chain(successors).cloned().collect()
    }

    /// Takes in a list of known defects: signed under a pinned root, or, on the operator's word, under any
    /// country signer that is held; newer than the one held of the same country, which it replaces.
    pub fn add_defect_list(
        &mut self,
        bytes: &[u8],
        pinning: Pinning<'_>,
        at: Date,
    ) -> Result<(), ChipError> {
        let roots = match pinning {
            Pinning::OperatorsWord => self.countries.clone(),
            Pinning::Roots(pinned) => self.with_successors(pinned),
        };
        let list = DefectList::open(bytes, &roots, at)?;
        let country = list.country.clone().unwrap_or_default();
        if let Some(held) = self.defects.get(&country).map(|l| l.signed_at)
            && list.signed_at <= held
        {
            return Err(ChipError::ListRolledBack {
                held,
                offered: list.signed_at,
            });
        }
        self.defects.insert(country, list);
        Ok(())
    }

    /// What is known to be wrong with the documents of this signer.
    pub(crate) fn defects_of(&self, certificate: &Certificate) -> Vec<KnownDefect> {
        let lists = self.defects.values();
        lists.flat_map(|list| list.of(certificate)).collect()
    }

    /// The certificate that stands in for the one that a signer names.
    pub(crate) fn replacement_of(&self, signer: &SignerId) -> Option<&Certificate> {
        self.defects
            .values()
            .find_map(|list| list.replacement(signer))
    }

    /// Whether a list of known defects holds this certificate in another's stead, and so vouches for it.
    pub(crate) fn vouches_for(&self, certificate: &Certificate) -> bool {
        self.defects.values().any(|list| list.replaces(certificate))
    }

    /// The signer that is meant where a security object is known to name another.
    pub(crate) fn corrected_signer(&self, signer: &SignerId) -> Option<&SignerId> {
        self.defects
            .values()
            .find_map(|list| list.corrected(signer))
    }

    /// The country that is meant where a document signer's certificate is known to name another.
    pub(crate) fn corrected_country(&self, certificate: &Certificate) -> Option<&str> {
        let mut lists = self.defects.values();
        lists.find_map(|list| list.country_of(certificate))
    }

    /// Takes in one file's bytes: a master list, certificates or revocation lists, in DER or PEM.
    /// `name` is for messages, and its ending tells which fault to name where none of the kinds fits.
    pub fn add_bytes(
        &mut self,
        name: &str,
        bytes: &[u8],
        pinning: Pinning<'_>,
        at: Date,
    ) -> Result<Taken, ChipError> {
        let mut taken = Taken::default();
        if let Some(text) = std::str::from_utf8(bytes)
            .ok()
            .filter(|t| t.contains("-----BEGIN "))
        {
            for (label, der) in pem_sections(text) {
                let result = match label.as_str() {
                    "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                        Certificate::parse(&der).map(|c| {
                            taken.country_signers += usize::from(self.add_certificate(c));
                        })
                    }
                    "X509 CRL" => RevocationList::parse(&der)
                        .and_then(|list| self.add_revocation_list(list))
                        .map(|()| taken.revocation_lists += 1),
                    "CMS" | "PKCS7" => self
                        .open_list(&der, pinning, at)
                        .and_then(|list| self.update(list))
                        .map(|more| taken.join(more)),
                    _ => Ok(()),
                };
                if let Err(error) = result {
                    taken.refused.push(error);
                }
            }
            return Ok(taken);
        }
        // The three kinds of DER differ in their second object; the one that parses is meant.
        let certificate = match Certificate::parse(bytes) {
            Ok(certificate) => {
                taken.country_signers += usize::from(self.add_certificate(certificate));
                return Ok(taken);
            }
            Err(error) => error,
        };
        if let Ok(list) = RevocationList::parse(bytes) {
            self.add_revocation_list(list)?;
            taken.revocation_lists += 1;
            return Ok(taken);
        }
        if SignedData::parse(bytes).is_ok_and(|s| s.content_type.0 == oid::DEFECT_LIST) {
            self.add_defect_list(bytes, pinning, at)?;
            taken.defect_lists += 1;
            return Ok(taken);
        }
        match self.open_list(bytes, pinning, at) {
            Ok(list) => return self.update(list),
            Err(error @ ChipError::Malformed { .. }) => {
                if name.ends_with(".ml") {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        if name.ends_with(".cer") || name.ends_with(".der") || name.ends_with(".crt") {
            return Err(certificate);
        }
        Err(ChipError::UnknownTrust(name.into()))
    }

    /// Takes in files, and every file of folders (not of folders within them). The order of names does not
    /// decide what is believed: what needs another's key is tried again once that key may have come.
    ///
    /// # Errors
    /// A path that cannot be read, or a file given by name that is nothing of a trust store. What a folder
    /// holds besides, and lists that are not believed, are among what was refused.
    pub fn add_paths<P: AsRef<Path>>(
        &mut self,
        paths: &[P],
        pinning: Pinning<'_>,
        at: Date,
    ) -> Result<Taken, ChipError> {
        let mut waiting = Vec::new();
        for path in paths.iter().map(AsRef::as_ref) {
            waiting.extend(files_at(path)?);
        }
        let mut taken = Taken::default();
        for last in [false, true] {
            for file in std::mem::take(&mut waiting) {
                match self.add_bytes(&file.name, &file.bytes, pinning, at) {
                    Ok(more) => taken.join(more),
                    Err(ChipError::ListNotTrusted { .. }) if !last => waiting.push(file),
                    // The older of two lists in one folder is no attack.
                    Err(ChipError::ListRolledBack { .. }) if file.origin == Origin::Folder => {}
                    Err(
                        error @ (ChipError::ListNotTrusted { .. }
                        | ChipError::ListRolledBack { .. }
                        | ChipError::ListOlderThanSeen { .. }
                        | ChipError::ListUndated),
                    ) => taken.refused.push(error),
                    Err(error) if file.origin == Origin::Named => return Err(error),
                    Err(error) => taken.refused.push(error),
                }
            }
        }
        Ok(taken)
    }
}

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Named,
    Folder,
}

struct Waiting {
    name: String,
    bytes: Vec<u8>,
    origin: Origin,
}

/// The file at a path, or the files of the folder there, sorted by name.
fn files_at(path: &Path) -> Result<Vec<Waiting>, ChipError> {
    let unreadable = |error: std::io::Error| ChipError::Unreadable {
        path: path.into(),
        why: error.kind(),
    };
    let waiting = |path: &Path, origin| {
        Ok(Waiting {
            name: path.to_string_lossy().into_owned(),
            bytes: read(path)?,
            origin,
        })
    };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![waiting(path, Origin::Named)?]);
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    let files = paths.iter().filter(|p| p.is_file());
    files.map(|p| waiting(p, Origin::Folder)).collect()
}

impl Taken {
    fn join(&mut self, other: Self) {
        self.country_signers += other.country_signers;
        self.revocation_lists += other.revocation_lists;
        self.defect_lists += other.defect_lists;
        self.refused.extend(other.refused);
    }
}

/// A file of bounded length.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ChipError> {
    let unreadable = |why| ChipError::Unreadable {
        path: path.into(),
        why,
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        // Counted as it comes: the length that a folder states says nothing of a device.
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|e| unreadable(e.kind()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(std::io::ErrorKind::FileTooLarge));
    }
    Ok(bytes)
}
