//! Bodies that are no JSON object: the one value of a model, and forms.

use super::query::{push_delimited, push_pair};
use crate::error::Error;
use crate::json::Value;
use crate::schema::{ParameterStyle, Schema};

/// The value of a model's one field; none where it is left out. `object` is the checked JSON of the model.
pub(super) fn value(object: &str, schema: &Schema) -> Option<String> {
    // It begins with the name as it is written, and ends with the brace.
    let mut name = String::from("{");
    crate::json::write_text(&mut name, schema.fields.first()?.wire);
    name.push(':');
    Some(object.strip_prefix(&name)?.strip_suffix('}')?.to_owned())
}

/// The fields of a model as the pairs of a form. `object` is the checked JSON of the model.
pub(super) fn pairs(
    object: &str,
    styles: &[(&'static str, ParameterStyle)],
) -> Result<String, Error> {
    let mut out = String::with_capacity(object.len());
    let Some(Value::Object(fields)) = Value::from_json(object) else { return Ok(out) };
    for (name, value) in &fields {
        let style = styles.iter().find(|(known, _)| known == name).map(|(_, style)| *style);
        field(&mut out, name, value, style.unwrap_or_default())?;
    }
    Ok(out)
}

fn field(
    out: &mut String,
    name: &str,
    value: &Value<'_>,
    style: ParameterStyle,
) -> Result<(), Error> {
    match (value, style) {
        (Value::Object(fields), ParameterStyle::DeepObject) => {
            for (key, value) in fields {
                field(out, &format!("{name}[{key}]"), value, style)?;
            }
        }
        (Value::List(values), ParameterStyle::DeepObject) => {
            for (position, value) in values.iter().enumerate() {
                field(out, &format!("{name}[{position}]"), value, style)?;
            }
        }
        (Value::List(values), _) if style.delimiter().is_some() => {
            let texts = values.iter().map(|value| text(name, value));
            let texts = texts.collect::<Result<Vec<_>, _>>()?;
            push_pair(out, name, "");
            push_delimited(out, &texts, style, || name.to_owned())?;
        }
        (Value::List(values), _) => {
            for value in values {
                push_pair(out, name, &text(name, value)?);
            }
        }
        (value, _) => push_pair(out, name, &text(name, value)?),
    }
    Ok(())
}

/// A value as it stands in a form: an object is JSON.
fn text(name: &str, value: &Value<'_>) -> Result<String, Error> {
    if matches!(value, Value::Null) {
        let problem = "must not be null, which no form has; leave it out instead";
        return Err(Error::invalid_request(name.to_owned(), problem));
    }
    Ok(value.plain_text().unwrap_or_else(|| value.to_json()))
}
