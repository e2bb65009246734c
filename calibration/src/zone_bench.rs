//! The zone bench: specimens whose zones are known are read again and again, and no character may be wrong.

use crate::CalibrationError;
use crate::verdict::{Figure, Tolerance};
use page::{LineReader, Picture};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How often each specimen is read.
pub const TIMES: usize = 10;

/// One picture of a specimen and what is printed on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specimen {
    /// The picture.
    pub picture: PathBuf,
    /// Its zone's lines.
    pub lines: Vec<String>,
}

/// What the bench read of one specimen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecimenRead {
    /// Which: what stands before the first holder's name, such as `P<UTO`, and a number where several begin so.
    pub name: String,
    /// Times it was read.
    pub readings: usize,
    /// Characters wrong in all of them.
    pub wrong: usize,
}

/// Counts readings of one specimen, by its zone's lines and how many characters were wrong each time.
pub fn count(specimens: &mut Vec<SpecimenRead>, lines: &[String], wrong: &[usize]) {
    // No more of the zone than its issuer: a specimen may be somebody's own document.
    let kind: String = lines.first().map_or("", |l| l).chars().take(5).collect();
    let alike = specimens.iter().filter(|s| s.name.starts_with(&kind));
    let name = match alike.count() {
        0 => kind,
        n => format!("{kind} {}", n + 1),
    };
    specimens.push(SpecimenRead {
        name,
        readings: wrong.len(),
        wrong: wrong.iter().sum(),
    });
}

/// Reads a table of specimens: `picture` (beside the table), `line1`, `line2` and, for cards, `line3`.
///
/// # Errors
/// [`CalibrationError::Table`], [`CalibrationError::Row`].
pub fn table(path: &Path) -> Result<Vec<Specimen>, CalibrationError> {
    #[derive(serde::Deserialize)]
    struct Row {
        #[serde(default)]
        picture: PathBuf,
        line1: String,
        line2: String,
        #[serde(default)]
        line3: String,
    }
    let refuse = |source| CalibrationError::Table {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut specimens = Vec::new();
    for row in csv::Reader::from_path(path).map_err(refuse)?.deserialize() {
        let row: Row = row.map_err(refuse)?;
        specimens.push(Specimen {
            picture: folder.join(row.picture),
            lines: [row.line1, row.line2, row.line3]
                .into_iter()
                .filter(|l| !l.is_empty())
                .collect(),
        });
    }
    Ok(specimens)
}

/// The zones of a table, each once: of specimens that are laid on the glass.
///
/// # Errors
/// As [`table`].
pub fn lines(path: &Path) -> Result<Vec<Vec<String>>, CalibrationError> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for specimen in table(path)? {
        if !all.contains(&specimen.lines) {
            all.push(specimen.lines);
        }
    }
    Ok(all)
}

/// How many characters of a picture's zone were read wrong; all of them where no zone was found.
#[must_use]
pub fn errors(picture: &Picture, lines: &[String], reader: &dyn LineReader) -> usize {
    let all: usize = lines.iter().map(|l| l.chars().count()).sum();
    match page::read(picture, reader, None).zone {
        Some(zone) if zone.lines.len() == lines.len() => zone
            .lines
            .iter()
            .zip(lines)
            .map(|(read, printed)| {
                let same = read
                    .chars()
                    .zip(printed.chars())
                    .filter(|(a, b)| a == b)
                    .count();
                printed.chars().count().max(read.chars().count()) - same
            })
            .sum(),
        _ => all,
    }
}

/// The figures of the zone bench: how many `specimens`, how many `readings` of all of them together, how many of the
/// specimen that was read least often (`readings_of_each`), and how many characters came out wrong.
#[must_use]
pub fn figures(specimens: &[SpecimenRead]) -> Vec<Figure> {
    let wrong: usize = specimens.iter().map(|s| s.wrong).sum();
    let all: usize = specimens.iter().map(|s| s.readings).sum();
    let least = specimens.iter().map(|s| s.readings).min().unwrap_or(0);
    vec![
        Figure::new(
            "specimens",
            specimens.len() as f64,
            "",
            Tolerance::AtLeast(1.0),
            "lay a specimen",
        ),
        Figure::new(
            "readings",
            all as f64,
            "",
            Tolerance::AtLeast(TIMES as f64),
            "take ten pictures of each specimen",
        ),
        Figure::new(
            "readings_of_each",
            least as f64,
            "",
            Tolerance::AtLeast(TIMES as f64),
            "take ten pictures of each specimen",
        ),
        Figure::new(
            "characters_wrong",
            wrong as f64,
            "",
            Tolerance::AtMost(0.0),
            "run focus and lamps again; clean the glass; look at the pictures with mpaka page --draw",
        ),
    ]
}
