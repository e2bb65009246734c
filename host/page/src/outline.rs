//! The outline of a document in a picture: its corners, its size, how finely it is seen.

use crate::edges::{self, Leaf, Reach, Sight};
use crate::guidance::Measures;
use crate::plane::Pyramid;
use crate::pose::{EdgeKind, Mm, PITCH_MM, Pose, Px, SeenEdge, Side, ZonePlace};
use crate::{focus, glare};
use rules::mrz::Format;

/// The sizes of identification cards and travel documents (ISO/IEC 7810).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum DocumentSize {
    /// 85.60 mm by 53.98 mm: cards (TD1).
    #[serde(rename = "ID-1")]
    Id1,
    /// 105 mm by 74 mm: large cards (TD2) and the smaller visas.
    #[serde(rename = "ID-2")]
    Id2,
    /// 125 mm by 88 mm: passports (TD3).
    #[serde(rename = "ID-3")]
    Id3,
}

impl DocumentSize {
    /// Every size.
    pub const ALL: [Self; 3] = [Self::Id1, Self::Id2, Self::Id3];

    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id1 => "ID-1",
            Self::Id2 => "ID-2",
            Self::Id3 => "ID-3",
        }
    }

    /// Width and height, millimetres.
    #[must_use]
    pub fn size_mm(self) -> [f32; 2] {
        match self {
            Self::Id1 => [85.6, 53.98],
            Self::Id2 => [105.0, 74.0],
            Self::Id3 => [125.0, 88.0],
        }
    }

    /// The size that a measured one is, within 2.5 mm either way (a leaf's cut and our measuring).
    #[must_use]
    pub fn of(measured_mm: [f32; 2]) -> Option<Self> {
        Self::ALL.into_iter().find(|size| {
            let [width, height] = size.size_mm();
            (width - measured_mm[0]).abs() < 2.5 && (height - measured_mm[1]).abs() < 2.5
        })
    }
}

/// How an edge of the outline is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeEvidence {
    /// The picture shows it.
    Seen,
    /// The picture ends where it should be.
    Border,
    /// It follows from the zone and the other edges.
    Inferred,
}

/// A document's outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its corners as it reads: upper left, upper right, lower right, lower left; x then y, in pixels. A
    /// corner outside the picture is where it would be.
    pub corners: [[f32; 2]; 4],
    /// How the upper, right, lower and left edge are known.
    pub edges: [EdgeEvidence; 4],
    /// Its width and height, millimetres.
    pub size_mm: [f32; 2],
    /// Which size that is, where edges were seen both ways.
    pub size: Option<DocumentSize>,
}

/// A page as it lies in its picture: found by its zone, which is a ruler (Doc 9303-3: OCR-B, ten
/// characters to the inch).
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Where its edges are.
    pub outline: Outline,
    /// Pixels per inch of the page, measured along the zone's lines.
    pub dpi: f32,
    /// How good the picture is.
    pub measures: Measures,
    pub(crate) zone: ZonePlace,
    pub(crate) pose: Pose,
}

/// How many lines across the page are tried as its upper edge: titles and rules look like one.
const MOST_TOPS: usize = 6;

/// Pixels per inch of the page along its zone's lines.
fn dpi(zone: &ZonePlace) -> f64 {
    let (mut pixels, mut steps) = (0.0, 0.0);
    for line in &zone.lines {
        for pair in line.windows(2) {
            pixels += (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
            steps += 1.0;
        }
    }
    if steps > 0.0 {
        pixels / steps / PITCH_MM * 25.4
    } else {
        0.0
    }
}

/// The page that bears this zone; `None` for a zone of no extent.
pub(crate) fn locate(picture: &Pyramid<'_>, zone: ZonePlace) -> Option<Located> {
    let dpi = dpi(&zone);
    let pixels_per_mm = dpi / 25.4;
    let (outline, pose) = outline(picture, &zone, pixels_per_mm)?;
    let blur = focus::of_zone(picture, &zone, pixels_per_mm);
    let measures = Measures {
        focus: blur.map(|b| b.focus() as f32),
        blur_mm: blur.map(|b| b.worst_mm() as f32),
        motion: blur.map(|b| b.motion() as f32),
        glare: glare::on_page(picture, &pose) as f32,
        glare_on_zone: glare::on_zone(picture, &zone, pixels_per_mm) as f32,
        bend_mm: pose.bend_mm() as f32,
        tilt_degrees: pose.tilt_degrees() as f32,
    };
    Some(Located {
        outline,
        dpi: dpi as f32,
        measures,
        zone,
        pose,
    })
}

/// The outline of the page that bears this zone, and how the page lies.
fn outline(picture: &Pyramid<'_>, zone: &ZonePlace, pixels_per_mm: f64) -> Option<(Outline, Pose)> {
    let (width, height) = picture.size();
    let size = [width as f64, height as f64];
    let mut pose = Pose::of_zone(zone, size)?;
    let leaf = match zone.format {
        Format::Td3 => Leaf::Folded,
        Format::Td1 | Format::Td2 | Format::MrvA | Format::MrvB => Leaf::Loose,
    };
    let sight = Sight::of(picture, pixels_per_mm, leaf);
    // The lower edge is nearest to the zone; the sides start beside it and run off by perspective; the
    // upper edge is looked for once the sides are known.
    let [left, under] = pose.margins_mm();
    // A visa lies on a page whose own edges are near: only what is very close to where it should be is its.
    let usual = if zone.format.is_visa() { 0.5 } else { 1.0 };
    let beside = Reach {
        inside: [(left - 0.8).min(4.0), 10.0],
        outside: [5.0, 10.0],
        usual: [1.8 * usual, 4.5 * usual],
    };
    let below = Reach::even(under - 2.2, 4.0, 1.6 * usual);
    let look = |pose: &Pose, side, reach| edges::look(&sight, pose, side, reach);
    let mut known = [
        None,
        look(&pose, Side::Right, beside),
        look(&pose, Side::Bottom, below),
        look(&pose, Side::Left, beside),
    ];
    pose.fit(zone, &known);
    // A page tilted away looks shorter by an eighth at 30 degrees: more room inside than outside.
    let reach = Reach::even(13.0, 8.0, 5.0 * usual);
    let tops = edges::candidates(&sight, &pose, Side::Top, reach, MOST_TOPS);
    let top = tops
        .into_iter()
        .map(|(top, strength)| {
            let mut trial = pose.clone();
            let edges = [Some(top), known[1], known[2], known[3]];
            let misfit = trial.fit(zone, &edges);
            (f64::from(strength).ln() - misfit / 8.0, trial, top)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((_, trial, top)) = top {
        (pose, known[0]) = (trial, Some(top));
    }
    let near = Side::ALL.map(|side| look(&pose, side, Reach::even(2.0, 2.0, 1.5)));
    for (edge, near) in known.iter_mut().zip(near) {
        // Where the picture ends is known even where the page should go on.
        *edge = near.or(edge.filter(|e| e.kind == EdgeKind::Border));
    }
    pose.fit(zone, &known);
    let corners = corners(&pose, &known);
    let measured = pose.size_mm().map(|v| v as f32);
    let edges = known.map(|edge| match edge.map(|e| e.kind) {
        Some(EdgeKind::Shown) => EdgeEvidence::Seen,
        Some(EdgeKind::Border) => EdgeEvidence::Border,
        None => EdgeEvidence::Inferred,
    });
    let both = |a: Side, b: Side| {
        [a, b]
            .iter()
            .all(|side| edges[*side as usize] == EdgeEvidence::Seen)
    };
    let sized = both(Side::Left, Side::Right) || both(Side::Top, Side::Bottom);
    let outline = Outline {
        corners: corners.map(|c| c.map(|v| v as f32)),
        edges,
        size_mm: measured,
        size: sized.then(|| DocumentSize::of(measured)).flatten(),
    };
    Some((outline, pose))
}

impl Reach {
    /// The same at both ends.
    fn even(inside: f64, outside: f64, usual: f64) -> Self {
        Self {
            inside: [inside; 2],
            outside: [outside; 2],
            usual: [usual; 2],
        }
    }
}

/// Where the edges meet: those seen where they were seen, the others where they must be.
fn corners(pose: &Pose, seen: &[Option<SeenEdge>; 4]) -> [Px; 4] {
    let line = |side: Side| match seen[side as usize] {
        Some(edge) => edge.ends,
        None => [0.0, 1.0].map(|part| pose.place(pose.on_edge(side, part, 0.0))),
    };
    let pairs = [
        (Side::Top, Side::Left),
        (Side::Top, Side::Right),
        (Side::Bottom, Side::Right),
        (Side::Bottom, Side::Left),
    ];
    let inferred: [Mm; 4] = pose.corners();
    std::array::from_fn(|i| {
        let (a, b) = pairs[i];
        meet(line(a), line(b)).unwrap_or_else(|| pose.place(inferred[i]))
    })
}

/// Where two lines meet; `None` where they run side by side.
pub(crate) fn meet([a, b]: [Px; 2], [c, d]: [Px; 2]) -> Option<Px> {
    let u = [b[0] - a[0], b[1] - a[1]];
    let v = [d[0] - c[0], d[1] - c[1]];
    let cross = u[0] * v[1] - u[1] * v[0];
    if cross.abs() < 0.1 * u[0].hypot(u[1]) * v[0].hypot(v[1]) {
        return None;
    }
    let t = ((c[0] - a[0]) * v[1] - (c[1] - a[1]) * v[0]) / cross;
    Some([a[0] + u[0] * t, a[1] + u[1] * t])
}
