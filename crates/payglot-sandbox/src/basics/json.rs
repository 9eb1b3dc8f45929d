//! JSON objects that are built field by field, in order, with the digits of their amounts.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A JSON object.
#[derive(Clone, Default)]
pub(crate) struct JsonObject(Vec<(&'static str, Box<RawValue>)>);

impl JsonObject {
    /// Adds a field; a value that has no JSON is null.
    pub fn set(&mut self, name: &'static str, value: &impl Serialize) {
        self.0.push((name, raw(value)));
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.set(name, value);
        self
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A value as JSON text.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// A [`JsonObject`] with these fields.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let mut object = $crate::basics::JsonObject::default();
        $(object.set($name, &$value);)*
        object
    }};
}
pub(crate) use object;
