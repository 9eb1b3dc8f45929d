//! A client of one provider, opened from JavaScript's options.

use std::sync::OnceLock;

use napi::bindgen_prelude::Either;
use napi_derive::napi;
use payglot::ErrorKind;
use payglot::runtime::client::{ClientDefaults, Core};
use payglot::runtime::variables::Variables;
use payglot_bindings::{
    AttemptEvent, ClientOptions, ErrorFields, credentials_of, guarded, subscribe, with_hook,
};
use serde::Deserialize;
use serde_json::json;
use tracing::Dispatch;

use crate::calls::Calls;
use crate::journal::JournalCore;
use crate::queue::Queue;
use crate::request::milliseconds;

/// A client with its connection pool.
#[napi]
pub struct Client {
    core: Core,
    /// The same with a hook, since there is one.
    watched: OnceLock<Core>,
    /// Where its calls are logged.
    pub(crate) log: Option<Dispatch>,
}

/// The names of a provider's operations, each in its position in the table.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn operations(provider: String) -> Vec<&'static str> {
    let provider = payglot::providers::find(&provider);
    provider.into_iter().flat_map(|provider| provider.operations).map(|known| known.name).collect()
}

/// The environment variables that a client of a provider may read.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn variable_names(provider: String) -> Vec<String> {
    payglot::providers::find(&provider).into_iter().flat_map(Variables::names).collect()
}

/// Opens a client of the provider with this name, or gives an error as JSON. `options` is what `lib/options.cjs` has
/// checked and written; `logger` is the number of its logger, or 0; `journal` remembers its calls.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn open(
    calls: &Calls,
    provider: String,
    options: String,
    logger: u32,
    journal: Option<&JournalCore>,
) -> Either<Client, String> {
    let reject = |message: &'static str| {
        Either::B(ErrorFields::new(ErrorKind::Configuration, "", message).to_json())
    };
    let Some(provider) = payglot::providers::find(&provider) else {
        return reject("this build has no such provider");
    };
    let Ok(mut options) = serde_json::from_str::<ClientOptions>(&options) else {
        return reject("the options are not understood");
    };
    let guard = options.guard.take();
    options.journal = match journal.map(|journal| guarded(&journal.0, guard)).transpose() {
        Ok(journal) => journal,
        Err(error) => {
            let message = error.to_string();
            return Either::B(ErrorFields::new(ErrorKind::Configuration, "", message).to_json());
        }
    };
    match options.build(provider, &calls.functions()) {
        Ok(core) => {
            let log = (logger > 0).then(|| log_to(logger, calls.queue.clone()));
            Either::A(Client { core, watched: OnceLock::new(), log })
        }
        Err(error) => Either::B(ErrorFields::from(&error).to_json()),
    }
}

/// What `withOptions` changes, as `lib/options.cjs` has checked and written it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct DefaultsJson {
    timeout: Option<f64>,
    max_retries: Option<u32>,
    headers: Vec<(String, String)>,
    raise_on_failed: Option<bool>,
}

impl Client {
    /// What makes its calls.
    pub(crate) fn core(&self) -> &Core {
        self.watched.get().unwrap_or(&self.core)
    }

    fn derived(&self, core: Core) -> Self {
        Self { core, watched: OnceLock::new(), log: self.log.clone() }
    }
}

#[napi]
impl Client {
    /// Hands the events of its attempts from now on to the receiver with this number, as JSON. Clients that are made of
    /// this one are not watched.
    #[napi]
    pub fn watch(&self, calls: &Calls, receiver: u32) {
        let queue = calls.queue.clone();
        self.watched.get_or_init(|| {
            with_hook(&self.core, move |event| queue.log(receiver, event_to_json(&event)))
        });
    }

    /// The same client with other defaults, or an error as JSON. It shares the connections of this one.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn with_options(&self, options: String) -> Either<Client, String> {
        let Ok(given) = serde_json::from_str::<DefaultsJson>(&options) else {
            let message = "the options are not understood";
            return Either::B(ErrorFields::new(ErrorKind::Configuration, "", message).to_json());
        };
        let defaults = ClientDefaults {
            timeout: given.timeout.map(milliseconds),
            max_retries: given.max_retries,
            headers: given.headers,
            raise_on_failed: given.raise_on_failed,
        };
        match self.core.with_options(&defaults) {
            Ok(core) => Either::A(self.derived(core)),
            Err(error) => Either::B(ErrorFields::from(&error).to_json()),
        }
    }

    /// A client of another account, or an error as JSON. It shares the connections of this one. The credentials are JSON.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn with_credentials(&self, calls: &Calls, credentials: String) -> Either<Client, String> {
        let given = credentials_of(&credentials, &calls.functions());
        let named = given.iter().map(|(name, value)| (name.as_str(), value.clone()));
        match self.core.with_credentials(named) {
            Ok(core) => Either::A(self.derived(core)),
            Err(error) => Either::B(ErrorFields::from(&error).to_json()),
        }
    }
}

/// Name and fields of an event of `client.on`.
fn event_to_json(event: &AttemptEvent) -> String {
    let AttemptEvent { operation, method, attempt, ended } = event;
    let Some(ended) = ended else {
        let fields = json!({ "operation": operation, "method": method, "attempt": attempt });
        return json!(["request", fields]).to_string();
    };
    let fields = json!({
        "operation": operation,
        "method": method,
        "attempt": attempt,
        "status": ended.status,
        "duration": ended.duration.as_secs_f64(),
        "requestId": ended.request_id,
    });
    json!(["response", fields]).to_string()
}

/// Log records go to the logger with this number, as JSON: level, message and fields.
fn log_to(logger: u32, queue: Queue) -> Dispatch {
    subscribe(move |record| {
        let level = record.level.as_str().to_ascii_lowercase();
        queue.log(logger, json!([level, record.message, record.fields]).to_string());
    })
}
