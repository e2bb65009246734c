//! How alike two names are, and why.
//!
//! A name in any script becomes words in Latin letters and in sounds (`script`), the words become
//! *units* (`parse`, by the tables of `words`: titles and articles set aside, `Abd al-` and `-ullah` bound to
//! their stems, `bin` tying child to father), the units of two names are matched (`align`, by `sound` and by
//! tables), and what matched, what is left over on one side and what contradicts on both become a score
//! (`score`, told in words by `explain`). The order of parts does not matter, except around "son of" (`order`).

mod align;
mod explain;
mod glued;
mod keys;
mod lists;
mod order;
mod parse;
mod prepared;
mod score;
mod script;
mod sound;
mod unit;
mod words;

use rules::Why;
use score::Weighed;

pub use score::{Objection, costs};

pub(crate) use keys::{Key, keys};
pub(crate) use prepared::Prepared;

/// At and above this score two names are taken to be of one person.
pub const THRESHOLD: f64 = 0.7;

/// A name so long in characters may have been cut: the name field of a TD3 zone holds 39 (Doc 9303-4 4.2.2).
const MAY_BE_CUT: usize = 38;

/// How alike two names are.
#[derive(Debug, Clone, PartialEq)]
pub struct NameScore {
    /// 0 to 1; [`THRESHOLD`] decides.
    pub score: f64,
    /// Which part matched which, and what it gave or cost, strongest first; the effects sum up to the score.
    pub why: Vec<Why>,
}

/// Compares two names, each in any script and order. `SURNAME, Given` tells the parts; `;` separates
/// several names of one person, of which the best counts. Symmetric; the same name scores 1.
#[must_use]
pub fn compare(a: &str, b: &str) -> NameScore {
    best(a, b, |x, y, weighed| NameScore {
        score: weighed.score,
        why: if weighed.score > 0.0 {
            weighed.explain(x.units(), y.units())
        } else {
            Vec::new()
        },
    })
    .unwrap_or(NameScore {
        score: 0.0,
        why: Vec::new(),
    })
}

/// The score that [`compare`] gives, without the explanation, which takes longer to write than names to weigh.
#[must_use]
pub fn score(a: &str, b: &str) -> f64 {
    best(a, b, |_, _, weighed| weighed.score).unwrap_or(0.0)
}

/// What speaks against two names being of one person, as [`compare`] finds it: how much of each kind, before it
/// is priced. `None` where no part of one is like a part of the other. For fitting the prices
/// (`examples/names_fit.rs`).
#[must_use]
pub fn objections(a: &str, b: &str) -> Option<Vec<(Objection, f64)>> {
    best(a, b, |_, _, weighed| {
        let found = weighed.found.iter();
        let found = found.map(|f| (f.what, f64::from(f.much))).collect();
        (weighed.score > 0.0).then_some(found)
    })
    .flatten()
}

/// Makes something of the two names, of all that the texts give, that are the most alike.
fn best<T>(a: &str, b: &str, made: impl FnOnce(&Prepared, &Prepared, &Weighed) -> T) -> Option<T> {
    // In a fixed order, so that equal choices fall the same way whichever name comes first.
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    if !a.contains(';') && !b.contains(';') {
        let (x, y) = (prepared(a)?, prepared(b)?);
        return Some(made(&x, &y, &x.weigh(&y)));
    }
    let names: Vec<Prepared> = alternatives(a).collect();
    let others: Vec<Prepared> = alternatives(b).collect();
    let mut best: Option<(&Prepared, &Prepared, Weighed)> = None;
    for x in &names {
        for y in &others {
            let weighed = x.weigh(y);
            if best
                .as_ref()
                .is_none_or(|(_, _, best)| weighed.score > best.score)
            {
                best = Some((x, y, weighed));
            }
        }
    }
    best.map(|(x, y, weighed)| made(x, y, &weighed))
}

/// Most names of one person looked at in one text.
const MOST_ALTERNATIVES: usize = 16;

fn alternatives(text: &str) -> impl Iterator<Item = Prepared> {
    text.split(';').filter_map(prepared).take(MOST_ALTERNATIVES)
}

/// One name taken apart; none where there is nothing but blanks.
fn prepared(text: &str) -> Option<Prepared> {
    let text = text.trim();
    // A character is a byte at least, so short texts need no counting.
    let cut = text.len() >= MAY_BE_CUT && text.chars().count() >= MAY_BE_CUT;
    (!text.is_empty()).then(|| Prepared::new(text, cut))
}
