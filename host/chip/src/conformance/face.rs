//! EF.DG2 (Doc 9303-10 section 4.7.2) with its biometric headers, and a face record of ISO/IEC 19794-5:2005
//! (sections 5.4 to 5.7).

use super::{Notes, objects, with_tag};
use crate::files::{FileId, face};
use crate::tlv::Tlv;

/// Bytes before the first image of a record.
const RECORD_HEADER: usize = 14;

/// Facial information, without feature points.
const INFORMATION: usize = 20;

/// Unspecified, or degrees in steps of two with one added: what an angle's byte may hold.
const GREATEST_ANGLE: u8 = 181;

pub(super) fn look(bytes: &[u8], notes: &mut Notes<'_>) {
    if notes.read(face::parse(bytes)).is_none() {
        return;
    }
    let Ok(outer) = FileId::Dg2.open(bytes) else {
        return;
    };
    let Some(group) = with_tag(&objects(outer.value), 0x7F61) else {
        return;
    };
    let parts = objects(group.value);
    let templates: Vec<Tlv<'_>> = parts
        .iter()
        .copied()
        .filter(|p| p.tag.0 == 0x7F60)
        .collect();
    match with_tag(&parts, 0x02).map(|n| n.small()) {
        Some(Ok(count)) => notes.expect(
            usize::try_from(count) == Ok(templates.len()),
            "another number of templates than it says",
        ),
        _ => notes.note("no number of templates"),
    }
    for template in templates {
        let parts = objects(template.value);
        let block = with_tag(&parts, 0x5F2E).or(with_tag(&parts, 0x7F2E));
        let is_old = block.is_some_and(|b| b.tag.0 == 0x5F2E);
        match with_tag(&parts, 0xA1) {
            Some(header) => biometric_header(header, is_old, notes),
            None => notes.note("no biometric header"),
        }
        match block {
            Some(block) if is_old => record(block.value, notes),
            Some(_) => {}
            None => notes.note("a template without a face"),
        }
    }
}

/// Biometric header template (Doc 9303-10 table 40).
fn biometric_header(header: Tlv<'_>, is_old: bool, notes: &mut Notes<'_>) {
    let fields = objects(header.value);
    let value = |tag| with_tag(&fields, tag).map(|f| f.value);
    match value(0x87) {
        Some([0x01, 0x01]) => {}
        Some(_) => notes.note("another format owner than ISO/IEC JTC 1/SC 37"),
        None => notes.note("no format owner"),
    }
    match value(0x88) {
        Some([0x00, 0x08]) => {}
        Some(_) if !is_old => {}
        Some(_) => notes.note("another format type than that of faces"),
        None => notes.note("no format type"),
    }
    if let Some(kind) = value(0x81) {
        // Facial features, alone or with the body's odour and the like masked out (ISO/IEC 7816-11 table B.1).
        notes.expect(kind == [0x02], "another biometric type than the face");
    }
}

/// The facial record of ISO/IEC 19794-5:2005.
fn record(record: &[u8], notes: &mut Notes<'_>) {
    let number = |at: usize, bytes: usize| {
        let digits = record.get(at..at + bytes)?;
        Some(
            digits
                .iter()
                .fold(0usize, |n, b| (n << 8) | usize::from(*b)),
        )
    };
    notes.expect(
        record.get(4..8) == Some(b"010\0"),
        "another version of the facial record than 010",
    );
    notes.expect(
        number(8, 4) == Some(record.len()),
        "a facial record of another length than it says",
    );
    let mut at = RECORD_HEADER;
    for _ in 0..number(12, 2).unwrap_or_default().min(64) {
        let (Some(length), Some(points)) = (number(at, 4), number(at + 4, 2)) else {
            notes.note("fewer faces than it says");
            return;
        };
        if at + length > record.len() {
            notes.note("a face longer than its record");
            return;
        }
        information(record.get(at..at + INFORMATION).unwrap_or_default(), notes);
        let image = at + INFORMATION + 8 * points;
        image_information(record.get(image..image + 12).unwrap_or_default(), notes);
        at += length;
    }
    notes.expect(at == record.len(), "bytes behind the last face");
}

/// Facial information block (section 5.5).
fn information(block: &[u8], notes: &mut Notes<'_>) {
    let [_, _, _, _, _, _, sex, eyes, hair, ..] = block else {
        notes.note("no facial information");
        return;
    };
    let is_in = |value: u8, most: u8| value <= most || value == 0xFF;
    notes.expect(is_in(*sex, 2), "a sex that the record does not know");
    notes.expect(
        is_in(*eyes, 7),
        "an eye colour that the record does not know",
    );
    notes.expect(
        is_in(*hair, 7),
        "a hair colour that the record does not know",
    );
    for (angle, name) in block[14..].iter().zip([
        "yaw",
        "pitch",
        "roll",
        "uncertainty of yaw",
        "uncertainty of pitch",
        "uncertainty of roll",
    ]) {
        if *angle > GREATEST_ANGLE {
            notes.note(format!("a pose beyond any: {name}"));
        }
    }
}

/// Image information block (section 5.7).
fn image_information(block: &[u8], notes: &mut Notes<'_>) {
    let [kind, data, ..] = block else {
        notes.note("no image information");
        return;
    };
    notes.expect(
        *kind <= 2,
        "a kind of picture that the record does not know",
    );
    notes.expect(*data <= 1, "a picture that is neither JPEG nor JPEG 2000");
}
