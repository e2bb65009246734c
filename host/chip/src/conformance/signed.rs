//! Security objects and the document signers in them (RFC 5652, Doc 9303-10 section 4.6.2, Doc 9303-12
//! section 7.1), where generous reading hides what is amiss.

use super::{Notes, objects, with_tag};
use crate::cms::{SignedData, SignerId};
use crate::files::{FileId, SecurityObject};
use crate::oid;
use crate::tlv::{self, Tag, Tlv};
use crate::trust::algorithm::Digest;
use crate::trust::certificate::Certificate;

/// EF.SOD.
pub(super) fn security_object(bytes: &[u8], notes: &mut Notes<'_>) {
    let Some(object) = notes.read(SecurityObject::parse(bytes)) else {
        return;
    };
    notes.expect(
        object.signed.content_type.0 == oid::LDS_SECURITY_OBJECT,
        "a content of another kind than the security object's",
    );
    // Version 0 until 1.7 of the logical data structure; version 1 says which version it is.
    let version = tlv::first(&object.signed.content)
        .ok()
        .and_then(|content| content.inside().next().ok().flatten())
        .and_then(|v| v.small().ok());
    match (version, object.lds_version.as_deref()) {
        (Some(0), None) | (Some(1), Some(_)) => {}
        (Some(0), Some(_)) => notes.note("version 0, and a version of the logical data structure"),
        (Some(1), None) => notes.note("version 1 without a version of the logical data structure"),
        _ => notes.note("a version of the security object that is not known"),
    }
    if let Ok(outer) = FileId::Sod.open(bytes) {
        message(&object.signed, outer.value, notes);
    }
}

/// SignedData as Doc 9303-10 table 38 wants it.
pub(super) fn message(signed: &SignedData, bytes: &[u8], notes: &mut Notes<'_>) {
    if let Some(fields) = inside_signed_data(bytes) {
        notes.expect(
            fields.first().and_then(|v| v.small().ok()) == Some(3),
            "another version of the signed message than 3",
        );
        match fields.get(1).map(|set| objects(set.value)) {
            Some(digests) if !digests.is_empty() => {
                for digest in digests {
                    let name = objects(digest.value).first().map(|o| o.value);
                    let is_known = name.and_then(Digest::from_oid).is_some();
                    notes.expect(is_known, "a hash function that is not allowed");
                }
            }
            _ => notes.note("no hash functions are named"),
        }
        for info in fields
            .last()
            .map(|set| objects(set.value))
            .unwrap_or_default()
        {
            signer(info, notes);
        }
    }
    for who in &signed.signers {
        match signed.certificate_of(who) {
            Some(certificate) => {
                if let SignerId::IssuerSerial(issuer, _) = &who.id {
                    notes.expect(
                        certificate.issuer.is(issuer),
                        "the signer is named by another issuer",
                    );
                }
            }
            None => notes.expect(
                signed.certificates.is_empty(),
                "the signer's certificate is not the one sent along",
            ),
        }
    }
    for sent in &signed.certificates {
        if let Some(sent) = notes.read(sent.as_ref()) {
            certificate(sent, notes);
        }
    }
}

/// The fields of SignedData within a ContentInfo.
fn inside_signed_data(bytes: &[u8]) -> Option<Vec<Tlv<'_>>> {
    let wrapper = tlv::first(bytes).ok()?.inside().find(Tag(0xA0)).ok()??;
    Some(objects(tlv::first(wrapper.value).ok()?.value))
}

/// SignerInfo: version 1 names the signer by issuer and number, version 3 by key (RFC 5652 section 5.3).
fn signer(info: Tlv<'_>, notes: &mut Notes<'_>) {
    let fields = objects(info.value);
    let version = fields.first().and_then(|v| v.small().ok());
    let by_number = fields.get(1).map(|id| id.tag == Tag::SEQUENCE);
    notes.expect(
        matches!(
            (version, by_number),
            (Some(1), Some(true)) | (Some(3), Some(false))
        ),
        "the signer's version does not fit how the signer is named",
    );
}

/// A document signer's certificate (Doc 9303-12 table 6).
fn certificate(certificate: &Certificate, notes: &mut Notes<'_>) {
    let Ok(outer) = tlv::first(certificate.der()) else {
        return;
    };
    let parts = objects(outer.value);
    let (Some(tbs), Some(algorithm)) = (parts.first(), parts.get(1)) else {
        return;
    };
    let fields = objects(tbs.value);
    let version = with_tag(&fields, 0xA0).and_then(|v| tlv::first(v.value).ok());
    notes.expect(
        version.is_some_and(|v| v.value == [2]),
        "the document signer's certificate is not of version 3",
    );
    let after = usize::from(version.is_some());
    notes.expect(
        fields.get(after + 1).map(|a| a.whole) == Some(algorithm.whole),
        "the document signer's certificate names two signature algorithms",
    );
    notes.expect(
        certificate.issuer.country().is_some_and(|c| c.len() == 2),
        "the document signer's issuer has no two-letter country",
    );
    if let Some(validity) = fields.get(after + 3) {
        for time in objects(validity.value) {
            notes.expect(
                is_written_right(time),
                "a validity of the document signer that is written otherwise",
            );
        }
    }
    if let Err(error) = certificate.public_key() {
        notes.note(error.to_string());
    }
    notes.expect(
        certificate.authority_key_id.is_some(),
        "the document signer's certificate names no key of its issuer",
    );
    notes.expect(
        certificate.role.purposes.is_empty(),
        "the document signer's certificate has an extended key usage",
    );
    let extensions = with_tag(&fields, 0xA3)
        .and_then(|wrapper| tlv::first(wrapper.value).ok())
        .map(|list| objects(list.value))
        .unwrap_or_default();
    let usage = extensions.iter().map(|e| objects(e.value)).find(|parts| {
        parts
            .first()
            .is_some_and(|name| name.value == oid::KEY_USAGE)
    });
    match usage {
        Some(parts) => notes.expect(
            with_tag(&parts, 0x01).is_some_and(|critical| critical.value == [0xFF]),
            "the document signer's key usage is not critical",
        ),
        None => notes.note("the document signer's certificate has no key usage"),
    }
}

/// UTCTime to the second until 2049, GeneralizedTime after it, both in universal time (RFC 5280 section 4.1.2.5).
fn is_written_right(time: Tlv<'_>) -> bool {
    let digits = match time.tag.0 {
        0x17 => 12,
        0x18 if time.value >= b"2050".as_slice() => 14,
        _ => return false,
    };
    time.value.len() == digits + 1
        && time.value[..digits].iter().all(u8::is_ascii_digit)
        && time.value.last() == Some(&b'Z')
}
