//! `mpaka chip read`: a chip in a reader's field, read whole and judged.

use super::Context;
use super::chip::TrustHere;
use super::reading::checks_text;
use crate::cpu::CpuClock;
use crate::devices::{FieldChip, Hardware, OWN_FRONT_END, ReaderError, chip_reader};
use crate::error::PostError;
use crate::inspection::trust_of_box;
use chip::examine::USEFUL;
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::{Access, Phase};
use chip::transceiver::{LengthSupport, Transceiver, TransceiverError};
use chip::{AccessKey, Policy, Reader, Request, examine};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rules::{Check, Outcome};
use seal::durable::{self, Readers};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// The reader's name, or a part of it; `board` is the box's own front end.
    #[arg(long, value_name = "NAME")]
    reader: String,
    /// Document number, birth and expiry as in the zone.
    #[arg(long, value_name = "NUMBER,YYMMDD,YYMMDD", value_parser = zone_key, required_unless_present = "can", conflicts_with = "can")]
    mrz: Option<AccessKey>,
    /// The card access number.
    #[arg(long, value_name = "NNNNNN", value_parser = number_key)]
    can: Option<AccessKey>,
    /// Where to write the files, one each.
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// The reader is known to carry extended lengths.
    #[arg(long)]
    extended: bool,
    /// How long to wait for a chip, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u64,
    /// Whom to believe [default: the folder `trust` in the state folder].
    #[command(flatten)]
    trust: TrustHere,
    /// The day to judge on [default: today].
    #[arg(long, value_name = "YYYY-MM-DD")]
    at: Option<Date>,
}

fn zone_key(text: &str) -> Result<AccessKey, String> {
    let key = match text.split(',').collect::<Vec<_>>().as_slice() {
        [number, birth, expiry] => AccessKey::from_zone(number, birth, expiry),
        _ => None,
    };
    key.ok_or_else(|| "give NUMBER,YYMMDD,YYMMDD in the zone's characters".to_owned())
}

pub(super) fn number_key(text: &str) -> Result<AccessKey, String> {
    AccessKey::from_can(text).ok_or_else(|| "give six digits".to_owned())
}

#[derive(Debug, Clone, Copy, Serialize)]
struct FileObject {
    bytes: usize,
    ms: f64,
}

#[derive(Debug, Serialize)]
struct ReadObject {
    access: &'static str,
    protocol: String,
    files: BTreeMap<&'static str, FileObject>,
    checks: Vec<Check>,
    outcome: Outcome,
    ms: f64,
    apdus: u32,
    /// Milliseconds of them in which the reader and the chip were waited for.
    exchange_ms: f64,
    /// Processor time of this program, in milliseconds.
    cpu_ms: f64,
}

/// A chip, and the time that was waited for its answers.
struct Timed {
    chip: Box<dyn Transceiver>,
    waited: Duration,
}

impl Transceiver for Timed {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let start = Instant::now();
        let answer = self.chip.transmit(command);
        self.waited += start.elapsed();
        answer
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        self.chip.reset()
    }

    fn lengths(&self) -> LengthSupport {
        self.chip.lengths()
    }
}

/// How long each file took.
#[derive(Debug, Default)]
struct Stopwatch {
    running: Option<(FileId, Instant)>,
    ms: BTreeMap<FileId, f64>,
}

impl Stopwatch {
    fn see(&mut self, phase: Phase) {
        match (phase, self.running) {
            (Phase::File(id, 0, None), _) => self.running = Some((id, Instant::now())),
            (Phase::File(id, ..), Some((running, start))) if id == running => {
                self.ms.insert(id, ms_since(start));
            }
            _ => {}
        }
    }
}

fn ms_of(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

fn ms_since(start: Instant) -> f64 {
    ms_of(start.elapsed())
}

pub(super) fn run(context: &Context, args: ReadArgs) -> Result<(), PostError> {
    let at = args.at.unwrap_or_else(|| {
        Timestamp::now()
            .to_zoned_datetime(TimeZone::system())
            .date()
    });
    let store = match args.trust.store(at)? {
        Some(store) => store,
        None => trust_of_box(context.state.root(), at),
    };
    let key = args
        .mrz
        .or(args.can)
        .ok_or(PostError::Usage("give --mrz or --can"))?;
    let lengths = match args.extended {
        true => LengthSupport::Extended,
        false => LengthSupport::Short,
    };
    chip::prepare()?;
    let chip = if args.reader == OWN_FRONT_END {
        let hardware = Arc::new(Hardware::of_state_unwatched(context.state.root())?);
        let own = chip_reader(Some(OWN_FRONT_END), &hardware)?;
        own.ok_or(ReaderError::NoChip)?.connect()?
    } else {
        let patience = Duration::from_secs(args.wait);
        Box::new(FieldChip::connect(&args.reader, lengths, patience)?)
    };
    let mut chip = Timed {
        chip,
        waited: Duration::ZERO,
    };
    let (start, cpu) = (Instant::now(), CpuClock::start());
    let mut reader = Reader::new(&mut chip);
    let request = Request {
        key: &key,
        wanted: &USEFUL,
        // Three fields of the zone open the chip; there is no zone to compare with.
        printed: None,
        store: &store,
        at,
        policy: &Policy::default(),
    };
    let mut watch = Stopwatch::default();
    let examined = examine(&mut reader, &request, &mut SystemRandomness, &mut |phase| {
        watch.see(phase);
        ControlFlow::Continue(())
    })?;
    let (ms, cpu_ms) = (ms_since(start), cpu.ms());
    let exchange_ms = ms_of(chip.waited);
    for (name, fault) in &examined.files.faults {
        eprintln!("mpaka: {name}: {fault}");
    }
    if let Some(folder) = &args.save {
        save(folder, &examined.files.files)?;
    }
    let (access, protocol) = match &examined.access {
        Access::Pace(how) => ("PACE", how.clone()),
        Access::Bac | Access::Downgraded(_) => ("BAC", "BAC 3DES".to_owned()),
        Access::Plain => ("none", "in the clear".to_owned()),
    };
    let object = ReadObject {
        access,
        protocol,
        files: examined
            .files
            .files
            .iter()
            .map(|(id, bytes)| {
                let ms = watch.ms.get(id).copied().unwrap_or_default();
                let bytes = bytes.len();
                (id.as_str(), FileObject { bytes, ms })
            })
            .collect(),
        outcome: examined.judged.outcome(),
        checks: examined.judged.checks,
        ms,
        apdus: examined.commands,
        exchange_ms,
        cpu_ms,
    };
    context.out.answer(&object, || text(&object))
}

/// Writes the files under the names that the standard gives them, for nobody's eyes but the owner's: they hold a face.
fn save(folder: &Path, files: &BTreeMap<FileId, Vec<u8>>) -> Result<(), PostError> {
    std::fs::create_dir_all(folder).map_err(|e| PostError::text(folder, e))?;
    for (id, bytes) in files {
        let path = folder.join(format!("EF_{id}.bin"));
        durable::replace(&path, bytes, Readers::Owner).map_err(|e| PostError::text(&path, e))?;
    }
    Ok(())
}

fn text(object: &ReadObject) -> String {
    let mut text = format!(
        "{}: {} in {} commands, {} ms",
        object.protocol, object.outcome, object.apdus, object.ms
    );
    for (name, file) in &object.files {
        text.push_str(&format!("\n  {name}: {} bytes, {} ms", file.bytes, file.ms));
    }
    text.push_str(&checks_text(&object.checks));
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn saved_files_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("chip");
        save(&to, &BTreeMap::from([(FileId::Dg2, b"a face".to_vec())])).unwrap();
        let saved = std::fs::read_dir(&to).unwrap().next().unwrap().unwrap();
        assert_eq!(std::fs::read(saved.path()).unwrap(), b"a face");
        let mode = saved.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
