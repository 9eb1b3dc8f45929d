//! What a caller gave, before it is checked: one small tree for every language.
//!
//! Rust's request models, JSON from Node and the command line, and Python's objects all become a [`Value`];
//! [`request`](crate::request) then checks it and writes the body, once for all of them.

use std::borrow::Cow;

use super::file::File;
use super::{Kind, NodeId, ROOT, Tape, UniqueFields, pairs, text};

/// A value on its way into a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
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
    List(Vec<Value<'a>>),
    /// An object, in the caller's order.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
    /// A file, for arguments that are files.
    File(Box<File>),
}

/// Whether a binary floating-point number may stand for money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloatMoney {
    /// Never: the language has decimals (Rust, Python).
    Refuse,
    /// When its shortest form has at most two fraction digits (JavaScript).
    TwoDigits,
}

impl<'a> Value<'a> {
    /// Reads JSON text. Numbers with a fraction or an exponent become [`Value::Float`]. `None` when `text` is
    /// not JSON.
    pub fn from_json(text: &'a str) -> Option<Self> {
        Self::from_tape(text, &Tape::of(text).ok()?, ROOT)
    }

    /// The tape ends deep nesting, so this need not.
    fn from_tape(text: &'a str, tape: &Tape, at: NodeId) -> Option<Self> {
        let raw = tape.json(text, at);
        let read = |node| Self::from_tape(text, tape, node);
        Some(match text::kind(raw) {
            Kind::Null => Self::Null,
            Kind::Boolean => Self::Boolean(raw == "true"),
            Kind::Number if text::is_integer(raw) => Self::Integer(raw.into()),
            Kind::Number => Self::Float(raw.into()),
            Kind::Text => Self::Text(tape.text(text, at)?),
            Kind::List => Self::List(tape.inside(at, true).map(read).collect::<Option<_>>()?),
            Kind::Object => {
                let mut fields = UniqueFields::default();
                for (name, value) in pairs(tape.inside(at, true)) {
                    fields.set(tape.text(text, name)?, read(value)?);
                }
                Self::Object(fields.into_vec())
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
    pub fn into_owned(self) -> Value<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Null => Value::Null,
            Self::Boolean(flag) => Value::Boolean(flag),
            Self::Integer(digits) => Value::Integer(own(digits)),
            Self::Decimal(digits) => Value::Decimal(own(digits)),
            Self::Float(digits) => Value::Float(own(digits)),
            Self::Text(text) => Value::Text(own(text)),
            Self::List(items) => Value::List(items.into_iter().map(Self::into_owned).collect()),
            Self::Object(fields) => Value::Object(
                fields.into_iter().map(|(name, value)| (own(name), value.into_owned())).collect(),
            ),
            Self::File(file) => Value::File(file),
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
            // No file is JSON; the check of the arguments refuses one before it comes here.
            Self::Null | Self::File(_) => out.push_str("null"),
            Self::Boolean(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Integer(digits) | Self::Float(digits) => out.push_str(digits),
            // As text, which every reader of an `Value` takes for an exact amount.
            Self::Decimal(text) | Self::Text(text) => text::write_text(out, text),
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
                    text::write_text(out, name);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// A plain value as the text that stands for it outside of JSON; `None` for null, a list and an object.
    pub(crate) fn plain_text(&self) -> Option<String> {
        match self {
            Self::Boolean(flag) => Some(flag.to_string()),
            Self::Integer(text) | Self::Decimal(text) | Self::Float(text) | Self::Text(text) => {
                Some(text.clone().into_owned())
            }
            Self::Null | Self::List(_) | Self::Object(_) | Self::File(_) => None,
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
            Self::File(_) => "bytes or a file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_digits_and_the_last_of_two_equal_names() {
        let input =
            Value::from_json(r#" {"a": 10.10, "b": [1, "x\n", null, true], "a": 2} "#).unwrap();
        let expected = Value::Object(vec![
            ("a".into(), Value::Integer("2".into())),
            (
                "b".into(),
                Value::List(vec![
                    Value::Integer("1".into()),
                    Value::Text("x\n".into()),
                    Value::Null,
                    Value::Boolean(true),
                ]),
            ),
        ]);
        assert_eq!(input, expected);
        assert_eq!(Value::from_json("10.10"), Some(Value::Float("10.10".into())));
        assert_eq!(Value::from_json("{"), None);
        assert_eq!(Value::from_json("1 2"), None);
    }
}
