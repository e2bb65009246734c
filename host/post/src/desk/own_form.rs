//! A form about the traveller in front of the officer: what each of its handlers would ask first.

use super::Desk;
use super::encounter::own;
use super::running::Running;
use super::visit::LaneVisit;
use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A form that names the session which it was made by.
pub(super) trait Made: DeserializeOwned {
    /// The session's token in it.
    fn csrf(&self) -> &str;
}

/// A form that this session made, about the officer's own traveller. A form from elsewhere is refused; who has no
/// such traveller any more is shown the lane.
pub(super) struct OwnForm<T> {
    pub(super) visit: LaneVisit,
    pub(super) running: Arc<Running>,
    pub(super) form: T,
}

impl<T: Made> FromRequest<Arc<Desk>> for OwnForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = LaneVisit::from_request_parts(&mut parts, desk)
            .await
            .map_err(IntoResponse::into_response)?;
        let Path(id) = Path::<String>::from_request_parts(&mut parts, desk)
            .await
            .map_err(IntoResponse::into_response)?;
        let Form(form) = Form::<T>::from_request(Request::from_parts(parts, body), desk)
            .await
            .map_err(IntoResponse::into_response)?;
        if !visit.made(form.csrf()) {
            return Err(visit.refuse(desk));
        }
        match own(&visit, &id) {
            Some(running) => Ok(Self {
                visit,
                running,
                form,
            }),
            None => Err(Redirect::to("/").into_response()),
        }
    }
}

/// A form that says nothing but that this session made it.
#[derive(serde::Deserialize)]
pub(super) struct BareForm {
    csrf: String,
}

impl Made for BareForm {
    fn csrf(&self) -> &str {
        &self.csrf
    }
}
