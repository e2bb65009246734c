//! The reference of commands keeps its word: every command of the programs stands in `host/COMMANDS.md` with its options
//! and nothing else does, and what is printed with `--json` has the fields that the page names.

#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_tests::whole::Programs;
use mpaka_tests::whole::help::{commands_of, option_in, options_of};
use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const PROGRAMS: [&str; 4] = ["mpaka", "mpaka-hq", "mpaka-calibrate", "mpaka-models"];
/// What many commands take: told once, above the tables.
const FOR_ALL: [&str; 7] = [
    "--help",
    "--version",
    "--json",
    "--models",
    "--state",
    "--operator",
    "--database",
];

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/COMMANDS.md");
    std::fs::read_to_string(path).expect("the page")
}

/// A row of the page's tables.
struct Row {
    /// The command and what it is given, as words.
    words: Vec<String>,
    /// Its own options.
    options: BTreeSet<String>,
    /// What it prints: each kind of object.
    objects: Vec<Fields>,
}

/// What stands between backticks.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn rows(page: &str) -> Vec<Row> {
    page.lines()
        .filter(|line| line.starts_with("| `mpaka"))
        .map(|line| Row {
            words: codes(line)
                .next()
                .into_iter()
                .flat_map(str::split_whitespace)
                .map(str::to_owned)
                .collect(),
            options: codes(line)
                .flat_map(str::split_whitespace)
                .filter_map(option_in)
                .filter(|option| !FOR_ALL.contains(&option.as_str()))
                .collect(),
            objects: codes(line)
                .filter(|code| code.starts_with('{'))
                .map(Fields::of)
                .collect(),
        })
        .collect()
}

/// The row of a command: a command that holds others has a row of its own, the shortest.
fn row_of<'a>(rows: &'a [Row], path: &[String]) -> Option<&'a Row> {
    rows.iter()
        .filter(|row| row.words.starts_with(path))
        .min_by_key(|row| row.words.len())
}

/// The fields of an object as the page writes them: `{"always","at times"?}`.
#[derive(Default)]
struct Fields {
    always: BTreeSet<String>,
    at_times: BTreeSet<String>,
}

impl Fields {
    fn of(code: &str) -> Self {
        let mut fields = Self::default();
        for name in code.trim_matches(['{', '}']).split(',') {
            let (name, into) = match name.strip_suffix('?') {
                Some(name) => (name, &mut fields.at_times),
                None => (name, &mut fields.always),
            };
            into.insert(name.trim_matches('"').to_owned());
        }
        fields
    }

    fn fit(&self, object: &Value) -> bool {
        let keys: BTreeSet<&String> = object
            .as_object()
            .into_iter()
            .flat_map(|o| o.keys())
            .collect();
        self.always.iter().all(|name| keys.contains(name))
            && keys
                .into_iter()
                .all(|name| self.always.contains(name) || self.at_times.contains(name))
    }
}

/// Every command that holds no others, with what the program says of it; those that hold some are noted apart.
fn walk(
    programs: &Programs,
    path: Vec<String>,
    found: &mut BTreeMap<Vec<String>, String>,
    holding: &mut BTreeSet<Vec<String>>,
) {
    let help = programs.help(&path).unwrap();
    let inner: Vec<String> = commands_of(&help).into_iter().map(str::to_owned).collect();
    if inner.is_empty() {
        found.insert(path, help);
        return;
    }
    for word in inner {
        let mut path = path.clone();
        path.push(word);
        walk(programs, path, found, holding);
    }
    holding.insert(path);
}

#[test]
fn every_command_stands_in_the_page_with_its_options_and_nothing_else_does() {
    let programs = Programs::beside_this().unwrap();
    let (page, mut found, mut holding) = (page(), BTreeMap::new(), BTreeSet::new());
    for program in PROGRAMS {
        walk(
            &programs,
            vec![program.to_owned()],
            &mut found,
            &mut holding,
        );
    }
    assert!(found.len() > 80, "{} commands", found.len());
    let rows = rows(&page);
    let mut wrong = Vec::new();
    for (path, help) in &found {
        let spelled = path.join(" ");
        let Some(row) = row_of(&rows, path) else {
            wrong.push(format!("{spelled} is not told"));
            continue;
        };
        let mut known = options_of(help);
        known.retain(|option| !FOR_ALL.contains(&option.as_str()));
        for option in known.symmetric_difference(&row.options) {
            let who = if known.contains(option) {
                "page"
            } else {
                "program"
            };
            wrong.push(format!("{spelled} {option}: the {who} does not know it"));
        }
    }
    for row in &rows {
        let known = holding.contains(&row.words)
            || (1..=row.words.len()).any(|n| found.contains_key(&row.words[..n]));
        if !known {
            wrong.push(format!("{}: there is no such command", row.words.join(" ")));
        }
    }
    for option in FOR_ALL {
        if !page.contains(option) {
            wrong.push(format!("{option} is not told"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A box and its headquarters in one folder, asked with `--json`; each answer is held to the page.
struct Asked {
    programs: Programs,
    folder: PathBuf,
    rows: Vec<Row>,
    objects: usize,
    wrong: Vec<String>,
}

impl Asked {
    /// Runs a command with these further words; the objects that it printed.
    fn ask(&mut self, command: &str, words: &[&str]) -> Vec<Value> {
        self.ask_with(command, words, "")
    }

    /// The same, with something to read on standard input.
    fn ask_with(&mut self, command: &str, words: &[&str], input: &str) -> Vec<Value> {
        let path: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let (mut process, state) = match path[0].as_str() {
            "mpaka" => (self.programs.mpaka(), "box"),
            "mpaka-hq" => (self.programs.mpaka_hq(), "hq"),
            _ => (self.programs.mpaka_calibrate(), "box"),
        };
        process
            .arg("--state")
            .arg(self.folder.join(state))
            .arg("--json");
        // Answers without networks have the same fields, and are the same on every machine.
        process.env("MPAKA_MODELS", self.folder.join("no-models"));
        process.env("MPAKA_UPDATE", self.folder.join("no-updates"));
        let mut child = process
            .args(&path[1..])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Whoever reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command} {words:?}: {said}");
        let objects: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|e| panic!("{command}: {line}: {e}"))
            })
            .collect();
        if objects.is_empty() {
            self.wrong
                .push(format!("{command} {words:?} printed nothing"));
        }
        let row = row_of(&self.rows, &path);
        for object in &objects {
            if !row.is_some_and(|row| row.objects.iter().any(|fields| fields.fit(object))) {
                self.wrong.push(format!("{command}: {object}"));
            }
        }
        self.objects += objects.len();
        objects
    }
}

#[test]
fn what_is_printed_with_json_has_the_fields_that_the_page_names() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let put = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        at(name)
    };
    let mut day = Asked {
        programs: Programs::beside_this().unwrap(),
        folder: folder.path().to_path_buf(),
        rows: rows(&page()),
        objects: 0,
        wrong: Vec::new(),
    };
    a_list_reaches_a_box(&mut day, &at, &put);
    a_box_works(&mut day, &at, &put);
    records_reach_headquarters(&mut day, &at, &put);
    headquarters_goes_on(&mut day, &at, &put);
    assert!(
        day.objects > 80,
        "only {} objects were printed",
        day.objects
    );
    assert!(day.wrong.is_empty(), "{:#?}", day.wrong);
}

/// From the ceremony to an edition in a box.
fn a_list_reaches_a_box(
    day: &mut Asked,
    at: &dyn Fn(&str) -> String,
    put: &dyn Fn(&str, &str) -> String,
) {
    day.ask("mpaka-hq ceremony", &["--threshold", "2", "--keys", "3"]);
    let (public, root) = (at("hq/hq-public.json"), at("hq/roots/1.root.json"));
    let words = ["--post", "UTO-1", "--hq-public", &public, "--root", &root];
    day.ask("mpaka enrol", &words);
    let (device, admission) = (at("box/device-public.json"), at("admission"));
    day.ask("mpaka-hq enrol", &[&device, "--admission", &admission]);
    day.ask("mpaka enrol", &["--admission", &admission]);
    day.ask("mpaka-hq enrol", &["--list"]);
    day.ask("mpaka-hq enrol", &["--code", "UTO-2"]);
    day.ask("mpaka-hq place", &["UTO-1", "--canary", "true"]);
    let persons = put("persons.csv", LISTED_PERSONS);
    let documents = put("documents.csv", LISTED_DOCUMENTS);
    let source = ["--source", "utopia", "--source-state", "UTO"];
    let basis = ["--legal-basis", "Utopian Border Act, section 12"];
    let lists = ["--persons", &persons, "--documents", &documents];
    day.ask("mpaka-hq import", &[&lists[..], &source, &basis].concat());
    let entry = ["--entry", "UTO-E-0001", "--name", "Otieno, Jane"];
    day.ask("mpaka-hq emergency", &[&entry[..], &basis].concat());
    let policy = put("policy.json", r#"{"version": 2, "edition_stale_days": 3}"#);
    day.ask("mpaka-hq files add", &["policy", &policy]);
    day.ask("mpaka-hq files", &[]);
    day.ask("mpaka-hq lint", &[]);
    day.ask("mpaka-hq difference", &[]);
    let lists = at("lists");
    day.ask("mpaka-hq publish", &["--out", &lists, "--dry-run"]);
    day.ask("mpaka-hq approve", &["--by", "a.first"]);
    day.ask("mpaka-hq approve", &["--by", "b.second"]);
    day.ask("mpaka-hq publish", &["--out", &lists]);
    day.ask("mpaka editions take", &[&lists]);
    day.ask("mpaka editions list", &[]);
    day.ask("mpaka editions verify", &[]);
    day.ask("mpaka editions roles", &[]);
}

/// What officers and technicians ask a box.
fn a_box_works(day: &mut Asked, at: &dyn Fn(&str) -> String, put: &dyn Fn(&str, &str) -> String) {
    day.ask("mpaka names compare", &["Anna Eriksson", "ERIKSSON ANNA"]);
    day.ask("mpaka screen", &["--name", "Sergei Petrovich Volkov"]);
    day.ask("mpaka screen", &["--number", "U44129075", "--state", "UTO"]);
    let zone = put(
        "zone.txt",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n",
    );
    day.ask("mpaka zone", &["--text", &zone]);
    let picture = at("picture.png");
    image::RgbImage::from_fn(640, 480, |x, y| {
        image::Rgb([(x % 251) as u8, (y % 241) as u8, ((x + y) % 239) as u8])
    })
    .save(&picture)
    .unwrap();
    day.ask("mpaka page", &[&picture]);
    day.ask("mpaka inspect", &["--page", &picture, "--live", &picture]);
    day.ask("mpaka inspect", &["--page", &picture, "--live", &picture]);
    let words = ["--id", "a.officer", "--pin-stdin"];
    day.ask_with("mpaka officer add", &words, "246810\n");
    day.ask("mpaka officer list", &[]);
    day.ask("mpaka officer remove", &["--id", "a.officer"]);
    day.ask("mpaka keys status", &[]);
    day.ask("mpaka update status", &[]);
    day.ask("mpaka doctor", &[]);
    day.ask("mpaka-calibrate targets", &["--out", &at("sheets")]);
}

/// Records, ledger and backup on their way to headquarters, by stick.
fn records_reach_headquarters(
    day: &mut Asked,
    at: &dyn Fn(&str) -> String,
    put: &dyn Fn(&str, &str) -> String,
) {
    day.ask("mpaka outbox status", &[]);
    day.ask("mpaka outbox list", &[]);
    let (stick, receipt) = (at("stick.parcels"), at("receipt"));
    day.ask("mpaka outbox export", &["--to", &stick]);
    std::fs::create_dir(at("backups")).unwrap();
    let backup = day.ask("mpaka backup", &["--to", &at("backups")]);
    day.ask("mpaka-hq take", &["--receipt", &receipt, &stick]);
    day.ask("mpaka outbox receipt", &[&receipt]);
    day.ask("mpaka ledger verify", &[]);
    day.ask("mpaka ledger list", &[]);
    day.ask("mpaka ledger check", &[]);
    day.ask("mpaka ledger salvage", &[]);
    let lines: String = day
        .ask("mpaka ledger export", &[])
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    let log = at("log.xml");
    day.ask(
        "mpaka ledger export",
        &["--profile", "basic", "--out", &log],
    );
    let ledger = put("ledger.jsonl", &lines);
    day.ask("mpaka-hq ledger", &["--post", "UTO-1", &ledger]);
    let unpacked = at("unpacked");
    let backup = backup[0]["file"].as_str().unwrap();
    day.ask("mpaka-hq backup open", &[backup, "--into", &unpacked]);
    let key = at("store.key");
    let words = [unpacked.as_str(), "--post", "UTO-1", "--out", &key];
    day.ask("mpaka-hq backup store-key", &words);
    day.ask("mpaka-hq audit", &[]);
    day.ask("mpaka-hq parcels", &[]);
    day.ask("mpaka-hq parcels", &["--open"]);
    day.ask("mpaka-hq statistics", &[]);
    let to = at("posts.csv");
    day.ask("mpaka-hq export", &["posts", "--out", &to]);
    let record = |sequence| {
        [
            "--post",
            "UTO-1",
            "--sequence",
            sequence,
            "--order",
            "Court 7/26",
        ]
    };
    let by = ["--by", "a.first"];
    day.ask("mpaka-hq hold place", &[&record("1")[..], &by].concat());
    day.ask("mpaka-hq hold", &[]);
    day.ask("mpaka-hq hold release", &["1", "--by", "b.second"]);
    day.ask("mpaka-hq erase", &record("2"));
    let days = ["--days", "1825", "--protection-days", "365"];
    let order = ["--order", "Border Act 12, section 9"];
    day.ask("mpaka-hq retention", &[&days[..], &order].concat());
}

/// Boxes, rollouts, people, keys.
fn headquarters_goes_on(
    day: &mut Asked,
    at: &dyn Fn(&str) -> String,
    put: &dyn Fn(&str, &str) -> String,
) {
    day.ask("mpaka-hq fleet", &[]);
    day.ask("mpaka-hq held", &["UTO-1"]);
    day.ask("mpaka-hq uptake", &["1"]);
    let lists = at("lists");
    day.ask(
        "mpaka-hq publish",
        &["--out", &lists, "--waves", "canary,all"],
    );
    day.ask("mpaka-hq rollout", &[]);
    day.ask("mpaka-hq rollout check", &[]);
    day.ask("mpaka-hq rollout halt", &["--why", "a look first"]);
    day.ask("mpaka-hq rollout resume", &[]);
    day.ask("mpaka-hq rollout abort", &["--why", "another comes"]);
    day.ask("mpaka-hq withdraw", &["UTO-P-0002", "--why", "court order"]);
    day.ask("mpaka-hq approve", &["--by", "a.first"]);
    day.ask("mpaka-hq approve", &["--by", "b.second"]);
    day.ask("mpaka-hq publish", &["--out", &lists]);
    day.ask("mpaka-hq withdraw", &["UTO-P-0002", "--proof"]);
    day.ask("mpaka-hq token make", &["wall-screen", "--scope", "view"]);
    day.ask("mpaka-hq token list", &[]);
    day.ask("mpaka-hq token revoke", &["wall-screen"]);
    let file = at("c.auditor.pem");
    let words = ["c.auditor", "--role", "auditor", "--out", &file];
    day.ask("mpaka-hq person make", &words);
    day.ask("mpaka-hq person list", &[]);
    day.ask("mpaka-hq person end", &["c.auditor"]);
    let (key, word) = (at("new.key"), put("word", "a passphrase of some length\n"));
    let words = ["--key", &key, "--passphrase-file", &word];
    day.ask("mpaka-hq protection make", &words);
    day.ask("mpaka-hq rekey", &["--protection", &key]);
    day.ask("mpaka-hq rotate", &[]);
    day.ask("mpaka-hq revoke", &["UTO-1", "--why", "taken on the road"]);
    day.ask("mpaka-hq acts", &["--last", "3"]);
}

#[test]
fn an_object_fits_only_with_all_its_fields_and_no_other() {
    let fields = Fields::of(r#"{"a","b"?}"#);
    let fits = |text: &str| fields.fit(&serde_json::from_str(text).unwrap());
    assert!(fits(r#"{"a": 1}"#) && fits(r#"{"a": null, "b": {}}"#));
    assert!(!fits(r#"{"b": 1}"#) && !fits(r#"{"a": 1, "c": 2}"#) && !fits("[]"));
}
