//! Coming and going, and the officer's preferences.

use super::own_form::Form;
use super::session::SignedIn;
use super::visit::{Frame, LANGUAGE, SESSION, StaffVisit, THEME, Visit, home, page, refusal};
use super::words::Words;
use super::{Desk, Theme, blocking};
use crate::appliance::Presence;
use crate::officers::SignIn;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Instant;
use zeroize::Zeroizing;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    notice: Option<&'static str>,
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    officer: String,
    pin: Zeroizing<String>,
}

/// Why nobody was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotLetIn {
    Wrong,
    Locked,
    NoOfficers,
    Broken,
}

impl NotLetIn {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Wrong => "sign-in-wrong",
            Self::Locked => "sign-in-locked",
            Self::NoOfficers => "sign-in-no-officers",
            Self::Broken => "sign-in-failed",
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Wrong => StatusCode::UNAUTHORIZED,
            Self::Locked | Self::NoOfficers => StatusCode::FORBIDDEN,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Desk {
    /// Lets an officer in who knows the PIN.
    pub(super) async fn let_in(
        self: &Arc<Self>,
        officer: String,
        pin: Zeroizing<String>,
    ) -> Result<SignedIn, NotLetIn> {
        // An attempt goes on where its browser breaks off, and holds its place until it has been counted.
        let desk = Arc::clone(self);
        let tried = tokio::spawn(async move {
            let _one_at_a_time = desk.signing_in.lock().await;
            let officers = desk.parts.officers.clone();
            blocking(move || officers.sign_in(&officer, &pin)).await
        });
        let tried = tried.await.ok().flatten();
        let (officer, role) = match tried {
            Some(Ok(SignIn::Accepted(officer, role))) => (officer, role),
            Some(Ok(SignIn::Wrong)) => return Err(NotLetIn::Wrong),
            Some(Ok(SignIn::Locked)) => return Err(NotLetIn::Locked),
            Some(Ok(SignIn::NoOfficers)) => return Err(NotLetIn::NoOfficers),
            Some(Err(e)) => {
                tracing::error!("signing in failed: {e}");
                return Err(NotLetIn::Broken);
            }
            None => return Err(NotLetIn::Broken),
        };
        let (signed_in, left_alone) = self
            .sessions
            .begin(officer, role, Instant::now())
            .map_err(|_| NotLetIn::Broken)?;
        self.record_undecided(left_alone).await;
        self.note_officer(&signed_in.officer, Presence::SignedIn);
        Ok(signed_in)
    }

    /// Ends a session; a traveller who was left undecided is recorded as such.
    async fn end(self: &Arc<Self>, officer: &SignedIn) {
        let left_alone = self.sessions.end(&officer.token);
        self.record_undecided(left_alone.into_iter().collect())
            .await;
        self.note_officer(&officer.officer, Presence::SignedOut);
    }
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    RawQuery(query): RawQuery,
    visit: Visit,
) -> Response {
    if let Some(signed_in) = &visit.signed_in {
        return Redirect::to(home(signed_in.role)).into_response();
    }
    let notice = (query.as_deref() == Some("over")).then_some("session-over");
    let frame = visit.frame(&desk);
    page(StatusCode::OK, &SignInPage { frame, notice })
}

pub(super) async fn enter(
    State(desk): State<Arc<Desk>>,
    visit: Visit,
    jar: CookieJar,
    Form(form): Form<SignInForm>,
) -> Response {
    match desk.let_in(form.officer, form.pin).await {
        Ok(signed_in) => {
            // The browser forgets the session that it had: it ends, and its traveller waits for nobody.
            if let Some(before) = &visit.signed_in {
                desk.end(before).await;
            }
            let home = home(signed_in.role);
            (
                jar.add(cookie(SESSION, signed_in.token)),
                Redirect::to(home),
            )
                .into_response()
        }
        Err(why) => page(
            why.status(),
            &SignInPage {
                frame: visit.frame(&desk),
                notice: Some(why.key()),
            },
        ),
    }
}

#[derive(Deserialize)]
pub(super) struct LeaveForm {
    csrf: String,
}

pub(super) async fn leave(
    State(desk): State<Arc<Desk>>,
    visit: StaffVisit,
    jar: CookieJar,
    Form(form): Form<LeaveForm>,
) -> Response {
    if !visit.made(&form.csrf) {
        return visit.refuse(&desk);
    }
    desk.end(&visit.officer).await;
    let gone = Cookie::build(SESSION).path("/");
    (jar.remove(gone), Redirect::to("/sign-in")).into_response()
}

#[derive(Deserialize)]
pub(super) struct PreferForm {
    language: Option<String>,
    theme: Option<String>,
    back: String,
}

pub(super) async fn prefer(jar: CookieJar, Form(form): Form<PreferForm>) -> Response {
    let mut jar = jar;
    // Only what this desk offers is remembered: nothing of the form comes back unexamined.
    if let Some(language) = form.language {
        jar = jar.add(lasting(LANGUAGE, Words::of(&language).tag()));
    }
    if let Some(theme) = form.theme
        && let Some(theme) = Theme::ALL.iter().find(|t| t.as_str() == theme)
    {
        jar = jar.add(lasting(THEME, theme.as_str()));
    }
    let ours = form.back.starts_with('/')
        && !form.back.starts_with("//")
        && form
            .back
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
    let back = if ours { form.back.as_str() } else { "/" };
    (jar, Redirect::to(back)).into_response()
}

pub(super) async fn absent(State(desk): State<Arc<Desk>>, visit: Visit) -> Response {
    refusal(&visit, &desk, StatusCode::NOT_FOUND, "page-absent")
}

/// A cookie that ends with the browser.
fn cookie(name: &'static str, value: impl Into<String>) -> Cookie<'static> {
    Cookie::build((name, value.into()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .build()
}

/// A cookie that outlives the browser: preferences.
fn lasting(name: &'static str, value: &'static str) -> Cookie<'static> {
    let mut cookie = cookie(name, value);
    cookie.make_permanent();
    cookie
}
