//! What every request passes: whose certificate or token it shows, where it comes from, and the headers of every answer.

use super::Hall;
use crate::access::{Scope, Token};
use crate::listening::Access;
use crate::people::{KeyDigest, Role};
use crate::transport::device_of;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use rules::OfficerId;
use rustls::pki_types::CertificateDer;
use std::sync::Arc;
use std::time::Duration;

/// No request of a page or another system is larger, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// So long may the body of one take: at 64 kbit/s the largest takes eight seconds.
const BODY_PATIENCE: Duration = Duration::from_secs(20);

/// The cookie with a person's token.
pub(super) const COOKIE: &str = "mpaka_hq";

/// The names of this machine to itself.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Visitor {
    /// Somebody on this machine, or behind the proxy on it.
    Local,
    /// Who has the key of the certificate that was shown.
    Key(KeyDigest),
    /// A box: it has nothing to do here.
    Box,
}

impl Visitor {
    /// Whom a certificate of ours stands for.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        match device_of(certificate) {
            Some(_) => Some(Self::Box),
            None => KeyDigest::of(certificate).map(Self::Key),
        }
    }
}

/// What the certificate of a request says.
#[derive(Debug, Clone)]
pub(super) enum Certified {
    /// Nothing: in the clear there is none.
    Nothing,
    /// A person comes, and may do this.
    Person(Token),
    /// This system comes; what it may do says the token that was made for it.
    System(OfficerId),
}

impl Certified {
    /// Whether this token is good beside it. Nobody adds to a role by a token.
    pub(super) fn takes(&self, token: &Token) -> bool {
        match self {
            Self::Nothing => token.goes_with(None),
            Self::System(name) => token.goes_with(Some(name)),
            Self::Person(_) => false,
        }
    }
}

/// Refuses whoever is nobody here and what another site sent, and sets the headers that keep a page to itself.
pub(super) async fn guard(State(hall): State<Arc<Hall>>, request: Request, next: Next) -> Response {
    let allowed = let_in(&hall, &request);
    let found = match allowed {
        Ok(certified) => whole(request, BODY_PATIENCE)
            .await
            .map(|request| (request, certified)),
        Err(refusal) => Err(refusal),
    };
    let mut response = match found {
        Ok((mut request, certified)) => {
            request.extensions_mut().insert(certified);
            next.run(request).await
        }
        Err(refusal) => *refusal,
    };
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

/// The request with all of its body. Whoever is let in holds a connection no longer by sending slowly than by sending
/// nothing.
async fn whole(request: Request, patience: Duration) -> Result<Request, Box<Response>> {
    let (parts, body) = request.into_parts();
    let refusal = match tokio::time::timeout(patience, axum::body::to_bytes(body, BODY_LIMIT)).await
    {
        Ok(Ok(bytes)) => return Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "malformed",
            "nothing that is sent here is so large",
        ),
        Err(_) => problem(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "the body did not come",
        ),
    };
    Err(Box::new(refusal))
}

/// Whether a request is for this server and comes from its own pages; and who it is, by the certificate.
fn let_in(hall: &Hall, request: &Request) -> Result<Certified, Box<Response>> {
    let headers = request.headers();
    let goes_by_it = match &hall.access {
        Access::PlainLoopback => goes_by(headers, &LOCAL),
        Access::Tls { names } => goes_by(headers, names),
    };
    if !goes_by_it {
        return Err(Box::new(problem(
            StatusCode::MISDIRECTED_REQUEST,
            "another_host",
            "this server does not go by that name",
        )));
    }
    let scheme = match hall.access {
        Access::PlainLoopback => "http://",
        Access::Tls { .. } => "https://",
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && from_elsewhere(headers, scheme) {
        return Err(refused("another_site", "another site sent this form"));
    }
    match (&hall.access, request.extensions().get::<Visitor>()) {
        (Access::PlainLoopback, _) => Ok(Certified::Nothing),
        (Access::Tls { .. }, Some(Visitor::Key(key))) => certified(hall, key),
        (Access::Tls { .. }, _) => Err(refused(
            "not_a_person",
            "this is the certificate of a box; people and other systems have their own",
        )),
    }
}

/// Whose certificate it is, and what it lets them do.
fn certified(hall: &Hall, key: &KeyDigest) -> Result<Certified, Box<Response>> {
    let person = hall.office().person(key);
    let Some(person) = person.map_err(|e| Box::new(failed(&e)))? else {
        return Err(refused(
            "unknown_person",
            "this certificate stands for nobody here: see mpaka-hq person",
        ));
    };
    match person.token((hall.clock)()) {
        None => Err(refused(
            "certificate_ended",
            "this certificate was ended, or its time is over: ask for another",
        )),
        Some(_) if person.role == Role::System => Ok(Certified::System(person.name)),
        Some(token) => Ok(Certified::Person(token)),
    }
}

fn refused(error: &'static str, detail: &str) -> Box<Response> {
    tracing::warn!(error, "a request was refused");
    Box::new(problem(StatusCode::FORBIDDEN, error, detail))
}

/// Another name in the Host field is another site's trick to read from here.
fn goes_by(headers: &HeaderMap, names: &[impl AsRef<str>]) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|v| v.to_str().ok()) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    // An address of IPv6 stands in brackets there.
    let name = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    names
        .iter()
        .any(|known| known.as_ref().eq_ignore_ascii_case(name))
}

fn from_elsewhere(headers: &HeaderMap, scheme: &str) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        // The browser's own word, which no page can change. Behind a proxy the origin is the proxy's.
        Some(b"same-origin") => return false,
        Some(b"none") | None => {}
        Some(_) => return true,
    }
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    origin.is_some_and(|origin| origin.strip_prefix(scheme) != host)
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

/// Who shows what with a request.
pub(super) enum Shown {
    /// Neither certificate nor token.
    Nobody,
    /// A token, in its cookie or as bearer.
    Token(Token),
    /// A token that is not good beside the certificate that was shown, or without one.
    Unbound,
    /// A person's certificate, and what it lets them do.
    Person(Token),
}

impl Shown {
    /// Who it is, where this may be done; for programs.
    pub(super) fn may(self, scope: Scope) -> Result<Token, Box<Response>> {
        match self {
            Self::Token(token) | Self::Person(token) if token.may(scope) => Ok(token),
            Self::Token(_) => Err(Box::new(problem(
                StatusCode::FORBIDDEN,
                "wrong_scope",
                "this token is not for that",
            ))),
            Self::Person(_) => Err(Box::new(problem(
                StatusCode::FORBIDDEN,
                "wrong_role",
                "your role does not include that",
            ))),
            Self::Unbound => Err(refused(
                "wrong_certificate",
                "a token is good with the certificate of the system that it was made for, and one that was made for \
                 none on this machine alone: see mpaka-hq token make --system",
            )),
            Self::Nobody => {
                let mut refusal = problem(StatusCode::UNAUTHORIZED, "no_token", "show a token");
                refusal
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                Err(Box::new(refusal))
            }
        }
    }

    /// Who it is, where this may be done; a person who shows nothing is led to the sign-in.
    pub(super) fn may_see(self, scope: Scope) -> Result<Token, Box<Response>> {
        match self {
            Self::Nobody => Err(Box::new(Redirect::to("/sign-in").into_response())),
            shown => shown.may(scope),
        }
    }
}

impl FromRequestParts<Arc<Hall>> for Shown {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, hall: &Arc<Hall>) -> Result<Self, Response> {
        let nothing = Certified::Nothing;
        let certified = parts.extensions.get().unwrap_or(&nothing);
        if let Certified::Person(token) = certified {
            return Ok(Self::Person(token.clone()));
        }
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
            return Ok(Self::Nobody);
        };
        hall.office()
            .token(secret)
            .map(|token| match token {
                None => Self::Nobody,
                Some(token) if certified.takes(&token) => Self::Token(token),
                Some(_) => Self::Unbound,
            })
            .map_err(|e| failed(&e))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_body_is_waited_for_a_while_and_taken_up_to_a_size() {
        let asked = |body: Body| whole(Request::new(body), Duration::from_millis(20));
        let silent = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let refused = asked(Body::from_stream(silent)).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
        let refused = asked(Body::from(vec![b'x'; BODY_LIMIT + 1])).await;
        assert_eq!(refused.unwrap_err().status(), StatusCode::PAYLOAD_TOO_LARGE);
        let largest = vec![b'x'; BODY_LIMIT];
        let taken = asked(Body::from(largest.clone())).await.unwrap();
        let body = axum::body::to_bytes(taken.into_body(), BODY_LIMIT).await;
        assert_eq!(body.unwrap(), largest);
    }

    #[test]
    fn a_form_of_our_own_comes_through_a_proxy_and_none_of_another_site() {
        let elsewhere = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for &(name, value) in fields {
                headers.insert(name, HeaderValue::from_static(value));
            }
            from_elsewhere(&headers, "http://")
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

    #[test]
    fn a_server_goes_by_its_own_names_alone() {
        let goes = |host: &'static str, names: &[&str]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static(host));
            goes_by(&headers, names)
        };
        for host in [
            "localhost",
            "LOCALHOST:8472",
            "127.0.0.1:1",
            "[::1]:8472",
            "[::1]",
        ] {
            assert!(goes(host, &LOCAL), "{host}");
        }
        assert!(goes("hq.example:8472", &["hq.example"]));
        for host in ["evil.example", "hq.example.evil.example", "localhost.", ""] {
            assert!(!goes(host, &["hq.example", "localhost"]), "{host}");
        }
        assert!(!goes_by(&HeaderMap::new(), &LOCAL));
    }
}
