//! The columns of an export: those of the model first, then others as they come, and what their values are.

use payglot::runtime::json::{Kind, RawJson, is_exact_float};
use payglot::schema::{Operation, Type};
use serde::{Deserialize, Serialize};

/// Digits that a decimal of 128 bits holds.
const MOST_DIGITS: u32 = 38;
/// Digits after the point that an amount has at least, so that the exports of two months fit together.
const CENTS: u32 = 2;

/// What the document says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Declared {
    Text,
    Boolean,
    Integer,
    Number,
    Money,
}

/// One field of the records.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Column {
    /// On the wire.
    pub name: String,
    declared: Declared,
    /// Whether all values so far are what the document says.
    fits: bool,
    /// Most digits before the point, and after it.
    whole: u32,
    scale: u32,
}

/// How a column is stored where columns have types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Text,
    Boolean,
    Integer,
    Number,
    /// With so many digits after the point.
    Decimal(u32),
}

impl Column {
    fn new(name: &str, ty: Type) -> Self {
        let declared = match ty {
            Type::Boolean => Declared::Boolean,
            Type::Integer => Declared::Integer,
            Type::Number => Declared::Number,
            Type::Money(_) => Declared::Money,
            _ => Declared::Text,
        };
        Self { name: name.to_owned(), declared, fits: true, whole: 0, scale: 0 }
    }

    /// How its values are stored: as text where one of them is not what the document says.
    pub fn stored(&self) -> Stored {
        let scale = self.scale.max(CENTS);
        match self.declared {
            _ if !self.fits => Stored::Text,
            Declared::Money if self.whole + scale <= MOST_DIGITS => Stored::Decimal(scale),
            Declared::Money | Declared::Text => Stored::Text,
            Declared::Boolean => Stored::Boolean,
            Declared::Integer => Stored::Integer,
            Declared::Number => Stored::Number,
        }
    }

    fn notice(&mut self, value: RawJson<'_>) {
        if value.is_null() || self.declared == Declared::Text || !self.fits {
            return;
        }
        let text = value.as_text().unwrap_or_default();
        self.fits = match self.declared {
            Declared::Text => true,
            Declared::Boolean => value.kind() == Kind::Boolean,
            Declared::Integer => {
                value.as_integer().is_some_and(|number| number.to_string() == text)
            }
            Declared::Number => value.kind() == Kind::Number && is_exact_float(&text),
            Declared::Money => value.as_decimal().is_some_and(|amount| {
                let whole = amount.trunc().abs().to_string().len();
                self.whole = self.whole.max(u32::try_from(whole).unwrap_or(u32::MAX));
                self.scale = self.scale.max(amount.scale());
                true
            }),
        };
    }
}

/// The columns that the model has.
pub fn of_model(operation: &Operation) -> Vec<Column> {
    let Type::Object(schema) = operation.response else { return Vec::new() };
    schema.fields.iter().map(|field| Column::new(field.wire, field.ty)).collect()
}

/// Takes note of what a record holds.
pub fn notice(columns: &mut Vec<Column>, record: RawJson<'_>) {
    for (position, (name, value)) in record.entries().enumerate() {
        // Records have their fields in one order nearly always.
        let is_next = columns.get(position).is_some_and(|column| column.name == name);
        let known = if is_next {
            Some(position)
        } else {
            columns.iter().position(|column| column.name == name)
        };
        match known.and_then(|known| columns.get_mut(known)) {
            Some(column) => column.notice(value),
            None => columns.push(Column::new(&name, Type::Any)),
        }
    }
}
