//! What the document says: a good one, chips, check digits.

use super::{AtTheDesk, OTHERS, SIZES};

/// No network: everything is local, and what waits is counted.
pub(super) fn right_person(at: &AtTheDesk) {
    at.inspect("1-right-person");
    let said = at.browser.see(".bar").unwrap();
    assert!(said.contains("Clear"), "{said}");
    assert!(at.browser.shows(".bar.ok"));
    // Silence: no colour where nothing is wrong, and no decision lies under the Enter key.
    assert!(
        !at.browser
            .shows(".groups .warn, .groups .bad, .reasons .bad, .reasons .warn")
    );
    let focused = at
        .browser
        .evaluate("return document.activeElement.name || ''")
        .unwrap();
    assert_ne!(focused, "decision");
    at.look("clear");
    at.look_in("clear", &OTHERS, &[(1024, 600)]);
    at.look_in("clear", &["en"], &[(1920, 1080), (600, 960)]);
    at.browser.keys("\u{E035}").unwrap(); // F5
    at.browser.see(".scenes").unwrap();
    let lane = at.browser.see(".bar .said").unwrap();
    assert!(lane.contains("Admitted"), "{lane}");
    let text = at.browser.text().unwrap();
    assert!(!text.contains("KIMANI"), "the screen is cleared");
    assert!(text.contains("1 record waits to be sent"), "{text}");
    // Going back shows nobody.
    at.browser.back().unwrap();
    assert!(!at.browser.text().unwrap().contains("KIMANI"));
}

/// A chip that proves it, one with a face that nobody signed, one of a state that the box does not know.
pub(super) fn chips(at: &AtTheDesk) {
    at.inspect("d-chip");
    assert!(at.browser.see(".bar").unwrap().contains("Clear"));
    assert!(at.browser.shows(".photos img[src$='/chip']"));
    at.look_in("chip", &["en"], &SIZES);
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();

    at.inspect("e-chip-another-face");
    assert!(at.browser.see(".bar.bad").unwrap().contains("Refer"));
    assert!(
        !at.browser.shows(".photos img[src$='/chip']"),
        "never shown as trusted"
    );
    assert!(at.browser.shows("[data-group=chip].bad"));
    at.look("chip-another-face");
    at.browser.keys("\u{E034}").unwrap(); // F4
    let details = at.browser.see("main").unwrap();
    assert!(details.contains("files unaltered"), "{details}");
    at.look("details");
    at.browser.keys("\u{E034}").unwrap();
    at.browser.see("main.encounter .zone").unwrap();
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();

    at.inspect("f-chip-unknown-state");
    let said = at.browser.see(".bar.warn").unwrap();
    assert!(said.contains("Look"), "yellow, never red: {said}");
    assert!(at.browser.shows("[data-group=chip].warn"));
    at.look("chip-unknown-state");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}

/// A chip is expected and silent: a triangle, and the document is placed again. Nobody calls it forged.
pub(super) fn silent_chip(at: &AtTheDesk) {
    at.inspect("g-chip-silent");
    let said = at.browser.see(".bar.warn").unwrap();
    assert!(said.contains("place the document again"), "{said}");
    assert!(at.browser.shows("[data-group=chip].warn"));
    let reasons = at.browser.see(".reasons").unwrap();
    assert!(reasons.contains("that alone proves nothing"), "{reasons}");
    at.look("chip-silent");
    at.decide("Hold");
    at.browser.see(".scenes").unwrap();
}

/// Nobody travels on a visa alone: the passport is asked for, and nothing is said against the traveller.
pub(super) fn visa_alone(at: &AtTheDesk) {
    at.inspect("h-visa");
    let said = at.browser.see(".bar.warn").unwrap();
    assert!(said.contains("read the passport"), "{said}");
    let text = at.browser.text().unwrap();
    assert!(text.contains("visa U10000165"), "{text}");
    assert!(!at.browser.shows(".groups .bad, .reasons .bad"));
    at.look("visa-alone");
    at.decide("Hold");
    at.browser.see(".scenes").unwrap();
}

/// Expected against read, highlighted.
pub(super) fn check_digit(at: &AtTheDesk) {
    at.inspect("8-check-digit");
    assert!(at.browser.shows(".zone mark.wrong"));
    let text = at.browser.text().unwrap();
    assert!(
        text.contains("Check digit of the birth date: expected"),
        "{text}"
    );
    at.look("check-digit");
    at.speak("ar");
    let arabic = at.browser.see(".reasons").unwrap();
    assert!(
        !arabic.contains("expected"),
        "no English in other languages: {arabic}"
    );
    at.speak("en");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}
