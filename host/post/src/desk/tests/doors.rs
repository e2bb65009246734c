//! Who is let in, and what is refused at the door.

use super::*;

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let fixture = fixture();
    for path in [
        "/",
        "/inspections/x",
        "/inspections/x/pictures/page",
        "/inspections/x/events",
        "/inspections/x/zone",
        "/inspections/x/details",
        "/scenes/x/live",
        "/self-test",
        "/preview",
        "/preview/page",
        "/paper",
        "/shift",
        "/referrals/1",
        "/referrals/1/notice",
        "/referrals/1/code",
        "/second-line",
        "/second-line/1",
    ] {
        let answer = fixture.get(path, None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.header("location"), "/sign-in");
        let stale = fixture.get(path, Some("0123")).await;
        assert_eq!(stale.header("location"), "/sign-in?over", "{path}");
    }
    for path in [
        "/inspections",
        "/inspections/x/decision",
        "/inspections/x/face",
        "/inspections/x/face/skip",
        "/inspections/x/protection",
        "/inspections/x/zone",
        "/inspections/x/zone/digits",
        "/interrupted/1",
        "/paper",
        "/self-test",
        "/shift",
        "/sign-out",
    ] {
        let answer = fixture
            .form(
                path,
                None,
                "csrf=&decision=Admit&skip=veil&zone=&number=&day=&time=",
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
    }
    let api = fixture
        .send(request(
            "POST",
            "/api/inspections",
            None,
            "application/json",
            "{\"scene\":\"x\"}",
        ))
        .await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    let by_cookie = fixture.at_lane("a.officer").await;
    let api = fixture.get("/api/status", Some(&by_cookie)).await;
    assert_eq!(
        api.status,
        StatusCode::UNAUTHORIZED,
        "a cookie is no bearer token"
    );
}

#[tokio::test]
async fn every_answer_carries_its_safeguards() {
    let fixture = fixture();
    for path in [
        "/sign-in",
        "/assets/desk.css",
        "/assets/desk.js",
        "/nowhere",
        "/api/status",
    ] {
        let answer = fixture.get(path, None).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let stored = path.starts_with("/assets");
        assert_eq!(
            answer.header("cache-control") == "no-store",
            !stored,
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_page_asks_for_anything_outside_and_none_holds_inline_script() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    fixture.put_before(&session, Advice::Refer);
    let id = fixture
        .desk
        .sessions
        .find(&session, Instant::now())
        .unwrap()
        .current
        .unwrap()
        .id
        .clone();
    for path in [
        "/sign-in".to_owned(),
        "/".to_owned(),
        format!("/inspections/{id}"),
    ] {
        let page = fixture.get(&path, Some(&session)).await.body;
        for outside in [
            "http://",
            "https://",
            "//cdn",
            " style=",
            " onclick",
            "javascript:",
        ] {
            assert!(!page.contains(outside), "{path}: {outside}");
        }
    }
    for text in [
        include_str!("../../../assets/desk.css"),
        include_str!("../../../assets/desk.js"),
    ] {
        assert!(!text.contains("http") && !text.contains("url("));
    }
    // A window of its own would stand over the desk for ever.
    for text in [
        include_str!("../../../templates/correction.html"),
        include_str!("../../../templates/details.html"),
        include_str!("../../../templates/encounter.html"),
    ] {
        assert!(!text.contains("_blank"));
    }
}

#[tokio::test]
async fn a_wrong_pin_lets_nobody_in_and_says_so() {
    let fixture = fixture();
    for body in [
        "officer=a.officer&pin=000000",
        "officer=%3Cscript%3E&pin=1",
        "officer=&pin=",
    ] {
        let answer = fixture.form("/sign-in", None, body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{body}");
        assert!(answer.headers.get("set-cookie").is_none());
        assert!(answer.body.contains("Officer or PIN is wrong"));
        assert!(!answer.body.contains("<script>"));
    }
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let id = fixture.put_before(&session, Advice::Look);
    let path = format!("/inspections/{id}/decision");
    for csrf in ["", "0", &"0".repeat(64)] {
        let answer = fixture
            .form(
                &path,
                Some(&session),
                &format!("csrf={csrf}&decision=Admit"),
            )
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf}");
    }
    let upload = fixture.upload(&session, "wrong", &picture()).await;
    assert_eq!(upload.status, StatusCode::FORBIDDEN);
    let csrf = fixture
        .get(&format!("/inspections/{id}"), Some(&session))
        .await
        .csrf();
    let mut from_elsewhere = request(
        "POST",
        &path,
        Some(&session),
        "application/x-www-form-urlencoded",
        &format!("csrf={csrf}&decision=Admit"),
    );
    from_elsewhere
        .headers_mut()
        .insert("origin", "http://evil.example".parse().unwrap());
    assert_eq!(
        fixture.send(from_elsewhere).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(fixture.waiting(), 0);
}

#[tokio::test]
async fn a_traveller_is_seen_by_the_own_officer_only() {
    let fixture = fixture();
    let first = fixture.at_lane("a.officer").await;
    let second = fixture.at_lane("b.officer").await;
    let id = fixture.put_before(&first, Advice::Look);
    let csrf = fixture.get("/", Some(&second)).await.csrf();
    assert_eq!(
        fixture
            .get(&format!("/inspections/{id}"), Some(&second))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    for which in ["page", "live", "portrait"] {
        let answer = fixture
            .get(
                &format!("/inspections/{id}/pictures/{which}"),
                Some(&second),
            )
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let body = format!("csrf={csrf}&decision=Admit");
    fixture
        .form(&format!("/inspections/{id}/decision"), Some(&second), &body)
        .await;
    assert_eq!(fixture.waiting(), 0);
}

#[tokio::test]
async fn preferences_are_remembered_and_lead_nowhere_else() {
    let fixture = fixture();
    for (back, to) in [
        ("/inspections/ab12", "/inspections/ab12"),
        ("//evil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%5Cevil", "/"),
    ] {
        let answer = fixture
            .form("/preferences", None, &format!("language=sw&back={back}"))
            .await;
        assert_eq!(answer.header("location"), to, "{back}");
        assert!(answer.header("set-cookie").starts_with("language=sw"));
    }
    let nonsense = fixture
        .form(
            "/preferences",
            None,
            "language=%0d%0aevil&theme=evil&back=/",
        )
        .await;
    assert!(nonsense.header("set-cookie").starts_with("language=en"));
    let mut swahili = request("GET", "/sign-in", None, "", "");
    swahili
        .headers_mut()
        .insert("cookie", "language=sw; theme=night".parse().unwrap());
    let page = fixture.send(swahili).await.body;
    assert!(page.contains("<html lang=\"sw\" dir=\"ltr\" data-theme=\"night\">"));
    assert!(page.contains("Ingia") && page.contains("(haijakaguliwa)"));
}

#[tokio::test]
async fn a_form_that_lacks_something_is_refused_in_the_visitors_language() {
    let fixture = fixture();
    for tag in ["en", "am"] {
        let mut sent = request(
            "POST",
            "/sign-in",
            None,
            "application/x-www-form-urlencoded",
            "officer=a.officer",
        );
        let cookie = format!("language={tag}").parse().unwrap();
        sent.headers_mut().insert("cookie", cookie);
        let refused = fixture.send(sent).await;
        assert!(refused.status.is_client_error(), "{}", refused.status);
        assert!(
            refused.body.contains(&Words::of(tag).say("form-refused")),
            "{}",
            refused.body
        );
    }
}
