//! Strangers: connections that have not shown yet whose they are, and which of them makes room when there are many.
//!
//! Whoever shows a certificate of ours is no stranger any more and makes room for nobody. Strangers have places of
//! their own: however many of them come, and however long they wait, they take none of those in which boxes and
//! people are served. Where their places are full, the address that holds most of them gives up its oldest one, so
//! that posts behind one satellite's address get in beside whoever sits there, and posts elsewhere before them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// So many strangers are waited for at a time. With the served ones they stay below the 1024 files that a program
/// may have open by itself.
const STRANGERS: usize = 256;
/// An address with more of them than this is given no time: posts behind one address seldom greet together.
const SHARE: usize = 32;
/// So long is everybody else let be: a greeting of TLS over a satellite takes about a second.
const GRACE: Duration = Duration::from_secs(3);
/// Where nobody can be sent away, a place is waited for so long before somebody is looked for again.
const AGAIN: Duration = Duration::from_secs(10);

/// Who is waited for.
#[derive(Debug)]
pub(super) struct Strangers {
    room: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

/// By number, in the order in which they came.
#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    strangers: BTreeMap<u64, Stranger>,
}

#[derive(Debug)]
struct Stranger {
    from: IpAddr,
    since: Instant,
    leave: oneshot::Sender<()>,
}

/// One connection that is waited for; it has its place until this is dropped.
#[derive(Debug)]
pub(super) struct Visit {
    strangers: Arc<Strangers>,
    number: u64,
    leave: oneshot::Receiver<()>,
    _room: OwnedSemaphorePermit,
}

impl Strangers {
    pub(super) fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new(STRANGERS)),
            waiting: Mutex::default(),
        }
    }

    /// A place for who comes from this address, as soon as there is one; somebody else may have to leave for it.
    /// `None` never comes: the places are not taken away.
    pub(super) async fn visit(self: &Arc<Self>, from: IpAddr) -> Option<Visit> {
        let room = loop {
            if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                break room;
            }
            let patience = self.make_room(Instant::now());
            let free = Arc::clone(&self.room).acquire_owned();
            if let Ok(free) = tokio::time::timeout(patience, free).await {
                break free.ok()?;
            }
        };
        let (leave, told) = oneshot::channel();
        let mut waiting = self.waiting();
        let number = waiting.next;
        waiting.next += 1;
        let stranger = Stranger {
            from: household(from),
            since: Instant::now(),
            leave,
        };
        waiting.strangers.insert(number, stranger);
        drop(waiting);
        Some(Visit {
            strangers: Arc::clone(self),
            number,
            leave: told,
            _room: room,
        })
    }

    /// Tells the oldest stranger of the address that has most of them to leave, where that one has had its time. How
    /// long to wait for a place before asking again.
    fn make_room(&self, now: Instant) -> Duration {
        let mut waiting = self.waiting();
        let mut of: HashMap<IpAddr, usize> = HashMap::new();
        for stranger in waiting.strangers.values() {
            *of.entry(stranger.from).or_insert(0) += 1;
        }
        let held = |stranger: &Stranger| of.get(&stranger.from).copied().unwrap_or(0);
        let oldest = waiting
            .strangers
            .iter()
            .min_by_key(|(number, stranger)| (Reverse(held(stranger)), **number));
        let Some((&number, stranger)) = oldest else {
            return AGAIN;
        };
        let left = GRACE.saturating_sub(now.saturating_duration_since(stranger.since));
        if held(stranger) <= SHARE && !left.is_zero() {
            return left;
        }
        if let Some(stranger) = waiting.strangers.remove(&number) {
            // One that has gone meanwhile has left its place anyhow.
            let _ = stranger.leave.send(());
        }
        AGAIN
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Comes back when the visit is to make room for another.
    pub(super) async fn told_to_leave(&mut self) {
        let _ = (&mut self.leave).await;
    }

    /// It is no stranger any more, and makes room for nobody. `false` where it has been told to leave before.
    pub(super) fn let_in(&self) -> bool {
        let mut waiting = self.strangers.waiting();
        waiting.strangers.remove(&self.number).is_some()
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.strangers.waiting().strangers.remove(&self.number);
    }
}

/// What counts as one address: whoever has one of IPv6 has the 2^64 of its network (RFC 4291 section 2.5.4).
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FLOOD: &str = "192.0.2.1";

    async fn come(strangers: &Arc<Strangers>, from: &str) -> Visit {
        strangers.visit(from.parse().unwrap()).await.unwrap()
    }

    /// Whether it has been told to leave.
    fn sent_away(visit: &mut Visit) -> bool {
        visit.leave.try_recv().is_ok()
    }

    #[tokio::test]
    async fn the_address_with_most_of_them_gives_up_its_oldest_and_nobody_else_does() {
        let strangers = Arc::new(Strangers::new());
        let mut post = come(&strangers, "198.51.100.7").await;
        let mut flood = Vec::new();
        for _ in 1..STRANGERS {
            flood.push(come(&strangers, FLOOD).await);
        }
        for oldest in 0..3 {
            strangers.make_room(Instant::now());
            let gone: Vec<usize> = (0..flood.len())
                .filter(|n| sent_away(&mut flood[*n]))
                .collect();
            // Who was told before says so once.
            assert_eq!(gone, [oldest]);
        }
        assert!(!sent_away(&mut post));
        // One of them has shown a certificate: it stays, and the next is told.
        assert!(flood[3].let_in());
        strangers.make_room(Instant::now());
        assert!(!sent_away(&mut flood[3]) && sent_away(&mut flood[4]));
        // Who was told to leave is not let in any more, whatever it shows.
        assert!(!flood[4].let_in());
        // A place that one leaves is the next one's.
        drop(flood.remove(0));
        come(&strangers, "203.0.113.9").await;
    }

    #[tokio::test]
    async fn a_crowd_of_single_posts_is_given_its_time_and_no_more() {
        let strangers = Arc::new(Strangers::new());
        let mut crowd = Vec::new();
        for n in 0..STRANGERS {
            crowd.push(come(&strangers, &format!("198.51.100.{n}")).await);
        }
        let now = Instant::now();
        let wait = strangers.make_room(now);
        assert!(wait <= GRACE && !wait.is_zero());
        assert!(!crowd.iter_mut().any(sent_away));
        strangers.make_room(now + GRACE);
        assert!(sent_away(&mut crowd[0]) && !crowd[1..].iter_mut().any(sent_away));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address_and_ipv4_within_ipv6_as_itself() {
        let of = |text: &str| household(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:0:0:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), FLOOD);
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
