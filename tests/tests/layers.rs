//! Who may import whom: the table of the house, held against what the manifests say.

#![allow(clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room → rooms it may depend on. The tests ([`TESTS`]) may depend on all and are not listed.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("mpaka-rules", &[]),
    ("mpaka-seal", &["mpaka-rules"]),
    ("mpaka-chip", &["mpaka-rules"]),
    ("mpaka-firmware", &[]),
    ("mpaka-page", &["mpaka-rules"]),
    ("mpaka-models", &["mpaka-rules", "mpaka-page"]),
    (
        "mpaka-calibration",
        &[
            "mpaka-rules",
            "mpaka-seal",
            "mpaka-models",
            "mpaka-page",
            "mpaka-firmware",
        ],
    ),
    ("mpaka-watchlist", &["mpaka-rules", "mpaka-seal"]),
    ("mpaka-store", &["mpaka-rules", "mpaka-seal"]),
    (
        "mpaka-post",
        &[
            "mpaka-rules",
            "mpaka-seal",
            "mpaka-chip",
            "mpaka-firmware",
            "mpaka-page",
            "mpaka-models",
            "mpaka-watchlist",
            "mpaka-store",
            "mpaka-calibration",
        ],
    ),
    (
        "mpaka-hq",
        &[
            "mpaka-rules",
            "mpaka-seal",
            "mpaka-watchlist",
            "mpaka-models",
        ],
    ),
];

/// The packages of the room `tests`.
const TESTS: [&str; 2] = ["mpaka-tests", "mpaka-fuzz"];

fn metadata() -> serde_json::Value {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// Package → what it depends on outside its tests, each with the Cargo features asked for.
fn dependencies() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let metadata = metadata();
    let mut all = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let mut of_package: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if dependency["kind"] == "dev" {
                continue;
            }
            let name = dependency["name"].as_str().expect("name").to_owned();
            let features = dependency["features"].as_array().expect("features");
            of_package.entry(name).or_default().extend(
                features
                    .iter()
                    .filter_map(|f| f.as_str().map(str::to_owned)),
            );
        }
        all.insert(
            package["name"].as_str().expect("name").to_owned(),
            of_package,
        );
    }
    all
}

#[test]
fn every_room_imports_only_what_its_layer_allows() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    for (package, dependencies) in dependencies() {
        if TESTS.contains(&package.as_str()) {
            continue;
        }
        let may = allowed
            .get(package.as_str())
            .unwrap_or_else(|| panic!("{package} has no place in the table of layers"));
        for dependency in dependencies.keys().filter(|d| d.starts_with("mpaka-")) {
            assert!(
                may.contains(&dependency.as_str()),
                "{package} must not import {dependency}"
            );
        }
    }
}

#[test]
fn only_headquarters_holds_the_code_that_signs_bundles() {
    for (package, dependencies) in dependencies() {
        let signs = dependencies
            .get("mpaka-seal")
            .is_some_and(|features| features.contains("publish"));
        assert!(
            !signs || package == "mpaka-hq" || TESTS.contains(&package.as_str()),
            "{package} asks for the code that signs bundles"
        );
    }
}

#[test]
fn the_outside_crates_stay_in_their_rooms() {
    let rooms: &[(&str, &[&str])] = &[
        (
            "opencv",
            &["mpaka-page", "mpaka-models", "mpaka-calibration"],
        ),
        ("rppal", &["mpaka-firmware"]),
        ("rusqlite", &["mpaka-store", "mpaka-watchlist", "mpaka-hq"]),
        ("axum", &["mpaka-post", "mpaka-hq"]),
        ("cryptoki", &["mpaka-hq"]),
    ];
    for (package, dependencies) in dependencies() {
        for (outside, allowed) in rooms {
            assert!(
                !dependencies.contains_key(*outside) || allowed.contains(&package.as_str()),
                "{package} must not import {outside}"
            );
        }
    }
}

/// The value of an attribute in an element's text.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = element.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[test]
fn the_picture_of_the_house_shows_the_layers_as_they_are() {
    let picture = include_str!("../../host/house.svg");
    let drawn: BTreeMap<&str, BTreeSet<&str>> = picture
        .split("<g ")
        .skip(1)
        .map(|group| {
            let room = attribute(group, "data-room").expect("a room's name");
            let imports = attribute(group, "data-imports").expect("what it imports");
            (room, imports.split_whitespace().collect())
        })
        .collect();
    let true_ones: BTreeMap<&str, BTreeSet<&str>> = MAY_IMPORT
        .iter()
        .map(|(room, imports)| {
            let imports = imports.iter().map(|i| i.trim_start_matches("mpaka-"));
            (room.trim_start_matches("mpaka-"), imports.collect())
        })
        .collect();
    assert_eq!(drawn, true_ones);
}

/// The source files below a folder.
fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the house") {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Whoever is checked is told of to nobody but the box's own headquarters: no room of the box knows how to reach
/// anybody over a network, but for the one that speaks to headquarters.
#[test]
fn nothing_on_a_box_reaches_the_network_but_synchronisation() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the room stands in the house");
    let mut sources = Vec::new();
    for room in [
        "host/rules",
        "host/chip",
        "host/page",
        "host/seal",
        "host/watchlist",
        "host/store",
        "host/post",
        "firmware",
        "calibration",
        "models",
    ] {
        sources_below(&house.join(room).join("src"), &mut sources);
    }
    let ways_out = [
        "TcpStream",
        "UdpSocket",
        "ToSocketAddrs",
        "lookup_host",
        "reqwest",
        "hyper::client",
        "TlsConnector",
    ];
    let mut reach_out = 0;
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("source");
        if ways_out.iter().any(|way| source.contains(way)) {
            reach_out += 1;
            assert!(
                path.starts_with(house.join("host/post/src/sync")),
                "{} reaches the network",
                path.display()
            );
        }
    }
    assert!(reach_out > 0, "this test sees nothing any more");
}
