//! What a client is built from.

use std::time::Duration;

use payglot::EmptyBody;
use payglot::runtime::client::{Config, Core as Client};
use payglot::schema::Provider;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict};
use zeroize::Zeroizing;

use crate::errors::Refused;
use crate::options::{retries, seconds, text};

/// What a client is built from.
pub struct Settings {
    pub provider: &'static Provider,
    credentials: Vec<(&'static str, Zeroizing<String>)>,
    environment: Option<String>,
    base_url: Option<String>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    max_response_bytes: Option<usize>,
    empty_body: Option<EmptyBody>,
    /// It may hold a password.
    proxy: Option<Zeroizing<String>>,
    ca_certificates: Option<Vec<u8>>,
    user_agent: String,
}

impl Settings {
    /// Reads the constructor's arguments; those that are `None` are as if not given.
    pub fn read(provider: &'static Provider, given: &Bound<'_, PyDict>) -> Result<Self, Refused> {
        let get = |name: &str| given.get_item(name).ok().flatten().filter(|value| !value.is_none());
        let get_text = |name: &str| get(name).map(|value| text(&value, name)).transpose();
        let mut credentials = Vec::new();
        for credential in provider.credentials {
            let value = get_text(credential.name)?.or_else(|| from_environment(credential.env));
            credentials.extend(value.map(|value| (credential.name, Zeroizing::new(value))));
        }
        let environment = get_text("environment")?;
        let base_url = match (get_text("base_url")?, &environment) {
            (None, None) => from_environment(provider.base_url_env),
            (given, _) => given,
        };
        let empty_body = get_text("empty_body")?;
        let version = given.py().version_info();
        Ok(Self {
            provider,
            credentials,
            environment,
            base_url,
            timeout: get("timeout").map(|value| seconds(&value, "timeout")).transpose()?,
            connect_timeout: get("connect_timeout")
                .map(|value| seconds(&value, "connect_timeout"))
                .transpose()?,
            max_retries: get("max_retries").map(|value| retries(&value)).transpose()?,
            max_response_bytes: get("max_response_bytes").map(|value| bytes(&value)).transpose()?,
            empty_body: empty_body.map(|name| empty_body_of(&name)).transpose()?,
            proxy: get_text("proxy")?.map(Zeroizing::new),
            ca_certificates: get("ca_certificates").map(|value| pem(&value)).transpose()?,
            user_agent: format!(
                "payglot/{} python/{}.{}.{}",
                env!("CARGO_PKG_VERSION"),
                version.major,
                version.minor,
                version.patch
            ),
        })
    }

    /// A client with a connection pool of its own.
    pub fn build(&self) -> Result<Client, payglot::Error> {
        let mut config = Config::new(self.provider);
        for (name, value) in &self.credentials {
            config.credential(name, value.as_str());
        }
        if let Some(name) = &self.environment {
            config.environment(name);
        }
        if let Some(url) = &self.base_url {
            config.base_url(url);
        }
        if let Some(timeout) = self.timeout {
            config.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            config.connect_timeout(timeout);
        }
        if let Some(retries) = self.max_retries {
            config.max_retries(retries);
        }
        if let Some(bytes) = self.max_response_bytes {
            config.max_response_bytes(bytes);
        }
        if let Some(empty_body) = self.empty_body {
            config.empty_body(empty_body);
        }
        if let Some(url) = &self.proxy {
            config.proxy(url.as_str());
        }
        if let Some(pem) = &self.ca_certificates {
            config.ca_certificates(pem.as_slice());
        }
        config.user_agent(self.user_agent.as_str());
        Client::new(config)
    }

    /// The host as it was chosen, as in the constructor's arguments.
    pub fn host(&self) -> String {
        let environment = self.environment.as_deref().or(self.provider.default_environment);
        match (&self.base_url, environment) {
            (Some(url), _) => format!("base_url='{url}'"),
            (None, Some(name)) => format!("environment='{name}'"),
            (None, None) => String::new(),
        }
    }
}

/// What an empty body adds to a signature.
pub fn empty_body_of(name: &str) -> Result<EmptyBody, Refused> {
    EmptyBody::from_name(name)
        .ok_or_else(|| Refused::new("empty_body", "must be \"hash\" or \"omit\""))
}

fn from_environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

fn bytes(value: &Bound<'_, PyAny>) -> Result<usize, Refused> {
    let is_number = !value.is_instance_of::<PyBool>();
    let bytes = value.extract::<usize>().ok().filter(|bytes| is_number && *bytes > 0);
    bytes.ok_or_else(|| {
        Refused::new("max_response_bytes", "must be a whole number that is more than 0")
    })
}

fn pem(value: &Bound<'_, PyAny>) -> Result<Vec<u8>, Refused> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let refuse = |_| Refused::new("ca_certificates", "must be PEM as text or bytes");
    text(value, "ca_certificates").map(String::into_bytes).map_err(refuse)
}
