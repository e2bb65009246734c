//! A face on its way: from a list's photograph at headquarters, in a signed edition, to a traveller at the lane. The
//! real programs, the real networks; the portraits are those that `mpaka-models fetch` brings.
#![allow(clippy::unwrap_used)]

use mpaka_tests::whole::{Headquarters, Post, Programs, models_or_skip};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn lines(command: &mut Command) -> Vec<Value> {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// What the box says of a traveller whose live picture this is.
fn inspect(post: &Post, live: &Path) -> Value {
    let mut command = post.command();
    command.args(["--json", "inspect", "--page"]).arg(live);
    lines(command.arg("--live").arg(live)).remove(0)
}

#[test]
fn a_photograph_of_a_list_finds_its_person_at_the_lane_and_nobody_else() {
    let Some(models) = models_or_skip() else {
        return;
    };
    let portraits = models.join("portraits");
    if !portraits.join("obama.jpg").exists() {
        eprintln!("skipped: no portraits in {}", portraits.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let programs = Programs::beside_this().unwrap();
    let of_hq = root.join("hq");
    std::fs::create_dir(&of_hq).unwrap();
    let headquarters = Headquarters::ceremony(&programs, &of_hq).unwrap();
    let post = Post::enrol(
        &programs,
        "UTO-1",
        &root.join("box"),
        &models,
        &headquarters,
    )
    .unwrap();

    let list = root.join("list");
    std::fs::create_dir_all(list.join("photographs")).unwrap();
    std::fs::copy(
        portraits.join("obama.jpg"),
        list.join("photographs/one.jpg"),
    )
    .unwrap();
    std::fs::write(list.join("nobody.jpg"), b"no picture at all").unwrap();
    let import = |persons: &str| {
        std::fs::write(list.join("persons.csv"), persons).unwrap();
        let mut command = headquarters.command();
        command.args([
            "--json",
            "import",
            "--source",
            "utopia",
            "--legal-basis",
            "Act 12",
        ]);
        command.arg("--models").arg(&models);
        command.arg("--persons").arg(list.join("persons.csv"));
        command
    };
    let report = lines(&mut import(
        "entry,names,faces\nE1,\"ERIKSSON, Anna\",photographs/one.jpg|nobody.jpg\nE2,\"OTIENO, Grace\",\n",
    ));
    assert_eq!(
        (&report[0]["faces"], &report[0]["faces_unusable"]),
        (&1.into(), &1.into())
    );
    // A list names its own photographs and no other file of the machine.
    for outside in ["/etc/hostname", "../box/device.key", "absent.jpg"] {
        let refused = import(&format!(
            "entry,names,faces\nE1,\"ERIKSSON, Anna\",{outside}\n"
        ))
        .output();
        assert_eq!(refused.unwrap().status.code(), Some(3), "{outside}");
    }
    for approver in ["a.first", "b.second"] {
        lines(
            headquarters
                .command()
                .args(["--json", "approve", "--by", approver]),
        );
    }
    let repository = root.join("repository");
    lines(
        headquarters
            .command()
            .args(["--json", "publish", "--out"])
            .arg(&repository),
    );
    lines(
        post.command()
            .args(["--json", "editions", "take"])
            .arg(&repository),
    );

    let met = inspect(&post, &portraits.join("obama2.jpg"));
    let candidates = met["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 1, "{met}");
    assert_eq!(candidates[0]["entry"], "E1");
    assert_eq!(candidates[0]["why"][0]["evidence"], "face");
    assert_ne!(
        met["advice"], "Refer",
        "a face alone is never more than a candidate"
    );
    let innocent = inspect(&post, &portraits.join("biden.jpg"));
    assert!(
        innocent["candidates"].as_array().unwrap().is_empty(),
        "{innocent}"
    );
}
