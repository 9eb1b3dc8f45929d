//! The constructor's arguments of a client.

use std::collections::BTreeMap;

use payglot::EmptyBody;
use payglot::runtime::client::{ClientDefaults, Core};
use payglot::runtime::journal::SharedJournal;
use payglot::runtime::variables::Variables;
use payglot::schema::Provider;
use payglot_bindings::{ClientOptions, GivenCredential, GuardOptions, InvalidRequest, guarded};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyString};
use zeroize::Zeroizing;

use crate::credentials::{CredentialFunction, PyCredentials};
use crate::journal::JournalCore;
use crate::options::{flag, pairs, retries, seconds, text};

/// Reads the arguments, and the functions among the credentials; one that is `None` is not given.
pub fn client_options(
    provider: &'static Provider,
    given: &Bound<'_, PyDict>,
) -> Result<(ClientOptions, Vec<Py<CredentialFunction>>), InvalidRequest> {
    let get = |name: &str| given.get_item(name).ok().flatten().filter(|value| !value.is_none());
    let get_text = |name: &str| get(name).map(|value| text(&value, name)).transpose();
    let get_seconds = |name: &str| get(name).map(|value| seconds(&value, name)).transpose();
    let count = |name| get(name).map(|value| count(&value, name)).transpose();
    let proxy = get("proxy");
    let no_proxy = proxy.as_ref().is_some_and(|proxy| proxy.is(PyBool::new(given.py(), false)));
    let proxy = proxy.filter(|_| !no_proxy).map(|value| text(&value, "proxy")).transpose();
    let proxy = proxy
        .map_err(|_| InvalidRequest::new("proxy", "must be text, or False for none"))?
        .map(Zeroizing::new);
    let mut options = ClientOptions {
        variables: variables(given.py(), provider),
        environment: get_text("environment")?,
        base_url: get_text("base_url")?,
        timeout: get_seconds("timeout")?,
        connect_timeout: get_seconds("connect_timeout")?,
        max_retries: get("max_retries").map(|value| retries(&value)).transpose()?,
        max_response_bytes: count("max_response_bytes")?,
        max_connections: count("max_connections")?,
        raise_on_failed: get("raise_on_failed")
            .map(|value| flag(&value, "raise_on_failed"))
            .transpose()?,
        default_headers: get("default_headers")
            .map(|value| pairs(&value, "default_headers"))
            .transpose()?
            .unwrap_or_default(),
        app_info: get("app_info").map(|value| app_info(&value)).transpose()?,
        empty_body: get_text("empty_body")?.map(|name| empty_body(&name)).transpose()?,
        journal: journal(get("journal").as_ref(), get("guard").as_ref())?,
        require_intent: get("require_intent")
            .map(|value| flag(&value, "require_intent"))
            .transpose()?,
        tag: get("tag").map(|value| flag(&value, "tag")).transpose()?,
        allow_insecure_http: get("allow_insecure_http")
            .map(|value| flag(&value, "allow_insecure_http"))
            .transpose()?
            .unwrap_or_default(),
        proxy,
        no_proxy,
        ca_certificates: get("ca_certificates").map(|value| pem(&value)).transpose()?,
        user_agent: user_agent(given.py()),
        ..ClientOptions::default()
    };
    let mut credentials = PyCredentials { values: Vec::new(), functions: Vec::new() };
    for credential in provider.credentials {
        if let Some(value) = get(credential.name) {
            let value = credentials.one(credential.name, &value, true)?;
            let name = credential.name.to_owned();
            options.credentials.insert(name, GivenCredential::Ready(value));
        }
    }
    Ok((options, credentials.functions))
}

/// The environment as `os.environ` has it now, which a program may have replaced.
fn variables(py: Python<'_>, provider: &'static Provider) -> BTreeMap<String, Zeroizing<String>> {
    let Ok(environ) = py.import("os").and_then(|os| os.getattr("environ")) else {
        return BTreeMap::new();
    };
    let value = |name: &str| environ.get_item(name).ok()?.extract::<String>().ok();
    Variables::names(provider)
        .filter_map(|name| {
            let value = Zeroizing::new(value(&name)?);
            Some((name, value))
        })
        .collect()
}

/// What a `payglot.Journal` has in it, with the limits of a `payglot.Guard`.
fn journal(
    journal: Option<&Bound<'_, PyAny>>,
    guard: Option<&Bound<'_, PyAny>>,
) -> Result<Option<SharedJournal>, InvalidRequest> {
    let Some(value) = journal else {
        let needed =
            || InvalidRequest::new("guard", "needs a `journal`, which counts what is spent");
        return guard.map_or(Ok(None), |_| Err(needed()));
    };
    let core = value.getattr("_core").ok();
    let core = core.and_then(|core| core.cast_into::<JournalCore>().ok());
    let core = core.ok_or_else(|| InvalidRequest::new("journal", "must be a payglot.Journal"))?;
    let limits = guard.map(|guard| {
        let json = guard.getattr("_json").and_then(|json| json.extract::<String>()).ok();
        json.and_then(|json| serde_json::from_str::<GuardOptions>(&json).ok())
            .ok_or_else(|| InvalidRequest::new("guard", "must be a payglot.Guard"))
    });
    let guarded = guarded(&core.get().0, limits.transpose()?);
    guarded.map(Some).map_err(|error| {
        InvalidRequest::new(error.argument().unwrap_or("guard"), error.problem().to_owned())
    })
}

/// The host as it was chosen, written as an argument of the constructor.
pub fn host(base_url: Option<&str>, environment: Option<&str>, client: &Core) -> String {
    let url = client.base_url();
    let provider = client.provider();
    let is_published = |name: &&str| {
        provider.environments.iter().any(|known| known.name == *name && url.starts_with(known.url))
    };
    match (base_url, environment.or_else(|| provider.default_environment.filter(is_published))) {
        (Some(url), _) => format!("base_url='{url}'"),
        (None, Some(name)) => format!("environment='{name}'"),
        (None, None) => format!("base_url='{}'", url.trim_end_matches('/')),
    }
}

/// Name and version of the program: text, or a pair.
fn app_info(value: &Bound<'_, PyAny>) -> Result<(String, String), InvalidRequest> {
    if let Ok(name) = value.cast::<PyString>() {
        return Ok((name.to_string(), String::new()));
    }
    value.extract::<[String; 2]>().map(Into::into).map_err(|_| {
        InvalidRequest::new("app_info", "must be a name and a version, such as (\"shop\", \"2.1\")")
    })
}

/// The defaults that `with_options` changes; one that is `None` stays.
pub fn client_defaults(given: &Bound<'_, PyDict>) -> Result<ClientDefaults, InvalidRequest> {
    let get = |name: &str| given.get_item(name).ok().flatten().filter(|value| !value.is_none());
    Ok(ClientDefaults {
        timeout: get("timeout").map(|value| seconds(&value, "timeout")).transpose()?,
        max_retries: get("max_retries").map(|value| retries(&value)).transpose()?,
        headers: get("headers")
            .map(|value| pairs(&value, "headers"))
            .transpose()?
            .unwrap_or_default(),
        raise_on_failed: get("raise_on_failed")
            .map(|value| flag(&value, "raise_on_failed"))
            .transpose()?,
    })
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

fn count(value: &Bound<'_, PyAny>, name: &'static str) -> Result<usize, InvalidRequest> {
    let is_number = !value.is_instance_of::<PyBool>();
    let count = value.extract::<usize>().ok().filter(|count| is_number && *count > 0);
    count.ok_or_else(|| InvalidRequest::new(name, "must be a whole number that is more than 0"))
}

fn pem(value: &Bound<'_, PyAny>) -> Result<Vec<u8>, InvalidRequest> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let invalid = |_| InvalidRequest::new("ca_certificates", "must be PEM as text or bytes");
    text(value, "ca_certificates").map(String::into_bytes).map_err(invalid)
}
