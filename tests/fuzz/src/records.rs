//! Records as stores and headquarters keep them.

use crate::Answer;
use rules::EncounterRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::LedgerEvent;

/// An encounter's record, or an event of the ledger, as CBOR and as JSON.
pub(crate) fn record(bytes: &[u8]) -> Answer {
    Answer::of(settles::<EncounterRecord>(bytes) | settles::<LedgerEvent>(bytes))
}

/// Whether the bytes are understood; then what was understood is written and read the same for ever.
fn settles<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    let write = |value: &T| {
        let mut written = Vec::new();
        ciborium::into_writer(value, &mut written).expect("what was read can be written");
        written
    };
    let read = |bytes: &[u8]| ciborium::from_reader::<T, _>(bytes).ok();
    let value = read(bytes).or_else(|| serde_json::from_slice(bytes).ok());
    if let Some(value) = &value {
        let once = write(value);
        let again = read(&once).expect("what was written can be read");
        // Compared as bytes: a score that is not a number equals nothing.
        assert_eq!(write(&again), once);
    }
    value.is_some()
}
