//! The traveller's face: another, a child, a veil; the reference for whoever is referred.

use super::{AtTheDesk, SIZES};

/// Both pictures, and the officer decides; a referral gives a reference in the traveller's own language.
pub(super) fn another_face(at: &AtTheDesk) {
    at.inspect("3-another-face");
    assert!(
        at.browser.see(".bar.warn").unwrap().contains("Look"),
        "never more than Look"
    );
    assert!(at.browser.shows(".photos img[src$='/live']"));
    assert!(at.browser.shows(".photos img[src$='/portrait']"));
    at.look("another-face");
    at.decide("Refer");
    at.browser.press("main a[data-key=F7]").unwrap();
    let reference = at.browser.see(".reference").unwrap();
    assert!(reference.starts_with("UTOPIA-GATE-1/"), "{reference}");
    let code = "img[src$='/code']";
    at.browser.see(code).unwrap();
    let drawn = at
        .browser
        .evaluate("return document.querySelector('.slip img').naturalWidth")
        .unwrap();
    assert!(drawn.as_f64().unwrap() >= 200.0, "{drawn}");
    at.look("reference");
    at.browser.press(".languages a[lang=so]").unwrap();
    let notice = at.browser.see("main.traveller").unwrap();
    assert!(
        notice.contains("Fadlan sug") && notice.contains(&reference),
        "{notice}"
    );
    // Officer's and traveller's languages are apart: the way back is in the officer's.
    assert!(
        at.browser
            .see("footer")
            .unwrap()
            .contains("Back to the reference")
    );
    at.browser.size(1024, 600).unwrap();
    at.browser.shot("notice-so-1024x600").unwrap();
    assert_eq!(at.browser.axe().unwrap(), Vec::new());
    at.browser.press("footer a[data-key=Escape]").unwrap();
    at.browser.press(".languages a[lang=ar]").unwrap();
    at.browser.see("main.traveller").unwrap();
    at.browser.shot("notice-ar-1024x600").unwrap();
    assert_eq!(at.browser.axe().unwrap(), Vec::new());
}

/// A child's age is shown and no score formed; a veil is left out with a reason and penalises nobody.
pub(super) fn child_and_veil(at: &AtTheDesk) {
    at.inspect("a-child");
    let text = at.browser.text().unwrap();
    assert!(text.contains("8 years old"), "{text}");
    assert!(text.contains("compare the faces by eye"), "{text}");
    assert!(
        !at.browser.shows("[data-group=face].bad"),
        "no biometric red"
    );
    at.look("child");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();

    at.inspect("i-portrait-of-child");
    let text = at.browser.text().unwrap();
    assert!(text.contains("14 years old"), "{text}");
    assert!(
        text.contains("the portrait may be from before the age of 12"),
        "{text}"
    );
    assert!(!at.browser.shows("[data-group=face].bad"));
    at.look_in("portrait-of-child", &["en"], &SIZES);
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();

    at.inspect("4-nobody");
    assert!(at.browser.shows(".bar.warn"));
    at.browser.press_here("summary[data-key=F10]").unwrap();
    at.browser.see("button[name=skip][value=veil]").unwrap();
    at.browser.size(1024, 600).unwrap();
    at.browser.shot("more-en-1024x600").unwrap();
    at.browser.press("button[name=skip][value=veil]").unwrap();
    let bar = at.browser.see(".bar.ok").unwrap();
    assert!(bar.contains("Compare the face by eye"), "{bar}");
    assert!(at.browser.see(".reasons").unwrap().contains("Veil"));
    at.look("veil");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}
