//! The portrait as print: cut to its frame, toned, with a soft edge and the press's grain.

use image::RgbImage;
use image::imageops::FilterType;
use rand::{Rng, RngExt};

use super::canvas::{Canvas, Mask, RectMm};
use super::light::{Light, TO_LIGHT, colour};
use super::seed::{Grain, Seed, one_of, within};

/// How a portrait is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printing {
    /// The main portrait.
    Main,
    /// A second, small and faint one.
    Ghost,
    /// As the infrared camera sees the main portrait: its inks are almost clear.
    Infrared,
}

/// Prints a picture into a frame, cutting what does not fit its shape.
pub(crate) fn print(
    canvas: &mut Canvas,
    picture: &RgbImage,
    frame: RectMm,
    printing: Printing,
    rng: &mut impl Rng,
) {
    let scale = canvas.scale();
    let wide = ((frame.width * scale).round() as u32).max(1);
    let high = ((frame.height * scale).round() as u32).max(1);
    let cut = cut_to_shape(picture, frame.width / frame.height);
    let sized = image::imageops::resize(&cut, wide, high, FilterType::Triangle);
    let grain = Grain::draw(rng);
    let warmth = within(rng, (-0.03, 0.03));
    let feather = if rng.random_bool(0.5) { 0.3 } else { 1.6 };
    let mut edge = canvas.mask();
    edge.rectangle(frame, 0.0);
    feathered(&mut edge, frame, feather);
    let (width, _) = canvas.size();
    let (x0, y0) = (
        (frame.x * scale).round() as usize,
        (frame.y * scale).round() as usize,
    );
    let cover = edge.cover();
    let at = |mx: f32, my: f32, under: Light| -> Light {
        let (px, py) = ((mx * scale) as usize, (my * scale) as usize);
        let (Some(x), Some(y)) = (px.checked_sub(x0), py.checked_sub(y0)) else {
            return under;
        };
        if x >= wide as usize || y >= high as usize {
            return under;
        }
        let ink = f32::from(cover[py * width + px]) / 255.0;
        let rough = 1.0 + 0.06 * (grain.node(px as i32, py as i32) - 0.5);
        let light = sized
            .get_pixel(x as u32, y as u32)
            .0
            .map(|v| TO_LIGHT[usize::from(v)]);
        let grey = 0.3 * light[0] + 0.59 * light[1] + 0.11 * light[2];
        std::array::from_fn(|k| {
            // Print has neither the black nor the white nor quite the colour of a screen.
            let (blackest, strength, colour) = match printing {
                Printing::Main => (0.02, 1.0, 0.88),
                Printing::Ghost => (0.1, 0.45, 0.15),
                Printing::Infrared => (0.3, 0.2, 0.0),
            };
            let hue = grey + (light[k] - grey) * colour;
            let tilt = 1.0 + warmth * (1.0 - k as f32);
            let printed = ((blackest + (1.0 - blackest) * hue) * rough * tilt).clamp(0.0, 1.0);
            // Much of the paper shines through the ink's highlights.
            let on_paper = printed * (0.6 + 0.4 * under[k].max(0.6));
            under[k] + (on_paper - under[k]) * ink * strength
        })
    };
    canvas.wash(at);
}

/// Cuts the largest part of this shape (width over height) from a picture, from its middle and a little
/// above, where the face of a portrait is.
fn cut_to_shape(picture: &RgbImage, shape: f32) -> RgbImage {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let (cut_w, cut_h) = if w / h > shape {
        (h * shape, h)
    } else {
        (w, w / shape)
    };
    let x = (w - cut_w) / 2.0;
    let y = (h - cut_h) * 0.35;
    image::imageops::crop_imm(
        picture,
        x as u32,
        y as u32,
        (cut_w as u32).max(1),
        (cut_h as u32).max(1),
    )
    .to_image()
}

/// Lets a frame's coverage fade towards its edge over a width in millimetres.
fn feathered(mask: &mut Mask, frame: RectMm, over_mm: f32) {
    mask.weigh(|x, y, cover| {
        let inside = (x - frame.x)
            .min(frame.x + frame.width - x)
            .min(y - frame.y)
            .min(frame.y + frame.height - y);
        cover * (inside / over_mm).clamp(0.0, 1.0)
    });
}

/// Width and height of a drawn face's picture, pixels.
const DRAWN: (f32, f32) = (350.0, 450.0);

/// A face drawn of ovals: for tests and batches that need no real person.
#[must_use]
pub fn drawn_face(seed: Seed) -> RgbImage {
    let rng = &mut seed.stream("face");
    let skins = [0x3B241A, 0x5A3A28, 0x7D5238, 0xA57450, 0xD0A07C, 0xECC8A8];
    let hairs = [0x120E0C, 0x1C1410, 0x3A2618, 0x6A4A2A, 0x888888];
    let (skin, hair) = (colour(*one_of(rng, &skins)), colour(*one_of(rng, &hairs)));
    let cloth = colour(*one_of(
        rng,
        &[0x283858, 0x6A2A32, 0xE4E4E0, 0x2F4F3A, 0xC0A050],
    ));
    let ground = colour(*one_of(rng, &[0xE4E8EC, 0xD8DCE0, 0xF0F0EC]));
    let mut canvas = Canvas::new(DRAWN.0, DRAWN.1, 1.0, ground);
    let mut mask = canvas.mask();
    let (wide, high) = (within(rng, (78.0, 95.0)), within(rng, (105.0, 125.0)));
    let middle = [175.0 + within(rng, (-6.0, 6.0)), 205.0];
    let mut paint = |shape: &dyn Fn(&mut Mask), light: Light, soft: f32| {
        shape(&mut mask);
        mask.soften(soft);
        canvas.lay(&mask, light, 1.0);
        mask.clear();
    };
    let oval = |centre: [f32; 2], rx: f32, ry: f32| {
        move |mask: &mut Mask| {
            let ring: Vec<[f32; 2]> = (0..48)
                .map(|i| {
                    let (s, c) = libm::sincosf(i as f32 * std::f32::consts::TAU / 48.0);
                    [centre[0] + rx * c, centre[1] + ry * s]
                })
                .collect();
            mask.polygon(&ring, 0.0);
        }
    };
    let [x, y] = middle;
    let darker = |light: Light, by: f32| light.map(|v| v * by);
    let long_hair = rng.random_bool(0.5);
    if long_hair {
        paint(&oval([x, y + 30.0], wide * 1.3, high * 1.25), hair, 2.0);
    }
    paint(&oval([x, 470.0], 165.0, 105.0), cloth, 1.5);
    paint(
        &oval([x, y + high * 0.95], wide * 0.45, 60.0),
        darker(skin, 0.8),
        2.0,
    );
    paint(&oval([x, y - 22.0], wide * 1.1, high * 1.02), hair, 2.0);
    paint(
        &oval([x - wide, y + 5.0], 13.0, 24.0),
        darker(skin, 0.85),
        1.5,
    );
    paint(
        &oval([x + wide, y + 5.0], 13.0, 24.0),
        darker(skin, 0.85),
        1.5,
    );
    paint(&oval([x, y + 8.0], wide, high * 0.97), skin, 1.5);
    paint(
        &oval([x, y + high * 0.55], wide * 0.6, high * 0.3),
        darker(skin, 1.06),
        12.0,
    );
    let apart = within(rng, (31.0, 37.0));
    let brow = within(rng, (24.0, 31.0));
    for side in [-1.0, 1.0] {
        let eye = [x + side * apart, y - 5.0];
        paint(
            &oval([eye[0], eye[1] + 2.0], 23.0, 15.0),
            darker(skin, 0.82),
            4.0,
        );
        paint(&oval(eye, 16.0, 8.0), [0.8, 0.8, 0.8], 0.8);
        paint(&oval(eye, 7.5, 7.5), colour(0x2A1A10), 0.8);
        paint(&oval([eye[0] + 2.0, eye[1] - 2.0], 2.0, 2.0), [0.9; 3], 0.5);
        let line = [
            [eye[0] - 19.0, eye[1] - brow + 5.0],
            [eye[0], eye[1] - brow],
            [eye[0] + 19.0, eye[1] - brow + 5.0],
        ];
        paint(&|mask| mask.stroke(&line, 6.0), hair, 1.0);
    }
    let nose = within(rng, (30.0, 40.0));
    paint(
        &oval([x + 5.0, y + nose * 0.6], 9.0, nose * 0.8),
        darker(skin, 0.88),
        5.0,
    );
    paint(
        &oval([x, y + nose + 6.0], 17.0, 9.0),
        darker(skin, 0.78),
        3.0,
    );
    let mouth = y + nose + 34.0;
    paint(
        &oval([x, mouth], within(rng, (26.0, 36.0)), 9.0),
        colour(0x8A3A38),
        1.5,
    );
    paint(
        &|mask| mask.stroke(&[[x - 27.0, mouth], [x + 27.0, mouth]], 2.0),
        darker(skin, 0.35),
        0.8,
    );
    canvas.to_picture()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_has_the_frame_s_shape_and_lies_inside() {
        for (w, h) in [(250, 250), (640, 480), (300, 900), (1, 1), (35, 45)] {
            let cut = cut_to_shape(&RgbImage::new(w, h), 35.0 / 45.0);
            assert!(cut.width() <= w && cut.height() <= h && cut.width() > 0 && cut.height() > 0);
            if w > 1 {
                let shape = cut.width() as f32 / cut.height() as f32;
                assert!((shape - 35.0 / 45.0).abs() < 0.02, "{w}x{h} gave {shape}");
            }
        }
    }

    #[test]
    fn a_face_is_drawn_alike_from_a_seed() {
        assert_eq!(drawn_face(Seed(1)), drawn_face(Seed(1)));
        assert_ne!(drawn_face(Seed(1)), drawn_face(Seed(2)));
    }
}
