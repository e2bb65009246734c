//! A machine with the tools of one: versions that do and that do not, and a power that goes at any call.

use post::update::{Asks, Health, Machine, MachineError, Serving, StoreLayouts};
use seal::bundle::software::{Architecture, Package, SoftwareFile, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

/// Whether the power goes before a tool has done its work, or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// What every package takes unpacked.
pub(crate) const UNPACKED_BYTES: u64 = 60 << 20;

/// The power is gone.
pub(crate) struct Cut;

/// A machine with the tools of one.
#[derive(Debug, Clone)]
pub(crate) struct Simulated {
    pub(crate) installed: Version,
    /// The power went while packages were being unpacked.
    pub(crate) is_half: bool,
    pub(crate) architecture: Architecture,
    /// Versions that find a part wrong.
    pub(crate) faults: BTreeMap<Version, &'static str>,
    /// Versions that never come up.
    pub(crate) down: BTreeSet<Version>,
    /// Versions that cannot be installed.
    pub(crate) uninstallable: BTreeSet<Version>,
    /// What versions know of the store, where they say so.
    pub(crate) layouts: BTreeMap<Version, StoreLayouts>,
    /// What is free on its one disk, in bytes.
    pub(crate) free_bytes: u64,
    /// Nobody has unlocked the keys since the machine started.
    pub(crate) is_locked: bool,
    pub(crate) calls: usize,
    pub(crate) cut: Option<(usize, When)>,
}

impl Simulated {
    pub(crate) fn with(installed: &str) -> Self {
        Self {
            installed: installed.parse().unwrap(),
            is_half: false,
            architecture: crate::place::here(),
            faults: BTreeMap::new(),
            down: BTreeSet::new(),
            uninstallable: BTreeSet::new(),
            layouts: BTreeMap::new(),
            free_bytes: 8 << 30,
            is_locked: false,
            calls: 0,
            cut: None,
        }
    }

    fn call<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        self.calls += 1;
        if self.cut == Some((self.calls, When::Before)) {
            resume_unwind(Box::new(Cut));
        }
        let done = act(self);
        if self.cut == Some((self.calls, When::After)) {
            resume_unwind(Box::new(Cut));
        }
        done
    }

    /// The power is back, and goes again at this call, if at any.
    pub(crate) fn starts(&mut self, cut: Option<(usize, When)>) {
        self.calls = 0;
        self.cut = cut;
    }
}

impl Machine for Simulated {
    fn installed(&mut self) -> Result<BTreeMap<Package, Version>, MachineError> {
        self.call(|machine| {
            let whole = (!machine.is_half).then_some((Package::Post, machine.installed));
            Ok(whole.into_iter().collect())
        })
    }

    fn architecture(&mut self) -> Result<Architecture, MachineError> {
        self.call(|machine| Ok(machine.architecture))
    }

    fn says(&mut self, package: &Path) -> Result<Option<SoftwareFile>, MachineError> {
        let text = std::fs::read_to_string(package).unwrap();
        let says = text.lines().nth(2).and_then(SoftwareFile::of_name);
        self.call(|_| Ok(says))
    }

    fn asks(&mut self, package: &Path) -> Result<Asks, MachineError> {
        let name = package.file_name().unwrap().to_str().unwrap();
        let version = SoftwareFile::of_name(name).unwrap().version;
        assert!(package.is_file(), "{name}");
        self.call(|machine| {
            Ok(Asks {
                unpacked_bytes: UNPACKED_BYTES,
                store: machine.layouts.get(&version).copied(),
            })
        })
    }

    fn free_bytes(&mut self, _folder: &Path) -> Result<u64, MachineError> {
        self.call(|machine| Ok(machine.free_bytes))
    }

    fn install(&mut self, packages: &[PathBuf]) -> Result<(), MachineError> {
        let name = packages[0].file_name().unwrap().to_str().unwrap();
        let file = SoftwareFile::of_name(name).unwrap();
        assert!(packages[0].is_file(), "{name}");
        self.is_half = true;
        self.call(|machine| {
            if machine.uninstallable.contains(&file.version) {
                return Err(MachineError {
                    tool: "dpkg",
                    said: "dependency problems".into(),
                });
            }
            machine.is_half = false;
            machine.installed = file.version;
            Ok(())
        })
    }

    fn restart(&mut self) -> Result<(), MachineError> {
        self.call(|_| Ok(()))
    }

    fn health(&mut self) -> Health {
        self.call(|machine| {
            if machine.is_half {
                return Health {
                    serving: Serving::Down,
                    faults: None,
                };
            }
            let mut faults: BTreeSet<String> = ["camera".to_owned()].into();
            faults.extend(
                machine
                    .faults
                    .get(&machine.installed)
                    .map(|f| (*f).to_owned()),
            );
            let is_down = machine.is_locked || machine.down.contains(&machine.installed);
            if machine.is_locked {
                faults.insert("keys".into());
            }
            Health {
                serving: if is_down { Serving::Down } else { Serving::Up },
                faults: Some(faults),
            }
        })
    }

    fn wait(&mut self) {
        self.call(|_| ());
    }
}
