//! Request models read back from JSON, such as a user stored: what `Serialize` wrote, with every digit.
//!
//! Strict, unlike the reading of a response: what a model would lose or change is an error that names the field.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize as _, Deserializer};
use serde_json::value::RawValue;

use super::Nullable;
use crate::json::{Document, File, Json, Kind, RawJson, ResponseValue};

/// A value of a request model, read from JSON.
pub trait FromStored: Sized {
    /// Reads what is not null; in words, what is wrong with it.
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String>;

    /// What null stands for, where it may be there.
    fn of_null() -> Option<Self> {
        None
    }

    /// What a field that is not there stands for, where it may be left out.
    fn of_nothing() -> Option<Self> {
        None
    }
}

const OTHER_TYPE: &str = "is of another type";

fn stored<T: FromStored>(raw: RawJson<'_>) -> Result<T, String> {
    if raw.is_null() {
        T::of_null().ok_or_else(|| "is null".to_owned())
    } else {
        T::from_stored(raw)
    }
}

macro_rules! plain {
    ($($ty:ty: $kind:pat),*) => {$(
        impl FromStored for $ty {
            fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
                let value = matches!(raw.kind(), $kind).then(|| Self::from_response(raw));
                value.flatten().ok_or_else(|| OTHER_TYPE.to_owned())
            }
        }
    )*};
}

plain!(
    String: Kind::Text,
    bool: Kind::Boolean,
    i64: Kind::Number,
    f64: Kind::Number,
    Decimal: Kind::Number | Kind::Text
);

impl FromStored for Json {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        Self::new(raw.json()).ok_or_else(|| OTHER_TYPE.to_owned())
    }

    fn of_null() -> Option<Self> {
        Some(Self::null())
    }
}

impl FromStored for File {
    fn from_stored(_: RawJson<'_>) -> Result<Self, String> {
        Err("is a file, which JSON cannot hold".to_owned())
    }
}

impl<T: FromStored> FromStored for Option<T> {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        T::from_stored(raw).map(Some)
    }

    fn of_null() -> Option<Self> {
        Some(T::of_null())
    }

    fn of_nothing() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromStored> FromStored for Nullable<T> {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        T::from_stored(raw).map(Self::Value)
    }

    fn of_null() -> Option<Self> {
        Some(Self::Null)
    }
}

impl<T: FromStored> FromStored for Box<T> {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        T::from_stored(raw).map(Self::new)
    }

    fn of_null() -> Option<Self> {
        T::of_null().map(Self::new)
    }
}

impl<T: FromStored> FromStored for Vec<T> {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        let items = raw.as_items().ok_or_else(|| OTHER_TYPE.to_owned())?.into_iter().enumerate();
        let read =
            |(position, item)| stored(item).map_err(|problem| format!("[{position}] {problem}"));
        items.map(read).collect()
    }
}

impl<T: FromStored, S: BuildHasher + Default> FromStored for HashMap<String, T, S> {
    fn from_stored(raw: RawJson<'_>) -> Result<Self, String> {
        if raw.kind() != Kind::Object {
            return Err(OTHER_TYPE.to_owned());
        }
        raw.entries().map(|(name, value)| Ok((name.into_owned(), stored(value)?))).collect()
    }
}

/// The fields of an object, taken one after another.
pub struct StoredFields<'a>(BTreeMap<String, RawJson<'a>>);

impl<'a> StoredFields<'a> {
    /// The fields of a value that is an object.
    pub fn of(raw: RawJson<'a>) -> Result<Self, String> {
        if raw.kind() != Kind::Object {
            return Err(OTHER_TYPE.to_owned());
        }
        Ok(Self(raw.entries().map(|(name, value)| (name.into_owned(), value)).collect()))
    }

    /// Takes a field by its name on the wire.
    pub fn take<T: FromStored>(&mut self, wire: &str) -> Result<T, String> {
        let value = match self.0.remove(wire) {
            Some(raw) => stored(raw),
            None => T::of_nothing().ok_or_else(|| "is missing".to_owned()),
        };
        value.map_err(|problem| format!("{wire} {problem}"))
    }

    /// Takes all that is left, for a model that takes any field.
    pub fn rest<T: FromStored>(&mut self) -> Result<BTreeMap<String, T>, String> {
        let rest = std::mem::take(&mut self.0).into_iter();
        rest.map(|(name, raw)| Ok((name, stored(raw)?))).collect()
    }

    /// Fails where something is left.
    pub fn end(self) -> Result<(), String> {
        let unknown = self.0.into_keys().next();
        unknown
            .map_or(Ok(()), |name| Err(format!("{name} is a field that the model does not know")))
    }
}

/// Reads a request model, for `Deserialize`. Only JSON can be read this way.
pub fn deserialize_request<'de, D: Deserializer<'de>, T: FromStored>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let document = Arc::new(Document::new(raw.get()));
    let read = RawJson::root(&document).map_or_else(|| Err("is no JSON".to_owned()), stored);
    read.map_err(serde::de::Error::custom)
}
