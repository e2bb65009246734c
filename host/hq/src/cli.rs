//! The command line: reads arguments, calls the library, prints answers.

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mpaka_hq::HqError;
use mpaka_hq::audit::{self, Opened};
use mpaka_hq::ceremony::{self, CeremonyOrder};
use mpaka_hq::home::Home;
use mpaka_hq::list::{self, ImportOrder, PublishOrder};
use mpaka_hq::receive::{self, ReceiveOrder};
use mpaka_hq::register::Register;
use rules::{OfficerId, PostId};
use seal::bundle::publish::{self, Quorum, Role};
use seal::device::Enrolment;
use serde::Serialize;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

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
    /// Print one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the root, the signing keys and headquarters' own keys; print the record for witnesses.
    Ceremony(CeremonyArgs),
    /// Sign the next root: with new keys for the roles named, or only with a longer life.
    Rotate(RotateArgs),
    /// Register a box by its public file, or list the registered ones.
    Enrol(EnrolArgs),
    /// Read a list of persons and documents into the working list, in place of what its source listed before.
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// Look through the working list for what people should look at.
    Lint,
    /// Approve the working list as it stands. Two different people must; a change voids it.
    Approve {
        /// Who approves.
        #[arg(long, value_name = "NAME")]
        by: OfficerId,
    },
    /// Make an edition of the approved list, sign it, and put it into the repository folder.
    Publish(PublishArgs),
    /// Take parcels from boxes and give signed receipts.
    Receive(ReceiveArgs),
    /// Count what arrived by post, find gaps, and open every parcel once.
    Audit {
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// List parcels.
    Parcels(ParcelsArgs),
}

const IMPORT_HELP: &str = "\
CSV in UTF-8 with a header line; columns in any order.
persons:   entry,names[,birth,sex,nationality,documents,action,expires]
           names, birth, nationality and documents may hold several values parted by |; the first name is the
           primary one, and may be written SURNAME, Given. birth is 1974-08-12, 1974-08 or 1974. A document is
           NUMBER/STATE/TYPE. expires is the last day (2027-12-31).
documents: number,state[,type,entry]";

#[derive(Debug, Args)]
struct CeremonyArgs {
    /// So many root keys must sign a new root.
    #[arg(long, default_value_t = 2, value_name = "K")]
    threshold: u8,
    /// So many root keys are made.
    #[arg(long, default_value_t = 3, value_name = "N")]
    keys: u8,
    /// So many keys must sign an edition.
    #[arg(long, default_value_t = 2, value_name = "K")]
    targets_threshold: u8,
    /// So many keys for editions are made.
    #[arg(long, default_value_t = 3, value_name = "N")]
    targets_keys: u8,
    /// For so many days the root is good.
    #[arg(long, default_value_t = 1826, value_name = "DAYS")]
    expires_in_days: u32,
}

#[derive(Debug, Args)]
struct RotateArgs {
    /// A role whose keys are all replaced: root, targets, snapshot or timestamp. May be given several times.
    #[arg(long, value_name = "ROLE")]
    role: Vec<Role>,
    /// For so many days the next root is good.
    #[arg(long, default_value_t = 1826, value_name = "DAYS")]
    expires_in_days: u32,
}

#[derive(Debug, Args)]
struct EnrolArgs {
    /// The box's public file (device-public.json).
    #[arg(required_unless_present = "list", value_name = "FILE")]
    file: Option<PathBuf>,
    /// List the registered boxes.
    #[arg(long, conflicts_with = "file")]
    list: bool,
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// A CSV of persons.
    #[arg(long, required_unless_present = "documents", value_name = "FILE")]
    persons: Option<PathBuf>,
    /// A CSV of documents.
    #[arg(long, value_name = "FILE")]
    documents: Option<PathBuf>,
    /// The list's name, for example "UN 1267".
    #[arg(long, value_name = "NAME")]
    source: String,
    /// The law or order that the listing rests on.
    #[arg(long, value_name = "TEXT")]
    legal_basis: String,
    /// The state that lists (ISO 3166-1 alpha-3), where the source is one: lint then warns of its own nationals.
    #[arg(long, value_name = "CODE")]
    source_state: Option<String>,
}

#[derive(Debug, Args)]
struct PublishArgs {
    /// The repository folder (metadata/ and targets/ are made in it).
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The edition's number; the next one where not given.
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// For so many days boxes take it as new.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    expires_in_days: u32,
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// The database of parcels: sqlite:PATH. Default: parcels.db in the state folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Args)]
struct ReceiveArgs {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8471", value_name = "ADDRESS")]
    listen: SocketAddr,
    #[command(flatten)]
    database: DatabaseArgs,
    /// A file to write the port into once connections are accepted.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ParcelsArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this post's.
    #[arg(long, value_name = "POST")]
    post: Option<PostId>,
    /// Open them with headquarters' private key and print the records: personal data.
    #[arg(long)]
    open: bool,
}

impl DatabaseArgs {
    fn path(&self, home: &Home) -> Result<PathBuf, HqError> {
        match &self.database {
            None => Ok(home.parcels()),
            Some(url) => url
                .strip_prefix("sqlite:")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
                .ok_or_else(|| HqError::DatabaseUnsupported(url.clone())),
        }
    }
}

/// Does what was asked and prints the answer on stdout.
pub(crate) fn run(cli: Cli) -> Result<(), HqError> {
    let now = Timestamp::now();
    let print = Printer { json: cli.json };
    if let Command::Ceremony(args) = &cli.command {
        return hold_ceremony(&Home::make(&cli.state)?, args, now, &print);
    }
    let home = Home::open(&cli.state)?;
    match cli.command {
        Command::Ceremony(_) => Ok(()),
        Command::Rotate(args) => rotate(&home, &args, now, &print),
        Command::Enrol(args) => enrol(&home, &args, now, &print),
        Command::Import(args) => import(&home, args, now, &print),
        Command::Lint => lint(&home, now, &print),
        Command::Approve { by } => approve(&home, &by, now, &print),
        Command::Publish(args) => publish_edition(&home, args, now, &print),
        Command::Receive(args) => receive_parcels(&home, args),
        Command::Audit { database } => audit_all(&home, &database, &print),
        Command::Parcels(args) => list_parcels(&home, &args, &print),
    }
}

/// Prints an answer as JSON or as text.
struct Printer {
    json: bool,
}

impl Printer {
    fn answer(
        &self,
        object: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> Result<(), HqError> {
        let line = if self.json {
            serde_json::to_string(object).expect("answers are plain structures")
        } else {
            text()
        };
        writeln!(std::io::stdout(), "{line}").map_err(stdout_failed)
    }
}

fn stdout_failed(source: std::io::Error) -> HqError {
    HqError::Io {
        path: Path::new("standard output").to_owned(),
        source,
    }
}

fn hold_ceremony(
    home: &Home,
    args: &CeremonyArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = CeremonyOrder {
        root: Quorum::new(args.threshold, args.keys)?,
        targets: Quorum::new(args.targets_threshold, args.targets_keys)?,
        root_expires_in_days: args.expires_in_days,
    };
    let record = ceremony::hold(home, &order, now)?;
    print.answer(&record, || {
        format!(
            "The ceremony has been held. Witnesses: write this down.\n\n{}\nparcel and receipt keys  {}\n\n\
             Now: copy each root key from {} to a medium of its own, one safe each, and erase it here.\n\
             Boxes are enrolled with {} and {}.",
            record_text(&record.root),
            record.hq_key,
            record.keys.display(),
            record.root.root_file.display(),
            record.hq_public.display(),
        )
    })
}

fn record_text(record: &publish::Record) -> String {
    let mut text = format!(
        "root version             {}\nroot digest (SHA-256)    {}\nroot good until          {}\n",
        record.root_version, record.root_sha256, record.root_expires_at
    );
    for role in &record.roles {
        text += &format!(
            "{:<24} {} of {}\n",
            role.role.as_str(),
            role.threshold,
            role.key_ids.len()
        );
        for id in &role.key_ids {
            text += &format!("                         {id}\n");
        }
    }
    text
}

fn rotate(home: &Home, args: &RotateArgs, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let expires_at = ceremony::days_after(now, args.expires_in_days);
    let replace = args.role.iter().copied().collect();
    let record = publish::rotate(&home.keys(), &home.roots(), &replace, expires_at)?;
    print.answer(&record, || {
        format!(
            "The next root is signed. Witnesses: write this down.\n\n{}\nIt reaches boxes with the next edition.",
            record_text(&record)
        )
    })
}

fn enrol(home: &Home, args: &EnrolArgs, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let mut register = Register::open(home)?;
    if let Some(file) = &args.file {
        let enrolment = Enrolment::read(file)?;
        register.enrol(&enrolment, now)?;
        #[derive(Serialize)]
        struct Enrolled<'a> {
            post: &'a PostId,
            device: String,
        }
        let enrolled = Enrolled {
            post: enrolment.post(),
            device: enrolment.device().to_string(),
        };
        return print.answer(&enrolled, || {
            format!("{} is enrolled with key {}", enrolled.post, enrolled.device)
        });
    }
    for post in register.posts()? {
        print.answer(&post, || {
            format!(
                "{:<24} {}  since {}",
                post.post.as_str(),
                post.device,
                post.enrolled_at
            )
        })?;
    }
    Ok(())
}

fn import(home: &Home, args: ImportArgs, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let order = ImportOrder {
        persons: args.persons,
        documents: args.documents,
        source: args.source,
        legal_basis: args.legal_basis,
        source_state: args.source_state.map(|code| code.to_ascii_uppercase()),
    };
    let report = list::import(&mut Register::open(home)?, &order, now)?;
    print.answer(&report, || {
        format!(
            "{} lists {} persons and {} documents: {} added, {} changed, {} unchanged, {} withdrawn",
            order.source,
            report.persons,
            report.documents,
            report.added,
            report.changed,
            report.unchanged,
            report.withdrawn
        )
    })
}

fn lint(home: &Home, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let findings = list::lint(&Register::open(home)?, today)?;
    for finding in &findings {
        print.answer(finding, || {
            format!(
                "{:<28} {:<20} {}: {}",
                finding.finding.as_str(),
                finding.entry.as_deref().unwrap_or("-"),
                finding.source,
                finding.detail
            )
        })?;
    }
    if findings.is_empty() && !print.json {
        writeln!(std::io::stdout(), "nothing to look at").map_err(stdout_failed)?;
    }
    Ok(())
}

fn approve(home: &Home, by: &OfficerId, now: Timestamp, print: &Printer) -> Result<(), HqError> {
    let standing = list::approve(&mut Register::open(home)?, by, now)?;
    print.answer(&standing, || {
        format!(
            "{by} approves {} persons and {} documents, digest {}\napproved by: {}",
            standing.persons,
            standing.documents,
            standing.digest,
            standing.approvers.join(", ")
        )
    })
}

fn publish_edition(
    home: &Home,
    args: PublishArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = PublishOrder {
        out: args.out,
        number: args.number,
        expires_in_days: args.expires_in_days,
    };
    let done = list::publish(home, &mut Register::open(home)?, &order, now)?;
    print.answer(&done, || {
        format!(
            "edition {} is published in {}: {} persons, {} documents, {} files of {} bytes, good until {}; \
             approved by {}",
            done.number,
            done.out.display(),
            done.persons,
            done.documents,
            done.files.len(),
            done.bytes,
            done.expires_at,
            done.approvers.join(", ")
        )
    })
}

fn receive_parcels(home: &Home, args: ReceiveArgs) -> Result<(), HqError> {
    let order = ReceiveOrder {
        listen: args.listen,
        database: args.database.path(home)?,
        port_file: args.port_file,
        clock: Timestamp::now,
    };
    let listen_failed = |source| HqError::Listen {
        address: order.listen.to_string(),
        source,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(listen_failed)?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(listen_failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(listen_failed)?;
        receive::serve(home, &order, async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
    })
}

fn audit_all(home: &Home, database: &DatabaseArgs, print: &Printer) -> Result<(), HqError> {
    for post in audit::audit(home, &database.path(home)?)? {
        print.answer(&post, || {
            let mut text = format!(
                "{:<24} {} parcels, receipted up to {}, {} gaps, {} refused, {}{}",
                post.post.as_str(),
                post.parcels,
                post.up_to,
                post.gaps,
                post.refused,
                match post.opened {
                    Some(opened) => format!("{opened} opened"),
                    None => "not opened: the private key is not here".to_owned(),
                },
                if post.enrolled { "" } else { ", NOT ENROLLED" },
            );
            for fault in &post.faults {
                text += &format!("\n    {fault}");
            }
            text
        })?;
    }
    Ok(())
}

fn list_parcels(home: &Home, args: &ParcelsArgs, print: &Printer) -> Result<(), HqError> {
    let open = if args.open { Opened::Yes } else { Opened::No };
    audit::parcels(
        home,
        &args.database.path(home)?,
        args.post.as_ref(),
        open,
        |line| {
            print.answer(&line, || {
                let inside = match (&line.record, &line.fault) {
                    (Some(record), _) => format!(
                        "  {} {}",
                        record.advised.advice.as_str(),
                        record
                            .decision
                            .as_ref()
                            .map_or("-", |d| d.decision.as_str())
                    ),
                    (None, Some(fault)) => format!("  {fault}"),
                    (None, None) => String::new(),
                };
                format!(
                    "{}/{:06}  {}  received {}  {} bytes{inside}",
                    line.post, line.sequence, line.kind, line.received_at, line.bytes
                )
            })
        },
    )
}
