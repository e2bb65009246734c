//! The technician's pages, through their doors.

use super::*;

fn white_sheet() -> Vec<u8> {
    let sheet = image::RgbImage::from_pixel(320, 240, image::Rgb([225; 3]));
    Picture::from_rgb(sheet).to_png().unwrap()
}

#[tokio::test]
async fn nobody_sees_the_technician_s_pages_without_signing_in() {
    let fixture = fixture();
    for path in ["/technician", "/technician/report"] {
        assert_eq!(fixture.get(path, None).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_step_is_measured_kept_and_shown_with_its_tolerance() {
    let fixture = fixture();
    let session = fixture.sign_in("t.technician").await;
    let page = fixture.get("/technician", Some(&session)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Never calibrated"), "{}", page.body);
    let csrf = page.csrf();
    let sheet = white_sheet();
    let files: &[(&str, &[u8])] = &[("white", &sheet)];
    let lamps = "/technician/steps/lamps";
    let measured = fixture.files(lamps, &session, &csrf, files).await;
    assert_eq!(measured.status, StatusCode::OK, "{}", measured.body);
    let evenness = "White light: evenness, corrected";
    assert!(measured.body.contains(evenness), "{}", measured.body);
    assert!(measured.body.contains("≥ 0.8"));
    // It is on disk: another visit shows it.
    let again = fixture.get("/technician", Some(&session)).await;
    assert!(again.body.contains(evenness));
    // Nothing is signed while steps are missing.
    let signed = fixture
        .files("/technician/sign", &session, &csrf, &[])
        .await;
    assert_eq!(signed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(signed.body.contains("Not signed.") && signed.body.contains("Geometry"));
}

/// The technician's page once nobody works at the glass any more.
async fn once_taken(fixture: &Fixture, session: &str) -> Answer {
    for _ in 0..600 {
        let page = fixture.get("/technician", Some(session)).await;
        if page.header("refresh").is_empty() {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the pictures are never taken");
}

#[tokio::test]
async fn pictures_are_taken_by_the_lane_s_own_lamps_and_camera_and_measured() {
    let (board, bench) = BenchBoard::new().unwrap();
    let fixture = fixture_with(Hardware::new(Box::new(board)));
    let session = fixture.sign_in("t.technician").await;
    let csrf = fixture.get("/technician", Some(&session)).await.csrf();
    let camera = fixture.folder.path().join("camera");
    std::fs::create_dir_all(&camera).unwrap();
    std::fs::write(camera.join("page.png"), white_sheet()).unwrap();
    let form = format!("csrf={csrf}");
    let taken = fixture
        .form("/technician/take/focus", Some(&session), &form)
        .await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let page = once_taken(&fixture, &session).await;
    // A blank sheet has no marks: it is said, nothing is kept, and no lamp stays lit.
    assert!(
        page.body.contains("It could not be measured"),
        "{}",
        page.body
    );
    assert!(page.body.contains("Lay the focus sheet"));
    assert_eq!(
        bench.brightness(firmware::lamps::Lamp::White),
        firmware::lamps::Brightness::DARK
    );
    // Told once.
    let again = fixture.get("/technician", Some(&session)).await;
    assert!(!again.body.contains("It could not be measured"));
    // A specimen without its lines cannot be judged; a forged form takes nothing; another step there is none.
    for (path, body, status) in [
        (
            "/technician/take/zone",
            &*form,
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("/technician/take/focus", "csrf=x", StatusCode::FORBIDDEN),
        ("/technician/take/toast", &*form, StatusCode::NOT_FOUND),
    ] {
        let answer = fixture.form(path, Some(&session), body).await;
        assert_eq!(answer.status, status, "{path}");
    }
    // A drift scan of a box that was never calibrated has nothing to be compared with.
    fixture
        .form("/technician/take/drift", Some(&session), &form)
        .await;
    let page = once_taken(&fixture, &session).await;
    assert!(
        page.body
            .contains("It could not be measured: Never calibrated"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn the_technician_is_guided_in_every_language() {
    let fixture = fixture();
    let session = fixture.sign_in("t.technician").await;
    for tag in ["en", "sw", "fr", "so", "am", "ar"] {
        let words = Words::of(tag);
        let asked = Request::builder()
            .uri("/technician")
            .header("host", "127.0.0.1:8470")
            .header("cookie", format!("session={session}; language={tag}"))
            .body(Body::empty())
            .unwrap();
        let page = fixture.send(asked).await;
        assert_eq!(page.status, StatusCode::OK);
        for key in [
            "technician-title",
            "standing-never",
            "step-geometry",
            "place-white-sheet",
            "shot-ultraviolet",
            "specimen-lines",
            "pictures-take",
        ] {
            // As askama writes it.
            let said = words.say(key).replace('\'', "&#39;");
            assert!(page.body.contains(&said), "{tag}: {key}: {said}");
        }
        let direction = format!("dir=\"{}\"", words.direction());
        assert!(page.body.contains(&direction), "{tag}");
    }
}

#[tokio::test]
async fn forged_forms_unknown_steps_and_pictures_that_are_none_are_refused() {
    let fixture = fixture();
    let session = fixture.sign_in("t.technician").await;
    let csrf = fixture.get("/technician", Some(&session)).await.csrf();
    let sheet = white_sheet();
    let files: &[(&str, &[u8])] = &[("white", &sheet)];
    let forged = fixture
        .files("/technician/steps/lamps", &session, "x", files)
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let unknown = fixture
        .files("/technician/steps/toast", &session, &csrf, files)
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let text: &[(&str, &[u8])] = &[("white", b"no picture")];
    let refused = fixture
        .files("/technician/steps/focus", &session, &csrf, text)
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let blank = fixture
        .files("/technician/steps/focus", &session, &csrf, files)
        .await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    let none = fixture
        .files("/technician/drift", &session, &csrf, files)
        .await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        fixture
            .get("/technician/report", Some(&session))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_lamp_that_did_not_start_is_said_before_the_lane_opens_and_stops_nobody() {
    let well = fixture();
    let session = well.sign_in("a.officer").await;
    let test = well.get("/self-test", Some(&session)).await;
    assert!(!test.body.contains("Lights and switches"));
    let (board, _) = BenchBoard::begun(&[], &[firmware::Part::TowerRed]).unwrap();
    let fixture = fixture_with(Hardware::new(Box::new(board)));
    let session = fixture.sign_in("a.officer").await;
    let test = fixture.get("/self-test", Some(&session)).await;
    assert!(test.body.contains("Lights and switches"), "{}", test.body);
    fixture.at_lane("a.officer").await;
}

#[tokio::test]
async fn an_opened_case_locks_the_lane() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("case-opened"), "").unwrap();
    let hardware = Hardware::of_state(folder.path()).unwrap();
    let fixture = fixture_with(hardware);
    let session = fixture.at_lane("a.officer").await;
    let csrf = fixture.get("/", Some(&session)).await.csrf();
    let answer = fixture.upload(&session, &csrf, &white_sheet()).await;
    assert_eq!(answer.status, StatusCode::LOCKED);
    assert!(answer.body.contains("the case was opened"));
}
