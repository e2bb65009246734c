//! A session step by step: says what to lay on the glass, takes the pictures, measures, says what came of it and what
//! to do, and keeps all of it after every picture, so that it goes on where it was broken off.

use crate::CalibrationError;
use crate::capture::{Manner, Told, take};
use crate::plan::Placement;
use crate::rig::Rig;
use crate::sealed::Files;
use crate::session::{Session, Step, StepResult};
use crate::steps::{Given, left_out, placed};
use crate::verdict::Verdict;
use jiff::Timestamp;

/// What is asked of whoever stands before the box.
#[derive(Debug, Clone, Copy)]
pub enum Ask<'a> {
    /// Lay this down.
    Place {
        /// What.
        placement: Placement,
        /// How many of its kind were taken.
        taken: usize,
    },
    /// The lid stands open.
    ShutTheLid,
    /// It could not be measured: lay it anew.
    TryAgain(&'a CalibrationError),
    /// A step is out of its tolerance: do what its figures say, and measure again.
    Mend(&'a StepResult),
    /// Another specimen, or go on?
    AnotherSpecimen,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is done: go on.
    Ready,
    /// Leave this out, or leave it for later.
    Skip,
    /// Break off here.
    Stop,
}

/// Whoever stands before the box.
pub trait Technician {
    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`CalibrationError::Output`] where there is nobody.
    fn ask(&mut self, rig: &mut dyn Rig, ask: Ask<'_>) -> Result<Answer, CalibrationError>;
    /// Hears what is going on.
    fn told(&mut self, told: Told);
    /// Hears what came of a step.
    fn measured(&mut self, session: &Session, result: &StepResult);
    /// The zone's lines of the specimen that lies on the glass; empty where there is none.
    ///
    /// # Errors
    /// [`CalibrationError::Output`] where there is nobody.
    fn specimen(&mut self) -> Result<Vec<String>, CalibrationError>;
}

/// Which steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are missing or out of tolerance.
    Open,
    /// All, those done already as well.
    All,
    /// This one, done already or not.
    Only(Step),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every step that was asked for was met.
    Through,
    /// Broken off: the next run goes on there.
    Stopped,
}

/// What a run works with.
#[derive(Debug, Clone, Copy)]
pub struct Guide<'a> {
    /// Where the session is kept.
    pub files: &'a Files,
    /// How pictures are taken.
    pub manner: &'a Manner,
    /// The chart's references, linear sRGB.
    pub references: &'a [[f64; 3]],
    /// The time.
    pub now: fn() -> Timestamp,
}

impl Guide<'_> {
    /// Goes through the steps with a technician.
    ///
    /// # Errors
    /// What another try does not mend: a camera that is gone, a disk that is full.
    pub fn run(
        &self,
        which: Which,
        session: &mut Session,
        rig: &mut dyn Rig,
        technician: &mut dyn Technician,
    ) -> Result<Ended, CalibrationError> {
        for step in Step::ALL {
            let verdict = session.step(step).map(|s| s.verdict);
            let due = match which {
                Which::Only(only) => only == step,
                Which::All => true,
                Which::Open => verdict.is_none_or(|v| v == Verdict::Red),
            };
            if !due {
                continue;
            }
            if verdict.is_some() {
                session.begin(step);
            }
            if self.step(step, session, rig, technician)? == Ended::Stopped {
                session.save(self.files)?;
                return Ok(Ended::Stopped);
            }
        }
        Ok(Ended::Through)
    }

    fn step(
        &self,
        step: Step,
        session: &mut Session,
        rig: &mut dyn Rig,
        technician: &mut dyn Technician,
    ) -> Result<Ended, CalibrationError> {
        while let Some(placement) = session.pending(step) {
            let may_be_left_out = !step.is_needed();
            if may_be_left_out && self.is_beyond(placement, rig) {
                left_out(session, (self.now)(), placement);
                session.save(self.files)?;
                continue;
            }
            let taken = session.measured.views.len();
            match technician.ask(rig, Ask::Place { placement, taken })? {
                Answer::Stop => return Ok(Ended::Stopped),
                Answer::Skip if may_be_left_out => {
                    if let Some(result) = left_out(session, (self.now)(), placement) {
                        technician.measured(session, &result);
                    }
                    session.save(self.files)?;
                    continue;
                }
                Answer::Skip => return Ok(Ended::Through),
                Answer::Ready => {}
            }
            match self.place(placement, session, rig, technician) {
                Ok(None) => session.save(self.files)?,
                Ok(Some(result)) => {
                    session.save(self.files)?;
                    technician.measured(session, &result);
                    if result.verdict == Verdict::Red {
                        match technician.ask(rig, Ask::Mend(&result))? {
                            Answer::Ready => session.begin(step),
                            Answer::Skip => {}
                            Answer::Stop => return Ok(Ended::Stopped),
                        }
                    }
                }
                Err(why) if why.is_for_another_try() => {
                    match technician.ask(rig, Ask::TryAgain(&why))? {
                        Answer::Ready => {}
                        Answer::Skip => return Ok(Ended::Through),
                        Answer::Stop => return Ok(Ended::Stopped),
                    }
                }
                Err(why) => return Err(why),
            }
        }
        Ok(Ended::Through)
    }

    /// Whether this box cannot show it.
    fn is_beyond(&self, placement: Placement, rig: &dyn Rig) -> bool {
        let without =
            |lamp: firmware::lamps::Lamp| self.manner.without.contains(lamp.part().as_str());
        let dark = |shot: &crate::plan::Shot| shot.needed && shot.lamp.is_some_and(without);
        !rig.has(placement.eye()) || placement.shots().iter().any(dark)
    }

    /// Takes the pictures of what was placed, and measures.
    fn place(
        &self,
        placement: Placement,
        session: &mut Session,
        rig: &mut dyn Rig,
        technician: &mut dyn Technician,
    ) -> Result<Option<StepResult>, CalibrationError> {
        while placement.under_the_lid() && rig.lid_is_open() {
            if technician.ask(rig, Ask::ShutTheLid)? != Answer::Ready {
                // A box whose switch is broken, or a target too thick for the lid: the leak tells.
                break;
            }
        }
        loop {
            let specimen = match placement {
                Placement::Specimen => technician.specimen()?,
                _ => Vec::new(),
            };
            if placement == Placement::Specimen && specimen.is_empty() {
                return Ok(left_out(session, (self.now)(), placement));
            }
            let shots = take(rig, placement, self.manner, &mut |told| {
                technician.told(told)
            })?;
            let given = Given {
                references: self.references,
                specimen: &specimen,
            };
            let result = placed(session, (self.now)(), placement, &shots, given)?;
            let another = placement == Placement::Specimen
                && technician.ask(rig, Ask::AnotherSpecimen)? == Answer::Ready;
            if !another {
                return Ok(result);
            }
            // The bench goes on: what it read so far stays, its result is formed anew.
            session.steps.retain(|s| s.step != Step::Zone);
        }
    }
}
