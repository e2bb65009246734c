//! What an officer may add to an inspection: the zone as she reads it, that a face is not compared, that
//! it goes the way of protection; and inspections that no machine made: from paper, or reopened after the
//! power went.

use super::chip::{self, ChipRead, Given};
use super::{Clearable, Equipment, Inspection, Moment, Pictures, Progress, Timings, stages};
use crate::sync::RoleAge;
use ::chip::AccessKey;
use jiff::Timestamp;
use jiff::civil::Date;
use page::{Picture, ZoneEvidence, ZoneReading};
use rules::check::CheckGroup;
use rules::encounter::Path;
use rules::mrz::{Fields, Zone};
use rules::{
    Advised, Candidate, Check, CheckId, Circumstances, EditionNumber, FaceSkip, OfficerId, Outcome,
    PaperEntry, Said, advice, check, country,
};
use serde::{Deserialize, Serialize};
use stages::Disclosure;
use store::BegunId;

/// What is kept of an inspection between its advice and its decision, so that a power cut in between loses
/// nothing but the pictures. Holds personal data; lies only in the encrypted store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    version: u16,
    /// Before whom the traveller stood.
    pub officer: OfficerId,
    now: Timestamp,
    today: Date,
    mrz: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chip_mrz: Option<Vec<String>>,
    corrected_from: Option<Vec<String>>,
    checks: Vec<Check>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    said: Vec<Vec<Said>>,
    face_score: Option<f32>,
    candidates: Vec<Candidate>,
    disclosure: Disclosure,
    #[serde(default)]
    clearable: Vec<Clearable>,
    edition: Option<EditionNumber>,
    advised: Advised,
    circumstances: Circumstances,
}

/// The layout's version of what is written now.
const VERSION: u16 = 1;

impl Found {
    /// What is to be kept of this inspection.
    #[must_use]
    pub fn of(inspection: &Inspection, officer: &OfficerId) -> Self {
        Self {
            version: VERSION,
            officer: officer.clone(),
            now: inspection.moment.now,
            today: inspection.moment.today,
            mrz: inspection.zone.as_ref().map(|z| z.lines.clone()),
            chip_mrz: inspection.chip_zone.as_ref().map(|z| z.lines().to_vec()),
            corrected_from: inspection.corrected_from.clone(),
            checks: inspection.checks.clone(),
            said: check::said_of(&inspection.checks),
            face_score: inspection.face_score,
            candidates: inspection.candidates.clone(),
            disclosure: inspection.disclosure,
            clearable: inspection.clearable.clone(),
            edition: inspection.edition,
            advised: inspection.advised.clone(),
            circumstances: inspection.circumstances.clone(),
        }
    }

    /// As it is kept.
    ///
    /// # Errors
    /// Never, of these plain types; named for whoever looks.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads what was kept; `None` where a newer or another program wrote it.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let found: Self = serde_json::from_slice(bytes).ok()?;
        (found.version <= VERSION).then_some(found)
    }

    /// The inspection again, without its pictures.
    #[must_use]
    pub fn reopened(self, begun: BegunId, at: Timestamp) -> Inspection {
        let zone = self.mrz.map(typed);
        let chip_zone = self
            .chip_mrz
            .and_then(|lines| Zone::from_lines(&lines).ok());
        let checks = check::saying_again(self.checks, &self.said);
        Inspection {
            moment: Moment {
                now: self.now,
                today: self.today,
            },
            fields: fields_of(zone.as_ref()).or_else(|| chip_zone.as_ref().map(Zone::fields)),
            zone,
            chip_zone,
            guidance: Vec::new(),
            face_guidance: Vec::new(),
            checks: match self.face_score {
                Some(_) => checks.into_iter().map(without_score).collect(),
                None => checks,
            },
            face_score: self.face_score,
            candidates: self.candidates,
            disclosure: self.disclosure,
            clearable: self.clearable,
            edition: self.edition,
            advised: self.advised,
            timings: Timings::default(),
            pictures: Pictures::default(),
            corrected_from: self.corrected_from,
            circumstances: Circumstances {
                reopened_at: Some(at),
                ..self.circumstances
            },
            begun: Some(begun),
        }
    }
}

/// The score of a comparison is for the second line. What is kept on disk says it in its detail; the lane is shown
/// what it was shown before.
fn without_score(check: Check) -> Check {
    match check.check {
        CheckId::FaceMatch => check.saying(stages::COMPARED, []),
        _ => check,
    }
}

/// Lines that a person gave, or that were read once, as a reading without anything of a picture.
fn typed(lines: Vec<String>) -> ZoneReading {
    ZoneReading {
        zone: Zone::from_lines(&lines).ok(),
        lines,
        seen: Vec::new(),
        confidence: Vec::new(),
        quad: [[0.0; 2]; 4],
        evidence: ZoneEvidence::default(),
        places: Vec::new(),
    }
}

fn fields_of(zone: Option<&ZoneReading>) -> Option<Fields> {
    zone.and_then(|z| z.zone.as_ref()).map(Zone::fields)
}

/// The way of a record by what its document says: who holds a document of a refugee or a stateless person
/// is protected from the first moment on.
#[must_use]
pub(super) fn path_of(fields: Option<&Fields>) -> Path {
    let person =
        |code: &str| country::find(code).map(|c| c.kind) == Some(country::CodeKind::Person);
    match fields {
        // XXX says only that nothing is said.
        Some(f) if person(&f.nationality) && f.nationality != "XXX" => Path::Protection,
        _ => Path::Ordinary,
    }
}

impl Inspection {
    /// The same with the zone as the officer reads it: its questions and the search are asked again, and
    /// the advice follows. What only the picture could answer is left as it was, or left open; a chip that the
    /// zone did not open is asked again.
    #[must_use]
    pub fn with_zone(&self, zone: &Zone, equipment: &Equipment) -> Self {
        let mut again = self.clone();
        let before = self.zone.as_ref().map(|z| z.lines.clone());
        again.corrected_from = Some(self.corrected_from.clone().or(before).unwrap_or_default());
        again.zone = Some(typed(zone.lines().to_vec()));
        again.fields = Some(zone.fields());
        let ages = equipment.ages(self.moment.now);
        again.ask_zone(zone, equipment, &ages);
        again
            .checks
            .retain(|c| !c.check.as_str().starts_with("page.visual_zone."));
        // The chip agreed, or did not, with what was read: of what was typed instead nobody has asked.
        let is_other = |read: &ZoneReading| read.lines.as_slice() != zone.lines();
        let other = self.zone.as_ref().is_none_or(is_other);
        for check in &mut again.checks {
            let stale = match check.outcome {
                Outcome::Failed => true,
                Outcome::Successful => other,
                _ => false,
            };
            if check.check == CheckId::ChipZoneAgrees && stale {
                *check = Check::new(
                    check.check,
                    Outcome::Undetermined,
                    "the zone was corrected by hand after the chip was read",
                )
                .saying("detail-corrected", []);
            }
        }
        let minimum = equipment.policy().face_minimum_age_years;
        let child = stages::by_eye(&zone.fields(), self.moment.today, minimum);
        let was_child = self
            .checks
            .iter()
            .any(|c| c.check == CheckId::FaceMatch && c.outcome == Outcome::NotSupported);
        if child.is_some() != was_child && self.circumstances.face_skipped.is_none() {
            again.checks.retain(|c| c.check.group() != CheckGroup::Face);
            again.face_score = None;
            again.face_guidance = Vec::new();
            again.checks.push(child.unwrap_or_else(|| {
                Check::new(
                    CheckId::FaceMatch,
                    Outcome::Undetermined,
                    "the zone was corrected after the faces were looked at",
                )
                .saying("detail-corrected", [])
            }));
        }
        let again = again.advised_anew(equipment);
        if self.may_ask_for_number(equipment) {
            let today = self.moment.today;
            let read = chip::chip(Given::Nothing, Some(zone), equipment, today, &ages, &());
            if read.is_opened() {
                return again.with_chip(read, equipment, &ages);
            }
        }
        again
    }

    /// The same with the faces compared by the officer's eye alone, for a reason that speaks against nobody.
    #[must_use]
    pub fn with_face_skipped(&self, why: FaceSkip, equipment: &Equipment) -> Self {
        let mut again = self.clone();
        again.checks.retain(|c| c.check.group() != CheckGroup::Face);
        again.checks.push(
            Check::new(CheckId::FaceSkipped, Outcome::NotSupported, why.as_str()).saying(
                match why {
                    FaceSkip::Veil => "skip-veil",
                    FaceSkip::Injury => "skip-injury",
                    FaceSkip::Disability => "skip-disability",
                },
                [],
            ),
        );
        again.face_score = None;
        again.face_guidance = Vec::new();
        again.circumstances.face_skipped = Some(why);
        again.advised_anew(equipment)
    }

    /// Whether the access number printed on the document may open its chip: it did not open by its zone, and may
    /// still lie in the reader's field.
    #[must_use]
    pub fn may_ask_for_number(&self, equipment: &Equipment) -> bool {
        equipment.reads_chips() && self.pictures.page.is_some() && !chip::is_opened(&self.checks)
    }

    /// The same with the chip read by the access number printed on the document, in place of what was said of the
    /// chip before. Where the page's zone was not read, the chip's says whom to search for.
    ///
    /// # Errors
    /// What the chip answered, where the number did not open it: it may have been typed wrongly, and that says
    /// nothing about the document.
    pub fn with_chip_number(
        &self,
        number: &AccessKey,
        equipment: &Equipment,
        progress: &dyn Progress,
    ) -> Result<Self, Vec<Check>> {
        let printed = self.zone.as_ref().and_then(|z| z.zone.as_ref());
        let given = Given::Number(number);
        let ages = equipment.ages(self.moment.now);
        let today = self.moment.today;
        let read = chip::chip(given, printed, equipment, today, &ages, progress);
        match read.is_opened() {
            true => Ok(self.with_chip(read, equipment, &ages)),
            false => Err(read.checks),
        }
    }

    /// The same with another reading of the chip. Its portrait is the better reference for the face.
    fn with_chip(&self, read: ChipRead, equipment: &Equipment, ages: &[RoleAge]) -> Self {
        let mut again = self.clone();
        again.checks.retain(|c| c.check.group() != CheckGroup::Chip);
        again.checks.extend(read.checks);
        again.pictures = again.pictures.with_chip(read.portrait.as_ref());
        again.chip_zone = read.zone;
        let again = again.by_chip_zone(equipment, ages);
        let live = self.pictures.live.as_ref();
        let live = live.and_then(|shown| Picture::decode(shown.jpeg()).ok());
        let is_compared = self.circumstances.face_skipped.is_none();
        match live {
            Some(live) if read.portrait.is_some() && is_compared => {
                let again = again.with_live_of(&live, equipment, ages);
                again.advised_anew(equipment)
            }
            _ => again.advised_anew(equipment),
        }
    }

    /// The same where the page's zone was not read and the chip's was: that says who the traveller is, for the search,
    /// for the way of the record, and for a child's face, of which no score is formed.
    pub(super) fn by_chip_zone(mut self, equipment: &Equipment, ages: &[RoleAge]) -> Self {
        let (None, Some(zone)) = (&self.fields, &self.chip_zone) else {
            return self;
        };
        let fields = zone.fields();
        self.search_anew(&fields, equipment, ages);
        if path_of(Some(&fields)) == Path::Protection {
            self.circumstances.path = Path::Protection;
        }
        let minimum = equipment.policy().face_minimum_age_years;
        let by_eye = stages::by_eye(&fields, self.moment.today, minimum);
        if let (Some(check), None) = (by_eye, self.circumstances.face_skipped) {
            self.checks.retain(|c| c.check.group() != CheckGroup::Face);
            self.checks.push(check);
            self.face_score = None;
            self.face_guidance = Vec::new();
        }
        self.fields = Some(fields);
        self.advised_anew(equipment)
    }

    /// The same on the path of protection. There is no way back at the lane.
    #[must_use]
    pub fn protected(&self) -> Self {
        let mut again = self.clone();
        again.circumstances.path = Path::Protection;
        again
    }

    /// An encounter that took place on paper: the zone as it was written down, searched now, without
    /// pictures.
    #[must_use]
    pub fn of_paper(paper: PaperEntry, zone: &Zone, equipment: &Equipment, moment: Moment) -> Self {
        let mut inspection = Self {
            moment,
            fields: Some(zone.fields()),
            zone: Some(typed(zone.lines().to_vec())),
            guidance: Vec::new(),
            face_guidance: Vec::new(),
            checks: Vec::new(),
            face_score: None,
            candidates: Vec::new(),
            disclosure: Disclosure::Open,
            clearable: Vec::new(),
            edition: None,
            advised: advice::advise(&[], &[], &equipment.policy()),
            timings: Timings::default(),
            pictures: Pictures::default(),
            chip_zone: None,
            corrected_from: None,
            circumstances: Circumstances {
                paper: Some(paper),
                ..Circumstances::default()
            },
            begun: None,
        };
        inspection.ask_zone(zone, equipment, &equipment.ages(moment.now));
        inspection.advised_anew(equipment)
    }

    /// Asks the questions of a zone that a person gave, and searches by it.
    fn ask_zone(&mut self, zone: &Zone, equipment: &Equipment, ages: &[RoleAge]) {
        self.checks.retain(|c| c.check.group() != CheckGroup::Zone);
        let mut checks = vec![
            Check::new(
                CheckId::ZonePresent,
                Outcome::Successful,
                "typed by the officer",
            )
            .saying("detail-typed", []),
        ];
        checks.extend(zone.checks(self.moment.today));
        checks.append(&mut self.checks);
        self.checks = checks;
        self.search_anew(&zone.fields(), equipment, ages);
        if path_of(Some(&zone.fields())) == Path::Protection {
            self.circumstances.path = Path::Protection;
        }
    }

    /// Searches the list by other fields; what the live face brought up stays.
    fn search_anew(&mut self, fields: &Fields, equipment: &Equipment, ages: &[RoleAge]) {
        let faces = self.faces_found(fields, equipment);
        let found = stages::search(Some(fields), equipment, self.moment, ages);
        self.checks
            .retain(|c| c.check.group() != CheckGroup::Search);
        self.checks.extend(found.checks);
        self.candidates = found.candidates;
        self.disclosure = found.disclosure;
        self.clearable = found.clearable;
        self.edition = found.edition;
        self.add_faces(faces);
    }

    fn advised_anew(mut self, equipment: &Equipment) -> Self {
        self.advised = advice::advise(&self.checks, &self.candidates, &equipment.policy());
        self
    }
}
