//! What a client is built from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use payglot_runtime::Error;
use payglot_runtime::auth::Credential;
use payglot_runtime::client::{Config, Core};
use payglot_runtime::journal::SharedJournal;
use payglot_runtime::schema::{EmptyBody, Provider};
use payglot_runtime::variables::Variables;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::guard::GuardOptions;

/// The options of a client, checked for their types alone. As JSON, names are in camel case and times are milliseconds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClientOptions {
    /// By the names in the provider's table; one that is not here is read from `variables`.
    pub credentials: BTreeMap<String, GivenCredential>,
    /// Name of a published host.
    pub environment: Option<String>,
    /// Host and base path.
    pub base_url: Option<String>,
    /// Time for a call with all its attempts.
    #[serde(deserialize_with = "milliseconds")]
    pub timeout: Option<Duration>,
    /// Time to connect.
    #[serde(deserialize_with = "milliseconds")]
    pub connect_timeout: Option<Duration>,
    /// How many times a call may be tried again.
    pub max_retries: Option<u32>,
    /// Largest response that is read.
    pub max_response_bytes: Option<usize>,
    /// Connections at once.
    pub max_connections: Option<usize>,
    /// Whether a record that says that it failed is an error.
    pub raise_on_failed: Option<bool>,
    /// Headers of every call.
    pub default_headers: Vec<(String, String)>,
    /// Name and version of the program that uses the client.
    pub app_info: Option<(String, String)>,
    /// What remembers intents.
    #[serde(skip)]
    pub journal: Option<SharedJournal>,
    /// What its payments may spend, with a journal.
    pub guard: Option<GuardOptions>,
    /// Whether, with a journal, a call that moves money must have an intent.
    pub require_intent: Option<bool>,
    /// Whether calls under an intent carry its short reference.
    pub tag: Option<bool>,
    /// What an empty body adds to a signature.
    #[serde(deserialize_with = "empty_body")]
    pub empty_body: Option<EmptyBody>,
    /// Whether `http://` to another machine is allowed.
    pub allow_insecure_http: bool,
    /// URL of a proxy; it may hold a password.
    pub proxy: Option<Zeroizing<String>>,
    /// Whether the proxies that `variables` names are left aside.
    pub no_proxy: bool,
    /// Certificates in PEM to trust beside the system's.
    #[serde(deserialize_with = "pem")]
    pub ca_certificates: Option<Vec<u8>>,
    /// `payglot/<version> <language>/<version>`.
    pub user_agent: String,
    /// The environment as the language sees it, which need not be the process's: those of the
    /// [names](Variables::names) that it has.
    pub variables: BTreeMap<String, Zeroizing<String>>,
}

/// A credential as a language gives it.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum GivenCredential {
    /// Its value.
    Text(Zeroizing<String>),
    /// A file that it is in.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// A function by its number, with what it returned already.
    Function {
        /// The number.
        function: u32,
        /// The value.
        known: Option<Zeroizing<String>>,
    },
    /// As the runtime has it.
    #[serde(skip)]
    Ready(Credential),
}

impl GivenCredential {
    /// As the runtime has it; `function` gives that of a number.
    pub fn ready(self, function: &impl Fn(u32) -> Credential) -> Credential {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::File { file } => Credential::file(file),
            Self::Function { function: number, known: None } => function(number),
            Self::Function { function: number, known: Some(value) } => {
                function(number).known(value.as_str())
            }
            Self::Ready(credential) => credential,
        }
    }
}

/// Credentials that are JSON by the names in the provider's table; `function` gives that of a number.
pub fn credentials_of(
    json: &str,
    function: &impl Fn(u32) -> Credential,
) -> Vec<(String, Credential)> {
    let given: BTreeMap<String, GivenCredential> = serde_json::from_str(json).unwrap_or_default();
    given.into_iter().map(|(name, credential)| (name, credential.ready(function))).collect()
}

impl ClientOptions {
    /// Takes the credentials; `function` gives that of a number.
    pub fn take_credentials(
        &mut self,
        function: &impl Fn(u32) -> Credential,
    ) -> BTreeMap<String, Credential> {
        let given = std::mem::take(&mut self.credentials).into_iter();
        given.map(|(name, credential)| (name, credential.ready(function))).collect()
    }

    /// A client with a connection pool of its own; `function` gives the function of a number.
    pub fn build(
        mut self,
        provider: &'static Provider,
        function: &impl Fn(u32) -> Credential,
    ) -> Result<Core, Error> {
        let mut config = Config::new(provider);
        let mut credentials = self.take_credentials(function);
        config.variables(Variables::given(self.variables));
        config.allow_insecure_http(self.allow_insecure_http);
        if self.no_proxy {
            config.no_proxy();
        }
        for credential in provider.credentials {
            if let Some(given) = credentials.remove(credential.name) {
                config.credential(credential.name, given);
            }
        }
        if let Some(name) = self.environment {
            config.environment(name);
        }
        if let Some(url) = self.base_url {
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
        if let Some(connections) = self.max_connections {
            config.max_connections(connections);
        }
        if let Some(raise) = self.raise_on_failed {
            config.raise_on_failed(raise);
        }
        for (name, value) in self.default_headers {
            config.default_header(name, value);
        }
        if let Some((name, version)) = self.app_info {
            config.app_info(name, version);
        }
        if let Some(journal) = self.journal {
            config.journal(journal);
        }
        if let Some(require) = self.require_intent {
            config.require_intent(require);
        }
        if let Some(tag) = self.tag {
            config.tag(tag);
        }
        if let Some(empty_body) = self.empty_body {
            config.empty_body(empty_body);
        }
        if let Some(url) = &self.proxy {
            config.proxy(url.as_str());
        }
        if let Some(pem) = self.ca_certificates {
            config.ca_certificates(pem);
        }
        config.user_agent(self.user_agent);
        Core::new(config)
    }
}

/// A time beyond the longest duration is the longest duration.
fn milliseconds<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    let time = Option::<f64>::deserialize(input)?;
    Ok(time.map(|time| Duration::try_from_secs_f64(time / 1000.0).unwrap_or(Duration::MAX)))
}

fn empty_body<'de, D: Deserializer<'de>>(input: D) -> Result<Option<EmptyBody>, D::Error> {
    let name = Option::<String>::deserialize(input)?;
    name.map(|name| EmptyBody::from_name(&name).ok_or_else(|| D::Error::custom("empty body")))
        .transpose()
}

fn pem<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<u8>>, D::Error> {
    Ok(Option::<String>::deserialize(input)?.map(String::into_bytes))
}
