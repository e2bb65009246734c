//! What a traveller who was not admitted takes along: a reference to complain or ask with, on paper or by
//! camera, and a notice in the traveller's own language.

use super::Desk;
use super::visit::{Frame, OfficerVisit, page, refusal};
use super::words::Words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use rules::{EncounterId, Sequence};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "referral.html")]
struct ReferralPage {
    frame: Frame,
    sequence: u64,
    reference: String,
    time: String,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    /// The officer's frame: her words lead back.
    frame: Frame,
    /// The traveller's language.
    words: &'static Words,
    sequence: u64,
    reference: String,
    post: String,
    time: String,
}

/// The reference of an encounter for people: post, number and two digits that tell a slip of the pen
/// (ISO/IEC 7064 MOD 97-10, over letters and digits).
pub(super) fn reference(encounter: &EncounterId) -> String {
    let text = encounter.to_string();
    let remainder = |text: &str| {
        text.chars()
            .filter_map(|c| c.to_digit(36))
            .fold(0u32, |r, d| match d {
                0..10 => (r * 10 + d) % 97,
                _ => (r * 100 + d) % 97,
            })
    };
    let digits = 98 - remainder(&format!("{text}00"));
    format!("{text}-{digits:02}")
}

/// The encounter, where it was referred or held at this post; the time it was opened, in words.
fn referred(desk: &Desk, sequence: u64, words: &Words) -> Option<(EncounterId, String)> {
    // Not the record: that of somebody who asks for protection cannot be read here.
    let summary = desk.parts.appliance.summary(Sequence(sequence)).ok()??;
    (summary.decision? != rules::DecisionKind::Admit.as_str())
        .then(|| (summary.id, words.moment(summary.opened_at, &desk.zone())))
}

/// The slip, for the officer to print or to turn round.
pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    visit: OfficerVisit,
    Path(sequence): Path<u64>,
) -> Response {
    match referred(&desk, sequence, visit.visit.words) {
        Some((id, time)) => page(
            StatusCode::OK,
            &ReferralPage {
                frame: visit.visit.frame(&desk),
                sequence,
                reference: reference(&id),
                time,
            },
        ),
        None => refusal(&visit.visit, &desk, StatusCode::NOT_FOUND, "page-absent"),
    }
}

#[derive(Deserialize)]
pub(super) struct NoticeQuery {
    #[serde(default)]
    language: String,
}

/// The notice, in the traveller's language.
pub(super) async fn notice(
    State(desk): State<Arc<Desk>>,
    visit: OfficerVisit,
    Path(sequence): Path<u64>,
    Query(query): Query<NoticeQuery>,
) -> Response {
    let words = Words::of(&query.language);
    match referred(&desk, sequence, words) {
        Some((id, time)) => page(
            StatusCode::OK,
            &NoticePage {
                frame: visit.visit.frame(&desk),
                words,
                sequence,
                reference: reference(&id),
                post: id.post.to_string(),
                time,
            },
        ),
        None => refusal(&visit.visit, &desk, StatusCode::NOT_FOUND, "page-absent"),
    }
}

/// The reference as a QR code.
pub(super) async fn code(
    State(desk): State<Arc<Desk>>,
    visit: OfficerVisit,
    Path(sequence): Path<u64>,
) -> Response {
    let Some((id, _)) = referred(&desk, sequence, visit.visit.words) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match QrCode::with_error_correction_level(reference(&id).as_bytes(), EcLevel::Q) {
        Ok(code) => {
            let picture = code
                .render::<svg::Color<'_>>()
                .min_dimensions(240, 240)
                .dark_color(svg::Color("#000"))
                .light_color(svg::Color("#fff"))
                .build();
            ([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response()
        }
        Err(e) => {
            tracing::error!("a reference has no code: {e}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rules::PostId;

    #[test]
    fn a_slip_of_the_pen_in_a_reference_is_told() {
        let id = |post: &str, n| EncounterId {
            post: PostId::new(post).unwrap(),
            sequence: Sequence(n),
        };
        let first = reference(&id("GATE", 1));
        assert!(first.starts_with("GATE/000001-"), "{first}");
        // Every single digit and every pair that changes places gives other check digits.
        let digits = |text: &str| text.rsplit('-').next().unwrap().to_owned();
        let right = digits(&reference(&id("GATE", 123_456)));
        for wrong in [123_457, 123_465, 132_456, 23_456, 123_459, 213_456] {
            assert_ne!(digits(&reference(&id("GATE", wrong))), right, "{wrong}");
        }
        // The whole, letters as their values, leaves 1 modulo 97.
        let value = first.chars().filter_map(|c| c.to_digit(36));
        let rest = value.fold(0u64, |r, d| {
            (if d < 10 { r * 10 } else { r * 100 } + u64::from(d)) % 97
        });
        assert_eq!(rest, 1);
    }
}
