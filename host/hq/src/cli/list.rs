//! The working list: imported, looked through, approved, published.

use super::Printer;
use super::print::stdout_failed;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mpaka_hq::HqError;
use mpaka_hq::home::Home;
use mpaka_hq::list::{self, ImportOrder, PublishOrder};
use mpaka_hq::register::Register;
use rules::{EntryId, OfficerId};
use seal::bundle::items::FileKind;
use std::io::Write;
use std::path::PathBuf;

pub(super) const IMPORT_HELP: &str = "\
CSV in UTF-8 with a header line; columns in any order.
persons:   entry,names[,birth,sex,nationality,documents,action,expires]
           names, birth, nationality and documents may hold several values parted by |; the first name is the
           primary one, and may be written SURNAME, Given. birth is 1974-08-12, 1974-08 or 1974. A document is
           NUMBER/STATE/TYPE. expires is the last day (2027-12-31).
documents: number,state[,type,entry]. A document without an entry is kept as a keyed digest: lists of a hundred
           million rows are read in some minutes.
JSON:      --persons FILE.json (a list) or FILE.jsonl (an entry a line); see the folder page of host/hq/src/list.
Other lists: --ofac FOLDER (sdn.csv, alt.csv), --un FILE.xml, --ftm FILE (FollowTheMoney, a JSON object a line).";

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// A CSV of persons, or JSON (.json, .jsonl).
    #[arg(long, required_unless_present_any = ["documents", "ofac", "un", "ftm"], value_name = "FILE")]
    persons: Option<PathBuf>,
    /// A CSV of documents.
    #[arg(long, value_name = "FILE")]
    documents: Option<PathBuf>,
    /// A folder with the OFAC list's sdn.csv and alt.csv.
    #[arg(long, value_name = "FOLDER")]
    ofac: Option<PathBuf>,
    /// The UN Security Council's consolidated list.
    #[arg(long, value_name = "FILE.xml")]
    un: Option<PathBuf>,
    /// FollowTheMoney entities, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    ftm: Option<PathBuf>,
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
pub(super) struct ApproveArgs {
    /// Who approves.
    #[arg(long, value_name = "NAME")]
    by: OfficerId,
}

#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// The repository folder (metadata/ and targets/ are made in it).
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The edition's number; the next one where not given.
    #[arg(long, value_name = "N")]
    number: Option<u64>,
    /// For so many days boxes take it as new.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    expires_in_days: u32,
    /// Make a full edition, whether one is due or not.
    #[arg(long)]
    full: bool,
}

#[derive(Debug, Args)]
pub(super) struct WithdrawArgs {
    /// The entry to withdraw; without one the tombstones are listed.
    #[arg(requires = "by")]
    entry: Option<EntryId>,
    /// Who withdraws it.
    #[arg(long, value_name = "NAME")]
    by: Option<OfficerId>,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    why: String,
    /// Lift the entry's tombstone instead.
    #[arg(long)]
    lift: bool,
}

#[derive(Debug, Args)]
pub(super) struct FilesArgs {
    #[command(subcommand)]
    command: Option<FilesCommand>,
}

#[derive(Debug, Subcommand)]
enum FilesCommand {
    /// Add files, in place of those of the same kind and name.
    Add {
        /// What they are: trust, crl, defects, model, policy or locale.
        kind: FileKind,
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Take a file out.
    Remove {
        /// What it is.
        kind: FileKind,
        /// Its name.
        name: String,
    },
}

pub(super) fn withdraw(
    home: &Home,
    args: &WithdrawArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let mut register = Register::open(home)?;
    let (Some(entry), Some(by)) = (&args.entry, &args.by) else {
        for stone in list::withdrawn(&register)? {
            print.answer(&stone, || {
                format!(
                    "{}  withdrawn {} by {}: {}",
                    stone.entry, stone.at, stone.by, stone.why
                )
            })?;
        }
        return Ok(());
    };
    if args.lift {
        #[derive(serde::Serialize)]
        struct Lifted<'a> {
            entry: &'a EntryId,
            lifted: bool,
        }
        let lifted = Lifted {
            entry,
            lifted: list::lift(&mut register, entry)?,
        };
        return print.answer(&lifted, || {
            if lifted.lifted {
                format!("{entry} may be listed again; import its source")
            } else {
                format!("{entry} was not withdrawn")
            }
        });
    }
    let stone = list::withdraw(&mut register, entry, by, &args.why, now)?;
    print.answer(&stone, || {
        let was = if stone.was_listed {
            ""
        } else {
            " (it was not listed)"
        };
        format!(
            "{entry} is withdrawn{was}; two people approve, then the next edition tells the boxes"
        )
    })
}

pub(super) fn files(
    home: &Home,
    args: FilesArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let mut register = Register::open(home)?;
    match args.command {
        Some(FilesCommand::Add { kind, files }) => {
            for path in files {
                list::files::add(home, &mut register, kind, &path, now)?;
            }
        }
        Some(FilesCommand::Remove { kind, name }) => {
            list::files::remove(&mut register, kind, &name)?;
        }
        None => {}
    }
    for file in list::files::all(&register)? {
        print.answer(&file, || {
            format!(
                "{:<8} {:<32} {:>9} bytes  {}  added {}",
                file.kind.as_str(),
                file.name,
                file.bytes,
                &file.sha256[..16.min(file.sha256.len())],
                file.added_at
            )
        })?;
    }
    Ok(())
}

pub(super) fn import(
    home: &Home,
    args: ImportArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = ImportOrder {
        persons: args.persons,
        documents: args.documents,
        ofac: args.ofac,
        un: args.un,
        ftm: args.ftm,
        source: args.source,
        legal_basis: args.legal_basis,
        source_state: args.source_state.map(|code| code.to_ascii_uppercase()),
    };
    let report = list::import(home, &mut Register::open(home)?, &order, now)?;
    print.answer(&report, || {
        format!(
            "{} lists {} persons and {} documents: {} added, {} changed, {} unchanged, {} withdrawn, \
             {} kept out by a tombstone, {} passed over",
            order.source,
            report.persons,
            report.documents,
            report.added,
            report.changed,
            report.unchanged,
            report.withdrawn,
            report.tombstones,
            report.passed_over
        )
    })
}

pub(super) fn lint(home: &Home, now: Timestamp, print: &Printer) -> Result<(), HqError> {
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

pub(super) fn approve(
    home: &Home,
    args: &ApproveArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let by = &args.by;
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

pub(super) fn publish(
    home: &Home,
    args: PublishArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    let order = PublishOrder {
        out: args.out,
        number: args.number,
        expires_in_days: args.expires_in_days,
        full: args.full,
    };
    let done = list::publish(home, &mut Register::open(home)?, &order, now)?;
    print.answer(&done, || {
        format!(
            "edition {} is published in {}: {} persons, {} documents, {} files of {} bytes, {}, for {} boxes, \
             good until {}; approved by {}",
            done.number,
            done.out.display(),
            done.persons,
            done.documents,
            done.files.len(),
            done.bytes,
            match done.delta_bytes {
                Some(bytes) => format!("{bytes} bytes of it the step from the edition before"),
                None => "a full edition".to_owned(),
            },
            done.boxes,
            done.expires_at,
            done.approvers.join(", ")
        )
    })
}
