//! Photographs of listed persons become templates, at headquarters and nowhere else: an edition carries templates, each
//! naming the model that made it, and never a picture.

use super::progress;
use super::rows::Read;
use crate::HqError;
use crate::register::Register;
use models::card::{Card, FACE_MATCHER};
use models::face::{FaceEngine, Picture};
use models::{Folder, ModelError};
use rules::{EntryId, ModelId};
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use watchlist::PersonEntry;
use watchlist::gallery::{GalleryModel, ListedFace};

/// A photograph of more bytes than this is none.
const LIMIT_BYTES: u64 = 32 << 20;

/// A photograph that a list names.
#[derive(Debug)]
pub(super) struct Photograph {
    /// Whose it is.
    pub(super) entry: EntryId,
    /// Where it lies.
    pub(super) path: PathBuf,
}

/// What became of the photographs of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Described {
    /// Those of which a template was made.
    pub(super) faces: usize,
    /// Those that show no face that could be described; each is named in the log.
    pub(super) unusable: usize,
}

/// Where a photograph lies that a list names: in the list's own folder or below it, and nowhere else.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn beside(list: &Path, name: &str) -> Result<PathBuf, String> {
    let inside = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !inside {
        return Err(format!(
            "{name:?} does not lie in the list's folder: name the photograph from there"
        ));
    }
    let path = list.parent().unwrap_or(Path::new("")).join(name);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!(
            "there is no photograph {name:?} in the list's folder"
        ))
    }
}

/// The network that makes templates, loaded with the first photograph.
struct Describer {
    engine: FaceEngine,
    model: GalleryModel,
}

impl Describer {
    fn load(models: Option<&Path>) -> Result<Self, HqError> {
        let engine = FaceEngine::load(&Folder::resolve(models)?)?;
        let model = Card::find(FACE_MATCHER)
            .and_then(|card| GalleryModel::of_weights(card.model_id(), &card.digest))
            .ok_or_else(|| ModelError::BrokeOff {
                id: FACE_MATCHER.into(),
                reason: "its card names no weights".into(),
            })?;
        Ok(Self { engine, model })
    }

    /// The template of a photograph, or why there is none.
    fn describe(&self, picture: &Picture) -> Result<Result<ListedFace, String>, HqError> {
        let view = self.engine.enrol(picture)?;
        let face = match (&view.template, &view.inspection.obstacle) {
            (Some(template), None) => {
                ListedFace::of(&self.model, template).map_err(|e| e.to_string())
            }
            (_, Some(obstacle)) => Err(obstacle.to_string()),
            (None, None) => Err("no template could be made".into()),
        };
        Ok(face)
    }
}

/// Makes the templates of the photographs that a list names. One that shows no single usable face is passed over: the
/// person is listed all the same.
///
/// # Errors
/// [`HqError::Models`] where the network is absent or broke off; what the disk says.
pub(super) fn describe(read: &mut Read, models: Option<&Path>) -> Result<Described, HqError> {
    let mut done = Described::default();
    let photographs = std::mem::take(&mut read.photographs);
    if photographs.is_empty() {
        return Ok(done);
    }
    let mut persons: BTreeMap<EntryId, &mut PersonEntry> = read
        .persons
        .iter_mut()
        .map(|person| (person.entry.clone(), person))
        .collect();
    let mut describer = None;
    let progress = progress::of_photographs(photographs.len() as u64);
    for (n, Photograph { entry, path }) in photographs.iter().enumerate() {
        progress.at(n as u64);
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(LIMIT_BYTES).read_to_end(&mut bytes))
            .map_err(HqError::io(path))?;
        let face = match Picture::decode(&bytes) {
            Err(e) => Err(e.to_string()),
            Ok(picture) => {
                let describer = match &mut describer {
                    Some(loaded) => loaded,
                    none => none.insert(Describer::load(models)?),
                };
                describer.describe(&picture)?
            }
        };
        match (face, persons.get_mut(entry)) {
            (Ok(face), Some(person)) => {
                person.faces.push(face);
                done.faces += 1;
            }
            (Ok(_), None) => {}
            (Err(why), _) => {
                tracing::warn!(%entry, photograph = %path.display(), "{why}: it will not be searched");
                done.unusable += 1;
            }
        }
    }
    progress.done();
    Ok(done)
}

/// The model that most faces of a table of entries were made by: the one that an edition's gallery has.
pub(super) fn model_of(register: &Register, table: &str) -> Result<Option<GalleryModel>, HqError> {
    let most: Option<(String, String)> = register
        .connection
        .query_row(
            &format!(
                "SELECT json_extract(face.value, '$.model') AS model,
                        json_extract(face.value, '$.weights') AS weights
                 FROM {table}, json_each({table}.body, '$.faces') AS face
                 WHERE {table}.kind = 'person'
                 GROUP BY model, weights ORDER BY count(*) DESC, model, weights LIMIT 1"
            ),
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(register.failed())?;
    Ok(most.and_then(|(id, weights)| GalleryModel::of_weights(ModelId(id), &weights)))
}

/// Leaves an entry only the faces that this model made: templates of two models are never compared.
pub(super) fn keep(person: &mut PersonEntry, model: Option<&GalleryModel>) {
    person.faces.retain(|face| Some(face.model()) == model);
}
