//! Elementary files of Utopia's chips (Doc 9303-10).

use chip::files::FileId;
use chip::tlv::{Tag, encode};

/// EF.DG1 of the specimen of Doc 9303-4.
#[must_use]
pub fn dg1() -> Vec<u8> {
    dg1_of(
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    )
}

/// EF.DG1 of a zone, its lines joined.
#[must_use]
pub fn dg1_of(zone: &str) -> Vec<u8> {
    encode(FileId::Dg1.tag(), &encode(Tag(0x5F1F), zone.as_bytes()))
}

/// EF.DG2 of one picture, a JPEG or JPEG 2000 file, in a record of ISO/IEC 19794-5:2005 (sections 5.4 to 5.7).
#[must_use]
pub fn dg2(picture: &[u8]) -> Vec<u8> {
    let image_bytes = (20 + 12 + picture.len()) as u32;
    let record = [
        &b"FAC\x00010\x00"[..],
        &(14 + image_bytes).to_be_bytes(),
        &1u16.to_be_bytes(),
        // Facial information: length, no feature points, nothing specified.
        &image_bytes.to_be_bytes(),
        &[0; 16],
        // Image information: full frontal, JPEG, its size left open.
        &[1, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0],
        picture,
    ]
    .concat();
    // Biometric header: version, type (face), purpose, format owner and type (Doc 9303-10 section 4.7.2).
    let header = encode(
        Tag(0xA1),
        &[
            encode(Tag(0x80), &[1, 1]),
            encode(Tag(0x81), &[2]),
            encode(Tag(0x87), &[1, 1]),
            encode(Tag(0x88), &[0, 8]),
        ]
        .concat(),
    );
    let template = encode(
        Tag(0x7F60),
        &[header, encode(Tag(0x5F2E), &record)].concat(),
    );
    let group = [encode(Tag::INTEGER, &[1]), template].concat();
    encode(FileId::Dg2.tag(), &encode(Tag(0x7F61), &group))
}

/// EF.COM that lists these files.
#[must_use]
pub fn com(listed: &[FileId]) -> Vec<u8> {
    let tags: Vec<u8> = listed.iter().map(|id| id.tag().0 as u8).collect();
    let fields = [
        encode(Tag(0x5F01), b"0107"),
        encode(Tag(0x5F36), b"040000"),
        encode(Tag(0x5C), &tags),
    ];
    encode(FileId::Com.tag(), &fields.concat())
}
