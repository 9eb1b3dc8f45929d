//! Records as what JSON writers take, and what JSON Schema says of them.

use payglot::runtime::json::{ObjectView, RawJson};
use payglot::schema::{Field, Schema, Type};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::classes::Classes;
use crate::output::printable_json;

/// Depth beyond which an object stays plain JSON: the stack is limited.
const MAX_DEPTH: u8 = 100;

/// Whether values that a `repr` hides are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// All values.
    All,
    /// Those that may be shown.
    Printable,
}

/// A record by the wire's names, with the types that `json.dumps` takes: amounts and numbers with a fraction are text.
pub fn record<'py>(
    py: Python<'py>,
    record: &ObjectView,
    shows: Shows,
    depth: u8,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (position, field) in record.schema().fields.iter().enumerate() {
        if let Some(raw) = record.field(position) {
            if let Some(words) = hidden(field, raw, shows) {
                dict.set_item(field.wire, words)?;
            } else {
                dict.set_item(field.wire, value(py, field.ty, raw, shows, depth)?)?;
            }
        }
    }
    for (name, raw) in record.extra() {
        match shows {
            Shows::All => dict.set_item(name, printable_json(py, raw.json())?)?,
            // What it holds is not known, and so neither whether it may be shown.
            Shows::Printable => dict.set_item(name, "[unknown]")?,
        }
    }
    Ok(dict)
}

/// What stands for a value that is not to be shown.
fn hidden(field: &Field, raw: RawJson<'_>, shows: Shows) -> Option<&'static str> {
    if shows == Shows::All || raw.is_null() {
        None
    } else if field.sensitive {
        Some("[redacted]")
    } else if matches!(field.ty, Type::Any | Type::List(Type::Any) | Type::Map(Type::Any)) {
        Some("[JSON]")
    } else {
        (!raw.fits(field.ty)).then_some("[of another type]")
    }
}

fn value<'py>(
    py: Python<'py>,
    ty: Type,
    raw: RawJson<'_>,
    shows: Shows,
    depth: u8,
) -> PyResult<Bound<'py, PyAny>> {
    match ty {
        Type::Money(_) if !raw.is_null() => {
            if let Some(digits) = raw.as_text() {
                return Ok(digits.into_pyobject(py)?.into_any());
            }
        }
        Type::Object(schema) if depth < MAX_DEPTH => {
            if let Some(within) = raw.as_record(schema) {
                return Ok(record(py, &within, shows, depth + 1)?.into_any());
            }
        }
        Type::List(item) => {
            if let Some(items) = raw.as_items() {
                let list = PyList::empty(py);
                for raw in items {
                    list.append(value(py, *item, raw, shows, depth)?)?;
                }
                return Ok(list.into_any());
            }
        }
        Type::Map(item) if !raw.is_null() => {
            let dict = PyDict::new(py);
            for (name, raw) in raw.entries() {
                dict.set_item(&*name, value(py, *item, raw, shows, depth)?)?;
            }
            return Ok(dict.into_any());
        }
        _ => {}
    }
    printable_json(py, raw.json())
}

/// The JSON Schema of a model; `nested` gives that of a class within.
pub fn schema_of<'py>(
    py: Python<'py>,
    classes: &Classes,
    schema: &Schema,
    nested: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let properties = PyDict::new(py);
    for field in schema.fields {
        let described = type_schema(py, classes, field.ty, nested)?;
        let null = PyDict::new(py);
        null.set_item("type", "null")?;
        let either = PyDict::new(py);
        either.set_item("anyOf", PyList::new(py, [described, null.into_any()])?)?;
        properties.set_item(field.wire, either)?;
    }
    let dict = PyDict::new(py);
    dict.set_item("title", schema.name)?;
    dict.set_item("type", "object")?;
    dict.set_item("properties", properties)?;
    Ok(dict)
}

fn type_schema<'py>(
    py: Python<'py>,
    classes: &Classes,
    ty: Type,
    nested: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    let (name, format) = match ty {
        Type::Text | Type::Enum(_) => ("string", None),
        Type::Uuid => ("string", Some("uuid")),
        Type::Date => ("string", Some("date")),
        Type::DateTime => ("string", Some("date-time")),
        Type::File => ("string", Some("binary")),
        Type::Money(_) => ("string", Some("decimal")),
        Type::Boolean => ("boolean", None),
        Type::Integer => ("integer", None),
        Type::Number => ("number", None),
        Type::Object(schema) => return nested.call1((classes.get(py, schema)?,)),
        Type::List(item) => {
            dict.set_item("items", type_schema(py, classes, *item, nested)?)?;
            ("array", None)
        }
        Type::Map(item) => {
            dict.set_item("additionalProperties", type_schema(py, classes, *item, nested)?)?;
            ("object", None)
        }
        Type::Any => return Ok(dict.into_any()),
    };
    dict.set_item("type", name)?;
    if let Some(format) = format {
        dict.set_item("format", format)?;
    }
    Ok(dict.into_any())
}
