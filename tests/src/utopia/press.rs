//! The press: a traveller's particulars become printed sides of a document.

use image::{GrayImage, RgbImage};
use jiff::civil::Date;
use rand::{Rng, RngExt};
use rules::mrz::{Format, Zone};

use super::altered::Altered;
use super::canvas::{Canvas, Mask, Point, RectMm};
use super::error::UtopiaError;
use super::fault::Fault;
use super::fonts::{Face, Fonts, ZONE_PITCH_MM};
use super::guilloche::{self, Palette};
use super::layout::{self, Item, Layout, SideKind, ZONE_HEIGHT_MM, ZonePlace};
use super::light::colour;
use super::photograph::{Level, Shot};
use super::portrait::{self, Printing};
use super::seed::{Grain, Seed, within};
use super::traveller::Traveller;

/// Under which lamp a page is looked at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Lamp {
    /// Daylight.
    White,
    /// Near infrared (B900): only carbon ink is dark.
    Infrared,
    /// Ultraviolet, 365 nm: dull paper, shining fibres and a shining sign.
    Ultraviolet,
}

/// What is to be pressed.
#[derive(Debug, Clone)]
pub struct Page {
    /// Whose document.
    pub traveller: Traveller,
    /// Which kind of document.
    pub format: Format,
    /// The portrait; cut to its frame.
    pub portrait: RgbImage,
    /// What is wrong with it, if anything.
    pub fault: Option<Fault>,
    /// Which item of the visual zone was altered after issue, if any.
    pub altered: Option<Altered>,
    /// Under which lamp.
    pub lamp: Lamp,
    /// The press's resolution, dots per inch.
    pub dpi: f32,
    /// Wear of the zone's print, 0 (new) to 1 (gone).
    pub wear: f32,
    /// The day against which an expired document has expired.
    pub today: Date,
    /// Where the series, the paper and the signature come from.
    pub seed: Seed,
}

impl Page {
    /// A new, faultless page at 300 dpi in daylight.
    #[must_use]
    pub fn new(
        traveller: Traveller,
        format: Format,
        portrait: RgbImage,
        today: Date,
        seed: Seed,
    ) -> Self {
        Self {
            traveller,
            format,
            portrait,
            fault: None,
            altered: None,
            lamp: Lamp::White,
            dpi: 300.0,
            wear: 0.0,
            today,
            seed,
        }
    }

    /// The page worn as documents are that are photographed at this level with this page's seed, and
    /// pressed as finely as such a photograph can show.
    #[must_use]
    pub fn for_level(mut self, level: Level) -> Self {
        let shot = Shot::draw(level, self.seed);
        self.wear = shot.wear;
        self.dpi = shot.press_dpi();
        self
    }
}

/// Where a zone stands on its side.
#[derive(Debug, Clone)]
pub struct PrintedZone {
    /// What is printed.
    pub zone: Zone,
    /// Every line's cells: the pitch times the characters, and as high as a capital and a half.
    pub lines: Vec<RectMm>,
}

/// One printed side of a document.
#[derive(Debug, Clone)]
pub struct Side {
    /// Which side.
    pub kind: SideKind,
    /// Width and height, millimetres.
    pub size_mm: [f32; 2],
    /// The print, sRGB.
    pub picture: RgbImage,
    /// The paper's outline: 255 where there is paper.
    pub outline: GrayImage,
    /// Pixels per millimetre.
    pub scale: f32,
    /// The zone, where this side has one.
    pub zone: Option<PrintedZone>,
    /// The portrait's frame, where this side has one.
    pub portrait: Option<RectMm>,
}

/// A printed document.
#[derive(Debug, Clone)]
pub struct Pressed {
    /// What was asked for, with the fault in the traveller's particulars.
    pub page: Page,
    /// The sides, front first.
    pub sides: Vec<Side>,
    /// What lies beside or beneath the page and belongs to it: a passport's opposite page.
    pub opposite: Option<Side>,
}

impl Pressed {
    /// The zone as printed; `None` where the document has none.
    #[must_use]
    pub fn zone(&self) -> Option<&Zone> {
        self.sides
            .iter()
            .find_map(|s| s.zone.as_ref())
            .map(|z| &z.zone)
    }
}

/// Presses a page.
///
/// # Errors
/// [`UtopiaError::Resolution`], [`UtopiaError::Particulars`] and [`UtopiaError::FaultDoesNotFit`].
pub fn press(page: &Page, fonts: &Fonts) -> Result<Pressed, UtopiaError> {
    if !(50.0..=1200.0).contains(&page.dpi) {
        return Err(UtopiaError::Resolution { dpi: page.dpi });
    }
    let mut page = page.clone();
    if let Some(fault) = page.fault {
        page.traveller = fault.befalls(page.traveller, page.today);
    }
    let right = page.traveller.zone(page.format)?;
    let zone = match page.fault {
        Some(fault) => fault.spoils(&right)?,
        None => right,
    };
    let palette = Palette::draw(&mut page.seed.stream("series"));
    let visual = match page.altered {
        Some(altered) => altered.visual(&page.traveller, page.format, page.today, page.seed),
        None => page.traveller.clone(),
    };
    let sides = layout::sides(page.format, &visual)
        .iter()
        .map(|side| press_side(&page, side, &zone, &palette, fonts))
        .collect();
    let opposite = match page.format {
        Format::Td3 => Some(opposite_page(&page, &palette, fonts)),
        Format::MrvA | Format::MrvB => Some(opposite_page(
            &page,
            &Palette::draw(&mut page.seed.stream("host")),
            fonts,
        )),
        Format::Td1 | Format::Td2 => None,
    };
    Ok(Pressed {
        page,
        sides,
        opposite,
    })
}

/// Presses one side.
fn press_side(page: &Page, layout: &Layout, zone: &Zone, palette: &Palette, fonts: &Fonts) -> Side {
    let scale = page.dpi / 25.4;
    let [width, height] = layout.size;
    let rng = &mut page.seed.stream(match layout.kind {
        SideKind::Front => "front",
        SideKind::Back => "back",
    });
    let mut canvas = Canvas::new(width, height, scale, [1.0; 3]);
    let quiet = match layout.zone {
        Some(_) => RectMm::new(0.0, height - ZONE_HEIGHT_MM, width, ZONE_HEIGHT_MM),
        None => RectMm::new(0.0, height - 1.5, width, 1.5),
    };
    match page.lamp {
        Lamp::White => guilloche::print(&mut canvas, fonts, palette, quiet, rng),
        Lamp::Infrared => bare_paper(&mut canvas, 0.72, rng),
        Lamp::Ultraviolet if page.fault == Some(Fault::PaperShines) => {
            shining_paper(&mut canvas, rng)
        }
        Lamp::Ultraviolet => ultraviolet_paper(&mut canvas, rng),
    }
    if page.lamp != Lamp::Ultraviolet {
        visual_zone(&mut canvas, page, layout, palette, fonts, rng);
    }
    let printed = layout
        .zone
        .filter(|_| page.fault != Some(Fault::ZoneAbsent))
        .map(|place| print_zone(&mut canvas, page, place, height, zone, fonts, rng));
    if layout.folded {
        shade_fold(&mut canvas, 0.0);
    }
    let outline = outline(&canvas, layout, page.fault, rng);
    Side {
        kind: layout.kind,
        size_mm: layout.size,
        picture: canvas.to_picture(),
        outline,
        scale,
        zone: printed,
        portrait: layout.portrait,
    }
}

/// Titles, portrait, captions, values, signature and signs.
fn visual_zone(
    canvas: &mut Canvas,
    page: &Page,
    layout: &Layout,
    palette: &Palette,
    fonts: &Fonts,
    rng: &mut impl Rng,
) {
    let infrared = page.lamp == Lamp::Infrared;
    let mut mask = canvas.mask();
    let printing = if infrared {
        Printing::Infrared
    } else {
        Printing::Main
    };
    if let Some(frame) = layout.portrait {
        portrait::print(canvas, &page.portrait, frame, printing, rng);
    }
    if infrared {
        // Every other ink of the visual zone is clear to the infrared camera.
        return;
    }
    if let Some(frame) = layout.ghost {
        portrait::print(canvas, &page.portrait, frame, Printing::Ghost, rng);
    }
    if let Some(frame) = layout.portrait {
        // A patch of fine lines binds the portrait's lower corner to the page.
        let corner = [frame.x + frame.width * 0.95, frame.y + frame.height * 0.92];
        guilloche::rosette(&mut mask, corner, frame.width * 0.3, rng);
        canvas.lay(&mask, palette.paper, 0.45);
        mask.clear();
    }
    for (text, em, at) in &layout.titles {
        fonts.set(&mut mask, Face::Bold, *em, *at, text);
    }
    if let Some(at) = layout.chip_sign {
        chip_sign(&mut mask, at);
    }
    canvas.print(&mask, palette.heading, 1.0);
    mask.clear();
    let (caption_em, value_em) = layout.ems;
    for item in &layout.items {
        caption(&mut mask, item, caption_em, fonts);
    }
    canvas.print(&mask, palette.caption, 0.95);
    mask.clear();
    for item in &layout.items {
        value(&mut mask, item, value_em, fonts);
    }
    canvas.print(&mask, colour(0x202026), 0.95);
    mask.clear();
    if let Some(frame) = layout.signature {
        let line = scribble(frame, rng);
        mask.stroke(&line, within(rng, (0.25, 0.45)));
        canvas.print(&mask, colour(0x1B2655), 0.9);
    }
}

/// Sets an item's caption in both languages, smaller where it is too long.
fn caption(mask: &mut Mask, item: &Item, em: f32, fonts: &Fonts) {
    let (english, french) = (item.caption.0, format!(" / {}", item.caption.1));
    let wide = fonts.width(Face::Regular, em, english) + fonts.width(Face::Italic, em, &french);
    let em = em * (item.width / wide).min(0.92);
    let x = fonts.set(mask, Face::Regular, em, item.at, english);
    fonts.set(mask, Face::Italic, em, [x, item.at[1]], &french);
}

/// Sets an item's value under its caption, smaller where it is too long.
fn value(mask: &mut Mask, item: &Item, em: f32, fonts: &Fonts) {
    let wide = fonts.width(Face::Regular, em, &item.value);
    let em = em * (item.width / wide.max(1e-3)).min(1.0);
    let at = [item.at[0] + 0.6, item.at[1] + 3.3 * em.max(2.4) / 3.1];
    fonts.set(mask, Face::Regular, em, at, &item.value);
}

/// The sign of a document with a chip (Doc 9303-9): a rectangle, halved, with a disc.
fn chip_sign(mask: &mut Mask, at: Point) {
    let [x, y] = at;
    let (w, h, line) = (7.0, 4.2, 0.5);
    let (left, right, top, low) = (x - w / 2.0, x + w / 2.0, y - h / 2.0, y + h / 2.0);
    let frame = [
        [left, top],
        [right, top],
        [right, low],
        [left, low],
        [left, top],
    ];
    mask.stroke(&frame, line);
    mask.stroke(&[[left, y], [x - 1.3, y]], line);
    mask.stroke(&[[x + 1.3, y], [right, y]], line);
    let ring: Vec<Point> = (0..=24)
        .map(|i| {
            let (s, c) = libm::sincosf(i as f32 * std::f32::consts::TAU / 24.0);
            [x + 1.2 * c, y + 1.2 * s]
        })
        .collect();
    mask.stroke(&ring, line);
}

/// A signature: a pen's way from left to right.
fn scribble(frame: RectMm, rng: &mut impl Rng) -> Vec<Point> {
    let loops = within(rng, (3.0, 7.0));
    let (a, b) = (within(rng, (0.0, 6.0)), within(rng, (1.7, 2.9)));
    (0..=160)
        .map(|i| {
            let t = i as f32 / 160.0;
            let turn = t * loops * std::f32::consts::TAU;
            let swing = libm::sinf(turn + a) * (1.0 - 0.5 * t) + 0.5 * libm::sinf(b * turn);
            [
                frame.x + frame.width * (0.05 + 0.8 * t + 0.06 * libm::cosf(turn)),
                frame.y + frame.height * (0.5 + 0.3 * swing),
            ]
        })
        .collect()
}

/// Prints the zone, as worn and as faulty as asked.
fn print_zone(
    canvas: &mut Canvas,
    page: &Page,
    place: ZonePlace,
    height: f32,
    zone: &Zone,
    fonts: &Fonts,
    rng: &mut impl Rng,
) -> PrintedZone {
    // The standard lets the zone sit up to a millimetre off.
    let left = place.left + within(rng, (-0.6, 0.6));
    let up = place.last_line_up + within(rng, (-0.8, 0.8));
    let mut mask = canvas.mask();
    let last = zone.lines().len() - 1;
    let lines: Vec<RectMm> = zone
        .lines()
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let centre = height - up - (last - i) as f32 * place.line_pitch;
            fonts.set_zone_line(&mut mask, left, centre, line);
            let high = ZONE_PITCH_MM * 1.5;
            let wide = line.len() as f32 * ZONE_PITCH_MM;
            RectMm::new(left, centre - high / 2.0, wide, high)
        })
        .collect();
    wear(&mut mask, page.wear, rng);
    let ink = colour(0x0A0A0C);
    match (page.fault, page.lamp) {
        (Some(Fault::WashedOut), _) => {
            mask.soften(0.35);
            let run = Grain::draw(rng);
            mask.weigh(|x, y, c| c * (run.at(x / 9.0, y / 9.0) - 0.45).clamp(0.0, 0.12));
            canvas.print(&mask, ink, 1.0);
            stain(canvas, height, rng);
        }
        // What is left of a dye where infrared looks.
        (Some(Fault::ZoneInkClear), Lamp::Infrared) => canvas.print(&mask, ink, 0.03),
        (_, Lamp::Ultraviolet) => canvas.print(&mask, ink, 0.8),
        (_, Lamp::White | Lamp::Infrared) => canvas.print(&mask, ink, 0.98),
    }
    PrintedZone {
        zone: zone.clone(),
        lines,
    }
}

/// Rubs ink off: fainter patches, and specks where it is gone.
fn wear(mask: &mut Mask, wear: f32, rng: &mut impl Rng) {
    let (patches, specks) = (Grain::draw(rng), Grain::draw(rng));
    if wear <= 0.0 {
        return;
    }
    mask.weigh(|x, y, cover| {
        let patch = patches.at(x / 7.0, y / 4.0);
        let speck = specks.at(x / 0.16, y / 0.16);
        let faint = 1.0 - 0.5 * wear * patch;
        let hole = ((speck - (1.0 - 0.42 * wear)) * 8.0).clamp(0.0, 1.0);
        cover * faint * (1.0 - 0.75 * hole)
    });
}

/// The brown edge that water leaves.
fn stain(canvas: &mut Canvas, height: f32, rng: &mut impl Rng) {
    let (width, _) = guilloche::extent(canvas);
    let (edge, blot) = (Grain::draw(rng), Grain::draw(rng));
    canvas.wash(|x, y, light| {
        let reach = 3.0 * (edge.at(x / 11.0, 0.0) - 0.5) + 1.5 * (x / width - 0.5);
        let inside = (y - (height - ZONE_HEIGHT_MM + reach)) / 1.5;
        if inside < 0.0 {
            return light;
        }
        let tide = 0.22 * (1.0 - (inside - 0.5).abs()).clamp(0.0, 1.0);
        let strength = (tide + 0.12 * blot.at(x / 6.0, y / 6.0)).min(1.0);
        let brown = [0.62, 0.5, 0.36];
        std::array::from_fn(|k| light[k] * (1.0 - strength * (1.0 - brown[k])))
    });
}

/// The paper's outline: rounded corners, and the tear where there is one.
fn outline(
    canvas: &Canvas,
    layout: &Layout,
    fault: Option<Fault>,
    rng: &mut impl Rng,
) -> GrayImage {
    let [width, height] = layout.size;
    let mut mask = canvas.mask();
    // A passport's page is not rounded at its fold.
    let over = if layout.folded {
        2.0 * layout.corner
    } else {
        0.0
    };
    mask.rectangle(RectMm::new(0.0, -over, width, height + over), layout.corner);
    if let (Some(Fault::Torn), Some(place)) = (fault, layout.zone) {
        let (coarse, fine) = (Grain::draw(rng), Grain::draw(rng));
        // The tear runs through the last line, and takes half of the line above at one end.
        let base = height - place.last_line_up - within(rng, (0.5, place.line_pitch * 0.6));
        let slope = within(rng, (-0.03, 0.03));
        mask.weigh(|x, y, cover| {
            let edge = base
                + slope * (x - width / 2.0)
                + 2.2 * (coarse.at(x / 9.0, 0.0) - 0.5)
                + 0.7 * (fine.at(x / 0.9, 3.0) - 0.5);
            cover * ((edge - y) * 4.0 + 0.5).clamp(0.0, 1.0)
        });
    }
    let (w, h) = canvas.size();
    GrayImage::from_raw(w as u32, h as u32, mask.cover().to_vec())
        .expect("one byte for every pixel")
}

/// The shade along a fold at this height.
fn shade_fold(canvas: &mut Canvas, fold_y: f32) {
    canvas.wash(|_, y, light| {
        let far = (y - fold_y).abs() / 2.5;
        let lit = if far < 4.0 {
            1.0 - 0.3 * libm::expf(-far)
        } else {
            1.0
        };
        light.map(|v| v * lit)
    });
}

/// Paper with no print that the lamp shows.
fn bare_paper(canvas: &mut Canvas, brightness: f32, rng: &mut impl Rng) {
    let (fibre, cloud) = (Grain::draw(rng), Grain::draw(rng));
    canvas.wash(|x, y, _| {
        let v = brightness
            * (1.0 - 0.03 * fibre.at(x * 3.0, y * 3.0) - 0.05 * cloud.at(x / 15.0, y / 15.0));
        [v; 3]
    });
}

/// Dull paper with shining fibres and a shining sign.
fn ultraviolet_paper(canvas: &mut Canvas, rng: &mut impl Rng) {
    let (width, height) = guilloche::extent(canvas);
    let cloud = Grain::draw(rng);
    canvas.wash(|x, y, _| {
        let v = 0.02 + 0.012 * cloud.at(x / 8.0, y / 8.0);
        [v * 0.7, v * 0.6, v * 2.4]
    });
    let mut mask = canvas.mask();
    let sign = [width * 0.62, height * 0.36];
    guilloche::rosette(&mut mask, sign, height * 0.26, rng);
    mask.soften(0.12);
    canvas.lay(&mask, [0.75, 0.9, 0.15], 0.8);
    mask.clear();
    for shine in [[0.9, 0.15, 0.1], [0.15, 0.8, 0.3], [0.2, 0.35, 1.0]] {
        for _ in 0..(width * height / 260.0) as usize {
            let at = [within(rng, (0.0, width)), within(rng, (0.0, height))];
            let (s, c) = libm::sincosf(within(rng, (0.0, 6.3)));
            let bend = within(rng, (-0.8, 0.8));
            let fibre: Vec<Point> = (0..=6)
                .map(|i| {
                    let t = i as f32 / 6.0 * 3.0 - 1.5;
                    let off = bend * (1.0 - (t / 1.5) * (t / 1.5));
                    [at[0] + c * t - s * off, at[1] + s * t + c * off]
                })
                .collect();
            mask.stroke(&fibre, 0.12);
        }
        canvas.lay(&mask, shine, 0.9);
        mask.clear();
    }
}

/// Paper with optical brightener: it shines blue-white all over.
fn shining_paper(canvas: &mut Canvas, rng: &mut impl Rng) {
    let (fibre, cloud) = (Grain::draw(rng), Grain::draw(rng));
    canvas.wash(|x, y, _| {
        let v =
            0.62 * (1.0 - 0.05 * fibre.at(x * 2.0, y * 2.0) - 0.12 * cloud.at(x / 12.0, y / 12.0));
        [v * 0.55, v * 0.62, v]
    });
}

/// The page opposite a passport's data page, or the page on which a visa is stuck.
fn opposite_page(page: &Page, palette: &Palette, fonts: &Fonts) -> Side {
    let size = layout::page_size(Format::Td3);
    // Seldom in full view: half the resolution will do.
    let scale = page.dpi / 25.4 / 1.5;
    let rng = &mut page.seed.stream("opposite");
    let mut canvas = Canvas::new(size[0], size[1], scale, [1.0; 3]);
    let quiet = RectMm::new(0.0, size[1] + 1.0, size[0], 0.0);
    match page.lamp {
        Lamp::White => {
            guilloche::print(&mut canvas, fonts, palette, quiet, rng);
            let mut mask = canvas.mask();
            let y = within(rng, (18.0, 40.0));
            fonts.set(&mut mask, Face::Serif, 4.0, [38.0, y], "OBSERVATIONS");
            for line in 0..rng.random_range(2..7u8) {
                let at = y + 9.0 + f32::from(line) * 6.0;
                mask.stroke(&[[12.0, at], [113.0, at]], 0.12);
            }
            fonts.set(&mut mask, Face::Regular, 3.2, [60.0, 83.0], "3");
            canvas.print(&mask, palette.heading, 0.7);
        }
        Lamp::Infrared => bare_paper(&mut canvas, 0.72, rng),
        Lamp::Ultraviolet => ultraviolet_paper(&mut canvas, rng),
    }
    let mut mask = canvas.mask();
    let mut paper = RectMm::new(0.0, 0.0, size[0], size[1]);
    if page.format == Format::Td3 {
        shade_fold(&mut canvas, size[1]);
        paper.height += 6.0;
    }
    mask.rectangle(paper, 3.0);
    let (w, h) = canvas.size();
    Side {
        kind: SideKind::Back,
        size_mm: size,
        picture: canvas.to_picture(),
        outline: GrayImage::from_raw(w as u32, h as u32, mask.cover().to_vec())
            .expect("one byte for every pixel"),
        scale,
        zone: None,
        portrait: None,
    }
}
