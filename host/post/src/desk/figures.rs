//! The technician's figures in her language: what is measured, what it may be, what is to be done, and why something
//! could not be measured. Reports and `mpaka-calibrate` say the same in English; what they say of it in particular
//! goes to the log.

use super::words::Words;
use calibration::CalibrationError;
use calibration::sealed::Distrust;
use calibration::verdict::{Figure, Tolerance};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::Said;

/// What a figure measures.
pub(super) fn figure_words(words: &Words, figure: &Figure) -> String {
    let name = figure.name.as_str();
    let of = |of: String, what: String| {
        words.with_all("named-detail", &[("name", &of), ("detail", &what)])
    };
    for lamp in ["white", "infrared", "ultraviolet"] {
        let rest = name.strip_prefix(lamp);
        if let Some(what) = rest.and_then(|rest| rest.strip_prefix('_')) {
            let what = words.say(format!("figure-{what}"));
            return of(words.say(format!("lamp-{lamp}")), what);
        }
    }
    if let Some(place) = name.strip_prefix("mtf50_") {
        let place = words.say(format!("figure-place-{place}"));
        return of(words.say("figure-mtf50"), place);
    }
    let distance = name.strip_prefix("eyes_at_");
    if let Some(cm) = distance.and_then(|rest| rest.strip_suffix("_cm")) {
        return words.with("figure-eyes", "cm", words.digits(cm));
    }
    words.say(format!("figure-{name}"))
}

/// What was measured.
pub(super) fn value_words(words: &Words, figure: &Figure) -> String {
    match figure.value.is_finite() {
        true => figure.shown().replace(" times", " ×"),
        false => words.say("figure-not-measured"),
    }
}

/// What a figure may be.
pub(super) fn tolerance_words(words: &Words, figure: &Figure) -> String {
    let both = |key: &str, [first, second]: [(&str, f64); 2]| {
        let (a, b) = (first.1.to_string(), second.1.to_string());
        words.with_all(key, &[(first.0, &a), (second.0, &b)])
    };
    match figure.tolerance {
        Tolerance::Between(low, high) => both("tolerance-between", [("low", low), ("high", high)]),
        Tolerance::Drift { amber, red } => {
            both("tolerance-drift", [("amber", amber), ("red", red)])
        }
        Tolerance::AtLeast(_) | Tolerance::AtMost(_) | Tolerance::Told => {
            figure.tolerance.to_string()
        }
    }
}

/// What is to be done about a figure.
pub(super) fn remedy_words(words: &Words, figure: &Figure) -> String {
    words
        .remedy(&figure.remedy)
        .unwrap_or_else(|| figure.remedy.clone())
}

/// Why something could not be measured, or signed.
pub(super) fn trouble(error: &CalibrationError) -> Said {
    use CalibrationError as E;
    let plain = |key| Said::new(key, []);
    match error {
        E::TargetNotSeen { .. } => plain("trouble-target"),
        E::Camera(_) | E::Frame(_) | E::NoFrame | E::NoFaceCamera => plain("trouble-camera"),
        E::Board(_) | E::Description(_) | E::Pins(_) => plain("trouble-board"),
        E::Moved => plain("trouble-moved"),
        E::Unsteady { .. } => plain("trouble-unsteady"),
        E::TooFewViews { seen, least } => Said::new(
            "trouble-too-few-views",
            [("seen", (*seen).into()), ("least", (*least).into())],
        ),
        E::Session { .. } => plain("trouble-session"),
        E::NotReady { steps } => Said::new("trouble-not-ready", [("steps", steps.as_str().into())]),
        E::Key(_) => plain("standing-no-key"),
        E::NoProfile => plain("standing-never"),
        E::Distrusted { distrust } => distrusted(distrust),
        E::Table { .. }
        | E::Row { .. }
        | E::TooMany { .. }
        | E::NothingToCompare { .. }
        | E::Picture { .. } => plain("pictures-undecoded"),
        E::Writing { .. } | E::Output(_) => plain("trouble-file"),
        E::Model(_) | E::Library(_) | E::Profile(_) | E::Reader(_) | E::Drawing(_) => {
            plain("trouble-program")
        }
    }
}

/// The same in words.
pub(super) fn trouble_words(words: &Words, error: &CalibrationError) -> String {
    tracing::warn!("the calibration: {error}");
    match error {
        CalibrationError::NotReady { steps } => {
            let name = |step: &str| match format!("step-{step}") {
                key if words.knows(&key) => words.say(key),
                _ => step.to_owned(),
            };
            let steps: Vec<String> = steps.split(", ").map(name).collect();
            words.with("trouble-not-ready", "steps", steps.join(", "))
        }
        error => words.said(&trouble(error)),
    }
}

/// Why the box's calibration is not relied on, and what to do.
pub(super) fn distrusted(distrust: &Distrust) -> Said {
    let on = |key, at: &Timestamp| Said::new(key, [("day", day(*at).into())]);
    match distrust {
        Distrust::Unreadable { .. } | Distrust::Damaged(_) => Said::new("distrust-file", []),
        Distrust::Newer { .. } => Said::new("distrust-newer", []),
        Distrust::Foreign(_) | Distrust::Unsigned(_) => Said::new("distrust-foreign", []),
        Distrust::Expired(at) => on("distrust-expired", at),
        Distrust::FromTheFuture(at) => on("distrust-future", at),
        Distrust::Drifted(_) => Said::new("distrust-drifted", []),
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned_datetime(TimeZone::UTC).date()
}
