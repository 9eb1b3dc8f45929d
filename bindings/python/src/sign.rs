//! Signing without a client.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::errors;
use crate::gate;
use crate::settings;

#[allow(clippy::doc_markdown)] // the names of arguments, as Python's docstrings have them
/// Sign a request to the Paywint Platform API, for use with any HTTP client.
///
/// Args:
///     secret: The platform's secret key.
///     method: HTTP method.
///     path: Path as on the wire, percent-encoding and all.
///     query: Query as on the wire with its `?`, or nothing.
///     body: The exact bytes that are sent; text is taken as UTF-8.
///     empty_body: What an empty body adds to the signature: "hash" for the SHA-256 of nothing, "omit" for
///         nothing at all.
///
/// Returns:
///     The value of the `X-Signature` header, lower-case hexadecimal.
#[pyfunction]
#[pyo3(signature = (secret, method, path, query = "", body = None, *, empty_body = "hash"),
       text_signature = "(secret, method, path, query='', body=b'', *, empty_body='hash')")]
pub fn sign(
    secret: &Bound<'_, PyAny>,
    method: &str,
    path: &str,
    query: &str,
    body: Option<&Bound<'_, PyAny>>,
    empty_body: &str,
) -> PyResult<String> {
    let _inside = gate::enter(secret.py());
    let empty_body = settings::empty_body(empty_body)
        .map_err(|invalid| errors::from_invalid(secret.py(), "", invalid))?;
    let secret = bytes_of(secret, "secret")?;
    let body = body.map(|body| bytes_of(body, "body")).transpose()?.unwrap_or_default();
    let providers = payglot::providers::ALL;
    payglot_bindings::sign(providers, secret, method, path, query, body, empty_body)
        .ok_or_else(|| PyTypeError::new_err("no API of this build signs its requests"))
}

fn bytes_of<'a>(value: &'a Bound<'_, PyAny>, name: &str) -> PyResult<&'a [u8]> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.as_bytes());
    }
    match value.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes()),
        Err(_) => Err(PyTypeError::new_err(format!("{name} must be str or bytes"))),
    }
}
