//! The real program killed by the thousand, on a path that costs no pictures: entries from paper.
//!
//! A cycle, a third of a second of a processor and little more by the clock:
//! - `mpaka serve` starts on a box without models and without a list, and sends to a real `mpaka-hq receive`, so that
//!   contact, upload, receipt and erasing run beside the desk and are cut too;
//! - two connections sign in (a session lives in memory, so each start needs it: that is Argon2 and two writes of the
//!   register), open the lane and enter one traveller after another from paper, every third of them a refugee
//!   whose record goes to the protection key; the second connection hands its lane over with every fourth traveller
//!   undecided, which records that too, and signs in again;
//! - SIGKILL: in four cycles of five up to 150 ms after the first acknowledgement, in the fifth somewhere between the
//!   start and where the first acknowledgement came last time: while the store opens, the ledger is followed, an
//!   officer signs in.
//!
//! The witness is this process: it notes what was asked and which answer came back whole. Every twentieth cycle it
//! holds that against `mpaka ledger verify` and `mpaka outbox`. At a box's end all is uploaded, and headquarters opens
//! every record: each acknowledged one is there once, under the number that the officer was told, as it was decided;
//! what nobody heard of is there once or not at all; numbers have no gap, and no checkpoint of the ledger is disputed.
//! A box and its headquarters make room for new ones after 250 cycles: each start follows the ledger from its first
//! line.
//!
//! `MPAKA_QUICK_CUTS` sets how many cycles (default 25; the long form is 10,000), `MPAKA_QUICK_CUTS_SEED` what chance
//! begins from, so that runs side by side are cut at other moments.

use mpaka_tests::utopia::Seed;
use mpaka_tests::whole::{Headquarters, Post, Programs, Receiver};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};
use url::form_urlencoded::Serializer;

const OFFICER: &str = "w.itness";
const PIN: &str = "135790";
/// Connections that enter at a time.
const SEATS: usize = 2;
/// Cycles until a box makes room for a new one.
const CUTS_A_BOX: u64 = 250;
/// Cycles between two looks at the box from outside.
const CUTS_A_LOOK: u64 = 20;
/// The latest cut after the first acknowledgement.
const LATEST_CUT: Duration = Duration::from_millis(150);
/// A loaded machine may take long to start; one that does not answer at all is a defect.
const PATIENCE: Duration = Duration::from_secs(60);
/// A box that starts three times a second asks more often than any post: here nobody is to be slowed down.
const REQUESTS_A_MINUTE: u32 = 1_000_000;
/// SIGKILL of POSIX.
const KILLED: i32 = 9;

/// The passport of Doc 9303-4 appendix B, as somebody wrote it down; and a refugee's, by the nationality XXB of
/// Doc 9303-3 section 5 (no check digit covers the nationality).
const ZONES: [&str; 3] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36XXB7408122F1204159ZE184226B<<<<<10",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const DECISIONS: [&str; 4] = ["Refer", "Admit", "Hold", "Refer"];

#[test]
fn nothing_entered_from_paper_is_lost_or_doubled_however_often_the_program_is_killed() {
    let cuts: u64 = std::env::var("MPAKA_QUICK_CUTS")
        .map_or(25, |n| n.parse().expect("MPAKA_QUICK_CUTS is a number"));
    let programs = Programs::beside_this().unwrap();
    let seed: u64 = std::env::var("MPAKA_QUICK_CUTS_SEED").map_or(20_261_129, |n| {
        n.parse().expect("MPAKA_QUICK_CUTS_SEED is a number")
    });
    let mut random = Seed(seed).stream("quick cuts");
    let begun = Instant::now();
    let (mut acknowledged, mut arrived, mut done) = (0, 0, 0);
    while done < cuts {
        let here = (cuts - done).min(CUTS_A_BOX);
        let sum = OneBox::open(&programs).cut_often(here, &mut random);
        acknowledged += sum.acknowledged;
        arrived += sum.arrived;
        done += here;
        eprintln!(
            "{done} of {cuts} cuts, {acknowledged} entries acknowledged, {arrived} arrived, {:.2} s a cut",
            begun.elapsed().as_secs_f64() / done as f64
        );
    }
    // Each cut after a first acknowledgement has one at least.
    assert!(acknowledged >= cuts * 4 / 5);
    println!(
        "quick cuts {cuts}, acknowledged {acknowledged}, arrived {arrived}, none lost, none doubled"
    );
}

/// What one entry asked the desk to keep, and what was heard of it.
#[derive(Debug)]
struct Entry {
    /// The number on the paper; no other entry of the box has it.
    number: String,
    /// The officer's decision; none where she handed the lane over before.
    decision: Option<&'static str>,
    heard: Heard,
}

/// What the witness heard of an entry.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// Nothing: it may have been recorded, or not.
    Nothing,
    /// That it is recorded.
    Recorded,
    /// That it is recorded under this number.
    RecordedAs(String),
}

/// Why a connection ended.
#[derive(Debug)]
enum Ended {
    /// As it should.
    PowerWent,
    /// The desk refused something, or fell silent of its own accord.
    Otherwise(String),
}

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum When {
    /// So long after the start.
    AfterStart(Duration),
    /// So long after the first acknowledgement.
    AfterFirst(Duration),
}

/// What came of one box.
struct Sum {
    acknowledged: u64,
    arrived: u64,
}

/// A box with a headquarters of its own. What runs is dropped before its folder.
struct OneBox {
    receiver: Receiver,
    headquarters: Headquarters,
    post: Post,
    client: Client,
    witness: Witness,
    _folder: tempfile::TempDir,
}

impl OneBox {
    fn open(programs: &Programs) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let part = |name: &str| {
            let part = folder.path().join(name);
            std::fs::create_dir(&part).unwrap();
            part
        };
        let headquarters = Headquarters::ceremony(programs, &part("hq")).unwrap();
        let state = part("box").join("state");
        let models = part("no-models");
        let post = Post::enrol(programs, "UTOPIA-GATE-2", &state, &models, &headquarters).unwrap();
        post.add_officer(OFFICER, PIN).unwrap();
        let client = Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            receiver: headquarters.receive_often(REQUESTS_A_MINUTE).unwrap(),
            headquarters,
            post,
            client,
            witness: Witness::default(),
            _folder: folder,
        }
    }

    fn cut_often(mut self, cuts: u64, random: &mut ChaCha8Rng) -> Sum {
        let mut opening = Duration::ZERO;
        for cut in 0..cuts {
            let part: f64 = random.random_range(0.0..1.0);
            let when = match cut % 5 {
                4 => When::AfterStart(opening.mul_f64(part)),
                _ => When::AfterFirst(LATEST_CUT.mul_f64(part)),
            };
            if let Some(took) = self.cycle(cut, when) {
                opening = took;
            }
            if cut % CUTS_A_LOOK == CUTS_A_LOOK - 1 {
                let receipts = self.witness.look(&self.post);
                assert!(receipts > 0, "cut {cut}, and nothing has been receipted");
            }
        }
        self.witness.look(&self.post);
        let uploaded = self.post.upload(&self.receiver.url).unwrap();
        assert_eq!(uploaded["waiting"], 0);
        assert_eq!(uploaded["receipts"], uploaded["parcels"]);
        self.witness.look(&self.post);
        let arrived = self
            .witness
            .judge(&self.headquarters, figure(&uploaded, "parcels"));
        Sum {
            acknowledged: self.witness.acknowledged(),
            arrived,
        }
    }

    /// Starts the program, enters travellers, cuts the power; how long the first acknowledgement took.
    fn cycle(&mut self, cut: u64, when: When) -> Option<Duration> {
        let port_file = self.post.state().with_extension("port");
        // What an earlier run wrote says nothing of this one.
        match std::fs::remove_file(&port_file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => panic!("{e}"),
            _ => {}
        }
        let mut command = self.post.command();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--hq"])
            .arg(&self.receiver.url)
            .arg("--port-file")
            .arg(&port_file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begun = Instant::now();
        let mut program = Program(command.spawn().unwrap());
        let power = Power {
            client: &self.client,
            port_file: &port_file,
            went: AtomicBool::new(false),
        };
        let (took, status, seats) = std::thread::scope(|scope| {
            let (say, first) = mpsc::channel();
            let seats: Vec<_> = (0..SEATS)
                .map(|seat| {
                    let (power, say) = (&power, say.clone());
                    scope.spawn(move || power.entries(cut, seat, &say))
                })
                .collect();
            // So the listener learns where all seats have ended.
            drop(say);
            let took = match when {
                When::AfterStart(delay) => {
                    std::thread::sleep(delay);
                    None
                }
                When::AfterFirst(delay) => {
                    let heard = first.recv_timeout(PATIENCE);
                    let took = begun.elapsed();
                    std::thread::sleep(delay);
                    Some(heard.map(|()| took))
                }
            };
            // Said before it is done: whoever finds the desk gone finds this too.
            power.went.store(true, Ordering::SeqCst);
            program.0.kill().unwrap();
            let status = program.0.wait().unwrap();
            let seats: Vec<_> = seats.into_iter().map(|s| s.join().unwrap()).collect();
            (took, status, seats)
        });
        for (entries, ended) in seats {
            match ended {
                Ended::PowerWent => {}
                Ended::Otherwise(why) => panic!("cut {cut}: {why} (the program: {status})"),
            }
            self.witness.note(entries);
        }
        assert_eq!(status.signal(), Some(KILLED), "cut {cut}: {status}");
        took.map(|took| {
            took.unwrap_or_else(|_| panic!("cut {cut}: nothing acknowledged in {PATIENCE:?}"))
        })
    }
}

/// A program that does not outlive its test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended, unless an assertion came first.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The desk as its connections have it, until the power goes.
struct Power<'a> {
    client: &'a Client,
    port_file: &'a Path,
    went: AtomicBool,
}

/// A session at the desk with its lane open.
struct Session {
    token: String,
    csrf: String,
}

/// What of an answer matters here.
struct Answer {
    status: StatusCode,
    location: String,
    body: String,
}

impl Power<'_> {
    /// Enters travellers until the power goes; what was asked, and how it ended.
    fn entries(&self, cut: u64, seat: usize, say: &Sender<()>) -> (Vec<Entry>, Ended) {
        let mut entries = Vec::new();
        let Err(ended) = self.enter_on(cut, seat, say, &mut entries);
        (entries, ended)
    }

    fn enter_on(
        &self,
        cut: u64,
        seat: usize,
        say: &Sender<()>,
        entries: &mut Vec<Entry>,
    ) -> Result<Infallible, Ended> {
        let desk = self.address()?;
        let mut session = self.sign_in(&desk)?;
        loop {
            let n = entries.len();
            let number = format!("{cut}-{seat}-{n}");
            let hands_over = seat == 1 && n % 4 == 3;
            let decision = (!hands_over).then_some(DECISIONS[n % DECISIONS.len()]);
            let inspection = self.enter(&desk, &session, &number, ZONES[n % ZONES.len()])?;
            entries.push(Entry {
                number,
                decision,
                heard: Heard::Nothing,
            });
            let heard = match decision {
                Some(decision) => {
                    Heard::RecordedAs(self.decide(&desk, &session, &inspection, decision)?)
                }
                None => {
                    let form = [("csrf", session.csrf.as_str())];
                    let left = self.form(&desk, "shift", &session.token, &form)?;
                    expect(left.location == "/sign-in", "handing over", &left)?;
                    Heard::Recorded
                }
            };
            entries[n].heard = heard;
            // Nobody listens any more after the first.
            let _ = say.send(());
            if hands_over {
                session = self.sign_in(&desk)?;
            }
        }
    }

    /// Where the desk is, once it has said so.
    fn address(&self) -> Result<String, Ended> {
        loop {
            if let Ok(told) = std::fs::read_to_string(self.port_file)
                && let Ok(port) = told.trim().parse::<u16>()
            {
                return Ok(format!("http://127.0.0.1:{port}"));
            }
            if self.went.load(Ordering::SeqCst) {
                return Err(Ended::PowerWent);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Signs in, reads the self-test and opens the lane.
    fn sign_in(&self, desk: &str) -> Result<Session, Ended> {
        let words = json!({ "officer": OFFICER, "pin": PIN });
        let request = self.client.post(format!("{desk}/api/session")).json(&words);
        let answer = self.answer(request, StatusCode::OK)?;
        let token = text(&answer, "token")?;
        let page = self
            .client
            .get(format!("{desk}/self-test"))
            .header(COOKIE, format!("session={token}"));
        let page = self.answer(page, StatusCode::OK)?;
        let csrf = page
            .body
            .split_once("name=\"csrf\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(csrf, _)| csrf.to_owned())
            .ok_or_else(|| Ended::Otherwise(format!("no form on {}", page.body)))?;
        self.form(desk, "self-test", &token, &[("csrf", csrf.as_str())])?;
        Ok(Session { token, csrf })
    }

    /// Enters a traveller from paper; the inspection's name at the desk.
    fn enter(
        &self,
        desk: &str,
        session: &Session,
        number: &str,
        zone: &str,
    ) -> Result<String, Ended> {
        let form = [
            ("csrf", session.csrf.as_str()),
            ("number", number),
            ("day", "2026-06-01"),
            ("time", "10:40"),
            ("zone", zone),
        ];
        let answer = self.form(desk, "paper", &session.token, &form)?;
        let inspection = answer.location.strip_prefix("/inspections/");
        expect(inspection.is_some(), "entering", &answer)?;
        Ok(inspection.unwrap_or_default().to_owned())
    }

    /// Decides; the number under which it is recorded.
    fn decide(
        &self,
        desk: &str,
        session: &Session,
        inspection: &str,
        decision: &str,
    ) -> Result<String, Ended> {
        let words = json!({ "decision": decision, "reason": "decided_on_paper" });
        let request = self
            .client
            .post(format!("{desk}/api/inspections/{inspection}/decision"))
            .bearer_auth(&session.token)
            .json(&words);
        text(&self.answer(request, StatusCode::OK)?, "encounter")
    }

    /// Sends a form as a browser does; every form here is answered with another address.
    fn form(
        &self,
        desk: &str,
        path: &str,
        token: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, Ended> {
        let body = Serializer::new(String::new())
            .extend_pairs(fields.iter().copied())
            .finish();
        let request = self
            .client
            .post(format!("{desk}/{path}"))
            .header(COOKIE, format!("session={token}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        self.answer(request, StatusCode::SEE_OTHER)
    }

    /// An answer that came back whole, as it should be.
    fn answer(&self, request: RequestBuilder, wanted: StatusCode) -> Result<Answer, Ended> {
        let answer = request.send().and_then(|response| {
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|to| to.to_str().ok()).unwrap_or_default();
            Ok(Answer {
                status: response.status(),
                location: location.to_owned(),
                body: response.text()?,
            })
        });
        match answer {
            Ok(answer) => {
                expect(answer.status == wanted, "a request", &answer)?;
                Ok(answer)
            }
            Err(_) if self.went.load(Ordering::SeqCst) => Err(Ended::PowerWent),
            Err(e) => Err(Ended::Otherwise(format!("the desk fell silent: {e:?}"))),
        }
    }
}

fn expect(so: bool, what: &str, answer: &Answer) -> Result<(), Ended> {
    if so {
        return Ok(());
    }
    Err(Ended::Otherwise(format!(
        "{what} was answered {} {:?}: {}",
        answer.status, answer.location, answer.body
    )))
}

/// A text of an answer in JSON.
fn text(answer: &Answer, name: &str) -> Result<String, Ended> {
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    body.and_then(|b| b[name].as_str().map(str::to_owned))
        .ok_or_else(|| Ended::Otherwise(format!("no {name} in {}", answer.body)))
}

fn figure(object: &Value, name: &str) -> u64 {
    object[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {object}"))
}

/// Whoever stands outside: what was asked of one box and what it answered.
#[derive(Default)]
struct Witness {
    /// By the number on paper.
    asked: BTreeMap<String, Entry>,
    /// Numbers of encounters that an officer was told.
    told: BTreeSet<String>,
}

impl Witness {
    fn note(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            if let Heard::RecordedAs(id) = &entry.heard {
                assert!(self.told.insert(id.clone()), "{id} was told twice");
            }
            let before = self.asked.insert(entry.number.clone(), entry);
            assert!(before.is_none(), "{before:?} was entered twice");
        }
    }

    fn acknowledged(&self) -> u64 {
        let heard = self.asked.values().filter(|e| e.heard != Heard::Nothing);
        heard.count() as u64
    }

    /// Looks at the box from outside; how many of its parcels are receipted.
    fn look(&self, post: &Post) -> u64 {
        let ledger = post.verify_ledger().unwrap();
        let outbox = post.outbox().unwrap();
        assert_eq!(ledger["outcome"], "Successful", "{ledger}");
        let recorded = figure(&ledger, "encounters");
        assert!(
            (self.acknowledged()..=self.asked.len() as u64).contains(&recorded),
            "{} acknowledged, {} asked: {ledger}",
            self.acknowledged(),
            self.asked.len()
        );
        let receipts = figure(&outbox, "receipts");
        assert_eq!(figure(&outbox, "parcels"), recorded, "{outbox}");
        assert_eq!(figure(&outbox, "waiting"), recorded - receipts, "{outbox}");
        receipts
    }

    /// Holds what headquarters has against what was asked and answered; how many records that is.
    fn judge(&self, headquarters: &Headquarters, sent: u64) -> u64 {
        let parcels = headquarters.parcels().unwrap();
        let mut numbers: Vec<u64> = parcels.iter().map(|p| figure(p, "sequence")).collect();
        numbers.sort_unstable();
        let without_gaps: Vec<u64> = (1..=sent).collect();
        assert_eq!(numbers, without_gaps, "numbers at headquarters");
        let mut arrived = BTreeSet::new();
        let protected = headquarters.protected().unwrap();
        let opened = parcels.iter().filter(|p| p.get("record").is_some());
        for parcel in opened.chain(&protected) {
            let record = &parcel["record"];
            let number = record["circumstances"]["paper"]["number"].as_str();
            let number = number.unwrap_or_else(|| panic!("no entry from paper: {parcel}"));
            let Some(entry) = self.asked.get(number) else {
                panic!("nobody entered {number}: {parcel}");
            };
            assert!(arrived.insert(number), "{number} was recorded twice");
            assert_eq!(
                record["decision"]["decision"].as_str(),
                entry.decision,
                "{parcel}"
            );
            let id = format!(
                "{}/{:06}",
                parcel["post"].as_str().unwrap_or_default(),
                figure(parcel, "sequence")
            );
            match &entry.heard {
                Heard::RecordedAs(told) => assert_eq!(*told, id, "{parcel}"),
                Heard::Recorded | Heard::Nothing => {}
            }
        }
        assert_eq!(arrived.len() as u64, sent, "records that opened");
        for entry in self.asked.values() {
            assert!(
                entry.heard == Heard::Nothing || arrived.contains(entry.number.as_str()),
                "{entry:?} was acknowledged and is lost"
            );
        }
        let audit = headquarters.audit().unwrap();
        let [post] = audit.as_slice() else {
            panic!("one post has sent: {audit:?}");
        };
        for (name, is) in [
            ("parcels", sent),
            ("opened", sent),
            ("up_to", sent),
            ("gaps", 0),
            ("refused", 0),
            ("disputed", 0),
        ] {
            assert_eq!(figure(post, name), is, "{name}: {post}");
        }
        sent
    }
}
