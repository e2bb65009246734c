//! Answers to plain HTTP requests: bounded, and from a server that goes on sending.

use super::fetch::FetchError;
use reqwest::{Client, Response};
use std::time::Duration;

/// The client for headquarters: follows no redirect, waits for no silent server.
pub(super) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("mpaka/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// An error of the client with its causes.
pub(super) fn said(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}

/// The next piece of a response's body; `None` at its end.
pub(super) async fn next_chunk(
    response: &mut Response,
) -> Result<Option<bytes::Bytes>, FetchError> {
    match response.chunk().await {
        Ok(chunk) => Ok(chunk),
        Err(e) => Err(FetchError::Unreachable {
            url: response.url().to_string(),
            why: said(&e),
        }),
    }
}

/// A response's body of bounded size, from a server that goes on sending.
pub(super) async fn body(
    mut response: Response,
    limit_bytes: usize,
    window: Duration,
) -> Result<Vec<u8>, FetchError> {
    let url = response.url().to_string();
    let mut bytes = Vec::new();
    let mut drip = Drip::from(0, window);
    loop {
        let Some(chunk) = next_chunk(&mut response).await? else {
            return Ok(bytes);
        };
        if bytes.len() + chunk.len() > limit_bytes {
            return Err(FetchError::TooLarge {
                url,
                limit_bytes: limit_bytes as u64,
            });
        }
        bytes.extend_from_slice(&chunk);
        if drip.fell_short(bytes.len() as u64) {
            return Err(too_slow(url));
        }
    }
}

/// A server that sends less than this in [`DRIP_WINDOW`] is as good as silent.
const LEAST_BYTES: u64 = 4 << 10;
/// Over how long a server's speed is looked at, and within which an answer begins.
pub(super) const DRIP_WINDOW: Duration = Duration::from_secs(60);

/// Looks whether a server goes on sending, window by window.
pub(super) struct Drip {
    window: Duration,
    since: tokio::time::Instant,
    had: u64,
}

impl Drip {
    /// From now on, with so many bytes had.
    pub(super) fn from(had: u64, window: Duration) -> Self {
        Self {
            window,
            since: tokio::time::Instant::now(),
            had,
        }
    }

    /// Whether too little came within a window that has just ended; so many bytes are had by now.
    pub(super) fn fell_short(&mut self, have: u64) -> bool {
        if self.since.elapsed() < self.window {
            return false;
        }
        let short = have.saturating_sub(self.had) < LEAST_BYTES;
        *self = Self::from(have, self.window);
        short
    }
}

pub(super) fn too_slow(url: String) -> FetchError {
    FetchError::Unreachable {
        url,
        why: "it sends too slowly to be of use".into(),
    }
}
