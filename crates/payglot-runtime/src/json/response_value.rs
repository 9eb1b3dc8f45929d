//! Rust values read from a response: text, numbers, amounts, times, lists of them.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;

use super::{Json, Kind, RawJson, write_text};

/// A Rust value read from a response, and written back to JSON.
pub trait ResponseValue: Sized {
    /// Reads the value; `None` where it is absent, null, or something else altogether.
    fn from_response(raw: RawJson<'_>) -> Option<Self>;

    /// What null stands for within a list or a map: nothing, unless any JSON is a value.
    fn of_null() -> Option<Self> {
        None
    }

    /// What is of another type than the document's within the value, in words; each language's model has it as it came.
    fn misfit(&self) -> Option<String> {
        None
    }

    /// Writes the value as JSON, amounts with their digits.
    fn write_json(&self, out: &mut String);
}

impl ResponseValue for String {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_text().map(Cow::into_owned)
    }

    fn write_json(&self, out: &mut String) {
        write_text(out, self);
    }
}

impl ResponseValue for bool {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_bool()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl ResponseValue for i64 {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_integer()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl ResponseValue for f64 {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_number()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl ResponseValue for Decimal {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_decimal()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl ResponseValue for Json {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        if raw.is_null() { None } else { Self::new(raw.json()) }
    }

    fn of_null() -> Option<Self> {
        Some(Self::null())
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(self.get());
    }
}

impl<T: ResponseValue> ResponseValue for Box<T> {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        T::from_response(raw).map(Self::new)
    }

    fn misfit(&self) -> Option<String> {
        (**self).misfit()
    }

    fn write_json(&self, out: &mut String) {
        (**self).write_json(out);
    }
}

/// What is of another type than the rest of its list or map.
pub(super) struct Odd;

/// A value within a list or a map; nothing where null stands for nothing.
pub(super) fn within<T: ResponseValue>(raw: RawJson<'_>) -> Result<Option<T>, Odd> {
    if raw.is_null() { Ok(T::of_null()) } else { T::from_response(raw).map(Some).ok_or(Odd) }
}

impl<T: ResponseValue> ResponseValue for Vec<T> {
    /// Without the items that are null. One that is something else makes the whole list something else: without it, the
    /// list would be short in silence.
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        let items = raw.items().filter_map(|item| within(item).transpose());
        if raw.kind() == Kind::List { items.collect::<Result<_, _>>().ok() } else { None }
    }

    fn misfit(&self) -> Option<String> {
        self.iter().find_map(T::misfit)
    }

    fn write_json(&self, out: &mut String) {
        out.push('[');
        for (position, value) in self.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            value.write_json(out);
        }
        out.push(']');
    }
}

/// A point in time as the vendor wrote it; parsed when asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// The vendor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant. `None` where the text is not a time, or does not say of which zone: [`civil`](Self::civil) has that.
    pub fn parsed(&self) -> Option<jiff::Timestamp> {
        self.0.parse().ok()
    }

    /// Date and time of a text that does not say of which zone. `None` where it does, or is not a time.
    pub fn civil(&self) -> Option<jiff::civil::DateTime> {
        if self.parsed().is_some() { None } else { self.0.parse().ok() }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ResponseValue for Timestamp {
    fn from_response(raw: RawJson<'_>) -> Option<Self> {
        raw.as_text().map(|text| Self(text.into_owned()))
    }

    fn write_json(&self, out: &mut String) {
        write_text(out, &self.0);
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
