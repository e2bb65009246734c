//! How alike two words sound: an edit distance whose costs know which sounds are written for one another.

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
    ("kg", 0.3),
    ("qg", 0.3),
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

/// Every ASCII character: sounds are some of them.
const SOUNDS: usize = 128;

const fn place(sound: u8) -> usize {
    (sound & 127) as usize
}

/// The cost of taking one sound for another.
static COSTS: [[f32; SOUNDS]; SOUNDS] = {
    let mut table = [[1.0; SOUNDS]; SOUNDS];
    let mut n = 0;
    while n < SOUNDS {
        table[n][n] = 0.0;
        n += 1;
    }
    n = 0;
    while n < NEAR.len() {
        let (pair, cost) = NEAR[n];
        let (a, b) = (place(pair.as_bytes()[0]), place(pair.as_bytes()[1]));
        table[a][b] = cost;
        table[b][a] = cost;
        n += 1;
    }
    table
};

/// What a sound costs at least that the other word has nothing near to: so much is a consonant that is missing.
const NOTHING_NEAR: f32 = 0.9;

/// A set of sounds, one bit each. Some digits share theirs with a letter: then they are taken to be near to more.
type Sounds = u64;

const fn bit(sound: u8) -> Sounds {
    1 << (sound & 63)
}

/// Per sound, those that it may be taken for at less than [`NOTHING_NEAR`]; every one for sounds that may be missing at
/// less.
static NEIGHBOURS: [Sounds; SOUNDS] = {
    let mut all = [0; SOUNDS];
    let mut a = 0;
    while a < SOUNDS {
        let mut b = 0;
        while b < SOUNDS {
            if COSTS[a][b] < NOTHING_NEAR {
                all[a] |= bit(b as u8);
            }
            b += 1;
        }
        a += 1;
    }
    let soft = b"aeiouAhywt";
    a = 0;
    while a < soft.len() {
        all[place(soft[a])] = Sounds::MAX;
        a += 1;
    }
    all
};

/// The places of the sounds of a word that the other has nothing near to, one bit each.
fn without_neighbour(word: &[u8], other: Sounds) -> u32 {
    word.iter().rev().fold(0, |all, sound| {
        all << 1 | u32::from(NEIGHBOURS[place(*sound)] & other == 0)
    })
}

/// A word in sounds, with whether its script leaves short vowels out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'a> {
    pub(crate) sounds: &'a [u8],
    pub(crate) abjad: bool,
}

const fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The first sound of a word counts more than the others.
const FIRST_SOUND: f32 = 1.4;

/// Words that weigh less are short.
const SHORT: f32 = 4.5;
/// What differences in short words cost more than those in long ones, per unit of weight that is lacking.
const SHORT_HARDER: f32 = 0.35;

/// What two sounds that have changed places cost.
const SWAPPED_SOUNDS: f32 = 0.5;

/// How much of a word a sound makes out.
const fn weight(sound: u8, own_abjad: bool, other_abjad: bool) -> f32 {
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

/// [`weight`] by whether the own and the other script leave short vowels out, and by sound.
static WEIGHTS: [[[f32; SOUNDS]; 2]; 2] = {
    let mut all = [[[0.0; SOUNDS]; 2]; 2];
    let mut n = 0;
    while n < 4 * SOUNDS {
        let (own, other, sound) = (n / SOUNDS / 2, n / SOUNDS % 2, n % SOUNDS);
        all[own][other][sound] = weight(sound as u8, own == 1, other == 1);
        n += 1;
    }
    all
};

/// Where a sound stands in its word.
#[derive(Clone, Copy)]
struct Stand {
    own_abjad: bool,
    other_abjad: bool,
    first: bool,
    last: bool,
    beside_vowel: bool,
}

impl Stand {
    /// As many as there are.
    const ALL: usize = 32;

    const fn number(self) -> usize {
        self.own_abjad as usize
            | (self.other_abjad as usize) << 1
            | (self.first as usize) << 2
            | (self.last as usize) << 3
            | (self.beside_vowel as usize) << 4
    }

    const fn of(number: usize) -> Self {
        Self {
            own_abjad: number & 1 != 0,
            other_abjad: number & 2 != 0,
            first: number & 4 != 0,
            last: number & 8 != 0,
            beside_vowel: number & 16 != 0,
        }
    }
}

/// What a sound costs that the other word lacks.
const fn lacking(sound: u8, stand: Stand) -> f32 {
    match sound {
        b'A' => 0.06,
        b'a' if stand.own_abjad => 0.14,
        b'y' | b'w' if stand.own_abjad => 0.3,
        _ if is_vowel(sound) => match (stand.other_abjad, stand.last, stand.first) {
            (true, _, false) => 0.03,
            (true, _, true) => 0.15,
            (false, true, _) => 0.18,
            (false, false, true) => 0.5,
            (false, false, false) => {
                if stand.beside_vowel {
                    0.12
                } else {
                    0.25
                }
            }
        },
        b'h' if stand.last => 0.1,
        b'h' => 0.3,
        b'y' if stand.beside_vowel => 0.15,
        b'w' if stand.beside_vowel => 0.25,
        _ if stand.first => 0.9 * FIRST_SOUND,
        _ => 0.9,
    }
}

/// [`lacking`] by [`Stand::number`] and sound.
static LACKING: [[f32; SOUNDS]; Stand::ALL] = {
    let mut all = [[0.0; SOUNDS]; Stand::ALL];
    let mut n = 0;
    while n < Stand::ALL * SOUNDS {
        all[n / SOUNDS][n % SOUNDS] = lacking((n % SOUNDS) as u8, Stand::of(n / SOUNDS));
        n += 1;
    }
    all
};

/// Per sound, whether it is a vowel.
static VOWELS: [u32; SOUNDS] = {
    let mut all = [0; SOUNDS];
    let mut n = 0;
    while n < SOUNDS {
        all[n] = is_vowel(n as u8) as u32;
        n += 1;
    }
    all
};

/// What a word is made of, found in one go.
struct Made {
    /// How much its sounds weigh together.
    weight: f32,
    sounds: Sounds,
    /// The places of its vowels, one bit each.
    vowels: u32,
}

impl Made {
    fn of(word: Heard<'_>, other_abjad: bool) -> Self {
        let weights = &WEIGHTS[usize::from(word.abjad)][usize::from(other_abjad)];
        let (mut weight, mut sounds, mut vowels) = (0.0, 0, 0);
        for (i, sound) in word.sounds.iter().enumerate() {
            let place = place(*sound);
            weight += weights[place];
            sounds |= bit(*sound);
            vowels |= VOWELS[place] << i;
        }
        Self {
            weight,
            sounds,
            vowels,
        }
    }

    /// The places that are beside a vowel, one bit each.
    fn beside_vowels(&self) -> u32 {
        self.vowels << 1 | self.vowels >> 1
    }
}

/// The cost of a sound that the other word lacks; `beside`: the places that are beside a vowel.
fn missing(word: Heard<'_>, i: usize, beside: u32, other_abjad: bool) -> f32 {
    let sound = word.sounds[i];
    let next = word.sounds.get(i + 1).copied();
    // "ts" is one sound to many ears.
    if sound == b't' && matches!(next, Some(b's' | b'S' | b'c')) {
        return 0.3;
    }
    let stand = Stand {
        own_abjad: word.abjad,
        other_abjad,
        first: i == 0,
        last: next.is_none(),
        beside_vowel: beside >> i & 1 != 0,
    };
    LACKING[stand.number()][place(sound)]
}

/// Whether two words begin with consonants that are not written for one another, or one with a vowel.
pub(crate) fn begin_apart(a: &[u8], b: &[u8]) -> bool {
    match (a.first(), b.first()) {
        (Some(x), Some(y)) => COSTS[place(*x)][place(*y)] > 0.3,
        _ => false,
    }
}

/// The lesser of two costs, of which neither is ever no number.
fn lesser(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// 1 where two words sound the same, 0 where they have nothing in common, and also 0 where it is less than
/// `least`. Symmetric.
pub(crate) fn likeness(a: Heard<'_>, b: Heard<'_>, least: f32) -> f32 {
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
    let (made_a, made_b) = (Made::of(a, b.abjad), Made::of(b, a.abjad));
    let total = (made_a.weight + made_b.weight) / 2.0;
    // A short word is soon another word.
    let harder = (1.0 + (SHORT - total) * SHORT_HARDER).clamp(1.0, 2.0);
    // Costs only grow from row to row: past this the words are less alike than is asked for.
    let most = (1.0 - least) * total.max(0.5) / harder + 1e-3;
    let lone = without_neighbour(a.sounds, made_b.sounds);
    let others = without_neighbour(b.sounds, made_a.sounds);
    let mut to_come = lone.count_ones();
    if to_come.max(others.count_ones()) as f32 * NOTHING_NEAR > most {
        return 0.0;
    }
    let m = b.sounds.len();
    let mut rows = [[0f32; MOST_SOUNDS + 1]; 3];
    let [before, above, row] = &mut rows;
    let (mut before, mut above, mut row) = (&mut before[..=m], &mut above[..=m], &mut row[..=m]);
    let mut lacks_b = [0f32; MOST_SOUNDS];
    let lacks_b = &mut lacks_b[..m];
    let (beside_a, beside_b) = (made_a.beside_vowels(), made_b.beside_vowels());
    for (j, lack) in lacks_b.iter_mut().enumerate() {
        *lack = missing(b, j, beside_b, a.abjad);
        above[j + 1] = above[j] + *lack;
    }
    let mut above_least = 0f32;
    // What stands before the sound in hand; no sound is 0.
    let mut x_before = 0;
    for (i, x) in a.sounds.iter().copied().enumerate() {
        let costs = &COSTS[place(x)];
        let mut first = costs[place(b.sounds[0])];
        if i == 0 && first > 0.25 {
            // The first sound is the one least often mistaken.
            first *= FIRST_SOUND;
        }
        let lack_a = missing(a, i, beside_a, b.abjad);
        let mut diagonal = above[0];
        let mut left = diagonal + lack_a;
        row[0] = left;
        let mut row_least = left;
        let mut y_before = 0;
        for (j, (y, lack)) in b.sounds.iter().copied().zip(&*lacks_b).enumerate() {
            let cost = if j == 0 { first } else { costs[place(y)] };
            let up = above[j + 1];
            let mut best = lesser(lesser(diagonal + cost, up + lack_a), left + lack);
            if x == y_before && y == x_before {
                best = lesser(best, before[j - 1] + SWAPPED_SOUNDS);
            }
            row_least = lesser(row_least, best);
            row[j + 1] = best;
            (diagonal, left, y_before) = (up, best, y);
        }
        // Those to come that the other word has nothing near to cost so much on every way.
        to_come -= lone >> i & 1;
        let least = lesser(row_least, above_least + SWAPPED_SOUNDS);
        if least + to_come as f32 * NOTHING_NEAR > most {
            return 0.0;
        }
        above_least = row_least;
        x_before = x;
        (before, above, row) = (above, row, before);
    }
    let alike = (1.0 - harder * above[m] / total.max(0.5)).max(0.0);
    if alike < least { 0.0 } else { alike }
}

/// 1 where two spellings are the same, less for every letter added, left out, changed or swapped. Symmetric.
///
/// The distance is found for all letters of a column at once (Hyyrö 2003, optimal string alignment).
pub(crate) fn spelling_likeness(a: &[u8], b: &[u8]) -> f32 {
    let a = &a[..a.len().min(MOST_SOUNDS)];
    let b = &b[..b.len().min(MOST_SOUNDS)];
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let mut places = [0u32; 128];
    for (i, letter) in a.iter().enumerate() {
        places[usize::from(*letter & 127)] |= 1 << i;
    }
    let last = 1u32 << (a.len() - 1);
    let (mut more, mut less) = (u32::MAX, 0u32);
    let (mut same, mut met_before) = (0u32, 0u32);
    let mut distance = a.len();
    for letter in b {
        let met = places[usize::from(*letter & 127)];
        let swapped = ((!same & met) << 1) & met_before;
        same = ((met & more).wrapping_add(more) ^ more) | met | less | swapped;
        let up = less | !(same | more);
        let down = same & more;
        if up & last != 0 {
            distance += 1;
        }
        if down & last != 0 {
            distance -= 1;
        }
        let up = up << 1 | 1;
        more = down << 1 | !(same | up);
        less = up & same;
        met_before = met;
    }
    let longest = a.len().max(b.len()) as f32;
    1.0 - distance as f32 / longest
}

#[cfg(test)]
mod tests {
    use super::{Heard, likeness, spelling_likeness};
    use proptest::prelude::*;

    /// Optimal string alignment by the book, cell by cell.
    fn distance(a: &[u8], b: &[u8]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut best = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    best = best.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(d[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn spellings_are_as_far_apart_as_the_book_says(a in "[abc]{1,32}", b in "[abc]{1,32}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let far = distance(a, b) as f32 / a.len().max(b.len()) as f32;
            prop_assert!((spelling_likeness(a, b) - (1.0 - far)).abs() < 1e-6);
        }

        #[test]
        fn giving_up_early_changes_no_answer_that_is_asked_for(
            a in "[abeilmnrstyhAKS]{1,12}", b in "[abeilmnrstyhAKS]{1,12}",
            (x, y) in any::<(bool, bool)>(), least in 0.1f32..0.95,
        ) {
            let a = Heard { sounds: a.as_bytes(), abjad: x };
            let b = Heard { sounds: b.as_bytes(), abjad: y };
            let whole = likeness(a, b, 0.0);
            let early = likeness(a, b, least);
            prop_assert!(if whole >= least { early == whole } else { early == 0.0 }, "{whole} {early}");
        }
    }
}
