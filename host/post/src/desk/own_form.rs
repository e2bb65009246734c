//! Forms as pages send them, and those about the traveller in front of the officer: what each of their handlers would
//! ask first.

use super::Desk;
use super::encounter::own;
use super::running::Running;
use super::visit::{LaneVisit, Visit, refusal};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What a form holds. One that lacks something, as an older page's may, is refused in the visitor's language.
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Form<T> {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = Visit::from_request_parts(&mut parts, desk).await;
        let request = Request::from_parts(parts, body);
        match axum::Form::<T>::from_request(request, desk).await {
            Ok(axum::Form(form)) => Ok(Self(form)),
            Err(why) => Err(refusal(&visit, desk, why.status(), "form-refused")),
        }
    }
}

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
        let request = Request::from_parts(parts, body);
        let Form(form) = Form::<T>::from_request(request, desk).await?;
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
