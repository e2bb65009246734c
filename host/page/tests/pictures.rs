//! Pictures from outside, good and hostile: every one is decoded whole or refused with a reason.
#![allow(clippy::unwrap_used, clippy::panic)]

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use mpaka_page::{Picture, PictureError, Rect};
use proptest::prelude::*;
use std::io::Cursor;

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red on the left, blue on the right, 6 wide and 4 high.
fn two_colours() -> RgbImage {
    RgbImage::from_fn(6, 4, |x, _| {
        if x < 3 {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 250])
        }
    })
}

#[test]
fn every_known_kind_decodes() {
    let image = DynamicImage::ImageRgb8(two_colours());
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
        ImageFormat::Pnm,
        ImageFormat::Gif,
    ] {
        let picture = Picture::decode(&encoded(&image, format)).unwrap();
        assert_eq!((picture.width(), picture.height()), (6, 4), "{format:?}");
        let [r, _, b] = picture.rgb().get_pixel(0, 0).0;
        assert!(r > 200 && b < 50, "{format:?}");
    }
}

/// Soft hills, so that a JPEG of them is close to them; a mark in the upper left.
fn hills(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 10 && y < height / 10 {
            return Rgb([250, 20, 20]);
        }
        let wave = |v: u32, period: f32| 60.0 * (v as f32 / period).sin();
        Rgb([wave(x, 90.0), wave(y, 70.0), wave(x + y, 130.0)].map(|v| (v + 120.0) as u8))
    })
}

/// The JPEG file, turned by what its EXIF block says.
fn large_jpeg(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let jpeg = encoded(&DynamicImage::ImageRgb8(image.clone()), ImageFormat::Jpeg);
    let block = [
        b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &block, &jpeg[2..]].concat()
}

#[test]
fn a_large_jpeg_gives_the_pixels_that_it_has() {
    for (width, height) in [(2561, 1700), (1501, 2700), (5200, 400)] {
        let image = hills(width, height);
        for orientation in 1..=8 {
            let picture = Picture::decode(&large_jpeg(&image, orientation)).unwrap();
            let upright = if orientation < 5 {
                (width, height)
            } else {
                (height, width)
            };
            assert_eq!(
                (picture.width(), picture.height()),
                upright,
                "{orientation}"
            );
            // Once before anything asked for the pixels, once after.
            let small = picture.crop(Rect {
                x: 0,
                y: 0,
                width: 40,
                height: 40,
            });
            let rgb = picture.rgb();
            assert_eq!(rgb.dimensions(), upright);
            assert_eq!(rgb.get_pixel(7, 7), small.rgb().get_pixel(7, 7));
            let mut wanted = DynamicImage::ImageRgb8(image.clone());
            wanted.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
            let wanted = wanted.into_rgb8();
            let off = rgb.as_raw().iter().zip(wanted.as_raw()).step_by(997);
            let most = off.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(most < 60, "{width} {orientation}: {most}");
            let (copy, same) = (picture.clone(), Picture::from_rgb(rgb.clone()));
            assert_eq!(copy, same);
        }
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [
        &b""[..],
        b"P",
        b"hello, this is text and no picture at all",
        &[0; 4096],
    ] {
        assert!(matches!(
            Picture::decode(bytes),
            Err(PictureError::UnknownKind)
        ));
    }
}

#[test]
fn a_damaged_picture_is_refused_or_whole_and_never_a_panic() {
    let image = DynamicImage::ImageRgb8(RgbImage::from_fn(64, 48, |x, y| {
        Rgb([(x * 4) as u8, (y * 5) as u8, (x ^ y) as u8])
    }));
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Tiff,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let whole = encoded(&image, format);
        for cut in (0..whole.len()).step_by(7) {
            if let Ok(picture) = Picture::decode(&whole[..cut]) {
                assert_eq!((picture.width(), picture.height()), (64, 48));
            }
        }
    }
    let png = encoded(&image, ImageFormat::Png);
    assert!(matches!(
        Picture::decode(&png[..png.len() / 2]),
        Err(PictureError::Damaged(_))
    ));
}

/// A PNG that says it is so large, with hardly any data behind.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png);
    // The header chunk: length, "IHDR", width, height, five more bytes, checksum.
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = png[12..29].iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
        crc
    }) ^ u32::MAX;
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_unpacked() {
    for (w, h) in [
        (10_000, 10_000),
        (65_000, 65_000),
        (1, 2_000_000_000),
        (u32::MAX >> 1, u32::MAX >> 1),
    ] {
        let refused = Picture::decode(&claiming(w, h));
        assert!(
            matches!(
                refused,
                Err(PictureError::TooLarge | PictureError::Damaged(_))
            ),
            "{w} x {h}: {refused:?}"
        );
    }
    assert!(matches!(
        Picture::decode(&claiming(10_000, 10_000)),
        Err(PictureError::TooLarge)
    ));
}

#[test]
fn one_pixel_is_a_picture() {
    let picture =
        Picture::decode(&encoded(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png)).unwrap();
    assert_eq!((picture.width(), picture.height()), (1, 1));
    let cropped = picture.crop(Rect {
        x: 90,
        y: 90,
        width: 0,
        height: 7,
    });
    assert_eq!((cropped.width(), cropped.height()), (1, 1));
}

#[test]
fn sixteen_bits_become_eight_and_grey_becomes_colour() {
    let deep = image::ImageBuffer::from_pixel(2, 2, Rgb([65_535u16, 32_768, 0]));
    let picture =
        Picture::decode(&encoded(&DynamicImage::ImageRgb16(deep), ImageFormat::Png)).unwrap();
    let [r, g, b] = picture.rgb().get_pixel(1, 1).0;
    assert_eq!((r, b), (255, 0));
    assert!((127..=129).contains(&g));

    let grey = image::ImageBuffer::from_pixel(2, 2, image::Luma([77u8]));
    let picture =
        Picture::decode(&encoded(&DynamicImage::ImageLuma8(grey), ImageFormat::Png)).unwrap();
    assert_eq!(picture.rgb().get_pixel(0, 0).0, [77, 77, 77]);
}

#[test]
fn what_is_transparent_lies_on_white() {
    let mut clear = RgbaImage::from_pixel(3, 1, Rgba([10, 20, 30, 255]));
    clear.put_pixel(1, 0, Rgba([10, 20, 30, 0]));
    clear.put_pixel(2, 0, Rgba([0, 0, 0, 128]));
    let picture =
        Picture::decode(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png)).unwrap();
    assert_eq!(picture.rgb().get_pixel(0, 0).0, [10, 20, 30]);
    assert_eq!(picture.rgb().get_pixel(1, 0).0, [255, 255, 255]);
    assert_eq!(picture.rgb().get_pixel(2, 0).0, [127, 127, 127]);
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [200u8, 20] {
        let frame = RgbaImage::from_pixel(5, 5, Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let picture = Picture::decode(&bytes).unwrap();
    assert!(picture.rgb().get_pixel(2, 2).0[0] > 150);
}

/// A JPEG with an EXIF block that says it must be turned.
fn turned_jpeg(orientation: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 95)
        .encode(
            RgbImage::from_fn(32, 16, |x, _| {
                if x < 16 {
                    Rgb([250, 0, 0])
                } else {
                    Rgb([0, 0, 250])
                }
            })
            .as_raw(),
            32,
            16,
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    // TIFF, big endian: one entry, tag 0x0112, one SHORT.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() + 2) as u16;
    let mut with = jpeg[..2].to_vec();
    with.extend([0xFF, 0xE1]);
    with.extend(length.to_be_bytes());
    with.extend(exif);
    with.extend(&jpeg[2..]);
    with
}

#[test]
fn a_picture_taken_sideways_is_set_upright() {
    let upright = Picture::decode(&turned_jpeg(1)).unwrap();
    assert_eq!((upright.width(), upright.height()), (32, 16));
    // 6: turn a quarter clockwise; what was on the left is then on top.
    let turned = Picture::decode(&turned_jpeg(6)).unwrap();
    assert_eq!((turned.width(), turned.height()), (16, 32));
    assert!(turned.rgb().get_pixel(8, 4).0[0] > 180);
    assert!(turned.rgb().get_pixel(8, 28).0[2] > 180);
    // 8: the other way round.
    let turned = Picture::decode(&turned_jpeg(8)).unwrap();
    assert!(turned.rgb().get_pixel(8, 28).0[0] > 180);
    // An orientation that does not exist changes nothing.
    assert_eq!(Picture::decode(&turned_jpeg(77)).unwrap().width(), 32);
}

#[test]
fn a_file_that_is_not_there_names_itself() {
    let error = Picture::open(std::path::Path::new("/nowhere/page.jpg")).unwrap_err();
    assert!(error.to_string().contains("/nowhere/page.jpg"));
}

#[test]
fn a_jpeg_of_ours_can_be_read_again() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(20, 10, Rgb([90, 120, 150])));
    let again = Picture::decode(&picture.to_jpeg(90).unwrap()).unwrap();
    assert_eq!((again.width(), again.height()), (20, 10));
    let crop = picture.crop(Rect {
        x: 15,
        y: 5,
        width: 100,
        height: 100,
    });
    assert_eq!((crop.width(), crop.height()), (5, 5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn no_bytes_at_all_make_it_panic(
        head in prop::sample::select(vec![
            &b"\xFF\xD8\xFF\xE0"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"RIFF\x40\0\0\0WEBPVP8 ", b"P6\n",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let bytes = [head, &rest].concat();
        if let Ok(picture) = Picture::decode(&bytes) {
            prop_assert!(picture.width() > 0 && picture.height() > 0);
        }
    }
}

#[test]
fn a_picture_shrinks_to_the_mean_of_what_its_pixels_cover() {
    // Two columns of one shade, two of another: half as wide, one pixel of each.
    let striped = |width: u32, height: u32| {
        let shade = |x: u32, _| match x / (width / 4) {
            0 | 2 => image::Rgb([40, 40, 40]),
            _ => image::Rgb([80, 120, 200]),
        };
        Picture::from_rgb(RgbImage::from_fn(width, height, shade))
    };
    let small = striped(8, 4).shrunk(2).unwrap();
    assert_eq!((small.width(), small.height()), (2, 1));
    assert_eq!(small.rgb().get_pixel(0, 0).0, [60, 80, 120]);
    let same = striped(8, 4).shrunk(8).unwrap();
    assert_eq!((same.width(), same.height()), (8, 4));
    // A line of one pixel stays one.
    let line = Picture::from_rgb(RgbImage::new(4000, 1))
        .shrunk(100)
        .unwrap();
    assert_eq!((line.width(), line.height()), (100, 1));
    // A large file, of which a part is decoded, comes out as the whole does.
    let large = striped(4000, 3000);
    let file = large.to_jpeg(95).unwrap();
    let (a, b) = (
        Picture::decode(&file).unwrap().shrunk(800).unwrap(),
        large.shrunk(800).unwrap(),
    );
    assert_eq!((a.width(), a.height()), (800, 600));
    for (x, y) in [(100, 300), (300, 300), (500, 10), (700, 590)] {
        let (a, b) = (a.rgb().get_pixel(x, y).0, b.rgb().get_pixel(x, y).0);
        let near = a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 6);
        assert!(near, "{x} {y}: {a:?} {b:?}");
    }
}
