//! Commands through a transceiver, in the clear or under secure messaging.

use crate::apdu::{Command, Expect, Response, Status};
use crate::error::ChipError;
use crate::secure_messaging::SecureMessaging;
use crate::transceiver::Transceiver;

/// An answer is taken in at most so many pieces (`61xx`); an endless chip is broken off.
const PIECES: usize = 64;

/// A conversation with one chip.
pub struct Session<'a> {
    chip: &'a mut dyn Transceiver,
    protection: Option<SecureMessaging>,
    commands: u32,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("protection", &self.protection)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

impl<'a> Session<'a> {
    /// A conversation in the clear.
    #[must_use]
    pub fn new(chip: &'a mut dyn Transceiver) -> Self {
        Self {
            chip,
            protection: None,
            commands: 0,
        }
    }

    /// Resets the chip; what follows is in the clear.
    pub fn reset(&mut self) -> Result<(), ChipError> {
        self.protection = None;
        self.chip.reset().map_err(ChipError::Transceiver)
    }

    /// Protects everything from here on.
    pub fn protect(&mut self, protection: SecureMessaging) {
        self.protection = Some(protection);
    }

    /// Whether and how it is protected.
    #[must_use]
    pub fn protection(&self) -> Option<&SecureMessaging> {
        self.protection.as_ref()
    }

    /// Commands sent so far.
    #[must_use]
    pub fn commands(&self) -> u32 {
        self.commands
    }

    /// What lengths get through the reader.
    #[must_use]
    pub fn lengths(&self) -> crate::transceiver::LengthSupport {
        self.chip.lengths()
    }

    /// Sends a command and answers with the chip's data and status, whatever the status is.
    pub fn send(&mut self, command: &Command) -> Result<Response<'static>, ChipError> {
        let Some(mut protection) = self.protection.take() else {
            return self.transmit(command);
        };
        let answer = protection
            .protect(command)
            .and_then(|protected| self.transmit(&protected))
            .and_then(|response| protection.open(&response));
        self.protection = Some(protection);
        answer
    }

    /// Sends a command that must succeed; `step` names it in the error.
    pub fn call(&mut self, step: &'static str, command: &Command) -> Result<Vec<u8>, ChipError> {
        let response = self.send(command)?;
        match response.status {
            Status::OK => Ok(response.data.into_owned()),
            status => Err(ChipError::Refused { step, status }),
        }
    }

    /// One command on the wire, its answer fetched in pieces where the chip wants that.
    fn transmit(&mut self, command: &Command) -> Result<Response<'static>, ChipError> {
        let too_long = ChipError::Protocol {
            step: "sending a command",
            why: "it is longer than any command",
        };
        let mut bytes = command.encode().ok_or(too_long)?;
        let mut data = Vec::new();
        for _ in 0..PIECES {
            self.commands += 1;
            let raw = self.chip.transmit(&bytes)?;
            let response = Response::parse(&raw).ok_or(ChipError::Protocol {
                step: "reading an answer",
                why: "it has no status",
            })?;
            data.extend_from_slice(&response.data);
            let Some(waiting) = response.status.more_waiting() else {
                return Ok(Response {
                    data: data.into(),
                    status: response.status,
                });
            };
            let next = Command {
                // Neither protected nor part of a chain.
                class: command.class & !0x1C,
                ..Command::new(0xC0, [0, 0], Vec::new(), Expect::Bytes(waiting))
            };
            bytes = next.encode().unwrap_or_default();
        }
        Err(ChipError::Protocol {
            step: "reading an answer",
            why: "it does not end",
        })
    }
}
