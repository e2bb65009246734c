//! `mpaka-calibrate sign` and `drift`: the end of a session, and every day after it.

use super::camera::CameraArgs;
use super::guided::Terminal;
use super::step::others;
use super::{Context, show};
use crate::CalibrationError;
use crate::capture::{Shots, take};
use crate::guide::Technician;
use crate::plan::Placement;
use crate::sealed::{DriftScan, drift_of, profile_of};
use crate::session::Session;
use crate::steps::{self, picture};
use crate::verdict::Verdict;
use clap::Args;
use jiff::Timestamp;
use page::profile::Light;
use serde::Serialize;
use std::path::PathBuf;

/// The object that is printed. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct SignedObject {
    profile: PathBuf,
    device: String,
    made_at: Timestamp,
    valid_until: Timestamp,
}

/// Signs the session's profile.
pub(super) fn sign(context: &Context) -> Result<(), CalibrationError> {
    let files = context.files();
    let now = Timestamp::now();
    let session = Session::open(&files)?.ok_or_else(|| CalibrationError::NotReady {
        steps: "every step".to_owned(),
    })?;
    let signed = session.sign(&files, now)?;
    let object = SignedObject {
        profile: files.profile(),
        device: files.device_key()?.public().to_string(),
        made_at: signed.made_at,
        valid_until: signed.valid_until,
    };
    context.answer(&object, || {
        format!(
            "✓ signed: {}\n  by {}\n  due again on {}",
            object.profile.display(),
            object.device,
            object.valid_until.strftime("%Y-%m-%d")
        )
    })
}

#[derive(Debug, Args)]
pub(super) struct DriftArgs {
    /// The sheet in the lid under white light.
    #[arg(long, value_name = "FILE", required_unless_present = "camera")]
    white: Option<PathBuf>,
    /// The same under infrared.
    #[arg(long, value_name = "FILE", conflicts_with = "camera")]
    infrared: Option<PathBuf>,
    /// The same under ultraviolet.
    #[arg(long, value_name = "FILE", conflicts_with = "camera")]
    ultraviolet: Option<PathBuf>,
    #[command(flatten)]
    camera: CameraArgs,
}

impl DriftArgs {
    /// The pictures, taken now or named.
    fn shots(&self, context: &Context) -> Result<Shots, CalibrationError> {
        if let Some(mut rig) = self.camera.rig(context)? {
            let mut terminal = Terminal::new([]);
            eprintln!("{}", Placement::SheetInLid.instruction());
            return take(
                &mut rig,
                Placement::SheetInLid,
                &self.camera.manner(),
                &mut |told| terminal.told(told),
            );
        }
        let mut shots = Shots::new();
        if let Some(white) = &self.white {
            shots.insert(Light::White.as_str().to_owned(), vec![picture(white)?]);
        }
        for (light, shot) in others(self.infrared.as_deref(), self.ultraviolet.as_deref())? {
            shots.insert(light.as_str().to_owned(), vec![shot]);
        }
        Ok(shots)
    }
}

/// The object that is printed. Names are scripted against: add, do not rename.
#[derive(Debug, Serialize)]
struct DriftObject<'a> {
    #[serde(flatten)]
    scan: &'a DriftScan,
    /// What page checks become by it.
    page_checks: &'static str,
}

/// Takes a drift scan: today's pictures of the sheet in the lid against the golden ones.
pub(super) fn drift(context: &Context, args: &DriftArgs) -> Result<(), CalibrationError> {
    let files = context.files();
    let shots = args.shots(context)?;
    let now = Timestamp::now();
    let scan = steps::drift(&files, now, &shots)?;
    let device = files.device_key()?.public();
    let signed = profile_of(&files, &device, now)?.ok_or(CalibrationError::NoProfile)?;
    let history = drift_of(&files, &device, &signed)?;
    let object = DriftObject {
        scan: &scan,
        page_checks: match scan.verdict {
            Verdict::Red => "Undetermined",
            _ => "as they are",
        },
    };
    context.answer(&object, || {
        let mut text = format!("{} drift", scan.verdict.symbol());
        text.push_str(&show::table(&scan.figures));
        let worst: Vec<f64> = history.scans.iter().rev().take(60).rev().map(share).collect();
        text.push_str(&format!("\n    the last {} scans: {}", worst.len(), show::bars(&worst)));
        if scan.verdict == Verdict::Red {
            text.push_str("\n  page checks are Undetermined until a scan is not red or the box is calibrated again");
        }
        text
    })
}

/// How much of its limit the worst figure of a scan has used up.
fn share(scan: &DriftScan) -> f64 {
    scan.figures
        .iter()
        .filter_map(crate::verdict::Figure::used)
        .fold(0.0, f64::max)
}
