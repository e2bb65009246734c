//! Presses documents of Utopia and photographs them: pictures for tests, demos and measuring.

mod card;

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use card::ChipWords;
use clap::{Args, Parser, Subcommand, ValueEnum};
use image::RgbImage;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use mpaka_tests::utopia::live::{LiveShot, live_picture};
use mpaka_tests::utopia::no_zone::photograph_without_zone;
use mpaka_tests::utopia::{
    Altered, Drawn, Fault, Fonts, Lamp, Level, Page, Photograph, Seed, Shot, Traveller,
    UtopiaError, draw_page, drawn_face, open_picture, photograph_with, press,
};
use rules::date::PartialDate;
use rules::mrz::{Format, Sex};

/// Presses documents of the made-up state of Utopia and photographs them. The same seed gives the same
/// bytes on every machine.
#[derive(Parser)]
#[command(version)]
struct Words {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// One document; what is not given comes from the seed.
    Page(PageWords),
    /// Many documents of random travellers, with their truth in DIR/truth.jsonl.
    Batch(BatchWords),
    /// Many pictures without a zone, with their truth in DIR/truth.jsonl.
    NoZone(NoZoneWords),
    /// A door camera's picture of a portrait.
    Live(LiveWords),
    /// A chip in a virtual PC/SC reader of its own (needs root, pcscd and vsmartcard-vpcd), until the standard
    /// input ends; or one that is read here.
    Chip(ChipWords),
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatWord {
    Td1,
    Td2,
    Td3,
    MrvA,
    MrvB,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Td1 => Self::Td1,
            FormatWord::Td2 => Self::Td2,
            FormatWord::Td3 => Self::Td3,
            FormatWord::MrvA => Self::MrvA,
            FormatWord::MrvB => Self::MrvB,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum SexWord {
    #[value(name = "F", alias = "f")]
    Female,
    #[value(name = "M", alias = "m")]
    Male,
    #[value(name = "X", alias = "x")]
    Unspecified,
}

#[derive(Args)]
struct PageWords {
    /// The kind of document.
    #[arg(long, value_enum, default_value = "td3")]
    format: FormatWord,
    /// Document number.
    #[arg(long)]
    number: Option<String>,
    /// Surname.
    #[arg(long)]
    surname: Option<String>,
    /// Given names; empty for none.
    #[arg(long)]
    given: Option<String>,
    /// Three-letter code.
    #[arg(long)]
    nationality: Option<String>,
    /// Three-letter code of the issuing state.
    #[arg(long)]
    issuer: Option<String>,
    /// Date of birth: 1974-08-12, or 1974-08, or 1974.
    #[arg(long)]
    birth: Option<PartialDate>,
    /// Sex.
    #[arg(long, value_enum)]
    sex: Option<SexWord>,
    /// Date of expiry.
    #[arg(long)]
    expiry: Option<Date>,
    /// Personal number in the optional data; empty for none.
    #[arg(long)]
    personal: Option<String>,
    /// The portrait's picture file; a drawn face where none is given.
    #[arg(long)]
    portrait: Option<PathBuf>,
    /// How badly it is photographed.
    #[arg(long, value_enum, default_value = "easy", conflicts_with = "flat")]
    level: Level,
    /// The press's own print instead of a photograph: PNG, front and back one above the other.
    #[arg(long)]
    flat: bool,
    /// What is wrong with the document.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    #[command(flatten)]
    setting: Setting,
    /// What of the visual zone was altered after issue; the zone says what was issued.
    #[arg(long, value_enum)]
    altered: Option<Altered>,
    /// Dots per inch at the page's middle (of the print with --flat: 300); from the level if not given.
    #[arg(long)]
    dpi: Option<f32>,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The picture: JPEG (PNG with --flat).
    #[arg(long)]
    out: PathBuf,
    /// Where the truth goes, one JSON object.
    #[arg(long)]
    truth: Option<PathBuf>,
}

/// The day that stands for today where none is given: batches must not change overnight.
const DAY: &str = "2026-09-01";

#[derive(Args)]
struct BatchWords {
    /// How many.
    #[arg(long)]
    count: u64,
    /// How many photographs of each, from desks, places and hands of their own.
    #[arg(long, default_value = "1", value_name = "N")]
    frames: NonZeroU64,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How badly they are photographed.
    #[arg(long, value_enum, default_value = "easy")]
    level: Level,
    /// The formats to draw from, repeated or comma-separated; all, passports and cards mostly, if not given.
    #[arg(long, value_enum, value_delimiter = ',')]
    format: Vec<FormatWord>,
    /// One page in so many has a fault; none if not given.
    #[arg(long, default_value_t = 0)]
    one_fault_in: u32,
    /// What of the visual zone was altered after issue, on every page.
    #[arg(long, value_enum)]
    altered: Option<Altered>,
    /// A folder of portraits to choose from; drawn faces if not given.
    #[arg(long)]
    portraits: Option<PathBuf>,
    #[command(flatten)]
    setting: Setting,
    /// Dots per inch at every page's middle, instead of the level's.
    #[arg(long)]
    dpi: Option<f32>,
    /// The folder; made where it is absent.
    #[arg(long)]
    out: PathBuf,
}

/// Under which lamp and on which day.
#[derive(Args)]
struct Setting {
    /// The lamp over the document.
    #[arg(long, value_enum, default_value = "white")]
    lamp: Lamp,
    /// The day on which a document is valid or has expired.
    #[arg(long, default_value = DAY)]
    today: Date,
}

#[derive(Args)]
struct NoZoneWords {
    /// How many.
    #[arg(long)]
    count: u64,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How badly they are photographed; each at a level of its own if not given.
    #[arg(long, value_enum)]
    level: Option<Level>,
    /// The day on which documents are valid.
    #[arg(long, default_value = DAY)]
    today: Date,
    /// The folder; made where it is absent.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct LiveWords {
    /// The portrait's picture file.
    #[arg(long)]
    portrait: PathBuf,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The picture, JPEG.
    #[arg(long)]
    out: PathBuf,
    /// Where the faults of the picture go, one JSON object.
    #[arg(long)]
    truth: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Words::parse().work {
        Work::Page(words) => page(&words),
        Work::Batch(words) => batch(&words),
        Work::NoZone(words) => no_zone(&words),
        Work::Live(words) => live(&words),
        Work::Chip(words) => return card::chip(&words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpaka-utopia: {error}");
            // 3: the input cannot be read; 4: something needed is absent; 2: anything else asked wrongly.
            ExitCode::from(match error {
                UtopiaError::PictureUnreadable { .. } | UtopiaError::File { .. } => 3,
                UtopiaError::FontAbsent { .. } | UtopiaError::FontUnreadable { .. } => 4,
                _ => 2,
            })
        }
    }
}

fn page(words: &PageWords) -> Result<(), UtopiaError> {
    let bar = bar(if words.flat { 3 } else { 4 });
    bar.set_message("founts and portrait");
    let fonts = Fonts::load()?;
    let seed = Seed(words.seed);
    let portrait = match &words.portrait {
        Some(path) => open_picture(path)?,
        None => drawn_face(seed),
    };
    let format = words.format.into();
    let traveller = traveller(words, format);
    let mut page = Page::new(traveller, format, portrait, words.setting.today, seed);
    page.fault = words.fault;
    page.altered = words.altered;
    page.lamp = words.setting.lamp;
    let mut shot = Shot::draw(words.level, seed);
    if words.flat {
        page.dpi = words.dpi.unwrap_or(page.dpi);
    } else {
        shot.dpi = words.dpi.unwrap_or(shot.dpi);
        page.wear = shot.wear;
        page.dpi = shot.press_dpi();
    }
    bar.inc(1);
    bar.set_message("pressing");
    let pressed = press(&page, &fonts)?;
    bar.inc(1);
    if words.flat {
        let sides: Vec<&RgbImage> = pressed.sides.iter().map(|s| &s.picture).collect();
        write_picture(&words.out, &stacked(&sides))?;
    } else {
        bar.set_message("photographing");
        let taken = photograph_with(&pressed, &fonts, words.level, &shot, seed);
        bar.inc(1);
        write(&words.out, &taken.jpeg()?)?;
        if let Some(path) = &words.truth {
            write(path, truth_line(taken, &words.out).as_bytes())?;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The traveller as the words say, and where they say nothing as the seed gives.
fn traveller(words: &PageWords, format: Format) -> Traveller {
    let mut t = Traveller::draw(Seed(words.seed), format, words.setting.today);
    let set = |field: &mut String, word: &Option<String>| {
        if let Some(word) = word {
            word.to_uppercase().trim().clone_into(field);
        }
    };
    set(&mut t.document_number, &words.number);
    set(&mut t.nationality, &words.nationality);
    set(&mut t.issuing_state, &words.issuer);
    set(&mut t.personal_number, &words.personal);
    set(&mut t.surname, &words.surname);
    // Who is given a surname is not also given somebody else's given names.
    if words.surname.is_some() && words.given.is_none() {
        t.given_names.clear();
    }
    set(&mut t.given_names, &words.given);
    t.birth = words.birth.unwrap_or(t.birth);
    t.sex = match words.sex {
        Some(SexWord::Female) => Sex::Female,
        Some(SexWord::Male) => Sex::Male,
        Some(SexWord::Unspecified) => Sex::Unspecified,
        None => t.sex,
    };
    if let Some(expiry) = words.expiry {
        let moved = expiry - t.expiry;
        t.issue = t.issue.saturating_add(moved);
        t.expiry = expiry;
    }
    t
}

fn batch(words: &BatchWords) -> Result<(), UtopiaError> {
    let fonts = Fonts::load()?;
    let portraits = match &words.portraits {
        Some(folder) => portraits(folder)?,
        None => Vec::new(),
    };
    let formats: Vec<Format> = if words.format.is_empty() {
        use Format::{MrvA, MrvB, Td1, Td2, Td3};
        vec![Td3, Td3, Td3, Td3, Td1, Td1, Td1, Td2, MrvA, MrvB]
    } else {
        words.format.iter().map(|w| (*w).into()).collect()
    };
    let drawn = Drawn {
        formats: &formats,
        one_fault_in: words.one_fault_in,
        portraits: &portraits,
        today: words.setting.today,
        level: words.level,
    };
    many(
        words.count,
        words.frames,
        words.seed,
        &words.out,
        |seed, frame| {
            let mut page = draw_page(&drawn, seed);
            page.altered = words.altered;
            page.lamp = words.setting.lamp;
            // The first photograph is the one there is without others.
            let taken = match frame {
                0 => seed,
                _ => seed.child("frame", frame),
            };
            let mut shot = Shot::draw(words.level, taken);
            shot.dpi = words.dpi.unwrap_or(shot.dpi);
            page.dpi = shot.press_dpi();
            Ok(photograph_with(
                &press(&page, &fonts)?,
                &fonts,
                words.level,
                &shot,
                taken,
            ))
        },
    )
}

fn no_zone(words: &NoZoneWords) -> Result<(), UtopiaError> {
    let fonts = Fonts::load()?;
    many(
        words.count,
        NonZeroU64::MIN,
        words.seed,
        &words.out,
        |seed, _| {
            let any = Level::ALL[(seed.0 % Level::ALL.len() as u64) as usize];
            let level = words.level.unwrap_or(any);
            Ok(photograph_without_zone(&fonts, level, words.today, seed)?.1)
        },
    )
}

fn live(words: &LiveWords) -> Result<(), UtopiaError> {
    let bar = bar(1);
    let portrait = open_picture(&words.portrait)?;
    let shot = LiveShot::draw(Seed(words.seed));
    write(&words.out, &live_picture(&portrait, &shot)?)?;
    if let Some(path) = &words.truth {
        let line = serde_json::to_string(&shot).expect("plain numbers always make JSON");
        write(path, format!("{line}\n").as_bytes())?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// Takes many pictures into a folder, numbered from 0 (`00003-1` is the second of several frames), with
/// one line of truth each. Every core takes its share; what is taken depends on the seed alone.
fn many(
    count: u64,
    frames: NonZeroU64,
    seed: u64,
    out: &Path,
    take: impl Fn(Seed, u64) -> Result<Photograph, UtopiaError> + Sync,
) -> Result<(), UtopiaError> {
    std::fs::create_dir_all(out).map_err(|source| UtopiaError::File {
        path: out.to_owned(),
        source,
    })?;
    let all = count.saturating_mul(frames.get());
    let bar = bar(all);
    let one = |index: u64| {
        let (number, frame) = (index / frames, index % frames);
        let taken = take(Seed(seed).child("many", number), frame)?;
        let path = out.join(match frames.get() {
            1 => format!("{number:05}.jpg"),
            _ => format!("{number:05}-{frame}.jpg"),
        });
        write(&path, &taken.jpeg()?)?;
        bar.inc(1);
        Ok((index, truth_line(taken, &path)))
    };
    let next = AtomicU64::new(0);
    let share = || -> Result<Vec<(u64, String)>, UtopiaError> {
        std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < all))
            .map(one)
            .collect()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let shares: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(share)).collect();
        workers.into_iter().map(|w| w.join()).collect()
    });
    let mut truths = Vec::new();
    for share in shares {
        truths.extend(share.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    truths.sort();
    let lines: String = truths.into_iter().map(|(_, line)| line).collect();
    write(&out.join("truth.jsonl"), lines.as_bytes())?;
    bar.finish_and_clear();
    Ok(())
}

/// The truth as one line of JSON, naming the picture's file.
fn truth_line(taken: Photograph, path: &Path) -> String {
    let mut truth = taken.truth;
    truth.image = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let line = serde_json::to_string(&truth).expect("a truth holds nothing that JSON cannot");
    format!("{line}\n")
}

/// The pictures of a folder, in the order of their names.
fn portraits(folder: &Path) -> Result<Vec<RgbImage>, UtopiaError> {
    let failed = |source| UtopiaError::File {
        path: folder.to_owned(),
        source,
    };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.retain(|p| {
        p.extension().is_some_and(|e| {
            ["jpg", "jpeg", "png"]
                .iter()
                .any(|w| e.eq_ignore_ascii_case(w))
        })
    });
    paths.sort();
    paths.iter().map(|p| open_picture(p)).collect()
}

/// Pictures one above the other.
fn stacked(pictures: &[&RgbImage]) -> RgbImage {
    let gap = 20;
    let width = pictures.iter().map(|p| p.width()).max().unwrap_or(1);
    let height = pictures
        .iter()
        .map(|p| p.height() + gap)
        .sum::<u32>()
        .max(gap + 1)
        - gap;
    let mut sheet = RgbImage::from_pixel(width, height, image::Rgb([255; 3]));
    let mut y = 0;
    for picture in pictures {
        image::imageops::replace(&mut sheet, *picture, 0, y);
        y += i64::from(picture.height() + gap);
    }
    sheet
}

fn write_picture(path: &Path, picture: &RgbImage) -> Result<(), UtopiaError> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(image::codecs::png::PngEncoder::new(&mut bytes))?;
    write(path, &bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), UtopiaError> {
    std::fs::write(path, bytes).map_err(|source| UtopiaError::File {
        path: path.to_owned(),
        source,
    })
}

/// A progress bar on stderr; nothing where stderr is no terminal.
fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta} {msg}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
