//! The boxes: enrolled, listed.

use super::Printer;
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::admission;
use mpaka_hq::home::Home;
use mpaka_hq::register::Register;
use rules::PostId;
use seal::device::Enrolment;
use seal::durable::{self, Readers};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// The box's public file (device-public.json).
    #[arg(required_unless_present = "list", value_name = "FILE")]
    file: Option<PathBuf>,
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
