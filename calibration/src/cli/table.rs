//! The table that a trial is run on, as commands name it.

use super::Context;
use crate::CalibrationError;
use crate::faces::{Listing, Trial};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use models::Folder;
use models::face::FaceEngine;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct TableArgs {
    /// A CSV file of pictures: path, identity, and group where it is known; all pairs are compared.
    #[arg(long, value_name = "FILE.csv")]
    index: Option<PathBuf>,
    /// A CSV file of pairs: a, b, same (1 or 0), and group where it is known.
    #[arg(long, value_name = "FILE.csv")]
    pairs: Option<PathBuf>,
}

impl TableArgs {
    /// Runs the trial on it, with a progress bar on standard error.
    pub(super) fn trial(&self, context: &Context) -> Result<Trial, CalibrationError> {
        let listing = match &self.pairs {
            Some(pairs) => Listing::pairs(pairs)?,
            None => Listing::index(self.index.as_deref().expect("clap demands one of both"))?,
        };
        let engine = FaceEngine::load(&Folder::resolve(context.models.as_deref())?)?;
        let bar = ProgressBar::new(listing.samples.len() as u64).with_style(
            ProgressStyle::with_template("{bar:40} {pos}/{len} pictures, {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let trial = Trial::run(&listing, &engine, |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        trial
    }
}
