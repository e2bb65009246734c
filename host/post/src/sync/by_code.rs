//! Asking headquarters to be taken in by code ([`seal::code`]): in the clear, to whatever address the technician was
//! told. A box that is not enrolled has no certificate to show and no authority to believe; question and answer prove
//! the code themselves.

use super::answer::{DRIP_WINDOW, body, client, said};
use super::link::Answer;
use super::upload::UploadError;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use seal::code::{Asked, CodeKey, GIVEN_LIMIT, Given};

/// Asks at this address; the answer, once it is known to come from somebody who knows the code.
///
/// # Errors
/// [`UploadError::Address`], [`UploadError::Unreachable`], [`UploadError::Refused`], and [`UploadError::Seal`] where
/// the answer is not one to this question.
pub async fn enrol_by_code(hq: &str, asked: &Asked, key: &CodeKey) -> Result<Given, UploadError> {
    let wrong = |why: &str| UploadError::Address {
        url: hq.to_owned(),
        why: why.to_owned(),
    };
    let place = format!("{}/v1/enrolments", hq.trim_end_matches('/'));
    let place = Url::parse(&place).map_err(|e| wrong(&e.to_string()))?;
    if place.scheme() != "http" {
        return Err(wrong("boxes are taken in at an http address"));
    }
    let unreachable = |e: reqwest::Error| UploadError::Unreachable(said(&e));
    let response = client()
        .map_err(unreachable)?
        .post(place)
        .header(CONTENT_TYPE, "application/cbor")
        .body(asked.to_bytes())
        .send()
        .await
        .map_err(unreachable)?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = body(response, GIVEN_LIMIT, DRIP_WINDOW)
        .await
        .map_err(|e| UploadError::Unreachable(e.to_string()))?;
    let answer = Answer {
        status,
        headers,
        body: body.into(),
    };
    Ok(Given::from_bytes(&answer.granted()?, asked, key)?)
}
