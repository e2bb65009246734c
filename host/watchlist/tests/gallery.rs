//! One to many through the public door: exact against plain arithmetic, total on foreign bytes, and
//! silent where the model is another.
#![allow(clippy::unwrap_used)]

use jiff::civil::date;
use mpaka_watchlist::build::{EditionBuilder, EditionHeader};
use mpaka_watchlist::gallery::{
    Gallery, GalleryBuilder, GalleryError, GalleryModel, TEMPLATE_NUMBERS,
};
use mpaka_watchlist::{Edition, FaceSearchError, ListedName, PersonEntry};
use proptest::prelude::*;
use rules::{CandidateKind, EditionNumber, EntryId, FaceTemplate, ModelId, Policy};

fn model(digest: u8) -> GalleryModel {
    GalleryModel {
        id: ModelId("matcher".into()),
        digest: [digest; 32],
    }
}

/// Numbers like those of a face, always the same for the same seed.
fn face(seed: u64) -> FaceTemplate {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f32 / (1u64 << 53) as f32 - 0.5
    };
    // Sums of four are near enough to a normal distribution.
    let values: Vec<f32> = (0..TEMPLATE_NUMBERS)
        .map(|_| uniform() + uniform() + uniform() + uniform())
        .collect();
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    FaceTemplate {
        model: ModelId("matcher".into()),
        values: values.iter().map(|v| v / length).collect(),
    }
}

/// The face with some noise: another picture of the same person.
fn another_picture(of: &FaceTemplate, seed: u64, noise: f32) -> FaceTemplate {
    let mut other = of.clone();
    for (value, noise_value) in other.values.iter_mut().zip(&face(seed).values) {
        *value += noise * noise_value;
    }
    let length = other.values.iter().map(|v| v * v).sum::<f32>().sqrt();
    other.values.iter_mut().for_each(|v| *v /= length);
    other
}

fn gallery(faces: &[FaceTemplate]) -> Gallery {
    let mut builder = GalleryBuilder::new(model(7));
    for (at, face) in faces.iter().enumerate() {
        builder.add(&format!("person-{at}"), face).unwrap();
    }
    Gallery::from_bytes(&builder.to_bytes()).unwrap()
}

#[test]
fn the_ten_best_are_those_of_plain_arithmetic() {
    let faces: Vec<_> = (0..5_000).map(face).collect();
    let gallery = gallery(&faces);
    assert_eq!(gallery.len(), 5_000);
    let (mut right, mut all) = (0, 0);
    for query in 0..50 {
        let asked = another_picture(&faces[query * 97], 1_000_000 + query as u64, 0.8);
        let mut plain: Vec<(f32, usize)> = faces
            .iter()
            .enumerate()
            .map(|(at, f)| (f.cosine(&asked).unwrap(), at))
            .collect();
        plain.sort_by(|a, b| b.0.total_cmp(&a.0));
        let found = gallery.search(&asked, &model(7), -1.0, 10).unwrap();
        assert_eq!(found.len(), 10);
        assert_eq!(found[0].entry, format!("person-{}", query * 97));
        for (found, (cosine, _)) in found.iter().zip(&plain) {
            assert!((found.cosine - cosine).abs() < 5e-5, "{found:?} {cosine}");
        }
        all += 10;
        right += plain[..10]
            .iter()
            .filter(|(_, at)| found.iter().any(|f| f.entry == format!("person-{at}")))
            .count();
    }
    assert!(right * 1000 >= all * 999, "{right} of {all}");
}

#[test]
fn below_the_threshold_nobody_resembles() {
    let faces: Vec<_> = (0..100).map(face).collect();
    let gallery = gallery(&faces);
    let found = gallery.search(&faces[3], &model(7), 0.9, 10).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].entry, "person-3");
    assert!((found[0].cosine - 1.0).abs() < 1e-4);
    assert_eq!(
        gallery.search(&face(777_777), &model(7), 0.9, 10).unwrap(),
        []
    );
}

#[test]
fn several_pictures_of_an_entry_are_one_answer() {
    let one = face(1);
    let mut builder = GalleryBuilder::new(model(7));
    for seed in 0..3 {
        builder
            .add("entry-1", &another_picture(&one, 50 + seed, 0.3))
            .unwrap();
    }
    builder.add("entry-2", &face(2)).unwrap();
    let gallery = Gallery::from_bytes(&builder.to_bytes()).unwrap();
    let found = gallery.search(&one, &model(7), -1.0, 10).unwrap();
    let names: Vec<_> = found.iter().map(|f| f.entry.as_str()).collect();
    assert_eq!(names, ["entry-1", "entry-2"]);
}

#[test]
fn another_model_is_refused_and_named_even_where_only_its_weights_differ() {
    let gallery = gallery(&[face(1)]);
    let refused = gallery.search(&face(1), &model(8), -1.0, 10).unwrap_err();
    assert!(matches!(refused, GalleryError::OtherModel { .. }));
    assert!(refused.to_string().contains("07070707"), "{refused}");
    assert!(refused.to_string().contains("08080808"), "{refused}");
    let mut other = face(1);
    other.model = ModelId("other".into());
    assert!(matches!(
        gallery.search(&other, &model(7), -1.0, 10),
        Err(GalleryError::OtherModel { .. })
    ));
    assert!(matches!(
        GalleryBuilder::new(model(7)).add("x", &other),
        Err(GalleryError::OtherModel { .. })
    ));
}

#[test]
fn what_is_no_template_is_none() {
    let mut builder = GalleryBuilder::new(model(7));
    for values in [vec![], vec![0.0; 128], vec![f32::NAN; 128], vec![0.1; 127]] {
        let mut wrong = face(1);
        wrong.values = values;
        assert_eq!(builder.add("x", &wrong), Err(GalleryError::NoTemplate));
    }
    let empty = Gallery::from_bytes(&builder.to_bytes()).unwrap();
    assert!(empty.is_empty());
    assert_eq!(empty.search(&face(1), &model(7), -1.0, 10).unwrap(), []);
}

#[test]
fn a_file_cut_short_or_lengthened_is_damaged() {
    let mut builder = GalleryBuilder::new(model(7));
    builder.add("entry-1", &face(1)).unwrap();
    let whole = builder.to_bytes();
    for cut in 0..whole.len() {
        assert!(matches!(
            Gallery::from_bytes(&whole[..cut]),
            Err(GalleryError::Damaged(_))
        ));
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(matches!(
        Gallery::from_bytes(&longer),
        Err(GalleryError::Damaged(_))
    ));
}

#[test]
fn an_edition_carries_its_faces_and_finds_a_person_by_face_alone() {
    let today = date(2026, 11, 29);
    let entry = |name: &str| EntryId::new(name.to_owned()).unwrap();
    let mut builder = EditionBuilder::new();
    for (name, expires) in [("E1", None), ("E2", Some(date(2026, 1, 1)))] {
        let names = vec![ListedName::primary("ERIKSSON, Anna")];
        let mut person = PersonEntry::new(entry(name), names, "UTO list");
        person.expires = expires;
        builder.add_person(person).unwrap();
    }
    let mut faces = GalleryBuilder::new(model(7));
    for (name, seed) in [("E1", 1), ("E2", 2), ("nobody", 3)] {
        faces.add(name, &face(seed)).unwrap();
    }
    builder.set_gallery(faces);
    let dir = tempfile::tempdir().unwrap();
    let header = EditionHeader {
        number: EditionNumber(1),
        made_at: "2026-11-01T00:00:00Z".parse().unwrap(),
        expires_at: "2026-12-01T00:00:00Z".parse().unwrap(),
        sources: vec![],
    };
    builder.write(dir.path(), &header).unwrap();
    let edition = Edition::open(dir.path()).unwrap();
    let found = |seed| {
        edition
            .search_faces(&face(seed), &model(7), 0.9, today)
            .unwrap()
    };
    let candidates = found(1);
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].entry, entry("E1"));
    assert_eq!(candidates[0].kind, CandidateKind::Face);
    // By itself it advises to look, never to refer.
    let advised = rules::advice::advise(&[], &candidates, &Policy::default());
    assert_eq!(advised.advice, rules::Advice::Look);
    assert_eq!(found(2), [], "an entry that has expired");
    assert_eq!(found(3), [], "a template of nobody on the list");
    let refused = edition.search_faces(&face(1), &model(8), 0.9, today);
    assert!(matches!(refused, Err(FaceSearchError::Gallery(_))));

    // A gallery that another byte has slipped into is no edition any more.
    let path = dir.path().join("faces.bin");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(Edition::open(dir.path()).is_err());
}

proptest! {
    #[test]
    fn foreign_bytes_never_panic(
        at in 0usize..400, value in any::<u8>(), noise in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let _ = Gallery::from_bytes(&noise);
        let mut builder = GalleryBuilder::new(model(7));
        builder.add("entry-1", &face(1)).unwrap();
        let mut bytes = builder.to_bytes();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(gallery) = Gallery::from_bytes(&bytes) {
            for found in gallery.search(&face(1), gallery.model(), -2.0, 3).unwrap_or_default() {
                prop_assert!(found.cosine.is_finite());
            }
        }
    }
}
