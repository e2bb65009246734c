//! Reasons and candidates in words: what the first line may read, and what only the second line may.

use super::words::Words;
use crate::inspection::stages::{COMPARED, Disclosure};
use crate::inspection::{Inspection, is_of_the_list};
use jiff::tz::TimeZone;
use rules::{
    Advice, Advised, Candidate, CandidateKind, Check, CheckGroup, CheckId, Policy, ReasonCode,
};

/// One reason for the advice.
#[derive(Debug)]
pub(super) struct Reason {
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    pub(super) sentence: String,
    pub(super) detail: String,
}

/// One candidate in neutral words: nothing of the entry itself.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) kind: &'static str,
    pub(super) evidence: String,
    pub(super) closeness: &'static str,
    pub(super) entry: String,
    /// When and by whom it was cleared earlier; empty where it was not.
    pub(super) cleared: String,
}

pub(super) fn reason_key(code: ReasonCode) -> String {
    format!("reason-{}", code.as_str())
}

/// The reasons of an inspection as the first line may read them, strongest first. Where an entry is
/// discreet, what comes from the list is one plain word: the second line should see this traveller.
pub(super) fn reasons(inspection: &Inspection, words: &Words) -> Vec<Reason> {
    let all = whole(&inspection.advised, &inspection.checks, words);
    if inspection.disclosure == Disclosure::Open {
        return all;
    }
    let shown = inspection.advised.reasons.iter().zip(all);
    let mut shown: Vec<Reason> = shown
        .filter(|(reason, _)| !is_of_the_list(reason))
        .map(|(_, shown)| shown)
        .collect();
    shown.insert(
        0,
        Reason {
            tone: "bad",
            symbol: "◆",
            sentence: words.say("reason-second_line"),
            detail: String::new(),
        },
    );
    shown
}

/// Every reason in words.
pub(super) fn whole(advised: &Advised, checks: &[Check], words: &Words) -> Vec<Reason> {
    advised
        .reasons
        .iter()
        .map(|r| reason(r, checks, words))
        .collect()
}

/// Whether a reason belongs to a group of checks.
pub(super) fn is_of(reason: &rules::Reason, group: CheckGroup) -> bool {
    match reason.check {
        Some(check) => check.group() == group,
        // Reasons without a check come from candidates.
        None => group == CheckGroup::Search,
    }
}

fn reason(reason: &rules::Reason, checks: &[Check], words: &Words) -> Reason {
    let check = reason.check.and_then(|id| {
        let of_reason = |c: &&Check| c.check == id && c.detail == reason.detail;
        checks.iter().find(of_reason)
    });
    let (tone, symbol) = match reason.code.advice() {
        Advice::Refer => ("bad", "◆"),
        Advice::Look => ("warn", "▲"),
        Advice::Clear => ("info", "▪"),
    };
    Reason {
        tone,
        symbol,
        sentence: words.say(reason_key(reason.code)),
        detail: check
            .filter(|c| !is_said(c))
            .map(|c| words.check(c))
            .unwrap_or_default(),
    }
}

/// Whether the reason says all there is: that faces were compared stands in it already, and so does that no zone
/// was read. What is asked ("Zone found") would only contradict it.
fn is_said(check: &Check) -> bool {
    let key = check.said.first().map(|said| &*said.key);
    match check.check {
        CheckId::FaceMatch => key == Some(COMPARED),
        CheckId::ZonePresent => matches!(key, None | Some("zone-none")),
        _ => false,
    }
}

/// A candidate in neutral words: which kinds of evidence resemble, and how much. What the entry says is for
/// the second line.
pub(super) fn listed(candidate: &Candidate, words: &Words, policy: &Policy) -> Listed {
    let mut evidence: Vec<String> = Vec::new();
    for why in candidate.why.iter().filter(|w| w.effect > 0.0) {
        let word = words.say(match why.evidence.as_str() {
            "name" => "evidence-name",
            "birth" => "evidence-birth",
            "sex" => "evidence-sex",
            "state" => "evidence-state",
            "document" => "evidence-document",
            "face" => "evidence-face",
            _ => continue,
        });
        if !evidence.contains(&word) {
            evidence.push(word);
        }
    }
    Listed {
        kind: match candidate.kind {
            CandidateKind::Document => "candidate-document",
            CandidateKind::Person => "candidate-person",
            CandidateKind::Face => "candidate-face",
        },
        evidence: evidence.join(", "),
        closeness: match candidate.kind {
            CandidateKind::Document if candidate.score >= 1.0 => "candidate-same",
            _ if candidate.score >= policy.person_refer => "candidate-close",
            _ => "candidate-somewhat",
        },
        entry: candidate.entry.to_string(),
        cleared: candidate.cleared.map_or_else(String::new, |cleared| {
            words.with(
                format!("candidate-cleared-{}", cleared.by.as_str()),
                "day",
                words.day(cleared.at.to_zoned_datetime(TimeZone::UTC).date()),
            )
        }),
    }
}
