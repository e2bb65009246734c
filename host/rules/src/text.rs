//! Types that have one writing as text, and are that text in JSON and CBOR too.

/// Reads a type from its text by its `FromStr` and writes it by its `Display`: what serde asks of a type that says of
/// itself `#[serde(try_from = "String", into = "String")]`.
#[macro_export]
macro_rules! serialised_as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = <Self as std::str::FromStr>::Err;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}
