//! What swipe readers send, whole, in pieces, damaged and hostile.
#![allow(clippy::unwrap_used, clippy::panic)]

use mpaka_page::source::framing::{BlockCheck, Framed, Framer, TextError};
use proptest::prelude::*;

/// The specimens of Doc 9303 parts 4, 5, 6 and 7.
const TD3: [&str; 2] = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
];
const TD1: [&str; 3] = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
];
const TD2: [&str; 2] = [
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
];
const MRV_B: [&str; 2] = [
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
];

fn zone(lines: &[&str]) -> Framed {
    Framed::Zone(lines.join("\n"))
}

fn all(framer: &mut Framer, bytes: &[u8]) -> Vec<Framed> {
    bytes.iter().filter_map(|b| framer.take(*b)).collect()
}

/// Everything that these bytes and the silence after them bring.
fn sent(bytes: &[u8]) -> Vec<Framed> {
    let mut framer = Framer::default();
    let mut framed = all(&mut framer, bytes);
    framed.extend(framer.quiet());
    framed
}

/// SOH, length, "OU", STX, flag, the lines with a CR for each of three, ETX, check byte.
fn rte_native(lines: &[&str]) -> Vec<u8> {
    let mut text = vec![b'@'];
    text.extend(std::iter::repeat_n(b'\r', 3 - lines.len()));
    for line in lines {
        text.extend(line.bytes());
        text.push(b'\r');
    }
    let mut bytes = vec![0x01, (text.len() + 6) as u8, 0, b'O', b'U', 0x02];
    bytes.extend(text);
    bytes.extend([0x03, 0x41]);
    bytes
}

fn in_frame(text: &str) -> Vec<u8> {
    [b"\x02", text.as_bytes(), b"\x03"].concat()
}

#[test]
fn each_framing_gives_the_zone() {
    for lines in [&TD3[..], &TD1, &TD2, &MRV_B] {
        for end in ["\r", "\n", "\r\n", "\n\r", "\r\r"] {
            let plain = lines
                .iter()
                .map(|l| format!("{l}{end}"))
                .collect::<String>();
            assert_eq!(sent(plain.as_bytes()), [zone(lines)], "{end:?}");
            let framed = in_frame(&plain);
            assert_eq!(sent(&framed), [zone(lines)], "framed, {end:?}");
            // The last line may end with the frame, or with silence.
            let open = lines.join(end);
            assert_eq!(sent(&in_frame(&open)), [zone(lines)]);
            assert_eq!(sent(open.as_bytes()), [zone(lines)]);
        }
        let at_once = lines.concat();
        assert_eq!(sent(format!("{at_once}\r").as_bytes()), [zone(lines)]);
        assert_eq!(sent(&in_frame(&at_once)), [zone(lines)]);
        assert_eq!(sent(&rte_native(lines)), [zone(lines)]);
    }
}

#[test]
fn the_check_byte_of_an_rte_native_frame_is_passed_over_whatever_it_is() {
    for check in 0..=u8::MAX {
        let mut bytes = rte_native(&TD3);
        *bytes.last_mut().unwrap() = check;
        assert_eq!(sent(&bytes.repeat(2)), [zone(&TD3), zone(&TD3)], "{check}");
    }
}

#[test]
fn small_letters_are_raised_and_blanks_dropped() {
    let typed = format!(
        " {}\t\r\n{}\0\r\n",
        TD3[0].to_lowercase(),
        TD3[1].replace("UTO", " UTO ")
    );
    assert_eq!(sent(typed.as_bytes()), [zone(&TD3)]);
}

#[test]
fn one_zone_after_another_each_stands_alone() {
    let mut framer = Framer::default();
    let mut framed = Vec::new();
    for lines in [&TD3[..], &TD1, &TD2, &TD3, &MRV_B] {
        framed.extend(all(
            &mut framer,
            format!("{}\r\n", lines.join("\r\n")).as_bytes(),
        ));
    }
    assert_eq!(
        framed,
        [zone(&TD3), zone(&TD1), zone(&TD2), zone(&TD3), zone(&MRV_B)]
    );
    assert_eq!(framer.quiet(), None);
    assert!(!framer.is_waiting());
}

#[test]
fn the_lines_of_two_documents_are_never_one_zone() {
    let other = [
        "P<UTOMUSTER<<EVA<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "C01X00T478UTO6408125F2702283<<<<<<<<<<<<<<<4",
    ];
    // The first document's second line is lost on the way.
    let text = format!("{}\r{}\r{}\r", TD3[0], other[0], other[1]);
    let incomplete = Framed::Unusable(TextError::Incomplete);
    assert_eq!(sent(text.as_bytes()), [incomplete.clone(), zone(&other)]);
    // Its first line is lost: what is left opens nothing, and the next one begins anew.
    let text = format!("{}\r{}\r{}\r", TD3[1], other[0], other[1]);
    assert_eq!(sent(text.as_bytes()), [incomplete.clone(), zone(&other)]);
    // A card after a passport's first line.
    let text = format!("{}\r{}\r", TD3[0], TD1.join("\r"));
    assert_eq!(sent(text.as_bytes()), [incomplete.clone(), zone(&TD1)]);
    // Silence between the lines.
    let mut framer = Framer::default();
    assert!(all(&mut framer, format!("{}\r", TD3[0]).as_bytes()).is_empty());
    assert!(framer.is_waiting());
    assert_eq!(framer.quiet(), Some(incomplete.clone()));
    // A frame cut off by the next.
    let cut = [
        &in_frame(&TD3.join("\r"))[..60],
        &in_frame(&other.join("\r")),
    ]
    .concat();
    assert_eq!(sent(&cut), [incomplete, zone(&other)]);
}

#[test]
fn a_number_that_begins_like_a_first_line_is_a_second_line() {
    // Nine letters are a document number too.
    let lines = [
        "P<UTODOE<<J<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "PAUTOABCD0UTO7408122F1204159<<<<<<<<<<<<<<04",
    ];
    assert_eq!(
        sent(format!("{}\r", lines.join("\r")).as_bytes()),
        [zone(&lines)]
    );
}

#[test]
fn old_national_cards_with_digits_in_their_first_line_are_whole() {
    // The shape of the French card of 1988: 36 characters, the sex and birth date at the end.
    let lines = [
        "IDFRASPECIMEN<<<<<<<<<<<<<<<<<750123",
        "9409923102858CORINNE<<<<<<<6512068F6",
    ];
    assert_eq!(
        sent(format!("{}\r\n", lines.join("\r\n")).as_bytes()),
        [zone(&lines)]
    );
}

#[test]
fn a_check_byte_is_asked_for_where_there_is_one() {
    let text = TD3.join("\r");
    // Exclusive or of the text and the ETX.
    let lrc = text.bytes().fold(0x03, |sum, b| sum ^ b);
    let mut good = in_frame(&text);
    good.push(lrc);
    let mut framer = Framer::new(BlockCheck::Lrc);
    assert_eq!(all(&mut framer, &good), [zone(&TD3)]);
    let mut bad = good.clone();
    bad[20] ^= 0x04;
    assert_eq!(
        all(&mut framer, &bad),
        [Framed::Unusable(TextError::Damaged)]
    );
    assert_eq!(
        all(&mut framer, &good),
        [zone(&TD3)],
        "the next one is fine"
    );
    // It never comes.
    all(&mut framer, &in_frame(&text));
    assert_eq!(
        framer.quiet(),
        Some(Framed::Unusable(TextError::Incomplete))
    );
    // Nobody asked: it is passed over, whatever it is.
    for any in 0..=255u8 {
        let mut framer = Framer::default();
        let mut framed = Vec::new();
        for _ in 0..2 {
            framed.extend(all(&mut framer, &[&in_frame(&text)[..], &[any]].concat()));
        }
        let zones = framed.iter().filter(|f| **f == zone(&TD3)).count();
        assert_eq!(zones, 2, "{any:#x}: {framed:?}");
    }
}

#[test]
fn the_delimiters_of_frames_are_passed_over() {
    let mut framer = Framer::default();
    let frame = in_frame(&format!("{}\r", TD3.join("\r")));
    let with = [b"<BEGIN-OCR>", &frame[..], b"<END-OF-OCR>"].concat();
    assert_eq!(all(&mut framer, &with).last(), Some(&zone(&TD3)));
    for _ in 0..3 {
        assert_eq!(framer.quiet(), None);
        assert_eq!(all(&mut framer, &with), [zone(&TD3)]);
    }
    // A reader that is set anew sends plain lines from now on.
    framer.quiet();
    assert_eq!(
        all(&mut framer, format!("{}\r", TD1.join("\r")).as_bytes()),
        [zone(&TD1)]
    );
}

#[test]
fn what_is_no_zone_is_said_once() {
    for (text, why) in [
        // A boarding pass on the same reader.
        (
            "M1DESMARAIS/LUC EABC123 YULFRAAC 0834 226F001A0025 100\r",
            TextError::NotAZone { characters: 49 },
        ),
        (
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<\r",
            TextError::NotAZone { characters: 43 },
        ),
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<", TextError::Incomplete),
    ] {
        assert_eq!(sent(text.as_bytes()), [Framed::Unusable(why)], "{text:?}");
    }
    // The reader says that it could not make out a character.
    let unread = format!("{}\r{}\r", TD3[0], TD3[1].replace("C36", "C?6"));
    let why = TextError::Unread { line: 2, column: 9 };
    assert_eq!(sent(unread.as_bytes()), [Framed::Unusable(why)]);
    // Padding of a short line.
    let padded = rte_native(&[TD3[0], &format!("{}_", &TD3[1][..43])]);
    let why = TextError::Unread {
        line: 2,
        column: 44,
    };
    assert_eq!(sent(&padded), [Framed::Unusable(why)]);
    // Noise on the line.
    assert_eq!(sent(b"\xff\xfe\r\n\x00\x1b[A\r"), []);
    let noise = format!("{}\r{}\r", TD3[0], TD3[1].replacen('8', "\u{1}", 1));
    assert!(matches!(sent(noise.as_bytes())[0], Framed::Unusable(_)));
}

#[test]
fn what_never_ends_is_cut_off_and_the_next_zone_is_read() {
    let endless = vec![b'A'; 10_000];
    let mut framer = Framer::default();
    assert_eq!(
        all(&mut framer, &endless),
        [Framed::Unusable(TextError::TooLong)]
    );
    assert_eq!(
        all(&mut framer, format!("\r{}\r", TD3.join("\r")).as_bytes()),
        [zone(&TD3)]
    );
    let mut framer = Framer::default();
    all(&mut framer, b"\x02");
    assert_eq!(
        all(&mut framer, &endless),
        [Framed::Unusable(TextError::TooLong)]
    );
    assert_eq!(all(&mut framer, &in_frame(&TD3.join("\r"))), [zone(&TD3)]);
}

/// Pieces of what readers send, and of what they do not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        proptest::sample::select(vec![
            b"\x02".to_vec(),
            b"\x03".to_vec(),
            b"\r".to_vec(),
            b"\n".to_vec(),
            b"\x01\x40\x00OU".to_vec(),
            TD3[0].into(),
            TD3[1].into(),
            TD1[0].into(),
            TD1[1].into(),
            TD1[2].into(),
            TD3.concat().into(),
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever comes, what is given as a zone has the shape of one.
    #[test]
    fn any_bytes_are_taken(pieces in proptest::collection::vec(piece(), 0..30), lrc: bool) {
        let check = if lrc { BlockCheck::Lrc } else { BlockCheck::None };
        let mut framer = Framer::new(check);
        for piece in pieces {
            let mut framed = all(&mut framer, &piece);
            if piece.len() % 7 == 0 {
                framed.extend(framer.quiet());
            }
            for one in framed {
                if let Framed::Zone(text) = one {
                    prop_assert!(rules::mrz::Zone::parse(&text).is_ok(), "{text}");
                }
            }
        }
    }

    /// Noise before a zone costs at most a message, never the zone after an end of line.
    #[test]
    fn noise_is_survived(noise in proptest::collection::vec(any::<u8>().prop_filter("no frame begins", |b| *b != 2), 0..300)) {
        let mut framer = Framer::default();
        all(&mut framer, &noise);
        framer.quiet();
        prop_assert_eq!(all(&mut framer, format!("{}\r", TD3.join("\r")).as_bytes()), vec![zone(&TD3)]);
    }
}
