//! What lies on a chip and in trust stores: objects, elementary files, certificates, lists.

use crate::Answer;
use chip::cms::SignedData;
use chip::files::{
    CommonData, DocumentDetails, FileId, PersonDetails, PictureKind, SecurityInfos, SecurityObject,
    details, face, pictures, security_infos, zone,
};
use chip::tlv::{self, Reader};
use chip::trust::certificate::Certificate;
use chip::trust::revocation::RevocationList;
use chip::trust::{MasterList, Pinning};
use chip::{Files, Policy, TrustStore, conformance};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 9, 1);

/// Deeper objects are not looked into: the house's parsers never go so deep.
const DEEPEST: usize = 64;

/// Objects in objects.
pub(crate) fn tlv(bytes: &[u8]) -> Answer {
    // An object of indefinite length announces none.
    if let (Ok(object), Some(announced)) = (tlv::first(bytes), tlv::announced_length(bytes)) {
        assert_eq!(announced, object.whole.len());
    }
    Answer::of(walk(Reader::new(bytes), 0))
}

/// Whether everything in it is made of objects.
fn walk(mut reader: Reader<'_>, depth: usize) -> bool {
    loop {
        let peeked = reader.peek();
        match reader.next() {
            Ok(None) => return true,
            Err(_) => return false,
            Ok(Some(object)) => {
                assert_eq!(peeked, Some(object.tag));
                // Tag nought means the end of something (X.690 section 8.1.5); nobody writes it.
                if object.tag.0 != 0 {
                    let again = tlv::encode(object.tag, object.value);
                    let read = tlv::first(&again).expect("what was encoded can be read");
                    assert_eq!((read.tag, read.value), (object.tag, object.value));
                }
                let _ = (
                    object.unsigned().map(<[u8]>::len),
                    object.small(),
                    object.bits().map(<[u8]>::len),
                    object.octets().map(|o| o.len()),
                );
                if object.tag.is_constructed() && depth < DEEPEST {
                    walk(object.inside(), depth + 1);
                }
            }
        }
    }
}

/// An elementary file, given to the parser of every one.
pub(crate) fn file(bytes: &[u8]) -> Answer {
    let _ = PictureKind::of(bytes);
    let _ = FileId::identify(bytes);
    let _ = face::record(bytes);
    let mut files = Files::default();
    files.add("file".to_owned(), bytes.to_vec());
    let _ = conformance::deviations(&files, TODAY);
    let understood = [
        CommonData::parse(bytes).is_ok(),
        zone::parse(bytes).is_ok(),
        face::parse(bytes).is_ok(),
        pictures::signatures(bytes).is_ok(),
        PersonDetails::parse(bytes).is_ok(),
        DocumentDetails::parse(bytes).is_ok(),
        details::persons_to_notify(bytes).is_ok(),
        SecurityInfos::card_access(bytes).is_ok(),
        SecurityInfos::data_group_14(bytes).is_ok(),
        SecurityInfos::card_security(bytes).is_ok(),
        security_infos::active_authentication_key(bytes).is_ok(),
    ];
    Answer::of(understood.contains(&true))
}

/// What states sign: security objects, certificates, revocation lists, master lists.
pub(crate) fn signed(bytes: &[u8]) -> Answer {
    let certificate = Certificate::parse(bytes);
    if let Ok(certificate) = &certificate {
        let _ = certificate.public_key().map(|key| key.describe());
        let _ = (certificate.scheme(), certificate.country());
        let _ = certificate.signed_by(certificate);
    }
    let revoked = RevocationList::parse(bytes);
    let signed = SignedData::parse(bytes);
    if let Ok(signed) = &signed {
        for signer in &signed.signers {
            if let Some(certificate) = signed.certificate_of(signer) {
                let _ = signed.check(signer, certificate);
            }
        }
    }
    let object = SecurityObject::parse(bytes);
    let list = MasterList::open(bytes, Pinning::OperatorsWord, TODAY);
    let mut store = TrustStore::new();
    let _ = store.add_bytes("file", bytes, Pinning::OperatorsWord, TODAY);
    let found = chip::verify(bytes, &[], &store, TODAY, &Policy::default());
    assert!(!found.checks.is_empty());
    for file in [FileId::Sod, FileId::CardSecurity] {
        let mut files = Files::default();
        files.files.insert(file, bytes.to_vec());
        let _ = conformance::deviations(&files, TODAY);
        let judged = chip::judge(&files, None, &store, TODAY, &Policy::default());
        assert!(!judged.checks.is_empty());
    }
    Answer::of(
        certificate.is_ok() || revoked.is_ok() || signed.is_ok() || object.is_ok() || list.is_ok(),
    )
}
