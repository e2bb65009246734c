//! The pictures of the demo's travellers: a page pressed and photographed, and a live picture, both
//! made of the public-domain portraits that `mpaka-models fetch` brings.

use super::Scene;
use super::scenarios::{ChipStory, Flaw, Scenario, Sitter};
use crate::utopia::chip::files::{dg1_of, dg2};
use crate::utopia::chip::issuer::{State, sod, state_with};
use crate::utopia::chip::keys::p256;
use crate::utopia::live::{LiveShot, live_picture};
use crate::utopia::{
    Fault, Fonts, Level, Page, Seed, Traveller, UtopiaError, open_picture, photograph, press,
};
use image::RgbImage;
use jiff::civil::Date;
use models::face::FaceEngine;
use models::{Folder, ModelError};
use page::Picture;
use rules::mrz::Sex;
use std::path::{Path, PathBuf};

/// Why a traveller's pictures could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PicturesError {
    /// The press or the photographer refused.
    #[error(transparent)]
    Utopia(#[from] UtopiaError),
    /// The face detector, which frames the portraits, is not to be had.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// No face was found in a portrait.
    #[error("no face in {}: fetch the portraits anew", .0.display())]
    NoFace(PathBuf),
    /// A scenario's date is no date.
    #[error("{0:?} is no date")]
    Date(String),
    /// A picture could not be written.
    #[error("writing {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// The portraits, framed as for a passport (Doc 9303-3: the head takes about 70 to 80 % of the height).
#[derive(Debug)]
pub struct Sitters {
    first: RgbImage,
    first_again: RgbImage,
    second: RgbImage,
    issuers: Issuers,
}

/// The states that sign the demo's chips.
#[derive(Debug)]
struct Issuers {
    utopia: State,
    unknown: State,
}

/// A document signer's validity, as years of this century.
const SIGNER_YEARS: (u8, u8) = (20, 34);
/// The year of this century in which the chips were signed.
const SIGNED_IN: u8 = 21;

impl Sitters {
    /// Opens and frames the portraits in the models' folder.
    ///
    /// # Errors
    /// [`PicturesError`] where the folder is not complete.
    pub fn find(models: &Path) -> Result<Self, PicturesError> {
        let engine = FaceEngine::load(&Folder::open(models)?)?;
        let framed =
            |sitter: Sitter| framed(&engine, &models.join("portraits").join(sitter.file()));
        Ok(Self {
            first: framed(Sitter::First)?,
            first_again: framed(Sitter::FirstAgain)?,
            second: framed(Sitter::Second)?,
            issuers: Issuers {
                utopia: state_with(&p256(), &p256(), "UT", SIGNER_YEARS),
                unknown: state_with(&p256(), &p256(), "UT", SIGNER_YEARS),
            },
        })
    }

    /// Utopia's country signer as a certificate file, for boxes to believe.
    #[must_use]
    pub fn country_signer(&self) -> &[u8] {
        &self.issuers.utopia.country.der
    }

    fn portrait(&self, sitter: Sitter) -> &RgbImage {
        match sitter {
            Sitter::First => &self.first,
            Sitter::FirstAgain => &self.first_again,
            Sitter::Second => &self.second,
        }
    }
}

/// Cuts a portrait to 35 x 45 around its largest face, as far as the picture reaches.
fn framed(engine: &FaceEngine, path: &Path) -> Result<RgbImage, PicturesError> {
    let picture = Picture::from_rgb(open_picture(path)?);
    let face = engine
        .detect(&picture)?
        .into_iter()
        .max_by_key(|f| f.bounds.height)
        .ok_or_else(|| PicturesError::NoFace(path.to_path_buf()))?
        .bounds;
    // The detector's box goes from brow to chin: about half of the framed height.
    let high = (face.height * 2).min(picture.height());
    let wide = (high * 35 / 45).min(picture.width());
    let middle_x = face.x + face.width / 2;
    let middle_y = face.y + face.height * 45 / 100;
    let x = middle_x
        .saturating_sub(wide / 2)
        .min(picture.width() - wide);
    let y = middle_y
        .saturating_sub(high / 2)
        .min(picture.height() - high);
    Ok(image::imageops::crop_imm(picture.rgb(), x, y, wide, high).to_image())
}

/// Presses, photographs and writes one scenario's pictures.
///
/// # Errors
/// [`PicturesError`] naming what could not be made.
pub fn make(scenario: &Scenario, sitters: &Sitters, scene: &Scene) -> Result<(), PicturesError> {
    let seed = Seed(7).child(scenario.name, 0);
    let date = |text: &str| {
        text.parse::<Date>()
            .map_err(|_| PicturesError::Date(text.to_owned()))
    };
    let expiry = date(scenario.expiry)?;
    let birth = date(scenario.birth)?;
    let drawn = Traveller::draw(seed, scenario.format, expiry);
    let traveller = Traveller {
        surname: scenario.surname.to_owned(),
        given_names: scenario.given_names.to_owned(),
        document_number: scenario.number.to_owned(),
        birth: rules::date::PartialDate {
            year: Some(birth.year()),
            month: Some(birth.month()),
            day: Some(birth.day()),
        },
        nationality: scenario.nationality.to_owned(),
        sex: Sex::Male,
        issue: date("2021-05-21")?.min(expiry),
        expiry,
        ..drawn
    };
    let portrait = sitters.portrait(scenario.portrait).clone();
    if scenario.chip != ChipStory::None {
        let zone = traveller.zone(scenario.format)?;
        chip(scenario.chip, &zone.lines().concat(), sitters, scene)?;
    }
    let mut page = Page::new(traveller, scenario.format, portrait, expiry, seed);
    page.fault = match scenario.flaw {
        Flaw::None => None,
        Flaw::CheckDigit => Some(Fault::CheckDigitBirth),
        Flaw::Unreadable => Some(Fault::WashedOut),
    };
    let fonts = Fonts::load()?;
    let pressed = press(&page.for_level(Level::Easy), &fonts)?;
    write(
        &scene.page,
        &photograph(&pressed, &fonts, Level::Easy, seed).jpeg()?,
    )?;
    let live = match scenario.live {
        Some(sitter) => live_picture(sitters.portrait(sitter), &LiveShot::draw(seed))?,
        // Nobody stands there: the wall behind, which the camera's noise still enlivens.
        None => live_picture(
            &RgbImage::from_pixel(480, 600, image::Rgb([188, 182, 170])),
            &LiveShot::draw(seed),
        )?,
    };
    write(&scene.live, &live)
}

/// Writes the files of a scenario's chip beside its pictures.
fn chip(
    story: ChipStory,
    zone: &str,
    sitters: &Sitters,
    scene: &Scene,
) -> Result<(), PicturesError> {
    if story == ChipStory::Silent {
        let folder = scene.chip();
        return std::fs::create_dir_all(&folder).map_err(|source| PicturesError::Write {
            path: folder,
            source,
        });
    }
    let face = |sitter| {
        let picture = Picture::from_rgb(sitters.portrait(sitter).clone());
        picture.to_jpeg(90).map(|jpeg| dg2(&jpeg))
    };
    let portrait = |sitter| face(sitter).map_err(|_| PicturesError::NoFace(scene.page.clone()));
    let signed = portrait(Sitter::First)?;
    let (signer, held) = match story {
        ChipStory::AnotherFace => (&sitters.issuers.utopia.signer, portrait(Sitter::Second)?),
        ChipStory::UnknownState => (&sitters.issuers.unknown.signer, signed.clone()),
        ChipStory::None | ChipStory::Silent | ChipStory::Genuine => {
            (&sitters.issuers.utopia.signer, signed.clone())
        }
    };
    let dg1 = dg1_of(zone);
    let object = sod(&[(1, &dg1), (2, &signed)], signer, SIGNED_IN);
    for (name, bytes) in [("dg1.bin", &dg1), ("dg2.bin", &held), ("sod.bin", &object)] {
        write(&scene.chip().join(name), bytes)?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PicturesError> {
    let failed = |source| PicturesError::Write {
        path: path.to_path_buf(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}
