//! The command line: reads arguments, calls the library, prints answers. One file per group of commands.

mod acts;
mod backup;
mod boxes;
mod emergency;
mod export;
mod fleet;
mod hold;
mod keys;
mod list;
mod passphrase;
mod people;
mod pkcs11;
mod print;
mod protection;
mod receive;
mod records;
mod rights;
mod rollout;
mod serve;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use mpaka_hq::HqError;
use mpaka_hq::acts::{Act, Phase};
use mpaka_hq::home::Home;
use mpaka_hq::parcels::Database;
use mpaka_hq::register::Standing;
use print::Printer;
use rules::{OfficerId, PostId, Sequence};
use serde_json::Value;
use std::path::PathBuf;

/// Headquarters of Mpaka: keys, lists, boxes, and what boxes send.
#[derive(Debug, Parser)]
#[command(name = "mpaka-hq", version, about)]
pub(crate) struct Cli {
    /// The state folder.
    #[arg(
        long,
        global = true,
        env = "MPAKA_HQ_STATE",
        default_value = "/var/lib/mpaka-hq",
        value_name = "DIR"
    )]
    state: PathBuf,
    /// Who works here, for headquarters' ledger.
    #[arg(
        long,
        global = true,
        env = "MPAKA_HQ_OPERATOR",
        default_value = "unnamed",
        value_name = "NAME"
    )]
    operator: OfficerId,
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the root, the signing keys and headquarters' own keys; print the record for witnesses.
    Ceremony(keys::CeremonyArgs),
    /// Sign the next root: with new keys for the roles named, or only with a longer life.
    Rotate(keys::RotateArgs),
    /// Tokens that hold keys (PKCS#11): which are here, and whether one opens.
    Pkcs11(pkcs11::Pkcs11Args),
    /// Make the next keys that boxes seal records to; boxes take them over at their next contact.
    Rekey(receive::RekeyArgs),
    /// The key of protection records, and the records that only it opens.
    Protection(protection::ProtectionArgs),
    /// Register a box by its public file, or list the registered ones.
    Enrol(boxes::EnrolArgs),
    /// Take boxes in that show the code of their post (mpaka-hq enrol --code).
    Admit(receive::AdmitArgs),
    /// Read a list of persons and documents into the working list, in place of what its source listed before.
    #[command(after_help = list::IMPORT_HELP)]
    Import(list::ImportArgs),
    /// Put one person on the working list at once, for some days.
    Emergency(emergency::EmergencyArgs),
    /// Take one entry off the list for good, or prove that boxes no longer have it.
    Withdraw(list::WithdrawArgs),
    /// Look through the working list for what people should look at.
    Lint,
    /// What approving and publishing would change at the boxes: added, changed, withdrawn, by list.
    Difference,
    /// Approve the working list as it stands. Two different people must; a change voids it.
    Approve(list::ApproveArgs),
    /// Make an edition of the approved list, sign it, and put it into the repository folder.
    Publish(list::PublishArgs),
    /// Trust lists, revocation lists, policy and the like that go to the boxes with the next edition.
    Files(list::FilesArgs),
    /// How the edition reaches boxes in waves, and the next step.
    Rollout(rollout::RolloutArgs),
    /// Which boxes have an edition, with their signed word.
    Uptake(list::UptakeArgs),
    /// Where a box stands: its title, region, whether it is a canary.
    Place(boxes::PlaceArgs),
    /// Take a box out of service in order.
    Retire(boxes::LeaveArgs),
    /// A box is stolen, lost or broken into: believe nothing of it any more, and say what it held.
    Revoke(boxes::LeaveArgs),
    /// What a box held when it was last heard of.
    Held(boxes::HeldArgs),
    /// Every box in one line, those that need somebody first.
    Fleet(fleet::FleetArgs),
    /// The fleet's page, its figures, and the interface for other systems.
    Serve(serve::ServeArgs),
    /// Who may use the page and the interface.
    Token(serve::TokenArgs),
    /// Who comes to the page with a certificate, and in what role.
    Person(people::PersonArgs),
    /// Entries that other systems offered: take or refuse them.
    Offers(serve::OffersArgs),
    /// What was inspected, advised and decided, without persons; errors and overrides by group.
    Statistics(records::StatisticsArgs),
    /// Verify and print the ledger of headquarters' own acts.
    Acts(acts::ActsArgs),
    /// Take parcels from boxes and give signed receipts.
    Receive(receive::ReceiveArgs),
    /// Take parcels that came on a stick, and write the receipt to carry back.
    Take(receive::TakeArgs),
    /// Backups of boxes: open one, unwrap the key of the store within.
    Backup(backup::BackupArgs),
    /// Count what arrived by post, find gaps, and open every parcel once.
    Audit(records::AuditArgs),
    /// List parcels.
    Parcels(records::ParcelsArgs),
    /// Verify a post's exported ledger, and hold it against what was seen of it.
    Ledger(rights::LedgerArgs),
    /// Everything held of a person, for that person: opens every parcel; personal data.
    SubjectAccess(rights::SubjectAccessArgs),
    /// Erase one record by order; prints the signed proof.
    Erase(rights::EraseArgs),
    /// Keep a record from being erased until two people release it, or list the holds.
    Hold(hold::HoldArgs),
    /// Erase the records whose time is over, but those under hold.
    Retention(hold::RetentionArgs),
    /// Write one of a fixed set of things into a file for others.
    #[command(after_help = export::EXPORT_HELP)]
    Export(export::ExportArgs),
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// The database of parcels: sqlite:PATH or postgres://USER@HOST/NAME. Default: parcels.db in the state folder.
    #[arg(
        long,
        value_name = "URL",
        env = "MPAKA_HQ_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
}

impl DatabaseArgs {
    fn of(&self, home: &Home) -> Result<Database, HqError> {
        Database::of(self.database.as_deref(), home)
    }
}

// One record, and on what order something is done with it. No documentation: it would stand as the command's.
#[derive(Debug, Args)]
struct OrderedRecord {
    /// The post.
    #[arg(long, value_name = "POST")]
    post: PostId,
    /// The encounter's number there.
    #[arg(long, value_name = "N")]
    sequence: u64,
    /// The order that it rests on: a court, a decision, an inquiry, a law; with its date.
    #[arg(long, value_name = "TEXT")]
    order: String,
}

impl OrderedRecord {
    fn sequence(&self) -> Sequence {
        Sequence(self.sequence)
    }

    /// What it is about, for headquarters' ledger.
    fn about(&self) -> Value {
        serde_json::json!({ "post": self.post, "sequence": self.sequence, "order": self.order })
    }
}

/// Waits for an answer of the database.
fn wait<T>(answer: impl Future<Output = Result<T, HqError>>) -> Result<T, HqError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|source| HqError::Io {
            path: "the system's threads".into(),
            source,
        })?
        .block_on(answer)
}

impl Command {
    /// The name in headquarters' ledger and what the act is about; absent for what changes nothing.
    fn act(&self) -> Option<(&'static str, Value)> {
        Some(match self {
            Self::Rotate(args) => ("rotate", args.about()),
            Self::Rekey(args) => ("rekey", args.about()),
            Self::Protection(args) => ("protection", args.about()),
            Self::Enrol(args) => ("enrol", args.about()?),
            Self::Import(args) => ("import", args.about()),
            Self::Emergency(args) => ("emergency", args.about()),
            Self::Withdraw(args) => ("withdraw", args.about()?),
            Self::Files(args) => ("files", args.about()?),
            Self::Approve(args) => ("approve", args.about()),
            Self::Publish(args) => ("publish", args.about()?),
            Self::Rollout(args) => ("rollout", args.about()?),
            Self::Place(args) => ("place", args.about()),
            Self::Token(args) => ("token", args.about()?),
            Self::Person(args) => ("person", args.about()?),
            Self::Offers(args) => ("offers", args.about()?),
            Self::Retire(args) => ("retire", args.about()),
            Self::Revoke(args) => ("revoke", args.about()),
            Self::Parcels(args) => ("parcels", args.about()?),
            Self::Backup(args) => ("backup", args.about()),
            Self::SubjectAccess(args) => ("subject_access", args.about()),
            Self::Erase(args) => ("erase", args.about()),
            Self::Hold(args) => ("hold", args.about()?),
            Self::Retention(args) => ("retention", args.about()),
            Self::Export(args) => ("export", args.about()),
            Self::Ceremony(_)
            | Self::Pkcs11(_)
            | Self::Lint
            | Self::Audit(_)
            | Self::Ledger(_)
            | Self::Difference
            | Self::Uptake(_)
            | Self::Held(_)
            | Self::Fleet(_)
            | Self::Acts(_)
            | Self::Statistics(_)
            | Self::Serve(_)
            | Self::Take(_)
            | Self::Admit(_)
            | Self::Receive(_) => return None,
        })
    }
}

/// Does what was asked and prints the answer on stdout.
pub(crate) fn run(cli: Cli) -> Result<(), HqError> {
    let now = Timestamp::now();
    let print = Printer { json: cli.json };
    let line = |act: &str, phase, detail| Act {
        at: Timestamp::now(),
        by: cli.operator.to_string(),
        act: act.to_owned(),
        phase,
        detail,
    };
    if let Command::Ceremony(args) = &cli.command {
        let home = Home::make(&cli.state)?;
        keys::hold_ceremony(&home, args, now, &print)?;
        mpaka_hq::acts::write(&home, &line("ceremony", Phase::Done, Value::Null))?;
        return Ok(());
    }
    // Tokens are looked at before there is a headquarters, too.
    if let Command::Pkcs11(args) = &cli.command {
        return pkcs11::run(args, &print);
    }
    let home = Home::open(&cli.state)?;
    // Where headquarters' keys are not, nothing can be opened, and the ledger not be signed.
    let written_down = |act: &(&str, Value)| act.0 != "parcels" || home.private().exists();
    let Some((act, about)) = cli.command.act().filter(written_down) else {
        return answer(&home, cli.command, now, &print);
    };
    // On the medium before anything is done.
    mpaka_hq::acts::write(&home, &line(act, Phase::Begun, about))?;
    let done = answer(&home, cli.command, now, &print);
    let (phase, detail) = match &done {
        Ok(()) => (Phase::Done, Value::Null),
        Err(e) => (Phase::Failed, e.name().into()),
    };
    mpaka_hq::acts::write(&home, &line(act, phase, detail))?;
    done
}

fn answer(home: &Home, command: Command, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    match command {
        Command::Ceremony(_) => Ok(()),
        Command::Pkcs11(args) => pkcs11::run(&args, print),
        Command::Rotate(args) => keys::rotate(home, &args, now, print),
        Command::Rekey(args) => receive::rekey(home, &args, now, print),
        Command::Protection(args) => protection::run(home, &args, print),
        Command::Enrol(args) => boxes::enrol(home, &args, now, print),
        Command::Admit(args) => receive::admit(home, args),
        Command::Import(args) => list::import(home, args, now, print),
        Command::Emergency(args) => emergency::run(home, &args, now, print),
        Command::Files(args) => list::files(home, args, now, print),
        Command::Withdraw(args) => list::withdraw_entry(home, &args, now, print),
        Command::Lint => list::lint(home, now, print),
        Command::Difference => list::show_difference(home, print),
        Command::Approve(args) => list::approve(home, &args, now, print),
        Command::Publish(args) => list::publish(home, args, now, print),
        Command::Rollout(args) => rollout::run(home, &args, now, print),
        Command::Uptake(args) => list::uptake(home, &args, print),
        Command::Place(args) => boxes::place(home, &args, print),
        Command::Retire(args) => boxes::leave(home, &args, Standing::Retired, now, print),
        Command::Revoke(args) => boxes::leave(home, &args, Standing::Revoked, now, print),
        Command::Held(args) => boxes::held(home, &args, print),
        Command::Fleet(args) => fleet::run(home, &args, now, print),
        Command::Serve(args) => serve::serve(home, args),
        Command::Token(args) => serve::token(home, &args, now, print),
        Command::Person(args) => people::run(home, &args, now, print),
        Command::Offers(args) => serve::offers(home, &args, now, print),
        Command::Statistics(args) => records::count(home, &args, print),
        Command::Acts(args) => acts::run(home, &args, print),
        Command::Receive(args) => receive::receive_parcels(home, args),
        Command::Take(args) => receive::take(home, &args, print),
        Command::Backup(args) => backup::run(home, &args, print),
        Command::Audit(args) => records::audit_all(home, &args, print),
        Command::Parcels(args) => records::list_parcels(home, &args, print),
        Command::Ledger(args) => rights::ledger(home, &args, print),
        Command::SubjectAccess(args) => rights::subject_access(home, args, print),
        Command::Erase(args) => rights::erase(home, &args, now, print),
        Command::Hold(args) => hold::run(home, &args, now, print),
        Command::Retention(args) => hold::expire(home, &args, now, print),
        Command::Export(args) => export::run(home, args, print),
    }
}
