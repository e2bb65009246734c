//! Faces: found, described as templates, compared one to one.
//!
//! The way of a picture: detector → the face that is meant → five points → alignment → template
//! and quality. [`FaceEngine::view`] goes it once per picture, [`compare_views`] compares what it
//! gave, so that one live picture can be held against the chip's portrait and the printed one.

mod align;
mod compare;
mod detect;
mod reduce;

pub use align::{ALIGNED_SIDE, Similarity, TEMPLATE, warp};
pub use compare::{ComparedQuality, FaceComparison, Side, compare_views};

use crate::card::{self, FACE_DETECTOR, FACE_MATCHER};
use crate::network::Network;
use crate::quality::{Quality, Sample};
use crate::{Folder, ModelError};
use image::RgbImage;
use page::{FaceFinder, FacesUnavailable, Picture, Rect};
use rules::{FaceTemplate, ModelId, Policy};
use serde::Serialize;

/// Longest side, in pixels, of the copy in which faces are looked for first. The detector finds
/// faces of about 10 to 300 pixels.
const FIRST_LOOK: u32 = 640;
/// The second look, for a face too large for the first.
const CLOSE_LOOK: u32 = 320;
/// The last look, for faces too small for the first.
const FAR_LOOK: u32 = 1600;
/// How much a face loses by standing away from the middle of the picture: at half the picture's
/// shorter side from the middle it counts as a third of its size.
const OFF_CENTRE_COST: f32 = 2.0;
/// A second face counts from this share of the main face's prominence: others stand behind or at
/// the edge, or are the ghost portrait that documents print beside the portrait.
const RIVAL_SHARE: f32 = 0.6;
/// A second face counts from this detector score.
const RIVAL_SCORE: f32 = 0.8;
/// The detector also answers to faces upside down or lying, with points in the wrong places: less
/// surely than this, and less surely by [`UPRIGHT_GAIN`] than to the same face upright.
const UPRIGHT_SCORE: f32 = 0.9;
/// See [`UPRIGHT_SCORE`].
const UPRIGHT_GAIN: f32 = 0.05;
/// Below this distance between the eyes, in pixels, a face holds too little to be compared.
const LEAST_EYE_DISTANCE_PX: f32 = 12.0;

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DetectedFace {
    /// Its box, inside the picture.
    pub bounds: Rect,
    /// The eye on the picture's left, the eye on its right, the tip of the nose, the corners of the
    /// mouth on left and right; in pixels from the middle of the picture's upper left pixel. They
    /// may lie outside the picture.
    pub landmarks: [[f32; 2]; 5],
    /// How sure the detector is, 0 to 1.
    pub score: f32,
}

impl DetectedFace {
    /// The distance between the eyes in the picture, in pixels.
    #[must_use]
    pub fn eye_distance_px(&self) -> f32 {
        let [left, right, ..] = self.landmarks;
        (right[0] - left[0]).hypot(right[1] - left[1])
    }

    /// How much a face is the one that the picture is of: its size, less the further it stands from
    /// the middle.
    fn prominence(&self, picture: &Picture) -> f32 {
        let middle = [picture.width(), picture.height()].map(|side| side as f32 / 2.0);
        let [x, y] = self.bounds.centre();
        let away = (x - middle[0]).hypot(y - middle[1]) / middle[0].min(middle[1]);
        self.eye_distance_px() / (1.0 + OFF_CENTRE_COST * away * away)
    }
}

/// Why no template can be made of a picture. Never evidence against anyone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "obstacle", rename_all = "snake_case")]
pub enum Obstacle {
    /// No face was found.
    NoFace,
    /// A face was found, or found much better, when the picture was turned.
    Turned {
        /// The turn that brings it upright, clockwise: 90, 180 or 270 degrees.
        degrees: u16,
    },
    /// Several faces are about equally prominent.
    SeveralFaces {
        /// How many.
        count: usize,
    },
    /// The face is too small.
    TooSmall {
        /// The distance between its eyes, in pixels.
        eye_distance_px: f32,
    },
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoFace => write!(f, "no face was found"),
            Self::Turned { degrees } => write!(
                f,
                "the face does not stand upright: the picture must be turned by {degrees} degrees"
            ),
            Self::SeveralFaces { count } => write!(f, "{count} faces were found, not one"),
            Self::TooSmall { eye_distance_px } => write!(
                f,
                "the face is too small: {eye_distance_px:.0} pixels between the eyes"
            ),
        }
    }
}

/// What is in a picture, short of a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceInspection {
    /// Every face, the surest first.
    pub faces: Vec<DetectedFace>,
    /// Which of them is meant: the largest towards the middle; absent where there is none, or
    /// several are about equal.
    pub main: Option<usize>,
    /// Why no template can be made, where none can.
    pub obstacle: Option<Obstacle>,
    /// The measures of the picture's quality, as far as they can be taken.
    pub quality: Quality,
}

/// A picture's faces with the template of the one that is meant.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceView {
    /// What is in the picture.
    pub inspection: FaceInspection,
    /// The template; absent where there is an obstacle.
    pub template: Option<FaceTemplate>,
}

/// The face detector alone: enough to find the portrait of a page, and loaded in a tenth of the engine's time.
pub struct FaceDetector {
    network: Network,
    least_score: f32,
}

impl FaceDetector {
    /// Loads the network.
    ///
    /// # Errors
    /// [`ModelError`] where the weights are absent, not the card's, or refused by the engine.
    pub fn load(folder: &Folder) -> Result<Self, ModelError> {
        let card = card::required(FACE_DETECTOR);
        Ok(Self {
            network: Network::load(folder, card, &detect::OUTPUTS)?,
            least_score: card.bands.iter().map(|b| b.from).fold(1.0, f32::min),
        })
    }

    fn reduce(picture: &Picture, side: u32) -> Result<Option<RgbImage>, ModelError> {
        reduce::reduce(picture.rgb(), side).map_err(|e| ModelError::BrokeOff {
            id: FACE_DETECTOR.into(),
            reason: e.message,
        })
    }

    /// Looks once, in a copy whose longest side is `side`.
    fn look(&self, picture: &Picture, side: u32) -> Result<Vec<DetectedFace>, ModelError> {
        let (width, height) = (picture.width(), picture.height());
        let reduced = Self::reduce(picture, side)?;
        let seen = reduced.as_ref().unwrap_or_else(|| picture.rgb());
        let blob = detect::Blob::of(seen);
        let outputs = self.network.run(&blob.planes, blob.width, blob.height)?;
        let step = [
            width as f32 / seen.width() as f32,
            height as f32 / seen.height() as f32,
        ];
        Ok(
            detect::decode(&outputs, blob.width, blob.height, self.least_score)
                .iter()
                .filter_map(|raw| raw.place(step, width, height))
                .collect(),
        )
    }
}

/// The face detector and the matcher, loaded once and shared by every lane.
pub struct FaceEngine {
    detector: FaceDetector,
    matcher: Network,
    model: ModelId,
}

impl FaceEngine {
    /// Loads both networks.
    ///
    /// # Errors
    /// [`ModelError`] where the weights are absent, not the card's, or refused by the engine.
    pub fn load(folder: &Folder) -> Result<Self, ModelError> {
        let matcher = card::required(FACE_MATCHER);
        let engine = Self {
            detector: FaceDetector::load(folder)?,
            matcher: Network::load(folder, matcher, &["fc1"])?,
            model: matcher.model_id(),
        };
        // A network lays out its memory when it first runs: now, not with the first traveller.
        let blank = RgbImage::new(FIRST_LOOK, FIRST_LOOK * 3 / 4);
        engine
            .detector
            .look(&Picture::from_rgb(blank), FIRST_LOOK)?;
        let side = ALIGNED_SIDE;
        engine
            .matcher
            .run(&vec![0.0; 3 * side * side], side, side)?;
        Ok(engine)
    }

    /// Every face in a picture, the surest first; none is an empty list.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn detect(&self, picture: &Picture) -> Result<Vec<DetectedFace>, ModelError> {
        let longest = picture.width().max(picture.height());
        let mut looked = Vec::with_capacity(3);
        for look in [FIRST_LOOK, CLOSE_LOOK, FAR_LOOK] {
            let side = look.min(longest);
            if looked.contains(&side) {
                continue;
            }
            looked.push(side);
            let faces = self.detector.look(picture, side)?;
            if !faces.is_empty() {
                return Ok(faces);
            }
        }
        Ok(Vec::new())
    }

    /// Whether a face is found more surely than `upright` when the picture is turned by quarters.
    fn turned(&self, picture: &Picture, upright: f32) -> Result<Option<Obstacle>, ModelError> {
        let side = CLOSE_LOOK.min(picture.width().max(picture.height()));
        let mut quarter =
            FaceDetector::reduce(picture, side)?.unwrap_or_else(|| picture.rgb().clone());
        let mut best = (RIVAL_SCORE.max(upright + UPRIGHT_GAIN), None);
        for degrees in [90, 180, 270] {
            quarter = image::imageops::rotate90(&quarter);
            let turned = Picture::from_rgb(quarter);
            // The surest face comes first.
            if let Some(face) = self.detector.look(&turned, side)?.first()
                && face.score >= best.0
            {
                best = (face.score, Some(Obstacle::Turned { degrees }));
            }
            quarter = turned.rgb().clone();
        }
        Ok(best.1)
    }

    /// The template of a face.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn template(
        &self,
        picture: &Picture,
        face: &DetectedFace,
    ) -> Result<FaceTemplate, ModelError> {
        let onto = Similarity::fit(&face.landmarks, &TEMPLATE).ok_or_else(|| self.no_points())?;
        self.embed(&warp(picture.rgb(), &onto, ALIGNED_SIDE))
    }

    fn embed(&self, aligned: &[f32]) -> Result<FaceTemplate, ModelError> {
        let mut outputs = self.matcher.run(aligned, ALIGNED_SIDE, ALIGNED_SIDE)?;
        let mut template = FaceTemplate {
            model: self.model.clone(),
            values: outputs.pop().unwrap_or_default(),
        };
        let length = template.values.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !(length.is_finite() && length > 0.0) {
            return Err(ModelError::BrokeOff {
                id: self.model.0.clone(),
                reason: "the template has no length".into(),
            });
        }
        template.values.iter_mut().for_each(|v| *v /= length);
        Ok(template)
    }

    fn no_points(&self) -> ModelError {
        ModelError::BrokeOff {
            id: FACE_DETECTOR.into(),
            reason: "the five points of the face coincide".into(),
        }
    }

    /// Everything that can be said of the faces in a picture without describing one.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn inspect(&self, picture: &Picture) -> Result<FaceInspection, ModelError> {
        let faces = self.detect(picture)?;
        let prominence: Vec<f32> = faces.iter().map(|f| f.prominence(picture)).collect();
        let Some(most) = (0..faces.len()).max_by(|a, b| prominence[*a].total_cmp(&prominence[*b]))
        else {
            let turned = self.turned(picture, 0.0)?;
            return Ok(FaceInspection {
                faces,
                main: None,
                obstacle: Some(turned.unwrap_or(Obstacle::NoFace)),
                quality: Quality::of_no_face(),
            });
        };
        if faces[most].score < UPRIGHT_SCORE
            && let Some(turned) = self.turned(picture, faces[most].score)?
        {
            return Ok(FaceInspection {
                faces,
                main: None,
                obstacle: Some(turned),
                quality: Quality::of_no_face(),
            });
        }
        let eyes = faces[most].eye_distance_px();
        let faces_meant = faces
            .iter()
            .zip(&prominence)
            .filter(|(f, p)| f.score >= RIVAL_SCORE && **p >= RIVAL_SHARE * prominence[most])
            .count();
        let onto =
            Similarity::fit(&faces[most].landmarks, &TEMPLATE).ok_or_else(|| self.no_points())?;
        let several = faces_meant > 1;
        Ok(FaceInspection {
            quality: Quality::of(&Sample::take(
                picture.rgb(),
                &faces[most],
                faces_meant.max(1),
                &onto,
            )),
            main: (!several).then_some(most),
            obstacle: if several {
                Some(Obstacle::SeveralFaces { count: faces_meant })
            } else if eyes < LEAST_EYE_DISTANCE_PX {
                Some(Obstacle::TooSmall {
                    eye_distance_px: eyes,
                })
            } else {
                None
            },
            faces,
        })
    }

    /// What is in a picture, with the template of the face that is meant.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn view(&self, picture: &Picture) -> Result<FaceView, ModelError> {
        let inspection = self.inspect(picture)?;
        let template = match (inspection.main, inspection.obstacle) {
            (Some(main), None) => Some(self.template(picture, &inspection.faces[main])?),
            _ => None,
        };
        Ok(FaceView {
            inspection,
            template,
        })
    }

    /// Compares the face in a live picture with the one in a reference picture. A picture that
    /// does not allow it gives `Undetermined`, no score, and the reason in words.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn compare(
        &self,
        live: &Picture,
        reference: &Picture,
        policy: &Policy,
    ) -> Result<FaceComparison, ModelError> {
        Ok(compare_views(
            &self.view(live)?,
            &self.view(reference)?,
            policy,
        ))
    }
}

impl FaceFinder for FaceDetector {
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        // One look: a page without a portrait must not cost three.
        let longest = picture.width().max(picture.height());
        match self.look(picture, FIRST_LOOK.min(longest)) {
            Ok(faces) => Ok(faces.into_iter().map(|face| face.bounds).collect()),
            Err(error) => Err(FacesUnavailable(error.to_string())),
        }
    }
}

impl FaceFinder for FaceEngine {
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        self.detector.faces(picture)
    }
}
