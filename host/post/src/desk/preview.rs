//! What lies on the reader now, and what would make it lie better: looked at only while somebody looks.

use super::lane::jpeg;
use super::visit::LaneVisit;
use super::words::Words;
use super::{Desk, blocking};
use crate::devices::Camera;
use crate::inspection::{Equipment, ShownPicture};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use page::{Guidance, Picture};
use ring::digest::{SHA256, digest};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Between two looks at the reader.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// The longest side of the preview, in pixels.
const PREVIEW_PX: u32 = 720;

/// What was last seen on the reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Sighted {
    /// No document, or no reader.
    #[default]
    Nothing,
    /// A document that can be read.
    Ready,
    /// A page whose picture would be better so, the most urgent first.
    Better(Vec<Guidance>),
    /// Something without a zone in it.
    NoZone,
}

impl Sighted {
    /// What to do, in the officer's words.
    pub(super) fn words(&self, words: &Words) -> String {
        match self {
            Self::Nothing => words.say("preview-nothing"),
            Self::Ready => words.say("preview-ready"),
            Self::NoZone => words.say("preview-no-zone"),
            Self::Better(guidance) => guidance
                .iter()
                .take(2)
                .map(|g| words.say(format!("guidance-{}", g.as_str())))
                .collect::<Vec<_>>()
                .join(" · "),
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    /// The digest of the file last looked at.
    of: Vec<u8>,
    /// Counts the pictures, so that a browser asks for each once.
    number: u64,
    picture: Option<ShownPicture>,
    sighted: Sighted,
}

/// The reader as it is watched.
#[derive(Debug)]
pub(super) struct Preview {
    camera: Option<Arc<dyn Camera>>,
    equipment: Arc<Equipment>,
    seen: Mutex<Seen>,
}

impl Preview {
    pub(super) fn of(camera: Option<Arc<dyn Camera>>, equipment: Arc<Equipment>) -> Self {
        Self {
            camera,
            equipment,
            seen: Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Replaced as a whole: a panic elsewhere leaves nothing half done.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was last seen.
    pub(super) fn now(&self) -> Sighted {
        self.seen().sighted.clone()
    }

    /// Looks at the reader once. A picture that has been looked at costs no second look.
    fn look(&self) {
        let page = self.camera.as_ref().map(|camera| camera.take_page());
        let Some(Ok(bytes)) = page else {
            let mut seen = self.seen();
            if seen.sighted != Sighted::Nothing {
                *seen = Seen {
                    number: seen.number + 1,
                    ..Seen::default()
                };
            }
            return;
        };
        let of = digest(&SHA256, &bytes).as_ref().to_vec();
        let number = {
            let seen = self.seen();
            if seen.of == of {
                return;
            }
            seen.number
        };
        let picture = Picture::decode(&bytes).ok();
        let sighted = match (&picture, self.equipment.reader()) {
            (Some(picture), Ok(reader)) => {
                let read = page::read(picture, reader, None);
                match read.zone {
                    None => Sighted::NoZone,
                    Some(_) if read.guidance.is_empty() => Sighted::Ready,
                    Some(_) => Sighted::Better(read.guidance),
                }
            }
            (Some(_), Err(_)) => Sighted::Ready,
            (None, _) => Sighted::NoZone,
        };
        let mut seen = self.seen();
        // Forgotten while it was looked at: it is not put back.
        if seen.number != number {
            return;
        }
        *seen = Seen {
            of,
            number: seen.number + 1,
            picture: picture.and_then(|p| ShownPicture::of(&p, PREVIEW_PX)),
            sighted,
        };
    }

    /// Forgets what was seen: persons' pictures stay no longer than somebody looks at them.
    pub(super) fn forget(&self) {
        let mut seen = self.seen();
        *seen = Seen {
            number: seen.number + 1,
            ..Seen::default()
        };
    }
}

/// The picture last seen.
pub(super) async fn picture(State(desk): State<Arc<Desk>>, _visit: LaneVisit) -> Response {
    let seen = desk.preview.seen();
    match &seen.picture {
        Some(picture) => jpeg(picture),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What lies on the reader, as server-sent events.
pub(super) async fn events(State(desk): State<Arc<Desk>>, visit: LaneVisit) -> Response {
    if desk.parts.camera.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    Sse::new(follow(desk, visit.visit.words))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Somebody who looks. When she goes, what was seen is forgotten.
struct Looking(Arc<Desk>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.preview.forget();
    }
}

fn follow(desk: Arc<Desk>, words: &'static Words) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = (Looking(desk), None::<u64>);
    stream::unfold(start, move |(desk, mut shown)| async move {
        loop {
            let looking = Arc::clone(&desk.0);
            blocking(move || looking.preview.look()).await?;
            let event = {
                let seen = desk.0.preview.seen();
                (shown != Some(seen.number)).then(|| {
                    shown = Some(seen.number);
                    let data = serde_json::json!({
                        "words": seen.sighted.words(words),
                        "ready": seen.sighted == Sighted::Ready,
                        "picture": seen.picture.as_ref().map(|_| format!("/preview/page?{}", seen.number)),
                    });
                    Event::default().event("sight").data(data.to_string())
                })
            };
            if let Some(event) = event {
                return Some((Ok(event), (desk, shown)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    })
}
