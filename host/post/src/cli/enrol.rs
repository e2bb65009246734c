//! `mpaka enrol`: makes this box's keys and gives it to a post.

use super::{Context, StateHere};
use crate::error::PostError;
use crate::state::{KeysStanding, PostFile, StateError};
use crate::sync;
use clap::Args;
use jiff::Timestamp;
use rules::{LaneId, PostId};
use seal::code::{Asked, Code};
use seal::device::{DeviceKey, DevicePublic, Enrolment};
use seal::durable::Readers;
use seal::hq::HqPublic;
use seal::sealing::SealingKey;
use seal::storekey::StoreKey;
use seal::word::{Admission, Lease, Signed};
use serde::Serialize;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Neither an admission nor a root of trust comes near this size, in bytes.
const LARGEST: u64 = 1 << 20;

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// The post where the box stands.
    #[arg(long, required_unless_present = "admission")]
    post: Option<PostId>,
    /// The desk of the post.
    #[arg(long, default_value = "1")]
    lane: LaneId,
    /// Headquarters' public keys, as headquarters gave them.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["admission", "code"])]
    hq_public: Option<PathBuf>,
    /// The code that headquarters drew for this post (mpaka-hq enrol --code POST): with it the box fetches headquarters'
    /// keys, its root of trust and its admission by itself.
    #[arg(long, value_name = "CODE", requires = "hq", conflicts_with_all = ["admission", "hq_public", "root"])]
    code: Option<Code>,
    /// Where headquarters takes boxes in by code (mpaka-hq admit), such as http://hq.example:8473.
    #[arg(long, value_name = "URL", requires = "code")]
    hq: Option<String>,
    /// What headquarters answered to this box's enrolment (mpaka-hq enrol FILE --admission OUT): from then on
    /// the box speaks to it over TLS, and works only as long as its lease is renewed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["post", "hq_public", "root", "time_zone"])]
    admission: Option<PathBuf>,
    /// Headquarters' root of trust for editions.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// The post's time zone, such as Africa/Nairobi [default: the machine's].
    #[arg(long, value_name = "NAME")]
    time_zone: Option<String>,
    #[command(flatten)]
    at: StateHere,
}

#[derive(Debug, Serialize)]
struct EnrolObject<'a> {
    post: &'a PostId,
    lane: &'a LaneId,
    device: String,
    device_public: PathBuf,
}

#[derive(Debug, Serialize)]
struct AdmittedObject<'a> {
    post: &'a PostId,
    lease_until: Timestamp,
}

pub(super) fn run(context: Context, args: &EnrolArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    match (&args.admission, &args.post, &args.hq_public) {
        (Some(admission), ..) => admit(&context, &carried(admission)?, admission),
        (None, Some(post), Some(hq_public)) => enrol(&context, args, post, hq_public),
        (None, Some(post), None) => match (&args.code, &args.hq) {
            (Some(code), Some(hq)) => enrol_by_code(&context, args, post, (code, hq.as_str())),
            _ => Err(PostError::Usage(USAGE)),
        },
        _ => Err(PostError::Usage(USAGE)),
    }
}

const USAGE: &str = "give --post and --hq-public, --post with --code and --hq, or --admission";

/// Whether this box may be given to the post.
fn look(context: &Context, args: &EnrolArgs, post: &PostId) -> Result<(), PostError> {
    let state = &context.state;
    // Its keys are not gone, they are locked: others in their place would open nothing of what is here.
    if state.keys_standing() == KeysStanding::Locked {
        return Err(PostError::KeysLocked);
    }
    match state.post() {
        Ok(known) if known.post != *post => {
            return Err(PostError::EnrolledAsAnother {
                state: state.root().to_owned(),
                found: known.post,
            });
        }
        Ok(_) | Err(StateError::NotEnrolled(_)) => {}
        Err(other) => return Err(other.into()),
    }
    match &args.time_zone {
        Some(name) if jiff::tz::TimeZone::get(name).is_err() => {
            Err(PostError::Usage("--time-zone names no known time zone"))
        }
        _ => Ok(()),
    }
}

/// Makes the box's keys, or opens those that it has; the public half of its signing key.
fn make_keys(context: &Context, post: &PostId) -> Result<DevicePublic, PostError> {
    let state = &context.state;
    state.create()?;
    let device = DeviceKey::open_or_create(&state.device_key())?;
    let sealing = SealingKey::open_or_create(&state.sealing_key())?;
    StoreKey::open_or_create(&state.store_key())?;
    Enrolment::new(post.clone(), &device, sealing.public()).write(&state.device_public())?;
    Ok(device.public())
}

/// Keeps what is headquarters', and then, last, the post: a box whose enrolment was cut off by a power failure is not
/// enrolled.
fn keep(
    context: &Context,
    args: &EnrolArgs,
    post: &PostId,
    hq: &HqPublic,
    root: Option<&[u8]>,
) -> Result<(), PostError> {
    let state = &context.state;
    hq.write(&state.hq_public())?;
    if let Some(root) = root {
        state.write(&state.root_of_trust(), root, Readers::Anyone)?;
    }
    state.write_post(&PostFile {
        version: PostFile::VERSION,
        post: post.clone(),
        lane: args.lane.clone(),
        time_zone: args.time_zone.clone(),
    })?;
    Ok(())
}

/// Makes the keys and the file for headquarters.
fn enrol(
    context: &Context,
    args: &EnrolArgs,
    post: &PostId,
    hq_public: &Path,
) -> Result<(), PostError> {
    look(context, args, post)?;
    let hq = HqPublic::read(hq_public)?;
    let root = args.root.as_deref().map(read_root).transpose()?;
    let device = make_keys(context, post)?;
    keep(context, args, post, &hq, root.as_deref())?;
    let object = EnrolObject {
        post,
        lane: &args.lane,
        device: device.to_string(),
        device_public: context.state.device_public(),
    };
    context.out.answer(&object, || {
        format!(
            "this box is post {} lane {}; give {} to headquarters (mpaka-hq enrol)",
            object.post,
            object.lane,
            object.device_public.display()
        )
    })
}

/// Makes the keys and has headquarters take the box in, by the code that it drew for the post. Cut off anywhere, it is
/// done again with the same code.
fn enrol_by_code(
    context: &Context,
    args: &EnrolArgs,
    post: &PostId,
    (code, hq): (&Code, &str),
) -> Result<(), PostError> {
    look(context, args, post)?;
    make_keys(context, post)?;
    let public = context.state.device_public();
    let enrolment = std::fs::read(&public).map_err(|e| PostError::text(&public, e))?;
    let key = code.key();
    let asked = Asked::new(post.clone(), enrolment, &key);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| PostError::System(e.to_string()))?;
    let given = runtime.block_on(sync::enrol_by_code(hq, &asked, &key))?;
    let from = Path::new(hq);
    if !is_root(&given.root) {
        return Err(no_root(from));
    }
    let hq = HqPublic::from_bytes(&given.hq_public)?;
    keep(context, args, post, &hq, Some(&given.root))?;
    admit(context, &given.admission, from)
}

/// Takes headquarters' answer: its word for this box and no other. `from` is where it came from.
fn admit(context: &Context, bytes: &[u8], from: &Path) -> Result<(), PostError> {
    let state = &context.state;
    let post = state.post()?.post;
    let device = DeviceKey::open(&state.device_key())?.public();
    let known = state.hq_keys()?;
    let wrong = |why: String| PostError::NotForEnrolment {
        path: from.to_owned(),
        why,
    };
    let admission = Signed::<Admission>::from_bytes(bytes)
        .and_then(|word| word.verify(&known))
        .map_err(|e| wrong(e.to_string()))?;
    let said = admission.statement();
    if said.post != post || said.device != device {
        return Err(wrong(format!("it is for the box of {}", said.post)));
    }
    let lease = Signed::<Lease>::from_bytes(&said.lease)
        .and_then(|word| word.verify(&known))
        .map_err(|e| wrong(e.to_string()))?;
    state.write(&state.admission_file(), bytes, Readers::Owner)?;
    let object = AdmittedObject {
        post: &post,
        lease_until: lease.statement().until,
    };
    context.out.answer(&object, || {
        format!(
            "this box is admitted as {}; it may work until {} and longer with each contact",
            object.post, object.lease_until
        )
    })
}

/// A file that was carried to the box: a plain one, and no more of it than can be meant.
fn carried(path: &Path) -> Result<Vec<u8>, PostError> {
    let unreadable = |e| PostError::text(path, e);
    // Looked at before it is opened: a pipe would have no end, nor a beginning.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(ErrorKind::InvalidInput.into()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

/// A root file that at least looks like one; the verifier looks closer when an edition comes.
fn read_root(path: &Path) -> Result<Vec<u8>, PostError> {
    let bytes = carried(path)?;
    match is_root(&bytes) {
        true => Ok(bytes),
        false => Err(no_root(path)),
    }
}

fn is_root(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|v| Some(v.pointer("/signed/_type")?.as_str()? == "root"))
        .unwrap_or(false)
}

fn no_root(path: &Path) -> PostError {
    PostError::NotForEnrolment {
        path: path.to_owned(),
        why: "it is no root of trust; headquarters writes one at its ceremony".into(),
    }
}
