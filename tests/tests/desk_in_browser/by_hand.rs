//! What is typed: a zone that no machine reads, and travellers from paper.

use super::{AtTheDesk, LANGUAGES, SIZES};
use rules::check::CheckId;
use rules::mrz::{Format, Particulars, Sex, Zone, generate};

/// The form beside the picture, its digits following what is typed.
pub(super) fn unreadable_zone(at: &AtTheDesk) {
    at.inspect("9-unreadable");
    assert!(
        at.browser
            .see(".bar.warn")
            .unwrap()
            .contains("could not be read")
    );
    at.look("unreadable");
    at.browser.keys("\u{E036}").unwrap(); // F6
    at.browser.see("form[data-digits] textarea").unwrap();
    assert!(
        at.browser.shows("main figure.page img"),
        "beside the picture"
    );
    let (first, wrong, right) = zone_of_9();
    at.browser
        .fill("#zone", &format!("{first}\n{wrong}"))
        .unwrap();
    at.browser.see(".digits li.warn").unwrap();
    let digits = at.browser.see(".digits").unwrap();
    assert!(
        digits.contains("Check digit of the document number"),
        "{digits}"
    );
    at.look_typed("correction", &format!("{first}\n{wrong}"));
    at.browser
        .fill("#zone", &format!("{first}\n{right}"))
        .unwrap();
    at.browser.gone(".digits li.warn").unwrap();
    at.browser.keys("\u{E035}").unwrap(); // F5
    let text = at.browser.see("main.encounter").unwrap();
    assert!(
        text.contains("KIMANI") && text.contains("The zone was typed by hand"),
        "{text}"
    );
    at.look("corrected");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

/// The zone of a passport of Utopia.
fn zone_of(surname: &str, given_names: &str, number: &str, birth: &str) -> Zone {
    generate(
        &Particulars {
            document_code: "P".into(),
            issuing_state: "UTO".into(),
            surname: surname.into(),
            given_names: given_names.into(),
            document_number: number.into(),
            nationality: "UTO".into(),
            date_of_birth: day(birth).into(),
            sex: Sex::Male,
            date_of_expiry: Some(day("2031-05-20")),
            optional: String::new(),
            second_optional: String::new(),
        },
        Format::Td3,
    )
    .unwrap()
}

/// The zone of the traveller whose name stands on the list.
pub(super) fn zone_of_listed() -> String {
    zone_of("ALI", "YUSSUF ABDURAHMAN", "U10000058", "1983-02-14")
        .lines()
        .join("\n")
}

/// The zone of the washed-out page, its second line once with a slip and once as printed.
pub(super) fn zone_of_9() -> (String, String, String) {
    let zone = zone_of("KIMANI", "DAVID OTIENO", "U10000082", "1971-08-04");
    let lines = zone.lines();
    let slip = lines[1].replacen("U10000082", "U10000083", 1);
    let checks = Zone::from_lines(&[lines[0].as_str(), &slip])
        .unwrap()
        .checks(day("2026-11-29"));
    assert!(checks.iter().any(
        |c| c.check == CheckId::ZoneDigitDocumentNumber && c.outcome == rules::Outcome::Failed
    ));
    (lines[0].clone(), slip, lines[1].clone())
}

impl AtTheDesk {
    /// The same as `look`, where what is typed has to be typed again in each language.
    fn look_typed(&self, state: &str, text: &str) {
        for language in LANGUAGES {
            self.speak(language);
            self.browser.fill("#zone", text).unwrap();
            self.browser.see(".digits li").unwrap();
            for (width, height) in SIZES {
                self.browser.size(width, height).unwrap();
                self.browser
                    .shot(&format!("{state}-{language}-{width}x{height}"))
                    .unwrap();
            }
            assert_eq!(
                self.browser.axe().unwrap(),
                Vec::new(),
                "{state} {language}"
            );
        }
        self.speak("en");
        self.browser.size(1280, 800).unwrap();
    }
}

/// Types what stands on paper.
pub(super) fn fill_paper(at: &AtTheDesk, number: &str, zone: &str) {
    at.browser.fill("#number", number).unwrap();
    at.browser.fill("#time", "00:00").unwrap();
    at.browser.fill("#zone", zone).unwrap();
}

/// Box down: a number on paper, entered afterwards, searched now.
pub(super) fn paper(at: &AtTheDesk) {
    at.browser.go("/paper").unwrap();
    at.look("paper");
    let (first, _, second) = zone_of_9();
    // Whatever stands on paper is text, and nothing else.
    let number = "P-17<img src=x onerror=window.ran=1>";
    fill_paper(at, number, &format!("{first}\n{second}"));
    at.browser.press("main button[data-key=F5]").unwrap();
    let note = at.browser.see(".note").unwrap();
    assert!(note.contains("P-17<img src=x"), "{note}");
    assert_eq!(
        at.browser.evaluate("return window.ran ?? null").unwrap(),
        serde_json::Value::Null
    );
    assert!(!at.browser.shows("img[src=x]"));
    at.look("from-paper");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}
