//! Searching an edition: first who may be meant (by the index), then how alike they are.

use crate::edition::documents::{self, TypeClass};
use crate::edition::segment::Segment;
use crate::gallery::{FaceMatch, GalleryError, GalleryModel};
use crate::names::{Key, Prepared, keys};
use crate::particulars::{self, Fit};
use crate::{DocumentQuery, Edition, EditionError, NameKind, PersonEntry, Query};
use jiff::civil::Date;
use rules::{Candidate, CandidateKind, EntryId, FaceTemplate, Policy, Said, Why};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Names that the index brings up to be compared, at most.
const MOST_COMPARED: usize = 160;
/// Names compared beyond those, at most, that share as much with the one asked for as any: bearers of a very
/// common name, whom only their particulars tell apart.
const MOST_EQUAL: usize = 2000;
/// Candidates by face given back, at most.
const MOST_FACES: usize = 10;
/// Candidates given back, at most.
const MOST_CANDIDATES: usize = 50;
/// What meeting by a near key is worth beside meeting by the key itself.
const NEAR_WORTH: f32 = 0.6;

impl Edition {
    /// Every entry that resembles the traveller, best first: documents, then persons.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read: the search is then unanswered.
    pub fn search(&self, query: &Query, policy: &Policy) -> Result<Vec<Candidate>, EditionError> {
        let mut all = match &query.document {
            Some(document) => self.search_documents(document)?,
            None => Vec::new(),
        };
        all.extend(self.search_persons(query, policy)?);
        Ok(all)
    }

    /// The entries for this document's number, issuing state and type.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read.
    pub fn search_documents(
        &self,
        document: &DocumentQuery,
    ) -> Result<Vec<Candidate>, EditionError> {
        let mut found = Vec::new();
        if documents::plain_number(&document.number).is_empty() {
            return Ok(found);
        }
        for class in TypeClass::of(&document.document_code).listed_under() {
            let digest = documents::digest(
                &self.document_key,
                &document.number,
                &document.state,
                *class,
            );
            if !self.holds_document(digest)? {
                continue;
            }
            let mut names = self.entries_of(digest)?;
            if names.is_empty() {
                names.push(format!("doc-{digest:016x}"));
            }
            for name in names {
                let entry = EntryId::new(name).map_err(|_| {
                    self.base
                        .document_entries
                        .damaged("an entry's name is not one")
                })?;
                if found.iter().any(|c: &Candidate| c.entry == entry) {
                    continue;
                }
                found.push(Candidate {
                    entry,
                    kind: CandidateKind::Document,
                    score: 1.0,
                    why: vec![listed(document)],
                    cleared: None,
                });
            }
        }
        Ok(found)
    }

    /// The listed persons that resemble the traveller at `policy.person_candidate` and above, best first.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read.
    pub fn search_persons(
        &self,
        query: &Query,
        policy: &Policy,
    ) -> Result<Vec<Candidate>, EditionError> {
        let asked = prepared(query);
        let mut candidates = Vec::new();
        for (segment, gone) in self.segments() {
            segment.search_persons(&asked, query, policy, gone, &mut candidates)?;
        }
        sort_candidates(&mut candidates);
        candidates.truncate(MOST_CANDIDATES);
        Ok(candidates)
    }

    /// How many listed names the index brings up for this query, before any is compared: for measuring that step
    /// apart from the comparison.
    ///
    /// # Errors
    /// [`EditionError`] where the edition's bytes cannot be read.
    pub fn names_brought_up(&self, query: &Query) -> Result<usize, EditionError> {
        let asked = prepared(query);
        let mut count = 0;
        for (segment, _) in self.segments() {
            count += segment.likely_names(&asked)?.len();
        }
        Ok(count)
    }

    /// The listed persons whose faces resemble this one at the cosine `from` and above, best first.
    /// None where the edition holds no faces. A face alone is never more than a candidate. Entries that are listed no
    /// more, or have expired, hide nobody.
    ///
    /// # Errors
    /// [`FaceSearchError::Gallery`] where the box has another model than the gallery's: faces are
    /// not searched then; [`FaceSearchError::Edition`] where the edition's bytes cannot be read.
    pub fn search_faces(
        &self,
        face: &FaceTemplate,
        model: &GalleryModel,
        from: f32,
        today: Date,
    ) -> Result<Vec<Candidate>, FaceSearchError> {
        let mut candidates = Vec::new();
        for (gallery, gone) in self.galleries() {
            let is_gone = |entry: &str| gone.is_some_and(|gone| gone.contains(entry));
            // Headquarters has another model since, and nothing of the one before is listed.
            if gallery.model() != model && gallery.entries().iter().all(|entry| is_gone(entry)) {
                continue;
            }
            let mut failed = None;
            let is_live = |entry: &str| match self.is_live(entry, today) {
                Ok(live) => live && !is_gone(entry),
                Err(e) => {
                    failed = Some(e);
                    false
                }
            };
            let found = gallery.search_among(face, model, from, MOST_FACES, is_live)?;
            if let Some(failed) = failed {
                return Err(failed.into());
            }
            candidates.extend(found.into_iter().filter_map(face_candidate));
        }
        sort_candidates(&mut candidates);
        candidates.truncate(MOST_FACES);
        Ok(candidates)
    }

    /// Whether an entry is a person's, and may be searched on this day.
    fn is_live(&self, entry: &str, today: Date) -> Result<bool, EditionError> {
        let Ok(entry) = EntryId::new(entry) else {
            return Ok(false);
        };
        let listed = self.person(&entry)?;
        Ok(listed.is_some_and(|p| p.expires.is_none_or(|last| last >= today)))
    }
}

/// That a document is listed.
fn listed(document: &DocumentQuery) -> Why {
    let number = documents::plain_number(&document.number);
    let state = documents::plain_state(&document.state);
    Why {
        evidence: "document".into(),
        detail: format!("number {number} of {state} is listed"),
        said: Some(Said::new(
            "likeness-document",
            [("number", number.into()), ("state", state.into())],
        )),
        effect: 1.0,
    }
}

fn face_candidate(found: FaceMatch) -> Option<Candidate> {
    let score = f64::from(found.cosine).clamp(0.0, 1.0);
    Some(Candidate {
        entry: EntryId::new(found.entry).ok()?,
        kind: CandidateKind::Face,
        score,
        why: vec![Why {
            evidence: "face".into(),
            detail: format!("a listed face resembles this one: {score:.2}"),
            said: Some(Said::new(
                "likeness-face",
                [("score", format!("{score:.2}").into())],
            )),
            effect: score,
        }],
        cleared: None,
    })
}

/// Best first; of equals, the one whose name comes first.
fn sort_candidates(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.entry.cmp(&b.entry))
    });
}

/// The name that a query asks for, taken apart.
fn prepared(query: &Query) -> Prepared {
    let text = if query.given_names.trim().is_empty() {
        query.surname.clone()
    } else if query.surname.trim().is_empty() {
        query.given_names.clone()
    } else {
        format!(
            "{}, {}",
            query.surname.replace([',', ';'], " "),
            query.given_names.replace([',', ';'], " ")
        )
    };
    Prepared::new(&text, query.name_truncated)
}

impl Segment {
    /// Adds the persons of this segment that resemble the traveller, but for those that are gone.
    fn search_persons(
        &self,
        asked: &Prepared,
        query: &Query,
        policy: &Policy,
        gone: Option<&BTreeSet<String>>,
        candidates: &mut Vec<Candidate>,
    ) -> Result<(), EditionError> {
        // The names of each person, where particulars could lift them to a candidate.
        let floor = policy.person_candidate - particulars::MOST_GAIN;
        let mut met: BTreeMap<u64, Vec<(f64, u32)>> = BTreeMap::new();
        for name in self.likely_names(asked)? {
            let score = asked.weigh(&self.name_at(name)?).score;
            if score >= floor {
                let names = met.entry(self.person_of(name)?).or_default();
                names.push((score, name));
            }
        }
        for (place, mut names) in met {
            let person = self.person_at(place)?;
            if gone.is_some_and(|gone| gone.contains(person.entry.as_str())) {
                continue;
            }
            if person.expires.is_some_and(|last| last < query.today) {
                continue;
            }
            names.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (name_score, name) in names {
                let listed = self.name_at(name)?;
                let weighed = asked.weigh(&listed);
                let fit = Fit {
                    worst: weighed.worst(asked.units(), listed.units()),
                    surname_met: weighed.meets_surname(asked.units()),
                };
                let evidence = particulars::evidence(query, &person, fit);
                // A weak name does not count alone; the next best may be a firm one.
                if fit_is_weak(&person, &listed) && !evidence.iter().any(supports) {
                    continue;
                }
                let sum = name_score + evidence.iter().map(|w| w.effect).sum::<f64>();
                if sum >= policy.person_candidate {
                    candidates.push(Candidate {
                        score: sum.clamp(0.0, 1.0),
                        why: explained(asked, &listed, &person, evidence),
                        cleared: None,
                        entry: person.entry.clone(),
                        kind: CandidateKind::Person,
                    });
                }
                break;
            }
        }
        Ok(())
    }

    /// The names that share most with the one asked for, by the index alone.
    fn likely_names(&self, asked: &Prepared) -> Result<Vec<u32>, EditionError> {
        let mut tally = self
            .tallies
            .lock()
            .ok()
            .and_then(|mut t| t.pop())
            .unwrap_or_default();
        let outcome = self.count_meetings(asked, &mut tally);
        let likely = outcome.map(|()| tally.most(MOST_COMPARED));
        tally.clear();
        if let Ok(mut tallies) = self.tallies.lock() {
            tallies.push(tally);
        }
        likely
    }

    fn count_meetings(&self, asked: &Prepared, tally: &mut Tally) -> Result<(), EditionError> {
        tally.fit(self.name_count as usize);
        let mut units: Vec<Sought<'_>> = Vec::new();
        let mut unit = None;
        for Key {
            unit: of,
            near,
            hash,
        } in keys(asked.units())
        {
            if unit != Some(of) {
                units.push(Sought::default());
                unit = Some(of);
            }
            let Some(sought) = units.last_mut() else {
                continue;
            };
            let postings = self.postings(hash)?;
            let count = postings.len() / 4;
            if count == 0 {
                continue;
            }
            let worth = (1.0 + self.name_count as f32 / (1.0 + count as f32)).ln();
            let worth = worth * if near { NEAR_WORTH } else { 1.0 };
            sought.most = sought.most.max(fixed(worth));
            sought.count += count;
            sought.lists.push(Postings {
                worth: fixed(worth),
                near: if near {
                    fixed(worth)
                } else {
                    fixed(worth * NEAR_WORTH)
                },
                list: postings,
            });
        }
        // The rarest part first: names that share it leave the common parts little to bring up.
        units.sort_by_key(|u| u.count);
        let mut to_come: u32 = units.iter().map(|u| u32::from(u.most)).sum();
        for sought in &units {
            tally.next_unit();
            tally.close(MOST_COMPARED, to_come);
            for postings in &sought.lists {
                tally.meet_all(postings);
            }
            to_come -= u32::from(sought.most);
        }
        Ok(())
    }
}

/// The names that share one key with the one asked for.
struct Postings<'e> {
    /// What meeting by it is worth, and what a near meeting is.
    worth: u16,
    near: u16,
    /// Names' places doubled, plus one where the key is only near; sorted, little-endian u32s.
    list: Cow<'e, [u8]>,
}

impl Postings<'_> {
    fn at(&self, place: usize) -> Option<u32> {
        let four = self.list.get(place * 4..place * 4 + 4)?;
        Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    }

    fn worth_of(&self, posting: u32) -> u16 {
        if posting & 1 == 0 {
            self.worth
        } else {
            self.near
        }
    }

    /// What meeting this name is worth, if it is among them.
    fn of(&self, name: u32) -> Option<u16> {
        let (mut low, mut high) = (0, self.list.len() / 4);
        while low < high {
            let middle = low.midpoint(high);
            if self.at(middle)? < name << 1 {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let found = self.at(low)?;
        (found >> 1 == name).then(|| self.worth_of(found))
    }
}

/// What one unit of the name asked for is looked for by.
#[derive(Default)]
struct Sought<'e> {
    /// The most that meeting it can be worth.
    most: u16,
    /// How many postings it has.
    count: usize,
    lists: Vec<Postings<'e>>,
}

/// Worth as a whole number: sums of it stand in two bytes for every name of the edition.
fn fixed(worth: f32) -> u16 {
    (worth * 256.0) as u16
}

/// Faces were not searched.
#[derive(Debug, thiserror::Error)]
pub enum FaceSearchError {
    /// The gallery cannot be searched with this face.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The edition cannot be read.
    #[error(transparent)]
    Edition(#[from] EditionError),
}

/// Whether the name that met is one that its source calls weak.
fn fit_is_weak(person: &PersonEntry, listed: &Prepared) -> bool {
    person.names.iter().any(|n| n.kind == NameKind::Weak)
        && !person
            .names
            .iter()
            .filter(|n| n.kind != NameKind::Weak)
            .flat_map(|n| n.text.split(';'))
            .any(|text| Prepared::new(text, false).same_as(listed))
}

/// Whether it is a birth date that speaks for the candidate.
fn supports(why: &Why) -> bool {
    why.evidence == "birth" && why.effect > 0.0
}

/// The explanation of a candidate: the name's parts, then the particulars, strongest first.
fn explained(
    asked: &Prepared,
    listed: &Prepared,
    person: &PersonEntry,
    evidence: Vec<Why>,
) -> Vec<Why> {
    // What is shown to people is not on disk with the prepared name; the entry's own text has it.
    let shown = person
        .names
        .iter()
        .flat_map(|n| n.text.split(';'))
        .map(|t| Prepared::new(t, false))
        .find(|p| p.same_as(listed));
    let listed = shown.as_ref().unwrap_or(listed);
    let mut why = asked.weigh(listed).explain(asked.units(), listed.units());
    why.extend(evidence);
    why.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    why
}

/// Working memory of one search: what each name has in common with the one asked for.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    names: Vec<Met>,
    touched: Vec<u32>,
    /// No further name can come among the most: those touched are all there are.
    closed: bool,
    unit: u16,
}

/// One name: the unit that last met it, what that unit gave, and the sum over units.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    unit: u16,
    given: u16,
    sum: u16,
}

/// Looking one name up in a list of postings costs as much as passing so many of them.
const LOOK_UP: usize = 24;

impl Tally {
    fn fit(&mut self, names: usize) {
        self.names.resize(names, Met::default());
        self.unit = 0;
        self.closed = false;
    }

    fn next_unit(&mut self) {
        self.unit += 1;
    }

    fn sum(&self, name: u32) -> u16 {
        self.names.get(name as usize).map_or(0, |met| met.sum)
    }

    /// Closes the search to further names where `count` of those met so far have more than what is `to_come` for
    /// any; keeps those that may still come among the `count` most.
    fn close(&mut self, count: usize, to_come: u32) {
        if self.touched.len() < count {
            return;
        }
        let mut touched = std::mem::take(&mut self.touched);
        let (_, last, _) =
            touched.select_nth_unstable_by(count - 1, |a, b| self.sum(*b).cmp(&self.sum(*a)));
        let least = u32::from(self.sum(*last));
        if least >= to_come {
            self.closed = true;
            touched.retain(|name| {
                let stays = u32::from(self.sum(*name)) + to_come >= least;
                if !stays && let Some(met) = self.names.get_mut(*name as usize) {
                    *met = Met::default();
                }
                stays
            });
        }
        self.touched = touched;
    }

    /// A unit meets the names of a list.
    fn meet_all(&mut self, postings: &Postings<'_>) {
        let count = postings.list.len() / 4;
        if self.closed && self.touched.len().saturating_mul(LOOK_UP) < count {
            for i in 0..self.touched.len() {
                let name = self.touched[i];
                if let Some(worth) = postings.of(name) {
                    self.meet(name, worth);
                }
            }
            return;
        }
        for four in postings.list.chunks_exact(4) {
            let posting = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
            self.meet(posting >> 1, postings.worth_of(posting));
        }
    }

    /// A unit meets a name; of several meetings of one unit the best counts.
    fn meet(&mut self, name: u32, worth: u16) {
        let Some(met) = self.names.get_mut(name as usize) else {
            return;
        };
        if met.unit == 0 {
            if self.closed {
                return;
            }
            self.touched.push(name);
        }
        if met.unit != self.unit {
            (met.unit, met.given) = (self.unit, 0);
        }
        if worth > met.given {
            met.sum = met.sum.saturating_add(worth - met.given);
            met.given = worth;
        }
    }

    /// The names with the greatest sums, in no order; of those with the greatest of all more than `count`.
    fn most(&mut self, count: usize) -> Vec<u32> {
        let mut touched = std::mem::take(&mut self.touched);
        if touched.len() > count {
            touched.select_nth_unstable_by(count, |a, b| self.sum(*b).cmp(&self.sum(*a)));
        }
        let (first, rest) = touched.split_at(touched.len().min(count));
        let best = first.iter().map(|name| self.sum(*name)).max();
        let equal = rest.iter().filter(|name| Some(self.sum(**name)) == best);
        let most = first.iter().chain(equal.take(MOST_EQUAL)).copied();
        let most = most.collect();
        self.touched = touched;
        most
    }

    /// Forgets the search, at the cost of what it touched.
    fn clear(&mut self) {
        for name in self.touched.drain(..) {
            if let Some(met) = self.names.get_mut(name as usize) {
                *met = Met::default();
            }
        }
    }
}
