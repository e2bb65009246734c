//! Measures the zone reader on a folder of pictures with a `ground_truth.json` (file name to lines).
//!
//! `zone_bench FOLDER [--draw FOLDER] [--only PART]` prints one line a picture and the totals: whole
//! zone exact, key fields exact (number, birth, expiry), valid but wrong, processor milliseconds.

use image::Rgb;
use models::zone::ZoneReader;
use page::{PageReading, Picture};
use rules::mrz::Zone;
use rules::{CheckId, Outcome};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The processor time that this process has used, in milliseconds.
fn cpu_ms() -> f64 {
    // Fields 14 and 15 of stat count in hundredths of a second, too coarse: schedstat has nanoseconds.
    std::fs::read_to_string("/proc/self/schedstat")
        .ok()
        .and_then(|s| s.split(' ').next()?.parse::<f64>().ok())
        .map_or(f64::NAN, |ns| ns / 1e6)
}

/// Number, birth and expiry of a zone, or the whole text where it is no zone.
fn key_fields(lines: &[String]) -> Vec<String> {
    Zone::from_lines(lines).map_or_else(
        |_| lines.to_vec(),
        |z| {
            let f = z.fields();
            vec![f.document_number, f.date_of_birth, f.date_of_expiry]
        },
    )
}

/// Whether nothing that the zone's own rules ask is answered against it.
fn valid(lines: &[String]) -> bool {
    Zone::from_lines(lines).is_ok_and(|z| {
        z.checks(jiff::civil::date(2026, 1, 1))
            .iter()
            .filter(|c| c.check != CheckId::DocumentValidity)
            .all(|c| c.outcome != Outcome::Failed)
    })
}

fn draw(picture: &Picture, reading: &PageReading, to: &Path) {
    let mut image = picture.rgb().clone();
    if let Some(zone) = &reading.zone {
        for k in 0..4 {
            let (a, b) = (zone.quad[k], zone.quad[(k + 1) % 4]);
            for t in 0..2000u16 {
                let t = f32::from(t) / 2000.0;
                let x = a[0] + (b[0] - a[0]) * t;
                let y = a[1] + (b[1] - a[1]) * t;
                if x >= 0.0 && y >= 0.0 && (x as u32) < image.width() && (y as u32) < image.height()
                {
                    image.put_pixel(x as u32, y as u32, Rgb([255, 0, 0]));
                }
            }
        }
    }
    if let Err(e) = image.save(to) {
        eprintln!("{}: {e}", to.display());
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut folder, mut drawing, mut only) = (None, None, String::new());
    while let Some(a) = arguments.next() {
        match a.as_str() {
            "--draw" => drawing = arguments.next().map(PathBuf::from),
            "--only" => only = arguments.next().unwrap_or_default(),
            _ => folder = Some(PathBuf::from(a)),
        }
    }
    let Some(folder) = folder else {
        eprintln!("usage: zone_bench FOLDER [--draw FOLDER] [--only PART]");
        return ExitCode::from(2);
    };
    let truth = std::fs::read_to_string(folder.join("ground_truth.json"))
        .map_err(|e| e.to_string())
        .and_then(|t| {
            serde_json::from_str::<BTreeMap<String, Vec<String>>>(&t).map_err(|e| e.to_string())
        });
    let truth = match truth {
        Ok(truth) => truth,
        Err(e) => {
            eprintln!("ground_truth.json: {e}");
            return ExitCode::from(3);
        }
    };
    let reader = match ZoneReader::load() {
        Ok(reader) => reader,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(4);
        }
    };
    let (mut exact, mut key, mut wrong, mut found, mut count) = (0, 0, 0, 0, 0);
    let mut times = Vec::new();
    for (name, lines) in truth.iter().filter(|(n, _)| n.contains(&only)) {
        count += 1;
        let began = cpu_ms();
        let read = std::fs::read(folder.join(name))
            .map_err(|e| e.to_string())
            .and_then(|b| Picture::decode(&b).map_err(|e| e.to_string()));
        let picture = match read {
            Ok(picture) => picture,
            Err(e) => {
                println!("{name}: {e}");
                continue;
            }
        };
        let reading = page::read(&picture, &reader, None);
        let ms = cpu_ms() - began;
        times.push(ms);
        let got = reading
            .zone
            .as_ref()
            .map(|z| z.lines.clone())
            .unwrap_or_default();
        let whole = got == *lines;
        let keys = !got.is_empty() && key_fields(&got) == key_fields(lines);
        let valid_wrong =
            !whole && !lines.is_empty() && valid(&got) || lines.is_empty() && valid(&got);
        exact += usize::from(whole);
        key += usize::from(keys);
        wrong += usize::from(valid_wrong);
        found += usize::from(!got.is_empty());
        let word = match (whole, got.is_empty()) {
            (true, _) => "exact",
            (_, true) => "NONE",
            _ if valid_wrong => "VALID-WRONG",
            _ if keys => "key",
            _ => "wrong",
        };
        println!(
            "{word:12} {ms:7.1} ms {}x{} {name}",
            picture.width(),
            picture.height()
        );
        if !whole {
            for (i, line) in lines.iter().enumerate() {
                let other = got.get(i).map_or("", String::as_str);
                if line != other {
                    let seen = reading.zone.as_ref().and_then(|z| z.seen.get(i));
                    println!("    truth {line}\n    read  {other}");
                    if seen.is_some_and(|s| s != other) {
                        println!("    seen  {}", seen.map_or("", String::as_str));
                    }
                }
            }
        }
        if let Some(drawing) = &drawing {
            draw(&picture, &reading, &drawing.join(format!("{name}.png")));
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |q: f64| {
        times
            .get(((times.len() as f64 * q) as usize).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or(f64::NAN)
    };
    println!(
        "pictures {count}, found {found}, whole zone exact {exact} ({:.1} %), key fields {key} ({:.1} %), valid but wrong {wrong}, processor ms median {:.1}, p95 {:.1}, most {:.1}",
        100.0 * f64::from(exact as u32) / f64::from(count.max(1) as u32),
        100.0 * f64::from(key as u32) / f64::from(count.max(1) as u32),
        at(0.5),
        at(0.95),
        at(1.0)
    );
    ExitCode::SUCCESS
}
