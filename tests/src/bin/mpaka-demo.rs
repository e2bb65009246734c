//! The demo: a headquarters, a border post and its travellers, from an empty folder to receipts,
//! worked through the real programs; then the desk in a browser.

use clap::Parser;
use mpaka_tests::whole::Programs;
use mpaka_tests::whole::demo::{Day, DemoError, Verdict};
use mpaka_tests::whole::scenarios::Scenario;
use std::path::PathBuf;
use std::process::ExitCode;

/// Works a whole day of a simulated border post and prints what happened.
#[derive(Parser)]
struct Words {
    /// Where the demo's state goes; emptied first.
    #[arg(long)]
    dir: PathBuf,
    /// The models' folder.
    #[arg(long, env = "MPAKA_MODELS")]
    models: PathBuf,
    /// Stop after the report instead of serving the desk.
    #[arg(long)]
    exit: bool,
    /// Only the travellers whose names begin so, repeated or comma-separated: `1,6,d`; all if not given.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Where the desk listens.
    #[arg(long, default_value = "127.0.0.1:8470")]
    listen: String,
}

fn main() -> ExitCode {
    match run(&Words::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &Words) -> Result<ExitCode, DemoError> {
    let programs = Programs::beside_this()?;
    let comes = |scenario: &Scenario| {
        words.only.is_empty() || words.only.iter().any(|n| scenario.name.starts_with(n))
    };
    let mut day = Day::prepare_for(&programs, &words.dir, &words.models, comes, |step| {
        eprintln!("  {step}");
    })?;
    println!("\nA day at the border post {}, Utopia\n", day.post_name());
    println!(
        "  {:<42} {:<9} {:<9} {:>7}   why",
        "traveller", "expected", "advice", "time"
    );
    let mut wrong = 0;
    for scenario in day.scenarios().into_iter().filter(comes) {
        let seen = day.inspect(&scenario)?;
        let mark = match seen.verdict {
            Verdict::AsExpected => "\u{2713}",
            Verdict::Otherwise => {
                wrong += 1;
                "\u{2717}"
            }
        };
        println!(
            "{mark} {:<42} {:<9} {:<9} {:>5} ms  {}",
            scenario.story,
            scenario.advice.as_str(),
            seen.advice,
            seen.milliseconds,
            seen.why
        );
    }
    let outbox = day.upload()?;
    println!(
        "\nparcels {}, receipts {}, waiting {}",
        outbox.parcels, outbox.receipts, outbox.waiting
    );
    println!("ledger verified: {} lines", outbox.ledger_lines);
    if wrong > 0 || outbox.waiting > 0 {
        eprintln!("demo: {wrong} travellers were advised otherwise than expected");
        return Ok(ExitCode::FAILURE);
    }
    if !words.exit {
        day.serve(&words.listen)?;
    }
    Ok(ExitCode::SUCCESS)
}
