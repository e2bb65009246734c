//! The report of a calibration: one HTML file that needs nothing beside it, and prints on paper.

mod plots;

use crate::CalibrationError;
use crate::sealed::{DriftHistory, SignedProfile};
use crate::session::{Session, Step, StepResult};
use crate::verdict::{Figure, Verdict};
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
            _ => {}
        }
        Ok(drawn)
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
