//! The report of a calibration: one HTML file that needs nothing beside it, and prints on paper.

mod plots;

use crate::CalibrationError;
use crate::sealed::{DriftHistory, Files, SignedProfile, before, drift_of, last, profile_of};
use crate::session::{Session, Step, StepResult};
use crate::verdict::{Figure, Verdict};
use crate::zone_bench::SpecimenRead;
use askama::Template;
use jiff::Timestamp;

/// What a report is made of.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The session.
    pub session: &'a Session,
    /// The profile that it ended in, where it did.
    pub signed: Option<&'a SignedProfile>,
    /// The box's key, hexadecimal.
    pub device: &'a str,
    /// The profile before it, for comparison.
    pub before: Option<&'a SignedProfile>,
    /// The drift scans since.
    pub drift: Option<&'a DriftHistory>,
    /// When the report is made.
    pub made_at: Timestamp,
}

/// One row of a step's table.
struct Row<'a> {
    figure: &'a Figure,
    /// The same figure of the profile before.
    before: String,
}

struct Section<'a> {
    step: &'a StepResult,
    rows: Vec<Row<'a>>,
    /// Drawings, each with its caption.
    plots: Vec<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "calibration.html")]
struct Page<'a> {
    report: Report<'a>,
    sections: Vec<Section<'a>>,
    missing: Vec<&'static str>,
    drift: Option<String>,
    last_drift: Option<&'a crate::sealed::DriftScan>,
    has_before: bool,
    made_at: String,
    verdict: Verdict,
    specimens: &'a [SpecimenRead],
}

/// A box's report, and whether its profile is signed and in its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file's content.
    pub html: String,
    /// Whether there is a profile that holds; the report is made of what there is.
    pub signed: bool,
}

/// The report of what a box keeps.
///
/// # Errors
/// [`CalibrationError::NotReady`] where no session was begun, [`CalibrationError::Key`] where the box was not
/// enrolled, [`CalibrationError::Session`], [`CalibrationError::Drawing`].
pub fn of_box(files: &Files, now: Timestamp) -> Result<Written, CalibrationError> {
    let session = Session::open(files)?.ok_or_else(|| CalibrationError::NotReady {
        steps: "every step".to_owned(),
    })?;
    let device = files.device_key()?.public();
    let signed = profile_of(files, &device, now).ok().flatten();
    let drift = signed
        .as_ref()
        .and_then(|signed| drift_of(files, &device, signed).ok());
    // Measured anew and not signed: what holds is then what was before, and not what these figures led to.
    let of_these = |profile: &SignedProfile| session.is_of(profile);
    let earlier = last(files, &device)
        .filter(|last| !of_these(last))
        .or_else(|| before(files, &device));
    let html = Report {
        session: &session,
        signed: signed.as_ref().filter(|signed| of_these(signed)),
        device: &device.to_string(),
        before: earlier.as_ref(),
        drift: drift.as_ref(),
        made_at: now,
    }
    .html()?;
    Ok(Written {
        html,
        signed: signed.is_some(),
    })
}

impl Report<'_> {
    /// The report as HTML.
    ///
    /// # Errors
    /// [`CalibrationError::Drawing`].
    pub fn html(&self) -> Result<String, CalibrationError> {
        let mut sections = Vec::new();
        for step in &self.session.steps {
            let rows = step.figures.iter().map(|figure| Row {
                figure,
                before: self.before_of(step.step, &figure.name),
            });
            sections.push(Section {
                step,
                rows: rows.collect(),
                plots: self.plots(step.step)?,
            });
        }
        let drift = match self.drift {
            Some(history) if !history.scans.is_empty() => Some(plots::drift(history)?),
            _ => None,
        };
        Page {
            report: *self,
            missing: self
                .session
                .missing()
                .into_iter()
                .map(Step::as_str)
                .collect(),
            drift,
            last_drift: self.drift.and_then(|d| d.scans.last()),
            has_before: self.before.is_some(),
            specimens: &self.session.measured.specimens,
            made_at: moment(self.made_at),
            verdict: self
                .session
                .steps
                .iter()
                .map(|s| s.verdict)
                .max()
                .unwrap_or(Verdict::Green),
            sections,
        }
        .render()
        .map_err(|e| CalibrationError::Drawing(e.to_string()))
    }

    /// What a figure was in the profile before.
    fn before_of(&self, step: Step, name: &str) -> String {
        self.before
            .and_then(|b| b.steps.iter().find(|s| s.step == step))
            .and_then(|s| s.figures.iter().find(|f| f.name == name))
            .map(Figure::shown)
            .unwrap_or_default()
    }

    fn plots(&self, step: Step) -> Result<Vec<(String, &'static str)>, CalibrationError> {
        let measured = &self.session.measured;
        let mut drawn = Vec::new();
        match step {
            Step::Focus => {
                if let Some(marks) = &measured.focus {
                    drawn.push((
                        plots::sharpness(marks)?,
                        "How much contrast stripes of each width keep (ISO 12233, slanted edges), across the worse direction of each place.",
                    ));
                }
            }
            Step::Geometry => {
                if let Some(geometry) = &measured.geometry {
                    drawn.push((
                        plots::distortion(geometry)?,
                        "The lens's distortion, drawn eight times as large: from where a point would be to where it is seen.",
                    ));
                    drawn.push((
                        plots::residuals(geometry)?,
                        "What the model leaves of it on the board on the glass, drawn three hundred times as large.",
                    ));
                }
            }
            Step::Lamps => {
                for lamp in &measured.lamps {
                    drawn.push((
                        plots::evenness(lamp)?,
                        "The lamp's light over the glass, as taken (left) and corrected (right).",
                    ));
                }
            }
            Step::Colour => {
                if let Some(colour) = &measured.colour {
                    drawn.push((
                        plots::patches(colour)?,
                        "Each patch as taken (left), corrected (middle), as it should be (right), with the difference that is left (CIEDE2000).",
                    ));
                }
            }
            Step::Faces if !measured.faces.is_empty() => drawn.push((
                plots::eyes(&measured.faces)?,
                "Pixels between the eyes of the face chart at each distance, and what is wanted.",
            )),
            _ => {}
        }
        Ok(drawn)
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
