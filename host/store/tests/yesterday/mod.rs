//! A box as version 1 laid it out.

use crate::appliance::Appliance;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Lays its state out in this folder; the box, and the values it was made of.
pub(crate) fn box_of_yesterday(folder: &Path) -> (Appliance, Value) {
    let values: Value = serde_json::from_str(include_str!("layout-1.json")).unwrap();
    let bytes = |name: &str| hex::decode(values[name].as_str().unwrap()).unwrap();
    for (file, content) in [
        ("store.key", bytes("store_key")),
        ("device.key", bytes("device_pkcs8")),
        ("hq.json", values["hq_private"].to_string().into_bytes()),
    ] {
        let path = folder.join(file);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let a = Appliance::at(folder);
    fs::create_dir(&a.state).unwrap();
    fs::write(a.state.join("mpaka.fingerprint"), bytes("fingerprint")).unwrap();
    let connection = a.connection();
    connection
        .execute_batch(include_str!("layout-1.tables.sql"))
        .unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = ON; BEGIN;")
        .unwrap();
    connection
        .execute_batch(include_str!("layout-1.sql"))
        .unwrap();
    connection.execute_batch("COMMIT;").unwrap();
    (a, values)
}
