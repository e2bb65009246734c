//! Presses the pictures of a calibration session of a reader whose every number is known: for benches beside other
//! programs, and to try `mpaka-calibrate` by hand. The same seed gives the same pictures on every machine.

use clap::Parser;
use mpaka_tests::utopia::Seed;
use mpaka_tests::utopia::reader::{Chart, Lit, Pose, Reader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Pictures of a whole session, named as `mpaka-calibrate session` wants them, and their truth in truth.json.
#[derive(Parser)]
#[command(version)]
struct Words {
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Columns of the camera; it has three rows for four of them.
    #[arg(long, default_value_t = 2304)]
    columns: u32,
    /// How often the chessboard is held over the glass.
    #[arg(long, default_value_t = 10)]
    views: u64,
    /// The folder.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    let words = Words::parse();
    match press(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("mpaka-reader-scenes: {why}");
            ExitCode::from(4)
        }
    }
}

fn press(words: &Words) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&words.out)?;
    let reader = Reader::draw(Seed(words.seed), words.columns);
    let shoot = |name: &str, chart: Chart, pose: Pose, lit: Lit, shot: u64| {
        save(&words.out, name, &reader.picture(chart, pose, lit, shot))
    };
    let glass = reader.glass;
    for i in 0..words.views {
        let name = format!("geometry-{}", i + 1);
        shoot(
            &name,
            Chart::Chessboard,
            reader.held(i),
            Lit::White,
            100 + i,
        )?;
    }
    for (name, chart, lit, shot) in [
        ("geometry-flat", Chart::Chessboard, Lit::White, 1),
        ("focus", Chart::Focus, Lit::White, 2),
        ("lamps-white", Chart::Sheet, Lit::White, 3),
        ("lamps-dark", Chart::Sheet, Lit::Dark, 4),
        ("lamps-infrared", Chart::Sheet, Lit::Infrared, 5),
        ("lamps-ultraviolet", Chart::Sheet, Lit::Ultraviolet, 6),
        ("colour", Chart::Patches, Lit::White, 7),
        ("inks-infrared", Chart::InfraredCard, Lit::Infrared, 8),
        (
            "inks-ultraviolet",
            Chart::UltravioletCard,
            Lit::Ultraviolet,
            9,
        ),
        ("inks-white", Chart::UltravioletCard, Lit::White, 10),
        ("golden-white", Chart::Focus, Lit::White, 11),
        ("golden-infrared", Chart::Focus, Lit::Infrared, 12),
    ] {
        shoot(name, chart, glass, lit, shot)?;
    }
    let truth = serde_json::json!({
        "seed": words.seed,
        "size": reader.size,
        "focal": reader.focal,
        "centre": reader.centre,
        "distortion": reader.distortion,
        "dpi": reader.dpi(),
        "mtf50": reader.mtf50(),
    });
    std::fs::write(words.out.join("truth.json"), truth.to_string())?;
    Ok(())
}

fn save(folder: &Path, name: &str, picture: &image::RgbImage) -> Result<(), image::ImageError> {
    picture.save(folder.join(format!("{name}.png")))
}
