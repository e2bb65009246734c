//! The link to headquarters: HTTP/1.1 over TLS 1.3 with certificates from both sides (rustls, ring).
//!
//! The box shows its certificate over its own signing key, and believes only the authority that headquarters
//! named when it admitted the box; no authority of the public web is asked. Plain HTTP is for a headquarters
//! on this machine: demonstrations, tests, or a proxy beside the box.

use super::upload::UploadError;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore, SignatureAlgorithm, SignatureScheme};
use seal::device::DeviceKey;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// So long may it take until headquarters is reached.
const REACH_PATIENCE: Duration = Duration::from_secs(30);
/// So long may an answer take once all is sent.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Slower than this no link is worth waiting for, in bytes a second.
const SLOWEST: u64 = 512;
/// A body goes out in pieces of this size, so that a pace can be kept; each fits one record of TLS.
const PIECE: usize = 1380;
/// The largest record of TLS that the box sends, in bytes.
const RECORD: usize = 1400;

type Pieces = Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>;

/// What the box shows to headquarters, and whom it believes.
pub struct Credentials {
    /// The box's signing key.
    pub device: Arc<DeviceKey>,
    /// Its certificate (DER).
    pub certificate: Vec<u8>,
    /// Headquarters' authority (DER).
    pub authority: Vec<u8>,
    /// The newest time that the box can be sure of: certificates are not judged by a clock behind it.
    pub not_before: Timestamp,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({})", self.device.public())
    }
}

/// Where headquarters is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Address {
    host: String,
    port: u16,
    path: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// Bytes a second that bodies may take of the link; all of it where absent.
    pace: Option<u64>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({}:{}{})", self.host, self.port, self.path)
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// A header that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.headers.get(name)?.to_str().ok()?.parse().ok()
    }

    /// The body, or headquarters' refusal.
    pub(super) fn granted(self) -> Result<Bytes, UploadError> {
        if self.status == StatusCode::OK {
            return Ok(self.body);
        }
        let text = String::from_utf8_lossy(&self.body);
        let said = serde_json::from_str::<serde_json::Value>(&text).ok();
        let said = |name: &str| Some(said.as_ref()?.get(name)?.as_str()?.to_owned());
        Err(UploadError::Refused {
            status: self.status.as_u16(),
            error: said("error").unwrap_or_default(),
            why: said("detail").unwrap_or_else(|| text.chars().take(300).collect()),
            again_after: self.number("retry-after").map(Duration::from_secs),
        })
    }
}

impl Address {
    /// Reads an address.
    pub(super) fn of(
        url: &str,
        credentials: Option<&Credentials>,
        pace: Option<u64>,
    ) -> Result<Self, UploadError> {
        let wrong = |why: &str| UploadError::Address {
            url: url.to_owned(),
            why: why.to_owned(),
        };
        let parsed = Url::parse(url).map_err(|e| wrong(&e.to_string()))?;
        let host = parsed.host().ok_or_else(|| wrong("it names no host"))?;
        let local = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let tls = match parsed.scheme() {
            "http" if local => None,
            "http" => return Err(wrong("plain http is for this machine only: give https")),
            "https" => {
                let credentials = credentials.ok_or_else(|| {
                    wrong("this box has no certificate yet: mpaka enrol --admission FILE")
                })?;
                let name = match &host {
                    Host::Domain(name) => ServerName::try_from((*name).to_owned())
                        .map_err(|e| wrong(&e.to_string()))?,
                    Host::Ipv4(address) => ServerName::from(std::net::IpAddr::from(*address)),
                    Host::Ipv6(address) => ServerName::from(std::net::IpAddr::from(*address)),
                };
                let config = client(credentials).map_err(|e| wrong(&e.to_string()))?;
                Some((TlsConnector::from(Arc::new(config)), name))
            }
            _ => return Err(wrong("it is neither http nor https")),
        };
        Ok(Self {
            host: match host {
                Host::Ipv6(address) => address.to_string(),
                other => other.to_string(),
            },
            port: parsed.port_or_known_default().unwrap_or(443),
            path: parsed.path().trim_end_matches('/').to_owned(),
            tls,
            pace,
        })
    }

    /// Reaches headquarters.
    pub(super) async fn reach(&self) -> Result<Link, UploadError> {
        tokio::time::timeout(REACH_PATIENCE, self.reach_at_leisure())
            .await
            .unwrap_or_else(|_| Err(UploadError::Unreachable("it does not answer".into())))
    }

    async fn reach_at_leisure(&self) -> Result<Link, UploadError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(|e| UploadError::Unreachable(e.to_string()))?;
        // A request is one or two segments: waiting for more to fill them helps nobody.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.speak(stream).await,
            Some((connector, name)) => {
                let stream = connector
                    .connect(name.clone(), stream)
                    .await
                    .map_err(|e| not_greeted(&e))?;
                self.speak(stream).await
            }
        }
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        stream: S,
    ) -> Result<Link, UploadError> {
        let (ask, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| unreachable_by(&e))?;
        let speaking = tokio::spawn(async move {
            // What goes wrong is said to whoever waits for an answer.
            let _ = connection.await;
        });
        let host = HeaderValue::try_from(format!("{}:{}", self.host, self.port)).map_err(|e| {
            UploadError::Address {
                url: self.host.clone(),
                why: e.to_string(),
            }
        })?;
        Ok(Link {
            ask,
            host,
            path: self.path.clone(),
            pace: self.pace,
            speaking,
        })
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    ask: SendRequest<StreamBody<Pieces>>,
    host: HeaderValue,
    path: String,
    pace: Option<u64>,
    speaking: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.speaking.abort();
    }
}

impl Link {
    /// Asks and waits for the answer, of at most `limit` bytes.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Bytes,
        limit: usize,
    ) -> Result<Answer, UploadError> {
        let length = body.len() as u64;
        let tells_length = method == Method::POST || length > 0;
        let slowest = self.pace.map_or(SLOWEST, |pace| pace.clamp(1, SLOWEST));
        let patience = ANSWER_PATIENCE + Duration::from_secs(length / slowest);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.path))
            .header(hyper::header::HOST, &self.host);
        // A question without a body has no length to tell (RFC 9110, section 8.6), and a thin link no bytes to spare.
        if tells_length {
            request = request.header(hyper::header::CONTENT_LENGTH, length);
        }
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = request
            .body(StreamBody::new(pieces(body, self.pace)))
            .map_err(|e| UploadError::Unreachable(e.to_string()))?;
        let exchange = async {
            self.ask.ready().await.map_err(|e| unreachable_by(&e))?;
            let response = self
                .ask
                .send_request(request)
                .await
                .map_err(|e| unreachable_by(&e))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, limit)
                .collect()
                .await
                .map_err(|e| UploadError::Unreachable(e.to_string()))?;
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: body.to_bytes(),
            })
        };
        tokio::time::timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(UploadError::Unreachable("it does not answer".into())))
    }
}

/// A body in pieces, at the pace given.
fn pieces(body: Bytes, pace: Option<u64>) -> Pieces {
    Box::pin(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        if let Some(pace) = pace {
            let wait = piece.len() as u64 * 1000 / pace.max(1);
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
        Some((Ok(Frame::data(piece)), rest))
    }))
}

/// Why the greeting of TLS came to nothing: the link broke, or who answers is not trusted, or does not trust.
fn not_greeted(error: &std::io::Error) -> UploadError {
    match error.kind() {
        ErrorKind::InvalidData => UploadError::NotTrusted(error.to_string()),
        _ => UploadError::Unreachable(error.to_string()),
    }
}

/// What went wrong, with its causes.
fn unreachable_by(error: &hyper::Error) -> UploadError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    UploadError::Unreachable(text)
}

fn client(credentials: &Credentials) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(credentials.authority.clone()))?;
    let clock = Arc::new(NotBefore(credentials.not_before));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_details(provider, clock)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Shown(Arc::new(CertifiedKey::new(
            vec![CertificateDer::from(credentials.certificate.clone())],
            Arc::new(BoxKey(Arc::clone(&credentials.device))),
        )))));
    // A record that a cut link delivers in part is lost whole: small ones lose little.
    config.max_fragment_size = Some(RECORD);
    Ok(config)
}

/// The box's clock, where it is not behind what the box is sure of: a box whose clock has lost the time must
/// still reach headquarters, which will tell it.
#[derive(Debug)]
struct NotBefore(Timestamp);

impl TimeProvider for NotBefore {
    fn current_time(&self) -> Option<UnixTime> {
        let now = Timestamp::now().max(self.0).as_second();
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            u64::try_from(now).unwrap_or(0),
        )))
    }
}

/// The one certificate there is to show.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The box's signing key as TLS asks for it; the key itself stays where it is.
#[derive(Debug, Clone)]
struct BoxKey(Arc<DeviceKey>);

impl SigningKey for BoxKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SignatureScheme::ED25519)
            .then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for BoxKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.0
            .sign_tls(message)
            .map(|signature| signature.to_vec())
            .ok_or_else(|| rustls::Error::General("asked to sign what is not TLS".into()))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}
