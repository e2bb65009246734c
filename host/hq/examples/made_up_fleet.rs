//! Fills a headquarters, whose ceremony has been held, with a made-up fleet, to look at the page or to time it:
//! `cargo run -p mpaka-hq --example made_up_fleet -- STATE BOXES`.

use jiff::{SignedDuration, Timestamp};
use mpaka_hq::fleet::PlaceOrder;
use mpaka_hq::home::Home;
use mpaka_hq::office::Office;
use mpaka_hq::register::Register;
use rules::{EditionNumber, PostId};
use seal::device::{DeviceKey, Enrolment};
use seal::health::{Counts, Drift, EditionHealth, HealthReport, OutboxHealth};
use seal::sealing::SealingKey;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const REGIONS: [(&str, f64, f64); 5] = [
    ("Coast", -3.6, 39.5),
    ("North", 2.6, 38.0),
    ("West", 0.3, 34.4),
    ("South", -2.4, 36.9),
    ("Lake", -0.7, 34.2),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let state = arguments.next().ok_or("give the state folder")?;
    let boxes: u64 = arguments
        .next()
        .ok_or("give the number of boxes")?
        .parse()?;
    let home = Home::open(Path::new(&state))?;
    let (mut register, mut office) = (Register::open(&home)?, Office::open(&home)?);
    let keys = tempfile::tempdir()?;
    let sealing = SealingKey::open_or_create(&keys.path().join("sealing"))?;
    let now = Timestamp::now();
    let hours = |n: u64| SignedDuration::from_hours(i64::try_from(n).unwrap_or(0));
    for n in 0..boxes {
        // Spread, and the same every time.
        let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let (region, north, east) = REGIONS[usize::try_from(mixed % 5)?];
        let post = PostId::new(format!("{}-{n:04}", region.to_uppercase()))?;
        let key = DeviceKey::open_or_create(&keys.path().join(post.as_str()))?;
        register.enrol(&Enrolment::new(post.clone(), &key, sealing.public()), now)?;
        office.set_place(
            &post,
            &PlaceOrder {
                title: Some(format!("{region} post {n}")),
                region: Some(region.to_owned()),
                canary: Some(n < 5),
                at: Some((
                    north + (mixed % 97) as f64 / 60.0 - 0.8,
                    east + (mixed % 89) as f64 / 60.0 - 0.7,
                )),
            },
        )?;
        if mixed % 31 == 0 {
            continue;
        }
        let odd = mixed % 23;
        let report = HealthReport {
            post,
            number: 1,
            made_at: now,
            program: "0.1.0".into(),
            versions: BTreeMap::new(),
            edition: Some(EditionHealth {
                number: EditionNumber(if odd == 3 { 6 } else { 7 }),
                made_at: now - hours(6),
                expires_at: now + hours(600),
            }),
            outbox: OutboxHealth {
                waiting: if odd == 5 { 2310 } else { mixed % 4 },
                bytes: 0,
                oldest: (odd == 5).then(|| now - hours(150)),
            },
            drift: if odd == 7 {
                Drift::Amber
            } else {
                Drift::Within
            },
            tamper: mixed % 101 == 9,
            lease_until: Some(now + hours(if odd == 11 { 30 } else { 160 })),
            faults: match odd {
                13 => BTreeSet::from(["disk_low".to_owned()]),
                _ => BTreeSet::new(),
            },
            counts: Counts {
                since: Some(now - hours(8)),
                encounters: mixed % 400,
                overrides: mixed % 400 / 60,
                advice: BTreeMap::new(),
            },
        };
        let ago = hours(if odd == 17 { 50 } else { 0 });
        office.put_health(&report, &report.clone().sign(&key).to_bytes(), now - ago)?;
    }
    Ok(())
}
