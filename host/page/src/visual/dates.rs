//! Dates as the visual zone prints them: `12 AUG/AOUT 74`, `12.08.1974`, `1974-08-12`, `Aug 12, 1974` …

use super::letters::{as_number, easily_confused, plain};
use super::months;
use super::text::Phrase;

/// A date as printed. Unknown parts (`XX`) are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) day: Option<i8>,
    /// The month, or the months it may be.
    pub(super) months: Vec<i8>,
    /// The year's last two digits.
    pub(super) year: i8,
    /// Whether every digit of it was certainly read.
    pub(super) extent: Extent,
}

/// Whether a date may have lost digits at its ends, to a glare or the edge of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Two digits of the day, and a year that is not the beginning of a longer one.
    Whole,
    /// `2.08.1964` may have been `12.08.1964`, and `12 AUG 19` any year of a century.
    Doubtful,
}

/// A date of the zone: the two digits of each part, where known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) year: Option<i8>,
    pub(super) month: Option<i8>,
    pub(super) day: Option<i8>,
}

impl Stated {
    /// From `YYMMDD` as the zone has it; `None` where nothing of it is known or it is no date.
    pub(super) fn of(raw: &str) -> Option<Self> {
        let pair = |at: usize| raw.get(at..at + 2);
        let part = |at: usize| match pair(at)? {
            "<<" => Some(None),
            digits => digits.parse::<i8>().ok().map(Some),
        };
        let stated = Self {
            year: part(0)?,
            month: part(2)?,
            day: part(4)?,
        };
        stated.year.is_some().then_some(stated)
    }

    /// Whether the printed date says the same, unknown parts unknown in both.
    pub(super) fn is(&self, printed: &Printed) -> bool {
        let month = match self.month {
            None => printed.months.is_empty(),
            Some(month) => printed.months.contains(&month),
        };
        self.year == Some(printed.year) && month && self.day == printed.day
    }

    /// Whether the printed date is another one, so clearly that no slip of the recogniser makes one of the
    /// other: two digits differ, or one that is not easily confused in a text that was `surely` read.
    pub(super) fn clearly_differs(&self, printed: &Printed, surely: bool) -> bool {
        let (Some(year), Some(month), Some(day), Extent::Whole) =
            (self.year, self.month, self.day, printed.extent)
        else {
            return false;
        };
        let ([printed_month], Some(printed_day)) = (&printed.months[..], printed.day) else {
            return false;
        };
        let digits = |v: i8| [b'0' + v as u8 / 10, b'0' + v as u8 % 10].map(char::from);
        let pairs = digits(year)
            .into_iter()
            .zip(digits(printed.year))
            .chain(digits(day).into_iter().zip(digits(printed_day)))
            .filter(|(a, b)| a != b);
        let (mut differing, mut clear) = (0, 0);
        for (a, b) in pairs {
            differing += 1;
            clear += usize::from(!easily_confused(a, b));
        }
        if month != *printed_month {
            // JAN, JUN, JUL; MAR, MAY.
            let near = [[1, 6, 7], [3, 5, 5]]
                .iter()
                .any(|group| group.contains(&month) && group.contains(printed_month));
            differing += if near { 1 } else { 2 };
            clear += usize::from(!near);
        }
        differing >= 2 || surely && clear == 1
    }
}

/// A piece of text between separators.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Digits(String),
    Letters(String),
}

/// Every way in which a stretch of the phrase may be a date, in order.
pub(super) fn dates(phrase: &Phrase) -> Vec<Printed> {
    let pieces = pieces(phrase);
    (0..pieces.len())
        .flat_map(|i| dates_at(&pieces, i))
        .collect()
}

/// The phrase cut where digits and letters meet and at everything else.
fn pieces(phrase: &Phrase) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for word in &phrase.words {
        let text = as_number(&word.text).unwrap_or_else(|| word.text.clone());
        let mut run = String::new();
        let mut push = |run: &mut String| {
            if run.is_empty() {
                return;
            }
            let piece = if run.starts_with(|c: char| c.is_ascii_digit()) {
                Piece::Digits(run.clone())
            } else {
                // Scripts other than Latin keep their letters.
                Piece::Letters(if run.chars().all(|c| c < '\u{370}') {
                    plain(run)
                } else {
                    run.to_uppercase()
                })
            };
            pieces.push(piece);
            run.clear();
        };
        for c in zeros(&text) {
            // The words for year, month and day of Chinese dates divide numbers.
            let divides = !c.is_alphanumeric() || matches!(c, '年' | '月' | '日');
            let turns = run
                .chars()
                .last()
                .is_some_and(|last| last.is_ascii_digit() != c.is_ascii_digit());
            if divides || turns {
                push(&mut run);
            }
            if !divides {
                run.push(c);
            }
        }
        push(&mut run);
    }
    pieces
}

/// The characters, the letter O beside a digit read as zero.
fn zeros(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    for i in 0..letters.len() {
        let digit = |at: Option<usize>| {
            at.and_then(|at| letters.get(at))
                .is_some_and(char::is_ascii_digit)
        };
        if matches!(letters[i], 'O' | 'o') && (digit(i.checked_sub(1)) || digit(Some(i + 1))) {
            letters[i] = '0';
        }
    }
    letters
}

fn dates_at(pieces: &[Piece], at: usize) -> Vec<Printed> {
    let piece = |i: usize| pieces.get(at + i);
    let made = |day: Option<i8>, months: Vec<i8>, year: i8, used: usize| Printed {
        day,
        months,
        year,
        extent: extent(pieces, at, used),
    };
    let mut found = Vec::new();
    if let Some(Piece::Digits(whole)) = piece(0)
        && whole.len() == 8
    {
        for (y, m, d) in [(4, 2, 0), (0, 4, 6)] {
            let year = whole.get(y..y + 4).and_then(year);
            let month = whole.get(m..m + 2).and_then(month);
            let day = whole.get(d..d + 2).and_then(day);
            if let (Some(year), Some(month), Some(day)) = (year, month, day) {
                found.push(made(Some(day), vec![month], year, 1));
            }
        }
    }
    // Three numbers: day, month, year; month, day, year; year, month, day.
    if let (Some(a), Some(b), Some(c)) = (piece(0), piece(1), piece(2)) {
        for (d, m, y) in [(a, b, c), (b, a, c), (c, b, a)] {
            if let (Some(day), Some(months), Some(year)) =
                (day_or_unknown(d), numbered(m), year_of(y))
            {
                let date = made(day, months, year, 3);
                if !found.contains(&date) {
                    found.push(date);
                }
            }
        }
    }
    // A month's name in up to three languages between day and year.
    for names in 1..=3 {
        let (Some(d), Some(y)) = (piece(0), piece(names + 1)) else {
            break;
        };
        let Some(months) = named(&pieces[at + 1..=at + names]) else {
            continue;
        };
        if let (Some(day), Some(year)) = (day_or_unknown(d), year_of(y)) {
            found.push(made(day, months.clone(), year, names + 2));
        }
        // Year, name, day.
        if let (Some(Piece::Digits(first)), Some(Some(day))) = (piece(0), day_or_unknown(y))
            && first.len() == 4
            && let Some(year) = year(first)
        {
            found.push(made(Some(day), months, year, names + 2));
        }
    }
    // Name, day, year.
    if let (Some(months), Some(Some(day)), Some(Piece::Digits(y))) = (
        named(&pieces[at..=at]),
        piece(1).and_then(day_or_unknown),
        piece(2),
    ) && y.len() == 4
        && let Some(year) = year(y)
    {
        found.push(made(Some(day), months, year, 3));
    }
    found
}

/// Whether the date made of so many pieces stands whole: no digits before or after it, and none missing.
fn extent(pieces: &[Piece], at: usize, used: usize) -> Extent {
    let is_digits = |at: Option<usize>| {
        at.and_then(|at| pieces.get(at))
            .is_some_and(|p| matches!(p, Piece::Digits(_)))
    };
    let alone = !is_digits(at.checked_sub(1)) && !is_digits(Some(at + used));
    let whole = pieces[at..at + used].iter().all(|piece| match piece {
        // A century without its years is no year.
        Piece::Digits(text) => matches!(text.len(), 2 | 4 | 8) && text != "19" && text != "20",
        Piece::Letters(_) => true,
    });
    if alone && whole {
        Extent::Whole
    } else {
        Extent::Doubtful
    }
}

/// The months that names side by side may mean together; `None` where none of them is a month.
fn named(pieces: &[Piece]) -> Option<Vec<i8>> {
    let mut together: Option<Vec<i8>> = None;
    for piece in pieces {
        let Piece::Letters(word) = piece else {
            return None;
        };
        let meant = months::meant(word);
        if meant.is_empty() {
            continue;
        }
        together = Some(match together {
            None => meant,
            Some(before) => {
                let common: Vec<i8> = before
                    .iter()
                    .copied()
                    .filter(|m| meant.contains(m))
                    .collect();
                if common.is_empty() { before } else { common }
            }
        });
    }
    together
}

fn day_or_unknown(piece: &Piece) -> Option<Option<i8>> {
    match piece {
        Piece::Digits(text) => day(text).map(Some),
        Piece::Letters(text) => (text == "XX").then_some(None),
    }
}

/// A month in digits, or `XX`: no month.
fn numbered(piece: &Piece) -> Option<Vec<i8>> {
    match piece {
        Piece::Digits(text) => month(text).map(|m| vec![m]),
        Piece::Letters(text) => (text == "XX").then(Vec::new),
    }
}

fn year_of(piece: &Piece) -> Option<i8> {
    match piece {
        Piece::Digits(text) => year(text),
        Piece::Letters(_) => None,
    }
}

fn day(text: &str) -> Option<i8> {
    small(text, 31)
}

fn month(text: &str) -> Option<i8> {
    small(text, 12)
}

fn small(text: &str, most: i8) -> Option<i8> {
    let number: i8 = (text.len() <= 2).then(|| text.parse().ok())??;
    (1..=most).contains(&number).then_some(number)
}

/// The last two digits of a year of two or four.
fn year(text: &str) -> Option<i8> {
    match text.len() {
        2 => text.parse().ok(),
        4 if text.starts_with("19") || text.starts_with("20") => text.get(2..)?.parse().ok(),
        _ => None,
    }
}
