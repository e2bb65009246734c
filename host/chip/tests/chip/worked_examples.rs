//! The worked examples of Doc 9303-11: appendix D (basic access control, secure messaging) and appendix G.1
//! (PACE with generic mapping over an elliptic curve), to the byte in both directions. Appendices F, G.2, H and I are in [`crate::worked_agreements`].

use chip::apdu::{Command, Expect, Status};
use chip::files::SecurityInfos;
use chip::pace::{self, Mapping, Protocol};
use chip::randomness::Randomness;
use chip::session_cipher::{KeyUse, SessionCipher, pad, unpad};
use chip::transceiver::{Transceiver, TransceiverError};
use chip::{AccessKey, ChipError, Session, bac};

use openssl::bn::{BigNum, BigNumRef};

pub(crate) fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("hexadecimal digits")
}

/// A chip that knows one conversation by heart.
pub(crate) struct Script(pub(crate) Vec<(Vec<u8>, Vec<u8>)>, usize);

impl Script {
    pub(crate) fn new(lines: &[(&str, &str)]) -> Self {
        let lines = lines.iter().map(|(c, r)| (bytes(c), bytes(r)));
        Self(lines.collect(), 0)
    }
}

impl Transceiver for Script {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransceiverError> {
        let (expected, answer) = self.0.get(self.1).expect("no further command");
        assert_eq!(command, expected, "command {} of the example", self.1 + 1);
        self.1 += 1;
        Ok(answer.clone())
    }
}

/// The example's random numbers, in their order.
pub(crate) struct Given(pub(crate) Vec<&'static str>);

impl Randomness for Given {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), ChipError> {
        out.copy_from_slice(&bytes(self.0.remove(0)));
        Ok(())
    }

    fn private_key(&mut self, _order: &BigNumRef) -> Result<BigNum, ChipError> {
        Ok(BigNum::from_slice(&bytes(self.0.remove(0))).unwrap())
    }
}

#[test]
fn appendix_d1_keys_from_the_zone() {
    let tdes = SessionCipher::TripleDes;
    let seed = bytes("239AB9CB282DAF66231DC5A4DF6BFBAE");
    assert_eq!(
        *tdes.derive(&seed, KeyUse::Encrypt).unwrap(),
        bytes("AB94FDECF2674FDFB9B391F85D7F76F2")
    );
    assert_eq!(
        *tdes.derive(&seed, KeyUse::Authenticate).unwrap(),
        bytes("7962D9ECE03D1ACD4C76089DCE131543")
    );
}

fn script_of_appendix_d() -> Script {
    Script::new(&[
        ("0084000008", "4608F91988702212 9000"),
        (
            "0082000028 72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2 5F1448EEA8AD90A7 28",
            "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F 2F2D235D074D7449 9000",
        ),
        (
            "0CA4020C15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00",
            "99029000 8E08FA855A5D4C50A8ED 9000",
        ),
        (
            "0CB000000D 970104 8E08ED6705417E96BA55 00",
            "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000",
        ),
        (
            "0CB000040D 970112 8E082EA28A70F3C7B535 00",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A 99029000 8E08C8B2787EAEA07D74 9000",
        ),
    ])
}

fn bac_key() -> AccessKey {
    AccessKey::from_zone("L898902C", "690806", "940623").unwrap()
}

fn bac_numbers() -> Given {
    Given(vec!["781723860C06C226", "0B795240CB7049B01C19B33E32804F0B"])
}

#[test]
fn appendix_d3_and_d4_basic_access_and_three_commands() {
    let mut chip = script_of_appendix_d();
    let mut session = Session::new(&mut chip);
    bac::open(&mut session, &bac_key(), &mut bac_numbers()).unwrap();
    let select = Command::new(0xA4, [0x02, 0x0C], vec![0x01, 0x1E], Expect::Nothing);
    assert_eq!(session.send(&select).unwrap().status, Status::OK);
    let read = |at: u8, n| Command::new(0xB0, [0, at], Vec::new(), Expect::Bytes(n));
    assert_eq!(session.call("", &read(0, 4)).unwrap(), bytes("60145F01"));
    assert_eq!(
        session.call("", &read(4, 18)).unwrap(),
        bytes("04303130365F36063034303030305C026175")
    );
    assert_eq!(session.commands(), 5);
}

#[test]
fn no_bit_of_a_protected_answer_can_be_changed() {
    let good = script_of_appendix_d();
    let answer = good.0[3].1.clone();
    for bit in 0..answer.len() * 8 {
        let mut chip = script_of_appendix_d();
        chip.0[3].1[bit / 8] ^= 1 << (bit % 8);
        let mut session = Session::new(&mut chip);
        bac::open(&mut session, &bac_key(), &mut bac_numbers()).unwrap();
        let select = Command::new(0xA4, [0x02, 0x0C], vec![0x01, 0x1E], Expect::Nothing);
        session.send(&select).unwrap();
        let read = Command::new(0xB0, [0, 0], Vec::new(), Expect::Bytes(4));
        assert!(session.send(&read).is_err(), "bit {bit}");
    }
}

#[test]
fn an_answer_stripped_of_its_protection_is_refused_and_an_error_leaves_the_count_in_step() {
    let mut chip = script_of_appendix_d();
    // An answer in the clear, as one who stands between would send it.
    chip.0[2].1 = bytes("9000");
    let mut session = Session::new(&mut chip);
    bac::open(&mut session, &bac_key(), &mut bac_numbers()).unwrap();
    let select = Command::new(0xA4, [0x02, 0x0C], vec![0x01, 0x1E], Expect::Nothing);
    assert!(matches!(
        session.send(&select),
        Err(ChipError::SecureMessaging { .. })
    ));
    // The next command is the example's own, so the counter has moved on by one answer.
    let read = Command::new(0xB0, [0, 0], Vec::new(), Expect::Bytes(4));
    assert_eq!(session.call("", &read).unwrap(), bytes("60145F01"));
}

#[test]
fn another_documents_key_is_told_from_a_broken_chip() {
    let mut chip = script_of_appendix_d();
    chip.0[1].1 = bytes("6300");
    let mut session = Session::new(&mut chip);
    let refused = bac::open(&mut session, &bac_key(), &mut bac_numbers());
    assert_eq!(refused, Err(ChipError::WrongKey));
    let mut chip = script_of_appendix_d();
    chip.0[1].1[39] ^= 1;
    let mut session = Session::new(&mut chip);
    let refused = bac::open(&mut session, &bac_key(), &mut bac_numbers());
    assert!(matches!(refused, Err(ChipError::Protocol { .. })));
}

const PUBLIC_TERMINAL_MAP: &str = "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D";
const PUBLIC_CHIP_MAP: &str = "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F5730D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54";
const PUBLIC_TERMINAL: &str = "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462";
const PUBLIC_CHIP: &str = "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094";

fn script_of_appendix_g() -> Script {
    Script::new(&[
        ("0022C1A40F 800A04007F00070202040202 830101", "9000"),
        (
            "1086000002 7C00 00",
            "7C128010 95A3A016522EE98D01E76CB6B98B42C3 9000",
        ),
        (
            &format!("1086000045 7C438141 {PUBLIC_TERMINAL_MAP} 00"),
            &format!("7C438241 {PUBLIC_CHIP_MAP} 9000"),
        ),
        (
            &format!("1086000045 7C438341 {PUBLIC_TERMINAL} 00"),
            &format!("7C438441 {PUBLIC_CHIP} 9000"),
        ),
        (
            "008600000C 7C0A8508 C2B0BD78D94BA866 00",
            "7C0A8608 3ABB9674BCE93C08 9000",
        ),
    ])
}

fn pace_parts() -> (Protocol, AccessKey, Given) {
    let access =
        SecurityInfos::card_access(&bytes("31143012060A04007F0007020204020202010202010D")).unwrap();
    let numbers = Given(vec![
        "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99",
        "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
    ]);
    let key = AccessKey::from_zone("T22000129", "640812", "101031").unwrap();
    (Protocol::best(&access).unwrap(), key, numbers)
}

#[test]
fn appendix_g1_pace_with_generic_mapping() {
    let aes = SessionCipher::Aes128;
    let password = aes
        .derive(
            &bytes("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD"),
            KeyUse::Password,
        )
        .unwrap();
    assert_eq!(*password, bytes("89DED1B26624EC1E634C1989302849DD"));
    let nonce = aes
        .decrypt(
            &password,
            &[0; 16],
            &bytes("95A3A016522EE98D01E76CB6B98B42C3"),
        )
        .unwrap();
    assert_eq!(nonce, bytes("3F00C4D39D153F2B2A214A078D899B22"));
    let secret = bytes("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925");
    assert_eq!(
        *aes.derive(&secret, KeyUse::Encrypt).unwrap(),
        bytes("F5F0E35C0D7161EE6724EE513A0D9A7F")
    );
    assert_eq!(
        *aes.derive(&secret, KeyUse::Authenticate).unwrap(),
        bytes("FE251C7858B356B24514B3BD5F4297D1")
    );

    // The points, the agreement and the tokens are checked by the conversation itself.
    let (protocol, key, mut numbers) = pace_parts();
    assert_eq!(protocol.mapping, Mapping::Generic);
    assert_eq!(protocol.describe(), "PACE ECDH-GM AES-128 brainpoolP256r1");
    let mut chip = script_of_appendix_g();
    let mut session = Session::new(&mut chip);
    let proof = pace::open(&mut session, &protocol, &key, &mut numbers).unwrap();
    assert_eq!(proof, None);
    assert_eq!(
        session.protection().unwrap().cipher(),
        SessionCipher::Aes128
    );
}

#[test]
fn pace_tells_a_wrong_key_a_false_token_and_points_off_the_curve() {
    type Change = fn(&mut Script);
    let cases: [(Change, bool); 5] = [
        (|s| s.0[4].1 = bytes("6300"), true),
        (|s| s.0[4].1[5] ^= 1, false),
        (|s| s.0[2].1[20] ^= 1, false),
        (|s| s.0[3].1[20] ^= 1, false),
        // Our own mapping key sent back.
        (
            |s| s.0[2].1 = bytes(&format!("7C438241 {PUBLIC_TERMINAL_MAP} 9000")),
            false,
        ),
    ];
    for (place, (change, is_key)) in cases.into_iter().enumerate() {
        let mut chip = script_of_appendix_g();
        change(&mut chip);
        let (protocol, key, mut numbers) = pace_parts();
        let mut session = Session::new(&mut chip);
        let error = pace::open(&mut session, &protocol, &key, &mut numbers).unwrap_err();
        assert_eq!(
            error == ChipError::WrongKey,
            is_key,
            "case {place}: {error}"
        );
        assert!(
            is_key || matches!(error, ChipError::Protocol { .. }),
            "case {place}: {error}"
        );
        assert!(session.protection().is_none());
    }
}

#[test]
fn cmac_and_padding_as_their_standards_say() {
    // RFC 4493 section 4: examples 1 and 2.
    let key = bytes("2B7E151628AED2A6ABF7158809CF4F3C");
    let mac = |data: &str| {
        SessionCipher::Aes128
            .mac(&key, &bytes(data))
            .unwrap()
            .to_vec()
    };
    assert_eq!(mac(""), bytes("BB1D6929E9593728"));
    assert_eq!(
        mac("6BC1BEE22E409F96E93D7E117393172A"),
        bytes("070A16B46B4D4144")
    );
    for length in 0..40 {
        let data = vec![0x80; length];
        let padded = pad(&data, 16);
        assert_eq!(padded.len() % 16, 0);
        assert_eq!(unpad(&padded), Some(&data[..]));
    }
    assert_eq!(unpad(&[0; 16]), None);
}

#[test]
fn checksums_of_every_length_are_the_librarys_own() {
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use openssl::symm::Cipher;
    for (ours, theirs) in [
        (SessionCipher::Aes128, Cipher::aes_128_cbc()),
        (SessionCipher::Aes192, Cipher::aes_192_cbc()),
        (SessionCipher::Aes256, Cipher::aes_256_cbc()),
    ] {
        let key: Vec<u8> = (0..ours.key_bytes()).map(|n| (n * 7 + 3) as u8).collect();
        for length in 0..=65 {
            let data: Vec<u8> = (0..length).map(|n| (n * 31 + 5) as u8).collect();
            let cmac = PKey::cmac(&theirs, &key).unwrap();
            let mut signer = Signer::new_without_digest(&cmac).unwrap();
            let expected = signer.sign_oneshot_to_vec(&data).unwrap();
            let had = ours.mac(&key, &data).unwrap();
            assert_eq!(had, expected[..8], "{} of {length} bytes", ours.as_str());
        }
    }
}
