//! `mpaka doctor`: every part of the box, real or simulated, with what to do about what is wrong.

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::devices::{Tesseract, connected_readers};
use crate::error::PostError;
use crate::inspection::{Equipment, stages, trust_of_box};
use crate::lease::{CLOCK_TOLERANCE_SECONDS, LeaseStanding};
use crate::officers::Officers;
use crate::state::{KeysStanding, StateDir};
use clap::Args;
use image::{GrayImage, Luma};
use jiff::Timestamp;
use page::{Look, VisualReader, VisualUnavailable};
use rules::Outcome;
use serde::Serialize;
use store::StoreError;

/// Before this moment no program of this age can run: the clock has lost the time.
const PROGRAM_MADE: &str = "2026-01-01T00:00:00Z";
/// Below this much free space the box should be looked after, in bytes.
const FREE_SPACE_WARNING_BYTES: u64 = 512 << 20;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    at: StateHere,
}

/// What a part is made of.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Real,
    Simulated,
}

#[derive(Debug, Serialize)]
struct PartObject {
    part: &'static str,
    kind: Kind,
    outcome: Outcome,
    detail: String,
    /// What to do; empty where nothing is to be done.
    #[serde(rename = "do")]
    remedy: String,
}

impl PartObject {
    fn fine(part: &'static str, detail: impl Into<String>) -> Self {
        Self {
            part,
            kind: Kind::Real,
            outcome: Outcome::Successful,
            detail: detail.into(),
            remedy: String::new(),
        }
    }

    fn wrong(part: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            remedy: remedy.into(),
            ..Self::fine(part, detail)
        }
    }
}

pub(super) fn run(context: Context, args: &DoctorArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let now = Timestamp::now();
    let mut parts = vec![clock(now), space(&context.state)];
    parts.extend(enrolment(&context.state));
    parts.extend(pictures(&context, now));
    parts.push(officers(&context.state));
    parts.push(country_signers(&context.state, now));
    parts.push(chip_reader());
    for part in simulated() {
        parts.push(part);
    }
    for part in &parts {
        context.out.answer(part, || {
            let mark = match part.outcome {
                Outcome::Successful => "✓",
                Outcome::NotSupported => "–",
                _ => "▲",
            };
            let mut text = format!("{mark} {:<14} {}", part.part, part.detail);
            if !part.remedy.is_empty() {
                text.push_str(&format!("\n  {:<14} → {}", "", part.remedy));
            }
            text
        })?;
    }
    Ok(())
}

fn clock(now: Timestamp) -> PartObject {
    let made: Timestamp = PROGRAM_MADE.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    if now < made {
        PartObject::wrong(
            "clock",
            now.to_string(),
            "set the time; check the clock's battery",
        )
    } else {
        PartObject::fine("clock", now.to_string())
    }
}

fn space(state: &StateDir) -> PartObject {
    // An absent folder is judged by where it would be made.
    let there = state.root().ancestors().find(|p| p.exists());
    match there.map(rustix::fs::statvfs) {
        Some(Ok(about)) => {
            let free = about.f_bavail.saturating_mul(about.f_frsize);
            let detail = format!("{} MiB free", free >> 20);
            if free < FREE_SPACE_WARNING_BYTES {
                PartObject::wrong(
                    "disk",
                    detail,
                    "free some space, or replace the card by a larger one",
                )
            } else {
                PartObject::fine("disk", detail)
            }
        }
        Some(Err(e)) => PartObject::wrong("disk", e.to_string(), "check the card"),
        None => PartObject::wrong("disk", "there is no state folder", "give --state DIR"),
    }
}

fn enrolment(state: &StateDir) -> Vec<PartObject> {
    let post = match state.post() {
        Ok(post) => post,
        Err(e) => return vec![PartObject::wrong("enrolment", e.to_string(), "mpaka enrol")],
    };
    let mut parts = vec![PartObject::fine(
        "enrolment",
        format!("post {} lane {}", post.post, post.lane),
    )];
    parts.push(keys(state));
    match Appliance::open(state) {
        Ok(appliance) => {
            parts.push(match appliance.verify_ledger() {
                Ok((report, _)) => PartObject::fine(
                    "ledger",
                    format!(
                        "{} lines verify, {} encounters",
                        report.lines, report.encounters
                    ),
                ),
                Err(e) => PartObject::wrong(
                    "ledger",
                    e.to_string(),
                    "keep the box as it is and call headquarters",
                ),
            });
            parts.extend(lease(&appliance));
            parts.push(match appliance.outbox() {
                Ok(outbox) => PartObject::fine("outbox", format!("{} waiting", outbox.waiting)),
                Err(e) => PartObject::wrong("outbox", e.to_string(), "call headquarters"),
            });
        }
        // The desk is open: the store is well enough to serve.
        Err(PostError::Store(StoreError::InUse { .. })) => {
            parts.push(PartObject::fine("store", "in use by the desk"));
        }
        Err(e) => parts.push(PartObject::wrong("store", e.to_string(), "see the message")),
    }
    parts.push(match state.read(&state.root_of_trust()) {
        Ok(Some(_)) => PartObject::fine("root of trust", "there"),
        Ok(None) => PartObject::wrong(
            "root of trust",
            "absent",
            "mpaka enrol again, with --root FILE",
        ),
        Err(e) => PartObject::wrong("root of trust", e.to_string(), "check the disk"),
    });
    parts
}

/// Whether a stolen disk tells anything.
fn keys(state: &StateDir) -> PartObject {
    let standing = state.keys_standing();
    match standing {
        KeysStanding::Unsealed => PartObject::wrong(
            "keys",
            standing.to_string(),
            "mpaka keys seal --tpm, or --passphrase-stdin",
        ),
        KeysStanding::Unlocked => PartObject::fine("keys", standing.to_string()),
        KeysStanding::Locked => {
            PartObject::wrong("keys", standing.to_string(), "mpaka keys unlock")
        }
    }
}

/// How long the box may work, and what its clock is worth by headquarters'.
fn lease(appliance: &Appliance) -> Vec<PartObject> {
    const REMEDY: &str = "connect the box to the network, or call headquarters";
    let standing = appliance.lease(Timestamp::now());
    let mut parts = vec![match &standing {
        Ok(LeaseStanding::NotNeeded) => PartObject {
            outcome: Outcome::NotSupported,
            ..PartObject::fine("lease", "none: this box was enrolled without an admission")
        },
        Ok(standing) if standing.may_work() => PartObject::fine("lease", standing.to_string()),
        Ok(standing) => PartObject::wrong("lease", standing.to_string(), REMEDY),
        Err(e) => PartObject::wrong("lease", e.to_string(), "call headquarters"),
    }];
    if let Ok(Some(ahead)) = appliance.clock_ahead_seconds()
        && ahead.abs() > CLOCK_TOLERANCE_SECONDS
    {
        parts.push(PartObject::wrong(
            "clock",
            format!("{ahead} seconds ahead of headquarters' at the last contact"),
            "set the time; check the clock's battery",
        ));
    }
    parts
}

fn pictures(context: &Context, now: Timestamp) -> Vec<PartObject> {
    let equipment = Equipment::of_box(context.models.as_deref(), Some(context.state.root()));
    vec![
        match equipment.reader() {
            Ok(_) => PartObject::fine("zone reader", "loaded"),
            Err(why) => PartObject::wrong("zone reader", why, "install the program again"),
        },
        match equipment.matcher() {
            Ok(_) => PartObject::fine("face models", "loaded, digests checked"),
            Err(why) => PartObject::wrong("face models", why, "mpaka-models fetch"),
        },
        match equipment.edition() {
            Ok(edition) => {
                let info = edition.info();
                let detail = format!(
                    "edition {}: {} persons, {} documents, made {}",
                    info.number, info.persons, info.documents, info.made_at
                );
                if stages::is_stale(info, equipment.policy(), now) {
                    PartObject::wrong("list", detail, "mpaka editions take FROM: it is old")
                } else {
                    PartObject::fine("list", detail)
                }
            }
            Err(why) => PartObject::wrong("list", why, "mpaka editions take FROM"),
        },
        recogniser(),
    ]
}

/// The reader of running text: an extra, so that its absence is no fault. It is given a blank picture to read.
fn recogniser() -> PartObject {
    const PART: &str = "text reader";
    let blank = GrayImage::from_pixel(64, 64, Luma([255]));
    match Tesseract::default().words(&blank, Look::First) {
        Ok(_) => PartObject::fine(PART, "tesseract answers"),
        // What it says names the package.
        Err(VisualUnavailable::Absent(why)) => PartObject {
            outcome: Outcome::NotSupported,
            ..PartObject::fine(PART, why)
        },
        Err(e) => PartObject::wrong(PART, e.to_string(), "install tesseract-ocr again"),
    }
}

fn officers(state: &StateDir) -> PartObject {
    match Officers::of(state).list() {
        Ok(known) if known.is_empty() => PartObject::wrong(
            "officers",
            "nobody may sign in",
            "mpaka officer add --id NAME --pin-stdin",
        ),
        Ok(known) => PartObject::fine("officers", format!("{} may sign in", known.len())),
        Err(e) => PartObject::wrong("officers", e.to_string(), "check the disk"),
    }
}

/// Whose chips are believed, and how old that knowledge is.
fn country_signers(state: &StateDir, now: Timestamp) -> PartObject {
    let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let store = trust_of_box(state.root(), today);
    match (store.country_signers().len(), store.lists().values().max()) {
        (0, _) => PartObject {
            outcome: Outcome::NotSupported,
            ..PartObject::fine("country signers", "none: no chip can be believed")
        },
        (count, None) => PartObject::fine("country signers", format!("{count}, from no list")),
        (count, Some(newest)) => PartObject::fine(
            "country signers",
            format!("{count}, newest list of {}", newest.date()),
        ),
    }
}

/// The reader for chips; a box may have none.
fn chip_reader() -> PartObject {
    let absent = |detail: String| PartObject {
        outcome: Outcome::NotSupported,
        ..PartObject::fine("chip reader", detail)
    };
    match connected_readers() {
        Ok(names) if names.is_empty() => absent("none on this box".to_owned()),
        Ok(names) => PartObject::fine("chip reader", names.join(", ")),
        Err(error) => absent(error.to_string()),
    }
}

/// The parts of the bench that stand in for hardware, and those that no box has yet.
fn simulated() -> [PartObject; 2] {
    let part = |part, outcome, detail: &str| PartObject {
        kind: Kind::Simulated,
        outcome,
        ..PartObject::fine(part, detail)
    };
    [
        part(
            "camera",
            Outcome::Successful,
            "a folder of pictures (serve --camera, --scenes, uploads)",
        ),
        part("tower light", Outcome::Successful, "the bench's board"),
    ]
}
