//! One to one: two views of faces, and what their cosine means under a policy.

use super::{FaceView, Obstacle};
use crate::quality::Quality;
use rules::{Outcome, Policy};
use serde::Serialize;

/// Which of the two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The picture taken now.
    Live,
    /// The picture that it is held against: the chip's portrait, or the printed one.
    Reference,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Live => "live picture",
            Self::Reference => "reference picture",
        })
    }
}

/// The quality of both pictures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedQuality {
    /// Of the live picture (`a` on the command line).
    #[serde(rename = "a")]
    pub live: Quality,
    /// Of the reference picture (`b` on the command line).
    #[serde(rename = "b")]
    pub reference: Quality,
}

/// The answer of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaceComparison {
    /// The cosine of the two templates, -1 to 1; absent where a picture gave no template.
    pub score: Option<f32>,
    /// What the score means under the policy; `Undetermined` where there is none.
    pub outcome: Outcome,
    /// The reason in plain English.
    pub why: String,
    /// What stood in the way, picture by picture; empty where there is a score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<(Side, Obstacle)>,
    /// The quality of both pictures.
    pub quality: ComparedQuality,
}

/// Compares two views. Templates of different models give `Undetermined`.
#[must_use]
pub fn compare_views(live: &FaceView, reference: &FaceView, policy: &Policy) -> FaceComparison {
    let obstacles: Vec<_> = [(Side::Live, live), (Side::Reference, reference)]
        .into_iter()
        .filter_map(|(side, view)| view.inspection.obstacle.map(|o| (side, o)))
        .collect();
    let score = match (&live.template, &reference.template) {
        (Some(a), Some(b)) => a.cosine(b),
        _ => None,
    };
    let (outcome, why) = match score {
        Some(score) => judge(score, policy),
        None if obstacles.is_empty() => (
            Outcome::Undetermined,
            "the two pictures were described by different models".to_owned(),
        ),
        None => {
            let said: Vec<_> = obstacles
                .iter()
                .map(|(side, obstacle)| format!("{side}: {obstacle}"))
                .collect();
            (Outcome::Undetermined, said.join("; "))
        }
    };
    FaceComparison {
        score,
        outcome,
        why,
        obstacles,
        quality: ComparedQuality {
            live: live.inspection.quality.clone(),
            reference: reference.inspection.quality.clone(),
        },
    }
}

/// What a cosine means under a policy, and why.
fn judge(score: f32, policy: &Policy) -> (Outcome, String) {
    let (upper, lower) = (policy.face_successful, policy.face_undetermined);
    if score >= upper {
        (
            Outcome::Successful,
            format!("the faces agree: {score:.2}, at least {upper:.2}"),
        )
    } else if score >= lower {
        (
            Outcome::Undetermined,
            format!("the score does not decide: {score:.2}, between {lower:.2} and {upper:.2}"),
        )
    } else {
        (
            Outcome::Failed,
            format!("the faces differ: {score:.2}, below {lower:.2}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::FaceInspection;
    use rules::{FaceTemplate, ModelId};

    /// A view whose template stands at `angle` (radians) in the plane.
    fn at(angle: f32) -> FaceView {
        FaceView {
            inspection: FaceInspection {
                faces: vec![],
                main: None,
                obstacle: None,
                quality: Quality::of_no_face(),
            },
            template: Some(FaceTemplate {
                model: ModelId("test".into()),
                values: vec![angle.cos(), angle.sin()],
            }),
        }
    }

    fn blocked(obstacle: Obstacle) -> FaceView {
        let mut view = at(0.0);
        view.template = None;
        view.inspection.obstacle = Some(obstacle);
        view
    }

    #[test]
    fn the_bands_begin_exactly_where_the_policy_says() {
        let policy = Policy::default();
        let outcome = |score| judge(score, &policy).0;
        assert_eq!(outcome(1.0), Outcome::Successful);
        assert_eq!(outcome(0.45), Outcome::Successful);
        assert_eq!(outcome(0.449), Outcome::Undetermined);
        assert_eq!(outcome(0.36), Outcome::Undetermined);
        assert_eq!(outcome(0.359), Outcome::Failed);
        assert_eq!(outcome(-1.0), Outcome::Failed);
    }

    #[test]
    fn the_score_is_the_cosine_and_does_not_depend_on_the_order() {
        let policy = Policy::default();
        let there = compare_views(&at(0.2), &at(1.2), &policy);
        let back = compare_views(&at(1.2), &at(0.2), &policy);
        assert!((there.score.expect("a score") - 1.0f32.cos()).abs() < 1e-6);
        assert_eq!(there.score, back.score);
        assert_eq!(there.outcome, Outcome::Successful);
    }

    #[test]
    fn an_obstacle_is_undetermined_and_said_in_words() {
        let policy = Policy::default();
        let several = blocked(Obstacle::SeveralFaces { count: 2 });
        let answer = compare_views(&several, &blocked(Obstacle::NoFace), &policy);
        assert_eq!(
            (answer.score, answer.outcome),
            (None, Outcome::Undetermined)
        );
        assert_eq!(
            answer.why,
            "live picture: 2 faces were found, not one; reference picture: no face was found"
        );
        assert_eq!(answer.obstacles.len(), 2);
    }

    #[test]
    fn templates_of_two_models_are_never_compared() {
        let mut other = at(0.0);
        if let Some(template) = &mut other.template {
            template.model = ModelId("other".into());
        }
        let answer = compare_views(&at(0.0), &other, &Policy::default());
        assert_eq!(
            (answer.score, answer.outcome),
            (None, Outcome::Undetermined)
        );
        assert!(answer.why.contains("different models"));
    }
}
