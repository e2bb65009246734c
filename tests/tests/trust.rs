//! Country signers on their way to a box: published by headquarters as a signed target beside the lists, taken by
//! the box, and the chip then believed; an older list and a changed one are not.
#![allow(clippy::unwrap_used, clippy::panic)]

use chip::tlv::{Tag, encode};
use mpaka_tests::utopia::chip::der::{name, sequence};
use mpaka_tests::utopia::chip::files::dg1;
use mpaka_tests::utopia::chip::issuer::{Purpose, State, certificate, signed, sod, state};
use mpaka_tests::utopia::chip::keys::p256;
use mpaka_tests::whole::scenarios::LISTED_PERSONS;
use mpaka_tests::whole::{Headquarters, Post, Programs};
use std::path::{Path, PathBuf};

/// Utopia's master list with its country signer in it, signed at the beginning of that year.
fn master_list(state: &State, year: u8) -> Vec<u8> {
    let content = sequence(&[&[2, 1, 0], &encode(Tag::SET, &state.country.der)]);
    let names = (&*name("UT", "CSCA Utopia"), &*name("UT", "Lists"));
    let key = &state.country.key;
    let signer = certificate(Purpose::Lists, 9, names, &p256(), key, (20, 40));
    signed("2.23.136.1.1.2", &content, &signer, year)
}

struct Place {
    _folder: tempfile::TempDir,
    root: PathBuf,
    headquarters: Headquarters,
    post: Post,
    editions: std::cell::Cell<u32>,
}

impl Place {
    fn new(state: &State) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let programs = Programs::beside_this().unwrap();
        for part in ["hq", "chip"] {
            std::fs::create_dir(root.join(part)).unwrap();
        }
        let headquarters = Headquarters::ceremony(&programs, &root.join("hq")).unwrap();
        let box_state = root.join("post");
        let post = Post::enrol(&programs, "UTO-1", &box_state, &root, &headquarters).unwrap();
        let object = sod(&[(1, &dg1())], &state.signer, 22);
        std::fs::write(root.join("chip/EF_SOD.bin"), object).unwrap();
        std::fs::write(root.join("chip/EF_DG1.bin"), dg1()).unwrap();
        image::RgbImage::from_pixel(320, 240, image::Rgb([200, 190, 180]))
            .save(root.join("blank.png"))
            .unwrap();
        Self {
            _folder: folder,
            root,
            headquarters,
            post,
            editions: 0.into(),
        }
    }

    /// Publishes the next edition, with this list of country signers where one is given.
    fn publish(&self, list: Option<&[u8]>) -> PathBuf {
        if let Some(list) = list {
            let file = self.root.join("utopia.ml");
            std::fs::write(&file, list).unwrap();
            let mut add = self.headquarters.command();
            let added = add
                .args(["files", "add", "trust"])
                .arg(&file)
                .output()
                .unwrap();
            assert!(added.status.success(), "{added:?}");
        }
        self.editions.set(self.editions.get() + 1);
        let documents = format!(
            "number,state,type,entry\nZ{0},UTO,P,ZE{0}\n",
            self.editions.get()
        );
        let repository = self.root.join("repository");
        self.headquarters
            .publish(LISTED_PERSONS, &documents, &repository)
            .unwrap();
        repository
    }

    /// What an inspection with the chip's files says of who signed them.
    fn chain(&self) -> String {
        let blank = self.root.join("blank.png");
        let output = self
            .post
            .command()
            .args(["--json", "inspect", "--today", "2026-06-01", "--page"])
            .arg(&blank)
            .arg("--live")
            .arg(&blank)
            .arg("--files")
            .arg(self.root.join("chip"))
            .output()
            .unwrap();
        let object: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        let checks = object["checks"].as_array().unwrap();
        let of = |name: &str| checks.iter().find(|c| c["check"] == name).unwrap().clone();
        assert_eq!(
            of("chip.passive_authentication.signature")["outcome"],
            "Successful"
        );
        let chain = of("chip.passive_authentication.chain");
        chain["outcome"].as_str().unwrap().to_owned()
    }

    /// What the doctor says of the country signers.
    fn doctor(&self) -> String {
        let doctor = self
            .post
            .command()
            .args(["--json", "doctor"])
            .output()
            .unwrap();
        let said = String::from_utf8(doctor.stdout).unwrap();
        let line = said.lines().find(|l| l.contains("country signers"));
        line.unwrap_or_else(|| panic!("{said}")).to_owned()
    }
}

/// Changes one byte of every published file that holds the list.
fn change(folder: &Path) -> usize {
    let mut changed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            changed += change(&path);
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if path.to_string_lossy().contains("utopia.ml") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            changed += 1;
        }
    }
    changed
}

#[test]
fn country_signers_come_with_the_edition_and_an_older_list_is_refused() {
    let state = state();
    let place = Place::new(&state);
    place.post.take_edition(place.publish(None)).unwrap();
    assert_eq!(place.chain(), "Undetermined");
    assert!(place.doctor().contains("none: no chip can be believed"));

    let list = master_list(&state, 24);
    let repository = place.publish(Some(&list));
    place.post.take_edition(&repository).unwrap();
    assert_eq!(place.chain(), "Successful");
    let doctor = place.doctor();
    assert!(
        doctor.contains("1, newest list") && doctor.contains("days old"),
        "{doctor}"
    );

    // Headquarters' own mistake: a list older than the box has had.
    place
        .post
        .take_edition(place.publish(Some(&master_list(&state, 22))))
        .unwrap();
    assert_eq!(place.chain(), "Undetermined");

    // Changed on the way: the edition is refused, and what the box holds stays.
    let newest = master_list(&state, 26);
    let repository = place.publish(Some(&newest));
    let stick = place.root.join("stick");
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .arg(&repository)
        .arg(&stick)
        .status();
    assert!(copied.unwrap().success());
    assert!(
        change(&stick) > 0,
        "the list lies in the repository under its name"
    );
    assert!(place.post.take_edition(&stick).is_err());
    assert_eq!(place.chain(), "Undetermined");
    place.post.take_edition(&repository).unwrap();
    assert_eq!(place.chain(), "Successful");
}
