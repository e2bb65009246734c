//! What was measured of a page's picture, and what its holder could do for a better one.

use crate::outline::Outline;

/// How good the picture of a page is.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Measures {
    /// The share of their contrast that stripes as wide as a stroke of the zone's print keep, 0 (nothing
    /// is left) to 1 (perfectly sharp); `None` where the print is too faint to tell.
    pub focus: Option<f32>,
    /// Standard deviation of the blur in its worst direction, millimetres of the page.
    pub blur_mm: Option<f32>,
    /// How many times worse the blur is in one direction than in the other: motion.
    pub motion: Option<f32>,
    /// The share of the page that a reflection overexposes, 0 to 1.
    pub glare: f32,
    /// The share of the zone whose print a reflection has taken, 0 to 1.
    pub glare_on_zone: f32,
    /// How far the middle of the leaf is bent away from the straight, millimetres.
    pub bend_mm: f32,
    /// Between the camera's axis and the upright on the page, degrees.
    pub tilt_degrees: f32,
}

/// What the holder of a document could do for a better picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// A reflection lies on the page: turn it away from the light.
    Turn,
    /// The print is blurred: hold the page still.
    HoldStill,
    /// The page is seen too small: move it closer.
    MoveCloser,
    /// The leaf is bent: flatten it.
    Flatten,
    /// The zone's page is not all in the picture: show the whole page.
    ShowWhole,
}

impl Guidance {
    /// Every word, the most urgent first.
    pub const ALL: [Self; 5] = [
        Self::Turn,
        Self::HoldStill,
        Self::MoveCloser,
        Self::Flatten,
        Self::ShowWhole,
    ];

    /// The name used in JSON and locale files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::HoldStill => "hold_still",
            Self::MoveCloser => "move_closer",
            Self::Flatten => "flatten",
            Self::ShowWhole => "show_whole",
        }
    }
}

/// Below this, strokes run together.
pub(crate) const LEAST_FOCUS: f32 = 0.3;
/// From this share of the zone on, a reflection is in the way.
pub(crate) const MOST_GLARE_ON_ZONE: f32 = 0.04;
/// From this share of the page on.
pub(crate) const MOST_GLARE: f32 = 0.1;
/// Below this a capital is less than 11 pixels high.
pub(crate) const LEAST_DPI: f32 = 115.0;
/// A leaf bent more than this is not flat.
const MOST_BEND_MM: f32 = 1.5;

/// What would make a better picture, the most urgent first.
pub(crate) fn of(
    measures: &Measures,
    dpi: f32,
    outline: &Outline,
    picture: [f32; 2],
) -> Vec<Guidance> {
    let beyond = outline.corners.iter().any(|c| {
        let margin = 3.0 / 25.4 * dpi;
        (0..2).any(|k| c[k] < -margin || c[k] > picture[k] + margin)
    });
    Guidance::ALL
        .into_iter()
        .filter(|word| match word {
            Guidance::Turn => {
                measures.glare_on_zone >= MOST_GLARE_ON_ZONE || measures.glare >= MOST_GLARE
            }
            Guidance::HoldStill => measures.focus.is_some_and(|f| f < LEAST_FOCUS),
            Guidance::MoveCloser => dpi < LEAST_DPI,
            Guidance::Flatten => measures.bend_mm > MOST_BEND_MM,
            Guidance::ShowWhole => beyond,
        })
        .collect()
}
