//! The life of an encounter at the desk: from the pictures to the record, with what is kept in between so
//! that a power cut loses nothing.

use super::running::{Phase, Running};
use super::session::{NoRandomness, SignedIn};
use super::{Desk, blocking};
use crate::devices::Shot;
use crate::inspection::{self, Evidence, Found, Inspection, Pictures};
use crate::update::{BeingUpdated, Lane};
use jiff::Timestamp;
use page::{Lamps, Picture, PictureError};
use rules::encounter::Path;
use rules::{Circumstances, Decision, EncounterId, OfficerId};
use std::sync::Arc;
use store::{BegunId, StoreError};

/// Why a presentation did not begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotBegun {
    /// Another traveller has not been decided on.
    #[error("decide about the traveller in front of you first")]
    DecideFirst,
    /// A picture cannot be read.
    #[error("{0}")]
    Picture(#[from] PictureError),
    /// The session has ended meanwhile.
    #[error("the session has ended")]
    SessionOver,
    /// Headquarters has not been heard of for too long.
    #[error("this box has not heard from headquarters for too long and is locked")]
    NoLease,
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The work broke off.
    #[error("the inspection broke off")]
    BrokeOff,
    /// The box's case was opened: the lane is locked until a technician has looked and sealed it.
    #[error("the case was opened: the lane is locked until a technician seals it")]
    CaseOpened,
    /// The programs are being updated: wait a minute.
    #[error(transparent)]
    BeingUpdated(#[from] BeingUpdated),
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRecorded {
    /// Decided already, or not yet ready to be decided.
    #[error("there is nothing to decide: it has been decided, or the advice is not there yet")]
    NothingToDecide,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The work broke off.
    #[error("the recording broke off")]
    BrokeOff,
}

/// What stays of a presentation when the document is placed again.
struct Earlier {
    begun: Option<BegunId>,
    circumstances: Circumstances,
}

/// The evidence of a shot, and what of it can be shown before anything has been read.
async fn decoded(shot: Shot) -> Result<(Evidence, Pictures), NotBegun> {
    let decoded = blocking(move || {
        let lamp = |bytes: Option<Vec<u8>>| bytes.map(|b| Picture::decode(&b)).transpose();
        let evidence = Evidence {
            page: Picture::decode(&shot.page)?,
            lamps: Lamps {
                infrared: lamp(shot.infrared)?,
                ultraviolet: lamp(shot.ultraviolet)?,
            },
            live: Picture::decode(&shot.live)?,
            chip: shot.chip,
            access_number: None,
        };
        let first = Pictures::before_reading(&evidence.page, &evidence.live);
        Ok::<_, PictureError>((evidence, first))
    });
    Ok(decoded.await.ok_or(NotBegun::BrokeOff)??)
}

impl Desk {
    /// Puts a traveller before an officer: decodes the pictures, begins the inspection, and returns while it runs.
    pub(super) async fn begin(
        self: &Arc<Self>,
        officer: &SignedIn,
        shot: Shot,
    ) -> Result<Arc<Running>, NotBegun> {
        if self.waiting(officer).is_some() {
            return Err(NotBegun::DecideFirst);
        }
        if !self.may_work().await {
            return Err(NotBegun::NoLease);
        }
        if self.parts.hardware.case_opened() {
            return Err(NotBegun::CaseOpened);
        }
        let (evidence, first) = decoded(shot).await?;
        let running = Arc::new(Running::new(first)?);
        self.stand_before(officer, &running)?;
        self.preview.forget();
        self.note_edition();
        self.start(evidence, &running, officer, None);
        Ok(running)
    }

    /// The document of the traveller in front of the officer is placed again: another presentation of the same
    /// encounter. What the officer has said of it stays; what was found is found anew.
    pub(super) async fn begin_again(
        self: &Arc<Self>,
        officer: &SignedIn,
        before: &Arc<Running>,
        shot: Shot,
    ) -> Result<Arc<Running>, NotBegun> {
        // What stands on paper cannot be read again.
        let on_paper = |i: Arc<Inspection>| i.circumstances.paper.is_some();
        if before.advised().is_none_or(on_paper) {
            return Err(NotBegun::DecideFirst);
        }
        if !self.may_work().await {
            return Err(NotBegun::NoLease);
        }
        let (evidence, first) = decoded(shot).await?;
        let running = Arc::new(Running::new(first)?);
        running.hold(Lane::of_box().work()?);
        // From here on nobody decides on what was found before.
        let earlier = before.take_for_recording().ok_or(NotBegun::DecideFirst)?;
        let replaced = self.sessions.change(&officer.token, |session| {
            session.current = Some(Arc::clone(&running));
        });
        if replaced.is_none() {
            before.give_back();
            return Err(NotBegun::SessionOver);
        }
        before.ended(Phase::Recorded);
        self.show_light(None);
        let earlier = Earlier {
            begun: earlier.begun,
            circumstances: earlier.circumstances.clone(),
        };
        self.start(evidence, &running, officer, Some(earlier));
        Ok(running)
    }

    fn start(
        self: &Arc<Self>,
        evidence: Evidence,
        running: &Arc<Running>,
        officer: &SignedIn,
        earlier: Option<Earlier>,
    ) {
        let (desk, at_work) = (Arc::clone(self), Arc::clone(running));
        let officer = officer.officer.clone();
        tokio::spawn(async move { desk.work(evidence, at_work, officer, earlier).await });
    }

    /// Makes this the traveller in front of the officer. Two requests at once must not put two travellers
    /// before one officer.
    pub(super) fn stand_before(
        &self,
        officer: &SignedIn,
        running: &Arc<Running>,
    ) -> Result<(), NotBegun> {
        running.hold(Lane::of_box().work()?);
        self.sessions
            .change(&officer.token, |session| {
                if session.current.as_ref().is_some_and(|r| r.waits()) {
                    return Err(NotBegun::DecideFirst);
                }
                session.current = Some(Arc::clone(running));
                session.done = None;
                Ok(())
            })
            .ok_or(NotBegun::SessionOver)?
    }

    /// Runs the inspection, keeping on disk that it has begun and what it found.
    async fn work(
        self: Arc<Self>,
        evidence: Evidence,
        running: Arc<Running>,
        officer: OfficerId,
        earlier: Option<Earlier>,
    ) {
        let moment = self.moment();
        let desk = Arc::clone(&self);
        let kept = earlier.as_ref().and_then(|e| e.begun);
        // Beside the inspection: the first answer must not wait for the disk.
        let begun = tokio::task::spawn_blocking(move || {
            kept.or_else(|| {
                let begun = desk.parts.appliance.begin(&desk.parts.lane, moment.now);
                begun
                    .inspect_err(|e| {
                        tracing::error!("that an encounter has begun is not on disk: {e}");
                    })
                    .ok()
            })
        });
        let follower = Arc::clone(&running);
        let equipment = Arc::clone(&self.parts.equipment);
        let found =
            blocking(move || inspection::inspect(evidence, &equipment, moment, follower.as_ref()))
                .await;
        let begun = begun.await.ok().flatten();
        match found {
            Some(mut inspection) => {
                inspection.begun = begun;
                if let Some(earlier) = &earlier {
                    inspection = self.continued(inspection, earlier);
                }
                self.keep(&inspection, &officer).await;
                self.show_light(Some(inspection.shown_advice()));
                running.ended(Phase::Advised(Arc::new(inspection)));
            }
            None => {
                // What an earlier presentation found stays on disk, and is offered as interrupted.
                if let (Some(begun), None) = (begun, &earlier)
                    && let Err(e) = self.parts.appliance.forget_begun(begun)
                {
                    tracing::error!("an encounter that broke off stays begun on disk: {e}");
                }
                running.ended(Phase::BrokeOff);
            }
        }
    }

    /// The inspection as the next presentation of an encounter.
    fn continued(&self, inspection: Inspection, earlier: &Earlier) -> Inspection {
        let said = &earlier.circumstances;
        let mut inspection = match said.face_skipped {
            Some(why) => inspection.with_face_skipped(why, &self.parts.equipment),
            None => inspection,
        };
        if said.path == Path::Protection {
            inspection = inspection.protected();
        }
        inspection.circumstances.reopened_at = said.reopened_at;
        inspection.circumstances.placed_again = said.placed_again.saturating_add(1);
        inspection
    }

    /// Keeps on disk what was found, until it is decided.
    pub(super) async fn keep(self: &Arc<Self>, inspection: &Inspection, officer: &OfficerId) {
        let Some(begun) = inspection.begun else {
            return;
        };
        let desk = Arc::clone(self);
        let bytes = Found::of(inspection, officer).to_bytes();
        let kept = blocking(move || {
            let bytes = bytes.map_err(|e| e.to_string())?;
            let kept = desk.parts.appliance.keep_found(begun, &bytes);
            kept.map_err(|e| e.to_string())
        })
        .await;
        // The lane goes on: a decision that cannot be recorded says so itself.
        if let Some(Err(e)) = kept {
            tracing::error!("what was found is not on disk before its decision: {e}");
        }
    }

    /// Whether headquarters was heard of recently enough. A locked box still lets its people in: a traveller who
    /// already stands at the desk is decided on, paper is entered, the lane handed over. It begins with nobody and
    /// says nothing of its list.
    pub(super) async fn may_work(self: &Arc<Self>) -> bool {
        let desk = Arc::clone(self);
        let standing = blocking(move || desk.parts.appliance.lease(Timestamp::now())).await;
        match standing {
            Some(Ok(standing)) => standing.may_work(),
            Some(Err(e)) => {
                tracing::error!("the lease cannot be read: {e}");
                false
            }
            None => false,
        }
    }

    /// The traveller whom this officer has not decided on.
    pub(super) fn waiting(&self, officer: &SignedIn) -> Option<Arc<Running>> {
        officer.current.clone().filter(|r| r.waits())
    }

    /// Records a decision, or that nobody decided. Returns only after it is on the medium.
    pub(super) async fn record(
        self: &Arc<Self>,
        running: &Arc<Running>,
        decision: Option<Decision>,
    ) -> Result<EncounterId, NotRecorded> {
        let inspection = running
            .take_for_recording()
            .ok_or(NotRecorded::NothingToDecide)?;
        let desk = Arc::clone(self);
        let recorded = blocking(move || {
            desk.parts
                .appliance
                .record(&inspection, &desk.parts.lane, decision)
        })
        .await;
        match recorded {
            Some(Ok(encounter)) => {
                // The pictures and all that was read go with the phase that held them.
                running.ended(Phase::Recorded);
                self.show_light(None);
                self.parts.uploads.wake();
                Ok(encounter)
            }
            Some(Err(e)) => {
                running.give_back();
                Err(NotRecorded::Store(e))
            }
            None => {
                running.give_back();
                Err(NotRecorded::BrokeOff)
            }
        }
    }

    /// Records travellers who were left undecided: their officer went, or the desk closes. What was begun comes
    /// to its end, also where the browser has gone.
    pub(super) async fn record_undecided(self: &Arc<Self>, left_alone: Vec<Arc<Running>>) {
        let desk = Arc::clone(self);
        let recording = tokio::spawn(async move {
            for running in left_alone {
                running.done().await;
                match desk.record(&running, None).await {
                    Ok(_) | Err(NotRecorded::NothingToDecide) => {}
                    Err(e) => tracing::error!("an undecided encounter could not be recorded: {e}"),
                }
            }
        });
        // It ends otherwise only where it panicked, and that has been printed.
        let _ = recording.await;
    }
}
