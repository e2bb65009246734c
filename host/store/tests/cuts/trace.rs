//! What a program told the system to do with its files, as strace writes it down.

use std::path::PathBuf;

/// One thing that a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// A file was opened; made or emptied first, where so asked.
    Open {
        path: PathBuf,
        make: bool,
        empty: bool,
    },
    Write {
        path: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Resize {
        path: PathBuf,
        length: u64,
    },
    Sync {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Link {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeFolder {
        path: PathBuf,
    },
}

/// The calls that are written down.
pub(crate) const CALLS: &str = "trace=open,openat,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,\
fallocate,fsync,fdatasync,sync_file_range,msync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,\
mkdir,mkdirat,rmdir,copy_file_range,sendfile";

/// Reads the lines of a trace, in order. A call that this does not know, or that was interrupted by another
/// thread's, is no evidence of anything: it ends the test.
pub(crate) fn read(trace: &str) -> Vec<Act> {
    trace.lines().filter_map(act).collect()
}

fn act(line: &str) -> Option<Act> {
    let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    if line.starts_with("+++") || line.starts_with("---") {
        return None;
    }
    assert!(
        !line.contains("unfinished") && !line.contains("resumed"),
        "two threads at once: {}",
        &line[..line.len().min(200)]
    );
    let (call, rest) = line.split_once('(').unwrap();
    let (arguments, result) = rest.rsplit_once(") = ").unwrap();
    let result = result.trim();
    if result.starts_with('-') {
        // Refused: nothing was done.
        return None;
    }
    let arguments = split(arguments);
    let path = |n: usize| PathBuf::from(text(&arguments[n]));
    Some(match call {
        "openat" | "open" => {
            let flags = &arguments[if call == "openat" { 2 } else { 1 }];
            Act::Open {
                path: of_descriptor(result)?,
                make: flags.contains("O_CREAT"),
                empty: flags.contains("O_TRUNC"),
            }
        }
        "write" => Act::Write {
            path: of_descriptor(&arguments[0])?,
            at: None,
            bytes: bytes(&arguments[1]),
        },
        "pwrite64" => Act::Write {
            path: of_descriptor(&arguments[0])?,
            at: Some(arguments[3].parse().unwrap()),
            bytes: bytes(&arguments[1]),
        },
        "ftruncate" => Act::Resize {
            path: of_descriptor(&arguments[0])?,
            length: arguments[1].parse().unwrap(),
        },
        "fsync" | "fdatasync" => Act::Sync {
            path: of_descriptor(&arguments[0])?,
        },
        "rename" => Act::Rename {
            from: path(0),
            to: path(1),
        },
        "renameat" | "renameat2" => Act::Rename {
            from: path(1),
            to: path(3),
        },
        "link" => Act::Link {
            from: path(0),
            to: path(1),
        },
        "linkat" => Act::Link {
            from: path(1),
            to: path(3),
        },
        "unlink" => Act::Remove { path: path(0) },
        "unlinkat" => Act::Remove { path: path(1) },
        "mkdir" => Act::MakeFolder { path: path(0) },
        "mkdirat" => Act::MakeFolder { path: path(1) },
        other => panic!(
            "{other} is not known here: {}",
            &line[..line.len().min(200)]
        ),
    })
}

/// Splits at the commas outside of quotes and angle brackets.
fn split(arguments: &str) -> Vec<String> {
    let (mut parts, mut quoted, mut depth) = (vec![String::new()], false, 0);
    for c in arguments.chars() {
        match c {
            '"' => quoted = !quoted,
            '<' | '{' | '[' if !quoted => depth += 1,
            '>' | '}' | ']' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if !(c == ' ' && parts.last().unwrap().is_empty()) {
            parts.last_mut().unwrap().push(c);
        }
    }
    parts
}

/// The bytes of a quoted argument, every one of which strace was told to write as `\xNN`.
fn bytes(argument: &str) -> Vec<u8> {
    assert!(
        !argument.ends_with("..."),
        "a write was cut short in the trace"
    );
    let quoted = argument.trim_matches('"');
    hex::decode(quoted.replace("\\x", "")).unwrap()
}

fn text(argument: &str) -> String {
    String::from_utf8(bytes(argument)).unwrap()
}

/// The file behind a descriptor: `7</folder/file>`, in letters or as `\xNN`.
fn of_descriptor(argument: &str) -> Option<PathBuf> {
    let (_, rest) = argument.split_once('<')?;
    let (name, _) = rest.rsplit_once('>')?;
    let name = match name.starts_with("\\x") {
        true => String::from_utf8(hex::decode(name.replace("\\x", "")).ok()?).ok()?,
        false => name.to_owned(),
    };
    name.starts_with('/').then(|| PathBuf::from(name))
}
