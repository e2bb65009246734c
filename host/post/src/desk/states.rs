//! What states, organisations and statuses are called in the desk's languages, by the codes that a zone holds.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The table, with where its names come from.
const TABLE: &str = include_str!("../../locales/states.tsv");

/// The names of one code, in the order of the table's languages.
type Names = Vec<&'static str>;

struct States {
    languages: Vec<&'static str>,
    names: HashMap<&'static str, Names>,
}

static STATES: LazyLock<States> = LazyLock::new(|| {
    let mut lines = TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t'));
    States {
        languages: lines.next().into_iter().flatten().skip(1).collect(),
        names: lines
            .filter_map(|mut line| Some((line.next()?, line.collect())))
            .collect(),
    }
});

/// The name of a code in a language; `None` where the table lacks either. Fillers after the code are ignored.
pub(super) fn name(code: &str, language: &str) -> Option<&'static str> {
    let column = STATES.languages.iter().position(|l| *l == language)?;
    let names = STATES.names.get(code.trim_end_matches('<'))?;
    names.get(column).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::desk::words::Words;
    use rules::country::find;

    #[test]
    fn every_code_that_a_zone_may_hold_has_a_name_in_every_language() {
        let letters = b'A'..=b'Z';
        let mut codes = vec!["D".to_owned()];
        for a in letters.clone() {
            for b in letters.clone() {
                codes.extend(
                    letters
                        .clone()
                        .map(|c| [a, b, c].map(char::from).iter().collect()),
                );
            }
        }
        let mut known = 0;
        for code in codes {
            if find(&code).is_none() {
                continue;
            }
            known += 1;
            for choice in Words::of("en").choices() {
                let name = name(&code, choice.tag);
                assert!(
                    name.is_some_and(|n| !n.trim().is_empty()),
                    "{code} has no name in {}",
                    choice.tag
                );
            }
        }
        // Those that are no more are seen on old documents.
        assert!(known > 300, "{known}");
    }

    #[test]
    fn names_by_code_and_language() {
        for (code, language, expected) in [
            ("KEN", "am", Some("ኬንያ")),
            ("ETH", "ar", Some("إثيوبيا")),
            ("SOM", "so", Some("Soomaaliya")),
            ("D<<", "sw", Some("Ujerumani")),
            ("XXB", "fr", Some("Réfugié (Convention de 1951)")),
            ("UTO", "en", Some("Utopia")),
            ("UT0", "en", None),
            ("KEN", "de", None),
            ("#", "en", None),
            ("", "en", None),
        ] {
            assert_eq!(name(code, language), expected, "{code} {language}");
        }
        // A state that is no more, and a code that nobody knows.
        let words = Words::of("sw");
        assert_eq!(words.state("SUN"), "Umoja wa Kisovieti");
        assert_eq!(words.state("QQQ"), "QQQ");
    }
}
