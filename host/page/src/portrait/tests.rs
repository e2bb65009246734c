#![allow(clippy::unwrap_used)]

use super::*;
use image::Rgb;

/// Finds the red patch of a picture whose upper half it is in: a face that must stand upright.
struct RedAbove;

impl FaceFinder for RedAbove {
    fn faces(&self, picture: &Picture) -> Result<Vec<Rect>, FacesUnavailable> {
        assert!(picture.width().max(picture.height()) <= LOOK_SIDE as u32 + 1);
        let red = picture
            .rgb()
            .enumerate_pixels()
            .filter(|(_, y, p)| p.0[0] > 128 && p.0[1] < 64 && *y < picture.height() / 2);
        let (mut low, mut high) = ([u32::MAX; 2], [0u32; 2]);
        for (x, y, _) in red {
            low = [low[0].min(x), low[1].min(y)];
            high = [high[0].max(x + 1), high[1].max(y + 1)];
        }
        let found = low[0] < high[0];
        Ok(found
            .then(|| Rect {
                x: low[0],
                y: low[1],
                width: high[0] - low[0],
                height: high[1] - low[1],
            })
            .into_iter()
            .collect())
    }
}

/// Grey, with a red patch.
fn with_patch(width: u32, height: u32, patch: Rect) -> Picture {
    Picture::from_rgb(RgbImage::from_fn(width, height, |x, y| {
        let inside = |v: u32, from: u32, length: u32| (from..from + length).contains(&v);
        if inside(x, patch.x, patch.width) && inside(y, patch.y, patch.height) {
            Rgb([220, 20, 20])
        } else {
            Rgb([150, 150, 150])
        }
    }))
}

/// A zone's corners around a point, its text reading in the direction of `degrees` (clockwise).
fn zone_at([x, y]: [f32; 2], degrees: f32) -> [[f32; 2]; 4] {
    let (s, c) = degrees.to_radians().sin_cos();
    [
        [-100.0, -10.0],
        [100.0, -10.0],
        [100.0, 10.0],
        [-100.0, 10.0],
    ]
    .map(|[u, v]: [f32; 2]| [x + u * c - v * s, y + u * s + v * c])
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

#[test]
fn a_face_is_found_in_a_copy_turned_by_the_zone_and_given_in_the_picture() {
    // Picture, where the face is in it, and which way the zone's text reads.
    for ((width, height), patch, degrees) in [
        ((1200, 800), rect(100, 150, 180, 240), 2.0),
        ((1200, 800), rect(920, 500, 180, 240), 180.0),
        ((800, 1200), rect(450, 100, 240, 180), 90.0),
        ((800, 1200), rect(80, 900, 240, 180), 268.0),
        ((300, 200), rect(20, 30, 60, 60), 0.0),
    ] {
        let picture = with_patch(width, height, patch);
        let zone = zone_at([width as f32 / 2.0, height as f32 / 2.0], degrees);
        let found = find(&picture, Some(zone), &RedAbove).unwrap();
        assert_eq!(found.len(), 1, "{degrees}");
        for (got, wanted) in [
            (found[0].x, patch.x),
            (found[0].y, patch.y),
            (found[0].width, patch.width),
            (found[0].height, patch.height),
        ] {
            assert!(got.abs_diff(wanted) <= 6, "{degrees}: {found:?} {patch:?}");
        }
    }
}

#[test]
fn on_a_slanting_page_the_face_lies_inside_what_is_given() {
    let patch = rect(500, 150, 120, 120);
    let picture = with_patch(1200, 900, patch);
    for degrees in [-30.0, 20.0, 40.0] {
        let zone = zone_at([600.0, 700.0], degrees);
        let found = find(&picture, Some(zone), &RedAbove).unwrap()[0];
        assert!(found.x <= patch.x + 4 && found.y <= patch.y + 4);
        assert!(found.x + found.width + 4 >= patch.x + patch.width);
        assert!(found.y + found.height + 4 >= patch.y + patch.height);
        assert!(found.area() < 4 * patch.area());
    }
}

#[test]
fn without_a_zone_or_with_a_degenerate_one_the_picture_is_taken_as_it_lies() {
    let patch = rect(10, 10, 90, 90);
    let picture = with_patch(900, 600, patch);
    for zone in [None, Some([[5.0; 2]; 4]), Some([[f32::NAN; 2]; 4])] {
        assert_eq!(find(&picture, zone, &RedAbove).unwrap().len(), 1);
    }
    let dot = with_patch(1, 3000, rect(0, 0, 1, 1000));
    let found = find(&dot, Some(zone_at([0.0, 0.0], 33.0)), &RedAbove).unwrap();
    assert!(
        found
            .iter()
            .all(|f| f.x + f.width <= 1 && f.y + f.height <= 3000)
    );
}
