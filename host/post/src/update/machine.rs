//! The door to the machine's packages and services. The real side is [`super::Debian`]; tests bring their own.

use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A tool of the system did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tool}: {said}")]
pub struct MachineError {
    /// The tool.
    pub tool: &'static str,
    /// What it said.
    pub said: String,
}

/// Whether the appliance serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Serving {
    /// The desk answers.
    Up,
    /// It does not, or is not wanted here.
    Down,
}

/// How the programs fare at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Whether the appliance serves.
    pub serving: Serving,
    /// Parts that the doctor of the program in use finds wrong, as far as a program can be why; absent where it
    /// does not answer.
    pub faults: Option<BTreeSet<String>>,
}

/// Layouts of the store (`store::LAYOUT_READ`, `store::LAYOUT_WRITTEN`) that a version of the appliance knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLayouts {
    /// The newest that it reads.
    pub reads: u16,
    /// The one that it leads a store to.
    pub writes: u16,
}

/// What a package asks of a machine, by its own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asks {
    /// The room that it takes unpacked, in bytes.
    pub unpacked_bytes: u64,
    /// What it knows of the store; absent where it does not say.
    pub store: Option<StoreLayouts>,
}

/// What is asked of the machine.
pub trait Machine {
    /// The packages of the house that are installed whole, with their versions.
    ///
    /// # Errors
    /// [`MachineError`].
    fn installed(&mut self) -> Result<BTreeMap<Package, Version>, MachineError>;

    /// What the machine is.
    ///
    /// # Errors
    /// [`MachineError`], also for a machine that no package is made for.
    fn architecture(&mut self) -> Result<Architecture, MachineError>;

    /// What a package file says of itself; `None` where that is no package of the house's.
    ///
    /// # Errors
    /// [`MachineError`] where it cannot be read.
    fn says(&mut self, package: &Path) -> Result<Option<SoftwareFile>, MachineError>;

    /// What a package asks of the machine.
    ///
    /// # Errors
    /// [`MachineError`] where it cannot be read.
    fn asks(&mut self, package: &Path) -> Result<Asks, MachineError>;

    /// How much is free where a folder lies, in bytes.
    ///
    /// # Errors
    /// [`MachineError`].
    fn free_bytes(&mut self, folder: &Path) -> Result<u64, MachineError>;

    /// Installs these packages together, whatever was installed before, and also where an earlier installation was
    /// cut off.
    ///
    /// # Errors
    /// [`MachineError`]; what is installed then is anybody's guess.
    fn install(&mut self, packages: &[PathBuf]) -> Result<(), MachineError>;

    /// Starts the appliance anew where it serves, by the program that is installed now.
    ///
    /// # Errors
    /// [`MachineError`].
    fn restart(&mut self) -> Result<(), MachineError>;

    /// One look at how the programs fare.
    fn health(&mut self) -> Health;

    /// Lets some seconds pass between two looks.
    fn wait(&mut self);
}
