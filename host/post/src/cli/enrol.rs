//! `mpaka enrol`: makes this box's keys and gives it to a post.

use super::{Context, StateHere};
use crate::error::PostError;
use crate::state::{PostFile, StateError};
use clap::Args;
use rules::{LaneId, PostId};
use seal::device::{DeviceKey, Enrolment};
use seal::durable::Readers;
use seal::hq::HqPublic;
use seal::storekey::StoreKey;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    /// The post where the box stands.
    #[arg(long)]
    post: PostId,
    /// The desk of the post.
    #[arg(long, default_value = "1")]
    lane: LaneId,
    /// Headquarters' public keys, as headquarters gave them.
    #[arg(long, value_name = "FILE")]
    hq_public: PathBuf,
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

pub(super) fn run(context: Context, args: &EnrolArgs) -> Result<(), PostError> {
    let context = context.at(&args.at);
    let state = &context.state;
    match state.post() {
        Ok(known) if known.post != args.post => {
            return Err(PostError::EnrolledAsAnother {
                state: state.root().to_owned(),
                found: known.post,
            });
        }
        Ok(_) | Err(StateError::NotEnrolled(_)) => {}
        Err(other) => return Err(other.into()),
    }
    if let Some(name) = &args.time_zone
        && jiff::tz::TimeZone::get(name).is_err()
    {
        return Err(PostError::Usage("--time-zone names no known time zone"));
    }
    let hq = HqPublic::read(&args.hq_public)?;
    let root = args.root.as_deref().map(read_root).transpose()?;
    state.create()?;
    let device = DeviceKey::open_or_create(&state.device_key())?;
    StoreKey::open_or_create(&state.store_key())?;
    hq.write(&state.hq_public())?;
    if let Some(root) = root {
        state.write(&state.root_of_trust(), &root, Readers::Anyone)?;
    }
    Enrolment::new(args.post.clone(), &device).write(&state.device_public())?;
    // Last: a box whose enrolment was cut off by a power failure is not enrolled.
    state.write_post(&PostFile {
        version: PostFile::VERSION,
        post: args.post.clone(),
        lane: args.lane.clone(),
        time_zone: args.time_zone.clone(),
    })?;
    let object = EnrolObject {
        post: &args.post,
        lane: &args.lane,
        device: device.public().to_string(),
        device_public: state.device_public(),
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

/// A root file that at least looks like one; the verifier looks closer when an edition comes.
fn read_root(path: &Path) -> Result<Vec<u8>, PostError> {
    let bytes = std::fs::read(path).map_err(|e| PostError::text(path, e))?;
    let is_root = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|v| Some(v.pointer("/signed/_type")?.as_str()? == "root"))
        .unwrap_or(false);
    if is_root {
        Ok(bytes)
    } else {
        Err(PostError::NotForEnrolment {
            path: path.to_owned(),
            why: "it is no root of trust; headquarters writes one at its ceremony".into(),
        })
    }
}
