//! Updates of the programs, from headquarters' list to the installed package and back: the machine's tools are
//! simulated, all else is the real thing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod cuts;
mod fit;
mod machine;
mod place;

use machine::When;
use mpaka_tests::whole::Headquarters;
use mpaka_tests::whole::scenarios::{LISTED_DOCUMENTS, LISTED_PERSONS};
use place::{Place, copy, here, installed, name_of, package, rolled_back, version};
use post::update::{Applied, Lane, LastUpdate, UpdateError, set_up};
use seal::bundle::BundleError;
use seal::bundle::software::Architecture;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
