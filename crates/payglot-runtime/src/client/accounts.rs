//! Clients of several accounts that share one client's connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Config, Core, Inner, Settings};
use crate::error::Error;
use crate::variables::Variables;

impl Core {
    /// A client of another account, with every setting of this one and over its connections, which are none of an account's: each
    /// request is authenticated for itself. All credentials are given; none comes from the environment.
    ///
    /// # Errors
    ///
    /// A credential that is missing, unknown or no key.
    pub fn with_credentials<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, &'v str)>,
    ) -> Result<Self, Error> {
        let Inner { hosts, settings } = &*self.0;
        let provider = settings.provider;
        let mut config = Config::new(provider);
        config.variables(Variables::given(BTreeMap::new()));
        for (name, value) in values {
            let known = provider.credentials.iter().find(|credential| credential.name == name);
            let Some(known) = known else {
                let names: Vec<_> = provider.credentials.iter().map(|known| known.name).collect();
                let problem = format!("is no credential; there are {}", names.join(", "));
                return Err(Error::invalid_request(name, problem));
            };
            config.credential(known.name, value);
        }
        if let Some(empty_body) = settings.empty_body {
            config.empty_body(empty_body);
        }
        let account = config.account()?;
        let hosts = Arc::new(hosts.with_authenticator(config.authenticator()?));
        Ok(Self(Arc::new(Inner { hosts, settings: Settings { account, ..settings.clone() } })))
    }
}
