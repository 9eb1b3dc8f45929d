//! Walks what a caller gave by a model, and writes it: objects, lists, free JSON.

use std::borrow::Cow;

use super::names::{name_of, unknown};
use super::query::{flatten, side_by_side};
use super::{currency, is_known, matches};
use crate::error::Error;
use crate::json;
use crate::json::{File, FloatMoney, Value};
use crate::schema::{Field, Limits, ParameterStyle, Type};

/// Writes values and remembers where it is, for messages.
pub(super) struct Encoder {
    pub floats: FloatMoney,
    pub at: String,
    /// Files that were met; their positions stand in what is written.
    pub files: Vec<File>,
    /// Whether text may stand for the bytes of a file.
    pub takes_text: bool,
}

impl Encoder {
    /// Nothing was written yet.
    pub(super) fn new(floats: FloatMoney) -> Self {
        Self { floats, at: String::new(), files: Vec::new(), takes_text: false }
    }

    /// The name by which the caller knows a field.
    pub(super) fn name(&self, field: &'static Field) -> &'static str {
        name_of(field, self.floats)
    }

    pub(super) fn invalid(&self, problem: impl std::fmt::Display) -> Error {
        Error::invalid_request(self.at.clone(), problem)
    }

    /// Runs `write` one level deeper in the argument's name.
    pub(super) fn within<T>(
        &mut self,
        step: &str,
        write: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let length = self.at.len();
        if !self.at.is_empty() && !step.starts_with('[') {
            self.at.push('.');
        }
        self.at.push_str(step);
        let result = write(self);
        self.at.truncate(length);
        result
    }

    /// The values of a query parameter: none where it is left out, several where it is a list.
    pub(super) fn query(
        &mut self,
        field: &'static Field,
        value: Option<&Value<'_>>,
    ) -> Result<Vec<String>, Error> {
        self.within(self.name(field), |encoder| match (field.ty, value) {
            (_, None | Some(Value::Null)) if field.required => Err(encoder.invalid("is required")),
            (_, None | Some(Value::Null)) => Ok(Vec::new()),
            (Type::List(item), Some(Value::List(values))) => {
                encoder.most_items(values.len(), &field.limits)?;
                values.iter().map(|value| encoder.plain(*item, &Limits::NONE, value)).collect()
            }
            (Type::Any, Some(Value::List(values))) => {
                values.iter().map(|value| encoder.plain(Type::Any, &Limits::NONE, value)).collect()
            }
            (ty, Some(value)) => Ok(vec![encoder.plain(ty, &field.limits, value)?]),
        })
    }

    /// Names and values of a query parameter that is an object, or one of several types: none where it is left out.
    pub(super) fn deep(
        &mut self,
        field: &'static Field,
        value: Option<&Value<'_>>,
    ) -> Result<Vec<(String, String)>, Error> {
        self.within(self.name(field), |encoder| {
            let mut pairs = Vec::new();
            let value = match value {
                None | Some(Value::Null) if field.required => {
                    return Err(encoder.invalid("is required"));
                }
                None | Some(Value::Null) => return Ok(pairs),
                Some(value @ Value::Object(_)) => value,
                Some(value) if matches!(field.ty, Type::Union(_)) => value,
                Some(other) => {
                    let kind = other.describe();
                    return Err(encoder.invalid(format_args!("must be an object, not {kind}")));
                }
            };
            let mut checked = String::new();
            encoder.value(&mut checked, field.ty, &field.limits, value)?;
            match Value::from_json(&checked) {
                Some(checked) if field.style == ParameterStyle::DeepObject => {
                    flatten(&mut pairs, field.wire, &checked);
                }
                Some(Value::Object(fields)) => {
                    if let Some(name) = side_by_side(&mut pairs, &fields) {
                        return encoder.within(name, |encoder| {
                            Err(encoder.invalid("must be a plain value: a query has no other here"))
                        });
                    }
                }
                _ => {}
            }
            Ok(pairs)
        })
    }

    /// A parameter of the query as JSON: none where it is left out.
    pub(super) fn json(
        &mut self,
        field: &'static Field,
        value: Option<&Value<'_>>,
    ) -> Result<Option<String>, Error> {
        self.within(self.name(field), |encoder| match value {
            None | Some(Value::Null) if field.required => Err(encoder.invalid("is required")),
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let mut out = String::new();
                encoder.value(&mut out, field.ty, &field.limits, value)?;
                Ok(Some(out))
            }
        })
    }

    /// A value as it stands in a URL.
    fn plain(&mut self, ty: Type, limits: &Limits, value: &Value<'_>) -> Result<String, Error> {
        if let (Type::Any, Value::Object(_) | Value::List(_)) = (ty, value) {
            return Err(
                self.invalid(format_args!("must be a plain value, not {}", value.describe()))
            );
        }
        let mut out = String::new();
        self.value(&mut out, ty, limits, value)?;
        Ok(json::unescape(&out).map_or_else(|| out.clone(), Cow::into_owned))
    }

    pub(super) fn object(
        &mut self,
        out: &mut String,
        (fields, open): (&'static [Field], bool),
        given: &[&(Cow<'_, str>, Value<'_>)],
    ) -> Result<(), Error> {
        out.push('{');
        let start = out.len();
        let separate = |out: &mut String| {
            if out.len() > start {
                out.push(',');
            }
        };
        for field in fields {
            let mut found = given.iter().filter(|(name, _)| matches(field, name));
            let value = found.next().map(|(_, value)| value);
            if found.next().is_some() {
                return self.within(self.name(field), |encoder| {
                    Err(encoder.invalid("is given twice, under both its names"))
                });
            }
            if field.read_only {
                // Within a record that was received and goes back it is left out.
                if value.is_some() && self.at.is_empty() {
                    return self.within(self.name(field), |encoder| {
                        Err(encoder.invalid("is set by the vendor alone; leave it out"))
                    });
                }
                continue;
            }
            let Some(value) = value else {
                if field.required {
                    return self
                        .within(self.name(field), |encoder| Err(encoder.invalid("is required")));
                }
                continue;
            };
            separate(out);
            json::write_text(out, field.wire);
            out.push(':');
            self.within(self.name(field), |encoder| match value {
                Value::Null if field.nullable => {
                    out.push_str("null");
                    Ok(())
                }
                Value::Null => Err(encoder.invalid("must not be null; leave it out instead")),
                value => encoder.value(out, field.ty, &in_currency(field.limits, given), value),
            })?;
        }
        for (name, value) in given.iter().filter(|(name, _)| !is_known(fields, name)) {
            if !open {
                let known: Vec<_> = fields.iter().map(|field| self.name(field)).collect();
                return self.within(name, |encoder| Err(unknown(&encoder.at, &known)));
            }
            separate(out);
            json::write_text(out, name);
            out.push(':');
            self.within(name, |encoder| encoder.any(out, value))?;
        }
        out.push('}');
        Ok(())
    }

    pub(super) fn value(
        &mut self,
        out: &mut String,
        ty: Type,
        limits: &Limits,
        value: &Value<'_>,
    ) -> Result<(), Error> {
        match (ty, value) {
            (Type::Text, Value::Text(text)) => self.text(out, text, limits),
            (Type::Uuid, Value::Text(text)) => {
                if uuid::Uuid::try_parse(text).is_err() {
                    return Err(self.invalid("must be a UUID"));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::DateTime, Value::Text(text)) => {
                if text.parse::<jiff::Timestamp>().is_err() {
                    return Err(self.invalid(
                        "must be a date and time with a zone, such as 2026-01-31T09:30:00Z",
                    ));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Date, Value::Text(text)) => {
                if text.parse::<jiff::civil::Date>().is_err() {
                    return Err(self.invalid("must be a date such as 2026-01-31"));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Boolean, Value::Boolean(flag)) => {
                out.push_str(if *flag { "true" } else { "false" });
                Ok(())
            }
            (Type::Integer, Value::Integer(digits)) => self.integer(out, digits, limits),
            (
                Type::Number,
                Value::Integer(digits) | Value::Decimal(digits) | Value::Float(digits),
            ) => self.number(out, digits, limits),
            (Type::Money(_), value) => self.money(out, value, limits),
            (Type::Enum(known), Value::Text(text)) => {
                if !known.values.contains(&text.as_ref()) {
                    return Err(
                        self.invalid(format_args!("must be one of {}", known.values.join(", ")))
                    );
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Object(schema), Value::Object(fields)) => {
                let given: Vec<_> = fields.iter().collect();
                self.object(out, (schema.fields, schema.open), &given)
            }
            (Type::Map(item), Value::Object(fields)) => self.map(out, *item, fields),
            (Type::List(item), Value::List(values)) => self.list(out, *item, limits, values),
            (Type::Union(union), value) => self.union(out, union, value),
            (Type::File, value) => self.file(out, value),
            (Type::Any, value) => self.any(out, value),
            (ty, value) => Err(self.invalid(format_args!(
                "must be {}, not {}",
                ty.describe(),
                value.describe()
            ))),
        }
    }

    /// Any names, with values of one type. Null takes a name away, as far as the vendor knows of it.
    fn map(
        &mut self,
        out: &mut String,
        item: Type,
        fields: &[(Cow<'_, str>, Value<'_>)],
    ) -> Result<(), Error> {
        out.push('{');
        for (position, (name, value)) in fields.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            json::write_text(out, name);
            out.push(':');
            self.within(name, |encoder| match value {
                Value::Null => {
                    out.push_str("null");
                    Ok(())
                }
                value => encoder.value(out, item, &Limits::NONE, value),
            })?;
        }
        out.push('}');
        Ok(())
    }

    fn list(
        &mut self,
        out: &mut String,
        item: Type,
        limits: &Limits,
        values: &[Value<'_>],
    ) -> Result<(), Error> {
        self.most_items(values.len(), limits)?;
        out.push('[');
        for (position, value) in values.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            self.within(&format!("[{position}]"), |encoder| {
                encoder.value(out, item, &Limits::NONE, value)
            })?;
        }
        out.push(']');
        Ok(())
    }

    /// A file: what is written is its position among the files of the request.
    fn file(&mut self, out: &mut String, value: &Value<'_>) -> Result<(), Error> {
        let file = match value {
            Value::File(file) => (**file).clone(),
            Value::Text(text) if self.takes_text => File::bytes(text.clone().into_owned()),
            Value::Text(_) => {
                return Err(self.invalid(
                    "must be bytes, a path as such, or a stream; text could be a path or the contents",
                ));
            }
            other => {
                let kind = other.describe();
                return Err(self.invalid(format_args!("must be a file, not {kind}")));
            }
        };
        out.push_str(&self.files.len().to_string());
        self.files.push(file);
        Ok(())
    }

    /// Free-form JSON. A float cannot hide an inexact amount here: its digits go out as they are.
    fn any(&mut self, out: &mut String, value: &Value<'_>) -> Result<(), Error> {
        match value {
            Value::Null => out.push_str("null"),
            Value::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Value::Integer(digits) => out.push_str(digits),
            Value::Decimal(digits) | Value::Float(digits) => {
                self.number(out, digits, &Limits::NONE)?;
            }
            Value::Text(text) => json::write_text(out, text),
            Value::List(values) => self.list(out, Type::Any, &Limits::NONE, values)?,
            Value::Object(fields) => self.map(out, Type::Any, fields)?,
            Value::File(_) => return Err(self.invalid("must be JSON, not bytes or a file")),
        }
        Ok(())
    }
}

/// The limits of an amount whose currency is named beside it.
fn in_currency(mut limits: Limits, given: &[&(Cow<'_, str>, Value<'_>)]) -> Limits {
    let named = limits.currency.and_then(|field| given.iter().find(|(name, _)| name == field));
    if let Some((_, Value::Text(code))) = named {
        limits.digits = Some(currency::digits(code));
    }
    limits
}
