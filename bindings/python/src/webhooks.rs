//! Webhooks: checking, reading and making deliveries. What Python gives has been made bytes and pairs before.

use std::sync::Arc;

use payglot::runtime::json::{Document, RawJson};
use payglot::schema::{Provider, Webhooks};
use payglot::webhooks::{Delivery, Parts, Scheme, UnixTime, sample, sign, verify_at};
use payglot_bindings::{
    BindingError, InvalidRequest, SchemeOptions, duration_from_secs, time_from_secs,
};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::classes::Classes;
use crate::errors;
use crate::input::{convert, json_text};
use crate::output::{Context, plain_json};
use crate::time::datetime;

/// Signature header, timestamp header, separator, prefix, encoding, tolerance in seconds.
type PyScheme = (String, Option<String>, String, String, String, f64);
/// Position of the event, its name and id, the vendor's time, its data, and all of it as text.
type Read<'py> = (Option<usize>, String, String, Option<String>, Option<Bound<'py, PyAny>>, String);

fn scheme(scheme: PyScheme) -> Result<Scheme, InvalidRequest> {
    let (signature_header, timestamp_header, separator, prefix, encoding, tolerance) = scheme;
    let options = SchemeOptions {
        signature_header,
        timestamp_header,
        separator,
        prefix,
        encoding,
        tolerance,
    };
    options.scheme()
}

/// Raises unless a delivery is genuine; `now` is in Unix seconds.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as Python gives them
pub fn webhook_verify(
    py: Python<'_>,
    body: &[u8],
    headers: Vec<(String, String)>,
    secrets: Vec<Vec<u8>>,
    settings: PyScheme,
    now: Option<f64>,
) -> PyResult<()> {
    let verify = || -> Result<(), BindingError> {
        let (scheme, now) = (scheme(settings)?, time_from_secs(now)?);
        Ok(verify_at(body, &headers, &secrets, &scheme, now)?)
    };
    verify().map_err(|error| errors::exception(py, &error.fields("")))
}

/// The signature of a delivery; `timestamp` is in Unix seconds.
#[pyfunction]
pub fn webhook_sign(
    py: Python<'_>,
    body: &[u8],
    timestamp: u64,
    secret: &[u8],
    settings: PyScheme,
) -> PyResult<String> {
    let scheme = scheme(settings).map_err(|invalid| errors::from_invalid(py, "", invalid))?;
    Ok(sign(body, timestamp, secret, &scheme))
}

/// Reads a delivery of a provider.
#[pyfunction]
pub fn webhook_parse<'py>(py: Python<'py>, provider: &str, body: &[u8]) -> PyResult<Read<'py>> {
    let (provider, webhooks) = of(provider)?;
    let parts = Parts::read(body, webhooks).map_err(|error| errors::from_runtime(py, &error))?;
    let received = jiff::Timestamp::now();
    let context = Context { py, classes: Classes::of(provider), received, depth: 0 };
    let data = match (parts.known, parts.data(webhooks)) {
        (_, None) => None,
        (Some(known), Some(data)) => context.value(known.data, data)?,
        (None, Some(data)) => Some(plain_json(py, data.json())?),
    };
    let Parts { event, id, time, known, document } = parts;
    Ok((known.map(|known| known.index), event, id, time, data, document.text().to_owned()))
}

/// A delivery as plain JSON types.
#[pyfunction]
pub fn webhook_raw<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let document = Arc::new(Document::new(text));
    match RawJson::root(&document) {
        Some(raw) => plain_json(py, raw.json()),
        None => Ok(py.None().into_bound(py)),
    }
}

/// A vendor's time as a datetime; `None` where it is none.
#[pyfunction]
pub fn webhook_time<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    match UnixTime::new(text).parsed() {
        Some(instant) => datetime(py, instant),
        None => Ok(None),
    }
}

/// The body of an event from the document's examples, with the given fields of its data.
#[pyfunction]
pub fn webhook_sample<'py>(
    py: Python<'py>,
    provider: &str,
    event: &str,
    data: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (_, webhooks) = of(provider)?;
    let data = data.map(|data| convert(data, "data", 0)).transpose();
    let data = data.map_err(|invalid| errors::from_invalid(py, "", invalid))?.map(json_text);
    let body = sample(webhooks, event, data.as_deref())
        .map_err(|error| errors::from_runtime(py, &error))?;
    Ok(PyBytes::new(py, &body))
}

/// The headers of a delivery that is sent now.
#[pyfunction]
pub fn webhook_headers(
    py: Python<'_>,
    body: Vec<u8>,
    secret: &[u8],
    settings: PyScheme,
) -> PyResult<Vec<(String, String)>> {
    let scheme = scheme(settings).map_err(|invalid| errors::from_invalid(py, "", invalid))?;
    Ok(Delivery::signed(body, secret, &scheme).headers)
}

fn of(provider: &str) -> PyResult<(&'static Provider, &'static Webhooks)> {
    payglot::providers::find(provider)
        .and_then(|provider| Some((provider, provider.webhooks?)))
        .ok_or_else(|| PyKeyError::new_err(provider.to_owned()))
}

/// Remembers event ids for a time, so that a delivery that comes again is known. Vendors deliver at least once.
///
/// It remembers within this process alone. For several processes, keep the ids where all see them, in a table
/// with a unique key.
///
/// Args:
///     capacity: How many ids are remembered; beyond that the oldest is forgotten.
///     window: Seconds for which an id is remembered.
#[pyclass(frozen, module = "payglot.webhooks")]
pub struct ReplayGuard(payglot::webhooks::ReplayGuard);

#[pymethods]
impl ReplayGuard {
    #[new]
    #[pyo3(signature = (capacity = 100_000, window = 86_400.0))]
    fn new(py: Python<'_>, capacity: usize, window: f64) -> PyResult<Self> {
        let window = duration_from_secs("window", window)
            .map_err(|invalid| errors::from_invalid(py, "", invalid))?;
        Ok(Self(payglot::webhooks::ReplayGuard::with_window(capacity, window)))
    }

    /// Whether an id comes for the first time; from then on it is known.
    fn is_new(&self, id: &str) -> bool {
        self.0.is_new(id)
    }

    /// Forget an id, so that its next delivery counts as new: for an event whose handling failed.
    fn forget(&self, id: &str) {
        self.0.forget(id);
    }
}
