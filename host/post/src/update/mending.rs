//! Where a file of the installer's is damaged: it is set aside, and updates go on from what is installed.
//!
//! What was under way is not known any more then; what is installed whole, what had proved itself, and which packages
//! are kept, is. Where the programs are not what had proved itself, that comes back, by a journal of its own which takes
//! the damaged one's place in one step: at every instant one of the two lies there, and with it the copy of the program
//! that goes on with it.

use super::apply::Applying;
use super::error::UpdateError;
use super::journal::{Journal, Standing, Step, Why};
use super::machine::{Health, Serving};
use seal::bundle::software::{Package, Version};
use std::path::PathBuf;

impl Applying<'_> {
    /// Sets a damaged standing aside: what is installed whole, and kept, is in use; the rest of it is forgotten.
    pub(super) fn mend_standing(&mut self) -> Result<(), UpdateError> {
        match self.ground.standing() {
            Err(e @ UpdateError::Damaged { .. }) => {
                tracing::error!("{e}; it is set aside");
                let installed = self.machine.installed()?;
                let is_kept = self.ground.way_back(&installed).is_some();
                let in_use = installed.get(&Package::Post).copied();
                self.ground.set_standing_aside()?;
                self.ground.keep_standing(&Standing {
                    installed: in_use.filter(|_| is_kept),
                    ..Standing::default()
                })
            }
            standing => standing.map(drop),
        }
    }

    /// What to go on with where the journal cannot be read: `None` where the programs that had proved themselves are
    /// installed whole, and where nothing better than what is installed is kept.
    pub(super) fn without_journal(
        &mut self,
        damaged: UpdateError,
    ) -> Result<Option<Journal>, UpdateError> {
        tracing::error!("{damaged}; it is set aside");
        let installed = self.machine.installed()?;
        let standing = self.ground.standing()?;
        let proved = standing
            .installed
            .and_then(|version| Some((version, self.ground.kept_with(version)?)));
        let is_whole = proved
            .iter()
            .flat_map(|(_, kept)| kept)
            .all(|(package, (version, _))| installed.get(package) == Some(version));
        let comes_back = match proved {
            Some(_) if is_whole => None,
            None if installed.contains_key(&Package::Post) => None,
            // Any program is better than none.
            None => Some(self.ground.newest_kept().ok_or(damaged)?),
            proved => proved,
        };
        self.ground.set_journal_aside()?;
        let Some((from, kept)) = comes_back else {
            self.ground.forget_journal()?;
            return Ok(None);
        };
        let other = |version: &Version| *version != from;
        let came = installed.get(&Package::Post).copied().filter(other);
        let to = came
            .or_else(|| self.ground.versions_kept().into_iter().find(other))
            .unwrap_or(from);
        let back: Vec<PathBuf> = kept.into_values().map(|(_, path)| path).collect();
        // Of no concern on the way back.
        let before = Health {
            serving: Serving::Down,
            faults: None,
        };
        let why = Why::JournalDamaged;
        let mut journal = Journal::new((from, back), (to, Vec::new()), before);
        // Counted here, once: the end of the way back may be gone to more than once, where the power is cut there.
        let was_damaged = standing.refuses(to, &why.to_string());
        journal.tries = 1 + u8::from(was_damaged);
        journal.step = Step::GoingBack { why };
        self.ground.keep_journal(&journal)?;
        Ok(Some(journal))
    }
}
