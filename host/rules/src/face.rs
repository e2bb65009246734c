//! A face as numbers, with the model that made it. Plain data; the networks live in `models`.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Names a model card; templates of different models are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(pub String);

impl std::fmt::Display for ModelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A face template: personal data, wiped from memory when dropped. `values` has unit length.
#[derive(Clone, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct FaceTemplate {
    /// The card of the model that made it.
    #[zeroize(skip)]
    pub model: ModelId,
    /// The embedding, of unit length.
    pub values: Vec<f32>,
}

/// Names the model and the length only: a template must not reach a log through a derived `Debug`.
impl std::fmt::Debug for FaceTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaceTemplate")
            .field("model", &self.model)
            .field("values", &format_args!("{} numbers", self.values.len()))
            .finish()
    }
}

impl FaceTemplate {
    /// The cosine of two templates, −1 to 1; `None` where models or lengths differ, or a length is zero or no number.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> Option<f32> {
        if self.model != other.model || self.values.len() != other.values.len() {
            return None;
        }
        let (mut dot, mut a2, mut b2) = (0.0f64, 0.0f64, 0.0f64);
        for (a, b) in self.values.iter().zip(&other.values) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            dot += a * b;
            a2 += a * a;
            b2 += b * b;
        }
        let norm = (a2 * b2).sqrt();
        let cosine = (dot / norm) as f32;
        (norm > 0.0 && cosine.is_finite()).then_some(cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_two_models_have_no_score() {
        let t = |m: &str, v: &[f32]| FaceTemplate {
            model: ModelId(m.into()),
            values: v.to_vec(),
        };
        assert_eq!(t("a", &[1.0, 0.0]).cosine(&t("a", &[0.0, 1.0])), Some(0.0));
        assert_eq!(
            t("a", &[1.0, 0.0]).cosine(&t("a", &[-2.0, 0.0])),
            Some(-1.0)
        );
        assert_eq!(t("a", &[1.0, 0.0]).cosine(&t("b", &[1.0, 0.0])), None);
        assert_eq!(t("a", &[1.0]).cosine(&t("a", &[1.0, 0.0])), None);
        assert_eq!(t("a", &[0.0]).cosine(&t("a", &[1.0])), None);
        // What a broken net gives is no score, rather than one below every threshold.
        for broken in [f32::NAN, f32::INFINITY] {
            assert_eq!(t("a", &[broken, 1.0]).cosine(&t("a", &[1.0, 1.0])), None);
        }
    }

    #[test]
    fn a_template_does_not_print_itself() {
        let template = FaceTemplate {
            model: ModelId("a".into()),
            values: vec![0.6, 0.8],
        };
        let printed = format!("{template:?}");
        assert!(
            printed.contains("2 numbers") && !printed.contains("0.6"),
            "{printed}"
        );
    }
}
