//! `mpaka chip read` over the real reader stack: `pcscd` with a virtual reader, Utopia's chip in it. Skipped,
//! and said so, where no virtual reader is connected (`pcscd` and `vsmartcard-vpcd` of Debian).
#![allow(clippy::unwrap_used, clippy::panic)]

use chip::files::FileId;
use mpaka_tests::utopia::chip::card::{Card, Fault, Holder};
use mpaka_tests::utopia::chip::files::dg2;
use mpaka_tests::utopia::chip::issuer::state;
use mpaka_tests::utopia::vpcd;
use mpaka_tests::whole::Programs;
use std::time::Duration;

#[test]
fn a_chip_in_a_virtual_reader_is_read_and_believed() {
    let state = state();
    let folder = tempfile::tempdir().unwrap();
    let trust = folder.path().join("csca.cer");
    std::fs::write(&trust, &state.country.der).unwrap();
    let pace = Card::new(Fault::None).with_pace(2, 2, 13);
    let basic = Card::new(Fault::None);
    for ((reader, port), (access, mut card)) in vpcd::READERS
        .into_iter()
        .zip([("PACE", pace), ("BAC", basic)])
    {
        let Ok(stream) = vpcd::reader(port) else {
            eprintln!("skipped: no virtual PC/SC reader is connected");
            return;
        };
        card.put(FileId::Dg2, dg2(&[0xFF; 15_000]));
        let card = card
            .with_chip_authentication(13, 2, Holder::Genuine)
            .issued_by(&state);
        std::thread::spawn(move || vpcd::insert(card, stream));
        // The service looks for cards a few times a second.
        std::thread::sleep(Duration::from_millis(1500));
        let output = Programs::beside_this()
            .unwrap()
            .mpaka()
            .args(["--json", "chip", "read", "--reader", reader])
            .args(["--mrz", "L898902C,690806,940623", "--at", "2026-06-01"])
            .arg("--save")
            .arg(folder.path().join(access))
            .arg("--trust")
            .arg(&trust)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["access"], access, "{answer}");
        assert_eq!(answer["outcome"], "Successful", "{answer}");
        assert!(folder.path().join(access).join("EF_DG2.bin").is_file());
        println!(
            "{access}: {} ms, {} commands",
            answer["ms"], answer["apdus"]
        );
    }
}
