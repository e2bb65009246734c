//! Passphrases: asked for at the terminal without showing them, or read from a file, a line each.

use mpaka_hq::HqError;
use mpaka_hq::approval;
use mpaka_hq::home::Home;
use rules::OfficerId;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use seal::bundle::publish::Holder;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where passphrases come from.
pub(super) struct Passphrases {
    file: Option<(PathBuf, std::io::Lines<std::io::BufReader<std::fs::File>>)>,
}

impl Passphrases {
    /// From this file, a line each in the order asked for; from the terminal where there is none.
    pub(super) fn from(file: Option<&Path>) -> Result<Self, HqError> {
        let Some(path) = file else {
            return Ok(Self { file: None });
        };
        let opened = std::fs::File::open(path).map_err(HqError::io(path))?;
        let lines = std::io::BufReader::new(opened).lines();
        Ok(Self {
            file: Some((path.to_owned(), lines)),
        })
    }

    /// The passphrase of one person.
    pub(super) fn of(&mut self, name: &OfficerId) -> Result<Holder, HqError> {
        let passphrase = match &mut self.file {
            Some((path, lines)) => match lines.next() {
                Some(line) => Zeroizing::new(line.map_err(HqError::io(&*path))?),
                None => {
                    return Err(HqError::unreadable(
                        &*path,
                        format!("it has no further line, for {name}"),
                    ));
                }
            },
            None => {
                ask(&format!("passphrase of {name}: ")).map_err(HqError::io("standard input"))?
            }
        };
        Ok(Holder {
            name: name.clone(),
            passphrase,
        })
    }

    /// The passphrases of several people, in order.
    pub(super) fn of_all(&mut self, names: &[OfficerId]) -> Result<Vec<Holder>, HqError> {
        names.iter().map(|name| self.of(name)).collect()
    }
}

/// Whoever approves or releases: with the own passphrase where the ceremony named holders, by name alone otherwise.
pub(super) fn of_person(
    home: &Home,
    file: Option<&Path>,
    name: &OfficerId,
) -> Result<Holder, HqError> {
    if approval::holders(home)?.is_empty() {
        return Ok(Holder {
            name: name.clone(),
            passphrase: String::new().into(),
        });
    }
    Passphrases::from(file)?.of(name)
}

/// The first line of a file, as a passphrase.
pub(super) fn first_line(path: &Path) -> Result<Zeroizing<String>, HqError> {
    let text = std::fs::read_to_string(path).map_err(HqError::io(path))?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

/// Asks on the terminal, or reads a line of what is piped in.
pub(super) fn ask(prompt: &str) -> std::io::Result<Zeroizing<String>> {
    let stdin = std::io::stdin();
    // Nothing is shown where this is a terminal, and nothing changes where it is not.
    let shown = tcgetattr(&stdin).ok();
    if let Some(shown) = &shown {
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        let _ = tcsetattr(&stdin, OptionalActions::Flush, &hidden);
        let _ = write!(std::io::stderr(), "{prompt}");
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().read_line(&mut line);
    if let Some(shown) = &shown {
        let _ = tcsetattr(&stdin, OptionalActions::Flush, shown);
        let _ = writeln!(std::io::stderr());
    }
    read?;
    Ok(Zeroizing::new(
        line.trim_end_matches(['\n', '\r']).to_owned(),
    ))
}
