//! The boxes: enrolled, listed.

use super::Printer;
use clap::Args;
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::register::Register;
use rules::PostId;
use seal::device::Enrolment;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// The box's public file (device-public.json).
    #[arg(required_unless_present = "list", value_name = "FILE")]
    file: Option<PathBuf>,
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
        #[derive(Serialize)]
        struct Enrolled<'a> {
            post: &'a PostId,
            device: String,
        }
        let enrolled = Enrolled {
            post: enrolment.post(),
            device: enrolment.device().to_string(),
        };
        return print.answer(&enrolled, || {
            format!("{} is enrolled with key {}", enrolled.post, enrolled.device)
        });
    }
    for post in register.posts()? {
        print.answer(&post, || {
            format!(
                "{:<24} {}  since {}",
                post.post.as_str(),
                post.device,
                post.enrolled_at
            )
        })?;
    }
    Ok(())
}
