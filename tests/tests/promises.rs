//! A promise names the tests that keep it; this one holds the pages to tests that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The pages whose tables name tests.
const PAGES: [&str; 2] = ["README.md", "tests/THREATS.md"];

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the room stands in the house")
        .to_path_buf()
}

/// The names of all test functions below a folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the house") {
        let path = entry.expect("an entry of a folder").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                tests_below(&path, found);
            }
        } else if name.ends_with(".rs") {
            tests_of(&std::fs::read_to_string(&path).expect("source"), found);
        }
    }
}

/// The functions that follow an attribute of a test; those inside `proptest!` have one too.
fn tests_of(source: &str, found: &mut BTreeSet<String>) {
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else if let Some(rest) = line
            .strip_prefix("async fn ")
            .or_else(|| line.strip_prefix("fn "))
        {
            if is_test && let Some((name, _)) = rest.split_once('(') {
                found.insert(name.to_owned());
            }
            is_test = false;
        }
    }
}

/// What stands between backticks in the tables of a page and has the look of a test's name.
fn named_in(page: &str) -> Vec<&str> {
    page.lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter(|code| {
            code.matches('_').count() >= 2
                && code
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
        .collect()
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let mut found = BTreeSet::new();
    tests_below(&house(), &mut found);
    let mut missing = Vec::new();
    for page in PAGES {
        let text = std::fs::read_to_string(house().join(page)).expect("a page of the house");
        let named = named_in(&text);
        assert!(!named.is_empty(), "{page} names no test");
        missing.extend(
            named
                .into_iter()
                .filter(|name| !found.contains(*name))
                .map(|name| format!("{page}: {name}")),
        );
    }
    assert!(missing.is_empty(), "named but absent: {missing:#?}");
}

#[test]
fn a_helper_or_a_fragment_is_not_taken_for_a_test() {
    let mut found = BTreeSet::new();
    tests_of(
        "#[test]\nfn one() {}\nfn two() {}\n#[cfg(test)]\nfn three() {}\n#[test]\n#[ignore]\nfn four() {}",
        &mut found,
    );
    assert_eq!(found, BTreeSet::from(["one".to_owned(), "four".to_owned()]));
    assert_eq!(
        named_in("| a | `one_two_three`, `tests/one_two_three.rs`, `short` |\n`not_in_a_table`"),
        ["one_two_three"]
    );
}
