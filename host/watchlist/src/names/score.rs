//! From matched parts to a score, with what each piece of evidence gave or cost.
//!
//! The evidence is a short list of *objections* to two names being of one person, each zero where there
//! is nothing to object. Their weights were fitted (logistic, every weight of one sign) on labelled
//! pairs; see `examples/names_bench.rs` for the measurement.

use super::THRESHOLD;
use super::align::{Match, align};
use super::parse::{Role, Unit, UnitKind};
use rules::Why;

/// One kind of objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objection {
    /// Matched parts that are not quite alike, as a share of the names.
    Unlike,
    /// The least alike of the matched parts.
    Worst,
    /// Parts that only one name has, as a share of the names.
    Extra,
    /// Parts left over on both sides: they contradict one another.
    Contradiction,
    /// The heaviest part left over on both sides.
    HeaviestContradiction,
    /// The person's own (first) name is left over.
    OwnNameLeft,
    /// The persons' own names are not matched to one another.
    OwnNameDiffers,
    /// The parts stand in another order.
    Order,
    /// Child and father have changed places around "son of".
    Swapped,
    /// A letter stands for a name.
    Initial,
}

use Objection as O;

/// What each objection costs, per unit of it, on the logistic scale; and how much of it there is, summed up.
pub(crate) const COSTS: [(Objection, f32); 10] = [
    (O::Unlike, 15.0),
    (O::Worst, 2.4),
    (O::Extra, 1.0),
    (O::Contradiction, 0.0),
    (O::HeaviestContradiction, 4.8),
    (O::OwnNameLeft, 0.4),
    (O::OwnNameDiffers, 0.3),
    (O::Order, 0.5),
    (O::Swapped, 9.2),
    (O::Initial, 0.1),
];
/// The logistic scale where there is nothing to object.
const NO_OBJECTION: f32 = 3.15;
/// Where on the logistic scale [`THRESHOLD`] stands.
const AT_THRESHOLD: f32 = 0.1;

/// An objection found, with the sentence for it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) what: Objection,
    pub(crate) much: f32,
    /// The units it is about: in the first and in the second name.
    about: (Vec<usize>, Vec<usize>),
}

/// Two names matched and weighed.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    pub(crate) score: f64,
    pub(crate) matches: Vec<Match>,
    pub(crate) found: Vec<Found>,
}

/// Compares two names taken apart. `cut` says that a name may have been cut off at its end.
pub(crate) fn weigh(a: &[Unit], b: &[Unit], cut: (bool, bool)) -> Weighed {
    let matches = align(a, b, cut.0, cut.1);
    let found = objections(a, b, &matches);
    let cost: f32 = found.iter().map(|f| f.much * price(f.what)).sum();
    let nothing = a.is_empty() || b.is_empty() || matches.is_empty();
    Weighed {
        score: if nothing { 0.0 } else { score(cost) },
        matches,
        found,
    }
}

fn price(what: Objection) -> f32 {
    COSTS
        .iter()
        .find(|(o, _)| *o == what)
        .map_or(0.0, |(_, cost)| *cost)
}

/// 1 for no cost, [`THRESHOLD`] where the cost uses up the distance to it, towards 0 beyond.
fn score(cost: f32) -> f64 {
    let logistic = |z: f32| 1.0 / (1.0 + f64::from(-z).exp());
    let (p, top, at) = (
        logistic(NO_OBJECTION - cost),
        logistic(NO_OBJECTION),
        logistic(AT_THRESHOLD),
    );
    if p >= at {
        THRESHOLD + (1.0 - THRESHOLD) * (p - at) / (top - at)
    } else {
        THRESHOLD * p / at
    }
}

/// Whether the unit is evidence of a person, not a title or small word.
fn counts(unit: &Unit) -> bool {
    !matches!(unit.kind, UnitKind::Minor | UnitKind::SoftTitle)
}

/// How much a unit that the other name lacks speaks against it when the other has one that this lacks.
fn against(unit: &Unit) -> f32 {
    match unit.kind {
        UnitKind::Name => match unit.text.len() {
            0..=2 => 0.6,
            3 => 0.8,
            _ => 1.0,
        },
        UnitKind::Initial | UnitKind::Number => 0.5,
        UnitKind::Minor | UnitKind::SoftTitle => 0.0,
    }
}

/// The units of one name that no match uses.
fn left(
    units: &[Unit],
    matches: &[Match],
    side: fn(&Match) -> &std::ops::Range<usize>,
) -> Vec<usize> {
    (0..units.len())
        .filter(|i| counts(&units[*i]) && !matches.iter().any(|m| side(m).contains(i)))
        .collect()
}

fn side_a(m: &Match) -> &std::ops::Range<usize> {
    &m.a
}
fn side_b(m: &Match) -> &std::ops::Range<usize> {
    &m.b
}

fn objections(a: &[Unit], b: &[Unit], matches: &[Match]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut object = |what: Objection, much: f32, about: (Vec<usize>, Vec<usize>)| {
        if much > 0.0 {
            found.push(Found { what, much, about });
        }
    };
    let weight =
        |units: &[Unit]| -> f32 { units.iter().filter(|u| counts(u)).map(|u| u.weight).sum() };
    let total = ((weight(a) + weight(b)) / 2.0).max(0.1);
    let (left_a, left_b) = (left(a, matches, side_a), left(b, matches, side_b));
    let mut worst = 0f32;
    let mut worst_about = (Vec::new(), Vec::new());
    let mut initial = (Vec::new(), Vec::new());
    for m in matches {
        let (x, y) = (&a[m.a.start], &b[m.b.start]);
        if !counts(x) && !counts(y) {
            continue;
        }
        let lost = m.weight * (1.0 - m.alike);
        let about = || {
            (
                m.a.clone().collect::<Vec<_>>(),
                m.b.clone().collect::<Vec<_>>(),
            )
        };
        object(O::Unlike, lost / total, about());
        if lost > worst {
            worst = lost;
            worst_about = about();
        }
        if (x.kind == UnitKind::Initial) != (y.kind == UnitKind::Initial) {
            initial = about();
        }
    }
    object(O::Worst, worst, worst_about);
    object(
        O::Initial,
        if initial.0.is_empty() { 0.0 } else { 1.0 },
        initial,
    );

    let sum = |units: &[Unit], left: &[usize], f: &dyn Fn(&Unit) -> f32| -> f32 {
        left.iter().map(|i| f(&units[*i])).sum()
    };
    let heaviest =
        |units: &[Unit], left: &[usize]| left.iter().map(|i| units[*i].weight).fold(0.0, f32::max);
    let extra = sum(a, &left_a, &|u| u.weight) - sum(b, &left_b, &|u| u.weight);
    let longer = if extra > 0.0 {
        (left_a.clone(), Vec::new())
    } else {
        (Vec::new(), left_b.clone())
    };
    object(O::Extra, extra.abs() / total, longer);
    let contradiction = sum(a, &left_a, &against)
        .min(sum(b, &left_b, &against))
        .min(1.0);
    object(
        O::Contradiction,
        contradiction,
        (left_a.clone(), left_b.clone()),
    );
    object(
        O::HeaviestContradiction,
        heaviest(a, &left_a).min(heaviest(b, &left_b)),
        (left_a.clone(), left_b.clone()),
    );

    let own_a = own_name(a, b, matches, side_a, side_b);
    let own_b = own_name(b, a, matches, side_b, side_a);
    if let (Some(i), Some(j)) = (own_a, own_b) {
        let is_left = left_a.contains(&i) || left_b.contains(&j);
        object(
            O::OwnNameLeft,
            f32::from(u8::from(is_left)),
            (vec![i], vec![j]),
        );
        let met = matches.iter().any(|m| m.a.contains(&i) && m.b.contains(&j));
        object(
            O::OwnNameDiffers,
            f32::from(u8::from(!met)),
            (vec![i], vec![j]),
        );
    }
    object(O::Order, disorder(matches), (Vec::new(), Vec::new()));
    if let Some((i, j)) = swapped(a, b, matches) {
        object(O::Swapped, 1.0, (vec![i, i + 1], vec![j, j + 1]));
    }
    found
}

/// The unit that is the person's own name: the first given one where a comma tells; else the first that
/// is not the other's surname (a zone writes surnames first).
fn own_name(
    units: &[Unit],
    other: &[Unit],
    matches: &[Match],
    mine: fn(&Match) -> &std::ops::Range<usize>,
    theirs: fn(&Match) -> &std::ops::Range<usize>,
) -> Option<usize> {
    let names: Vec<usize> = (0..units.len()).filter(|i| counts(&units[*i])).collect();
    let first = names.first().copied()?;
    if units[first].role != Role::Unknown {
        return Some(first);
    }
    let is_surname = |i: usize| {
        matches
            .iter()
            .find(|m| mine(m).contains(&i))
            .is_some_and(|m| other[theirs(m).start].role == Role::Surname)
    };
    Some(names.into_iter().find(|i| !is_surname(*i)).unwrap_or(first))
}

/// The share of pairs of matches that stand in another order in the two names.
fn disorder(matches: &[Match]) -> f32 {
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
fn swapped(a: &[Unit], b: &[Unit], matches: &[Match]) -> Option<(usize, usize)> {
    let partner = |i: usize| matches.iter().find(|m| m.a.contains(&i)).map(|m| m.b.start);
    (0..a.len().saturating_sub(1))
        .filter(|i| a[*i].child_of_next)
        .find_map(|i| {
            let (child, father) = (partner(i)?, partner(i + 1)?);
            (b.get(father)?.child_of_next && father + 1 == child).then_some((i, father))
        })
}

impl Weighed {
    /// What each part gave and each objection cost, strongest first. The effects sum up to the score.
    pub(crate) fn explain(&self, a: &[Unit], b: &[Unit]) -> Vec<Why> {
        let shown = |units: &[Unit], about: &[usize]| -> String {
            about
                .iter()
                .filter_map(|i| units.get(*i))
                .map(|u| u.shown.to_uppercase())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut whys = Vec::new();
        let evidence: Vec<&Match> = self
            .matches
            .iter()
            .filter(|m| counts(&a[m.a.start]) || counts(&b[m.b.start]))
            .collect();
        let all: f32 = evidence.iter().map(|m| m.weight).sum();
        for m in &evidence {
            let (x, y): (Vec<usize>, Vec<usize>) = (m.a.clone().collect(), m.b.clone().collect());
            whys.push(Why {
                evidence: "name".into(),
                detail: format!("{} ~ {} {:.2}", shown(a, &x), shown(b, &y), m.alike),
                effect: f64::from(m.weight / all.max(f32::MIN_POSITIVE)),
            });
        }
        let cost: f32 = self.found.iter().map(|f| f.much * price(f.what)).sum();
        for f in &self.found {
            let (x, y) = (shown(a, &f.about.0), shown(b, &f.about.1));
            let detail = match f.what {
                O::Unlike => format!("{x} and {y} are not quite alike"),
                O::Worst => format!("{x} and {y} are the least alike"),
                O::Extra => format!("only one name has {x}{y}"),
                O::Contradiction => format!("{x} stands against {y}"),
                O::HeaviestContradiction => format!("{x} against {y} weighs much"),
                O::OwnNameLeft => format!("the own name {x} or {y} is not in the other"),
                O::OwnNameDiffers => format!("the own names {x} and {y} are not the same part"),
                O::Order => "the parts stand in another order".to_owned(),
                O::Swapped => format!("child and father have changed places: {x}, {y}"),
                O::Initial => format!("{x} and {y}: a letter for a name"),
            };
            let share = f64::from(f.much * price(f.what) / cost.max(f32::MIN_POSITIVE));
            whys.push(Why {
                evidence: "name".into(),
                detail,
                effect: (self.score - 1.0) * share,
            });
        }
        whys.sort_by(|x, y| y.effect.abs().total_cmp(&x.effect.abs()));
        whys
    }
}
