//! A swipe reader on a serial line, or one that types: the zone's text without a picture.
//!
//! What the bytes mean is [`page::source::framing`]'s; this is the line they come along.

use page::source::framing::{BlockCheck, Framed, Framer};
use page::source::{Content, Next, Sight, Source, SourceError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use serial2::SerialPort;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A zone's lines come in one go; after so long a silence the next byte belongs to something else.
const SILENCE: Duration = Duration::from_millis(700);

/// A swipe reader. What comes in pieces is put together; a part that nothing follows for 0.7 s is given up.
#[derive(Debug)]
pub struct SwipeReader {
    name: String,
    line: Line,
    framer: Framer,
    /// Read and not yet looked at.
    bytes: VecDeque<u8>,
    last: Instant,
    over: Option<Over>,
}

#[derive(Debug)]
enum Line {
    Serial(SerialPort),
    Characters(File),
    StandardInput(io::Stdin),
}

impl Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Serial(port) => port.as_fd(),
            Self::Characters(file) => file.as_fd(),
            Self::StandardInput(stdin) => stdin.as_fd(),
        }
    }
}

/// How the line came to its end.
#[derive(Debug, Clone)]
enum Over {
    Ended,
    Lost(String),
}

impl SwipeReader {
    /// A reader on a serial line, at `baud` with 8 data bits, no parity and 1 stop bit.
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] where there is no such line, or it is another's.
    pub fn serial(path: &Path, baud: u32, check: BlockCheck) -> Result<Self, SourceError> {
        let port = SerialPort::open(path, baud).map_err(|e| unreachable(path, e))?;
        // What lies there from before was swiped for somebody else.
        port.discard_input_buffer()
            .map_err(|e| unreachable(path, e))?;
        Ok(Self::on(
            path.display().to_string(),
            Line::Serial(port),
            check,
        ))
    }

    /// A reader that types its lines: a terminal, or a pipe from whatever program knows it. The terminal
    /// is taken as it is set.
    ///
    /// # Errors
    /// [`SourceError::Unreachable`] where it cannot be opened.
    pub fn wedge(path: &Path) -> Result<Self, SourceError> {
        let file = rustix::fs::open(
            path,
            // A terminal opened here must not become the one that may interrupt this program.
            rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::NOCTTY,
            rustix::fs::Mode::empty(),
        )
        .map_err(|e| unreachable(path, e.into()))?;
        Ok(Self::on(
            path.display().to_string(),
            Line::Characters(file.into()),
            BlockCheck::None,
        ))
    }

    /// A reader that types on standard input.
    #[must_use]
    pub fn standard_input() -> Self {
        Self::on(
            "-".into(),
            Line::StandardInput(io::stdin()),
            BlockCheck::None,
        )
    }

    fn on(name: String, line: Line, check: BlockCheck) -> Self {
        Self {
            name,
            line,
            framer: Framer::new(check),
            bytes: VecDeque::new(),
            last: Instant::now(),
            over: None,
        }
    }

    fn answer(&self, framed: Framed) -> Result<Next, SourceError> {
        match framed {
            Framed::Zone(text) => Ok(Next::Sight(Sight {
                name: self.name.clone(),
                content: Content::ZoneText(text),
            })),
            Framed::Unusable(source) => Err(SourceError::Text {
                name: self.name.clone(),
                source,
            }),
        }
    }

    /// What the bytes in hand bring to its end.
    fn framed(&mut self) -> Option<Framed> {
        while let Some(byte) = self.bytes.pop_front() {
            if let Some(framed) = self.framer.take(byte) {
                return Some(framed);
            }
        }
        None
    }

    /// Waits up to `wait` for bytes and takes in what has come; whether anything had.
    fn listen(&mut self, wait: Duration) -> Heard {
        let fd = self.line.as_fd();
        let wait = Timespec::try_from(wait).ok();
        let mut polled = [PollFd::new(&fd, PollFlags::IN)];
        match poll(&mut polled, wait.as_ref()) {
            Ok(0) => return Heard::Nothing,
            Ok(_) => {}
            Err(Errno::INTR | Errno::AGAIN) => return Heard::Nothing,
            Err(e) => return Heard::End(Over::Lost(e.to_string())),
        }
        let mut buffer = [0u8; 256];
        match rustix::io::read(fd, &mut buffer) {
            // A serial line has no end: its adapter was pulled out.
            Ok(0) if matches!(self.line, Line::Serial(_)) => {
                Heard::End(Over::Lost("it was unplugged".into()))
            }
            Ok(0) => Heard::End(Over::Ended),
            Ok(count) => {
                self.bytes.extend(&buffer[..count]);
                self.last = Instant::now();
                Heard::Bytes
            }
            Err(Errno::INTR | Errno::AGAIN) => Heard::Nothing,
            Err(e) => Heard::End(Over::Lost(e.to_string())),
        }
    }
}

enum Heard {
    Bytes,
    Nothing,
    End(Over),
}

impl Source for SwipeReader {
    fn next(&mut self, patience: Duration) -> Result<Next, SourceError> {
        let begun = Instant::now();
        loop {
            if let Some(framed) = self.framed() {
                return self.answer(framed);
            }
            if let Some(over) = self.over.clone() {
                // The last line may have no end.
                if let Some(framed) = self.framer.quiet() {
                    return self.answer(framed);
                }
                return match over {
                    Over::Ended => Ok(Next::Ended),
                    Over::Lost(why) => Err(SourceError::Lost {
                        name: self.name.clone(),
                        why,
                    }),
                };
            }
            let left = patience.saturating_sub(begun.elapsed());
            let silent = SILENCE.saturating_sub(self.last.elapsed());
            let wait = if self.framer.is_waiting() {
                left.min(silent)
            } else {
                left
            };
            match self.listen(wait) {
                Heard::Bytes => continue,
                Heard::End(over) => {
                    self.over = Some(over);
                    continue;
                }
                Heard::Nothing => {}
            }
            if self.framer.is_waiting()
                && self.last.elapsed() >= SILENCE
                && let Some(framed) = self.framer.quiet()
            {
                return self.answer(framed);
            }
            if begun.elapsed() >= patience {
                return Ok(Next::NothingYet);
            }
        }
    }
}

fn unreachable(path: &Path, source: io::Error) -> SourceError {
    SourceError::Unreachable {
        path: PathBuf::from(path),
        source,
    }
}
