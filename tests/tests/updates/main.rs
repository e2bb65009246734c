//! Updates of the programs, from headquarters' list to the installed package and back: the machine's tools are
//! simulated, all else is the real thing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod machine;

use machine::{Simulated, When};
use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use mpaka_tests::whole::{Headquarters, Post, Programs};
use post::state::StateDir;
use post::update::{Applied, Applying, Ground, Lane, LastUpdate, UpdateError, set_up};
use seal::bundle::BundleError;
use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn here() -> Architecture {
    Architecture::of_this_program().unwrap()
}

fn name_of(version: Version) -> String {
    let file = SoftwareFile {
        package: Package::Post,
        version,
        architecture: here(),
    };
    file.to_string()
}

/// A package file as the simulated machine reads it: it begins as every package does, and says what it is.
fn package(folder: &Path, name: &str, says: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("!<arch>\ndebian-binary\n{says}\n")).unwrap();
    path
}

fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    done(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// A headquarters and a box that runs 0.1.0-1 and takes updates.
struct Place {
    _folder: tempfile::TempDir,
    root: PathBuf,
    programs: Programs,
    headquarters: Headquarters,
    post: Post,
    ground: Ground,
    machine: Simulated,
}

impl Place {
    /// With the packages in use kept, so that there is a way back.
    fn new() -> Self {
        Self::keeping(true)
    }

    fn keeping(is_kept: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let programs = Programs::beside_this().unwrap();
        let hq = root.join("hq");
        std::fs::create_dir(&hq).unwrap();
        let headquarters = Headquarters::ceremony(&programs, &hq).unwrap();
        let post =
            Post::enrol(&programs, "UTO-1", &root.join("post"), &root, &headquarters).unwrap();
        let repository = root.join("repository");
        headquarters
            .publish(LISTED_PERSONS, LISTED_DOCUMENTS, &repository)
            .unwrap();
        let mut machine = Simulated::with("0.1.0-1");
        let ground = Ground::at(root.join("ground"));
        let name = name_of(machine.installed);
        let kept = package(&root, &name, &name);
        let packages = if is_kept { vec![kept] } else { Vec::new() };
        set_up(&ground, &headquarters.root_file(), &packages, &mut machine).unwrap();
        Self {
            _folder: folder,
            root,
            programs,
            headquarters,
            post,
            ground,
            machine,
        }
    }

    fn state(&self) -> StateDir {
        StateDir::new(self.post.state())
    }

    fn hq(&self, words: &[&str]) {
        done(self.headquarters.command().args(words));
    }

    /// Lists a package under its name, whatever it says of itself, and publishes it to every box.
    fn publish_as(&self, name: &str, says: &str) {
        let file = package(&self.root, name, says);
        self.hq(&["files", "add", "software", file.to_str().unwrap()]);
        self.publish();
    }

    /// Publishes what is listed to every box.
    fn publish(&self) {
        for person in ["a.first", "b.second"] {
            self.hq(&["approve", "--by", person]);
        }
        let repository = self.root.join("repository");
        let out = repository.to_str().unwrap();
        self.hq(&["publish", "--waves", "all", "--out", out]);
    }

    fn mpaka(&self, words: &[&str]) -> String {
        let mut command = self.post.command();
        command
            .env("MPAKA_UPDATE", self.ground.folder())
            .arg("--json")
            .args(words);
        done(&mut command)
    }

    /// Publishes a release, and the box takes the edition that it comes with.
    fn release(&self, text: &str) {
        let name = name_of(version(text));
        self.publish_as(&name, &name);
        self.take();
    }

    fn take(&self) {
        let repository = self.root.join("repository");
        self.mpaka(&["editions", "take", repository.to_str().unwrap()]);
    }

    fn apply(&mut self) -> Result<Applied, UpdateError> {
        self.apply_beside(&Lane::at(self.root.join("lane")))
    }

    fn apply_beside(&mut self, lane: &Lane) -> Result<Applied, UpdateError> {
        let state = self.state();
        Applying {
            ground: &self.ground,
            state: &state,
            lane,
            program: Path::new("/bin/true"),
            machine: &mut self.machine,
        }
        .run(jiff::Timestamp::now())
    }

    /// Applies until the power goes, or to the end.
    fn apply_until_cut(&mut self) -> Option<Result<Applied, UpdateError>> {
        catch_unwind(AssertUnwindSafe(|| self.apply())).ok()
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.mpaka(&["update"])).unwrap()
    }
}

fn installed(text: &str) -> Applied {
    Applied::Installed {
        version: version(text),
    }
}

fn rolled_back(text: &str, why: &str) -> Applied {
    Applied::RolledBack {
        version: version(text),
        to: version("0.1.0-1"),
        why: why.into(),
    }
}

#[test]
fn a_release_comes_with_an_edition_is_proved_and_stays() {
    let mut place = Place::new();
    assert_eq!(place.apply().unwrap(), Applied::Nothing);
    place.release("0.2.0-1");
    let status = place.status();
    assert_eq!(
        (&status["installed"], &status["waiting"]),
        (&"0.1.0-1".into(), &"0.2.0-1".into())
    );
    let doctor = place.mpaka(&["doctor"]);
    assert!(doctor.contains("update waiting: 0.2.0-1"), "{doctor}");

    // Nothing while somebody stands at the desk.
    let lane = Lane::at(place.root.join("lane"));
    let at_work = lane.work().unwrap();
    let busy = Applied::Busy {
        version: version("0.2.0-1"),
    };
    assert_eq!(place.apply_beside(&lane).unwrap(), busy);
    assert_eq!(place.machine.installed, version("0.1.0-1"));
    drop(at_work);

    assert_eq!(place.apply_beside(&lane).unwrap(), installed("0.2.0-1"));
    assert_eq!(place.machine.installed, version("0.2.0-1"));
    assert!(!place.ground.is_under_way() && !place.ground.keeper().exists());
    assert_eq!(place.apply().unwrap(), Applied::Nothing);
    let status = place.status();
    assert_eq!(status["waiting"], serde_json::Value::Null);
    assert_eq!(
        (&status["installed"], &status["previous"]),
        (&"0.2.0-1".into(), &"0.1.0-1".into())
    );

    // Down again only to what was in use before, and only by headquarters' word.
    place.release("0.1.5-1");
    assert!(matches!(place.apply(), Err(UpdateError::Downgrade { .. })));
    assert_eq!(
        place.ground.standing().unwrap().refused.unwrap().why,
        "downgrade"
    );
    place.release("0.1.0-1");
    assert_eq!(place.apply().unwrap(), installed("0.1.0-1"));
}

#[test]
fn what_somebody_lays_beside_the_signatures_is_not_carried_into_the_box() {
    let mut place = Place::new();
    let name = name_of(version("0.2.0-1"));
    place.publish_as(&name, &name);
    let metadata = place.root.join("repository/metadata");
    for name in ["filling.json", "7000.root.json", "9.snapshot.json.old"] {
        std::fs::write(metadata.join(name), [b' '; 4096]).unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", metadata.join("8000.root.json")).unwrap();
    place.take();
    let laid = place.state().update().join("metadata");
    let names: BTreeSet<String> = std::fs::read_dir(laid)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    // The first root and the roles of the second edition, which is the second signing.
    let expected = [
        "1.root.json",
        "2.snapshot.json",
        "2.targets.json",
        "timestamp.json",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
    assert_eq!(place.apply().unwrap(), installed("0.2.0-1"));
}

#[test]
fn a_release_that_does_not_do_is_taken_back_and_not_tried_again() {
    let mut place = Place::new();
    place
        .machine
        .faults
        .insert(version("0.2.0-1"), "zone reader");
    place.release("0.2.0-1");
    assert_eq!(
        place.apply().unwrap(),
        rolled_back("0.2.0-1", "new_fault:zone-reader")
    );
    assert_eq!(place.machine.installed, version("0.1.0-1"));
    assert_eq!(place.apply().unwrap(), Applied::Nothing);
    assert_eq!(place.status()["waiting"], serde_json::Value::Null);
    let last = place.ground.standing().unwrap().last.unwrap();
    assert!(matches!(last, LastUpdate::RolledBack { .. }), "{last:?}");

    place.machine.down.insert(version("0.2.0-2"));
    place.release("0.2.0-2");
    assert_eq!(place.apply().unwrap(), rolled_back("0.2.0-2", "never_up"));
    place.machine.uninstallable.insert(version("0.2.0-3"));
    place.release("0.2.0-3");
    assert_eq!(
        place.apply().unwrap(),
        rolled_back("0.2.0-3", "install_failed")
    );
    place.release("0.2.0-4");
    assert_eq!(place.apply().unwrap(), installed("0.2.0-4"));
}

#[test]
fn without_a_way_back_nothing_is_installed() {
    let mut place = Place::keeping(false);
    place.release("0.2.0-1");
    assert!(matches!(place.apply(), Err(UpdateError::NoWayBack { .. })));
    assert_eq!(
        place.ground.standing().unwrap().refused.unwrap().why,
        "no_way_back"
    );
    assert_eq!(place.machine.installed, version("0.1.0-1"));
    // The release that is in use, published: its packages are kept.
    place.release("0.1.0-1");
    let kept = Applied::Kept {
        version: version("0.1.0-1"),
    };
    assert_eq!(place.apply().unwrap(), kept);
    assert_eq!(place.ground.standing().unwrap().refused, None);
    place.release("0.2.0-1");
    assert_eq!(place.apply().unwrap(), installed("0.2.0-1"));
}

#[test]
fn what_is_not_headquarters_release_for_this_machine_is_not_installed() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    let laid = place.state().update();
    let good = place.root.join("good");
    copy(&laid, &good);
    let refused = |place: &mut Place| {
        let error = place.apply().unwrap_err();
        assert_eq!(place.machine.installed, version("0.1.0-1"));
        assert!(!place.ground.is_under_way());
        error
    };

    // A byte of the package, by whoever has the appliance's rights.
    let targets = std::fs::read_dir(laid.join("targets")).unwrap();
    let file = targets.map(|entry| entry.unwrap().path()).next().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(matches!(
        refused(&mut place),
        UpdateError::Bundle(BundleError::Tampered { .. })
    ));

    // A link to a file of another's in its place.
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    assert!(matches!(refused(&mut place), UpdateError::Bundle(_)));

    // Another headquarters' release, all signed; the appliance's own root replaced with it.
    let theirs = place.root.join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let stranger = Headquarters::ceremony(&place.programs, &theirs).unwrap();
    let repository = theirs.join("repository");
    stranger
        .publish(LISTED_PERSONS, LISTED_DOCUMENTS, &repository)
        .unwrap();
    copy(&repository, &laid);
    std::fs::copy(stranger.root_file(), place.state().root_of_trust()).unwrap();
    assert!(matches!(
        refused(&mut place),
        UpdateError::Bundle(BundleError::UntrustedRoot { .. })
    ));
    std::fs::copy(
        place.headquarters.root_file(),
        place.state().root_of_trust(),
    )
    .unwrap();

    // Ours, for another machine.
    copy(&good, &laid);
    place.machine.architecture = match here() {
        Architecture::Arm64 => Architecture::Amd64,
        _ => Architecture::Arm64,
    };
    assert!(matches!(
        refused(&mut place),
        UpdateError::NotForThisMachine { .. }
    ));
    place.machine.architecture = here();

    // A package that is another one than its signed name says.
    place.publish_as(&name_of(version("0.3.0-1")), &name_of(version("0.0.1-1")));
    place.take();
    assert!(matches!(
        refused(&mut place),
        UpdateError::OtherPackage { .. }
    ));

    // Yesterday's bundle, once a later one was seen.
    place.release("0.3.0-2");
    place.machine.faults.insert(version("0.3.0-2"), "ledger");
    assert_eq!(
        place.apply().unwrap(),
        rolled_back("0.3.0-2", "new_fault:ledger")
    );
    copy(&good, &laid);
    assert!(matches!(
        refused(&mut place),
        UpdateError::Bundle(BundleError::Rollback { .. })
    ));
}

#[test]
fn a_halted_release_is_not_installed_by_a_box_that_has_it_already() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    place.hq(&["rollout", "halt", "--why", "the canary is dark"]);
    place.take();
    let not_now = Applied::NotNow {
        version: version("0.2.0-1"),
    };
    assert_eq!(place.apply().unwrap(), not_now);
    assert_eq!(place.machine.installed, version("0.1.0-1"));
}

#[test]
fn sealed_keys_are_waited_for_and_are_no_fault_of_the_program() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    // The power goes once the package is installed; nobody has unlocked the keys since.
    let before = place.machine.clone();
    let calls = (1..).find(|call| {
        place.machine = before.clone();
        place.machine.starts(Some((*call, When::After)));
        let _ = place.apply_until_cut();
        place.machine.installed == version("0.2.0-1")
    });
    assert!(calls.is_some());
    place.machine.starts(None);
    place.machine.is_locked = true;
    // Sealed, and nothing of them in memory.
    let sealed = place.state().sealed_keys();
    std::fs::write(&sealed, "").unwrap();
    let locked = Applied::Locked {
        version: version("0.2.0-1"),
    };
    for _ in 0..5 {
        assert_eq!(place.apply().unwrap(), locked);
    }
    place.machine.is_locked = false;
    std::fs::remove_file(&sealed).unwrap();
    assert_eq!(place.apply().unwrap(), installed("0.2.0-1"));

    // Nothing is begun over locked keys: what is looked at then proves nothing.
    std::fs::write(&sealed, "").unwrap();
    place.machine.is_locked = true;
    let standing = place.ground.folder().join("standing.json");
    let of_before =
        r#"{"layout":1,"installed":"0.1.0-1","previous":null,"last":null,"refused":null}"#;
    std::fs::write(standing, of_before).unwrap();
    place.machine.installed = version("0.1.0-1");
    let keys_first = Applied::KeysFirst {
        version: version("0.2.0-1"),
    };
    assert_eq!(place.apply().unwrap(), keys_first);
    assert!(!place.ground.is_under_way());

    // Where they lie unlocked, a program that does not find them does not do.
    place.machine.is_locked = false;
    std::fs::remove_file(&sealed).unwrap();
    place.machine.faults.insert(version("0.2.0-1"), "keys");
    assert_eq!(
        place.apply().unwrap(),
        rolled_back("0.2.0-1", "new_fault:keys")
    );
}

#[test]
fn a_way_back_that_fails_is_told_and_gone_again() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    let (before, next) = (version("0.1.0-1"), version("0.2.0-1"));
    // A full disk takes neither.
    place.machine.uninstallable.extend([before, next]);
    for _ in 0..2 {
        assert!(matches!(place.apply(), Err(UpdateError::WayBack { .. })));
        assert!(place.ground.is_under_way());
        let refused = place.ground.standing().unwrap().refused.unwrap();
        assert_eq!(
            (refused.version, refused.why.as_str()),
            (next, "way_back_failed")
        );
    }
    place.machine.uninstallable.remove(&before);
    assert_eq!(
        place.apply().unwrap(),
        rolled_back("0.2.0-1", "install_failed")
    );
    assert_eq!(place.ground.standing().unwrap().refused, None);
}

/// Cuts the power at every call of the machine's tools, once, and lets the installer go on when it is back; what it
/// came to each time, and how often it was cut.
fn cut_everywhere(place: &mut Place) -> (BTreeSet<String>, usize) {
    let fresh = place.root.join("fresh");
    copy(place.ground.folder(), &fresh);
    let before = place.machine.clone();
    let (mut outcomes, mut cuts) = (BTreeSet::new(), 0);
    for when in [When::Before, When::After] {
        for call in 1.. {
            copy(&fresh, place.ground.folder());
            place.machine = before.clone();
            place.machine.starts(Some((call, when)));
            if place.apply_until_cut().is_some() {
                break;
            }
            cuts += 1;
            place.machine.starts(None);
            let applied = place.apply().unwrap();
            assert!(!place.ground.is_under_way(), "cut {when:?} call {call}");
            assert!(!place.machine.is_half, "cut {when:?} call {call}");
            assert_eq!(
                place.ground.standing().unwrap().installed,
                Some(place.machine.installed)
            );
            assert_eq!(place.apply().unwrap(), Applied::Nothing);
            outcomes.insert(format!("{applied:?} {}", place.machine.installed));
        }
    }
    (outcomes, cuts)
}

#[test]
fn the_power_may_go_at_every_step_of_an_update_and_of_the_way_back() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    let (outcomes, cuts) = cut_everywhere(&mut place);
    let expected = format!("{:?} 0.2.0-1", installed("0.2.0-1"));
    assert_eq!(outcomes, [expected].into());
    assert!(cuts > 15, "{cuts}");

    let mut place = Place::new();
    place.release("0.2.0-1");
    place
        .machine
        .faults
        .insert(version("0.2.0-1"), "zone reader");
    let (outcomes, cuts) = cut_everywhere(&mut place);
    let expected = format!(
        "{:?} 0.1.0-1",
        rolled_back("0.2.0-1", "new_fault:zone-reader")
    );
    assert_eq!(outcomes, [expected].into());
    assert!(cuts > 200, "{cuts}");
}

#[test]
fn an_installation_that_is_cut_again_and_again_is_given_up() {
    let mut place = Place::new();
    place.release("0.2.0-1");
    // The first cut comes while the package is being unpacked, and so does the next.
    let before = place.machine.clone();
    let found = (1..).find(|call| {
        place.machine = before.clone();
        place.machine.starts(Some((*call, When::Before)));
        let _ = place.apply_until_cut();
        place.machine.is_half
    });
    assert!(found.is_some());
    place.machine.starts(Some((1, When::Before)));
    assert!(place.apply_until_cut().is_none());
    assert!(place.machine.is_half);
    place.machine.starts(None);
    assert_eq!(place.apply().unwrap(), rolled_back("0.2.0-1", "power_cut"));
    assert_eq!(place.machine.installed, version("0.1.0-1"));
}

#[test]
fn models_stay_while_the_program_before_may_come_back() {
    let place = Place::new();
    let model = place.root.join("before.onnx");
    std::fs::write(&model, "weights of spring").unwrap();
    place.hq(&["files", "add", "model", model.to_str().unwrap()]);
    place.publish();
    place.take();
    let came = place.post.state().join("carried/model");
    let models = || std::fs::read_dir(&came).unwrap().count();
    assert_eq!(models(), 1);

    // Headquarters sends it no more, and the program that proves itself has no use for it.
    place.hq(&["files", "remove", "model", "before.onnx"]);
    place.publish();
    let journal = place.ground.folder().join("journal.json");
    std::fs::write(&journal, "{}").unwrap();
    place.take();
    assert_eq!(models(), 1);
    std::fs::remove_file(journal).unwrap();
    place.take();
    assert_eq!(models(), 0);
}

#[test]
fn a_box_keeps_the_root_that_it_was_set_up_with() {
    let mut place = Place::new();
    let theirs = place.root.join("theirs");
    std::fs::create_dir(&theirs).unwrap();
    let stranger = Headquarters::ceremony(&place.programs, &theirs).unwrap();
    let mut again = |root: &Path, packages: &[PathBuf]| {
        set_up(&place.ground, root, packages, &mut place.machine)
    };
    assert!(matches!(
        again(&stranger.root_file(), &[]),
        Err(UpdateError::OtherRoot { .. })
    ));
    let ours = place.headquarters.root_file();
    again(&ours, &[]).unwrap();
    let other = name_of(version("0.9.0-1"));
    let other = package(&place.root, &other, &other);
    assert!(matches!(
        again(&ours, &[other]),
        Err(UpdateError::Unfit { .. })
    ));
    let none = place.root.join("post/post.toml");
    assert!(matches!(again(&none, &[]), Err(UpdateError::Unfit { .. })));
}
