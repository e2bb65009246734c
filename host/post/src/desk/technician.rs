//! The technician's pages: how the box stands, a calibration session step by step, the daily drift scan and those
//! before it. Pictures are taken with the lane's own lamps and cameras ([`super::capturing`]), or sent.
//!
//! Everything is in the technician's language ([`super::figures`]); reports are in English, as `mpaka-calibrate` is.

use super::capturing::{self, Came, Shown, Work, place};
use super::figures::{
    distrusted, figure_words, remedy_words, tolerance_words, trouble_words, value_words,
};
use super::lane::picture_why;
use super::own_form::Form;
use super::visit::{Frame, TechnicianVisit, page};
use super::words::Words;
use super::{Desk, blocking};
use crate::inspection::BoxCalibration;
use askama::Template;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use calibration::CalibrationError;
use calibration::capture::{Shots, Told};
use calibration::plan::{Frames, Placement, VIEWS};
use calibration::report::of_box;
use calibration::sealed::{DriftHistory, DriftScan, drift_of, profile_of, relied_on};
use calibration::session::{Session, Step, StepResult};
use calibration::steps;
use calibration::verdict::{Figure, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use page::Picture;
use serde::Deserialize;
use std::sync::Arc;

/// How often a page that waits for pictures asks again, seconds.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("2");
/// So many of the last drift scans are drawn.
const DRAWN: usize = 60;

/// A field of a step's form.
struct Field {
    name: &'static str,
    label: String,
    needed: bool,
    many: bool,
}

/// One step as the page shows it.
struct StepView {
    step: Step,
    done: Option<StepResult>,
    at: String,
    /// What is laid down next, and how far the step is.
    placement: Placement,
    progress: String,
    fields: Vec<Field>,
    /// The next one to do: it stands open.
    next: bool,
}

/// One drift scan as a bar: how much of the worst figure's red limit is used up.
struct DriftBar {
    x: usize,
    y: u32,
    height: u32,
    tone: &'static str,
}

/// The drift scans as the page shows them.
struct DriftView {
    last: DriftScan,
    at: String,
    bars: Vec<DriftBar>,
    width: usize,
    caption: String,
}

#[derive(Template)]
#[template(path = "technician.html")]
struct TechnicianPage {
    frame: Frame,
    notice: Option<String>,
    /// What is going on at the glass.
    working: Option<String>,
    /// The profile's standing in words, and whether it is relied on.
    standing: String,
    /// Why it is not, and what to do.
    why: Option<String>,
    relied_on: bool,
    steps: Vec<StepView>,
    ready: bool,
    camera: bool,
    drift: Option<DriftView>,
    has_profile: bool,
}

/// The colour's name in the style sheet; out of tolerance alone is red.
fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "",
        Verdict::Amber => "warn",
        Verdict::Red => "bad",
    }
}

/// How wide a figure's bar is, per cent of its cell; the limit is at 50.
fn bar(figure: &Figure) -> Option<u32> {
    figure
        .used()
        .map(|used| (used * 50.0).clamp(1.0, 100.0) as u32)
}

/// A verdict in words.
fn verdict_words(words: &Words, verdict: Verdict) -> String {
    words.say(match verdict {
        Verdict::Green => "verdict-green",
        Verdict::Amber => "verdict-amber",
        Verdict::Red => "verdict-red",
    })
}

/// A step's name.
fn step_words(words: &Words, step: Step) -> String {
    words.say(format!("step-{}", step.as_str()))
}

/// What came of pictures, in words.
fn came_words(words: &Words, came: &Came) -> String {
    match came {
        Came::Step(step, verdict) => words.with_all(
            "took-step",
            &[
                ("step", &step_words(words, *step)),
                ("verdict", &verdict_words(words, *verdict)),
            ],
        ),
        Came::More(step) => words.with("took-more", "step", step_words(words, *step)),
        Came::Drift(verdict) => words.with("took-drift", "verdict", verdict_words(words, *verdict)),
        Came::Failed(why) => words.with("took-failed", "why", words.said(why)),
    }
}

/// What is going on at the glass, in words.
fn told_words(words: &Words, placement: Placement, told: Option<&Told>) -> String {
    let lamp = |lamp: firmware::lamps::Lamp| {
        words.say(match lamp {
            firmware::lamps::Lamp::White => "burning-white",
            firmware::lamps::Lamp::Infrared => "burning-infrared",
            firmware::lamps::Lamp::Ultraviolet => "burning-ultraviolet",
        })
    };
    match told {
        Some(Told::Warming { lamp: which, .. }) => {
            words.with("taking-warming", "lamp", lamp(*which))
        }
        Some(Told::Resting(_)) => words.say("taking-resting"),
        Some(Told::Taking {
            lamp: Some(which), ..
        }) => words.with("taking-lamp", "lamp", lamp(*which)),
        Some(Told::Taking { lamp: None, .. }) if placement == Placement::WhiteSheet => {
            words.say("taking-dark")
        }
        _ => words.say("taking-pictures"),
    }
}

pub(super) async fn show(State(desk): State<Arc<Desk>>, visit: TechnicianVisit) -> Response {
    answer(&desk, &visit, StatusCode::OK, None).await
}

async fn answer(
    desk: &Arc<Desk>,
    visit: &TechnicianVisit,
    status: StatusCode,
    notice: Option<String>,
) -> Response {
    let frame = visit.visit.frame(desk);
    let shown = desk.capturing.shown();
    let waits = matches!(shown, Shown::Running(..));
    let at = Arc::clone(desk);
    let made = blocking(move || {
        at.parts.equipment.calibration().map(|here| {
            view(
                frame,
                here,
                &shown,
                notice,
                at.parts.camera.is_some(),
                &at.zone(),
            )
        })
    })
    .await
    .flatten();
    let Some(view) = made else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = page(status, &view);
    if waits {
        response.headers_mut().insert("refresh", ASK_AGAIN);
    }
    response
}

fn view(
    frame: Frame,
    here: &BoxCalibration,
    shown: &Shown,
    notice: Option<String>,
    camera: bool,
    zone: &TimeZone,
) -> TechnicianPage {
    let now = Timestamp::now();
    let words = frame.words;
    let (session, broken) = match Session::resume(here.files(), now) {
        Ok(session) => (session, None),
        Err(e) => (Session::begun(now), Some(trouble_words(words, &e))),
    };
    let device = here.device();
    let relied = device.map(|d| relied_on(here.files(), &d, now));
    let signed = device.and_then(|d| profile_of(here.files(), &d, now).ok().flatten());
    let drift = device
        .zip(signed.as_ref())
        .and_then(|(d, signed)| drift_of(here.files(), &d, signed).ok())
        .and_then(|history| drift_view(words, &history, zone));
    let day = |at: Timestamp| words.day(at.to_zoned_datetime(zone.clone()).date());
    let (standing, why, is_relied_on) = match &relied {
        None => (words.say("standing-no-key"), None, false),
        Some(Ok(None)) => (words.say("standing-never"), None, false),
        Some(Ok(Some(signed))) => (
            words.with_all(
                "standing-calibrated",
                &[
                    ("made", &day(signed.made_at)),
                    ("due", &day(signed.valid_until)),
                ],
            ),
            None,
            true,
        ),
        Some(Err(distrust)) => (
            words.say("standing-distrusted"),
            Some(words.said(&distrusted(distrust))),
            false,
        ),
    };
    let next = session.next();
    let steps = Step::ALL.map(|step| step_view(words, &session, step, next == Some(step), zone));
    let (working, came) = match shown {
        Shown::Idle => (None, None),
        Shown::Running(placement, told) => {
            (Some(told_words(words, *placement, told.as_ref())), None)
        }
        Shown::Ended(came) => (None, Some(came_words(words, came))),
    };
    TechnicianPage {
        notice: notice.or(came).or(broken),
        working,
        standing,
        why,
        relied_on: is_relied_on,
        ready: session.missing().is_empty() && device.is_some(),
        steps: steps.into(),
        camera,
        drift,
        has_profile: signed.is_some(),
        frame,
    }
}

fn step_view(
    words: &Words,
    session: &Session,
    step: Step,
    next: bool,
    zone: &TimeZone,
) -> StepView {
    let done = session.step(step).cloned();
    let first = Placement::of(step).next().unwrap_or(Placement::SheetInLid);
    let placement = session.pending(step).unwrap_or(first);
    let taken = session.measured.views.len();
    let progress = match placement {
        Placement::BoardHeld if done.is_none() => {
            words.with_numbers("views-of", &[("taken", taken), ("wanted", VIEWS)])
        }
        _ => String::new(),
    };
    // Pictures that are sent may be those of all that the step asks for.
    let fields = Placement::of(step)
        .filter(|p| *p != Placement::Specimen)
        .flat_map(|p| p.shots().iter().map(move |shot| (p, shot)))
        .map(|(p, shot)| Field {
            name: shot.name,
            label: words.say(format!("shot-{}", shot.name)),
            needed: shot.needed && p == placement && step.is_needed() && step != Step::Geometry,
            many: p == Placement::BoardHeld || matches!(shot.frames, Frames::Each(_)),
        });
    StepView {
        step,
        at: done
            .as_ref()
            .map_or_else(String::new, |d| words.moment(d.at, zone)),
        done,
        placement,
        progress,
        fields: fields.collect(),
        next,
    }
}

fn drift_view(words: &Words, history: &DriftHistory, zone: &TimeZone) -> Option<DriftView> {
    const STEP: usize = 8;
    let last = history.scans.last()?.clone();
    let from = history.scans.len().saturating_sub(DRAWN);
    let bars = history.scans[from..].iter().enumerate().map(|(i, scan)| {
        let used = scan.figures.iter().filter_map(Figure::used);
        // The red limit lies at 40 of 48.
        let height = (used.fold(0.0, f64::max) * 40.0).clamp(1.0, 48.0) as u32;
        DriftBar {
            x: i * STEP,
            y: 48 - height,
            height,
            tone: tone(scan.verdict),
        }
    });
    Some(DriftView {
        at: words.moment(last.at, zone),
        last,
        bars: bars.collect(),
        width: DRAWN * STEP,
        caption: words.with_numbers("drift-history", &[("count", history.scans.len() - from)]),
    })
}

/// A form of pictures, decoded, and the words in it.
struct Sent {
    shots: Shots,
    specimen: Vec<String>,
}

/// Reads a form of pictures. `Err` holds words for the technician; `None` in it where the form was made elsewhere.
async fn sent(visit: &TechnicianVisit, mut form: Multipart) -> Result<Sent, Option<String>> {
    let words = visit.visit.words;
    let broken = |e: MultipartError| {
        tracing::warn!("a form of pictures: {e}");
        Some(words.say("pictures-undecoded"))
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut specimen = Vec::new();
    let mut made_here = false;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(e) => return Err(broken(e)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        match name.as_str() {
            "csrf" => made_here = std::str::from_utf8(&bytes).is_ok_and(|csrf| visit.made(csrf)),
            "lines" => specimen = lines(&String::from_utf8_lossy(&bytes)),
            _ if bytes.is_empty() => {}
            _ => files.push((name, bytes.into())),
        }
    }
    if !made_here {
        return Err(None);
    }
    let decoded = blocking(move || {
        let mut shots = Shots::new();
        for (name, bytes) in files {
            let picture = Picture::decode(&bytes).map_err(|e| picture_why(&e, words))?;
            shots.entry(name).or_default().push(picture);
        }
        Ok::<_, String>(shots)
    })
    .await;
    match decoded {
        Some(Ok(shots)) => Ok(Sent { shots, specimen }),
        Some(Err(why)) => Err(Some(why)),
        None => Err(Some(words.say("pictures-undecoded"))),
    }
}

/// The lines of a zone as somebody typed them.
fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split_whitespace().collect::<String>().to_uppercase())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A step by its name in an address.
fn step_of(name: &str) -> Option<Step> {
    Step::ALL.into_iter().find(|s| s.as_str() == name)
}

/// Measures one step by the pictures sent.
pub(super) async fn step(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    Path(name): Path<String>,
    form: Multipart,
) -> Response {
    let Some(step) = step_of(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let words = visit.visit.words;
    work(desk, visit, form, move |here, sent| {
        let mut came = None;
        for placement in Placement::of(step) {
            let mut needed = placement.shots().iter().filter(|s| s.needed);
            // What nothing was sent of is not measured now.
            if needed.any(|shot| sent.shots.contains_key(shot.name)) {
                came = Some(place(here, placement, &sent.shots, &sent.specimen)?);
            }
        }
        match came {
            Some(came) => Ok(came_words(words, &came)),
            None => Err(CalibrationError::TargetNotSeen {
                target: step.as_str(),
                why: "no picture was sent".to_owned(),
            }),
        }
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct TakeForm {
    csrf: String,
    /// The zone of the specimen on the glass.
    #[serde(default)]
    lines: String,
}

/// Takes the pictures of what a step asks for next, or today's drift scan, with the lane's lamps and cameras.
pub(super) async fn take(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    Path(name): Path<String>,
    Form(form): Form<TakeForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    let work = match (name.as_str(), step_of(&name)) {
        ("drift", _) => Work::Drift,
        (_, Some(step)) => {
            let Some(here) = desk.parts.equipment.calibration() else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let pending = Session::resume(here.files(), Timestamp::now())
                .ok()
                .and_then(|s| s.pending(step));
            let Some(placement) = pending.or_else(|| Placement::of(step).next()) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            Work::Place(placement, lines(&form.lines))
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    if let Work::Place(Placement::Specimen, lines) = &work
        && lines.is_empty()
    {
        let why = visit.visit.words.say("specimen-lines-missing");
        return answer(&desk, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await;
    }
    if !capturing::begin(&desk, work) {
        let why = visit.visit.words.say("glass-taken");
        return answer(&desk, &visit, StatusCode::CONFLICT, Some(why)).await;
    }
    Redirect::to("/technician").into_response()
}

/// Compares the pictures sent with the golden scan.
pub(super) async fn drift(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    form: Multipart,
) -> Response {
    let words = visit.visit.words;
    let noting = Arc::clone(&desk);
    work(desk, visit, form, move |here, sent| {
        let scan = steps::drift(here.files(), Timestamp::now(), &sent.shots)?;
        noting.note_scan();
        Ok(came_words(words, &Came::Drift(scan.verdict)))
    })
    .await
}

/// Signs the session's profile.
pub(super) async fn sign(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    form: Multipart,
) -> Response {
    let (words, zone) = (visit.visit.words, desk.zone());
    work(desk, visit, form, move |here, _| {
        let now = Timestamp::now();
        let session = Session::resume(here.files(), now)?;
        let signed = session.sign(here.files(), now)?;
        let until = words.day(signed.valid_until.to_zoned_datetime(zone).date());
        Ok(words.with("signed-until", "day", until))
    })
    .await
}

/// The report, to be saved or printed.
pub(super) async fn report(State(desk): State<Arc<Desk>>, _visit: TechnicianVisit) -> Response {
    let made = blocking(move || {
        let here = desk.parts.equipment.calibration()?;
        of_box(here.files(), Timestamp::now()).ok()
    })
    .await
    .flatten();
    match made {
        // Its styles stand in the file itself, which the desk's own pages do not allow: it is saved, not shown here.
        Some(written) => (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"calibration.html\"",
                ),
            ],
            written.html,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Reads a form, works on its pictures off the desk's threads, and shows the page with what came of it.
async fn work(
    desk: Arc<Desk>,
    visit: TechnicianVisit,
    form: Multipart,
    work: impl FnOnce(&BoxCalibration, Sent) -> Result<String, CalibrationError> + Send + 'static,
) -> Response {
    let sent = match sent(&visit, form).await {
        Ok(sent) => sent,
        Err(None) => return visit.refuse(&desk),
        Err(Some(why)) => {
            return answer(&desk, &visit, StatusCode::BAD_REQUEST, Some(why)).await;
        }
    };
    let at = Arc::clone(&desk);
    let worked = blocking(move || {
        at.parts
            .equipment
            .calibration()
            .map(|here| work(here, sent))
    })
    .await
    .flatten();
    match worked {
        Some(Ok(told)) => answer(&desk, &visit, StatusCode::OK, Some(told)).await,
        Some(Err(e)) => {
            let words = visit.visit.words;
            let why = words.with("took-failed", "why", trouble_words(words, &e));
            answer(&desk, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
