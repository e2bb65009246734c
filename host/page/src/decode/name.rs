//! The name: letters in groups, one filler between two names, two between surname and given names, and
//! fillers to the end (Doc 9303-3 section 4.6).

use super::Sheet;
use super::places::options;
use rules::mrz::layout::Element;

/// What it costs a name to go on after three fillers: then only fillers should follow.
const AFTER_THE_END: f32 = 4.0;
/// What it costs to begin with a filler.
const EMPTY_BEGINNING: f32 = 4.0;
const FILLER: usize = 36;

/// Reads the name as a whole.
pub(super) fn read(sheet: &mut Sheet<'_>) {
    let Some(place) = sheet.format.place(Element::Name) else {
        return;
    };
    let line = place.line;
    // For each number of fillers just passed (0, 1, 2, 3 or more): the best score, and the way there.
    let mut scores = [f32::MIN; 4];
    scores[0] = 0.0;
    let mut ways: Vec<[(usize, usize); 4]> = Vec::new();
    for (i, column) in place.columns.clone().enumerate() {
        let mut next = [f32::MIN; 4];
        let mut way = [(0, FILLER); 4];
        for (index, score) in options(&sheet.scores[line][column], 12.0, 8) {
            for (passed, before) in scores.iter().enumerate() {
                if *before == f32::MIN {
                    continue;
                }
                let (to, cost) = match (index == FILLER, passed) {
                    (true, _) => (
                        (passed + 1).min(3),
                        if i == 0 { EMPTY_BEGINNING } else { 0.0 },
                    ),
                    (false, 3) => (0, AFTER_THE_END),
                    (false, _) => (0, 0.0),
                };
                let total = before + score - cost;
                if total > next[to] {
                    next[to] = total;
                    way[to] = (passed, index);
                }
            }
        }
        ways.push(way);
        scores = next;
    }
    let mut at = super::best(&scores);
    for (column, way) in place.columns.clone().zip(&ways).rev() {
        let (before, index) = way[at];
        sheet.read[line][column] = index;
        at = before;
    }
}
