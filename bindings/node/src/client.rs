//! A client of one provider, opened from JavaScript's options.

use std::collections::BTreeMap;
use std::time::Duration;

use napi::bindgen_prelude::Either;
use napi_derive::napi;
use payglot::runtime::client::{Config, Core};
use payglot::schema::Provider;
use payglot::{EmptyBody, ErrorKind};
use payglot_bindings::subscribe;
use serde::Deserialize;
use serde_json::json;
use tracing::Dispatch;

use crate::calls::Calls;
use crate::failure;
use crate::queue::Queue;

/// A client with its connection pool.
#[napi]
pub struct Client {
    pub(crate) core: Core,
    /// Where its calls are logged.
    pub(crate) log: Option<Dispatch>,
}

/// What `lib/options.cjs` has checked and written. Times are milliseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    credentials: BTreeMap<String, String>,
    environment: Option<String>,
    base_url: Option<String>,
    timeout: Option<f64>,
    connect_timeout: Option<f64>,
    max_retries: Option<u32>,
    max_response_bytes: Option<u32>,
    empty_body: Option<String>,
    proxy: Option<String>,
    ca_certificates: Option<String>,
    user_agent: String,
}

/// Opens a client of the provider with this name, or gives an error as JSON. `logger` is the number of its
/// logger, or 0.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn open(
    calls: &Calls,
    provider: String,
    options: String,
    logger: u32,
) -> Either<Client, String> {
    let refuse =
        |message: &str| Either::B(failure::to_json_of(ErrorKind::Configuration, "", message));
    let Some(provider) =
        payglot::providers::ALL.iter().copied().find(|known| known.name == provider)
    else {
        return refuse("this build has no such provider");
    };
    let Ok(options) = serde_json::from_str::<Options>(&options) else {
        return refuse("the options are not understood");
    };
    match Core::new(config(provider, options)) {
        Ok(core) => {
            let log = (logger > 0).then(|| lines_to(logger, calls.queue.clone()));
            Either::A(Client { core, log })
        }
        Err(error) => Either::B(failure::to_json(&error)),
    }
}

/// What is said goes to the logger with this number, as JSON: level, message and fields.
fn lines_to(logger: u32, queue: Queue) -> Dispatch {
    subscribe(move |line| {
        let level = line.level.as_str().to_ascii_lowercase();
        queue.log(logger, json!([level, line.message, line.fields]).to_string());
    })
}

fn config(provider: &'static Provider, options: Options) -> Config {
    let mut config = Config::new(provider);
    for credential in provider.credentials {
        if let Some(value) = options.credentials.get(credential.name) {
            config.credential(credential.name, value.as_str());
        }
    }
    if let Some(name) = options.environment {
        config.environment(name);
    }
    if let Some(url) = options.base_url {
        config.base_url(url);
    }
    if let Some(timeout) = options.timeout.map(milliseconds) {
        config.timeout(timeout);
    }
    if let Some(timeout) = options.connect_timeout.map(milliseconds) {
        config.connect_timeout(timeout);
    }
    if let Some(retries) = options.max_retries {
        config.max_retries(retries);
    }
    if let Some(bytes) = options.max_response_bytes {
        config.max_response_bytes(bytes as usize);
    }
    if let Some(empty_body) = options.empty_body.as_deref().and_then(EmptyBody::from_name) {
        config.empty_body(empty_body);
    }
    if let Some(url) = options.proxy {
        config.proxy(url);
    }
    if let Some(pem) = options.ca_certificates {
        config.ca_certificates(pem);
    }
    config.user_agent(options.user_agent);
    config
}

/// A time as JavaScript gives it; one that is too long for a clock is as long as a clock can tell.
pub(crate) fn milliseconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time / 1000.0).unwrap_or(Duration::MAX)
}
