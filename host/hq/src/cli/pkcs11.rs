//! Tokens that hold keys (PKCS#11): which are here, and whether one opens.

use super::Printer;
use super::passphrase::ask;
use clap::{Args, Subcommand};
use mpaka_hq::HqError;
use mpaka_hq::ceremony::{self, KeyFor, NewKey, NewKeys};
use mpaka_hq::home::Home;
use mpaka_hq::pkcs11::{self, KeyUri, Making, Pkcs11Tokens};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct Pkcs11Args {
    #[command(subcommand)]
    command: Pkcs11Command,
}

#[derive(Debug, Subcommand)]
enum Pkcs11Command {
    /// List the tokens that are here, how their PINs stand, and what keys they can hold.
    Tokens {
        /// The library that speaks to them. Default: MPAKA_PKCS11_MODULE.
        #[arg(long, value_name = "FILE")]
        module: Option<PathBuf>,
    },
    /// Open a token by hand and look for a key: type its PIN once. A wrong PIN is not tried again.
    Check {
        /// The key: [FOR=]pkcs11:token=…;object=…, FOR as for the ceremony's --key.
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// Keys that were made beforehand.
#[derive(Debug, Args)]
pub(super) struct Existing {
    /// Take keys that are in the tokens already: made beforehand with the token's own tool, or by an attempt that
    /// broke off. Without this they are refused.
    #[arg(long)]
    existing_keys: bool,
}

impl Existing {
    /// What is done where a key is there already.
    pub(super) fn making(&self) -> Making {
        if self.existing_keys {
            Making::NewOrThere
        } else {
            Making::New
        }
    }
}

/// A way to tokens that asks at the terminal for the PINs that no URI names a file for.
pub(super) fn asking(making: Making) -> Arc<Pkcs11Tokens> {
    let ask = |token: &str| ask(&format!("PIN of the token {token}: "));
    Arc::new(Pkcs11Tokens::asking(Box::new(ask), making))
}

/// Makes sure that the next key for receipts can be made here.
pub(super) fn only_for_receipts(
    home: &Home,
    uri: &KeyUri,
    tokens: &Arc<Pkcs11Tokens>,
) -> Result<(), HqError> {
    let key = NewKey {
        what: KeyFor::Receipts,
        uri: uri.clone(),
    };
    let staying = ceremony::staying(home, &BTreeSet::from([KeyFor::Receipts]))?;
    Ok(NewKeys::new(vec![key], Arc::clone(tokens)).prepare(&[], &staying)?)
}

#[derive(Serialize)]
struct Checked {
    key: String,
    usable: bool,
}

pub(super) fn run(args: &Pkcs11Args, print: &Printer) -> Result<(), HqError> {
    match &args.command {
        Pkcs11Command::Tokens { module } => {
            let tokens = pkcs11::tokens(module.as_deref())?;
            if tokens.is_empty() && !print.json {
                return print.answer(&(), || "no token is here".to_owned());
            }
            tokens.iter().try_for_each(|token| {
                print.answer(token, || {
                    let can = match (token.ed25519, token.p256) {
                        (true, true) => "every key",
                        (true, false) => "every key but the authority's",
                        (false, true) => "the authority's key alone",
                        (false, false) => "no key of ours",
                    };
                    format!(
                        "{:<24} {}, {can}; {} {}\n  {};object=NAME",
                        token.token, token.pin, token.manufacturer, token.model, token.uri
                    )
                })
            })
        }
        Pkcs11Command::Check { key } => {
            let NewKey { what, uri } = key.parse::<NewKey>()?;
            let tokens = asking(Making::New);
            let pin = ask(&format!("PIN of the token {}: ", uri.token()))
                .map_err(HqError::io("standard input"))?;
            tokens.check(&uri, what.curve(), &pin)?;
            let checked = Checked {
                key: uri.place(),
                usable: true,
            };
            print.answer(&checked, || {
                format!("{} is there, and stays there", checked.key)
            })
        }
    }
}
