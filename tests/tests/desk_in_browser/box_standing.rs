//! What befalls the box: power, a shift's end, the second line at the same desk.

use super::{AtTheDesk, SIZES, by_hand, open};
use mpaka_tests::whole::clock_can_be_set;

/// The power goes between advice and decision: the encounter reopens as interrupted, and nothing is decided.
pub(super) fn power_cut(at: &mut AtTheDesk) {
    at.inspect("3-another-face");
    let before = at.day.post().state().join("mpaka.db");
    assert!(before.is_file());
    at.desk.kill();
    let folder = at.folder().to_path_buf();
    at.desk = open(&at.day, at.port, &folder, None);
    at.sign_in("a.officer");
    let lane = at.browser.see(".interrupted").unwrap();
    assert!(lane.contains("Interrupted when the power went"), "{lane}");
    at.look("interrupted");
    at.browser.press(".interrupted button").unwrap();
    let text = at.browser.see("main.encounter").unwrap();
    assert!(
        text.contains("KIMANI") && text.contains("nothing was decided"),
        "{text}"
    );
    at.look("reopened");
    at.decide("Refer");
    at.browser.see(".scenes").unwrap();
    assert!(!at.browser.shows(".interrupted"));
}

/// The second line sees the reason and not the source, and nobody who is protected.
pub(super) fn second_line(at: &AtTheDesk) {
    at.browser
        .press_here("header details.menu summary")
        .unwrap();
    at.browser.press("form[action='/sign-out'] button").unwrap();
    at.browser.see("#officer").unwrap();
    at.sign_in("s.second");
    let list = at.browser.see("main table").unwrap();
    assert!(list.contains("UTOPIA-GATE-1/"), "{list}");
    at.look("second-line");
    let links =
        "return [...document.querySelectorAll('main table a')].map((a) => a.getAttribute('href'))";
    let links = at.browser.evaluate(links).unwrap();
    let mut seen = String::new();
    for link in links.as_array().unwrap() {
        at.browser.go(link.as_str().unwrap()).unwrap();
        let text = at.browser.text().unwrap();
        if text.contains("MWANGAZA") {
            assert!(text.contains("speak to him alone"), "{text}");
            at.look("second-line-record");
        }
        assert!(
            !text.contains("Utopian Border Act") && !text.contains("C10000025"),
            "{text}"
        );
        seen.push_str(&text);
    }
    assert!(
        seen.contains("MWANGAZA") && seen.contains("Cabdiraxmaan"),
        "{seen}"
    );
    // The first line's pages are not the second line's.
    at.browser.go("/").unwrap();
    assert_eq!(at.browser.path().unwrap(), "/second-line");
    at.browser.go("/shift").unwrap();
    assert_eq!(at.browser.path().unwrap(), "/second-line");
    at.browser
        .press_here("header details.menu summary")
        .unwrap();
    at.browser.shot("menu-en-1280x800").unwrap();
    at.browser.press("form[action='/sign-out'] button").unwrap();
}

/// The shift's counts, and the hand-over.
pub(super) fn hand_over(at: &AtTheDesk) {
    at.sign_in("a.officer");
    at.inspect("1-right-person");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
    at.browser.go("/shift").unwrap();
    let sheet = at.browser.see("main").unwrap();
    assert!(
        sheet.contains("Travellers 1") && sheet.contains("Admitted 1"),
        "{sheet}"
    );
    at.look("shift");
    at.browser.press("main form button").unwrap();
    at.browser.see("#officer").unwrap();
    assert_eq!(at.browser.path().unwrap(), "/sign-in");
}

/// No network for ten days: the list's age stands in yellow and stops nobody; two days before the lease runs out the
/// box counts them, and once it has run out it says what to do.
pub(super) fn days_without_a_network(at: &mut AtTheDesk) {
    if !clock_can_be_set() {
        return;
    }
    at.desk.kill();
    at.day
        .post()
        .be_admitted(at.day.headquarters(), 12)
        .unwrap();
    let folder = at.folder().to_path_buf();
    let clock = folder.join("clock");
    std::fs::write(&clock, "+10d").unwrap();
    at.desk = open(&at.day, at.port, &folder, Some(&clock));
    at.sign_in("a.officer");
    let banner = at.browser.see(".place").unwrap();
    assert!(banner.contains("List 2 is 10 days old"), "{banner}");
    assert!(banner.contains("left without headquarters"), "{banner}");
    assert!(at.browser.shows(".place .lease.warn") && !at.browser.shows(".place .bad"));
    at.look("stale-list");
    at.browser.go("/self-test").unwrap();
    at.look_in("stale-list-self-test", &["en"], &SIZES);
    at.inspect("1-right-person");
    assert!(at.browser.shows(".bar.ok"), "a list's age stops nobody");
    let reasons = at.browser.see(".reasons").unwrap();
    assert!(reasons.contains("The list on this box is old"), "{reasons}");
    at.look("stale-list-clear");
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();

    // It runs out while she sits there.
    std::fs::write(&clock, "+13d").unwrap();
    for _ in 0..200 {
        if at.browser.shows("section.locked") {
            break;
        }
        at.browser.go("/").unwrap();
    }
    let locked = at.browser.see("section.locked").unwrap();
    assert!(
        locked.contains("Connect it to the network") && locked.contains("work by paper"),
        "{locked}"
    );
    assert!(!at.browser.shows(".scenes"), "no traveller is begun with");
    at.look("locked");
    at.browser
        .press_here("header details.menu summary")
        .unwrap();
    at.browser.press("form[action='/sign-out'] button").unwrap();
    at.enter("a.officer");
    assert_eq!(at.browser.path().unwrap(), "/self-test");
    let told = at.browser.see("main").unwrap();
    assert!(
        told.contains("call headquarters") && told.contains("enter travellers from paper"),
        "{told}"
    );
    at.look("locked-self-test");
    at.browser.press("main button[data-key=F2]").unwrap();
    at.browser.press("a[href='/paper']").unwrap();
    let told = at.browser.see("main").unwrap();
    assert!(told.contains("No list is searched"), "{told}");
    at.look("locked-paper");
    // A listed name: a locked box must not tell that it is one.
    let zone = by_hand::zone_of_listed();
    by_hand::fill_paper(at, "P-9", &zone);
    at.browser.press("button[data-key=F5]").unwrap();
    let reasons = at.browser.see(".reasons").unwrap();
    assert!(reasons.contains("the box is locked"), "{reasons}");
    assert!(!at.browser.shows(".candidates"));
    at.look("locked-from-paper");
    at.decide("Admit");
    assert!(at.browser.see(".bar").unwrap().contains("Admitted"));
    at.browser
        .press_here("header details.menu summary")
        .unwrap();
    at.browser.press("a[href='/shift']").unwrap();
    at.browser.press("main form button").unwrap();
    // The second line sees nobody's record on a locked box.
    at.enter("s.second");
    let refused = at.browser.see("main").unwrap();
    assert!(refused.contains("call headquarters"), "{refused}");
    at.look_in("locked-second-line", &["en"], &SIZES);
}
