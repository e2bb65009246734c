//! A drawing of exact size, before it is written as SVG or PDF.

/// A sheet of paper, portrait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 210 mm by 297 mm.
    A4,
    /// 215.9 mm by 279.4 mm.
    Letter,
}

impl Paper {
    /// Width and height, millimetres.
    #[must_use]
    pub fn size_mm(self) -> [f64; 2] {
        match self {
            Self::A4 => [210.0, 297.0],
            Self::Letter => [215.9, 279.4],
        }
    }
}

/// What a shape is filled with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ink {
    /// A colour of sRGB.
    Srgb([u8; 3]),
    /// Shares of cyan, magenta, yellow and black, 0 to 1: which ink lies on the paper matters, not its colour.
    Process([f32; 4]),
}

impl Ink {
    /// Nothing but carbon.
    pub const CARBON: Self = Self::Process([0.0, 0.0, 0.0, 1.0]);
    /// Dark without carbon.
    pub const MIXED: Self = Self::Process([1.0, 1.0, 1.0, 0.0]);

    /// How it looks on a screen.
    #[must_use]
    pub fn srgb(self) -> [u8; 3] {
        match self {
            Self::Srgb(colour) => colour,
            Self::Process([c, m, y, k]) => {
                [c, m, y].map(|v| (255.0 * (1.0 - v.max(0.0)) * (1.0 - k)).round() as u8)
            }
        }
    }
}

/// One thing drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled polygon.
    Polygon {
        /// Its corners, millimetres from the sheet's upper left.
        points: Vec<[f64; 2]>,
        /// Its filling.
        ink: Ink,
    },
    /// A line of text.
    Text {
        /// Where its base line begins.
        at: [f64; 2],
        /// The height of its letters' body, millimetres.
        size_mm: f64,
        /// The words; Latin letters.
        words: String,
    },
}

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// What it is printed on.
    pub paper: Paper,
    /// Its title.
    pub title: String,
    /// What is drawn, in order.
    pub shapes: Vec<Shape>,
}

impl Sheet {
    pub(super) fn polygon(&mut self, points: impl IntoIterator<Item = [f64; 2]>, ink: Ink) {
        self.shapes.push(Shape::Polygon {
            points: points.into_iter().collect(),
            ink,
        });
    }

    pub(super) fn rectangle(&mut self, [x, y]: [f64; 2], [w, h]: [f64; 2], ink: Ink) {
        self.polygon([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], ink);
    }

    /// A frame as four bars, so that what lies in it stays bare.
    pub(super) fn frame(&mut self, [x, y]: [f64; 2], [w, h]: [f64; 2], wide: f64, ink: Ink) {
        self.rectangle([x, y], [w, wide], ink);
        self.rectangle([x, y + h - wide], [w, wide], ink);
        self.rectangle([x, y + wide], [wide, h - 2.0 * wide], ink);
        self.rectangle([x + w - wide, y + wide], [wide, h - 2.0 * wide], ink);
    }

    pub(super) fn text(&mut self, at: [f64; 2], size_mm: f64, words: &str) {
        self.shapes.push(Shape::Text {
            at,
            size_mm,
            words: words.to_owned(),
        });
    }
}
