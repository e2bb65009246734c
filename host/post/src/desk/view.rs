//! From what an inspection found to what the officer sees: words, symbols, tones. Pure.

use super::running::Stand;
use super::visit::Frame;
use super::words::Words;
use crate::inspection::Inspection;
use askama::Template;
use jiff::civil::Date;
use rules::mrz::{Fields, Zone};
use rules::{
    Advice, Candidate, CandidateKind, CheckGroup, DecisionKind, EncounterId, Outcome,
    OverrideReason, Policy, ReasonCode, check, country,
};

/// Below this, a character of the zone is shown as unsure.
const UNSURE_BELOW: f32 = 0.85;
/// The keys of the one-tap reasons.
const REASON_KEYS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// The encounter's page.
#[derive(Template)]
#[template(path = "encounter.html")]
pub(super) struct EncounterPage {
    pub(super) frame: Frame,
    pub(super) view: EncounterView,
}

/// What the encounter's page shows.
#[derive(Debug, Default)]
pub(super) struct EncounterView {
    pub(super) id: String,
    pub(super) working: bool,
    pub(super) bar: Bar,
    pub(super) photos: Vec<Photo>,
    pub(super) page: Option<String>,
    /// What would make a better picture of the page; keys of its sentences.
    pub(super) guidance: Vec<String>,
    pub(super) traveller: Option<Traveller>,
    pub(super) groups: Vec<Group>,
    pub(super) reasons: Vec<Reason>,
    pub(super) candidates: Vec<Listed>,
    pub(super) zone: Vec<Vec<Run>>,
    pub(super) decisions: Vec<Choice>,
    pub(super) camera: bool,
    pub(super) asked: Option<Asked>,
    pub(super) problem: Option<String>,
}

/// The summary bar.
#[derive(Debug, Default)]
pub(super) struct Bar {
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    pub(super) word: String,
    pub(super) headline: String,
}

/// One of the photographs; `text` describes it, or says why it is not there.
#[derive(Debug)]
pub(super) struct Photo {
    pub(super) label: &'static str,
    pub(super) source: Option<String>,
    pub(super) text: &'static str,
}

/// Who the document says the traveller is.
#[derive(Debug)]
pub(super) struct Traveller {
    pub(super) surname: String,
    pub(super) given_names: String,
    pub(super) sex: String,
    pub(super) age: Option<String>,
    pub(super) document: String,
    pub(super) born: String,
    pub(super) validity: String,
    pub(super) expired: bool,
}

/// One of the five checks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) tone: &'static str,
    pub(super) symbol: &'static str,
    pub(super) outcome: &'static str,
}

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
}

/// Neighbouring characters of the zone with one thing to say of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    /// `""`, `unsure`, or `wrong` for a check digit that does not fit.
    pub(super) mark: &'static str,
}

/// A button.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) key: &'static str,
    pub(super) value: &'static str,
    pub(super) label: String,
}

/// The question why the officer decides against the advice.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) decision: &'static str,
    pub(super) label: String,
    pub(super) advice: String,
    pub(super) reasons: Vec<Choice>,
}

/// What the lane says once after a decision.
#[derive(Debug)]
pub(super) struct DoneLine {
    pub(super) key: String,
    pub(super) encounter: String,
}

impl DoneLine {
    pub(super) fn of(decision: DecisionKind, encounter: &EncounterId) -> Self {
        Self {
            key: format!("lane-done-{}", decision.as_str()),
            encounter: encounter.to_string(),
        }
    }
}

impl EncounterView {
    /// The view while the stages are at work.
    pub(super) fn working(id: &str, stand: &Stand, words: &Words) -> Self {
        Self {
            working: true,
            bar: Bar {
                tone: "working",
                symbol: "…",
                word: words.say("working"),
                headline: words.say("working-help"),
            },
            photos: photos(id, [true, false, false]),
            page: Some(picture_address(id, "page")),
            groups: groups_of_stand(stand),
            decisions: decisions(),
            ..Self::new(id)
        }
    }

    /// The view of an inspection that awaits its decision.
    pub(super) fn advised(
        id: &str,
        inspection: &Inspection,
        words: &Words,
        policy: &Policy,
    ) -> Self {
        let today = inspection.moment.today;
        Self {
            bar: bar(inspection, words),
            photos: photos(
                id,
                [
                    inspection.pictures.live.is_some(),
                    inspection.pictures.chip.is_some(),
                    inspection.pictures.portrait.is_some(),
                ],
            ),
            page: inspection
                .pictures
                .page
                .is_some()
                .then(|| picture_address(id, "page")),
            guidance: inspection
                .guidance
                .iter()
                .map(|word| format!("guidance-{}", word.as_str()))
                .collect(),
            traveller: inspection
                .fields
                .as_ref()
                .map(|fields| traveller(fields, today, words)),
            groups: groups(inspection),
            reasons: inspection
                .advised
                .reasons
                .iter()
                .map(|r| reason(r, words))
                .collect(),
            candidates: inspection
                .candidates
                .iter()
                .map(|c| listed(c, words, policy))
                .collect(),
            zone: zone(inspection),
            decisions: decisions(),
            ..Self::new(id)
        }
    }

    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    /// Asks why the officer decides against the advice.
    pub(super) fn asking(mut self, decision: DecisionKind, advice: Advice, words: &Words) -> Self {
        let advice = words.say(format!("advice-{}", advice.as_str()));
        self.asked = Some(Asked {
            decision: decision.as_str(),
            label: format!("decide-{}", decision.as_str()),
            advice: words.with("advice-is", "advice", advice),
            reasons: OverrideReason::ALL
                .iter()
                .zip(REASON_KEYS)
                .map(|(reason, key)| Choice {
                    key,
                    value: reason.as_str(),
                    label: format!("override-{}", reason.as_str()),
                })
                .collect(),
        });
        self
    }
}

fn picture_address(id: &str, which: &str) -> String {
    format!("/inspections/{id}/pictures/{which}")
}

/// The three pictures of a face: the traveller's, the chip's, the page's, where there is one.
fn photos(id: &str, [live, chip, portrait]: [bool; 3]) -> Vec<Photo> {
    let shown = |there: bool, which: &str| there.then(|| picture_address(id, which));
    vec![
        Photo {
            label: "photo-live",
            source: shown(live, "live"),
            text: if live {
                "photo-alt-live"
            } else {
                "photo-none-live"
            },
        },
        Photo {
            label: "photo-chip",
            source: shown(chip, "chip"),
            text: if chip {
                "photo-alt-chip"
            } else {
                "photo-none-chip"
            },
        },
        Photo {
            label: "photo-printed",
            source: shown(portrait, "portrait"),
            text: if portrait {
                "photo-alt-printed"
            } else {
                "photo-none-printed"
            },
        },
    ]
}

fn bar(inspection: &Inspection, words: &Words) -> Bar {
    let advice = inspection.advised.advice;
    let (tone, symbol) = match advice {
        Advice::Clear => ("ok", "✓"),
        Advice::Look => ("warn", "▲"),
        Advice::Refer => ("bad", "◆"),
    };
    let strongest = inspection
        .advised
        .reasons
        .first()
        .filter(|r| r.code.advice() == advice && advice != Advice::Clear);
    Bar {
        tone,
        symbol,
        word: words.say(format!("advice-{}", advice.as_str())),
        headline: match strongest {
            Some(reason) => words.say(reason_key(reason.code)),
            None => words.say("headline-clear"),
        },
    }
}

fn reason_key(code: ReasonCode) -> String {
    format!("reason-{}", code.as_str())
}

fn traveller(fields: &Fields, today: Date, words: &Words) -> Traveller {
    let kind = match fields.document_code.chars().next() {
        Some('P') => "doc-passport",
        Some('V') => "doc-visa",
        Some('A' | 'C' | 'I') => "doc-card",
        _ => "doc-other",
    };
    let (validity, expired) = match fields.expiry(today) {
        None => (words.say("validity-unknown"), false),
        Some(day) if day < today => (words.with("validity-over", "date", words.day(day)), true),
        Some(day) if day == today => (words.say("validity-today"), false),
        Some(day) => (
            words.with("validity-left", "left", words.duration(today, day)),
            false,
        ),
    };
    Traveller {
        surname: fields.surname.clone(),
        given_names: fields.given_names.clone(),
        sex: words.say(match fields.sex.as_str() {
            "F" => "sex-F",
            "M" => "sex-M",
            _ => "sex-X",
        }),
        age: fields
            .age_years(today)
            .map(|years| words.with("age-years", "count", years)),
        document: words.with_all(
            "document-line",
            &[
                ("state", state(&fields.issuing_state)),
                ("kind", &words.say(kind)),
                ("number", &fields.document_number),
            ],
        ),
        born: words.with("born-on", "date", words.date(fields.birth(today))),
        validity,
        expired,
    }
}

/// A state by its name where the code is known, else the code as read.
fn state(code: &str) -> &str {
    country::name_en(code).unwrap_or(code)
}

fn group_name(group: CheckGroup) -> (&'static str, &'static str) {
    match group {
        CheckGroup::Zone => ("zone", "group-zone"),
        CheckGroup::Chip => ("chip", "group-chip"),
        CheckGroup::Page => ("page", "group-page"),
        CheckGroup::Face => ("face", "group-face"),
        CheckGroup::Search => ("search", "group-search"),
    }
}

/// One group's mark. `advice` is the strongest advice that its answers lead to.
pub(super) fn group(group: CheckGroup, outcome: Option<Outcome>, advice: Advice) -> Group {
    let (name, label) = group_name(group);
    let (tone, symbol, outcome) = match (outcome, advice) {
        (None, _) => ("working", "…", "outcome-working"),
        (Some(Outcome::Successful), _) => ("", "✓", "outcome-Successful"),
        (Some(Outcome::NotSupported), Advice::Clear) => ("none", "–", "outcome-NotSupported"),
        (Some(Outcome::Failed), Advice::Refer) => ("bad", "◆", "outcome-Failed"),
        (Some(Outcome::Failed), _) => ("warn", "▲", "outcome-Failed"),
        // Open, and nothing that the officer has to look at for it.
        (Some(Outcome::Undetermined | Outcome::Aborted), Advice::Clear) => {
            ("none", "–", "outcome-Undetermined")
        }
        (Some(Outcome::Aborted), _) => ("warn", "▲", "outcome-Aborted"),
        (Some(Outcome::Undetermined | Outcome::NotSupported), _) => {
            ("warn", "▲", "outcome-Undetermined")
        }
    };
    Group {
        name,
        label,
        tone,
        symbol,
        outcome,
    }
}

/// The marks while the stages are at work. No chip reader is part of this box: that group has nothing to do.
pub(super) fn groups_of_stand(stand: &Stand) -> Vec<Group> {
    CheckGroup::ALL
        .into_iter()
        .zip(stand.answers)
        .map(|(g, answer)| {
            let answer = match g {
                CheckGroup::Chip => Some(Outcome::NotSupported),
                _ => answer,
            };
            let raised = match answer {
                Some(Outcome::NotSupported | Outcome::Successful) | None => Advice::Clear,
                Some(_) => Advice::Look,
            };
            group(g, answer, raised)
        })
        .collect()
}

fn groups(inspection: &Inspection) -> Vec<Group> {
    CheckGroup::ALL
        .into_iter()
        .map(|g| {
            let advice = inspection
                .advised
                .reasons
                .iter()
                .filter(|r| match r.check {
                    Some(check) => check.group() == g,
                    // Reasons without a check come from candidates.
                    None => g == CheckGroup::Search,
                })
                .map(|r| r.code.advice())
                .max()
                .unwrap_or(Advice::Clear);
            let outcome = check::group_outcome(&inspection.checks, g);
            group(g, Some(outcome), advice)
        })
        .collect()
}

fn reason(reason: &rules::Reason, words: &Words) -> Reason {
    let (tone, symbol) = match reason.code.advice() {
        Advice::Refer => ("bad", "◆"),
        Advice::Look => ("warn", "▲"),
        Advice::Clear => ("info", "▪"),
    };
    Reason {
        tone,
        symbol,
        sentence: words.say(reason_key(reason.code)),
        detail: reason.detail.clone(),
    }
}

/// A candidate in neutral words: which kinds of evidence resemble, and how much. What the entry says is for
/// the second line.
fn listed(candidate: &Candidate, words: &Words, policy: &Policy) -> Listed {
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
    }
}

fn zone(inspection: &Inspection) -> Vec<Vec<Run>> {
    let Some(zone) = &inspection.zone else {
        return Vec::new();
    };
    let wrong = wrong_digits(inspection);
    zone.lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let sure = zone.confidence.get(index);
            let mut runs: Vec<Run> = Vec::new();
            for (column, character) in line.chars().enumerate() {
                let mark = if wrong.contains(&(index, column)) {
                    "wrong"
                } else if sure
                    .and_then(|c| c.get(column))
                    .is_some_and(|c| *c < UNSURE_BELOW)
                {
                    "unsure"
                } else {
                    ""
                };
                match runs.last_mut() {
                    Some(run) if run.mark == mark => run.text.push(character),
                    _ => runs.push(Run {
                        text: character.to_string(),
                        mark,
                    }),
                }
            }
            runs
        })
        .collect()
}

/// Where the check digits stand that do not fit: line and column.
fn wrong_digits(inspection: &Inspection) -> Vec<(usize, usize)> {
    let Some(format) = inspection
        .zone
        .as_ref()
        .and_then(|read| read.zone.as_ref())
        .map(Zone::format)
    else {
        return Vec::new();
    };
    format
        .digit_spans()
        .iter()
        .filter(|span| {
            inspection
                .checks
                .iter()
                .any(|c| c.check == span.check && c.outcome == Outcome::Failed)
        })
        .map(|span| span.digit)
        .collect()
}

fn decisions() -> Vec<Choice> {
    [
        ("F5", DecisionKind::Admit),
        ("F8", DecisionKind::Refer),
        ("F9", DecisionKind::Hold),
    ]
    .into_iter()
    .map(|(key, kind)| Choice {
        key,
        value: kind.as_str(),
        label: format!("decide-{}", kind.as_str()),
    })
    .collect()
}
