//! Commands and answers (ISO/IEC 7816-4 section 5).

use std::borrow::Cow;

/// How much answer a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expect {
    /// None: Le is absent. German documents refuse SELECT and MSE otherwise.
    Nothing,
    /// At most so many bytes; 256 (65536 in extended length) is written as zero.
    Bytes(u32),
}

/// A command, before its encoding is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Class, without the bits of secure messaging.
    pub class: u8,
    /// Instruction.
    pub instruction: u8,
    /// First and second parameter.
    pub parameters: [u8; 2],
    /// Data.
    pub data: Vec<u8>,
    /// Le.
    pub expect: Expect,
}

impl Command {
    /// A command of class 00.
    #[must_use]
    pub fn new(instruction: u8, parameters: [u8; 2], data: Vec<u8>, expect: Expect) -> Self {
        Self {
            class: 0,
            instruction,
            parameters,
            data,
            expect,
        }
    }

    /// Whether it fits short lengths.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.data.len() <= 255 && !matches!(self.expect, Expect::Bytes(n) if n > 256)
    }

    /// The command's bytes: short where it fits, else extended. `None` where it fits neither.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        let [p1, p2] = self.parameters;
        let mut out = vec![self.class, self.instruction, p1, p2];
        let length = self.data.len();
        if self.is_short() {
            if length > 0 {
                out.push(length as u8);
                out.extend_from_slice(&self.data);
            }
            if let Expect::Bytes(n) = self.expect {
                // 256 is written as zero.
                out.push(n as u8);
            }
            return Some(out);
        }
        let length16 = u16::try_from(length).ok()?;
        out.push(0);
        if length > 0 {
            out.extend_from_slice(&length16.to_be_bytes());
            out.extend_from_slice(&self.data);
        }
        if let Expect::Bytes(n) = self.expect {
            if n > 65_536 {
                return None;
            }
            // 65536 is written as zero.
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
        Some(out)
    }
}

/// The two status bytes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(pub u16);

impl Status {
    /// Done.
    pub const OK: Self = Self(0x9000);
    /// The file ends before so many bytes.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// The offset is beyond the file's end.
    pub const WRONG_PARAMETERS: Self = Self(0x6B00);
    /// Wrong length.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// No such file.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// Not without authentication.
    pub const SECURITY_STATUS: Self = Self(0x6982);
    /// Authentication failed.
    pub const AUTHENTICATION_FAILED: Self = Self(0x6300);

    /// `6Cxx`: how many bytes to ask for instead.
    #[must_use]
    pub fn ask_for_instead(self) -> Option<u32> {
        match self.0.to_be_bytes() {
            [0x6C, 0] => Some(256),
            [0x6C, n] => Some(u32::from(n)),
            _ => None,
        }
    }

    /// `61xx`: how many more bytes wait.
    #[must_use]
    pub fn more_waiting(self) -> Option<u32> {
        match self.0.to_be_bytes() {
            [0x61, 0] => Some(256),
            [0x61, n] => Some(u32::from(n)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response<'a> {
    /// Data.
    pub data: Cow<'a, [u8]>,
    /// Status.
    pub status: Status,
}

impl<'a> Response<'a> {
    /// Takes an answer apart; `None` where even the status is missing.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (data, status) = bytes.split_last_chunk::<2>()?;
        Some(Self {
            data: Cow::Borrowed(data),
            status: Status(u16::from_be_bytes(*status)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_cases_are_written_short_and_extended() {
        let bytes =
            |data: &[u8], expect| Command::new(0xB0, [1, 2], data.to_vec(), expect).encode();
        assert_eq!(bytes(&[], Expect::Nothing), Some(vec![0, 0xB0, 1, 2]));
        assert_eq!(bytes(&[], Expect::Bytes(256)), Some(vec![0, 0xB0, 1, 2, 0]));
        assert_eq!(
            bytes(&[9], Expect::Nothing),
            Some(vec![0, 0xB0, 1, 2, 1, 9])
        );
        assert_eq!(
            bytes(&[9], Expect::Bytes(4)),
            Some(vec![0, 0xB0, 1, 2, 1, 9, 4])
        );
        assert_eq!(
            bytes(&[], Expect::Bytes(257)),
            Some(vec![0, 0xB0, 1, 2, 0, 1, 1])
        );
        assert_eq!(
            bytes(&[], Expect::Bytes(65_536)),
            Some(vec![0, 0xB0, 1, 2, 0, 0, 0])
        );
        assert_eq!(
            bytes(&[9], Expect::Bytes(300)),
            Some(vec![0, 0xB0, 1, 2, 0, 0, 1, 9, 1, 44])
        );
        assert_eq!(bytes(&[], Expect::Bytes(65_537)), None);
        assert_eq!(bytes(&vec![0; 70_000], Expect::Nothing), None);
        assert_eq!(Response::parse(&[0x90]), None);
        assert_eq!(Status(0x6C00).ask_for_instead(), Some(256));
        assert_eq!(Status(0x6110).more_waiting(), Some(16));
    }
}
