//! Measures the zone reader on a folder of pictures with a `ground_truth.json` (file name to lines) or a
//! `truth.jsonl` as the press of Utopia writes it (pictures that nobody could read are left out).
//!
//! `zone_bench FOLDER [--draw FOLDER] [--only PART] [--weights FILE]` prints one line a picture and the totals: whole
//! zone exact, key fields exact (number, birth, expiry), valid but wrong, processor milliseconds.

use image::Rgb;
use models::zone::ZoneReader;
use page::{PageReading, Picture};
use rules::mrz::Zone;
use rules::{Check, CheckId, Outcome};
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

/// The lines of each picture; none where it has no zone.
fn truth_of(folder: &Path) -> Result<BTreeMap<String, Vec<String>>, String> {
    let one = folder.join("ground_truth.json");
    if one.exists() {
        let text = std::fs::read_to_string(&one).map_err(|e| e.to_string())?;
        return serde_json::from_str(&text).map_err(|e| format!("{}: {e}", one.display()));
    }
    let many = folder.join("truth.jsonl");
    let text = std::fs::read_to_string(&many).map_err(|e| format!("{}: {e}", many.display()))?;
    let mut truth = BTreeMap::new();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
        if value["legible"] == "no" {
            continue;
        }
        let lines = value["mrz"].as_array().cloned().unwrap_or_default();
        let lines = lines.iter().filter_map(|l| l.as_str().map(str::to_owned));
        truth.insert(
            value["image"].as_str().unwrap_or_default().to_owned(),
            lines.collect(),
        );
    }
    Ok(truth)
}

/// Whether everything that is asked of the zone is answered in its favour: by its own rules, and by the
/// comparison of what was seen with what was read.
fn valid(lines: &[String], reading: &PageReading) -> bool {
    let doubted = |c: &Check| c.check == CheckId::ZoneEvidence && c.outcome != Outcome::Successful;
    !reading.checks.iter().any(doubted) && valid_alone(lines)
}

/// Whether the zone's own rules are kept.
fn valid_alone(lines: &[String]) -> bool {
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
    let (mut folder, mut drawing, mut weights, mut only) = (None, None, None, String::new());
    while let Some(a) = arguments.next() {
        match a.as_str() {
            "--draw" => drawing = arguments.next().map(PathBuf::from),
            "--weights" => weights = arguments.next().map(PathBuf::from),
            "--only" => only = arguments.next().unwrap_or_default(),
            _ => folder = Some(PathBuf::from(a)),
        }
    }
    let Some(folder) = folder else {
        eprintln!("usage: zone_bench FOLDER [--draw FOLDER] [--only PART] [--weights FILE]");
        return ExitCode::from(2);
    };
    let truth = truth_of(&folder);
    let truth = match truth {
        Ok(truth) => truth,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(3);
        }
    };
    let loaded = match &weights {
        None => ZoneReader::load().map_err(|e| e.to_string()),
        Some(file) => std::fs::read(file)
            .map_err(|e| e.to_string())
            .and_then(|b| ZoneReader::from_bytes(&b).map_err(|e| e.to_string())),
    };
    let reader = match loaded {
        Ok(reader) => reader,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(4);
        }
    };
    let (mut exact, mut key, mut wrong, mut found, mut count, mut doubted) = (0, 0, 0, 0, 0, 0);
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
        let keys =
            whole || !got.is_empty() && !lines.is_empty() && key_fields(&got) == key_fields(lines);
        let valid_wrong = !whole && valid(&got, &reading);
        exact += usize::from(whole);
        key += usize::from(keys);
        wrong += usize::from(valid_wrong);
        found += usize::from(!got.is_empty());
        doubted +=
            usize::from(whole && !got.is_empty() && !valid(&got, &reading) && valid_alone(&got));
        let word = match (whole, got.is_empty()) {
            (true, true) => "no zone",
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
            if lines.is_empty() {
                for l in &got {
                    println!("    FALSE {l}");
                }
            }
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
    if doubted > 0 {
        println!("of the exact ones {doubted} are said to be doubtful");
    }
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
