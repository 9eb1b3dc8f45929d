//! Query parameters of progenitor's clients for which progenitor has no type of its own that sends the right text.

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;

use super::RequestModel;
use super::values::Encoder;
use crate::json::{FloatMoney, Value, decimal};

/// A number with exactly these digits. progenitor would make a float of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl From<Decimal> for Number {
    fn from(number: Decimal) -> Self {
        Self(number.to_string())
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(number.to_string())
    }
}

impl Number {
    /// The number as an exact decimal; none where it has more digits than that can hold.
    pub fn to_decimal(&self) -> Option<Decimal> {
        decimal(&self.0)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes the digits as text, which is what a query wants.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Reads a JSON number, or one written as text.
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let digits = raw.get().trim_matches('"');
        if serde_json::from_str::<f64>(digits).is_err() {
            return Err(D::Error::custom("expected a number"));
        }
        Ok(Self(digits.to_owned()))
    }
}

/// All query parameters of an operation, checked and written as a call does.
///
/// For operations whose parameters cannot be arguments of one function: `pageSize` and `page_size` would have one name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryParams<T>(pub T);

impl<T: RequestModel> Serialize for QueryParams<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given = match self.0.to_value() {
            Some(Value::Object(fields)) => fields,
            _ => Vec::new(),
        };
        let mut encoder = Encoder::new(FloatMoney::Refuse);
        let mut pairs = serializer.serialize_map(None)?;
        for field in T::fields().iter().filter(|field| field.style.is_query()) {
            let value = given.iter().find(|(name, _)| *name == field.name || *name == field.wire);
            let values = encoder.query(field, value.map(|(_, value)| value));
            for value in values.map_err(S::Error::custom)? {
                pairs.serialize_entry(field.wire, &value)?;
            }
        }
        pairs.end()
    }
}
