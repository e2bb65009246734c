//! `mpaka doctor`: every part of the box, real or simulated, with what to do about what is wrong.

mod board;
mod camera;
mod system;

use super::{Context, StateHere};
use crate::appliance::Appliance;
use crate::devices::{SourceName, Tesseract, connected_readers};
use crate::drift_watch::DriftHeld;
use crate::error::PostError;
use crate::inspection::{BoxCalibration, Equipment, OLD_AFTER_DAYS, age_of_lists, trust_of_box};
use crate::lease::{CLOCK_TOLERANCE_SECONDS, LeaseStanding};
use crate::officers::Officers;
use crate::state::{KeysStanding, StateDir};
use crate::sync::{self, RoleAge};
use crate::update::{Ground, LastUpdate, waiting};
use calibration::sealed::{DRIFT_HOURS, DUE_DAYS, drift_of, relied_on};
use clap::Args;
use image::{GrayImage, Luma};
use jiff::Timestamp;
use page::{Look, VisualReader, VisualUnavailable};
use rules::{BundleRole, Outcome, RoleStanding};
use serde::Serialize;
use store::StoreError;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Also make every part that can be seen or heard do something: stand before the box and watch.
    #[arg(long)]
    smoke: bool,
    /// Open this camera as well and take a frame: camera:N, camera:PIPELINE, folder:DIR, video:FILE. May be given for
    /// each camera of the box.
    #[arg(long, value_name = "KIND:WHERE")]
    camera: Vec<SourceName>,
    /// End with exit code 1 where anything needs looking after: for scripts.
    #[arg(long)]
    check: bool,
    /// Seal the case anew after it was opened and looked into.
    #[arg(long)]
    seal_case: bool,
    /// Set the battery-backed clock to the system's time.
    #[arg(long)]
    set_clock: bool,
    #[command(flatten)]
    at: StateHere,
}

/// What a part is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Real,
    Simulated,
}

/// Whether the desk is open meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Desk {
    Open,
    Closed,
}

/// Why a part is wrong, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Because {
    /// Time has passed, or what is around the box is so: no program is why, and a new one is not taken back for it.
    Circumstances,
}

#[derive(Debug, Serialize)]
struct PartObject {
    part: &'static str,
    kind: Kind,
    outcome: Outcome,
    /// Left out where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Because>,
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
            because: None,
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

    /// A part that a box may do without.
    fn absent(part: &'static str, detail: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::NotSupported,
            ..Self::fine(part, detail)
        }
    }

    fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    fn by_circumstances(self) -> Self {
        Self {
            because: Some(Because::Circumstances),
            ..self
        }
    }
}

pub(super) fn run(context: Context, args: &DoctorArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let now = Timestamp::now();
    if args.set_clock && system::has_lost_the_time(now) {
        return Err(PostError::Usage(
            "the system's clock is wrong itself: set it first (sudo timedatectl set-time), then the box's own",
        ));
    }
    let machine = system::Machine::this();
    let mut parts = vec![
        machine.clock(now),
        machine.power(),
        machine.temperature(),
        system::space(&context.state),
        machine.wear(),
        system::keys(&context.state),
    ];
    let (enrolled, desk) = enrolment(&context.state);
    let desks = board::is_the_desks(context.state.root(), desk);
    if desks && (args.smoke || args.seal_case || args.set_clock) {
        return Err(PostError::Usage(
            "the desk holds the box's board: close it first (systemctl stop mpaka)",
        ));
    }
    parts.extend(enrolled);
    parts.extend(pictures(&context, now));
    parts.push(calibration(&context.state, now));
    parts.push(officers(&context.state));
    parts.push(country_signers(&context.state, now));
    parts.extend(carried(&context.state, now));
    parts.push(updates(&context.state));
    parts.push(chip_reader());
    if args.camera.is_empty() {
        parts.push(camera::bench());
    }
    parts.extend(args.camera.iter().map(camera::at));
    parts.extend(match desks {
        true => vec![PartObject::absent(
            "board",
            "the desk holds it: its parts are asked while the desk is closed (systemctl stop mpaka)",
        )],
        false => board::of_box(&context.state, args, now)?,
    });
    for part in &parts {
        context.out.answer(part, || {
            let mark = match part.outcome {
                Outcome::Successful => "✓",
                Outcome::NotSupported => "–",
                _ => "▲",
            };
            let mut text = format!("{mark} {:<14} {}", part.part, part.detail);
            // Figures of a part that is not there must not pass for the box's own.
            if part.kind == Kind::Simulated {
                text.push_str(" (simulated)");
            }
            if !part.remedy.is_empty() {
                text.push_str(&format!("\n  {:<14} → {}", "", part.remedy));
            }
            text
        })?;
    }
    let wrong = parts
        .iter()
        .filter(|p| p.outcome == Outcome::Failed)
        .count();
    if args.check && wrong > 0 {
        return Err(PostError::Unwell { parts: wrong });
    }
    Ok(())
}

fn enrolment(state: &StateDir) -> (Vec<PartObject>, Desk) {
    let mut desk = Desk::Closed;
    let post = match state.post() {
        Ok(post) => post,
        Err(e) => {
            let wrong = PartObject::wrong("enrolment", e.to_string(), "mpaka enrol");
            return (vec![wrong], desk);
        }
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
            parts.extend(drift_record(&appliance));
            parts.push(match appliance.outbox() {
                Ok(outbox) => PartObject::fine("outbox", format!("{} waiting", outbox.waiting)),
                Err(e) => PartObject::wrong("outbox", e.to_string(), "call headquarters"),
            });
        }
        // The desk is open: the store is well enough to serve.
        Err(PostError::Store(StoreError::InUse { .. })) => {
            desk = Desk::Open;
            parts.push(PartObject::fine("store", "in use by the desk"));
        }
        Err(PostError::Store(e)) if e.is_damage() => {
            parts.push(PartObject::wrong(
                "store",
                e.to_string(),
                "mpaka ledger salvage",
            ));
        }
        Err(PostError::Store(e @ StoreError::NewerLayout { .. })) => {
            parts.push(PartObject::wrong(
                "store",
                e.to_string(),
                "keep the box as it is and call headquarters: the newer mpaka-post is to be installed again",
            ));
        }
        Err(e) => parts.push(PartObject::wrong("store", e.to_string(), "see the message")),
    }
    parts.extend(salvaged(state));
    parts.push(match state.read(&state.root_of_trust()) {
        Ok(Some(_)) => PartObject::fine("root of trust", "there"),
        Ok(None) => PartObject::wrong(
            "root of trust",
            "absent",
            "mpaka enrol again, with --root FILE",
        ),
        Err(e) => PartObject::wrong("root of trust", e.to_string(), "check the disk"),
    });
    (parts, desk)
}

/// A store that was damaged once is no fault of today's, and somebody has to look at it.
fn salvaged(state: &StateDir) -> Option<PartObject> {
    let aside = std::fs::read_dir(state.root())
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("damaged-"))
        .max()?;
    Some(PartObject::wrong(
        "salvage",
        format!("the store was damaged and salvaged; the old one is kept in {aside}"),
        "hand that folder to headquarters, then remove it; a medium that fails once fails again: replace it",
    ))
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
        list(&equipment, now),
        recogniser(),
    ]
}

/// The list in use: how old it is, and whether headquarters still stands by it.
fn list(equipment: &Equipment, now: Timestamp) -> PartObject {
    const PART: &str = "list";
    let edition = match equipment.edition() {
        Ok(edition) => edition,
        Err(why) => return PartObject::wrong(PART, why, "mpaka editions take FROM"),
    };
    let info = edition.info();
    let detail = format!(
        "edition {}: {} persons, {} documents, made {}",
        info.number, info.persons, info.documents, info.made_at
    );
    let ages = equipment.ages(now);
    match ages.iter().find(|of| of.role == BundleRole::Watchlist) {
        Some(list) => aged(PART, detail, list, "mpaka editions take FROM"),
        None => PartObject::fine(PART, detail),
    }
}

/// A role of what headquarters sends: nothing of it blocks, and somebody should do something about what is old.
fn aged(part: &'static str, detail: String, of: &RoleAge, remedy: &'static str) -> PartObject {
    match of.standing {
        RoleStanding::Fresh => PartObject::fine(part, detail),
        RoleStanding::Stale => PartObject::wrong(
            part,
            format!("STALE ({} days old): {detail}", of.age_days),
            format!("{remedy}: it is old, and used meanwhile"),
        )
        .by_circumstances(),
        RoleStanding::LeaseOver => PartObject::wrong(
            part,
            format!(
                "LEASE OVER (headquarters has not confirmed it for {} days): {detail}",
                of.silent_days
            ),
            format!("{remedy}: meanwhile nothing found in it is no clear"),
        )
        .by_circumstances(),
    }
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
    match (store.country_signers().len(), age_of_lists(&store, today)) {
        (0, _) => PartObject {
            outcome: Outcome::NotSupported,
            ..PartObject::fine("country signers", "none: no chip can be believed")
        },
        (count, None) => PartObject::fine("country signers", format!("{count}, from no list")),
        (count, Some(days)) => {
            let detail = format!("{count}, newest list {days} days old");
            match days > OLD_AFTER_DAYS {
                true => PartObject::wrong(
                    "country signers",
                    detail,
                    "ask headquarters for newer lists, or bring them: mpaka editions take",
                )
                .by_circumstances(),
                false => PartObject::fine("country signers", detail),
            }
        }
    }
}

/// What headquarters sent besides lists: how much of each kind, and how old.
fn carried(state: &StateDir, now: Timestamp) -> Vec<PartObject> {
    if let Err(e) = sync::carried(state) {
        let why = e.to_string();
        return vec![PartObject::wrong("carried files", why, "check the disk")];
    }
    let ages = sync::ages(state, None, &sync::policy_of_box(state.root()), now);
    let part = |of: &RoleAge| {
        let name = match of.role {
            BundleRole::Watchlist => "list",
            BundleRole::Trust => "trust lists",
            BundleRole::Crl => "revocation lists",
            BundleRole::Defects => "defect lists",
            BundleRole::Model => "models of headquarters",
            BundleRole::Policy => "policy",
            BundleRole::Locale => "languages of headquarters",
            BundleRole::Software => "packages",
        };
        let detail = format!(
            "{} of edition {}, came {} days ago, confirmed {} days ago",
            of.files, of.edition, of.age_days, of.silent_days
        );
        aged(name, detail, of, "ask headquarters for newer ones")
    };
    ages.iter().map(part).collect()
}

/// Which release of the programs is in use, which waits, and what came of the last one.
fn updates(state: &StateDir) -> PartObject {
    const PART: &str = "updates";
    let ground = Ground::of_box();
    if !ground.is_set_up() {
        return PartObject::absent(PART, "this box takes none: mpaka update set-up");
    }
    let standing = match ground.standing() {
        Ok(standing) => standing,
        Err(e) => {
            let by_itself =
                "nothing: it is set aside within minutes; call headquarters where it is not";
            return PartObject::wrong(PART, e.to_string(), by_itself);
        }
    };
    let mut detail = match standing.installed {
        Some(version) => format!("{version} is in use"),
        None => "the packages in use are not kept yet".to_owned(),
    };
    if ground.is_under_way() {
        detail.push_str("; an update is under way");
    } else if let Some(version) = waiting(&ground, state) {
        detail.push_str(&format!(
            "; update waiting: {version}, installed while nobody stands at the desk"
        ));
    }
    if let Some(refused) = &standing.refused {
        detail.push_str(&format!(
            "; {} was not taken: {}",
            refused.version, refused.why
        ));
    }
    if let Some(LastUpdate::RolledBack { version, why, .. }) = &standing.last {
        detail.push_str(&format!(
            "; {version} did not do ({why}) and was taken back"
        ));
    }
    let set_aside = ground.set_aside();
    if !set_aside.is_empty() {
        detail.push_str(&format!("; {}", super::update::set_aside(&set_aside)));
    }
    // Headquarters hears of it and acts: nothing is to be done here.
    PartObject::fine(PART, detail)
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

/// The record of drift scans, where one is missing that the ledger knows.
fn drift_record(appliance: &Appliance) -> Option<PartObject> {
    match appliance.hold_drift(Timestamp::now()) {
        Ok(DriftHeld::Missing(scan)) => Some(PartObject::wrong(
            "drift record",
            scan.to_string(),
            "find out who was at the box's disk, and calibrate the box anew: mpaka-calibrate session",
        )),
        // A store that fails is said by its own part.
        Ok(DriftHeld::InStep) | Err(_) => None,
    }
}

/// The calibration: who signed it, how long it holds, how far the box has drifted.
fn calibration(state: &StateDir, now: Timestamp) -> PartObject {
    const PART: &str = "calibration";
    let here = BoxCalibration::of_state(state.root());
    let Some(device) = here.device() else {
        return PartObject::absent(PART, "the box has no key to sign a profile with");
    };
    match relied_on(here.files(), &device, now) {
        Ok(None) => PartObject::absent(
            PART,
            "never calibrated: pictures are read as they are (mpaka-calibrate session)",
        ),
        Ok(Some(signed)) => {
            let days = signed.valid_until.duration_since(now).as_hours() / 24;
            let scanned = drift_of(here.files(), &device, &signed)
                .ok()
                .and_then(|d| d.scans.last().map(|s| (s.at, s.verdict)));
            let drift = match scanned {
                None => "no drift scan yet".to_owned(),
                Some((at, verdict)) => format!(
                    "last drift scan {} h ago: {}",
                    now.duration_since(at).as_hours(),
                    verdict.as_str()
                ),
            };
            let detail = format!("due in {days} days, {drift}");
            let late =
                scanned.is_none_or(|(at, _)| now.duration_since(at).as_hours() > DRIFT_HOURS);
            if days < DUE_DAYS {
                PartObject::wrong(PART, detail, "calibrate the box: mpaka-calibrate session")
                    .by_circumstances()
            } else if late {
                PartObject::wrong(PART, detail, "take a drift scan: mpaka-calibrate drift")
                    .by_circumstances()
            } else {
                PartObject::fine(PART, detail)
            }
        }
        Err(distrust) => PartObject::wrong(PART, distrust.to_string(), distrust.remedy()),
    }
}
