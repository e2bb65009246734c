//! How much one box may ask for: so that none, broken or hostile, can take headquarters from the others.

use seal::device::DevicePublic;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Above so many boxes on the books, those that have all their allowance back are forgotten.
const BOOKS: usize = 8192;

/// What a box may ask for a minute. It may save up a minute's worth.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Requests a minute.
    pub requests: u32,
    /// Bytes of bodies a minute.
    pub bytes: u64,
}

impl Default for Allowance {
    /// Four requests a second and a megabyte a second: far above what a post needs, and so little that a
    /// thousand boxes that went mad together are still served in turn.
    fn default() -> Self {
        Self {
            requests: 240,
            bytes: 64 << 20,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Account {
    /// Below zero: a debt, to be waited off.
    requests: f64,
    bytes: f64,
    at: Instant,
}

/// The books.
#[derive(Debug)]
pub(super) struct Meter {
    allowance: Allowance,
    books: Mutex<HashMap<DevicePublic, Account>>,
}

impl Meter {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            books: Mutex::default(),
        }
    }

    fn with<T>(
        &self,
        device: DevicePublic,
        now: Instant,
        act: impl FnOnce(&mut Account) -> T,
    ) -> T {
        let most = self.full(now);
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        if books.len() >= BOOKS {
            books.retain(|_, account| now.duration_since(account.at) < Duration::from_secs(60));
        }
        let account = books.entry(device).or_insert(most);
        let minutes = now.duration_since(account.at).as_secs_f64() / 60.0;
        account.requests = (account.requests + minutes * most.requests).min(most.requests);
        account.bytes = (account.bytes + minutes * most.bytes).min(most.bytes);
        account.at = now;
        act(account)
    }

    fn full(&self, now: Instant) -> Account {
        Account {
            requests: f64::from(self.allowance.requests),
            bytes: self.allowance.bytes as f64,
            at: now,
        }
    }

    /// Takes one request off the allowance.
    ///
    /// # Errors
    /// How long to wait until there is some again.
    pub(super) fn request(&self, device: DevicePublic, now: Instant) -> Result<(), Duration> {
        let full = self.full(now);
        self.with(device, now, |account| {
            let lacking = ((1.0 - account.requests) / full.requests)
                .max(-account.bytes / full.bytes)
                .max(0.0);
            if lacking > 0.0 {
                return Err(Duration::from_secs_f64((lacking * 60.0).max(1.0)));
            }
            account.requests -= 1.0;
            Ok(())
        })
    }

    /// Takes the bytes of a body off the allowance. A body under way is not broken off: what is too much is
    /// waited off before the next.
    pub(super) fn body(&self, device: DevicePublic, bytes: usize, now: Instant) {
        self.with(device, now, |account| account.bytes -= bytes as f64);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ONE: DevicePublicOf = DevicePublicOf(1);
    const OTHER: DevicePublicOf = DevicePublicOf(2);
    struct DevicePublicOf(u8);
    impl DevicePublicOf {
        fn key(&self) -> DevicePublic {
            DevicePublic::from_bytes([self.0; 32])
        }
    }

    #[test]
    fn a_box_that_asks_too_often_waits_and_the_others_do_not() {
        let meter = Meter::new(Allowance {
            requests: 60,
            bytes: 6000,
        });
        let start = Instant::now();
        for _ in 0..60 {
            meter.request(ONE.key(), start).unwrap();
        }
        let wait = meter.request(ONE.key(), start).unwrap_err();
        assert!(wait >= Duration::from_secs(1));
        meter.request(OTHER.key(), start).unwrap();
        meter.request(ONE.key(), start + wait).unwrap();
        // Never more than a minute's worth is saved up.
        let later = start + Duration::from_secs(3600);
        let granted = (0..1000)
            .take_while(|_| meter.request(ONE.key(), later).is_ok())
            .count();
        assert_eq!(granted, 60);
    }

    #[test]
    fn a_body_too_large_is_waited_off() {
        let meter = Meter::new(Allowance {
            requests: 60,
            bytes: 6000,
        });
        let start = Instant::now();
        meter.request(ONE.key(), start).unwrap();
        meter.body(ONE.key(), 12_000, start);
        let wait = meter.request(ONE.key(), start).unwrap_err();
        assert_eq!(wait.as_secs(), 60);
        meter.request(ONE.key(), start + wait).unwrap();
    }
}
