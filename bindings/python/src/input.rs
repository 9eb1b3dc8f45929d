//! Python values on their way into a request.
//!
//! The runtime decides what a value may stand for; here it only becomes a tree of text, numbers, lists and objects, or an
//! error that names the argument.

use std::borrow::Cow;

use payglot::runtime::json::Value;
use payglot_bindings::InvalidRequest;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::NotGiven;
use crate::classes;
use crate::files;

use crate::model::Model;

/// A list that contains itself would never end.
const MAX_DEPTH: usize = 64;
/// Digits beyond which a decimal is a mistake: `Decimal("1E+999999")` would become a megabyte.
const MAX_DECIMAL_DIGITS: i64 = 100;

type Fields = Vec<(Cow<'static, str>, Value<'static>)>;

/// Query and body fields by name; those that were not given are left out.
pub fn params(given: &Bound<'_, PyDict>) -> Result<Fields, InvalidRequest> {
    let mut fields = Fields::with_capacity(given.len());
    for (name, value) in given {
        let name = name.cast::<PyString>().ok().and_then(|name| name.to_str().ok());
        let name =
            name.ok_or_else(|| InvalidRequest::new("extra_fields", "must have text as names"))?;
        if !value.is_exact_instance_of::<NotGiven>() {
            fields.push((name.to_owned().into(), convert(&value, name, 0)?));
        }
    }
    Ok(fields)
}

/// A path parameter: text, a UUID, or a whole number.
pub fn path_text(value: &Bound<'_, PyAny>, name: &str) -> Result<String, InvalidRequest> {
    match convert(value, name, 0)? {
        Value::Text(text) | Value::Integer(text) => Ok(text.into_owned()),
        _ => Err(InvalidRequest::new(name, "must be text or a UUID")),
    }
}

/// Any value; `at` names it.
pub fn convert(
    value: &Bound<'_, PyAny>,
    at: &str,
    depth: usize,
) -> Result<Value<'static>, InvalidRequest> {
    if depth > MAX_DEPTH {
        return Err(InvalidRequest::new(at, "is nested too deeply"));
    }
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        // Members of a `str` enum too: their text is their value.
        let text = text
            .to_str()
            .map_err(|_| InvalidRequest::new(at, "holds text that is not valid Unicode"))?;
        return Ok(Value::Text(text.to_owned().into()));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Boolean(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return integer(value, at);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        if !number.value().is_finite() {
            return Err(InvalidRequest::new(at, "must be a finite number"));
        }
        // The shortest form that reads back as the same number, by its value: a subclass, such as NumPy's, may print itself
        // as anything.
        let py = value.py();
        let plain = PyFloat::new(py, number.value());
        let digits = plain.call_method0(intern!(py, "__repr__")).and_then(|text| text.extract());
        return digits
            .map(|digits: String| Value::Float(digits.into()))
            .map_err(|_| InvalidRequest::new(at, "cannot be read"));
    }
    if let Ok(fields) = value.cast::<PyDict>() {
        return object(fields.iter(), at, depth);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return list(value, at, depth);
    }
    if let Ok(model) = value.cast::<Model>() {
        return model.get().to_input().ok_or_else(|| InvalidRequest::new(at, "cannot be read"));
    }
    special(value, at, depth).unwrap_or_else(|_| Err(InvalidRequest::new(at, "cannot be read")))
}

/// Values of classes from Python's library. The outer error is what Python raised while looking.
fn special(
    value: &Bound<'_, PyAny>,
    at: &str,
    depth: usize,
) -> PyResult<Result<Value<'static>, InvalidRequest>> {
    let py = value.py();
    if value.is_exact_instance_of::<NotGiven>() {
        return Ok(Err(InvalidRequest::new(at, "is required")));
    }
    if value.is_instance(classes::decimal(py)?)? {
        return decimal(value, at);
    }
    if value.is_instance(classes::datetime(py)?)? {
        if value.call_method0(intern!(py, "utcoffset"))?.is_none() {
            let problem = "must be a datetime with a time zone, such as datetime.now(timezone.utc)";
            return Ok(Err(InvalidRequest::new(at, problem)));
        }
        return text_of(&value.call_method0(intern!(py, "isoformat"))?);
    }
    if value.is_instance(classes::date(py)?)? {
        return text_of(&value.call_method0(intern!(py, "isoformat"))?);
    }
    if value.is_instance(classes::uuid(py)?)? {
        return text_of(&value.str()?.into_any());
    }
    if value.is_instance(classes::enumeration(py)?)? {
        return Ok(convert(&value.getattr(intern!(py, "value"))?, at, depth + 1));
    }
    if value.is_instance(classes::mapping(py)?)? {
        let items = value.cast::<PyMapping>()?.items()?;
        let pairs = items.iter().map(|item| item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>());
        let pairs: Vec<_> = pairs.collect::<PyResult<_>>()?;
        return Ok(object(pairs.into_iter(), at, depth));
    }
    // An argument or an item of one: nothing that is JSON holds a file.
    if depth <= 1
        && let Some(file) = files::read(value, at)?
    {
        return Ok(file);
    }
    // Whole numbers that are no `int`, such as NumPy's.
    if value.hasattr(intern!(py, "__index__"))? {
        let number = value.call_method0(intern!(py, "__index__"))?;
        return Ok(integer(&number, at));
    }
    let is_bytes = value.is_instance_of::<PyBytes>() || value.hasattr(intern!(py, "__buffer__"))?;
    if !is_bytes && value.is_instance(classes::iterable(py)?)? {
        return Ok(list(value, at, depth));
    }
    let class = value.get_type().name()?;
    Ok(Err(InvalidRequest::new(
        at,
        format!("must be text, a number, a list or a mapping, not {class}"),
    )))
}

fn text_of(text: &Bound<'_, PyAny>) -> PyResult<Result<Value<'static>, InvalidRequest>> {
    Ok(Ok(Value::Text(text.extract::<String>()?.into())))
}

fn integer(value: &Bound<'_, PyAny>, at: &str) -> Result<Value<'static>, InvalidRequest> {
    if let Ok(number) = value.extract::<i64>() {
        return Ok(Value::Integer(number.to_string().into()));
    }
    // Through `int`: a subclass may print itself as anything.
    let digits =
        value.py().get_type::<PyInt>().call_method1(intern!(value.py(), "__repr__"), (value,));
    let digits = digits.and_then(|digits| digits.extract::<String>());
    digits
        .map(|digits| Value::Integer(digits.into()))
        .map_err(|_| InvalidRequest::new(at, "is a number that is too large"))
}

/// The digits in plain notation, so that `10.10` stays `10.10`.
fn decimal(value: &Bound<'_, PyAny>, at: &str) -> PyResult<Result<Value<'static>, InvalidRequest>> {
    let py = value.py();
    // By the methods of the class itself: a subclass may have others.
    let class = classes::decimal(py)?;
    if !class.call_method1(intern!(py, "is_finite"), (value,))?.is_truthy()? {
        return Ok(Err(InvalidRequest::new(at, "must be a finite number")));
    }
    let (_, digits, exponent) = class.call_method1(intern!(py, "as_tuple"), (value,))?.extract::<(
        Bound<'_, PyAny>,
        Bound<'_, PyTuple>,
        i64,
    )>()?;
    if exponent.abs() > MAX_DECIMAL_DIGITS
        || i64::try_from(digits.len()).is_ok_and(|count| count > MAX_DECIMAL_DIGITS)
    {
        return Ok(Err(InvalidRequest::new(at, "must be an amount of at most 28 digits")));
    }
    let digits = class.call_method1(intern!(py, "__format__"), (value, intern!(py, "f")))?;
    Ok(Ok(Value::Decimal(digits.extract::<String>()?.into())))
}

fn object<'py>(
    pairs: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    at: &str,
    depth: usize,
) -> Result<Value<'static>, InvalidRequest> {
    let mut fields = Fields::new();
    for (name, value) in pairs {
        let name = name.cast::<PyString>().ok().and_then(|name| name.to_str().ok());
        let name = name.ok_or_else(|| InvalidRequest::new(at, "must have text as names"))?;
        if !value.is_exact_instance_of::<NotGiven>() {
            fields.push((
                name.to_owned().into(),
                convert(&value, &format!("{at}.{name}"), depth + 1)?,
            ));
        }
    }
    Ok(Value::Object(fields))
}

fn list(
    values: &Bound<'_, PyAny>,
    at: &str,
    depth: usize,
) -> Result<Value<'static>, InvalidRequest> {
    let invalid = || InvalidRequest::new(at, "cannot be read as a list");
    let mut items = Vec::new();
    for value in values.try_iter().map_err(|_| invalid())? {
        let value = value.map_err(|_| invalid())?;
        items.push(convert(&value, &format!("{at}[{}]", items.len()), depth + 1)?);
    }
    Ok(Value::List(items))
}

/// JSON text with decimals as numbers, for calls outside the document.
pub fn json_text(input: Value<'static>) -> String {
    fn as_numbers(input: Value<'static>) -> Value<'static> {
        match input {
            Value::Decimal(digits) => Value::Float(digits),
            Value::List(items) => Value::List(items.into_iter().map(as_numbers).collect()),
            Value::Object(fields) => Value::Object(
                fields.into_iter().map(|(name, value)| (name, as_numbers(value))).collect(),
            ),
            other => other,
        }
    }
    as_numbers(input).to_json()
}
