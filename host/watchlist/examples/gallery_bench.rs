//! The gallery beside another program on the same templates, for `tests/bench.sh faces`.
//!
//! `gallery_bench DIR COUNT QUERIES`: reads `gallery.f32` (COUNT rows of 128 numbers) and `queries.f32`
//! from DIR, searches each query for its ten best, writes their places to `ours.u32`, and prints the
//! processor milliseconds of a search, the least and the median.
#![allow(clippy::unwrap_used)]

use mpaka_watchlist::gallery::{Gallery, GalleryBuilder, GalleryModel, TEMPLATE_NUMBERS};
use rules::{FaceTemplate, ModelId};
use rustix::time::{ClockId, clock_gettime};
use std::io::Read;

fn rows(path: &str, count: usize) -> impl Iterator<Item = Vec<f32>> {
    let mut file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    (0..count).map(move |_| {
        let mut bytes = [0; TEMPLATE_NUMBERS * 4];
        file.read_exact(&mut bytes).unwrap();
        let numbers = bytes.as_chunks::<4>().0.iter();
        numbers.map(|b| f32::from_le_bytes(*b)).collect()
    })
}

fn thread_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [dir, count, queries] = &arguments[..] else {
        eprintln!("gallery_bench DIR COUNT QUERIES");
        std::process::exit(2);
    };
    let (count, queries): (usize, usize) = (count.parse().unwrap(), queries.parse().unwrap());
    let model = GalleryModel {
        id: ModelId("bench".into()),
        digest: [0; 32],
    };
    let face = |values| FaceTemplate {
        model: model.id.clone(),
        values,
    };
    let mut builder = GalleryBuilder::new(model.clone());
    for (at, values) in rows(&format!("{dir}/gallery.f32"), count).enumerate() {
        builder.add(&at.to_string(), &face(values)).unwrap();
    }
    let gallery = Gallery::from_bytes(&builder.to_bytes()).unwrap();
    drop(builder);
    let mut times = Vec::new();
    let mut found = Vec::new();
    for values in rows(&format!("{dir}/queries.f32"), queries) {
        let asked = face(values);
        let before = thread_ms();
        let best = gallery.search(&asked, &model, -1.0, 10).unwrap();
        times.push(thread_ms() - before);
        found.extend(
            best.iter()
                .flat_map(|m| m.entry.parse::<u32>().unwrap().to_le_bytes()),
        );
    }
    std::fs::write(format!("{dir}/ours.u32"), found).unwrap();
    times.sort_by(f64::total_cmp);
    println!("{:.3} {:.3}", times[0], times[times.len() / 2]);
}
