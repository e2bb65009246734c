//! What is on each target.

use super::sheet::{Ink, Paper, Sheet};

/// A card's width and height.
pub const CARD_MM: [f64; 2] = [125.0, 88.0];
/// The side of a focus mark.
pub const MARK_MM: f64 = 14.0;
/// How far a focus mark is turned, in degrees: its edges cross the pixels at a slant (ISO 12233 section 6.2).
const MARK_DEGREES: f64 = 5.0;
/// The middles of the focus marks: the centre first, then the corners row by row.
pub const MARK_PLACES_MM: [[f64; 2]; 5] = [
    [62.5, 44.0],
    [17.0, 15.0],
    [108.0, 15.0],
    [17.0, 73.0],
    [108.0, 73.0],
];
/// Dark enough to find, light enough that the edge clips neither way.
const MARK_INK: Ink = Ink::Srgb([64; 3]);
/// The side of the chessboard's squares.
pub const BOARD_SQUARE_MM: f64 = 11.0;
/// Squares across and down.
const BOARD_SQUARES: [usize; 2] = [10, 7];
/// Corners between four squares, across and down.
pub const BOARD_CORNERS: [usize; 2] = [9, 6];
/// The frame of cards with patches: left, top, width, height of its outer edge.
pub const FRAME_MM: [f64; 4] = [3.0, 2.5, 119.0, 83.0];
const FRAME_WIDE_MM: f64 = 4.0;
/// The upper left corner of the first patch.
pub const PATCH_PLACE_MM: [f64; 2] = [9.5, 9.0];
/// From one patch to the next.
pub const PATCH_PITCH_MM: f64 = 18.0;
const PATCH_MM: f64 = 16.0;
/// The middles of the two squares of the infrared and ultraviolet cards.
pub const PAIR_PLACES_MM: [[f64; 2]; 2] = [[38.0, 44.0], [87.0, 44.0]];
const PAIR_MM: f64 = 30.0;
/// Width and height of the face chart's frame, outer edge.
pub const FACE_FRAME_MM: [f64; 2] = [150.0, 190.0];
/// Between the eyes of the face chart: a mean adult's.
pub const EYES_MM: f64 = 62.0;

/// The patches row by row, as the 24-patch chart that photographers know names them.
pub const PATCH_NAMES: [&str; 24] = [
    "dark skin",
    "light skin",
    "blue sky",
    "foliage",
    "blue flower",
    "bluish green",
    "orange",
    "purplish blue",
    "moderate red",
    "purple",
    "yellow green",
    "orange yellow",
    "blue",
    "green",
    "red",
    "yellow",
    "magenta",
    "cyan",
    "white",
    "neutral 8",
    "neutral 6.5",
    "neutral 5",
    "neutral 3.5",
    "black",
];

/// Their colours in sRGB as that chart publishes them. A print has its printer's colours: measure it, or
/// use a bought chart and its maker's table.
pub const PATCHES_SRGB: [[u8; 3]; 24] = [
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

/// One target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Slanted edges; golden and drift scans too.
    Focus,
    /// Geometry.
    Chessboard,
    /// 24 colours.
    Patches,
    /// Two blacks.
    Infrared,
    /// Two papers.
    Ultraviolet,
    /// A head.
    Faces,
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 6] = [
        Self::Focus,
        Self::Chessboard,
        Self::Patches,
        Self::Infrared,
        Self::Ultraviolet,
        Self::Faces,
    ];

    /// The name used in JSON and of its files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Chessboard => "chessboard",
            Self::Patches => "patches",
            Self::Infrared => "infrared",
            Self::Ultraviolet => "ultraviolet",
            Self::Faces => "faces",
        }
    }

    /// How to print and use it.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Focus => {
                "matt white paper; one for the desk, one glued into the lid for golden and drift scans"
            }
            Self::Chessboard => "glue it on a stiff flat plate: a bent board bends every figure",
            Self::Patches => {
                "a bought 24-patch chart with its table is better; a print has its printer's colours"
            }
            Self::Infrared => {
                "print the PDF on a colour laser printer: the left square in black alone, the right in colours alone"
            }
            Self::Ultraviolet => {
                "glue dull (security) paper on the left square and white office paper on the right"
            }
            Self::Faces => "matt; hold it at 40, 60 and 100 cm from the camera",
        }
    }

    /// Width and height of what is cut out, millimetres.
    #[must_use]
    pub fn size_mm(self) -> [f64; 2] {
        match self {
            Self::Faces => FACE_FRAME_MM,
            _ => CARD_MM,
        }
    }

    /// The drawing.
    #[must_use]
    pub fn sheet(self, paper: Paper) -> Sheet {
        let mut sheet = Sheet {
            paper,
            title: format!("Mpaka calibration target: {}", self.as_str()),
            shapes: Vec::new(),
        };
        let size = self.size_mm();
        let [width, _] = paper.size_mm();
        // In the middle across, so that the printer's margins are the same on both sides.
        let card = [(width - size[0]) / 2.0, 30.0];
        let on = |[x, y]: [f64; 2]| [card[0] + x, card[1] + y];
        match self {
            Self::Focus => {
                for place in MARK_PLACES_MM {
                    sheet.polygon(turned_square(on(place)), MARK_INK);
                }
            }
            Self::Chessboard => {
                let [across, down] = BOARD_SQUARES;
                let left = (CARD_MM[0] - across as f64 * BOARD_SQUARE_MM) / 2.0;
                let top = (CARD_MM[1] - down as f64 * BOARD_SQUARE_MM) / 2.0;
                for row in 0..down {
                    for column in (row % 2..across).step_by(2) {
                        let at = [
                            left + column as f64 * BOARD_SQUARE_MM,
                            top + row as f64 * BOARD_SQUARE_MM,
                        ];
                        sheet.rectangle(on(at), [BOARD_SQUARE_MM; 2], Ink::CARBON);
                    }
                }
            }
            Self::Patches => {
                card_frame(&mut sheet, on);
                for (i, colour) in PATCHES_SRGB.iter().enumerate() {
                    let at = [
                        PATCH_PLACE_MM[0] + (i % 6) as f64 * PATCH_PITCH_MM,
                        PATCH_PLACE_MM[1] + (i / 6) as f64 * PATCH_PITCH_MM,
                    ];
                    sheet.rectangle(on(at), [PATCH_MM; 2], Ink::Srgb(*colour));
                }
            }
            Self::Infrared => {
                card_frame(&mut sheet, on);
                for (place, ink) in PAIR_PLACES_MM.into_iter().zip([Ink::CARBON, Ink::MIXED]) {
                    sheet.rectangle(on(pair_corner(place)), [PAIR_MM; 2], ink);
                }
            }
            Self::Ultraviolet => {
                card_frame(&mut sheet, on);
                for (place, words) in PAIR_PLACES_MM
                    .into_iter()
                    .zip(["dull paper", "office paper"])
                {
                    let corner = pair_corner(place);
                    sheet.frame(on(corner), [PAIR_MM; 2], 0.3, Ink::Srgb([170; 3]));
                    sheet.text(on([corner[0] + 3.0, place[1]]), 3.5, words);
                }
            }
            Self::Faces => face(&mut sheet, on),
        }
        cut_marks(&mut sheet, card, size);
        let under = card[1] + size[1] + 14.0;
        let left = (width - 100.0) / 2.0;
        sheet.rectangle([left, under], [100.0, 0.3], Ink::CARBON);
        for x in [left, left + 99.7] {
            sheet.rectangle([x, under - 2.0], [0.3, 4.3], Ink::CARBON);
        }
        sheet.text(
            [left, under + 6.0],
            3.2,
            "This line is 100 mm long. If not: print again at 100 %, without fitting to the page.",
        );
        sheet.text([left, under + 11.0], 3.2, self.advice());
        sheet.text(
            [card[0], card[1] - 6.0],
            4.0,
            &format!("Mpaka: {}", self.as_str()),
        );
        sheet
    }
}

fn turned_square([x, y]: [f64; 2]) -> [[f64; 2]; 4] {
    let (sin, cos) = MARK_DEGREES.to_radians().sin_cos();
    let half = MARK_MM / 2.0;
    [[-half, -half], [half, -half], [half, half], [-half, half]]
        .map(|[dx, dy]| [x + cos * dx - sin * dy, y + sin * dx + cos * dy])
}

fn pair_corner([x, y]: [f64; 2]) -> [f64; 2] {
    [x - PAIR_MM / 2.0, y - PAIR_MM / 2.0]
}

fn card_frame(sheet: &mut Sheet, on: impl Fn([f64; 2]) -> [f64; 2]) {
    let [x, y, w, h] = FRAME_MM;
    sheet.frame(on([x, y]), [w, h], FRAME_WIDE_MM, Ink::CARBON);
}

fn face(sheet: &mut Sheet, on: impl Fn([f64; 2]) -> [f64; 2]) {
    let disc = |at: [f64; 2], rx: f64, ry: f64| {
        (0..72).map(move |i| {
            let (sin, cos) = (f64::from(i) * 5.0).to_radians().sin_cos();
            [at[0] + rx * cos, at[1] + ry * sin]
        })
    };
    let [width, height] = FACE_FRAME_MM;
    sheet.frame(on([0.0, 0.0]), FACE_FRAME_MM, 8.0, Ink::CARBON);
    let middle = [width / 2.0, height / 2.0 - 10.0];
    sheet.polygon(
        disc(on([middle[0], height / 2.0]), 58.0, 80.0),
        Ink::Srgb([196, 160, 138]),
    );
    for side in [-1.0, 1.0] {
        let eye = on([middle[0] + side * EYES_MM / 2.0, middle[1]]);
        sheet.polygon(disc(eye, 13.0, 6.0), Ink::Srgb([255; 3]));
        sheet.polygon(disc(eye, 5.5, 5.5), Ink::Srgb([40, 30, 26]));
    }
    sheet.polygon(
        disc(on([middle[0], middle[1] + 56.0]), 22.0, 5.0),
        Ink::Srgb([140, 70, 66]),
    );
}

/// Thin marks outside the card's corners.
fn cut_marks(sheet: &mut Sheet, [x, y]: [f64; 2], [w, h]: [f64; 2]) {
    const THIN: f64 = 0.15;
    const LONG: f64 = 4.0;
    for (cx, outward_x) in [(x, -1.0), (x + w, 1.0)] {
        for (cy, outward_y) in [(y, -1.0), (y + h, 1.0)] {
            let from = |c: f64, outward: f64| {
                if outward < 0.0 {
                    c - LONG - 1.0
                } else {
                    c + 1.0
                }
            };
            sheet.rectangle([from(cx, outward_x), cy], [LONG, THIN], Ink::CARBON);
            sheet.rectangle([cx, from(cy, outward_y)], [THIN, LONG], Ink::CARBON);
        }
    }
}
