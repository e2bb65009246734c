//! What was measured of a page's picture, and what its holder could do for a better one.

use crate::outline::Located;
use rules::{Argument, Check, CheckId, Outcome};

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

    /// The same in plain English, as logs and the command line say it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Turn => "turn the document away from the light",
            Self::HoldStill => "hold the document still",
            Self::MoveCloser => "move the document closer",
            Self::Flatten => "flatten the page",
            Self::ShowWhole => "show the whole page",
        }
    }
}

/// Below this, strokes run together.
pub(crate) const LEAST_FOCUS: f32 = 0.3;
/// A blur of less than this, in pixels, is the picture's coarseness.
pub(crate) const LEAST_BLUR_PX: f32 = 1.0;
/// From this share of the zone on, a reflection is in the way.
const MOST_GLARE_ON_ZONE: f32 = 0.04;
/// From this share of the page on.
pub(crate) const MOST_GLARE: f32 = 0.1;
/// Below this a capital is less than 11 pixels high.
pub(crate) const LEAST_DPI: f32 = 115.0;
/// A leaf bent more than this is not flat.
const MOST_BEND_MM: f32 = 1.5;
/// A corner so far outside the picture is not in it, millimetres.
const BEYOND_MM: f32 = 3.0;

/// What would make a better picture of so many pixels across and down, the most urgent first.
pub(crate) fn of(page: &Located, picture: [u32; 2]) -> Vec<Guidance> {
    let beyond = BEYOND_MM / 25.4 * page.dpi;
    let outside =
        |c: &[f32; 2]| (0..2).any(|k| c[k] < -beyond || c[k] > picture[k] as f32 + beyond);
    Guidance::ALL
        .into_iter()
        .filter(|word| match word {
            Guidance::Turn => is_glaring(&page.measures),
            Guidance::HoldStill => is_blurred(page),
            Guidance::MoveCloser => page.dpi < LEAST_DPI,
            Guidance::Flatten => page.measures.bend_mm > MOST_BEND_MM,
            Guidance::ShowWhole => page.outline.corners.iter().any(outside),
        })
        .collect()
}

fn is_glaring(measures: &Measures) -> bool {
    measures.glare_on_zone >= MOST_GLARE_ON_ZONE || measures.glare >= MOST_GLARE
}

fn is_blurred(page: &Located) -> bool {
    let Measures { focus, blur_mm, .. } = page.measures;
    let blur_px = blur_mm.unwrap_or(0.0) / 25.4 * page.dpi;
    focus.is_some_and(|f| f < LEAST_FOCUS) && blur_px > LEAST_BLUR_PX
}

/// Whether the picture is good enough to look closely at. What is not speaks against the picture alone:
/// never `Failed`.
pub(crate) fn checks(page: &Located) -> [Check; 3] {
    let answer = |check, good, why: String, said, measured: Argument| {
        if good {
            Check::new(check, Outcome::Successful, "")
        } else {
            Check::new(check, Outcome::Undetermined, why).saying(said, [("measured", measured)])
        }
    };
    let whole = |number: f32| Argument::Number(number.round() as i64);
    let measures = &page.measures;
    [
        answer(
            CheckId::PageFocus,
            !is_blurred(page),
            format!("blurred by {:.2} mm", measures.blur_mm.unwrap_or(0.0)),
            "detail-blurred",
            Argument::Text(format!("{:.2}", measures.blur_mm.unwrap_or(0.0))),
        ),
        answer(
            CheckId::PageGlare,
            !is_glaring(measures),
            format!(
                "a reflection lies on {:.0} % of the zone and {:.0} % of the page",
                100.0 * measures.glare_on_zone,
                100.0 * measures.glare
            ),
            "detail-glare",
            whole(100.0 * measures.glare_on_zone),
        ),
        answer(
            CheckId::PageResolution,
            page.dpi >= LEAST_DPI,
            format!("{:.0} pixels per inch", page.dpi),
            "detail-resolution",
            whole(page.dpi),
        ),
    ]
}
