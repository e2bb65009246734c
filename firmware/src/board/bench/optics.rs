//! What the simulated box's camera would see: how bright each lamp is by now, and what is on the glass.
//!
//! A lamp that is lit warms up and gives less light for it (LEDs lose some per cent), cools when it is out, and ages.
//! Dust falls, the camera is knocked, the sun shines in. Whoever presses pictures of the box asks here.

use crate::lamps::{Brightness, Lamp};
use core::time::Duration;
use std::vec::Vec;

/// The light that a warm lamp has lost against a cold one.
pub const DROOP: f64 = 0.06;
/// After so long a lamp has warmed up by all but a third.
pub const WARM_UP: Duration = Duration::from_secs(90);

/// A speck of dust on the glass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dust {
    /// Its middle, millimetres from the glass's upper left corner.
    pub at_mm: [f64; 2],
    /// Its radius, millimetres.
    pub radius_mm: f64,
}

/// A reflection on the glass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glare {
    /// Its middle, millimetres.
    pub at_mm: [f64; 2],
    /// Its radius, millimetres.
    pub radius_mm: f64,
    /// Light added, of the lamp's full light.
    pub strength: f64,
}

/// The state of the box's optics.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Optics {
    /// What lies on the glass.
    pub dust: Vec<Dust>,
    /// Reflections.
    pub glare: Vec<Glare>,
    /// How far the camera was knocked aside since it was seated, millimetres on the glass.
    pub knocked_mm: [f64; 2],
}

/// One lamp's warmth and age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Warmth {
    /// 0 cold, 1 as warm as it gets at full brightness.
    warmth: f64,
    /// What is left of its light, 1 when new.
    pub(super) age: f64,
}

impl Default for Warmth {
    fn default() -> Self {
        Self {
            warmth: 0.0,
            age: 1.0,
        }
    }
}

impl Warmth {
    /// Time passes at this brightness.
    pub(super) fn pass(&mut self, time: Duration, brightness: Brightness) {
        let goal = f64::from(brightness.as_percent()) / 100.0;
        let left = (-time.as_secs_f64() / WARM_UP.as_secs_f64()).exp();
        self.warmth = goal + (self.warmth - goal) * left;
    }

    /// The light, of a new cold lamp at full brightness.
    pub(super) fn light(&self, brightness: Brightness) -> f64 {
        let driven = f64::from(brightness.as_percent()) / 100.0;
        driven * (1.0 - DROOP * self.warmth) * self.age
    }
}

/// The lamps of the box by name.
pub(super) fn index(lamp: Lamp) -> usize {
    match lamp {
        Lamp::White => 0,
        Lamp::Infrared => 1,
        Lamp::Ultraviolet => 2,
    }
}
