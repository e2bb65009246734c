//! A nation's day at headquarters: thousands of posts, each with a key and a certificate of its own, against two
//! receiving programs side by side and one PostgreSQL, while the fleet's page is asked for every second.
//! `cargo bench -p mpaka-hq --bench nation -- --seconds 60 --dir FOLDER`.
//!
//! First the posts send as a nation does on average, each parcel at once, by itself and over a connection of its
//! own; then as after an outage, in batches and as fast as they are receipted. The second rate over the first is the
//! headroom. Boxes report their health and renew their leases at their own pace all the while. Whoever sends stands
//! on the same machine and takes its share of it; what the programs of headquarters alone used is told beside.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[path = "../../tests/desk/mod.rs"]
mod desk;
mod fleet;

use clap::Parser;
use desk::Desk;
use desk::program::{Hall, token};
use desk::server::{self, Postgres};
use desk::wire::Server;
use fleet::{Fleet, Job, Load};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Small parcels that a nation's posts send in a day.
const A_DAY: f64 = 10_000_000.0;
/// The average of that, a second.
const AVERAGE: f64 = A_DAY / 86_400.0;
/// So much more than the average is to be taken.
const GOAL: f64 = 50.0;
/// So much more than the average is sealed beforehand: more is not sent.
const SEALED: f64 = 90.0;
/// So many posts are being served at a time: enough that nobody waits for a disk alone, and few, since whoever sends
/// takes processor time from headquarters here.
const LINES: usize = 8;
/// A box reports its health so often (`host/post/src/sync/background.rs`).
const REPORT: Duration = Duration::from_secs(300);
/// It renews its lease with each so many of those.
const CONTACT: usize = 12;
/// The processor time is told for so many cores.
const CORES: f64 = 2.0;

/// A nation's day, shortened.
#[derive(Parser)]
struct Words {
    /// For so long posts send; a third of it at the average rate.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// So many posts.
    #[arg(long, default_value_t = 5000)]
    posts: usize,
    /// So many parcels are in a batch of a post that catches up.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Where headquarters and the keys of the boxes are made; used again where they are there.
    #[arg(long)]
    dir: PathBuf,
    /// What cargo tells every bench.
    #[arg(long = "bench", hide = true)]
    _of_cargo: bool,
}

/// How fast loads are sent.
#[derive(Clone, Copy)]
enum Pace {
    /// So many a second, however long an answer takes.
    Rate(f64),
    /// As fast as they are answered, for so long.
    Answers(Duration),
}

/// What was sent and receipted.
#[derive(Default)]
struct Sent {
    parcels: usize,
    bytes: usize,
    took: Duration,
    answers: Vec<Duration>,
}

/// Posts are sending; once this goes, nobody looks or reports any more.
struct Sending<'a>(&'a AtomicBool);

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn main() {
    let words = Words::parse();
    assert!(words.posts > 0 && words.batch > 0 && words.seconds >= 3);
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let desk = Desk::kept(&words.dir).with_database(postgres.url());
    let fleet = Fleet::made(&desk, &words.dir.join("boxes"), words.posts);
    let at_rate = f64::from(words.seconds / 3);
    let catching_up = f64::from(words.seconds) - at_rate;
    let (singles, batches) = jobs(&words, at_rate, catching_up);
    let singles = fleet.seal(&singles, "sealing what is sent at the average rate");
    let batches = fleet.seal(&batches, "sealing what is caught up on");

    let receivers = [(); 2].map(|()| Server::guarded(&desk, &[]));
    let ports = [receivers[0].port, receivers[1].port];
    let hall = Hall::start(&desk);
    let name = format!("screen-{}", jiff::Timestamp::now().as_millisecond());
    let screen = token(&desk, &name, "view");
    assert_eq!(hall.get("/", &screen).status, 200);

    let used = || {
        let programs = receivers.iter().map(|r| server::cpu_of(r.child.id()));
        programs.sum::<Duration>() + postgres.cpu()
    };
    let over = AtomicBool::new(false);
    let over = &over;
    let (average, most, used, pages, reports) = std::thread::scope(|scope| {
        let pages = scope.spawn(|| look(&hall, &screen, over));
        let reports = scope.spawn(|| report(&fleet, ports, over));
        // Also where something fails in between.
        let sending = Sending(over);
        let average = send(&fleet, ports, &singles, Pace::Rate(AVERAGE));
        let before = used();
        let patience = Duration::from_secs_f64(catching_up);
        let most = send(&fleet, ports, &batches, Pace::Answers(patience));
        let used = used().saturating_sub(before);
        drop(sending);
        (
            average,
            most,
            used,
            pages.join().unwrap(),
            reports.join().unwrap(),
        )
    });
    let receipted = average.parcels + most.parcels;
    for (question, what) in [
        (
            "SELECT count(*) FROM parcel",
            "every parcel that was receipted is there, and no other",
        ),
        (
            "SELECT sum(up_to) FROM progress",
            "no post's numbers have a gap",
        ),
    ] {
        assert_eq!(postgres.answer(question), receipted.to_string(), "{what}");
    }
    tell(&words, &average, &most, used, &pages, reports);
}

/// Prints the figures, those with a goal in the form that the table reads.
fn tell(
    words: &Words,
    average: &Sent,
    most: &Sent,
    used: Duration,
    pages: &[Duration],
    reports: usize,
) {
    let posts = words.posts;
    let rate = most.parcels as f64 / most.took.as_secs_f64();
    let alone = most.parcels as f64 * CORES / used.as_secs_f64();
    println!(
        "hq: {} parcels of {posts} posts at the average rate of {:.0} a second: {:.0} a second receipted, each in \
         {:.0} ms (median), {:.0} ms (95 of 100)",
        average.parcels,
        AVERAGE,
        average.parcels as f64 / average.took.as_secs_f64(),
        percentile(&average.answers, 0.5),
        percentile(&average.answers, 0.95),
    );
    println!(
        "hq: {} parcels of {} bytes in batches of {} by two receiving programs and one PostgreSQL: {rate:.0} a second \
         receipted; by the processor time of those alone {alone:.0} on {CORES:.0} cores; a batch in {:.0} ms (median), \
         {:.0} ms (95 of 100); {reports} health reports meanwhile",
        most.parcels,
        most.bytes / most.parcels.max(1),
        words.batch,
        percentile(&most.answers, 0.5),
        percentile(&most.answers, 0.95),
    );
    println!(
        "hq  headroom over a nation's average          {:.1} x  goal >= {GOAL:.0}",
        rate / AVERAGE
    );
    for (part, name) in [(0.5, "median"), (0.95, "95 of 100")] {
        println!(
            "hq  page of {posts} boxes meanwhile, {name}  {:.0} ms  goal <= 200",
            percentile(pages, part)
        );
    }
}

/// What each post sends: single parcels for the average rate, then batches; its numbers have no gap.
fn jobs(words: &Words, at_rate: f64, catching_up: f64) -> (Vec<Job>, Vec<Job>) {
    let posts = words.posts;
    let singles = (AVERAGE * at_rate) as usize;
    let batches = (AVERAGE * SEALED * catching_up / words.batch as f64).ceil() as usize;
    let singles_of = |post: usize| singles / posts + usize::from(post < singles % posts);
    let single = |n: usize| Job {
        post: n % posts,
        first: (n / posts) as u64 + 1,
        count: 1,
    };
    let batch = |n: usize| {
        let post = n % posts;
        Job {
            post,
            first: (singles_of(post) + n / posts * words.batch) as u64 + 1,
            count: words.batch as u64,
        }
    };
    (
        (0..singles).map(single).collect(),
        (0..batches).map(batch).collect(),
    )
}

/// Sends loads in their order, each over a connection of its own.
fn send(fleet: &Fleet, ports: [u16; 2], loads: &[Load], pace: Pace) -> Sent {
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut sent = Sent::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(load) = loads.get(n) else { break };
            // Waiting for its turn counts as waiting for the answer.
            let asked = match pace {
                Pace::Rate(rate) => {
                    let due = begun + Duration::from_secs_f64(n as f64 / rate);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    due
                }
                Pace::Answers(patience) if begun.elapsed() >= patience => break,
                Pace::Answers(_) => Instant::now(),
            };
            fleet.send(ports, load);
            sent.answers.push(asked.elapsed());
            sent.parcels += load.parcels();
            sent.bytes += load.bytes();
        }
        sent
    };
    let mut all = Sent::default();
    std::thread::scope(|scope| {
        let lines: Vec<_> = (0..LINES).map(|_| scope.spawn(work)).collect();
        for line in lines {
            let sent = line.join().unwrap();
            all.parcels += sent.parcels;
            all.bytes += sent.bytes;
            all.answers.extend(sent.answers);
        }
    });
    all.took = begun.elapsed();
    all
}

/// Asks for the page once a second, as a screen on the wall does; how long each answer took.
fn look(hall: &Hall, screen: &str, over: &AtomicBool) -> Vec<Duration> {
    let mut answers = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let page = hall.get("/", screen);
        let took = asked.elapsed();
        assert_eq!(page.status, 200, "{}", page.body);
        answers.push(took);
        std::thread::sleep(Duration::from_secs(1).saturating_sub(took));
    }
    answers
}

/// Has the boxes report their health and renew their leases in turn; how many reports were taken.
fn report(fleet: &Fleet, ports: [u16; 2], over: &AtomicBool) -> usize {
    let begun = Instant::now();
    let each = REPORT.as_secs_f64() / fleet.len() as f64;
    let mut reports = 0;
    while !over.load(Ordering::Relaxed) {
        let due = begun + Duration::from_secs_f64(reports as f64 * each);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let post = reports % fleet.len();
        fleet.report(ports, post, reports.is_multiple_of(CONTACT));
        reports += 1;
    }
    reports
}

/// The time in milliseconds within which this part of them was answered (nearest rank).
fn percentile(answers: &[Duration], part: f64) -> f64 {
    let mut sorted = answers.to_vec();
    sorted.sort();
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    let answer = sorted.get(rank.saturating_sub(1));
    answer.map_or(f64::NAN, |answer| answer.as_secs_f64() * 1000.0)
}
