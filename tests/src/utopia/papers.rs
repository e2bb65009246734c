//! Papers without a zone: letters, forms, payment slips in OCR-B, listings, tickets. They lie about on
//! desks, and are what a zone reader must not mistake for a zone.

use image::GrayImage;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Mask, RectMm};
use super::fonts::{Face, Fonts};
use super::layout::SideKind;
use super::light::colour;
use super::press::Side;
use super::seed::{Grain, one_of, within};

/// The kinds of papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    /// Running text.
    Letter,
    /// Boxes, captions and typed values.
    Form,
    /// A payment slip with a code line in the zone's own fount.
    Slip,
    /// A program's listing, all of one pitch, with many `<`.
    Listing,
    /// A traveller's ticket.
    Ticket,
}

impl Paper {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [
        Self::Letter,
        Self::Form,
        Self::Slip,
        Self::Listing,
        Self::Ticket,
    ];

    /// Width and height, millimetres.
    fn size(self) -> [f32; 2] {
        match self {
            Self::Letter | Self::Listing => [148.0, 180.0],
            Self::Form => [148.0, 105.0],
            Self::Slip => [150.0, 74.0],
            Self::Ticket => [150.0, 60.0],
        }
    }
}

/// Words for running text.
const WORDS: [&str; 40] = [
    "the",
    "traveller",
    "was",
    "seen",
    "at",
    "post",
    "and",
    "of",
    "a",
    "border",
    "with",
    "goods",
    "declared",
    "under",
    "section",
    "form",
    "office",
    "please",
    "return",
    "within",
    "thirty",
    "days",
    "Utopia",
    "vehicle",
    "number",
    "certificate",
    "yellow",
    "fever",
    "date",
    "issued",
    "by",
    "authority",
    "mwaka",
    "wa",
    "safari",
    "mizigo",
    "ushuru",
    "barua",
    "kwa",
    "mkuu",
];

/// Presses any paper, at so many pixels per millimetre.
pub(crate) fn press_any(fonts: &Fonts, scale: f32, rng: &mut ChaCha8Rng) -> Side {
    let kind = *one_of(rng, &Paper::ALL);
    press_paper(kind, fonts, scale, rng)
}

/// Presses one paper.
pub(crate) fn press_paper(kind: Paper, fonts: &Fonts, scale: f32, rng: &mut ChaCha8Rng) -> Side {
    let size = kind.size();
    let tone = match kind {
        Paper::Ticket => *one_of(rng, &[0xF2EFE4, 0xE4F0F4]),
        Paper::Slip => *one_of(rng, &[0xFBEEE0, 0xF6F4EA, 0xFDE3DA]),
        Paper::Letter | Paper::Form | Paper::Listing => {
            *one_of(rng, &[0xF6F6F2, 0xEFEEE6, 0xFAFAFA])
        }
    };
    let mut canvas = Canvas::new(size[0], size[1], scale, colour(tone));
    let fibre = Grain::draw(rng);
    canvas.wash(|x, y, light| light.map(|v| v * (1.0 - 0.03 * fibre.at(x * 2.0, y * 2.0))));
    let mut mask = canvas.mask();
    match kind {
        Paper::Letter => letter(&mut mask, fonts, size, rng),
        Paper::Form => form(&mut mask, fonts, size, rng),
        Paper::Slip => slip(&mut mask, fonts, size, rng),
        Paper::Listing => listing(&mut mask, fonts, size, rng),
        Paper::Ticket => ticket(&mut mask, fonts, size, rng),
    }
    canvas.print(&mask, colour(0x1C1C20), 0.95);
    let (w, h) = canvas.size();
    Side {
        kind: SideKind::Front,
        size_mm: size,
        picture: canvas.to_picture(),
        outline: GrayImage::from_pixel(w as u32, h as u32, image::Luma([255])),
        scale,
        zone: None,
        portrait: None,
    }
}

/// So many words.
fn words(count: usize, rng: &mut impl Rng) -> String {
    (0..count)
        .map(|_| *one_of(rng, &WORDS))
        .collect::<Vec<_>>()
        .join(" ")
}

fn letter(mask: &mut Mask, fonts: &Fonts, size: [f32; 2], rng: &mut impl Rng) {
    let face = *one_of(rng, &[Face::Serif, Face::Regular]);
    let em = within(rng, (3.2, 4.6));
    fonts.set(
        mask,
        Face::Bold,
        em * 1.3,
        [14.0, 16.0],
        "OFFICE OF THE HARBOUR MASTER",
    );
    let mut y = 28.0;
    while y < size[1] - 12.0 {
        if rng.random_bool(0.85) {
            let mut line = words(3, rng);
            while fonts.width(face, em, &line) < size[0] - 45.0 {
                line = format!("{line} {}", words(1, rng));
            }
            fonts.set(mask, face, em, [14.0, y], &line);
        }
        y += em * 1.35;
    }
}

fn form(mask: &mut Mask, fonts: &Fonts, size: [f32; 2], rng: &mut impl Rng) {
    fonts.set(
        mask,
        Face::Bold,
        4.4,
        [8.0, 9.0],
        "ARRIVAL CARD / FOMU YA KUINGIA",
    );
    let mut y = 14.0;
    while y < size[1] - 14.0 {
        let split = within(rng, (50.0, 100.0));
        for (left, right) in [(8.0, split), (split, size[0] - 8.0)] {
            let low = y + 11.0;
            mask.stroke(
                &[[left, y], [right, y], [right, low], [left, low], [left, y]],
                0.25,
            );
            fonts.set(
                mask,
                Face::Regular,
                2.2,
                [left + 1.2, y + 3.0],
                &words(2, rng),
            );
            let typed = words(2, rng).to_uppercase();
            fonts.set(mask, Face::OcrB, 3.0, [left + 2.0, y + 8.6], &typed);
        }
        y += 11.0;
    }
}

/// So many random digits.
fn digits(count: usize, rng: &mut impl Rng) -> String {
    (0..count)
        .map(|_| char::from(b'0' + rng.random_range(0..10u8)))
        .collect()
}

fn slip(mask: &mut Mask, fonts: &Fonts, size: [f32; 2], rng: &mut impl Rng) {
    fonts.set(
        mask,
        Face::Bold,
        3.4,
        [8.0, 8.0],
        "PAYMENT SLIP / STAKABADHI YA MALIPO",
    );
    for row in 0..4u8 {
        let y = 16.0 + f32::from(row) * 8.0;
        fonts.set(mask, Face::Regular, 2.2, [8.0, y], &words(2, rng));
        fonts.set(
            mask,
            Face::Regular,
            3.4,
            [8.0, y + 4.2],
            &words(4, rng).to_uppercase(),
        );
        mask.stroke(&[[6.0, y + 5.4], [size[0] - 6.0, y + 5.4]], 0.15);
    }
    let code = format!(
        "{}>{}+ {}>",
        digits(13, rng),
        digits(27, rng),
        digits(9, rng)
    );
    fonts.set_zone_line(mask, 7.0, size[1] - 9.0, &code);
}

fn listing(mask: &mut Mask, fonts: &Fonts, size: [f32; 2], rng: &mut impl Rng) {
    const LINES: [&str; 8] = [
        "IF (N < 10) THEN PRINT N",
        "WHILE A<B AND B<C DO",
        "<TABLE><TR><TD>001",
        "FOR I=1 TO 44 STEP 2",
        "WRITE << NAME << ENDL;",
        "A<<2 | B<<4 | C<<6",
        "LOAD R1, 00417",
        "RETURN VALUE<0",
    ];
    let em = within(rng, (2.6, 3.5));
    let mut y = 14.0;
    while y < size[1] - 10.0 {
        let indent = 10.0 + 5.0 * f32::from(rng.random_range(0..4u8));
        let line = *one_of(rng, &LINES);
        fonts.set(mask, Face::OcrB, em, [indent, y], line);
        y += em * 1.6;
    }
}

fn ticket(mask: &mut Mask, fonts: &Fonts, size: [f32; 2], rng: &mut impl Rng) {
    fonts.set(
        mask,
        Face::Bold,
        5.0,
        [8.0, 10.0],
        "AIR UTOPIA  BOARDING PASS",
    );
    for (i, caption) in ["NAME", "FROM", "TO", "FLIGHT", "SEAT", "GATE"]
        .iter()
        .enumerate()
    {
        let (x, y) = (8.0 + 36.0 * (i % 3) as f32, 18.0 + 13.0 * (i / 3) as f32);
        fonts.set(mask, Face::Regular, 2.4, [x, y], caption);
        let value = format!("{} {}", words(1, rng).to_uppercase(), digits(2, rng));
        fonts.set(mask, Face::OcrB, 3.4, [x, y + 5.0], &value);
    }
    let mut x = 12.0;
    while x < size[0] - 40.0 {
        let bar = within(rng, (0.25, 1.1));
        mask.rectangle(RectMm::new(x, size[1] - 16.0, bar, 12.0), 0.0);
        x += bar + within(rng, (0.3, 1.2));
    }
    mask.stroke(
        &[[size[0] - 34.0, 2.0], [size[0] - 34.0, size[1] - 2.0]],
        0.2,
    );
}
