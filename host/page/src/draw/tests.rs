use super::*;
use image::Rgb;

const GROUND: Rgb<u8> = Rgb([200, 201, 202]);

fn reading(left: f32, top: f32, pitch: f32, lines: &[(&str, &str, f32)]) -> ZoneReading {
    let cell = |line: usize, column: usize| {
        let (x, y) = (
            left + column as f32 * pitch,
            top + line as f32 * 3.0 * pitch,
        );
        [
            [x, y],
            [x + pitch, y],
            [x + pitch, y + 1.6 * pitch],
            [x, y + 1.6 * pitch],
        ]
    };
    ZoneReading {
        lines: lines.iter().map(|l| l.0.to_owned()).collect(),
        zone: None,
        seen: lines.iter().map(|l| l.1.to_owned()).collect(),
        confidence: lines.iter().map(|l| vec![l.2; l.0.len()]).collect(),
        quad: [[left, top]; 4],
        evidence: crate::ZoneEvidence::default(),
        places: lines
            .iter()
            .enumerate()
            .map(|(l, line)| (0..line.0.len()).map(|c| cell(l, c)).collect())
            .collect(),
    }
}

fn near(a: Rgb<u8>, b: Colour) -> bool {
    a.0.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 40)
}

#[test]
fn the_picture_keeps_its_size_and_the_table_stands_under_it() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(1500, 400, GROUND));
    let zone = reading(100.0, 200.0, 20.0, &[("UTO<<AB", "UTO<<A8", 0.9)]);
    let marks = Marks {
        zone: Some(&zone),
        ..Marks::default()
    };
    let drawn = draw(&picture, &marks).expect("drawn");
    assert_eq!(drawn.width(), 1500);
    assert!(drawn.height() > 400);
    // Away from every mark the picture is as it was, and under it begins the table's paper.
    assert_eq!(*drawn.rgb().get_pixel(1400, 50), GROUND);
    assert_eq!(*drawn.rgb().get_pixel(700, 399), GROUND);
    assert_eq!(drawn.rgb().get_pixel(1499, 400).0, PAPER);
    // Without a zone there is nothing to tabulate.
    let bare = draw(&picture, &Marks::default()).expect("drawn");
    assert_eq!(bare.rgb(), picture.rgb());
}

#[test]
fn boxes_lie_where_the_characters_are_in_the_colour_of_their_confidence() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(900, 300, GROUND));
    for (confidence, colour) in [(1.0, sureness(1.0)), (0.1, sureness(0.1))] {
        let zone = reading(100.0, 100.0, 30.0, &[("ABC", "ABC", confidence)]);
        let marks = Marks {
            zone: Some(&zone),
            ..Marks::default()
        };
        let drawn = draw(&picture, &marks).expect("drawn");
        // The lower edge of the middle cell, and its inside.
        assert!(near(*drawn.rgb().get_pixel(145, 148), colour));
        assert_eq!(*drawn.rgb().get_pixel(145, 124), GROUND);
    }
    assert_ne!(sureness(1.0), sureness(0.1));
}

#[test]
fn a_character_read_against_the_picture_is_marked_in_picture_and_table() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(1300, 300, GROUND));
    let count = |read: &str, seen: &str| {
        let zone = reading(100.0, 150.0, 25.0, &[(read, seen, 0.95)]);
        let marks = Marks {
            zone: Some(&zone),
            ..Marks::default()
        };
        let drawn = draw(&picture, &marks).expect("drawn");
        let marked = |rows: std::ops::Range<u32>| {
            rows.flat_map(|y| (0..1300).map(move |x| (x, y)))
                .filter(|(x, y)| near(*drawn.rgb().get_pixel(*x, *y), AGAINST))
                .count()
        };
        [marked(0..300), marked(300..drawn.height())]
    };
    assert_eq!(count("1O1", "1O1"), [0, 0]);
    let [over, under] = count("101", "1O1");
    assert!(over > 50 && under > 50, "{over} {under}");
}

#[test]
fn portrait_and_outline_are_drawn_even_where_they_leave_the_picture() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(400, 300, GROUND));
    let marks = Marks {
        zone: None,
        portrait: Some(Rect {
            x: 300,
            y: 200,
            width: 500,
            height: 60,
        }),
        outline: Some([[-50.0, 10.0], [1e9, 20.0], [350.0, f32::NAN], [20.0, 280.0]]),
    };
    let drawn = draw(&picture, &marks).expect("drawn");
    assert_eq!((drawn.width(), drawn.height()), (400, 300));
    assert!(near(*drawn.rgb().get_pixel(350, 200), PORTRAIT));
}

#[test]
fn a_tiny_picture_and_a_ragged_reading_are_drawn() {
    let picture = Picture::from_rgb(RgbImage::from_pixel(1, 1, GROUND));
    let mut zone = reading(
        0.0,
        0.0,
        0.0,
        &[("ABCDEF", "ABCDEF", 0.5), ("A", "B", f32::NAN)],
    );
    zone.seen.pop();
    zone.confidence[0].truncate(2);
    let marks = Marks {
        zone: Some(&zone),
        portrait: None,
        outline: None,
    };
    assert!(draw(&picture, &marks).is_ok_and(|d| d.width() > 100));
}
