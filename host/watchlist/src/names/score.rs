//! From matched parts to a score, with what each piece of evidence gave or cost.
//!
//! The evidence is a short list of *objections* to two names being of one person, each zero where there
//! is nothing to object. Their weights were fitted (logistic, every weight of one sign) on labelled
//! pairs; see `examples/names_bench.rs` for the measurement.

use super::THRESHOLD;
use super::align::{Likeness, Match, Matches, Units, align, bits};
use super::order::{TURNED, disorder, own_name, swapped, turned};
use super::sound::begin_apart as sounds_begin_apart;
use super::unit::{Affix, Role, Unit, UnitKind};
use super::words::{Tables, WordKind};
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::LazyLock;

/// One kind of objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// Matched parts that are not quite alike, as a share of the names.
    Unlike,
    /// The least alike of the matched parts.
    Worst,
    /// A matched part begins with another sound.
    FirstSound,
    /// A letter stands for a name.
    Initial,
    /// Parts that only one name has, as a share of the names.
    Extra,
    /// What matched is little evidence, and there is more to the names.
    LittleInCommon,
    /// In names of short parts only, a part that only one has.
    ExtraSyllable,
    /// In an East Asian name of short parts, a part that is another syllable, not another spelling.
    OtherSyllable,
    /// Parts left over on both sides: they contradict one another.
    Contradiction,
    /// The heaviest part left over on both sides.
    HeaviestContradiction,
    /// The first part of a name of unknown order is left over: neither surname nor own name is met.
    FirstLeft,
    /// One's own name is the other's second, and the other's own is left over: child and father.
    Shifted,
    /// Child and father have changed places around "son of".
    Swapped,
    /// The parts stand in another order.
    Order,
}

use Objection as O;

/// What each objection costs, per unit of it, on the logistic scale.
const COSTS: [(Objection, f32); 14] = [
    (O::Unlike, 22.39),
    (O::Worst, 8.62),
    (O::FirstSound, 0.39),
    (O::Initial, 0.85),
    (O::Extra, 0.31),
    (O::ExtraSyllable, 2.18),
    (O::OtherSyllable, 3.35),
    (O::Contradiction, 6.25),
    (O::HeaviestContradiction, 3.19),
    (O::FirstLeft, 1.72),
    (O::Shifted, 5.10),
    (O::Swapped, 10.50),
    (O::Order, 3.74),
    (O::LittleInCommon, 4.10),
];
/// So much matched weight is enough: two names, one of them not too common.
const ENOUGH_IN_COMMON: f32 = 1.5;
/// So much is missing besides where a single part matched: many share a single name.
const ALONE: f32 = 0.8;
/// The logistic scale where there is nothing to object.
const NO_OBJECTION: f32 = 5.93;
/// Where on the logistic scale [`THRESHOLD`] stands.
const AT_THRESHOLD: f32 = -0.15;

/// An objection found, with the sentence for it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) what: Objection,
    pub(crate) much: f32,
    /// The units it is about: in the first and in the second name.
    pub(super) about: (Units, Units),
}

/// All that is found against two names.
pub(crate) type Objections = SmallVec<[Found; 14]>;

/// Two names matched and weighed.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    pub(crate) score: f64,
    pub(crate) matches: Matches,
    pub(crate) found: Objections,
}

/// Compares two names taken apart. `cut` says that a name may have been cut off at its end.
#[inline]
pub(crate) fn weigh(a: &[Unit], b: &[Unit], cut: (bool, bool)) -> Weighed {
    let mut weighed = Weighed {
        score: 0.0,
        matches: Matches::new(),
        found: Objections::new(),
    };
    align(a, b, cut, &mut weighed.matches);
    let syllables = of_syllables(a) && of_syllables(b);
    if syllables {
        respell(a, b, &mut weighed.matches);
    }
    objections(a, b, syllables, &weighed.matches, &mut weighed.found);
    if !a.is_empty() && !b.is_empty() && !weighed.matches.is_empty() {
        let cost: f32 = weighed.found.iter().map(|f| f.much * price(f.what)).sum();
        weighed.score = score(cost);
    }
    weighed
}

/// What each kind of objection costs, and what all of them together may cost at the threshold.
#[must_use]
pub fn costs() -> (Vec<(Objection, f64)>, f64) {
    (
        COSTS.iter().map(|(o, c)| (*o, f64::from(*c))).collect(),
        f64::from(NO_OBJECTION - AT_THRESHOLD),
    )
}

pub(super) fn price(what: Objection) -> f32 {
    COSTS
        .iter()
        .find(|(o, _)| *o == what)
        .map_or(0.0, |(_, cost)| *cost)
}

fn logistic(z: f32) -> f64 {
    1.0 / (1.0 + f64::from(-z).exp())
}

/// 1 for no cost, [`THRESHOLD`] where the cost uses up the distance to it, towards 0 beyond.
fn score(cost: f32) -> f64 {
    static ENDS: LazyLock<(f64, f64)> =
        LazyLock::new(|| (logistic(NO_OBJECTION), logistic(AT_THRESHOLD)));
    let (top, at) = *ENDS;
    let p = logistic(NO_OBJECTION - cost);
    if p >= at {
        THRESHOLD + (1.0 - THRESHOLD) * (p - at) / (top - at)
    } else {
        THRESHOLD * p / at
    }
}

/// Whether the unit is evidence of a person, not a title or small word.
pub(super) fn counts(unit: &Unit) -> bool {
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

fn is_legal_form(unit: &Unit) -> bool {
    unit.kind == UnitKind::Minor && Tables::get().kind(&unit.text) == Some(WordKind::LegalForm)
}

/// How much a person's own name is missed. "Muhammad" before another name is often left out.
fn missed(unit: &Unit) -> f32 {
    if unit.weight <= 0.45 {
        0.3
    } else if unit.weight <= 0.6 && unit.known.is_some() {
        0.6
    } else {
        1.0
    }
}

/// Whether a name is made of syllables as Korean, Chinese, Vietnamese and Burmese names are: at least three
/// short parts, one of them a surname of those languages.
fn of_syllables(units: &[Unit]) -> bool {
    let names = || units.iter().filter(|u| counts(u));
    all_short(units)
        && names().count() >= 3
        && names().any(|u| Tables::get().is_syllable_surname(&u.text))
}

/// Whether every part is a name of five letters or fewer.
fn all_short(units: &[Unit]) -> bool {
    units
        .iter()
        .filter(|u| counts(u))
        .all(|u| u.kind == UnitKind::Name && u.text.len() <= 5 && u.affix == Affix::None)
}

/// How alike two spellings of one syllable are.
const SAME_SYLLABLE: f32 = 0.96;

/// In names made of syllables, `Chang` and `Jang` are one surname in two systems of spelling.
fn respell(a: &[Unit], b: &[Unit], matches: &mut [Match]) {
    for m in matches.iter_mut().filter(|m| m.alike < SAME_SYLLABLE) {
        if syllable(&a[m.a.start].text) == syllable(&b[m.b.start].text) {
            (m.alike, m.how) = (SAME_SYLLABLE, Likeness::SameName);
        }
    }
}

/// A Korean syllable in one spelling of the several systems (McCune-Reischauer, Revised Romanisation, the
/// North's own); other languages' syllables stay as they are.
fn syllable(text: &[u8]) -> String {
    let mut out = String::from_utf8_lossy(text).into_owned();
    for (spelling, plain) in [
        ("ch", "j"),
        ("yeo", "yo"),
        ("eo", "o"),
        ("oo", "u"),
        ("woo", "u"),
        ("ee", "i"),
        ("oe", "e"),
        ("ae", "e"),
        ("ou", "o"),
        ("rh", "r"),
    ] {
        let mut pairs = out.as_bytes().windows(spelling.len());
        if pairs.any(|pair| pair == spelling.as_bytes()) {
            out = out.replace(spelling, plain);
        }
    }
    let hard = [('k', 'g'), ('t', 'd'), ('p', 'b')];
    if let Some(first) = out.chars().next()
        && let Some((_, soft)) = hard.iter().find(|(hard, _)| *hard == first)
    {
        out.replace_range(..1, &soft.to_string());
    }
    out.replace('k', "g")
}

/// Whether two matched parts begin with sounds that are not written for one another.
fn begin_apart(a: &Unit, b: &Unit) -> bool {
    a.affix == b.affix && sounds_begin_apart(&a.sounds, &b.sounds)
}

/// The units of one name that no match uses.
fn left(units: &[Unit], matches: &[Match], side: fn(&Match) -> &Range<usize>) -> Units {
    let used = matches.iter().fold(0, |all, m| all | bits(side(m)));
    (0..units.len())
        .filter(|i| counts(&units[*i]))
        .fold(0, |all, i| all | 1 << i)
        & !used
}

/// The places of these units, in order.
pub(super) fn places(mut units: Units) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = units.trailing_zeros();
        (units != 0).then(|| {
            units &= units - 1;
            place as usize
        })
    })
}

fn side_a(m: &Match) -> &Range<usize> {
    &m.a
}
fn side_b(m: &Match) -> &Range<usize> {
    &m.b
}

/// What speaks against two names, appended to what is found. `syllables`: both are made of them.
fn objections(a: &[Unit], b: &[Unit], syllables: bool, matches: &[Match], found: &mut Objections) {
    let mut object = |what: Objection, much: f32, about: (Units, Units)| {
        if much > 0.0 {
            found.push(Found { what, much, about });
        }
    };
    let weight =
        |units: &[Unit]| -> f32 { units.iter().filter(|u| counts(u)).map(|u| u.weight).sum() };
    let total = ((weight(a) + weight(b)) / 2.0).max(0.1);
    let (left_a, left_b) = (left(a, matches, side_a), left(b, matches, side_b));
    let mut worst = 0f32;
    let mut worst_about = (0, 0);
    let mut initial = (0, 0);
    for m in matches {
        let (x, y) = (&a[m.a.start], &b[m.b.start]);
        if !counts(x) && !counts(y) {
            continue;
        }
        let lost = m.weight * (1.0 - m.alike);
        let about = (bits(&m.a), bits(&m.b));
        object(O::Unlike, lost / total, about);
        if m.alike < 0.95 && m.how != Likeness::ShortForm && begin_apart(x, y) {
            object(O::FirstSound, m.weight, about);
        }
        if lost > worst {
            worst = lost;
            worst_about = about;
        }
        if (x.kind == UnitKind::Initial) != (y.kind == UnitKind::Initial) {
            initial = about;
        }
    }
    object(O::Worst, worst, worst_about);
    object(O::Initial, if initial.0 == 0 { 0.0 } else { 1.0 }, initial);

    let of = |units: &[Unit], left: Units| -> f32 { places(left).map(|i| units[i].weight).sum() };
    let heaviest =
        |units: &[Unit], left: Units| places(left).map(|i| against(&units[i])).fold(0.0, f32::max);
    let extra = of(a, left_a) - of(b, left_b);
    let longer = if extra > 0.0 {
        (left_a, 0)
    } else {
        (0, left_b)
    };
    object(O::Extra, extra.abs() / total, longer);
    if left_a | left_b != 0 {
        let common = || {
            matches
                .iter()
                .filter(|m| counts(&a[m.a.start]) && counts(&b[m.b.start]))
        };
        let matched: f32 = common().map(|m| m.weight * m.alike).sum();
        // Firms and ships are often told by one word.
        let person = !a.iter().chain(b).any(is_legal_form);
        let alone = if common().count() == 1 && person {
            ALONE
        } else {
            0.0
        };
        object(
            O::LittleInCommon,
            (ENOUGH_IN_COMMON - matched).max(0.0) + alone,
            (0, 0),
        );
    }
    if all_short(a) && all_short(b) && (left_a.count_ones() + left_b.count_ones() == 1) {
        object(O::ExtraSyllable, 1.0, (left_a, left_b));
    }
    if syllables {
        for m in matches {
            let (x, y) = (&a[m.a.start], &b[m.b.start]);
            if counts(x) && counts(y) && m.alike < SAME_SYLLABLE && m.how != Likeness::Joined {
                object(O::OtherSyllable, 1.0, (1 << m.a.start, 1 << m.b.start));
            }
        }
    }
    let first_left = |units: &[Unit], left: Units| -> f32 {
        match (0..units.len()).find(|i| counts(&units[*i])) {
            Some(i) if units[i].role == Role::Unknown && left & 1 << i != 0 => missed(&units[i]),
            _ => 0.0,
        }
    };
    object(
        O::FirstLeft,
        first_left(a, left_a).max(first_left(b, left_b)),
        (0, 0),
    );
    let parts = |units: &[Unit]| units.iter().filter(|u| counts(u)).count();
    // Of two parts one against another is as much as one part can be, however short it is.
    let few = parts(a).min(parts(b)) <= 2;
    let opposed = |units: &[Unit], left: Units| -> f32 {
        places(left)
            .map(|i| {
                against(&units[i]).max(if few && units[i].kind == UnitKind::Name {
                    1.0
                } else {
                    0.0
                })
            })
            .sum()
    };
    let contradiction = opposed(a, left_a).min(opposed(b, left_b)).min(1.0);
    object(O::Contradiction, contradiction, (left_a, left_b));
    object(
        O::HeaviestContradiction,
        heaviest(a, left_a).min(heaviest(b, left_b)),
        (left_a, left_b),
    );

    let own_a = own_name(a, b, matches, side_a, side_b);
    let own_b = own_name(b, a, matches, side_b, side_a);
    if let (Some(i), Some(j)) = (own_a, own_b) {
        let at = |i: usize, j: usize| {
            matches
                .iter()
                .find(|m| m.a.contains(&i) && m.b.contains(&j))
        };
        let father_in_a = left_a & 1 << i != 0 && at(i + 1, j).is_some();
        let father_in_b = left_b & 1 << j != 0 && at(i, j + 1).is_some();
        let shifted = if father_in_a {
            missed(&a[i])
        } else if father_in_b {
            missed(&b[j])
        } else {
            0.0
        };
        let shifted = shifted * (matches.len() as f32 / 3.0).min(1.0);
        object(O::Shifted, shifted, (1 << i, 1 << j));
    }
    object(O::Order, disorder(matches), (0, 0));
    // Syllables have another order.
    let turned = if syllables {
        None
    } else {
        turned(a, b, matches, side_a, side_b).or_else(|| {
            let (j, i) = turned(b, a, matches, side_b, side_a)?;
            Some((i, j))
        })
    };
    if let Some(about) = turned {
        object(O::Swapped, TURNED, about);
    }
    if let Some((i, j)) = swapped(a, b, matches) {
        object(O::Swapped, 1.0, (3 << i, 3 << j));
    }
}

impl Weighed {
    /// How alike the least alike of the matched parts are; 1 where none matched.
    pub(crate) fn worst(&self, a: &[Unit], b: &[Unit]) -> f32 {
        self.matches
            .iter()
            .filter(|m| counts(&a[m.a.start]) && counts(&b[m.b.start]))
            .map(|m| m.alike)
            .fold(1.0, f32::min)
    }

    /// Whether a part of the first name's surname is matched, where it says which that is.
    pub(crate) fn meets_surname(&self, a: &[Unit]) -> bool {
        let mut surname = (0..a.len())
            .filter(|i| a[*i].role == Role::Surname && counts(&a[*i]))
            .peekable();
        surname.peek().is_none() || surname.any(|i| self.matches.iter().any(|m| m.a.contains(&i)))
    }
}
