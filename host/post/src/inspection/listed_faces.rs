//! The live face against the faces of the list.

use super::clearances::{self, Clearable};
use super::stages::{self, Disclosure};
use super::{Equipment, Inspection, Moment, leases, open};
use crate::sync::RoleAge;
use jiff::Timestamp;
use models::Card;
use page::Picture;
use rules::mrz::Fields;
use rules::{Candidate, CandidateKind, Check, CheckId, FaceTemplate};
use watchlist::FaceSearchError;
use watchlist::gallery::GalleryModel;

/// What the search by the live face brought up. A face alone is never more than a candidate.
#[derive(Debug, Default)]
pub(super) struct FaceSearch {
    /// Whether the faces could be searched, and whether one resembles; absent where the list has none.
    pub(super) check: Option<Check>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) disclosure: Disclosure,
    pub(super) clearable: Vec<Clearable>,
}

/// What the screen says where the live face's model is not the list's.
const OTHER_MODEL: &str = "detail-faces-other-model";

impl FaceSearch {
    fn unanswered(why: impl Into<String>, said: &'static str) -> Self {
        Self {
            check: Some(open(CheckId::SearchFaces, why).saying(said, [])),
            ..Self::default()
        }
    }
}

/// Whether somebody is too young for the list to be searched for the face: it changes faster than lists do.
fn is_child(fields: &Fields, equipment: &Equipment, moment: Moment) -> bool {
    let minimum = equipment.policy().face_minimum_age_years;
    fields
        .age_years(moment.today)
        .is_some_and(|age| age < minimum)
}

/// Searches the list for the face in the live picture: by its template, where the comparison made one already.
pub(super) fn search(
    template: Option<&FaceTemplate>,
    live: &Picture,
    fields: Option<&Fields>,
    equipment: &Equipment,
    moment: Moment,
    ages: &[RoleAge],
) -> FaceSearch {
    // By the clock, as the search by document has it: a locked box says nothing of its list.
    if equipment.is_locked(Timestamp::now()) {
        return FaceSearch::default();
    }
    // That there is no list is said by the search for the document.
    let Ok(edition) = equipment.edition() else {
        return FaceSearch::default();
    };
    if edition.faces() == 0 || fields.is_some_and(|fields| is_child(fields, equipment, moment)) {
        return FaceSearch::default();
    }
    let made;
    let template = match template {
        Some(template) => template,
        None => {
            let view = match equipment.matcher().map(|matcher| matcher.view(live)) {
                Ok(Ok(view)) => view,
                Ok(Err(e)) => return FaceSearch::unanswered(e.to_string(), "detail-broke-off"),
                Err(why) => return FaceSearch::unanswered(why, "part-technician"),
            };
            made = view.template;
            match &made {
                Some(template) => template,
                None => return FaceSearch::unanswered("no usable live face", "detail-no-face"),
            }
        }
    };
    // Which weights made it is on the model's card, against which they were checked when they were loaded.
    let card = Card::find(&template.model.0);
    let model = card.and_then(|card| GalleryModel::of_weights(card.model_id(), &card.digest));
    let from = card.and_then(|card| card.search_threshold(edition.faces()));
    let (Some(model), Some(from)) = (model, from) else {
        let why = format!("{} is no model for searching", template.model);
        return FaceSearch::unanswered(why, OTHER_MODEL);
    };
    let mut found = edition.search_faces(template, &model, from, moment.today);
    let clearable = match (&mut found, fields) {
        (Ok(found), Some(fields)) => {
            clearances::mark(found, fields, &edition, equipment, moment.now)
        }
        _ => Vec::new(),
    };
    let check = match &found {
        Err(FaceSearchError::Gallery(e)) => {
            open(CheckId::SearchFaces, e.to_string()).saying(OTHER_MODEL, [])
        }
        found => stages::found(CheckId::SearchFaces, found),
    };
    let check = leases::of_list(check, ages);
    let candidates = found.unwrap_or_default();
    FaceSearch {
        check: Some(check),
        disclosure: stages::disclosure(&candidates, &edition),
        candidates,
        clearable,
    }
}

impl Inspection {
    /// The same inspection with what another search by face brought up, in place of what the one before did.
    pub(super) fn take_faces(&mut self, faces: FaceSearch, equipment: &Equipment) {
        self.checks.retain(|c| c.check != CheckId::SearchFaces);
        self.candidates.retain(|c| c.kind != CandidateKind::Face);
        let candidates = &self.candidates;
        self.clearable
            .retain(|c| candidates.iter().any(|of| of.entry == *c.entry()));
        if let Ok(edition) = equipment.edition() {
            self.disclosure = stages::disclosure(&self.candidates, &edition);
        }
        self.add_faces(faces);
    }

    /// Adds what the search by face brought up.
    pub(super) fn add_faces(&mut self, faces: FaceSearch) {
        self.checks.extend(faces.check);
        self.candidates.extend(faces.candidates);
        if faces.disclosure == Disclosure::SecondLineOnly {
            self.disclosure = Disclosure::SecondLineOnly;
        }
        for clearable in faces.clearable {
            if !self
                .clearable
                .iter()
                .any(|c| c.entry() == clearable.entry())
            {
                self.clearable.push(clearable);
            }
        }
    }

    /// What the search by face brought up, for the traveller whom the fields name now; nothing where that is a child.
    pub(super) fn faces_found(&self, fields: &Fields, equipment: &Equipment) -> FaceSearch {
        if is_child(fields, equipment, self.moment) {
            return FaceSearch::default();
        }
        let by_face = |c: &&Candidate| c.kind == CandidateKind::Face;
        let mut faces = FaceSearch {
            check: self
                .checks
                .iter()
                .find(|c| c.check == CheckId::SearchFaces)
                .cloned(),
            candidates: self.candidates.iter().filter(by_face).cloned().collect(),
            ..FaceSearch::default()
        };
        if let Ok(edition) = equipment.edition() {
            faces.disclosure = stages::disclosure(&faces.candidates, &edition);
            let now = self.moment.now;
            faces.clearable =
                clearances::mark(&mut faces.candidates, fields, &edition, equipment, now);
        }
        faces
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::inspection::FaceMatcher;
    use jiff::civil::date;
    use models::ModelError;
    use models::card::FACE_MATCHER;
    use models::face::{FaceInspection, FaceView};
    use models::quality::Quality;
    use page::{FaceFinder, FacesUnavailable, Rect};
    use rules::mrz::Zone;
    use rules::{Advice, EditionNumber, EntryId, Outcome, PaperEntry, Policy, ReasonCode};
    use std::path::Path;
    use store::editions::Editions;
    use watchlist::build::{EditionBuilder, EditionHeader};
    use watchlist::gallery::{ListedFace, TEMPLATE_NUMBERS};
    use watchlist::{Handling, ListedName, PersonEntry};

    /// The template of a face on this axis: no two resemble.
    fn face(axis: usize) -> FaceTemplate {
        let mut values = vec![0.0; TEMPLATE_NUMBERS];
        values[axis] = 1.0;
        FaceTemplate {
            model: Card::find(FACE_MATCHER).unwrap().model_id(),
            values,
        }
    }

    /// Sees one face in every picture.
    struct Sees(FaceTemplate);

    impl FaceFinder for Sees {
        fn faces(&self, _: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
            Ok(Vec::new())
        }
    }

    impl FaceMatcher for Sees {
        fn view(&self, _: &Picture) -> Result<FaceView, ModelError> {
            Ok(FaceView {
                inspection: FaceInspection {
                    faces: Vec::new(),
                    main: None,
                    obstacle: None,
                    quality: Quality::of_no_face(),
                },
                template: Some(self.0.clone()),
            })
        }
    }

    /// The card's model with these weights.
    fn model(weights: &str) -> GalleryModel {
        GalleryModel::of_weights(face(0).model.clone(), weights).unwrap()
    }

    fn moment() -> Moment {
        Moment {
            now: "2026-06-01T08:00:00Z".parse().unwrap(),
            today: date(2026, 6, 1),
        }
    }

    /// A list of one person with a face on the first axis, who has another name than the traveller.
    fn activate(state: &Path, model: &GalleryModel, handling: Handling) {
        let mut person = PersonEntry::new(
            EntryId::new("E-1").unwrap(),
            vec![ListedName::primary("OTIENO, Grace")],
            "made up",
        );
        person.handling = handling;
        person.faces = vec![ListedFace::of(model, &face(1)).unwrap()];
        let mut editions = Editions::open(state).unwrap();
        let staged = editions.stage().unwrap();
        let mut builder = EditionBuilder::new();
        builder.add_person(person).unwrap();
        let header = EditionHeader {
            number: EditionNumber(1),
            made_at: moment().now,
            expires_at: "2026-07-01T08:00:00Z".parse().unwrap(),
            sources: vec![],
        };
        builder.write(&staged, &header).unwrap();
        editions.activate(EditionNumber(1), &staged).unwrap();
    }

    fn equipment(state: &Path, seen: usize) -> Equipment {
        let matcher = Box::new(Sees(face(seen))) as Box<dyn FaceMatcher>;
        let none = Err("not needed".to_owned());
        Equipment::new(none, Ok(matcher), Some(state), Policy::default())
    }

    /// A traveller written down on paper is photographed afterwards.
    fn photographed(equipment: &Equipment) -> Inspection {
        let zone = Zone::from_lines(&[
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10".to_owned(),
        ])
        .unwrap();
        let paper = PaperEntry {
            number: "P-1".into(),
            at: moment().now,
        };
        let inspection = Inspection::of_paper(paper, &zone, equipment, moment());
        assert!(inspection.candidates.is_empty());
        inspection.with_live(&picture(), equipment)
    }

    fn picture() -> Picture {
        Picture::from_rgb(image::RgbImage::new(32, 32))
    }

    fn asked(inspection: &Inspection) -> Option<Outcome> {
        let mut checks = inspection.checks.iter();
        let check = checks.find(|c| c.check == CheckId::SearchFaces);
        check.map(|c| c.outcome)
    }

    #[test]
    fn a_listed_face_is_a_candidate_and_goes_with_the_picture_that_brought_it_up() {
        let weights = Card::find(FACE_MATCHER).unwrap().digest.as_str();
        for handling in [Handling::Open, Handling::Discreet] {
            let folder = tempfile::tempdir().unwrap();
            activate(folder.path(), &model(weights), handling);
            let found = photographed(&equipment(folder.path(), 1));
            assert_eq!(asked(&found), Some(Outcome::Failed));
            let [candidate] = found.candidates.as_slice() else {
                unreachable!("{:?}", found.candidates);
            };
            assert_eq!(candidate.kind, CandidateKind::Face);
            let face_alone = rules::advice::advise(&[], &found.candidates, &Policy::default());
            assert_eq!(face_alone.advice, Advice::Look);
            let closed = handling == Handling::Discreet;
            assert_eq!(found.disclosure == Disclosure::SecondLineOnly, closed);

            // Searched by another zone, the face stays; with another face, it goes.
            let fields = found.fields.clone().unwrap();
            let faces = found.faces_found(&fields, &equipment(folder.path(), 1));
            assert_eq!(faces.candidates.len(), 1);
            // Of somebody of fourteen too, whose portrait may be a child's; of a child it is dropped.
            for (birth, left) in [("120101", 1), ("200101", 0)] {
                let fields = Zone::from_lines(&[
                    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
                    format!("L898902C36UTO{birth}2F2712019ZE184226B<<<<<10"),
                ])
                .unwrap()
                .fields();
                let faces = found.faces_found(&fields, &equipment(folder.path(), 1));
                assert_eq!(faces.candidates.len(), left, "{birth}");
                assert_eq!(faces.check.is_some(), left > 0, "{birth}");
            }
            let other = found.with_live(&picture(), &equipment(folder.path(), 2));
            assert_eq!(asked(&other), Some(Outcome::Successful));
            assert!(other.candidates.is_empty());
            assert_eq!(other.disclosure, Disclosure::Open);
        }
    }

    #[test]
    fn a_new_picture_of_somebody_whose_portrait_may_be_a_childs_is_searched_anew() {
        let folder = tempfile::tempdir().unwrap();
        let weights = Card::find(FACE_MATCHER).unwrap().digest.as_str();
        activate(folder.path(), &model(weights), Handling::Open);
        // Fourteen, and the document valid for so short that it may have been issued at eleven; and a child of six.
        for (birth, found) in [("120101", 1), ("200101", 0)] {
            let mut first = photographed(&equipment(folder.path(), 2));
            let fields = Zone::from_lines(&[
                "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
                format!("L898902C36UTO{birth}2F2712019ZE184226B<<<<<10"),
            ])
            .unwrap()
            .fields();
            let minimum = Policy::default().face_minimum_age_years;
            let by_eye = stages::by_eye(&fields, moment().today, minimum).unwrap();
            first.checks.retain(|c| c.check != CheckId::FaceMatch);
            first.checks.push(by_eye);
            first.fields = Some(fields);
            assert!(first.candidates.is_empty());
            let again = first.with_live(&picture(), &equipment(folder.path(), 1));
            assert_eq!(again.candidates.len(), found, "{birth}");
            assert_eq!(again.face_score, None, "{birth}");
            let reasons = again.advised.reasons.iter();
            let resembles = reasons
                .clone()
                .any(|r| r.code == ReasonCode::PersonMayResemble);
            assert_eq!(resembles, found > 0, "{birth}: {:?}", again.advised);
        }
    }

    #[test]
    fn faces_of_another_model_are_not_searched_and_the_box_says_so() {
        let folder = tempfile::tempdir().unwrap();
        activate(folder.path(), &model(&"07".repeat(32)), Handling::Open);
        let found = photographed(&equipment(folder.path(), 1));
        assert_eq!(asked(&found), Some(Outcome::Undetermined));
        assert!(found.candidates.is_empty());
        let reasons = &found.advised.reasons;
        let said = reasons
            .iter()
            .find(|r| r.code == ReasonCode::FacesNotSearched);
        assert!(
            said.unwrap().detail.contains("was made by model"),
            "{said:?}"
        );
        assert_eq!(ReasonCode::FacesNotSearched.advice(), Advice::Clear);
    }

    #[test]
    fn a_list_without_faces_is_not_asked_about_them() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(asked(&photographed(&equipment(folder.path(), 1))), None);
    }
}
