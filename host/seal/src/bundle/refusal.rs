//! Why a bundle was refused: the verifier's error in this room's words, which say what a person can do.

use super::BundleError;
use super::spool::{self, METADATA_LIMIT_BYTES, SpoolFault};
use std::error::Error as _;
use std::path::Path;
use tough::TransportErrorKind;
use tough::schema::{RoleType, Root, Signed, Timestamp as TimestampRole};

/// The verifier's refusal in this room's words.
pub(super) fn explain(error: tough::error::Error, metadata: &Path, scratch: &Path) -> BundleError {
    use tough::error::Error as E;
    let message = error.to_string();
    match error {
        E::ParseTrustedMetadata { source, .. } => BundleError::RootUnusable {
            why: source.to_string(),
        },
        E::VerifyTrustedMetadata { source, .. } => BundleError::RootUnusable {
            why: source.to_string(),
        },
        E::VerifyMetadata {
            role: RoleType::Root,
            source,
            ..
        } => BundleError::UntrustedRoot {
            why: format!("its new root is not signed by ours ({source})"),
        },
        E::VerifyMetadata {
            role: RoleType::Timestamp,
            source,
            ..
        } if !signed_by_known_key(metadata, scratch) => BundleError::UntrustedRoot {
            why: format!("no key of ours signed it ({source})"),
        },
        E::OlderMetadata {
            role,
            current_version,
            new_version,
            ..
        } => BundleError::Rollback {
            role: role.to_string(),
            have: current_version,
            offered: new_version,
        },
        E::OlderSnapshotInTimestamp {
            snapshot_new,
            snapshot_old,
            ..
        } => BundleError::Rollback {
            role: RoleType::Snapshot.to_string(),
            have: snapshot_old,
            offered: snapshot_new,
        },
        E::SnapshotRoleRollback {
            role,
            old_role_version,
            new_role_version,
            ..
        } => BundleError::Rollback {
            role,
            have: old_role_version,
            offered: new_role_version,
        },
        E::Transport { url, source, .. } => {
            let file = spool::file_name(&url);
            let cause = source.source();
            if source.kind() == TransportErrorKind::FileNotFound {
                return BundleError::Incomplete {
                    file: format!("metadata/{file}"),
                };
            }
            match cause.and_then(|c| c.downcast_ref::<SpoolFault>()) {
                Some(SpoolFault::NotPlain(name)) => {
                    return BundleError::Unsupported {
                        what: format!("metadata/{name}, which is no plain file"),
                    };
                }
                Some(SpoolFault::TooLarge(name)) => {
                    return BundleError::TooLarge {
                        what: format!("metadata/{name}"),
                        limit_bytes: METADATA_LIMIT_BYTES,
                    };
                }
                None => {}
            }
            if let Some(io) = cause.and_then(|c| c.downcast_ref::<std::io::Error>()) {
                return BundleError::Io {
                    path: metadata.join(file),
                    source: std::io::Error::new(io.kind(), io.to_string()),
                };
            }
            cut_short_or_altered(metadata, &file, cause.map_or(message, ToString::to_string))
        }
        E::ParseMetadata { role, .. } => {
            cut_short_or_altered(metadata, &file_of(metadata, role), message)
        }
        E::VerifyMetadata { role, .. } => BundleError::Tampered {
            file: format!("metadata/{}", file_of(metadata, role)),
            why: message,
        },
        E::DatastoreCreate { path, source, .. }
        | E::DatastoreOpen { path, source, .. }
        | E::DatastoreRemove { path, source, .. } => BundleError::Io { path, source },
        _ => BundleError::Tampered {
            file: "metadata".into(),
            why: message,
        },
    }
}

/// The name of a role's file in the folder: the newest, where versions stand in the names.
fn file_of(metadata: &Path, role: RoleType) -> String {
    let plain = format!("{role}.json");
    let suffix = format!(".{plain}");
    std::fs::read_dir(metadata)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .filter_map(|name| Some((name.strip_suffix(&suffix)?.parse::<u64>().ok()?, name)))
        .max()
        .map_or(plain, |(_, name)| name)
}

/// A metadata file that ends in the middle was half-copied; any other misfit is an alteration.
fn cut_short_or_altered(metadata: &Path, file: &str, why: String) -> BundleError {
    let shown = format!("metadata/{file}");
    let cut_short = std::fs::read(metadata.join(file)).is_ok_and(|bytes| {
        serde_json::from_slice::<serde_json::Value>(&bytes).is_err_and(|e| e.is_eof())
    });
    if cut_short {
        BundleError::Incomplete { file: shown }
    } else {
        BundleError::Tampered { file: shown, why }
    }
}

/// Whether the timestamp at least claims a key that our root names for it.
fn signed_by_known_key(metadata: &Path, scratch: &Path) -> bool {
    fn parsed<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
    let offered: Option<Signed<TimestampRole>> = parsed(&metadata.join("timestamp.json"));
    let ours: Option<Signed<Root>> = parsed(&scratch.join("root.json"));
    let (Some(offered), Some(ours)) = (offered, ours) else {
        return false;
    };
    ours.signed
        .roles
        .get(&RoleType::Timestamp)
        .is_some_and(|role| {
            offered
                .signatures
                .iter()
                .any(|signature| role.keyids.contains(&signature.keyid))
        })
}
