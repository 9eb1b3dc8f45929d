//! What the generated models share: the macros behind request models, response models and open enums.
//!
//! A generated file only declares names, types and docs; how a model is read, written and shown stands here
//! once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind};
use crate::json::{Document, Json, ObjectFields, RawJson, ResponseValue};
use crate::schema::Schema;

/// Fields of a response as they came, by the wire's names: those that this version does not know, and known ones whose
/// values are of another type than the document's.
pub type Extra = BTreeMap<String, Json>;

/// When a response was read; nothing for a model that somebody made.
///
/// Two models are equal whenever they say the same, whatever the time.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceivedAt(Option<jiff::Timestamp>);

impl ReceivedAt {
    #[doc(hidden)]
    pub fn now() -> Self {
        Self(Some(jiff::Timestamp::now()))
    }

    /// The time, where there is one.
    pub fn at(self) -> Option<jiff::Timestamp> {
        self.0
    }

    #[doc(hidden)]
    pub fn plus_minutes(self, minutes: i64) -> Option<jiff::Timestamp> {
        self.0?.checked_add(jiff::SignedDuration::from_mins(minutes)).ok()
    }
}

impl PartialEq for ReceivedAt {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Gives a request model its way into a request, and a `Debug` that keeps sensitive fields to itself.
#[doc(hidden)]
#[macro_export]
macro_rules! request_model {
    ($name:ident, $fields:expr, { $($field:ident => $wire:literal),* $(,)? } $(, open $extra:ident)?) => {
        impl $crate::request::ToValue for $name {
            fn to_value(&self) -> Option<$crate::json::Value<'_>> {
                #[allow(unused_mut)]
                let mut fields: Vec<(std::borrow::Cow<'_, str>, $crate::json::Value<'_>)> = Vec::new();
                $(
                    if let Some(value) = $crate::request::ToValue::to_value(&self.$field) {
                        fields.push(($wire.into(), value));
                    }
                )*
                $(
                    for (name, value) in &self.$extra {
                        if let Some(value) = $crate::request::ToValue::to_value(value) {
                            fields.push((name.as_str().into(), value));
                        }
                    }
                )?
                Some($crate::json::Value::Object(fields))
            }
        }

        impl $crate::request::RequestModel for $name {
            fn fields() -> &'static [$crate::schema::Field] {
                $fields
            }

            fn is_open() -> bool {
                !<[&str]>::is_empty(&[$(stringify!($extra))?])
            }
        }

        /// Writes what a call would send, and fails where a call would be refused.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::request::serialize_request(self, serializer)
            }
        }

        impl $crate::request::FromStored for $name {
            #[allow(unused_mut)]
            fn from_stored(raw: $crate::json::RawJson<'_>) -> Result<Self, String> {
                let mut fields = $crate::request::StoredFields::of(raw)?;
                let model = Self {
                    $( $field: fields.take($wire)?, )*
                    $( $extra: fields.rest()?, )?
                };
                fields.end()?;
                Ok(model)
            }
        }

        /// Reads JSON that was written by [`Serialize`](serde::Serialize), with every digit; what the model would lose is an error
        /// that names the field.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::request::deserialize_request(deserializer)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let _fields: &'static [$crate::schema::Field] = $fields;
                let mut out = f.debug_struct(stringify!($name));
                $(
                    let is_sensitive = _fields
                        .iter()
                        .any(|field| (field.wire == $wire || field.name == $wire) && field.sensitive);
                    if is_sensitive {
                        out.field(stringify!($field), &format_args!("[redacted]"));
                    } else {
                        out.field(stringify!($field), &self.$field);
                    }
                )*
                $( out.field(stringify!($extra), &self.$extra.keys()); )?
                out.finish()
            }
        }
    };
}

/// Gives a request model its builder.
#[doc(hidden)]
#[macro_export]
macro_rules! request_builder {
    (
        $model:ident, $name:ident,
        required { $($needed:ident by $set_needed:ident: $needed_ty:ty),* $(,)? },
        optional { $($field:ident by $set:ident: $ty:ty),* $(,)? }
        $(, open $extra:ident)?
    ) => {
        /// Makes the model of this name: its fields one by one, and [`build`](Self::build).
        #[derive(Clone, Default)]
        #[must_use = "a builder does nothing until it is built"]
        pub struct $name {
            $( $needed: Option<$needed_ty>, )*
            $( $field: Option<$ty>, )*
            $( $extra: $crate::Extra, )?
        }

        impl $name {
            $(
                #[doc = concat!("Sets `", stringify!($needed), "`, which a request must have.")]
                pub fn $set_needed(mut self, value: impl Into<$needed_ty>) -> Self {
                    self.$needed = Some(value.into());
                    self
                }
            )*
            $(
                #[doc = concat!("Sets `", stringify!($field), "`.")]
                pub fn $set(mut self, value: impl Into<$ty>) -> Self {
                    self.$field = Some(value.into());
                    self
                }
            )*
            $(
                /// Sets a further field, which is sent as it is.
                pub fn extra_field(mut self, name: impl Into<String>, value: $crate::Json) -> Self {
                    self.$extra.insert(name.into(), value);
                    self
                }
            )?

            /// The model.
            ///
            /// # Errors
            ///
            /// [`InvalidRequest`](payglot_runtime::ErrorKind::InvalidRequest), which names a field that a request must have and that
            /// was not set.
            pub fn build(self) -> Result<super::$model, $crate::Error> {
                Ok(super::$model {
                    $(
                        $needed: self.$needed.ok_or_else(|| {
                            $crate::request::not_set(stringify!($needed))
                        })?,
                    )*
                    $( $field: self.$field, )*
                    $( $extra: self.$extra, )?
                })
            }
        }

        impl super::$model {
            /// Makes it field by field, by name.
            pub fn builder() -> $name {
                <$name as Default>::default()
            }
        }

        /// Shows no value: some are sensitive.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

/// Gives a response model its reading from a record, its JSON form, and a `Debug` that keeps sensitive fields
/// to itself.
#[doc(hidden)]
#[macro_export]
macro_rules! response_model {
    ($name:ident, $schema:expr, { $($position:literal $field:ident => $wire:literal),* $(,)? } $(, write_only [$($kept:literal),* $(,)?])? $(, since $received:ident)?) => {
        impl $crate::json::ResponseValue for $name {
            fn from_response(raw: $crate::json::RawJson<'_>) -> Option<Self> {
                const LENGTH: usize = $crate::response::length(&[$($position,)* $($($kept),*)?]);
                let mut fields = raw.fields::<LENGTH>(&$schema)?;
                let mut extra = fields.take_extra();
                $($( $crate::response::keep_field(&fields, $kept, &mut extra); )*)?
                Some(Self {
                    $( $field: $crate::response::read_field(&fields, $position, &mut extra), )*
                    extra,
                    $( $received: $crate::ReceivedAt::now(), )?
                })
            }

            fn misfit(&self) -> Option<String> {
                $crate::response::misfit(&$schema, &self.extra)
                    $( .or_else(|| self.$field.as_ref().and_then($crate::json::ResponseValue::misfit)) )*
            }

            fn write_json(&self, out: &mut String) {
                out.push('{');
                $(
                    if let Some(value) = &self.$field {
                        $crate::json::write_name(out, $wire);
                        $crate::json::ResponseValue::write_json(value, out);
                    }
                )*
                for (name, value) in &self.extra {
                    $crate::json::write_name(out, name);
                    out.push_str(value.get());
                }
                out.push('}');
            }
        }

        impl $crate::client::Payload for $name {
            fn of(response: &$crate::Response) -> Option<Self> {
                $crate::client::certain_payload(response)
            }
        }

        impl $name {
            /// The record itself, where every field has the type that the document gives it.
            ///
            /// A response is never lost to one odd value: a field of another type reads as `None`, and its value is in
            /// `extra` as it came. Ask this where `None` must mean that there is nothing: `payment.as_documented()?.amount`.
            ///
            /// # Errors
            ///
            /// [`ResponseFormat`](payglot_runtime::ErrorKind::ResponseFormat), which names the field. The vendor did respond:
            /// it is no reason to send a call again.
            pub fn as_documented(&self) -> Result<&Self, $crate::Error> {
                $crate::response::without_misfit(self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::response::serialize_response(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::response::deserialize_response(deserializer)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let schema: &'static $crate::schema::Schema = &$schema;
                let mut out = f.debug_struct(stringify!($name));
                $(
                    let is_sensitive = schema.fields.get($position).is_some_and(|field| field.sensitive);
                    match &self.$field {
                        None => {}
                        Some(_) if is_sensitive => {
                            out.field(stringify!($field), &format_args!("[redacted]"));
                        }
                        Some(value) => {
                            out.field(stringify!($field), value);
                        }
                    }
                )*
                out.field("extra", &self.extra.keys());
                out.finish()
            }
        }
    };
}

/// Gives an enum that keeps values it does not know its way from and to text.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($name:ident, { $($variant:ident => $text:literal),* $(,)? }) => {
        impl $name {
            /// The value as on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Other(text) => text,
                }
            }
        }

        /// No value: a request that keeps it is refused.
        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => Self::$variant, )*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        /// Never fails: a text that is not known is kept.
        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::request::FromStored for $name {
            fn from_stored(raw: $crate::json::RawJson<'_>) -> Result<Self, String> {
                <String as $crate::request::FromStored>::from_stored(raw).map(Self::from)
            }
        }

        impl $crate::request::ToValue for $name {
            fn to_value(&self) -> Option<$crate::json::Value<'_>> {
                Some($crate::json::Value::Text(self.as_str().into()))
            }
        }

        impl $crate::json::ResponseValue for $name {
            fn from_response(raw: $crate::json::RawJson<'_>) -> Option<Self> {
                raw.as_text().map(|text| Self::from(text.as_ref()))
            }

            fn write_json(&self, out: &mut String) {
                $crate::json::write_text(out, self.as_str());
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok(Self::from(text.as_ref()))
            }
        }
    };
}

/// How many fields a model has, by their positions.
#[doc(hidden)]
pub const fn length(positions: &[usize]) -> usize {
    match positions {
        [] => 0,
        [.., last] => {
            let rest = length(positions.split_at(positions.len() - 1).0);
            if rest > *last { rest } else { *last + 1 }
        }
    }
}

/// Reads a field of an object; a value of another type is kept in `extra`.
#[doc(hidden)]
pub fn read_field<T: ResponseValue, const N: usize>(
    fields: &ObjectFields<'_, N>,
    position: usize,
    extra: &mut Extra,
) -> Option<T> {
    let raw = fields.field(position)?;
    let value = T::from_response(raw);
    if value.is_none() && !raw.is_null() {
        keep(fields.name(position), raw, extra);
    }
    value
}

/// Keeps a field that no response is documented to have in `extra`, where one has it all the same.
#[doc(hidden)]
pub fn keep_field<const N: usize>(
    fields: &ObjectFields<'_, N>,
    position: usize,
    extra: &mut Extra,
) {
    if let Some(raw) = fields.field(position) {
        keep(fields.name(position), raw, extra);
    }
}

#[cold]
fn keep(name: Option<&'static str>, raw: RawJson<'_>, extra: &mut Extra) {
    if let (Some(name), Some(json)) = (name, Json::new(raw.json())) {
        extra.insert(name.to_owned(), json);
    }
}

/// The first field of a model that `extra` holds because its value is of another type, in words.
#[doc(hidden)]
pub fn misfit(schema: &Schema, extra: &Extra) -> Option<String> {
    if extra.is_empty() {
        return None;
    }
    schema.fields.iter().find_map(|field| {
        let document = Arc::new(Document::new(extra.get(field.wire)?.get()));
        // One that fits is there because no response is documented to have it.
        let raw = RawJson::root(&document).filter(|raw| !raw.fits_throughout(field.ty))?;
        Some(raw.misfit(schema, field))
    })
}

/// The model itself, or an error that names the field.
#[doc(hidden)]
pub fn without_misfit<T: ResponseValue>(model: &T) -> Result<&T, Error> {
    match model.misfit() {
        None => Ok(model),
        Some(misfit) => {
            let message = format!("{misfit}; `extra` has it as it came");
            // The vendor has acted, whatever it wrote about it.
            Err(Error::new(ErrorKind::ResponseFormat, message).with_may_have_happened(true))
        }
    }
}

/// Reads a response model from any JSON, for values that a user stored.
pub fn deserialize_response<'de, D: Deserializer<'de>, T: ResponseValue>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let document = Arc::new(Document::new(raw.get()));
    RawJson::root(&document)
        .and_then(T::from_response)
        .ok_or_else(|| serde::de::Error::custom("expected a JSON object"))
}

/// Writes a response model with the digits of its amounts.
pub fn serialize_response<S: Serializer, T: ResponseValue>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut text = String::new();
    value.write_json(&mut text);
    let raw: &RawValue = serde_json::from_str(&text).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops the moment something is not as it should be
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::schema::{Field, Type, Unit};

    static ITEM: Schema = Schema {
        index: 0,
        name: "Item",
        fields: &[Field::new("amount", "amount", Type::Money(Unit::Dollars))],
        open: false,
        outcome: None,
        certain: 0,
    };
    static BILL: Schema = Schema {
        index: 1,
        name: "Bill",
        fields: &[
            Field::new("lines", "lines", Type::List(&Type::Object(&ITEM))),
            Field::new("tags", "tags", Type::List(&Type::Text)),
            Field::new("shares", "shares", Type::Map(&Type::Money(Unit::Dollars))),
            Field::new("parts", "parts", Type::Map(&Type::List(&Type::Map(&Type::Integer)))),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };

    #[derive(Clone, PartialEq, Default)]
    struct Item {
        amount: Option<rust_decimal::Decimal>,
        extra: Extra,
    }
    #[derive(Clone, PartialEq, Default)]
    struct Bill {
        lines: Option<Vec<Item>>,
        tags: Option<Vec<String>>,
        shares: Option<HashMap<String, rust_decimal::Decimal>>,
        parts: Option<HashMap<String, Vec<HashMap<String, i64>>>>,
        extra: Extra,
    }
    crate::response_model!(Item, ITEM, { 0 amount => "amount" });
    crate::response_model!(Bill, BILL, {
        0 lines => "lines", 1 tags => "tags", 2 shares => "shares", 3 parts => "parts",
    });

    fn problem(text: &str) -> Option<String> {
        let bill: Bill = serde_json::from_str(text).unwrap();
        // Whatever is wrong with it, nothing of it is lost.
        let written = serde_json::to_string(&bill).unwrap();
        assert_eq!(written.len(), text.len(), "{written} from {text}");
        bill.as_documented().err().map(|error| error.to_string())
    }

    #[test]
    fn issue_12_8_a_list_with_a_wrong_item_is_not_cut_short() {
        assert_eq!(problem(r#"{"lines":[{"amount":1.10},{}],"tags":["a","b"]}"#), None);
        let wrong = problem(r#"{"lines":[{"amount":1.10},"ten"],"tags":["a"]}"#).unwrap();
        assert!(
            wrong.starts_with("Bill.lines[1] is text where the document has an object"),
            "{wrong}"
        );
        let wrong = problem(r#"{"tags":["a",{"b":1}]}"#).unwrap();
        assert!(
            wrong.starts_with("Bill.tags[1] is an object where the document has text"),
            "{wrong}"
        );
        let wrong = problem(r#"{"lines":{"amount":1}}"#).unwrap();
        assert!(
            wrong.starts_with("Bill.lines is an object where the document has a list"),
            "{wrong}"
        );
        // What is null is nothing, also in a list.
        let nothing: Bill = serde_json::from_str(r#"{"lines":[null,{"amount":1}]}"#).unwrap();
        assert_eq!(nothing.as_documented().unwrap().lines.as_ref().unwrap().len(), 1);
    }

    #[test]
    fn a_map_with_a_wrong_value_is_not_read_without_it() {
        assert_eq!(problem(r#"{"shares":{"ann":1.10,"bob":2.20},"parts":{}}"#), None);
        let wrong = problem(r#"{"shares":{"ann":1.10,"bob":"much"}}"#).unwrap();
        assert!(
            wrong.starts_with("Bill.shares[…] is text where the document has an amount"),
            "{wrong}"
        );
        assert!(!wrong.contains("bob") && !wrong.contains("much"), "{wrong}");
        let wrong = problem(r#"{"parts":{"x":[{"y":2,"z":[]},{"y":1}]}}"#).unwrap();
        assert!(wrong.starts_with("Bill.parts[…][0][…] is a list where"), "{wrong}");
        let wrong = problem(r#"{"shares":[1]}"#).unwrap();
        assert!(wrong.starts_with("Bill.shares is a list where the document has"), "{wrong}");
    }

    #[test]
    fn issue_12_8_a_wrong_value_within_a_record_of_a_record_is_found() {
        let wrong = problem(r#"{"lines":[{"amount":1},{"amount":"ten"}]}"#).unwrap();
        assert!(
            wrong.starts_with("Item.amount is text where the document has an amount"),
            "{wrong}"
        );
        let item: Item = serde_json::from_str(r#"{"amount":"ten"}"#).unwrap();
        assert!(item.as_documented().unwrap_err().may_have_happened());
    }
}
