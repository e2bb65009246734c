//! What birth date, sex and nationality add to or take from a name's score.
//!
//! An exact birth date lifts a weak name (a cut alias with the right date is worth a look); a date that cannot be
//! the same sinks a good one (the same-name innocent traveller is the commonest harm). Two whole dates that differ
//! are two birthdays; a year alone may be an estimate. Where the list states no birth date, or none that supports,
//! the name must stand by itself: near spellings are then less than a candidate, and so is a name that lacks the
//! traveller's surname.

use crate::{PersonEntry, Query};
use rules::date::PartialDate;
use rules::mrz::Sex;
use rules::{Said, Why};

/// The most that particulars can lift a name's score by.
pub(crate) const MOST_GAIN: f64 = SAME_DATE;
/// Year, month and day are the same.
const SAME_DATE: f64 = 0.2;
/// The year is the same, and nothing more is known on one side.
const SAME_YEAR: f64 = 0.03;
/// Day and month have changed places.
const DAY_MONTH_SWAPPED: f64 = 0.1;
/// One of day and month differs.
const ONE_PART_DIFFERS: f64 = -0.02;
/// Day and month differ.
const DAY_AND_MONTH_DIFFER: f64 = -0.1;
/// The years differ by one, where a day is missing or a placeholder; calendars and memories are a year or two out.
const NEXT_YEAR: f64 = -0.12;
/// Each further year of difference, up to the most.
const PER_YEAR: f64 = -0.08;
/// Two whole dates of different years, neither a placeholder: two birthdays.
const OTHER_BIRTHDAY: f64 = -0.35;
/// Day and month are the same and the years differ by one: a slip of the pen.
const YEAR_MISWRITTEN: f64 = -0.05;
/// The traveller's birth date is known, and the list states none.
const NO_BIRTH_LISTED: f64 = -0.15;
/// Without a birth date in support, a matched part that is not quite the same.
const NEAR_ONLY: f64 = -0.1;
/// No part of the traveller's surname is in the listed name.
const SURNAME_NOT_MET: f64 = -0.1;
/// Below this a matched part is only near.
const QUITE_ALIKE: f32 = 0.9;
/// The most that a year of birth can take: no name outweighs it.
const YEAR_MOST: f64 = -0.4;
/// The sexes differ.
const SEX_DIFFERS: f64 = -0.2;
/// No nationality in common.
const NATIONALITY_DIFFERS: f64 = -0.1;

/// How well the names agree, as far as particulars ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    /// How alike the least alike of the matched parts are.
    pub(crate) worst: f32,
    /// Whether a part of the surname is met, where the query says which it is.
    pub(crate) surname_met: bool,
}

/// Each particular that speaks for or against.
pub(crate) fn evidence(query: &Query, person: &PersonEntry, fit: Fit) -> Vec<Why> {
    let mut why = Vec::new();
    let mut against = |evidence: &str, detail: &str, key, effect: f64| {
        why.push(Why {
            evidence: evidence.into(),
            detail: detail.into(),
            said: Some(Said::new(key, [])),
            effect,
        });
    };
    if query.birth.year.is_some() && !person.births.iter().any(|b| b.year.is_some()) {
        against(
            "birth",
            "the list states no birth date",
            "likeness-no-birth",
            NO_BIRTH_LISTED,
        );
    }
    let supported = person
        .births
        .iter()
        .filter_map(|listed| birth(query.birth, *listed))
        .any(|effect| effect > 0.0);
    if query.birth.year.is_some() && !supported && fit.worst < QUITE_ALIKE {
        against(
            "name",
            "the names are only near, and no birth date supports them",
            "likeness-near-only",
            NEAR_ONLY,
        );
    }
    if query.birth.year.is_some() && !fit.surname_met {
        against(
            "name",
            "the surname is not in the listed name",
            "likeness-surname",
            SURNAME_NOT_MET,
        );
    }
    let birth = person
        .births
        .iter()
        .filter_map(|listed| birth(query.birth, *listed).map(|effect| (effect, *listed)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((effect, listed)) = birth {
        why.push(Why {
            evidence: "birth".into(),
            detail: format!("born {}, listed {listed}", query.birth),
            said: Some(Said::new(
                "likeness-born",
                [
                    ("born", query.birth.to_string().into()),
                    ("listed", listed.to_string().into()),
                ],
            )),
            effect,
        });
    }
    if query.sex != person.sex && query.sex != Sex::Unspecified && person.sex != Sex::Unspecified {
        why.push(Why {
            evidence: "sex".into(),
            detail: "the sexes differ".into(),
            said: Some(Said::new("likeness-sex", [])),
            effect: SEX_DIFFERS,
        });
    }
    let plain = crate::edition::documents::plain_state;
    let nationality = plain(&query.nationality);
    let stated = |n: &str| n.len() == 3 && n != "XXX" && n != "UNK";
    let listed: Vec<String> = person
        .nationalities
        .iter()
        .map(|n| plain(n))
        .filter(|n| stated(n))
        .collect();
    if stated(&nationality) && !listed.is_empty() && !listed.contains(&nationality) {
        let listed = listed.join(", ");
        why.push(Why {
            evidence: "state".into(),
            detail: format!("national of {nationality}, listed {listed}"),
            said: Some(Said::new(
                "likeness-nationality",
                [
                    ("nationality", nationality.as_str().into()),
                    ("listed", listed.into()),
                ],
            )),
            effect: NATIONALITY_DIFFERS,
        });
    }
    why
}

/// What two birth dates say; `None` where one of them says nothing.
fn birth(asked: PartialDate, listed: PartialDate) -> Option<f64> {
    let (y1, y2) = (asked.year?, listed.year?);
    let years = f64::from((i32::from(y1) - i32::from(y2)).abs());
    let apart = (NEXT_YEAR + (years - 1.0) * PER_YEAR).max(YEAR_MOST);
    let (Some(m1), Some(m2)) = (asked.month, listed.month) else {
        return Some(if years > 0.0 { apart } else { SAME_YEAR });
    };
    let days = asked.day.zip(listed.day);
    if years > 0.0 {
        return Some(match days {
            Some((d1, d2)) if (m1, d1) == (1, 1) || (m2, d2) == (1, 1) => apart,
            Some((d1, d2)) if (m1, d1) == (m2, d2) && years <= 1.0 => YEAR_MISWRITTEN,
            Some(_) => apart.min(OTHER_BIRTHDAY),
            None => apart,
        });
    }
    let Some((d1, d2)) = days else {
        return Some(if m1 == m2 {
            SAME_YEAR * 2.0
        } else {
            ONE_PART_DIFFERS
        });
    };
    // The first of January is what offices write for "some day".
    let placeholder = (m1, d1) == (1, 1) || (m2, d2) == (1, 1);
    Some(match (m1 == m2, d1 == d2) {
        (true, true) if placeholder => SAME_YEAR,
        (true, true) => SAME_DATE,
        _ if m1 == d2 && d1 == m2 => DAY_MONTH_SWAPPED,
        _ if placeholder => 0.0,
        (true, false) | (false, true) => ONE_PART_DIFFERS,
        (false, false) => DAY_AND_MONTH_DIFFER,
    })
}
