//! `mpaka page`: read the data pages in pictures.

use super::reading::ReadingObject;
use super::{Context, TodayHere};
use crate::cpu::CpuClock;
use crate::error::PostError;
use crate::inspection::{Equipment, stages};
use clap::Args;
use jiff::tz::TimeZone;
use page::{Lamps, Picture};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// Pictures of data pages: JPEG, PNG, TIFF, BMP, WebP, GIF or PNM.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// The same page under infrared (with one IMAGE).
    #[arg(long, value_name = "IMAGE")]
    infrared: Option<PathBuf>,
    /// The same page under ultraviolet (with one IMAGE).
    #[arg(long, value_name = "IMAGE")]
    ultraviolet: Option<PathBuf>,
    #[command(flatten)]
    today: TodayHere,
}

pub(super) fn run(context: &Context, args: &PageArgs) -> Result<(), PostError> {
    if args.images.len() > 1 && (args.infrared.is_some() || args.ultraviolet.is_some()) {
        return Err(PostError::Usage(
            "pictures under other lamps belong to one page: give one IMAGE",
        ));
    }
    let lamps = lamps(args.infrared.as_deref(), args.ultraviolet.as_deref())?;
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
                let read = stages::page(&picture, &lamps, &equipment);
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

/// The page's pictures under other lamps, as far as they are given.
pub(super) fn lamps(
    infrared: Option<&Path>,
    ultraviolet: Option<&Path>,
) -> Result<Lamps, PostError> {
    let open = |path: Option<&Path>| {
        path.map(|p| Picture::open(p).map_err(|e| PostError::picture(p, e)))
            .transpose()
    };
    Ok(Lamps {
        infrared: open(infrared)?,
        ultraviolet: open(ultraviolet)?,
    })
}
