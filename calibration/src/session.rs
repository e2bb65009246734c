//! A calibration session: its steps in order, each with its figures, kept on disk after every one, so that it
//! goes on where it was broken off.

use crate::CalibrationError;
use crate::colour::Colour;
use crate::focus::Mark;
use crate::geometry::Geometry;
use crate::golden::Scan;
use crate::inks::Pair;
use crate::lamps::Evenness;
use crate::plan::Placement;
use crate::sealed::{DUE_DAYS, Files, SignedProfile, VALID_DAYS, last, sign_profile};
use crate::verdict::{Figure, Verdict, worst};
use crate::zone_bench::SpecimenRead;
use jiff::{SignedDuration, Timestamp};
use page::Profile;
use seal::durable::{self, Readers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Read;

/// One step of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Sharpness at five places.
    Focus,
    /// Camera and plane of the glass.
    Geometry,
    /// Evenness of each lamp.
    Lamps,
    /// White balance and 24 patches.
    Colour,
    /// Infrared and ultraviolet cards.
    Inks,
    /// Specimens read without an error.
    Zone,
    /// The face camera at three distances.
    Faces,
    /// The golden scan.
    Golden,
}

impl Step {
    /// In the order in which they are done.
    pub const ALL: [Self; 8] = [
        Self::Focus,
        Self::Geometry,
        Self::Lamps,
        Self::Colour,
        Self::Inks,
        Self::Zone,
        Self::Faces,
        Self::Golden,
    ];

    /// The name used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Geometry => "geometry",
            Self::Lamps => "lamps",
            Self::Colour => "colour",
            Self::Inks => "inks",
            Self::Zone => "zone",
            Self::Faces => "faces",
            Self::Golden => "golden",
        }
    }

    /// Whether a profile is signed without it. A box without infrared, ultraviolet or a face camera has no
    /// figures of them, and its checks are `NotSupported`.
    #[must_use]
    pub fn is_needed(self) -> bool {
        !matches!(self, Self::Inks | Self::Zone | Self::Faces)
    }

    /// What to lay on the glass and what to take.
    #[must_use]
    pub fn instruction(self) -> &'static str {
        match self {
            Self::Focus => {
                "lay the focus sheet on the glass, close the lid: one picture under white light"
            }
            Self::Geometry => {
                "hold the chessboard over the glass at six slants or more, then lay it on the glass"
            }
            Self::Lamps => {
                "cover the whole glass with a clean white sheet: a picture under each lamp, and one with every lamp out"
            }
            Self::Colour => {
                "lay the 24 patches on the glass, close the lid: one picture under white light"
            }
            Self::Inks => {
                "lay the infrared card, then the ultraviolet card: a picture of each under its lamp, and of the latter under white"
            }
            Self::Zone => "lay the specimens, ten pictures of each",
            Self::Faces => {
                "hold the face chart at 40, 60 and 100 cm from the camera: a picture at each"
            }
            Self::Golden => {
                "take everything off the glass, close the lid: a picture of the sheet in it under each lamp"
            }
        }
    }
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepResult {
    /// Which.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// The worst of its figures.
    pub verdict: Verdict,
    /// Its figures.
    pub figures: Vec<Figure>,
}

impl StepResult {
    /// A step's figures, judged.
    #[must_use]
    pub fn new(step: Step, at: Timestamp, figures: Vec<Figure>) -> Self {
        Self {
            step,
            at,
            verdict: worst(&figures),
            figures,
        }
    }
}

/// What the steps measured, for the profile and the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// The focus marks.
    pub focus: Option<Vec<Mark>>,
    /// The camera and the glass.
    pub geometry: Option<Geometry>,
    /// The lamps.
    pub lamps: Vec<Evenness>,
    /// The colours.
    pub colour: Option<Colour>,
    /// The two cards.
    pub inks: Vec<Pair>,
    /// The golden scan.
    pub golden: Option<Scan>,
    /// The chessboard's corners in the views held at a slant so far, until the geometry is measured from them.
    pub views: Vec<Vec<[f64; 2]>>,
    /// Columns and rows of the pictures that those are of.
    pub views_of: Option<[u32; 2]>,
    /// The zone bench, specimen by specimen.
    pub specimens: Vec<SpecimenRead>,
    /// Pixels between the face chart's eyes at each distance, centimetres.
    pub faces: Vec<(u32, f64)>,
}

/// A session under way, or ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The format's version: [`Session::VERSION`].
    pub version: u16,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The steps done, each once, the last time it was done.
    pub steps: Vec<StepResult>,
    /// What they measured.
    pub measured: Measured,
    /// What a box without the part is not asked for.
    #[serde(default)]
    pub left_out: BTreeSet<Placement>,
}

/// No session comes near this size, in bytes.
const LIMIT: u64 = 16 << 20;

impl Session {
    /// The version that this program writes.
    pub const VERSION: u16 = 1;

    /// A session in which nothing has been done.
    #[must_use]
    pub fn begun(at: Timestamp) -> Self {
        Self {
            version: Self::VERSION,
            begun_at: at,
            steps: Vec::new(),
            measured: Measured::default(),
            left_out: BTreeSet::new(),
        }
    }

    /// The session of a box; `None` where none is under way.
    ///
    /// # Errors
    /// [`CalibrationError::Session`] where the file is damaged or newer: remove it and begin anew.
    pub fn open(files: &Files) -> Result<Option<Self>, CalibrationError> {
        let path = files.session();
        let refuse = |why: String| CalibrationError::Session {
            path: path.clone(),
            why,
        };
        let file = match std::fs::File::open(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|e| refuse(e.to_string()))?,
        };
        let mut bytes = Vec::new();
        file.take(LIMIT)
            .read_to_end(&mut bytes)
            .map_err(|e| refuse(e.to_string()))?;
        let session: Self = serde_json::from_slice(&bytes).map_err(|e| refuse(e.to_string()))?;
        if session.version > Self::VERSION {
            return Err(refuse(format!(
                "it has version {}; this program reads up to {}",
                session.version,
                Self::VERSION
            )));
        }
        Ok(Some(session))
    }

    /// Goes on with a box's session, or begins one. Steps of which a profile would be due again at once are begun
    /// anew: they were measured for the profile before.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn resume(files: &Files, now: Timestamp) -> Result<Self, CalibrationError> {
        let mut session = Self::open(files)?.unwrap_or_else(|| Self::begun(now));
        for step in session.outdated(now) {
            session.begin(step);
        }
        Ok(session)
    }

    /// Keeps the session: after it returns a power cut loses nothing.
    ///
    /// # Errors
    /// [`CalibrationError::Writing`].
    pub fn save(&self, files: &Files) -> Result<(), CalibrationError> {
        files.create()?;
        let path = files.session();
        let bytes = serde_json::to_vec(self).map_err(|e| CalibrationError::Output(e.into()))?;
        durable::replace(&path, &bytes, Readers::Anyone)
            .map_err(|source| CalibrationError::Writing { path, source })
    }

    /// Notes a step; an earlier try at it is forgotten.
    pub fn note(&mut self, result: StepResult) {
        self.steps.retain(|s| s.step != result.step);
        self.steps.push(result);
        self.steps.sort_by_key(|s| s.step);
    }

    /// Begins a step anew: what was measured for it is forgotten.
    pub fn begin(&mut self, step: Step) {
        self.steps.retain(|s| s.step != step);
        self.left_out.retain(|placement| placement.step() != step);
        let measured = &mut self.measured;
        match step {
            Step::Focus => measured.focus = None,
            Step::Geometry => {
                measured.geometry = None;
                measured.views.clear();
                measured.views_of = None;
            }
            Step::Lamps => measured.lamps.clear(),
            Step::Colour => measured.colour = None,
            Step::Inks => measured.inks.clear(),
            Step::Zone => measured.specimens.clear(),
            Step::Faces => measured.faces.clear(),
            Step::Golden => measured.golden = None,
        }
    }

    /// A step as it was done last.
    #[must_use]
    pub fn step(&self, step: Step) -> Option<&StepResult> {
        self.steps.iter().find(|s| s.step == step)
    }

    /// The next step to do: the first needed one that is missing or red, then one that a box may do without.
    #[must_use]
    pub fn next(&self) -> Option<Step> {
        let open = |step: &Step| self.step(*step).is_none_or(|s| s.verdict == Verdict::Red);
        let needed = Step::ALL.into_iter().filter(|step| step.is_needed());
        needed.chain(Step::ALL).find(open)
    }

    /// What stands against signing.
    #[must_use]
    pub fn missing(&self) -> Vec<Step> {
        Step::ALL
            .into_iter()
            .filter(|step| match self.step(*step) {
                None => step.is_needed(),
                Some(done) => done.verdict == Verdict::Red,
            })
            .collect()
    }

    /// The steps that were measured so long ago that a profile of them would be due again at once.
    #[must_use]
    pub fn outdated(&self, now: Timestamp) -> Vec<Step> {
        let old = |s: &&StepResult| days_since(s.at, now) >= VALID_DAYS - DUE_DAYS;
        self.steps.iter().filter(old).map(|s| s.step).collect()
    }

    /// The profile that the steps so far make; `None` before geometry and colour.
    #[must_use]
    pub fn profile(&self) -> Option<Profile> {
        let measured = &self.measured;
        let (geometry, colour) = (measured.geometry.as_ref()?, measured.colour.as_ref()?);
        Some(Profile {
            camera: geometry.camera,
            glass: geometry.glass,
            fields: measured.lamps.iter().map(|l| l.field.clone()).collect(),
            colour: colour.matrix,
        })
    }

    /// Ends the session: signs the profile. It holds for [`VALID_DAYS`] from its oldest measurement: nobody lengthens
    /// a profile by signing what was measured for it again, nor silences a drift that has shown since: what was signed
    /// of these very measurements stands as it was signed.
    ///
    /// # Errors
    /// [`CalibrationError::NotReady`] names the steps that are missing, out of tolerance or measured too long ago.
    pub fn sign(&self, files: &Files, now: Timestamp) -> Result<SignedProfile, CalibrationError> {
        let key = files.device_key()?;
        let mut missing = self.missing();
        missing.extend(self.outdated(now));
        missing.sort_unstable();
        missing.dedup();
        let (Some(profile), Some(golden), true) =
            (self.profile(), &self.measured.golden, missing.is_empty())
        else {
            let steps: Vec<&str> = missing.iter().map(|s| s.as_str()).collect();
            return Err(CalibrationError::NotReady {
                steps: steps.join(", "),
            });
        };
        let same = |held: &SignedProfile| held.made_at <= now && self.is_of(held);
        if let Some(held) = last(files, &key.public()).filter(same) {
            return Ok(held);
        }
        let oldest = self.steps.iter().map(|s| days_since(s.at, now)).max();
        let left = VALID_DAYS - oldest.unwrap_or(0);
        let signed = SignedProfile {
            made_at: now,
            valid_until: now + SignedDuration::from_hours(24 * left),
            profile,
            golden: golden.clone(),
            steps: self.steps.clone(),
        };
        sign_profile(files, &key, &signed)?;
        Ok(signed)
    }

    /// Whether a profile was signed of this session as it stands: nothing has been measured since.
    pub(crate) fn is_of(&self, signed: &SignedProfile) -> bool {
        let times = |steps: &[StepResult]| -> Vec<(Step, Timestamp)> {
            steps.iter().map(|s| (s.step, s.at)).collect()
        };
        times(&self.steps) == times(&signed.steps)
    }
}

/// Whole days since something was measured; none where a clock was set back since.
fn days_since(at: Timestamp, now: Timestamp) -> i64 {
    (now.duration_since(at).as_hours() / 24).max(0)
}
