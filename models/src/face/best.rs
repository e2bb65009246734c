//! The best of several frames of one traveller.

use super::FaceInspection;
use std::cmp::Ordering;

/// The place of the frame to compare: one usable face, then the least that could be better, then the sharpest;
/// of equals the first. `None` where no frame holds one usable face.
pub fn best_frame<'a>(frames: impl IntoIterator<Item = &'a FaceInspection>) -> Option<usize> {
    let usable = frames.into_iter().enumerate();
    let usable = usable.filter(|(_, f)| f.main.is_some() && f.obstacle.is_none());
    let best = usable.reduce(|best, other| match order(best.1, other.1) {
        Ordering::Less => other,
        Ordering::Equal | Ordering::Greater => best,
    });
    best.map(|(at, _)| at)
}

/// Which of two usable frames is the better one: the greater.
fn order(a: &FaceInspection, b: &FaceInspection) -> Ordering {
    let wanting = |frame: &FaceInspection| frame.quality.guidance().len();
    let sharp = |frame: &FaceInspection| frame.quality.find("sharpness").map_or(0.0, |m| m.value);
    let less = wanting(b).cmp(&wanting(a));
    less.then_with(|| sharp(a).total_cmp(&sharp(b)))
}
