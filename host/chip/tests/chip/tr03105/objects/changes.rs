//! What is changed of EF.SOD, case by case, and what the plan expects.

use super::super::{Result, UTOPIA};
use crate::utopia::der::{bits, name, oid, part_of_name, sequence};
use crate::utopia::issuer::{
    CertificateParts, MessageParts, ObjectParts, critical, data_group_hash, extension,
    message_digest,
};
use crate::utopia::keys::p256;
use chip::tlv::{Tag, encode};

/// What is changed before it is signed.
pub(super) enum Change {
    Message(fn(&mut MessageParts)),
    Object(fn(&mut ObjectParts)),
    Signer(fn(&mut CertificateParts)),
    /// EF.SOD's own bytes, after signing.
    Bytes(fn(&mut Vec<u8>)),
}

const MD5: &str = "1.2.840.113549.2.5";
const MD5_WITH_RSA: &str = "1.2.840.113549.1.1.4";

fn identifier(name: &str) -> Vec<u8> {
    sequence(&[&oid(name), &[5, 0]])
}

fn longer_length(sod: &mut [u8], by: i8) {
    // The length takes two bytes.
    sod[3] = sod[3].wrapping_add_signed(by);
}

fn by_key(message: &mut MessageParts, id: &[u8]) {
    message.signer_id = encode(Tag(0x80), id);
}

fn general(time: &str) -> Vec<u8> {
    encode(Tag(0x18), time.as_bytes())
}

#[allow(clippy::too_many_lines)]
pub(super) fn changes() -> Vec<(&'static str, &'static str, Result, &'static str, Change)> {
    use Change::{Bytes, Message, Object, Signer};
    const NO: Result = Result::Failed;
    const OK: Result = Result::Successful;
    vec![
        ("LDS_H_17", "tag 78", NO, "", Bytes(|s| s[0] = 0x78)),
        (
            "LDS_H_18",
            "length too small",
            NO,
            "SOD",
            Bytes(|s| longer_length(s, -1)),
        ),
        (
            "LDS_H_19",
            "length too great",
            NO,
            "SOD",
            Bytes(|s| longer_length(s, 1)),
        ),
        (
            "LDS_H_20",
            "version of the message",
            NO,
            "version",
            Message(|m| m.version = vec![2, 1, 9]),
        ),
        (
            "LDS_H_21",
            "no version of the message",
            NO,
            "signed data",
            Message(|m| m.version.clear()),
        ),
        (
            "LDS_H_22",
            "hash functions: MD5",
            NO,
            "hash function",
            Message(|m| m.digests = encode(Tag::SET, &identifier(MD5))),
        ),
        (
            "LDS_H_23",
            "no list of hash functions",
            NO,
            "signed data",
            Message(|m| m.digests.clear()),
        ),
        (
            "LDS_H_23",
            "an empty list of hash functions",
            NO,
            "hash functions",
            Message(|m| m.digests = encode(Tag::SET, &[])),
        ),
        (
            "LDS_H_24",
            "kind of the content",
            NO,
            "content",
            Message(|m| m.content_type = oid("2.23.136.1.1.9")),
        ),
        (
            "LDS_H_25",
            "no kind of the content",
            NO,
            "signed data",
            Message(|m| m.content_type.clear()),
        ),
        (
            "LDS_H_26",
            "version of the signer",
            NO,
            "version",
            Message(|m| m.signer_version = vec![2, 1, 7]),
        ),
        (
            "LDS_H_27",
            "no version of the signer",
            NO,
            "signed data",
            Message(|m| m.signer_version.clear()),
        ),
        (
            "LDS_H_28",
            "another number of the signer",
            NO,
            "certificate",
            Message(|m| m.signer_id = sequence(&[&UTOPIA.signer.issuer, &[2, 1, 99]])),
        ),
        (
            "LDS_H_28",
            "another issuer of the signer",
            NO,
            "issuer",
            Message(|m| m.signer_id = sequence(&[&name("UT", "CSCA Elsewhere"), &[2, 1, 7]])),
        ),
        (
            "LDS_H_29",
            "another key of the signer",
            NO,
            "certificate",
            Message(|m| {
                m.signer_version = vec![2, 1, 3];
                by_key(m, &[9; 20]);
            }),
        ),
        (
            "LDS_H_30",
            "the signer's hash function: MD5",
            NO,
            "hash function",
            Message(|m| m.signer_digest = identifier(MD5)),
        ),
        (
            "LDS_H_31",
            "no hash function of the signer",
            NO,
            "signed data",
            Message(|m| m.signer_digest.clear()),
        ),
        (
            "LDS_H_32",
            "another hash of the content",
            NO,
            "changed",
            Message(|m| m.attributes[2] = message_digest(&[1; 32])),
        ),
        (
            "LDS_H_33",
            "no hash of the content",
            NO,
            "changed",
            Message(|m| {
                m.attributes.pop();
            }),
        ),
        (
            "LDS_H_36",
            "signature algorithm: RSA with MD5",
            NO,
            "signature algorithm",
            Message(|m| m.algorithm = identifier(MD5_WITH_RSA)),
        ),
        (
            "LDS_H_37",
            "another signature",
            NO,
            "signature",
            Message(|m| m.signature = Some(p256().sign(b"another"))),
        ),
        (
            "LDS_H_38",
            "no signature",
            NO,
            "signed data",
            Message(|m| m.signature = Some(Vec::new())),
        ),
        (
            "LDS_H_39",
            "version of the object",
            NO,
            "version",
            Object(|o| o.version = vec![2, 1, 9]),
        ),
        (
            "LDS_H_40",
            "no version of the object",
            NO,
            "SOD",
            Object(|o| o.version.clear()),
        ),
        (
            "LDS_H_41",
            "the object's hash function: MD5",
            NO,
            "hash function",
            Object(|o| o.digest = identifier(MD5)),
        ),
        (
            "LDS_H_42",
            "no hash function of the object",
            NO,
            "SOD",
            Object(|o| o.digest.clear()),
        ),
        (
            "LDS_H_43",
            "another hash of DG2",
            NO,
            "DG2",
            Object(|o| other_hash(o, 2)),
        ),
        (
            "LDS_H_44",
            "no hash of DG1",
            NO,
            "DG1",
            Object(|o| o.hashes.retain(|(n, _)| *n != 1)),
        ),
        (
            "LDS_H_45",
            "a hash of DG10 too",
            NO,
            "DG10",
            Object(|o| o.hashes.push((10, data_group_hash(&[2, 1, 10], &[1; 32])))),
        ),
        (
            "LDS_H_46",
            "a data group 255",
            NO,
            "SOD",
            Object(|o| o.hashes[0].1 = data_group_hash(&[2, 2, 0, 0xFF], &[1; 32])),
        ),
        (
            "LDS_H_47",
            "a hash without its number",
            NO,
            "SOD",
            Object(|o| o.hashes[1].1 = data_group_hash(&[], &[1; 32])),
        ),
        (
            "LDS_H_48",
            "certificate: version 1",
            NO,
            "version 3",
            Signer(|c| c.version = encode(Tag(0xA0), &[2, 1, 0])),
        ),
        (
            "LDS_H_49",
            "certificate: no version",
            NO,
            "version 3",
            Signer(|c| c.version.clear()),
        ),
        (
            "LDS_H_50",
            "certificate: no serial number",
            NO,
            "certificate",
            Signer(|c| c.serial.clear()),
        ),
        (
            "LDS_H_51",
            "certificate: two signature algorithms",
            NO,
            "two signature",
            Signer(|c| c.inner = identifier("1.2.840.113549.1.1.11")),
        ),
        (
            "LDS_H_52",
            "certificate: no inner algorithm",
            NO,
            "certificate",
            Signer(|c| c.inner.clear()),
        ),
        (
            "LDS_H_53",
            "certificate: an issuer without a country",
            NO,
            "country",
            Signer(|c| c.issuer = sequence(&[&part_of_name("2.5.4.3", "CSCA Utopia")])),
        ),
        (
            "LDS_H_54",
            "certificate: an issuer of another country",
            NO,
            "as its issuer",
            Signer(|c| c.issuer = name("NL", "CSCA Utopia")),
        ),
        (
            "LDS_H_55",
            "certificate: no issuer",
            NO,
            "signed data",
            Signer(|c| c.issuer.clear()),
        ),
        (
            "LDS_H_56",
            "certificate: years of four digits before 2050",
            NO,
            "validity",
            Signer(|c| {
                c.validity = sequence(&[&general("20200101000000Z"), &general("20300101000000Z")])
            }),
        ),
        (
            "LDS_H_57",
            "certificate: no validity",
            NO,
            "certificate",
            Signer(|c| c.validity.clear()),
        ),
        (
            "LDS_H_58",
            "certificate: a key for RSA with MD5",
            NO,
            "",
            Signer(|c| c.key = sequence(&[&identifier(MD5_WITH_RSA), &bits(&[1; 64])])),
        ),
        (
            "LDS_H_59",
            "certificate: no key",
            NO,
            "certificate",
            Signer(|c| c.key.clear()),
        ),
        (
            "LDS_H_60",
            "certificate: the issuer's key is not named",
            NO,
            "names no key",
            Signer(|c| c.replace("2.5.29.35", Some(extension("2.5.29.35", &sequence(&[]))))),
        ),
        (
            "LDS_H_61",
            "certificate: no word of the issuer's key",
            NO,
            "names no key",
            Signer(|c| c.replace("2.5.29.35", None)),
        ),
        (
            "LDS_H_62",
            "certificate: key usage not critical",
            NO,
            "not critical",
            Signer(|c| c.replace("2.5.29.15", Some(extension("2.5.29.15", &[3, 2, 7, 0x80])))),
        ),
        (
            "LDS_H_63",
            "certificate: not for signatures",
            NO,
            "not for signing",
            Signer(|c| c.replace("2.5.29.15", Some(critical("2.5.29.15", &[3, 2, 5, 0x20])))),
        ),
        (
            "LDS_H_64",
            "certificate: no key usage",
            NO,
            "key usage",
            Signer(|c| c.replace("2.5.29.15", None)),
        ),
        (
            "LDS_H_65",
            "certificate: RSA with MD5",
            NO,
            "signature algorithm",
            Signer(|c| {
                c.inner = identifier(MD5_WITH_RSA);
                c.outer = identifier(MD5_WITH_RSA);
            }),
        ),
        (
            "LDS_H_66",
            "certificate: no outer algorithm",
            NO,
            "certificate",
            Signer(|c| c.outer.clear()),
        ),
        (
            "LDS_H_69",
            "a wrong hash of a face that cannot be read either",
            NO,
            "DG2",
            Object(|o| other_hash(o, 2)),
        ),
        (
            "LDS_H_84",
            "version 3, named by number",
            NO,
            "version",
            Message(|m| m.signer_version = vec![2, 1, 3]),
        ),
        (
            "LDS_H_85",
            "version 1, named by key",
            NO,
            "version",
            Message(|m| by_key(m, &UTOPIA.signer.key.id())),
        ),
        (
            "LDS_H_86",
            "version 1.8 of the data structure",
            OK,
            "",
            Object(|o| {
                o.version = vec![2, 1, 1];
                o.lds = lds("0108");
            }),
        ),
        (
            "LDS_H_87",
            "version 1.8, and version 0 of the object",
            NO,
            "version 0",
            Object(|o| o.lds = lds("0108")),
        ),
        (
            "LDS_H_88",
            "version 1.7, and version 1 of the object",
            NO,
            "version 1",
            Object(|o| o.version = vec![2, 1, 1]),
        ),
    ]
}

fn lds(version: &str) -> Vec<u8> {
    let text = |t: &str| encode(Tag(0x13), t.as_bytes());
    sequence(&[&text(version), &text("040000")])
}

fn other_hash(object: &mut ObjectParts, group: u8) {
    for (number, hash) in &mut object.hashes {
        if *number == group {
            *hash.last_mut().unwrap() ^= 1;
        }
    }
}
