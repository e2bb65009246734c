//! Reflections: where light lies over the print and takes it away.

use crate::focus::{Patch, median};
use crate::plane::Pyramid;
use crate::pose::{Pose, Px, Side, ZonePlace};

/// Characters that are looked at together.
const TOGETHER: usize = 3;
/// How far above and below a line's middle, millimetres.
const REACH_MM: f64 = 1.4;
/// A level from which a pixel is taken as overexposed.
const WHITE: f32 = 251.0;

/// The share of a zone whose print a reflection has taken, 0 to 1: brighter than the paper elsewhere, and
/// its ink faint. (Every place of a zone bears ink, if only of a filler.)
pub(crate) fn on_zone(picture: &Pyramid<'_>, zone: &ZonePlace, pixels_per_mm: f64) -> f64 {
    let mut pieces: Vec<(f64, f64)> = Vec::new();
    for line in &zone.lines {
        for piece in line.windows(TOGETHER).step_by(TOGETHER - 1) {
            let patch = Patch::of(
                picture,
                [piece[0], piece[TOGETHER - 1]],
                REACH_MM,
                pixels_per_mm,
            );
            pieces.push((f64::from(patch.level(0.05)), f64::from(patch.level(0.9))));
        }
    }
    let mut papers: Vec<f64> = pieces.iter().map(|(_, paper)| *paper).collect();
    let mut depths: Vec<f64> = pieces.iter().map(|(ink, paper)| paper - ink).collect();
    let (Some(paper), Some(depth)) = (median(&mut papers), median(&mut depths)) else {
        return 0.0;
    };
    let washed = |(ink, light): &(f64, f64)| {
        let brighter = *light > 1.03 * paper || *light >= f64::from(WHITE);
        brighter && light - ink < 0.5 * depth.max(60.0) && *ink > 0.55 * paper
    };
    pieces.iter().filter(|p| washed(p)).count() as f64 / pieces.len() as f64
}

/// The share of a page that is overexposed where the page as a whole is not, 0 to 1.
pub(crate) fn on_page(picture: &Pyramid<'_>, pose: &Pose) -> f64 {
    within(picture, |[x, y]| {
        let [along, _] = pose.on_edge(Side::Bottom, x, 0.0);
        let [_, up] = pose.on_edge(Side::Left, y, 0.0);
        pose.place([along, up])
    })
}

/// The same of whatever lies where `place` says that a share of the way along and across is.
pub(crate) fn within(picture: &Pyramid<'_>, place: impl Fn([f64; 2]) -> Px) -> f64 {
    /// Places that are looked at along and across.
    const GRID: usize = 64;
    let (width, height) = picture.size();
    let whole = picture.look(1.0);
    let mut levels = Vec::with_capacity(GRID * GRID);
    for i in 0..GRID {
        for j in 0..GRID {
            let part = |k: usize| (k as f64 + 0.5) / GRID as f64;
            let at = place([part(i), part(j)]);
            let inside = at[0] >= 0.0
                && at[1] >= 0.0
                && at[0] <= (width - 1) as f64
                && at[1] <= (height - 1) as f64;
            if inside {
                levels.push(f64::from(whole.sample(at[0] as f32, at[1] as f32)));
            }
        }
    }
    share_overexposed(&mut levels)
}

/// The share of these levels that is overexposed; none where most are bright: white paper, well lit.
fn share_overexposed(levels: &mut [f64]) -> f64 {
    const BRIGHT: f64 = 225.0;
    match median(levels) {
        Some(middle) if middle < BRIGHT => {
            let white = levels.iter().filter(|l| **l >= f64::from(WHITE)).count();
            white as f64 / levels.len() as f64
        }
        _ => 0.0,
    }
}
