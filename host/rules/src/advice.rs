//! From answers to advice: what the machine says to the officer, and why, strongest first.

use crate::{Because, Candidate, CandidateKind, Check, CheckGroup, CheckId, Outcome, Policy};
use serde::{Deserialize, Serialize};

/// What the machine says. It is never a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Advice {
    /// Nothing was found that needs a second look.
    Clear,
    /// The officer should look at the points named.
    Look,
    /// The second line should see this traveller.
    Refer,
}

impl Advice {
    /// The name used in JSON and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "Clear",
            Self::Look => "Look",
            Self::Refer => "Refer",
        }
    }
}

/// A reason for an advice. Wire names are stable; the desk has a sentence for each in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The document's number is listed as lost, stolen or revoked.
    DocumentListed,
    /// A listed person strongly resembles the traveller.
    PersonResembles,
    /// The chip's content is not what its state signed, or the chip is a copy.
    ChipContradicts,
    /// The document has expired.
    DocumentExpired,
    /// A check digit does not fit what was read.
    CheckDigitWrong,
    /// The live face and the portrait differ.
    FaceDiffers,
    /// A listed person resembles the traveller somewhat.
    PersonMayResemble,
    /// The page is not made as travel documents are: it shows so under another lamp.
    PageContradicts,
    /// Whether the chip is to be believed stays open.
    ChipUnproven,
    /// A chip is expected and did not answer, or stopped answering: the document is to be placed again.
    ChipSilent,
    /// A visa was shown, and no passport with it: nobody travels on a visa alone.
    VisaAlone,
    /// The page states something else than its zone.
    VisualZoneDiffers,
    /// The zone holds something no zone may hold.
    ZoneIrregular,
    /// The zone could not be read.
    ZoneUnreadable,
    /// The face comparison does not decide.
    FaceUncertain,
    /// The traveller is a child: compare by eye.
    CompareChildByEye,
    /// No comparison of faces was possible.
    FaceNotCompared,
    /// The officer compares by eye, because a veil, an injury or a disability stands in the machine's way.
    /// Shown, and does not raise the advice: nobody is penalised for it.
    FaceSkipped,
    /// No list could be searched.
    NotSearched,
    /// Headquarters has not confirmed the list for so long that to find nothing on it is no clear.
    ListLapsed,
    /// The same of what the chip is judged by: country signers, revocation lists or lists of known defects.
    TrustLapsed,
    /// The list searched is old. Shown, and does not raise the advice by itself.
    ListStale,
    /// The list's faces could not be searched: another model made them, or the live face is of no use. Shown, and does
    /// not raise the advice by itself.
    FacesNotSearched,
    /// The page's picture could be better. Shown, and does not raise the advice by itself: what could not
    /// be read because of it has a reason of its own.
    PageUnclear,
}

impl ReasonCode {
    /// The advice that this reason alone leads to.
    #[must_use]
    pub fn advice(self) -> Advice {
        match self {
            Self::DocumentListed
            | Self::PersonResembles
            | Self::ChipContradicts
            | Self::DocumentExpired => Advice::Refer,
            Self::FaceSkipped | Self::ListStale | Self::FacesNotSearched | Self::PageUnclear => {
                Advice::Clear
            }
            Self::CheckDigitWrong
            | Self::PageContradicts
            | Self::FaceDiffers
            | Self::PersonMayResemble
            | Self::ChipUnproven
            | Self::ChipSilent
            | Self::VisaAlone
            | Self::VisualZoneDiffers
            | Self::ZoneIrregular
            | Self::ZoneUnreadable
            | Self::FaceUncertain
            | Self::CompareChildByEye
            | Self::FaceNotCompared
            | Self::NotSearched
            | Self::ListLapsed
            | Self::TrustLapsed => Advice::Look,
        }
    }

    /// The name used in JSON, records and locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DocumentListed => "document_listed",
            Self::PersonResembles => "person_resembles",
            Self::ChipContradicts => "chip_contradicts",
            Self::DocumentExpired => "document_expired",
            Self::CheckDigitWrong => "check_digit_wrong",
            Self::FaceDiffers => "face_differs",
            Self::PersonMayResemble => "person_may_resemble",
            Self::PageContradicts => "page_contradicts",
            Self::ChipUnproven => "chip_unproven",
            Self::ChipSilent => "chip_silent",
            Self::VisaAlone => "visa_alone",
            Self::VisualZoneDiffers => "visual_zone_differs",
            Self::ZoneIrregular => "zone_irregular",
            Self::ZoneUnreadable => "zone_unreadable",
            Self::FaceUncertain => "face_uncertain",
            Self::CompareChildByEye => "compare_child_by_eye",
            Self::FaceNotCompared => "face_not_compared",
            Self::FaceSkipped => "face_skipped",
            Self::NotSearched => "not_searched",
            Self::ListLapsed => "list_lapsed",
            Self::TrustLapsed => "trust_lapsed",
            Self::ListStale => "list_stale",
            Self::FacesNotSearched => "faces_not_searched",
            Self::PageUnclear => "page_unclear",
        }
    }

    /// Every reason, strongest first.
    pub const ALL: [Self; 24] = [
        Self::DocumentListed,
        Self::PersonResembles,
        Self::ChipContradicts,
        Self::DocumentExpired,
        Self::CheckDigitWrong,
        Self::FaceDiffers,
        Self::PersonMayResemble,
        Self::PageContradicts,
        Self::ChipUnproven,
        Self::ChipSilent,
        Self::VisaAlone,
        Self::VisualZoneDiffers,
        Self::ZoneIrregular,
        Self::ZoneUnreadable,
        Self::FaceUncertain,
        Self::CompareChildByEye,
        Self::FaceNotCompared,
        Self::FaceSkipped,
        Self::NotSearched,
        Self::ListLapsed,
        Self::TrustLapsed,
        Self::ListStale,
        Self::FacesNotSearched,
        Self::PageUnclear,
    ];
}

/// One reason, with the check that gave it where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which reason.
    pub code: ReasonCode,
    /// The check that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub check: Option<CheckId>,
    /// The check's detail, in plain English; empty where there is nothing to add.
    pub detail: String,
}

/// The advice with its reasons, strongest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// What the machine says.
    pub advice: Advice,
    /// Why; empty only for `Clear`.
    pub reasons: Vec<Reason>,
}

/// The advice for these answers and candidates. Pure: the same evidence always gives the same advice,
/// and more evidence against never gives a milder one.
#[must_use]
pub fn advise(checks: &[Check], candidates: &[Candidate], policy: &Policy) -> Advised {
    let mut reasons: Vec<Reason> = checks
        .iter()
        .filter_map(|c| {
            reason_of(c).map(|code| Reason {
                code,
                check: Some(c.check),
                detail: c.detail.clone(),
            })
        })
        .collect();
    // What an officer has cleared raises no advice again; a listed document cannot be cleared.
    let speaks = |c: &&Candidate| c.cleared.is_none() || c.kind == CandidateKind::Document;
    for candidate in candidates.iter().filter(speaks) {
        reasons.push(Reason {
            code: match candidate.kind {
                CandidateKind::Document => ReasonCode::DocumentListed,
                CandidateKind::Person if candidate.score >= policy.person_refer => {
                    ReasonCode::PersonResembles
                }
                CandidateKind::Person | CandidateKind::Face => ReasonCode::PersonMayResemble,
            },
            check: None,
            detail: String::new(),
        });
    }
    // A search that found something speaks even if its candidates were lost on the way here.
    for (check, kind, code) in [
        (
            CheckId::SearchDocuments,
            CandidateKind::Document,
            ReasonCode::DocumentListed,
        ),
        (
            CheckId::SearchPersons,
            CandidateKind::Person,
            ReasonCode::PersonMayResemble,
        ),
        (
            CheckId::SearchFaces,
            CandidateKind::Face,
            ReasonCode::PersonMayResemble,
        ),
    ] {
        let found = checks
            .iter()
            .find(|c| c.check == check && c.outcome == Outcome::Failed);
        if let Some(found) = found.filter(|_| !candidates.iter().any(|c| c.kind == kind)) {
            reasons.push(Reason {
                code,
                check: Some(check),
                detail: found.detail.clone(),
            });
        }
    }
    reasons.sort_by_key(|r| r.code);
    reasons.dedup_by_key(|r| r.code);
    Advised {
        advice: reasons
            .iter()
            .map(|r| r.code.advice())
            .max()
            .unwrap_or(Advice::Clear),
        reasons,
    }
}

/// The reason that a check's answer gives, if it gives one.
fn reason_of(check: &Check) -> Option<ReasonCode> {
    use CheckId as C;
    use Outcome as O;
    let open = matches!(check.outcome, O::Undetermined | O::Aborted);
    let failed = check.outcome == O::Failed;
    // Why it is open tells more than what was asked.
    if open && check.because == Some(Because::LeaseOver) {
        match check.check.group() {
            CheckGroup::Search => return Some(ReasonCode::ListLapsed),
            CheckGroup::Chip => return Some(ReasonCode::TrustLapsed),
            // Nothing of these is answered from what headquarters sends.
            CheckGroup::Zone | CheckGroup::Page | CheckGroup::Face => {}
        }
    }
    match check.check {
        C::ZonePresent | C::PagePresent if open || failed => Some(ReasonCode::ZoneUnreadable),
        C::ZoneDigitDocumentNumber
        | C::ZoneDigitDateOfBirth
        | C::ZoneDigitDateOfExpiry
        | C::ZoneDigitOptional
        | C::ZoneDigitComposite
            if failed =>
        {
            Some(ReasonCode::CheckDigitWrong)
        }
        C::ZoneDigitDocumentNumber
        | C::ZoneDigitDateOfBirth
        | C::ZoneDigitDateOfExpiry
        | C::ZoneDigitOptional
        | C::ZoneDigitComposite
            if open =>
        {
            Some(ReasonCode::ZoneIrregular)
        }
        C::ZoneFormat
        | C::ZoneCharacters
        | C::ZoneEvidence
        | C::ZoneDateOfBirth
        | C::ZoneDateOfExpiry
        | C::ZoneIssuingState
        | C::ZoneNationality
        | C::ZoneSex
            if failed || open =>
        {
            Some(ReasonCode::ZoneIrregular)
        }
        C::DocumentValidity if failed => Some(ReasonCode::DocumentExpired),
        C::DocumentValidity if open => Some(ReasonCode::ZoneIrregular),
        C::DocumentTravels if open || failed => Some(ReasonCode::VisaAlone),
        // A chip that cannot be asked says nothing against its document.
        C::ChipAccess if open => Some(ReasonCode::ChipSilent),
        C::ChipAccess
        | C::ChipSecurityObject
        | C::ChipSignature
        | C::ChipChain
        | C::ChipValidity
        | C::ChipRevocation
        | C::ChipAlgorithms
        | C::ChipDataGroupHashes
        | C::ChipIssuingState
        | C::ChipZoneAgrees
        | C::ChipAuthenticity
        | C::ChipActiveAuthentication
        | C::ChipAuthentication
        | C::ChipConformance => match check.outcome {
            O::Failed => Some(ReasonCode::ChipContradicts),
            O::Undetermined | O::Aborted => Some(ReasonCode::ChipUnproven),
            O::Successful | O::NotSupported => None,
        },
        // A way in that failed where another opened, and a list that nobody signed, are worth a look.
        C::ChipPace | C::ChipBac | C::ChipCommonData if failed || open => {
            Some(ReasonCode::ChipUnproven)
        }
        // What a search found comes as candidates (see `advise`); here only that it was not answered.
        C::SearchDocuments | C::SearchPersons if open => Some(ReasonCode::NotSearched),
        C::SearchFaces if open => Some(ReasonCode::FacesNotSearched),
        C::SearchEdition if open || failed => Some(ReasonCode::ListStale),
        C::FaceMatch | C::FacePrinted if failed => Some(ReasonCode::FaceDiffers),
        // Printed portraits are often too worn to be told: then nothing is said of them.
        C::FaceMatch if open => Some(ReasonCode::FaceUncertain),
        C::FaceMatch if check.outcome == O::NotSupported => Some(ReasonCode::CompareChildByEye),
        C::FaceLive | C::FaceReference | C::PagePortrait if open || failed => {
            Some(ReasonCode::FaceNotCompared)
        }
        // Whatever the answer: that it was left out is told, and raises nothing.
        C::FaceSkipped if check.outcome != O::Successful => Some(ReasonCode::FaceSkipped),
        C::PageFocus
        | C::PageGlare
        | C::PageResolution
        | C::PageInfraredZone
        | C::PageUltravioletDullness => match check.outcome {
            O::Failed => Some(ReasonCode::PageContradicts),
            O::Undetermined | O::Aborted => Some(ReasonCode::PageUnclear),
            O::Successful | O::NotSupported => None,
        },
        // That the visual zone could not be read is no reason for anything: the officer reads it.
        C::PageVisualDocumentNumber
        | C::PageVisualDateOfBirth
        | C::PageVisualDateOfExpiry
        | C::PageVisualName
        | C::PageVisualNationality
        | C::PageVisualSex
            if failed =>
        {
            Some(ReasonCode::VisualZoneDiffers)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntryId;
    use proptest::prelude::*;

    fn candidate(kind: CandidateKind, score: f64) -> Candidate {
        Candidate {
            entry: EntryId::new("E1").expect("id"),
            kind,
            score,
            why: vec![],
            cleared: None,
        }
    }

    #[test]
    fn a_person_who_was_cleared_raises_no_advice_and_a_document_cannot_be() {
        let policy = Policy::default();
        let cleared = |kind| Candidate {
            cleared: Some(crate::Cleared {
                at: jiff::Timestamp::UNIX_EPOCH,
                by: crate::ClearedBy::FirstLine,
            }),
            ..candidate(kind, 1.0)
        };
        for (kind, advice) in [
            (CandidateKind::Person, Advice::Clear),
            (CandidateKind::Face, Advice::Clear),
            (CandidateKind::Document, Advice::Refer),
        ] {
            assert_eq!(advise(&[], &[cleared(kind)], &policy).advice, advice);
        }
        // Another entry speaks all the same.
        let two = [
            cleared(CandidateKind::Person),
            candidate(CandidateKind::Person, 1.0),
        ];
        assert_eq!(advise(&[], &two, &policy).advice, Advice::Refer);
    }

    #[test]
    fn a_visa_alone_is_never_clear_and_a_passport_is() {
        // Doc 9303-7's MRV-A, in words of Utopia; and its passport.
        let today = jiff::civil::date(2011, 6, 1);
        for (lines, reasons) in [
            (
                [
                    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
                ],
                vec![ReasonCode::DocumentExpired, ReasonCode::VisaAlone],
            ),
            (
                [
                    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
                ],
                vec![],
            ),
        ] {
            let zone = crate::mrz::Zone::from_lines(&lines).expect("a zone");
            let advised = advise(&zone.checks(today), &[], &Policy::default());
            let found: Vec<ReasonCode> = advised.reasons.iter().map(|r| r.code).collect();
            assert_eq!(found, reasons);
        }
        let visa = [Check::new(
            CheckId::DocumentTravels,
            Outcome::Undetermined,
            "",
        )];
        assert_eq!(advise(&visa, &[], &Policy::default()).advice, Advice::Look);
    }

    #[test]
    fn a_face_by_itself_never_refers() {
        let policy = Policy::default();
        let differs = [Check::new(CheckId::FaceMatch, Outcome::Failed, "")];
        assert_eq!(advise(&differs, &[], &policy).advice, Advice::Look);
        let listed = [candidate(CandidateKind::Face, 1.0)];
        assert_eq!(advise(&[], &listed, &policy).advice, Advice::Look);
    }

    #[test]
    fn a_stale_list_is_shown_and_does_not_stop_the_lane() {
        let stale = [Check::new(
            CheckId::SearchEdition,
            Outcome::Undetermined,
            "9 days old",
        )];
        let advised = advise(&stale, &[], &Policy::default());
        assert_eq!(advised.advice, Advice::Clear);
        assert_eq!(advised.reasons[0].code, ReasonCode::ListStale);
    }

    #[test]
    fn the_strongest_reason_stands_first() {
        let checks = [
            Check::new(CheckId::FaceMatch, Outcome::Undetermined, ""),
            Check::new(CheckId::DocumentValidity, Outcome::Failed, ""),
        ];
        let advised = advise(&checks, &[], &Policy::default());
        assert_eq!(advised.advice, Advice::Refer);
        assert_eq!(advised.reasons[0].code, ReasonCode::DocumentExpired);
    }

    #[test]
    fn every_answer_that_is_not_good_is_a_reason_and_no_good_one_is() {
        for check in CheckId::ALL.iter().copied() {
            let advice = |outcome| {
                advise(
                    &[Check::new(check, outcome, "why")],
                    &[],
                    &Policy::default(),
                )
            };
            assert_eq!(advice(Outcome::Successful).advice, Advice::Clear);
            // The visual zone is read, and a printed portrait compared, where it can be: open answers are the rule and
            // raise nothing.
            if check.as_str().starts_with("page.visual_zone.") || check == CheckId::FacePrinted {
                assert_eq!(advice(Outcome::Undetermined).advice, Advice::Clear);
                assert_eq!(advice(Outcome::Aborted).advice, Advice::Clear);
                assert_eq!(advice(Outcome::Failed).advice, Advice::Look);
                continue;
            }
            for outcome in [Outcome::Failed, Outcome::Undetermined, Outcome::Aborted] {
                let advised = advice(outcome);
                assert!(!advised.reasons.is_empty(), "{check:?} {outcome}");
                // An old list, faces of another model, a poor picture and a face that was left out are told and do
                // not stop the lane; what another lamp shows against the page does.
                let told = matches!(
                    check,
                    CheckId::PageFocus
                        | CheckId::PageGlare
                        | CheckId::PageResolution
                        | CheckId::PageInfraredZone
                        | CheckId::PageUltravioletDullness
                        | CheckId::SearchFaces
                );
                let clear = matches!(check, CheckId::SearchEdition | CheckId::FaceSkipped)
                    || (told && outcome != Outcome::Failed);
                assert_eq!(
                    advised.advice == Advice::Clear,
                    clear,
                    "{check:?} {outcome}"
                );
            }
        }
    }

    #[test]
    fn a_search_that_found_something_speaks_without_its_candidates_and_once_with_them() {
        let checks = [Check::new(
            CheckId::SearchDocuments,
            Outcome::Failed,
            "1 candidate",
        )];
        let lost = advise(&checks, &[], &Policy::default());
        assert_eq!(lost.advice, Advice::Refer);
        let whole = advise(
            &checks,
            &[candidate(CandidateKind::Document, 1.0)],
            &Policy::default(),
        );
        assert_eq!(whole.advice, Advice::Refer);
        assert_eq!(whole.reasons.len(), 1);
    }

    #[test]
    fn a_person_refers_from_the_policy_s_score_on() {
        let policy = Policy::default();
        for (score, advice) in [
            (policy.person_refer, Advice::Refer),
            (policy.person_refer - 0.001, Advice::Look),
            (f64::NAN, Advice::Look),
        ] {
            let candidates = [candidate(CandidateKind::Person, score)];
            assert_eq!(advise(&[], &candidates, &policy).advice, advice, "{score}");
        }
    }

    fn any_check() -> impl Strategy<Value = Check> {
        (0..CheckId::ALL.len(), 0..5usize).prop_map(|(c, o)| {
            let outcome = [
                Outcome::Successful,
                Outcome::Failed,
                Outcome::Undetermined,
                Outcome::NotSupported,
                Outcome::Aborted,
            ][o];
            Check::new(CheckId::ALL[c], outcome, "")
        })
    }

    proptest! {
        #[test]
        fn more_evidence_never_softens_the_advice(checks in proptest::collection::vec(any_check(), 0..12), more in any_check(), score in 0.0f64..1.0) {
            let policy = Policy::default();
            let before = advise(&checks, &[], &policy);
            let mut longer = checks.clone();
            longer.push(more);
            let after = advise(&longer, &[candidate(CandidateKind::Person, score)], &policy);
            prop_assert!(after.advice >= before.advice);
            prop_assert!(before.advice == Advice::Clear || !before.reasons.is_empty());
        }
    }
}
