//! The desk's sentences in every language (Project Fluent), and dates and ages in words.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use rules::date::PartialDate;
use rules::{Argument, Check, Said};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The locale files: tag, text. The first is the one that a new desk speaks.
pub(super) const FILES: [(&str, &str); 6] = [
    ("en", include_str!("../../locales/en.ftl")),
    ("sw", include_str!("../../locales/sw.ftl")),
    ("fr", include_str!("../../locales/fr.ftl")),
    ("so", include_str!("../../locales/so.ftl")),
    ("am", include_str!("../../locales/am.ftl")),
    ("ar", include_str!("../../locales/ar.ftl")),
];

/// The one of them that is written from right to left, with digits of its own.
const ARABIC: &str = "ar";

/// European digits as the Arabic of East Africa's north writes them.
fn arabic_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(0x0660 + digit).unwrap_or(c),
            None => c,
        })
        .collect()
}

/// What is to be done about a figure, as calibration says it in English, and the key of its sentence.
static REMEDIES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = FILES[0].1.lines();
    let remedies = lines.filter(|line| line.starts_with("remedy-"));
    remedies
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, text)| (text, key))
        .collect()
});

static ALL: LazyLock<Vec<Words>> =
    LazyLock::new(|| FILES.map(|(tag, text)| Words::load(tag, text)).into());

/// One language of the desk.
pub struct Words {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Words").field(&self.tag).finish()
    }
}

/// A language that the officer can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// BCP 47 tag.
    pub tag: &'static str,
    /// Its own name for itself.
    pub name: String,
    /// A note, such as that no native speaker has reviewed it; usually empty.
    pub note: String,
}

impl Words {
    /// The language with this tag, or the first one.
    #[must_use]
    pub fn of(tag: &str) -> &'static Self {
        ALL.iter().find(|w| w.tag == tag).unwrap_or(&ALL[0])
    }

    fn load(tag: &'static str, text: &'static str) -> Self {
        let resource = FluentResource::try_new(text.to_owned())
            .expect("the locale files are part of the program and a test parses them");
        let language = tag.parse().expect("the tags are part of the program");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Names get `<bdi>` where they are shown; invisible marks inside sentences would only end up in copies.
        bundle.set_use_isolating(false);
        if tag == ARABIC {
            bundle.set_formatter(Some(|value, _| match value {
                FluentValue::Number(number) => Some(arabic_digits(&number.as_string())),
                _ => None,
            }));
        }
        bundle
            .add_resource(resource)
            .expect("no key stands twice: a test compares the locale files");
        Self { tag, bundle }
    }

    #[cfg(test)]
    pub(super) fn bundle(&self) -> &FluentBundle<FluentResource> {
        &self.bundle
    }

    /// The language's BCP 47 tag.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// Its reading direction, as HTML writes it.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        match self.tag {
            ARABIC => "rtl",
            _ => "ltr",
        }
    }

    /// Every language, for the menu.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        ALL.iter()
            .map(|w| Choice {
                tag: w.tag,
                name: w.say("language-name"),
                note: w.say("language-note"),
            })
            .collect()
    }

    /// A sentence without arguments.
    #[must_use]
    pub fn say(&self, key: impl AsRef<str>) -> String {
        self.format(key.as_ref(), None)
    }

    /// Whether there is a sentence of this key.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// What is to be done, said by calibration in English; `None` where no sentence says the same.
    #[must_use]
    pub fn remedy(&self, english: &str) -> Option<String> {
        // Why it could not be measured may stand before it.
        let last = english.rsplit_once(": ").map(|(_, last)| last);
        let key = [Some(english), last]
            .into_iter()
            .flatten()
            .find_map(|text| REMEDIES.get(text))?;
        Some(self.say(key))
    }

    /// A sentence with one argument.
    #[must_use]
    pub fn with<'a>(
        &self,
        key: impl AsRef<str>,
        name: &'a str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(key.as_ref(), Some(&args))
    }

    /// A sentence with several text arguments.
    #[must_use]
    pub fn with_all(&self, key: impl AsRef<str>, arguments: &[(&str, &str)]) -> String {
        let args: FluentArgs<'_> = arguments
            .iter()
            .map(|(name, value)| (*name, FluentValue::from(*value)))
            .collect();
        self.format(key.as_ref(), Some(&args))
    }

    /// A sentence with several numbers.
    #[must_use]
    pub fn with_numbers(&self, key: impl AsRef<str>, arguments: &[(&str, usize)]) -> String {
        let args: FluentArgs<'_> = arguments
            .iter()
            .map(|(name, value)| (*name, FluentValue::from(*value)))
            .collect();
        self.format(key.as_ref(), Some(&args))
    }

    /// A check's detail in this language; `None` where there is nothing to add, or only English words.
    #[must_use]
    pub fn detail(&self, check: &Check) -> Option<String> {
        if self.can_say(check) {
            let sentences = check.said.iter().map(|said| self.said(said));
            return sentences.reduce(|first, second| {
                self.with_all("detail-and", &[("first", &first), ("second", &second)])
            });
        }
        (self.tag == FILES[0].0 && !check.detail.is_empty()).then(|| check.detail.clone())
    }

    /// Whether a check's detail stands in English alone, as in an earlier program's record, and this is another
    /// language.
    #[must_use]
    pub fn is_english_alone(&self, check: &Check) -> bool {
        !check.detail.is_empty() && !self.can_say(check) && self.tag != FILES[0].0
    }

    /// A record may hold sentences of another program's.
    fn can_say(&self, check: &Check) -> bool {
        let known = |said: &Said| self.knows(&said.key);
        !check.said.is_empty() && check.said.iter().all(known)
    }

    /// A state, an organisation or a status by its code; the code itself where nobody knows it.
    #[must_use]
    pub fn state<'a>(&self, code: &'a str) -> &'a str {
        super::states::name(code, self.tag)
            .or_else(|| rules::country::name_en(code))
            .unwrap_or(code)
    }

    /// A sentence with what belongs into it.
    #[must_use]
    pub fn said(&self, said: &Said) -> String {
        let args: FluentArgs<'_> = said
            .arguments
            .iter()
            .map(|(name, argument)| {
                let value = match argument {
                    Argument::Text(text) => FluentValue::from(text.as_str()),
                    Argument::Number(number) => FluentValue::from(*number),
                    Argument::Day(day) => FluentValue::from(self.day(*day)),
                };
                (&**name, value)
            })
            .collect();
        self.format(&said.key, Some(&args))
    }

    /// The name of a check.
    #[must_use]
    pub fn check_name(&self, check: rules::CheckId) -> String {
        self.say(format!("check-{}", check.as_str().replace('.', "-")))
    }

    /// A check by its name, with its detail where there is one.
    #[must_use]
    pub fn check(&self, check: &Check) -> String {
        let name = self.check_name(check.check);
        match self.detail(check) {
            Some(detail) => self.with_all("named-detail", &[("name", &name), ("detail", &detail)]),
            None => name,
        }
    }

    /// Digits as the language writes them, in text that is no document's.
    #[must_use]
    pub fn digits(&self, text: &str) -> String {
        match self.tag {
            ARABIC => arabic_digits(text),
            _ => text.to_owned(),
        }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            // Shown rather than hidden; a test proves that every key in use has its sentence.
            return key.to_owned();
        };
        let mut problems = Vec::new();
        self.bundle
            .format_pattern(pattern, args, &mut problems)
            .into_owned()
    }

    /// A date in words, as far as it is known: "12 August 1974", "August 1974", "1974".
    #[must_use]
    pub fn date(&self, date: PartialDate) -> String {
        let month = date.month.map(|m| self.say(format!("month-{m}")));
        let year = date.year.map(|y| self.digits(&y.to_string()));
        let day = date.day.map(|d| self.digits(&d.to_string()));
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => self.with_all(
                "date-day",
                &[("day", &day), ("month", &month), ("year", &year)],
            ),
            (Some(year), Some(month), None) => {
                self.with_all("date-month", &[("month", &month), ("year", &year)])
            }
            (Some(year), None, _) => self.with_all("date-year", &[("year", &year)]),
            (None, ..) => self.say("date-unknown"),
        }
    }

    /// A whole date in words.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        self.date(PartialDate {
            year: Some(date.year()),
            month: Some(date.month()),
            day: Some(date.day()),
        })
    }

    /// A moment at the post: the day in words and the hour of 24.
    #[must_use]
    pub fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let there = at.to_zoned_datetime(zone.clone());
        let time = self.digits(&format!("{:02}:{:02}", there.hour(), there.minute()));
        self.with_all(
            "date-time",
            &[("date", &self.day(there.date())), ("time", &time)],
        )
    }

    /// The time from one day to a later one, in the two largest units that say something:
    /// "3 years 2 months", "5 months", "12 days".
    #[must_use]
    pub fn duration(&self, from: Date, to: Date) -> String {
        let Ok(span) = from.until((Unit::Year, to)) else {
            return self.say("date-unknown");
        };
        let (years, months) = (i64::from(span.get_years()), i64::from(span.get_months()));
        let years_words = (years > 0).then(|| self.with("duration-years", "count", years));
        let months_words = (months > 0).then(|| self.with("duration-months", "count", months));
        match (years_words, months_words) {
            (Some(years), Some(months)) => {
                self.with_all("duration-two", &[("first", &years), ("second", &months)])
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => self.with("duration-days", "count", span.get_days()),
        }
    }

    /// How long ago something was: "6 h", "3 days".
    #[must_use]
    pub fn age(&self, since: Timestamp, now: Timestamp) -> String {
        let hours = now.duration_since(since).as_hours().max(0);
        match hours {
            0 => self.say("age-under-hour"),
            1..48 => self.with("age-hours", "count", hours),
            _ => self.with("age-days", "count", hours / 24),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_and_times_in_words() {
        let (en, sw) = (Words::of("en"), Words::of("sw"));
        assert_eq!(en.day(date(1974, 8, 12)), "12 August 1974");
        assert_eq!(sw.day(date(1974, 8, 12)), "12 Agosti 1974");
        let year_only = PartialDate {
            year: Some(1974),
            month: None,
            day: None,
        };
        assert_eq!(en.date(year_only), "1974");
        assert_eq!(
            en.duration(date(2026, 1, 31), date(2029, 3, 31)),
            "3 years 2 months"
        );
        assert_eq!(en.duration(date(2026, 1, 31), date(2027, 1, 31)), "1 year");
        assert_eq!(sw.duration(date(2026, 1, 31), date(2027, 2, 28)), "mwaka 1");
        assert_eq!(en.duration(date(2026, 2, 1), date(2026, 2, 2)), "1 day");
        assert_eq!(en.with("age-years", "count", 1), "1 year old");
        let then: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let now: Timestamp = "2026-01-03T06:00:00Z".parse().unwrap();
        assert_eq!(en.age(then, now), "2 days");
        assert_eq!(en.age(now, then), "under 1 h", "a clock set back is no age");
    }

    #[test]
    fn an_unknown_language_is_answered_in_the_first() {
        assert_eq!(Words::of("xx").tag(), "en");
        assert_eq!(Words::of("sw").say("pin"), "PIN");
    }
}
