//! Profiles: what calls are given under a name, in a file of the user's. Options and the environment count for more.

mod file;
mod keys;
mod source;

use payglot::runtime::client::Config;
use payglot::schema::Provider;

pub use file::{ProfileFile, Settings, path};
pub use keys::{Key, Kind, Setting};
pub use source::Source;

use crate::{USER_AGENT, WrongInput};

/// The profile that the user named, or none.
#[derive(Clone, Copy)]
pub struct Profile<'a>(pub Option<&'a str>);

impl<'a> Profile<'a> {
    /// Its name.
    pub fn name(self) -> Option<&'a str> {
        self.0.filter(|name| !name.is_empty())
    }

    /// How responses are printed.
    pub fn output(self) -> anyhow::Result<Option<String>> {
        let mut forms = self.settings()?.into_iter().filter_map(|(key, setting)| match setting {
            Setting::Text(form) if matches!(key.kind, Kind::Output) => Some(form),
            _ => None,
        });
        Ok(forms.next())
    }

    /// A client's settings, as far as the profile gives them. Where an option names the host, the profile's does not count.
    pub fn config(self, provider: &'static Provider, has_host: bool) -> anyhow::Result<Config> {
        let mut config = Config::new(provider);
        config.user_agent(USER_AGENT);
        let Some(profile) = self.name() else { return Ok(config) };
        // What is said of a provider comes after what is said of all.
        for (key, setting) in self.settings()? {
            let is_host = matches!(key.kind, Kind::BaseUrl | Kind::Environment);
            if key.provider.is_some_and(|of| of.name != provider.name) || is_host && has_host {
                continue;
            }
            if let Some(variable) = key.overridden_by() {
                eprintln!(
                    "payglot: {variable} of the environment counts for more than {key} of profile {profile}"
                );
                continue;
            }
            match (key.kind, setting) {
                (Kind::BaseUrl, Setting::Text(url)) => config.base_url(url),
                (Kind::Environment, Setting::Text(name)) => config.environment(name),
                (Kind::Timeout, Setting::Duration(timeout)) => config.timeout(timeout),
                (Kind::MaxRetries, Setting::Number(retries)) => config.max_retries(retries),
                (Kind::Credential(credential), Setting::Credential(source)) => {
                    let value = file::value(profile, &key, &source).map_err(WrongInput::of)?;
                    config.credential(credential.name, value);
                }
                _ => {}
            }
        }
        Ok(config)
    }

    /// The credential that otherwise comes from this environment variable.
    pub fn credential(self, variable: &str) -> anyhow::Result<Option<String>> {
        for (key, setting) in self.settings()? {
            if let (Kind::Credential(known), Setting::Credential(source)) = (key.kind, setting)
                && known.env == variable
            {
                let profile = self.name().unwrap_or_default();
                return file::value(profile, &key, &source).map(Some).map_err(WrongInput::of);
            }
        }
        Ok(None)
    }

    /// All that it says, in the order of the file; nothing where none is named.
    fn settings(self) -> anyhow::Result<Settings> {
        let Some(name) = self.name() else { return Ok(Settings::new()) };
        ProfileFile::read().and_then(|file| file.settings(name)).map_err(WrongInput::of)
    }
}
