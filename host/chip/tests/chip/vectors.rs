//! The development vectors beside the repository: real trust lists, specimen chips. Skipped, and said so,
//! where they are absent.

use chip::files::{self, FaceRecord, FileId, PictureKind};
use chip::trust::{Certificate, MasterList, Pinning, RevocationList, SignatureFit, TrustStore};
use chip::{ChipError, Policy, verify};
use jiff::civil::date;
use rules::{CheckId, Outcome};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("MPAKA_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let found = root.join("vectors").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: ../shared is absent");
    None
}

fn read(path: PathBuf) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

const LISTS: [(&str, &str); 3] = [
    (
        "trust/DE_ML_2024-08-07-07-38-24.ml",
        "trust/DE_ROOT_CA_CSCA07.cer",
    ),
    (
        "trust/DE_ML_2026-05-28-08-28-45.ml",
        "trust/DE_ROOT_CA_CSCA07.cer",
    ),
    ("trust/NL_ML_2026-07-22.ml", "trust/NL_ROOT_CA.cer"),
];

fn list(index: usize) -> Option<MasterList> {
    let (list, root) = LISTS[index];
    let root = Certificate::parse(&read(shared(root)?)).unwrap();
    let bytes = read(shared(list)?);
    let mut store = TrustStore::new();
    if index == 0 {
        // Signed under the root before the pinned one, which the newer list brings.
        let alone = store.open_list(
            &bytes,
            Pinning::Roots(std::slice::from_ref(&root)),
            date(2026, 8, 1),
        );
        assert!(matches!(alone, Err(ChipError::ListNotTrusted { .. })));
        let newer = read(shared(LISTS[1].0)?);
        store
            .add_bytes(
                "",
                &newer,
                Pinning::Roots(std::slice::from_ref(&root)),
                date(2026, 8, 1),
            )
            .unwrap();
    }
    Some(
        store
            .open_list(&bytes, Pinning::Roots(&[root]), date(2026, 8, 1))
            .unwrap(),
    )
}

#[test]
fn three_lists_descend_from_their_roots_and_from_no_other() {
    for (index, (name, _)) in LISTS.iter().enumerate() {
        let Some(list) = list(index) else { return };
        println!(
            "{}: signed {:?} by {}; {} certificates, {} refused",
            name,
            list.signed_at,
            list.signer.subject,
            list.certificates.len(),
            list.refused.len()
        );
        assert!(list.certificates.len() > 300);
        assert_eq!(list.refused, []);
    }
    let bytes = read(shared(LISTS[2].0).unwrap());
    let other = Certificate::parse(&read(shared(LISTS[0].1).unwrap())).unwrap();
    let wrong = MasterList::open(&bytes, Pinning::Roots(&[other]), date(2026, 8, 1));
    assert!(
        matches!(wrong, Err(ChipError::ListNotTrusted { .. })),
        "{wrong:?}"
    );
}

#[test]
fn a_changed_list_is_refused() {
    let Some(path) = shared(LISTS[1].0) else {
        return;
    };
    let root = Certificate::parse(&read(shared(LISTS[1].1).unwrap())).unwrap();
    let good = read(path);
    for place in [200, 450_000, good.len() - 20] {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        let opened = MasterList::open(
            &bytes,
            Pinning::Roots(std::slice::from_ref(&root)),
            date(2026, 8, 1),
        );
        assert!(opened.is_err(), "a bit at {place}");
        let opened = MasterList::open(&bytes, Pinning::OperatorsWord, date(2026, 8, 1));
        assert!(opened.is_err(), "a bit at {place}");
    }
}

#[test]
fn older_after_newer_is_refused_and_newer_after_older_taken() {
    let (Some(old), Some(new)) = (list(0), list(1)) else {
        return;
    };
    let mut store = TrustStore::new();
    store.update(new.clone()).unwrap();
    let held = store.country_signers().len();
    let refused = store.update(old.clone());
    assert!(matches!(refused, Err(ChipError::ListRolledBack { .. })));
    assert!(matches!(
        store.update(new.clone()),
        Err(ChipError::ListRolledBack { .. })
    ));
    assert_eq!(store.country_signers().len(), held);
    let mut store = TrustStore::new();
    store.update(old).unwrap();
    assert!(store.update(new).unwrap().country_signers > 0);
}

#[test]
fn every_self_signed_country_signer_verifies_or_is_refused_for_a_reason() {
    let mut distinct: BTreeMap<Vec<u8>, Certificate> = BTreeMap::new();
    for index in 0..3 {
        let Some(list) = list(index) else { return };
        for certificate in list.certificates {
            distinct.insert(certificate.der().to_vec(), certificate);
        }
    }
    let all: Vec<Certificate> = distinct.into_values().collect();
    // Self-signed: issuer and subject are one, and no other key is named as the issuer's.
    let is_self_signed = |c: &&Certificate| {
        c.is_self_issued()
            && (c.authority_key_id.is_none()
                || c.subject_key_id.is_none()
                || c.authority_key_id == c.subject_key_id)
    };
    let mut table: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for certificate in all.iter().filter(is_self_signed) {
        let key = certificate.public_key().unwrap();
        let kind = format!("{}, {}", key.describe(), certificate.scheme().unwrap());
        let row = table.entry(kind).or_default();
        row.1 += 1;
        row.0 += usize::from(certificate.signed_by(certificate) == Ok(SignatureFit::Good));
    }
    let links: Vec<&Certificate> = all.iter().filter(|c| !is_self_signed(c)).collect();
    let (mut held, mut alone) = (0, Vec::new());
    for link in &links {
        let issuers = all.iter().filter(|c| c.der() != link.der());
        let found = issuers
            .filter(|c| link.may_be_issued_by(c) != chip::trust::IssuerMatch::No)
            .any(|c| link.signed_by(c) == Ok(SignatureFit::Good));
        if found {
            held += 1;
        } else {
            alone.push(link.subject.to_string());
        }
    }
    for (kind, (good, asked)) in &table {
        println!("{good:4} of {asked:4}  {kind}");
    }
    let (good, asked) = table.values().fold((0, 0), |s, v| (s.0 + v.0, s.1 + v.1));
    println!(
        "{} distinct; self-signed: {good} of {asked} verify; links: {held} of {} by a key held",
        all.len(),
        links.len()
    );
    println!("links whose signer is on none of the lists: {alone:#?}");
    assert_eq!(good, asked);
    assert!(asked > 400, "{asked}");
    assert!(held * 10 > links.len() * 9, "{held} of {}", links.len());
}

#[test]
fn every_file_of_the_specimen_chips_is_read() {
    let Some(folder) = shared("chip") else { return };
    let bytes = |name: &str| read(folder.join(name));
    for (com, groups) in [
        ("bsi2008/EF_COM.bin", vec![1, 2, 3, 14]),
        ("loes2006/ef011E.bin", vec![1, 2, 15]),
    ] {
        let com = files::CommonData::parse(&bytes(com)).unwrap();
        assert_eq!(com.lds_version.as_deref(), Some("0107"));
        let numbers: Vec<u8> = com.files.iter().filter_map(|f| f.data_group()).collect();
        assert_eq!(
            numbers.iter().filter(|n| groups.contains(n)).count(),
            groups.len()
        );
    }
    for name in [
        "bsi2008/Datagroup1.bin",
        "loes2006/ef0101.bin",
        "tsemrtd/EF_DG1.bin",
    ] {
        files::zone::parse(&bytes(name)).unwrap();
    }
    for (name, record) in [
        ("bsi2008/Datagroup2.bin", FaceRecord::Iso19794),
        ("loes2006/ef0102.bin", FaceRecord::Iso19794),
        ("tsemrtd/EF_DG2.bin", FaceRecord::Iso19794),
        (
            "face-records/ICAO_39794_5_AP_DG2_AllFields.dat",
            FaceRecord::Iso39794,
        ),
        (
            "face-records/ICAO_39794_5_AP_DG2_MandFields.dat",
            FaceRecord::Iso39794,
        ),
    ] {
        let faces = files::face::parse(&bytes(name)).unwrap();
        assert_eq!(faces.len(), 1, "{name}");
        assert_eq!(faces[0].record, record, "{name}");
        assert_ne!(faces[0].kind, PictureKind::Unknown, "{name}");
        println!("{name}: {:?}", faces[0]);
    }
    for (name, record) in [
        ("ICAO_39794_5_AP_AllFields.dat", FaceRecord::Iso39794),
        ("ICAO_39794_5_AP_MandFields.dat", FaceRecord::Iso39794),
        ("ISO19794_Test1_Data.bin", FaceRecord::Iso19794),
    ] {
        let faces = files::face::record(&bytes(&format!("face-records/{name}"))).unwrap();
        assert_eq!((faces.len(), faces[0].record), (1, record), "{name}");
        assert_ne!(faces[0].kind, PictureKind::Unknown, "{name}");
    }
    assert_eq!(
        files::pictures::signatures(&bytes("tsemrtd/EF_DG7.bin")).unwrap()[0].0,
        PictureKind::Jpeg2000
    );
    let person = files::PersonDetails::parse(&bytes("tsemrtd/EF_DG11.bin")).unwrap();
    assert_eq!(
        (person.full_name.as_str(), person.date_of_birth.as_str()),
        ("Doe John", "19700101")
    );
    assert_eq!(person.other_names, ["William"]);
    let document = files::DocumentDetails::parse(&bytes("tsemrtd/EF_DG12.bin")).unwrap();
    assert_eq!(document.date_of_issue, "20240101");
    for name in ["bsi2008/Datagroup14.bin", "tsemrtd/EF_DG14.bin"] {
        println!(
            "{name}: {:?}",
            files::SecurityInfos::data_group_14(&bytes(name))
                .unwrap()
                .infos
                .len()
        );
    }
    for name in [
        "bsi2008/Datagroup15.bin",
        "tsemrtd/EF_DG15.bin",
        "loes2006/ef010F.bin",
    ] {
        files::security_infos::active_authentication_key(&bytes(name)).unwrap();
    }
}

/// The outcome of one question.
fn outcome(found: &chip::Verification, check: CheckId) -> Outcome {
    found
        .checks
        .iter()
        .find(|c| c.check == check)
        .unwrap()
        .outcome
}

#[test]
fn security_objects_hold_and_their_unknown_issuers_stay_open() {
    let Some(folder) = shared("chip") else { return };
    let bytes = |name: &str| read(folder.join(name));
    let mut store = TrustStore::new();
    for (list, root) in [LISTS[1], LISTS[2]] {
        let root = Certificate::parse(&read(shared(root).unwrap())).unwrap();
        let taken = store.add_bytes(
            list,
            &read(shared(list).unwrap()),
            Pinning::Roots(&[root]),
            date(2026, 8, 1),
        );
        taken.unwrap();
    }
    for (sod, groups, day) in [
        (
            "bsi2008/EF_SOD.bin",
            &[
                "bsi2008/Datagroup1.bin",
                "bsi2008/Datagroup2.bin",
                "bsi2008/Datagroup3.bin",
                "bsi2008/Datagroup14.bin",
            ][..],
            date(2008, 6, 1),
        ),
        (
            "loes2006/ef011D.bin",
            &[
                "loes2006/ef0101.bin",
                "loes2006/ef0102.bin",
                "loes2006/ef010F.bin",
            ][..],
            date(2007, 1, 1),
        ),
    ] {
        let read: Vec<Vec<u8>> = groups.iter().map(|g| bytes(g)).collect();
        let efs: Vec<&[u8]> = read.iter().map(Vec::as_slice).collect();
        let found = verify(&bytes(sod), &efs, &store, day, &Policy::default());
        println!("{sod}: {found:#?}");
        assert_eq!(outcome(&found, CheckId::ChipSignature), Outcome::Successful);
        assert_eq!(
            outcome(&found, CheckId::ChipDataGroupHashes),
            Outcome::Successful
        );
        assert_eq!(outcome(&found, CheckId::ChipChain), Outcome::Undetermined);
        assert_eq!(found.outcome, Outcome::Undetermined);
        // Any file of another chip in its place is seen.
        let other = bytes("tsemrtd/EF_DG15.bin");
        let found = verify(&bytes(sod), &[&other], &store, day, &Policy::default());
        assert_eq!(
            outcome(&found, CheckId::ChipDataGroupHashes),
            Outcome::Failed
        );
        assert_eq!(found.outcome, Outcome::Failed);
    }
}

#[test]
fn no_prefix_of_a_real_file_and_no_flipped_bit_panics() {
    let Some(folder) = shared("chip") else { return };
    let store = TrustStore::new();
    let at = date(2008, 6, 1);
    let try_all = |bytes: &[u8]| {
        let _ = verify(bytes, &[bytes], &store, at, &Policy::default());
        let _ = (
            files::face::parse(bytes),
            files::SecurityInfos::data_group_14(bytes),
        );
        let _ = (
            Certificate::parse(bytes),
            RevocationList::parse(bytes),
            FileId::identify(bytes),
        );
    };
    for name in [
        "bsi2008/EF_SOD.bin",
        "loes2006/ef011D.bin",
        "bsi2008/Datagroup14.bin",
    ] {
        let good = read(folder.join(name));
        for cut in 0..good.len().min(400) {
            try_all(&good[..cut]);
        }
        for place in (0..good.len()).step_by(7) {
            let mut bytes = good.clone();
            bytes[place] ^= 0x80 | (place as u8);
            try_all(&bytes);
        }
    }
}
