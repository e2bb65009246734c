//! The lists, and the path of protection.

use super::{AtTheDesk, SIZES};

/// Neutral words, and of a discreet entry only that the second line should see the traveller.
pub(super) fn candidates(at: &AtTheDesk) {
    at.inspect("6-listed-name");
    let text = at.browser.text().unwrap();
    assert!(
        text.contains("Listed person") && text.contains("very alike"),
        "{text}"
    );
    assert!(
        !text.to_lowercase().contains("yusuf"),
        "the entry is for the second line"
    );
    at.look("candidate");
    // Deciding otherwise asks for one tap.
    at.decide("Admit");
    at.browser
        .see("button[name=reason][value=not_this_person]")
        .unwrap();
    // The question is an answer to a form: it is looked at where it stands.
    for (width, height) in SIZES {
        at.browser.size(width, height).unwrap();
        at.browser
            .shot(&format!("otherwise-en-{width}x{height}"))
            .unwrap();
    }
    assert_eq!(at.browser.axe().unwrap(), Vec::new());
    at.browser.press("[data-key=Escape]").unwrap();
    at.browser
        .see("button[name=decision][value=Refer]")
        .unwrap();
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();

    at.inspect("c-discreet");
    let text = at.browser.text().unwrap();
    assert!(
        text.contains("The second line should see this traveller"),
        "{text}"
    );
    for word in [
        "Listed",
        "list entry",
        "resembles",
        "UTO-P-0004",
        "candidate",
    ] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(
        !at.browser
            .shows("[data-group=search].bad, [data-group=search].warn")
    );
    at.look("discreet");
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();

    at.inspect("5-listed-document");
    assert!(
        at.browser
            .see(".bar.bad")
            .unwrap()
            .contains("listed as lost")
    );
    at.look_in("listed-document", &["en"], &[(1024, 600)]);
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();

    at.inspect("7-expired");
    assert!(
        at.browser
            .see(".reasons")
            .unwrap()
            .contains("Validity: expired on 31 March 2024")
    );
    at.look("expired");
    at.decide("Hold");
    at.browser.see(".scenes").unwrap();
}

/// A refugee's document takes the path of protection by itself.
pub(super) fn refugee(at: &AtTheDesk) {
    at.inspect("b-refugee");
    let note = at.browser.see(".note").unwrap();
    assert!(note.contains("Protection"), "{note}");
    at.look("protection");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
    // Anybody else takes it by a press.
    at.inspect("2-right-person-card");
    assert!(!at.browser.shows(".note"));
    at.browser.keys_here("\u{E03A}").unwrap(); // F10
    at.browser
        .press("button[formaction$='/protection']")
        .unwrap();
    assert!(at.browser.see(".note").unwrap().contains("Protection"));
    at.decide("Refer");
    at.browser
        .press("button[name=reason][value=interview]")
        .unwrap();
    let lane = at.browser.see("main").unwrap();
    assert!(lane.contains("path of protection"), "{lane}");
}
