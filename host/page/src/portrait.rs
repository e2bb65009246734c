//! The printed portrait: which of the faces in a picture is the document's.

use crate::{Picture, Rect};

/// No face finder could answer: its model is absent or broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("faces cannot be looked for: {0}")]
pub struct FacesUnavailable(pub String);

/// Something that finds faces. Implemented by the room `models`.
///
/// Contract: faces lie inside the picture; none is an empty list, not an error.
pub trait FaceFinder: Send + Sync {
    /// Every face in the picture, the surest first.
    ///
    /// # Errors
    /// [`FacesUnavailable`] where the question cannot be asked.
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable>;
}

/// The portrait among `faces`: the largest.
pub(crate) fn choose(faces: &[Rect]) -> Option<Rect> {
    faces.iter().copied().max_by_key(Rect::area)
}
