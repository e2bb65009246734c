//! The table of the fleet: one row a box, what is wrong with it first.

use super::Place;
use crate::HqError;
use crate::health::Reported;
use crate::home::Home;
use crate::office::Office;
use crate::parcels::Contact;
use crate::register::{Register, Standing};
use jiff::{SignedDuration, Timestamp};
use rules::PostId;
use seal::health::{
    Drift, SOFTWARE, SOFTWARE_NOT_TAKEN, SOFTWARE_REFUSED, SOFTWARE_ROLLED_BACK,
    SOFTWARE_SET_ASIDE, SOFTWARE_WHY,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A box that has not reported for so long is asked after.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Parcels that have waited for so long are worth a look: weeks are allowed, days are asked about.
const WAITING_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// A lease that ends within this is worth a look.
const LEASE_SOON: SignedDuration = SignedDuration::from_hours(48);
/// More decisions against the advice than this share, of at least [`OVERRIDES_OF`], are worth a look.
const MANY_OVERRIDES: f64 = 0.10;
const OVERRIDES_OF: u64 = 20;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing wrong.
    Ok,
    /// Look at it today.
    Look,
    /// Act now.
    Act,
}

impl Tone {
    /// The word beside the symbol.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "fine",
            Self::Look => "look",
            Self::Act => "act",
        }
    }

    /// The symbol: never colour alone.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Look => "▲",
            Self::Act => "◆",
        }
    }

    /// The class in the page.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Look => "warn",
            Self::Act => "bad",
        }
    }
}

/// One thing wrong with a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Its name, for scripts.
    pub name: String,
    /// How much it matters.
    pub tone: Tone,
    /// In words.
    pub words: String,
}

/// One box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The post.
    pub post: PostId,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// Whether it may still speak for its post.
    pub standing: Standing,
    /// When its newest report arrived.
    pub reported_at: Option<Timestamp>,
    /// The edition in use.
    pub edition: Option<u64>,
    /// When that was made.
    pub edition_made_at: Option<Timestamp>,
    /// Parcels that wait.
    pub waiting: Option<u64>,
    /// When the oldest was sealed.
    pub oldest_waiting: Option<Timestamp>,
    /// Distance from the golden scan.
    pub drift: Option<Drift>,
    /// Whether the lid has been opened.
    pub tamper: Option<bool>,
    /// Until when it may work.
    pub lease_until: Option<Timestamp>,
    /// The program's version.
    pub program: Option<String>,
    /// The version of the packages that its updates installed.
    pub software: Option<String>,
    /// The version that it went back from, or did not take, and why.
    pub software_refused: Option<String>,
    /// Files of its updates that were damaged and set aside.
    pub software_set_aside: Option<String>,
    /// Encounters in the counted time.
    pub encounters: u64,
    /// Decisions against the advice among them.
    pub overrides: u64,
    /// Named faults.
    pub faults: Vec<String>,
    /// How it stands.
    pub tone: Tone,
    /// Why, the worst first.
    pub problems: Vec<Problem>,
}

impl Row {
    /// What people call it.
    #[must_use]
    pub fn title(&self) -> &str {
        self.place.title.as_deref().unwrap_or(self.post.as_str())
    }

    /// The share of decisions against the advice.
    #[must_use]
    pub fn override_rate(&self) -> Option<f64> {
        (self.encounters > 0).then(|| self.overrides as f64 / self.encounters as f64)
    }
}

/// The fleet in a few figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Boxes in service.
    pub active: usize,
    /// Nothing wrong with them.
    pub fine: usize,
    /// Worth a look.
    pub look: usize,
    /// To be acted on.
    pub act: usize,
    /// Without a report for a day, or with none at all.
    pub silent: usize,
    /// Parcels that wait, all together.
    pub waiting: u64,
    /// The newest edition that every box should have by now.
    pub newest_edition: Option<u64>,
    /// Boxes by the edition they search; 0 stands for none.
    pub editions: BTreeMap<u64, usize>,
    /// Boxes by the version of the packages that their updates installed; those without updates are left out.
    pub software: BTreeMap<String, usize>,
}

/// Every box, those to be acted on first. `contacts` are what the database of parcels knows of leases.
///
/// # Errors
/// What the databases say.
pub fn table(
    home: &Home,
    contacts: &[Contact],
    now: Timestamp,
) -> Result<(Summary, Vec<Row>), HqError> {
    let register = Register::open(home)?;
    let office = Office::open(home)?;
    let (places, health) = (office.places()?, office.health()?);
    let contacts: BTreeMap<&PostId, &Contact> = contacts.iter().map(|c| (&c.post, c)).collect();
    let newest = crate::rollout::expected_everywhere(&register, &office)?;
    let mut summary = Summary {
        newest_edition: newest,
        ..Summary::default()
    };
    let mut rows = Vec::new();
    for enrolled in register.posts()? {
        let reported = health.get(&enrolled.post);
        let place = places.get(&enrolled.post).cloned().unwrap_or_default();
        let contact = contacts.get(&enrolled.post).copied();
        let mut row = row(enrolled.post, place, enrolled.standing, reported);
        row.lease_until = row.lease_until.max(contact.map(|c| c.lease_until));
        row.problems = problems(&row, newest, now);
        row.tone = row
            .problems
            .iter()
            .map(|p| p.tone)
            .max()
            .unwrap_or(Tone::Ok);
        if row.standing == Standing::Active {
            summary.count(&row, now);
        }
        rows.push(row);
    }
    rows.sort_by(|a, b| {
        let of = |r: &Row| (r.standing != Standing::Active, std::cmp::Reverse(r.tone));
        of(a).cmp(&of(b)).then_with(|| a.post.cmp(&b.post))
    });
    Ok((summary, rows))
}

impl Summary {
    fn count(&mut self, row: &Row, now: Timestamp) {
        self.active += 1;
        match row.tone {
            Tone::Ok => self.fine += 1,
            Tone::Look => self.look += 1,
            Tone::Act => self.act += 1,
        }
        if row
            .reported_at
            .is_none_or(|at| older(at, SILENT_AFTER, now))
        {
            self.silent += 1;
        }
        self.waiting += row.waiting.unwrap_or(0);
        *self.editions.entry(row.edition.unwrap_or(0)).or_default() += 1;
        if let Some(version) = &row.software {
            *self.software.entry(version.clone()).or_default() += 1;
        }
    }
}

fn row(post: PostId, place: Place, standing: Standing, reported: Option<&Reported>) -> Row {
    let report = reported.map(|r| &r.report);
    let edition = report.and_then(|r| r.edition.as_ref());
    let version = |name: &str| report.and_then(|r| r.versions.get(name).cloned());
    let refused = version(SOFTWARE_REFUSED).map(|refused| match version(SOFTWARE_WHY) {
        Some(why) => format!("{refused} ({why})"),
        None => refused,
    });
    Row {
        post,
        place,
        standing,
        reported_at: reported.map(|r| r.received_at),
        edition: edition.map(|e| e.number.0),
        edition_made_at: edition.map(|e| e.made_at),
        waiting: report.map(|r| r.outbox.waiting),
        oldest_waiting: report.and_then(|r| r.outbox.oldest),
        drift: report.map(|r| r.drift),
        tamper: report.map(|r| r.tamper),
        lease_until: report.and_then(|r| r.lease_until),
        program: report.map(|r| r.program.clone()),
        software: version(SOFTWARE),
        software_refused: refused,
        software_set_aside: version(SOFTWARE_SET_ASIDE),
        encounters: report.map_or(0, |r| r.counts.encounters),
        overrides: report.map_or(0, |r| r.counts.overrides),
        faults: report.map_or_else(Vec::new, |r| r.faults.iter().cloned().collect()),
        tone: Tone::Ok,
        problems: Vec::new(),
    }
}

fn older(at: Timestamp, than: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(at) > than
}

fn problems(row: &Row, newest: Option<u64>, now: Timestamp) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut say = |name: &str, tone, words: String| {
        found.push(Problem {
            name: name.to_owned(),
            tone,
            words,
        });
    };
    match row.standing {
        Standing::Active => {}
        left => {
            say(left.as_str(), Tone::Ok, left.as_str().to_owned());
            return found;
        }
    }
    if row.tamper == Some(true) {
        say("tamper", Tone::Act, "lid opened".into());
    }
    match row.drift {
        Some(Drift::Red) => say("drift_red", Tone::Act, "drift beyond its limit".into()),
        Some(Drift::Amber) => say("drift_amber", Tone::Look, "drift".into()),
        Some(Drift::Within | Drift::Unknown) | None => {}
    }
    match row.lease_until {
        Some(until) if until <= now => {
            say("lease_over", Tone::Act, "lease over: it is locked".into())
        }
        Some(until) if until.duration_since(now) < LEASE_SOON => {
            say(
                "lease_soon",
                Tone::Look,
                "lease ends within two days".into(),
            );
        }
        Some(_) | None => {}
    }
    for fault in &row.faults {
        let about = match &row.software_refused {
            Some(about) if [SOFTWARE_ROLLED_BACK, SOFTWARE_NOT_TAKEN].contains(&fault.as_str()) => {
                format!(": {about}")
            }
            _ => String::new(),
        };
        say(fault, Tone::Act, fault.replace('_', " ") + &about);
    }
    if let Some(files) = &row.software_set_aside {
        let words = format!("updates began anew: damaged {}", files.replace(':', ", "));
        say("updates_set_aside", Tone::Look, words);
    }
    match row.reported_at {
        None => say("never_reported", Tone::Look, "never reported".into()),
        Some(at) if older(at, SILENT_AFTER, now) => {
            let hours = now.duration_since(at).as_hours();
            say("silent", Tone::Look, format!("silent for {hours} h"));
        }
        Some(_) => {}
    }
    if let (Some(newest), Some(_)) = (newest, row.reported_at) {
        match row.edition {
            None => say("no_edition", Tone::Act, "no list".into()),
            Some(has) if has < newest => {
                say("behind", Tone::Look, format!("list {has}, newest {newest}"));
            }
            Some(_) => {}
        }
    }
    if row
        .oldest_waiting
        .is_some_and(|at| older(at, WAITING_AFTER, now))
    {
        say("waiting", Tone::Look, "records wait for days".into());
    }
    if row.encounters >= OVERRIDES_OF && row.override_rate().is_some_and(|r| r > MANY_OVERRIDES) {
        say(
            "overrides",
            Tone::Look,
            "many decisions against the advice".into(),
        );
    }
    found.sort_by_key(|p| std::cmp::Reverse(p.tone));
    found
}
