//! The fleet as figures: a table for people's own sheets, and Prometheus' text form for their alarms.

use super::guard::{Shown, failed};
use super::{Fleet, Hall};
use crate::access::Scope;
use crate::fleet::{Row, Tone};
use crate::register::Standing;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use seal::health::Drift;
use std::fmt::Write as _;
use std::sync::Arc;

async fn with_fleet(
    hall: Arc<Hall>,
    shown: Shown,
    content_type: &'static str,
    make: fn(&Fleet) -> String,
) -> Response {
    if let Err(refusal) = shown.may(Scope::View) {
        return *refusal;
    }
    match hall.fleet().await {
        Ok(fleet) => ([(header::CONTENT_TYPE, content_type)], make(&fleet)).into_response(),
        Err(e) => failed(&e),
    }
}

pub(super) async fn csv(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    with_fleet(hall, shown, "text/csv; charset=utf-8", table).await
}

pub(super) async fn metrics(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    with_fleet(
        hall,
        shown,
        "text/plain; version=0.0.4; charset=utf-8",
        exposition,
    )
    .await
}

fn table(fleet: &Fleet) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "post",
        "title",
        "region",
        "canary",
        "standing",
        "state",
        "problems",
        "reported_at",
        "edition",
        "edition_made_at",
        "waiting",
        "oldest_waiting",
        "drift",
        "tamper",
        "lease_until",
        "program",
        "encounters",
        "overrides",
        "faults",
        "software",
        "software_refused",
    ];
    let _ = writer.write_record(header);
    for row in &fleet.rows {
        let text = |value: Option<String>| value.unwrap_or_default();
        let moment = |at: Option<Timestamp>| text(at.map(|at| at.to_string()));
        let problems: Vec<&str> = row.problems.iter().map(|p| p.name.as_str()).collect();
        let _ = writer.write_record([
            row.post.to_string(),
            unformulated(row.title()),
            unformulated(row.place.region.as_deref().unwrap_or_default()),
            row.place.canary.to_string(),
            row.standing.as_str().to_owned(),
            row.tone.word().to_owned(),
            problems.join(" "),
            moment(row.reported_at),
            text(row.edition.map(|n| n.to_string())),
            moment(row.edition_made_at),
            text(row.waiting.map(|n| n.to_string())),
            moment(row.oldest_waiting),
            row.drift.map_or("", Drift::as_str).to_owned(),
            text(row.tamper.map(|t| t.to_string())),
            moment(row.lease_until),
            text(row.program.clone()),
            row.encounters.to_string(),
            row.overrides.to_string(),
            row.faults.join(" "),
            text(row.software.clone()),
            text(row.software_refused.clone()),
        ]);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A text that a spreadsheet will not take for a formula.
pub(crate) fn unformulated(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// One figure: its name, its kind, what it says, and where a box has it.
type Figure = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Row, Timestamp) -> Option<f64>,
);

fn seconds_since(at: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(at).as_secs_f64()
}

const FIGURES: [Figure; 10] = [
    (
        "mpaka_box_state",
        "gauge",
        "0 fine, 1 look, 2 act.",
        |row, _| {
            Some(match row.tone {
                Tone::Ok => 0.0,
                Tone::Look => 1.0,
                Tone::Act => 2.0,
            })
        },
    ),
    (
        "mpaka_box_report_age_seconds",
        "gauge",
        "Since the newest report arrived.",
        |row, now| row.reported_at.map(|at| seconds_since(at, now)),
    ),
    (
        "mpaka_box_edition",
        "gauge",
        "The edition in use.",
        |row, _| row.edition.map(|n| n as f64),
    ),
    (
        "mpaka_box_edition_age_seconds",
        "gauge",
        "Since the edition in use was made.",
        |row, now| row.edition_made_at.map(|at| seconds_since(at, now)),
    ),
    (
        "mpaka_box_outbox_waiting",
        "gauge",
        "Parcels that wait.",
        |row, _| row.waiting.map(|n| n as f64),
    ),
    (
        "mpaka_box_lease_seconds",
        "gauge",
        "Until the lease ends; negative once it has.",
        |row, now| row.lease_until.map(|at| -seconds_since(at, now)),
    ),
    (
        "mpaka_box_tamper",
        "gauge",
        "1 where the lid has been opened.",
        |row, _| row.tamper.map(|t| f64::from(u8::from(t))),
    ),
    (
        "mpaka_box_drift",
        "gauge",
        "0 within, 1 amber, 2 red.",
        |row, _| match row.drift? {
            Drift::Unknown => None,
            Drift::Within => Some(0.0),
            Drift::Amber => Some(1.0),
            Drift::Red => Some(2.0),
        },
    ),
    (
        "mpaka_box_encounters",
        "gauge",
        "Encounters in the counted time.",
        |row, _| Some(row.encounters as f64),
    ),
    (
        "mpaka_box_overrides",
        "gauge",
        "Decisions against the advice among them.",
        |row, _| Some(row.overrides as f64),
    ),
];

/// Prometheus' text exposition format 0.0.4. Names of posts hold nothing that would need escaping.
fn exposition(fleet: &Fleet) -> String {
    let mut text = String::new();
    let summary = &fleet.summary;
    for (name, help, value) in [
        ("mpaka_boxes", "Boxes in service.", summary.active as f64),
        (
            "mpaka_boxes_silent",
            "Boxes without a report for a day.",
            summary.silent as f64,
        ),
        (
            "mpaka_outbox_waiting",
            "Parcels that wait at all boxes.",
            summary.waiting as f64,
        ),
        (
            "mpaka_edition_expected",
            "The newest edition that every box should have.",
            summary.newest_edition.unwrap_or(0) as f64,
        ),
    ] {
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        );
    }
    for (name, kind, help, value) in FIGURES {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for row in fleet.rows.iter().filter(|r| r.standing == Standing::Active) {
            if let Some(value) = value(row, fleet.at) {
                let _ = writeln!(text, "{name}{{post=\"{}\"}} {value}", row.post);
            }
        }
    }
    let name = "mpaka_boxes_software";
    let _ = writeln!(
        text,
        "# HELP {name} Boxes by the version of the programs that updates installed.\n# TYPE {name} gauge"
    );
    for (version, boxes) in &summary.software {
        let _ = writeln!(text, "{name}{{version=\"{version}\"}} {boxes}");
    }
    text
}
