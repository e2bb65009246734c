//! Fetching a bundle by HTTP into the spool: only the files that its own metadata names, each bounded.
//! Nothing here is believed; [`seal::bundle`] verifies what lies in the spool afterwards.

use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// No metadata file of a bundle is larger.
const METADATA_LIMIT_BYTES: usize = 10 << 20;
/// How many new roots a bundle may bring: as many as the verifier follows.
const MOST_ROOTS: u64 = 1024;

/// Why the bundle could not be fetched. The spool may hold a part of it; the box is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be used.
    #[error("{url} cannot be used: {why}")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server cannot be reached, or broke off: try again.
    #[error("{url}: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What happened.
        why: String,
    },
    /// The server has no such file: is this the address of a published edition?
    #[error("{url}: the server answered {status}")]
    Absent {
        /// What was asked for.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// A file is larger than it may be.
    #[error("{url} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// What was asked for.
        url: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A metadata file is not what such a file is.
    #[error("{url} is no metadata of a bundle: {why}")]
    NotMetadata {
        /// What was asked for.
        url: String,
        /// What does not fit.
        why: &'static str,
    },
    /// The spool cannot be written: is the disk full?
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

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
async fn next_chunk(response: &mut Response) -> Result<Option<bytes::Bytes>, FetchError> {
    match response.chunk().await {
        Ok(chunk) => Ok(chunk),
        Err(e) => Err(FetchError::Unreachable {
            url: response.url().to_string(),
            why: said(&e),
        }),
    }
}

/// A response's body of bounded size.
pub(super) async fn body(
    mut response: Response,
    limit_bytes: usize,
) -> Result<Vec<u8>, FetchError> {
    let url = response.url().to_string();
    let mut bytes = Vec::new();
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
    }
}

/// Fetches the bundle at `base` into `spool` (emptied first), roots newer than `root_version` included.
///
/// # Errors
/// [`FetchError`].
pub(super) async fn fetch(base: &str, spool: &Path, root_version: u64) -> Result<(), FetchError> {
    let address = |why: String| FetchError::Address {
        url: base.to_owned(),
        why,
    };
    let slashed = if base.ends_with('/') {
        base.to_owned()
    } else {
        format!("{base}/")
    };
    let fetcher = Fetcher {
        client: client().map_err(|e| address(e.to_string()))?,
        base: Url::parse(&slashed).map_err(|e| address(e.to_string()))?,
        spool,
    };
    fetcher.empty_spool()?;
    for version in root_version + 1..=root_version.saturating_add(MOST_ROOTS) {
        match fetcher.metadata(&format!("{version}.root.json")).await {
            Ok(_) => {}
            Err(FetchError::Absent { .. }) => break,
            Err(other) => return Err(other),
        }
    }
    let timestamp = fetcher.metadata("timestamp.json").await?;
    let snapshot_version = fetcher.listed_version(&timestamp, "timestamp.json", "snapshot.json")?;
    let snapshot_name = format!("{snapshot_version}.snapshot.json");
    let snapshot = fetcher.metadata(&snapshot_name).await?;
    let targets_version = fetcher.listed_version(&snapshot, &snapshot_name, "targets.json")?;
    let targets_name = format!("{targets_version}.targets.json");
    let targets = fetcher.metadata(&targets_name).await?;
    let listed = targets
        .pointer("/signed/targets")
        .and_then(Value::as_object)
        .ok_or_else(|| fetcher.no_metadata(&targets_name, "it lists no files"))?;
    let mut total: u64 = 0;
    for (name, target) in listed {
        let length = target.get("length").and_then(Value::as_u64);
        let sha256 = target.pointer("/hashes/sha256").and_then(Value::as_str);
        let (Some(length), Some(sha256)) = (length, sha256) else {
            return Err(fetcher.no_metadata(&targets_name, "a file has no length or digest"));
        };
        total = total.saturating_add(length);
        if total > seal::bundle::TOTAL_LIMIT_BYTES {
            return Err(FetchError::TooLarge {
                url: base.to_owned(),
                limit_bytes: seal::bundle::TOTAL_LIMIT_BYTES,
            });
        }
        if !plain(name) || !plain(sha256) {
            return Err(fetcher.no_metadata(&targets_name, "a file has a name that no edition has"));
        }
        fetcher.target(&format!("{sha256}.{name}"), length).await?;
    }
    Ok(())
}

/// A name that cannot leave its folder, nor the server's.
fn plain(name: &str) -> bool {
    (1..=200).contains(&name.len())
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

struct Fetcher<'a> {
    client: Client,
    base: Url,
    spool: &'a Path,
}

impl Fetcher<'_> {
    fn empty_spool(&self) -> Result<(), FetchError> {
        let disk = |source| FetchError::Disk {
            path: self.spool.to_owned(),
            source,
        };
        if self.spool.exists() {
            std::fs::remove_dir_all(self.spool).map_err(disk)?;
        }
        for folder in ["metadata", "targets"] {
            std::fs::create_dir_all(self.spool.join(folder)).map_err(disk)?;
        }
        Ok(())
    }

    fn url(&self, folder: &str, name: &str) -> Result<Url, FetchError> {
        self.base
            .join(&format!("{folder}/{name}"))
            .map_err(|e| FetchError::Address {
                url: format!("{}{folder}/{name}", self.base),
                why: e.to_string(),
            })
    }

    async fn get(&self, folder: &str, name: &str) -> Result<Response, FetchError> {
        let url = self.url(folder, name)?;
        let response =
            self.client
                .get(url.clone())
                .send()
                .await
                .map_err(|e| FetchError::Unreachable {
                    url: url.to_string(),
                    why: said(&e),
                })?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Absent {
                url: url.to_string(),
                status: response.status().as_u16(),
            });
        }
        Ok(response)
    }

    async fn metadata(&self, name: &str) -> Result<Value, FetchError> {
        let bytes = body(self.get("metadata", name).await?, METADATA_LIMIT_BYTES).await?;
        let path = self.spool.join("metadata").join(name);
        std::fs::write(&path, &bytes).map_err(|source| FetchError::Disk { path, source })?;
        serde_json::from_slice(&bytes).map_err(|_| self.no_metadata(name, "it is no JSON"))
    }

    fn no_metadata(&self, name: &str, why: &'static str) -> FetchError {
        FetchError::NotMetadata {
            url: format!("{}metadata/{name}", self.base),
            why,
        }
    }

    fn listed_version(
        &self,
        metadata: &Value,
        name: &str,
        listed: &str,
    ) -> Result<u64, FetchError> {
        metadata
            .get("signed")
            .and_then(|s| s.get("meta"))
            .and_then(|m| m.get(listed))
            .and_then(|l| l.get("version"))
            .and_then(Value::as_u64)
            .ok_or_else(|| self.no_metadata(name, "it names no next file"))
    }

    async fn target(&self, name: &str, length: u64) -> Result<(), FetchError> {
        let path = self.spool.join("targets").join(name);
        let disk = |source| FetchError::Disk {
            path: path.clone(),
            source,
        };
        let mut response = self.get("targets", name).await?;
        let url = response.url().to_string();
        let mut file = tokio::fs::File::create(&path).await.map_err(disk)?;
        let mut written: u64 = 0;
        loop {
            let Some(chunk) = next_chunk(&mut response).await? else {
                break;
            };
            written = written.saturating_add(chunk.len() as u64);
            if written > length {
                return Err(FetchError::TooLarge {
                    url,
                    limit_bytes: length,
                });
            }
            file.write_all(&chunk).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_stay_in_their_folder() {
        for good in ["persons.bin", "a", "ab12.documents-1.idx"] {
            assert!(plain(good), "{good}");
        }
        for bad in [
            "", "..", "../x", "a/b", "a\\b", ".x", "a?b", "a%2fb", "a b", "é",
        ] {
            assert!(!plain(bad), "{bad}");
        }
        assert!(!plain(&"x".repeat(201)));
    }
}
