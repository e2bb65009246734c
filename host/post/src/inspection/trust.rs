//! The country signers on the box: the folder `trust` in its state, filled by the technician or by signed
//! bundles, and never going back to an older list than it has had.

use chip::trust::Pinning;
use chip::{ChipError, TrustStore};
use jiff::civil::{Date, DateTime};
use seal::durable::{self, Readers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// Where the country signers lie in the state folder: master lists, certificates, revocation lists, lists of
/// known defects.
pub const TRUST_FOLDER: &str = "trust";

/// Where the box remembers how new its lists were.
const SEEN_FILE: &str = "trust-seen.json";

/// Version of that file.
const SEEN_VERSION: u32 = 1;

/// Lists of country signers older than this want renewing: states publish theirs every few months, and documents
/// of younger signers stay undecided until then.
pub const OLD_AFTER_DAYS: i32 = 180;

/// How old the newest list of country signers is, in days; `None` where they come from no list.
#[must_use]
pub fn age_of_lists(store: &TrustStore, today: Date) -> Option<i32> {
    let newest = store.lists().values().max()?;
    Some((today - newest.date()).get_days())
}

/// The newest list that the box has had of each country.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Seen {
    version: u32,
    lists: BTreeMap<String, DateTime>,
}

/// The country signers in the box's state folder: whoever may write there is believed, and a list older than
/// one that was there before is refused. A folder that is not there holds none; what cannot be used is told in
/// the log.
#[must_use]
pub fn trust_of_box(state: &Path, today: Date) -> TrustStore {
    let (store, refused) = read(state, today);
    for refused in refused {
        tracing::warn!("{}: {refused}", state.join(TRUST_FOLDER).display());
    }
    store
}

/// The same, with what was refused.
pub(crate) fn read(state: &Path, today: Date) -> (TrustStore, Vec<ChipError>) {
    let folder = state.join(TRUST_FOLDER);
    let file = state.join(SEEN_FILE);
    let seen = std::fs::read(&file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Seen>(&bytes).ok())
        .filter(|seen| seen.version == SEEN_VERSION)
        .unwrap_or_default();
    let mut store = TrustStore::expecting(seen.lists.clone());
    if !folder.is_dir() {
        return (store, Vec::new());
    }
    let refused = match store.add_paths(&[&folder], Pinning::OperatorsWord, today) {
        Ok(taken) => taken.refused,
        Err(error) => vec![error],
    };
    let mut lists = seen.lists.clone();
    lists.extend(store.lists().clone());
    if lists != seen.lists {
        let seen = Seen {
            version: SEEN_VERSION,
            lists,
        };
        // What cannot be remembered now is remembered the next time.
        let kept = serde_json::to_vec(&seen)
            .map_err(std::io::Error::other)
            .and_then(|bytes| durable::replace(&file, &bytes, Readers::Anyone));
        if let Err(error) = kept {
            tracing::warn!("{}: {error}", file.display());
        }
    }
    (store, refused)
}

/// The box's country signers while it serves: read again whenever what lies in the folder has changed.
#[derive(Debug, Default)]
pub(crate) struct BoxTrust {
    state: Option<PathBuf>,
    given: Option<Arc<TrustStore>>,
    read: RwLock<Option<(Stamp, Arc<TrustStore>)>>,
}

/// Names, sizes and times of the files in the folder.
type Stamp = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl BoxTrust {
    /// Of the box with this state folder.
    pub(crate) fn of_box(state: &Path) -> Self {
        Self {
            state: Some(state.to_owned()),
            ..Self::default()
        }
    }

    /// These country signers, whatever lies in the folder.
    pub(crate) fn given(store: TrustStore) -> Self {
        Self {
            given: Some(Arc::new(store)),
            ..Self::default()
        }
    }

    /// Whether it was given what to believe, whatever lies in the folder.
    pub(crate) fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// The country signers as they are today.
    pub(crate) fn today(&self, today: Date) -> Arc<TrustStore> {
        let (None, Some(state)) = (&self.given, &self.state) else {
            return self.given.clone().unwrap_or_default();
        };
        let stamp = stamp(&state.join(TRUST_FOLDER));
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, store)) = read.as_ref()
            && *of == stamp
        {
            return Arc::clone(store);
        }
        drop(read);
        let store = Arc::new(trust_of_box(state, today));
        *self.read.write().unwrap_or_else(PoisonError::into_inner) =
            Some((stamp, Arc::clone(&store)));
        store
    }
}

fn stamp(folder: &Path) -> Stamp {
    let mut stamp: Stamp = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some((entry.path(), about.len(), about.modified().ok()))
        })
        .collect();
    stamp.sort();
    stamp
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_folder_that_is_not_there_holds_none_and_a_torn_memory_is_none() {
        let state = tempfile::tempdir().expect("a folder");
        std::fs::write(state.path().join(SEEN_FILE), b"{").expect("writes");
        let (store, refused) = read(state.path(), date(2026, 6, 1));
        assert!(store.country_signers().is_empty() && refused.is_empty());
        let trust = BoxTrust::of_box(state.path());
        assert!(trust.today(date(2026, 6, 1)).country_signers().is_empty());
    }

    #[test]
    fn an_older_list_of_country_signers_is_refused_after_a_restart() {
        let lists = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/trust");
        let [older, newer] = [
            "DE_ML_2024-08-07-07-38-24.ml",
            "DE_ML_2026-05-28-08-28-45.ml",
        ]
        .map(|name| std::fs::read(lists.join(name)));
        let (Ok(older), Ok(newer)) = (older, newer) else {
            eprintln!("skipped: {} is absent", lists.display());
            return;
        };
        let state = tempfile::tempdir().expect("a folder");
        let folder = state.path().join(TRUST_FOLDER);
        std::fs::create_dir(&folder).expect("a folder");
        let place = |bytes: &[u8]| std::fs::write(folder.join("list.ml"), bytes).expect("writes");
        let (day, trust) = (date(2026, 9, 1), BoxTrust::of_box(state.path()));
        place(&older);
        let first = trust.today(day).lists().clone();
        place(&newer);
        let second = trust.today(day).lists().clone();
        assert!(second["DE"] > first["DE"]);
        // The same list again is the list that is held.
        assert_eq!(trust_of_box(state.path(), day).lists(), &second);
        place(&older);
        let (store, refused) = read(state.path(), day);
        assert!(store.country_signers().is_empty());
        assert!(
            matches!(refused.as_slice(), [ChipError::ListOlderThanSeen { .. }]),
            "{refused:?}"
        );
    }
}
