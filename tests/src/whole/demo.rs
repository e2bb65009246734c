//! A day at a border post, as the demo and its test live it.

use super::pictures::{self, Sitters};
use super::scenarios::{self, LISTED_DOCUMENTS, LISTED_PERSONS, Scenario};
use super::{Headquarters, Post, Programs, Receiver, Scene, WholeError};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Why the demo stopped.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A program of the appliance did not do what it should.
    #[error(transparent)]
    Whole(#[from] WholeError),
    /// A traveller's pictures could not be made.
    #[error(transparent)]
    Pictures(#[from] pictures::PicturesError),
    /// A program's JSON lacks what it promises.
    #[error("the answer lacks {0}")]
    Lacks(&'static str),
}

/// Whether the machine advised what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    AsExpected,
    /// It did not.
    Otherwise,
}

/// What one inspection showed.
#[derive(Debug)]
pub struct Seen {
    /// Against the scenario's expectation, advice and strongest reason both.
    pub verdict: Verdict,
    /// The advice given.
    pub advice: String,
    /// The reasons, strongest first, in the machine's words.
    pub why: String,
    /// How long the inspection took.
    pub milliseconds: u64,
}

/// The outbox after an upload.
#[derive(Debug)]
pub struct Outbox {
    /// Parcels ever sealed.
    pub parcels: u64,
    /// Of them receipted.
    pub receipts: u64,
    /// Of them waiting.
    pub waiting: u64,
    /// Lines of the verified ledger.
    pub ledger_lines: u64,
}

/// One day: a headquarters, a post, its travellers' pictures.
#[derive(Debug)]
pub struct Day {
    folder: PathBuf,
    headquarters: Headquarters,
    post: Post,
    receiver: Option<Receiver>,
}

const POST: &str = "UTOPIA-GATE-1";
/// Who signs in at the demo's desk, in which role.
const STAFF: [(&str, &str); 3] = [
    ("a.officer", "officer"),
    ("s.second", "second-line"),
    ("t.technician", "technician"),
];
const PIN: &str = "246810";
/// The signal that leaves a program no time, as a power cut does.
const SIGKILL: i32 = 9;

impl Day {
    /// Empties `folder` and prepares everything up to the opening of the lane.
    ///
    /// # Errors
    /// [`DemoError`] naming the step that failed.
    pub fn prepare(
        programs: &Programs,
        folder: &Path,
        models: &Path,
        step: impl FnMut(&str),
    ) -> Result<Self, DemoError> {
        Self::prepare_for(programs, folder, models, |_| true, step)
    }

    /// The same with some of the travellers only.
    ///
    /// # Errors
    /// [`DemoError`] naming the step that failed.
    pub fn prepare_for(
        programs: &Programs,
        folder: &Path,
        models: &Path,
        comes: impl Fn(&Scenario) -> bool,
        mut step: impl FnMut(&str),
    ) -> Result<Self, DemoError> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)
                .map_err(WholeError::io(format!("emptying {}", folder.display())))?;
        }
        for part in ["hq", "box", "scenes"] {
            let part = folder.join(part);
            std::fs::create_dir_all(&part)
                .map_err(WholeError::io(format!("making {}", part.display())))?;
        }
        step("headquarters: key ceremony, two of three keys needed");
        let headquarters = Headquarters::ceremony(programs, &folder.join("hq"))?;
        step("headquarters: lists imported, approved by two people, signed as edition 1");
        let repository = folder.join("hq/repository");
        headquarters.publish(LISTED_PERSONS, LISTED_DOCUMENTS, &repository)?;
        step("post: enrolled; edition verified and activated");
        let post = Post::enrol(
            programs,
            POST,
            &folder.join("box/state"),
            models,
            &headquarters,
        )?;
        post.take_edition(&repository)?;
        step("Utopia: pages printed and photographed");
        let day = Self {
            folder: folder.to_path_buf(),
            headquarters,
            post,
            receiver: None,
        };
        let sitters = Sitters::find(models)?;
        day.post.believe(sitters.country_signer())?;
        for scenario in scenarios::all().into_iter().filter(comes) {
            pictures::make(&scenario, &sitters, &day.scene(&scenario))?;
        }
        Ok(day)
    }

    /// The post's name.
    #[must_use]
    pub fn post_name(&self) -> &'static str {
        POST
    }

    /// The post.
    #[must_use]
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// Headquarters.
    #[must_use]
    pub fn headquarters(&self) -> &Headquarters {
        &self.headquarters
    }

    /// The travellers.
    #[must_use]
    pub fn scenarios(&self) -> Vec<Scenario> {
        scenarios::all()
    }

    /// The folder of every scenario's pictures.
    #[must_use]
    pub fn scenes(&self) -> PathBuf {
        self.folder.join("scenes")
    }

    /// Where a scenario's pictures are.
    #[must_use]
    pub fn scene(&self, scenario: &Scenario) -> Scene {
        let folder = self.scenes().join(scenario.name);
        Scene {
            page: folder.join("page.jpg"),
            live: folder.join("live.jpg"),
        }
    }

    /// Inspects one traveller.
    ///
    /// # Errors
    /// [`DemoError`] where the inspection gives no answer at all.
    pub fn inspect(&self, scenario: &Scenario) -> Result<Seen, DemoError> {
        let answer = self.post.inspect(&self.scene(scenario))?;
        let advice = answer["advice"]
            .as_str()
            .ok_or(DemoError::Lacks("advice"))?
            .to_owned();
        let reasons: Vec<(&str, &str)> = answer["reasons"]
            .as_array()
            .ok_or(DemoError::Lacks("reasons"))?
            .iter()
            .map(|r| {
                (
                    r["code"].as_str().unwrap_or_default(),
                    r["detail"].as_str().unwrap_or_default(),
                )
            })
            .collect();
        let strongest = reasons.first().map(|(code, _)| *code);
        let as_expected =
            advice == scenario.advice.as_str() && strongest == scenario.reason.map(|r| r.as_str());
        Ok(Seen {
            verdict: if as_expected {
                Verdict::AsExpected
            } else {
                Verdict::Otherwise
            },
            advice,
            why: reasons
                .iter()
                .map(|(code, detail)| {
                    let code = code.replace('_', " ");
                    if detail.is_empty() {
                        code
                    } else {
                        format!("{code} ({detail})")
                    }
                })
                .collect::<Vec<_>>()
                .join("; "),
            milliseconds: answer["ms"].as_f64().ok_or(DemoError::Lacks("ms"))?.round() as u64,
        })
    }

    /// Starts headquarters' receiver if need be, uploads, and verifies the ledger.
    ///
    /// # Errors
    /// [`DemoError`] where a side refuses.
    pub fn upload(&mut self) -> Result<Outbox, DemoError> {
        if self.receiver.is_none() {
            self.receiver = Some(self.headquarters.receive()?);
        }
        if let Some(receiver) = &self.receiver {
            self.post.upload(&receiver.url)?;
        }
        let status = self.post.outbox()?;
        let ledger = self.post.verify_ledger()?;
        let figure = |object: &serde_json::Value, name: &'static str| {
            object[name].as_u64().ok_or(DemoError::Lacks(name))
        };
        Ok(Outbox {
            parcels: figure(&status, "parcels")?,
            receipts: figure(&status, "receipts")?,
            waiting: figure(&status, "waiting")?,
            ledger_lines: figure(&ledger, "lines")?,
        })
    }

    /// Serves the desk with the day's travellers until the program is ended.
    ///
    /// # Errors
    /// [`DemoError`] where the desk does not start.
    pub fn serve(&mut self, listen: &str) -> Result<(), DemoError> {
        println!("\nThe desk: http://{listen}   (Ctrl-C ends the demo)");
        for (name, role) in STAFF {
            self.post.add_in_role(name, role, PIN)?;
            println!("  {:<12} {name}, PIN {PIN}", role.replace('-', " "));
        }
        let mut command = self.post.command();
        command
            .args(["serve", "--listen", listen, "--scenes"])
            .arg(self.scenes())
            .stdin(Stdio::null());
        if let Some(receiver) = &self.receiver {
            command.args(["--hq", &receiver.url]);
        }
        if let Some(receiver) = &self.receiver {
            println!("  no network   kill -KILL {}", receiver.id());
        }
        loop {
            let mut desk = command
                .spawn()
                .map_err(WholeError::io("starting the desk"))?;
            println!("  power cut    kill -KILL {}", desk.id());
            let status = desk
                .wait()
                .map_err(WholeError::io("waiting for the desk"))?;
            if status.success() {
                return Ok(());
            }
            // As if its power had been cut: a box starts again when it is back.
            if status.signal() != Some(SIGKILL) {
                let ended = WholeError::Ended {
                    command: "mpaka serve".to_owned(),
                    code: status.code(),
                    stderr: String::new(),
                };
                return Err(ended.into());
            }
        }
    }
}
