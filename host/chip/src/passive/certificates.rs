//! Who signed, and whether they might (TR-03135-1 section 5.6.4.3).

use super::{Policy, Revocation, Verification, WeakDigests};
use crate::cms::Signer;
use crate::trust::algorithm::Digest;
use crate::trust::certificate::{Certificate, SignsDocuments};
use crate::trust::defects::{KnownDefect, WrongValidity};
use crate::trust::store::{Issuer, TrustStore};
use jiff::ToSpan as _;
use jiff::civil::Date;
use rules::{CheckId, Outcome};

impl Verification {
    /// Did a country that is believed sign the document signer?
    pub(super) fn chain<'a>(
        &mut self,
        certificate: &Certificate,
        store: &'a TrustStore,
        at: Date,
    ) -> Option<&'a Certificate> {
        let check = CheckId::ChipChain;
        let signs = certificate.role.signs_documents();
        if signs == SignsDocuments::No {
            self.add(
                check,
                Outcome::Failed,
                "the signer's certificate is not for signing documents",
            );
            return None;
        }
        if store.vouches_for(certificate) {
            let why = "a list of known defects holds it in the malformed one's stead";
            self.add(check, Outcome::Successful, why);
            return None;
        }
        match store.issuer_of(certificate, at) {
            Issuer::Known(issuer) => {
                // The signers of one state could otherwise issue another's documents (section 5.6.4.3.3).
                let (named, own) = (certificate.issuer.country(), issuer.country());
                if named.is_some() && own.is_some() && named != own {
                    let why = format!(
                        "names {} as its issuer, and {} signed it",
                        certificate.issuer, issuer.subject
                    );
                    self.add(check, Outcome::Failed, why);
                    return None;
                }
                if signs == SignsDocuments::Doubtful {
                    let why =
                        "the signer's certificate names a purpose that no document signer has";
                    self.add(check, Outcome::Undetermined, why);
                } else {
                    self.add(check, Outcome::Successful, issuer.subject.to_string());
                }
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
                let signer = certificate.issuer.to_string();
                self.saying("detail-chip-signer-unknown", "signer", signer);
                None
            }
            Issuer::Unusable(error) => {
                self.add(check, Outcome::Undetermined, error.to_string());
                None
            }
        }
    }

    /// Were the certificates valid when the object was signed, and are they on the day?
    pub(super) fn validity(
        &mut self,
        signer: &Signer,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        at: Date,
    ) {
        let wrongly = |whose: fn(WrongValidity) -> bool| {
            self.defects
                .iter()
                .any(|d| matches!(d, KnownDefect::ValidityIncorrect(which) if whose(*which)))
        };
        let mut faults = Vec::new();
        let mut excused = false;
        let asked = [
            (
                "document signer",
                Some(certificate),
                wrongly(WrongValidity::document_signer),
            ),
            (
                "country signer",
                issuer,
                wrongly(WrongValidity::country_signer),
            ),
        ];
        for (whose, certificate, is_wrong) in asked {
            let Some(certificate) = certificate else {
                continue;
            };
            if is_wrong {
                excused = true;
                continue;
            }
            let (from, until) = (certificate.not_before.date(), certificate.not_after.date());
            if at < from {
                faults.push(format!("the {whose} is valid only from {from}"));
            } else if at > until {
                faults.push(format!("the {whose} expired on {until}"));
            }
        }
        if let Some(time) = signer.signing_time.filter(|_| !excused) {
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
        let (outcome, detail) = if !faults.is_empty() {
            (Outcome::Failed, faults.join("; "))
        } else if excused {
            let why = "a validity is known to be written wrongly";
            (Outcome::NotSupported, why.to_owned())
        } else if issuer.is_none() {
            let why = "the country signer is not known";
            (Outcome::Undetermined, why.to_owned())
        } else {
            (Outcome::Successful, String::new())
        };
        self.add(CheckId::ChipValidity, outcome, detail);
    }

    /// Has the country taken the document signer, or the country signer, back?
    pub(super) fn revocation(
        &mut self,
        certificate: &Certificate,
        issuer: Option<&Certificate>,
        store: &TrustStore,
        at: Date,
        asked: Revocation,
    ) {
        let check = CheckId::ChipRevocation;
        let unasked = match asked {
            Revocation::WhereHeld => Outcome::NotSupported,
            Revocation::Always => Outcome::Undetermined,
        };
        if self.defects.contains(&KnownDefect::CertificateRevoked) {
            self.add(
                check,
                Outcome::Failed,
                "a list of known defects says that the document signer is revoked",
            );
            return;
        }
        if self.defects.contains(&KnownDefect::CertificateQuestioned) {
            let why = "a list of known defects calls the document signer in question";
            self.add(check, Outcome::Undetermined, why);
            return;
        }
        let Some(issuer) = issuer else {
            self.add(
                check,
                unasked,
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
            None => self.add(check, unasked, "no revocation list of this country is held"),
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
    pub(super) fn algorithms(
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
}
