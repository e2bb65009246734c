//! The desk under work: how soon an officer sees what, and whether a day of it leaks.
//!
//! One line a figure: name, measured, goal, and whether it is met. Times are of the clock on the wall beside
//! the program's own processor time, so that a busy machine can be told from a slow program.

use clap::Parser;
use jiff::Timestamp;
use mpaka_tests::whole::demo::{Day, DemoError};
use mpaka_tests::whole::{Desk, Manner, Programs, WholeError};
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Works travellers through a running desk and measures.
#[derive(Parser)]
struct Words {
    /// Where the state goes; emptied first.
    #[arg(long)]
    dir: PathBuf,
    /// The models' folder.
    #[arg(long, env = "MPAKA_MODELS")]
    models: PathBuf,
    /// How many encounters; 2000 are a day of a busy lane.
    #[arg(long, default_value_t = 60)]
    encounters: usize,
}

const OFFICER: &str = "a.officer";
const PIN: &str = "246810";
/// Encounters before memory is first looked at: caches fill, the allocator settles.
const WARM_UP: usize = 30;
/// Clock ticks a second in /proc, as every Linux of these machines has it.
const TICKS_A_SECOND: f64 = 100.0;

fn main() -> ExitCode {
    match run(&Words::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("desk bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An officer's session over plain HTTP, as a browser without script has it.
struct Officer {
    client: Client,
    url: String,
    cookie: String,
    csrf: String,
}

fn unreachable(request: &str) -> impl Fn(reqwest::Error) -> WholeError + '_ {
    move |e| WholeError::Unreachable {
        request: request.to_owned(),
        source: e.into(),
    }
}

impl Officer {
    fn at(url: &str) -> Result<Self, WholeError> {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(120))
            .build()
            .map_err(unreachable("a client"))?;
        let mut officer = Self {
            client,
            url: url.to_owned(),
            cookie: String::new(),
            csrf: String::new(),
        };
        let entered = officer.form("/sign-in", &format!("officer={OFFICER}&pin={PIN}"))?;
        let cookie = entered.headers().get("set-cookie");
        officer.cookie = cookie
            .and_then(|c| c.to_str().ok()?.split(';').next())
            .unwrap_or_default()
            .to_owned();
        let page = officer
            .get("/self-test")?
            .text()
            .map_err(unreachable("the page"))?;
        let token = page.split("name=\"csrf\" value=\"").nth(1);
        officer.csrf = token
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
            .to_owned();
        officer.form("/self-test", "")?;
        Ok(officer)
    }

    fn get(&self, path: &str) -> Result<Response, WholeError> {
        self.client
            .get(format!("{}{path}", self.url))
            .header("cookie", &self.cookie)
            .send()
            .map_err(unreachable(path))
    }

    fn form(&self, path: &str, body: &str) -> Result<Response, WholeError> {
        let kind = "application/x-www-form-urlencoded";
        self.client
            .post(format!("{}{path}", self.url))
            .header("cookie", &self.cookie)
            .header("content-type", kind)
            .body(format!("csrf={}&{body}", self.csrf))
            .send()
            .map_err(unreachable(path))
    }
}

/// What one encounter took.
struct Taken {
    /// From the pictures to the traveller's name at the screen, and to the advice; seconds.
    traveller: f64,
    advice: f64,
    /// From the zone's having been read to the name at the screen; seconds.
    first: f64,
    /// The program's processor time until the advice; seconds.
    processor: f64,
    /// The slowest answer of the desk meanwhile.
    slowest_page: f64,
    /// Whether the desk took the officer's decision.
    recorded: bool,
}

/// When the desk last read a zone, by its log.
fn zone_read(log: &Path) -> Option<Timestamp> {
    let text = std::fs::read_to_string(log).ok()?;
    let line = text.lines().rfind(|l| l.contains("zone read at"))?;
    line.split_whitespace().last()?.parse().ok()
}

fn one(officer: &Officer, desk: &Desk, log: &Path, scene: &str) -> Result<Taken, WholeError> {
    let before = processor_seconds(desk.id());
    let begun = Instant::now();
    let answer = officer.form("/inspections", &format!("scene={scene}"))?;
    let place = answer.headers().get("location");
    let place = place
        .and_then(|l| l.to_str().ok())
        .unwrap_or("/")
        .to_owned();
    let events = officer.get(&format!("{place}/events"))?;
    // Meanwhile somebody looks at the desk's pages.
    let (slowest, times) = std::thread::scope(|scope| {
        let (over, is_over) = std::sync::mpsc::channel::<()>();
        let looking = scope.spawn({
            let place = place.clone();
            move || -> Result<f64, WholeError> {
                let mut slowest: f64 = 0.0;
                loop {
                    let asked = Instant::now();
                    officer.get(&place)?.bytes().map_err(unreachable(&place))?;
                    slowest = slowest.max(asked.elapsed().as_secs_f64());
                    let pause = Duration::from_millis(20);
                    if is_over.recv_timeout(pause)
                        != Err(std::sync::mpsc::RecvTimeoutError::Timeout)
                    {
                        return Ok(slowest);
                    }
                }
            }
        });
        let mut times = (None, None, None);
        for line in BufReader::new(events).lines() {
            let line = line.map_err(WholeError::io("the events"))?;
            let now = begun.elapsed().as_secs_f64();
            match line.as_str() {
                "event: traveller" => {
                    times.0 = Some(now);
                    times.2 = Some(Timestamp::now());
                }
                "event: advised" => {
                    times.1 = Some(now);
                    break;
                }
                _ => {}
            }
        }
        drop(over);
        let slowest = looking.join().unwrap_or(Ok(f64::NAN))?;
        Ok::<_, WholeError>((slowest, times))
    })?;
    let processor = processor_seconds(desk.id()) - before;
    let first = times.2.zip(zone_read(log));
    let first = first.map(|(seen, read)| seen.duration_since(read).as_secs_f64());
    // Against the advice it needs a reason; with one it goes in any case.
    let decided = officer.form(
        &format!("{place}/decision"),
        "decision=Refer&reason=instructed",
    )?;
    Ok(Taken {
        traveller: times.0.unwrap_or(f64::NAN),
        first: first.unwrap_or(f64::NAN),
        advice: times.1.unwrap_or(f64::NAN),
        processor,
        slowest_page: slowest,
        recorded: decided.status().is_redirection() || decided.status().is_success(),
    })
}

/// The processor time of a process and of the programs that it has run, in seconds.
fn processor_seconds(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|n| n.parse::<f64>().ok())
        .sum();
    ticks / TICKS_A_SECOND
}

/// Resident memory in MiB, and open handles.
fn held(id: u32) -> (f64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let resident = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .and_then(|v| v.split_whitespace().next()?.parse::<f64>().ok());
    let handles = std::fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
    (resident.unwrap_or_default() / 1024.0, handles)
}

/// The value below which this share of them lies.
fn at_share(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1));
    values.get(index - 1).copied().unwrap_or(f64::NAN)
}

fn run(words: &Words) -> Result<bool, DemoError> {
    let programs = Programs::beside_this()?;
    let day = Day::prepare(&programs, &words.dir, &words.models, |step| {
        eprintln!("  {step}")
    })?;
    day.post().add_officer(OFFICER, PIN)?;
    let manner = Manner {
        log: Some(words.dir.join("desk.log")),
        ..Manner::default()
    };
    let scenes = day.scenes();
    let staff = (OFFICER, PIN);
    let desk = Desk::open_in(day.post(), &scenes, None, staff, &[], &manner)?;
    let log = words.dir.join("desk.log");
    let officer = Officer::at(desk.url())?;
    let scenes: Vec<_> = day.scenarios().iter().map(|s| s.name).collect();
    let mut taken = Vec::new();
    let mut first = None;
    let bar = indicatif::ProgressBar::new(words.encounters as u64);
    for n in 0..words.encounters {
        taken.push(one(&officer, &desk, &log, scenes[n % scenes.len()])?);
        if n + 1 == WARM_UP {
            first = Some(held(desk.id()));
        }
        if (n + 1) % 100 == 0 {
            let (resident, handles) = held(desk.id());
            bar.println(format!(
                "  {:>5} encounters  {resident:>6.1} MiB  {handles} handles",
                n + 1
            ));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let last = held(desk.id());
    let all = |of: fn(&Taken) -> f64| {
        taken
            .iter()
            .map(of)
            .filter(|v| v.is_finite())
            .collect::<Vec<_>>()
    };
    let mut met = true;
    let mut line = |name: &str, value: f64, unit: &str, goal: Option<f64>| {
        let Some(goal) = goal else {
            println!("desk  {name:<58} {value:>9.3} {unit:<4} for comparison");
            return;
        };
        let good = value <= goal;
        met &= good;
        println!(
            "desk  {name:<58} {value:>9.3} {unit:<4} goal <= {goal:<7} {}",
            if good { "met" } else { "NOT MET" }
        );
    };
    // A desk that does not answer is no quick desk: what came to nothing is in no percentile below.
    let number = |of: fn(&Taken) -> bool| taken.iter().filter(|t| of(t)).count() as f64;
    for (name, of) in [
        (
            "encounters without an advice",
            (|t| !t.advice.is_finite()) as fn(&Taken) -> bool,
        ),
        ("decisions that were not taken", |t| !t.recorded),
    ] {
        line(name, number(of), "", Some(0.0));
    }
    let percent = |v: f64, of: f64| (v - of).abs() / of * 100.0;
    for (name, of, share, goal) in [
        (
            "processor time from document to advice, p50",
            (|t| t.processor) as fn(&Taken) -> f64,
            0.5,
            None,
        ),
        (
            "processor time from document to advice, p95",
            |t| t.processor,
            0.95,
            Some(2.0),
        ),
        (
            "wall from document to advice, p95",
            |t| t.advice,
            0.95,
            None,
        ),
        (
            "wall from document to the zone on the screen, p95",
            |t| t.traveller,
            0.95,
            None,
        ),
        (
            "wall from the zone's reading to the screen, p95",
            |t| t.first,
            0.95,
            Some(0.3),
        ),
        (
            "wall of the desk's slowest answer in an inspection, p50",
            |t| t.slowest_page,
            0.5,
            None,
        ),
        (
            "wall of the desk's slowest answer in an inspection, p95",
            |t| t.slowest_page,
            0.95,
            Some(0.1),
        ),
    ] {
        line(name, at_share(&mut all(of), share), "s", goal);
    }
    if let Some(first) = first {
        line(
            "resident memory, change after warm-up",
            percent(last.0, first.0),
            "%",
            Some(5.0),
        );
        line(
            "open handles, growth after warm-up",
            last.1.saturating_sub(first.1) as f64,
            "",
            Some(0.0),
        );
    }
    println!(
        "desk  encounters {}, resident {:.1} MiB, handles {}",
        taken.len(),
        last.0,
        last.1
    );
    Ok(met)
}
