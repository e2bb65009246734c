//! Which part of one name is which part of the other.

use super::script::Text;
use super::sound::{Heard, begin_apart, likeness, spelling_likeness};
use super::unit::{Affix, Role, Unit, UnitKind};
use super::words::Tables;
use smallvec::SmallVec;
use std::ops::Range;

/// The matched parts of two names.
pub(crate) type Matches = SmallVec<[Match; 8]>;

/// Why two parts are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    /// Two spellings of one common name.
    SameName,
    Sound,
    Spelling,
    ShortForm,
    Initial,
    /// One is the beginning of the other, and its name was cut.
    Cut,
    /// Written as one word here and as several there.
    Joined,
}

/// A part of one name matched to a part of the other; `a` and `b` are ranges of units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub(crate) a: Range<usize>,
    pub(crate) b: Range<usize>,
    pub(crate) alike: f32,
    pub(crate) weight: f32,
    pub(crate) how: Likeness,
}

/// Below this two parts are not matched at all.
const LEAST_ALIKE: f32 = 0.5;
/// What a difference from a common name's known spellings costs beside another difference.
const UNKNOWN_SPELLING: f32 = 1.3;

/// Two spellings of one common name.
const SAME_NAME: f32 = 0.97;
/// A soft title meets a name only where both are nearly the same word.
const LEAST_SOFT: f32 = 0.85;

/// How alike two units are; what is less than [`LEAST_ALIKE`] may be told as 0.
pub(crate) fn units_alike(a: &Unit, b: &Unit) -> (f32, Likeness) {
    match (a.kind, b.kind) {
        (UnitKind::Number, UnitKind::Number) => {
            return (f32::from(u8::from(a.text == b.text)), Likeness::Same);
        }
        (UnitKind::Number, _) | (_, UnitKind::Number) => return (0.0, Likeness::Spelling),
        // Whether a word is a title depends on its neighbours, so a soft title may meet a name.
        (UnitKind::SoftTitle, UnitKind::Name | UnitKind::SoftTitle)
        | (UnitKind::Name, UnitKind::SoftTitle) => return heard_alike(a, b, LEAST_SOFT),
        (UnitKind::SoftTitle, _) | (_, UnitKind::SoftTitle) => return (0.0, Likeness::Spelling),
        (UnitKind::Minor, UnitKind::Minor) => {
            let same = a.text == b.text;
            return (f32::from(u8::from(same)), Likeness::Same);
        }
        (UnitKind::Minor, _) | (_, UnitKind::Minor) => {
            return if a.text == b.text {
                (0.9, Likeness::Same)
            } else {
                (0.0, Likeness::Spelling)
            };
        }
        (UnitKind::Initial, UnitKind::Initial) => {
            return (f32::from(u8::from(a.text == b.text)), Likeness::Same);
        }
        (UnitKind::Initial, UnitKind::Name) | (UnitKind::Name, UnitKind::Initial) => {
            return if a.text.first() == b.text.first() {
                (0.8, Likeness::Initial)
            } else {
                (0.0, Likeness::Initial)
            };
        }
        (UnitKind::Name, UnitKind::Name) => {}
    }
    let affixes = match (a.affix, b.affix) {
        (x, y) if x == y => 1.0,
        // Abd al-Rahman is often called Rahman; a Kunya names the son.
        (Affix::Servant, Affix::None) | (Affix::None, Affix::Servant) => 0.8,
        (Affix::Kunya, Affix::None) | (Affix::None, Affix::Kunya) => 0.6,
        (Affix::God | Affix::Faith, Affix::None) | (Affix::None, Affix::God | Affix::Faith) => 0.7,
        // Less than the least even of equal stems.
        _ => return (0.0, Likeness::Sound),
    };
    let (stem, how) = stems_alike(a, b, LEAST_ALIKE / affixes);
    (stem * affixes, how)
}

fn heard(sounds: &[u8], abjad: bool) -> Heard<'_> {
    Heard { sounds, abjad }
}

/// Whether two names' stems are the same word in the same letters.
fn same_stem(a: &Unit, b: &Unit) -> bool {
    match (&a.native, &b.native) {
        (Some(x), Some(y)) => x == y,
        _ => a.text == b.text && a.abjad == b.abjad,
    }
}

/// How alike two stems are; what is less than `least` may be told as 0.
fn stems_alike(a: &Unit, b: &Unit, least: f32) -> (f32, Likeness) {
    if same_stem(a, b) {
        return (1.0, Likeness::Same);
    }
    if let (Some(x), Some(y)) = (&a.native, &b.native) {
        return (characters_alike(x, y), Likeness::Spelling);
    }
    if let (Some(x), Some(y)) = (a.known, b.known) {
        return if x == y {
            (SAME_NAME, Likeness::SameName)
        } else {
            // Two different common names are no match, whatever they look like.
            (0.0, Likeness::Sound)
        };
    }
    if Tables::get().is_short_form(&a.text, &b.text) {
        return (0.85, Likeness::ShortForm);
    }
    if a.known.is_some() != b.known.is_some() && !a.abjad && !b.abjad {
        // One is a common name in none of its spellings: probably another name.
        let (alike, how) = heard_alike(a, b, 1.0 - (1.0 - least) / UNKNOWN_SPELLING);
        return (1.0 - (1.0 - alike) * UNKNOWN_SPELLING, how);
    }
    heard_alike(a, b, least)
}

/// What another reading of a word is worth beside its plain one.
const OTHER_READING: f32 = 0.97;

/// How alike two words are by sound or by spelling; 0 where that is less than `least`.
fn heard_alike(a: &Unit, b: &Unit, least: f32) -> (f32, Likeness) {
    // A little less, for what rounding takes.
    let mut asked = least - 1e-4;
    let mut sound = likeness(heard(&a.sounds, a.abjad), heard(&b.sounds, b.abjad), asked);
    if a.other.is_some() || b.other.is_some() {
        for (x, y) in [
            (a.other.as_deref(), Some(&b.sounds[..])),
            (Some(&a.sounds[..]), b.other.as_deref()),
            (a.other.as_deref(), b.other.as_deref()),
        ] {
            if let (Some(x), Some(y)) = (x, y) {
                asked = asked.max(sound);
                let other = likeness(heard(x, a.abjad), heard(y, b.abjad), asked / OTHER_READING);
                sound = sound.max(OTHER_READING * other);
            }
        }
    }
    if !a.abjad && !b.abjad {
        // The lengths alone say how alike spellings can be at best.
        let (n, m) = (a.text.len() as f32, b.text.len() as f32);
        if n.min(m) / n.max(m) > asked.max(sound) {
            let spelling = spelling_likeness(&a.text, &b.text);
            if spelling > sound {
                return (
                    if spelling < least { 0.0 } else { spelling },
                    Likeness::Spelling,
                );
            }
        }
    }
    (if sound < least { 0.0 } else { sound }, Likeness::Sound)
}

/// Ideographs and Hangul: a changed character is another name, so each counts much.
fn characters_alike(a: &str, b: &str) -> f32 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).filter(|(x, y)| x == y).count() as f32;
    0.9 * same / a.len().max(b.len()).max(1) as f32
}

/// Below this a run of units is not taken for one word.
const LEAST_JOINED: f32 = 0.84;

/// Longest run of units that one unit may stand for.
const MOST_JOINED: usize = 3;

/// Units of a name, one bit each.
pub(crate) type Units = u64;

/// The bits of a run of units.
pub(crate) fn bits(run: &Range<usize>) -> Units {
    run.clone().fold(0, |all, i| all | 1 << i)
}

/// The best matching of the parts of two names: first the parts that are the same, then greedily from the most alike.
/// They are put where they are kept: what is so large is not to be moved.
pub(crate) fn align(a: &[Unit], b: &[Unit], (cut_a, cut_b): (bool, bool), chosen: &mut Matches) {
    let (mut used_a, mut used_b): (Units, Units) = (0, 0);
    for sure in [same, same_name] {
        for (i, x) in a.iter().enumerate() {
            if used_a & 1 << i != 0 {
                continue;
            }
            let partner = (0..b.len())
                .filter(|j| used_b & 1 << j == 0)
                .find_map(|j| sure(x, &b[j]).map(|found| (j, found)));
            if let Some((j, (alike, how))) = partner {
                chosen.push(pair(i, j, a, b, alike, how));
                used_a |= 1 << i;
                used_b |= 1 << j;
            }
        }
    }
    if used_a.count_ones() as usize == a.len() || used_b.count_ones() as usize == b.len() {
        return;
    }
    let mut found = Matches::new();
    for (i, x) in a.iter().enumerate().filter(|(i, _)| used_a & 1 << i == 0) {
        for (j, y) in b.iter().enumerate().filter(|(j, _)| used_b & 1 << j == 0) {
            let (mut alike, mut how) = units_alike(x, y);
            if alike < 0.9
                && (cut_a && may_be_cut(a, i) && begins(y, x)
                    || cut_b && may_be_cut(b, j) && begins(x, y))
            {
                (alike, how) = (0.9, Likeness::Cut);
            }
            if alike >= LEAST_ALIKE {
                found.push(pair(i, j, a, b, alike, how));
            }
        }
    }
    joined((a, used_a), (b, used_b), &mut found, false);
    joined((b, used_b), (a, used_a), &mut found, true);
    found.sort_by(|m, n| {
        (n.alike * n.weight)
            .total_cmp(&(m.alike * m.weight))
            .then(n.alike.total_cmp(&m.alike))
            .then((m.a.start + m.b.start).cmp(&(n.a.start + n.b.start)))
            .then(m.a.start.cmp(&n.a.start))
    });
    for m in found {
        let (in_a, in_b) = (bits(&m.a), bits(&m.b));
        if used_a & in_a == 0 && used_b & in_b == 0 {
            used_a |= in_a;
            used_b |= in_b;
            chosen.push(m);
        }
    }
}

fn pair(i: usize, j: usize, a: &[Unit], b: &[Unit], alike: f32, how: Likeness) -> Match {
    Match {
        a: i..i + 1,
        b: j..j + 1,
        alike,
        weight: (a[i].weight + b[j].weight) / 2.0,
        how,
    }
}

/// The same part, letter for letter: no other is compared with it.
fn same(a: &Unit, b: &Unit) -> Option<(f32, Likeness)> {
    (a.kind == b.kind && a.affix == b.affix && same_stem(a, b)).then_some((1.0, Likeness::Same))
}

/// One common name in two spellings.
fn same_name(a: &Unit, b: &Unit) -> Option<(f32, Likeness)> {
    let names = a.kind == UnitKind::Name && b.kind == UnitKind::Name;
    (names && a.affix == b.affix && a.known.is_some() && a.known == b.known)
        .then_some((SAME_NAME, Likeness::SameName))
}

/// Whether it is this unit that was cut: the last, or the last given name, which a zone writes last and
/// which stands before the surname here.
fn may_be_cut(units: &[Unit], at: usize) -> bool {
    match units.get(at + 1) {
        None => true,
        Some(next) => units[at].role == Role::Given && next.role == Role::Surname,
    }
}

/// Whether `cut` is how the name `whole` begins.
fn begins(whole: &Unit, cut: &Unit) -> bool {
    cut.kind != UnitKind::Minor
        && whole.text.len() > cut.text.len()
        && whole.text.starts_with(&cut.text)
}

/// Finds runs of units of `many` that together are one unit of `one`; units that are matched already stay so.
fn joined(
    (many, used_many): (&[Unit], Units),
    (one, used_one): (&[Unit], Units),
    found: &mut Matches,
    swapped: bool,
) {
    let joins = |unit: &Unit| {
        matches!(
            unit.kind,
            UnitKind::Name | UnitKind::Initial | UnitKind::Minor
        ) && unit.native.is_none()
            && unit.affix == Affix::None
    };
    for (j, whole) in one.iter().enumerate() {
        if used_one & 1 << j != 0
            || whole.kind != UnitKind::Name
            || whole.affix != Affix::None
            || whole.sounds.len() < 4
        {
            continue;
        }
        for start in 0..many.len().saturating_sub(1) {
            let abjad = many[start].abjad;
            let run = many[start..]
                .iter()
                .enumerate()
                .take(MOST_JOINED)
                .take_while(|(n, unit)| {
                    used_many & 1 << (start + n) == 0 && unit.abjad == abjad && joins(unit)
                });
            if begin_apart(&many[start].sounds, &whole.sounds) && whole.other.is_none() {
                continue;
            }
            let (mut sounds, mut text) = (Text::new(), Text::new());
            let mut weight = 0.0;
            for (n, unit) in run {
                if sounds.len() + unit.sounds.len() > whole.sounds.len() + 3 {
                    break;
                }
                sounds.extend(&unit.sounds);
                text.extend(&unit.text);
                weight += unit.weight;
                if n == 0 || sounds.len() + 3 < whole.sounds.len() {
                    continue;
                }
                let run = heard(&sounds, abjad);
                let least = LEAST_JOINED / 0.98 - 1e-4;
                let mut alike = if text == whole.text {
                    1.0
                } else {
                    likeness(run, heard(&whole.sounds, whole.abjad), least)
                };
                if let Some(other) = &whole.other {
                    let other = likeness(run, heard(other, whole.abjad), least / OTHER_READING);
                    alike = alike.max(OTHER_READING * other);
                }
                alike *= 0.98;
                if alike >= LEAST_JOINED {
                    let (m, o) = (start..start + n + 1, j..j + 1);
                    let (a, b) = if swapped { (o, m) } else { (m, o) };
                    found.push(Match {
                        a,
                        b,
                        alike,
                        weight: weight.min(whole.weight),
                        how: Likeness::Joined,
                    });
                }
            }
        }
    }
}
