//! Pictures: decoded, and small ones read as a page.

use crate::Answer;
use models::zone::ZoneReader;
use page::Picture;
use std::sync::LazyLock;

/// Larger pictures are not read: how long that takes grows with the pixels.
const MOST_PIXELS_READ: u32 = 160_000;

static READER: LazyLock<ZoneReader> =
    LazyLock::new(|| ZoneReader::load().expect("the weights of this program are sound"));

/// A picture file, decoded.
pub(crate) fn picture(bytes: &[u8]) -> Answer {
    let Ok(picture) = Picture::decode(bytes) else {
        return Answer::Refused;
    };
    let (width, height) = (picture.width(), picture.height());
    assert!(width > 0 && height > 0);
    assert_eq!(
        picture.rgb().as_raw().len() as u64,
        3 * u64::from(width) * u64::from(height)
    );
    Answer::Understood
}

/// A picture file, read as a page. Slow.
pub(crate) fn page(bytes: &[u8]) -> Answer {
    let Ok(picture) = Picture::decode(bytes) else {
        return Answer::Refused;
    };
    if picture.width().saturating_mul(picture.height()) > MOST_PIXELS_READ {
        return Answer::Refused;
    }
    let Some(zone) = page::read(&picture, &*READER, None).zone else {
        return Answer::Refused;
    };
    assert_eq!(zone.lines.len(), zone.confidence.len());
    for (line, sure) in zone.lines.iter().zip(&zone.confidence) {
        assert_eq!(line.len(), sure.len());
        assert!(sure.iter().all(|c| (0.0..=1.0).contains(c)), "{sure:?}");
    }
    assert!(zone.quad.iter().flatten().all(|v| v.is_finite()));
    Answer::Understood
}

/// A small whole JPEG, a bright upper and a dark lower half.
static JPEG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let rgb = image::RgbImage::from_fn(16, 8, |_, y| image::Rgb([if y < 4 { 250 } else { 5 }; 3]));
    Picture::from_rgb(rgb)
        .to_jpeg(90)
        .expect("sixteen by eight pixels fit into a JPEG")
});

/// An EXIF block before a good picture: whatever it says, it must not cost the picture.
pub(crate) fn exif(bytes: &[u8]) -> Answer {
    let mut block = b"Exif\0\0".to_vec();
    block.extend_from_slice(&bytes[..bytes.len().min(60_000)]);
    let length = u16::try_from(block.len() + 2).expect("sixty thousand bytes fit");
    let (start, rest) = JPEG.split_at(2);
    let file = [
        start,
        &[0xFF, 0xE1],
        length.to_be_bytes().as_slice(),
        &block,
        rest,
    ]
    .concat();
    let picture = Picture::decode(&file).expect("a damaged EXIF block must not cost the picture");
    let turned = match (picture.width(), picture.height()) {
        (16, 8) => picture.rgb().get_pixel(8, 0).0[0] < 128,
        (8, 16) => true,
        other => panic!("{other:?}"),
    };
    Answer::of(turned)
}
