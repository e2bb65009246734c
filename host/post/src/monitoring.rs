//! The log for operational monitoring (BSI TR-03135-1 chapter 6): what was checked at this box, as XML, without
//! personal data.
//!
//! **What stands in it.** For each encounter whose record the box keeps and can read: an identifier, lane and times,
//! the edition searched, every check of document and face with its result and its section of the guideline, the
//! overall document check, advice and decision. That is the guideline's Basic profile; the others hold what was
//! read of travellers' documents and are refused ([`LogProfile::refusal`]).
//!
//! **What does not.** No detail of a check, no document number, name, date, state, officer, score, candidate or
//! entry; no number of the encounter. Results of the search stay out, since of a discreet entry nobody at the post
//! learns more than that the traveller is referred; the guideline moves background checks out of this log as well.
//! Records of the path of protection and records that were erased are not in it, nor is how many those are: an ordinary
//! record is kept for weeks, so that one that is missing from yesterday's would tell that somebody asked for protection.
//!
//! **Its form.** The guideline's schema files are published apart from its text and were not at hand. Elements
//! here are therefore in a namespace of our own, and each group of checks names the guideline's namespace that its
//! content belongs to; the file's first comment says so. Who has the schemas can lead one to the other by a style
//! sheet: every check carries its section.

use crate::Appliance;
use crate::error::PostError;
use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rules::check::outcome_of;
use rules::encounter::Path as RecordPath;
use rules::logging::GUIDELINE;
use rules::mrz::Format;
use rules::{Check, EncounterRecord, LogDomain, LogProfile};
use seal::durable::{Readers, Replacement};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use store::{EncounterLine, LedgerEvent};

/// The namespace of the elements; its last part is the layout's version.
pub const NAMESPACE: &str = "urn:mpaka:tr-03135-log:1";

/// The program whose checks these are.
const PROGRAM: &str = concat!("mpaka ", env!("CARGO_PKG_VERSION"));

/// Lines of the ledger read at a time.
const PAGE_LINES: usize = 500;

const ABOUT: &str = " Log for operational monitoring, Basic profile: BSI TR-03135-1 version 2.5 chapter 6, \
    BSI TR-03135-2 version 2.5 section 4.3.1. Written after the text of the guideline; its schema files \
    (ct4v3.xsd, dc4v4.xsd and the others) were not at hand, so the elements are in a namespace of their own, and \
    each group of checks names the namespace of the guideline that it belongs to. No personal data. ";

/// Of which time the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// Encounters recorded from this moment on; from the first where absent.
    pub from: Option<Timestamp>,
    /// Up to this moment, itself not included; to the last where absent.
    pub to: Option<Timestamp>,
}

impl Period {
    fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logged {
    /// Encounters of the period that have a transaction in the log.
    pub transactions: u64,
}

/// Writes the log of a period, in place of an older file. It is on the medium when this returns.
///
/// # Errors
/// [`PostError::LogProfileRefused`] for a profile with personal data, [`PostError::Text`] where the file cannot be
/// written (an older one is then as it was), [`PostError::Store`].
pub fn export(
    appliance: &Appliance,
    profile: LogProfile,
    period: &Period,
    now: Timestamp,
    out: &Path,
) -> Result<Logged, PostError> {
    if let Some(why) = profile.refusal() {
        return Err(PostError::LogProfileRefused { profile, why });
    }
    let failed = |e| PostError::text(out, e);
    let file = Replacement::begin(out, Readers::Owner).map_err(failed)?;
    let mut xml = Writer::new_with_indent(BufWriter::new(file), b' ', 1);
    begin(&mut xml, appliance, profile, period, now).map_err(failed)?;
    let mut logged = Logged::default();
    let mut from = 1;
    loop {
        let lines = appliance.ledger_lines(from, PAGE_LINES)?;
        let Some(last) = lines.last() else {
            break;
        };
        from = last.head.line + 1;
        for line in lines.iter().filter(|line| period.holds(line.at)) {
            let record = match &line.event {
                LedgerEvent::Encounter(encounter) => appliance
                    .encounter(encounter.sequence)?
                    .filter(|record| record.circumstances.path == RecordPath::Ordinary)
                    .map(|record| (encounter, record)),
                LedgerEvent::Lost { .. }
                | LedgerEvent::Receipt { .. }
                | LedgerEvent::Note(_)
                | LedgerEvent::Salvaged(_) => None,
            };
            if let Some((encounter, record)) = record {
                transaction(&mut xml, encounter, line.at, &record).map_err(failed)?;
                logged.transactions += 1;
            }
        }
    }
    end(&mut xml, &logged).map_err(failed)?;
    let file = xml
        .into_inner()
        .into_inner()
        .map_err(|e| failed(e.into_error()))?;
    file.finish().map_err(failed)?;
    Ok(logged)
}

const LOG: &str = "OperationalLog";

fn begin<W: Write>(
    xml: &mut Writer<W>,
    appliance: &Appliance,
    profile: LogProfile,
    period: &Period,
    now: Timestamp,
) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Comment(BytesText::from_escaped(ABOUT)))?;
    let mut log = BytesStart::new(LOG);
    log.extend_attributes([
        ("xmlns", NAMESPACE),
        ("guideline", GUIDELINE),
        ("profile", profile.as_str()),
        ("post", appliance.post().post.as_str()),
        ("program", PROGRAM),
        ("written", now.to_string().as_str()),
    ]);
    for (name, bound) in [("from", period.from), ("to", period.to)] {
        if let Some(bound) = bound {
            log.push_attribute((name, bound.to_string().as_str()));
        }
    }
    xml.write_event(Event::Start(log))
}

fn end<W: Write>(xml: &mut Writer<W>, logged: &Logged) -> io::Result<()> {
    xml.create_element("Counted")
        .with_attribute(("transactions", logged.transactions.to_string().as_str()))
        .write_empty()?;
    xml.write_event(Event::End(BytesEnd::new(LOG)))
}

/// One encounter. Its identifier is the keyed digest that ties the record to its line in the ledger: it names the
/// transaction among others, and says nothing of the person or of how many came before.
fn transaction<W: Write>(
    xml: &mut Writer<W>,
    line: &EncounterLine,
    recorded_at: Timestamp,
    record: &EncounterRecord,
) -> io::Result<()> {
    let id = hex::encode(line.digest);
    let (began, ended) = (record.opened_at.to_string(), recorded_at.to_string());
    let mut about = vec![
        ("id", id.as_str()),
        ("lane", record.lane.as_str()),
        ("began", began.as_str()),
        ("ended", ended.as_str()),
    ];
    if let Some(format) = format_of(record) {
        about.push(("format", format.as_str()));
    }
    let edition = record.edition.map(|edition| edition.to_string());
    if let Some(edition) = &edition {
        about.push(("edition", edition.as_str()));
    }
    let (document, beside): (Vec<LogDomain>, Vec<LogDomain>) = LogDomain::ALL
        .into_iter()
        .filter(|domain| *domain != LogDomain::Background)
        .partition(|domain| domain.is_of_the_document());
    xml.create_element("Transaction")
        .with_attributes(about)
        .write_inner_content(|xml| {
            let of_document = checks_of(record, LogDomain::is_of_the_document);
            xml.create_element("DocumentCheck")
                .with_attribute(("result", outcome_of(&of_document).as_str()))
                .write_inner_content(|xml| {
                    document
                        .into_iter()
                        .try_for_each(|domain| checks(xml, domain, record))
                })?;
            beside
                .into_iter()
                .try_for_each(|domain| checks(xml, domain, record))?;
            text(xml, "Advice", line.advice.as_str())?;
            match line.decision {
                Some(decision) => text(xml, "Decision", decision.as_str()),
                None => Ok(()),
            }
        })?;
    Ok(())
}

fn text<W: Write>(xml: &mut Writer<W>, name: &'static str, said: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(said))?;
    Ok(())
}

/// The checks of one domain; nothing where none of it was asked.
fn checks<W: Write>(
    xml: &mut Writer<W>,
    domain: LogDomain,
    record: &EncounterRecord,
) -> io::Result<()> {
    let asked = checks_of(record, |d| d == domain);
    if asked.is_empty() {
        return Ok(());
    }
    let mut about = vec![
        ("domain", domain.as_str()),
        ("result", outcome_of(&asked).as_str()),
    ];
    if let Some(namespace) = domain.namespace() {
        about.push(("namespace", namespace));
    }
    xml.create_element("Checks")
        .with_attributes(about)
        .write_inner_content(|xml| {
            for check in &asked {
                let mut about = vec![
                    ("id", check.check.as_str()),
                    ("result", check.outcome.as_str()),
                ];
                if let (_, Some(section)) = check.check.logged_in() {
                    about.push(("section", section));
                }
                xml.create_element("Check")
                    .with_attributes(about)
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn checks_of(record: &EncounterRecord, wanted: impl Fn(LogDomain) -> bool) -> Vec<Check> {
    let asked = record.checks.iter();
    asked
        .filter(|check| wanted(check.check.logged_in().0))
        .cloned()
        .collect()
}

/// The zone's format: of the document, not of the person.
fn format_of(record: &EncounterRecord) -> Option<Format> {
    let lines = &record.document.as_ref()?.mrz;
    let first = lines.first()?;
    Format::of(lines.len(), first.chars().count(), first.chars().next()?)
}
