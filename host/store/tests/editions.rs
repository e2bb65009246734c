//! Editions: switched whole, never back, and nothing interrupted stays.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_store as store;

use rules::EditionNumber;
use std::fs;
use std::path::{Path, PathBuf};
use store::StoreError;
use store::editions::{self, Activated, Editions};
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }
    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }
    fn editions(&self) -> PathBuf {
        self.state().join("editions")
    }
    fn open(&self) -> Editions {
        Editions::open(&self.state()).unwrap()
    }
    /// A verified folder from elsewhere, with a folder in it.
    fn source(&self, n: u64) -> PathBuf {
        let folder = self.folder.path().join(format!("source-{n}"));
        fs::create_dir_all(folder.join("inner")).unwrap();
        fs::write(folder.join("list"), format!("edition {n}")).unwrap();
        fs::write(folder.join("inner/more"), "more").unwrap();
        folder
    }
    fn activate(&self, editions: &mut Editions, n: u64) -> Result<Activated, StoreError> {
        editions.activate(EditionNumber(n), &self.source(n))
    }
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.editions())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|n| n != "lock" && n != "active")
            .collect();
        names.sort();
        names
    }
}

fn content(editions: &Editions) -> (u64, String) {
    let active = editions.active().unwrap();
    assert_eq!(
        fs::read_to_string(active.folder.join("inner/more")).unwrap(),
        "more"
    );
    (
        active.number.0,
        fs::read_to_string(active.folder.join("list")).unwrap(),
    )
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("inner")).unwrap();
    fs::copy(from.join("list"), to.join("list")).unwrap();
    fs::copy(from.join("inner/more"), to.join("inner/more")).unwrap();
}

#[test]
fn a_new_box_has_no_edition() {
    let desk = Desk::new();
    assert_eq!(editions::active(&desk.state()).unwrap(), None);
    let editions = desk.open();
    assert_eq!(editions.active(), None);
    assert_eq!(editions.floor(), None);
}

#[test]
fn an_edition_comes_into_use_and_stays_after_a_restart() {
    let desk = Desk::new();
    let mut editions = desk.open();
    assert_eq!(desk.activate(&mut editions, 4).unwrap(), Activated::Now);
    assert_eq!(content(&editions), (4, "edition 4".into()));
    assert_eq!(
        editions::active(&desk.state()).unwrap(),
        editions.active(),
        "a reader sees the same without the lock"
    );
    drop(editions);
    assert_eq!(content(&desk.open()), (4, "edition 4".into()));
}

#[test]
fn a_staged_folder_is_taken_over_by_whatever_path_it_is_called() {
    let desk = Desk::new();
    let mut editions = desk.open();
    let staged = editions.stage().unwrap();
    copy(&desk.source(1), &staged);
    editions.activate(EditionNumber(1), &staged).unwrap();
    assert_eq!(content(&editions), (1, "edition 1".into()));
    let staged = editions.stage().unwrap();
    assert_eq!(fs::read_dir(&staged).unwrap().count(), 0);
    copy(&desk.source(2), &staged);
    let roundabout = desk
        .editions()
        .join("..")
        .join("editions")
        .join(staged.file_name().unwrap());
    editions.activate(EditionNumber(2), &roundabout).unwrap();
    assert_eq!(content(&editions), (2, "edition 2".into()));
    assert_eq!(desk.names(), ["000001", "000002"]);
}

#[test]
fn the_two_newest_are_kept() {
    let desk = Desk::new();
    let mut editions = desk.open();
    for n in [1, 2, 5, 9] {
        desk.activate(&mut editions, n).unwrap();
    }
    assert_eq!(desk.names(), ["000005", "000009"]);
}

#[test]
fn an_older_edition_is_refused_even_after_a_restart() {
    let desk = Desk::new();
    let mut editions = desk.open();
    desk.activate(&mut editions, 5).unwrap();
    desk.activate(&mut editions, 6).unwrap();
    for _ in 0..2 {
        match desk.activate(&mut editions, 5) {
            Err(StoreError::EditionOlder { offered, active }) => {
                assert_eq!((offered.0, active.0), (5, 6));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(content(&editions), (6, "edition 6".into()));
        drop(editions);
        editions = desk.open();
    }
    assert_eq!(desk.names(), ["000005", "000006"]);
}

#[test]
fn the_same_edition_again_changes_nothing() {
    let desk = Desk::new();
    let mut editions = desk.open();
    desk.activate(&mut editions, 3).unwrap();
    fs::write(desk.source(3).join("list"), "something else").unwrap();
    let again = editions.activate(EditionNumber(3), &desk.folder.path().join("source-3"));
    assert_eq!(again.unwrap(), Activated::Already);
    assert_eq!(content(&editions), (3, "edition 3".into()));
}

#[test]
fn whatever_was_interrupted_is_swept_and_the_edition_in_use_stays() {
    let desk = Desk::new();
    let mut editions = desk.open();
    desk.activate(&mut editions, 3).unwrap();
    drop(editions);
    // Cut while copying; cut between the rename and the pointer; cut while an old one was removed.
    for left in ["staged.part", "000004", "000001.part"] {
        fs::create_dir_all(desk.editions().join(left).join("inner")).unwrap();
        fs::write(desk.editions().join(left).join("half"), "half").unwrap();
    }
    let mut editions = desk.open();
    assert_eq!(desk.names(), ["000003"]);
    assert_eq!(content(&editions), (3, "edition 3".into()));
    desk.activate(&mut editions, 4).unwrap();
    assert_eq!(content(&editions), (4, "edition 4".into()));
}

#[test]
fn a_lost_or_damaged_pointer_lets_no_older_edition_in() {
    for damage in [
        None,
        Some(""),
        Some("{\"version\":1"),
        Some("{\"version\":9,\"number\":1}"),
    ] {
        let desk = Desk::new();
        let mut editions = desk.open();
        desk.activate(&mut editions, 7).unwrap();
        desk.activate(&mut editions, 8).unwrap();
        drop(editions);
        let pointer = desk.editions().join("active");
        match damage {
            None => fs::remove_file(&pointer).unwrap(),
            Some(text) => fs::write(&pointer, text).unwrap(),
        }
        let mut editions = desk.open();
        assert_eq!(content(&editions), (8, "edition 8".into()), "{damage:?}");
        assert!(matches!(
            desk.activate(&mut editions, 7),
            Err(StoreError::EditionOlder { .. })
        ));
        assert_eq!(
            editions::active(&desk.state()).unwrap().unwrap().number.0,
            8
        );
    }
}

#[test]
fn an_edition_whose_folder_is_gone_can_come_back_and_an_older_one_cannot() {
    let desk = Desk::new();
    let mut editions = desk.open();
    desk.activate(&mut editions, 7).unwrap();
    desk.activate(&mut editions, 8).unwrap();
    drop(editions);
    fs::remove_dir_all(desk.editions().join("000008")).unwrap();
    let mut editions = desk.open();
    assert_eq!(editions.active(), None);
    assert_eq!(editions.floor(), Some(EditionNumber(8)));
    assert!(desk.activate(&mut editions, 7).is_err());
    assert_eq!(desk.activate(&mut editions, 8).unwrap(), Activated::Now);
    assert_eq!(content(&editions), (8, "edition 8".into()));
}

#[test]
fn what_cannot_be_copied_whole_changes_nothing() {
    let desk = Desk::new();
    let mut editions = desk.open();
    desk.activate(&mut editions, 1).unwrap();
    let linked = desk.source(2);
    std::os::unix::fs::symlink("/etc/hostname", linked.join("link")).unwrap();
    assert!(editions.activate(EditionNumber(2), &linked).is_err());
    assert!(
        editions
            .activate(EditionNumber(2), Path::new("/no/such/folder"))
            .is_err()
    );
    assert_eq!(content(&editions), (1, "edition 1".into()));
    drop(editions);
    assert_eq!(content(&desk.open()), (1, "edition 1".into()));
    assert_eq!(desk.names(), ["000001"]);
}

#[test]
fn one_program_at_a_time_changes_editions() {
    let desk = Desk::new();
    let first = desk.open();
    assert!(matches!(
        Editions::open(&desk.state()),
        Err(StoreError::InUse { .. })
    ));
    assert!(editions::active(&desk.state()).is_ok());
    drop(first);
    desk.open();
}

#[test]
fn a_number_beyond_six_digits_is_a_number() {
    let desk = Desk::new();
    let mut editions = desk.open();
    for n in [999_999, 1_000_000, u64::MAX] {
        desk.activate(&mut editions, n).unwrap();
    }
    drop(editions);
    assert_eq!(content(&desk.open()).0, u64::MAX);
    assert_eq!(desk.names().len(), 2);
}
