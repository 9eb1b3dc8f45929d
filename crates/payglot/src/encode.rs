//! Checks what a caller gave against the tables and writes the request.
//!
//! Nothing is sent that is known to be wrong: the error names the argument and the way out, and never repeats
//! the value. Fields are written in the document's order, so that every language sends the same bytes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::str::FromStr as _;

use rust_decimal::Decimal;

use crate::error::Error;
use crate::input::{FloatMoney, Input};
use crate::json;
use crate::schema::{Field, Limits, Operation, Schema, Type};

/// A checked request, ready to be sent any number of times.
#[derive(Clone, Default)]
pub struct Args {
    path: Vec<String>,
    /// The values of each parameter; none where it was left out.
    query: Vec<Vec<String>>,
    body: Body,
}

/// The exact bytes of a JSON body.
#[derive(Clone, Default)]
pub struct Body(String);

/// Written as it stands: the bytes are the ones that were checked.
impl serde::Serialize for Body {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &serde_json::value::RawValue =
            serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl Args {
    /// The path parameter at a position; [`prepare`] has made sure that it is there.
    pub fn path(&self, position: usize) -> &str {
        self.path.get(position).map_or("", String::as_str)
    }

    /// The query parameter at a position; empty when it was left out.
    pub fn query(&self, position: usize) -> &str {
        self.query_option(position).unwrap_or("")
    }

    /// The query parameter at a position, where it was given.
    pub fn query_option(&self, position: usize) -> Option<&str> {
        self.query.get(position)?.first().map(String::as_str)
    }

    /// The values of the query parameter at a position, which can be given several times.
    pub fn query_list(&self, position: usize) -> &Vec<String> {
        const NONE: &Vec<String> = &Vec::new();
        self.query.get(position).unwrap_or(NONE)
    }

    /// The values of the query parameter at a position, where there are any.
    pub fn query_list_option(&self, position: usize) -> Option<&Vec<String>> {
        self.query.get(position).filter(|values| !values.is_empty())
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }
}

/// Checks the arguments of a call. `params` holds query and body fields together: their names never collide.
pub fn prepare(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Input<'_>)],
    floats: FloatMoney,
) -> Result<Args, Error> {
    prepare_parts(operation, path, params, floats)
        .map_err(|error| error.with_operation(operation.name))
}

fn prepare_parts(
    operation: &'static Operation,
    path: &[Cow<'_, str>],
    params: &[(Cow<'_, str>, Input<'_>)],
    floats: FloatMoney,
) -> Result<Args, Error> {
    let mut args = Args::default();
    for (position, field) in operation.path_params.iter().enumerate() {
        let value =
            path.get(position).ok_or_else(|| Error::invalid_request(field.name, "is missing"))?;
        args.path.push(path_segment(field, value)?);
    }
    if path.len() > operation.path_params.len() {
        let expected = operation.path_params.len();
        return Err(Error::invalid_request(
            "arguments",
            format!("are too many: the call takes {expected} positional"),
        ));
    }
    let mut encoder = Encoder { floats, at: String::new() };
    for field in operation.query {
        let given = params.iter().find(|(name, _)| is_asked(operation, field, name));
        args.query.push(encoder.query(field, given.map(|(_, value)| value))?);
    }
    let is_query =
        |name: &str| operation.query.iter().any(|field| is_asked(operation, field, name));
    if let Some(schema) = operation.body {
        let rest: Vec<_> = params.iter().filter(|(name, _)| !is_query(name)).collect();
        let mut out = String::with_capacity(128);
        encoder.object(&mut out, schema, &rest)?;
        args.body = Body(out);
    } else if let Some((name, _)) = params.iter().find(|(name, _)| !is_query(name)) {
        return Err(unknown(name));
    }
    Ok(args)
}

/// Percent-encodes a path parameter: everything but RFC 3986's unreserved characters. URL rules take a backslash
/// for a slash, so nothing is left to them.
pub fn encode_path(text: &str) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn path_segment(field: &Field, value: &str) -> Result<String, Error> {
    // A dot segment would be folded away by URL rules and reach another path.
    if value.is_empty() || value == "." || value == ".." {
        return Err(Error::invalid_request(
            field.name,
            "must be an identifier: it is empty or a dot segment",
        ));
    }
    if matches!(field.ty, Type::Uuid) && uuid::Uuid::try_parse(value).is_err() {
        return Err(Error::invalid_request(field.name, "must be a UUID"));
    }
    Ok(value.to_owned())
}

/// Whether an argument means this query parameter: a name that the body has too is the body's.
fn is_asked(operation: &Operation, field: &Field, name: &str) -> bool {
    field.name == name
        || field.wire == name && !operation.body.is_some_and(|schema| is_known(schema.fields, name))
}

fn matches(field: &Field, name: &str) -> bool {
    field.wire == name || field.name == name
}

fn is_known(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| matches(field, name))
}

fn unknown(name: &str) -> Error {
    Error::invalid_request(name.to_owned(), "is not an argument of this call")
}

/// Writes values and remembers where it is, for messages.
struct Encoder {
    floats: FloatMoney,
    at: String,
}

impl Encoder {
    /// The name by which the caller knows a field.
    fn name(&self, field: &'static Field) -> &'static str {
        if self.floats == FloatMoney::TwoDigits { field.wire } else { field.name }
    }

    fn refuse(&self, problem: impl std::fmt::Display) -> Error {
        Error::invalid_request(self.at.clone(), problem)
    }

    /// Runs `write` one level deeper in the argument's name.
    fn within<T>(
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
    fn query(
        &mut self,
        field: &'static Field,
        value: Option<&Input<'_>>,
    ) -> Result<Vec<String>, Error> {
        self.within(self.name(field), |encoder| match (field.ty, value) {
            (_, None | Some(Input::Null)) if field.required => Err(encoder.refuse("is required")),
            (_, None | Some(Input::Null)) => Ok(Vec::new()),
            (Type::List(item), Some(Input::List(values))) => {
                encoder.most_items(values.len(), &field.limits)?;
                values.iter().map(|value| encoder.plain(*item, &Limits::NONE, value)).collect()
            }
            (Type::Any, Some(Input::List(values))) => {
                values.iter().map(|value| encoder.plain(Type::Any, &Limits::NONE, value)).collect()
            }
            (ty, Some(value)) => Ok(vec![encoder.plain(ty, &field.limits, value)?]),
        })
    }

    /// A value as it stands in a URL.
    fn plain(&mut self, ty: Type, limits: &Limits, value: &Input<'_>) -> Result<String, Error> {
        if let (Type::Any, Input::Object(_) | Input::List(_)) = (ty, value) {
            return Err(
                self.refuse(format_args!("must be a plain value, not {}", value.describe()))
            );
        }
        let mut out = String::new();
        self.value(&mut out, ty, limits, value)?;
        Ok(json::unescape(&out).map_or_else(|| out.clone(), Cow::into_owned))
    }

    fn object(
        &mut self,
        out: &mut String,
        schema: &'static Schema,
        given: &[&(Cow<'_, str>, Input<'_>)],
    ) -> Result<(), Error> {
        out.push('{');
        let start = out.len();
        let separate = |out: &mut String| {
            if out.len() > start {
                out.push(',');
            }
        };
        for field in schema.fields {
            let mut found = given.iter().filter(|(name, _)| matches(field, name));
            let value = found.next().map(|(_, value)| value);
            if found.next().is_some() {
                return self.within(self.name(field), |encoder| {
                    Err(encoder.refuse("is given twice, under both its names"))
                });
            }
            let Some(value) = value else {
                if field.required {
                    return self
                        .within(self.name(field), |encoder| Err(encoder.refuse("is required")));
                }
                continue;
            };
            separate(out);
            json::write_text(out, field.wire);
            out.push(':');
            self.within(self.name(field), |encoder| match value {
                Input::Null if field.nullable => {
                    out.push_str("null");
                    Ok(())
                }
                Input::Null => Err(encoder.refuse("must not be null; leave it out instead")),
                value => encoder.value(out, field.ty, &field.limits, value),
            })?;
        }
        for (name, value) in given.iter().filter(|(name, _)| !is_known(schema.fields, name)) {
            if !schema.open {
                return self.within(name, |encoder| {
                    Err(encoder.refuse("is not an argument of this call"))
                });
            }
            separate(out);
            json::write_text(out, name);
            out.push(':');
            self.within(name, |encoder| encoder.any(out, value))?;
        }
        out.push('}');
        Ok(())
    }

    fn value(
        &mut self,
        out: &mut String,
        ty: Type,
        limits: &Limits,
        value: &Input<'_>,
    ) -> Result<(), Error> {
        match (ty, value) {
            (Type::Text, Input::Text(text)) => self.text(out, text, limits),
            (Type::Uuid, Input::Text(text)) => {
                if uuid::Uuid::try_parse(text).is_err() {
                    return Err(self.refuse("must be a UUID"));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::DateTime, Input::Text(text)) => {
                if text.parse::<jiff::Timestamp>().is_err() {
                    return Err(self.refuse(
                        "must be a date and time with a zone, such as 2026-01-31T09:30:00Z",
                    ));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Date, Input::Text(text)) => {
                if text.parse::<jiff::civil::Date>().is_err() {
                    return Err(self.refuse("must be a date such as 2026-01-31"));
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Boolean, Input::Boolean(flag)) => {
                out.push_str(if *flag { "true" } else { "false" });
                Ok(())
            }
            (Type::Integer, Input::Integer(digits)) => self.integer(out, digits, limits),
            (
                Type::Number,
                Input::Integer(digits) | Input::Decimal(digits) | Input::Float(digits),
            ) => self.number(out, digits, limits),
            (Type::Money(_), value) => self.money(out, value, limits),
            (Type::Enum(known), Input::Text(text)) => {
                if !known.values.contains(&text.as_ref()) {
                    return Err(
                        self.refuse(format_args!("must be one of {}", known.values.join(", ")))
                    );
                }
                json::write_text(out, text);
                Ok(())
            }
            (Type::Object(schema), Input::Object(fields)) => {
                self.object(out, schema, &fields.iter().collect::<Vec<_>>())
            }
            (Type::List(item), Input::List(values)) => self.list(out, *item, limits, values),
            (Type::Any, value) => self.any(out, value),
            (ty, value) => {
                Err(self.refuse(format_args!("must be {}, not {}", wanted(ty), value.describe())))
            }
        }
    }

    fn text(&self, out: &mut String, text: &str, limits: &Limits) -> Result<(), Error> {
        let length = text.chars().count();
        if limits.min_length.is_some_and(|least| length < least as usize) {
            let least = limits.min_length.unwrap_or_default();
            return Err(self.refuse(format_args!("must have at least {least} characters")));
        }
        if limits.max_length.is_some_and(|most| length > most as usize) {
            let most = limits.max_length.unwrap_or_default();
            return Err(self.refuse(format_args!("must have at most {most} characters")));
        }
        json::write_text(out, text);
        Ok(())
    }

    fn integer(&self, out: &mut String, digits: &str, limits: &Limits) -> Result<(), Error> {
        let number = digits
            .parse::<i64>()
            .map_err(|_| self.refuse("must be a whole number within 64 bits"))?;
        if !limits.one_of.is_empty() && !limits.one_of.contains(&number) {
            let known: Vec<_> = limits.one_of.iter().map(i64::to_string).collect();
            return Err(self.refuse(format_args!("must be one of {}", known.join(", "))));
        }
        self.range(&Decimal::from(number), limits)?;
        out.push_str(digits);
        Ok(())
    }

    fn number(&self, out: &mut String, digits: &str, limits: &Limits) -> Result<(), Error> {
        if serde_json::from_str::<f64>(digits).is_err() {
            return Err(self.refuse("must be a finite number"));
        }
        if let Some(number) = decimal(digits) {
            self.range(&number, limits)?;
        }
        out.push_str(digits);
        Ok(())
    }

    fn money(&self, out: &mut String, value: &Input<'_>, limits: &Limits) -> Result<(), Error> {
        let digits = match value {
            Input::Integer(digits) | Input::Decimal(digits) => digits,
            Input::Text(digits) if is_plain_number(digits) => digits,
            Input::Text(_) => {
                return Err(self.refuse("must be a decimal number such as \"150.75\""));
            }
            Input::Float(digits) if self.floats == FloatMoney::TwoDigits => {
                let fraction = digits.split_once('.').map_or("", |(_, fraction)| fraction);
                if fraction.len() > 2 || !is_plain_number(digits) {
                    return Err(self.refuse(
                        "is a number with more than two fraction digits; pass exact money as text, such as \"150.75\"",
                    ));
                }
                digits
            }
            Input::Float(_) => {
                return Err(self.refuse("must not be a float, which is not exact; pass Decimal(\"150.75\") or \"150.75\""));
            }
            other => {
                return Err(self.refuse(format_args!(
                    "must be {}, not {}",
                    "an amount",
                    other.describe()
                )));
            }
        };
        let amount =
            decimal(digits).ok_or_else(|| self.refuse("must be an amount of at most 28 digits"))?;
        self.range(&amount, limits)?;
        if is_plain_number(digits) {
            out.push_str(digits);
        } else {
            out.push_str(&amount.to_string());
        }
        Ok(())
    }

    fn range(&self, number: &Decimal, limits: &Limits) -> Result<(), Error> {
        let bound = |text: Option<&'static str>| {
            text.and_then(|text| Some((Decimal::from_str(text).ok()?, text)))
        };
        if let Some((_, text)) = bound(limits.minimum).filter(|(least, _)| number < least) {
            return Err(self.refuse(format_args!("must be at least {text}")));
        }
        if let Some((_, text)) = bound(limits.maximum).filter(|(most, _)| number > most) {
            return Err(self.refuse(format_args!("must be at most {text}")));
        }
        Ok(())
    }

    fn most_items(&self, items: usize, limits: &Limits) -> Result<(), Error> {
        match limits.max_items {
            Some(most) if items > most as usize => {
                Err(self.refuse(format_args!("must have at most {most} items")))
            }
            _ => Ok(()),
        }
    }

    fn list(
        &mut self,
        out: &mut String,
        item: Type,
        limits: &Limits,
        values: &[Input<'_>],
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

    /// Free-form JSON. A float cannot hide an inexact amount here: its digits go out as they are.
    fn any(&mut self, out: &mut String, value: &Input<'_>) -> Result<(), Error> {
        match value {
            Input::Null => out.push_str("null"),
            Input::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Input::Integer(digits) => out.push_str(digits),
            Input::Decimal(digits) | Input::Float(digits) => {
                self.number(out, digits, &Limits::NONE)?;
            }
            Input::Text(text) => json::write_text(out, text),
            Input::List(values) => self.list(out, Type::Any, &Limits::NONE, values)?,
            Input::Object(fields) => {
                out.push('{');
                for (position, (name, value)) in fields.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    json::write_text(out, name);
                    out.push(':');
                    self.within(name, |encoder| encoder.any(out, value))?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

/// A decimal from digits with or without an exponent.
fn decimal(digits: &str) -> Option<Decimal> {
    Decimal::from_str_exact(digits).or_else(|_| Decimal::from_scientific(digits)).ok()
}

/// Whether `text` is a JSON number without an exponent, such as `-10.10`.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

fn wanted(ty: Type) -> &'static str {
    match ty {
        Type::Text => "text",
        Type::Uuid => "a UUID",
        Type::DateTime => "a date and time with a zone",
        Type::Date => "a date",
        Type::Boolean => "a boolean",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Money(_) => "an amount",
        Type::Enum(_) => "one of the known texts",
        Type::Object(_) => "an object",
        Type::List(_) => "a list",
        Type::Any => "JSON",
    }
}
