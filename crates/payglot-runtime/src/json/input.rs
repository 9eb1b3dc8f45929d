//! What a caller gave, before it is checked: one small tree for every language.
//!
//! Rust's request models, JSON from Node and the command line, and Python's objects all become an [`Input`];
//! the check and the writing of the body (`encode`) then happen in one place.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::document::{Places, Position, ROOT, pairs};
use crate::json::{self, Kind};

/// A value on its way into a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Input<'a> {
    /// JSON null.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number, as decimal digits.
    Integer(Cow<'a, str>),
    /// An exact number, as decimal digits.
    Decimal(Cow<'a, str>),
    /// A binary floating-point number in its shortest form. Whether it may stand for money depends on
    /// [`FloatMoney`].
    Float(Cow<'a, str>),
    /// Text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Input<'a>>),
    /// An object, in the caller's order.
    Object(Vec<(Cow<'a, str>, Input<'a>)>),
}

/// Whether a binary floating-point number is taken where money is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatMoney {
    /// Never: the language has decimals (Rust, Python).
    Refuse,
    /// When its shortest form has at most two fraction digits (JavaScript).
    TwoDigits,
}

/// Deepest nesting of an argument.
const DEEPEST: u32 = 128;

impl<'a> Input<'a> {
    /// Reads JSON text. Numbers with a fraction or an exponent become [`Input::Float`]. `None` when `text` is
    /// not JSON.
    pub fn from_json(text: &'a str) -> Option<Self> {
        Self::from_place(text, &Places::of(text)?, ROOT, 0)
    }

    fn from_place(text: &'a str, places: &Places, at: Position, depth: u32) -> Option<Self> {
        if depth > DEEPEST {
            return None;
        }
        let raw = places.json(text, at);
        let read = |place| Self::from_place(text, places, place, depth + 1);
        Some(match json::kind(raw) {
            Kind::Null => Self::Null,
            Kind::Boolean => Self::Boolean(raw == "true"),
            Kind::Number if json::is_integer(raw) => Self::Integer(raw.into()),
            Kind::Number => Self::Float(raw.into()),
            Kind::Text => Self::Text(places.text(text, at)?),
            Kind::List => Self::List(places.inside(at, true).map(read).collect::<Option<_>>()?),
            Kind::Object => {
                let mut fields: Vec<(Cow<'a, str>, Self)> = Vec::new();
                for (name, value) in pairs(places.inside(at, true)) {
                    let name = places.text(text, name)?;
                    let value = read(value)?;
                    match fields.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, slot)) => *slot = value,
                        None => fields.push((name, value)),
                    }
                }
                Self::Object(fields)
            }
        })
    }

    /// Numbers that never were binary fractions, as those of JSON text: as exact as their digits.
    #[must_use]
    pub fn exact(self) -> Self {
        match self {
            Self::Float(digits) => Self::Decimal(digits),
            Self::List(items) => Self::List(items.into_iter().map(Self::exact).collect()),
            Self::Object(fields) => Self::Object(
                fields.into_iter().map(|(name, value)| (name, value.exact())).collect(),
            ),
            other => other,
        }
    }

    /// The same with a text of its own.
    pub fn into_owned(self) -> Input<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Input::Null,
            Self::Boolean(flag) => Input::Boolean(flag),
            Self::Integer(digits) => Input::Integer(own(digits)),
            Self::Decimal(digits) => Input::Decimal(own(digits)),
            Self::Float(digits) => Input::Float(own(digits)),
            Self::Text(text) => Input::Text(own(text)),
            Self::List(items) => Input::List(items.into_iter().map(Self::into_owned).collect()),
            Self::Object(fields) => Input::Object(
                fields.into_iter().map(|(name, value)| (own(name), value.into_owned())).collect(),
            ),
        }
    }

    /// The value as JSON text, with its digits.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Integer(digits) | Self::Float(digits) => out.push_str(digits),
            // As text, which every reader of an `Input` takes for an exact amount.
            Self::Decimal(text) | Self::Text(text) => json::write_text(out, text),
            Self::List(items) => {
                out.push('[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (position, (name, value)) in fields.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    json::write_text(out, name);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// What the value is, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a decimal",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// A Rust value that can stand in a request.
pub trait ToInput {
    /// The value as an input, or `None` to leave the field out.
    fn to_input(&self) -> Option<Input<'_>>;
}

impl ToInput for String {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::Text(self.as_str().into()))
    }
}

impl ToInput for bool {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::Boolean(*self))
    }
}

impl ToInput for i64 {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::Integer(self.to_string().into()))
    }
}

impl ToInput for f64 {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::Float(self.to_string().into()))
    }
}

impl ToInput for Decimal {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::Decimal(self.to_string().into()))
    }
}

impl<T: ToInput> ToInput for Option<T> {
    fn to_input(&self) -> Option<Input<'_>> {
        self.as_ref().and_then(ToInput::to_input)
    }
}

impl<T: ToInput> ToInput for Vec<T> {
    fn to_input(&self) -> Option<Input<'_>> {
        Some(Input::List(self.iter().filter_map(ToInput::to_input).collect()))
    }
}

impl<T: ToInput> ToInput for Box<T> {
    fn to_input(&self) -> Option<Input<'_>> {
        (**self).to_input()
    }
}

impl ToInput for crate::Json {
    fn to_input(&self) -> Option<Input<'_>> {
        // A `Json` holds checked JSON, whose numbers are exact text.
        Input::from_json(self.get()).map(Input::exact)
    }
}

/// A request field that can be left out, be null, or have a value: three different things in an update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Nullable<T> {
    /// Not sent.
    #[default]
    Absent,
    /// Sent as null.
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

impl<T: ToInput> ToInput for Nullable<T> {
    fn to_input(&self) -> Option<Input<'_>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(Input::Null),
            Self::Value(value) => value.to_input(),
        }
    }
}

/// A required field whose value may be null.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OrNull<T> {
    /// Sent as null.
    #[default]
    Null,
    /// Sent with this value.
    Value(T),
}

impl<T> From<T> for OrNull<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for OrNull<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: ToInput> ToInput for OrNull<T> {
    fn to_input(&self) -> Option<Input<'_>> {
        match self {
            Self::Null => Some(Input::Null),
            Self::Value(value) => value.to_input(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_digits_and_the_last_of_two_equal_names() {
        let input =
            Input::from_json(r#" {"a": 10.10, "b": [1, "x\n", null, true], "a": 2} "#).unwrap();
        let expected = Input::Object(vec![
            ("a".into(), Input::Integer("2".into())),
            (
                "b".into(),
                Input::List(vec![
                    Input::Integer("1".into()),
                    Input::Text("x\n".into()),
                    Input::Null,
                    Input::Boolean(true),
                ]),
            ),
        ]);
        assert_eq!(input, expected);
        assert_eq!(Input::from_json("10.10"), Some(Input::Float("10.10".into())));
        assert_eq!(Input::from_json("{"), None);
        assert_eq!(Input::from_json("1 2"), None);
    }
}
