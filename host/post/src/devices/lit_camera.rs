//! The box's own camera over the glass under the box's own lamps: pages are taken in the light in which the box was
//! calibrated.

use super::light::{GlassLight, SWITCHED};
use super::{Camera, CameraError, Hardware, Shot, Traveller};
use firmware::Fault;
use firmware::lamps::Lamp;
use firmware::lid::LidState;
use firmware::tray::TrayState;
use page::profile::Light;
use std::sync::Arc;

/// A camera whose pictures of the page are taken under white light, and at a presentation also under the other lamps
/// whose pictures say something.
///
/// Whoever takes a presentation's pictures gets light, whatever the tray says; whoever watches the glass only where
/// something lies on it, or where the tray cannot be asked.
pub struct LitCamera {
    camera: Box<dyn Camera>,
    hardware: Arc<Hardware>,
    measured: Box<dyn Fn() -> Vec<Light> + Send + Sync>,
}

impl std::fmt::Debug for LitCamera {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LitCamera({:?}, {:?})", self.camera, self.hardware)
    }
}

impl LitCamera {
    /// This camera under the lamps of this board; `measured` says in which lights the box's profile, where it is relied
    /// on, was measured.
    #[must_use]
    pub fn new(
        camera: impl Camera + 'static,
        hardware: &Arc<Hardware>,
        measured: impl Fn() -> Vec<Light> + Send + Sync + 'static,
    ) -> Self {
        Self {
            camera: Box::new(camera),
            hardware: Arc::clone(hardware),
            measured: Box::new(measured),
        }
    }

    fn hold(&self) -> Result<GlassLight, CameraError> {
        GlassLight::for_picture(&self.hardware).ok_or(CameraError::GlassTaken)
    }

    /// Lights a lamp alone and lets frames of before go by; whether it burns.
    fn light(&self, glass: &GlassLight, lamp: Lamp) -> bool {
        let burns = || glass.lit() == Some(lamp);
        if burns() {
            return true;
        }
        // A lamp that does not answer has been told to the log.
        let _ = glass.only(Some(lamp));
        std::thread::sleep(SWITCHED);
        // The newest frame may be of before: it is taken, and thrown away.
        let _ = self.camera.take_page();
        burns()
    }

    /// Whether a picture under this other lamp says something now. No profile knows the light of the hall, and paper
    /// seems to shine in it: under ultraviolet the lid is known to be shut, under infrared also where there is none.
    fn says_something(&self, lamp: Lamp, measured: &[Light]) -> bool {
        match (lamp, self.hardware.lid()) {
            (Lamp::Infrared, Ok(LidState::Shut) | Err(Fault::NotFitted { .. })) => {
                measured.contains(&Light::Infrared)
            }
            (Lamp::Ultraviolet, Ok(LidState::Shut)) => measured.contains(&Light::Ultraviolet),
            _ => false,
        }
    }

    /// The page under another lamp, where that says something. One that cannot be had leaves its question open.
    fn under(&self, lamp: Lamp, measured: &[Light], glass: &GlassLight) -> Option<Vec<u8>> {
        if !self.says_something(lamp, measured) || !self.light(glass, lamp) {
            return None;
        }
        let seen = self
            .camera
            .take_page()
            .inspect_err(|e| tracing::warn!("no picture under the {}: {e}", lamp.part()))
            .ok()?;
        // The lid may have been lifted meanwhile.
        self.says_something(lamp, measured).then_some(seen)
    }
}

impl Camera for LitCamera {
    fn take(&self, of: Traveller) -> Result<Shot, CameraError> {
        let glass = self.hold()?;
        self.light(&glass, Lamp::White);
        let shot = self.camera.take(of)?;
        let measured = (self.measured)();
        Ok(Shot {
            infrared: self.under(Lamp::Infrared, &measured, &glass),
            ultraviolet: self.under(Lamp::Ultraviolet, &measured, &glass),
            ..shot
        })
    }

    fn take_page(&self) -> Result<Vec<u8>, CameraError> {
        let glass = self.hold()?;
        if self.hardware.tray() == Ok(TrayState::Empty) {
            drop(glass);
            return self.camera.take_page();
        }
        self.light(&glass, Lamp::White);
        let page = self.camera.take_page()?;
        glass.linger();
        Ok(page)
    }

    fn take_page_as_lit(&self) -> Result<Vec<u8>, CameraError> {
        self.camera.take_page()
    }

    fn take_live(&self) -> Result<Vec<u8>, CameraError> {
        self.camera.take_live()
    }

    fn runs(&self) -> bool {
        self.camera.runs()
    }
}
