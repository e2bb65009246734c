//! Zones name states in three letters, certificates in two (Doc 9303-3 section 5, Doc 9303-12 section 7.1).

use crate::answers::Why;
use rules::Outcome;

/// Codes of Doc 9303-3 that ISO 3166-1 does not have, or has otherwise, with those that certificates use.
const BEYOND_ISO: &[(&str, &[&str])] = &[
    ("D", &["DE"]),
    ("EUE", &["EU"]),
    ("UNO", &["UN"]),
    ("UNA", &["UN"]),
    ("UNK", &["UN", "KS"]),
    ("RKS", &["KS", "XK"]),
    ("GBD", &["GB"]),
    ("GBN", &["GB"]),
    ("GBO", &["GB"]),
    ("GBP", &["GB"]),
    ("GBS", &["GB"]),
    ("UTO", &["UT"]),
    ("XOM", &["XM", "XO"]),
    ("XPO", &["XP", "IP"]),
    // The special regions' passports are China's and are signed by the regions.
    ("CHN", &["CN", "HK", "MO"]),
    ("HKG", &["HK", "CN"]),
    ("MAC", &["MO", "CN"]),
];

/// Whether the zone's issuing state is the certificate's country, in any letter case.
pub(crate) fn agree(state: &str, country: &str) -> (Outcome, Why) {
    let state = state.trim_end_matches(['<', ' ']).to_uppercase();
    let country = country.to_uppercase();
    let own = BEYOND_ISO.iter().find(|(code, _)| *code == state);
    let fits = match own {
        Some((_, codes)) => codes.contains(&country.as_str()),
        None => match rust_iso3166::ALPHA3_MAP.get(state.as_str()) {
            Some(known) => known.alpha2 == country,
            None => {
                let why = format!(
                    "the state {state} has no known two-letter code; the certificate is of {country}"
                );
                let both = [("state", state.into()), ("country", country.into())];
                return (
                    Outcome::Undetermined,
                    Why::new(why, "detail-chip-state-unknown", both),
                );
            }
        },
    };
    // Some authorities write three letters where two belong.
    if fits || country == state {
        (
            Outcome::Successful,
            Why::name(format!("{state}, {country}")),
        )
    } else {
        let why = format!("the zone names {state}, the certificate is of {country}");
        let both = [("state", state.into()), ("country", country.into())];
        (
            Outcome::Failed,
            Why::new(why, "detail-chip-state-differs", both),
        )
    }
}

/// Whether a certificate's country is known to be the state that a zone names.
#[must_use]
pub fn is_of_state(state: &str, country: &str) -> bool {
    agree(state, country).0 == Outcome::Successful
}

#[cfg(test)]
mod tests {
    use super::agree;
    use rules::Outcome;

    #[test]
    fn three_letters_and_two_name_the_same_state() {
        for (state, country) in [
            ("D<<", "de"),
            ("NLD", "NL"),
            ("UTO", "UT"),
            ("GBD", "GB"),
            ("RKS", "KS"),
            ("CHN", "HK"),
            ("EUE", "EU"),
        ] {
            assert_eq!(
                agree(state, country).0,
                Outcome::Successful,
                "{state} {country}"
            );
        }
        assert_eq!(agree("NLD", "DE").0, Outcome::Failed);
        assert_eq!(agree("AUT", "AU").0, Outcome::Failed);
        assert_eq!(agree("QQQ", "DE").0, Outcome::Undetermined);
    }
}
