//! The boxes: enrolled, listed, placed, retired, revoked.

use super::{DatabaseArgs, Printer};
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::admission;
use mpaka_hq::boxes;
use mpaka_hq::codes;
use mpaka_hq::fleet::PlaceOrder;
use mpaka_hq::home::Home;
use mpaka_hq::office::Office;
use mpaka_hq::register::{Register, Standing};
use rules::PostId;
use seal::device::Enrolment;
use seal::durable::{self, Readers};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// The box's public file (device-public.json).
    #[arg(required_unless_present_any = ["list", "code"], value_name = "FILE")]
    file: Option<PathBuf>,
    /// Draw a code for this post: a box that shows it is taken in by itself (mpaka-hq admit, mpaka enrol --code).
    #[arg(long, value_name = "POST", conflicts_with_all = ["file", "list"])]
    code: Option<PostId>,
    /// For so many days the code is good.
    #[arg(long, default_value_t = 7, value_name = "DAYS")]
    code_days: u32,
    /// Write headquarters' answer to the box here: its certificate, the authority of our servers, its first
    /// lease. Give it to the box (mpaka enrol --admission FILE).
    #[arg(long, value_name = "FILE", requires = "file")]
    admission: Option<PathBuf>,
    /// For so many days the first lease lasts.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    lease_days: u32,
    /// List the registered boxes.
    #[arg(long, conflicts_with = "file")]
    list: bool,
}

pub(super) fn enrol(
    home: &Home,
    args: &EnrolArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    if let Some(post) = &args.code {
        let drawn = codes::draw(home, post, args.code_days, now)?;
        return print.answer(&drawn, || {
            format!(
                "{}\nTell it to the technician at {}; it is kept nowhere here, and good until {}. Boxes ask at \
                 mpaka-hq admit.",
                drawn.code, drawn.post, drawn.expires_at
            )
        });
    }
    let mut register = Register::open(home)?;
    if let Some(file) = &args.file {
        let enrolment = Enrolment::read(file)?;
        register.enrol(&enrolment, now)?;
        if let Some(out) = &args.admission {
            let admitted = admission::admit(home, &enrolment, args.lease_days, now)?;
            durable::replace(out, &admitted, Readers::Anyone).map_err(|source| HqError::Io {
                path: out.clone(),
                source,
            })?;
        }
        #[derive(Serialize)]
        struct Enrolled<'a> {
            post: &'a PostId,
            device: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            admission: Option<&'a PathBuf>,
        }
        let enrolled = Enrolled {
            post: enrolment.post(),
            device: enrolment.device().to_string(),
            admission: args.admission.as_ref(),
        };
        return print.answer(&enrolled, || {
            format!("{} is enrolled with key {}", enrolled.post, enrolled.device)
        });
    }
    for post in register.posts()? {
        print.answer(&post, || {
            format!(
                "{:<24} {}  since {}  {}",
                post.post.as_str(),
                post.device,
                post.enrolled_at,
                post.standing.as_str()
            )
        })?;
    }
    Ok(())
}

#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// The post.
    post: PostId,
    /// What people call it: renames the post for people; its id stays.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The region, for waves.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Whether it takes editions before others.
    #[arg(long, value_name = "true|false")]
    canary: Option<bool>,
    /// Degrees north and east, for the map: -2.55,36.78
    #[arg(long, value_name = "NORTH,EAST", allow_hyphen_values = true)]
    at: Option<String>,
}

pub(super) fn place(home: &Home, args: &PlaceArgs, print: &Printer) -> Result<(), HqError> {
    let at = args
        .at
        .as_deref()
        .map(|text| {
            text.split_once(',')
                .and_then(|(north, east)| {
                    Some((north.trim().parse().ok()?, east.trim().parse().ok()?))
                })
                .ok_or(HqError::PlaceImpossible(
                    "coordinates are written NORTH,EAST in degrees",
                ))
        })
        .transpose()?;
    if Register::open(home)?.post(&args.post)?.is_none() {
        return Err(HqError::PostUnknown {
            post: args.post.clone(),
        });
    }
    let place = Office::open(home)?.set_place(
        &args.post,
        &PlaceOrder {
            title: args.title.clone(),
            region: args.region.clone(),
            canary: args.canary,
            at,
        },
    )?;
    print.answer(&place, || {
        format!(
            "{}: {}, region {}{}",
            args.post,
            place.title.as_deref().unwrap_or("no title"),
            place.region.as_deref().unwrap_or("-"),
            if place.canary { ", canary" } else { "" }
        )
    })
}

#[derive(Debug, Args)]
pub(super) struct LeaveArgs {
    /// The post.
    post: PostId,
    /// Why, for the ledger.
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Takes a box out of service, and says what it held.
pub(super) fn leave(
    home: &Home,
    args: &LeaveArgs,
    standing: Standing,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    Register::open(home)?.set_standing(&args.post, standing, &args.why, now)?;
    show_held(home, &args.post, &args.database, print).inspect_err(|_| {
        let (post, standing) = (&args.post, standing.as_str());
        tracing::error!("{post} is {standing} from now on; what it held cannot be told:");
    })
}

#[derive(Debug, Args)]
pub(super) struct HeldArgs {
    /// The post.
    post: PostId,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn held(home: &Home, args: &HeldArgs, print: &Printer) -> Result<(), HqError> {
    show_held(home, &args.post, &args.database, print)
}

fn show_held(
    home: &Home,
    post: &PostId,
    database: &DatabaseArgs,
    print: &Printer,
) -> Result<(), HqError> {
    let database = database.of(home)?;
    let held = super::wait(boxes::held(home, &database, post))?;
    print.answer(&held, || {
        let moment = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let editions: Vec<String> = held
            .editions
            .iter()
            .map(|e| format!("{} since {}", e.edition, e.at))
            .collect();
        format!(
            "{} is {}; last heard of {}\n  lists it said it has: {}\n  records on it and not here: {} (oldest {})\n  \
             its records up to {} are here and receipted\n  its lease ends {}: from then on it is locked",
            held.post,
            held.standing.as_str(),
            moment(held.last_heard),
            if editions.is_empty() { "none known".to_owned() } else { editions.join(", ") },
            held.waiting.map_or_else(|| "unknown".to_owned(), |n| format!("at most {n} by its last report")),
            moment(held.oldest_waiting),
            held.received_up_to,
            moment(held.lease_until),
        )
    })
}

impl EnrolArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        let code = self.code.as_ref().map(|post| json!({ "code_for": post }));
        code.or_else(|| self.file.as_ref().map(|file| json!({ "file": file })))
    }
}

impl PlaceArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "post": self.post, "title": self.title, "region": self.region, "canary": self.canary })
    }
}

impl LeaveArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "post": self.post, "why": self.why })
    }
}
