//! libFuzzer at one entry: `MPAKA_FUZZ_TARGET` names it, the words are libFuzzer's own. See `tests/fuzz.sh`.
#![no_main]

use std::sync::LazyLock;

static TARGET: LazyLock<&'static fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("MPAKA_FUZZ_TARGET").unwrap_or_default();
    fuzz::find(&name).unwrap_or_else(|| {
        let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "mpaka-fuzz: MPAKA_FUZZ_TARGET is one of {}",
            names.join(" ")
        );
        std::process::exit(2)
    })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (TARGET.eat)(&bytes[..bytes.len().min(TARGET.longest)]);
});
