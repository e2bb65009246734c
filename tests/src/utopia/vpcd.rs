//! Utopia's chip in a virtual PC/SC reader: the card's side of vpcd (vsmartcard), so that the real reader
//! stack, `pcscd` and all, stands between the chip and who reads it.

use super::chip::card::Card;
use chip::transceiver::Transceiver as _;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// The virtual readers and the ports where they wait for their cards.
pub const READERS: [(&str, u16); 2] =
    [("Virtual PCD 00 00", 35_963), ("Virtual PCD 00 01", 35_964)];

/// Answer to reset of a contactless chip without historical bytes (PC/SC part 3 section 3.1.3.2.3).
const ANSWER_TO_RESET: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];

/// The way into a reader.
///
/// # Errors
/// No such reader is there.
pub fn reader(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Leaves the chip in the reader until the reader's service closes the connection.
///
/// # Errors
/// The service broke off.
pub fn insert(mut card: Card, mut stream: TcpStream) -> io::Result<()> {
    loop {
        let message = match receive(&mut stream) {
            Ok(message) => message,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        match message.as_slice() {
            // Power off and reset end the chip's session; power on begins none.
            [0] | [2] => card.reset(),
            [1] => {}
            [4] => send(&mut stream, &ANSWER_TO_RESET)?,
            command => match card.transmit(command) {
                Ok(answer) => send(&mut stream, &answer)?,
                // Out of the field.
                Err(_) => return Ok(()),
            },
        }
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
