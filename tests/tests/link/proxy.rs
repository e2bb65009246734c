//! A link between a post and headquarters that fails in every way a link can.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// More than a greeting of TLS sends at a time, in bytes: a body.
const BODY: u64 = 1500;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    /// Each connection is cut after so many bytes, both ways together.
    pub(crate) cut_after: u64,
    /// So many bytes a second get through.
    pub(crate) bytes_a_second: u64,
    /// Of so many connections, one is refused before it begins.
    pub(crate) silent_every: u64,
    /// Of so many answers, one is lost after headquarters gave it: what it was for will be sent twice.
    pub(crate) lose_answer_every: u64,
    /// Of so many pieces, one is late, as after a loss on the way.
    pub(crate) late_every: u64,
}

/// The link.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    faults: Faults,
    to: u16,
    bytes: AtomicU64,
    connections: AtomicU64,
    pieces: AtomicU64,
    answers: AtomicU64,
    lost_answers: AtomicU64,
    ended: AtomicBool,
}

impl Proxy {
    pub(crate) fn before(to: u16, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            faults,
            to,
            bytes: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            pieces: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            lost_answers: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if accepting.ended.load(Ordering::Relaxed) {
                    return;
                }
                let number = accepting.connections.fetch_add(1, Ordering::Relaxed) + 1;
                if number.is_multiple_of(accepting.faults.silent_every) {
                    continue;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.carry(near));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Bytes that went over the link, both ways.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// Answers that headquarters gave and the box never got.
    pub(crate) fn lost_answers(&self) -> u64 {
        self.shared.lost_answers.load(Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn carry(self: Arc<Self>, near: TcpStream) {
        let Ok(far) = TcpStream::connect(("127.0.0.1", self.to)) else {
            return;
        };
        let carried = Arc::new(AtomicU64::new(0));
        let asked = Arc::new(AtomicU64::new(0));
        let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
        let ends = Arc::new(ends);
        let up = {
            let (shared, carried, ends) =
                (Arc::clone(&self), Arc::clone(&carried), Arc::clone(&ends));
            let (near, far) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            let asked = Arc::clone(&asked);
            std::thread::spawn(move || shared.pump(near, far, &carried, &asked, &ends, Way::Up))
        };
        self.pump(far, near, &carried, &asked, &ends, Way::Down);
        let _ = up.join();
    }

    fn pump(
        &self,
        mut from: TcpStream,
        mut to: TcpStream,
        carried: &AtomicU64,
        asked: &AtomicU64,
        ends: &[TcpStream; 2],
        way: Way,
    ) {
        let cut = || {
            for end in ends {
                let _ = end.shutdown(Shutdown::Both);
            }
        };
        let mut chunk = [0; 1024];
        while let Ok(count @ 1..) = from.read(&mut chunk) {
            let begun = Instant::now();
            if way == Way::Up {
                asked.fetch_add(count as u64, Ordering::Relaxed);
            } else if asked.swap(0, Ordering::Relaxed) > BODY && count < 600 {
                // An answer to a body.
                let answer = self.answers.fetch_add(1, Ordering::Relaxed) + 1;
                if answer.is_multiple_of(self.faults.lose_answer_every) {
                    self.lost_answers.fetch_add(1, Ordering::Relaxed);
                    return cut();
                }
            }
            let before = carried.fetch_add(count as u64, Ordering::Relaxed);
            let left = self.faults.cut_after.saturating_sub(before);
            let through = count.min(usize::try_from(left).unwrap_or(usize::MAX));
            self.bytes.fetch_add(through as u64, Ordering::Relaxed);
            if to.write_all(&chunk[..through]).is_err() || through < count {
                return cut();
            }
            let piece = self.pieces.fetch_add(1, Ordering::Relaxed) + 1;
            if piece.is_multiple_of(self.faults.late_every) {
                std::thread::sleep(Duration::from_millis(120));
            }
            let due = Duration::from_micros(count as u64 * 1_000_000 / self.faults.bytes_a_second);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        cut();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}
