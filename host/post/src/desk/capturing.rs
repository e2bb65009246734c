//! Pictures of a calibration target, taken with the lane's own lamps and cameras while the technician's page waits.

use super::Desk;
use super::figures::trouble;
use crate::devices::LaneRig;
use crate::inspection::BoxCalibration;
use calibration::CalibrationError;
use calibration::capture::{Manner, Told, take};
use calibration::colour::drawn_references;
use calibration::plan::Placement;
use calibration::rig::{Frames, Rig};
use calibration::session::{Session, Step};
use calibration::steps::{self, Given};
use calibration::verdict::Verdict;
use jiff::Timestamp;
use rules::Said;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is measured with the pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// A placement of a session's step; the lines of the specimen, where one lies on the glass.
    Place(Placement, Vec<String>),
    /// The daily drift scan.
    Drift,
}

impl Work {
    pub(super) fn placement(&self) -> Placement {
        match self {
            Self::Place(placement, _) => *placement,
            Self::Drift => Placement::SheetInLid,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Came {
    /// A step has its verdict.
    Step(Step, Verdict),
    /// The step asks for more.
    More(Step),
    /// A drift scan.
    Drift(Verdict),
    /// It could not be measured.
    Failed(Said),
}

#[derive(Debug, Default)]
enum Job {
    #[default]
    Idle,
    Running(Placement, Option<Told>),
    Ended(Came),
}

/// At most one at a time: there is one glass.
#[derive(Debug, Default)]
pub(super) struct Capturing(Mutex<Job>);

/// What the page shows of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    Idle,
    Running(Placement, Option<Told>),
    /// Told once.
    Ended(Came),
}

impl Capturing {
    fn job(&self) -> MutexGuard<'_, Job> {
        // Every change is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn shown(&self) -> Shown {
        let mut job = self.job();
        match std::mem::take(&mut *job) {
            Job::Idle => Shown::Idle,
            Job::Running(placement, told) => {
                let shown = Shown::Running(placement, told.clone());
                *job = Job::Running(placement, told);
                shown
            }
            Job::Ended(came) => Shown::Ended(came),
        }
    }

    /// Takes the glass, where it is free.
    fn begin(&self, placement: Placement) -> bool {
        let mut job = self.job();
        let free = !matches!(*job, Job::Running(..));
        if free {
            *job = Job::Running(placement, None);
        }
        free
    }

    fn tell(&self, placement: Placement, told: Told) {
        *self.job() = Job::Running(placement, Some(told));
    }

    fn end(&self, came: Came) {
        *self.job() = Job::Ended(came);
    }
}

/// Begins the work in the background; `false` where the glass is taken, or there is no camera or no box.
pub(super) fn begin(desk: &Arc<Desk>, work: Work) -> bool {
    let Some(camera) = desk.parts.camera.clone() else {
        return false;
    };
    if desk.parts.equipment.calibration().is_none() || !desk.capturing.begin(work.placement()) {
        return false;
    }
    let (desk, watched) = (Arc::clone(desk), Arc::clone(desk));
    let working = tokio::task::spawn_blocking(move || {
        let Some(here) = desk.parts.equipment.calibration() else {
            return;
        };
        let mut rig = LaneRig::new(Arc::clone(&desk.parts.hardware), camera);
        let done = do_work(here, &work, &mut rig, &mut |told| {
            desk.capturing.tell(work.placement(), told);
        });
        if matches!(done, Ok(Came::Drift(_))) {
            desk.note_scan();
        }
        desk.capturing.end(done.unwrap_or_else(|why| {
            tracing::warn!("pictures of a calibration: {why}");
            Came::Failed(trouble(&why))
        }));
    });
    tokio::spawn(async move {
        // Where the program itself broke off (that has been printed), the glass is free again.
        if working.await.is_err() {
            let broke_off = Said::new("trouble-program", []);
            watched.capturing.end(Came::Failed(broke_off));
        }
    });
    true
}

fn do_work(
    here: &BoxCalibration,
    work: &Work,
    rig: &mut LaneRig,
    told: &mut dyn FnMut(Told),
) -> Result<Came, CalibrationError> {
    let manner = Manner {
        // A folder's pictures are another program's, and its lamps as well.
        warm_up: match rig.frames() {
            Frames::Running => Manner::default().warm_up,
            Frames::Given => Duration::ZERO,
        },
        ..Manner::default()
    };
    let shots = take(rig, work.placement(), &manner, told)?;
    match work {
        Work::Drift => {
            let scan = steps::drift(here.files(), Timestamp::now(), &shots)?;
            Ok(Came::Drift(scan.verdict))
        }
        Work::Place(placement, specimen) => place(here, *placement, &shots, specimen),
    }
}

/// Measures what was placed, and keeps it in the box's session.
pub(super) fn place(
    here: &BoxCalibration,
    placement: Placement,
    shots: &calibration::capture::Shots,
    specimen: &[String],
) -> Result<Came, CalibrationError> {
    let now = Timestamp::now();
    let mut session = Session::resume(here.files(), now)?;
    let given = Given {
        references: &drawn_references(),
        specimen,
    };
    let result = steps::placed(&mut session, now, placement, shots, given)?;
    session.save(here.files())?;
    Ok(match result {
        Some(result) => Came::Step(result.step, result.verdict),
        None => Came::More(placement.step()),
    })
}
