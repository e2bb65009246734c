//! The chip's answers to commands, in the clear and protected (ISO/IEC 7816-4, Doc 9303-11).

use super::card::{CAN, Card};
use super::channel::Channel;
use super::faults::{Fault, Ways};
use super::pace::{Pace, Step};
use chip::files::FileId;
use chip::session_cipher::{KeyUse, SessionCipher};
use chip::tlv::{self, Tag, encode};
use chip::transceiver::{LengthSupport, Transceiver, TransceiverError};

const TDES: SessionCipher = SessionCipher::TripleDes;

type Answer = (Vec<u8>, u16);

fn status(status: u16) -> Answer {
    (Vec::new(), status)
}

/// The value of one of a command's objects.
fn value(data: &[u8], tag: u32) -> Option<&[u8]> {
    let found = tlv::Reader::new(data).find(Tag(tag)).ok().flatten();
    found.map(|o| o.value)
}

impl Card {
    /// One command out of its protection.
    fn run(&mut self, ins: u8, p: [u8; 2], data: &[u8], wanted: u32) -> Answer {
        self.seen.push((ins, p[0]));
        if let Fault::Says(says) = self.fault
            && says.instruction == ins
            && says.first.is_none_or(|first| first == p[0])
        {
            let is_it =
                |(i, f): &&(u8, u8)| *i == ins && says.first.is_none_or(|first| first == *f);
            if self.seen.iter().filter(is_it).count() == says.nth {
                return status(says.word);
            }
        }
        match (ins, p) {
            (0xA4, [0x04, _]) if self.ways == Ways::PaceOnly && self.channel.is_none() => {
                status(0x6982)
            }
            (0x84 | 0x82, _) if self.ways == Ways::Plain => status(0x6D00),
            (0xA4, [0x04, form]) if form != 0 && matches!(self.fault, Fault::AnswersSelect) => {
                status(0x6A86)
            }
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
            (0x22, [0xC1, 0xA4]) if matches!(self.fault, Fault::DisturbsPace(at) if at < self.commands) => {
                status(0x6A80)
            }
            (0x22, [0xC1, 0xA4]) => self.begin_pace(data),
            (0x22, [0x41, 0xA6]) => {
                self.chosen_key = value(data, 0x84).and_then(|v| v.last().copied());
                match value(data, 0x91) {
                    Some(point) => self.agree(point),
                    None => status(0x6A80),
                }
            }
            (0x22, [0x41, 0xA4]) => {
                self.chosen_key = value(data, 0x84).and_then(|v| v.last().copied());
                let is_there = self.agreements.iter().any(|a| a.id == self.chosen_key);
                status(if is_there { 0x9000 } else { 0x6A88 })
            }
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
        if matches!(self.fault, Fault::DropsFor(file) if file == id) {
            self.channel = None;
        }
        let is_open =
            id == FileId::CardAccess || self.channel.is_some() || self.ways == Ways::Plain;
        self.selected = is_open.then_some(id);
        status(if is_open { 0x9000 } else { 0x6982 })
    }

    fn basic_access(&mut self, data: &[u8]) -> Answer {
        let seed = openssl::sha::sha1(&self.key_text);
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
        if let Fault::Basic(at) = self.fault {
            reply[at] ^= 1;
            // A cryptogram that is another under a checksum that fits.
            if at < 32 {
                reply.truncate(32);
                reply.extend(TDES.mac(&authenticate, &reply).unwrap());
            }
        }
        let secret: Vec<u8> = plain[16..].iter().zip(half).map(|(a, b)| a ^ b).collect();
        let mut counter = [0; 8];
        counter[..4].copy_from_slice(&ours[4..]);
        counter[4..].copy_from_slice(&plain[4..8]);
        self.next = Some(Channel::new(TDES, &secret, u64::from_be_bytes(counter)));
        (reply, 0x9000)
    }

    fn begin_pace(&mut self, data: &[u8]) -> Answer {
        let named = value(data, 0x80);
        let wanted = value(data, 0x84).and_then(|p| p.last().copied());
        let offer = self.pace_offers.iter().find(|(protocol, parameter)| {
            named == Some(protocol.as_slice()) && wanted.is_none_or(|w| w == *parameter)
        });
        let Some((protocol, parameter)) = offer.cloned() else {
            return status(0x6A80);
        };
        let password = match value(data, 0x83) {
            Some([1]) => openssl::sha::sha1(&self.key_text).to_vec(),
            Some([2]) => CAN.into(),
            _ => return status(0x6A88),
        };
        let own = self
            .agreements
            .first()
            .map(|a| (*a.key).to_owned().unwrap());
        self.pace = Some(Pace::new(&protocol, parameter, &password, own));
        self.pace_step = 0;
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
        self.pace_step += 1;
        let (step, fault) = (self.pace_step, self.fault);
        let theirs = object.map(|o| o.value).unwrap_or_default();
        let answer = |ours: Vec<u8>| {
            let sent = match fault {
                Fault::Pace(change) => change(step, theirs, ours),
                _ => ours,
            };
            (encode(Tag(0x7C), &sent), 0x9000)
        };
        match pace.step(object) {
            Step::Object(object) => answer(object),
            Step::Done(object, channel) => {
                self.pace = None;
                self.next = Some(*channel);
                answer(object)
            }
            Step::Refused(word) => {
                self.pace = None;
                status(word)
            }
        }
    }

    /// Chip authentication with their public key.
    fn agree(&mut self, theirs: &[u8]) -> Answer {
        self.ephemeral.push(theirs.to_vec());
        let chosen = self.chosen_key;
        let Some(own) = self.agreements.iter().find(|a| a.id == chosen) else {
            return status(0x6A88);
        };
        if !own.group.holds(theirs) {
            return status(0x6A80);
        }
        let shared = own.group.power(theirs, &own.key);
        if !matches!(self.fault, Fault::OldKeys) {
            self.next = Some(Channel::new(own.cipher, &own.group.secret(&shared), 0));
        }
        status(0x9000)
    }

    /// Active authentication.
    fn sign(&self, nonce: &[u8]) -> Answer {
        let Some(key) = &self.signing else {
            return status(0x6D00);
        };
        match self.fault {
            Fault::WrongNonce => (key.sign(&[0; 8]), 0x9000),
            _ => (key.sign(nonce), 0x9000),
        }
    }

    fn read(&self, at: usize, wanted: u32) -> Answer {
        let Some(file) = self.selected.and_then(|id| self.files.get(&id)) else {
            return status(0x6986);
        };
        match self.fault {
            Fault::Longest(most) if wanted > most => return status(0x6700),
            Fault::Strict(word) if at + wanted as usize > file.len() => return status(word),
            Fault::Left if at < file.len() && at + wanted as usize > file.len() => {
                let left = u8::try_from(file.len() - at).unwrap_or(0);
                return status(0x6C00 | u16::from(left));
            }
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
        let is_short = end < at + wanted as usize;
        let word = match self.fault {
            Fault::Warns if is_short => 0x6282,
            _ => 0x9000,
        };
        (file[at..end].to_vec(), word)
    }

    /// The first bytes of an answer, and a promise of the rest (ISO/IEC 7816-4 section 5.3.4).
    fn piece(&mut self, answer: Vec<u8>, bytes: usize) -> Vec<u8> {
        if answer.len() <= bytes + 2 {
            return answer;
        }
        self.waiting = answer[bytes..].to_vec();
        let rest = u8::try_from(self.waiting.len() - 2).unwrap_or(0);
        [&answer[..bytes], &[0x61, rest]].concat()
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
        let spoil = match self.fault {
            Fault::Spoils(spoil) => Some(spoil),
            Fault::SpoilsReading(spoil) if matches!(head[1], 0xB0 | 0xB1) => Some(spoil),
            _ => None,
        };
        channel.protect_and(head[1], &reply, word, spoil)
    }
}

impl Transceiver for Card {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        self.commands += 1;
        if matches!(self.fault, Fault::Gone(at) if at <= self.commands)
            || matches!(self.fault, Fault::Flickers(each) if self.commands.is_multiple_of(each))
            || matches!(self.fault, Fault::DisturbsPace(at) if at == self.commands)
        {
            return Err(TransceiverError::CardLost);
        }
        if let Fault::Drops(at, word) = self.fault
            && at == self.commands
        {
            self.channel = None;
            return Ok(word.to_be_bytes().to_vec());
        }
        if matches!(self.fault, Fault::Endless) && self.channel.is_some() {
            return Ok(vec![0, 0, 0x61, 0x02]);
        }
        let Some((head, rest)) = command.split_first_chunk::<4>() else {
            return Ok(vec![0x67, 0]);
        };
        if let (Fault::Pieces(bytes), 0xC0) = (self.fault, head[1]) {
            let waiting = std::mem::take(&mut self.waiting);
            return Ok(self.piece(waiting, bytes));
        }
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
        match self.fault {
            Fault::Pieces(bytes) => Ok(self.piece(answer, bytes)),
            _ => Ok(answer),
        }
    }

    fn reset(&mut self) -> Result<(), TransceiverError> {
        Self::reset(self);
        Ok(())
    }

    fn lengths(&self) -> LengthSupport {
        match self.fault {
            Fault::Longest(_) => LengthSupport::Extended,
            _ => LengthSupport::Short,
        }
    }
}
