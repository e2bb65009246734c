//! The chip at the desk: how far it is, its number typed by hand, its zone beside the page's.

#[path = "../../../../../tests/src/utopia/chip/mod.rs"]
#[allow(dead_code, unreachable_pub)] // Each of its readers uses a part.
mod utopia;

use super::*;
use crate::devices::{ChipReader, ReaderError};
use crate::inspection::Progress;
use axum::body::BodyDataStream;
use chip::files::FileId;
use chip::read::Phase as ChipPhase;
use chip::transceiver::{Transceiver, TransceiverError};
use futures_util::StreamExt as _;
use std::sync::Mutex;
use utopia::card::{Card, Fault};
use utopia::files::dg2;
use utopia::issuer::state;

/// A reader in whose field one chip lies, for whoever connects.
struct Field(Arc<Mutex<Card>>);

struct InField(Arc<Mutex<Card>>);

impl ChipReader for Field {
    fn connect(&self) -> Result<Box<dyn Transceiver>, ReaderError> {
        self.0.lock().unwrap().reset();
        Ok(Box::new(InField(Arc::clone(&self.0))))
    }
}

impl Transceiver for InField {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.0.lock().unwrap().transmit(command)
    }
}

/// A desk with a chip in its reader that a number opens.
fn with_chip() -> Fixture {
    let state = state();
    let mut card = Card::new(Fault::None).with_pace(2, 2, 13);
    card.put(FileId::Dg2, dg2(&picture()));
    let card = card.issued_by(&state);
    let hardware = Hardware::new(Box::new(BenchBoard::new().unwrap().0));
    fixture_of(hardware, |equipment| {
        let field = Field(Arc::new(Mutex::new(card)));
        equipment
            .with_trust(state.store)
            .with_chip_reader(Arc::new(field))
    })
}

#[tokio::test]
async fn a_chip_opens_by_the_number_that_the_officer_types() {
    let fixture = with_chip();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let id = fixture.put_before(&session, Advice::Look);
    let encounter = format!("/inspections/{id}");
    let path = format!("{encounter}/chip");
    let screen = fixture.get(&encounter, Some(&session)).await;
    assert!(
        screen.body.contains(&format!("href=\"{path}\"")),
        "{}",
        screen.body
    );
    let form = fixture.get(&path, Some(&session)).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.body.contains("name=\"number\"") && form.body.contains("pictures/page"));

    let typed = |number: &str| format!("csrf={csrf}&number={number}");
    for (number, words) in [
        ("12345", "six digits"),
        ("12345A", "six digits"),
        ("", "six digits"),
        ("654321", "The chip did not open"),
    ] {
        let refused = fixture.form(&path, Some(&session), &typed(number)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        assert!(refused.body.contains(words), "{number}: {}", refused.body);
    }
    let forged = fixture
        .form(&path, Some(&session), "csrf=0&number=123456")
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    // A number that was typed wrongly says nothing about the document.
    let screen = fixture.get(&encounter, Some(&session)).await.body;
    assert!(!screen.contains("pictures/chip") && !screen.contains("ERIKSSON"));

    let read = fixture.form(&path, Some(&session), &typed("123+456")).await;
    assert_eq!(read.status, StatusCode::SEE_OTHER, "{}", read.body);
    let screen = fixture.get(&encounter, Some(&session)).await.body;
    assert!(
        screen.contains("pictures/chip") && screen.contains("ERIKSSON"),
        "{screen}"
    );
    assert!(
        !screen.contains(&format!("href=\"{path}\"")),
        "it has been read"
    );
    let again = fixture.get(&path, Some(&session)).await;
    assert_eq!(again.header("location"), encounter);
    let details = fixture
        .get(&format!("{encounter}/details"), Some(&session))
        .await
        .body;
    assert!(
        details.contains("the chip was opened by its access number"),
        "{details}"
    );
    // The record names the document by the zone in its chip: the page's was not read.
    let decision = format!("csrf={csrf}&decision=Hold");
    fixture
        .form(&format!("{encounter}/decision"), Some(&session), &decision)
        .await;
    let appliance = &fixture.desk.parts.appliance;
    let record = appliance.encounter(rules::Sequence(1)).unwrap().unwrap();
    let lines = record.document.unwrap().mrz;
    assert!(
        lines[0].starts_with("P<UTOERIKSSON<<ANNA<MARIA"),
        "{lines:?}"
    );
}

#[tokio::test]
async fn a_corrected_zone_opens_the_chip_and_stands_beside_its_own() {
    let fixture = with_chip();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let id = fixture.put_before(&session, Advice::Look);
    // Number, birth and expiry of the zone that opens Utopia's chip; its name and state are another's.
    let first = "P<UTOERIKSSEN<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    let second = "L898902C<3UTO6908061F9406236ZE184226B<<<<<14";
    let zone: String = format!("{first}\n{second}")
        .bytes()
        .map(|b| format!("%{b:02X}"))
        .collect();
    let body = format!("csrf={csrf}&act=take&zone={zone}");
    let path = format!("/inspections/{id}/zone");
    let taken = fixture.form(&path, Some(&session), &body).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let path = format!("/inspections/{id}/details");
    let details = fixture.get(&path, Some(&session)).await.body;
    let row = |field: &str| {
        let (_, rest) = details
            .split_once(&format!("<th scope=\"row\">{field}</th>"))
            .unwrap_or_else(|| panic!("{field}: {details}"));
        rest.split_once("</tr>").unwrap().0.to_owned()
    };
    let surname = row("Surname");
    assert!(
        surname.contains("ERIKSSEN") && surname.contains("ERIKSSON"),
        "{surname}"
    );
    assert!(
        surname.contains("class=\"bad\"") && surname.contains("Differs"),
        "{surname}"
    );
    let names = row("Given names");
    assert!(
        names.contains("The same") && !names.contains("bad"),
        "{names}"
    );
    assert_eq!(names.matches("ANNA MARIA").count(), 2, "{names}");
}

/// What a stream has said until these words came.
async fn until(stream: &mut BodyDataStream, words: &str) -> String {
    let mut said = String::new();
    while !said.contains(words) {
        let chunk = stream.next().await.expect("it goes on").unwrap();
        said.push_str(&String::from_utf8_lossy(&chunk));
    }
    said
}

#[tokio::test]
async fn the_officer_sees_how_far_the_chip_is_and_need_not_wait_for_it() {
    let fixture = with_chip();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let running = Arc::new(Running::new(Pictures::default()).unwrap());
    fixture
        .desk
        .sessions
        .change(&session, |s| s.current = Some(Arc::clone(&running)));
    let path = format!("/inspections/{}", running.id);
    let events = request("GET", &format!("{path}/events"), Some(&session), "", "");
    let response = fixture.desk.router().oneshot(events).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    let at_rest = fixture.get(&path, Some(&session)).await.body;
    assert!(at_rest.contains("data-chip hidden"), "{at_rest}");

    running.chip(ChipPhase::Access);
    until(&mut stream, "Opening the chip").await;
    running.chip(ChipPhase::File(FileId::Dg2, 483, Some(1000)));
    let said = until(&mut stream, "45 %").await;
    assert!(
        said.contains("event: chip") && said.contains("Reading the chip: face"),
        "{said}"
    );
    // Without script the page says the same.
    let page = fixture.get(&path, Some(&session)).await.body;
    assert!(
        page.contains("45 %") && page.contains("Go on without the chip"),
        "{page}"
    );
    assert!(!page.contains("data-chip hidden"));

    let stop = format!("{path}/chip/stop");
    let forged = fixture.form(&stop, Some(&session), "csrf=0").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(!running.is_called_off());
    let stopped = fixture
        .form(&stop, Some(&session), &format!("csrf={csrf}"))
        .await;
    assert_eq!(stopped.header("location"), path);
    assert!(running.is_called_off());
    running.answered(rules::CheckGroup::Chip, &[]);
    until(&mut stream, "{\"words\":null}").await;
}
