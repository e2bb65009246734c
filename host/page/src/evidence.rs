//! What a line reader is given and what it answers: the seam between this room and the networks.

/// Rows of a [`Strip`]. A capital letter stands about 20 rows high in it, in the middle.
pub const STRIP_HEIGHT: usize = 32;
/// Columns of a strip for each column of the evidence.
pub const STRIDE: usize = 4;
/// How many classes a column is told apart into: 37 characters, the gap between two, and outside.
pub const CLASSES: usize = 39;

/// One of the classes of a column of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The middle of a character of the zone's alphabet.
    Character(char),
    /// Between two characters of a line.
    Gap,
    /// No zone line at all.
    Outside,
}

impl Class {
    /// The zone's alphabet in the order of the classes.
    pub const ALPHABET: [char; 37] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H',
        'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
        '<',
    ];
    /// The index of [`Class::Gap`].
    pub const GAP: usize = 37;
    /// The index of [`Class::Outside`].
    pub const OUTSIDE: usize = 38;

    /// The class at an index below [`CLASSES`]; `Outside` for any other.
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        match index {
            Self::GAP => Self::Gap,
            i => Self::ALPHABET
                .get(i)
                .map_or(Self::Outside, |c| Self::Character(*c)),
        }
    }

    /// The index of a character of the zone's alphabet.
    #[must_use]
    pub fn index_of(character: char) -> Option<usize> {
        match character {
            '0'..='9' => Some(character as usize - '0' as usize),
            'A'..='Z' => Some(10 + character as usize - 'A' as usize),
            '<' => Some(36),
            _ => None,
        }
    }
}

/// A line cut out of a picture and rectified: [`STRIP_HEIGHT`] rows, dark print on light ground,
/// the line running from left to right through the middle.
#[derive(Debug, Clone, PartialEq)]
pub struct Strip {
    /// Columns; a multiple of [`STRIDE`].
    pub width: usize,
    /// Rows from the top, each of `width` values; 0 is the darkest and 1 the lightest of the line.
    pub pixels: Vec<f32>,
}

/// What was seen in a strip, column by column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineEvidence {
    /// For each column, the natural logarithm of the probability of each class.
    pub columns: Vec<[f32; CLASSES]>,
    /// For each column, how far below the strip's middle the middle of the print lies, in rows.
    pub offset: Vec<f32>,
    /// For each column, the natural logarithm of the capitals' height over 20 rows.
    pub scale: Vec<f32>,
}

/// Something that reads strips. Implemented by the room `models`; by a drawing in tests.
///
/// Contract: pure (the same strip always gives the same evidence), total (a strip of noise, or
/// one of no columns, is answered too), and `columns`, `offset` and `scale` have `width / STRIDE`
/// entries each.
pub trait LineReader: Send + Sync {
    /// What is seen in the strip.
    fn see(&self, strip: &Strip) -> LineEvidence;
}
