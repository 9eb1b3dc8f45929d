//! Responses, read when asked: an object as the nodes of its fields in the shared document.
//!
//! A response is never lost to a strict reading. Taking a record apart fails only where the text is not JSON;
//! a field is interpreted when somebody reads it, numbers as text and text as numbers, and what does not fit
//! reads as absent while its text stays reachable.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Document, Json, Kind, NodeId, ROOT, UniqueFields, decimal};
use crate::schema::{Field, Schema, Type};

/// A JSON value inside a document, not interpreted yet.
#[derive(Clone, Copy)]
pub struct RawJson<'a> {
    document: &'a Arc<Document>,
    position: NodeId,
}

impl<'a> RawJson<'a> {
    /// The whole of a document; `None` where it is not JSON.
    pub fn root(document: &'a Arc<Document>) -> Option<Self> {
        document.is_json().then_some(Self { document, position: ROOT })
    }

    /// The value at a node that was found before.
    pub(crate) fn at(document: &'a Arc<Document>, position: NodeId) -> Self {
        Self { document, position }
    }

    /// Where the value is.
    pub(crate) fn position(self) -> NodeId {
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
        if self.kind() == Kind::Boolean {
            return Some(self.json() == "true");
        }
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
    pub fn as_record(self, schema: &'static Schema) -> Option<ObjectView> {
        ObjectView::new(self, schema)
    }

    /// An object's fields by `schema`, for a model that takes each of them at once.
    #[doc(hidden)]
    pub fn fields<const N: usize>(self, schema: &'static Schema) -> Option<ObjectFields<'a, N>> {
        let mut positions = [ROOT; N];
        let extra = self.take_apart(schema, &mut positions)?;
        Some(ObjectFields { document: self.document, schema, positions, extra })
    }

    /// Notes where the fields of an object are, and gives those that the model does not know; `None` when it is none.
    fn take_apart(
        self,
        schema: &Schema,
        fields: &mut [NodeId],
    ) -> Option<UniqueFields<'a, NodeId>> {
        if self.kind() != Kind::Object {
            return None;
        }
        let mut extra = UniqueFields::default();
        let mut expected = 0;
        for (name, Self { position: value, .. }) in self.entries() {
            let position = schema.position(&name, expected);
            match position
                .and_then(|position| fields.get_mut(position).map(|slot| (position, slot)))
            {
                Some((position, slot)) => {
                    *slot = value;
                    expected = position + 1;
                }
                None => extra.set(name, value),
            }
        }
        Some(extra)
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

    /// What is found by these names, one after the other.
    pub fn within(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The value of a name of an object; of the last where it is there more than once.
    pub fn get(self, name: &str) -> Option<Self> {
        self.entries().filter(|(known, _)| known == name).last().map(|(_, value)| value)
    }

    /// Where the value is in its document, in bytes.
    pub fn range(self) -> Range<usize> {
        self.document.range(self.position)
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

/// The fields of an object, for as long as a model is made of them: nothing is shared, and little is allocated.
#[doc(hidden)]
pub struct ObjectFields<'a, const N: usize> {
    document: &'a Arc<Document>,
    schema: &'static Schema,
    /// The root is no field of anything: it stands for an absent one.
    positions: [NodeId; N],
    extra: UniqueFields<'a, NodeId>,
}

impl<'a, const N: usize> ObjectFields<'a, N> {
    /// The field at a position of [`Schema::fields`] with its value, where the response has it.
    pub(crate) fn field(&self, position: usize) -> Option<RawJson<'a>> {
        let position = *self.positions.get(position)?;
        (position != ROOT).then_some(RawJson { document: self.document, position })
    }

    /// What the model calls the field at a position.
    pub(crate) fn name(&self, position: usize) -> Option<&'static str> {
        self.schema.fields.get(position).map(|field| field.wire)
    }

    /// Takes the fields that the model does not know.
    pub fn take_extra(&mut self) -> BTreeMap<String, Json> {
        let extra = std::mem::take(&mut self.extra).into_vec().into_iter();
        let json = |position| Json::new(RawJson::at(self.document, position).json());
        extra.filter_map(|(name, value)| Some((name.into_owned(), json(value)?))).collect()
    }
}

/// An object of a response. Cheap to clone; all records of one response share its text.
#[derive(Clone)]
pub struct ObjectView {
    document: Arc<Document>,
    whole: NodeId,
    schema: &'static Schema,
    /// The root is no field of anything: it stands for an absent one.
    fields: Box<[NodeId]>,
    /// Names and values that the model does not know.
    extra: Box<[(Box<str>, NodeId)]>,
}

impl ObjectView {
    /// Takes an object apart; `None` when it is none.
    pub fn new(raw: RawJson<'_>, schema: &'static Schema) -> Option<Self> {
        let mut fields = vec![ROOT; schema.fields.len()].into_boxed_slice();
        let extra = raw.take_apart(schema, &mut fields)?;
        let extra = extra.into_vec().into_iter().map(|(name, value)| (name.into(), value));
        let document = raw.document.clone();
        Some(Self { document, whole: raw.position, schema, fields, extra: extra.collect() })
    }

    /// Its model.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The field at a position of [`Schema::fields`], where the response has it.
    pub fn field(&self, position: usize) -> Option<RawJson<'_>> {
        let position = *self.fields.get(position)?;
        (position != ROOT).then_some(RawJson { document: &self.document, position })
    }

    /// Fields that the model does not know.
    pub fn extra(&self) -> impl Iterator<Item = (&str, RawJson<'_>)> {
        let document = &self.document;
        self.extra.iter().map(move |(name, position)| (&**name, RawJson::at(document, *position)))
    }

    fn sorted_extra(&self) -> Vec<(&str, &str)> {
        let mut extra: Vec<_> = self.extra().map(|(name, value)| (name, value.json())).collect();
        extra.sort_unstable();
        extra
    }

    /// The object as the vendor wrote it.
    pub fn raw(&self) -> RawJson<'_> {
        RawJson::at(&self.document, self.whole)
    }
}

/// Two records are equal when they have the same fields with the same JSON.
impl PartialEq for ObjectView {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.schema, other.schema)
            && (0..self.schema.fields.len()).all(|position| {
                self.field(position).map(RawJson::json) == other.field(position).map(RawJson::json)
            })
            && self.sorted_extra() == other.sorted_extra()
    }
}

/// Shows known fields that are not sensitive, and the names of the others.
impl fmt::Debug for ObjectView {
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

fn show(out: &mut fmt::DebugStruct<'_, '_>, field: &Field, value: RawJson<'_>) {
    if value.is_null() {
        out.field(field.name, &format_args!("null"));
    } else if field.sensitive {
        out.field(field.name, &format_args!("[redacted]"));
    } else {
        match value.concrete(field.ty) {
            Type::Object(schema) => match value.as_record(schema) {
                Some(record) => out.field(field.name, &record),
                None => out.field(field.name, &format_args!("[{:?}]", value.kind())),
            },
            Type::List(Type::Object(schema)) => {
                let records = value.items().filter_map(|item| item.as_record(schema));
                out.field(field.name, &records.collect::<Vec<_>>())
            }
            Type::Any | Type::List(_) | Type::Map(_) | Type::Union(_) | Type::File => {
                out.field(field.name, &format_args!("[{:?}]", value.kind()))
            }
            _ => out.field(field.name, &format_args!("{}", value.json())),
        };
    }
}
