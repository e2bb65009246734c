//! The pages of those who look before and after: what approving would change, and what was done at headquarters.

use super::Hall;
use super::guard::{Shown, failed};
use super::page::{html, moment};
use crate::HqError;
use crate::access::Scope;
use crate::acts::{self, ActLine, Phase};
use crate::difference::{self, SourceDifference};
use crate::list::{self, ListState};
use crate::register::Register;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// So many acts are shown, the newest first; the command line has all of them.
const ACTS: usize = 500;

#[derive(Template)]
#[template(path = "difference.html")]
struct DifferencePage {
    at: String,
    by: String,
    standing: ListState,
    lists: Vec<SourceDifference>,
}

/// What approving the working list would change at the boxes, by entries' names alone.
pub(super) async fn changes(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    let token = match shown.may_see(Scope::Review) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let work = tokio::task::spawn_blocking(move || -> Result<Response, HqError> {
        let lists = difference::difference(&hall.home)?;
        let standing = list::state(&Register::open(&hall.home)?)?;
        Ok(html(&DifferencePage {
            at: moment((hall.clock)()),
            by: token.name.to_string(),
            standing,
            lists,
        }))
    });
    answer(work.await)
}

/// One act in words.
struct Line {
    line: u64,
    at: String,
    by: String,
    act: String,
    phase: &'static str,
    failed: bool,
    detail: String,
}

#[derive(Template)]
#[template(path = "acts.html")]
struct ActsPage {
    at: String,
    by: String,
    /// The first line that does not verify; then nothing is shown of the ledger.
    broken: Option<u64>,
    lines: u64,
    head: String,
    acts: Vec<Line>,
}

/// The ledger of headquarters' own acts, verified as it is shown.
pub(super) async fn ledger(State(hall): State<Arc<Hall>>, shown: Shown) -> Response {
    let token = match shown.may_see(Scope::Audit) {
        Ok(token) => token,
        Err(refusal) => return *refusal,
    };
    let work = tokio::task::spawn_blocking(move || -> Result<Response, HqError> {
        let mut page = ActsPage {
            at: moment((hall.clock)()),
            by: token.name.to_string(),
            broken: None,
            lines: 0,
            head: String::new(),
            acts: Vec::new(),
        };
        match acts::verify(&hall.home) {
            Ok((lines, head)) => {
                page.lines = head.line;
                page.head = hex::encode(head.hash);
                page.acts = lines.into_iter().rev().take(ACTS).map(line).collect();
            }
            Err(HqError::ActsBroken { line, .. }) => page.broken = Some(line),
            Err(e) => return Err(e),
        }
        Ok(html(&page))
    });
    answer(work.await)
}

fn line(line: ActLine) -> Line {
    let act = line.act;
    Line {
        line: line.line,
        at: moment(act.at),
        by: act.by,
        act: act.act,
        phase: match act.phase {
            Phase::Begun => "begun",
            Phase::Done => "done",
            Phase::Failed => "FAILED",
        },
        failed: act.phase == Phase::Failed,
        detail: match act.detail {
            Value::Null => String::new(),
            detail => detail.to_string(),
        },
    }
}

fn answer(work: Result<Result<Response, HqError>, tokio::task::JoinError>) -> Response {
    match work {
        Ok(Ok(page)) => page,
        Ok(Err(e)) => failed(&e),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
