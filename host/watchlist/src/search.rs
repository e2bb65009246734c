//! Searching an edition: first who may be meant (by the index), then how alike they are.

use crate::edition::documents::{self, TypeClass};
use crate::gallery::{GalleryError, GalleryModel};
use crate::names::{Key, Prepared, keys};
use crate::particulars;
use crate::{DocumentQuery, Edition, EditionError, PersonEntry, Query};
use jiff::civil::Date;
use rules::{Candidate, CandidateKind, EntryId, FaceTemplate, Policy, Why};
use std::collections::BTreeMap;

/// Names that the index brings up to be compared, at most.
const MOST_COMPARED: usize = 160;
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
            if !documents::holds(&self.documents, digest)? {
                continue;
            }
            let mut names = documents::entries(&self.document_entries, digest)?;
            if names.is_empty() {
                names.push(format!("doc-{digest:016x}"));
            }
            for name in names {
                let entry = EntryId::new(name)
                    .map_err(|_| self.document_entries.damaged("an entry's name is not one"))?;
                if found.iter().any(|c: &Candidate| c.entry == entry) {
                    continue;
                }
                found.push(Candidate {
                    entry,
                    kind: CandidateKind::Document,
                    score: 1.0,
                    why: vec![Why {
                        evidence: "document".into(),
                        detail: format!(
                            "number {} of {} is listed",
                            documents::plain_number(&document.number),
                            documents::plain_state(&document.state)
                        ),
                        effect: 1.0,
                    }],
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
        let asked = Prepared::new(&text, query.name_truncated);
        // The best name of each person, where particulars could lift it to a candidate.
        let floor = policy.person_candidate - particulars::MOST_GAIN;
        let mut best: BTreeMap<u64, (f64, u32)> = BTreeMap::new();
        for name in self.likely_names(&asked)? {
            let score = asked.weigh(&self.name_at(name)?).score;
            if score >= floor {
                let kept = best.entry(self.person_of(name)?).or_insert((score, name));
                if score > kept.0 {
                    *kept = (score, name);
                }
            }
        }
        let mut candidates = Vec::new();
        for (place, (name_score, name)) in best {
            let person = self.person_at(place)?;
            if person.expires.is_some_and(|last| last < query.today) {
                continue;
            }
            let evidence = particulars::evidence(query, &person);
            let sum = name_score + evidence.iter().map(|w| w.effect).sum::<f64>();
            if sum < policy.person_candidate {
                continue;
            }
            candidates.push(Candidate {
                score: sum.clamp(0.0, 1.0),
                why: explained(&asked, &self.name_at(name)?, &person, evidence),
                entry: person.entry,
                kind: CandidateKind::Person,
            });
        }
        candidates.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.entry.cmp(&b.entry))
        });
        candidates.truncate(MOST_CANDIDATES);
        Ok(candidates)
    }

    /// The listed persons whose faces resemble this one at the cosine `from` and above, best first.
    /// None where the edition holds no faces. A face alone is never more than a candidate.
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
        let Some(gallery) = self.gallery() else {
            return Ok(Vec::new());
        };
        let mut candidates = Vec::new();
        for found in gallery.search(face, model, from, MOST_FACES)? {
            let Ok(entry) = EntryId::new(found.entry) else {
                continue;
            };
            let listed = self.person(&entry)?;
            if listed.is_none_or(|p| p.expires.is_some_and(|last| last < today)) {
                continue;
            }
            let score = f64::from(found.cosine).clamp(0.0, 1.0);
            candidates.push(Candidate {
                entry,
                kind: CandidateKind::Face,
                score,
                why: vec![Why {
                    evidence: "face".into(),
                    detail: format!("a listed face resembles this one: {score:.2}"),
                    effect: score,
                }],
            });
        }
        Ok(candidates)
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
        let mut unit = None;
        for Key {
            unit: of,
            near,
            hash,
        } in keys(asked.units())
        {
            if unit != Some(of) {
                tally.next_unit();
                unit = Some(of);
            }
            let postings = self.postings(hash)?;
            let count = (postings.len() / 4) as f32;
            let worth = (1.0 + self.name_count as f32 / (1.0 + count)).ln();
            for posting in postings.chunks_exact(4) {
                let posting = u32::from_le_bytes([posting[0], posting[1], posting[2], posting[3]]);
                let is_near = near || posting & 1 != 0;
                tally.meet(
                    posting >> 1,
                    if is_near { worth * NEAR_WORTH } else { worth },
                );
            }
        }
        Ok(())
    }
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
    /// Per name: the unit that last met it, what that unit gave, and the sum over units.
    names: Vec<(u16, f32, f32)>,
    touched: Vec<u32>,
    unit: u16,
}

impl Tally {
    fn fit(&mut self, names: usize) {
        self.names.resize(names, (0, 0.0, 0.0));
        self.unit = 0;
    }

    fn next_unit(&mut self) {
        self.unit += 1;
    }

    /// A unit meets a name; of several meetings of one unit the best counts.
    fn meet(&mut self, name: u32, worth: f32) {
        let Some((unit, given, sum)) = self.names.get_mut(name as usize) else {
            return;
        };
        if *unit == 0 {
            self.touched.push(name);
        }
        if *unit != self.unit {
            (*unit, *given) = (self.unit, 0.0);
        }
        if worth > *given {
            *sum += worth - *given;
            *given = worth;
        }
    }

    /// The names with the greatest sums, in no order.
    fn most(&mut self, count: usize) -> Vec<u32> {
        let sum = |n: &u32| self.names.get(*n as usize).map_or(0.0, |(_, _, sum)| *sum);
        if self.touched.len() > count {
            self.touched
                .select_nth_unstable_by(count, |a, b| sum(b).total_cmp(&sum(a)));
        }
        self.touched.iter().take(count).copied().collect()
    }

    /// Forgets the search, at the cost of what it touched.
    fn clear(&mut self) {
        for name in self.touched.drain(..) {
            if let Some(slot) = self.names.get_mut(name as usize) {
                *slot = (0, 0.0, 0.0);
            }
        }
    }
}
