//! A chip in process: answers commands as a document of Utopia does, and misbehaves on demand.

use super::channel::Channel;
use super::der::{bits, integer, oid, sequence};
pub use super::faults::{Fault, Holder, Ways};
use super::files::{com, dg1, dg1_of, dg2};
use super::group::Group;
use super::issuer::{Made, MessageParts, ObjectParts, State, signed, sod};
use super::pace::Pace;
use super::signing::Signing;
use chip::AccessKey;
use chip::files::FileId;
use chip::session_cipher::SessionCipher;
use chip::tlv::{self, Tag, encode};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use std::collections::BTreeMap;

/// Zone information of the specimen of Doc 9303-11 appendix D, which opens the chip.
const KEY_TEXT: &[u8] = b"L898902C<369080619406236";

/// The card access number that opens it too.
pub(super) const CAN: &str = "123456";

/// A key for chip authentication.
pub(super) struct Agreement {
    pub(super) id: Option<u8>,
    pub(super) group: Group,
    pub(super) key: BigNum,
    pub(super) cipher: SessionCipher,
}

/// The chip.
pub struct Card {
    pub(super) files: BTreeMap<FileId, Vec<u8>>,
    /// What of the zone opens the chip.
    pub(super) key_text: Vec<u8>,
    /// Misbehaviour.
    pub fault: Fault,
    /// Ways in.
    pub ways: Ways,
    /// Commands received.
    pub commands: usize,
    /// Instructions received, in the clear and protected.
    pub(super) seen: Vec<(u8, u8)>,
    /// What EF.CardAccess and EF.DG14 say of PACE: protocols and parameters.
    pub(super) pace_offers: Vec<(Vec<u8>, u8)>,
    pub(super) pace: Option<Pace>,
    pub(super) pace_step: u8,
    /// SecurityInfos of EF.DG14 and EF.CardSecurity.
    pub infos: Vec<Vec<u8>>,
    pub(super) agreements: Vec<Agreement>,
    pub(super) chosen_key: Option<u8>,
    /// Our public keys of chip authentication that were seen.
    pub ephemeral: Vec<Vec<u8>>,
    pub(super) signing: Option<Signing>,
    pub(super) selected: Option<FileId>,
    pub(super) in_application: bool,
    pub(super) challenge: Option<[u8; 8]>,
    pub(super) channel: Option<Channel>,
    pub(super) next: Option<Channel>,
    /// The rest of an answer that is sent in pieces.
    pub(super) waiting: Vec<u8>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card")
            .field("fault", &self.fault)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

impl Card {
    /// A chip that BAC opens, with the specimen's zone and a second data group of 40 kB.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        let picture: Vec<u8> = (0..40_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        let mut card = Self {
            files: BTreeMap::new(),
            key_text: KEY_TEXT.to_vec(),
            fault,
            ways: Ways::All,
            commands: 0,
            seen: Vec::new(),
            pace_offers: Vec::new(),
            pace: None,
            pace_step: 0,
            infos: Vec::new(),
            agreements: Vec::new(),
            chosen_key: None,
            ephemeral: Vec::new(),
            signing: None,
            selected: None,
            in_application: false,
            challenge: None,
            channel: None,
            next: None,
            waiting: Vec::new(),
        };
        card.put(FileId::Com, com(&[FileId::Dg1, FileId::Dg2, FileId::Dg14]));
        card.put(FileId::Dg1, dg1());
        card.put(
            FileId::Dg2,
            dg2(&[b"\xFF\xD8\xFF\xE0", picture.as_slice()].concat()),
        );
        card
    }

    /// The key from the zone.
    #[must_use]
    pub fn key() -> AccessKey {
        AccessKey::from_zone("L898902C", "690806", "940623").unwrap()
    }

    /// The card access number.
    #[must_use]
    pub fn can() -> AccessKey {
        AccessKey::from_can(CAN).unwrap()
    }

    /// The same for this zone of a passport, which it holds and which opens it.
    #[must_use]
    pub fn of_passport(lines: [&str; 2]) -> Self {
        let mut card = Self::new(Fault::None);
        card.put(FileId::Dg1, dg1_of(&lines.concat()));
        // Number, birth and expiry, each with its check digit (Doc 9303-11 section 4.3.2).
        let second = lines[1];
        card.key_text = [&second[..10], &second[13..20], &second[21..28]]
            .concat()
            .into_bytes();
        card
    }

    /// Power gone and come again: no session is left.
    pub fn reset(&mut self) {
        (self.channel, self.next, self.pace) = (None, None, None);
        (self.challenge, self.selected) = (None, None);
        self.waiting.clear();
        self.in_application = false;
    }

    /// A file's bytes.
    #[must_use]
    pub fn file(&self, id: FileId) -> &[u8] {
        &self.files[&id]
    }

    /// Puts a file on the chip.
    pub fn put(&mut self, id: FileId, bytes: Vec<u8>) {
        self.files.insert(id, bytes);
    }

    /// Takes a file off the chip.
    pub fn remove(&mut self, id: FileId) {
        self.files.remove(&id);
    }

    /// Offers PACE: the protocol's last two numbers and the domain parameter.
    #[must_use]
    pub fn with_pace(mut self, mapping: u8, cipher: u8, parameter: u8) -> Self {
        let protocol = [4, 0, 0x7F, 0, 7, 2, 2, 4, mapping, cipher];
        let info = sequence(&[
            &encode(Tag::OID, &protocol),
            &integer(&[2]),
            &integer(&[parameter]),
        ]);
        self.pace_offers.push((protocol.to_vec(), parameter));
        self.with_access_info(info.clone(), info)
    }

    /// Says one thing more in EF.CardAccess, and another (or the same) in the files that are signed.
    #[must_use]
    pub fn with_access_info(mut self, offered: Vec<u8>, signed: Vec<u8>) -> Self {
        let before = self.files.get(&FileId::CardAccess);
        let mut all = before.map_or_else(Vec::new, |b| tlv::first(b).unwrap().value.to_vec());
        all.extend(offered);
        self.put(FileId::CardAccess, encode(Tag::SET, &all));
        if !signed.is_empty() {
            self.infos.push(signed);
        }
        self
    }

    /// Has a key for chip authentication, in the group of a standardised domain parameter; `cipher` as in the
    /// protocol's last number. The same key proves PACE with chip authentication mapping.
    #[must_use]
    pub fn with_chip_authentication(self, parameter: u8, cipher: u8, holder: Holder) -> Self {
        self.with_chip_authentication_key(parameter, cipher, holder, None)
    }

    /// The same with a reference to the key, for chips with several.
    #[must_use]
    pub fn with_chip_authentication_key(
        mut self,
        parameter: u8,
        cipher: u8,
        holder: Holder,
        id: Option<u8>,
    ) -> Self {
        let group = Group::standard(parameter);
        let key = group.private_key();
        let public = group.power(&group.generator(), &key);
        let (kind, info) = match &group {
            Group::Curve(_) => {
                let domain = sequence(&[&oid("0.4.0.127.0.7.1.2"), &integer(&[parameter])]);
                (2, sequence(&[&domain, &bits(&public)]))
            }
            Group::Prime(parts) => {
                let parts: Vec<u8> = parts.iter().flat_map(|n| integer(&n.to_vec())).collect();
                let domain = sequence(&[&oid("1.2.840.10046.2.1"), &sequence(&[&parts])]);
                (1, sequence(&[&domain, &bits(&integer(&public))]))
            }
        };
        let reference = id.map_or_else(Vec::new, |id| integer(&[id]));
        self.infos.push(sequence(&[
            &encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 3, kind, cipher]),
            &integer(&[1]),
            &reference,
        ]));
        let named = encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 1, kind]);
        self.infos.push(sequence(&[&named, &info, &reference]));
        let held = match holder {
            Holder::Genuine => key,
            Holder::Clone => group.private_key(),
        };
        let cipher = match cipher {
            1 => SessionCipher::TripleDes,
            2 => SessionCipher::Aes128,
            3 => SessionCipher::Aes192,
            _ => SessionCipher::Aes256,
        };
        self.agreements.push(Agreement {
            id,
            group,
            key: held,
            cipher,
        });
        self
    }

    /// Has an RSA key for active authentication, with SHA-256.
    #[must_use]
    pub fn with_active_authentication(self, holder: Holder) -> Self {
        let signing = Signing::rsa(MessageDigest::sha256(), &[0x34, 0xCC]);
        self.with_signing(signing, holder)
    }

    /// Has this key for active authentication.
    #[must_use]
    pub fn with_signing(mut self, signing: Signing, holder: Holder) -> Self {
        let public = signing.public();
        self.put(FileId::Dg15, encode(FileId::Dg15.tag(), &public));
        self.infos.extend(signing.info());
        self.signing = Some(match holder {
            Holder::Genuine => signing,
            Holder::Clone => signing.another(),
        });
        self
    }

    /// Writes DG14, the security object and EF.CardSecurity as this state issues them.
    #[must_use]
    pub fn issued_by(mut self, state: &State) -> Self {
        let infos = encode(Tag::SET, &self.infos.concat());
        if !self.infos.is_empty() {
            self.put(FileId::Dg14, encode(FileId::Dg14.tag(), &infos));
        }
        if !self.pace_offers.is_empty() && !self.agreements.is_empty() {
            let file = signed("0.4.0.127.0.7.3.2.1", &infos, &state.signer, 22);
            self.put(FileId::CardSecurity, file);
        }
        let object = self.sod_by(&state.signer, 22);
        let listed: Vec<FileId> = self
            .files
            .keys()
            .copied()
            .filter(|id| id.data_group().is_some())
            .collect();
        self.put(FileId::Sod, object);
        if self.files.contains_key(&FileId::Com) {
            self.put(FileId::Com, com(&listed));
        }
        self
    }

    /// The data groups on the chip, each with its number.
    #[must_use]
    pub fn groups(&self) -> Vec<(u8, Vec<u8>)> {
        let groups = self.files.iter();
        groups
            .filter_map(|(id, bytes)| Some((id.data_group()?, bytes.clone())))
            .collect()
    }

    /// A security object over the files as they are now.
    #[must_use]
    pub fn sod_by(&self, signer: &Made, signed_in: u8) -> Vec<u8> {
        let groups = self.groups();
        let groups: Vec<(u8, &[u8])> = groups.iter().map(|(n, b)| (*n, b.as_slice())).collect();
        sod(&groups, signer, signed_in)
    }

    /// The same with its parts changed before they are signed.
    #[must_use]
    pub fn sod_with(
        &self,
        signer: &Made,
        object: impl Fn(&mut ObjectParts),
        message: impl Fn(&mut MessageParts),
    ) -> Vec<u8> {
        let groups = self.groups();
        let groups: Vec<(u8, &[u8])> = groups.iter().map(|(n, b)| (*n, b.as_slice())).collect();
        let mut parts = ObjectParts::new(&groups, signer.key.digest);
        object(&mut parts);
        let mut signed = MessageParts::new("2.23.136.1.1.1", &parts.content(), signer, 22);
        message(&mut signed);
        encode(FileId::Sod.tag(), &signed.signed_by(&signer.key))
    }
}
