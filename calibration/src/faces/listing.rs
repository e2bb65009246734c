//! Which pictures are compared, and what is known of them: an index (every picture with its person and
//! group; all pairs are compared), or a table of pairs.

use crate::CalibrationError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most pictures of an index: 32 million comparisons, 0.4 GB.
pub const MOST_SAMPLES: usize = 8_000;
/// The most rows of a table of pairs.
pub const MOST_PAIRS: usize = 5_000_000;

/// A picture of the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The picture, relative paths resolved against the table's folder.
    pub path: PathBuf,
    /// Whose picture it is, by a number of this listing.
    pub subject: u32,
    /// The group that the person is counted in, by its place in [`Listing::groups`].
    pub group: Option<u16>,
}

/// Which samples are compared with which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pairs {
    /// Every one with every other; mated where the person is the same.
    All,
    /// These, by their places in [`Listing::samples`], and whether they are of one person.
    Named(Vec<([u32; 2], bool)>),
}

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The pictures.
    pub samples: Vec<Sample>,
    /// What is compared.
    pub pairs: Pairs,
    /// The groups' names.
    pub groups: Vec<String>,
}

impl Listing {
    /// Reads an index: a CSV file with a header that has `path` and `identity`, and may have `group`.
    ///
    /// # Errors
    /// [`CalibrationError`]: the table cannot be read, lacks a column, or names too many pictures.
    pub fn index(path: &Path) -> Result<Self, CalibrationError> {
        let mut table = Table::open(path, &["path", "identity"], "group")?;
        let (mut subjects, mut groups) = (Numbers::default(), Numbers::default());
        let mut samples = Vec::new();
        while let Some([picture, identity, group]) = table.next()? {
            if samples.len() == MOST_SAMPLES {
                return Err(table.too_many("pictures", MOST_SAMPLES));
            }
            if identity.is_empty() {
                return Err(table.fault("the identity is empty"));
            }
            samples.push(Sample {
                path: table.resolve(&picture),
                subject: subjects.of(&identity),
                group: table.group(&mut groups, &group)?,
            });
        }
        Ok(Self {
            samples,
            pairs: Pairs::All,
            groups: groups.names,
        })
    }

    /// Reads pairs: a CSV file with a header that has `a`, `b` and `same` (1 or 0, yes or no, true or false),
    /// and may have `group`, the group of both. Each picture counts as a person of its own where confidence
    /// is computed.
    ///
    /// # Errors
    /// As [`Listing::index`].
    pub fn pairs(path: &Path) -> Result<Self, CalibrationError> {
        let mut table = Table::open(path, &["a", "b", "same"], "group")?;
        let (mut pictures, mut groups) = (Numbers::default(), Numbers::default());
        let mut samples: Vec<Sample> = Vec::new();
        let mut pairs = Vec::new();
        while let Some([a, b, same, group]) = table.next()? {
            if pairs.len() == MOST_PAIRS {
                return Err(table.too_many("pairs", MOST_PAIRS));
            }
            let same = match same.to_ascii_lowercase().as_str() {
                "1" | "yes" | "true" => true,
                "0" | "no" | "false" => false,
                _ => return Err(table.fault("`same` is neither 1 nor 0")),
            };
            let group = table.group(&mut groups, &group)?;
            let mut place = |picture: &str| {
                let subject = pictures.of(picture);
                if subject as usize == samples.len() {
                    samples.push(Sample {
                        path: table.resolve(picture),
                        subject,
                        group,
                    });
                }
                subject
            };
            pairs.push(([place(&a), place(&b)], same));
        }
        Ok(Self {
            samples,
            pairs: Pairs::Named(pairs),
            groups: groups.names,
        })
    }
}

/// Texts and the numbers that they got, in the order of their first appearance.
#[derive(Default)]
struct Numbers {
    known: BTreeMap<String, u32>,
    names: Vec<String>,
}

impl Numbers {
    fn of(&mut self, name: &str) -> u32 {
        if let Some(number) = self.known.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.known.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }
}

/// A CSV file, row by row, its columns in our order.
struct Table {
    path: PathBuf,
    reader: csv::Reader<std::fs::File>,
    columns: Vec<usize>,
    optional: Option<usize>,
    row: usize,
}

impl Table {
    fn open(path: &Path, needed: &[&str], optional: &str) -> Result<Self, CalibrationError> {
        let unreadable = |source| CalibrationError::Table {
            path: path.to_owned(),
            source,
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.clone();
        let place = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
        let columns = needed.iter().map(|name| {
            place(name).ok_or_else(|| CalibrationError::Row {
                path: path.to_owned(),
                row: 0,
                why: format!("the header has no column `{name}`"),
            })
        });
        Ok(Self {
            path: path.to_owned(),
            columns: columns.collect::<Result<_, _>>()?,
            optional: place(optional),
            reader,
            row: 0,
        })
    }

    /// The next row: the needed columns, then the optional one, empty where there is none.
    fn next<const N: usize>(&mut self) -> Result<Option<[String; N]>, CalibrationError> {
        let mut record = csv::StringRecord::new();
        let more = self.reader.read_record(&mut record);
        if !more.map_err(|source| CalibrationError::Table {
            path: self.path.clone(),
            source,
        })? {
            return Ok(None);
        }
        self.row += 1;
        Ok(Some(std::array::from_fn(|i| {
            let column = self.columns.get(i).copied().or(self.optional);
            column
                .and_then(|c| record.get(c))
                .unwrap_or_default()
                .to_owned()
        })))
    }

    fn group(&self, groups: &mut Numbers, name: &str) -> Result<Option<u16>, CalibrationError> {
        if name.is_empty() {
            return Ok(None);
        }
        u16::try_from(groups.of(name))
            .map(Some)
            .map_err(|_| self.too_many("groups", usize::from(u16::MAX)))
    }

    /// The file that a row names.
    fn resolve(&self, picture: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(picture)
    }

    fn fault(&self, why: &str) -> CalibrationError {
        CalibrationError::Row {
            path: self.path.clone(),
            row: self.row,
            why: why.to_owned(),
        }
    }

    fn too_many(&self, what: &'static str, most: usize) -> CalibrationError {
        CalibrationError::TooMany {
            path: self.path.clone(),
            what,
            most,
        }
    }
}
