//! The Python Package Index's "simple" interface (PEP 503, and PEP 691 for JSON): from a package's
//! name to its archive's bytes.
//!
//! `PIP_INDEX_URL` names another index, as it does for pip: a mirror, or a depot without a way out.
//! Nothing from the index is trusted: the caller compares size and digest.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::Read;
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

/// The public index of the field.
const PUBLIC_INDEX: &str = "https://pypi.org/simple";
/// The most bytes that a package's page may have.
const PAGE_BYTES: u64 = 32 << 20;

/// Why an archive cannot be had from the index.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("{url} is no address of a package index")]
    Address { url: String },
    #[error("{url}: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{url} does not list {archive}")]
    NotListed { url: String, archive: String },
}

/// A package index.
pub(crate) struct Index {
    agent: Agent,
    base: String,
}

impl Index {
    /// The index that `PIP_INDEX_URL` names, else the public one.
    pub(crate) fn from_environment() -> Self {
        let base = std::env::var("PIP_INDEX_URL")
            .ok()
            .filter(|url| !url.is_empty())
            .unwrap_or_else(|| PUBLIC_INDEX.to_owned());
        Self::at(base)
    }

    fn at(base: String) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_global(Some(Duration::from_secs(1800)))
            .user_agent(concat!("mpaka-models/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, base }
    }

    /// The bytes of a package's archive, `bytes` of them at most.
    pub(crate) fn download(
        &self,
        package: &str,
        archive: &str,
        bytes: u64,
    ) -> Result<Vec<u8>, IndexError> {
        let page = format!(
            "{}/{}/",
            self.base.trim_end_matches('/'),
            normalised(package)
        );
        let page = Url::parse(&page).map_err(|_| IndexError::Address { url: page.clone() })?;
        let mut listing = String::new();
        self.get(&page)?
            .take(PAGE_BYTES)
            .read_to_string(&mut listing)
            .map_err(|e| unreachable(&page, &e))?;
        let address = listed(&page, &listing, archive).ok_or_else(|| IndexError::NotListed {
            url: page.to_string(),
            archive: archive.to_owned(),
        })?;

        let bar = ProgressBar::new(bytes).with_message(archive.to_owned());
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}")
        {
            bar.set_style(style);
        }
        let mut content = Vec::new();
        // One byte more than expected, so that a larger file shows as one.
        bar.wrap_read(self.get(&address)?.take(bytes.saturating_add(1)))
            .read_to_end(&mut content)
            .map_err(|e| unreachable(&address, &e))?;
        bar.finish_and_clear();
        Ok(content)
    }

    fn get(&self, url: &Url) -> Result<impl Read + use<>, IndexError> {
        let response = self
            .agent
            .get(url.as_str())
            .header(
                "Accept",
                "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1",
            )
            .call()
            .map_err(|e| unreachable(url, &e))?;
        Ok(response.into_body().into_reader())
    }
}

fn unreachable(url: &Url, reason: &dyn std::error::Error) -> IndexError {
    IndexError::Unreachable {
        url: url.to_string(),
        reason: reason.to_string(),
    }
}

/// A package's name as the index's addresses spell it (PEP 503).
fn normalised(package: &str) -> String {
    let lower = package.to_ascii_lowercase();
    let words: Vec<_> = lower
        .split(['-', '_', '.'])
        .filter(|w| !w.is_empty())
        .collect();
    words.join("-")
}

/// The address of `archive` on a package's page, which is JSON (PEP 691) or HTML (PEP 503).
fn listed(page: &Url, listing: &str, archive: &str) -> Option<Url> {
    #[derive(serde::Deserialize)]
    struct File {
        filename: String,
        url: String,
    }
    #[derive(serde::Deserialize)]
    struct Files {
        files: Vec<File>,
    }
    let address = match serde_json::from_str::<Files>(listing) {
        Ok(json) => json.files.into_iter().find(|f| f.filename == archive)?.url,
        Err(_) => listing
            .split("href=")
            .skip(1)
            .filter_map(|rest| {
                let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                rest[1..].split(quote).next()
            })
            .map(|href| href.replace("&amp;", "&"))
            .find(|href| {
                let path = href.split(['#', '?']).next().unwrap_or_default();
                path.rsplit('/').next() == Some(archive)
            })?,
    };
    let mut address = page.join(&address).ok()?;
    address.set_fragment(None);
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    fn find(listing: &str) -> Option<String> {
        let page = Url::parse("http://127.0.0.1:1/simple/a-b/").expect("an address");
        listed(&page, listing, "a_b-1.0.whl").map(String::from)
    }

    #[test]
    fn both_kinds_of_page_are_read() {
        assert_eq!(
            find(
                r#"{"files":[{"filename":"a_b-0.9.whl","url":"x"},{"filename":"a_b-1.0.whl","url":"../../p/a_b-1.0.whl"}]}"#
            ),
            Some("http://127.0.0.1:1/p/a_b-1.0.whl".into())
        );
        let html = r#"<a href="/q/a_b-0.9.whl#sha256=0">a</a> <a data-x="1" href='/q/a_b-1.0.whl#sha256=1'>b</a>"#;
        assert_eq!(find(html), Some("http://127.0.0.1:1/q/a_b-1.0.whl".into()));
        for nothing in [
            "",
            "{}",
            "<a href=\"x\">",
            "href=",
            "href=\"",
            "href=é\"a_b-1.0.whl",
        ] {
            assert_eq!(find(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn names_are_spelt_as_the_index_spells_them() {
        assert_eq!(normalised("Face_Recognition"), "face-recognition");
        assert_eq!(normalised("a..b--c"), "a-b-c");
    }

    /// Serves a page and a file once each on loopback, as an index without JSON does.
    fn small_index() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for stream in listener.incoming().take(2).flatten() {
                let mut first = String::new();
                let mut reader = BufReader::new(&stream);
                reader.read_line(&mut first).expect("a request");
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                    line.clear();
                }
                let body = if first.starts_with("GET /simple/a-b/ ") {
                    "<a href=\"../../files/a_b-1.0.whl#sha256=00\">a_b-1.0.whl</a>"
                } else {
                    "0123456789"
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                (&stream).write_all((head + body).as_bytes()).expect("sent");
            }
        });
        format!("http://{address}/simple")
    }

    #[test]
    fn an_archive_is_had_and_one_that_is_too_long_shows() {
        let content = Index::at(small_index())
            .download("a_b", "a_b-1.0.whl", 10)
            .expect("had");
        assert_eq!(content, b"0123456789");
        let cut = Index::at(small_index())
            .download("a_b", "a_b-1.0.whl", 5)
            .expect("had");
        assert_eq!(cut.len(), 6);
    }

    #[test]
    fn an_index_that_is_not_there_is_said_by_its_address() {
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address")
            .port();
        let error = Index::at(format!("http://127.0.0.1:{port}/simple/"))
            .download("a", "a-1.whl", 1)
            .expect_err("nobody listens");
        assert!(
            error
                .to_string()
                .contains(&format!("http://127.0.0.1:{port}/simple/a/"))
        );
        assert!(matches!(
            Index::at("no address".into()).download("a", "a-1.whl", 1),
            Err(IndexError::Address { .. })
        ));
    }
}
