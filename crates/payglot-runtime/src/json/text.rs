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

impl Kind {
    /// What it is, for messages.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
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

/// The text of a raw string. Half of a surrogate pair, which is no character, stays as its escape: `\ud83d`.
pub(crate) fn unescape(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.into());
    }
    let whole = serde_json::from_str::<String>(raw).or_else(|_| {
        // Escaped once more, each lone half is read as the text of its escape.
        serde_json::from_str(&escape_lone_surrogates(raw))
    });
    whole.ok().map(Cow::Owned)
}

/// A JSON text in which the escape of each lone half of a surrogate pair has a backslash more.
pub fn escape_lone_surrogates(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 8);
    let mut rest = json;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                out.push('\\');
                6
            }
            (None, _) => 2,
        };
        let (escape, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The half of a surrogate pair whose escape a text begins with.
fn surrogate(escape: &str) -> Option<u16> {
    let unit = u16::from_str_radix(escape.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

/// Whether a binary floating-point number holds exactly these digits, so that it is written with the same value again.
pub fn is_exact_float(digits: &str) -> bool {
    let Ok(number) = digits.parse::<f64>() else { return false };
    let written = |digits: &str| {
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
        let mantissa = mantissa.trim_start_matches('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0').trim_end_matches('0');
        let zeros = all.len() - all.trim_end_matches('0').len();
        let shift = i64::try_from(zeros).ok()? - i64::try_from(fraction.len()).ok()?;
        let exponent = if significant.is_empty() { 0 } else { exponent.checked_add(shift)? };
        Some((significant.to_owned(), exponent))
    };
    number.is_finite()
        && written(digits).is_some_and(|given| Some(given) == written(&format!("{number:e}")))
}

/// Writes `text` as a JSON string.
pub fn write_text(out: &mut String, text: &str) {
    if plain_length(text.as_bytes()) == text.len() {
        out.reserve(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else if let Ok(quoted) = serde_json::to_string(text) {
        // Serializing a `str` cannot fail.
        out.push_str(&quoted);
    }
}

/// How many bytes a text begins with that a JSON string has as they are: no quote, backslash or control character.
/// Eight at a time.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    // The high bit of each byte that is less than `n`; exact for the lowest such byte, which is the first.
    let less = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n)) & !word & HIGH;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*word);
        let quotes = less(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = less(word ^ (ONES * u64::from(b'\\')), 1);
        let special = quotes | backslashes | less(word, 0x20);
        if special != 0 {
            return bytes.len() - rest.len() + (special.trailing_zeros() / 8) as usize;
        }
        rest = after;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    let tail = rest.iter().position(is_special).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
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

#[cfg(test)]
mod tests {
    use super::*;

    /// issue 12.9
    #[test]
    fn lone_surrogates_stay_as_their_escapes() {
        for (raw, text) in [
            (r#""x\ud83d""#, r"x\ud83d"),
            (r#""\ude00x""#, r"\ude00x"),
            (r#""\ud83d\ud83d\ude00""#, "\\ud83d\u{1f600}"),
            (r#""\ud83d\n""#, "\\ud83d\n"),
            (r#""\\ud83d""#, r"\ud83d"),
            (r#""\ud83d\ude00""#, "\u{1f600}"),
        ] {
            assert_eq!(unescape(raw).as_deref(), Some(text), "{raw}");
        }
    }

    /// issue 12.22
    #[test]
    fn floats_that_hold_their_digits() {
        for digits in [
            "0",
            "-0",
            "1.5",
            "0.1",
            "10.10",
            "3.141592653589793",
            "1e21",
            "5e-324",
            "-7E+2",
            "100",
        ] {
            assert!(is_exact_float(digits), "{digits}");
        }
        for digits in [
            "9007199254740993.01",
            "0.12345678901234567890123456789",
            "1e400",
            "1e-400",
            "9007199254740993",
            "x",
        ] {
            assert!(!is_exact_float(digits), "{digits}");
        }
    }
}
