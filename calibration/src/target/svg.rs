//! A sheet as SVG: one user unit is a millimetre.

use super::sheet::{Shape, Sheet};
use std::fmt::Write;

impl Sheet {
    /// The sheet as an SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        let [width, height] = self.paper.size_mm();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
             viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n",
            escaped(&self.title)
        );
        for shape in &self.shapes {
            // Writing into a string cannot fail.
            let _ = match shape {
                Shape::Polygon { points, ink } => {
                    let [r, g, b] = ink.srgb();
                    let path: Vec<String> = points
                        .iter()
                        .map(|[x, y]| format!("{},{}", rounded(*x), rounded(*y)))
                        .collect();
                    writeln!(
                        svg,
                        "<polygon points=\"{}\" fill=\"#{r:02x}{g:02x}{b:02x}\"/>",
                        path.join(" ")
                    )
                }
                Shape::Text { at, size_mm, words } => writeln!(
                    svg,
                    "<text x=\"{}\" y=\"{}\" font-family=\"sans-serif\" font-size=\"{size_mm}\">{}</text>",
                    rounded(at[0]),
                    rounded(at[1]),
                    escaped(words)
                ),
            };
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// A tenth of a micrometre is fine enough.
fn rounded(mm: f64) -> f64 {
    (mm * 1e4).round() / 1e4
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
