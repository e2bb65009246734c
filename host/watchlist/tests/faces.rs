//! Faces of listed persons: with their entries into an edition, through steps and compaction, and out again.
#![allow(clippy::unwrap_used)]

use jiff::civil::{Date, date};
use mpaka_watchlist::build::{EditionBuilder, EditionHeader};
use mpaka_watchlist::delta::{Delta, apply};
use mpaka_watchlist::gallery::{GalleryError, GalleryModel, ListedFace, TEMPLATE_NUMBERS};
use mpaka_watchlist::{
    Edition, EditionError, EditionInfo, FaceSearchError, ListedName, PersonEntry,
};
use rules::{EditionNumber, EntryId, FaceTemplate, ModelId};
use std::path::Path;

const KEY: [u8; 16] = [9; 16];
const TODAY: Date = date(2026, 11, 29);

fn model(digest: u8) -> GalleryModel {
    GalleryModel {
        id: ModelId("matcher".into()),
        digest: [digest; 32],
    }
}

/// A template near the axis `of`, a little towards the axis `towards`: those of one axis resemble one another.
fn face(of: usize, towards: usize, little: f32) -> FaceTemplate {
    let mut values = vec![0.0; TEMPLATE_NUMBERS];
    values[of] = 1.0;
    values[towards] += little;
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    FaceTemplate {
        model: ModelId("matcher".into()),
        values: values.iter().map(|v| v / length).collect(),
    }
}

fn person(entry: &str, faces: &[FaceTemplate]) -> PersonEntry {
    let mut person = PersonEntry::new(
        EntryId::new(entry).unwrap(),
        vec![ListedName::primary("ERIKSSON, Anna Maria")],
        "UTO list",
    );
    let listed = faces.iter().map(|f| ListedFace::of(&model(7), f).unwrap());
    person.faces = listed.collect();
    person
}

fn info(number: u64, persons: u64) -> EditionInfo {
    EditionInfo {
        number: EditionNumber(number),
        made_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        expires_at: "2026-12-01T00:00:00Z".parse().unwrap(),
        persons,
        documents: 0,
        sources: vec!["UTO list".into()],
    }
}

fn write(folder: &Path, persons: Vec<PersonEntry>) -> Result<EditionInfo, EditionError> {
    let mut builder = EditionBuilder::with_key(KEY);
    for person in persons {
        builder.add_person(person).unwrap();
    }
    let of = info(1, 0);
    let header = EditionHeader {
        number: of.number,
        made_at: of.made_at,
        expires_at: of.expires_at,
        sources: of.sources,
    };
    builder.write(folder, &header)
}

fn found(folder: &Path, asked: &FaceTemplate) -> Vec<String> {
    let edition = Edition::open(folder).unwrap();
    let candidates = edition.search_faces(asked, &model(7), 0.9, TODAY).unwrap();
    candidates
        .into_iter()
        .map(|c| c.entry.to_string())
        .collect()
}

/// The edition after these steps, in a folder of its own.
fn after(folder: &Path, name: &str, active: &Path, delta: Delta) -> std::path::PathBuf {
    let staged = folder.join(name);
    std::fs::create_dir(&staged).unwrap();
    // As a box takes it: by its bytes.
    let delta = Delta::from_bytes(&delta.to_bytes()).unwrap();
    apply(active, &[delta], &staged).unwrap();
    staged
}

#[test]
fn a_face_comes_with_its_entry_and_is_told_to_nobody_who_reads_the_entry() {
    let folder = tempfile::tempdir().unwrap();
    let anna = face(1, 2, 0.0);
    write(
        folder.path(),
        vec![person("E1", std::slice::from_ref(&anna)), person("E2", &[])],
    )
    .unwrap();
    assert_eq!(found(folder.path(), &face(1, 2, 0.1)), ["E1"]);
    assert!(found(folder.path(), &face(3, 2, 0.1)).is_empty());
    let edition = Edition::open(folder.path()).unwrap();
    assert_eq!(edition.faces(), 1);
    let entry = edition
        .person(&EntryId::new("E1").unwrap())
        .unwrap()
        .unwrap();
    assert!(
        entry.faces.is_empty(),
        "templates stand in the gallery alone"
    );
    let listed = ListedFace::of(&model(7), &anna).unwrap();
    assert!(!format!("{listed:?}").contains("numbers"));
}

#[test]
fn ten_look_alikes_that_expired_hide_no_live_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut persons = Vec::new();
    // Each expired one is nearer to the traveller than the one that counts.
    for n in 0..150 {
        let mut expired = person(&format!("OLD-{n}"), &[face(1, 2, 0.001 * n as f32)]);
        expired.expires = Some(date(2026, 11, 28));
        persons.push(expired);
    }
    persons.push(person("LIVE", &[face(1, 2, 0.3)]));
    write(folder.path(), persons).unwrap();
    assert_eq!(found(folder.path(), &face(1, 2, 0.0)), ["LIVE"]);
}

#[test]
fn steps_bring_faces_and_take_them_and_a_new_base_keeps_them() {
    let root = tempfile::tempdir().unwrap();
    let one = root.path().join("1");
    write(
        &one,
        vec![
            person("E1", &[face(1, 2, 0.0)]),
            person("E2", &[face(5, 6, 0.0)]),
        ],
    )
    .unwrap();

    let mut delta = Delta::empty(EditionNumber(1), info(2, 3), KEY);
    delta.put_persons.push(person("E1", &[face(9, 2, 0.0)]));
    let two_pictures = [face(3, 4, 0.0), face(7, 4, 0.0)];
    delta.put_persons.push(person("E3", &two_pictures));
    let two = after(root.path(), "2", &one, delta);
    assert!(
        found(&two, &face(1, 2, 0.0)).is_empty(),
        "E1 has another photograph now"
    );
    assert_eq!(found(&two, &face(9, 2, 0.0)), ["E1"]);
    assert_eq!(found(&two, &face(5, 6, 0.0)), ["E2"]);
    for picture in &two_pictures {
        assert_eq!(found(&two, picture), ["E3"]);
    }

    // Another step leaves what the recent segment had; one entry goes with its face.
    let mut delta = Delta::empty(EditionNumber(2), info(3, 2), KEY);
    delta.gone_persons.insert("E2".into());
    let three = after(root.path(), "3", &two, delta);
    assert!(found(&three, &face(5, 6, 0.0)).is_empty());
    assert_eq!(found(&three, &two_pictures[1]), ["E3"]);

    // So many changes that a new base is written.
    let mut delta = Delta::empty(EditionNumber(3), info(4, 2), KEY);
    delta
        .gone_persons
        .extend((0..20_001).map(|n| format!("N{n}")));
    let four = after(root.path(), "4", &three, delta);
    assert!(four.join("faces.bin").exists() && !four.join("recent-faces.bin").exists());
    assert_eq!(Edition::open(&four).unwrap().faces(), 3);
    assert_eq!(found(&four, &face(9, 2, 0.0)), ["E1"]);
    assert!(found(&four, &face(5, 6, 0.0)).is_empty());
    assert_eq!(found(&four, &two_pictures[0]), ["E3"]);
}

#[test]
fn one_that_another_model_made_is_never_searched_and_never_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut mixed = person("E1", &[face(1, 2, 0.0)]);
    mixed
        .faces
        .push(ListedFace::of(&model(8), &face(1, 2, 0.0)).unwrap());
    let refused = write(&folder.path().join("mixed"), vec![mixed]);
    assert!(
        matches!(refused, Err(EditionError::Entry { .. })),
        "{refused:?}"
    );

    let other = GalleryModel {
        id: ModelId("another".into()),
        ..model(7)
    };
    assert!(ListedFace::of(&other, &face(1, 2, 0.0)).is_err());
    let whole = folder.path().join("whole");
    write(&whole, vec![person("E1", &[face(1, 2, 0.0)])]).unwrap();
    let edition = Edition::open(&whole).unwrap();
    let asked = edition.search_faces(&face(1, 2, 0.0), &model(8), 0.9, TODAY);
    assert!(matches!(
        asked,
        Err(FaceSearchError::Gallery(GalleryError::OtherModel { .. }))
    ));
}

#[test]
fn a_template_that_is_none_is_no_entry() {
    let listed = serde_json::to_value(person("E1", &[face(1, 2, 0.0)])).unwrap();
    let read = |listed| serde_json::from_value::<PersonEntry>(listed);
    assert_eq!(
        read(listed.clone()).unwrap(),
        person("E1", &[face(1, 2, 0.0)])
    );
    let digits = 2 * (4 + 2 * TEMPLATE_NUMBERS);
    for (field, value) in [
        ("template", "0".repeat(digits)),
        ("template", "f".repeat(digits)),
        ("template", "00".into()),
        ("weights", "07".into()),
    ] {
        let mut other = listed.clone();
        other["faces"][0][field] = value.clone().into();
        assert!(read(other).is_err(), "{field} {value}");
    }
}
