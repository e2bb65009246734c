//! A score in words: what each part gave and each objection cost.

use super::align::{Match, Units, bits};
use super::score::{Objection as O, Weighed, counts, places, price};
use super::unit::Unit;
use rules::{Said, Why};

impl Weighed {
    /// What each part gave and each objection cost, strongest first. The effects sum up to the score.
    pub(crate) fn explain(&self, a: &[Unit], b: &[Unit]) -> Vec<Why> {
        let shown = |units: &[Unit], about: Units| -> String {
            places(about)
                .filter_map(|i| units.get(i))
                .map(|u| String::from_utf8_lossy(&u.shown).to_uppercase())
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
            let (x, y) = (bits(&m.a), bits(&m.b));
            whys.push(Why {
                evidence: "name".into(),
                detail: format!("{} ~ {} {:.2}", shown(a, x), shown(b, y), m.alike),
                said: None,
                effect: f64::from(m.weight / all.max(f32::MIN_POSITIVE)),
            });
        }
        let cost: f32 = self.found.iter().map(|f| f.much * price(f.what)).sum();
        for f in &self.found {
            let (x, y) = (shown(a, f.about.0), shown(b, f.about.1));
            let (detail, key) = match f.what {
                O::Unlike => (
                    format!("{x} and {y} are not quite alike"),
                    "likeness-unlike",
                ),
                O::Worst => (format!("{x} and {y} are the least alike"), "likeness-worst"),
                O::Extra => (format!("only one name has {x}{y}"), "likeness-extra"),
                O::Contradiction => (format!("{x} stands against {y}"), "likeness-against"),
                O::HeaviestContradiction => (
                    format!("{x} against {y} weighs much"),
                    "likeness-against-much",
                ),
                O::Shifted => (
                    format!("the own name {x} or {y} is missing: child and father?"),
                    "likeness-shifted",
                ),
                O::FirstSound => (
                    format!("{x} and {y} begin with different sounds"),
                    "likeness-first-sound",
                ),
                O::LittleInCommon => (
                    "little is in both names, and there is more to them".to_owned(),
                    "likeness-little",
                ),
                O::ExtraSyllable => (
                    format!("only one name has {x}{y}, and all parts are short"),
                    "likeness-extra-syllable",
                ),
                O::OtherSyllable => (
                    format!("{x} and {y} are two syllables, so two names"),
                    "likeness-two-syllables",
                ),
                O::FirstLeft => (
                    "the first part of a name is not in the other".to_owned(),
                    "likeness-first-left",
                ),
                O::Order => (
                    "the parts stand in another order".to_owned(),
                    "likeness-order",
                ),
                O::Swapped => (
                    format!("child and father have changed places: {x}, {y}"),
                    "likeness-swapped",
                ),
                O::Initial => (
                    format!("{x} and {y}: a letter for a name"),
                    "likeness-initial",
                ),
            };
            let said = Said::new(key, [("x", x.into()), ("y", y.into())]);
            let share = f64::from(f.much * price(f.what) / cost.max(f32::MIN_POSITIVE));
            whys.push(Why {
                evidence: "name".into(),
                detail,
                said: Some(said),
                effect: (self.score - 1.0) * share,
            });
        }
        whys.sort_by(|x, y| y.effect.abs().total_cmp(&x.effect.abs()));
        whys
    }
}
