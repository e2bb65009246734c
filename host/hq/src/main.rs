//! `mpaka-hq`: headquarters on the command line.

mod cli;

use clap::Parser;
use mpaka_hq::HqError;
use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_target(false)
        .init();
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answer has read enough.
        Err(HqError::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("mpaka-hq: {e}");
            ExitCode::from(exit_code(&e))
        }
    }
}

/// 2 wrong usage, 3 input unreadable or refused, 4 something needed is absent, 1 the machine failed.
fn exit_code(error: &HqError) -> u8 {
    use mpaka_hq::pkcs11::Pkcs11Error as T;
    use seal::SealError as S;
    use seal::bundle::publish::PublishError as P;
    match error {
        HqError::DatabaseUnsupported(_)
        | HqError::NotLoopback { .. }
        | HqError::PostgresElsewhere
        | HqError::NobodyNamed
        | HqError::OrderUnfit
        | HqError::NumberNotNewer { .. }
        | HqError::SoftwareNeedsWaves { .. }
        | HqError::HoldersNeeded
        | HqError::ReceiptKeyNeeded
        | HqError::KeyNotReplaced { .. }
        | HqError::TokenTaken { .. }
        | HqError::PlaceImpossible(_)
        | HqError::Publish(
            P::QuorumImpossible { .. } | P::CeremonyHeld { .. } | P::TokensImpossible { .. },
        )
        | HqError::Pkcs11(
            T::UriUnfit { .. }
            | T::PinInUri
            | T::ModuleUnnamed
            | T::PinNeeded { .. }
            | T::PinOfHolder { .. }
            | T::TokenShared { .. }
            | T::OpensFromFileOnly,
        ) => 2,
        HqError::NoCeremony { .. }
        | HqError::Models(_)
        | HqError::ListEmpty
        | HqError::NotApproved { .. }
        | HqError::NotPublishedYet { .. }
        | HqError::NoRollout
        | HqError::WaveEmpty { .. }
        | HqError::NothingReceived { .. }
        | HqError::Publish(P::NoRoot { .. } | P::KeysMissing { .. })
        | HqError::Pkcs11(T::ModuleUnusable { .. } | T::NoToken { .. } | T::KeyMissing { .. })
        | HqError::Seal(S::KeyFileAbsent { .. }) => 4,
        HqError::Io { .. }
        | HqError::Database { .. }
        | HqError::Postgres(_)
        | HqError::Listen { .. }
        | HqError::Pkcs11(T::TokenGone { .. } | T::PinUnread { .. })
        | HqError::Publish(P::Io { .. } | P::Signing(_))
        | HqError::Seal(S::File { .. } | S::NoRandomness) => 1,
        _ => 3,
    }
}
