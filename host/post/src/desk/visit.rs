//! What a request brings along: who is signed in, in which language and theme the page is to be.

use super::session::{IDLE_LIMIT, Lane, SignedIn};
use super::words::Words;
use super::{Desk, Theme};
use crate::lease::LeaseStanding;
use crate::officers::Role;
use crate::sync::RoleAge;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use jiff::Timestamp;
use rules::{BundleRole, RoleStanding};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

/// The session's cookie.
pub(super) const SESSION: &str = "session";
/// The language's cookie.
pub(super) const LANGUAGE: &str = "language";
/// The theme's cookie.
pub(super) const THEME: &str = "theme";

/// A request's visit to the desk.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) signed_in: Option<SignedIn>,
    pub(super) words: &'static Words,
    pub(super) theme: Theme,
    /// The page asked for, to come back to.
    here: String,
}

impl FromRequestParts<Arc<Desk>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = |name: &str| jar.get(name).map(|c| c.value().to_owned());
        let theme = cookie(THEME);
        Ok(Self {
            signed_in: cookie(SESSION).and_then(|token| desk.sessions.find(&token, Instant::now())),
            words: Words::of(&cookie(LANGUAGE).unwrap_or_default()),
            theme: Theme::ALL
                .iter()
                .copied()
                .find(|t| Some(t.as_str()) == theme.as_deref())
                .unwrap_or(Theme::Normal),
            here: parts.uri.path().to_owned(),
        })
    }
}

/// A visit by somebody who is signed in, in whichever role; anyone else is asked to sign in.
#[derive(Debug)]
pub(super) struct StaffVisit {
    pub(super) visit: Visit,
    pub(super) officer: SignedIn,
}

impl FromRequestParts<Arc<Desk>> for StaffVisit {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Redirect> {
        let had_cookie = CookieJar::from_headers(&parts.headers)
            .get(SESSION)
            .is_some();
        let Ok(visit) = Visit::from_request_parts(parts, desk).await;
        match visit.signed_in.clone() {
            Some(officer) => Ok(Self { visit, officer }),
            None if had_cookie => Err(Redirect::to("/sign-in?over")),
            None => Err(Redirect::to("/sign-in")),
        }
    }
}

impl StaffVisit {
    /// The form was made by this session.
    pub(super) fn made(&self, csrf: &str) -> bool {
        same(csrf.as_bytes(), self.officer.csrf.as_bytes())
    }

    /// The answer to a form that was made elsewhere.
    pub(super) fn refuse(&self, desk: &Desk) -> Response {
        refusal(&self.visit, desk, StatusCode::FORBIDDEN, "form-refused")
    }
}

/// Where somebody of this role begins.
pub(super) fn home(role: Role) -> &'static str {
    match role {
        Role::Officer => "/",
        Role::SecondLine => "/second-line",
        Role::Technician => "/technician",
    }
}

/// The same for one role alone; whoever has another is sent to where she belongs.
async fn in_role(role: Role, parts: &mut Parts, desk: &Arc<Desk>) -> Result<StaffVisit, Redirect> {
    let staff = StaffVisit::from_request_parts(parts, desk).await?;
    if staff.officer.role == role {
        Ok(staff)
    } else {
        Err(Redirect::to(home(staff.officer.role)))
    }
}

/// A visit by an officer of the first line.
#[derive(Debug)]
pub(super) struct OfficerVisit(StaffVisit);

impl std::ops::Deref for OfficerVisit {
    type Target = StaffVisit;

    fn deref(&self) -> &StaffVisit {
        &self.0
    }
}

impl FromRequestParts<Arc<Desk>> for OfficerVisit {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Redirect> {
        in_role(Role::Officer, parts, desk).await.map(Self)
    }
}

/// A visit by an officer of the first line whose lane is open: the only one who meets travellers.
#[derive(Debug)]
pub(super) struct LaneVisit(OfficerVisit);

impl std::ops::Deref for LaneVisit {
    type Target = OfficerVisit;

    fn deref(&self) -> &OfficerVisit {
        &self.0
    }
}

impl FromRequestParts<Arc<Desk>> for LaneVisit {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Redirect> {
        let officer = OfficerVisit::from_request_parts(parts, desk).await?;
        match officer.officer.lane {
            Lane::Open => Ok(Self(officer)),
            Lane::Closed => Err(Redirect::to("/self-test")),
        }
    }
}

/// A visit by the technician.
#[derive(Debug)]
pub(super) struct TechnicianVisit(StaffVisit);

impl std::ops::Deref for TechnicianVisit {
    type Target = StaffVisit;

    fn deref(&self) -> &StaffVisit {
        &self.0
    }
}

impl FromRequestParts<Arc<Desk>> for TechnicianVisit {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Redirect> {
        in_role(Role::Technician, parts, desk).await.map(Self)
    }
}

/// A visit by the second line.
#[derive(Debug)]
pub(super) struct SecondLineVisit(StaffVisit);

impl std::ops::Deref for SecondLineVisit {
    type Target = StaffVisit;

    fn deref(&self) -> &StaffVisit {
        &self.0
    }
}

impl FromRequestParts<Arc<Desk>> for SecondLineVisit {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Redirect> {
        in_role(Role::SecondLine, parts, desk).await.map(Self)
    }
}

/// Compares without telling by time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

/// The list in use, as the bar names it.
#[derive(Debug)]
pub(super) struct ListLine {
    pub(super) text: String,
    pub(super) stale: bool,
}

/// From so many hours before its lease runs out the box says so on every page.
const LEASE_TOLD_HOURS: i64 = 72;

/// How long the box may go on without a word from headquarters.
#[derive(Debug)]
pub(super) enum LeaseLine {
    /// As long as it likes, or longer than anybody need know while at work.
    Quiet(String),
    /// Not much longer.
    Soon(String),
    /// It may not.
    Locked(String),
}

impl LeaseLine {
    pub(super) fn of(words: &Words, desk: &Desk) -> Self {
        let now = Timestamp::now();
        let standing = desk.parts.appliance.lease(now);
        match standing {
            Ok(LeaseStanding::NotNeeded) => Self::Quiet(words.say("lease-none")),
            Ok(LeaseStanding::Good { until }) => {
                let left = words.with("lease-left", "left", words.age(now, until));
                match until.duration_since(now).as_hours() < LEASE_TOLD_HOURS {
                    true => Self::Soon(left),
                    false => Self::Quiet(left),
                }
            }
            Ok(LeaseStanding::Lapsed { .. } | LeaseStanding::Forged | LeaseStanding::Absent)
            | Err(_) => Self::Locked(words.say("lease-locked")),
        }
    }

    /// Where something is to be done about it.
    pub(super) fn told(self) -> Option<Self> {
        (!matches!(self, Self::Quiet(_))).then_some(self)
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Quiet(text) | Self::Soon(text) | Self::Locked(text) => text,
        }
    }

    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Locked(_))
    }
}

/// What stands around every page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) words: &'static Words,
    pub(super) theme: Theme,
    pub(super) post: String,
    pub(super) lane: String,
    pub(super) officer: Option<String>,
    /// The address where whoever is signed in begins, and whether she keeps a shift at a lane.
    pub(super) home: &'static str,
    pub(super) at_lane: bool,
    pub(super) csrf: String,
    /// How what headquarters sends stands as this page is made, role by role; nothing for who is not signed in.
    pub(super) ages: Vec<RoleAge>,
    pub(super) list: Option<ListLine>,
    pub(super) outbox: Option<String>,
    /// That the box must hear from headquarters, where that is near.
    pub(super) lease: Option<LeaseLine>,
    pub(super) here: String,
}

impl Visit {
    /// The frame of the page that answers this visit.
    pub(super) fn frame(&self, desk: &Desk) -> Frame {
        let (words, parts) = (self.words, &desk.parts);
        let signed_in = self.signed_in.as_ref();
        // What the box holds and sends is nobody's business who is not signed in.
        let now = Timestamp::now();
        let ages = match signed_in {
            Some(_) => parts.equipment.ages(now),
            None => Vec::new(),
        };
        Frame {
            words,
            theme: self.theme,
            post: parts.appliance.post().post.to_string(),
            lane: parts.lane.to_string(),
            officer: signed_in.map(|s| s.officer.to_string()),
            home: signed_in.map_or("/", |s| home(s.role)),
            at_lane: signed_in.is_some_and(|s| s.lane == Lane::Open),
            csrf: signed_in.map(|s| s.csrf.clone()).unwrap_or_default(),
            list: signed_in.map(|_| list_line(words, &ages, now)),
            ages,
            outbox: signed_in.and_then(|_| {
                let waiting = parts.appliance.outbox().ok()?.waiting;
                Some(match waiting {
                    0 => words.say("outbox-empty"),
                    n => words.with("outbox-waiting", "count", n),
                })
            }),
            lease: signed_in.and_then(|_| LeaseLine::of(words, desk).told()),
            here: self.here.clone(),
        }
    }
}

impl Frame {
    /// Whether the box is locked, as somebody who is signed in may know.
    pub(super) fn is_locked(&self) -> bool {
        self.lease.as_ref().is_some_and(LeaseLine::is_locked)
    }

    /// A page that nobody has touched for so long is of a session that has ended: it goes, with all that is on it.
    pub(super) fn over_after_seconds(&self) -> u64 {
        IDLE_LIMIT.as_secs() + 60
    }
}

/// The age of the list, and of what else headquarters sends where it is old or its lease is over.
fn list_line(words: &Words, ages: &[RoleAge], now: Timestamp) -> ListLine {
    let mut line = ListLine {
        text: words.say("edition-none"),
        stale: true,
    };
    for of in ages {
        let old = of.standing != RoleStanding::Fresh;
        if of.role == BundleRole::Watchlist {
            line = ListLine {
                text: edition_line(words, of, now),
                stale: old,
            };
        } else if old {
            let role = words.say(role_key(of.role));
            let text = role_age(words, of, now);
            let named = words.with_all("named-detail", &[("name", &role), ("detail", &text)]);
            line.text.push_str(" · ");
            line.text.push_str(&named);
            line.stale = true;
        }
    }
    line
}

/// The list by its number, with its age or with how long it has not been confirmed.
fn edition_line(words: &Words, list: &RoleAge, now: Timestamp) -> String {
    let (key, since) = match list.standing {
        RoleStanding::Fresh => ("edition-age", list.dated),
        RoleStanding::Stale => ("edition-stale", list.dated),
        RoleStanding::LeaseOver => ("edition-lapsed", list.heard_at),
    };
    let number = words.digits(&list.edition.to_string());
    words.with_all(key, &[("number", &number), ("age", &words.age(since, now))])
}

/// The age of what headquarters sends in one role, or how long it has not been confirmed.
pub(super) fn role_age(words: &Words, of: &RoleAge, now: Timestamp) -> String {
    match of.standing {
        RoleStanding::Fresh | RoleStanding::Stale => words.age(of.dated, now),
        RoleStanding::LeaseOver => words.with("role-silent", "age", words.age(of.heard_at, now)),
    }
}

/// The key of a role's name.
pub(super) fn role_key(role: BundleRole) -> &'static str {
    match role {
        BundleRole::Watchlist => "part-list",
        BundleRole::Trust => "role-trust",
        BundleRole::Crl => "role-crl",
        BundleRole::Defects => "role-defects",
        BundleRole::Model => "role-model",
        BundleRole::Policy => "role-policy",
        BundleRole::Locale => "role-locale",
        BundleRole::Software => "role-software",
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    frame: Frame,
    notice: &'static str,
}

/// A page that says why something was refused.
pub(super) fn refusal(
    visit: &Visit,
    desk: &Desk,
    status: StatusCode,
    notice: &'static str,
) -> Response {
    page(
        status,
        &RefusalPage {
            frame: visit.frame(desk),
            notice,
        },
    )
}

/// A rendered page.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(e) => {
            tracing::error!("a page could not be made: {e}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
