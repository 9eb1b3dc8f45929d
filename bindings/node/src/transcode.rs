//! Responses for V8: the vendor's JSON with the values that `JSON.parse` would spoil or misread put right.
//!
//! Amounts become text with the digits given, numbers that a JavaScript number cannot hold become text, a number given as text
//! and the reverse take the type of their field, and misspelled names take their public spelling. All else is
//! copied as it stands, in pieces as long as can be. What does not fit is left as it is.

use payglot::Decimal;
use payglot::runtime::json::{Kind, RawJson, is_exact_float, write_text};
use payglot::schema::{Field, Schema, Type};

use crate::certain::{self, seen};

/// Largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;
/// Depth after which values are copied without their model.
const MAX_DEPTH: usize = 64;

/// Writes a value of this type from a document with this text.
pub fn write(out: &mut String, text: &str, raw: RawJson<'_>, ty: Type) {
    if raw.kind() == Kind::Text && !is_read_from_text(ty) {
        return out.push_str(raw.json());
    }
    let range = raw.range();
    let mut transcoder = Transcoder { text, copied: range.start, out };
    transcoder.value(raw, ty, 0);
    transcoder.copy(range.end);
}

/// Whether a text can stand for another value of this type.
fn is_read_from_text(ty: Type) -> bool {
    matches!(ty, Type::Integer | Type::Number | Type::Boolean | Type::Union(_))
}

/// Copies the text piece by piece: all up to `copied` has been written or replaced.
struct Transcoder<'a> {
    text: &'a str,
    copied: usize,
    out: &'a mut String,
}

impl Transcoder<'_> {
    fn copy(&mut self, end: usize) {
        self.out.push_str(self.text.get(self.copied..end).unwrap_or_default());
        self.copied = end;
    }

    /// Copies what stands before a value and lets `write` stand for the value.
    fn replace(&mut self, raw: RawJson<'_>, write: impl FnOnce(&mut String)) {
        let range = raw.range();
        self.copy(range.start);
        write(self.out);
        self.copied = range.end;
    }

    fn value(&mut self, raw: RawJson<'_>, ty: Type, depth: usize) {
        // Nearly no value is of several types.
        let ty = if matches!(ty, Type::Union(_)) { raw.concrete(ty) } else { ty };
        match (raw.kind(), ty) {
            (Kind::Object, Type::Object(schema)) if depth < MAX_DEPTH => {
                self.object(raw, schema, depth + 1);
            }
            (Kind::List, Type::List(item)) if depth < MAX_DEPTH => {
                raw.items().for_each(|value| self.value(value, *item, depth + 1));
            }
            (Kind::Object, Type::Map(item)) if depth < MAX_DEPTH => {
                raw.names_and_values().for_each(|(_, value)| self.value(value, *item, depth + 1));
            }
            // Without a model only numbers can need care.
            (Kind::Object | Kind::List, _) => {
                let numbers = raw.all().filter(|value| value.kind() == Kind::Number);
                numbers.for_each(|value| self.number(value, Type::Any));
            }
            (Kind::Text, _) => self.string(raw, ty),
            (Kind::Number, _) => self.number(raw, ty),
            (Kind::Boolean, _) => self.boolean(raw, ty),
            (Kind::Null, _) => {}
        }
    }

    fn object(&mut self, raw: RawJson<'_>, schema: &'static Schema, depth: usize) {
        let mut expected = 0;
        let mut left_out = schema.certain;
        for (name, value) in raw.names_and_values() {
            let spelled = name.as_text().unwrap_or_default();
            let position = schema.position(&spelled, expected);
            let field = position.and_then(|position| schema.fields.get(position));
            if let Some(public) = field.and_then(|field| respelled(field, &spelled)) {
                self.replace(name, |out| write_text(out, public));
            }
            if let Some(position) = position {
                expected = position + 1;
                left_out &= !seen(position, value);
            }
            self.value(value, field.map_or(Type::Any, |field| field.ty), depth);
        }
        if left_out != 0 {
            certain::warn(schema, left_out);
        }
    }

    fn string(&mut self, raw: RawJson<'_>, ty: Type) {
        if !is_read_from_text(ty) {
            return;
        }
        let text = raw.as_text().unwrap_or_default();
        match ty {
            Type::Boolean => {
                if let Some(flag) = boolean(&text) {
                    self.replace(raw, |out| out.push_str(flag));
                }
            }
            _ if is_number(&text) && !is_inexact(&text) => {
                self.replace(raw, |out| out.push_str(&text));
            }
            _ => {}
        }
    }

    fn number(&mut self, raw: RawJson<'_>, ty: Type) {
        let digits = raw.json();
        match ty {
            Type::Money(_) => self.replace(raw, |out| quote(out, &plain(digits))),
            Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_) => {
                self.replace(raw, |out| quote(out, digits));
            }
            Type::Boolean => {
                if let Some(flag) = boolean(digits) {
                    self.replace(raw, |out| out.push_str(flag));
                }
            }
            _ if is_inexact(digits) => self.replace(raw, |out| quote(out, digits)),
            _ => {}
        }
    }

    fn boolean(&mut self, raw: RawJson<'_>, ty: Type) {
        if matches!(ty, Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_)) {
            self.replace(raw, |out| quote(out, raw.json()));
        }
    }
}

/// The public name of a field, where a response may spell it otherwise and does.
pub fn respelled(field: &Field, spelled: &str) -> Option<&'static str> {
    (!field.aliases.is_empty() && field.name != spelled).then_some(field.name)
}

fn quote(out: &mut String, plain: &str) {
    out.push('"');
    out.push_str(plain);
    out.push('"');
}

/// An amount's digits without an exponent.
fn plain(digits: &str) -> std::borrow::Cow<'_, str> {
    if !digits.contains(['e', 'E']) {
        return digits.into();
    }
    Decimal::from_scientific(digits)
        .map_or_else(|_| digits.into(), |amount| amount.to_string().into())
}

fn boolean(text: &str) -> Option<&'static str> {
    match text {
        "true" | "True" | "1" => Some("true"),
        "false" | "False" | "0" => Some("false"),
        _ => None,
    }
}

/// Whether a text is a JSON number.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_digit())
        && serde_json::from_str::<f64>(text).is_ok()
}

/// Whether a JavaScript number would change the value of these digits.
fn is_inexact(digits: &str) -> bool {
    // Nearly all numbers are short; 15 digits are always safe.
    if digits.len() <= 15 && !digits.contains(['e', 'E']) {
        return false;
    }
    let whole = digits.strip_prefix('-').unwrap_or(digits);
    if whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole.parse::<u64>().map_or(true, |number| number > MAX_SAFE_INTEGER);
    }
    !is_exact_float(digits)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use payglot::runtime::json::Document;
    use payglot::schema::{Enum, Unit};

    use super::*;

    const fn field(wire: &'static str, ty: Type) -> Field {
        Field::new(wire, wire, ty)
    }

    static KIND: Enum = Enum { name: "Kind", values: &["A"] };
    static INNER: Schema = Schema {
        index: 1,
        name: "Inner",
        fields: &[
            Field::new("fist_name", "first_name", Type::Text).read_as(&["first_name"]),
            field("amount", Type::Money(Unit::Dollars)),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    static OUTER: Schema = Schema {
        index: 0,
        name: "Outer",
        fields: &[
            field("id", Type::Uuid),
            field("amount", Type::Money(Unit::Dollars)),
            field("count", Type::Integer),
            field("rate", Type::Number),
            field("kind", Type::Enum(&KIND)),
            field("flag", Type::Boolean),
            field("at", Type::DateTime),
            field("inner", Type::Object(&INNER)),
            field("list", Type::List(&Type::Object(&INNER))),
            field("free", Type::Any),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };

    fn written(json: &str) -> String {
        let document = Arc::new(Document::new(json));
        let mut out = String::new();
        write(&mut out, json, RawJson::root(&document).unwrap(), Type::Object(&OUTER));
        out
    }

    fn outer(json: &str) -> String {
        let out = written(json);
        assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{out}");
        out
    }

    #[test]
    fn amounts_become_text_with_their_digits() {
        let cases = [
            ("10.10", "\"10.10\""),
            ("150.75", "\"150.75\""),
            ("-0", "\"-0\""),
            ("99999999999.99", "\"99999999999.99\""),
            ("1.5e3", "\"1500\""),
            ("1E-2", "\"0.01\""),
            ("\"10.10\"", "\"10.10\""),
            ("null", "null"),
            ("true", "true"),
            ("[1]", "[1]"),
            ("1e400", "\"1e400\""),
        ];
        for (given, expected) in cases {
            assert_eq!(
                outer(&format!(r#"{{"amount":{given}}}"#)),
                format!(r#"{{"amount":{expected}}}"#)
            );
        }
    }

    #[test]
    fn numbers_as_text_and_the_reverse_are_read_alike() {
        let cases = [
            (r#"{"count":"5","rate":"0.25"}"#, r#"{"count":5,"rate":0.25}"#),
            (r#"{"count":"-7e2"}"#, r#"{"count":-7e2}"#),
            (r#"{"count":"five","rate":" 1"}"#, r#"{"count":"five","rate":" 1"}"#),
            (r#"{"count":9007199254740991}"#, r#"{"count":9007199254740991}"#),
            (r#"{"count":9007199254740993}"#, r#"{"count":"9007199254740993"}"#),
            (r#"{"count":"9007199254740993"}"#, r#"{"count":"9007199254740993"}"#),
            (
                r#"{"id":123,"kind":4,"at":1767225600}"#,
                r#"{"id":"123","kind":"4","at":"1767225600"}"#,
            ),
            (r#"{"id":true}"#, r#"{"id":"true"}"#),
            (r#"{"flag":"true"}"#, r#"{"flag":true}"#),
            (r#"{"flag":0}"#, r#"{"flag":false}"#),
            (r#"{"flag":"maybe"}"#, r#"{"flag":"maybe"}"#),
            (
                r#"{"free":{"n":[1,12345678901234567890,"a\"1"]}}"#,
                r#"{"free":{"n":[1,"12345678901234567890","a\"1"]}}"#,
            ),
            (r#"{"new":12345678901234567890}"#, r#"{"new":"12345678901234567890"}"#),
            // issue 12.22: a JavaScript number would be another one.
            (
                r#"{"free":[9007199254740993.01,0.12345678901234567890123456789,1e400,1.5e3,-0.25]}"#,
                r#"{"free":["9007199254740993.01","0.12345678901234567890123456789","1e400",1.5e3,-0.25]}"#,
            ),
            (r#"{"rate":1e400,"new":1E-400}"#, r#"{"rate":"1e400","new":"1E-400"}"#),
            (r#"{"kind":"NEW","unknown":{"a":1.10}}"#, r#"{"kind":"NEW","unknown":{"a":1.10}}"#),
        ];
        for (given, expected) in cases {
            assert_eq!(outer(given), expected);
        }
    }

    #[test]
    fn nested_models_white_space_and_both_spellings() {
        let given = "{ \"inner\" : {\"fist_name\":\"Ada\", \"amount\": 1.0},\n\"list\": [ {\"first_name\":1} , {\"amount\":2} ], \"am\\u006funt\" : 3 }";
        let expected = "{ \"inner\" : {\"first_name\":\"Ada\", \"amount\": \"1.0\"},\n\"list\": [ {\"first_name\":\"1\"} , {\"amount\":\"2\"} ], \"am\\u006funt\" : \"3\" }";
        assert_eq!(outer(given), expected);
    }

    #[test]
    fn another_shape_is_copied() {
        for json in
            ["[]", "\"text\"", "null", "{}", "5", r#"{"inner":[1,{"a":[]}],"list":{"x":null}}"#]
        {
            assert_eq!(outer(json), json);
        }
    }

    #[test]
    fn a_part_of_a_document() {
        let text = r#" {"success":true,"data":{"amount":1.10},"more":2.20}"#;
        let document = Arc::new(Document::new(text));
        let data = RawJson::root(&document).and_then(|root| root.get("data")).unwrap();
        let mut out = String::new();
        write(&mut out, text, data, Type::Object(&OUTER));
        assert_eq!(out, r#"{"amount":"1.10"}"#);
    }

    #[test]
    fn nesting_as_deep_as_is_read_is_copied() {
        let json = format!("{{\"free\":{}{}}}", "[".repeat(127), "]".repeat(127));
        assert_eq!(written(&json), json);
    }
}
