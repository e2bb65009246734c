//! The officer's desk in a real browser: every exception of an officer's day, met as she meets it, in two
//! languages, at two sizes, without script too. Pictures of every state are kept (see `Browser::shot`).
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::demo::Day;
use mpaka_tests::whole::{Browser, Desk, Programs, Script, free_port, models_or_skip};
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

fn at_the_desk(script: Script) -> Option<AtTheDesk> {
    let models = models_or_skip()?;
    let folder = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this().unwrap();
    let day = Day::prepare(&programs, folder.path(), &models, |_| {}).unwrap();
    for (name, role) in [("a.officer", "officer"), ("s.second", "second-line")] {
        day.post().add_in_role(name, role, PIN).unwrap();
    }
    std::fs::create_dir(folder.path().join("reader")).unwrap();
    let port = free_port();
    let desk = open(&day, port, folder.path());
    let browser = Browser::open(desk.url(), script).unwrap()?;
    Some(AtTheDesk {
        browser,
        desk,
        port,
        day,
        _folder: folder,
    })
}

fn open(day: &Day, port: u16, folder: &Path) -> Desk {
    let reader = folder.join("reader");
    Desk::open_with(
        day.post(),
        port,
        &day.scenes(),
        None,
        ("a.officer", PIN),
        &[OsStr::new("--camera"), reader.as_os_str()],
    )
    .unwrap()
}

impl AtTheDesk {
    fn folder(&self) -> &Path {
        self._folder.path()
    }

    /// Signs in, and opens the lane where there is one.
    fn sign_in(&self, who: &str) {
        self.browser.go("/sign-in").unwrap();
        self.browser.fill("#officer", who).unwrap();
        self.browser.fill("#pin", PIN).unwrap();
        self.browser.press("form.fields button").unwrap();
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
                let hidden = self.browser.evaluate(DECISIONS_HIDDEN).unwrap();
                assert_eq!(hidden, serde_json::json!([]), "{name}: out of sight");
                if n == 0 {
                    assert_eq!(self.browser.axe().unwrap(), Vec::new(), "{name}");
                }
            }
        }
        self.speak("en");
        self.browser.size(1280, 800).unwrap();
    }
}

/// What can be pressed and is smaller than 44 by 44 pixels; links within sentences are as WCAG lets them be.
const SMALL_TARGETS: &str = "return [...document.querySelectorAll('button, summary, .button, input:not([type=hidden]), textarea')]
    .filter((e) => e.checkVisibility() && !e.closest('.hidden, .skip'))
    .filter((e) => { const r = e.getBoundingClientRect(); return r.width < 44 || r.height < 44; })
    .map((e) => e.outerHTML.slice(0, 120))";
/// Decisions that are not wholly in the window.
const DECISIONS_HIDDEN: &str = "return [...document.querySelectorAll('footer.decide .buttons > *')]
    .filter((e) => { const r = e.getBoundingClientRect(); return r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth; })
    .map((e) => e.outerHTML.slice(0, 120))";

#[test]
fn every_exception_of_an_officers_day_is_met_at_the_desk() {
    let Some(mut at) = at_the_desk(Script::On) else {
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

    right_person(&at);
    chips(&at);
    check_digit(&at);
    another_face(&at);
    child_and_veil(&at);
    candidates(&at);
    refugee(&at);
    unreadable_zone(&at);
    paper(&at);
    watched_reader(&at);
    power_cut(&mut at);
    second_line(&at);
    hand_over(&at);
}

/// No network: everything is local, and what waits is counted.
fn right_person(at: &AtTheDesk) {
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
fn chips(at: &AtTheDesk) {
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
    let details = at.browser.see("main table").unwrap();
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

/// Expected against read, highlighted.
fn check_digit(at: &AtTheDesk) {
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

/// Both pictures, and the officer decides; a referral gives a reference in the traveller's own language.
fn another_face(at: &AtTheDesk) {
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
fn child_and_veil(at: &AtTheDesk) {
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

/// Neutral words, and of a discreet entry only that the second line should see the traveller.
fn candidates(at: &AtTheDesk) {
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
fn refugee(at: &AtTheDesk) {
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

/// The form beside the picture, its digits following what is typed.
fn unreadable_zone(at: &AtTheDesk) {
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

/// The zone of the washed-out page, its second line once with a slip and once as printed.
fn zone_of_9() -> (String, String, String) {
    use rules::check::CheckId;
    use rules::mrz::{Format, Particulars, Sex, Zone, generate};
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let zone = generate(
        &Particulars {
            document_code: "P".into(),
            issuing_state: "UTO".into(),
            surname: "KIMANI".into(),
            given_names: "DAVID OTIENO".into(),
            document_number: "U10000082".into(),
            nationality: "UTO".into(),
            date_of_birth: day("1971-08-04").into(),
            sex: Sex::Male,
            date_of_expiry: Some(day("2031-05-20")),
            optional: String::new(),
            second_optional: String::new(),
        },
        Format::Td3,
    )
    .unwrap();
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

/// Box down: a number on paper, entered afterwards, searched now.
fn paper(at: &AtTheDesk) {
    at.browser.go("/paper").unwrap();
    at.look("paper");
    let (first, _, second) = zone_of_9();
    // Whatever stands on paper is text, and nothing else.
    at.browser
        .fill("#number", "P-17<img src=x onerror=window.ran=1>")
        .unwrap();
    at.browser.fill("#time", "00:00").unwrap();
    at.browser
        .fill("#zone", &format!("{first}\n{second}"))
        .unwrap();
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

/// Placement guidance follows what lies on the reader; two more tries at the face.
fn watched_reader(at: &AtTheDesk) {
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

/// The power goes between advice and decision: the encounter reopens as interrupted, and nothing is decided.
fn power_cut(at: &mut AtTheDesk) {
    at.inspect("3-another-face");
    let before = at.day.post().state().join("mpaka.db");
    assert!(before.is_file());
    at.desk.kill();
    let folder = at.folder().to_path_buf();
    at.desk = open(&at.day, at.port, &folder);
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
fn second_line(at: &AtTheDesk) {
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
fn hand_over(at: &AtTheDesk) {
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

#[test]
fn without_script_an_admission_a_referral_and_a_correction_still_work() {
    let Some(at) = at_the_desk(Script::Off) else {
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
