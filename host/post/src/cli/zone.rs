//! `mpaka zone`: parse and check a typed zone.

use super::reading::ReadingObject;
use super::{Context, TodayHere};
use crate::cpu::CpuClock;
use crate::error::PostError;
use clap::Args;
use jiff::tz::TimeZone;
use rules::mrz::Zone;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A zone has at most three lines of 44; everything beyond this is not a typed zone.
const LONGEST_TEXT_BYTES: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct ZoneArgs {
    /// A file with the zone's lines, or `-` for standard input. Lower case and blanks are put right.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,
    #[command(flatten)]
    today: TodayHere,
}

pub(super) fn run(context: &Context, args: &ZoneArgs) -> Result<(), PostError> {
    let today = args.today.or(TimeZone::system());
    let name = args.text.display().to_string();
    let text = read(&args.text)?;
    let clock = CpuClock::start();
    match Zone::parse(&text) {
        Ok(zone) => {
            let object = ReadingObject::of_text(&name, &zone, today, clock.ms());
            context.out.answer(&object, || object.to_text())
        }
        Err(source) => Err(PostError::Zone { name, source }),
    }
}

fn read(path: &Path) -> Result<String, PostError> {
    let mut text = String::new();
    let opened: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|e| PostError::text(path, e))?)
    };
    opened
        .take(LONGEST_TEXT_BYTES)
        .read_to_string(&mut text)
        .map_err(|e| PostError::text(path, e))?;
    Ok(text)
}
