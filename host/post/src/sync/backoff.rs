//! How long to wait before trying again.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait: a link that is back must not stand unused for long.
const LONGEST: Duration = Duration::from_secs(300);

/// Doubling waits with jitter, so that posts that lost the same link do not all come back at once.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after another failure. `chance` is a fresh random number; the wait lies between half and
    /// the whole of what the failures so far ask for.
    pub fn after_failure(&mut self, chance: u64) -> Duration {
        let whole = FIRST
            .saturating_mul(1u32.checked_shl(self.failures.min(31)).unwrap_or(u32::MAX))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = whole / 2;
        let spread = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_millis(chance % spread)
    }

    /// Something worked: the next failure waits shortly again.
    pub fn success(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_success_starts_over() {
        let mut backoff = Backoff::default();
        let first = backoff.after_failure(0);
        for _ in 0..8 {
            backoff.after_failure(0);
        }
        assert!(backoff.after_failure(0) > first * 8);
        backoff.success();
        assert_eq!(backoff.after_failure(0), first);
    }

    proptest! {
        #[test]
        fn never_idle_for_long_and_never_hammering(chances in proptest::collection::vec(any::<u64>(), 1..80)) {
            let mut backoff = Backoff::default();
            for chance in chances {
                let wait = backoff.after_failure(chance);
                prop_assert!(wait >= FIRST / 2);
                prop_assert!(wait <= LONGEST);
            }
        }
    }
}
