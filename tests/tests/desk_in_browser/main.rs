//! The officer's desk in a real browser: every exception of an officer's day, met as she meets it, in two
//! languages, at two sizes, without script too. Pictures of every state are kept (see `Browser::shot`).
#![allow(clippy::unwrap_used, clippy::panic)]

mod box_standing;
mod by_hand;
mod documents;
mod faces;
mod hostile;
mod lists;
mod reader;

use by_hand::zone_of_9;
use mpaka_tests::whole::demo::Day;
use mpaka_tests::whole::scenarios::Scenario;
use mpaka_tests::whole::{Browser, Desk, Manner, Programs, Script, models_or_skip};
use std::ffi::OsStr;
use std::path::Path;

const PIN: &str = "246810";
/// The seven-inch panel, and an ordinary screen.
const SIZES: [(u32, u32); 2] = [(1024, 600), (1280, 800)];
/// Left to right, and right to left.
const LANGUAGES: [&str; 2] = ["en", "ar"];
/// Everything else that the desk speaks.
const OTHERS: [&str; 4] = ["sw", "fr", "so", "am"];

/// A day with its desk open and a browser at it; none, said aloud, where something is absent.
struct AtTheDesk {
    browser: Browser,
    desk: Desk,
    port: u16,
    day: Day,
    _folder: tempfile::TempDir,
}

fn at_the_desk(script: Script, comes: impl Fn(&Scenario) -> bool) -> Option<AtTheDesk> {
    let models = models_or_skip()?;
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let day = Day::prepare_for(&programs, folder.path(), &models, comes, |_| {}).unwrap();
    for (name, role) in [("a.officer", "officer"), ("s.second", "second-line")] {
        day.post().add_in_role(name, role, PIN).unwrap();
    }
    std::fs::create_dir(folder.path().join("reader")).unwrap();
    let desk = open(&day, 0, folder.path(), None);
    let port = desk.port();
    let browser = Browser::open(desk.url(), script).unwrap()?;
    Some(AtTheDesk {
        browser,
        desk,
        port,
        day,
        _folder: folder,
    })
}

/// Opens the desk on this port (0: a free one), today or on the day that a file says.
fn open(day: &Day, port: u16, folder: &Path, clock: Option<&Path>) -> Desk {
    let reader = folder.join("reader");
    Desk::open_in(
        day.post(),
        &day.scenes(),
        None,
        ("a.officer", PIN),
        &[OsStr::new("--camera"), reader.as_os_str()],
        &Manner {
            port,
            clock: clock.map(Path::to_path_buf),
            ..Manner::default()
        },
    )
    .unwrap()
}

impl AtTheDesk {
    fn folder(&self) -> &Path {
        self._folder.path()
    }

    /// Signs in; a lane is not open yet.
    fn enter(&self, who: &str) {
        self.browser.go("/sign-in").unwrap();
        self.browser.fill("#officer", who).unwrap();
        self.browser.fill("#pin", PIN).unwrap();
        self.browser.press("form.fields button").unwrap();
    }

    /// Signs in, and opens the lane where there is one.
    fn sign_in(&self, who: &str) {
        self.enter(who);
        if who == "a.officer" {
            self.browser.press("main button[data-key=F2]").unwrap();
            self.browser.see(".scenes").unwrap();
        }
    }

    /// Puts a traveller of the demo before the officer and waits for the advice.
    fn inspect(&self, scene: &str) {
        self.browser.go("/").unwrap();
        self.browser
            .press(&format!("button[name=scene][value='{scene}']"))
            .unwrap();
        self.browser
            .see("main.encounter .zone, main.encounter h1.quiet")
            .unwrap();
    }

    fn decide(&self, decision: &str) {
        self.browser
            .press(&format!("button[name=decision][value={decision}]"))
            .unwrap();
    }

    fn speak(&self, language: &str) {
        self.browser.cookie("language", language).unwrap();
        self.browser.reload().unwrap();
        let spoken = self
            .browser
            .evaluate("return document.documentElement.lang")
            .unwrap();
        assert_eq!(spoken, language);
    }

    /// Looks at the page in both languages, at both sizes: nothing hangs over the edge, what is pressed is
    /// large enough to be, and no rule of accessibility is broken seriously.
    fn look(&self, state: &str) {
        self.look_in(state, &LANGUAGES, &SIZES);
    }

    fn look_in(&self, state: &str, languages: &[&str], sizes: &[(u32, u32)]) {
        for language in languages {
            self.speak(language);
            for (n, (width, height)) in sizes.iter().enumerate() {
                self.browser.size(*width, *height).unwrap();
                let name = format!("{state}-{language}-{width}x{height}");
                self.browser.shot(&name).unwrap();
                let over = self
                    .browser
                    .evaluate(
                        "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                    )
                    .unwrap();
                assert!(
                    over.as_f64().unwrap() < 1.0,
                    "{name}: {over} pixels wider than the window"
                );
                let small = self.browser.evaluate(SMALL_TARGETS).unwrap();
                assert_eq!(small, serde_json::json!([]), "{name}: too small to press");
                let over = self.browser.evaluate(BAR_OVERLAPS).unwrap();
                assert_eq!(over, serde_json::json!([]), "{name}: one over the other");
                if *language != "en" {
                    let english = self.browser.evaluate(ENGLISH_LEFT).unwrap();
                    assert_eq!(english, serde_json::json!([]), "{name}: still in English");
                }
                let hidden = self.browser.evaluate(DECISIONS_HIDDEN).unwrap();
                assert_eq!(hidden, serde_json::json!([]), "{name}: out of sight");
                // The rules ask of the page's make, which is the same in every language.
                if n == 0 && (*language == languages[0] || state == "clear") {
                    assert_eq!(self.browser.axe().unwrap(), Vec::new(), "{name}");
                }
            }
        }
        self.speak("en");
        self.browser.size(1280, 800).unwrap();
    }
}

/// What can be pressed and is smaller than 44 by 44 pixels; links within sentences are as WCAG lets them be.
const SMALL_TARGETS: &str = "return [...document.querySelectorAll('button, summary, .button, .links a, .target, .others > a, input:not([type=hidden]), textarea')]
    .filter((e) => e.checkVisibility() && !e.closest('.hidden, .skip'))
    .filter((e) => { const r = e.getBoundingClientRect(); return r.width < 44 || r.height < 44; })
    .map((e) => e.outerHTML.slice(0, 120))";
/// Words of the bar that lie over what stands at its other end.
const BAR_OVERLAPS: &str = "const place = document.querySelector('.bar .place')?.getBoundingClientRect();
    return !place ? [] : [...document.querySelectorAll('.bar .said > *')]
    .filter((e) => { const r = e.getBoundingClientRect(); return r.left < place.right && place.left < r.right && r.top < place.bottom && place.top < r.bottom; })
    .map((e) => e.outerHTML.slice(0, 120))";
/// What is marked as English in a page of another language; languages' own names are each in its own.
const ENGLISH_LEFT: &str = "return [...document.querySelectorAll('[lang=en]')]
    .filter((e) => !e.closest('.menu, .languages'))
    .map((e) => e.outerHTML.slice(0, 120))";
/// Decisions that are not wholly in the window.
const DECISIONS_HIDDEN: &str = "return [...document.querySelectorAll('footer.decide .buttons > *')]
    .filter((e) => { const r = e.getBoundingClientRect(); return r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth; })
    .map((e) => e.outerHTML.slice(0, 120))";

#[test]
fn every_exception_of_an_officers_day_is_met_at_the_desk() {
    let Some(mut at) = at_the_desk(Script::On, |_| true) else {
        return;
    };
    at.browser.go("/").unwrap();
    assert_eq!(at.browser.path().unwrap(), "/sign-in");
    at.look("sign-in");
    at.browser.fill("#officer", "a.officer").unwrap();
    at.browser.fill("#pin", PIN).unwrap();
    at.browser.press("form.fields button").unwrap();
    // The lane is opened by whoever has seen what the box can do.
    at.browser.go("/").unwrap();
    assert_eq!(at.browser.path().unwrap(), "/self-test");
    // The second: a box enrolled after a publishing needs another to read it.
    assert!(at.browser.text().unwrap().contains("List 2"));
    assert!(at.browser.text().unwrap().contains("under 1 h"));
    at.look("self-test");
    at.browser.press("main button[data-key=F2]").unwrap();
    at.browser.see(".scenes").unwrap();
    at.look("lane");

    documents::right_person(&at);
    documents::chips(&at);
    documents::silent_chip(&at);
    documents::visa_alone(&at);
    documents::check_digit(&at);
    faces::another_face(&at);
    faces::child_and_veil(&at);
    lists::candidates(&at);
    lists::refugee(&at);
    by_hand::unreadable_zone(&at);
    by_hand::paper(&at);
    reader::watched_reader(&at);
    reader::placed_again(&at);
    box_standing::power_cut(&mut at);
    box_standing::second_line(&at);
    box_standing::hand_over(&at);
    box_standing::days_without_a_network(&mut at);
}

#[test]
fn without_script_an_admission_a_referral_and_a_correction_still_work() {
    let Some(at) = at_the_desk(Script::Off, |scenario| {
        ["1-right-person", "6-listed-name", "9-unreadable"].contains(&scenario.name)
    }) else {
        return;
    };
    at.sign_in("a.officer");
    at.browser.size(1024, 600).unwrap();
    at.inspect("1-right-person");
    assert!(at.browser.shows(".bar.ok"));
    at.decide("Admit");
    assert!(at.browser.see(".bar").unwrap().contains("Admitted"));

    at.inspect("6-listed-name");
    at.decide("Admit");
    at.browser.press("[data-key=Escape]").unwrap();
    at.decide("Refer");
    at.browser.press("main a[data-key=F7]").unwrap();
    at.browser.see(".reference").unwrap();
    at.browser.shot("without-script-reference").unwrap();

    at.inspect("9-unreadable");
    at.browser.press("a[data-key=F6]").unwrap();
    let (first, wrong, right) = zone_of_9();
    at.browser
        .fill("#zone", &format!("{first}\n{wrong}"))
        .unwrap();
    at.browser.press("button[name=act][value=look]").unwrap();
    at.browser.see(".digits li.warn").unwrap();
    at.browser.shot("without-script-correction").unwrap();
    at.browser
        .fill("#zone", &format!("{first}\n{right}"))
        .unwrap();
    at.browser.press("button[name=act][value=take]").unwrap();
    assert!(at.browser.see("main.encounter").unwrap().contains("KIMANI"));
    at.decide("Admit");
    at.browser.see(".scenes").unwrap();
}
