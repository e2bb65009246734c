//! A measured figure, what it may be, and what is to be done where it is something else.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a figure says of the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Within its tolerance.
    Green,
    /// Drifting: look after it at the next visit.
    Amber,
    /// Out of tolerance: not to be relied on.
    Red,
}

impl Verdict {
    /// The word and its symbol: colour is never the only sign.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Green => "✓",
            Self::Amber => "▲",
            Self::Red => "◆",
        }
    }

    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// Between the two, both included.
    Between(f64, f64),
    /// So far from nought it is amber, so far red.
    Drift {
        /// Beyond this it is amber.
        amber: f64,
        /// Beyond this it is red.
        red: f64,
    },
    /// Told, not judged.
    Told,
}

impl Tolerance {
    /// The judgement of a value; what is no number is out of every tolerance.
    #[must_use]
    pub fn judge(self, value: f64) -> Verdict {
        let within = match self {
            Self::Told => return Verdict::Green,
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Between(low, high) => (low..=high).contains(&value),
            Self::Drift { amber, red } => {
                return match value.abs() {
                    v if v <= amber => Verdict::Green,
                    v if v <= red => Verdict::Amber,
                    _ => Verdict::Red,
                };
            }
        };
        if within { Verdict::Green } else { Verdict::Red }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(v) => write!(f, "≥ {v}"),
            Self::AtMost(v) => write!(f, "≤ {v}"),
            Self::Between(low, high) => write!(f, "{low} to {high}"),
            Self::Drift { amber, red } => write!(f, "amber ± {amber}, red ± {red}"),
            Self::Told => Ok(()),
        }
    }
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its stable name.
    pub name: String,
    /// Its value; JSON has `null` where none could be measured.
    #[serde(with = "finite")]
    pub value: f64,
    /// Its unit; empty for a bare ratio.
    pub unit: String,
    /// What it may be.
    pub tolerance: Tolerance,
    /// What it is.
    pub verdict: Verdict,
    /// What to do; empty where nothing is to be done.
    #[serde(rename = "do")]
    pub remedy: String,
}

/// Numbers that are none travel as `null`.
mod finite {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            to.serialize_f64(*value)
        } else {
            to.serialize_none()
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::<f64>::deserialize(from)?.unwrap_or(f64::NAN))
    }
}

impl Figure {
    /// A figure, judged; `remedy` is kept where it is out of its tolerance.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        value: f64,
        unit: &str,
        tolerance: Tolerance,
        remedy: &str,
    ) -> Self {
        let verdict = tolerance.judge(value);
        Self {
            name: name.into(),
            value,
            unit: unit.to_owned(),
            tolerance,
            verdict,
            remedy: if verdict == Verdict::Green {
                String::new()
            } else {
                remedy.to_owned()
            },
        }
    }

    /// How much of its tolerance the figure has used up: nought is the best there is, 1 the limit; `None` where it
    /// is told and not judged. What could not be measured has used up all of it.
    #[must_use]
    pub fn used(&self) -> Option<f64> {
        let value = self.value;
        let used = match self.tolerance {
            Tolerance::Told => return None,
            // What is nought or less is no share of what it should be at least.
            Tolerance::AtLeast(least) if value > 0.0 => least / value,
            Tolerance::AtLeast(_) => f64::INFINITY,
            Tolerance::AtMost(0.0) => value,
            Tolerance::AtMost(most) => value / most,
            Tolerance::Between(low, high) => {
                (value - (low + high) / 2.0).abs() / ((high - low) / 2.0)
            }
            Tolerance::Drift { red, .. } => value.abs() / red,
        };
        Some(if used.is_finite() { used.max(0.0) } else { 1.0 })
    }

    /// The value with as many places as say something.
    #[must_use]
    pub fn shown(&self) -> String {
        if !self.value.is_finite() {
            return "not measured".to_owned();
        }
        let places = match self.value.abs() {
            v if v >= 100.0 => 0,
            v if v >= 10.0 => 1,
            v if v >= 1.0 => 2,
            _ => 3,
        };
        let unit = if self.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", self.unit)
        };
        format!("{:.places$}{unit}", self.value)
    }
}

/// The worst of many figures; green where there is none.
#[must_use]
pub fn worst(figures: &[Figure]) -> Verdict {
    figures
        .iter()
        .map(|f| f.verdict)
        .max()
        .unwrap_or(Verdict::Green)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_belong_to_the_better_side() {
        let drift = Tolerance::Drift {
            amber: 5.0,
            red: 10.0,
        };
        for (value, verdict) in [
            (0.0, Verdict::Green),
            (-5.0, Verdict::Green),
            (5.01, Verdict::Amber),
            (10.0, Verdict::Amber),
            (-10.01, Verdict::Red),
            (f64::NAN, Verdict::Red),
        ] {
            assert_eq!(drift.judge(value), verdict, "{value}");
        }
        assert_eq!(Tolerance::AtLeast(2.5).judge(2.5), Verdict::Green);
        assert_eq!(Tolerance::AtLeast(2.5).judge(f64::NAN), Verdict::Red);
        assert_eq!(Tolerance::AtMost(0.5).judge(0.6), Verdict::Red);
    }

    #[test]
    fn what_falls_short_altogether_has_used_up_its_tolerance() {
        let used = |value| Figure::new("x", value, "", Tolerance::AtLeast(2.0), "").used();
        assert_eq!(used(4.0), Some(0.5));
        assert_eq!(used(1.0), Some(2.0));
        for none in [0.0, -3.0, f64::NAN] {
            assert_eq!(used(none), Some(1.0), "{none}");
        }
    }

    #[test]
    fn a_figure_that_could_not_be_measured_survives_the_disk() {
        let figure = Figure::new("x", f64::NAN, "mm", Tolerance::AtMost(1.0), "again");
        let text = serde_json::to_string(&figure).unwrap();
        let back: Figure = serde_json::from_str(&text).unwrap();
        assert!(back.value.is_nan());
        assert_eq!(back.verdict, Verdict::Red);
        assert_eq!(back.shown(), "not measured");
    }
}
