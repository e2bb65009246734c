//! A reader that is watched: placement, another try at the face, the document placed again.

use super::{AtTheDesk, SIZES};

/// Placement guidance follows what lies on the reader; two more tries at the face.
pub(super) fn watched_reader(at: &AtTheDesk) {
    at.browser.go("/").unwrap();
    let words = at.browser.see("[data-sight]").unwrap();
    assert!(words.contains("No document"), "{words}");
    let reader = at.folder().join("reader");
    let scene = at.day.scenes().join("3-another-face");
    for name in ["page.jpg", "live.jpg"] {
        std::fs::copy(scene.join(name), reader.join(name)).unwrap();
    }
    at.browser
        .see("[data-sight-picture]:not([hidden])")
        .unwrap();
    assert!(
        !at.browser
            .see("[data-sight]")
            .unwrap()
            .contains("No document")
    );
    at.browser.size(1024, 600).unwrap();
    at.browser.shot("preview-en-1024x600").unwrap();
    at.browser.keys("\u{E032}").unwrap(); // F2
    at.browser.see("main.encounter .zone").unwrap();
    assert!(at.browser.shows(".bar.warn"));
    let right = at.day.scenes().join("1-right-person/live.jpg");
    std::fs::copy(right, reader.join("live.jpg")).unwrap();
    at.browser.keys("\u{E033}").unwrap(); // F3
    at.browser.see(".bar.ok").unwrap();
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
    for name in ["page.jpg", "live.jpg"] {
        std::fs::remove_file(reader.join(name)).unwrap();
    }
}

/// The chip was silent, the page badly placed: the document is placed again, and it stays one encounter.
pub(super) fn placed_again(at: &AtTheDesk) {
    let reader = at.folder().join("reader");
    let place = |scene: &str| {
        let from = at.day.scenes().join(scene);
        for name in ["page.jpg", "live.jpg"] {
            std::fs::copy(from.join(name), reader.join(name)).unwrap();
        }
    };
    let chip = reader.join("chip");
    std::fs::create_dir(&chip).unwrap();
    place("d-chip");
    at.browser.go("/").unwrap();
    at.browser.keys("\u{E032}").unwrap(); // F2
    let said = at.browser.see(".bar.warn").unwrap();
    assert!(said.contains("place the document again"), "{said}");
    at.look_in("place-again", &["en"], &SIZES);
    for file in std::fs::read_dir(at.day.scenes().join("d-chip/chip")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), chip.join(file.file_name())).unwrap();
    }
    at.browser.keys("\u{E032}").unwrap();
    at.browser.see(".bar.ok").unwrap();
    assert!(at.browser.shows(".photos img[src$='/chip']"));
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
    assert!(
        !at.browser.shows(".interrupted"),
        "nothing of the first presentation is left over"
    );
    std::fs::remove_dir_all(&chip).unwrap();
    for name in ["page.jpg", "live.jpg"] {
        std::fs::remove_file(reader.join(name)).unwrap();
    }
}
