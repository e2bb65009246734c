//! What is laid on the glass, one thing after the other, and which pictures are taken of it: the order in which a
//! session asks a technician for them, at the terminal and at the desk alike.

use crate::face_chart::DISTANCES_CM;
use crate::session::{Session, Step};
use firmware::lamps::Lamp;
use serde::{Deserialize, Serialize};

/// So many views of the chessboard at a slant are asked for: two more than the method needs.
pub const VIEWS: usize = 8;

/// Through which of the box's cameras.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eye {
    /// The one over the glass.
    Glass,
    /// The one that travellers look into.
    Face,
}

/// How many frames make the pictures of a shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// Several, averaged: what lies still has less noise so.
    Averaged,
    /// One: what a hand holds is never twice in the same place.
    One,
    /// So many, each kept: each is measured by itself.
    Each(usize),
}

/// One shot of what was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shot {
    /// Its name: that of the picture in a folder, and of the field in a form.
    pub name: &'static str,
    /// The lamp that is lit for it; none is dark.
    pub lamp: Option<Lamp>,
    /// How many frames.
    pub frames: Frames,
    /// Whether nothing can be measured without it.
    pub needed: bool,
}

const fn shot(name: &'static str, lamp: Option<Lamp>, frames: Frames, needed: bool) -> Shot {
    Shot {
        name,
        lamp,
        frames,
        needed,
    }
}

const fn still(name: &'static str, lamp: Lamp, needed: bool) -> Shot {
    shot(name, Some(lamp), Frames::Averaged, needed)
}

const WHITE: Shot = still("white", Lamp::White, true);
const INFRARED: Shot = still("infrared", Lamp::Infrared, false);
const ULTRAVIOLET: Shot = still("ultraviolet", Lamp::Ultraviolet, false);

/// One thing laid on the glass, or held before a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The focus sheet.
    FocusSheet,
    /// The chessboard, held at a slant.
    BoardHeld,
    /// The chessboard, lying.
    BoardFlat,
    /// A white sheet over the whole glass.
    WhiteSheet,
    /// The 24 patches.
    Patches,
    /// The infrared card.
    InfraredCard,
    /// The ultraviolet card.
    UltravioletCard,
    /// A specimen whose zone is known.
    Specimen,
    /// The face chart at 40 cm.
    FaceNear,
    /// At 60 cm.
    FaceMiddle,
    /// At 100 cm.
    FaceFar,
    /// Nothing on the glass, the lid shut.
    SheetInLid,
}

impl Placement {
    /// Every placement, in the order of the session.
    pub const ALL: [Self; 12] = [
        Self::FocusSheet,
        Self::BoardHeld,
        Self::BoardFlat,
        Self::WhiteSheet,
        Self::Patches,
        Self::InfraredCard,
        Self::UltravioletCard,
        Self::Specimen,
        Self::FaceNear,
        Self::FaceMiddle,
        Self::FaceFar,
        Self::SheetInLid,
    ];

    /// The name in files and in the keys of translated sentences.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FocusSheet => "focus-sheet",
            Self::BoardHeld => "board-held",
            Self::BoardFlat => "board-flat",
            Self::WhiteSheet => "white-sheet",
            Self::Patches => "patches",
            Self::InfraredCard => "infrared-card",
            Self::UltravioletCard => "ultraviolet-card",
            Self::Specimen => "specimen",
            Self::FaceNear => "face-near",
            Self::FaceMiddle => "face-middle",
            Self::FaceFar => "face-far",
            Self::SheetInLid => "sheet-in-lid",
        }
    }

    /// The step that it belongs to.
    #[must_use]
    pub fn step(self) -> Step {
        match self {
            Self::FocusSheet => Step::Focus,
            Self::BoardHeld | Self::BoardFlat => Step::Geometry,
            Self::WhiteSheet => Step::Lamps,
            Self::Patches => Step::Colour,
            Self::InfraredCard | Self::UltravioletCard => Step::Inks,
            Self::Specimen => Step::Zone,
            Self::FaceNear | Self::FaceMiddle | Self::FaceFar => Step::Faces,
            Self::SheetInLid => Step::Golden,
        }
    }

    /// Those of a step, in order.
    pub fn of(step: Step) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |p| p.step() == step)
    }

    /// What to do with one's hands.
    #[must_use]
    pub fn instruction(self) -> &'static str {
        match self {
            Self::FocusSheet => "Lay the focus sheet on the glass, its print down; shut the lid.",
            Self::BoardHeld => {
                "Hold the chessboard a hand's breadth over the glass, slanted by 15 to 30 degrees, each time another way; all of it must be seen."
            }
            Self::BoardFlat => "Lay the chessboard flat on the glass; shut the lid.",
            Self::WhiteSheet => "Cover the whole glass with a clean white sheet; shut the lid.",
            Self::Patches => "Lay the chart of 24 patches on the glass; shut the lid.",
            Self::InfraredCard => "Lay the infrared card on the glass; shut the lid.",
            Self::UltravioletCard => {
                "Lay the ultraviolet card on the glass; shut the lid, and leave it shut."
            }
            Self::Specimen => "Lay a specimen on the glass; shut the lid.",
            Self::FaceNear => "Hold the face chart upright, 40 cm before the face camera.",
            Self::FaceMiddle => "Hold the face chart upright, 60 cm before the face camera.",
            Self::FaceFar => "Hold the face chart upright, 100 cm before the face camera.",
            Self::SheetInLid => "Take everything off the glass; shut the lid.",
        }
    }

    /// Which camera sees it.
    #[must_use]
    pub fn eye(self) -> Eye {
        match self {
            Self::FaceNear | Self::FaceMiddle | Self::FaceFar => Eye::Face,
            _ => Eye::Glass,
        }
    }

    /// Whether the lid must be shut over it.
    #[must_use]
    pub fn under_the_lid(self) -> bool {
        self != Self::BoardHeld && self.eye() == Eye::Glass
    }

    /// The distance at which the face chart is held, centimetres.
    #[must_use]
    pub fn distance_cm(self) -> Option<u32> {
        let of = |i: usize| DISTANCES_CM.get(i).copied();
        match self {
            Self::FaceNear => of(0),
            Self::FaceMiddle => of(1),
            Self::FaceFar => of(2),
            _ => None,
        }
    }

    /// The pictures that are taken of it, in order.
    #[must_use]
    pub fn shots(self) -> &'static [Shot] {
        const SHEET: &[Shot] = &[WHITE];
        match self {
            Self::FocusSheet | Self::Patches => SHEET,
            Self::BoardHeld => {
                const HELD: &[Shot] = &[shot("view", Some(Lamp::White), Frames::One, true)];
                HELD
            }
            Self::BoardFlat => {
                const FLAT: &[Shot] = &[still("flat", Lamp::White, true)];
                FLAT
            }
            Self::WhiteSheet => {
                const DARK: Shot = shot("dark", None, Frames::Averaged, false);
                const EVERY: &[Shot] = &[DARK, WHITE, INFRARED, ULTRAVIOLET];
                EVERY
            }
            Self::InfraredCard => {
                const CARD: &[Shot] = &[still("infrared", Lamp::Infrared, true)];
                CARD
            }
            Self::UltravioletCard => {
                const CARD: &[Shot] = &[WHITE, still("ultraviolet", Lamp::Ultraviolet, true)];
                CARD
            }
            Self::Specimen => {
                const TEN: &[Shot] = &[shot(
                    "specimen",
                    Some(Lamp::White),
                    Frames::Each(crate::zone_bench::TIMES),
                    true,
                )];
                TEN
            }
            Self::FaceNear => {
                const NEAR: &[Shot] = &[shot("40", None, Frames::One, true)];
                NEAR
            }
            Self::FaceMiddle => {
                const MIDDLE: &[Shot] = &[shot("60", None, Frames::One, true)];
                MIDDLE
            }
            Self::FaceFar => {
                const FAR: &[Shot] = &[shot("100", None, Frames::One, true)];
                FAR
            }
            Self::SheetInLid => {
                const SCAN: &[Shot] = &[WHITE, INFRARED, ULTRAVIOLET];
                SCAN
            }
        }
    }

    /// Whether it has given what it is placed for; those left out have.
    fn is_done(self, session: &Session) -> bool {
        let measured = &session.measured;
        let inked = |light| measured.inks.iter().any(|p| p.light == light);
        let given = match self {
            Self::BoardHeld => measured.views.len() >= VIEWS,
            Self::InfraredCard => inked(page::profile::Light::Infrared),
            Self::UltravioletCard => inked(page::profile::Light::Ultraviolet),
            Self::Specimen => !measured.specimens.is_empty(),
            Self::FaceNear | Self::FaceMiddle | Self::FaceFar => self
                .distance_cm()
                .is_some_and(|cm| measured.faces.iter().any(|(at, _)| *at == cm)),
            // These end their step.
            _ => false,
        };
        given || session.left_out.contains(&self)
    }
}

impl Session {
    /// What a step still asks for; `None` once it has its result.
    #[must_use]
    pub fn pending(&self, step: Step) -> Option<Placement> {
        if self.step(step).is_some() {
            return None;
        }
        Placement::of(step).find(|placement| !placement.is_done(self))
    }
}
