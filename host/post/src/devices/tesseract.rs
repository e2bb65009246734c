//! Running text read by Debian's `tesseract`, started as a process for each look.
//!
//! The picture goes to it through a pipe and its answer comes back through one: nothing of a traveller
//! reaches the disk. It gets one thread, a limit of memory and of time, and so much room for its answer;
//! past any of them it is ended with everything that it started.

use image::GrayImage;
use page::{Look, REGION_DPI, Rect, VisualReader, VisualUnavailable, Word};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long one look may take; there are three at most, and the advice waits for them. A look takes about a
/// second on a desktop machine.
const PATIENCE: Duration = Duration::from_secs(3);
/// Its address space, bytes: the engine, its English model and a page take a fifth of it.
const MEMORY_BYTES: u64 = 1 << 30;
/// How far it stands behind the rest of the box for the processor: nice values.
const BEHIND: i32 = 5;
/// The longest answer that is read, bytes; a page takes a hundredth of it.
const ANSWER_BYTES: u64 = 2 << 20;

/// The recogniser of running text that the box has, if any.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: OsString,
    patience: Duration,
}

impl Default for Tesseract {
    fn default() -> Self {
        Self {
            program: "tesseract".into(),
            patience: PATIENCE,
        }
    }
}

impl Tesseract {
    /// Another program that answers as `tesseract` does, with another limit of time for one look.
    #[must_use]
    pub fn at(program: impl Into<OsString>, patience: Duration) -> Self {
        Self {
            program: program.into(),
            patience,
        }
    }

    fn command(&self, look: Look) -> Command {
        // Its page segmentation modes: one block of lines; scattered words.
        let layout = match look {
            Look::First | Look::Third => "6",
            Look::Second => "11",
        };
        let mut command = Command::new(&self.program);
        command
            .args(["stdin", "stdout", "-l", "eng", "--psm", layout, "--dpi"])
            .arg(REGION_DPI.to_string())
            // Print is black on white here: a doubtful line need not be tried as white on black as well.
            .args(["-c", "invert_threshold=0.0"])
            .arg("tsv")
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        command
    }

    fn run(&self, picture: Vec<u8>, look: Look) -> Result<String, VisualUnavailable> {
        let ends = Instant::now() + self.patience;
        let mut started = Started::of(self.command(look)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => VisualUnavailable::Absent(
                "there is no text recogniser on this box: install tesseract-ocr".to_owned(),
            ),
            _ => broke_off(&e),
        })?;
        let (mut input, output) = started.pipes().map_err(|e| broke_off(&e))?;
        // Ends by itself at the latest when the process does: the pipe is then broken.
        std::thread::spawn(move || input.write_all(&picture));
        let (sender, answer) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = output.take(ANSWER_BYTES + 1).read_to_end(&mut bytes);
            // Nobody listens any more where it took too long.
            let _ = sender.send(read.map(|_| bytes));
        });
        let bytes = answer
            .recv_timeout(ends.saturating_duration_since(Instant::now()))
            .map_err(|_| VisualUnavailable::TooSlow)?
            .map_err(|e| broke_off(&e))?;
        if bytes.len() as u64 > ANSWER_BYTES {
            return Err(VisualUnavailable::BrokeOff("its answer has no end".into()));
        }
        if !started.succeeded(ends)? {
            return Err(VisualUnavailable::BrokeOff("it reports a failure".into()));
        }
        String::from_utf8(bytes)
            .map_err(|_| VisualUnavailable::BrokeOff("its answer is no text".into()))
    }
}

impl VisualReader for Tesseract {
    fn words(&self, piece: &GrayImage, look: Look) -> Result<Vec<Word>, VisualUnavailable> {
        let mut picture = format!("P5\n{} {}\n255\n", piece.width(), piece.height()).into_bytes();
        picture.extend_from_slice(piece.as_raw());
        let answer = self.run(picture, look)?;
        Ok(answer
            .lines()
            .filter_map(|line| word(line, piece.width(), piece.height()))
            .collect())
    }
}

fn broke_off(e: &io::Error) -> VisualUnavailable {
    VisualUnavailable::BrokeOff(e.to_string())
}

/// A process that does not outlive this value, nor does anything that it started.
struct Started(Child);

impl Started {
    fn of(mut command: Command) -> io::Result<Self> {
        let started = Self(command.spawn()?);
        // It waits for its picture, so that the limit comes before any work.
        let limit = Rlimit {
            current: Some(MEMORY_BYTES),
            maximum: Some(MEMORY_BYTES),
        };
        // The officer's screen and the other stages come first. A system that refuses changes nothing else.
        let _ = rustix::process::setpriority_process(Some(started.pid()?), BEHIND);
        match rustix::process::prlimit(Some(started.pid()?), Resource::As, limit) {
            // It may have ended already, with an answer or without.
            Ok(_) | Err(rustix::io::Errno::SRCH) => Ok(started),
            Err(e) => Err(e.into()),
        }
    }

    fn pid(&self) -> io::Result<Pid> {
        i32::try_from(self.0.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or_else(|| io::Error::other("it has no process number"))
    }

    fn pipes(&mut self) -> io::Result<(std::process::ChildStdin, std::process::ChildStdout)> {
        match (self.0.stdin.take(), self.0.stdout.take()) {
            (Some(input), Some(output)) => Ok((input, output)),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }

    /// Whether it ended well; it has closed its answer already, and ends at once unless it hangs.
    fn succeeded(&mut self, until: Instant) -> Result<bool, VisualUnavailable> {
        const NAP: Duration = Duration::from_millis(5);
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Ok(status.success()),
                Ok(None) if Instant::now() < until => std::thread::sleep(NAP),
                Ok(None) => return Err(VisualUnavailable::TooSlow),
                Err(e) => return Err(broke_off(&e)),
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // The whole group: a script's children would hold its pipes open. An ended one is no error.
        if let Ok(group) = self.pid() {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

/// A word of the table that the recogniser writes: level, page, block, paragraph, line, word, left, top,
/// width, height, confidence of 100, text. `None` for every other line, and for places outside the picture.
fn word(line: &str, width: u32, height: u32) -> Option<Word> {
    const WORD: u32 = 5;
    let cells: Vec<&str> = line.splitn(12, '\t').collect();
    let &[
        level,
        _,
        block,
        paragraph,
        row,
        _,
        x,
        y,
        w,
        h,
        confidence,
        text,
    ] = &cells[..]
    else {
        return None;
    };
    let number = |cell: &str| cell.parse::<u32>().ok();
    if number(level)? != WORD || text.trim().is_empty() {
        return None;
    }
    let at = Rect {
        x: number(x)?,
        y: number(y)?,
        width: number(w)?,
        height: number(h)?,
    };
    let within = at.x.checked_add(at.width)? <= width && at.y.checked_add(at.height)? <= height;
    let confidence: f32 = confidence.parse().ok()?;
    let [block, paragraph, row] = [number(block)?, number(paragraph)?, number(row)?];
    (within && block < 1024 && paragraph < 1024 && row < 1024 && confidence.is_finite()).then(
        || Word {
            text: text.trim().to_owned(),
            at,
            confidence: (confidence / 100.0).clamp(0.0, 1.0),
            line: (block * 1024 + paragraph) * 1024 + row,
        },
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const HEADER: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext";

    /// A script that stands in for the program.
    fn stand_in(body: &str) -> (tempfile::TempDir, Tesseract) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tesseract");
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = Tesseract::at(path, Duration::from_secs(2));
        (folder, program)
    }

    fn ask(program: &Tesseract) -> Result<Vec<Word>, VisualUnavailable> {
        program.words(&GrayImage::new(1400, 700), Look::First)
    }

    #[test]
    fn without_the_program_the_answer_says_what_to_install() {
        let absent = Tesseract::at("/nonexistent/tesseract", PATIENCE);
        let Err(VisualUnavailable::Absent(why)) = ask(&absent) else {
            panic!("it is absent")
        };
        assert!(why.contains("tesseract-ocr"));
    }

    #[test]
    fn words_are_read_from_the_table_and_nothing_else_is() {
        let (_folder, program) = stand_in(&format!(
            "cat > /dev/null; printf '{HEADER}\\n1\\t1\\t0\\t0\\t0\\t0\\t0\\t0\\t1400\\t700\\t-1\\t\\n5\\t1\\t2\\t1\\t3\\t1\\t10\\t20\\t30\\t40\\t91.5\\tERIKSSON\\n5\\t1\\t2\\t1\\t3\\t2\\t1390\\t20\\t30\\t40\\t91.5\\tOUTSIDE\\n5\\t1\\t1\\t1\\t1\\t1\\tx\\ny\\n'"
        ));
        let words = ask(&program).unwrap();
        assert_eq!(words.len(), 1);
        assert_eq!(words[0].text, "ERIKSSON");
        assert_eq!(
            words[0].at,
            Rect {
                x: 10,
                y: 20,
                width: 30,
                height: 40
            }
        );
        assert!((words[0].confidence - 0.915).abs() < 1e-4);
    }

    #[test]
    fn one_that_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("alive");
        // Were its child left alive, it would make the mark.
        let (_folder, program) =
            stand_in(&format!("(sleep 3; touch {}) & sleep 600", mark.display()));
        let start = Instant::now();
        assert_eq!(ask(&program), Err(VisualUnavailable::TooSlow));
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_secs(2));
        assert!(!mark.exists());
    }

    #[test]
    fn one_that_closes_its_answer_and_hangs_is_ended() {
        let (_folder, program) = stand_in("exec >&-; sleep 600");
        assert_eq!(ask(&program), Err(VisualUnavailable::TooSlow));
    }

    #[test]
    fn an_answer_without_end_is_refused() {
        let (_folder, program) = stand_in("cat > /dev/null; exec yes 'a line'");
        let Err(VisualUnavailable::BrokeOff(why)) = ask(&program) else {
            panic!("it chatters")
        };
        assert!(why.contains("no end"), "{why}");
    }

    #[test]
    fn a_failure_and_bytes_that_are_no_text_are_told() {
        for body in [
            "exit 1",
            "kill -9 $$",
            "cat > /dev/null; printf '\\377\\376'",
        ] {
            let (_folder, program) = stand_in(body);
            assert!(
                matches!(ask(&program), Err(VisualUnavailable::BrokeOff(_))),
                "{body}"
            );
        }
    }

    #[test]
    fn its_memory_is_limited() {
        // The limit as the process itself sees it, in kilobytes.
        let (_folder, program) = stand_in(
            "cat > /dev/null; printf '5\\t1\\t1\\t1\\t1\\t1\\t1\\t1\\t1\\t1\\t90\\t%s\\n' $(ulimit -v)",
        );
        let words = ask(&program).unwrap();
        assert_eq!(words[0].text, (MEMORY_BYTES / 1024).to_string());
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_a_word_or_none(line in "([0-9]{1,12}\t){6,11}.{0,20}", other in ".{0,80}") {
            let _ = word(&line, 1000, 1000);
            let _ = word(&other, 1000, 1000);
        }
    }
}
