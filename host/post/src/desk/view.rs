//! From what an inspection found to what the officer sees: words, symbols, tones. Pure.

use super::chip_shown::progress;
use super::reasons::{self, Listed, Reason, listed, reason_key};
use super::running::Stand;
use super::session::Done;
use super::visit::Frame;
use super::words::Words;
use super::zone_shown::{self, Run};
use crate::inspection::Inspection;
use crate::inspection::stages::Disclosure;
use askama::Template;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::encounter::Path;
use rules::mrz::Fields;
use rules::{
    Advice, CandidateKind, CheckGroup, CheckId, DecisionKind, FaceSkip, Outcome, OverrideReason,
    Policy, ReasonCode, check,
};
use serde::Serialize;

/// So much is asked of a traveller at a time.
const MOST_FACE_GUIDANCE: usize = 2;
/// The keys of the one-tap reasons.
const REASON_KEYS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

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
    /// What would make a better live picture; keys of its sentences.
    pub(super) face_guidance: Vec<String>,
    pub(super) traveller: Option<Traveller>,
    pub(super) groups: Vec<Group>,
    pub(super) reasons: Vec<Reason>,
    pub(super) candidates: Vec<Listed>,
    /// The officer may say that the traveller is none of them.
    pub(super) can_clear: bool,
    pub(super) zone: Vec<Vec<Run>>,
    pub(super) decisions: Vec<Choice>,
    /// What is out of the ordinary about this encounter, in words.
    pub(super) notes: Vec<String>,
    /// Whether the faces can still be left out, and the path of protection taken.
    pub(super) skips: Vec<Choice>,
    pub(super) can_protect: bool,
    /// Whether the document can be placed again.
    pub(super) can_place_again: bool,
    pub(super) camera: bool,
    /// How far the chip is, while it is read.
    pub(super) chip: Option<String>,
    /// Whether the chip may open by the number printed on the document.
    pub(super) can_ask_number: bool,
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
#[derive(Debug, Default, Serialize)]
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
    /// Where the traveller's slip is, for whoever was not admitted.
    pub(super) referral: Option<String>,
    pub(super) protection: bool,
}

impl DoneLine {
    pub(super) fn of(done: &Done) -> Self {
        Self {
            key: format!("lane-done-{}", done.decision.as_str()),
            encounter: done.encounter.to_string(),
            referral: (done.decision != DecisionKind::Admit)
                .then(|| format!("/referrals/{}", done.encounter.sequence.0)),
            protection: done.path == Path::Protection,
        }
    }
}

impl Traveller {
    /// As the script fills it in.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl EncounterView {
    /// The view while the stages are at work.
    pub(super) fn working(id: &str, stand: &Stand, words: &Words, today: Date) -> Self {
        Self {
            traveller: stand.fields.as_ref().map(|f| traveller(f, today, words)),
            working: true,
            bar: Bar {
                tone: "working",
                symbol: "…",
                word: words.say("working"),
                headline: words.say("working-help"),
            },
            photos: photos(id, [true, false, false], false),
            page: Some(picture_address(id, "page")),
            groups: groups_of_stand(stand),
            chip: progress(stand.chip, words),
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
                chip_was_altered(inspection),
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
            face_guidance: inspection
                .face_guidance
                .iter()
                .take(MOST_FACE_GUIDANCE)
                .map(|word| format!("face-guidance-{}", word.as_str()))
                .collect(),
            traveller: inspection
                .fields
                .as_ref()
                .map(|fields| traveller(fields, today, words)),
            groups: groups(inspection),
            reasons: reasons::reasons(inspection, words),
            candidates: match inspection.disclosure {
                Disclosure::Open => inspection
                    .candidates
                    .iter()
                    .map(|c| listed(c, words, policy))
                    .collect(),
                Disclosure::SecondLineOnly => Vec::new(),
            },
            can_clear: inspection.disclosure == Disclosure::Open
                && !inspection.clearable.is_empty()
                && inspection
                    .candidates
                    .iter()
                    .any(|c| c.kind != CandidateKind::Document && c.cleared.is_none()),
            zone: zone_shown::zone(inspection),
            decisions: decisions(),
            skips: match inspection.circumstances.face_skipped {
                None if inspection.pictures.live.is_some() => skips(),
                _ => Vec::new(),
            },
            can_protect: inspection.circumstances.path == Path::Ordinary,
            can_place_again: inspection.circumstances.paper.is_none(),
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
    pub(super) fn asking(
        mut self,
        decision: DecisionKind,
        advice: Advice,
        on_paper: bool,
        words: &Words,
    ) -> Self {
        let advice = words.say(format!("advice-{}", advice.as_str()));
        // The reasons to choose from hold it.
        self.can_clear = false;
        self.asked = Some(Asked {
            decision: decision.as_str(),
            label: format!("decide-{}", decision.as_str()),
            advice: words.with("advice-is", "advice", advice),
            reasons: OverrideReason::ALL
                .iter()
                .filter(|r| **r != OverrideReason::DecidedOnPaper || on_paper)
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

pub(super) fn picture_address(id: &str, which: &str) -> String {
    format!("/inspections/{id}/pictures/{which}")
}

/// The three pictures of a face: the traveller's, the chip's, the page's, where there is one. A chip that was read
/// and is not as its state signed it shows no picture.
fn photos(id: &str, [live, chip, portrait]: [bool; 3], chip_was_altered: bool) -> Vec<Photo> {
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
            text: match (chip, chip_was_altered) {
                (true, _) => "photo-alt-chip",
                (false, true) => "photo-unproven-chip",
                (false, false) => "photo-none-chip",
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

/// Whether a file of the chip is not the one that its state signed.
fn chip_was_altered(inspection: &Inspection) -> bool {
    inspection
        .checks
        .iter()
        .any(|c| c.check == CheckId::ChipDataGroupHashes && c.outcome == Outcome::Failed)
}

fn bar(inspection: &Inspection, words: &Words) -> Bar {
    let advice = inspection.shown_advice();
    let (tone, symbol) = match advice {
        Advice::Clear => ("ok", "✓"),
        Advice::Look => ("warn", "▲"),
        Advice::Refer => ("bad", "◆"),
    };
    let strongest = inspection.advised.reasons.first();
    let headline = match strongest {
        _ if inspection.disclosure == Disclosure::SecondLineOnly => words.say("reason-second_line"),
        Some(reason) if reason.code.advice() == advice && advice != Advice::Clear => {
            words.say(reason_key(reason.code))
        }
        // Nothing speaks against the traveller, and there is still something for the officer's eyes to do.
        Some(reason) if reason.code == ReasonCode::FaceSkipped => {
            words.say(reason_key(reason.code))
        }
        _ => words.say("headline-clear"),
    };
    Bar {
        tone,
        symbol,
        word: words.say(format!("advice-{}", advice.as_str())),
        headline,
    }
}

/// What is out of the ordinary, in words.
pub(super) fn notes(inspection: &Inspection, words: &Words, zone: &TimeZone) -> Vec<String> {
    let odd = &inspection.circumstances;
    let mut notes = Vec::new();
    if odd.path == Path::Protection {
        notes.push(words.say("note-protection"));
    }
    if let Some(paper) = &odd.paper {
        notes.push(words.with_all(
            "note-paper",
            &[
                ("number", &paper.number),
                ("time", &words.moment(paper.at, zone)),
            ],
        ));
    }
    if odd.reopened_at.is_some() {
        let time = words.moment(inspection.moment.now, zone);
        notes.push(words.with("note-reopened", "time", time));
    }
    if inspection.corrected_from.is_some() {
        notes.push(words.say("note-corrected"));
    }
    notes
}

/// The reasons for leaving the faces out.
fn skips() -> Vec<Choice> {
    FaceSkip::ALL
        .into_iter()
        .map(|skip| Choice {
            key: "",
            value: skip.as_str(),
            label: format!("skip-{}", skip.as_str()),
        })
        .collect()
}

pub(super) fn traveller(fields: &Fields, today: Date, words: &Words) -> Traveller {
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
                ("state", words.state(&fields.issuing_state)),
                ("kind", &words.say(kind)),
                ("number", &fields.document_number),
            ],
        ),
        born: words.with("born-on", "date", words.date(fields.birth(today))),
        validity,
        expired,
    }
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

/// The marks while the stages are at work.
pub(super) fn groups_of_stand(stand: &Stand) -> Vec<Group> {
    CheckGroup::ALL
        .into_iter()
        .zip(stand.answers)
        .map(|(g, answer)| {
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
                .filter(|r| reasons::is_of(r, g))
                .map(|r| r.code.advice())
                .max()
                .unwrap_or(Advice::Clear);
            // Of a discreet entry not even the mark tells.
            let closed = inspection.disclosure == Disclosure::SecondLineOnly;
            if closed && g == CheckGroup::Search {
                return group(g, Some(Outcome::Undetermined), Advice::Clear);
            }
            let outcome = check::group_outcome(&inspection.checks, g);
            group(g, Some(outcome), advice)
        })
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
