//! Whether a JPEG file is all there. Decoders fill what is missing of a torn file with grey and say
//! nothing; half a page that looks like a whole one must not be read as a page without a zone.

/// Start of image, the two bytes that every JPEG file begins with.
const SOI: [u8; 2] = [0xff, 0xd8];

/// Whether these bytes begin as a JPEG file and stop before its end-of-image marker (ITU-T T.81,
/// annex B). What follows that marker does not matter: cameras append previews and depth maps.
pub(crate) fn is_torn_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&SOI) && !reaches_its_end(&bytes[SOI.len()..])
}

/// How many components (1 grey, 3 colour, 4 inks) a JPEG file says that it has; `None` where it says nothing.
pub(crate) fn components(bytes: &[u8]) -> Option<u8> {
    let mut rest = bytes.strip_prefix(&SOI)?;
    while let Some((marker, segment, after)) = next_segment(rest) {
        match marker {
            END => return None,
            // Start of frame, of any coding process (table B.1): precision, rows, columns, components.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return segment.get(5).copied();
            }
            _ => rest = after,
        }
    }
    None
}

/// End of image.
const END: u8 = 0xd9;

/// Walks from marker to marker: segments by their stated length (a preview inside a segment has an
/// end-of-image of its own), coded data byte by byte.
fn reaches_its_end(mut rest: &[u8]) -> bool {
    while let Some((marker, _, after)) = next_segment(rest) {
        if marker == END {
            return true;
        }
        rest = after;
    }
    false
}

/// The next marker, what its segment holds, and what comes after it; `None` where there is none, or it is
/// not all there.
fn next_segment(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let at = memchr::memchr_iter(0xff, rest).find(|at| {
        let next = rest.get(at + 1);
        next.is_some_and(|byte| is_marker(*byte))
    })?;
    let marker = rest[at + 1];
    let rest = &rest[at + 2..];
    match marker {
        // End of image, restarts and TEM stand alone.
        END | 0x01 | 0xd0..=0xd8 => Some((marker, &[], rest)),
        _ => {
            let length = usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
            // A stated length of less than its own two bytes: the segment is empty.
            let segment = rest.get(2.min(length)..length)?;
            Some((marker, segment, &rest[length..]))
        }
    }
}

/// `FF 00` is a coded byte, `FF FF` fill.
fn is_marker(byte: u8) -> bool {
    byte != 0x00 && byte != 0xff
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SOI, an APP1 segment that holds a whole preview, SOS, coded data with a stuffed byte and a
    /// restart, EOI.
    const WHOLE: [u8; 27] = [
        0xff, 0xd8, 0xff, 0xe1, 0x00, 0x08, 0xff, 0xd8, 0xff, 0xd9, 0x00, 0x00, 0xff, 0xda, 0x00,
        0x04, 0x01, 0x02, 0x11, 0xff, 0x00, 0x22, 0xff, 0xd0, 0x33, 0xff, 0xd9,
    ];

    #[test]
    fn only_the_pictures_own_end_counts() {
        assert!(!is_torn_jpeg(&WHOLE));
        for length in 2..WHOLE.len() {
            assert!(is_torn_jpeg(&WHOLE[..length]), "{length}");
        }
        let with_more: Vec<u8> = WHOLE.iter().copied().chain([1, 2, 3]).collect();
        assert!(!is_torn_jpeg(&with_more));
    }

    #[test]
    fn what_is_no_jpeg_is_not_judged() {
        assert!(!is_torn_jpeg(b""));
        assert!(!is_torn_jpeg(b"\x89PNG\r\n\x1a\n"));
    }

    #[test]
    fn components_are_those_of_the_picture_itself() {
        let frame = |marker: u8, components: u8| {
            [0xff, marker, 0, 11, 8, 0, 16, 0, 16, components, 1, 0x11, 0]
        };
        let file = |parts: &[&[u8]]| [&SOI[..], &parts.concat()].concat();
        // A preview in a segment says something else; a table that looks like a frame by its number is none.
        let preview = [&[0xff, 0xe1, 0, 15][..], &frame(0xc0, 4)].concat();
        let table = [0xff, 0xc4, 0, 9, 8, 0, 16, 0, 16, 4, 0];
        for marker in [0xc0, 0xc1, 0xc2, 0xce] {
            let bytes = file(&[&preview, &table, &frame(marker, 3)]);
            assert_eq!(components(&bytes), Some(3), "{marker:x}");
        }
        assert_eq!(components(&file(&[&preview, &table])), None);
        assert_eq!(components(&file(&[&frame(0xc0, 3)[..9]])), None);
        assert_eq!(components(&WHOLE), None);
        assert_eq!(components(b""), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let jpeg: Vec<u8> = SOI.into_iter().chain(bytes).collect();
            let _ = is_torn_jpeg(&jpeg);
            let _ = components(&jpeg);
        }
    }
}
