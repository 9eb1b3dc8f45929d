//! The constructor's arguments of a client.

use payglot::EmptyBody;
use payglot::schema::Provider;
use payglot_bindings::{ClientOptions, InvalidRequest};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict};
use zeroize::Zeroizing;

use crate::options::{flag, retries, seconds, text};

/// Reads the arguments; one that is `None` is not given.
pub fn client_options(
    provider: &Provider,
    given: &Bound<'_, PyDict>,
) -> Result<ClientOptions, InvalidRequest> {
    let get = |name: &str| given.get_item(name).ok().flatten().filter(|value| !value.is_none());
    let get_text = |name: &str| get(name).map(|value| text(&value, name)).transpose();
    let get_seconds = |name: &str| get(name).map(|value| seconds(&value, name)).transpose();
    let mut options = ClientOptions {
        environment: get_text("environment")?,
        base_url: get_text("base_url")?,
        timeout: get_seconds("timeout")?,
        connect_timeout: get_seconds("connect_timeout")?,
        max_retries: get("max_retries").map(|value| retries(&value)).transpose()?,
        max_response_bytes: get("max_response_bytes").map(|value| bytes(&value)).transpose()?,
        raise_on_failed: get("raise_on_failed")
            .map(|value| flag(&value, "raise_on_failed"))
            .transpose()?,
        empty_body: get_text("empty_body")?.map(|name| empty_body(&name)).transpose()?,
        proxy: get_text("proxy")?.map(Zeroizing::new),
        ca_certificates: get("ca_certificates").map(|value| pem(&value)).transpose()?,
        user_agent: user_agent(given.py()),
        ..ClientOptions::default()
    };
    for credential in provider.credentials {
        if let Some(value) = get_text(credential.name)? {
            options.credentials.insert(credential.name.to_owned(), Zeroizing::new(value));
        }
    }
    if options.base_url.is_none() && options.environment.is_none() {
        let url = std::env::var(provider.base_url_env).ok();
        options.base_url = url.filter(|url| !url.is_empty());
    }
    Ok(options)
}

/// The host as it was chosen, written as an argument of the constructor.
pub fn host(options: &ClientOptions, provider: &Provider) -> String {
    let environment = options.environment.as_deref().or(provider.default_environment);
    match (&options.base_url, environment) {
        (Some(url), _) => format!("base_url='{url}'"),
        (None, Some(name)) => format!("environment='{name}'"),
        (None, None) => String::new(),
    }
}

/// What an empty body adds to a signature.
pub fn empty_body(name: &str) -> Result<EmptyBody, InvalidRequest> {
    EmptyBody::from_name(name)
        .ok_or_else(|| InvalidRequest::new("empty_body", "must be \"hash\" or \"omit\""))
}

fn user_agent(py: Python<'_>) -> String {
    let python = py.version_info();
    let version = env!("CARGO_PKG_VERSION");
    format!("payglot/{version} python/{}.{}.{}", python.major, python.minor, python.patch)
}

fn bytes(value: &Bound<'_, PyAny>) -> Result<usize, InvalidRequest> {
    let is_number = !value.is_instance_of::<PyBool>();
    let bytes = value.extract::<usize>().ok().filter(|bytes| is_number && *bytes > 0);
    bytes.ok_or_else(|| {
        InvalidRequest::new("max_response_bytes", "must be a whole number that is more than 0")
    })
}

fn pem(value: &Bound<'_, PyAny>) -> Result<Vec<u8>, InvalidRequest> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let invalid = |_| InvalidRequest::new("ca_certificates", "must be PEM as text or bytes");
    text(value, "ca_certificates").map(String::into_bytes).map_err(invalid)
}
