//! A name taken apart once, to be compared many times; and its form on disk.

use super::parse::units;
use super::score::{Weighed, weigh};
use super::script::Text;
use super::unit::{Affix, MOST_UNITS, Role, Unit, UnitKind};

/// A name taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prepared {
    units: Vec<Unit>,
    cut: bool,
}

impl Prepared {
    /// Takes a name apart. `cut`: its end may be missing.
    pub(crate) fn new(text: &str, cut: bool) -> Self {
        Self {
            units: units(text),
            cut,
        }
    }

    pub(crate) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Whether it is the same name, whatever is shown of it.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        self.write(&mut a);
        other.write(&mut b);
        a == b
    }

    /// Compares two names.
    #[inline]
    pub(crate) fn weigh(&self, other: &Self) -> Weighed {
        weigh(&self.units, &other.units, (self.cut, other.cut))
    }

    /// Appends the name's form on disk: a count, then unit after unit. What is shown to people is left out.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let units = &self.units[..self.units.len().min(MOST_UNITS)];
        out.push(units.len() as u8);
        for unit in units {
            let flags = u8::from(unit.abjad)
                | u8::from(unit.child_of_next) << 1
                | u8::from(unit.native.is_some()) << 2
                | u8::from(unit.other.is_some()) << 3
                | (unit.role as u8) << 4
                | u8::from(unit.known.is_some()) << 6;
            out.extend([
                flags,
                unit.kind as u8,
                unit.affix as u8,
                (unit.weight * 100.0).round() as u8,
            ]);
            if let Some(known) = unit.known {
                out.extend(known.to_le_bytes());
            }
            let mut text = |bytes: &[u8]| {
                let bytes = &bytes[..bytes.len().min(usize::from(u8::MAX))];
                out.push(bytes.len() as u8);
                out.extend_from_slice(bytes);
            };
            text(&unit.text);
            text(&unit.sounds);
            if let Some(native) = &unit.native {
                text(whole_characters(native));
            }
            if let Some(other) = &unit.other {
                text(other);
            }
        }
    }

    /// Reads what [`Prepared::write`] wrote; `None` where the bytes are anything else.
    pub(crate) fn read(mut bytes: &[u8]) -> Option<Self> {
        let count = take(&mut bytes, 1)?[0];
        if usize::from(count) > MOST_UNITS {
            return None;
        }
        let mut units = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let head = take(&mut bytes, 4)?;
            let (flags, kind, affix, weight) = (head[0], head[1], head[2], head[3]);
            let known = if flags & 64 != 0 {
                let k = take(&mut bytes, 2)?;
                Some(u16::from_le_bytes([k[0], k[1]]))
            } else {
                None
            };
            let text = Text::of(take_text(&mut bytes)?);
            let sounds = Text::of(take_text(&mut bytes)?);
            let native = if flags & 4 != 0 {
                Some(String::from_utf8(take_text(&mut bytes)?.to_vec()).ok()?)
            } else {
                None
            };
            let other = if flags & 8 != 0 {
                Some(Text::of(take_text(&mut bytes)?))
            } else {
                None
            };
            units.push(Unit {
                shown: Text::new(),
                text,
                native,
                sounds,
                other,
                abjad: flags & 1 != 0,
                known,
                affix: match affix {
                    0 => Affix::None,
                    1 => Affix::Servant,
                    2 => Affix::Faith,
                    3 => Affix::God,
                    4 => Affix::Kunya,
                    _ => return None,
                },
                weight: f32::from(weight) / 100.0,
                kind: match kind {
                    0 => UnitKind::Name,
                    1 => UnitKind::Initial,
                    2 => UnitKind::Minor,
                    3 => UnitKind::SoftTitle,
                    4 => UnitKind::Number,
                    _ => return None,
                },
                role: match flags >> 4 & 3 {
                    0 => Role::Unknown,
                    1 => Role::Surname,
                    2 => Role::Given,
                    _ => return None,
                },
                child_of_next: flags & 2 != 0,
            });
        }
        bytes.is_empty().then_some(Self { units, cut: false })
    }
}

/// As much of a text as its form on disk holds: a character cut apart could not be read again.
fn whole_characters(text: &str) -> &[u8] {
    &text.as_bytes()[..text.floor_char_boundary(usize::from(u8::MAX))]
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(n)?;
    *bytes = rest;
    Some(head)
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let n = take(bytes, 1)?[0];
    take(bytes, usize::from(n))
}
