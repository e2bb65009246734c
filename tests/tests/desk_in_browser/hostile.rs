//! Words that others wrote, in a real browser: whatever a list, a slip of paper, a typed zone or a file's name says
//! stays text. (What no honest zone can hold is tried on every page in the desk's own tests.)

use super::{AtTheDesk, Script, at_the_desk};
use serde_json::Value;

/// Runs where a browser takes it for more than text.
const LIVE: &str = "<img src=x onerror=window.ran=1>";

fn nothing_ran(at: &AtTheDesk, place: &str) {
    let ran = "return window.ran ?? document.querySelectorAll('img[src=x], svg[onload]').length";
    assert_eq!(at.browser.evaluate(ran).unwrap(), Value::from(0), "{place}");
}

#[test]
fn what_others_wrote_stays_text_in_the_browser() {
    let Some(at) = at_the_desk(Script::On, |scenario| {
        ["1-right-person", "9-unreadable"].contains(&scenario.name)
    }) else {
        return;
    };
    // A list with entries that are no names, for the traveller of the first scene.
    let persons = format!(
        "entry,names,birth,sex,nationality,documents,action,handling,expires\n\
         UTO-P-0009,David Otieno Kimani|{LIVE} Kimani,1971-08-04,M,UTO,,{LIVE} speak to him,open,2031-12-31\n"
    );
    let documents = "number,state,type,entry\nU44129075,UTO,P,UTO-D-0001\n";
    let repository = at.folder().join("hq/repository");
    let published = at
        .day
        .headquarters()
        .publish(&persons, documents, &repository);
    published.unwrap();
    at.day.post().take_edition(&repository).unwrap();
    // A demonstration's traveller whose folder is no honest name.
    let odd = at.day.scenes().join(format!("z {LIVE}"));
    std::fs::create_dir(&odd).unwrap();
    for name in ["page.jpg", "live.jpg"] {
        let from = at.day.scenes().join("1-right-person").join(name);
        std::fs::copy(from, odd.join(name)).unwrap();
    }

    at.browser.size(1280, 800).unwrap();
    at.browser.go("/sign-in").unwrap();
    at.browser.fill("#officer", LIVE).unwrap();
    at.browser.fill("#pin", "000000").unwrap();
    at.browser.press("form.fields button").unwrap();
    nothing_ran(&at, "an officer's name");
    at.sign_in("a.officer");
    let lane = at.browser.see(".scenes").unwrap();
    assert!(lane.contains("<img src=x"), "{lane}");
    nothing_ran(&at, "a scene's name");

    at.inspect("1-right-person");
    assert!(
        at.browser
            .see(".candidates")
            .unwrap()
            .contains("Listed person")
    );
    nothing_ran(&at, "a candidate");
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();

    at.inspect("9-unreadable");
    at.browser.press("a[data-key=F6]").unwrap();
    at.browser
        .fill("#zone", &format!("</textarea>{LIVE}\n{LIVE}"))
        .unwrap();
    at.browser.press("button[name=act][value=look]").unwrap();
    nothing_ran(&at, "a typed zone");
    let typed = at
        .browser
        .evaluate("return document.querySelector('#zone').value")
        .unwrap();
    assert!(
        typed
            .as_str()
            .unwrap()
            .to_lowercase()
            .contains("<img src=x"),
        "{typed}"
    );
    at.browser.go("/").unwrap();
    at.browser.press("main a.button").unwrap();
    at.decide("Hold");
    at.browser.see(".scenes").unwrap();

    at.browser.go("/paper").unwrap();
    at.browser.fill("#number", LIVE).unwrap();
    at.browser.fill("#time", "00:00").unwrap();
    at.browser
        .fill("#zone", &format!("{LIVE}\n{LIVE}"))
        .unwrap();
    at.browser.press("main button[data-key=F5]").unwrap();
    nothing_ran(&at, "a slip of paper");

    at.browser.go(&format!("/{LIVE}?back={LIVE}")).unwrap();
    nothing_ran(&at, "an address");
    at.browser.go("/").unwrap();
    at.browser
        .press_here("header details.menu summary")
        .unwrap();
    at.browser.press("form[action='/sign-out'] button").unwrap();
    at.sign_in("s.second");
    let list = at.browser.see("main table").unwrap();
    assert!(list.contains("UTOPIA-GATE-1/"), "{list}");
    at.browser
        .press("main table tbody tr:last-child a")
        .unwrap();
    let record = at.browser.see("main").unwrap();
    assert!(
        record.contains("<img src=x") && record.contains("speak to him"),
        "the second line reads the entry as it is written: {record}"
    );
    nothing_ran(&at, "an entry");
}
