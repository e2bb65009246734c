//! What lies about: the desk itself, the things on it, and the fingers that hold the page.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::lens::Sheet;
use crate::utopia::canvas::{Canvas, Light, Mask, Point, colour};
use crate::utopia::seed::{Grain, one_of, within};

/// A desk's surface with the things on it, in the desk's millimetres.
pub(super) struct Desk {
    canvas: Canvas,
    /// The desk's place of the canvas's upper left corner.
    origin: Point,
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
        let most = (1_800_000.0 / (width * height)).sqrt();
        let mut canvas = Canvas::new(width, height, scale.min(most), [0.5; 3]);
        surface.cover(&mut canvas, rng);
        Self {
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
        let mut mask = self.canvas.mask();
        let moved: Vec<Point> = self
            .here(corners)
            .iter()
            .map(|p| [p[0] + fall[0], p[1] + fall[1]])
            .collect();
        mask.polygon(&moved, 1.0);
        mask.soften(1.4);
        self.canvas.print(&mask, [0.1; 3], 0.75);
    }

    /// Lays a flat shape of one colour, e.g. a passport's cover.
    pub(super) fn flat(&mut self, corners: &[Point], radius: f32, light: Light) {
        let mut mask = self.canvas.mask();
        mask.polygon(&self.here(corners), radius);
        self.canvas.lay(&mask, light, 1.0);
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
        let mut mask = self.canvas.mask();
        one_of(rng, &THINGS)(
            &mut Placer {
                canvas: &mut self.canvas,
                mask: &mut mask,
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
            Self::Wood => pick(
                rng,
                &[0x8B_5A_2B, 0xB0_82_4E, 0x5A_3A_22, 0xC9_A3_70, 0x6E_4B_35],
            ),
            Self::Laminate => pick(rng, &[0xC8_C6_C0, 0xE2_E0_DA, 0x9A_A0_A5, 0xD5_CC_B8]),
            Self::Cloth => pick(rng, &[0x3A_5A_40, 0x6B_2D_3A, 0x2E_3F_5C, 0xB8_AE_9A]),
            Self::Stone => pick(rng, &[0x6A_6A_6E, 0x8A_85_80, 0x3E_40_44]),
            Self::Mat => pick(rng, &[0x22_24_28, 0x1E_2F_3C, 0x3B_2A_24]),
        };
        canvas.wash(|x, y, _| {
            let v = match self {
                Self::Lid => 1.0 + 0.3 * a.at(x, y),
                Self::Wood => {
                    let ring = 10.0 * a.at(x / 160.0, y / 22.0);
                    let stripe = (ring - ring.floor() - 0.5).abs();
                    0.72 + 0.4 * stripe + 0.2 * b.at(x / 9.0, y / 0.7)
                }
                Self::Laminate => 0.93 + 0.1 * a.node((x * 2.0) as i64, (y * 2.0) as i64),
                Self::Cloth => {
                    let weave = ((x * 1.2) as i64 + (y * 1.2) as i64) % 2;
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
        let mut shadow = self.mask.clone();
        shadow.soften(1.2);
        self.canvas.print(&shadow, [0.15; 3], 0.5);
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
        &[0x1A_2A_6C, 0x20_20_20, 0xB2_22_22, 0xE8_E4_DA, 0x1F_6B_3A],
    ));
    p.stroke(&[[-65.0, 0.0], [60.0, 0.0]], 9.0);
    p.lay(shell);
    p.stroke(&[[60.0, 0.0], [70.0, 0.0]], 3.0);
    p.lay(colour(0xB8_B8_B0));
    p.stroke(&[[-60.0, -2.0], [55.0, -2.0]], 1.0);
    p.lay(shell.map(|v| (v + 0.35).min(1.0)));
    p.stroke(&[[-62.0, 2.6], [-28.0, 3.4]], 1.8);
    p.lay(colour(0xC8_C8_C4));
}

fn coins(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..5u8) {
        let at = [within(rng, (-25.0, 25.0)), within(rng, (-25.0, 25.0))];
        let wide = within(rng, (17.0, 27.0));
        let metal = colour(*one_of(rng, &[0xC9_A2_4B, 0xB9_BC_BE, 0xA8_6B_3C]));
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
    p.lay(colour(*one_of(rng, &[0x18_18_1A, 0xE6_E6_E2])));
}

fn keyboard(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let (case, key) = *one_of(rng, &[(0x1C_1C_1E, 0x2E_2E_32), (0xD0_D0_CC, 0xF2_F2_EE)]);
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
    p.lay(colour(0x90_90_90));
}

fn note(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let paper = colour(*one_of(
        rng,
        &[0xFF_F2_8A, 0xF6_F6_F2, 0xF7_C6_D0, 0xEE_EE_E4],
    ));
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
    let ink = colour(*one_of(rng, &[0x20_30_80, 0x22_22_22]));
    p.canvas.lay(p.mask, ink, 0.85);
    p.mask.clear();
}

fn cup(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    let ware = colour(*one_of(rng, &[0xF0_EE_E8, 0x2C_4A_6E, 0x8C_2F_2F]));
    p.stroke(&[[38.0, 0.0], [58.0, 0.0]], 9.0);
    p.stroke(&[[0.0, 0.0]], 84.0);
    p.lay(ware);
    p.stroke(&[[0.0, 0.0]], 76.0);
    p.lay(colour(0x2A_17_0C));
    p.stroke(&[[-18.0, -22.0], [-8.0, -28.0]], 4.0);
    p.lay(colour(0x6A_4A_30));
}

fn telephone(p: &mut Placer<'_>, _: &mut ChaCha8Rng) {
    p.block([-36.0, -74.0], [36.0, 74.0], 8.0);
    p.lay(colour(0x10_10_12));
    p.block([-34.0, -72.0], [34.0, 72.0], 7.0);
    p.lay(colour(0x1A_1E_26));
    p.block([-30.0, -60.0], [10.0, -57.0], 0.5);
    p.lay(colour(0x70_80_98));
}

fn stamp(p: &mut Placer<'_>, rng: &mut ChaCha8Rng) {
    p.block([-22.0, -14.0], [22.0, 14.0], 2.0);
    p.lay(colour(0x3A_3A_3E));
    p.stroke(&[[0.0, 0.0]], 20.0);
    p.lay(colour(*one_of(rng, &[0x8B_4A_22, 0x20_20_22, 0x9A_1F_1F])));
    p.stroke(&[[-2.0, -2.0]], 8.0);
    p.lay(colour(0xB8_80_58));
}

/// Size of a finger's sheet: width, length.
pub(super) const FINGER_MM: Point = [26.0, 80.0];

/// A finger, its tip at the upper edge of the sheet, with its shadow.
pub(super) fn finger(scale: f32, rng: &mut impl Rng) -> Sheet {
    let skin = colour(*one_of(
        rng,
        &[
            0x3B_22_18, 0x5C_3A_28, 0x7A_4E_33, 0x9C_6B_47, 0xC8_94_70, 0xE8_BE_A0,
        ],
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
    mask.stroke(&[[middle, nail - 1.5], [middle, nail + 2.5]], radius * 1.15);
    canvas.lay(&mask, skin.map(|v| (v * 1.25 + 0.06).min(1.0)), 0.6);
    Sheet::of_canvas(&canvas, outline)
}
