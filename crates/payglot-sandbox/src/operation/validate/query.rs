//! Reads the parameters of a query by the style that the document declares.

use axum::http::HeaderMap;
use payglot::schema::{Field, ParameterStyle, Type};
use serde_json::{Map, Value};

use super::{from_text, unions};

/// The query's known parameters; the last of equal names counts, except in lists.
pub(super) fn query_object(fields: &[Field], query: &str) -> Map<String, Value> {
    object(fields, |field| field.style, query)
}

/// The known fields of a form, by the styles that are not the usual one.
pub(super) fn form_object(
    fields: &[Field],
    styles: &[(&str, ParameterStyle)],
    form: &str,
) -> Map<String, Value> {
    let style = |field: &Field| {
        let known = styles.iter().find(|(name, _)| *name == field.wire);
        known.map(|(_, style)| *style).unwrap_or_default()
    };
    object(fields, style, form)
}

fn object(
    fields: &[Field],
    style: impl Fn(&Field) -> ParameterStyle,
    query: &str,
) -> Map<String, Value> {
    let mut object = Map::new();
    for raw in query.split('&') {
        let Some((name, text)) = form_urlencoded::parse(raw.as_bytes()).next() else { continue };
        if let Some((field, keys)) = deep_object(fields, &style, &name) {
            insert(&mut object, field, &keys, &text);
            continue;
        }
        if let Some((field, inner)) = side_by_side(fields, &style, &name) {
            insert(&mut object, field, &[inner], &text);
            continue;
        }
        let is_it = |field: &&Field| field.wire == name && style(field).is_query();
        let Some(field) = fields.iter().find(is_it) else { continue };
        if let (Type::List(item), Some(_)) = (&field.ty, style(field).delimiter()) {
            let texts = delimited(style(field), raw);
            let items = texts.iter().map(|text| from_text(item, text)).collect();
            object.insert(field.wire.to_owned(), Value::Array(items));
            continue;
        }
        if style(field) == ParameterStyle::Json {
            let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(&*text));
            object.insert(field.wire.to_owned(), value);
            continue;
        }
        match (&field.ty, object.get_mut(field.wire)) {
            (Type::List(item), Some(Value::Array(items))) => items.push(from_text(item, &text)),
            (Type::List(item), _) => {
                object.insert(field.wire.to_owned(), Value::Array(vec![from_text(item, &text)]));
            }
            (ty, _) => {
                object.insert(field.wire.to_owned(), from_text(ty, &text));
            }
        }
    }
    object
}

/// The parameters that are headers and cookies.
pub(super) fn header_object(fields: &[Field], headers: &HeaderMap) -> Map<String, Value> {
    let mut object = Map::new();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    for field in fields {
        let text = match field.style {
            ParameterStyle::Header => text(field.wire).map(str::to_owned),
            ParameterStyle::Cookie => text("cookie").and_then(|all| cookie(all, field.wire)),
            _ => None,
        };
        let Some(text) = text else { continue };
        let value = match &field.ty {
            Type::List(item) => text.split(',').map(|text| from_text(item, text.trim())).collect(),
            ty => from_text(ty, &text),
        };
        object.insert(field.wire.to_owned(), value);
    }
    object
}

/// The value of a cookie, decoded: what the form encoding has for a space means itself here.
fn cookie(all: &str, name: &str) -> Option<String> {
    let value = all.split("; ").find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='))?;
    let pair = format!("={}", value.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, text)| text.into_owned())
}

/// The items of a list in one parameter. Commas separate before decoding, as an encoded one is part of an item.
fn delimited(style: ParameterStyle, raw: &str) -> Vec<String> {
    let decode = |text: &str| {
        let pair = format!("={text}");
        let value = form_urlencoded::parse(pair.as_bytes()).next();
        value.map(|(_, text)| text.into_owned()).unwrap_or_default()
    };
    let value = raw.split_once('=').map_or("", |(_, value)| value);
    match style.delimiter() {
        Some((',', _)) => value.split(',').map(decode).collect(),
        Some((delimiter, _)) => decode(value).split(delimiter).map(str::to_owned).collect(),
        None => vec![decode(value)],
    }
}

/// The parameter that has a field of this name side by side with others.
fn side_by_side<'f>(
    fields: &'f [Field],
    style: impl Fn(&Field) -> ParameterStyle,
    name: &str,
) -> Option<(&'f Field, String)> {
    let has = |field: &&Field| match field.ty {
        Type::Object(schema) => schema.fields.iter().any(|inner| inner.wire == name),
        _ => false,
    };
    let mut those = fields.iter().filter(|field| style(field) == ParameterStyle::Fields);
    Some((those.find(has)?, name.to_owned()))
}

/// The parameter and the keys that a name such as `filter[size][least]` has.
fn deep_object<'f>(
    fields: &'f [Field],
    style: impl Fn(&Field) -> ParameterStyle,
    name: &str,
) -> Option<(&'f Field, Vec<String>)> {
    let (wire, keys) = name.strip_suffix(']')?.split_once('[')?;
    let is_deep = |field: &&Field| style(field) == ParameterStyle::DeepObject && field.wire == wire;
    Some((fields.iter().find(is_deep)?, keys.split("][").map(str::to_owned).collect()))
}

/// Puts a value where its keys say, by the type that its field has.
fn insert(object: &mut Map<String, Value>, field: &Field, keys: &[String], text: &str) {
    let Some((key, rest)) = keys.split_first() else {
        let (ty, is_list) = match &field.ty {
            Type::List(item) => (*item, true),
            ty => (ty, false),
        };
        let value = from_text(ty, text);
        match object.get_mut(field.wire) {
            Some(Value::Array(items)) if is_list => items.push(value),
            _ => {
                let value = if is_list { Value::Array(vec![value]) } else { value };
                object.insert(field.wire.to_owned(), value);
            }
        }
        return;
    };
    let within = object.entry(field.wire).or_insert_with(|| Value::Object(Map::new()));
    let Some(within) = within.as_object_mut() else { return };
    let known = match &field.ty {
        Type::Object(schema) => schema.fields.iter().find(|field| field.wire == key),
        Type::Union(union) => {
            let models = unions::models(union);
            models.iter().find_map(|schema| schema.fields.iter().find(|field| field.wire == key))
        }
        _ => None,
    };
    match known {
        Some(field) => insert(within, field, rest, text),
        // Of a free object's values nothing is known: they stay text.
        None => free(within, key, rest, text),
    }
}

fn free(object: &mut Map<String, Value>, key: &str, rest: &[String], text: &str) {
    match rest.split_first() {
        None => {
            object.insert(key.to_owned(), text.into());
        }
        Some((next, rest)) => {
            let within = object.entry(key).or_insert_with(|| Value::Object(Map::new()));
            if let Some(within) = within.as_object_mut() {
                free(within, next, rest, text);
            }
        }
    }
}
