//! The stages, each a plain function from evidence to answers.

use super::clearances::{self, Clearable};
use super::{Equipment, FaceMatcher, Moment, leases, open};
use crate::sync::RoleAge;
use jiff::Timestamp;
use jiff::civil::Date;
use models::face::{FaceComparison, FaceView, Obstacle, compare_views};
use models::quality::Guidance as FaceGuidance;
use page::{BarePage, Guidance, Lamps, Located, PageReading, Picture, Rect, ZoneReading};
use rules::mrz::{Fields, Sex, Zone};
use rules::{
    Argument, BundleRole, Candidate, Check, CheckGroup, CheckId, EditionNumber, FaceTemplate,
    Outcome, Policy, RoleStanding,
};
use serde::{Deserialize, Serialize};
use watchlist::{DocumentQuery, Edition, Handling, Query};

/// What was read of the page.
#[derive(Debug, Default)]
pub struct PageRead {
    /// The zone, where one was found.
    pub zone: Option<ZoneReading>,
    /// The printed portrait, where a face was found.
    pub portrait: Option<Rect>,
    /// What the reading answers about the zone.
    pub zone_checks: Vec<Check>,
    /// What it answers about the page.
    pub page_checks: Vec<Check>,
    /// How the page lies in the picture, where there is a zone to tell by.
    pub located: Option<Located>,
    /// Where its edges are, where there is no zone to tell by.
    pub bare: Option<BarePage>,
    /// What would make a better picture, the most urgent first.
    pub guidance: Vec<Guidance>,
}

/// Reads the page: zone and portrait, and what its pictures under other lamps say.
#[must_use]
pub fn page(picture: &Picture, lamps: &Lamps, equipment: &Equipment) -> PageRead {
    let reader = match equipment.reader() {
        Ok(reader) => reader,
        Err(why) => {
            return PageRead {
                zone_checks: vec![open(CheckId::ZonePresent, why).saying("part-technician", [])],
                page_checks: vec![open(CheckId::PagePortrait, why).saying("part-technician", [])],
                ..PageRead::default()
            };
        }
    };
    let mut reading: PageReading = page::read(picture, reader, Some(equipment.faces()));
    let under_lamps = page::under_lamps(picture, &reading, lamps, reader);
    reading.checks.extend(under_lamps);
    let (zone_checks, page_checks) = reading
        .checks
        .into_iter()
        .partition(|c| c.check.group() == CheckGroup::Zone);
    PageRead {
        zone: reading.zone,
        portrait: reading.portrait,
        zone_checks,
        page_checks,
        located: reading.located,
        bare: reading.bare,
        guidance: reading.guidance,
    }
}

/// What the zone says.
#[derive(Debug)]
pub struct ZoneChecked {
    /// Its fields, where its lines form a zone.
    pub fields: Option<Fields>,
    /// Every question asked of it.
    pub checks: Vec<Check>,
}

/// Checks the zone that was read.
#[must_use]
pub fn zone(read: &PageRead, today: Date) -> ZoneChecked {
    let mut checks = read.zone_checks.clone();
    let zone = read.zone.as_ref().and_then(|z| z.zone.as_ref());
    match zone {
        Some(zone) => checks.extend(zone.checks(today)),
        None if read.zone.is_some() => checks.push(
            open(
                CheckId::ZoneFormat,
                "the lines that were read form no zone of a known format",
            )
            .saying("detail-no-format", []),
        ),
        None => {}
    }
    ZoneChecked {
        fields: zone.map(Zone::fields),
        checks,
    }
}

/// Compares the zone with the visual zone above it, where there is a zone and something to read it with;
/// nothing is asked where there is not.
#[must_use]
pub fn visual(picture: &Picture, zone: Option<&ZoneReading>, equipment: &Equipment) -> Vec<Check> {
    match (zone, equipment.visual_reader()) {
        (Some(zone), Some(reader)) => page::compare_visual(picture, zone, reader),
        _ => Vec::new(),
    }
}

/// How much of what the search brought up the first line may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// That there are candidates, in neutral words.
    #[default]
    Open,
    /// Only that the second line should see the traveller: an entry is discreet, or its person protected.
    SecondLineOnly,
}

/// What the search brought up.
#[derive(Debug)]
pub struct Search {
    /// Whether the list could be searched and is of its time, and whether it brought something up.
    pub checks: Vec<Check>,
    /// Entries that resemble the traveller.
    pub candidates: Vec<Candidate>,
    /// How much of them the first line may see.
    pub disclosure: Disclosure,
    /// Entries of which the officer may say that the traveller is another person.
    pub clearable: Vec<Clearable>,
    /// The edition searched.
    pub edition: Option<EditionNumber>,
}

impl Search {
    fn unanswered(why: &str, said: &'static str) -> Self {
        let unasked = |check| open(check, why).saying(said, []);
        Self {
            checks: vec![
                unasked(CheckId::SearchDocuments),
                unasked(CheckId::SearchPersons),
            ],
            candidates: Vec::new(),
            disclosure: Disclosure::Open,
            clearable: Vec::new(),
            edition: None,
        }
    }

    /// The search ended before it answered.
    pub(super) fn broken_off() -> Self {
        let mut search = Self::unanswered("the search broke off", "detail-broke-off");
        for check in &mut search.checks {
            check.outcome = Outcome::Aborted;
        }
        search
    }
}

/// Searches the list for the document and the person; `ages` say how old it is ([`Equipment::ages`]).
#[must_use]
pub fn search(
    fields: Option<&Fields>,
    equipment: &Equipment,
    moment: Moment,
    ages: &[RoleAge],
) -> Search {
    // By the clock, not by the encounter's own time: one that is entered from paper lies in the past.
    if equipment.is_locked(Timestamp::now()) {
        return Search::unanswered("the box is locked and searches nothing", "detail-locked");
    }
    let edition = match equipment.edition() {
        Ok(edition) => edition,
        Err(why) => {
            let mut search = Search::unanswered(&why, "edition-none");
            let none = open(CheckId::SearchEdition, why).saying("edition-none", []);
            search.checks.push(none);
            return search;
        }
    };
    let info = edition.info();
    let list = ages.iter().find(|of| of.role == BundleRole::Watchlist);
    let of_its_time = match list.filter(|list| list.standing == RoleStanding::Stale) {
        Some(list) => open(
            CheckId::SearchEdition,
            format!("edition {} is {} days old", info.number, list.age_days),
        )
        .saying(
            "detail-edition-old",
            [
                ("edition", info.number.to_string().as_str().into()),
                ("days", Argument::Number(list.age_days)),
            ],
        ),
        None => Check::new(
            CheckId::SearchEdition,
            Outcome::Successful,
            format!("edition {}", info.number),
        )
        .saying(
            "detail-edition",
            [("edition", info.number.to_string().as_str().into())],
        ),
    };
    let mut search = match fields {
        None => Search::unanswered("there is no zone to search with", "detail-no-zone"),
        Some(fields) => {
            let query = query_of(fields, moment.today);
            let documents = match &query.document {
                Some(document) => edition.search_documents(document),
                None => Ok(Vec::new()),
            };
            let mut persons = edition.search_persons(&query, &equipment.policy());
            let clearable = match &mut persons {
                Ok(found) => clearances::mark(found, fields, &edition, equipment, moment.now),
                Err(_) => Vec::new(),
            };
            let mut checks = vec![
                found(CheckId::SearchDocuments, &documents),
                found(CheckId::SearchPersons, &persons),
            ];
            if query.document.is_none() {
                checks[0] = open(
                    CheckId::SearchDocuments,
                    "the zone holds no document number",
                )
                .saying("detail-no-number", []);
            }
            let mut candidates = documents.unwrap_or_default();
            candidates.extend(persons.unwrap_or_default());
            Search {
                checks,
                disclosure: disclosure(&candidates, &edition),
                candidates,
                clearable,
                edition: None,
            }
        }
    };
    search.edition = Some(info.number);
    search.checks.push(of_its_time);
    let checks = search.checks.into_iter();
    search.checks = checks.map(|check| leases::of_list(check, ages)).collect();
    search
}

/// One discreet entry among the candidates closes them all to the first line. An entry that cannot be read
/// is taken for discreet. A document that an entry names tells of its person as a name does.
pub(crate) fn disclosure(candidates: &[Candidate], edition: &Edition) -> Disclosure {
    let closed = candidates.iter().any(|c| match edition.person(&c.entry) {
        Ok(Some(person)) => person.handling != Handling::Open,
        Ok(None) => false,
        Err(_) => true,
    });
    if closed {
        Disclosure::SecondLineOnly
    } else {
        Disclosure::Open
    }
}

/// The answer of one part of the search. A candidate speaks against the question "nobody resembles"; what
/// it means for the traveller is for the advice and for people.
pub(super) fn found<E: std::fmt::Display>(
    check: CheckId,
    result: &Result<Vec<Candidate>, E>,
) -> Check {
    match result {
        Ok(candidates) if candidates.is_empty() => Check::new(check, Outcome::Successful, ""),
        Ok(candidates) if candidates.iter().all(|c| c.cleared.is_some()) => Check::new(
            check,
            Outcome::Successful,
            format!("{} cleared earlier", candidates.len()),
        )
        .saying("candidates-cleared", [("count", candidates.len().into())]),
        Ok(candidates) => Check::new(
            check,
            Outcome::Failed,
            match candidates.len() {
                1 => "1 candidate".to_owned(),
                n => format!("{n} candidates"),
            },
        )
        .saying("candidates-title", [("count", candidates.len().into())]),
        Err(e) => open(check, e.to_string()).saying("detail-list-unreadable", []),
    }
}

/// What to ask the list about the holder of this zone.
#[must_use]
pub fn query_of(fields: &Fields, today: Date) -> Query {
    Query {
        birth: fields.birth(today),
        sex: Sex::of_word(&fields.sex),
        nationality: fields.nationality.clone(),
        name_truncated: fields.name_truncated(),
        document: (!fields.document_number.is_empty()).then(|| DocumentQuery {
            number: fields.document_number.clone(),
            state: fields.issuing_state.clone(),
            document_code: fields.document_code.clone(),
        }),
        ..Query::by_name(fields.surname.clone(), fields.given_names.clone(), today)
    }
}

/// What the comparison of faces says.
#[derive(Debug, Default)]
pub struct Faced {
    /// Whether both faces were usable, and whether they are of one person.
    pub checks: Vec<Check>,
    /// The score, where one was formed.
    pub score: Option<f32>,
    /// Where the face lies in the live picture.
    pub live_face: Option<Rect>,
    /// The live face's template, where one was made.
    pub template: Option<FaceTemplate>,
    /// What would make a better live picture, the most important first; none where the faces agree.
    pub guidance: Vec<FaceGuidance>,
}

/// The document's portrait, and where it came from.
#[derive(Debug, Clone)]
pub enum Reference {
    /// From the chip, as its issuer signed it: preferred.
    Chip(Picture),
    /// Cut out of the picture of the page, with a margin.
    Page(Picture),
}

/// Compares the live face with the document's portrait, and a portrait from the chip also with the `printed` one.
#[must_use]
pub fn face(
    reference: Option<&Reference>,
    printed: Option<&Picture>,
    live: &Picture,
    fields: Option<&Fields>,
    equipment: &Equipment,
    today: Date,
) -> Faced {
    let none = |checks| Faced {
        checks,
        ..Faced::default()
    };
    let minimum = equipment.policy().face_minimum_age_years;
    if let Some(check) = fields.and_then(|f| by_eye(f, today, minimum)) {
        return none(vec![check]);
    }
    let matcher = match equipment.matcher() {
        Ok(matcher) => matcher,
        Err(why) => {
            let none_there = open(CheckId::FaceLive, why).saying("part-technician", []);
            return none(vec![none_there]);
        }
    };
    match reference {
        None => none(vec![
            open(CheckId::FaceReference, "no portrait was found on the page")
                .saying("detail-no-portrait", []),
        ]),
        Some(Reference::Page(picture)) => {
            compare(matcher, live, picture, None, &equipment.policy())
        }
        Some(Reference::Chip(picture)) => {
            let mut faced = compare(matcher, live, picture, printed, &equipment.policy());
            for check in &mut faced.checks {
                if check.check == CheckId::FaceReference && check.detail.is_empty() {
                    *check = Check::new(check.check, check.outcome, "the chip's portrait")
                        .saying("photo-chip", []);
                }
            }
            faced
        }
    }
}

/// Documents of those who are not grown are valid for so long, in years: none of their portraits is older.
const MINORS_DOCUMENT_YEARS: i16 = 5;

/// Why no score is formed where the policy forms none: a child's face changes faster than documents are
/// renewed. So it is of a child, and of somebody whose portrait may be from before that age.
pub(super) fn by_eye(fields: &Fields, today: Date, minimum: u8) -> Option<Check> {
    if let Some(age) = fields.age_years(today)
        && age < minimum
    {
        let why = format!("{age} years old: below {minimum} no score is formed");
        return Some(
            Check::new(CheckId::FaceMatch, Outcome::NotSupported, why).saying(
                "detail-child",
                [
                    ("age", Argument::Number(age.into())),
                    ("minimum", Argument::Number(minimum.into())),
                ],
            ),
        );
    }
    let expiry = fields.expiry(today)?;
    let issued = expiry
        .checked_sub(jiff::Span::new().years(MINORS_DOCUMENT_YEARS))
        .ok()?;
    // Of a date before the birth too the age is said to be 0.
    let then = fields.age_years(issued.min(today))?;
    (then < minimum).then(|| {
        let why =
            format!("the portrait may be from before the age of {minimum}: no score is formed");
        Check::new(CheckId::FaceMatch, Outcome::NotSupported, why).saying(
            "detail-portrait-of-child",
            [("minimum", Argument::Number(minimum.into()))],
        )
    })
}

/// Compares a live picture with a portrait that has been cut out already; where that is the chip's, also the
/// `printed` one with it.
#[must_use]
pub fn compare(
    matcher: &dyn FaceMatcher,
    live: &Picture,
    reference: &Picture,
    printed: Option<&Picture>,
    policy: &Policy,
) -> Faced {
    let (live, reference) = match (matcher.view(live), matcher.view(reference)) {
        (Ok(live), Ok(reference)) => (live, reference),
        (Err(e), _) | (_, Err(e)) => {
            return Faced {
                checks: vec![
                    Check::new(CheckId::FaceMatch, Outcome::Aborted, e.to_string())
                        .saying("detail-broke-off", []),
                ],
                ..Faced::default()
            };
        }
    };
    let usable = |check, view: &FaceView| match &view.inspection.obstacle {
        None => Check::new(check, Outcome::Successful, ""),
        Some(obstacle) => {
            let said = open(check, obstacle.to_string());
            match obstacle {
                Obstacle::NoFace => said.saying("detail-no-face", []),
                Obstacle::SeveralFaces { count } => {
                    said.saying("detail-several-faces", [("count", (*count).into())])
                }
                Obstacle::Turned { .. } => said.saying("detail-face-turned", []),
                Obstacle::TooSmall { .. } => said.saying("detail-face-small", []),
                Obstacle::EyesCovered => said.saying("detail-eyes-covered", []),
                Obstacle::MouthCovered => said.saying("detail-mouth-covered", []),
            }
        }
    };
    let mut checks = vec![
        usable(CheckId::FaceLive, &live),
        usable(CheckId::FaceReference, &reference),
    ];
    let compared = compare_views(&live, &reference, policy);
    // Without two usable faces the question was not asked; the checks above say why.
    if compared.obstacles.is_empty() {
        checks.push(judged(CheckId::FaceMatch, &compared));
    }
    match printed.map(|printed| matcher.view(printed)).transpose() {
        Ok(Some(printed)) => {
            let printed = compare_views(&printed, &reference, policy);
            // A printed portrait too poor to be compared is the page's matter, not the traveller's.
            if printed.obstacles.is_empty() {
                checks.push(judged(CheckId::FacePrinted, &printed));
            }
        }
        Ok(None) => {}
        Err(e) => checks.push(
            Check::new(CheckId::FacePrinted, Outcome::Aborted, e.to_string())
                .saying("detail-broke-off", []),
        ),
    }
    Faced {
        checks,
        guidance: match compared.outcome {
            Outcome::Successful => Vec::new(),
            _ => live.inspection.quality.guidance(),
        },
        score: compared.score,
        template: live.template.clone(),
        live_face: live
            .inspection
            .main
            .and_then(|main| live.inspection.faces.get(main))
            .map(|face| face.bounds),
    }
}

/// What the lane reads of two faces that were compared.
pub const COMPARED: &str = "detail-face-compared";

/// An answer about two faces. The score goes with it for the second line: at the lane two pictures say more.
fn judged(check: CheckId, compared: &FaceComparison) -> Check {
    let score = compared.score.map(|score| format!("{score:.2}"));
    let score = score.map(|score| [("score", Argument::from(score))]);
    let answered = Check::new(check, compared.outcome, compared.why.clone());
    match score {
        Some(score) => answered.saying(COMPARED, score),
        None => answered.saying(COMPARED, []),
    }
}

/// The portrait with what a detector wants to see around a face: hair, chin and some ground.
pub(super) fn with_margin(face: Rect) -> Rect {
    let (dx, dy) = (face.width / 2, face.height / 2);
    let (x, y) = (face.x.saturating_sub(dx), face.y.saturating_sub(dy));
    Rect {
        x,
        y,
        width: face.x.saturating_add(face.width).saturating_add(dx) - x,
        height: face.y.saturating_add(face.height).saturating_add(dy) - y,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn by_eye_of(birth: &str, expiry: &str) -> Option<String> {
        let lines = [
            format!("{:<<44}", "P<UTOERIKSSON<<ANNA<MARIA"),
            format!("L898902C36UTO{birth}0F{expiry}0ZE184226B<<<<<10"),
        ];
        let fields = Zone::from_lines(&lines)
            .expect("a passport's zone")
            .fields();
        let check = by_eye(&fields, date(2026, 11, 29), 12)?;
        assert_eq!(check.outcome, Outcome::NotSupported);
        check.said.first().map(|said| said.key.to_string())
    }

    #[test]
    fn no_score_is_formed_of_a_child_nor_of_a_childs_portrait() {
        assert_eq!(
            by_eye_of("160101", "290101").as_deref(),
            Some("detail-child")
        );
        // Fourteen now; valid for another year, so perhaps issued at eleven.
        let portrait = by_eye_of("120101", "271201");
        assert_eq!(portrait.as_deref(), Some("detail-portrait-of-child"));
        // As old, and issued at twelve at the earliest.
        assert_eq!(by_eye_of("120101", "310601"), None);
        assert_eq!(by_eye_of("740812", "310601"), None);
    }
}
