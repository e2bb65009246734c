//! A state that issues documents: country signers, document signers, list signers, security objects.

use super::der::{bits, name, new_year, oid, part_of_name, sequence};
use super::keys::{Key, digest_identifier, p256};
use chip::tlv::{Tag, encode};
use chip::trust::{Certificate, TrustStore};
use openssl::hash::{MessageDigest, hash};

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

/// The parts of a certificate, each encoded; an empty one is left away.
#[derive(Debug, Clone)]
pub struct CertificateParts {
    /// Version, in its tag.
    pub version: Vec<u8>,
    /// Serial number.
    pub serial: Vec<u8>,
    /// Signature algorithm, within.
    pub inner: Vec<u8>,
    /// Issuer.
    pub issuer: Vec<u8>,
    /// Validity.
    pub validity: Vec<u8>,
    /// Subject.
    pub subject: Vec<u8>,
    /// Key.
    pub key: Vec<u8>,
    /// Extensions.
    pub extensions: Vec<Vec<u8>>,
    /// Signature algorithm, without.
    pub outer: Vec<u8>,
}

impl CertificateParts {
    /// The parts as they should be, with `from` and `until` as years.
    #[must_use]
    pub fn new(
        purpose: Purpose,
        serial: u8,
        names: (&[u8], &[u8]),
        key: &Key,
        by: &Key,
        years: (u8, u8),
    ) -> Self {
        let mut extensions = vec![
            extension("2.5.29.14", &encode(Tag::OCTET_STRING, &key.id())),
            extension("2.5.29.35", &sequence(&[&encode(Tag(0x80), &by.id())])),
        ];
        match purpose {
            Purpose::Country => {
                extensions.push(extension("2.5.29.19", &sequence(&[&[1, 1, 0xFF]])));
                extensions.push(critical("2.5.29.15", &[3, 2, 1, 6]));
            }
            Purpose::Documents => extensions.push(critical("2.5.29.15", &[3, 2, 7, 0x80])),
            Purpose::Lists => {
                extensions.push(extension("2.5.29.37", &sequence(&[&oid("2.23.136.1.1.3")])));
            }
        }
        Self {
            version: encode(Tag(0xA0), &[2, 1, 2]),
            serial: encode(Tag::INTEGER, &[serial]),
            inner: by.identifier(),
            issuer: names.0.to_vec(),
            validity: sequence(&[&new_year(years.0), &new_year(years.1)]),
            subject: names.1.to_vec(),
            key: key.public(),
            extensions,
            outer: by.identifier(),
        }
    }

    /// Another extension in the place of the one of this name; none, and it is left away.
    pub fn replace(&mut self, name: &str, with: Option<Vec<u8>>) {
        let named = oid(name);
        let is_it = |e: &Vec<u8>| e.windows(named.len()).any(|w| w == named);
        self.extensions.retain(|e| !is_it(e));
        self.extensions.extend(with);
    }

    /// The certificate, signed.
    #[must_use]
    pub fn signed_by(&self, by: &Key) -> Vec<u8> {
        let tbs = sequence(&[
            &self.version,
            &self.serial,
            &self.inner,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.key,
            &encode(Tag(0xA3), &sequence(&[&self.extensions.concat()])),
        ]);
        sequence(&[&tbs, &self.outer, &bits(&by.sign(&tbs))])
    }
}

/// One extension.
#[must_use]
pub fn extension(name: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(name), &encode(Tag::OCTET_STRING, value)])
}

/// One extension that must be understood.
#[must_use]
pub fn critical(name: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(name), &[1, 1, 0xFF], &encode(Tag::OCTET_STRING, value)])
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
    Made {
        serial,
        issuer: names.0.to_vec(),
        der: CertificateParts::new(purpose, serial, names, key, by, years).signed_by(by),
        key: key.clone(),
    }
}

/// The parts of a signed message, each encoded; an empty one is left away.
#[derive(Debug, Clone)]
pub struct MessageParts {
    /// Version of the message.
    pub version: Vec<u8>,
    /// Hash functions.
    pub digests: Vec<u8>,
    /// Kind of the content.
    pub content_type: Vec<u8>,
    /// The content.
    pub content: Vec<u8>,
    /// Certificates sent along.
    pub certificates: Vec<u8>,
    /// Version of the signer's part.
    pub signer_version: Vec<u8>,
    /// How the signer is named.
    pub signer_id: Vec<u8>,
    /// Hash function of the content.
    pub signer_digest: Vec<u8>,
    /// Signed attributes.
    pub attributes: Vec<Vec<u8>>,
    /// Signature algorithm.
    pub algorithm: Vec<u8>,
    /// The signature; made over the attributes where none is given.
    pub signature: Option<Vec<u8>>,
}

fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(name), &encode(Tag::SET, value)])
}

/// The attribute that holds the content's hash.
#[must_use]
pub fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute("1.2.840.113549.1.9.4", &encode(Tag::OCTET_STRING, digest))
}

impl MessageParts {
    /// The parts as they should be.
    #[must_use]
    pub fn new(content_type: &str, content: &[u8], signer: &Made, signed_in: u8) -> Self {
        let key = &signer.key;
        let digest = hash(key.digest, content).unwrap();
        let time = encode(Tag(0x17), format!("{signed_in:02}0601120000Z").as_bytes());
        Self {
            version: vec![2, 1, 3],
            digests: encode(Tag::SET, &key.digest_identifier()),
            content_type: oid(content_type),
            content: content.to_vec(),
            certificates: signer.der.clone(),
            signer_version: vec![2, 1, 1],
            signer_id: sequence(&[&signer.issuer, &encode(Tag::INTEGER, &[signer.serial])]),
            signer_digest: key.digest_identifier(),
            attributes: vec![
                attribute("1.2.840.113549.1.9.3", &oid(content_type)),
                attribute("1.2.840.113549.1.9.5", &time),
                message_digest(&digest),
            ],
            algorithm: key.identifier(),
            signature: None,
        }
    }

    /// The message, signed.
    #[must_use]
    pub fn signed_by(&self, key: &Key) -> Vec<u8> {
        let attributes = self.attributes.concat();
        let signature = match &self.signature {
            Some(given) if given.is_empty() => Vec::new(),
            Some(given) => encode(Tag::OCTET_STRING, given),
            None => encode(Tag::OCTET_STRING, &key.sign(&encode(Tag::SET, &attributes))),
        };
        let info = sequence(&[
            &self.signer_version,
            &self.signer_id,
            &self.signer_digest,
            &encode(Tag(0xA0), &attributes),
            &self.algorithm,
            &signature,
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            some => encode(Tag(0xA0), some),
        };
        let data = sequence(&[
            &self.version,
            &self.digests,
            &sequence(&[
                &self.content_type,
                &encode(Tag(0xA0), &encode(Tag::OCTET_STRING, &self.content)),
            ]),
            &certificates,
            &encode(Tag::SET, &info),
        ]);
        sequence(&[&oid("1.2.840.113549.1.7.2"), &encode(Tag(0xA0), &data)])
    }
}

/// A signed message by `signer`, with signed attributes.
#[must_use]
pub fn signed(content_type: &str, content: &[u8], signer: &Made, signed_in: u8) -> Vec<u8> {
    MessageParts::new(content_type, content, signer, signed_in).signed_by(&signer.key)
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
    let object = ObjectParts::new(files, signer.key.digest).content();
    encode(Tag(0x77), &signed(content_type, &object, signer, signed_in))
}

/// The parts of an LDS security object, each encoded; an empty one is left away.
#[derive(Debug, Clone)]
pub struct ObjectParts {
    /// Version.
    pub version: Vec<u8>,
    /// Hash function.
    pub digest: Vec<u8>,
    /// The hashes, each with its number.
    pub hashes: Vec<(u8, Vec<u8>)>,
    /// Version of the logical data structure and of Unicode.
    pub lds: Vec<u8>,
}

/// One data group's number and hash.
#[must_use]
pub fn data_group_hash(group: &[u8], digest: &[u8]) -> Vec<u8> {
    sequence(&[group, &encode(Tag::OCTET_STRING, digest)])
}

impl ObjectParts {
    /// The parts as they should be.
    #[must_use]
    pub fn new(files: &[(u8, &[u8])], digest: MessageDigest) -> Self {
        let of = |bytes: &[u8]| hash(digest, bytes).unwrap();
        Self {
            version: vec![2, 1, 0],
            digest: digest_identifier(digest),
            hashes: files
                .iter()
                .map(|(group, bytes)| {
                    let number = encode(Tag::INTEGER, &[*group]);
                    (*group, data_group_hash(&number, &of(bytes)))
                })
                .collect(),
            lds: Vec::new(),
        }
    }

    /// The object.
    #[must_use]
    pub fn content(&self) -> Vec<u8> {
        let hashes: Vec<u8> = self
            .hashes
            .iter()
            .flat_map(|(_, hash)| hash.clone())
            .collect();
        sequence(&[
            &self.version,
            &self.digest,
            &sequence(&[&hashes]),
            &self.lds,
        ])
    }
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

/// Utopia with these keys.
#[must_use]
pub fn state_of(country: &Key, signer: &Key) -> State {
    state_with(country, signer, "UT", (20, 30))
}

/// Utopia.
#[must_use]
pub fn state() -> State {
    state_with(&p256(), &p256(), "UT", (20, 30))
}
