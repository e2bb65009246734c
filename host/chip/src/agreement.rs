//! The chip's zone against the printed one (TR-03135-1 section 5.6, comparison of DG1 with the zone).

use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};

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
        );
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
        );
    }
    let (c, p) = (chip.fields(), printed.fields());
    let differing: Vec<&str> = [
        ("document code", &c.document_code, &p.document_code),
        ("issuing state", &c.issuing_state, &p.issuing_state),
        ("document number", &c.document_number, &p.document_number),
        ("nationality", &c.nationality, &p.nationality),
        ("date of birth", &c.date_of_birth, &p.date_of_birth),
        ("sex", &c.sex, &p.sex),
        ("date of expiry", &c.date_of_expiry, &p.date_of_expiry),
        ("surname", &c.surname, &p.surname),
        ("given names", &c.given_names, &p.given_names),
    ]
    .into_iter()
    .filter(|(_, chip, page)| chip != page)
    .map(|(name, _, _)| name)
    .collect();
    if !differing.is_empty() {
        return Check::new(
            check,
            Outcome::Failed,
            format!("chip and page differ in {}", differing.join(", ")),
        );
    }
    if c.optional != p.optional {
        return Check::new(
            check,
            Outcome::Undetermined,
            "chip and page differ in the optional data only",
        );
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
