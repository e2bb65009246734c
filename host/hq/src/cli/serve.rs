//! The page and the interface, and who may use them; what other systems offered.

use super::{DatabaseArgs, Printer};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::access::Scope;
use mpaka_hq::home::Home;
use mpaka_hq::offers::{self, Offer};
use mpaka_hq::office::Office;
use mpaka_hq::serve::{self, Access, ServeOrder};
use rules::OfficerId;
use serde::Serialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The address to listen on; this machine only, unless --name is given. Port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8472", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A host name or IP address that people know this server by; may be given several times. It is then reached by
    /// TLS alone, with certificates from both sides (mpaka-hq person); without it, in the clear on this machine.
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// A file to write the port into once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

pub(super) fn serve(home: &Home, args: ServeArgs) -> Result<(), HqError> {
    let order = ServeOrder {
        listen: args.listen,
        access: if args.name.is_empty() {
            Access::PlainLoopback
        } else {
            Access::Tls { names: args.name }
        },
        database: args.database.of(home)?,
        port_file: args.port_file,
        clock: Timestamp::now,
    };
    super::receive::until_told(order.listen, async |end| {
        serve::serve(home, &order, end).await
    })
}

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    step: TokenStep,
}

#[derive(Debug, Subcommand)]
enum TokenStep {
    /// Make a token. It is shown this once.
    Make {
        /// Whose it is: a person, a screen, another system.
        name: OfficerId,
        /// What it is for: view, operate, review, audit, decisions or entries. May be given several times.
        #[arg(long, required = true, value_name = "SCOPE")]
        scope: Vec<Scope>,
        /// The system that shows it beside its certificate (mpaka-hq person make NAME --role system): over TLS no
        /// other token is good, and this one is good with that certificate alone.
        #[arg(long, value_name = "NAME")]
        system: Option<OfficerId>,
    },
    /// End a token.
    Revoke {
        /// Whose.
        name: OfficerId,
    },
    /// Every token there has been.
    List,
}

impl TokenArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        match &self.step {
            TokenStep::Make {
                name,
                scope,
                system,
            } => Some(json!({ "step": "make", "name": name, "scopes": scope, "system": system })),
            TokenStep::Revoke { name } => Some(json!({ "step": "revoke", "name": name })),
            TokenStep::List => None,
        }
    }
}

#[derive(Serialize)]
struct Made<'a> {
    name: &'a OfficerId,
    token: &'a str,
}

pub(super) fn token(
    home: &Home,
    args: &TokenArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let office = Office::open(home)?;
    match &args.step {
        TokenStep::Make {
            name,
            scope,
            system,
        } => {
            let scopes = scope.iter().copied().collect();
            let secret = office.make_token(name, &scopes, system.as_ref(), now)?;
            let made = Made {
                name,
                token: &secret,
            };
            print.answer(&made, || {
                format!(
                    "{}\nWrite it down now: it is kept nowhere here.",
                    made.token
                )
            })
        }
        TokenStep::Revoke { name } => {
            office.revoke_token(name, now)?;
            print.answer(&json!({ "name": name }), || format!("{name} is ended"))
        }
        TokenStep::List => office.tokens()?.iter().try_for_each(|token| {
            print.answer(token, || {
                let scopes: Vec<&str> = token.scopes.iter().map(|s| s.as_str()).collect();
                format!(
                    "{:<24} {:<24} made {}{}{}",
                    token.name.as_str(),
                    scopes.join(" "),
                    token.made_at,
                    token
                        .system
                        .as_ref()
                        .map_or_else(String::new, |system| format!(", for {system}")),
                    token
                        .revoked_at
                        .map_or_else(String::new, |at| format!(", ended {at}"))
                )
            })
        }),
    }
}

#[derive(Debug, Args)]
pub(super) struct OffersArgs {
    #[command(subcommand)]
    step: Option<OfferStep>,
}

#[derive(Debug, Subcommand)]
enum OfferStep {
    /// Put an offered entry on the working list; two people approve that as any change.
    Take {
        /// The offer's number.
        id: i64,
        /// Who takes it.
        #[arg(long, value_name = "NAME")]
        by: OfficerId,
    },
    /// Refuse an offer.
    Refuse {
        /// The offer's number.
        id: i64,
        /// Who refuses it.
        #[arg(long, value_name = "NAME")]
        by: OfficerId,
        /// Why; the other system is told.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

impl OffersArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        match self.step.as_ref()? {
            OfferStep::Take { id, by } => Some(json!({ "step": "take", "offer": id, "by": by })),
            OfferStep::Refuse { id, by, why } => {
                Some(json!({ "step": "refuse", "offer": id, "by": by, "why": why }))
            }
        }
    }
}

pub(super) fn offers(
    home: &Home,
    args: &OffersArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let show = |offer: &Offer| {
        print.answer(offer, || {
            format!(
                "{:>6}  {}  {:<16} {:?}  {}: {}",
                offer.id,
                offer.at,
                offer.token.as_str(),
                offer.state,
                offer.body.entry,
                offer.body.names.join(", ")
            )
        })
    };
    match &args.step {
        None => Office::open(home)?.offers()?.iter().try_for_each(show),
        Some(OfferStep::Take { id, by }) => show(&offers::take(home, *id, by, now)?),
        Some(OfferStep::Refuse { id, by, why }) => show(&offers::refuse(home, *id, by, why, now)?),
    }
}
