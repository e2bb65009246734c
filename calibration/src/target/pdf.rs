//! A sheet as PDF: one page of the paper's size, asking the reader not to scale it.

use super::sheet::{Ink, Shape, Sheet};
use pdf_writer::{Content, Name, Pdf, Rect, Ref, Str, TextStr};

/// Points of 1/72 inch in a millimetre.
const POINTS: f64 = 72.0 / 25.4;

impl Sheet {
    /// The sheet as a PDF file.
    #[must_use]
    pub fn pdf(&self) -> Vec<u8> {
        let [width, height] = self.paper.size_mm();
        // PDF counts from the lower left.
        let place = |[x, y]: [f64; 2]| ((x * POINTS) as f32, ((height - y) * POINTS) as f32);
        let mut content = Content::new();
        for shape in &self.shapes {
            match shape {
                Shape::Polygon { points, ink } => {
                    match ink {
                        Ink::Srgb(colour) => {
                            let [r, g, b] = colour.map(|v| f32::from(v) / 255.0);
                            content.set_fill_rgb(r, g, b);
                        }
                        Ink::Process([c, m, y, k]) => {
                            content.set_fill_cmyk(*c, *m, *y, *k);
                        }
                    }
                    for (i, point) in points.iter().enumerate() {
                        let (x, y) = place(*point);
                        if i == 0 {
                            content.move_to(x, y);
                        } else {
                            content.line_to(x, y);
                        }
                    }
                    content.close_path();
                    content.fill_nonzero();
                }
                Shape::Text { at, size_mm, words } => {
                    let (x, y) = place(*at);
                    content.set_fill_gray(0.0);
                    content.begin_text();
                    content.set_font(Name(b"F"), (size_mm * POINTS) as f32);
                    content.next_line(x, y);
                    let latin: Vec<u8> = words
                        .chars()
                        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                        .collect();
                    content.show(Str(&latin));
                    content.end_text();
                }
            }
        }
        let [catalog, tree, page, body, font, info] = [1, 2, 3, 4, 5, 6].map(Ref::new);
        let mut pdf = Pdf::new();
        {
            let mut catalog = pdf.catalog(catalog);
            catalog.pages(tree);
            // ISO 32000-1 table 150: a viewer's print dialogue offers no scaling.
            catalog
                .viewer_preferences()
                .pair(Name(b"PrintScaling"), Name(b"None"));
        }
        pdf.pages(tree).kids([page]).count(1);
        {
            let mut sheet = pdf.page(page);
            sheet.media_box(Rect::new(
                0.0,
                0.0,
                (width * POINTS) as f32,
                (height * POINTS) as f32,
            ));
            sheet.parent(tree).contents(body);
            sheet.resources().fonts().pair(Name(b"F"), font);
        }
        pdf.type1_font(font)
            .base_font(Name(b"Helvetica"))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
        pdf.document_info(info).title(TextStr(&self.title));
        pdf.stream(body, &content.finish());
        pdf.finish()
    }
}
