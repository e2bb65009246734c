//! Headquarters' answer to a box that it has enrolled: its certificate, the authority of headquarters' servers,
//! and its first lease, in one signed file.

use crate::HqError;
use crate::ceremony::days_after;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::transport::Authority;
use jiff::Timestamp;
use seal::device::Enrolment;
use seal::word::{Admission, Lease, Signed};
use serde_bytes::ByteBuf;

/// Admits an enrolled box: the file to give to it.
///
/// # Errors
/// [`HqError::Certificate`], or what keys and files say.
pub fn admit(
    home: &Home,
    enrolment: &Enrolment,
    lease_days: u32,
    now: Timestamp,
) -> Result<Vec<u8>, HqError> {
    let keys = Keyring::open(home)?;
    let authority = Authority::open_or_create(home, now)?;
    let (post, device) = (enrolment.post().clone(), enrolment.device());
    let until = days_after(now, lease_days);
    let lease = Lease {
        post: post.clone(),
        device,
        given_at: now,
        until,
    };
    let admission = Admission {
        certificate: ByteBuf::from(authority.certify_box(&post, device, now)?),
        authority: ByteBuf::from(authority.certificate()),
        lease: ByteBuf::from(Signed::sign(lease, keys.current())?.to_bytes()),
        post,
        device,
    };
    Ok(Signed::sign(admission, keys.current())?.to_bytes())
}
