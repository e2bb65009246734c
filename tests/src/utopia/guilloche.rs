//! The security background: tinted paper, families of fine waves, rosettes, a line of tiny writing.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

use super::canvas::{Canvas, Mask, Point, RectMm};
use super::fonts::{Face, Fonts};
use super::light::{Light, colour};
use super::seed::{Grain, one_of, within};

/// The inks of one series of documents.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    /// Tint at the upper left.
    pub(crate) paper: Light,
    /// Tint at the lower right (an iris print runs from one to the other).
    pub(crate) paper_far: Light,
    /// The waves' inks.
    pub(crate) lines: [Light; 3],
    /// Headings.
    pub(crate) heading: Light,
    /// Captions.
    pub(crate) caption: Light,
}

/// The series of Utopia, as sRGB: paper, far paper, three lines, heading, caption.
const SERIES: [[u32; 7]; 6] = [
    [
        0xF3EFE2, 0xDCE9EF, 0x7FA6C4, 0xC9A27A, 0x8FBF9F, 0x1E3F73, 0x46618C,
    ],
    [
        0xEFF3EA, 0xF4E6EA, 0x89B58C, 0xC98FA0, 0xA7A0CC, 0x23573A, 0x4B6B57,
    ],
    [
        0xF6EDE6, 0xE9E4F2, 0xC79883, 0x9C8FC4, 0x84B3C2, 0x6A2233, 0x7A4C56,
    ],
    [
        0xEAF1F5, 0xEFF2E4, 0x79A0BF, 0x9DBB80, 0xBFA0C0, 0x17455C, 0x3D6474,
    ],
    [
        0xF4F0EC, 0xF0E4D6, 0xC2A878, 0xB98F8F, 0x93AEBB, 0x4A3A22, 0x6B5B45,
    ],
    [
        0xEDEDF4, 0xE2EEEA, 0x9A9CCB, 0x7FB8B0, 0xC5A3B4, 0x33306B, 0x56548A,
    ],
];

impl Palette {
    /// One of Utopia's series.
    pub(crate) fn draw(rng: &mut impl Rng) -> Self {
        let s = one_of(rng, &SERIES).map(colour);
        Self {
            paper: s[0],
            paper_far: s[1],
            lines: [s[2], s[3], s[4]],
            heading: s[5],
            caption: s[6],
        }
    }
}

/// Prints the background over a whole sheet. In `quiet` (the zone) the inks are faint, so that the zone
/// keeps its print contrast (Doc 9303-3 section 4).
pub(crate) fn print(
    canvas: &mut Canvas,
    fonts: &Fonts,
    palette: &Palette,
    quiet: RectMm,
    rng: &mut impl Rng,
) {
    let (width, height) = extent(canvas);
    tint(canvas, palette, width, height, rng);
    let mut mask = canvas.mask();
    for (k, ink) in palette.lines.into_iter().enumerate() {
        waves(&mut mask, width, height, k, rng);
        hush(&mut mask, quiet);
        canvas.print(&mask, ink, within(rng, (0.45, 0.8)));
        mask.clear();
    }
    let across = width.min(height * 1.3);
    let centre = [
        within(rng, (0.55, 0.75)) * width,
        within(rng, (0.35, 0.5)) * height,
    ];
    rosette(&mut mask, centre, across * within(rng, (0.2, 0.28)), rng);
    hush(&mut mask, quiet);
    canvas.print(&mask, *one_of(rng, &palette.lines), 0.6);
    mask.clear();
    for _ in 0..rng.random_range(1..=3u8) {
        let at = [
            within(rng, (0.05, 0.95)) * width,
            within(rng, (0.1, 0.7)) * height,
        ];
        rosette(&mut mask, at, across * within(rng, (0.08, 0.14)), rng);
    }
    hush(&mut mask, quiet);
    canvas.print(&mask, *one_of(rng, &palette.lines), 0.5);
    mask.clear();

    let line = "REPUBLICOFUTOPIA".repeat(20);
    let em = 0.75;
    let y = quiet.y - 0.6;
    let fits = (width / (fonts.width(Face::Regular, em, &line) / line.len() as f32)) as usize;
    let tiny: String = line.chars().take(fits).collect();
    fonts.set(&mut mask, Face::Regular, em, [0.5, y], &tiny);
    canvas.print(&mask, palette.caption, 0.7);
}

/// A sheet's size in millimetres.
pub(crate) fn extent(canvas: &Canvas) -> (f32, f32) {
    let (w, h) = canvas.size();
    (w as f32 / canvas.scale(), h as f32 / canvas.scale())
}

/// Tints the paper: an iris run from corner to corner, and the fibres' unevenness.
fn tint(canvas: &mut Canvas, palette: &Palette, width: f32, height: f32, rng: &mut impl Rng) {
    let fibre = Grain::draw(rng);
    let (near, far) = (palette.paper, palette.paper_far);
    canvas.wash(|x, y, _| {
        let run = (0.6 * x / width + 0.4 * y / height).clamp(0.0, 1.0);
        let rough = 1.0 - 0.035 * fibre.at(x * 3.0, y * 3.0);
        std::array::from_fn(|k| (near[k] + (far[k] - near[k]) * run) * rough)
    });
}

/// One family of parallel waves, each shifted a little against the last, so that moiré bands form.
fn waves(mask: &mut Mask, width: f32, height: f32, family: usize, rng: &mut impl Rng) {
    let pitch = within(rng, (1.1, 2.0));
    let amplitude = within(rng, (1.2, 4.0));
    let length = within(rng, (14.0, 42.0));
    let second = within(rng, (0.2, 0.6));
    let drift = within(rng, (-0.35, 0.35));
    let slope = within(rng, (-0.25, 0.25)) * family as f32;
    let thick = within(rng, (0.07, 0.13));
    let phase = within(rng, (0.0, TAU));
    let margin = amplitude * 1.6 + slope.abs() * width;
    let count = ((height + 2.0 * margin) / pitch) as usize + 1;
    let step = 0.5;
    let mut line: Vec<Point> = Vec::new();
    for k in 0..count {
        let y0 = k as f32 * pitch - margin;
        line.clear();
        line.extend((0..=(width / step) as usize + 1).map(|i| {
            let x = i as f32 * step;
            let a = TAU * x / length + phase + drift * k as f32;
            let y =
                y0 + slope * x + amplitude * (libm::sinf(a) + second * libm::sinf(2.3 * a + 1.0));
            [x, y]
        }));
        mask.stroke(&line, thick);
    }
}

/// A rosette: several closed curves around a centre, each turned a little against the last.
pub(crate) fn rosette(mask: &mut Mask, centre: Point, radius: f32, rng: &mut impl Rng) {
    let petals = rng.random_range(5..=14u8) as f32;
    let rings = rng.random_range(7..=14usize);
    let depth = within(rng, (0.12, 0.3));
    let inner = within(rng, (0.25, 0.45));
    let thick = within(rng, (0.06, 0.1));
    let points = ((radius * TAU / 0.35) as usize).max(60);
    for ring in 0..rings {
        let part = ring as f32 / rings as f32;
        let base = radius * (inner + (1.0 - inner - depth) * part);
        let turn = part * TAU / petals * 1.5;
        let curve: Vec<Point> = (0..=points)
            .map(|i| {
                let angle = TAU * (i % points) as f32 / points as f32;
                let r = base + radius * depth * (0.5 + 0.5 * libm::cosf(petals * (angle + turn)));
                [
                    centre[0] + r * libm::cosf(angle),
                    centre[1] + r * libm::sinf(angle),
                ]
            })
            .collect();
        mask.stroke(&curve, thick);
    }
}

/// Makes the ink faint within a rectangle.
fn hush(mask: &mut Mask, quiet: RectMm) {
    mask.weigh(|_, y, cover| if y > quiet.y { cover * 0.45 } else { cover });
}
