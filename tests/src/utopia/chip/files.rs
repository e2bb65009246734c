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
    Dg2Parts::new(picture).file()
}

/// The parts of EF.DG2 with one face (Doc 9303-10 section 4.7.2).
#[derive(Debug, Clone)]
pub struct Dg2Parts {
    /// Number of templates, encoded; may be left away.
    pub count: Vec<u8>,
    /// Biometric type.
    pub biometric: Vec<u8>,
    /// Format owner.
    pub owner: Option<Vec<u8>>,
    /// Format type.
    pub kind: Option<Vec<u8>>,
    /// Tag of the biometric data block.
    pub block: u32,
    /// Identifier of the record.
    pub identifier: [u8; 4],
    /// Version of the record.
    pub version: [u8; 4],
    /// Facial information (20 bytes); length and number of points are put in.
    pub information: [u8; 20],
    /// Feature points.
    pub points: u16,
    /// How much longer the face says that it is.
    pub length_by: u32,
    /// Kind of picture, and of its data.
    pub image: [u8; 2],
    /// The picture.
    pub picture: Vec<u8>,
}

impl Dg2Parts {
    /// The parts as they should be: full frontal, JPEG, nothing specified.
    #[must_use]
    pub fn new(picture: &[u8]) -> Self {
        Self {
            count: encode(Tag::INTEGER, &[1]),
            biometric: vec![2],
            owner: Some(vec![1, 1]),
            kind: Some(vec![0, 8]),
            block: 0x5F2E,
            identifier: *b"FAC\0",
            version: *b"010\0",
            information: [0; 20],
            points: 0,
            length_by: 0,
            image: [1, 0],
            picture: picture.to_vec(),
        }
    }

    /// The file with one byte of the facial information another.
    #[must_use]
    pub fn with(mut self, at: usize, value: u8) -> Vec<u8> {
        self.information[at] = value;
        self.file()
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        let points = vec![1; 8 * usize::from(self.points)];
        let length = (20 + points.len() + 12 + self.picture.len()) as u32;
        let mut information = self.information;
        information[..4].copy_from_slice(&(length + self.length_by).to_be_bytes());
        information[4..6].copy_from_slice(&self.points.to_be_bytes());
        let record = [
            &self.identifier[..],
            &self.version,
            &(14 + length).to_be_bytes(),
            &1u16.to_be_bytes(),
            &information,
            &points,
            &self.image,
            // Its size left open; unspecified colour space, source, device and quality.
            &[0, 0, 0, 0, 1, 2, 0, 0, 0, 0],
            &self.picture,
        ]
        .concat();
        // Biometric header: version, type, format owner and type.
        let optional = |tag, value: &Option<Vec<u8>>| {
            value
                .as_ref()
                .map_or_else(Vec::new, |value| encode(Tag(tag), value))
        };
        let header = encode(
            Tag(0xA1),
            &[
                encode(Tag(0x80), &[1, 1]),
                encode(Tag(0x81), &self.biometric),
                optional(0x87, &self.owner),
                optional(0x88, &self.kind),
            ]
            .concat(),
        );
        let block = encode(Tag(self.block), &record);
        let template = encode(Tag(0x7F60), &[header, block].concat());
        let group = [self.count.clone(), template].concat();
        encode(FileId::Dg2.tag(), &encode(Tag(0x7F61), &group))
    }
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
