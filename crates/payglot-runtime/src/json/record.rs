//! Answers, read when asked: an object as the places of its fields in the shared document.
//!
//! An answer is never lost to a strict reading. Taking a record apart fails only where the text is not JSON;
//! a field is interpreted when somebody reads it, numbers as text and text as numbers, and what does not fit
//! reads as absent while its text stays reachable.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::document::{Document, Position, ROOT};
use crate::json::{self, Json, Kind, decimal};
use crate::schema::{Field, Schema, Type};

/// A JSON value inside a document, not interpreted yet.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    document: &'a Arc<Document>,
    position: Position,
}

impl<'a> Raw<'a> {
    /// The whole of a document; `None` where it is not JSON.
    pub fn root(document: &'a Arc<Document>) -> Option<Self> {
        document.is_json().then_some(Self { document, position: ROOT })
    }

    /// The value at a place that was noted before.
    pub(crate) fn at(document: &'a Arc<Document>, position: Position) -> Self {
        Self { document, position }
    }

    /// Where the value is.
    pub(crate) fn position(self) -> Position {
        self.position
    }

    /// The JSON text, as the vendor wrote it.
    pub fn json(self) -> &'a str {
        self.document.json(self.position)
    }

    /// Whether it is null or absent.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// What it is; null where there is nothing.
    pub fn kind(self) -> Kind {
        self.document.kind(self.position)
    }

    /// Text; a number or a boolean gives its JSON text.
    pub fn as_text(self) -> Option<Cow<'a, str>> {
        match self.kind() {
            Kind::Text => self.document.text_at(self.position),
            Kind::Number | Kind::Boolean => Some(self.json().into()),
            _ => None,
        }
    }

    /// A boolean, also as text or as 0 and 1.
    pub fn as_bool(self) -> Option<bool> {
        match self.as_text()?.as_ref() {
            "true" | "True" | "1" => Some(true),
            "false" | "False" | "0" => Some(false),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub fn as_integer(self) -> Option<i64> {
        let text = self.as_text()?;
        text.parse().ok().or_else(|| {
            let number = decimal(&text)?;
            number.is_integer().then(|| number.trunc().try_into().ok())?
        })
    }

    /// A number, also as text.
    pub fn as_number(self) -> Option<f64> {
        self.as_text()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// An exact amount, also as text.
    pub fn as_decimal(self) -> Option<Decimal> {
        decimal(&self.as_text()?)
    }

    /// An object read by `schema`.
    pub fn as_record(self, schema: &'static Schema) -> Option<Record> {
        Record::new(self, schema)
    }

    /// The items of a list.
    pub fn as_items(self) -> Option<Vec<Self>> {
        (self.kind() == Kind::List).then(|| self.items().collect())
    }

    /// The items of a list; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let items = self.document.items(self.position);
        items.map(move |position| Self { document: self.document, position })
    }

    /// The value of a name of an object; of the last where it is there more than once.
    pub fn get(self, name: &str) -> Option<Self> {
        self.entries().filter(|(known, _)| known == name).last().map(|(_, value)| value)
    }

    /// Where the value is in its document, in bytes.
    pub fn place(self) -> Range<usize> {
        self.document.place(self.position)
    }

    /// The names and values of an object, in its order; none of anything else.
    pub fn names_and_values(self) -> impl Iterator<Item = (Self, Self)> {
        let document = self.document;
        let raw = move |position| Self { document, position };
        document.entries(self.position).map(move |(name, value)| (raw(name), raw(value)))
    }

    /// The value itself and all that is inside it, names included.
    pub fn all(self) -> impl Iterator<Item = Self> {
        let positions = self.position..self.document.after(self.position);
        positions.map(move |position| Self { document: self.document, position })
    }

    /// The entries of an object, in its order; none of anything else.
    pub fn entries(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> {
        let document = self.document;
        document.entries(self.position).map(move |(name, value)| {
            let name = document.text_at(name).unwrap_or_default();
            (name, Self { document, position: value })
        })
    }
}

/// An object of an answer. Cheap to clone; all records of one answer share its text.
#[derive(Clone)]
pub struct Record {
    document: Arc<Document>,
    whole: Position,
    schema: &'static Schema,
    /// The root is no field of anything: it stands for an absent one.
    fields: Box<[Position]>,
    /// Names and values that the model does not know.
    extra: Box<[(Box<str>, Position)]>,
}

impl Record {
    /// Takes an object apart; `None` when it is none.
    pub fn new(raw: Raw<'_>, schema: &'static Schema) -> Option<Self> {
        if raw.kind() != Kind::Object {
            return None;
        }
        let mut fields = vec![ROOT; schema.fields.len()].into_boxed_slice();
        let mut extra: Vec<(Box<str>, Position)> = Vec::new();
        let mut expected = 0;
        for (name, Raw { position: value, .. }) in raw.entries() {
            let position = schema.position(&name, expected);
            match position
                .and_then(|position| fields.get_mut(position).map(|slot| (position, slot)))
            {
                Some((position, slot)) => {
                    *slot = value;
                    expected = position + 1;
                }
                None => match extra.iter_mut().find(|(known, _)| **known == *name) {
                    Some((_, slot)) => *slot = value,
                    None => extra.push((name.into(), value)),
                },
            }
        }
        let document = raw.document.clone();
        Some(Self { document, whole: raw.position, schema, fields, extra: extra.into() })
    }

    /// Its model.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The field at a position of [`Schema::fields`], where the answer has it.
    pub fn field(&self, position: usize) -> Option<Raw<'_>> {
        let position = *self.fields.get(position)?;
        (position != ROOT).then_some(Raw { document: &self.document, position })
    }

    /// Fields that the model does not know.
    pub fn extra(&self) -> impl Iterator<Item = (&str, Raw<'_>)> {
        let document = &self.document;
        self.extra.iter().map(move |(name, position)| (&**name, Raw::at(document, *position)))
    }

    /// The object as the vendor wrote it.
    pub fn raw(&self) -> Raw<'_> {
        Raw::at(&self.document, self.whole)
    }
}

/// Two records are equal when they have the same fields with the same JSON.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
            && (0..self.schema.fields.len()).all(|position| {
                self.field(position).map(Raw::json) == other.field(position).map(Raw::json)
            })
            && self.extra.len() == other.extra.len()
            && self.extra().all(|(name, value)| {
                other.extra().any(|(other_name, other_value)| {
                    name == other_name && value.json() == other_value.json()
                })
            })
    }
}

/// Shows known fields that are not sensitive, and the names of the others.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.schema.name);
        for (position, field) in self.schema.fields.iter().enumerate() {
            if let Some(value) = self.field(position) {
                show(&mut out, field, value);
            }
        }
        for (name, _) in self.extra() {
            out.field(name, &format_args!("[unknown]"));
        }
        out.finish_non_exhaustive()
    }
}

fn show(out: &mut fmt::DebugStruct<'_, '_>, field: &Field, value: Raw<'_>) {
    if value.is_null() {
        out.field(field.name, &format_args!("null"));
    } else if field.sensitive {
        out.field(field.name, &format_args!("[redacted]"));
    } else {
        match field.ty {
            Type::Object(schema) => match value.as_record(schema) {
                Some(record) => out.field(field.name, &record),
                None => out.field(field.name, &format_args!("[{:?}]", value.kind())),
            },
            Type::List(Type::Object(schema)) => {
                let records = value.items().filter_map(|item| item.as_record(schema));
                out.field(field.name, &records.collect::<Vec<_>>())
            }
            Type::Any | Type::List(_) => {
                out.field(field.name, &format_args!("[{:?}]", value.kind()))
            }
            _ => out.field(field.name, &format_args!("{}", value.json())),
        };
    }
}

/// A Rust value read from an answer, and written back to JSON.
pub trait AnswerValue: Sized {
    /// Reads the value; `None` where it is absent, null, or something else altogether.
    fn from_answer(raw: Raw<'_>) -> Option<Self>;

    /// Writes the value as JSON, amounts with their digits.
    fn write_json(&self, out: &mut String);
}

impl AnswerValue for String {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_text().map(Cow::into_owned)
    }

    fn write_json(&self, out: &mut String) {
        json::write_text(out, self);
    }
}

impl AnswerValue for bool {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_bool()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl AnswerValue for i64 {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_integer()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl AnswerValue for f64 {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_number()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl AnswerValue for Decimal {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_decimal()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl AnswerValue for Json {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        if raw.is_null() { None } else { Self::new(raw.json()) }
    }

    fn write_json(&self, out: &mut String) {
        out.push_str(self.get());
    }
}

impl<T: AnswerValue> AnswerValue for Box<T> {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        T::from_answer(raw).map(Self::new)
    }

    fn write_json(&self, out: &mut String) {
        (**self).write_json(out);
    }
}

impl<T: AnswerValue> AnswerValue for Vec<T> {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        (raw.kind() == Kind::List).then(|| raw.items().filter_map(T::from_answer).collect())
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

    /// The instant. A text without a zone is read as UTC, which is what the vendors' pages say their times
    /// are. `None` where the text is not a time.
    pub fn parsed(&self) -> Option<jiff::Timestamp> {
        self.0.parse().ok().or_else(|| {
            let civil: jiff::civil::DateTime = self.0.parse().ok()?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AnswerValue for Timestamp {
    fn from_answer(raw: Raw<'_>) -> Option<Self> {
        raw.as_text().map(|text| Self(text.into_owned()))
    }

    fn write_json(&self, out: &mut String) {
        json::write_text(out, &self.0);
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
