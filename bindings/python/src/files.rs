//! Files that Python gives: bytes, paths, binary file objects, and `payglot.File` around one of these.

use payglot::runtime::json::{File, Value};
use payglot::runtime::request::MAX_BODY_BYTES;
use payglot_bindings::InvalidRequest;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::classes;

/// Bytes that are asked of a file object at once.
const CHUNK: usize = 1024 * 1024;

/// The file that a value stands for; none where it is something else. The outer error is what Python raised while looking.
pub fn read(
    value: &Bound<'_, PyAny>,
    at: &str,
) -> PyResult<Option<Result<Value<'static>, InvalidRequest>>> {
    let py = value.py();
    let (data, name, content_type) = if value.is_instance(classes::file(py)?)? {
        let text = |attribute| value.getattr(attribute)?.extract::<Option<String>>();
        let Ok(name) = text(intern!(py, "name")) else {
            return Ok(Some(Err(InvalidRequest::new(at, "has a name that is not text"))));
        };
        let Ok(content_type) = text(intern!(py, "content_type")) else {
            return Ok(Some(Err(InvalidRequest::new(at, "has a content type that is not text"))));
        };
        (value.getattr(intern!(py, "data"))?, name, content_type)
    } else {
        (value.clone(), None, None)
    };
    let Some(file) = plain(&data, at)? else {
        let is_wrapped = !data.is(value);
        let class = data.get_type().name()?;
        let problem =
            format!("must hold bytes, a pathlib.Path or a binary file object, not {class}");
        return Ok(is_wrapped.then(|| Err(InvalidRequest::new(at, problem))));
    };
    Ok(Some(file.map(|mut file| {
        if let Some(name) = name {
            file = file.name(name);
        }
        if let Some(content_type) = content_type {
            file = file.content_type(content_type);
        }
        Value::File(Box::new(file))
    })))
}

fn plain(data: &Bound<'_, PyAny>, at: &str) -> PyResult<Option<Result<File, InvalidRequest>>> {
    let py = data.py();
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(Some(Ok(File::bytes(bytes.as_bytes().to_vec()))));
    }
    if let Ok(bytes) = data.cast::<PyByteArray>() {
        return Ok(Some(Ok(File::bytes(bytes.to_vec()))));
    }
    if data.is_instance_of::<PyMemoryView>() {
        let bytes = data.call_method0(intern!(py, "tobytes"))?.extract::<Vec<u8>>()?;
        return Ok(Some(Ok(File::bytes(bytes))));
    }
    if data.hasattr(intern!(py, "__fspath__"))? {
        let path = data.extract::<std::path::PathBuf>()?;
        return Ok(Some(Ok(File::path(path))));
    }
    if data.hasattr(intern!(py, "read"))? {
        return Ok(Some(stream(data, at)));
    }
    Ok(None)
}

/// All that a file object gives, from where it stands.
fn stream(object: &Bound<'_, PyAny>, at: &str) -> Result<File, InvalidRequest> {
    let py = object.py();
    let unreadable = |error: &PyErr| {
        let class = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
        InvalidRequest::new(at, format!("cannot be read: {class}. Nothing was sent"))
    };
    let mut data = Vec::new();
    loop {
        let chunk = object.call_method1(intern!(py, "read"), (CHUNK,));
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        let Ok(chunk) = chunk.cast_into::<PyBytes>() else {
            let problem = "must be a file that is opened in binary mode and read without awaiting";
            return Err(InvalidRequest::new(at, problem));
        };
        if chunk.as_bytes().is_empty() {
            break;
        }
        if data.len() + chunk.as_bytes().len() > MAX_BODY_BYTES {
            let most = MAX_BODY_BYTES / 1024 / 1024;
            let problem = format!(
                "is larger than {most} MiB, the most that is held in memory. Nothing was sent"
            );
            return Err(InvalidRequest::new(at, problem));
        }
        data.extend_from_slice(chunk.as_bytes());
    }
    let file = File::bytes(data);
    let name = object.getattr(intern!(py, "name")).ok();
    // The name of a file object that was opened by its number is that number.
    let name = name.as_ref().and_then(|name| name.cast::<PyString>().ok()?.to_str().ok());
    let last = name.and_then(|name| std::path::Path::new(name).file_name()?.to_str());
    Ok(match last {
        Some(name) => file.name(name),
        None => file,
    })
}

/// Fails where a value that must be JSON is or holds a file.
pub fn refuse(value: Value<'static>, at: &str) -> Result<Value<'static>, InvalidRequest> {
    fn is_in(value: &Value<'_>) -> bool {
        match value {
            Value::File(_) => true,
            Value::List(items) => items.iter().any(is_in),
            Value::Object(fields) => fields.iter().any(|(_, value)| is_in(value)),
            _ => false,
        }
    }
    if is_in(&value) {
        return Err(InvalidRequest::new(at, "must be JSON, not bytes or a file"));
    }
    Ok(value)
}
