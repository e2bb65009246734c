//! Which part of one name is which part of the other.

use super::parse::{Affix, Unit, UnitKind};
use super::sound::{Heard, begin_apart, likeness, spelling_likeness};
use super::words::Tables;

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
    pub(crate) a: std::ops::Range<usize>,
    pub(crate) b: std::ops::Range<usize>,
    pub(crate) alike: f32,
    pub(crate) weight: f32,
    pub(crate) how: Likeness,
}

/// Below this two parts are not matched at all.
const LEAST_ALIKE: f32 = 0.5;
/// Two different common names are at most so alike, whatever they look like.
const DIFFERENT_NAMES: f32 = 0.4;

/// What a difference from a common name's known spellings costs beside another difference.
const UNKNOWN_SPELLING: f32 = 1.3;

/// How alike two units are.
pub(crate) fn units_alike(a: &Unit, b: &Unit) -> (f32, Likeness) {
    match (a.kind, b.kind) {
        (UnitKind::Number, UnitKind::Number) => {
            return (f32::from(u8::from(a.text == b.text)), Likeness::Same);
        }
        (UnitKind::Number, _) | (_, UnitKind::Number) => return (0.0, Likeness::Spelling),
        // Whether a word is a title depends on its neighbours, so a soft title may meet a name.
        (UnitKind::SoftTitle, UnitKind::Name | UnitKind::SoftTitle)
        | (UnitKind::Name, UnitKind::SoftTitle) => {
            let (alike, how) = heard_alike(a, b);
            return (if alike >= 0.85 { alike } else { 0.0 }, how);
        }
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
            let first = |u: &Unit| u.text.bytes().next();
            return if first(a) == first(b) {
                (0.8, Likeness::Initial)
            } else {
                (0.0, Likeness::Initial)
            };
        }
        (UnitKind::Name, UnitKind::Name) => {}
    }
    let (stem, how) = stems_alike(a, b);
    let alike = match (a.affix, b.affix) {
        (x, y) if x == y => stem,
        // Abd al-Rahman is often called Rahman; a Kunya names the son.
        (Affix::Servant, Affix::None) | (Affix::None, Affix::Servant) => stem * 0.8,
        (Affix::Kunya, Affix::None) | (Affix::None, Affix::Kunya) => stem * 0.6,
        (Affix::God | Affix::Faith, Affix::None) | (Affix::None, Affix::God | Affix::Faith) => {
            stem * 0.7
        }
        _ => stem * 0.45,
    };
    (alike, how)
}

fn heard(sounds: &[u8], abjad: bool) -> Heard<'_> {
    Heard { sounds, abjad }
}

fn stems_alike(a: &Unit, b: &Unit) -> (f32, Likeness) {
    if let (Some(x), Some(y)) = (&a.native, &b.native) {
        return if x == y {
            (1.0, Likeness::Same)
        } else {
            (characters_alike(x, y), Likeness::Spelling)
        };
    }
    if a.text == b.text && a.abjad == b.abjad {
        return (1.0, Likeness::Same);
    }
    if let (Some(x), Some(y)) = (a.known, b.known) {
        if x == y {
            return (0.97, Likeness::SameName);
        }
        let (alike, how) = heard_alike(a, b);
        return (alike.min(DIFFERENT_NAMES), how);
    }
    if Tables::get().is_short_form(&a.text, &b.text) {
        return (0.85, Likeness::ShortForm);
    }
    let (alike, how) = heard_alike(a, b);
    if a.known.is_some() != b.known.is_some() && !a.abjad && !b.abjad {
        // One is a common name in none of its spellings: probably another name.
        return (1.0 - (1.0 - alike) * UNKNOWN_SPELLING, how);
    }
    (alike, how)
}

fn heard_alike(a: &Unit, b: &Unit) -> (f32, Likeness) {
    let mut sound = likeness(heard(&a.sounds, a.abjad), heard(&b.sounds, b.abjad));
    if let Some(other) = &a.other {
        sound = sound.max(0.97 * likeness(heard(other, a.abjad), heard(&b.sounds, b.abjad)));
    }
    if let Some(other) = &b.other {
        sound = sound.max(0.97 * likeness(heard(&a.sounds, a.abjad), heard(other, b.abjad)));
    }
    if let (Some(x), Some(y)) = (&a.other, &b.other) {
        sound = sound.max(0.97 * likeness(heard(x, a.abjad), heard(y, b.abjad)));
    }
    if a.abjad || b.abjad {
        return (sound, Likeness::Sound);
    }
    let spelling = spelling_likeness(&a.text, &b.text);
    if sound >= spelling {
        (sound, Likeness::Sound)
    } else {
        (spelling, Likeness::Spelling)
    }
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

/// The best matching of the parts of two names, greedily from the most alike.
pub(crate) fn align(a: &[Unit], b: &[Unit], cut_a: bool, cut_b: bool) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::new();
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let (mut alike, mut how) = units_alike(x, y);
            if alike < 0.9
                && (cut_a && i + 1 == a.len() && begins(y, x)
                    || cut_b && j + 1 == b.len() && begins(x, y))
            {
                (alike, how) = (0.9, Likeness::Cut);
            }
            if alike >= LEAST_ALIKE {
                found.push(Match {
                    a: i..i + 1,
                    b: j..j + 1,
                    alike,
                    weight: (x.weight + y.weight) / 2.0,
                    how,
                });
            }
        }
    }
    joined(a, b, &mut found, false);
    joined(b, a, &mut found, true);
    found.sort_by(|m, n| {
        (n.alike * n.weight)
            .total_cmp(&(m.alike * m.weight))
            .then(n.alike.total_cmp(&m.alike))
            .then((m.a.start + m.b.start).cmp(&(n.a.start + n.b.start)))
            .then(m.a.start.cmp(&n.a.start))
    });
    let mut used_a = vec![false; a.len()];
    let mut used_b = vec![false; b.len()];
    let mut chosen = Vec::new();
    for m in found {
        if used_a[m.a.clone()].iter().any(|u| *u) || used_b[m.b.clone()].iter().any(|u| *u) {
            continue;
        }
        used_a[m.a.clone()].fill(true);
        used_b[m.b.clone()].fill(true);
        chosen.push(m);
    }
    chosen
}

/// Whether `cut` is how the name `whole` begins.
fn begins(whole: &Unit, cut: &Unit) -> bool {
    cut.kind != UnitKind::Minor
        && whole.text.len() > cut.text.len()
        && whole.text.starts_with(cut.text.as_str())
}

/// Finds runs of units of `many` that together are one unit of `one`.
fn joined(many: &[Unit], one: &[Unit], found: &mut Vec<Match>, swapped: bool) {
    for (j, whole) in one.iter().enumerate() {
        if whole.kind != UnitKind::Name
            || whole.affix != Affix::None
            || whole.native.is_some()
            || whole.sounds.len() < 4
        {
            continue;
        }
        for start in 0..many.len() {
            if begin_apart(&many[start].sounds, &whole.sounds) && whole.other.is_none() {
                continue;
            }
            let mut sounds: Vec<u8> = Vec::new();
            let mut text = String::new();
            let mut weight = 0.0;
            for (n, unit) in many[start..].iter().take(MOST_JOINED).enumerate() {
                if !matches!(
                    unit.kind,
                    UnitKind::Name | UnitKind::Initial | UnitKind::Minor
                ) || unit.native.is_some()
                    || unit.affix != Affix::None
                    || unit.abjad != many[start].abjad
                {
                    break;
                }
                sounds.extend_from_slice(&unit.sounds);
                text.push_str(&unit.text);
                weight += unit.weight;
                if sounds.len() > whole.sounds.len() + 3 {
                    break;
                }
                if n == 0 || sounds.len() + 3 < whole.sounds.len() {
                    continue;
                }
                let mut alike = if text == whole.text {
                    1.0
                } else {
                    likeness(
                        heard(&sounds, unit.abjad),
                        heard(&whole.sounds, whole.abjad),
                    )
                };
                if let Some(other) = &whole.other {
                    alike = alike.max(
                        0.97 * likeness(heard(&sounds, unit.abjad), heard(other, whole.abjad)),
                    );
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
