//! The firmware's drivers build for a microcontroller, where there is no standard library to link.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

/// A target without an operating system: nothing of `std` exists for it, so that whatever needs it does not build.
const TARGET: &str = "thumbv7em-none-eabihf";

#[test]
fn the_drivers_build_where_there_is_no_standard_library() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    let sysroot = String::from_utf8(sysroot.stdout).unwrap();
    let core = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET);
    if !core.is_dir() {
        eprintln!("skipped: the toolchain has no {TARGET} (rustup target add {TARGET})");
        return;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "mpaka-firmware",
        ])
        .args([
            "--no-default-features",
            "--target",
            TARGET,
            "--manifest-path",
        ])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
}
