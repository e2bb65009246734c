//! A page in whose picture no zone was read: its outline by its edges alone, and what would make a better
//! picture of it. Without a zone there is no ruler: which way up it lies, its size and its resolution are
//! not known, only guessed from its shape.

use crate::focus::{self, Patch};
use crate::glare;
use crate::guidance::{self, Guidance};
use crate::outline::{DocumentSize, EdgeEvidence};
use crate::plane::{Plane, Pyramid};
use crate::pose::Px;
use opencv::core::{Mat, Point, Size, Vector};
use opencv::imgproc::{
    CHAIN_APPROX_NONE, MORPH_RECT, RETR_LIST, THRESH_BINARY, THRESH_OTSU, approx_poly_dp,
    arc_length, canny_def, contour_area_def, convex_hull_def, dilate_def, find_contours_def,
    gaussian_blur_def, get_structuring_element_def, is_contour_convex, threshold,
};

/// A page found by its edges alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BarePage {
    /// Its corners, clockwise in the picture from the one nearest to the picture's upper left; x then y, in
    /// pixels. Which way up the page reads is not known.
    pub corners: [[f32; 2]; 4],
    /// How its edges are known: from the first corner to the second, and so on.
    pub edges: [EdgeEvidence; 4],
}

/// Longest side, in pixels, of the copy in which the outline is looked for.
const SIDE: f32 = 400.0;
/// A page fills at least this share of the picture.
const LEAST_SHARE: f64 = 0.06;
/// The longer side over the shorter: 1.42 to 1.59 by ISO/IEC 7810, and what a tilt of 35 degrees makes of it.
const SHAPES: std::ops::Range<f64> = 1.15..1.95;
/// A change of brightness that counts as an edge, in grey levels.
const LEAST_CHANGE: f32 = 7.0;
/// The share of a side along which it must change.
const LEAST_SEEN: f32 = 0.55;
/// Beyond this an edge is blurred, a standard deviation in millimetres: leaves are thick and round at theirs, so
/// that a sharp picture may show one some tenths wide.
const BLURRED_EDGE_MM: f64 = 0.5;
/// A side so near to the picture's end, in pixels of the copy, ends with it.
const AT_BORDER: f64 = 2.5;

/// The page in a picture; `None` where nothing of a page's shape stands out.
pub(crate) fn find(picture: &Pyramid<'_>) -> Option<BarePage> {
    let (width, height) = picture.size();
    let factor = (width.max(height) as f32 / SIDE).max(1.0);
    let plane = picture.reduced(factor);
    // A picture that the library refuses to work on shows no page.
    let candidates = candidates(&plane).unwrap_or_default();
    let (_, corners, edges) = candidates
        .into_iter()
        .filter_map(|corners| judged(&plane, corners))
        .max_by(|a, b| a.0.total_cmp(&b.0))?;
    let scale = [
        width as f64 / plane.width as f64,
        height as f64 / plane.height as f64,
    ];
    let whole =
        |c: Px| -> [f32; 2] { std::array::from_fn(|k| ((c[k] + 0.5) * scale[k] - 0.5) as f32) };
    Some(BarePage {
        corners: corners.map(whole),
        edges,
    })
}

/// Every shape with four corners: around connected edges, and around what is lighter or darker than the rest.
fn candidates(plane: &Plane) -> Result<Vec<[Px; 4]>, opencv::Error> {
    let (rows, columns) = (i32::try_from(plane.height)?, i32::try_from(plane.width)?);
    let grey = Mat::new_rows_cols_with_data(rows, columns, &plane.data)?;
    let mut soft = Mat::default();
    gaussian_blur_def(&grey, &mut soft, Size::new(5, 5), 0.0)?;
    let kernel = get_structuring_element_def(MORPH_RECT, Size::new(3, 3))?;
    let mut masks = Vec::new();
    for (low, high) in [(15.0, 45.0), (40.0, 110.0)] {
        let (mut thin, mut wide) = (Mat::default(), Mat::default());
        canny_def(&soft, &mut thin, low, high)?;
        dilate_def(&thin, &mut wide, &kernel)?;
        masks.push(wide);
    }
    let mut light = Mat::default();
    threshold(&soft, &mut light, 0.0, 255.0, THRESH_BINARY | THRESH_OTSU)?;
    masks.push(light);
    let least = LEAST_SHARE * (plane.width * plane.height) as f64;
    let mut found = Vec::new();
    for mask in &masks {
        let mut contours = Vector::<Vector<Point>>::new();
        find_contours_def(mask, &mut contours, RETR_LIST, CHAIN_APPROX_NONE)?;
        for contour in contours {
            let mut hull = Vector::<Point>::new();
            convex_hull_def(&contour, &mut hull)?;
            if contour_area_def(&hull)? >= least {
                found.extend(cornered(&hull, &contour)?);
            }
        }
    }
    Ok(found)
}

/// The four corners of a contour, if it has four: where the straight middles of its sides would meet (the
/// corners of cards are round).
fn cornered(
    hull: &Vector<Point>,
    contour: &Vector<Point>,
) -> Result<Option<[Px; 4]>, opencv::Error> {
    let around = arc_length(hull, true)?;
    let mut rough = Vector::<Point>::new();
    for part in [0.02, 0.035, 0.05, 0.075] {
        approx_poly_dp(hull, &mut rough, part * around, true)?;
        if rough.len() <= 4 {
            break;
        }
    }
    if rough.len() != 4 || !is_contour_convex(&rough)? {
        return Ok(None);
    }
    let of = |p: Point| [f64::from(p.x), f64::from(p.y)];
    let corners: Vec<Px> = rough.iter().map(of).collect();
    let points: Vec<Px> = contour.iter().map(of).collect();
    let sides: Vec<Option<[Px; 2]>> = (0..4)
        .map(|k| straight(&points, corners[k], corners[(k + 1) % 4]))
        .collect();
    let mut exact = [[0.0; 2]; 4];
    for (k, corner) in exact.iter_mut().enumerate() {
        let meeting = match (sides[(k + 3) % 4], sides[k]) {
            (Some(before), Some(after)) => crate::outline::meet(before, after),
            _ => None,
        };
        *corner = meeting.unwrap_or(corners[k]);
    }
    Ok(Some(exact))
}

/// The straight line through the points of a contour beside the middle of a side.
fn straight(points: &[Px], from: Px, to: Px) -> Option<[Px; 2]> {
    const MIDDLE: std::ops::Range<f64> = 0.15..0.85;
    let d = [to[0] - from[0], to[1] - from[1]];
    let length = d[0].hypot(d[1]);
    if length < 8.0 {
        return None;
    }
    let (u, n) = (
        [d[0] / length, d[1] / length],
        [-d[1] / length, d[0] / length],
    );
    let near = points.iter().filter_map(|p| {
        let v = [p[0] - from[0], p[1] - from[1]];
        let (t, off) = (v[0] * u[0] + v[1] * u[1], v[0] * n[0] + v[1] * n[1]);
        (MIDDLE.contains(&(t / length)) && off.abs() < 0.03 * length + 1.5).then_some((t, off))
    });
    let (mut count, mut sums) = (0.0, [0.0f64; 4]);
    for (t, off) in near {
        count += 1.0;
        for (sum, value) in sums.iter_mut().zip([t, off, t * t, t * off]) {
            *sum += value;
        }
    }
    let [t, off, tt, toff] = sums.map(|s| s / f64::max(count, 1.0));
    let spread = tt - t * t;
    if count < 6.0 || spread < 1.0 {
        return None;
    }
    let slope = (toff - t * off) / spread;
    let at = |along: f64| {
        let across = off + slope * (along - t);
        [0, 1].map(|k| from[k] + u[k] * along + n[k] * across)
    };
    Some([at(0.0), at(length)])
}

/// How much a shape looks like a page, its corners in order, and how its edges are known.
fn judged(plane: &Plane, corners: [Px; 4]) -> Option<(f64, [Px; 4], [EdgeEvidence; 4])> {
    let corners = ordered(corners);
    let side = |k: usize| {
        let (a, b) = (corners[k], corners[(k + 1) % 4]);
        (b[0] - a[0]).hypot(b[1] - a[1])
    };
    let (across, down) = (side(0) + side(2), side(1) + side(3));
    let shape = across.max(down) / across.min(down).max(1.0);
    if !SHAPES.contains(&shape) || (0..4).any(|k| side(k) < 0.5 * side((k + 2) % 4)) {
        return None;
    }
    let mut sum = 0.0;
    let mut edges = [EdgeEvidence::Inferred; 4];
    for (k, edge) in edges.iter_mut().enumerate() {
        let (a, b) = (corners[k], corners[(k + 1) % 4]);
        if is_at_border(plane, a, b) {
            *edge = EdgeEvidence::Border;
            continue;
        }
        let seen = share_seen(plane, a, b);
        if seen >= LEAST_SEEN {
            *edge = EdgeEvidence::Seen;
        }
        sum += f64::from(seen);
    }
    let count = |of| edges.iter().filter(|e| **e == of).count();
    let (seen, at_border) = (count(EdgeEvidence::Seen), count(EdgeEvidence::Border));
    // One side may lie under a finger or another paper, or end with the picture; a picture's own frame is no page.
    (seen >= 3 || (seen == 2 && at_border == 2)).then_some((
        across * down * (sum + 0.5 * at_border as f64),
        corners,
        edges,
    ))
}

/// Clockwise, from the corner nearest to the picture's upper left.
fn ordered(mut corners: [Px; 4]) -> [Px; 4] {
    let middle = [0, 1].map(|k| corners.iter().map(|c| c[k]).sum::<f64>() / 4.0);
    let angle = |c: &Px| (c[1] - middle[1]).atan2(c[0] - middle[0]);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    let first = (0..4)
        .min_by(|a, b| {
            let far = |k: usize| corners[k][0] + corners[k][1];
            far(*a).total_cmp(&far(*b))
        })
        .unwrap_or(0);
    corners.rotate_left(first);
    corners
}

fn is_at_border(plane: &Plane, a: Px, b: Px) -> bool {
    let (right, bottom) = ((plane.width - 1) as f64, (plane.height - 1) as f64);
    [a, b].iter().all(|c| c[0] < AT_BORDER)
        || [a, b].iter().all(|c| c[1] < AT_BORDER)
        || [a, b].iter().all(|c| c[0] > right - AT_BORDER)
        || [a, b].iter().all(|c| c[1] > bottom - AT_BORDER)
}

/// The share of a side along which it is brighter or darker outside than inside, all the same way.
fn share_seen(plane: &Plane, a: Px, b: Px) -> f32 {
    const PLACES: usize = 32;
    let d = [b[0] - a[0], b[1] - a[1]];
    let length = d[0].hypot(d[1]).max(1e-6);
    let n = [d[1] / length, -d[0] / length];
    let (mut brighter, mut darker) = (0.0f32, 0.0f32);
    for i in 0..PLACES {
        let t = 0.08 + 0.84 * (i as f64 + 0.5) / PLACES as f64;
        let level = |off: f64| {
            let steps = [off, 1.5 * off, 2.0 * off];
            let at = |o: f64| [0, 1].map(|k| (a[k] + d[k] * t + n[k] * o) as f32);
            steps.map(|o| plane.sample(at(o))).iter().sum::<f32>() / 3.0
        };
        let change = level(2.0) - level(-2.0);
        if change > LEAST_CHANGE {
            brighter += 1.0;
        } else if change < -LEAST_CHANGE {
            darker += 1.0;
        }
    }
    brighter.max(darker) / PLACES as f32
}

impl BarePage {
    /// Which size it may be, by its shape alone; of two that are alike the larger.
    fn likely(&self) -> DocumentSize {
        let side = |k: usize| {
            let (a, b) = (self.corners[k], self.corners[(k + 1) % 4]);
            (b[0] - a[0]).hypot(b[1] - a[1])
        };
        let (across, down) = (side(0) + side(2), side(1) + side(3));
        if across.max(down) > 1.5 * across.min(down) {
            DocumentSize::Id1
        } else {
            DocumentSize::Id3
        }
    }

    /// The point at such a share of the way across and down.
    fn point(&self, [x, y]: [f64; 2]) -> Px {
        let [a, b, c, d] = self.corners.map(|c| c.map(f64::from));
        [0, 1].map(|k| {
            let (upper, lower) = (a[k] + (b[k] - a[k]) * x, d[k] + (c[k] - d[k]) * x);
            upper + (lower - upper) * y
        })
    }

    /// What would make a better picture of it, the most urgent first.
    pub(crate) fn guidance(&self, picture: &Pyramid<'_>) -> Vec<Guidance> {
        let length = (0..4)
            .map(|k| {
                let (a, b) = (self.corners[k], self.corners[(k + 1) % 4]);
                f64::from((b[0] - a[0]).hypot(b[1] - a[1]))
            })
            .fold(0.0, f64::max);
        let pixels_per_mm = length / f64::from(self.likely().size_mm()[0]);
        let cut = self.edges.contains(&EdgeEvidence::Border);
        Guidance::ALL
            .into_iter()
            .filter(|word| match word {
                Guidance::Turn => {
                    glare::within(picture, |at| self.point(at)) >= f64::from(guidance::MOST_GLARE)
                }
                Guidance::HoldStill => self.is_blurred(picture, pixels_per_mm),
                Guidance::MoveCloser => {
                    pixels_per_mm * 25.4 < f64::from(guidance::LEAST_DPI) && !cut
                }
                Guidance::Flatten => false,
                Guidance::ShowWhole => cut,
            })
            .collect()
    }

    /// Whether even the sharpest of its print is blurred.
    fn is_blurred(&self, picture: &Pyramid<'_>, pixels_per_mm: f64) -> bool {
        /// Places across and down that are looked at, and how large they are, millimetres.
        const PLACES: [usize; 2] = [9, 6];
        const HALF_MM: f64 = 3.0;
        /// Words fill less of a place than a zone's line does of its own.
        const STEEP: f32 = 0.99;
        /// Fewer places that bear print say nothing.
        const LEAST_PLACES: usize = 6;
        let mut blurs = Vec::new();
        for i in 0..PLACES[0] * PLACES[1] {
            let part = |k: usize, n: usize| (k as f64 + 0.5) / n as f64;
            let at = [
                part(i % PLACES[0], PLACES[0]),
                part(i / PLACES[0], PLACES[1]),
            ];
            let [x, y] = self.point(at);
            let half = HALF_MM * pixels_per_mm;
            let patch = Patch::of(
                picture,
                [[x - half, y], [x + half, y]],
                HALF_MM,
                pixels_per_mm,
            );
            let blur = patch.blur_mm(STEEP);
            blurs.extend(blur.map(|[along, across]| along.max(across)));
        }
        blurs.sort_by(f64::total_cmp);
        let sharpest = blurs.get(blurs.len() / 4).copied();
        let is_coarse = |mm: f64| mm * pixels_per_mm <= f64::from(guidance::LEAST_BLUR_PX);
        if blurs.len() < LEAST_PLACES {
            // Print that is blurred away altogether bears no place; the page's edges are there all the same.
            let edges = self.blur_of_edges(picture, pixels_per_mm);
            return edges.is_some_and(|mm| mm > BLURRED_EDGE_MM && !is_coarse(mm));
        }
        sharpest.is_some_and(|mm| {
            focus::kept_contrast(mm) < f64::from(guidance::LEAST_FOCUS) && !is_coarse(mm)
        })
    }

    /// How blurred the page's own edges are, a standard deviation in millimetres: of two that lie opposite the
    /// sharper counts (along the other may lie a shadow or a thumb), of both ways the worse. `None` unless an
    /// edge shows each way.
    fn blur_of_edges(&self, picture: &Pyramid<'_>, pixels_per_mm: f64) -> Option<f64> {
        /// Places along an edge, and how far to either side of it and along it is looked, millimetres.
        const PLACES: usize = 15;
        const ACROSS_MM: f64 = 4.0;
        const ALONG_MM: f64 = 1.0;
        /// An edge is a smaller part of what is looked at than print is.
        const STEEP: f32 = 0.975;
        let of_side = |side: usize| {
            if self.edges[side] != EdgeEvidence::Seen {
                return None;
            }
            let [a, b] = [side, (side + 1) % 4].map(|k| self.corners[k].map(f64::from));
            let d = [b[0] - a[0], b[1] - a[1]];
            let length = d[0].hypot(d[1]).max(1e-6);
            let reach = [d[1], -d[0]].map(|v| v / length * ACROSS_MM * pixels_per_mm);
            let blur = |place: usize| {
                let t = 0.15 + 0.7 * (place as f64 + 0.5) / PLACES as f64;
                let end = |far: f64| [0, 1].map(|k| a[k] + d[k] * t + reach[k] * far);
                let patch = Patch::of(picture, [end(-1.0), end(1.0)], ALONG_MM, pixels_per_mm);
                patch.blur_mm(STEEP).map(|[across_edge, _]| across_edge)
            };
            let mut blurs: Vec<f64> = (0..PLACES).filter_map(blur).collect();
            focus::median(&mut blurs)
        };
        let sharper = |a: usize, b: usize| match (of_side(a), of_side(b)) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        Some(sharper(0, 2)?.max(sharper(1, 3)?))
    }
}
