//! Object identifiers, as the bytes that stand in files.

use std::fmt;

/// An object identifier in its encoded form (X.690 section 8.19).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(pub Vec<u8>);

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut number: u64 = 0;
        let mut is_first = true;
        for byte in &self.0 {
            number = (number << 7) | u64::from(byte & 0x7F);
            if byte & 0x80 != 0 {
                continue;
            }
            if is_first {
                let root = (number / 40).min(2);
                write!(f, "{root}.{}", number - root * 40)?;
                is_first = false;
            } else {
                write!(f, ".{number}")?;
            }
            number = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<&[u8]> for Oid {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

/// Bytes that the base-128 digits of a number take (X.690 section 8.19.2).
const fn digits(number: u64) -> usize {
    let (mut count, mut rest) = (1, number >> 7);
    while rest > 0 {
        (count, rest) = (count + 1, rest >> 7);
    }
    count
}

/// The number that encodes an identifier's component; the first two are one (X.690 section 8.19.4).
const fn component(numbers: &[u64], place: usize) -> u64 {
    if place == 1 {
        numbers[0] * 40 + numbers[1]
    } else {
        numbers[place]
    }
}

const fn length(numbers: &[u64]) -> usize {
    let (mut place, mut sum) = (1, 0);
    while place < numbers.len() {
        sum += digits(component(numbers, place));
        place += 1;
    }
    sum
}

const fn encode<const N: usize>(numbers: &[u64]) -> [u8; N] {
    let (mut out, mut at, mut place) = ([0; N], 0, 1);
    while place < numbers.len() {
        let number = component(numbers, place);
        let mut left = digits(number);
        while left > 0 {
            left -= 1;
            let more = if left > 0 { 0x80 } else { 0 };
            out[at] = ((number >> (7 * left)) & 0x7F) as u8 | more;
            at += 1;
        }
        place += 1;
    }
    out
}

/// One row a name: the numbers as standards print them, encoded when the program is compiled.
macro_rules! oids {
    ($($name:ident = $numbers:tt;)*) => {
        $(pub(crate) const $name: &[u8] = &encode::<{ length(&$numbers) }>(&$numbers);)*
    };
}

oids! {
    RSA_ENCRYPTION = [1, 2, 840, 113549, 1, 1, 1];
    SHA1_WITH_RSA = [1, 2, 840, 113549, 1, 1, 5];
    MGF1 = [1, 2, 840, 113549, 1, 1, 8];
    RSASSA_PSS = [1, 2, 840, 113549, 1, 1, 10];
    SHA256_WITH_RSA = [1, 2, 840, 113549, 1, 1, 11];
    SHA384_WITH_RSA = [1, 2, 840, 113549, 1, 1, 12];
    SHA512_WITH_RSA = [1, 2, 840, 113549, 1, 1, 13];
    SHA224_WITH_RSA = [1, 2, 840, 113549, 1, 1, 14];
    EC_PUBLIC_KEY = [1, 2, 840, 10045, 2, 1];
    ECDSA_SHA1 = [1, 2, 840, 10045, 4, 1];
    ECDSA_SPECIFIED = [1, 2, 840, 10045, 4, 3];
    ECDSA_SHA224 = [1, 2, 840, 10045, 4, 3, 1];
    ECDSA_SHA256 = [1, 2, 840, 10045, 4, 3, 2];
    ECDSA_SHA384 = [1, 2, 840, 10045, 4, 3, 3];
    ECDSA_SHA512 = [1, 2, 840, 10045, 4, 3, 4];
    ECDSA_PLAIN_SHA1 = [0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 1];
    ECDSA_PLAIN_SHA224 = [0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 2];
    ECDSA_PLAIN_SHA256 = [0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3];
    ECDSA_PLAIN_SHA384 = [0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 4];
    ECDSA_PLAIN_SHA512 = [0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 5];
    DH_KEY_AGREEMENT = [1, 2, 840, 113549, 1, 3, 1];
    DH_PUBLIC_NUMBER = [1, 2, 840, 10046, 2, 1];
    STANDARDISED_DOMAIN = [0, 4, 0, 127, 0, 7, 1, 2];
    PRIME_FIELD = [1, 2, 840, 10045, 1, 1];
    DSA = [1, 2, 840, 10040, 4, 1];
    DSA_SHA1 = [1, 2, 840, 10040, 4, 3];
    DSA_SHA224 = [2, 16, 840, 1, 101, 3, 4, 3, 1];
    DSA_SHA256 = [2, 16, 840, 1, 101, 3, 4, 3, 2];
    SHA1 = [1, 3, 14, 3, 2, 26];
    SHA256 = [2, 16, 840, 1, 101, 3, 4, 2, 1];
    SHA384 = [2, 16, 840, 1, 101, 3, 4, 2, 2];
    SHA512 = [2, 16, 840, 1, 101, 3, 4, 2, 3];
    SHA224 = [2, 16, 840, 1, 101, 3, 4, 2, 4];
    SIGNED_DATA = [1, 2, 840, 113549, 1, 7, 2];
    ATTRIBUTE_CONTENT_TYPE = [1, 2, 840, 113549, 1, 9, 3];
    ATTRIBUTE_MESSAGE_DIGEST = [1, 2, 840, 113549, 1, 9, 4];
    ATTRIBUTE_SIGNING_TIME = [1, 2, 840, 113549, 1, 9, 5];
    TRAVEL_DOCUMENT_SECURITY = [2, 23, 136, 1, 1];
    LDS_SECURITY_OBJECT = [2, 23, 136, 1, 1, 1];
    LDS_SECURITY_OBJECT_ICAO_OLD = [1, 3, 27, 1, 1, 1];
    PKCS7_DATA = [1, 2, 840, 113549, 1, 7, 1];
    LDS_SECURITY_OBJECT_SDU = [1, 2, 528, 1, 1006, 1, 20, 1];
    MASTER_LIST = [2, 23, 136, 1, 1, 2];
    MASTER_LIST_SIGNER = [2, 23, 136, 1, 1, 3];
    DEVIATION_LIST_SIGNER = [2, 23, 136, 1, 1, 8];
    BSI_TRAVEL_DOCUMENTS = [0, 4, 0, 127, 0, 7, 3, 1];
    INTERNET_PURPOSES = [1, 3, 6, 1, 5, 5, 7, 3];
    ANY_EXTENDED_KEY_USAGE = [2, 5, 29, 37, 0];
    DEFECT_LIST = [0, 4, 0, 127, 0, 7, 3, 1, 5];
    DEFECT_CERTIFICATE_REVOKED = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 1];
    DEFECT_CERTIFICATE_REPLACED = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 2];
    DEFECT_CHIP_AUTHENTICATION_KEY = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 3];
    DEFECT_ACTIVE_AUTHENTICATION_KEY = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 4];
    DEFECT_AUTHENTICATION_PROTOCOL = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 5];
    DEFECT_VALIDITY = [0, 4, 0, 127, 0, 7, 3, 1, 5, 1, 6];
    DEFECT_DATA_GROUPS = [0, 4, 0, 127, 0, 7, 3, 1, 5, 2, 1];
    DEFECT_SECURITY_OBJECT = [0, 4, 0, 127, 0, 7, 3, 1, 5, 2, 2];
    DEFECT_COMMON_DATA = [0, 4, 0, 127, 0, 7, 3, 1, 5, 2, 3];
    DEFECT_SIGNER_IDENTIFIER = [0, 4, 0, 127, 0, 7, 3, 1, 5, 2, 4];
    DEFECT_ISSUING_COUNTRY = [0, 4, 0, 127, 0, 7, 3, 1, 5, 2, 5];
    DEFECT_DOCUMENT_SIGNER = [0, 4, 0, 127, 0, 7, 3, 1, 5, 4, 4];
    DEFECT_CARD_SECURITY = [0, 4, 0, 127, 0, 7, 3, 1, 5, 4, 1];
    SUBJECT_KEY_ID = [2, 5, 29, 14];
    KEY_USAGE = [2, 5, 29, 15];
    BASIC_CONSTRAINTS = [2, 5, 29, 19];
    AUTHORITY_KEY_ID = [2, 5, 29, 35];
    EXTENDED_KEY_USAGE = [2, 5, 29, 37];
    COUNTRY_NAME = [2, 5, 4, 6];
    SECURITY_PROTOCOLS = [0, 4, 0, 127, 0, 7, 2, 2];
    SECURITY_PK_DH = [0, 4, 0, 127, 0, 7, 2, 2, 1, 1];
    SECURITY_PK_ECDH = [0, 4, 0, 127, 0, 7, 2, 2, 1, 2];
    SECURITY_CA = [0, 4, 0, 127, 0, 7, 2, 2, 3];
    SECURITY_PACE = [0, 4, 0, 127, 0, 7, 2, 2, 4];
    SECURITY_TA = [0, 4, 0, 127, 0, 7, 2, 2, 2];
    SECURITY_AA = [2, 23, 136, 1, 1, 5];
    SECURITY_OBJECT = [0, 4, 0, 127, 0, 7, 3, 2, 1];
}

#[cfg(test)]
mod tests {
    use super::Oid;

    #[test]
    fn numbers_are_encoded_as_the_standards_examples() {
        // RFC 8017 appendix C prints rsaEncryption in bytes; X.690 section 8.19.5 has the example 2.100.3.
        let rsa = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
        assert_eq!(super::RSA_ENCRYPTION, rsa);
        const EXAMPLE: [u64; 3] = [2, 100, 3];
        assert_eq!(super::encode::<3>(&EXAMPLE), [0x81, 0x34, 0x03]);
        assert_eq!(Oid::from(&[0x81, 0x34, 0x03][..]).to_string(), "2.100.3");
        assert_eq!(
            Oid::from(super::SHA256).to_string(),
            "2.16.840.1.101.3.4.2.1"
        );
    }
}
