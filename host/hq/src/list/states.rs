//! From a list's name of a state to its code (ISO 3166-1 alpha-3, as zones have it).

use rust_iso3166::ALL;

/// Names that lists use and ISO 3166-1 does not.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("bolivia", "BOL"),
    ("british virgin islands", "VGB"),
    ("burma", "MMR"),
    ("cape verde", "CPV"),
    ("congo, democratic republic of the", "COD"),
    ("congo, republic of the", "COG"),
    ("cote d ivoire", "CIV"),
    ("czech republic", "CZE"),
    ("democratic people's republic of korea", "PRK"),
    ("democratic republic of congo", "COD"),
    ("democratic republic of the congo", "COD"),
    ("great britain", "GBR"),
    ("iran", "IRN"),
    ("ivory coast", "CIV"),
    ("korea, north", "PRK"),
    ("korea, south", "KOR"),
    ("kosovo", "RKS"),
    ("laos", "LAO"),
    ("macedonia", "MKD"),
    ("moldova", "MDA"),
    ("myanmar", "MMR"),
    ("north korea", "PRK"),
    ("north macedonia, the republic of", "MKD"),
    ("palestine", "PSE"),
    ("palestinian", "PSE"),
    ("russia", "RUS"),
    ("south korea", "KOR"),
    ("state of palestine", "PSE"),
    ("swaziland", "SWZ"),
    ("syria", "SYR"),
    ("taiwan", "TWN"),
    ("tanzania", "TZA"),
    ("the gambia", "GMB"),
    ("turkey", "TUR"),
    ("turkiye", "TUR"),
    ("united kingdom", "GBR"),
    (
        "united kingdom of great britain and northern ireland",
        "GBR",
    ),
    ("united republic of tanzania", "TZA"),
    ("united states", "USA"),
    ("utopia", "UTO"),
    ("venezuela", "VEN"),
    ("vietnam", "VNM"),
];

fn plain(name: &str) -> String {
    let spelt = name
        .trim()
        .trim_end_matches('.')
        .to_lowercase()
        .replace('ü', "u")
        .replace('ô', "o")
        .replace("d'i", "d i");
    spelt.strip_prefix("the ").unwrap_or(&spelt).to_owned()
}

/// The code of a state by its English name or by its code of two or three letters; `None` where it is not known.
pub(super) fn code_of(name: &str) -> Option<String> {
    let name = name.trim();
    let code = name.to_ascii_uppercase();
    if let Some(state) = ALL.iter().find(|s| s.alpha3 == code || s.alpha2 == name) {
        return Some(state.alpha3.to_owned());
    }
    if rules::country::find(&code).is_some() {
        return Some(code);
    }
    let name = plain(name);
    if let Some((_, code)) = OTHER_NAMES.iter().find(|(n, _)| *n == name) {
        return Some((*code).to_owned());
    }
    let bare = |full: &str| plain(full.split(" (").next().unwrap_or(full));
    ALL.iter()
        .find(|s| plain(s.name) == name || bare(s.name) == name && !name.is_empty())
        .map(|s| s.alpha3.to_owned())
}

#[cfg(test)]
mod tests {
    use super::code_of;

    #[test]
    fn names_and_codes_lead_to_codes() {
        for (name, code) in [
            ("Kenya", "KEN"),
            ("KE", "KEN"),
            ("ken", "KEN"),
            ("Iran (Islamic Republic of)", "IRN"),
            ("Korea, North", "PRK"),
            ("Türkiye", "TUR"),
            (
                "United Kingdom of Great Britain and Northern Ireland",
                "GBR",
            ),
            ("Congo", "COG"),
            ("UTO", "UTO"),
            ("Russian Federation", "RUS"),
        ] {
            assert_eq!(code_of(name).as_deref(), Some(code), "{name}");
        }
        for nowhere in ["", "na", "former Soviet Union", "Atlantis", "-0-"] {
            assert_eq!(code_of(nowhere), None, "{nowhere}");
        }
    }
}
