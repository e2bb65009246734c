//! `mpaka page`: read the data pages in pictures.

use super::reading::ReadingObject;
use super::{Context, TodayHere};
use crate::cpu::CpuClock;
use crate::error::PostError;
use crate::inspection::{Equipment, stages};
use clap::Args;
use jiff::tz::TimeZone;
use page::Picture;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// Pictures of data pages: JPEG, PNG, TIFF, BMP, WebP, GIF or PNM.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    #[command(flatten)]
    today: TodayHere,
}

pub(super) fn run(context: &Context, args: &PageArgs) -> Result<(), PostError> {
    let today = args.today.or(TimeZone::system());
    let equipment = Equipment::of_box(context.models.as_deref(), None);
    equipment
        .reader()
        .map_err(|why| PostError::ReaderAbsent(why.to_owned()))?;
    let mut unreadable = 0usize;
    for path in &args.images {
        let name = path.display().to_string();
        let clock = CpuClock::start();
        let object = match Picture::open(path) {
            Ok(picture) => {
                let read = stages::page(&picture, &equipment);
                let checked = stages::zone(&read, today);
                ReadingObject::of_page(&name, read, checked, clock.ms())
            }
            Err(e) => {
                let error = PostError::picture(path, e);
                eprintln!("mpaka: {error}");
                unreadable += 1;
                let object = ReadingObject::unreadable(&name, error.to_string());
                if !context.out.json {
                    continue;
                }
                object
            }
        };
        context.out.answer(&object, || object.to_text())?;
    }
    if unreadable > 0 {
        return Err(PostError::SomeUnreadable);
    }
    Ok(())
}
