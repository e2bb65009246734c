//! One file, piece by piece, in lengths that this chip and this reader carry (Doc 9303-10 section 3.6).

use super::{HEADER, Phase, Reader, Watch, called_off};
use crate::apdu::{Command, Expect, Status};
use crate::error::ChipError;
use crate::files::FileId;
use crate::losses::is_session_over;
use crate::tlv::{self, Tag};

/// No real file is longer; one that says so is a fault or an attack.
const LONGEST: usize = 512 * 1024;

/// Bytes at a file's start by which it is known again, in another session.
const KNOWN_BY: usize = 64;

/// Beyond this offset the parameters of READ BINARY have no room.
const FAR: usize = 0x8000;

/// Bytes that the object around an answer takes there.
const AROUND_FAR: u32 = 4;

impl Reader<'_> {
    /// Reads one file of the current folder, as long as its own first bytes say it is.
    pub fn file(&mut self, id: FileId, watch: Watch<'_>) -> Result<Vec<u8>, ChipError> {
        called_off(watch(Phase::File(id, 0, None)))?;
        self.select(id)?;
        let mut bytes = self.begun_before(id)?;
        let mut total = tlv::announced_length(&bytes).filter(|t| *t > bytes.len());
        loop {
            let mut piece = match self.piece(bytes.len(), total.map(|t| t - bytes.len())) {
                Ok(piece) => piece,
                Err(error) => {
                    self.begun = Some((id, bytes));
                    return Err(error);
                }
            };
            if piece.is_empty() && bytes.is_empty() {
                // Some chips refuse to read past the end of a short file: its header alone, then.
                piece = self.piece(0, Some(HEADER))?;
            }
            if piece.is_empty() {
                return Err(ChipError::Protocol {
                    step: "reading a file",
                    why: "it ends before the length that it begins with",
                });
            }
            bytes.extend_from_slice(&piece);
            let length = match total {
                Some(length) => length,
                None => {
                    let length = tlv::announced_length(&bytes)
                        .ok_or_else(|| id.at()(tlv::TlvError::new(id.tag(), tlv::Fault::Form)))?;
                    if length > LONGEST {
                        return Err(ChipError::Protocol {
                            step: "reading a file",
                            why: "it says that it is longer than any",
                        });
                    }
                    *total.insert(length)
                }
            };
            called_off(watch(Phase::File(
                id,
                bytes.len().min(length),
                Some(length),
            )))?;
            if bytes.len() >= length {
                bytes.truncate(length);
                return Ok(bytes);
            }
        }
    }

    /// What was read of a file before a session was lost, where it begins as it did then; else nothing.
    fn begun_before(&mut self, id: FileId) -> Result<Vec<u8>, ChipError> {
        let known = match &self.begun {
            Some((begun, bytes)) if *begun == id => bytes.len().min(KNOWN_BY),
            // The files that open a chip are read anew with each session.
            _ => return Ok(Vec::new()),
        };
        let start = match known {
            0 => Vec::new(),
            known => self.piece(0, Some(known))?,
        };
        let begun = self.begun.take();
        Ok(begun
            .map(|(_, bytes)| bytes)
            .filter(|bytes| !start.is_empty() && bytes.starts_with(&start))
            .unwrap_or_default())
    }

    /// Makes a file the current one: by its identifier, or by its short one where the chip knows no other
    /// (Doc 9303-10 section 3.6.3 lets a chip support either).
    fn select(&mut self, id: FileId) -> Result<(), ChipError> {
        let step = "selecting a file";
        let named = id.identifier().to_be_bytes().to_vec();
        let by_name = Command::new(0xA4, [0x02, 0x0C], named, Expect::Nothing);
        match self.session.call(step, &by_name) {
            Err(ChipError::Refused {
                status: Status(0x6A81 | 0x6A86 | 0x6D00 | 0x6900),
                ..
            }) => {
                let short = [0x80 | id.short_identifier(), 0];
                let start = Command::new(0xB0, short, Vec::new(), Expect::Bytes(1));
                self.session.call(step, &start).map(|_| ())
            }
            selected => selected.map(|_| ()),
        }
    }

    /// One READ BINARY, in the greatest length that works; empty at the file's end. `wanted` is what is left
    /// of the file, once that is known; until then a refusal may be the file's shortness and teaches nothing.
    fn piece(&mut self, at: usize, wanted: Option<usize>) -> Result<Vec<u8>, ChipError> {
        let mut instead = None;
        loop {
            let Some(longest) = instead.or(self.lengths.first().copied()) else {
                return Err(ChipError::Protocol {
                    step: "reading a file",
                    why: "the chip answers in no length",
                });
            };
            let left = wanted.map_or(u32::MAX, |w| u32::try_from(w).unwrap_or(u32::MAX));
            // Far on, each answer carries its own tag and length, and must still fit.
            let longest = if at < FAR {
                longest
            } else {
                longest - AROUND_FAR.min(longest - 1)
            };
            let length = longest.min(left);
            let (status, data) = match self.session.send(&read_binary(at, length)) {
                Ok(answer) => (answer.status, answer.data.into_owned()),
                // Refused before secure messaging, as for its length.
                Err(ChipError::RefusedUnprotected { status }) if !is_session_over(status) => {
                    (status, Vec::new())
                }
                Err(error) => return Err(error),
            };
            let is_end = status == Status::END_OF_FILE || status == Status::WRONG_PARAMETERS;
            match status.ask_for_instead() {
                _ if status == Status::OK || (is_end && !data.is_empty()) => {
                    return if at < FAR {
                        Ok(data)
                    } else {
                        unwrap_far(&data)
                    };
                }
                _ if is_end => return Ok(Vec::new()),
                Some(shorter) if instead.is_none() && shorter < length => {
                    instead = Some(shorter);
                    if wanted.is_some() {
                        self.lengths.insert(0, shorter);
                    }
                }
                _ if status == Status::WRONG_LENGTH && wanted.is_none() => return Ok(Vec::new()),
                _ if status == Status::WRONG_LENGTH || status.ask_for_instead().is_some() => {
                    instead = None;
                    self.lengths.retain(|l| *l < length);
                }
                _ => {
                    return Err(ChipError::Refused {
                        step: "reading a file",
                        status,
                    });
                }
            }
        }
    }
}

pub(super) fn read_binary(at: usize, length: u32) -> Command {
    if at < FAR {
        let offset = (at as u16).to_be_bytes();
        return Command::new(0xB0, offset, Vec::new(), Expect::Bytes(length));
    }
    // The odd instruction carries its offset as an object, and the answer comes as one (tag and length).
    let offset = (at as u32).to_be_bytes();
    let data = tlv::encode(Tag(0x54), tlv::strip_zeros(&offset));
    Command::new(
        0xB1,
        [0, 0],
        data,
        Expect::Bytes(length.saturating_add(AROUND_FAR)),
    )
}

fn unwrap_far(data: &[u8]) -> Result<Vec<u8>, ChipError> {
    match tlv::first(data) {
        Ok(object) if object.tag == Tag(0x53) => Ok(object.value.to_vec()),
        _ => Err(ChipError::Protocol {
            step: "reading a file",
            why: "an answer that is not the object asked for",
        }),
    }
}
