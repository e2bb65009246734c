//! The pages keep their word: the tests that a promise, an attack or a decision names exist, links lead somewhere,
//! and every command line is one that the programs know.

#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::Programs;
use mpaka_tests::whole::help::commands_of;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The pages whose tables name tests.
const PAGES: [&str; 2] = ["README.md", "tests/THREATS.md"];

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the room stands in the house")
        .to_path_buf()
}

/// The files below a folder whose names end so; what is built and what is hidden is passed by.
fn files_below(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the house") {
        let path = entry.expect("an entry of a folder").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files_below(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

/// Every page of the house, by its path in it, with its text.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut found = Vec::new();
    files_below(&house(), ".md", &mut found);
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a page");
            let short = path.strip_prefix(house()).expect("in the house");
            (short.to_owned(), text)
        })
        .collect()
}

/// The names of all test functions of the house.
fn all_tests() -> BTreeSet<String> {
    let mut sources = Vec::new();
    files_below(&house(), ".rs", &mut sources);
    let mut found = BTreeSet::new();
    for path in sources {
        tests_of(&std::fs::read_to_string(path).expect("source"), &mut found);
    }
    found
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

/// What stands between backticks and has the look of a test's name.
fn names_in(text: &str) -> Vec<&str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| {
            code.matches('_').count() >= 2
                && code
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
        .collect()
}

/// The same in the tables of a page.
fn named_in(page: &str) -> Vec<&str> {
    page.lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(names_in)
        .collect()
}

/// The rows of those tables whose last column says which test tries it.
fn rows_to_be_tried(page: &str) -> Vec<&str> {
    let mut rows = Vec::new();
    let (mut in_table, mut tried) = (false, false);
    for line in page.lines() {
        if !line.starts_with('|') {
            in_table = false;
        } else if !in_table {
            in_table = true;
            tried = line.ends_with("| tried by |") || line.ends_with("| tested by |");
        } else if tried && !line.starts_with("|---") {
            rows.push(line);
        }
    }
    rows
}

/// Where the links of a page lead, without their fragments; what is elsewhere on the net is passed by.
fn links_of(page: &str) -> Vec<&str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#', ' ']).next())
        .filter(|link| !link.is_empty() && !link.contains("://"))
        .collect()
}

/// The command lines of the programs in a page, in its blocks and in its sentences, as words.
fn command_lines(page: &str) -> Vec<Vec<String>> {
    let joined = page.replace("\\\n", " ");
    let mut code: Vec<&str> = Vec::new();
    for (n, part) in joined.split("```").enumerate() {
        if n % 2 == 1 {
            code.extend(part.lines());
        } else {
            code.extend(part.split('`').skip(1).step_by(2));
        }
    }
    let mut lines = Vec::new();
    for line in code {
        let line = line.split(" #").next().unwrap_or_default();
        for command in line.split(['|', ';']).flat_map(|part| part.split("&&")) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let words = match words.as_slice() {
                ["sudo", "-u", _, words @ ..] | ["sudo", words @ ..] => words,
                words => words,
            };
            if let [program, _, ..] = words
                && PROGRAMS.contains(program)
            {
                lines.push(words.iter().map(|word| (*word).to_owned()).collect());
            }
        }
    }
    lines
}

/// The programs that people work.
const PROGRAMS: [&str; 4] = ["mpaka", "mpaka-hq", "mpaka-calibrate", "mpaka-models"];

/// What the programs say of their own words.
struct Help {
    programs: Programs,
    said: BTreeMap<Vec<String>, String>,
}

impl Help {
    /// What a program says of a command; asked for once.
    fn of(&mut self, path: &[String]) -> &str {
        let programs = &self.programs;
        self.said
            .entry(path.to_vec())
            .or_insert_with(|| programs.help(path).unwrap())
    }

    /// What is wrong with a command line: a command or a word that the program does not know.
    fn wrong(&mut self, words: &[String]) -> Option<String> {
        let mut path = vec![words[0].clone()];
        let mut options = Vec::new();
        let mut words = words[1..].iter();
        while let Some(word) = words.next() {
            if let Some(option) = word.strip_prefix("--") {
                let name = option
                    .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    .next()
                    .unwrap_or_default();
                options.push(format!("--{name}"));
                // What it is given is no command.
                if self.of(&path).contains(&format!("--{name} <")) && !option.contains('=') {
                    words.next();
                }
            } else if commands_of(self.of(&path)).contains(&word.as_str()) {
                path.push(word.clone());
            } else if path.len() == 1 && !word.starts_with(['…', '.', 'D']) {
                return Some(format!("{} knows no {word}", path[0]));
            }
        }
        let known: String = (1..=path.len())
            .map(|n| self.of(&path[..n]).to_owned())
            .collect();
        options
            .into_iter()
            .find(|option| {
                !known.contains(&format!("{option} ")) && !known.contains(&format!("{option}\n"))
            })
            .map(|option| format!("{} knows no {option}", path.join(" ")))
    }
}

#[test]
fn every_test_that_a_promise_names_exists() {
    let found = all_tests();
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
fn every_attack_and_every_principle_names_a_test() {
    for page in PAGES {
        let text = std::fs::read_to_string(house().join(page)).expect("a page of the house");
        let rows = rows_to_be_tried(&text);
        assert!(rows.len() > 10, "{page}");
        for row in rows {
            assert!(!named_in(row).is_empty(), "{page}: {row}");
        }
    }
}

#[test]
fn every_decision_says_why_and_what_follows_and_is_listed() {
    let (found, pages) = (all_tests(), pages());
    let listed = &pages[Path::new("host/README.md")];
    let mut decisions = 0;
    for (path, text) in &pages {
        if path.parent().and_then(Path::file_name) != Some(OsStr::new("decisions")) {
            continue;
        }
        decisions += 1;
        let path = path.display().to_string();
        for part in ["**Context.**", "**Decision.**", "**Consequences.**"] {
            assert_eq!(text.matches(part).count(), 1, "{path}: {part}");
        }
        for name in names_in(text) {
            assert!(found.contains(name), "{path}: {name}");
        }
        let link = match path.strip_prefix("host/") {
            Some(inside) => inside.to_owned(),
            None => format!("../{path}"),
        };
        assert!(
            listed.contains(&format!("]({link})")),
            "{link} is not listed"
        );
    }
    assert!(decisions > 10);
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut lost = Vec::new();
    for (page, text) in pages() {
        let folder = house().join(&page);
        let folder = folder.parent().expect("a page stands in a folder");
        for link in links_of(&text) {
            if !folder.join(link).exists() {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn every_command_line_in_the_pages_is_one_that_the_programs_know() {
    let mut help = Help {
        programs: Programs::beside_this().unwrap(),
        said: BTreeMap::new(),
    };
    let (mut wrong, mut lines) = (Vec::new(), 0);
    for (page, text) in pages() {
        for words in command_lines(&text) {
            lines += 1;
            if let Some(why) = help.wrong(&words) {
                wrong.push(format!("{}: {}: {why}", page.display(), words.join(" ")));
            }
        }
    }
    assert!(
        lines > 50,
        "this test sees no command lines any more: {lines}"
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
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

#[test]
fn every_traveller_of_the_demonstration_stands_in_the_desks_page() {
    let read = |of: &str| std::fs::read_to_string(house().join(of)).expect("a file of the house");
    let page = read("host/post/DESK.md");
    let english = read("host/post/locales/en.ftl");
    for scenario in mpaka_tests::whole::scenarios::all() {
        // As the lane writes it on the button.
        let (place, what) = scenario.name.split_once('-').expect("place and name");
        let key = format!("scene-{what} = ");
        let said = english.lines().find_map(|line| line.strip_prefix(&key));
        let title = format!("*{place} {}*", said.expect("a title"));
        assert!(page.contains(&title), "{title}");
    }
}
