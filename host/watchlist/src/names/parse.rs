//! From words to *units*: the parts of a name that are compared with one another.
//!
//! `Abd al-Rahman`, `Abdurrahman` and `عبدالرحمن` all become the one unit "servant of rahman"; articles
//! vanish; `bin` ties two units together as child and father.

use super::glued::{glued_affix, somali, without_article};
use super::script::{self, Before, Script, Text, Word, Words, arabic, sounds_of_latin};
use super::unit::{Affix, MOST_UNITS, Role, Unit, UnitKind};
use super::words::{KnownName, Tables, WordKind};

/// The weight of titles, legal forms and the like.
const MINOR_WEIGHT: f32 = 0.1;

/// Takes one name apart.
pub(crate) fn units(text: &str) -> Vec<Unit> {
    let mut words = Words::new();
    script::words(text, &mut words);
    let tables = Tables::get();
    let comma = words.iter().position(|w| w.before == Before::Comma);
    let mut units: Vec<Unit> = Vec::with_capacity(words.len());
    // Given names go first, as the person says them; then "son of" ties the right units.
    let (first, second) = words.split_at(comma.unwrap_or(0));
    let jr_only = || {
        second
            .iter()
            .all(|w| matches!(tables.kind(&w.latin), Some(WordKind::Title)))
    };
    if comma.is_some() && !jr_only() {
        read(second, Role::Given, tables, &mut units);
        read(first, Role::Surname, tables, &mut units);
    } else {
        read(&words, Role::Unknown, tables, &mut units);
    }
    bind_dangling(&mut units, tables);
    promote_soft_titles(&mut units);
    units.truncate(MOST_UNITS);
    units
}

/// "Abdul" or "Abu" at the very end belongs to the part that the writing order has put first:
/// `REHMAN, Abdur`, and `ZUBAYDAH ABU` in a zone.
fn bind_dangling(units: &mut Vec<Unit>, tables: &Tables) {
    let surname = units.iter().position(|u| u.role == Role::Surname);
    // Given names stand first here, so their last one stands before the surname.
    let (end, stem) = match surname {
        Some(0) => return,
        Some(at) => (at - 1, at),
        None if units.len() > 1 => (units.len() - 1, 0),
        None => return,
    };
    let affix = match tables.bound(&units[end].shown) {
        Some(WordKind::Servant) => Affix::Servant,
        Some(WordKind::Kunya) => Affix::Kunya,
        _ => return,
    };
    if units[stem].affix != Affix::None || !matches!(units[stem].kind, UnitKind::Name) {
        return;
    }
    let before = units[end].shown;
    let bound = &mut units[stem];
    bound.affix = affix;
    bound.weight = if affix == Affix::Servant { 0.75 } else { 0.8 };
    show_before(&mut bound.shown, &before);
    bound.role = if surname.is_some() {
        Role::Given
    } else {
        bound.role
    };
    units.remove(end);
}

/// A word that is a title beside two names is itself a name beside one, and so is one that stands as the only
/// given name: `HOSSEINI TEHRANI, Seyed` is called Seyed.
fn promote_soft_titles(units: &mut [Unit]) {
    let few = units.iter().filter(|u| u.kind == UnitKind::Name).count() < 2;
    let is_given_name =
        |u: &Unit| u.role == Role::Given && matches!(u.kind, UnitKind::Name | UnitKind::Initial);
    let unnamed = !units.iter().any(is_given_name);
    for unit in units.iter_mut().filter(|u| u.kind == UnitKind::SoftTitle) {
        if few || (unnamed && unit.role == Role::Given) {
            unit.weight = 0.8;
            unit.kind = UnitKind::Name;
        }
    }
}

/// Puts a bound word before the one it is bound to.
fn show_before(shown: &mut Text, word: &[u8]) {
    let after = std::mem::replace(shown, Text::of(word));
    shown.push(b' ');
    shown.extend(&after);
}

/// The form of a word that the tables know.
fn key(word: &Word) -> &[u8] {
    if word.script == Script::Arabic {
        word.native.as_bytes()
    } else {
        &word.latin
    }
}

/// Whether a word is the Arabic article with its l turned into the letter after it (`ar-Rahman`), or the
/// vowel that binds Persian names (`Fazil-e-Din`). Both are also words of their own, so a hyphen must bind them.
fn is_bound_article(word: &Word, next: Option<&Word>) -> bool {
    let Some(next) = next.filter(|n| n.before == Before::Hyphen) else {
        return false;
    };
    match &word.latin[..] {
        [b'a' | b'e' | b'i' | b'o' | b'u'] => word.before == Before::Hyphen,
        [b'a' | b'e' | b'u' | b'i', rest @ ..] => next.latin.starts_with(rest),
        _ => false,
    }
}

/// Words after "Abdul" that are no name of God.
const NO_MASTERS: &[&[u8]] = &[
    b"khan",
    b"agha",
    b"jan",
    b"shah",
    b"muhammad",
    b"mohammad",
    b"mohammed",
    b"mohamed",
    b"ahmad",
    b"ahmed",
    b"ali",
    b"gul",
    b"mir",
    b"haji",
];

fn read(words: &[Word], role: Role, tables: &Tables, units: &mut Vec<Unit>) {
    let start = units.len();
    // Articles and particles since the last unit.
    let mut particles = Text::new();
    let mut i = 0;
    while i < words.len() {
        let word = &words[i];
        let key = key(word);
        let last = i + 1 == words.len();
        let said = tables.said(key);
        let known = said.and_then(|said| said.known);
        let kind = if is_bound_article(word, words.get(i + 1)) {
            Some(WordKind::Article)
        } else {
            said.and_then(|said| said.kind)
        };
        match kind {
            Some(WordKind::Article) if !last => {
                particles.extend(&word.latin);
                i += 1;
                continue;
            }
            Some(WordKind::ChildOf) if !last => {
                if units.len() > start
                    && let Some(before) = units.last_mut()
                {
                    before.child_of_next = true;
                }
                i += 1;
            }
            Some(kind @ (WordKind::Servant | WordKind::Kunya)) if !last => {
                let at = after_articles(words, i + 1, tables);
                let affix = if kind == WordKind::Servant {
                    Affix::Servant
                } else {
                    Affix::Kunya
                };
                match words.get(at) {
                    // "Abdul Khan": the servant's master is not named.
                    Some(stem)
                        if affix == Affix::Servant && NO_MASTERS.contains(&&stem.latin[..]) =>
                    {
                        let mut unit = name_unit(word, role, tables);
                        unit.weight = 0.6;
                        units.push(unit);
                        i += 1;
                    }
                    Some(stem) if affix == Affix::Servant && is_allah(stem, self::key(stem)) => {
                        units.push(abdullah(role, tables));
                        i = at + 1;
                    }
                    Some(stem) => {
                        let mut unit = name_unit(stem, role, tables);
                        if unit.affix == Affix::None {
                            unit.affix = affix;
                        }
                        unit.kind = UnitKind::Name;
                        unit.weight = if affix == Affix::Servant { 0.75 } else { 0.8 };
                        let line = |word: &[u8]| tables.known(word).map(|k| k.line);
                        if affix == Affix::Kunya
                            && unit.known.is_some()
                            && unit.known == line(b"bakr")
                        {
                            // Abu Bakr has long been one name.
                            unit.affix = Affix::None;
                            unit.known = line(b"abubakr");
                        }
                        show_before(&mut unit.shown, &word.latin);
                        units.push(unit);
                        i = at + 1;
                    }
                    None => i += 1,
                }
            }
            _ if is_din(word, key) && units.len() > start && joins_back(words, i, tables) => {
                bind_back(units, Affix::Faith, b" din");
                i += 1;
            }
            _ if is_allah(word, key) && units.len() > start => {
                bind_back(units, Affix::God, b" ullah");
                i += 1;
            }
            Some(WordKind::SoftTitle) => {
                let mut unit = known_unit(word, key, known, role, tables);
                unit.kind = UnitKind::SoftTitle;
                unit.weight = MINOR_WEIGHT * 2.0;
                units.push(unit);
                i += 1;
            }
            Some(
                WordKind::Title
                | WordKind::LegalForm
                | WordKind::Filler
                | WordKind::Article
                | WordKind::ChildOf,
            ) => {
                let mut unit = known_unit(word, key, known, role, tables);
                unit.kind = UnitKind::Minor;
                unit.weight = MINOR_WEIGHT;
                unit.affix = Affix::None;
                units.push(unit);
                i += 1;
            }
            _ => {
                let mut unit = known_unit(word, key, known, role, tables);
                if !particles.is_empty() && unit.other.is_none() && unit.known.is_none() {
                    // De la Cruz is also written Delacruz.
                    particles.extend(&word.latin);
                    unit.other = Some(sounds_of_latin(&particles));
                }
                units.push(unit);
                i += 1;
            }
        }
        particles.clear();
    }
    // Nothing but small words: then they are the name (surnames Le, Do, An).
    if !units[start..].iter().any(|u| u.kind == UnitKind::Name) {
        for unit in units[start..]
            .iter_mut()
            .filter(|u| u.kind == UnitKind::Minor)
        {
            unit.kind = UnitKind::Name;
            unit.weight = weight_of(&unit.text);
        }
    }
}

fn after_articles(words: &[Word], mut at: usize, tables: &Tables) -> usize {
    while at + 1 < words.len() && is_article(&words[at], words.get(at + 1), tables) {
        at += 1;
    }
    at
}

fn is_article(word: &Word, next: Option<&Word>, tables: &Tables) -> bool {
    tables.kind(key(word)) == Some(WordKind::Article)
        || ASSIMILATED.contains(&&word.latin[..])
        || is_bound_article(word, next)
}

/// The article as it stands between "Abd" and the name: there it is no other word.
const ASSIMILATED: &[&[u8]] = &[
    b"ad", b"ar", b"as", b"ash", b"at", b"az", b"an", b"ed", b"er", b"es", b"et", b"ez",
];

/// "din" belongs to the unit before it where an article or hyphen binds it.
fn joins_back(words: &[Word], i: usize, tables: &Tables) -> bool {
    let Some(before) = i.checked_sub(1).and_then(|k| words.get(k)) else {
        return false;
    };
    words[i].before == Before::Hyphen
        || words[i].latin.len() > 4
        || words[i].script == Script::Arabic
        || words[i].latin.starts_with(b"dd")
        || is_article(before, words.get(i), tables)
}

fn is_din(word: &Word, key: &[u8]) -> bool {
    matches!(
        &word.latin[..],
        b"din"
            | b"deen"
            | b"dine"
            | b"deine"
            | b"ddin"
            | b"ddine"
            | b"eddin"
            | b"eddine"
            | b"uddin"
            | b"ud din"
            | b"eldin"
            | b"aldin"
            | b"adin"
    ) || (word.script == Script::Arabic && key == "الدين".as_bytes())
}

fn is_allah(word: &Word, key: &[u8]) -> bool {
    matches!(
        &word.latin[..],
        b"allah" | b"ullah" | b"ollah" | b"alla" | b"ulla" | b"lah"
    ) || (word.script == Script::Arabic && key == "الله".as_bytes())
}

fn abdullah(role: Role, tables: &Tables) -> Unit {
    let name = Text::of(b"abdullah");
    let mut unit = latin_unit(name, sounds_of_latin(&name), tables.known(&name), role);
    unit.affix = Affix::None;
    unit
}

fn bind_back(units: &mut [Unit], affix: Affix, word: &[u8]) {
    if let Some(unit) = units.last_mut() {
        unit.affix = affix;
        unit.weight = unit.weight.max(0.8);
        unit.shown.extend(word);
    }
}

fn latin_unit(latin: Text, sounds: Text, known: Option<KnownName>, role: Role) -> Unit {
    Unit {
        shown: latin,
        text: latin,
        native: None,
        sounds,
        other: None,
        abjad: false,
        known: known.map(|k| k.line),
        affix: Affix::None,
        weight: known.map_or_else(|| weight_of(&latin), |k| k.weight),
        kind: UnitKind::Name,
        role,
        child_of_next: false,
    }
}

/// Short words are shared by more people.
fn weight_of(latin: &[u8]) -> f32 {
    match latin.len() {
        0..=2 => 0.6,
        3 => 0.75,
        4 => 0.9,
        _ => 1.0,
    }
}

fn name_unit(word: &Word, role: Role, tables: &Tables) -> Unit {
    let key = key(word);
    known_unit(word, key, tables.known(key), role, tables)
}

/// The unit of a word whose form for the tables, and the common name that it spells, have been looked up.
fn known_unit(
    word: &Word,
    key: &[u8],
    known: Option<KnownName>,
    role: Role,
    tables: &Tables,
) -> Unit {
    if word.script == Script::Arabic {
        return arabic_unit(word, key, known, role, tables);
    }
    let mut unit = latin_unit(word.latin, word.sounds, known, role);
    unit.abjad = word.script.is_abjad();
    if matches!(word.script, Script::Ideographs | Script::Hangul) {
        unit.native = Some(word.native.clone());
    }
    if word.latin.iter().all(u8::is_ascii_digit) {
        unit.kind = UnitKind::Number;
        unit.weight = 0.5;
        return unit;
    }
    if word.latin.len() == 1 && word.script != Script::Ideographs {
        unit.kind = UnitKind::Initial;
        unit.weight = 0.3;
        return unit;
    }
    if unit.known.is_some() || unit.abjad || unit.native.is_some() {
        return unit;
    }
    if let Some((affix, stem)) = glued_affix(&word.latin) {
        unit.text = Text::of(stem);
        unit.sounds = sounds_of_latin(stem);
        unit.affix = affix;
        unit.known = tables.known(stem).map(|k| k.line);
        unit.weight = 0.8;
        if affix == Affix::Servant {
            unit.other = somali(stem);
        }
        return unit;
    }
    unit.other = without_article(&word.latin)
        .map(|stem| {
            if let Some(known) = tables.known(stem) {
                unit.known = Some(known.line);
            }
            sounds_of_latin(stem)
        })
        .or_else(|| somali(&word.latin));
    unit
}

fn arabic_unit(
    word: &Word,
    plain: &[u8],
    known: Option<KnownName>,
    role: Role,
    tables: &Tables,
) -> Unit {
    let mut affix = Affix::None;
    // In letters whose spelling is one; that is text.
    let mut stem = std::str::from_utf8(plain).unwrap_or_default();
    if known.is_none() {
        if let Some(rest) = stem
            .strip_prefix("عبدال")
            .filter(|r| r.chars().count() >= 2 && *r != "له")
        {
            affix = Affix::Servant;
            stem = rest;
        } else if let Some(rest) = stem
            .strip_suffix("الدين")
            .filter(|r| r.chars().count() >= 2)
        {
            affix = Affix::Faith;
            stem = rest;
        } else if let Some(rest) = stem.strip_suffix("الله").filter(|r| r.chars().count() >= 2)
        {
            affix = Affix::God;
            stem = rest;
        } else if let Some(rest) = stem.strip_prefix("ال").filter(|r| r.chars().count() >= 3) {
            stem = rest;
        }
    }
    let (latin, sounds) = arabic::romanise(stem);
    let known = known.or_else(|| tables.known(stem.as_bytes()));
    Unit {
        shown: word.latin,
        text: latin,
        native: None,
        sounds,
        other: None,
        abjad: true,
        known: known.map(|k| k.line),
        affix,
        weight: known.map_or_else(|| weight_of(&word.latin), |k| k.weight),
        kind: UnitKind::Name,
        role,
        child_of_next: false,
    }
}
