//! JSON without interpretation: kinds and digits of raw text, and free-form JSON kept as it was written.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde::de::Deserialize;
use serde_json::value::RawValue;

use crate::json::{ROOT, Tape, pairs};

/// What a JSON value is.
#[allow(missing_docs)] // JSON's own words
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
}

/// The kind of a raw value, told by its first byte.
pub(crate) fn kind(raw: &str) -> Kind {
    kind_of(raw.as_bytes().first().copied())
}

/// The kind of a value that begins with this byte; null where there is nothing.
pub(crate) fn kind_of(first: Option<u8>) -> Kind {
    match first {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::Text,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') | None => Kind::Null,
        Some(_) => Kind::Number,
    }
}

/// Whether a raw number has neither fraction nor exponent.
pub(crate) fn is_integer(raw: &str) -> bool {
    !raw.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// An exact decimal from digits with or without an exponent; `None` where it does not fit.
pub(crate) fn decimal(digits: &str) -> Option<Decimal> {
    Decimal::from_str_exact(digits).or_else(|_| Decimal::from_scientific(digits)).ok()
}

/// The text of a raw string.
pub(crate) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
    } else {
        Some(inner.into())
    }
}

/// Writes `text` as a JSON string.
pub fn write_text(out: &mut String, text: &str) {
    // Serializing a `str` cannot fail.
    if let Ok(quoted) = serde_json::to_string(text) {
        out.push_str(&quoted);
    }
}

/// Starts the next entry of a JSON object that is being written.
pub fn write_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_text(out, name);
    out.push(':');
}

/// The entries of an object, in its order; `None` where the text is something else.
pub(crate) fn entries(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let tape = Tape::of(text).ok()?;
    if kind(tape.json(text, ROOT)) != Kind::Object {
        return None;
    }
    let entries = pairs(tape.inside(ROOT, true));
    entries.map(|(name, value)| Some((tape.text(text, name)?, tape.json(text, value)))).collect()
}

/// Any JSON, kept exactly as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// JSON null.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// Takes JSON text; `None` when it is not JSON.
    pub fn new(text: &str) -> Option<Self> {
        serde_json::from_str::<&RawValue>(text).ok().map(|raw| Self(raw.get().into()))
    }

    /// Any serializable value as JSON. Amounts are safest as text here: a Rust float is not exact.
    pub fn of(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// The JSON text.
    pub fn get(&self) -> &str {
        &self.0
    }

    /// Reads it as `T`.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::null()
    }
}

/// Shows the kind only: free-form JSON may hold anything.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({:?})", kind(&self.0))
    }
}

impl serde::Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().into()))
    }
}
