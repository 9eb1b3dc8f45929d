//! Rust values as arguments: what a request model's fields and a path's parameters can be.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::json::{File, Json, Value, sorted};

/// A Rust value that can stand in a request.
pub trait ToValue {
    /// The value as an input, or `None` to leave the field out.
    fn to_value(&self) -> Option<Value<'_>>;
}

impl ToValue for String {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::Text(self.as_str().into()))
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::Boolean(*self))
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::Integer(self.to_string().into()))
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::Float(self.to_string().into()))
    }
}

impl ToValue for Decimal {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::Decimal(self.to_string().into()))
    }
}

impl ToValue for File {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::File(Box::new(self.clone())))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Option<Value<'_>> {
        self.as_ref().and_then(ToValue::to_value)
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Option<Value<'_>> {
        Some(Value::List(self.iter().filter_map(ToValue::to_value).collect()))
    }
}

impl<T: ToValue, S> ToValue for HashMap<String, T, S> {
    fn to_value(&self) -> Option<Value<'_>> {
        let fields = sorted(self)
            .into_iter()
            .filter_map(|(name, value)| Some((Cow::Borrowed(name.as_str()), value.to_value()?)));
        Some(Value::Object(fields.collect()))
    }
}

impl<T: ToValue> ToValue for Box<T> {
    fn to_value(&self) -> Option<Value<'_>> {
        (**self).to_value()
    }
}

impl ToValue for Json {
    fn to_value(&self) -> Option<Value<'_>> {
        // A `Json` holds checked JSON, whose numbers are exact text.
        Value::from_json(self.get()).map(Value::exact)
    }
}

/// A value or null, in a request. A field that can also be left out is an `Option` of it, because leaving a field as
/// it is and setting it to null are different things in an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Nullable<T> {
    /// Sent as null.
    #[default]
    Null,
    /// Sent with this value.
    Value(T),
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

/// As a text that cannot be null takes it.
impl From<&String> for Nullable<String> {
    fn from(value: &String) -> Self {
        Self::Value(value.clone())
    }
}

impl<T: ToValue> ToValue for Nullable<T> {
    fn to_value(&self) -> Option<Value<'_>> {
        match self {
            Self::Null => Some(Value::Null),
            Self::Value(value) => value.to_value(),
        }
    }
}

/// A value that can stand in a path: text, or a UUID.
pub trait PathParam {
    /// The value as text.
    fn path_text(&self) -> Cow<'_, str>;
}

impl PathParam for str {
    fn path_text(&self) -> Cow<'_, str> {
        self.into()
    }
}

impl PathParam for String {
    fn path_text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl PathParam for uuid::Uuid {
    fn path_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl PathParam for i64 {
    fn path_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl<T: PathParam + ?Sized> PathParam for &T {
    fn path_text(&self) -> Cow<'_, str> {
        (**self).path_text()
    }
}
