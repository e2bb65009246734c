//! The trial itself: every picture described once, every pair compared once.

use super::listing::{Listing, Pairs};
use crate::CalibrationError;
use models::face::FaceEngine;
use page::Picture;
use rules::{FaceTemplate, ModelId};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;

/// One comparison of two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The cosine.
    pub score: f32,
    /// Whose pictures they are.
    pub subjects: [u32; 2],
    /// The group of both; absent where they are of different groups, or of none.
    pub group: Option<u16>,
    /// Whether they are of one person.
    pub mated: bool,
}

/// How many samples of a group gave no template (ISO/IEC 19795-1 failure to acquire).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Acquisition {
    /// Pictures that could be decoded.
    pub samples: usize,
    /// Of them, those of which no template could be made.
    pub failures: usize,
}

/// One quality measure of one picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// The measure's stable name.
    pub measure: &'static str,
    /// The picture's group.
    pub group: Option<u16>,
    /// The value, in the measure's unit.
    pub value: f32,
    /// Whether the value calls for guidance.
    pub poor: bool,
}

/// What a trial gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trial {
    /// The matcher's card; absent where no picture gave a template.
    pub model: Option<ModelId>,
    /// The groups' names.
    pub groups: Vec<String>,
    /// Acquisition over all, then group by group in the order of `groups`.
    pub acquisition: Vec<Acquisition>,
    /// Why samples gave no template, by the name of what stood in the way.
    pub obstacles: BTreeMap<&'static str, usize>,
    /// Mated comparisons that were not made because a sample gave no template: over all, then within each group.
    pub not_acquired: Vec<usize>,
    /// Files that are no pictures; they count nowhere.
    pub unreadable: usize,
    /// Every quality measure of every picture.
    pub quality: Vec<Taken>,
    /// Every comparison of two templates.
    pub comparisons: Vec<Comparison>,
    /// Processor milliseconds from a decoded picture to its template, picture by picture, sorted.
    pub cpu_ms: Vec<f64>,
}

/// What became of a sample.
enum Described {
    /// It is no picture.
    Unreadable,
    /// It gave no template.
    NotAcquired,
    As(FaceTemplate),
}

impl Trial {
    /// Runs a trial; `progress` is told after each picture how many are done.
    ///
    /// # Errors
    /// [`CalibrationError::Model`] where a network breaks off;
    /// [`CalibrationError::NothingToCompare`] where no rate can be formed.
    pub fn run(
        listing: &Listing,
        engine: &FaceEngine,
        mut progress: impl FnMut(usize),
    ) -> Result<Self, CalibrationError> {
        let mut trial = Self {
            groups: listing.groups.clone(),
            acquisition: vec![Acquisition::default(); listing.groups.len() + 1],
            not_acquired: vec![0; listing.groups.len() + 1],
            ..Self::default()
        };
        let mut templates: Vec<Described> = Vec::with_capacity(listing.samples.len());
        for (done, sample) in listing.samples.iter().enumerate() {
            templates.push(match Picture::open(&sample.path) {
                Err(_) => {
                    trial.unreadable += 1;
                    Described::Unreadable
                }
                Ok(picture) => {
                    let before = process_ms();
                    let view = engine.view(&picture)?;
                    trial.cpu_ms.push(process_ms() - before);
                    let measures = view.inspection.quality.measures().iter();
                    trial.quality.extend(measures.map(|m| Taken {
                        measure: m.name,
                        group: sample.group,
                        value: m.value,
                        poor: m.guidance.is_some(),
                    }));
                    if let Some(obstacle) = view.inspection.obstacle {
                        *trial.obstacles.entry(obstacle.as_str()).or_default() += 1;
                    }
                    let template = view.template;
                    let counted = [Some(0), sample.group.map(|g| usize::from(g) + 1)];
                    for place in counted.into_iter().flatten() {
                        trial.acquisition[place].samples += 1;
                        trial.acquisition[place].failures += usize::from(template.is_none());
                    }
                    template.map_or(Described::NotAcquired, Described::As)
                }
            });
            progress(done + 1);
        }
        trial.cpu_ms.sort_by(f64::total_cmp);
        trial.model = templates.iter().find_map(|t| match t {
            Described::As(template) => Some(template.model.clone()),
            _ => None,
        });
        trial.compare(listing, &templates);
        let mated = trial.comparisons.iter().filter(|c| c.mated).count();
        let non_mated = trial.comparisons.len() - mated;
        if mated == 0 || non_mated == 0 {
            return Err(CalibrationError::NothingToCompare { mated, non_mated });
        }
        Ok(trial)
    }

    fn compare(&mut self, listing: &Listing, templates: &[Described]) {
        let mut one = |a: usize, b: usize, mated: bool| {
            let (sa, sb) = (&listing.samples[a], &listing.samples[b]);
            let group = sa.group.filter(|g| sb.group == Some(*g));
            match (&templates[a], &templates[b]) {
                (Described::As(first), Described::As(second)) => {
                    if let Some(score) = first.cosine(second) {
                        self.comparisons.push(Comparison {
                            score,
                            subjects: [sa.subject, sb.subject],
                            group,
                            mated,
                        });
                    }
                }
                (Described::Unreadable, _) | (_, Described::Unreadable) => {}
                _ if mated => {
                    let counted = [Some(0), group.map(|g| usize::from(g) + 1)];
                    for place in counted.into_iter().flatten() {
                        self.not_acquired[place] += 1;
                    }
                }
                _ => {}
            }
        };
        match &listing.pairs {
            Pairs::All => {
                for a in 0..templates.len() {
                    for b in 0..a {
                        one(
                            a,
                            b,
                            listing.samples[a].subject == listing.samples[b].subject,
                        );
                    }
                }
            }
            Pairs::Named(pairs) => {
                for ([a, b], mated) in pairs {
                    one(*a as usize, *b as usize, *mated);
                }
            }
        }
    }

    /// The processor milliseconds that this share of the pictures stays below.
    #[must_use]
    pub fn cpu_ms_at(&self, share: f64) -> f64 {
        let last = self.cpu_ms.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.cpu_ms.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// The processor time of this process so far.
fn process_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
