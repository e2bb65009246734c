//! Layer 7: EF.COM, EF.DG1, EF.DG2, EF.DG14 and EF.DG15 (units LDS_A to LDS_C, LDS_F and LDS_I).

use super::{Case, Result, Trial, UTOPIA, agreeing, basic};
use crate::utopia::card::{Card, Fault, Holder};
use crate::utopia::files::{Dg2Parts, com, dg1_of, dg2};
use chip::files::FileId;
use chip::tlv::{self, Tag, encode};
use rules::mrz::{Zone, check_digit};

/// Changes a file's bytes.
type Change = fn(Vec<u8>) -> Vec<u8>;

const OK: Result = Result::Successful;
const NO: Result = Result::Failed;

/// The tag's last byte one more.
fn other_tag(mut file: Vec<u8>) -> Vec<u8> {
    file[0] += 1;
    file
}

/// The outermost length one less, or one more.
fn other_length(mut file: Vec<u8>, by: i8) -> Vec<u8> {
    let at = if file[1] < 0x80 {
        1
    } else {
        1 + usize::from(file[1] & 0x7F)
    };
    file[at] = file[at].wrapping_add_signed(by);
    file
}

fn shorter(file: Vec<u8>) -> Vec<u8> {
    other_length(file, -1)
}

fn longer(file: Vec<u8>) -> Vec<u8> {
    other_length(file, 1)
}

/// The file with one of its objects left away or made another; `None` leaves it away.
fn with_object(file: &[u8], tag: u32, value: Option<&[u8]>) -> Vec<u8> {
    let outer = tlv::first(file).unwrap();
    let mut inside = outer.inside();
    let mut out = Vec::new();
    while let Ok(Some(object)) = inside.next() {
        match value {
            _ if object.tag.0 != tag => out.extend(object.whole),
            Some(value) => out.extend(encode(object.tag, value)),
            None => {}
        }
    }
    encode(outer.tag, &out)
}

/// EF.COM is not signed: it is changed after issue.
const COMMON: [(&str, &str, Result, &str, Change); 10] = [
    ("LDS_A_01", "EF.COM: tag 61", NO, "COM", other_tag),
    ("LDS_A_02", "EF.COM: length too small", NO, "COM", shorter),
    ("LDS_A_03", "EF.COM: length too great", NO, "COM", longer),
    ("LDS_A_04", "EF.COM: version 3.0", NO, "version", |f| {
        with_object(&f, 0x5F01, Some(b"0300"))
    }),
    ("LDS_A_05", "EF.COM: no version", NO, "no version", |f| {
        with_object(&f, 0x5F01, None)
    }),
    ("LDS_A_06", "EF.COM: Unicode 5.0", NO, "Unicode", |f| {
        with_object(&f, 0x5F36, Some(b"050000"))
    }),
    (
        "LDS_A_07",
        "EF.COM: no version of Unicode",
        NO,
        "Unicode",
        |f| with_object(&f, 0x5F36, None),
    ),
    ("LDS_A_08", "EF.COM: DG1 not listed", NO, "DG1", |_| {
        com(&[FileId::Dg2])
    }),
    ("LDS_A_09", "EF.COM: no list", NO, "5C", |f| {
        with_object(&f, 0x5C, None)
    }),
    ("LDS_A_10", "EF.COM: version 1.8", OK, "", |f| {
        with_object(&f, 0x5F01, Some(b"0108"))
    }),
];

const FIRST: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";

/// A second line of a passport with these parts, its check digits as they should be.
fn second(
    number: &str,
    state: &str,
    birth: &str,
    sex: &str,
    expiry: &str,
    optional: &str,
) -> String {
    let digit = |text: &str| check_digit(text).unwrap_or('0');
    let number = format!("{number:<<9}");
    let optional = format!("{optional:<<14}");
    let [n, b, e, o] = [&number, birth, expiry, &optional].map(digit);
    let all = format!("{number}{n}{birth}{b}{expiry}{e}{optional}{o}");
    let whole = digit(&all);
    format!("{number}{n}{state}{birth}{b}{sex}{expiry}{e}{optional}{o}{whole}")
}

fn usual() -> String {
    second("L898902C3", "UTO", "740812", "F", "320415", "ZE184226B")
}

/// The usual second line with one character made another.
fn altered(at: usize, with: &str) -> String {
    let mut line = usual();
    line.replace_range(at..at + with.len(), with);
    line
}

/// Rows of EF.DG1: id, what, result, a word, and the two lines.
fn zones() -> Vec<(
    &'static str,
    &'static str,
    Result,
    &'static str,
    String,
    String,
)> {
    let first = || FIRST.to_owned();
    let row = |id, what, result, word, line| (id, what, result, word, first(), line);
    let name =
        |id, what, result, word, line: &str| (id, what, result, word, line.to_owned(), usual());
    let born = |birth| second("L898902C3", "UTO", birth, "F", "320415", "ZE184226B");
    let expires = |expiry| second("L898902C3", "UTO", "740812", "F", expiry, "ZE184226B");
    // The digit after the optional data may be a filler where there is none.
    let filler = second("L898902C3", "UTO", "740812", "F", "320415", "");
    let mut bare = filler.clone();
    bare.replace_range(42..43, "<");
    vec![
        row("LDS_B_01", "optional data", OK, "", usual()),
        name(
            "LDS_B_02",
            "given names abbreviated",
            OK,
            "",
            "P<UTONILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K",
        ),
        name(
            "LDS_B_03",
            "no given names",
            OK,
            "",
            "P<UTOERIKSSON<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        ),
        row("LDS_B_04", "no optional data, digit 0", OK, "", filler),
        row("LDS_B_04", "no optional data, digit <", OK, "", bare),
        name(
            "LDS_B_08",
            "a document of no known kind",
            NO,
            "DG1",
            "Q<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        ),
        name(
            "LDS_B_09",
            "an issuing state that is none",
            NO,
            "state",
            "P<12OERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        ),
        name(
            "LDS_B_10",
            "no name",
            NO,
            "DG1",
            "P<UTO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        ),
        row(
            "LDS_B_13",
            "digit of the number",
            NO,
            "document_number",
            altered(9, "0"),
        ),
        row(
            "LDS_B_14",
            "a nationality that is none",
            NO,
            "nationality",
            altered(10, "1TO"),
        ),
        row(
            "LDS_B_15",
            "birth with a letter",
            NO,
            "birth",
            altered(13, "74A812"),
        ),
        row("LDS_B_16", "birth on no day", NO, "birth", born("741332")),
        row("LDS_B_17", "digit of birth", NO, "birth", altered(19, "9")),
        row(
            "LDS_B_18",
            "a sex that is none",
            NO,
            "sex",
            altered(20, "Q"),
        ),
        row(
            "LDS_B_19",
            "expiry with a letter",
            NO,
            "expiry",
            altered(21, "32A415"),
        ),
        row(
            "LDS_B_20",
            "expiry on no day",
            NO,
            "expiry",
            expires("320931"),
        ),
        row(
            "LDS_B_21",
            "digit of expiry",
            NO,
            "expiry",
            altered(27, "0"),
        ),
        row(
            "LDS_B_22",
            "digit of the optional data",
            NO,
            "optional",
            altered(42, "9"),
        ),
        row(
            "LDS_B_23",
            "digit of all",
            NO,
            "composite",
            altered(43, "9"),
        ),
        row("LDS_B_25", "birth without a day", OK, "", born("7408<<")),
        row("LDS_B_26", "birth without a month", OK, "", born("74<<12")),
        row("LDS_B_27", "birth without a year", OK, "", born("<<0812")),
        row("LDS_B_28", "no birth", OK, "", born("<<<<<<")),
    ]
}

/// EF.DG1's bytes made others before issue.
const ZONE_BYTES: [(&str, &str, Result, &str, Change); 4] = [
    ("LDS_B_05", "EF.DG1: tag 62", NO, "DG1", other_tag),
    ("LDS_B_06", "EF.DG1: length too small", NO, "DG1", shorter),
    ("LDS_B_07", "EF.DG1: length too great", NO, "DG1", longer),
    ("LDS_B_24", "EF.DG1: no zone", NO, "DG1", |_| {
        encode(FileId::Dg1.tag(), &encode(Tag(0x5F1E), b"P<UTO"))
    }),
];

const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0 a picture";
const JPEG_2000: &[u8] = b"\0\0\0\x0CjP  \r\n\x87\n a picture";

fn parts() -> Dg2Parts {
    Dg2Parts::new(JPEG)
}

/// EF.DG2 before issue.
type Face = fn() -> Vec<u8>;

const FACES: [(&str, &str, Result, &str, Face); 27] = [
    ("LDS_C_01", "JPEG 2000", OK, "", || {
        Dg2Parts {
            image: [1, 1],
            ..Dg2Parts::new(JPEG_2000)
        }
        .file()
    }),
    ("LDS_C_02", "JPEG", OK, "", || parts().file()),
    ("LDS_C_03", "feature points", OK, "", || {
        Dg2Parts {
            points: 3,
            image: [1, 1],
            ..Dg2Parts::new(JPEG_2000)
        }
        .file()
    }),
    ("LDS_C_04", "EF.DG2: tag 76", NO, "DG2", || {
        other_tag(dg2(JPEG))
    }),
    ("LDS_C_05", "EF.DG2: length too small", NO, "DG2", || {
        shorter(dg2(JPEG))
    }),
    ("LDS_C_06", "EF.DG2: length too great", NO, "DG2", || {
        longer(dg2(JPEG))
    }),
    ("LDS_C_07", "no number of templates", NO, "number", || {
        Dg2Parts {
            count: Vec::new(),
            ..parts()
        }
        .file()
    }),
    ("LDS_C_08", "format owner", NO, "owner", || {
        Dg2Parts {
            owner: Some(vec![1, 2]),
            ..parts()
        }
        .file()
    }),
    ("LDS_C_09", "no format owner", NO, "owner", || {
        Dg2Parts {
            owner: None,
            ..parts()
        }
        .file()
    }),
    ("LDS_C_10", "format type", NO, "type", || {
        Dg2Parts {
            kind: Some(vec![0, 9]),
            ..parts()
        }
        .file()
    }),
    ("LDS_C_11", "no format type", NO, "type", || {
        Dg2Parts {
            kind: None,
            ..parts()
        }
        .file()
    }),
    ("LDS_C_13", "biometric type", NO, "biometric", || {
        Dg2Parts {
            biometric: vec![8],
            ..parts()
        }
        .file()
    }),
    ("LDS_C_14", "format identifier", NO, "DG2", || {
        Dg2Parts {
            identifier: *b"FAX\0",
            ..parts()
        }
        .file()
    }),
    ("LDS_C_15", "version of the record", NO, "version", || {
        Dg2Parts {
            version: *b"990\0",
            ..parts()
        }
        .file()
    }),
    ("LDS_C_16", "length of the face", NO, "DG2", || {
        Dg2Parts {
            length_by: 40,
            ..parts()
        }
        .file()
    }),
    ("LDS_C_17", "sex", NO, "sex", || parts().with(6, 7)),
    ("LDS_C_18", "eye colour", NO, "eye", || {
        parts().with(7, 0x30)
    }),
    ("LDS_C_19", "hair colour", NO, "hair", || {
        parts().with(8, 0x30)
    }),
    ("LDS_C_20", "pose: yaw", NO, "yaw", || parts().with(14, 200)),
    ("LDS_C_21", "pose: pitch", NO, "pitch", || {
        parts().with(15, 200)
    }),
    ("LDS_C_22", "pose: roll", NO, "roll", || {
        parts().with(16, 200)
    }),
    ("LDS_C_23", "pose: uncertainty of yaw", NO, "yaw", || {
        parts().with(17, 200)
    }),
    (
        "LDS_C_24",
        "pose: uncertainty of pitch",
        NO,
        "pitch",
        || parts().with(18, 200),
    ),
    ("LDS_C_25", "pose: uncertainty of roll", NO, "roll", || {
        parts().with(19, 200)
    }),
    ("LDS_C_26", "kind of picture", NO, "kind", || {
        Dg2Parts {
            image: [9, 0],
            ..parts()
        }
        .file()
    }),
    ("LDS_C_27", "data of the picture", NO, "JPEG", || {
        Dg2Parts {
            image: [1, 7],
            ..parts()
        }
        .file()
    }),
    ("LDS_C_28", "no face", NO, "DG2", || {
        Dg2Parts {
            block: 0x5F2F,
            ..parts()
        }
        .file()
    }),
];

/// EF.DG14's infos made others, on a chip that agrees; each info is its whole SEQUENCE.
const INFOS: [(&str, &str, &str, Change); 7] = [
    ("LDS_F_01", "EF.DG14: tag 6F", "DG14", other_tag),
    ("LDS_F_02", "EF.DG14: length too small", "DG14", shorter),
    ("LDS_F_03", "EF.DG14: length too great", "DG14", longer),
    (
        "LDS_F_04",
        "EF.DG14: a key of an unknown name",
        "DG14",
        |f| {
            patched(
                f,
                &[4, 0, 0x7F, 0, 7, 2, 2, 1, 2],
                &[4, 0, 0x7F, 0, 7, 2, 2, 1, 3],
            )
        },
    ),
    (
        "LDS_F_05",
        "EF.DG14: an info without its name",
        "DG14",
        |f| {
            patched(
                f,
                &[6, 10, 4, 0, 0x7F, 0, 7, 2, 2, 3],
                &[4, 10, 4, 0, 0x7F, 0, 7, 2, 2, 3],
            )
        },
    ),
    ("LDS_F_06", "EF.DG14: version 10", "version", |f| {
        patched(f, &[3, 2, 1, 2, 1, 1], &[3, 2, 1, 2, 1, 10])
    }),
    ("LDS_F_07", "EF.DG14: no version", "version", |f| {
        patched(f, &[3, 2, 1, 2, 1, 1], &[3, 2, 1, 4, 1, 1])
    }),
];

/// Bytes that occur once made others of the same number.
fn patched(mut file: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).position(|w| w == from);
    let at = at.unwrap_or_else(|| panic!("{from:?} in {file:02X?}"));
    file[at..at + to.len()].copy_from_slice(to);
    file
}

const KEYS: [(&str, &str, Change); 3] = [
    ("LDS_I_01", "EF.DG15: tag 70", other_tag),
    ("LDS_I_02", "EF.DG15: length too small", shorter),
    ("LDS_I_03", "EF.DG15: length too great", longer),
];

fn case(
    id: &'static str,
    what: impl Into<String>,
    expected: Result,
    names: &'static str,
    trial: impl FnOnce() -> Trial + 'static,
) -> Case {
    Case {
        id,
        what: what.into(),
        expected,
        names,
        trial: Box::new(trial),
    }
}

/// The chip issued with this file in the place of its own.
fn issued_with(mut card: Card, file: FileId, bytes: Vec<u8>) -> Trial {
    card.put(file, bytes);
    super::issued(card, Fault::None)
}

pub(super) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (id, what, expected, word, change) in COMMON {
        all.push(case(id, what, expected, word, move || {
            let mut trial = super::issued(basic(), Fault::None);
            let file = trial.card.file(FileId::Com).to_vec();
            trial.card.put(FileId::Com, change(file));
            trial
        }));
    }
    for (id, what, expected, word, first, second) in zones() {
        all.push(case(
            id,
            format!("zone: {what}"),
            expected,
            word,
            move || issued_with(basic(), FileId::Dg1, dg1_of(&(first + &second))),
        ));
    }
    for (id, what, first, second) in [
        (
            "LDS_B_11",
            "another name than the page's",
            "P<UTOERIKSSON<<ANNE<MARIA<<<<<<<<<<<<<<<<<<<".to_owned(),
            usual(),
        ),
        (
            "LDS_B_12",
            "another number than the page's",
            FIRST.to_owned(),
            second("L898902C4", "UTO", "740812", "F", "320415", "ZE184226B"),
        ),
    ] {
        all.push(case(id, format!("zone: {what}"), NO, "differ", move || {
            let mut trial = issued_with(basic(), FileId::Dg1, dg1_of(&(first + &second)));
            trial.printed = Zone::from_lines(&[FIRST.to_owned(), usual()]).ok();
            trial
        }));
    }
    for (id, what, expected, word, change) in ZONE_BYTES {
        all.push(case(id, what, expected, word, move || {
            let card = basic();
            let file = change(card.file(FileId::Dg1).to_vec());
            issued_with(card, FileId::Dg1, file)
        }));
    }
    for (id, what, expected, word, face) in FACES {
        all.push(case(
            id,
            format!("face: {what}"),
            expected,
            word,
            move || issued_with(basic(), FileId::Dg2, face()),
        ));
    }
    for (id, what, word, change) in INFOS {
        all.push(case(id, what, NO, word, move || {
            resigned(agreeing(), FileId::Dg14, change)
        }));
    }
    for (id, what, change) in KEYS {
        all.push(case(id, what, NO, "DG1", move || {
            resigned(
                basic().with_active_authentication(Holder::Genuine),
                FileId::Dg15,
                change,
            )
        }));
    }
    all
}

/// A chip whose security object holds the hash of a file that was changed.
fn resigned(card: Card, file: FileId, change: Change) -> Trial {
    let mut trial = super::issued(card, Fault::None);
    let bytes = change(trial.card.file(file).to_vec());
    trial.card.put(file, bytes);
    let object = trial.card.sod_by(&UTOPIA.signer, 22);
    trial.card.put(FileId::Sod, object);
    trial
}
