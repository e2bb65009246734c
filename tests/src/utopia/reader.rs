//! A document reader's camera of known truth, and the calibration targets before it.
//!
//! Everything that calibration measures is set here from a [`Seed`]: focal lengths, principal point, distortion,
//! the place of the glass, blur, the fall of the lamps' light, the camera's colours, noise, dust. A picture is
//! computed from them pixel by pixel, each edge as the integral of a Gaussian, so that the truth is what was
//! set and never what was measured. Nothing here uses the room `calibration`: the targets are drawn anew from
//! their description.

use super::Seed;
use super::seed::within;
use firmware::board::bench::{Bench, Optics};
use firmware::lamps::Lamp;
use image::{Rgb, RgbImage};
use rand::Rng;

/// Width and height of a target's card, millimetres.
const CARD: [f64; 2] = [125.0, 88.0];
/// Light that white paper gives back.
const PAPER: f64 = 0.86;

/// What lies on the glass, or is held over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Five squares of 14 mm, turned by 5 degrees.
    Focus,
    /// 10 by 7 squares of 11 mm.
    Chessboard,
    /// 24 patches in a frame.
    Patches,
    /// Two blacks in a frame: carbon, and one that infrared does not see.
    InfraredCard,
    /// Two papers in a frame: dull, and one that glows.
    UltravioletCard,
    /// Nothing but white.
    Sheet,
    /// The face chart: a frame of 150 mm by 190 mm on a sheet of A4, held in a room.
    Face,
}

/// Which lamp is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lit {
    /// White.
    White,
    /// Near infrared.
    Infrared,
    /// Ultraviolet.
    Ultraviolet,
    /// None: what comes in from outside alone.
    Dark,
}

/// The 24 patches as the chart that photographers know publishes them, sRGB.
const PATCHES: [[u8; 3]; 24] = [
    [115, 82, 68],
    [194, 150, 130],
    [98, 122, 157],
    [87, 108, 67],
    [133, 128, 177],
    [103, 189, 170],
    [214, 126, 44],
    [80, 91, 166],
    [193, 90, 99],
    [94, 60, 108],
    [157, 188, 64],
    [224, 163, 46],
    [56, 61, 150],
    [70, 148, 73],
    [175, 54, 60],
    [231, 199, 31],
    [187, 86, 149],
    [8, 133, 161],
    [243, 243, 242],
    [200, 200, 200],
    [160, 160, 160],
    [122, 122, 121],
    [85, 85, 85],
    [52, 52, 52],
];

/// How a card lies before the camera: turned about its middle, then moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Turned about the x, the y and the optical axis, in this order, radians.
    pub turn: [f64; 3],
    /// The card's middle in the camera's coordinates, millimetres.
    pub middle: [f64; 3],
}

/// A speck on the glass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speck {
    /// Its middle, millimetres from the card's upper left corner.
    pub at: [f64; 2],
    /// Its radius, millimetres.
    pub radius: f64,
    /// The share of light that it takes.
    pub takes: f64,
}

/// A reader's camera and lamps, every number of them known.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// Columns and rows.
    pub size: [u32; 2],
    /// Focal lengths, pixels.
    pub focal: [f64; 2],
    /// Principal point, pixels.
    pub centre: [f64; 2],
    /// k1, k2, p1, p2 of Brown and Conrady.
    pub distortion: [f64; 4],
    /// How a card lies on the glass.
    pub glass: Pose,
    /// Standard deviation of the blur on the glass, millimetres.
    pub blur_mm: f64,
    /// The light that the lamp's fall-off takes in the corners.
    pub fall_off: f64,
    /// How much brighter one side is than the other, across and down.
    pub slope: [f64; 2],
    /// From linear sRGB to what the camera's channels say.
    pub cast: [[f64; 3]; 3],
    /// Brightness of white, infrared, ultraviolet lamp.
    pub level: [f64; 3],
    /// Light from outside.
    pub outside: f64,
    /// Standard deviation of the noise, of full light.
    pub noise: f64,
    /// What lies on the glass that should not.
    pub dust: Vec<Speck>,
    seed: Seed,
}

impl Reader {
    /// A reader of so many columns (4 to 3), the glass seen 142 mm wide.
    #[must_use]
    pub fn draw(seed: Seed, columns: u32) -> Self {
        let mut rng = seed.stream("reader");
        let mut between = |low: f32, high: f32| f64::from(within(&mut rng, (low, high)));
        let (width, height) = (f64::from(columns), f64::from(columns) * 0.75);
        let focal = width * between(1.1, 1.4);
        let per_mm = width / 142.0;
        Self {
            size: [columns, columns * 3 / 4],
            focal: [focal, focal * between(0.998, 1.002)],
            centre: [
                width * between(0.492, 0.508),
                height * between(0.492, 0.508),
            ],
            distortion: [
                between(-0.09, -0.02),
                between(-0.01, 0.04),
                between(-0.0006, 0.0006),
                between(-0.0006, 0.0006),
            ],
            glass: Pose {
                turn: [0.0, 0.0, between(-0.006, 0.006)],
                middle: [between(-0.8, 0.8), between(-0.8, 0.8), focal / per_mm],
            },
            blur_mm: between(0.75, 0.95) / per_mm,
            fall_off: between(0.15, 0.32),
            slope: [between(-0.07, 0.07), between(-0.07, 0.07)],
            cast: [
                [between(0.80, 0.95), between(0.04, 0.10), between(0.0, 0.03)],
                [
                    between(0.05, 0.12),
                    between(0.82, 0.90),
                    between(0.02, 0.08),
                ],
                [between(0.0, 0.03), between(0.05, 0.12), between(0.70, 0.88)],
            ],
            level: [between(0.86, 0.94), between(0.80, 0.9), between(0.5, 0.7)],
            outside: between(0.001, 0.004),
            noise: 0.004,
            dust: Vec::new(),
            seed,
        }
    }

    /// Pixels per inch in the middle of the glass. The glass of a drawn reader is square to the optical axis.
    #[must_use]
    pub fn dpi(&self) -> f64 {
        (self.focal[0] * self.focal[1]).sqrt() / self.glass.middle[2] * 25.4
    }

    /// Where half of the modulation is left, line pairs per millimetre: a Gaussian's response is
    /// exp(-2 pi² sigma² f²), a half at sqrt(ln 2 / 2) / (pi sigma).
    #[must_use]
    pub fn mtf50(&self) -> f64 {
        (std::f64::consts::LN_2 / 2.0).sqrt() / (std::f64::consts::PI * self.blur_mm)
    }

    /// How a board is held over the glass for the `i`th time.
    #[must_use]
    pub fn held(&self, i: u64) -> Pose {
        let mut rng = self.seed.child("held", i).stream("pose");
        let mut between = |low: f32, high: f32| f64::from(within(&mut rng, (low, high)));
        // Every way round, so that no two axes are mistaken for each other.
        let direction = i as f64 * 2.4;
        let slant = between(0.30, 0.46);
        Pose {
            turn: [
                slant * libm::cos(direction),
                slant * libm::sin(direction),
                between(-0.12, 0.12),
            ],
            middle: [
                between(-6.0, 6.0),
                between(-5.0, 5.0),
                self.glass.middle[2] * between(1.06, 1.22),
            ],
        }
    }

    /// How the face chart is held before this camera: upright, a little turned, its middle so far away, millimetres.
    #[must_use]
    pub fn before_the_face(&self, distance_mm: f64) -> Pose {
        let mut rng = self.seed.child("face", distance_mm as u64).stream("pose");
        let mut between = |low: f32, high: f32| f64::from(within(&mut rng, (low, high)));
        Pose {
            turn: [
                between(-0.05, 0.05),
                between(-0.05, 0.05),
                between(-0.02, 0.02),
            ],
            middle: [between(-8.0, 8.0), between(-8.0, 8.0), distance_mm],
        }
    }

    /// Where a place of a card is seen, in pixels: what [`Self::light`] computes, the other way round.
    #[must_use]
    pub fn seen(&self, pose: Pose, at: [f64; 2]) -> [f64; 2] {
        let axes = axes(pose.turn);
        let (u, v) = (at[0] - CARD[0] / 2.0, at[1] - CARD[1] / 2.0);
        let [x, y, z] = [0, 1, 2].map(|k| pose.middle[k] + u * axes[0][k] + v * axes[1][k]);
        let (x, y) = (x / z, y / z);
        let [k1, k2, p1, p2] = self.distortion;
        let r2 = x * x + y * y;
        let radial = 1.0 + k1 * r2 + k2 * r2 * r2;
        let bent = [
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ];
        [0, 1].map(|k| bent[k] * self.focal[k] + self.centre[k])
    }

    /// The light that reaches each pixel, before noise, as the camera's three channels.
    #[must_use]
    pub fn light(&self, chart: Chart, pose: Pose, lit: Lit) -> Vec<[f64; 3]> {
        let [width, height] = self.size;
        let axes = axes(pose.turn);
        let mut light = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let ray = self.ray([f64::from(x), f64::from(y)]);
                let (at, distance) = on_card(ray, &axes, pose.middle);
                // Held nearer or farther the same blur of the sensor is another on the card.
                let soft = self.blur_mm * distance / self.glass.middle[2];
                let seen = self.reflected(chart, at, soft, lit);
                let lamp = self.lamp([f64::from(x), f64::from(y)], lit);
                light.push([0, 1, 2].map(|k| seen[k] * lamp + self.outside));
            }
        }
        light
    }

    /// A picture of a print lying on the glass, its upper left corner on the card's; so many dots to the inch.
    #[must_use]
    pub fn print(&self, print: &RgbImage, dpi: f64, shot: u64) -> RgbImage {
        self.develop(&self.print_light(print, dpi), 1.0, shot)
    }

    /// The light that reaches each pixel from a print on the glass under the white lamp, before noise.
    #[must_use]
    pub fn print_light(&self, print: &RgbImage, dpi: f64) -> Vec<[f64; 3]> {
        let [width, height] = self.size;
        let axes = axes(self.glass.turn);
        let mut light = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            for x in 0..width {
                let pixel = [f64::from(x), f64::from(y)];
                let (at, _) = on_card(self.ray(pixel), &axes, self.glass.middle);
                let ink = printed(print, at.map(|mm| mm / 25.4 * dpi)).unwrap_or([0.4; 3]);
                let lamp = self.lamp(pixel, Lit::White);
                light.push(self.cast.map(|row| {
                    (row[0] * ink[0] + row[1] * ink[1] + row[2] * ink[2]) * lamp + self.outside
                }));
            }
        }
        light
    }

    /// The same reader as the simulated box has it now: its lamps as warm and as old, its glass as dusty, its camera
    /// knocked as far.
    #[must_use]
    pub fn of_bench(&self, bench: &Bench) -> Self {
        let mut now = self.disturbed(&bench.optics());
        for (level, lamp) in now.level.iter_mut().zip(Lamp::ALL) {
            *level *= bench.light(lamp);
        }
        now
    }

    /// The same reader with what lies on its glass now, its camera knocked as far.
    #[must_use]
    pub fn disturbed(&self, optics: &Optics) -> Self {
        let mut now = self.clone();
        let dust = optics.dust.iter().map(|dust| Speck {
            at: dust.at_mm,
            radius: dust.radius_mm,
            takes: 0.9,
        });
        // A reflection gives light where dust takes it.
        let glare = optics.glare.iter().map(|glare| Speck {
            at: glare.at_mm,
            radius: glare.radius_mm,
            takes: -glare.strength,
        });
        now.dust.extend(dust.chain(glare));
        for (k, knocked) in optics.knocked_mm.into_iter().enumerate() {
            now.glass.middle[k] += knocked;
        }
        now
    }

    /// A picture of a chart.
    #[must_use]
    pub fn picture(&self, chart: Chart, pose: Pose, lit: Lit, shot: u64) -> RgbImage {
        self.develop(&self.light(chart, pose, lit), 1.0, shot)
    }

    /// The picture that the camera makes of light: with noise, encoded by sRGB, in eight bits.
    #[must_use]
    pub fn develop(&self, light: &[[f64; 3]], exposure: f64, shot: u64) -> RgbImage {
        let mut rng = self.seed.child("noise", shot).stream("noise");
        let [width, height] = self.size;
        let table: Vec<u8> = (0..=4095)
            .map(|i| (encoded(f64::from(i) / 4095.0) * 255.0).round() as u8)
            .collect();
        let mut picture = RgbImage::new(width, height);
        for (pixel, light) in picture.pixels_mut().zip(light) {
            // The sum of four bytes is near enough to a normal distribution.
            *pixel = Rgb(light.map(|v| {
                let bytes = rng.next_u32().to_le_bytes();
                let sum: i32 = bytes.iter().map(|b| i32::from(*b)).sum();
                let noise = f64::from(sum - 510) / 147.8 * self.noise;
                let v = (v * exposure + noise).clamp(0.0, 1.0);
                table[(v * 4095.0).round() as usize]
            }));
        }
        picture
    }

    /// The undistorted ray through a pixel: distortion taken back by iteration.
    fn ray(&self, pixel: [f64; 2]) -> [f64; 2] {
        let [k1, k2, p1, p2] = self.distortion;
        let seen = [0, 1].map(|k| (pixel[k] - self.centre[k]) / self.focal[k]);
        let [mut x, mut y] = seen;
        for _ in 0..12 {
            let r2 = x * x + y * y;
            let radial = 1.0 + k1 * r2 + k2 * r2 * r2;
            let dx = 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x);
            let dy = p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y;
            x = (seen[0] - dx) / radial;
            y = (seen[1] - dy) / radial;
        }
        [x, y]
    }

    fn lamp(&self, [x, y]: [f64; 2], lit: Lit) -> f64 {
        let [width, height] = self.size.map(f64::from);
        let (u, v) = (2.0 * x / width - 1.0, 2.0 * y / height - 1.0);
        let falls = 1.0 - self.fall_off * (u * u + v * v) / 2.0;
        let level = match lit {
            Lit::White => self.level[0],
            Lit::Infrared => self.level[1],
            Lit::Ultraviolet => self.level[2],
            Lit::Dark => return 0.0,
        };
        level * falls * (1.0 + self.slope[0] * u + self.slope[1] * v) / 1.1
    }

    /// What a place of a chart gives back of a lamp's light, in the camera's channels.
    fn reflected(&self, chart: Chart, at: [f64; 2], soft: f64, lit: Lit) -> [f64; 3] {
        let mut colour = match lit {
            Lit::White => {
                let c = chart.colour(at, soft, lit);
                self.cast
                    .map(|row| row[0] * c[0] + row[1] * c[1] + row[2] * c[2])
            }
            // Other lamps have no hue: the chart's middle channel is what it gives back.
            _ => [chart.colour(at, soft, lit)[1]; 3],
        };
        for speck in &self.dust {
            let away = (at[0] - speck.at[0]).hypot(at[1] - speck.at[1]);
            let under = step((speck.radius - away) / soft);
            colour = colour.map(|c| c * (1.0 - speck.takes * under));
        }
        colour
    }
}

/// The linear colour between a print's dots; `None` beside it.
fn printed(print: &RgbImage, [x, y]: [f64; 2]) -> Option<[f64; 3]> {
    let (x, y) = (x - 0.5, y - 0.5);
    let inside = |v: f64, side: u32| v >= 0.0 && v < f64::from(side) - 1.0;
    if !inside(x, print.width()) || !inside(y, print.height()) {
        return None;
    }
    let (left, top) = (x as u32, y as u32);
    let (fx, fy) = (x - f64::from(left), y - f64::from(top));
    let at = |dx: u32, dy: u32| print.get_pixel(left + dx, top + dy).0.map(f64::from);
    let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
    Some([0, 1, 2].map(|k| {
        let upper = a[k] + (b[k] - a[k]) * fx;
        let lower = c[k] + (d[k] - c[k]) * fx;
        decoded((upper + (lower - upper) * fy).round() as u8) * PAPER
    }))
}

/// sRGB's encoding (IEC 61966-2-1).
fn encoded(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * libm::pow(light, 1.0 / 2.4) - 0.055
    }
}

fn decoded(value: u8) -> f64 {
    let v = f64::from(value) / 255.0;
    if v <= 0.040_45 {
        v / 12.92
    } else {
        libm::pow((v + 0.055) / 1.055, 2.4)
    }
}

/// The normal distribution's function: an ideal edge after a Gaussian blur.
fn step(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// How much of a place lies between two edges.
fn between_edges(v: f64, low: f64, high: f64, soft: f64) -> f64 {
    step((v - low) / soft) - step((v - high) / soft)
}

/// The card's axes in the camera's coordinates.
fn axes([a, b, c]: [f64; 3]) -> [[f64; 3]; 3] {
    let turned = |v: [f64; 3]| {
        let (s, k) = (libm::sin(a), libm::cos(a));
        let v = [v[0], k * v[1] - s * v[2], s * v[1] + k * v[2]];
        let (s, k) = (libm::sin(b), libm::cos(b));
        let v = [k * v[0] + s * v[2], v[1], -s * v[0] + k * v[2]];
        let (s, k) = (libm::sin(c), libm::cos(c));
        [k * v[0] - s * v[1], s * v[0] + k * v[1], v[2]]
    };
    [
        turned([1.0, 0.0, 0.0]),
        turned([0.0, 1.0, 0.0]),
        turned([0.0, 0.0, 1.0]),
    ]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Where a ray meets a card, millimetres from the card's upper left corner, and how far away.
fn on_card([x, y]: [f64; 2], axes: &[[f64; 3]; 3], middle: [f64; 3]) -> ([f64; 2], f64) {
    let ray = [x, y, 1.0];
    let far = dot(axes[2], middle) / dot(axes[2], ray);
    let from_middle = [0, 1, 2].map(|k| ray[k] * far - middle[k]);
    let at = [0, 1].map(|k| dot(axes[k], from_middle) + CARD[k] / 2.0);
    (at, far)
}

impl Chart {
    /// Linear sRGB (or, under other lamps, what is given back) at a place, edges blurred by `soft`.
    fn colour(self, at: [f64; 2], soft: f64, lit: Lit) -> [f64; 3] {
        let mut colour = match lit {
            // Plain paper glows a little under ultraviolet.
            Lit::Ultraviolet if self == Self::UltravioletCard => [0.05; 3],
            Lit::Dark => [0.0; 3],
            _ => [PAPER; 3],
        };
        let mut lay = |share: f64, ink: [f64; 3]| {
            for (c, i) in colour.iter_mut().zip(ink) {
                *c += share * (i - *c);
            }
        };
        let rectangle = |x: f64, y: f64, w: f64, h: f64| {
            let reach = 8.0 * soft;
            if at[0] < x - reach
                || at[0] > x + w + reach
                || at[1] < y - reach
                || at[1] > y + h + reach
            {
                return 0.0;
            }
            between_edges(at[0], x, x + w, soft) * between_edges(at[1], y, y + h, soft)
        };
        match self {
            Self::Sheet => {}
            Self::Face => {
                let [x, y] = [CARD[0] / 2.0, CARD[1] / 2.0];
                let centred = |w: f64, h: f64| rectangle(x - w / 2.0, y - h / 2.0, w, h);
                // The room behind the sheet is dim and brown.
                lay(1.0 - centred(210.0, 297.0), [0.30, 0.22, 0.16]);
                lay(centred(150.0, 190.0) - centred(134.0, 174.0), [0.03; 3]);
                // A head, coarsely: what matters is the frame.
                let [dx, dy] = [(at[0] - x) / 58.0, (at[1] - y) / 80.0];
                lay(step((1.0 - dx.hypot(dy)) * 58.0 / soft), [0.55, 0.35, 0.26]);
            }
            Self::Focus => {
                let (sin, cos) = (libm::sin(0.087_266_46), libm::cos(0.087_266_46));
                for [x, y] in [
                    [62.5, 44.0],
                    [17.0, 15.0],
                    [108.0, 15.0],
                    [17.0, 73.0],
                    [108.0, 73.0],
                ] {
                    let [dx, dy] = [at[0] - x, at[1] - y];
                    if dx.abs().max(dy.abs()) < 12.0 {
                        let (u, v) = (cos * dx + sin * dy, cos * dy - sin * dx);
                        let share =
                            between_edges(u, -7.0, 7.0, soft) * between_edges(v, -7.0, 7.0, soft);
                        lay(share, [0.051; 3]);
                    }
                }
            }
            Self::Chessboard => {
                let [x, y] = [at[0] - 7.5, at[1] - 5.5];
                let inside = between_edges(x, 0.0, 110.0, soft) * between_edges(y, 0.0, 77.0, soft);
                // Two square waves of -1 and 1; where both agree it is dark.
                let wave = |v: f64| {
                    let nearest = (v / 11.0).round();
                    let side = if nearest.rem_euclid(2.0) == 0.0 {
                        1.0
                    } else {
                        -1.0
                    };
                    side * (2.0 * step((v - nearest * 11.0) / soft) - 1.0)
                };
                lay(inside * (1.0 + wave(x) * wave(y)) / 2.0, [0.03; 3]);
            }
            Self::Patches => {
                lay(frame(&rectangle), [0.03; 3]);
                for (i, patch) in PATCHES.iter().enumerate() {
                    let [x, y] = [9.5 + (i % 6) as f64 * 18.0, 9.0 + (i / 6) as f64 * 18.0];
                    lay(rectangle(x, y, 16.0, 16.0), patch.map(decoded));
                }
            }
            Self::InfraredCard => {
                lay(frame(&rectangle), [0.03; 3]);
                lay(rectangle(23.0, 29.0, 30.0, 30.0), [0.03; 3]);
                let vanishing = if lit == Lit::Infrared { 0.80 } else { 0.05 };
                lay(rectangle(72.0, 29.0, 30.0, 30.0), [vanishing; 3]);
            }
            Self::UltravioletCard => {
                if lit == Lit::Ultraviolet {
                    lay(rectangle(23.0, 29.0, 30.0, 30.0), [0.02; 3]);
                    lay(rectangle(72.0, 29.0, 30.0, 30.0), [0.75; 3]);
                } else {
                    lay(frame(&rectangle), [0.03; 3]);
                }
            }
        }
        colour
    }
}

/// A frame 4 mm wide from (3, 2.5) to (122, 85.5).
fn frame(rectangle: &impl Fn(f64, f64, f64, f64) -> f64) -> f64 {
    rectangle(3.0, 2.5, 119.0, 83.0) - rectangle(7.0, 6.5, 111.0, 75.0)
}
