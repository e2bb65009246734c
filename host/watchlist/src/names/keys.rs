//! Keys by which names that may be alike find one another, before any is compared.
//!
//! A unit's main key is its skeleton: consonants by class, without vowels, glides and h. Skeletons with
//! one class left out are further keys, so that one sound mistaken, added or missing still meets.
//! Common names meet by their line of the table, short forms by the full name's.

use super::script::{Text, sounds_of_latin};
use super::unit::{Unit, UnitKind};
use super::words::Tables;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// A key, and how sure a meeting by it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The unit that it belongs to; units that were joined have the first one's number.
    pub(crate) unit: u8,
    /// The same unit of another spelling, or only a near one.
    pub(crate) near: bool,
    /// The key itself.
    pub(crate) hash: u32,
}

/// Longest skeleton; what follows does not distinguish more.
const MOST_CLASSES: usize = 7;

fn class(sound: u8) -> Option<u8> {
    Some(match sound {
        b'b' | b'p' | b'B' | b'P' => b'b',
        b'f' | b'v' => b'f',
        b'k' | b'q' | b'g' | b'G' | b'K' | b'j' | b'Z' | b'c' | b'x' => b'k',
        b's' | b'z' | b'S' => b's',
        b't' | b'd' | b'T' | b'D' => b't',
        b'm' | b'n' | b'l' | b'r' => sound,
        b'0'..=b'9' => sound,
        _ => return None,
    })
}

fn skeleton(sounds: &[u8]) -> Text {
    let mut out = Text::new();
    for class in sounds.iter().filter_map(|s| class(*s)) {
        if out.last() != Some(&class) && out.len() < MOST_CLASSES {
            out.push(class);
        }
    }
    out
}

fn hash(kind: u8, bytes: &[u8]) -> u32 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write_u8(kind);
    hasher.write(bytes);
    hasher.finish() as u32
}

/// The keys of a name, sorted, each once.
pub(crate) fn keys(units: &[Unit]) -> Vec<Key> {
    let mut out = Vec::new();
    let names: Vec<(usize, &Unit)> = units
        .iter()
        .enumerate()
        .filter(|(_, u)| matches!(u.kind, UnitKind::Name | UnitKind::SoftTitle))
        .collect();
    for (n, (i, unit)) in names.iter().enumerate() {
        let mut put = |near: bool, hash: u32| {
            out.push(Key {
                unit: (*i).min(usize::from(u8::MAX)) as u8,
                near,
                hash,
            });
        };
        by_sounds(&unit.sounds, &mut put);
        if let Some(other) = &unit.other {
            by_sounds(other, &mut put);
        }
        if let Some(line) = unit.known {
            put(false, hash(b'n', &line.to_le_bytes()));
        }
        for full in Tables::get().full_names(&unit.text) {
            put(
                false,
                hash(b's', &skeleton(&sounds_of_latin(full.as_bytes()))),
            );
            if let Some(known) = Tables::get().known(full.as_bytes()) {
                put(false, hash(b'n', &known.line.to_le_bytes()));
            }
        }
        if let Some(native) = &unit.native {
            put(false, hash(b'c', native.as_bytes()));
        }
        // Written as two words here and as one there.
        if let Some((_, next)) = names.get(n + 1) {
            let joined: Text = unit
                .sounds
                .iter()
                .chain(next.sounds.iter())
                .copied()
                .collect();
            let bones = skeleton(&joined);
            if bones.len() >= 3 {
                put(true, hash(b's', &bones));
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn by_sounds(sounds: &[u8], put: &mut impl FnMut(bool, u32)) {
    let bones = skeleton(sounds);
    if bones.len() < 2 {
        // Too little to go by: the vowels must help (Ali, Yahya, Ri).
        let spelt: Text = sounds
            .iter()
            .map(|s| match s {
                b'e' | b'A' => b'a',
                b'y' => b'i',
                b'o' | b'w' => b'u',
                s => class(*s).unwrap_or(*s),
            })
            .collect();
        put(true, hash(b'v', &spelt));
    }
    put(false, hash(b's', &bones));
    if bones.len() >= 3 {
        for left_out in 0..bones.len() {
            let mut shorter = Text::new();
            for (_, class) in bones.iter().enumerate().filter(|(i, _)| *i != left_out) {
                if shorter.last() != Some(class) {
                    shorter.push(*class);
                }
            }
            put(true, hash(b'd', &shorter));
        }
        put(true, hash(b'd', &bones));
    } else if bones.len() == 2 {
        put(true, hash(b'd', &bones));
    }
}
