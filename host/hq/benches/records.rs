//! Verified parcels a second: the real receiving program on PostgreSQL, beside bare batched inserts of the
//! same bytes into the same server. `cargo bench -p mpaka-hq`.
//!
//! The two take turns. Rates are told by the clock on the wall, and by the processor time that server and
//! receiving program (or client) used, as if two cores had nothing else to do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[path = "../tests/desk/mod.rs"]
mod desk;

use desk::Desk;
use desk::server::{self, Postgres};
use desk::wire::{Sender, Server, exchange};
use seal::parcel::batch;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const POSTS: usize = 16;
const BATCHES: usize = 40;
const BATCH: u64 = 64;
const TURNS: usize = 4;
const CORES: f64 = 2.0;

/// One post's upload: its body, and the parcels in it as bytes.
struct Load {
    body: Vec<u8>,
    post: String,
    first: u64,
    parcels: Vec<Vec<u8>>,
}

fn main() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let desk = Desk::new();
    let senders: Vec<Sender> = (0..POSTS)
        .map(|n| Sender::enrolled(&desk, &format!("POST-{n}")))
        .collect();
    let loads: Vec<Load> = (0..BATCHES)
        .flat_map(|b| senders.iter().map(move |sender| (b as u64, sender)))
        .map(|(b, sender)| {
            let first = b * BATCH + 1;
            let parcels = sender.parcels(first..first + BATCH);
            Load {
                body: batch::encode(&parcels),
                post: sender.post.to_string(),
                first,
                parcels: parcels.iter().map(|p| p.to_bytes()).collect(),
            }
        })
        .collect();
    let bytes: usize = loads.iter().map(|l| l.body.len()).sum();
    let count = loads.len() as u64 * BATCH;
    println!(
        "{count} parcels of {} posts, {:.0} bytes each, {BATCH} a batch",
        POSTS,
        bytes as f64 / count as f64
    );
    assert!(postgres.asks(
        "CREATE TABLE bare (post text, sequence bigint, sealed bytea, PRIMARY KEY (post, sequence))"
    ));
    let receiver = Server::start_with(&desk, &["--database", &postgres.url()]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (mut ours, mut theirs) = (Spent::default(), Spent::default());
    for turn in loads.chunks(loads.len().div_ceil(TURNS)) {
        ours.add(
            turn,
            || [postgres.cpu(), cpu(receiver.child.id())].iter().sum(),
            || {
                receive(receiver.port, turn);
            },
        );
        theirs.add(
            turn,
            || [postgres.cpu(), cpu(std::process::id())].iter().sum(),
            || {
                runtime.block_on(insert(&postgres.url(), turn));
            },
        );
    }
    let held = desk.done(&["audit", "--database", &postgres.url()]);
    let opened: u64 = held.iter().map(|p| p["opened"].as_u64().unwrap()).sum();
    assert_eq!(opened, count, "every parcel is there and opens");
    println!(
        "headquarters {:.0} verified parcels a second ({:.0} by processor time), bare inserts {:.0} ({:.0}), ratio {:.2} ({:.2})",
        ours.by_wall(),
        ours.by_cpu(),
        theirs.by_wall(),
        theirs.by_cpu(),
        ours.by_wall() / theirs.by_wall(),
        ours.by_cpu() / theirs.by_cpu()
    );
}

/// What one side took.
#[derive(Default)]
struct Spent {
    parcels: usize,
    wall: Duration,
    cpu: Duration,
}

impl Spent {
    fn add(&mut self, turn: &[Load], cpu: impl Fn() -> Duration, work: impl FnOnce()) {
        let (before, begun) = (cpu(), Instant::now());
        work();
        self.wall += begun.elapsed();
        self.cpu += cpu().saturating_sub(before);
        self.parcels += turn.iter().map(|l| l.parcels.len()).sum::<usize>();
    }

    fn by_wall(&self) -> f64 {
        self.parcels as f64 / self.wall.as_secs_f64()
    }

    fn by_cpu(&self) -> f64 {
        self.parcels as f64 * CORES / self.cpu.as_secs_f64()
    }
}

/// Sends every body, a few at a time, to the receiving program.
fn receive(port: u16, turn: &[Load]) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(load) = turn.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (status, answer) = exchange(port, "POST /v1/parcels", &load.body).unwrap();
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
                }
            });
        }
    });
}

/// The same bytes, into one table, by one statement a batch.
async fn insert(url: &str, turn: &[Load]) {
    let mut connections = Vec::new();
    for _ in 0..8 {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let statement = client
            .prepare("INSERT INTO bare SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])")
            .await
            .unwrap();
        connections.push((client, statement));
    }
    let next = AtomicUsize::new(0);
    let each = connections.iter().map(|(client, statement)| async {
        while let Some(load) = turn.get(next.fetch_add(1, Ordering::Relaxed)) {
            let numbers: Vec<i64> = (load.first..load.first + BATCH)
                .map(u64::cast_signed)
                .collect();
            client
                .execute(statement, &[&load.post, &numbers, &load.parcels])
                .await
                .unwrap();
        }
    });
    futures_util::future::join_all(each).await;
}

/// Processor time that a process has used.
fn cpu(pid: u32) -> Duration {
    server::cpu_of(pid)
}
