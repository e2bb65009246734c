//! The locale files: every language has every sentence, and every sentence that a page can show is in them.

use crate::desk::words::{FILES, Words};
use fluent_bundle::{FluentArgs, FluentValue};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Key → the variables that its sentence uses, read from the file's text.
fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if let Some((key, _)) = line.split_once(" =")
            && line.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            current = key.to_owned();
            assert!(
                found.insert(current.clone(), BTreeSet::new()).is_none(),
                "{key} stands twice"
            );
        }
        for part in line.split('$').skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric())
                .collect();
            found.get_mut(&current).unwrap().insert(name);
        }
    }
    found
}

#[test]
fn every_language_has_every_sentence_with_the_same_arguments() {
    let english = keys(FILES[0].1);
    assert!(english.len() > 100);
    for (tag, text) in FILES {
        let theirs = keys(text);
        let missing: Vec<_> = english
            .keys()
            .filter(|k| !theirs.contains_key(*k))
            .collect();
        let surplus: Vec<_> = theirs
            .keys()
            .filter(|k| !english.contains_key(*k))
            .collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "{tag}: lacks {missing:?}, has beyond {surplus:?}"
        );
        for (key, arguments) in &english {
            assert_eq!(&theirs[key], arguments, "{tag}: {key}");
        }
        // Each resolves without an error when its arguments are given.
        let words = Words::of(tag);
        for (key, arguments) in &theirs {
            let args: FluentArgs<'_> = arguments
                .iter()
                .map(|a| (a.as_str(), FluentValue::from(2)))
                .collect();
            let message = words.bundle().get_message(key).unwrap();
            let mut problems = Vec::new();
            words
                .bundle()
                .format_pattern(message.value().unwrap(), Some(&args), &mut problems);
            assert!(problems.is_empty(), "{tag}: {key}: {problems:?}");
        }
    }
}

/// A file of the house, or all of one kind below a folder of it.
fn sources(of: &str, ending: &str, found: &mut Vec<(PathBuf, String)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(of);
    if path.is_dir() {
        for entry in std::fs::read_dir(&path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name != "tests" {
                sources(&format!("{of}/{name}"), ending, found);
            }
        }
    } else if of.ends_with(ending) {
        let text = std::fs::read_to_string(&path).unwrap();
        // What a test says is shown to nobody.
        let shown = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        found.push((path, shown.to_owned()));
    }
}

/// The texts between quotation marks; none of them holds one.
fn literals(source: &str) -> Vec<&str> {
    let lines = source.lines().filter(|l| !l.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

/// Whether a text is written as the keys are: `detail-chip-silent`.
fn is_key(text: &str) -> bool {
    let mut parts = text.split('-');
    let begins = parts
        .next()
        .is_some_and(|first| !first.is_empty() && first.bytes().all(|b| b.is_ascii_lowercase()));
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    begins && text.contains('-') && parts.all(plain)
}

#[test]
fn every_key_that_a_source_names_has_a_sentence() {
    let english = keys(FILES[0].1);
    let kinds: BTreeSet<&str> = english
        .keys()
        .filter_map(|key| key.split('-').next())
        .collect();
    let kind = |text: &str| text.split('-').next().unwrap_or_default().to_owned();
    let (mut desk, mut rooms) = (Vec::new(), Vec::new());
    sources("host/post/src/desk", ".rs", &mut desk);
    sources("host/post/templates", ".html", &mut desk);
    // What these rooms and the inspection say of a check ends on the desk.
    for room in ["rules", "chip", "page", "watchlist", "post"] {
        sources(&format!("host/{room}/src"), ".rs", &mut rooms);
    }
    let named = |files: &[(PathBuf, String)], is_ours: &dyn Fn(&str) -> bool| {
        let mut named: Vec<(String, String)> = Vec::new();
        for (path, text) in files {
            let ours = literals(text)
                .into_iter()
                .filter(|l| is_key(l) && is_ours(l));
            named.extend(ours.map(|l| (path.display().to_string(), l.to_owned())));
        }
        named
    };
    let mut used = named(&desk, &|text| kinds.contains(kind(text).as_str()));
    used.extend(named(&rooms, &|text| {
        ["detail", "likeness"].contains(&kind(text).as_str())
    }));
    assert!(used.len() > 400, "{}", used.len());
    for (path, key) in used {
        let prefix = format!("{key}-");
        let begins_some = english.keys().any(|k| k.starts_with(&prefix));
        assert!(english.contains_key(&key) || begins_some, "{path}: {key}");
    }
}

#[test]
fn every_word_that_makes_a_key_has_its_sentence() {
    let english = keys(FILES[0].1);
    let mut used: Vec<String> = Vec::new();
    let reasons = rules::ReasonCode::ALL.iter();
    used.extend(reasons.map(|r| format!("reason-{}", r.as_str())));
    let overrides = rules::OverrideReason::ALL.iter();
    used.extend(overrides.map(|r| format!("override-{}", r.as_str())));
    let guidance = page::Guidance::ALL.iter();
    used.extend(guidance.map(|g| format!("guidance-{}", g.as_str())));
    let of_faces = models::quality::Guidance::ALL.iter();
    used.extend(of_faces.map(|g| format!("face-guidance-{}", g.as_str())));
    let checks = rules::CheckId::ALL.iter();
    used.extend(checks.map(|c| format!("check-{}", c.as_str().replace('.', "-"))));
    let skips = rules::FaceSkip::ALL.iter();
    used.extend(skips.map(|s| format!("skip-{}", s.as_str())));
    for placement in calibration::plan::Placement::ALL {
        used.push(format!("place-{}", placement.as_str()));
        let shots = placement.shots().iter().filter(|s| s.name != "specimen");
        used.extend(shots.map(|shot| format!("shot-{}", shot.name)));
    }
    let steps = calibration::session::Step::ALL.iter();
    used.extend(steps.map(|step| format!("step-{}", step.as_str())));
    for lamp in ["white", "infrared", "ultraviolet"] {
        used.extend([format!("burning-{lamp}"), format!("lamp-{lamp}")]);
    }
    let roles = rules::BundleRole::ALL.iter();
    used.extend(roles.map(|role| crate::desk::visit::role_key(*role).to_owned()));
    for verdict in ["green", "amber", "red"] {
        used.push(format!("verdict-{verdict}"));
    }
    for kind in ["Admit", "Refer", "Hold"] {
        used.extend([format!("decide-{kind}"), format!("lane-done-{kind}")]);
    }
    let places = calibration::focus::PLACES.iter().chain(&["least"]);
    used.extend(places.map(|place| format!("figure-place-{place}")));
    for key in used {
        assert!(english.contains_key(&key), "{key} has no sentence");
    }
}

#[test]
fn every_traveller_of_the_demonstration_has_a_title_in_every_language() {
    let english = keys(FILES[0].1);
    let mut whole = Vec::new();
    sources("tests/src/whole/scenarios.rs", ".rs", &mut whole);
    let names: BTreeSet<String> = whole[0]
        .1
        .lines()
        .filter_map(|line| line.trim().strip_prefix("name: \"")?.strip_suffix("\","))
        .map(|name| name.split_once('-').unwrap().1.to_owned())
        .collect();
    let titled = english.keys().filter_map(|key| key.strip_prefix("scene-"));
    let titled: BTreeSet<String> = titled.map(str::to_owned).collect();
    assert!(names.len() > 10, "{names:?}");
    // Every other language has the same keys.
    assert_eq!(titled, names);
}

/// The words of each `Figure::new(…)` in a source: everything between its brackets.
fn figures_of(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, opening) in source.match_indices("Figure::new(") {
        let inside = &source[at + opening.len()..];
        let (mut depth, mut quoted) = (1, false);
        let end = inside.find(|c: char| {
            match c {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        found.push(&inside[..end.unwrap()]);
    }
    found
}

#[test]
fn every_figure_of_a_calibration_and_what_to_do_about_it_is_said_in_every_language() {
    let mut rooms = Vec::new();
    sources("calibration/src", ".rs", &mut rooms);
    let (english, mut count) = (keys(FILES[0].1), 0);
    for (path, text) in &rooms {
        for figure in figures_of(text) {
            count += 1;
            let mut all = figure.split('"').skip(1).step_by(2);
            let name = match all.next().unwrap() {
                "mtf50_{place}" | "mtf50_least" => "mtf50",
                "eyes_at_{distance_cm}_cm" => "eyes",
                "{}_level" => "level",
                name => {
                    let lamps = ["white_", "infrared_", "ultraviolet_"];
                    let base = lamps.iter().find_map(|lamp| name.strip_prefix(lamp));
                    base.unwrap_or(name)
                }
            };
            let key = format!("figure-{name}");
            assert!(english.contains_key(&key), "{}: {key}", path.display());
            // What to do stands last: a text, or the name of one.
            let (_, after_texts) = figure.rsplit_once('"').unwrap();
            let mut words = after_texts.split([',', ')']).map(str::trim);
            let remedy = match words.rfind(|word| !word.is_empty()) {
                None => figure.rsplit('"').nth(1).unwrap().to_owned(),
                Some(last) => {
                    let said = format!("let {last} =");
                    let (_, after) = text.split_once(&said).unwrap_or_else(|| {
                        panic!("{}: nothing is to be done by {last}", path.display())
                    });
                    after.split('"').nth(1).unwrap().to_owned()
                }
            };
            for (tag, _) in FILES {
                let said = Words::of(tag).remedy(&remedy);
                assert!(remedy.is_empty() || said.is_some(), "{tag}: {remedy}");
            }
        }
    }
    assert!(count > 30, "{count}");
}
