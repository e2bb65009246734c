//! Where a key in a token is: a `pkcs11:` URI (RFC 7512), of which a part is understood.

use super::Pkcs11Error;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// No URI of ours comes near this length, in bytes.
const LONGEST: usize = 4096;
/// How every such URI begins.
const SCHEME: &str = "pkcs11:";

/// Where a key in a token is. Names the token by label or serial number (or both) and the key by label or id; says
/// which library speaks to the token, and which file holds its PIN. No PIN ever stands in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyUri {
    token: Option<String>,
    serial: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
    object: Option<String>,
    id: Option<Vec<u8>>,
    module: Option<PathBuf>,
    pin_source: Option<PathBuf>,
}

impl KeyUri {
    /// The token and key, without the query: for people and for the ledger.
    #[must_use]
    pub fn place(&self) -> String {
        let mut place = self.to_string();
        if let Some(query) = place.find('?') {
            place.truncate(query);
        }
        place
    }

    /// The token, for people.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token
            .as_deref()
            .or(self.serial.as_deref())
            .unwrap_or_default()
    }

    /// The key's label.
    pub(super) fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }

    /// The key's id.
    pub(super) fn id(&self) -> Option<&[u8]> {
        self.id.as_deref()
    }

    /// The library that speaks to the token, where the URI names one.
    pub(super) fn module(&self) -> Option<&Path> {
        self.module.as_deref()
    }

    /// The file with the token's PIN, where the URI names one.
    #[must_use]
    pub fn pin_source(&self) -> Option<&Path> {
        self.pin_source.as_deref()
    }

    /// Whether a token that says this of itself is meant.
    pub(super) fn means(&self, label: &str, serial: &str, manufacturer: &str, model: &str) -> bool {
        self.names(label, serial)
            && agree(self.manufacturer.as_deref(), manufacturer)
            && agree(self.model.as_deref(), model)
    }

    /// The same by label and serial number alone, one of which every URI has.
    pub(super) fn names(&self, label: &str, serial: &str) -> bool {
        agree(self.token.as_deref(), label) && agree(self.serial.as_deref(), serial)
    }
}

/// Where nothing is asked, everything agrees.
fn agree(asked: Option<&str>, said: &str) -> bool {
    asked.is_none_or(|asked| asked == said)
}

/// Writes the URI of a token, without a key.
pub(super) fn of_token(label: &str, serial: &str) -> String {
    let mut text = SCHEME.to_owned();
    text += "token=";
    escape(&mut text, label.as_bytes());
    text += ";serial=";
    escape(&mut text, serial.as_bytes());
    text
}

impl fmt::Display for KeyUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = SCHEME.to_owned();
        let attributes = [
            ("token", self.token.as_deref().map(str::as_bytes)),
            ("serial", self.serial.as_deref().map(str::as_bytes)),
            (
                "manufacturer",
                self.manufacturer.as_deref().map(str::as_bytes),
            ),
            ("model", self.model.as_deref().map(str::as_bytes)),
            ("object", self.object.as_deref().map(str::as_bytes)),
            ("id", self.id.as_deref()),
        ];
        let mut before = "";
        for (name, value) in attributes {
            let Some(value) = value else { continue };
            text += before;
            text += name;
            text.push('=');
            escape(&mut text, value);
            before = ";";
        }
        let queries = [
            ("module-path=", &self.module),
            ("pin-source=file:", &self.pin_source),
        ];
        before = "?";
        for (name, path) in queries {
            let Some(path) = path.as_deref().and_then(Path::to_str) else {
                continue;
            };
            text += before;
            text += name;
            escape(&mut text, path.as_bytes());
            before = "&";
        }
        f.write_str(&text)
    }
}

/// Everything but letters, digits, `-._~` and `/` in per cents: what RFC 7512 lets stand in every attribute, but
/// for the slash, which it lets stand in queries and we read everywhere.
fn escape(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

impl FromStr for KeyUri {
    type Err = Pkcs11Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unfit = |why| Pkcs11Error::UriUnfit { why };
        if text.contains("pin-value") {
            return Err(Pkcs11Error::PinInUri);
        }
        if text.len() > LONGEST {
            return Err(unfit("it is too long"));
        }
        let rest = text
            .strip_prefix(SCHEME)
            .ok_or(unfit("it does not begin with pkcs11:"))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        for attribute in path.split(';').filter(|a| !a.is_empty()) {
            match parted(attribute)? {
                ("token", value) => set(&mut uri.token, text_of(value)?)?,
                ("serial", value) => set(&mut uri.serial, text_of(value)?)?,
                ("manufacturer", value) => set(&mut uri.manufacturer, text_of(value)?)?,
                ("model", value) => set(&mut uri.model, text_of(value)?)?,
                ("object", value) => set(&mut uri.object, text_of(value)?)?,
                ("id", value) => set(&mut uri.id, bytes_of(value)?)?,
                ("type", "private") => {}
                _ => {
                    return Err(unfit(
                        "it may say token, serial, manufacturer, model, object, id and type=private",
                    ));
                }
            }
        }
        for attribute in query.split('&').filter(|a| !a.is_empty()) {
            match parted(attribute)? {
                ("module-path", value) => set(&mut uri.module, path_of(value)?)?,
                ("pin-source", value) => {
                    let value = text_of(value)?;
                    let path = value.strip_prefix("file:").unwrap_or(&value);
                    let path = path.strip_prefix("//").unwrap_or(path);
                    set(&mut uri.pin_source, absolute(path)?)?;
                }
                _ => return Err(unfit("after ? it may say module-path and pin-source=file:")),
            }
        }
        if uri.token.is_none() && uri.serial.is_none() {
            return Err(unfit("it names no token: token= or serial="));
        }
        if uri.object.is_none() && uri.id.is_none() {
            return Err(unfit("it names no key: object= or id="));
        }
        Ok(uri)
    }
}

fn parted(attribute: &str) -> Result<(&str, &str), Pkcs11Error> {
    attribute.split_once('=').ok_or(Pkcs11Error::UriUnfit {
        why: "one of its attributes has no value",
    })
}

fn set<T>(attribute: &mut Option<T>, value: T) -> Result<(), Pkcs11Error> {
    match attribute.replace(value) {
        None => Ok(()),
        Some(_) => Err(Pkcs11Error::UriUnfit {
            why: "one of its attributes stands twice",
        }),
    }
}

/// What a value says once its per cents are read (RFC 3986 section 2.1).
fn bytes_of(value: &str) -> Result<Vec<u8>, Pkcs11Error> {
    let unfit = || Pkcs11Error::UriUnfit {
        why: "a % is not followed by two hexadecimal digits",
    };
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2).ok_or_else(unfit)?;
            let mut byte = [0];
            hex::decode_to_slice(digits, &mut byte).map_err(|_| unfit())?;
            bytes.push(byte[0]);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    if bytes.is_empty() {
        return Err(Pkcs11Error::UriUnfit {
            why: "one of its attributes is empty",
        });
    }
    Ok(bytes)
}

fn text_of(value: &str) -> Result<String, Pkcs11Error> {
    let text = String::from_utf8(bytes_of(value)?).ok();
    let text = text.filter(|t| !t.contains(char::is_control));
    text.ok_or(Pkcs11Error::UriUnfit {
        why: "one of its attributes is no text",
    })
}

fn path_of(value: &str) -> Result<PathBuf, Pkcs11Error> {
    absolute(&text_of(value)?)
}

fn absolute(path: &str) -> Result<PathBuf, Pkcs11Error> {
    match path.starts_with('/') {
        true => Ok(PathBuf::from(path)),
        false => Err(Pkcs11Error::UriUnfit {
            why: "its paths begin with /",
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_uri_says_what_rfc_7512_lets_it_say() {
        // After the examples of RFC 7512 section 3.
        let uri: KeyUri =
            "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.;\
                           model=1.0;object=my-certificate;type=private;id=%69%95%3E%5C%F4%BD%EC%91\
                           ?pin-source=file:/etc/token_pin"
                .parse()
                .unwrap();
        assert_eq!(uri.token(), "Software PKCS#11 softtoken");
        assert_eq!(uri.id(), Some(&b"\x69\x95\x3e\x5c\xf4\xbd\xec\x91"[..]));
        assert_eq!(uri.pin_source(), Some(Path::new("/etc/token_pin")));
        assert!(uri.means(
            "Software PKCS#11 softtoken",
            "any",
            "Snake Oil, Inc.",
            "1.0"
        ));
        assert!(!uri.means(
            "Software PKCS#11 softtoken",
            "any",
            "Snake Oil, Inc.",
            "2.0"
        ));
        let again: KeyUri = uri.to_string().parse().unwrap();
        assert_eq!(again, uri);
        assert!(!uri.place().contains("pin"));
        assert!("pkcs11:serial=7;id=%00".parse::<KeyUri>().is_ok());
    }

    #[test]
    fn what_is_no_uri_of_a_key_is_said_without_repeating_it() {
        for text in [
            "",
            "pkcs11:",
            "/keys/key.pem",
            "pkcs11:token=a",
            "pkcs11:object=a",
            "pkcs11:token=a;object",
            "pkcs11:token=a;object=",
            "pkcs11:token=a;object=b;object=c",
            "pkcs11:token=a;object=%4",
            "pkcs11:token=a;object=%zz",
            "pkcs11:token=a;object=%FF",
            "pkcs11:token=a;object=b;colour=red",
            "pkcs11:token=a;object=b;type=public",
            "pkcs11:token=a;object=b?pin-source=|cat%20pin",
            "pkcs11:token=a;object=b?module-path=relative.so",
            "pkcs11:token=a;object=b?module-name=x",
        ] {
            let refused = text.parse::<KeyUri>().unwrap_err();
            assert_eq!(refused.name(), "UriUnfit", "{text}");
        }
        let refused = "pkcs11:token=a;object=b?pin-value=1234".parse::<KeyUri>();
        let words = refused.unwrap_err().to_string();
        assert!(!words.contains("1234"), "{words}");
    }
}
