//! Enrolment by code: the technician types what headquarters drew, and no file is carried.

use super::{Border, answers};
use std::path::Path;
use std::process::Command;

#[test]
fn a_box_is_taken_in_by_its_posts_code_and_speaks_over_tls_from_then_on() {
    let border = Border::new();
    let code_for = |post: &str| {
        let drawn = border.hq(&["enrol", "--code", post]);
        drawn[0]["code"].as_str().unwrap().to_owned()
    };
    let (busia, malaba) = (code_for("BUSIA"), code_for("MALABA"));
    let door = border.serving("admit", &[]);
    let hq = format!("http://127.0.0.1:{}", door.port);
    let enrol = |state: &Path, code: &str| -> Command {
        let mut command = border.programs.mpaka();
        command
            .arg("--state")
            .arg(state)
            .args(["--json", "enrol", "--post", "BUSIA", "--code", code])
            .args(["--hq", &hq]);
        command
    };
    let refused = |command: &mut Command, code: i32| {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    };
    let state = border.path("busia");
    // Another post's code is refused by headquarters, a slip of the pen before anything is asked.
    let said = refused(&mut enrol(&state, &malaba), 4);
    assert!(said.contains("not_admitted"), "{said}");
    refused(&mut enrol(&state, &busia[..busia.len() - 1]), 2);
    assert!(!state.join("post.toml").exists(), "it is no post's yet");

    let spoken = busia.to_lowercase().replace('-', " ");
    let admitted = answers(&mut enrol(&state, &spoken));
    assert_eq!(admitted[0]["post"], "BUSIA");
    // Another box of the post is not let in; the same one may ask again where the answer was lost.
    refused(&mut enrol(&border.path("another"), &busia), 4);
    answers(&mut enrol(&state, &busia));

    let receiver = border.receive(&[]);
    let mut upload = border.programs.mpaka();
    upload
        .arg("--state")
        .arg(&state)
        .args(["--json", "outbox", "upload", "--hq", &receiver.url()]);
    assert_eq!(answers(&mut upload)[0]["sent"], 0);
    let acts = border.hq(&["acts"]);
    let taken = acts
        .iter()
        .filter(|act| act["by"] == "code" && act["phase"] == "done");
    assert_eq!(taken.count(), 2);
}
