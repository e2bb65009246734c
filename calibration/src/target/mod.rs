//! Targets to print: vector drawings of exact size, on cards as large as a passport's page unless said
//! otherwise.
//!
//! Places are millimetres from a card's upper left corner, x to the right, y down. A card is 125 mm by 88 mm
//! (ISO/IEC 7810 ID-3), drawn with thin marks at its corners to cut along; a line of 100 mm under it is there
//! to be measured: a printer that scales makes every figure wrong by as much.
//!
//! | target | what is on it |
//! |---|---|
//! | `focus` | five squares of 14 mm, turned by 5 degrees, at (62.5, 44), (17, 15), (108, 15), (17, 73), (108, 73): the sheet for focus, and the one that stays in the lid for golden and drift scans |
//! | `chessboard` | 10 by 7 squares of 11 mm, upper left corner at (7.5, 5.5), the first one dark |
//! | `patches` | a frame 4 mm wide from (3, 2.5) to (122, 85.5); in it 6 by 4 patches of 16 mm, 18 mm apart, the first at (9.5, 9) |
//! | `infrared` | the same frame; squares of 30 mm round (38, 44) in carbon black and round (87, 44) in black mixed of cyan, magenta and yellow, which infrared does not see |
//! | `ultraviolet` | the same frame; squares of 30 mm to be covered: left by dull paper, right by office paper, which glows |
//! | `faces` | a frame 8 mm wide, 150 mm by 190 mm, a head in it with eyes 62 mm apart |

mod charts;
mod pdf;
mod sheet;
mod svg;

pub use charts::{
    BOARD_CORNERS, BOARD_SQUARE_MM, CARD_MM, EYES_MM, FACE_FRAME_MM, FRAME_MM, MARK_MM,
    MARK_PLACES_MM, PAIR_PLACES_MM, PATCH_NAMES, PATCH_PITCH_MM, PATCH_PLACE_MM, PATCHES_SRGB,
    Target,
};
pub use sheet::{Ink, Paper, Shape, Sheet};
