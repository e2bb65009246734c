//! The chip's zone against the printed one (TR-03135-1 section 5.6, comparison of DG1 with the zone).

use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};

/// One field of two zones, side by side. Holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPair {
    /// The field, as the command line's JSON names it: `document_number` and the like.
    pub field: &'static str,
    /// What the chip says.
    pub chip: String,
    /// What the page says.
    pub page: String,
}

/// The field that may differ without being evidence.
pub const OPTIONAL: &str = "optional";

/// The fields of the chip's zone and of the page's, in the order of a passport's zone.
#[must_use]
pub fn side_by_side(chip: &Zone, page: &Zone) -> Vec<FieldPair> {
    let (c, p) = (chip.fields(), page.fields());
    [
        ("document_code", c.document_code, p.document_code),
        ("issuing_state", c.issuing_state, p.issuing_state),
        ("surname", c.surname, p.surname),
        ("given_names", c.given_names, p.given_names),
        ("document_number", c.document_number, p.document_number),
        ("nationality", c.nationality, p.nationality),
        ("date_of_birth", c.date_of_birth, p.date_of_birth),
        ("sex", c.sex, p.sex),
        ("date_of_expiry", c.date_of_expiry, p.date_of_expiry),
        (OPTIONAL, c.optional, p.optional),
    ]
    .map(|(field, chip, page)| FieldPair { field, chip, page })
    .into()
}

/// Compares field by field. Only the optional data differing leaves the answer open: states print there
/// what they do not store, and the other way round. Without a printed zone (a card opened by its access
/// number) there is nothing to compare.
#[must_use]
pub fn zones_agree(chip: &Zone, printed: Option<&Zone>) -> Check {
    let check = CheckId::ChipZoneAgrees;
    let Some(printed) = printed else {
        return Check::new(
            check,
            Outcome::NotSupported,
            "no zone was read from the page",
        )
        .saying("detail-no-zone", []);
    };
    if chip.format() != printed.format() {
        return Check::new(
            check,
            Outcome::Failed,
            format!(
                "the chip holds a zone of format {}, the page one of {}",
                chip.format().as_str(),
                printed.format().as_str()
            ),
        )
        .saying("detail-chip-differs", []);
    }
    let pairs = side_by_side(chip, printed).into_iter();
    let differing = pairs.filter(|pair| pair.chip != pair.page);
    let (optional, differing): (Vec<_>, Vec<_>) = differing
        .map(|pair| pair.field.replace('_', " "))
        .partition(|field| field == OPTIONAL);
    if !differing.is_empty() {
        return Check::new(
            check,
            Outcome::Failed,
            format!("chip and page differ in {}", differing.join(", ")),
        )
        .saying("detail-chip-differs", []);
    }
    if !optional.is_empty() {
        return Check::new(
            check,
            Outcome::Undetermined,
            "chip and page differ in the optional data only",
        )
        .saying("detail-chip-differs-optional", []);
    }
    Check::new(check, Outcome::Successful, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";

    fn zone(second: &str) -> Zone {
        Zone::from_lines(&[FIRST, second]).expect("a zone")
    }

    #[test]
    fn only_optional_data_may_differ_without_being_evidence() {
        let chip = zone("L898902C36UTO7408122F1204159ZE184226B<<<<<10");
        let ask = |printed: &str| zones_agree(&chip, Some(&zone(printed))).outcome;
        assert_eq!(
            ask("L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
            Outcome::Successful
        );
        assert_eq!(
            ask("L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<4"),
            Outcome::Undetermined
        );
        assert_eq!(
            ask("L898902C36UTO7508121F1204159ZE184226B<<<<<10"),
            Outcome::Failed
        );
        assert_eq!(zones_agree(&chip, None).outcome, Outcome::NotSupported);
    }
}
