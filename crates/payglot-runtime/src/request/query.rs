//! Writes the parameters of a query in the style that the document declares.

use std::borrow::Cow;

use super::LONGEST_SEGMENT;
use super::values::Encoder;
use crate::error::Error;
use crate::json::Value;
use crate::schema::{Field, ParameterStyle, Type};

/// Adds a parameter to path and query: nothing where it is left out.
pub(super) fn push(
    target: &mut String,
    encoder: &mut Encoder,
    field: &'static Field,
    given: Option<&Value<'_>>,
) -> Result<(), Error> {
    let too_long = |encoder: &Encoder, value: &str| {
        let problem = format!("is longer than {LONGEST_SEGMENT} bytes, which no URL holds");
        let name = encoder.name(field);
        (value.len() > LONGEST_SEGMENT).then(|| Error::invalid_request(name, problem))
    };
    let is_object = matches!(field.ty, Type::Object(_) | Type::Map(_));
    if matches!(field.style, ParameterStyle::DeepObject | ParameterStyle::Fields) {
        for (name, value) in encoder.deep(field, given)? {
            if let Some(error) = too_long(encoder, &value) {
                return Err(error);
            }
            push_query(target, &name, &value);
        }
        return Ok(());
    }
    let values = match field.style {
        ParameterStyle::Json => encoder.json(field, given)?.into_iter().collect(),
        style if style.delimiter().is_some() && is_object => {
            let pairs = encoder.deep(field, given)?;
            pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
        }
        _ => encoder.query(field, given)?,
    };
    if let Some(error) = values.iter().find_map(|value| too_long(encoder, value)) {
        return Err(error);
    }
    if field.style.delimiter().is_none() {
        for value in values {
            push_query(target, field.wire, &value);
        }
        return Ok(());
    }
    if values.is_empty() {
        return Ok(());
    }
    push_query(target, field.wire, "");
    push_delimited(target, &values, field.style, || encoder.name(field).to_owned())
}

/// Adds values to a pair, with what the style has between them. `name` is the argument's.
pub(super) fn push_delimited(
    out: &mut String,
    values: &[String],
    style: ParameterStyle,
    name: impl Fn() -> String,
) -> Result<(), Error> {
    let Some((delimiter, written)) = style.delimiter() else { return Ok(()) };
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            out.push_str(written);
        }
        // A comma between values stands as itself and one within a value does not. The others look alike.
        if delimiter != ',' && value.contains(delimiter) {
            let problem =
                format!("must not contain `{delimiter}`, which stands between its values");
            return Err(Error::invalid_request(name(), problem));
        }
        out.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    Ok(())
}

/// Adds a parameter to path and query, in the form encoding.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    encode(target, name, value);
}

/// Adds a pair to a form.
pub(super) fn push_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    encode(form, name, value);
}

fn encode(out: &mut String, name: &str, value: &str) {
    out.extend(form_urlencoded::byte_serialize(name.as_bytes()));
    out.push('=');
    out.extend(form_urlencoded::byte_serialize(value.as_bytes()));
}

/// Collects the plain values of an object under the names of its fields. What is no plain value, nor a list of those, is
/// given back.
pub(super) fn side_by_side<'v>(
    pairs: &mut Vec<(String, String)>,
    fields: &'v [(Cow<'_, str>, Value<'_>)],
) -> Option<&'v str> {
    for (name, value) in fields {
        match value {
            Value::List(values) if values.iter().all(|value| value.plain_text().is_some()) => {
                for value in values {
                    flatten(pairs, name, value);
                }
            }
            Value::List(_) | Value::Object(_) => return Some(name),
            plain => flatten(pairs, name, plain),
        }
    }
    None
}

/// Collects the plain values of an object under the names of a `deepObject`: `filter[size][least]`. A query has no null.
pub(super) fn flatten(pairs: &mut Vec<(String, String)>, name: &str, value: &Value<'_>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                flatten(pairs, &format!("{name}[{key}]"), value);
            }
        }
        Value::List(values) => {
            for value in values {
                flatten(pairs, name, value);
            }
        }
        plain => pairs.extend(plain.plain_text().map(|text| (name.to_owned(), text))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::prepare;
    use crate::json::{FloatMoney, Value};
    use crate::schema::{Field, Operation, ParameterStyle, Schema, Type, Unit};

    static RANGE: Schema = Schema {
        index: 1,
        name: "Range",
        fields: &[Field::new("least", "least", Type::Money(Unit::Currency))],
        open: false,
        outcome: None,
        certain: 0,
    };
    static FILTER: Schema = Schema {
        index: 0,
        name: "Filter",
        fields: &[
            Field::new("name", "name", Type::Text).required(),
            Field::new("tags", "tags", Type::List(&Type::Text)),
            Field::new("made", "made", Type::DateTime).read_only(),
            Field::new("range", "range", Type::Object(&RANGE)),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    static SEARCH: Operation = Operation {
        name: "searches.list",
        query: &[
            Field::new("comma", "comma", Type::List(&Type::Text)).style(ParameterStyle::Comma),
            Field::new("deep", "deep", Type::Object(&FILTER)).style(ParameterStyle::DeepObject),
            Field::new("free", "free", Type::Any).style(ParameterStyle::DeepObject),
            Field::new("pipe", "pipe", Type::List(&Type::Text)).style(ParameterStyle::Pipe),
            Field::new("repeated", "repeated", Type::List(&Type::Text)),
            Field::new("space", "space", Type::List(&Type::Integer)).style(ParameterStyle::Space),
        ],
        ..Operation::DEFAULTS
    };

    fn target(json: &str) -> Result<String, String> {
        let Some(Value::Object(params)) = Value::from_json(json) else { return Err("test".into()) };
        prepare(&SEARCH, &[], &params, FloatMoney::TwoDigits)
            .map(|request| request.target().to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn lists_are_written_in_their_style() {
        let sent = |json| target(json).unwrap();
        assert_eq!(sent(r#"{"comma": ["a", "b,c", "d e"]}"#), "/?comma=a,b%2Cc,d+e");
        assert_eq!(sent(r#"{"pipe": ["a", "b"], "space": [1, 2]}"#), "/?pipe=a%7Cb&space=1%202");
        assert_eq!(sent(r#"{"repeated": ["a", "b"]}"#), "/?repeated=a&repeated=b");
        assert_eq!(sent(r#"{"comma": [], "pipe": ["one"]}"#), "/?pipe=one");
    }

    #[test]
    fn objects_are_written_key_by_key() {
        let sent = |json| target(json).unwrap();
        assert_eq!(
            sent(r#"{"deep": {"name": "a&b", "tags": ["x", "y"], "range": {"least": "10.10"}}}"#),
            "/?deep%5Bname%5D=a%26b&deep%5Btags%5D=x&deep%5Btags%5D=y&deep%5Brange%5D%5Bleast%5D=10.10"
        );
        assert_eq!(sent(r#"{"free": {"k": true, "n": null}}"#), "/?free%5Bk%5D=true");
    }

    #[test]
    fn what_no_server_could_read_back_is_refused() {
        let refused = |json, expected: &str| {
            let error = target(json).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        refused(r#"{"pipe": ["a|b"]}"#, "must not contain `|`");
        refused(r#"{"deep": ["a"]}"#, "must be an object");
        refused(r#"{"deep": {}}"#, "deep.name");
        refused(r#"{"deep": {"name": "n", "other": 1}}"#, "deep.other");
        refused(r#"{"deep": {"name": "n", "range": {"least": 0.30000000000000004}}}"#, "least");
    }

    #[test]
    fn what_the_vendor_sets_goes_out_in_no_request() {
        static MAKE: Operation =
            Operation { method: "POST", body: Some(&FILTER), ..Operation::DEFAULTS };
        let refused = |json| {
            let Some(Value::Object(params)) = Value::from_json(json) else { return None };
            prepare(&MAKE, &[], &params, FloatMoney::TwoDigits).err().map(|error| error.to_string())
        };
        let error = refused(r#"{"name": "n", "made": "2026-01-31T09:30:00Z"}"#).unwrap_or_default();
        assert!(error.contains("`made` is set by the vendor alone"), "{error}");
        assert_eq!(
            target(r#"{"deep": {"name": "n", "made": "2026-01-31T09:30:00Z"}}"#).unwrap(),
            "/?deep%5Bname%5D=n"
        );
    }
}
