//! What lies on the desk, how it is seen, and the picture taken of it.

use image::RgbImage;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::camera::{Homography, Place};
use super::desk::{self, Desk, FINGER_MM, Surface};
use super::lens::{Exposure, Sheet};
use super::level::Shot;
use crate::utopia::canvas::{Point, RectMm};
use crate::utopia::fonts::Fonts;
use crate::utopia::layout::{SideKind, ZONE_HEIGHT_MM};
use crate::utopia::light::colour;
use crate::utopia::papers;
use crate::utopia::press::Side;
use crate::utopia::seed::{Seed, one_of, within};

/// What a leaf is to the photographer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Meant to be in the picture, whole.
    Document,
    /// Belongs to it and may be cut off.
    Beside,
    /// Nothing lies there; it only says which part of the desk is in the picture.
    Frame,
}

/// A leaf of paper or plastic on the desk.
pub(super) struct Leaf<'a> {
    pub(super) side: &'a Side,
    /// Where its middle lies on the desk, millimetres.
    pub(super) centre: [f64; 2],
    /// How far it is turned, clockwise.
    pub(super) turn_degrees: f64,
    pub(super) role: Role,
}

impl Leaf<'_> {
    /// From its own millimetres to the desk's.
    fn to_desk(&self) -> Homography {
        let [w, h] = self.side.size_mm.map(f64::from);
        Homography::shift(-w / 2.0, -h / 2.0)
            .then(&Homography::turn(self.turn_degrees))
            .then(&Homography::shift(self.centre[0], self.centre[1]))
    }

    /// Its corners on the desk, made larger by so many millimetres.
    fn corners(&self, grown_mm: f32) -> [Point; 4] {
        let [w, h] = self.side.size_mm;
        let to_desk = self.to_desk();
        RectMm::new(-grown_mm, -grown_mm, w + 2.0 * grown_mm, h + 2.0 * grown_mm)
            .corners()
            .map(|p| to_desk.apply(p.map(f64::from)).map(|v| v as f32))
    }
}

/// What lies on the desk.
pub(super) struct Scene<'a> {
    /// Lowest first.
    pub(super) leaves: Vec<Leaf<'a>>,
    pub(super) surface: Surface,
}

impl Scene<'_> {
    /// The leaves that are to be in the picture, whole.
    fn documents(&self) -> Vec<&Leaf<'_>> {
        let meant = |l: &&Leaf<'_>| l.role == Role::Document;
        self.leaves.iter().filter(meant).collect()
    }

    /// The leaves that really lie there.
    fn lying(&self) -> impl Iterator<Item = &Leaf<'_>> {
        self.leaves.iter().filter(|l| l.role != Role::Frame)
    }
}

/// How the desk is seen.
pub(super) struct View {
    /// From the desk's millimetres to the picture's pixels.
    to_picture: Homography,
    width: usize,
    height: usize,
}

impl View {
    /// The view of these leaves with this shot.
    fn of(scene: &Scene<'_>, shot: &Shot, rng: &mut impl Rng) -> Self {
        let corners: Vec<Place> = scene
            .leaves
            .iter()
            .filter(|l| l.role != Role::Beside)
            .flat_map(|l| l.corners(0.0))
            .map(|p| p.map(f64::from))
            .collect();
        let reach = corners
            .iter()
            .map(|p| (p[0] * p[0] + p[1] * p[1]).sqrt())
            .fold(0.0, f64::max);
        let scale = f64::from(shot.dpi) / 25.4;
        // The camera stands about as far off as fills its frame.
        let distance = reach * 2.0 * f64::from(within(rng, (1.3, 2.0)));
        let camera = Homography::camera(
            distance,
            scale * distance,
            f64::from(shot.tilt_degrees),
            f64::from(shot.tilt_towards_degrees),
            f64::from(shot.rotation_degrees),
        );
        let (mut low, mut high) = ([f64::MAX; 2], [f64::MIN; 2]);
        for p in corners {
            let seen = camera.apply(p);
            for k in 0..2 {
                low[k] = low[k].min(seen[k]);
                high[k] = high[k].max(seen[k]);
            }
        }
        let span = [high[0] - low[0], high[1] - low[1]];
        // A margin all around, then more on the longer way to the shape of a sensor, four by three.
        let bare = span.map(|s| s + 2.0 * f64::from(shot.margin) * span[0].min(span[1]));
        let mut size = bare;
        if shot.margin > 0.06 {
            let long = bare[0].max(bare[1]).max(bare[0].min(bare[1]) * 4.0 / 3.0);
            let across = if bare[0] >= bare[1] {
                [long, long * 0.75]
            } else {
                [long * 0.75, long]
            };
            size = [across[0].max(bare[0]), across[1].max(bare[1])];
        }
        // The document is somewhere in the frame, not in its middle.
        let wander =
            |spare: f64, rng: &mut _| spare / 2.0 + spare * f64::from(within(rng, (-0.3, 0.3)));
        let shift = Homography::shift(
            wander(size[0] - span[0], rng) - low[0],
            wander(size[1] - span[1], rng) - low[1],
        );
        Self {
            to_picture: camera.then(&shift),
            width: size[0].round() as usize,
            height: size[1].round() as usize,
        }
    }

    /// The part of the desk that is in the picture: its least and greatest places.
    fn desk_seen(&self) -> (Point, Point) {
        let back = self.to_picture.inverse();
        let (w, h) = (self.width as f64, self.height as f64);
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for p in [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]] {
            let seen = back.apply(p);
            for k in 0..2 {
                low[k] = low[k].min(seen[k] as f32 - 1.0);
                high[k] = high[k].max(seen[k] as f32 + 1.0);
            }
        }
        (low, high)
    }

    /// Where a place of a leaf falls, the leaf being bent.
    pub(super) fn place(&self, leaf: &Leaf<'_>, p: Point, bend_mm: f32) -> Place {
        let part = std::f32::consts::PI * p[0] / leaf.side.size_mm[0];
        let bent = [
            f64::from(p[0]),
            f64::from(p[1] - bend_mm * libm::sinf(part)),
        ];
        leaf.to_desk().then(&self.to_picture).apply(bent)
    }
}

/// Takes the picture.
pub(super) fn take(scene: &Scene<'_>, fonts: &Fonts, shot: &Shot, seed: Seed) -> (RgbImage, View) {
    let view = View::of(scene, shot, &mut seed.stream("view"));
    let scale = shot.dpi / 25.4;
    let mut exposure = Exposure::dark(view.width, view.height);
    let rng = &mut seed.stream("desk");
    let (low, high) = view.desk_seen();
    let mut desk = Desk::bare(low, high, scale.min(6.0), scene.surface, rng);
    for _ in 0..shot.things {
        desk.put_thing(rng);
    }
    let papers = lying_papers(shot, fonts, low, high, rng);
    for paper in &papers {
        desk.shadow(&paper.leaf().corners(0.0), rng);
    }
    for leaf in scene.lying() {
        desk.shadow(&leaf.corners(0.0), rng);
    }
    if let Some(cover) = cover_of(scene) {
        desk.shadow(&cover, rng);
        desk.flat(
            &cover,
            4.0,
            colour(*one_of(rng, &[0x1B2A4A, 0x5A1E28, 0x1E3B2A, 0x202022])),
        );
    }
    let (surface, origin) = desk.sheet();
    let from_desk = |to_desk: &Homography| to_desk.then(&view.to_picture);
    let lies_at = Homography::shift(f64::from(origin[0]), f64::from(origin[1]));
    exposure.paint(&surface, &from_desk(&lies_at), 0.0);
    for paper in &papers {
        let leaf = paper.leaf();
        exposure.paint(
            &Sheet::of_side(leaf.side, scale),
            &from_desk(&leaf.to_desk()),
            0.0,
        );
    }
    for leaf in scene.lying() {
        let bend = f64::from(shot.bend_mm);
        exposure.paint(
            &Sheet::of_side(leaf.side, scale),
            &from_desk(&leaf.to_desk()),
            bend,
        );
    }
    for _ in 0..shot.fingers {
        if let Some((sheet, place)) = holding_finger(scene, scale, rng) {
            exposure.paint(&sheet, &from_desk(&place), 0.0);
        }
    }
    let documents = scene.documents();
    let outline: Vec<Place> = scene
        .leaves
        .iter()
        .filter(|l| l.role != Role::Beside)
        .flat_map(|l| l.corners(0.0))
        .map(|p| view.to_picture.apply(p.map(f64::from)))
        .collect();
    let zone: Vec<Place> = documents
        .iter()
        .flat_map(|l| {
            zone_points(l)
                .map(|p| view.place(l, p, shot.bend_mm))
                .collect::<Vec<_>>()
        })
        .collect();
    let rng = &mut seed.stream("lens");
    exposure.glare(shot, &outline, &zone, rng);
    exposure.illuminate(shot, rng);
    exposure.defocus(shot.defocus_mm * scale);
    exposure.motion(shot.motion_mm * scale, shot.motion_towards_degrees);
    (exposure.develop(shot.noise_levels, seed), view)
}

/// Points all over a leaf's zone.
fn zone_points<'a>(leaf: &'a Leaf<'_>) -> impl Iterator<Item = Point> + 'a {
    let lines = leaf.side.zone.iter().flat_map(|z| &z.lines);
    lines.flat_map(|r| (0..=16).map(|i| [r.x + r.width * i as f32 / 16.0, r.y + r.height / 2.0]))
}

/// A paper on the desk.
struct LyingPaper {
    side: Side,
    centre: [f64; 2],
    turn_degrees: f64,
}

impl LyingPaper {
    /// The paper as a leaf.
    fn leaf(&self) -> Leaf<'_> {
        Leaf {
            side: &self.side,
            centre: self.centre,
            turn_degrees: self.turn_degrees,
            role: Role::Beside,
        }
    }
}

/// Papers that lie about where there is clutter; a few things stand for one of them.
fn lying_papers(
    shot: &Shot,
    fonts: &Fonts,
    low: Point,
    high: Point,
    rng: &mut ChaCha8Rng,
) -> Vec<LyingPaper> {
    let count = usize::from(shot.things / 4).min(2);
    (0..count)
        .map(|_| {
            let side = papers::press_any(fonts, 4.0, rng);
            let k = usize::from(rng.random_bool(0.5));
            let mut centre = [
                within(rng, (low[0], high[0])),
                within(rng, (low[1], high[1])),
            ];
            // Towards an edge, so that it is not all hidden.
            centre[k] = if rng.random_bool(0.5) {
                low[k]
            } else {
                high[k]
            };
            LyingPaper {
                side,
                centre: centre.map(f64::from),
                turn_degrees: f64::from(within(rng, (-40.0, 40.0))),
            }
        })
        .collect()
}

/// A passport's cover, seen as a dark rim around its two pages.
fn cover_of(scene: &Scene<'_>) -> Option<[Point; 4]> {
    let opposite = scene.leaves.iter().find(|l| l.role == Role::Beside)?;
    let page = scene.leaves.iter().find(|l| l.role == Role::Document)?;
    let [over, under] = [opposite.corners(1.6), page.corners(1.6)];
    let above_the_fold = opposite.centre[1] < page.centre[1] - 20.0;
    Some(if above_the_fold {
        [over[0], over[1], under[2], under[3]]
    } else {
        over
    })
}

/// A finger on the left or right edge of a document, above its zone; none where nothing is to be held.
fn holding_finger(
    scene: &Scene<'_>,
    scale: f32,
    rng: &mut ChaCha8Rng,
) -> Option<(Sheet, Homography)> {
    let documents = scene.documents();
    if documents.is_empty() {
        return None;
    }
    let leaf = *one_of(rng, &documents);
    let [width, height] = leaf.side.size_mm;
    let free = match leaf.side.kind {
        SideKind::Front if leaf.side.zone.is_none() => height,
        SideKind::Front | SideKind::Back => height - ZONE_HEIGHT_MM,
    };
    let y = within(rng, (9.0, (free - 10.0).max(9.5)));
    let inside = within(rng, (2.0, 5.5));
    let askew = within(rng, (-22.0, 22.0));
    // The finger points upwards on its sheet; turned it points inwards from the edge.
    let (at, turn) = if rng.random_bool(0.5) {
        ([inside, y], 90.0 + askew)
    } else {
        ([width - inside, y], -90.0 + askew)
    };
    let place = Homography::shift(-f64::from(FINGER_MM[0]) / 2.0, -3.0)
        .then(&Homography::turn(f64::from(turn)))
        .then(&Homography::shift(f64::from(at[0]), f64::from(at[1])))
        .then(&leaf.to_desk());
    Some((desk::finger(scale.min(6.0), rng), place))
}
