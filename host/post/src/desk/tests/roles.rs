//! Officer, second line, technician: each at her own pages, and at nobody else's.

use super::*;

#[tokio::test]
async fn each_role_begins_at_its_own_page_and_is_sent_back_there() {
    let fixture = fixture();
    for (who, home, closed) in [
        ("a.officer", "/", "/second-line"),
        ("s.second", "/second-line", "/paper"),
        ("t.technician", "/technician", "/second-line"),
    ] {
        let body = format!("officer={who}&pin={PIN}");
        let entered = fixture.form("/sign-in", None, &body).await;
        assert_eq!(entered.header("location"), home, "{who}");
        let session = fixture.sign_in(who).await;
        let elsewhere = fixture.get(closed, Some(&session)).await;
        assert_eq!(elsewhere.status, StatusCode::SEE_OTHER, "{who}");
        assert_eq!(elsewhere.header("location"), home, "{who}");
        let test = fixture.get("/self-test", Some(&session)).await;
        assert_eq!(test.status, StatusCode::OK, "{who}");
        assert_eq!(
            test.body.contains("Open the lane</button>"),
            who == "a.officer"
        );
    }
    // The JSON door is the first line's as well.
    let body = format!("{{\"officer\":\"s.second\",\"pin\":\"{PIN}\"}}");
    let entered = fixture
        .send(request(
            "POST",
            "/api/session",
            None,
            "application/json",
            &body,
        ))
        .await;
    let object: serde_json::Value = serde_json::from_str(&entered.body).unwrap();
    let mut status = request("GET", "/api/status", None, "", "");
    let bearer = format!("Bearer {}", object["token"].as_str().unwrap());
    status
        .headers_mut()
        .insert("authorization", bearer.parse().unwrap());
    assert_eq!(fixture.send(status).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_meets_a_traveller_before_the_lane_is_open() {
    let fixture = fixture();
    let session = fixture.sign_in("a.officer").await;
    let lane = fixture.get("/", Some(&session)).await;
    assert_eq!(lane.header("location"), "/self-test");
    let csrf = fixture.get("/self-test", Some(&session)).await.csrf();
    let begun = fixture
        .form(
            "/inspections",
            Some(&session),
            &format!("csrf={csrf}&source=reader"),
        )
        .await;
    assert_eq!(begun.header("location"), "/self-test");
    let forged = fixture.form("/self-test", Some(&session), "csrf=0").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_page_goes_when_its_session_has_ended() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    for (session, goes) in [(Some(session.as_str()), true), (None, false)] {
        let path = if goes { "/" } else { "/sign-in" };
        let page = fixture.get(path, session).await.body;
        assert_eq!(page.contains(" data-over=\"1860\""), goes, "{path}");
    }
}

#[tokio::test]
async fn five_wrong_pins_lock_at_the_desk_and_the_right_one_comes_too_late() {
    let fixture = fixture();
    for n in 0..5 {
        let answer = fixture
            .form("/sign-in", None, "officer=b.officer&pin=000000")
            .await;
        let locked = answer.status == StatusCode::FORBIDDEN;
        assert_eq!(locked, n == 4, "{n}");
    }
    let right = format!("officer=b.officer&pin={PIN}");
    let answer = fixture.form("/sign-in", None, &right).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("locked after five wrong PINs"));
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn the_second_line_sees_the_referred_and_nobody_who_is_protected() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    for (decision, protected) in [("Refer", false), ("Admit", false), ("Refer", true)] {
        let id = fixture.put_before(&session, Advice::Look);
        let form = format!("csrf={csrf}&decision={decision}");
        if protected {
            let path = format!("/inspections/{id}/protection");
            fixture.form(&path, Some(&session), &form).await;
            let page = fixture
                .get(&format!("/inspections/{id}"), Some(&session))
                .await;
            assert!(page.body.contains("sealed from first-line view"));
        }
        let path = format!("/inspections/{id}/decision");
        let decided = fixture.form(&path, Some(&session), &form).await;
        assert_eq!(decided.status, StatusCode::SEE_OTHER);
    }
    let second = fixture.sign_in("s.second").await;
    let list = fixture.get("/second-line", Some(&second)).await.body;
    assert!(list.contains("/second-line/1"), "{list}");
    for closed in ["/second-line/2", "/second-line/3", "/second-line/9"] {
        assert!(!list.contains(closed), "{closed}");
        let page = fixture.get(closed, Some(&second)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{closed}");
    }
    let record = fixture.get("/second-line/1", Some(&second)).await;
    assert_eq!(record.status, StatusCode::OK);
    assert!(record.body.contains("Face and portrait differ"));
    assert!(
        record.body.contains("&#60;b&#62;detail")
            || record.body.contains("&lt;b&gt;detail")
            || !record.body.contains("<b>detail")
    );

    // The shift's sheet counts them all.
    let sheet = fixture.get("/shift", Some(&session)).await.body;
    assert!(
        sheet.contains("Travellers</th><td class=\"number\">3<"),
        "{sheet}"
    );
    assert!(sheet.contains("Referred to the second line</th><td class=\"number\">2<"));
    let over = fixture
        .form("/shift", Some(&session), &format!("csrf={csrf}"))
        .await;
    assert_eq!(over.header("location"), "/sign-in");
    assert_eq!(
        fixture.get("/", Some(&session)).await.header("location"),
        "/sign-in?over"
    );
}

#[tokio::test]
async fn a_referral_has_a_reference_a_code_and_a_notice_and_an_admission_has_none() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    for decision in ["Refer", "Admit"] {
        let id = fixture.put_before(&session, Advice::Look);
        let path = format!("/inspections/{id}/decision");
        let form = format!("csrf={csrf}&decision={decision}");
        fixture.form(&path, Some(&session), &form).await;
    }
    let lane = fixture.get("/referrals/1", Some(&session)).await;
    assert_eq!(lane.status, StatusCode::OK);
    assert!(lane.body.contains("GATE/000001-"));
    let code = fixture.get("/referrals/1/code", Some(&session)).await;
    assert_eq!(code.header("content-type"), "image/svg+xml");
    assert!(code.body.contains("<svg") && code.body.contains("<path"));
    for (language, words) in [
        ("so", "Fadlan sug"),
        ("ar", "dir=\"rtl\""),
        ("xx", "Please wait"),
    ] {
        let path = format!("/referrals/1/notice?language={language}");
        let notice = fixture.get(&path, Some(&session)).await;
        assert!(notice.body.contains(words), "{language}");
    }
    for absent in [
        "/referrals/2",
        "/referrals/2/notice",
        "/referrals/2/code",
        "/referrals/99",
    ] {
        let page = fixture.get(absent, Some(&session)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{absent}");
    }
}

#[tokio::test]
async fn a_record_is_read_in_the_second_lines_own_language() {
    let fixture = fixture();
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let id = fixture.put_before(&session, Advice::Look);
    let path = format!("/inspections/{id}/decision");
    let form = format!("csrf={csrf}&decision=Refer");
    fixture.form(&path, Some(&session), &form).await;
    let second = fixture.sign_in("s.second").await;
    for tag in ["en", "sw", "fr", "so", "am", "ar"] {
        let asked = Request::builder()
            .uri("/second-line/1")
            .header("host", "127.0.0.1:8470")
            .header("cookie", format!("session={second}; language={tag}"))
            .body(Body::empty())
            .unwrap();
        let record = fixture.send(asked).await;
        assert_eq!(record.status, StatusCode::OK);
        // What the record holds of a box without a list and without a zone reader.
        for key in ["edition-none", "part-technician"] {
            let said = Words::of(tag).say(key).replace('\'', "&#39;");
            assert!(record.body.contains(&said), "{tag}: {key}: {said}");
        }
        // Where a sentence is in no other language, it says so; the page itself is English only for who reads English.
        let english = record.body.matches("lang=\"en\" dir=\"ltr\"").count();
        assert_eq!(english, usize::from(tag == "en"), "{tag}");
    }
}
