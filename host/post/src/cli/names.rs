//! `mpaka names compare`: how alike two names are.

use super::Context;
use crate::error::PostError;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use watchlist::names::{self, THRESHOLD};

#[derive(Debug, Args)]
pub(super) struct NamesArgs {
    #[command(subcommand)]
    command: NamesCommand,
}

#[derive(Debug, Subcommand)]
enum NamesCommand {
    /// Compare two names, or many pairs.
    Compare {
        /// A name, in any script and order.
        #[arg(required_unless_present = "pairs", requires = "name2")]
        name1: Option<String>,
        /// Another name.
        name2: Option<String>,
        /// Pairs of names: tab-separated, with a header that names `name1` and `name2`.
        #[arg(long, value_name = "FILE.tsv", conflicts_with_all = ["name1", "name2"])]
        pairs: Option<PathBuf>,
    },
}

#[derive(Debug, Serialize)]
struct NamesObject<'a> {
    name1: &'a str,
    name2: &'a str,
    score: f64,
}

pub(super) fn run(context: &Context, args: &NamesArgs) -> Result<(), PostError> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    match &args.command {
        NamesCommand::Compare {
            pairs: Some(pairs), ..
        } => compare_pairs(context, &mut out, pairs)?,
        NamesCommand::Compare {
            name1: Some(name1),
            name2: Some(name2),
            ..
        } => compare(context, &mut out, name1, name2)?,
        NamesCommand::Compare { .. } => return Err(PostError::Usage("give two names, or --pairs")),
    }
    out.flush().map_err(PostError::Output)
}

fn compare_pairs(context: &Context, out: &mut impl Write, pairs: &Path) -> Result<(), PostError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .flexible(true)
        // A quotation mark in a name is a character of the name.
        .quoting(false)
        .from_path(pairs)
        .map_err(|e| PostError::table(pairs, e))?;
    let headers = reader.headers().map_err(|e| PostError::table(pairs, e))?;
    let column = |name: &str| headers.iter().position(|h| h.trim() == name);
    let (Some(first), Some(second)) = (column("name1"), column("name2")) else {
        return Err(PostError::row(
            pairs,
            0,
            "the header names no name1 and name2",
        ));
    };
    let mut row = csv::StringRecord::new();
    let mut index = 0;
    while reader
        .read_record(&mut row)
        .map_err(|e| PostError::table(pairs, e))?
    {
        index += 1;
        let (Some(name1), Some(name2)) = (row.get(first), row.get(second)) else {
            return Err(PostError::row(
                pairs,
                index,
                "it has fewer columns than the header",
            ));
        };
        compare(context, out, name1, name2)?;
    }
    Ok(())
}

fn compare(
    context: &Context,
    out: &mut impl Write,
    name1: &str,
    name2: &str,
) -> Result<(), PostError> {
    let object = NamesObject {
        name1,
        name2,
        score: names::score(name1, name2),
    };
    context.out.answer_into(out, &object, || {
        let found = names::compare(name1, name2);
        let verdict = if found.score >= THRESHOLD {
            "alike"
        } else {
            "not alike"
        };
        let mut text = format!("{name1} | {name2}: {:.3}, {verdict}", found.score);
        for why in &found.why {
            text.push_str(&format!("\n  {}: {}", why.evidence, why.detail));
        }
        text
    })
}
