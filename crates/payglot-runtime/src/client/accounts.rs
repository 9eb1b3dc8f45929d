//! Clients of several accounts that share one client's connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Config, Core, Inner, Settings};
use crate::auth::Credential;
use crate::error::Error;
use crate::schema::Provider;
use crate::variables::Variables;

impl Core {
    /// A client of another account, with every setting of this one and over its connections, which are none of an account's: each
    /// request is authenticated for itself. All credentials are given; none comes from the environment.
    ///
    /// # Errors
    ///
    /// A credential that is missing, unknown or no key.
    pub fn with_credentials<'n, C: Into<Credential>>(
        &self,
        given: impl IntoIterator<Item = (&'n str, C)>,
    ) -> Result<Self, Error> {
        let Inner { hosts, settings } = &*self.0;
        let provider = settings.provider;
        let mut config = Config::new(provider);
        config.variables(Variables::given(BTreeMap::new()));
        for (name, credential) in given {
            config.credential(provider.credential(name)?, credential);
        }
        if let Some(empty_body) = settings.empty_body {
            config.empty_body(empty_body);
        }
        let account = config.account()?;
        let hosts = Arc::new(hosts.with_account(&mut config)?);
        Ok(Self(Arc::new(Inner { hosts, settings: Settings { account, ..settings.clone() } })))
    }

    /// The same client with the credentials of another one, which it shares from then on.
    #[must_use]
    pub fn with_credentials_of(&self, other: &Self) -> Self {
        let hosts = Arc::new(self.0.hosts.with_keyring(other.0.hosts.keyring.clone()));
        let account = other.account().to_owned();
        Self(Arc::new(Inner { hosts, settings: Settings { account, ..self.0.settings.clone() } }))
    }
}

impl Provider {
    /// The name of a credential as the table has it.
    pub(super) fn credential(&self, name: &str) -> Result<&'static str, Error> {
        let known = self.credentials.iter().find(|credential| credential.name == name);
        known.map(|known| known.name).ok_or_else(|| {
            let names: Vec<_> = self.credentials.iter().map(|known| known.name).collect();
            Error::invalid_request(
                name,
                format!("is no credential; there are {}", names.join(", ")),
            )
        })
    }
}
