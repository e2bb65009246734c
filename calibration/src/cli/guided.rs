//! A session at the terminal, with the box's own lamps and cameras. Questions and progress on standard error; answers
//! by a line on standard input or by the box's button.

use super::show;
use crate::CalibrationError;
use crate::capture::Told;
use crate::guide::{Answer, Ask, Technician};
use crate::plan::VIEWS;
use crate::rig::Rig;
use crate::session::{Session, Step, StepResult};
use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

/// How often it is looked whether somebody answered.
const LOOK: Duration = Duration::from_millis(50);

/// The technician at the terminal.
pub(super) struct Terminal {
    lines: Receiver<String>,
    /// Specimens that a table names, in order.
    specimens: VecDeque<Vec<String>>,
}

impl Terminal {
    pub(super) fn new(specimens: impl IntoIterator<Item = Vec<String>>) -> Self {
        let (said, lines) = channel();
        // It ends with the program: a terminal's read cannot be broken off.
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            lines,
            specimens: specimens.into_iter().collect(),
        }
    }

    /// Waits for a line, or for the box's button where a rig is given. `None` where nobody will ever answer.
    fn line(&self, mut rig: Option<&mut dyn Rig>) -> Option<String> {
        if let Some(rig) = rig.as_mut() {
            // What was pressed before the question is no answer to it.
            rig.pressed();
        }
        loop {
            match self.lines.try_recv() {
                Ok(line) => return Some(line.trim().to_owned()),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {}
            }
            match rig.as_mut() {
                Some(rig) => {
                    if rig.pressed() {
                        return Some(String::new());
                    }
                    rig.pass(LOOK);
                }
                None => std::thread::sleep(LOOK),
            }
        }
    }

    fn answer(&self, rig: &mut dyn Rig) -> Answer {
        loop {
            match self.line(Some(&mut *rig)).as_deref() {
                Some("") => return Answer::Ready,
                Some("s") => return Answer::Skip,
                Some("q") | None => return Answer::Stop,
                Some(_) => eprintln!("  Enter goes on, s leaves it, q stops"),
            }
        }
    }
}

impl Technician for Terminal {
    fn ask(&mut self, rig: &mut dyn Rig, ask: Ask<'_>) -> Result<Answer, CalibrationError> {
        match ask {
            Ask::Place { placement, taken } => {
                let step = placement.step();
                let place = Step::ALL.iter().position(|s| *s == step).unwrap_or(0) + 1;
                let views = match placement {
                    crate::plan::Placement::BoardHeld => format!(" ({} of {VIEWS})", taken + 1),
                    _ => String::new(),
                };
                eprintln!(
                    "\n[{place}/{}] {}{views}: {}",
                    Step::ALL.len(),
                    step.as_str(),
                    placement.instruction()
                );
                let skip = if step.is_needed() {
                    "s: later"
                } else {
                    "s: this box has none"
                };
                eprintln!("  Enter or the box's button: go on · {skip} · q: stop here");
            }
            Ask::ShutTheLid => eprintln!("  ▲ the lid is open: shut it · s: go on as it is"),
            Ask::TryAgain(why) => eprintln!("  ▲ {why}\n  Enter: try again · s: later · q: stop"),
            Ask::Mend(result) => eprintln!(
                "  ◆ {}: out of tolerance; do what stands under the figures\n  Enter: measure again · s: leave it · q: stop",
                result.step.as_str()
            ),
            Ask::AnotherSpecimen if !self.specimens.is_empty() => {
                eprintln!("  lay the next specimen · Enter: go on · s: no more");
            }
            Ask::AnotherSpecimen => return Ok(Answer::Skip),
        }
        Ok(self.answer(rig))
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Warming {
                lamp,
                since,
                change: Some(change),
            } => eprintln!(
                "  {}: warming up, {} s, {change:+.2} % since the last look",
                lamp.part(),
                since.as_secs()
            ),
            Told::Warming { lamp, .. } => eprintln!("  {}: warming up", lamp.part()),
            Told::Resting(wait) => {
                eprintln!("  the ultraviolet lamp rests for {} s", wait.as_secs());
            }
            Told::Taking { shot, lamp, frames } => eprintln!(
                "  {}: taking {shot}, {frames} frame{}",
                lamp.map_or("every lamp out", |l| l.part().as_str()),
                if frames == 1 { "" } else { "s" }
            ),
        }
    }

    fn measured(&mut self, session: &Session, result: &StepResult) {
        eprintln!("{}", show::step(result, &session.measured));
    }

    fn specimen(&mut self) -> Result<Vec<String>, CalibrationError> {
        if let Some(next) = self.specimens.pop_front() {
            eprintln!("  specimen {}", next.first().map_or("", |l| l));
            return Ok(next);
        }
        eprintln!("  type the lines of its zone, then an empty line (nothing: no zone bench)");
        let mut lines = Vec::new();
        while let Some(line) = self.line(None).filter(|l| !l.is_empty()) {
            lines.push(line.to_uppercase());
        }
        Ok(lines)
    }
}
