//! What every request passes: it must be meant for this desk, and every answer carries its safeguards.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Nothing from elsewhere, nothing inline, nothing framed.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Refuses what is not meant for this desk, and lays the safeguards on every answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let meant = meant_for_us(request.method(), request.headers());
    // The pictures of a demonstration are nobody's.
    let path = request.uri().path();
    let lasting = path.starts_with("/assets/") || path.starts_with("/scenes/");
    let mut response = match meant {
        Ok(()) => next.run(request).await,
        Err(why) => (StatusCode::FORBIDDEN, why).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with it browsers send our own forms with the origin `null`.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), usb=()",
        ),
        (
            header::CACHE_CONTROL,
            // Persons' data stays in no cache; the desk's own dress may.
            if lasting {
                "private, max-age=600"
            } else {
                "no-store"
            },
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A request is meant for this desk where it names a loopback host (another name that leads here is
/// somebody's trick with DNS), and, where it changes something, where no other site sent it.
fn meant_for_us(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let host = text(headers, &header::HOST).ok_or("the request names no host")?;
    if !is_loopback(host) {
        return Err("this desk answers on loopback only");
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    if let Some(site) = text(headers, &HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
    {
        return Err("another site sent this");
    }
    match text(headers, &header::ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Err("another site sent this")
        }
        _ => Ok(()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether `host` (with or without port) is a loopback address or `localhost`.
fn is_loopback(host: &str) -> bool {
    let name = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or(host)
    } else {
        host.split(':').next().unwrap_or(host)
    };
    matches!(name, "localhost" | "[::1]")
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| {
                (
                    HeaderName::from_static(n),
                    HeaderValue::from_str(v).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for good in [
            "127.0.0.1:8470",
            "localhost:8470",
            "[::1]:8470",
            "127.0.0.1",
        ] {
            assert!(
                meant_for_us(&Method::GET, &headers(&[("host", good)])).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "evil.example",
            "127.0.0.1.evil.example:8470",
            "localhost.evil.example",
            "10.0.0.1:8470",
            "",
            "[::2]",
        ] {
            assert!(
                meant_for_us(&Method::GET, &headers(&[("host", bad)])).is_err(),
                "{bad}"
            );
        }
        assert!(meant_for_us(&Method::GET, &HeaderMap::new()).is_err());
    }

    #[test]
    fn another_site_changes_nothing() {
        let host = ("host", "127.0.0.1:8470");
        let post = |more: &[(&'static str, &str)]| {
            let mut all = vec![host];
            all.extend_from_slice(more);
            meant_for_us(&Method::POST, &headers(&all))
        };
        assert!(
            post(&[]).is_ok(),
            "a script on the box sends neither header"
        );
        assert!(
            post(&[
                ("origin", "http://127.0.0.1:8470"),
                ("sec-fetch-site", "same-origin")
            ])
            .is_ok()
        );
        for origin in [
            "http://evil.example",
            "null",
            "http://127.0.0.1:9999",
            "https://127.0.0.1:8470",
        ] {
            assert!(post(&[("origin", origin)]).is_err(), "{origin}");
        }
        assert!(post(&[("sec-fetch-site", "cross-site")]).is_err());
        assert!(post(&[("sec-fetch-site", "same-site")]).is_err());
    }
}
