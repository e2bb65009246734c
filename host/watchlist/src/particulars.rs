//! What birth date, sex and nationality add to or take from a name's score.
//!
//! Only what both sides state counts. An exact birth date lifts a weak name (a cut alias with the right
//! date is worth a look); a date that cannot be the same sinks a good one (the same-name innocent
//! traveller is the commonest harm).

use crate::{PersonEntry, Query};
use rules::Why;
use rules::date::PartialDate;
use rules::mrz::Sex;

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
/// Per year of difference, up to the most; calendars and memories are a year or two out.
const PER_YEAR: f64 = -0.08;
/// The most that a year of birth can take: no name outweighs it.
const YEAR_MOST: f64 = -0.4;
/// The sexes differ.
const SEX_DIFFERS: f64 = -0.2;
/// No nationality in common.
const NATIONALITY_DIFFERS: f64 = -0.1;

/// Each particular that both state and that speaks for or against.
pub(crate) fn evidence(query: &Query, person: &PersonEntry) -> Vec<Why> {
    let mut why = Vec::new();
    let birth = person
        .births
        .iter()
        .filter_map(|listed| birth(query.birth, *listed).map(|effect| (effect, *listed)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((effect, listed)) = birth {
        why.push(Why {
            evidence: "birth".into(),
            detail: format!("born {}, listed {listed}", query.birth),
            effect,
        });
    }
    if query.sex != person.sex && query.sex != Sex::Unspecified && person.sex != Sex::Unspecified {
        why.push(Why {
            evidence: "sex".into(),
            detail: "the sexes differ".into(),
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
        why.push(Why {
            evidence: "state".into(),
            detail: format!("national of {nationality}, listed {}", listed.join(", ")),
            effect: NATIONALITY_DIFFERS,
        });
    }
    why
}

/// What two birth dates say; `None` where one of them says nothing.
fn birth(asked: PartialDate, listed: PartialDate) -> Option<f64> {
    let (y1, y2) = (asked.year?, listed.year?);
    let years = f64::from((i32::from(y1) - i32::from(y2)).abs());
    if years > 0.0 {
        return Some((years * PER_YEAR).max(YEAR_MOST));
    }
    let (Some(m1), Some(m2)) = (asked.month, listed.month) else {
        return Some(SAME_YEAR);
    };
    let (Some(d1), Some(d2)) = (asked.day, listed.day) else {
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
