//! What is no list, what is a doubtful one, and what people are shown of both.

use crate::desk::{Desk, text};
use crate::{DOCUMENTS, PERSONS, import};
use std::fs;

#[test]
fn bad_rows_are_named_by_line_and_column_and_nothing_is_imported() {
    let desk = Desk::new();
    import(&desk, PERSONS, DOCUMENTS);
    let persons = desk.file(
        "bad.csv",
        "entry,names,birth,sex,nationality,documents,action,expires\n\
         E1,\"KAMAU, Jane\",1974-13-01,F,KEN,,,\n\
         ,Somebody Else,,,,,,\n\
         E3,,,,,,,\n\
         E4,Peter Otieno,,woman,KENYA,AB12,,31.12.2027\n\
         E5,Five Fields,,\n\
         E1,Jane Again,,,,,,\n\
         \"E7\",\"Two\nlines\",12,,,//,,\n\
         E8,M. K.,,,,,,\n",
    );
    let said = desk.refused(
        &[
            "import",
            "--persons",
            &persons,
            "--source",
            "Utopia Police",
            "--legal-basis",
            "x",
        ],
        3,
    );
    for expected in [
        ":2: birth:",
        ":3: entry:",
        ":4: names:",
        ":5: sex:",
        ":5: nationality:",
        ":5: documents:",
        ":5: expires:",
        ":6: row:",
        ":7: entry: E1 stands here twice",
        ":8: birth:",
        ":8: documents:",
        ":10: names: no name here can be searched for",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    let approved = desk.done(&["approve", "--by", "a.wanjiru"]);
    assert_eq!(approved[0]["persons"], 2, "the list is what it was");
    assert_eq!(approved[0]["revision"], 1);
}

#[test]
fn files_that_are_no_lists_are_refused() {
    let desk = Desk::new();
    let refused = |content: &[u8], code: i32, expected: &str| {
        let path = desk.path("file.csv");
        fs::write(&path, content).unwrap();
        let said = desk.refused(
            &[
                "import",
                "--documents",
                text(&path),
                "--source",
                "S",
                "--legal-basis",
                "x",
            ],
            code,
        );
        assert!(said.contains(expected), "{expected} is not in: {said}");
    };
    refused(b"", 3, "number: this column is needed");
    refused(b"\xff\xfe\x00n\x00u", 3, "");
    refused(b"number,state\nA1,UTO,P\n", 3, ":2: row: 3 fields");
    refused(b"number,state,number\nA1,UTO,A1\n", 3, "twice");
    refused(b"number,country\nA1,UTO\n", 3, "country: no such column");
    refused(b"number,state\nA\xff1,UTO\n", 3, ":2: row: not UTF-8");
    refused(b"number,state\nA1,UTO\nA1,UTO\n", 3, ":3: number:");
    refused(b"number,state\n\"A1,UTO\nB2,UTO\n", 3, ":2: row:");
    let long = format!("number,state\n{},UTO\n", "9".repeat(1 << 20));
    refused(long.as_bytes(), 3, "too long");
    let many: String = (0..5000).fold("number,state\n".to_owned(), |rows, _| rows + "-,-\n");
    refused(many.as_bytes(), 3, "100 rows are wrong");
    desk.refused(
        &[
            "import",
            "--documents",
            "/nowhere.csv",
            "--source",
            "S",
            "--legal-basis",
            "x",
        ],
        3,
    );
    desk.refused(&["import", "--source", "S", "--legal-basis", "x"], 2);
    // A byte-order mark and blanks round names are what spreadsheets write.
    let path = desk.file("good.csv", "\u{feff}number, state\nA1,UTO\n");
    desk.done(&[
        "import",
        "--documents",
        &path,
        "--source",
        "S",
        "--legal-basis",
        "x",
    ]);
}

#[test]
fn an_entry_belongs_to_one_source() {
    let desk = Desk::new();
    import(&desk, PERSONS, DOCUMENTS);
    let path = desk.file(
        "other.csv",
        "entry,names\nOTHER-1,Somebody New\nUTO-1,Anna Eriksson\n",
    );
    let said = desk.refused(
        &[
            "import",
            "--persons",
            &path,
            "--source",
            "Another",
            "--legal-basis",
            "x",
        ],
        3,
    );
    assert!(
        said.contains("UTO-1") && said.contains("Utopia Police"),
        "{said}"
    );
    assert_eq!(
        desk.done(&["approve", "--by", "a.wanjiru"])[0]["persons"],
        2
    );
}

#[test]
fn lint_names_what_people_should_look_at() {
    let desk = Desk::new();
    let path = desk.file(
        "persons.csv",
        "entry,names,birth,nationality,expires\n\
         A,Refugee Perhaps,1990,UTO,\n\
         B,Mononym,1990,,\n\
         C,No Birth,,XKX,\n\
         D,Long Gone,1950,XKX,2001-01-01\n\
         E,Nothing Wrong,1990-01-02,XKX,2099-01-01\n\
         F,Ana Specimen (or Spezimen),1990-01-02,XKX,2099-01-01\n",
    );
    desk.done(&[
        "import",
        "--persons",
        &path,
        "--source",
        "Utopia Police",
        "--legal-basis",
        "",
        "--source-state",
        "uto",
    ]);
    let found: Vec<(String, String)> = desk
        .done(&["lint"])
        .iter()
        .map(|f| {
            let entry = f["entry"].as_str().unwrap_or("-").to_owned();
            (f["finding"].as_str().unwrap().to_owned(), entry)
        })
        .collect();
    let expected = [
        ("source_state_is_nationality", "A"),
        ("no_legal_basis", "-"),
        ("expired", "D"),
        ("no_birth_date", "C"),
        ("single_name", "B"),
        ("name_in_doubt", "F"),
    ];
    assert_eq!(found, expected.map(|(f, e)| (f.to_owned(), e.to_owned())));
    // What has run out goes into no edition.
    desk.approve();
    let out = desk.path("repository");
    let published = desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(
        (&published[0]["persons"], &published[0]["expired_entries"]),
        (&5.into(), &1.into())
    );
}

#[test]
fn files_that_are_no_lists_are_shown_before_they_are_approved() {
    let desk = Desk::new();
    let out = desk.path("repository");
    import(&desk, PERSONS, DOCUMENTS);
    let policy = desk.file("policy.json", "{}");
    desk.done(&["files", "add", "policy", &policy]);
    let files = || {
        let mut shown = desk.done(&["difference"]).into_iter();
        shown.find(|d| d["source"] == "files").unwrap()
    };
    let added = files()["added"].to_string();
    assert!(added.contains("policy.json"), "{added}");
    desk.approve();
    desk.done(&["publish", "--out", text(&out)]);
    assert_eq!(files()["unchanged"], 1);
    desk.file("policy.json", "{\"edition_lease_days\": 14}");
    desk.done(&["files", "add", "policy", &policy]);
    let (added, gone) = (files()["added"].clone(), files()["withdrawn"].clone());
    assert_eq!(added.as_array().map(Vec::len), Some(1));
    assert_eq!(gone.as_array().map(Vec::len), Some(1));
}
