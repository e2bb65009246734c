//! Posts by the thousand: made once into a folder, and what they send.

use crate::desk::Desk;
use crate::desk::tls::{self, Identity};
use crate::desk::wire::Sender;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use mpaka_hq::fleet::PlaceOrder;
use mpaka_hq::home::Home;
use mpaka_hq::office::Office;
use mpaka_hq::register::Register;
use mpaka_hq::transport::Authority;
use rules::{EditionNumber, PostId};
use rustls::ClientConfig;
use rustls::client::Resumption;
use seal::device::{DeviceKey, Enrolment};
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth};
use seal::hq::HqPublic;
use seal::parcel::batch;
use seal::receipt::SignedReceipt;
use seal::sealing::SealingKey;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// One post: its keys, and what it shows and believes on the wire.
struct Post {
    sender: Sender,
    wire: Arc<ClientConfig>,
}

pub(crate) struct Fleet {
    posts: Vec<Post>,
}

/// Parcels that one post seals together.
#[derive(Clone, Copy)]
pub(crate) struct Job {
    pub(crate) post: usize,
    pub(crate) first: u64,
    pub(crate) count: u64,
}

/// The same, sealed.
pub(crate) struct Load {
    job: Job,
    body: Vec<u8>,
}

impl Load {
    pub(crate) fn parcels(&self) -> usize {
        self.job.count as usize
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }
}

impl Fleet {
    /// So many posts, enrolled, with their places and a first report, each with a key and a certificate of its own.
    /// Those that the folder has already are used again.
    pub(crate) fn made(desk: &Desk, folder: &Path, count: usize) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let home = Home::open(&desk.state()).unwrap();
        let mut register = Register::open(&home).unwrap();
        let mut office = Office::open(&home).unwrap();
        let now = Timestamp::now();
        let authority = Authority::open_or_create(&home, now).unwrap();
        let hq = HqPublic::read(&home.public()).unwrap();
        // Nothing is encrypted to these boxes: one key for that does for all.
        let sealing = SealingKey::open_or_create(&folder.join("sealing.key")).unwrap();
        let bar = bar(count, "posts with keys and certificates");
        let posts = (0..count).map(|n| {
            let post = PostId::new(format!("POST-{n:05}")).unwrap();
            let key_file = folder.join(format!("{post}.key"));
            let key = DeviceKey::open_or_create(&key_file).unwrap();
            let certificate_file = folder.join(format!("{post}.der"));
            let sender = Sender {
                post: post.clone(),
                key,
                hq: hq.clone(),
            };
            // The certificate comes last: who has one has all the rest.
            if !certificate_file.exists() {
                let enrolment = Enrolment::new(post.clone(), &sender.key, sealing.public());
                register.enrol(&enrolment, now).unwrap();
                office.set_place(&post, &place(n)).unwrap();
                let report = health(&sender, now);
                let signed = report.clone().sign(&sender.key).to_bytes();
                office.put_health(&report, &signed, now).unwrap();
                let certificate = authority
                    .certify_box(&post, sender.key.public(), now)
                    .unwrap();
                std::fs::write(&certificate_file, certificate).unwrap();
            }
            let identity = Identity {
                certificate: std::fs::read(&certificate_file).unwrap(),
                key: std::fs::read(&key_file).unwrap(),
                authority: authority.certificate().to_vec(),
            };
            let mut wire = tls::config(&identity.authority, Some(&identity));
            // A box knows one headquarters, and five thousand of them share this memory.
            wire.resumption = Resumption::in_memory_sessions(32);
            bar.inc(1);
            Post {
                sender,
                wire: Arc::new(wire),
            }
        });
        let posts = posts.collect();
        bar.finish_and_clear();
        Self { posts }
    }

    pub(crate) fn len(&self) -> usize {
        self.posts.len()
    }

    /// Seals on every core, in the order of the jobs.
    pub(crate) fn seal(&self, jobs: &[Job], what: &'static str) -> Vec<Load> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let bar = bar(jobs.len(), what);
        let sealed = |job: &Job| {
            let sender = &self.posts[job.post].sender;
            let parcels = sender.parcels(job.first..job.first + job.count);
            bar.inc(1);
            Load {
                job: *job,
                body: batch::encode(&parcels),
            }
        };
        let sealed = &sealed;
        let loads = std::thread::scope(|scope| {
            let parts: Vec<_> = jobs
                .chunks(jobs.len().div_ceil(cores).max(1))
                .map(|part| scope.spawn(move || part.iter().map(sealed).collect::<Vec<Load>>()))
                .collect();
            let parts = parts.into_iter();
            parts.flat_map(|part| part.join().unwrap()).collect()
        });
        bar.finish_and_clear();
        loads
    }

    /// Sends one load as its post does, and checks the receipt as it does.
    pub(crate) fn send(&self, ports: [u16; 2], load: &Load) {
        let post = &self.posts[load.job.post];
        let mut stream = tls::connect(ports[load.job.post % 2], Arc::clone(&post.wire));
        let (status, answer) = tls::ask(&mut stream, "POST /v1/parcels", &load.body).unwrap();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
        let receipt = SignedReceipt::from_bytes(&answer).unwrap();
        let receipt = receipt.verify(&post.sender.hq).unwrap();
        assert_eq!(receipt.receipt().post, post.sender.post);
        farewell(stream);
    }

    /// Has one box report its health and, where it is time, renew its lease.
    pub(crate) fn report(&self, ports: [u16; 2], post: usize, renew: bool) {
        let of = &self.posts[post];
        let mut stream = tls::connect(ports[post % 2], Arc::clone(&of.wire));
        let report = health(&of.sender, Timestamp::now());
        let body = report.sign(&of.sender.key).to_bytes();
        let (status, _) = tls::ask(&mut stream, "POST /v1/health-reports", &body).unwrap();
        assert_eq!(status, 200);
        if renew {
            let body = tls::checkpoint(&of.sender, 1);
            let (status, _) = tls::ask(&mut stream, "POST /v1/contact", &body).unwrap();
            assert_eq!(status, 200);
        }
        farewell(stream);
    }
}

fn bar(count: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}").unwrap();
    ProgressBar::new(count as u64)
        .with_style(style)
        .with_message(what)
}

fn farewell(mut stream: tls::Tls) {
    stream.conn.send_close_notify();
    // Whoever has closed already has said so.
    let _ = stream.flush();
}

/// Spread over a country, and the same every time.
fn place(n: usize) -> PlaceOrder {
    let regions = ["Coast", "North", "West", "South", "Lake"];
    PlaceOrder {
        title: Some(format!("Post {n}")),
        region: Some(regions[n % 5].to_owned()),
        canary: Some(n < 5),
        at: Some((
            (n * 7919 % 997) as f64 / 110.0 - 4.6,
            (n * 104_729 % 991) as f64 / 130.0 + 33.9,
        )),
    }
}

fn health(sender: &Sender, now: Timestamp) -> HealthReport {
    let day = SignedDuration::from_hours(24);
    HealthReport {
        post: sender.post.clone(),
        // Counts up from one run to the next too.
        number: now.as_millisecond().unsigned_abs(),
        made_at: now,
        program: "0.1.0".into(),
        versions: BTreeMap::new(),
        edition: Some(EditionHealth {
            number: EditionNumber(7),
            made_at: now - day,
            expires_at: now + day * 29,
        }),
        outbox: OutboxHealth::default(),
        drift: Drift::Within,
        tamper: false,
        lease_until: Some(now + day * 7),
        faults: BTreeSet::new(),
        counts: Counts {
            since: Some(now - day),
            encounters: 2000,
            overrides: 40,
            advice: BTreeMap::new(),
        },
    }
}
