//! How alike two words sound: an edit distance whose costs know which sounds are written for one another.

use std::sync::OnceLock;

/// Longest word compared; longer ones are cut. No name's part is longer.
const MOST_SOUNDS: usize = 32;

/// Groups of consonants with the cost of taking one for another (0 same, 1 unrelated). Later lines win.
const NEAR: &[(&str, f32)] = &[
    ("bp", 0.35),
    ("fv", 0.25),
    ("pf", 0.4),
    ("bv", 0.35),
    ("vw", 0.08),
    ("fw", 0.5),
    ("kqg", 0.3),
    ("kq", 0.08),
    ("kc", 0.45),
    ("kK", 0.2),
    ("qK", 0.3),
    ("hK", 0.12),
    ("cK", 0.2),
    ("hk", 0.6),
    // Achmad, Rochim: a strong h as Dutch and Indonesian write it.
    ("hc", 0.4),
    ("gG", 0.08),
    ("gq", 0.12),
    ("qG", 0.2),
    ("KG", 0.35),
    ("gj", 0.3),
    ("Gj", 0.5),
    ("gK", 0.45),
    ("hj", 0.5),
    ("gh", 0.5),
    ("sz", 0.2),
    ("sS", 0.25),
    ("Sc", 0.25),
    ("SZ", 0.35),
    ("SK", 0.45),
    ("zZ", 0.25),
    ("jZ", 0.12),
    ("jc", 0.35),
    ("jz", 0.35),
    ("cZ", 0.4),
    ("sc", 0.4),
    ("jy", 0.2),
    ("ji", 0.2),
    ("td", 0.3),
    ("tT", 0.04),
    ("dD", 0.04),
    ("sT", 0.2),
    ("zD", 0.1),
    ("ZD", 0.2),
    ("dz", 0.4),
    ("TD", 0.3),
    ("dT", 0.3),
    ("tD", 0.3),
    ("ts", 0.6),
    ("sD", 0.4),
    ("tc", 0.55),
    ("mn", 0.4),
    ("lr", 0.45),
    // Hebrew bet and pe, which stand for two sounds each.
    ("Bb", 0.03),
    ("Bv", 0.03),
    ("Bw", 0.1),
    ("Pp", 0.03),
    ("Pf", 0.03),
    // Glides and the vowels they are written for.
    ("yi", 0.05),
    ("ye", 0.1),
    ("wu", 0.05),
    ("wo", 0.06),
    ("vu", 0.25),
    ("ya", 0.3),
    ("wa", 0.35),
    ("yu", 0.35),
    ("wi", 0.4),
    ("yw", 0.7),
    ("ae", 0.1),
    ("ei", 0.08),
    ("ou", 0.06),
    ("ao", 0.14),
    ("au", 0.18),
    ("ai", 0.2),
    ("eo", 0.18),
    ("eu", 0.2),
    ("iu", 0.22),
    ("io", 0.22),
    // Ayn: any vowel may stand for it.
    ("Aa", 0.0),
    ("Ae", 0.02),
    ("Ai", 0.02),
    ("Ao", 0.02),
    ("Au", 0.02),
    ("Ay", 0.3),
    ("Aw", 0.3),
    ("Ah", 0.4),
    ("AG", 0.5),
];

/// `0` to `z`.
const SOUNDS: usize = 75;

struct Costs([[f32; SOUNDS]; SOUNDS]);

fn place(sound: u8) -> usize {
    usize::from(sound.saturating_sub(b'0')).min(SOUNDS - 1)
}

fn costs() -> &'static Costs {
    static COSTS: OnceLock<Box<Costs>> = OnceLock::new();
    COSTS.get_or_init(|| {
        let mut table = Box::new(Costs([[1.0; SOUNDS]; SOUNDS]));
        for (i, row) in table.0.iter_mut().enumerate() {
            row[i] = 0.0;
        }
        for (group, cost) in NEAR {
            for a in group.bytes() {
                for b in group.bytes().filter(|b| *b != a) {
                    table.0[place(a)][place(b)] = *cost;
                }
            }
        }
        table
    })
}

/// A word in sounds, with whether its script leaves short vowels out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'a> {
    pub(crate) sounds: &'a [u8],
    pub(crate) abjad: bool,
}

fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The first sound of a word counts more than the others.
const FIRST_SOUND: f32 = 1.4;

/// Words that weigh less are short.
const SHORT: f32 = 4.5;
/// What differences in short words cost more than those in long ones, per unit of weight that is lacking.
const SHORT_HARDER: f32 = 0.35;

/// How much of a word a sound makes out.
fn weight(sound: u8, own_abjad: bool, other_abjad: bool) -> f32 {
    match sound {
        b'A' => 0.15,
        b'a' | b'y' | b'w' if own_abjad => 0.5,
        b'a' | b'e' | b'i' | b'o' | b'u' => {
            if other_abjad {
                0.12
            } else {
                0.45
            }
        }
        b'h' | b'y' | b'w' => 0.7,
        _ => 1.0,
    }
}

/// The cost of a sound that the other word lacks.
fn missing(word: Heard<'_>, i: usize, other_abjad: bool) -> f32 {
    let sound = word.sounds[i];
    let last = i + 1 == word.sounds.len();
    let beside_vowel = (i > 0 && is_vowel(word.sounds[i - 1]))
        || word.sounds.get(i + 1).copied().is_some_and(is_vowel);
    match sound {
        b'A' => 0.06,
        b'a' if word.abjad => 0.14,
        b'y' | b'w' if word.abjad => 0.3,
        _ if is_vowel(sound) => match (other_abjad, last, i == 0) {
            (true, _, false) => 0.03,
            (true, _, true) => 0.15,
            (false, true, _) => 0.18,
            (false, false, true) => 0.5,
            (false, false, false) => {
                if beside_vowel {
                    0.12
                } else {
                    0.25
                }
            }
        },
        // "ts" is one sound to many ears.
        b't' if matches!(word.sounds.get(i + 1), Some(b's' | b'S' | b'c')) => 0.3,
        b'h' if last => 0.1,
        b'h' => 0.3,
        b'y' if beside_vowel => 0.15,
        b'w' if beside_vowel => 0.25,
        _ if i == 0 => 0.9 * FIRST_SOUND,
        _ => 0.9,
    }
}

/// Whether two words begin with consonants that are not written for one another, or one with a vowel.
pub(crate) fn begin_apart(a: &[u8], b: &[u8]) -> bool {
    match (a.first(), b.first()) {
        (Some(x), Some(y)) => costs().0[place(*x)][place(*y)] > 0.3,
        _ => false,
    }
}

/// 1 where two words sound the same, 0 where they have nothing in common. Symmetric.
pub(crate) fn likeness(a: Heard<'_>, b: Heard<'_>) -> f32 {
    let a = Heard {
        sounds: &a.sounds[..a.sounds.len().min(MOST_SOUNDS)],
        ..a
    };
    let b = Heard {
        sounds: &b.sounds[..b.sounds.len().min(MOST_SOUNDS)],
        ..b
    };
    if a.sounds.is_empty() || b.sounds.is_empty() {
        return 0.0;
    }
    if a.sounds == b.sounds {
        return 1.0;
    }
    let table = &costs().0;
    let (n, m) = (a.sounds.len(), b.sounds.len());
    let mut before = [0f32; MOST_SOUNDS + 1];
    let mut above = [0f32; MOST_SOUNDS + 1];
    let mut row = [0f32; MOST_SOUNDS + 1];
    let mut lack_b = [0f32; MOST_SOUNDS];
    for j in 0..m {
        lack_b[j] = missing(b, j, a.abjad);
        above[j + 1] = above[j] + lack_b[j];
    }
    for i in 0..n {
        let x = a.sounds[i];
        let lack_a = missing(a, i, b.abjad);
        row[0] = above[0] + lack_a;
        for j in 0..m {
            let y = b.sounds[j];
            let mut cost = table[place(x)][place(y)];
            if i == 0 && j == 0 && cost > 0.25 {
                // The first sound is the one least often mistaken.
                cost *= FIRST_SOUND;
            }
            let mut best = above[j] + cost;
            best = best.min(above[j + 1] + lack_a).min(row[j] + lack_b[j]);
            if i > 0 && j > 0 && x == b.sounds[j - 1] && y == a.sounds[i - 1] {
                best = best.min(before[j - 1] + 0.5);
            }
            row[j + 1] = best;
        }
        before[..=m].copy_from_slice(&above[..=m]);
        above[..=m].copy_from_slice(&row[..=m]);
    }
    let whole = |w: Heard<'_>, other: Heard<'_>| -> f32 {
        w.sounds
            .iter()
            .map(|s| weight(*s, w.abjad, other.abjad))
            .sum()
    };
    let total = (whole(a, b) + whole(b, a)) / 2.0;
    // A short word is soon another word.
    let harder = (1.0 + (SHORT - total) * SHORT_HARDER).clamp(1.0, 2.0);
    (1.0 - harder * above[m] / total.max(0.5)).max(0.0)
}

/// 1 where two spellings are the same, less for every letter added, left out, changed or swapped. Symmetric.
pub(crate) fn spelling_likeness(a: &str, b: &str) -> f32 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (n, m) = (a.len().min(MOST_SOUNDS), b.len().min(MOST_SOUNDS));
    if n == 0 || m == 0 {
        return 0.0;
    }
    let mut before = [0u8; MOST_SOUNDS + 1];
    let mut above = [0u8; MOST_SOUNDS + 1];
    let mut row = [0u8; MOST_SOUNDS + 1];
    for (j, cell) in above.iter_mut().enumerate() {
        *cell = j as u8;
    }
    for i in 0..n {
        row[0] = i as u8 + 1;
        for j in 0..m {
            let mut best = above[j] + u8::from(a[i] != b[j]);
            best = best.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && b[j] == a[i - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        before[..=m].copy_from_slice(&above[..=m]);
        above[..=m].copy_from_slice(&row[..=m]);
    }
    let longest = n.max(m) as f32;
    1.0 - f32::from(above[m]) / longest
}
