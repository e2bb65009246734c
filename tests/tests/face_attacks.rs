//! Presentation attacks pressed of the portraits that `mpaka-models fetch` brings, species by species, in the terms of
//! ISO/IEC 30107-3: APCER, the share of an attack's pictures taken for live, and BPCER, the share of live ones taken for an attack.
//! Where weights or portraits are absent the tests say so and pass.
#![allow(clippy::unwrap_used)]

use image::{RgbImage, imageops};
use models::Folder;
use models::attack::{Attack, Frame};
use models::face::{FaceEngine, best_frame};
use mpaka_tests::utopia::replica;
use page::Picture;
use std::sync::OnceLock;

/// From this score on a picture counts as an attack.
const ATTACK: f32 = 0.5;

fn equipment() -> Option<&'static (FaceEngine, Vec<RgbImage>)> {
    static LOADED: OnceLock<Option<(FaceEngine, Vec<RgbImage>)>> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        let folder = Folder::resolve(None).ok()?;
        let engine = FaceEngine::load(&folder).ok()?;
        let mut portraits = Vec::new();
        for name in ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"] {
            let whole = Picture::open(&folder.path().join("portraits").join(name)).ok()?;
            let (width, height) = (whole.width(), whole.height().min(whole.width() * 4 / 3));
            portraits.push(imageops::crop_imm(whole.rgb(), 0, 0, width, height).to_image());
        }
        Some((engine, portraits))
    });
    if loaded.is_none() {
        eprintln!("skipped: the weights or the portraits are absent");
    }
    loaded.as_ref()
}

fn camera(shown: &RgbImage, seed: u64) -> Picture {
    Picture::from_rgb(replica::taken(shown, seed, 88).unwrap())
}

/// The score of what a camera takes of this; `None` where it finds no usable face, or none large enough.
fn score(engine: &FaceEngine, shown: &RgbImage, seed: u64) -> Option<f32> {
    let picture = camera(shown, seed);
    let found = engine.inspect(&picture).unwrap();
    let face = &found.faces[found.main?];
    let frame = Frame {
        picture: &picture,
        face,
    };
    Some(Attack::of(&[frame]).unwrap()?.score())
}

#[test]
fn each_species_of_attack_has_its_errors_told() {
    let Some((engine, portraits)) = equipment() else {
        return;
    };
    let share = |of: &[Option<f32>], taken_for_attack: bool| {
        let scored: Vec<f32> = of.iter().flatten().copied().collect();
        let wrong = scored
            .iter()
            .filter(|s| (**s >= ATTACK) == taken_for_attack)
            .count();
        (wrong, scored.len())
    };
    let taken = |press: &dyn Fn(&RgbImage) -> RgbImage| -> Vec<Option<f32>> {
        let seeds = (0..2u64).flat_map(|seed| portraits.iter().zip(0..).map(move |p| (seed, p)));
        seeds
            .map(|(seed, (portrait, at))| score(engine, &press(portrait), seed * 10 + at))
            .collect()
    };
    let (wrong, live) = share(&taken(&|p| replica::scaled(p, 700)), true);
    println!("live: BPCER {wrong} of {live}");
    assert!(
        live >= 6 && wrong == 0,
        "{wrong} of {live} live pictures were taken for attacks"
    );
    let mut told = Vec::new();
    for lines in [300, 450] {
        let (wrong, all) = share(&taken(&|p| replica::on_screen(p, lines, 700)), false);
        println!("screen of {lines} lines: APCER {wrong} of {all}");
        told.push((wrong, all));
        let (wrong, all) = share(&taken(&|p| replica::in_print(p, lines / 2, 700)), false);
        println!("print of {} points: APCER {wrong} of {all}", lines / 2);
        told.push((wrong, all));
    }
    let (wrong, all) = told
        .iter()
        .fold((0, 0), |sum, t| (sum.0 + t.0, sum.1 + t.1));
    assert!(
        all >= 24 && wrong * 2 < all,
        "{wrong} of {all} attacks were taken for live"
    );
}

#[test]
fn a_stream_that_repeats_itself_and_a_flat_face_are_told_from_a_traveller() {
    let Some((engine, portraits)) = equipment() else {
        return;
    };
    let told = |pictures: &[Picture]| {
        let found: Vec<_> = pictures
            .iter()
            .map(|p| engine.inspect(p).unwrap())
            .collect();
        assert!(best_frame(&found).is_some());
        let frames: Vec<_> = pictures
            .iter()
            .zip(&found)
            .map(|(picture, found)| Frame {
                picture,
                face: &found.faces[found.main.unwrap()],
            })
            .collect();
        Attack::of(&frames).unwrap().unwrap()
    };
    let cue = |attack: &Attack, name: &str| attack.cues().iter().find(|c| c.name == name).copied();
    // One man at three sittings: his head is turned another way in each.
    let live: Vec<_> = portraits[..3]
        .iter()
        .zip(1..)
        .map(|(p, seed)| camera(&replica::scaled(p, 700), seed))
        .collect();
    let live = told(&live);
    assert_eq!(cue(&live, "repeated").unwrap().suspicion, 0.0, "{live:?}");
    assert!(
        cue(&live, "flat").is_none_or(|c| c.suspicion < 0.2),
        "{live:?}"
    );
    let front = replica::scaled(&portraits[0], 700);
    let one = camera(&front, 1);
    let repeated = told(&[one.clone(), camera(&front, 2), one]);
    assert!(
        cue(&repeated, "repeated").unwrap().suspicion > 0.9,
        "{repeated:?}"
    );
    assert!(repeated.score() > 0.9);
    // One picture, turned about its upright axis.
    let print: Vec<_> = [100, 90, 80]
        .into_iter()
        .zip(1..)
        .map(|(percent, seed)| {
            let p = &front;
            let width = p.width() * percent / 100;
            camera(
                &imageops::resize(p, width, p.height(), imageops::Triangle),
                seed,
            )
        })
        .collect();
    let print = told(&print);
    assert!(
        cue(&print, "flat").is_some_and(|c| c.suspicion > 0.5),
        "{print:?}"
    );
}
