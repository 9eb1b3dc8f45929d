//! Writes a value of a union: as the member that its discriminator names, or else as the one that fits best.

use std::borrow::Cow;

use super::matches;
use super::values::Encoder;
use crate::error::Error;
use crate::json::Value;
use crate::schema::{Discriminator, Field, Limits, Schema, Type, Union};

/// Unions within unions beyond which nothing is looked for: one that has itself as a member would never end.
const MAX_DEPTH: u8 = 8;

type Fields<'v> = [(Cow<'v, str>, Value<'v>)];

impl Encoder {
    pub(super) fn union(
        &mut self,
        out: &mut String,
        union: &'static Union,
        value: &Value<'_>,
    ) -> Result<(), Error> {
        if let (Some(discriminator), Value::Object(fields)) = (&union.discriminator, value)
            && is_told(union, discriminator, fields)
        {
            let member = self.told(union, discriminator, fields)?;
            return self.value(out, member, &Limits::NONE, value);
        }
        let mut members = Vec::new();
        of_kind(union, value, &mut members, 0);
        match members.as_slice() {
            [] => Err(self.invalid(format_args!(
                "must be {}, not {}",
                alternatives(union.members.iter().map(called)),
                value.describe()
            ))),
            // What is wrong with the only one that it can be is what is wrong.
            [(only, limits)] => self.value(out, *only, limits, value),
            several => self.best(out, several, value),
        }
    }

    /// The member that an object says it is.
    fn told(
        &mut self,
        union: &'static Union,
        discriminator: &'static Discriminator,
        fields: &Fields<'_>,
    ) -> Result<Type, Error> {
        let given = fields.iter().find(|(name, _)| union.is_discriminator(name));
        let position = match given {
            Some((_, Value::Text(text))) => discriminator.position(text).or(discriminator.other),
            _ => discriminator.other,
        };
        let member = position.and_then(|position| union.members.get(position).copied());
        member.ok_or_else(|| {
            let known = alternatives(discriminator.values.iter().map(|(text, _)| (*text).into()));
            let problem = match given {
                None => format!("is required, and says what the object is: {known}"),
                Some(_) => format!("must be {known}"),
            };
            let invalid = |encoder: &mut Self| Err::<(), _>(encoder.invalid(problem));
            match self.within(discriminator.field, invalid) {
                Err(error) => error,
                Ok(()) => self.invalid("is of no known type"),
            }
        })
    }

    /// Writes the value as the member of whose fields it has the most, among those that take it.
    fn best(
        &mut self,
        out: &mut String,
        members: &[(Type, &Limits)],
        value: &Value<'_>,
    ) -> Result<(), Error> {
        let mut best: Option<(usize, String)> = None;
        let mut nearest: Option<(usize, Type, Error)> = None;
        for (member, limits) in members {
            let rank = rank(*member, value);
            if best.as_ref().is_some_and(|(other, _)| *other >= rank) {
                continue;
            }
            let mut text = String::new();
            match self.value(&mut text, *member, limits, value) {
                Ok(()) => best = Some((rank, text)),
                Err(error) if nearest.as_ref().is_none_or(|(other, ..)| rank > *other) => {
                    nearest = Some((rank, *member, error));
                }
                Err(_) => {}
            }
        }
        match (best, nearest) {
            (Some((_, text)), _) => {
                out.push_str(&text);
                Ok(())
            }
            (None, Some((_, member, error))) => Err(self.invalid(format_args!(
                "must be {}; as {}: {error}",
                alternatives(members.iter().map(|(member, _)| called(member))),
                called(&member)
            ))),
            (None, None) => Err(self.invalid("is of no known type")),
        }
    }
}

/// Whether the discriminator decides: it is there, or must be.
fn is_told(union: &Union, discriminator: &Discriminator, fields: &Fields<'_>) -> bool {
    let can_do_without = |member: &Type| match member {
        Type::Object(schema) => {
            schema.fields.iter().any(|field| field.wire == discriminator.field && !field.required)
        }
        _ => false,
    };
    discriminator.other.is_some()
        || !union.members.iter().any(can_do_without)
        || fields.iter().any(|(name, _)| union.is_discriminator(name))
}

/// The members that a value can be by its kind. An amount can be text too, where not any text is taken.
fn of_kind(
    union: &'static Union,
    value: &Value<'_>,
    found: &mut Vec<(Type, &'static Limits)>,
    depth: u8,
) {
    let start = found.len();
    for (member, limits) in union.limited() {
        let is_of_kind = match (&member, value) {
            (Type::Union(inner), _) if depth < MAX_DEPTH => {
                // Its discriminator is its own to read.
                if inner.discriminator.is_some() && matches!(value, Value::Object(_)) {
                    found.push((member, limits));
                } else {
                    of_kind(inner, value, found, depth + 1);
                }
                false
            }
            (Type::Any, _)
            | (Type::Object(_) | Type::Map(_), Value::Object(_))
            | (Type::List(_), Value::List(_))
            | (Type::File, Value::File(_))
            | (Type::Boolean, Value::Boolean(_))
            | (Type::Integer, Value::Integer(_))
            | (
                Type::Number | Type::Money(_),
                Value::Integer(_) | Value::Decimal(_) | Value::Float(_),
            )
            | (
                Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_),
                Value::Text(_),
            ) => true,
            _ => false,
        };
        if is_of_kind {
            found.push((member, limits));
        }
    }
    let takes_any_text =
        |found: &[(Type, _)]| found.iter().any(|(member, _)| matches!(member, Type::Text));
    if matches!(value, Value::Text(_)) && !takes_any_text(found.get(start..).unwrap_or_default()) {
        found.extend(union.limited().filter(|(member, _)| matches!(member, Type::Money(_))));
    }
}

/// How many fields of a member an object has; less where it has others, or lacks some.
fn rank(member: Type, value: &Value<'_>) -> usize {
    match (member, value) {
        (Type::Object(schema), Value::Object(fields)) => 1 + known(schema, fields),
        _ => 0,
    }
}

fn known(schema: &Schema, fields: &Fields<'_>) -> usize {
    let is_known = |name: &str| schema.fields.iter().any(|field: &Field| matches(field, name));
    fields.iter().filter(|(name, _)| is_known(name)).count()
}

/// A member for a message.
fn called(member: &Type) -> String {
    match member {
        Type::Object(schema) => schema.name.to_owned(),
        Type::Union(union) => union.name.to_owned(),
        other => other.describe().to_owned(),
    }
}

/// `a`, `a or b`, `a, b or c`.
fn alternatives(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} or {last}", names.join(", ")),
        last => last.unwrap_or_default(),
    }
}
