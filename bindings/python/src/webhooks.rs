//! Webhooks: checking, reading and making deliveries. What Python gives has been made bytes and pairs before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use payglot::runtime::json::{Document, RawJson};
use payglot::schema::{Provider, Webhooks};
use payglot::webhooks::{Delivery, Parts, Scheme, UnixTime, sample, sign, verify_at};
use payglot_bindings::{
    BindingError, InvalidRequest, SchemeOptions, duration_from_secs, time_from_secs,
};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use zeroize::Zeroizing;

use crate::classes::Classes;
use crate::errors;
use crate::files::refuse;
use crate::gate;
use crate::hidden::reveal;
use crate::input::{convert, json_text};
use crate::output::{Context, plain_json};
use crate::time::datetime;

/// Signature header, timestamp header, separator, prefix, encoding, tolerance in seconds.
pub type PyScheme = (String, Option<String>, String, String, String, f64);
/// Position of the event, its name and id, the vendor's time, its data, and all of it as text.
type Read<'py> = (Option<usize>, String, String, Option<String>, Option<Bound<'py, PyAny>>, String);

pub fn scheme(scheme: PyScheme) -> Result<Scheme, InvalidRequest> {
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
    secret: &Bound<'_, PyAny>,
    settings: PyScheme,
    now: Option<f64>,
) -> PyResult<()> {
    let _inside = gate::enter(py);
    let verify = || -> Result<(), BindingError> {
        let (scheme, now) = (scheme(settings)?, time_from_secs(now)?);
        let secrets = secrets(&reveal(secret))?;
        Ok(verify_at(body, &headers, &secrets, &scheme, now)?)
    };
    verify().map_err(|error| errors::exception(py, &error.fields("")))
}

/// One secret or several.
pub fn secrets(given: &Bound<'_, PyAny>) -> Result<Vec<Zeroizing<Vec<u8>>>, InvalidRequest> {
    if given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>() {
        return Ok(vec![secret_bytes(given)?]);
    }
    let refused = || InvalidRequest::new("secret", NO_SECRET);
    if given.is_none() {
        return Err(refused());
    }
    let items = given.try_iter().map_err(|_| refused())?;
    items.map(|one| secret_bytes(&one.map_err(|_| refused())?)).collect()
}

const NO_SECRET: &str = "must be text or bytes, or several of them; where it comes from the environment, look whether the \
     variable is set";

fn secret_bytes(given: &Bound<'_, PyAny>) -> Result<Zeroizing<Vec<u8>>, InvalidRequest> {
    let refused = || InvalidRequest::new("secret", NO_SECRET);
    let bytes = if let Ok(bytes) = given.cast::<PyBytes>() {
        bytes.as_bytes().to_vec()
    } else {
        let text = given.cast::<PyString>().map_err(|_| refused())?;
        text.to_str().map_err(|_| refused())?.as_bytes().to_vec()
    };
    Ok(Zeroizing::new(bytes))
}

/// The signature of a delivery; `timestamp` is in Unix seconds.
#[pyfunction]
pub fn webhook_sign(
    py: Python<'_>,
    body: &[u8],
    timestamp: u64,
    secret: &Bound<'_, PyAny>,
    settings: PyScheme,
) -> PyResult<String> {
    let _inside = gate::enter(py);
    let signed = || Ok(sign(body, timestamp, &secret_bytes(&reveal(secret))?, &scheme(settings)?));
    signed().map_err(|invalid| errors::from_invalid(py, "", invalid))
}

/// Reads a delivery of a provider.
#[pyfunction]
#[allow(clippy::needless_pass_by_value)] // as Python gives them
pub fn webhook_parse<'py>(
    py: Python<'py>,
    provider: &str,
    body: &[u8],
    headers: Vec<(String, String)>,
) -> PyResult<Read<'py>> {
    read(py, provider, |webhooks| Parts::read(body, headers, webhooks))
}

/// Reads what an inbox has stored of a delivery.
#[pyfunction]
pub fn webhook_kept<'py>(py: Python<'py>, provider: &str, body: &[u8]) -> PyResult<Read<'py>> {
    read(py, provider, |webhooks| Parts::kept(&String::from_utf8_lossy(body), webhooks))
}

/// Reads the body of an event that is known.
#[pyfunction]
pub fn webhook_restore<'py>(
    py: Python<'py>,
    provider: &str,
    body: &[u8],
    event: String,
    id: String,
    time: Option<String>,
) -> PyResult<Read<'py>> {
    read(py, provider, |webhooks| Parts::restored(body, event, id, time, webhooks))
}

fn read<'py>(
    py: Python<'py>,
    provider: &str,
    parts: impl FnOnce(&'static Webhooks) -> Result<Parts, payglot::Error>,
) -> PyResult<Read<'py>> {
    let _inside = gate::enter(py);
    let (provider, webhooks) = of(provider)?;
    let parts = parts(webhooks).map_err(|error| errors::from_runtime(py, &error))?;
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
    let _inside = gate::enter(py);
    let document = Arc::new(Document::new(text));
    match RawJson::root(&document) {
        Some(raw) => plain_json(py, raw.json()),
        None => Ok(py.None().into_bound(py)),
    }
}

/// A vendor's time as a datetime; `None` where it is none.
#[pyfunction]
pub fn webhook_time<'py>(py: Python<'py>, text: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let _inside = gate::enter(py);
    match UnixTime::new(text).parsed() {
        Some(instant) => datetime(py, instant),
        None => Ok(None),
    }
}

/// The body and the headers of a delivery.
type Sample<'py> = (Bound<'py, PyBytes>, Vec<(String, String)>);

/// Body and headers of an event from the document's examples, with the given fields of its data; not signed.
#[pyfunction]
pub fn webhook_sample<'py>(
    py: Python<'py>,
    provider: &str,
    event: &str,
    data: Option<&Bound<'py, PyAny>>,
) -> PyResult<Sample<'py>> {
    let _inside = gate::enter(py);
    let (_, webhooks) = of(provider)?;
    let data = data.map(|data| refuse(convert(data, "data", 0)?, "data")).transpose();
    let data = data.map_err(|invalid| errors::from_invalid(py, "", invalid))?.map(json_text);
    let sample = sample(webhooks, event, data.as_deref(), None)
        .map_err(|error| errors::from_runtime(py, &error))?;
    Ok((PyBytes::new(py, &sample.body), sample.headers))
}

/// The headers of a delivery that is sent now.
#[pyfunction]
pub fn webhook_headers(
    py: Python<'_>,
    body: Vec<u8>,
    secret: &Bound<'_, PyAny>,
    settings: PyScheme,
) -> PyResult<Vec<(String, String)>> {
    let _inside = gate::enter(py);
    let signed = || {
        let secret = secret_bytes(&reveal(secret))?;
        Ok(Delivery::signed(body, &secret, &scheme(settings)?).headers)
    };
    signed().map_err(|invalid| errors::from_invalid(py, "", invalid))
}

pub fn of(provider: &str) -> PyResult<(&'static Provider, &'static Webhooks)> {
    payglot::providers::find(provider)
        .and_then(|provider| Some((provider, provider.webhooks?)))
        .ok_or_else(|| PyKeyError::new_err(provider.to_owned()))
}

/// Remembers which events were handled, so that a delivery that comes again is known.
///
/// Vendors deliver at least once. An event counts as handled when its handling has succeeded: one whose handling
/// fails is handled when it is delivered again. It remembers within this process alone. For several processes, keep
/// the ids where all see them, in a table with a unique key.
///
/// Args:
///     capacity: How many events are remembered; beyond that the oldest is forgotten.
///     window: Seconds for which an event is remembered.
#[pyclass(frozen, module = "payglot.webhooks")]
pub struct ReplayGuard(Arc<payglot::webhooks::ReplayGuard>);

#[pymethods]
impl ReplayGuard {
    #[new]
    #[pyo3(signature = (capacity = 100_000, window = 86_400.0))]
    fn new(py: Python<'_>, capacity: usize, window: f64) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let window = duration_from_secs("window", window)
            .map_err(|invalid| errors::from_invalid(py, "", invalid))?;
        Ok(Self(Arc::new(payglot::webhooks::ReplayGuard::with_window(capacity, window))))
    }

    /// Handle an event in a `with` statement, which says whether it comes for the first time.
    ///
    /// When the statement ends without an exception, the event has been handled; otherwise its next delivery is.
    /// The statement raises `EventInProgressError` while another delivery of the event is being handled.
    fn handling(&self, id: String) -> Handling {
        Handling { guard: self.0.clone(), id, begun: Mutex::new(None) }
    }
}

/// The handling of one event, as a `with` statement.
#[pyclass(frozen, module = "payglot.webhooks")]
pub struct Handling {
    guard: Arc<payglot::webhooks::ReplayGuard>,
    id: String,
    begun: Mutex<Option<payglot::webhooks::Handling>>,
}

#[pymethods]
impl Handling {
    fn __enter__(&self, py: Python<'_>) -> PyResult<bool> {
        let _inside = gate::enter(py);
        let begun = self.guard.handling(&self.id);
        let begun = begun.map_err(|error| errors::from_runtime(py, &error))?;
        let is_first = begun.is_some();
        *self.begun() = begun;
        Ok(is_first)
    }

    #[pyo3(signature = (kind, _error, _traceback, /))]
    fn __exit__(
        &self,
        kind: Option<&Bound<'_, PyAny>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) {
        let begun = self.begun().take();
        if let (Some(handling), None) = (begun, kind) {
            handling.done();
        }
    }
}

impl Handling {
    fn begun(&self) -> MutexGuard<'_, Option<payglot::webhooks::Handling>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
