//! What the order of the parts says: whose own name it is, what has changed places.

use super::align::{Match, Units, bits, units_alike};
use super::score::counts;
use super::unit::{Role, Unit};
use std::ops::Range;

/// The unit that is the person's own name: the first given one where a comma tells; else the first that
/// is not the other's surname (a zone writes surnames first).
pub(super) fn own_name(
    units: &[Unit],
    other: &[Unit],
    matches: &[Match],
    mine: fn(&Match) -> &Range<usize>,
    theirs: fn(&Match) -> &Range<usize>,
) -> Option<usize> {
    let mut names = (0..units.len()).filter(|i| counts(&units[*i]));
    let first = names.clone().next()?;
    if units[first].role != Role::Unknown {
        return Some(first);
    }
    let is_surname = |i: usize| {
        matches
            .iter()
            .find(|m| mine(m).contains(&i))
            .is_some_and(|m| other[theirs(m).start].role == Role::Surname)
    };
    Some(names.find(|i| !is_surname(*i)).unwrap_or(first))
}

/// The share of pairs of matches that stand in another order in the two names.
pub(super) fn disorder(matches: &[Match]) -> f32 {
    let (mut pairs, mut crossed) = (0u32, 0u32);
    for (n, x) in matches.iter().enumerate() {
        for y in &matches[n + 1..] {
            pairs += 1;
            crossed += u32::from((x.a.start < y.a.start) != (x.b.start < y.b.start));
        }
    }
    if pairs == 0 {
        0.0
    } else {
        crossed as f32 / pairs as f32
    }
}

/// Where the first name's "x son of y" is the second's "y son of x".
pub(super) fn swapped(a: &[Unit], b: &[Unit], matches: &[Match]) -> Option<(usize, usize)> {
    let partner = |i: usize| matches.iter().find(|m| m.a.contains(&i)).map(|m| m.b.start);
    (0..a.len().saturating_sub(1))
        .filter(|i| a[*i].child_of_next)
        .find_map(|i| {
            let (child, father) = (partner(i)?, partner(i + 1)?);
            (b.get(father)?.child_of_next && father + 1 == child).then_some((i, father))
        })
}

/// How much of a swap it is where no "son of" stands between the two parts.
pub(super) const TURNED: f32 = 0.6;

/// From here on two parts of one name are the same part twice.
const SAME_PART_TWICE: f32 = 0.75;

/// Own name and father's name in the other order, in names of three parts and more: Ahmed Mohamed Ali is not Mohamed
/// Ahmed Ali. The first two parts, surname aside, stand the other way round in the other name, and the first has not
/// merely gone to the end, as a surname does. The units it is about in this name and in the other.
pub(super) fn turned(
    units: &[Unit],
    other: &[Unit],
    matches: &[Match],
    mine: fn(&Match) -> &Range<usize>,
    theirs: fn(&Match) -> &Range<usize>,
) -> Option<(Units, Units)> {
    let parts = |units: &[Unit]| units.iter().filter(|u| counts(u)).count();
    if parts(units) < 3 || parts(other) < 3 {
        return None;
    }
    let mut own =
        (0..units.len()).filter(|i| counts(&units[*i]) && units[*i].role != Role::Surname);
    let (first, second) = (own.next()?, own.next()?);
    let partner = |i: usize| {
        matches
            .iter()
            .find(|m| mine(m).contains(&i))
            .map(|m| theirs(m).clone())
    };
    let (child, father) = (partner(first)?, partner(second)?);
    // Joined parts have no order, a surname of the other name has no place among its own names.
    let plain = |j: &Range<usize>| j.len() == 1 && other[j.start].role != Role::Surname;
    let is_own = |j: &usize| counts(&other[*j]) && other[*j].role != Role::Surname;
    let last = (0..other.len()).rfind(is_own)?;
    let gone_last = child.start == last && (0..other.len()).filter(is_own).count() >= 3;
    if !plain(&child) || !plain(&father) || father.start >= child.start || gone_last {
        return None;
    }
    // A part that is there twice has no order.
    let twice = |units: &[Unit]| {
        let again = |(i, x): (usize, &Unit)| {
            units[i + 1..]
                .iter()
                .any(|y| units_alike(x, y).0 >= SAME_PART_TWICE)
        };
        units.iter().enumerate().any(again)
    };
    if twice(units) || twice(other) {
        return None;
    }
    Some((1 << first | 1 << second, bits(&child) | bits(&father)))
}
