//! One page under other lamps: the generic optical checks of BSI TR-03135 that need no knowledge of the
//! document. The zone's ink must be dark in the near infrared (B900, Doc 9303-3: readers look there), and
//! a travel document's paper must not shine under ultraviolet as office paper does (Doc 9303-2,
//! appendix A, substrate materials).
//!
//! `Failed` takes proof that the pictures show the same page from the same place, well exposed; anything
//! less is `Undetermined`, and a lamp that the reader does not have is `NotSupported`.

use crate::focus::{Patch, median};
use crate::outline::Located;
use crate::plane::{Plane, Pyramid};
use crate::pose::{Mm, Px, Side};
use crate::{LineReader, PageReading, Picture, decode, seek};
use rules::{Check, CheckId, Outcome};

/// Other pictures of the page, taken by the same reader from the same place; none where it has no such lamp.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lamps {
    /// Under near infrared, 850 to 950 nm.
    pub infrared: Option<Picture>,
    /// Under ultraviolet, 365 nm.
    pub ultraviolet: Option<Picture>,
}

/// The checks of a page's other pictures.
#[must_use]
pub fn under_lamps(
    white: &Picture,
    reading: &PageReading,
    lamps: &Lamps,
    reader: &dyn LineReader,
) -> Vec<Check> {
    let ask = |check, picture: Option<&Picture>, lamp: &str, answer: Answer<'_>| {
        let Some(picture) = picture else {
            return Check::new(
                check,
                Outcome::NotSupported,
                format!("no picture under {lamp} was taken"),
            )
            .saying("lamp-none", []);
        };
        let found = match &reading.located {
            None => open("no page was found under white light", "detail-no-page"),
            Some(_) if !same_shape(white, picture) => open(
                format!("the picture under {lamp} was not taken from the same place"),
                OTHER_PLACE,
            ),
            Some(located) => answer(picture, located),
        };
        let check = Check::new(check, found.outcome, found.why);
        match found.key {
            Some(key) => check.saying(key, []),
            None => check,
        }
    };
    vec![
        ask(
            CheckId::PageInfraredZone,
            lamps.infrared.as_ref(),
            "infrared",
            &|picture, located| infrared(white, picture, located, reading, reader),
        ),
        ask(
            CheckId::PageUltravioletDullness,
            lamps.ultraviolet.as_ref(),
            "ultraviolet",
            &|picture, located| ultraviolet(white, picture, located),
        ),
    ]
}

/// What one lamp's picture answers, with why.
type Answer<'a> = &'a dyn Fn(&Picture, &Located) -> Found;

/// What one lamp's picture says.
struct Found {
    outcome: Outcome,
    /// In English, for the record.
    why: String,
    /// The sentence of the locale files, where there is anything to say.
    key: Option<&'static str>,
}

/// Nothing against the page.
fn fine() -> Found {
    Found {
        outcome: Outcome::Successful,
        why: String::new(),
        key: None,
    }
}

fn open(why: impl Into<String>, key: &'static str) -> Found {
    Found {
        outcome: Outcome::Undetermined,
        why: why.into(),
        key: Some(key),
    }
}

/// Evidence against the page.
fn failed(why: String, key: &'static str) -> Found {
    Found {
        outcome: Outcome::Failed,
        why,
        key: Some(key),
    }
}

/// Two pictures are not of the same page in the same place.
const OTHER_PLACE: &str = "detail-lamp-other-place";

/// Whether two pictures can be of the same view, perhaps at another resolution.
fn same_shape(a: &Picture, b: &Picture) -> bool {
    let shape = |p: &Picture| f64::from(p.width()) / f64::from(p.height());
    (shape(a) / shape(b) - 1.0).abs() < 0.01
}

/// From a place of one picture to the same place of another of the same view.
fn carry(from: [usize; 2], to: [usize; 2]) -> impl Fn(Px) -> Px {
    let scale = [0, 1].map(|k| to[k] as f64 / from[k] as f64);
    move |p| [0, 1].map(|k| (p[k] + 0.5) * scale[k] - 0.5)
}

fn extent(picture: &Pyramid<'_>) -> [usize; 2] {
    picture.size().into()
}

/// The share of characters that must read the same under infrared.
const AGREEING: f64 = 0.9;
/// The share of its contrast under white light that absent ink keeps at most.
const ABSENT: f64 = 0.22;
/// The least contrast of ink under white light, as a share of the paper's level, from which its absence
/// elsewhere says something.
const CLEAR: f64 = 0.35;
/// Paper that is well exposed lies between these levels.
const EXPOSED: (f64, f64) = (45.0, 253.0);
/// How alike two pictures' structures must be to be of the same page in the same place.
const ALIKE: f64 = 0.25;

fn infrared(
    white: &Picture,
    picture: &Picture,
    located: &Located,
    reading: &PageReading,
    reader: &dyn LineReader,
) -> Found {
    let other = Pyramid::of(picture);
    let seen = seek::zone(&other, reader, decode::zone);
    if let (Some((_, (seen, _))), Some(zone)) = (&seen, &reading.zone) {
        let share = agreement(&seen.lines, &zone.lines);
        return if share >= AGREEING {
            fine()
        } else {
            open(
                format!(
                    "under infrared another zone is read: {}",
                    seen.lines.join(" / ")
                ),
                "detail-infrared-other-zone",
            )
        };
    }
    let white = Pyramid::of(white);
    let carry = carry(extent(&white), extent(&other));
    let (Some(in_white), Some(in_infrared)) =
        (ink(&white, located, &|p| p), ink(&other, located, &carry))
    else {
        return open("the zone cannot be measured", "detail-lamp-unclear");
    };
    if in_white.contrast < CLEAR {
        let why = "the zone is faint under white light already";
        return open(why, "detail-zone-faint");
    }
    if !(EXPOSED.0..=EXPOSED.1).contains(&in_infrared.paper) {
        let why = "the picture under infrared is too dark or too bright";
        return open(why, "detail-lamp-exposure");
    }
    if in_infrared.contrast > ABSENT * in_white.contrast {
        let why = "the zone shows under infrared and cannot be read there";
        return open(why, "detail-lamp-unclear");
    }
    if likeness(&white, &other, located, &carry) < ALIKE {
        let why = "the picture under infrared may not be of the same page";
        return open(why, OTHER_PLACE);
    }
    failed(
        format!(
            "the zone is printed in ink that infrared does not show: {:.0} % of its contrast remain",
            100.0 * in_infrared.contrast / in_white.contrast
        ),
        "detail-infrared-vanishes",
    )
}

/// The share of characters that two readings have in common, place by place.
fn agreement(a: &[String], b: &[String]) -> f64 {
    let all = b.iter().map(|l| l.chars().count()).sum::<usize>().max(1);
    let same: usize = a
        .iter()
        .zip(b)
        .map(|(a, b)| a.chars().zip(b.chars()).filter(|(x, y)| x == y).count())
        .sum();
    same as f64 / all as f64
}

/// How a zone's ink stands against its paper.
struct Ink {
    /// From ink to paper, as a share of the paper's level.
    contrast: f64,
    /// The paper's level.
    paper: f64,
}

/// The zone's ink in a picture, wherever `carry` finds its characters there.
fn ink(picture: &Pyramid<'_>, located: &Located, carry: &dyn Fn(Px) -> Px) -> Option<Ink> {
    const TOGETHER: usize = 3;
    const REACH_MM: f64 = 1.6;
    let mut contrasts = Vec::new();
    let mut papers = Vec::new();
    for line in &located.zone.lines {
        for piece in line.windows(TOGETHER).step_by(TOGETHER - 1) {
            let (from, to) = (carry(piece[0]), carry(piece[TOGETHER - 1]));
            let per_mm = (to[0] - from[0]).hypot(to[1] - from[1])
                / (crate::pose::PITCH_MM * (TOGETHER - 1) as f64);
            let patch = Patch::of(picture, [from, to], REACH_MM, per_mm);
            let paper = f64::from(patch.level(0.9));
            contrasts.push((paper - f64::from(patch.level(0.06))) / paper.max(1.0));
            papers.push(paper);
        }
    }
    Some(Ink {
        contrast: median(&mut contrasts)?,
        paper: median(&mut papers)?,
    })
}

/// How alike the structure of two pictures is around the page, its zone aside: the correlation of their
/// edges, -1 to 1, at the best of small shifts.
fn likeness(
    white: &Pyramid<'_>,
    other: &Pyramid<'_>,
    located: &Located,
    carry: &dyn Fn(Px) -> Px,
) -> f64 {
    /// From place to place, and how far the pictures may be shifted, millimetres.
    const STEP_MM: f64 = 0.75;
    const SHIFT_MM: f64 = 1.5;
    /// How far around the page its surroundings are looked at.
    const AROUND_MM: f64 = 3.0;
    let per_mm = f64::from(located.dpi) / 25.4;
    let coarse = (per_mm * STEP_MM / 2.0).max(1.0) as f32;
    let small_white = white.reduced(coarse);
    let ratio = other.size().0 as f32 / white.size().0 as f32;
    let small_other = other.reduced((coarse * ratio).max(1.0));
    let to_white = self::carry(extent(white), [small_white.width, small_white.height]);
    let to_other = self::carry(extent(other), [small_other.width, small_other.height]);
    let place = located.pose.placing();
    let [left, top] = located.pose.corners()[0];
    let [width, height] = located.pose.size_mm();
    let zone_top = -(located.zone.lines.len() as f64) * located.pose.spacing_mm();
    let mut places: Vec<Mm> = Vec::new();
    let mut y = top - AROUND_MM;
    while y < top + height + AROUND_MM {
        let mut x = left - AROUND_MM;
        while x < left + width + AROUND_MM {
            let beside_zone = y < zone_top || y > 3.0;
            if beside_zone {
                places.push([x, y]);
            }
            x += STEP_MM;
        }
        y += STEP_MM;
    }
    let steepness = |plane: &Plane, to: &dyn Fn(Px) -> Px, shift: Mm| -> Vec<f64> {
        let at = |x: f64, y: f64| {
            let p = to(place([x + shift[0], y + shift[1]]));
            f64::from(plane.sample([p[0] as f32, p[1] as f32]))
        };
        let half = STEP_MM / 2.0;
        places
            .iter()
            .map(|[x, y]| {
                (at(x + half, *y) - at(x - half, *y)).hypot(at(*x, y + half) - at(*x, y - half))
            })
            .collect()
    };
    let of_white = steepness(&small_white, &to_white, [0.0; 2]);
    let steps = (SHIFT_MM / STEP_MM) as i32;
    let mut best = -1.0f64;
    for dx in -steps..=steps {
        for dy in -steps..=steps {
            let shift = [f64::from(dx) * STEP_MM, f64::from(dy) * STEP_MM];
            let of_other = steepness(&small_other, &|p| to_other(carry(p)), shift);
            best = best.max(correlation(&of_white, &of_other));
        }
    }
    best
}

/// Pearson's correlation of two equally long rows; 0 where one does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().max(1) as f64;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma) * (x - ma);
        bb += (y - mb) * (y - mb);
    }
    if aa > 0.0 && bb > 0.0 {
        ab / (aa * bb).sqrt()
    } else {
        0.0
    }
}

/// Paper that is dull under ultraviolet stays below this level, of 255.
const DULL: f64 = 100.0;
/// Paper that shines reaches this one.
const SHINING: f64 = 150.0;
/// A picture whose brightest places stay below this shows nothing: is the lamp on?
const DARK: f64 = 20.0;

fn ultraviolet(white: &Picture, picture: &Picture, located: &Located) -> Found {
    /// Places that are looked at along and across.
    const GRID: usize = 90;
    let size = |p: &Picture| [p.width() as usize, p.height() as usize];
    let carry = carry(size(white), size(picture));
    let place = located.pose.placing();
    let zone_top = -(located.zone.lines.len() as f64) * located.pose.spacing_mm();
    let (mut page, mut zone) = (Vec::new(), Vec::new());
    for i in 0..GRID {
        for j in 0..GRID {
            let part = |k: usize| (k as f64 + 0.5) / GRID as f64;
            let [x, _] = located.pose.on_edge(Side::Bottom, part(i), 0.0);
            let [_, y] = located.pose.on_edge(Side::Left, part(j), 0.0);
            let at = carry(place([x, y]));
            let inside = at[0] >= 0.0
                && at[1] >= 0.0
                && at[0] < f64::from(picture.width())
                && at[1] < f64::from(picture.height());
            if inside {
                let [r, g, b] = picture.rgb().get_pixel(at[0] as u32, at[1] as u32).0;
                let level = f64::from(r.max(g).max(b));
                if y > zone_top {
                    zone.push(level);
                } else {
                    page.push(level);
                }
            }
        }
    }
    let brightest = page.iter().chain(&zone).copied().fold(0.0, f64::max);
    // Ink covers less than half of a zone's place: its middle level is the paper's.
    let (Some(of_page), Some(of_zone)) = (median(&mut page), median(&mut zone)) else {
        return open("the page is not in the picture", OTHER_PLACE);
    };
    let levels = format!("paper at {of_page:.0} of 255, at {of_zone:.0} around the zone");
    if brightest < DARK {
        let why = "the picture under ultraviolet is black: is the lamp on?";
        open(why, "detail-lamp-exposure")
    } else if of_page <= DULL && of_zone <= DULL {
        fine()
    } else if of_page >= SHINING && of_zone >= SHINING {
        failed(
            format!("the paper shines under ultraviolet: {levels}"),
            "detail-paper-shines",
        )
    } else {
        open(
            format!("the paper is neither dull nor shining: {levels}"),
            "detail-paper-between",
        )
    }
}
