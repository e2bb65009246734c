//! Statistics without persons (after BSI TR-03135-1's basic log): what was inspected, what the checks and the
//! machine said, what officers decided, and the same by group of travellers, so that nobody fares worse
//! unseen.
//!
//! A group with fewer than [`SMALLEST`] encounters is left out: a figure over a few is about persons. So is, where that
//! would leave fewer than so many to be told by subtracting the others from the whole, the next smallest group of its
//! kind; and of fewer than so many encounters in all nothing is told but their number.

use crate::audit::Opener;
use crate::parcels::Held;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rules::mrz::Zone;
use rules::{Advice, CheckGroup, EncounterRecord, Outcome, PostId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The fewest encounters of a group that is shown.
pub const SMALLEST: u64 = 10;

/// What is counted.
#[derive(Debug, Clone, Default)]
pub struct Period {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to this moment.
    pub until: Option<Timestamp>,
    /// Only this post.
    pub post: Option<PostId>,
}

impl Period {
    /// Whether a moment is in it.
    pub(crate) fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }
}

/// Counts over many encounters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Encounters.
    pub encounters: u64,
    /// By what the machine said.
    pub advice: BTreeMap<&'static str, u64>,
    /// By what the officer said; `none` where nobody decided.
    pub decisions: BTreeMap<&'static str, u64>,
    /// Decisions against the advice.
    pub overrides: u64,
    /// Encounters with a candidate of the watchlist.
    pub with_candidates: u64,
    /// Outcomes by group of checks.
    pub checks: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Encounters by kind of document; `unreadable` where its zone was not read.
    pub documents: BTreeMap<String, u64>,
}

/// One group beside the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Which: `sex=F`, `age=30-44`.
    pub group: String,
    /// Encounters.
    pub encounters: u64,
    /// The share that was not advised Clear.
    pub stopped_share: f64,
    /// The share of decisions against the advice.
    pub override_share: f64,
    /// The share of face comparisons that failed, of those made.
    pub face_failed_share: Option<f64>,
}

/// The whole answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Everything together.
    #[serde(flatten)]
    pub all: Counts,
    /// Records that could not be opened.
    pub unopened: u64,
    /// By group of travellers; small groups are left out.
    pub groups: Vec<Group>,
    /// Groups left out because they are small.
    pub small_groups: usize,
}

/// Counts record after record.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    all: Counts,
    unopened: u64,
    groups: BTreeMap<String, Counts>,
}

impl Tally {
    /// Opens and counts one parcel, where it is of the period; nothing of it is kept.
    pub(crate) fn add(&mut self, held: &Held, opener: &Opener, period: &Period) {
        let record = match opener.open(held, None) {
            Ok(record) => record,
            Err(_) => {
                self.unopened += 1;
                return;
            }
        };
        if period.holds(record.opened_at) {
            self.count(&record);
        }
    }

    /// Counts one encounter.
    fn count(&mut self, record: &EncounterRecord) {
        self.all.add(record);
        for group in groups_of(record) {
            self.groups.entry(group).or_default().add(record);
        }
    }

    pub(crate) fn finish(self) -> Statistics {
        let all = self.groups.len();
        if self.all.encounters < SMALLEST {
            return Statistics {
                all: Counts {
                    encounters: self.all.encounters,
                    ..Counts::default()
                },
                unopened: self.unopened,
                groups: Vec::new(),
                small_groups: all,
            };
        }
        let hidden = hidden(&self.groups);
        let groups: Vec<Group> = self
            .groups
            .into_iter()
            .filter(|(group, _)| !hidden.contains(group))
            .map(|(group, counts)| Group::of(group, &counts))
            .collect();
        Statistics {
            all: self.all,
            unopened: self.unopened,
            small_groups: all - groups.len(),
            groups,
        }
    }
}

/// The groups that are left out: the small ones, and with them the next smallest of their kind, until what the others
/// leave of the whole is of [`SMALLEST`] encounters at least.
fn hidden(groups: &BTreeMap<String, Counts>) -> BTreeSet<String> {
    let mut kinds: BTreeMap<&str, Vec<(u64, &String)>> = BTreeMap::new();
    for (group, counts) in groups {
        let kind = group.split_once('=').map_or("", |(kind, _)| kind);
        kinds
            .entry(kind)
            .or_default()
            .push((counts.encounters, group));
    }
    let mut hidden = BTreeSet::new();
    for mut of_kind in kinds.into_values() {
        of_kind.sort_unstable();
        let mut left = 0;
        for (encounters, group) in of_kind {
            let tells = left > 0 && left < SMALLEST;
            if encounters < SMALLEST || tells {
                left += encounters;
                hidden.insert(group.clone());
            }
        }
    }
    hidden
}

impl Counts {
    fn add(&mut self, record: &EncounterRecord) {
        self.encounters += 1;
        let advice = record.advised.advice;
        *self.advice.entry(advice.as_str()).or_default() += 1;
        let decision = record.decision.as_ref();
        let said = decision.map_or("none", |d| d.decision.as_str());
        *self.decisions.entry(said).or_default() += 1;
        self.overrides += u64::from(decision.is_some_and(|d| d.against_advice));
        self.with_candidates += u64::from(!record.candidates.is_empty());
        for group in CheckGroup::ALL {
            let outcome = rules::check::group_outcome(&record.checks, group);
            *self
                .checks
                .entry(name_of(group))
                .or_default()
                .entry(outcome.as_str())
                .or_default() += 1;
        }
        let kind = zone(record).map_or_else(
            || "unreadable".to_owned(),
            |zone| zone.format().as_str().to_owned(),
        );
        *self.documents.entry(kind).or_default() += 1;
    }
}

impl Group {
    fn of(group: String, counts: &Counts) -> Self {
        let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
        let clear = counts
            .advice
            .get(Advice::Clear.as_str())
            .copied()
            .unwrap_or(0);
        let undecided = counts.decisions.get("none").copied().unwrap_or(0);
        let face = counts.checks.get(name_of(CheckGroup::Face));
        let of_face = |outcome: Outcome| {
            face.and_then(|face| face.get(outcome.as_str()))
                .copied()
                .unwrap_or(0)
        };
        let failed = of_face(Outcome::Failed);
        let compared = failed + of_face(Outcome::Successful);
        Self {
            group,
            encounters: counts.encounters,
            stopped_share: share(counts.encounters - clear, counts.encounters),
            override_share: share(counts.overrides, counts.encounters - undecided),
            face_failed_share: (compared > 0).then(|| share(failed, compared)),
        }
    }
}

/// A group's name, as the first part of its checks' names.
fn name_of(group: CheckGroup) -> &'static str {
    match group {
        CheckGroup::Zone => "zone",
        CheckGroup::Chip => "chip",
        CheckGroup::Page => "page",
        CheckGroup::Face => "face",
        CheckGroup::Search => "search",
    }
}

fn zone(record: &EncounterRecord) -> Option<Zone> {
    Zone::from_lines(&record.document.as_ref()?.mrz).ok()
}

/// The groups that a traveller belongs to, by what the document says.
fn groups_of(record: &EncounterRecord) -> Vec<String> {
    let Some(zone) = zone(record) else {
        return vec!["sex=unknown".into(), "age=unknown".into()];
    };
    let fields = zone.fields();
    let day = TimeZone::UTC.to_datetime(record.opened_at).date();
    let sex = fields
        .stated_sex()
        .map_or_else(|| "unknown".to_owned(), |sex| sex.as_char().to_string());
    let age = match fields.age_years(day) {
        None => "unknown",
        Some(0..=11) => "0-11",
        Some(12..=17) => "12-17",
        Some(18..=29) => "18-29",
        Some(30..=44) => "30-44",
        Some(45..=59) => "45-59",
        Some(_) => "60+",
    };
    vec![
        format!("sex={sex}"),
        format!("age={age}"),
        format!("issuer={}", fields.issuing_state),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rules::encounter::DocumentRecord;
    use rules::{Advised, EncounterId, LaneId, Sequence};

    /// So many encounters of this sex, born in this year, of this state.
    fn tally(of: &[(u64, char, u16, &str)]) -> Statistics {
        let mut tally = Tally::default();
        for (count, sex, year, state) in of {
            for _ in 0..*count {
                tally.count(&record(*sex, *year, state));
            }
        }
        tally.finish()
    }

    fn record(sex: char, year: u16, state: &str) -> EncounterRecord {
        let name = format!("{:<<44}", format!("P<{state}SPECIMEN<<ANNA"));
        let rest = format!(
            "L898902C36{state}{:02}08122{sex}3204159ZE184226B<<<<<10",
            year % 100
        );
        EncounterRecord {
            version: EncounterRecord::VERSION,
            id: EncounterId {
                post: PostId::new("NAMANGA").unwrap(),
                sequence: Sequence(1),
            },
            lane: LaneId::new("1").unwrap(),
            opened_at: "2026-11-29T10:00:00Z".parse().unwrap(),
            document: Some(DocumentRecord {
                mrz: vec![name, rest],
                mrz_before_correction: None,
            }),
            checks: Vec::new(),
            said: Vec::new(),
            face_score: None,
            candidates: Vec::new(),
            edition: None,
            advised: Advised {
                advice: Advice::Clear,
                reasons: Vec::new(),
            },
            decision: None,
            circumstances: Default::default(),
        }
    }

    fn shown(statistics: &Statistics) -> Vec<&str> {
        let groups = statistics.groups.iter();
        groups.map(|group| group.group.as_str()).collect()
    }

    #[test]
    fn a_group_of_a_few_is_not_told_by_subtracting_the_others_either() {
        // Two men among fifteen: without the women nothing says how the two fared.
        let told = tally(&[(13, 'F', 1990, "UTO"), (2, 'M', 1990, "UTO")]);
        assert_eq!(shown(&told), ["age=30-44", "issuer=UTO"]);
        assert_eq!(told.small_groups, 2);
        // Twelve in small groups hide one another.
        let told = tally(&[
            (20, 'F', 1990, "UTO"),
            (6, 'M', 1990, "UTO"),
            (6, '<', 1990, "UTO"),
        ]);
        assert!(shown(&told).contains(&"sex=F"));
        assert_eq!(told.all.encounters, 32);
        // Of three groups the next smallest goes with the small one, and the largest stays.
        let told = tally(&[
            (30, 'F', 1990, "UTO"),
            (12, 'F', 1970, "UTO"),
            (4, 'F', 2010, "UTO"),
        ]);
        assert!(shown(&told).contains(&"age=30-44"));
        assert!(!shown(&told).contains(&"age=45-59"));
    }

    #[test]
    fn of_a_few_encounters_nothing_is_told_but_how_many_they_were() {
        let told = tally(&[(9, 'F', 1990, "UTO")]);
        assert_eq!(
            told.all,
            Counts {
                encounters: 9,
                ..Counts::default()
            }
        );
        assert!(told.groups.is_empty());
        assert!(!tally(&[(10, 'F', 1990, "UTO")]).all.advice.is_empty());
    }
}
