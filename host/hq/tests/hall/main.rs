//! Headquarters' page and interface over HTTP to the real program: who may see what, and what a hostile name or
//! request comes to.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../desk/mod.rs"]
mod desk;
mod guarded;

use desk::Desk;
use desk::boxes::Fleet;
use desk::program::{Hall, token};
use desk::wire::{Sender, Server};
use serde_json::{Value, json};
use std::process::Stdio;

#[test]
fn the_fleet_is_shown_to_who_may_see_it_and_holds_nothing_hostile() {
    let desk = Desk::new();
    let server = Server::start(&desk);
    let mut fleet = Fleet::enrolled(&desk, 3);
    desk.done(&[
        "place",
        "POST-00",
        "--title",
        "<script>alert(1)</script>\"'",
        "--region",
        "=cmd|'/c calc'!A1",
        "--at",
        "-2.5,36.7",
        "--canary",
        "true",
    ]);
    desk.refused(&["place", "POST-00", "--at", "95,0"], 2);
    desk.refused(&["place", "NOWHERE", "--title", "x"], 3);
    fleet.posts[1].faults.insert("search_down".into());
    fleet.posts[2].waiting = 41;
    fleet.report(&server);
    let hall = Hall::start(&desk);
    let view = token(&desk, "wall-screen", "view");

    // Nobody without a token; a person is led to the sign-in.
    assert_eq!(hall.ask("GET", "/", &[], "").status, 303);
    for path in [
        "/fleet.csv",
        "/metrics",
        "/api/v1/fleet",
        "/api/v1/posts",
        "/api/v1/offers",
    ] {
        assert_eq!(hall.ask("GET", path, &[], "").status, 401, "{path}");
        assert_eq!(hall.get(path, "mpaka_00").status, 401, "{path}");
    }
    let wrong = hall.ask(
        "POST",
        "/sign-in",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        "token=nonsense",
    );
    assert_eq!(wrong.status, 403);
    let form = format!("token={view}");
    let right = hall.ask(
        "POST",
        "/sign-in",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &form,
    );
    assert_eq!(right.status, 303);
    assert!(
        right.head.contains("httponly; samesite=strict"),
        "{}",
        right.head
    );

    let page = hall.get("/", &view);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("search down") && page.body.contains("41"));
    assert!(!page.body.contains("<script>"), "a title is text");
    assert!(page.body.contains("alert(1)"));
    assert!(
        page.head
            .contains("content-security-policy: default-src 'none'")
    );
    let one = hall.get("/boxes/POST-02", &view);
    assert_eq!(one.status, 200, "{}", one.body);
    assert_eq!(hall.get("/boxes/NOWHERE", &view).status, 404);
    assert_eq!(hall.get("/boxes/..%2Fx", &view).status, 404);

    let csv = hall.get("/fleet.csv", &view).body;
    assert_eq!(csv.lines().count(), 4);
    assert!(
        csv.contains("'=cmd"),
        "no formula reaches a spreadsheet: {csv}"
    );
    let metrics = hall.get("/metrics", &view).body;
    assert!(metrics.contains("\nmpaka_boxes 3\n"), "{metrics}");
    let small = format!("bearer {view}");
    let asked = hall.ask("GET", "/metrics", &[("Authorization", &small)], "");
    assert_eq!(asked.status, 200, "the scheme's case says nothing");
    assert!(metrics.contains("mpaka_box_outbox_waiting{post=\"POST-02\"} 41"));
    assert!(metrics.contains("mpaka_box_state{post=\"POST-01\"} 2"));
    let fleet = hall.get("/api/v1/fleet", &view).json();
    assert_eq!(fleet["summary"]["active"], 3);
    assert_eq!(fleet["boxes"][0]["post"], "POST-01", "the worst first");
    // The command line says the same.
    let listed = desk.done(&["fleet"]);
    assert_eq!(listed.len(), 4);
    assert_eq!(
        (&listed[0]["post"], &listed[0]["tone"]),
        (&"POST-01".into(), &"act".into())
    );
    assert_eq!(listed[3]["summary"]["waiting"], 41);
    let wanting = desk.done(&["fleet", "--wanting"]);
    assert!(
        wanting[..wanting.len() - 1]
            .iter()
            .all(|row| row["tone"] != "ok")
    );

    // Another site's page can neither read nor send; the token of a screen operates nothing and pulls nothing.
    assert_eq!(
        hall.ask("GET", "/", &[("Host", "evil.example")], "").status,
        421
    );
    let cookie = format!("mpaka_hq={view}");
    let from = |site| {
        [
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", site),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
    };
    assert_eq!(
        hall.ask("POST", "/rollout/halt", &from("cross-site"), "why=x")
            .status,
        403
    );
    assert_eq!(
        hall.ask("POST", "/rollout/halt", &from("same-origin"), "why=x")
            .status,
        403
    );
    assert_eq!(hall.get("/api/v1/posts", &view).status, 403);
    let big = "x".repeat(100_000);
    assert_eq!(
        hall.ask(
            "POST",
            "/sign-in",
            &[("Content-Type", "application/x-www-form-urlencoded")],
            &big
        )
        .status,
        413
    );

    // A token ended is good for nothing at once.
    desk.done(&["token", "revoke", "wall-screen"]);
    assert_eq!(hall.get("/metrics", &view).status, 401);
    desk.refused(&["token", "make", "wall-screen", "--scope", "view"], 2);
}

#[test]
fn another_system_offers_entries_and_people_decide() {
    let desk = Desk::new();
    let hall = Hall::start(&desk);
    let entries = token(&desk, "ministry", "entries");
    let other = token(&desk, "other", "entries");
    let bearer = format!("Bearer {entries}");
    let send = |body: &str| {
        let fields = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        hall.ask("POST", "/api/v1/offers", &fields, body)
    };
    let good = json!({"entry": "M-1", "names": ["SPECIMEN, Anna"], "birth": ["1974-08-12"],
        "nationality": ["UTO"], "documents": ["L898902C3/UTO/P"], "legal_basis": "Act 1"});
    let made = send(&good.to_string());
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.json()["state"], "waiting");
    // A system that did not hear the answer offers again: it is the same offer.
    let again = send(&good.to_string());
    assert_eq!(
        (again.status, &again.json()["id"]),
        (201, &made.json()["id"])
    );

    for (body, status) in [
        ("{", 400),
        ("[]", 400),
        (r#"{"entry":"../x","names":["A"],"legal_basis":"x"}"#, 400),
        (
            r#"{"entry":"M-2","names":["A"],"legal_basis":"x","admin":true}"#,
            400,
        ),
        (r#"{"entry":"M-2","names":[],"legal_basis":"x"}"#, 422),
        (
            r#"{"entry":"M-2","names":["A"],"birth":["yesterday"],"legal_basis":"x"}"#,
            422,
        ),
    ] {
        assert_eq!(send(body).status, status, "{body}");
    }
    let odd = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "text/plain"),
    ];
    assert_eq!(hall.ask("POST", "/api/v1/offers", &odd, "x").status, 415);
    assert_eq!(hall.ask("PUT", "/api/v1/offers", &odd, "x").status, 405);
    // One system does not see another's.
    assert_eq!(hall.get("/api/v1/offers/1", &entries).status, 200);
    assert_eq!(hall.get("/api/v1/offers/1", &other).status, 404);
    assert_eq!(hall.get("/api/v1/offers/x", &entries).status, 404);

    // Nothing is listed by that; a person takes it, and the list then waits for two.
    desk.refused(&["approve", "--by", "a"], 4);
    assert_eq!(desk.done(&["offers"])[0]["body"]["entry"], "M-1");
    desk.done(&["offers", "take", "1", "--by", "a"]);
    desk.refused(&["offers", "refuse", "1", "--by", "a", "--why", "x"], 3);
    let approved = desk.done(&["approve", "--by", "a"]);
    assert_eq!(approved[0]["persons"], 1);
    // Answered, an offer says nothing of the person any more.
    let answered = desk.done(&["offers"])[0]["body"].clone();
    assert_eq!(
        (&answered["entry"], &answered["names"]),
        (&"M-1".into(), &json!([]))
    );
    // The same answer again changes nothing, and voids no approval.
    let again = desk.done(&["offers", "take", "1", "--by", "b"]);
    assert_eq!(again[0]["state"], "taken");
    let approved = desk.done(&["approve", "--by", "b"]);
    assert_eq!(approved[0]["approvers"], json!(["a", "b"]));
    // Answered, it may be offered anew.
    assert_ne!(send(&good.to_string()).json()["id"], made.json()["id"]);
    assert_eq!(
        hall.get("/api/v1/offers/1", &entries).json()["state"],
        "taken"
    );
    assert_eq!(desk.done(&["difference"])[0]["source"], "ministry M-1");

    let description = hall.ask("GET", "/api/v1/openapi.json", &[], "").json();
    assert_eq!(description["openapi"], "3.0.3");
}

#[test]
fn two_people_who_answer_an_offer_at_once_give_one_answer() {
    let desk = Desk::new();
    let hall = Hall::start(&desk);
    let entries = token(&desk, "ministry", "entries");
    let bearer = format!("Bearer {entries}");
    let fields = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    for n in 1..=6 {
        let body =
            json!({"entry": format!("M-{n}"), "names": ["SPECIMEN, Anna"], "legal_basis": "Act 1"});
        assert_eq!(
            hall.ask("POST", "/api/v1/offers", &fields, &body.to_string())
                .status,
            201
        );
        let id = n.to_string();
        let start = |arguments: &[&str]| {
            desk.command(arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let take = ["offers", "take", &id, "--by", "a"];
        let refuse = ["offers", "refuse", &id, "--by", "b", "--why", "not him"];
        let both = match n % 2 {
            0 => [start(&take), start(&refuse)],
            _ => [start(&refuse), start(&take)],
        };
        let ended = both.map(|mut child| child.wait().unwrap().success());
        assert_eq!(ended.iter().filter(|done| **done).count(), 1, "offer {n}");
        let offer = hall.get(&format!("/api/v1/offers/{id}"), &entries).json();
        let listed = desk
            .done(&["difference"])
            .iter()
            .any(|list| list["source"] == format!("ministry M-{n}"));
        assert_eq!(offer["state"] == "taken", listed, "offer {n}: {offer}");
        assert_eq!(offer["why"] == "not him", !listed);
    }
}

#[test]
fn a_system_that_pulls_records_stands_in_the_ledger() {
    let desk = Desk::new();
    let sender = Sender::enrolled(&desk, "NAMANGA");
    {
        let server = Server::start(&desk);
        server.receipt(&sender, &sender.parcels(1..=3));
    }
    desk.done(&[
        "erase",
        "--post",
        "NAMANGA",
        "--sequence",
        "2",
        "--order",
        "Court of Utopia 7/26",
    ]);
    let hall = Hall::start(&desk);
    let midas = token(&desk, "midas", "decisions");
    for _ in 0..2 {
        let answer = hall.get("/api/v1/decisions?post=NAMANGA", &midas).json();
        assert_eq!(answer["next"], 3, "{answer}");
        let decisions = &answer["decisions"];
        assert_eq!(decisions[0]["record"]["advised"]["advice"], "Clear");
        assert_eq!(decisions[1]["fault"], "it is not given out");
    }
    // Nothing more to be had is nothing pulled.
    let path = "/api/v1/decisions?post=NAMANGA&after=3";
    assert_eq!(hall.get(path, &midas).json()["decisions"], json!([]));
    let acts = desk.done(&["acts"]);
    let pulls: Vec<&Value> = acts.iter().filter(|act| act["act"] == "pull").collect();
    // Once an hour, and an hour may have ended in between.
    assert!((1..=2).contains(&pulls.len()), "{pulls:?}");
    assert_eq!(pulls[0]["by"], "midas");
}
