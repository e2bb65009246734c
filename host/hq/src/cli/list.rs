//! The working list: imported, looked through, approved, published.

use super::Printer;
use super::passphrase::{self, Passphrases};
use super::pkcs11;
use super::print::stdout_failed;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mpaka_hq::HqError;
use mpaka_hq::approval;
use mpaka_hq::difference::{self, SourceDifference};
use mpaka_hq::home::Home;
use mpaka_hq::keyring::role_keys_with;
use mpaka_hq::list::{self, Extent, ImportOrder, PublishOrder};
use mpaka_hq::pkcs11::Making;
use mpaka_hq::register::Register;
use mpaka_hq::rollout::{self, Waves};
use mpaka_hq::withdraw;
use rules::OfficerId;
use seal::bundle::items::FileKind;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

pub(super) const IMPORT_HELP: &str = "\
CSV in UTF-8 with a header line; columns in any order.
persons:   entry,names[,birth,sex,nationality,documents,action,handling,expires,faces]
           names, birth, nationality and documents may hold several values parted by |; the first name is the
           primary one, and may be written SURNAME, Given. birth is 1974-08-12, 1974-08 or 1974. A document is
           NUMBER/STATE/TYPE. expires is the last day (2027-12-31). faces are photographs in the list's folder, by
           name, parted by |: templates are made of them here, and boxes get those alone.
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
    /// The folder of the models that describe the list's photographs (default: $MPAKA_MODELS, else the usual one).
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ApproveArgs {
    /// Who approves.
    #[arg(long, value_name = "NAME")]
    by: OfficerId,
    /// Approve only what was looked at: the list must still have the digest that 'publish --dry-run' showed.
    #[arg(long, value_name = "HEX")]
    digest: Option<String>,
    /// A file with the passphrase, where the person holds a key; asked for where not given.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
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
    /// Make all of it anew, and let nothing go out again that was signed before: after keys for editions were in a
    /// stranger's hands. Every box fetches the full edition.
    #[arg(long, conflicts_with = "full")]
    anew: bool,
    /// Reach boxes in waves, for example canary,post:NAMANGA-1,region:North,all; all at once where not given.
    #[arg(long, value_name = "WAVES")]
    waves: Option<Waves>,
    /// Who signs with the key that the person holds; as many as the threshold says.
    #[arg(long, value_name = "NAME")]
    signer: Vec<OfficerId>,
    /// A file with the signers' passphrases, a line each; asked for where not given.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Show what would be published to whom, and what is missing for it; sign nothing.
    #[arg(long)]
    dry_run: bool,
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
        /// What they are: trust, crl, defects, model, policy, locale or software (packages: see "The programs" in README.md).
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
        models: args.models,
    };
    let mut register = Register::open(home)?;
    let report = list::import(&mut register, &order, now)?;
    for entry in withdraw::keep_out(home, &mut register)? {
        tracing::warn!(%entry, "was withdrawn and is kept off the list; mpaka-hq withdraw --reinstate lets it back");
    }
    print.answer(&report, || {
        format!(
            "{} lists {} persons and {} documents: {} added, {} changed, {} unchanged, {} withdrawn, \
             {} passed over; {} faces, and {} photographs that show none to search",
            order.source,
            report.persons,
            report.documents,
            report.added,
            report.changed,
            report.unchanged,
            report.withdrawn,
            report.passed_over,
            report.faces,
            report.faces_unusable
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
    let proven = !approval::holders(home)?.is_empty();
    let holder = passphrase::of_person(home, args.passphrase_file.as_deref(), by)?;
    let mut register = Register::open(home)?;
    let seen = args.digest.as_deref();
    let standing = approval::approve(home, &mut register, &holder, seen, now)?;
    print.answer(&standing, || {
        format!(
            "{by} approves {} persons, {} documents and {} files, digest {}\napproved by: {}{}",
            standing.persons,
            standing.documents,
            standing.files,
            standing.digest,
            standing.approvers.join(", "),
            if proven {
                ""
            } else {
                " (names only: the ceremony named no holders)"
            }
        )
    })
}

pub(super) fn publish(
    home: &Home,
    args: PublishArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    if args.dry_run {
        return dry_run(home, &args, print);
    }
    let order = PublishOrder {
        out: args.out,
        number: args.number,
        expires_in_days: args.expires_in_days,
        extent: match (args.anew, args.full) {
            (true, _) => Extent::Anew,
            (false, true) => Extent::Full,
            (false, false) => Extent::AsDue,
        },
        waves: args.waves.clone(),
    };
    let mut keys = role_keys_with(home, pkcs11::asking(Making::New))?;
    let mut passphrases = Passphrases::from(args.passphrase_file.as_deref())?;
    for holder in passphrases.of_all(&args.signer)? {
        keys.unlock(&holder)?;
    }
    let done = list::publish(home, &mut Register::open(home)?, &order, &keys, now)?;
    print.answer(&done, || {
        format!(
            "edition {} is published in {}: {} persons, {} documents, {} files of {} bytes, {}, for {} boxes, \
             good until {}; approved by {}{}{}",
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
            done.approvers.join(", "),
            args.waves
                .as_ref()
                .map_or_else(String::new, |waves| format!("; waves {waves}, now {}", waves.name(0))),
            match &done.altered[..] {
                [] => String::new(),
                altered => format!(
                    "\nSOMEBODY ALTERED files of earlier editions here; they were made anew: {}",
                    altered.join(", ")
                ),
            }
        )
    })
}

/// What a publishing would do.
#[derive(Serialize)]
struct DryRun {
    digest: String,
    persons: usize,
    documents: usize,
    approvers: Vec<String>,
    approved: bool,
    findings: usize,
    difference: Vec<SourceDifference>,
    /// The boxes of the first wave; absent where every box may take it.
    first_wave: Option<Vec<rules::PostId>>,
}

fn dry_run(home: &Home, args: &PublishArgs, print: &Printer) -> Result<(), HqError> {
    let register = Register::open(home)?;
    let standing = list::state(&register)?;
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let first = args
        .waves
        .as_ref()
        .map(|waves| rollout::first(home, waves))
        .transpose()?;
    let plan = DryRun {
        digest: standing.digest,
        persons: standing.persons,
        documents: standing.documents,
        approved: list::approved(home, &register)?,
        approvers: standing.approvers,
        findings: list::lint(&register, today)?.len(),
        difference: difference::difference(home)?,
        first_wave: first
            .and_then(|f| f.posts)
            .map(|posts| posts.into_iter().collect()),
    };
    print.answer(&plan, || {
        let boxes = plan
            .first_wave
            .as_ref()
            .map_or_else(|| "every box".to_owned(), |posts| format!("{} boxes", posts.len()));
        format!(
            "would publish {} persons and {} documents, digest {}, to {boxes} first; {}; lint has {} findings\n{}",
            plan.persons,
            plan.documents,
            plan.digest,
            if plan.approved { "approved" } else { "NOT approved by two people" },
            plan.findings,
            difference_text(&plan.difference)
        )
    })
}

pub(super) fn show_difference(home: &Home, print: &Printer) -> Result<(), HqError> {
    let sources = difference::difference(home)?;
    if print.json {
        return sources
            .iter()
            .try_for_each(|s| print.answer(s, String::new));
    }
    print.answer(&(), || difference_text(&sources))
}

fn difference_text(sources: &[SourceDifference]) -> String {
    let mut text = String::new();
    for source in sources {
        text += &format!(
            "{}: {} added, {} changed, {} withdrawn, {} unchanged\n",
            source.source,
            source.added.len(),
            source.changed.len(),
            source.withdrawn.len(),
            source.unchanged
        );
        for entry in &source.added {
            text += &format!("  + {entry}\n");
        }
        for changed in &source.changed {
            text += &format!("  ~ {} ({})\n", changed.entry, changed.fields.join(", "));
        }
        for entry in &source.withdrawn {
            text += &format!("  - {entry}\n");
        }
        if source.unnamed > 0 {
            text += &format!("  and {} more\n", source.unnamed);
        }
    }
    if text.is_empty() {
        text = "nothing is listed, and nothing was".into();
    }
    text.trim_end().to_owned()
}

#[derive(Debug, Args)]
pub(super) struct WithdrawArgs {
    /// The entry: its name, or NUMBER/STATE/TYPE of a document without one.
    entry: String,
    /// Why, for the ledger.
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["proof", "reinstate"])]
    why: Option<String>,
    /// Show which boxes no longer have it.
    #[arg(long, conflicts_with = "why")]
    proof: bool,
    /// Let its source list it again.
    #[arg(long, conflicts_with_all = ["why", "proof"])]
    reinstate: bool,
}

pub(super) fn withdraw_entry(
    home: &Home,
    args: &WithdrawArgs,
    now: Timestamp,
    print: &Printer,
) -> Result<(), HqError> {
    if args.proof {
        let proof = withdraw::proof_of_withdrawal(home, &args.entry)?;
        return print.answer(&proof, || proof_text(&proof));
    }
    let withdrawal = if args.reinstate {
        withdraw::reinstate(home, &args.entry)?
    } else {
        let why = args.why.as_deref().unwrap_or_default();
        withdraw::withdraw(home, &mut Register::open(home)?, &args.entry, why, now)?
    };
    print.answer(&withdrawal, || {
        if args.reinstate {
            format!(
                "{} may be listed again by {}",
                withdrawal.entry, withdrawal.source
            )
        } else {
            format!(
                "{} of {} is off the list; approve and publish, then see --proof",
                withdrawal.entry, withdrawal.source
            )
        }
    })
}

#[derive(Debug, Args)]
pub(super) struct UptakeArgs {
    /// The edition.
    edition: u64,
}

pub(super) fn uptake(home: &Home, args: &UptakeArgs, print: &Printer) -> Result<(), HqError> {
    let proof = withdraw::proof_of_uptake(home, args.edition)?;
    print.answer(&proof, || proof_text(&proof))
}

fn proof_text(proof: &withdraw::Proof) -> String {
    let mut text = format!(
        "edition {}: {} boxes have it, {} do not yet",
        proof.of_edition,
        proof.taken.len(),
        proof.outstanding.len()
    );
    for taken in &proof.taken {
        text += &format!(
            "\n  {:<24} edition {} since {}",
            taken.post.as_str(),
            taken.edition,
            taken.at
        );
    }
    for post in &proof.outstanding {
        text += &format!("\n  {:<24} not yet", post.as_str());
    }
    text
}

impl FilesArgs {
    /// What it is about, for headquarters' ledger; absent where it only looks.
    pub(super) fn about(&self) -> Option<Value> {
        match self.command.as_ref()? {
            FilesCommand::Add { kind, files } => Some(json!({ "add": kind, "files": files })),
            FilesCommand::Remove { kind, name } => Some(json!({ "remove": kind, "name": name })),
        }
    }
}

impl ImportArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "source": self.source, "legal_basis": self.legal_basis })
    }
}

impl ApproveArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Value {
        json!({ "approver": self.by })
    }
}

impl PublishArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        let waves = self.waves.as_ref().map(ToString::to_string);
        (!self.dry_run)
            .then(|| json!({ "number": self.number, "waves": waves, "signers": self.signer }))
    }
}

impl WithdrawArgs {
    /// What it is about, for headquarters' ledger.
    pub(super) fn about(&self) -> Option<Value> {
        (!self.proof).then(|| json!({ "entry": self.entry, "why": self.why }))
    }
}
