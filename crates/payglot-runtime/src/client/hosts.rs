//! The hosts of a client: that of its base URL, and those of operations that are served elsewhere.

use std::sync::Arc;

use super::config::Config;
use super::endpoint::Endpoint;
use super::tokens::TokenSource;
use crate::auth::{Authenticator, Chosen};
use crate::error::Error;
use crate::schema::{Operation, Server};

pub(super) struct Hosts {
    /// Where the base URL leads.
    pub base: Endpoint,
    /// Other published hosts, by the URLs that the tables have. None for a client that was given a base URL: a server that
    /// stands in for the vendor stands in for all hosts.
    others: Vec<(&'static str, Endpoint)>,
    /// Whether the others are left aside for that reason.
    is_given: bool,
    /// Where tokens come from, for schemes that take one.
    tokens: Vec<TokenSource>,
}

impl Hosts {
    pub fn new(config: &Config, authenticator: &Arc<Authenticator>) -> Result<Self, Error> {
        let base = Endpoint::new(config, config.resolve()?, authenticator.clone())?;
        let mut others: Vec<(&'static str, Endpoint)> = Vec::new();
        if config.is_default_environment() {
            for operation in config.provider.operations {
                let Server::Host(url) = operation.server else { continue };
                if others.iter().all(|(known, _)| *known != url) {
                    let parsed = url::Url::parse(url)
                        .map_err(|_| Error::configuration("a host of the API is not a URL"))?;
                    others.push((url, Endpoint::new(config, parsed, authenticator.clone())?));
                }
            }
        }
        let mut tokens = Vec::new();
        for (scheme, grant) in authenticator.grants() {
            tokens.push(TokenSource::new(config, &base, scheme, grant)?);
        }
        Ok(Self { base, others, is_given: config.has_base_url(), tokens })
    }

    /// The same with connections of their own.
    pub fn reconnect_after_fork(&self) -> Self {
        let others = self.others.iter().map(|(url, host)| (*url, host.reconnect_after_fork()));
        let base = self.base.reconnect_after_fork();
        let tokens = self.tokens.iter().map(TokenSource::reconnect_after_fork).collect();
        Self { base, others: others.collect(), is_given: self.is_given, tokens }
    }

    /// The same with other keys, over the same connections.
    pub fn with_authenticator(&self, authenticator: &Arc<Authenticator>) -> Self {
        let with = |host: &Endpoint| host.with_authenticator(authenticator.clone());
        let others = self.others.iter().map(|(url, host)| (*url, with(host))).collect();
        let tokens = authenticator.grants().filter_map(|(scheme, grant)| {
            let known = self.tokens.iter().find(|source| source.scheme() == scheme)?;
            Some(known.with_grant(grant, authenticator.clone()))
        });
        let tokens = tokens.collect();
        Self { base: with(&self.base), others, is_given: self.is_given, tokens }
    }

    /// Where the token of a request comes from, where its schemes take one.
    pub fn token_source(&self, chosen: Chosen) -> Option<&TokenSource> {
        self.tokens.iter().find(|source| chosen.contains(&source.scheme()))
    }

    /// The host of an operation, and its base path where that is not the host's.
    pub fn of(
        &self,
        operation: Option<&Operation>,
    ) -> Result<(&Endpoint, Option<&'static str>), Error> {
        let Some(Operation { server, .. }) = operation else { return Ok((&self.base, None)) };
        match *server {
            Server::Base => Ok((&self.base, None)),
            Server::Path(path) => Ok((&self.base, Some(path))),
            Server::Host(url) => {
                if let Some((_, host)) = self.others.iter().find(|(known, _)| *known == url) {
                    return Ok((host, None));
                }
                if !self.is_given {
                    return Err(Error::configuration(format!(
                        "the call is served at {url}, and nothing says where for this environment; pass `base_url`"
                    )));
                }
                let host = url.split_once("://").map_or(url, |(_, rest)| rest);
                Ok((&self.base, Some(host.find('/').map_or("", |slash| host.split_at(slash).1))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Auth, Environment, Provider};

    static FILES: Operation = Operation {
        name: "files.send",
        server: Server::Host("https://files.example/v3"),
        ..Operation::DEFAULTS
    };
    static PROVIDER: Provider = Provider {
        name: "test",
        title: "Test",
        operations: &[&FILES],
        schemas: &[],
        environments: &[
            Environment { name: "production", url: "https://api.example/v1" },
            Environment { name: "test", url: "https://test.example/v1" },
        ],
        default_environment: Some("production"),
        base_url_env: "NO_SUCH_VARIABLE",
        base_path: "",
        credentials: &[],
        auth: Auth::None,
        envelope: None,
        paging: None,
        batch: None,
        webhooks: None,
    };

    fn uri(change: impl FnOnce(&mut Config)) -> Result<String, Error> {
        let mut config = Config::new(&PROVIDER);
        change(&mut config);
        let authenticator = Authenticator::of(&PROVIDER, &config.credentials()?)?;
        let hosts = Hosts::new(&config, &Arc::new(authenticator))?;
        let (endpoint, path) = hosts.of(Some(&FILES))?;
        Ok(endpoint.uri(path, &"/files".parse().unwrap())?.to_string())
    }

    #[tokio::test]
    async fn an_operation_goes_to_its_own_host_only_where_nothing_else_is_said() {
        assert_eq!(uri(|_| ()).unwrap(), "https://files.example/v3/files");
        assert_eq!(
            uri(|config| config.base_url("http://localhost:1/base")).unwrap(),
            "http://localhost:1/v3/files"
        );
        // A test account's call must not end at the host of real money.
        let error = uri(|config| config.environment("test")).unwrap_err();
        assert!(error.to_string().contains("pass `base_url`"), "{error}");
    }
}
