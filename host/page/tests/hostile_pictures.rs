//! Pictures made to break a decoder, and the rarer kinds that honest people send: each is decoded as it
//! is meant or refused with a reason.
#![allow(clippy::unwrap_used, clippy::panic)]

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};
use mpaka_page::{Picture, PictureError};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use std::path::Path;

const KINDS: [ImageFormat; 7] = [
    ImageFormat::Png,
    ImageFormat::Jpeg,
    ImageFormat::Tiff,
    ImageFormat::WebP,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::Pnm,
];

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Something with enough in it that every kind needs a few thousand bytes.
fn busy() -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(96, 64, |x, y| {
        Rgb([(x * 2) as u8, (y * 3) as u8, ((x * 7) ^ (y * 5)) as u8])
    }))
}

/// Red, green over blue, white; 64 by 32, each quarter of one colour.
fn four_corners() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, y| {
        Rgb(match (x < 32, y < 16) {
            (true, true) => [255, 0, 0],
            (false, true) => [0, 255, 0],
            (true, false) => [0, 0, 255],
            (false, false) => [255, 255, 255],
        })
    })
}

/// The colours of the corners as letters: upper left, upper right, lower left, lower right.
fn corners(picture: &Picture) -> String {
    let (w, h) = (picture.width(), picture.height());
    [(4, 4), (w - 5, 4), (4, h - 5), (w - 5, h - 5)]
        .map(
            |(x, y)| match picture.rgb().get_pixel(x, y).0.map(|c| c > 128) {
                [true, false, false] => 'r',
                [false, true, false] => 'g',
                [false, false, true] => 'b',
                [true, true, true] => 'w',
                _ => '?',
            },
        )
        .iter()
        .collect()
}

/// An EXIF block in TIFF, big endian, with one entry: the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

/// A PNG with a chunk after its header.
fn with_chunk(png: &[u8], kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [
        &png[..33],
        &length,
        kind,
        data,
        &crc.sum().to_be_bytes(),
        &png[33..],
    ]
    .concat()
}

/// A RIFF file of WebP of these chunks.
fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(*data);
        if data.len() % 2 == 1 {
            body.push(0);
        }
    }
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &length[..], &body].concat()
}

/// The VP8X chunk: which features, and the canvas.
fn vp8x(features: u8, width: u32, height: u32) -> Vec<u8> {
    let [w0, w1, w2, _] = (width - 1).to_le_bytes();
    let [h0, h1, h2, _] = (height - 1).to_le_bytes();
    vec![features, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// The picture's own chunk of a simple WebP file.
fn vp8l(file: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap()) as usize;
    &file[20..20 + length]
}

/// A TIFF, little endian, of one strip of no data: tags as (number, type, count, value).
fn tiff(tags: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(u16::try_from(tags.len()).unwrap().to_le_bytes());
    for (tag, kind, count, value) in tags {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 64]);
    bytes
}

#[test]
fn all_eight_orientations_are_set_upright_in_every_kind_that_has_them() {
    // EXIF 2.32, tag 274: where the first row and the first column of what is stored belong.
    let upright = [
        "rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb",
    ];
    let image = DynamicImage::ImageRgb8(four_corners());
    let jpeg = encoded(&image, ImageFormat::Jpeg);
    let png = encoded(&image, ImageFormat::Png);
    let plain_webp = encoded(&image, ImageFormat::WebP);
    for (number, expected) in (1u8..).zip(upright) {
        let block = exif(number);
        let app1 = [b"Exif\0\0", &block[..]].concat();
        let length = u16::try_from(app1.len() + 2).unwrap().to_be_bytes();
        let files = [
            [&jpeg[..2], b"\xff\xe1", &length, &app1, &jpeg[2..]].concat(),
            with_chunk(&png, b"eXIf", &block),
            webp(&[
                (b"VP8X", &vp8x(0x08, 64, 32)),
                (b"VP8L", vp8l(&plain_webp)),
                (b"EXIF", &block),
            ]),
        ];
        for (kind, file) in ["JPEG", "PNG", "WebP"].into_iter().zip(files) {
            let picture = Picture::decode(&file).unwrap();
            let (w, h) = if number < 5 { (64, 32) } else { (32, 64) };
            assert_eq!(
                (picture.width(), picture.height()),
                (w, h),
                "{kind} {number}"
            );
            assert_eq!(corners(&picture), expected, "{kind} {number}");
        }
    }
}

#[test]
fn a_torn_picture_is_refused_or_is_whole() {
    for format in KINDS {
        let bytes = encoded(&busy(), format);
        let whole = Picture::decode(&bytes).unwrap();
        for part in 0..16 {
            match Picture::decode(&bytes[..bytes.len() * part / 16]) {
                Ok(picture) => assert!(picture == whole, "{format:?}: {part} sixteenths"),
                Err(PictureError::Damaged(_) | PictureError::UnknownKind) => {}
                Err(other) => panic!("{format:?}, {part} sixteenths: {other}"),
            }
        }
    }
}

#[test]
fn a_few_bytes_that_claim_a_huge_picture_are_refused() {
    let le = |n: u16| n.to_le_bytes();
    let gif = [
        b"GIF89a",
        &le(65_535)[..],
        &le(65_535),
        b"\x80\0\0",
        b"\0\0\0\xff\xff\xff",
        b",\0\0\0\0",
        &le(65_535),
        &le(65_535),
        b"\0\x02\x02\x4c\x01\0;",
    ]
    .concat();
    let bmp = {
        let mut bmp = encoded(&busy(), ImageFormat::Bmp);
        bmp[18..22].copy_from_slice(&60_000i32.to_le_bytes());
        bmp[22..26].copy_from_slice(&60_000i32.to_le_bytes());
        bmp
    };
    // VP8L: signature, then 14 bits of width and of height less one.
    let lossless = [
        &[0x2f][..],
        &(0x3ffeu32 | (0x3ffe << 14)).to_le_bytes(),
        &[0; 20],
    ]
    .concat();
    // VP8: a key frame of 16383 by 16383.
    let lossy = [
        &[0x10, 0, 0, 0x9d, 0x01, 0x2a][..],
        &le(0x3fff),
        &le(0x3fff),
        &[0; 20],
    ]
    .concat();
    let strips = |width, height| {
        tiff(&[
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 8),
            (277, 3, 1, 1),
            (278, 4, 1, height),
            (279, 4, 1, 16),
        ])
    };
    for (name, bytes) in [
        ("GIF", gif),
        ("BMP", bmp),
        ("PGM", b"P5 60000 60000 255\n\0\0".to_vec()),
        ("PPM in words", b"P3 60000 60000 255\n0 0 0".to_vec()),
        ("PBM", b"P4 4000000000 4000000000\n\0".to_vec()),
        ("WebP lossless", webp(&[(b"VP8L", &lossless)])),
        ("WebP lossy", webp(&[(b"VP8 ", &lossy)])),
        (
            "WebP canvas beyond all bounds",
            webp(&[(b"VP8X", &vp8x(0, 1 << 24, 1 << 24)), (b"VP8L", &lossless)]),
        ),
        ("TIFF", strips(60_000, 60_000)),
        ("TIFF beyond all bounds", strips(u32::MAX, u32::MAX)),
        (
            "TIFF with a tag of four thousand million values",
            tiff(&[
                (256, 4, 1, 64),
                (257, 4, 1, 64),
                (258, 3, 1, 8),
                (259, 3, 1, 1),
                (262, 3, 1, 1),
                (273, 4, u32::MAX, 8),
                (277, 3, 1, 1),
                (278, 4, 1, 1),
                (279, 4, u32::MAX, 8),
            ]),
        ),
    ] {
        let refused = Picture::decode(&bytes);
        assert!(
            matches!(
                refused,
                Err(PictureError::TooLarge | PictureError::Damaged(_) | PictureError::UnknownKind)
            ),
            "{name}: {refused:?}"
        );
        if !name.starts_with("PBM") && !name.contains("bounds") && !name.contains("values") {
            assert!(
                matches!(refused, Err(PictureError::TooLarge)),
                "{name}: {refused:?}"
            );
        }
    }
}

#[test]
fn what_unpacks_to_far_more_than_it_claims_is_cut_off() {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..300 {
        packer.write_all(&zeros).unwrap();
    }
    let bomb = packer.finish().unwrap();
    let png = encoded(&DynamicImage::new_rgb8(40, 30), ImageFormat::Png);
    // Text, and a colour profile, of 300 MiB.
    for (kind, head) in [
        (b"zTXt", &b"Comment\0\0"[..]),
        (b"iCCP", b"p\0\0"),
        (b"iTXt", b"c\0\x01\0\0\0"),
    ] {
        let bytes = with_chunk(&png, kind, &[head, &bomb].concat());
        if let Ok(picture) = Picture::decode(&bytes) {
            assert_eq!((picture.width(), picture.height()), (40, 30));
        }
    }
    // A picture of 40 by 30 with 300 MiB of pixels behind.
    let data = with_chunk(&png[..33], b"IDAT", &bomb);
    let bytes = [&data[..], b"\0\0\0\0IEND\xae\x42\x60\x82"].concat();
    if let Ok(picture) = Picture::decode(&bytes) {
        assert_eq!((picture.width(), picture.height()), (40, 30));
    }
}

#[test]
fn a_picture_of_no_pixels_is_refused() {
    for (w, h) in [(0, 0), (0, 5), (5, 0)] {
        let le = |n: u16| n.to_le_bytes();
        let mut png = encoded(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png);
        png[16..20].copy_from_slice(&u32::from(w).to_be_bytes());
        png[20..24].copy_from_slice(&u32::from(h).to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&png[12..29]);
        png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        let mut bmp = encoded(&busy(), ImageFormat::Bmp);
        bmp[18..22].copy_from_slice(&i32::from(w).to_le_bytes());
        bmp[22..26].copy_from_slice(&i32::from(h).to_le_bytes());
        let gif = [b"GIF89a", &le(w)[..], &le(h), b"\0\0\0;"].concat();
        let pnm = format!("P6 {w} {h} 255\n").into_bytes();
        let tiff = tiff(&[
            (256, 4, 1, w.into()),
            (257, 4, 1, h.into()),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 8),
            (277, 3, 1, 1),
            (278, 4, 1, 1),
            (279, 4, 1, 0),
        ]);
        for (name, bytes) in [
            ("PNG", png),
            ("BMP", bmp),
            ("GIF", gif),
            ("PNM", pnm),
            ("TIFF", tiff),
        ] {
            assert!(Picture::decode(&bytes).is_err(), "{name} {w} x {h}");
        }
    }
}

#[test]
fn deep_and_grey_pictures_keep_their_shades() {
    let close = |picture: &Picture, wanted: [u8; 3]| {
        let got = picture.rgb().get_pixel(1, 1).0;
        got.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 1)
    };
    let deep = [65_535u16, 32_896, 257];
    for (image, wanted) in [
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, Rgb(deep))),
            [255, 128, 1],
        ),
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(
                3,
                3,
                Rgba([65_535u16, 32_896, 257, 65_535]),
            )),
            [255, 128, 1],
        ),
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, Luma([32_896u16]))),
            [128; 3],
        ),
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, LumaA([0u16, 32_896]))),
            [127; 3],
        ),
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, LumaA([10u8, 0]))),
            [255; 3],
        ),
        (
            DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, Luma([200u8]))),
            [200; 3],
        ),
    ] {
        let picture = Picture::decode(&encoded(&image, ImageFormat::Png)).unwrap();
        assert!(
            close(&picture, wanted),
            "{:?}: {:?}",
            image.color(),
            picture.rgb().get_pixel(1, 1)
        );
    }
    let image = DynamicImage::from(image::ImageBuffer::from_pixel(3, 3, Rgb(deep)));
    let picture = Picture::decode(&encoded(&image, ImageFormat::Tiff)).unwrap();
    assert!(close(&picture, [255, 128, 1]), "16 bits in TIFF");
}

#[test]
fn what_is_transparent_lies_on_white_in_every_kind() {
    let clear = DynamicImage::from(RgbaImage::from_pixel(8, 8, Rgba([10, 20, 30, 0])));
    for format in [
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Tiff,
        ImageFormat::Gif,
    ] {
        let picture = Picture::decode(&encoded(&clear, format)).unwrap();
        assert_eq!(picture.rgb().get_pixel(3, 3).0, [255; 3], "{format:?}");
    }
}

/// A JPEG of 8 by 8 pixels of one colour in four components, with Adobe's segment saying which four.
fn four_inks(values: [u8; 4], transform: Option<u8>) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    if let Some(transform) = transform {
        bytes.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        bytes.push(transform);
    }
    // Quantisation by one; eight bits, 8 by 8, four components without subsampling.
    bytes.extend([0xff, 0xdb, 0, 67, 0]);
    bytes.extend([1; 64]);
    bytes.extend([0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4]);
    for component in 1..=4 {
        bytes.extend([component, 0x11, 0]);
    }
    // Twelve codes of four bits for the sizes 0 to 11 of a DC value; for AC one code, the end of the block.
    bytes.extend([
        0xff, 0xc4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes.extend(0..12);
    bytes.extend([
        0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes.extend([0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    let mut bits = String::new();
    for value in values {
        // A block of one value v has the DC coefficient 8 (v - 128).
        let dc = (i32::from(value) - 128) * 8;
        let size = 32 - dc.unsigned_abs().leading_zeros();
        let code = if dc < 0 { dc + (1 << size) - 1 } else { dc };
        bits.push_str(&format!("{size:04b}"));
        if size > 0 {
            bits.push_str(&format!("{code:0width$b}", width = size as usize));
        }
        bits.push('0');
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |b, bit| (b << 1) | (bit - b'0'));
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0);
        }
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

#[test]
fn a_jpeg_in_printers_inks_keeps_its_colours() {
    // Adobe stores how much white is left of each ink: red is no cyan, all magenta, all yellow, no black.
    for (name, values, transform, wanted) in [
        ("white", [255, 255, 255, 255], Some(0), [255, 255, 255]),
        ("red", [255, 0, 0, 255], Some(0), [255, 0, 0]),
        ("black", [255, 255, 255, 0], Some(0), [0, 0, 0]),
        ("half grey", [255, 255, 255, 128], Some(0), [128, 128, 128]),
        // The same through luma and chroma, of what each ink lacks: no luma is white.
        (
            "white by luma",
            [0, 128, 128, 255],
            Some(2),
            [255, 255, 255],
        ),
        ("black by luma", [255, 128, 128, 255], Some(2), [0, 0, 0]),
    ] {
        let picture = Picture::decode(&four_inks(values, transform)).unwrap();
        let got = picture.rgb().get_pixel(4, 4).0;
        let near = got
            .iter()
            .zip(wanted)
            .all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 3);
        assert!(near, "{name}: {got:?}");
    }
    // Without the segment nobody can know; an answer it has.
    assert!(Picture::decode(&four_inks([200, 100, 50, 255], None)).is_ok());
}

#[test]
fn of_every_animation_the_first_frame_is_taken() {
    let shades = [200u8, 20];
    let frames = shades.map(|s| RgbaImage::from_pixel(6, 6, Rgba([s, s, s, 255])));
    let mut gif = Vec::new();
    let mut encoder = GifEncoder::new(&mut gif);
    for frame in &frames {
        encoder.encode_frame(Frame::new(frame.clone())).unwrap();
    }
    drop(encoder);
    let mut apng = Vec::new();
    let mut encoder = png::Encoder::new(&mut apng, 6, 6);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in &frames {
        writer.write_image_data(frame.as_raw()).unwrap();
    }
    writer.finish().unwrap();
    let stills = frames.map(|f| encoded(&f.into(), ImageFormat::WebP));
    let moving = stills.each_ref().map(|still| {
        let data = vp8l(still);
        // Place, size less one, duration, then the frame as a chunk of its own.
        let mut frame = vec![0, 0, 0, 0, 0, 0, 5, 0, 0, 5, 0, 0, 40, 0, 0, 2];
        frame.extend(b"VP8L");
        frame.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        frame.extend(data);
        if data.len() % 2 == 1 {
            frame.push(0);
        }
        frame
    });
    let animated = webp(&[
        (b"VP8X", &vp8x(0x12, 6, 6)),
        (b"ANIM", &[255, 255, 255, 255, 0, 0]),
        (b"ANMF", &moving[0]),
        (b"ANMF", &moving[1]),
    ]);
    for (name, bytes) in [("GIF", gif), ("APNG", apng), ("WebP", animated)] {
        let picture = Picture::decode(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let [r, ..] = picture.rgb().get_pixel(3, 3).0;
        assert!(r.abs_diff(200) < 10, "{name}: {r}");
    }
}

#[test]
fn the_bytes_tell_the_kind_and_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [
        ("a.png", ImageFormat::Jpeg),
        ("b.jpg", ImageFormat::Png),
        ("c.txt", ImageFormat::Tiff),
        ("d", ImageFormat::WebP),
        ("e.gif", ImageFormat::Bmp),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, encoded(&busy(), format)).unwrap();
        assert_eq!(Picture::open(&path).unwrap().width(), 96, "{name}");
    }
}

#[test]
fn what_is_no_file_of_pixels_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Picture::open(folder.path()),
        Err(PictureError::Unreadable { .. })
    ));
    // Devices that never end.
    for device in ["/dev/zero", "/dev/urandom"] {
        let refused = Picture::open(Path::new(device));
        assert!(refused.is_err(), "{device}");
    }
    // A document of another trade.
    for (name, bytes) in [
        ("a.jpg", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"[..]),
        ("b.jpg", b"PK\x03\x04"),
        ("c.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("d.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert!(
            matches!(Picture::open(&path), Err(PictureError::UnknownKind)),
            "{name}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A picture in which some bytes were changed is an answer or a reason, never a panic.
    #[test]
    fn changed_bytes_are_survived(
        kind in 0usize..KINDS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        head in any::<bool>(),
    ) {
        let mut bytes = encoded(&busy(), KINDS[kind]);
        // Half of the time where sizes and tables stand.
        let reach = if head { bytes.len().min(120) } else { bytes.len() };
        for (at, to) in changes {
            let at = at.index(reach);
            bytes[at] = to;
        }
        if let Ok(picture) = Picture::decode(&bytes) {
            prop_assert!(picture.width() > 0 && picture.height() > 0);
        }
    }
}
