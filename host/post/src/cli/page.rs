//! `mpaka page`: read the data pages in pictures, and whatever else a source gives.

use super::reading::ReadingObject;
use super::stopping::Stop;
use super::{Context, TodayHere};
use crate::cpu::CpuClock;
use crate::devices::SourceName;
use crate::error::PostError;
use crate::inspection::stages::PageRead;
use crate::inspection::{BoxCalibration, Equipment, Standing, stages};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use page::source::{Content, Next, Reach, Sight, Source, SourceError, Stills};
use page::{Combined, Frames, Lamps, Marks, Picture};
use rules::CheckId;
use rules::mrz::Zone;
use seal::durable::{self, Readers};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a source is waited for before it is looked whether to stop.
const PATIENCE: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(super) struct PageArgs {
    /// Pictures of data pages: JPEG, PNG, TIFF, BMP, WebP, GIF or PNM.
    #[arg(
        required_unless_present = "source",
        conflicts_with = "source",
        value_name = "IMAGE"
    )]
    images: Vec<PathBuf>,
    /// The same page under infrared (with one IMAGE).
    #[arg(long, value_name = "IMAGE", conflicts_with = "source")]
    infrared: Option<PathBuf>,
    /// The same page under ultraviolet (with one IMAGE).
    #[arg(long, value_name = "IMAGE", conflicts_with = "source")]
    ultraviolet: Option<PathBuf>,
    /// Where sights come from instead, until it ends or is interrupted: folder:DIR, video:FILE, camera:N,
    /// camera:PIPELINE, swipe:DEVICE@BAUD, wedge:DEVICE, wedge:-
    #[arg(long, value_name = "KIND:WHERE")]
    source: Option<SourceName>,
    /// Stop after so many sights of the source.
    #[arg(long, value_name = "N", conflicts_with = "images")]
    count: Option<NonZeroUsize>,
    /// Take the pictures as frames of one document, for one better reading. Of a source, each frame is
    /// read together with those before it that show the same document.
    #[arg(long)]
    combine: bool,
    /// Write a picture of the reading of one IMAGE: zone, characters with their confidence, portrait.
    #[arg(long, value_name = "OUT.png", conflicts_with_all = ["source", "combine"])]
    draw: Option<PathBuf>,
    /// Read pictures as they were taken. Else those of the size that the box's camera takes are set right by the box's
    /// signed calibration, where it has one, and places are those of the picture set right.
    #[arg(long)]
    as_taken: bool,
    /// Compare the zone with the print above it as well (needs tesseract; takes a second or two).
    #[arg(long)]
    visual: bool,
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
    if let Some(out) = &args.draw {
        may_be_drawn(&args.images, out)?;
    }
    let equipment = Equipment::of_page(context.models.as_deref());
    let standing = match args.as_taken {
        true => Standing::Uncalibrated,
        false => BoxCalibration::of_state(context.state.root()).standing(Timestamp::now()),
    };
    equipment
        .reader()
        .map_err(|why| PostError::ReaderAbsent(why.to_owned()))?;
    let table = Table {
        context,
        equipment: &equipment,
        standing,
        lamps,
        visual: args.visual,
        today,
    };
    match &args.source {
        Some(name) => {
            // Heard before the source is open: what may take long can be interrupted.
            let stop = Stop::listen()?;
            let frames = args.combine.then(Frames::new);
            let failed = |error| match name {
                SourceName::Folder(_) | SourceName::Video(_) => PostError::Recorded(error),
                _ => PostError::Device(error),
            };
            let mut source = name.open().map_err(failed)?;
            table
                .watch(source.as_mut(), frames, args.count, &stop)?
                .map_err(failed)
        }
        None if args.combine => table.read_together(&args.images),
        None => table.read_each(&args.images, args.draw.as_deref()),
    }
}

/// What a picture is read with.
struct Table<'a> {
    context: &'a Context,
    equipment: &'a Equipment,
    /// How far the box's calibration is to be relied on.
    standing: Standing,
    /// The one page's pictures under other lamps.
    lamps: Lamps,
    /// Whether the zone is compared with the print above it.
    visual: bool,
    today: Date,
}

/// A picture as it was read, set right where it is of the box's camera.
struct Read {
    picture: Picture,
    page: PageRead,
    calibrated: bool,
}

/// One frame as it was read.
struct FrameRead {
    name: String,
    read: PageRead,
    calibrated: bool,
}

impl Table<'_> {
    fn read(&self, picture: Picture) -> Read {
        let calibrated = self.standing.is_of(&picture);
        let (picture, lamps) = self.standing.correct_all(picture, self.lamps.clone());
        let mut page = stages::page(&picture, &lamps, self.equipment);
        if self.visual {
            let compared = stages::visual(&picture, page.zone.as_ref(), self.equipment);
            page.page_checks.extend(compared);
        }
        self.standing.judge(&mut page.page_checks);
        Read {
            picture,
            page,
            calibrated,
        }
    }

    fn read_each(&self, images: &[PathBuf], drawing: Option<&Path>) -> Result<(), PostError> {
        let mut some = Unreadable::default();
        let mut drawn = Ok(());
        for path in images {
            let clock = CpuClock::start();
            match next(&mut Stills::new([path.clone()])) {
                Some(Ok((name, picture))) => {
                    let read = self.read(picture);
                    if let Some(out) = drawing {
                        drawn = draw(&read.picture, &read.page, out);
                    }
                    self.answer(&self.object(&name, read.page, read.calibrated, clock))?;
                }
                Some(Err(error)) => {
                    some.say(&error);
                    self.answer_lost(&path.display().to_string(), &error)?;
                }
                None => {}
            }
        }
        // The answer is out; only its picture may be missing.
        some.at_the_end().and(drawn)
    }

    /// All pictures as one document: one object, of those that show what most of them show.
    fn read_together(&self, images: &[PathBuf]) -> Result<(), PostError> {
        let clock = CpuClock::start();
        let mut some = Unreadable::default();
        let (mut frames, mut reads) = (Frames::new(), Vec::new());
        let mut stills = Stills::new(images.iter().cloned());
        while let Some(given) = next(&mut stills) {
            match given {
                Ok((name, picture)) => {
                    let read = self.read(picture);
                    if let Some(zone) = &read.page.zone {
                        frames.add(reads.len(), zone);
                    }
                    reads.push(FrameRead {
                        name,
                        read: read.page,
                        calibrated: read.calibrated,
                    });
                }
                Err(error) => some.say(&error),
            }
        }
        let best = frames.best();
        let counted: Vec<usize> = best.iter().flat_map(|b| b.frames.clone()).collect();
        let names = counted.iter().map(|f| reads[*f].name.clone()).collect();
        // The zone's corners are those of the latest frame that counted.
        let latest = counted.last().copied();
        let base = latest.or(reads.len().checked_sub(1));
        if let Some(base) = base.map(|b| reads.swap_remove(b)) {
            let read = with(base.read, best);
            let object = self.object(&base.name, read, base.calibrated, clock);
            self.answer(&object.of_frames(names))?;
        }
        some.at_the_end()
    }

    /// Reads what the source gives. The inner error is the source's.
    fn watch(
        &self,
        source: &mut dyn Source,
        mut frames: Option<Frames<String>>,
        count: Option<NonZeroUsize>,
        stop: &Stop,
    ) -> Result<Result<(), SourceError>, PostError> {
        let mut some = Unreadable::default();
        let mut left = count.map_or(usize::MAX, NonZeroUsize::get);
        while left > 0 && !stop.is_told() {
            match source.next(PATIENCE) {
                Ok(Next::NothingYet) => continue,
                Ok(Next::Ended) => break,
                Ok(Next::Sight(Sight { name, content })) => {
                    let clock = CpuClock::start();
                    let object = match content {
                        Content::ZoneText(text) => self.typed(&name, &text, clock)?,
                        Content::Frame(picture) => {
                            let Read {
                                page, calibrated, ..
                            } = self.read(picture);
                            match &mut frames {
                                None => self.object(&name, page, calibrated, clock),
                                Some(frames) => {
                                    let zone = page.zone.as_ref();
                                    let combined = zone.and_then(|z| frames.add(name.clone(), z));
                                    let counted = combined.as_ref().map(|c| c.frames.clone());
                                    self.object(&name, with(page, combined), calibrated, clock)
                                        .of_frames(counted.unwrap_or_default())
                                }
                            }
                        }
                    };
                    self.answer(&object)?;
                }
                Err(error) if error.reach() == Reach::OneSight => {
                    some.say(&error);
                    self.answer_lost(sight_of(&error), &error)?;
                }
                Err(error) => return Ok(Err(error)),
            }
            left -= 1;
        }
        some.at_the_end().map(Ok)
    }

    fn object(
        &self,
        name: &str,
        read: PageRead,
        calibrated: bool,
        clock: CpuClock,
    ) -> ReadingObject {
        let checked = stages::zone(&read, self.today);
        ReadingObject::of_page(name, read, checked, clock.ms()).calibrated(calibrated)
    }

    /// What a swipe reader sent, as `mpaka zone` answers it.
    fn typed(&self, name: &str, text: &str, clock: CpuClock) -> Result<ReadingObject, PostError> {
        let zone = Zone::parse(text).map_err(|source| PostError::Zone {
            name: name.to_owned(),
            source,
        })?;
        Ok(ReadingObject::of_text(name, &zone, self.today, clock.ms()))
    }

    fn answer(&self, object: &ReadingObject) -> Result<(), PostError> {
        self.context.out.answer(object, || object.to_text())
    }

    /// With `--json` every sight has its object; for a person it was said already.
    fn answer_lost(&self, name: &str, error: &SourceError) -> Result<(), PostError> {
        if !self.context.out.json {
            return Ok(());
        }
        self.answer(&ReadingObject::unreadable(name, error.to_string()))
    }
}

/// The next still picture and its name.
fn next(stills: &mut Stills) -> Option<Result<(String, Picture), SourceError>> {
    match stills.next(PATIENCE) {
        Ok(Next::Sight(Sight {
            name,
            content: Content::Frame(picture),
        })) => Some(Ok((name, picture))),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    }
}

/// Which sight an error is about.
fn sight_of(error: &SourceError) -> &str {
    match error {
        SourceError::Picture { name, .. }
        | SourceError::Text { name, .. }
        | SourceError::NotOpened { name, .. }
        | SourceError::Lost { name, .. } => name,
        SourceError::Unreachable { path, .. } => path.to_str().unwrap_or_default(),
    }
}

/// The page with the zone that all frames of it show together.
fn with<N>(mut read: PageRead, combined: Option<Combined<N>>) -> PageRead {
    if let Some(Combined { zone, check, .. }) = combined {
        read.zone = Some(zone);
        let of_one = |c: &&mut rules::Check| c.check == CheckId::ZoneEvidence;
        if let Some(of_one) = read.zone_checks.iter_mut().find(of_one) {
            *of_one = check;
        }
    }
    read
}

/// Whether some of the input could not be read.
#[derive(Debug, Default)]
enum Unreadable {
    #[default]
    None,
    Some,
}

impl Unreadable {
    fn say(&mut self, error: &SourceError) {
        *self = Self::Some;
        eprintln!("mpaka: {error}");
    }

    fn at_the_end(self) -> Result<(), PostError> {
        match self {
            Self::None => Ok(()),
            Self::Some => Err(PostError::SomeUnreadable),
        }
    }
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
        outline: read
            .located
            .as_ref()
            .map(|l| l.outline.corners)
            .or(read.bare.map(|page| page.corners)),
    };
    let png = page::draw(picture, &marks)
        .and_then(|drawn| drawn.to_png())
        .map_err(|e| PostError::picture(out, e))?;
    durable::replace(out, &png, Readers::Anyone).map_err(|e| PostError::text(out, e))
}
