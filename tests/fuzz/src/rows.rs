//! Lists as other authorities send them: CSV of persons and of documents.

use crate::Answer;
use hq::home::Home;
use hq::list::{ImportOrder, import, lint};
use hq::register::Register;
use jiff::Timestamp;
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;

static REGISTER: LazyLock<Mutex<(TempDir, Register)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = Home::make(&folder.path().join("hq")).expect("a home in it");
    let register = Register::open(&home).expect("a register in it");
    Mutex::new((folder, register))
});

/// An import: the first byte says what the rest is: a CSV of persons or of documents, JSON of persons, the UN's
/// list, FollowTheMoney, or the OFAC list's first file.
pub(crate) fn rows(bytes: &[u8]) -> Answer {
    let Some((which, content)) = bytes.split_first() else {
        return Answer::Refused;
    };
    // The register takes an import whole or not at all, so a panic leaves it as it was.
    let mut held = REGISTER
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let (folder, register) = &mut *held;
    let mut order = ImportOrder {
        source: "UTO list".into(),
        legal_basis: "made up".into(),
        source_state: Some("UTO".into()),
        ..ImportOrder::default()
    };
    let given = |name: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).expect("a temporary file");
        Some(file)
    };
    match which % 6 {
        0 => order.persons = given("rows.csv"),
        1 => order.documents = given("rows.csv"),
        2 => order.persons = given("rows.jsonl"),
        3 => order.un = given("rows.xml"),
        4 => order.ftm = given("rows.ftm"),
        _ => {
            std::fs::write(folder.path().join("alt.csv"), "").expect("a temporary file");
            given("sdn.csv");
            order.ofac = Some(folder.path().to_owned());
        }
    }
    let Ok(report) = import(register, &order, Timestamp::UNIX_EPOCH) else {
        return Answer::Refused;
    };
    assert_eq!(
        report.added + report.changed + report.unchanged,
        report.persons + report.documents
    );
    lint(register, jiff::civil::date(2026, 9, 1)).expect("what was imported can be looked through");
    Answer::Understood
}
