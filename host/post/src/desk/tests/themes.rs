//! The three dresses of the screen: every colour of text on every ground it stands on, by the formula of WCAG 2.2
//! (relative luminance and contrast ratio), and nothing coloured past them.

use std::collections::BTreeMap;

const STYLES: &str = include_str!("../../../assets/desk.css");
/// What text is written in, and what it stands on.
const TEXT: [&str; 6] = ["ink", "quiet", "ok", "warn", "bad", "info"];
const GROUNDS: [&str; 2] = ["paper", "ground"];

/// The colours of a theme, by the name of its rule.
fn colours(rule: &str) -> BTreeMap<&'static str, &'static str> {
    let (_, after) = STYLES.split_once(rule).unwrap();
    let (inside, _) = after.split_once('}').unwrap();
    inside
        .split(';')
        .filter_map(|part| part.trim().split_once(':'))
        .filter_map(|(name, colour)| Some((name.trim().strip_prefix("--")?, colour.trim())))
        .collect()
}

fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let value = f64::from(value) / 255.0;
        match value <= 0.040_45 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_stands_out_seven_times_and_edges_three_times_in_every_theme() {
    // The two ends of the scale, and a pair that WebAIM's checker gives as 4.54.
    assert!((contrast("#000000", "#FFFFFF") - 21.0).abs() < 1e-9);
    assert!((contrast("#767676", "#FFFFFF") - 4.54).abs() < 0.005);
    for theme in [
        ":root {",
        "[data-theme=\"sun\"] {",
        "[data-theme=\"night\"] {",
    ] {
        let colours = colours(theme);
        for ground in GROUNDS {
            for text in TEXT {
                let ratio = contrast(colours[text], colours[ground]);
                assert!(ratio >= 7.0, "{theme} {text} on {ground}: {ratio:.2}");
            }
            let ratio = contrast(colours["line"], colours[ground]);
            assert!(ratio >= 3.0, "{theme} line on {ground}: {ratio:.2}");
        }
    }
}

#[test]
fn nothing_is_coloured_past_the_themes() {
    let after_themes = STYLES.split_once("* { box-sizing").unwrap().1;
    let screen = after_themes.split_once("@media print").unwrap().0;
    for declaration in screen.split(['{', '}', ';']) {
        let Some((name, value)) = declaration.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let is_one_of =
            |allowed: &[&str]| allowed.iter().any(|name| value == format!("var(--{name})"));
        match name.trim() {
            "color" | "fill" | "accent-color" => {
                assert!(value == "inherit" || is_one_of(&TEXT), "{declaration}");
            }
            // The code of a reference is black on white, whatever the theme.
            "background" => {
                let plain = ["none", "#fff"].contains(&value);
                let light = is_one_of(&["warn", "bad"]);
                assert!(plain || light || is_one_of(&GROUNDS), "{declaration}");
            }
            // Where the focus is must be seen.
            "outline" => assert_eq!(value, "3px solid var(--info)"),
            _ => {}
        }
    }
}
