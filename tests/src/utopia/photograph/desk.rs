//! What lies about: the desk itself, the things on it, and the fingers that hold the page.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::lens::Sheet;
use crate::utopia::canvas::{Canvas, Mask, Point};
use crate::utopia::light::{Light, colour};
use crate::utopia::seed::{Grain, one_of, within};

/// A desk's surface with the things on it, in the desk's millimetres.
pub(super) struct Desk {
    canvas: Canvas,
    /// The desk's place of the canvas's upper left corner.
    origin: Point,
    /// Two masks that fit, used again for everything.
    mask: Mask,
    shadow: Mask,
}

impl Desk {
    /// A bare desk between two corners. `plain` is the lid of a page reader.
    pub(super) fn bare(
        low: Point,
        high: Point,
        scale: f32,
        surface: Surface,
        rng: &mut impl Rng,
    ) -> Self {
        let (width, height) = (high[0] - low[0], high[1] - low[1]);
        // A view far across the desk needs no more points than a near one.
        let most = (1_000_000.0 / (width * height)).sqrt();
        let mut canvas = Canvas::new(width, height, scale.min(most), [0.5; 3]);
        surface.cover(&mut canvas, rng);
        Self {
            mask: canvas.mask(),
            shadow: canvas.mask(),
            canvas,
            origin: low,
        }
    }

    /// The desk as a sheet, and where its upper left corner lies.
    pub(super) fn sheet(&self) -> (Sheet, Point) {
        (Sheet::of_canvas(&self.canvas, Vec::new()), self.origin)
    }

    /// Drops a shape's soft shadow.
    pub(super) fn shadow(&mut self, corners: &[Point], rng: &mut impl Rng) {
        let fall = [within(rng, (-1.8, 1.8)), within(rng, (0.3, 2.0))];
        let moved: Vec<Point> = self
            .here(corners)
            .iter()
            .map(|p| [p[0] + fall[0], p[1] + fall[1]])
            .collect();
        self.mask.polygon(&moved, 1.0);
        self.mask.soften(1.4);
        self.canvas.print(&self.mask, [0.1; 3], 0.75);
        self.mask.clear();
    }

    /// Lays a flat shape of one colour, e.g. a passport's cover.
    pub(super) fn flat(&mut self, corners: &[Point], radius: f32, light: Light) {
        let here = self.here(corners);
        self.mask.polygon(&here, radius);
        self.canvas.lay(&self.mask, light, 1.0);
        self.mask.clear();
    }

    /// Puts one thing somewhere.
    pub(super) fn put_thing(&mut self, rng: &mut ChaCha8Rng) {
        let (w, h) = self.canvas.size();
        let s = self.canvas.scale();
        let at = [
            within(rng, (0.0, 1.0)) * w as f32 / s,
            within(rng, (0.0, 1.0)) * h as f32 / s,
        ];
        let turn = libm::sincosf(within(rng, (0.0, std::f32::consts::TAU)));
        one_of(rng, &THINGS)(
            &mut Placer {
                canvas: &mut self.canvas,
                mask: &mut self.mask,
                shadow: &mut self.shadow,
                at,
                turn,
            },
            rng,
        );
    }

    /// Places of the desk as places of its canvas.
    fn here(&self, places: &[Point]) -> Vec<Point> {
        places
            .iter()
            .map(|p| [p[0] - self.origin[0], p[1] - self.origin[1]])
            .collect()
    }
}

/// What a desk is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// The black lid of a page reader.
    Lid,
    Wood,
    Laminate,
    Cloth,
    Stone,
    Mat,
}

impl Surface {
    /// One that an office might have.
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        *one_of(
            rng,
            &[
                Self::Wood,
                Self::Wood,
                Self::Laminate,
                Self::Cloth,
                Self::Stone,
                Self::Mat,
            ],
        )
    }

    /// Covers a canvas with it.
    fn cover(self, canvas: &mut Canvas, rng: &mut impl Rng) {
        let (a, b) = (Grain::draw(rng), Grain::draw(rng));
        let pick = |rng: &mut _, among: &[u32]| colour(*one_of(rng, among));
        let base = match self {
            Self::Lid => [0.012; 3],
            Self::Wood => pick(rng, &[0x8B5A2B, 0xB0824E, 0x5A3A22, 0xC9A370, 0x6E4B35]),
            Self::Laminate => pick(rng, &[0xC8C6C0, 0xE2E0DA, 0x9AA0A5, 0xD5CCB8]),
            Self::Cloth => pick(rng, &[0x3A5A40, 0x6B2D3A, 0x2E3F5C, 0xB8AE9A]),
            Self::Stone => pick(rng, &[0x6A6A6E, 0x8A8580, 0x3E4044]),
            Self::Mat => pick(rng, &[0x222428, 0x1E2F3C, 0x3B2A24]),
        };
        canvas.wash(|x, y, _| {
            let v = match self {
                Self::Lid => 1.0 + 0.3 * a.at(x, y),
                Self::Wood => {
                    let ring = 10.0 * a.at(x / 160.0, y / 22.0);
                    let stripe = (ring - ring.floor() - 0.5).abs();
                    0.72 + 0.4 * stripe + 0.2 * b.at(x / 9.0, y / 0.7)
                }
                Self::Laminate => 0.93 + 0.1 * a.node((x * 2.0) as i32, (y * 2.0) as i32),
                Self::Cloth => {
                    let weave = ((x * 1.2) as i32 + (y * 1.2) as i32) % 2;
                    0.8 + 0.15 * weave as f32 + 0.2 * b.at(x / 1.5, y / 1.5)
                }
                Self::Stone => 0.7 + 0.35 * a.at(x / 3.0, y / 3.0) + 0.25 * b.at(x / 0.8, y / 0.8),
                Self::Mat => 0.9 + 0.2 * b.at(x / 0.6, y / 0.6),
            };
            base.map(|c| c * v)
        });
    }
}

/// Draws one thing at its place and turn.
struct Placer<'a> {
    canvas: &'a mut Canvas,
    mask: &'a mut Mask,
    shadow: &'a mut Mask,
    at: Point,
    turn: (f32, f32),
}

impl Placer<'_> {
    /// A place of the thing as one of the canvas.
    fn put(&self, p: Point) -> Point {
        let (s, c) = self.turn;
        [
            self.at[0] + c * p[0] - s * p[1],
            self.at[1] + s * p[0] + c * p[1],
        ]
    }

    /// Lays what stands in the mask, with a shadow under it.
    fn lay(&mut self, light: Light) {
        self.shadow.become_copy_of(self.mask);
        self.shadow.soften(1.2);
        self.canvas.print(self.shadow, [0.15; 3], 0.5);
        self.canvas.lay(self.mask, light, 1.0);
        self.mask.clear();
    }

    /// A line through the thing's own places.
    fn stroke(&mut self, points: &[Point], width: f32) {
        let placed: Vec<Point> = points.iter().map(|p| self.put(*p)).collect();
        self.mask.stroke(&placed, width);
    }

    /// A rectangle around the thing's place.
    fn block(&mut self, low: Point, high: Point, radius: f32) {
        let corners = [low, [high[0], low[1]], high, [low[0], high[1]]].map(|p| self.put(p));
        self.mask.polygon(&corners, radius);
    }
}

/// Draws one kind of thing.
type Thing = fn(&mut Placer<'_>, &mut ChaCha8Rng);

/// The things that may lie about.
const THINGS: [Thing; 8] = [pen, coins, cable, keyboard, note, cup, telephone, stamp];

fn pen(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let shell = colour(*one_of(
        rng,
        &[0x1A2A6C, 0x202020, 0xB22222, 0xE8E4DA, 0x1F6B3A],
    ));
    p.stroke(&[[-65.0, 0.0], [60.0, 0.0]], 9.0);
    p.lay(shell);
    p.stroke(&[[60.0, 0.0], [70.0, 0.0]], 3.0);
    p.lay(colour(0xB8B8B0));
    p.stroke(&[[-60.0, -2.0], [55.0, -2.0]], 1.0);
    p.lay(shell.map(|v| (v + 0.35).min(1.0)));
    p.stroke(&[[-62.0, 2.6], [-28.0, 3.4]], 1.8);
    p.lay(colour(0xC8C8C4));
}

fn coins(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..5u8) {
        let at = [within(rng, (-25.0, 25.0)), within(rng, (-25.0, 25.0))];
        let wide = within(rng, (17.0, 27.0));
        let metal = colour(*one_of(rng, &[0xC9A24B, 0xB9BCBE, 0xA86B3C]));
        p.stroke(&[at], wide);
        p.lay(metal);
        p.stroke(&[at], wide - 3.0);
        p.lay(metal.map(|v| v * 0.82));
        p.stroke(
            &[
                [at[0] - wide * 0.15, at[1]],
                [at[0] + wide * 0.15, at[1] - 2.0],
            ],
            wide * 0.3,
        );
        p.lay(metal.map(|v| v * 0.95));
    }
}

fn cable(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let (a, b) = (within(rng, (15.0, 50.0)), within(rng, (0.0, 6.0)));
    let way: Vec<Point> = (0..=60)
        .map(|i| {
            let t = i as f32 / 60.0;
            [
                400.0 * (t - 0.5),
                a * libm::sinf(5.0 * t + b) + 12.0 * libm::sinf(13.0 * t),
            ]
        })
        .collect();
    p.stroke(&way, 4.2);
    p.lay(colour(*one_of(rng, &[0x18181A, 0xE6E6E2])));
}

fn keyboard(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let (case, key) = *one_of(rng, &[(0x1C1C1E, 0x2E2E32), (0xD0D0CC, 0xF2F2EE)]);
    p.block([-120.0, -45.0], [120.0, 45.0], 5.0);
    p.lay(colour(case));
    for row in 0..4 {
        for column in 0..11 {
            let x = -112.0 + column as f32 * 19.0 + row as f32 * 4.5;
            let y = -38.0 + row as f32 * 19.0;
            p.block([x, y], [x + 16.5, y + 16.5], 2.5);
        }
    }
    p.lay(colour(key));
    for row in 0..4 {
        for column in 0..11 {
            let x = -112.0 + column as f32 * 19.0 + row as f32 * 4.5;
            let y = -38.0 + row as f32 * 19.0;
            p.stroke(&[[x + 3.5, y + 4.5], [x + 6.0, y + 6.5]], 0.9);
        }
    }
    p.lay(colour(0x909090));
}

fn note(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let paper = colour(*one_of(rng, &[0xFFF28A, 0xF6F6F2, 0xF7C6D0, 0xEEEEE4]));
    let (w, h) = (within(rng, (30.0, 75.0)), within(rng, (30.0, 80.0)));
    p.block([-w, -h], [w, h], 0.3);
    p.lay(paper);
    let mut y = -h + 8.0;
    while y < h - 6.0 {
        let mut x = -w + 6.0;
        while x < w * within(rng, (0.3, 0.9)) {
            let word = within(rng, (4.0, 12.0));
            let end = (x + word).min(w - 4.0);
            let stroke: Vec<Point> = (0..=10)
                .map(|i| {
                    let t = i as f32 / 10.0;
                    [x + (end - x) * t, y + 1.1 * libm::sinf(t * word * 1.7 + x)]
                })
                .collect();
            p.stroke(&stroke, 0.45);
            x = end + 2.2;
        }
        y += 6.5;
    }
    let ink = colour(*one_of(rng, &[0x203080, 0x222222]));
    p.canvas.lay(p.mask, ink, 0.85);
    p.mask.clear();
}

fn cup(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let ware = colour(*one_of(rng, &[0xF0EEE8, 0x2C4A6E, 0x8C2F2F]));
    p.stroke(&[[38.0, 0.0], [58.0, 0.0]], 9.0);
    p.stroke(&[[0.0, 0.0]], 84.0);
    p.lay(ware);
    p.stroke(&[[0.0, 0.0]], 76.0);
    p.lay(colour(0x2A170C));
    p.stroke(&[[-18.0, -22.0], [-8.0, -28.0]], 4.0);
    p.lay(colour(0x6A4A30));
}

fn telephone(p: &mut Placer<'_>, _: &mut ChaCha8Rng) {
    p.block([-36.0, -74.0], [36.0, 74.0], 8.0);
    p.lay(colour(0x101012));
    p.block([-34.0, -72.0], [34.0, 72.0], 7.0);
    p.lay(colour(0x1A1E26));
    p.block([-30.0, -60.0], [10.0, -57.0], 0.5);
    p.lay(colour(0x708098));
}

fn stamp(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    p.block([-22.0, -14.0], [22.0, 14.0], 2.0);
    p.lay(colour(0x3A3A3E));
    p.stroke(&[[0.0, 0.0]], 20.0);
    p.lay(colour(*one_of(rng, &[0x8B4A22, 0x202022, 0x9A1F1F])));
    p.stroke(&[[-2.0, -2.0]], 8.0);
    p.lay(colour(0xB88058));
}

/// Size of a finger's sheet: width, length.
pub(super) const FINGER_MM: Point = [26.0, 190.0];

/// A finger, its tip at the upper edge of the sheet, with its shadow.
pub(super) fn finger(scale: f32, rng: &mut impl Rng) -> Sheet {
    let skin = colour(*one_of(
        rng,
        &[0x3B2218, 0x5C3A28, 0x7A4E33, 0x9C6B47, 0xC89470, 0xE8BEA0],
    ));
    let [width, length] = FINGER_MM;
    let middle = width / 2.0;
    let radius = within(rng, (7.5, 9.0));
    let bones = [[middle, 3.0 + radius], [middle, length + 10.0]];
    let mut canvas = Canvas::new(width, length, scale, [0.0; 3]);
    let mut mask = canvas.mask();
    mask.stroke(&bones, 2.0 * radius);
    let mut shadow = mask.clone();
    shadow.soften(1.5);
    let rough = Grain::draw(rng);
    canvas.lay(&mask, skin, 1.0);
    let outline: Vec<u8> = mask
        .cover()
        .iter()
        .zip(shadow.cover())
        .map(|(finger, dark)| (*finger).max((u16::from(*dark) * 110 / 255) as u8))
        .collect();
    canvas.wash(|x, y, light| {
        // Round: darker towards its sides and its tip.
        let across = (x - middle) / radius;
        let ahead = ((bones[0][1] - y) / radius).max(0.0);
        let round = (1.0 - 0.8 * (across * across + ahead * ahead)).max(0.15);
        let crease = 0.95 + 0.08 * rough.at(x / 2.0, y / 0.7);
        light.map(|v| v * round.sqrt() * crease)
    });
    mask.clear();
    let nail = 3.0 + radius;
    let nail_light = [
        skin[0] * 1.25 + 0.04,
        skin[1] * 1.15 + 0.02,
        skin[2] * 1.15 + 0.02,
    ];
    mask.stroke(&[[middle, nail - 1.5], [middle, nail + 2.5]], radius * 1.15);
    canvas.lay(&mask, nail_light, 0.5);
    Sheet::of_canvas(&canvas, outline)
}
