//! The worked examples of Doc 9303-11: appendix F (active authentication), G.2 (PACE, DH, generic mapping),
//! H (PACE, integrated mapping, ECDH and DH) and I (PACE with chip authentication mapping).

use crate::worked_examples::{Given, Script, bytes};
use chip::active_authentication::judge;
use chip::files::{SecurityInfo, SecurityInfos};
use chip::pace::{self, ChipProof, Mapping, Protocol};
use chip::session_cipher::{KeyUse, SessionCipher};
use chip::tlv::{self, Tag, encode};
use chip::trust::{PublicKey, SignatureFit};
use chip::{AccessKey, ChipError, Session};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};

const AES: SessionCipher = SessionCipher::Aes128;

/// EF.CardAccess with one way in: protocol's last two numbers and domain parameter.
fn protocol(mapping: u8, cipher: u8, parameter: u8) -> Protocol {
    let oid = [4, 0, 0x7F, 0, 7, 2, 2, 4, mapping, cipher];
    let info = [encode(Tag::OID, &oid), vec![2, 1, 2, 2, 1, parameter]].concat();
    let file = encode(Tag::SET, &encode(Tag::SEQUENCE, &info));
    Protocol::best(&SecurityInfos::card_access(&file).unwrap()).unwrap()
}

fn open(
    script: &mut Script,
    protocol: &Protocol,
    key: &AccessKey,
    numbers: Vec<&'static str>,
) -> Result<Option<ChipProof>, ChipError> {
    let mut session = Session::new(script);
    let proof = pace::open(&mut session, protocol, key, &mut Given(numbers))?;
    assert_eq!(session.protection().unwrap().cipher(), AES);
    Ok(proof)
}

/// The keys of a shared secret.
fn keys(secret: &str) -> [Vec<u8>; 2] {
    let secret = bytes(secret);
    [KeyUse::Encrypt, KeyUse::Authenticate].map(|u| AES.derive(&secret, u).unwrap().to_vec())
}

mod g2 {
    pub(super) const TERMINAL_MAP: &str = "23FB3749EA030D2A25B278D2A562047ADE3F01B74F17A15402CB7352CA7D2B3EB71C343DB13D1DEBCE9A3666DBCFC920B49174A602CB47965CAA73DC702489A44D41DB914DE9613DC5E98C94160551C0DF86274B9359BC0490D01B03AD54022DCB4F57FAD6322497D7A1E28D46710F461AFE710FBBBC5F8BA166F4311975EC6C";
    pub(super) const CHIP_MAP: &str = "78879F57225AA8080D52ED0FC890A4B25336F699AA89A2D3A189654AF70729E623EA5738B26381E4DA19E004706FACE7B235C2DBF2F38748312F3C98C2DD4882A41947B324AA1259AC22579DB93F7085655AF30889DBB845D9E6783FE42C9F2449400306254C8AE8EE9DD812A804C0B66E8CAFC14F84D8258950A91B44126EE6";
    pub(super) const TERMINAL: &str = "907D89E2D425A178AA81AF4A7774EC8E388C115CAE67031E85EECE520BD911551B9AE4D04369F29A02626C86FBC6747CC7BC352645B6161A2A42D44EDA80A08FA8D61B76D3A154AD8A5A51786B0BC07147057871A922212C5F67F43173172236B7747D1671E6D692A3C7D40A0C3C5CE397545D015C175EB5130551EDBC2EE5D4";
    pub(super) const CHIP: &str = "075693D9AE941877573E634B6E644F8E60AF17A0076B8B123D9201074D36152BD8B3A213F53820C42ADC79AB5D0AEEC3AEFB91394DA476BD97B9B14D0A65C1FC71A0E019CB08AF55E1F729005FBA7E3FA5DC41899238A250767A6D46DB974064386CD456743585F8E5D90CC8B4004B1F6D866C79CE0584E49687FF61BC29AEA1";
    pub(super) const SECRET: &str = "6BABC7B3A72BCD7EA385E4C62DB2625BD8613B24149E146A629311C4CA6698E38B834B6A9E9CD7184BA8834AFF5043D436950C4C1E7832367C10CB8C314D40E5990B0DF7013E64B4549E2270923D06F08CFF6BD3E977DDE6ABE4C31D55C0FA2E465E553E77BDF75E3193D3834FC26E8EB1EE2FA1E4FC97C18C3F6CFFFE2607FD";
}

fn script_of_g2() -> Script {
    Script::new(&[
        ("0022C1A40F 800A04007F00070202040102 830101", "9000"),
        (
            "1086000002 7C00 00",
            "7C128010 854D8DF5827FA6852D1A4FA701CDDDCA 9000",
        ),
        (
            &format!("1086000086 7C8183818180 {} 00", g2::TERMINAL_MAP),
            &format!("7C8183828180 {} 9000", g2::CHIP_MAP),
        ),
        (
            &format!("1086000086 7C8183838180 {} 00", g2::TERMINAL),
            &format!("7C8183848180 {} 9000", g2::CHIP),
        ),
        (
            "008600000C 7C0A8508 B46DD9BD4D98381F 00",
            // With the certification authority's reference that the example's chip sends along.
            "7C1B8608 917F37B5C0E6D8D1 870F44455445535443564341303030303 3 9000",
        ),
    ])
}

const G2_NUMBERS: [&str; 2] = [
    "5265030F751F4AD18B08AC565FC7AC952E41618D",
    "89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA",
];

#[test]
fn appendix_g2_generic_mapping_modulo_a_prime() {
    assert_eq!(
        keys(g2::SECRET),
        [
            bytes("2F7F46ADCC9E7E521B45D192FAFA9126"),
            bytes("805A1D27D45A5116F73C54469462B7D8")
        ]
    );
    let protocol = protocol(1, 2, 0);
    assert_eq!(protocol.describe(), "PACE DH-GM AES-128 MODP-1024/160");
    let key = AccessKey::from_zone("T22000129", "640812", "101031").unwrap();
    let open = |script: &mut Script| open(script, &protocol, &key, G2_NUMBERS.to_vec());
    assert_eq!(open(&mut script_of_g2()).unwrap(), None);

    // Numbers outside the subgroup, and the ones that make no secret.
    for false_key in [
        &"00".repeat(128),
        &format!("{}01", "00".repeat(127)),
        &format!("{}02", "00".repeat(127)),
        &"FF".repeat(128),
    ] {
        let mut script = script_of_g2();
        script.0[2].1 = bytes(&format!("7C8183828180 {false_key} 9000"));
        let refused = open(&mut script);
        assert!(
            matches!(refused, Err(ChipError::Protocol { .. })),
            "{false_key}: {refused:?}"
        );
    }
}

fn can() -> AccessKey {
    // The appendix prints only the derived key; it is that of the access number 123456.
    let derived = AES.derive(b"123456", KeyUse::Password).unwrap();
    assert_eq!(*derived, bytes("591468CDA83D65219CCCB8560233600F"));
    AccessKey::from_can("123456").unwrap()
}

#[test]
fn appendix_h1_integrated_mapping_over_a_curve() {
    let secret = "4F150FDE1D4F0E38E95017B891BAE17133A0DF45B0D3E18B60BA7BEAFDC2C713";
    assert_eq!(
        keys(secret),
        [
            bytes("0D3FEB33251A6370893D62AE8DAAF51B"),
            bytes("B01E89E3D9E8719E586B50B4A7506E0B")
        ]
    );
    let terminal = "0489CBA23FFE96AA18D824627C3E934E54A9FD0B87A95D1471DC1C0ABFDCD640D46755DE9B7B778280B6BEBD57439ADFEB0E21FD4ED6DF42578C13418A59B34C37";
    let chip = "0467F78E5F7F7686082B293E8D087E056916D0F74BC01A5F8957D0DE45691E51E8932B69A962B52A0985AD2C0A271EE6A13A8ADDDCD1A3A994B9DED257F4D22753";
    let numbers = vec![
        "5DD4CBFC96F5453B130D890A1CDBAE32",
        "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
    ];
    // The standard wants an empty object in answer to our nonce; chips that send nothing are known.
    for answer in ["7C028200 9000", "9000"] {
        let mut script = Script::new(&[
            ("0022C1A40F 800A04007F00070202040402 830102", "9000"),
            (
                "1086000002 7C00 00",
                "7C128010 143DC40C08C8E891FBED7DEDB92B64AD 9000",
            ),
            (
                "1086000014 7C128110 5DD4CBFC96F5453B130D890A1CDBAE32 00",
                answer,
            ),
            (
                &format!("1086000045 7C438341 {terminal} 00"),
                &format!("7C438441 {chip} 9000"),
            ),
            (
                "008600000C 7C0A8508 450F02B86F6A0909 00",
                "7C0A8608 75D4D96E8D5B0308 9000",
            ),
        ]);
        let protocol = protocol(4, 2, 13);
        assert_eq!(protocol.mapping, Mapping::Integrated);
        let opened = open(&mut script, &protocol, &can(), numbers.clone());
        assert_eq!(opened.unwrap(), None);
    }
}

#[test]
fn appendix_h2_integrated_mapping_modulo_a_prime() {
    let secret = "419410D6C0A17A4C07C54872CE1CBCEB0A2705C1A434C8A89A4CFE41F1D78124CA7EC52BDE7615E5345E48AB1ABB6E7D1D59A57F3174084D3CA4570397C1F62228BDFDB2DA191EA2239E2C060DBE3BBC23C2FCD0AF12E0F9E0B99FCF91FF1959011D5798B2FCBC1F14FCC24E441F4C8F9B08D977E9498560E63E7FFAB3134EA7";
    assert_eq!(
        keys(secret),
        [
            bytes("01AFC10CF87BE36D8179E87370171F07"),
            bytes("23F0FBD05FD6C7B8B88F4C8309669061")
        ]
    );
    let terminal = "0F0CC62945A8029251FB7EF3C094E12EC68E4EF07F27CB9D9CD04C5C4250FAE0E4F8A951557E929AEB48E5C6DD47F2F5CD7C351A9BD2CD722C07EDE166770F08FFCB370262CF308DD7B07F2E0DA9CAAA1492344C852906919538C98A4BA4187E76CE9D87832386D319CE2E043C3343AEAE6EDBA1A9894DC5094D22F7FE1351D5";
    let chip = "928D9A0F9DBA450F13FC859C6F290D1D36E42431138A4378500BEB4E0401854CFF111F71CB6DC1D0335807A11388CC8EAA87B07907AAD9FBA6B169AF6D8C26AF8DDDC39ADC3AD2E3FF882B84D23E9768E95A80E4746FB07A9767679FE92133B4D379935C771BD7FBED6C7BB4B1708B275EA75679524CDC9C6A91370CC662A2F3";
    let mut script = Script::new(&[
        ("0022C1A40F 800A04007F00070202040302 830102", "9000"),
        (
            "1086000002 7C00 00",
            "7C128010 9ABB8864CA0FF1551E620D1EF4E13510 9000",
        ),
        (
            "1086000014 7C128110 B3A6DB3C870C3E99245E0D1C06B747DE 00",
            "7C028200 9000",
        ),
        (
            &format!("1086000086 7C8183838180 {terminal} 00"),
            &format!("7C8183848180 {chip} 9000"),
        ),
        (
            "008600000C 7C0A8508 55D61977CBF5307E 00",
            "7C0A8608 C2F04230187E1525 9000",
        ),
    ]);
    let numbers = vec![
        "B3A6DB3C870C3E99245E0D1C06B747DE",
        "4BD0E54740F9A028E6A515BFDAF967848C4F5F5FFF65AA0915947FFD1A0DF2FA6981271BC905F3551457B7E03AC3B8066DE4AA406C1171FB43DD939C4BA16175103BA3DEE16419AA248118F90CC36A3D6F4C373652E0C3CCE7F0F1D0C5425B3600F0F0D6A67F004C8BBA33F2B4733C7252445C1DFC4F1107203F71D2EFB28161",
    ];
    let opened = open(&mut script, &protocol(3, 2, 0), &can(), numbers);
    assert_eq!(opened.unwrap(), None);
}

/// ChipAuthenticationPublicKeyInfo of appendix I.
const CHIP_KEY: &str = "3062060904007F0007020201023052300C060704007F0007010202010D034200041872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC884D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F02010D";

#[test]
fn appendix_i_chip_authentication_mapping() {
    let [encrypt, authenticate] =
        keys("67950559D0C06B4D4B86972D14460837461087F8419FDBC36AAF6CEAAC462832");
    assert_eq!(encrypt, bytes("0A9DA4DB03BDDE39FC5202BC44B2E89E"));
    assert_eq!(authenticate, bytes("4B1C06491ED5140CA2B537D344C6C0B1"));
    let start = AES.encrypt(&encrypt, &[0; 16], &[0xFF; 16]).unwrap();
    assert_eq!(start, bytes("F6A3B75A1E933941DD7A13E2520779DF"));

    let mut script = Script::new(&[
        ("0022C1A40F 800A04007F00070202040602 830101", "9000"),
        (
            "1086000002 7C00 00",
            "7C128010 CB60E8E0D85B76A9BD304747C2AD42E2 9000",
        ),
        (
            "1086000045 7C438141 047F1D410ADB7DDB3B84BF1030800981A9105D7457B4A3ADE002384F3086C67EDE1AB889104A27DB6D842B019020FBF3CEACB0DC627F7BDCAC29969E19D0E553C1 00",
            "7C438241 04A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B304F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23 9000",
        ),
        (
            "1086000045 7C438341 04446C934084D9DAB863944F219520076C29EE3F7AE6722B11FF319EC1C7728F955483400BFF60BF0C5929270009277DC2A515E12575010AD9BA916CF1BF86FEFC 00",
            "7C438441 0402AD566F3C6EC7F9324509AD50A51FA52030782A4968FCFEDF737DAEA993333111C3B9B4C2287789BD137E7F8AA882E2A3C633CCD6ECC2C63C57AD401A09C2E1 9000",
        ),
        (
            "008600000C 7C0A8508 E86BD06018A1CD3B 00",
            "7C3C8608 8596CF055C67C1A3 8A30 1EEA964DAAE372AC990E3EFDE6333353BFC89A6704D93DA8798CF77F5B7A54BD10CBA372B42BE0B9B5F28AA8DE2F4F92 9000",
        ),
    ]);
    let key = AccessKey::from_zone("C11T002JM", "960812", "231031").unwrap();
    let numbers = vec![
        "5D8BB87BD74D985A4B7D4325B9F7B976FE835122773400798914AA22738135CC",
        "76ECFDAA9841C323A3F5FC5E88B88DB3EFF7E35EBF57A7E6946CB630006C2120",
    ];
    let opened = open(&mut script, &protocol(6, 2, 13), &key, numbers);
    let proof = opened.unwrap().expect("the chip's proof");

    let dg14 = encode(Tag(0x6E), &encode(Tag::SET, &bytes(CHIP_KEY)));
    let infos = SecurityInfos::data_group_14(&dg14).unwrap();
    let [SecurityInfo::ChipAuthenticationKey { key, key_id, .. }] = infos.infos.as_slice() else {
        panic!("{infos:?}");
    };
    assert_eq!(*key_id, Some(13));
    let key = PublicKey::parse(tlv::first(key).unwrap()).unwrap();
    assert_eq!(key.describe(), "brainpoolP256r1");
    assert!(proof.holds(&key).unwrap());
    // The mapping point itself as a key: another document's.
    let other = bytes(CHIP_KEY);
    let other = String::from_utf8(hex::encode_upper(other).into_bytes())
        .unwrap()
        .replace(
            "1872709494399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610DC884D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F",
            "A234236AA9B9621E8EFB73B5245C0E09D2576E5277183C1208BDD55280CAE8B304F365713A356E65A451E165ECC9AC0AC46E3771342C8FE5AEDD092685338E23",
        );
    let dg14 = encode(Tag(0x6E), &encode(Tag::SET, &bytes(&other)));
    let infos = SecurityInfos::data_group_14(&dg14).unwrap();
    let [SecurityInfo::ChipAuthenticationKey { key, .. }] = infos.infos.as_slice() else {
        panic!("{infos:?}");
    };
    let key = PublicKey::parse(tlv::first(key).unwrap()).unwrap();
    assert!(!proof.holds(&key).unwrap());
}

#[test]
fn appendix_f_active_authentication() {
    // The appendix prints no key, so the message is signed with one of ours of the same length.
    let own_nonce = "9D2784A67F8E7C659973EA1AEA25D95B6C8F91E5002F369F0FBDCE8A3CEC1991B543F1696546C5524CF23A5303CD6C98599F40B79F377B5F3A1406B3B4D8F96784D23AA88DB7E1032A405E69325FA91A6E86F5C71AEA978264C4A207446DAD4E7292E2DCDA3024B47DA8";
    let nonce = bytes("F173589974BF40C6");
    let digest = hash(
        MessageDigest::sha1(),
        &[bytes(own_nonce), nonce.clone()].concat(),
    )
    .unwrap();
    assert_eq!(*digest, *bytes("C063AA1E6D22FBD976AB0FE73D94D2D9C6D88127"));
    let message = [&[0x6A], &*bytes(own_nonce), &digest, &[0xBC]].concat();
    let key = Rsa::generate(1024).unwrap();
    let mut signature = vec![0; 128];
    key.private_encrypt(&message, &mut signature, Padding::NONE)
        .unwrap();
    let der = PKey::from_rsa(key).unwrap().public_key_to_der().unwrap();
    let public = PublicKey::parse(tlv::first(&der).unwrap()).unwrap();
    let fit = judge(&public, None, &nonce, &signature).unwrap();
    assert_eq!(fit, SignatureFit::Good);
}
