//! Fetching a bundle by HTTP into the spool: its metadata, then the files that are wanted, each bounded and each
//! gone on with where a cut broke it off (RFC 9110 section 14, ranges). Nothing here is believed; [`seal::bundle`]
//! verifies what lies in the spool.

use super::answer::{DRIP_WINDOW, Drip, body, client, next_chunk, said, too_slow};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// No metadata file of a bundle is larger.
const METADATA_LIMIT_BYTES: usize = 10 << 20;
/// All that one fetching takes together are no larger: nobody has signed yet that there are so many.
const ALL_METADATA_BYTES: usize = 64 << 20;
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

/// Fetches the metadata of the bundle at `base` into `spool`, roots newer than `root_version` included. What has
/// been fetched of its files stays for [`files`] to go on from.
///
/// # Errors
/// [`FetchError`].
pub(super) async fn metadata(
    base: &str,
    spool: &Path,
    root_version: u64,
) -> Result<(), FetchError> {
    let fetcher = Fetcher::new(base, spool)?;
    fetcher.empty_metadata()?;
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
    fetcher
        .metadata(&format!("{targets_version}.targets.json"))
        .await
        .map(drop)
}

/// Fetches files (by the names that they are stored under, with their signed lengths) into the spool: what is there
/// in full is not fetched, what is there in part is gone on with. Whatever else the spool holds is removed.
///
/// # Errors
/// [`FetchError`]; what has come so far stays.
pub(super) async fn files(
    base: &str,
    spool: &Path,
    wanted: &[(String, u64)],
) -> Result<(), FetchError> {
    let fetcher = Fetcher::new(base, spool)?;
    let folder = spool.join("targets");
    let disk = |source| FetchError::Disk {
        path: folder.clone(),
        source,
    };
    for entry in std::fs::read_dir(&folder).map_err(disk)? {
        let entry = entry.map_err(disk)?;
        let name = entry.file_name();
        let useful = wanted.iter().any(|(file, _)| {
            name.to_str()
                .is_some_and(|n| n == file || n == partly(file))
        });
        if !useful {
            std::fs::remove_file(entry.path()).map_err(disk)?;
        }
    }
    for (name, length) in wanted {
        if !plain(name) {
            return Err(fetcher.no_metadata(name, "a file has a name that no edition has"));
        }
        fetcher.target(name, *length).await?;
    }
    Ok(())
}

/// The name of a file that has come in part.
fn partly(name: &str) -> String {
    format!("{name}.part")
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
    /// [`DRIP_WINDOW`].
    window: Duration,
    /// What is left of [`ALL_METADATA_BYTES`].
    metadata_left: Cell<usize>,
}

impl Fetcher<'_> {
    fn new<'a>(base: &str, spool: &'a Path) -> Result<Fetcher<'a>, FetchError> {
        let address = |why: String| FetchError::Address {
            url: base.to_owned(),
            why,
        };
        let slashed = if base.ends_with('/') {
            base.to_owned()
        } else {
            format!("{base}/")
        };
        Ok(Fetcher {
            client: client().map_err(|e| address(e.to_string()))?,
            base: Url::parse(&slashed).map_err(|e| address(e.to_string()))?,
            spool,
            window: DRIP_WINDOW,
            metadata_left: Cell::new(ALL_METADATA_BYTES),
        })
    }

    fn empty_metadata(&self) -> Result<(), FetchError> {
        let disk = |source| FetchError::Disk {
            path: self.spool.to_owned(),
            source,
        };
        let metadata = self.spool.join("metadata");
        if metadata.exists() {
            std::fs::remove_dir_all(&metadata).map_err(disk)?;
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

    /// Asks for a file, from this byte on.
    async fn get(&self, folder: &str, name: &str, from: u64) -> Result<Response, FetchError> {
        let url = self.url(folder, name)?;
        let mut request = self.client.get(url.clone());
        if from > 0 {
            request = request.header(reqwest::header::RANGE, format!("bytes={from}-"));
        }
        // One that drips out its headers is silent as well.
        let response = tokio::time::timeout(self.window, request.send())
            .await
            .map_err(|_| too_slow(url.to_string()))?
            .map_err(|e| FetchError::Unreachable {
                url: url.to_string(),
                why: said(&e),
            })?;
        let partial = from > 0 && response.status() == StatusCode::PARTIAL_CONTENT;
        if response.status() != StatusCode::OK && !partial {
            return Err(FetchError::Absent {
                url: url.to_string(),
                status: response.status().as_u16(),
            });
        }
        Ok(response)
    }

    async fn metadata(&self, name: &str) -> Result<Value, FetchError> {
        let limit = METADATA_LIMIT_BYTES.min(self.metadata_left.get());
        let bytes = body(self.get("metadata", name, 0).await?, limit, self.window).await?;
        self.metadata_left
            .set(self.metadata_left.get().saturating_sub(bytes.len()));
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
        let folder = self.spool.join("targets");
        let (path, part) = (folder.join(name), folder.join(partly(name)));
        let disk = |source| FetchError::Disk {
            path: part.clone(),
            source,
        };
        if std::fs::metadata(&path).is_ok_and(|m| m.len() == length) {
            return Ok(());
        }
        let mut file = tokio::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&part)
            .await
            .map_err(disk)?;
        let mut written = file.metadata().await.map_err(disk)?.len();
        // What a power cut left may end in bytes that never were the file's: the digest tells, and then all of
        // it is fetched again. One that is too long is begun anew at once.
        if written > length {
            file.set_len(0).await.map_err(disk)?;
            written = 0;
        }
        if written < length {
            let mut response = self.get("targets", name, written).await?;
            let url = response.url().to_string();
            if written > 0 && response.status() == StatusCode::OK {
                // The server knows no ranges.
                file.set_len(0).await.map_err(disk)?;
                written = 0;
            }
            let mut drip = Drip::from(written, self.window);
            while let Some(chunk) = next_chunk(&mut response).await? {
                written = written.saturating_add(chunk.len() as u64);
                if written > length {
                    return Err(FetchError::TooLarge {
                        url,
                        limit_bytes: length,
                    });
                }
                file.write_all(&chunk).await.map_err(disk)?;
                if drip.fell_short(written) {
                    file.flush().await.map_err(disk)?;
                    return Err(too_slow(url));
                }
            }
            if written < length {
                file.flush().await.map_err(disk)?;
                return Err(FetchError::Unreachable {
                    url,
                    why: format!("it broke off after {written} of {length} bytes"),
                });
            }
        }
        file.flush().await.map_err(disk)?;
        file.sync_all().await.map_err(disk)?;
        std::fs::rename(&part, &path).map_err(disk)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

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

    /// How a server treats the file that is asked of it.
    #[derive(Clone, Copy, PartialEq)]
    enum Manner {
        /// Breaks off after so many bytes of an answer.
        BreaksOffAfter(usize),
        /// Knows no ranges.
        KnowsNoRanges,
        /// Sends more than there is, for ever.
        Endless,
        /// Sends a byte now and then.
        Drips,
    }

    /// A server of one file; the ranges that were asked of it.
    async fn server(content: Vec<u8>, manner: Manner) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 1024];
                while !request.windows(4).any(|w| w == b"\r\n\r\n") {
                    let count = socket.read(&mut buffer).await.unwrap();
                    request.extend_from_slice(&buffer[..count]);
                }
                let text = String::from_utf8_lossy(&request).to_lowercase();
                let range = text.lines().find_map(|l| l.strip_prefix("range: bytes="));
                noted.lock().unwrap().push(range.unwrap_or("").to_owned());
                let from = range
                    .filter(|_| manner != Manner::KnowsNoRanges)
                    .and_then(|r| r.trim_end_matches('-').parse::<usize>().ok())
                    .unwrap_or(0);
                let body = content.get(from..).unwrap_or_default();
                let status = if from > 0 {
                    "206 Partial Content"
                } else {
                    "200 OK"
                };
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n");
                socket.write_all(head.as_bytes()).await.unwrap();
                match manner {
                    Manner::KnowsNoRanges => {
                        socket.write_all(body).await.unwrap();
                    }
                    Manner::BreaksOffAfter(count) => {
                        let count = count.min(body.len());
                        socket.write_all(&body[..count]).await.unwrap();
                    }
                    Manner::Endless => while socket.write_all(&[7; 4096]).await.is_ok() {},
                    Manner::Drips => {
                        while socket.write_all(b"x").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            }
        });
        (url, asked)
    }

    fn spool() -> tempfile::TempDir {
        let spool = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(spool.path().join("targets")).unwrap();
        spool
    }

    fn content() -> Vec<u8> {
        (0..100_000u32).map(|n| (n % 253) as u8).collect()
    }

    #[tokio::test]
    async fn a_download_that_was_cut_goes_on_where_it_was() {
        let spool = spool();
        let wanted = [("aa.f".to_owned(), 100_000)];
        let kept = || std::fs::read(spool.path().join("targets/aa.f")).unwrap_or_default();
        let mut rounds = 0;
        let (url, asked) = server(content(), Manner::BreaksOffAfter(30_000)).await;
        while files(&url, spool.path(), &wanted).await.is_err() {
            rounds += 1;
            assert!(rounds < 10);
        }
        assert_eq!(kept(), content());
        assert_eq!(*asked.lock().unwrap(), ["", "30000-", "60000-", "90000-"]);
        // What is there in full is not asked for again.
        files(&url, spool.path(), &wanted).await.unwrap();
        assert_eq!(asked.lock().unwrap().len(), 4);
    }

    #[tokio::test]
    async fn a_server_that_knows_no_ranges_sends_it_all_again() {
        let spool = spool();
        std::fs::write(spool.path().join("targets/aa.f.part"), &content()[..50]).unwrap();
        std::fs::write(spool.path().join("targets/of-yesterday"), b"x").unwrap();
        let (url, asked) = server(content(), Manner::KnowsNoRanges).await;
        files(&url, spool.path(), &[("aa.f".to_owned(), 100_000)])
            .await
            .unwrap();
        assert_eq!(*asked.lock().unwrap(), ["50-"]);
        assert_eq!(
            std::fs::read(spool.path().join("targets/aa.f")).unwrap(),
            content()
        );
        assert!(!spool.path().join("targets/of-yesterday").exists());
    }

    #[tokio::test]
    async fn endless_data_is_cut_at_the_signed_length() {
        let spool = spool();
        let (url, _) = server(Vec::new(), Manner::Endless).await;
        assert!(matches!(
            files(&url, spool.path(), &[("aa.f".to_owned(), 100_000)]).await,
            Err(FetchError::TooLarge {
                limit_bytes: 100_000,
                ..
            })
        ));
        let part = std::fs::metadata(spool.path().join("targets/aa.f.part")).unwrap();
        assert!(part.len() <= 100_000);
        // The metadata, whose length nobody has signed, has a limit of its own.
        assert!(matches!(
            metadata(&url, spool.path(), 1).await,
            Err(FetchError::TooLarge { .. })
        ));
    }

    #[tokio::test]
    async fn roots_without_end_do_not_fill_the_disk() {
        let spool = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(spool.path().join("metadata")).unwrap();
        let root = format!("{}{{}}", " ".repeat(100_000)).into_bytes();
        let (url, _) = server(root, Manner::KnowsNoRanges).await;
        let fetcher = Fetcher::new(&url, spool.path()).unwrap();
        fetcher.metadata_left.set(250_000);
        for name in ["2.root.json", "3.root.json"] {
            fetcher.metadata(name).await.unwrap();
        }
        assert!(matches!(
            fetcher.metadata("4.root.json").await,
            Err(FetchError::TooLarge { .. })
        ));
        assert!(!spool.path().join("metadata/4.root.json").exists());
    }

    #[tokio::test]
    async fn a_server_that_drips_is_left() {
        let spool = spool();
        let (url, _) = server(Vec::new(), Manner::Drips).await;
        let mut fetcher = Fetcher::new(&url, spool.path()).unwrap();
        fetcher.window = Duration::from_millis(200);
        let started = std::time::Instant::now();
        assert!(matches!(
            fetcher.target("aa.f", 100_000).await,
            Err(FetchError::Unreachable { .. })
        ));
        assert!(matches!(
            fetcher.metadata("2.root.json").await,
            Err(FetchError::Unreachable { .. })
        ));
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}
