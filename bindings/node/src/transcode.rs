//! Answers for V8: the vendor's JSON with the values that `JSON.parse` would spoil or misread put right.
//!
//! Amounts become text with the digits given, whole numbers beyond 2^53 become text, a number given as text
//! and the reverse take the type of their field, and misspelled names take their public spelling. All else is
//! copied as it stands. The text has been checked to be JSON before, so this reads it once, without a tree;
//! whatever it meets, it ends, and what does not fit is left as it is.

use payglot::Decimal;
use payglot::runtime::write_text;
use payglot::schema::{Field, Schema, Type};

/// Largest whole number that a JavaScript number holds exactly, 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;
/// Depth after which values are copied without their model.
const MAX_DEPTH: usize = 64;

/// What was written.
pub struct Transcoded {
    /// Number of items, for a list.
    pub items: usize,
}

/// Writes a value of this type.
pub fn write(out: &mut String, json: &str, ty: Type) -> Transcoded {
    let mut transcoder = Transcoder { json, at: 0, copied: 0, out };
    transcoder.value(ty, 0);
    transcoder.finish();
    Transcoded { items: 0 }
}

/// Writes a list whose items have this type.
pub fn write_list(out: &mut String, json: &str, item: Type) -> Transcoded {
    let mut transcoder = Transcoder { json, at: 0, copied: 0, out };
    let items = transcoder.list(item, 0);
    transcoder.finish();
    Transcoded { items }
}

/// Walks the text and copies it piece by piece: all up to `copied` has been written or replaced.
struct Transcoder<'a> {
    json: &'a str,
    at: usize,
    copied: usize,
    out: &'a mut String,
}

impl<'a> Transcoder<'a> {
    fn finish(&mut self) {
        self.out.push_str(self.json.get(self.copied..).unwrap_or_default());
        self.copied = self.json.len();
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.json.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// The text from `start` to here.
    fn since(&self, start: usize) -> &'a str {
        self.json.get(start..self.at).unwrap_or_default()
    }

    /// Copies what stands before `start` and lets `write` stand for what lies between there and here.
    fn replace(&mut self, start: usize, write: impl FnOnce(&mut String)) {
        self.out.push_str(self.json.get(self.copied..start).unwrap_or_default());
        write(self.out);
        self.copied = self.at;
    }

    fn value(&mut self, ty: Type, depth: usize) {
        match (self.peek(), ty) {
            (Some(b'{'), Type::Object(schema)) if depth < MAX_DEPTH => {
                self.object(schema, depth + 1);
            }
            (Some(b'['), Type::List(item)) if depth < MAX_DEPTH => {
                self.list(*item, depth + 1);
            }
            (Some(b'{' | b'['), _) => self.any(),
            (Some(b'"'), _) => self.text(ty),
            (Some(b'-' | b'0'..=b'9'), _) => self.number(ty),
            _ => self.literal(ty),
        }
    }

    /// Reads an object; the field looked for first is the one after the last found, as answers come in the
    /// document's order nearly always.
    fn object(&mut self, schema: &'static Schema, depth: usize) {
        self.at += 1;
        let mut expected = 0;
        while self.peek() == Some(b'"') {
            let start = self.at;
            self.string();
            let name = Name::of(self.since(start));
            let position = match schema.fields.get(expected) {
                Some(field) if name.is(field.wire) => Some(expected),
                _ => schema.fields.iter().position(|field| name.is_of(field)),
            };
            let field = position.and_then(|position| schema.fields.get(position));
            if let Some(field) =
                field.filter(|field| !field.aliases.is_empty() && !name.is(field.name))
            {
                self.replace(start, |out| write_text(out, field.name));
            }
            expected = position.map_or(expected, |position| position + 1);
            if self.peek() == Some(b':') {
                self.at += 1;
            }
            self.value(field.map_or(Type::Any, |field| field.ty), depth);
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    fn list(&mut self, item: Type, depth: usize) -> usize {
        self.peek();
        self.at += 1;
        let mut items = 0;
        while !matches!(self.peek(), None | Some(b']')) {
            self.value(item, depth);
            items += 1;
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        self.at += 1;
        items
    }

    /// An object or list without a model; only numbers can need care.
    fn any(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'-' | b'0'..=b'9' => self.number(Type::Any),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// Moves behind a string.
    fn string(&mut self) {
        let bytes = self.json.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    fn text(&mut self, ty: Type) {
        let start = self.at;
        self.string();
        let quoted = self.since(start);
        let text = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        match ty {
            Type::Integer | Type::Number if is_number(text) && !is_unsafe_integer(text) => {
                self.replace(start, |out| out.push_str(text));
            }
            Type::Boolean => {
                if let Some(flag) = boolean(text) {
                    self.replace(start, |out| out.push_str(flag));
                }
            }
            _ => {}
        }
    }

    fn number(&mut self, ty: Type) {
        let start = self.at;
        let bytes = self.json.as_bytes();
        while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = bytes.get(self.at) {
            self.at += 1;
        }
        let digits = self.since(start);
        match ty {
            Type::Money(_) => self.replace(start, |out| quote(out, &plain(digits))),
            Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_) => {
                self.replace(start, |out| quote(out, digits));
            }
            Type::Boolean => {
                if let Some(flag) = boolean(digits) {
                    self.replace(start, |out| out.push_str(flag));
                }
            }
            _ if is_unsafe_integer(digits) => self.replace(start, |out| quote(out, digits)),
            _ => {}
        }
    }

    /// `true`, `false` or `null`; also whatever else stands here, so that the walk goes on.
    fn literal(&mut self, ty: Type) {
        let start = self.at;
        let bytes = self.json.as_bytes();
        while let Some(b'a'..=b'z') = bytes.get(self.at) {
            self.at += 1;
        }
        self.at = self.at.max(start + 1).min(self.json.len());
        let word = self.since(start);
        let is_text =
            matches!(ty, Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_));
        if is_text && matches!(word, "true" | "false") {
            self.replace(start, |out| quote(out, word));
        }
    }
}

/// A name of an object, still in its quotes.
enum Name<'a> {
    Plain(&'a str),
    Escaped(String),
}

impl<'a> Name<'a> {
    fn of(quoted: &'a str) -> Self {
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        if inner.contains('\\') {
            Self::Escaped(serde_json::from_str(quoted).unwrap_or_default())
        } else {
            Self::Plain(inner)
        }
    }

    fn is(&self, known: &str) -> bool {
        match self {
            Self::Plain(name) => *name == known,
            Self::Escaped(name) => name == known,
        }
    }

    fn is_of(&self, field: &Field) -> bool {
        self.is(field.wire) || field.aliases.iter().any(|alias| self.is(alias))
    }
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

/// Whether digits are a whole number that a JavaScript number would change.
fn is_unsafe_integer(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    // Nearly all numbers are short; 15 digits are always safe.
    digits.len() > 15
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.parse::<u64>().map_or(true, |number| number > MAX_SAFE_INTEGER)
}

#[cfg(test)]
mod tests {
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
    };

    fn outer(json: &str) -> String {
        let mut out = String::new();
        write(&mut out, json, Type::Object(&OUTER));
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
    fn lists_are_counted() {
        for (json, items) in
            [("[]", 0), (" [ ] ", 0), ("[1,2]", 2), (r#"[{"amount":1},{"x":[1,2,3]}]"#, 2)]
        {
            let mut out = String::new();
            assert_eq!(write_list(&mut out, json, Type::Object(&OUTER)).items, items, "{json}");
        }
    }

    #[test]
    fn what_is_not_json_ends_too() {
        for json in [
            "",
            "{",
            "[",
            "\"",
            "{\"",
            "{\"a",
            "{\"a\"",
            "{\"a\":",
            "[,",
            "\\",
            "{\"a\\",
            "}",
            "é",
            "[é",
            "{\"a\":é",
        ] {
            let mut out = String::new();
            write(&mut out, json, Type::Object(&OUTER));
            write_list(&mut out, json, Type::Object(&OUTER));
        }
    }

    #[test]
    fn deep_nesting_does_not_use_the_stack() {
        let json = format!("{{\"free\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        let mut out = String::new();
        write(&mut out, &json, Type::Object(&OUTER));
        assert_eq!(out, json);
    }
}
