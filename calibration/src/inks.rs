//! The infrared and the ultraviolet card: whether the lamps show what inspections rely on.

use crate::CalibrationError;
use crate::colour::card;
use crate::plane::{Plane, mean_colour};
use crate::squares::carried;
use crate::target::PAIR_PLACES_MM;
use crate::verdict::{Figure, Tolerance};
use page::Picture;
use page::profile::Light;
use serde::{Deserialize, Serialize};

/// Half of the window that a square is measured in, millimetres.
const WINDOW_MM: f64 = 9.0;
/// Where the card is bare: between its squares.
const BARE_MM: [f64; 2] = [62.5, 44.0];

/// What was measured: the light of both squares and of the bare card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// In which light.
    pub light: Light,
    /// The left square's, the right one's, the bare card's light, 0 to 1.
    pub levels: [f64; 3],
}

/// Measures a card under its lamp, by where its frame is seen: in the same picture, or in one under white
/// light from the same place where the lamp does not show the frame (ultraviolet).
///
/// # Errors
/// [`CalibrationError::TargetNotSeen`], [`CalibrationError::Library`].
pub fn measure(
    light: Light,
    picture: &Picture,
    white: Option<&Picture>,
) -> Result<Pair, CalibrationError> {
    let target = match light {
        Light::Ultraviolet => "ultraviolet",
        _ => "infrared",
    };
    let to_pixels = card(&Plane::of(white.unwrap_or(picture)), target)?;
    if white.is_some_and(|w| (w.width(), w.height()) != (picture.width(), picture.height())) {
        return Err(CalibrationError::TargetNotSeen {
            target,
            why: "the picture under white light has another size".to_owned(),
        });
    }
    let a = carried(&to_pixels, [0.0, 0.0]);
    let b = carried(&to_pixels, [10.0, 0.0]);
    let per_mm = (a[0] - b[0]).hypot(a[1] - b[1]) / 10.0;
    let level = |place: [f64; 2], half: f64| {
        let colour = mean_colour(picture, carried(&to_pixels, place), half * per_mm);
        (colour[0] + colour[1] + colour[2]) / 3.0
    };
    Ok(Pair {
        light,
        levels: [
            level(PAIR_PLACES_MM[0], WINDOW_MM),
            level(PAIR_PLACES_MM[1], WINDOW_MM),
            level(BARE_MM, 3.0),
        ],
    })
}

/// The figures of one card.
#[must_use]
pub fn figures(pair: &Pair) -> Vec<Figure> {
    let [left, right, bare] = pair.levels;
    match pair.light {
        Light::Ultraviolet => vec![
            Figure::new(
                "ultraviolet_glow",
                right / left.max(1e-4),
                "times",
                Tolerance::AtLeast(3.0),
                "is the ultraviolet lamp lit? clean its filter; fresh office paper on the card's right square",
            ),
            Figure::new(
                "ultraviolet_dull",
                left,
                "",
                Tolerance::AtMost(0.2),
                "violet light reaches the camera: check the filter before the lens; close the lid",
            ),
        ],
        _ => vec![
            Figure::new(
                "infrared_carbon",
                1.0 - left / bare.max(1e-4),
                "",
                Tolerance::AtLeast(0.5),
                "is the infrared lamp lit, and the filter before the lens the right one?",
            ),
            Figure::new(
                "infrared_vanishing",
                1.0 - right / bare.max(1e-4),
                "",
                Tolerance::AtMost(0.22),
                "visible light reaches the camera under infrared: close the lid, check the lamp's wavelength (870 to 940 nm)",
            ),
        ],
    }
}
