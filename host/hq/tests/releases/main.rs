//! Releases of the programs: listed, approved by two, sent in waves; halted by the first box that goes back, and not by
//! one whose disk is full.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;

use desk::boxes::{Fleet, Post};
use desk::program::{Hall, token};
use desk::wire::Server;
use desk::{Desk, text};
use jiff::{SignedDuration, Timestamp};
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::rollout::{self, Rollout, State};
use serde_json::{Value, json};
use std::fs;

const PERSONS: &str =
    "entry,names,birth,nationality\nUTO-1,\"ERIKSSON, Anna Maria\",1974-08-12,UTO\n";
const WAVES: &str = "canary,all";

/// A file that begins as every Debian package does.
fn package(desk: &Desk, name: &str) -> String {
    desk.file(name, &format!("!<arch>\ndebian-binary   of {name}"))
}

fn list(desk: &Desk, version: &str) -> Vec<Value> {
    let post = package(desk, &format!("mpaka-post_{version}_arm64.deb"));
    let kiosk = package(desk, &format!("mpaka-kiosk_{version}_all.deb"));
    desk.done(&["files", "add", "software", &post, &kiosk])
}

/// A headquarters with so many boxes, the first of them canaries, which have the edition that release 0.2.0-1 was
/// published with in waves; and the program that takes their reports.
fn released(boxes: usize, canaries: usize) -> (Desk, Fleet, Server) {
    let desk = Desk::new();
    let mut fleet = Fleet::enrolled(&desk, boxes);
    for canary in 0..canaries {
        desk.done(&["place", &format!("POST-{canary:02}"), "--canary", "true"]);
    }
    let server = Server::start(&desk);
    let out = desk.path("repository");
    desk.import(PERSONS);
    list(&desk, "0.2.0-1");
    desk.approve();
    desk.done(&["publish", "--out", text(&out), "--waves", WAVES]);
    fleet.sync(text(&out));
    (desk, fleet, server)
}

/// Says that its updates installed this version.
fn runs(post: &mut Post, version: &str) {
    post.versions.insert("software".into(), version.into());
}

/// Says that it went back from release 0.2.0-1, or did not take it.
fn refuses(post: &mut Post, fault: &str, why: &str) {
    post.faults.insert(fault.into());
    let versions = &mut post.versions;
    versions.insert("software_refused".into(), "0.2.0-1".into());
    versions.insert("software_why".into(), why.into());
}

/// Runs the version before, and says that its disk is too full for release 0.2.0-1.
fn lacks_room(post: &mut Post) {
    runs(post, "0.1.0-1");
    refuses(post, "software_not_taken", "no_room");
}

/// Somebody made room: it runs the release.
fn has_room(post: &mut Post) {
    post.faults.clear();
    post.versions.clear();
    runs(post, "0.2.0-1");
}

/// Lets the next wave come in so many hours, without those that may be left behind after a day.
fn advance_in(desk: &Desk, hours: i64) -> Result<Rollout, HqError> {
    let home = Home::open(&desk.state()).unwrap();
    let now = Timestamp::now() + SignedDuration::from_hours(hours);
    let day = SignedDuration::from_hours(24);
    rollout::advance(&home, SignedDuration::ZERO, Some(day), now)
}

/// Who lags, and why.
fn names(lagging: &Value) -> Vec<(&str, &str)> {
    let all = lagging.as_array().unwrap().iter();
    all.map(|l| (l["post"].as_str().unwrap(), l["why"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_release_is_approved_by_two_and_goes_in_waves_that_wait_for_it_to_run() {
    let desk = Desk::new();
    let mut fleet = Fleet::enrolled(&desk, 3);
    desk.done(&["place", "POST-00", "--canary", "true"]);
    let server = Server::start(&desk);
    let out = desk.path("repository");
    let out = text(&out);
    desk.import(PERSONS);
    assert_eq!(list(&desk, "0.2.0-1").len(), 2);

    // One person, or every box at once, is not enough.
    desk.done(&["approve", "--by", "a.wanjiru"]);
    let in_waves = ["publish", "--out", out, "--waves", WAVES];
    assert!(desk.refused(&in_waves, 4).contains("two people"));
    desk.done(&["approve", "--by", "b.otieno"]);
    let at_once = ["publish", "--out", out];
    assert!(desk.refused(&at_once, 2).contains("--waves"));
    let published = desk.done(&in_waves);
    let names: Vec<&str> = published[0]["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|name| name.as_str())
        .filter(|name| name.starts_with("file-software-"))
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    // Packages are no secret: what is signed is the file itself.
    let stored: Vec<_> = fs::read_dir(desk.path("repository/targets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| text(path).ends_with("mpaka-post_0.2.0-1_arm64.deb"))
        .collect();
    assert_eq!(
        fs::read(&stored[0]).unwrap(),
        fs::read(desk.path("mpaka-post_0.2.0-1_arm64.deb")).unwrap()
    );

    // The canary has the list; that is not yet the program.
    fleet.sync(out);
    runs(&mut fleet.posts[0], "0.1.0-1");
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(check[0]["software"], "0.2.0-1");
    assert_eq!(
        (&check[0]["taken"], &check[0]["verdict"]),
        (&0.into(), &"wait".into())
    );
    assert!(desk.refused(&["rollout", "advance"], 3).contains("0 of 1"));
    runs(&mut fleet.posts[0], "0.2.0-1");
    fleet.report(&server);
    assert_eq!(desk.done(&["rollout", "advance"])[0]["state"], "done");

    // The page's table says who runs what.
    let table = desk.done(&["fleet"]);
    let canary = table.iter().find(|row| row["post"] == "POST-00").unwrap();
    assert_eq!(canary["software"], "0.2.0-1");
    assert_eq!(table.last().unwrap()["summary"]["software"]["0.2.0-1"], 1);

    // Once every box may have it, lists go out as they did before; another package under its name does not.
    desk.done(&at_once);
    let other = desk.file(
        "mpaka-post_0.2.0-1_arm64.deb",
        "!<arch>\ndebian-binary   of somebody else",
    );
    desk.done(&["files", "add", "software", &other]);
    desk.approve();
    assert!(desk.refused(&at_once, 2).contains("--waves"));
    desk.done(&in_waves);
}

#[test]
fn a_canary_that_goes_back_halts_the_wave_and_does_not_halt_the_next() {
    let (desk, mut fleet, server) = released(3, 1);
    let out = desk.path("repository");
    let out = text(&out);
    let in_waves = ["publish", "--out", out, "--waves", WAVES];
    runs(&mut fleet.posts[0], "0.1.0-1");
    refuses(
        &mut fleet.posts[0],
        "software_rolled_back",
        "new_fault:zone-reader",
    );
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["verdict"], &check[0]["state"]),
        (&"halt".into(), &"halted".into())
    );
    assert_eq!(check[0]["failing"][0][0], "POST-00");
    let why = check[0]["failing"][0][1].as_str().unwrap();
    assert!(
        why.contains("rolled_back") && why.contains("zone-reader"),
        "{why}"
    );
    let table = desk.done(&["fleet", "--wanting"]);
    let problem = table[0]["problems"][0]["words"].as_str().unwrap();
    assert!(problem.contains("0.2.0-1"), "{problem}");

    // An urgent list goes without it, to every box at once.
    for name in [
        "mpaka-post_0.2.0-1_arm64.deb",
        "mpaka-kiosk_0.2.0-1_all.deb",
    ] {
        desk.done(&["files", "remove", "software", name]);
    }
    desk.approve();
    desk.done(&["publish", "--out", out]);

    // The mended release takes the bad one's place; the old fault is no fault of it.
    list(&desk, "0.2.0-1");
    let listed = list(&desk, "0.2.0-2");
    let names: Vec<&str> = listed
        .iter()
        .filter_map(|file| file["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "mpaka-kiosk_0.2.0-2_all.deb",
            "mpaka-post_0.2.0-2_arm64.deb"
        ]
    );
    desk.approve();
    desk.done(&in_waves);
    fleet.sync(out);
    fleet.report(&server);
    assert_eq!(desk.done(&["rollout", "check"])[0]["verdict"], "wait");
    let canary = &mut fleet.posts[0];
    canary.faults.clear();
    runs(canary, "0.2.0-2");
    fleet.report(&server);
    assert_eq!(desk.done(&["rollout", "advance"])[0]["state"], "done");

    // The way back to an earlier one is taken in waves too, and is done once that runs.
    list(&desk, "0.1.0-1");
    desk.approve();
    desk.refused(&["publish", "--out", out], 2);
    desk.done(&in_waves);
    fleet.sync(out);
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["taken"], &check[0]["verdict"]),
        (&0.into(), &"wait".into())
    );
    runs(&mut fleet.posts[0], "0.1.0-1");
    fleet.report(&server);
    assert_eq!(desk.done(&["rollout", "advance"])[0]["state"], "done");
}

#[test]
fn a_wave_goes_on_by_name_without_boxes_that_are_silent_or_take_no_updates() {
    let (desk, mut fleet, server) = released(4, 3);

    // POST-01 has the list and takes no updates; POST-02 is not heard of. While nobody has shown that the release does,
    // time alone lets it go no further.
    assert_eq!(fleet.posts[1].report(&server), 200);
    assert!(advance_in(&desk, 25).is_err());
    assert_eq!(
        desk.done(&["rollout", "check"])[0]["left_behind"],
        json!([])
    );

    runs(&mut fleet.posts[0], "0.2.0-1");
    assert_eq!(fleet.posts[0].report(&server), 200);
    let check = desk.done(&["rollout", "check"]);
    let lagging = [("POST-01", "takes_no_updates"), ("POST-02", "silent")];
    assert_eq!(
        (&check[0]["verdict"], &check[0]["due"], &check[0]["taken"]),
        (&"wait".into(), &3.into(), &1.into())
    );
    assert_eq!(names(&check[0]["lagging"]), lagging);
    let said = desk.refused(&["rollout", "advance"], 3);
    assert!(
        said.contains("--leave-after") && said.contains("POST-02"),
        "{said}"
    );
    // Not within the day, and nobody states less than one.
    desk.refused(&["rollout", "advance", "--leave-after", "24"], 3);
    desk.refused(&["rollout", "advance", "--leave-after", "23"], 2);
    assert!(advance_in(&desk, 23).is_err());
    assert_eq!(advance_in(&desk, 25).unwrap().state, State::Done);

    let check = desk.done(&["rollout", "check"]);
    assert_eq!(names(&check[0]["left_behind"]), lagging);
    let hall = Hall::start(&desk);
    let view = token(&desk, "wall-screen", "view");
    let page = hall.get("/", &view).body;
    let (_, after) = page.split_once("Left behind:").unwrap();
    let (line, _) = after.split_once("</p>").unwrap();
    assert!(
        line.contains("POST-01") && line.contains("takes no updates"),
        "{line}"
    );
    assert!(
        line.contains("POST-02") && line.contains("silent"),
        "{line}"
    );

    // Heard of again, it may take the release like any other, and is named no more.
    runs(&mut fleet.posts[2], "0.2.0-1");
    assert_eq!(fleet.posts[2].report(&server), 200);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(names(&check[0]["left_behind"]), lagging[..1]);
}

#[test]
fn a_box_that_takes_updates_and_lacks_the_release_is_waited_for() {
    let (desk, mut fleet, server) = released(2, 2);
    runs(&mut fleet.posts[0], "0.2.0-1");
    runs(&mut fleet.posts[1], "0.1.0-1");
    fleet.report(&server);
    assert!(advance_in(&desk, 1000).is_err());
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["verdict"], &check[0]["lagging"]),
        (&"wait".into(), &json!([]))
    );
}

#[test]
fn a_wave_goes_on_by_name_without_a_box_that_has_no_room_for_the_release() {
    let (desk, mut fleet, server) = released(3, 2);
    runs(&mut fleet.posts[0], "0.2.0-1");
    lacks_room(&mut fleet.posts[1]);
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["verdict"], &check[0]["state"]),
        (&"wait".into(), &"open".into())
    );
    assert_eq!(
        (&check[0]["due"], &check[0]["taken"], &check[0]["failing"]),
        (&2.into(), &1.into(), &json!([]))
    );
    assert_eq!(names(&check[0]["lagging"]), [("POST-01", "no_room")]);
    let said = desk.refused(&["rollout", "advance"], 3);
    assert!(said.contains("POST-01 (has no room)"), "{said}");
    let table = desk.done(&["fleet", "--wanting"]);
    let row = table.iter().find(|row| row["post"] == "POST-01").unwrap();
    let problem = row["problems"][0]["words"].as_str().unwrap();
    assert!(problem.contains("no_room"), "{problem}");
    assert!(advance_in(&desk, 23).is_err());
    assert_eq!(advance_in(&desk, 25).unwrap().state, State::Done);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(names(&check[0]["left_behind"]), [("POST-01", "no_room")]);

    // Once there is room it takes the release by itself, and is named no more.
    has_room(&mut fleet.posts[1]);
    assert_eq!(fleet.posts[1].report(&server), 200);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["left_behind"], &check[0]["taken"]),
        (&json!([]), &2.into())
    );
}

#[test]
fn another_fault_of_a_box_without_room_halts_the_wave() {
    let (desk, mut fleet, server) = released(3, 2);
    runs(&mut fleet.posts[0], "0.2.0-1");
    lacks_room(&mut fleet.posts[1]);
    fleet.posts[1].faults.insert("search_down".into());
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(check[0]["state"], "halted");
    assert_eq!(check[0]["failing"], json!([["POST-01", "search_down"]]));
}

#[test]
fn a_release_that_most_boxes_have_no_room_for_is_halted_and_goes_on_once_they_have() {
    let (desk, mut fleet, server) = released(4, 3);
    runs(&mut fleet.posts[0], "0.2.0-1");
    lacks_room(&mut fleet.posts[1]);
    fleet.report(&server);
    assert_eq!(desk.done(&["rollout", "check"])[0]["state"], "open");
    lacks_room(&mut fleet.posts[2]);
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["verdict"], &check[0]["state"]),
        (&"halt".into(), &"halted".into())
    );
    let why = "software_not_taken (no_room)";
    assert_eq!(
        check[0]["failing"],
        json!([["POST-01", why], ["POST-02", why]])
    );

    // What was reported before it was gone on with does not halt it again, and neither does the one that is left.
    desk.done(&["rollout", "resume"]);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["state"], &check[0]["failing"]),
        (&"open".into(), &json!([]))
    );
    has_room(&mut fleet.posts[2]);
    fleet.report(&server);
    let check = desk.done(&["rollout", "check"]);
    assert_eq!(
        (&check[0]["state"], &check[0]["taken"]),
        (&"open".into(), &2.into())
    );
    assert_eq!(names(&check[0]["lagging"]), [("POST-01", "no_room")]);
}

#[test]
fn what_is_no_package_of_the_house_is_not_listed() {
    let desk = Desk::new();
    for name in [
        "mpaka-hq_0.2.0-1_amd64.deb",
        "mpaka-post_0.2.0_arm64.deb",
        "other_0.2.0-1_all.deb",
        "mpaka-post_0.2.0-1_arm64.tar",
    ] {
        let file = package(&desk, name);
        desk.refused(&["files", "add", "software", &file], 3);
    }
    let file = desk.file("mpaka-post_0.2.0-1_arm64.deb", "#!/bin/sh\n");
    desk.refused(&["files", "add", "software", &file], 3);
    assert!(desk.done(&["files"]).is_empty());
}
