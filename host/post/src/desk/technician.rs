//! The technician's pages: how the box stands, a calibration session step by step, the daily drift scan.
//!
//! They are in English: a technician reads them beside the manual, and figures and names are those of the reports and
//! of `mpaka-calibrate`, which does the same.

use super::visit::{Frame, TechnicianVisit, page};
use super::{Desk, blocking};
use crate::inspection::BoxCalibration;
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use calibration::colour::drawn_references;
use calibration::report::of_box;
use calibration::sealed::{DriftScan, drift_of, profile_of, relied_on};
use calibration::session::{Session, Step, StepResult};
use calibration::verdict::{Figure, Verdict};
use calibration::{CalibrationError, steps};
use jiff::Timestamp;
use page::Picture;
use page::profile::Light;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A field of a step's form: its name, its label, whether the step cannot be done without, whether many may be given.
struct Field {
    name: &'static str,
    label: &'static str,
    needed: bool,
    many: bool,
}

const fn field(name: &'static str, label: &'static str, needed: bool) -> Field {
    Field {
        name,
        label,
        needed,
        many: false,
    }
}

const WHITE: Field = field("white", "Under white light", true);
const INFRARED: Field = field("infrared", "Under infrared", false);
const ULTRAVIOLET: Field = field("ultraviolet", "Under ultraviolet", false);

/// The pictures that a step asks for.
fn fields(step: Step) -> Vec<Field> {
    match step {
        Step::Focus | Step::Colour => vec![WHITE],
        Step::Geometry => vec![
            Field {
                name: "view",
                label: "Held at a slant (six or more)",
                needed: true,
                many: true,
            },
            field("flat", "Lying on the glass", true),
        ],
        Step::Lamps => vec![
            WHITE,
            field("dark", "With every lamp out", false),
            INFRARED,
            ULTRAVIOLET,
        ],
        Step::Inks => vec![
            INFRARED,
            ULTRAVIOLET,
            field("white", "The ultraviolet card under white light", false),
        ],
        Step::Faces => vec![
            field("40", "At 40 cm", true),
            field("60", "At 60 cm", true),
            field("100", "At 100 cm", true),
        ],
        Step::Golden => vec![WHITE, INFRARED, ULTRAVIOLET],
        // Specimens are named in a table: at the terminal.
        Step::Zone => Vec::new(),
    }
}

/// One step as the page shows it.
struct StepView {
    step: Step,
    done: Option<StepResult>,
    fields: Vec<Field>,
    /// The next one to do: its form stands open.
    next: bool,
}

#[derive(Template)]
#[template(path = "technician.html")]
struct TechnicianPage {
    frame: Frame,
    notice: Option<String>,
    /// The profile's standing in words, and whether it is relied on.
    standing: String,
    relied_on: bool,
    steps: Vec<StepView>,
    ready: bool,
    drift: Option<DriftScan>,
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
    let at = Arc::clone(desk);
    let made = blocking(move || {
        at.parts
            .equipment
            .calibration()
            .map(|here| view(frame, here, notice))
    })
    .await
    .flatten();
    match made {
        Some(view) => page(status, &view),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn view(frame: Frame, here: &BoxCalibration, notice: Option<String>) -> TechnicianPage {
    let now = Timestamp::now();
    let (session, broken) = match Session::resume(here.files(), now) {
        Ok(session) => (session, None),
        Err(e) => (Session::begun(now), Some(e.to_string())),
    };
    let device = here.device();
    let relied = device.map(|d| relied_on(here.files(), &d, now));
    let signed = device.and_then(|d| profile_of(here.files(), &d, now).ok().flatten());
    let drift = device
        .zip(signed.as_ref())
        .and_then(|(d, signed)| drift_of(here.files(), &d, signed).ok())
        .and_then(|history| history.scans.last().cloned());
    let (standing, is_relied_on) = match &relied {
        None => ("This box has no key yet: enrol it first.".to_owned(), false),
        Some(Ok(None)) => (
            "Never calibrated: pictures are read as they are.".to_owned(),
            false,
        ),
        Some(Ok(Some(signed))) => (
            format!(
                "Calibrated {}, due again {}.",
                signed.made_at.strftime("%Y-%m-%d"),
                signed.valid_until.strftime("%Y-%m-%d")
            ),
            true,
        ),
        Some(Err(distrust)) => (
            format!("Page checks stay open: {distrust}. {}.", distrust.remedy()),
            false,
        ),
    };
    let next = session.next();
    let steps = Step::ALL.map(|step| StepView {
        step,
        done: session.step(step).cloned(),
        fields: fields(step),
        next: next == Some(step),
    });
    TechnicianPage {
        frame,
        notice: notice.or(broken),
        standing,
        relied_on: is_relied_on,
        ready: session.missing().is_empty() && device.is_some(),
        steps: steps.into(),
        drift,
        has_profile: signed.is_some(),
    }
}

/// The pictures of a form, by field.
type Shots = BTreeMap<String, Vec<Picture>>;

/// Reads a form of pictures. `Err` holds words for the technician; `None` in it where the form was made elsewhere.
async fn shots(visit: &TechnicianVisit, mut form: Multipart) -> Result<Shots, Option<String>> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut made_here = false;
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(e) => return Err(Some(e.body_text())),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|e| Some(e.body_text()))?;
        if name == "csrf" {
            made_here = std::str::from_utf8(&bytes).is_ok_and(|csrf| visit.made(csrf));
        } else if !bytes.is_empty() {
            files.push((name, bytes.into()));
        }
    }
    if !made_here {
        return Err(None);
    }
    let decoded = blocking(move || {
        let mut shots = Shots::new();
        for (name, bytes) in files {
            let picture = Picture::decode(&bytes).map_err(|e| format!("{name}: {e}"))?;
            shots.entry(name).or_default().push(picture);
        }
        Ok::<_, String>(shots)
    })
    .await;
    match decoded {
        Some(Ok(shots)) => Ok(shots),
        Some(Err(why)) => Err(Some(why)),
        None => Err(Some("the pictures could not be decoded".to_owned())),
    }
}

/// Does one step with the pictures sent.
pub(super) async fn step(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    Path(name): Path<String>,
    form: Multipart,
) -> Response {
    let Some(step) = Step::ALL.into_iter().find(|s| s.as_str() == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    work(desk, visit, form, move |here, shots| {
        let now = Timestamp::now();
        let mut session = Session::resume(here.files(), now)?;
        let result = do_step(step, &mut session, now, shots)?;
        session.save(here.files())?;
        Ok(format!("{} {}", result.verdict.symbol(), step.as_str()))
    })
    .await
}

/// Takes today's drift scan.
pub(super) async fn drift(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    form: Multipart,
) -> Response {
    work(desk, visit, form, |here, shots| {
        let white = one(&shots, "white")?;
        let scan = steps::drift(here.files(), Timestamp::now(), white, &others(&shots))?;
        Ok(format!(
            "{} drift {}",
            scan.verdict.symbol(),
            scan.verdict.as_str()
        ))
    })
    .await
}

/// Signs the session's profile.
pub(super) async fn sign(
    State(desk): State<Arc<Desk>>,
    visit: TechnicianVisit,
    form: Multipart,
) -> Response {
    work(desk, visit, form, |here, _| {
        let now = Timestamp::now();
        let session = Session::resume(here.files(), now)?;
        let signed = session.sign(here.files(), now)?;
        Ok(format!(
            "✓ signed until {}",
            signed.valid_until.strftime("%Y-%m-%d")
        ))
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
    work: impl FnOnce(&BoxCalibration, Shots) -> Result<String, CalibrationError> + Send + 'static,
) -> Response {
    let shots = match shots(&visit, form).await {
        Ok(shots) => shots,
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
            .map(|here| work(here, shots))
    })
    .await
    .flatten();
    match worked {
        Some(Ok(told)) => answer(&desk, &visit, StatusCode::OK, Some(told)).await,
        Some(Err(e)) => {
            answer(
                &desk,
                &visit,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(e.to_string()),
            )
            .await
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn one<'a>(shots: &'a Shots, name: &'static str) -> Result<&'a Picture, CalibrationError> {
    shots
        .get(name)
        .and_then(|all| all.first())
        .ok_or(CalibrationError::TargetNotSeen {
            target: name,
            why: "no picture was sent".to_owned(),
        })
}

fn others(shots: &Shots) -> Vec<(Light, &Picture)> {
    [Light::Infrared, Light::Ultraviolet]
        .into_iter()
        .filter_map(|light| Some((light, shots.get(light.as_str())?.first()?)))
        .collect()
}

fn do_step(
    step: Step,
    session: &mut Session,
    now: Timestamp,
    mut shots: Shots,
) -> Result<StepResult, CalibrationError> {
    match step {
        Step::Focus => steps::focus(session, now, one(&shots, "white")?),
        Step::Geometry => {
            let views = shots.remove("view").unwrap_or_default();
            let views = views.into_iter().map(Ok);
            steps::geometry(session, now, views, one(&shots, "flat")?, |_| {})
        }
        Step::Lamps => {
            let mut sheets = vec![(Light::White, one(&shots, "white")?.clone())];
            sheets.extend(others(&shots).into_iter().map(|(l, p)| (l, p.clone())));
            let dark = shots.get("dark").and_then(|all| all.first());
            steps::lamps(session, now, &sheets, dark)
        }
        Step::Colour => steps::colour(session, now, one(&shots, "white")?, &drawn_references()),
        Step::Inks => {
            let first = |name: &str| shots.get(name).and_then(|all| all.first());
            let ultraviolet = first("ultraviolet").zip(first("white"));
            steps::inks(session, now, first("infrared"), ultraviolet)
        }
        Step::Faces => {
            let mut pictures = Vec::new();
            for (cm, name) in [(40, "40"), (60, "60"), (100, "100")] {
                pictures.push((cm, one(&shots, name)?.clone()));
            }
            steps::faces(session, now, &pictures)
        }
        Step::Golden => steps::golden(session, now, one(&shots, "white")?, &others(&shots)),
        Step::Zone => Err(CalibrationError::TargetNotSeen {
            target: "zone",
            why: "specimens are read at the terminal: mpaka-calibrate zone".to_owned(),
        }),
    }
}
