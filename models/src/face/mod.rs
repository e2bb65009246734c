//! Faces: found, described as templates, compared one to one.
//!
//! The way of a picture: detector → the face that is meant → five points → alignment → template
//! and quality. [`FaceEngine::view`] goes it once per picture, [`compare_views`] compares what it
//! gave, so that one live picture can be held against the chip's portrait and the printed one.

mod align;
mod best;
mod compare;
mod detect;
mod seen;

pub use align::{ALIGNED_SIDE, Similarity, TEMPLATE, warp};
pub use best::best_frame;
pub use compare::{ComparedQuality, FaceComparison, Side, compare_views};
/// The picture that faces are looked for in, for rooms that do not read pages.
pub use page::Picture;

use crate::card::{self, FACE_DETECTOR, FACE_MATCHER};
use crate::network::{Map, Network};
use crate::quality::{Guidance, Quality, Sample};
use crate::{Folder, ModelError};
use image::RgbImage;
use page::{FaceFinder, FacesUnavailable, Rect};
use rules::{FaceTemplate, ModelId, Policy};
use seen::Seen;
use serde::Serialize;
use zeroize::Zeroize;

/// Longest side, in pixels, of the copy in which faces are looked for first. The detector finds
/// faces of about 10 to 300 pixels.
const FIRST_LOOK: u32 = 640;
/// The second look, for a face too large for the first.
const CLOSE_LOOK: u32 = 320;
/// The last look, for faces too small for the first.
const FAR_LOOK: u32 = 1600;
/// A picture up to this size in which no face is found is looked at once more, twice as large: so a face too far away
/// is told from none.
const ENLARGED_UP_TO: u32 = 640;
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
/// The distance between the eyes in the aligned face, in pixels: a copy in which they are as far
/// apart holds all that the matcher looks at.
const TEMPLATE_EYE_DISTANCE_PX: f32 = 35.0;
/// The same for the measures of quality.
const SAMPLED_EYE_DISTANCE_PX: f32 = 70.0;
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
    /// Dark glasses, hair or a hand before the eyes: what is left would be compared with less certainty than the
    /// thresholds were set at, so the traveller is asked to uncover them.
    EyesCovered,
    /// A mask, a scarf or a hand before the mouth: as for the eyes.
    MouthCovered,
}

impl Obstacle {
    /// The name used in JSON.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::Turned { .. } => "turned",
            Self::SeveralFaces { .. } => "several_faces",
            Self::TooSmall { .. } => "too_small",
            Self::EyesCovered => "eyes_covered",
            Self::MouthCovered => "mouth_covered",
        }
    }
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
            Self::EyesCovered => write!(f, "the eyes are covered"),
            Self::MouthCovered => write!(f, "the mouth is covered"),
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

/// What one look found.
struct Look<'a> {
    /// The faces, in the picture's own coordinates, the surest first.
    faces: Vec<DetectedFace>,
    seen: Seen<'a>,
    /// How many of the picture's pixels one of the copy stands for, across and down.
    step: [f32; 2],
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

    /// Looks once, in a copy whose longest side is `side`, or in the picture itself where that is its own.
    fn look<'a>(&self, picture: &'a Picture, side: u32) -> Result<Look<'a>, ModelError> {
        let (width, height) = (picture.width(), picture.height());
        let seen = Seen::of(picture, side).map_err(|e| ModelError::BrokeOff {
            id: FACE_DETECTOR.into(),
            reason: e.message,
        })?;
        let mut blob = detect::blob(seen.rgb());
        let outputs = self.network.run(&blob);
        blob.data.as_mut_slice().zeroize();
        let step = seen.step(width, height);
        let faces = detect::decode(&outputs?, blob.width, blob.height, self.least_score)
            .iter()
            .filter_map(|raw| raw.place(step, width, height))
            .collect();
        Ok(Look { faces, seen, step })
    }
}

/// A face as the matcher takes it; wiped when it is dropped.
struct Aligned(Map);

impl Aligned {
    fn of(picture: &RgbImage, onto: &Similarity) -> Self {
        Self(Map {
            height: ALIGNED_SIDE,
            width: ALIGNED_SIDE,
            channels: 3,
            data: align::aligned(picture, onto).into_flattened(),
        })
    }

    /// Left becomes right.
    fn mirror(&mut self) {
        let rows = self.0.data.chunks_exact_mut(ALIGNED_SIDE * 3);
        rows.for_each(|row| row.as_chunks_mut::<3>().0.reverse());
    }
}

impl Drop for Aligned {
    fn drop(&mut self) {
        self.0.data.as_mut_slice().zeroize();
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
        Ok(Self {
            detector: FaceDetector::load(folder)?,
            matcher: Network::load(folder, matcher, &["fc1"])?,
            model: matcher.model_id(),
        })
    }

    /// Every face in a picture, the surest first; none is an empty list.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn detect(&self, picture: &Picture) -> Result<Vec<DetectedFace>, ModelError> {
        Ok(self.search(picture)?.faces)
    }

    /// Looks until there is a face: first as large as most faces need, then smaller, then larger, at last enlarged.
    fn search<'a>(&self, picture: &'a Picture) -> Result<Look<'a>, ModelError> {
        let longest = picture.width().max(picture.height());
        let mut first = None;
        let mut looked = Vec::with_capacity(3);
        for look in [FIRST_LOOK, CLOSE_LOOK, FAR_LOOK] {
            let side = look.min(longest);
            if looked.contains(&side) {
                continue;
            }
            looked.push(side);
            let found = self.detector.look(picture, side)?;
            if !found.faces.is_empty() {
                return Ok(found);
            }
            first.get_or_insert(found);
        }
        if longest <= ENLARGED_UP_TO {
            let found = self.detector.look(picture, longest * 2)?;
            if !found.faces.is_empty() {
                return Ok(found);
            }
        }
        match first {
            Some(nothing) => Ok(nothing),
            None => self.detector.look(picture, longest),
        }
    }

    /// Whether a face is found more surely than `upright` when the picture is turned by quarters.
    fn turned(&self, seen: &RgbImage, upright: f32) -> Result<Option<Obstacle>, ModelError> {
        let mut quarter = Picture::from_rgb(seen.clone());
        let side = CLOSE_LOOK.min(seen.width().max(seen.height()));
        let mut best = (RIVAL_SCORE.max(upright + UPRIGHT_GAIN), None);
        for degrees in [90, 180, 270] {
            quarter = Picture::from_rgb(image::imageops::rotate90(quarter.rgb()));
            // The surest face comes first.
            if let Some(face) = self.detector.look(&quarter, side)?.faces.first()
                && face.score >= best.0
            {
                best = (face.score, Some(Obstacle::Turned { degrees }));
            }
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
        self.embed(picture.rgb(), &onto)
    }

    /// The template of what `onto` carries onto the aligned face.
    fn embed(&self, picture: &RgbImage, onto: &Similarity) -> Result<FaceTemplate, ModelError> {
        self.describe(&Aligned::of(picture, onto))
    }

    /// The mean of the template of an aligned face and of its mirror image's.
    fn embed_both_ways(
        &self,
        picture: &RgbImage,
        onto: &Similarity,
    ) -> Result<FaceTemplate, ModelError> {
        let mut aligned = Aligned::of(picture, onto);
        let mut template = self.describe(&aligned)?;
        aligned.mirror();
        let mirrored = self.describe(&aligned)?;
        let both = template.values.iter_mut().zip(&mirrored.values);
        both.for_each(|(value, other)| *value += other);
        self.to_unit_length(template)
    }

    fn describe(&self, aligned: &Aligned) -> Result<FaceTemplate, ModelError> {
        self.to_unit_length(FaceTemplate {
            model: self.model.clone(),
            values: self.matcher.run(&aligned.0)?.pop().unwrap_or_default(),
        })
    }

    fn to_unit_length(&self, mut template: FaceTemplate) -> Result<FaceTemplate, ModelError> {
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
        self.inspect_found(picture, &self.search(picture)?)
    }

    fn inspect_found(
        &self,
        picture: &Picture,
        found: &Look<'_>,
    ) -> Result<FaceInspection, ModelError> {
        let faces = &found.faces;
        let prominence: Vec<f32> = faces.iter().map(|f| f.prominence(picture)).collect();
        let none = |obstacle| FaceInspection {
            faces: faces.clone(),
            main: None,
            obstacle: Some(obstacle),
            quality: match obstacle {
                Obstacle::Turned { degrees } => Quality::of_turned(degrees),
                _ => Quality::of_nobody_in(found.seen.rgb()),
            },
        };
        let Some(most) = (0..faces.len()).max_by(|a, b| prominence[*a].total_cmp(&prominence[*b]))
        else {
            let turned = self.turned(found.seen.rgb(), 0.0)?;
            return Ok(none(turned.unwrap_or(Obstacle::NoFace)));
        };
        if faces[most].score < UPRIGHT_SCORE
            && let Some(turned) = self.turned(found.seen.rgb(), faces[most].score)?
        {
            return Ok(none(turned));
        }
        let eyes = faces[most].eye_distance_px();
        let faces_meant = faces
            .iter()
            .zip(&prominence)
            .filter(|(f, p)| f.score >= RIVAL_SCORE && **p >= RIVAL_SHARE * prominence[most])
            .count();
        let (seen, onto) = self.aligned(picture, found, &faces[most], SAMPLED_EYE_DISTANCE_PX)?;
        let several = faces_meant > 1;
        let quality = Quality::of(&Sample::take(
            picture.rgb(),
            &faces[most],
            faces_meant.max(1),
            seen,
            &onto,
        ));
        Ok(FaceInspection {
            main: (!several).then_some(most),
            obstacle: if several {
                Some(Obstacle::SeveralFaces { count: faces_meant })
            } else if eyes < LEAST_EYE_DISTANCE_PX {
                Some(Obstacle::TooSmall {
                    eye_distance_px: eyes,
                })
            } else if quality.asks_for(Guidance::UncoverEyes) {
                Some(Obstacle::EyesCovered)
            } else if quality.mouth_is_covered() {
                Some(Obstacle::MouthCovered)
            } else {
                None
            },
            quality,
            faces: faces.clone(),
        })
    }

    /// Where a face is taken from: the copy that it was found in, where its eyes are at least
    /// `eyes_px` apart there, else the whole picture; and the transform onto the aligned face.
    fn aligned<'a>(
        &self,
        picture: &'a Picture,
        found: &'a Look<'_>,
        face: &DetectedFace,
        eyes_px: f32,
    ) -> Result<(&'a RgbImage, Similarity), ModelError> {
        let in_copy = face
            .landmarks
            .map(|p| [0, 1].map(|i| (p[i] + 0.5) / found.step[i] - 0.5));
        let [left, right, ..] = in_copy;
        let (seen, points) = if (right[0] - left[0]).hypot(right[1] - left[1]) >= eyes_px {
            (found.seen.rgb(), in_copy)
        } else {
            (picture.rgb(), face.landmarks)
        };
        let onto = Similarity::fit(&points, &TEMPLATE).ok_or_else(|| self.no_points())?;
        Ok((seen, onto))
    }

    /// What is in a picture, with the template of the face that is meant.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn view(&self, picture: &Picture) -> Result<FaceView, ModelError> {
        self.described(picture, Self::embed)
    }

    /// The same of a portrait whose template is kept and compared often, as a list's: it is the mean of the face's and
    /// of its mirror image's, which a traveller's is a little closer to, and takes half as long again.
    ///
    /// # Errors
    /// [`ModelError::BrokeOff`].
    pub fn enrol(&self, picture: &Picture) -> Result<FaceView, ModelError> {
        self.described(picture, Self::embed_both_ways)
    }

    fn described(
        &self,
        picture: &Picture,
        embed: impl Fn(&Self, &RgbImage, &Similarity) -> Result<FaceTemplate, ModelError>,
    ) -> Result<FaceView, ModelError> {
        let found = self.search(picture)?;
        let inspection = self.inspect_found(picture, &found)?;
        let template = match (inspection.main, inspection.obstacle) {
            (Some(main), None) => {
                let face = &inspection.faces[main];
                let (seen, onto) = self.aligned(picture, &found, face, TEMPLATE_EYE_DISTANCE_PX)?;
                Some(embed(self, seen, &onto)?)
            }
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
            Ok(found) => Ok(found.faces.into_iter().map(|face| face.bounds).collect()),
            Err(error) => Err(FacesUnavailable(error.to_string())),
        }
    }
}

impl FaceFinder for FaceEngine {
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        self.detector.faces(picture)
    }
}
