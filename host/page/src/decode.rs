//! From characters seen to lines read.

use crate::evidence::Class;
use crate::reading::ZoneReading;
use crate::seek::SeenLine;
use rules::mrz::Zone;

/// The reading of the lines of a zone.
pub(crate) fn zone(lines: &[SeenLine]) -> ZoneReading {
    let mut seen = Vec::new();
    let mut confidence = Vec::new();
    for line in lines {
        let mut text = String::new();
        let mut sure = Vec::new();
        for letter in &line.grid.letters {
            let (best, log) = letter
                .iter()
                .enumerate()
                .max_by(|a, b| a.1.total_cmp(b.1))
                .map_or((36, -9.0), |(i, l)| (i, *l));
            text.push(Class::ALPHABET[best]);
            sure.push(log.exp());
        }
        seen.push(text);
        confidence.push(sure);
    }
    ZoneReading {
        zone: Zone::from_lines(&seen).ok(),
        lines: seen.clone(),
        seen,
        confidence,
        quad: quad(lines),
    }
}

/// The corners of the zone.
fn quad(lines: &[SeenLine]) -> [[f32; 2]; 4] {
    let corner = |line: Option<&SeenLine>, last: bool, below: f32| {
        line.map_or([0.0; 2], |l| {
            let at = if last {
                l.grid.at.last()
            } else {
                l.grid.at.first()
            };
            let side = if last { 0.6 } else { -0.6 };
            l.point(at.copied().unwrap_or(0.0) + side * l.grid.pitch, below)
        })
    };
    [
        corner(lines.first(), false, -0.8),
        corner(lines.first(), true, -0.8),
        corner(lines.last(), true, 0.8),
        corner(lines.last(), false, 0.8),
    ]
}
