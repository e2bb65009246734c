//! `mpaka-utopia chip`: a chip of Utopia in a virtual reader, or read here.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use chip::examine::USEFUL;
use chip::files::FileId;
use chip::randomness::SystemRandomness;
use chip::read::Access;
use chip::{ChipError, Policy, Reader, Request, examine};
use clap::Args;
use mpaka_tests::utopia::chip::card::Card;
use mpaka_tests::utopia::chip::files::dg2;
use mpaka_tests::utopia::chip::{faults as chip_faults, issuer};
use mpaka_tests::utopia::vpcd::{READER, ReaderStack};

#[derive(Args)]
pub(super) struct ChipWords {
    /// Where the country signer's certificate goes.
    #[arg(long, required_unless_present = "here")]
    trust: Option<PathBuf>,
    /// Read and judge it in this process instead, without a reader, and print the answer as `mpaka chip read`
    /// does.
    #[arg(long, conflicts_with = "trust")]
    here: bool,
    /// Bytes of the face's picture.
    #[arg(long, default_value_t = 15_000)]
    face_bytes: usize,
}

/// A chip with PACE, chip authentication and a face of so many bytes, in a reader until nobody listens any more.
pub(super) fn chip(words: &ChipWords) -> ExitCode {
    let state = issuer::state();
    let mut card = Card::new(chip_faults::Fault::None)
        .with_pace(2, 2, 13)
        .with_chip_authentication(13, 2, chip_faults::Holder::Genuine);
    let picture = [&[0xFF, 0xD8, 0xFF], vec![0x55; words.face_bytes].as_slice()].concat();
    card.put(FileId::Dg2, dg2(&picture));
    let card = card.issued_by(&state);
    if words.here {
        return match read_here(card, &state) {
            Ok(answer) => {
                println!("{answer}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("mpaka-utopia: {error}");
                ExitCode::from(3)
            }
        };
    }
    let certificate = words.trust.as_ref();
    let held = certificate
        .map_or(Ok(()), |path| std::fs::write(path, &state.country.der))
        .map_err(|error| error.to_string())
        .and_then(|()| ReaderStack::start().map_err(|error| error.to_string()))
        .map(|stack| (stack.insert(card), stack));
    match held {
        Ok(held) => {
            println!("{READER}");
            // Ends with the standard input.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            drop(held);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("mpaka-utopia: {error}");
            ExitCode::from(4)
        }
    }
}

/// The chip read from first contact to judgement, as an inspection reads it.
fn read_here(mut card: Card, state: &issuer::State) -> Result<serde_json::Value, ChipError> {
    let request = Request {
        key: &Card::key(),
        wanted: &USEFUL,
        printed: None,
        store: &state.store,
        at: jiff::civil::date(2026, 6, 1),
        policy: &Policy::default(),
    };
    let mut reader = Reader::new(&mut card);
    let examined = examine(&mut reader, &request, &mut SystemRandomness, &mut |_| {
        ControlFlow::Continue(())
    })?;
    let access = match examined.access {
        Access::Pace(_) => "PACE",
        Access::Bac | Access::Downgraded(_) => "BAC",
        Access::Plain => "none",
    };
    Ok(serde_json::json!({
        "access": access,
        "checks": examined.judged.checks,
        "outcome": examined.judged.outcome(),
        "apdus": examined.commands,
    }))
}
