//! A chip in process: answers commands as a document of Utopia does, and misbehaves on demand.

use super::channel::Channel;
use super::der::{bits, integer, oid, sequence};
use super::files::{com, dg1};
use super::group::Group;
use super::issuer::{State, signed, sod};
use super::pace::{Pace, Step};
use chip::AccessKey;
use chip::files::FileId;
use chip::session_cipher::{KeyUse, SessionCipher};
use chip::tlv::{self, Tag, encode};
use chip::transceiver::{LengthSupport, Transceiver, TransceiverError};
use openssl::bn::BigNum;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use std::collections::BTreeMap;

const TDES: SessionCipher = SessionCipher::TripleDes;

/// Zone information of the specimen of Doc 9303-11 appendix D, which opens the chip.
const KEY_TEXT: &[u8] = b"L898902C<369080619406236";

/// The card access number that opens it too.
const CAN: &str = "123456";

/// How a chip misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not at all.
    None,
    /// Refuses lengths above this many bytes with 6700.
    Longest(u32),
    /// Answers longer lengths with 6Cxx.
    Instead(u8),
    /// Refuses to read past a file's end, with these words.
    Strict(u16),
    /// Sends at most so many bytes whatever is asked.
    Short(usize),
    /// Is gone after so many commands.
    Gone(usize),
    /// Says 61xx for ever.
    Endless,
    /// Leaves the checksum away after opening.
    NoChecksum,
    /// Refuses PACE half way, with these words.
    PaceBroken(u16),
}

/// Whether a chip has the keys that its files name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The chip that was issued.
    Genuine,
    /// A copy of its files.
    Clone,
}

/// The chip.
pub struct Card {
    files: BTreeMap<FileId, Vec<u8>>,
    /// Misbehaviour.
    pub fault: Fault,
    /// Commands received.
    pub commands: usize,
    /// What EF.CardAccess and EF.DG14 say of PACE: protocol and parameter.
    pace_offer: Option<(Vec<u8>, u8)>,
    pace: Option<Pace>,
    infos: Vec<Vec<u8>>,
    agreement: Option<(Group, BigNum, SessionCipher)>,
    signing: Option<Rsa<Private>>,
    selected: Option<FileId>,
    in_application: bool,
    challenge: Option<[u8; 8]>,
    channel: Option<Channel>,
    next: Option<Channel>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card")
            .field("fault", &self.fault)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

type Answer = (Vec<u8>, u16);

fn status(status: u16) -> Answer {
    (Vec::new(), status)
}

impl Card {
    /// A chip that BAC opens, with the specimen's zone and a second data group of 40 kB.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        let picture: Vec<u8> = (0..40_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        let mut card = Self {
            files: BTreeMap::new(),
            fault,
            commands: 0,
            pace_offer: None,
            pace: None,
            infos: Vec::new(),
            agreement: None,
            signing: None,
            selected: None,
            in_application: false,
            challenge: None,
            channel: None,
            next: None,
        };
        card.put(FileId::Com, com(&[FileId::Dg1, FileId::Dg2, FileId::Dg14]));
        card.put(FileId::Dg1, dg1());
        card.put(FileId::Dg2, encode(FileId::Dg2.tag(), &picture));
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

    /// Power gone and come again: no session is left.
    pub fn reset(&mut self) {
        (self.channel, self.next, self.pace) = (None, None, None);
        (self.challenge, self.selected) = (None, None);
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

    /// Offers PACE: the protocol's last two numbers and the domain parameter.
    #[must_use]
    pub fn with_pace(mut self, mapping: u8, cipher: u8, parameter: u8) -> Self {
        let protocol = [4, 0, 0x7F, 0, 7, 2, 2, 4, mapping, cipher];
        let info = sequence(&[
            &encode(Tag::OID, &protocol),
            &integer(&[2]),
            &integer(&[parameter]),
        ]);
        self.put(FileId::CardAccess, encode(Tag::SET, &info));
        self.infos.push(info);
        self.pace_offer = Some((protocol.to_vec(), parameter));
        self
    }

    /// Has a key for chip authentication, in the group of a standardised domain parameter; `cipher` as in the
    /// protocol's last number. The same key proves PACE with chip authentication mapping.
    #[must_use]
    pub fn with_chip_authentication(mut self, parameter: u8, cipher: u8, holder: Holder) -> Self {
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
        self.infos.push(sequence(&[
            &encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 3, kind, cipher]),
            &integer(&[1]),
        ]));
        let named = encode(Tag::OID, &[4, 0, 0x7F, 0, 7, 2, 2, 1, kind]);
        self.infos.push(sequence(&[&named, &info]));
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
        self.agreement = Some((group, held, cipher));
        self
    }

    /// Has an RSA key for active authentication.
    #[must_use]
    pub fn with_active_authentication(mut self, holder: Holder) -> Self {
        let key = Rsa::generate(1024).unwrap();
        let public = PKey::from_rsa(key.clone()).unwrap();
        let public = public.public_key_to_der().unwrap();
        self.put(FileId::Dg15, encode(FileId::Dg15.tag(), &public));
        self.signing = Some(match holder {
            Holder::Genuine => key,
            Holder::Clone => Rsa::generate(1024).unwrap(),
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
        if self.pace_offer.is_some() && self.agreement.is_some() {
            let file = signed("0.4.0.127.0.7.3.2.1", &infos, &state.signer, 22);
            self.put(FileId::CardSecurity, file);
        }
        let groups: Vec<(u8, &[u8])> = self
            .files
            .iter()
            .filter_map(|(id, bytes)| Some((id.data_group()?, bytes.as_slice())))
            .collect();
        let object = sod(&groups, &state.signer, 22);
        self.put(FileId::Sod, object);
        self
    }

    /// One command out of its protection.
    fn run(&mut self, ins: u8, p: [u8; 2], data: &[u8], wanted: u32) -> Answer {
        match (ins, p) {
            (0xA4, [0x04, _]) => {
                self.in_application = data == [0xA0, 0, 0, 2, 0x47, 0x10, 1];
                status(if self.in_application { 0x9000 } else { 0x6A82 })
            }
            (0xA4, [0x02, _]) => self.select(data),
            (0xA4, _) => {
                self.in_application = false;
                status(0x9000)
            }
            (0x84, _) => {
                let challenge = *b"\x46\x08\xF9\x19\x88\x70\x22\x12";
                self.challenge = Some(challenge);
                (challenge.to_vec(), 0x9000)
            }
            (0x82, _) => self.basic_access(data),
            (0xB0, _) => self.read(usize::from(u16::from_be_bytes(p)), wanted),
            (0xB1, _) => {
                let Ok(offset) = tlv::first(data) else {
                    return status(0x6A80);
                };
                let at = offset
                    .value
                    .iter()
                    .fold(0, |n, b| (n << 8) | usize::from(*b));
                let (piece, word) = self.read(at, wanted.saturating_sub(4));
                (encode(Tag(0x53), &piece), word)
            }
            (0x22, [0xC1, 0xA4]) => self.begin_pace(data),
            (0x22, [0x41, 0xA6]) => match tlv::first(data) {
                Ok(point) => self.agree(point.value),
                Err(_) => status(0x6A80),
            },
            (0x22, [0x41, 0xA4]) => status(0x9000),
            (0x86, _) => self.authenticate(data),
            (0x88, _) => self.sign(data),
            _ => status(0x6D00),
        }
    }

    fn select(&mut self, data: &[u8]) -> Answer {
        let found = self.files.keys().copied().find(|id| {
            let in_master = matches!(id, FileId::CardAccess | FileId::CardSecurity);
            id.identifier().to_be_bytes() == data && in_master != self.in_application
        });
        let Some(id) = found else {
            return status(0x6A82);
        };
        self.selected = Some(id);
        let is_open = id == FileId::CardAccess || self.channel.is_some();
        status(if is_open { 0x9000 } else { 0x6982 })
    }

    fn basic_access(&mut self, data: &[u8]) -> Answer {
        let seed = openssl::sha::sha1(KEY_TEXT);
        let key = |key_use| TDES.derive(&seed[..16], key_use).unwrap();
        let (encrypt, authenticate) = (key(KeyUse::Encrypt), key(KeyUse::Authenticate));
        let (Some((sealed, checksum)), Some(ours)) =
            (data.split_last_chunk::<8>(), self.challenge.take())
        else {
            return status(0x6985);
        };
        if TDES.mac(&authenticate, sealed).unwrap() != *checksum {
            return status(0x6300);
        }
        let plain = TDES.decrypt(&encrypt, &[0; 8], sealed).unwrap();
        let half = [7; 16];
        let reply = [&ours[..], &plain[..8], &half].concat();
        let mut reply = TDES.encrypt(&encrypt, &[0; 8], &reply).unwrap();
        reply.extend(TDES.mac(&authenticate, &reply).unwrap());
        let secret: Vec<u8> = plain[16..].iter().zip(half).map(|(a, b)| a ^ b).collect();
        let mut counter = [0; 8];
        counter[..4].copy_from_slice(&ours[4..]);
        counter[4..].copy_from_slice(&plain[4..8]);
        self.next = Some(Channel::new(TDES, &secret, u64::from_be_bytes(counter)));
        (reply, 0x9000)
    }

    fn begin_pace(&mut self, data: &[u8]) -> Answer {
        let Some((protocol, parameter)) = self.pace_offer.clone() else {
            return status(0x6A88);
        };
        let objects = tlv::Reader::new(data);
        let value = |tag| objects.find(Tag(tag)).ok().flatten().map(|o| o.value);
        let password = match (value(0x80), value(0x83)) {
            (Some(named), Some([1])) if named == protocol => openssl::sha::sha1(KEY_TEXT).to_vec(),
            (Some(named), Some([2])) if named == protocol => CAN.into(),
            _ => return status(0x6A80),
        };
        let own = self
            .agreement
            .as_ref()
            .map(|(_, key, _)| (*key).to_owned().unwrap());
        self.pace = Some(Pace::new(&protocol, parameter, &password, own));
        status(0x9000)
    }

    /// GENERAL AUTHENTICATE: of PACE while that runs, else of chip authentication.
    fn authenticate(&mut self, data: &[u8]) -> Answer {
        let Ok(outer) = tlv::first(data) else {
            return status(0x6A80);
        };
        let object = outer.inside().next().ok().flatten();
        let Some(pace) = &mut self.pace else {
            let Some(object) = object else {
                return status(0x6A80);
            };
            let (_, word) = self.agree(object.value);
            return (encode(Tag(0x7C), &[]), word);
        };
        if let (Fault::PaceBroken(word), Some(0x83)) = (self.fault, object.map(|o| o.tag.0)) {
            return status(word);
        }
        match pace.step(object) {
            Step::Object(object) => (encode(Tag(0x7C), &object), 0x9000),
            Step::Done(object, channel) => {
                self.pace = None;
                self.next = Some(*channel);
                (encode(Tag(0x7C), &object), 0x9000)
            }
            Step::Refused(word) => {
                self.pace = None;
                status(word)
            }
        }
    }

    /// Chip authentication with their public key.
    fn agree(&mut self, theirs: &[u8]) -> Answer {
        let Some((group, key, cipher)) = &self.agreement else {
            return status(0x6A88);
        };
        let shared = group.power(theirs, key);
        self.next = Some(Channel::new(*cipher, &group.secret(&shared), 0));
        status(0x9000)
    }

    /// ISO/IEC 9796-2 scheme 1 with SHA-256.
    fn sign(&self, nonce: &[u8]) -> Answer {
        let Some(key) = &self.signing else {
            return status(0x6D00);
        };
        let length = key.size() as usize;
        let own = vec![0x5A; length - 1 - 32 - 2];
        let digest = hash(MessageDigest::sha256(), &[own.as_slice(), nonce].concat()).unwrap();
        let message = [&[0x6A], own.as_slice(), &digest, &[0x34, 0xCC]].concat();
        let mut signature = vec![0; length];
        key.private_encrypt(&message, &mut signature, Padding::NONE)
            .unwrap();
        (signature, 0x9000)
    }

    fn read(&self, at: usize, wanted: u32) -> Answer {
        let Some(file) = self.selected.and_then(|id| self.files.get(&id)) else {
            return status(0x6986);
        };
        match self.fault {
            Fault::Longest(most) if wanted > most => return status(0x6700),
            Fault::Strict(word) if at + wanted as usize > file.len() => return status(word),
            Fault::Instead(n) if wanted > u32::from(n) => return status(0x6C00 | u16::from(n)),
            _ => {}
        }
        let most = match self.fault {
            Fault::Short(n) => n,
            _ => usize::MAX,
        };
        if at >= file.len() {
            return status(0x6B00);
        }
        let end = file.len().min(at + (wanted as usize).min(most));
        (file[at..end].to_vec(), 0x9000)
    }

    fn protected(&mut self, head: [u8; 4], body: &[u8], mut channel: Channel) -> Vec<u8> {
        let Some(opened) = channel.open(head, body) else {
            // The session ends with the first wrong checksum.
            return vec![0x69, 0x88];
        };
        self.channel = Some(channel);
        let (reply, word) = self.run(head[1], [head[2], head[3]], &opened.data, opened.wanted);
        let Some(channel) = &mut self.channel else {
            return vec![0x69, 0x88];
        };
        let mut answer = channel.protect(head[1], &reply, word);
        if self.fault == Fault::NoChecksum {
            let status = answer.split_off(answer.len() - 2);
            answer.truncate(answer.len() - 10);
            answer.extend(status);
        }
        answer
    }
}

impl Transceiver for Card {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.commands += 1;
        if self.fault == Fault::Gone(self.commands) {
            return Err(TransceiverError::CardLost);
        }
        if self.fault == Fault::Endless && self.channel.is_some() {
            return Ok(vec![0, 0, 0x61, 0x02]);
        }
        let Some((head, rest)) = command.split_first_chunk::<4>() else {
            return Ok(vec![0x67, 0]);
        };
        let body = match rest {
            [] | [_] => &[][..],
            [0, a, b, rest @ ..] if !rest.is_empty() => {
                &rest[..rest.len().min(usize::from(*a) * 256 + usize::from(*b))]
            }
            [n, rest @ ..] => &rest[..rest.len().min(usize::from(*n))],
        };
        let is_protected = head[0] & 0x0C != 0;
        let answer = match self.channel.take() {
            Some(channel) if is_protected => self.protected(*head, body, channel),
            // A command in the clear ends the session.
            _ => {
                let wanted = command.last().copied().map_or(256, u32::from);
                let (mut data, word) = self.run(head[1], [head[2], head[3]], body, wanted);
                data.extend(word.to_be_bytes());
                data
            }
        };
        if let Some(next) = self.next.take() {
            self.channel = Some(next);
        }
        Ok(answer)
    }

    fn lengths(&self) -> LengthSupport {
        match self.fault {
            Fault::Longest(_) => LengthSupport::Extended,
            _ => LengthSupport::Short,
        }
    }
}
