//! A state that issues documents: country signers, document signers, list signers, security objects.

use super::der::{bits, name, new_year, oid, part_of_name, sequence};
use super::keys::{Key, p256};
use chip::tlv::{Tag, encode};
use chip::trust::{Certificate, TrustStore};
use openssl::hash::hash;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Country signer.
    Country,
    /// Document signer.
    Documents,
    /// Signer of master lists.
    Lists,
}

/// A certificate with its key.
#[derive(Debug, Clone)]
pub struct Made {
    /// Serial number.
    pub serial: u8,
    /// The issuer's Name.
    pub issuer: Vec<u8>,
    /// The certificate.
    pub der: Vec<u8>,
    /// The key.
    pub key: Key,
}

/// A certificate of `key` signed by `by`, with `from` and `until` as years.
#[must_use]
pub fn certificate(
    purpose: Purpose,
    serial: u8,
    names: (&[u8], &[u8]),
    key: &Key,
    by: &Key,
    years: (u8, u8),
) -> Made {
    let extension =
        |name: &str, value: Vec<u8>| sequence(&[&oid(name), &encode(Tag::OCTET_STRING, &value)]);
    let mut extensions = vec![
        extension("2.5.29.14", encode(Tag::OCTET_STRING, &key.id())),
        extension("2.5.29.35", sequence(&[&encode(Tag(0x80), &by.id())])),
    ];
    match purpose {
        Purpose::Country => {
            extensions.push(extension("2.5.29.19", sequence(&[&[1, 1, 0xFF]])));
            extensions.push(extension("2.5.29.15", vec![3, 2, 1, 6]));
        }
        Purpose::Documents => extensions.push(extension("2.5.29.15", vec![3, 2, 7, 0x80])),
        Purpose::Lists => {
            extensions.push(extension("2.5.29.37", sequence(&[&oid("2.23.136.1.1.3")])))
        }
    }
    let tbs = sequence(&[
        &encode(Tag(0xA0), &[2, 1, 2]),
        &encode(Tag::INTEGER, &[serial]),
        &by.identifier(),
        names.0,
        &sequence(&[&new_year(years.0), &new_year(years.1)]),
        names.1,
        &key.key.public_key_to_der().unwrap(),
        &encode(Tag(0xA3), &sequence(&[&extensions.concat()])),
    ]);
    let der = sequence(&[&tbs, &by.identifier(), &bits(&by.sign(&tbs))]);
    Made {
        serial,
        issuer: names.0.to_vec(),
        der,
        key: key.clone(),
    }
}

/// A signed message by `signer`, with signed attributes.
#[must_use]
pub fn signed(content_type: &str, content: &[u8], signer: &Made, signed_in: u8) -> Vec<u8> {
    let key = &signer.key;
    let attribute = |name: &str, value: Vec<u8>| sequence(&[&oid(name), &encode(Tag::SET, &value)]);
    let digest = hash(key.digest, content).unwrap();
    let attributes = [
        attribute("1.2.840.113549.1.9.3", oid(content_type)),
        attribute(
            "1.2.840.113549.1.9.5",
            encode(Tag(0x17), format!("{signed_in:02}0601120000Z").as_bytes()),
        ),
        attribute("1.2.840.113549.1.9.4", encode(Tag::OCTET_STRING, &digest)),
    ]
    .concat();
    let signature = key.sign(&encode(Tag::SET, &attributes));
    let info = sequence(&[
        &[2, 1, 1],
        &sequence(&[&signer.issuer, &encode(Tag::INTEGER, &[signer.serial])]),
        &key.digest_identifier(),
        &encode(Tag(0xA0), &attributes),
        &key.identifier(),
        &encode(Tag::OCTET_STRING, &signature),
    ]);
    let data = sequence(&[
        &[2, 1, 3],
        &encode(Tag::SET, &key.digest_identifier()),
        &sequence(&[
            &oid(content_type),
            &encode(Tag(0xA0), &encode(Tag::OCTET_STRING, content)),
        ]),
        &encode(Tag(0xA0), &signer.der),
        &encode(Tag::SET, &info),
    ]);
    sequence(&[&oid("1.2.840.113549.1.7.2"), &encode(Tag(0xA0), &data)])
}

/// EF.SOD over these data groups, each with its number.
#[must_use]
pub fn sod(files: &[(u8, &[u8])], signer: &Made, signed_in: u8) -> Vec<u8> {
    sod_of_type("2.23.136.1.1.1", files, signer, signed_in)
}

/// The same with another content type.
#[must_use]
pub fn sod_of_type(
    content_type: &str,
    files: &[(u8, &[u8])],
    signer: &Made,
    signed_in: u8,
) -> Vec<u8> {
    let hashes: Vec<u8> = files
        .iter()
        .flat_map(|(group, bytes)| {
            let digest = hash(signer.key.digest, bytes).unwrap();
            sequence(&[
                &encode(Tag::INTEGER, &[*group]),
                &encode(Tag::OCTET_STRING, &digest),
            ])
        })
        .collect();
    let object = sequence(&[
        &[2, 1, 0],
        &signer.key.digest_identifier(),
        &sequence(&[&hashes]),
    ]);
    encode(Tag(0x77), &signed(content_type, &object, signer, signed_in))
}

/// A state that issues documents, and a store that believes it.
#[derive(Debug, Clone)]
pub struct State {
    /// Country signer.
    pub country: Made,
    /// Document signer.
    pub signer: Made,
    /// Believes the country signer.
    pub store: TrustStore,
}

/// A state of these keys and this code; its document signer's validity as years.
#[must_use]
pub fn state_with(country: &Key, signer: &Key, code: &str, years: (u8, u8)) -> State {
    let (ours, theirs) = (name(code, "CSCA Utopia"), name(code, "DS 1"));
    let root = certificate(
        Purpose::Country,
        1,
        (&ours, &ours),
        country,
        country,
        (15, 40),
    );
    // The document signer writes its issuer's name in another order and letter case.
    let turned = sequence(&[
        &part_of_name("2.5.4.3", "csca  UTOPIA"),
        &part_of_name("2.5.4.6", &code.to_lowercase()),
    ]);
    let made = certificate(
        Purpose::Documents,
        7,
        (&turned, &theirs),
        signer,
        country,
        years,
    );
    let mut store = TrustStore::new();
    store.add_certificate(Certificate::parse(&root.der).unwrap());
    State {
        country: root,
        signer: made,
        store,
    }
}

/// Utopia.
#[must_use]
pub fn state() -> State {
    state_with(&p256(), &p256(), "UT", (20, 30))
}
