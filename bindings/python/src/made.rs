//! Models that a program makes by itself, from keywords, a dict or JSON text: for its tests, and out of its own store.

use std::fmt::Write as _;
use std::sync::Arc;

use payglot::runtime::json::{Document, ObjectView, RawJson};
use payglot::runtime::request::closest;
use payglot::schema::{Field, Schema, Type, Union};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{
    PyByteArray, PyBytes, PyDict, PyFloat, PyList, PyMapping, PyString, PyTuple, PyType,
};

use crate::classes::{self, Classes};
use crate::errors;
use crate::files::refuse;
use crate::input;
use crate::model::Model;

/// A list that contains itself would never end.
const MAX_DEPTH: usize = 64;

/// The provider's classes and the schema of a model class.
pub fn described(class: &Bound<'_, PyType>) -> PyResult<(&'static Classes, &'static Schema)> {
    let module = class.getattr("__module__")?.extract::<String>()?;
    for provider in payglot::providers::ALL {
        let classes = Classes::of(provider);
        if classes.module() != module {
            continue;
        }
        if let Some(schema) = classes.schema_of(class)? {
            return Ok((classes, schema));
        }
    }
    Err(PyTypeError::new_err("not a model of a provider"))
}

/// JSON of an object with these fields, named as attributes, over those that are there.
pub fn json_of_keywords(
    schema: &'static Schema,
    there: Option<&ObjectView>,
    fields: &Bound<'_, PyDict>,
) -> PyResult<String> {
    let mut members: Vec<(String, String)> = there.map(members).unwrap_or_default();
    for (name, value) in fields {
        let name = name.cast::<PyString>()?.to_str()?;
        let field = schema.fields.iter().find(|field| field.name == name);
        let field = field.ok_or_else(|| unknown(schema, name))?;
        refuse_floats(field.ty, &value, name, 0)?;
        let json = json_of(&value, name, 0)?;
        match members.iter_mut().find(|(wire, _)| wire == field.wire) {
            Some((_, there)) => *there = json,
            None => members.push((field.wire.to_owned(), json)),
        }
    }
    let mut text = String::from("{");
    for (position, (name, json)) in members.iter().enumerate() {
        let name = payglot::runtime::json::Value::Text(name.as_str().into()).to_json();
        let _ = write!(text, "{}{name}:{json}", if position == 0 { "" } else { "," });
    }
    text.push('}');
    check(schema, &text)?;
    Ok(text)
}

/// What a record has, by the wire's names.
fn members(record: &ObjectView) -> Vec<(String, String)> {
    let known = record.schema().fields.iter().enumerate().filter_map(|(position, field)| {
        Some((field.wire.to_owned(), record.field(position)?.json().to_owned()))
    });
    let extra = record.extra().map(|(name, raw)| (name.to_string(), raw.json().to_owned()));
    known.chain(extra).collect()
}

/// JSON text of what `from_json` takes: text, bytes, or a mapping by the wire's names.
pub fn json_of_source(schema: &Schema, source: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = source.cast::<PyString>() {
        return Ok(text.to_str()?.to_owned());
    }
    if source.is_instance_of::<PyBytes>() || source.is_instance_of::<PyByteArray>() {
        let bytes = source.extract::<Vec<u8>>()?;
        return String::from_utf8(bytes)
            .map_err(|_| PyValueError::new_err("the text is not UTF-8"));
    }
    if source.is_instance(classes::mapping(source.py())?)? {
        for field in schema.fields {
            if let Ok(value) = source.get_item(field.wire) {
                refuse_floats(field.ty, &value, field.name, 0)?;
            }
        }
        return json_of(source, schema.name, 0);
    }
    Err(PyTypeError::new_err("from_json() takes text, bytes, or a dict by the wire's names"))
}

/// JSON text of a mapping by the wire's names whose fields are of their types.
pub fn json_of_checked(schema: &'static Schema, source: &Bound<'_, PyAny>) -> PyResult<String> {
    if !source.is_instance(classes::mapping(source.py())?)? {
        return Err(PyTypeError::new_err(format!("must be a {} or an object", schema.name)));
    }
    let text = json_of_source(schema, source)?;
    check(schema, &text)?;
    Ok(text)
}

fn unknown(schema: &Schema, name: &str) -> PyErr {
    let hint = closest(name, schema.fields.iter().map(|field| field.name));
    let hint = hint.map(|hint| format!("; did you mean {hint}?")).unwrap_or_default();
    PyTypeError::new_err(format!("{} has no field {name}{hint}", schema.name))
}

/// A float has no exact digits, and an amount has nothing else.
fn refuse_floats(ty: Type, value: &Bound<'_, PyAny>, at: &str, depth: usize) -> PyResult<()> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    match ty {
        Type::Money(_) if value.is_instance_of::<PyFloat>() => Err(PyValueError::new_err(format!(
            "{at} must be an exact amount such as Decimal(\"10.10\") or \"10.10\", not a float"
        ))),
        Type::List(item) if value.is_instance_of::<PyList>() => {
            for value in value.try_iter()? {
                refuse_floats(*item, &value?, at, depth + 1)?;
            }
            Ok(())
        }
        Type::Object(schema) if value.is_instance_of::<PyDict>() => {
            for field in schema.fields {
                if let Ok(value) = value.get_item(field.wire) {
                    refuse_floats(field.ty, &value, &format!("{at}.{}", field.name), depth + 1)?;
                }
            }
            Ok(())
        }
        Type::Union(union) => refuse_floats_of(union, value, at, depth + 1),
        Type::Map(item) => match value.cast::<PyDict>() {
            Ok(entries) => entries
                .values()
                .iter()
                .try_for_each(|value| refuse_floats(*item, &value, at, depth + 1)),
            Err(_) => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The same where a value is one of several types: as the one that it says it is, or of whose fields it has the most.
fn refuse_floats_of(
    union: &Union,
    value: &Bound<'_, PyAny>,
    at: &str,
    depth: usize,
) -> PyResult<()> {
    let told = union.discriminator.as_ref().and_then(|discriminator| {
        let text = value.cast::<PyDict>().ok()?.get_item(discriminator.field).ok()??;
        discriminator.position(text.cast::<PyString>().ok()?.to_str().ok()?)
    });
    if let Some(member) = told.and_then(|position| union.members.get(position)) {
        return refuse_floats(*member, value, at, depth);
    }
    let known = |member: &Type| match (member, value.cast::<PyDict>()) {
        (Type::Object(schema), Ok(dict)) => {
            let is_there = |field: &Field| dict.contains(field.wire).unwrap_or_default();
            Some(schema.fields.iter().filter(|field| is_there(field)).count())
        }
        (Type::List(_), _) if value.is_instance_of::<PyList>() => Some(0),
        (Type::Map(_), Ok(_)) | (Type::Money(_) | Type::Union(_), _) => Some(0),
        _ => None,
    };
    let most = union.members.iter().filter_map(known).max();
    let mut likely = union.members.iter().filter(|member| known(member) == most && most.is_some());
    likely.try_for_each(|member| refuse_floats(*member, value, at, depth))
}

/// That each field is of its documented type: what a vendor sends may be anything, what a program writes may not.
fn check(schema: &'static Schema, text: &str) -> PyResult<()> {
    let document = Arc::new(Document::new(text));
    let Some(record) = RawJson::root(&document).and_then(|raw| raw.as_record(schema)) else {
        return Ok(());
    };
    for (position, field) in schema.fields.iter().enumerate() {
        if let Some(raw) = record.field(position)
            && !raw.fits(field.ty)
        {
            return Err(PyValueError::new_err(raw.misfit(schema, field)));
        }
    }
    Ok(())
}

/// A value as JSON text; models within keep the text that they have.
fn json_of(value: &Bound<'_, PyAny>, at: &str, depth: usize) -> PyResult<String> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err(format!("{at} is nested too deeply")));
    }
    if let Ok(model) = value.cast::<Model>() {
        return Ok(model.get().json().to_owned());
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let mut items = Vec::new();
        for item in value.try_iter()? {
            items.push(json_of(&item?, &format!("{at}[{}]", items.len()), depth + 1)?);
        }
        return Ok(format!("[{}]", items.join(",")));
    }
    if value.is_instance(classes::mapping(value.py())?)? {
        let mut members = Vec::new();
        for item in value.cast::<PyMapping>()?.items()?.iter() {
            let (name, value) = item.extract::<(String, Bound<'_, PyAny>)>()?;
            let json = json_of(&value, &format!("{at}.{name}"), depth + 1)?;
            let name = payglot::runtime::json::Value::Text(name.into()).to_json();
            members.push(format!("{name}:{json}"));
        }
        return Ok(format!("{{{}}}", members.join(",")));
    }
    match input::convert(value, at, depth).and_then(|value| refuse(value, at)) {
        Ok(value) => Ok(input::json_text(value)),
        Err(invalid) => Err(errors::from_invalid(value.py(), "", invalid)),
    }
}
