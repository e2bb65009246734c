//! Travellers from pictures to records.

use super::*;

#[tokio::test]
async fn a_traveller_from_pictures_to_record() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let lane = fixture.get("/", Some(&session)).await;
    let csrf = lane.csrf();
    let begun = fixture.upload(&session, &csrf, &picture()).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let address = begun.header("location").to_owned();
    let second = fixture.upload(&session, &csrf, &picture()).await;
    assert_eq!(
        second.status,
        StatusCode::CONFLICT,
        "one traveller at a time"
    );

    fixture.run_out(&session).await;
    let screen = fixture.get(&address, Some(&session)).await;
    assert_eq!(screen.status, StatusCode::OK);
    for words in [
        "Look",
        "The zone could not be read",
        "does not work: call the technician",
        "Admit",
        "Refer to second line",
        "Hold",
    ] {
        assert!(screen.body.contains(words), "{words}");
    }
    let live = fixture
        .get(&format!("{address}/pictures/live"), Some(&session))
        .await;
    assert_eq!(live.header("content-type"), "image/jpeg");
    assert_eq!(
        fixture.waiting(),
        0,
        "nothing is recorded before the officer decides"
    );

    let body = format!("csrf={csrf}&decision=Hold");
    let decided = fixture
        .form(&format!("{address}/decision"), Some(&session), &body)
        .await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.body);
    assert_eq!(fixture.waiting(), 1);
    let lane = fixture.get("/", Some(&session)).await;
    assert!(
        lane.body.contains("Held") && lane.body.contains("GATE/000001"),
        "{}",
        lane.body
    );

    // The screen is cleared: the traveller is nowhere any more, and a second press changes nothing.
    let again = fixture
        .form(&format!("{address}/decision"), Some(&session), &body)
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(
        fixture
            .get(&format!("{address}/pictures/live"), Some(&session))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        fixture.get(&address, Some(&session)).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(fixture.waiting(), 1);
}

#[tokio::test]
async fn deciding_against_the_advice_asks_for_one_tap() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    for (advice, decision) in [
        (Advice::Refer, "Admit"),
        (Advice::Clear, "Refer"),
        (Advice::Clear, "Hold"),
    ] {
        let before = fixture.waiting();
        let id = fixture.put_before(&session, advice);
        let path = format!("/inspections/{id}/decision");
        let asked = fixture
            .form(
                &path,
                Some(&session),
                &format!("csrf={csrf}&decision={decision}"),
            )
            .await;
        assert_eq!(
            asked.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{decision} against {advice:?}"
        );
        let asked_here = |r: &&rules::OverrideReason| **r != rules::OverrideReason::DecidedOnPaper;
        for reason in rules::OverrideReason::ALL.iter().filter(asked_here) {
            assert!(
                asked
                    .body
                    .contains(&format!("value=\"{}\"", reason.as_str()))
            );
        }
        let nonsense = format!("csrf={csrf}&decision={decision}&reason=because");
        assert_eq!(
            fixture.form(&path, Some(&session), &nonsense).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        assert_eq!(fixture.waiting(), before);
        let given = format!("csrf={csrf}&decision={decision}&reason=instructed");
        assert_eq!(
            fixture.form(&path, Some(&session), &given).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(fixture.waiting(), before + 1);
    }
}

#[tokio::test]
async fn leaving_a_traveller_undecided_leaves_a_record() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    fixture.put_before(&session, Advice::Look);
    let left = fixture
        .form("/sign-out", Some(&session), &format!("csrf={csrf}"))
        .await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert_eq!(fixture.waiting(), 1);
    assert_eq!(
        fixture.get("/", Some(&session)).await.header("location"),
        "/sign-in?over"
    );

    let session = fixture.at_lane("a.officer").await;
    fixture.put_before(&session, Advice::Look);
    fixture.desk.close().await;
    assert_eq!(fixture.waiting(), 2, "the desk closes in order");

    let session = fixture.at_lane("a.officer").await;
    fixture.put_before(&session, Advice::Look);
    let body = format!("officer=b.officer&pin={PIN}");
    let entered = fixture.form("/sign-in", Some(&session), &body).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    assert_eq!(fixture.waiting(), 3, "another signs in over the session");
    assert_eq!(
        fixture.get("/", Some(&session)).await.header("location"),
        "/sign-in?over"
    );
}

#[tokio::test]
async fn the_json_door_keeps_the_same_rules() {
    let fixture = fixture();
    let scene = fixture.folder.path().join("scenes/one");
    std::fs::create_dir_all(&scene).unwrap();
    for name in ["page.png", "live.png"] {
        std::fs::write(scene.join(name), picture()).unwrap();
    }
    let json = "application/json";
    let wrong = fixture
        .send(request(
            "POST",
            "/api/session",
            None,
            json,
            "{\"officer\":\"a.officer\",\"pin\":\"1\"}",
        ))
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let body = format!("{{\"officer\":\"a.officer\",\"pin\":\"{PIN}\"}}");
    let session = fixture
        .send(request("POST", "/api/session", None, json, &body))
        .await;
    let token = serde_json::from_str::<serde_json::Value>(&session.body).unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let ask = |path: &str, body: &str| {
        let mut request = request("POST", path, None, json, body);
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    };
    let missing = fixture
        .send(ask("/api/inspections", "{\"scene\":\"../state\"}"))
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let inspected = fixture
        .send(ask("/api/inspections", "{\"scene\":\"one\"}"))
        .await;
    assert_eq!(inspected.status, StatusCode::CREATED, "{}", inspected.body);
    let object: serde_json::Value = serde_json::from_str(&inspected.body).unwrap();
    assert_eq!(object["advice"], "Look");
    let path = format!(
        "/api/inspections/{}/decision",
        object["inspection"].as_str().unwrap()
    );
    for bad in [
        "{\"decision\":\"Clear\"}",
        "{\"decision\":\"admit\"}",
        "{\"decision\":\"Admit\",\"reason\":\"x\"}",
    ] {
        assert_eq!(
            fixture.send(ask(&path, bad)).await.status,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
    let decided = fixture
        .send(ask(&path, "{\"decision\":\"Admit\",\"reason\":null}"))
        .await;
    assert_eq!(decided.status, StatusCode::OK, "{}", decided.body);
    assert!(decided.body.contains("GATE/000001"));
    assert_eq!(fixture.waiting(), 1);
    assert_eq!(
        fixture
            .send(ask(&path, "{\"decision\":\"Admit\"}"))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_camera_gives_both_pictures_and_the_face_again() {
    let fixture = fixture();
    let camera = fixture.folder.path().join("camera");
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let body = format!("csrf={csrf}&source=reader");
    let nothing = fixture.form("/inspections", Some(&session), &body).await;
    assert_eq!(nothing.status, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::create_dir_all(&camera).unwrap();
    for name in ["page.png", "live.png"] {
        std::fs::write(camera.join(name), picture()).unwrap();
    }
    let begun = fixture.form("/inspections", Some(&session), &body).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let address = begun.header("location").to_owned();
    fixture.run_out(&session).await;
    let token = format!("csrf={csrf}");
    let again = fixture
        .form(&format!("{address}/face"), Some(&session), &token)
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    std::fs::write(camera.join("live.png"), b"no picture").unwrap();
    let broken = fixture
        .form(&format!("{address}/face"), Some(&session), &token)
        .await;
    assert_eq!(broken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        broken.body.contains("Admit"),
        "the traveller is still there"
    );
}

#[tokio::test]
async fn a_decision_is_recorded_though_the_browser_goes_away_meanwhile() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    fixture.put_before(&session, Advice::Look);
    let found = || fixture.desk.sessions.find(&session, Instant::now());
    let officer = found().unwrap();
    let running = officer.current.clone().unwrap();
    let hold = rules::DecisionKind::Hold;
    // Asked once, and dropped as a server drops the request of a browser that went on to another page.
    tokio::select! {
        biased;
        _ = fixture.desk.decided(&officer, &running, hold, None) => {}
        () = std::future::ready(()) => {}
    }
    for _ in 0..500 {
        if !running.waits() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!running.waits(), "nobody waits for it any more");
    assert_eq!(fixture.waiting(), 1);
    assert!(found().unwrap().current.is_none(), "the next one may come");
}

#[tokio::test]
async fn what_lay_on_the_reader_is_forgotten_when_nobody_looks_any_more() {
    let fixture = fixture();
    let camera = fixture.folder.path().join("camera");
    std::fs::create_dir_all(&camera).unwrap();
    std::fs::write(camera.join("page.png"), picture()).unwrap();
    let session = fixture.at_lane("a.officer").await;
    let watched = request("GET", "/preview", Some(&session), "", "");
    let answer = fixture.desk.router().oneshot(watched).await.unwrap();
    let mut sights = answer.into_body();
    let seen = async {
        while fixture.get("/preview/page", Some(&session)).await.status != StatusCode::OK {
            let sight = http_body_util::BodyExt::frame(&mut sights).await;
            sight.unwrap().unwrap();
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, seen).await.unwrap();
    drop(sights);
    let gone = fixture.get("/preview/page", Some(&session)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
