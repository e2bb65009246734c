//! Who signed, and whether they might (TR-03135-1 section 5.6.4.3).

use super::{Policy, Revocation, Verification, WeakDigests};
use crate::answers::Why;
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
            let why = Why::new(
                "the signer's certificate is not for signing documents",
                "detail-chip-signer-purpose",
                [],
            );
            self.add(check, Outcome::Failed, why);
            return None;
        }
        if store.vouches_for(certificate) {
            let why = Why::new(
                "a list of known defects holds it in the malformed one's stead",
                "detail-chip-replaced",
                [],
            );
            self.add(check, Outcome::Successful, why);
            return None;
        }
        match store.issuer_of(certificate, at) {
            Issuer::Known(issuer) => {
                // The signers of one state could otherwise issue another's documents (section 5.6.4.3.3).
                let (named, own) = (certificate.issuer.country(), issuer.country());
                if named.is_some() && own.is_some() && named != own {
                    let (named, other) =
                        (certificate.issuer.to_string(), issuer.subject.to_string());
                    let why = format!("names {named} as its issuer, and {other} signed it");
                    let both = [("named", named.into()), ("other", other.into())];
                    let why = Why::new(why, "detail-chip-issuer-other", both);
                    self.add(check, Outcome::Failed, why);
                    return None;
                }
                if signs == SignsDocuments::Doubtful {
                    let why = Why::new(
                        "the signer's certificate names a purpose that no document signer has",
                        "detail-chip-signer-doubtful",
                        [],
                    );
                    self.add(check, Outcome::Undetermined, why);
                } else {
                    let why = Why::name(issuer.subject.to_string());
                    self.add(check, Outcome::Successful, why);
                }
                Some(issuer)
            }
            Issuer::Forged(issuer) => {
                let named = issuer.subject.to_string();
                let why = format!("names {named} as its issuer, whose key did not sign it");
                let named = [("named", named.into())];
                let why = Why::new(why, "detail-chip-issuer-forged", named);
                self.add(check, Outcome::Failed, why);
                None
            }
            Issuer::Unknown { tried } => {
                let held = match tried {
                    0 => "none of that name is held".into(),
                    n => format!("{n} of that name are held, and none signed it"),
                };
                let signer = certificate.issuer.to_string();
                let why = format!("the country signer {signer} is not known: {held}");
                let signer = [("signer", signer.into())];
                let why = Why::new(why, "detail-chip-signer-unknown", signer);
                self.add(check, Outcome::Undetermined, why);
                None
            }
            Issuer::Unusable(error) => {
                self.add(check, Outcome::Undetermined, Why::from(&error));
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
                ["detail-chip-signer-early", "detail-chip-signer-expired"],
                Some(certificate),
                wrongly(WrongValidity::document_signer),
            ),
            (
                "country signer",
                ["detail-chip-country-early", "detail-chip-country-expired"],
                issuer,
                wrongly(WrongValidity::country_signer),
            ),
        ];
        for (whose, [early, expired], certificate, is_wrong) in asked {
            let Some(certificate) = certificate else {
                continue;
            };
            if is_wrong {
                excused = true;
                continue;
            }
            let (from, until) = (certificate.not_before.date(), certificate.not_after.date());
            if at < from {
                let why = format!("the {whose} is valid only from {from}");
                faults.push(Why::of_day(why, early, from));
            } else if at > until {
                let why = format!("the {whose} expired on {until}");
                faults.push(Why::of_day(why, expired, until));
            }
        }
        if let Some(time) = signer.signing_time.filter(|_| !excused) {
            // Signing times are written in local time by some: a day's grace on either side.
            let day = time.date();
            let from = certificate.not_before.date().saturating_sub(1.day());
            let until = certificate.not_after.date().saturating_add(1.day());
            if day < from || day > until {
                let why = format!("it was signed on {day}, outside the document signer's validity");
                faults.push(Why::of_day(why, "detail-chip-signed-outside", day));
            }
        }
        let (outcome, why) = if !faults.is_empty() {
            (Outcome::Failed, Why::all(faults))
        } else if excused {
            let why = "a validity is known to be written wrongly";
            (
                Outcome::NotSupported,
                Why::new(why, "detail-chip-validity-wrong", []),
            )
        } else if issuer.is_none() {
            let why = "the country signer is not known";
            (
                Outcome::Undetermined,
                Why::new(why, "detail-chip-country-unknown", []),
            )
        } else {
            (Outcome::Successful, Why::none())
        };
        self.add(CheckId::ChipValidity, outcome, why);
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
            let why = Why::new(
                "a list of known defects says that the document signer is revoked",
                "detail-chip-signer-revoked",
                [],
            );
            self.add(check, Outcome::Failed, why);
            return;
        }
        if self.defects.contains(&KnownDefect::CertificateQuestioned) {
            let why = Why::new(
                "a list of known defects calls the document signer in question",
                "detail-chip-signer-questioned",
                [],
            );
            self.add(check, Outcome::Undetermined, why);
            return;
        }
        let Some(issuer) = issuer else {
            let why = Why::new(
                "without a known country signer no revocation list can be asked",
                "detail-chip-country-unknown",
                [],
            );
            self.add(check, unasked, why);
            return;
        };
        let mut newest = None;
        for list in store.revocation_lists_of(issuer) {
            for (whose, key, asked) in [
                ("document signer", "detail-chip-signer-revoked", certificate),
                ("country signer", "detail-chip-country-revoked", issuer),
            ] {
                if let Some(since) = list.lists(asked)
                    && asked.issuer.is(&list.issuer)
                {
                    let revoked = Why::new(format!("the {whose} is revoked"), key, []);
                    let since = since.map(|t| {
                        Why::of_day(format!("since {}", t.date()), "detail-since", t.date())
                    });
                    self.add(
                        check,
                        Outcome::Failed,
                        Why::all([Some(revoked), since].into_iter().flatten()),
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
            None => {
                let why = "no revocation list of this country is held";
                self.add(
                    check,
                    unasked,
                    Why::new(why, "detail-chip-no-revocation-list", []),
                );
            }
            Some(list) => match list.next_update.map(|due| due.date()) {
                Some(due) if due < at => {
                    let why = format!("the revocation list held was due for renewal on {due}");
                    let why = Why::of_day(why, "detail-chip-revocation-overdue", due);
                    self.add(check, Outcome::Undetermined, why);
                }
                _ => {
                    let made = list.this_update.date();
                    let why = format!("list of {made}");
                    let why = Why::of_day(why, "detail-chip-revocation-list", made);
                    self.add(check, Outcome::Successful, why);
                }
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
                weak.push(Why::new(
                    format!("{digest} {what}"),
                    "detail-chip-weak",
                    [("digest", digest.as_str().into())],
                ));
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
        self.add(CheckId::ChipAlgorithms, outcome, Why::all(weak));
    }
}
