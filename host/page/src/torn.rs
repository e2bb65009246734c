//! Whether a JPEG file is all there. Decoders fill what is missing of a torn file with grey and say
//! nothing; half a page that looks like a whole one must not be read as a page without a zone.

/// Start of image, the two bytes that every JPEG file begins with.
const SOI: [u8; 2] = [0xff, 0xd8];

/// Whether these bytes begin as a JPEG file and stop before its end-of-image marker (ITU-T T.81,
/// annex B). What follows that marker does not matter: cameras append previews and depth maps.
pub(crate) fn is_torn_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&SOI) && !reaches_its_end(&bytes[SOI.len()..])
}

/// Walks from marker to marker: segments by their stated length (a preview inside a segment has an
/// end-of-image of its own), coded data byte by byte.
fn reaches_its_end(mut rest: &[u8]) -> bool {
    loop {
        let Some(at) = rest
            .windows(2)
            .position(|w| w[0] == 0xff && is_marker(w[1]))
        else {
            return false;
        };
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        match marker {
            // End of image.
            0xd9 => return true,
            // Restarts and TEM stand alone.
            0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some(&[high, low]) = rest.first_chunk::<2>() else {
                    return false;
                };
                let Some(after) = rest.get(usize::from(u16::from_be_bytes([high, low]))..) else {
                    return false;
                };
                rest = after;
            }
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

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let jpeg: Vec<u8> = SOI.into_iter().chain(bytes).collect();
            let _ = is_torn_jpeg(&jpeg);
        }
    }
}
