//! What every request passes: whose token it shows, where it comes from, and the headers of every answer.

use super::Hall;
use crate::access::{Scope, Token};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// The cookie with a person's token.
pub(super) const COOKIE: &str = "mpaka_hq";

/// Refuses what another site sent here, and sets the headers that keep a page to itself.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !for_this_machine(headers) {
        return problem(
            StatusCode::MISDIRECTED_REQUEST,
            "another_host",
            "this server answers for this machine only",
        );
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && from_elsewhere(headers) {
        return problem(
            StatusCode::FORBIDDEN,
            "another_site",
            "another site sent this form",
        );
    }
    let mut response = next.run(request).await;
    let set = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        // Not `no-referrer`: that makes a form of our own come without its origin.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        set.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

/// Another name in the Host field is another site's trick to read from here.
fn for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn from_elsewhere(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        // The browser's own word, which no page can change. Behind a proxy the origin is the proxy's.
        Some(b"same-origin") => return false,
        Some(b"none") | None => {}
        Some(_) => return true,
    }
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    origin.is_some_and(|origin| origin.strip_prefix("http://") != host)
}

/// An answer that is a problem, for a program.
pub(super) fn problem(status: StatusCode, error: &str, detail: &str) -> Response {
    let body = serde_json::json!({ "error": error, "detail": detail });
    (status, axum::Json(body)).into_response()
}

/// What the databases did not do.
pub(super) fn failed(e: &crate::HqError) -> Response {
    tracing::error!(error = %e, "a request failed");
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "a database failed; try again later",
    )
}

/// Whose token a request shows, in its cookie or as bearer.
pub(super) struct Shown(pub(super) Option<Token>);

impl Shown {
    /// The token, where it may be used for this; for programs.
    pub(super) fn may(self, scope: Scope) -> Result<Token, Box<Response>> {
        match self.0 {
            Some(token) if token.may(scope) => Ok(token),
            Some(_) => Err(Box::new(problem(
                StatusCode::FORBIDDEN,
                "wrong_scope",
                "this token is not for that",
            ))),
            None => {
                let mut refusal = problem(StatusCode::UNAUTHORIZED, "no_token", "show a token");
                refusal
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                Err(Box::new(refusal))
            }
        }
    }

    /// The token, where it may be used for this; a person without one is led to the sign-in.
    pub(super) fn may_see(self, scope: Scope) -> Result<Token, Box<Response>> {
        match self.0 {
            None => Err(Box::new(Redirect::to("/sign-in").into_response())),
            shown => Self(shown).may(scope),
        }
    }
}

impl FromRequestParts<Arc<Hall>> for Shown {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, hall: &Arc<Hall>) -> Result<Self, Response> {
        let text = |name| parts.headers.get(name).and_then(|v| v.to_str().ok());
        // RFC 9110 section 11.1: in what case the scheme is written says nothing.
        let bearer = text(header::AUTHORIZATION).and_then(|shown| {
            let (scheme, secret) = shown.split_once(' ')?;
            let is_bearer = scheme.eq_ignore_ascii_case("bearer");
            is_bearer.then_some(secret.trim_start())
        });
        let cookie = text(header::COOKIE).and_then(|cookies| {
            cookies
                .split(';')
                .filter_map(|c| c.trim().split_once('='))
                .find(|(name, _)| *name == COOKIE)
                .map(|(_, value)| value)
        });
        let Some(secret) = bearer.or(cookie) else {
            return Ok(Self(None));
        };
        hall.office()
            .token(secret)
            .map(Self)
            .map_err(|e| failed(&e))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_form_of_our_own_comes_through_a_proxy_and_none_of_another_site() {
        let elsewhere = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for &(name, value) in fields {
                headers.insert(name, HeaderValue::from_static(value));
            }
            from_elsewhere(&headers)
        };
        let host = ("host", "127.0.0.1:8472");
        let proxy = ("origin", "https://hq.example");
        assert!(!elsewhere(&[
            host,
            proxy,
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(elsewhere(&[host, proxy, ("sec-fetch-site", "same-site")]));
        assert!(elsewhere(&[host, proxy, ("sec-fetch-site", "none")]));
        assert!(elsewhere(&[host, proxy]));
        assert!(!elsewhere(&[host, ("origin", "http://127.0.0.1:8472")]));
        assert!(!elsewhere(&[host]));
    }
}
