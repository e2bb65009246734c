//! `mpaka page`: read the data pages in pictures.

use super::reading::ReadingObject;
use super::{Context, TodayHere};
use crate::cpu::CpuClock;
use crate::error::PostError;
use crate::inspection::stages::PageRead;
use crate::inspection::{Equipment, stages};
use clap::Args;
use jiff::tz::TimeZone;
use page::{Marks, Picture};
use seal::durable::{self, Readers};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// Pictures of data pages: JPEG, PNG, TIFF, BMP, WebP, GIF or PNM.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
    /// Write a picture of the reading of one IMAGE: zone, characters with their confidence, portrait.
    #[arg(long, value_name = "OUT.png")]
    draw: Option<PathBuf>,
    /// Compare the zone with the print above it as well (needs tesseract; takes a second or two).
    #[arg(long)]
    visual: bool,
    #[command(flatten)]
    today: TodayHere,
}

pub(super) fn run(context: &Context, args: &PageArgs) -> Result<(), PostError> {
    let today = args.today.or(TimeZone::system());
    if let Some(out) = &args.draw {
        may_be_drawn(&args.images, out)?;
    }
    let equipment = Equipment::of_box(context.models.as_deref(), None);
    equipment
        .reader()
        .map_err(|why| PostError::ReaderAbsent(why.to_owned()))?;
    let mut unreadable = 0usize;
    let mut drawn = Ok(());
    for path in &args.images {
        let name = path.display().to_string();
        let clock = CpuClock::start();
        let object = match Picture::open(path) {
            Ok(picture) => {
                let mut read = stages::page(&picture, &equipment);
                if args.visual {
                    let compared = stages::visual(&picture, read.zone.as_ref(), &equipment);
                    read.page_checks.extend(compared);
                }
                let checked = stages::zone(&read, today);
                if let Some(out) = &args.draw {
                    drawn = draw(&picture, &read, out);
                }
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
    // The answer is out; only its picture may be missing.
    drawn
}

/// Whether a picture of the reading can be asked for: of one image, and not in the image's own place.
fn may_be_drawn(images: &[PathBuf], out: &Path) -> Result<(), PostError> {
    let [image] = images else {
        return Err(PostError::Usage("--draw takes one picture"));
    };
    match (image.canonicalize(), out.canonicalize()) {
        (Ok(image), Ok(out)) if image == out => Err(PostError::Usage(
            "--draw would overwrite the picture that is read",
        )),
        _ => Ok(()),
    }
}

fn draw(picture: &Picture, read: &PageRead, out: &Path) -> Result<(), PostError> {
    let marks = Marks {
        zone: read.zone.as_ref(),
        portrait: read.portrait,
        outline: None,
    };
    let png = page::draw(picture, &marks)
        .and_then(|drawn| drawn.to_png())
        .map_err(|e| PostError::picture(out, e))?;
    durable::replace(out, &png, Readers::Anyone).map_err(|e| PostError::text(out, e))
}
