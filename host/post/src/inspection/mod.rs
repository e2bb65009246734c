//! The conductor of an inspection: the only place that knows the order of the stages.
//!
//! ```text
//! page ─► zone ─┬─► search
//!               ├─► chip ─► face ─► search by face    (side by side)
//!               └─► visual zone
//! all answers ─► advice
//! ```
//!
//! Every stage is a plain function from evidence to answers ([`stages`]). What a stage lacks (a model, a
//! list, a zone) is `Undetermined` with words; nothing that is absent speaks against a traveller. What was found in
//! something that headquarters has not confirmed for longer than its lease is no clear either ([`rules::role`]).

mod amended;
mod calibrated;
mod chip;
mod clearances;
mod conversation;
mod disclosed;
mod equipment;
mod leases;
mod listed_faces;
mod pictures;
mod record;
pub mod stages;
mod trust;

pub use self::amended::Found;
pub use self::calibrated::{BoxCalibration, Standing};
use self::chip::Given;
pub use self::chip::{ChipRead, decode as decode_portrait};
pub use clearances::{Clearable, Clearances};
pub use disclosed::Disclosed;
pub(crate) use disclosed::is_of_the_list;
pub use equipment::{Equipment, FaceMatcher, Lock, Tool, models_of_box};
pub use pictures::{Pictures, ShownPicture};
pub use record::draft;
pub use trust::{OLD_AFTER_DAYS, TRUST_FOLDER, age_of_lists, trust_of_box};

use crate::sync::RoleAge;
use jiff::Timestamp;
use jiff::civil::Date;
use models::quality::Guidance as FaceGuidance;
use page::{Guidance, Lamps, Picture, ZoneReading};
use rules::mrz::{Fields, Zone};
use rules::{
    Advice, Advised, Candidate, Check, CheckGroup, CheckId, Circumstances, EditionNumber, Outcome,
    advice,
};
use serde::Serialize;
use stages::{Disclosure, Reference, with_margin};
use std::time::Instant;
use store::BegunId;

/// What was put before the box.
#[derive(Debug)]
pub struct Evidence {
    /// The photograph of the document's data page.
    pub page: Picture,
    /// The same page under the reader's other lamps.
    pub lamps: Lamps,
    /// The traveller.
    pub live: Picture,
    /// The chip's files, where a chip was read elsewhere; else the box's reader is asked, where it has one.
    pub chip: Option<::chip::Files>,
    /// The number printed on a card that opens its chip, where an officer typed it: the zone opens it otherwise.
    pub access_number: Option<::chip::AccessKey>,
}

/// When the inspection takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment the document was presented.
    pub now: Timestamp,
    /// The day at the post, which may differ from the day of universal time.
    pub today: Date,
}

/// How long the stages took, in milliseconds of the clock on the wall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Timings {
    /// Finding and reading the zone, finding the portrait.
    pub page: f64,
    /// Searching the list.
    pub search: f64,
    /// Judging the chip.
    pub chip: f64,
    /// Comparing the faces.
    pub face: f64,
    /// Comparing the visual zone with the printed one.
    pub visual: f64,
    /// From the pictures to the advice.
    pub whole: f64,
}

/// Everything that an inspection found. Not yet a record: nobody has decided.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// When it took place.
    pub moment: Moment,
    /// The zone, where one was read.
    pub zone: Option<ZoneReading>,
    /// What would make a better picture of the page, the most urgent first.
    pub guidance: Vec<Guidance>,
    /// What would make a better live picture, the most important first; none where the faces agree.
    pub face_guidance: Vec<FaceGuidance>,
    /// The zone's fields, where its lines form a zone.
    pub fields: Option<Fields>,
    /// Every question asked, with its answer.
    pub checks: Vec<Check>,
    /// The face score, where one was formed.
    pub face_score: Option<f32>,
    /// What the search brought up.
    pub candidates: Vec<Candidate>,
    /// How much of the candidates the first line may see.
    pub disclosure: Disclosure,
    /// Entries of which the officer may say that the traveller is another person.
    pub clearable: Vec<Clearable>,
    /// The edition that was searched.
    pub edition: Option<EditionNumber>,
    /// The advice, with reasons.
    pub advised: Advised,
    /// How long it took.
    pub timings: Timings,
    /// The pictures, for the officer's eyes; dropped with the inspection.
    pub pictures: Pictures,
    /// The zone in the chip, where a chip was read.
    pub chip_zone: Option<Zone>,
    /// The zone's lines as the machine read them, where the officer corrected them; empty where it read none.
    pub corrected_from: Option<Vec<String>>,
    /// What is out of the ordinary.
    pub circumstances: Circumstances,
    /// The store's row of an encounter that has begun, where there is one.
    pub begun: Option<BegunId>,
}

impl Inspection {
    /// The advice as the first line sees it: where it may not see why, it refers.
    #[must_use]
    pub fn shown_advice(&self) -> Advice {
        match self.disclosure {
            Disclosure::Open => self.advised.advice,
            Disclosure::SecondLineOnly => Advice::Refer,
        }
    }

    /// The same inspection with another live picture: the faces are compared again, and the advice follows.
    /// The list is searched for the new face too, also where the portrait may be a child's and no score is formed.
    /// Where there is no model, or the officer left the faces out, only the picture changes.
    #[must_use]
    pub fn with_live(&self, live: &Picture, equipment: &Equipment) -> Self {
        let ages = &equipment.ages(self.moment.now);
        self.with_live_of(live, equipment, ages)
    }

    /// The same, where it is known how old the list is.
    fn with_live_of(&self, live: &Picture, equipment: &Equipment, ages: &[RoleAge]) -> Self {
        let decoded = |shown: Option<&ShownPicture>| {
            shown.and_then(|shown| Picture::decode(shown.jpeg()).ok())
        };
        let printed = decoded(self.pictures.portrait.as_ref());
        let (reference, printed) = match decoded(self.pictures.chip.as_ref()) {
            Some(chip) => (Some(chip), printed),
            None => (printed, None),
        };
        let skipped = self.circumstances.face_skipped.is_some();
        let by_eye = self
            .checks
            .iter()
            .any(|c| c.check == CheckId::FaceMatch && c.outcome == Outcome::NotSupported);
        let mut again = self.clone();
        let fields = self.fields.as_ref();
        if by_eye && !skipped {
            // No score is formed of these two faces; whom the new one resembles on the list is asked all the same,
            // except of a child.
            let listed = listed_faces::search(None, live, fields, equipment, self.moment, ages);
            again.pictures.live = Pictures::live(live, None);
            again.take_faces(listed, equipment);
            again.advised = advice::advise(&again.checks, &again.candidates, &equipment.policy());
            return again;
        }
        let (Ok(matcher), false) = (equipment.matcher(), skipped) else {
            again.pictures.live = Pictures::live(live, None);
            return again;
        };
        let policy = equipment.policy();
        let faced = reference
            .map(|reference| stages::compare(matcher, live, &reference, printed.as_ref(), &policy));
        let live_face = faced.as_ref().and_then(|faced| faced.live_face);
        again.pictures.live = Pictures::live(live, live_face);
        let template = faced.as_ref().and_then(|faced| faced.template.as_ref());
        let listed = listed_faces::search(template, live, fields, equipment, self.moment, ages);
        again.take_faces(listed, equipment);
        if let Some(faced) = faced {
            again.checks.retain(|c| c.check.group() != CheckGroup::Face);
            again.checks.extend(faced.checks);
            again.face_score = faced.score;
            again.face_guidance = faced.guidance;
        }
        again.advised = advice::advise(&again.checks, &again.candidates, &equipment.policy());
        again
    }
}

/// Told of each group of checks as soon as it is answered, from whichever thread answers it.
pub trait Progress: Sync {
    /// The answers of one group are complete.
    fn answered(&self, group: CheckGroup, checks: &[Check]);

    /// The chip is being read, so far.
    fn chip(&self, _phase: ::chip::read::Phase) {}

    /// Asked while the chip is read: nobody waits for this inspection any more.
    fn is_called_off(&self) -> bool {
        false
    }
    /// The zone was read, and says who the traveller is; comes before everything else.
    fn zone_read(&self, _fields: Option<&Fields>) {}
}

/// For those who wait for the whole.
impl Progress for () {
    fn answered(&self, _: CheckGroup, _: &[Check]) {}
}

/// Runs an inspection.
#[must_use]
pub fn inspect(
    evidence: Evidence,
    equipment: &Equipment,
    moment: Moment,
    progress: &dyn Progress,
) -> Inspection {
    let start = Instant::now();
    let Evidence {
        page,
        lamps,
        live,
        chip,
        access_number,
    } = evidence;
    let policy = &equipment.policy();
    // Once, for all of it: what comes in the middle counts for the next traveller.
    let ages = &equipment.ages(moment.now);
    let calibrated = equipment.standing(moment.now);
    let (page, lamps) = calibrated.correct_all(page, lamps);

    let mut read = stages::page(&page, &lamps, equipment);
    calibrated.judge(&mut read.page_checks);
    let zone = stages::zone(&read, moment.today);
    let page_ms = ms_since(start);
    progress.zone_read(zone.fields.as_ref());
    progress.answered(CheckGroup::Zone, &zone.checks);
    progress.answered(CheckGroup::Page, &read.page_checks);

    // The rest starts as soon as the zone is there; only the face waits for the chip and its portrait.
    let ((searched, search_ms), (chip, chip_ms), (faced, listed, face_ms), (visual, visual_ms)) =
        std::thread::scope(|scope| {
            let search = scope.spawn(|| {
                let start = Instant::now();
                let found = stages::search(zone.fields.as_ref(), equipment, moment, ages);
                let told = match found.disclosure {
                    Disclosure::Open => found.checks.as_slice(),
                    // Not even the mark tells of a discreet entry, while the rest is at work either.
                    Disclosure::SecondLineOnly => &[],
                };
                progress.answered(CheckGroup::Search, told);
                (found, ms_since(start))
            });
            let visual = scope.spawn(|| {
                let start = Instant::now();
                let mut checks = stages::visual(&page, read.zone.as_ref(), equipment);
                calibrated.judge(&mut checks);
                // The page has been answered; only what speaks against it is news.
                if checks.iter().any(|c| c.outcome == Outcome::Failed) {
                    progress.answered(CheckGroup::Page, &checks);
                }
                (checks, ms_since(start))
            });
            let start = Instant::now();
            let printed = read.zone.as_ref().and_then(|zone| zone.zone.as_ref());
            let given = match (&chip, access_number.as_ref()) {
                (Some(files), _) => Given::Files(files),
                (None, Some(number)) => Given::Number(number),
                (None, None) => Given::Nothing,
            };
            let chip = self::chip::chip(given, printed, equipment, moment.today, ages, progress);
            progress.answered(CheckGroup::Chip, &chip.checks);
            let chip = (chip, ms_since(start));
            let start = Instant::now();
            let printed = read.portrait.map(|face| page.crop(with_margin(face)));
            let (reference, printed) = match (&chip.0.portrait, printed) {
                (Some(portrait), printed) => (Some(Reference::Chip(portrait.clone())), printed),
                (None, printed) => (printed.map(Reference::Page), None),
            };
            let faced = stages::face(
                reference.as_ref(),
                printed.as_ref(),
                &live,
                zone.fields.as_ref(),
                equipment,
                moment.today,
            );
            progress.answered(CheckGroup::Face, &faced.checks);
            let listed = listed_faces::search(
                faced.template.as_ref(),
                &live,
                zone.fields.as_ref(),
                equipment,
                moment,
                ages,
            );
            // The search has been answered; only what speaks against it, and may be told, is news.
            if let Some(check) = &listed.check
                && check.outcome == Outcome::Failed
                && listed.disclosure == Disclosure::Open
            {
                progress.answered(CheckGroup::Search, std::slice::from_ref(check));
            }
            let faced = (faced, listed, ms_since(start));
            let searched = search
                .join()
                .unwrap_or_else(|_| (stages::Search::broken_off(), 0.0));
            let visual = visual.join().unwrap_or_else(|_| {
                let why = "the comparison broke off";
                (page::visual_unanswered(Outcome::Aborted, why), 0.0)
            });
            (searched, chip, faced, visual)
        });

    let mut checks = zone.checks;
    checks.extend(chip.checks);
    checks.extend(read.page_checks);
    checks.extend(visual);
    checks.extend(faced.checks);
    checks.extend(searched.checks);
    let timings = Timings {
        page: page_ms,
        search: search_ms,
        chip: chip_ms,
        face: face_ms,
        visual: visual_ms,
        whole: ms_since(start),
    };
    let mut inspection = Inspection {
        moment,
        circumstances: Circumstances {
            path: amended::path_of(zone.fields.as_ref()),
            ..Circumstances::default()
        },
        corrected_from: None,
        chip_zone: chip.zone,
        begun: None,
        disclosure: searched.disclosure,
        fields: zone.fields,
        checks,
        face_score: faced.score,
        candidates: searched.candidates,
        clearable: searched.clearable,
        edition: searched.edition,
        // Formed below, when all is together.
        advised: advice::advise(&[], &[], policy),
        timings,
        pictures: Pictures::new(
            &page,
            read.zone.as_ref(),
            read.portrait,
            &live,
            faced.live_face,
        )
        .with_chip(chip.portrait.as_ref())
        .with_lamps(&lamps),
        guidance: read.guidance,
        face_guidance: faced.guidance,
        zone: read.zone,
    };
    inspection.add_faces(listed);
    inspection.advised = advice::advise(&inspection.checks, &inspection.candidates, policy);
    inspection.by_chip_zone(equipment, ages)
}

fn ms_since(start: Instant) -> f64 {
    (start.elapsed().as_secs_f64() * 1e5).round() / 100.0
}

/// One answer that stays open, with the reason in words.
fn open(check: CheckId, why: impl Into<String>) -> Check {
    Check::new(check, Outcome::Undetermined, why)
}
