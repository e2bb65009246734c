//! What swipe readers and keyboard wedges send, byte by byte, put together to the text of a zone.
//!
//! Known are:
//! - **Plain lines**, each ended by CR, LF or CR LF, the last one perhaps only by silence. This is what
//!   wedges type and most serial readers are set to.
//! - **The whole zone on one line**, its 72, 88 or 90 characters without ends of lines between (hand-held
//!   scanners with character reading).
//! - **STX … ETX** around the lines, with or without a block check after the ETX; what stands outside
//!   the frame (a device's own delimiters) is passed over. The check is the exclusive or of everything
//!   after the STX up to and with the ETX (ISO 1155), and is asked for only where it is
//!   [said](BlockCheck::Lrc) to be there.
//! - **RTE Native** of the 3M RTE6701 readers (its integration manual, section 9.1): SOH, two bytes of
//!   length, `OU`, then STX, a flag byte, three lines each ended by CR of which the upper ones may be
//!   empty, ETX and a check byte. The check byte is passed over: the manual's part that is public does not
//!   say how it is formed.
//!
//! Small letters are raised and blanks dropped, as in typed zones; nothing else is corrected. A zone is
//! only ever made of lines that came one after another without a pause: two documents are never mixed.

/// STX, ETX and their kin (ISO/IEC 646).
const SOH: u8 = 0x01;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// The most characters of a line: a whole TD1 zone at once.
const LONGEST_LINE: usize = 90;
/// The most bytes of a frame: three lines of 44 with their ends, and room for a maker's own marks.
const LONGEST_FRAME: usize = 256;
/// Fewer characters than this are noise on the line and no line of a zone; nothing is said about them.
const SHORTEST_LINE: usize = 7;

/// What stands after the ETX of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlockCheck {
    /// Nothing that is asked for.
    #[default]
    None,
    /// One byte: the exclusive or of everything after the STX up to and with the ETX (ISO 1155).
    Lrc,
}

/// Why what came is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Lines are missing: swipe again, more evenly.
    #[error("only a part of a zone was sent: swipe again")]
    Incomplete,
    /// What came has the shape of no zone: is it another kind of card or code?
    #[error("what was sent has the shape of no zone (a line of {characters} characters)")]
    NotAZone {
        /// The characters of the line that does not fit.
        characters: usize,
    },
    /// The reader could not make out a character, and said so or sent something else: swipe again.
    #[error(
        "line {line}, column {column}: the reader could not make out the character: swipe again"
    )]
    Unread {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// More came at once than any zone has: is this the right device, at the right speed?
    #[error("more was sent at once than any zone has")]
    TooLong,
    /// A frame's check byte does not fit: swipe again.
    #[error("what was sent was damaged on the line: swipe again")]
    Damaged,
}

/// What a byte, or silence, brought to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed {
    /// The lines of a zone, divided by `\n`, right in number and length.
    Zone(String),
    /// Something that is no zone.
    Unusable(TextError),
}

/// Puts bytes together to zones. Total: any bytes in any pieces; holds at most a few hundred of them.
#[derive(Debug, Clone, Default)]
pub struct Framer {
    check: BlockCheck,
    state: State,
    lines: Lines,
    /// The last two bytes outside frames.
    before: [u8; 2],
    outside: Outside,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Outside,
    /// More came than fits: passed over up to the next end.
    Skipping,
    /// After an STX.
    Inside { bytes: Vec<u8>, kind: Frame },
    /// After an ETX: the check byte must be `expected`.
    Checking { bytes: Vec<u8>, expected: u8 },
    /// After the ETX of an RTE Native frame: its check byte may be any.
    Passing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Plain,
    RteNative,
}

/// What it means where bytes outside frames are no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Outside {
    /// Something was sent that could not be used.
    #[default]
    Said,
    /// Nothing: this reader sends frames, and they may have delimiters.
    Passed,
}

impl Framer {
    /// For a reader whose frames, if it sends frames, end like this.
    #[must_use]
    pub fn new(check: BlockCheck) -> Self {
        Self {
            check,
            ..Self::default()
        }
    }

    /// Takes the next byte.
    pub fn take(&mut self, byte: u8) -> Option<Framed> {
        match &mut self.state {
            State::Checking { bytes, expected } => {
                let (bytes, fits) = (std::mem::take(bytes), *expected == byte);
                self.state = State::Outside;
                if fits {
                    self.whole_frame(&bytes, Frame::Plain)
                } else {
                    Some(Framed::Unusable(TextError::Damaged))
                }
            }
            State::Inside { bytes, kind } => match byte {
                // A frame that begins again: what was there before is lost.
                STX => {
                    bytes.clear();
                    Some(Framed::Unusable(TextError::Incomplete))
                }
                ETX => {
                    let (bytes, kind) = (std::mem::take(bytes), *kind);
                    self.state = match kind {
                        Frame::Plain => State::Outside,
                        Frame::RteNative => State::Passing,
                    };
                    if self.check == BlockCheck::Lrc && kind == Frame::Plain {
                        let expected = bytes.iter().fold(ETX, |sum, b| sum ^ b);
                        self.state = State::Checking { bytes, expected };
                        return None;
                    }
                    self.whole_frame(&bytes, kind)
                }
                _ if bytes.len() == LONGEST_FRAME => {
                    self.state = State::Skipping;
                    Some(Framed::Unusable(TextError::TooLong))
                }
                _ => {
                    bytes.push(byte);
                    None
                }
            },
            State::Skipping if matches!(byte, b'\r' | b'\n' | ETX) => {
                self.state = State::Outside;
                None
            }
            State::Passing => {
                self.state = State::Outside;
                None
            }
            State::Skipping if byte != STX => None,
            State::Skipping | State::Outside => {
                let framed = self.outside(byte);
                self.worth_a_word(framed)
            }
        }
    }

    /// Nothing came for a while: what is whole is given, what is not is given up.
    pub fn quiet(&mut self) -> Option<Framed> {
        self.before = [0; 2];
        match std::mem::take(&mut self.state) {
            State::Outside => {
                let ended = self.lines.end();
                let left = self.lines.give_up();
                self.worth_a_word(ended.or(left))
            }
            State::Skipping | State::Passing => None,
            State::Inside { .. } | State::Checking { .. } => {
                Some(Framed::Unusable(TextError::Incomplete))
            }
        }
    }

    /// Whether anything is waiting for more bytes: only then does silence mean anything.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !matches!(self.state, State::Outside) || !self.lines.is_empty()
    }

    fn outside(&mut self, byte: u8) -> Option<Framed> {
        let before = self.before;
        self.before = [before[1], byte];
        if byte == STX {
            let kind = if before == *b"OU" {
                Frame::RteNative
            } else {
                Frame::Plain
            };
            self.state = State::Inside {
                bytes: Vec::new(),
                kind,
            };
            // Where frames are sent, what stood before this one was its delimiter.
            let cut = self.lines.give_up();
            return match kind {
                Frame::RteNative => None,
                Frame::Plain => cut,
            };
        }
        match byte {
            b'\r' | b'\n' => self.lines.end(),
            // A header begins; its length bytes are no text.
            SOH => self.lines.give_up(),
            _ => {
                let pushed = self.lines.push(byte);
                if pushed.is_some() {
                    self.state = State::Skipping;
                }
                pushed
            }
        }
    }

    /// What came outside frames, as far as it is to be said.
    fn worth_a_word(&self, framed: Option<Framed>) -> Option<Framed> {
        framed.filter(|f| self.outside == Outside::Said || matches!(f, Framed::Zone(_)))
    }

    /// The zone in a frame.
    fn whole_frame(&mut self, bytes: &[u8], kind: Frame) -> Option<Framed> {
        let text = match kind {
            Frame::Plain => bytes,
            // The flag byte.
            Frame::RteNative => bytes.get(1..).unwrap_or_default(),
        };
        let mut lines = Lines::default();
        let mut last = None;
        for byte in text.iter().chain(b"\r") {
            let framed = match byte {
                b'\r' | b'\n' => lines.end(),
                byte => lines.push(*byte),
            };
            match framed {
                Some(Framed::Zone(zone)) => {
                    self.outside = Outside::Passed;
                    return Some(Framed::Zone(zone));
                }
                Some(unusable) => last = Some(unusable),
                None => {}
            }
        }
        last.or_else(|| lines.give_up())
    }
}

/// The lines of one zone as they come.
#[derive(Debug, Clone, Default)]
struct Lines {
    whole: Vec<Vec<u8>>,
    current: Vec<u8>,
}

impl Lines {
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.current.is_empty()
    }

    /// Takes a character of a line; says so where the line becomes too long for any zone.
    fn push(&mut self, byte: u8) -> Option<Framed> {
        // Blanks are dropped as in typed zones; a break on a serial line reads as zero.
        if matches!(byte, b' ' | b'\t' | 0) {
            return None;
        }
        if self.current.len() == LONGEST_LINE {
            self.current.clear();
            self.whole.clear();
            return Some(Framed::Unusable(TextError::TooLong));
        }
        self.current.push(byte.to_ascii_uppercase());
        None
    }

    /// A line has ended.
    fn end(&mut self) -> Option<Framed> {
        let line = std::mem::take(&mut self.current);
        match line.len() {
            0..SHORTEST_LINE => None,
            72 | 88 | 90 => {
                self.whole.clear();
                let length = if line.len() == 90 { 30 } else { line.len() / 2 };
                Some(zone(line.chunks(length)))
            }
            30 | 36 | 44 => self.add(line),
            characters => {
                self.whole.clear();
                Some(Framed::Unusable(TextError::NotAZone { characters }))
            }
        }
    }

    /// A line of a zone's length: the next of the zone begun, or the first of another.
    fn add(&mut self, line: Vec<u8>) -> Option<Framed> {
        let another = match self.whole.as_slice() {
            [] => false,
            [first, ..] if first.len() != line.len() => true,
            [_] => opens(&line) && !closes(&line),
            _ => false,
        };
        if another {
            self.whole = vec![line];
            return Some(Framed::Unusable(TextError::Incomplete));
        }
        self.whole.push(line);
        let wanted = if self.whole[0].len() == 30 { 3 } else { 2 };
        (self.whole.len() == wanted)
            .then(|| zone(std::mem::take(&mut self.whole).iter().map(Vec::as_slice)))
    }

    /// Forgets what is not whole; says so where it was more than noise.
    fn give_up(&mut self) -> Option<Framed> {
        let noise = self.whole.is_empty() && self.current.len() < SHORTEST_LINE;
        self.whole.clear();
        self.current.clear();
        (!noise).then_some(Framed::Unusable(TextError::Incomplete))
    }
}

/// The text of these lines, where every character is one of a zone's.
fn zone<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Framed {
    let mut text = String::new();
    for (l, line) in lines.enumerate() {
        if l > 0 {
            text.push('\n');
        }
        for (c, byte) in line.iter().enumerate() {
            if !matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'<') {
                return Framed::Unusable(TextError::Unread {
                    line: l + 1,
                    column: c + 1,
                });
            }
            text.push(char::from(*byte));
        }
    }
    Framed::Zone(text)
}

/// Whether a line begins as the first of a zone does: a document's code, then a state (Doc 9303-3,
/// section 4.4).
fn opens(line: &[u8]) -> bool {
    let state = line.get(2..5).unwrap_or_default();
    matches!(line.first(), Some(b'A' | b'C' | b'I' | b'P' | b'V'))
        && state.first().is_some_and(u8::is_ascii_uppercase)
        && state.iter().all(|b| matches!(b, b'A'..=b'Z' | b'<'))
}

/// Whether a line holds dates and sex where the second of two lines does (Doc 9303-4, -6 and -7): a
/// document's number may begin like a first line.
fn closes(line: &[u8]) -> bool {
    let dates = [line.get(13..19), line.get(21..27)];
    let in_place = |date: Option<&[u8]>| {
        date.is_some_and(|d| d.iter().all(|b| matches!(b, b'0'..=b'9' | b'<')))
    };
    line.len() > 30
        && dates.into_iter().all(in_place)
        && dates
            .into_iter()
            .flatten()
            .flatten()
            .any(u8::is_ascii_digit)
}
