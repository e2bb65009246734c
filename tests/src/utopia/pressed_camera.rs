//! The simulated box's cameras: what they see is pressed from a [`Reader`] of known truth, from the lamp that the box's
//! own drivers have lit, as warm as it is by now, and from what somebody has laid on the glass.

use super::reader::{Chart, Lit, Pose, Reader};
use firmware::board::bench::{Bench, Optics};
use firmware::lamps::{Brightness, Lamp};
use image::RgbImage;
use page::Picture;
use page::source::{Content, Next, Sight, Source, SourceError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What lies before a camera.
#[derive(Debug, Clone)]
pub enum Laid {
    /// A chart, held or lying.
    Chart(Chart, Pose),
    /// A print on the glass, so many dots to the inch.
    Print(Arc<RgbImage>, f64),
}

impl Laid {
    /// Whether it is the very same.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Chart(a, at), Self::Chart(b, bt)) => a == b && at == bt,
            (Self::Print(a, _), Self::Print(b, _)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// The hand that lays things before a camera.
#[derive(Debug, Clone)]
pub struct Hand(Arc<Mutex<Laid>>);

impl Hand {
    /// Lays something else down.
    pub fn lay(&self, laid: Laid) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = laid;
    }

    fn laid(&self) -> Laid {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What the last frames were computed from, and their light before noise.
#[derive(Debug)]
struct Seen {
    laid: Laid,
    lit: Lit,
    optics: Optics,
    light: Vec<[f64; 3]>,
}

/// A camera of the simulated box.
#[derive(Debug)]
pub struct PressedCamera {
    reader: Reader,
    bench: Bench,
    hand: Hand,
    /// The room's light falls on what is held before the face camera, whichever lamp is lit.
    by_daylight: bool,
    seen: Option<Seen>,
    shot: u64,
}

impl PressedCamera {
    /// The camera over the glass, and the hand before it.
    #[must_use]
    pub fn over_the_glass(reader: Reader, bench: Bench) -> (Self, Hand) {
        Self::new(reader, bench, false)
    }

    /// The camera that travellers look into.
    #[must_use]
    pub fn of_faces(reader: Reader, bench: Bench) -> (Self, Hand) {
        Self::new(reader, bench, true)
    }

    fn new(reader: Reader, bench: Bench, by_daylight: bool) -> (Self, Hand) {
        let laid = Laid::Chart(Chart::Sheet, reader.glass);
        let hand = Hand(Arc::new(Mutex::new(laid)));
        let camera = Self {
            reader,
            bench,
            hand: hand.clone(),
            by_daylight,
            seen: None,
            shot: 0,
        };
        (camera, hand)
    }

    /// Which lamp the drivers have lit.
    fn lit(&self) -> Result<Lit, SourceError> {
        let burns = |lamp| self.bench.brightness(lamp) > Brightness::DARK;
        match Lamp::ALL.map(burns) {
            _ if self.by_daylight => Ok(Lit::White),
            [true, false, false] => Ok(Lit::White),
            [false, true, false] => Ok(Lit::Infrared),
            [false, false, true] => Ok(Lit::Ultraviolet),
            [false, false, false] => Ok(Lit::Dark),
            _ => Err(SourceError::Lost {
                name: "the pressed camera".to_owned(),
                why: "two lamps are lit at once".to_owned(),
            }),
        }
    }

    fn exposure(&self, lit: Lit) -> f64 {
        match lit {
            _ if self.by_daylight => 1.0,
            Lit::White => self.bench.light(Lamp::White),
            Lit::Infrared => self.bench.light(Lamp::Infrared),
            Lit::Ultraviolet => self.bench.light(Lamp::Ultraviolet),
            Lit::Dark => 1.0,
        }
    }

    fn frame(&mut self) -> Result<RgbImage, SourceError> {
        self.shot += 1;
        let (lit, optics) = (self.lit()?, self.bench.optics());
        let exposure = self.exposure(lit);
        let laid = self.hand.laid();
        let same = self
            .seen
            .as_ref()
            .is_some_and(|s| s.laid.is(&laid) && s.lit == lit && s.optics == optics);
        if !same {
            let now = self.reader.disturbed(&optics);
            let light = match &laid {
                Laid::Print(print, dpi) => now.print_light(print, *dpi),
                // What lies on the glass moves with the camera's seat; what is held does not.
                Laid::Chart(chart, pose) if *pose == self.reader.glass => {
                    now.light(*chart, now.glass, lit)
                }
                Laid::Chart(chart, pose) => now.light(*chart, *pose, lit),
            };
            self.seen = Some(Seen {
                laid,
                lit,
                optics,
                light,
            });
        }
        let light = self.seen.as_ref().map_or(&[][..], |s| &s.light);
        Ok(self.reader.develop(light, exposure, self.shot))
    }
}

impl Source for PressedCamera {
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError> {
        if patience.is_zero() {
            // It never has an old frame.
            return Ok(Next::NothingYet);
        }
        let picture = self.frame()?;
        Ok(Next::Sight(Sight {
            name: format!("pressed {}", self.shot),
            content: Content::Frame(Picture::from_rgb(picture)),
        }))
    }
}
