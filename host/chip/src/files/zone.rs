//! EF.DG1 (Doc 9303-10 section 4.7.1): the zone, once more.

use super::FileId;
use crate::error::ChipError;
use crate::tlv::Tag;
use rules::mrz::Zone;

/// Reads the zone in EF.DG1: 90 characters on a card, 72 in a small booklet, 88 in a passport.
pub fn parse(bytes: &[u8]) -> Result<Zone, ChipError> {
    let at = FileId::Dg1.at();
    let field = FileId::Dg1
        .open(bytes)?
        .inside()
        .require(Tag(0x5F1F))
        .map_err(&at)?;
    let width = match field.value.len() {
        90 => 30,
        72 => 36,
        88 => 44,
        _ => return Err(at(field.wrong("not 90, 72 or 88 characters"))),
    };
    let lines: Vec<&str> = field
        .value
        .chunks(width)
        .map(std::str::from_utf8)
        .collect::<Result<_, _>>()
        .map_err(|_| at(field.wrong("characters that no zone has")))?;
    Zone::from_lines(&lines).map_err(|_| at(field.wrong("not a zone of any format")))
}
