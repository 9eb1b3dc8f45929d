//! The keys that a profile may have: a few settings, and for each provider the credentials of its table.

use std::time::Duration;

use payglot::providers;
use payglot::runtime::variables::file_variable;
use payglot::schema::{Credential, Provider};
use toml_edit::{Item, Value};

use super::source::Source;
use crate::call::arguments::{FORMS, seconds};
use crate::private::shown_url;

/// What a key means.
#[derive(Clone, Copy)]
pub enum Kind {
    Output,
    Timeout,
    MaxRetries,
    BaseUrl,
    Environment,
    Credential(&'static Credential),
}

/// A key of a profile.
#[derive(Clone, Copy)]
pub struct Key {
    /// None where it counts for all of them.
    pub provider: Option<&'static Provider>,
    pub name: &'static str,
    pub kind: Kind,
}

/// What a key is set to.
pub enum Setting {
    Text(String),
    Duration(Duration),
    Number(u32),
    Credential(Source),
}

impl Key {
    /// The keys of a profile itself, or those below a provider's name.
    pub fn of(provider: Option<&'static Provider>) -> Vec<Self> {
        let key = |name, kind| Self { provider, name, kind };
        let calls = [key("timeout", Kind::Timeout), key("max_retries", Kind::MaxRetries)];
        let Some(known) = provider else {
            return [key("output", Kind::Output)].into_iter().chain(calls).collect();
        };
        let credentials = known.credentials.iter();
        let mut keys: Vec<_> = credentials
            .map(|credential| key(credential.name, Kind::Credential(credential)))
            .collect();
        keys.push(key("base_url", Kind::BaseUrl));
        if !known.environments.is_empty() {
            keys.push(key("environment", Kind::Environment));
        }
        keys.extend(calls);
        keys
    }

    /// Every key.
    pub fn all() -> Vec<Self> {
        let providers = providers::ALL.iter().flat_map(|provider| Self::of(Some(provider)));
        Self::of(None).into_iter().chain(providers).collect()
    }

    /// The key of a name such as `output` or `paywint-platform.secret_key`.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|key| key.to_string() == name)
    }

    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Credential(credential) if credential.secret)
    }

    /// The environment variable that counts for more.
    pub fn variable(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Credential(credential) => Some(credential.env),
            Kind::BaseUrl | Kind::Environment => {
                self.provider.map(|provider| provider.base_url_env)
            }
            Kind::Output | Kind::Timeout | Kind::MaxRetries => None,
        }
    }

    /// The same, or the one with the path of a file, where one of them is set.
    pub fn overridden_by(&self) -> Option<String> {
        let is_set = |name: &String| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let variable = self.variable()?;
        [variable.to_owned(), file_variable(variable)].into_iter().find(is_set)
    }

    /// What it stands for, in words.
    pub fn meaning(&self) -> String {
        match self.kind {
            Kind::Output => format!("how responses are printed: {}", FORMS.join(", ")),
            Kind::Timeout => "seconds for a call with all its attempts".to_owned(),
            Kind::MaxRetries => {
                "how many times a call may be tried again where that is safe".to_owned()
            }
            Kind::BaseUrl => "host and base path".to_owned(),
            Kind::Environment => {
                let environments = self.provider.map_or(&[][..], |provider| provider.environments);
                let names = environments.iter().map(|environment| environment.name);
                format!("a published host: {}", names.collect::<Vec<_>>().join(", "))
            }
            Kind::Credential(credential) => {
                let secret = if credential.secret { ", a secret" } else { "" };
                format!("a credential{secret}: text, {{ file = \"…\" }} or {{ command = [\"…\"] }}")
            }
        }
    }

    /// Reads what stands in the file. The error names no value.
    pub fn read(&self, item: &Item) -> Result<Setting, String> {
        let text = || item.as_str().ok_or_else(|| "must be text".to_owned());
        Ok(match self.kind {
            Kind::Credential(_) => Setting::Credential(Source::of(item)?),
            Kind::BaseUrl => Setting::Text(text()?.to_owned()),
            Kind::Output if FORMS.contains(&text()?) => Setting::Text(text()?.to_owned()),
            Kind::Output => return Err(format!("must be one of {}", FORMS.join(", "))),
            Kind::Environment => {
                let environments = self.provider.map_or(&[][..], |provider| provider.environments);
                let mut names = environments.iter().map(|environment| environment.name);
                let given = text()?;
                if !names.any(|name| name == given) {
                    return Err(format!("must be {}", self.meaning()));
                }
                Setting::Text(given.to_owned())
            }
            Kind::Timeout => {
                let number = item.as_float().map(|number| number.to_string());
                let number = number.or_else(|| item.as_integer().map(|number| number.to_string()));
                Setting::Duration(seconds(&number.unwrap_or_default())?)
            }
            Kind::MaxRetries => {
                let number = item.as_integer().and_then(|number| u32::try_from(number).ok());
                Setting::Number(number.ok_or("must be a whole number, 0 or more")?)
            }
        })
    }

    /// Text that somebody typed, as it stands in the file.
    pub fn typed(&self, text: &str) -> Item {
        let number = match self.kind {
            Kind::Timeout => text
                .parse::<i64>()
                .map(Value::from)
                .ok()
                .or_else(|| text.parse::<f64>().ok().map(Value::from)),
            Kind::MaxRetries => text.parse::<i64>().map(Value::from).ok(),
            _ => None,
        };
        Item::Value(number.unwrap_or_else(|| text.into()))
    }
}

impl Setting {
    /// As it may be shown; none where it is a secret or has to be read first.
    pub fn shown(&self, key: &Key) -> Option<String> {
        match self {
            Self::Credential(Source::Value(text)) if !key.is_secret() => Some(text.clone()),
            Self::Credential(_) => None,
            Self::Text(text) if matches!(key.kind, Kind::BaseUrl) => Some(shown_url(text)),
            Self::Text(text) => Some(text.clone()),
            Self::Duration(duration) => Some(duration.as_secs_f64().to_string()),
            Self::Number(number) => Some(number.to_string()),
        }
    }
}

/// `paywint-platform.secret_key`
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.provider {
            Some(provider) => write!(f, "{}.{}", provider.name, self.name),
            None => f.write_str(self.name),
        }
    }
}
