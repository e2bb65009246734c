//! Utopia's chip behind the real reader stack: `pcscd` of the test's own with a virtual reader (vsmartcard's
//! vpcd), so that everything that stands between a chip and who reads it is there.
//!
//! The virtual reader is told a host, and then connects out to the card instead of listening for it on every
//! address of the machine: nothing here listens beyond loopback.

use super::chip::card::{Card, Fault};
use chip::transceiver::Transceiver as _;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The virtual reader's name.
pub const READER: &str = "Utopia 00 00";

/// Names the driver where it is not installed: a folder into which its package was unpacked, or the file.
pub const DRIVER_VARIABLE: &str = "MPAKA_VPCD";

/// Where Debian installs the driver.
const DRIVER: &str = "usr/lib/pcsc/drivers/serial/libifdvpcd.so";

/// Where the service waits for its clients; it is built in.
const SERVICE: &str = "/run/pcscd/pcscd.comm";

/// Answer to reset of a contactless chip without historical bytes (PC/SC part 3 section 3.1.3.2.3).
const ANSWER_TO_RESET: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

/// How long the service is given to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why there is no reader stack.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The virtual reader's driver is not there: unpack Debian's vsmartcard-vpcd, or install it.
    #[error(
        "no virtual PC/SC reader: install vsmartcard-vpcd, or name its unpacked folder in {DRIVER_VARIABLE}"
    )]
    NoDriver,
    /// Another smart card service runs on this machine, and there can be but one.
    #[error("another pcscd is running; stop it (systemctl stop pcscd.socket pcscd)")]
    Busy,
    /// The service could not be started: it is not installed, or this is not root.
    #[error("pcscd cannot be started (is it installed, and is this root?): {0}")]
    NotStarted(io::Error),
    /// The service came up and did not answer.
    #[error("pcscd does not answer")]
    Silent,
}

/// The chip in a slot. The driver ends the service where a reader that it was told a host for is ever empty, so
/// where no other chip lies there a bare one does.
type Slot = Arc<Mutex<Card>>;

fn bare() -> Card {
    Card::new(Fault::None)
}

/// A smart card service of our own with one virtual reader.
#[derive(Debug)]
pub struct ReaderStack {
    service: Child,
    /// The slot that chips are put into.
    slot: Slot,
    over: Arc<AtomicBool>,
    slots: Vec<JoinHandle<()>>,
    /// Its configuration.
    _folder: TempDir,
}

/// A chip in the reader. Taken out when this is dropped.
#[derive(Debug)]
pub struct Inserted(Slot);

impl ReaderStack {
    /// Starts the service.
    ///
    /// # Errors
    /// [`StackError`]; nothing is left running.
    pub fn start() -> Result<Self, StackError> {
        let driver = driver().ok_or(StackError::NoDriver)?;
        if UnixStream::connect(SERVICE).is_ok() {
            return Err(StackError::Busy);
        }
        // The driver connects once, and ends the service where nobody listens at either of its slots.
        let doors = doors().map_err(StackError::NotStarted)?;
        let port = doors[0]
            .local_addr()
            .map_err(StackError::NotStarted)?
            .port();
        let folder = tempfile::tempdir().map_err(StackError::NotStarted)?;
        let configuration = format!(
            "FRIENDLYNAME \"Utopia\"\nDEVICENAME 127.0.0.1:{port}\nLIBPATH {}\nCHANNELID {port}\n",
            driver.display()
        );
        std::fs::write(folder.path().join("utopia"), configuration)
            .map_err(StackError::NotStarted)?;
        let slot = Arc::new(Mutex::new(bare()));
        let over = Arc::new(AtomicBool::new(false));
        let held = [Arc::clone(&slot), Arc::new(Mutex::new(bare()))];
        let slots = doors
            .into_iter()
            .zip(held)
            .map(|(door, slot)| {
                let over = Arc::clone(&over);
                std::thread::spawn(move || serve(&door, &slot, &over))
            })
            .collect();
        let service = Command::new("pcscd")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .args(["--foreground", "--config"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let service = match service {
            Ok(service) => service,
            Err(error) => {
                over.store(true, Ordering::Relaxed);
                return Err(StackError::NotStarted(error));
            }
        };
        let mut stack = Self {
            service,
            slot,
            over,
            slots,
            _folder: folder,
        };
        let start = Instant::now();
        while UnixStream::connect(SERVICE).is_err() {
            if let Ok(Some(status)) = stack.service.try_wait() {
                return Err(StackError::NotStarted(io::Error::other(status.to_string())));
            }
            if start.elapsed() > PATIENCE {
                return Err(StackError::Silent);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(stack)
    }

    /// Puts a chip into the reader.
    #[must_use]
    pub fn insert(&self, card: Card) -> Inserted {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = card;
        Inserted(Arc::clone(&self.slot))
    }
}

impl Drop for ReaderStack {
    fn drop(&mut self) {
        // It may have ended by itself. Told, and not killed, it takes its socket away.
        let _ = kill_process(Pid::from_child(&self.service), Signal::TERM);
        let _ = self.service.wait();
        self.over.store(true, Ordering::Relaxed);
        for slot in self.slots.drain(..) {
            let _ = slot.join();
        }
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bare();
    }
}

/// Two doors of loopback on neighbouring ports: a virtual reader has two slots.
fn doors() -> io::Result<[TcpListener; 2]> {
    loop {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = first.local_addr()?.port();
        let next = port.checked_add(1);
        if let Some(Ok(second)) = next.map(|p| TcpListener::bind((Ipv4Addr::LOCALHOST, p))) {
            first.set_nonblocking(true)?;
            second.set_nonblocking(true)?;
            return Ok([first, second]);
        }
    }
}

/// Lets the service in, and speaks with it until it is ended.
fn serve(door: &TcpListener, slot: &Slot, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        match door.accept() {
            Ok((stream, _)) => {
                // The service goes when it is ended; then there is nobody to tell.
                let _ = converse(slot, stream);
            }
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// The driver, unpacked or installed.
fn driver() -> Option<PathBuf> {
    let named = std::env::var_os(DRIVER_VARIABLE).map(PathBuf::from);
    let unpacked = named.as_ref().map(|folder| folder.join(DRIVER));
    let installed = Path::new("/").join(DRIVER);
    let candidates = [named, unpacked, Some(installed)];
    let mut files = candidates.into_iter().flatten();
    files.find(|path| path.is_file())
}

/// The card's side of vpcd: a length of two bytes before each message; a message of one byte is a signal.
fn converse(slot: &Slot, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    loop {
        let message = match receive(&mut stream) {
            Ok(message) => message,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut card = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match message.as_slice() {
            // Power off and reset end the chip's session; power on begins none.
            [0] | [2] => {
                card.reset();
                continue;
            }
            [1] => continue,
            [4] => ANSWER_TO_RESET.to_vec(),
            // A chip that is gone cannot be had here: it says that it has failed.
            command => card.transmit(command).unwrap_or_else(|_| vec![0x6F, 0x00]),
        };
        drop(card);
        send(&mut stream, &answer)?;
    }
}

fn receive(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    // Without it each command waits 40 ms for a delayed acknowledgement.
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    rustix::net::sockopt::set_tcp_quickack(&*stream, true)?;
    stream.read_exact(&mut message)?;
    Ok(message)
}

fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), message].concat())
}
